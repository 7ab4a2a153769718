//! Whether anybody is watching: the line that `send`, `status`, `show` and `doctor` say it with.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::agent::app::App;
use crate::agent::presence::{MailboxReading, WatchState, watch_state};
use crate::domain::zone::Zone;

use super::failure::Failure;
use super::json::utc;
use super::show::relative;
use super::story::exact;
use super::terminal::{BAD, painted};

/// Mailboxes that are named one by one; of more, the one that is furthest behind is.
const NAMED: usize = 6;

pub(crate) async fn state(app: &Arc<App>, now: DateTime<Utc>) -> Result<WatchState, Failure> {
    Ok(app
        .read(move |app, tx| {
            let accounts: Vec<String> = app.accounts.keys().cloned().collect();
            watch_state(tx, &accounts, now)
        })
        .await?)
}

/// `agent running since Mon 3 Dec 2026 10:00 UTC (3 h ago); mailboxes read: dana 2 s ago, calvin 2 s ago`.
pub(crate) fn line(state: &WatchState, now: DateTime<Utc>, zone: &dyn Zone) -> String {
    let when = |at: DateTime<Utc>| format!("{} ({})", exact(at, zone), relative(at, now));
    let agent = match &state.presence {
        Some(agent) if state.is_running && agent.is_pass => {
            format!("agent: last full pass {}", when(agent.alive_at))
        }
        Some(agent) if state.is_running => format!("agent running since {}", when(agent.since)),
        Some(agent) => {
            let end = when(agent.ended_at.unwrap_or(agent.alive_at));
            painted(BAD, format!("AGENT NOT RUNNING since {end}"))
        }
        None => painted(BAD, "NO AGENT HAS RUN YET"),
    };
    let stopped = state.is_stopped.then(|| {
        let what = "NOTHING IS SENT: another agent is running on a copy of the database";
        format!("{} (`baton run --take-over`); ", painted(BAD, what))
    });
    format!("{}{agent}; {}", stopped.unwrap_or_default(), mailboxes(&state.mailboxes, now))
}

/// The same without colours.
pub(crate) fn plain_line(state: &WatchState, now: DateTime<Utc>, zone: &dyn Zone) -> String {
    anstream::adapter::strip_str(&line(state, now, zone)).to_string()
}

fn mailboxes(mailboxes: &[MailboxReading], now: DateTime<Utc>) -> String {
    let read = |mailbox: &MailboxReading| match mailbox.read_until {
        Some(at) => relative(at.min(now), now),
        None => "never".to_owned(),
    };
    if mailboxes.len() <= NAMED {
        let all: Vec<String> =
            mailboxes.iter().map(|mailbox| format!("{} {}", mailbox.account, read(mailbox))).collect();
        return format!("mailboxes read: {}", all.join(", "));
    }
    match mailboxes.iter().min_by_key(|mailbox| mailbox.read_until) {
        Some(last) => {
            format!("{} mailboxes read, the last of them {} {}", mailboxes.len(), last.account, read(last))
        }
        None => "no mailboxes".to_owned(),
    }
}

/// The line for people where nobody watches what was just asked for.
pub(crate) fn advice(state: &WatchState) -> Option<&'static str> {
    (!state.is_running)
        .then_some("nobody is watching: start `baton run`, or no reminder and no escalation will come")
}

/// The same as JSON, for documents that are objects.
pub(crate) fn document(state: &WatchState) -> Value {
    let running = state.presence.as_ref().filter(|_| state.is_running);
    let mailboxes: Value = state
        .mailboxes
        .iter()
        .map(|mailbox| json!({"name": mailbox.account, "read_until": mailbox.read_until.map(utc)}))
        .collect();
    json!({
        "running": state.is_running,
        "since": running.map(|agent| utc(agent.since)),
        "mailboxes": mailboxes,
    })
}
