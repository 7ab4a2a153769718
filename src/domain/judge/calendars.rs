//! The first meeting: when it is, whether it still is, and who declined. docs/behaviour.md sections 5 (row 6)
//! and 9.
//!
//! A meeting is its start instant, not its UID: several invitations for one start are one meeting, and it
//! is cancelled when the last of them is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use super::super::fact::{Fact, FactKind};
use super::super::handoff::PlannedMeeting;
use super::super::message::{
    Address, Calendar, CalendarMethod, Mailbox, MessageKind, PartStat, SchedulerEvent, SchedulerMail,
};
use super::correspondence::Correspondence;
use super::directory::Directory;
use super::feedback_answers::NewTime;
use super::judgement::{Meeting, MeetingState};
use super::meeting_steps::{MeetingStep, steps};
use super::participants::Participants;
use super::seen_message::SeenMessage;

/// The meeting from one instant on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MeetingRevision {
    pub since: DateTime<Utc>,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub cancelled: bool,
    pub why: String,
}

#[derive(Debug)]
struct Invitation {
    start: Option<DateTime<Utc>>,
    sequence: u32,
    live: bool,
}

impl Invitation {
    fn update(&mut self, calendar: &Calendar) {
        match calendar.method {
            Some(CalendarMethod::Request) => {
                self.sequence = calendar.sequence;
                self.start = calendar.start.or(self.start);
                self.live = true;
            }
            Some(CalendarMethod::Cancel) => {
                self.sequence = calendar.sequence;
                self.live = false;
            }
            _ => {}
        }
    }
}

/// The meeting as the first record has it, and as the one in force does.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedMeetings<'a> {
    pub first: &'a PlannedMeeting,
    pub current: &'a PlannedMeeting,
}

/// Calendar mail of a handoff, folded in the order of its own time.
#[derive(Debug)]
pub(super) struct Calendars {
    revisions: Vec<MeetingRevision>,
    own: BTreeMap<String, Invitation>,
    /// UIDs of which mail was seen before the handoff.
    known_before: BTreeSet<String>,
    starts: BTreeMap<String, DateTime<Utc>>,
    /// Names of the messages that are about the meeting.
    about: BTreeSet<String>,
    /// UIDs of invitations that name a prospect contact.
    with_prospects: BTreeSet<String>,
    answers: BTreeMap<Address, (DateTime<Utc>, PartStat)>,
    /// The AE has said that the meeting was rescheduled, and not when to: the next invitation tells.
    is_time_open: bool,
    length: Duration,
    planned: DateTime<Utc>,
    /// The planned start as clocks in the record's zone show it.
    planned_local: Option<NaiveDateTime>,
}

impl Calendars {
    /// What the record says, before any mail.
    fn planned(meetings: PlannedMeetings<'_>, participants: &Participants) -> Self {
        let PlannedMeetings { first, current: planned } = meetings;
        let begins = if first.start == planned.start { planned } else { first };
        let length = Duration::seconds(i64::from(begins.length_seconds));
        Self {
            revisions: vec![MeetingRevision {
                since: DateTime::<Utc>::MIN_UTC,
                start: begins.start,
                end: begins.start + length,
                cancelled: false,
                why: "planned in the record".to_owned(),
            }],
            own: BTreeMap::new(),
            known_before: BTreeSet::new(),
            starts: BTreeMap::new(),
            about: BTreeSet::new(),
            with_prospects: BTreeSet::new(),
            answers: BTreeMap::new(),
            is_time_open: false,
            length,
            planned: planned.start,
            planned_local: planned.local_start.or_else(|| local_start(planned, participants)),
        }
    }

    pub(crate) fn read(
        mail: &Correspondence,
        participants: &Participants,
        planned: PlannedMeetings<'_>,
        facts: &[Fact],
        new_times: &[NewTime],
        handed_over: Option<DateTime<Utc>>,
    ) -> Self {
        let mut calendars = Self::planned(planned, participants);
        calendars.learn_uids(mail, handed_over);
        // What changes while the intro waits counts as well.
        let asked =
            facts.iter().find(|fact| matches!(fact.what, FactKind::IntroAsked { .. })).map(|fact| fact.at);
        let asked_at = match (asked, handed_over) {
            (Some(asked), Some(since)) => Some(asked.min(since)),
            (asked, since) => asked.or(since),
        };
        for (at, step) in steps(mail, planned.first, facts, new_times) {
            match step {
                MeetingStep::Mail(seen) if seen.is_batons || participants.is_disbelieved(seen) => {}
                MeetingStep::Mail(seen) => {
                    let is_before = asked_at.is_none_or(|since| at < since);
                    calendars.take(mail, participants.directory, seen, is_before);
                }
                MeetingStep::Moved { start, length, why } => calendars.move_to(at, start, length, why),
                MeetingStep::Cancelled { why } => calendars.cancel(at, why),
                MeetingStep::TimeOpen { meeting } => {
                    calendars.is_time_open = calendars
                        .now()
                        .is_some_and(|now| meeting.is_none_or(|asked_about| asked_about == now.start));
                }
                MeetingStep::Settled => calendars.is_time_open = false,
            }
        }
        calendars.claim_the_rest(mail);
        calendars
    }

