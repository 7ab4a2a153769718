//! `baton sla`: the deadline of a handoff completed at any instant, and why. Sends nothing, stores nothing.
//!
//! What the configuration says comes in as [`SlaSetup`]; the options of the command line go before it.
//!
//! Known limit: instants are of the years 1 to 9999, as RFC 3339 has them.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc, Weekday,
};
use clap::Args;
use serde::Serialize;

use crate::clock::{Zones, utc};
use crate::domain::length;
use crate::domain::people::WorkingTime;
use crate::domain::sla::{SlaPolicy, deadline};
use crate::domain::zone::Zone;

use super::fitted_table::{FittedCell, FittedTable};
use super::terminal::known_columns;

const EXAMPLE: &str = "write it like 2026-11-27T13:05:00+01:00, or like \"2026-11-27 13:05\" (in quotes) for the zone's own time";
const LENGTH_EXAMPLE: &str = "write a length like 4h, 90m, 1h30m or 10s";

/// Options of `baton sla`; `--config` and `--json` are every command's.
#[derive(Args, Clone, Debug, Default)]
pub struct SlaArgs {
    /// When the handoff is completed: RFC 3339, or a local time of the zone such as "2026-11-27 13:05",
    /// or `now`; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "INSTANT")]
    pub instants: Vec<String>,
    /// Count in this time zone, such as Europe/Madrid
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Count with this AE's zone, workdays, hours and holidays
    #[arg(long, value_name = "NAME", add = super::completions::aes())]
    pub ae: Option<String>,
    /// playbook, business-hours or elapsed; the last two also with a length, such as business-hours=2h
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// Length for business-hours and elapsed
    #[arg(long, value_name = "LENGTH")]
    pub hours: Option<String>,
    /// A day more on which the AE does not work, such as 2026-11-26; may be given again
    #[arg(long, value_name = "DATE")]
    pub holiday: Vec<String>,
}

/// What `baton sla` counts with unless an option says otherwise.
#[derive(Clone, Debug)]
pub struct SlaSetup {
    /// The policy in force.
    pub policy: SlaPolicy,
    /// The playbook with the configured times, for `--policy playbook`.
    pub playbook: SlaPolicy,
    /// Length in seconds of the other two policies where neither option gives one.
    pub seconds: u32,
    /// The AE's working time, or that of nobody in particular.
    pub working: WorkingTime,
    pub zones: Zones,
    pub now: DateTime<Utc>,
}

impl SlaSetup {
    /// Without a configuration: the playbook, Monday to Friday, 09:00-17:00, UTC, no holidays.
    pub fn unconfigured(zones: Zones, now: DateTime<Utc>) -> SlaSetup {
        let workdays = vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let working = WorkingTime {
            zone: utc(),
            workdays,
            opens: 9 * 60,
            closes: 17 * 60,
            holidays: Default::default(),
        };
        SlaSetup {
            policy: SlaPolicy::default(),
            playbook: SlaPolicy::default(),
            seconds: 4 * 60 * 60,
            working,
            zones,
            now,
        }
    }
}

