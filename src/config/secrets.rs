//! Where passwords come from. They are read when they are needed and never stored or shown.
//!
//! A keyring is asked through the platform's own program (`secret-tool`, `security`), which spares a
//! library that talks to the session bus. Known limits: Windows' credential store is not asked; without a session
//! (a service, a server without a desktop) there is mostly no keyring, and that is said.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::toml_fields::{ConfigFaults, TomlFields};

/// How long the rest of an answer may take once the program that gave it has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Where a secret is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a program prints.
    Command(Vec<String>),
    /// The session's keyring, under the service `baton` and the account's name.
    Keyring,
}

impl SecretSource {
    /// The same for one mailbox: `{address}` is replaced.
    pub(crate) fn for_address(&self, address: &str) -> Self {
        let replaced = |text: &str| text.replace(ADDRESS, address);
        match self {
            Self::Env(name) => Self::Env(replaced(name)),
            Self::File(path) => match path.to_str() {
                Some(text) => Self::File(PathBuf::from(replaced(text))),
                None => self.clone(),
            },
            Self::Command(words) => Self::Command(words.iter().map(|word| replaced(word)).collect()),
            Self::Keyring => Self::Keyring,
        }
    }
}

/// Stands for an account's address where many accounts share a line.
pub(crate) const ADDRESS: &str = "{address}";

/// `{ env = ".." }`, `{ file = ".." }`, `{ command = [".."] }` or `{ keyring = true }`.
pub(crate) fn secret_source(
    fields: &mut TomlFields<'_>,
    key: &'static str,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> Option<SecretSource> {
    let example = format!("{key} = {{ env = \"DANA_PASSWORD\" }}");
    let mut table = match fields.table_or_string(key, faults)? {
        Ok(table) => table,
        Err(text) => {
            let fault = faults
                .error(&text.span, "don't put the password in this file")
                .help("say where it is to be found: { env = \"..\" }, { file = \"..\" }, { command = [\"..\"] } or { keyring = true }")
                .example(example);
            faults.add(fault);
            return None;
        }
    };
    let before = faults.list.len();
    let mut sources = Vec::new();
    sources.extend(table.string("env", faults).map(|name| SecretSource::Env(name.value)));
    sources.extend(table.string("file", faults).map(|path| SecretSource::File(dir.join(path.value))));
    let command =
        table.strings("command", faults).map(|words| words.into_iter().map(|word| word.value).collect());
    sources.extend(command.filter(|words: &Vec<String>| !words.is_empty()).map(SecretSource::Command));
    let keyring = table.boolean("keyring", faults).is_some_and(|keyring| keyring.value);
    sources.extend(keyring.then_some(SecretSource::Keyring));
    let span = table.span.clone();
    table.finish(faults);
    match (sources.len(), sources.pop()) {
        (1, found) => found,
        (0, _) if faults.list.len() > before => None,
        (count, _) => {
            let what = if count == 0 {
                "does not say where it is"
            } else {
                "is to be found in one place, not in several"
            };
            let fault = faults.error(&span, format!("the {key} {what}")).example(example);
            faults.add(fault);
            None
        }
    }
}

/// Why a secret could not be had. Never holds any part of one.
#[derive(Debug, Error)]
pub(crate) enum SecretError {
    #[error(
        "no password: the environment variable {name} is not set; run `export {name}=..` where baton runs"
    )]
    Env { name: String },
    #[error("the password file {} cannot be read", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the password file {} is empty", path.display())]
    EmptyFile { path: PathBuf },
    #[error("the password program {program} could not be started")]
    Start { program: String, source: std::io::Error },
    #[error("the password program {program} failed ({status})")]
    Failed { program: String, status: ExitStatus },
    #[error("the password program {program} printed nothing")]
    Silent { program: String },
    #[error("the keyring cannot be asked: there is no program {program} here")]
    NoKeyring { program: &'static str },
    #[error("the keyring gives no password for the account {account}; `{command}` puts it there")]
    NotInKeyring { account: String, command: String },
}

/// How the platform's keyring is asked.
struct KeyringProgram {
    program: &'static str,
    arguments: Vec<String>,
    /// What a person types to put an account's password there.
    storing: String,
}

impl KeyringProgram {
    fn here(account: &str) -> Self {
        let (program, arguments, storing): (_, &[&str], _) = if cfg!(target_os = "macos") {
            (
                "security",
                &["find-generic-password", "-w", "-s", "baton", "-a", account],
                format!("security add-generic-password -s baton -a {account} -w"),
            )
        } else {
            (
                "secret-tool",
                &["lookup", "service", "baton", "account", account],
                format!("secret-tool store --label=baton service baton account {account}"),
            )
        };
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Self { program, arguments, storing }
    }

