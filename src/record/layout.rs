//! A record cut into its sections and labelled values, before anything in them is read.
//!
//! Every line finds its place or is reported with the heading or label that it was probably meant to be.
//! Sections may be in any order. A value may go on over several lines, up to the next label or heading; one that the
//! prospect reads ends at a blank line, since what stands below may be a note to colleagues.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostics::{Fault, SourceText};

use super::headings::{self, LabelMistake, LabelledLine, RecordLabel, Section};
use super::text;

/// A section as it stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct SectionBlock {
    /// Its heading.
    pub heading: Range<usize>,
    /// Lines that bear no label, and what follows the heading in its own line; none is blank.
    pub lines: Vec<Range<usize>>,
}

/// The value behind a label; empty where nothing follows.
#[derive(Clone, Debug)]
pub(crate) struct LabelledValue {
    pub label: RecordLabel,
    /// The label with its colon.
    pub name: Range<usize>,
    pub span: Range<usize>,
}

#[derive(Debug)]
pub(crate) struct Layout {
    pub sections: BTreeMap<Section, SectionBlock>,
    /// In the order of the file.
    pub values: Vec<LabelledValue>,
    pub faults: Vec<Fault>,
}

impl Layout {
    pub(crate) fn value(&self, label: RecordLabel) -> Option<&LabelledValue> {
        self.values.iter().find(|value| value.label == label)
    }
}

/// `text` is the source's text without its comments, byte for byte.
pub(crate) fn read(source: &Arc<SourceText>, text: &str) -> Layout {
    let mut walk = LayoutWalk {
        source,
        text,
        layout: Layout { sections: BTreeMap::new(), values: Vec::new(), faults: Vec::new() },
        section: Section::Title,
        skipping: false,
        open_value: None,
    };
    for line in text::lines(text) {
        walk.line(line);
    }
    walk.layout
}

struct LayoutWalk<'a> {
    source: &'a Arc<SourceText>,
    text: &'a str,
    layout: Layout,
    section: Section,
    /// Inside a section that is unknown or stands a second time.
    skipping: bool,
    /// The value that a line without a label goes on with.
    open_value: Option<usize>,
}

