//! `baton show` and `baton status`: handoffs for people and for programs.
//!
//! Both judge anew from what the database holds, so they are right also while no agent runs.

use std::io::Write;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use chrono::{DateTime, TimeDelta, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use crate::agent::house::House;
use crate::agent::render::record_text;
use crate::agent::turn::{Judged, judged};
use crate::domain::judge::{AcceptanceState, FeedbackState, Judgement, TouchState};
use crate::domain::zone::Zone;
use crate::store::{Row, Scope, State};

use super::args::StatusArgs;
use super::failure::Failure;
use super::json;
use super::open::{self, Setting};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WAITS: Style = AnsiColor::Yellow.on_default();
const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();

fn painted(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `baton show ID`.
pub fn show(setting: &Setting, wanted: &str) -> Result<(), Failure> {
    let house = setting.house(&setting.config()?)?;
    let id = open::handoff(&house, wanted)?.handoff.id;
    print(setting, &house, &id)
}

/// Prints one handoff.
pub fn print(setting: &Setting, house: &Arc<House>, id: &str) -> Result<(), Failure> {
    let now = setting.now();
    let (judged, mails) = house.store.read(|view| {
        let mails = view.outbox(&Scope::Handoff(id.to_owned()))?;
        Ok::<_, crate::store::StoreError>((judged(view, &house.policy, id, now)?, mails))
    })?;
    let Some(judged) = judged else {
        return Err(Failure::new(super::failure::REFUSED, format!("there is no handoff `{id}`")));
    };
    let mut out = anstream::stdout().lock();
    if setting.json {
        writeln!(out, "{:#}", json::whole(house, &judged, &mails))?;
    } else {
        out.write_all(story(house, &judged, &mails, now).as_bytes())?;
    }
    Ok(())
}

/// `baton status`.
pub fn status(setting: &Setting, args: &StatusArgs) -> Result<(), Failure> {
    let house = setting.house(&setting.config()?)?;
    let now = setting.now();
    let mut all: Vec<Judged> = house.store.read(|view| {
        let mut all = Vec::new();
        for stored in view.handoffs()? {
            all.extend(judged(view, &house.policy, &stored.handoff.id, now)?);
        }
        Ok::<_, crate::store::StoreError>(all)
    })?;
    all.retain(|one| args.all || one.judgement.open);
    all.sort_by_key(|one| urgency(&one.judgement));
    let mut out = anstream::stdout().lock();
    if setting.json {
        let document: Value = all.iter().map(|one| json::summary(&house, one)).collect();
        writeln!(out, "{document:#}")?;
    } else if all.is_empty() {
        writeln!(out, "no open handoffs; `baton send FILE` makes one")?;
    } else {
        writeln!(out, "{}", table(&house, &all, now))?;
    }
    Ok(())
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

fn table(house: &House, all: &[Judged], now: DateTime<Utc>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = terminal_width() {
        table.set_width(width);
    }
    table.set_header(["ID", "COMPANY", "SDR > AE", "TOUCH", "CC", "FEEDBACK", "NEXT"]);
    for Judged { stored, judgement, .. } in all {
        let next = judgement.next.as_ref().map_or_else(
            || if judgement.open { String::new() } else { "closed".to_owned() },
            |(at, what)| format!("{} {what}", relative(*at, now)),
        );
        let _ = house;
        table.add_row([
            stored.handoff.id.clone(),
            judgement.record.company.clone(),
            format!("{} > {}", first(&judgement.record.sdr), first(&judgement.ae)),
            touch_cell(judgement, now),
            json::cc_state(judgement.cc.state).to_owned(),
            json::feedback_state(judgement.feedback.state).to_owned(),
            next,
        ]);
    }
    table
}

fn terminal_width() -> Option<u16> {
    use std::io::IsTerminal;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    if std::io::stdout().is_terminal() { columns } else { Some(columns.unwrap_or(160)) }
}

fn first(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

fn touch_cell(judgement: &Judgement, now: DateTime<Utc>) -> String {
    let touch = &judgement.touch;
    match touch.state {
        TouchState::Touched if touch.late => format!("late ({})", touch.kind.map_or("", |kind| kind.name())),
        TouchState::Touched => format!("in time ({})", touch.kind.map_or("", |kind| kind.name())),
        TouchState::Waiting => match judgement.deadline {
            Some(at) => format!("due {}", relative(at, now)),
            None => "intro not sent yet".to_owned(),
        },
        state => json::touch_state(state).to_owned(),
    }
}

/// `in 2 h`, `3 min ago`.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
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

/// `Thu 26 Nov 2026 14:00 EST`.
fn exact(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    format!("{} {}", zone.local(at).format("%a %-d %b %Y %H:%M"), zone.abbreviation_at(at))
}

fn story(house: &House, judged: &Judged, mails: &[Row], now: DateTime<Utc>) -> String {
    let judgement = &judged.judgement;
    let person = house.policy.people.iter().find(|person| person.name == judgement.ae);
    let zone = person.map_or_else(|| house.default_zone.clone(), |person| person.working.zone.clone());
    let when = |at: DateTime<Utc>| format!("{} ({})", exact(at, &*zone), relative(at, now));
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    let closed = if judgement.open { "" } else { "  closed" };
    line(format!(
        "{}  {}{closed}",
        painted(HEADING, &judgement.record.company),
        painted(QUIET, &judged.stored.handoff.id)
    ));
    line(format!("{} to {}", judgement.record.sdr, judgement.ae));
    line(String::new());
    for (label, value) in facts(judgement, &when) {
        line(format!("  {label:<12}{value}"));
    }
    if let Some((at, what)) = &judgement.next {
        line(format!("  {:<12}{what}, {}", "next", when(*at)));
    }
    line(format!("\n{}", painted(HEADING, "Timeline")));
    for event in &judgement.story {
        let rule = event.rule.map(|rule| format!(" [row {rule}]")).unwrap_or_default();
        let local = zone.local(event.at).format("%a %-d %b %H:%M:%S");
        line(format!("  {local}  {}{}", event.why, painted(QUIET, rule)));
        let evidence = [event.folder.clone(), event.message_id.as_ref().map(|id| format!("<{id}>"))];
        let evidence: Vec<String> = evidence.into_iter().flatten().collect();
        if !evidence.is_empty() {
            line(painted(QUIET, format!("{:23}{}", "", evidence.join("  "))));
        }
    }
    if !mails.is_empty() {
        line(format!("\n{}", painted(HEADING, "Mails")));
        for row in mails {
            line(mail_line(row, &*zone));
        }
    }
    line(format!("\n{}", painted(HEADING, "Record")));
    for words in record_text(house, judged).lines() {
        line(format!("  {words}").trim_end().to_owned());
    }
    text
}

fn mail_line(row: &Row, zone: &dyn Zone) -> String {
    let to: Vec<String> = row.recipients.addresses().iter().map(ToString::to_string).collect();
    let at = row.sent_at.or(row.not_before).unwrap_or(row.made_at);
    let style = match row.state {
        State::Sent => GOOD,
        State::Queued | State::Sending => WAITS,
        State::Uncertain | State::Failed => BAD,
        State::Cancelled => QUIET,
    };
    let error = row.error.as_ref().map(|error| format!("  ({error})")).unwrap_or_default();
    let local = zone.local(at).format("%a %-d %b %H:%M:%S");
    let state = painted(style, format!("{:<10}", row.state.name()));
    format!("  {local}  {state}{:<18}{}{error}", row.key.kind.name(), to.join(", "))
}

type When<'a> = &'a dyn Fn(DateTime<Utc>) -> String;

fn facts(judgement: &Judgement, when: When<'_>) -> Vec<(&'static str, String)> {
    let touch = &judgement.touch;
    let mut facts = vec![("intro", judgement.sent_at.map_or_else(|| "not sent yet".to_owned(), when))];
    if let Some(deadline) = judgement.deadline {
        facts.push(("deadline", when(deadline)));
    }
    if let Some(why) = &judgement.deadline_why {
        facts.push(("", painted(QUIET, why)));
    }
    let said = match touch.state {
        TouchState::Touched => {
            let kind = touch.kind.map_or("", |kind| kind.name());
            let verdict = if touch.late { painted(BAD, "late") } else { painted(GOOD, "in time") };
            let marks = [
                (touch.kind == Some(crate::domain::fact::TouchKind::Stated), ", said, not seen"),
                (touch.indirect, ", proved indirectly"),
                (touch.personal == Some(true), ", personal"),
                (touch.personal == Some(false), ", not personal"),
            ];
            let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, words)| *words).collect();
            format!("{verdict}, {kind}{marks}, {}", touch.at.map_or_else(String::new, when))
        }
        TouchState::Waiting => painted(WAITS, "waiting"),
        TouchState::Breached => painted(BAD, "none; the deadline has passed"),
        TouchState::CannotSee => painted(BAD, "cannot be seen: a mailbox cannot be read"),
        TouchState::Undelivered => painted(BAD, "the intro was not delivered; the clock stands"),
    };
    facts.push(("first touch", said));
    let mut cc = json::cc_state(judgement.cc.state).to_owned();
    if let Some(first) = judgement.cc.first {
        cc = format!("{cc} (first mail: {})", json::cc_state(first));
    }
    facts.push(("SDR in Cc", cc));
    let acceptance = &judgement.acceptance;
    let owner = if acceptance.owner_updated { ", owner updated" } else { "" };
    let notes =
        acceptance.notes.as_ref().map(|notes| format!(": {}", notes.replace('\n', " "))).unwrap_or_default();
    facts.push((
        "record",
        match acceptance.state {
            AcceptanceState::None => "not acknowledged yet".to_owned(),
            AcceptanceState::Accepted => format!("{}{owner}{notes}", painted(GOOD, "acknowledged")),
            AcceptanceState::Refused => format!("{}{notes}", painted(BAD, "refused")),
        },
    ));
    facts.push((
        "meeting",
        format!("{}, {}", json::meeting_state(judgement.meeting.state), when(judgement.meeting.start)),
    ));
    facts.push(("feedback", feedback(judgement, when)));
    if let Some(until) = judgement.away_until {
        facts.push(("away until", until.to_string()));
    }
    facts
}

fn feedback(judgement: &Judgement, when: When<'_>) -> String {
    let feedback = &judgement.feedback;
    let mut text = match feedback.state {
        FeedbackState::NotDue => "not due yet".to_owned(),
        FeedbackState::Requested => {
            format!("asked for, due {}", feedback.due.map_or_else(String::new, when))
        }
        FeedbackState::Received => painted(GOOD, "received"),
        FeedbackState::Overdue => painted(BAD, "overdue"),
        FeedbackState::NotOwed => "not owed".to_owned(),
    };
    if let Some(outcome) = feedback.outcome {
        text.push_str(&format!(", {}", outcome.name()));
    }
    if let Some(score) = feedback.score {
        text.push_str(&format!(", score {score}"));
    }
    if let Some(wrong) = &feedback.wrong {
        text.push_str(&format!(", wrong in the record: {wrong}"));
    }
    text
}
