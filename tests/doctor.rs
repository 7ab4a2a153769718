//! What is likely to be wrong with an account or a configuration, each through the built binary: `baton doctor --json`
//! names it, with a remedy that works.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::{fs, os::unix::fs::PermissionsExt, path::Path, thread};

use serde_json::Value;
use support::{CALVIN, DANA, TestBed, agent::config_toml_with, script::Script};

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
fn examine(bed: &TestBed, home: &Path, case: &DoctorCase) -> Vec<String> {
    let right = right(bed);
    let folder = home.join(case.name.replace(' ', "-"));
    let text = right.replacen(&case.from, &case.to, 1);
    assert!(text != right || case.from == case.to, "{}: the configuration has no {:?}", case.name, case.from);
    let (status, document) = run(bed, &folder, &text);
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
    fs::write(&foreign, support::authority::stranger()).unwrap();
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
                "cannot be made",
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

#[test]
fn letters_that_others_could_answer_are_warned_about_and_nothing_is_wrong() {
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
    for (number, (text, found, remedy)) in [
        (right.clone(), "from them alone", None),
        (with_sam("sam"), "could say yes to the intros of Sam Reed", Some("an account of its own")),
        (with_sam("dana"), "Dana Fox and Sam Reed share a mailbox", Some("an account of their own")),
    ]
    .into_iter()
    .enumerate()
    {
        let (status, document) = run(&bed, &bed.work().join(format!("letters-{number}")), &text);
        let checks = document["checks"].as_array().unwrap();
        let letters = checks.iter().find(|one| one["check"] == "letters").unwrap();
        assert_eq!((status, &letters["ok"]), (0, &true.into()), "{document:#}");
        assert!(letters["found"].as_str().unwrap().contains(found), "{letters}");
        let said = letters["remedy"].as_str();
        assert_eq!(said.is_some(), remedy.is_some(), "{letters}");
        assert!(said.unwrap_or_default().contains(remedy.unwrap_or_default()), "{letters}");
    }
}
