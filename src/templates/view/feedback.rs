//! The variables of the feedback mails, with the links that answer them. docs/behaviour.md section 9.

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::value::Value;

use super::handoff::HandoffContext;
use super::{Variables, maybe, parts};
use crate::domain::fact::MeetingOutcome;
use crate::domain::mails::{FeedbackBrief, FeedbackQuestion, MeetingBrief, ReadBrief};
use crate::domain::token;
use crate::templates::{mailto, words};

/// What each link says, and the answer that it writes.
const ANSWERS: [(&str, &str); 7] = [
    ("Held, 5", "held 5"),
    ("Held, 4", "held 4"),
    ("Held, 3", "held 3"),
    ("Held, 2", "held 2"),
    ("Held, 1", "held 1"),
    ("Rescheduled", "rescheduled"),
    ("No-show", "no-show"),
];

/// The request and its reminder.
pub(crate) fn request(
    about: &HandoffContext<'_>,
    meeting: &MeetingBrief,
    due: DateTime<Utc>,
    variables: &mut Variables,
) {
    asked(about, meeting, variables);
    variables.set("due", about.deadline(due));
    variables.set("due_in", maybe(time_left(about, due)));
}

pub(crate) fn question(
    about: &HandoffContext<'_>,
    question: FeedbackQuestion,
    meeting: &MeetingBrief,
    author_text: &str,
    variables: &mut Variables,
) {
    asked(about, meeting, variables);
    variables.set("new_time", question == FeedbackQuestion::NewTime);
    variables.set("words", words::lines(author_text));
    variables.set("example_time", example_time(about, meeting));
}

pub(crate) fn thanks(
    about: &HandoffContext<'_>,
    feedback: &FeedbackBrief,
    meeting: &MeetingBrief,
    author_text: &str,
    variables: &mut Variables,
) {
    variables.set("meeting", about.meeting(meeting));
    variables.set("words", words::lines(author_text));
    understood(about, feedback, variables);
}

pub(crate) fn overdue(
    about: &HandoffContext<'_>,
    ae: &str,
    meeting: &MeetingBrief,
    due: DateTime<Utc>,
    read: &[ReadBrief],
    variables: &mut Variables,
) {
    variables.set("ae", about.scene.person(ae));
    variables.set("meeting", about.meeting(meeting));
    variables.set("due", about.deadline(due));
    variables.set("read", about.read(read));
}

fn asked(about: &HandoffContext<'_>, meeting: &MeetingBrief, variables: &mut Variables) {
    let company = words::one_line(&about.handoff.record.company);
    let subject = format!("{company}: feedback {}", token::subject_mark(about.scene.context.token));
    let link = |(label, answer): (&str, &str)| {
        let uri = mailto::link(&about.scene.context.policy.agent_address, &subject, answer);
        parts([("label", label.into()), ("link", uri.into())])
    };
    variables.set("meeting", about.meeting(meeting));
    variables.set("answers", Value::from(ANSWERS.into_iter().map(link).collect::<Vec<_>>()));
}

fn time_left(about: &HandoffContext<'_>, due: DateTime<Utc>) -> Option<String> {
    let left = due - about.now();
    (left > TimeDelta::zero()).then(|| words::length(left))
}

/// A week after the old time, as an answer could write it.
fn example_time(about: &HandoffContext<'_>, meeting: &MeetingBrief) -> String {
    let zone = &*about.ae_zone;
    let start = zone.local(meeting.start + TimeDelta::days(7));
    format!("{} {}", start.format("%Y-%m-%d %H:%M"), zone.name())
}

fn understood(about: &HandoffContext<'_>, feedback: &FeedbackBrief, variables: &mut Variables) {
    let outcome = feedback.outcome.map(|outcome| match outcome {
        MeetingOutcome::Held => "held",
        MeetingOutcome::Rescheduled => "rescheduled",
        MeetingOutcome::NoShow => "no-show",
    });
    let short: Vec<String> =
        outcome.map(str::to_owned).into_iter().chain(feedback.score.map(|score| score.to_string())).collect();
    variables.set("outcome", maybe(outcome.map(str::to_owned)));
    variables.set("score", maybe(feedback.score.map(|score| score.to_string())));
    variables.set("wrong", maybe(feedback.wrong.as_deref().map(words::lines)));
    variables.set("new_start", maybe(feedback.new_start.map(|at| about.deadline(at))));
    variables.set("short", maybe((!short.is_empty()).then(|| short.join(", "))));
}
