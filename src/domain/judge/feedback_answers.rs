//! The answers to feedback mails by the side that owes them, and what they say. docs/behaviour.md section 9.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::answer::{self, FeedbackAsked, FeedbackWords, InsteadOfFeedback};
use super::super::mail_kinds::AnswerMeaning;
use super::super::mails::{MailKey, MailKind};
use super::super::message::MessageId;
use super::super::outcomes::MeetingOutcome;
use super::correspondence::Correspondence;
use super::keys::{about_meeting, is_new_time_key, meeting_of};
use super::participants::Participants;
use super::seen_message::SeenMessage;

/// One answer to a feedback request, as it was understood.
#[derive(Clone, Debug)]
pub(super) struct FeedbackAnswer {
    pub at: DateTime<Utc>,
    pub name: String,
    pub message_id: Option<MessageId>,
    pub read: FeedbackWords,
    pub words: String,
    /// What it answers.
    pub asked: FeedbackAsked,
    /// Start of the meeting that it was asked about.
    pub meeting: Option<DateTime<Utc>>,
    /// Who gave it was the AE at its time, not one who only owed the feedback.
    pub by_current: bool,
    /// Whose it is: that AE's turn.
    pub tenure: usize,
}

/// What an answer to the feedback request says of the meeting's time.
#[derive(Clone, Debug)]
pub(super) struct NewTime {
    pub at: DateTime<Utc>,
    pub says: TimeSaid,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum TimeSaid {
    Start(DateTime<Utc>),
    /// The meeting that was asked about was rescheduled, and nothing says when to.
    Open {
        meeting: Option<DateTime<Utc>>,
    },
    /// The meeting has been: no other takes its place.
    Settled,
}

/// All answers to feedback mails by the side that owes them, in the order of their time: the AE at the
/// meeting's end, also where another took over since. `length`: of the meeting.
pub(super) fn feedback_answers(
    mail: &Correspondence,
    participants: &Participants,
    length: TimeDelta,
) -> Vec<FeedbackAnswer> {
    let answers = mail.seen.iter().filter(|seen| mail.is_answer(seen));
    answers.filter_map(|seen| read(seen, mail, participants, length)).collect()
}

fn read(
    seen: &SeenMessage,
    mail: &Correspondence,
    participants: &Participants,
    length: TimeDelta,
) -> Option<FeedbackAnswer> {
    let key = seen.answers.iter().find(|key| key.kind.is_answered_by(AnswerMeaning::Feedback))?;
    let meeting = meeting_of(&key.about);
    let asked = meeting.and_then(|start| mail.own.left(MailKind::FeedbackRequest, &about_meeting(start)));
    // Whoever takes over before the request leaves has not been at the meeting.
    let ended = meeting.map(|start| start + length);
    let owed_since = asked.map(|asked| ended.map_or(asked, |ended| asked.min(ended)));
    let owes = owed_since.map_or(seen.tenure, |since| participants.tenures.at(since).min(seen.tenure));
    let by_current = participants.is_written_by_ae_of(seen, seen.tenure);
    if !by_current && !participants.is_written_by_ae_of(seen, owes) {
        return None;
    }
    let question = asked_by(key);
    let tenure = if by_current { seen.tenure } else { owes };
    let read = feedback_in(seen, question, tenure, participants)?;
    // Passed on, not answered; or words about the handoff, which are read as such.
    let is_other =
        || answer::is_forward(&seen.headers().subject) || answer::instead_of_feedback(seen.words()).is_some();
    if read.is_empty() && is_other() {
        return None;
    }
    Some(FeedbackAnswer {
        at: seen.at,
        name: seen.name().to_owned(),
        message_id: seen.headers().id.clone(),
        words: seen.words().trim().to_owned(),
        asked: question,
        meeting,
        by_current,
        tenure,
        read,
    })
}

/// What a mail of baton's asked.
fn asked_by(key: &MailKey) -> FeedbackAsked {
    match key.kind {
        MailKind::FeedbackThanks => FeedbackAsked::Understood,
        MailKind::FeedbackQuestion if is_new_time_key(&key.about) => FeedbackAsked::NewTime,
        _ => FeedbackAsked::Meeting,
    }
}

/// What a message says, taken as feedback. Without a known AE there is no time to count from.
fn feedback_in(
    seen: &SeenMessage,
    asked: FeedbackAsked,
    tenure: usize,
    participants: &Participants,
) -> Option<FeedbackWords> {
    let ae = participants.directory.person(participants.tenures.ae(tenure))?;
    let quoted = seen.body().map_or("", |body| body.quoted_text.as_str());
    let author = seen.headers().from.first().map(|author| author.name.as_str());
    let words = answer::without_signature(seen.words(), author.into_iter().chain([ae.name.as_str()]));
    let read = |words: &str| answer::feedback(words, quoted, asked, seen.at, ae.working.zone.as_ref());
    let unsigned = read(&words);
    if words.trim_end() == seen.words().trim_end() {
        return Some(unsigned);
    }
    let whole = read(seen.words());
    // An answer may go on below its writer's name, as one between the lines of the quotation does.
    let is_more = unsigned.outcome.is_none() && whole.outcome.is_some()
        || unsigned.score.is_none() && whole.score.is_some()
        || unsigned.new_start.is_none() && whole.new_start.is_some();
    Some(if is_more { whole } else { unsigned })
}

/// Whether an answer to a request for feedback gives none and states what the AE makes of the handoff.
pub(super) fn states_instead(seen: &SeenMessage, participants: &Participants) -> bool {
    feedback_in(seen, FeedbackAsked::Meeting, seen.tenure, participants).is_some_and(|read| read.is_empty())
        && answer::instead_of_feedback(seen.words()) == Some(InsteadOfFeedback::Stance)
}

/// What answers say of the meeting's time. Once the meeting has been, a later `rescheduled` is about another.
pub(super) fn new_times(answers: &[FeedbackAnswer]) -> Vec<NewTime> {
    let mut is_settled = false;
    let mut times = Vec::new();
    for answer in answers {
        let says = match (answer.read.outcome, answer.read.new_start) {
            (Some(MeetingOutcome::Held | MeetingOutcome::NoShow), _) => TimeSaid::Settled,
            (_, Some(start)) => TimeSaid::Start(start),
            (Some(MeetingOutcome::Rescheduled), None) if !is_settled => {
                TimeSaid::Open { meeting: answer.meeting }
            }
            _ => continue,
        };
        is_settled |= matches!(says, TimeSaid::Settled);
        times.push(NewTime { at: answer.at, says });
    }
    times
}
