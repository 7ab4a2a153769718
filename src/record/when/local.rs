//! From a local time and a zone to the one instant that is meant; and back to text.
//!
//! A local time that a clock change skips or repeats is refused with the readings that it could have: a
//! meeting is agreed between people, so nothing is chosen for them.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use crate::diagnostics::nearest;
use crate::domain::zone::{FixedZone, Zone, ZoneSource};
use crate::domain::zone_words::ZoneWord;

use super::WhenFault;
use super::parts::{Parts, PlacedPart, ZonePart};
use super::tokens::LineWord;

/// The zone that a line names, and the offset that it insists on.
#[derive(Debug)]
pub(crate) struct NamedZone {
    pub zone: Arc<dyn Zone>,
    offset: Option<InsistedOffset>,
}

/// An offset that a line names beside or within its zone.
#[derive(Clone, Debug)]
struct InsistedOffset {
    offset: FixedOffset,
    span: Range<usize>,
    /// It comes from an abbreviation such as `EST`, which people write in summer as well.
    by_abbreviation: bool,
}

/// `Ok(None)`: the line names no zone.
pub(crate) fn zone_of(
    parts: &Parts,
    zones: &dyn ZoneSource,
    now: DateTime<Utc>,
) -> Result<Option<NamedZone>, Vec<WhenFault>> {
    // The zone, and whether its name or its city stands there.
    let mut named: Option<(Arc<dyn Zone>, bool)> = None;
    let mut offset: Option<InsistedOffset> = None;
    let mut faults = Vec::new();
    for part in &parts.zones {
        let found = match &part.value {
            ZonePart::Iana(name) => look_up(name, &part.span, zones).map(|zone| (Some(zone), None)),
            ZonePart::Word(word) => zone_for_word(word, part, parts, zones),
        };
        match found {
            Ok((zone, insists)) => {
                let by_abbreviation = zone.is_some();
                if let Some(zone) = zone {
                    let is_name = matches!(part.value, ZonePart::Iana(_));
                    match &named {
                        Some((first, _)) if !keep_time_together(first.as_ref(), zone.as_ref(), now) => {
                            faults.push(two_zones(part, first.as_ref(), zone.as_ref()));
                        }
                        // `CET (Berlin)`: the place tells more than the abbreviation.
                        Some((_, false)) if is_name => named = Some((zone, true)),
                        Some(_) => {}
                        None => named = Some((zone, is_name)),
                    }
                }
                let span = part.span.clone();
                offset = offset.or(insists.map(|offset| InsistedOffset { offset, span, by_abbreviation }));
            }
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(match (named, offset) {
        (Some((zone, _)), offset) => Some(NamedZone { zone, offset }),
        (None, Some(found)) => Some(NamedZone { zone: Arc::new(FixedZone::new(found.offset)), offset: None }),
        (None, None) => None,
    })
}

type ZoneLookupResult = (Option<Arc<dyn Zone>>, Option<FixedOffset>);

fn zone_for_word(
    word: &ZoneWord,
    part: &PlacedPart<ZonePart>,
    parts: &Parts,
    zones: &dyn ZoneSource,
) -> Result<ZoneLookupResult, WhenFault> {
    match word {
        ZoneWord::Offset(offset) => Ok((None, Some(*offset))),
        ZoneWord::Named("UTC" | "GMT") => Ok((Some(utc(zones)), None)),
        ZoneWord::Named(name) => Ok((Some(look_up(name, &part.span, zones)?), None)),
        ZoneWord::Season(name, east) => {
            Ok((Some(look_up(name, &part.span, zones)?), FixedOffset::east_opt(*east)))
        }
        // Another part of the line may say which of them is meant: `CST (America/Chicago)`.
        ZoneWord::Ambiguous(_) if parts.zones.iter().any(|p| matches!(p.value, ZonePart::Iana(_))) => {
            Ok((None, None))
        }
        ZoneWord::Ambiguous(readings) => {
            let fault = WhenFault::new(&part.span, "this abbreviation stands for several time zones");
            Err(fault.label("which one?").readings(readings.iter().map(|name| (*name).to_owned())))
        }
    }
}

fn utc(zones: &dyn ZoneSource) -> Arc<dyn Zone> {
    let fixed = FixedOffset::east_opt(0).map(|zero| Arc::new(FixedZone::new(zero)) as Arc<dyn Zone>);
    // Both hold: the first unless the source lacks UTC, and zero is an offset.
    zones.zone("UTC").or(fixed).unwrap_or_else(|| Arc::new(FixedZone::new(chrono::Offset::fix(&Utc))))
}

fn look_up(name: &str, span: &Range<usize>, zones: &dyn ZoneSource) -> Result<Arc<dyn Zone>, WhenFault> {
    if let Some(zone) = zones.zone(name) {
        return Ok(zone);
    }
    let names = zones.names();
    let same = names.iter().find(|known| known.eq_ignore_ascii_case(name));
    if let Some(zone) = same.and_then(|name| zones.zone(name)) {
        return Ok(zone);
    }
    let fault = WhenFault::new(span, format!("there is no time zone `{name}`"));
    Err(match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help("zones are named by continent and city, such as `America/New_York`"),
    })
}

/// `14:00 Berlin`, `2pm New York time`, `ora di Roma`, `(UTC+01:00) Amsterdam, Berlin, Bern`: words that are no part of a
/// date but a zone's city become the zone.
pub(crate) fn take_cities(parts: &mut Parts, zones: &dyn ZoneSource) {
    if parts.unknown.is_empty() {
        return;
    }
    let names = zones.names();
    let in_words = |words: &[LineWord]| {
        let joined: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let other_name = || zones.of_city(&joined.join(" ")).map(|zone| zone.name().to_owned());
        by_city(&joined.join("_"), &names).or_else(other_name)
    };
    for count in (1..=3).rev() {
        let find = |unknown: &[LineWord]| {
            unknown.windows(count).enumerate().find_map(|(at, words)| {
                let span = words.first()?.span.start..words.last()?.span.end;
                Some((at, PlacedPart { value: ZonePart::Iana(in_words(words)?), span }))
            })
        };
        while let Some((at, zone)) = find(&parts.unknown) {
            parts.unknown.drain(at..at + count);
            parts.zones.push(zone);
        }
    }
}

/// The zone of a city, lower-case with underscores; the shortest name where old ones stand beside it.
fn by_city(city: &str, names: &[String]) -> Option<String> {
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
    names
        .iter()
        .filter(|name| name.contains('/') && last(name) == city)
        .min_by_key(|name| name.len())
        .cloned()
}

/// The zone that a stray word probably means: a city, misspelt.
pub(crate) fn zone_like(word: &str, zones: &dyn ZoneSource) -> Option<String> {
    if word.len() < 4 {
        return None;
    }
    let names = zones.names();
    let cities: Vec<String> =
        names.iter().map(|name| name.rsplit('/').next().unwrap_or(name).to_lowercase()).collect();
    let near = nearest(word, cities.iter().map(String::as_str))?;
    // `Panama` is not what `Canada` was to be.
    let is_slip = strsim::osa_distance(word, near) <= if word.chars().count() < 6 { 1 } else { 2 };
    let is_begun = near.starts_with(word);
    by_city(near, &names).filter(|_| is_begun || is_slip && near.chars().next() == word.chars().next())
}

/// Whether both zones have the same clock now and in the other half of the year.
fn keep_time_together(one: &dyn Zone, other: &dyn Zone, now: DateTime<Utc>) -> bool {
    let same = |at: DateTime<Utc>| one.offset_at(at) == other.offset_at(at);
    one.name() == other.name() || same(now) && same(now + TimeDelta::days(182))
}

fn two_zones(part: &PlacedPart<ZonePart>, first: &dyn Zone, second: &dyn Zone) -> WhenFault {
    WhenFault::new(&part.span, format!("two time zones: {} and {}", first.name(), second.name()))
        .help("leave one of them out")
}

impl NamedZone {
    /// The instant of a local time here, and what is odd about it. `place` is where the line says it.
    pub(crate) fn resolve(
        &self,
        local: NaiveDateTime,
        place: &Range<usize>,
    ) -> Result<(DateTime<Utc>, Option<WhenFault>), WhenFault> {
        let all = instants(self.zone.as_ref(), local);
        let mut odd = None;
        if let Some(insisted) = &self.offset {
            if let Some(found) = all.iter().find(|at| self.zone.offset_at(**at) == insisted.offset) {
                return Ok((*found, None));
            }
            let wrong = self.wrong_offset(local, insisted, &all);
            if !insisted.by_abbreviation {
                return Err(wrong);
            }
            odd = Some(wrong);
        }
        self.only_instant(local, place, &all).map(|at| (at, odd))
    }

    fn only_instant(
        &self,
        local: NaiveDateTime,
        place: &Range<usize>,
        all: &[DateTime<Utc>],
    ) -> Result<DateTime<Utc>, WhenFault> {
        match all {
            [only] => Ok(*only),
            [] => {
                let after = self.zone.local(self.zone.instant(local));
                Err(WhenFault::new(place, "the clocks are put forward over this time: it does not exist")
                    .label(format!("{} jumps past it", self.zone.name()))
                    .readings([format!("{} {}", when(after.naive_local()), self.zone.name())]))
            }
            several => {
                let readings = several.iter().map(|at| show(*at, self.zone.as_ref()));
                Err(WhenFault::new(place, "the clocks are put back over this time: it comes twice")
                    .label("the first or the second?")
                    .readings(readings))
            }
        }
    }

    /// `2pm EST` in July: New York is on EDT then, so either the zone or the time is not what it says.
    fn wrong_offset(
        &self,
        local: NaiveDateTime,
        insisted: &InsistedOffset,
        all: &[DateTime<Utc>],
    ) -> WhenFault {
        let InsistedOffset { offset, span, by_abbreviation } = insisted;
        let fixed = FixedZone::new(*offset);
        let in_force = all.first().map_or_else(
            || "another offset".to_owned(),
            |at| match self.zone.abbreviation_at(*at) {
                name if name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    format!("{name} (UTC{})", self.zone.offset_at(*at))
                }
                _ => format!("UTC{}", self.zone.offset_at(*at)),
            },
        );
        let fault =
            WhenFault::new(span, format!("{} is on {in_force} then, not on UTC{offset}", self.zone.name()))
                .label("not in force on that day");
        let (here, there) =
            (format!("{} {}", when(local), self.zone.name()), format!("{} {}", when(local), fixed.name()));
        if *by_abbreviation {
            return fault.help(format!("it is read as `{here}`; if UTC{offset} is meant, write `{there}`"));
        }
        fault.readings([here, there])
    }
}

