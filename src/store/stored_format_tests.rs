//! The stored format, pinned: every value that is kept as JSON, every row that a change writes, and a database of
//! each released format, read back whole.
//!
//! A snapshot here may gain lines. One that loses or changes a line means that databases in the field cannot be read
//! any more, unless a migration rewrites them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::attempts::AttemptNotes;
use super::json::{Json, StoredNames, StoredValue};
use super::verdicts::{shown_judgement, verdict_form};
use super::*;
use crate::domain::fact::{FixedDeadline, MeetingOutcome, Statement, StatementKind, TouchKind};
use crate::domain::handoff::{DealRole, Handoff, Objection, PlannedMeeting, Record, Stakeholder};
use crate::domain::judge::{
    Acceptance, AcceptanceState, AwaitedReading, Cc, CcState, Claim, Event, Feedback, FeedbackState,
    Judgement, Meeting, MeetingState, Touch, TouchState,
};
use crate::domain::letter::{Draft, DraftState, ForwardedMail, Letter, LetterWriter};
use crate::domain::letter_answer::LetterAnswer;
use crate::domain::mails::{HandoffBrief, MailBrief, MailKey, MailKind, MeetingBrief};
use crate::domain::message::{
    Address, Attendee, Authenticity, Bounce, BounceAction, BouncedRecipient, Calendar, CalendarMethod,
    CalendarTime, CopyPlace, Headers, Mailbox, MessageBody, MessageCopy, MessageId, MessageKind, PartStat,
    QuotedAuthor, QuotedMail, SchedulerEvent, SchedulerMail,
};
use rusqlite_migration::{M, Migrations};

/// 24 November 2026, noon UTC, and so many seconds later.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_521_600 + seconds, 0).unwrap()
}

