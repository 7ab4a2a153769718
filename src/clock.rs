//! The only `now`, and the time-zone rules.
//!
//! Everything else is given its `now`. A [`Clock`] is the machine's or a virtual one, which the demo and
//! the sandbox set or run at a speed of their own. Wall time is whole seconds, truncated.
//!
//! Known limits: `sleep_until` looks at the wall clock at least every `LONGEST_NAP`, so it may be that
//! late after the machine slept or its clock was set. A virtual clock's speed is a whole number.

mod cities;
mod names;
mod system;
mod zones;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

pub use zones::{Zones, utc};

/// How long a sleeper trusts the monotonic clock, which stands still while the machine sleeps and does
/// not notice that the wall clock was set.
pub(crate) const LONGEST_NAP: Duration = Duration::from_secs(15);

/// The machine's wall clock, whole seconds.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(0)
}

/// For socket deadlines and the like: never set, never jumps.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
pub(crate) fn monotonic() -> Instant {
    Instant::now()
}

/// Time since the machine was booted, its sleep included; nobody can set it.
pub(crate) fn since_boot() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    // Elsewhere the monotonic clock goes on while the machine sleeps, or there is nothing better.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    let reading = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(reading.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(reading.tv_nsec).unwrap_or(0))
}

/// Wall clock and boot clock, read together. Two of them tell whether the wall clock was set in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    pub wall: DateTime<Utc>,
    pub since_boot: Duration,
}

impl ClockReading {
    /// How far the wall clock is ahead of the boot clock: the same until somebody sets it.
    pub(crate) fn ahead(&self) -> TimeDelta {
        let booted = TimeDelta::from_std(self.since_boot).unwrap_or(TimeDelta::MAX);
        (self.wall - DateTime::UNIX_EPOCH) - booted
    }

    /// By how much the wall clock has run ahead of the boot clock since `earlier`; negative where it was
    /// set back. Both readings must be of one boot. Exact to a second.
    pub(crate) fn ahead_since(&self, earlier: &ClockReading) -> TimeDelta {
        self.ahead() - earlier.ahead()
    }
}

/// Where `now` comes from: the machine, or a clock that is set by hand. Clones share one time.
#[derive(Clone, Debug)]
pub struct Clock(ClockSource);

#[derive(Clone, Debug)]
enum ClockSource {
    Machine,
    Virtual(Arc<VirtualClock>),
}

#[derive(Debug)]
struct VirtualClock {
    time: Mutex<Timeline>,
    /// Wakes sleepers when the clock was set.
    changed: watch::Sender<()>,
    /// Each virtual clock is a machine of its own, booted once.
    boot: String,
    /// What the system says of it, until somebody sets it.
    is_synchronised: AtomicBool,
}

/// Virtual time as a line through one point.
#[derive(Clone, Copy, Debug)]
struct Timeline {
    wall: DateTime<Utc>,
    /// Virtual time that has passed since the clock was made, jumps aside.
    passed: TimeDelta,
    anchor: Instant,
    /// Virtual seconds for each second; 0 where the clock stands.
    speed: u32,
}

impl Timeline {
    fn elapsed(&self) -> TimeDelta {
        let real = monotonic().saturating_duration_since(self.anchor);
        TimeDelta::from_std(real.saturating_mul(self.speed)).unwrap_or(TimeDelta::MAX)
    }

    fn wall(&self) -> DateTime<Utc> {
        self.wall.checked_add_signed(self.elapsed()).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The same line, described from this moment on.
    fn renewed(&self) -> Timeline {
        let elapsed = self.elapsed();
        Timeline { wall: self.wall(), passed: self.passed + elapsed, anchor: monotonic(), speed: self.speed }
    }
}

impl Clock {
    /// The machine's own clock.
    pub(crate) fn machine() -> Clock {
        Clock(ClockSource::Machine)
    }

    /// A clock that stands at `at` until it is set or advanced.
    pub fn standing_at(at: DateTime<Utc>) -> Clock {
        Clock::running_from(at, 0)
    }

