//! The table of docs/reload.md: what a running agent does when its configuration changes, and what it says of itself.

use std::fs;
use std::process::Command;

use crate::support::agent::Agent;
use crate::support::{CALVIN, DANA, OPERATOR, PASSWORD, TestBed, wait_until};
use serde_json::Value;

const POLICY: &str = "policy = \"elapsed\"\nhours = \"1h\"";

const RITA: &str = "
[[people]]
name = \"Rita Vale\"
roles = [\"ae\"]
address = \"rita@vendor.example\"
zone = \"America/New_York\"
";

fn record(ae: &str, company: &str) -> String {
    include_str!("../support/record.txt")
        .replace("{start}", "2036-11-27 10:00:00 UTC")
        .replace("{length}", "30 min")
        .replace("Calvin Reyes", ae)
        .replace("Acme Corp", company)
        .replace("acme.example", &format!("{}.example", company.to_lowercase()))
}

fn started(bed: &TestBed) -> (Agent, String) {
    let toml = bed.config_toml(POLICY, "");
    bed.write_config(&toml);
    let agent = bed.agent();
    wait_until("all to be well", || bed.baton(&["health"]).status == 0);
    (agent, toml)
}

fn health(bed: &TestBed) -> Value {
    bed.baton(&["health", "--json"]).json()
}

fn wait_for_configuration(bed: &TestBed, state: &str) {
    wait_until(&format!("the configuration to be {state}"), || {
        health(bed)["agent"]["configuration"] == state
    });
}

/// Waits until the agent has found what is wrong with the present files, too, not this process alone.
fn wait_for_refusal(bed: &TestBed, before: usize) {
    wait_until("the agent to refuse it", || refusals(bed) > before);
}

fn refusals(bed: &TestBed) -> usize {
    bed.agent_log().matches("so the agent goes on with the older one").count()
}

fn send(bed: &TestBed, ae: &str, company: &str) -> Value {
    bed.write_file("record.txt", &record(ae, company));
    bed.baton(&["send", "record.txt", "--yes", "--json"]).expect_status(0).json()
}

#[test]
fn changes_hold_within_seconds_and_open_handoffs_keep_what_they_have() {
    let bed = TestBed::start();
    let (agent, base) = started(&bed);
    let first = send(&bed, "Calvin Reyes", "Acme");
    let (id, deadline) = (first["id"].as_str().unwrap(), &first["deadline"]);

    let with_rita = base.clone() + RITA;
    bed.write_config(&with_rita);
    // At once: what is shown is what leaves.
    send(&bed, "Rita Vale", "Initech");
    let to_rita = |message: &crate::support::client::Stored| {
        message.header("Subject").is_some_and(|it| it.contains("Rita"))
    };
    let intro = bed.wait_for("sarah@initech.example", "INBOX", 1, to_rita).remove(0);
    assert!(intro.header("Cc").unwrap().contains("rita@vendor.example"));

    let moved = with_rita.replace("rita@vendor.example", "rita.vale@vendor.example");
    bed.write_config(&moved);
    send(&bed, "Rita Vale", "Hooli");
    let intro = bed.wait_for("sarah@hooli.example", "INBOX", 1, to_rita).remove(0);
    assert!(intro.header("Cc").unwrap().contains("rita.vale@vendor.example"));

    let spare = bed.account_toml("spare", "spare@vendor.example");
    bed.write_file("password", PASSWORD);
    let by_file = moved.replace("{ env = \"BED_PASSWORD\" }", "{ file = \"password\" }");
    bed.write_file("people.csv", "name,roles,address\nMia Berg,ae,mia@vendor.example\n");
    bed.write_file("days.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20361126\r\nSUMMARY:Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    fs::create_dir(bed.work().join("own")).unwrap();
    let calvin = format!("address = \"{CALVIN}\"\naccount");
    let good = [
        (
            "an alias",
            moved.replace(
                &calvin,
                &format!("address = \"{CALVIN}\"\naliases = [\"c@vendor.example\"]\naccount"),
            ),
        ),
        ("an account", moved.clone() + &spare),
        ("a password", by_file),
        ("a policy", moved.replace("hours = \"1h\"", "hours = \"3h\"")),
        ("templates", format!("templates = \"own\"\n{moved}")),
        ("a file of people", format!("people_file = \"people.csv\"\n{moved}")),
        (
            "holidays",
            moved.replace(&calvin, &format!("address = \"{CALVIN}\"\nholidays = [\"days.ics\"]\naccount")),
        ),
    ];
    for (what, toml) in good {
        println!("{what}");
        bed.write_config(&toml);
        wait_for_configuration(&bed, "present");
        assert_eq!(&bed.baton(&["show", id, "--json"]).json()["deadline"], deadline, "{what}");
        wait_until("all to be well", || bed.baton(&["health"]).status == 0);
    }
    // The last one names a file that changes alone.
    bed.write_file("days.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20361224\r\nSUMMARY:Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    assert_ne!(health(&bed)["agent"]["configuration"], "present");
    wait_for_configuration(&bed, "present");
    assert_eq!(agent.stop(), 0);
    let state = health(&bed);
    assert_eq!(
        (&state["agent"]["running"], &state["agent"]["configuration"]),
        (&Value::from(false), &Value::Null)
    );
}

#[test]
fn a_configuration_with_faults_changes_nothing_and_each_of_them_is_told_once() {
    let bed = TestBed::start();
    let (agent, base) = started(&bed);
    let id = send(&bed, "Calvin Reyes", "Acme")["id"].as_str().unwrap().to_owned();
    bed.write_file("people.csv", "name,roles,address\nMia Berg,pilot,mia@vendor.example\n");
    fs::create_dir(bed.work().join("own")).unwrap();
    bed.write_file("own/intro.txt", "{% if %}");
    let calvin = format!("address = \"{CALVIN}\"\naccount");
    let (before, rest) = base.split_once("[[people]]\nname = \"Calvin").unwrap();
    let (_, after) = rest.split_once("[[people]]\nname = \"Morgan").unwrap();
    let without_calvin = format!("{before}[[people]]\nname = \"Morgan{after}");
    let bad = [
        ("a person with a role that there is not", base.clone() + &RITA.replace("\"ae\"", "\"pilot\"")),
        ("an address that is none", base.clone() + &RITA.replace("rita@vendor.example", "rita")),
        ("somebody's alias", base.clone() + &RITA.replace("zone", &format!("aliases = [\"{DANA}\"]\nzone"))),
        ("an account without a server", base.replacen("imap = \"imaps://", "imap = \"nowhere://", 1)),
        ("a variable that is not set", base.replacen("BED_PASSWORD", "NOT_SET_ANYWHERE", 1)),
        ("a policy that there is not", base.replace("\"elapsed\"", "\"whenever\"")),
        ("a broken template", format!("templates = \"own\"\n{base}")),
        ("a broken file of people", format!("people_file = \"people.csv\"\n{base}")),
        (
            "holidays that are not there",
            base.replace(&calvin, &format!("address = \"{CALVIN}\"\nholidays = [\"gone.ics\"]\naccount")),
        ),
        ("no TOML", base.replace("[agent]", "[agent")),
        ("the AE of an open handoff gone", without_calvin),
        ("that AE's account gone", base.replace("account = \"calvin\"\n", "")),
        ("another database", base.replace("baton.db", "other.db")),
        (
            "another agent's account",
            base.replace("[agent]\naccount = \"dana\"", "[agent]\naccount = \"calvin\""),
        ),
    ];
    let faulty = bad.iter().filter(|(what, _)| !what.starts_with("another")).count();
    for (what, toml) in bad {
        println!("{what}");
        let before = refusals(&bed);
        bed.write_config(&toml);
        wait_for_refusal(&bed, before);
        if what != "another database" {
            wait_for_configuration(&bed, "faulty");
            bed.baton(&["health"]).expect_status(1);
        }
    }
    // A correction that would act on what the agent does not take does nothing.
    bed.baton(&["touch", &id, "--why", "called"]).expect_status(3);
    let is_about_it =
        |message: &crate::support::client::Stored| message.text.contains("the configuration has faults");
    // Each fault is told, and one that comes back is no news.
    bed.wait_for(OPERATOR, "INBOX", faulty, is_about_it);
    let before = refusals(&bed);
    bed.write_config(&base.replace("\"elapsed\"", "\"whenever\""));
    wait_for_refusal(&bed, before);
    bed.write_config(&base);
    wait_for_configuration(&bed, "present");
    wait_until("all to be well", || bed.baton(&["health"]).status == 0);
    bed.baton(&["touch", &id, "--why", "called"]).expect_status(0);
    assert_eq!(bed.wait_for(OPERATOR, "INBOX", faulty, is_about_it).len(), faulty);
    assert_eq!(agent.stop(), 0);
}

/// How often this person's mailbox was logged into.
fn logins(bed: &TestBed, address: &str) -> usize {
    bed.imap.log().matches(&format!("Login: user=<{address}>")).count()
}

fn reloads(bed: &TestBed) -> usize {
    bed.agent_log().matches("the configuration is read again and holds from now on").count()
}

/// Has the agent take up what `change` makes, whether or not the files are others by it.
fn reload(bed: &TestBed, change: impl FnOnce()) {
    let before = reloads(bed);
    change();
    wait_until("the agent to have read its configuration", || reloads(bed) > before);
    wait_for_configuration(bed, "present");
    wait_until("all to be well", || bed.baton(&["health"]).status == 0);
}

fn submit_to_dana(bed: &TestBed, number: usize) {
    let text = format!(
        "From: Nina <nina@elsewhere.example>\r\nTo: {DANA}\r\nSubject: lunch {number}\r\nMessage-ID: \
         <lunch{number}@elsewhere.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\nShall we?\r\n"
    );
    bed.submit("nina@elsewhere.example", &[DANA], &text);
}

#[test]
fn mailboxes_that_a_change_does_not_concern_stay_open() {
    let bed = TestBed::start();
    let rita = "rita@vendor.example";
    let (password, port) = (bed.write_file("rita.password", PASSWORD), bed.ports.imap);
    let base = bed.config_toml(POLICY, "") + &bed.account_toml("rita", rita);
    bed.write_config(&base);
    let agent = bed.agent();
    wait_until("all to be well", || bed.baton(&["health"]).status == 0);
    let all = || [DANA, CALVIN, rita].map(|address| logins(&bed, address));
    let at_first = all();
    assert_eq!(at_first, [2, 2, 2], "INBOX and Sent of each");
    for number in 0..10 {
        reload(&bed, || match number % 3 {
            0 => {
                let hup = Command::new("kill").args(["-HUP", &agent.id().to_string()]).status();
                assert!(hup.unwrap().success());
            }
            1 => {
                bed.write_config(&base.replace("hours = \"1h\"", &format!("hours = \"{}h\"", 2 + number)));
            }
            _ => {
                let aliases =
                    format!("address = \"{CALVIN}\"\naliases = [\"c{number}@vendor.example\"]\nacc");
                bed.write_config(&base.replace(&format!("address = \"{CALVIN}\"\nacc"), &aliases));
            }
        });
        // The session that was kept tells of what comes.
        let seen = || bed.agent_log().matches("read to the present").count();
        let before = seen();
        submit_to_dana(&bed, number);
        wait_until("new mail to be noticed", || seen() > before);
    }
    assert_eq!(all(), at_first, "nobody logs in again");

    let rita_as = |from: &str, to: &str| {
        let (others, account) = base.split_once("[accounts.rita]").unwrap();
        assert!(account.contains(from), "{account}");
        format!("{others}[accounts.rita]{}", account.replacen(from, to, 1))
    };
    let by_file = format!("{{ file = \"{}\" }}", password.display());
    let source = "{ env = \"BED_PASSWORD\" }";
    reload(&bed, || drop(bed.write_config(&rita_as(source, &by_file))));
    wait_until("the new password to be used", || logins(&bed, rita) == 4);
    let elsewhere = format!("imap+starttls://127.0.0.1:{port}");
    let server = format!("imaps://127.0.0.1:{}", bed.ports.imaps);
    reload(&bed, || drop(bed.write_config(&rita_as(&server, &elsewhere))));
    wait_until("the new server to be used", || logins(&bed, rita) == 6);
    // A certificate that is another one by its content alone.
    let ca = bed.work().join("rita.pem");
    fs::copy(bed.ca_path(), &ca).unwrap();
    let own_ca = rita_as(&bed.ca_path().display().to_string(), &ca.display().to_string());
    reload(&bed, || drop(bed.write_config(&own_ca)));
    wait_until("the new server to be used", || logins(&bed, rita) == 8);
    reload(&bed, || fs::write(&ca, format!("{}\n", String::from_utf8(bed.ca()).unwrap())).unwrap());
    wait_until("the new certificate to be used", || logins(&bed, rita) == 10);
    // One that is gone is left alone, and read anew when it is there again.
    reload(&bed, || drop(bed.write_config(&bed.config_toml(POLICY, ""))));
    reload(&bed, || drop(bed.write_config(&base)));
    wait_until("the mailbox to be opened", || logins(&bed, rita) == 12);
    assert_eq!(all(), [2, 2, 12], "and the others stay as they are");
    assert_eq!(agent.stop(), 0);
}

#[test]
fn a_new_alias_counts_in_mail_that_was_read_over_the_same_session_before() {
    let bed = TestBed::start();
    let (agent, base) = started(&bed);
    let id = send(&bed, "Calvin Reyes", "Acme")["id"].as_str().unwrap().to_owned();
    let intro = |message: &crate::support::client::Stored| {
        message.header("Subject").is_some_and(|subject| subject.contains("intro to Calvin"))
    };
    let intro = bed.wait_for("sarah@acme.example", "INBOX", 1, intro).remove(0);
    let (intro, subject) = (intro.header("Message-ID").unwrap(), intro.header("Subject").unwrap());
    let private = "calvin.private@elsewhere.example";
    #[expect(clippy::disallowed_methods, reason = "real servers, real time")]
    let written = chrono::Utc::now().to_rfc2822();
    let reply = format!(
        "From: Calvin Reyes <{private}>\r\nTo: Sarah Lee <sarah@acme.example>\r\nCc: {DANA}\r\nSubject: Re: \
         {subject}\r\nMessage-ID: <private@elsewhere.example>\r\nIn-Reply-To: {intro}\r\nReferences: \
         {intro}\r\nDate: {}\r\n\r\nHi Sarah, how about Tuesday at ten? Happy to show you around.\r\n",
        written
    );
    bed.submit(private, &["sarah@acme.example", DANA], &reply);
    let shown = || bed.baton(&["show", &id, "--json"]).json();
    bed.wait_for(DANA, "INBOX", 1, |message| message.text.contains("how about Tuesday"));
    // The copy of the intro is put there over a session of its own.
    bed.wait_for(DANA, "Sent", 1, |message| {
        message.header("Subject").is_some_and(|subject| subject.contains("intro to Calvin"))
    });
    let before = [DANA, CALVIN].map(|address| logins(&bed, address));
    let calvin = format!("address = \"{CALVIN}\"\naccount");
    let with_alias =
        base.replace(&calvin, &format!("address = \"{CALVIN}\"\naliases = [\"{private}\"]\naccount"));
    reload(&bed, || drop(bed.write_config(&with_alias)));
    wait_until("the reply to count", || shown()["touch"]["state"] == "touched");
    assert_eq!([DANA, CALVIN].map(|address| logins(&bed, address)), before);
    assert_eq!(agent.stop(), 0);
}

#[test]
fn whether_anybody_watches_is_said() {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(POLICY, ""));
    let nobody = health(&bed);
    assert_eq!((&nobody["ok"], &nobody["agent"]["running"]), (&Value::from(false), &Value::from(false)));
    assert!(!bed.work().join("baton.db").exists(), "a command that reads makes no database");
    bed.write_file("record.txt", &record("Calvin Reyes", "Acme"));
    let sent = bed.baton(&["send", "record.txt", "--yes"]).expect_status(0);
    assert!(sent.stdout.contains("NO AGENT HAS RUN YET"), "{sent:?}");
    let agent = bed.agent();
    wait_until("all to be well", || bed.baton(&["health"]).status == 0);
    let status = bed.baton(&["status"]).expect_status(0).stdout;
    assert!(status.lines().next().unwrap().starts_with("agent running since"), "{status}");
    assert!(status.lines().next().unwrap().contains("dana "), "{status}");
    assert!(bed.baton(&["show", "acme"]).stdout.contains("agent running since"));
    assert_eq!(bed.baton(&["show", "acme", "--json"]).json()["agent"]["running"], true);
    assert_eq!(health(&bed)["agent"]["pid"], agent.id());
    let metrics = bed.baton(&["metrics"]).expect_status(0).stdout;
    for line in [
        "baton_up 1",
        "baton_configuration_current 1",
        "baton_handoffs{state=\"waiting\"} 1",
        "baton_account_failing{account=\"dana\"} 0",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line}: {metrics}");
    }
    assert!(!metrics.contains('@') && !metrics.contains("Acme"), "{metrics}");
    for (arguments, count) in [(["--ae", "calvin"], 1), (["--sdr", "Rita"], 0), (["--company", "acme"], 1)] {
        let found = bed.baton(&["status", "--json", arguments[0], arguments[1]]).json();
        assert_eq!(found.as_array().unwrap().len(), count, "{arguments:?}");
    }
    assert_eq!(agent.stop(), 0);
    assert!(bed.baton(&["status"]).stdout.starts_with("AGENT NOT RUNNING since"));
    let ran = bed.command(&["run"]).env_remove("BED_PASSWORD").output().unwrap();
    assert_eq!(ran.status.code(), Some(3), "{ran:?}");
    bed.baton(&["run", "--once"]).expect_status(0);
    bed.baton(&["health"]).expect_status(0);
}
