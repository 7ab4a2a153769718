//! One message from bytes to facts: its headers, its kind, its author's text, and what it carries.
//!
//! Pure and total: any bytes give an answer, none panic. Limits stand in `letter` (structure) and here: 1 MiB
//! of each of the plain and the HTML text is looked at.

use std::fmt;
use std::sync::Arc;

use super::envelope;
use super::letter::{self, Letter};
use super::scheduler::{self, Tool};
use super::text;
use crate::domain::message::{Body, Headers, Kind};
use crate::domain::zone::Zone;

/// Finds the rules of a zone by its IANA name.
pub type ZoneLookup = Arc<dyn Fn(&str) -> Option<Arc<dyn Zone>> + Send + Sync>;

/// What reading a message needs to know beside its bytes.
#[derive(Clone)]
pub struct ReadOptions {
    /// The name under which the receiving server writes Authentication-Results, configured or learnt.
    /// `None`: the host of the topmost Received line.
    pub authserv: Option<String>,
    /// Scheduling tools; the built-in ones unless replaced or added to.
    pub schedulers: Arc<[Tool]>,
    /// Zone rules for calendar times. `None`: those of chrono-tz, which lag behind (behaviour.md section 4).
    pub zones: Option<ZoneLookup>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { authserv: None, schedulers: scheduler::built_in().into(), zones: None }
    }
}

impl fmt::Debug for ReadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions").field("authserv", &self.authserv).field("schedulers", &self.schedulers.len()).field("zones", &self.zones.is_some()).finish()
    }
}

/// What the headers alone say: enough to decide whether the body is worth fetching.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HeaderGlance {
    pub headers: Headers,
    /// Null return path, multipart/report, a mailer-daemon's address, X-Failed-Recipients: a bounce or receipt
    /// may be inside.
    pub maybe_report: bool,
    /// A calendar type, a calendar program's marks, or a subject such as `Accepted: ..`.
    pub maybe_calendar: bool,
    /// From or Sender is a scheduling tool's.
    pub from_scheduler: bool,
    /// Auto-Submitted other than `no`, or another mark of automatic answers.
    pub automatic: bool,
}

impl HeaderGlance {
    /// The body may matter, whoever wrote it.
    pub fn is_telling(&self) -> bool {
        self.maybe_report || self.maybe_calendar || self.from_scheduler
    }
}

/// A whole message. Never fails: what cannot be understood is left empty.
pub fn read(raw: &[u8], options: &ReadOptions) -> (Headers, Body) {
    let tamed = letter::tame(raw);
    let letter = Letter::parse(&tamed);
    let headers = envelope::headers(&letter, options);
    let split = text::split(None, None);
    let body = Body {
        kind: Kind::Human,
        reasons: Vec::new(),
        author_text: split.author_text,
        quoted_text: split.quoted_text,
        quoted: split.quoted,
        quoted_authors: split.quoted_authors,
        links: split.author_links,
        calendar: None,
        bounce: None,
        scheduler: None,
        away_until: None,
        reaction: None,
        holds_record: false,
    };
    (headers, body)
}

/// The header block alone, as `BODY.PEEK[HEADER]` gives it.
pub fn read_headers(raw: &[u8], options: &ReadOptions) -> HeaderGlance {
    let tamed = letter::tame(raw);
    let letter = Letter::parse_headers(&tamed);
    HeaderGlance { headers: envelope::headers(&letter, options), ..HeaderGlance::default() }
}
