//! Whether a message is a program's, or one of many: notifications, reports, newsletters.
//!
//! Comes last and errs towards people: a list does not make a machine of its author, nor does an unsubscribe link in
//! an answer. What is left is human.

use super::view::{MessageView, ReturnPath};
use crate::language::{Role, matcher};

/// The author's address is one that nobody reads.
pub(crate) fn from_nobody(view: &MessageView<'_, '_>) -> bool {
    let local = view.sender_local();
    let (before, after) = (['-', '+', '.', '_'], ['-', '+', '.', '_', '@']);
    let names = matcher(Role::UnreadAddresses);
    names.all_at_start(local).any(|end| {
        let rest = local.get(end..).unwrap_or_default();
        rest.is_empty() || rest.starts_with(after)
    }) || names.spans(local).into_iter().any(|found| {
        found.end == local.len() && local.get(..found.start).is_some_and(|rest| rest.ends_with(before))
    })
}

/// The author's address is one that programs, and campaigns, write from.
fn from_campaign(view: &MessageView<'_, '_>) -> bool {
    matcher(Role::CampaignAddresses).is_whole(view.sender_local())
}

/// A program that notifies of something, by its own fields or its address.
pub(crate) fn notifies(view: &MessageView<'_, '_>) -> bool {
    view.marks.notifier.is_some() || from_nobody(view)
}

/// One mail to many.
pub(crate) fn bulk(view: &MessageView<'_, '_>) -> Option<String> {
    let marks = &view.marks;
    if !view.headers.in_reply_to.is_empty() || marks.notifier.is_some() {
        return None;
    }
    let precedence = marks.precedence.as_deref().is_some_and(|value| value == "bulk" || value == "junk");
    let office = from_campaign(view) || from_nobody(view);
    if let Some(campaign) = &marks.campaign
        && (marks.list_unsubscribe || precedence || office)
        && !marks.list_post
    {
        return Some(format!("{campaign} and a way to unsubscribe: a campaign"));
    }
    if marks.list_unsubscribe
        && !marks.list_post
        && !view.is_answer()
        && (office || precedence || !marks.list_id)
    {
        return Some("List-Unsubscribe without a list that takes answers".to_owned());
    }
    (precedence && (office || marks.list_id && !marks.list_post && from_campaign(view)))
        .then(|| "Precedence of bulk mail from an office's address".to_owned())
}

/// A program's own mail.
pub(crate) fn automated(view: &MessageView<'_, '_>) -> Option<String> {
    let marks = &view.marks;
    if let Some(value) = marks.auto_submitted.as_deref().filter(|value| !value.starts_with("no")) {
        return Some(format!("Auto-Submitted: {}", value.chars().take(60).collect::<String>()));
    }
    if view.media_type == "multipart/report" && !view.report_type.is_empty() {
        return Some(format!(
            "a multipart/report of type {}",
            view.report_type.chars().take(40).collect::<String>()
        ));
    }
    if let Some(field) = &marks.notifier {
        return Some(format!("{field}: a program notifies"));
    }
    if from_nobody(view) {
        return Some("the sender's address takes no answers".to_owned());
    }
    (marks.return_path == ReturnPath::Null).then(|| "an empty return path".to_owned())
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
    }
}