/// Every instant at which clocks in `zone` show `local`: none, one, or two.
fn instants(zone: &dyn Zone, local: NaiveDateTime) -> Vec<DateTime<Utc>> {
    let as_utc = local.and_utc();
    let mut offsets: Vec<i32> = [-26, 0, 26]
        .into_iter()
        .map(|hours| zone.offset_at(as_utc + TimeDelta::hours(hours)).local_minus_utc())
        .collect();
    offsets.sort_unstable();
    offsets.dedup();
    let mut found: Vec<DateTime<Utc>> = offsets
        .into_iter()
        .map(|east| as_utc - TimeDelta::seconds(i64::from(east)))
        .filter(|at| zone.local(*at).naive_local() == local)
        .collect();
    found.sort_unstable();
    found
}

/// `14:00`, with seconds only where there are some.
pub(crate) fn clock(time: NaiveTime) -> String {
    let format = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    time.format(format).to_string()
}

fn when(local: NaiveDateTime) -> String {
    format!("{} {}", local.date(), clock(local.time()))
}

/// `2026-11-26 14:00 America/New_York`; in the hour that comes twice with its offset,
/// `2026-11-01 01:30 -04:00 America/New_York`. [`super::read`] gives the same instant back.
pub(crate) fn show(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    let local = zone.local(at);
    let naive = local.naive_local();
    if instants(zone, naive).len() == 1 {
        format!("{} {}", when(naive), zone.name())
    } else {
        format!("{} {} {}", when(naive), local.offset(), zone.name())
    }
}

/// `30 min`, or `20 s` where it is no whole minutes.
pub(crate) fn show_length(seconds: u32) -> String {
    if seconds.is_multiple_of(60) { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
}
