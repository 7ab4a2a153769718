//! Whether a message is an automatic answer: an absence, an acknowledgement, a challenge.
//!
//! By RFC 3834, the fields of vacation programs that do without it, Exchange's and Gmail's forms, and, where no
//! machine's mark is in the header (10 of 35 real ones), by subject and text together. A person who mentions
//! being away is a person: words alone never decide. X-Auto-Response-Suppress is a request, not a sign.

use std::sync::LazyLock;

use super::subject::{self, SubjectSignal};
use super::view::{MessageView, ReturnPath};
use super::wording;
use crate::language::provider;

/// Why the message is an automatic answer; `None` where it is not.
pub(crate) fn reason(view: &MessageView<'_, '_>) -> Option<String> {
    let says = subject::signal(&view.subject);
    by_header(view, says)
        .or_else(|| by_subject(view, says))
        .or_else(|| by_null_path(view, says))
        .or_else(|| by_weak_signs(view, says))
        .or_else(|| by_words(view))
}

/// From one of the services that challenge, or with their fields.
pub(crate) fn challenger(view: &MessageView<'_, '_>) -> bool {
    let domain = view.sender_domain();
    CHALLENGERS
        .iter()
        .any(|known| domain.strip_suffix(*known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Domains that ask senders to prove to be one, of all programs.
static CHALLENGERS: LazyLock<Vec<&str>> =
    LazyLock::new(|| provider::all_of(|facts| facts.replies.challengers.as_slice()));
/// Beginnings of the Message-IDs of vacation notices, of all programs.
static VACATION_IDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| provider::all_of(|facts| facts.replies.message_ids.as_slice()));

fn by_header(view: &MessageView<'_, '_>, says: SubjectSignal) -> Option<String> {
    let marks = &view.marks;
    if let Some(value) = marks.auto_submitted.as_deref().map(str::trim) {
        if value.starts_with("auto-replied")
            || value.starts_with("auto-reply")
            || value.starts_with("vacation")
        {
            return Some(format!("Auto-Submitted: {} (RFC 3834)", clip(value)));
        }
        // Lotus Notes and others call their absences generated.
        if value.starts_with("auto-")
            && (says == SubjectSignal::Plainly
                || answers(view)
                    && wording::speaks_of_absence(view.beginning())
                    && !super::automated::notifies(view))
        {
            return Some(format!("Auto-Submitted: {}, and words of absence", clip(value)));
        }
    }
    if let Some(value) = marks.precedence.as_deref().filter(|value| {
        value.starts_with("auto_reply") || value.starts_with("auto-reply") || value.starts_with("auto reply")
    }) {
        return Some(format!("Precedence: {}", clip(value)));
    }
    if let Some((name, value)) = &marks.auto_reply {
        return Some(format!("{name}: {} marks automatic answers", clip(value)));
    }
    if let Some(mailbox) = &marks.inbox_rules_loop {
        let own = view.headers.from.iter().any(|from| mailbox.contains(from.address.as_str()));
        if (own || marks.return_path == ReturnPath::Null) && !subject::is_forward(&view.subject) {
            return Some(
                "X-MS-Exchange-Inbox-Rules-Loop names the sender: an Exchange rule answered".to_owned(),
            );
        }
    }
    if marks.mailer.as_deref().is_some_and(|mailer| {
        ["autorespon", "auto-respon", "autoreply", "vacation"].iter().any(|word| mailer.contains(word))
    }) {
        return Some("X-Mailer is an autoresponder".to_owned());
    }
    challenger(view).then(|| "it comes from a service that challenges senders".to_owned()).filter(|_| {
        wording::challenges(view.beginning())
            || marks.return_path == ReturnPath::Null
            || view.media_type == "multipart/report"
    })
}

fn clip(value: &str) -> String {
    value.chars().take(60).collect()
}

/// It cites another message, or is about one by its subject.
fn answers(view: &MessageView<'_, '_>) -> bool {
    !view.headers.in_reply_to.is_empty() || !view.headers.references.is_empty() || view.is_answer()
}

fn by_subject(view: &MessageView<'_, '_>, says: SubjectSignal) -> Option<String> {
    match says {
        SubjectSignal::Plainly => Some("the subject is one that absence programs write".to_owned()),
        SubjectSignal::Perhaps if wording::is_automatic(view.beginning()) => {
            Some("subject and text say that nobody is there to answer".to_owned())
        }
        SubjectSignal::Perhaps
            if !view.is_answer()
                && wording::speaks_of_absence(head(view.beginning(), 600))
                && wording::is_notice(view.beginning()) =>
        {
            Some("the subject speaks of absence, the text is a notice of it".to_owned())
        }
        _ => None,
    }
}

fn head(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Nobody's own mail has an empty return path (RFC 5321 section 4.5.5); what is no report answers by itself.
fn by_null_path(view: &MessageView<'_, '_>, says: SubjectSignal) -> Option<String> {
    if view.marks.return_path != ReturnPath::Null {
        return None;
    }
    if says != SubjectSignal::Nothing
        || wording::speaks_of_absence(view.beginning())
        || wording::is_automatic(view.beginning())
    {
        return Some("an empty return path, and words of absence".to_owned());
    }
    let received = wording::acknowledges(head(view.beginning(), 600)) || wording::acknowledges(&view.subject);
    ((received || answers(view)) && !super::automated::notifies(view))
        .then(|| "an empty return path on an answer".to_owned())
}

/// A mark that machines and lists bear alike, with words of absence that leave no doubt.
fn by_weak_signs(view: &MessageView<'_, '_>, says: SubjectSignal) -> Option<String> {
    let id = view.headers.id.as_ref().map_or("", |id| id.as_str());
    let vacation_id = VACATION_IDS
        .iter()
        .any(|start| id.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)));
    let bulk = view.marks.precedence.as_deref().is_some_and(|value| value == "bulk" || value == "junk")
        && !view.marks.list_id
        && !view.marks.list_unsubscribe;
    let absent =
        || wording::speaks_of_absence(head(view.beginning(), 800)) || wording::is_automatic(view.beginning());
    if vacation_id && (says != SubjectSignal::Nothing || absent() || answers(view)) {
        return Some("its Message-ID is a vacation program's".to_owned());
    }
    if bulk && (answers(view) || says != SubjectSignal::Nothing) && absent() {
        return Some("Precedence of automatic mail, and words of absence".to_owned());
    }
    let machine = view.marks.return_path != ReturnPath::Missing
        && view.marks.return_path != ReturnPath::Address
        || view.media_type == "multipart/report";
    ((answers(view) || machine)
        && view.headers.references.len() < 3
        && !view.marks.list_id
        && wording::challenges(&view.opening(800)))
    .then(|| "the sender is asked to prove to be one".to_owned())
}

/// A text that calls itself an automatic reply, about absence or receipt, quoting nothing of a conversation.
fn by_words(view: &MessageView<'_, '_>) -> Option<String> {
    if view.marks.list_id || view.marks.list_unsubscribe || super::automated::notifies(view) {
        return None;
    }
    // Nearly all mail is done with before its text is put into lower case and on one line.
    if !wording::is_automatic(view.start()) {
        return None;
    }
    let beginning = head(view.beginning(), 1_500);
    let own_words = wording::automatic_at(beginning)?;
    let away = wording::speaks_of_absence(beginning) || wording::acknowledges(beginning);
    // Near the top: below, it may be in what is quoted.
    (away && own_words < 700 && view.start().len() < 6_000)
        .then(|| "the text calls itself an automatic reply".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::MessageKind;

    const FROM: &str = "From: Calvin Reyes <calvin@vendor.example>\nTo: sarah@acme.example\nMessage-ID: <a@vendor.example>\n";

    fn of(rest: &str) -> MessageKind {
        kind(&format!("{FROM}{rest}"))
    }

    #[test]
    fn each_field_of_a_vacation_program_is_enough() {
        for field in [
            "Auto-Submitted: auto-replied (vacation)",
            "Precedence: auto_reply",
            "X-Autoreply: yes",
            "X-Autorespond: x",
            "X-Autoresponse: x",
            "X-Auto-Reply-From: a@b",
            "X-Mail-Autoreply: x",
            "X-Apple-Action: VACATION/",
            "X-POST-MessageClass: 9; Autoresponder",
            "X-FC-MachineGenerated: true",
            "Preference: auto_reply",
            "Delivered-To: Autoresponder",
            "X-MS-Exchange-Inbox-Rules-Loop: calvin@vendor.example",
        ] {
            assert_eq!(of(&format!("Subject: x\n{field}\n\nhi\n")), MessageKind::AutoReply, "{field}");
        }
    }

    #[test]
    fn what_machines_ask_for_or_deny_is_no_sign() {
        for field in [
            "Auto-Submitted: no",
            "X-Auto-Response-Suppress: All",
            "X-Autoreply: no",
            "X-MS-Exchange-Inbox-Rules-Loop: other@vendor.example",
        ] {
            assert_eq!(of(&format!("Subject: x\n{field}\n\nhi\n")), MessageKind::Human, "{field}");
        }
    }

    #[test]
    fn a_subject_of_exchange_is_enough_behind_any_number_of_tags() {
        assert_eq!(
            of("Subject: [EXTERNAL] [Suspicious] Automatic reply: demo\n\nBack soon.\n"),
            MessageKind::AutoReply
        );
    }

    #[test]
    fn a_person_who_mentions_being_away_is_a_person() {
        assert_eq!(
            of("Subject: FYI, gone this weekend\n\nI am out of the office until Monday, talk then.\n"),
            MessageKind::Human
        );
        assert_eq!(
            of(
                "Subject: Re: demo\nIn-Reply-To: <b@x>\n\nI'm out of office on Friday, but Thursday works. See you then!\n"
            ),
            MessageKind::Human
        );
        assert_eq!(
            of("Subject: Out of office on Friday?\n\nAre you out of the office on Friday?\n"),
            MessageKind::Human
        );
        assert_eq!(
            of(
                "Subject: Re: Automatic reply: demo\nIn-Reply-To: <b@x>\n\nEnjoy your time off, we talk on Monday.\n"
            ),
            MessageKind::Human
        );
    }

    #[test]
    fn an_empty_return_path_on_an_answer_is_a_machines() {
        assert_eq!(
            of(
                "Return-Path: <>\nSubject: Thank you for your e-mail\n\nThank you for your e-mail. I will reply as soon as possible.\n"
            ),
            MessageKind::AutoReply
        );
    }

    #[test]
    fn a_text_that_calls_itself_automatic_is_believed() {
        assert_eq!(
            of("Subject: Re: demo\n\nThis is an automatic reply. I am on leave until Monday.\n"),
            MessageKind::AutoReply
        );
    }
}
