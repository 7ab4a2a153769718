//! Sample data for every kind of mail: what `baton templates` checks against and shows, and what tests render.
//!
//! One company, three people, a week in November 2026. Every branch of a built-in template has a sample.

mod letters;
mod world;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::view::{self, Variables};
use super::{RenderContext, RenderError, Rendered, Templates};
use crate::domain::fact::{MeetingOutcome, TouchKind};
use crate::domain::judge::Policy;
use crate::domain::mail_kinds::ScopeKind;
use crate::domain::mails::{
    ClockAfterFailure, ClockBrief, DigestBrief, DigestWaiting, DroppedIntro, FeedbackBrief, FeedbackQuestion,
    HandoffBrief, MailBrief, MailKey, MailKind, MeetingBrief, ReadBrief, TouchBrief, TouchEvidence, Voice,
    WantedMail, WithdrawalReason,
};
use crate::domain::message::{Address, Mailbox, MessageId};
use world::{
    MADRID, NEW_YORK, UTC, address, at, calvin, dana, date, james, mailbox, morgan, operator, policy, sarah,
};

pub(crate) use world::{RECORD_TEXT, record, zone};

/// New York and Madrid, for tests of what is said in a zone.
#[cfg(test)]
pub(crate) fn world_zones() -> (impl crate::domain::zone::Zone, impl crate::domain::zone::Zone) {
    (NEW_YORK, MADRID)
}

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
        self.mail.key.kind.properties().scope != ScopeKind::Handoff
    }

    /// Whom the mail comes from, as `agent::render` says it.
    pub(crate) fn from(&self) -> Mailbox {
        let sdr = self.policy.person(&self.handoff.record.sdr).filter(|_| self.mail.from == Voice::Sdr);
        sdr.map_or_else(
            || Mailbox { name: "baton".to_owned(), address: self.policy.agent_address.clone() },
            |sdr| Mailbox { name: sdr.name.clone(), address: sdr.address.clone() },
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
    pub(crate) fn variables(&self) -> Result<Variables, RenderError> {
        self.with_context(|context| {
            view::variables(&self.mail, (!self.is_global()).then_some(&self.handoff), context)
        })
    }
}

fn meeting() -> MeetingBrief {
    MeetingBrief { start: at(26, 14, 0), end: at(26, 14, 30) }
}

fn handoff(ae: &str) -> HandoffBrief {
    HandoffBrief {
        id: "acme-7k2f".into(),
        record: record(),
        introduced: record().ae,
        ae: ae.into(),
        meeting: meeting(),
        is_cancelled: false,
        sent_at: Some(at(24, 9, 12)),
        intro_id: MessageId::new("baton-0000000000000@vendor.example"),
    }
}

fn clock() -> ClockBrief {
    ClockBrief {
        ae: "Calvin Reyes".to_owned(),
        handed_over: at(24, 9, 12),
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

struct SampleMaker {
    made: Vec<Sample>,
}

impl SampleMaker {
    /// At the time given, from whom the kind comes from.
    fn add(
        &mut self,
        note: &str,
        kind: MailKind,
        now: DateTime<Utc>,
        to: &[Mailbox],
        cc: &[Mailbox],
        brief: MailBrief,
    ) {
        let name = if note.is_empty() { kind.name().to_owned() } else { format!("{}, {note}", kind.name()) };
        self.made.push(Sample {
            name,
            mail: WantedMail {
                key: MailKey { kind, about: "sample".into() },
                from: kind.properties().from,
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

/// At least one sample of every kind, in the order of docs/behaviour.md section 12.
pub fn samples() -> Vec<Sample> {
    let mut maker = SampleMaker { made: Vec::new() };
    handover(&mut maker);
    breach(&mut maker);
    notes(&mut maker);
    answers(&mut maker);
    after_the_meeting(&mut maker);
    elsewhere(&mut maker);
    letters::add(&mut maker);
    maker.made.sort_by_key(|sample| sample.mail.key.kind);
    maker.made
}

fn handover(maker: &mut SampleMaker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    maker.add("", MailKind::Intro, at(24, 9, 12), &[sarah(), james()], &ae, MailBrief::Intro { sending: 1 });
    let brief = MailBrief::Record { clock: Some(clock()), corrected: false };
    maker.add("", MailKind::Record, at(24, 9, 12), &ae, &sdr, brief);
    let brief = MailBrief::Record { clock: None, corrected: true };
    maker.add("corrected, no clock", MailKind::Record, at(24, 11, 0), &ae, &sdr, brief);
    let robins = ClockBrief { ae: "Robin Park".to_owned(), ..clock() };
    let brief = MailBrief::Record { clock: Some(robins), corrected: false };
    let robin = mailbox("Robin Park", "robin@vendor.example");
    maker.add("another AE", MailKind::Record, at(24, 11, 0), &[robin], &sdr, brief);
    maker.change_last(|sample| sample.handoff = handoff("Robin Park"));
    let brief = MailBrief::Reminder { clock: clock(), prospect_wrote: None, meeting_first: false };
    maker.add("", MailKind::Reminder, at(24, 16, 0), &ae, &[], brief);
    let brief =
        MailBrief::Reminder { clock: clock(), prospect_wrote: Some(at(24, 13, 12)), meeting_first: true };
    maker.add("prospect wrote, meeting first", MailKind::Reminder, at(24, 16, 0), &ae, &[], brief);
    // An invitation has moved it to the day of the intro.
    maker.change_last(|sample| {
        sample.handoff.meeting = MeetingBrief { start: at(24, 16, 30), end: at(24, 17, 0) };
    });
}

fn breach(maker: &mut SampleMaker) {
    let manager = [morgan()];
    let brief = |ae_watched, read| MailBrief::Escalation {
        clock: clock(),
        read,
        refused: Vec::new(),
        ae_watched,
        asked_about: Vec::new(),
        away_until: None,
        prospect_wrote: None,
        came_back: None,
        wrote_before: None,
    };
    maker.add("", MailKind::Escalation, at(24, 17, 3), &manager, &[], brief(true, read()));
    let only_dana = read().into_iter().take(1).collect();
    maker.add("AE not watched", MailKind::Escalation, at(25, 8, 0), &manager, &[], brief(false, only_dana));
    let before_taking_over = MailBrief::Escalation {
        clock: clock(),
        read: read(),
        refused: Vec::new(),
        ae_watched: true,
        asked_about: Vec::new(),
        away_until: None,
        prospect_wrote: None,
        came_back: None,
        wrote_before: Some(at(23, 11, 30)),
    };
    maker.add(
        "wrote before taking over",
        MailKind::Escalation,
        at(24, 17, 3),
        &manager,
        &[],
        before_taking_over,
    );
    let everything = MailBrief::Escalation {
        clock: clock(),
        read: read(),
        refused: vec!["calvin/Archive 2019".into()],
        ae_watched: true,
        asked_about: vec![address("calvin.reyes@mail.example")],
        away_until: Some(date(11, 30)),
        prospect_wrote: Some(at(24, 13, 12)),
        came_back: Some(at(24, 14, 2)),
        wrote_before: None,
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
    maker.change_last(|sample| sample.mail.from = Voice::Agent);
    for (note, kind, evidence) in [
        ("", TouchKind::Reply, TouchEvidence::Mail),
        ("stated", TouchKind::Stated, TouchEvidence::AesWord),
        ("told by somebody else", TouchKind::Stated, TouchEvidence::AnothersWord),
        ("shown by an answer", TouchKind::Reply, TouchEvidence::ProspectsAnswer),
    ] {
        let touch = TouchBrief { at: at(24, 18, 12), kind, evidence };
        let brief = MailBrief::LateTouch { clock: clock(), touch };
        maker.add(note, MailKind::LateTouch, at(24, 18, 13), &manager, &[], brief);
    }
    let evidence = TouchEvidence::Mail;
    let touch = TouchBrief { at: at(24, 15, 40), kind: TouchKind::NewThread, evidence };
    for (note, reason) in [
        ("", WithdrawalReason::Touched(touch)),
        ("not delivered", WithdrawalReason::NotDelivered),
        ("stopped", WithdrawalReason::Stopped),
    ] {
        let brief = MailBrief::Withdrawal { clock: clock(), reason };
        maker.add(note, MailKind::Withdrawal, at(24, 18, 13), &manager, &[], brief);
    }
}

fn notes(maker: &mut SampleMaker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    let now = at(24, 13, 21);
    let brief = MailBrief::NotReceived { at: at(24, 13, 20), to: vec![dana().address], empty: false };
    maker.add("", MailKind::NotReceived, now, &ae, &sdr, brief);
    let brief = MailBrief::NotReceived { at: at(24, 13, 20), to: vec![sarah().address], empty: true };
    maker.add("nothing but quotation", MailKind::NotReceived, now, &ae, &sdr, brief);
    for (note, until) in [("", Some(date(11, 30))), ("no date", None), ("an old date", Some(date(11, 20)))] {
        maker.add(note, MailKind::Away, now, &sdr, &[morgan()], MailBrief::Away { until, clock: clock() });
    }
    intro_failures(maker, now);
    for (note, clock) in [("", Some(clock())), ("another stands", None)] {
        let brief = MailBrief::TouchBounced { at: at(24, 13, 20), failed: no_such_user(sarah()), clock };
        maker.add(note, MailKind::TouchBounced, now, &ae, &sdr, brief);
    }
    let brief = MailBrief::Suspicious {
        from: calvin().address,
        at: at(24, 13, 20),
        subject: "Re: Sarah, intro to Calvin + Thursday's agenda".into(),
    };
    maker.add("", MailKind::Suspicious, now, &[dana(), operator()], &[], brief);
    maker.add("", MailKind::Lingering, at(27, 9, 0), &ae, &sdr, MailBrief::Lingering { at: at(26, 18, 2) });
    let found = "Full notes: https://vendor.slack.com/archives/C0123".to_owned();
    maker.add("", MailKind::Chatter, now, &ae, &[], MailBrief::Chatter { at: at(24, 13, 20), found });
    let brief = MailBrief::RecordLeaked { at: at(24, 13, 20), to: vec![sarah().address] };
    maker.add("", MailKind::RecordLeaked, now, &[calvin(), dana()], &[], brief);
    for (note, declined) in [("", vec![sarah(), james()]), ("one", vec![sarah()])] {
        let brief = MailBrief::MeetingDeclined { meeting: meeting(), declined };
        maker.add(note, MailKind::MeetingDeclined, now, &sdr, &ae, brief);
    }
}

/// The failure of one address.
fn no_such_user(who: Mailbox) -> Vec<(Address, String)> {
    vec![(who.address, "550 5.1.1 no such user here".to_owned())]
}

fn intro_failures(maker: &mut SampleMaker, now: DateTime<Utc>) {
    let (ae, sdr) = ([calvin()], [dana()]);
    let bounced = |failed: Vec<(Address, String)>, clock, dropped| MailBrief::IntroBounced {
        failed,
        also_failed: Vec::new(),
        clock,
        dropped,
    };
    let both = [no_such_user(sarah()), vec![(calvin().address, String::new())]].concat();
    let touched = |reached_others| ClockAfterFailure::Touched { reached_others };
    for (note, failed, clock) in [
        ("", no_such_user(sarah()), ClockAfterFailure::Stopped),
        ("others got it", no_such_user(james()), ClockAfterFailure::RunsOn),
        ("to the AE", no_such_user(calvin()), ClockAfterFailure::Stopped),
        ("to everyone", both, ClockAfterFailure::Stopped),
        ("touched", no_such_user(sarah()), touched(false)),
        ("touched, others got it", no_such_user(sarah()), touched(true)),
        ("sent again", no_such_user(sarah()), ClockAfterFailure::SentAgain),
    ] {
        maker.add(note, MailKind::IntroBounced, now, &sdr, &ae, bounced(failed, clock, None));
    }
    let let_be = vec![(sarah().address, String::new()), (calvin().address, String::new())];
    for (note, clock, dropped) in [
        ("dropped", ClockAfterFailure::Stopped, DroppedIntro::HasNotLeft),
        ("dropped, an earlier one stands", ClockAfterFailure::RunsOn, DroppedIntro::HasNotLeft),
        ("let be", ClockAfterFailure::Stopped, DroppedIntro::MayHaveLeft),
        ("let be, touched", touched(true), DroppedIntro::MayHaveLeft),
    ] {
        let brief = bounced(let_be.clone(), clock, Some(dropped));
        maker.add(note, MailKind::IntroBounced, now, &sdr, &ae, brief);
    }
    let brief = bounced(no_such_user(calvin()), ClockAfterFailure::FormerAe { touched: false }, None);
    let robin = [mailbox("Robin Park", "robin@vendor.example")];
    maker.add("to a former AE", MailKind::IntroBounced, now, &sdr, &robin, brief);
    maker.change_last(|sample| sample.handoff = handoff("Robin Park"));
}

fn answers(maker: &mut SampleMaker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    let brief = MailBrief::WhoIsThis {
        name: "Calvin Reyes".into(),
        address: address("calvin.reyes@mail.example"),
        at: at(24, 13, 20),
        words: "Hi Sarah, happy to take it from here.\nSee you on Thursday!".into(),
    };
    maker.add("", MailKind::WhoIsThis, at(24, 13, 21), &sdr, &[], brief);
    let brief = MailBrief::Stated { at: at(24, 13, 20), words: "done, called Sarah just now".into() };
    maker.add("", MailKind::Stated, at(24, 13, 21), &sdr, &[], brief);
    let brief =
        MailBrief::Refused { at: at(24, 13, 20), words: "not mine, Acme is in Robin's territory".into() };
    maker.add("", MailKind::Refused, at(24, 13, 21), &sdr, &[morgan()], brief);
    let question = |question, words: &str| MailBrief::FeedbackQuestion {
        question,
        meeting: meeting(),
        words: words.into(),
    };
    let brief = question(FeedbackQuestion::Unreadable, "it was a meeting all right");
    maker.add("", MailKind::FeedbackQuestion, at(26, 15, 0), &ae, &[], brief);
    let brief = question(FeedbackQuestion::NewTime, "rescheduled");
    maker.add("new time", MailKind::FeedbackQuestion, at(26, 15, 0), &ae, &sdr, brief);
}

fn after_the_meeting(maker: &mut SampleMaker) {
    let (ae, sdr) = ([calvin()], [dana()]);
    let due = at(27, 14, 30);
    let brief = MailBrief::FeedbackRequest { meeting: meeting(), due };
    maker.add("", MailKind::FeedbackRequest, at(26, 14, 30), &ae, &[], brief);
    let feedback = FeedbackBrief {
        outcome: Some(MeetingOutcome::Held),
        score: Some(4),
        wrong: Some("James has left".into()),
        new_start: None,
    };
    let brief =
        MailBrief::FeedbackThanks { feedback, meeting: meeting(), words: "held 4, James has left".into() };
    maker.add("", MailKind::FeedbackThanks, at(26, 15, 0), &ae, &sdr, brief);
    let feedback = FeedbackBrief {
        outcome: Some(MeetingOutcome::Rescheduled),
        new_start: Some(at(30, 10, 0)),
        ..FeedbackBrief::default()
    };
    let brief = MailBrief::FeedbackThanks {
        feedback,
        meeting: meeting(),
        words: "rescheduled, Monday 10am ET".into(),
    };
    maker.add("new time", MailKind::FeedbackThanks, at(26, 15, 0), &ae, &sdr, brief);
    let feedback = FeedbackBrief { outcome: Some(MeetingOutcome::NoShow), ..FeedbackBrief::default() };
    let brief = MailBrief::FeedbackThanks { feedback, meeting: meeting(), words: "no-show".into() };
    maker.add("no-show", MailKind::FeedbackThanks, at(26, 15, 0), &ae, &sdr, brief);
    let brief = MailBrief::FeedbackReminder { meeting: meeting(), due };
    maker.add("", MailKind::FeedbackReminder, at(27, 10, 30), &ae, &[], brief);
    let brief =
        MailBrief::FeedbackOverdue { ae: "Calvin Reyes".to_owned(), meeting: meeting(), due, read: read() };
    maker.add("", MailKind::FeedbackOverdue, at(27, 14, 33), &[morgan()], &[], brief);
}

fn elsewhere(maker: &mut SampleMaker) {
    let ops = [operator()];
    let since = at(24, 16, 25);
    for (note, to, account, companies) in [
        ("", vec![operator()], "calvin", vec!["Acme Corp".to_owned(), "Globex".to_owned()]),
        ("to the SDR", vec![dana()], "calvin", Vec::new()),
        ("to the SDR, about their own mailbox", vec![dana()], "dana", Vec::new()),
    ] {
        let brief = MailBrief::CannotSee { account: account.into(), since, companies };
        maker.add(note, MailKind::CannotSee, at(24, 16, 57), &to, &[], brief);
    }
    let brief = MailBrief::CanSee { account: "calvin".into(), since, until: at(24, 18, 40) };
    maker.add("", MailKind::CanSee, at(24, 18, 40), &ops, &[], brief);
    let waiting = |company: &str, deadline| DigestWaiting {
        company: company.into(),
        sdr: "Dana Fox".into(),
        ae: "Calvin Reyes".into(),
        deadline,
    };
    let week = DigestBrief {
        from: Some(date(11, 23)),
        until: Some(date(11, 29)),
        handoffs: 4,
        in_time: (3, 4),
        feedback: (2, 3),
        waiting: vec![
            waiting("Acme Corp", Some(at(30, 10, 0))),
            waiting("Globex", Some(at(30, 17, 0))),
            waiting("Initech", Some(at(30, 17, 0))),
            waiting("Umbrella", None),
        ],
        coaching: vec![
            "Calvin Reyes: the first touch was late or is missing".into(),
            "Calvin Reyes: feedback was late or is missing".into(),
            "Dana Fox: handed off too early".into(),
            "Calvin Reyes: the SDR was left out of the first email".into(),
        ],
    };
    let quiet = DigestBrief { from: week.from, until: week.until, ..DigestBrief::default() };
    for (note, week) in [("", week), ("a quiet week", quiet)] {
        let brief = MailBrief::Digest(Box::new(week));
        maker.add(note, MailKind::Digest, at(30, 9, 0), &[morgan()], &[], brief);
    }
    let brief = MailBrief::TimeCheck { since: at(24, 17, 2) };
    let agent = Mailbox { name: String::new(), address: dana().address };
    maker.add("", MailKind::TimeCheck, at(24, 17, 7), &[agent], &[], brief);
    let brief = MailBrief::Trouble {
        what: "the login of account calvin was refused".into(),
        detail: "imap.vendor.example:993 said: NO [AUTHENTICATIONFAILED] Invalid credentials".into(),
        remedy: "update the password, then run `baton doctor`".into(),
    };
    maker.add("", MailKind::Trouble, at(24, 16, 25), &ops, &[], brief);
}
