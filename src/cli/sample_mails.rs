//! `baton templates --show NAME|ALL`: mails with sample data, as they would leave.
//!
//! Needs no configuration and no mailbox; with a configuration, its own templates are what is shown. A kind that has
//! several forms (an escalation about an AE whose mailbox nobody reads, say) is shown in each of them.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::agent::error_chain;
use crate::domain::mails::MailKind;
use crate::domain::message::Mailbox;
use crate::templates::samples::{Sample, samples};
use crate::templates::{Rendered, Templates};

use super::failure::{FAILED, Failure, REFUSED};
use super::terminal::{known_columns, paragraphs};

/// The name that stands for every kind of mail.
const ALL: &str = "all";

/// How many names are proposed for one that is unknown.
const PROPOSALS: usize = 3;

/// Columns of the line between two mails.
const RULE: usize = 72;

/// How the mails are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShowOptions<'a> {
    /// Where each mail's HTML is written to as well.
    pub html: Option<&'a Path>,
    pub json: bool,
}

/// Shows every sample of the kind `name`, or of all kinds.
pub(crate) fn run(
    name: &str,
    options: ShowOptions<'_>,
    templates: &Templates,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), Failure> {
    let chosen = chosen(name)?;
    let mut mails = Vec::new();
    for sample in samples().into_iter().filter(|sample| chosen.contains(&sample.mail.key.kind)) {
        let rendered = sample.render(templates).map_err(|error| {
            let message = format!("the email `{}` cannot be written: {}", sample.name, error_chain(&error));
            Failure::new(REFUSED, message).hint("`baton templates` checks every template")
        })?;
        mails.push((sample, rendered));
    }
    if let Some(folder) = options.html {
        write_html(folder, &mails, err)?;
    }
    if options.json {
        let document: Value = mails.iter().map(|(sample, rendered)| document(sample, rendered)).collect();
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    for (index, (sample, rendered)) in mails.iter().enumerate() {
        if index > 0 {
            writeln!(out, "\n")?;
        }
        write_mail(sample, rendered, out)?;
    }
    Ok(())
}

/// The kinds that `name` means: `escalation`, `escalation.txt`, `late touch`, `ALL`.
fn chosen(name: &str) -> Result<Vec<MailKind>, Failure> {
    let lower = name.trim().to_lowercase();
    let stem = lower.strip_suffix(".txt").or_else(|| lower.strip_suffix(".html")).unwrap_or(&lower);
    let wanted = stem.replace([' ', '_'], "-");
    if wanted == ALL {
        return Ok(MailKind::ALL.to_vec());
    }
    MailKind::from_name(&wanted).map(|kind| vec![kind]).ok_or_else(|| unknown(name, &wanted))
}

fn unknown(name: &str, wanted: &str) -> Failure {
    let mut names: Vec<&str> = MailKind::ALL.iter().map(|kind| kind.name()).collect();
    let distance = |known: &str| strsim::damerau_levenshtein(known, wanted);
    let is_part = |known: &str| !wanted.is_empty() && (known.contains(wanted) || wanted.contains(known));
    names.sort_by_key(|known| (!is_part(known), distance(known)));
    let near: Vec<String> = names
        .iter()
        .filter(|known| is_part(known) || distance(known) <= wanted.chars().count() / 2)
        .take(PROPOSALS)
        .map(|known| format!("`{known}`"))
        .collect();
    let hint = if near.is_empty() {
        format!("there are: {}; or ALL for every one", names.join(", "))
    } else {
        format!("did you mean {}? `baton templates` lists all of them", near.join(" or "))
    };
    Failure::new(REFUSED, format!("no email is called `{name}`")).hint(hint)
}

fn write_mail(sample: &Sample, rendered: &Rendered, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("== {} ", sample.name);
    writeln!(out, "{title}{}\n", "=".repeat(RULE.saturating_sub(title.chars().count())))?;
    writeln!(out, "From: {}", crate::record::show_mailbox(&sample.from()))?;
    writeln!(out, "To: {}", list(&sample.mail.to))?;
    if !sample.mail.cc.is_empty() {
        writeln!(out, "Cc: {}", list(&sample.mail.cc))?;
    }
    let text = format!("Subject: {}\n\n{}\n", rendered.subject, rendered.text.trim_end());
    write!(out, "{}", paragraphs(&text, known_columns()))
}

fn list(mailboxes: &[Mailbox]) -> String {
    mailboxes.iter().map(crate::record::show_mailbox).collect::<Vec<_>>().join(", ")
}

fn document(sample: &Sample, rendered: &Rendered) -> Value {
    let addresses = |mailboxes: &[Mailbox]| -> Vec<String> {
        mailboxes.iter().map(|mailbox| mailbox.address.to_string()).collect()
    };
    json!({
        "kind": sample.mail.key.kind.name(),
        "sample": sample.name,
        "from": sample.from().address.as_str(),
        "to": addresses(&sample.mail.to),
        "cc": addresses(&sample.mail.cc),
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
    })
}

/// One file for each mail, named after its sample: `escalation.html`, `escalation-AE-not-watched.html`.
fn write_html(folder: &Path, mails: &[(Sample, Rendered)], err: &mut dyn Write) -> Result<(), Failure> {
    let failed = |path: &Path, error: &io::Error| {
        Failure::new(FAILED, format!("{} cannot be written: {error}", path.display()))
            .hint("name a folder that is yours to write to")
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (sample, rendered) in mails {
        let path = folder.join(format!("{}.html", sample.name.replace(", ", "-").replace(' ', "-")));
        std::fs::write(&path, &rendered.html).map_err(|error| failed(&path, &error))?;
    }
    writeln!(err, "wrote {} HTML files to {}", mails.len(), folder.display())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn show(name: &str, json: bool) -> Result<String, Failure> {
        let templates = Templates::load(None).unwrap();
        let mut out = Vec::new();
        run(name, ShowOptions { html: None, json }, &templates, &mut out, &mut Vec::new())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn all_shows_every_kind_of_mail_with_its_headers() {
        let document: Value = serde_json::from_str(&show("ALL", true).unwrap()).unwrap();
        let mails = document.as_array().unwrap();
        let kinds: BTreeSet<&str> = mails.iter().map(|mail| mail["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, MailKind::ALL.iter().map(|kind| kind.name()).collect());
        for mail in mails {
            for part in ["from", "subject", "text", "html"] {
                assert!(!mail[part].as_str().unwrap().is_empty(), "{}: {part}", mail["sample"]);
            }
            assert!(!mail["to"].as_array().unwrap().is_empty(), "{}", mail["sample"]);
        }
        let text = show("all", false).unwrap();
        let senders = text.lines().filter(|line| line.starts_with("From: ")).count();
        // A preview shows the headers of the intro within its text.
        let shown = mails.iter().map(|mail| mail["text"].as_str().unwrap());
        let within: usize =
            shown.map(|text| text.lines().filter(|line| line.starts_with("From: ")).count()).sum();
        assert_eq!(senders - within, mails.len());
    }

    #[test]
    fn one_kind_is_shown_in_every_form_that_it_has() {
        let text = show("late touch", false).unwrap();
        assert!(text.starts_with("== late-touch ="), "{text}");
        assert!(text.contains("\nFrom: Dana Fox <dana@vendor.example>\nTo: Morgan Hale"), "{text}");
        assert!(text.contains("\n== late-touch, stated ="), "{text}");
        assert_eq!(text, show("late-touch.html", false).unwrap());
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_ones() {
        for (name, near) in [
            ("escalaton", "`escalation`"),
            ("bounced", "`intro-bounced` or `touch-bounced`"),
            ("feedback", "`feedback-thanks`"),
            ("REMINDER2", "`reminder`"),
            ("", "there are: "),
            ("xylophone-quartet", "there are: "),
        ] {
            let failure = show(name, true).unwrap_err();
            assert_eq!(failure.status, REFUSED);
            assert!(failure.message.contains(&format!("`{name}`")), "{}", failure.message);
            assert!(failure.hints.concat().contains(near), "{name}: {:?}", failure.hints);
        }
    }

    #[test]
    fn html_goes_to_a_folder_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("html");
        let templates = Templates::load(None).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let options = ShowOptions { html: Some(&target), json: false };
        run("escalation", options, &templates, &mut out, &mut err).unwrap();
        let html = std::fs::read_to_string(target.join("escalation-AE-not-watched.html")).unwrap();
        assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
        assert!(String::from_utf8(err).unwrap().starts_with("wrote 5 HTML files to "));
    }
}
