//! One agent on one database, whatever names lead to it; databases that are gone, restored or copied.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::agent::Ran;
use crate::support::client::Stored;
use crate::support::proxy::{Fault, Proxy};
use crate::support::{CALVIN, DANA, MORGAN, OPERATOR, SARAH, TestBed, wait_until};
use serde_json::Value;

const POLICY: &str = "policy = \"elapsed\"\nhours = \"1h\"";

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "how long a process takes is real time")]
    Instant::now()
}

fn record(company: &str) -> String {
    include_str!("../support/record.txt")
        .replace("{start}", "2036-11-27 10:00:00 UTC")
        .replace("{length}", "30 min")
        .replace("Acme Corp", &format!("{company} Corp"))
        .replace("@acme.example", &format!("@{}.example", company.to_lowercase()))
}

fn send(bed: &TestBed, company: &str) -> Ran {
    let name = format!("{company}.txt");
    bed.write_file(&name, &record(company));
    bed.baton(&["send", &name, "--yes", "--json"])
}

/// Runs baton with another configuration.
fn with_config(bed: &TestBed, config: &str, arguments: &[&str]) -> Ran {
    let path = bed.work().join(config);
    let output = bed.command(arguments).env("BATON_CONFIG", path).output().unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn with_database(bed: &TestBed, policy: &str, database: &str) -> String {
    bed.config_toml(policy, "").replace("database = \"baton.db\"", &format!("database = \"{database}\""))
}

fn inbox(bed: &TestBed, address: &str, fits: impl Fn(&Stored) -> bool) -> Vec<Stored> {
    bed.client(address).messages("INBOX").into_iter().filter(|message| fits(message)).collect()
}

/// The text without the line breaks that its encoding has put in.
fn unwrapped(message: &Stored) -> String {
    message.text.replace("=\r\n", "").replace("=\n", "")
}

fn subject_has(words: &'static str) -> impl Fn(&Stored) -> bool {
    move |message| message.header("Subject").is_some_and(|subject| subject.contains(words))
}

fn health(bed: &TestBed) -> Value {
    bed.baton(&["health", "--json"]).json()
}

fn wait_for_agent(bed: &TestBed) {
    wait_until("the agent to be well", || bed.baton(&["health"]).status == 0);
}

#[test]
fn no_second_agent_runs_whatever_name_leads_to_the_database() {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(POLICY, ""));
    let agent = bed.agent();
    wait_for_agent(&bed);
    let sent = send(&bed, "Acme").expect_status(0).json();
    let work = bed.work();
    fs::create_dir(work.join("other")).unwrap();
    symlink(work.join("baton.db"), work.join("other/link.db")).unwrap();
    fs::hard_link(work.join("baton.db"), work.join("other/hard.db")).unwrap();
    let mut names = vec!["other/link.db", "other/hard.db"];
    fs::write(work.join("other/mounted.db"), "").unwrap();
    let mount = |arguments: &[&str]| Command::new("mount").args(arguments).stderr(Stdio::null()).status();
    let (from, to) = (work.join("baton.db"), work.join("other/mounted.db"));
    let mounted = mount(&["--bind", from.to_str().unwrap(), to.to_str().unwrap()]).unwrap().success();
    if mounted {
        names.push("other/mounted.db");
    } else {
        assert!(std::env::var_os("CI").is_none(), "a bind mount is not allowed here");
        println!("no bind mount: this place does not allow one");
    }
    for beside in ["baton.db.lock", "baton.db.waiting", "baton.db.marker", "baton.db.reserve"] {
        let _ = fs::remove_file(work.join(beside));
    }
    bed.write_file("Globex.txt", &record("Globex"));
    for name in names {
        println!("{name}");
        bed.write_file("other.toml", &with_database(&bed, POLICY, name));
        let second = with_config(&bed, "other.toml", &["run", "--once"]);
        assert_eq!(second.status, 1, "{second:?}");
        assert!(second.stderr.contains("another"), "{second:?}");
        if name != "other/link.db" {
            let refused = with_config(&bed, "other.toml", &["send", "Globex.txt", "--yes"]);
            assert_eq!(refused.status, 1, "{refused:?}");
        }
    }
    if mounted {
        Command::new("umount").arg(&to).status().unwrap();
    }
    assert_eq!(inbox(&bed, "sarah@globex.example", |_| true).len(), 0);
    send(&bed, "Globex").expect_status(0);
    assert_eq!(inbox(&bed, SARAH, |_| true).len(), 1);
    assert_eq!(bed.baton(&["show", sent["id"].as_str().unwrap(), "--json"]).status, 0);
    assert_eq!(agent.stop(), 0);
    let check = rusqlite::Connection::open(work.join("baton.db")).unwrap();
    let said: String = check.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
}

