//! The first meeting of a past handoff, from the invitations and bookings that the mail holds.
//!
//! What was known at the intro is the planned meeting, on which the rows of docs/behaviour.md section 5 rest; an AE's
//! invitation after that is a touch, and the meeting as well.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::super::judge::{Judgement, MeetingState, Policy, own_time};
use super::super::message::{
    Address, Authenticity, Calendar, CalendarMethod, Message, MessageKind, SchedulerEvent,
};
use super::intro::person_of;
use super::past_handoff::{FoundMeeting, MeetingFate, PastHandoff};
use crate::language::{Role, matcher};

const USUAL_LENGTH: Duration = Duration::minutes(30);
/// An invitation so long after the intro is another meeting's.
const MOST_DAYS_LATER: i64 = 30;

impl FoundMeeting {
    /// By what a row or a record says.
    pub(crate) fn told((start, length): (DateTime<Utc>, Duration)) -> Self {
        let (end, why) = (start + length, "the meeting is as recorded".to_owned());
        Self { start, end, fate: MeetingFate::Planned, why }
    }

    /// As it stood after everything that the mail tells.
    pub(crate) fn after(self, judgement: &Judgement) -> Self {
        let meeting = &judgement.meeting;
        let is_cancelled = meeting.state == MeetingState::Cancelled;
        let fate = if is_cancelled { MeetingFate::Cancelled } else { MeetingFate::Planned };
        Self { start: meeting.start, end: meeting.end, fate, ..self }
    }
}

/// An invitation or a booking, in the order of arrival.
#[derive(Clone, Debug)]
struct PastInvitation {
    at: DateTime<Utc>,
    meeting: FoundMeeting,
    by_ae: bool,
}

/// The meeting that was agreed when the intro left: by the record, else by an invitation, else by the CRM's row.
pub(crate) fn planned(
    policy: &Policy,
    past: &PastHandoff,
    messages: &[Arc<Message>],
    told: Option<(DateTime<Utc>, Duration)>,
) -> Option<FoundMeeting> {
    if let Some(told) = told {
        return Some(FoundMeeting::told(told));
    }
    let found = invitations(policy, past, messages);
    let ahead =
        |one: &&PastInvitation| one.meeting.start >= past.at && one.meeting.fate == MeetingFate::Planned;
    let before = found.iter().filter(ahead).filter(|one| one.at <= past.at).max_by_key(|one| one.at);
    // The SDR's invitation may follow the intro.
    let after = || {
        let soon = |one: &&PastInvitation| one.at <= past.at + Duration::days(MOST_DAYS_LATER);
        found.iter().filter(ahead).filter(soon).find(|one| one.at > past.at && !one.by_ae)
    };
    let invited = before.or_else(after).map(|one| one.meeting.clone());
    invited.or_else(|| past.meeting.map(FoundMeeting::told))
}

/// The meeting that came about after the intro, where none had been agreed before.
pub(crate) fn later(policy: &Policy, past: &PastHandoff, messages: &[Arc<Message>]) -> Option<FoundMeeting> {
    let found = invitations(policy, past, messages);
    let soon =
        |one: &&PastInvitation| one.at > past.at && one.at <= past.at + Duration::days(MOST_DAYS_LATER);
    found.iter().find(soon).map(|one| one.meeting.clone())
}

/// The meeting that the intro itself names, with what the mail after it says of that.
pub(crate) fn named(past: &PastHandoff, messages: &[Arc<Message>]) -> Option<FoundMeeting> {
    let named = past.named_meeting.clone()?;
    let is_believed = |message: &&Message| message.headers.authenticity != Authenticity::Failed;
    let believed = || messages.iter().map(Arc::as_ref).filter(is_believed);
    let cancels = |message: &Message| {
        let calendar = message.body.as_ref().and_then(|body| body.calendar.as_ref());
        calendar.is_some_and(|event| {
            event.method == Some(CalendarMethod::Cancel) && event.start == Some(named.start)
        })
    };
    let asks_for_another = |message: &Message| {
        let by_prospect = message
            .headers
            .from
            .iter()
            .any(|one| past.prospects.iter().any(|known| known.address == one.address));
        let is_between = own_time(message).is_some_and(|at| at > past.at && at <= named.end);
        let human = message.body.as_ref().filter(|body| body.kind_by(true) == MessageKind::Human);
        by_prospect
            && is_between
            && human.is_some_and(|body| matcher(Role::Rescheduled).is_in(&body.author_text))
    };
    let fate = if believed().any(cancels) {
        MeetingFate::Cancelled
    } else if believed().any(asks_for_another) {
        MeetingFate::Unsettled
    } else {
        MeetingFate::Planned
    };
    Some(FoundMeeting { fate, ..named })
}

