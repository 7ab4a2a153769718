//! The tables that hold for everybody: `[agent]`, `[record]`, `[sla]`, `[feedback]`, `[[schedulers]]`.

use std::path::{Path, PathBuf};

use chrono::NaiveTime;

use crate::diagnostics;
use crate::domain::sla::SlaPolicy;

use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};
use super::{Agent, FeedbackTimes, Scheduler, Sla, people, values};

pub(crate) fn templates(root: &mut TomlFields<'_>, dir: &Path, faults: &mut ConfigFaults) -> Option<PathBuf> {
    let text = root.string("templates", faults)?;
    let path = dir.join(&text.value);
    faults.files.push(path.clone());
    if !path.is_dir() {
        let fault = faults
            .error(&text.span, format!("there is no folder {}", path.display()))
            .help("`baton templates --eject DIR` writes the built-in templates to change; leave the line out to use them as they are");
        faults.add(fault);
        return None;
    }
    Some(path)
}

pub(crate) fn agent(
    root: &mut TomlFields<'_>,
    accounts: &[String],
    faults: &mut ConfigFaults,
) -> Option<Agent> {
    let Some(mut fields) = root.table("agent", faults) else {
        if !root.has("agent") {
            let fault = faults
                .error(&(0..0), "the table [agent] is missing")
                .help("it names the account that baton's own mail leaves from, and who hears when something is wrong")
                .example("[agent] with account = \"dana\" and operator = \"ops@vendor.example\"");
            faults.add(fault);
        }
        return None;
    };
    let account = fields.required("account", "account = \"dana\"", faults);
    let operator = fields.required("operator", "operator = \"ops@vendor.example\"", faults);
    let known = account.as_ref().is_none_or(|account| people::account_exists(account, accounts, faults));
    let operator = operator.and_then(|text| values::address(&text, faults));
    fields.finish(faults);
    Some(Agent { account: account.filter(|_| known)?.value, operator: operator? })
}

/// `[record]`: conditions beyond the four, and competitors.
pub(crate) fn record(root: &mut TomlFields<'_>, faults: &mut ConfigFaults) -> (Vec<String>, Vec<String>) {
    let Some(mut fields) = root.table("record", faults) else { return (Vec::new(), Vec::new()) };
    let list = fields.strings("conditions", faults).unwrap_or_default();
    let competitors = fields.strings("competitors", faults).unwrap_or_default();
    fields.finish(faults);
    let one_line = |text: TomlValue<String>| text.value.split_whitespace().collect::<Vec<_>>().join(" ");
    (conditions(list, faults), competitors.into_iter().map(one_line).collect())
}

fn conditions(list: Vec<TomlValue<String>>, faults: &mut ConfigFaults) -> Vec<String> {
    let mut conditions: Vec<String> = Vec::new();
    for entry in list {
        let text = entry.value.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.trim_end_matches(['.', ';', ',']).to_owned();
        let same = |other: &str| other.eq_ignore_ascii_case(&text);
        if crate::record::CONDITIONS.into_iter().any(same) || conditions.iter().any(|other| same(other)) {
            let fault = faults
                .error(&entry.span, format!("`{text}` is a condition already"))
                .help("leave it out here");
            faults.add(fault);
        } else if text.starts_with(['[', '#', '(']) || !text.chars().any(char::is_alphanumeric) {
            let fault = faults
                .error(&entry.span, "a condition is a short sentence, without its box")
                .example("conditions = [\"Budget authority confirmed\"]");
            faults.add(fault);
        } else {
            conditions.push(text);
        }
    }
    conditions
}

fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

