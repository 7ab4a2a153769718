//! The rows of a CRM's export as handoffs. docs/behaviour.md section 10.
//!
//! A row that cannot be taken is listed with its line and the reason; a file of which the columns or the order of day and
//! month cannot be told is refused.

mod dates;
mod headings;
mod table;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::domain::audit::crm::{CrmRow, SkippedRow, person_named};
use crate::domain::audit::intro::{Outsiders, person_of};
use crate::domain::audit::past_record::{FoundRecord, RecordState};
use crate::domain::judge::Policy;
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::TeamRole;
use crate::domain::zone::Zone;

use dates::{CellTime, DayMonthOrder, OrderFault};
use headings::{CrmColumn, CrmHeadings};
use table::TextRow;

pub(crate) use headings::HeadingFault;

/// Length of a meeting whose row does not say one.
const USUAL_LENGTH: Duration = Duration::minutes(30);
/// Lines that a refusal names.
const NAMED_LINES: usize = 5;

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CrmFile {
    pub rows: Vec<CrmRow>,
    pub skipped: Vec<SkippedRow>,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CrmFault {
    #[error("the file has no headings")]
    Empty,
    #[error("{fault}")]
    Headings { fault: HeadingFault, seen: Vec<String> },
    #[error("in the column `{heading}` nobody can tell whether day or month comes first: {why}")]
    Order { heading: String, why: String },
}

/// What reading a file needs to know beside its text.
#[derive(Debug)]
pub(crate) struct CrmSetup<'a> {
    pub policy: &'a Policy,
    /// `NAME=HEADING`.
    pub columns: &'a [String],
    /// Of dates that have none.
    pub zone: Arc<dyn Zone>,
    pub now: DateTime<Utc>,
}

/// Reads a whole file.
pub(crate) fn read(text: &str, setup: &CrmSetup<'_>) -> Result<CrmFile, CrmFault> {
    let mut rows = table::rows(text).into_iter();
    let first = rows.next().ok_or(CrmFault::Empty)?;
    let columns = headings::headings(&first.cells, setup.columns).map_err(|fault| CrmFault::Headings {
        fault,
        seen: first.cells.iter().filter(|cell| !cell.is_empty()).cloned().collect(),
    })?;
    let rows: Vec<TextRow> = rows.collect();
    let heading = |column: CrmColumn| columns.cell(&first.cells, column).to_owned();
    let order = |column: CrmColumn| {
        let cells = rows.iter().filter(|row| !row.is_cut && row.cells.len() <= first.cells.len());
        let dates =
            cells.filter_map(|row| Some((row.line, dates::written(columns.cell(&row.cells, column))?)));
        dates::order(&dates.collect::<Vec<_>>())
            .map_err(|fault| CrmFault::Order { heading: heading(column), why: in_words(&fault) })
    };
    let reading = RowReading {
        setup,
        outsiders: Outsiders::of(setup.policy),
        width: first.cells.len(),
        handoff: order(CrmColumn::Handoff)?,
        meeting: order(CrmColumn::Meeting)?,
        columns,
    };
    let mut file = CrmFile::default();
    let mut seen: HashMap<Vec<String>, u64> = HashMap::new();
    for row in rows {
        let line = row.line;
        let outcome = match seen.get(&row.cells) {
            Some(first) => Err(format!("it is the same as line {first}")),
            None => reading.row(&row),
        };
        seen.entry(row.cells).or_insert(line);
        match outcome {
            Ok(row) => file.rows.push(row),
            Err(reason) => file.skipped.push(SkippedRow { line, reason }),
        }
    }
    Ok(file)
}

fn in_words(fault: &OrderFault) -> String {
    let lines = |lines: &[u64]| {
        let mut named: Vec<String> = lines.iter().take(NAMED_LINES).map(u64::to_string).collect();
        if lines.len() > NAMED_LINES {
            named.push(format!("{} more", lines.len() - NAMED_LINES));
        }
        format!("{} {}", if lines.len() == 1 { "line" } else { "lines" }, named.join(", "))
    };
    match fault {
        OrderFault::Unknown { lines: unknown } => {
            format!("{} can be read either way, and no other row helps", lines(unknown))
        }
        OrderFault::Both { day_first, month_first } => {
            format!("{} can only have the day first, {} only the month", lines(day_first), lines(month_first))
        }
    }
}

/// What reading the rows of a file needs.
struct RowReading<'a> {
    setup: &'a CrmSetup<'a>,
    outsiders: Outsiders,
    columns: CrmHeadings,
    width: usize,
    handoff: DayMonthOrder,
    meeting: DayMonthOrder,
}

