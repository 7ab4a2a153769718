//! The configuration as a whole: docs/interface.md's example, every fault at once, likely slips one by one.

use std::sync::Arc;

use chrono::{NaiveDate, Weekday};

use super::secrets::SecretSource;
use super::*;
use crate::clock::Zones;
use crate::diagnostics::FaultStyle;
use crate::domain::people::TeamRole;

/// The example of docs/interface.md with every optional line in force.
const EXAMPLE: &str = r#"database = "baton.db"            # relative to this file
templates = "templates"          # optional

[agent]
account = "dana"
operator = "ops@vendor.example"

[record]
conditions = ["Budget authority confirmed"]

[sla]
policy = "playbook"
noon = "12:00"
same_day = "17:00"
next_morning = "10:00"
# hours = "4h"
remind_before = "60m"
grace = "2m"
blind_after = "30m"

[feedback]
due = "24h"
remind_before = "4h"

[accounts.dana]
address = "dana@vendor.example"
imap = "imaps://imap.vendor.example:993"
smtp = "smtp+starttls://smtp.vendor.example:587"
login = "dana@vendor.example"
password = { env = "DANA_PASSWORD" }
folders = ["INBOX", "Sent"]
save_sent = true
authserv = "mx.vendor.example"
ca = "company-ca.pem"

[accounts.calvin]
address = "calvin@vendor.example"
imap = "imap://127.0.0.1:1143"
smtp = "smtp://localhost:2525"
oauth2 = "google"

[[people]]
name = "Dana Fox"
roles = ["sdr"]
address = "dana@vendor.example"
aliases = ["d.fox@vendor.example"]
account = "dana"
manager = "Morgan Hale"

[[people]]
name = "Calvin Reyes"
roles = ["ae"]
address = "calvin@vendor.example"
delegates = ["ea-calvin@vendor.example"]
account = "calvin"
zone = "America/New_York"
workdays = ["mon", "tue", "wed", "thu", "fri"]
hours = "09:00-17:00"
holidays = ["2026-11-26", "holidays-us.ics"]
manager = "Morgan Hale"
introduce = "works exclusively with VP-level sales leaders consolidating CRMs"

[[people]]
name = "Morgan Hale"
roles = ["manager"]
address = "morgan@vendor.example"
zone = "America/New_York"

[oauth2.google]
client_id = "baton.apps.googleusercontent.com"
client_secret = { env = "GOOGLE_SECRET" }
"#;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A folder with what the example names.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("templates")).unwrap();
    std::fs::write(dir.path().join("company-ca.pem"), "-----BEGIN CERTIFICATE-----\n").unwrap();
    std::fs::write(dir.path().join("holidays-us.ics"), CALENDAR).unwrap();
    dir
}

fn parse_in(dir: &Path, text: &str) -> Result<Config, Vec<Fault>> {
    let zones = Zones::built_in();
    let machine: Arc<dyn Zone> = zones.get("Europe/Madrid").unwrap();
    parse(text, &dir.join("baton.toml"), &Surroundings { zones: &zones, machine })
}

fn faults(text: &str) -> Vec<String> {
    let dir = folder();
    let all = parse_in(dir.path(), text).err().unwrap_or_default();
    let prefix = format!("{}/", dir.path().display());
    all.iter().map(|fault| fault.to_string().replace(&prefix, "")).collect()
}

fn with(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "{from}");
    EXAMPLE.replacen(from, to, 1)
}

