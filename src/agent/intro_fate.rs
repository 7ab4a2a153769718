//! What became of a handoff's last intro, as far as is known: for whoever is shown the handoff.

use crate::domain::fact::{DROPPED_BY_HAND, HELD_BACK, LET_BE};
use crate::domain::mails::MailKind;
use crate::store::{OutboxRow, OutboxState};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntroFate {
    Left,
    /// It waits, or is being sent.
    Waiting,
    /// Nobody can tell yet whether it has left.
    Unknown,
    /// A person took it out of the outbox before it left.
    Dropped,
    /// A person gave it up while nobody could tell whether it had left.
    LetBe,
    /// Baton held it back, since it would not be true or not as shown.
    HeldBack,
    /// No server takes it.
    Refused,
}

impl IntroFate {
    /// Of the last intro among a handoff's mails.
    pub(crate) fn of(mails: &[OutboxRow]) -> Self {
        let intros = mails.iter().filter(|row| row.key.kind == MailKind::Intro);
        let Some(last) = intros.max_by_key(|row| row.seq) else { return Self::Waiting };
        let all_say = |fits: &dyn Fn(&str) -> bool| {
            !last.refused.is_empty() && last.refused.iter().all(|(_, said)| fits(said))
        };
        let is_for = |why: &str| all_say(&|said| said == why);
        match last.state {
            OutboxState::Sent => Self::Left,
            OutboxState::Uncertain => Self::Unknown,
            OutboxState::Failed if is_for(DROPPED_BY_HAND) => Self::Dropped,
            OutboxState::Failed if is_for(LET_BE) => Self::LetBe,
            OutboxState::Failed if all_say(&|said| said.starts_with(HELD_BACK)) => Self::HeldBack,
            OutboxState::Failed => Self::Refused,
            OutboxState::Queued | OutboxState::Sending | OutboxState::Cancelled => Self::Waiting,
        }
    }

    /// Whether nobody can tell if it has left.
    pub(crate) fn is_in_doubt(self) -> bool {
        matches!(self, Self::Unknown | Self::LetBe)
    }

    /// Of an intro that is not known to have left: what a person reads.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Left | Self::Waiting => "not sent yet",
            Self::Unknown => "nobody can tell yet whether it has left",
            Self::Dropped => "taken out of the outbox by hand; it did not leave",
            Self::LetBe => "given up by hand; nobody can tell whether it had left",
            Self::HeldBack => "held back by baton; it did not leave",
            Self::Refused => "refused by the mail server",
        }
    }
}
