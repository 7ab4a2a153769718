//! The built `baton`, run against a bed: its configuration, single commands, and the agent in the
//! background.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use super::{CALVIN, DANA, MORGAN, OPERATOR, PASSWORD, TestBed};

/// The variable that holds everybody's password.
const PASSWORD_VARIABLE: &str = "BED_PASSWORD";

/// What a command of baton came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn expect_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

impl TestBed {
    /// An `[accounts.NAME]` table for this address: IMAP and submission over TLS.
    pub(crate) fn account_toml(&self, name: &str, address: &str) -> String {
        let imap = format!("imaps://127.0.0.1:{}", self.ports.imaps);
        let smtp = format!("smtps://127.0.0.1:{}", self.ports.smtps);
        self.account_toml_at(name, address, &imap, &smtp)
    }

    /// The same with servers of your choice, such as proxies.
    pub(crate) fn account_toml_at(&self, name: &str, address: &str, imap: &str, smtp: &str) -> String {
        format!(
            "[accounts.{name}]
address = \"{address}\"
imap = \"{imap}\"
smtp = \"{smtp}\"
login = \"{address}\"
password = {{ env = \"{PASSWORD_VARIABLE}\" }}
ca = \"{}\"
",
            self.ca_path().display()
        )
    }

    /// A whole configuration: Dana the SDR and Calvin the AE with accounts, Morgan the manager, all in
    /// New York; the agent is Dana's account. `sla` and `feedback` are the lines of those tables.
    pub(crate) fn config_toml(&self, sla: &str, feedback: &str) -> String {
        let accounts = self.account_toml("dana", DANA) + &self.account_toml("calvin", CALVIN);
        config_toml_with(&accounts, sla, feedback)
    }

    /// Writes `baton.toml` into the work folder; `baton` uses it from then on.
    pub(crate) fn write_config(&self, toml: &str) -> PathBuf {
        let path = self.work().join("baton.toml");
        fs::write(&path, toml).unwrap();
        path
    }

    /// Writes a file into the work folder.
    pub(crate) fn write_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.work().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// `baton` with these arguments, in the work folder, with nothing of our own environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
        command
            .args(arguments)
            .current_dir(self.work())
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", self.work())
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("BATON_CONFIG", self.work().join("baton.toml"))
            .env(PASSWORD_VARIABLE, PASSWORD)
            .stdin(Stdio::null());
        command
    }

    /// Runs one command of baton to its end.
    pub(crate) fn baton(&self, arguments: &[&str]) -> Ran {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        Ran {
            status: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Starts `baton run`, talkative. Its messages go to the end of `agent.log` in the work folder.
    pub(crate) fn agent(&self) -> Agent {
        let log = fs::File::options().create(true).append(true).open(self.work().join("agent.log")).unwrap();
        let child =
            self.command(&["run", "-vv"]).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Agent { child }
    }

    pub(crate) fn agent_log(&self) -> String {
        fs::read_to_string(self.work().join("agent.log")).unwrap_or_default()
    }
}

/// The rest of a configuration around these accounts.
pub(crate) fn config_toml_with(accounts: &str, sla: &str, feedback: &str) -> String {
    format!(
        "database = \"baton.db\"

[agent]
account = \"dana\"
operator = \"{OPERATOR}\"

[sla]
{sla}

[feedback]
{feedback}

{accounts}
[[people]]
name = \"Dana Fox\"
roles = [\"sdr\"]
address = \"{DANA}\"
account = \"dana\"
zone = \"America/New_York\"
manager = \"Morgan Hale\"

[[people]]
name = \"Calvin Reyes\"
roles = [\"ae\"]
address = \"{CALVIN}\"
account = \"calvin\"
zone = \"America/New_York\"
manager = \"Morgan Hale\"
introduce = \"works exclusively with VP-level sales leaders consolidating CRMs\"

[[people]]
name = \"Morgan Hale\"
roles = [\"manager\"]
address = \"{MORGAN}\"
zone = \"America/New_York\"
"
    )
}

/// A running `baton run`; killed when dropped.
pub(crate) struct Agent {
    child: Child,
}

impl Agent {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// SIGTERM, and its exit status.
    pub(crate) fn stop(mut self) -> i32 {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// SIGKILL, in the middle of whatever it does.
    pub(crate) fn crash(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
