//! The variables of the mails that hang on the first touch: record, reminder, escalation and what follows.

use chrono::{DateTime, Utc};
use minijinja::value::Value;

use super::handoff::HandoffContext;
use super::{RenderError, Variables, maybe};
use crate::domain::mails::{ClockBrief, MailBrief, MailKind, TouchBrief, WithdrawalReason};
use crate::domain::message::Address;
use crate::domain::token;
use crate::templates::{mailto, words};

pub(crate) fn record(
    about: &HandoffContext<'_>,
    clock: Option<&ClockBrief>,
    corrected: bool,
    variables: &mut Variables,
) -> Result<(), RenderError> {
    variables.set("record", record_text(about, MailKind::Record)?);
    variables.set("corrected", corrected);
    variables.set("clock_runs", clock.is_some());
    match clock {
        Some(clock) => about.clock(clock, variables),
        None => variables.set("deadline", Value::from(())),
    }
    Ok(())
}

pub(crate) fn reminder(
    about: &HandoffContext<'_>,
    clock: &ClockBrief,
    prospect_wrote: Option<DateTime<Utc>>,
    meeting_first: bool,
    variables: &mut Variables,
) -> Result<(), RenderError> {
    variables.set("record", record_text(about, MailKind::Reminder)?);
    about.clock(clock, variables);
    variables.set("prospect_wrote", maybe(prospect_wrote.map(|at| about.day_and_time(at))));
    variables.set("meeting_first", meeting_first);
    Ok(())
}

pub(crate) fn late_touch(
    about: &HandoffContext<'_>,
    clock: &ClockBrief,
    touch: &TouchBrief,
    variables: &mut Variables,
) {
    about.clock(clock, variables);
    variables.set("touch", about.touch(touch));
}

pub(crate) fn withdrawal(
    about: &HandoffContext<'_>,
    clock: &ClockBrief,
    reason: &WithdrawalReason,
    variables: &mut Variables,
) {
    about.clock(clock, variables);
    let (name, touch) = match reason {
        WithdrawalReason::Touched(touch) => ("touched", about.touch(touch)),
        WithdrawalReason::NotDelivered => ("not-delivered", Value::from(())),
        WithdrawalReason::Stopped => ("stopped", Value::from(())),
    };
    variables.set("reason", name);
    variables.set("touch", touch);
}

pub(crate) fn who_is_this(
    about: &HandoffContext<'_>,
    name: &str,
    address: &Address,
    at: DateTime<Utc>,
    author_text: &str,
    variables: &mut Variables,
) {
    let context = about.scene.context;
    let link = |answer: &str| {
        let company = words::one_line(&about.handoff.record.company);
        let mark = token::subject_mark(context.token);
        mailto::link(
            &context.policy.agent_address,
            &format!("{company}: is this {}? {mark}", words::first_name(&about.handoff.ae)),
            answer,
        )
    };
    variables.set("name", words::one_line(name));
    variables.set("address", address.as_str());
    variables.set("at", about.day_and_time(at));
    variables.set("words", words::lines(author_text));
    variables.set("yes_link", link("yes"));
    variables.set("no_link", link("no"));
}

/// What the AE said of the handoff, in the AE's own words.
pub(crate) fn stance(
    about: &HandoffContext<'_>,
    at: DateTime<Utc>,
    author_text: &str,
    variables: &mut Variables,
) {
    variables.set("at", about.day_and_time(at));
    variables.set("words", words::lines(author_text));
    variables.set("another_ae", maybe(about.another_ae(author_text)));
}

fn record_text(about: &HandoffContext<'_>, kind: MailKind) -> Result<String, RenderError> {
    about
        .scene
        .context
        .record_text
        .map(|text| text.trim_end().to_owned())
        .ok_or(RenderError::NoRecordText(kind))
}

pub(crate) fn escalation(about: &HandoffContext<'_>, brief: &MailBrief, variables: &mut Variables) {
    let MailBrief::Escalation {
        clock,
        read,
        refused,
        ae_watched,
        asked_about,
        away_until,
        prospect_wrote,
        came_back,
        wrote_before,
    } = brief
    else {
        return;
    };
    about.clock(clock, variables);
    variables.set("read", about.read(read));
    let mut mailboxes: Vec<String> = read.iter().map(|read| about.mailbox_of(&read.account)).collect();
    if mailboxes.is_empty() {
        mailboxes.push("a mailbox that is watched".to_owned());
    }
    variables.set("mailboxes", words::join_and(&mailboxes));
    variables.set("mailboxes_or", words::join_or(&mailboxes));
    variables.set("ae_watched", *ae_watched);
    let place = |refused: &String| match refused.split_once('/') {
        Some((account, folder)) => {
            format!("{} in {}", words::one_line(folder), about.mailbox_of(account))
        }
        None => words::one_line(refused),
    };
    let folders: Vec<String> = refused.iter().map(place).collect();
    variables.set("one_refused", folders.len() == 1);
    variables.set("refused", maybe((!folders.is_empty()).then(|| words::join_and(&folders))));
    let asked: Vec<&str> = asked_about.iter().map(|address| address.as_str()).collect();
    variables.set("asked_about", maybe((!asked.is_empty()).then(|| words::join_and(&asked))));
    let until = away_until.map(|until| words::date(until, &*about.reader_zone, about.now()));
    variables.set("away_until", maybe(until));
    variables.set("came_back", maybe(came_back.map(|at| about.day_and_time(at))));
    variables.set("prospect_wrote", maybe(prospect_wrote.map(|at| about.day_and_time(at))));
    variables.set("wrote_before", maybe(wrote_before.map(|at| about.day_and_time(at))));
}
