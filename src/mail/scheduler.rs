//! Mail of scheduling tools: which tool, whether it confirms, reminds or cancels, when, and whom it names.
//!
//! The tools are data (language/provider/*.toml), to which a configuration may add. A tool's mail about a booking is
//! told from its newsletters by subject or by the links that only bookings have. Times are read from a calendar part,
//! else from the forms that tools write, with a zone; anything doubtful gives none. Limits: 100 addresses and 40
//! names, from the first 20,000 characters.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::booking_time;
use super::bounce_text::addresses_in;
use super::classify::view::MessageView;
use crate::domain::message::{Address, Calendar, Headers, SchedulerEvent, SchedulerMail};
use crate::domain::zone::ZoneLookup;
use crate::language::provider;
use crate::language::{Role, alternation, lines, matcher, words};
use crate::pattern::{LazyPattern, Pattern, around_words};

const MAX_CHARS: usize = 20_000;
const MAX_ADDRESSES: usize = 100;
const MAX_NAMES: usize = 40;

/// A scheduling tool as its mail shows it; all texts in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulingTool {
    pub name: String,
    /// Domains (and all below them), or whole addresses, that it sends from.
    pub senders: Vec<String>,
    /// Words of which a subject must hold one, where its senders write other mail too. Empty: the common words
    /// of bookings.
    pub subjects: Vec<String>,
    /// Pieces of links that only mail about a booking holds.
    pub links: Vec<String>,
}

impl SchedulingTool {
    fn sends_from(&self, address: &Address) -> bool {
        self.sends(&AddressEnds::of(address))
    }

    fn sends(&self, address: &AddressEnds<'_>) -> bool {
        self.senders.iter().any(|sender| {
            address.may_be_one(sender)
                && address.whole.strip_suffix(sender.as_str()).is_some_and(|rest| {
                    rest.is_empty() || rest.ends_with(['@', '.']) && !sender.contains('@')
                })
        })
    }
}

/// An address, and how long it and its ends behind an `@` or a full stop are: no others are compared with the senders of
/// the many tools.
struct AddressEnds<'a> {
    whole: &'a str,
    /// Each length is a bit, of long ones the remainder.
    lengths: u64,
}

impl<'a> AddressEnds<'a> {
    fn of(address: &'a Address) -> Self {
        let whole = address.as_str();
        let ends = whole.bytes().rev().enumerate().filter(|(_, byte)| matches!(byte, b'@' | b'.'));
        let lengths = ends.map(|(length, _)| length).chain([whole.len()]);
        Self { whole, lengths: lengths.fold(0, |all, length| all | 1 << (length % 64)) }
    }

    fn may_be_one(&self, sender: &str) -> bool {
        self.lengths >> (sender.len() % 64) & 1 == 1
    }
}

/// The tools known without configuration: those that a file of language/provider describes.
pub(crate) fn built_in() -> Vec<SchedulingTool> {
    let described =
        provider::all().iter().filter_map(|file| Some((&file.name, file.facts.scheduling.as_ref()?)));
    described
        .map(|(name, facts)| SchedulingTool {
            name: name.clone(),
            senders: facts.senders.clone(),
            subjects: facts.subjects.clone(),
            links: facts.links.clone(),
        })
        .collect()
}

/// Words of bookings at the begin of a word in a subject.
static BOOKING: Pattern = LazyLock::new(|| beginning_words(Role::BookingSubjects));
static REMINDER: Pattern = LazyLock::new(|| beginning_words(Role::ReminderSubjects));
static RESCHEDULED: Pattern = LazyLock::new(|| beginning_words(Role::RescheduledSubjects));
static CANCELLED: Pattern = LazyLock::new(|| beginning_words(Role::CancelledSubjects));

/// Where words are parted by blanks; elsewhere anywhere.
fn beginning_words(role: Role) -> LazyPattern {
    around_words(&format!(r"(?:\b|[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}]){}", alternation(role)))
}

/// The tool of `tools` whose mail about a booking `view` is. `event` is its calendar part.
pub(crate) fn tool_behind<'o>(
    view: &MessageView<'_, '_>,
    event: Option<&Calendar>,
    tools: &'o [SchedulingTool],
    zones: Option<&ZoneLookup>,
) -> Option<&'o SchedulingTool> {
    // Links are looked for last: that walks the whole message once for each of them.
    let by_link = || {
        let may_be = writes_for_tool(view, event, zones);
        may_be.then(|| tools.iter().find(|tool| has_link(view, tool))).flatten()
    };
    let people: Vec<AddressEnds<'_>> = authors(view.headers).map(AddressEnds::of).collect();
    tools
        .iter()
        .find(|tool| people.iter().any(|address| tool.sends(address)))
        .filter(|tool| about_booking(view, tool) || tells_of_meeting(view, event, zones))
        .or_else(by_link)
}

