//! What accounts log in with, fetched for each connection and kept nowhere.
//!
//! One seam for every kind of login: the code that connects asks for credentials and learns, where there are none,
//! whether a person has to act or time may help. Logins by token come in here, too (`tokens`): what expires is
//! refreshed behind [`Credentials::credentials`], and nobody who connects needs to know.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::{Account, ConfiguredAuth, SecretSource, fetch_secret};
use crate::oauth::grant_file::GrantFile;
use crate::tls::{Auth, ServerLogin};

pub(crate) use super::credential_error::CredentialError;
use super::tokens::{AccountTokens, TokenSource};

/// How long credentials may take, whatever they come from: a program that asks nobody answers in moments.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How many password programs run at the same time: every folder of every account connects at once when the agent
/// starts. Known limit: where as many hang, other accounts' programs wait for them, in the order they came.
const PROGRAMS_AT_ONCE: usize = 8;

/// The credentials of every account.
#[derive(Clone, Debug)]
pub struct Credentials {
    accounts: BTreeMap<String, ConfiguredAuth>,
    tokens: Arc<AccountTokens>,
    timeout: Duration,
    /// A permit for each program that may run.
    programs: Arc<Semaphore>,
}

impl Credentials {
    /// Those of the configured accounts; their tokens are kept in `grants`.
    pub(crate) fn new(accounts: &BTreeMap<String, Account>, grants: GrantFile) -> Self {
        let sources = accounts.iter().filter_map(|(name, one)| Some((name.clone(), TokenSource::of(one)?)));
        Self {
            accounts: accounts.iter().map(|(name, one)| (name.clone(), one.auth.clone())).collect(),
            tokens: AccountTokens::new(sources.collect(), grants),
            timeout: TIMEOUT,
            programs: Arc::new(Semaphore::new(PROGRAMS_AT_ONCE)),
        }
    }

    /// What this account logs in with at `now`. A program that gives no answer in time, counted from its start, is
    /// ended.
    pub async fn credentials(&self, account: &str, now: DateTime<Utc>) -> Result<Auth, CredentialError> {
        match self.accounts.get(account) {
            Some(ConfiguredAuth::Password(source)) => {
                let env = |name: &str| std::env::var(name).ok();
                let runs_program = matches!(source, SecretSource::Command(_) | SecretSource::Keyring);
                // It is never closed, and without a permit the program would run all the same.
                let _permit = if runs_program { self.programs.acquire().await.ok() } else { None };
                match timeout(self.timeout, fetch_secret(source, account, &env)).await {
                    Ok(secret) => Ok(Auth::Password(secret?)),
                    Err(_) => Err(CredentialError::Later { reason: too_slow(source, self.timeout) }),
                }
            }
            Some(ConfiguredAuth::OAuth2(_)) => {
                Ok(Auth::XOAuth2(self.tokens.token(account, None, now).await?))
            }
            None => Err(CredentialError::NeedsPerson {
                reason: format!("there is no account {account} in the configuration"),
            }),
        }
    }
}

impl Credentials {
    /// Others than those that a server has refused; `None` where others would be no better: a password stays as it is,
    /// and a token that was fetched for this very reason is as good as the next.
    pub(crate) async fn renewed(
        &self,
        account: &str,
        refused: &ServerLogin,
        now: DateTime<Utc>,
    ) -> Result<Option<Auth>, CredentialError> {
        let Auth::XOAuth2(token) = &refused.auth else { return Ok(None) };
        if self.tokens.is_refused_new(&server_of(account, refused), token) {
            return Ok(None);
        }
        Ok(Some(Auth::XOAuth2(self.tokens.token(account, Some(token), now).await?)))
    }

    /// Notes that a server has refused what [`Self::renewed`] gave.
    pub(crate) fn note_refused_renewal(&self, account: &str, refused: &ServerLogin) {
        if let Auth::XOAuth2(token) = &refused.auth {
            self.tokens.note_refused_new(server_of(account, refused), token);
        }
    }

    /// Completes when an account has another grant than now; never for one without.
    pub(crate) async fn new_grant(&self, account: &str) {
        self.tokens.new_grant(account).await;
    }

    /// Whether this account logs in by token.
    pub(crate) fn are_by_token(&self, account: &str) -> bool {
        matches!(self.accounts.get(account), Some(ConfiguredAuth::OAuth2(_)))
    }

    /// What `baton login` calls the grant that an account logged in with.
    pub(crate) fn login_in_use(&self, account: &str) -> Option<String> {
        self.tokens.login_in_use(account)
    }
}

fn server_of(account: &str, login: &ServerLogin) -> String {
    format!("{account} at {login}")
}

