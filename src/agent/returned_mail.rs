//! Mail to our own people that came back after a server had taken it: behind a provider a wrong address shows in no
//! other way. The operator hears of it once for each address and status, and `health` is not well until a later mail to
//! that address has left and stayed, or the configuration has another one. docs/behaviour.md section 12.
//!
//! No verdict changes by it, and nothing is sent again. Known limits: what comes while a restored database is caught up
//! with the mailboxes is old news and raises nothing; so does a report that names none of our ids.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::Audience;
use crate::domain::message::{
    Address, Authenticity, Bounce, BounceAction, Headers, MessageBody, MessageId, MessageKind,
};
use crate::domain::token;
use crate::store::{
    Alert, OutboxRow, OutboxState, ReadTransaction, Result as Stored, Scope, WriteTransaction,
};

use super::app::App;

/// What such alerts are kept under: this, the address, the status.
const SUBJECT: &str = "returned ";

/// A mail that has not come back for so long has arrived, as far as anybody can tell; from an address whose mail came back
/// later than that, after as long as it took.
const STAYS_AFTER: TimeDelta = TimeDelta::hours(1);

/// A machine's report that a mail could not be delivered.
#[derive(Clone, Debug)]
pub(crate) struct ReturnedMail {
    bounce: Bounce,
    at: DateTime<Utc>,
}

/// The report that a message is, which came at `at`: of a failure, and not forged by the server's own word.
pub(crate) fn reported(headers: &Headers, body: &MessageBody, at: DateTime<Utc>) -> Option<ReturnedMail> {
    let bounce = body.bounce.as_ref().filter(|_| body.kind_by(false) == MessageKind::Bounce)?;
    let is_failure = bounce.recipients.is_empty()
        || bounce.recipients.iter().any(|recipient| recipient.action == BounceAction::Failed);
    let is_believed = headers.authenticity != Authenticity::Failed;
    (is_failure && is_believed).then(|| ReturnedMail { bounce: bounce.clone(), at })
}

/// Notes a report, where it is of a mail of our own to our own people. Returns whether the operator has to hear of it.
pub(crate) fn note(app: &App, tx: &WriteTransaction<'_>, report: &ReturnedMail) -> Stored<bool> {
    if tx.behind()?.is_some() {
        return Ok(false);
    }
    let Some(row) = returned_row(tx, &report.bounce)? else { return Ok(false) };
    let now = app.now();
    let mut is_news = false;
    for (address, status, reason) in failed_readers(&row, &report.bounce) {
        let Some(reader) = reader(app, &address) else { continue };
        let name = noted_name(row.seq, &address);
        if tx.meta(&name)?.is_some() {
            continue;
        }
        tx.set_meta(&name, &now.timestamp().to_string())?;
        note_delay(tx, &row, &address, report.at.min(now))?;
        settle(app, tx, now)?;
        // It has come right since: an old report that is read once more is no news.
        if first_that_stays(tx, &address, report.at.min(now), now)?.is_some_and(|stays| stays <= now) {
            continue;
        }
        is_news |= raise(app, tx, &row, (&address, &reader), (&status, &reason))?;
    }
    Ok(is_news)
}

/// Under this name the store remembers after how many seconds mail to the address came back at the latest.
fn delay_name(address: &Address) -> String {
    format!("returned after {address}")
}

fn longest_delay(tx: &ReadTransaction<'_>, address: &Address) -> Stored<TimeDelta> {
    let seconds = tx.meta(&delay_name(address))?.and_then(|text| text.parse().ok());
    Ok(seconds.map_or(STAYS_AFTER, TimeDelta::seconds).max(STAYS_AFTER))
}

fn note_delay(
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    address: &Address,
    returned: DateTime<Utc>,
) -> Stored<()> {
    let Some(delay) = row.sent_at.map(|sent| returned - sent) else { return Ok(()) };
    if delay > longest_delay(tx, address)? {
        tx.set_meta(&delay_name(address), &(delay + STAYS_AFTER).num_seconds().to_string())?;
    }
    Ok(())
}

/// Under this name the store remembers that the mail came back from the address.
fn noted_name(seq: i64, address: &Address) -> String {
    format!("returned {seq} {address}")
}

fn raise(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    (address, reader): (&Address, &str),
    (status, reason): (&str, &str),
) -> Stored<bool> {
    let what = format!("a mail came back: {} to {reader}", row.key.kind.name());
    let detail = if reason.is_empty() { "the report gives no reason" } else { reason };
    let tell = match &row.scope {
        _ if app.policy.operator == *address => String::new(),
        Scope::Handoff(id) => {
            format!(", so tell them what it says (`baton show {id}` has what it was about)")
        }
        Scope::Global | Scope::Letter => ", so tell them what it says".to_owned(),
    };
    let remedy = format!(
        "Correct {address} in the configuration, or have that mailbox put right. The mail isn't sent again by \
         itself{tell}. `baton health` isn't well until a later mail to that address has stayed."
    );
    let status = if status.is_empty() { "-" } else { status };
    tracing::warn!(kind = row.key.kind.name(), %address, reason, "a mail to our own people came back");
    tx.raise_alert(&format!("{SUBJECT}{address} {status}"), &what, detail, &remedy, app.now())
}

