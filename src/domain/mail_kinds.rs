//! The kinds of mail that baton writes: one row for each, with everything that holds for all mail of the kind.
//! docs/behaviour.md section 12.
//!
//! A row has to fill every column. What else a kind needs, the compiler asks for: a variant of
//! [`super::mails::MailBrief`] of the same name, its view in `templates::view`, and the two templates named after
//! it. `domain::judge` decides when one is wanted; its tests compare what is wanted with the columns `from`, `to`,
//! `cc` and `leaves`, which that code states once more with the people of the handoff.
//!
//! The table is a macro that is given the name of another, so that each reader takes the columns it needs: types
//! and properties here, briefs in `mails`, the files of the templates in `templates`.

/// Hands every row to the macro `$reader`.
///
/// | column | meaning |
/// | --- | --- |
/// | first line | variant, name (stored, and the templates' file name), what `show` calls it |
/// | `from` | [`Voice`]; what comes from the SDR comes from the agent where the SDR is its only reader |
/// | `to`, `cc` | who gets it; a manager who is the AE is replaced by the operator |
/// | `scope` | [`ScopeKind`] |
/// | `audience` | [`Audience`] |
/// | `leaves` | `AtOnce`, or `InWorkingHours` of its reader (for feedback, of the AE) |
/// | `rate` | [`RateLimit`] |
/// | `after_close` | [`AfterClose`] |
/// | `answer` | [`AnswerMeaning`] |
macro_rules! mail_kinds {
    ($reader:ident) => {
        $reader! {
            {
                Intro "intro" "the intro"
                from: Sdr, to: [Prospects], cc: [Ae], scope: Handoff, audience: Public,
                leaves: AtOnce, rate: Exempt, after_close: Stops, answer: Correspondence,
            }
            {
                Record "record" "the handoff record"
                from: Agent, to: [Ae], cc: [Sdr], scope: Handoff, audience: Record,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Acceptance,
            }
            {
                Reminder "reminder" "a reminder of the first touch"
                from: Agent, to: [Ae], cc: [], scope: Handoff, audience: Record,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Acceptance,
            }
            {
                Escalation "escalation" "no first touch was seen in time"
                from: Sdr, to: [Manager], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Exempt, after_close: Stops, answer: Statement,
            }
            {
                LateTouch "late-touch" "the first touch came late"
                from: Sdr, to: [Manager], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                Withdrawal "withdrawal" "the flag is taken back"
                from: Sdr, to: [Manager], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Exempt, after_close: MayLeave, answer: Statement,
            }
            {
                NotReceived "not-received" "the prospect did not get the reply"
                from: Agent, to: [Ae], cc: [Sdr], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                Away "away" "the AE is away"
                from: Agent, to: [Sdr], cc: [Manager], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                IntroBounced "intro-bounced" "the intro bounced"
                from: Agent, to: [Sdr], cc: [Ae], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                TouchBounced "touch-bounced" "the touch bounced"
                from: Agent, to: [Ae], cc: [Sdr], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                Suspicious "suspicious" "a sender may be forged"
                from: Agent, to: [Sdr, Operator], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                WhoIsThis "who-is-this" "whose address is that?"
                from: Agent, to: [Sdr], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Identity,
            }
            {
                Stated "stated" "what was said is noted"
                from: Agent, to: [Sdr], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                Refused "refused" "the handoff was refused"
                from: Agent, to: [Sdr], cc: [Manager], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                Lingering "lingering" "the SDR is still in Cc"
                from: Agent, to: [Ae], cc: [Sdr], scope: Handoff, audience: Internal,
                leaves: InWorkingHours, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                Chatter "chatter" "internal talk reached the prospect"
                from: Agent, to: [Author], cc: [], scope: Handoff, audience: Internal,
                leaves: InWorkingHours, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                RecordLeaked "record-leaked" "the record may have got out"
                from: Agent, to: [Ae, Sdr], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                MeetingDeclined "meeting-declined" "the meeting was declined"
                from: Agent, to: [Sdr], cc: [Ae], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                CannotSee "cannot-see" "a mailbox cannot be read"
                from: Agent, to: [Sdr, Operator], cc: [], scope: Global, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: MayLeave, answer: Nothing,
            }
            {
                CanSee "can-see" "the mailbox can be read again"
                from: Agent, to: [Operator], cc: [], scope: Global, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: MayLeave, answer: Nothing,
            }
            {
                FeedbackRequest "feedback-request" "the question for feedback"
                from: Agent, to: [Ae], cc: [], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Feedback,
            }
            {
                FeedbackQuestion "feedback-question" "a question about the feedback"
                from: Agent, to: [Ae], cc: [Sdr], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: Stops, answer: Feedback,
            }
            {
                FeedbackThanks "feedback-thanks" "thanks for the feedback"
                from: Agent, to: [Ae], cc: [Sdr], scope: Handoff, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: MayLeave, answer: Feedback,
            }
            {
                FeedbackReminder "feedback-reminder" "a reminder of the feedback"
                from: Agent, to: [Ae], cc: [], scope: Handoff, audience: Internal,
                leaves: InWorkingHours, rate: Counted, after_close: Stops, answer: Feedback,
            }
            {
                FeedbackOverdue "feedback-overdue" "feedback is missing"
                from: Agent, to: [Manager], cc: [], scope: Handoff, audience: Internal,
                leaves: InWorkingHours, rate: Counted, after_close: Stops, answer: Statement,
            }
            {
                Digest "digest" "what waits, in one mail"
                from: Agent, to: [Manager], cc: [], scope: Global, audience: Internal,
                leaves: InWorkingHours, rate: Counted, after_close: MayLeave, answer: Nothing,
            }
            {
                TimeCheck "time-check" "what time is it?"
                from: Agent, to: [Agent], cc: [], scope: Global, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: MayLeave, answer: Nothing,
            }
            {
                RecordForm "record-form" "the empty handoff record"
                from: Agent, to: [Sdr], cc: [], scope: Letter, audience: Record,
                leaves: AtOnce, rate: Own, after_close: MayLeave, answer: Letter,
            }
            {
                RecordFaults "record-faults" "what to fix in the handoff record"
                from: Agent, to: [Sdr], cc: [], scope: Letter, audience: Record,
                leaves: AtOnce, rate: Own, after_close: MayLeave, answer: Letter,
            }
            {
                RecordReady "record-ready" "the intro as it would leave"
                from: Agent, to: [Sdr], cc: [], scope: Letter, audience: Record,
                leaves: AtOnce, rate: Own, after_close: MayLeave, answer: Letter,
            }
            {
                SendFailed "send-failed" "the intro could not be sent"
                from: Agent, to: [Sdr], cc: [], scope: Letter, audience: Record,
                leaves: AtOnce, rate: Own, after_close: MayLeave, answer: Letter,
            }
            {
                Done "done" "what was asked for is done"
                from: Agent, to: [Author], cc: [Sdr], scope: Letter, audience: Internal,
                leaves: AtOnce, rate: Own, after_close: MayLeave, answer: Letter,
            }
            {
                Overview "overview" "the open handoffs"
                from: Agent, to: [Author], cc: [], scope: Letter, audience: Internal,
                leaves: AtOnce, rate: Own, after_close: MayLeave, answer: Letter,
            }
            {
                Help "help" "what can be written to baton"
                from: Agent, to: [Author], cc: [], scope: Letter, audience: Internal,
                leaves: AtOnce, rate: Own, after_close: MayLeave, answer: Letter,
            }
            {
                Trouble "trouble" "something has to be mended"
                from: Agent, to: [Operator], cc: [], scope: Global, audience: Internal,
                leaves: AtOnce, rate: Counted, after_close: MayLeave, answer: Nothing,
            }
        }
    };
}
pub(crate) use mail_kinds;