#[test]
fn the_example_is_read_completely() {
    let dir = folder();
    let config = parse_in(dir.path(), EXAMPLE).unwrap();
    assert_eq!(config.warnings, []);
    assert_eq!(config.database, dir.path().join("baton.db"));
    assert_eq!(config.templates, Some(dir.path().join("templates")));
    assert_eq!(
        config.agent,
        Agent { account: "dana".into(), operator: Address::new("ops@vendor.example").unwrap() }
    );
    assert_eq!(config.conditions, ["Budget authority confirmed"]);
    assert_eq!(config.sla.policy, SlaPolicy::default());
    assert_eq!((config.sla.remind_before, config.sla.grace, config.sla.blind_after), (3600, 120, 1800));
    assert_eq!(config.feedback, FeedbackTimes { due: 86_400, remind_before: 14_400 });
    let dana = &config.accounts["dana"];
    assert_eq!(
        dana.imap,
        ConfiguredEndpoint { protection: Protection::Tls, host: "imap.vendor.example".into(), port: 993 }
    );
    assert_eq!(dana.smtp.protection, Protection::StartTls);
    assert_eq!(dana.auth, ConfiguredAuth::Password(SecretSource::Env("DANA_PASSWORD".into())));
    assert_eq!((dana.save_sent, dana.authserv.as_deref()), (Some(true), Some("mx.vendor.example")));
    assert_eq!(dana.ca, Some(dir.path().join("company-ca.pem")));
    let ConfiguredAuth::OAuth2(google) = &config.accounts["calvin"].auth else { panic!("no token") };
    let TokenFlow::Consent(client) = &google.flow else { panic!("{google:?}") };
    assert_eq!(google.provider, TokenProvider::Google);
    assert_eq!(client.client_id, "baton.apps.googleusercontent.com");
    assert_eq!(client.client_secret, Some(SecretSource::Env("GOOGLE_SECRET".into())));
    assert_eq!(config.accounts["calvin"].shared_grant.as_deref(), Some("google"));
    assert_eq!(config.accounts["calvin"].login, "calvin@vendor.example");

    let calvin = config.person("Calvin Reyes").unwrap();
    assert_eq!(calvin.roles, [TeamRole::Ae].into());
    assert_eq!(calvin.working.zone.name(), "America/New_York");
    assert_eq!((calvin.working.opens, calvin.working.closes), (540, 1020));
    let days = [(2026, 11, 26), (2026, 12, 25), (2026, 12, 26)]
        .map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).unwrap());
    assert_eq!(calvin.working.holidays, days.into());
    let dana = config.person("Dana Fox").unwrap();
    assert_eq!(dana.working.zone.name(), "Europe/Madrid");
    assert_eq!(dana.working.workdays, [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri]);
    assert_eq!(dana.account.as_deref(), Some("dana"));
    let policy = config.policy(|_, _| false);
    assert_eq!(policy.agent_address.as_str(), "dana@vendor.example");
    assert!(policy.freemail.contains("gmail.com"));
}

