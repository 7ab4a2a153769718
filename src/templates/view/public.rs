//! The intro's variables: what may leave the company, and nothing else.
//!
//! `PublicRecord` is all of a record that this file looks at. The other fields (pain, stakeholders, objections,
//! competitor, conditions) have no way into it. docs/behaviour.md section 3.

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::value::Value;

use super::{RenderContext, RenderError, Variables, parts};
use crate::domain::handoff::Record;
use crate::domain::intro_sentences;
use crate::domain::judge::Policy;
use crate::domain::mails::HandoffBrief;
use crate::domain::message::Mailbox;
use crate::domain::people::{Person, in_reading_order};
use crate::templates::{intro_subject, words};

/// The part of a record that a prospect may see.
struct PublicRecord<'a> {
    sdr: &'a str,
    /// What the SDR ends their mail with.
    signature: Option<&'a str>,
    ae: &'a str,
    to: &'a [Mailbox],
    discussed: &'a str,
    why_this_ae: &'a str,
    what_to_expect: &'a str,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    format: &'a str,
    attendees: Vec<String>,
    agenda: &'a str,
}

impl<'a> PublicRecord<'a> {
    fn of(record: &'a Record, ae: &'a str, policy: &'a Policy) -> Self {
        let meeting = &record.meeting;
        let signature = policy.person(&record.sdr).and_then(|sdr| sdr.signature.as_deref());
        Self {
            sdr: &record.sdr,
            signature,
            ae,
            to: &record.to,
            discussed: &record.discussed,
            why_this_ae: &record.why_this_ae,
            what_to_expect: &record.what_to_expect,
            start: meeting.start,
            end: meeting.start + TimeDelta::seconds(i64::from(meeting.length_seconds)),
            format: &meeting.format,
            attendees: meeting.attendees.iter().map(|one| name_of_ours(one, policy)).collect(),
            agenda: &meeting.agenda,
        }
    }
}

pub(crate) fn variables(
    handoff: &HandoffBrief,
    context: &RenderContext<'_>,
) -> Result<Variables, RenderError> {
    let record = &handoff.record;
    if record.to.is_empty() {
        return Err(RenderError::NoProspect);
    }
    let zone = (context.zones)(&record.meeting.zone)
        .ok_or_else(|| RenderError::Zone(record.meeting.zone.clone()))?;
    let ae_first = words::first_name(&handoff.ae);
    let public = PublicRecord::of(record, &handoff.ae, context.policy);
    let mut variables = of_public(&public, &*zone, context.now);
    variables.subject = Some(intro_subject(record, ae_first, &*zone));
    Ok(variables)
}

fn of_public(
    public: &PublicRecord<'_>,
    zone: &dyn crate::domain::zone::Zone,
    now: DateTime<Utc>,
) -> Variables {
    let first_names: Vec<&str> = public.to.iter().map(|to| words::first_name(&to.name)).collect();
    let ae_first = words::first_name(public.ae);
    let mut with = public.attendees.clone();
    if !with.iter().any(|name| name.eq_ignore_ascii_case(public.ae)) {
        with.push(words::one_line(public.ae));
    }
    Variables::default()
        .with("prospects", words::one_line(&words::join_and(&first_names)))
        .with("sdr", person(public.sdr, public.signature))
        .with("ae", person(public.ae, None))
        .with("discussed", intro_sentences::discussed(&words::one_line(public.discussed)))
        .with("why", intro_sentences::why_this_ae(&words::one_line(public.why_this_ae), ae_first))
        .with("expect", words::ended(&words::fragment(public.what_to_expect)))
        .with(
            "meeting",
            parts([
                ("weekday", zone.local(public.start).format("%A").to_string().into()),
                ("when", words::span(public.start, public.end, zone, now).into()),
                ("format", words::fragment(public.format).into()),
                ("with", words::join_and(&with).into()),
                ("agenda", words::fragment(public.agenda).into()),
            ]),
        )
}

fn person(name: &str, signature: Option<&str>) -> Value {
    let lines: Vec<String> = signature.into_iter().flat_map(str::lines).map(words::one_line).collect();
    parts([
        ("signature", Value::from(lines)),
        ("name", words::one_line(name).into()),
        ("first", words::one_line(words::first_name(name)).into()),
    ])
}

/// One of ours is called as the configuration does, whatever the record calls their address.
fn name_of_ours(mailbox: &Mailbox, policy: &Policy) -> String {
    let is_theirs =
        |person: &&Person| person.address == mailbox.address || person.aliases.contains(&mailbox.address);
    let ours = policy.people.iter().find(is_theirs);
    ours.map_or_else(|| display_name(mailbox), |person| words::one_line(&person.name))
}

fn display_name(mailbox: &Mailbox) -> String {
    let name = words::one_line(&mailbox.name);
    // `Lee, Sarah` between commas would be two people
    match in_reading_order(&name) {
        Some(name) => name,
        None if name.is_empty() => mailbox.address.to_string(),
        None => name,
    }
}
