//! What kind of mail a message is, and why, in words.
//!
//! Rules in the order in which the first that fits decides (docs/servers.md section 5): bounce, receipt, calendar,
//! reaction, auto-reply, scheduler, bulk, automated, human. Bounces go first, since a third of the real ones call
//! themselves auto-replied; what a program attaches to (a calendar part, a reaction) goes before how it was sent.
//! Each rule is a file of its own and says where it comes from. Kinds are told from the message alone: who
//! its author is to a handoff is decided in `domain`.

pub(crate) mod auto_reply;
pub(crate) mod automated;
pub(crate) mod delivery_report;
pub(crate) mod invitation;
pub(crate) mod reaction;
pub(crate) mod receipt;
pub(crate) mod subject;
pub(crate) mod view;
pub(crate) mod wording;

use crate::domain::message::{CalendarMethod, MessageKind};
use view::MessageView;

/// A kind with its reasons, each a short sentence without full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Classification {
    pub kind: MessageKind,
    pub reasons: Vec<String>,
    /// The emoji of a reaction.
    pub reaction: Option<String>,
}

/// The kind of `view`. `method` is its calendar method as `invitation::read` has it, `scheduler` the name of
/// the scheduling tool whose booking it tells of, where it is one's.
pub(crate) fn kind(
    view: &MessageView<'_, '_>,
    method: Option<CalendarMethod>,
    scheduler: Option<&str>,
) -> Classification {
    let found = |kind, reason: String| Classification { kind, reasons: vec![reason], reaction: None };
    if let Some(reason) = delivery_report::reason(view) {
        return found(MessageKind::Bounce, reason);
    }
    if let Some(reason) = receipt::reason(view) {
        return found(MessageKind::Receipt, reason);
    }
    if let Some(reason) = invitation::reason(method) {
        return found(MessageKind::Calendar, reason);
    }
    if let Some(emoji) = reaction::read(view) {
        let mut verdict = found(MessageKind::Reaction, format!("a reaction to a message: {emoji}"));
        verdict.reaction = Some(emoji);
        return verdict;
    }
    if let Some(reason) = auto_reply::reason(view) {
        return found(MessageKind::AutoReply, reason);
    }
    if let Some(tool) = scheduler {
        return found(MessageKind::Scheduler, format!("{tool} tells of a booking"));
    }
    if let Some(reason) = automated::bulk(view) {
        return found(MessageKind::Bulk, reason);
    }
    if let Some(reason) = automated::automated(view) {
        return found(MessageKind::Automated, reason);
    }
    found(MessageKind::Human, "nothing shows a machine's hand".to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::domain::message::{MessageBody, MessageKind};
    use crate::mail::{ReadOptions, read};

    pub(crate) fn body(raw: &str) -> MessageBody {
        read(raw.as_bytes(), &ReadOptions::default()).1
    }

    pub(crate) fn kind(raw: &str) -> MessageKind {
        body(raw).kind
    }

    #[test]
    fn a_plain_mail_is_human() {
        assert_eq!(kind("From: a@b.example\nSubject: hi\n\nhello\n"), MessageKind::Human);
        assert_eq!(kind(""), MessageKind::Human);
    }
}
