//! Letters as the bytes that people's programs make of them, in the forms that programs have.

use base64::Engine as _;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use mail_parser::MessageParser;

use super::cast::{self, ALIAS, CALVIN, DANA, EVE, MORGAN, PAT, PRIVATE};
use super::plan::{Form, Invitation, Kind, Letter, Plan, Question, SdrPlace, Words};

/// A mail that is answered or reported about.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub id: String,
    pub references: Vec<String>,
    pub subject: String,
    pub text: String,
    pub headers: String,
    pub date: DateTime<Utc>,
}

impl Answered {
    pub(crate) fn of(raw: &[u8], date: DateTime<Utc>) -> Self {
        let parsed = MessageParser::default().parse(raw).unwrap();
        let references = parsed.references().as_text_list().unwrap_or_default();
        let text = String::from_utf8_lossy(raw);
        Self {
            id: parsed.message_id().unwrap_or_default().to_owned(),
            references: references.iter().map(ToString::to_string).collect(),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            text: parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            headers: text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n", "\n"),
            date,
        }
    }

    fn quoted(&self) -> String {
        self.text.lines().take(15).map(|line| format!("> {line}\n")).collect()
    }
}

/// What people say, in four languages, of no help to a judge that reads words.
const WORDS: [&str; 8] = [
    "Hello, I look forward to our call. Shall we start with the reporting?",
    "Guten Tag, ich freue mich auf unser Gespräch. Passt Ihnen der Termin weiterhin?",
    "Bonjour, ravi de faire votre connaissance. Je vous prépare la démonstration.",
    "Hola, un placer. ¿Le parece bien empezar por los informes?",
    "Hi! Quick one: who else should join on your side?",
    "Thanks for the intro. I was out of the office last week, sorry for the wait. Here is what I would show you.",
    "Hello, before you ask: an automatic reply is not what you get from me. What is your biggest pain with it?",
    "OK, see you then.",
];

/// What the SDR corrects in a record that was shown.
pub(crate) const CORRECTED: &str = "Why this AE: Calvin has moved nine teams like yours";

const NEWS: [&str; 2] = ["The numbers of the week are in.", "Lunch on Friday?"];

/// A letter on its way: author, recipients in `To` and `Cc`, and its bytes.
pub(crate) struct Written {
    pub id: String,
    pub raw: String,
}

struct Head {
    from: String,
    to: Vec<String>,
    cc: Vec<String>,
    subject: String,
    more: Vec<String>,
    cites: bool,
}

