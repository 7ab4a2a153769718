//! What kind of mail a message is, and why, in words.
//!
//! Each rule is a file of its own, says where it comes from, and hands in signs; `evidence` weighs them all at once, by
//! the precedence of kinds (docs/servers.md section 5) and by what is known of the author (docs/behaviour.md section
//! 5, "A machine or a person"). Kinds are told from the message alone: who its author is to a handoff is decided in
//! `domain`, which is given the kind for either case.

pub(crate) mod auto_reply;
pub(crate) mod automated;
pub(crate) mod delivery_report;
pub(crate) mod evidence;
pub(crate) mod invitation;
pub(crate) mod reaction;
pub(crate) mod receipt;
pub(crate) mod subject;
pub(crate) mod view;
pub(crate) mod wording;

use crate::domain::message::{CalendarMethod, MessageKind};
use evidence::{AuthorStanding, Family, KindEvidence, Strength};
use view::MessageView;

/// A kind with its reasons, each a short sentence without full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Classification {
    /// Where nothing is known of the author.
    pub kind: MessageKind,
    /// Where the author is configured, or a prospect contact who answers.
    pub kind_of_known: MessageKind,
    pub reasons: Vec<String>,
    /// The emoji of a reaction.
    pub reaction: Option<String>,
}

/// The scheduling tool whose booking a message tells of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToolBehind<'a> {
    pub name: &'a str,
    /// The tool sent it; otherwise it only holds the tool's links.
    pub is_sender: bool,
}

/// The kind of `view`, with everything that speaks for it and against. `method` is its calendar method as
/// `invitation::read` has it.
pub(crate) fn kind(
    view: &MessageView<'_, '_>,
    method: Option<CalendarMethod>,
    scheduler: Option<ToolBehind<'_>>,
) -> Classification {
    let (mut evidence, reaction) = by_structure(view, method);
    add_tool(scheduler, &mut evidence);
    automated::gather(view, &mut evidence);
    let says = auto_reply::gather_marks(view, &mut evidence);
    auto_reply::gather_words(view, says, &mut evidence);
    let (kind, kind_of_known) =
        (evidence.kind(AuthorStanding::Unknown), evidence.kind(AuthorStanding::Known));
    Classification { kind, kind_of_known, reasons: evidence.reasons(kind), reaction }
}

/// The kind of `view` where nothing is known of the author, without reasons: once a sign proves a kind, none is looked
/// for that could only prove one of less precedence.
pub(crate) fn kind_alone(
    view: &MessageView<'_, '_>,
    method: Option<CalendarMethod>,
    scheduler: Option<ToolBehind<'_>>,
) -> MessageKind {
    let (mut evidence, _) = by_structure(view, method);
    if !evidence.is_proved() {
        let says = auto_reply::gather_marks(view, &mut evidence);
        if !evidence.is_proved() {
            add_tool(scheduler, &mut evidence);
            automated::gather(view, &mut evidence);
            auto_reply::gather_words(view, says, &mut evidence);
        }
    }
    evidence.kind(AuthorStanding::Unknown)
}

/// What parts and types of parts say, and the emoji of a reaction.
fn by_structure(
    view: &MessageView<'_, '_>,
    method: Option<CalendarMethod>,
) -> (KindEvidence, Option<String>) {
    let mut evidence = KindEvidence::default();
    if let Some((strength, reason)) = delivery_report::reason(view) {
        evidence.add(MessageKind::Bounce, Family::Structure, strength, reason);
    }
    if let Some(reason) = receipt::reason(view) {
        evidence.add(MessageKind::Receipt, Family::Structure, Strength::Proof, reason);
    }
    if let Some(reason) = invitation::reason(method) {
        evidence.add(MessageKind::Calendar, Family::Structure, Strength::Proof, reason);
    } else if invitation::is_encapsulated(view) {
        let reason = "a meeting message in Exchange's own form (TNEF)".to_owned();
        evidence.add(MessageKind::Calendar, Family::Structure, Strength::Proof, reason);
    }
    let mut reaction = None;
    if !evidence.is_proved() {
        reaction = reaction::read(view);
        if let Some(emoji) = &reaction {
            let reason = format!("a reaction to a message: {emoji}");
            evidence.add(MessageKind::Reaction, Family::Structure, Strength::Proof, reason);
        }
    }
    (evidence, reaction)
}

fn add_tool(tool: Option<ToolBehind<'_>>, evidence: &mut KindEvidence) {
    if let Some(tool) = tool {
        let strength = if tool.is_sender { Strength::Proof } else { Strength::Strong };
        let reason = format!("{} tells of a booking", tool.name);
        evidence.add(MessageKind::Scheduler, Family::Structure, strength, reason);
    }
}

#[cfg(test)]
mod signs_tests;

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
