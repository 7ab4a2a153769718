//! The rows of docs/behaviour.md section 5, on whole messages: bytes through `mail::read`, as the agent reads a body,
//! and the judgement on what it found.
//!
//! Each scene is one handoff whose intro left on Tuesday, 24 November 2026 at 09:00 UTC, and the mail seen since.

#![expect(clippy::unwrap_used, reason = "outside a test function, but of tests alone")]

use std::collections::BTreeSet;
use std::sync::Arc;

use baton::clock;
use baton::domain::fact::{Fact, FactKind, TouchKind};
use baton::domain::handoff::{Handoff, Record};
use baton::domain::judge::{AddressesInOrder, Judgement, Policy, TouchState, judge};
use baton::domain::mails::{MailKey, MailKind};
use baton::domain::message::{Address, CopyPlace, Message, MessageCopy};
use baton::domain::people::{Person, TeamRole, WorkingTime};
use baton::domain::sla::SlaPolicy;
use baton::domain::token;
use baton::mail::{ReadOptions, personal, read};
use baton::record::{ParseContext, parse};
use chrono::{DateTime, NaiveTime, Utc, Weekday};

const TOKEN: &str = "1nt0000000000";

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-11-24T{time}:00Z").parse().unwrap()
}

fn address(text: &str) -> Address {
    Address::new(text).unwrap()
}

fn person(name: &str, role: TeamRole, mail: &str, account: Option<&str>) -> Person {
    Person {
        name: name.to_owned(),
        roles: BTreeSet::from([role]),
        address: address(mail),
        aliases: Vec::new(),
        delegates: Vec::new(),
        account: account.map(str::to_owned),
        working: WorkingTime {
            zone: clock::utc(),
            workdays: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            opens: 540,
            closes: 1020,
            holidays: BTreeSet::new(),
        },
        manager: (role != TeamRole::Manager).then(|| "Morgan Hale".to_owned()),
        introduce: None,
        signature: None,
    }
}

fn policy() -> Policy {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    Policy {
        people: vec![
            person("Dana Fox", TeamRole::Sdr, "dana@vendor.example", Some("dana")),
            person("Calvin Reyes", TeamRole::Ae, "calvin@vendor.example", Some("calvin")),
            person("Rita Vale", TeamRole::Ae, "rita@vendor.example", None),
            person("Morgan Hale", TeamRole::Manager, "morgan@vendor.example", None),
        ],
        operator: address("ops@vendor.example"),
        agent_account: "dana".to_owned(),
        agent_address: address("dana@vendor.example"),
        account_addresses: vec![address("dana@vendor.example"), address("calvin@vendor.example")],
        sla: SlaPolicy::Playbook { noon: time(12), same_day: time(17), next_morning: time(10) },
        remind_before: 3600,
        grace: 120,
        blind_after: 1800,
        feedback_due: 24 * 3600,
        feedback_remind_before: 4 * 3600,
        freemail: BTreeSet::new(),
        takes_up: personal::takes_up,
        in_order: AddressesInOrder::default(),
    }
}

/// The meeting is on Thursday, 26 November at 14:00 UTC.
fn record(people: &[Person]) -> Record {
    let text = include_str!("support/record.txt")
        .replace("{start}", "2026-11-26 14:00 UTC")
        .replace("{length}", "30 min");
    let context = ParseContext {
        people,
        zones: &clock::Zones::built_in(),
        now: at("08:00"),
        extra_conditions: &[],
        path: "record.txt",
    };
    parse(&text, &context).unwrap().record
}

/// A message in a folder: when the server had it, `account/folder`, its bytes.
struct Seen {
    time: &'static str,
    place: &'static str,
    raw: String,
}

/// `header` and `body` of a message with a date of its own; `{intro}` is the intro's id.
fn mail(time: &'static str, place: &'static str, header: &str, body: &str) -> Seen {
    let intro = token::message_id(TOKEN, "vendor.example").unwrap();
    let date = at(time).to_rfc2822();
    let raw = format!("Date: {date}\nMIME-Version: 1.0\n{header}\n\n{body}\n")
        .replace("{intro}", &format!("<{}>", intro.as_str()))
        .replace('\n', "\r\n");
    Seen { time, place, raw }
}