/// What the mail of `tool` tells.
pub(crate) fn read(
    view: &MessageView<'_, '_>,
    event: Option<&Calendar>,
    tool: &SchedulingTool,
    zones: Option<&ZoneLookup>,
) -> SchedulerMail {
    let text = clip(view.text());
    let cancelled = CANCELLED.is_match(&view.subject)
        || event.is_some_and(|event| event.method == Some(crate::domain::message::CalendarMethod::Cancel));
    let kind = if REMINDER.is_match(&view.subject) {
        SchedulerEvent::Reminder
    } else if cancelled {
        SchedulerEvent::Cancelled
    } else if RESCHEDULED.is_match(&view.subject) {
        SchedulerEvent::Rescheduled
    } else {
        SchedulerEvent::Booked
    };
    let start = event.and_then(|event| event.start).or_else(|| start_in_words(view, zones));
    SchedulerMail {
        tool: tool.name.clone(),
        event: kind,
        start,
        end: event.and_then(|event| event.end),
        addresses: addresses(view, event, text, tool),
        names: names(view, event, text),
    }
}

/// Whether From or Sender is one of the tools'.
pub(crate) fn sends(headers: &Headers, tools: &[SchedulingTool]) -> bool {
    authors(headers).map(AddressEnds::of).any(|address| tools.iter().any(|tool| tool.sends(&address)))
}

/// From and Sender.
fn authors(headers: &Headers) -> impl Iterator<Item = &Address> {
    headers.from.iter().chain(&headers.sender).map(|person| &person.address)
}

fn about_booking(view: &MessageView<'_, '_>, tool: &SchedulingTool) -> bool {
    let subject = if tool.subjects.is_empty() {
        BOOKING.is_match(&view.subject) || BETWEEN.is_match(&view.subject)
    } else {
        tool.subjects.iter().any(|words| view.subject.contains(words.as_str()))
    };
    subject && (!view.marks.list_unsubscribe || view.marks.campaign.is_none() || has_link(view, tool))
        || has_link(view, tool)
}

/// When it is, by subject and text.
fn start_in_words(view: &MessageView<'_, '_>, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    let written = view.headers.received.or(view.headers.date);
    booking_time::start_in(&format!("{}\n{}", view.headers.subject, clip(view.text())), written, zones)
}

/// Whatever a tool's subject says: its mail gives a time, and somebody by a label or an address.
fn tells_of_meeting(
    view: &MessageView<'_, '_>,
    event: Option<&Calendar>,
    zones: Option<&ZoneLookup>,
) -> bool {
    let text = clip(view.text());
    let is_campaign = view.marks.list_unsubscribe && view.marks.campaign.is_some();
    let names_somebody = || LABEL.is_match(text) || !addresses_in(text).is_empty();
    !is_campaign
        && (event.is_some_and(|event| event.start.is_some()) || start_in_words(view, zones).is_some())
        && names_somebody()
}

/// A mailbox of the user's own may write for a tool (Microsoft Bookings): it has the links, and an event or a
/// booking's subject and time.
fn writes_for_tool(view: &MessageView<'_, '_>, event: Option<&Calendar>, zones: Option<&ZoneLookup>) -> bool {
    let says_so = || {
        !view.is_answer()
            && view.headers.in_reply_to.is_empty()
            && BOOKING.is_match(&view.subject)
            && LABEL.is_match(clip(view.text()))
            && start_in_words(view, zones).is_some()
    };
    event.is_some() || says_so()
}

fn has_link(view: &MessageView<'_, '_>, tool: &SchedulingTool) -> bool {
    !tool.links.is_empty() && view.holds_link(&tool.links)
}

