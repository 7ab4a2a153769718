//! `baton show` and `baton status`: handoffs for people and for programs.
//!
//! Open handoffs are judged anew from what the database holds, so both are right also while no agent runs; closed ones
//! are shown as they were last judged.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::Value;

use crate::agent::app::App;
use crate::agent::intro_fate::IntroFate;
use crate::agent::turn::{JudgedHandoff, listed, shown};
use crate::domain::judge::{FeedbackState, Judgement, TouchState};
use crate::domain::message::Address;
use crate::domain::people::given_name;
use crate::store::{OpenPurpose, ReadTransaction, Result as Stored, Scope};

use super::args::StatusArgs;
use super::failure::Failure;
use super::json;
use super::open::{self, CommandContext};
use super::story::story;
use super::terminal::{HEADING, columns, cut, hanging, known_columns, paragraphs};
use super::watching;

/// The columns of the clean and of the feedback need a terminal this wide; `show` tells them anyway.
const WIDE: usize = 110;
/// Below this, a table would be cut into letters.
const NARROW: usize = 60;

/// `baton show ID`.
pub(crate) async fn show(context: &CommandContext, wanted: &str) -> Result<(), Failure> {
    let app = context.app_for(&context.config()?, OpenPurpose::Look)?;
    let id = open::handoff(&app, wanted).await?.handoff.id;
    print(context, &app, &id).await
}

/// Prints one handoff.
pub(crate) async fn print(context: &CommandContext, app: &Arc<App>, id: &str) -> Result<(), Failure> {
    let now = context.now();
    let wanted = id.to_owned();
    let (judged, mails) = app
        .read(move |app, tx| {
            let judged = shown(tx, &app.policy, &wanted, now)?;
            Ok((judged, tx.outbox(&Scope::Handoff(wanted))?))
        })
        .await?;
    let Some(judged) = judged else {
        return Err(Failure::new(super::failure::REFUSED, format!("there is no handoff `{id}`")));
    };
    let watching = watching::state(app, now).await?;
    let mut out = context.stdout();
    if context.json {
        let mut document = json::whole(app, &judged, &mails);
        if let Some(object) = document.as_object_mut() {
            object.insert("agent".to_owned(), watching::document(&watching));
        }
        writeln!(out, "{document:#}")?;
    } else {
        out.write_all(story(app, &judged, &mails, now, columns()).as_bytes())?;
        let line = format!("{}\n", watching::line(&watching, now, &*app.default_zone));
        write!(out, "\n{}", paragraphs(&line, known_columns()))?;
    }
    Ok(())
}

/// Those of whose last intro nobody can tell whether it has left.
fn intros_in_doubt(tx: &ReadTransaction<'_>, listed: &[JudgedHandoff]) -> Stored<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for JudgedHandoff { stored, judgement, .. } in listed {
        let id = &stored.handoff.id;
        // Only where no clock runs it can be so.
        if judgement.deadline.is_none()
            && IntroFate::of(&tx.outbox(&Scope::Handoff(id.clone()))?).is_in_doubt()
        {
            found.insert(id.clone());
        }
    }
    Ok(found)
}

/// `baton status`.
pub(crate) async fn status(context: &CommandContext, args: &StatusArgs) -> Result<(), Failure> {
    let app = context.app_for(&context.config()?, OpenPurpose::Look)?;
    let (now, with_closed) = (context.now(), args.all);
    let (mut all, in_doubt) = app
        .read(move |app, tx| {
            let all = listed(tx, &app.policy, with_closed, now)?;
            let in_doubt = intros_in_doubt(tx, &all)?;
            Ok((all, in_doubt))
        })
        .await?;
    all.retain(|one| (args.all || one.judgement.open) && is_asked_for(&app, args, one, now));
    all.sort_by_key(|one| urgency(&one.judgement));
    let watching = watching::state(&app, now).await?;
    let mut out = context.stdout();
    if !context.json {
        let line = format!("{}\n", watching::line(&watching, now, &*app.default_zone));
        out.write_all(paragraphs(&line, known_columns()).as_bytes())?;
    }
    if context.json {
        let document: Value = all.iter().map(|one| json::summary(&app, one)).collect();
        writeln!(out, "{document:#}")?;
    } else if all.is_empty() && args.is_narrowed() {
        writeln!(out, "no such handoffs")?;
    } else if all.is_empty() {
        writeln!(out, "no open handoffs; `baton send FILE` makes one")?;
    } else {
        let columns = columns();
        let page = StatusPage { in_doubt, now, columns };
        let text = if columns < NARROW { page.list(&all) } else { page.table(&all) };
        writeln!(out, "{text}")?;
    }
    Ok(())
}