/// What was changed in the example, into what, and the whole list of faults.
const SLIPS: &[(&str, &str, &[&str])] = &[
    ("operator =", "operater =", &["baton.toml:6:1: [agent] has no key `operater`"]),
    ("[feedback]", "[feedbak]", &["baton.toml:21:2: the configuration has no key `feedbak`"]),
    (
        "account = \"dana\"\noperator",
        "account = \"dona\"\noperator",
        &["baton.toml:5:11: there is no account `dona`"],
    ),
    ("policy = \"playbook\"", "policy = \"playbok\"", &["baton.toml:12:10: there is no policy `playbok`"]),
    ("noon = \"12:00\"", "noon = \"12\"", &["baton.toml:13:8: `12` is not a time of day"]),
    ("noon = \"12:00\"", "noon = 12", &["baton.toml:13:8: `noon` is a time of day, such as \"17:00\""]),
    (
        "same_day = \"17:00\"",
        "same_day = \"11:00\"",
        &["baton.toml:14:12: the deadline of the same day comes before `noon`"],
    ),
    (
        "remind_before = \"60m\"",
        "remind_before = 60",
        &["baton.toml:17:17: `remind_before` is a length with its unit, such as \"60m\" or \"4h\""],
    ),
    ("grace = \"2m\"", "grace = \"2 parsecs\"", &["baton.toml:18:9: `2 parsecs` is not a length of time"]),
    ("due = \"24h\"", "due = \"0\"", &["baton.toml:22:1: feedback cannot be due at once"]),
    (
        "\"imaps://imap.vendor.example:993\"",
        "\"imap://imap.vendor.example\"",
        &["baton.toml:27:8: without TLS the password would be sent unencrypted to imap.vendor.example"],
    ),
    (
        "\"imaps://imap.vendor.example:993\"",
        "\"imapss://imap.vendor.example\"",
        &["baton.toml:27:8: `imapss` is no way to connect"],
    ),
    (
        "\"imaps://imap.vendor.example:993\"",
        "\"imap.vendor.example\"",
        &["baton.toml:27:8: this address lacks its scheme"],
    ),
    ("imap = \"imaps://imap.vendor.example:993\"\n", "", &["baton.toml:25:1: [accounts.dana] lacks `imap`"]),
    (
        "password = { env = \"DANA_PASSWORD\" }\n",
        "",
        &["baton.toml:25:1: [accounts.dana] has neither a password nor oauth2"],
    ),
    (
        "password = { env = \"DANA_PASSWORD\" }",
        "password = \"hunter2\"",
        &["baton.toml:30:12: don't put the password in this file"],
    ),
    (
        "password = { env = \"DANA_PASSWORD\" }",
        "password = { evn = \"DANA_PASSWORD\" }",
        &["baton.toml:30:14: password has no key `evn`"],
    ),
    (
        "password = { env = \"DANA_PASSWORD\" }",
        "password = { env = \"DANA_PASSWORD\" }\noauth2 = \"google\"",
        &["baton.toml:31:1: [accounts.dana] has both a password and oauth2"],
    ),
    (
        "oauth2 = \"google\"",
        "oauth2 = \"goggle\"",
        &["baton.toml:40:10: `goggle` is no provider that baton knows"],
    ),
    ("save_sent = true", "save_sent = \"yes\"", &["baton.toml:32:13: `save_sent` is `true` or `false`"]),
    (
        "\"company-ca.pem\"",
        "\"other.pem\"",
        &["baton.toml:34:6: other.pem cannot be read: there is no such file"],
    ),
    ("roles = [\"sdr\"]", "roles = [\"srd\"]", &["baton.toml:44:10: `srd` is not a role"]),
    ("roles = [\"sdr\"]\n", "", &["baton.toml:42:1: the entry of Dana Fox lacks `roles`"]),
    (
        "aliases = [\"d.fox@vendor.example\"]",
        "aliases = [\"calvin@vendor.example\"]",
        &["baton.toml:53:11: calvin@vendor.example belongs to Dana Fox already"],
    ),
    (
        "address = \"morgan@vendor.example\"",
        "address = \"morgan@vendor\"",
        &[
            "baton.toml:66:11: `morgan@vendor` is not an email address: `vendor` lacks its ending, such as `.com`",
        ],
    ),
    (
        "account = \"dana\"\nmanager",
        "account = \"daan\"\nmanager",
        &["baton.toml:47:11: there is no account `daan`"],
    ),
    (
        "manager = \"Morgan Hale\"\n\n",
        "manager = \"Morgan Hall\"\n\n",
        &["baton.toml:48:11: there is no manager `Morgan Hall`"],
    ),
    (
        "roles = [\"manager\"]",
        "roles = [\"sdr\"]",
        &[
            "baton.toml:48:11: Morgan Hale is here, but not as a manager",
            "baton.toml:60:11: Morgan Hale is here, but not as a manager",
        ],
    ),
    (
        "zone = \"America/New_York\"\nwork",
        "zone = \"America/NewYork\"\nwork",
        &["baton.toml:56:8: there is no time zone `America/NewYork`"],
    ),
    ("\"tue\", ", "\"tues\", \"wodensday\", ", &["baton.toml:57:28: `wodensday` is not a day of the week"]),
    ("\"09:00-17:00\"", "\"17:00-09:00\"", &["baton.toml:58:9: working hours end after they begin"]),
    ("\"09:00-17:00\"", "\"9 to 5\"", &["baton.toml:58:9: `9 to 5` are not working hours"]),
    (
        "\"2026-11-26\"",
        "\"26.11.2026\"",
        &["baton.toml:59:13: `26.11.2026` is neither a date nor a calendar file"],
    ),
    (
        "\"holidays-us.ics\"",
        "\"holidays-uk.ics\"",
        &["baton.toml:59:27: holidays-uk.ics cannot be read: there is no such file"],
    ),
    (
        "name = \"Morgan Hale\"",
        "name = \"Dana Fox\"",
        &[
            "baton.toml:48:11: there is no manager `Morgan Hale`",
            "baton.toml:60:11: there is no manager `Morgan Hale`",
            "baton.toml:64:8: there are two people called Dana Fox",
        ],
    ),
    (
        "\"Budget authority confirmed\"",
        "\"ICP criteria confirmed\"",
        &["baton.toml:9:15: `ICP criteria confirmed` is a condition already"],
    ),
    (
        "templates = \"templates\"",
        "templates = \"templtes\"",
        &["baton.toml:2:13: there is no folder templtes"],
    ),
    ("[record]", "[record", &["baton.toml:8:8: this is not TOML: unclosed table, expected `]`"]),
    (
        "operator = \"ops@vendor.example\"",
        "operator = ops@vendor.example",
        &["baton.toml:6:12: this is not TOML: string values must be quoted, expected literal string"],
    ),
    ("noon = \"12:00\"", "policy = \"elapsed\"", &["baton.toml:13:1: this is not TOML: duplicate key"]),
];

