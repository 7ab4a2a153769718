//! `baton init` against a real mailbox: what was answered is a configuration that works.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::support::{CALVIN, DANA, MORGAN, TestBed};

fn answer(bed: &TestBed, arguments: &[&str], lines: &str) -> Output {
    let mut command = bed.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn lines(bed: &TestBed, variable: &str) -> String {
    let (imap, smtp) = (bed.ports.imap, bed.ports.submission);
    format!(
        "Dana Fox\n{DANA}\nimap://127.0.0.1:{imap}\nsmtp://127.0.0.1:{smtp}\n\n{variable}\n\nCalvin Reyes\n{CALVIN}\n\
         America/New_York\nMorgan Hale\n{MORGAN}\n"
    )
}

#[test]
fn the_answers_make_a_configuration_with_which_everything_works() {
    let bed = TestBed::start();
    let said = answer(&bed, &["init", "team"], &lines(&bed, "BED_PASSWORD"));
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(String::from_utf8_lossy(&said.stdout).contains("dana: mailbox"));
    let written = bed.work().join("team/baton.toml");
    let text = std::fs::read_to_string(&written).unwrap();
    assert!(text.contains("password = { env = \"BED_PASSWORD\" }"), "{text}");
    bed.baton(&["doctor", "--send", "--config", "team/baton.toml"]).expect_status(0);
    let again = answer(&bed, &["init", "team"], &lines(&bed, "BED_PASSWORD"));
    assert_eq!(again.status.code(), Some(3));
    assert_eq!(std::fs::read_to_string(&written).unwrap(), text);
}

#[test]
fn a_configuration_is_written_and_grows_where_config_says() {
    let bed = TestBed::start();
    let (imap, smtp) = (bed.ports.imap, bed.ports.submission);
    let (imap, smtp) = (format!("imap://127.0.0.1:{imap}"), format!("smtp://127.0.0.1:{smtp}"));
    let run = |arguments: &[&str]| bed.baton(arguments);
    let here = bed.write_config(&bed.config_toml("", ""));
    let by_hand = std::fs::read_to_string(&here).unwrap();
    let other = ["init", "--config", "other/team.toml", "--yes"];
    let dana = ["--name", "Dana Fox", "--address", DANA, "--imap", &imap, "--smtp", &smtp];
    let said = run(&[&other[..], &dana].concat()).expect_status(0).stderr;
    assert!(
        said.contains("wrote other/team.toml") && said.contains("doctor --config other/team.toml"),
        "{said}"
    );
    let manager = ["--name", "Morgan Hale", "--role", "manager", "--address", MORGAN];
    let said = run(&[&other[..], &manager].concat()).expect_status(0).stderr;
    assert!(said.contains("added Morgan Hale to other/team.toml"), "{said}");
    let text = std::fs::read_to_string(bed.work().join("other/team.toml")).unwrap();
    assert!(text.contains("Dana Fox") && text.contains("Morgan Hale"), "{text}");
    assert_eq!(std::fs::read_to_string(&here).unwrap(), by_hand);
    let both = [&["init", "elsewhere"], &other[1..], &manager].concat();
    run(&both).expect_status(2);
    assert!(!bed.work().join("elsewhere").exists());
}

#[test]
fn a_password_that_is_not_known_yet_and_a_server_that_is_not_there_are_told_apart() {
    let bed = TestBed::start();
    let said = answer(&bed, &["init", "later", "--json"], &lines(&bed, "NOT_SET_YET"));
    assert_eq!(said.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(document["checks"], serde_json::Value::Null);
    assert!(String::from_utf8_lossy(&said.stderr).contains("export NOT_SET_YET="));
    let closed = lines(&bed, "BED_PASSWORD")
        .replace(&format!("imap://127.0.0.1:{}", bed.ports.imap), "imap://127.0.0.1:1");
    let said = answer(&bed, &["init", "closed", "--json"], &closed);
    assert_eq!(said.status.code(), Some(4));
    let document: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(document["checks"][0]["ok"], false);
    assert!(bed.work().join("closed/baton.toml").exists(), "the answers are not lost");
    let said = answer(&bed, &["init", "unfinished"], "Dana Fox\n");
    assert_eq!(said.status.code(), Some(3));
    assert!(!bed.work().join("unfinished").exists());
}

#[test]
fn a_team_grows_by_options_alone_and_what_was_written_by_hand_stays() {
    let bed = TestBed::start();
    let imap = format!("imap://127.0.0.1:{}", bed.ports.imap);
    let smtp = format!("smtp://127.0.0.1:{}", bed.ports.submission);
    let run = |arguments: &[&str]| {
        let mut all = vec!["init", "grown", "--yes"];
        all.extend_from_slice(arguments);
        with_passwords(bed.command(&all)).output().unwrap()
    };
    let status =
        |output: &Output| (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned());
    let first = run(&["--name", "Dana Fox", "--address", DANA, "--imap", &imap, "--smtp", &smtp]);
    assert_eq!(status(&first).0, Some(0), "{}", status(&first).1);
    let path = bed.work().join("grown/baton.toml");
    let by_hand = std::fs::read_to_string(&path).unwrap() + "\n# Ours, and not to be touched.\n";
    std::fs::write(&path, &by_hand).unwrap();
    let manager = run(&["--name", "Morgan Hale", "--role", "manager", "--address", MORGAN]);
    assert_eq!(status(&manager).0, Some(0), "{}", status(&manager).1);
    let ae = run(&[
        "--name",
        "Calvin Reyes",
        "--role",
        "ae",
        "--address",
        CALVIN,
        "--imap",
        &imap,
        "--smtp",
        &smtp,
    ]);
    assert_eq!(status(&ae).0, Some(0), "{}", status(&ae).1);
    let text = std::fs::read_to_string(&path).unwrap();
    for line in by_hand.lines() {
        assert!(text.contains(line), "{line:?} is gone:\n{text}");
    }
    assert!(text.contains("[accounts.calvin]") && text.contains("manager = \"Morgan Hale\""), "{text}");

    for (arguments, words) in [
        (
            &["--name", "Dana Fox", "--role", "ae", "--address", "x@vendor.example"][..],
            "Dana Fox is here already",
        ),
        (&["--name", "Rita Moss", "--role", "ae", "--address", DANA], "is the address of Dana Fox already"),
        (
            &["--name", "Rita Moss", "--role", "boss", "--address", "x@vendor.example"],
            "it is sdr, ae or manager",
        ),
        (&["--name", "Rita Moss", "--role", "ae"], "--address"),
        (&["--people", "people.csv"], "people_file"),
    ] {
        let refused = run(arguments);
        let (code, said) = status(&refused);
        assert!(code == Some(3) && said.contains(words), "{arguments:?}: {said}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    // A second SDR, for whom a mailbox of baton's own is proposed, and that one.
    let second = run(&[
        "--name",
        "Rita Moss",
        "--address",
        "rita@vendor.example",
        "--role",
        "sdr",
        "--imap",
        &imap,
        "--smtp",
        &smtp,
    ]);
    let said = status(&second).1;
    assert!(
        status(&second).0 == Some(0) && said.contains("`baton init --agent baton@vendor.example`"),
        "{said}"
    );
    let own = run(&["--agent", "baton@vendor.example"]);
    assert_eq!(status(&own).0, Some(0), "{}", status(&own).1);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("account = \"baton\"   ") && text.contains("[accounts.baton]"), "{text}");
    // The mailbox of somebody who is in the file already.
    let kim = run(&["--name", "Kim Lau", "--role", "ae", "--address", "kim@vendor.example"]);
    assert_eq!(status(&kim).0, Some(0), "{}", status(&kim).1);
    let mailbox = run(&["--name", "kim lau", "--imap", &imap, "--smtp", &smtp]);
    assert_eq!(status(&mailbox).0, Some(0), "{}", status(&mailbox).1);
    let again = run(&["--name", "Kim Lau", "--imap", &imap, "--smtp", &smtp]);
    assert_eq!(status(&again).0, Some(3), "{}", status(&again).1);
    let looked = bed.command(&["doctor", "--json", "--config", "grown/baton.toml"]);
    let looked = with_passwords(looked).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&looked.stdout).unwrap();
    assert_eq!(document["ok"], true, "{document:#}");
}

fn with_passwords(mut command: Command) -> Command {
    for name in ["DANA", "CALVIN", "RITA", "BATON", "KIM"] {
        command.env(format!("{name}_PASSWORD"), "secret");
    }
    command
}

#[test]
fn what_answers_decides_between_tls_and_starttls() {
    let bed = TestBed::start();
    for (number, imap, smtp) in [
        (1, format!("127.0.0.1:{}", bed.ports.imap), format!("localhost:{}", bed.ports.submission)),
        (2, format!("127.0.0.1:{}", bed.ports.imaps), format!("localhost:{}", bed.ports.smtps)),
        (
            3,
            format!("imap+starttls://127.0.0.1:{}", bed.ports.imaps),
            format!("smtps://localhost:{}", bed.ports.submission),
        ),
    ] {
        let folder = format!("answers-{number}");
        let said = bed
            .baton(&[
                "init",
                &folder,
                "--yes",
                "--name",
                "Dana Fox",
                "--address",
                DANA,
                "--imap",
                &imap,
                "--smtp",
                &smtp,
            ])
            .expect_status(0);
        let text = std::fs::read_to_string(bed.work().join(&folder).join("baton.toml")).unwrap();
        let is =
            |scheme: &str, host: &str, port: u16| text.contains(&format!("\"{scheme}://{host}:{port}\""));
        let imap =
            is("imap+starttls", "127.0.0.1", bed.ports.imap) || is("imaps", "127.0.0.1", bed.ports.imaps);
        let smtp = is("smtp+starttls", "localhost", bed.ports.submission)
            || is("smtps", "localhost", bed.ports.smtps);
        assert!(imap && smtp && said.stderr.contains("answers there"), "{text}\n{}", said.stderr);
    }
}

#[test]
fn a_team_with_a_provider_is_written_for_what_is_still_to_be_done() {
    let bed = TestBed::start();
    bed.write_file("people.csv", "name,roles,address,provider\nMorgan Hale,manager,morgan@vendor.example,\nDana Fox,sdr,dana@vendor.example,microsoft\n");
    let said = bed.baton(&["init", "--people", "people.csv", "--provider", "microsoft", "--yes"]);
    let said = said.expect_status(0);
    assert!(said.stderr.contains("CLIENT-ID") && said.stderr.contains("baton doctor"), "{}", said.stderr);
    let text = std::fs::read_to_string(bed.work().join("baton.toml")).unwrap();
    assert!(
        text.contains("people_file = \"people.csv\"") && text.contains("account = \"dana@vendor.example\""),
        "{text}"
    );
    let looked = bed.command(&["doctor", "--json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&looked.stdout).unwrap();
    let shown = document.to_string();
    assert!(shown.contains("MICROSOFT_CLIENT_SECRET is not set"), "{document:#}");
    let google = bed.baton(&["init", "other", "--people", "people.csv", "--provider", "google", "--yes"]);
    assert!(google.expect_status(0).stderr.contains("key.json"));
    let missing = bed.baton(&["init", "none", "--people", "nobody.csv", "--yes"]).expect_status(3);
    assert!(missing.stderr.contains("nobody.csv") && !bed.work().join("none").exists());
}

#[test]
fn somebody_named_by_options_stands_beside_the_file_of_the_others() {
    let bed = TestBed::start();
    bed.write_file(
        "people.csv",
        "name,roles,address,manager\nCalvin Reyes,ae,calvin@vendor.example,Morgan Hale\nMorgan Hale,manager,morgan@vendor.example,\n",
    );
    let imap = format!("imap://127.0.0.1:{}", bed.ports.imap);
    let smtp = format!("smtp://127.0.0.1:{}", bed.ports.submission);
    let name = ["init", "--name", "Dana Fox", "--role", "sdr", "--address", DANA];
    let servers = ["--imap", &imap, "--smtp", &smtp, "--people", "people.csv", "--yes"];
    let all: Vec<&str> = name.into_iter().chain(servers).collect();
    let said = with_passwords(bed.command(&all)).output().unwrap();
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    let text = std::fs::read_to_string(bed.work().join("baton.toml")).unwrap();
    assert!(text.contains("people_file = \"people.csv\"") && text.contains("name = \"Dana Fox\""), "{text}");
    let looked = with_passwords(bed.command(&["doctor"])).output().unwrap();
    assert_eq!(looked.status.code(), Some(0), "{}", String::from_utf8_lossy(&looked.stdout));
    let unnamed: Vec<&str> = ["init", "other", "--address", DANA].into_iter().chain(servers).collect();
    let unnamed = bed.baton(&unnamed);
    assert!(unnamed.expect_status(3).stderr.contains("cannot be used as it is"));
}
