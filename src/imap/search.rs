//! SEARCH, by what baton looks for: ids, people, days.
//!
//! The server's idea of a match is broad: header values match as substrings, without case, some servers find everything
//! whatever is asked, and where one refuses a condition it is left out. So **what is found is a superset: the caller
//! checks the messages**. A server that finds nothing although there are messages is asked once more whether it
//! finds any; where it does not, FETCH takes the place of SEARCH.

use chrono::{Days, NaiveDate};

use super::{
    command::Command,
    error::ImapError,
    exec::ImapSession,
    grammar::{Scanner, ServerAnswer, numbers},
};
use crate::tls::later::means_later;

/// Sets of UIDs larger than this are no answer of a mailbox that we can read.
const MOST_FOUND: usize = 10_000_000;

/// What a server's SEARCH was found to be worth, for as long as the session lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SearchTrust {
    #[default]
    Unknown,
    /// It finds messages where there are some.
    Finds,
    /// It finds nothing where there are some, or is refused.
    Blind,
}

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

impl Search {
    /// The same without what servers refuse: conditions on headers, and alternatives. `None` if nothing else is left.
    fn without_headers(&self) -> Option<Search> {
        let plain = |term: &&Term| matches!(term, Term::Since(_) | Term::Uids(..));
        let terms: Vec<Term> = self.terms.iter().filter(plain).cloned().collect();
        (terms.len() < self.terms.len()).then_some(Search { terms })
    }

    /// One search for each alternative, where there are any.
    fn alternatives(&self) -> Vec<Search> {
        let Some(at) = self.terms.iter().position(|term| matches!(term, Term::Any(_))) else {
            return Vec::new();
        };
        let Some(Term::Any(ways)) = self.terms.get(at) else { return Vec::new() };
        let others = self.terms.iter().enumerate().filter(|(index, _)| *index != at);
        let others: Vec<Term> = others.map(|(_, term)| term.clone()).collect();
        let with = |way: &Search| Search { terms: others.iter().chain(&way.terms).cloned().collect() };
        ways.iter().map(with).collect()
    }

    /// Whether a message of this UID that came on that day may be meant, as far as that alone tells.
    fn admits(&self, uid: u32, day: Option<NaiveDate>) -> bool {
        self.terms.iter().all(|term| match term {
            // The server's day may be another than ours.
            Term::Since(since) => day.is_none_or(|day| day + Days::new(1) >= *since),
            Term::Uids(first, last) => uid >= *first && last.is_none_or(|last| uid <= last),
            Term::Any(ways) => !ways.is_empty(),
            Term::Header(..) => true,
        })
    }
}

impl ImapSession {
    /// The UIDs of the open folder that match, ascending, and perhaps others: see the module.
    pub async fn search(&mut self, search: &Search) -> Result<Vec<u32>, ImapError> {
        if self.search_trust == SearchTrust::Blind {
            return self.scan(search).await;
        }
        let found = match self.search_as_asked(search).await {
            Err(error @ (ImapError::Refused { .. } | ImapError::Misunderstood { .. })) => {
                self.search_in_other_words(search, error).await?
            }
            outcome => outcome?,
        };
        if found.is_empty() && self.search_trust == SearchTrust::Unknown && self.known_exists() > Some(0) {
            return self.doubt(search).await;
        }
        if !found.is_empty() {
            self.search_trust = SearchTrust::Finds;
        }
        Ok(found)
    }

    /// Nothing was found: does this server find anything at all?
    async fn doubt(&mut self, search: &Search) -> Result<Vec<u32>, ImapError> {
        let finds = match self.search_as_asked(&Search::new().uids(1, None)).await {
            Ok(found) => !found.is_empty(),
            Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => false,
            Err(error) => return Err(error),
        };
        if !finds && self.last_message().await?.is_some() {
            self.search_trust = SearchTrust::Blind;
            return self.scan(search).await;
        }
        self.search_trust = SearchTrust::Finds;
        Ok(Vec::new())
    }

