//! `baton audit` of handoffs that baton did not make, through the built binary: every old handoff of a generated team is
//! found, none is invented, and every answer is the generator's. docs/behaviour.md section 10.

#![allow(clippy::disallowed_methods, reason = "how long it takes is measured")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::past_mail::{AES, SDR, Truth, World};
use crate::support::past_words::FORMS;
use crate::support::{PASSWORD, TestBed};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Accounts that nothing listens at, for what needs no server.
pub(crate) fn nowhere() -> String {
    let account = |name: &str, address: &str| {
        format!(
            "[accounts.{name}]\naddress = \"{address}\"\nimap = \"imap://127.0.0.1:1\"\nsmtp = \"smtp://127.0.0.1:1\"\n\
             login = \"{address}\"\npassword = {{ env = \"BED_PASSWORD\" }}\n"
        )
    };
    account("dana", SDR.1) + &account("calvin", AES[0].1) + &account("rita", AES[1].1)
}

fn configuration(accounts: &str) -> String {
    let person = |(name, address): (&str, &str), role: &str, account: &str| {
        format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{address}\"\n{account}zone = \"UTC\"\nmanager = \"Morgan Hale\"\n"
        )
    };
    let manager = "[[people]]\nname = \"Morgan Hale\"\nroles = [\"manager\"]\naddress = \"morgan@vendor.example\"\nzone = \"UTC\"\n";
    let people = person(SDR, "sdr", "account = \"dana\"\n")
        + &person(AES[0], "ae", "account = \"calvin\"\n")
        + &person(AES[1], "ae", "account = \"rita\"\n")
        + manager;
    format!(
        "database = \"baton.db\"\n[agent]\naccount = \"dana\"\noperator = \"ops@vendor.example\"\n{accounts}{people}"
    )
}

pub(crate) fn home(accounts: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("baton.toml"), configuration(accounts)).unwrap();
    home
}

/// `BATON_OPTIMISED` names a binary that is measured instead of the one that the tests were built with.
fn binary() -> PathBuf {
    std::env::var_os("BATON_OPTIMISED").map_or_else(|| env!("CARGO_BIN_EXE_baton").into(), PathBuf::from)
}

fn command(home: &Path, arguments: &[&str]) -> Command {
    run(home, &[&["--json", "audit"], arguments].concat())
}

pub(crate) fn run(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(["--config", home.join("baton.toml").to_str().unwrap()])
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", home)
        .env("TZ", "UTC")
        .env("BED_PASSWORD", PASSWORD)
        .stdin(Stdio::null());
    command
}

