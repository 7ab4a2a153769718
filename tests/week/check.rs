//! Holds the week against what was written down: every handoff's state, every mail that baton sent, and every
//! mailbox of the sandbox.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use baton::agent::turn::judged;
use baton::cli::json::summary;
use baton::domain::zone::Zone;
use baton::store::OutboxState;

use super::cast::{self, AGENT, PEOPLE, address, domain, listed};
use super::people::{bare, ids};
use super::stage::Stage;
use super::story::{Do, Story};

/// Kinds that come from the SDR and leave a copy in Sent. docs/behaviour.md section 12.
const AS_SDR: [&str; 4] = ["intro", "escalation", "late-touch", "withdrawal"];

/// One of baton's mails, as it left.
#[derive(Debug)]
struct Left {
    at: DateTime<Utc>,
    kind: &'static str,
    /// Of the story; `Global` where it concerns no single handoff.
    company: String,
    from: String,
    to: Vec<String>,
    cc: Vec<String>,
}

/// Every difference between the week and what was written down.
pub(crate) async fn differences(stage: &Stage, stories: &[&'static Story]) -> Vec<String> {
    let mut found = Vec::new();
    let left = left(stage, &mut found).await;
    for story in stories {
        let zone = cast::zone_of(story.ae);
        let mut lines = mails(story, &left, zone.as_ref());
        if !story.ends.deadline.is_empty() {
            lines.extend(ends(stage, story, zone.as_ref()).await);
        }
        if !lines.is_empty() {
            found.push(format!("{} ({})\n    {}", story.company, story.told, lines.join("\n    ")));
        }
    }
    let known: Vec<&str> = stories.iter().map(|story| story.company).collect();
    found.extend(
        left.values().filter(|one| !known.contains(&one.company.as_str())).map(|one| format!("{one:?}")),
    );
    found.extend(mailboxes(stage, stories, &left));
    found
}

/// baton's mails by their Message-ID: what the servers were given, named by what the outbox says of it.
async fn left(stage: &Stage, found: &mut Vec<String>) -> BTreeMap<String, Left> {
    let (rows, companies) = stage
        .app
        .read(|_, tx| {
            let handoffs = tx.handoffs()?.into_iter();
            let companies: BTreeMap<String, String> =
                handoffs.map(|one| (one.handoff.id.clone(), one.handoff.record.company)).collect();
            let mut rows = Vec::new();
            for state in [
                OutboxState::Queued,
                OutboxState::Sending,
                OutboxState::Uncertain,
                OutboxState::Failed,
                OutboxState::Sent,
            ] {
                rows.extend(tx.in_state(state)?);
            }
            Ok((rows, companies))
        })
        .await
        .unwrap();
    let mut left = BTreeMap::new();
    for accepted in stage.sandbox.all_delivered() {
        let id = ids(&accepted.raw).pop().unwrap();
        if id.starts_with("letter-") {
            continue;
        }
        let Some(row) =
            rows.iter().find(|row| row.message_id.as_str() == id && row.state == OutboxState::Sent)
        else {
            found.push(format!("{id} left, and the outbox does not know it as sent"));
            continue;
        };
        let parsed = mail_parser::MessageParser::default().parse(&accepted.raw[..]).unwrap();
        let people = |list: Option<&mail_parser::Address<'_>>| -> Vec<String> {
            let all = list.into_iter().flat_map(|list| list.iter());
            all.filter_map(|one| one.address()).map(str::to_lowercase).collect()
        };
        let one = Left {
            at: accepted.at,
            kind: row.key.kind.name(),
            company: companies.get(row.scope_name()).cloned().unwrap_or_else(|| "House".to_owned()),
            from: people(parsed.from()).concat(),
            to: people(parsed.to()),
            cc: people(parsed.cc()),
        };
        let mut envelope: Vec<String> = accepted.to.iter().map(|one| bare(one)).collect();
        let mut heads: Vec<String> = one.to.iter().chain(&one.cc).cloned().collect();
        envelope.sort();
        heads.sort();
        if envelope != heads {
            found.push(format!("{one:?} went to {envelope:?}"));
        }
        if left.insert(id.clone(), one).is_some() {
            found.push(format!("{id} left twice"));
        }
    }
    let unsent = rows.iter().filter(|row| row.state != OutboxState::Sent);
    found.extend(
        unsent.map(|row| format!("{} {} is {}", row.scope_name(), row.key.kind.name(), row.state.name())),
    );
    left
}