    /// A search that was refused, by what is left of it: its alternatives one by one (Alibaba and QQ know no OR), then
    /// without conditions on headers (Yahoo), then by FETCH.
    async fn search_in_other_words(
        &mut self,
        search: &Search,
        refused: ImapError,
    ) -> Result<Vec<u32>, ImapError> {
        let ways = search.alternatives();
        if (2..=64).contains(&ways.len()) {
            let mut found = Vec::new();
            let mut all = true;
            for way in ways {
                match self.search_as_asked(&way).await {
                    Ok(uids) => found.extend(uids),
                    Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => {
                        all = false;
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
            if all {
                found.sort_unstable();
                found.dedup();
                return Ok(found);
            }
        }
        if let Some(plain) = search.without_headers() {
            match self.search_as_asked(&plain).await {
                Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => {}
                outcome => return outcome,
            }
        } else if search.terms.is_empty() {
            return Err(self.given_up(refused));
        }
        self.search_trust = SearchTrust::Blind;
        self.scan(search).await
    }

    /// Like [`Self::search`], but where no more than `few` messages lie in its days and UIDs it gives all of them: what their
    /// headers hold is then left to whoever reads them.
    pub(crate) async fn search_in_few(&mut self, search: &Search, few: usize) -> Result<Vec<u32>, ImapError> {
        if few > 0
            && let Some(plain) = search.without_headers()
        {
            let all = self.search(&plain).await?;
            if all.len() <= few {
                return Ok(all);
            }
        }
        self.search(search).await
    }

    /// A refusal that nothing is left to try after.
    fn given_up(&mut self, refused: ImapError) -> ImapError {
        match refused {
            ImapError::Refused { text, .. } | ImapError::Misunderstood { text, .. } if means_later(&text) => {
                self.give_up();
                ImapError::Temporary { text }
            }
            ImapError::Misunderstood { .. } => {
                self.give_up();
                refused
            }
            refused => refused,
        }
    }

    /// By FETCH alone: whatever may match by its UID and its day.
    async fn scan(&mut self, search: &Search) -> Result<Vec<u32>, ImapError> {
        let dates = self.dates().await?;
        let day = |date: chrono::DateTime<chrono::FixedOffset>| date.date_naive();
        let admitted = dates.into_iter().filter(|(uid, date)| search.admits(*uid, date.map(day)));
        let mut found: Vec<u32> = admitted.map(|(uid, _)| uid).collect();
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    async fn search_as_asked(&mut self, search: &Search) -> Result<Vec<u32>, ImapError> {
        let charset = if search.is_ascii() { "UID SEARCH " } else { "UID SEARCH CHARSET UTF-8 " };
        let command = search.write(self.transfer("SEARCH", charset))?;
        let mut found = Vec::new();
        self.exec_through_no(command, |answer| match answer {
            ServerAnswer::Search(list) => found.extend(numbers(list)),
            // A server of IMAP4rev2 answers so (RFC 9051).
            ServerAnswer::ExtendedSearch(list) => found.extend(set_of(list)),
            _ => {}
        })
        .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// The UIDs behind ALL in `(TAG "A1") UID ALL 2,10:15`.
fn set_of(line: &[u8]) -> Vec<u32> {
    let mut scanner = Scanner::new(line);
    let mut found = Vec::new();
    while let Some(value) = scanner.value() {
        if !value.bytes().eq_ignore_ascii_case(b"ALL") {
            continue;
        }
        let Some(set) = scanner.value() else { break };
        for part in String::from_utf8_lossy(&set.bytes()).split(',') {
            let (first, last) = part.split_once(':').unwrap_or((part, part));
            let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else { continue };
            let room = MOST_FOUND.saturating_sub(found.len());
            found.extend((first.min(last)..=first.max(last)).take(room));
        }
    }
    found
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
    fn a_set_of_uids_is_read_from_an_extended_answer() {
        assert_eq!(set_of(b"(TAG \"A1\") UID ALL 2,10:12"), [2, 10, 11, 12]);
        assert_eq!(set_of(b"(TAG \"A1\") UID"), [0; 0]);
    }

    #[test]
    fn what_a_server_refuses_is_left_out() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let search =
            Search::new().since(day).any(vec![Search::new().from("a"), Search::new().to("b").cc("c")]);
        let ways: Vec<String> = search.alternatives().iter().map(written).collect();
        assert_eq!(ways, ["SINCE 24-Nov-2026 FROM \"a\"", "SINCE 24-Nov-2026 TO \"b\" CC \"c\""]);
        assert_eq!(written(&search.without_headers().unwrap()), "SINCE 24-Nov-2026");
        assert_eq!(Search::new().since(day).without_headers(), None);
        assert!(search.admits(1, day.pred_opt()) && !search.admits(1, day.checked_sub_days(Days::new(2))));
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
