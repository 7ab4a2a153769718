//! Plays one scenario from its first step to its last look.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::cast::{self, address, mailbox};
use super::expect;
use super::format::{Bounce, HandOver, Letter, Scenario, Step};
use super::ledger;
use super::letter::{Desk, Original, attached, compose, report};
use super::stage::Stage;
use super::times::Times;

/// Plays it; gives every way in which it did not end as the file says.
pub(crate) fn scenario(name: &str, text: &str) -> Result<(), Vec<String>> {
    let scenario: Scenario = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(Play::whole(name, &scenario));
    runtime.shutdown_background();
    outcome
}

struct Play {
    stage: Stage,
    times: Times,
    counts: BTreeMap<String, u32>,
    faults: Vec<String>,
}

impl Play {
    async fn whole(name: &str, scenario: &Scenario) -> Result<(), Vec<String>> {
        let mut times = Times::new();
        let begins = times.next(&scenario.step.first().expect("a step").at);
        let stage = Stage::set(&scenario.config, begins).await;
        let mut play = Self { stage, times, counts: BTreeMap::new(), faults: Vec::new() };
        // The agent runs before anything happens: folders are read from here on.
        play.stage.pass().await;
        let mut asleep = false;
        for step in &scenario.step {
            play.step(step, asleep).await;
            asleep = step.asleep;
        }
        if let Some(ends) = &scenario.ends {
            let at = play.times.next(ends);
            play.stage.wait_until(at).await;
            play.stage.pass().await;
        }
        let before = play.stage.sandbox.all_delivered().len();
        play.stage.pass().await;
        if play.stage.sandbox.all_delivered().len() != before {
            play.faults.push("another pass, with nothing new, brings mail".to_owned());
        }
        play.faults.extend(expect::differences("in the end", &scenario.expect, &play.stage, &play.times));
        play.faults.extend(ledger::faults(scenario, &play.stage, &play.times));
        if play.faults.is_empty() {
            ledger::snapshot(name, &scenario.shows, &play.stage, &play.times);
            return Ok(());
        }
        play.faults.push(ledger::told(&play.stage, &play.times));
        Err(play.faults)
    }

    async fn step(&mut self, step: &Step, asleep: bool) {
        let at = self.times.next(&step.at);
        if asleep {
            self.stage.clock.advance_to(at);
        } else {
            self.stage.wait_until(at).await;
        }
        for account in &step.outage {
            self.stage.set_down(account, true);
        }
        for account in &step.back {
            self.stage.set_down(account, false);
        }
        if let Some(refuse) = &step.refuse {
            self.stage.refuse(refuse);
        }
        if let Some(fault) = &step.smtp_fault {
            self.stage.smtp_fault(fault);
        }
        if !step.reconfigure.is_empty() {
            self.stage.reconfigure(&step.reconfigure);
        }
        if !step.templates.is_empty() {
            self.stage.write_templates(&step.templates);
        }
        if let Some(company) = &step.drop_draft {
            self.stage.drop_draft(company).await;
        }
        if let Some(record) = &step.hand_over {
            self.stage.hand_over(record).await;
        }
        if let Some(letter) = &step.mail {
            self.write(letter, at);
        }
        if let Some(copy) = &step.copy {
            let (place, stamp) = copy.to.split_once(" at ").unwrap_or((&copy.to, ""));
            let stamp = if stamp.is_empty() { at } else { self.times.near(stamp, at) };
            let (who, folder) = place.split_once('/').expect("mailbox/folder");
            let headers: String = copy.headers.iter().map(|line| format!("{line}\n")).collect();
            let raw = String::from_utf8(self.stage.original(&copy.of).raw).expect("a letter in UTF-8");
            self.stage.file(who, folder, &format!("{headers}{raw}"), stamp);
        }
        if let Some(bounce) = &step.bounce {
            self.bounce(bounce, at);
        }
        if let Some(words) = &step.run {
            let words: Vec<String> = words.iter().map(|word| self.filled(word)).collect();
            self.stage.run(&words).await;
        }
        if !step.asleep {
            self.stage.pass().await;
            self.stage.discover().await;
        }
        if let Some(wanted) = &step.drafts {
            let listed = self.stage.drafts().await;
            if listed != *wanted {
                self.faults.push(format!("{}: the drafts are {listed:?}, not {wanted:?}", step.at));
            }
        }
        if let Some(wanted) = &step.expect {
            self.faults.extend(expect::differences(&step.at, wanted, &self.stage, &self.times));
        }
    }

    fn fresh(&mut self, name: Option<&String>, who: &str) -> String {
        if let Some(name) = name {
            assert!(!self.stage.letters.contains_key(name), "a second `{name}`");
            return name.clone();
        }
        let who: String = who.split(['@', ' ']).next().unwrap_or(who).to_lowercase();
        let count = self.counts.entry(who.clone()).or_default();
        *count += 1;
        format!("{who}-{count}")
    }