fn clip(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Everybody named: headers, calendar, text. The tool's own addresses are left out.
fn addresses(
    view: &MessageView<'_, '_>,
    event: Option<&Calendar>,
    text: &str,
    tool: &SchedulingTool,
) -> Vec<Address> {
    let headers = view.headers;
    let people = headers
        .from
        .iter()
        .chain(&headers.sender)
        .chain(&headers.reply_to)
        .chain(&headers.to)
        .chain(&headers.cc)
        .map(|person| person.address.clone());
    let invited = event.into_iter().flat_map(|event| {
        event.organizer.iter().chain(event.attendees.iter().map(|one| &one.address)).cloned()
    });
    let mut found: Vec<Address> = Vec::new();
    for address in people.chain(invited).chain(addresses_in(text)) {
        if found.len() < MAX_ADDRESSES && !tool.sends_from(&address) && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// Labels before a name, on their line or the line above it.
static LABEL: Pattern = LazyLock::new(|| {
    around_words(&format!(
        r"(?m)^[\s*•-]*{}s?\s*(?:\(s\))?\s*[:：]\**[ \t]*(?:\r?\n[ \t]*)?([^\r\n]{{2,200}})$",
        alternation(Role::BookingLabels)
    ))
});
/// A name in a sentence, and what may end it.
const NAME: &str = r"([^,@<>:\n]{2,60}?)";

fn name_end() -> String {
    format!(r"(?:$|[,:(@-]| {} )", alternation(Role::NameEnds))
}

/// `between Sarah Lee and Calvin Reyes`.
static BETWEEN: Pattern = LazyLock::new(|| {
    let words = |group| {
        let found = lines(Role::BetweenNames).filter(|(_, line)| line.group() == Some(group));
        found.map(|(_, line)| line.expression()).collect::<Vec<_>>().join("|")
    };
    around_words(&format!(r"\b(?:{}) {NAME} (?:{}) {NAME}{}", words(0), words(1), name_end()))
});
static MEETING_WITH: Pattern =
    LazyLock::new(|| around_words(&format!(r"\b{} {NAME}{}", alternation(Role::MeetingWith), name_end())));
/// `New Event: Sarah Lee - 10:00am Thu`: the forms of single tools.
static NAME_IN_FORM: Pattern = LazyLock::new(|| {
    let tools = provider::all().iter().filter_map(|file| file.facts.scheduling.as_ref());
    let before: Vec<String> =
        tools.flat_map(|facts| &facts.before_name).map(|words| regex::escape(words)).collect();
    around_words(&format!(r"(?:{})([^-:]{{2,60}}?) - \d", before.join("|")))
});

/// Words that are written as names are, wherever they stand: `Calvin Reyes` in `Your Intro with Calvin Reyes at 10:00am`.
fn names_as_written(text: &str) -> Vec<String> {
    let particles = words(Role::NameParticle);
    let mut found = Vec::new();
    for line in text.lines() {
        let mut name: Vec<&str> = Vec::new();
        for written in line.split_whitespace().chain([""]) {
            let word = written.trim_matches(|c: char| !c.is_alphanumeric());
            let opens = written.starts_with(['(', '"', '*', '<']);
            let is_name = word.starts_with(char::is_uppercase);
            if !opens && !is_name && particles.contains(&word) && !name.is_empty() {
                name.push(word);
                continue;
            }
            if opens || !is_name {
                found.extend(full_name(&mut name));
            }
            if is_name {
                name.push(word);
            }
            if !written.ends_with(word) {
                found.extend(full_name(&mut name));
            }
        }
    }
    found
}

/// What was gathered, where it is more than one word.
fn full_name(words: &mut Vec<&str>) -> Option<String> {
    let whole = std::mem::take(words);
    (whole.len() > 1).then(|| whole.join(" "))
}

fn names(view: &MessageView<'_, '_>, event: Option<&Calendar>, text: &str) -> Vec<String> {
    let headers = view.headers;
    let in_headers = headers
        .from
        .iter()
        .chain(&headers.sender)
        .chain(&headers.reply_to)
        .chain(&headers.to)
        .chain(&headers.cc)
        .map(|person| person.name.clone());
    let invited = event.into_iter().flat_map(|event| event.attendees.iter().map(|one| one.name.clone()));
    let labelled = LABEL
        .captures_iter(text)
        .take(MAX_NAMES)
        .filter_map(|found| found.get(1))
        .flat_map(|value| value.as_str().split([',', ';', '&']).map(str::to_owned).collect::<Vec<_>>());
    let subject = &headers.subject;
    let spoken = BETWEEN
        .captures_iter(subject)
        .chain(BETWEEN.captures_iter(text).take(5))
        .flat_map(|found| [found.get(1), found.get(2)])
        .flatten();
    let with = MEETING_WITH
        .captures_iter(subject)
        .chain(MEETING_WITH.captures_iter(text).take(5))
        .chain(NAME_IN_FORM.captures_iter(subject))
        .filter_map(|found| found.get(1));
    let written = [subject, text].into_iter().flat_map(names_as_written);
    let all = in_headers
        .chain(invited)
        .chain(labelled)
        .chain(spoken.chain(with).map(|name| name.as_str().to_owned()))
        .chain(written.take(MAX_NAMES));
    let mut found: Vec<String> = Vec::new();
    for name in all {
        let name = clean(&name);
        if found.len() < MAX_NAMES
            && name.chars().any(char::is_alphabetic)
            && !name.contains('@')
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

fn clean(name: &str) -> String {
    let name = name.split(['<', '(', '|']).next().unwrap_or_default();
    let via = matcher(Role::NameVia).find(name).map_or(name.len(), |found| found.start);
    let name = name.get(..via).unwrap_or(name);
    name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '"' | '\'' | '-' | '.' | '!'))
        .chars()
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::message::{MessageKind, SchedulerEvent, SchedulerMail};
    use crate::language::provider;
    use crate::mail::classify::tests::body;

    const CALENDLY: &str = "From: Calendly <notifications@calendly.com>\nReply-To: sarah@acme.example\nTo: calvin@vendor.example\nSubject: New Event: Sarah Lee - 10:00am Thu, Nov 26, 2026 - 30 Minute Meeting\nContent-Type: text/plain\n\nHi Calvin Reyes,\n\nA new event has been scheduled.\n\nEvent Type:\n30 Minute Meeting\n\nInvitee:\nSarah Lee\n\nInvitee Email:\nsarah@acme.example\n\nEvent Date/Time:\n10:00am - Thursday, November 26, 2026 (Eastern Time - US & Canada)\n\nView event: https://calendly.com/events/abc\n";

    fn scheduler(raw: &str) -> SchedulerMail {
        body(raw).scheduler.unwrap()
    }

    #[test]
    fn every_tool_is_known_by_the_subjects_that_its_file_gives() {
        for file in provider::all() {
            let Some(facts) = &file.facts.scheduling else { continue };
            assert!(!facts.examples.is_empty(), "{} has no example", file.name);
            for (sender, subject) in
                facts.senders.iter().flat_map(|sender| facts.examples.iter().map(move |one| (sender, one)))
            {
                let from = if sender.contains('@') { sender.clone() } else { format!("notices@{sender}") };
                let raw = format!(
                    "From: {from}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nhi\n"
                );
                let found = body(&raw).scheduler.map(|mail| mail.tool);
                assert_eq!(found.as_deref(), Some(file.name.as_str()), "{sender}: {subject}");
            }
        }
    }

    #[test]
    fn calendlys_confirmation_names_both_and_the_time() {
        let found = scheduler(CALENDLY);
        assert_eq!(body(CALENDLY).kind, MessageKind::Scheduler);
        assert_eq!(found.event, SchedulerEvent::Booked);
        assert_eq!(found.start.unwrap().to_rfc3339(), "2026-11-26T15:00:00+00:00");
        assert_eq!(
            found.addresses.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
            ["sarah@acme.example", "calvin@vendor.example"]
        );
        assert!(found.names.contains(&"Sarah Lee".to_owned()));
    }

    #[test]
    fn a_reminder_and_a_cancellation_are_told_apart_from_a_confirmation() {
        assert_eq!(scheduler(&CALENDLY.replace("New Event:", "Reminder:")).event, SchedulerEvent::Reminder);
        assert_eq!(scheduler(&CALENDLY.replace("New Event:", "Canceled:")).event, SchedulerEvent::Cancelled);
    }

    #[test]
    fn a_tools_newsletter_is_no_booking() {
        assert_eq!(body("From: Calendly <news@calendly.com>\nSubject: Five tips for busy people\nList-Unsubscribe: <https://x>\nFeedback-ID: 1\n\nTips\n").kind, MessageKind::Bulk);
    }

    #[test]
    fn a_time_without_a_zone_is_no_instant() {
        assert_eq!(scheduler(&CALENDLY.replace(" (Eastern Time - US & Canada)", "")).start, None);
    }

    #[test]
    fn a_host_is_named_wherever_the_name_stands() {
        let of = |subject: &str, text: &str| {
            let head = "From: Calendly <notifications@calendly.com>\nTo: dana@vendor.example\nContent-Type: text/plain; charset=utf-8";
            scheduler(&format!("{head}\nSubject: {subject}\n\n{text}\n")).names
        };
        for (subject, text) in [
            (
                "Confirmed: Intro with Calvin Reyes",
                "Your Intro with Calvin Reyes at 10:00am on Friday, November 13, 2026 (Eastern Time) is confirmed.\nInvitee: sarah@acme.example",
            ),
            (
                "New Event: Sarah Lee - 10:00am Fri, Nov 13, 2026",
                "A new event has been scheduled.\nHost: Calvin Reyes\nInvitee: Sarah Lee",
            ),
            (
                "New Event: Sarah Lee - 10:00am Fri, Nov 13, 2026",
                "Sarah Lee has booked a call (Calvin Reyes, 30 min).",
            ),
        ] {
            assert!(
                of(subject, text).contains(&"Calvin Reyes".to_owned()),
                "{text}: {:?}",
                of(subject, text)
            );
        }
        let others = of(
            "New Event: Sarah Lee - 10:00am Fri, Nov 13, 2026",
            "Ask Calvin. Reyes is away.\nAna de la Cruz joins.",
        );
        assert!(!others.iter().any(|name| name.contains("Calvin Reyes")), "{others:?}");
        assert!(others.contains(&"Ana de la Cruz".to_owned()), "{others:?}");
    }
}
