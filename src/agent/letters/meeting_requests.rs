//! What people ask about the first meeting: that it has moved, or was called off. docs/behaviour.md section 14.

use crate::domain::answer::{self, FeedbackAsked};
use crate::domain::fact::StatementKind;
use crate::domain::judge::{FeedbackState, MeetingState};
use crate::domain::letter::Letter;
use crate::domain::mail_kinds::AnswerMeaning;
use crate::domain::mails::MailKind;

use super::super::app::App;
use super::super::turn::JudgedHandoff;
use super::plan::request_in;
use super::request_outcome::{RequestOutcome, Standing, not_done, only};

pub(super) fn meeting_moved(
    app: &App,
    judged: &JudgedHandoff,
    who: Standing,
    letter: &Letter,
    to: &str,
    about: MailKind,
) -> RequestOutcome {
    if who.is_ae && about.is_answered_by(AnswerMeaning::Feedback) {
        return RequestOutcome::LeftAlone;
    }
    if !(who.is_sdr || who.is_ae) {
        return only(
            judged,
            "only the SDR or the AE can move the meeting",
            "meeting moved to Tue 1 Dec, 2pm ET",
        );
    }
    let zone = app.zone_or_default(&judged.judgement.record.meeting.zone);
    match answer::new_start(to, letter.at, &*zone) {
        Some(start) => RequestOutcome::Stated {
            says: StatementKind::MeetingMoved { start, length_seconds: None },
            why: format!("meeting moved to {to}"),
        },
        None => not_done(
            format!("I can't read \u{201c}{to}\u{201d} as a day and time that is still to come"),
            &[
                "meeting moved to Tue 1 Dec, 2pm ET",
                "or move the calendar invitation with the prospect on it",
            ],
        ),
    }
}

pub(super) fn meeting_cancelled(
    app: &App,
    judged: &JudgedHandoff,
    who: Standing,
    letter: &Letter,
    about: MailKind,
) -> RequestOutcome {
    let judgement = &judged.judgement;
    let zone = app.zone_or_default(&judgement.record.meeting.zone);
    // Filled-in lines stand in the quotation.
    let feedback =
        || answer::feedback(&letter.own_words, &letter.text, FeedbackAsked::Meeting, letter.at, &*zone);
    let gives_feedback = || !feedback().is_empty();
    // `Cancelled, they never came` is feedback as well: the judgement reads that.
    if who.is_ae && about.is_answered_by(AnswerMeaning::Feedback) && gives_feedback() {
        return RequestOutcome::LeftAlone;
    }
    // `Cancelled by Sarah` is no request: it answers how a meeting went, while that is asked, of whoever is asked.
    let is_asked = matches!(judgement.feedback.state, FeedbackState::Requested | FeedbackState::Overdue)
        && judgement.meeting.state == MeetingState::Over
        && about != MailKind::FeedbackThanks;
    if request_in(letter).is_none() && !(who.is_ae && is_asked) {
        return RequestOutcome::LeftAlone;
    }
    if !(who.is_sdr || who.is_ae) {
        return only(judged, "only the SDR or the AE can cancel the meeting", "meeting cancelled");
    }
    RequestOutcome::Stated { says: StatementKind::MeetingCancelled, why: "meeting cancelled".to_owned() }
}
