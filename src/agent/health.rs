//! `baton health` and `baton metrics`: whether all is well, by the database alone. docs/interface.md.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::judge::{Policy, TouchState};
use crate::store::{
    AgentPresence, OutboxCounts, OutboxState, ReadTransaction, Result as Stored, TouchCounts,
};

use super::attempt_alerts::that_cannot_send;
use super::clock_trust;
use super::delivery_right::{Withheld, withheld};
use super::presence::{MailboxReading, watch_state};
use super::returned_mail;
use super::turn::listed;

/// The agent's configuration beside the one that the files hold now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigurationState {
    Present,
    Older,
    Faulty,
}

impl ConfigurationState {
    /// The name in `baton health --json`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ConfigurationState::Present => "present",
            ConfigurationState::Older => "older",
            ConfigurationState::Faulty => "faulty",
        }
    }
}

/// What the configuration's files say now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExpectedConfiguration {
    Usable { digest: String, accounts: Vec<String>, blind_after: u32 },
    Faulty,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HealthReport {
    pub reasons: Vec<String>,
    pub agent: Option<AgentPresence>,
    pub is_running: bool,
    /// `None` where no agent runs and the files hold no faults.
    pub configuration: Option<ConfigurationState>,
    pub accounts: Vec<MailboxReading>,
    pub outbox: OutboxCounts,
    pub open: u64,
    pub next_wake: Option<DateTime<Utc>>,
}

impl HealthReport {
    /// Of a database that does not exist yet.
    pub(crate) fn of_nothing(expected: &ExpectedConfiguration) -> Self {
        let accounts = match expected {
            ExpectedConfiguration::Usable { accounts, .. } => accounts.as_slice(),
            ExpectedConfiguration::Faulty => &[],
        };
        let unread = |account: &String| MailboxReading {
            account: account.clone(),
            read_until: None,
            failing_since: None,
            error: None,
        };
        let mut report = Self { accounts: accounts.iter().map(unread).collect(), ..Self::default() };
        report.configuration = configuration_state(None, expected);
        report.add_reasons(expected, blind_after(None, expected), DateTime::UNIX_EPOCH);
        report
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.reasons.is_empty()
    }

    fn add_reasons(&mut self, expected: &ExpectedConfiguration, blind_after: u32, now: DateTime<Utc>) {
        if !self.is_running {
            self.reasons.push(match &self.agent {
                None => "no agent has run yet".to_owned(),
                Some(agent) => {
                    let since = agent.ended_at.unwrap_or(agent.alive_at);
                    format!("no agent is running since {}", since.format("%Y-%m-%d %H:%M:%S UTC"))
                }
            });
        }
        match self.configuration {
            Some(ConfigurationState::Older) => self
                .reasons
                .push("the agent is running with an older configuration than the files hold".to_owned()),
            Some(ConfigurationState::Faulty) if *expected != ExpectedConfiguration::Faulty => self.reasons.push(
                "the running agent does not take the configuration: a new `database` or `agent.account` needs a restart, \
                 and what else is wrong stands in its log and its mail to the operator"
                    .to_owned(),
            ),
            Some(ConfigurationState::Faulty) => self.reasons.push(
                "the configuration has faults, so no agent takes it; `baton doctor` names them".to_owned(),
            ),
            Some(ConfigurationState::Present) | None => {}
        }
        let oldest = now - TimeDelta::seconds(i64::from(blind_after));
        for mailbox in &self.accounts {
            let why = mailbox.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            let account = &mailbox.account;
            match mailbox.read_until {
                None => self.reasons.push(format!("account {account}: the mailbox was never read{why}")),
                Some(at) if at < oldest => {
                    let at = at.format("%Y-%m-%d %H:%M:%S UTC");
                    self.reasons.push(format!("account {account}: the mailbox was last read at {at}{why}"));
                }
                Some(_) => {}
            }
        }
    }
}

fn configuration_state(
    running: Option<&AgentPresence>,
    expected: &ExpectedConfiguration,
) -> Option<ConfigurationState> {
    match (running, expected) {
        (_, ExpectedConfiguration::Faulty) => Some(ConfigurationState::Faulty),
        (None, _) => None,
        (Some(agent), ExpectedConfiguration::Usable { digest, .. }) if agent.configuration == *digest => {
            Some(ConfigurationState::Present)
        }
        (Some(agent), ExpectedConfiguration::Usable { digest, .. })
            if agent.refused.as_ref() == Some(digest) =>
        {
            Some(ConfigurationState::Faulty)
        }
        (Some(_), _) => Some(ConfigurationState::Older),
    }
}

fn blind_after(agent: Option<&AgentPresence>, expected: &ExpectedConfiguration) -> u32 {
    match expected {
        ExpectedConfiguration::Usable { blind_after, .. } => *blind_after,
        ExpectedConfiguration::Faulty => agent.map_or(0, |agent| agent.blind_after),
    }
}

