//! A letter of a scenario as the bytes that its author's program makes.

use chrono::{DateTime, Utc};

use base64::Engine as _;
use baton::domain::zone::Zone;
use baton::mail::{ReadOptions, read};
use mail_parser::MessageParser;

use super::calendar;
use super::cast::{address, mailbox};
use super::format::{Attached, Bounce, Letter};

/// A mail that others can answer or report about.
#[derive(Clone, Debug)]
pub(crate) struct Original {
    pub id: String,
    pub references: Vec<String>,
    pub subject: String,
    pub from: String,
    pub date: Option<DateTime<Utc>>,
    pub text: String,
    pub raw: Vec<u8>,
}

impl Original {
    pub(crate) fn of(raw: &[u8]) -> Self {
        let (headers, _) = read(raw, &ReadOptions::default());
        let parsed = MessageParser::default().parse(raw).expect("a mail");
        let field = |name: &str| parsed.header_raw(name).unwrap_or_default().trim().to_owned();
        Self {
            id: headers.id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            references: headers.references.iter().map(|id| id.as_str().to_owned()).collect(),
            subject: headers.subject.clone(),
            from: field("From"),
            date: headers.date,
            text: parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            raw: raw.to_vec(),
        }
    }

    fn quoted(&self, zone: &dyn Zone, fill: &[(String, String)]) -> String {
        let at = self.date.map(|at| zone.local(at).format("%a, %b %-d, %Y at %-I:%M %p").to_string());
        let text = self.filled(fill);
        let lines: String = text.trim_end().lines().map(|line| format!("> {line}\n")).collect();
        format!("\nOn {} {} wrote:\n\n{lines}", at.unwrap_or_default(), self.from)
    }

    /// Its text with these texts replaced.
    fn filled(&self, fill: &[(String, String)]) -> String {
        let mut text = self.text.clone();
        for (old, new) in fill {
            assert!(text.contains(old.as_str()), "the original holds no `{old}`:\n{text}");
            text = text.replacen(old.as_str(), new, 1);
        }
        text
    }
}

/// What a letter is made from, beside its own words.
pub(crate) struct Desk<'a> {
    pub id: String,
    pub original: Option<&'a Original>,
    /// Ids instead of those that the original gives.
    pub references: Option<Vec<String>>,
    pub in_reply_to: Option<String>,
    pub date: DateTime<Utc>,
    pub calendar_start: Option<DateTime<Utc>>,
    pub zone: &'a dyn Zone,
}

/// The letter's bytes, lines ending in LF.
/// `files` are its attachments as parts.
pub(crate) fn compose(letter: &Letter, desk: &Desk<'_>, files: &str) -> String {
    let list = |people: &[String]| people.iter().map(|who| mailbox(who)).collect::<Vec<_>>().join(", ");
    let mut text = format!("From: {}\n", mailbox(&letter.from));
    if !letter.to.is_empty() {
        text.push_str(&format!("To: {}\n", list(&letter.to)));
    }
    if !letter.cc.is_empty() {
        text.push_str(&format!("Cc: {}\n", list(&letter.cc)));
    }
    text.push_str(&format!("Subject: {}\n", subject(letter, desk)));
    text.push_str(&format!("Date: {}\n", desk.zone.local(desk.date).to_rfc2822()));
    if !desk.id.is_empty() {
        text.push_str(&format!("Message-ID: <{}>\n", desk.id));
    }
    for line in cited(desk) {
        text.push_str(&line);
    }
    for line in &letter.headers {
        text.push_str(&format!("{line}\n"));
    }
    if letter.auto_reply {
        text.push_str("Auto-Submitted: auto-replied\n");
    }
    format!("{text}MIME-Version: 1.0\n{}", content(letter, desk, files))
}

fn subject(letter: &Letter, desk: &Desk<'_>) -> String {
    let original = desk.original.map(|original| original.subject.clone());
    match (&letter.subject, original) {
        (Some(subject), _) => subject.clone(),
        (None, Some(subject)) if subject.starts_with("Re: ") => subject,
        (None, Some(subject)) => format!("Re: {subject}"),
        (None, None) => "Your reporting".to_owned(),
    }
}

