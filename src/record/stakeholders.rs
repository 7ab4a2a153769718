//! The stakeholder map: a table with bars, with or without its head.

use std::ops::Range;

use crate::diagnostics::{Fault, nearest};
use crate::domain::handoff::{DealRole, Stakeholder};

use super::fields::RecordReader;
use super::headings::Section;
use super::marks::is_drawn_bar;
use super::text::{clean, is_placeholder, trimmed};

const EXAMPLE: &str = "Sarah Lee | VP Sales | decision-maker";
const ROLES: [DealRole; 5] = [
    DealRole::DecisionMaker,
    DealRole::Evaluator,
    DealRole::Gatekeeper,
    DealRole::EndUser,
    DealRole::Champion,
];

/// Everybody in the map; `None` where a line is wrong or nobody is there.
pub(crate) fn read(reader: &mut RecordReader<'_>) -> Option<Vec<Stakeholder>> {
    let block = reader.section(Section::Stakeholders)?;
    let mut found = Vec::new();
    let mut complete = true;
    let mut rows = 0;
    let mut order = None;
    for line in &block.lines {
        let cells = in_order(cells(reader.text, line), order);
        let words: Vec<String> = cells.iter().map(|cell| clean(reader.slice(cell))).collect();
        if let Some(found) = head_in_order(&words) {
            order = Some(found);
            continue;
        }
        if is_rule(&words) {
            continue;
        }
        rows += 1;
        match row(reader, line, &cells, &words) {
            Some(stakeholder) => found.push(stakeholder),
            None => complete = false,
        }
    }
    if rows == 0 {
        let fault = Fault::error(&reader.source, block.heading, "no stakeholder is listed")
            .unfilled()
            .help("everybody known in the account belongs here, also those nobody has talked to")
            .example(EXAMPLE);
        reader.fault(fault);
        return None;
    }
    complete.then_some(found)
}

/// A row of the map as it is written.
pub(crate) struct StakeholderRow {
    pub name: String,
    pub title: String,
    /// `None`: what stands there is no role.
    pub role: Option<DealRole>,
}

/// A line that is a row of the map by itself.
pub(crate) fn row_alone(line: &str) -> Option<StakeholderRow> {
    let line: String = line.chars().map(|c| if c == '\t' || is_drawn_bar(c) { '|' } else { c }).collect();
    let words: Vec<String> = cells(&line, &(0..line.len()))
        .iter()
        .map(|cell| clean(line.get(cell.clone()).unwrap_or("")))
        .collect();
    if head_in_order(&words).is_some() || is_rule(&words) {
        return None;
    }
    let [name, title, role] = words.as_slice() else { return None };
    let row = || StakeholderRow { name: name.clone(), title: title.clone(), role: deal_role(role) };
    (!is_placeholder(name)).then(row)
}

fn cells(text: &str, line: &Range<usize>) -> Vec<Range<usize>> {
    let slice = text.get(line.clone()).unwrap_or("");
    let bare = slice.trim_start_matches(['-', '*', '\u{2022}']).trim_start();
    // A bar at the start and one at the end frame the row, as Markdown has it. `-` alone opens a list or
    // the line under the head, which is told from a row by its cells.
    let start = line.start + (slice.len() - bare.len());
    let inner = bare.strip_prefix('|').unwrap_or(bare);
    let start = start + (bare.len() - inner.len());
    // A bar that only ends the row stands before a role that is missing.
    let framed = inner.len() < bare.len() || inner.matches('|').count() > 2;
    let end = start + inner.strip_suffix('|').filter(|_| framed).unwrap_or(inner).len();
    let mut cells = Vec::new();
    let mut from = start;
    let body = text.get(start..end).unwrap_or("");
    for (at, _) in body.match_indices('|') {
        cells.push(trimmed(text, from..start + at));
        from = start + at + 1;
    }
    cells.push(trimmed(text, from..end));
    if cells.len() > 3 {
        // Tabs that only align, and columns that a table has beside the three.
        let filled: Vec<Range<usize>> = cells.iter().filter(|cell| !cell.is_empty()).cloned().collect();
        if filled.len() == 3 {
            return filled;
        }
    }
    cells
}

/// Where name, title and role stand by the table's head, `Name | Title | Role in deal` in any order; a column that it does
/// not name is beyond every row.
fn head_in_order(words: &[String]) -> Option<[usize; 3]> {
    let place = |is: fn(&str) -> bool| words.iter().position(|word| is(word.to_lowercase().as_str()));
    let name = place(|word| matches!(word, "name" | "names" | "stakeholder" | "contact"))?;
    let role = place(|word| word.starts_with("role"))?;
    let title = place(|word| matches!(word, "title" | "titles" | "job title" | "position" | "function"));
    Some([name, title.unwrap_or(usize::MAX), role])
}

/// The line of dashes under the head.
fn is_rule(words: &[String]) -> bool {
    let dashes = words
        .iter()
        .all(|word| word.chars().all(|c| matches!(c, '-' | ':' | '=' | '\u{2013}' | '\u{2014}' | ' ')));
    dashes && (words.len() > 1 || words.concat().len() >= 3)
}

/// The cells as name, title and role, where the head has another order and the row has all of its columns.
fn in_order(cells: Vec<Range<usize>>, order: Option<[usize; 3]>) -> Vec<Range<usize>> {
    let Some([name, title, role]) = order.filter(|order| *order != [0, 1, 2]) else { return cells };
    let (Some(name), Some(role)) = (cells.get(name), cells.get(role)) else { return cells };
    let title = cells.get(title).cloned().unwrap_or(name.end..name.end);
    vec![name.clone(), title, role.clone()]
}