fn message(seen: &Seen, uid: u32) -> Message {
    let (headers, body) = read(seen.raw.as_bytes(), &ReadOptions::default());
    let (account, folder) = seen.place.split_once('/').unwrap();
    let copy = MessageCopy {
        place: CopyPlace { account: account.to_owned(), folder: folder.to_owned(), uid_validity: 1, uid },
        internal_date: at(seen.time),
        stamp: headers.received.or(headers.date),
        is_dated: false,
        read_at: None,
        is_sent: folder == "Sent",
        is_draft: folder == "Drafts",
    };
    Message { headers, body: Some(body), copies: vec![copy] }
}

fn judged(mails: &[Seen]) -> Judgement {
    let policy = policy();
    let handoff =
        Handoff { id: "acme-1".to_owned(), record: record(&policy.people), created_at: at("09:00") };
    let key = MailKey { kind: MailKind::Intro, about: "sending 1".to_owned() };
    let message_id = token::message_id(TOKEN, "vendor.example").unwrap();
    let left =
        FactKind::MailLeft { key, message_id, ids: Vec::new(), token: TOKEN.to_owned(), to: Vec::new() };
    let mut facts = vec![
        Fact { at: at("09:00"), what: FactKind::IntroAsked { sending: 1, record: None } },
        Fact { at: at("09:00"), what: left },
    ];
    for (uid, seen) in (1..).zip(mails) {
        facts.push(Fact { at: at(seen.time), what: FactKind::MessageSeen(Arc::new(message(seen, uid))) });
    }
    judge(&policy, &handoff, &facts, at("12:00"))
}

/// Rows told in the story, in its order.
fn rows(judgement: &Judgement) -> Vec<u8> {
    judgement.story.iter().filter_map(|event| event.rule).collect()
}

/// Kinds of the mails that ought to exist, the intro, the record and what is always asked at the meeting aside.
fn mails(judgement: &Judgement) -> Vec<&'static str> {
    let kinds = judgement.mails.iter().map(|mail| mail.key.kind.name());
    kinds.filter(|name| !matches!(*name, "intro" | "record" | "reminder")).collect()
}

const AE: &str = "From: Calvin Reyes <calvin@vendor.example>";
const TO_PROSPECT: &str = "To: Sarah Lee <sarah@acme.example>\nCc: Dana Fox <dana@vendor.example>";
const REPLY: &str =
    "Subject: Re: Sarah, intro to Calvin + Thursday's agenda\nIn-Reply-To: {intro}\nReferences: {intro}";
const TEXT: &str = "Content-Type: text/plain; charset=utf-8";
const QUOTED: &str = "On Tue, 24 Nov 2026 at 09:00, Dana Fox <dana@vendor.example> wrote:\n> Hi Sarah,\n> meet Calvin.\n> Dana";

fn ae_reply(time: &'static str) -> Seen {
    mail(
        time,
        "dana/INBOX",
        &format!("{AE}\n{TO_PROSPECT}\nMessage-ID: <r1@vendor.example>\n{REPLY}\n{TEXT}"),
        &format!(
            "Hi Sarah,\n\nthe hours your reps lose to Salesforce are what we start with.\n\nBest,\nCalvin\n\n{QUOTED}"
        ),
    )
}

fn event(method: &str, uid: &str, start: &str, partstat: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Vendor//Mail//EN\nMETHOD:{method}\nBEGIN:VEVENT\nUID:{uid}\nSEQUENCE:0\nDTSTAMP:20261124T100000Z\nDTSTART:{start}\nDURATION:PT30M\nORGANIZER;CN=Calvin Reyes:mailto:calvin@vendor.example\nATTENDEE;CN=Sarah Lee;PARTSTAT={partstat}:mailto:sarah@acme.example\nSUMMARY:Demo\nEND:VEVENT\nEND:VCALENDAR"
    )
}

fn calendar(time: &'static str, place: &'static str, who: &str, id: &str, method: &str, body: &str) -> Seen {
    let header = format!(
        "{who}\nMessage-ID: <{id}@x.example>\nSubject: Demo\nContent-Type: text/calendar; charset=utf-8; method={method}"
    );
    mail(time, place, &header, body)
}