/// The mail of ours that came back. Somebody's answer to one cites it, too, and is none.
fn returned_row(tx: &ReadTransaction<'_>, bounce: &Bounce) -> Stored<Option<OutboxRow>> {
    let row = match &bounce.original {
        Some(id) if !token::is_reference(id) => row_of(tx, id)?,
        _ => None,
    };
    let row = match row {
        Some(row) => Some(row),
        // A provider gave it another id. Of ours only its own reference is in it; an answer cites the mail itself as well.
        None => {
            let ours = bounce.original.iter().chain(&bounce.original_references);
            let mut ours = ours.filter(|id| token::in_id(id).is_some()).peekable();
            match ours.peek().copied() {
                Some(first) if ours.all(token::is_reference) => row_of(tx, first)?,
                _ => None,
            }
        }
    };
    let has_left = |row: &OutboxRow| {
        matches!(row.state, OutboxState::Sent | OutboxState::Sending | OutboxState::Uncertain)
    };
    Ok(row.filter(|row| row.audience != Audience::Public && has_left(row)))
}

fn row_of(tx: &ReadTransaction<'_>, id: &MessageId) -> Stored<Option<OutboxRow>> {
    match token::in_id(id) {
        Some(token) => tx.row_with_token(token),
        None => tx.row_with_id(id),
    }
}

/// Address, status and reason of each reader whom the mail did not reach; a report that names nobody is about those in To.
fn failed_readers(row: &OutboxRow, bounce: &Bounce) -> Vec<(Address, String, String)> {
    let readers = row.recipients.addresses();
    if bounce.recipients.is_empty() {
        let to = row.recipients.to.iter();
        return to.map(|one| (one.address.clone(), String::new(), String::new())).collect();
    }
    let failed = bounce.recipients.iter().filter(|one| one.action == BounceAction::Failed);
    let named = failed.filter_map(|one| {
        let reader = readers.iter().find(|reader| reader.is_same_mailbox_as(&one.address));
        // It may have been passed on to another address.
        let reader = reader.or(match readers.as_slice() {
            [only] => Some(only),
            _ => None,
        })?;
        let status = one.status.clone().unwrap_or_default();
        let reason = one.diagnostic.clone().unwrap_or_else(|| status.clone());
        Some((reader.clone(), status, reason))
    });
    named.collect()
}

/// Whose address it is in the configuration.
fn reader(app: &App, address: &Address) -> Option<String> {
    let person = app.policy.people.iter().find(|person| person.address == *address);
    let operator = || (app.policy.operator == *address).then(|| format!("the operator, {address}"));
    person.map(|person| format!("{}, {address}", person.name)).or_else(operator)
}

/// When the first mail to the address that left after `since` will have stayed, by what has come back so far.
fn first_that_stays(
    tx: &ReadTransaction<'_>,
    address: &Address,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Stored<Option<DateTime<Utc>>> {
    for (seq, at) in tx.deliveries_to(address, since)? {
        let is_sent = tx.outbox_row(seq)?.is_some_and(|row| row.state == OutboxState::Sent);
        if at <= now && is_sent && tx.meta(&noted_name(seq, address))?.is_none() {
            return Ok(Some(at + longest_delay(tx, address)?));
        }
    }
    Ok(None)
}

fn address_of(alert: &Alert) -> Option<Address> {
    let (address, _) = alert.subject.strip_prefix(SUBJECT)?.rsplit_once(' ')?;
    Address::new(address)
}

/// Ends the alerts that are over. Returns when the next one may be.
pub(super) fn settle(
    app: &App,
    tx: &WriteTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<Option<DateTime<Utc>>> {
    let mut wake: Option<DateTime<Utc>> = None;
    for alert in tx.alerts()? {
        let Some(address) = address_of(&alert) else { continue };
        let stays = first_that_stays(tx, &address, alert.since, now)?;
        if reader(app, &address).is_none() || stays.is_some_and(|stays| stays <= now) {
            tx.resolve_alert(&alert.subject, now)?;
        } else {
            wake = [wake, stays].into_iter().flatten().min();
        }
    }
    Ok(wake)
}

/// Addresses of our own people from which mail came back.
pub(crate) fn addresses(tx: &ReadTransaction<'_>) -> Stored<Vec<Address>> {
    let mut addresses: Vec<Address> = tx.alerts()?.iter().filter_map(address_of).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}