#[test]
fn a_database_that_is_taken_away_stops_the_agent_and_none_is_made_in_its_place() {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(POLICY, ""));
    assert_eq!(bed.baton(&["status", "--json"]).expect_status(0).json(), serde_json::json!([]));
    for command in [&["show", "acme"][..], &["touch", "acme", "--why", "x"], &["outbox", "retry", "1"]] {
        bed.baton(command).expect_status(3);
    }
    assert!(!bed.work().join("baton.db").exists());
    let mut agent = bed.agent();
    wait_for_agent(&bed);
    for ending in ["", "-wal", "-shm"] {
        fs::rename(bed.work().join(format!("baton.db{ending}")), bed.work().join(format!("gone.db{ending}")))
            .unwrap();
    }
    wait_until("the agent to have ended", || !agent.is_running());
    assert!(bed.agent_log().contains("is gone, so baton ends"), "{}", bed.agent_log());
    assert_eq!(agent.stop(), 1);
    bed.baton(&["run", "--once"]).expect_status(3);
    send(&bed, "Acme").expect_status(3);
    assert_eq!(bed.baton(&["status", "--json"]).expect_status(0).json(), serde_json::json!([]));
    assert!(!bed.work().join("baton.db").exists());
    bed.baton(&["restore", "gone.db", "--json"]).expect_status(0);
    bed.baton(&["run", "--once"]).expect_status(0);
    send(&bed, "Acme").expect_status(0);
}

#[test]
fn what_left_after_a_backup_does_not_leave_again_once_it_is_restored() {
    let bed = TestBed::start();
    bed.write_config(
        &bed.config_toml("policy = \"elapsed\"\nhours = \"10s\"\ngrace = \"1s\"\nremind_before = \"0\"", ""),
    );
    let agent = bed.agent();
    wait_for_agent(&bed);
    send(&bed, "Acme").expect_status(0);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    bed.baton(&["backup", "backup.db", "--json"]).expect_status(0);
    bed.baton(&["restore", "backup.db"]).expect_status(1);
    let intro = inbox(&bed, SARAH, |_| true).remove(0);
    let note = format!(
        "From: {CALVIN}\nTo: {DANA}\nSubject: Re: hello\nMessage-ID: <only-dana@vendor.example>\nIn-Reply-To: {}\n\nI will write to her.\n",
        intro.header("Message-ID").unwrap()
    );
    bed.submit(CALVIN, &[DANA], &note);
    bed.wait_for(MORGAN, "INBOX", 1, |_| true);
    let globex = send(&bed, "Globex").expect_status(0).json();
    bed.wait_for(CALVIN, "INBOX", 5, |_| true);
    let before: Vec<usize> = [SARAH, CALVIN, MORGAN, DANA, "sarah@globex.example"]
        .map(|address| inbox(&bed, address, |_| true).len())
        .to_vec();
    println!("{before:?}");
    assert_eq!(agent.stop(), 0);

    let restored = bed.baton(&["restore", "backup.db", "--json"]).expect_status(0).json();
    assert!(bed.work().join(restored["kept"].as_str().unwrap()).exists());
    // Whoever hands the record over again before an agent has run is told, too.
    send(&bed, "Globex").expect_status(3);
    let agent = bed.agent();
    let named = |message: &Stored| unwrapped(message).contains(globex["message_id"].as_str().unwrap());
    bed.wait_for(OPERATOR, "INBOX", 1, named);
    wait_for_agent(&bed);
    let globex_again = send(&bed, "Globex").expect_status(3);
    assert!(globex_again.stderr.contains("only the mailboxes know"), "{globex_again:?}");
    let after: Vec<usize> = [SARAH, CALVIN, MORGAN, DANA, "sarah@globex.example"]
        .map(|address| inbox(&bed, address, |_| true).len())
        .to_vec();
    assert_eq!(after, before, "nothing has left again");
    let acme = bed.baton(&["show", "acme", "--json"]).json();
    let states: Vec<&str> =
        acme["mails"].as_array().unwrap().iter().map(|mail| mail["state"].as_str().unwrap()).collect();
    assert!(states.iter().all(|state| *state == "sent"), "{acme:#}");
    assert_eq!(inbox(&bed, OPERATOR, named).len(), 1);
    // It goes on as ever.
    send(&bed, "Initech").expect_status(0);
    bed.wait_for(MORGAN, "INBOX", 2, |_| true);
    assert_eq!(agent.stop(), 0);
}

