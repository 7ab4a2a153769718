//! Whether a message is a delivery report. Rules from RFC 3464 and from what mail systems write without it.
//!
//! A person who forwards a report, or answers one, is none: the report's parts then lie in an embedded message, or
//! the sender is a person. A challenge in the guise of a report (Boxbe, RFC 3464 parts) is an automatic answer.

use std::cell::LazyCell;
use std::sync::LazyLock;

use memchr::memmem;

use super::super::parts;
use super::evidence::Strength;
use super::subject::SubjectSignal;
use super::view::{MessageView, ReturnPath};
use super::wording;
use crate::language::{Role, matcher, provider};
use crate::pattern::{Pattern, pattern};

/// Why the message is a report, and how sure that makes; `None` where it is not.
pub(crate) fn reason(view: &MessageView<'_, '_>) -> Option<(Strength, String)> {
    let from = sender(view);
    let report = is_status_report(view, from);
    let structure = report.is_some();
    let proof = |reason| (Strength::Proof, reason);
    let found = report
        .or_else(|| by_system(view, from))
        .map(proof)
        .or_else(|| {
            let words = by_words(view, from).filter(|_| !wording::greets_reader(view));
            words.map(|reason| (Strength::Strong, reason))
        })
        .or_else(|| by_notification(view).map(proof))
        .or_else(|| by_list_manager(view).map(proof))
        .or_else(|| local_failure(view).map(proof))?;
    (!excused(view, structure)).then_some(found)
}

/// Whether a lower-case subject is one of delivery reports.
pub(crate) fn speaks_of_delivery(subject: &str) -> bool {
    matcher(Role::ReportSubjects).is_in(subject)
}

/// Whether lower-case words begin as well-known reports do, no matter who sends them.
fn opens_report(words: &str) -> bool {
    matcher(Role::ReportOpenings).is_in(words)
}

/// What sort of sender From names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SenderKind {
    /// A mailer-daemon: writes nothing else.
    Daemon,
    /// A postmaster, or a name such as `Mail Delivery System`: may write other things.
    System,
    Other,
}

pub(crate) fn sender(view: &MessageView<'_, '_>) -> SenderKind {
    let local = view.sender_local();
    if memmem::find(local.as_bytes(), b"mailer-daemon").is_some()
        || local == "mailerdaemon"
        || view.headers.from.is_empty() && view.marks.from.contains("mailer-daemon")
    {
        return SenderKind::Daemon;
    }
    let name = view.marks.from.trim_start_matches(['"', '\'', '<', ' ']);
    if matcher(Role::SystemAddresses).is_whole(local) || matcher(Role::ReportSenders).is_in(name) {
        return SenderKind::System;
    }
    SenderKind::Other
}

/// multipart/report of delivery, or its parts where the report-type was left out or the type is another.
fn is_status_report(view: &MessageView<'_, '_>, from: SenderKind) -> Option<String> {
    if super::receipt::is_rejection(view) {
        return Some("a rejection in the form of a receipt (RFC 5429)".to_owned());
    }
    let multipart_report = view.media_type == "multipart/report";
    let status = ["message/delivery-status", "message/global-delivery-status", "text/delivery-status"];
    let has_status = parts::has_any(view.message, &status);
    match view.report_type.as_str() {
        "delivery-status" if multipart_report => {
            return Some("a multipart/report of delivery status (RFC 3464)".to_owned());
        }
        "" | "delivery-status" => {}
        _ => return None,
    }
    let machine = from != SenderKind::Other
        || matches!(view.marks.return_path, ReturnPath::Null | ReturnPath::Daemon)
        || view.marks.auto_submitted.as_deref().is_some_and(|value| value != "no");
    if has_status && (multipart_report || machine) {
        return Some("it has a delivery-status part (RFC 3464)".to_owned());
    }
    (multipart_report
        && machine
        && parts::first_of(view.message, "message/disposition-notification").is_none())
    .then(|| "a multipart/report from a mail system".to_owned())
}

