//! Where each line comes from, and what fills in nothing.

use chrono::TimeDelta;

use super::mails::{Invitation, html, plain};
use super::stage::Stage;

const SARAH: &str = "Sarah Lee <sarah@acme.example>";
const JAMES: &str = "\"Ortiz, James\" <james@acme.example>";
const DANA: &str = "Dana Fox <dana@vendor.example>";

const PAIN: &str = "Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.";

/// A conversation, an invitation with its acceptance, and mail that has nothing to do with it.
pub(crate) fn conversation(stage: &Stage) {
    let first = format!(
        "Hi Dana,\n\n{PAIN}\nIt costs us about 3.5 hours a week.\n\nBest regards,\nSarah Lee\nVP Sales\nAcme Corp\n+1 212 555 0100\n"
    );
    stage.put("INBOX", TimeDelta::days(12), &plain("one", SARAH, DANA, "Reporting", &first));
    let answer = "Thanks, does HubSpot do that better for you?";
    stage.put("Sent", TimeDelta::days(11), &plain("two", DANA, SARAH, "Re: Reporting", answer));
    let second = "<div>Nobody trusts the forecast any more because of it.</div><div><br></div><div>-- </div><div>James Ortiz | Sales Ops | Acme Corp</div>\
                  <blockquote type=\"cite\"><div>On Thu Dana wrote:</div><div>does HubSpot do that better?</div></blockquote>";
    stage.put("INBOX", TimeDelta::days(10), &html("three", JAMES, DANA, "Re: Reporting", second));
    stage.put("Sent", TimeDelta::days(5), &invitation("REQUEST", DANA, SARAH, "").mail());
    let reply = invitation("REPLY", SARAH, DANA, "PARTSTAT=ACCEPTED;");
    stage.put("INBOX", TimeDelta::days(4), &reply.mail());
    stage.put(
        "INBOX",
        TimeDelta::days(3),
        &plain("other", "Bo <bo@other.example>", DANA, "Close", "We use Close and Gong."),
    );
    stage.put(
        "INBOX",
        TimeDelta::days(120),
        &plain("old", SARAH, DANA, "Old", "We used Close for years and hated it."),
    );
}

fn invitation<'a>(method: &'a str, from: &'a str, to: &'a str, answer: &'a str) -> Invitation<'a> {
    const BOTH: [&str; 3] = [
        "CN=Sarah Lee;RSVP=TRUE:mailto:sarah@acme.example",
        "CN=James Ortiz;RSVP=TRUE:mailto:james@acme.example",
        "CN=Calvin Reyes;RSVP=TRUE:mailto:calvin@vendor.example",
    ];
    const SARAHS: [&str; 1] = ["PARTSTAT=ACCEPTED;CN=Sarah Lee:mailto:sarah@acme.example"];
    Invitation {
        from,
        to,
        method,
        uid: "demo-1",
        sequence: 0,
        times: "DTSTART;TZID=Eastern Standard Time:20261126T140000\nDTEND;TZID=Eastern Standard Time:20261126T143000",
        organizer: "CN=Dana Fox:mailto:dana@vendor.example",
        attendees: if answer.is_empty() { &BOTH } else { &SARAHS },
        lines: "LOCATION:https://vendor.zoom.us/j/123\nDESCRIPTION:Walk through the reporting pain\\n\\nJoin Zoom Meeting\\nhttps://vendor.zoom.us/j/123\\n\\nMeeting ID: 123 456 7890",
    }
}

#[tokio::test]
async fn an_address_in_the_subject_fills_in_what_the_mailbox_proves() {
    let stage = Stage::set().await;
    conversation(&stage);
    let form = stage.ask("Handoff Sarah Lee <sarah@acme.example>", "").await;
    insta::assert_snapshot!("filled_in_text", form.text);
    assert_eq!(form.value("To:"), "Sarah Lee <sarah@acme.example>");
    assert_eq!(form.value("Date/Time:"), "2026-11-26 14:00 America/New_York, 30 min");
    assert_eq!(form.value("Format:"), "Zoom");
    assert_eq!(form.value("Agenda:"), "Walk through the reporting pain");
    assert_eq!(form.value("Attendees:"), "Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>");
    assert_eq!(
        form.section("3. STAKEHOLDER MAP:")[2..],
        ["Sarah Lee | VP Sales |".to_owned(), "James Ortiz | Sales Ops |".to_owned()]
    );
    assert_eq!(form.section("5. COMPETITOR MENTIONED:"), ["Salesforce"]);
    assert_eq!(form.section("1. PAIN (prospect's exact words):"), [""; 0]);
    assert_eq!(form.section("4. OBJECTIONS SURFACED:"), ["Objection:", "How handled:"]);
    assert!(form.notes().contains(PAIN), "{}", form.notes());
    assert!(form.text.contains("\n[x] Calendar invite accepted\n"), "{}", form.text);
    assert!(form.text.contains("\n[x] Meaningful contact established\n"));
    assert!(form.text.contains("\n[ ] ICP criteria confirmed\n"));
    assert!(
        form.text.contains("\nHANDOFF RECORD: Acme Corp | 2026-11-24\nSDR: Dana Fox | AE: Calvin Reyes\n")
    );
    for strange in ["Bo", "Gong", "Close", "HubSpot", "hated"] {
        assert!(!form.record().contains(strange), "{strange} in {}", form.record());
    }
    let long =
        form.record().lines().filter(|line| line.starts_with("#:")).any(|line| line.chars().count() >= 60);
    assert!(!long, "{}", form.record());
}

