//! The feedback that the AE owes after the first meeting. behaviour.md section 9.

use chrono::{DateTime, Duration, Utc};

use super::super::answer::{self, FeedbackWords};
use super::super::fact::{Fact, FactKind, MeetingOutcome, StatementKind};
use super::super::mail_kinds::AnswerMeaning;
use super::super::mails::{FeedbackBrief, MailKind};
use super::super::message::MessageId;
use super::super::people::WorkingTime;
use super::acceptance::is_answer;
use super::directory::Tenures;
use super::meeting::{Calendars, NewTime};
use super::seen_messages::{Correspondence, OwnMails, SeenMessage};
use super::{Feedback, FeedbackState, Meeting, MeetingState, Policy};

/// One answer to a feedback request, as it was understood.
#[derive(Clone, Debug)]
pub(super) struct FeedbackAnswer {
    pub at: DateTime<Utc>,
    pub name: String,
    pub message_id: Option<MessageId>,
    pub read: FeedbackWords,
    pub words: String,
    /// Start of the meeting that it was asked about.
    pub meeting: Option<DateTime<Utc>>,
    /// Who gave it was the AE at its time, not one who only owed the feedback.
    pub by_current: bool,
}

/// Key of the mails about a meeting's feedback.
pub(super) fn about(start: DateTime<Utc>) -> String {
    format!("meeting {}", start.format("%Y-%m-%dT%H:%M:%SZ"))
}

/// Key of the question for the new time of a meeting that was rescheduled.
pub(super) fn new_time_key(start: DateTime<Utc>) -> String {
    format!("{} new-time", about(start))
}

/// Inverse of `about`, also for the keys of questions and thanks that begin with it.
fn meeting_of(key: &str) -> Option<DateTime<Utc>> {
    let stamp = key.strip_prefix("meeting ")?.split_whitespace().next()?;
    DateTime::parse_from_rfc3339(stamp).ok().map(|at| at.with_timezone(&Utc))
}

/// All answers to feedback mails by the side that owes them, in the order of their time: the AE at the
/// meeting's end, also where another took over since.
pub(super) fn answers(
    mail: &Correspondence,
    tenures: &Tenures,
    by_ae_of: &dyn Fn(&SeenMessage, usize) -> bool,
    working: &dyn Fn(usize) -> Option<WorkingTime>,
) -> Vec<FeedbackAnswer> {
    mail.seen
        .iter()
        .filter(|seen| is_answer(mail, seen))
        .filter_map(|seen| {
            let key = seen.answers.iter().find(|key| key.kind.is_answered_by(AnswerMeaning::Feedback))?;
            let meeting = meeting_of(&key.about);
            let asked = meeting.and_then(|start| mail.own.left(MailKind::FeedbackRequest, &about(start)));
            let owes = asked.map_or(seen.tenure, |asked| tenures.at(asked).min(seen.tenure));
            let by_current = by_ae_of(seen, seen.tenure);
            if !by_current && !by_ae_of(seen, owes) {
                return None;
            }
            let working = working(seen.tenure)?;
            let quoted = seen.body().map_or("", |body| body.quoted_text.as_str());
            let read = answer::feedback(seen.words(), quoted, seen.at, working.zone.as_ref());
            if read.is_empty() && answer::is_forward(&seen.headers().subject) {
                // Passed on, not answered.
                return None;
            }
            Some(FeedbackAnswer {
                at: seen.at,
                name: seen.name(),
                message_id: seen.headers().id.clone(),
                words: seen.words().trim().to_owned(),
                meeting,
                by_current,
                read,
            })
        })
        .collect()
}

/// New times that answers gave.
pub(super) fn new_times(answers: &[FeedbackAnswer]) -> Vec<NewTime> {
    answers
        .iter()
        .filter(|answer| !matches!(answer.read.outcome, Some(MeetingOutcome::Held | MeetingOutcome::NoShow)))
        .filter_map(|answer| answer.read.new_start.map(|start| NewTime { at: answer.at, start }))
        .collect()
}

/// What is to be said to the AE about an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FeedbackResponse {
    Thanks { meeting: DateTime<Utc>, name: String, feedback: FeedbackBrief, words: String, at: DateTime<Utc> },
    AskAgain { meeting: DateTime<Utc>, words: String, at: DateTime<Utc> },
    AskNewTime { meeting: DateTime<Utc>, words: String, at: DateTime<Utc> },
}

/// The feedback as it stands, and what answers call for.
pub(super) struct FeedbackVerdict {
    pub feedback: Feedback,
    pub echoes: Vec<FeedbackResponse>,
    /// Held or no-show has been said: nothing more is owed.
    pub settled_at: Option<DateTime<Utc>>,
    /// `rescheduled` was said and no new time is known: nothing is reminded of.
    pub waits_for_time: bool,
}

