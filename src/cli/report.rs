//! `baton report`: a span's handoffs for a manager, as an HTML page, CSV, JSON or a few lines of text.

use std::io::Write;

use crate::agent::app::App;
use crate::agent::audited::{AuditSpan, own_handoffs};
use crate::audit::{page, report_document};
use crate::domain::audit::report::{Report, report};
use crate::domain::people::{Person, TeamRole};

use super::args::ReportArgs;
use super::audit::{is_stdout, start_of, write_file};
use super::audit_text::percent;
use super::failure::{FAILED, Failure, REFUSED, WRONG_USAGE};
use super::open::{self, CommandContext};
use super::terminal::{columns, hanging};
use crate::store::OpenPurpose;

/// `baton report`.
pub(crate) async fn run(context: &CommandContext, args: &ReportArgs) -> Result<(), Failure> {
    let app = context.app_for(&context.config()?, OpenPurpose::Look)?;
    let (now, zone) = (context.now(), app.default_zone.as_ref());
    if args.since.zip(args.until).is_some_and(|(since, until)| until < since) {
        return Err(Failure::new(REFUSED, "the span ends before it begins")
            .hint("--until names its last day, which is part of it"));
    }
    let day_after = args.until.and_then(|date| date.succ_opt());
    let span = AuditSpan {
        since: args.since.map(|date| start_of(date, zone)),
        until: day_after.map(|date| start_of(date, zone)),
        last: None,
    };
    let mut handoffs = app.read(move |app, tx| own_handoffs(tx, &app.policy, span, now)).await?;
    if let Some(wanted) = &args.ae {
        let ae = meant(&app, wanted, TeamRole::Ae, handoffs.iter().map(|one| one.ae.as_str()))?;
        handoffs.retain(|one| one.ae == ae);
    }
    if let Some(wanted) = &args.sdr {
        let sdr = meant(&app, wanted, TeamRole::Sdr, handoffs.iter().map(|one| one.sdr.as_str()))?;
        handoffs.retain(|one| one.sdr == sdr);
    }
    let today = zone.local(now).date_naive();
    let report = report(handoffs, (args.since, args.until), today, zone);
    let document = report_document::report(&report);
    if let Some(path) = &args.html {
        let html = page::page(&report, &document, zone, now).map_err(|error| Failure::of(FAILED, &error))?;
        write_file(path, &html)?;
    }
    if let Some(path) = &args.csv {
        write_file(path, &report_document::report_csv(&document))?;
    }
    let mut out = context.stdout();
    if context.json {
        writeln!(out, "{document:#}")?;
    } else if args.html.is_none() && args.csv.is_none() {
        out.write_all(text(&report, columns()).as_bytes())?;
    }
    Ok(())
}

/// Arguments that cannot go together: two documents on one standard output.
pub(crate) fn check(context: &CommandContext, args: &ReportArgs) -> Result<(), Failure> {
    let to_stdout = [&args.html, &args.csv].into_iter().flatten().filter(|path| is_stdout(path)).count();
    if to_stdout + usize::from(context.json) > 1 {
        return Err(Failure::new(WRONG_USAGE, "only one document fits on standard output")
            .hint("name files for --html and --csv"));
    }
    Ok(())
}

/// The person that a name means: whole or, where it is the only one of the role, the first name. Also somebody who is
/// not configured any more.
fn meant<'a>(
    app: &'a App,
    wanted: &str,
    role: TeamRole,
    past: impl Iterator<Item = &'a str>,
) -> Result<String, Failure> {
    let folded = wanted.trim().to_lowercase();
    let people = || app.policy.people.iter().filter(|person| person.roles.contains(&role));
    let mut names: Vec<&str> = people().map(|person| person.name.as_str()).chain(past).collect();
    names.sort_unstable();
    names.dedup();
    let whole = names.iter().copied().find(|name| name.to_lowercase() == folded);
    let by_first: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| name.split_whitespace().next().is_some_and(|first| first.to_lowercase() == folded))
        .collect();
    match (whole, by_first.as_slice()) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, [name]) => Ok((*name).to_owned()),
        _ => {
            let known: Vec<&Person> = people().collect();
            let what = if role == TeamRole::Ae { "AE" } else { "SDR" };
            Err(Failure::new(REFUSED, format!("there is no {what} `{wanted}`"))
                .hint(open::nearest_or_all(wanted, known.into_iter())))
        }
    }
}

/// The report in a few lines.
fn text(report: &Report, columns: usize) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| "nothing settled yet".to_owned(), percent);
    let mut out = String::new();
    let mut line = |label: &str, text: String| {
        let first = format!("{label:<16}");
        out.push_str(&hanging(&first, "                ", &text, anstyle::Style::new(), columns));
    };
    let day = |date: Option<chrono::NaiveDate>| {
        date.map_or_else(|| "the beginning".to_owned(), |date| date.to_string())
    };
    line("span", format!("{} to {}", day(report.since), day(report.until)));
    line("handoffs", report.handoffs.len().to_string());
    line("in time", share(report.in_time));
    line("feedback given", share(report.feedback_given));
    let none = |ids: &[String]| if ids.is_empty() { "nobody".to_owned() } else { ids.join(", ") };
    line("waiting now", none(&report.waiting));
    for (number, point) in report.coaching.iter().enumerate() {
        let label = if number == 0 { "to coach" } else { "" };
        line(label, format!("{}: {}", point.what, point.handoffs.join(", ")));
    }
    line("", "`baton report --html FILE` draws it".to_owned());
    out
}
