//! Expected states against `baton show --json`: what a scenario names must be so, what it leaves out may be
//! anything.

use chrono::{DateTime, Utc};
use serde_json::Value;
use toml::Table;

use super::stage::Stage;
use super::times::{Times, is_time};

/// Every way in which the state differs. `handoffs` holds tables for more than one, by company; `rules` is
/// the whole list of rows in the story, sorted; `events` are events that must be there, `no_events` must not.
pub(crate) fn differences(when: &str, wanted: &Table, stage: &Stage, times: &Times) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in wanted {
        match (key.as_str(), value) {
            ("handoffs", toml::Value::Table(several)) => {
                for (company, wanted) in several {
                    let shown = stage.show(&stage.id_of(company));
                    of_one(
                        when,
                        company,
                        wanted.as_table().expect("a table"),
                        &shown,
                        stage,
                        times,
                        &mut found,
                    );
                }
            }
            _ => {
                let shown = stage.show(&stage.handoffs.first().expect("a handoff").1);
                let one = Table::from_iter([(key.clone(), value.clone())]);
                of_one(when, "", &one, &shown, stage, times, &mut found);
            }
        }
    }
    found
}

fn of_one(
    when: &str,
    company: &str,
    wanted: &Table,
    shown: &Value,
    stage: &Stage,
    times: &Times,
    found: &mut Vec<String>,
) {
    let eye = Eye { stage, times };
    for (key, value) in wanted {
        let place = if company.is_empty() { key.clone() } else { format!("{company}.{key}") };
        match (key.as_str(), value) {
            ("rules", toml::Value::Array(_)) => {
                let mut rules: Vec<i64> = shown["events"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|event| event["rule"].as_i64())
                    .collect();
                rules.sort_unstable();
                let rules = Value::from(rules);
                eye.compare(&place, value, &rules, when, found);
            }
            ("events" | "no_events", toml::Value::Array(events)) => {
                for event in events {
                    let fits = |one: &&Value| {
                        let mut differs = Vec::new();
                        eye.compare("", event, one, when, &mut differs);
                        differs.is_empty()
                    };
                    let is_there = shown["events"].as_array().unwrap().iter().any(|one| fits(&one));
                    if is_there != (key == "events") {
                        let verb = if is_there { "there should be no" } else { "there is no" };
                        found.push(format!("{when}: {verb} event {event}"));
                    }
                }
            }
            _ => eye.compare(&place, value, &shown[key], when, found),
        }
    }
}

struct Eye<'a> {
    stage: &'a Stage,
    times: &'a Times,
}

impl Eye<'_> {
    fn compare(&self, place: &str, wanted: &toml::Value, is: &Value, when: &str, found: &mut Vec<String>) {
        let fits = match (wanted, is) {
            (toml::Value::Table(table), _) => {
                for (key, value) in table {
                    self.compare(&format!("{place}.{key}"), value, &is[key], when, found);
                }
                true
            }
            (toml::Value::Array(several), Value::Array(all)) if several.len() == all.len() => {
                for (index, (one, is)) in several.iter().zip(all).enumerate() {
                    self.compare(&format!("{place}[{index}]"), one, is, when, found);
                }
                true
            }
            (toml::Value::Boolean(wanted), Value::Bool(is)) => wanted == is,
            (toml::Value::Integer(wanted), is) => is.as_i64() == Some(*wanted),
            (toml::Value::String(wanted), Value::Null) => wanted == "none" || wanted == "null",
            (toml::Value::String(wanted), Value::String(is)) => self.is_text(place, wanted, is),
            _ => false,
        };
        if !fits {
            found.push(format!("{when}: {place} is {}, not {wanted}", self.readable(is)));
        }
    }

    fn is_text(&self, place: &str, wanted: &str, is: &str) -> bool {
        if wanted == is {
            return true;
        }
        if place.ends_with("message_id") {
            return !is.is_empty() && self.known_id(wanted).as_deref() == Some(is);
        }
        if let (true, Ok(at)) = (is_time(wanted), is.parse::<DateTime<Utc>>()) {
            return self.times.near(wanted, at) == at;
        }
        // `...words...` is a part.
        wanted
            .strip_prefix("...")
            .is_some_and(|part| is.to_lowercase().contains(&part.trim_end_matches("...").to_lowercase()))
    }

    fn known_id(&self, name: &str) -> Option<String> {
        if name.contains('@') {
            return Some(name.to_owned());
        }
        Some(self.stage.original(name).id)
    }

    fn readable(&self, is: &Value) -> String {
        match is.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok()) {
            Some(at) => format!("{is} ({})", self.times.show(at)),
            None => is.to_string(),
        }
    }
}