fn cited(desk: &Desk<'_>) -> Vec<String> {
    let from_original = || {
        let mut ids = desk.original.map(|original| original.references.clone()).unwrap_or_default();
        ids.extend(desk.original.map(|original| original.id.clone()));
        ids
    };
    let references = desk.references.clone().unwrap_or_else(from_original);
    let last = desk.in_reply_to.clone().or_else(|| references.last().cloned());
    let mut lines: Vec<String> = last.map(|id| format!("In-Reply-To: <{id}>\n")).into_iter().collect();
    if !references.is_empty() {
        let ids: Vec<String> = references.iter().map(|id| format!("<{id}>")).collect();
        lines.push(format!("References: {}\n", ids.join("\n ")));
    }
    lines
}

fn content(letter: &Letter, desk: &Desk<'_>, files: &str) -> String {
    if let Some(body) = &letter.body {
        return body.trim_start().to_owned();
    }
    if let (Some(event), Some(start)) = (&letter.calendar, desk.calendar_start) {
        return format!(
            "Content-Type: multipart/alternative; boundary=\"cal\"\n\n--cal\nContent-Type: text/plain; charset=utf-8\n\n\
             {}\n\n--cal\n{}\n--cal--\n",
            letter.text,
            calendar::part(event, start, desk.date)
        );
    }
    if let Some(emoji) = &letter.reaction {
        return format!(
            "Content-Type: multipart/alternative; boundary=\"rea\"\n\n--rea\nContent-Type: text/plain; charset=utf-8\n\n\
             {emoji} {name} reacted via Gmail\n\n--rea\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n\
             {{\"emoji\":\"{emoji}\",\"version\":1}}\n\n--rea\nContent-Type: text/html; charset=utf-8\n\n\
             <div>{emoji} {name} reacted via <a href=\"https://www.google.com/gmail\">Gmail</a></div>\n\n--rea--\n",
            name = mailbox(&letter.from).split(" <").next().unwrap_or_default()
        );
    }
    if letter.receipt {
        return format!(
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=\"rep\"\n\n--rep\n\
             Content-Type: text/plain; charset=utf-8\n\nYour message was read.\n\n--rep\n\
             Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{}\n\
             Disposition: manual-action/MDN-sent-manually; displayed\n\n--rep--\n",
            address(&letter.from)
        );
    }
    let quotation = match (&letter.quotation, desk.original) {
        (Some(quotation), _) => quotation.clone(),
        (None, Some(original)) => original.quoted(desk.zone, &letter.fill),
        (None, None) => String::new(),
    };
    let words = if letter.below {
        format!("{}\n\n{}", quotation.trim_start(), letter.text)
    } else {
        format!("{}\n{quotation}", letter.text)
    };
    let plain = format!("Content-Type: text/plain; charset=utf-8\n\n{words}");
    if let (Some(program), Some(original)) = (&letter.program, desk.original) {
        let html = quoting_html(program, letter, &original.filled(&letter.fill));
        return match program.as_str() {
            "gmail" => format!(
                "Content-Type: multipart/alternative; boundary=\"alt\"\n\n--alt\n{plain}\n--alt\n{html}\n--alt--\n"
            ),
            _ => html,
        };
    }
    if !files.is_empty() {
        return format!(
            "Content-Type: multipart/mixed; boundary=\"mix\"\n\n--mix\n{plain}\n{files}--mix--\n"
        );
    }
    match &letter.html {
        None => plain,
        Some(html) => format!(
            "Content-Type: multipart/alternative; boundary=\"alt\"\n\n--alt\n{plain}\n--alt\n\
             Content-Type: text/html; charset=utf-8\n\n{html}\n\n--alt--\n"
        ),
    }
}