/// What is wrong with the command line. `hint` says how to fix it.
#[derive(Debug, thiserror::Error)]
pub enum SlaError {
    #[error("{}", .0.iter().map(|text| format!("can't read `{text}` as a date and time")).collect::<Vec<_>>().join("\n"))]
    Instants(Vec<String>),
    #[error("there is no time zone `{name}`")]
    Zone { name: String, nearest: Option<String> },
    #[error("`{0}` is no date")]
    Holiday(String),
    #[error("there is no policy `{name}`")]
    Policy { name: String, nearest: Option<&'static str> },
    #[error("`{0}` is no length of time")]
    Length(String),
    #[error("the playbook has no length")]
    PlaybookLength,
    #[error("no instants on standard input")]
    NoInstants,
    #[error("cannot read the instants from standard input")]
    Read(#[source] io::Error),
    #[error("cannot write the deadlines")]
    Write(#[source] io::Error),
}

impl SlaError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            SlaError::Instants(_) => EXAMPLE.to_owned(),
            SlaError::Zone { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            SlaError::Zone { .. } => "give an IANA name such as Europe/Madrid".to_owned(),
            SlaError::Holiday(_) => "write a holiday like 2026-11-26".to_owned(),
            SlaError::Policy { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            SlaError::Policy { .. } => "there are playbook, business-hours and elapsed".to_owned(),
            SlaError::Length(_) => LENGTH_EXAMPLE.to_owned(),
            SlaError::PlaybookLength => {
                "leave --hours out, or choose --policy business-hours or elapsed".to_owned()
            }
            SlaError::NoInstants => EXAMPLE.to_owned(),
            SlaError::Read(_) | SlaError::Write(_) => "check where it is redirected to".to_owned(),
        }
    }

    /// Exit status of docs/interface.md.
    pub fn status(&self) -> u8 {
        match self {
            SlaError::Read(_) | SlaError::Write(_) => 1,
            SlaError::PlaybookLength => 2,
            _ => 3,
        }
    }
}

/// Answers every instant in order, as a table or, with `json`, as the array of docs/interface.md. Nothing is
/// written unless everything asked for can be answered.
pub fn run(
    args: &SlaArgs,
    setup: SlaSetup,
    input: impl BufRead,
    json: bool,
    out: impl Write,
) -> Result<(), SlaError> {
    let (policy, working) = with_options(args, &setup)?;
    let reader = InstantReader { zone: &*working.zone, zones: &setup.zones, now: setup.now };
    let instants = reader.all(&args.instants, input)?;
    let answers = instants.into_iter().map(|at| DeadlineLine::of(&policy, &working, at));
    let written =
        if json { write_json(&answers.collect::<Vec<_>>(), out) } else { write_table(answers, out) };
    match written {
        // The reader of the output has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(SlaError::Write),
    }
}

/// The policy and working time that the options make of the configured ones.
fn with_options(args: &SlaArgs, setup: &SlaSetup) -> Result<(SlaPolicy, WorkingTime), SlaError> {
    let mut working = setup.working.clone();
    if let Some(name) = &args.zone {
        working.zone = zone_of(&setup.zones, name)?;
    }
    for text in &args.holiday {
        let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
            .map_err(|_| SlaError::Holiday(text.clone()))?;
        working.holidays.insert(day);
    }
    Ok((policy_of(args, setup)?, working))
}

fn zone_of(zones: &Zones, name: &str) -> Result<Arc<dyn Zone>, SlaError> {
    zones.get(name).ok_or_else(|| SlaError::Zone { name: name.to_owned(), nearest: zones.nearest(name) })
}

fn policy_of(args: &SlaArgs, setup: &SlaSetup) -> Result<SlaPolicy, SlaError> {
    let wanted = args.policy.as_deref().unwrap_or(setup.policy.name());
    let (name, own_length) =
        wanted.split_once('=').map_or((wanted, None), |(name, length)| (name, Some(length)));
    let length = own_length.or(args.hours.as_deref());
    let configured = match setup.policy {
        SlaPolicy::BusinessHours { seconds } | SlaPolicy::Elapsed { seconds } => seconds,
        SlaPolicy::Playbook { .. } => setup.seconds,
    };
    let seconds = || {
        length.map_or(Ok(configured), |text| {
            // No time at all is no policy.
            let seconds = length::strict(text).filter(|seconds| *seconds > 0);
            seconds.ok_or_else(|| SlaError::Length(text.to_owned()))
        })
    };
    match name {
        "playbook" if length.is_some() => Err(SlaError::PlaybookLength),
        "playbook" => Ok(setup.playbook),
        "business-hours" => Ok(SlaPolicy::BusinessHours { seconds: seconds()? }),
        "elapsed" => Ok(SlaPolicy::Elapsed { seconds: seconds()? }),
        _ => {
            let nearest = ["playbook", "business-hours", "elapsed"]
                .into_iter()
                .find(|known| strsim::jaro_winkler(known, name) > 0.8);
            Err(SlaError::Policy { name: name.to_owned(), nearest })
        }
    }
}

/// Reads instants as people write them.
struct InstantReader<'a> {
    zone: &'a dyn Zone,
    zones: &'a Zones,
    now: DateTime<Utc>,
}

impl InstantReader<'_> {
    fn all(&self, texts: &[String], mut input: impl BufRead) -> Result<Vec<DateTime<Utc>>, SlaError> {
        let mut written = Vec::new();
        for text in texts {
            if text != "-" {
                written.push(text.clone());
                continue;
            }
            let mut lines = String::new();
            input.read_to_string(&mut lines).map_err(SlaError::Read)?;
            let lines =
                lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            written.extend(lines.map(str::to_owned));
        }
        if written.is_empty() {
            return Err(SlaError::NoInstants);
        }
        let read: Vec<_> = written.into_iter().map(|text| self.instant(&text).ok_or(text)).collect();
        let wrong: Vec<String> = read.iter().filter_map(|instant| instant.as_ref().err().cloned()).collect();
        if wrong.is_empty() {
            Ok(read.into_iter().flatten().collect())
        } else {
            Err(SlaError::Instants(wrong))
        }
    }