    /// Which invitations were known before the handoff, and the start that each was first sent with.
    fn learn_uids(&mut self, mail: &Correspondence, handed_over: Option<DateTime<Utc>>) {
        for seen in &mail.seen {
            let Some(calendar) = seen.calendar() else { continue };
            if handed_over.is_none_or(|at| seen.at < at) {
                self.known_before.insert(calendar.uid.clone());
            }
            if has_prospect(mail, seen, calendar) {
                self.with_prospects.insert(calendar.uid.clone());
            }
            if let (Some(start), Some(CalendarMethod::Request)) = (calendar.start, calendar.method) {
                self.starts.entry(calendar.uid.clone()).or_insert(start);
            }
        }
    }

    fn now(&self) -> Option<&MeetingRevision> {
        self.revisions.last()
    }

    /// What was the meeting when something arrived at `at`, that itself aside.
    fn revision_before(&self, at: DateTime<Utc>) -> Option<&MeetingRevision> {
        self.revisions.iter().rev().find(|revision| revision.since < at)
    }

    /// Start of what was the meeting then.
    pub(crate) fn start_before(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.revision_before(at).map(|revision| revision.start)
    }

    /// Whether what was the meeting then had been called off.
    pub(crate) fn was_cancelled_before(&self, at: DateTime<Utc>) -> bool {
        self.revision_before(at).is_some_and(|revision| revision.cancelled)
    }

    fn push(&mut self, revision: MeetingRevision) {
        self.revisions.push(revision);
    }

    fn move_to(&mut self, at: DateTime<Utc>, start: DateTime<Utc>, length: Option<Duration>, why: &str) {
        let length = length.unwrap_or(self.length);
        self.length = length;
        self.is_time_open = false;
        let is_same = self.now().is_some_and(|revision| {
            revision.start == start && revision.end == start + length && !revision.cancelled
        });
        if !is_same {
            self.push(MeetingRevision {
                since: at,
                start,
                end: start + length,
                cancelled: false,
                why: why.to_owned(),
            });
        }
    }

    fn cancel(&mut self, at: DateTime<Utc>, why: &str) {
        if let Some(revision) = self.now().cloned().filter(|revision| !revision.cancelled) {
            self.push(MeetingRevision { since: at, cancelled: true, why: why.to_owned(), ..revision });
        }
    }

    /// Takes one calendar or scheduler message. Before the handoff only UIDs and answers are learnt: the
    /// record has the last word on the time then.
    fn take(&mut self, mail: &Correspondence, directory: &Directory, seen: &SeenMessage, before: bool) {
        let said = seen.body().and_then(|body| body.scheduler.as_ref());
        if let Some(said) = said.filter(|_| seen.kind() == Some(MessageKind::Scheduler)) {
            if !before {
                self.take_scheduler(mail, directory, seen, said);
            }
            return;
        }
        if let (Some(calendar), Some(now)) = (seen.calendar(), self.now().cloned()) {
            self.take_calendar(mail, directory, seen, calendar, &now, before);
        }
    }

    fn take_calendar(
        &mut self,
        mail: &Correspondence,
        directory: &Directory,
        seen: &SeenMessage,
        calendar: &Calendar,
        now: &MeetingRevision,
        before: bool,
    ) {
        let has_prospect = has_prospect(mail, seen, calendar);
        let is_known = self.own.contains_key(&calendar.uid);
        let is_meeting = is_instance(calendar, now) || self.is_same_start(calendar, now);
        let is_same_start = !now.cancelled && has_prospect && is_meeting;
        let is_later = self.is_time_open && calendar.start.is_some_and(|start| start > now.start);
        let takes_its_place = (now.cancelled || is_later)
            && !before
            && calendar.start.is_some()
            && calendar.method == Some(CalendarMethod::Request)
            && has_prospect
            && is_between(mail, directory, seen, calendar)
            && self.own.get(&calendar.uid).is_none_or(|one| calendar.sequence >= one.sequence);
        if !is_known && !is_same_start && !takes_its_place {
            return;
        }
        // The row of an invitation that takes another's place is decided by what was the meeting before.
        if is_known || !takes_its_place {
            self.about.insert(seen.name().to_owned());
        }
        let start = calendar.start;
        let known =
            self.own.entry(calendar.uid.clone()).or_insert(Invitation { start, sequence: 0, live: true });
        if calendar.instance.is_some() && !is_instance(calendar, now) {
            // Another meeting of the series.
        } else if calendar.method == Some(CalendarMethod::Reply) {
            self.take_answers(mail, seen, calendar);
        } else if calendar.sequence >= known.sequence {
            known.update(calendar);
            self.follow(seen, calendar, now, before);
        }
    }

