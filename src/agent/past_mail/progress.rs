//! How far reading has come, for a person at a terminal: what is read, how much of it, how long it may still take.

use std::io::IsTerminal;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::monotonic;
use crate::output;

/// It is not written more often.
const PAUSE: Duration = Duration::from_millis(200);
/// A pace is known after this.
const SETTLED: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub(crate) struct Progress {
    is_shown: bool,
    what: String,
    total: u64,
    begun: Instant,
    shown: Option<Instant>,
}

impl Progress {
    /// On standard error, where that is a terminal.
    pub(crate) fn on_terminal() -> Self {
        let is_dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let is_shown = std::io::stderr().is_terminal() && !is_dumb;
        Self { is_shown, what: String::new(), total: 0, begun: monotonic(), shown: None }
    }

    pub(super) fn begin(&mut self, what: &str, total: u64) {
        self.what = what.to_owned();
        self.total = total;
        self.begun = monotonic();
        self.shown = None;
        self.reached(0);
    }

    pub(super) fn reached(&mut self, done: u64) {
        let now = monotonic();
        let is_soon = self.shown.is_some_and(|shown| now.duration_since(shown) < PAUSE);
        if !self.is_shown || is_soon {
            return;
        }
        self.shown = Some(now);
        let line = line(&self.what, done, self.total, now.duration_since(self.begun));
        output::replace_line(&line);
    }

    /// Takes the line away.
    pub(crate) fn end(&mut self) {
        if self.is_shown && self.shown.take().is_some() {
            output::replace_line("");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

fn line(what: &str, done: u64, total: u64, taken: Duration) -> String {
    let share = done.saturating_mul(100).checked_div(total).unwrap_or(0).min(100);
    let mut line = format!("reading {what}: {share} %");
    if taken >= SETTLED && done > 0 && done < total {
        let left = taken.as_secs_f64() * (total - done) as f64 / done as f64;
        line.push_str(&if left < 90.0 {
            format!(", about {} s left", left.ceil())
        } else {
            format!(", about {} min left", (left / 60.0).ceil())
        });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_given_once_the_pace_is_known() {
        let after = |seconds| Duration::from_secs(seconds);
        assert_eq!(line("dana", 0, 0, after(0)), "reading dana: 0 %");
        assert_eq!(line("dana", 500, 1_000, after(1)), "reading dana: 50 %");
        assert_eq!(line("dana", 250, 1_000, after(10)), "reading dana: 25 %, about 30 s left");
        assert_eq!(line("dana", 100, 1_000, after(60)), "reading dana: 10 %, about 9 min left");
        assert_eq!(line("dana", 1_000, 1_000, after(60)), "reading dana: 100 %");
    }
}
