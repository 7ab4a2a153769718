//! Web addresses in plain text.
//!
//! Only those with a scheme, and `www.` ones, which are given `http://`. Known limits: an address that was
//! wrapped over two lines is cut at the line's end.

use memchr::memmem;

/// The web addresses of `text`, in order.
pub(super) fn of(text: &str) -> Vec<String> {
    if memmem::find(text.as_bytes(), b"://").is_none() && memmem::find(text.as_bytes(), b"www.").is_none() {
        return Vec::new();
    }
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '|' | '「' | '」'))
        .filter_map(address)
        .collect()
}

fn address(word: &str) -> Option<String> {
    // most words hold neither, and are passed over quickly
    let at = if word.contains("://") {
        ["http://", "https://", "HTTP://", "HTTPS://"].iter().filter_map(|begin| word.find(begin)).min()?
    } else {
        word.starts_with(['w', '(']).then(|| word.find("www.")).flatten()?
    };
    let (_, link) = word.split_at_checked(at)?;
    let mut link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']', '}', '…']);
    // a bracket belongs to the address where the address opened it
    while let Some(shorter) = link.strip_suffix(')') {
        if link.matches('(').count() >= link.matches(')').count() {
            break;
        }
        link = shorter.trim_end_matches(['.', ',']);
    }
    let long_enough = link.len() > "https://".len();
    long_enough.then(|| if link.starts_with("www.") { format!("http://{link}") } else { link.to_owned() })
}
