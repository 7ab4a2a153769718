//! The variables of the mails that belong to no handoff: outages, alerts, the weekly digest.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use minijinja::value::Value;

use super::{MailContext, Variables, maybe, parts};
use crate::domain::mails::{DigestBrief, DigestWaiting};
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
    for_reader(scene)
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
        .with("until", scene.when(until))
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
    let today = scene.reader_zone().local(scene.context.now).date_naive();
    let shown = digest.waiting.iter().take(WAITING_LINES).map(line).collect::<Vec<_>>();
    let more = digest.waiting.len().saturating_sub(WAITING_LINES);
    let coaching: Vec<Value> =
        digest.coaching.iter().take(COACHING_LINES).map(|what| words::one_line(what).into()).collect();
    for_reader(scene)
        .with("week", week_words(digest.from, digest.until, today))
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

/// `16 to 22 November`, `28 November to 4 December`.
fn week_words(from: Option<NaiveDate>, until: Option<NaiveDate>, today: NaiveDate) -> String {
    let year = |date: NaiveDate| if date.year() == today.year() { "" } else { " %Y" };
    match (from, until) {
        (Some(from), Some(until)) => {
            let same_month = (from.year(), from.month()) == (until.year(), until.month());
            let start = if same_month { "%-d".to_owned() } else { format!("%-d %B{}", year(from)) };
            let end = format!("%-d %B{}", year(until));
            format!("{} to {}", from.format(&start), until.format(&end))
        }
        (Some(day), None) | (None, Some(day)) => words::date(day, today),
        (None, None) => "last week".to_owned(),
    }
}