impl RowReading<'_> {
    fn cell<'r>(&self, row: &'r TextRow, column: CrmColumn) -> &'r str {
        self.columns.cell(&row.cells, column)
    }

    /// A row, or why it is none.
    fn row(&self, row: &TextRow) -> Result<CrmRow, String> {
        if row.is_cut {
            return Err("a quotation mark in it is never closed".to_owned());
        }
        if row.cells.iter().skip(self.width).any(|cell| !cell.is_empty()) {
            return Err(format!("it has {} cells, the headings are {}", row.cells.len(), self.width));
        }
        let filled: Vec<&String> = row.cells.iter().filter(|cell| !cell.is_empty()).collect();
        if let [only] = filled.as_slice() {
            return Err(format!("it is no row of the table: `{}`", cut(only)));
        }
        let cell = |column| self.cell(row, column);
        let company = cell(CrmColumn::Company).to_owned();
        let prospects = self.prospects(row)?;
        if company.is_empty() && prospects.is_empty() {
            return Err("it names neither a company nor a prospect".to_owned());
        }
        if cell(CrmColumn::Ae).is_empty() {
            return Err("it names no AE".to_owned());
        }
        let handed = self.time(row, CrmColumn::Handoff, self.handoff)?;
        let handed = handed.ok_or("it has no date of the handoff")?;
        if handed.at > self.setup.now {
            return Err(format!("its handoff lies in the future: `{}`", cell(CrmColumn::Handoff)));
        }
        let meeting = self.time(row, CrmColumn::Meeting, self.meeting)?.map(|time| {
            let length = time.latest.map_or(USUAL_LENGTH, |latest| latest + Duration::seconds(1) - time.at);
            (time.at, length)
        });
        let policy = self.setup.policy;
        let person = |column, role| {
            person_named(policy, cell(column), role).unwrap_or_else(|| cell(column).to_owned())
        };
        let record = self.record(row, handed.at, meeting);
        Ok(CrmRow {
            line: row.line,
            company: if company.is_empty() { first_domain(&prospects) } else { company },
            sdr: person(CrmColumn::Sdr, TeamRole::Sdr),
            ae: person(CrmColumn::Ae, TeamRole::Ae),
            prospects,
            at: handed.at,
            latest: handed.latest,
            meeting,
            record,
        })
    }

    /// The time in a cell; `None`: it is empty.
    fn time(
        &self,
        row: &TextRow,
        column: CrmColumn,
        order: DayMonthOrder,
    ) -> Result<Option<CellTime>, String> {
        let cell = self.cell(row, column);
        if cell.is_empty() || cell == "-" {
            return Ok(None);
        }
        let read = dates::written(cell).and_then(|time| time.read(order, &self.setup.zone));
        read.map(Some).ok_or_else(|| format!("`{}` is no date ({})", cut(cell), column.name()))
    }

    /// Outside addresses of the prospect's cell and of the attendees'.
    fn prospects(&self, row: &TextRow) -> Result<Vec<Mailbox>, String> {
        let mut found: Vec<Mailbox> = Vec::new();
        for column in [CrmColumn::Prospect, CrmColumn::Attendees] {
            for one in mailboxes(self.cell(row, column)).map_err(|text| format!("`{text}` is no address"))? {
                let is_ours = person_of(self.setup.policy, &one.address).is_some();
                let is_new = !found.iter().any(|known| known.address == one.address);
                if is_new && !is_ours && self.outsiders.is_outside(&one.address) {
                    found.push(one);
                }
            }
        }
        Ok(found)
    }

    /// The five fields of the record, where the file has columns for any of those that only a record has.
    fn record(
        &self,
        row: &TextRow,
        at: DateTime<Utc>,
        meeting: Option<(DateTime<Utc>, Duration)>,
    ) -> Option<FoundRecord> {
        let fields = [
            (CrmColumn::Pain, "the pain"),
            (CrmColumn::Stakeholders, "the stakeholders"),
            (CrmColumn::Objections, "the objections"),
            (CrmColumn::Competitor, "the competitor"),
        ];
        if !fields.iter().any(|(column, _)| self.columns.place(*column).is_some()) {
            return None;
        }
        let is_empty = |column: CrmColumn| is_placeholder(self.cell(row, column));
        let has_column = |column: CrmColumn| self.columns.place(column).is_some();
        let mut missing: Vec<&str> =
            fields.iter().filter(|(column, _)| is_empty(*column)).map(|(_, words)| *words).collect();
        if meeting.is_none() {
            missing.push("the next meeting");
        }
        for (column, words) in [(CrmColumn::Agenda, "its agenda"), (CrmColumn::Attendees, "its attendees")] {
            if has_column(column) && is_empty(column) {
                missing.push(words);
            }
        }
        let state = if missing.is_empty() { RecordState::Complete } else { RecordState::Incomplete };
        let sentence = if missing.is_empty() {
            format!("line {} of the CRM's file has all five fields of the record", row.line)
        } else {
            format!("line {} of the CRM's file lacks {}", row.line, missing.join(", "))
        };
        let text = |column| self.cell(row, column).to_owned();
        Some(FoundRecord {
            at,
            state,
            sentence,
            company: text(CrmColumn::Company),
            has_ticks: false,
            addresses: Vec::new(),
            pain: text(CrmColumn::Pain),
            agenda: text(CrmColumn::Agenda),
            meeting: None,
        })
    }
}

/// Nothing, or what stands for it. docs/behaviour.md section 2.
fn is_placeholder(cell: &str) -> bool {
    let word = cell.trim().trim_end_matches('.').to_lowercase();
    !word.contains(char::is_alphanumeric)
        || ["tbd", "tbc", "todo", "to do", "n/a", "na", "unknown", "xxx"].contains(&word.as_str())
}

/// Addresses with the names before them; the error is what should be one. A name alone is none.
fn mailboxes(cell: &str) -> Result<Vec<Mailbox>, String> {
    let mut found = Vec::new();
    for part in cell.split([';', ',', '\n', '|']) {
        let is_edge = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '[' | ']');
        let mut name = Vec::new();
        for word in part.split(is_edge).filter(|word| !word.is_empty()) {
            if !word.contains('@') {
                name.push(word);
                continue;
            }
            let address = Address::new(word.trim_start_matches("mailto:"));
            let address = address.filter(|one| one.domain().contains('.') && !one.local().contains('@'));
            let address = address.ok_or_else(|| cut(word))?;
            found.push(Mailbox { name: std::mem::take(&mut name).join(" "), address });
        }
    }
    Ok(found)
}

fn first_domain(prospects: &[Mailbox]) -> String {
    prospects.first().map(|one| one.address.domain().to_owned()).unwrap_or_default()
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
