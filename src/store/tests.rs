//! The store by itself: what it keeps, what it refuses, what survives.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::*;
use crate::domain::fact::{FactKind, Statement, StatementKind};
use crate::domain::handoff::{DealRole, Handoff, Objection, PlannedMeeting, Record, Stakeholder};
use crate::domain::judge::{AwaitedReading, Claim};
use crate::domain::mails::{MailKey, MailKind};
use crate::domain::message::{
    Address, CopyPlace, Headers, Mailbox, MessageBody, MessageCopy, MessageId, MessageKind,
};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn address(text: &str) -> Address {
    Address::new(text).unwrap()
}

fn mailbox(name: &str, text: &str) -> Mailbox {
    Mailbox { name: name.to_owned(), address: address(text) }
}

fn record() -> Record {
    Record {
        company: "Acme Corp".to_owned(),
        date: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        sdr: "Dana Fox".to_owned(),
        ae: "Calvin Reyes".to_owned(),
        conditions: vec!["Calendar invite accepted".to_owned()],
        pain: "\"It hurts.\"".to_owned(),
        meeting: PlannedMeeting {
            start: at(100_000),
            local_start: None,
            length_seconds: 1800,
            zone: "UTC".to_owned(),
            format: "Zoom".to_owned(),
            attendees: vec![mailbox("Sarah Lee", "sarah@acme.example")],
            agenda: "demo".to_owned(),
        },
        stakeholders: vec![Stakeholder {
            name: "Sarah Lee".to_owned(),
            title: "unknown".to_owned(),
            role: DealRole::Champion,
        }],
        objections: vec![Objection { objection: "cost".to_owned(), handled: "ROI".to_owned() }],
        competitor: "none mentioned".to_owned(),
        to: vec![mailbox("Sarah Lee", "sarah@acme.example")],
        discussed: "hours".to_owned(),
        why_this_ae: "knows CRMs".to_owned(),
        what_to_expect: "a Zoom".to_owned(),
    }
}

/// Who delivers in these tests.
const OWNER: &str = "this process";

/// A store, and a connection of the test's own, whose transactions may borrow from the test.
struct Bench {
    store: Store,
    connection: RefCell<Connection>,
    _folder: tempfile::TempDir,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("baton.db")).unwrap();
    let connection = RefCell::new(opening::connect_writer(store.path()).unwrap());
    Bench { store, connection, _folder: folder }
}