fn id(text: &str) -> MessageId {
    MessageId::new(text).unwrap()
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
            start: at(180_000),
            local_start: Some(at(180_000 - 18_000).naive_utc()),
            length_seconds: 1800,
            zone: "America/New_York".to_owned(),
            format: "Zoom".to_owned(),
            attendees: vec![mailbox("Sarah Lee", "sarah@acme.example")],
            agenda: "demo".to_owned(),
        },
        stakeholders: vec![Stakeholder {
            name: "Sarah Lee".to_owned(),
            title: "VP Sales".to_owned(),
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

fn headers() -> Headers {
    Headers {
        id: Some(id("reply@vendor.example")),
        earlier_ids: vec![id("before@vendor.example")],
        in_reply_to: vec![id("intro@vendor.example")],
        references: vec![id("intro@vendor.example"), id("baton-7k2fq0123456w.ref@vendor.example")],
        conversation: Some("00112233445566778899aabbccddeeff".to_owned()),
        date: Some(at(10)),
        received: Some(at(12)),
        from: vec![mailbox("Calvin Reyes", "calvin@vendor.example")],
        sender: Some(mailbox("", "assistant@vendor.example")),
        reply_to: vec![mailbox("", "calvin+reply@vendor.example")],
        to: vec![mailbox("Sarah Lee", "sarah@acme.example")],
        cc: vec![mailbox("Dana Fox", "dana@vendor.example")],
        bcc: vec![mailbox("", "crm@vendor.example")],
        subject: "Re: Hello".to_owned(),
        base_subject: "Hello".to_owned(),
        authenticity: Authenticity::Passed,
    }
}

fn body() -> MessageBody {
    MessageBody {
        kind: MessageKind::Human,
        kind_of_known: Some(MessageKind::AutoReply),
        reasons: vec!["a person wrote it".to_owned()],
        author_text: "Hi Sarah".to_owned(),
        quoted_text: "Hello".to_owned(),
        quoted: true,
        quoted_authors: vec![QuotedAuthor {
            address: address("dana@vendor.example"),
            at: Some(at(1)),
            latest: Some(at(2)),
        }],
        links: vec!["https://vendor.example/".to_owned()],
        calendar: Some(Calendar {
            method: Some(CalendarMethod::Request),
            uid: "event-1".to_owned(),
            sequence: 2,
            start: Some(at(180_000)),
            end: Some(at(181_800)),
            written_start: Some(CalendarTime {
                local: at(180_000 - 18_000).naive_utc(),
                at: Some(at(180_000)),
                zone: Some("America/New_York".to_owned()),
            }),
            instance: Some(CalendarTime { local: at(180_000).naive_utc(), at: None, zone: None }),
            organizer: Some(address("calvin@vendor.example")),
            attendees: vec![Attendee {
                address: address("sarah@acme.example"),
                name: "Sarah Lee".to_owned(),
                partstat: PartStat::Accepted,
            }],
            summary: "Acme demo".to_owned(),
        }),
        bounce: Some(Bounce {
            original: Some(id("intro@vendor.example")),
            original_references: vec![id("baton-7k2fq0123456w.ref@vendor.example")],
            recipients: vec![BouncedRecipient {
                address: address("james@acme.example"),
                action: BounceAction::Failed,
                status: Some("5.1.1".to_owned()),
                diagnostic: Some("550 no such user".to_owned()),
            }],
        }),
        away_until: NaiveDate::from_ymd_opt(2026, 11, 30),
        reaction: Some("\u{1f44d}".to_owned()),
        holds_record: true,
        attachments: vec!["deck.pdf".to_owned()],
        scheduler: Some(SchedulerMail {
            tool: "Calendly".to_owned(),
            event: SchedulerEvent::Booked,
            start: Some(at(180_000)),
            end: Some(at(181_800)),
            addresses: vec![address("sarah@acme.example")],
            names: vec!["Sarah Lee".to_owned()],
        }),
        quoted_mails: vec![QuotedMail {
            from: vec![address("dana@vendor.example")],
            to: vec![address("calvin@vendor.example")],
        }],
        chat_paste: Some("Dana Fox 10:12 AM".to_owned()),
        video_link: Some("https://loom.com/share/1".to_owned()),
    }
}

fn recipients() -> Recipients {
    Recipients {
        to: vec![mailbox("Sarah Lee", "sarah@acme.example")],
        cc: vec![mailbox("", "calvin@vendor.example")],
    }
}

fn deadline() -> FixedDeadline {
    FixedDeadline {
        started: at(0),
        ae: "Calvin Reyes".to_owned(),
        deadline: at(18_000),
        why: "Tue 07:00 -> Tue 17:00".to_owned(),
    }
}

/// One of each, with and without what may be left out.
fn statements() -> Vec<StatementKind> {
    vec![
        StatementKind::Touched {
            at: at(60),
            kind: TouchKind::Reply,
            message: Some(id("reply@vendor.example")),
        },
        StatementKind::Touched { at: at(60), kind: TouchKind::Stated, message: None },
        StatementKind::NotTouched { message: Some(id("reply@vendor.example")) },
        StatementKind::NotTouched { message: None },
        StatementKind::Accepted { notes: Some("on the phone".to_owned()), owner_updated: true },
        StatementKind::Accepted { notes: None, owner_updated: false },
        StatementKind::NotAccepted,
        StatementKind::MeetingMoved { start: at(200_000), length_seconds: Some(2700) },
        StatementKind::MeetingMoved { start: at(200_000), length_seconds: None },
        StatementKind::MeetingCancelled,
        StatementKind::Feedback {
            outcome: Some(MeetingOutcome::Held),
            score: Some(4),
            wrong: Some("the title".to_owned()),
        },
        StatementKind::Feedback { outcome: None, score: None, wrong: None },
        StatementKind::Closed,
        StatementKind::Reopened,
        StatementKind::Reassigned { ae: "Rita Vale".to_owned() },
    ]
}

/// The form of a value, which reads back as the same value.
fn form<T: Json + PartialEq + Debug>(value: &T) -> Value {
    let form = value.to_json();
    assert_eq!(T::from_column(&value.to_column()).as_ref(), Some(value));
    form
}

/// A judgement in the form in which it is kept, which reads back as what is shown of it.
fn verdict() -> Value {
    let story = vec![Event {
        at: at(60),
        what: "touch".into(),
        rule: Some(1),
        message_id: Some(id("reply@vendor.example")),
        folder: Some("calvin/Sent".to_owned()),
        why: "Calvin Reyes replied in the thread".to_owned(),
    }];
    let handoff = Handoff { id: "acme-7k2f".to_owned(), record: record(), created_at: at(0) };
    let bare = verdict_as_stored(&verdict_form(&judge_bare(&handoff)));
    let judgement = Judgement {
        sent_at: Some(at(0)),
        deadline: Some(at(18_000)),
        deadline_why: Some("Tue 07:00 -> Tue 17:00".to_owned()),
        touch: Touch {
            state: TouchState::Touched,
            kind: Some(TouchKind::Reply),
            at: Some(at(60)),
            late: false,
            indirect: false,
            personal: Some(true),
            message_id: Some(id("reply@vendor.example")),
        },
        acceptance: Acceptance {
            state: AcceptanceState::Accepted,
            at: Some(at(70)),
            owner_updated: true,
            notes: Some("got it".to_owned()),
        },
        feedback: Feedback {
            state: FeedbackState::Received,
            outcome: Some(MeetingOutcome::Held),
            score: Some(4),
            wrong: Some("the title".to_owned()),
            at: Some(at(80)),
            due: Some(at(90)),
        },
        away_until: NaiveDate::from_ymd_opt(2026, 11, 30),
        next: Some((at(95), "the meeting ends".to_owned())),
        story,
        ..bare
    };
    let form = verdict_form(&judgement);
    assert_eq!(verdict_form(&verdict_as_stored(&form)), form);
    form
}

/// A handoff of which nothing is known but its record.
fn judge_bare(handoff: &Handoff) -> Judgement {
    let brief = HandoffBrief {
        id: handoff.id.clone(),
        record: handoff.record.clone(),
        ae: handoff.record.ae.clone(),
        introduced: handoff.record.ae.clone(),
        meeting: MeetingBrief { start: at(180_000), end: at(181_800) },
        is_cancelled: false,
        sent_at: None,
        intro_id: Some(id("intro@vendor.example")),
    };
    Judgement {
        sent_at: None,
        intro_failed: false,
        deadline: None,
        deadline_why: None,
        fixed_deadlines: Vec::new(),
        record: handoff.record.clone(),
        ae: handoff.record.ae.clone(),
        prospects: handoff.record.to.clone(),
        touch: Touch {
            state: TouchState::Waiting,
            kind: None,
            at: None,
            late: false,
            indirect: false,
            personal: None,
            message_id: None,
        },
        cc: Cc { state: CcState::Kept, first: Some(CcState::Kept) },
        acceptance: Acceptance { state: AcceptanceState::None, at: None, owner_updated: false, notes: None },
        meeting: Meeting { start: at(180_000), end: at(181_800), state: MeetingState::Planned },
        feedback: Feedback {
            state: FeedbackState::NotDue,
            outcome: None,
            score: None,
            wrong: None,
            at: None,
            due: None,
        },
        away_until: None,
        open: false,
        story: Vec::new(),
        mails: Vec::new(),
        wake: None,
        last_look: None,
        awaits_clock: None,
        awaits: None,
        claim: Claim::default(),
        learnt_aliases: Vec::new(),
        evidence: BTreeSet::new(),
        next: None,
        brief,
    }
}

fn nothing_but_headers() -> Headers {
    Headers { from: vec![mailbox("", "calvin@vendor.example")], ..Headers::default() }
}

#[test]
fn every_stored_value_keeps_its_form() {
    let statement = |says| Statement {
        id: "s1".to_owned(),
        why: "told me".to_owned(),
        says,
        letter: None,
        read_at: None,
    };
    let forms = json!({
        "record": form(&record()),
        "headers": form(&headers()),
        "headers, empty": form(&nothing_but_headers()),
        "body": form(&body()),
        "recipients": form(&recipients()),
        "other ids": form(&vec![id("replaced@provider.example")]),
        "refused": form(&vec![(address("sarah@acme.example"), "550 no such user".to_owned())]),
        "deadline": form(&deadline()),
        "statements": statements().into_iter().map(|says| form(&statement(says))).collect::<Vec<_>>(),
        "awaited reading": form(&AwaitedReading { past: at(0), accounts: ["calvin".to_owned()].into() }),
        "verdict": verdict(),
    });
    insta::assert_json_snapshot!(forms);
}

fn verdict_as_stored(form: &Value) -> Judgement {
    let column = form.to_string();
    shown_judgement("acme-7k2f", &StoredValue::read(&column).unwrap()).unwrap()
}

/// The fields without which a stored object can still be read, also those of objects inside it.
fn optional_fields<T: Json>(value: &T) -> BTreeSet<String> {
    fn places(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, inner) in object {
                    found.push(format!("{path}/{name}"));
                    places(inner, &format!("{path}/{name}"), found);
                }
            }
            Value::Array(list) => {
                for (index, inner) in list.iter().enumerate() {
                    places(inner, &format!("{path}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let whole = value.to_json();
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    assert!(!all.is_empty());
    all.into_iter()
        .filter(|path| {
            let (parent, name) = path.rsplit_once('/').unwrap();
            let mut cut = whole.clone();
            cut.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            T::from_column(&cut.to_string()).is_some()
        })
        .map(|path| path.trim_start_matches('/').to_owned())
        .collect()
}

#[test]
fn a_field_that_is_missing_is_refused_unless_it_may_be_empty() {
    let optional = json!({
        "record": optional_fields(&record()),
        "headers": optional_fields(&headers()),
        "body": optional_fields(&body()),
        "recipients": optional_fields(&recipients()),
        "deadline": optional_fields(&deadline()),
        "statements": statements().iter().map(optional_fields).collect::<Vec<_>>(),
    });
    insta::assert_json_snapshot!(optional);
    assert_eq!(String::from_json(&StoredValue::Null), None);
    assert_eq!(bool::from_json(&StoredValue::Null), None);
    assert_eq!(Vec::<String>::from_json(&StoredValue::Null), None);
}

#[test]
fn every_stored_name_stays() {
    let kinds: Vec<&str> = MailKind::ALL.into_iter().map(MailKind::name).collect();
    let names = json!({
        "deal role": DealRole::NAMES,
        "message kind": MessageKind::NAMES,
        "calendar method": CalendarMethod::NAMES,
        "participation": PartStat::NAMES,
        "bounce action": BounceAction::NAMES,
        "authenticity": Authenticity::NAMES,
        "scheduler event": SchedulerEvent::NAMES,
        "touch kind": TouchKind::NAMES,
        "meeting outcome": MeetingOutcome::NAMES,
        "touch state": TouchState::NAMES,
        "cc state": CcState::NAMES,
        "acceptance state": AcceptanceState::NAMES,
        "meeting state": MeetingState::NAMES,
        "feedback state": FeedbackState::NAMES,
        "mail kind": kinds,
    });
    insta::assert_json_snapshot!(names);
}

/// A database in memory, in today's format.
fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection);
    connection
}

fn migrate(connection: &mut Connection) {
    Migrations::new(MIGRATIONS.iter().map(|sql| M::up(sql)).collect()).to_latest(connection).unwrap();
}

fn write_transaction(connection: &Connection) -> WriteTransaction<'_> {
    WriteTransaction::on(connection)
}

/// Columns that hold JSON.
const STRUCTURED: [(&str, &str); 9] = [
    ("handoffs", "record"),
    ("handoffs", "verdict"),
    ("handoffs", "awaiting_reading"),
    ("facts", "data"),
    ("messages", "headers"),
    ("messages", "body"),
    ("outbox", "recipients"),
    ("outbox", "other_ids"),
    ("outbox", "refused"),
];

fn tables(connection: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// Every row of a table, by its columns' names.
fn rows_of(connection: &Connection, table: &str) -> Vec<Map<String, Value>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut found = Vec::new();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let mut object = Map::new();
        for (index, name) in columns.iter().enumerate() {
            use rusqlite::types::ValueRef;
            let value = match row.get_ref(index).unwrap() {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::from(number),
                ValueRef::Real(number) => Value::from(number),
                ValueRef::Text(text) => Value::from(String::from_utf8(text.to_owned()).unwrap()),
                ValueRef::Blob(bytes) => Value::from(String::from_utf8_lossy(bytes).into_owned()),
            };
            let is_structured = STRUCTURED.contains(&(table, name.as_str()));
            let value = match value.as_str().filter(|_| is_structured) {
                Some(text) => serde_json::from_str(text).unwrap(),
                None => value,
            };
            object.insert(name.clone(), value);
        }
        found.push(object);
    }
    found
}

fn write_handoff(tx: &WriteTransaction<'_>) {
    let handoff = Handoff { id: "acme-7k2f".to_owned(), record: record(), created_at: at(0) };
    tx.add_handoff(&handoff, "HANDOFF RECORD: Acme Corp").unwrap();
    let facts = [
        NewFact::IntroAsked { sending: 1, record: None },
        NewFact::IntroAsked { sending: 2, record: Some(Box::new(record())) },
        NewFact::LastLook { deadline: at(18_000), refused: vec!["calvin/Archive".to_owned()] },
        NewFact::DeadlineFixed(deadline()),
        NewFact::Said(Statement {
            id: "s1".to_owned(),
            why: "told me".to_owned(),
            says: StatementKind::Closed,
            letter: MessageId::new("letter@vendor.example"),
            read_at: Some(at(6)),
        }),
    ];
    for fact in facts {
        tx.add_fact("acme-7k2f", at(5), &fact).unwrap();
    }
    let claim = Claim {
        events: ["meet-1@vendor.example".to_owned()].into(),
        ids: BTreeSet::from([id("intro@vendor.example")]),
        tokens: BTreeSet::from(["7k2fq0123456w".to_owned()]),
        conversations: BTreeSet::from(["00112233445566778899aabbccddeeff".to_owned()]),
        addresses: BTreeSet::from([address("sarah@acme.example"), address("calvin@vendor.example")]),
        prospects: BTreeSet::from([address("sarah@acme.example")]),
        look_alikes: BTreeSet::from(["Calvin Reyes".to_owned()]),
        records: BTreeSet::from(["acme corp | 2026-11-24".to_owned()]),
    };
    tx.set_claims("acme-7k2f", &claim, |one| *one == address("calvin@vendor.example"), true).unwrap();
    let projection = Projection {
        open: true,
        wake: Some(at(18_000)),
        awaiting: Some(at(18_120)),
        awaiting_reading: Some(AwaitedReading { past: at(18_120), accounts: ["calvin".to_owned()].into() }),
    };
    tx.set_projection("acme-7k2f", projection).unwrap();
    tx.teach_alias("Calvin Reyes", &address("calvin.reyes@mail.example"), at(7)).unwrap();
}

fn write_mail(tx: &WriteTransaction<'_>) {
    let place =
        |uid| CopyPlace { account: "calvin".to_owned(), folder: "Sent".to_owned(), uid_validity: 7, uid };
    let copy = |uid| MessageCopy {
        place: place(uid),
        internal_date: at(11),
        stamp: Some(at(12)),
        is_dated: false,
        read_at: None,
        is_sent: true,
        is_draft: false,
    };
    tx.see(&headers(), Some(&body()), &copy(3)).unwrap();
    tx.see(&nothing_but_headers(), None, &copy(4)).unwrap();
    tx.watch("calvin", &["INBOX".to_owned(), "Sent".to_owned()]).unwrap();
    tx.move_cursor("calvin", "Sent", 7, 5).unwrap();
    tx.folder_read("calvin", "Sent", at(20), at(21)).unwrap();
    tx.folder_failed("calvin", "INBOX", at(22), "no answer").unwrap();
    tx.look_back("acme-7k2f", &address("sarah@acme.example"), at(-100)).unwrap();
    tx.poison(&place(9), "no message").unwrap();
    tx.raise_alert("login calvin", "the login was refused", "NO", "run `baton doctor`", at(23)).unwrap();
    tx.resolve_alert("login calvin", at(24)).unwrap();
    tx.set_meta("sent-copy calvin", "provider").unwrap();
}

fn write_outbox(tx: &WriteTransaction<'_>) {
    let mail = |scope, kind, about: &str| NewMail {
        scope,
        key: MailKey { kind, about: about.to_owned() },
        account: "dana".to_owned(),
        sender: address("dana@vendor.example"),
        recipients: recipients(),
        not_before: Some(at(30)),
    };
    let acme = Scope::Handoff("acme-7k2f".to_owned());
    let made = [
        mail(acme.clone(), MailKind::Intro, "sending 1"),
        mail(acme.clone(), MailKind::Record, "Calvin Reyes text 1"),
        mail(acme.clone(), MailKind::Reminder, "clock 1"),
        mail(acme.clone(), MailKind::Escalation, "clock 1"),
        mail(acme, MailKind::Away, "Calvin Reyes"),
        mail(Scope::Global, MailKind::Trouble, "login calvin #1"),
    ];
    let mut seqs = made.iter().map(|mail| match tx.make(mail, at(25)).unwrap() {
        QueueOutcome::New(seq) => seq,
        other => panic!("{other:?}"),
    });
    tx.lease_to("p7k2fq0123456", at(30)).unwrap();
    let mut next = || seqs.next().unwrap();
    let lease =
        |seq| tx.lease(seq, b"Subject: hello\r\n\r\nhi\r\n", &recipients(), "p7k2fq0123456", at(31)).unwrap();
    let sent = next();
    lease(sent);
    tx.last_piece_begins(sent, "p7k2fq0123456", &[]).unwrap();
    tx.sent(sent, at(32), &[id("replaced@provider.example")], SentCopyState::Due).unwrap();
    let failed = next();
    lease(failed);
    let refused = [(address("sarah@acme.example"), "550 no such user".to_owned())];
    tx.failed(failed, at(33), "550 no such user", &refused).unwrap();
    tx.note_attempt(failed, |notes| {
        *notes = AttemptNotes {
            look_first: true,
            refusals: 3,
            retry_at: Some(at(99)),
            stand_in: Some("calvin".to_owned()),
            as_sdr: Some(true),
            doubt_told: true,
            copy_failures: 2,
            copy_retry_at: Some(at(98)),
        }
    })
    .unwrap();
    tx.note_missing(&MissingRecipient {
        mail: failed,
        address: address("dana@vendor.example"),
        answer: "450 4.7.1 later".to_owned(),
        first_tried: at(90),
        attempts: 2,
        refusals: 1,
        next_attempt: Some(at(97)),
    })
    .unwrap();
    let uncertain = next();
    lease(uncertain);
    tx.last_piece_begins(uncertain, "p7k2fq0123456", &[]).unwrap();
    tx.uncertain(uncertain, at(34), "cut off").unwrap();
    tx.searched(uncertain, 1, at(94)).unwrap();
    let deferred = next();
    lease(deferred);
    tx.deferred(deferred, at(40), "451 later").unwrap();
    tx.ask(deferred, at(600)).unwrap();
    tx.set_shown_digest(deferred, "0f3a").unwrap();
    tx.cancel(next()).unwrap();
    lease(next());
}

fn write_own_mail(tx: &WriteTransaction<'_>) {
    let seen = OwnMailSeen {
        sealed: SealedId {
            token: "qn1v6k8s0d3fz".to_owned(),
            started: 1_796_120_000_000,
            left_at: at(60),
            is_intro: true,
        },
        message_id: id("baton-qn1v6k8s0d3fz@vendor.example"),
        reference: id("baton-qn1v6k8s0d3fz.1mcc5rm0001nmvhm01hp0ghk0wak.ref@vendor.example"),
        sender: address("dana@vendor.example"),
        to: vec![address("sarah@acme.example")],
        cc: vec![address("calvin@vendor.example")],
        subject: "Sarah, intro to Calvin".to_owned(),
        copied_at: None,
    };
    assert!(tx.note_own_mail(&seen).unwrap());
    assert!(!tx.note_own_mail(&seen).unwrap());
    assert_eq!(tx.own_mail_seen("qn1v6k8s0d3fz").unwrap(), Some(seen.clone()));
    assert_eq!(tx.unknown_intros().unwrap(), [seen]);
    tx.set_behind(&BehindSince {
        as_of: Some(at(61)),
        why: "it is a backup".to_owned(),
        found_at: Some(at(62)),
    })
    .unwrap();
    tx.set_stopped(&StopNotice { at: at(63), mail: "baton-0000000000000@vendor.example".to_owned() })
        .unwrap();
}

fn write_letters(tx: &WriteTransaction<'_>) {
    let draft = Draft {
        id: "draft-7k2f".to_owned(),
        sdr: "Dana Fox".to_owned(),
        company: "Acme Corp".to_owned(),
        state: DraftState::Ready,
        record_text: "HANDOFF RECORD: Acme Corp\n".to_owned(),
        handoff: None,
        resends: true,
        made_at: at(50),
        letter_at: at(51),
    };
    tx.add_draft(&draft).unwrap();
    let letter = Letter {
        identity: "letter-1@vendor.example dana@vendor.example 1".to_owned(),
        message_id: Some(id("letter-1@vendor.example")),
        at: at(51),
        writer: "Dana Fox".to_owned(),
        from: address("dana@vendor.example"),
        to: vec![address("baton@vendor.example")],
        cc: vec![address("calvin@vendor.example")],
        subject: "Re: Acme".to_owned(),
        base_subject: "Acme".to_owned(),
        own_words: "send".to_owned(),
        reaction: Some("\u{1f44d}".to_owned()),
        text: "send\n> HANDOFF RECORD: Acme Corp".to_owned(),
        attachments: vec!["HANDOFF RECORD: Globex".to_owned()],
        forwarded_from: Some(address("sarah@acme.example")),
        forwarded: Some(ForwardedMail {
            from: mailbox("Sarah Lee", "sarah@acme.example"),
            text: "We lose hours.".to_owned(),
            extras: "VP Sales".to_owned(),
        }),
        cited: vec![id("ready-1@vendor.example")],
    };
    assert!(tx.add_letter(&letter).unwrap());
    assert!(!tx.add_letter(&letter).unwrap());
    let (seq, read) = tx.letters_to_answer().unwrap().remove(0);
    assert_eq!(read, letter);
    let mail = NewMail {
        scope: Scope::Letter,
        key: MailKey { kind: MailKind::Help, about: format!("letter {seq}") },
        account: "baton".to_owned(),
        sender: address("baton@vendor.example"),
        recipients: Recipients::default(),
        not_before: None,
    };
    let QueueOutcome::New(row) = tx.make(&mail, at(52)).unwrap() else { panic!("a new mail") };
    let answer = LetterAnswer {
        letter: seq,
        reader: "Dana Fox".to_owned(),
        at: at(52),
        draft: Some(draft.id.clone()),
        handoff: None,
        brief: MailBrief::Help { reader: LetterWriter { is_sdr: true, ..LetterWriter::default() } },
        shown: Some("digest".to_owned()),
    };
    tx.add_letter_answer(row, &answer).unwrap();
    assert_eq!(tx.letter_answer(row, MailKind::Help).unwrap(), Some(answer));
    tx.finish_letter(seq, Some(&draft.id)).unwrap();
    assert_eq!(tx.draft(&draft.id).unwrap(), Some(draft));
}

#[test]
fn every_row_keeps_its_form() {
    let connection = database();
    let tx = write_transaction(&connection);
    write_handoff(&tx);
    write_mail(&tx);
    write_outbox(&tx);
    write_letters(&tx);
    write_own_mail(&tx);
    let mut all = BTreeMap::new();
    for table in tables(&connection) {
        let mut rows = rows_of(&connection, &table);
        assert!(!rows.is_empty(), "nothing is kept in {table}");
        for row in &mut rows {
            // Drawn at random.
            if table != "own_mails"
                && let (Some(token), Some(message_id)) = (row.get("token").cloned(), row.get("message_id"))
            {
                let masked = message_id.as_str().unwrap().replace(token.as_str().unwrap(), "TOKEN");
                row.insert("message_id".to_owned(), Value::from(masked));
                row.insert("token".to_owned(), Value::from("TOKEN"));
            }
        }
        all.insert(table, rows);
    }
    insta::assert_json_snapshot!(all);
}

/// A database of each released format, oldest first.
const KEPT: [&str; 3] = [
    include_str!("../../fixtures/stored/schema-001.sql"),
    include_str!("../../fixtures/stored/schema-002.sql"),
    include_str!("../../fixtures/stored/schema-003.sql"),
];

#[test]
fn every_format_has_a_kept_database() {
    assert_eq!(KEPT.len(), MIGRATIONS.len());
    for (kept, sql) in KEPT.iter().enumerate() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        let format: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(format), Ok(kept + 1));
    }
}

