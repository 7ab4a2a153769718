//! An AE's mailbox on servers that get IMAP wrong: the reply, filed in Sent alone, is a touch all the same, and nobody
//! is accused. docs/behaviour.md section 7, docs/servers.md.

use std::{ops::Range, thread, time::Duration};

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, Handoff, Scene, due_within, mails};
use crate::support::{
    CALVIN, MORGAN,
    odd_imap::{OddFolder, OddImap, Oddity},
};

/// A scene in which Calvin's mailbox is on an odd server.
fn scene_with(oddities: &[Oddity], sla: &str) -> (Scene, OddImap) {
    let server = OddImap::start(oddities);
    let imap = format!("imap://127.0.0.1:{}", server.port);
    let scene = Scene::with(sla, "", |toml| {
        let (before, calvins) = toml.split_once("[accounts.calvin]").unwrap();
        let (line, after) = calvins.split_once("imap = \"").unwrap();
        let (_, after) = after.split_once('"').unwrap();
        format!("{before}[accounts.calvin]{line}imap = \"{imap}\"{after}")
    });
    (scene, server)
}

fn reply(handoff: &Handoff) -> String {
    Letter::reply_all(&handoff.intro, CALVIN_BOX, "Hi Sarah, let us look at it on Thursday.").text()
}

fn foreign(number: usize) -> String {
    Letter::new(CALVIN_BOX, &["Eric Oz <eric@news.example>"], &format!("Lunch {number}"), "See you at noon.")
        .text()
}

fn fill(folder: &mut OddFolder, numbers: Range<usize>) {
    for number in numbers {
        folder.add(&foreign(number));
    }
}

fn until_touched(scene: &Scene, handoff: &Handoff) {
    scene.until(&handoff.id, "the touch", |shown| shown["touch"]["state"] == "touched");
}

/// Whatever is odd, a reply that comes while the agent watches is a touch.
fn a_reply_is_seen(oddities: &[Oddity]) {
    let (mut scene, server) = scene_with(oddities, AMPLE);
    server.state().folder("Sent").add(&foreign(0));
    let acme = scene.hand_over("acme.example");
    scene.run();
    server.state().folder("Sent").add(&reply(&acme));
    until_touched(&scene, &acme);
    scene.stop();
}

#[test]
fn a_reply_is_seen_whatever_the_server_says_beside() {
    a_reply_is_seen(&[Oddity::Chatter, Oddity::EchoesExists]);
    a_reply_is_seen(&[Oddity::Rev2, Oddity::NoUidNext]);
}

#[test]
fn a_reply_is_seen_whatever_search_and_uidnext_are_worth() {
    a_reply_is_seen(&[Oddity::SearchBlind, Oddity::StaleUidNext]);
    a_reply_is_seen(&[Oddity::NoSearch]);
    a_reply_is_seen(&[Oddity::SearchPlain, Oddity::NoUidNext]);
}

/// A large folder is read by header fields, unless the server does not give them.
#[test]
fn a_reply_among_many_is_found_when_reading_begins_also_where_single_fields_are_not_given() {
    for oddities in [&[][..], &[Oddity::NoFields], &[Oddity::FieldsBad], &[Oddity::SearchBlind]] {
        let (mut scene, server) = scene_with(oddities, AMPLE);
        let acme = scene.hand_over("acme.example");
        {
            let mut state = server.state();
            let sent = state.folder("Sent");
            fill(sent, 0..700);
            sent.add(&reply(&acme));
            fill(sent, 700..900);
        }
        scene.run();
        until_touched(&scene, &acme);
        scene.stop();
    }
}

