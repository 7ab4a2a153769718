//! `baton doctor`: looks at everything that has to work, and says how to fix what does not.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anstyle::Style;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::agent::app::{App, MailAccount};
use crate::agent::credentials::CredentialError;
use crate::agent::folders::watched;
use crate::config::Config;
use crate::domain::message::{Mailbox, MessageId};
use crate::imap::{FolderName, Search};
use crate::mail::compose::{OutgoingMessage, compose};
use crate::smtp::{self, DataDecision, Delivery, Submission};
use crate::store::random_suffix;

use super::args::DoctorArgs;
use super::failure::{FAILED, Failure, MAIL_SERVER, NO_PASSWORD_YET, REFUSED};
use super::open::CommandContext;
use super::terminal::{BAD, GOOD, HEADING, columns, hanging, painted, visible};
use crate::agent::error_chain;

/// How long a test mail may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What was looked at and what came of it.
#[derive(Debug)]
pub(crate) struct DoctorFinding {
    what: String,
    found: Result<String, (String, String)>,
    /// Exit status where it is wrong.
    status: u8,
}

impl DoctorFinding {
    fn good(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), found: Ok(found.into()), status: 0 }
    }

    fn bad(what: impl Into<String>, status: u8, wrong: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), found: Err((wrong.into(), remedy.into())), status }
    }
}

/// `baton doctor [--send]`.
pub(crate) async fn doctor(context: &CommandContext, args: &DoctorArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let app = context.app(&config)?;
    let mut findings = vec![
        DoctorFinding::good("configuration", config.path.display().to_string()),
        DoctorFinding::good(
            "templates",
            config.templates.as_ref().map_or("built in".to_owned(), |path| path.display().to_string()),
        ),
        database(&app).await,
        DoctorFinding::good("time zones", format!("{}, {}", context.zones.version(), context.zones.source())),
        DoctorFinding::good("clock", app.now().format("%a %-d %b %Y %H:%M:%S UTC").to_string()),
    ];
    for account in app.accounts.values() {
        findings.extend(whole_account(&app, account).await);
        if args.send && findings.iter().all(|finding| finding.found.is_ok()) {
            findings.push(round_trip(&app, account).await);
        }
    }
    findings.push(eyes(&config));
    print(context, &findings)?;
    match status_of(&findings) {
        0 => Ok(()),
        status => Err(Failure::new(status, "something has to be mended")),
    }
}

/// Every account's mailbox and submission.
pub(crate) async fn accounts(app: &Arc<App>) -> Vec<DoctorFinding> {
    let mut findings = Vec::new();
    for account in app.accounts.values() {
        findings.extend(whole_account(app, account).await);
    }
    findings
}

async fn whole_account(app: &Arc<App>, account: &MailAccount) -> Vec<DoctorFinding> {
    let mut findings = mailbox(app, account).await;
    findings.push(submission(app, account).await);
    findings
}

/// The worst exit status among them, 0 where all is well.
pub(crate) fn status_of(findings: &[DoctorFinding]) -> u8 {
    findings.iter().map(|finding| finding.status).max().unwrap_or(0)
}

/// `[{"check","ok","found","remedy"}]`.
pub(crate) fn as_json(findings: &[DoctorFinding]) -> Value {
    let one = |finding: &DoctorFinding| match &finding.found {
        Ok(found) => json!({"check": finding.what, "ok": true, "found": found, "remedy": null}),
        Err((wrong, remedy)) => {
            json!({"check": finding.what, "ok": false, "found": wrong, "remedy": remedy})
        }
    };
    findings.iter().map(one).collect()
}

fn print(context: &CommandContext, findings: &[DoctorFinding]) -> Result<(), Failure> {
    if context.json {
        writeln!(std::io::stdout(), "{:#}", as_json(findings))?;
        return Ok(());
    }
    print_for_people(findings)
}