#[test]
fn every_row_of_a_kept_database_can_be_read_after_every_migration() {
    for sql in KEPT {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        let kept = tables(&connection);
        migrate(&mut connection);
        let broken: u32 = connection
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(broken, 0);
        for table in kept {
            assert!(!rows_of(&connection, &table).is_empty(), "nothing is kept in {table}");
        }
        read_everything(&ReadTransaction::on(&connection));
    }
}

/// A value as it is written today, without the empty fields that did not exist when `kept` was written.
fn without_later_fields(mut value: Value, kept: &Value) -> Value {
    match (&mut value, kept) {
        (Value::Object(object), Value::Object(kept)) => {
            object.retain(|name, inner| !inner.is_null() || kept.contains_key(name));
            for (name, inner) in object.iter_mut() {
                if let Some(kept) = kept.get(name) {
                    *inner = without_later_fields(inner.take(), kept);
                }
            }
        }
        (Value::Array(list), Value::Array(kept)) => {
            for (inner, kept) in list.iter_mut().zip(kept) {
                *inner = without_later_fields(inner.take(), kept);
            }
        }
        _ => {}
    }
    value
}

fn read_everything(tx: &ReadTransaction<'_>) {
    let count = |table: &str| rows_of(tx.connection, table).len();
    let handoffs = tx.handoffs().unwrap();
    assert_eq!(handoffs.len(), count("handoffs"));
    let mut kept = 0;
    for stored in &handoffs {
        tx.facts(&stored.handoff.id).unwrap();
        kept += usize::try_from(tx.count_facts(&stored.handoff.id).unwrap()).unwrap();
    }
    assert_eq!(kept, count("facts"));
    for row in rows_of(tx.connection, "messages") {
        let message = tx.message(row["seq"].as_i64().unwrap()).unwrap().expect("a message");
        assert!(!message.copies.is_empty());
        let headers = without_later_fields(message.headers.to_json(), &row["headers"]);
        assert_eq!(headers, row["headers"], "nothing of it is lost");
        let body = message.body.as_ref().map_or(Value::Null, Json::to_json);
        assert_eq!(without_later_fields(body, &row["body"]), row["body"]);
    }
    let scopes = handoffs.iter().map(|stored| Scope::Handoff(stored.handoff.id.clone()));
    let outbox: usize =
        scopes.chain([Scope::Global, Scope::Letter]).map(|scope| tx.outbox(&scope).unwrap().len()).sum();
    assert_eq!(outbox, count("outbox"));
    if tables(tx.connection).iter().any(|table| table == "missing_recipients") {
        assert_eq!(tx.missing_to_try().unwrap().len(), count("missing_recipients"));
    }
    let accounts = tx.strings("SELECT DISTINCT account FROM folders", []).unwrap();
    let folders: Vec<_> = accounts.iter().flat_map(|account| tx.folders_of(account).unwrap()).collect();
    assert_eq!(folders.len(), count("folders"));
    let lookbacks: usize =
        folders.iter().map(|one| tx.lookbacks(&one.account, &one.folder).unwrap().len()).sum();
    assert_eq!(lookbacks, count("lookbacks"));
    assert_eq!(tx.outages_since(DateTime::UNIX_EPOCH).unwrap().len(), count("outages"));
    let lasting = rows_of(tx.connection, "troubles").iter().filter(|row| row["mended"].is_null()).count();
    assert_eq!(tx.alerts().unwrap().len(), lasting);
    assert_eq!(tx.aliases().unwrap().len(), count("aliases"));
    assert!(!tx.claims_since(0).unwrap().is_empty());
}

/// Every state of the outbox and every audience is among what is kept.
#[test]
fn a_kept_database_has_mail_in_every_lasting_state() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(KEPT[0]).unwrap();
    let of = |column: &str| -> BTreeSet<String> {
        rows_of(&connection, "outbox").iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
    };
    // `sending` lasts no longer than a process.
    assert_eq!(of("state"), ["queued", "sent", "uncertain", "failed", "cancelled"].map(str::to_owned).into());
    assert_eq!(of("audience"), ["public", "internal", "record"].map(str::to_owned).into());
    let kinds: BTreeSet<String> =
        rows_of(&connection, "facts").iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["intro-asked", "last-look", "deadline-fixed", "said"].map(str::to_owned).into());
}
