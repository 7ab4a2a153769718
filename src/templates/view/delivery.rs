//! The variables of the notes about what became of somebody's mail: not received, bounced, leaked, away.

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::value::Value;

use super::handoff::HandoffContext;
use super::{Variables, maybe};
use crate::domain::mails::{ClockAfterFailure, ClockBrief, DroppedIntro, MeetingBrief};
use crate::domain::message::{Address, Mailbox};
use crate::templates::words;

pub(crate) fn not_received(
    about: &HandoffContext<'_>,
    at: DateTime<Utc>,
    to: &[Address],
    empty: bool,
    variables: &mut Variables,
) {
    variables.set("at", about.day_and_time(at));
    variables.set("went_to", maybe((!to.is_empty()).then(|| about.all(to))));
    variables.set("empty", empty);
}

pub(crate) fn away(
    about: &HandoffContext<'_>,
    until: Option<NaiveDate>,
    clock: &ClockBrief,
    variables: &mut Variables,
) {
    about.clock(clock, variables);
    let today = about.reader_zone.local(about.now()).date_naive();
    variables.set("is_back", until.is_some_and(|until| until < today));
    let until = until.map(|until| words::date(until, &*about.reader_zone, about.now()));
    variables.set("until", maybe(until));
}

pub(crate) fn intro_bounced(
    about: &HandoffContext<'_>,
    failed: &[(Address, String)],
    also_failed: &[Address],
    clock: ClockAfterFailure,
    dropped: Option<DroppedIntro>,
    variables: &mut Variables,
) {
    let ae = about.scene.person_named(&about.handoff.ae);
    let ae_failed = ae.is_some_and(|ae| failed.iter().any(|(address, _)| *address == ae.address));
    variables.set("failed", about.failed(failed));
    variables.set("one_failed", failed.len() == 1);
    variables.set("operator", about.scene.context.policy.operator.as_str());
    variables.set("ae_failed", ae_failed);
    variables.set("example_to", example_to(about, failed, also_failed));
    let reached_others =
        matches!(clock, ClockAfterFailure::RunsOn | ClockAfterFailure::Touched { reached_others: true });
    variables.set("stopped", clock == ClockAfterFailure::Stopped);
    variables.set("reached_others", reached_others);
    let touched =
        matches!(clock, ClockAfterFailure::Touched { .. } | ClockAfterFailure::FormerAe { touched: true });
    variables.set("touched", touched);
    variables.set("dropped", dropped.is_some());
    variables.set("may_have_left", dropped == Some(DroppedIntro::MayHaveLeft));
    variables.set("another_stands", matches!(clock, ClockAfterFailure::RunsOn));
    variables.set("sent_again", clock == ClockAfterFailure::SentAgain);
    let of_former_ae = failed.first().filter(|_| matches!(clock, ClockAfterFailure::FormerAe { .. }));
    let former_ae = of_former_ae.and_then(|(address, _)| about.scene.person_at(address));
    variables.set("former_ae", former_ae.map_or(Value::from(()), |ae| about.scene.person(&ae.name)));
    variables.set("of_former_ae", of_former_ae.is_some());
    let prospects = about.handoff.record.to.iter().map(|to| &to.address);
    let reached: Vec<Address> = prospects.filter(|to| !also_failed.contains(to)).cloned().collect();
    variables.set("reached", about.all(&reached));
}

/// The line of a record that puts an address right: `To: Sarah Lee <new.address@acme.example>`.
fn example_to(about: &HandoffContext<'_>, failed: &[(Address, String)], also_failed: &[Address]) -> String {
    let one = |to: &Mailbox| {
        let name = words::one_line(&to.name);
        let mut all = failed.iter().map(|(address, _)| address).chain(also_failed);
        if all.any(|address| *address == to.address) {
            format!("{name} <new.address@{}>", to.address.domain())
        } else {
            format!("{name} <{}>", to.address)
        }
    };
    let list: Vec<String> = about.handoff.record.to.iter().map(one).collect();
    format!("To: {}", list.join(", "))
}

pub(crate) fn touch_bounced(
    about: &HandoffContext<'_>,
    at: DateTime<Utc>,
    failed: &[(Address, String)],
    clock: Option<&ClockBrief>,
    variables: &mut Variables,
) {
    if let Some(clock) = clock {
        about.clock(clock, variables);
    }
    variables.set("runs", clock.is_some());
    let now = about.scene.context.now;
    variables.set("over", clock.is_some_and(|clock| clock.deadline <= now));
    variables.set("at", about.day_and_time(at));
    // A report that names nobody is about everybody.
    let unreached: Vec<Address> = failed.iter().map(|(address, _)| address.clone()).collect();
    variables.set("unreached", if unreached.is_empty() { about.contacts() } else { about.all(&unreached) });
    variables.set("failed", about.failed(failed));
}

pub(crate) fn suspicious(
    about: &HandoffContext<'_>,
    from: &Address,
    at: DateTime<Utc>,
    subject: &str,
    variables: &mut Variables,
) {
    variables.set("from", from.as_str());
    variables.set("at", about.day_and_time(at));
    variables.set("mail_subject", words::one_line(subject));
    let ae = about.scene.called(&about.handoff.ae);
    let time = words::time(at, &*about.reader_zone);
    variables.set("touched", format!("touched at {time}: asked {ae}"));
}

pub(crate) fn chatter(about: &HandoffContext<'_>, at: DateTime<Utc>, found: &str, variables: &mut Variables) {
    variables.set("at", about.day_and_time(at));
    variables.set("found", words::lines(found));
}

pub(crate) fn record_leaked(
    about: &HandoffContext<'_>,
    at: DateTime<Utc>,
    to: &[Address],
    variables: &mut Variables,
) {
    variables.set("at", about.day_and_time(at));
    let addresses: Vec<&str> = to.iter().map(Address::as_str).collect();
    variables.set("went_to", words::join_and(&addresses));
}

pub(crate) fn meeting_declined(
    about: &HandoffContext<'_>,
    meeting: &MeetingBrief,
    declined: &[Mailbox],
    variables: &mut Variables,
) {
    let name = |mailbox: &Mailbox| {
        let name = words::one_line(&mailbox.name);
        if name.is_empty() { mailbox.address.to_string() } else { name }
    };
    let names: Vec<String> = declined.iter().map(name).collect();
    variables.set("declined", words::join_and(&names));
    variables.set("one_declined", names.len() == 1);
    variables.set("meeting", about.meeting(meeting));
}
