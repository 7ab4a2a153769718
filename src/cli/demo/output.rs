//! How the demo prints its story: a timeline in the zone of its people, mails in boxes, 80 columns.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use chrono::{DateTime, NaiveDate, Utc};
use mail_parser::MessageParser;

use super::script::SHOWN_WITH_TEXT;
use crate::domain::judge::Event;
use crate::domain::zone::Zone;
use crate::sandbox::AcceptedMail;

const WIDTH: usize = 80;
const BOX_INDENT: &str = "       ";
/// A mail's first lines tell what it is; the rest can be read with `--keep`.
const LINES_OF_A_MAIL: usize = 16;

const TIME: Style = Style::new().dimmed();
const HEADLINE: Style = Style::new().bold();
const FRAME: Style = AnsiColor::Cyan.on_default();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Yellow.on_default();

/// One mail that was delivered.
#[derive(Clone, Debug)]
pub struct DeliveredMail {
    pub at: DateTime<Utc>,
    pub message_id: String,
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    /// baton wrote it.
    pub is_batons: bool,
}

impl DeliveredMail {
    /// For `baton demo --json`.
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::json!({
            "at": crate::cli::json::utc(self.at),
            "message_id": self.message_id,
            "from": self.from,
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "by_baton": self.is_batons,
        })
    }

    pub(crate) fn read(accepted: &AcceptedMail) -> Self {
        let parsed = MessageParser::default().parse(&accepted.raw);
        let message_id = parsed.as_ref().and_then(|mail| mail.message_id()).unwrap_or_default().to_owned();
        let text = parsed.as_ref().and_then(|mail| mail.body_text(0)).unwrap_or_default().into_owned();
        Self {
            at: accepted.at,
            is_batons: message_id.starts_with("baton-"),
            message_id,
            from: accepted.from.clone(),
            to: accepted.to.clone(),
            subject: parsed.as_ref().and_then(|mail| mail.subject()).unwrap_or_default().to_owned(),
            text,
        }
    }
}

/// One thing that the demo prints.
#[derive(Clone, Debug)]
pub(crate) enum StoryEntry {
    Event { company: String, event: Event },
    Mail(DeliveredMail),
}

impl StoryEntry {
    /// By time; what happened stands before the mail that it brought about.
    pub(crate) fn order(&self) -> (DateTime<Utc>, u8) {
        match self {
            StoryEntry::Event { event, .. } => (event.at, 0),
            StoryEntry::Mail(mail) => (mail.at, 1),
        }
    }
}

/// Writes the story to `out`; colours are kept or stripped by the caller that made `out`.
pub(crate) struct StoryPrinter<'a> {
    out: &'a mut dyn Write,
    zone: &'a dyn Zone,
    /// With every event and the text of every mail.
    full: bool,
    /// Which of [`SHOWN_WITH_TEXT`] have been shown.
    shown: Vec<&'static str>,
    /// The day under whose heading the story is.
    day: Option<NaiveDate>,
}

