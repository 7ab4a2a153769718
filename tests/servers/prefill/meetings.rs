//! Which invitation counts, and what it says.

use chrono::TimeDelta;

use super::mails::{Invitation, plain};
use super::stage::{Answer, Stage};

const SARAH: &str = "Sarah Lee <sarah@acme.example>";
const DANA: &str = "Dana Fox <dana@vendor.example>";
const ATTENDEES: [&str; 2] =
    ["CN=Sarah Lee:mailto:sarah@acme.example", "CUTYPE=ROOM;CN=Blue Room:mailto:blue@rooms.example"];

fn base<'a>() -> Invitation<'a> {
    Invitation {
        from: DANA,
        to: SARAH,
        method: "REQUEST",
        uid: "demo",
        sequence: 1,
        times: "DTSTART:20261126T190000Z\nDTEND:20261126T194500Z",
        organizer: "CN=Dana Fox:mailto:dana@vendor.example",
        attendees: &ATTENDEES,
        lines: "LOCATION:Microsoft Teams Meeting",
    }
}

async fn form(mails: &[(&str, i64, String)]) -> Answer {
    let stage = Stage::set().await;
    for (folder, hours, mail) in mails {
        stage.put(folder, TimeDelta::hours(*hours), mail);
    }
    stage.ask("handoff sarah@acme.example", "").await
}

#[tokio::test]
async fn the_newest_version_counts_in_the_sdrs_zone_where_the_invitation_names_none() {
    let newer = Invitation { sequence: 2, times: "DTSTART:20261127T150000Z\nDURATION:PT1H", ..base() };
    // The older one comes once more.
    let form =
        form(&[("Sent", 50, base().mail()), ("Sent", 40, newer.mail()), ("INBOX", 30, base().mail())]).await;
    assert_eq!(form.value("Date/Time:"), "2026-11-27 10:00 America/New_York, 60 min");
    assert_eq!(form.value("Format:"), "Teams");
    assert_eq!(form.value("Attendees:"), "Sarah Lee <sarah@acme.example>");
    assert!(!form.text.contains("[x] Calendar"));
}

#[tokio::test]
async fn what_was_called_off_is_over_or_declined_is_no_meeting() {
    let cancel = Invitation { method: "CANCEL", sequence: 2, ..base() };
    let past = Invitation { times: "DTSTART:20261123T190000Z\nDTEND:20261123T193000Z", ..base() };
    let all_day = Invitation { times: "DTSTART;VALUE=DATE:20261126", ..base() };
    let no = ["CN=Sarah Lee;PARTSTAT=DECLINED:mailto:sarah@acme.example"];
    let declined = Invitation { method: "REPLY", from: SARAH, to: DANA, attendees: &no, ..base() };
    for mails in [
        vec![("Sent", 50, base().mail()), ("Sent", 40, cancel.mail())],
        vec![("Sent", 50, past.mail())],
        vec![("Sent", 50, all_day.mail())],
        vec![("Sent", 50, base().mail()), ("INBOX", 40, declined.mail())],
        vec![("INBOX", 40, declined.mail())],
    ] {
        let mut mails = mails;
        mails.push(("INBOX", 60, plain("hello", SARAH, DANA, "Hello", "We lose hours every day.")));
        let form = form(&mails).await;
        for label in ["Date/Time:", "Format:", "Attendees:", "Agenda:"] {
            assert_eq!(form.value(label), "", "{}", form.text);
        }
        assert!(!form.text.contains("[x] Calendar"), "{}", form.text);
    }
}

#[tokio::test]
async fn an_answer_stands_for_an_invitation_that_is_not_in_the_mailbox() {
    let yes = ["CN=Sarah Lee;PARTSTAT=ACCEPTED:mailto:sarah@acme.example"];
    let accepted = Invitation {
        method: "REPLY",
        from: SARAH,
        to: DANA,
        attendees: &yes,
        times: "DTSTART;TZID=Europe/Berlin:20261126T100000\nDTEND;TZID=Europe/Berlin:20261126T103000",
        lines: "LOCATION:+49 30 1234567",
        ..base()
    };
    let form = form(&[("INBOX", 40, accepted.mail())]).await;
    assert_eq!(form.value("Date/Time:"), "2026-11-26 10:00 Europe/Berlin, 30 min");
    assert_eq!(form.value("Format:"), "phone");
    assert_eq!(form.value("Agenda:"), "Demo of the dashboard");
    assert!(form.text.contains("[x] Calendar invite accepted"));
}

#[tokio::test]
async fn a_prospects_own_invitation_counts_and_a_strangers_does_not() {
    let both = ["CN=Dana Fox:mailto:dana@vendor.example", "CN=James Ortiz:mailto:james@acme.example"];
    let theirs = Invitation {
        from: SARAH,
        to: DANA,
        organizer: "CN=Sarah Lee:mailto:sarah@acme.example",
        attendees: &both,
        ..base()
    };
    let form_of_theirs = form(&[("INBOX", 40, theirs.mail())]).await;
    assert_eq!(
        form_of_theirs.value("Attendees:"),
        "Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>"
    );
    let strangers = Invitation { from: "Eve <eve@evil.example>", to: SARAH, ..base() };
    let mails = [
        ("INBOX", 40, strangers.mail()),
        ("INBOX", 60, plain("hello", SARAH, DANA, "Hello", "We lose hours.")),
    ];
    assert_eq!(form(&mails).await.value("Date/Time:"), "");
}
