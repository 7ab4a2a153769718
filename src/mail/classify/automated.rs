//! Signs of a program's own mail, or of one mail to many: notifications, reports, newsletters.
//!
//! Errs towards people: a list does not make a machine of its author, nor does a way to unsubscribe, which sales tools
//! put into mail to one person.

use std::sync::LazyLock;

use super::evidence::{Family, KindEvidence, Strength};
use super::view::MessageView;
use crate::domain::message::MessageKind;
use crate::language::{Role, matcher, provider};

/// Pictures and tables from which on a text is laid out.
const LAID_OUT: usize = 4;

/// The author's address is one that nobody reads.
pub(crate) fn from_nobody(view: &MessageView<'_, '_>) -> bool {
    is_unread(view.sender_local())
}

/// Whether an address with this local part is one that programs write from and nobody reads.
pub(crate) fn is_unread(local: &str) -> bool {
    let (before, after) = (['-', '+', '.', '_'], ['-', '+', '.', '_', '@']);
    let names = matcher(Role::UnreadAddresses);
    names.all_at_start(local).any(|end| {
        let rest = local.get(end..).unwrap_or_default();
        rest.is_empty() || rest.starts_with(after)
    }) || names.spans(local).into_iter().any(|found| {
        found.end == local.len() && local.get(..found.start).is_some_and(|rest| rest.ends_with(before))
    })
}

/// The service whose address, and nobody's own, is the author's.
fn notifying_service(view: &MessageView<'_, '_>) -> Option<&'static str> {
    let domain = view.sender_domain();
    SERVICES.iter().find_map(|(sender, name)| {
        let rest = domain.strip_suffix(sender)?;
        (rest.is_empty() || rest.ends_with('.')).then_some(*name)
    })
}

/// Domains of services that notify, each with the service's name.
static SERVICES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let senders = |file: &'static provider::ProviderFile| {
        file.facts.notices.senders.iter().map(|sender| (sender.as_str(), file.name.as_str()))
    };
    provider::all().iter().flat_map(senders).collect()
});

/// The author's address is one that programs, and campaigns, write from.
fn from_campaign(view: &MessageView<'_, '_>) -> bool {
    matcher(Role::CampaignAddresses).is_whole(view.sender_local())
}

/// A program that notifies of something, by its own fields or its address.
pub(crate) fn notifies(view: &MessageView<'_, '_>) -> bool {
    view.marks.notifier.is_some() || from_nobody(view)
}

/// What speaks for a program's own mail, or for one to many.
pub(crate) fn gather(view: &MessageView<'_, '_>, evidence: &mut KindEvidence) {
    own_mail(view, evidence);
    if recalls_message(view) {
        let reason = "subject and words of a notice that a message is recalled".to_owned();
        evidence.add(MessageKind::Automated, Family::Subject, Strength::Proof, reason);
    }
    let marks = &view.marks;
    if from_campaign(view) {
        evidence.hint(Family::Office, "the sender's address is one of programs and campaigns");
    }
    if let Some(value) =
        marks.auto_submitted.as_deref().filter(|value| value.trim().starts_with("auto-forwarded"))
    {
        evidence.hint(Family::Envelope, format!("Auto-Submitted: {value}"));
    }
    if let Some(value) =
        marks.precedence.as_deref().filter(|value| matches!(*value, "bulk" | "junk" | "list"))
    {
        evidence.hint(Family::List, format!("Precedence: {value}"));
    }
    // What an answer bears came from the thread's list, and a list that takes answers has people for authors.
    if !view.headers.in_reply_to.is_empty() || marks.list_post {
        if marks.list_id || marks.list_unsubscribe {
            evidence.hint(Family::List, "it came through a list");
        }
        return;
    }
    to_many(view, evidence);
}

fn own_mail(view: &MessageView<'_, '_>, evidence: &mut KindEvidence) {
    let marks = &view.marks;
    let mut proof =
        |reason: String| evidence.add(MessageKind::Automated, Family::ProgramField, Strength::Proof, reason);
    if let Some(value) = marks.auto_submitted.as_deref().filter(|_| marks.is_generated()) {
        proof(format!("Auto-Submitted: {}", value.chars().take(60).collect::<String>()));
    }
    if view.media_type == "multipart/report" && !view.report_type.is_empty() {
        let kind: String = view.report_type.chars().take(40).collect();
        proof(format!("a multipart/report of type {kind}"));
    }
    if let Some(field) = &marks.notifier {
        proof(format!("{field}: a program notifies"));
    }
    if let Some(service) = notifying_service(view) {
        let reason = format!("{service} notifies of what somebody does there");
        evidence.add(MessageKind::Automated, Family::Office, Strength::Strong, reason);
    }
    if from_nobody(view) {
        let reason = "the sender's address takes no answers".to_owned();
        evidence.add(MessageKind::Automated, Family::Office, Strength::Strong, reason);
    }
}

/// Outlook's `Recall: demo`, which says nothing but that its sender would like to recall the message "demo". Programs that
/// know what to do with it show it to nobody; all others show it as the sender's mail.
fn recalls_message(view: &MessageView<'_, '_>) -> bool {
    const LONGEST: usize = 600;
    let recalled = view.subject.split_once([':', '：']).map(|(_, recalled)| recalled.trim());
    recalled.is_some_and(|recalled| {
        !recalled.is_empty()
            && !view.is_answer()
            && view.start().len() <= LONGEST
            && matcher(Role::RecallText).is_in(view.beginning())
            && view.own_line().lines().count() == 1
            && is_whole_notice(view.own_line(), recalled)
    })
}

