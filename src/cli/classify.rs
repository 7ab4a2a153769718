//! `baton classify`: what baton sees in a message (docs/interface.md).
//!
//! Takes .eml files, mbox files and `-` for standard input. Decides nothing itself: it prints what `mail::read`
//! found. An mbox is told by a first line that starts with `From ` and gives one object for each message.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::SecondsFormat;
use mail_parser::mailbox::mbox::MessageIterator;
use serde::Serialize;

use crate::domain::message::{
    Bounce, BounceAction, Calendar, CalendarMethod, Headers, Mailbox, MessageBody, MessageId, PartStat,
};
use crate::files;
use crate::mail::{ReadOptions, read};

/// The most that is read of one file, which is held in memory as a whole.
const LARGEST: u64 = 512 * 1024 * 1024;

/// What `baton classify` could not do.
#[derive(Debug, thiserror::Error)]
pub enum ClassifyError {
    #[error("cannot read {path}")]
    Read {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("cannot write the result")]
    Write(#[source] io::Error),
    #[error("cannot write the result as JSON")]
    Json(#[source] serde_json::Error),
}

/// Reads every message of `paths` (`-` is standard input) and prints what it is, as JSON or for people.
///
/// # Errors
/// A file that cannot be read; nothing is printed then.
pub fn classify(paths: &[PathBuf], json: bool, out: &mut dyn Write) -> Result<(), ClassifyError> {
    classify_with(paths, json, &ReadOptions::default(), out)
}

/// [`classify`] with the receiving server's name, schedulers and zone rules of a configuration.
///
/// # Errors
/// As [`classify`].
pub(crate) fn classify_with(
    paths: &[PathBuf],
    json: bool,
    options: &ReadOptions,
    out: &mut dyn Write,
) -> Result<(), ClassifyError> {
    let mut seen = Vec::new();
    for path in paths {
        let file = path.display().to_string();
        let bytes = load(path).map_err(|source| ClassifyError::Read { path: file.clone(), source })?;
        for raw in messages(bytes) {
            let (headers, body) = read(&raw, options);
            seen.push(ClassifiedMessage::new(&file, headers, body));
        }
    }
    if json {
        let text = serde_json::to_string_pretty(&seen).map_err(ClassifyError::Json)?;
        return writeln!(out, "{text}").map_err(ClassifyError::Write);
    }
    for one in &seen {
        one.summarise(out).map_err(ClassifyError::Write)?;
    }
    Ok(())
}

fn load(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        return files::read_at_most(io::stdin().lock(), LARGEST);
    }
    files::read_argument(path, LARGEST)
}

/// The messages of a file: one, or those of an mbox (RFC 4155, `>From ` unquoted).
fn messages(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    if !bytes.starts_with(b"From ") {
        return vec![bytes];
    }
    let mut found: Vec<Vec<u8>> = MessageIterator::new(bytes.as_slice())
        .filter_map(Result::ok)
        .map(mail_parser::mailbox::mbox::Message::unwrap_contents)
        .collect();
    if found.is_empty() {
        found.push(bytes);
    }
    found
}

/// One message as docs/interface.md prints it.
#[derive(Debug, Serialize)]
struct ClassifiedMessage {
    file: String,
    kind: &'static str,
    reasons: Vec<String>,
    message_id: Option<String>,
    in_reply_to: Option<String>,
    references: Vec<String>,
    date: Option<String>,
    from: Option<String>,
    sender: Option<String>,
    to: Vec<String>,
    cc: Vec<String>,
    subject: String,
    base_subject: String,
    author_text: String,
    quoted: bool,
    calendar: Option<ClassifiedCalendar>,
    bounce: Option<ClassifiedBounce>,
    /// `2026-11-30`.
    away_until: Option<String>,
}

#[derive(Debug, Serialize)]
struct ClassifiedCalendar {
    method: Option<&'static str>,
    uid: String,
    sequence: u32,
    start: Option<String>,
    end: Option<String>,
    organizer: Option<String>,
    attendees: Vec<ClassifiedAttendee>,
    summary: String,
}

#[derive(Debug, Serialize)]
struct ClassifiedAttendee {
    address: String,
    partstat: &'static str,
}

#[derive(Debug, Serialize)]
struct ClassifiedBounce {
    original_message_id: Option<String>,
    recipients: Vec<ClassifiedRecipient>,
}

#[derive(Debug, Serialize)]
struct ClassifiedRecipient {
    address: String,
    action: &'static str,
    status: Option<String>,
    diagnostic: Option<String>,
}

impl ClassifiedMessage {
    fn new(file: &str, headers: Headers, body: MessageBody) -> Self {
        Self {
            file: file.to_owned(),
            kind: body.kind.name(),
            reasons: body.reasons,
            message_id: headers.id.map(text),
            in_reply_to: headers.in_reply_to.into_iter().next().map(text),
            references: headers.references.into_iter().map(text).collect(),
            date: headers.date.map(rfc3339),
            from: headers.from.into_iter().next().map(address),
            sender: headers.sender.map(address),
            to: headers.to.into_iter().map(address).collect(),
            cc: headers.cc.into_iter().map(address).collect(),
            subject: headers.subject,
            base_subject: headers.base_subject,
            author_text: body.author_text,
            quoted: body.quoted,
            calendar: body.calendar.map(calendar),
            bounce: body.bounce.map(bounce),
            away_until: body.away_until.map(|date| date.to_string()),
        }
    }