    /// A failure in a keyring's words: these programs end without a word where there is no entry, and with one of the
    /// session bus where there is no session.
    fn failure(self, account: &str, error: SecretError) -> SecretError {
        match error {
            SecretError::Start { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                SecretError::NoKeyring { program: self.program }
            }
            SecretError::Failed { status, .. } if status.code().is_some() => {
                SecretError::NotInKeyring { account: account.to_owned(), command: self.storing }
            }
            SecretError::Silent { .. } => {
                SecretError::NotInKeyring { account: account.to_owned(), command: self.storing }
            }
            other => other,
        }
    }
}

/// A secret from where it is to be found; `account` names the entry in a keyring, `env` gives environment
/// variables. Runs a program where the configuration says so, which may ask its user; it is ended when the future
/// is dropped. Known limit: at a terminal, and where there are no process groups, what that program has started in its
/// turn is not.
pub(crate) async fn fetch_secret(
    source: &SecretSource,
    account: &str,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<SecretString, SecretError> {
    match source {
        SecretSource::Env(name) => env(name)
            .filter(|value| !value.is_empty())
            .map(SecretString::from)
            .ok_or_else(|| SecretError::Env { name: name.clone() }),
        SecretSource::File(path) => {
            let read = crate::files::read_aside(path).await.and_then(crate::files::text_of);
            let text = read.map_err(|source| SecretError::File { path: path.clone(), source })?;
            first_line(&Zeroizing::new(text)).ok_or_else(|| SecretError::EmptyFile { path: path.clone() })
        }
        SecretSource::Command(words) => {
            let (program, arguments) =
                words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            run(program, arguments, ProgramGroup::here()).await
        }
        SecretSource::Keyring => {
            let keyring = KeyringProgram::here(account);
            let asked = run(keyring.program, &keyring.arguments, ProgramGroup::here()).await;
            asked.map_err(|error| keyring.failure(account, error))
        }
    }
}

/// Which process group a password program runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProgramGroup {
    /// One of its own, so that it can be ended with all that it has started.
    Own,
    /// Baton's: only the group in front may ask at the terminal.
    Shared,
}

impl ProgramGroup {
    fn here() -> Self {
        let is_at_terminal = std::io::stdin().is_terminal() || std::io::stderr().is_terminal();
        if is_at_terminal { Self::Shared } else { Self::Own }
    }
}

/// Ends a program that runs in a group of its own, with all that is in it, when it is dropped.
struct EndedGroup {
    leader: Option<u32>,
}

impl EndedGroup {
    /// The program has ended by itself: what it leaves running, as `gpg` does its agent, goes on.
    fn leave(mut self) {
        self.leader = None;
    }
}

impl Drop for EndedGroup {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            kill_group(leader);
        }
    }
}

#[cfg(unix)]
fn kill_group(leader: u32) {
    let leader = i32::try_from(leader).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(leader) = leader {
        // It may have ended just now.
        let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_leader: u32) {}

async fn run(program: &str, arguments: &[String], group: ProgramGroup) -> Result<SecretString, SecretError> {
    let not_started = |source| SecretError::Start { program: program.to_owned(), source };
    let mut command = Command::new(program);
    // Its messages and questions go to the terminal; what it prints is the secret.
    command
        .args(arguments)
        // What it might tell the service manager would be taken for the agent's word.
        .env_remove("NOTIFY_SOCKET")
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .stdin(Stdio::inherit())
        .kill_on_drop(true);
    #[cfg(unix)]
    if group == ProgramGroup::Own {
        command.process_group(0);
    }
    let mut child = command.spawn().map_err(not_started)?;
    let leader = child.id().filter(|_| group == ProgramGroup::Own);
    let stdout = child.stdout.take();
    // Dropped before `child`: as long as nobody has waited for the program, its id is nobody else's.
    let ended = EndedGroup { leader };
    let mut printed = Zeroizing::new(Vec::new());
    let status = match stdout {
        Some(mut stdout) => {
            let status = read_to_exit(&mut child, &mut stdout, &mut printed).await.map_err(not_started)?;
            // From now on its id may be another's.
            ended.leave();
            if status.success() {
                read_what_is_left(&mut stdout, &mut printed).await.map_err(not_started)?;
            }
            status
        }
        None => child.wait().await.map_err(not_started)?,
    };
    if !status.success() {
        return Err(SecretError::Failed { program: program.to_owned(), status });
    }
    let text = Zeroizing::new(String::from_utf8_lossy(&printed).into_owned());
    first_line(&text).ok_or_else(|| SecretError::Silent { program: program.to_owned() })
}

/// Reads what a program prints until it has ended.
async fn read_to_exit(
    child: &mut Child,
    stdout: &mut ChildStdout,
    printed: &mut Vec<u8>,
) -> std::io::Result<ExitStatus> {
    loop {
        tokio::select! {
            biased;
            read = stdout.read_buf(printed) => {
                if read? == 0 {
                    return child.wait().await;
                }
            }
            status = child.wait() => return status,
        }
    }
}

/// The rest of what a program that has ended had printed. What it leaves running, as `gpg` does its agent, may keep its
/// output open for ever: where there is an answer, nothing more is waited for.
async fn read_what_is_left(stdout: &mut ChildStdout, printed: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let is_answered = !printed.is_empty();
        let read = stdout.read_buf(printed);
        let read = match is_answered {
            false => read.await?,
            true => match timeout(LAST_WORDS, read).await {
                Ok(read) => read?,
                Err(_) => return Ok(()),
            },
        };
        if read == 0 {
            return Ok(());
        }
    }
}