/// A line for each, with what to do below what is wrong.
pub(crate) fn print_for_people(findings: &[DoctorFinding]) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    let longest = findings.iter().map(|finding| visible(&finding.what)).max().unwrap_or(0);
    let rest = " ".repeat(longest + 9);
    for finding in findings {
        let (mark, words) = match &finding.found {
            Ok(found) => (painted(GOOD, "ok   "), found),
            Err((wrong, _)) => (painted(BAD, "WRONG"), wrong),
        };
        let first = format!("{mark}  {:<longest$}  ", finding.what);
        out.write_all(hanging(&first, &rest, words, Style::new(), columns()).as_bytes())?;
        if let Err((_, remedy)) = &finding.found {
            out.write_all(hanging(&rest, &rest, remedy, HEADING, columns()).as_bytes())?;
        }
    }
    Ok(())
}

async fn database(app: &App) -> DoctorFinding {
    match app.store.check().await {
        Ok(()) => DoctorFinding::good("database", app.store.path().display().to_string()),
        Err(error) => DoctorFinding::bad(
            "database",
            FAILED,
            error_chain(&error),
            "restore the last copy that `baton backup` wrote",
        ),
    }
}

/// Whose mailbox is not read.
fn eyes(config: &Config) -> DoctorFinding {
    let blind: Vec<&str> = config
        .people
        .iter()
        .filter(|person| {
            person.roles.contains(&crate::domain::people::TeamRole::Ae) && person.account.is_none()
        })
        .map(|person| person.name.as_str())
        .collect();
    if blind.is_empty() {
        return DoctorFinding::good("AEs", "every AE's mailbox is watched");
    }
    DoctorFinding::good("AEs", format!("seen only in the SDR's copies: {}", blind.join(", ")))
}

async fn mailbox(app: &Arc<App>, account: &MailAccount) -> Vec<DoctorFinding> {
    let what = format!("{}: mailbox", account.name);
    let mut session = match app.connect(&account.name).await {
        Ok(session) => session,
        Err(error) => {
            let failure = Failure::from(error);
            return vec![DoctorFinding::bad(what, failure.status, failure.message, failure.hints.join("; "))];
        }
    };
    let mut findings = vec![DoctorFinding::good(what, "login works")];
    let what = format!("{}: folders", account.name);
    match watched(app, &mut session, &account.name).await {
        Ok(folders) => {
            for folder in &folders {
                if let Err(error) = session.examine(&folder.name).await {
                    findings.push(DoctorFinding::bad(
                        what.clone(),
                        MAIL_SERVER,
                        error.to_string(),
                        "check `folders` of the account",
                    ));
                }
            }
            let names: Vec<String> = folders.iter().map(|folder| folder.name.to_string()).collect();
            findings.push(DoctorFinding::good(what, names.join(", ")));
        }
        Err(error) => {
            findings.push(DoctorFinding::bad(what, MAIL_SERVER, error_chain(&error), "try again later"))
        }
    }
    let idle =
        if session.can("IDLE") { "announced" } else { "not announced; the folder is polled every minute" };
    findings.push(DoctorFinding::good(format!("{}: IDLE", account.name), idle));
    session.logout().await;
    findings
}

fn of_delivery(what: String, delivery: Delivery) -> DoctorFinding {
    let (wrong, remedy) = match delivery {
        Delivery::Accepted { answer, .. } => return DoctorFinding::good(what, answer),
        Delivery::LoginRefused { text } => (text, "check `login` and the password in the configuration"),
        Delivery::CertificateRejected { reason } => {
            (reason, "if the company has its own certificate authority, name its file as `ca` in the account")
        }
        Delivery::Unreachable { reason } => (reason, "check host and port of `smtp`, and the network"),
        Delivery::Refused { text, .. } | Delivery::Deferred { text, .. } => (text, "ask who runs the server"),
        Delivery::Uncertain { reason } => (reason, "try again"),
        Delivery::Stopped => ("it was stopped".to_owned(), "try again"),
    };
    DoctorFinding::bad(what, MAIL_SERVER, wrong, remedy)
}

/// `status` is for what only a person can change.
fn without_password(what: String, status: u8, error: &CredentialError) -> DoctorFinding {
    let (status, remedy) = match error {
        CredentialError::NeedsPerson { .. } => (status, "see `password` of the account"),
        CredentialError::Later { .. } => (MAIL_SERVER, NO_PASSWORD_YET),
    };
    DoctorFinding::bad(what, status, error.to_string(), remedy)
}

