//! Answers that make a configuration, and answers that do not.

use super::*;

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