#[track_caller]
fn waits(judgement: &Judgement, row: u8) {
    assert_eq!(rows(judgement), [row]);
    assert_eq!(judgement.touch.state, TouchState::Waiting);
}

#[track_caller]
fn touched(judgement: &Judgement, row: u8, kind: TouchKind) {
    assert_eq!(rows(judgement), [row]);
    assert_eq!((judgement.touch.state, judgement.touch.kind), (TouchState::Touched, Some(kind)));
    assert_eq!(judgement.touch.at, Some(at("10:30")));
}

#[test]
fn row_1_a_reply_to_all_in_the_thread_is_the_touch() {
    let found = judged(&[ae_reply("10:30")]);
    touched(&found, 1, TouchKind::Reply);
    assert_eq!(found.touch.personal, Some(true));
}

#[test]
fn row_2_a_mail_to_the_prospect_outside_the_thread_is_a_touch_too() {
    let header = format!("{AE}\n{TO_PROSPECT}\nMessage-ID: <n@vendor.example>\nSubject: Thursday\n{TEXT}");
    touched(
        &judged(&[mail("10:30", "calvin/Sent", &header, "Hi Sarah, see you on Thursday.")]),
        2,
        TouchKind::NewThread,
    );
}

#[test]
fn row_3_an_answer_to_the_sdr_alone_did_not_reach_the_prospect() {
    let header =
        format!("{AE}\nTo: Dana Fox <dana@vendor.example>\nMessage-ID: <r@vendor.example>\n{REPLY}\n{TEXT}");
    let found = judged(&[mail("10:30", "dana/INBOX", &header, &format!("Hi Sarah, gladly.\n\n{QUOTED}"))]);
    waits(&found, 3);
    assert!(mails(&found).contains(&"not-received"));
}

#[test]
fn row_4_an_absence_tells_until_when() {
    let header = format!(
        "{AE}\nTo: dana@vendor.example\nMessage-ID: <a@vendor.example>\nSubject: Automatische Antwort: Sarah, intro to Calvin\nIn-Reply-To: {{intro}}\nAuto-Submitted: auto-replied\n{TEXT}"
    );
    let found =
        judged(&[mail("10:30", "dana/INBOX", &header, "Ich bin bis zum 30. November 2026 nicht im Büro.")]);
    waits(&found, 4);
    assert_eq!(found.away_until.map(|day| day.to_string()).as_deref(), Some("2026-11-30"));
    assert_eq!(mails(&found), ["away"]);
}

#[test]
fn row_5_an_invitation_of_the_aes_or_the_prospects_answer_to_it_is_the_touch() {
    let invitation = event("REQUEST", "new@vendor.example", "20261125T150000Z", "NEEDS-ACTION");
    let who = format!("{AE}\nTo: sarah@acme.example");
    touched(
        &judged(&[calendar("10:30", "calvin/Sent", &who, "i", "REQUEST", &invitation)]),
        5,
        TouchKind::Invite,
    );
    let answer = event("REPLY", "new@vendor.example", "20261125T150000Z", "ACCEPTED");
    let who = "From: Sarah Lee <sarah@acme.example>\nTo: calvin@vendor.example";
    touched(&judged(&[calendar("10:30", "calvin/INBOX", who, "p", "REPLY", &answer)]), 5, TouchKind::Invite);
}

#[test]
fn row_6_the_records_own_meeting_is_no_touch_and_its_cancellation_cancels() {
    let invitation = event("REQUEST", "own@vendor.example", "20261126T140000Z", "NEEDS-ACTION");
    let who = format!("{AE}\nTo: sarah@acme.example");
    let invited = || calendar("10:30", "calvin/Sent", &who, "i", "REQUEST", &invitation);
    waits(&judged(&[invited()]), 6);
    let cancelled = event("CANCEL", "own@vendor.example", "20261126T140000Z", "NEEDS-ACTION");
    let found = judged(&[invited(), calendar("10:40", "calvin/Sent", &who, "c", "CANCEL", &cancelled)]);
    assert_eq!(found.touch.state, TouchState::Waiting);
    assert!(rows(&found).iter().all(|row| *row == 6), "{:?}", rows(&found));
    assert!(found.story.iter().any(|event| event.what == "meeting-cancelled"));
}

