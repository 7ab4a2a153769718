//! The judgement's specification: docs/behaviour.md sections 4 to 9 and 12, on facts alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use proptest::prelude::*;

use super::super::fact::{Fact, FactKind, MeetingOutcome, Statement, StatementKind, TouchKind};
use super::super::handoff::{DealRole, Handoff, PlannedMeeting, Record, Stakeholder};
use super::super::mails::{ClockAfterFailure, MailBrief, MailKey, MailKind, Voice, WantedMail};
use super::super::message::*;
use super::super::people::{Person, TeamRole, WorkingTime};
use super::super::sla::SlaPolicy;
use super::super::zone::Zone;
use super::*;

#[derive(Debug)]
struct Utc0;

impl Zone for Utc0 {
    fn name(&self) -> &str {
        "UTC"
    }
    fn offset_at(&self, _: DateTime<Utc>) -> FixedOffset {
        FixedOffset::east_opt(0).unwrap()
    }
    fn abbreviation_at(&self, _: DateTime<Utc>) -> String {
        "UTC".into()
    }
    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        local.and_utc()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    let with_seconds = if text.len() == 16 { format!("{text}:00") } else { text.to_owned() };
    NaiveDateTime::parse_from_str(&with_seconds, "%Y-%m-%d %H:%M:%S").unwrap().and_utc()
}

fn address(text: &str) -> Address {
    Address::new(text).unwrap()
}

fn mailbox(text: &str) -> Mailbox {
    match text.split_once(" <") {
        Some((name, rest)) => Mailbox { name: name.into(), address: address(rest.trim_end_matches('>')) },
        None => Mailbox { name: String::new(), address: address(text) },
    }
}

fn id(text: &str) -> MessageId {
    MessageId::new(text).unwrap()
}

fn person(name: &str, role: TeamRole, mail: &str, account: Option<&str>, manager: Option<&str>) -> Person {
    Person {
        name: name.into(),
        roles: BTreeSet::from([role]),
        address: address(mail),
        aliases: Vec::new(),
        delegates: Vec::new(),
        account: account.map(str::to_owned),
        working: WorkingTime {
            zone: Arc::new(Utc0),
            workdays: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            opens: 9 * 60,
            closes: 17 * 60,
            holidays: BTreeSet::new(),
        },
        manager: manager.map(str::to_owned),
        introduce: None,
        signature: None,
    }
}

fn policy() -> Policy {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let mut calvin =
        person("Calvin Reyes", TeamRole::Ae, "calvin@vendor.example", Some("calvin"), Some("Morgan Hale"));
    calvin.delegates = vec![address("ea-calvin@vendor.example")];
    Policy {
        people: vec![
            person("Dana Fox", TeamRole::Sdr, "dana@vendor.example", Some("dana"), Some("Morgan Hale")),
            calvin,
            person("Rita Vale", TeamRole::Ae, "rita@vendor.example", Some("rita"), Some("Morgan Hale")),
            person("Morgan Hale", TeamRole::Manager, "morgan@vendor.example", None, None),
        ],
        operator: address("ops@vendor.example"),
        agent_account: "dana".into(),
        agent_address: address("dana@vendor.example"),
        account_addresses: vec![address("dana@vendor.example"), address("calvin@vendor.example")],
        sla: SlaPolicy::Playbook { noon: time(12), same_day: time(17), next_morning: time(10) },
        remind_before: 3600,
        grace: 120,
        blind_after: 1800,
        feedback_due: 24 * 3600,
        feedback_remind_before: 4 * 3600,
        freemail: BTreeSet::from(["gmail.com".to_owned()]),
        takes_up: |words, texts| {
            texts.iter().any(|text| text.split(' ').any(|word| word.len() > 5 && words.contains(word)))
        },
        in_order: AddressesInOrder::default(),
    }
}

/// AE whose mailbox nobody reads.
fn unwatched(mut policy: Policy) -> Policy {
    for person in &mut policy.people {
        if person.name == "Calvin Reyes" {
            person.account = None;
        }
    }
    policy
}

fn record() -> Record {
    Record {
        company: "Acme Corp".into(),
        date: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        sdr: "Dana Fox".into(),
        ae: "Calvin Reyes".into(),
        conditions: vec!["Calendar invite accepted".into()],
        pain: "Our reps spend 20 minutes a day updating Salesforce".into(),
        meeting: PlannedMeeting {
            start: at("2026-11-26 14:00"),
            local_start: None,
            length_seconds: 1800,
            zone: "UTC".into(),
            format: "Zoom".into(),
            attendees: vec![
                mailbox("Sarah Lee <sarah@acme.example>"),
                mailbox("James Ortiz <james@acme.example>"),
            ],
            agenda: "pipeline dashboard".into(),
        },
        stakeholders: vec![Stakeholder {
            name: "Sarah Lee".into(),
            title: "VP Sales".into(),
            role: DealRole::DecisionMaker,
        }],
        objections: Vec::new(),
        competitor: "none mentioned".into(),
        to: vec![mailbox("Sarah Lee <sarah@acme.example>")],
        discussed: "we talked".into(),
        why_this_ae: "knows it".into(),
        what_to_expect: "a demo".into(),
    }
}

