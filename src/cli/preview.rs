//! The half of `baton preview` that shows: mail as it would leave, on the terminal, as JSON, as `.eml` files.
//!
//! Reads no record and no configuration; what it is given has been rendered. Sends nothing.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::domain::handoff::Record;
use crate::domain::judge::Policy;
use crate::domain::mails::{
    Brief, ClockBrief, From, HandoffBrief, MailKey, MailKind, MeetingBrief, WantedMail,
};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::Person;
use crate::domain::token;
use crate::domain::zone::Zone;
use crate::mail::compose::{ComposeError, Outgoing, compose};
use crate::templates::{RenderContext, RenderError, Templates, Zones, words};

/// Stands where a real mail has its own token.
const NO_TOKEN: &str = "0000000000000";

/// One mail as it would leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaving {
    pub kind: MailKind,
    pub mail: Outgoing,
}

/// What a preview is made from.
#[derive(Clone)]
pub struct Preview<'a> {
    pub templates: &'a Templates,
    pub policy: &'a Policy,
    pub zones: Zones<'a>,
    pub default_zone: Arc<dyn Zone>,
    pub record: &'a Record,
    /// The record as `record` prints it once the intro has been sent.
    pub record_text: &'a str,
    /// The clock as it would run if the intro left now.
    pub clock: ClockBrief,
    pub now: DateTime<Utc>,
}

impl std::fmt::Debug for Preview<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preview").field("company", &self.record.company).finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error("`{0}` is not in the configuration")]
    Nobody(String),
    #[error("the {} mail cannot be rendered", .0.name())]
    Render(MailKind, #[source] RenderError),
    #[error("the {} mail cannot be put together", .0.name())]
    Compose(MailKind, #[source] ComposeError),
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
}

/// The intro and the record mail of a record, as they would leave.
pub fn leaving(preview: &Preview<'_>) -> Result<Vec<Leaving>, PreviewError> {
    let sdr = person(preview, &preview.record.sdr)?;
    let ae = person(preview, &preview.record.ae)?;
    let intro = wanted(
        MailKind::Intro,
        From::Sdr,
        preview.record.to.clone(),
        vec![mailbox(ae)],
        Brief::Intro { sending: 1 },
    );
    let brief = Brief::Record { clock: Some(preview.clock.clone()), corrected: false };
    let record = wanted(MailKind::Record, From::Agent, vec![mailbox(ae)], vec![mailbox(sdr)], brief);
    let agent = Mailbox { name: "baton".to_owned(), address: preview.policy.agent_address.clone() };
    Ok(vec![one(preview, intro, mailbox(sdr))?, one(preview, record, agent)?])
}

fn person<'a>(preview: &Preview<'a>, name: &str) -> Result<&'a Person, PreviewError> {
    let known = preview.policy.people.iter().find(|person| person.name == name);
    known.ok_or_else(|| PreviewError::Nobody(name.to_owned()))
}

fn mailbox(person: &Person) -> Mailbox {
    Mailbox { name: person.name.clone(), address: person.address.clone() }
}

fn wanted(kind: MailKind, from: From, to: Vec<Mailbox>, cc: Vec<Mailbox>, brief: Brief) -> WantedMail {
    WantedMail { key: MailKey { kind, about: "preview".to_owned() }, from, to, cc, not_before: None, brief }
}

fn one(preview: &Preview<'_>, wanted: WantedMail, from: Mailbox) -> Result<Leaving, PreviewError> {
    let kind = wanted.key.kind;
    let meeting = &preview.record.meeting;
    let length = TimeDelta::seconds(i64::from(meeting.length_seconds));
    let handoff = HandoffBrief {
        id: "preview".to_owned(),
        record: preview.record.clone(),
        ae: preview.record.ae.clone(),
        meeting: MeetingBrief { start: meeting.start, end: meeting.start + length },
        sent_at: None,
        intro_id: None,
    };
    let context = RenderContext {
        policy: preview.policy,
        zones: preview.zones,
        default_zone: preview.default_zone.clone(),
        token: NO_TOKEN,
        now: preview.now,
        record_text: Some(preview.record_text),
    };
    let rendered = preview
        .templates
        .render(&wanted, &handoff, &context)
        .map_err(|error| PreviewError::Render(kind, error))?;
    let message_id = token::message_id(NO_TOKEN, from.address.domain()).ok_or_else(|| {
        PreviewError::Compose(kind, ComposeError::MessageId { id: from.address.domain().to_owned() })
    })?;
    let mail = Outgoing {
        to: wanted.to,
        cc: wanted.cc,
        reply_to: None,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        message_id,
        in_reply_to: None,
        references: token::reference(NO_TOKEN, from.address.domain()).into_iter().collect(),
        date: preview.now,
        automatic: kind != MailKind::Intro,
        from,
    };
    Ok(Leaving { kind, mail })
}

