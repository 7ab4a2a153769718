//! What the system says of its own clock: which boot this is, and whether the clock is synchronised.
//!
//! The word is the kernel's own, as systemd's `timedatectl` gives it whatever daemon sets the clock (chrony, ntpd,
//! systemd-timesyncd): the kernel withdraws it when somebody sets the clock by hand. Where that cannot be asked, the file
//! counts that systemd-timesyncd touches at each synchronisation. Known limit: a machine that has neither gives no word.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// How long the system may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// The clock that is asked about is the kernel's, give or take this. A process can be shown another one.
const SAME_CLOCK: TimeDelta = TimeDelta::seconds(2);

/// A name for this boot of the machine; `None` where it has none.
pub(super) fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string(BOOT_ID).ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Whether the system says that its clock is synchronised, and has said so since `since`. `now` is the wall clock that
/// this process is shown.
pub(super) async fn is_synchronised(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let kernel = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    let kernel = DateTime::from_timestamp(kernel.tv_sec, 0);
    if kernel.is_none_or(|kernel| (kernel - now).abs() > SAME_CLOCK) {
        return false;
    }
    match timedatectl().await {
        Some(word) => word,
        None => is_touched_since(Path::new(SYNCHRONISED), since, now),
    }
}

/// `None`: it cannot be asked.
async fn timedatectl() -> Option<bool> {
    let mut command = tokio::process::Command::new("timedatectl");
    // It tells of its failures as if it were the service.
    command.env_remove("NOTIFY_SOCKET");
    command.args(["show", "--property=NTPSynchronized", "--value"]);
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(ANSWERS_WITHIN, command.output()).await.ok()?.ok()?;
    match output.stdout.trim_ascii() {
        b"yes" if output.status.success() => Some(true),
        b"no" if output.status.success() => Some(false),
        _ => None,
    }
}

fn is_touched_since(file: &Path, since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let touched = std::fs::metadata(file).and_then(|about| about.modified()).map(DateTime::<Utc>::from);
    touched.is_ok_and(|touched| touched >= since && touched <= now + SAME_CLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synchronisation_counts_only_where_it_came_after_the_doubt() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("synchronized");
        let now = crate::clock::now();
        let minute = TimeDelta::minutes(1);
        assert!(!is_touched_since(&file, now - minute, now), "no file");
        std::fs::write(&file, "").unwrap();
        assert!(is_touched_since(&file, now - minute, now));
        assert!(!is_touched_since(&file, now + minute, now + minute), "touched before the doubt");
        assert!(!is_touched_since(&file, now - minute * 3, now - minute), "touched in the future");
    }

    #[tokio::test]
    async fn the_word_is_about_the_kernels_clock_alone() {
        let shown = crate::clock::now() + TimeDelta::hours(5);
        assert!(!is_synchronised(shown - TimeDelta::hours(1), shown).await);
    }
}
