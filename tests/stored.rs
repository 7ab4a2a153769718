//! Databases of every released format, opened by this version: what `baton status --json` and `baton show --json`
//! tell of them stays the same.
//!
//! The databases of `fixtures/stored` are as the last version of each format left them. That every row of it can be
//! read is checked in `src/store/stored_format_tests.rs`.

#![expect(clippy::unwrap_used, reason = "outside a test function, but of tests alone")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use baton::agent::app::App;
use baton::agent::setup;
use baton::agent::turn::judged;
use baton::cli::json;
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::store::Scope;
use rusqlite::Connection;
use serde_json::{Value, json};

const FORMATS: [&str; 3] = ["schema-001", "schema-002", "schema-003"];

/// When the database is looked at: the afternoon after its last event.
const NOW: &str = "2026-12-09T16:00:00Z";

/// An app on a kept database, in a folder of its own.
fn app_on(format: &str, folder: &Path) -> App {
    let fixtures = Path::new("fixtures/stored");
    let sql = fs::read_to_string(fixtures.join(format!("{format}.sql"))).unwrap();
    Connection::open(folder.join("baton.db")).unwrap().execute_batch(&sql).unwrap();
    let file = folder.join("baton.toml");
    fs::copy(fixtures.join("baton.toml"), &file).unwrap();
    let zones = Zones::built_in();
    let config = config::load(&file, &Surroundings { zones: &zones, machine: utc() }).unwrap();
    setup::build_app(&config, Clock::standing_at(NOW.parse().unwrap()), zones).unwrap()
}

async fn output(app: &Arc<App>) -> Value {
    app.read(|app, tx| {
        let mut handoffs = Vec::new();
        for stored in tx.handoffs()? {
            let id = stored.handoff.id;
            let judged = judged(tx, &app.policy, &id, NOW.parse().unwrap())?.unwrap();
            let mails = tx.outbox(&Scope::Handoff(id))?;
            handoffs.push(json!({
                "status": json::summary(app, &judged),
                "show": json::whole(app, &judged, &mails),
            }));
        }
        Ok(Value::from(handoffs))
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn every_released_format_tells_the_same_of_its_handoffs() {
    for format in FORMATS {
        let folder = tempfile::tempdir().unwrap();
        insta::assert_json_snapshot!(format, output(&Arc::new(app_on(format, folder.path()))).await);
    }
}
