//! The built program under watch: what a command or the running agent costs, and how long its writes hold the database.
//!
//! CPU is what the kernel counts for the process, in steps of 10 ms, so what is short is repeated. Mail servers have a
//! thread or a process of their own and are never in it.

#![allow(dead_code, reason = "every benchmark uses a part of it")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// No more than what is looked at here: logging costs, too.
const LOGGED: &str =
    "baton=info,baton::agent::folder_watch=debug,baton::agent::app=debug,baton::store::counting=debug";

/// A command of baton in `dir`, which has `baton.toml`.
pub(crate) fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command.args(arguments).current_dir(dir).env("BATON_CONFIG", dir.join("baton.toml"));
    command.env("BATON_LOG", LOGGED).env("BED_PASSWORD", "secret").env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// What one run of a command took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub seconds: f64,
    pub cpu_ms: f64,
    pub peak_mb: f64,
    /// The longest that one of its transactions waited for others to write.
    pub waited_ms: f64,
}

/// Runs a command to its end, which has to be a good one.
pub(crate) fn run(dir: &Path, arguments: &[&str]) -> Spent {
    let log = tempfile::NamedTempFile::new().unwrap();
    let before = children_cpu();
    let began = Instant::now();
    let mut child =
        command(dir, arguments).stdout(Stdio::null()).stderr(log.reopen().unwrap()).spawn().unwrap();
    let mut peak_mb = 0.0_f64;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        peak_mb = peak_mb.max(memory(child.id(), "VmHWM"));
        std::thread::sleep(Duration::from_millis(2));
    };
    let seconds = began.elapsed().as_secs_f64();
    let words = std::fs::read_to_string(log.path()).unwrap_or_default();
    assert!(status.success(), "{arguments:?}: {words}");
    let waits = words.lines().filter_map(|line| logged_ms(line, "waited="));
    Spent { seconds, cpu_ms: children_cpu() - before, peak_mb, waited_ms: waits.fold(0.0, f64::max) }
}

/// The same so many times: the mean of the CPU, the median of the time, the highest peak.
pub(crate) fn run_often(dir: &Path, times: usize, arguments: impl Fn(usize) -> Vec<String>) -> Spent {
    let all: Vec<Spent> = (0..times)
        .map(|round| {
            let words = arguments(round);
            run(dir, &words.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    Spent {
        seconds: percentile(all.iter().map(|one| one.seconds).collect(), 50),
        cpu_ms: all.iter().map(|one| one.cpu_ms).sum::<f64>() / times as f64,
        peak_mb: all.iter().map(|one| one.peak_mb).fold(0.0, f64::max),
        waited_ms: all.iter().map(|one| one.waited_ms).fold(0.0, f64::max),
    }
}

/// The value that so many of a hundred do not exceed.
pub(crate) fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// In MB, such as `VmRSS` or `VmHWM`.
pub(crate) fn memory(pid: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

fn ticks(stat: &str, fields: [usize; 2]) -> f64 {
    let stat = std::fs::read_to_string(stat).unwrap_or_default();
    let Some((_, rest)) = stat.rsplit_once(')') else { return 0.0 };
    let all: Vec<&str> = rest.split_whitespace().collect();
    fields.iter().map(|field| all[*field].parse::<f64>().unwrap_or(0.0)).sum::<f64>() * 10.0
}

/// Of processes that were waited for, in milliseconds.
fn children_cpu() -> f64 {
    ticks("/proc/self/stat", [13, 14])
}

/// `baton run`, until it is dropped.
pub(crate) struct Agent {
    child: Child,
    seen: Arc<Mutex<Seen>>,
    pub dir: PathBuf,
    pub began: Instant,
}

/// What its log said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// How often a folder was read to the present.
    pub readings: usize,
    pub warnings: Vec<String>,
    /// Transactions that held the database for more than 50 ms, as it was logged, and the work in them.
    pub long_writes: Vec<String>,
}

impl Agent {
    pub(crate) fn start(dir: &Path) -> Self {
        let began = Instant::now();
        let mut child = command(dir, &["run"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                let mut seen = noted.lock().unwrap();
                seen.readings += usize::from(line.contains("read to the present"));
                if line.contains("a write transaction took long") || line.contains("work in a write") {
                    seen.long_writes.push(line);
                } else if line.contains("WARN") || line.contains("ERROR") {
                    seen.warnings.push(line);
                }
            }
        });
        Self { child, seen, dir: dir.to_owned(), began }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Forgets the long writes so far, and gives them.
    pub(crate) fn take_long_writes(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap().long_writes)
    }

    /// Waits until so many readings were done; how many seconds after the start that was.
    pub(crate) async fn has_read(&mut self, readings: usize) -> f64 {
        while self.seen().readings < readings {
            assert!(self.child.try_wait().unwrap().is_none(), "ended: {:?}", self.seen().warnings);
            pause(Duration::from_millis(10)).await;
        }
        self.began.elapsed().as_secs_f64()
    }

    /// Hands something over and waits until it has read one folder more, for a second at most: what comes while a
    /// folder is being read is read with the rest.
    pub(crate) async fn reads_for(&self, hand_over: impl FnOnce()) {
        let before = self.seen().readings;
        hand_over();
        for _ in 0..500 {
            if self.seen().readings > before {
                break;
            }
            pause(Duration::from_millis(2)).await;
        }
        // Whatever follows from it, a second reading included.
        pause(Duration::from_millis(30)).await;
    }

    /// Waits until it uses next to no CPU.
    pub(crate) async fn has_come_to_rest(&self) {
        for _ in 0..120 {
            let before = self.cpu();
            pause(Duration::from_secs(1)).await;
            if self.cpu() - before <= 20.0 {
                return;
            }
        }
    }

    /// CPU so far, in milliseconds.
    pub(crate) fn cpu(&self) -> f64 {
        ticks(&format!("/proc/{}/stat", self.child.id()), [11, 12])
    }

    pub(crate) fn memory(&self) -> f64 {
        memory(self.child.id(), "VmRSS")
    }

    pub(crate) fn peak(&self) -> f64 {
        memory(self.child.id(), "VmHWM")
    }

    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).map_or(0, Iterator::count)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// What work these log lines name, how often and how long at most: for the eye.
pub(crate) fn print_long_works(lines: &[String]) {
    for line in lines.iter().filter(|line| line.contains("work=")).take(12) {
        println!("  {line}");
    }
}

/// How many of these log lines tell of a whole transaction; the longest time that passed in one, and the most CPU.
pub(crate) fn longest(lines: &[String]) -> String {
    let whole: Vec<&String> = lines.iter().filter(|line| line.contains("a write transaction")).collect();
    let most = |name: &str| whole.iter().filter_map(|line| logged_ms(line, name)).fold(0.0, f64::max);
    match whole.len() {
        0 => "none".to_owned(),
        count => format!("{count}, {:.0} ms at most, {:.0} ms of CPU", most("passed="), most("busy=")),
    }
}

/// The length of time that a log line has behind this name.
pub(crate) fn logged_ms(line: &str, name: &str) -> Option<f64> {
    let text = line.split(name).nth(1)?.split_whitespace().next()?;
    let number = |unit: &str| text.strip_suffix(unit)?.parse::<f64>().ok();
    let short = number("ms").or_else(|| number("µs").map(|micros| micros / 1e3));
    short.or_else(|| number("s").map(|seconds| seconds * 1e3))
}
