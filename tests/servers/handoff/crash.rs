//! Crashes around sending: nothing is lost, nothing leaves twice. docs/behaviour.md sections 7, 11 and 12.

use std::{thread, time::Duration};

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, Scene, due_within, in_two_days, mails, record};
use crate::support::{
    DANA, MORGAN, OPERATOR,
    proxy::{Fault, Proxy},
    wait_until,
};

/// Dana's mail leaves through a proxy, in plain text.
fn behind_a_proxy(sla: &str) -> (Scene, std::rc::Rc<Proxy>) {
    let mut made = None;
    let scene = Scene::new(sla);
    let proxy = Proxy::to(scene.bed.ports.submission);
    let toml = scene.toml(sla, "").replacen(
        &format!("smtps://127.0.0.1:{}", scene.bed.ports.smtps),
        &format!("smtp://127.0.0.1:{}", proxy.port),
        1,
    );
    scene.bed.write_config(&toml);
    let proxy = made.insert(std::rc::Rc::new(proxy)).clone();
    (scene, proxy)
}

#[test]
fn an_agent_killed_at_any_moment_neither_loses_nor_repeats_a_mail() {
    let (mut scene, proxy) = behind_a_proxy(&due_within(2));
    let acme = scene.hand_over("acme.example");
    proxy.set(Fault::Latency(Duration::from_millis(40)));
    for millis in [400, 700, 900, 1100, 1300, 1500, 1700, 2000] {
        scene.start();
        // The moment of death is what is tried here; nothing is waited for.
        thread::sleep(Duration::from_millis(millis));
        scene.crash();
        let got = scene.bed.client(MORGAN).messages("INBOX").len();
        assert!(got <= 1, "{got} escalations");
    }
    proxy.set(Fault::None);
    scene.start();
    let shown = scene.until(&acme.id, "the escalation", |shown| {
        mails(shown, "escalation").iter().any(|mail| mail["state"] == "sent" || mail["state"] == "uncertain")
    });
    let escalations = mails(&shown, "escalation");
    assert_eq!(escalations.len(), 1);
    if escalations[0]["state"] == "uncertain" {
        // Killed between DATA and the answer: nobody can know, so a person is told, and decides.
        scene.bed.wait_for(OPERATOR, "INBOX", 1, |_| true);
        if scene.bed.client(MORGAN).messages("INBOX").is_empty() {
            let outbox = scene.bed.baton(&["outbox", "--json"]).expect_status(0).json();
            let waiting = outbox.as_array().unwrap().iter().find(|row| row["kind"] == "escalation").unwrap();
            let number = waiting["id"].to_string();
            scene.bed.baton(&["outbox", "retry", &number]).expect_status(0);
        }
    }
    assert_eq!(scene.bed.wait_for(MORGAN, "INBOX", 1, |_| true).len(), 1);
    scene.stop();
    assert_eq!(scene.bed.client(MORGAN).messages("INBOX").len(), 1);
    assert_eq!(scene.bed.client("sarah@acme.example").messages("INBOX").len(), 1);
}

#[test]
fn a_mail_whose_fate_is_unknown_is_uncertain_and_does_not_leave_again() {
    let (mut scene, proxy) = behind_a_proxy(&due_within(3));
    let acme = scene.hand_over("acme.example");
    proxy.set(Fault::WithholdFinalAnswer);
    scene.start();
    scene.bed.wait_for(MORGAN, "INBOX", 1, |_| true);
    scene.crash();
    proxy.set(Fault::None);
    scene.start();
    let shown = scene.until(&acme.id, "doubt", |shown| {
        mails(shown, "escalation").iter().any(|mail| mail["state"] == "uncertain")
    });
    assert_eq!(mails(&shown, "escalation").len(), 1);
    let told = scene.bed.wait_for(OPERATOR, "INBOX", 1, |_| true);
    assert_eq!(told.len(), 1);
    // What follows goes on as if it had left.
    scene.mail(&Letter::reply_all(&acme.intro, CALVIN_BOX, "Sorry for the wait, Sarah."));
    scene.until_sent(&acme.id, "late-touch");
    assert_eq!(mails(&scene.show(&acme.id), "escalation")[0]["state"], "uncertain");
    scene.stop();
    let outbox = scene.bed.baton(&["outbox"]).expect_status(0);
    assert!(outbox.stdout.contains("uncertain"), "{}", outbox.stdout);
    let subject = told[0].header("Subject").unwrap();
    scene.end(&[(OPERATOR, &subject)]);
}

#[test]
fn an_intro_in_doubt_starts_the_clock_once_its_copy_is_found() {
    let (mut scene, proxy) = behind_a_proxy(AMPLE);
    proxy.set(Fault::SwallowFinalAnswer);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    let sent = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4).json();
    assert!(sent["sent_at"].is_null() && sent["deadline"].is_null(), "{sent}");
    let id = sent["id"].as_str().unwrap().to_owned();
    let intro = scene.bed.wait_for("sarah@acme.example", "INBOX", 1, |_| true).remove(0);
    assert_eq!(mails(&scene.show(&id), "intro")[0]["state"], "uncertain");
    proxy.set(Fault::None);
    // Dana's own program shows that it was sent: the provider's copy.
    scene.bed.client(DANA).append("Sent", "\\Seen", None, &intro.text);
    scene.run();
    let shown = scene.until(&id, "the clock", |shown| shown["sent_at"].is_string());
    assert!(shown["deadline"].is_string());
    assert_eq!(mails(&shown, "intro")[0]["state"], "sent");
    scene.until_sent(&id, "record");
    // The SDR was asked not to send it again.
    scene.end(&[(DANA, "[internal] Acme Corp: unclear whether the intro has left")]);
}

#[test]
fn a_send_that_is_killed_leaves_a_handoff_that_the_agent_finishes_or_nothing() {
    let (mut scene, proxy) = behind_a_proxy(AMPLE);
    proxy.set(Fault::Silence);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    let mut child = scene.bed.command(&["send", "acme.txt", "--yes"]).spawn().unwrap();
    wait_until("a connection to the server", || proxy.connections() > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    proxy.set(Fault::Cut);
    proxy.set(Fault::None);
    let id = scene.all()[0]["id"].as_str().unwrap().to_owned();
    scene.run();
    scene.until(&id, "the clock", |shown| shown["sent_at"].is_string());
    scene.until_sent(&id, "record");
    assert_eq!(scene.bed.client("sarah@acme.example").messages("INBOX").len(), 1);
    scene.end(&[]);
}
