//! The feedback that the AE owes after the first meeting. docs/behaviour.md section 9.

use chrono::{DateTime, Duration, Utc};

use super::super::answer::{FeedbackAsked, FeedbackWords};
use super::super::fact::{Fact, FactKind, StatementKind};
use super::super::mails::{FeedbackBrief, MailKind};
use super::super::outcomes::MeetingOutcome;
use super::super::people::Person;
use super::calendars::Calendars;
use super::feedback_answers::FeedbackAnswer;
use super::judgement::{Feedback, FeedbackState, Meeting, MeetingState};
use super::keys::{about_meeting, new_time_key};
use super::own_mails::OwnMails;
use super::participants::Participants;
use super::policy::Policy;
use super::reading_progress::ReadingProgress;
use super::wake::Wake;

/// What is to be said to the AE about an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FeedbackResponse {
    /// `tenure`: whose answer it was.
    Thanks {
        meeting: DateTime<Utc>,
        name: String,
        tenure: usize,
        feedback: FeedbackBrief,
        words: String,
    },
    AskAgain {
        meeting: DateTime<Utc>,
        words: String,
    },
    AskNewTime {
        meeting: DateTime<Utc>,
        words: String,
    },
}

/// The feedback as it stands, and what answers call for.
#[derive(Debug)]
pub(super) struct FeedbackVerdict<'a> {
    pub feedback: Feedback,
    pub responses: Vec<FeedbackResponse>,
    /// Held or no-show has been said: nothing more is owed.
    pub settled_at: Option<DateTime<Utc>>,
    /// `rescheduled` was said and no new time is known: nothing is reminded of.
    pub waits_for_time: bool,
    pub due: DateTime<Utc>,
    /// When the AE was asked for it; before, nothing is due.
    pub asked_at: Option<DateTime<Utc>>,
    /// Who owes it: the AE at the meeting's end, or the one who took over since.
    pub owed_by: Option<&'a Person>,
    meeting_end: DateTime<Utc>,
    allowed: Duration,
}

/// When feedback is due that was asked for at `asked`: counted from the meeting's end, or from the request where that left
/// over an hour late.
fn due(end: DateTime<Utc>, asked: Option<DateTime<Utc>>, allowed: Duration) -> DateTime<Utc> {
    asked.filter(|left| *left > end + Duration::hours(1)).unwrap_or(end) + allowed
}

impl FeedbackVerdict<'_> {
    /// When it is due if a request that has not left by `now` leaves then.
    pub(crate) fn due_if_asked(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        due(self.meeting_end, Some(self.asked_at.unwrap_or(now)), self.allowed)
    }

    /// The verdict by `now`: overdue once its time has passed and everything was read past it.
    pub(crate) fn as_of(
        &self,
        wake: &Wake,
        progress: &ReadingProgress,
        handed_over: Option<DateTime<Utc>>,
        is_open: bool,
    ) -> Feedback {
        let mut feedback = self.feedback.clone();
        let is_late = feedback.state == FeedbackState::Requested
            && self.asked_at.is_some()
            && wake.has_come(self.due)
            && progress.has_read(self.due);
        if is_late {
            feedback.state = FeedbackState::Overdue;
        }
        if feedback.state == FeedbackState::Requested && handed_over.is_none() {
            feedback.state = FeedbackState::NotDue;
        }
        let is_awaited = matches!(feedback.state, FeedbackState::NotDue | FeedbackState::Requested);
        // Behind a closed handoff nobody is asked any more.
        if !is_open && is_awaited && self.asked_at.is_none() {
            feedback.state = FeedbackState::NotOwed;
            feedback.due = None;
        }
        feedback
    }
}

#[derive(Debug)]
pub(super) struct FeedbackInputs<'a> {
    pub policy: &'a Policy,
    pub facts: &'a [Fact],
    pub own: &'a OwnMails,
    pub answers: &'a [FeedbackAnswer],
    pub calendars: &'a Calendars,
    pub meeting: &'a Meeting,
}

