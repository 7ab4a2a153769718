//! Where passwords come from. They are read when they are needed and never stored or shown.
//!
//! A keyring is asked through the platform's own program (`secret-tool`, `security`), which spares a
//! library that talks to the session bus. Known limit: Windows' credential store is not asked.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use thiserror::Error;

use super::Account;

/// A password or token. Neither Debug nor Display shows what it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ConfigSecret(String);

impl ConfigSecret {
    /// The secret itself, for the server that asks for it and nobody else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConfigSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Google,
    Microsoft,
}

impl Provider {}

/// Login by token (RFC 7628). All but the provider is for a company's own registration or server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    pub provider: Provider,
    pub client_id: Option<String>,
    pub client_secret: Option<SecretSource>,
    /// Microsoft's directory.
    pub tenant: Option<String>,
    pub authorize_url: Option<String>,
    pub token_url: Option<String>,
    pub device_url: Option<String>,
    /// Google's key file of a service account with domain-wide delegation.
    pub service_account: Option<PathBuf>,
}

impl OAuth2 {
    pub(crate) fn of(provider: Provider) -> Self {
        Self {
            provider,
            client_id: None,
            client_secret: None,
            tenant: None,
            authorize_url: None,
            token_url: None,
            device_url: None,
            service_account: None,
        }
    }
}

/// How baton proves who it is to an account's servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfiguredAuth {
    Password(SecretSource),
    OAuth2(OAuth2),
}

/// Why a secret could not be had. Never holds any part of one.
#[derive(Debug, Error)]
pub(crate) enum SecretError {
    #[error("the environment variable {name} is not set; `export {name}=..` where baton runs sets it")]
    Env { name: String },
    #[error("the password file {} cannot be read", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the password file {} is empty", path.display())]
    EmptyFile { path: PathBuf },
    #[error("the password program {program} could not be started")]
    Start { program: String, source: std::io::Error },
    #[error("the password program {program} failed ({status})")]
    Failed { program: String, status: std::process::ExitStatus },
    #[error("the password program {program} printed nothing")]
    Silent { program: String },
    #[error("the account {account} logs in with oauth2 and has no password")]
    NoPassword { account: String },
}

/// The account's password. Runs a program where the configuration says so, which may ask its user.
/// `env` gives environment variables.
pub(crate) fn secret(
    account: &Account,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<ConfigSecret, SecretError> {
    match &account.auth {
        ConfiguredAuth::Password(source) => fetch(source, &account.name, env),
        ConfiguredAuth::OAuth2(_) => Err(SecretError::NoPassword { account: account.name.clone() }),
    }
}

/// A secret from where it is to be found; `account` names the entry in a keyring.
pub(crate) fn fetch(
    source: &SecretSource,
    account: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<ConfigSecret, SecretError> {
    match source {
        SecretSource::Env(name) => env(name)
            .filter(|value| !value.is_empty())
            .map(ConfigSecret)
            .ok_or_else(|| SecretError::Env { name: name.clone() }),
        SecretSource::File(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| SecretError::File { path: path.clone(), source })?;
            first_line(&text).ok_or_else(|| SecretError::EmptyFile { path: path.clone() })
        }
        SecretSource::Command(words) => {
            let (program, arguments) =
                words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            run(program, arguments)
        }
        SecretSource::Keyring => {
            let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
                ("security", &["find-generic-password", "-w", "-s", "baton", "-a", account])
            } else {
                ("secret-tool", &["lookup", "service", "baton", "account", account])
            };
            let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
            run(program, &arguments)
        }
    }
}

fn run(program: &str, arguments: &[String]) -> Result<ConfigSecret, SecretError> {
    // Its messages and questions go to the terminal; what it prints is the secret.
    let output = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .stdin(Stdio::inherit())
        .output()
        .map_err(|source| SecretError::Start { program: program.to_owned(), source })?;
    if !output.status.success() {
        return Err(SecretError::Failed { program: program.to_owned(), status: output.status });
    }
    first_line(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| SecretError::Silent { program: program.to_owned() })
}

fn first_line(text: &str) -> Option<ConfigSecret> {
    let line = text.lines().next().unwrap_or("");
    (!line.is_empty()).then(|| ConfigSecret(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_where_it_is_and_never_shown() {
        let none = |_: &str| None;
        let env = |name: &str| (name == "PW").then(|| "hunter2".to_owned());
        let source = SecretSource::Env("PW".into());
        let found = fetch(&source, "dana", &env).unwrap();
        assert_eq!(found.reveal(), "hunter2");
        assert!(!format!("{found:?}").contains("hunter2"));
        assert_eq!(
            fetch(&source, "dana", &none).unwrap_err().to_string(),
            "the environment variable PW is not set; `export PW=..` where baton runs sets it"
        );

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pw");
        std::fs::write(&path, "hunter2\nnot this\n").unwrap();
        assert_eq!(fetch(&SecretSource::File(path.clone()), "dana", &none).unwrap().reveal(), "hunter2");
        std::fs::write(&path, "").unwrap();
        assert!(fetch(&SecretSource::File(path), "dana", &none).is_err());

        let printed = SecretSource::Command(vec!["printf".into(), "hunter2\\nx".into()]);
        assert_eq!(fetch(&printed, "dana", &none).unwrap().reveal(), "hunter2");
        assert!(fetch(&SecretSource::Command(vec!["false".into()]), "dana", &none).is_err());
        assert!(fetch(&SecretSource::Command(vec!["/no/such/program".into()]), "dana", &none).is_err());
    }
}