fn mailbox(address: &str, form: Form) -> String {
    let name = cast::name_of(address);
    if name.is_empty() {
        return address.to_owned();
    }
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    match form.sender {
        0 => format!("{name} <{address}>"),
        1 => format!("\"{last}, {first}\" <{address}>"),
        2 => format!("=?utf-8?B?{}?= <{}>", base64(name.as_bytes()), address.replacen("vendor", "Vendor", 1)),
        _ => format!("{name}\n <{address}>"),
    }
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The recipient as a program writes them.
fn recipient(address: &str, form: Form) -> String {
    match form.recipient {
        0 => address.to_owned(),
        1 => address.to_uppercase(),
        2 => address.replacen('@', "+sales@", 1),
        _ => format!("{} <{address}>", cast::name_of(address)),
    }
}

/// Composes a letter of `plan` that is written `at`. `of` is what it answers or reports about.
pub(crate) fn compose(plan: &Plan, letter: &Letter, at: DateTime<Utc>, of: Option<&Answered>) -> Written {
    let form = letter.form;
    let (_, first, second) = cast::COMPANIES[letter.handoff];
    let prospects = plan.handoffs[letter.handoff].prospects;
    let prospect = if prospects > 1 && form.words.is_multiple_of(3) { second.1 } else { first.1 };
    let to_prospect = vec![recipient(prospect, form)];
    let id = format!("s{}-{}@{}", plan.seed, letter.number, domain_of(&letter.kind, first.1));
    let mut head = Head {
        from: mailbox(author(&letter.kind, first.1), form),
        to: vec![format!("Dana Fox <{DANA}>")],
        cc: Vec::new(),
        subject: of.map_or_else(|| "Your reporting".to_owned(), |of| reply_subject(&of.subject, form)),
        more: Vec::new(),
        cites: true,
    };
    let words = WORDS[usize::from(form.words)];
    let signer = cast::name_of(author(&letter.kind, first.1));
    let body = match &letter.kind {
        Kind::Touch { in_thread, sdr, video, .. } => {
            head.to = to_prospect;
            head.cc = if *sdr == SdrPlace::Cc {
                vec![recipient(DANA, Form { recipient: 3, ..form })]
            } else {
                vec![]
            };
            if !in_thread {
                head.cites = false;
                head.subject = "Your reporting".to_owned();
            }
            let link =
                if *video { "\n\nhttps://www.loom.com/share/0f4a2b77c1d94e5ab7c2d1e0f9a8b7c6" } else { "" };
            text_body(form, &format!("{words}{link}"), of.filter(|_| *in_thread))
        }
        Kind::Aside => text_body(form, words, of),
        Kind::Empty => {
            head.to = to_prospect;
            head.cc = vec![DANA.to_owned()];
            text_body(Form { quotation: 0, encoding: form.encoding % 5, ..form }, "", of)
        }
        Kind::Absence { days } => {
            head.subject = "Automatic reply: the intro".to_owned();
            head.more.push("Auto-Submitted: auto-replied".to_owned());
            let until = days.map(|days| {
                let day = (at + TimeDelta::days(days.cast_signed())).format("%-d %B %Y");
                format!("I am out of the office and will be back on {day}.")
            });
            part("text/plain", &until.unwrap_or_else(|| "I am out of the office.".to_owned()))
        }
        Kind::Invite => {
            head.to = to_prospect;
            head.cites = false;
            head.subject = "A first call".to_owned();
            // No meeting is ever moved to such a second, nor is another invitation to it: either would be one to that meeting.
            let apart = TimeDelta::seconds(26 * 3600 + 900 + at.timestamp().rem_euclid(900));
            let start = plan.handoffs[letter.handoff].meeting + apart;
            invitation(
                &Event { uid: &id, organizer: CALVIN, method: "REQUEST", sequence: 0 },
                prospect,
                start,
                at,
            )
        }
        Kind::Receipt => receipt(),
        Kind::ProspectWrites => {
            head.to = vec![CALVIN.to_owned()];
            head.cc = vec![DANA.to_owned()];
            text_body(form, words, of)
        }
        Kind::ProspectAway => {
            head.to = vec![CALVIN.to_owned()];
            head.cc = vec![DANA.to_owned()];
            head.subject = "Automatic reply: your mail".to_owned();
            head.more.push("Auto-Submitted: auto-replied".to_owned());
            part("text/plain", "I am travelling and read mail rarely.")
        }
        Kind::IntroBounces { all } => {
            let failed: Vec<&str> =
                if *all && prospects > 1 { vec![first.1, second.1] } else { vec![first.1] };
            bounce(&mut head, &failed, of)
        }
        Kind::TouchBounces => {
            head.to = vec![CALVIN.to_owned()];
            let failed = of.map(|of| {
                MessageParser::default().parse(of.headers.as_bytes()).map(|mail| {
                    let all = mail.to().into_iter().flat_map(|list| list.iter());
                    all.filter_map(|one| one.address()).map(str::to_lowercase).collect::<Vec<_>>()
                })
            });
            let failed = failed.flatten().unwrap_or_default();
            bounce(&mut head, &failed.iter().map(String::as_str).collect::<Vec<_>>(), of)
        }
        Kind::ColleagueWrites => {
            head.to = vec![DANA.to_owned(), prospect.to_owned()];
            text_body(form, words, of)
        }
        Kind::Forged | Kind::UnknownAddress => {
            head.to = to_prospect;
            head.cc = vec![DANA.to_owned()];
            text_body(form, words, of)
        }
        Kind::Draft => {
            head.to = to_prospect;
            text_body(form, words, of)
        }
        Kind::BeforeTheHandoff => {
            head.to = to_prospect;
            head.cites = false;
            head.subject = "Earlier".to_owned();
            part("text/plain", words)
        }
        Kind::Accepts => {
            head.to = vec![agent_of(plan)];
            part("text/plain", ["Got it, thanks.", "\u{1f44d}", "Accepted."][usize::from(form.words % 3)])
        }
        Kind::SaysDone => {
            head.to = vec![agent_of(plan)];
            part("text/plain", ["done", "Done, I called her.", "Done."][usize::from(form.words % 3)])
        }
        Kind::Feedback => {
            head.to = vec![agent_of(plan)];
            part("text/plain", ["held 4", "held, 5, nothing wrong", "Held 3."][usize::from(form.words % 3)])
        }
        Kind::Invitation(what) => {
            head.to = to_prospect;
            head.cites = false;
            head.subject = "Our call".to_owned();
            let uid = format!("call-{}@vendor.example", letter.handoff);
            let planned = plan.handoffs[letter.handoff].meeting;
            let (method, sequence, start) = match what {
                Invitation::First => ("REQUEST", 0, planned),
                Invitation::Moved { to } => ("REQUEST", 1, *to),
                Invitation::Cancelled => ("CANCEL", 2, planned),
            };
            invitation(&Event { uid: &uid, organizer: DANA, method, sequence }, prospect, start, at)
        }
        Kind::Corrects => {
            head.to = vec![agent_of(plan)];
            signed_body(form, signer, CORRECTED, of)
        }
        Kind::HandsIn => {
            head.to = vec![agent_of(plan)];
            head.cites = false;
            head.subject = format!("{}, for Calvin", cast::COMPANIES[letter.handoff].0);
            let planned = &plan.handoffs[letter.handoff];
            signed_body(form, signer, &cast::record(letter.handoff, planned.prospects, planned.meeting), None)
        }
        Kind::SaysSend { .. } => {
            head.to = vec![agent_of(plan)];
            let yes = ["send", "Yes, please send it.", "go ahead", "Looks good, send it"];
            signed_body(form, signer, yes[usize::from(form.words % 4)], of)
        }
        Kind::Says { by, what } => {
            head.to = vec![if *by == MORGAN { DANA.to_owned() } else { agent_of(plan) }];
            let said = match what {
                Words::Close => "close: they chose a competitor".to_owned(),
                Words::Touched => "touched: he called her this morning".to_owned(),
                Words::Resend => "resend".to_owned(),
                Words::OverToRita => "over to Rita".to_owned(),
                Words::MeetingMoved { to } => format!("meeting moved to {} UTC", to.format("%Y-%m-%d %H:%M")),
            };
            signed_body(form, signer, &said, of)
        }
        Kind::Asks { what, .. } => {
            head.to = vec![agent_of(plan)];
            head.cites = false;
            head.subject = match what {
                Question::Status => "status",
                Question::Help => "Help",
            }
            .to_owned();
            signed_body(form, signer, "", None)
        }
        Kind::News => {
            head.from = format!("Pat Moss <{PAT}>");
            head.to = vec![DANA.to_owned(), CALVIN.to_owned()];
            head.cites = false;
            head.subject = "News".to_owned();
            part("text/plain", NEWS[usize::from(form.words % 2)])
        }
    };
    let written = match letter.kind {
        Kind::BeforeTheHandoff => at.min(plan.begins) - TimeDelta::days(3),
        _ => at,
    };
    Written { raw: whole(&head, form, &id, plan, written, of, &body), id }
}

fn agent_of(plan: &Plan) -> String {
    if plan.own_agent { cast::AGENT.to_owned() } else { DANA.to_owned() }
}

pub(crate) fn author(kind: &Kind, prospect: &'static str) -> &'static str {
    match kind {
        Kind::Touch { by, .. } => by,
        Kind::ProspectWrites | Kind::ProspectAway => prospect,
        Kind::IntroBounces { .. } | Kind::TouchBounces => "mailer-daemon@mx.vendor.example",
        Kind::ColleagueWrites | Kind::News => PAT,
        Kind::UnknownAddress => PRIVATE,
        Kind::HandsIn | Kind::Corrects | Kind::Invitation(_) => DANA,
        Kind::SaysSend { by, .. } | Kind::Says { by, .. } | Kind::Asks { by, .. } => by,
        _ => CALVIN,
    }
}

fn domain_of(kind: &Kind, prospect: &'static str) -> &'static str {
    debug_assert!([ALIAS, EVE].iter().all(|one| one.ends_with("@vendor.example")));
    author(kind, prospect).rsplit('@').next().unwrap_or_default()
}

fn reply_subject(subject: &str, form: Form) -> String {
    let prefix = ["Re: ", "RE: ", "AW: ", "Rép : "][usize::from(form.citation % 4)];
    if subject.to_lowercase().starts_with("re: ") { subject.to_owned() } else { format!("{prefix}{subject}") }
}

fn whole(
    head: &Head,
    form: Form,
    id: &str,
    plan: &Plan,
    at: DateTime<Utc>,
    of: Option<&Answered>,
    body: &str,
) -> String {
    let mut text = format!("From: {}\nTo: {}\n", head.from, head.to.join(",\n "));
    if !head.cc.is_empty() {
        text.push_str(&format!("Cc: {}\n", head.cc.join(", ")));
    }
    text.push_str(&format!("Subject: {}\nMessage-ID: <{id}>\n", encoded_subject(&head.subject)));
    let minutes = match form.date {
        0 => plan.zone.minutes,
        1 => 0,
        _ => -420,
    };
    let offset = FixedOffset::east_opt(i32::try_from(minutes * 60).unwrap()).unwrap();
    text.push_str(&format!("Date: {}\n", at.with_timezone(&offset).to_rfc2822()));
    if let Some(of) = of.filter(|_| head.cites) {
        let all: Vec<String> = of.references.iter().chain([&of.id]).map(|id| format!("<{id}>")).collect();
        let is_auto = head.more.iter().any(|line| line.starts_with("Auto-Submitted"));
        match form.citation {
            0 => text.push_str(&format!("In-Reply-To: <{}>\n", of.id)),
            1 if !is_auto => text.push_str(&format!("References: {}\n", all.join("\n\t"))),
            _ => text.push_str(&format!("References: {}\nIn-Reply-To:\n <{}>\n", all.join(" "), of.id)),
        }
    }
    for line in &head.more {
        text.push_str(&format!("{line}\n"));
    }
    format!("{text}MIME-Version: 1.0\n{body}")
}

fn encoded_subject(subject: &str) -> String {
    if subject.is_ascii() {
        subject.to_owned()
    } else {
        format!("=?utf-8?B?{}?=", base64(subject.as_bytes()))
    }
}

fn part(media: &str, text: &str) -> String {
    format!("Content-Type: {media}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n")
}

/// The author's words with what is quoted below or above them.
fn text_body(form: Form, words: &str, of: Option<&Answered>) -> String {
    signed_body(form, "Calvin Reyes", words, of)
}

fn signed_body(form: Form, author: &str, words: &str, of: Option<&Answered>) -> String {
    let signature = format!("-- \n{author}\nVendor Inc.\n");
    let intro = of.map(|of| {
        format!("On {}, Dana Fox <{DANA}> wrote:\n{}", of.date.format("%a, %b %-d, %Y at %H:%M"), of.quoted())
    });
    let text = match (form.quotation, intro) {
        (0 | 1, Some(intro)) => format!("{words}\n\n{signature}\n{intro}"),
        (2, Some(intro)) => format!("{intro}\n{words}\n"),
        (_, _) => format!("{words}\n\n{signature}"),
    };
    // Nothing but a signature is a form of its own.
    let text = if words.is_empty() { text.trim_start().to_owned() } else { text };
    let html = || {
        format!(
            "<html><body><div>{}</div></body></html>",
            text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>\n")
        )
    };
    match form.encoding {
        0 => part("text/plain", &text),
        1 => format!(
            "Content-Type: multipart/alternative; boundary=\"=_alt\"\n\nThis is MIME.\n--=_alt\n{}\n--=_alt\n{}\n--=_alt--\n",
            part("text/plain", &text),
            part("text/html", &html())
        ),
        2 => part("text/html", &html()),
        3 => {
            let encoded = base64(text.as_bytes());
            let lines: Vec<String> = encoded
                .as_bytes()
                .chunks(76)
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect();
            format!(
                "Content-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: base64\n\n{}\n",
                lines.join("\n")
            )
        }
        4 => format!(
            "Content-Type: text/plain;\n\tcharset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{}\n",
            quoted_printable(&text)
        ),
        _ => format!(
            "Content-Type: multipart/mixed; boundary=mix\n\n--mix\n{}\n--mix\nContent-Type: application/pdf; name=\"a.pdf\"\n\
             Content-Disposition: attachment; filename=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--mix--\n",
            part("text/plain", &text)
        ),
    }
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut length = 0;
        for byte in line.bytes() {
            let piece = match byte {
                b'=' | 0..=31 | 127.. => format!("={byte:02X}"),
                other => char::from(other).to_string(),
            };
            if length + piece.len() > 72 {
                out.push_str("=\n");
                length = 0;
            }
            length += piece.len();
            out.push_str(&piece);
        }
        if out.ends_with(' ') {
            out.pop();
            out.push_str("=20");
        }
        out.push('\n');
    }
    out
}

/// What a calendar message is about.
struct Event<'e> {
    uid: &'e str,
    organizer: &'e str,
    method: &'e str,
    sequence: u32,
}

fn invitation(event: &Event<'_>, prospect: &str, start: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let Event { uid, organizer, method, sequence } = event;
    format!(
        "Content-Type: text/calendar; charset=utf-8; method={method}\n\nBEGIN:VCALENDAR\nVERSION:2.0\n\
         PRODID:-//client//EN\nMETHOD:{method}\nBEGIN:VEVENT\nUID:{uid}\nSEQUENCE:{sequence}\nDTSTAMP:{}\nDTSTART:{}\n\
         DTEND:{}\nSUMMARY:A first call\nORGANIZER:mailto:{organizer}\n\
         ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:{prospect}\n\
         END:VEVENT\nEND:VCALENDAR\n",
        stamp(at),
        stamp(start),
        stamp(start + TimeDelta::minutes(30)),
    )
}

fn receipt() -> String {
    format!(
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=\"rep\"\n\n--rep\n\
         Content-Type: text/plain; charset=utf-8\n\nYour message was read.\n\n--rep\n\
         Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{CALVIN}\n\
         Disposition: manual-action/MDN-sent-manually; displayed\n\n--rep--\n"
    )
}

/// A report about what is answered (RFC 3464).
fn bounce(head: &mut Head, failed: &[&str], of: Option<&Answered>) -> String {
    head.from = "Mail Delivery System <mailer-daemon@mx.vendor.example>".to_owned();
    head.subject = "Undelivered Mail Returned to Sender".to_owned();
    head.more.push("Auto-Submitted: auto-replied".to_owned());
    head.cites = false;
    let said: String =
        failed.iter().map(|who| format!("<{who}>: host mx said: 550 5.1.1 user unknown\n")).collect();
    let each: String = failed
        .iter()
        .map(|who| {
            format!(
                "Final-Recipient: rfc822; {who}\nAction: failed\nStatus: 5.1.1\n\
                 Diagnostic-Code: smtp; 550 5.1.1 user unknown\n\n"
            )
        })
        .collect();
    format!(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"dsn\"\n\n--dsn\n\
         Content-Type: text/plain; charset=us-ascii\n\nYour message could not be delivered.\n\n{said}\n--dsn\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.vendor.example\n\n{each}--dsn\n\
         Content-Type: text/rfc822-headers\n\n{}\n\n--dsn--\n",
        of.map(|of| of.headers.as_str()).unwrap_or_default()
    )
}

/// A copy as the receiving server keeps it, with its stamp and its results of authentication.
pub(crate) fn received(raw: &str, from: &str, who: &str, at: DateTime<Utc>, is_forged: bool) -> String {
    let results = if is_forged {
        "Authentication-Results: mx.vendor.example; dmarc=fail header.from=vendor.example\n"
    } else {
        ""
    };
    format!(
        "Return-Path: <{from}>\nReceived: from out.example (out.example [203.0.113.7])\n\tby mx.vendor.example with ESMTPS id 0001\n\t\
         for <{who}>; {}\n{results}{raw}",
        at.to_rfc2822()
    )
}
