//! The table of docs/reload.md: what a running agent does when its configuration changes, and what it says of itself.

use std::fs;
use std::process::Command;

use crate::support::agent::Agent;
use crate::support::client::Stored;
use crate::support::proxy::{Fault, Proxy};
use crate::support::{CALVIN, DANA, OPERATOR, PASSWORD, TestBed, wait_until};
use chrono::{DateTime, Utc};
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
    let to_rita = |message: &Stored| message.header("Subject").is_some_and(|it| it.contains("Rita"));
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
    let both = "name,roles,address\nMia Berg,ae,mia@vendor.example\nNed Holt,ae,ned@vendor.example\n";
    bed.write_file("people.csv", both);
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
            format!("people_file = \"people.csv\"\n{moved}")
                .replace(&calvin, &format!("address = \"{CALVIN}\"\nholidays = [\"days.ics\"]\naccount")),
        ),
    ];
    for (what, toml) in good {
        println!("{what}");
        bed.write_config(&toml);
        hup(&agent);
        wait_for_configuration(&bed, "present");
        assert_eq!(&bed.baton(&["show", id, "--json"]).json()["deadline"], deadline, "{what}");
        wait_until("all to be well", || bed.baton(&["health"]).status == 0);
        if what == "a policy" {
            let sent = send(&bed, "Calvin Reyes", "Umbra");
            let instant = |name: &str| sent[name].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
            assert_eq!((instant("deadline") - instant("sent_at")).num_minutes(), 180, "a new clock: {sent}");
        }
        if what == "a file of people" {
            send(&bed, "Mia Berg", "Vandelay");
            bed.wait_for("mia@vendor.example", "INBOX", 1, |_| true);
        }
    }
    // Whom nobody needs may go; whom a handoff needs may not.
    bed.write_file("people.csv", "name,roles,address\nMia Berg,ae,mia@vendor.example\n");
    wait_for_configuration(&bed, "present");
    let before = refusals(&bed);
    bed.write_file("people.csv", "name,roles,address\nNed Holt,ae,ned@vendor.example\n");
    hup(&agent);
    wait_for_refusal(&bed, before);
    bed.write_file("people.csv", "name,roles,address\nMia Berg,ae,mia@vendor.example\n");
    hup(&agent);
    wait_for_configuration(&bed, "present");
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
    fs::create_dir(bed.work().join("piped")).unwrap();
    let pipe = bed.work().join("piped/intro.txt");
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let calvin = format!("address = \"{CALVIN}\"\naccount");
    let (before, rest) = base.split_once("[[people]]\nname = \"Calvin").unwrap();
    let (_, after) = rest.split_once("[[people]]\nname = \"Morgan").unwrap();
    let without_calvin = format!("{before}[[people]]\nname = \"Morgan{after}");
    let (before, rest) = base.split_once("[[people]]\nname = \"Dana").unwrap();
    let (_, after) = rest.split_once("[[people]]\nname = \"Calvin").unwrap();
    let without_dana = format!("{before}[[people]]\nname = \"Calvin{after}");
    let with_holidays = |name: &str| format!("address = \"{CALVIN}\"\nholidays = [\"{name}\"]\naccount");
    let ca = bed.ca_path().display().to_string();
    let bad = [
        ("a person with a role that there is not", base.clone() + &RITA.replace("\"ae\"", "\"pilot\"")),
        ("an address that is none", base.clone() + &RITA.replace("rita@vendor.example", "rita")),
        ("somebody's alias", base.clone() + &RITA.replace("zone", &format!("aliases = [\"{DANA}\"]\nzone"))),
        ("an account without a server", base.replacen("imap = \"imaps://", "imap = \"nowhere://", 1)),
        ("a variable that is not set", base.replacen("BED_PASSWORD", "NOT_SET_ANYWHERE", 1)),
        ("a policy that there is not", base.replace("\"elapsed\"", "\"whenever\"")),
        ("a broken template", format!("templates = \"own\"\n{base}")),
        ("a broken file of people", format!("people_file = \"people.csv\"\n{base}")),
        ("holidays that are not there", base.replace(&calvin, &with_holidays("gone.ics"))),
        ("a pipe for a template", format!("templates = \"piped\"\n{base}")),
        ("no TOML", base.replace("[agent]", "[agent")),
        ("holidays that are none", base.replace(&calvin, &with_holidays("record.txt"))),
        ("a file of people that is not there", format!("people_file = \"gone.csv\"\n{base}")),
        ("a certificate file that holds none", base.replacen(&ca, "record.txt", 1)),
        (
            "no provider of that name",
            base.replacen("imap = \"imaps://", "provider = \"nobody\"\nimap = \"imaps://", 1),
        ),
        ("no login", base.replacen(&format!("login = \"{DANA}\"\n"), "login = \"\"\n", 1)),
        ("the AE of an open handoff gone", without_calvin),
        ("the role of that AE gone", base.replacen("roles = [\"ae\"]", "roles = [\"manager\"]", 1)),
        ("the SDR of an open handoff gone", without_dana),
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
        hup(&agent);
        wait_for_refusal(&bed, before);
        if what != "another database" {
            wait_for_configuration(&bed, "faulty");
            bed.baton(&["health"]).expect_status(1);
        }
    }
    assert!(bed.agent_log().contains("needs a restart"), "{}", bed.agent_log());
    // A correction that would act on what the agent does not take does nothing.
    bed.baton(&["touch", &id, "--why", "called"]).expect_status(3);
    let is_about_it = |message: &Stored| message.text.contains("the configuration has faults");
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