    /// A few lines for people.
    fn summarise(&self, out: &mut dyn Write) -> io::Result<()> {
        let none = "-";
        writeln!(out, "{}: {}", self.file, self.kind)?;
        writeln!(out, "  subject  {}", self.subject)?;
        writeln!(out, "  from     {}", self.from.as_deref().unwrap_or(none))?;
        writeln!(
            out,
            "  to       {}",
            if self.to.is_empty() { none.to_owned() } else { self.to.join(", ") }
        )?;
        writeln!(out, "  date     {}", self.date.as_deref().unwrap_or(none))?;
        for reason in &self.reasons {
            writeln!(out, "  because  {reason}")?;
        }
        if let Some(until) = &self.away_until {
            writeln!(out, "  away     until {until}")?;
        }
        if let Some(calendar) = &self.calendar {
            writeln!(
                out,
                "  event    {} {} {}",
                calendar.method.unwrap_or("no method"),
                calendar.start.as_deref().unwrap_or(none),
                calendar.summary
            )?;
        }
        for recipient in self.bounce.iter().flat_map(|bounce| &bounce.recipients) {
            writeln!(
                out,
                "  {:8} {} {}",
                recipient.action,
                recipient.address,
                recipient.status.as_deref().unwrap_or_default()
            )?;
        }
        for (number, line) in
            self.author_text.lines().filter(|line| !line.trim().is_empty()).take(4).enumerate()
        {
            let label = if number == 0 { "wrote" } else { "" };
            writeln!(out, "  {label:8} {}", line.chars().take(70).collect::<String>())?;
        }
        writeln!(out)
    }
}

fn text(id: MessageId) -> String {
    id.as_str().to_owned()
}

fn address(mailbox: Mailbox) -> String {
    mailbox.address.as_str().to_owned()
}

fn rfc3339(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn calendar(from: Calendar) -> ClassifiedCalendar {
    ClassifiedCalendar {
        method: from.method.map(method),
        uid: from.uid,
        sequence: from.sequence,
        start: from.start.map(rfc3339),
        end: from.end.map(rfc3339),
        organizer: from.organizer.map(|organizer| organizer.as_str().to_owned()),
        attendees: from
            .attendees
            .into_iter()
            .map(|one| ClassifiedAttendee {
                address: one.address.as_str().to_owned(),
                partstat: partstat(one.partstat),
            })
            .collect(),
        summary: from.summary,
    }
}

fn bounce(from: Bounce) -> ClassifiedBounce {
    ClassifiedBounce {
        original_message_id: from.original.map(text),
        recipients: from
            .recipients
            .into_iter()
            .map(|one| ClassifiedRecipient {
                address: one.address.as_str().to_owned(),
                action: action(one.action),
                status: one.status,
                diagnostic: one.diagnostic,
            })
            .collect(),
    }
}

/// The name in RFC 5546 section 1.4.
fn method(method: CalendarMethod) -> &'static str {
    match method {
        CalendarMethod::Request => "REQUEST",
        CalendarMethod::Reply => "REPLY",
        CalendarMethod::Cancel => "CANCEL",
        CalendarMethod::Counter => "COUNTER",
        CalendarMethod::DeclineCounter => "DECLINECOUNTER",
        CalendarMethod::Publish => "PUBLISH",
        CalendarMethod::Add => "ADD",
        CalendarMethod::Refresh => "REFRESH",
    }
}

/// The name in RFC 5545 section 3.2.12.
fn partstat(partstat: PartStat) -> &'static str {
    match partstat {
        PartStat::NeedsAction => "NEEDS-ACTION",
        PartStat::Accepted => "ACCEPTED",
        PartStat::Declined => "DECLINED",
        PartStat::Tentative => "TENTATIVE",
        PartStat::Delegated => "DELEGATED",
    }
}

/// The name in RFC 3464 section 2.3.3.
fn action(action: BounceAction) -> &'static str {
    match action {
        BounceAction::Failed => "failed",
        BounceAction::Delayed => "delayed",
        BounceAction::Delivered => "delivered",
        BounceAction::Relayed => "relayed",
        BounceAction::Expanded => "expanded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::failure::{FAILED, Failure};

    /// A reader who has had enough, as `head` has.
    struct ClosedPipe;

    impl Write for ClosedPipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_has_had_enough_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.eml");
        std::fs::write(&path, "From: a@acme.example\nSubject: x\n\nHello\n").unwrap();
        for json in [true, false] {
            let error = classify(std::slice::from_ref(&path), json, &mut ClosedPipe).unwrap_err();
            assert!(Failure::of(FAILED, &error).is_unread, "{error:?}");
        }
    }
}
