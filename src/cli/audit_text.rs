//! The audit for people: a table of the handoffs, one of the people, what the answers rest on; at its end, where a terminal
//! shows it, what went wrong most and what to do first.

use chrono::TimeDelta;

use crate::audit::document;
use crate::domain::audit::coaching::coaching;
use crate::domain::audit::figures::{PersonFigures, failures, people};
use crate::domain::audit::{AuditedHandoff, FeedbackAnswer, RecordAnswer, TouchAnswer};
use crate::domain::people::given_name;
use crate::domain::zone::Zone;

use super::fitted_table::{FittedCell, FittedTable};
use super::terminal::{cut, paragraphs, wrapped};

/// The audit for people. `remarks`: what else they have to know, a line each.
pub(super) fn text(
    handoffs: &[AuditedHandoff],
    remarks: &[String],
    zone: &dyn Zone,
    columns: usize,
) -> String {
    if handoffs.is_empty() {
        return "no handoffs to audit; `baton send FILE` makes one\n".to_owned();
    }
    let mut out = handoff_table(handoffs, zone).text(Some(columns));
    out.push('\n');
    out.push_str(&people_table(&people(handoffs)).text(Some(columns)));
    let remarks = paragraphs(&remarks.concat(), Some(columns));
    let in_lines = |text: String| -> String {
        text.lines().map(|line| wrapped(line, columns).join("\n") + "\n").collect()
    };
    let said = [evidence(handoffs), what_to_coach(handoffs), conclusion(handoffs)].map(in_lines);
    let [evidence, to_coach, conclusion] = said;
    for paragraph in [evidence, remarks, to_coach, conclusion].iter().filter(|text| !text.is_empty()) {
        out.push('\n');
        out.push_str(paragraph);
    }
    out
}

fn handoff_table(handoffs: &[AuditedHandoff], zone: &dyn Zone) -> FittedTable {
    let head = ["HANDOFF", "COMPANY", "SDR > AE", "SENT", "RECORD", "FIRST TOUCH", "FEEDBACK"];
    // Handoffs that baton did not make have no names.
    let has_names = handoffs.iter().any(|one| one.id.is_some());
    let row = |one: &AuditedHandoff| {
        let sent = one.sent_at.map(|at| zone.local(at).format("%-d %b %H:%M").to_string());
        let name = has_names.then(|| FittedCell::new(one.id.clone().unwrap_or_default()));
        let record = if one.record == RecordAnswer::Complete { Some(true) } else { None };
        let cells = [
            FittedCell::new(cut(&one.company, 24)),
            FittedCell::new(format!("{} > {}", first(&one.sdr), first(&one.ae))),
            FittedCell::new(sent.unwrap_or_default()),
            FittedCell::coloured(one.record.name(), record),
            touch_cell(one),
            FittedCell::coloured(one.feedback.answer.name(), feedback_is_good(one.feedback.answer)),
        ];
        name.into_iter().chain(cells).collect()
    };
    FittedTable {
        head: head.into_iter().skip(usize::from(!has_names)).collect(),
        rows: handoffs.iter().map(row).collect(),
        is_styled: true,
    }
}

fn touch_cell(one: &AuditedHandoff) -> FittedCell {
    let answer = one.touch.answer;
    let words = match one.seconds_to_touch() {
        Some(seconds) => format!("{}, after {}", answer.name(), span(seconds)),
        None => answer.name().to_owned(),
    };
    let good = match answer {
        TouchAnswer::InTime => Some(true),
        TouchAnswer::Late | TouchAnswer::Never => Some(false),
        TouchAnswer::CannotTell => None,
    };
    FittedCell::coloured(words, good)
}

fn feedback_is_good(answer: FeedbackAnswer) -> Option<bool> {
    match answer {
        FeedbackAnswer::InTime => Some(true),
        FeedbackAnswer::Late | FeedbackAnswer::Never => Some(false),
        FeedbackAnswer::NotDue | FeedbackAnswer::CannotTell => None,
    }
}

fn people_table(people: &[PersonFigures]) -> FittedTable {
    let share = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), percent);
    let row = |one: &PersonFigures| {
        let cells = [
            one.name.clone(),
            document::role_name(one.role).to_uppercase(),
            one.handoffs.to_string(),
            share(one.in_time),
            one.median_s.map_or_else(|| "-".to_owned(), span),
            one.worst_s.map_or_else(|| "-".to_owned(), span),
            share(one.personal),
            share(one.acknowledged),
            share(one.feedback),
            one.mean_score.map_or_else(|| "-".to_owned(), |score| format!("{score:.1}")),
        ];
        cells.map(FittedCell::new).into()
    };
    let head =
        ["PERSON", "", "HANDOFFS", "IN TIME", "MEDIAN", "WORST", "PERSONAL", "READ", "FEEDBACK", "SCORE"];
    FittedTable { head: head.into(), rows: people.iter().map(row).collect(), is_styled: true }
}

