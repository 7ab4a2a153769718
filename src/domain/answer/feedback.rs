//! What an answer to a feedback request says. docs/behaviour.md section 9.
//!
//! The author's words come first, then the form's lines inside the quotation. Nothing else in a quotation
//! counts: the request itself holds every answer there is.
//!
//! Known limits: questions are no answer, whatever they mention; a score for a meeting that was rescheduled
//! counts only on the form's own line.

use chrono::{DateTime, Utc};

use super::super::fact::MeetingOutcome;
use super::super::zone::Zone;
use super::clauses::{Clause, sentences};
use super::correction::{self, LeftoverClause};
use super::form::{self, FeedbackForm, FormPlace};
use super::outcome::{OutcomeMention, outcomes};
use super::rule::bare;
use super::score::{as_the_request_words_it, score, yes_or_no_score};
use super::{new_start, plain};
use crate::language::{Role, matcher};

/// What an answer to a feedback request says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FeedbackWords {
    pub outcome: Option<MeetingOutcome>,
    /// 1 to 5.
    pub score: Option<u8>,
    /// What was wrong in the record, in the AE's words.
    pub wrong: Option<String>,
    /// It says in words that nothing was wrong in the record.
    pub nothing_wrong: bool,
    /// The new time of a meeting that was rescheduled.
    pub new_start: Option<DateTime<Utc>>,
}

impl FeedbackWords {
    /// It answers nothing that was asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.outcome.is_none() && self.score.is_none() && self.wrong.is_none() && self.new_start.is_none()
    }
}

/// What an answer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackAsked {
    /// How the meeting went.
    Meeting,
    /// When the new meeting is: `yes` and `no` say whether there is one.
    NewTime,
    /// Whether what was understood is right: `no` says that it is not.
    Understood,
}

/// Characters of an answer that are read; what it says, it says before.
const LONGEST: usize = 10_000;

/// Reads an answer to a feedback mail: the author's words first, then what was filled in inside the
/// quotation. Times without a date count from `at`, in `zone`.
pub fn feedback(
    words: &str,
    quoted: &str,
    asked: FeedbackAsked,
    at: DateTime<Utc>,
    zone: &dyn Zone,
) -> FeedbackWords {
    let words = matcher(Role::OwnRequest).blotted(&plain(&words.chars().take(LONGEST).collect::<String>()));
    let mut form = form::read(&words, FormPlace::Words);
    if corrects_outcome(&form) {
        form.rest.push_str(&std::mem::take(&mut form.wrong));
    }
    let mut free = ClauseReading::of(&form.rest);
    if asked != FeedbackAsked::Meeting {
        free.soft_score = None;
    }
    let filled = form::read(&plain(quoted), FormPlace::Quotation);
    let mut said = PartialFeedback::of_form(&form, at, zone);
    said.add(PartialFeedback::of_words(&form.rest, &free, at, zone));
    said.add(PartialFeedback::of_form(&filled, at, zone));
    if asked == FeedbackAsked::NewTime && !said.has_been() {
        let waits = [Role::AnswersLater, Role::NotYet].iter().any(|role| matcher(*role).is_in(&form.rest));
        let words_of_time =
            || new_start(&form.rest, at, zone).filter(|_| !free.asks && !free.denies_held && !waits);
        return said.of_new_time(words_of_time, &free);
    }
    said.whole()
}

/// `Correction: no-show` corrects what was answered before, not the record.
fn corrects_outcome(form: &FeedbackForm) -> bool {
    let is_bare =
        form.outcome.is_empty() && form.score.is_empty() && !ClauseReading::of(&form.rest).has_any();
    is_bare && outcomes(&form.wrong).first().is_some_and(|found| found.start <= 2 && found.is_affirmed)
}

/// What one part of an answer says.
#[derive(Debug, Default)]
struct PartialFeedback {
    outcome: Option<MeetingOutcome>,
    score: Option<u8>,
    /// `yes` or `no`, which a figure outdoes.
    soft_score: Option<u8>,
    wrong: Option<String>,
    nothing_wrong: bool,
    new_start: Option<DateTime<Utc>>,
    denies_held: bool,
}

impl PartialFeedback {
    fn of_form(form: &FeedbackForm, at: DateTime<Utc>, zone: &dyn Zone) -> Self {
        let (first, second) = (ClauseReading::of(&form.outcome), ClauseReading::of(&form.score));
        let outcome = first
            .outcome()
            .or_else(|| second.outcome())
            .or_else(|| (first.soft_score == Some(5)).then_some(MeetingOutcome::Held));
        let is_held = outcome.is_none_or(|outcome| outcome == MeetingOutcome::Held);
        let beside = || {
            let of =
                |reading: &ClauseReading| correction::of_rest(&reading.rest, is_held && reading.has_any());
            of(&first).or_else(|| of(&second))
        };
        let is_moved = outcome.is_none_or(|outcome| outcome != MeetingOutcome::Held);
        Self {
            outcome,
            score: second.score.or(second.soft_score).or(first.score),
            soft_score: None,
            wrong: correction::of_line(&form.wrong).or_else(beside),
            nothing_wrong: correction::says_nothing(&form.wrong),
            new_start: new_start(&form.outcome, at, zone).filter(|_| is_moved),
            denies_held: first.denies_held,
        }
    }