/// Whose address and account a mail leaves from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Voice {
    Sdr,
    Agent,
}

/// What a mail is about, as far as all of its kind agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ScopeKind {
    /// One handoff.
    Handoff,
    /// No single handoff.
    Global,
    /// A letter that a person wrote to baton, which it answers. docs/behaviour.md sections 13 and 14.
    Letter,
}

/// Whom a mail may reach; checked once more where mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Prospect contacts of the record's `To` line and people in the configuration. It reads as a person's mail.
    Public,
    /// People in the configuration and the operator.
    Internal,
    /// People in the configuration alone: it carries a record.
    Record,
}

/// Whether too many mails to a person or about a handoff keep a mail waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RateLimit {
    Counted,
    /// It leaves whatever the number.
    Exempt,
    /// It has a limit of its own, which is checked when the mail is made: answers to letters.
    Own,
}

/// Whether a mail may still leave when its handoff is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AfterClose {
    /// Also mail that belongs to no handoff.
    MayLeave,
    Stops,
}

/// What a person's answer to a mail is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AnswerMeaning {
    /// It belongs to the thread with the prospect, and the rows judge it.
    Correspondence,
    /// Refusals and `done`.
    Statement,
    /// The acceptance of the record, refusals and `done`.
    Acceptance,
    /// What came of the meeting.
    Feedback,
    /// Whether an address is the AE's, refusals and `done`.
    Identity,
    /// A yes, a record, a correction of one. docs/behaviour.md section 13.
    Letter,
    Nothing,
}

