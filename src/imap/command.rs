//! A command on its way to the server, before it has a tag: its words, its strings, its literals.

use std::time::Duration;

use super::error::ImapError;

/// A command: text and literals in turn. The tag and the line ends are added when it is sent.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) what: &'static str,
    parts: Vec<Part>,
    /// From the first byte to the tag.
    pub(super) total: Duration,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Literal(Vec<u8>),
}

impl Command {
    pub(super) fn new(what: &'static str, text: String, total: Duration) -> Self {
        Self { what, parts: vec![Part::Text(text)], total }
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
        self
    }

    pub(super) fn literal(mut self, bytes: Vec<u8>) -> Self {
        self.parts.push(Part::Literal(bytes));
        self
    }

    /// A string argument: quoted where that is possible, else a literal.
    pub(super) fn string(self, argument: &str) -> Result<Self, ImapError> {
        if argument.contains(['\r', '\n', '\0']) {
            return Err(ImapError::BadArgument { what: self.what });
        }
        if argument.is_ascii() {
            let quoted = argument.replace('\\', "\\\\").replace('"', "\\\"");
            Ok(self.text(&format!("\"{quoted}\"")))
        } else {
            Ok(self.literal(argument.as_bytes().to_vec()))
        }
    }

    /// What to write before each wait: a line up to and with `{n}`, or the end of the command.
    pub(super) fn lines(self) -> Vec<Vec<u8>> {
        let mut lines = vec![Vec::new()];
        for part in self.parts {
            match part {
                Part::Text(text) => {
                    if let Some(line) = lines.last_mut() {
                        line.extend_from_slice(text.as_bytes());
                    }
                }
                Part::Literal(bytes) => {
                    if let Some(line) = lines.last_mut() {
                        line.extend_from_slice(format!("{{{}}}", bytes.len()).as_bytes());
                    }
                    lines.push(bytes);
                }
            }
        }
        lines
    }
}