#[tokio::test]
async fn a_domain_in_the_subject_fills_in_for_whoever_wrote() {
    let stage = Stage::set().await;
    conversation(&stage);
    let form = stage.ask("Re: New handoff: www.acme.example", "").await;
    assert_eq!(form.value("To:"), "James Ortiz <james@acme.example>, Sarah Lee <sarah@acme.example>");
    assert!(form.subject.contains("acme.example"), "{}", form.subject);
}

#[tokio::test]
async fn private_mail_our_own_and_strangers_fill_in_nothing_and_it_says_so() {
    let stage = Stage::set().await;
    conversation(&stage);
    for (subject, why) in [
        ("handoff gmail.com", "private mail"),
        ("handoff sarah@yahoo.de", "private mail"),
        ("handoff vendor.example", "our own"),
        ("handoff calvin@vendor.example", "our own"),
        ("handoff ann@nowhere.example", "no mail with ann@nowhere.example"),
        ("handoff Acme", "name an address"),
    ] {
        let form = stage.ask(subject, "").await;
        assert!(form.text.contains(why), "{subject}: {}", form.text);
        assert!(form.notes().contains(why), "{subject}: {}", form.notes());
        assert!(form.html.contains(why), "{subject}: {}", form.html);
        for label in ["To:", "Date/Time:", "Format:", "Attendees:", "Agenda:"] {
            assert_eq!(form.value(label), "", "{subject}");
        }
        assert!(!form.text.contains("\n[x]"), "{subject}");
    }
    let form = stage.ask("new handoff", "").await;
    assert!(!form.text.contains("fill anything in"), "{}", form.text);
}

/// What stands above a forwarded mail, and the forwarded mail, as a few programs write it.
const FORWARDS: [&str; 5] = [
    "Subject: Fwd: Reporting\n\nhandoff please\n\n---------- Forwarded message ---------\nFrom: Sarah Lee <sarah@acme.example>\nDate: Thu, Nov 12, 2026 at 10:00 AM\nSubject: Reporting\nTo: Dana Fox <dana@vendor.example>\n\n\nHi Dana,\n\nThe month-end close takes us nine working days.\n\nSarah\n",
    "Subject: WG: Reporting\n\nHandoff\n\nVon: Sarah Lee <sarah@acme.example>\nGesendet: Donnerstag, 12. November 2026 10:00\nAn: Dana Fox <dana@vendor.example>\nBetreff: Reporting\n\nThe month-end close takes us nine working days.\n\nSarah\n",
    "Subject: Fwd: Reporting\n\nHandoff!\n\nBegin forwarded message:\n\n> From: Sarah Lee <sarah@acme.example>\n> Subject: Reporting\n> Date: 12 November 2026 at 10:00:00 GMT\n> To: Dana Fox <dana@vendor.example>\n>\n> The month-end close takes us nine working days.\n>\n> Sarah\n",
    "Subject: Fwd: Reporting\n\nhandoff\n\n-------- Message transf\u{e9}r\u{e9} --------\nSujet : Reporting\nDate : Thu, 12 Nov 2026 10:00:00 +0000\nDe : Sarah Lee <sarah@acme.example>\nPour : Dana Fox <dana@vendor.example>\n\nThe month-end close takes us nine working days.\n\nSarah\n",
    "Subject: Reporting\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhandoff\n\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nFrom: Sarah Lee <sarah@acme.example>\nTo: Dana Fox <dana@vendor.example>\nSubject: Reporting\nDate: Thu, 12 Nov 2026 10:00:00 +0000\nContent-Type: text/plain\n\nThe month-end close takes us nine working days.\n\nSarah\n--b--\n",
];

