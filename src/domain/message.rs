//! What baton knows of one mail, after it was read and before it is judged: pure data, no bytes.
//!
//! `mail::read` makes these from RFC 5322 bytes; `domain::judge` decides on them. Message-IDs are
//! kept without angle brackets, addresses in lower case. Nothing here parses or stores.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// A Message-ID without its angle brackets (RFC 5322 section 3.6.4). Never empty; compared exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(String);

impl MessageId {
    /// `None` where nothing is left once brackets and white space are gone: an empty id joins nothing.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `@`, lower-case.
    pub(crate) fn domain(&self) -> Option<String> {
        self.0.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase())
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A domain outside of ASCII in the one form that all of its spellings have: labels in Unicode (RFC 5891). `None` for every
/// other domain.
fn in_unicode(domain: &str) -> Option<String> {
    if domain.is_ascii() && !domain.split('.').any(|label| label.starts_with("xn--")) {
        return None;
    }
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let (unicode, valid) = idna::domain_to_unicode(&ascii);
    valid.is_ok().then_some(unicode)
}

/// An address, `local@domain`, in lower case and without a display name; of a domain outside of ASCII with its labels in
/// Unicode, however they are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(String);

impl Address {
    /// `None` where the text has no local part or no domain.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
        let (local, domain) = text.rsplit_once('@')?;
        if local.is_empty() || domain.is_empty() || text.chars().any(char::is_whitespace) {
            return None;
        }
        let text = text.to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        Some(match in_unicode(domain) {
            Some(domain) => Self(format!("{local}@{domain}")),
            None => Self(text),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    pub(crate) fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The mailbox that the address leads to: what follows a plus does not count, nor do dots at Gmail's own domains.
    /// Addresses that stand in the configuration or the record count exactly before it: `AddressBook` compares so.
    pub(crate) fn canonical(&self) -> Address {
        self.other_canonical().unwrap_or_else(|| self.clone())
    }

    /// The same where it is written otherwise than this address.
    pub(crate) fn other_canonical(&self) -> Option<Address> {
        let (local, domain) = self.mailbox();
        let is_other = (local.len(), domain) != (self.local().len(), self.domain());
        is_other.then(|| Self(format!("{local}@{domain}")))
    }

    /// Whether both lead to the same mailbox.
    pub(crate) fn is_same_mailbox_as(&self, other: &Address) -> bool {
        self == other || self.mailbox() == other.mailbox()
    }

    fn mailbox(&self) -> (Cow<'_, str>, &str) {
        let (local, domain) = (self.local(), self.domain());
        let base = local.split('+').next().filter(|base| !base.is_empty()).unwrap_or(local);
        match domain {
            "gmail.com" | "googlemail.com" if base.contains('.') => {
                (base.replace('.', "").into(), "gmail.com")
            }
            "googlemail.com" => (base.into(), "gmail.com"),
            _ => (base.into(), domain),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address with the name that stood before it, decoded (RFC 2047); the name is empty where none stood.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    pub name: String,
    pub address: Address,
}

/// What sort of mail a message is. docs/behaviour.md section 5, docs/interface.md (`classify`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MessageKind {
    Human,
    AutoReply,
    Bounce,
    Receipt,
    Calendar,
    Scheduler,
    Reaction,
    Bulk,
    Automated,
}

impl MessageKind {
    /// The name in `baton classify --json`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            MessageKind::Human => "human",
            MessageKind::AutoReply => "auto-reply",
            MessageKind::Bounce => "bounce",
            MessageKind::Receipt => "receipt",
            MessageKind::Calendar => "calendar",
            MessageKind::Scheduler => "scheduler",
            MessageKind::Reaction => "reaction",
            MessageKind::Bulk => "bulk",
            MessageKind::Automated => "automated",
        }
    }
}

/// METHOD of a calendar message (RFC 5546 section 1.4), from the part's header or the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarMethod {
    Request,
    Reply,
    Cancel,
    Counter,
    DeclineCounter,
    Publish,
    Add,
    Refresh,
}

/// PARTSTAT of an attendee (RFC 5545 section 3.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartStat {
    NeedsAction,
    Accepted,
    Declined,
    Tentative,
    Delegated,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    pub address: Address,
    pub name: String,
    pub partstat: PartStat,
}

