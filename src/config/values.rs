//! Lengths, times of day, working hours, addresses and names: text of the file to checked values.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use chrono::{NaiveTime, Weekday};

use crate::diagnostics::{Fault, nearest};
use crate::domain::length;
use crate::domain::message::Address;
use crate::domain::zone::{Zone, ZoneSource};

use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};

/// A length in seconds, `default` where the key is missing or wrong.
pub(crate) fn length_field(
    fields: &mut TomlFields<'_>,
    key: &'static str,
    default: u32,
    faults: &mut ConfigFaults,
) -> u32 {
    let Some(text) = fields.length_text(key, faults) else { return default };
    match length::strict(&text.value) {
        Some(seconds) => seconds,
        None => {
            let fault = faults
                .error(&text.span, format!("`{}` is not a length of time", text.value))
                .help("a length is a number with its unit: s, m, h or d")
                .example(format!("{key} = \"90m\", or \"4h\", \"10s\", \"1h30m\""));
            faults.add(fault);
            default
        }
    }
}

/// Minutes after midnight of `09:00`, `9:00` or `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let figures = |text: &str| {
        (text.len() <= 2 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    if minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (figures(hours)?, figures(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 1440).then_some(total)
}

/// A time of day, `default` where the key is missing or wrong.
pub(crate) fn time_field(
    fields: &mut TomlFields<'_>,
    key: &'static str,
    default: NaiveTime,
    faults: &mut ConfigFaults,
) -> TomlValue<NaiveTime> {
    let Some(text) = fields.time_text(key, faults) else {
        return TomlValue { value: default, span: fields.key_span(key) };
    };
    let without_seconds =
        text.value.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(&text.value);
    let time = minutes(without_seconds)
        .filter(|total| *total < 1440)
        .and_then(|total| NaiveTime::from_hms_opt(u32::from(total / 60), u32::from(total % 60), 0));
    match time {
        Some(time) => TomlValue { value: time, span: text.span },
        None => {
            let fault = faults
                .error(&text.span, format!("`{}` is not a time of day", text.value))
                .example(format!("{key} = \"17:00\""));
            faults.add(fault);
            TomlValue { value: default, span: text.span }
        }
    }
}

/// Opening and closing minutes of `09:00-17:00`.
pub(crate) fn hours(text: &TomlValue<String>, faults: &mut ConfigFaults) -> Option<(u16, u16)> {
    let written = text.value.replace(['\u{2013}', '\u{2014}'], "-");
    let found = written.split_once('-').and_then(|(opens, closes)| Some((minutes(opens)?, minutes(closes)?)));
    let fault = match found {
        Some((opens, closes)) if opens < closes => return Some((opens, closes)),
        Some(_) => faults
            .error(&text.span, "working hours end after they begin")
            .help("hours that go past midnight cannot be given; they may end at 24:00"),
        None => faults.error(&text.span, format!("`{}` are not working hours", text.value)),
    };
    faults.add(fault.example("hours = \"09:00-17:00\""));
    None
}

pub(crate) fn workdays(
    list: &[TomlValue<String>],
    span: &Range<usize>,
    faults: &mut ConfigFaults,
) -> Option<Vec<Weekday>> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Mon),
        ("tuesday", Weekday::Tue),
        ("wednesday", Weekday::Wed),
        ("thursday", Weekday::Thu),
        ("friday", Weekday::Fri),
        ("saturday", Weekday::Sat),
        ("sunday", Weekday::Sun),
    ];
    let mut days = Vec::new();
    for entry in list {
        let written = entry.value.to_lowercase();
        match DAYS.iter().find(|(name, _)| written.len() >= 3 && name.starts_with(&written)) {
            Some((_, day)) if days.contains(day) => {}
            Some((_, day)) => days.push(*day),
            None => {
                let fault = faults.error(&entry.span, format!("`{}` is not a day of the week", entry.value));
                let near = nearest(&written, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
                let fault = near.map_or(fault.clone(), |near| fault.help(format!("did you mean `{near}`?")));
                faults.add(fault.example("workdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]"));
            }
        }
    }
    if list.is_empty() {
        let fault = faults
            .error(span, "somebody who never works can meet no deadline")
            .example("workdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]");
        faults.add(fault);
        return None;
    }
    (!days.is_empty()).then_some(days)
}

/// A zone's name that stands for winter time alone, or a bare offset; and a city of such a zone.
pub(crate) fn without_summer_time(name: &str) -> Option<&'static str> {
    match name.to_ascii_uppercase().as_str() {
        "EST" => Some("America/New_York"),
        "MST" => Some("America/Denver"),
        "HST" => Some("Pacific/Honolulu"),
        "UTC" => None,
        offset if offset.starts_with(['+', '-']) => Some("Europe/Paris"),
        _ => None,
    }
}

pub(crate) fn zone(
    text: &TomlValue<String>,
    zones: &dyn ZoneSource,
    faults: &mut ConfigFaults,
) -> Option<Arc<dyn Zone>> {
    if let Some(zone) = zones.zone(&text.value) {
        if let Some(city) = without_summer_time(&text.value) {
            let message = format!("`{}` has no summer time", text.value);
            let fault = Fault::warning(&faults.source, text.span.clone(), message)
                .help(format!("where clocks change, deadlines are an hour off from spring to autumn: name the city, such as {city}"));
            faults.warnings.push(fault);
        }
        return Some(zone);
    }
    let names = zones.names();
    let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let written = text.value.trim().replace(' ', "_");
    let near = names
        .iter()
        .find(|name| city(name) == written.to_lowercase())
        .map(String::as_str)
        .or_else(|| nearest(&written, names.iter().map(String::as_str)));
    let fault = faults.error(&text.span, format!("there is no time zone `{}`", text.value));
    let fault = match near {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help("zones are named by continent and city").example("zone = \"America/New_York\""),
    };
    faults.add(fault);
    None
}

/// Why a file that the configuration names cannot be read.
pub(crate) fn unreadable(
    faults: &ConfigFaults,
    text: &TomlValue<String>,
    path: &Path,
    error: &std::io::Error,
) -> Fault {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not text in UTF-8".to_owned(),
        _ => error.to_string(),
    };
    let remedy = crate::files::remedy(error).unwrap_or("paths are relative to this file");
    faults.error(&text.span, format!("{} cannot be read: {why}", path.display())).help(remedy)
}

/// One address without a name.
pub(crate) fn address(text: &TomlValue<String>, faults: &mut ConfigFaults) -> Option<Address> {
    match crate::record::address_of(&text.value) {
        Ok(address) => Some(address),
        Err(reason) => {
            let fault = faults
                .error(&text.span, format!("`{}` is not an email address: {reason}", text.value))
                .example("\"dana@vendor.example\"");
            faults.add(fault);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_ends_at_24_00() {
        assert_eq!(minutes("24:00"), Some(1440));
        assert_eq!(minutes("9:05"), Some(545));
        for text in ["24:01", "9", "9:5", "09:60", "x:00", "-1:00", ""] {
            assert_eq!(minutes(text), None, "{text}");
        }
    }
}