impl LayoutWalk<'_> {
    fn line(&mut self, line: Range<usize>) {
        if let Some(found) = headings::section(self.text, &line, self.section) {
            self.open(found);
        } else if headings::looks_like_heading(self.text, &line) {
            let fault = Fault::error(self.source, line, "unknown section")
                .help("its sections are 1. PAIN, 2. NEXT MEETING, 3. STAKEHOLDER MAP, 4. OBJECTIONS SURFACED, 5. COMPETITOR MENTIONED and WARM INTRO EMAIL");
            self.layout.faults.push(fault);
            self.skipping = true;
        } else if !self.skipping {
            self.content(line);
        }
    }

    fn open(&mut self, found: LabelledLine<Section>) {
        self.section = found.what;
        self.open_value = None;
        self.skipping = self.layout.sections.contains_key(&found.what);
        if self.skipping {
            let first = self.layout.sections.get(&found.what).map_or(0, |block| block.heading.start);
            let line = self.source.position(first).line;
            let fault = Fault::error(self.source, found.name, "this section appears twice")
                .label(format!("first on line {line}"))
                .help("keep one of the two");
            self.layout.faults.push(fault);
            return;
        }
        if found.slip.is_some() {
            let fault = Fault::error(self.source, found.name.clone(), "unknown heading")
                .help(format!("did you mean `{}`?", found.what.heading()));
            self.layout.faults.push(fault);
        }
        let mut block = SectionBlock { heading: found.name, lines: Vec::new() };
        if !found.rest.is_empty() {
            block.lines.push(found.rest);
        }
        self.layout.sections.insert(found.what, block);
    }

    fn content(&mut self, line: Range<usize>) {
        match self.section {
            Section::Title => self.title_line(line),
            Section::Meeting | Section::Objections | Section::Intro => self.labelled(line),
            Section::IntroStatus | Section::FirstTouch => {
                match headings::label(self.text, &line, self.section) {
                    Some(found) => self.value(found),
                    None => self.unknown(line),
                }
            }
            _ => self.free(line),
        }
    }

    /// `SDR: Dana Fox | AE: Calvin Reyes`
    fn title_line(&mut self, line: Range<usize>) {
        let slice = self.text.get(line.clone()).unwrap_or("");
        let cuts = slice.match_indices('|').map(|(at, _)| line.start + at);
        let mut start = line.start;
        let mut pieces = Vec::new();
        for cut in cuts.chain(std::iter::once(line.end)) {
            pieces.push(text::trimmed(self.text, start..cut));
            start = cut + 1;
        }
        for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
            match headings::label(self.text, &piece, Section::Title) {
                Some(found) => self.value(found),
                None => self.unknown(piece),
            }
        }
    }

    fn labelled(&mut self, line: Range<usize>) {
        if self.section == Section::Objections
            && let Some(parts) = headings::objection_with_handled(self.text, &line)
        {
            parts.into_iter().for_each(|part| self.labelled(part));
        } else if let Some(found) = headings::label(self.text, &line, self.section) {
            self.value(found);
        } else if headings::looks_like_label(self.text.get(line.clone()).unwrap_or(""))
            || self.is_apart_from_what_is_public(&line)
        {
            self.unknown(line);
        } else if let Some(value) = self.open_value.and_then(|at| self.layout.values.get_mut(at)) {
            if value.span.is_empty() {
                value.span = line;
            } else {
                value.span.end = line.end;
            }
        } else if self.section == Section::Objections {
            self.free(line);
        } else {
            self.unknown(line);
        }
    }

    /// Whether a blank line parts this one from a value that stands in the intro.
    fn is_apart_from_what_is_public(&self, line: &Range<usize>) -> bool {
        let value = self.open_value.and_then(|at| self.layout.values.get(at));
        let is_public = matches!(self.section, Section::Meeting | Section::Intro);
        value.filter(|value| is_public && !value.span.is_empty()).is_some_and(|value| {
            // As it was written: a note between the two is no blank line, and a ruler is one.
            let between = self.source.text().get(value.span.end..line.start).unwrap_or_default();
            let mut lines = between.split('\n');
            lines.next();
            // Behind the last line break stands what indents the line itself.
            lines.next_back();
            lines.any(|line| !line.starts_with('#') && !line.contains(char::is_alphanumeric))
        })
    }

    fn value(&mut self, found: LabelledLine<RecordLabel>) {
        let label = found.what;
        if found.slip == Some(LabelMistake::Misspelt) {
            let fault = Fault::error(self.source, found.name.clone(), "unknown line")
                .help(format!("did you mean `{}:`?", label.name()));
            self.layout.faults.push(fault);
        } else if found.slip == Some(LabelMistake::NoColon) {
            let fault =
                Fault::error(self.source, found.name.clone(), format!("`{}` lacks its colon", label.name()))
                    .help(format!("write `{}:`", label.name()));
            self.layout.faults.push(fault);
        }
        if label.section() != self.section {
            let fault = Fault::error(self.source, found.name.clone(), "this line is in the wrong section")
                .help(format!("`{}:` belongs under `{}`", label.name(), label.section().heading()));
            self.layout.faults.push(fault);
        }
        let repeats = !matches!(label, RecordLabel::Objection | RecordLabel::Handled);
        if let Some(first) = self.layout.value(label).filter(|_| repeats) {
            let line = self.source.position(first.name.start).line;
            let fault = Fault::error(self.source, found.name, "this line appears twice")
                .label(format!("first on line {line}"))
                .help("keep one of the two");
            self.layout.faults.push(fault);
            self.open_value = None;
            return;
        }
        self.open_value = Some(self.layout.values.len());
        self.layout.values.push(LabelledValue { label, name: found.name, span: found.rest });
    }

    fn free(&mut self, line: Range<usize>) {
        if let Some(block) = self.layout.sections.get_mut(&self.section) {
            block.lines.push(line);
        } else {
            self.unknown(line);
        }
    }

    fn unknown(&mut self, line: Range<usize>) {
        let labels: Vec<String> =
            RecordLabel::of(self.section).map(|label| format!("`{}:`", label.name())).collect();
        let slice = self.text.get(line.clone()).unwrap_or("");
        let elsewhere = slice.split_once(':').and_then(|(name, _)| {
            let names = RecordLabel::ALL.into_iter().map(RecordLabel::name);
            crate::diagnostics::nearest(name.trim(), names)
        });
        let fault = Fault::error(self.source, line, "this line isn't part of the record");
        let fault = match (elsewhere, self.section) {
            (Some(name), _) => fault.help(format!("did you mean `{name}:`?")),
            (None, Section::Title) => fault
                .help("the record begins with `HANDOFF RECORD: company | date`, then `SDR: name | AE: name`"),
            (None, Section::IntroStatus | Section::FirstTouch) => {
                fault.help("nothing comes after the last two lines; delete it, or start it with #")
            }
            (None, _) => fault
                .help(format!("the lines of this section are {}", labels.join(", ")))
                .help("delete it, or start it with # to keep it as a note"),
        };
        self.layout.faults.push(fault);
    }
}
