//! `baton doctor`: looks at everything that has to work, and says how to fix what does not.
//!
//! Every check is made, also where another has failed. Each line is printed as soon as it is known.

mod advice;
mod certificate;
mod finding;
mod mailbox;
mod round_trip;
mod secret_files;
mod server;
mod shared_mailboxes;
mod submission;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anstyle::Style;
use futures::StreamExt;

use crate::agent::app::{App, MailAccount};
use crate::agent::error_chain;
use crate::agent::setup::{self, SetupError};
use crate::config::Config;
use crate::diagnostics::{self, Fault};
use crate::domain::people::TeamRole;
use crate::output::{self, OutputForm};

use super::args::DoctorArgs;
use super::failure::{FAILED, Failure, REFUSED};
use super::open::CommandContext;
use super::terminal::{BAD, GOOD, HEADING, columns, hanging, painted, visible};
use super::watching;
use crate::store::{DatabaseAbsence, OpenPurpose, StoreError, check_folder};

pub(crate) use finding::{DoctorFinding, as_json, status_of};
use mailbox::mailbox;
use round_trip::round_trip;
use server::servers;
pub(super) use shared_mailboxes::proposed as proposed_mailbox;
use submission::submission;

/// Accounts that are looked at at the same time.
const AT_ONCE: usize = 8;

/// A person waits for the answers.
const CONNECT: Duration = Duration::from_secs(15);

/// `baton doctor [--send]`.
pub(crate) async fn doctor(context: &CommandContext, args: &DoctorArgs) -> Result<(), Failure> {
    let config = match context.config() {
        Ok(config) => config,
        Err(failure) => return Err(without_configuration(context, failure)?),
    };
    let mut report = DoctorReport::new(context, &config);
    let zones = format!("{}, {}", context.zones.version(), context.zones.source());
    let clock = context.now().format("%a %-d %b %Y %H:%M:%S UTC").to_string();
    report.add(DoctorFinding::about("configuration").good(config.path.display().to_string()))?;
    report.add(DoctorFinding::about("time zones").good(zones))?;
    report.add(DoctorFinding::about("clock").good(clock))?;
    match usable_app(context, &config, &mut report)? {
        Some(app) => look_at(&app, &config, args, &mut report).await?,
        None => look_at_servers(&config, &mut report).await?,
    }
    report.end()
}

/// What everything else is looked at with; where only the templates are wrong, with those that are built in.
fn usable_app(
    context: &CommandContext,
    config: &Config,
    report: &mut DoctorReport<'_>,
) -> Result<Option<Arc<App>>, Failure> {
    let error = match app(context, config) {
        Ok(app) => {
            let templates = config.templates.as_ref();
            let templates = templates.map_or("built in".to_owned(), |path| path.display().to_string());
            report.add(DoctorFinding::about("templates").good(templates))?;
            return Ok(Some(app));
        }
        Err(error) => error,
    };
    let are_templates = matches!(error, SetupError::Templates(_));
    report.add(without_app(error))?;
    if !are_templates {
        return Ok(None);
    }
    match app(context, &Config { templates: None, ..config.clone() }) {
        Ok(app) => Ok(Some(app)),
        Err(error) => {
            report.add(without_app(error))?;
            Ok(None)
        }
    }
}

async fn look_at_servers(config: &Config, report: &mut DoctorReport<'_>) -> Result<(), Failure> {
    for finding in servers(&config.accounts, report.context.now()).await {
        report.add(finding)?;
    }
    Ok(())
}

/// What keeps everything else from being looked at.
fn without_app(error: SetupError) -> DoctorFinding {
    let what = match &error {
        SetupError::Templates(_) => "templates",
        SetupError::Store(_) => "database",
        SetupError::Grants { .. } => "token file",
    };
    let failure = Failure::from(error);
    let remedy = failure.hints.join("; ");
    let remedy = match remedy.as_str() {
        "" if failure.message.contains("chmod") => advice::for_credentials(&failure.message),
        "" => "do as it says, then run it again".to_owned(),
        _ => remedy,
    };
    DoctorFinding::about(what).bad(failure.status, failure.message, remedy)
}

