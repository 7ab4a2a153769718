//! Many people, few lines: providers, `people_file`, `[defaults]`, and `oauth2` in all its forms.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::clock::Zones;
use crate::diagnostics::FaultStyle;

/// A provider by a service account, people from a file, and a manager.
const TEAM: &str = r#"people_file = "people.csv"

[agent]
account = "dana@vendor.example"
operator = "ops@vendor.example"

[record]
competitors = ["Rival  CRM"]

[defaults]
zone = "America/New_York"
holidays = ["2026-11-26"]
manager = "Morgan Hale"
workdays = ["mon", "tue", "wed", "thu"]

[providers.vendor]
imap = "imaps://imap.gmail.com:993"
smtp = "smtp+starttls://smtp.gmail.com:587"
oauth2 = { google = { service_account = "key.json" } }

[providers.old]
imap = "imap+starttls://mail.vendor.example"
smtp = "smtp+starttls://mail.vendor.example"
login = "VENDOR/{address}"
password = { command = ["pass", "mail/{address}"] }

[accounts.shared]
provider = "vendor"
address = "team@vendor.example"
smtp = "smtps://relay.vendor.example"

[[people]]
name = "Morgan Hale"
roles = ["manager"]
address = "morgan@vendor.example"
"#;

const PEOPLE: &str = "Name,roles,address,aliases,provider,zone,signature
Dana Fox,sdr,dana@vendor.example,d.fox@vendor.example; dana.fox@vendor.example,vendor,,\"Dana
Vendor Inc\"
Calvin Reyes,ae;manager,calvin@vendor.example,,old,Europe/Madrid,
,,,,,,
";

const KEY: &str = r#"{"type": "service_account", "client_email": "baton@project.iam.gserviceaccount.com",
"private_key": "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n",
"token_uri": "https://oauth2.googleapis.com/token"}"#;

fn folder(people: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("people.csv"), people).unwrap();
    let key = dir.path().join("key.json");
    std::fs::write(&key, KEY).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    dir
}

fn parse_in(dir: &Path, text: &str) -> Result<Config, Vec<Fault>> {
    let zones = Zones::built_in();
    let machine: Arc<dyn Zone> = zones.get("UTC").unwrap();
    parse(text, &dir.join("baton.toml"), &Surroundings { zones: &zones, machine })
}

fn faults(text: &str, people: &str) -> Vec<String> {
    let dir = folder(people);
    let all = parse_in(dir.path(), text).err().unwrap_or_default();
    let prefix = format!("{}/", dir.path().display());
    all.iter().map(|fault| fault.to_string().replace(&prefix, "")).collect()
}

#[test]
fn a_team_is_a_provider_and_a_file() {
    let dir = folder(PEOPLE);
    let config = parse_in(dir.path(), TEAM).unwrap();
    assert_eq!(config.warnings, []);
    assert_eq!(config.competitors, ["Rival CRM"]);
    let names: Vec<&str> = config.accounts.keys().map(String::as_str).collect();
    assert_eq!(names, ["calvin@vendor.example", "dana@vendor.example", "shared"]);
    let dana = &config.accounts["dana@vendor.example"];
    assert_eq!((dana.imap.host.as_str(), dana.login.as_str()), ("imap.gmail.com", "dana@vendor.example"));
    assert_eq!(dana.shared_grant.as_deref(), Some("vendor"));
    let key_file = dir.path().join("key.json");
    let scopes = vec!["https://mail.google.com/".to_owned()];
    let google = TokenFlow::ServiceAccount { key_file, scopes };
    let google = OAuth2 { provider: TokenProvider::Google, flow: google };
    assert_eq!(dana.auth, ConfiguredAuth::OAuth2(Box::new(google.clone())));
    assert_eq!(config.token_providers, [("vendor".to_owned(), google)].into());
    let calvin = &config.accounts["calvin@vendor.example"];
    assert_eq!(calvin.login, "VENDOR/calvin@vendor.example");
    let words = ["pass", "mail/calvin@vendor.example"].map(str::to_owned).to_vec();
    assert_eq!(calvin.auth, ConfiguredAuth::Password(SecretSource::Command(words)));
    assert_eq!(config.accounts["shared"].smtp.host, "relay.vendor.example");

    let dana = config.person("Dana Fox").unwrap();
    assert_eq!(dana.account.as_deref(), Some("dana@vendor.example"));
    assert_eq!(dana.aliases.len(), 2);
    assert_eq!(dana.signature.as_deref(), Some("Dana\nVendor Inc"));
    assert_eq!(dana.working.zone.name(), "America/New_York");
    assert_eq!((dana.working.workdays.len(), dana.working.holidays.len()), (4, 1));
    assert_eq!(dana.manager.as_deref(), Some("Morgan Hale"));
    let calvin = config.person("Calvin Reyes").unwrap();
    assert_eq!((calvin.roles.len(), calvin.working.zone.name()), (2, "Europe/Madrid"));
    assert_eq!(config.person("Morgan Hale").unwrap().manager, None);
}