/// A time as a calendar writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarTime {
    /// What a clock in its zone shows.
    pub local: NaiveDateTime,
    /// `None`: it has no zone, or one that nobody knows.
    pub at: Option<DateTime<Utc>>,
    /// The zone as the calendar calls it.
    pub zone: Option<String>,
}

/// One event of a calendar message. Recurring events: the first instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// `None`: a file that carries an event, not a scheduling message.
    pub method: Option<CalendarMethod>,
    pub uid: String,
    pub sequence: u32,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// DTSTART as it is written, also where it is no instant.
    pub written_start: Option<CalendarTime>,
    /// RECURRENCE-ID: the message is about this instance of a series alone.
    pub instance: Option<CalendarTime>,
    pub organizer: Option<Address>,
    pub attendees: Vec<Attendee>,
    pub summary: String,
}

/// What a delivery report says of one recipient (RFC 3464 section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BounceAction {
    Failed,
    Delayed,
    Delivered,
    Relayed,
    Expanded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BouncedRecipient {
    pub address: Address,
    pub action: BounceAction,
    /// RFC 3463 status such as `5.1.1`, where one was given.
    pub status: Option<String>,
    pub diagnostic: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// Message-ID of the message that could not be delivered, wherever it stood.
    pub original: Option<MessageId>,
    /// Further ids that stood inside: References of the returned message, our token among them.
    pub original_references: Vec<MessageId>,
    pub recipients: Vec<BouncedRecipient>,
}

/// The receiving server's own word on who sent a message (RFC 8601), read from its topmost
/// Authentication-Results alone. docs/behaviour.md section 5, row 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Authenticity {
    /// `dmarc=pass`, or without a DMARC verdict SPF or DKIM passed.
    Passed,
    /// `dmarc=fail`, or without a DMARC verdict both SPF and DKIM failed.
    Failed,
    /// The server said nothing that counts.
    #[default]
    Unknown,
}

impl Authenticity {
    /// What two verdicts say together: of two that contradict each other the failing one counts.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Authenticity::Failed, _) | (_, Authenticity::Failed) => Authenticity::Failed,
            (Authenticity::Passed, _) | (_, Authenticity::Passed) => Authenticity::Passed,
            (Authenticity::Unknown, Authenticity::Unknown) => Authenticity::Unknown,
        }
    }
}

/// An author whom the quoted part of a message names: `On 24 Nov 2026, Calvin <calvin@..> wrote:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedAuthor {
    pub address: Address,
    /// The quoted date where it could be read without doubt.
    pub at: Option<DateTime<Utc>>,
    /// The latest that it can be, where it was read and nobody knows in which zone.
    pub latest: Option<DateTime<Utc>>,
}

/// A mail quoted with its header block: `From:`, `To:`, `Cc:` in any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedMail {
    pub from: Vec<Address>,
    /// To and Cc.
    pub to: Vec<Address>,
}

/// What a scheduling tool's own mail says. docs/behaviour.md section 5, row 8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulerMail {
    /// The tool's name, from the table.
    pub tool: String,
    pub event: SchedulerEvent,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// Every address that it names, in headers, text or an attached event.
    pub addresses: Vec<Address>,
    /// Names of people as its headers and labelled lines give them.
    pub names: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SchedulerEvent {
    Booked,
    Rescheduled,
    Cancelled,
    Reminder,
    Other,
}

/// Where one copy of a message lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CopyPlace {
    pub account: String,
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
}

/// One copy of a message: where it lies and since when the server has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageCopy {
    pub place: CopyPlace,
    /// INTERNALDATE (RFC 9051 section 2.3.3), whole seconds.
    pub internal_date: DateTime<Utc>,
    /// The topmost Received stamp of this copy, without one its Date: tells an imported copy.
    pub stamp: Option<DateTime<Utc>>,
    /// The stamp is the Date of the message: there is no Received line.
    pub is_dated: bool,
    /// When baton read it first; `None` where that was not kept.
    pub read_at: Option<DateTime<Utc>>,
    /// The folder is the account's `\Sent` folder.
    pub is_sent: bool,
    /// `\Draft` flag, or a folder with the `\Drafts` attribute.
    pub is_draft: bool,
}