/// Tuesday 24 November 2026, 09:00: the clock's deadline is 17:00 the same day.
const SENT: &str = "2026-11-24 09:00";
const INTRO_TOKEN: &str = "1nt0000000000";
const RECORD_TOKEN: &str = "rec0000000000";
const REQUEST_TOKEN: &str = "fbr0000000000";

fn own_id(token: &str) -> MessageId {
    super::super::token::message_id(token, "vendor.example").unwrap()
}

fn key(kind: MailKind, about: &str) -> MailKey {
    MailKey { kind, about: about.into() }
}

#[derive(Clone)]
struct World {
    policy: Policy,
    handoff: Handoff,
    facts: Vec<Fact>,
}

impl World {
    /// Nothing but an intro that was asked for and accepted, and the record mail that followed.
    fn new() -> Self {
        Self::with(policy())
    }

    fn with(policy: Policy) -> Self {
        let handoff = Handoff { id: "acme-1".into(), record: record(), created_at: at(SENT) };
        let mut world = Self { policy, handoff, facts: Vec::new() };
        world.fact("2026-11-24 09:00", FactKind::IntroAsked { sending: 1, record: None });
        world.left(SENT, MailKind::Intro, "sending 1", INTRO_TOKEN);
        world.left(SENT, MailKind::Record, "Calvin Reyes text 1", RECORD_TOKEN);
        world
    }

    fn fact(&mut self, when: &str, what: FactKind) -> &mut Self {
        self.facts.push(Fact { at: at(when), what });
        self
    }

    fn left(&mut self, when: &str, kind: MailKind, about: &str, token: &str) -> &mut Self {
        let what = FactKind::MailLeft {
            key: key(kind, about),
            message_id: own_id(token),
            ids: Vec::new(),
            token: token.into(),
            to: Vec::new(),
        };
        self.fact(when, what)
    }

    fn states(&mut self, when: &str, says: StatementKind) -> &mut Self {
        let statement = Statement {
            id: format!("{when} {}", self.facts.len()),
            why: "told me".into(),
            says,
            letter: None,
            read_at: None,
        };
        self.fact(when, FactKind::Said(statement))
    }

    /// The same by a letter that was read later.
    fn states_unread(&mut self, when: &str, read: &str, says: StatementKind) -> &mut Self {
        let statement = Statement {
            id: format!("{when} {}", self.facts.len()),
            why: "told me".into(),
            says,
            letter: None,
            read_at: Some(at(read)),
        };
        self.fact(when, FactKind::Said(statement))
    }

    fn mail(&mut self, mail: Mail) -> &mut Self {
        self.facts.push(Fact { at: mail.at, what: FactKind::MessageSeen(Arc::new(mail.message())) });
        self
    }

    /// Every folder of the three accounts was read up to `when`.
    fn read(&mut self, when: &str) -> &mut Self {
        for account in ["dana", "calvin", "rita"] {
            let folders = vec!["INBOX".to_owned(), "Sent".to_owned()];
            self.fact(when, FactKind::FoldersWatched { account: account.into(), folders: folders.clone() });
            for folder in folders {
                self.fact(when, FactKind::FolderReadUntil { account: account.into(), folder });
            }
        }
        self
    }

    fn looked(&mut self, when: &str, deadline: &str) -> &mut Self {
        self.fact(when, FactKind::LastLook { deadline: at(deadline), refused: Vec::new() })
    }

    fn judge(&self, now: &str) -> Judgement {
        let judgement = judge(&self.policy, &self.handoff, &self.facts, at(now));
        mail_table::check(self, &judgement);
        judgement
    }
}

fn wanted(judgement: &Judgement, kind: MailKind) -> Vec<&WantedMail> {
    judgement.mails.iter().filter(|mail| mail.key.kind == kind).collect()
}

fn kinds(judgement: &Judgement) -> Vec<&'static str> {
    judgement
        .mails
        .iter()
        .map(|mail| mail.key.kind.name())
        .filter(|name| !matches!(*name, "intro" | "record"))
        .collect()
}

fn people(list: &[Mailbox]) -> Vec<&str> {
    list.iter().map(|mailbox| mailbox.address.as_str()).collect()
}

/// A message in the making.
#[derive(Clone)]
struct Mail {
    at: DateTime<Utc>,
    headers: Headers,
    body: MessageBody,
    places: Vec<(&'static str, &'static str)>,
}

