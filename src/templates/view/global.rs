//! The variables of the mails that belong to no handoff: outages, alerts, the weekly digest.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use minijinja::value::Value;

use super::{MailContext, Variables, maybe, parts};
use crate::domain::mails::{DigestBrief, DigestWaiting};
use crate::domain::message::Address;
use crate::domain::zone::Zone;
use crate::templates::words;

fn for_reader(scene: &MailContext<'_>) -> Variables {
    Variables::default().with("hello", scene.hello())
}

pub(crate) fn cannot_see(
    scene: &MailContext<'_>,
    account: &str,
    since: DateTime<Utc>,
    companies: &[String],
) -> Variables {
    let names: Vec<String> = companies.iter().map(|name| words::one_line(name)).collect();
    let policy = scene.context.policy;
    let is_reader = |address: &Address| scene.mail.to.iter().any(|to| to.address == *address);
    let owner = scene.owner_of(account);
    for_reader(scene)
        .with("is_operator", is_reader(&policy.operator))
        .with("is_own", owner.is_some_and(|owner| is_reader(&owner.address)))
        .with("operator", policy.operator.as_str())
        .with("account", words::one_line(account))
        .with("mailbox", scene.mailbox_of(account))
        .with("since", scene.when(since))
        .with("lasted", words::length(scene.context.now - since))
        .with("companies", maybe((!names.is_empty()).then(|| words::join_and(&names))))
}

pub(crate) fn can_see(
    scene: &MailContext<'_>,
    account: &str,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Variables {
    for_reader(scene)
        .with("account", words::one_line(account))
        .with("mailbox", scene.mailbox_of(account))
        .with("since", scene.when(since))
        .with("until", words::until_when(until, &*scene.reader_zone(), since))
        .with("lasted", words::length(until - since))
}

pub(crate) fn trouble(scene: &MailContext<'_>, what: &str, detail: &str, remedy: &str) -> Variables {
    for_reader(scene)
        .with("what", words::sentence(what))
        .with("topic", words::fragment(what))
        .with("detail", words::lines(detail))
        .with("remedy", words::sentence(remedy))
}

pub(crate) fn time_check(scene: &MailContext<'_>, since: DateTime<Utc>) -> Variables {
    for_reader(scene).with("since", scene.when(since))
}

/// How many lines a digest has for those who wait, and for what to coach: ten at most in all.
const WAITING_LINES: usize = 3;
const COACHING_LINES: usize = 3;

pub(crate) fn digest(scene: &MailContext<'_>, digest: &DigestBrief) -> Variables {
    let line = |one: &DigestWaiting| {
        parts([
            ("company", words::one_line(&one.company).into()),
            ("sdr", words::one_line(&one.sdr).into()),
            ("ae", words::one_line(&one.ae).into()),
            ("due", maybe(one.deadline.map(|at| scene.when(at)))),
        ])
    };
    let zone = scene.reader_zone();
    let shown = digest.waiting.iter().take(WAITING_LINES).map(line).collect::<Vec<_>>();
    let more = digest.waiting.len().saturating_sub(WAITING_LINES);
    let coaching: Vec<Value> =
        digest.coaching.iter().take(COACHING_LINES).map(|what| words::one_line(what).into()).collect();
    for_reader(scene)
        .with("week", week_words(digest.from, digest.until, &*zone, scene.context.now))
        .with("count", words::count(digest.handoffs, "new handoff"))
        .with("in_time", maybe(out_of(digest.in_time)))
        .with("feedback", maybe(out_of(digest.feedback)))
        .with("waits", words::count(digest.waiting.len(), "handoff"))
        .with("is_one", digest.waiting.len() == 1)
        .with("waiting", Value::from(shown))
        .with("more", maybe((more > 0).then(|| more.to_string())))
        .with("coaching", Value::from(coaching))
}

/// `3 of 4 (75%)`; nothing where there was none.
fn out_of((part, whole): (usize, usize)) -> Option<String> {
    let percent = (part * 100 + whole / 2).checked_div(whole)?;
    Some(format!("{part} of {whole} ({percent}%)"))
}

/// `November 16 to 22`, `16 to 22 November`, `November 28 to December 4`.
fn week_words(
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    zone: &dyn Zone,
    now: DateTime<Utc>,
) -> String {
    let today = zone.local(now).date_naive();
    match (from, until) {
        (Some(from), Some(until)) => {
            let start = words::day_and_month(from, zone, today);
            let end = words::day_and_month(until, zone, today);
            let is_same_month = (from.year(), from.month()) == (until.year(), until.month());
            if !is_same_month {
                return format!("{start} to {end}");
            }
            // Which of the two numbers stands beside the month is the reader's custom.
            if end.starts_with(|c: char| c.is_ascii_digit()) {
                format!("{} to {end}", from.day())
            } else {
                format!("{} to {}", from.format("%B %-d"), end.split_once(' ').map_or("", |(_, day)| day))
            }
        }
        (Some(day), None) | (None, Some(day)) => words::date(day, zone, now),
        (None, None) => "last week".to_owned(),
    }
}