pub(crate) fn audit(home: &Path, arguments: &[&str]) -> Value {
    let output = command(home, arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(home: &Path, arguments: &[&str]) -> String {
    let output = command(home, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn sent_at(handoff: &Value) -> DateTime<Utc> {
    handoff["sent_at"].as_str().unwrap().parse().unwrap()
}

/// Every difference between what was found and what is true. `sdr_only`: only the SDR's mailbox was read.
fn differences(document: &Value, truth: &[Truth], sdr_only: bool) -> Vec<String> {
    let found = document["handoffs"].as_array().unwrap();
    let mut wrong = Vec::new();
    for one in found {
        let is_true =
            |known: &&Truth| one["prospects"].as_array().unwrap().iter().any(|it| it == &known.prospect);
        if truth.iter().find(is_true).is_none() {
            wrong.push(format!("invented: {one}"));
        }
    }
    for known in truth {
        let own: Vec<&Value> = found
            .iter()
            .filter(|one| one["prospects"].as_array().unwrap().iter().any(|it| it == &known.prospect))
            .collect();
        let [one] = own.as_slice() else {
            wrong.push(format!("found {} times: {known:?}", own.len()));
            continue;
        };
        let touch = match known.touch {
            "never" if sdr_only => "cannot tell",
            _ if sdr_only && !known.sdr_sees => "cannot tell",
            touch => touch,
        };
        let feedback = match known.feedback {
            // The AE's invitation, and so its meeting, is in the AE's mailbox alone.
            "never"
                if sdr_only && known.kind == Some("invite") && one["feedback"]["answer"] == "cannot tell" =>
            {
                "cannot tell"
            }
            feedback => feedback,
        };
        let expected = [
            ("/company", Value::from(known.company.as_str())),
            ("/sdr", SDR.0.into()),
            ("/ae", known.ae.into()),
            ("/record", known.record.into()),
            ("/touch/answer", touch.into()),
            ("/touch/kind", if touch == "cannot tell" { Value::Null } else { known.kind.into() }),
            ("/feedback/answer", feedback.into()),
            ("/source", "mail".into()),
            ("/id", Value::Null),
        ];
        for (path, value) in expected {
            if one.pointer(path) != Some(&value) {
                wrong.push(format!("{path} is not {value} of {known:?}: {one:#}"));
            }
        }
        if sent_at(one) != known.sent_at {
            wrong.push(format!("sent at another time than {known:?}: {one:#}"));
        }
        if one["evidence"].as_array().is_none_or(Vec::is_empty) {
            wrong.push(format!("no evidence: {one:#}"));
        }
    }
    wrong
}

fn assert_same(document: &Value, truth: &[Truth], sdr_only: bool) {
    let wrong = differences(document, truth, sdr_only);
    let shown: Vec<&String> = wrong.iter().take(5).collect();
    assert!(wrong.is_empty(), "{} differences, such as {shown:#?}", wrong.len());
}

fn mailboxes(folder: &Path, ending: &str) -> Vec<String> {
    [SDR, AES[0], AES[1]]
        .iter()
        .flat_map(|(_, address)| {
            ["--mailbox".to_owned(), folder.join(format!("{address}{ending}")).display().to_string()]
        })
        .collect()
}

fn with<'a>(arguments: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

#[test]
fn every_old_handoff_is_found_in_mbox_files_and_maildirs_and_none_is_invented() {
    // Enough for every form that is written by hand.
    let world = World::new(66, 3_000);
    const { assert!(66 - 66 / 3 >= FORMS) }
    let home = home(&nowhere());
    for (_, address) in [SDR, AES[0], AES[1]] {
        world.write_mbox(address, &home.path().join(format!("{address}.mbox")));
        world.write_maildir(address, &home.path().join(format!("{address}.maildir")), ".Sent", None);
    }
    let boxes = mailboxes(home.path(), ".mbox");
    assert_same(&audit(home.path(), &with(&boxes, &["--last", "1000"])), &world.truth, false);
    let dirs = mailboxes(home.path(), ".maildir");
    assert_same(&audit(home.path(), &with(&dirs, &["--last", "1000"])), &world.truth, false);
    // The SDR's mailbox alone accuses nobody.
    let own = audit(home.path(), &[boxes[0].as_str(), boxes[1].as_str(), "--last", "1000"]);
    assert_same(&own, &world.truth, true);
    // The newest ones, and those since a day.
    assert_eq!(audit(home.path(), &with(&boxes, &[]))["handoffs"].as_array().unwrap().len(), 30);
    let since = world.truth[25].sent_at.format("%Y-%m-%d").to_string();
    let late = audit(home.path(), &with(&boxes, &["--since", &since]));
    let expected =
        world.truth.iter().filter(|one| one.sent_at.format("%Y-%m-%d").to_string() >= since).count();
    assert_eq!(late["handoffs"].as_array().unwrap().len(), expected);
    let refusal = refused(home.path(), &["--mailbox", "dan"]);
    assert!(refusal.contains("did you mean `dana`?"), "{refusal}");
}

#[test]
fn accounts_are_read_without_a_trace() {
    let world = World::new(16, 300);
    let bed = TestBed::start();
    let home = on(&bed, &world);
    let flags = |address: &str| {
        let mut client = bed.client(address);
        client.command("EXAMINE INBOX");
        client.command("UID FETCH 1:* (FLAGS)")
    };
    let before = [SDR, AES[0], AES[1]].map(|(_, address)| flags(address));
    let three = ["--mailbox", "dana", "--mailbox", "calvin@vendor.example", "--mailbox", "Rita Blum"];
    assert_same(&audit(home.path(), &[&three[..], &["--last", "1000"]].concat()), &world.truth, false);
    assert_same(&audit(home.path(), &["--mailbox", "dana", "--last", "1000"]), &world.truth, true);
    assert_eq!(before, [SDR, AES[0], AES[1]].map(|(_, address)| flags(address)));
}

/// The world on the bed's server, and a configuration that knows its accounts.
fn on(bed: &TestBed, world: &World) -> tempfile::TempDir {
    use std::os::unix::fs::MetadataExt;
    for (_, address) in [SDR, AES[0], AES[1]] {
        let root = bed.path().join("mail").join(address);
        let about = fs::metadata(bed.path().join("mail")).unwrap();
        fs::create_dir_all(&root).unwrap();
        world.write_maildir(address, &root, "Sent", Some((about.uid(), about.gid())));
        let whole: PathBuf = root;
        let owner = format!("{}:{}", about.uid(), about.gid());
        assert!(Command::new("chown").args(["-R", &owner]).arg(&whole).status().unwrap().success());
    }
    let accounts: String = [("dana", SDR.1), ("calvin", AES[0].1), ("rita", AES[1].1)]
        .iter()
        .map(|(name, address)| bed.account_toml(name, address))
        .collect();
    home(&accounts)
}

/// Salesforce's form and HubSpot's: headings, separator, dates, owners.
fn export(truth: &[Truth], salesforce: bool, broken: usize) -> String {
    let mut text = if salesforce {
        "Opportunity Name,Account Name,Opportunity Owner,Created By,Created Date,Close Date,Contact: Email,Amount\r\n".to_owned()
    } else {
        "Record ID;Deal Name;Associated Company (Primary);Deal owner;SDR;Create Date;Associated Contact\r\n"
            .to_owned()
    };
    for (number, one) in truth.iter().enumerate() {
        let at = one.sent_at + chrono::TimeDelta::minutes(20);
        let company = format!("\"{}, Inc.\"", one.company);
        if salesforce {
            let date = at.format("%m/%d/%Y, %-I:%M %p");
            text += &format!(
                "\"{company_name}\r\nnew business\",{company},{},Dana Fox,\"{date}\",12/31/2026,{},100\r\n",
                one.ae,
                one.prospect,
                company_name = one.company
            );
        } else {
            let date = at.format("%Y-%m-%d %H:%M");
            text += &format!(
                "{number};{};{company};{};\"Fox, Dana\";{date};Somebody ({})\r\n",
                one.company, one.ae, one.prospect
            );
        }
    }
    for number in 0..broken {
        let (row, _) = BROKEN[usize::from(!salesforce)][number % 5];
        text += row;
        text += "\r\n";
    }
    text
}

/// Rows that cannot be taken, and why, in the form of Salesforce and in that of HubSpot.
const BROKEN: [[(&str, &str); 5]; 2] = [
    [
        ("x,\"Nobody, Inc.\",,Dana Fox,\"03/14/2026, 9:00 AM\",,,", "it names no AE"),
        ("x,Acme,Calvin Reyes,Dana Fox,soon,,,", "`soon` is no date (handoff)"),
        ("x,,Calvin Reyes,Dana Fox,\"03/14/2026, 9:00 AM\",,,", "it names neither a company nor a prospect"),
        ("Grand Totals (300 Records),,,,,,,", "it is no row of the table: `Grand Totals (300 Records)`"),
        ("x,Acme,Calvin Reyes,Dana Fox,\"03/14/2026, 9:00 AM\",,sarah@,", "`sarah@` is no address"),
    ],
    [
        ("1;x;Nobody;;Dana Fox;2026-03-14 09:00;", "it names no AE"),
        ("1;x;Acme;Calvin Reyes;Dana Fox;2026-13-14 09:00;", "`2026-13-14 09:00` is no date (handoff)"),
        ("1;x;;Calvin Reyes;Dana Fox;2026-03-14 09:00;", "it names neither a company nor a prospect"),
        ("1;x;Acme;Calvin Reyes;Dana Fox;;", "it has no date of the handoff"),
        (
            "1;x;Acme;Calvin Reyes;Dana Fox;2126-03-14 09:00;",
            "its handoff lies in the future: `2126-03-14 09:00`",
        ),
    ],
];

#[test]
fn rows_of_a_crm_are_matched_with_the_mail_and_what_is_unmatched_is_listed() {
    let handoffs = if is_long() { 304 } else { 40 };
    let world = World::new(handoffs, handoffs * 15);
    let home = home(&nowhere());
    for (_, address) in [SDR, AES[0], AES[1]] {
        world.write_mbox(address, &home.path().join(format!("{address}.mbox")));
    }
    let boxes = mailboxes(home.path(), ".mbox");
    // The mail has five handoffs without a row, the file one without mail.
    let mut rows = world.truth[5..].to_vec();
    let mut alone = world.truth[0].clone();
    (alone.company, alone.prospect) = ("Hooli".to_owned(), "gavin@hooli.example".to_owned());
    rows.push(alone);
    for salesforce in [true, false] {
        let text = export(&rows, salesforce, 20);
        let path = home.path().join("export.csv");
        // Excel writes a byte order mark, HubSpot UTF-16 on request.
        let bytes: Vec<u8> = if salesforce {
            [b"\xef\xbb\xbf", text.as_bytes()].concat()
        } else {
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        };
        fs::write(&path, bytes).unwrap();
        let document =
            audit(home.path(), &with(&boxes, &["--crm", "export.csv", "--zone", "UTC", "--last", "1000"]));
        let found = document["handoffs"].as_array().unwrap();
        assert_eq!(found.len(), handoffs + 1);
        let of = |source: &str| found.iter().filter(|one| one["source"] == source).collect::<Vec<_>>();
        assert_eq!((of("mail").len(), of("crm").len(), of("both").len()), (5, 1, handoffs - 5));
        for one in of("both") {
            let known =
                world.truth.iter().find(|known| one["prospects"][0] == known.prospect.as_str()).unwrap();
            assert_eq!(sent_at(one), known.sent_at, "the mail's time counts: {one:#}");
            assert_eq!(one["touch"]["answer"], known.touch, "{one:#}");
            assert!(one["line"].as_u64().is_some() && one["sdr"] == "Dana Fox");
        }
        let hooli = of("crm")[0];
        assert_eq!(
            (&hooli["company"], &hooli["ae"]),
            (&Value::from("Hooli, Inc."), &Value::from("Calvin Reyes"))
        );
        assert_eq!(hooli["touch"]["answer"], "never", "{hooli:#}");
        let reasons = skipped_rows(&text, salesforce);
        let skipped = document["skipped"].as_array().unwrap();
        let skipped: Vec<(u64, &str)> = skipped
            .iter()
            .map(|row| (row["line"].as_u64().unwrap(), row["reason"].as_str().unwrap()))
            .collect();
        assert_eq!(skipped, reasons.iter().map(|(line, why)| (*line, why.as_str())).collect::<Vec<_>>());
        // For people the same, a line each.
        let mut plain =
            run(home.path(), &["audit", "--crm", "export.csv", "--zone", "UTC", "--mailbox", &boxes[1]]);
        let shown = String::from_utf8(plain.output().unwrap().stdout).unwrap();
        for (line, why) in &reasons {
            assert!(
                shown.lines().any(|row| row == format!("- line {line}: {why}")),
                "{line}, {why}: {shown}"
            );
        }
    }
}

/// The lines of an export that cannot be taken, and why. Broken rows that are alike are the same row.
fn skipped_rows(text: &str, salesforce: bool) -> Vec<(u64, String)> {
    let broken = &BROKEN[usize::from(!salesforce)];
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (place, line) in text.split("\r\n").enumerate() {
        let Some((_, why)) = broken.iter().find(|(row, _)| *row == line) else { continue };
        let why = match first.get(line) {
            Some(first) => format!("it is the same as line {first}"),
            None => (*why).to_owned(),
        };
        first.entry(line).or_insert(place + 1);
        found.push((place as u64 + 1, why));
    }
    assert_eq!(found.len(), 20);
    found
}

#[test]
fn a_file_that_could_mean_two_things_is_refused() {
    let home = home(&nowhere());
    let write = |text: &str| fs::write(home.path().join("export.csv"), text).unwrap();
    write("Company,AE,Handoff\nAcme,Calvin Reyes,03/04/2026\nGlobex,Rita Blum,05/06/2026\n");
    let refusal = refused(home.path(), &["--crm", "export.csv"]);
    assert!(
        refusal.contains("`Handoff`") && refusal.contains("lines 2, 3") && refusal.contains("2026-11-24"),
        "{refusal}"
    );
    write("Company,Owner\nAcme,Calvin Reyes\n");
    let refusal = refused(home.path(), &["--crm", "export.csv"]);
    assert!(refusal.contains("handoff") && refusal.contains("its headings are Company, Owner"), "{refusal}");
    let refusal = refused(home.path(), &["--crm", "export.csv", "--column", "handoff=Date"]);
    assert!(refusal.contains("`Date`") && refusal.contains("Company, Owner"), "{refusal}");
}

/// A plain client: what it asks for comes as one stream and is thrown away.
struct PlainClient {
    stream: BufReader<TcpStream>,
}

impl PlainClient {
    fn at(bed: &TestBed, address: &str, folder: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", bed.ports.imap)).unwrap();
        let mut client = Self { stream: BufReader::with_capacity(1 << 16, stream) };
        client.stream.read_line(&mut String::new()).unwrap();
        client.ask(&format!("LOGIN {address} {PASSWORD}"));
        client.ask(&format!("EXAMINE {folder}"));
        client
    }

    /// Returns the bytes that came.
    fn ask(&mut self, line: &str) -> u64 {
        write!(self.stream.get_mut(), "ask {line}\r\n").unwrap();
        let (mut read, mut bytes) = (Vec::new(), 0);
        loop {
            read.clear();
            bytes += self.stream.read_until(b'\n', &mut read).unwrap() as u64;
            assert!(!read.is_empty(), "the server hung up");
            if read.starts_with(b"ask ") {
                return bytes;
            }
        }
    }
}

/// How long a plain client takes for every header of these mailboxes, and for the bodies of the mail that concerns the
/// handoffs, both in seconds and bytes.
fn plain_fetch(bed: &TestBed, world: &World) -> [(f64, u64); 2] {
    let concerned = |text: &str| text.contains("@firm") && !text.contains("@firm.example");
    let mut found = [(0.0, 0), (0.0, 0)];
    for (_, address) in [SDR, AES[0], AES[1]] {
        for (folder, is_sent) in [("INBOX", false), ("Sent", true)] {
            let mut client = PlainClient::at(bed, address, folder);
            let begun = Instant::now();
            found[0].1 += client.ask("UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])");
            found[0].0 += begun.elapsed().as_secs_f64();
            let inside = world.mailbox(address).filter(|(sent, _)| *sent == is_sent);
            let wanted = inside.enumerate().filter(|(_, (_, mail))| concerned(&mail.raw));
            let uids: Vec<String> = wanted.map(|(place, _)| (place + 1).to_string()).collect();
            let begun = Instant::now();
            for some in uids.chunks(32) {
                found[1].1 += client.ask(&format!("UID FETCH {} (UID BODY.PEEK[])", some.join(",")));
            }
            found[1].0 += begun.elapsed().as_secs_f64();
        }
    }
    found
}

/// Runs a command; returns its output, the seconds that it took, and the most memory that it had, in MiB.
fn measured(mut command: Command) -> (Vec<u8>, f64, f64) {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut out = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let mut most = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|rest| rest.split_whitespace().next());
        most = most.max(peak.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0);
        thread::sleep(Duration::from_millis(20));
    }
    let seconds = begun.elapsed().as_secs_f64();
    assert!(child.wait().unwrap().success());
    (reader.join().unwrap(), seconds, most)
}

fn is_long() -> bool {
    std::env::var_os("BATON_LONG").is_some()
}

/// The sizes of the measured mailboxes: handoffs and messages.
fn sizes() -> (usize, usize) {
    if is_long() { (300, 100_000) } else { (12, 400) }
}

/// What is measured is only held to its limits where the binary is optimised and the mailbox large.
fn assert_small(what: &str, mebibytes: f64) {
    let is_measured = is_long() && std::env::var_os("BATON_OPTIMISED").is_some();
    assert!(!is_measured || mebibytes < 50.0, "{what} took {mebibytes:.0} MiB");
}

#[test]
fn a_large_mailbox_is_read_in_little_memory_and_not_much_longer_than_its_headers_take() {
    let (handoffs, messages) = sizes();
    let world = World::new(handoffs, messages);
    let bed = TestBed::start();
    let home = on(&bed, &world);
    // The server makes its indexes when a folder is first looked at.
    plain_fetch(&bed, &world);
    let [(headers, header_bytes), (bodies, body_bytes)] = plain_fetch(&bed, &world);
    let arguments = ["--mailbox", "dana", "--mailbox", "calvin", "--mailbox", "rita", "--last", "100000"];
    let (out, seconds, most) = measured(command(home.path(), &arguments));
    let document: Value = serde_json::from_slice(&out).unwrap();
    println!(
        "{messages} messages, {handoffs} handoffs: {seconds:.1} s and {most:.0} MiB; a plain client: headers {headers:.1} s \
         ({} KiB), bodies {bodies:.1} s ({} KiB)",
        header_bytes / 1024,
        body_bytes / 1024
    );
    assert_same(&document, &world.truth, false);
    assert_small("an account", most);
    if std::env::var_os("BATON_OPTIMISED").is_some() && messages > 10_000 {
        assert!(seconds <= 2.0 * headers + bodies, "{seconds:.1} s");
    }
}

#[test]
fn large_files_are_read_in_little_memory() {
    let (handoffs, messages) = sizes();
    let world = World::new(handoffs, messages);
    let home = home(&nowhere());
    for (_, address) in [SDR, AES[0], AES[1]] {
        world.write_mbox(address, &home.path().join(format!("{address}.mbox")));
        world.write_maildir(address, &home.path().join(format!("{address}.maildir")), ".Sent", None);
    }
    for ending in [".mbox", ".maildir"] {
        let boxes = mailboxes(home.path(), ending);
        let (out, seconds, most) = measured(command(home.path(), &with(&boxes, &["--last", "100000"])));
        println!("{messages} messages, {handoffs} handoffs, {ending}: {seconds:.1} s and {most:.0} MiB");
        assert_same(&serde_json::from_slice(&out).unwrap(), &world.truth, false);
        assert_small(ending, most);
    }
}
