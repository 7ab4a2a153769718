//! A panic on the way of a mail is a failed attempt of that mail, by how far it had come.

use std::fs;
use std::sync::Arc;

use super::app::App;
use super::attempt::AttemptOutcome;
use super::delivery::caught;
use super::global::reconcile_global_outbox;
use super::setup::build_app;
use crate::clock::{Clock, Zones, utc};
use crate::config::{self, Surroundings};
use crate::store::{OutboxState, Scope};

const CONFIGURATION: &str = "
database = \"baton.db\"
[agent]
account = \"dana\"
operator = \"ops@vendor.example\"
[sla]
policy = \"elapsed\"
hours = \"1h\"
[accounts.dana]
address = \"dana@vendor.example\"
imap = \"imap://127.0.0.1:1\"
smtp = \"smtp://127.0.0.1:1\"
login = \"dana\"
password = { file = \"password\" }
[[people]]
name = \"Dana Fox\"
roles = [\"sdr\"]
address = \"dana@vendor.example\"
account = \"dana\"
";

fn app(folder: &std::path::Path) -> Arc<App> {
    fs::write(folder.join("baton.toml"), CONFIGURATION).unwrap();
    fs::write(folder.join("password"), "pw").unwrap();
    let zones = Zones::built_in();
    let surroundings = Surroundings { zones: &zones, machine: utc() };
    let config = config::load(&folder.join("baton.toml"), &surroundings).unwrap();
    let clock = Clock::standing_at("2026-11-24T15:00:00Z".parse().unwrap());
    Arc::new(build_app(&config, clock, Zones::built_in()).unwrap())
}

/// A mail to the operator that is being sent.
async fn leased(app: &Arc<App>) -> i64 {
    app.store.take_lease(app.now()).await.unwrap();
    app.write(|app, tx| {
        let now = app.now();
        tx.raise_alert("x", "something", "somewhere", "Look.", now)?;
        reconcile_global_outbox(app, tx, now)?;
        let row = tx.outbox(&Scope::Global)?.pop().expect("a mail about it");
        tx.lease(row.seq, b"bytes", &row.recipients, app.store.owner(), now)?;
        Ok(row.seq)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt_by_how_far_the_mail_had_come() {
    for (all_but_the_end, expected) in [(false, OutboxState::Queued), (true, OutboxState::Uncertain)] {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path());
        let seq = leased(&app).await;
        let owner = Arc::clone(&app);
        let outcome = caught(&app, seq, async move {
            if all_but_the_end {
                let begins = move |app: &App, tx: &crate::store::WriteTransaction<'_>| {
                    tx.last_piece_begins(seq, app.store.owner(), &Vec::new())
                };
                owner.write(begins).await?;
            }
            panic!("on purpose")
        });
        assert_eq!(outcome.await.unwrap(), AttemptOutcome::Deferred);
        let row = app.read(move |_, tx| tx.outbox_row(seq)).await.unwrap().unwrap();
        assert_eq!(row.state, expected);
    }
}
