//! What the author of a mail wrote: without quotation, signature, disclaimer and client banners.
//!
//! First shape of the interface: quotation is told by `>` marks alone.

use crate::domain::message::QuotedAuthor;

/// A body taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What the author wrote, lines joined by `\n`, without white space around it.
    pub author_text: String,
    /// The quotation with its `>` marks removed, attributions kept.
    pub quoted_text: String,
    /// There is a quotation.
    pub quoted: bool,
    /// Whom the quotation names as authors.
    pub quoted_authors: Vec<QuotedAuthor>,
    /// Links in the author's own part, as they stand there (not unwrapped).
    pub author_links: Vec<String>,
}

/// Takes a body apart. `plain` and `html` are decoded parts of one message, either may be missing.
pub fn split(plain: Option<&str>, html: Option<&str>) -> Split {
    let text = match (plain, html) {
        (Some(plain), _) if !plain.trim().is_empty() => plain.to_owned(),
        (_, Some(html)) => html_to_text(html),
        _ => String::new(),
    };
    let (quoted, own): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('>'));
    Split {
        author_text: own.join("\n").trim().to_owned(),
        quoted_text: quoted.join("\n"),
        quoted: !quoted.is_empty(),
        ..Split::default()
    }
}

/// The subject without reply and forward prefixes.
pub fn base_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((prefix, tail)) = rest.split_once(':') {
        if !["re", "fwd", "fw", "aw"].contains(&prefix.trim().to_lowercase().as_str()) {
            break;
        }
        rest = tail.trim();
    }
    rest.to_owned()
}

/// The text of an HTML document, a block in a line of its own.
pub fn html_to_text(html: &str) -> String {
    html2text::from_read(html.as_bytes(), 2000).unwrap_or_default()
}