fn row(
    reader: &mut RecordReader<'_>,
    line: &Range<usize>,
    cells: &[Range<usize>],
    words: &[String],
) -> Option<Stakeholder> {
    let ([name_span, title_span, role_span], [name, title, role]) = (cells, words) else {
        let fault = Fault::error(
            &reader.source,
            line.clone(),
            "a stakeholder needs a name, a title and a role, with bars between them",
        )
        .label(format!("{} of 3 columns", words.len()))
        .help(format!("write `{}`; the title may be `unknown`", with_bars(&words.join(" | "))));
        reader.fault(fault);
        return None;
    };
    let name = if is_placeholder(name) {
        let place = if name.is_empty() { line.clone() } else { name_span.clone() };
        let fault = Fault::error(&reader.source, place, "the stakeholder's name is missing").example(EXAMPLE);
        reader.fault(fault);
        None
    } else {
        Some(name.clone())
    };
    let title = if is_placeholder(title) { "unknown".to_owned() } else { title.clone() };
    let role = match deal_role(role) {
        Some(role) => Some(role),
        None => {
            let place = if role.is_empty() { title_span.end..line.end } else { role_span.clone() };
            let fault = no_role(reader, place, role);
            reader.fault(fault);
            None
        }
    };
    Some(Stakeholder { name: name?, title, role: role? })
}

/// The row that was probably meant, what is missing in brackets.
fn with_bars(written: &str) -> String {
    let parted = [" | ", " - ", " \u{2013} ", " \u{2014} ", ", ", "; ", "  ", "/"]
        .into_iter()
        .map(|sign| written.split(sign).map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>())
        .find(|cells| cells.len() > 1)
        .unwrap_or_else(|| vec![written]);
    match parted.as_slice() {
        [name, role] if deal_role(role).is_some() => format!("{name} | unknown | {role}"),
        [name, title] => format!("{name} | {title} | evaluator"),
        [name, title, role, ..] => format!("{name} | {title} | {role}"),
        _ => format!("{written} | unknown | evaluator"),
    }
}

fn no_role(reader: &RecordReader<'_>, place: Range<usize>, written: &str) -> Fault {
    let message = if is_placeholder(written) {
        "the stakeholder's role is missing".to_owned()
    } else {
        format!("`{written}` is not a role in the deal")
    };
    let fault = Fault::error(&reader.source, place, message);
    let near = nearest(written, ROLES.into_iter().map(DealRole::name)).filter(|_| !is_placeholder(written));
    let fault = match near.or_else(|| other_name(written)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    };
    fault.help("the roles are decision-maker, evaluator, gatekeeper, end user and champion").example(EXAMPLE)
}

/// What other methods of selling call a role.
fn other_name(written: &str) -> Option<&'static str> {
    let role = match written.to_lowercase().replace('-', " ").trim() {
        "economic buyer" | "buyer" | "decider" | "budget holder" | "sponsor" | "executive sponsor"
        | "approver" => DealRole::DecisionMaker,
        "influencer" | "technical buyer" | "technical evaluator" | "advisor" => DealRole::Evaluator,
        "blocker" | "procurement" | "legal" | "detractor" => DealRole::Gatekeeper,
        "user" | "user buyer" => DealRole::EndUser,
        "coach" | "advocate" | "supporter" => DealRole::Champion,
        _ => return None,
    };
    Some(role.name())
}

/// The role by its name, in any case, with hyphens, blanks or neither.
pub(crate) fn deal_role(written: &str) -> Option<DealRole> {
    let key = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let written = key(written);
    ROLES.into_iter().find(|role| {
        let name = key(role.name());
        written == name || written.strip_suffix('s') == Some(&name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_where_the_head_says() {
        let words = |text: &str| text.split('|').map(clean).collect::<Vec<_>>();
        assert_eq!(head_in_order(&words("Name | Title | Role in deal")), Some([0, 1, 2]));
        assert_eq!(head_in_order(&words("Role | Name | Title")), Some([1, 2, 0]));
        assert_eq!(head_in_order(&words("Name | Role in deal")), Some([0, usize::MAX, 1]));
        assert_eq!(head_in_order(&words("Sarah Lee | VP Sales | champion")), None);
        let row = "champion | Sarah Lee | VP";
        let cells = in_order(cells(row, &(0..row.len())), Some([1, 2, 0]));
        let read: Vec<&str> = cells.into_iter().map(|cell| row.get(cell).unwrap()).collect();
        assert_eq!(read, ["Sarah Lee", "VP", "champion"]);
    }

    #[test]
    fn roles_are_known_in_any_spelling_of_theirs() {
        for (text, role) in [
            ("Decision Maker", DealRole::DecisionMaker),
            ("DECISION-MAKER", DealRole::DecisionMaker),
            ("decisionmaker", DealRole::DecisionMaker),
            ("end-user", DealRole::EndUser),
            ("End users", DealRole::EndUser),
            ("champion.", DealRole::Champion),
        ] {
            assert_eq!(deal_role(text), Some(role), "{text}");
        }
        assert_eq!(deal_role("boss"), None);
        assert_eq!(deal_role(""), None);
    }
}
