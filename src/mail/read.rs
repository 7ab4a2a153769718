//! One message from bytes to facts: its headers, its kind, its author's text, and what it carries.
//!
//! Pure and total: any bytes give an answer, none panic. Limits are in `parsed_message` (structure) and here: 1 MiB
//! of each of the plain and the HTML text is looked at.

use chrono::{FixedOffset, NaiveDateTime, TimeDelta, TimeZone, Utc};

use super::classify::view::{MessageView, ReturnPath};
use super::classify::{self, Classification, delivery_report, invitation};
use super::options::ReadOptions;
use super::parsed_message::{self, ParsedMessage};
use super::scheduler::{self, SchedulingTool};
use super::{away, bounce, chatter, envelope, links, parts, text};
use crate::domain::message::{
    Calendar, CalendarMethod, Headers, MessageBody, MessageKind, QuotedAuthor, SchedulerMail,
};
use crate::domain::record_title::holds_record;
use crate::language::{Role, matcher, provider};

/// What the headers alone say: enough to decide whether the body is worth fetching.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HeaderSummary {
    pub headers: Headers,
    /// Null return path, multipart/report, a mailer-daemon's address, X-Failed-Recipients: a bounce or receipt
    /// may be inside.
    pub maybe_report: bool,
    /// A calendar type, a calendar program's marks, or a subject such as `Accepted: ..`.
    pub maybe_calendar: bool,
    /// From or Sender is a scheduling tool's.
    pub from_scheduler: bool,
}

impl HeaderSummary {
    /// The body may be needed, no matter who wrote it.
    pub(crate) fn needs_body(&self) -> bool {
        self.maybe_report || self.maybe_calendar || self.from_scheduler
    }
}

/// What a picture in the text is called, which has no name there.
const PICTURE: &str = "picture";

/// A whole message. Never fails: what cannot be understood is left empty.
pub fn read(raw: &[u8], options: &ReadOptions) -> (Headers, MessageBody) {
    let sanitized = parsed_message::sanitize(raw);
    let parsed = ParsedMessage::parse(&sanitized);
    let headers = envelope::headers(&parsed, options);
    let view = MessageView::new(&parsed, &headers);
    let known = MessageContent::of(&view, options);
    let bounce =
        (known.verdict.kind == MessageKind::Bounce).then(|| bounce::report(&parsed, &headers, view.text()));
    let sealed = unreadable(&view);
    let split = view.into_split();
    let author_text = if split.author_text.is_empty() && !split.quoted {
        sealed.unwrap_or(split.author_text)
    } else {
        split.author_text
    };
    let verdict = known.verdict;
    let away_until = [verdict.kind, verdict.kind_of_known]
        .contains(&MessageKind::AutoReply)
        .then(|| away::until(&headers.subject, &author_text, headers.date))
        .flatten();
    let holds_record = holds_record(&author_text)
        || holds_record(&split.quoted_text)
        || parts::any_attached_text(&parsed, &holds_record);
    let links = links_of(&split.author_links, &author_text);
    let video_link = links.iter().find(|link| links::is_personal_video(link)).cloned();
    let chat_paste = chatter::in_mail(&links, &author_text, &split.quoted_text);
    let quoted_mails = chatter::quoted_mails(&split.quoted_text);
    let mut attachments = parts::attachments(&parsed);
    if author_text.is_empty() && split.opens_with_picture {
        // What was pasted says as much as what is attached.
        attachments.push(PICTURE.to_owned());
    }
    let body = MessageBody {
        kind: verdict.kind,
        kind_of_known: (verdict.kind_of_known != verdict.kind).then_some(verdict.kind_of_known),
        reasons: verdict.reasons,
        links,
        author_text,
        quoted_text: split.quoted_text,
        quoted: split.quoted,
        quoted_authors: quoted_authors(split.quoted_authors, envelope::offset(&parsed)),
        calendar: known.calendar,
        bounce,
        scheduler: known.scheduler,
        away_until,
        reaction: verdict.reaction,
        holds_record,
        attachments,
        quoted_mails,
        chat_paste,
        video_link,
    };
    (headers, body)
}

/// The zone in which a local time is reached last.
const LAST_ZONE: TimeDelta = TimeDelta::hours(12);

