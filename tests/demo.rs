//! The demo tells the truth: what it shows is what its servers hold.

use std::collections::BTreeMap;

use baton::cli::demo::{DemoArgs, run};

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_that_the_demo_shows_was_delivered_and_no_other_was() {
    let mut out = Vec::new();
    let telling = run(&DemoArgs { keep: None, full: false }, &mut out).await.unwrap();
    let text = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
    println!("{text}");
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for letter in &telling.printed {
        assert!(text.contains(letter.subject.split(' ').next().unwrap()), "{}", letter.subject);
        *shown.entry(letter.message_id.clone()).or_default() += 1;
    }
    let mut held: BTreeMap<String, usize> = BTreeMap::new();
    for accepted in &telling.delivered {
        let raw = String::from_utf8_lossy(&accepted.raw);
        let line = raw.lines().find(|line| line.to_lowercase().starts_with("message-id:")).unwrap();
        let id = line.split_once('<').unwrap().1.trim_end_matches('>').to_owned();
        *held.entry(id).or_default() += 1;
    }
    assert_eq!(shown, held);
    assert!(shown.values().all(|count| *count == 1), "{shown:?}");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let readme = include_str!("../README.md");
    let excerpt = readme.split_once("## What it looks like").unwrap().1.split("```").nth(1).unwrap();
    let excerpt: Vec<&str> = excerpt.trim_start_matches("text\n").trim_end().lines().collect();
    assert!(excerpt.len() > 10);
    assert!(
        lines.windows(excerpt.len()).any(|window| window == excerpt),
        "the README shows what the demo no longer tells: {excerpt:#?}"
    );
}
