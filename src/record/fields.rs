//! From the sections of a record to its fields: what is missing, empty, a placeholder or in the past.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::diagnostics::{self, Fault, SourceText};
use crate::domain::handoff::{PlannedMeeting, Record};
use crate::domain::message::Mailbox;
use crate::language::{Role, is_word};

use super::headings::{RecordLabel, Section};
use super::layout::{LabelledValue, Layout, SectionBlock};
use super::marks::list_mark;
use super::text::{clean, clean_lines, is_placeholder, trimmed};
use super::when::{self, WhenFault};
use super::{
    ParseContext, Parsed, conditions, intro, objections, people, prospect_view, stakeholders, warnings,
};

/// The record while it is read: its text, its parts, and what was found wrong so far.
pub(crate) struct RecordReader<'a> {
    pub source: Arc<SourceText>,
    /// The source's text without comments, byte for byte.
    pub text: &'a str,
    pub ctx: &'a ParseContext<'a>,
    layout: Layout,
    faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

pub(crate) fn read(
    source: &Arc<SourceText>,
    text: &str,
    mut layout: Layout,
    ctx: &ParseContext<'_>,
) -> Result<Parsed, Vec<Fault>> {
    let faults = std::mem::take(&mut layout.faults);
    let mut reader =
        RecordReader { source: Arc::clone(source), text, ctx, layout, faults, warnings: Vec::new() };
    let record = reader.record();
    let RecordReader { mut faults, mut warnings, .. } = reader;
    diagnostics::sort(&mut faults);
    diagnostics::sort(&mut warnings);
    match record {
        Some((record, meeting)) if faults.is_empty() => {
            Ok(Parsed { record, warnings, source: Arc::clone(source), meeting })
        }
        _ => Err(faults),
    }
}