    fn write(&mut self, letter: &Letter, at: DateTime<Utc>) {
        let name = self.fresh(letter.name.as_ref(), &letter.from);
        let sent = letter.sent.as_ref().map_or(at, |text| self.times.near(text, at));
        let domain = address(&letter.from).split_once('@').map(|(_, domain)| domain.to_owned()).unwrap();
        let original = letter.reply_to.as_ref().map(|name| self.stage.original(name));
        let ids = |names: &Vec<String>| names.iter().map(|name| self.stage.id(name)).collect();
        let desk = Desk {
            id: letter.id.clone().unwrap_or_else(|| format!("{name}@{domain}")),
            original: original.as_ref(),
            references: letter.references.as_ref().map(ids),
            in_reply_to: letter.in_reply_to.as_ref().map(|name| self.stage.id(name)),
            date: letter.dated.as_ref().map_or(sent, |text| self.times.near(text, sent)),
            calendar_start: letter.calendar.as_ref().map(|event| self.times.near(&event.start, at)),
            zone: &*self.times.zone,
        };
        let files = letter.attach.iter().map(|file| attached(file, &self.filled(&file.text)));
        let text = self.filled(&compose(letter, &desk, &files.collect::<String>()));
        for (who, folder, stamp) in self.copies(letter, sent) {
            let raw = if folder == "INBOX" { received(letter, &who, sent, &text) } else { text.clone() };
            self.stage.file(&who, &folder, &raw, stamp);
        }
        self.stage.letters.insert(name, Original::of(text.as_bytes()));
    }

    /// Who has it, in which folder, with which INTERNALDATE.
    fn copies(&self, letter: &Letter, sent: DateTime<Utc>) -> Vec<(String, String, DateTime<Utc>)> {
        let is_known = |who: &str| cast::addresses().any(|one| one == address(who));
        let Some(copies) = &letter.copies else {
            let readers = letter.to.iter().chain(&letter.cc).chain(&letter.bcc);
            let inboxes = readers.map(|who| (who.clone(), "INBOX".to_owned(), sent));
            let own = (letter.from.clone(), "Sent".to_owned(), sent);
            return std::iter::once(own).chain(inboxes).filter(|(who, _, _)| is_known(who)).collect();
        };
        copies
            .iter()
            .map(|copy| {
                let (place, stamp) = copy.split_once(" at ").unwrap_or((copy, ""));
                let (who, folder) = place.split_once('/').unwrap_or((place, "INBOX"));
                let stamp = if stamp.is_empty() { sent } else { self.times.near(stamp, sent) };
                (who.to_owned(), folder.to_owned(), stamp)
            })
            .collect()
    }

    fn bounce(&mut self, bounce: &Bounce, at: DateTime<Utc>) {
        let name = self.fresh(bounce.name.as_ref(), "bounce");
        let original = self.stage.original(&bounce.of);
        let to = bounce.to.as_ref().map_or_else(|| original.from.clone(), |who| mailbox(who));
        let id = format!("{name}@mx.vendor.example");
        let text = report(bounce, &original, &id, &to, at);
        let stamped = format!("Return-Path: <>\n{}{text}", trace(&address(&to), at));
        self.stage.file(&to, "INBOX", &stamped, at);
        self.stage.letters.insert(name, Original::of(text.as_bytes()));
    }

    /// `{intro}` and `{calvin-1}` become ids, `{token-of-reminder}` what the subject of its links holds.
    fn filled(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let name = after.split_once('}').map(|(name, _)| name).filter(|name| is_name(name));
            match name {
                Some(name) => {
                    let value = match name.strip_prefix("token-of-") {
                        _ if name == "record" => cast::record(&HandOver::default()),
                        _ if name == "record:Globex" => cast::record(&HandOver::of_globex()),
                        Some(kind) => self.stage.token(kind),
                        None => self.stage.id(name),
                    };
                    out.push_str(&value);
                    rest = &after[name.len() + 1..];
                }
                None => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out + rest
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-:#".contains(c))
}

fn trace(to: &str, at: DateTime<Utc>) -> String {
    format!(
        "Received: from out.example (out.example [203.0.113.7])\n\tby mx.vendor.example with ESMTPS id 0001\n\t\
         for <{to}>; {}\n",
        at.to_rfc2822()
    )
}

/// The copy as the receiving server keeps it.
fn received(letter: &Letter, who: &str, sent: DateTime<Utc>, text: &str) -> String {
    let results = letter.auth.as_ref();
    let results = results.map(|results| format!("Authentication-Results: mx.vendor.example; {results}\n"));
    format!(
        "Return-Path: <{}>\n{}{}{text}",
        address(&letter.from),
        trace(&address(who), sent),
        results.unwrap_or_default()
    )
}
