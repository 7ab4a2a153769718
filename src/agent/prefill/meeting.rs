//! The next meeting with a prospect, as its invitation and the answers to it say.
//!
//! Of each event the newest version counts: the highest sequence, of two the later. One that was called off, that is
//! over, or that everybody at the prospect's has declined is none. Where the invitation itself is not in the mailbox, an
//! answer that repeats it stands for it. Known limits: an event that recurs is its first date; changes to single dates
//! of a series are not read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::judge::Policy;
use crate::domain::message::{Address, Calendar, CalendarMethod, Mailbox, PartStat};
use crate::domain::zone::{Zone, ZoneSource};
use crate::mail::tz_name;
use crate::record::show_length;

use super::conversation::{SeenAuthor, SeenMail};
use super::named::{NamedProspect, is_configured, is_ours};
use super::people::person_name;

/// Longer events are days, no meetings.
const LONGEST_HOURS: i64 = 12;

/// Calendars and rooms have addresses below these.
const NOBODYS: [&str; 2] = ["resource.calendar.google.com", "group.calendar.google.com"];

/// See the module.
#[derive(Debug)]
pub(super) struct NextMeeting<'m> {
    /// The mail that says it.
    pub source: &'m SeenMail,
    pub start: DateTime<Utc>,
    pub calendar: &'m Calendar,
    /// People from outside who are invited and have not declined.
    pub guests: Vec<Mailbox>,
    /// Who accepted, by which mail.
    pub accepted: Vec<(Address, &'m SeenMail)>,
    /// Our AEs among those who are invited, by name.
    pub aes: Vec<String>,
}

/// The next meeting that somebody of the prospect's is invited to; one with an address that was named goes first.
pub(super) fn next_meeting<'m>(
    policy: &Policy,
    prospect: &NamedProspect,
    mails: &'m [SeenMail],
    now: DateTime<Utc>,
) -> Option<NextMeeting<'m>> {
    let mut events: BTreeMap<&str, Vec<(&SeenMail, &Calendar)>> = BTreeMap::new();
    for mail in mails {
        if let Some(calendar) = mail.calendar.as_ref().filter(|calendar| calendar.instance.is_none()) {
            events.entry(calendar.uid.as_str()).or_default().push((mail, calendar));
        }
    }
    let meetings = events.into_values().filter_map(|versions| meeting(policy, prospect, &versions, now));
    meetings.min_by_key(|meeting| {
        let has_named = meeting.guests.iter().any(|guest| prospect.addresses.contains(&guest.address));
        (!has_named, meeting.start)
    })
}

/// What the messages about one event come to.
fn meeting<'m>(
    policy: &Policy,
    prospect: &NamedProspect,
    versions: &[(&'m SeenMail, &'m Calendar)],
    now: DateTime<Utc>,
) -> Option<NextMeeting<'m>> {
    let invites = |calendar: &Calendar| {
        matches!(calendar.method, None | Some(CalendarMethod::Request | CalendarMethod::Publish))
    };
    let newest = |test: &dyn Fn(&SeenMail, &Calendar) -> bool| {
        let fit = versions.iter().filter(|(mail, calendar)| test(mail, calendar)).copied();
        fit.max_by_key(|(mail, calendar)| (calendar.sequence, mail.at))
    };
    let request = newest(&|mail, calendar| invites(calendar) && is_for_us(policy, mail, calendar));
    let declined =
        |calendar: &Calendar| calendar.attendees.iter().all(|one| one.partstat == PartStat::Declined);
    let answered = || {
        newest(&|mail, calendar| {
            calendar.method == Some(CalendarMethod::Reply) && mail.prospect().is_some() && !declined(calendar)
        })
    };
    let (source, calendar) = request.or_else(answered)?;
    // Some programs call an event off without counting its sequence up.
    let is_called_off = versions.iter().any(|(mail, other)| {
        other.method == Some(CalendarMethod::Cancel)
            && (other.sequence > calendar.sequence || mail.at >= source.at)
    });
    let start = calendar.start.filter(|start| *start > now && !is_called_off)?;
    let answers = answers(versions, calendar);
    let has_declined = |address: &Address| {
        answers.iter().any(|(who, _, partstat)| who == address && *partstat == PartStat::Declined)
    };
    let mut guests = guests(policy, source, calendar);
    let invited = guests.iter().filter(|guest| prospect.has(&guest.address)).count();
    guests.retain(|guest| !has_declined(&guest.address));
    let coming = guests.iter().filter(|guest| prospect.has(&guest.address)).count();
    let accepted = answers.iter().filter(|(_, _, partstat)| *partstat == PartStat::Accepted);
    let accepted: Vec<_> = accepted.map(|(who, mail, _)| (who.clone(), *mail)).collect();
    (invited > 0 && coming > 0).then(|| NextMeeting {
        source,
        start,
        calendar,
        aes: aes(policy, calendar),
        guests,
        accepted,
    })
}

