//! What is likely to be wrong with an account or a configuration, each through the built binary: `baton doctor --json`
//! names it, with a remedy that works.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::support::{CALVIN, DANA, TestBed, agent::config_toml_with, script::Script};
use serde_json::Value;

/// A fault, made by replacing text in a configuration that is right, and what is said of it.
struct DoctorCase {
    name: &'static str,
    from: String,
    to: String,
    /// The account and the check that fail.
    check: (Option<&'static str>, &'static str),
    found: &'static str,
    remedy: &'static str,
    status: i32,
}

fn case(
    name: &'static str,
    (from, to): (impl Into<String>, impl Into<String>),
    check: &'static str,
    found: &'static str,
    remedy: &'static str,
    status: i32,
) -> DoctorCase {
    let account = matches!(check, "mailbox" | "submission" | "folders").then_some("dana");
    DoctorCase { name, from: from.into(), to: to.into(), check: (account, check), found, remedy, status }
}

const PASSWORD: &str = "password = { env = \"BED_PASSWORD\" }";

fn right(bed: &TestBed) -> String {
    let calvin = bed.account_toml("calvin", CALVIN);
    config_toml_with(&(bed.account_toml("dana", DANA) + &calvin), "", "")
}

fn run(bed: &TestBed, folder: &Path, text: &str) -> (i32, Value) {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join("baton.toml");
    fs::write(&path, text).unwrap();
    let output = bed.command(&["doctor", "--json", "--config", path.to_str().unwrap()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let document = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap_or(-1), document)
}

/// What is not as it ought to be.
#[expect(clippy::disallowed_methods, reason = "how long a person waits is part of it")]
fn examine(bed: &TestBed, home: &Path, case: &DoctorCase) -> Vec<String> {
    let right = right(bed);
    let folder = home.join(case.name.replace(' ', "-"));
    let text = right.replacen(&case.from, &case.to, 1);
    assert!(text != right || case.from == case.to, "{}: the configuration has no {:?}", case.name, case.from);
    let begun = std::time::Instant::now();
    let (status, document) = run(bed, &folder, &text);
    let is_slow = begun.elapsed() > Duration::from_secs(40);
    let (account, check) = case.check;
    let failed: Vec<&Value> =
        document["checks"].as_array().unwrap().iter().filter(|one| one["ok"] == false).collect();
    let is_it = |one: &&&Value| {
        let says = |key: &str, words: &str| one[key].as_str().unwrap_or_default().contains(words);
        one["account"].as_str() == account
            && one["check"] == check
            && says("found", case.found)
            && says("remedy", case.remedy)
    };
    let mut wrong = Vec::new();
    if is_slow {
        wrong.push(format!("{}: took {} s", case.name, begun.elapsed().as_secs()));
    }
    if failed.iter().find(is_it).is_none() {
        wrong.push(format!("{}: {failed:#?}", case.name));
    }
    if status != case.status || document["ok"] != false {
        wrong.push(format!("{}: status {status}, ok {}", case.name, document["ok"]));
    }
    wrong
}

fn examine_all(bed: &TestBed, cases: &[DoctorCase]) {
    let home = bed.work().join("cases");
    fs::create_dir_all(&home).unwrap();
    let wrong: Vec<String> = thread::scope(|scope| {
        let piece = cases.len().div_ceil(4);
        let workers: Vec<_> = cases
            .chunks(piece)
            .map(|cases| {
                let home = home.clone();
                scope.spawn(move || {
                    cases.iter().flat_map(|case| examine(bed, &home, case)).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_wrong_is_named_with_a_remedy() {
    let bed = TestBed::start();
    let work = bed.work();
    let file = |name: &str, text: &str| {
        fs::write(work.join(name), text).unwrap();
        work.join(name).display().to_string()
    };
    let (wrong, empty) = (file("wrong", "nope\n"), file("empty", "\n"));
    let foreign = work.join("foreign.pem");
    fs::write(&foreign, crate::support::authority::stranger()).unwrap();
    let key = file("key.json", "{}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o666)).unwrap();
    fs::create_dir(work.join("templates")).unwrap();
    file("templates/intro.txt", "{{ nobody }}");
    let imaps = format!("imaps://127.0.0.1:{}", bed.ports.imaps);
    let smtps = format!("smtps://127.0.0.1:{}", bed.ports.smtps);
    let ca = format!("ca = \"{}\"\n", bed.ca_path().display());
    let password = |source: &str| (PASSWORD, format!("password = {{ {source} }}"));
    let imap = |url: String| (imaps.clone(), url);
    let smtp = |url: String| (smtps.clone(), url);
    let oauth2 = |form: &str| (PASSWORD, format!("oauth2 = {{ {form} }}"));
    let custom = "custom = { authorize = \"http://127.0.0.1:1/a\", token = \"http://127.0.0.1:1/t\", client_id = \"x\" }";
    examine_all(
        &bed,
        &[
            case("no variable", password("env = \"NOT_SET\""), "mailbox", "NOT_SET is not set", "export", 3),
            case(
                "no password file",
                password("file = \"none\""),
                "mailbox",
                "cannot be read",
                "see `password`",
                3,
            ),
            case(
                "an empty password file",
                password(&format!("file = \"{empty}\"")),
                "mailbox",
                "is empty",
                "see `password`",
                3,
            ),
            case(
                "no such program",
                password("command = [\"no-such-program\"]"),
                "mailbox",
                "could not be started",
                "run what `password` names by hand",
                3,
            ),
            case(
                "a program that fails",
                password("command = [\"false\"]"),
                "mailbox",
                "failed",
                "run what `password` names by hand",
                3,
            ),
            case(
                "a wrong password",
                password(&format!("file = \"{wrong}\"")),
                "mailbox",
                "refuses the login",
                "check `login` and the password",
                4,
            ),
            case(
                "the same for sending",
                password(&format!("file = \"{wrong}\"")),
                "submission",
                "refuses the login",
                "check `login` and the password",
                4,
            ),
            case(
                "an unknown host",
                imap("imaps://no-such-host.invalid:993".to_owned()),
                "mailbox",
                "cannot be reached",
                "the name no-such-host.invalid is not known",
                4,
            ),
            case(
                "a closed port",
                imap("imaps://127.0.0.1:1".to_owned()),
                "mailbox",
                "cannot be reached",
                "check host and port of `imap`",
                4,
            ),
            case(
                "TLS where STARTTLS is",
                imap(format!("imaps://127.0.0.1:{}", bed.ports.imap)),
                "mailbox",
                "cannot be reached",
                "write imap+starttls:// instead of imaps://",
                4,
            ),
            case(
                "STARTTLS where TLS is",
                imap(format!("imap+starttls://127.0.0.1:{}", bed.ports.imaps)),
                "mailbox",
                "",
                "speaks TLS from the start: write imaps://",
                4,
            ),
            case(
                "submission TLS where STARTTLS is",
                smtp(format!("smtps://127.0.0.1:{}", bed.ports.submission)),
                "submission",
                "",
                "write smtp+starttls:// instead of smtps://",
                4,
            ),
            case(
                "submission STARTTLS where TLS is",
                smtp(format!("smtp+starttls://127.0.0.1:{}", bed.ports.smtps)),
                "submission",
                "",
                "speaks TLS from the start: write smtps://",
                4,
            ),
            case(
                "an unknown certificate",
                (ca.clone(), ""),
                "mailbox",
                "certificate that is not trusted",
                "name its file as `ca`",
                4,
            ),
            case(
                "another certificate",
                (ca, format!("ca = \"{}\"\n", foreign.display())),
                "submission",
                "certificate that is not trusted",
                "name its file as `ca`",
                4,
            ),
            case(
                "no such folder",
                (PASSWORD, format!("{PASSWORD}\nfolders = [\"INBOX\", \"Nope\"]")),
                "folders",
                "there is no folder Nope",
                "check `folders`",
                4,
            ),
            case("no consent", oauth2(custom), "mailbox", "nobody has given consent", "baton login dana", 3),
            case(
                "a key that others may write",
                oauth2(&format!("google = {{ service_account = \"{key}\" }}")),
                "configuration",
                "others than its owner may write",
                "chmod 600",
                3,
            ),
            case(
                "a misspelt key",
                (PASSWORD, format!("{PASSWORD}\nfoldrs = [\"INBOX\"]")),
                "configuration",
                "has no key `foldrs`",
                "did you mean `folders`?",
                3,
            ),
            case(
                "a misspelt account",
                ("account = \"dana\"\nop", "account = \"dona\"\nop"),
                "configuration",
                "there is no account `dona`",
                "did you mean `dana`?",
                3,
            ),
            case(
                "no folder for the database",
                ("\"baton.db\"", "\"none/baton.db\""),
                "database",
                "cannot be created",
                "its folder has to exist",
                3,
            ),
            case(
                "a broken template",
                ("database =", format!("templates = \"{}\"\ndatabase =", work.join("templates").display())),
                "templates",
                "the templates cannot be used",
                "baton templates",
                3,
            ),
        ],
    );
}

#[test]
fn what_servers_say_is_told_as_what_to_change() {
    let bed = TestBed::start();
    let right = right(&bed);
    let imaps = format!("imaps://127.0.0.1:{}", bed.ports.imaps);
    let smtps = format!("smtps://127.0.0.1:{}", bed.ports.smtps);
    let capability = ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n");
    for (number, (words, remedy)) in [
        (
            "[ALERT] Application-specific password required: https://support.google.com/",
            "make an app password",
        ),
        ("[ALERT] Your account is not enabled for IMAP use.", "turn IMAP on"),
        ("LOGIN failed. LogonDenied-BasicAuthBlocked", "Microsoft 365 takes no passwords"),
        ("[ALERT] Too many simultaneous connections. (Failure)", "try again later"),
    ]
    .into_iter()
    .enumerate()
    {
        let refusal = format!("TAG NO {words}\r\n");
        let script = Script::serve("* OK\r\n", &[capability, ("LOGIN", &refusal)]);
        let text = right.replacen(&imaps, &format!("imap://127.0.0.1:{}", script.port), 1);
        let (status, document) = run(&bed, &bed.work().join(format!("imap-{number}")), &text);
        let shown = document.to_string();
        assert!(status == 4 && shown.contains(remedy), "{words}: {document:#}");
        script.lines();
    }
    for (number, (steps, remedy)) in [
        (
            vec![("EHLO", "250-hi\r\n250 AUTH LOGIN PLAIN\r\n"), ("AUTH", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.\r\n")],
            "Set-CASMailbox",
        ),
        (
            vec![("EHLO", "250 hi\r\n"), ("MAIL", "530 5.7.0 Authentication required\r\n")],
            "name the submission server",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let script = Script::serve("220 hi\r\n", &steps);
        let text = right.replacen(&smtps, &format!("smtp://127.0.0.1:{}", script.port), 1);
        let (status, document) = run(&bed, &bed.work().join(format!("smtp-{number}")), &text);
        let shown = document.to_string();
        assert!(status == 4 && shown.contains(remedy), "{document:#}");
        script.lines();
    }
    let (status, document) = run(&bed, &bed.work().join("right"), &right);
    assert_eq!((status, &document["ok"]), (0, &Value::Bool(true)), "{document:#}");
    assert_eq!(document["checks"][0]["account"], Value::Null);
}

/// What somebody does who has read the remedy.
enum Followed {
    /// Changes a text of the configuration.
    Change(String, String),
    /// Sets a variable where baton runs.
    Export(&'static str, &'static str),
    /// Writes a file, of this mode, in the folder of the configuration.
    Write(&'static str, &'static str, u32),
    Mode(&'static str, u32),
    Delete(&'static str),
    MakeFolder(&'static str),
}

/// A fault, what the remedy says, and what is done about it.
struct FollowedCase {
    name: &'static str,
    from: String,
    to: String,
    remedy: &'static str,
    followed: Followed,
}

fn followed(
    name: &'static str,
    (from, to): (impl Into<String>, impl Into<String>),
    remedy: &'static str,
    followed: Followed,
) -> FollowedCase {
    FollowedCase { name, from: from.into(), to: to.into(), remedy, followed }
}

fn change(from: impl Into<String>, to: impl Into<String>) -> Followed {
    Followed::Change(from.into(), to.into())
}

/// What is not as it ought to be after a remedy was followed.
fn follow(bed: &TestBed, home: &Path, case: &FollowedCase) -> Option<String> {
    let right = right(bed);
    let folder = home.join(case.name.replace(' ', "-"));
    fs::create_dir_all(folder.join("templates")).unwrap();
    let write = |name: &str, text: &str, mode: u32| {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    write("wrong", "nope\n", 0o600);
    write("empty", "\n", 0o600);
    write("kept", "secret\n", 0o600);
    write("templates/intro.txt", "{{ nobody }}", 0o644);
    fs::write(folder.join("foreign.pem"), crate::support::authority::stranger()).unwrap();
    if case.name.contains("token file") {
        write("baton.db.tokens", "{\"version\": 1, \"grants\": {}}", 0o644);
    }
    let here = |text: &str| text.replace("HERE", folder.to_str().unwrap());
    assert!(right.contains(&case.from), "{}: the configuration has no {:?}", case.name, case.from);
    let faulty = here(&right.replacen(&case.from, &case.to, 1));
    let (status, document) = run(bed, &folder, &faulty);
    let checks = document["checks"].as_array().unwrap();
    let says = |check: &Value| check["remedy"].as_str().is_some_and(|remedy| remedy.contains(case.remedy));
    if status == 0 || !checks.iter().any(|check| check["ok"] == false && says(check)) {
        return Some(format!("{}: status {status}, {document:#}", case.name));
    }
    let mut text = faulty.clone();
    let mut variable = ("UNUSED", "");
    match &case.followed {
        Followed::Change(from, to) => {
            let (from, to) = (here(from), here(to));
            assert!(faulty.contains(&from), "{}: the configuration has no {from:?}", case.name);
            text = faulty.replacen(&from, &to, 1);
        }
        Followed::Export(name, value) => variable = (name, value),
        Followed::Write(name, content, mode) => write(name, content, *mode),
        Followed::Mode(name, mode) => {
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(*mode)).unwrap();
        }
        Followed::Delete(name) => fs::remove_file(folder.join(name)).unwrap(),
        Followed::MakeFolder(name) => fs::create_dir(folder.join(name)).unwrap(),
    }
    let path = folder.join("baton.toml");
    fs::write(&path, text).unwrap();
    let mut command = bed.command(&["doctor", "--json", "--config", path.to_str().unwrap()]);
    let output = command.env(variable.0, variable.1).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    (document["ok"] != true || output.status.code() != Some(0))
        .then(|| format!("{}, once the remedy was followed: {document:#}", case.name))
}

#[test]
fn every_remedy_makes_it_green_when_it_is_followed() {
    let bed = TestBed::start();
    let ports = bed.ports;
    let imaps = format!("imaps://127.0.0.1:{}", ports.imaps);
    let smtps = format!("smtps://127.0.0.1:{}", ports.smtps);
    let ca = format!("ca = \"{}\"\n", bed.ca_path().display());
    let password = |source: &str| (PASSWORD, format!("password = {{ {source} }}"));
    let cases = [
        followed(
            "no variable",
            password("env = \"NOT_SET\""),
            "`export` it",
            Followed::Export("NOT_SET", "secret"),
        ),
        followed(
            "no password file",
            password("file = \"none\""),
            "see `password`",
            Followed::Write("none", "secret\n", 0o600),
        ),
        followed(
            "an empty password file",
            password("file = \"empty\""),
            "see `password`",
            Followed::Write("empty", "secret\n", 0o600),
        ),
        followed(
            "no such program",
            password("command = [\"HERE/ask\"]"),
            "run what `password` names by hand",
            Followed::Write("ask", "#!/bin/sh\necho secret\n", 0o700),
        ),
        followed(
            "a program that fails",
            password("command = [\"false\"]"),
            "run what `password` names by hand",
            change("\"false\"", "\"echo\", \"secret\""),
        ),
        followed(
            "a wrong password",
            password("file = \"wrong\""),
            "check `login` and the password",
            Followed::Write("wrong", "secret\n", 0o600),
        ),
        followed(
            "no keyring",
            password("keyring = true"),
            "use { file = \"..\" }",
            change("keyring = true", "file = \"kept\""),
        ),
        followed(
            "a password in the file",
            (PASSWORD, "password = \"hunter2\""),
            "{ env = \"..\" }",
            change("\"hunter2\"", "{ env = \"BED_PASSWORD\" }"),
        ),
        followed(
            "an unknown host",
            (imaps.clone(), format!("imaps://no-such-host.invalid:{}", ports.imaps)),
            "the name no-such-host.invalid is not known",
            change("no-such-host.invalid", "127.0.0.1"),
        ),
        followed(
            "a closed port",
            (imaps.clone(), "imaps://127.0.0.1:1".to_owned()),
            "check host and port of `imap`",
            change("imaps://127.0.0.1:1\"", format!("{imaps}\"")),
        ),
        followed(
            "TLS where STARTTLS is",
            (imaps.clone(), format!("imaps://127.0.0.1:{}", ports.imap)),
            "write imap+starttls:// instead of imaps://",
            change("imaps://", "imap+starttls://"),
        ),
        followed(
            "STARTTLS where TLS is",
            (imaps.clone(), imaps.replace("imaps", "imap+starttls")),
            "write imaps://",
            change("imap+starttls://", "imaps://"),
        ),
        followed(
            "submission TLS where STARTTLS is",
            (smtps.clone(), format!("smtps://127.0.0.1:{}", ports.submission)),
            "write smtp+starttls:// instead of smtps://",
            change("smtps://", "smtp+starttls://"),
        ),
        followed(
            "submission STARTTLS where TLS is",
            (smtps.clone(), smtps.replace("smtps", "smtp+starttls")),
            "write smtps://",
            change("smtp+starttls://", "smtps://"),
        ),
        followed(
            "an unknown certificate",
            (ca.clone(), ""),
            "name its file as `ca` in the account: the root certificate of",
            change("[accounts.dana]\n", format!("[accounts.dana]\n{ca}")),
        ),
        followed(
            "another certificate",
            (ca.clone(), "ca = \"foreign.pem\"\n"),
            "name its file as `ca`",
            change("ca = \"foreign.pem\"\n", ca.clone()),
        ),
        followed(
            "no such folder",
            (PASSWORD, format!("{PASSWORD}\nfolders = [\"INBOX\", \"Nope\"]")),
            "check `folders`",
            change("\"Nope\"", "\"Sent\""),
        ),
        followed(
            "a misspelt key",
            (PASSWORD, format!("{PASSWORD}\nfoldrs = [\"INBOX\"]")),
            "did you mean `folders`?",
            change("foldrs", "folders"),
        ),
        followed(
            "a misspelt account",
            ("account = \"dana\"\nop", "account = \"dona\"\nop"),
            "did you mean `dana`?",
            change("dona", "dana"),
        ),
        followed(
            "a zone that does not exist",
            ("zone = \"America/New_York\"", "zone = \"America/NewYork\""),
            "did you mean `America/New_York`?",
            change("America/NewYork", "America/New_York"),
        ),
        followed(
            "a manager who is none",
            ("roles = [\"manager\"]", "roles = [\"sdr\"]"),
            "add `manager` to the roles",
            change(
                "roles = [\"sdr\"]\naddress = \"morgan",
                "roles = [\"sdr\", \"manager\"]\naddress = \"morgan",
            ),
        ),
        followed(
            "a key below a table",
            ("[agent]\n", "[agent]\ntemplates = \"HERE\"\n"),
            "at the top of the file",
            change("[agent]\ntemplates = \"HERE\"\n", "[agent]\n"),
        ),
        followed(
            "no folder for the database",
            ("\"baton.db\"", "\"none/baton.db\""),
            "its folder has to exist",
            Followed::MakeFolder("none"),
        ),
        followed(
            "a broken template",
            ("database =", "templates = \"templates\"\ndatabase ="),
            "baton templates",
            Followed::Delete("templates/intro.txt"),
        ),
        followed(
            "a token file that others may read",
            ("database =", "database ="),
            "set the file's mode",
            Followed::Mode("baton.db.tokens", 0o600),
        ),
    ];
    let home = bed.work().join("followed");
    fs::create_dir_all(&home).unwrap();
    let wrong: Vec<String> = thread::scope(|scope| {
        let piece = cases.len().div_ceil(5);
        let workers: Vec<_> = cases
            .chunks(piece)
            .map(|cases| {
                let (bed, home) = (&bed, &home);
                scope.spawn(move || {
                    cases.iter().filter_map(|case| follow(bed, home, case)).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn doctor_looks_at_servers_folders_and_a_mail_of_its_own() {
    let bed = TestBed::start();
    bed.write_config(&right(&bed));
    let said = bed.baton(&["doctor", "--send", "--json"]).expect_status(0).json();
    let found = |name: &str| -> Vec<String> {
        let checks = said["checks"].as_array().unwrap();
        let those = checks.iter().filter(|check| check["check"] == name);
        those.map(|check| check["found"].as_str().unwrap().to_owned()).collect()
    };
    for (check, count, words) in [
        ("IMAP server", 1, "certificate by "),
        ("SMTP server", 1, "mail up to "),
        ("capabilities", 2, "SPECIAL-USE"),
        ("folders", 2, "watched: INBOX (0 mails"),
        ("folders", 2, "not watched: "),
        ("test mail", 2, "arrived after"),
        ("notification", 2, "IDLE told of it after"),
        ("Message-ID", 2, "kept as baton gives it"),
        ("Sent copy", 4, "baton puts one into Sent"),
    ] {
        let all = found(check);
        assert!(all.len() == count && all.iter().any(|one| one.contains(words)), "{check}: {all:?}");
    }
}

#[test]
fn what_is_wrong_in_one_place_keeps_nothing_else_from_being_looked_at() {
    let bed = TestBed::start();
    let folder = bed.work().join("broken");
    fs::create_dir_all(folder.join("templates")).unwrap();
    fs::write(folder.join("templates/intro.txt"), "{{ nobody }}").unwrap();
    let broken = right(&bed).replacen("database =", "templates = \"templates\"\ndatabase =", 1);
    let (status, document) = run(&bed, &folder, &broken);
    let checks = document["checks"].as_array().unwrap();
    let of = |name: &str| checks.iter().filter(|check| check["check"] == name).count();
    assert_eq!(
        (status, of("templates"), of("mailbox"), of("submission"), of("IMAP server")),
        (3, 1, 2, 2, 1)
    );
    fs::write(folder.join("baton.db.tokens"), "{\"version\": 1, \"grants\": {}}").unwrap();
    fs::set_permissions(folder.join("baton.db.tokens"), fs::Permissions::from_mode(0o640)).unwrap();
    let (status, document) = run(&bed, &folder, &right(&bed));
    let shown = document.to_string();
    assert!(status == 3 && shown.contains("chmod 600") && shown.contains("certificate by"), "{document:#}");
}

#[test]
fn a_database_that_is_not_there_is_told_apart_from_one_that_is_gone() {
    let bed = TestBed::start();
    let folder = bed.work().join("young");
    let database = |status: i32| {
        let (found, document) = run(&bed, &folder, &right(&bed));
        assert_eq!(found, status, "{document:#}");
        let checks = document["checks"].as_array().unwrap();
        checks.iter().find(|check| check["check"] == "database").unwrap().clone()
    };
    let place = folder.join("baton.db");
    let check = database(0);
    assert_eq!((&check["ok"], place.exists()), (&true.into(), false), "{check}");
    assert!(check["found"].as_str().unwrap().starts_with("there is none yet at "), "{check}");
    assert!(check["remedy"].as_str().unwrap().contains("`baton send` or `baton run`"), "{check}");
    let config = folder.join("baton.toml");
    bed.baton(&["run", "--once", "--config", config.to_str().unwrap()]).expect_status(0);
    let check = database(0);
    assert_eq!((&check["ok"], &check["remedy"]), (&true.into(), &Value::Null), "{check}");
    assert!(check["found"].as_str().unwrap().ends_with("baton.db"), "{check}");
    fs::remove_file(&place).unwrap();
    let check = database(3);
    assert!(check["found"].as_str().unwrap().contains("is gone"), "{check}");
    assert!(check["remedy"].as_str().unwrap().contains("baton restore"), "{check}");
}

/// A server that shows this certificate and says nothing; its port. Serves until the process ends.
fn shows(folder: &Path, certificate: &str) -> u16 {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_file(folder.join(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(folder.join("leaf.key")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let (config, listener) = (std::sync::Arc::new(config), TcpListener::bind(("127.0.0.1", 0)).unwrap());
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let config = std::sync::Arc::clone(&config);
            thread::spawn(move || {
                let mut connection = rustls::ServerConnection::new(config).unwrap();
                // Until the client has seen enough.
                while connection.complete_io(&mut stream).is_ok_and(|(read, _)| read > 0) {}
            });
        }
    });
    port
}

#[test]
fn each_fault_of_a_certificate_has_its_own_remedy() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    crate::support::authority::write_faulty_into(folder);
    let company = "if the company has its own certificate authority, name its file as `ca`";
    let cases = [
        ("expired.pem", "ca.pem", "which has passed", "has to renew its certificate"),
        ("other-host.pem", "ca.pem", "is only valid for", "use the name that the certificate is for"),
        ("unknown.pem", "ca.pem", "certificate by a stranger", "the root certificate of a stranger"),
        ("self-signed.pem", "ca.pem", "certificate by localhost", company),
        ("own-authority.pem", "ca.pem", "certificate by localhost", "with `basicConstraints=CA:FALSE`"),
    ];
    let followed = [("self-signed.pem", "self-signed.pem"), ("unknown.pem", "stranger.pem")];
    let mut accounts = String::new();
    let mut account = |certificate: &str, ca: &str| {
        let port = shows(folder, certificate);
        accounts += &format!(
            "[accounts.a{port}]\naddress = \"a{port}@vendor.example\"\nimap = \"imaps://localhost:{port}\"\nsmtp = \
             \"smtps://localhost:{port}\"\npassword = {{ env = \"BED_PASSWORD\" }}\nca = \"{ca}\"\n"
        );
        port
    };
    let ports = cases.map(|(certificate, ca, ..)| account(certificate, ca));
    let trusted = followed.map(|(certificate, ca)| account(certificate, ca));
    let text = super::mistakes::config()
        .replace("[[people]]\nname = \"Dana", &format!("{accounts}\n[[people]]\nname = \"Dana"));
    fs::write(folder.join("baton.toml"), text).unwrap();
    let said = super::mistakes::run(folder, &["doctor", "--json"], Some("secret")).expect_status(4).json();
    let checks = said["checks"].as_array().unwrap();
    for ((certificate, _, found, remedy), port) in cases.iter().zip(ports) {
        for name in ["IMAP server", "SMTP server"] {
            let is_it = |check: &&Value| {
                check["check"] == name && check["found"].as_str().unwrap().contains(&port.to_string())
            };
            let check = checks.iter().find(is_it).unwrap();
            assert_eq!(check["ok"], false, "{certificate}: {check}");
            let has = |key: &str, words: &str| check[key].as_str().unwrap().contains(words);
            assert!(has("found", found) && has("remedy", remedy), "{certificate}: {check}");
        }
        // Where the mailbox is opened, the same is said.
        let is_it = |check: &&Value| check["check"] == "mailbox" && check["account"] == format!("a{port}");
        let check = checks.iter().find(is_it).unwrap();
        let part = remedy.split(" of ").next().unwrap_or(remedy);
        let is_named = check["remedy"].as_str().unwrap().contains(if part.starts_with("the root") {
            company
        } else {
            part
        });
        assert!(check["ok"] == false && is_named, "{certificate}: {check}");
    }
    // Who does as it says is trusted.
    for ((certificate, _), port) in followed.iter().zip(trusted) {
        let is_it = |check: &&Value| {
            check["check"] == "SMTP server" && check["found"].as_str().unwrap().contains(&port.to_string())
        };
        let check = checks.iter().find(is_it).unwrap();
        assert!(!check["found"].as_str().unwrap().contains("not trusted"), "{certificate}: {check}");
    }
}

#[test]
fn each_line_comes_when_it_is_known() {
    use std::io::{BufRead, BufReader};
    let home = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let text = super::mistakes::config().replace("127.0.0.1:1", &format!("127.0.0.1:{port}"));
    fs::write(home.path().join("baton.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command.arg("doctor").current_dir(home.path()).env("BED_PASSWORD", "secret").env("HOME", home.path());
    let mut doctor = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(doctor.stdout.take().unwrap()).lines();
    for label in ["configuration", "time zones", "clock"] {
        let line = lines.next().unwrap().unwrap();
        assert!(line.contains(label), "{line}");
    }
    assert!(doctor.try_wait().unwrap().is_none(), "it still waits for the server that says nothing");
    doctor.kill().unwrap();
    doctor.wait().unwrap();
}

#[test]
fn a_server_between_servers_is_no_submission_server() {
    let bed = TestBed::start();
    let script = Script::serve(
        "220 hi\r\n",
        &[("EHLO", "250 hi\r\n"), ("MAIL", "250 ok\r\n"), ("RCPT", "554 5.7.1 Relay access denied\r\n")],
    );
    let smtps = format!("smtps://127.0.0.1:{}", bed.ports.smtps);
    let text = right(&bed).replacen(&smtps, &format!("smtp://127.0.0.1:{}", script.port), 1);
    let (status, document) = run(&bed, &bed.work().join("relay"), &text);
    let shown = document.to_string();
    assert!(status == 4 && shown.contains("name the submission server, usually port 587"), "{document:#}");
    // To one's own address such a server would take it.
    let heard = script.lines();
    assert!(heard.last().is_some_and(|line| !line.contains(DANA) && !line.contains(CALVIN)), "{heard:?}");
}

#[test]
fn mailboxes_through_which_others_could_say_yes_are_warned_about_and_nothing_is_wrong() {
    let bed = TestBed::start();
    let right = right(&bed);
    let with_sam = |account: &str| {
        let own = bed.account_toml("sam", "sam@vendor.example");
        let text = right.replacen("[[people]]", &format!("{own}[[people]]"), 1);
        format!(
            "{text}\n[[people]]\nname = \"Sam Reed\"\nroles = [\"sdr\"]\naddress = \"sam@vendor.example\"\n\
             account = \"{account}\"\nmanager = \"Morgan Hale\"\n"
        )
    };
    for (number, (text, warned)) in [
        (right.clone(), vec![]),
        (
            with_sam("sam"),
            vec![("agent's mailbox", "what lets Sam Reed send an intro by mail passes through it")],
        ),
        (
            with_sam("dana"),
            vec![
                ("agent's mailbox", "what lets Sam Reed send an intro by mail passes through it"),
                ("shared mailbox", "Dana Fox and Sam Reed share the mailbox"),
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (status, document) = run(&bed, &bed.work().join(format!("letters-{number}")), &text);
        let checks = document["checks"].as_array().unwrap();
        let about = |check: &&Value| {
            check["check"].as_str().is_some_and(|name| ["agent's mailbox", "shared mailbox"].contains(&name))
        };
        let found: Vec<&Value> = checks.iter().filter(about).collect();
        assert_eq!((status, found.len()), (0, warned.len()), "{document:#}");
        for (check, (name, words)) in found.into_iter().zip(warned) {
            assert_eq!((&check["check"], &check["ok"]), (&name.into(), &true.into()), "{document:#}");
            assert!(check["found"].as_str().unwrap().contains(words), "{check}");
            assert!(check["remedy"].is_string(), "{check}");
        }
    }
}