impl Mail {
    fn new(from: &str, when: &str) -> Self {
        let when = at(when);
        Self {
            at: when,
            headers: Headers {
                id: Some(id(&format!(
                    "{}-{}@x.example",
                    from.replace(['@', ' ', '<', '>'], "."),
                    when.timestamp()
                ))),
                from: vec![mailbox(from)],
                date: Some(when),
                subject: "Re: Sarah, intro to Calvin".into(),
                ..Headers::default()
            },
            body: MessageBody {
                kind: MessageKind::Human,
                kind_of_known: None,
                reasons: Vec::new(),
                author_text: "Hello Sarah, looking forward to it".into(),
                quoted_text: String::new(),
                quoted: false,
                quoted_authors: Vec::new(),
                links: Vec::new(),
                calendar: None,
                bounce: None,
                away_until: None,
                reaction: None,
                holds_record: false,
                attachments: Vec::new(),
                scheduler: None,
                quoted_mails: Vec::new(),
                chat_paste: None,
                video_link: None,
            },
            places: vec![("dana", "INBOX")],
        }
    }

    fn ae(when: &str) -> Self {
        Self::new("Calvin Reyes <calvin@vendor.example>", when)
    }

    fn to(mut self, list: &[&str]) -> Self {
        self.headers.to = list.iter().map(|one| mailbox(one)).collect();
        self
    }

    fn cc(mut self, list: &[&str]) -> Self {
        self.headers.cc = list.iter().map(|one| mailbox(one)).collect();
        self
    }

    fn in_thread(mut self) -> Self {
        self.headers.in_reply_to = vec![own_id(INTRO_TOKEN)];
        self.headers.references = vec![own_id(INTRO_TOKEN)];
        self
    }

    fn answers(mut self, token: &str) -> Self {
        self.headers.in_reply_to = vec![own_id(token)];
        self
    }

    fn id(mut self, text: &str) -> Self {
        self.headers.id = Some(id(text));
        self
    }

    fn cites(mut self, text: &str) -> Self {
        self.headers.in_reply_to.push(id(text));
        self
    }

    fn words(mut self, text: &str) -> Self {
        self.body.author_text = text.into();
        self
    }

    fn kind(mut self, kind: MessageKind) -> Self {
        self.body.kind = kind;
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Headers, &mut MessageBody)) -> Self {
        change(&mut self.headers, &mut self.body);
        self
    }

    fn seen_in(mut self, places: &[(&'static str, &'static str)]) -> Self {
        self.places = places.to_vec();
        self
    }

    fn calendar(self, method: CalendarMethod, uid: &str, start: &str) -> Self {
        let organizer = self.headers.from.first().map(|from| from.address.clone());
        let start = at(start);
        self.kind(MessageKind::Calendar).with(|_, body| {
            body.calendar = Some(Calendar {
                method: Some(method),
                uid: uid.into(),
                sequence: 0,
                start: Some(start),
                end: Some(start + Duration::minutes(30)),
                written_start: None,
                instance: None,
                organizer,
                attendees: vec![Attendee {
                    address: address("sarah@acme.example"),
                    name: String::new(),
                    partstat: PartStat::NeedsAction,
                }],
                summary: "Call".into(),
            });
        })
    }

    fn bounce(of: MessageId, recipients: &[&str], when: &str) -> Self {
        Self::new("MAILER-DAEMON@vendor.example", when).kind(MessageKind::Bounce).with(|_, body| {
            body.bounce = Some(Bounce {
                original: Some(of),
                original_references: Vec::new(),
                recipients: recipients
                    .iter()
                    .map(|one| BouncedRecipient {
                        address: address(one),
                        action: BounceAction::Failed,
                        status: Some("5.1.1".into()),
                        diagnostic: None,
                    })
                    .collect(),
            });
        })
    }

    fn message(&self) -> Message {
        let copies = self
            .places
            .iter()
            .map(|(account, folder)| MessageCopy {
                place: CopyPlace {
                    account: (*account).into(),
                    folder: (*folder).into(),
                    uid_validity: 1,
                    uid: u32::try_from(self.at.timestamp() % 1_000_000).unwrap(),
                },
                internal_date: self.at,
                stamp: Some(self.at),
                is_dated: false,
                read_at: None,
                is_sent: *folder == "Sent",
                is_draft: *folder == "Drafts",
            })
            .collect();
        Message { headers: self.headers.clone(), body: Some(self.body.clone()), copies }
    }
}

const SARAH: &str = "Sarah Lee <sarah@acme.example>";
const DANA: &str = "dana@vendor.example";

fn reply(when: &str) -> Mail {
    Mail::ae(when).to(&[SARAH]).cc(&[DANA]).in_thread()
}

fn rules(judgement: &Judgement) -> Vec<u8> {
    judgement.story.iter().filter_map(|event| event.rule).collect()
}

mod audit;
mod authors;
mod cases;
mod clauses;
mod corrections;
mod later;
mod mail_table;
mod properties;