/// By fields and senders that mail systems alone have.
fn by_system(view: &MessageView<'_, '_>, from: SenderKind) -> Option<String> {
    if !matches!(view.report_type.as_str(), "" | "delivery-status") {
        return None;
    }
    if view.marks.is_report {
        return Some("Exchange marks it as a report of non-delivery".to_owned());
    }
    if view.marks.failed_recipients && !view.is_answer() {
        return Some("X-Failed-Recipients names who could not be reached".to_owned());
    }
    match from {
        SenderKind::Daemon => Some("it comes from a mailer-daemon".to_owned()),
        SenderKind::System if speaks_of_delivery(&view.subject) => {
            Some("a mail system's address, and a subject about delivery".to_owned())
        }
        SenderKind::System
            if opens_report(view.beginning()) || wording::speaks_of_failed_delivery(view.beginning()) =>
        {
            Some("a mail system's address, and words about delivery".to_owned())
        }
        SenderKind::System if !view.is_answer() && REFUSAL.is_match(view.beginning()) => {
            Some("a mail system's address, and a server's refusal with its code".to_owned())
        }
        _ => None,
    }
}

/// A reply of SMTP with an enhanced status code: `550 5.1.1` (RFC 3463).
static REFUSAL: Pattern = LazyLock::new(|| pattern(r"(?-u:\b)[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}(?-u:\b)"));
/// What a report has that tells of one recipient at least: an address, or a reply of SMTP.
static RECIPIENT: Pattern = LazyLock::new(|| pattern(r"[^\s<>@]@[^\s<>@]|(?-u:\b)[45]\d\d[ -][^\s]"));

/// By what anybody can write, who then is nobody that is known.
fn by_words(view: &MessageView<'_, '_>, from: SenderKind) -> Option<String> {
    if !matches!(view.report_type.as_str(), "" | "delivery-status") {
        return None;
    }
    let subject = LazyCell::new(|| speaks_of_delivery(&view.subject));
    let null = matches!(view.marks.return_path, ReturnPath::Null | ReturnPath::Daemon);
    let returned = parts::has_any(view.message, &["message/rfc822", "text/rfc822-headers", "text/x-message"]);
    let undelivered = || wording::speaks_of_failed_delivery(view.beginning());
    // People write about deliveries of other things.
    if null && !view.is_answer() && *subject && (returned || undelivered() || opens_report(view.beginning()))
    {
        return Some("an empty return path, and subject and words about delivery".to_owned());
    }
    if null && returned && undelivered() {
        return Some("an empty return path, words about delivery, and a returned message".to_owned());
    }
    let opening = || opens_report(view.beginning());
    let machine = null || view.marks.auto_submitted.is_some() || from_machine(view);
    if !view.is_answer() && machine && opening() {
        return Some("it opens as a mail system's report does".to_owned());
    }
    let nobody = null || view.marks.from.contains("<>");
    (nobody && view.headers.from.is_empty() && undelivered())
        .then(|| "no sender, and words about delivery".to_owned())
        .or_else(|| {
            (from_machine(view) && returned && (*subject || undelivered()))
                .then(|| "an automatic sender returns a message".to_owned())
        })
        .or_else(|| {
            (!view.is_answer()
                && *subject
                && (opening() || matcher(Role::ReportForms).is_in(&view.subject) && undelivered())
                && (machine || from != SenderKind::Other || RECIPIENT.is_match(view.beginning())))
            .then(|| "subject and words of a report".to_owned())
        })
}

fn from_machine(view: &MessageView<'_, '_>) -> bool {
    matcher(Role::MachineAddresses).is_in(view.sender_local())
}

/// Amazon's notification service tells of bounces in JSON (SES notification contents).
fn by_notification(view: &MessageView<'_, '_>) -> Option<String> {
    let amazon =
        view.sender_domain().ends_with("amazonaws.com") || view.sender_domain().ends_with("amazonses.com");
    let json = || {
        let text: String =
            view.text().chars().take(20_000).filter(|c| c.is_ascii_alphanumeric() || *c == ':').collect();
        [
            "notificationType:Bounce",
            "eventType:Bounce",
            "notificationType:Delivery",
            "notificationType:Complaint",
        ]
        .iter()
        .any(|words| text.contains(words))
    };
    (amazon && json()).then(|| "a notification of a bounce by Amazon SES".to_owned())
}

/// A mailing list that takes no mail from who is not on it (fml, Majordomo, ezmlm).
fn by_list_manager(view: &MessageView<'_, '_>) -> Option<String> {
    let local = view.sender_local();
    let manager = || {
        provider::all().iter().map(|file| &file.facts.reports).any(|facts| {
            facts.list_addresses.iter().any(|known| local == known)
                || facts.list_endings.iter().any(|end| local.ends_with(end.as_str()))
        })
    };
    let answer = !view.headers.references.is_empty()
        || !view.headers.in_reply_to.is_empty()
        || view.marks.return_path == ReturnPath::Null;
    (answer && !view.is_answer() && manager() && matcher(Role::ListRefusals).is_in(&view.opening(600)))
        .then(|| "a mailing list refuses the message".to_owned())
}