pub(crate) fn sla(fields: Option<TomlFields<'_>>, faults: &mut ConfigFaults) -> Option<Sla> {
    const FOUR_HOURS: u32 = 4 * 3600;
    const REMIND: u32 = 3600;
    const GRACE: u32 = 120;
    const BLIND: u32 = 1800;
    let Some(mut fields) = fields else {
        let playbook = SlaPolicy::default();
        return Some(Sla {
            policy: playbook,
            playbook,
            seconds: FOUR_HOURS,
            remind_before: REMIND,
            grace: GRACE,
            blind_after: BLIND,
        });
    };
    let name = fields.string("policy", faults);
    let noon = values::time_field(&mut fields, "noon", time(12), faults);
    let same_day = values::time_field(&mut fields, "same_day", time(17), faults);
    let next_morning = values::time_field(&mut fields, "next_morning", time(10), faults);
    let seconds = values::length_field(&mut fields, "hours", FOUR_HOURS, faults);
    let remind_before = values::length_field(&mut fields, "remind_before", REMIND, faults);
    let grace = values::length_field(&mut fields, "grace", GRACE, faults);
    let blind_after = values::length_field(&mut fields, "blind_after", BLIND, faults);
    if same_day.value < noon.value {
        let fault = faults
            .error(&same_day.span, "the deadline of the same day comes before `noon`")
            .help("a handoff shortly before noon would be late at once");
        faults.add(fault);
    }
    if seconds == 0 {
        let fault = faults
            .error(&fields.key_span("hours"), "with no time at all every handoff would be late at once")
            .example("hours = \"4h\"");
        faults.add(fault);
    }
    let playbook =
        SlaPolicy::Playbook { noon: noon.value, same_day: same_day.value, next_morning: next_morning.value };
    let policy = match name.as_ref().map(|name| name.value.as_str()) {
        None | Some("playbook") => Some(playbook),
        Some("business-hours") => Some(SlaPolicy::BusinessHours { seconds }),
        Some("elapsed") => Some(SlaPolicy::Elapsed { seconds }),
        Some(other) => {
            let span = name.as_ref().map_or(0..0, |name| name.span.clone());
            let fault = faults.error(&span, format!("there is no policy `{other}`"));
            let fault = match diagnostics::nearest(other, ["playbook", "business-hours", "elapsed"]) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("the policies are playbook, business-hours and elapsed"),
            };
            faults.add(fault);
            None
        }
    };
    fields.finish(faults);
    Some(Sla { policy: policy?, playbook, seconds, remind_before, grace, blind_after })
}

pub(crate) fn feedback(fields: Option<TomlFields<'_>>, faults: &mut ConfigFaults) -> FeedbackTimes {
    const DAY: u32 = 86_400;
    const FOUR_HOURS: u32 = 4 * 3600;
    let Some(mut fields) = fields else { return FeedbackTimes { due: DAY, remind_before: FOUR_HOURS } };
    let due = values::length_field(&mut fields, "due", DAY, faults);
    let remind_before = values::length_field(&mut fields, "remind_before", FOUR_HOURS, faults);
    if due == 0 {
        let fault =
            faults.error(&fields.key_span("due"), "feedback cannot be due at once").example("due = \"24h\"");
        faults.add(fault);
    }
    fields.finish(faults);
    FeedbackTimes { due, remind_before }
}

pub(crate) fn scheduler(mut fields: TomlFields<'_>, faults: &mut ConfigFaults) -> Option<Scheduler> {
    let name = fields.required("name", "name = \"Our booking page\"", faults);
    let senders = fields.strings("senders", faults).unwrap_or_default();
    let links = fields.strings("links", faults).unwrap_or_default();
    let span = fields.span.clone();
    fields.finish(faults);
    if senders.is_empty() && links.is_empty() {
        let fault = faults
            .error(&span, "a scheduling tool is known by its senders or its links")
            .example("senders = [\"booking.vendor.example\"]");
        faults.add(fault);
        return None;
    }
    let lower =
        |list: Vec<TomlValue<String>>| list.into_iter().map(|text| text.value.to_lowercase()).collect();
    Some(Scheduler { name: name?.value, senders: lower(senders), links: lower(links) })
}
