//! `baton report` of a year of handoffs and `baton audit --last`, through the built program on a database that it shares
//! with the agent. docs/behaviour.md section 10.
//!
//! `BATON_LONG=1` makes it two thousand handoffs, `BATON_OPTIMISED` names the program whose time counts then.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![allow(
    clippy::disallowed_methods,
    reason = "the program has the real clock, and how long it takes is measured"
)]

#[path = "growth/stage.rs"]
mod stage;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use baton::agent::seed::{self, SeededHandoff};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::Value;
use stage::Stage;

fn is_long() -> bool {
    std::env::var_os("BATON_LONG").is_some()
}

fn baton(folder: &Path, arguments: &[&str]) -> (Value, Duration) {
    let optimised = std::env::var_os("BATON_OPTIMISED");
    let begun = Instant::now();
    let output = Command::new(optimised.unwrap_or_else(|| env!("CARGO_BIN_EXE_baton").into()))
        .args(["--config", folder.join("baton.toml").to_str().unwrap(), "--json"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TZ", "UTC")
        .output()
        .unwrap();
    let taken = begun.elapsed();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    (serde_json::from_slice(&output.stdout).unwrap(), taken)
}

/// A stage with these handoffs, made in this order: when their intro left, and whether the AE touched them.
async fn with(now: DateTime<Utc>, handoffs: impl Iterator<Item = (DateTime<Utc>, bool)>) -> Stage {
    let stage = Stage::set_at(now, 0, 0, 0).await;
    let made = handoffs.enumerate().map(|(number, (at, is_touched))| SeededHandoff {
        number,
        sdr: stage::sdr(number),
        ae: stage::ae(number),
        at,
        messages: usize::from(is_touched),
        closed: at < now - TimeDelta::days(7),
    });
    seed::seed(&stage.app, made.collect(), now).await.unwrap();
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_handoffs_are_those_whose_intro_left_last_whichever_was_made_first() {
    let now = Utc::now().trunc_subsecs(0);
    let ago = [2, 30, 5, 70, 1, 50].map(|hours| (now - TimeDelta::hours(hours), true));
    let stage = with(now, ago.into_iter()).await;
    let last = |count: &str| -> Vec<String> {
        let (document, _) = baton(stage.dir(), &["audit", "--last", count]);
        let handoffs = document["handoffs"].as_array().unwrap();
        handoffs.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let newest = [4, 0, 2, 1, 5, 3].map(seed::id_of);
    for count in 1..=6 {
        assert_eq!(last(&count.to_string()), newest[..count]);
    }
    assert_eq!(last("100"), newest);
}

/// What of the CSV's lines begins so, by its last cell.
fn values<'t>(csv: &'t str, begin: &str) -> Vec<&'t str> {
    let lines = csv.lines().filter_map(|line| line.strip_prefix(begin));
    lines.map(|rest| rest.rsplit(',').next().unwrap()).collect()
}

fn percent(share: &Value) -> String {
    format!("{:.0} %", share.as_f64().unwrap() * 100.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_is_reported_at_once_and_page_csv_and_json_agree() {
    let count = if is_long() { 2_000 } else { 60 };
    let now = Utc::now().trunc_subsecs(0);
    let year = (0..count).map(|number| {
        let minutes = i64::from(number) * 525_000 / i64::from(count);
        (now - TimeDelta::minutes(minutes + 30), number % 3 > 0)
    });
    let stage = with(now, year).await;
    let (json, taken) = baton(stage.dir(), &["report", "--html", "report.html", "--csv", "report.csv"]);
    println!("{count} handoffs: {:.2} s", taken.as_secs_f64());
    let is_measured = is_long() && std::env::var_os("BATON_OPTIMISED").is_some();
    assert!(!is_measured || taken < Duration::from_secs(2), "{taken:?}");
    let read = |name: &str| std::fs::read_to_string(stage.dir().join(name)).unwrap();
    let (html, csv) = (read("report.html"), read("report.csv"));
    assert_eq!(json["handoffs"], count);
    for measure in ["handoffs", "in_time", "median_allowed_s"] {
        assert_eq!(values(&csv, &format!("total,,,{measure},")), [json[measure].to_string()], "{measure}");
    }
    assert!(html.contains(&percent(&json["in_time"])));
    for week in json["weeks"].as_array().unwrap() {
        let name = week["week"].as_str().unwrap();
        assert_eq!(values(&csv, &format!("week,{name},,handoffs,")), [week["handoffs"].to_string()]);
        let row = html.split(&format!("<th scope=\"row\">{name}</th>")).nth(1).unwrap();
        let row = row.split("</tr>").next().unwrap();
        assert!(row.contains(&format!(">{}<", week["handoffs"])), "{name}: {row}");
        assert!(week["in_time"].is_null() || row.contains(&percent(&week["in_time"])), "{name}: {row}");
    }
    for person in json["people"].as_array().unwrap() {
        let (name, role) = (person["name"].as_str().unwrap(), person["role"].as_str().unwrap());
        for measure in ["handoffs", "in_time", "median_s", "worst_s"] {
            let found = values(&csv, &format!("person,{name},{role},{measure},"));
            let value = &person[measure];
            let expected = if value.is_null() { String::new() } else { value.to_string() };
            assert_eq!(found, [expected], "{name}, {role}: {measure}");
        }
    }
    for section in ["cc", "feedback"] {
        for one in json[section].as_array().unwrap() {
            let what = one["what"].as_str().unwrap();
            assert_eq!(values(&csv, &format!("{section},{what},,count,")), [one["count"].to_string()]);
            assert_eq!(one["handoffs"].as_array().unwrap().len() as u64, one["count"].as_u64().unwrap());
        }
    }
    let waiting: Vec<&str> =
        json["waiting"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert!(!waiting.is_empty());
    assert_eq!(values(&csv, "waiting,,,handoff,"), waiting);
    // Every handoff has its row on the page, and every link leads to one.
    assert_eq!(html.matches("<tr id=\"h-").count(), usize::try_from(count).unwrap());
    let named = |begin: &str| -> BTreeSet<String> {
        html.split(begin).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let nowhere: Vec<String> = named("href=\"#").difference(&named(" id=\"")).cloned().collect();
    assert_eq!(nowhere, [""; 0], "links lead nowhere");
}