/// Each mail with its headers and its text, broken for a terminal of `width` columns.
pub fn show(mails: &[Leaving], width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (index, leaving) in mails.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let title = format!("-- {} ", leaving.kind.name());
        writeln!(out, "{title}{}", "-".repeat(width.min(100).saturating_sub(title.chars().count())))?;
        show_one(&leaving.mail, width, out)?;
    }
    Ok(())
}

/// One mail, as a person reads it.
pub fn show_one(mail: &Outgoing, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "From:    {}", written(&mail.from))?;
    writeln!(out, "To:      {}", all(&mail.to))?;
    if !mail.cc.is_empty() {
        writeln!(out, "Cc:      {}", all(&mail.cc))?;
    }
    writeln!(out, "Subject: {}", mail.subject)?;
    writeln!(out)?;
    write!(out, "{}", words::wrap(&mail.text, width.min(100)))
}

fn written(mailbox: &Mailbox) -> String {
    let name = words::one_line(&mailbox.name);
    if name.is_empty() { mailbox.address.to_string() } else { format!("{name} <{}>", mailbox.address) }
}

fn all(mailboxes: &[Mailbox]) -> String {
    mailboxes.iter().map(written).collect::<Vec<_>>().join(", ")
}

/// The same for programs.
pub fn to_json(mails: &[Leaving]) -> Value {
    let address = |mailbox: &Mailbox| json!({"name": mailbox.name, "address": mailbox.address.as_str()});
    let list = |mailboxes: &[Mailbox]| mailboxes.iter().map(address).collect::<Vec<_>>();
    let one = |leaving: &Leaving| {
        let mail = &leaving.mail;
        json!({
            "kind": leaving.kind.name(),
            "from": address(&mail.from),
            "to": list(&mail.to),
            "cc": list(&mail.cc),
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
        })
    };
    Value::from(mails.iter().map(one).collect::<Vec<_>>())
}

/// Writes `intro.eml` and `record.eml` into `folder`, which is made where it is missing.
pub fn write_eml(mails: &[Leaving], folder: &Path) -> Result<Vec<PathBuf>, PreviewError> {
    std::fs::create_dir_all(folder).map_err(|error| PreviewError::Write(folder.to_owned(), error))?;
    let mut files = Vec::new();
    for leaving in mails {
        let bytes = compose(&leaving.mail).map_err(|error| PreviewError::Compose(leaving.kind, error))?;
        let file = folder.join(format!("{}.eml", leaving.kind.name()));
        std::fs::write(&file, bytes).map_err(|error| PreviewError::Write(file.clone(), error))?;
        files.push(file);
    }
    Ok(files)
}

/// Addresses that a preview would reach, for a question such as "send to 3 people?".
pub fn reached(mails: &[Leaving]) -> Vec<&Address> {
    let mut reached: Vec<&Address> = mails
        .iter()
        .flat_map(|leaving| leaving.mail.to.iter().chain(&leaving.mail.cc))
        .map(|to| &to.address)
        .collect();
    reached.sort();
    reached.dedup();
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::samples;

    fn sample() -> Vec<Leaving> {
        let templates = Templates::load(None).unwrap();
        let sample = samples::samples().into_iter().next().unwrap();
        let deadline = sample.now + TimeDelta::hours(4);
        leaving(&Preview {
            templates: &templates,
            policy: &sample.policy,
            zones: &samples::zone,
            default_zone: samples::zone("UTC").unwrap(),
            record: &sample.handoff.record,
            record_text: samples::RECORD_TEXT,
            clock: ClockBrief { started: sample.now, deadline, why: "Tue 09:12 -> 13:12".into() },
            now: sample.now,
        })
        .unwrap()
    }

    #[test]
    fn a_preview_shows_both_mails_in_eighty_columns() {
        let mut out = Vec::new();
        show(&sample(), 80, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn the_files_of_a_preview_are_mail() {
        let folder = tempfile::tempdir().unwrap();
        let files = write_eml(&sample(), &folder.path().join("out")).unwrap();
        assert_eq!(files.len(), 2);
        for (file, leaving) in files.iter().zip(sample()) {
            let bytes = std::fs::read(file).unwrap();
            let parsed = mail_parser::MessageParser::default().parse(&bytes).unwrap();
            assert_eq!(parsed.subject(), Some(leaving.mail.subject.as_str()));
            assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), leaving.mail.text);
        }
        assert_eq!(reached(&sample()).len(), 4);
        assert_eq!(to_json(&sample())[0]["kind"], "intro");
    }
}