/// A request is; what is only published, such as a webinar, where somebody of ours takes part.
fn is_for_us(policy: &Policy, mail: &SeenMail, calendar: &Calendar) -> bool {
    let mut people = calendar.attendees.iter().map(|one| &one.address).chain(&calendar.organizer);
    calendar.method == Some(CalendarMethod::Request)
        || mail.prospect().is_none()
        || people.any(|address| is_configured(policy, address) || is_ours(policy, address.domain()))
}

/// The last answer of each of the prospect's people to this version of the event, or to another at the same time.
fn answers<'m>(
    versions: &[(&'m SeenMail, &'m Calendar)],
    event: &Calendar,
) -> Vec<(Address, &'m SeenMail, PartStat)> {
    let mut last: Vec<(Address, &SeenMail, PartStat)> = Vec::new();
    for (mail, reply) in versions {
        let is_about_it = reply.start.is_none_or(|start| Some(start) == event.start);
        if reply.method != Some(CalendarMethod::Reply) || !is_about_it {
            continue;
        }
        let Some(author) = mail.prospect() else { continue };
        let own = reply.attendees.iter().find(|one| one.address == author.address);
        let Some(attendee) = own.or_else(|| reply.attendees.first()) else { continue };
        // Mails stand in the order in which they came.
        last.retain(|(who, ..)| *who != author.address);
        last.push((author.address.clone(), mail, attendee.partstat));
    }
    last
}

/// Everybody from outside who is invited, the organizer included.
fn guests(policy: &Policy, source: &SeenMail, event: &Calendar) -> Vec<Mailbox> {
    let organizer = event
        .organizer
        .iter()
        .map(|address| Mailbox { name: source.details.organizer_name.clone(), address: address.clone() });
    let attendees = event.attendees.iter().filter(|one| one.partstat != PartStat::Declined);
    let attendees = attendees.map(|one| Mailbox { name: one.name.clone(), address: one.address.clone() });
    let answering = source.prospect().filter(|_| event.method == Some(CalendarMethod::Reply)).cloned();
    let mut guests: Vec<Mailbox> = Vec::new();
    for one in answering.into_iter().chain(organizer).chain(attendees) {
        let address = &one.address;
        let is_nobodys = NOBODYS.iter().any(|domain| address.domain().ends_with(domain))
            || source.details.resources.contains(address)
            || (source.author == SeenAuthor::Scheduler && Some(address) == event.organizer.as_ref());
        let is_own = is_configured(policy, address) || is_ours(policy, address.domain());
        let is_outside = !is_nobodys && !is_own;
        let name = person_name(&one.name, address);
        match guests.iter_mut().find(|known| known.address == *address) {
            Some(known) if known.name.is_empty() => known.name = name,
            Some(_) => {}
            None if is_outside => guests.push(Mailbox { name, address: address.clone() }),
            None => {}
        }
    }
    guests
}

fn aes(policy: &Policy, event: &Calendar) -> Vec<String> {
    let addresses = event.attendees.iter().map(|one| &one.address).chain(&event.organizer);
    let people = addresses.filter_map(|address| policy.person_at(address));
    let mut names: Vec<String> = people
        .filter(|person| person.roles.contains(&crate::domain::people::TeamRole::Ae))
        .map(|person| person.name.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl NextMeeting<'_> {
    /// Our AE who is invited, where there is one and no other.
    pub(super) fn only_ae(&self) -> Option<&str> {
        match self.aes.as_slice() {
            [ae] => Some(ae),
            _ => None,
        }
    }

    /// `2026-11-26 14:00 America/New_York, 30 min`, in the invitation's zone where that has a name that people know,
    /// else in `zone`. The length only where the invitation says it.
    pub(super) fn date_time(&self, zones: &dyn ZoneSource, zone: &dyn Zone) -> String {
        let written = self.calendar.written_start.as_ref();
        let of_invitation = written.and_then(|written| {
            let zone = zones.zone(&tz_name(written.zone.as_deref()?)?)?;
            (zone.instant(written.local) == self.start).then_some(zone)
        });
        let zone = of_invitation.as_deref().unwrap_or(zone);
        let local = zone.local(self.start);
        // Of an hour that occurs twice, only one can be written.
        let when = if zone.instant(local.naive_local()) == self.start {
            format!("{} {}", local.format("%Y-%m-%d %H:%M"), zone.name())
        } else {
            format!("{} UTC", self.start.format("%Y-%m-%d %H:%M"))
        };
        let length = self.calendar.end.map(|end| end - self.start);
        let length = length.filter(|length| length.num_seconds() > 0 && length.num_hours() < LONGEST_HOURS);
        match length.and_then(|length| u32::try_from(length.num_seconds()).ok()) {
            Some(seconds) => format!("{when}, {}", show_length(seconds)),
            None => when,
        }
    }
}