    /// The meeting moves with its invitation, and falls with the last that is live.
    fn follow(&mut self, seen: &SeenMessage, calendar: &Calendar, now: &MeetingRevision, before: bool) {
        match (calendar.method, calendar.start) {
            _ if before => {}
            (Some(CalendarMethod::Request), Some(start)) => {
                let length = calendar.end.map(|end| end - start).filter(|it| *it > Duration::zero());
                let is_moved = start != now.start || now.cancelled;
                let why = if is_moved { "the invitation has a new time" } else { "the invitation" };
                if is_moved || length.is_some_and(|length| now.start + length != now.end) {
                    self.move_to(seen.at, start, length, why);
                }
            }
            (Some(CalendarMethod::Cancel), _)
                if !self.own.values().any(|one| one.live && one.start == Some(now.start)) =>
            {
                self.cancel(seen.at, "the invitation was cancelled");
            }
            _ => {}
        }
    }

    fn take_scheduler(
        &mut self,
        mail: &Correspondence,
        directory: &Directory,
        seen: &SeenMessage,
        said: &SchedulerMail,
    ) {
        let Some(now) = self.now().cloned() else { return };
        let names_prospect = said.addresses.iter().any(|address| mail.is_prospect(address));
        let names_us = said.addresses.iter().any(|address| directory.is_party(address));
        let Some(start) = said.start.filter(|_| names_prospect && names_us) else { return };
        match said.event {
            SchedulerEvent::Cancelled if start == now.start && !now.cancelled => {
                self.about.insert(seen.name().to_owned());
                self.cancel(seen.at, "the scheduling tool says that it was cancelled");
            }
            SchedulerEvent::Booked | SchedulerEvent::Rescheduled
                if now.cancelled || (self.is_time_open && start > now.start) =>
            {
                let length = said.end.map(|end| end - start).filter(|it| *it > Duration::zero());
                self.move_to(seen.at, start, length, "a scheduling tool booked a new time");
            }
            _ => {}
        }
    }

    fn take_answers(&mut self, mail: &Correspondence, seen: &SeenMessage, calendar: &Calendar) {
        // Some programs list the others beside the one who answers, as not having answered.
        let answered =
            calendar.attendees.iter().filter(|attendee| attendee.partstat != PartStat::NeedsAction);
        for attendee in answered {
            let Some(contact) = mail.prospects.find(&attendee.address) else { continue };
            let slot = self.answers.entry(contact.clone()).or_insert((seen.at, attendee.partstat));
            if slot.0 <= seen.at {
                *slot = (seen.at, attendee.partstat);
            }
        }
    }

    /// What was read before the invitation that tells what it is about: a message without a start, and an answer
    /// that lists nobody but its author.
    fn claim_the_rest(&mut self, mail: &Correspondence) {
        for seen in mail.seen.iter().filter(|seen| !seen.is_batons) {
            let Some(calendar) = seen.calendar() else { continue };
            let is_reply = calendar.method == Some(CalendarMethod::Reply);
            let is_late = (calendar.start.is_none() || is_reply)
                && self.own.contains_key(&calendar.uid)
                && !self.about.contains(seen.name());
            if is_late {
                self.about.insert(seen.name().to_owned());
                if is_reply && calendar.start.is_none() {
                    self.take_answers(mail, seen, calendar);
                }
            }
        }
    }

    /// The event is at the meeting's time: by its instant, or, where it has none, by what the clocks show.
    fn is_same_start(&self, calendar: &Calendar, now: &MeetingRevision) -> bool {
        if let Some(start) = calendar.start {
            return start == now.start;
        }
        let written = calendar.written_start.as_ref().map(|written| written.local);
        let shown = self.planned_local.map(|local| local + (now.start - self.planned));
        written.is_some() && written == shown
    }

    /// UIDs of the meeting's invitations.
    pub(crate) fn own_uids(&self) -> impl Iterator<Item = &String> {
        self.own.keys()
    }

    /// The invitation of that UID names a prospect contact, or is the meeting's.
    pub(crate) fn is_with_prospect(&self, uid: &str) -> bool {
        self.with_prospects.contains(uid) || self.own.contains_key(uid)
    }