    /// A clock that shows `at` now and runs `speed` times as fast as the machine's.
    pub(crate) fn running_from(at: DateTime<Utc>, speed: u32) -> Clock {
        static CLOCKS: AtomicU64 = AtomicU64::new(0);
        let time = Timeline { wall: at, passed: TimeDelta::zero(), anchor: monotonic(), speed };
        Clock(ClockSource::Virtual(Arc::new(VirtualClock {
            time: Mutex::new(time),
            changed: watch::Sender::new(()),
            boot: format!("virtual-{}", CLOCKS.fetch_add(1, Ordering::Relaxed)),
            is_synchronised: AtomicBool::new(true),
        })))
    }

    /// This clock's wall time, whole seconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.exact_now().trunc_subsecs(0)
    }

    /// The same with fractions, for what has to tell two instants of one second apart.
    pub(crate) fn exact_now(&self) -> DateTime<Utc> {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
            ClockSource::Machine => Utc::now(),
            ClockSource::Virtual(clock) => clock.timeline().wall(),
        }
    }

    /// A name for the boot that the boot clock counts from; `None` where nothing tells one boot from another.
    pub(crate) fn boot(&self) -> Option<&str> {
        static BOOT: OnceLock<Option<String>> = OnceLock::new();
        match &self.0 {
            ClockSource::Machine => BOOT.get_or_init(system::boot_id).as_deref(),
            ClockSource::Virtual(clock) => Some(&clock.boot),
        }
    }

    /// Whether the system says that this clock is synchronised, and has said so since `since`.
    pub(crate) async fn is_synchronised(&self, since: DateTime<Utc>) -> bool {
        match &self.0 {
            ClockSource::Machine => system::is_synchronised(since, self.now()).await,
            ClockSource::Virtual(clock) => clock.is_synchronised.load(Ordering::Relaxed),
        }
    }

    /// Lets the system say whether a virtual clock is synchronised.
    pub fn say_synchronised(&self, is_synchronised: bool) {
        if let ClockSource::Virtual(clock) = &self.0 {
            clock.is_synchronised.store(is_synchronised, Ordering::Relaxed);
        }
    }

    /// Lets about so much of this clock's time pass; none where it stands still.
    pub(crate) async fn pause(&self, by: Duration) {
        match &self.0 {
            ClockSource::Machine => tokio::time::sleep(by).await,
            ClockSource::Virtual(clock) => {
                let real = by.checked_div(clock.timeline().speed).unwrap_or_default();
                tokio::time::sleep(real).await;
            }
        }
    }

    /// Wall clock and boot clock together.
    pub(crate) fn reading(&self) -> ClockReading {
        match &self.0 {
            ClockSource::Machine => ClockReading { wall: now(), since_boot: since_boot() },
            ClockSource::Virtual(clock) => {
                let time = clock.timeline().renewed();
                ClockReading {
                    wall: time.wall.trunc_subsecs(0),
                    since_boot: time.passed.to_std().unwrap_or_default(),
                }
            }
        }
    }

    /// Lets virtual time pass: `by` at once. Without effect on the machine's clock.
    #[cfg(test)]
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.change(|time| {
            time.wall = time.wall.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC);
            time.passed += by;
        });
    }

    /// Lets virtual time pass until `at`; what has passed already is not undone.
    pub fn advance_to(&self, at: DateTime<Utc>) {
        self.change(|time| {
            let by = (at - time.wall).max(TimeDelta::zero());
            time.wall = time.wall.max(at);
            time.passed += by;
        });
    }

    /// Sets the virtual wall clock, as an operator or a wrong time server would: no time passes, and the system says no
    /// more that it is synchronised.
    pub fn set(&self, at: DateTime<Utc>) {
        self.say_synchronised(false);
        self.change(|time| time.wall = at);
    }

    /// Changes how fast virtual time runs from now on; 0 makes it stand.
    #[cfg(test)]
    pub(crate) fn set_speed(&self, speed: u32) {
        self.change(|time| time.speed = speed);
    }

    fn change(&self, change: impl FnOnce(&mut Timeline)) {
        if let ClockSource::Virtual(clock) = &self.0 {
            let mut time = clock.time.lock().unwrap_or_else(PoisonError::into_inner);
            *time = time.renewed();
            change(&mut time);
            drop(time);
            clock.changed.send_replace(());
        }
    }

    /// Waits until this clock shows `at` or later.
    pub(crate) async fn sleep_until(&self, at: DateTime<Utc>) {
        match &self.0 {
            ClockSource::Machine => {
                while let Some(left) = left(self.exact_now(), at) {
                    tokio::time::sleep(left.min(LONGEST_NAP)).await;
                }
            }
            ClockSource::Virtual(clock) => clock.sleep_until(at).await,
        }
    }
}

