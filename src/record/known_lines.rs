//! Lines of a correction that say by themselves where they belong, without a label: a row of the stakeholder map, `none
//! raised`, `Sarah: champion`, a quotation where the pain is missing. Known limit: of whom a role is said is told by
//! names that the map has.

use super::amend::{CorrectedPart, Place, layout_of};
use super::fields::bare;
use super::headings::{RecordLabel, Section};
use super::marks;
use super::stakeholders::{StakeholderRow, deal_role, row_alone};
use super::text::{clean, is_placeholder};

/// What the record has, for lines that say by themselves where they belong.
pub(super) struct KnownLines {
    stakeholders: Vec<StakeholderRow>,
    has_pain: bool,
}

impl KnownLines {
    pub(super) fn of(record: &str) -> Self {
        let (working, layout) = layout_of(record);
        let lines = |section: Section| {
            let block = layout.sections.get(&section);
            let spans = block.map(|block| block.lines.clone()).unwrap_or_default();
            spans.into_iter().filter_map(|span| working.get(span)).map(str::to_owned).collect::<Vec<_>>()
        };
        let rows = lines(Section::Stakeholders);
        Self {
            stakeholders: rows.iter().filter_map(|row| row_alone(row)).collect(),
            has_pain: lines(Section::Pain).iter().any(|line| !is_placeholder(&clean(line))),
        }
    }

    /// A row of the stakeholder map: of somebody who is in it, or with a role. A line of a card has bars, too.
    pub(super) fn row(&self, line: &str) -> Option<CorrectedPart> {
        let Some(StakeholderRow { name, role, .. }) = row_alone(line) else { return self.role(line) };
        let name = name.to_lowercase();
        let is_row = role.is_some() || self.stakeholders.iter().any(|row| row.name.to_lowercase() == name);
        is_row.then(|| CorrectedPart { place: Place::Stakeholder(name), lines: vec![line.to_owned()] })
    }

    /// `Sarah Lee: champion`, `Sarah - champion`, `Sarah is the champion`: the role of somebody who is in the map.
    fn role(&self, line: &str) -> Option<CorrectedPart> {
        let signs = [":", " - ", " \u{2013} ", " \u{2014} ", " is the ", " is a ", " is an "];
        let (name, role) = signs.iter().find_map(|sign| line.split_once(sign))?;
        let role = deal_role(clean(role).trim_end_matches(['.', '!']))?;
        let wanted = clean(name).to_lowercase();
        let is_meant = |row: &&StakeholderRow| {
            let known = row.name.to_lowercase();
            known == wanted || known.split_whitespace().next().is_some_and(|first| first == wanted)
        };
        let mut meant = self.stakeholders.iter().filter(is_meant);
        let StakeholderRow { name, title, .. } = meant.next().filter(|_| meant.next().is_none())?;
        let row = format!("{name} | {title} | {}", role.name());
        Some(CorrectedPart { place: Place::Stakeholder(name.to_lowercase()), lines: vec![row] })
    }

    /// `none mentioned`, `3. none raised` below a line with another label.
    pub(super) fn nothing_below(&self, above: &CorrectedPart, line: &str) -> Option<CorrectedPart> {
        let is_other = matches!(above.place, Place::Value(label) if !matches!(label, RecordLabel::Objection | RecordLabel::Handled));
        let value = self.bare_value(without_list_mark(line)).filter(|_| is_other);
        value.filter(|part| matches!(part.place, Place::Section(Section::Competitor | Section::Objections)))
    }

    pub(super) fn bare_value(&self, line: &str) -> Option<CorrectedPart> {
        let words = bare(line);
        let section = match words.as_str() {
            "none mentioned" => Section::Competitor,
            "none raised" => Section::Objections,
            _ => {
                let is_quotation = line.starts_with(['"', '\u{201c}', '\u{201e}', '\u{ab}']);
                let is_sentence = words.split_whitespace().count() >= 3;
                (!self.has_pain && is_quotation && is_sentence).then_some(Section::Pain)?
            }
        };
        Some(CorrectedPart { place: Place::Section(section), lines: vec![line.to_owned()] })
    }
}

pub(super) fn without_list_mark(line: &str) -> &str {
    line.get(marks::list_mark(line)..).unwrap_or(line).trim_start()
}
