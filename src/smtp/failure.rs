//! What comes in the place of a positive answer.

use super::answer::{AnswerError, SmtpAnswer, one_line};
use super::outcome::{Delivery, is_permanent};

/// Everything but the answer that was wanted.
pub(super) enum CommandFailure {
    Answer { code: u16, permanent: bool, text: String },
    Lost(String),
}

impl From<AnswerError> for CommandFailure {
    fn from(error: AnswerError) -> Self {
        Self::Lost(one_line(&error.to_string()))
    }
}

impl CommandFailure {
    /// An answer where a positive one was wanted. What is neither positive nor negative is a server that is out of step.
    pub(super) fn of_answer(answer: &SmtpAnswer) -> Self {
        let permanent = is_permanent(answer.code, &answer.words());
        match answer.code {
            400..600 => Self::Answer { code: answer.code, permanent, text: answer.text() },
            _ => Self::Lost(format!("it answers {}", answer.text())),
        }
    }

    /// As an outcome of anything before the message itself.
    pub(super) fn into_delivery(self) -> Delivery {
        match self {
            Self::Answer { permanent: true, text, .. } => Delivery::Refused { text, recipients: Vec::new() },
            Self::Answer { text, .. } => Delivery::deferred(text),
            Self::Lost(reason) => Delivery::Unreachable { reason },
        }
    }
}
