//! Many handoffs that come to their reminder and to their deadline at the same moment.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baton::agent::app::App;
use baton::agent::seed::{self, SeededHandoff};
use baton::agent::setup;
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OpenFlags};

use super::measure::{self, Agent, run};
use super::raw::send_all;
use super::support::TestBed;

const PAIRS: usize = 20;

/// From the handoff to the deadline.
const HOURS: i64 = 8;

/// A wait that gets no further in this time has come to its end.
const STUCK: Duration = Duration::from_secs(180);

fn configuration(bed: &TestBed) -> String {
    let mut text = format!(
        "database = \"baton.db\"\n[agent]\naccount = \"agent\"\noperator = \"ops@vendor.example\"\n[sla]\npolicy = \"elapsed\"\nhours = \"{HOURS}h\"\nremind_before = \"1m\"\ngrace = \"5s\"\n"
    );
    text.push_str(&bed.account_toml("agent", "agent@vendor.example"));
    for pair in 0..PAIRS {
        for role in ["sdr", "ae"] {
            let login = format!("{role}{pair}");
            text.push_str(&bed.account_toml(&login, &format!("{login}@vendor.example")));
        }
    }
    for pair in 0..PAIRS {
        for (name, role) in [("Dana Fox", "sdr"), ("Calvin Reyes", "ae"), ("Morgan Hale", "manager")] {
            write!(
                text,
                "[[people]]\nname = \"{name}{pair}\"\nroles = [\"{role}\"]\naddress = \"{role}{pair}@vendor.example\"\nzone = \"UTC\"\nhours = \"00:00-24:00\"\nworkdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n"
            )
            .unwrap();
            if role != "manager" {
                write!(text, "account = \"{role}{pair}\"\nmanager = \"Morgan Hale{pair}\"\n").unwrap();
            }
        }
    }
    text
}

async fn seeded(dir: &Path, count: usize, deadline: DateTime<Utc>) {
    let zones = Zones::built_in();
    let path = dir.join("baton.toml");
    let config = config::load(&path, &Surroundings { zones: &zones, machine: utc() })
        .unwrap_or_else(|faults| panic!("the configuration: {faults:#?}"));
    let clock = Clock::standing_at(Utc::now());
    let app: Arc<App> = Arc::new(setup::build_app(&config, clock, zones).unwrap());
    let handoffs = (0..count)
        .map(|number| SeededHandoff {
            number,
            sdr: format!("Dana Fox{}", number % PAIRS),
            ae: format!("Calvin Reyes{}", number % PAIRS),
            at: deadline - TimeDelta::hours(HOURS),
            messages: 0,
            closed: false,
        })
        .collect();
    seed::seed(&app, handoffs, Utc::now()).await.unwrap();
}

/// Mails of this kind that have left.
fn left(database: &Connection, kind: &str) -> usize {
    let sql = "SELECT count(*) FROM outbox WHERE kind = ?1 AND state = 'sent'";
    let count: i64 = database.prepare_cached(sql).unwrap().query_row([kind], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}

/// Waits until all mails of a kind have left. When the first and the last of them had, in seconds after they were due.
async fn departure(database: &Connection, kind: &str, count: usize, due: DateTime<Utc>) -> (f64, f64, usize) {
    let since_due = || (Utc::now() - due).num_milliseconds() as f64 / 1e3;
    let (mut first, mut seen, mut moved) = (f64::NAN, 0, Instant::now());
    while seen < count && (moved.elapsed() < STUCK || since_due() < 60.0) {
        let now = left(database, kind);
        if now > seen {
            if seen == 0 {
                first = since_due();
            }
            (seen, moved) = (now, Instant::now());
        }
        measure::pause(Duration::from_millis(100)).await;
    }
    (first, since_due(), seen)
}

/// A mail of about the size of those.
fn mail(number: usize) -> (Vec<String>, Vec<u8>) {
    let line =
        "Acme has waited since this morning for a first word of yours, and this is what happens next.\r\n";
    let head = format!(
        "From: agent@vendor.example\r\nTo: ae{}@vendor.example\r\nSubject: number {number}\r\nMessage-ID: <plain-{number}@vendor.example>\r\n\r\n",
        number % PAIRS
    );
    (vec![format!("ae{}@vendor.example", number % PAIRS)], (head + &line.repeat(40)).into_bytes())
}

pub(crate) fn print(count: usize, shows_works: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(deadlines(count, shows_works));
}

async fn deadlines(count: usize, shows_works: bool) {
    let bed = TestBed::start();
    let dir = bed.work();
    bed.write_config(&configuration(&bed));
    tokio::task::block_in_place(|| run(&dir, &["run", "--once"]));
    let lead = 150 + i64::try_from(count).unwrap() / 4;
    let minute = (Utc::now() + TimeDelta::seconds(lead)).timestamp() / 60 * 60 + 60;
    let deadline = DateTime::from_timestamp(minute, 0).unwrap();
    seeded(&dir, count, deadline).await;
    tokio::task::block_in_place(|| run(&dir, &["run", "--once"]));
    let mut agent = Agent::start(&dir);
    agent.has_read(2 * (2 * PAIRS + 1)).await;
    println!(
        "\n{count} deadlines at {deadline}, {} s after everything was read",
        (deadline - Utc::now()).num_seconds()
    );
    agent.take_long_writes();
    let database =
        Connection::open_with_flags(dir.join("baton.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let before = agent.cpu();
    let reminders = departure(&database, "reminder", count, deadline - TimeDelta::minutes(1)).await;
    let escalations = departure(&database, "escalation", count, deadline + TimeDelta::seconds(5)).await;
    let cpu = agent.cpu() - before;
    let long = agent.take_long_writes();
    let warnings = agent.seen().warnings;
    drop(agent);
    let mails: Vec<_> = (0..count).map(mail).collect();
    let (port, ca) = (bed.ports.smtps, bed.ca());
    let plain = tokio::task::block_in_place(|| send_all(port, &ca, "agent@vendor.example", &mails));
    println!("a plain client, one connection: {plain:.1} s");
    for (kind, (first, last, seen)) in [("reminders", reminders), ("escalations", escalations)] {
        println!("{kind}: {seen} left, the first after {first:.1} s, the last after {last:.1} s");
    }
    println!("CPU of the agent {:.1} s; writes over 50 ms: {}", cpu / 1e3, measure::longest(&long));
    for warning in warnings.iter().take(5) {
        println!("  {warning}");
    }
    if shows_works {
        measure::print_long_works(&long);
    }
}