impl<'a> StoryPrinter<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, zone: &'a dyn Zone, full: bool) -> Self {
        Self { out, zone, full, shown: Vec::new(), day: None }
    }

    /// Time of day; a new day gets its heading first.
    fn clock(&mut self, at: DateTime<Utc>) -> io::Result<String> {
        let local = self.zone.local(at);
        if self.day != Some(local.date_naive()) {
            let space = if self.day.is_some() { "\n" } else { "" };
            writeln!(self.out, "{space}{HEADLINE}{}{HEADLINE:#}", local.format("%A, %B %-d"))?;
            self.day = Some(local.date_naive());
        }
        Ok(local.format("%H:%M").to_string())
    }

    pub(crate) fn opening(&mut self) -> io::Result<()> {
        writeln!(
            self.out,
            "{HEADLINE}Two handoffs, one week: Acme Corp goes as it should, Globex does not. Times are New"
        )?;
        writeln!(
            self.out,
            "York's; the emails are real, the mail servers are inside this process, and the clock is\n\
             sped up.{HEADLINE:#}\n"
        )
    }

    pub(crate) fn scene(&mut self, at: DateTime<Utc>, narration: &str) -> io::Result<()> {
        if narration.is_empty() {
            return Ok(());
        }
        let clock = self.clock(at)?;
        writeln!(self.out, "{TIME}{clock:<6}{TIME:#} {HEADLINE}{narration}{HEADLINE:#}")
    }

    pub(crate) fn entry(&mut self, entry: &StoryEntry) -> io::Result<()> {
        match entry {
            StoryEntry::Event { company, event } => self.event(company, event),
            StoryEntry::Mail(mail) if self.has_room_for(mail) => self.delivered_mail(mail),
            StoryEntry::Mail(mail) => self.subject_of(mail),
        }
    }

    /// Whether the story shows what this mail says; the short one does so for few.
    fn has_room_for(&mut self, mail: &DeliveredMail) -> bool {
        let part = SHOWN_WITH_TEXT.into_iter().find(|part| mail.subject.contains(part));
        let part = part.filter(|part| mail.is_batons && !self.shown.contains(part));
        self.shown.extend(part);
        self.full || part.is_some()
    }

    fn subject_of(&mut self, mail: &DeliveredMail) -> io::Result<()> {
        let clock = self.clock(mail.at)?;
        let line = format!("{}: {}", people_of(mail), mail.subject);
        for (number, line) in wrap(&line, WIDTH - BOX_INDENT.len() - 2).iter().enumerate() {
            let (when, mark) = if number == 0 { (clock.as_str(), "✉") } else { ("", " ") };
            writeln!(self.out, "{TIME}{when:<6}{TIME:#} {FRAME}{mark} {line}{FRAME:#}")?;
        }
        Ok(())
    }

    fn event(&mut self, company: &str, event: &Event) -> io::Result<()> {
        let is_told =
            matches!(event.what.as_ref(), "clock-started" | "touch" | "accepted" | "breached" | "feedback");
        if !self.full && !is_told {
            return Ok(());
        }
        let style = match event.what.as_ref() {
            "touch" | "accepted" | "feedback" => GOOD,
            "breached" | "meeting-cancelled" => BAD,
            _ => Style::new(),
        };
        let clock = self.clock(event.at)?;
        let text = match event.what.as_ref() {
            "clock-started" => format!("{company}: the first touch is due, {}", event.why),
            _ => format!("{company}: {}", event.why),
        };
        for (number, line) in wrap(&text, WIDTH - BOX_INDENT.len()).iter().enumerate() {
            let when = if number == 0 { clock.as_str() } else { "" };
            writeln!(self.out, "{TIME}{when:<6}{TIME:#} {style}{line}{style:#}")?;
        }
        Ok(())
    }

    fn delivered_mail(&mut self, mail: &DeliveredMail) -> io::Result<()> {
        let head = people_of(mail);
        let clock = self.clock(mail.at)?;
        let limit = if mail.is_batons { LINES_OF_A_MAIL } else { 5 };
        writeln!(self.out, "{TIME}{clock:<6}{TIME:#} {FRAME}┌ {head}{FRAME:#}")?;
        let width = WIDTH - BOX_INDENT.len() - 2;
        for line in wrap(&mail.subject, width) {
            writeln!(self.out, "{BOX_INDENT}{FRAME}│{FRAME:#} {HEADLINE}{line}{HEADLINE:#}")?;
        }
        // A link stands behind its name; here nobody can click on it.
        let without_link = |line: &str| match line.split_once("<mailto:") {
            Some((name, _)) => format!("{} <link>", name.trim_end().trim_end_matches(':')),
            None => line.to_owned(),
        };
        let lines: Vec<String> =
            mail.text.trim().lines().map(without_link).flat_map(|line| wrap(&line, width)).collect();
        // One line more is as long as the word that it was left out.
        let limit = if lines.len() == limit + 1 { lines.len() } else { limit };
        for line in lines.iter().take(limit) {
            writeln!(self.out, "{BOX_INDENT}{FRAME}│{FRAME:#} {line}")?;
        }
        if lines.len() > limit {
            let more = lines.len() - limit;
            writeln!(self.out, "{BOX_INDENT}{FRAME}│ … {more} more lines{FRAME:#}")?;
        }
        writeln!(self.out, "{BOX_INDENT}{FRAME}└{FRAME:#}")
    }

    pub(crate) fn ending(
        &mut self,
        mails: usize,
        seconds: f64,
        kept: Option<&std::path::Path>,
    ) -> io::Result<()> {
        writeln!(self.out)?;
        writeln!(self.out, "{HEADLINE}{mails} emails, a week in {seconds:.1} s.{HEADLINE:#}")?;
        if !self.full {
            writeln!(self.out, "`baton demo --full` shows what each of them says.")?;
        }
        if let Some(dir) = kept {
            let path = dir.join("baton.toml");
            writeln!(self.out, "See how they stand: baton status --all --config {}", path.display())?;
        }
        Ok(())
    }
}

/// `dana -> sarah, calvin`.
fn people_of(mail: &DeliveredMail) -> String {
    let first = |address: &str| address.split('@').next().unwrap_or(address).to_owned();
    let to: Vec<String> = mail.to.iter().map(|one| first(one)).collect();
    format!("{} -> {}", first(&mail.from), to.join(", "))
}

/// Breaks a line between words; a longer word stays whole. An empty line is one line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|character| *character == ' ').collect();
    let mut lines = Vec::new();
    let mut line = indent.clone();
    for word in text.split_whitespace() {
        let is_begun = line.len() > indent.len();
        if is_begun && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
