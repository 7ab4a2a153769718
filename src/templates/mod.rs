//! The wording of every mail: templates that are compiled in, overridden one by one from a folder, checked
//! against sample data, and rendered as subject, text and HTML.
//!
//! A kind's text template opens with its `Subject:` line; the intro has none, its subject is fixed
//! (docs/behaviour.md section 3). An unknown variable is an error, at load already. Text is not wrapped: a paragraph
//! is one line, which phones and wide screens break where it fits them; `compose` keeps the lines of the wire
//! short. Decides nothing, sends nothing, knows no configuration.

mod builtin;
mod check;
mod links;
pub(crate) mod mailto;
pub mod samples;
#[cfg(test)]
mod tests;
mod view;
pub(crate) mod words;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use thiserror::Error;

use crate::domain::handoff::Record;
use crate::domain::judge::Policy;
use crate::domain::mails::{HandoffBrief, MailKind, WantedMail};
use crate::domain::zone::Zone;

pub(crate) use builtin::{BUILT_IN, SHARED};
pub(crate) use check::{TemplateError, check_all};
pub(crate) use view::{Variables, variables};

/// Looks up a zone by its IANA name.
pub(crate) type Zones<'a> = &'a dyn Fn(&str) -> Option<Arc<dyn Zone>>;

/// What a rendering needs beside the mail and its handoff.
#[derive(Clone)]
pub(crate) struct RenderContext<'a> {
    pub policy: &'a Policy,
    pub zones: Zones<'a>,
    /// For a reader who has none of their own: the operator.
    pub default_zone: Arc<dyn Zone>,
    /// The mail's own token, for links that answer it. docs/behaviour.md section 9.
    pub token: &'a str,
    pub now: DateTime<Utc>,
    /// The record as `record` prints it; needed for `record` and `reminder` alone.
    pub record_text: Option<&'a str>,
}

impl fmt::Debug for RenderContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the token: anyone who has it can answer in the AE's place.
        f.debug_struct("RenderContext").field("now", &self.now).finish_non_exhaustive()
    }
}

/// A mail in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Debug, Error)]
pub enum RenderError {
    #[error("a mail of the kind `{}` needs a handoff", .0.name())]
    NoHandoff(MailKind),
    #[error("a mail of the kind `{}` needs the text of the record", .0.name())]
    NoRecordText(MailKind),
    #[error("a mail of the kind `{}` came with the words of another", .0.name())]
    WrongBrief(MailKind),
    #[error("the time zone `{0}` is not known")]
    Zone(String),
    #[error("the record names nobody to write to")]
    NoProspect,
    #[error("the template `{template}` could not be rendered")]
    Template { template: String, source: Box<minijinja::Error> },
}

/// Where a template comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    BuiltIn,
    File(PathBuf),
}

/// Every template, ready to render.
pub struct Templates {
    /// Empty where all of them are compiled in, until one is rendered: most commands write no mail.
    env: OnceLock<Environment<'static>>,
    origins: Vec<(&'static str, Origin)>,
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Templates").field("origins", &self.origins).finish_non_exhaustive()
    }
}