/// The same where the subject says what is wanted, or a greeting stands before the words.
const ASKED_OTHERWISE: [&str; 7] = [
    "Subject: handoff\n\n---------- Forwarded message ---------\nFrom: Sarah Lee <sarah@acme.example>\nDate: Thu, Nov 12, 2026 at 10:00 AM\nSubject: Reporting\nTo: Dana Fox <dana@vendor.example>\n\n\nHi Dana,\n\nThe month-end close takes us nine working days.\n\nSarah\n",
    "Subject: Fwd: handoff\n\nplease\n\n---------- Forwarded message ---------\nFrom: Sarah Lee <sarah@acme.example>\nDate: Thu, Nov 12, 2026 at 10:00 AM\nSubject: Reporting\nTo: Dana Fox <dana@vendor.example>\n\n\nHi Dana,\n\nThe month-end close takes us nine working days.\n\nSarah\n",
    "Subject: FW: handoff\n\n\nFrom: Sarah Lee <sarah@acme.example>\nSent: Thursday, November 12, 2026 10:00 AM\nTo: Dana Fox <dana@vendor.example>\nSubject: RE: Reporting\n\nThe month-end close takes us nine working days.\n\nSarah\n",
    "Subject: Handoff Acme Corp\n\nsee below\n\nBegin forwarded message:\n\n> From: Sarah Lee <sarah@acme.example>\n> Subject: Reporting\n> Date: 12 November 2026 at 10:00:00 GMT\n> To: Dana Fox <dana@vendor.example>\n>\n> The month-end close takes us nine working days.\n>\n> Sarah\n",
    "Subject: WG: New handoff\n\nVon: Sarah Lee <sarah@acme.example>\nGesendet: Donnerstag, 12. November 2026 10:00\nAn: Dana Fox <dana@vendor.example>\nBetreff: Reporting\n\nThe month-end close takes us nine working days.\n\nSarah\n",
    "Subject: handoff\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee attached\n\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nFrom: Sarah Lee <sarah@acme.example>\nTo: Dana Fox <dana@vendor.example>\nSubject: Reporting\nDate: Thu, 12 Nov 2026 10:00:00 +0000\nContent-Type: text/plain\n\nThe month-end close takes us nine working days.\n\nSarah\n--b--\n",
    "Subject: Fwd: Reporting\n\nHello baton,\n\nhandoff please\n\n---------- Forwarded message ---------\nFrom: Sarah Lee <sarah@acme.example>\nDate: Thu, Nov 12, 2026 at 10:00 AM\nSubject: Reporting\nTo: Dana Fox <dana@vendor.example>\n\n\nHi Dana,\n\nThe month-end close takes us nine working days.\n\nSarah\n",
];

#[tokio::test]
async fn a_forwarded_mail_fills_in_for_its_author_and_gives_its_own_sentences() {
    let stage = Stage::set().await;
    for forward in FORWARDS {
        let form = stage.ask_with(forward).await;
        assert_eq!(form.value("To:"), "Sarah Lee <sarah@acme.example>", "{forward}");
        assert!(
            form.notes().contains("The month-end close takes us nine working days."),
            "{forward}\n{}",
            form.text
        );
        assert!(!form.text.contains("\n[x]"), "a copy proves nothing: {forward}");
    }
    conversation(&stage);
    for forward in FORWARDS {
        let form = stage.ask_with(forward).await;
        assert_eq!(form.value("Format:"), "Zoom", "{forward}");
        assert!(form.text.contains("[x] Meaningful contact established"), "{forward}");
    }
}

#[tokio::test]
async fn a_forwarded_mail_fills_in_wherever_it_says_that_it_is_a_handoff() {
    let stage = Stage::set().await;
    for forward in ASKED_OTHERWISE {
        let form = stage.ask_with(forward).await;
        assert_eq!(form.value("To:"), "Sarah Lee <sarah@acme.example>", "{forward}");
        let sentence = "The month-end close takes us nine working days.";
        assert!(form.notes().contains(sentence), "{forward}\n{}", form.text);
    }
    // Whom the subject names goes before whose mail is forwarded.
    let named = FORWARDS[0].replace("Fwd: Reporting", "handoff james@acme.example");
    assert_eq!(
        stage.ask_with(&named).await.subject,
        "[internal] Handoff record for james@acme.example: fill in and reply"
    );
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_read_leaves_the_form_empty_and_says_so() {
    let stage = Stage::set().await;
    conversation(&stage);
    stage.sandbox.imap_fault("SEARCH", baton::sandbox::ImapFault::CutAfter(3));
    let form = stage.ask("handoff sarah@acme.example", "").await;
    assert!(form.text.contains("couldn't be read just now"), "{}", form.text);
}
