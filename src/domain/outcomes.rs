//! How a first touch was made and what became of a meeting: the two short lists that facts, mails and verdicts
//! have in common.

/// How the first touch was made. docs/behaviour.md section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TouchKind {
    Reply,
    NewThread,
    Invite,
    Scheduled,
    Video,
    Stated,
}

impl TouchKind {
    pub(crate) const ALL: [TouchKind; 6] = [
        TouchKind::Reply,
        TouchKind::NewThread,
        TouchKind::Invite,
        TouchKind::Scheduled,
        TouchKind::Video,
        TouchKind::Stated,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            TouchKind::Reply => "reply",
            TouchKind::NewThread => "new-thread",
            TouchKind::Invite => "invite",
            TouchKind::Scheduled => "scheduled",
            TouchKind::Video => "video",
            TouchKind::Stated => "stated",
        }
    }
}

/// What became of a meeting. docs/behaviour.md section 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MeetingOutcome {
    Held,
    Rescheduled,
    NoShow,
}

impl MeetingOutcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            MeetingOutcome::Held => "held",
            MeetingOutcome::Rescheduled => "rescheduled",
            MeetingOutcome::NoShow => "no-show",
        }
    }
}