fn hup(agent: &Agent) {
    let hup = Command::new("kill").args(["-HUP", &agent.id().to_string()]).status();
    assert!(hup.unwrap().success());
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
            0 => hup(&agent),
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

/// Somebody answers the intro of this company, in the thread, to everybody.
fn reply_to_intro(bed: &TestBed, company: &str, from: &str) {
    let sarah = format!("sarah@{}.example", company.to_lowercase());
    let is_intro = |message: &Stored| {
        message.header("Subject").is_some_and(|subject| subject.contains("intro to Calvin"))
    };
    let intro = bed.wait_for(&sarah, "INBOX", 1, is_intro).remove(0);
    let (intro, subject) = (intro.header("Message-ID").unwrap(), intro.header("Subject").unwrap());
    #[expect(clippy::disallowed_methods, reason = "real servers, real time")]
    let written = Utc::now().to_rfc2822();
    let reply = format!(
        "From: {from}\r\nTo: Sarah Lee <{sarah}>\r\nCc: {DANA}\r\nSubject: Re: {subject}\r\nMessage-ID: \
         <{company}@elsewhere.example>\r\nIn-Reply-To: {intro}\r\nReferences: {intro}\r\nDate: {written}\r\n\r\nHi Sarah, \
         how about Tuesday at ten? Happy to show you around.\r\n"
    );
    bed.submit(from, &[&sarah, DANA], &reply);
    let id = format!("<{company}@elsewhere.example>");
    bed.wait_for(DANA, "INBOX", 1, |message| message.header("Message-ID").as_ref() == Some(&id));
}

#[test]
fn a_new_alias_counts_in_mail_that_was_read_over_the_same_session_before() {
    let bed = TestBed::start();
    let (agent, base) = started(&bed);
    let id = send(&bed, "Calvin Reyes", "Acme")["id"].as_str().unwrap().to_owned();
    let intro = |message: &Stored| {
        message.header("Subject").is_some_and(|subject| subject.contains("intro to Calvin"))
    };
    let intro = bed.wait_for("sarah@acme.example", "INBOX", 1, intro).remove(0);
    let (intro, subject) = (intro.header("Message-ID").unwrap(), intro.header("Subject").unwrap());
    let private = "calvin.private@elsewhere.example";
    #[expect(clippy::disallowed_methods, reason = "real servers, real time")]
    let written = Utc::now().to_rfc2822();
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
    let theirs = bed.baton(&["status", "--all", "--json", "--ae", private]).json();
    assert_eq!(theirs.as_array().unwrap().len(), 1, "an alias is theirs");
    assert_eq!(agent.stop(), 0);
}

#[test]
fn a_delegates_mail_counts_and_a_former_address_stays_the_aes_in_what_is_open() {
    let bed = TestBed::start();
    let (agent, base) = started(&bed);
    let touch = |company: &str| bed.baton(&["show", company, "--json"]).json()["touch"]["state"].clone();
    let delegate = "eve@vendor.example";
    for company in ["Globex", "Hooli"] {
        send(&bed, "Calvin Reyes", company);
    }
    // Before she is anybody's delegate.
    reply_to_intro(&bed, "Globex", delegate);
    assert_ne!(touch("Globex"), "touched");
    let calvin = format!("address = \"{CALVIN}\"\naccount");
    let theirs = format!("address = \"calvin.new@vendor.example\"\ndelegates = [\"{delegate}\"]\naccount");
    reload(&bed, || drop(bed.write_config(&base.replace(&calvin, &theirs))));
    reply_to_intro(&bed, "Hooli", CALVIN);
    for company in ["Globex", "Hooli"] {
        wait_until(&format!("the reply of {company} to count"), || touch(company) == "touched");
    }
    assert_eq!(agent.stop(), 0);
}

/// The number of the mail of a kind that was put off and waits.
fn put_off(bed: &TestBed, kind: &str) -> String {
    let mut rows = Value::Null;
    for _ in 0..150 {
        rows = bed.baton(&["outbox", "--json"]).expect_status(0).json();
        let is_put_off =
            |row: &&Value| row["kind"] == kind && row["state"] == "queued" && row["error"].is_string();
        if let Some(row) = rows.as_array().unwrap().iter().find(is_put_off) {
            return row["id"].to_string();
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("no {kind} is put off: {rows:#}\n{}", bed.agent_log());
}

#[test]
fn what_waits_leaves_by_the_new_configuration_and_what_is_under_way_as_it_was_written() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.submission);
    let direct = format!("smtps://127.0.0.1:{}", bed.ports.smtps);
    let base = bed.config_toml(POLICY, "") + RITA;
    let proxied = base.replacen(&direct, &format!("smtp://127.0.0.1:{}", proxy.port), 1);
    bed.write_config(&proxied);
    let agent = bed.agent();
    wait_until("all to be well", || bed.baton(&["health"]).status == 0);
    let later = "451 4.7.1 come back later";
    let send_later = |ae: &str, company: &str| {
        let sarah = format!("sarah@{}.example", company.to_lowercase());
        bed.answer_recipient(&sarah, later);
        bed.write_file("record.txt", &record(ae, company));
        bed.baton(&["send", "record.txt", "--yes"]).expect_status(4);
        put_off(&bed, "intro")
    };

    // A record that waits, since its server puts it off.
    bed.write_file("acme.txt", &record("Calvin Reyes", "Acme"));
    bed.baton(&["send", "acme.txt", "--yes"]).expect_status(0);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    for reader in ["rita@vendor.example", DANA] {
        bed.answer_recipient(reader, later);
    }
    bed.baton(&["reassign", "Acme", "--ae", "Rita Vale"]).expect_status(0);
    let record_waits = put_off(&bed, "record");
    // An intro that is under way ...
    let intro = send_later("Calvin Reyes", "Hooli");
    proxy.set(Fault::HoldFinalAnswer);
    bed.answer_recipient("sarah@hooli.example", "");
    // Where the agent has not tried again by itself.
    bed.baton(&["outbox", "retry", &intro]);
    let under_way = bed.wait_for("sarah@hooli.example", "INBOX", 1, |_| true).remove(0);

    bed.baton(&["templates", "--eject", "own"]).expect_status(0);
    let template = bed.work().join("own/record.txt");
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, text.replace("is yours:", "is all yours:")).unwrap();
    let moved = base.replace("rita@vendor.example", "rita.vale@vendor.example").replace(
        &format!("address = \"{CALVIN}\"\naccount"),
        "address = \"calvin.new@vendor.example\"\naccount",
    );
    bed.write_config(&format!("templates = \"own\"\n{moved}"));
    let before = reloads(&bed);
    hup(&agent);
    wait_until("the agent to have read its configuration", || reloads(&bed) > before);
    // ... for longer than the agent would wait if it were to end.
    std::thread::sleep(std::time::Duration::from_secs(5));
    proxy.set(Fault::None);
    wait_for_configuration(&bed, "present");
    wait_until("all to be well", || bed.baton(&["health"]).status == 0);
    let connections = proxy.connections();
    let states = |company: &str, kind: &str| -> Vec<Value> {
        let shown = bed.baton(&["show", company, "--json"]).json();
        let mails = shown["mails"].as_array().unwrap().iter().filter(|mail| mail["kind"] == kind);
        mails.map(|mail| mail["state"].clone()).collect()
    };
    assert_eq!(states("Hooli", "intro"), ["sent"]);
    assert!(under_way.header("Cc").unwrap().contains(CALVIN), "{under_way:?}");
    bed.wait_for("calvin.new@vendor.example", "INBOX", 1, |mail| mail.text.contains("is all yours:"));

    bed.baton(&["outbox", "retry", &record_waits]);
    let got = bed.wait_for("rita.vale@vendor.example", "INBOX", 1, |_| true).remove(0);
    assert!(got.text.contains("is all yours:"), "{}", got.text);
    assert_eq!(proxy.connections(), connections, "it left by the new server");

    // What was shown leaves as it was shown, or not at all.
    for (company, change) in [("Initech", "an address"), ("Umbra", "a template")] {
        println!("{change}");
        let sarah = format!("sarah@{}.example", company.to_lowercase());
        let id = send_later("Calvin Reyes", company);
        bed.answer_recipient(DANA, "");
        reload(&bed, || {
            if change == "an address" {
                let again = moved.replace("calvin.new@vendor.example", "calvin.newer@vendor.example");
                bed.write_config(&format!("templates = \"own\"\n{again}"));
            } else {
                let template = bed.work().join("own/intro.txt");
                let text = fs::read_to_string(&template).unwrap();
                fs::write(&template, text.replace("Your meeting is", "Our meeting is")).unwrap();
            }
            hup(&agent);
        });
        bed.answer_recipient(&sarah, "");
        bed.baton(&["outbox", "retry", &id]);
        wait_until("the intro to be held back", || states(company, "intro") == ["failed"]);
        let shown = bed.baton(&["show", company]).expect_status(0).stdout;
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            shown.contains("did not leave: the configuration has changed since the intro was shown"),
            "{shown}"
        );
        assert!(shown.contains("intro held back by baton") && !shown.contains("refused"), "{shown}");
        assert_eq!(bed.client(&sarah).messages("INBOX").len(), 0);
    }
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
    let agents_line = || {
        let checks = bed.baton(&["doctor", "--json"]).expect_status(0).json()["checks"].clone();
        let check = checks.as_array().unwrap().iter().find(|check| check["check"] == "agent").cloned();
        check.unwrap()["found"].as_str().unwrap().to_owned()
    };
    assert!(agents_line().starts_with("agent running since"));
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
    assert!(agents_line().starts_with("AGENT NOT RUNNING since"));
    let ran = bed.command(&["run"]).env_remove("BED_PASSWORD").output().unwrap();
    assert_eq!(ran.status.code(), Some(3), "{ran:?}");
    bed.baton(&["run", "--once"]).expect_status(0);
    bed.baton(&["health"]).expect_status(0);
}