/// Programs quote local times of the person who answers, and so does the answer's own Date. An offset of zero may be
/// a server's instead of a person's: of such local times no more is known than when they are over everywhere.
fn quoted_authors(authors: Vec<text::Author>, offset: Option<FixedOffset>) -> Vec<QuotedAuthor> {
    let offset = offset.filter(|offset| offset.local_minus_utc() != 0);
    let instant = |local: NaiveDateTime| {
        offset.and_then(|offset| offset.from_local_datetime(&local).single()).map(|at| at.with_timezone(&Utc))
    };
    let of = |author: text::Author| {
        let at = author.at.or_else(|| author.local.and_then(instant));
        let latest = author.local.filter(|_| at.is_none()).map(|local| (local + LAST_ZONE).and_utc());
        QuotedAuthor { address: author.address, at, latest }
    };
    authors.into_iter().map(of).collect()
}

/// The kind of a message alone, without taking its text apart where its header and parts prove the kind.
pub fn kind(raw: &[u8], options: &ReadOptions) -> MessageKind {
    let sanitized = parsed_message::sanitize(raw);
    let parsed = ParsedMessage::parse(&sanitized);
    let headers = envelope::headers(&parsed, options);
    let view = MessageView::new(&parsed, &headers);
    let meeting = MeetingContent::of(&view, options);
    classify::kind_alone(&view, meeting.method, meeting.tool())
}

/// What a message says of a meeting.
#[derive(Debug)]
struct MeetingContent<'o> {
    calendar: Option<Calendar>,
    method: Option<CalendarMethod>,
    /// The scheduling tool of whose bookings it is one.
    tool: Option<&'o SchedulingTool>,
    /// That tool sent it.
    is_tools: bool,
}

impl<'o> MeetingContent<'o> {
    fn of(view: &MessageView<'_, '_>, options: &'o ReadOptions) -> Self {
        let zones = options.zones.as_ref();
        let invitation::CalendarContent { event: calendar, method, is_file } =
            invitation::read(view, &parts::calendars(view.message), zones);
        let tool = scheduler::tool_behind(view, calendar.as_ref(), &options.schedulers, zones);
        let is_tools = tool.is_some() && scheduler::sends(view.headers, &options.schedulers);
        // A tool's own mail that brings the event along as a file tells of a booking, it invites nobody.
        let method = method.filter(|_| !(is_file && is_tools));
        Self { calendar, method, tool, is_tools }
    }

    fn tool(&self) -> Option<classify::ToolBehind<'o>> {
        self.tool.map(|tool| classify::ToolBehind { name: &tool.name, is_sender: self.is_tools })
    }
}

/// What a message carries, and its kind.
#[derive(Debug)]
struct MessageContent {
    verdict: Classification,
    calendar: Option<Calendar>,
    scheduler: Option<SchedulerMail>,
}

impl MessageContent {
    fn of(view: &MessageView<'_, '_>, options: &ReadOptions) -> Self {
        let meeting = MeetingContent::of(view, options);
        let verdict = classify::kind(view, meeting.method, meeting.tool());
        let scheduler = meeting
            .tool
            .filter(|_| matches!(verdict.kind, MessageKind::Scheduler | MessageKind::Calendar))
            .map(|tool| scheduler::read(view, meeting.calendar.as_ref(), tool, options.zones.as_ref()));
        Self { verdict, calendar: meeting.calendar, scheduler }
    }
}

/// What stands for words that cannot be read: an encrypted message is not an empty one.
fn unreadable(view: &MessageView<'_, '_>) -> Option<String> {
    let sealed = matches!(
        view.media_type.as_str(),
        "multipart/encrypted" | "application/pkcs7-mime" | "application/x-pkcs7-mime"
    );
    sealed.then(|| "[encrypted or sealed message]".to_owned())
}

