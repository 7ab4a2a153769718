//! Whether a message only says that another was displayed or deleted (RFC 8098).

use super::super::parts;
use super::view::MessageView;
use super::wording;
use crate::language::{Role, matcher};

/// Characters between whose message it is and what became of it.
const REACH: usize = 400;

/// Media types of a disposition notification (RFC 8098 section 3, RFC 6533 section 6).
const DISPOSITION: [&str; 2] =
    ["message/disposition-notification", "message/global-disposition-notification"];

pub(crate) fn reason(view: &MessageView<'_, '_>) -> Option<String> {
    if is_rejection(view) {
        return None;
    }
    if view.media_type == "multipart/report" && view.report_type == "disposition-notification" {
        return Some("a multipart/report of disposition (RFC 8098)".to_owned());
    }
    if parts::has_any(view.message, &DISPOSITION)
        && (view.media_type == "multipart/report" || !view.is_answer())
    {
        return Some("it has a disposition-notification part (RFC 8098)".to_owned());
    }
    (is_subject(&view.subject) && view.start().len() < 2_000 && tells_of_receipt(view.beginning()))
        .then(|| "subject and words of a read receipt".to_owned())
}

/// Sieve's `reject` and full mailboxes answer in the form of a receipt (RFC 5429 section 2.1.1): nobody has seen the
/// message, it was not delivered.
pub(crate) fn is_rejection(view: &MessageView<'_, '_>) -> bool {
    let says_so = || view.marks.auto_submitted.as_deref().is_some_and(|value| value.contains("(rejected)"));
    let deletes = || {
        let part = DISPOSITION.iter().find_map(|wanted| parts::first_of(view.message, wanted));
        let fields = part.map(parts::text_of).unwrap_or_default().to_ascii_lowercase();
        fields.contains("automatic-action") && fields.contains("deleted")
    };
    view.report_type == "disposition-notification"
        && (says_so() || deletes() && wording::speaks_of_failed_delivery(view.beginning()))
}

/// `Read: demo`, as Exchange writes it in the reader's language, and the forms of single programs.
fn is_subject(subject: &str) -> bool {
    let before_colon = |end: usize| {
        let after = subject.get(end..).unwrap_or_default();
        after.strip_prefix(char::is_whitespace).unwrap_or(after).starts_with([':', '：'])
    };
    matcher(Role::ReceiptSubjects).all_at_start(subject).any(before_colon)
        || matcher(Role::ReceiptForms).is_in(subject)
}

/// The words of a receipt whose report was lost on the way: whose message, and what became of it.
fn tells_of_receipt(words: &str) -> bool {
    let Some(about) = matcher(Role::ReceiptAbout).find(words) else { return false };
    let after = words.get(about.end..).unwrap_or_default();
    matcher(Role::ReceiptDone)
        .find(after)
        .is_some_and(|done| after.get(..done.start).is_some_and(|between| between.chars().count() <= REACH))
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::MessageKind;

    #[test]
    fn a_report_of_disposition_is_a_receipt() {
        assert_eq!(
            kind(
                "From: a@b.example\nSubject: Read: demo\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nYour message was read\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
            ),
            MessageKind::Receipt
        );
    }

    #[test]
    fn a_rejection_in_the_form_of_a_receipt_is_a_bounce() {
        let of = |submitted: &str, words: &str, disposition: &str| {
            kind(&format!(
                "From: Mail Delivery Subsystem <mail@acme.example>\nSubject: Automatically rejected mail\nAuto-Submitted: {submitted}\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\n{words}\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; sarah@acme.example\nDisposition: {disposition}\n--b--\n"
            ))
        };
        let automatic = "automatic-action/MDN-sent-automatically; deleted";
        assert_eq!(of("auto-replied (rejected)", "Quota exceeded", automatic), MessageKind::Bounce);
        let words = "Your message to <sarah@acme.example> was automatically rejected:\nThe mailbox is full.";
        assert_eq!(of("auto-replied", words, automatic), MessageKind::Bounce);
        let read = "Your message was deleted without being read.";
        assert_eq!(of("auto-replied", read, automatic), MessageKind::Receipt);
        assert_eq!(
            of("auto-replied", words, "manual-action/MDN-sent-manually; displayed"),
            MessageKind::Receipt
        );
    }

    #[test]
    fn a_receipt_in_words_is_known_in_many_languages() {
        for (subject, words) in [
            ("Leído: demo", "El mensaje\n\n   Para: Calvin\n\n fue leído el martes."),
            ("Läst: demo", "Meddelandet\n\n   Till: Calvin\n\n lästes den tisdag."),
            ("Przeczytano: demo", "Twoja wiadomość\n\n   Do: Calvin\n\n została przeczytana wtorek."),
            ("Прочитано: demo", "Сообщение\n\n   Кому: Calvin\n\n прочитано вторник."),
            ("開封済み: demo", "次のメッセージが開封されました。\n\n宛先: Calvin\n"),
            ("Return Receipt", "Your document: demo\nwas received by: Calvin Reyes/Vendor\n"),
            ("Message Status - Opened", "Your message was opened.\n"),
        ] {
            let raw = format!(
                "From: a@b.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{words}"
            );
            assert_eq!(kind(&raw), MessageKind::Receipt, "{subject}");
        }
    }

    #[test]
    fn words_and_subject_together_are_enough_and_each_alone_is_not() {
        assert_eq!(
            kind(
                "From: a@b.example\nSubject: Read: demo\n\nYour message\n\n  To: Sarah\n  Sent: x\n\nwas read on Tuesday.\n"
            ),
            MessageKind::Receipt
        );
        assert_eq!(
            kind("From: a@b.example\nSubject: Read: the new book\n\nYou must read this.\n"),
            MessageKind::Human
        );
    }
}
