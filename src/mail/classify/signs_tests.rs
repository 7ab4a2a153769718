//! People stay people whatever sign their mail bears; automatic mail stays automatic as long as anything of a program is
//! left in it. Over all fixtures, so that a new fixture is held to it as well.

use std::path::PathBuf;

use crate::domain::message::{MessageBody, MessageKind};
use crate::mail::{ReadOptions, read};

/// Fields that people's mail can bear.
const SIGNS: [&str; 13] = [
    "Return-Path: <>",
    "List-Unsubscribe: <https://go.salestool.example/u/1>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "List-Id: <deals.vendor.example>",
    "Precedence: bulk",
    "Precedence: list",
    "Precedence: junk",
    "Feedback-ID: 1.eu-west-1:AmazonSES",
    "X-Mailgun-Tag: sequence",
    "X-SG-EID: abc",
    "X-Campaign-Id: 7",
    "X-Mailer: Outreach",
    "X-Auto-Response-Suppress: All",
    "Auto-Submitted: auto-forwarded",
];

/// Sentences that mention what programs say.
const MENTIONS: [&str; 9] = [
    "Your auto-reply reached me, so take your time.",
    "I am out of the office on Friday, Thursday works.",
    "You wrote: \"This is an automatic reply.\" And yet you answered.",
    "Could you reply with the names to be added to the guest list?",
    "Ihre automatische Antwort ist angekommen, ich bin bis Freitag im Urlaub.",
    "Votre réponse automatique m'est parvenue, je suis absent vendredi.",
    "Recibí su respuesta automática, estoy de viaje el viernes.",
    "Je automatisch antwoord kwam aan, ik ben vrijdag afwezig.",
    "自動返信メールを拝受しました。",
];

fn fixtures(kind: &str) -> Vec<(String, String)> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("fixtures")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{kind}-")))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
        .into_iter()
        .map(|path| {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).replace("\r\n", "\n");
            (path.file_name().unwrap().to_string_lossy().into_owned(), text)
        })
        .collect()
}

fn body(raw: &str) -> MessageBody {
    read(raw.as_bytes(), &ReadOptions::default()).1
}

#[test]
fn no_sign_that_peoples_mail_can_bear_makes_a_machine_of_a_person() {
    for (name, raw) in fixtures("human") {
        for sign in SIGNS {
            let found = body(&format!("{sign}\n{raw}"));
            assert_eq!(found.kind_by(true), MessageKind::Human, "{name} with {sign}: {:?}", found.reasons);
        }
    }
}

#[test]
fn two_such_signs_make_no_machine_of_somebody_who_is_known() {
    for (name, raw) in fixtures("human") {
        for (at, sign) in SIGNS.iter().enumerate() {
            for other in SIGNS.iter().skip(at + 1) {
                let found = body(&format!("{sign}\n{other}\n{raw}"));
                let speaks_of_absence = name.contains("absence");
                assert!(
                    speaks_of_absence || found.kind_by(true) == MessageKind::Human,
                    "{name} with {sign} and {other}: {:?}",
                    found.reasons
                );
            }
        }
    }
}

#[test]
fn one_sign_beside_a_mention_makes_no_machine_of_anybody() {
    for mention in MENTIONS {
        for sign in SIGNS {
            let raw = format!(
                "{sign}\nFrom: Calvin Reyes <calvin@vendor.example>\nTo: Sarah Lee <sarah@acme.example>\nSubject: Re: demo\nIn-Reply-To: <intro@vendor.example>\nContent-Type: text/plain; charset=utf-8\n\n{mention}\n"
            );
            let found = body(&raw);
            assert_eq!(found.kind, MessageKind::Human, "{mention} with {sign}: {:?}", found.reasons);
            assert_eq!(found.kind_by(true), MessageKind::Human, "{mention} with {sign}");
        }
    }
}

/// Fields that hold a message together and say nothing of its author.
fn is_needed(field: &str) -> bool {
    let name = field.split(':').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("content-")
        || ["from", "to", "date", "mime-version", "message-id"].contains(&name.as_str())
}

/// Automatic mail without each of its fields in turn; what is lost has nothing else of a program's.
#[test]
fn automatic_mail_without_one_of_its_fields_is_still_automatic() {
    let mut lost = Vec::new();
    for (name, raw) in fixtures("auto-reply") {
        let (head, rest) = raw.split_once("\n\n").unwrap();
        let fields: Vec<&str> = head.lines().collect();
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| !is_needed(field)) {
            let left: Vec<&str> = fields
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, field)| *field)
                .collect();
            let found = body(&format!("{}\n\n{rest}", left.join("\n")));
            if found.kind != MessageKind::AutoReply {
                lost.push(format!(
                    "{name} without {}: {}",
                    field.split(':').next().unwrap(),
                    found.kind.name()
                ));
            }
        }
    }
    insta::assert_snapshot!(lost.join("\n"));
}