#[test]
fn mail_that_is_shown_late_is_read_also_below_other_mail() {
    let (mut scene, server) = scene_with(&[], AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    {
        let mut state = server.state();
        let sent = state.folder("Sent");
        sent.add_hidden(&reply(&acme), Some(Duration::from_secs(3)));
        sent.add(&foreign(1));
        sent.add(&foreign(2));
    }
    until_touched(&scene, &acme);
    scene.stop();
}

/// Under the same UIDVALIDITY: `lost` messages were taken away, and the reply gets the UID of the first of them.
fn a_reply_in_a_restored_mailbox(lost: usize, more: usize, oddities: &[Oddity]) {
    let (mut scene, server) = scene_with(oddities, AMPLE);
    fill(server.state().folder("Sent"), 0..5);
    let acme = scene.hand_over("acme.example");
    scene.run();
    fill(server.state().folder("Sent"), 100..100 + lost);
    let read = |server: &OddImap| server.count("FETCH");
    let before = read(&server);
    crate::support::wait_until("the mail to be read that will be lost", || read(&server) > before);
    thread::sleep(Duration::from_secs(1));
    scene.stop();
    {
        let mut state = server.state();
        let sent = state.folder("Sent");
        sent.messages.truncate(5);
        sent.uid_next = 6;
        sent.add(&reply(&acme));
        fill(sent, 200..200 + more);
    }
    scene.run();
    until_touched(&scene, &acme);
    scene.stop();
}

#[test]
fn a_reply_in_a_mailbox_that_was_restored_is_seen() {
    a_reply_in_a_restored_mailbox(3, 0, &[]); // UIDNEXT went back
    a_reply_in_a_restored_mailbox(1, 0, &[]); // UIDNEXT and EXISTS are as before
    a_reply_in_a_restored_mailbox(2, 5, &[Oddity::NoUidNext]); // more mail than before
}

#[test]
fn a_message_that_the_server_refuses_is_set_aside_and_the_others_are_read() {
    let (mut scene, server) = scene_with(&[Oddity::Unreadable], AMPLE);
    let acme = scene.hand_over("acme.example");
    {
        let mut state = server.state();
        let sent = state.folder("Sent");
        fill(sent, 0..4);
        sent.add(&foreign(4).replace("See you", "UNREADABLE: see you"));
        fill(sent, 5..9);
    }
    scene.start();
    thread::sleep(Duration::from_millis(500));
    server.state().folder("Sent").add(&reply(&acme));
    until_touched(&scene, &acme);
    let told = scene.bed.wait_for(crate::support::OPERATOR, "INBOX", 1, |_| true).remove(0);
    assert!(told.header("Subject").unwrap().contains("cannot be read"), "{:?}", told.header("Subject"));
    scene.stop();
}

#[test]
fn a_server_whose_idle_is_no_waiting_is_not_asked_without_end() {
    for oddity in [Oddity::EchoesExists, Oddity::EndsIdle] {
        let (mut scene, server) = scene_with(&[oddity], AMPLE);
        scene.hand_over("acme.example");
        scene.run();
        let before = server.count("EXAMINE");
        thread::sleep(Duration::from_secs(6));
        let rounds = server.count("EXAMINE") - before;
        assert!(rounds <= 16, "{oddity:?}: {rounds} rounds in 6 s on two quiet folders");
        scene.stop();
    }
}

/// INBOX and Sent are watched, and the last look gets a connection all the same.
#[test]
fn a_server_that_allows_few_connections_holds_no_escalation_up() {
    for oddity in [Oddity::TwoConnections, Oddity::OneConnection] {
        let (mut scene, server) = scene_with(&[oddity], &due_within(8));
        let acme = scene.hand_over("acme.example");
        scene.start();
        scene.got(MORGAN, &acme.id, "escalation");
        assert!(server.state().logins_refused > 0 || oddity == Oddity::OneConnection, "{oddity:?}");
        scene.stop();
    }
}

#[test]
fn a_reply_is_seen_where_one_connection_has_to_do_for_both_folders() {
    let (mut scene, server) = scene_with(&[Oddity::OneConnection], AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.start();
    crate::support::wait_until("one connection that watches", || server.count("IDLE") > 0);
    server.state().folder("Sent").add(&reply(&acme));
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert!(mails(&shown, "escalation").is_empty());
    assert!(server.state().connections <= 1);
    scene.stop();
    assert!(scene.bed.client(CALVIN).messages("Sent").is_empty());
}

/// Nothing but a new session shows what came: the verdict opens one.
#[test]
fn a_session_that_shows_a_folder_as_it_was_accuses_nobody() {
    for filed_in in ["Sent", "INBOX"] {
        let (mut scene, server) = scene_with(&[Oddity::Frozen], &due_within(12));
        let acme = scene.hand_over("acme.example");
        scene.run();
        server.state().folder(filed_in).add(&reply(&acme));
        let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
        assert_eq!(shown["touch"]["late"], false);
        assert!(mails(&shown, "escalation").is_empty(), "{filed_in}");
        scene.stop();
    }
}

#[test]
fn a_server_that_wants_a_name_first_and_one_that_spells_its_answers_oddly_are_read() {
    a_reply_is_seen(&[Oddity::WantsId]);
    a_reply_is_seen(&[Oddity::OddCase, Oddity::WantsId, Oddity::NoUidNext]);
}

#[test]
fn a_reply_in_the_second_of_two_folders_for_sent_mail_is_seen_while_the_agent_watches() {
    let (mut scene, server) = scene_with(&[], AMPLE);
    let second = OddFolder { name: "Outbox-Archive", ..server.state().folder("Sent").clone() };
    server.state().folders.push(second);
    let acme = scene.hand_over("acme.example");
    scene.start();
    crate::support::wait_until("both folders to be read", || server.count("EXAMINE") >= 3);
    server.state().folder("Outbox-Archive").add(&reply(&acme));
    until_touched(&scene, &acme);
    scene.stop();
}

#[test]
fn a_folder_for_sent_mail_that_comes_later_or_gets_another_name_is_watched() {
    let (mut scene, server) = scene_with(&[], AMPLE);
    let acme = scene.hand_over("acme.example");
    let globex = scene.hand_over("globex.example");
    let sent = {
        let mut state = server.state();
        state.folders.pop().unwrap()
    };
    scene.start();
    crate::support::wait_until("the agent to watch INBOX", || server.count("IDLE") > 0);
    let mut later = sent.clone();
    later.add(&reply(&acme));
    server.state().folders.push(later.clone());
    until_touched(&scene, &acme);
    // The folder is renamed, and the reply lies in it when it is found.
    later.name = "Outgoing";
    later.add(&reply(&globex));
    {
        let mut state = server.state();
        state.folders.pop();
        state.folders.push(later);
        state.folder("INBOX").add(&foreign(7));
    }
    server.drop_all();
    until_touched(&scene, &globex);
    scene.stop();
}

/// While the server hands out nothing, whatever it says to it, nobody is accused; afterwards the reply counts, also where
/// it is the only message of its folder.
fn nobody_is_accused_while_nothing_is_handed_out(oddity: Oddity) {
    let (mut scene, server) = scene_with(&[], &due_within(12));
    server.state().folder("INBOX").add(&foreign(0));
    let acme = scene.hand_over("acme.example");
    scene.run();
    {
        let mut state = server.state();
        state.oddities.insert(oddity);
        state.folder("Sent").add(&reply(&acme));
    }
    server.drop_all();
    scene.until(&acme.id, "the deadline", |shown| shown["touch"]["state"] != "waiting");
    thread::sleep(Duration::from_secs(10));
    assert!(mails(&scene.show(&acme.id), "escalation").is_empty(), "{oddity:?}");
    server.state().oddities.remove(&oddity);
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["late"], false);
    assert!(mails(&shown, "escalation").is_empty(), "{oddity:?}");
    scene.stop();
}

#[test]
fn nobody_is_accused_while_fetch_comes_back_empty() {
    nobody_is_accused_while_nothing_is_handed_out(Oddity::EmptyFetch);
}

#[test]
fn nobody_is_accused_while_fetch_is_refused() {
    nobody_is_accused_while_nothing_is_handed_out(Oddity::FetchDown);
}

/// A message of which nothing is handed out is named, and one that is handed out in the end is read.
#[test]
fn a_message_that_comes_as_nil_is_asked_for_again_and_told_where_that_brings_nothing() {
    for oddity in [Oddity::TextNil, Oddity::HeaderNil] {
        let (mut scene, server) = scene_with(&[oddity], AMPLE);
        let acme = scene.hand_over("acme.example");
        fill(server.state().folder("Sent"), 0..3);
        scene.run();
        let withheld = reply(&acme).replace("Subject: ", "X-Note: WITHHELD\r\nSubject: ");
        server.state().folder("Sent").add(&withheld);
        let told = scene.bed.wait_for(crate::support::OPERATOR, "INBOX", 1, |_| true).remove(0);
        assert!(told.header("Subject").unwrap().contains("cannot be read"), "{oddity:?}");
        scene.stop();
    }
}