async fn look_at(
    app: &Arc<App>,
    config: &Config,
    args: &DoctorArgs,
    report: &mut DoctorReport<'_>,
) -> Result<(), Failure> {
    report.add(database(app).await)?;
    report.add(agent(app, report.context).await?)?;
    look_at_servers(config, report).await?;
    let looks = app.accounts.values().map(|account| async move {
        let mut findings = whole_account(app, account).await;
        if args.send && findings.iter().all(DoctorFinding::is_good) {
            findings.extend(round_trip(app, account).await);
        }
        findings
    });
    let mut looks = futures::stream::iter(looks).buffered(AT_ONCE);
    while let Some(findings) = looks.next().await {
        for finding in findings {
            report.add(finding)?;
        }
    }
    for warning in secret_files::warnings(config).into_iter().chain(shared_mailboxes::warnings(config)) {
        report.add(warning)?;
    }
    report.add(eyes(config))
}

/// Looks at the accounts with the patience of somebody who waits.
fn app(context: &CommandContext, config: &Config) -> Result<Arc<App>, SetupError> {
    let mut app =
        setup::build_app_for(config, context.clock.clone(), context.zones.clone(), OpenPurpose::Look)?;
    app.imap_deadlines.connect = CONNECT;
    app.smtp_deadlines.connect = CONNECT;
    app.smtp_deadlines.command = CONNECT;
    Ok(Arc::new(app))
}

/// A configuration with faults: each is a check that failed.
fn without_configuration(context: &CommandContext, failure: Failure) -> Result<Failure, Failure> {
    if !context.json {
        return Ok(failure);
    }
    let finding = |fault: &Fault| {
        let help = fault.help.iter().cloned().chain(fault.example.clone()).collect::<Vec<_>>().join("; ");
        let help = if help.is_empty() { "change that line, then run it again".to_owned() } else { help };
        DoctorFinding::about("configuration").bad(REFUSED, fault.to_string(), help)
    };
    let findings: Vec<DoctorFinding> = failure.faults.iter().map(finding).collect();
    if findings.is_empty() {
        return Ok(failure);
    }
    writeln!(context.stdout(), "{:#}", as_json(&findings))?;
    let said = diagnostics::render(&failure.faults, context.style);
    super::terminal::print_note(said);
    Ok(Failure::new(failure.status, failed_checks(findings.len(), context.json)))
}

/// Every account's mailbox and submission.
pub(crate) async fn accounts(
    context: &CommandContext,
    config: &Config,
) -> Result<Vec<DoctorFinding>, Failure> {
    let app = app(context, config)?;
    let looks = app.accounts.values().map(|account| whole_account(&app, account));
    let findings: Vec<Vec<DoctorFinding>> = futures::stream::iter(looks).buffered(AT_ONCE).collect().await;
    Ok(findings.into_iter().flatten().collect())
}

async fn whole_account(app: &Arc<App>, account: &MailAccount) -> Vec<DoctorFinding> {
    let (mut findings, submission) = tokio::join!(mailbox(app, account), submission(app, account));
    findings.push(submission);
    findings
}

/// What was found so far; people see each line at once.
struct DoctorReport<'c> {
    context: &'c CommandContext,
    findings: Vec<DoctorFinding>,
    /// Columns of the longest label.
    longest: usize,
}

impl<'c> DoctorReport<'c> {
    fn new(context: &'c CommandContext, config: &Config) -> Self {
        let account = config.accounts.keys().map(|name| visible(name) + ": submission".len());
        let longest = account.max().unwrap_or(0).max("agent's mailbox".len());
        Self { context, findings: Vec::new(), longest }
    }

    fn add(&mut self, finding: DoctorFinding) -> Result<(), Failure> {
        if !self.context.json {
            print_line(&finding, self.longest)?;
        }
        self.findings.push(finding);
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        if self.context.json {
            writeln!(self.context.stdout(), "{:#}", as_json(&self.findings))?;
        }
        let failed = self.findings.iter().filter(|finding| !finding.is_good()).count();
        match status_of(&self.findings) {
            0 => Ok(()),
            status => Err(Failure::new(status, failed_checks(failed, self.context.json))),
        }
    }
}