#[test]
fn likely_slips_are_each_named_where_they_stand() {
    let mut wrong = Vec::new();
    for (from, to, expected) in SLIPS {
        let found = faults(&with(from, to));
        if found != *expected {
            wrong.push(format!("{from:?} -> {to:?}\n  found {found:#?}\n  not {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_of_a_file_is_named_in_one_go() {
    let text =
        SLIPS.iter().take(12).fold(EXAMPLE.to_owned(), |text, (from, to, _)| text.replacen(from, to, 1));
    assert!(faults(&text).len() >= 8, "{:#?}", faults(&text));
    let dir = folder();
    let rendered = diagnostics::render(
        &parse_in(dir.path(), &with("policy = \"playbook\"", "policy = \"playbok\"")).unwrap_err(),
        FaultStyle::PLAIN,
    );
    insta::assert_snapshot!("misspelt_policy", rendered.replace(&format!("{}/", dir.path().display()), ""));
}

#[test]
fn an_entry_with_one_fault_is_checked_for_the_others() {
    let text = with("zone = \"America/New_York\"\nwork", "zone = \"Mars/Base\"\nwork")
        .replace(
            "address = \"calvin@vendor.example\"\ndelegates",
            "address = \"dana@vendor.example\"\ndelegates",
        )
        .replace("manager = \"Morgan Hale\"\nintroduce", "manager = \"Nobody Here\"\nintroduce");
    let found = faults(&text);
    assert_eq!(found.len(), 3, "{found:#?}");
    let rendered = found.join(" ");
    assert!(
        rendered.contains("belongs to Dana Fox already") && rendered.contains("no manager `Nobody Here`"),
        "{rendered}"
    );
}

#[test]
fn a_password_is_never_quoted() {
    for line in [
        "password = \"hunter2\"",
        "password = hunter2",
        "password = { plain = \"hunter2\" }",
        "pasword = \"hunter2\"\npassword = 5",
    ] {
        let dir = folder();
        let faults = parse_in(dir.path(), &with("password = { env = \"DANA_PASSWORD\" }", line)).unwrap_err();
        let rendered =
            diagnostics::render(&faults, FaultStyle::PLAIN) + &diagnostics::to_json(&faults).to_string();
        assert!(!rendered.contains("hunter2"), "{rendered}");
    }
    let text = with("imaps://imap", "imaps://dana:hunter2@imap");
    let dir = folder();
    let rendered = diagnostics::render(&parse_in(dir.path(), &text).unwrap_err(), FaultStyle::PLAIN);
    assert!(!rendered.contains("hunter2"), "{rendered}");
}

#[test]
fn a_small_configuration_gets_sensible_values() {
    let text = r#"
[agent]
account = "a"
operator = "ops@vendor.example"
[accounts.a]
address = "agent@vendor.example"
imap = "imaps://mail.vendor.example"
smtp = "smtps://mail.vendor.example"
password = { command = ["pass", "agent"] }
[[people]]
name = "Robin Vale"
roles = ["ae", "sdr"]
address = "robin@vendor.example"
hours = "00:00-24:00"
workdays = ["saturday", "Sun"]
holidays = [2026-12-24]
[[schedulers]]
name = "Our booking page"
senders = ["Booking.vendor.example"]
"#;
    let dir = folder();
    let config = parse_in(dir.path(), text).unwrap();
    assert_eq!(
        config.sla,
        Sla {
            policy: SlaPolicy::default(),
            playbook: SlaPolicy::default(),
            seconds: 14_400,
            remind_before: 3600,
            grace: 120,
            blind_after: 1800
        }
    );
    assert_eq!(config.accounts["a"].smtp.port, 465);
    assert_eq!((config.accounts["a"].save_sent, &config.accounts["a"].folders), (None, &None));
    assert_eq!(config.people[0].working.closes, 1440);
    assert_eq!(config.people[0].working.holidays.len(), 1);
    assert_eq!(config.schedulers[0].senders, ["booking.vendor.example"]);
    let advice: Vec<&str> = config.warnings.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(advice, ["Robin Vale has no manager", "Robin Vale has no account"]);
}

#[test]
fn policies_take_their_length() {
    let dir = folder();
    let policy = |text: &str| parse_in(dir.path(), &with("policy = \"playbook\"", text)).unwrap().sla.policy;
    assert_eq!(policy("policy = \"business-hours\""), SlaPolicy::BusinessHours { seconds: 14_400 });
    assert_eq!(policy("policy = \"elapsed\"\nhours = \"10s\""), SlaPolicy::Elapsed { seconds: 10 });
}

#[test]
fn a_delegate_may_serve_two_people_and_be_one_of_them() {
    let text = with(
        "aliases = [\"d.fox@vendor.example\"]",
        "delegates = [\"ea-calvin@vendor.example\", \"morgan@vendor.example\"]",
    );
    assert_eq!(faults(&text), Vec::<String>::new());
}

#[test]
fn the_file_is_looked_for_in_the_order_of_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("here");
    let home = dir.path().join("config");
    std::fs::create_dir_all(&here).unwrap();
    std::fs::create_dir_all(home.join("baton")).unwrap();
    let home_text = home.display().to_string();
    let env = |name: &str| (name == "XDG_CONFIG_HOME").then(|| home_text.clone());
    let missing = find(None, &env, &here).unwrap_err();
    assert!(
        missing.help[0].contains("here/baton.toml") && missing.help[0].contains("config/baton/baton.toml")
    );
    std::fs::write(home.join("baton/baton.toml"), "").unwrap();
    assert_eq!(find(None, &env, &here), Ok(home.join("baton/baton.toml")));
    std::fs::write(here.join("baton.toml"), "").unwrap();
    assert_eq!(find(None, &env, &here), Ok(PathBuf::from("baton.toml")));
    let named = |name: &str| if name == "BATON_CONFIG" { Some("/etc/b.toml".to_owned()) } else { env(name) };
    assert_eq!(find(None, &named, &here), Ok(PathBuf::from("/etc/b.toml")));
    assert_eq!(find(Some(Path::new("x.toml")), &named, &here), Ok(PathBuf::from("x.toml")));
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let zones = Zones::built_in();
    let surroundings = Surroundings { zones: &zones, machine: zones.get("UTC").unwrap() };
    let dir = tempfile::tempdir().unwrap();
    let message = |path: &Path| load(path, &surroundings).unwrap_err().remove(0).message;
    assert_eq!(message(&dir.path().join("none.toml")), "there is no such file");
    assert_eq!(message(dir.path()), "this is a folder");
    std::fs::write(dir.path().join("l1.toml"), b"# caf\xe9\n").unwrap();
    assert_eq!(message(&dir.path().join("l1.toml")), "the file is not UTF-8 text");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(cut in 0..EXAMPLE.len(), length in 0..60_usize, put in "[\\PC\n\"\\[\\]={}]{0,12}") {
        let mut damaged = EXAMPLE.to_owned();
        damaged.replace_range(cut..(cut + length).min(EXAMPLE.len()), &put);
        if let Err(faults) = parse_in(Path::new("/nowhere"), &damaged) {
            let rendered = diagnostics::render(&faults, FaultStyle { colour: true, width: 80 });
            proptest::prop_assert!(!rendered.is_empty());
        }
    }
}
