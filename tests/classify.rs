//! Every message in `fixtures/`, through the same call as `baton classify --json`, against its expected result.

#![expect(clippy::unwrap_used, reason = "outside a test function, but of tests alone")]

use std::path::PathBuf;

use baton::cli::classify::classify;

fn fixtures() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("fixtures")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .collect();
    found.sort();
    found
}

fn json(path: &PathBuf) -> serde_json::Value {
    let mut out = Vec::new();
    classify(std::slice::from_ref(path), true, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn every_fixture_reads_as_expected() {
    for path in fixtures() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::with_settings!({ description => name.clone(), omit_expression => true }, {
            insta::assert_json_snapshot!(name, json(&path));
        });
    }
}

#[test]
fn every_fixture_is_of_the_kind_that_its_name_begins_with() {
    for path in fixtures() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let found = json(&path);
        let kind = found.pointer("/0/kind").and_then(|kind| kind.as_str()).unwrap().to_owned();
        assert!(name.starts_with(&kind), "{name} reads as {kind}");
    }
}

#[test]
fn every_fixture_has_its_line_in_the_list() {
    let list = std::fs::read_to_string("fixtures/README.md").unwrap();
    for path in fixtures() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(list.contains(&format!("`{name}`")), "{name} has no line in fixtures/README.md");
    }
}

#[test]
fn an_mbox_gives_one_object_for_each_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("box.mbox");
    std::fs::write(&path, "From a@b Tue Nov 24 10:00:00 2026\nFrom: a@b.example\nSubject: one\n\n>From here\n\nFrom a@b Tue Nov 24 10:00:00 2026\nFrom: a@b.example\nSubject: two\n\nx\n").unwrap();
    let found = json(&path);
    let subjects: Vec<&str> =
        found.as_array().unwrap().iter().filter_map(|one| one.get("subject")?.as_str()).collect();
    assert_eq!(subjects, ["one", "two"]);
    assert_eq!(found.pointer("/0/author_text").and_then(|text| text.as_str()), Some("From here"));
}

#[test]
fn people_get_a_short_summary() {
    let mut out = Vec::new();
    classify(&[PathBuf::from("fixtures/bounce-qmail.eml")], false, &mut out).unwrap();
    insta::assert_snapshot!("summary-for-people", String::from_utf8(out).unwrap());
}
