//! Sample data for every kind of mail: what `baton templates` checks against, and what tests render.
//!
//! One company, three people, a week in November 2026. Every branch of a built-in template has a sample.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc, Weekday};

use super::view::{self, Variables};
use super::{RenderContext, RenderError, Rendered, Templates};
use crate::domain::fact::{Outcome, TouchKind};
use crate::domain::handoff::{DealRole, Objection, PlannedMeeting, Record, Stakeholder};
use crate::domain::judge::Policy;
use crate::domain::mails::{
    Brief, ClockBrief, DigestBrief, DigestLine, FeedbackBrief, FeedbackQuestion, From, HandoffBrief, MailKey,
    MailKind, MeetingBrief, ReadBrief, TouchBrief, WantedMail, WithdrawalReason,
};
use crate::domain::message::{Address, Mailbox, MessageId};
use crate::domain::people::{Person, Role, WorkingTime};
use crate::domain::sla::SlaPolicy;
use crate::domain::zone::Zone;

/// The token in every sample.
pub const TOKEN: &str = "7k2fq0123456w";

/// One mail to render, with all that it needs.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The kind, and what sets this sample apart: `escalation`, `escalation, AE not watched`.
    pub name: String,
    pub mail: WantedMail,
    pub handoff: HandoffBrief,
    pub policy: Policy,
    pub now: DateTime<Utc>,
}

impl Sample {
    fn with_context<T>(&self, use_it: impl FnOnce(&RenderContext<'_>) -> T) -> T {
        use_it(&RenderContext {
            policy: &self.policy,
            zones: &zone,
            default_zone: Arc::new(UTC),
            token: TOKEN,
            now: self.now,
            record_text: Some(RECORD_TEXT),
        })
    }

    fn is_global(&self) -> bool {
        matches!(
            self.mail.key.kind,
            MailKind::CannotSee | MailKind::CanSee | MailKind::Trouble | MailKind::Digest
        )
    }

    pub fn render(&self, templates: &Templates) -> Result<Rendered, RenderError> {
        self.with_context(|context| {
            if self.is_global() {
                templates.render_global(&self.mail, context)
            } else {
                templates.render(&self.mail, &self.handoff, context)
            }
        })
    }

    /// What the templates of its kind may name.
    pub fn variables(&self) -> Result<Variables, RenderError> {
        self.with_context(|context| {
            view::variables(&self.mail, (!self.is_global()).then_some(&self.handoff), context)
        })
    }
}

/// A zone without clock changes, enough for one week.
#[derive(Debug, Clone, Copy)]
struct Fixed {
    name: &'static str,
    abbreviation: &'static str,
    hours_east: i32,
}

const NEW_YORK: Fixed = Fixed { name: "America/New_York", abbreviation: "EST", hours_east: -5 };
const MADRID: Fixed = Fixed { name: "Europe/Madrid", abbreviation: "CET", hours_east: 1 };
const UTC: Fixed = Fixed { name: "UTC", abbreviation: "UTC", hours_east: 0 };

impl Zone for Fixed {
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
pub fn zone(name: &str) -> Option<Arc<dyn Zone>> {
    let known = [NEW_YORK, MADRID, UTC].into_iter().find(|zone| zone.name == name)?;
    Some(Arc::new(known))
}

/// Day of November 2026, hour and minute in New York.
fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    let local = NaiveDate::from_ymd_opt(2026, 11, day).and_then(|date| date.and_hms_opt(hour, minute, 0));
    local.map_or(DateTime::UNIX_EPOCH, |local| NEW_YORK.instant(local))
}

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default()
}

fn address(text: &str) -> Address {
    // Every address below is one.
    Address::new(text).unwrap_or_else(|| address("nobody@vendor.example"))
}

fn mailbox(name: &str, text: &str) -> Mailbox {
    Mailbox { name: name.to_owned(), address: address(text) }
}

fn sarah() -> Mailbox {
    mailbox("Sarah Lee", "sarah@acme.example")
}

fn james() -> Mailbox {
    mailbox("James Ortiz", "james@acme.example")
}

