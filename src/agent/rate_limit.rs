//! How much mail one person and one thread get: what is too much waits, and the operator hears of it.
//! docs/behaviour.md section 12.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mail_kinds::RateLimit;
use crate::domain::mails::WantedMail;
use crate::domain::message::Address;
use crate::store::{OutboxRow, Result as Stored, Scope, WriteTransaction};

use super::app::App;
use super::global::reconcile_global_outbox;

/// How long a mail waits for room.
const WAIT: TimeDelta = TimeDelta::minutes(15);

const A_DAY: TimeDelta = TimeDelta::days(1);
const MAILS_TO_A_PERSON_AND_DAY: u32 = 100;
const AN_HOUR: TimeDelta = TimeDelta::hours(1);
const MAILS_IN_A_THREAD_AND_HOUR: u32 = 10;

/// Too many mails to one person or in one thread wait. docs/behaviour.md section 12.
pub(crate) fn is_rate_limited(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    wanted: &WantedMail,
    now: DateTime<Utc>,
) -> Stored<bool> {
    if row.key.kind.properties().rate == RateLimit::Exempt {
        return Ok(false);
    }
    let mut crowded: Option<&Address> = None;
    for mailbox in wanted.to.iter().chain(&wanted.cc) {
        if tx.sent_to(&mailbox.address, now - A_DAY)? >= MAILS_TO_A_PERSON_AND_DAY {
            crowded = Some(&mailbox.address);
        }
    }
    let in_thread =
        row.scope != Scope::Global && tx.sent_in(&row.scope, now - AN_HOUR)? >= MAILS_IN_A_THREAD_AND_HOUR;
    let (subject, what) = match (crowded, &row.scope) {
        (Some(address), _) => (
            rate_limit_subject(address.as_str()),
            format!("{address} has had {MAILS_TO_A_PERSON_AND_DAY} mails within a day"),
        ),
        (None, Scope::Handoff(id)) if in_thread => (
            rate_limit_subject(id),
            format!("the handoff {id} has had {MAILS_IN_A_THREAD_AND_HOUR} mails within an hour"),
        ),
        _ => return Ok(false),
    };
    tx.deferred(row.seq, now + WAIT, &what)?;
    let remedy = "Nothing is lost: the mail leaves when there is room again. Look at the handoffs behind it with \
                  `baton status`.";
    tx.raise_alert(&subject, "mail waits", &what, remedy, now)?;
    reconcile_global_outbox(app, tx, now)?;
    Ok(true)
}

/// The alert of a person or a handoff that has had too many mails.
fn rate_limit_subject(whom: &str) -> String {
    format!("too many mails {whom}")
}

/// After a mail has left: where there is room for more, the alert is resolved.
pub(crate) fn resolve_rate_limits(
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> Stored<()> {
    for address in row.recipients.addresses() {
        if tx.sent_to(&address, now - A_DAY)? < MAILS_TO_A_PERSON_AND_DAY {
            tx.resolve_alert(&rate_limit_subject(address.as_str()), now)?;
        }
    }
    if row.scope != Scope::Global && tx.sent_in(&row.scope, now - AN_HOUR)? < MAILS_IN_A_THREAD_AND_HOUR {
        tx.resolve_alert(&rate_limit_subject(row.scope_name()), now)?;
    }
    Ok(())
}