/// Every event that names a prospect and SDR or AE, as first sent before the intro or after it, with what became of it.
fn invitations(policy: &Policy, past: &PastHandoff, messages: &[Arc<Message>]) -> Vec<PastInvitation> {
    let mut dated: Vec<(DateTime<Utc>, &Message)> =
        messages.iter().filter_map(|one| Some((own_time(one)?, one.as_ref()))).collect();
    dated.sort_by_key(|(at, _)| *at);
    let mut events: BTreeMap<String, PastInvitation> = BTreeMap::new();
    for (at, message) in dated {
        let Some(body) = message.body.as_ref() else { continue };
        if message.headers.authenticity == Authenticity::Failed {
            continue;
        }
        if let Some(calendar) = &body.calendar {
            take_calendar(policy, past, at, message, calendar, &mut events);
        } else if let Some(booked) = body.scheduler.as_ref().filter(|_| body.kind == MessageKind::Scheduler) {
            let names = |wanted: &Address| booked.addresses.contains(wanted);
            let is_ours = past.prospects.iter().any(|one| names(&one.address));
            let start = booked.start.filter(|_| is_ours && booked.event == SchedulerEvent::Booked);
            if let Some(start) = start {
                let end = booked.end.unwrap_or(start + USUAL_LENGTH);
                let why = format!("{} confirmed a meeting{}", booked.tool, cited(message));
                let meeting = FoundMeeting { start, end, fate: MeetingFate::Planned, why };
                let by_ae = booked.addresses.iter().any(|one| is(policy, one, &past.ae));
                events.entry(format!("booking {start}")).or_insert(PastInvitation { at, meeting, by_ae });
            }
        }
    }
    let mut found: Vec<PastInvitation> = events.into_values().collect();
    found.sort_by_key(|one| one.at);
    found
}

fn take_calendar(
    policy: &Policy,
    past: &PastHandoff,
    at: DateTime<Utc>,
    message: &Message,
    calendar: &Calendar,
    events: &mut BTreeMap<String, PastInvitation>,
) {
    let headers = &message.headers;
    let listed = || calendar.attendees.iter().map(|one| &one.address).chain(&calendar.organizer);
    let named = || {
        let boxes = headers.from.iter().chain(&headers.to).chain(&headers.cc);
        listed().chain(boxes.map(|one| &one.address))
    };
    let has_prospect = named().any(|one| past.prospects.iter().any(|known| known.address == *one));
    let has_us = named().any(|one| is(policy, one, &past.ae) || is(policy, one, &past.sdr));
    match (calendar.method, calendar.start) {
        (Some(CalendarMethod::Request), Some(start)) if has_prospect && has_us => {
            let end = calendar.end.filter(|end| *end > start).unwrap_or(start + USUAL_LENGTH);
            let by_ae = calendar
                .organizer
                .iter()
                .chain(headers.from.first().map(|one| &one.address))
                .any(|one| is(policy, one, &past.ae));
            let why = format!("the meeting is that of an invitation{}", cited(message));
            let meeting = FoundMeeting { start, end, fate: MeetingFate::Planned, why };
            match events.get_mut(&calendar.uid) {
                // After the intro the judgement follows it, from the time that was agreed.
                Some(known) if known.at <= past.at && at > past.at => {}
                Some(known) => known.meeting = meeting,
                None => {
                    events.insert(calendar.uid.clone(), PastInvitation { at, meeting, by_ae });
                }
            }
        }
        (Some(CalendarMethod::Cancel), _) => {
            if let Some(known) = events.get_mut(&calendar.uid)
                && (known.at > past.at || at <= past.at)
            {
                known.meeting.fate = MeetingFate::Cancelled;
            }
        }
        _ => {}
    }
}

fn is(policy: &Policy, address: &Address, name: &str) -> bool {
    person_of(policy, address).is_some_and(|person| person.name == name)
}

fn cited(message: &Message) -> String {
    message.headers.id.as_ref().map_or_else(String::new, |id| format!(" (<{id}>)"))
}