impl StatusArgs {
    fn is_narrowed(&self) -> bool {
        self.sdr.is_some() || self.ae.is_some() || self.company.is_some() || self.late
    }
}

/// Whether a handoff is among those that the options ask for.
fn is_asked_for(app: &App, args: &StatusArgs, one: &JudgedHandoff, now: DateTime<Utc>) -> bool {
    let folded = |text: &str| text.trim().to_lowercase();
    let is_person = |wanted: &Option<String>, name: &str| {
        wanted.as_ref().is_none_or(|wanted| {
            let wanted = folded(wanted);
            let found = Address::new(&wanted).zip(app.policy.person(name));
            folded(name).contains(&wanted)
                || found.is_some_and(|(address, person)| person.has_address(&address))
        })
    };
    let judgement = &one.judgement;
    let company = &judgement.record.company;
    is_person(&args.sdr, &judgement.record.sdr)
        && is_person(&args.ae, &judgement.ae)
        && args.company.as_ref().is_none_or(|wanted| folded(company).contains(&folded(wanted)))
        && (!args.late || is_late(judgement, now))
}

/// Touched too late, or not at all although the deadline has passed.
fn is_late(judgement: &Judgement, now: DateTime<Utc>) -> bool {
    match judgement.touch.state {
        TouchState::Touched => judgement.touch.late,
        TouchState::Breached => true,
        TouchState::Waiting | TouchState::CannotSee | TouchState::Undelivered => {
            judgement.deadline.is_some_and(|deadline| deadline < now)
        }
    }
}