impl Bench {
    fn write<T>(&self, work: impl FnOnce(&WriteTransaction<'_>) -> Result<T>) -> T {
        write_on(&mut self.connection.borrow_mut(), &self.store.waiting, &self.store.waits, work).unwrap()
    }

    fn read<T>(&self, work: impl FnOnce(&ReadTransaction<'_>) -> Result<T>) -> T {
        read_on(&mut self.connection.borrow_mut(), work).unwrap()
    }

    fn handoff(&self, id: &str) {
        let handoff = Handoff { id: id.to_owned(), record: record(), created_at: at(0) };
        self.write(|tx| tx.add_handoff(&handoff, "text"));
    }

    fn claims(&self, id: &str, claim: &Claim) {
        let own = BTreeSet::from([address("calvin@vendor.example"), address("dana@vendor.example")]);
        self.write(|tx| tx.set_claims(id, claim, |one| own.contains(one), true).map(drop));
    }

    fn closes(&self, id: &str, claim: &Claim) {
        let own = BTreeSet::from([address("calvin@vendor.example"), address("dana@vendor.example")]);
        self.write(|tx| {
            tx.set_projection(id, Projection::default())?;
            tx.set_closed(id, Some(at(200_000)))?;
            tx.set_claims(id, claim, |one| own.contains(one), false).map(drop)
        });
    }

    fn mail(&self, id: &str) -> NewMail {
        NewMail {
            scope: Scope::Handoff(id.to_owned()),
            key: MailKey { kind: MailKind::Intro, about: "sending 1".to_owned() },
            account: "dana".to_owned(),
            sender: address("dana@vendor.example"),
            recipients: Recipients { to: vec![mailbox("Sarah Lee", "sarah@acme.example")], cc: Vec::new() },
            not_before: None,
        }
    }
}

fn headers(id: &str, from: &str, to: &str) -> Headers {
    Headers {
        id: MessageId::new(id),
        from: vec![mailbox("", from)],
        to: vec![mailbox("", to)],
        date: Some(at(10)),
        subject: "Hello".to_owned(),
        ..Headers::default()
    }
}

fn copy(account: &str, folder: &str, uid: u32, date: i64) -> MessageCopy {
    MessageCopy {
        place: CopyPlace { account: account.to_owned(), folder: folder.to_owned(), uid_validity: 1, uid },
        internal_date: at(date),
        stamp: None,
        is_dated: false,
        read_at: None,
        is_sent: folder == "Sent",
        is_draft: false,
    }
}

fn body(text: &str) -> MessageBody {
    MessageBody {
        kind: MessageKind::Human,
        kind_of_known: None,
        reasons: Vec::new(),
        author_text: text.to_owned(),
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
    }
}

fn messages(facts: &[crate::domain::fact::Fact]) -> Vec<Arc<crate::domain::message::Message>> {
    let seen = facts.iter().filter_map(|fact| match &fact.what {
        FactKind::MessageSeen(message) => Some(Arc::clone(message)),
        _ => None,
    });
    seen.collect()
}

#[test]
fn a_handoff_and_its_facts_come_back_as_they_were() {
    let bench = bench();
    bench.handoff("acme-1");
    let statement = Statement {
        id: "one".to_owned(),
        why: "called her".to_owned(),
        says: StatementKind::Touched {
            at: at(5),
            kind: crate::domain::fact::TouchKind::Stated,
            message: MessageId::new("m@x"),
        },
        letter: None,
        read_at: None,
    };
    bench.write(|tx| {
        let asked = NewFact::IntroAsked { sending: 1, record: Some(Box::new(record())) };
        tx.add_fact("acme-1", at(1), &asked)?;
        tx.add_fact("acme-1", at(2), &asked)?;
        tx.add_fact("acme-1", at(6), &NewFact::Said(statement.clone()))?;
        tx.add_fact("acme-1", at(7), &NewFact::LastLook { deadline: at(3), refused: vec!["a/b".into()] })
    });
    let stored = bench.read(|tx| tx.handoff("acme-1")).unwrap();
    assert_eq!(stored.handoff.record, record());
    let facts = bench.read(|tx| tx.facts("acme-1"));
    assert_eq!(facts.len(), 3, "a fact that is known stays as it was");
    assert_eq!(facts[0].at, at(1));
    assert_eq!(facts[0].what, FactKind::IntroAsked { sending: 1, record: Some(Box::new(record())) });
    assert_eq!(facts[1].what, FactKind::Said(statement));
    assert_eq!(facts[2].what, FactKind::LastLook { deadline: at(3), refused: vec!["a/b".into()] });
}

#[test]
fn copies_of_one_mail_are_one_message_and_the_first_body_stays() {
    let bench = bench();
    bench.handoff("acme-1");
    bench.claims("acme-1", &Claim { addresses: [address("sarah@acme.example")].into(), ..Claim::default() });
    let mail = headers("m@x", "calvin@vendor.example", "sarah@acme.example");
    let seen = bench.write(|tx| {
        let first = tx.see(&mail, None, &copy("dana", "INBOX", 4, 30))?;
        let second = tx.see(&mail, Some(&body("hi")), &copy("calvin", "Sent", 7, 20))?;
        let third = tx.see(&mail, Some(&body("other")), &copy("calvin", "Sent", 7, 20))?;
        Ok([first, second, third])
    });
    assert_eq!(seen.map(|seen| seen.news), [true, true, false]);
    let facts = bench.read(|tx| tx.facts("acme-1"));
    let [message] = &messages(&facts)[..] else { panic!("{facts:?}") };
    assert_eq!(message.copies.len(), 2);
    assert_eq!(message.body.as_ref().unwrap().author_text, "hi");
}

#[test]
fn mail_among_our_own_people_is_claimed_by_an_id_that_is_learnt_later() {
    let bench = bench();
    bench.handoff("acme-1");
    let mut claim = Claim {
        addresses: [address("calvin@vendor.example"), address("dana@vendor.example")].into(),
        ..Claim::default()
    };
    bench.claims("acme-1", &claim);
    let mail = Headers {
        in_reply_to: MessageId::new("replaced@provider").into_iter().collect(),
        ..headers("m@x", "calvin@vendor.example", "dana@vendor.example")
    };
    bench.write(|tx| tx.see(&mail, None, &copy("dana", "INBOX", 4, 30)).map(drop));
    assert!(messages(&bench.read(|tx| tx.facts("acme-1"))).is_empty());
    claim.ids.insert(MessageId::new("replaced@provider").unwrap());
    bench.claims("acme-1", &claim);
    assert_eq!(messages(&bench.read(|tx| tx.facts("acme-1"))).len(), 1);
    assert_eq!(bench.read(|tx| tx.bodies_due("dana", "INBOX", 1)).len(), 1);
}

#[test]
fn what_no_open_handoff_can_claim_is_forgotten() {
    let bench = bench();
    bench.handoff("acme-1");
    let claim = Claim {
        ids: [MessageId::new("intro@x").unwrap()].into(),
        addresses: [address("calvin@vendor.example"), address("dana@vendor.example")].into(),
        ..Claim::default()
    };
    bench.claims("acme-1", &claim);
    let among = headers("among@x", "calvin@vendor.example", "dana@vendor.example");
    let intro = headers("intro@x", "dana@vendor.example", "sarah@acme.example");
    bench.write(|tx| {
        tx.see(&among, None, &copy("dana", "INBOX", 1, 30))?;
        tx.see(&intro, None, &copy("dana", "Sent", 1, 30)).map(drop)
    });
    assert_eq!(bench.write(|tx| tx.prune(10)), 0);
    bench.closes("acme-1", &claim);
    assert_eq!(bench.write(|tx| tx.prune(10)), 1);
    assert_eq!(messages(&bench.read(|tx| tx.facts("acme-1"))).len(), 1, "the story keeps its evidence");
}

/// Two handoffs that write to one prospect, and the ids of the mail that each of them sees.
struct TwoHandoffs {
    bench: Bench,
    thread: Claim,
}

fn two_handoffs() -> TwoHandoffs {
    let bench = bench();
    bench.handoff("acme-1");
    bench.handoff("acme-2");
    let people: BTreeSet<Address> = [address("sarah@acme.example"), address("calvin@vendor.example")].into();
    let thread = Claim {
        ids: [MessageId::new("intro@x").unwrap()].into(),
        addresses: people.clone(),
        ..Claim::default()
    };
    bench.claims("acme-1", &thread);
    bench.claims("acme-2", &Claim { addresses: people, ..Claim::default() });
    TwoHandoffs { bench, thread }
}

impl TwoHandoffs {
    fn sees(&self, mail: &Headers, body: &MessageBody, copy: &MessageCopy) -> Vec<String> {
        let seen = self.bench.write(|tx| tx.see(mail, Some(body), copy));
        self.bench.read(|tx| tx.concerned(seen.message))
    }

    fn mail_of(&self, handoff: &str) -> Vec<String> {
        let facts = self.bench.read(|tx| tx.facts(handoff));
        let mut ids: Vec<String> = messages(&facts)
            .iter()
            .filter_map(|message| message.headers.id.as_ref().map(ToString::to_string))
            .collect();
        ids.sort();
        ids
    }
}

#[test]
fn mail_of_another_handoffs_thread_is_no_business_of_this_one() {
    let two = two_handoffs();
    let mail = Headers {
        references: MessageId::new("intro@x").into_iter().collect(),
        ..headers("m@x", "calvin@vendor.example", "sarah@acme.example")
    };
    assert_eq!(two.sees(&mail, &body("hi"), &copy("dana", "INBOX", 4, 30)), ["acme-1"]);
    assert_eq!(two.mail_of("acme-1"), ["m@x"]);
    assert!(two.mail_of("acme-2").is_empty());
    let outside = headers("n@x", "calvin@vendor.example", "sarah@acme.example");
    assert_eq!(two.sees(&outside, &body("hi"), &copy("dana", "INBOX", 5, 30)), ["acme-1", "acme-2"]);
    assert_eq!(two.mail_of("acme-2"), ["n@x"]);
}

#[test]
fn a_closed_handoff_is_concerned_by_its_thread_alone_and_keeps_what_it_had() {
    let two = two_handoffs();
    let mail = |id: &str| headers(id, "calvin@vendor.example", "sarah@acme.example");
    two.sees(&mail("before@x"), &body("hi"), &copy("dana", "INBOX", 1, 30));
    two.bench.closes("acme-1", &two.thread);
    assert_eq!(two.sees(&mail("after@x"), &body("hi"), &copy("dana", "INBOX", 2, 400_000)), ["acme-2"]);
    let citing = Headers { in_reply_to: MessageId::new("intro@x").into_iter().collect(), ..mail("late@x") };
    assert_eq!(two.sees(&citing, &body("hi"), &copy("dana", "INBOX", 3, 500_000)), ["acme-1"]);
    assert_eq!(two.mail_of("acme-1"), ["before@x", "late@x"]);
    assert_eq!(two.mail_of("acme-2"), ["after@x", "before@x"]);
}

#[test]
fn of_what_an_ae_writes_only_absences_concern_every_open_handoff() {
    let two = two_handoffs();
    let mail = |id: &str| headers(id, "calvin@vendor.example", "dana@vendor.example");
    assert!(two.sees(&mail("human@x"), &body("lunch?"), &copy("dana", "INBOX", 1, 30)).is_empty());
    let away = MessageBody { kind: MessageKind::AutoReply, ..body("I am away") };
    let answers_the_intro =
        Headers { references: MessageId::new("intro@x").into_iter().collect(), ..mail("away@x") };
    assert_eq!(two.sees(&answers_the_intro, &away, &copy("dana", "INBOX", 2, 40)), ["acme-1", "acme-2"]);
    two.bench.closes("acme-1", &two.thread);
    assert_eq!(two.sees(&mail("again@x"), &away, &copy("dana", "INBOX", 3, 400_000)), ["acme-2"]);
    assert_eq!(two.mail_of("acme-1"), ["away@x"]);
    assert_eq!(two.mail_of("acme-2"), ["again@x", "away@x"]);
}

#[test]
fn an_address_is_found_under_each_spelling_that_leads_to_its_mailbox() {
    let bench = bench();
    bench.handoff("acme-1");
    let claim = Claim { addresses: [address("sarah.lee@gmail.com")].into(), ..Claim::default() };
    bench.claims("acme-1", &claim);
    let mail = headers("m@x", "calvin@vendor.example", "sarahlee+work@gmail.com");
    bench.write(|tx| tx.see(&mail, Some(&body("hi")), &copy("dana", "Sent", 1, 30)).map(drop));
    assert_eq!(messages(&bench.read(|tx| tx.facts("acme-1"))).len(), 1);
}

#[test]
fn texts_are_dropped_but_for_those_that_verdicts_rest_on() {
    let two = two_handoffs();
    let cites = |id: &str, from: &str| Headers {
        in_reply_to: MessageId::new("intro@x").into_iter().collect(),
        ..headers(id, from, "dana@vendor.example")
    };
    let long = MessageBody { quoted_text: "below".to_owned(), ..body("a long letter") };
    two.sees(&cites("prospect@x", "sarah@acme.example"), &long, &copy("dana", "INBOX", 1, 30));
    two.sees(&cites("answer@x", "calvin@vendor.example"), &long, &copy("dana", "INBOX", 2, 40));
    two.bench.closes("acme-1", &two.thread);
    assert!(two.bench.read(|tx| tx.texts_to_drop(at(199_999), 5)).is_empty());
    assert_eq!(two.bench.read(|tx| tx.texts_to_drop(at(200_000), 5)), ["acme-1"]);
    let kept = BTreeSet::from([MessageId::new("answer@x").unwrap()]);
    two.bench.write(|tx| tx.drop_texts("acme-1", &kept));
    assert!(two.bench.read(|tx| tx.texts_to_drop(at(200_000), 5)).is_empty(), "once is enough");
    let texts: BTreeSet<(String, String)> = messages(&two.bench.read(|tx| tx.facts("acme-1")))
        .iter()
        .map(|message| {
            let body = message.body.as_ref().unwrap();
            (body.author_text.clone(), body.quoted_text.clone())
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(own, below)| (own.as_str(), below.as_str())).collect();
    assert_eq!(texts, [("[...]", ""), ("a long letter", "below")]);
}

#[test]
fn a_key_has_one_row_whatever_became_of_it() {
    let bench = bench();
    bench.handoff("acme-1");
    let mail = bench.mail("acme-1");
    let QueueOutcome::New(seq) = bench.write(|tx| tx.make(&mail, at(0))) else { panic!("no row") };
    assert_eq!(bench.write(|tx| tx.make(&mail, at(1))), QueueOutcome::Known);
    bench.write(|tx| tx.cancel(seq));
    assert_eq!(bench.write(|tx| tx.make(&mail, at(2))), QueueOutcome::Again(seq));
    bench.write(|tx| tx.sent(seq, at(3), &[], SentCopyState::Due));
    assert_eq!(bench.write(|tx| tx.make(&mail, at(4))), QueueOutcome::Known);
    let rows = bench.read(|tx| tx.outbox(&mail.scope));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].state, OutboxState::Sent);
    assert_eq!(crate::domain::token::in_id(&rows[0].message_id), Some(rows[0].token.as_str()));
    assert_eq!(bench.read(|tx| tx.copies_due()).len(), 1);
}

#[test]
fn a_row_that_was_being_sent_when_baton_died_is_uncertain_only_from_data_on() {
    let bench = bench();
    bench.handoff("acme-1");
    let mail = bench.mail("acme-1");
    let other = NewMail { key: MailKey { kind: MailKind::Record, about: "x".to_owned() }, ..mail.clone() };
    let rows: Vec<i64> = [&mail, &other]
        .into_iter()
        .map(|mail| match bench.write(|tx| tx.make(mail, at(0))) {
            QueueOutcome::New(seq) => seq,
            made => panic!("{made:?}"),
        })
        .collect();
    bench.write(|tx| {
        tx.lease_to(OWNER, at(0))?;
        for seq in &rows {
            tx.lease(*seq, b"bytes", &mail.recipients, OWNER, at(1))?;
        }
        tx.last_piece_begins(rows[0], OWNER, &[])
    });
    assert_eq!(bench.write(|tx| tx.recover(at(2))), vec![rows[0]]);
    let states = bench.read(|tx| tx.outbox(&mail.scope)).into_iter().map(|row| row.state);
    assert_eq!(states.collect::<Vec<_>>(), [OutboxState::Uncertain, OutboxState::Queued]);
}

#[test]
fn a_row_that_another_process_took_back_is_not_given_to_the_server() {
    let bench = bench();
    bench.handoff("acme-1");
    let mail = bench.mail("acme-1");
    let QueueOutcome::New(seq) = bench.write(|tx| tx.make(&mail, at(0))) else { panic!("known") };
    bench.write(|tx| tx.lease_to(OWNER, at(0)));
    bench.write(|tx| tx.lease(seq, b"bytes", &mail.recipients, OWNER, at(1)));
    bench.write(|tx| tx.recover(at(2)));
    assert_eq!(bench.write(|tx| tx.last_piece_begins(seq, OWNER, &[])), LeaseState::Lost);
    let row = bench.read(|tx| tx.outbox_row(seq)).unwrap();
    assert_eq!((row.state, row.phase), (OutboxState::Queued, SendingPhase::Leased));
    bench.write(|tx| tx.lease(seq, b"bytes", &mail.recipients, OWNER, at(3)));
    assert_eq!(bench.write(|tx| tx.last_piece_begins(seq, OWNER, &[])), LeaseState::Held);
}

#[test]
fn an_outage_lasts_until_every_folder_of_the_account_was_read_again() {
    let bench = bench();
    bench.write(|tx| tx.watch("dana", &["INBOX".to_owned(), "Sent".to_owned()]));
    bench.write(|tx| {
        assert!(tx.folder_failed("dana", "INBOX", at(1), "gone")?);
        assert!(!tx.folder_failed("dana", "Sent", at(2), "locked")?);
        tx.folder_read("dana", "INBOX", at(5), at(5))
    });
    let outage = bench.read(|tx| tx.outages_since(at(0))).remove(0);
    assert_eq!((outage.ended, outage.since, outage.error.as_str()), (None, at(1), "locked"));
    bench.write(|tx| tx.folder_read("dana", "Sent", at(6), at(7)));
    assert_eq!(bench.read(|tx| tx.outages_since(at(0)))[0].ended, Some(at(7)));
    bench.write(|tx| tx.folder_read("dana", "Sent", at(4), at(8)));
    let state = bench.read(|tx| tx.folder("dana", "Sent")).unwrap();
    assert_eq!(state.read_until, Some(at(6)), "a watermark never goes back");
}

#[test]
fn a_handoff_that_waits_for_reading_is_named_once_all_of_its_accounts_were_read_so_far() {
    let bench = bench();
    bench.handoff("acme-1");
    bench.handoff("acme-2");
    let accounts: BTreeSet<String> = ["dana".to_owned(), "calvin".to_owned()].into();
    let reading = Projection {
        open: true,
        wake: None,
        awaiting: Some(at(11)),
        awaiting_reading: Some(AwaitedReading { past: at(10), accounts }),
    };
    bench.write(|tx| {
        tx.watch("dana", &["INBOX".to_owned()])?;
        tx.watch("calvin", &["INBOX".to_owned(), "Sent".to_owned()])?;
        tx.set_projection("acme-1", reading.clone())?;
        tx.set_projection("acme-2", Projection { awaiting_reading: None, ..reading })
    });
    let ready = || bench.read(|tx| tx.awaiting_no_longer());
    let read = |account: &str, folder: &str, until| {
        bench.write(|tx| tx.folder_read(account, folder, at(until), at(until)));
    };
    assert_eq!(
        bench.read(|tx| tx.awaiting_more_than_reading()),
        ["acme-2"],
        "it waits for more than reading"
    );
    assert_eq!(ready(), ["acme-2"]);
    let ready_after = |account: &str| bench.read(|tx| tx.ready_after_reading(account));
    let unread = || bench.read(|tx| tx.unread_accounts()).into_keys().collect::<Vec<_>>();
    assert_eq!(unread(), ["calvin", "dana"]);
    read("dana", "INBOX", 12);
    assert_eq!(ready_after("dana"), [""; 0], "calvin's are still to come");
    assert_eq!(unread(), ["calvin"]);
    read("calvin", "INBOX", 12);
    read("calvin", "Sent", 9);
    assert_eq!(ready(), ["acme-2"]);
    assert_eq!(ready_after("calvin"), [""; 0], "read, and not past it");
    read("calvin", "Sent", 10);
    assert_eq!(ready(), ["acme-1", "acme-2"]);
    assert_eq!(ready_after("calvin"), ["acme-1"], "who waits for more has not waited for this");
    assert_eq!(ready_after("dana"), ["acme-1"], "whichever of its accounts was read last");
    assert_eq!(ready_after("morgan"), [""; 0]);
    assert_eq!(unread(), [""; 0]);
    let is_awaited = |account: &str| bench.read(|tx| tx.is_reading_awaited(account));
    assert_eq!((is_awaited("dana"), is_awaited("dan"), is_awaited("morgan")), (true, false, false));
}

/// Of two handoffs with the same accounts the one that waits for a later moment waits on.
#[test]
fn an_account_is_read_once_for_all_that_wait_for_the_same_moment() {
    let bench = bench();
    let awaits = |past| Projection {
        open: true,
        wake: None,
        awaiting: Some(at(past + 1)),
        awaiting_reading: Some(AwaitedReading { past: at(past), accounts: ["dana".to_owned()].into() }),
    };
    for (id, past) in [("acme-1", 10), ("acme-2", 10), ("acme-3", 20)] {
        bench.handoff(id);
        bench.write(|tx| tx.set_projection(id, awaits(past)));
    }
    bench.write(|tx| tx.watch("dana", &["INBOX".to_owned()]));
    assert_eq!(bench.read(|tx| tx.unread_accounts()), [("dana".to_owned(), at(20))].into());
    bench.write(|tx| tx.folder_read("dana", "INBOX", at(10), at(15)));
    assert_eq!(bench.read(|tx| tx.ready_after_reading("dana")), ["acme-1", "acme-2"]);
    assert_eq!(bench.read(|tx| tx.unread_accounts()), [("dana".to_owned(), at(20))].into());
}

#[test]
fn a_trouble_is_one_until_it_is_mended() {
    let bench = bench();
    let raise = |tx: &WriteTransaction<'_>, seconds| {
        tx.raise_alert("login dana", "what", "detail", "remedy", at(seconds))
    };
    assert!(bench.write(|tx| raise(tx, 1)));
    assert!(!bench.write(|tx| raise(tx, 2)));
    bench.write(|tx| tx.resolve_alert("login dana", at(3)));
    assert!(bench.write(|tx| raise(tx, 4)));
    let lasting: Vec<_> = bench.read(|tx| tx.alerts()).into_iter().map(|alert| alert.since).collect();
    assert_eq!(lasting, [at(4)]);
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baton.db");
    drop(Store::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("newer version"));
}

