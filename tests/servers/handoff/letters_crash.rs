//! The agent is killed at random moments over letters and words, again and again: every intro leaves once, every
//! handoff changes hands once. docs/behaviour.md sections 11, 13 and 14.
//!
//! `BATON_SEED` plays the moments of an earlier run again, `BATON_LONG` plays sixty of them.

use std::{
    env,
    hash::{BuildHasher, RandomState},
    thread,
    time::Duration,
};

use super::letter::Letter;
use super::letters::{BATON, newest};
use super::scene::{AMPLE, NORA, Scene, in_two_days, mails, record, words};
use crate::support::{CALVIN, DANA, client::Stored};

/// Moments for each handoff: at its record, at its yes, at its `over to`.
const MOMENTS: usize = 3;

/// Who hands off, since a person gets at most 20 answers within an hour.
const SDRS: [(&str, &str); 3] =
    [("Dana Fox", DANA), ("Sam Reed", "sam@vendor.example"), ("Lee Moss", "lee@vendor.example")];

/// SplitMix64.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}

fn scene() -> Scene {
    let scene = Scene::new(AMPLE).with_own_mailbox(AMPLE);
    let path = scene.bed.work().join("baton.toml");
    let mut toml = std::fs::read_to_string(path).unwrap();
    for (name, address) in &SDRS[1..] {
        let short = address.split('@').next().unwrap();
        let account = scene.bed.account_toml(short, address);
        toml = toml.replacen("[[people]]", &format!("{account}[[people]]"), 1);
        toml.push_str(&format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"sdr\"]\naddress = \"{address}\"\naccount = \"{short}\"\n\
             manager = \"Morgan Hale\"\nzone = \"America/New_York\"\n"
        ));
    }
    scene.bed.write_config(&toml);
    scene
}

/// Somebody writes, and the agent dies a moment later. It is running again when this returns.
fn write_and_kill(scene: &mut Scene, letter: &Letter, moments: &mut Moments) {
    scene.mail(letter);
    // The moment of death is what is tried here; nothing is waited for.
    thread::sleep(Duration::from_millis(moments.next(900)));
    scene.crash();
    scene.start();
}

fn with(subject: &str) -> impl Fn(&Stored) -> bool + use<'_> {
    move |mail| mail.header("Subject").unwrap_or_default().contains(subject)
}

#[test]
fn an_agent_killed_over_letters_and_words_makes_each_handoff_once_and_gives_it_on_once() {
    let seed = env::var("BATON_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| RandomState::new().hash_one("moments"));
    eprintln!("BATON_SEED={seed}");
    let mut moments = Moments(seed);
    let handoffs = if env::var_os("BATON_LONG").is_some() { 20 } else { 4 };
    eprintln!("{} moments", handoffs * MOMENTS);
    let mut scene = scene();
    scene.run();
    for number in 0..handoffs {
        one(&mut scene, number, &mut moments);
    }
    for shown in scene.all() {
        let id = shown["id"].as_str().unwrap();
        scene.until(id, "all mail to have left", |shown| {
            shown["mails"].as_array().unwrap().iter().all(|mail| mail["state"] == "sent")
        });
    }
    scene.stop();
    scene.once();
    assert_eq!(scene.all().len(), handoffs);
    for number in 0..handoffs {
        check(&scene, number);
    }
}

/// One handoff by letters, given to another AE by words.
fn one(scene: &mut Scene, number: usize, moments: &mut Moments) {
    let (name, address) = SDRS[number % SDRS.len()];
    let (sdr, domain) = (format!("{name} <{address}>"), format!("p{number}.example"));
    let company = format!("P{number} Corp");
    let text = record(&domain, in_two_days(), 1800).replace("SDR: Dana Fox", &format!("SDR: {name}"));
    write_and_kill(scene, &Letter::new(&sdr, &[BATON], &company, &text), moments);
    let ready = newest(scene, address, 1, with(&format!("{company}: ready to send")));
    write_and_kill(scene, &Letter::answer(&ready, &sdr, &[BATON], "send"), moments);
    newest(scene, &format!("sarah@{domain}"), 1, |_| true);
    let handed = newest(scene, CALVIN, 1, with(&format!("{company}: handoff record")));
    write_and_kill(scene, &Letter::answer(&handed, &sdr, &[BATON], "over to Nora"), moments);
    newest(scene, address, 1, with(&format!("{company}: done")));
    newest(scene, NORA, 1, with(&format!("{company}: handoff record")));
}

fn check(scene: &Scene, number: usize) {
    let (_, address) = SDRS[number % SDRS.len()];
    let company = format!("P{number} Corp");
    let count = |who: &str, subject: &str| {
        scene.bed.client(who).messages("INBOX").iter().filter(|mail| with(subject)(mail)).count()
    };
    assert_eq!(scene.bed.client(&format!("sarah@p{number}.example")).messages("INBOX").len(), 1, "{company}");
    for (who, subject) in
        [(address, "ready to send"), (address, "done"), (CALVIN, "handoff record"), (NORA, "handoff record")]
    {
        assert_eq!(count(who, &format!("{company}: {subject}")), 1, "{subject} of {company} for {who}");
    }
    let all = scene.all();
    let shown = all.iter().find(|shown| shown["company"] == company.as_str()).unwrap();
    assert_eq!(shown["ae"], "Nora Lind");
    assert_eq!((mails(shown, "intro").len(), mails(shown, "record").len()), (1, 2), "{shown:#}");
    let done = scene.bed.client(address).messages("INBOX");
    let done = done.iter().find(|mail| with(&format!("{company}: done"))(mail)).unwrap();
    assert!(words(done).contains(&format!("Nora Lind has {company} now")), "{}", words(done));
}