    fn instant(&self, text: &str) -> Option<DateTime<Utc>> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("now") {
            return DateTime::from_timestamp(self.now.timestamp(), 0);
        }
        let at = with_offset(text).or_else(|| self.local(text))?;
        // Whole seconds; a leap second is the second before it.
        let at = DateTime::from_timestamp(at.timestamp(), 0)?;
        (1..=9999).contains(&at.year()).then_some(at)
    }

    /// A local time, of the zone named after it or else of ours.
    fn local(&self, text: &str) -> Option<DateTime<Utc>> {
        if let Some(local) = naive(text) {
            return Some(self.zone.instant(local));
        }
        let (local, name) = text.rsplit_once(char::is_whitespace)?;
        Some(self.zones.get(name)?.instant(naive(local.trim())?))
    }
}

fn with_offset(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let text = text.replace(['T', 't'], " ");
    let text = text.strip_suffix(['Z', 'z']).map_or_else(|| text.clone(), |local| format!("{local}+0000"));
    let forms =
        ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%d %H:%M %#z"];
    forms.iter().find_map(|form| DateTime::parse_from_str(&text, form).ok()).map(|at| at.to_utc())
}

fn naive(text: &str) -> Option<NaiveDateTime> {
    let text = text.replace(['T', 't'], " ");
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())?;
    (1..=9999).contains(&local.year()).then_some(local)
}

/// One line of the answer.
#[derive(Debug, Serialize)]
struct DeadlineLine {
    at: String,
    zone: String,
    policy: &'static str,
    deadline: String,
    why: String,
    #[serde(skip)]
    as_read: [String; 2],
}

impl DeadlineLine {
    fn of(policy: &SlaPolicy, working: &WorkingTime, at: DateTime<Utc>) -> DeadlineLine {
        let zone = &*working.zone;
        let due = deadline(policy, working, at);
        DeadlineLine {
            at: rfc3339(zone, at),
            zone: zone.name().to_owned(),
            policy: policy.name(),
            deadline: rfc3339(zone, due.at),
            why: due.why,
            as_read: [instant_as_read(zone, at), instant_as_read(zone, due.at)],
        }
    }
}

/// The instant with the zone's offset. RFC 3339 has no seconds in an offset, local mean times do: there
/// the offset is cut to minutes, and the instant stays exact.
fn rfc3339(zone: &dyn Zone, at: DateTime<Utc>) -> String {
    let seconds = zone.offset_at(at).local_minus_utc();
    let minutes = FixedOffset::east_opt(seconds - seconds % 60);
    let local = at.with_timezone(&minutes.unwrap_or_else(|| zone.offset_at(at)));
    local.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// As people read it: `Fri 27 Nov 2026 13:05 CET`.
fn instant_as_read(zone: &dyn Zone, at: DateTime<Utc>) -> String {
    let local = zone.local(at);
    let form = if local.second() == 0 { "%a %-d %b %Y %H:%M" } else { "%a %-d %b %Y %H:%M:%S" };
    format!("{} {}", local.format(form), zone.abbreviation_at(at))
}

fn write_json(answers: &[DeadlineLine], mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, answers)?;
    writeln!(out)?;
    out.flush()
}

fn write_table(answers: impl Iterator<Item = DeadlineLine>, mut out: impl Write) -> io::Result<()> {
    let row = |answer: DeadlineLine| {
        let [completed, due] = answer.as_read;
        [completed, due, answer.why].map(FittedCell::new).into()
    };
    let head = vec!["COMPLETED", "DUE", "WHY"];
    let table = FittedTable { head, rows: answers.map(row).collect(), is_styled: false };
    out.write_all(table.text(known_columns()).as_bytes())?;
    out.flush()
}