#[test]
fn row_7_a_calendar_answer_a_receipt_and_a_reaction_are_none() {
    let answer = event("REPLY", "other@acme.example", "20261126T160000Z", "ACCEPTED");
    let who = format!("{AE}\nTo: sarah@acme.example");
    waits(&judged(&[calendar("10:30", "calvin/Sent", &who, "r", "REPLY", &answer)]), 7);
    let receipt = format!(
        "{AE}\n{TO_PROSPECT}\nMessage-ID: <m@vendor.example>\nSubject: Read: Sarah, intro to Calvin\nIn-Reply-To: {{intro}}\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b"
    );
    let parts = "--b\n\nYour message was read.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;calvin@vendor.example\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--";
    waits(&judged(&[mail("10:30", "dana/INBOX", &receipt, parts)]), 7);
    let reaction = format!(
        "{AE}\n{TO_PROSPECT}\nMessage-ID: <e@vendor.example>\n{REPLY}\nContent-Type: multipart/alternative; boundary=b"
    );
    let parts = "--b\nContent-Type: text/plain; charset=utf-8\n\n👍 Calvin Reyes reacted via Gmail\n--b\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{\"emoji\":\"👍\",\"version\":1}\n--b--";
    waits(&judged(&[mail("10:30", "dana/INBOX", &reaction, parts)]), 7);
}

#[test]
fn row_8_a_scheduling_tools_confirmation_is_the_touch_and_its_reminder_is_none() {
    let confirmation = |subject: &str| {
        let header = format!(
            "From: Calendly <notifications@calendly.com>\nTo: calvin@vendor.example\nMessage-ID: <c@calendly.com>\nSubject: {subject}\n{TEXT}"
        );
        mail(
            "10:30",
            "calvin/INBOX",
            &header,
            "Hi Calvin Reyes,\n\nA new event has been scheduled.\n\nEvent Type:\n30 Minute Demo\n\nInvitee:\nSarah Lee\n\nInvitee Email:\nsarah@acme.example\n\nEvent Date/Time:\n15:00 - Wednesday, 25 November 2026 (UTC)\n\nhttps://calendly.com/cancellations/AAAA\nhttps://calendly.com/reschedulings/AAAA",
        )
    };
    touched(
        &judged(&[confirmation("New Event: Sarah Lee - 15:00 Wed, 25 Nov 2026 - 30 Minute Demo")]),
        8,
        TouchKind::Scheduled,
    );
    let reminder = judged(&[confirmation("Reminder: 30 Minute Demo with Sarah Lee at 15:00")]);
    assert_eq!(reminder.touch.state, TouchState::Waiting);
}

#[test]
fn row_9_quotation_and_signature_alone_say_nothing() {
    let header = format!("{AE}\n{TO_PROSPECT}\nMessage-ID: <q@vendor.example>\n{REPLY}\n{TEXT}");
    let found =
        judged(&[mail("10:30", "dana/INBOX", &header, &format!("-- \nCalvin Reyes\nVendor\n\n{QUOTED}"))]);
    waits(&found, 9);
    assert!(mails(&found).contains(&"not-received"));
}

#[test]
fn row_10_a_personal_video_behind_safe_links_is_a_video() {
    let header = format!(
        "{AE}\n{TO_PROSPECT}\nMessage-ID: <v@vendor.example>\n{REPLY}\nContent-Type: text/html; charset=utf-8"
    );
    let link = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.loom.com%2Fshare%2F0123456789abcdef0123456789abcdef&data=05";
    let body = format!("<p>Hi Sarah, <a href=\"{link}\">a short hello</a>.</p>");
    touched(&judged(&[mail("10:30", "dana/INBOX", &header, &body)]), 10, TouchKind::Video);
}