/// The columns that all mail of a kind is treated by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MailKindProperties {
    pub name: &'static str,
    /// What the mail says or asks, in a few words.
    pub title: &'static str,
    pub from: Voice,
    pub scope: ScopeKind,
    pub audience: Audience,
    pub rate: RateLimit,
    pub after_close: AfterClose,
    pub answer: AnswerMeaning,
}

macro_rules! define_mail_kinds {
    ($({
        $kind:ident $name:literal $title:literal
        from: $from:ident, to: [$($to:ident),*], cc: [$($cc:ident),*], scope: $scope:ident, audience: $audience:ident,
        leaves: $leaves:ident, rate: $rate:ident, after_close: $after_close:ident, answer: $answer:ident,
    })+) => {
        /// Every kind of mail, in the order of section 12's table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum MailKind {
            $($kind,)+
        }

        impl MailKind {
            pub(crate) const ALL: [MailKind; [$($name),+].len()] = [$(MailKind::$kind,)+];

            /// The kind's row.
            pub(crate) const fn properties(self) -> &'static MailKindProperties {
                match self {
                    $(MailKind::$kind => &MailKindProperties {
                        name: $name,
                        title: $title,
                        from: Voice::$from,
                        scope: ScopeKind::$scope,
                        audience: Audience::$audience,
                        rate: RateLimit::$rate,
                        after_close: AfterClose::$after_close,
                        answer: AnswerMeaning::$answer,
                    },)+
                }
            }
        }
    };
}

mail_kinds!(define_mail_kinds);

impl MailKind {
    pub fn name(self) -> &'static str {
        self.properties().name
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn audience(self) -> Audience {
        self.properties().audience
    }

    /// Whether a person's answer to it is read for that.
    pub(crate) fn is_answered_by(self, meaning: AnswerMeaning) -> bool {
        self.properties().answer == meaning
    }

    /// Whether a handoff record is part of it.
    pub(crate) fn carries_record(self) -> bool {
        self.audience() == Audience::Record
    }

    /// Whether it says of itself that a program wrote it.
    pub(crate) fn is_automatic(self) -> bool {
        self.audience() != Audience::Public
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_is_found_again_by_its_name() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::from_name(kind.name()), Some(kind));
        }
        let names: BTreeSet<&str> = MailKind::ALL.into_iter().map(MailKind::name).collect();
        assert_eq!(names.len(), MailKind::ALL.len());
    }

    #[test]
    fn the_intro_alone_is_public_and_what_carries_a_record_may_be_accepted() {
        for kind in MailKind::ALL {
            assert_eq!(kind.audience() == Audience::Public, kind == MailKind::Intro, "{}", kind.name());
            let accepted = kind.properties().answer == AnswerMeaning::Acceptance;
            let is_about_handoff = kind.properties().scope == ScopeKind::Handoff;
            assert_eq!(accepted, kind.carries_record() && is_about_handoff, "{}", kind.name());
        }
    }
}