/// What was changed in the file of people, into what, and the whole list of faults.
const PEOPLE_SLIPS: &[(&str, &str, &[&str])] = &[
    (",zone,", ",zoen,", &["people.csv:1:37: there is no column `zoen`"]),
    (
        "aliases,provider",
        "account,provider",
        &["people.csv:2:34: the entry of Dana Fox has both an account and a provider"],
    ),
    (",vendor,,", ",vednor,,", &["people.csv:2:80: there is no provider `vednor`"]),
    ("ae;manager", "ae;manger", &["people.csv:4:17: `manger` is not a role"]),
    ("Europe/Madrid", "Europe/Madird", &["people.csv:4:52: there is no time zone `Europe/Madird`"]),
    (
        "calvin@vendor.example,,",
        "calvin@vendor.example,dana@vendor.example,",
        &["people.csv:4:47: dana@vendor.example belongs to Dana Fox already"],
    ),
    ("Calvin Reyes", "Morgan Hale", &["people.csv:4:1: there are two people called Morgan Hale"]),
    ("Calvin Reyes", "Dana Fox", &["people.csv:4:1: there are two people called Dana Fox"]),
    ("ae;manager,calvin", ",calvin", &["people.csv:4:1: the entry of Calvin Reyes lacks `roles`"]),
    (
        "old,Europe/Madrid,",
        "old,Europe/Madrid,,,x",
        &["people.csv:4:68: this line has more cells than there are columns"],
    ),
    ("team@", "team@", &[]),
];