impl RecordReader<'_> {
    pub(crate) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// The section; a missing one is reported.
    pub(crate) fn section(&mut self, section: Section) -> Option<SectionBlock> {
        let found = self.layout.sections.get(&section).cloned();
        if found.is_none() {
            let place = self.behind_the_section_before(section);
            let fault =
                Fault::error(&self.source, place, format!("the section `{}` is missing", section.heading()))
                    .label("expected here")
                    .help("`baton new FILE` writes a record with every section in it")
                    .example(self.example_of_section(section));
            self.fault(fault);
        }
        found
    }

    /// The line after the section that comes before `section`; the text's begin where there is none.
    fn behind_the_section_before(&self, section: Section) -> Range<usize> {
        let Some((before, block)) = self.layout.sections.range(..section).next_back() else {
            let first = text_begin(self.text);
            return first..first;
        };
        let lines = block.lines.iter().map(|line| line.end);
        let values = self.layout.values.iter().filter(|value| value.label.section() == *before);
        let ends = lines.chain(values.map(|value| value.span.end.max(value.name.end)));
        let last = ends.fold(block.heading.end, usize::max);
        let rest = self.text.get(last..).unwrap_or("");
        let next = rest.find('\n').map_or(self.text.len(), |at| last + at + 1);
        next..next
    }

    pub(crate) fn slice(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or("")
    }

    /// The value behind a label, filled in; anything else is reported.
    pub(crate) fn required(&mut self, label: RecordLabel) -> Option<LabelledValue> {
        let Some(value) = self.layout.value(label).cloned() else {
            // A section that is missing as a whole is one fault, not four.
            if let Some(block) = self.layout.sections.get(&label.section()) {
                let fault = Fault::error(
                    &self.source,
                    block.heading.clone(),
                    format!("the line `{}:` is missing", label.name()),
                )
                .example(self.example(label));
                self.fault(fault);
            }
            return None;
        };
        self.filled(value)
    }

    pub(crate) fn filled(&mut self, value: LabelledValue) -> Option<LabelledValue> {
        let text = clean(self.slice(&value.span));
        let name = value.label.name();
        let fault = if text.is_empty() {
            Fault::error(&self.source, value.name, format!("`{name}` is empty"))
                .label("nothing follows")
                .unfilled()
        } else if is_placeholder(&text) {
            Fault::error(
                &self.source,
                value.span,
                format!("`{text}` says nothing: `{name}` is still to be filled in"),
            )
            .unfilled()
        } else {
            return Some(value);
        };
        self.fault(fault.example(self.example(value.label)));
        None
    }

    /// Where a label stands, with its value; else the heading of its section.
    pub(crate) fn place(&self, label: RecordLabel) -> Option<Range<usize>> {
        match self.layout.value(label) {
            Some(value) => Some(value.name.start..value.span.end.max(value.name.end)),
            None => self.layout.sections.get(&label.section()).map(|block| block.heading.clone()),
        }
    }

    /// The labelled values of a section, in the order of the file.
    pub(crate) fn values_of(&self, section: Section) -> Vec<LabelledValue> {
        self.layout.values.iter().filter(|value| value.label.section() == section).cloned().collect()
    }

    fn optional(&self, label: RecordLabel) -> Option<LabelledValue> {
        self.layout.value(label).cloned()
    }

    /// A value in one line of text.
    pub(crate) fn sentence(&mut self, label: RecordLabel) -> Option<(String, Range<usize>)> {
        let value = self.required(label)?;
        Some((self.in_one_line(&value.span), value.span))
    }

    /// A value in one line; the items of a list become parts of one sentence.
    fn in_one_line(&self, span: &Range<usize>) -> String {
        let mut out = String::new();
        let mut start = span.start;
        for line in self.slice(span).split_inclusive(['\n', '\r']) {
            let place = start..start + line.len();
            start = place.end;
            let text = clean(line);
            if text.is_empty() {
                continue;
            }
            // The mark is in the source alone.
            let written = self.source.text().get(place).unwrap_or("").trim_start();
            let is_item = list_mark(written) > 0 && !line.trim_start().starts_with(written);
            if !out.is_empty() {
                let parts = is_item && out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '"'));
                out.push_str(if parts { ", " } else { " " });
            }
            out.push_str(&text);
        }
        out
    }

    /// Like [`Self::sentence`] where the line may be left out or empty.
    pub(crate) fn optional_sentence(
        &mut self,
        label: RecordLabel,
    ) -> Result<Option<(String, Range<usize>)>, ()> {
        match self.optional(label) {
            None => Ok(None),
            Some(value) if value.span.is_empty() => Ok(None),
            Some(value) => {
                let value = self.filled(value).ok_or(())?;
                Ok(Some((self.in_one_line(&value.span), value.span)))
            }
        }
    }

    fn record(&mut self) -> Option<(Record, Range<usize>)> {
        let title = self.title();
        let people = people::read(self);
        let conditions = conditions::read(self);
        let pain = self.pain();
        let meeting = self.meeting();
        let stakeholders = stakeholders::read(self);
        let objections = objections::read(self);
        let competitor = self.competitor();
        let intro = intro::read(self, people.as_ref().ok().and_then(|(_, ae)| *ae));
        let (company, date) = title?;
        let (sdr, ae) = people.ok()?;
        let (meeting, place) = meeting?;
        let intro = intro?;
        let record = Record {
            company,
            date,
            sdr: sdr?.name.clone(),
            ae: ae?.name.clone(),
            conditions,
            pain: pain?,
            meeting,
            stakeholders: stakeholders?,
            objections: objections?,
            competitor: competitor?,
            to: intro.to,
            discussed: intro.discussed,
            why_this_ae: intro.why_this_ae,
            what_to_expect: intro.what_to_expect,
        };
        warnings::attendees(self, &record);
        prospect_view::no_attendee(self, &record);
        Some((record, place))
    }

    /// `HANDOFF RECORD: Acme Corp | 2026-11-24`; a company may have a bar in its name, a date has none.
    fn title(&mut self) -> Option<(String, NaiveDate)> {
        let block = self.section(Section::Title)?;
        let example = self.example_of_section(Section::Title);
        let Some(line) = block.lines.first().cloned() else {
            let fault = Fault::error(&self.source, block.heading, "company and date are missing")
                .example(example.clone());
            self.fault(fault);
            return None;
        };
        let slice = self.slice(&line);
        let cut = slice.rfind('|').map(|at| line.start + at);
        let company_span = trimmed(self.text, line.start..cut.unwrap_or(line.end));
        let company = clean(self.slice(&company_span));
        let company = if is_placeholder(&company) {
            let fault = Fault::error(&self.source, company_span, "the company's name is missing")
                .unfilled()
                .example(example.clone());
            self.fault(fault);
            None
        } else {
            Some(company)
        };
        let date = match cut.map(|cut| trimmed(self.text, cut + 1..line.end)) {
            Some(span) if !is_placeholder(self.slice(&span)) => self.date(&span),
            Some(span) => {
                let fault = Fault::error(&self.source, span, "the record's date is missing")
                    .unfilled()
                    .example(example.clone());
                self.fault(fault);
                None
            }
            None => {
                let end = line.end..line.end;
                let fault = Fault::error(&self.source, end, "the record's date is missing")
                    .help("write company and date on one line with a bar between them")
                    .example(example.clone());
                self.fault(fault);
                None
            }
        };
        company.zip(date)
    }

    fn date(&mut self, span: &Range<usize>) -> Option<NaiveDate> {
        match when::read_date(self.slice(span), self.ctx.now) {
            Ok(date) => Some(date),
            Err(faults) => {
                let example = self.example_of_section(Section::Title);
                self.when_faults(faults, span, &example);
                None
            }
        }
    }

    fn when_faults(&mut self, faults: Vec<WhenFault>, span: &Range<usize>, example: &str) {
        for found in faults {
            let place = span.start + found.span.start..span.start + found.span.end;
            let mut fault = Fault::error(&self.source, place, found.message).label(found.label);
            fault.help = found.help;
            self.fault(fault.example(found.example.unwrap_or_else(|| example.to_owned())));
        }
    }

    fn pain(&mut self) -> Option<String> {
        let (text, span) = self.free_text(Section::Pain, "the pain")?;
        warnings::interpreted_pain(self, &text, span);
        Some(text)
    }

    fn competitor(&mut self) -> Option<String> {
        let (text, span) = self.free_text(Section::Competitor, "the competitor")?;
        if names_nobody(&text) {
            return Some("none mentioned".to_owned());
        }
        if matches!(bare(&text).as_str(), "not discussed" | "unknown") {
            let fault = Fault::error(&self.source, span, format!("`{text}` names no competitor"))
                .help("name who came up; no competitor? write `none mentioned`")
                .example("none mentioned");
            self.fault(fault);
            return None;
        }
        Some(text)
    }

    fn free_text(&mut self, section: Section, what: &str) -> Option<(String, Range<usize>)> {
        let block = self.section(section)?;
        let (Some(first), Some(last)) = (block.lines.first(), block.lines.last()) else {
            let fault = Fault::error(&self.source, block.heading, format!("{what} is missing"))
                .label("nothing follows")
                .unfilled()
                .example(self.example_of_section(section));
            self.fault(fault);
            return None;
        };
        let span = first.start..last.end;
        let text = clean_lines(self.slice(&span));
        if is_placeholder(&text) {
            let fault = Fault::error(
                &self.source,
                span,
                format!("`{text}` says nothing: {what} is still to be filled in"),
            )
            .example(self.example_of_section(section));
            self.fault(fault);
            return None;
        }
        Some((text, span))
    }

    fn meeting(&mut self) -> Option<(PlannedMeeting, Range<usize>)> {
        self.section(Section::Meeting)?;
        let when = self
            .required(RecordLabel::DateTime)
            .and_then(|value| self.instant(&value.span).map(|when| (when, value.span)));
        let format = self.sentence(RecordLabel::Format);
        let attendees = self.required(RecordLabel::Attendees).and_then(|value| self.attendees(&value));
        let agenda = self.sentence(RecordLabel::Agenda);
        let (when, span) = when?;
        let meeting = PlannedMeeting {
            start: when.start,
            local_start: self.ctx.zones.zone(&when.zone).map(|zone| zone.local(when.start).naive_local()),
            length_seconds: when.length_seconds,
            zone: when.zone,
            format: format?.0,
            attendees: attendees?,
            agenda: agenda?.0,
        };
        Some((meeting, span))
    }

    fn instant(&mut self, span: &Range<usize>) -> Option<when::MeetingTime> {
        match when::read(self.slice(span), self.ctx.zones, self.ctx.now) {
            Ok(when) if when.start <= self.ctx.now => {
                let fault = Fault::error(&self.source, span.clone(), "this meeting is in the past")
                    .label(format!("it is {} now", ago(self.ctx.now)))
                    .help("a handoff is made before its first meeting; give the date that is agreed now")
                    .example(self.example(RecordLabel::DateTime));
                self.fault(fault);
                None
            }
            Ok(when) => {
                warnings::odd_meeting(self, &when, span);
                Some(when)
            }
            Err(faults) => {
                let example = self.example(RecordLabel::DateTime);
                self.when_faults(faults, span, &example);
                None
            }
        }
    }

    /// How a right line looks; its dates lie in the next week.
    pub(crate) fn example(&self, label: RecordLabel) -> String {
        match label {
            RecordLabel::DateTime => {
                format!("Date/Time: {} 14:00 America/New_York, 30 min", next_week(self.ctx.now.date_naive()))
            }
            label => example(label).to_owned(),
        }
    }

    pub(crate) fn example_of_section(&self, section: Section) -> String {
        match section {
            Section::Title => format!("HANDOFF RECORD: Acme Corp | {}", self.ctx.now.date_naive()),
            section => example_section(section).to_owned(),
        }
    }

    fn attendees(&mut self, value: &LabelledValue) -> Option<Vec<Mailbox>> {
        let found = people::address_list(self, value)?;
        let mut attendees: Vec<Mailbox> = Vec::new();
        for entry in found {
            if attendees.iter().all(|known| known.address != entry.mailbox.address) {
                attendees.push(entry.mailbox);
            }
        }
        Some(attendees)
    }
}

