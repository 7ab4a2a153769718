//! The end of a scene: every mailbox of the bed is held against what people wrote and read, and against what
//! `baton show` says has left. docs/behaviour.md sections 3, 11 and 12.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::letter::address;
use super::letters::BATON;
use super::scene::{Scene, words};
use crate::support::{DANA, client::Stored};

impl Scene {
    /// Every handoff, as `show --json` tells it.
    pub(crate) fn all(&self) -> Vec<Value> {
        let listed = self.bed.baton(&["status", "--all", "--json"]).expect_status(0).json();
        listed.as_array().unwrap().iter().map(|one| self.show(one["id"].as_str().unwrap())).collect()
    }

    /// Stops the agent, takes one more pass, which brings nothing new, and looks into every mailbox.
    /// `asides` are the beginnings of subjects of mail that concerns no single handoff, each once for each
    /// reader.
    pub(crate) fn end(mut self, asides: &[(&str, &str)]) {
        if self.agent.is_some() {
            for handoff in self.all() {
                let id = handoff["id"].as_str().unwrap();
                self.until(id, "all mail to have left", |shown| {
                    let mut mails = shown["mails"].as_array().unwrap().iter();
                    !mails.any(|mail| mail["state"] == "queued" || mail["state"] == "sending")
                });
            }
            self.stop();
        }
        let before: Vec<Value> = self.all().iter().map(|shown| shown["mails"].clone()).collect();
        self.once();
        let shown = self.all();
        let after: Vec<Value> = shown.iter().map(|shown| shown["mails"].clone()).collect();
        assert_eq!(before, after, "another pass brings no mail");
        self.check_mailboxes(&shown, asides);
    }

    fn check_mailboxes(&self, shown: &[Value], asides: &[(&str, &str)]) {
        let mut known = BTreeMap::new();
        for handoff in shown {
            for mail in handoff["mails"].as_array().unwrap() {
                if ["sent", "uncertain"].contains(&mail["state"].as_str().unwrap()) {
                    known.insert(mail["message_id"].as_str().unwrap().to_owned(), mail.clone());
                }
            }
        }
        let intros: Vec<String> =
            known.iter().filter(|(_, mail)| mail["kind"] == "intro").map(|(id, _)| id.clone()).collect();
        let mut found: BTreeMap<(String, String, String), usize> = BTreeMap::new();
        let mut aside_found = Vec::new();
        for (who, folder, message) in self.everything() {
            let id = message.header("Message-ID").unwrap_or_default().trim_matches(['<', '>']).to_owned();
            let subject = message.header("Subject").unwrap_or_default();
            let place = format!("{who} {folder}: {subject:?} <{id}>");
            let is_seen = message.flags.iter().any(|flag| flag == "\\Seen");
            let was_read = self.read.borrow().contains(&(who.clone(), folder.clone(), id.clone()));
            let from_server = message.header("From").is_some_and(|from| from.contains("MAILER-DAEMON"));
            if self.wrote.borrow().contains(&id) || from_server {
                assert_eq!(is_seen, was_read, "\\Seen of {place}");
                continue;
            }
            *found.entry((who.clone(), folder.clone(), id.clone())).or_default() += 1;
            if folder == "INBOX" {
                assert_eq!(is_seen, was_read, "\\Seen of {place}");
            }
            if who == BATON && folder == "Sent" {
                // Mail from a mailbox that is no person's leaves one copy there.
                check_automatic(&message, &intros, &place);
                continue;
            }
            match known.get(&id) {
                Some(mail) => self.check_mail(mail, &who, &folder, &message, &intros),
                None => {
                    let fits = |(reader, start): &&(&str, &str)| *reader == who && subject.starts_with(start);
                    assert!(folder == "INBOX", "no mail of section 12: {place}");
                    let aside = asides.iter().find(fits);
                    let aside = aside
                        .unwrap_or_else(|| panic!("no mail of section 12: {place}\n{}", words(&message)));
                    check_automatic(&message, &intros, &place);
                    aside_found.push((aside.0, aside.1));
                }
            }
        }
        aside_found.sort_unstable();
        let mut expected = asides.to_vec();
        expected.sort_unstable();
        assert_eq!(aside_found, expected, "mail that concerns no single handoff");
        for ((who, folder, id), count) in &found {
            assert_eq!(*count, 1, "copies of <{id}> in {folder} of {who}");
        }
        for (id, mail) in known.iter().filter(|(_, mail)| mail["state"] == "sent") {
            for reader in readers(mail).iter().filter(|reader| !reader.starts_with("gone")) {
                let place = (reader.clone(), "INBOX".to_owned(), id.clone());
                assert!(found.contains_key(&place), "{reader} has not got {mail}");
            }
            let kept = found.contains_key(&(DANA.to_owned(), "Sent".to_owned(), id.clone()));
            assert_eq!(kept, is_as_sdr(mail), "a copy in Sent of {mail}");
        }
    }

    fn check_mail(&self, mail: &Value, who: &str, folder: &str, message: &Stored, intros: &[String]) {
        let place = format!("{who} {folder}: {mail}");
        match folder {
            "INBOX" => assert!(readers(mail).iter().any(|reader| reader == who), "not addressed: {place}"),
            "Sent" => assert!(who == DANA && is_as_sdr(mail), "a copy in the wrong Sent: {place}"),
            _ => panic!("in no folder of ours: {place}"),
        }
        if mail["kind"] == "intro" {
            for mark in ["Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"] {
                assert_eq!(message.header(mark), None, "{place}");
            }
        } else {
            let is_inside = |who: &String| who.ends_with("@vendor.example");
            assert!(readers(mail).iter().all(is_inside), "to nobody outside: {place}");
            check_automatic(message, intros, &place);
        }
    }

    /// Every message of every folder of every mailbox: address, folder, message.
    fn everything(&self) -> Vec<(String, String, Stored)> {
        let mut all = Vec::new();
        for entry in fs::read_dir(self.bed.path().join("mail")).unwrap() {
            let who = entry.unwrap().file_name().to_string_lossy().into_owned();
            let mut client = self.bed.client(&who);
            let listed = client.command("LIST \"\" \"*\"");
            for line in listed
                .lines()
                .filter(|line| line.starts_with("* LIST") && !line.to_lowercase().contains("noselect"))
            {
                let folder = line.rsplit_once("\"/\" ").unwrap().1.trim().trim_matches('"').to_owned();
                for message in client.messages(&folder) {
                    all.push((who.clone(), folder.clone(), message));
                }
            }
        }
        all
    }
}

fn check_automatic(message: &Stored, intros: &[String], place: &str) {
    assert_eq!(message.header("Auto-Submitted").as_deref(), Some("auto-generated"), "{place}");
    assert!(message.header("X-Auto-Response-Suppress").is_some(), "{place}");
    for name in ["In-Reply-To", "References"] {
        let cited = message.header(name).unwrap_or_default();
        assert!(!intros.iter().any(|id| cited.contains(id.as_str())), "cites the prospect's thread: {place}");
    }
}

fn is_as_sdr(mail: &Value) -> bool {
    ["intro", "escalation", "late-touch", "withdrawal"].contains(&mail["kind"].as_str().unwrap())
}

fn readers(mail: &Value) -> Vec<String> {
    let list = |name: &str| mail[name].as_array().cloned().unwrap_or_default();
    list("to").iter().chain(&list("cc")).map(|one| address(one.as_str().unwrap())).collect()
}