/// Who waits for somebody comes first, by when something is due.
fn urgency(judgement: &Judgement) -> (bool, u8, DateTime<Utc>) {
    let state = match judgement.touch.state {
        TouchState::Breached => 0,
        TouchState::Undelivered => 1,
        TouchState::CannotSee => 2,
        TouchState::Waiting => 3,
        TouchState::Touched if judgement.feedback.state == FeedbackState::Overdue => 3,
        TouchState::Touched => 4,
    };
    let due = match judgement.touch.state {
        TouchState::Touched => judgement.next.as_ref().map(|(at, _)| *at).or(judgement.feedback.due),
        _ => judgement.deadline,
    };
    (!judgement.open, state, due.unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// The list of handoffs, for a terminal of so many columns.
struct StatusPage {
    /// Handoffs of whose intro nobody can tell whether it has left.
    in_doubt: BTreeSet<String>,
    now: DateTime<Utc>,
    columns: usize,
}

impl StatusPage {
    /// What the table says, a paragraph for each handoff.
    fn list(&self, all: &[JudgedHandoff]) -> String {
        let Self { now, columns, .. } = *self;
        let mut text = String::new();
        for JudgedHandoff { stored, judgement, .. } in all {
            let head = format!("{} {}", stored.handoff.id, judgement.record.company);
            let people = format!("{} > {}", first(&judgement.record.sdr), first(&judgement.ae));
            let (touch, next) = (self.touch_cell(&stored.handoff.id, judgement).0, next_cell(judgement, now));
            text.push_str(&hanging("", "  ", &head, HEADING, columns));
            for line in [format!("{people}: {touch}"), next].iter().filter(|line| !line.is_empty()) {
                text.push_str(&hanging("  ", "    ", line, anstyle::Style::new(), columns));
            }
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn table(&self, all: &[JudgedHandoff]) -> String {
        let Self { now, columns, .. } = *self;
        let is_wide = columns >= WIDE;
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(columns).unwrap_or(u16::MAX));
        // `anstream` takes the colours out again where there may be none.
        table.enforce_styling();
        let wide_only = |cells: Vec<Cell>| if is_wide { cells } else { Vec::new() };
        let heading = |words: &str| Cell::new(words).add_attribute(Attribute::Bold);
        let mut head: Vec<Cell> = ["ID", "COMPANY", "SDR > AE", "FIRST TOUCH"].map(heading).into();
        head.extend(wide_only(["SDR IN CC", "FEEDBACK"].map(heading).into()));
        head.push(heading("NEXT"));
        table.set_header(head);
        for JudgedHandoff { stored, judgement, .. } in all {
            let (touch, colour) = self.touch_cell(&stored.handoff.id, judgement);
            let touch = Cell::new(touch);
            let mut cells = vec![
                Cell::new(&stored.handoff.id),
                Cell::new(cut(&judgement.record.company, if is_wide { 30 } else { 16 })),
                Cell::new(format!("{} > {}", first(&judgement.record.sdr), first(&judgement.ae))),
                match colour {
                    Some(colour) => touch.fg(colour),
                    None => touch,
                },
            ];
            cells.extend(wide_only(vec![
                Cell::new(json::cc_state(judgement.cc.state).replace('-', " ")),
                Cell::new(json::feedback_state(judgement.feedback.state).replace('-', " ")),
            ]));
            cells.push(Cell::new(next_cell(judgement, now)));
            table.add_row(cells);
        }
        let whole = if is_wide { 6 } else { 4 };
        for (number, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if number < whole {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        let text = table.to_string();
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    fn touch_cell(&self, id: &str, judgement: &Judgement) -> (String, Option<Color>) {
        let touch = &judgement.touch;
        match touch.state {
            TouchState::Touched if touch.late => ("late".to_owned(), Some(Color::DarkRed)),
            TouchState::Touched => ("in time".to_owned(), Some(Color::DarkGreen)),
            TouchState::Waiting => match judgement.deadline {
                Some(at) => (format!("due {}", relative(at, self.now)), Some(Color::DarkYellow)),
                None if self.in_doubt.contains(id) => {
                    ("intro may have left".to_owned(), Some(Color::DarkRed))
                }
                None => ("intro not sent yet".to_owned(), None),
            },
            TouchState::Undelivered if self.in_doubt.contains(id) => {
                ("intro may have left".to_owned(), Some(Color::DarkRed))
            }
            state => (json::touch_state(state).replace('-', " "), Some(Color::DarkRed)),
        }
    }
}

/// What happens next; empty where the first touch is it, since its own column says so.
fn next_cell(judgement: &Judgement, now: DateTime<Utc>) -> String {
    match &judgement.next {
        _ if !judgement.open => "closed".to_owned(),
        Some(_) if matches!(judgement.touch.state, TouchState::Waiting) => String::new(),
        Some((at, what)) => format!("{}: {what}", relative(*at, now)),
        None => String::new(),
    }
}

fn first(name: &str) -> &str {
    given_name(name)
}

/// `in 2 h`, `3 min ago`.
pub(crate) fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let span = (at - now).abs();
    let length = if span < TimeDelta::minutes(1) {
        format!("{} s", span.num_seconds())
    } else if span < TimeDelta::hours(1) {
        format!("{} min", span.num_minutes())
    } else if span < TimeDelta::hours(48) {
        let minutes = span.num_minutes() % 60;
        if minutes == 0 || span >= TimeDelta::hours(10) {
            format!("{} h", span.num_hours())
        } else {
            format!("{} h {minutes} min", span.num_hours())
        }
    } else {
        format!("{} days", span.num_days())
    };
    if at > now { format!("in {length}") } else { format!("{length} ago") }
}
