//! Memory that the agent has freed goes back to the system.
//!
//! What a configuration that is read again, an outage or a long thread needed for a moment is freed in between what stays.
//! The C library of GNU systems keeps such pages for itself, a few more each time, so that an agent of many mailboxes
//! grew by a tenth in half an hour of reloads though it used hardly more. Other C libraries give them back themselves.

use std::time::Duration;

use super::AgentError;
use super::parser_threads::on_parser_thread;

/// After a start or a reload: mailboxes are open by then.
const SETTLED_AFTER: Duration = Duration::from_secs(20);
/// A walk over a hundred megabytes takes some milliseconds; within ten minutes of mail and reloads a tenth lies free.
const EVERY: Duration = Duration::from_mins(1);

/// Gives back what is free, for as long as it runs.
pub(super) async fn keep_giving_back() -> Result<(), AgentError> {
    tokio::time::sleep(SETTLED_AFTER).await;
    loop {
        // Whoever cannot give back keeps it, as without this.
        let given = on_parser_thread(give_back).await;
        tracing::debug!(is_given = ?given, "free memory goes back to the system");
        tokio::time::sleep(EVERY).await;
    }
}

/// Whether the C library had anything to give.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn give_back() -> bool {
    #[expect(unsafe_code, reason = "the only way to ask for it; no kept crate wraps it")]
    // SAFETY: malloc_trim(3) takes no pointer, may be called from any thread, and leaves what is in use where it is.
    let given = unsafe { libc::malloc_trim(0) };
    given == 1
}

/// Nothing to ask for.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() -> bool {
    false
}

/// Has what is freed go back to the system at once from now on, for a process that reads much mail, once: threads share one
/// heap, and each larger piece is one of its own. It costs some calls of the system.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn stay_small() {
    const LARGE: libc::c_int = 64 << 10;
    const AT_ONCE: libc::c_int = 16 << 10;
    let options = [
        (libc::M_ARENA_MAX, 1),
        (libc::M_MMAP_THRESHOLD, LARGE),
        (libc::M_TRIM_THRESHOLD, LARGE),
        (libc::M_TOP_PAD, AT_ONCE),
    ];
    for (option, value) in options {
        #[expect(unsafe_code, reason = "the only way to ask for it; no kept crate wraps it")]
        // SAFETY: mallopt(3) takes two numbers, and changes only how memory is asked for from then on.
        let is_taken = unsafe { libc::mallopt(option, value) };
        if is_taken == 0 {
            tracing::debug!(option, "the C library keeps its own way with memory");
        }
    }
}

/// Nothing to ask for.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn stay_small() {}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    /// Bytes of this process that lie in memory and are no file's.
    fn resident() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
    }

    const ALONE: &str = "BATON_TEST_ALONE";

    /// In a process of its own: other tests take and free memory at the same time.
    #[test]
    fn what_lies_free_between_what_stays_is_given_back() {
        if std::env::var_os(ALONE).is_some() {
            return give_back_alone();
        }
        let name = "agent::free_memory::tests::what_lies_free_between_what_stays_is_given_back";
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let output = alone.args([name, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }

    fn give_back_alone() {
        const PIECE: usize = 64 << 10;
        const COUNT: usize = 512;
        let mut all: Vec<Option<Vec<u8>>> = (0..COUNT).map(|_| Some(vec![1; PIECE])).collect();
        // What stays, behind the last of them too, keeps the C library from giving back by itself.
        let stays: Vec<Vec<u8>> = (0..8).map(|_| vec![2; 1 << 10]).collect();
        all.iter_mut().step_by(2).for_each(|piece| *piece = None);
        let before = resident();
        assert!(give_back());
        let free = (COUNT / 2 * PIECE) as u64;
        assert!(resident() + free / 2 < before, "{before} -> {} with {free} free", resident());
        assert!(all.iter().flatten().all(|piece| piece.iter().all(|byte| *byte == 1)) && stays.len() == 8);
    }
}
