//! The variables of the notes about what became of somebody's mail: not received, bounced, leaked, away.

use super::handoff::HandoffContext;
use super::{Variables, maybe};
use crate::domain::mails::{ClockAfterFailure, MailBrief};
use crate::domain::message::Mailbox;
use crate::templates::words;

pub(crate) fn add(brief: &MailBrief, about: &HandoffContext<'_>, variables: &mut Variables) {
    match brief {
        MailBrief::NotReceived { at, to, empty } => {
            variables.set("at", about.day_and_time(*at));
            variables.set("went_to", maybe((!to.is_empty()).then(|| about.all(to))));
            variables.set("empty", *empty);
        }
        MailBrief::Away { until, clock } => {
            about.clock(clock, variables);
            let today = about.reader_zone.local(about.now()).date_naive();
            variables.set("until", maybe(until.map(|until| words::date(until, today))));
        }
        MailBrief::IntroBounced { failed, clock } => {
            let ae = about.scene.person_named(&about.handoff.ae);
            let ae_failed = ae.is_some_and(|ae| failed.iter().any(|(address, _)| *address == ae.address));
            variables.set("failed", about.failed(failed));
            variables.set("one_failed", failed.len() == 1);
            variables.set("ae_failed", ae_failed);
            let reached_others = matches!(
                clock,
                ClockAfterFailure::RunsOn | ClockAfterFailure::Touched { reached_others: true }
            );
            variables.set("stopped", *clock == ClockAfterFailure::Stopped);
            variables.set("reached_others", reached_others);
            variables.set("touched", matches!(clock, ClockAfterFailure::Touched { .. }));
            variables.set("sent_again", *clock == ClockAfterFailure::SentAgain);
        }
        MailBrief::TouchBounced { at, failed, clock } => {
            if let Some(clock) = clock {
                about.clock(clock, variables);
            }
            variables.set("runs", clock.is_some());
            variables.set("at", about.day_and_time(*at));
            variables.set("failed", about.failed(failed));
        }
        MailBrief::Suspicious { from, at, subject } => {
            variables.set("from", from.as_str());
            variables.set("at", about.day_and_time(*at));
            variables.set("mail_subject", words::one_line(subject));
        }
        MailBrief::Lingering { at } => variables.set("at", about.day_and_time(*at)),
        MailBrief::Chatter { at, found } => {
            variables.set("at", about.day_and_time(*at));
            variables.set("found", words::lines(found));
        }
        MailBrief::RecordLeaked { at, to } => {
            variables.set("at", about.day_and_time(*at));
            let addresses: Vec<&str> = to.iter().map(|address| address.as_str()).collect();
            variables.set("went_to", words::join_and(&addresses));
        }
        MailBrief::MeetingDeclined { meeting, declined } => {
            let name = |mailbox: &Mailbox| {
                let name = words::one_line(&mailbox.name);
                if name.is_empty() { mailbox.address.to_string() } else { name }
            };
            let names: Vec<String> = declined.iter().map(name).collect();
            variables.set("declined", words::join_and(&names));
            variables.set("one_declined", names.len() == 1);
            variables.set("meeting", about.meeting(meeting));
        }
        _ => {}
    }
}
