//! Mail as people's programs write it: replies to all or to one, forwards, automatic answers, invitations.

use super::scene::{now, words};
use crate::support::{client::Stored, crlf};

/// One mail that somebody writes. `from`, `to` and `cc` are `Name <address>` or bare addresses.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    from: String,
    to: Vec<String>,
    cc: Vec<String>,
    subject: String,
    pub id: String,
    headers: Vec<String>,
    content_type: String,
    words: String,
    quotation: String,
    date: String,
}

impl Letter {
    pub(crate) fn new(from: &str, to: &[&str], subject: &str, words: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: owned(to),
            cc: Vec::new(),
            subject: subject.to_owned(),
            id: fresh_id(from),
            headers: Vec::new(),
            content_type: "text/plain; charset=utf-8".to_owned(),
            words: words.to_owned(),
            quotation: String::new(),
            date: now().to_rfc2822(),
        }
    }

    /// In the thread of `original`, to whomever; quotes it below, as programs do.
    pub(crate) fn answer(original: &Stored, from: &str, to: &[&str], text: &str) -> Self {
        let subject = original.header("Subject").unwrap();
        let subject = if subject.starts_with("Re: ") { subject } else { format!("Re: {subject}") };
        let id = original.header("Message-ID").unwrap();
        let before = original.header("References").map(|ids| format!("{ids} ")).unwrap_or_default();
        let author = original.header("From").unwrap();
        let mut quotation = format!("\nOn Tue, 24 Nov 2026 at 10:00, {author} wrote:\n");
        for line in words(original).lines().take(12) {
            quotation.push_str(&format!("> {line}\n"));
        }
        let mut letter = Self::new(from, to, &subject, text);
        letter.headers = vec![format!("In-Reply-To: {id}"), format!("References: {before}{id}")];
        letter.quotation = quotation;
        letter
    }

    /// To its author and everybody in To and Cc but the writer.
    pub(crate) fn reply_all(original: &Stored, from: &str, text: &str) -> Self {
        let others = |name: &str| -> Vec<String> {
            let list = original.header(name).unwrap_or_default();
            list.split(", ").filter(|one| !one.is_empty()).map(ToOwned::to_owned).collect()
        };
        let own = address(from);
        let mut letter = Self::answer(original, from, &[], text);
        letter.to =
            others("From").into_iter().chain(others("To")).filter(|one| address(one) != own).collect();
        letter.cc = others("Cc").into_iter().filter(|one| address(one) != own).collect();
        letter
    }

    /// What a server answers by itself, to the author alone, without citing anything.
    pub(crate) fn automatic(from: &str, to: &str, text: &str) -> Self {
        Self::new(from, &[to], "Automatic reply: away", text).header("Auto-Submitted: auto-replied")
    }

    /// A calendar message as Google and Outlook send it: words, and the event beside them.
    pub(crate) fn calendar(from: &str, to: &[&str], method: &str, event: &str) -> Self {
        let mut letter = Self::new(from, to, "Invitation: a call", "");
        letter.content_type = "multipart/alternative; boundary=\"cal\"".to_owned();
        letter.words = format!(
            "--cal\nContent-Type: text/plain; charset=utf-8\n\nYou have been invited.\n--cal\n\
             Content-Type: text/calendar; charset=utf-8; method={method}\n\n\
             BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//client//EN\nMETHOD:{method}\n{event}END:VCALENDAR\n--cal--\n"
        );
        letter
    }

    pub(crate) fn cc(mut self, cc: &[&str]) -> Self {
        self.cc.extend(owned(cc));
        self
    }

    pub(crate) fn without(mut self, who: &str) -> Self {
        let gone = address(who);
        self.to.retain(|one| address(one) != gone);
        self.cc.retain(|one| address(one) != gone);
        self
    }

    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    pub(crate) fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    /// A report (RFC 6522) of this kind, without anything to read but the words.
    pub(crate) fn report(mut self, kind: &str) -> Self {
        self.content_type = format!("multipart/report; report-type={kind}; boundary=\"rep\"");
        self.words = format!(
            "--rep\nContent-Type: text/plain; charset=utf-8\n\n{}\n--rep\nContent-Type: message/{kind}\n\n\
             Reporting-UA: client\nFinal-Recipient: rfc822;{}\nDisposition: manual-action/MDN-sent-manually; displayed\n\
             --rep--\n",
            self.words,
            address(&self.from)
        );
        self.quotation.clear();
        self
    }

    /// Another body, quotation and all, with its Content-Type and what belongs to that.
    pub(crate) fn with_body(mut self, content_type: &str, body: &str) -> Self {
        content_type.clone_into(&mut self.content_type);
        body.clone_into(&mut self.words);
        self.quotation.clear();
        self
    }

    pub(crate) fn unquoted(mut self) -> Self {
        self.quotation.clear();
        self
    }

    pub(crate) fn author(&self) -> String {
        address(&self.from)
    }

    pub(crate) fn recipients(&self) -> Vec<String> {
        self.to.iter().chain(&self.cc).map(|one| address(one)).collect()
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("From: {}\nTo: {}\n", self.from, self.to.join(", "));
        if !self.cc.is_empty() {
            text.push_str(&format!("Cc: {}\n", self.cc.join(", ")));
        }
        text.push_str(&format!(
            "Subject: {}\nMessage-ID: <{}>\nDate: {}\nMIME-Version: 1.0\nContent-Type: {}\n",
            self.subject, self.id, self.date, self.content_type
        ));
        for line in &self.headers {
            text.push_str(&format!("{line}\n"));
        }
        crlf(&format!("{text}\n{}\n{}", self.words, self.quotation))
    }
}

/// An event of a calendar message. `organizer` and `attendees` are addresses; an attendee may bear a
/// PARTSTAT after a space.
pub(crate) fn event(
    uid: &str,
    start: chrono::DateTime<chrono::Utc>,
    sequence: u32,
    organizer: &str,
    attendees: &[&str],
) -> String {
    let end = start + chrono::TimeDelta::minutes(30);
    let stamp = |at: chrono::DateTime<chrono::Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let mut text = format!(
        "BEGIN:VEVENT\nUID:{uid}\nSEQUENCE:{sequence}\nDTSTAMP:{}\nDTSTART:{}\nDTEND:{}\nSUMMARY:A call\n\
         ORGANIZER:mailto:{organizer}\n",
        stamp(now()),
        stamp(start),
        stamp(end)
    );
    for attendee in attendees {
        let (who, status) = attendee.split_once(' ').unwrap_or((attendee, "NEEDS-ACTION"));
        text.push_str(&format!("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT={status}:mailto:{who}\n"));
    }
    text + "END:VEVENT\n"
}

/// `sarah@acme.example` of `Sarah Lee <sarah@acme.example>`.
pub(crate) fn address(mailbox: &str) -> String {
    let inner = mailbox.rsplit_once('<').map_or(mailbox, |(_, rest)| rest.trim_end_matches('>'));
    inner.trim().to_lowercase()
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|&one| one.to_owned()).collect()
}

fn fresh_id(from: &str) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let domain = address(from).split_once('@').map_or(String::new(), |(_, domain)| domain.to_owned());
    format!("letter-{}-{}@mail.{domain}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst))
}