    pub(crate) fn is_own_meeting(&self, seen: &SeenMessage) -> bool {
        self.about.contains(seen.name())
    }

    pub(crate) fn was_known_before(&self, uid: &str) -> bool {
        self.known_before.contains(uid)
    }

    /// The start is the meeting's at `at`.
    pub(crate) fn is_start(&self, start: DateTime<Utc>, at: DateTime<Utc>) -> bool {
        self.revision_before(at).is_some_and(|revision| revision.start == start && !revision.cancelled)
    }

    /// The calendar message is for the meeting's own start at `at`; a reply without a start has its
    /// invitation's.
    pub(crate) fn is_own_start(&self, calendar: &Calendar, at: DateTime<Utc>) -> bool {
        let start = calendar.start.or_else(|| self.starts.get(&calendar.uid).copied());
        start.is_some_and(|start| self.is_start(start, at))
    }

    pub(crate) fn meeting(&self, now: DateTime<Utc>) -> Meeting {
        let revision = self.now();
        let (start, end) =
            revision.map_or((self.planned, self.planned), |revision| (revision.start, revision.end));
        let state = match revision {
            Some(revision) if revision.cancelled => MeetingState::Cancelled,
            _ if now >= end => MeetingState::Over,
            _ if start != self.planned => MeetingState::Moved,
            _ => MeetingState::Planned,
        };
        Meeting { start, end, state }
    }

    pub(crate) fn cancelled_since(&self) -> Option<DateTime<Utc>> {
        self.now().filter(|revision| revision.cancelled).map(|revision| revision.since)
    }

    /// Every start that the meeting has had.
    pub(crate) fn starts(&self) -> impl Iterator<Item = DateTime<Utc>> {
        self.revisions.iter().map(|revision| revision.start)
    }

    /// Every change after the first plan.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &MeetingRevision> {
        self.revisions.iter().skip(1)
    }

    /// The prospect attendees, where every one of them has declined since the handoff: who, and since when.
    pub(crate) fn declined(
        &self,
        mail: &Correspondence,
        attendees: &[Mailbox],
        handed_over: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, Vec<Mailbox>)> {
        let prospects: Vec<&Mailbox> =
            attendees.iter().filter(|attendee| mail.is_prospect(&attendee.address)).collect();
        // Who declined another time has not declined this one.
        let start = self.now().map(|revision| revision.start);
        let revisions = self.revisions.iter().rev();
        let since = revisions
            .take_while(|revision| Some(revision.start) == start)
            .last()
            .map(|revision| revision.since);
        let handed_over = since.map_or(handed_over, |since| since.max(handed_over));
        let mut last = None;
        for prospect in &prospects {
            match mail.prospects.find(&prospect.address).and_then(|contact| self.answers.get(contact)) {
                Some((at, PartStat::Declined)) if *at >= handed_over => {
                    last = last.max(Some(*at));
                }
                _ => return None,
            }
        }
        last.map(|at| (at, prospects.into_iter().cloned().collect()))
    }
}

/// The message is about one instance of a series, and that is the meeting.
fn is_instance(calendar: &Calendar, now: &MeetingRevision) -> bool {
    calendar.instance.as_ref().is_some_and(|instance| instance.at == Some(now.start))
}

/// The planned start on the clocks of the record's zone, where that is a zone of SDR or AE.
fn local_start(planned: &PlannedMeeting, participants: &Participants) -> Option<NaiveDateTime> {
    let people = [participants.ae_person(), participants.sdr_person()];
    let mut zones = people.into_iter().flatten().map(|person| &person.working.zone);
    let zone = zones.find(|zone| zone.name() == planned.zone)?;
    Some(zone.local(planned.start).naive_local())
}

fn has_prospect(mail: &Correspondence, seen: &SeenMessage, calendar: &Calendar) -> bool {
    calendar.attendees.iter().any(|attendee| mail.is_prospect(&attendee.address))
        || calendar.organizer.as_ref().is_some_and(|organizer| mail.is_prospect(organizer))
        || mail.by_prospect(seen)
}

/// Between AE or SDR and a prospect contact, no matter who invites.
fn is_between(mail: &Correspondence, directory: &Directory, seen: &SeenMessage, calendar: &Calendar) -> bool {
    let ours = |address: &Address| directory.is_party(address);
    let from_us = seen.has_authors(ours);
    let names_us = calendar.organizer.as_ref().is_some_and(ours)
        || calendar.attendees.iter().any(|attendee| ours(&attendee.address));
    let by_tool = seen.body().is_some_and(|body| body.scheduler.is_some());
    from_us || ((mail.by_prospect(seen) || by_tool) && names_us)
}
