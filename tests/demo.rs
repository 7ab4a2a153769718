//! The demo tells the truth: what it shows is what its servers hold. What it leaves behind is what a shell completes.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use std::path::Path;
use std::process::Command;

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

/// What bash offers behind these words, with the script that the program prints and in this folder.
fn completed(folder: &Path, words: &[&str]) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_baton"));
    let script = r#"
        source <(baton completions bash) || exit 1
        COMP_WORDS=(baton "$@")
        COMP_CWORD=$#
        _clap_complete_baton baton "${@: -1}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", script, "bash"])
        .args(words)
        .env("PATH", path)
        .env_remove("BATON_CONFIG")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .filter(|line| !line.is_empty())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_completes_ids_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    run(&DemoArgs { keep: Some(kept.clone()), full: false }, &mut Vec::new()).await.unwrap();
    let ids = completed(&kept, &["close", ""]);
    assert!(ids.iter().any(|id| id.starts_with("globex-")), "{ids:?}");
    assert_eq!(completed(&kept, &["show", "glo"]).len(), 1);
    assert_eq!(completed(&kept, &["reassign", "globex", "--ae", "R"]), ["Rita Vale"]);
    assert_eq!(completed(&kept, &["outb"]), ["outbox"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let config = kept.join("baton.toml");
    let named = completed(elsewhere.path(), &["--config", config.to_str().unwrap(), "show", "glo"]);
    assert_eq!(named.len(), 1, "{named:?}");
    let none = completed(elsewhere.path(), &["show", "glo"]);
    assert!(none.iter().all(|offer| !offer.starts_with("globex-")), "{none:?}");
}
