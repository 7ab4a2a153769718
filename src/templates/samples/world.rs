//! Who and what the samples are about: three zones, five people, one record.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc, Weekday};

use crate::domain::handoff::{DealRole, Objection, PlannedMeeting, Record, Stakeholder};
use crate::domain::judge::{AddressesInOrder, Policy};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::{Person, TeamRole, WorkingTime};
use crate::domain::sla::SlaPolicy;
use crate::domain::zone::Zone;

/// A zone without clock changes, enough for one week.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SampleZone {
    name: &'static str,
    abbreviation: &'static str,
    hours_east: i32,
}

pub(crate) const NEW_YORK: SampleZone =
    SampleZone { name: "America/New_York", abbreviation: "EST", hours_east: -5 };
pub(crate) const MADRID: SampleZone =
    SampleZone { name: "Europe/Madrid", abbreviation: "CET", hours_east: 1 };
pub(crate) const UTC: SampleZone = SampleZone { name: "UTC", abbreviation: "UTC", hours_east: 0 };

impl Zone for SampleZone {
    fn name(&self) -> &str {
        self.name
    }

    fn offset_at(&self, _: DateTime<Utc>) -> FixedOffset {
        FixedOffset::east_opt(self.hours_east * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
    }

    fn abbreviation_at(&self, _: DateTime<Utc>) -> String {
        self.abbreviation.to_owned()
    }

    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        self.offset_at(DateTime::UNIX_EPOCH)
            .from_local_datetime(&local)
            .earliest()
            .map_or(DateTime::UNIX_EPOCH, |local| local.to_utc())
    }
}

/// The zones that samples are in.
pub(crate) fn zone(name: &str) -> Option<Arc<dyn Zone>> {
    let known = [NEW_YORK, MADRID, UTC].into_iter().find(|zone| zone.name == name)?;
    Some(Arc::new(known))
}

/// Day of November 2026, hour and minute in New York.
pub(crate) fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    let local = NaiveDate::from_ymd_opt(2026, 11, day).and_then(|date| date.and_hms_opt(hour, minute, 0));
    local.map_or(DateTime::UNIX_EPOCH, |local| NEW_YORK.instant(local))
}

pub(crate) fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default()
}

pub(crate) fn address(text: &str) -> Address {
    // Every address below is one.
    Address::new(text).unwrap_or_else(|| address("nobody@vendor.example"))
}

pub(crate) fn mailbox(name: &str, text: &str) -> Mailbox {
    Mailbox { name: name.to_owned(), address: address(text) }
}

pub(crate) fn sarah() -> Mailbox {
    mailbox("Sarah Lee", "sarah@acme.example")
}

pub(crate) fn james() -> Mailbox {
    mailbox("James Ortiz", "james@acme.example")
}

pub(crate) fn dana() -> Mailbox {
    mailbox("Dana Fox", "dana@vendor.example")
}

pub(crate) fn calvin() -> Mailbox {
    mailbox("Calvin Reyes", "calvin@vendor.example")
}

pub(crate) fn morgan() -> Mailbox {
    mailbox("Morgan Hale", "morgan@vendor.example")
}

/// The mailbox that baton writes from, which is nobody's own.
fn agent() -> Mailbox {
    mailbox("baton", "baton@vendor.example")
}

pub(crate) fn operator() -> Mailbox {
    mailbox("", "ops@vendor.example")
}

fn person(mailbox: &Mailbox, role: TeamRole, zone: SampleZone, account: Option<&str>) -> Person {
    Person {
        name: mailbox.name.clone(),
        roles: BTreeSet::from([role]),
        address: mailbox.address.clone(),
        aliases: Vec::new(),
        delegates: Vec::new(),
        account: account.map(str::to_owned),
        working: WorkingTime {
            zone: Arc::new(zone),
            workdays: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            opens: 9 * 60,
            closes: 17 * 60,
            holidays: BTreeSet::new(),
        },
        manager: (role != TeamRole::Manager).then(|| "Morgan Hale".to_owned()),
        introduce: None,
        signature: None,
    }
}

pub(crate) fn policy(morgans_zone: SampleZone) -> Policy {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    Policy {
        takes_up: |_, _| false,
        in_order: AddressesInOrder::default(),
        people: vec![
            person(&dana(), TeamRole::Sdr, NEW_YORK, Some("dana")),
            person(&calvin(), TeamRole::Ae, NEW_YORK, Some("calvin")),
            person(&morgan(), TeamRole::Manager, morgans_zone, None),
            person(&mailbox("Robin Park", "robin@vendor.example"), TeamRole::Ae, NEW_YORK, None),
        ],
        operator: operator().address,
        agent_account: "baton".to_owned(),
        agent_address: agent().address,
        account_addresses: vec![agent().address, dana().address, calvin().address],
        sla: SlaPolicy::Playbook { noon: time(12), same_day: time(17), next_morning: time(10) },
        remind_before: 3600,
        grace: 120,
        blind_after: 1800,
        feedback_due: 24 * 3600,
        feedback_remind_before: 4 * 3600,
        freemail: BTreeSet::new(),
    }
}

/// What `record` prints for the sample's record.
pub(crate) const RECORD_TEXT: &str = include_str!("record.txt");

/// The sample's record.
pub(crate) fn record() -> Record {
    Record {
        company: "Acme Corp".into(),
        date: date(11, 24),
        sdr: "Dana Fox".into(),
        ae: "Calvin Reyes".into(),
        conditions: vec!["Calendar invite accepted".into()],
        pain: "\"Every rep retypes the same call notes into three places, and nobody trusts the forecast.\""
            .into(),
        meeting: PlannedMeeting {
            start: at(26, 14, 0),
            local_start: None,
            length_seconds: 1800,
            zone: "America/New_York".into(),
            format: "Zoom".into(),
            attendees: vec![sarah(), james()],
            agenda: "look at how the forecast is made today, then the dashboard".into(),
        },
        stakeholders: vec![Stakeholder {
            name: "Sarah Lee".into(),
            title: "VP Sales".into(),
            role: DealRole::DecisionMaker,
        }],
        objections: vec![Objection {
            objection: "Worried about the price next to what they pay now.".into(),
            handled: "Said that we would go through the savings in the meeting.".into(),
        }],
        competitor: "none mentioned".into(),
        to: vec![sarah(), james()],
        discussed: "we talked about the notes that your reps retype, and you wanted a forecast you can trust"
            .into(),
        why_this_ae: "Calvin works only with sales leaders who are merging CRMs".into(),
        what_to_expect: "half an hour on Zoom, first your forecast, then a look at the dashboard".into(),
    }
}