fn failed_checks(count: usize, in_json: bool) -> String {
    let checks = if count == 1 { "1 check".to_owned() } else { format!("{count} checks") };
    let which =
        if in_json { "those that are not `ok`; `remedy` says how" } else { "fix what is marked WRONG above" };
    format!("{checks} failed ({which})")
}

/// A line for each, with what to do below what is wrong.
pub(crate) fn print_for_people(findings: &[DoctorFinding]) -> Result<(), Failure> {
    let longest = findings.iter().map(|finding| visible(&finding.label())).max().unwrap_or(0);
    findings.iter().try_for_each(|finding| print_line(finding, longest))
}

fn print_line(finding: &DoctorFinding, longest: usize) -> Result<(), Failure> {
    let mut out = output::stdout(OutputForm::Text);
    let rest = " ".repeat(longest + 9);
    let mark = match finding.is_good() {
        true if finding.is_warning() => painted(HEADING, "note "),
        true => painted(GOOD, "ok   "),
        false => painted(BAD, "WRONG"),
    };
    let (words, remedy) = finding.words();
    let first = format!("{mark}  {:<longest$}  ", finding.label());
    out.write_all(hanging(&first, &rest, words, Style::new(), columns()).as_bytes())?;
    if let Some(remedy) = remedy {
        out.write_all(hanging(&rest, &rest, remedy, HEADING, columns()).as_bytes())?;
    }
    Ok(out.flush()?)
}

async fn database(app: &App) -> DoctorFinding {
    let what = DoctorFinding::about("database");
    match app.store.absence() {
        Some(DatabaseAbsence::NotMade) => {
            if let Err(error) = check_folder(app.store.path()) {
                let failure = Failure::from(error);
                return what.bad(failure.status, failure.message, failure.hints.join("; "));
            }
            return what.warning(
                format!("there is none yet at {}", app.store.path().display()),
                "nothing to do: the first `baton send` or `baton run` makes it",
            );
        }
        Some(DatabaseAbsence::Gone) => {
            let failure = Failure::from(StoreError::Gone { path: app.store.path().to_owned() });
            return what.bad(failure.status, failure.message, failure.hints.join("; "));
        }
        None => {}
    }
    let path = app.store.path().display();
    match (app.store.check().await, app.store.why_not_writable()) {
        (Ok(()), None) => what.good(path.to_string()),
        (Ok(()), Some(why)) => what.bad(
            FAILED,
            format!("the database {path} cannot be written: {why}"),
            "the user that runs baton has to own it and its folder, on a file system that is not mounted read-only",
        ),
        (Err(error), _) => {
            what.bad(FAILED, error_chain(&error), "restore the last copy that `baton backup` wrote")
        }
    }
}

/// Whose mailbox is not read.
fn eyes(config: &Config) -> DoctorFinding {
    let what = DoctorFinding::about("AEs");
    let unseen = config
        .people
        .iter()
        .filter(|person| person.roles.contains(&TeamRole::Ae) && person.account.is_none())
        .map(|person| person.name.as_str());
    let blind: Vec<&str> = unseen.collect();
    if blind.is_empty() {
        return what.good("every AE's mailbox is watched");
    }
    what.good(format!("seen only in the SDR's copies: {}", blind.join(", ")))
}

/// Whether an agent runs. That none does is no fault of the set-up, so it is said and nothing more.
async fn agent(app: &Arc<App>, context: &CommandContext) -> Result<DoctorFinding, Failure> {
    let now = context.now();
    let state = watching::state(app, now).await?;
    let (what, line) = (DoctorFinding::about("agent"), watching::plain_line(&state, now, &*app.default_zone));
    Ok(if state.is_stopped {
        what.warning(
            line,
            "end one of the two; if this one is to go on, start it with `baton run --take-over`",
        )
    } else {
        what.good(line)
    })
}
