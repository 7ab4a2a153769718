//! The variables of the mails that belong to no handoff: outages, alerts, the weekly digest.

use chrono::{Datelike, NaiveDate};
use minijinja::value::Value;

use super::{MailContext, Variables, maybe, parts};
use crate::domain::mails::{DigestBrief, DigestLine, MailBrief};
use crate::templates::words;

pub(crate) fn variables(scene: &MailContext<'_>) -> Variables {
    let mut variables = Variables::default().with("hello", scene.hello());
    match &scene.mail.brief {
        MailBrief::CannotSee { account, since, companies } => {
            let names: Vec<String> = companies.iter().map(|name| words::one_line(name)).collect();
            variables.set("account", words::one_line(account));
            variables.set("mailbox", scene.mailbox_of(account));
            variables.set("since", scene.when(*since));
            variables.set("lasted", words::length(scene.context.now - *since));
            variables.set("companies", maybe((!names.is_empty()).then(|| words::join_and(&names))));
        }
        MailBrief::CanSee { account, since, until } => {
            variables.set("account", words::one_line(account));
            variables.set("mailbox", scene.mailbox_of(account));
            variables.set("since", scene.when(*since));
            variables.set("until", scene.when(*until));
            variables.set("lasted", words::length(*until - *since));
        }
        MailBrief::Trouble { what, detail, remedy } => {
            variables.set("what", words::sentence(what));
            variables.set("topic", words::fragment(what));
            variables.set("detail", words::lines(detail));
            variables.set("remedy", words::sentence(remedy));
        }
        MailBrief::Digest(digest) => week(scene, digest, &mut variables),
        _ => {}
    }
    variables
}

fn week(scene: &MailContext<'_>, digest: &DigestBrief, variables: &mut Variables) {
    let line = |line: &DigestLine| {
        parts([
            ("company", words::one_line(&line.company).into()),
            ("sdr", words::one_line(&line.sdr).into()),
            ("ae", words::one_line(&line.ae).into()),
            ("touch", words::one_line(&line.touch).into()),
            ("feedback", words::one_line(&line.feedback).into()),
        ])
    };
    let today = scene.reader_zone().local(scene.context.now).date_naive();
    variables.set("week", week_words(digest.from, digest.until, today));
    variables.set("count", words::count(digest.handoffs.len(), "handoff"));
    variables.set("handoffs", Value::from(digest.handoffs.iter().map(line).collect::<Vec<_>>()));
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
