//! `baton audit`: the three questions of docs/behaviour.md section 10, for people, as JSON and as CSV, asked of baton's own
//! handoffs, of those that mailboxes show, and of a CRM's rows.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::agent::app::App;
use crate::agent::audited::{AuditSpan, own_handoffs};
use crate::agent::past_mail::{MailSource, PastAnswer, PastQuestion, Progress, past_handoffs};
use crate::audit::{document, tables};
use crate::domain::audit::crm::SkippedRow;
use crate::domain::people::TeamRole;
use crate::domain::zone::Zone;

use super::args::AuditArgs;
use super::audit_text::text;
use super::crm::{CrmFile, crm_file};
use super::failure::{FAILED, Failure, INTERRUPTED, REFUSED, WRONG_USAGE};
use super::open::CommandContext;
use super::terminal::{columns, known_columns, paragraphs, print_note};
use crate::output;
use crate::store::OpenPurpose;

/// How many handoffs an audit looks at where nobody says.
const USUAL: usize = 30;

/// `baton audit`.
pub(crate) async fn audit(context: &CommandContext, args: &AuditArgs) -> Result<(), Failure> {
    let is_csv_alone = args.csv.as_deref().is_some_and(is_stdout);
    if is_csv_alone && context.json {
        return Err(Failure::new(WRONG_USAGE, "only one document fits on standard output")
            .hint("name a file for --csv"));
    }
    let app = context.app_for(&context.config()?, OpenPurpose::Look)?;
    let now = context.now();
    let last = args.last.map(|last| usize::try_from(last).unwrap_or(usize::MAX));
    let span = AuditSpan {
        since: args.since.map(|date| start_of(date, &*app.default_zone)),
        until: None,
        last: if args.since.is_some() { last } else { last.or(Some(USUAL)) },
    };
    let is_past = args.reads_mail();
    let (answer, skipped) = if is_past {
        past(&app, args, span).await?
    } else {
        let handoffs = app.read(move |app, tx| own_handoffs(tx, &app.policy, span, now)).await?;
        (PastAnswer { handoffs, ..PastAnswer::default() }, Vec::new())
    };
    let zone = |ae: &str| zone_of(&app, ae);
    if let Some(path) = &args.csv {
        write_file(path, &tables::audit(&answer.handoffs, &zone))?;
    }
    for note in &answer.notes {
        print_note(format!("{note}\n"));
    }
    let remarks = remarks(&answer, &skipped);
    if is_csv_alone {
        remarks.iter().for_each(print_note);
        return Ok(());
    }
    let mut out = context.stdout();
    if context.json {
        writeln!(out, "{:#}", document::audit(&answer.handoffs, &skipped, &zone))?;
    } else if answer.handoffs.is_empty() && is_past {
        let found = format!("no handoffs were found in {} messages\n", answer.messages);
        out.write_all(paragraphs(&(found + &remarks.concat()), known_columns()).as_bytes())?;
    } else {
        out.write_all(text(&answer.handoffs, &remarks, &*app.default_zone, columns()).as_bytes())?;
    }
    Ok(())
}

/// What else a person has to know, a line each: older handoffs, rows that were skipped.
fn remarks(answer: &PastAnswer, skipped: &[SkippedRow]) -> Vec<String> {
    let mut lines = Vec::new();
    if answer.left_out > 0 {
        lines.push(format!(
            "{} older handoffs were found as well; --last {} shows all\n",
            answer.left_out,
            answer.left_out + answer.handoffs.len()
        ));
    }
    if !skipped.is_empty() {
        lines.push("Rows that were skipped:\n".to_owned());
    }
    lines.extend(skipped.iter().map(|row| format!("- line {}: {}\n", row.line, row.reason)));
    lines
}

/// Handoffs that mailboxes show, and those of a CRM's rows.
async fn past(
    app: &Arc<App>,
    args: &AuditArgs,
    span: AuditSpan,
) -> Result<(PastAnswer, Vec<SkippedRow>), Failure> {
    let CrmFile { rows, skipped } = match &args.crm {
        Some(path) => crm_file(app, path, &args.column, args.zone.as_deref())?,
        None => CrmFile::default(),
    };
    let is_named = !args.mailbox.is_empty();
    let mut sources = Vec::new();
    for name in &args.mailbox {
        let source = MailSource::named(app, name).ok_or_else(|| not_a_mailbox(app, name))?;
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    if !is_named {
        sources = configured(app);
    }
    let question = PastQuestion { sources, is_named, rows, with_own: !is_named, span };
    let mut progress = Progress::on_terminal();
    let answer = tokio::select! {
        answer = past_handoffs(app, question, &mut progress) => answer?,
        _ = tokio::signal::ctrl_c() => {
            return Err(Failure::new(INTERRUPTED, "stopped; nothing has been written"));
        }
    };
    Ok((answer, skipped))
}

/// The mailboxes of SDRs and AEs.
fn configured(app: &App) -> Vec<MailSource> {
    let is_party = |roles: &std::collections::BTreeSet<TeamRole>| {
        roles.contains(&TeamRole::Sdr) || roles.contains(&TeamRole::Ae)
    };
    let people = app.policy.people.iter().filter(|person| is_party(&person.roles));
    let mut accounts: Vec<String> = people.filter_map(|person| person.account.clone()).collect();
    accounts.sort();
    accounts.dedup();
    accounts.into_iter().map(MailSource::Account).collect()
}

fn not_a_mailbox(app: &App, name: &str) -> Failure {
    let known: Vec<&str> = app.accounts.keys().map(String::as_str).collect();
    let path = Path::new(name);
    let what = if path.is_dir() {
        format!("`{name}` is a folder, but no Maildir: it has no `cur` in it")
    } else {
        format!("`{name}` is neither an account of the configuration nor an mbox file or a Maildir")
    };
    let failure = Failure::new(REFUSED, what);
    match crate::diagnostics::nearest(name, known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("accounts are {}", known.join(", "))),
    }
}

/// The zone of an AE of the configuration.
pub(super) fn zone_of(app: &App, ae: &str) -> Option<Arc<dyn Zone>> {
    app.policy.person(ae).map(|person| Arc::clone(&person.working.zone))
}

/// The first instant of a day.
pub(super) fn start_of(date: NaiveDate, zone: &dyn Zone) -> DateTime<Utc> {
    zone.instant(date.and_time(NaiveTime::MIN))
}

pub(super) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes a document to a file, or to standard output where it is `-`.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    if is_stdout(path) {
        return Ok(output::write_data(text.as_bytes())?);
    }
    std::fs::write(path, text).map_err(|error| {
        Failure::new(FAILED, format!("{} cannot be written: {error}", path.display()))
            .hint("name a file in a folder that exists and is yours")
    })?;
    print_note(format!("wrote {}\n", path.display()));
    Ok(())
}
