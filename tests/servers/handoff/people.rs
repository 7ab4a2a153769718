//! A machine or a person: docs/behaviour.md section 5. What people write stays theirs whatever signs it bears, and
//! what each provider answers by itself is an absence.

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, DANA_BOX, Scene, has_rule, left, mails};
use crate::support::{CALVIN, DANA};

#[test]
fn what_the_ae_writes_is_a_touch_whatever_signs_of_a_machine_it_bears() {
    let mut scene = Scene::new(AMPLE);
    let absence = scene.hand_over("acme.example");
    let names = scene.hand_over("bolt.example");
    let null_path = scene.hand_over("coil.example");
    let tool = scene.hand_over("dune.example");
    scene.run();
    let answer = "Enjoy your days off, Sarah. Shall we say Monday at two?\n\n\
                  On Tue, 24 Nov 2026 at 10:05, Sarah Lee wrote:\n\
                  > This is an automatic reply. I am out of the office until 7 December\n\
                  > and will answer when I am back.\n";
    let answers_absence = Letter::reply_all(&absence.intro, CALVIN_BOX, answer).unquoted();
    scene.mail(&answers_absence.subject("Re: Automatic reply: Sarah, intro to Calvin"));
    let asks = "Hi Sarah, could you reply to this message with the names to be added to the guest list? \
                Your IT may have to whitelist our domain as well.";
    scene.mail(&Letter::reply_all(&names.intro, CALVIN_BOX, asks));
    let imported = Letter::reply_all(&null_path.intro, CALVIN_BOX, "Hi Sarah, Thursday at two it is.")
        .header("Return-Path: <>");
    scene.file(CALVIN, "Sent", &imported);
    scene.file(DANA, "INBOX", &imported);
    let sequence =
        Letter::new(CALVIN_BOX, &[&tool.sarah()], "Your reporting", "Hi Sarah, I take over from Dana.")
            .header("X-Mailer: Outreach")
            .header("Feedback-ID: 1:2:sequence:outreach")
            .header("List-Unsubscribe: <https://go.outreach.example/u/1>")
            .header("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
    scene.mail(&sequence);
    for (handoff, kind) in
        [(&absence, "reply"), (&names, "reply"), (&null_path, "reply"), (&tool, "new-thread")]
    {
        let shown = scene.until(&handoff.id, "the touch", |shown| shown["touch"]["state"] == "touched");
        assert_eq!(shown["touch"]["kind"], kind, "{}", handoff.domain);
        assert!(!has_rule(&shown, 4), "{}: {:#}", handoff.domain, shown["events"]);
        assert!(shown["away_until"].is_null(), "{}", handoff.domain);
        assert_eq!(left(&shown), ["intro", "record"]);
    }
    scene.end(&[]);
}

/// Subject, fields and words of an absence as a provider sends it, and the day that it names.
const ABSENCES: [(&str, &[&str], &str, &str); 6] = [
    (
        "Re: Sarah, intro to Calvin",
        &["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes"],
        "Thanks for your mail. I am travelling and back on 2 December 2030.",
        "2030-12-02",
    ),
    (
        "Automatic reply: Sarah, intro to Calvin",
        &[
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "X-MS-Exchange-Inbox-Rules-Loop: calvin@vendor.example",
        ],
        "I am out of the office and will return on Tuesday, December 3, 2030.",
        "2030-12-03",
    ),
    (
        "Re: Sarah, intro to Calvin",
        &["X-Apple-Action: VACATION/1"],
        "On holiday until 4 December 2030.",
        "2030-12-04",
    ),
    (
        "Re: Sarah, intro to Calvin",
        &["Precedence: auto_reply", "X-Mailer: Zoho Mail"],
        "I will be back at work on 5 December 2030.",
        "2030-12-05",
    ),
    (
        "Auto: Sarah, intro to Calvin",
        &["Auto-Submitted: auto-replied (vacation)", "Precedence: bulk", "X-Sieve: Pigeonhole Sieve 0.5"],
        "Ich bin ab dem 6. Dezember 2030 wieder im Büro.",
        "2030-12-06",
    ),
    (
        "Out of office: Sarah, intro to Calvin",
        &[
            "X-HubSpot-Message-Source: CRM",
            "Feedback-ID: 1:2:crm:hubspot",
            "List-Unsubscribe: <https://hs.example/u>",
        ],
        "Je suis en congé, de retour le 9 décembre 2030.",
        "2030-12-09",
    ),
];

#[test]
fn the_absence_of_each_provider_is_no_touch_and_told_once() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    for (at, (subject, fields, text, day)) in ABSENCES.iter().enumerate() {
        for to in [DANA_BOX, &acme.sarah(), DANA_BOX] {
            let mut absence = Letter::new(CALVIN_BOX, &[to], subject, text);
            for field in *fields {
                absence = absence.header(field);
            }
            scene.mail_unfiled(&absence);
        }
        let shown = scene.until(&acme.id, day, |shown| {
            shown["away_until"].as_str().is_some_and(|until| until.starts_with(day))
                && mails(shown, "away").iter().filter(|mail| mail["state"] == "sent").count() == at + 1
        });
        assert_eq!(shown["touch"]["state"], "waiting", "{subject}");
    }
    let shown = scene.show(&acme.id);
    assert!(has_rule(&shown, 4));
    assert_eq!(mails(&shown, "away").len(), ABSENCES.len());
    scene.end(&[]);
}