/// Whether all is well.
pub(crate) fn examine(
    tx: &ReadTransaction<'_>,
    expected: &ExpectedConfiguration,
    now: DateTime<Utc>,
) -> Stored<HealthReport> {
    let accounts = match expected {
        ExpectedConfiguration::Usable { accounts, .. } => accounts.clone(),
        ExpectedConfiguration::Faulty => tx.watched_accounts()?,
    };
    let state = watch_state(tx, &accounts, now)?;
    let running = state.presence.as_ref().filter(|_| state.is_running);
    let mut report = HealthReport {
        configuration: configuration_state(running, expected),
        is_running: state.is_running,
        accounts: state.mailboxes,
        outbox: tx.outbox_counts()?,
        open: tx.count_open_handoffs()?,
        next_wake: tx.next_wake()?,
        agent: state.presence,
        reasons: Vec::new(),
    };
    report.add_reasons(expected, blind_after(report.agent.as_ref(), expected), now);
    match tx.undelivered_to_own_people()? {
        0 => {}
        1 => {
            report.reasons.push("a mail to our own people could not be delivered (`baton outbox`)".to_owned())
        }
        count => report
            .reasons
            .push(format!("{count} mails to our own people could not be delivered (`baton outbox`)")),
    }
    if tx.refused_recipients()? > 0 {
        report.reasons.push(
            "a mail to our own people did not reach all of its readers (the mail to the operator names them)"
                .to_owned(),
        );
    }
    for address in returned_mail::addresses(tx)? {
        report.reasons.push(format!(
            "mail to {address}, one of our own people, came back (the mail to the operator says why)"
        ));
    }
    let waiting = tx.in_state(OutboxState::Queued)?;
    let has_mail = |account: &String| waiting.iter().any(|row| row.account == *account);
    for account in that_cannot_send(tx)?.into_iter().filter(has_mail) {
        report.reasons.push(format!("mail of the account {account} cannot leave (`baton doctor`)"));
    }
    match withheld(tx)? {
        Some(Withheld::AnotherAgent) => report.reasons.push(
            "another agent is running on a copy of the database, so nothing is sent (`baton run --take-over`)".to_owned(),
        ),
        Some(Withheld::UntilCaughtUp) => report
            .reasons
            .push("the database is older than the mailboxes; nothing is sent before all of them were read".to_owned()),
        None => {}
    }
    if tx.alerts()?.iter().any(|alert| alert.subject == clock_trust::UNCONFIRMED) {
        report.reasons.push("this machine's clock is in doubt, so escalations wait".to_owned());
    }
    Ok(report)
}

/// Open handoffs by the state of their first touch, and how the touches of all ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HandoffCounts {
    pub by_state: Vec<(TouchState, u64)>,
    pub touches: TouchCounts,
}

const COUNTED: [TouchState; 5] = [
    TouchState::Waiting,
    TouchState::Touched,
    TouchState::Breached,
    TouchState::CannotSee,
    TouchState::Undelivered,
];

impl HandoffCounts {
    /// Where there is no database yet.
    pub(crate) fn of_nothing() -> Self {
        Self { by_state: COUNTED.map(|state| (state, 0)).to_vec(), touches: TouchCounts::default() }
    }
}

pub(crate) fn count_handoffs(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Stored<HandoffCounts> {
    let open = listed(tx, policy, false, now)?;
    let mut touches = tx.touches_of_closed()?;
    for touch in open.iter().map(|one| &one.judgement.touch) {
        if touch.state == TouchState::Touched {
            let count = if touch.late { &mut touches.late } else { &mut touches.in_time };
            *count += 1;
        }
    }
    let count = |state: TouchState| {
        let with = open.iter().filter(|one| one.judgement.open && one.judgement.touch.state == state);
        u64::try_from(with.count()).unwrap_or(u64::MAX)
    };
    Ok(HandoffCounts { by_state: COUNTED.map(|state| (state, count(state))).to_vec(), touches })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Priority, Store};

    #[tokio::test]
    async fn health_is_not_well_while_mail_to_our_own_people_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("baton.db")).unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let reasons = store.write(Priority::Command, move |tx| {
            for status in ["5.1.1", "-"] {
                let subject = format!("returned calvin@vendor.example {status}");
                tx.raise_alert(&subject, "a mail came back", "no such user", "correct it", now)?;
            }
            examine(tx, &ExpectedConfiguration::Faulty, now).map(|report| report.reasons)
        });
        let reasons = reasons.await.unwrap();
        let told = reasons.iter().filter(|reason| reason.contains("mail to calvin@vendor.example")).count();
        assert_eq!(told, 1, "{reasons:?}");
    }
}