    fn of_words(text: &str, reading: &ClauseReading, at: DateTime<Utc>, zone: &dyn Zone) -> Self {
        let mut outcome = reading
            .outcome()
            .filter(|_| reading.score.is_some() || !matcher(Role::EitherOutcome).is_in(text));
        let time = new_start(text, at, zone);
        let waits = matcher(Role::AnswersLater).is_in(text);
        if outcome.is_none() && reading.score.is_none() && time.is_some() {
            let is_answer =
                reading.denies_held || (!waits && !reading.asks && text.split_whitespace().count() <= 12);
            outcome = is_answer.then_some(MeetingOutcome::Rescheduled);
        }
        // Who did not come, and agreed on another time since, has rescheduled.
        if outcome == Some(MeetingOutcome::NoShow)
            && time.is_some()
            && reading.is_affirmed(MeetingOutcome::Rescheduled)
        {
            outcome = Some(MeetingOutcome::Rescheduled);
        }
        if outcome.is_none() && !waits && matcher(Role::WentWell).is_in(bare(text)) {
            outcome = Some(MeetingOutcome::Held);
        }
        let is_scored = outcome != Some(MeetingOutcome::Rescheduled);
        let score = reading.score.filter(|_| is_scored);
        let is_held = outcome == Some(MeetingOutcome::Held)
            || (outcome.is_none() && !reading.denies_held && score.is_some());
        let is_soft = !waits
            && !matcher(Role::NotYet).is_in(text)
            && !reading.denies_held
            && outcome.is_none_or(|outcome| outcome == MeetingOutcome::Held);
        let soft_score = reading.soft_score.filter(|_| is_soft);
        Self {
            outcome,
            score,
            soft_score,
            wrong: correction::of_rest(&reading.rest, is_held || soft_score.is_some()),
            nothing_wrong: reading.rest.iter().any(|rest| correction::says_nothing(&rest.text)),
            new_start: time.filter(|_| outcome == Some(MeetingOutcome::Rescheduled)),
            denies_held: reading.denies_held,
        }
    }

    /// Adds what was said further down: it fills gaps and never overrules.
    fn add(&mut self, other: PartialFeedback) {
        if self.outcome.is_some() && other.outcome.is_some() && self.outcome != other.outcome {
            return;
        }
        self.outcome = self.outcome.or(other.outcome);
        self.score = self.score.or(other.score);
        self.soft_score = self.soft_score.or(other.soft_score);
        self.wrong = self.wrong.take().or(other.wrong);
        self.nothing_wrong |= other.nothing_wrong;
        self.new_start = self.new_start.or(other.new_start);
        self.denies_held |= other.denies_held;
    }

    fn whole(self) -> FeedbackWords {
        let is_scored = self.outcome.is_some() || !self.denies_held;
        let score = self.score.or(self.soft_score).filter(|_| is_scored);
        let outcome = self.outcome.or_else(|| score.map(|_| MeetingOutcome::Held));
        let new_start = self.new_start.filter(|_| outcome == Some(MeetingOutcome::Rescheduled));
        let nothing_wrong = self.nothing_wrong && self.wrong.is_none();
        FeedbackWords { outcome, score, wrong: self.wrong, nothing_wrong, new_start }
    }

    /// It says by itself that the meeting has been, or that nobody came.
    fn has_been(&self) -> bool {
        matches!(self.outcome, Some(MeetingOutcome::Held | MeetingOutcome::NoShow))
    }

    /// What the answer to the question for a new time says of nothing but that.
    fn of_new_time(self, start: impl Fn() -> Option<DateTime<Utc>>, free: &ClauseReading) -> FeedbackWords {
        let new_start = self.new_start.or_else(start);
        FeedbackWords {
            outcome: self.outcome.or(new_start.map(|_| MeetingOutcome::Rescheduled)),
            wrong: correction::of_rest(&free.rest, false),
            new_start,
            ..FeedbackWords::default()
        }
    }
}

/// An author's words, clause by clause.
#[derive(Debug, Default)]
struct ClauseReading {
    found: Vec<OutcomeMention>,
    score: Option<u8>,
    soft_score: Option<u8>,
    denies_held: bool,
    /// At least one sentence is a question.
    asks: bool,
    /// The clause in hand is the first of a line below the first.
    begins_line: bool,
    /// `yes` or `no` has been said by itself.
    has_answered: bool,
    /// `yes` or `no` right beside an outcome.
    score_beside: Option<u8>,
    rest: Vec<LeftoverClause>,
}

