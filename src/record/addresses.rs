//! A list of addresses as people write it: `Sarah Lee <sarah@acme.example>, "Ortiz, James" <james@..>`.
//!
//! Stricter than a mail header (RFC 5322 section 3.4): no groups, comments, routes or quoted local parts,
//! none of which a person means. Semicolons and line breaks separate as commas do. An address without a
//! dot in its domain is refused unless it names a host of the machine itself, `localhost`.

use std::ops::Range;

use crate::domain::message::{Address, Mailbox};
use crate::language::{Role, is_word};

use super::marks::{box_mark, list_mark};
use super::text::{clean, trimmed};

/// An entry that is an address, with or without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AddressEntry {
    pub mailbox: Mailbox,
    /// Place in the text.
    pub span: Range<usize>,
}

/// An entry that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoAddress {
    pub span: Range<usize>,
    /// The entry as it stands.
    pub written: String,
    pub reason: String,
}

/// Reads the list in `text[span]`, entry by entry.
pub(crate) fn read(text: &str, span: Range<usize>) -> Vec<Result<AddressEntry, NoAddress>> {
    split(text, span)
        .into_iter()
        .map(|span| {
            let written = text.get(span.clone()).unwrap_or("");
            match mailbox(written) {
                Ok(mailbox) => Ok(AddressEntry { mailbox, span }),
                Err(reason) => Err(NoAddress { written: clean(written), span, reason }),
            }
        })
        .collect()
}

/// At commas, semicolons and line breaks outside quotation marks and angle brackets.
fn split(text: &str, span: Range<usize>) -> Vec<Range<usize>> {
    let slice = text.get(span.clone()).unwrap_or("");
    let mut entries = Vec::new();
    let mut start = span.start;
    let (mut quoted, mut angled) = (false, false);
    for (at, c) in slice.char_indices() {
        match c {
            '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            // A bracket or quotation mark that is never closed ends with its line.
            '\n' | '\r' => (quoted, angled) = (false, false),
            _ => {}
        }
        if matches!(c, '\n' | '\r') || (matches!(c, ',' | ';') && !quoted && !angled) {
            entries.push(trimmed(text, start..span.start + at));
            start = span.start + at + c.len_utf8();
        }
    }
    entries.push(trimmed(text, start..span.end));
    let mut entries: Vec<Range<usize>> =
        entries.into_iter().flat_map(|entry| one_each(text, entry)).collect();
    entries.retain(|entry| !entry.is_empty());
    entries
}

/// `Sarah <sarah@a.example> and James <james@a.example>`: an entry ends with its address where another follows.
fn one_each(text: &str, entry: Range<usize>) -> Vec<Range<usize>> {
    let slice = text.get(entry.clone()).unwrap_or("");
    let is_end = |word: &str| {
        let address = word.trim_matches(['<', '>', '(', ')']);
        address.contains('@') && address_of(address.trim_start_matches("mailto:")).is_ok()
    };
    let mut found = Vec::new();
    let (mut start, mut from) = (0, 0);
    for word in slice.split_inclusive(char::is_whitespace) {
        let end = from + word.len();
        let rest = slice.get(end..).unwrap_or("");
        if is_end(word.trim()) && !word.contains('"') && rest.contains('@') {
            found.push(trimmed(text, entry.start + start..entry.start + end));
            start = end + joiner(rest);
        }
        from = end;
    }
    if found.is_empty() {
        return vec![entry];
    }
    found.push(trimmed(text, entry.start + start..entry.end));
    found
}

/// Bytes of the `and` or `&` that `rest` begins with.
fn joiner(rest: &str) -> usize {
    let bare = rest.trim_start();
    let word = bare.split_whitespace().next().unwrap_or("");
    let joins = matches!(word, "&" | "+" | "/") || is_word(Role::AndWords, word);
    if joins { rest.len() - bare.len() + word.len() } else { 0 }
}

fn mailbox(written: &str) -> Result<Mailbox, String> {
    let written = clean(written);
    let written = written.trim_start_matches("mailto:");
    let (name, address) = match written.split_once('<') {
        Some((name, rest)) => {
            let address = rest.strip_suffix('>').ok_or_else(|| {
                if rest.contains('>') {
                    "there is something behind the closing `>`".to_owned()
                } else {
                    "the closing `>` is missing".to_owned()
                }
            })?;
            (unquoted(name), address.trim().trim_start_matches("mailto:"))
        }
        None => {
            match written.split_once('(').and_then(|(address, rest)| Some((address, rest.strip_suffix(')')?)))
            {
                // `sarah@acme.example (Sarah Lee)`, as old programs write it.
                Some((address, name)) if address.contains('@') => (unquoted(name), address.trim()),
                _ => (String::new(), written),
            }
        }
    };
    let address = address_of(address)?;
    // A name that only repeats the address is no name.
    let name = if name.eq_ignore_ascii_case(address.as_str()) { String::new() } else { name };
    Ok(Mailbox { name, address })
}