fn line(when: &str, kind: &str, from: &str, to: &[String], cc: &[String]) -> String {
    let cc = if cc.is_empty() { String::new() } else { format!(", cc {}", cc.join(" ")) };
    format!("{when} {kind} from {from} to {}{cc}", to.join(" "))
}

/// The mails that a story names and those that left, where they differ.
fn mails(story: &Story, left: &BTreeMap<String, Left>, zone: &dyn Zone) -> Vec<String> {
    let all = |list: &str| -> Vec<String> {
        listed(list).into_iter().map(|one| address(one, story.company)).collect()
    };
    let mut expected = Vec::new();
    for (when, what) in story.steps {
        if let Do::Mail(kind, to, cc) = what {
            let from = if AS_SDR.contains(kind) { address(story.sdr, "") } else { AGENT.to_owned() };
            expected.push(line(when, kind, &from, &all(to), &all(cc)));
        }
    }
    let own = left.values().filter(|one| one.company == story.company);
    let mut actual: Vec<String> =
        own.map(|one| line(&cast::local(one.at, zone), one.kind, &one.from, &one.to, &one.cc)).collect();
    differ(&mut expected, &mut actual)
}

/// What stands on one side alone; each line counts as often as it stands there.
fn differ(expected: &mut Vec<String>, actual: &mut Vec<String>) -> Vec<String> {
    expected.retain(|one| match actual.iter().position(|other| other == one) {
        Some(at) => {
            actual.remove(at);
            false
        }
        None => true,
    });
    let missing = expected.iter().map(|one| format!("missing: {one}"));
    missing.chain(actual.iter().map(|one| format!("besides: {one}"))).collect()
}

/// How the handoff stands, where it is not as written down.
async fn ends(stage: &Stage, story: &Story, zone: &dyn Zone) -> Vec<String> {
    let id = stage.runs[story.company].id.clone();
    let shown = stage
        .app
        .read(move |app, tx| Ok(judged(tx, &app.policy, &id, app.now())?.map(|one| summary(app, &one))))
        .await
        .unwrap()
        .unwrap_or_default();
    let words =
        |parts: Vec<String>| parts.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(" ");
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let time =
        |value: &Value| value.as_str().map_or(String::new(), |at| cast::local(at.parse().unwrap(), zone));
    let flag = |value: &Value, name: &str| if value == true { name.to_owned() } else { String::new() };
    let (touch, cc, acceptance) = (&shown["touch"], &shown["cc"], &shown["acceptance"]);
    let (meeting, feedback) = (&shown["meeting"], &shown["feedback"]);
    let first = text(&cc["first"]);
    let wrong = text(&feedback["wrong"]);
    let is = [
        ("deadline", time(&shown["deadline"]), story.ends.deadline),
        (
            "touch",
            words(vec![
                text(&touch["state"]),
                text(&touch["kind"]),
                time(&touch["at"]),
                flag(&touch["late"], "late"),
                flag(&touch["indirect"], "indirect"),
            ]),
            story.ends.touch,
        ),
        (
            "cc",
            if first.is_empty() {
                text(&cc["state"])
            } else {
                format!("{}, first {first}", text(&cc["state"]))
            },
            story.ends.cc,
        ),
        (
            "acceptance",
            words(vec![
                text(&acceptance["state"]),
                time(&acceptance["at"]),
                flag(&acceptance["owner_updated"], "owner updated"),
            ]),
            story.ends.acceptance,
        ),
        ("meeting", words(vec![text(&meeting["state"]), time(&meeting["start"])]), story.ends.meeting),
        (
            "feedback",
            words(vec![
                text(&feedback["state"]),
                text(&feedback["outcome"]),
                text(&feedback["score"]),
                time(&feedback["at"]),
                if wrong.is_empty() { wrong } else { format!("({wrong})") },
            ]),
            story.ends.feedback,
        ),
        ("open", text(&shown["open"]), if story.ends.open { "true" } else { "false" }),
    ];
    let wrong = is.into_iter().filter(|(_, is, should)| is != should);
    wrong.map(|(what, is, should)| format!("{what}: is `{is}`, should be `{should}`")).collect()
}