fn first(name: &str) -> &str {
    given_name(name)
}

/// `67 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// `40 min`, `3 h 5 min`, `2 d 4 h`.
fn span(seconds: i64) -> String {
    let length = TimeDelta::seconds(seconds);
    let (days, hours, minutes) = (length.num_days(), length.num_hours() % 24, length.num_minutes() % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// The two most frequent failures, and what to do first.
fn conclusion(handoffs: &[AuditedHandoff]) -> String {
    let found = failures(handoffs);
    let all = handoffs.len();
    let of = |count: usize| format!("{count} of {all}");
    let Some(most) = found.first() else {
        return format!("Nothing went wrong in {} so far.", counted(all));
    };
    let mut words = format!("The most frequent failure: {} ({})", most.kind.name(), of(most.count));
    if let Some(second) = found.get(1) {
        words.push_str(&format!("; then {} ({})", second.kind.name(), of(second.count)));
    }
    let mut two: Vec<_> = found.iter().take(2).map(|one| one.kind).collect();
    two.sort_unstable();
    let mut remedies: Vec<&str> = two.iter().map(|kind| kind.remedy()).collect();
    remedies.dedup();
    words.push_str(&format!(". Do this first: {}.", remedies.join("; then ")));
    words
}

/// What the answers rest on, for handoffs of which `baton show` knows nothing.
fn evidence(handoffs: &[AuditedHandoff]) -> String {
    let past = handoffs.iter().filter(|one| one.id.is_none() && !one.evidence.is_empty());
    past.map(|one| format!("{}: {}\n", one.company, one.evidence.join("; "))).collect()
}

fn counted(handoffs: usize) -> String {
    if handoffs == 1 { "1 handoff".to_owned() } else { format!("{handoffs} handoffs") }
}

fn what_to_coach(handoffs: &[AuditedHandoff]) -> String {
    coaching(handoffs)
        .iter()
        .map(|point| format!("{}: {}\n", point.what, point.handoffs.join(", ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::domain::audit::{AuditSource, AuditedFeedback, AuditedTouch};
    use crate::domain::judge::CcState;
    use crate::domain::outcomes::TouchKind;
    use crate::domain::zone::FixedZone;

    fn handoff(id: &str, company: &str, answer: TouchAnswer, hours: i64) -> AuditedHandoff {
        let sent_at: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().unwrap();
        let at = matches!(answer, TouchAnswer::InTime | TouchAnswer::Late)
            .then(|| sent_at + TimeDelta::minutes(hours * 60 + 5));
        AuditedHandoff {
            id: Some(id.to_owned()),
            company: company.to_owned(),
            sdr: "Dana Fox".to_owned(),
            ae: "Calvin Reyes".to_owned(),
            prospects: Vec::new(),
            sent_at: Some(sent_at),
            deadline: Some(sent_at + TimeDelta::hours(8)),
            record: RecordAnswer::Complete,
            touch: AuditedTouch {
                answer,
                at,
                kind: at.map(|_| TouchKind::Reply),
                personal: at.map(|_| true),
            },
            feedback: AuditedFeedback {
                answer: if hours > 20 { FeedbackAnswer::Never } else { FeedbackAnswer::InTime },
                at: None,
                due: None,
                outcome: None,
                score: Some(4),
            },
            acknowledged: Some(true),
            cc_first: at.map(|_| CcState::Kept),
            cc: CcState::Dropped,
            preparation: None,
            waits: false,
            source: AuditSource::Baton,
            evidence: Vec::new(),
            line: None,
        }
    }

    #[test]
    fn people_read_a_table_and_what_to_do_first() {
        let all = [
            handoff("acme-7k2f", "Acme Corp", TouchAnswer::InTime, 2),
            handoff("globex-3m1a", "Globex", TouchAnswer::Late, 30),
            handoff("initech-9p4c", "Initech", TouchAnswer::Never, 0),
            handoff("hooli-2b8d", "Hooli", TouchAnswer::CannotTell, 0),
        ];
        let zone = FixedZone::new(chrono::FixedOffset::east_opt(0).unwrap());
        let text = anstream::adapter::strip_str(&text(&all, &[], &zone, 110)).to_string();
        insta::assert_snapshot!(text);
    }
}