/// The words and the original in the elements that a program keeps for quotations.
fn quoting_html(program: &str, letter: &Letter, original: &str) -> String {
    let lines = |text: &str| -> String {
        let escape = |line: &str| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let line = |line: &str| match line.is_empty() {
            true => "<div><br></div>\n".to_owned(),
            false => format!("<div>{}</div>\n", escape(line)),
        };
        text.trim_end().lines().map(line).collect()
    };
    let (words, original) = (lines(&letter.text), lines(original));
    let quotation = match program {
        "gmail" | "gmail-html" => format!(
            "<div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">Am Di., 1. Dez. 2026 um \
             10:00 Uhr schrieb baton &lt;baton@vendor.example&gt;:<br></div>\n<blockquote class=\"gmail_quote\" \
             style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">{original}\
             </blockquote></div>"
        ),
        "apple" => format!(
            "<blockquote type=\"cite\"><div>On Dec 1, 2026, at 10:00, baton &lt;baton@vendor.example&gt; wrote:</div><br>\
             <div>{original}</div></blockquote><br>"
        ),
        "thunderbird" => format!(
            "<div class=\"moz-cite-prefix\">Le 01/12/2026 \u{e0} 10:00, baton a \u{e9}crit\u{a0}:<br></div>\
             <blockquote type=\"cite\" cite=\"mid:1@vendor.example\">{original}</blockquote>"
        ),
        other => panic!("no program `{other}`"),
    };
    let body = if letter.below { format!("{quotation}\n{words}") } else { format!("{words}\n{quotation}") };
    format!("Content-Type: text/html; charset=utf-8\n\n<html><body dir=\"ltr\">{body}</body></html>\n")
}

/// A part with a file, its bytes in base64.
pub(crate) fn attached(file: &Attached, text: &str) -> String {
    let bytes = match file.charset.as_str() {
        "utf-8" => text.as_bytes().to_vec(),
        "utf-16le" => "\u{feff}"
            .chars()
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect(),
        "utf-16be" => "\u{feff}"
            .chars()
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect(),
        // What these texts hold beyond ASCII lies in both: quotation marks aside, which have places of their own.
        "windows-1252" => text.chars().map(in_windows_1252).collect(),
        other => panic!("no charset `{other}`"),
    };
    let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!(
        "--mix\nContent-Type: {}; name=\"{}\"\nContent-Disposition: attachment; filename=\"{}\"\n\
         Content-Transfer-Encoding: base64\n\n{}\n",
        file.media,
        file.name,
        file.name,
        lines.join("\n")
    )
}

fn in_windows_1252(letter: char) -> u8 {
    match letter {
        '\u{201c}' => 0x93,
        '\u{201d}' => 0x94,
        '\u{2019}' => 0x92,
        other => u8::try_from(u32::from(other)).expect("a letter of Windows-1252"),
    }
}

/// A report about `original`, as Postfix writes it.
pub(crate) fn report(
    bounce: &Bounce,
    original: &Original,
    id: &str,
    to: &str,
    date: DateTime<Utc>,
) -> String {
    let verb =
        if bounce.action == "failed" { "could not be delivered" } else { "has not been delivered yet" };
    let failed: Vec<String> = bounce.failed.iter().map(|who| address(who)).collect();
    let said: String = failed
        .iter()
        .map(|who| format!("<{who}>: host mx said: 550 {} user unknown\n", bounce.status))
        .collect();
    let each: String = failed
        .iter()
        .map(|who| {
            format!(
                "Final-Recipient: rfc822; {who}\nAction: {}\nStatus: {}\n\
                 Diagnostic-Code: smtp; 550 {} user unknown\n\n",
                bounce.action, bounce.status, bounce.status
            )
        })
        .collect();
    let raw = String::from_utf8_lossy(&original.raw).replace("\r\n", "\n");
    let headers = raw.split("\n\n").next().unwrap_or_default();
    format!(
        "From: Mail Delivery System <mailer-daemon@mx.vendor.example>\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n\
         Date: {}\nMessage-ID: <{id}>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"dsn\"\n\n--dsn\n\
         Content-Type: text/plain; charset=us-ascii\n\nYour message {verb}.\n\n{said}\n--dsn\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.vendor.example\n\n{each}--dsn\n\
         Content-Type: text/rfc822-headers\n\n{headers}\n\n--dsn--\n",
        date.to_rfc2822()
    )
}