/// A mail program that could not hand its draft over, by the subject that only its reports have.
fn local_failure(view: &MessageView<'_, '_>) -> Option<String> {
    static SUBJECTS: LazyLock<Vec<&str>> =
        LazyLock::new(|| provider::all_of(|facts| facts.reports.subjects.as_slice()));
    SUBJECTS
        .iter()
        .any(|start| view.subject.starts_with(start))
        .then(|| "the mail program could not send a draft".to_owned())
}

/// Looks like a report and is none: an absence sent by the mail system, a challenge.
fn excused(view: &MessageView<'_, '_>, structure: bool) -> bool {
    let says = super::subject::signal(&view.subject, view.headers.from.first());
    if says >= SubjectSignal::Plainly {
        return true;
    }
    let challenge = super::auto_reply::challenger(view)
        || wording::challenges(super::super::bounce_text::report_of(&view.opening(2_000)));
    challenge
        || !structure
            && says == SubjectSignal::Perhaps
            && wording::speaks_of_absence(view.beginning())
            && !wording::speaks_of_failed_delivery(view.beginning())
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::MessageKind;

    #[test]
    fn a_report_of_delivery_is_a_bounce() {
        assert_eq!(
            kind(
                "From: x@y.example\nSubject: z\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nhi\n--b--\n"
            ),
            MessageKind::Bounce
        );
    }

    #[test]
    fn a_mailer_daemon_without_a_report_is_a_bounce_too() {
        assert_eq!(
            kind("From: MAILER-DAEMON <>\nSubject: Mail delivery failed\n\nhi\n"),
            MessageKind::Bounce
        );
        assert_eq!(
            kind(
                "From: Mail Delivery System <Mailer-Daemon@mx.example>\nAuto-Submitted: auto-replied\nX-Failed-Recipients: a@b.example\nSubject: Mail delivery failed: returning message to sender\n\nA message that you sent could not be delivered\n"
            ),
            MessageKind::Bounce
        );
    }

    #[test]
    fn the_subjects_of_exchange_are_known_in_its_languages() {
        for subject in [
            "Nicht zustellbar: demo",
            "Niet bestelbaar: demo",
            "Kan inte levereras: demo",
            "Teslim edilemez: demo",
            "Не удается доставить: demo",
            "无法送达: demo",
            "غير قابل للتسليم: demo",
            "Không thể gửi: demo",
        ] {
            let raw = format!(
                "Return-Path: <>\nFrom: postmaster@acme.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nsarah@acme.example\n"
            );
            assert_eq!(kind(&raw), MessageKind::Bounce, "{subject}");
        }
        assert_eq!(
            kind(
                "Return-Path: <>\nFrom: Postmaster <pm@acme.example>\nSubject: x\nX-MS-Exchange-Message-Is-Ndr: \n\nsarah@acme.example\n"
            ),
            MessageKind::Bounce
        );
    }

    #[test]
    fn a_postmaster_may_write_other_things() {
        assert_eq!(
            kind(
                "From: postmaster@acme.example\nSubject: Report domain: acme.example\n\nThis is a DMARC aggregate report.\n"
            ),
            MessageKind::Human
        );
        assert_eq!(
            kind(
                "From: postmaster@acme.example\nSubject: Undeliverable: demo\n\nYour message did not reach some or all of the intended recipients.\n"
            ),
            MessageKind::Bounce
        );
    }

    #[test]
    fn a_person_who_forwards_or_answers_a_bounce_is_human() {
        assert_eq!(
            kind(
                "From: Dana <dana@vendor.example>\nSubject: Fwd: Undelivered Mail Returned to Sender\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nlook at this\n--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@x.example\nSubject: Undelivered Mail\nContent-Type: multipart/report; report-type=delivery-status; boundary=c\n\n--c\nContent-Type: message/delivery-status\n\nAction: failed\n--c--\n--b--\n"
            ),
            MessageKind::Human
        );
        assert_eq!(
            kind("From: Dana <dana@vendor.example>\nSubject: Re: failure notice\n\nWhat does this mean?\n"),
            MessageKind::Human
        );
    }

    #[test]
    fn a_challenge_in_the_guise_of_a_report_is_an_automatic_answer() {
        assert_eq!(
            kind(
                "From: MAILER-DAEMON@x.example\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSarah is protected by Boxbe. Please click here to be added to her Guest List.\n--b--\n"
            ),
            MessageKind::AutoReply
        );
    }
}
