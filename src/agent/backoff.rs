//! How long to wait before the next attempt at what has failed.
//!
//! Known limit: where the system has no randomness there is no jitter.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

const SHORTEST_BACKOFF: Duration = Duration::from_secs(2);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5 * 60);

/// Waits longer after each failure, with jitter, so that many tasks do not come back as one.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { next: SHORTEST_BACKOFF }
    }

    pub(super) fn wait(&mut self) -> Duration {
        let wait = self.next;
        // Half as long again, not twice: a server that was away for a minute is found within another half.
        self.next = (self.next * 3 / 2).min(LONGEST_BACKOFF);
        wait.mul_f64(0.75 + random_part() / 2.0)
    }
}

/// Something between 0 and 1. Without randomness there is no jitter, which does no harm.
pub(super) fn random_part() -> f64 {
    let mut byte = [0_u8; 1];
    let _ = SystemRandom::new().fill(&mut byte);
    let [byte] = byte;
    f64::from(byte) / 256.0
}

/// Doubles with each count, from `first` on.
pub(super) fn doubled(first: Duration, count: u32, most: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(count.min(16))).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_longest() {
        let (first, longest) = (Duration::from_millis(500), Duration::from_secs(60));
        assert_eq!(doubled(first, 1, longest), Duration::from_secs(1));
        assert_eq!(doubled(first, 40, longest), longest);
    }
}
