//! What happens to handoffs, said as it happens to a person who watches `baton run` at a terminal.
//!
//! Looks at the stories of the open handoffs after each change and says what they have gained, which a service does
//! not pay for. Changes nothing. Known limit: with more than [`MOST_HANDOFFS`] open handoffs nothing is said; the last
//! event of a handoff that ends with it is not said either.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::AgentError;
use super::app::App;
use super::daemon::Wakeups;
use super::turn::{JudgedHandoff, listed};

/// So many stories are looked at after a change, no more.
const MOST_HANDOFFS: usize = 100;

/// Changes that come together are looked at together.
const PAUSE: Duration = Duration::from_millis(500);

/// Never ends by itself.
pub(super) async fn run(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    // What had happened before is in `baton show`.
    let mut said: BTreeSet<String> = events(&app).await?.into_iter().map(|(key, _)| key).collect();
    loop {
        if store_changed.changed().await.is_err() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
        store_changed.mark_unchanged();
        for (key, line) in events(&app).await? {
            if said.insert(key) {
                tracing::info!("{line}");
            }
        }
    }
}

/// Every event of the open handoffs, with what tells it from others.
async fn events(app: &Arc<App>) -> Result<Vec<(String, String)>, AgentError> {
    let handoffs = app
        .read(|app, tx| {
            if tx.open_handoffs()?.len() > MOST_HANDOFFS {
                return Ok(Vec::new());
            }
            listed(tx, &app.policy, false, app.now())
        })
        .await?;
    let mut events = Vec::new();
    for JudgedHandoff { judgement, .. } in &handoffs {
        for event in &judgement.story {
            let key = format!("{} {} {} {}", judgement.brief.id, event.at, event.what, event.why);
            events.push((key, format!("{}: {}", judgement.record.company, event.why)));
        }
    }
    Ok(events)
}