/// Every INBOX and every Sent folder holds what the stories put there, and nothing else; nobody's flags have
/// changed; nobody outside has a mail of baton's but intros.
fn mailboxes(stage: &Stage, stories: &[&'static Story], left: &BTreeMap<String, Left>) -> Vec<String> {
    let mut expected: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for (who, folder, id) in &stage.ledger {
        expected.entry((who.clone(), folder)).or_default().push(id.clone());
    }
    for story in stories {
        let zone = cast::zone_of(story.ae);
        for (when, what) in story.steps {
            let Do::Mail(kind, to, cc) = what else { continue };
            let label =
                format!("{} {kind} {}", cast::instant(when, zone.as_ref()).format("%d %H:%M"), story.company);
            for who in listed(to).into_iter().chain(listed(cc)) {
                expected.entry((address(who, story.company), "INBOX")).or_default().push(label.clone());
            }
            // The agent's mailbox is no person's: its mail leaves a copy as well. docs/behaviour.md section 12.
            let sender = if AS_SDR.contains(kind) { address(story.sdr, "") } else { AGENT.to_owned() };
            expected.entry((sender, "\\Sent")).or_default().push(label);
        }
    }
    let mut users: Vec<String> = PEOPLE.iter().map(|person| address(person.key, "")).collect();
    users.extend(cast::OTHERS.iter().map(|other| (*other).to_owned()));
    users.extend(expected.keys().map(|(who, _)| who.clone()));
    users.sort();
    users.dedup();
    let mut found = Vec::new();
    for who in &users {
        for folder in ["INBOX", "\\Sent", "\\Drafts", "\\Trash", "Customers"] {
            let mut actual = Vec::new();
            for mail in stage.sandbox.mailbox(who, folder) {
                let id = original_id(&mail.raw);
                let one = left.get(&id);
                if folder == "INBOX" && !mail.flags.is_empty() {
                    found.push(format!("{who} {folder} {id} bears {:?}", mail.flags));
                }
                let is_outside = !who.ends_with("@vendor.example");
                if is_outside
                    && one.is_some_and(|one| one.kind != "intro" || !who.ends_with(&domain(&one.company)))
                {
                    found.push(format!("{who} must not have {one:?}"));
                }
                actual.push(match one {
                    Some(one) => {
                        format!("{} {} {}", mail.internal_date.format("%d %H:%M"), one.kind, one.company)
                    }
                    None => id,
                });
            }
            let mut expected = expected.remove(&(who.clone(), folder)).unwrap_or_default();
            found.extend(
                differ(&mut expected, &mut actual).into_iter().map(|line| format!("{who} {folder} {line}")),
            );
        }
    }
    found
}

/// The id that the author gave, also where the provider put another in its place.
fn original_id(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let replaced = header.lines().find_map(|line| line.strip_prefix("X-Microsoft-Original-Message-ID: <"));
    match replaced {
        Some(id) => id.trim_end_matches('>').to_owned(),
        None => ids(raw).pop().unwrap_or_default(),
    }
}

/// The weeks in which a digest has left for a manager, in their order.
pub(crate) async fn digests(stage: &Stage, first_name: &str) -> Vec<String> {
    let rows = stage.app.read(|_, tx| tx.in_state(OutboxState::Sent)).await.unwrap();
    let own =
        rows.iter().filter(|row| row.key.kind.name() == "digest" && row.key.about.starts_with(first_name));
    let mut weeks: Vec<String> =
        own.filter_map(|row| row.key.about.rsplit(' ').next().map(str::to_owned)).collect();
    weeks.sort();
    weeks
}