fn links_of(stated: &[String], author_text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for link in stated.iter().take(500).map(|link| links::unwrap(link)).chain(links::in_text(author_text)) {
        if !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

/// The header block alone, as `BODY.PEEK[HEADER]` gives it.
pub fn read_headers(raw: &[u8], options: &ReadOptions) -> HeaderSummary {
    let sanitized = parsed_message::sanitize(raw);
    let parsed = ParsedMessage::parse_headers(&sanitized);
    let headers = envelope::headers(&parsed, options);
    let view = MessageView::new(&parsed, &headers);
    let (maybe_report, maybe_calendar) = (maybe_report(&view), maybe_calendar(&view));
    let from_scheduler = scheduler::sends(&headers, &options.schedulers);
    HeaderSummary { maybe_report, maybe_calendar, from_scheduler, headers }
}

fn maybe_report(view: &MessageView<'_, '_>) -> bool {
    let marks = &view.marks;
    let machine = marks.return_path != ReturnPath::Address && marks.return_path != ReturnPath::Missing;
    machine
        || marks.failed_recipients
        || view.media_type == "multipart/report"
        || delivery_report::sender(view) != delivery_report::SenderKind::Other
        || delivery_report::speaks_of_delivery(&view.subject)
}

fn maybe_calendar(view: &MessageView<'_, '_>) -> bool {
    let sender = view.headers.sender.as_ref();
    let class = view.marks.content_class.as_deref();
    view.media_type == "text/calendar"
        || class.is_some_and(|class| class.contains("calendarmessage"))
        || is_calendar_subject(&view.subject)
        || sender.is_some_and(|sender| invites_for_others(sender.address.as_str()))
}

/// Whether a calendar program sends invitations from this address for the person who made the event.
fn invites_for_others(address: &str) -> bool {
    let known = provider::all().iter().flat_map(|file| &file.facts.invitations.senders);
    known.into_iter().any(|sender| sender == address)
}

/// Whether a lower-case subject is a calendar program's: its word, a colon, the event's name.
fn is_calendar_subject(subject: &str) -> bool {
    matcher(Role::CalendarSubjects).all_at_start(subject).any(|end| {
        let after = subject.get(end..).unwrap_or_default();
        after.strip_prefix(char::is_whitespace).unwrap_or(after).starts_with([':', '：'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(body: &str) -> bool {
        let raw = format!("From: calvin@vendor.example\nTo: sarah@acme.example\nSubject: notes\n{body}");
        read(raw.as_bytes(), &ReadOptions::default()).1.holds_record
    }

    #[test]
    fn a_quoted_local_time_is_read_in_the_answers_zone_or_has_a_latest_instant() {
        let quoted = "On Mon, Nov 2, 2026 at 10:20 AM Dana <dana@vendor.example> wrote:\n> Hello\n";
        for (date, at, latest) in [
            ("Tue, 24 Nov 2026 10:00:00 -0500", Some("2026-11-02 15:20:00 UTC"), None),
            ("Tue, 24 Nov 2026 15:00:00 +0000", None, Some("2026-11-02 22:20:00 UTC")),
        ] {
            let raw = format!("From: sarah@acme.example\nDate: {date}\nSubject: Re: x\n\nYes.\n\n{quoted}");
            let body = read(raw.as_bytes(), &ReadOptions::default()).1;
            let [author] = body.quoted_authors.as_slice() else { panic!("{:?}", body.quoted_authors) };
            let told = [author.at, author.latest].map(|at| at.map(|at| at.to_string()));
            assert_eq!(told, [at, latest].map(|at| at.map(str::to_owned)), "{date}");
        }
    }

    #[test]
    fn a_record_is_known_in_a_file_and_in_a_mail_that_was_forwarded_whole() {
        let with = |part: &str| {
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello\n--b\n{part}\n--b--\n"
            )
        };
        assert!(holds(&with(
            "Content-Type: text/plain\nContent-Disposition: attachment; filename=r.txt\n\nHANDOFF RECORD: Acme"
        )));
        assert!(holds(&with(
            "Content-Type: application/octet-stream; name=r.txt\nContent-Transfer-Encoding: base64\n\nSEFORE9GRiBSRUNPUkQ6IEFjbWU="
        )));
        assert!(holds(&with(
            "Content-Type: message/rfc822\n\nFrom: dana@vendor.example\nSubject: x\n\nHi\n\nHANDOFF RECORD: Acme"
        )));
        assert!(holds(&with(
            "Content-Type: message/rfc822\n\nFrom: dana@vendor.example\nContent-Type: text/html\n\n<pre>HANDOFF RECORD: Acme</pre>"
        )));
        assert!(!holds(&with(
            "Content-Type: text/plain\nContent-Disposition: attachment; filename=r.txt\n\nabout the HANDOFF RECORD: nothing"
        )));
    }
}