/// The headers of a message: what is remembered of mail that may yet be claimed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Headers {
    pub id: Option<MessageId>,
    /// Ids that it had before a provider replaced them (`X-Microsoft-Original-Message-ID`,
    /// `X-Google-Original-Message-ID`).
    pub earlier_ids: Vec<MessageId>,
    pub in_reply_to: Vec<MessageId>,
    pub references: Vec<MessageId>,
    /// Bytes 6 to 21 of Thread-Index, in hexadecimal: an Outlook conversation; else Gmail's number of the thread.
    pub conversation: Option<String>,
    pub date: Option<DateTime<Utc>>,
    /// The date stamp of the topmost Received line.
    pub received: Option<DateTime<Utc>>,
    pub from: Vec<Mailbox>,
    pub sender: Option<Mailbox>,
    pub reply_to: Vec<Mailbox>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub bcc: Vec<Mailbox>,
    pub subject: String,
    /// Subject without reply and forward prefixes, in any language.
    pub base_subject: String,
    pub authenticity: Authenticity,
}

/// Where a text stood that is not kept any more: a mail with words of its own stays one.
pub(crate) const DROPPED_TEXT: &str = "[...]";

/// What the body of a message adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageBody {
    /// Where nothing is known of the author.
    pub kind: MessageKind,
    /// Where the author is configured, or a prospect contact who answers, if that is another: their mail is a program's
    /// on better evidence alone.
    pub kind_of_known: Option<MessageKind>,
    /// Why it is of that kind, each a short sentence.
    pub reasons: Vec<String>,
    /// What the author wrote: no quotation, no signature, no disclaimer.
    pub author_text: String,
    /// What the author wrote inside the quotation: lines there that are not in what was quoted can
    /// only be told apart by who knows the original, so this is the quoted text with its marks removed.
    pub quoted_text: String,
    /// There is a quotation.
    pub quoted: bool,
    pub quoted_authors: Vec<QuotedAuthor>,
    /// Links in what the author wrote (text and HTML), unwrapped from Safe Links, urldefense and the like.
    pub links: Vec<String>,
    pub calendar: Option<Calendar>,
    pub bounce: Option<Bounce>,
    /// An absence's return date, where it says one.
    pub away_until: Option<NaiveDate>,
    /// The emoji of a reaction (Gmail's or Outlook's), or the text of it.
    pub reaction: Option<String>,
    /// The text carries the first line of a handoff record.
    pub holds_record: bool,
    /// Names of the files attached to it; pictures inside the text and calendar parts aside.
    pub attachments: Vec<String>,
    /// What a scheduling tool says; also where the kind is `Calendar`, since many tools send an invitation.
    pub scheduler: Option<SchedulerMail>,
    /// Mails quoted below with a header block of their own: who wrote them to whom.
    pub quoted_mails: Vec<QuotedMail>,
    /// Text that was pasted from a team chat, the first such line, or a link into one.
    pub chat_paste: Option<String>,
    /// The first link to a personal video among `links`.
    pub video_link: Option<String>,
}

impl MessageBody {
    /// The kind by an author who is known (configured, or a prospect contact who answers) or is not.
    pub(crate) fn kind_by(&self, is_known: bool) -> MessageKind {
        self.kind_of_known.filter(|_| is_known).unwrap_or(self.kind)
    }
}

/// One message: its headers, its body where that was fetched, and every copy seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub headers: Headers,
    /// `None`: only its headers are remembered.
    pub body: Option<MessageBody>,
    pub copies: Vec<MessageCopy>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_outside_of_ascii_is_one_however_it_is_written() {
        let of = |text: &str| Address::new(text).unwrap();
        for other in [
            "sarah@xn--mller-kva.example",
            "Sarah@XN--MLLER-KVA.example",
            "sarah@M\u{dc}LLER.example",
            "sarah@mu\u{308}ller.example",
        ] {
            assert_eq!(of(other).as_str(), "sarah@m\u{fc}ller.example", "{other}");
        }
        assert_eq!(of("li@xn--r8jz45g.example").domain(), "\u{4f8b}\u{3048}.example");
        for same in ["dana@vendor.example", "a@xn--.example", "a@[192.0.2.1]", "a@under_score.example"] {
            assert_eq!(of(same).as_str(), same, "kept as it is");
        }
        assert_eq!(of("sarah+x@m\u{fc}ller.example").canonical(), of("sarah@xn--mller-kva.example"));
    }
}