/// Where the first line that says something begins.
fn text_begin(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Whether a value only says that there was none: `None`, `keine`.
pub(crate) fn names_nobody(text: &str) -> bool {
    is_word(Role::NobodyNamed, &bare(text))
}

/// Lower case, without what stands around the words.
pub(crate) fn bare(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// The Thursday of next week.
pub(crate) fn next_week(today: NaiveDate) -> NaiveDate {
    let monday = today - TimeDelta::days(i64::from(today.weekday().num_days_from_monday()));
    monday + TimeDelta::days(7 + 3)
}

fn ago(now: DateTime<Utc>) -> String {
    now.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// How a right line looks.
pub(crate) fn example(label: RecordLabel) -> &'static str {
    match label {
        RecordLabel::Sdr => "SDR: Dana Fox | AE: Calvin Reyes",
        RecordLabel::Ae => "AE: Calvin Reyes",
        RecordLabel::DateTime => "Date/Time: 2026-11-26 14:00 America/New_York, 30 min",
        RecordLabel::Format => "Format: Zoom",
        RecordLabel::Attendees => {
            "Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>"
        }
        RecordLabel::Agenda => "Agenda: walk through the reporting pain and demo the dashboard",
        RecordLabel::Objection => "Objection: Asked about the cost against the current tool.",
        RecordLabel::Handled => "How handled: Said the demo covers it; did not push further.",
        RecordLabel::To => "To: Sarah Lee <sarah@acme.example>",
        RecordLabel::Discussed => "Discussed: we talked about the hours your reps lose to CRM upkeep",
        RecordLabel::WhyThisAe => {
            "Why this AE: Calvin works with sales leaders who bring their CRMs together"
        }
        RecordLabel::WhatToExpect => "What to expect: a short look at your reporting, then the dashboard",
    }
}

fn example_section(section: Section) -> &'static str {
    match section {
        Section::Title => "HANDOFF RECORD: Acme Corp | 2026-11-24",
        Section::Conditions => "[x] Calendar invite accepted",
        Section::Pain => "\"Our reps spend 20 minutes a day updating Salesforce.\"",
        Section::Meeting => "2. NEXT MEETING: with the lines Date/Time, Format, Attendees and Agenda",
        Section::Stakeholders => "Sarah Lee | VP Sales | decision-maker",
        Section::Objections => "none raised",
        Section::Competitor => "none mentioned",
        Section::Intro => "WARM INTRO EMAIL: with the lines To, Discussed, Why this AE and What to expect",
        Section::IntroStatus => "WARM INTRO EMAIL STATUS: [ ] Sent by SDR",
        Section::FirstTouch => "AE FIRST TOUCH: [ ] Completed within SLA",
    }
}
