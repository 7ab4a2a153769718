//! `baton health` and `baton metrics`: for monitors. Both read the database alone, and need no mailbox.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use serde_json::json;

use crate::agent::health::{
    ConfigurationState, ExpectedConfiguration, HandoffCounts, HealthReport, count_handoffs, examine,
};
use crate::config::{self, Surroundings};
use crate::mail::personal;
use crate::store::{OpenPurpose, Store, StoreError, is_gone};

use super::failure::{FAILED, Failure};
use super::json::{touch_state, utc};
use super::open::CommandContext;
use super::terminal::{BAD, GOOD, painted};

/// What was found, and the counts where the configuration can be used.
struct HealthFinding {
    report: HealthReport,
    counts: Option<HandoffCounts>,
}

async fn look(context: &CommandContext, with_counts: bool) -> Result<HealthFinding, Failure> {
    let path = context.config_path()?;
    let surroundings = Surroundings { zones: &context.zones, machine: context.zones.machine() };
    let reading = config::read_all(&path, &surroundings);
    let (expected, database, policy) = match reading.config {
        Ok(config) => (
            ExpectedConfiguration::Usable {
                digest: reading.digest,
                accounts: config.accounts.keys().cloned().collect(),
                blind_after: config.sla.blind_after,
            },
            config.database.clone(),
            Some(config.policy(personal::takes_up)),
        ),
        Err(_) => (ExpectedConfiguration::Faulty, config::database_of(&path), None),
    };
    let is_there = database.try_exists().map_err(|error| {
        Failure::new(FAILED, format!("the database {} cannot be looked at: {error}", database.display()))
    })?;
    if !is_there {
        let counts = policy.filter(|_| with_counts).map(|_| HandoffCounts::of_nothing());
        let mut report = HealthReport::of_nothing(&expected);
        if is_gone(&database) {
            report.reasons.insert(0, StoreError::Gone { path: database }.to_string());
        }
        return Ok(HealthFinding { report, counts });
    }
    let store = Arc::new(Store::open_for(&database, OpenPurpose::Look)?);
    let now = context.now();
    store
        .read(move |tx| {
            let report = examine(tx, &expected, now)?;
            let policy = policy.filter(|_| with_counts);
            let counts = policy.map(|policy| count_handoffs(tx, &policy, now)).transpose()?;
            Ok::<_, StoreError>(HealthFinding { report, counts })
        })
        .await
        .map_err(Failure::from)
}