#[test]
fn only_one_holds_the_lock_and_its_end_frees_it() {
    let bench = bench();
    let LockOutcome::Ours(lock) = bench.store.lock().unwrap() else { panic!("the lock is free") };
    assert!(matches!(bench.store.lock().unwrap(), LockOutcome::Elsewhere));
    drop(lock);
    assert!(matches!(bench.store.lock().unwrap(), LockOutcome::Ours(_)));
}

#[tokio::test]
async fn a_backup_is_a_database_that_can_be_opened() {
    let bench = bench();
    bench.handoff("acme-1");
    let to = bench.store.path().with_file_name("copy.db");
    bench.store.back_up(&to, at(0)).await.unwrap();
    let copy = Store::open(&to).unwrap();
    assert_eq!(copy.read(|tx| tx.handoffs()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_backup_takes_the_place_of_an_earlier_one_and_of_nothing_else() {
    let bench = bench();
    let place = |name: &str| bench.store.path().with_file_name(name);
    let to = place("copy.db");
    std::fs::write(&to, "").unwrap();
    for _ in 0..2 {
        bench.store.back_up(&to, at(0)).await.unwrap();
    }
    Store::open(&to).unwrap().take_lease(at(1)).await.unwrap();
    let other = place("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE a (b); PRAGMA user_version = 3").unwrap();
    std::fs::write(place("Acme.txt"), "PAIN\n").unwrap();
    // An agent works on `to` since; the last one is a folder.
    for kept in [to, other, place("Acme.txt"), bench.store.path().parent().unwrap().to_owned()] {
        let before = kept.is_file().then(|| std::fs::read(&kept).unwrap());
        let error = bench.store.back_up(&kept, at(0)).await.unwrap_err();
        assert!(matches!(error, StoreError::OtherFile { .. }), "{}: {error}", kept.display());
        assert_eq!(kept.is_file().then(|| std::fs::read(&kept).unwrap()), before, "{}", kept.display());
    }
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_nothing() {
    let bench = bench();
    let work = |tx: &WriteTransaction<'_>| -> Result<()> {
        tx.add_handoff(&Handoff { id: "x".to_owned(), record: record(), created_at: at(0) }, "")?;
        Err(StoreError::Random)
    };
    let outcome = bench.store.write(Priority::Background, work).await;
    assert!(outcome.is_err());
    assert!(bench.read(|tx| tx.handoffs()).is_empty());
}

#[cfg(unix)]
#[test]
fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = bench();
    let mode = std::fs::metadata(bench.store.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

#[tokio::test]
async fn a_write_without_room_is_known_as_a_full_disk_and_changes_nothing() {
    let Bench { store, _folder, .. } = bench();
    let limit = |connection: &mut Connection| -> Result<()> {
        Ok(connection.pragma_update(None, "max_page_count", 1)?)
    };
    store.writer.run(Priority::Background, limit).await.unwrap();
    let error = store
        .write(Priority::Background, |tx| tx.set_meta("much", &"x".repeat(4 * 1024 * 1024)))
        .await
        .expect_err("there is no room for so much");
    assert!(error.is_disk_full(), "{error:?}");
    assert_eq!(store.read(|tx| tx.meta("much")).await.unwrap(), None);
    assert!(!StoreError::Random.is_disk_full());
}

#[test]
fn the_reserve_takes_real_room_and_is_given_up_once() {
    use std::os::unix::fs::MetadataExt;
    let Bench { store, _folder, .. } = bench();
    assert!(store.room().is_some_and(|room| room > 0));
    store.keep_reserve().unwrap();
    store.keep_reserve().unwrap();
    let mut path = store.path().to_owned().into_os_string();
    path.push(".reserve");
    assert!(std::fs::metadata(&path).unwrap().blocks() * 512 >= 1024 * 1024);
    assert!(store.release_reserve());
    assert!(!store.release_reserve());
    assert!(!Path::new(&path).exists());
}

#[test]
fn a_database_that_several_open_for_the_first_time_at_once_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let path = dir.path().join(format!("{round}.db"));
        let start = std::sync::Barrier::new(6);
        let failures: Vec<String> = std::thread::scope(|scope| {
            let open = || {
                start.wait();
                Store::open(&path).map(drop)
            };
            let all: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
            all.into_iter()
                .filter_map(|one| one.join().unwrap().err())
                .map(|error| format!("{error:?}"))
                .collect()
        });
        assert!(failures.is_empty(), "{failures:?}");
    }
}