#[test]
fn what_may_have_left_and_shows_no_trace_waits_for_the_operator() {
    let bed = TestBed::start();
    let feedback = "due = \"4s\"\nremind_before = \"0\"";
    let always =
        "workdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\nhours = \"00:00-24:00\"";
    let introduce = "introduce = \"works";
    bed.write_config(
        &bed.config_toml(POLICY, feedback).replace(introduce, &format!("{always}\n{introduce}")),
    );
    let agent = bed.agent();
    wait_for_agent(&bed);
    #[expect(clippy::disallowed_methods, reason = "real servers, real time")]
    let start = chrono::Utc::now() + chrono::TimeDelta::seconds(12);
    let text = include_str!("../support/record.txt")
        .replace("{start}", &start.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .replace("{length}", "2 s");
    bed.write_file("acme.txt", &text);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(0);
    bed.baton(&["backup", "backup.db"]).expect_status(0);
    // The request is in Calvin's mailbox, which is read; the flag to Morgan is in nobody's that is.
    wait_until("the request", || inbox(&bed, CALVIN, |_| true).len() == 3);
    bed.wait_for(MORGAN, "INBOX", 1, |_| true);
    assert_eq!(agent.stop(), 0);
    bed.baton(&["restore", "backup.db"]).expect_status(0);
    let agent = bed.agent();
    let named = |message: &Stored| unwrapped(message).contains("feedback-overdue to morgan@vendor.example");
    bed.wait_for(OPERATOR, "INBOX", 1, named);
    let waiting = bed.baton(&["outbox", "--json"]).expect_status(0).json();
    let kinds: Vec<_> =
        waiting.as_array().unwrap().iter().map(|mail| (&mail["kind"], &mail["state"])).collect();
    assert_eq!(kinds, [(&Value::from("feedback-overdue"), &Value::from("uncertain"))]);
    assert_eq!(inbox(&bed, CALVIN, |_| true).len(), 3);
    assert_eq!(inbox(&bed, MORGAN, |_| true).len(), 1);
    bed.baton(&["outbox", "retry", "--all"]).expect_status(0);
    bed.wait_for(MORGAN, "INBOX", 2, |_| true);
    assert_eq!(bed.baton(&["outbox", "--json"]).expect_status(0).json(), serde_json::json!([]));
    assert_eq!(agent.stop(), 0);
    assert_eq!(inbox(&bed, OPERATOR, |_| true).len(), 1);

    // Whoever lets it be is done with it.
    bed.baton(&["restore", "backup.db"]).expect_status(0);
    let agent = bed.agent();
    bed.wait_for(OPERATOR, "INBOX", 2, named);
    let dropped = bed.baton(&["outbox", "drop", "--all", "--json"]).expect_status(0).json();
    assert_eq!(dropped[0]["kind"], "feedback-overdue", "{dropped}");
    wait_for_agent(&bed);
    assert_eq!(agent.stop(), 0);
    let waiting = bed.baton(&["outbox", "--json"]).expect_status(0).json();
    assert!(waiting.as_array().unwrap().iter().all(|mail| mail["state"] == "failed"), "{waiting}");
    assert_eq!(inbox(&bed, MORGAN, |_| true).len(), 2);
    assert_eq!(inbox(&bed, OPERATOR, |_| true).len(), 2);
}

#[test]
fn an_older_database_that_nothing_marks_is_found_by_the_mail_that_it_does_not_know() {
    let bed = TestBed::start();
    bed.write_config(
        &bed.config_toml("policy = \"elapsed\"\nhours = \"12s\"\ngrace = \"1s\"\nremind_before = \"0\"", ""),
    );
    let agent = bed.agent();
    wait_for_agent(&bed);
    send(&bed, "Acme").expect_status(0);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    assert_eq!(agent.stop(), 0);
    // Like a snapshot of the disk: everything beside it is as old, and the files stay the same ones.
    let kept: Vec<_> = ["baton.db", "baton.db.marker"]
        .map(|name| (bed.work().join(name), fs::read(bed.work().join(name)).unwrap()))
        .to_vec();
    let agent = bed.agent();
    bed.wait_for(MORGAN, "INBOX", 1, |_| true);
    // The flag left as Dana: her copy is what an older database knows it by.
    bed.wait_for(DANA, "Sent", 2, |_| true);
    assert_eq!(agent.stop(), 0);
    for (path, bytes) in kept {
        fs::write(path, bytes).unwrap();
    }
    let agent = bed.agent();
    wait_for_agent(&bed);
    wait_until("the escalation to be known", || {
        let shown = bed.baton(&["show", "acme", "--json"]).json();
        shown["mails"]
            .as_array()
            .unwrap()
            .iter()
            .any(|mail| mail["kind"] == "escalation" && mail["state"] == "sent")
    });
    assert_eq!(agent.stop(), 0);
    assert_eq!(inbox(&bed, MORGAN, |_| true).len(), 1);
    assert_eq!(inbox(&bed, OPERATOR, |_| true).len(), 0, "there is nothing to ask");
}

/// SQLite's own online backup, which reads while the agent writes: what replication tools build on.
fn replicate(bed: &TestBed, to: &str) {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let from = rusqlite::Connection::open_with_flags(bed.work().join("baton.db"), flags).unwrap();
    let mut replica = rusqlite::Connection::open(bed.work().join(to)).unwrap();
    let backup = rusqlite::backup::Backup::new(&from, &mut replica).unwrap();
    backup.run_to_completion(100, Duration::from_millis(10), None).unwrap();
}

/// As if a minute had passed since the process was heard of last that held the lease then: it is taken over.
fn let_the_lease_lapse(bed: &TestBed, database: &str) {
    let database = rusqlite::Connection::open(bed.work().join(database)).unwrap();
    let read = "SELECT value FROM meta WHERE key = 'lease'";
    let lease: String = database.query_row(read, [], |row| row.get(0)).unwrap();
    let mut lease: Value = serde_json::from_str(&lease).unwrap();
    let renewed_at = lease["renewed_at"].as_i64().unwrap();
    lease["renewed_at"] = (renewed_at - 60).into();
    database.execute("UPDATE meta SET value = ?1 WHERE key = 'lease'", [lease.to_string()]).unwrap();
}

#[test]
fn a_replica_that_lags_behind_takes_over_without_saying_anything_twice() {
    let bed = TestBed::start();
    let policy = "policy = \"elapsed\"\nhours = \"12s\"\ngrace = \"1s\"\nremind_before = \"0\"";
    bed.write_config(&bed.config_toml(policy, ""));
    let agent = bed.agent();
    wait_for_agent(&bed);
    send(&bed, "Acme").expect_status(0);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    fs::create_dir(bed.work().join("replica")).unwrap();
    replicate(&bed, "replica/baton.db");
    bed.wait_for(MORGAN, "INBOX", 1, |_| true);
    let globex = send(&bed, "Globex").expect_status(0).json();
    // The machine is lost, and the replica, which has heard of nothing since, is put to work.
    agent.crash();
    let_the_lease_lapse(&bed, "replica/baton.db");
    bed.write_config(&with_database(&bed, policy, "replica/baton.db"));
    let agent = bed.agent();
    let named = |message: &Stored| unwrapped(message).contains(globex["message_id"].as_str().unwrap());
    bed.wait_for(OPERATOR, "INBOX", 1, named);
    wait_for_agent(&bed);
    send(&bed, "Globex").expect_status(3);
    wait_until("the escalation to be known", || {
        let shown = bed.baton(&["show", "acme", "--json"]).json();
        let mails = shown["mails"].as_array().unwrap();
        mails.iter().any(|mail| mail["kind"] == "escalation" && mail["state"] == "sent")
    });
    assert_eq!(agent.stop(), 0);
    assert_eq!(inbox(&bed, MORGAN, |_| true).len(), 1);
    for prospect in [SARAH, "sarah@globex.example"] {
        assert_eq!(inbox(&bed, prospect, |_| true).len(), 1, "{prospect}");
    }
}

#[test]
fn of_two_agents_on_copies_the_later_one_stops_until_it_is_told_to_take_over() {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(POLICY, ""));
    let agent = bed.agent();
    wait_for_agent(&bed);
    send(&bed, "Acme").expect_status(0);
    fs::create_dir(bed.work().join("copy")).unwrap();
    bed.baton(&["backup", "copy/baton.db"]).expect_status(0);
    bed.write_file("copy.toml", &with_database(&bed, POLICY, "copy/baton.db"));
    let second = |arguments: &[&str]| {
        let log = fs::File::options().create(true).append(true).open(bed.work().join("copy.log")).unwrap();
        let mut command = bed.command(arguments);
        command.env("BATON_CONFIG", bed.work().join("copy.toml"));
        command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    };
    let on_copy = |arguments: &[&str]| with_config(&bed, "copy.toml", arguments);
    let mut copy = second(&["run"]);
    wait_until("the second agent to be well", || on_copy(&["health"]).status == 0);
    send(&bed, "Globex").expect_status(0);
    let stopped = |message: &Stored| message.text.contains("--take-over");
    bed.wait_for(OPERATOR, "INBOX", 1, stopped);
    on_copy(&["health"]).expect_status(1);
    assert_eq!(health(&bed)["ok"], true, "the earlier one goes on");
    bed.write_file("Initech.txt", &record("Initech"));
    let refused = on_copy(&["send", "Initech.txt", "--yes"]).expect_status(1);
    assert!(refused.stderr.contains("another agent"), "{refused:?}");
    send(&bed, "Initech").expect_status(0);
    for address in [SARAH, "sarah@globex.example", "sarah@initech.example"] {
        assert_eq!(inbox(&bed, address, |_| true).len(), 1, "{address}");
    }
    Command::new("kill").arg(copy.id().to_string()).status().unwrap();
    assert_eq!(copy.wait().unwrap().code(), Some(0));
    assert_eq!(agent.stop(), 0);
    // It stays stopped, until it is told, and says so.
    let passed = on_copy(&["run", "--once"]).expect_status(1);
    assert!(passed.stderr.contains("another agent"), "{passed:?}");
    let shown = on_copy(&["status"]).expect_status(0);
    assert!(shown.stdout.contains("NOTHING IS SENT: another agent"), "{shown:?}");
    on_copy(&["health"]).expect_status(1);
    on_copy(&["run", "--once", "--take-over"]).expect_status(0);
    on_copy(&["health"]).expect_status(0);
    bed.write_file("Umbrella.txt", &record("Umbrella"));
    on_copy(&["send", "Umbrella.txt", "--yes"]).expect_status(0);
    bed.wait_for("sarah@umbrella.example", "INBOX", 1, |_| true);
    assert_eq!(inbox(&bed, OPERATOR, stopped).len(), 1);
    assert_eq!(inbox(&bed, CALVIN, subject_has("intro to Calvin")).len(), 4);
}