impl FeedbackInputs<'_> {
    pub(crate) fn verdict<'p>(&self, participants: &Participants<'p>) -> FeedbackVerdict<'p> {
        let mut collected = CollectedFeedback::default();
        for (at, _, step) in self.steps() {
            match step {
                FeedbackStep::Answer(answer) => {
                    let about = AnsweredMeeting {
                        start: self.meeting.start,
                        was_asked: self.was_asked(answer),
                        is_off: self.calendars.was_cancelled_before(answer.at),
                    };
                    collected.answer(answer, &about);
                }
                FeedbackStep::Correction(said) => collected.correct(at, &said),
            }
        }
        let owed_by = match self.meeting.state {
            MeetingState::Over => participants.ae_person_at(self.meeting.end),
            _ => participants.ae_person(),
        };
        self.conclude(collected, owed_by)
    }

    /// Answers and corrections in the order of their time.
    fn steps(&self) -> Vec<(DateTime<Utc>, &str, FeedbackStep<'_>)> {
        let mut steps: Vec<(DateTime<Utc>, &str, FeedbackStep)> = self
            .answers
            .iter()
            .map(|answer| (answer.at, answer.name.as_str(), FeedbackStep::Answer(answer)))
            .collect();
        for fact in self.facts {
            if let FactKind::Said(statement) = &fact.what
                && let StatementKind::Feedback { outcome, score, wrong } = &statement.says
            {
                let (outcome, score, wrong) = (*outcome, *score, wrong.clone());
                let said = FeedbackWords { outcome, score, wrong, ..FeedbackWords::default() };
                steps.push((fact.at, statement.id.as_str(), FeedbackStep::Correction(said)));
            }
        }
        steps.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        steps.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
        steps
    }

    fn asked_at(&self) -> Option<DateTime<Utc>> {
        self.own.left(MailKind::FeedbackRequest, &about_meeting(self.meeting.start))
    }

    fn allowed(&self) -> Duration {
        Duration::seconds(i64::from(self.policy.feedback_due))
    }

    fn due(&self) -> DateTime<Utc> {
        due(self.meeting.end, self.asked_at(), self.allowed())
    }

    /// The question for a new time has left in answer to this one, about what was the meeting then: a time that
    /// became known since does not bring thanks beside it.
    fn was_asked(&self, answer: &FeedbackAnswer) -> bool {
        let current = self.calendars.start_before(answer.at);
        let asked_about = answer.meeting.or(current);
        asked_about == current
            && asked_about.is_some_and(|start| {
                self.own.left(MailKind::FeedbackQuestion, &new_time_key(start)).is_some()
            })
    }

    fn conclude<'p>(&self, collected: CollectedFeedback, owed_by: Option<&'p Person>) -> FeedbackVerdict<'p> {
        let is_over = self.meeting.state == MeetingState::Over;
        // A new time after the answer starts over; `held` and `no-show` have settled it.
        let moved_since = collected.at.is_some_and(|at| {
            self.calendars.changes().any(|revision| revision.since >= at && !revision.cancelled)
        });
        let waits = collected.settled.is_none()
            && collected.words.outcome == Some(MeetingOutcome::Rescheduled)
            && !moved_since
            && collected.meeting.is_none_or(|meeting| meeting == self.meeting.start);
        let is_cancelled = self.meeting.state == MeetingState::Cancelled;
        let is_received = collected.settled.is_some() || (waits && !is_cancelled);
        let state = if is_received {
            FeedbackState::Received
        } else if is_cancelled {
            FeedbackState::NotOwed
        } else if is_over {
            FeedbackState::Requested
        } else {
            FeedbackState::NotDue
        };
        let is_partial = !moved_since && !is_cancelled && collected.words.outcome.is_none();
        let keeps = is_received || is_partial;
        let words = if keeps { collected.words } else { FeedbackWords::default() };
        let is_due = is_over || is_received;
        FeedbackVerdict {
            feedback: Feedback {
                state,
                outcome: words.outcome,
                score: words.score,
                wrong: words.wrong,
                at: if is_received { collected.at } else { None },
                due: is_due.then(|| self.due()),
            },
            responses: collected.responses,
            settled_at: collected.settled,
            waits_for_time: waits,
            due: self.due(),
            asked_at: self.asked_at(),
            owed_by,
            meeting_end: self.meeting.end,
            allowed: self.allowed(),
        }
    }
}

#[derive(Debug)]
enum FeedbackStep<'a> {
    Answer(&'a FeedbackAnswer),
    Correction(FeedbackWords),
}