impl VirtualClock {
    fn timeline(&self) -> Timeline {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep_until(&self, at: DateTime<Utc>) {
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let time = self.timeline();
            let Some(left) = left(time.wall(), at) else { return };
            // The sender lives in `self`, so `changed` cannot fail here.
            match left.checked_div(time.speed) {
                None => drop(changed.changed().await),
                Some(nap) => {
                    drop(tokio::time::timeout(nap + Duration::from_micros(1), changed.changed()).await)
                }
            }
        }
    }
}

/// What is left until `at`; `None` once it has come.
fn left(now: DateTime<Utc>, at: DateTime<Utc>) -> Option<Duration> {
    (at - now).to_std().ok().filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-27T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_standing_clock_moves_only_when_it_is_told_to() {
        let clock = Clock::standing_at(noon());
        let same = clock.clone();
        assert_eq!(clock.now(), noon());
        clock.advance(TimeDelta::hours(1));
        assert_eq!(same.now(), noon() + TimeDelta::hours(1), "clones share one time");
        clock.advance_to(noon());
        assert_eq!(clock.now(), noon() + TimeDelta::hours(1), "time does not go back");
        clock.set(noon());
        assert_eq!(clock.now(), noon(), "unless it is set back");
    }

    #[test]
    fn a_wall_clock_that_was_set_runs_ahead_of_the_boot_clock() {
        let clock = Clock::standing_at(noon());
        let before = clock.reading();
        clock.advance(TimeDelta::hours(5));
        assert_eq!(clock.reading().ahead_since(&before), TimeDelta::zero(), "the machine slept");
        clock.set(clock.now() + TimeDelta::minutes(10));
        assert_eq!(clock.reading().ahead_since(&before), TimeDelta::minutes(10));
        clock.set(noon());
        assert_eq!(clock.reading().ahead_since(&before), TimeDelta::hours(-5));
    }

    #[test]
    fn the_machines_clocks_run_together() {
        let clock = Clock::machine();
        let before = clock.reading();
        assert!(before.since_boot > Duration::ZERO);
        assert_eq!(before.wall.timestamp_subsec_nanos(), 0);
        assert!(clock.reading().ahead_since(&before).abs() <= TimeDelta::seconds(2));
    }

    #[tokio::test]
    async fn sleepers_wake_when_a_standing_clock_reaches_their_time() {
        let clock = Clock::standing_at(noon());
        clock.sleep_until(noon()).await;
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep_until(noon() + TimeDelta::hours(1)).await;
                clock.now()
            }
        });
        clock.advance(TimeDelta::minutes(59));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(TimeDelta::minutes(1));
        assert_eq!(sleeper.await.unwrap(), noon() + TimeDelta::hours(1));
    }

    #[tokio::test]
    async fn a_fast_clock_makes_sleep_short() {
        let clock = Clock::running_from(noon(), 100_000);
        clock.sleep_until(noon() + TimeDelta::hours(1)).await;
        assert!(clock.now() >= noon() + TimeDelta::hours(1));
        clock.set_speed(0);
        let stopped = clock.now();
        assert_eq!(clock.now(), stopped);
    }

    #[tokio::test]
    async fn the_machines_sleep_ends_at_its_time() {
        let at = now() + TimeDelta::seconds(1);
        Clock::machine().sleep_until(at).await;
        assert!(now() >= at);
    }
}