pub(super) struct FeedbackInputs<'a> {
    pub policy: &'a Policy,
    pub facts: &'a [Fact],
    pub own: &'a OwnMails,
    pub answers: &'a [FeedbackAnswer],
    pub calendars: &'a Calendars,
    pub meeting: &'a Meeting,
}

impl FeedbackInputs<'_> {
    /// 24 h after the meeting's end, or after the request where that left over an hour late.
    pub(crate) fn due(&self) -> DateTime<Utc> {
        let end = self.meeting.end;
        let left = self.own.left(MailKind::FeedbackRequest, &about(self.meeting.start));
        let from = left.filter(|left| *left > end + Duration::hours(1)).unwrap_or(end);
        from + Duration::seconds(i64::from(self.policy.feedback_due))
    }

    pub(crate) fn verdict(&self) -> FeedbackVerdict {
        let mut folded = CollectedFeedback::default();
        let mut acts: Vec<(DateTime<Utc>, &str, FeedbackStep)> = self
            .answers
            .iter()
            .map(|answer| (answer.at, answer.name.as_str(), FeedbackStep::Answer(answer)))
            .collect();
        for fact in self.facts {
            if let FactKind::Said(statement) = &fact.what
                && let StatementKind::Feedback { outcome, score, wrong } = &statement.says
            {
                let said =
                    FeedbackWords { outcome: *outcome, score: *score, wrong: wrong.clone(), new_start: None };
                acts.push((fact.at, statement.id.as_str(), FeedbackStep::Correction(said)));
            }
        }
        acts.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        acts.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
        for (at, _, act) in &acts {
            match act {
                FeedbackStep::Answer(answer) => {
                    folded.answer(answer, self.meeting.start, self.was_asked(answer))
                }
                FeedbackStep::Correction(said) => folded.take(*at, said),
            }
        }
        self.conclude(folded)
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

    fn conclude(&self, folded: CollectedFeedback) -> FeedbackVerdict {
        let is_over = self.meeting.state == MeetingState::Over;
        // A new time after the answer starts over; `held` and `no-show` have settled it.
        let moved_since = folded.at.is_some_and(|at| {
            self.calendars.changes().any(|revision| revision.since >= at && !revision.cancelled)
        });
        let waits = folded.settled.is_none()
            && folded.words.outcome == Some(MeetingOutcome::Rescheduled)
            && !moved_since
            && folded.meeting.is_none_or(|meeting| meeting == self.meeting.start);
        let is_cancelled = self.meeting.state == MeetingState::Cancelled;
        let is_received = folded.settled.is_some() || (waits && !is_cancelled);
        let state = if is_received {
            FeedbackState::Received
        } else if is_cancelled {
            FeedbackState::NotOwed
        } else if is_over {
            FeedbackState::Requested
        } else {
            FeedbackState::NotDue
        };
        let is_partial = !moved_since && !is_cancelled && folded.words.outcome.is_none();
        let keeps = is_received || is_partial;
        let words = if keeps { folded.words } else { FeedbackWords::default() };
        let is_due = is_over || is_received;
        FeedbackVerdict {
            feedback: Feedback {
                state,
                outcome: words.outcome,
                score: words.score,
                wrong: words.wrong,
                at: if is_received { folded.at } else { None },
                due: is_due.then(|| self.due()),
            },
            echoes: folded.echoes,
            settled_at: folded.settled,
            waits_for_time: waits,
        }
    }
}

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
    echoes: Vec<FeedbackResponse>,
}

impl CollectedFeedback {
    fn answer(&mut self, answer: &FeedbackAnswer, current: DateTime<Utc>, was_asked: bool) {
        let meeting = answer.meeting.unwrap_or(current);
        let read = &answer.read;
        if read.is_empty() {
            let is_asked = self.echoes.iter().any(
                |echo| matches!(echo, FeedbackResponse::AskAgain { meeting: asked, .. } if *asked == meeting),
            );
            if self.settled.is_none() && !is_asked {
                let words = answer.words.clone();
                self.echoes.push(FeedbackResponse::AskAgain { meeting, words, at: answer.at });
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
            let is_asked = self
                .echoes
                .iter()
                .any(|echo| matches!(echo, FeedbackResponse::AskNewTime { meeting: asked, .. } if *asked == meeting));
            if !is_asked {
                let words = answer.words.clone();
                self.echoes.push(FeedbackResponse::AskNewTime { meeting, words, at: answer.at });
            }
            return;
        }
        let feedback = FeedbackBrief {
            outcome: self.words.outcome,
            score: self.words.score,
            wrong: self.words.wrong.clone(),
            new_start: read.new_start,
        };
        self.echoes.push(FeedbackResponse::Thanks {
            meeting,
            name: answer.name.clone(),
            feedback,
            words: answer.words.clone(),
            at: answer.at,
        });
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
        if read.wrong.is_some() {
            self.words.wrong.clone_from(&read.wrong);
        }
        self.at = if self.settled.is_some() { self.settled } else { Some(at) };
    }
}
