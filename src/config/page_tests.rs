//! Sentences of docs/interface.md, Configuration in full, that no other test of this room holds.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::clock::Zones;

const ONE: &str = r#"database = "baton.db"
[agent]
account = "dana"
operator = "ops@vendor.example"
[accounts.dana]
address = "dana@vendor.example"
imap = "imaps://imap.vendor.example"
smtp = "smtps://smtp.vendor.example"
password = { keyring = true }
[[people]]
name = "Dana Fox"
roles = ["sdr"]
address = "dana@vendor.example"
account = "dana"
zone = "America/New_York"
"#;

fn read_with(from: &str, to: &str) -> Result<Config, Vec<Fault>> {
    assert!(ONE.contains(from), "{from}");
    let zones = Zones::built_in();
    let machine: Arc<dyn Zone> = zones.get("UTC").unwrap();
    let surroundings = Surroundings { zones: &zones, machine };
    parse(&ONE.replacen(from, to, 1), Path::new("/nowhere/baton.toml"), &surroundings)
}

#[test]
fn a_zone_that_has_no_summer_time_is_warned_about() {
    for zone in ["EST", "est", "MST", "HST", "+01:00", "-05:00"] {
        let config = read_with("America/New_York", zone).unwrap();
        let said: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
        assert!(said.len() == 1 && said[0].contains("has no summer time"), "{zone}: {said:?}");
        assert!(said[0].contains(":15:8"), "{said:?}");
    }
    for zone in ["America/New_York", "UTC", "Asia/Tokyo", "America/Phoenix", "CET", "Etc/UTC"] {
        assert_eq!(read_with("America/New_York", zone).unwrap().warnings, [], "{zone}");
    }
}

#[test]
fn what_belongs_above_the_first_table_is_sent_there() {
    for key in ["database", "people_file", "templates"] {
        for table in ["[agent]\n", "[accounts.dana]\n", "name = \"Dana Fox\"\n"] {
            let faults = read_with(table, &format!("{table}{key} = \"x\"\n")).unwrap_err();
            let said = diagnostics::render(&faults, diagnostics::FaultStyle::PLAIN);
            assert!(said.contains("at the top of the file"), "{key} {table}: {said}");
        }
    }
}

#[test]
fn a_keyring_is_named_and_nothing_else_beside_it() {
    let config = read_with("x", "x").unwrap();
    assert_eq!(config.accounts["dana"].auth, ConfiguredAuth::Password(SecretSource::Keyring));
    assert!(config.missing_variables().is_empty());
    for wrong in ["{ keyring = true, env = \"X\" }", "{ keyring = false }", "{ keyring = \"yes\" }", "{}"] {
        assert!(read_with("{ keyring = true }", wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_missing_variable_is_told_once_with_who_needs_it() {
    let provider = "[providers.vendor]\nimap = \"imaps://i.example\"\nsmtp = \"smtps://s.example\"\n";
    for oauth2 in [
        "microsoft = { tenant = \"t\", client_id = \"c\", client_secret = { env = \"BATON_TEST_NOT_SET\" } }",
        "google = { client_id = \"c\", client_secret = { env = \"BATON_TEST_NOT_SET\" } }",
        "custom = { token = \"https://t.example\", client_id = \"c\", client_secret = { env = \"BATON_TEST_NOT_SET\" } }",
    ] {
        let accounts = "[accounts.one]\nprovider = \"vendor\"\naddress = \"one@vendor.example\"\n\
                        [accounts.two]\nprovider = \"vendor\"\naddress = \"two@vendor.example\"\n";
        let more = format!("{provider}oauth2 = {{ {oauth2} }}\n{accounts}[[people]]");
        let missing = read_with("[[people]]", &more).unwrap().missing_variables();
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert!(missing[0].starts_with("account one and 1 more: "), "{missing:?}");
        assert!(missing[0].contains("BATON_TEST_NOT_SET is not set"), "{missing:?}");
    }
    let own = read_with("keyring = true", "env = \"BATON_TEST_NOT_SET\"").unwrap().missing_variables();
    assert!(own[0].starts_with("account dana: "), "{own:?}");
}