impl ClauseReading {
    fn of(text: &str) -> Self {
        let mut reading = Self::default();
        let mut yes_or_no: Option<(u8, bool)> = None;
        let (mut follows_outcome, mut is_new_line) = (false, false);
        for sentence in sentences(text) {
            if sentence.asks {
                reading.asks = true;
                continue;
            }
            for clause in &sentence.clauses {
                reading.begins_line = std::mem::take(&mut is_new_line);
                if let Some(score) = as_the_request_words_it(&clause.text) {
                    yes_or_no = yes_or_no.or(Some((score, false)));
                    reading.has_answered = true;
                    continue;
                }
                if let Some(score) = yes_or_no_score(&clause.text)
                    .filter(|_| yes_or_no.is_none() && reading.may_be_scored(follows_outcome))
                {
                    yes_or_no = Some((score, reading.found.is_empty()));
                    reading.has_answered = true;
                    continue;
                }
                follows_outcome = reading.take(clause);
                if let Some(score) = reading.score_beside.take() {
                    yes_or_no = yes_or_no.or(Some((score, false)));
                }
            }
            is_new_line = sentence.clauses.last().is_some_and(|clause| clause.mark.contains('\n'));
        }
        reading.soft_score =
            yes_or_no.filter(|(score, is_first)| reading.is_score(*score, *is_first)).map(|(score, _)| score);
        reading
    }

    /// Whether a `yes` or `no` is a score at all: `yes, it was held` and `no, nothing wrong` answer other
    /// questions.
    fn is_score(&self, score: u8, is_first: bool) -> bool {
        let confirms = is_first
            && self
                .found
                .iter()
                .any(|found| found.outcome == MeetingOutcome::Held && !(found.is_word && found.start <= 2));
        let only_denies =
            score == 1 && self.rest.iter().any(|rest| correction::of_line(&rest.text).is_none());
        !confirms && !only_denies
    }

    /// A `yes` or `no` is taken first of all, or right after an outcome.
    fn may_be_scored(&self, follows_outcome: bool) -> bool {
        follows_outcome || !self.has_any() && self.has_only_courtesy()
    }

    fn has_only_courtesy(&self) -> bool {
        self.rest
            .iter()
            .all(|rest| correction::is_name_alone(&rest.text) || correction::of_line(&rest.text).is_none())
    }

    fn has_any(&self) -> bool {
        self.score.is_some() || self.found.iter().any(|found| found.is_affirmed)
    }

    fn is_affirmed(&self, outcome: MeetingOutcome) -> bool {
        self.found.iter().any(|found| found.is_affirmed && found.outcome == outcome)
    }

    /// The outcome that is meant where several are named: with a score it was held, else the first.
    fn outcome(&self) -> Option<MeetingOutcome> {
        let all = [MeetingOutcome::Held, MeetingOutcome::Rescheduled, MeetingOutcome::NoShow];
        if all.iter().all(|outcome| self.is_affirmed(*outcome)) && self.score.is_none() {
            return None;
        }
        if self.score.is_some() && self.is_affirmed(MeetingOutcome::Held) {
            return Some(MeetingOutcome::Held);
        }
        self.found.iter().find(|found| found.is_affirmed).map(|found| found.outcome)
    }

    fn keep(&mut self, text: &str, mark: &str, is_before: bool) {
        if text.chars().any(char::is_alphanumeric) {
            let begins_line = self.begins_line;
            self.rest.push(LeftoverClause {
                text: text.trim().to_owned(),
                mark: mark.to_owned(),
                is_before,
                begins_line,
            });
        }
    }

    /// Takes a clause in; says whether it named an outcome.
    fn take(&mut self, clause: &Clause) -> bool {
        let text = clause.text.as_str();
        let found = outcomes(text);
        let scored = score(text).filter(|_| self.score.is_none());
        let first = self.found.iter().find(|found| found.is_affirmed).map(|found| found.outcome);
        // Once the outcome is said, other ones belong to what else there is to tell.
        let is_aside = first.is_some_and(|first| {
            scored.is_none() && found.iter().any(|found| !found.is_affirmed || found.outcome != first)
        }) || (first.is_some() && correction::is_plain(text) && scored.is_none());
        let is_before = !self.has_any() && !self.has_answered;
        self.denies_held |=
            found.iter().any(|found| found.outcome == MeetingOutcome::Held && !found.is_affirmed)
                && !is_aside;
        if is_aside || (found.is_empty() && scored.is_none()) {
            self.found.extend(found);
            self.keep(text, &clause.mark, is_before);
            return false;
        }
        let start = found.iter().map(|found| found.start).chain(scored.map(|scored| scored.start)).min();
        let last_outcome = found.last();
        let scored_end = scored.map_or(0, |scored| scored.end);
        let end = last_outcome.map_or(0, |found| found.end).max(scored_end);
        let is_open = last_outcome.is_none_or(|found| found.is_word || scored_end > found.end);
        let before = text.get(..start.unwrap_or_default()).unwrap_or_default();
        let after = text.get(end..).unwrap_or_default();
        if correction::is_plain(before) {
            self.keep(before, ", ", true);
        }
        self.score_beside = yes_or_no_score(after).filter(|_| is_open).or_else(|| yes_or_no_score(before));
        let is_more = is_open && self.score_beside.is_none() && !correction::is_circumstance(after);
        if is_more || correction::is_plain(after) {
            self.keep(after, &clause.mark, false);
        }
        self.score = self.score.or(scored.map(|scored| scored.score));
        let is_any = !found.is_empty();
        self.found.extend(found);
        is_any
    }
}