#[test]
fn a_database_that_somebody_else_locks_is_waited_for_and_told_once() {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(POLICY, ""));
    let mut agent = bed.agent();
    wait_for_agent(&bed);
    let other = rusqlite::Connection::open(bed.work().join("baton.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let since = now();
    bed.submit(
        SARAH,
        &[DANA],
        &format!("From: {SARAH}\nTo: {DANA}\nSubject: hello\nMessage-ID: <hello@x.example>\n\nhello\n"),
    );
    while since.elapsed() < Duration::from_secs(17) {
        assert!(agent.is_running(), "{}", bed.agent_log());
        std::thread::sleep(Duration::from_millis(500));
    }
    bed.baton(&["status"]).expect_status(0);
    other.execute_batch("ROLLBACK").unwrap();
    let told = |message: &Stored| message.text.contains("another program kept the database locked");
    bed.wait_for(OPERATOR, "INBOX", 1, told);
    send(&bed, "Acme").expect_status(0);
    assert_eq!(inbox(&bed, OPERATOR, told).len(), 1);
    assert_eq!(agent.stop(), 0);
}

/// Dana's mail leaves through a proxy, in plain text.
fn behind_a_proxy(bed: &TestBed, proxy: &Proxy, toml: &str) -> String {
    let direct = format!("smtps://127.0.0.1:{}", bed.ports.smtps);
    toml.replacen(&direct, &format!("smtp://127.0.0.1:{}", proxy.port), 1)
}

/// The AE's mailbox is not watched.
fn unwatched(toml: &str) -> String {
    let (before, rest) = toml.split_once("[accounts.calvin]").unwrap();
    let (_, after) = rest.split_once("[[people]]").unwrap();
    format!("{before}[[people]]{after}").replace("account = \"calvin\"\n", "")
}

/// What `show` says of the mails of a kind.
fn states(bed: &TestBed, config: &str, company: &str, kind: &str) -> Vec<String> {
    let shown = with_config(bed, config, &["show", company, "--json"]).json();
    let mails = shown["mails"].as_array().unwrap().iter().filter(|mail| mail["kind"] == kind);
    mails.map(|mail| mail["state"].as_str().unwrap().to_owned()).collect()
}

fn lock(bed: &TestBed, database: &str) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(bed.work().join(database)).unwrap();
    other.busy_timeout(Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

const HOOLI: &str = "sarah@hooli.example";

/// The running agent's server takes Hooli's intro, and its answer does not come yet.
fn intro_arrives_and_its_answer_is_held(bed: &TestBed, proxy: &Proxy) {
    bed.answer_recipient(HOOLI, "451 4.7.1 come back later");
    send(bed, "Hooli").expect_status(4);
    bed.answer_recipient(HOOLI, "");
    proxy.set(Fault::HoldFinalAnswer);
    let waiting = bed.baton(&["outbox", "--json"]).expect_status(0).json();
    bed.baton(&["outbox", "retry", &waiting[0]["id"].to_string()]).expect_status(0);
    bed.wait_for(HOOLI, "INBOX", 1, |_| true);
}

#[test]
fn what_a_server_answered_while_the_database_was_locked_is_known() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.submission);
    // Nobody's mailbox shows what has left but the server's word.
    bed.write_config(&unwatched(&behind_a_proxy(&bed, &proxy, &bed.config_toml(POLICY, ""))));
    // By itself, and beside an agent: each on a database of its own.
    let alone = unwatched(&behind_a_proxy(&bed, &proxy, &with_database(&bed, POLICY, "alone.db")));
    bed.write_file("alone.toml", &alone);
    let agent = bed.agent();
    wait_for_agent(&bed);
    bed.write_file("Acme.txt", &record("Acme"));
    bed.write_file("Globex.txt", &record("Globex"));
    proxy.set(Fault::HoldFinalAnswer);
    let beside = bed.command(&["send", "Acme.txt", "--yes"]).stdout(Stdio::null()).spawn().unwrap();
    let alone = bed
        .command(&["send", "Globex.txt", "--yes"])
        .env("BATON_CONFIG", bed.work().join("alone.toml"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    bed.wait_for(SARAH, "INBOX", 1, |_| true);
    bed.wait_for("sarah@globex.example", "INBOX", 1, |_| true);
    let locks = [lock(&bed, "baton.db"), lock(&bed, "alone.db")];
    proxy.set(Fault::None);
    // Longer than anybody's patience but baton's.
    std::thread::sleep(Duration::from_secs(7));
    let mut sends = [beside, alone];
    for (send, lock) in sends.iter_mut().zip(locks) {
        assert!(send.try_wait().unwrap().is_none(), "it waits for the database");
        lock.execute_batch("ROLLBACK").unwrap();
        assert!(send.wait().unwrap().success());
    }
    assert_eq!(states(&bed, "baton.toml", "Acme Corp", "intro"), ["sent"]);
    assert_eq!(states(&bed, "alone.toml", "Globex Corp", "intro"), ["sent"]);

    // The agent is told to end meanwhile, and does not wait for whoever holds the database.
    intro_arrives_and_its_answer_is_held(&bed, &proxy);
    let locked = lock(&bed, "baton.db");
    proxy.set(Fault::None);
    wait_until("the answer", || bed.agent_log().matches("handed over").count() > 0);
    assert_eq!(agent.stop(), 0, "{}", bed.agent_log());
    assert!(bed.work().join("baton.db.answers").exists(), "it could not be written: {}", bed.agent_log());
    locked.execute_batch("ROLLBACK").unwrap();
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(states(&bed, "baton.toml", "Hooli Corp", "intro"), ["sent"], "{}", bed.agent_log());
    assert_eq!(inbox(&bed, HOOLI, |_| true).len(), 1);
    assert!(!bed.work().join("baton.db.answers").exists());
}

/// A small disk of its own, gone with the test.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn at(place: std::path::PathBuf, megabytes: usize) -> Option<Self> {
        fs::create_dir(&place).unwrap();
        let size = format!("size={megabytes}m");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&place).status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(Self(place));
        }
        assert!(std::env::var_os("CI").is_none(), "a small disk cannot be mounted here");
        println!("no small disk: this place does not allow one");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn what_a_server_answered_while_the_disk_was_full_is_known() {
    let bed = TestBed::start();
    let Some(disk) = SmallDisk::at(bed.work().join("small"), 24) else { return };
    let proxy = Proxy::to(bed.ports.submission);
    let toml = unwatched(&behind_a_proxy(&bed, &proxy, &with_database(&bed, POLICY, "small/baton.db")));
    bed.write_config(&toml);
    let mut agent = bed.agent();
    wait_for_agent(&bed);
    intro_arrives_and_its_answer_is_held(&bed, &proxy);
    // Neither the reserve nor any room besides it is left.
    let filler = disk.0.join("filler");
    let database = rusqlite::Connection::open(disk.0.join("baton.db")).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(database);
    let fill = || {
        let _ = fs::remove_file(disk.0.join("baton.db.reserve"));
        let mut file = fs::File::options().create(true).append(true).open(&filler).unwrap();
        while std::io::Write::write(&mut file, &[b'.'; 4096]).is_ok_and(|written| written > 0) {}
    };
    fill();
    proxy.set(Fault::None);
    wait_until("the agent to wait", || {
        fill();
        bed.agent_log().contains("what became of a mail cannot be written yet")
    });
    assert!(agent.is_running(), "{}", bed.agent_log());
    fs::remove_file(&filler).unwrap();
    wait_until("the answer to be written", || states(&bed, "baton.toml", "Hooli Corp", "intro") == ["sent"]);
    assert!(agent.is_running(), "{}", bed.agent_log());
    wait_for_agent(&bed);
    send(&bed, "Acme").expect_status(0);
    assert_eq!(inbox(&bed, HOOLI, |_| true).len(), 1);
    assert_eq!(agent.stop(), 0);
}