fn too_slow(source: &SecretSource, waited: Duration) -> String {
    let what = match source {
        SecretSource::Command(words) => {
            format!("the password program {}", words.first().map_or("", String::as_str))
        }
        SecretSource::Keyring => "the keyring".to_owned(),
        SecretSource::File(path) => format!("the password file {}", path.display()),
        SecretSource::Env(name) => format!("the environment variable {name}"),
    };
    format!("{what} gave no password within {} s", waited.as_secs())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use secrecy::ExposeSecret;

    use super::*;
    use crate::config::SecretError;

    fn of_program(words: &[&str]) -> Credentials {
        let source = SecretSource::Command(words.iter().map(|word| (*word).to_owned()).collect());
        let accounts = BTreeMap::from([("dana".to_owned(), ConfiguredAuth::Password(source))]);
        let none = Credentials::new(&BTreeMap::new(), GrantFile::beside(Path::new("/nowhere/baton.db")));
        Credentials { accounts, timeout: Duration::from_secs(1), ..none }
    }

    #[tokio::test]
    async fn a_program_that_prints_a_password_gives_credentials() {
        let auth =
            of_program(&["printf", "hunter2"]).credentials("dana", DateTime::UNIX_EPOCH).await.unwrap();
        assert!(matches!(&auth, Auth::Password(secret) if secret.expose_secret() == "hunter2"));
        assert!(!format!("{auth:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn a_program_that_fails_needs_a_person_and_one_that_hangs_may_work_later() {
        for words in [&["false"][..], &["true"], &["/no/such/program"]] {
            let error = of_program(words).credentials("dana", DateTime::UNIX_EPOCH).await.unwrap_err();
            assert!(matches!(error, CredentialError::NeedsPerson { .. }), "{words:?}: {error:?}");
        }
        let error =
            of_program(&["sleep", "600"]).credentials("dana", DateTime::UNIX_EPOCH).await.unwrap_err();
        let reason = "the password program sleep gave no password within 1 s".to_owned();
        assert_eq!(error, CredentialError::Later { reason });
    }

    #[cfg(unix)]
    #[test]
    fn a_want_of_files_passes_and_a_missing_program_does_not() {
        use rustix::io::Errno;
        let start = |errno: Errno| {
            let source = std::io::Error::from_raw_os_error(errno.raw_os_error());
            CredentialError::from(SecretError::Start { program: "pass".to_owned(), source })
        };
        for errno in [Errno::MFILE, Errno::NFILE, Errno::IO] {
            assert!(matches!(start(errno), CredentialError::Later { .. }), "{errno:?}");
        }
        assert!(matches!(start(Errno::NOENT), CredentialError::NeedsPerson { .. }));
    }

    #[tokio::test]
    async fn a_program_that_has_ended_has_answered_whatever_it_leaves_running() {
        for script in
            ["sleep 3 & echo hunter2", "sleep 3 & printf hunter2", "(sleep 0.2; echo hunter2) & exit 0"]
        {
            let auth = of_program(&["sh", "-c", script]).credentials("dana", DateTime::UNIX_EPOCH).await;
            let is_it = |secret: &secrecy::SecretString| secret.expose_secret() == "hunter2";
            assert!(matches!(&auth, Ok(Auth::Password(secret)) if is_it(secret)), "{script}: {auth:?}");
        }
    }

    #[tokio::test]
    async fn only_so_many_programs_run_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log").display().to_string();
        let script = format!("echo begins >> {log}; sleep 0.05; echo ends >> {log}; echo hunter2");
        let credentials = Credentials { timeout: TIMEOUT, ..of_program(&["sh", "-c", &script]) };
        let all = (0..3 * PROGRAMS_AT_ONCE).map(|_| credentials.credentials("dana", DateTime::UNIX_EPOCH));
        for auth in futures::future::join_all(all).await {
            auth.unwrap();
        }
        let (mut running, mut most) = (0, 0);
        for line in std::fs::read_to_string(log).unwrap().lines() {
            running = if line == "begins" { running + 1 } else { running - 1 };
            most = most.max(running);
        }
        assert!(most <= PROGRAMS_AT_ONCE, "{most} ran at once");
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pid");
        let script = format!("echo $$ > {}; exec sleep 600", path.display());
        of_program(&["sh", "-c", &script]).credentials("dana", DateTime::UNIX_EPOCH).await.unwrap_err();
        let id: u32 = std::fs::read_to_string(path).unwrap().trim().parse().unwrap();
        let is_running = || {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
        };
        for _ in 0..1000 {
            if !is_running() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the program is still running");
    }
}
