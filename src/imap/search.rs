//! SEARCH, by what baton looks for: ids, people, days.
//!
//! The server's idea of a match is broad: header values match as substrings, without case. The caller that
//! searches checks the messages found.

use async_imap::imap_proto::{MailboxDatum, Response};
use chrono::NaiveDate;

use super::{command::Command, error::ImapError, exec::ImapSession};

/// What to search for. All conditions have to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Since(NaiveDate),
    Uids(u32, Option<u32>),
    Header(&'static str, String),
    Any(Vec<Search>),
}

impl Search {
    pub fn new() -> Self {
        Self::default()
    }

    /// Messages with an INTERNALDATE on this day or later. The day is the server's, whose zone is not
    /// known: ask for a day earlier than needed.
    pub fn since(self, day: NaiveDate) -> Self {
        self.and(Term::Since(day))
    }

    /// Messages with a UID from `first` on. Unlike in FETCH, a range past the end finds nothing else.
    pub fn uids(self, first: u32, last: Option<u32>) -> Self {
        self.and(Term::Uids(first, last))
    }

    /// A Message-ID, without angle brackets.
    pub fn message_id(self, id: &str) -> Self {
        self.header("Message-ID", id)
    }

    pub fn from(self, address: &str) -> Self {
        self.header("From", address)
    }

    pub fn to(self, address: &str) -> Self {
        self.header("To", address)
    }

    pub fn cc(self, address: &str) -> Self {
        self.header("Cc", address)
    }

    pub fn subject(self, words: &str) -> Self {
        self.header("Subject", words)
    }

    /// Any header by its name; an empty value means that the header is there.
    pub fn header(self, name: &'static str, value: &str) -> Self {
        self.and(Term::Header(name, value.to_owned()))
    }

    /// At least one of these. None of none, so an empty list finds nothing.
    pub fn any(self, searches: Vec<Search>) -> Self {
        self.and(Term::Any(searches))
    }

    fn and(mut self, term: Term) -> Self {
        self.terms.push(term);
        self
    }

    fn is_ascii(&self) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Header(_, value) => value.is_ascii(),
            Term::Any(searches) => searches.iter().all(Self::is_ascii),
            Term::Since(_) | Term::Uids(..) => true,
        })
    }

    fn write(&self, mut command: Command) -> Result<Command, ImapError> {
        if self.terms.is_empty() {
            return Ok(command.text("ALL"));
        }
        for (index, term) in self.terms.iter().enumerate() {
            if index > 0 {
                command = command.text(" ");
            }
            command = term.write(command)?;
        }
        Ok(command)
    }
}

impl Term {
    fn write(&self, command: Command) -> Result<Command, ImapError> {
        match self {
            Self::Since(day) => Ok(command.text(&day.format("SINCE %-d-%b-%Y").to_string())),
            Self::Uids(first, None) => Ok(command.text(&format!("UID {first}:4294967295"))),
            Self::Uids(first, Some(last)) => Ok(command.text(&format!("UID {first}:{last}"))),
            Self::Header(name, value) => match *name {
                "From" | "To" | "Cc" | "Subject" => {
                    command.text(&name.to_uppercase()).text(" ").string(value)
                }
                name => command.text("HEADER ").text(name).text(" ").string(value),
            },
            Self::Any(searches) => write_any(searches, command),
        }
    }
}

// OR takes two keys: a, b, c, d is OR OR a b OR c d. Servers bound how deep keys may be nested, so the tree is
// balanced, and a search of one term stands without parentheses.
fn write_any(searches: &[Search], command: Command) -> Result<Command, ImapError> {
    match searches {
        [] => Ok(command.text("NOT ALL")),
        [only] if matches!(only.terms.as_slice(), [Term::Header(..) | Term::Since(_)]) => only.write(command),
        [only] => Ok(only.write(command.text("("))?.text(")")),
        _ => {
            let (left, right) = searches.split_at(searches.len() / 2);
            let command = write_any(left, command.text("OR "))?;
            write_any(right, command.text(" "))
        }
    }
}

impl ImapSession {
    /// The UIDs of the open folder that match, ascending.
    pub async fn search(&mut self, search: &Search) -> Result<Vec<u32>, ImapError> {
        let charset = if search.is_ascii() { "UID SEARCH " } else { "UID SEARCH CHARSET UTF-8 " };
        let command = search.write(self.transfer("SEARCH", charset))?;
        let mut found = Vec::new();
        self.exec(command, |response| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend_from_slice(uids);
            }
        })
        .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn written(search: &Search) -> String {
        let command = search.write(Command::new("SEARCH", String::new(), Duration::ZERO)).unwrap();
        String::from_utf8(command.lines().concat()).unwrap().trim_end().to_owned()
    }

    #[test]
    fn alternatives_are_nested_no_deeper_than_they_must_be() {
        let from = |who: &str| Search::new().from(who);
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let four = Search::new().since(day).any(["a", "b", "c", "d"].map(from).to_vec());
        assert_eq!(written(&four), "SINCE 24-Nov-2026 OR OR FROM \"a\" FROM \"b\" OR FROM \"c\" FROM \"d\"");
        let both = Search::new().any(vec![from("a").to("b"), from("c")]);
        assert_eq!(written(&both), "OR (FROM \"a\" TO \"b\") FROM \"c\"");
        assert_eq!(written(&Search::new().any(Vec::new())), "NOT ALL");
    }
}