impl Templates {
    /// The templates that are compiled in, and in their place what `folder` has under the same name. Every
    /// fault of every file at once.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<TemplateError>> {
        check::load(folder)
    }

    fn env(&self) -> &Environment<'static> {
        self.env.get_or_init(check::built_in_alone)
    }

    /// Name and origin of each template, in the order of docs/behaviour.md section 12, the shared ones first.
    pub(crate) fn origins(&self) -> &[(&'static str, Origin)] {
        &self.origins
    }

    /// A mail about a handoff.
    pub(crate) fn render(
        &self,
        mail: &WantedMail,
        handoff: &HandoffBrief,
        context: &RenderContext<'_>,
    ) -> Result<Rendered, RenderError> {
        self.finish(mail.key.kind, variables(mail, Some(handoff), context)?)
    }

    /// A mail that belongs to no handoff: `cannot-see`, `can-see`, `trouble`, `digest`.
    pub(crate) fn render_global(
        &self,
        mail: &WantedMail,
        context: &RenderContext<'_>,
    ) -> Result<Rendered, RenderError> {
        self.finish(mail.key.kind, variables(mail, None, context)?)
    }

    fn finish(&self, kind: MailKind, mut variables: Variables) -> Result<Rendered, RenderError> {
        let text_name = format!("{}.txt", kind.name());
        let subject = match variables.subject() {
            Some(fixed) => fixed,
            None => words::one_line(&self.fill(&format!("{text_name}{SUBJECT}"), variables.as_value())?),
        };
        variables.set("subject", subject.as_str());
        let value = variables.as_value();
        let text = self.fill(&text_name, value.clone())?;
        let html = self.fill(&format!("{}.html", kind.name()), value)?;
        Ok(Rendered { subject, text: tidy(&text), html: tidy(&html) })
    }

    fn fill(&self, name: &str, variables: Value) -> Result<String, RenderError> {
        self.env()
            .get_template(name)
            .and_then(|template| template.render(variables))
            .map_err(|source| RenderError::Template { template: name.to_owned(), source: Box::new(source) })
    }
}

/// Instructions that one rendering may take: a hundred times what the largest report needs, and a second of work.
const FUEL: u64 = 100_000_000;

/// Suffix of the name under which a text template's subject line is compiled.
const SUBJECT: &str = "#subject";

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(line_syntax());
    env.set_fuel(Some(FUEL));
    env.set_auto_escape_callback(
        |name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        },
    );
    env.set_formatter(|out, state, value| {
        if value.is_undefined() || matches!(state.auto_escape(), AutoEscape::None) || value.is_safe() {
            return minijinja::escape_formatter(out, state, value);
        }
        // The built-in escaping also turns `/` into an entity, which some clients show in links.
        let text = value.to_string();
        let text = if text.contains('\n') { text } else { keep_times_whole(&text) };
        write_escaped(out, &text).map_err(minijinja::Error::from)
    });
    env.add_filter("quote", |text: String| -> String {
        text.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    });
    env.add_filter("linked", |text: String| Value::from_safe_string(links::linked(&keep_times_whole(&text))));
    env
}

/// Tags on lines of their own leave nothing behind.
fn line_syntax() -> SyntaxConfig {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    // Only delimiters can make it fail, and those are the default ones.
    syntax.build().unwrap_or_default()
}

/// `5:00 pm` with a space that no line breaks at; text of several lines (records, quotations) stays as it is.
fn keep_times_whole(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        let is_half = ["am", "pm"].contains(&word.trim_end_matches(|c: char| !c.is_alphanumeric()));
        if index > 0 {
            whole.push(if is_half && whole.ends_with(|c: char| c.is_ascii_digit()) { '\u{a0}' } else { ' ' });
        }
        whole.push_str(word);
    }
    whole
}

fn write_escaped(out: &mut dyn fmt::Write, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&#39;")?,
            c => out.write_char(c)?,
        }
    }
    Ok(())
}

/// No blank lines at either end, no spaces at the end of a line, one newline at the end.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.trim().lines() {
        tidy.push_str(line.trim_end());
        tidy.push('\n');
    }
    tidy
}

/// Subject of the intro, `Sarah, intro to Calvin + Thursday's agenda`: the first name of the first prospect
/// in `To`, and the weekday of the meeting in the meeting's own zone. docs/behaviour.md section 3.
pub(crate) fn intro_subject(record: &Record, ae_first_name: &str, meeting_zone: &dyn Zone) -> String {
    let prospect = record.to.first().map_or("", |to| words::first_name(&to.name));
    let weekday = meeting_zone.local(record.meeting.start).format("%A");
    words::one_line(&format!("{prospect}, intro to {ae_first_name} + {weekday}'s agenda"))
}