/// A byte order mark, which editors of Windows put before a text, is no part of a secret.
fn first_line(text: &str) -> Option<SecretString> {
    let line = text.trim_start_matches('\u{feff}').lines().next().unwrap_or("");
    (!line.is_empty()).then(|| SecretString::from(line))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[tokio::test]
    async fn a_secret_is_read_from_where_it_is_and_never_shown() {
        let none = |_: &str| None;
        let env = |name: &str| (name == "PW").then(|| "hunter2".to_owned());
        let source = SecretSource::Env("PW".into());
        let found = fetch_secret(&source, "dana", &env).await.unwrap();
        assert_eq!(found.expose_secret(), "hunter2");
        assert!(!format!("{found:?}").contains("hunter2"));
        assert_eq!(
            fetch_secret(&source, "dana", &none).await.unwrap_err().to_string(),
            "no password: the environment variable PW is not set; run `export PW=..` where baton runs"
        );

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pw");
        std::fs::write(&path, "hunter2\nnot this\n").unwrap();
        assert_eq!(
            fetch_secret(&SecretSource::File(path.clone()), "dana", &none).await.unwrap().expose_secret(),
            "hunter2"
        );
        std::fs::write(&path, "\u{feff}hunter2\r\n").unwrap();
        assert_eq!(
            fetch_secret(&SecretSource::File(path.clone()), "dana", &none).await.unwrap().expose_secret(),
            "hunter2",
            "as Notepad saves it"
        );
        std::fs::write(&path, "").unwrap();
        assert!(fetch_secret(&SecretSource::File(path), "dana", &none).await.is_err());

        let printed = SecretSource::Command(vec!["printf".into(), "hunter2\\nx".into()]);
        assert_eq!(fetch_secret(&printed, "dana", &none).await.unwrap().expose_secret(), "hunter2");
        assert!(fetch_secret(&SecretSource::Command(vec!["false".into()]), "dana", &none).await.is_err());
        assert!(
            fetch_secret(&SecretSource::Command(vec!["/no/such/program".into()]), "dana", &none)
                .await
                .is_err()
        );
    }

    #[test]
    fn what_a_keyring_lacks_is_said_with_what_to_type() {
        use std::os::unix::process::ExitStatusExt;
        let of = |error| KeyringProgram::here("dana").failure("dana", error).to_string();
        let missing = SecretError::Start {
            program: String::new(),
            source: std::io::Error::from(std::io::ErrorKind::NotFound),
        };
        assert!(of(missing).contains("there is no program"));
        let exited = ExitStatus::from_raw(1 << 8);
        for error in [
            SecretError::Failed { program: String::new(), status: exited },
            SecretError::Silent { program: String::new() },
        ] {
            let said = of(error);
            assert!(said.contains("account dana") && said.contains("baton"), "{said}");
        }
        let killed = ExitStatus::from_raw(9);
        let ended = SecretError::Failed { program: "secret-tool".to_owned(), status: killed };
        assert!(of(ended).contains("failed"), "an interrupted program may work later");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_program_that_is_given_up_is_ended_with_what_it_has_started() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pid");
        // Complete from the first moment that it is there.
        let script =
            format!("sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait; echo late", path.display());
        let arguments = ["-c".to_owned(), script];
        let started = async {
            while !path.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            printed = run("sh", &arguments, ProgramGroup::Own) => panic!("{printed:?}"),
            () = started => {}
        }
        let id: u32 = std::fs::read_to_string(path).unwrap().trim().parse().unwrap();
        for _ in 0..1000 {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            if stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z')) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("what the program has started is still running");
    }
}