#[derive(Default)]
struct CollectedFeedback {
    words: FeedbackWords,
    /// When it was last added to.
    at: Option<DateTime<Utc>>,
    settled: Option<DateTime<Utc>>,
    /// Meeting that the last answer was about.
    meeting: Option<DateTime<Utc>>,
    responses: Vec<FeedbackResponse>,
}

/// What is known of the meeting when an answer is read.
#[derive(Debug)]
struct AnsweredMeeting {
    start: DateTime<Utc>,
    /// The question for a new time has left in answer to this answer.
    was_asked: bool,
    /// It had been called off when the answer was written.
    is_off: bool,
}

impl CollectedFeedback {
    fn answer(&mut self, answer: &FeedbackAnswer, about: &AnsweredMeeting) {
        let AnsweredMeeting { start: current, was_asked, is_off } = *about;
        let meeting = answer.meeting.unwrap_or(current);
        let read = &answer.read;
        let takes_back = read.nothing_wrong && self.words.wrong.is_some();
        if read.is_empty() && !takes_back {
            // That there is no new time yet is an answer to the question for one; of a meeting that was called off there
            // is nothing to ask.
            if self.settled.is_none() && answer.asked != FeedbackAsked::NewTime && !is_off {
                self.ask_once(FeedbackResponse::AskAgain { meeting, words: answer.words.clone() });
            }
            return;
        }
        self.meeting = Some(meeting);
        self.take(answer.at, read);
        let waits = self.settled.is_none()
            && self.words.outcome == Some(MeetingOutcome::Rescheduled)
            && read.new_start.is_none()
            && (meeting == current || was_asked);
        if waits {
            self.ask_once(FeedbackResponse::AskNewTime { meeting, words: answer.words.clone() });
            return;
        }
        let feedback = FeedbackBrief {
            outcome: self.words.outcome,
            score: self.words.score,
            wrong: self.words.wrong.clone(),
            new_start: read.new_start,
        };
        self.responses.push(FeedbackResponse::Thanks {
            meeting,
            name: answer.name.clone(),
            tenure: answer.tenure,
            feedback,
            words: answer.words.clone(),
        });
    }

    /// Each question is put once for each meeting.
    fn ask_once(&mut self, question: FeedbackResponse) {
        let is_asked = self.responses.iter().any(|asked| match (asked, &question) {
            (
                FeedbackResponse::AskAgain { meeting: asked, .. },
                FeedbackResponse::AskAgain { meeting, .. },
            )
            | (
                FeedbackResponse::AskNewTime { meeting: asked, .. },
                FeedbackResponse::AskNewTime { meeting, .. },
            ) => asked == meeting,
            _ => false,
        });
        if !is_asked {
            self.responses.push(question);
        }
    }

    /// What a person corrects is so, also where it takes back that the meeting has been.
    fn correct(&mut self, at: DateTime<Utc>, said: &FeedbackWords) {
        if said.outcome == Some(MeetingOutcome::Rescheduled) {
            self.settled = None;
        }
        self.take(at, said);
    }

    fn take(&mut self, at: DateTime<Utc>, read: &FeedbackWords) {
        if let Some(outcome) = read.outcome {
            // Once held or no-show is said, the meeting has been: a later `rescheduled` is about another.
            if self.settled.is_none() || outcome != MeetingOutcome::Rescheduled {
                // The score was for what is corrected now.
                if self.words.outcome.is_some_and(|before| before != outcome) {
                    self.words.score = None;
                }
                self.words.outcome = Some(outcome);
            }
            if matches!(outcome, MeetingOutcome::Held | MeetingOutcome::NoShow) {
                self.settled.get_or_insert(at);
            }
        } else if read.new_start.is_some() && self.settled.is_none() {
            self.words.outcome = Some(MeetingOutcome::Rescheduled);
        }
        if read.score.is_some() {
            self.words.score = read.score;
            // A score is given to a meeting that has been.
            if self.words.outcome.is_none() {
                self.settled.get_or_insert(at);
            }
        }
        if read.wrong.is_some() || read.nothing_wrong {
            self.words.wrong.clone_from(&read.wrong);
        }
        self.at = if self.settled.is_some() { self.settled } else { Some(at) };
    }
}
