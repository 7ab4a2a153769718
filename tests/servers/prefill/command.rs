//! `baton new --prospect` where it cannot do what it is asked: status, reason, and no file that it should not have made.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::stage::configuration;

struct Ran {
    status: i32,
    out: String,
    err: String,
}

fn baton(dir: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_baton"))
        .arg("new")
        .args(arguments)
        .current_dir(dir)
        .env_clear()
        .env("HOME", dir)
        .env("TZ", "UTC")
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn what_cannot_be_filled_in_has_a_status_and_a_reason() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    let without = baton(dir, &["--prospect", "sarah@acme.example"]);
    assert_eq!(without.status, 3, "{}", without.err);
    // Nobody listens on port 1.
    fs::write(dir.join("baton.toml"), configuration(1, 1)).unwrap();
    fs::write(dir.join("password"), "secret").unwrap();
    fs::write(dir.join("there.txt"), "mine").unwrap();
    for (arguments, status, says) in [
        (&["--prospect", "sarah@acme.example"][..], 3, "--sdr"),
        (&["--prospect", "sarah@acme.example", "--sdr", "Danna Fox"], 3, "did you mean `Dana Fox`"),
        (&["--prospect", "sarah@acme.example", "--sdr", "Calvin Reyes"], 3, "there is no SDR"),
        (&["--prospect", "sarah@acme.example", "--sdr", "Sam Poe"], 3, "no account"),
        (&["--prospect", "sarah@acme.example", "--sdr", "Dana", "there.txt"], 3, "is there already"),
        (&["--prospect", "sarah@acme.example", "--sdr", "Dana", "new.txt"], 4, "dana"),
    ] {
        let ran = baton(dir, arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
    assert_eq!(fs::read_to_string(dir.join("there.txt")).unwrap(), "mine");
    assert!(!dir.join("new.txt").exists());
}

#[test]
fn who_names_no_company_gets_the_empty_record_and_why() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    fs::write(dir.join("baton.toml"), configuration(1, 1)).unwrap();
    fs::write(dir.join("password"), "secret").unwrap();
    let ran =
        baton(dir, &["--prospect", "sarah@gmail.com", "--sdr", "dana fox", "--ae", "Rita", "empty.txt"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.contains("nothing is filled in: gmail.com"), "{}", ran.err);
    let record = fs::read_to_string(dir.join("empty.txt")).unwrap();
    assert!(record.starts_with("#: Nothing is filled in for sarah@gmail.com:"), "{record}");
    assert!(record.contains("\nSDR: Dana Fox | AE: Rita Vale\n") && record.contains("\nTo: \n"), "{record}");
    let ran = baton(dir, &["--json", "--prospect", "sarah@gmail.com", "--sdr", "Dana Fox"]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert!(document["not_filled_in"].as_str().unwrap().contains("private mail"), "{document:#}");
    assert_eq!(document["file"], serde_json::Value::Null);
}
