//! A server process that cannot outlive the test process, however that ends.
//!
//! Between us and the server stands a shell that reads from a pipe of ours. When the pipe closes, because
//! the server is stopped or because the test process is no more, it ends the server and itself.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const KEEPER: &str = r#"
exec 3<&0
"$@" 3<&- </dev/null >&2 &
server=$!
echo $server
exec >&-
cat <&3 >/dev/null
kill -TERM $server 2>/dev/null
(sleep 5; kill -KILL $server) 3<&- 2>/dev/null &
late=$!
wait $server
kill $late 2>/dev/null
"#;

pub(crate) struct Server {
    keeper: Child,
    /// The server's own process id.
    pub pid: u32,
}

impl Server {
    /// Starts a server that stays in the foreground; its output goes to the end of `log`.
    pub(crate) fn start(program: &str, arguments: &[&str], log: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper", program])
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { pid: line.trim().parse().expect("the shell tells the server's process id"), keeper }
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_running(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let state = stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
        matches!(state, Some(Some(state)) if state != 'Z')
    }

    /// Ends it as an administrator would, and waits until it has ended. Dovecot takes a second for it, and where its
    /// master did not end in time its children are ended too: they would keep its ports.
    pub(crate) fn stop(mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().unwrap();
        let group = format!("-{}", self.keeper.id());
        for _ in 0..500 {
            let killed = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
            if !killed.unwrap().success() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("processes of the server outlive it");
    }

    /// Ends it and all its children as a power failure would.
    pub(crate) fn crash(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.keeper.try_wait().is_ok_and(|ended| ended.is_none()) {
            let group = format!("-{}", self.keeper.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = self.keeper.wait();
        }
    }
}

/// Waits until `ready`, for at most 10 s, or until the server has given up.
pub(crate) fn wait_ready(
    server: &Server,
    name: &str,
    log: &Path,
    mut ready: impl FnMut() -> bool,
) -> Result<(), String> {
    for _ in 0..1000 {
        if ready() {
            return Ok(());
        }
        if !server.is_running() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(format!("{name}: {}", fs::read_to_string(log).unwrap_or_default()))
}