fn dana() -> Mailbox {
    mailbox("Dana Fox", "dana@vendor.example")
}

fn calvin() -> Mailbox {
    mailbox("Calvin Reyes", "calvin@vendor.example")
}

fn morgan() -> Mailbox {
    mailbox("Morgan Hale", "morgan@vendor.example")
}

fn operator() -> Mailbox {
    mailbox("", "ops@vendor.example")
}

fn person(mailbox: &Mailbox, role: Role, zone: Fixed, account: Option<&str>) -> Person {
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
        manager: (role != Role::Manager).then(|| "Morgan Hale".to_owned()),
        introduce: None,
    }
}

fn policy(morgans_zone: Fixed) -> Policy {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    Policy {
        people: vec![
            person(&dana(), Role::Sdr, NEW_YORK, Some("dana")),
            person(&calvin(), Role::Ae, NEW_YORK, Some("calvin")),
            person(&morgan(), Role::Manager, morgans_zone, None),
            person(&mailbox("Robin Park", "robin@vendor.example"), Role::Ae, NEW_YORK, None),
        ],
        operator: operator().address,
        agent_account: "dana".to_owned(),
        agent_address: dana().address,
        account_addresses: vec![dana().address, calvin().address],
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
pub const RECORD_TEXT: &str = r#"HANDOFF RECORD: Acme Corp | 2026-11-24
SDR: Dana Fox | AE: Calvin Reyes

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
"Every rep retypes the same call notes into three places, and nobody trusts the forecast."

2. NEXT MEETING:
Date/Time: 2026-11-26 14:00 America/New_York, 30 min
Format: Zoom
Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>
Agenda: look at how the forecast is made today, then the dashboard

3. STAKEHOLDER MAP:
Name | Title | Role in deal
--- | --- | ---
Sarah Lee | VP Sales | decision-maker
James Ortiz | Sales Ops | evaluator

4. OBJECTIONS SURFACED:
Objection: Worried about the price next to what they pay now.
How handled: Said that we would go through the savings in the meeting.

5. COMPETITOR MENTIONED:
none mentioned

WARM INTRO EMAIL:
To: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>
Discussed: we talked about the notes that your reps retype, and you wanted a forecast you can trust
Why this AE: Calvin works only with sales leaders who are merging CRMs
What to expect: half an hour on Zoom, first your forecast, then a look at the dashboard

WARM INTRO EMAIL STATUS: [x] Sent by SDR
AE FIRST TOUCH: [ ] Completed within SLA
"#;

/// The sample's record.
pub fn record() -> Record {
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

fn meeting() -> MeetingBrief {
    MeetingBrief { start: at(26, 14, 0), end: at(26, 14, 30) }
}

fn handoff(ae: &str) -> HandoffBrief {
    HandoffBrief {
        id: "acme-7k2f".into(),
        record: record(),
        ae: ae.into(),
        meeting: meeting(),
        intro_subject: "Sarah, intro to Calvin + Thursday's agenda".into(),
        sent_at: Some(at(24, 9, 12)),
        intro_id: MessageId::new("baton-0000000000000@vendor.example"),
    }
}

fn clock() -> ClockBrief {
    ClockBrief {
        started: at(24, 9, 12),
        deadline: at(24, 17, 0),
        why: "Tue 09:12 America/New_York, before 12:00 -> the same day 17:00".into(),
    }
}

fn read() -> Vec<ReadBrief> {
    vec![
        ReadBrief { account: "dana".into(), read_until: at(24, 17, 2) },
        ReadBrief { account: "calvin".into(), read_until: at(24, 17, 3) },
    ]
}

struct Maker {
    made: Vec<Sample>,
}

impl Maker {
    /// From the agent, at the time given.
    fn add(
        &mut self,
        note: &str,
        kind: MailKind,
        now: DateTime<Utc>,
        to: &[Mailbox],
        cc: &[Mailbox],
        brief: Brief,
    ) {
        let name = if note.is_empty() { kind.name().to_owned() } else { format!("{}, {note}", kind.name()) };
        let as_sdr = matches!(
            kind,
            MailKind::Intro | MailKind::Escalation | MailKind::LateTouch | MailKind::Withdrawal
        );
        self.made.push(Sample {
            name,
            mail: WantedMail {
                key: MailKey { kind, about: "sample".into() },
                from: if as_sdr { From::Sdr } else { From::Agent },
                to: to.to_vec(),
                cc: cc.to_vec(),
                not_before: None,
                brief,
            },
            handoff: handoff("Calvin Reyes"),
            policy: policy(NEW_YORK),
            now,
        });
    }

    fn change_last(&mut self, change: impl FnOnce(&mut Sample)) {
        if let Some(last) = self.made.last_mut() {
            change(last);
        }
    }
}

/// At least one sample of every kind, in the order of behaviour.md section 12.
pub fn samples() -> Vec<Sample> {
    let mut maker = Maker { made: Vec::new() };
    handover(&mut maker);
    breach(&mut maker);
    notes(&mut maker);
    answers(&mut maker);
    after_the_meeting(&mut maker);
    elsewhere(&mut maker);
    maker.made.sort_by_key(|sample| sample.mail.key.kind);
    maker.made
}

fn handover(maker: &mut Maker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    maker.add("", MailKind::Intro, at(24, 9, 12), &[sarah(), james()], &ae, Brief::Intro { sending: 1 });
    let brief = Brief::Record { clock: Some(clock()), corrected: false };
    maker.add("", MailKind::Record, at(24, 9, 12), &ae, &sdr, brief);
    let brief = Brief::Record { clock: None, corrected: true };
    maker.add("corrected, no clock", MailKind::Record, at(24, 11, 0), &ae, &sdr, brief);
    let brief = Brief::Record { clock: Some(clock()), corrected: false };
    let robin = mailbox("Robin Park", "robin@vendor.example");
    maker.add("another AE", MailKind::Record, at(24, 11, 0), &[robin], &sdr, brief);
    maker.change_last(|sample| sample.handoff = handoff("Robin Park"));
    let brief = Brief::Reminder { clock: clock(), prospect_wrote: None, meeting_first: false };
    maker.add("", MailKind::Reminder, at(24, 16, 0), &ae, &[], brief);
    let brief = Brief::Reminder { clock: clock(), prospect_wrote: Some(at(24, 13, 12)), meeting_first: true };
    maker.add("prospect wrote, meeting first", MailKind::Reminder, at(24, 16, 0), &ae, &[], brief);
}

fn breach(maker: &mut Maker) {
    let manager = [morgan()];
    let brief = |ae_watched, read| Brief::Escalation {
        clock: clock(),
        read,
        refused: Vec::new(),
        ae_watched,
        asked_about: Vec::new(),
        away_until: None,
        prospect_wrote: None,
    };
    maker.add("", MailKind::Escalation, at(24, 17, 3), &manager, &[], brief(true, read()));
    let only_dana = read().into_iter().take(1).collect();
    maker.add("AE not watched", MailKind::Escalation, at(25, 8, 0), &manager, &[], brief(false, only_dana));
    let everything = Brief::Escalation {
        clock: clock(),
        read: read(),
        refused: vec!["calvin/Archive 2019".into()],
        ae_watched: true,
        asked_about: vec![address("calvin.reyes@mail.example")],
        away_until: Some(date(11, 30)),
        prospect_wrote: Some(at(24, 13, 12)),
    };
    maker.add(
        "everything known, manager in Madrid",
        MailKind::Escalation,
        at(24, 17, 3),
        &manager,
        &[],
        everything,
    );
    maker.change_last(|sample| sample.policy = policy(MADRID));
    maker.add("from the agent", MailKind::Escalation, at(24, 17, 3), &[operator()], &[], brief(true, read()));
    maker.change_last(|sample| sample.mail.from = From::Agent);
    for (note, kind) in [("", TouchKind::Reply), ("stated", TouchKind::Stated)] {
        let touch = TouchBrief { at: at(24, 18, 12), kind };
        let brief = Brief::LateTouch { clock: clock(), touch };
        maker.add(note, MailKind::LateTouch, at(24, 18, 13), &manager, &[], brief);
    }
    let touch = TouchBrief { at: at(24, 15, 40), kind: TouchKind::NewThread };
    for (note, reason) in [
        ("", WithdrawalReason::Touched(touch)),
        ("not delivered", WithdrawalReason::NotDelivered),
        ("stopped", WithdrawalReason::Stopped),
    ] {
        let brief = Brief::Withdrawal { clock: clock(), reason };
        maker.add(note, MailKind::Withdrawal, at(24, 18, 13), &manager, &[], brief);
    }
}

fn notes(maker: &mut Maker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    let now = at(24, 13, 21);
    let brief = Brief::NotReceived { at: at(24, 13, 20), to: vec![dana().address], empty: false };
    maker.add("", MailKind::NotReceived, now, &ae, &sdr, brief);
    let brief = Brief::NotReceived { at: at(24, 13, 20), to: vec![sarah().address], empty: true };
    maker.add("nothing but quotation", MailKind::NotReceived, now, &ae, &sdr, brief);
    for (note, until) in [("", Some(date(11, 30))), ("no date", None)] {
        maker.add(note, MailKind::Away, now, &sdr, &[morgan()], Brief::Away { until, clock: clock() });
    }
    let failed = |who: Mailbox| vec![(who.address, "550 5.1.1 no such user here".to_owned())];
    let brief = Brief::IntroBounced { failed: failed(sarah()), stopped: true };
    maker.add("", MailKind::IntroBounced, now, &sdr, &ae, brief);
    let brief = Brief::IntroBounced { failed: failed(james()), stopped: false };
    maker.add("others got it", MailKind::IntroBounced, now, &sdr, &ae, brief);
    let brief = Brief::IntroBounced { failed: failed(calvin()), stopped: true };
    maker.add("to the AE", MailKind::IntroBounced, now, &sdr, &ae, brief);
    let brief = Brief::TouchBounced { at: at(24, 13, 20), failed: failed(sarah()), clock: clock() };
    maker.add("", MailKind::TouchBounced, now, &ae, &sdr, brief);
    let brief = Brief::Suspicious {
        from: calvin().address,
        at: at(24, 13, 20),
        subject: "Re: Sarah, intro to Calvin + Thursday's agenda".into(),
    };
    maker.add("", MailKind::Suspicious, now, &[dana(), operator()], &[], brief);
    maker.add("", MailKind::Lingering, at(27, 9, 0), &ae, &sdr, Brief::Lingering { at: at(26, 18, 2) });
    let found = "a link into Slack: https://vendor.slack.com/archives/C0123".to_owned();
    maker.add("", MailKind::Chatter, now, &ae, &[], Brief::Chatter { at: at(24, 13, 20), found });
    let brief = Brief::RecordLeaked { at: at(24, 13, 20), to: vec![sarah().address] };
    maker.add("", MailKind::RecordLeaked, now, &[calvin(), dana()], &[], brief);
    for (note, declined) in [("", vec![sarah(), james()]), ("one", vec![sarah()])] {
        let brief = Brief::MeetingDeclined { meeting: meeting(), declined };
        maker.add(note, MailKind::MeetingDeclined, now, &sdr, &ae, brief);
    }
}

fn answers(maker: &mut Maker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    let brief = Brief::WhoIsThis {
        name: "Calvin Reyes".into(),
        address: address("calvin.reyes@mail.example"),
        at: at(24, 13, 20),
        words: "Hi Sarah, happy to take it from here.\nSee you on Thursday!".into(),
    };
    maker.add("", MailKind::WhoIsThis, at(24, 13, 21), &sdr, &[], brief);
    let brief = Brief::Stated { at: at(24, 13, 20), words: "done, called Sarah just now".into() };
    maker.add("", MailKind::Stated, at(24, 13, 21), &sdr, &[], brief);
    let brief = Brief::Refused { at: at(24, 13, 20), words: "not mine, Acme is in Robin's territory".into() };
    maker.add("", MailKind::Refused, at(24, 13, 21), &sdr, &[morgan()], brief);
    let question =
        |question, words: &str| Brief::FeedbackQuestion { question, meeting: meeting(), words: words.into() };
    let brief = question(FeedbackQuestion::Unreadable, "it was a meeting all right");
    maker.add("", MailKind::FeedbackQuestion, at(26, 15, 0), &ae, &[], brief);
    let brief = question(FeedbackQuestion::NewTime, "rescheduled");
    maker.add("new time", MailKind::FeedbackQuestion, at(26, 15, 0), &ae, &sdr, brief);
}

fn after_the_meeting(maker: &mut Maker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    let due = at(27, 14, 30);
    let brief = Brief::FeedbackRequest { meeting: meeting(), due };
    maker.add("", MailKind::FeedbackRequest, at(26, 14, 30), &ae, &[], brief);
    let feedback = FeedbackBrief {
        outcome: Some(Outcome::Held),
        score: Some(4),
        wrong: Some("James has left".into()),
        new_start: None,
    };
    let brief =
        Brief::FeedbackThanks { feedback, meeting: meeting(), words: "held 4, James has left".into() };
    maker.add("", MailKind::FeedbackThanks, at(26, 15, 0), &ae, &sdr, brief);
    let feedback = FeedbackBrief {
        outcome: Some(Outcome::Rescheduled),
        new_start: Some(at(30, 10, 0)),
        ..FeedbackBrief::default()
    };
    let brief =
        Brief::FeedbackThanks { feedback, meeting: meeting(), words: "rescheduled, Monday 10am ET".into() };
    maker.add("new time", MailKind::FeedbackThanks, at(26, 15, 0), &ae, &sdr, brief);
    let feedback = FeedbackBrief { outcome: Some(Outcome::NoShow), ..FeedbackBrief::default() };
    let brief = Brief::FeedbackThanks { feedback, meeting: meeting(), words: "no-show".into() };
    maker.add("no-show", MailKind::FeedbackThanks, at(26, 15, 0), &ae, &sdr, brief);
    let brief = Brief::FeedbackReminder { meeting: meeting(), due };
    maker.add("", MailKind::FeedbackReminder, at(27, 10, 30), &ae, &[], brief);
    let brief = Brief::FeedbackOverdue { meeting: meeting(), due, read: read() };
    maker.add("", MailKind::FeedbackOverdue, at(27, 14, 33), &[morgan()], &[], brief);
}

fn elsewhere(maker: &mut Maker) {
    let ops = [operator()];
    let since = at(24, 16, 25);
    for (note, to, companies) in [
        ("", vec![operator()], vec!["Acme Corp".to_owned(), "Globex".to_owned()]),
        ("to the SDR", vec![dana()], Vec::new()),
    ] {
        let brief = Brief::CannotSee { account: "calvin".into(), since, companies };
        maker.add(note, MailKind::CannotSee, at(24, 16, 57), &to, &[], brief);
    }
    let brief = Brief::CanSee { account: "calvin".into(), since, until: at(24, 18, 40) };
    maker.add("", MailKind::CanSee, at(24, 18, 40), &ops, &[], brief);
    let line = |company: &str, touch: &str, feedback: &str| DigestLine {
        company: company.into(),
        sdr: "Dana Fox".into(),
        ae: "Calvin Reyes".into(),
        touch: touch.into(),
        feedback: feedback.into(),
    };
    let digest = |handoffs| {
        Brief::Digest(Box::new(DigestBrief { from: Some(date(11, 23)), until: Some(date(11, 29)), handoffs }))
    };
    let week = vec![
        line("Acme Corp", "in time, after 3 hours", "held, 4"),
        line("Globex", "late, after 2 days", "overdue"),
    ];
    maker.add("", MailKind::Digest, at(30, 9, 0), &[morgan()], &[], digest(week));
    maker.add("a quiet week", MailKind::Digest, at(30, 9, 0), &[morgan()], &[], digest(Vec::new()));
    let brief = Brief::Trouble {
        what: "the login of account calvin was refused".into(),
        detail: "imap.vendor.example:993 said: NO [AUTHENTICATIONFAILED] Invalid credentials".into(),
        remedy: "put the new password in place and run `baton doctor`".into(),
    };
    maker.add("", MailKind::Trouble, at(24, 16, 25), &ops, &[], brief);
}