fn unquoted(name: &str) -> String {
    let marks = [
        '"', '\u{201c}', '\u{201d}', '\u{201e}', '\'', '\u{ab}', '\u{bb}', '\u{2039}', '\u{203a}',
        '\u{201a}', '\u{2018}',
    ];
    let name = name.trim_start();
    let name = name.get(list_mark(name).max(box_mark(name))..).unwrap_or(name);
    // `@Sarah Lee`, as chats mention people.
    let name = name.trim_start().trim_start_matches('@');
    let name = name.trim_matches(|c: char| c.is_whitespace() || marks.contains(&c));
    clean(
        name.trim_matches(|c: char| {
            matches!(c, '*' | '_' | '`' | '#' | '~' | '\u{2022}') || c.is_whitespace()
        }),
    )
    .replace("\\\"", "'")
}

/// Checks one address and says why it is none, in words that follow "because".
pub(crate) fn address_of(text: &str) -> Result<Address, String> {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return Err("there is no `@` in it".to_owned());
    };
    if local.is_empty() {
        return Err("nothing stands before the `@`".to_owned());
    }
    if domain.is_empty() {
        return Err("nothing stands after the `@`".to_owned());
    }
    if text.contains(char::is_whitespace) {
        return Err("there is a space in it".to_owned());
    }
    if local.contains('@') {
        return Err("there are two `@` in it".to_owned());
    }
    if let Some(odd) = local.chars().find(|c| !is_local(*c)) {
        return Err(format!("`{odd}` cannot stand before the `@`"));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err("a dot stands where none can".to_owned());
    }
    let labels_fit = domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    });
    if !labels_fit {
        return Err(format!("`{domain}` is not a mail domain"));
    }
    if !domain.contains('.') && domain != "localhost" {
        return Err(format!("`{domain}` lacks its ending, such as `.com`"));
    }
    if local.len() > 64 || text.len() > 254 {
        return Err("it is too long".to_owned());
    }
    Address::new(text).ok_or_else(|| "it cannot be read".to_owned())
}

fn is_local(c: char) -> bool {
    // RFC 5322 section 3.2.3 atext, the dot, and letters beyond ASCII (RFC 6531).
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
}

/// `Sarah Lee <sarah@acme.example>`, the name in quotation marks where it needs them.
pub(crate) fn show(mailbox: &Mailbox) -> String {
    let name = &mailbox.name;
    if name.is_empty() {
        return mailbox.address.to_string();
    }
    if name.contains([',', ';', '<', '>', '(', ')', '@', ':']) {
        return format!("\"{name}\" <{}>", mailbox.address);
    }
    format!("{name} <{}>", mailbox.address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<(String, String)> {
        read(text, 0..text.len())
            .into_iter()
            .map(|entry| {
                let mailbox = entry.unwrap().mailbox;
                (mailbox.name, mailbox.address.to_string())
            })
            .collect()
    }

    fn pair(name: &str, address: &str) -> (String, String) {
        (name.to_owned(), address.to_owned())
    }

    #[test]
    fn lists_are_read_in_the_forms_that_mail_programs_copy() {
        assert_eq!(
            list(
                "Sarah Lee <Sarah@Acme.example>, \"Ortiz, James\" <james@acme.example>; <x@y.example>\nk@l.example"
            ),
            [
                pair("Sarah Lee", "sarah@acme.example"),
                pair("Ortiz, James", "james@acme.example"),
                pair("", "x@y.example"),
                pair("", "k@l.example"),
            ]
        );
        assert_eq!(
            list("\u{201c}Lee, Sarah\u{201d}\u{a0}<s@a.example>"),
            [pair("Lee, Sarah", "s@a.example")]
        );
        assert_eq!(list("Sarah <mailto:s@a.example>,"), [pair("Sarah", "s@a.example")]);
        assert_eq!(list("s@a.example (Sarah Lee)"), [pair("Sarah Lee", "s@a.example")]);
        assert_eq!(list("O'Neil <o'neil@a.example>"), [pair("O'Neil", "o'neil@a.example")]);
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (text, reason) in [
            ("Sarah Lee", "there is no `@` in it"),
            ("Sarah <sarah@acme>", "`acme` lacks its ending, such as `.com`"),
            ("Sarah <sarah@acme.example", "the closing `>` is missing"),
            ("sarah @acme.example", "there is a space in it"),
            ("@acme.example", "nothing stands before the `@`"),
            ("sarah@", "nothing stands after the `@`"),
            ("a@b@c.example", "there are two `@` in it"),
            ("sarah@acme..example", "`acme..example` is not a mail domain"),
            ("Sarah Lee sarah@acme.example", "there is a space in it"),
        ] {
            let found = read(text, 0..text.len());
            assert_eq!(found[0].as_ref().unwrap_err().reason, reason, "{text}");
        }
    }

    #[test]
    fn a_name_with_a_comma_is_printed_in_quotation_marks() {
        let mailbox = Mailbox { name: "Ortiz, James".into(), address: Address::new("j@a.example").unwrap() };
        assert_eq!(show(&mailbox), "\"Ortiz, James\" <j@a.example>");
    }
}