#[test]
fn slips_in_the_file_of_people_are_named_with_line_and_column() {
    let mut wrong = Vec::new();
    for (from, to, expected) in PEOPLE_SLIPS {
        let found = faults(TEAM, &PEOPLE.replacen(from, to, 1));
        if found != *expected {
            wrong.push(format!("{from:?} -> {to:?}\n  found {found:#?}\n  not {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same for the configuration.
const TEAM_SLIPS: &[(&str, &str, &[&str])] = &[
    (
        "\"people.csv\"",
        "\"peple.csv\"",
        &[
            "baton.toml:1:15: peple.csv cannot be read: there is no such file",
            "baton.toml:4:11: there is no account `dana@vendor.example`",
        ],
    ),
    (
        "zone = \"America/New_York\"",
        "zon = \"America/New_York\"",
        &["baton.toml:11:1: [defaults] has no key `zon`"],
    ),
    (
        "manager = \"Morgan Hale\"",
        "manager = \"Morgan Hall\"",
        &["baton.toml:13:11: there is no manager `Morgan Hall`"],
    ),
    ("workdays =", "name = \"x\"\nworkdays =", &["baton.toml:14:1: `name` is a person's own"]),
    (
        "[providers.vendor]",
        "[providers.vendor]\naddress = \"a@b.example\"",
        &["baton.toml:17:1: a provider has no address of its own"],
    ),
    ("provider = \"vendor\"", "provider = \"vendro\"", &["baton.toml:28:12: there is no provider `vendro`"]),
    ("\"key.json\"", "\"kez.json\"", &["baton.toml:19:41: kez.json cannot be read: there is no such file"]),
    (
        "google = { service_account = \"key.json\" }",
        "googel = { service_account = \"key.json\" }",
        &["baton.toml:19:12: oauth2 has no key `googel`"],
    ),
    (
        "service_account = \"key.json\"",
        "service_acount = \"key.json\"",
        &["baton.toml:19:23: oauth2 for google has no key `service_acount`"],
    ),
    (
        "service_account = \"key.json\"",
        "service_account = \"key.json\", client_id = \"x\"",
        &["baton.toml:19:23: a service account needs no client"],
    ),
    (
        "oauth2 = { google = { service_account = \"key.json\" } }\n",
        "",
        &[
            "baton.toml:26:1: [accounts.shared] has neither a password nor oauth2",
            "people.csv:2:80: the provider `vendor` lacks password, so it makes no accounts",
        ],
    ),
    (
        "google = { service_account = \"key.json\" }",
        "microsoft = { client_id = \"x\" }",
        &["baton.toml:19:24: oauth2 for microsoft lacks `tenant`"],
    ),
    (
        "google = { service_account = \"key.json\" }",
        "microsoft = { tenant = \"t\", client_id = \"x\", authority = \"http://login.example\" }",
        &["baton.toml:19:69: `http://login.example` cannot be used as an endpoint"],
    ),
    (
        "google = { service_account = \"key.json\" }",
        "custom = { token = \"https://t.example\", client_id = \"x\" }",
        &["baton.toml:19:21: there is no way to get a token"],
    ),
    (
        "{ google = { service_account = \"key.json\" } }",
        "\"microsoft\"",
        &["baton.toml:19:10: the client for microsoft is not configured"],
    ),
];

#[test]
fn slips_in_the_configuration_of_a_team_are_named_where_they_are() {
    let mut wrong = Vec::new();
    for (from, to, expected) in TEAM_SLIPS {
        assert!(TEAM.contains(from), "{from}");
        let found = faults(&TEAM.replacen(from, to, 1), PEOPLE);
        if found != *expected {
            wrong.push(format!("{from:?} -> {to:?}\n  found {found:#?}\n  not {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn microsoft_and_others_have_their_endpoints() {
    let dir = folder(PEOPLE);
    let flow = |text: &str| {
        let text = TEAM.replace("{ google = { service_account = \"key.json\" } }", text);
        let config = parse_in(dir.path(), &text).unwrap();
        config.token_providers["vendor"].flow.clone()
    };
    let TokenFlow::ClientCredentials { token, scopes, .. } = flow(
        "{ microsoft = { tenant = \"vendor.example\", client_id = \"id\", client_secret = { env = \"S\" }, authority = \"http://127.0.0.1:8080/\" } }",
    ) else {
        panic!("a secret is the application's own")
    };
    assert_eq!(token.as_str(), "http://127.0.0.1:8080/vendor.example/oauth2/v2.0/token");
    assert_eq!(scopes, ["https://outlook.office365.com/.default"]);
    let TokenFlow::Consent(client) = flow("{ microsoft = { tenant = \"t\", client_id = \"id\" } }") else {
        panic!("without a secret, people consent")
    };
    let device = client.device.unwrap();
    assert_eq!(device.as_str(), "https://login.microsoftonline.com/t/oauth2/v2.0/devicecode");
    assert!(client.scopes.contains(&"offline_access".to_owned()));
    let TokenFlow::Consent(client) = flow(
        "{ custom = { authorize = \"https://a.example/auth\", token = \"http://[::1]:1/t\", scopes = [\"mail\"], client_id = \"id\" } }",
    ) else {
        panic!("who names `authorize` asks people")
    };
    assert_eq!((client.device, client.scopes), (None, vec!["mail".to_owned()]));
}

#[test]
fn a_key_file_that_others_may_change_is_refused() {
    let dir = folder(PEOPLE);
    let key = dir.path().join("key.json");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o622)).unwrap();
    let found = parse_in(dir.path(), TEAM).unwrap_err().remove(0);
    assert!(found.message.contains("others than its owner"), "{}", found.message);
    assert!(found.help[0].contains("chmod 600"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(parse_in(dir.path(), TEAM).is_ok());
    std::fs::write(&key, format!("\u{feff}{KEY}")).unwrap();
    assert!(parse_in(dir.path(), TEAM).is_ok(), "as Notepad saves it");
    for (from, to, lacks) in [
        ("\"token_uri\"", "\"uri\"", "it lacks `token_uri`"),
        ("baton@project.iam.gserviceaccount.com", "", "it lacks `client_email`"),
        ("\"private_key\"", "\"key\"", "it lacks `private_key`"),
        ("PRIVATE KEY-----", "KEY-----", "its `private_key` is not one"),
        ("\"https://oauth2.googleapis.com/token\"", "7", "its fields are no texts (line 3"),
    ] {
        std::fs::write(&key, KEY.replace(from, to)).unwrap();
        let found = parse_in(dir.path(), TEAM).unwrap_err().remove(0);
        assert!(found.message.contains(lacks), "{}", found.message);
    }
    for content in ["", "{", "[]", "{\"client_email\": \"hunter2\"}", &KEY.replace("https://", "http://")] {
        std::fs::write(&key, content).unwrap();
        let found = parse_in(dir.path(), TEAM).unwrap_err();
        let shown = diagnostics::render(&found, FaultStyle::PLAIN);
        assert!(found.len() == 1 && shown.contains("key.json") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn what_is_in_an_unknown_column_is_not_quoted() {
    let dir = folder("name,password,zone\nDana Fox,hunter2,Mars/Base\n");
    let found = parse_in(dir.path(), TEAM).unwrap_err();
    let shown = diagnostics::render(&found, FaultStyle::PLAIN);
    assert!(shown.contains("there is no column `password`") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn spreadsheets_of_other_countries_are_read_as_well() {
    let people = "\u{feff}name;roles;address;provider\r\nDana Fox;sdr;dana@vendor.example;vendor\r\nRita Moss;\"sdr;ae\";rita@vendor.example;old\r\n";
    let dir = folder(people);
    let config = parse_in(dir.path(), TEAM).unwrap();
    assert_eq!((config.people.len(), config.person("Rita Moss").unwrap().roles.len()), (3, 2));
}
