//! Answers that make a configuration, and answers that do not.

use super::*;
use crate::config::{Config, ConfiguredAuth, SecretSource};

fn answered(lines: &str) -> Result<NewConfig, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut dialog = Dialog { input: lines.as_bytes(), takes_defaults: false };
    let zones = Zones::built_in();
    let nobody = Resolver::default();
    runtime.block_on(interview(&mut dialog, &InitArgs::default(), &zones, &nobody))
}

fn read(new: &NewConfig) -> Config {
    let zones = Zones::built_in();
    let surroundings = Surroundings { zones: &zones, machine: zones.machine() };
    config::parse(&new.text(), Path::new("baton.toml"), &surroundings).unwrap()
}

const LINES: &str = "Dana \"D\" Fox\nDana@Vendor.example\n\nmail.vendor.example:465\n\n\n\nCalvin Reyes\n\
                     calvin@vendor.example\nAmerica/New_York\nMorgan Hale\nmorgan@vendor.example\n";

#[test]
fn what_was_answered_is_a_configuration_that_can_be_read() {
    let config = read(&answered(LINES).unwrap());
    let dana = &config.accounts["dana"];
    assert_eq!((dana.imap.host.as_str(), dana.smtp.port), ("imap.vendor.example", 465));
    assert_eq!(dana.login, "dana@vendor.example");
    assert_eq!(config.people[0].name, "Dana \"D\" Fox");
    assert_eq!(config.people.len(), 3);
    assert_eq!(config.people[1].working.zone.name(), "America/New_York");
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn an_sdr_who_is_the_manager_is_one_person() {
    let lines = LINES.replace("Morgan Hale\nmorgan@vendor.example\n", "Dana \"D\" Fox\n");
    let config = read(&answered(&lines).unwrap());
    assert_eq!((config.people.len(), config.people[0].roles.len()), (2, 2));
}

#[test]
fn a_wrong_answer_is_asked_for_again_and_a_missing_one_writes_nothing() {
    for (right, wrong) in [
        ("America/New_York", "America/NewYork\nAmerica/New_York"),
        ("America/New_York", "EST\nAmerica/New_York"),
        ("Calvin Reyes", "Dana \"D\" Fox\nCalvin Reyes"),
        ("calvin@vendor.example", "dana@vendor.example\ncalvin@vendor.example"),
        ("Morgan Hale", "Calvin Reyes\nMorgan Hale"),
    ] {
        let config = read(&answered(&LINES.replacen(right, wrong, 1)).unwrap());
        assert_eq!(config.people[1].working.zone.name(), "America/New_York", "{wrong}");
        assert_eq!(config.people[2].name, "Morgan Hale", "{wrong}");
    }
    assert_eq!(answered("Dana Fox\nnobody\n").unwrap_err().status, REFUSED);
    assert!(variable_name("s3cret!").is_err() && variable_name("2day").is_err());
    assert!(server("http://x", "imap").is_err());
}

fn people_folder(people: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("team.csv"), people).unwrap();
    dir
}

fn team_of(dir: &Path, args: &InitArgs) -> NewConfig {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(team(args, &dir.join("team.csv"), dir, &Resolver::default())).unwrap()
}

fn parsed_in(dir: &Path, new: &NewConfig) -> Config {
    let zones = Zones::built_in();
    let surroundings = Surroundings { zones: &zones, machine: zones.machine() };
    config::parse(&new.text(), &dir.join("baton.toml"), &surroundings)
        .unwrap_or_else(|faults| panic!("{faults:#?}\n{}", new.text()))
}

#[test]
fn the_table_of_a_provider_is_called_as_the_file_of_people_calls_it() {
    let people = "name,roles,address,provider\nDana Fox,sdr,dana@vendor.example,our mail\nRob,sdr,rob@vendor.example,our mail\n";
    let dir = people_folder(people);
    let servers = InitArgs {
        imap: Some("imaps://mail.vendor.example".to_owned()),
        smtp: Some("mail.vendor.example:587".to_owned()),
        agent: Some("Baton@vendor.example".to_owned()),
        ..InitArgs::default()
    };
    let config = parsed_in(dir.path(), &team_of(dir.path(), &servers));
    assert_eq!((config.agent.account.as_str(), config.accounts.len()), ("baton", 3));
    let rob = &config.accounts["rob@vendor.example"];
    let file = dir.path().join("passwords/rob@vendor.example");
    assert_eq!(rob.auth, ConfiguredAuth::Password(SecretSource::File(file)));
    assert_eq!((rob.smtp.port, rob.smtp.protection), (587, config::Protection::StartTls));
    let microsoft = InitArgs { provider: Some("microsoft".to_owned()), ..InitArgs::default() };
    let config = parsed_in(dir.path(), &team_of(dir.path(), &microsoft));
    assert!(config.token_providers.contains_key("our mail"));
}

#[test]
fn who_names_no_provider_has_that_of_all() {
    let dir = people_folder("name;roles;address\nDana Fox;sdr;dana@vendor.example\n");
    for (provider, name) in [(Some("microsoft".to_owned()), "microsoft"), (None, "mail")] {
        let args = InitArgs { provider, ..InitArgs::default() };
        let config = parsed_in(dir.path(), &team_of(dir.path(), &args));
        assert_eq!(config.accounts["dana@vendor.example"].provider.as_deref(), Some(name));
    }
}

#[test]
fn baton_s_own_mailbox_is_reached_as_the_sdr_s_is() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut dialog = Dialog { input: LINES.as_bytes(), takes_defaults: false };
    let args = InitArgs { agent: Some("baton@vendor.example".to_owned()), ..InitArgs::default() };
    let (zones, nobody) = (Zones::built_in(), Resolver::default());
    let new = runtime.block_on(interview(&mut dialog, &args, &zones, &nobody));
    let config = read(&new.unwrap());
    let own = config.agent_account().unwrap();
    assert_eq!((own.name.as_str(), own.address.as_str()), ("baton", "baton@vendor.example"));
    assert_eq!(own.auth, ConfiguredAuth::Password(SecretSource::Env("BATON_PASSWORD".to_owned())));
    assert_eq!(own.imap, config.accounts["dana"].imap);
}