/// Runs a command as a user to whom nothing of the bed belongs.
fn as_somebody_else(bed: &TestBed, arguments: &[&str]) -> Ran {
    let own = bed.command(arguments);
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(own.get_program()).args(arguments);
    command.current_dir(bed.work()).env_clear().stdin(Stdio::null());
    for (name, value) in own.get_envs() {
        command.env(name, value.unwrap());
    }
    let ran = command.output().unwrap();
    Ran {
        status: ran.status.code().unwrap_or(-1),
        stdout: String::from_utf8(ran.stdout).unwrap(),
        stderr: String::from_utf8(ran.stderr).unwrap(),
    }
}

#[test]
fn whoever_may_not_read_the_database_is_told_to_write_a_letter() {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(POLICY, ""));
    bed.baton(&["run", "--once"]).expect_status(0);
    bed.write_file("Acme.txt", &record("Acme"));
    for name in ["baton.toml", "Acme.txt"] {
        fs::set_permissions(bed.work().join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    for arguments in [&["status"][..], &["send", "Acme.txt", "--yes"]] {
        let ran = as_somebody_else(&bed, arguments).expect_status(3);
        assert!(ran.stderr.contains(&format!("write an email to {DANA}")), "{}", ran.stderr);
    }
    assert_eq!(inbox(&bed, SARAH, |_| true).len(), 0);
    // A monitor hears it in the form that it asked for.
    let health = as_somebody_else(&bed, &["health", "--json"]).expect_status(1).json();
    assert_eq!(health["ok"], false);
    assert!(health["reasons"][0].as_str().unwrap().contains("may not be used by this user"), "{health}");
    let health = as_somebody_else(&bed, &["health"]).expect_status(1);
    assert!(health.stdout.contains("NOT WELL"), "{}", health.stdout);
}

#[test]
fn a_database_that_cannot_be_written_is_not_well() {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(POLICY, ""));
    bed.baton(&["run", "--once"]).expect_status(0);
    for name in ["baton.toml", "baton.db"] {
        fs::set_permissions(bed.work().join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let looked = as_somebody_else(&bed, &["doctor", "--json"]).json();
    let checks = looked["checks"].as_array().unwrap();
    let database = checks.iter().find(|check| check["check"] == "database").unwrap();
    assert_eq!(database["ok"], false);
    assert!(database["found"].as_str().unwrap().contains("cannot be written"), "{database}");
    assert!(database["remedy"].as_str().unwrap().contains("has to own it"), "{database}");
}