async fn submission(app: &App, account: &MailAccount) -> DoctorFinding {
    let what = format!("{}: submission", account.name);
    let endpoint = match app.server_login(account, &account.smtp).await {
        Ok(endpoint) => endpoint,
        Err(error) => return without_password(what, REFUSED, &error),
    };
    let server = smtp::SubmissionServer { login: &endpoint, helo: account.helo.as_deref() };
    match smtp::probe(server, app.smtp_deadlines).await {
        Ok(()) => DoctorFinding::good(what, "login works"),
        Err(delivery) => of_delivery(what, delivery.at(&endpoint)),
    }
}

/// Sends the account a mail and waits until it lies in INBOX.
async fn round_trip(app: &Arc<App>, account: &MailAccount) -> DoctorFinding {
    let what = format!("{}: test mail", account.name);
    let unique = format!("{}{}", random_suffix().unwrap_or_default(), random_suffix().unwrap_or_default());
    let own = Mailbox { name: "baton".to_owned(), address: account.address.clone() };
    let Some(message_id) = MessageId::new(&format!("baton-test-{unique}@{}", account.address.domain()))
    else {
        return DoctorFinding::bad(
            what,
            FAILED,
            "no Message-ID can be made",
            "check `address` of the account",
        );
    };
    let mail = OutgoingMessage {
        from: own.clone(),
        to: vec![own],
        cc: Vec::new(),
        reply_to: None,
        subject: "baton test: nothing to do".to_owned(),
        text: "This mail was sent by `baton doctor --send`. It may be deleted.\n".to_owned(),
        html: "<p>This mail was sent by <code>baton doctor --send</code>. It may be deleted.</p>\n"
            .to_owned(),
        message_id: message_id.clone(),
        in_reply_to: None,
        references: Vec::new(),
        date: app.now(),
        automatic: true,
    };
    let (bytes, endpoint) = match (compose(&mail), app.server_login(account, &account.smtp).await) {
        (Ok(bytes), Ok(endpoint)) => (bytes, endpoint),
        (Err(error), _) => {
            return DoctorFinding::bad(what, FAILED, error_chain(&error), "check `address` of the account");
        }
        (_, Err(error)) => return without_password(what, FAILED, &error),
    };
    let recipients = [account.address.to_string()];
    let submission = Submission {
        from: account.address.as_str(),
        recipients: &recipients,
        bytes: &bytes,
        on_refusal: smtp::RefusalPolicy::AllOrNobody,
    };
    let server = smtp::SubmissionServer { login: &endpoint, helo: account.helo.as_deref() };
    let delivery =
        smtp::deliver(server, submission, app.smtp_deadlines, || async { DataDecision::Proceed }).await;
    if !matches!(delivery, Delivery::Accepted { .. }) {
        return of_delivery(what, delivery.at(&endpoint));
    }
    match arrives(app, account, &message_id).await {
        Ok(Some(waited)) => DoctorFinding::good(what, format!("arrived after {} s", waited.as_secs())),
        Ok(None) => DoctorFinding::bad(
            what,
            MAIL_SERVER,
            "sent, but not in INBOX within a minute",
            "look for it in other folders, such as spam",
        ),
        Err(failure) => DoctorFinding::bad(what, failure.status, failure.message, failure.hints.join("; ")),
    }
}

async fn arrives(app: &App, account: &MailAccount, id: &MessageId) -> Result<Option<Duration>, Failure> {
    let named = |source| crate::agent::AgentError::Imap { account: account.name.clone(), source };
    let mut session = app.connect(&account.name).await?;
    let since = app.now().date_naive() - TimeDelta::days(1);
    let wanted = Search::new().since(since).message_id(id.as_str());
    let mut waited = Duration::ZERO;
    while waited < ARRIVAL {
        session.examine(&FolderName::inbox()).await.map_err(named)?;
        if !session.search(&wanted).await.map_err(named)?.is_empty() {
            return Ok(Some(waited));
        }
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
    }
    Ok(None)
}