/// `baton health`. Status 1 where something is not well.
pub(crate) async fn health(context: &CommandContext) -> Result<u8, Failure> {
    // What cannot be told for want of a configuration is no answer.
    context.config_path()?;
    let report = match look(context, false).await {
        Ok(HealthFinding { report, .. }) => report,
        Err(failure) => unreadable(&failure),
    };
    let text = if context.json {
        format!("{:#}\n", document(&report))
    } else if report.is_ok() {
        format!("{}\n", painted(GOOD, "ok"))
    } else {
        let reasons: String = report.reasons.iter().map(|reason| format!("  {reason}\n")).collect();
        format!("{}\n{reasons}", painted(BAD, "NOT WELL"))
    };
    match context.stdout().write_all(text.as_bytes()) {
        // A monitor that reads no further goes by the status.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(if report.is_ok() { 0 } else { FAILED })
}

/// A database that cannot be read is not well, and a monitor hears why in the form that it asked for.
fn unreadable(failure: &Failure) -> HealthReport {
    let reasons = std::iter::once(&failure.message).chain(&failure.hints);
    let reason = reasons.filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ");
    HealthReport { reasons: vec![reason], ..HealthReport::default() }
}

fn document(report: &HealthReport) -> serde_json::Value {
    let running = report.agent.as_ref().filter(|_| report.is_running);
    let accounts: serde_json::Value = report
        .accounts
        .iter()
        .map(|mailbox| {
            json!({
                "name": mailbox.account,
                "read_until": mailbox.read_until.map(utc),
                "failing_since": mailbox.failing_since.map(utc),
                "error": mailbox.error,
            })
        })
        .collect();
    json!({
        "ok": report.is_ok(),
        "reasons": report.reasons,
        "agent": {
            "running": report.is_running,
            "pid": running.filter(|agent| !agent.is_pass).map(|agent| agent.pid),
            "since": running.map(|agent| utc(agent.since)),
            "configuration": report.configuration.map(ConfigurationState::name),
        },
        "accounts": accounts,
        "outbox": {
            "queued": report.outbox.queued,
            "uncertain": report.outbox.uncertain,
            "failed": report.outbox.failed,
        },
        "open": report.open,
        "next_wake": report.next_wake.map(utc),
    })
}

/// `baton metrics`.
pub(crate) async fn metrics(context: &CommandContext) -> Result<(), Failure> {
    let found = look(context, true).await?;
    if context.json {
        writeln!(context.stdout(), "{:#}", document(&found.report))?;
        return Ok(());
    }
    let text = exposition(&found, context.now());
    context.stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// A metric with its help, its type and its samples: labels and value.
fn metric(text: &mut String, name: &str, kind: &str, help: &str, samples: &[(String, f64)]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

/// A label as the format wants it.
fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{{{name}=\"{value}\"}}")
}

/// Accounts may be named by their address (those of a provider): then what is before the `@` and a number stand for
/// it, since no address leaves here.
fn account_labels(report: &HealthReport) -> Vec<String> {
    let names =
        report.accounts.iter().enumerate().map(|(number, mailbox)| match mailbox.account.contains('@') {
            true => format!("account-{}", number + 1),
            false => mailbox.account.clone(),
        });
    names.map(|name| label("account", &name)).collect()
}

fn exposition(found: &HealthFinding, now: chrono::DateTime<chrono::Utc>) -> String {
    let report = &found.report;
    let truth = |is: bool| vec![(String::new(), f64::from(u8::from(is)))];
    let count = |count: u64| count as f64;
    let mut text = String::new();
    metric(&mut text, "baton_up", "gauge", "Whether an agent is running.", &truth(report.is_running));
    let is_current = report.configuration == Some(ConfigurationState::Present);
    let help = "Whether the agent acts on the configuration that the files hold.";
    metric(&mut text, "baton_configuration_current", "gauge", help, &truth(is_current));
    let labels = account_labels(report);
    let ages = report.accounts.iter().zip(&labels).map(|(mailbox, labels)| {
        let age = mailbox.read_until.map_or(f64::INFINITY, |at| (now - at).num_seconds().max(0) as f64);
        (labels.clone(), age)
    });
    let ages: Vec<(String, f64)> = ages.collect();
    let help = "Seconds since the mailbox was last read to the present.";
    metric(&mut text, "baton_account_read_age_seconds", "gauge", help, &ages);
    let failing = report
        .accounts
        .iter()
        .zip(&labels)
        .map(|(mailbox, labels)| (labels.clone(), f64::from(u8::from(mailbox.failing_since.is_some()))));
    let failing: Vec<(String, f64)> = failing.collect();
    let help = "Whether the mailbox cannot be read.";
    metric(&mut text, "baton_account_failing", "gauge", help, &failing);
    let outbox = [
        ("queued", report.outbox.queued),
        ("uncertain", report.outbox.uncertain),
        ("failed", report.outbox.failed),
    ]
    .map(|(state, mails)| (label("state", state), count(mails)));
    metric(&mut text, "baton_outbox", "gauge", "Mails by what became of them.", &outbox);
    if let Some(counts) = &found.counts {
        let handoffs: Vec<(String, f64)> = counts
            .by_state
            .iter()
            .map(|(state, number)| (label("state", touch_state(*state)), count(*number)))
            .collect();
        metric(&mut text, "baton_handoffs", "gauge", "Open handoffs by their first touch.", &handoffs);
        let late = [(String::new(), count(counts.touches.late))];
        metric(&mut text, "baton_touch_late_total", "counter", "First touches after the deadline.", &late);
        let in_time = [(String::new(), count(counts.touches.in_time))];
        let help = "First touches by the deadline.";
        metric(&mut text, "baton_touch_in_time_total", "counter", help, &in_time);
    }
    text.replace(" inf\n", " +Inf\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_there_before_there_is_a_database() {
        let counts = Some(HandoffCounts::of_nothing());
        let finding = HealthFinding { report: HealthReport::default(), counts };
        let text = exposition(&finding, chrono::DateTime::UNIX_EPOCH);
        for line in
            ["baton_handoffs{state=\"waiting\"} 0", "baton_touch_late_total 0", "baton_touch_in_time_total 0"]
        {
            assert!(text.lines().any(|one| one == line), "{line}:\n{text}");
        }
    }

    #[test]
    fn labels_are_escaped_and_addresses_are_none() {
        assert_eq!(label("account", "a\"b\\c\nd"), "{account=\"a\\\"b\\\\c\\nd\"}");
        let account = |name: &str| crate::agent::presence::MailboxReading {
            account: name.to_owned(),
            read_until: None,
            failing_since: None,
            error: None,
        };
        let accounts = vec![account("dana"), account("calvin@vendor.example")];
        let report = HealthReport { accounts, ..HealthReport::default() };
        let text = exposition(&HealthFinding { report, counts: None }, chrono::DateTime::UNIX_EPOCH);
        assert!(text.contains("baton_account_read_age_seconds{account=\"dana\"} +Inf\n"), "{text}");
        assert!(text.contains("baton_account_failing{account=\"account-2\"} 0\n"), "{text}");
        assert!(text.contains("baton_up 0\n") && !text.contains('@'), "{text}");
    }
}