/// Whether words are one sentence that ends with the message between marks of quotation, but for a verb.
fn is_whole_notice(words: &str, recalled: &str) -> bool {
    const MOST_BEHIND: usize = 3;
    let is_mark =
        |c: char| matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '\'' | '‘' | '’' | '\u{a0}' | ' ');
    let Some((before, behind)) = words.rsplit_once(recalled) else { return false };
    before.ends_with(is_mark)
        && behind.starts_with(is_mark)
        && behind.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
            <= MOST_BEHIND
}

/// What one mail to many bears.
fn to_many(view: &MessageView<'_, '_>, evidence: &mut KindEvidence) {
    let marks = &view.marks;
    if marks.list_unsubscribe {
        evidence.hint(Family::List, "List-Unsubscribe: a way to unsubscribe");
    } else if marks.list_id {
        evidence.hint(Family::List, "it came through a list");
    }
    if let Some(field) = &marks.sending_service {
        evidence.hint(Family::SendingService, format!("{field}: a service sent it"));
    }
    if let Some(field) = &marks.campaign {
        evidence.hint(Family::Campaign, format!("{field}: senders of campaigns write it"));
    }
    let may_be_campaign =
        marks.list_unsubscribe || marks.sending_service.is_some() || marks.campaign.is_some();
    if may_be_campaign && is_laid_out(view) {
        evidence.hint(Family::Layout, "it is laid out as newsletters are");
    }
}

/// Many pictures and tables, as no letter has that passes nothing on.
fn is_laid_out(view: &MessageView<'_, '_>) -> bool {
    !view.is_answer() && !view.split().quoted && view.count_in_html(&["<img", "<table"]) >= LAID_OUT
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::MessageKind;

    #[test]
    fn people_behind_a_list_stay_people() {
        assert_eq!(
            kind(
                "From: Calvin <calvin@vendor.example>\nTo: team@googlegroups.com\nSubject: Re: demo\nIn-Reply-To: <a@b>\nPrecedence: list\nMailing-list: list team@googlegroups.com\nList-ID: <team.googlegroups.com>\nList-Post: <mailto:team@googlegroups.com>\nList-Unsubscribe: <mailto:x@y>\n\nYes, Thursday works.\n"
            ),
            MessageKind::Human
        );
        assert_eq!(
            kind(
                "From: Calvin <calvin@vendor.example>\nSubject: demo\nPrecedence: bulk\nList-Id: <l.example>\nList-Post: <mailto:l@l.example>\n\nHello all\n"
            ),
            MessageKind::Human
        );
    }

    #[test]
    fn a_recall_notice_is_a_programs_and_words_about_a_recall_are_a_persons() {
        let of = |subject: &str, words: &str| {
            kind(&format!(
                "From: Calvin Reyes <calvin@vendor.example>\nTo: sarah@acme.example\nSubject: {subject}\nIn-Reply-To: <intro@vendor.example>\nContent-Type: text/plain; charset=utf-8\n\n{words}\n"
            ))
        };
        for (subject, words) in [
            (
                "Recall: Demo on Thursday",
                "Reyes, Calvin would like to recall the message, \"Demo on Thursday\".",
            ),
            ("Recall: RE: Demo", "The sender would like to recall the message, \"RE: Demo\"."),
            ("Rückruf: Vorführung", "Calvin Reyes möchte die Nachricht \"Vorführung\" zurückrufen."),
            ("Rappel : Démo de jeudi", "Calvin Reyes souhaite rappeler le message « Démo de jeudi »."),
            ("Recuperar: Demo", "Calvin Reyes desea recuperar el mensaje \"Demo\"."),
            ("[EXTERNAL] Recall: Demo", "Calvin Reyes would like to recall the message, \"Demo\"."),
        ] {
            assert_eq!(of(subject, words), MessageKind::Automated, "{subject}");
        }
        for (subject, words) in [
            (
                "Recall: the election on Thursday",
                "James would like to recall the message that we gave him. Thursday?",
            ),
            ("Recall: Demo", "I recall that you asked for a demo."),
            ("Re: Recall: Demo", "Calvin Reyes would like to recall the message, \"Demo\"."),
            (
                "Demo",
                "I would like to recall the message, \"Demo\", I sent to you. The price was wrong, it is 900.",
            ),
            (
                "Recall: Demo",
                "I would like to recall the message, \"Demo\". The price was wrong, it is 900 a seat.",
            ),
        ] {
            assert_eq!(of(subject, words), MessageKind::Human, "{words}");
        }
    }

    #[test]
    fn a_campaign_is_bulk() {
        assert_eq!(
            kind(
                "From: Acme <news@acme.example>\nSubject: Our news\nList-Unsubscribe: <https://x>\nFeedback-ID: 1:2\n\nBuy\n"
            ),
            MessageKind::Bulk
        );
    }

    #[test]
    fn mail_that_says_so_is_automated() {
        assert_eq!(
            kind(
                "From: Dana <dana@vendor.example>\nSubject: Calvin has not written yet\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n\nhi\n"
            ),
            MessageKind::Automated
        );
        assert_eq!(kind("From: no-reply@shop.example\nSubject: Your order\n\nhi\n"), MessageKind::Automated);
        for sender in ["dse_eu@docusign.net", "docs@email.pandadoc.net", "adobesign@adobesign.com"] {
            let raw = format!(
                "From: Dana Fox via Sign <{sender}>\nSubject: Please sign: Order form\n\nDana Fox sent you a document.\n"
            );
            assert_eq!(kind(&raw), MessageKind::Automated, "{sender}");
        }
        assert_eq!(kind("From: Dana <dana@mydocusign.net>\nSubject: Order form\n\nhi\n"), MessageKind::Human);
    }
}