#[test]
fn row_11_the_prospects_own_mail_is_recorded() {
    let header = format!(
        "From: Sarah Lee <sarah@acme.example>\nTo: dana@vendor.example\nCc: calvin@vendor.example\nMessage-ID: <s@acme.example>\n{REPLY}\n{TEXT}"
    );
    waits(
        &judged(&[mail("10:30", "dana/INBOX", &header, &format!("Looking forward to it!\n\n{QUOTED}"))]),
        11,
    );
}

/// A report of non-delivery for sarah@acme.example, about the message with that id.
fn report(time: &'static str, place: &'static str, id: &str) -> Seen {
    let header = "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.vendor.example>\nTo: dana@vendor.example\nMessage-ID: <b@mx.vendor.example>\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b";
    let parts = format!(
        "--b\n\nYour message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.vendor.example\n\nFinal-Recipient: rfc822; sarah@acme.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {id}\nTo: sarah@acme.example\nSubject: Sarah\n\n--b--"
    );
    mail(time, place, header, &parts)
}

#[test]
fn row_12_a_failure_of_the_intro_stops_the_clock() {
    let found = judged(&[report("10:30", "dana/INBOX", "{intro}")]);
    assert_eq!(rows(&found), [12]);
    assert_eq!(found.touch.state, TouchState::Undelivered);
    assert_eq!(mails(&found), ["intro-bounced"]);
}

#[test]
fn row_13_a_failure_of_the_touch_withdraws_it() {
    let found = judged(&[ae_reply("10:30"), report("10:35", "calvin/INBOX", "<r1@vendor.example>")]);
    assert!(rows(&found).contains(&13), "{:?}", rows(&found));
    assert_eq!(found.touch.state, TouchState::Waiting);
    assert!(mails(&found).contains(&"touch-bounced"));
}

#[test]
fn row_14_a_colleague_of_the_ae_is_recorded() {
    let header = format!(
        "From: Rita Vale <rita@vendor.example>\n{TO_PROSPECT}\nMessage-ID: <c@vendor.example>\n{REPLY}\n{TEXT}"
    );
    waits(&judged(&[mail("10:30", "dana/INBOX", &header, "Hi Sarah, Calvin will write soon.")]), 14);
}

#[test]
fn row_15_a_sender_who_is_not_believed_is_no_ae() {
    let header = format!(
        "Authentication-Results: mx.vendor.example; spf=fail; dkim=none; dmarc=fail header.from=vendor.example\nReceived: from evil.example (evil.example [192.0.2.66]) by mx.vendor.example with ESMTP id 1; Tue, 24 Nov 2026 10:30:00 +0000\n{AE}\n{TO_PROSPECT}\nMessage-ID: <e@evil.example>\n{REPLY}\n{TEXT}"
    );
    let found = judged(&[mail("10:30", "dana/INBOX", &header, "Hi Sarah, please pay this invoice.")]);
    waits(&found, 15);
    assert!(mails(&found).contains(&"suspicious"));
}

#[test]
fn row_16_an_outside_address_under_the_aes_name_is_asked_about() {
    let header = format!(
        "From: Calvin Reyes <calvin.reyes@private.example>\n{TO_PROSPECT}\nMessage-ID: <p@private.example>\n{REPLY}\n{TEXT}"
    );
    let found = judged(&[mail("10:30", "dana/INBOX", &header, "Hi Sarah, writing from my phone.")]);
    waits(&found, 16);
    assert_eq!(mails(&found), ["who-is-this"]);
}

#[test]
fn row_17_what_is_older_a_draft_or_a_second_copy_counts_for_nothing() {
    let header = format!("{AE}\n{TO_PROSPECT}\nMessage-ID: <o@vendor.example>\nSubject: Thursday\n{TEXT}");
    let older = judged(&[mail("08:30", "calvin/Sent", &header, "Hi Sarah, nice to meet you.")]);
    assert_eq!(older.touch.state, TouchState::Waiting);
    let mut draft = ae_reply("10:30");
    draft.place = "calvin/Drafts";
    assert_eq!(judged(&[draft]).touch.state, TouchState::Waiting);
    let copy = Seen { time: "10:31", place: "calvin/Sent", ..ae_reply("10:30") };
    touched(&judged(&[copy, ae_reply("10:30")]), 1, TouchKind::Reply);
}
