//! Access tokens of the accounts that log in by OAuth 2: which grant is whose, when one is refreshed, who does it.
//!
//! A token is used until shortly before it expires. Then one task of one process refreshes it, and everybody else waits
//! for that one's. A refresh goes on where nobody waits any more: a server may have taken the old refresh token back
//! already. What a server refused or could not do is remembered for a while, so that thirty mailboxes do not ask for
//! one and the same answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout};

use crate::clock::monotonic;
use crate::config::TokenFlow;
use crate::oauth::assertion;
use crate::oauth::grant_file::{GrantFile, GrantFileError, Grants, RefreshLock, StoredGrant};
use crate::oauth::request::{GivenTokens, TokenEndpoint, TokenError};
use crate::store::random_suffix;

use super::credential_error::CredentialError;
use super::error_chain;
use super::token_source::GrantName;
pub(crate) use super::token_source::TokenSource;

/// A token is renewed this long before it expires, or when a quarter of its life is left.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How long whoever wants to log in waits for a token.
const WAIT: Duration = Duration::from_secs(30);
/// How often the lock of another's refresh is tried.
const TRY_LOCK_EVERY: Duration = Duration::from_millis(50);
/// How often a new grant is looked for. docs/interface.md promises 10 s.
const LOOK_FOR_GRANT_EVERY: Duration = Duration::from_secs(3);
/// A server that could not answer is asked again after this, then at intervals that double.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// One that refused, after this.
const REFUSAL_PAUSE: Duration = Duration::from_secs(60);

/// What a server did not give, and until when it is not asked again.
#[derive(Clone, Debug)]
struct RememberedFailure {
    error: CredentialError,
    /// Which grant it was about: a new one is tried at once.
    id: String,
    until: Instant,
    pause: Duration,
}

/// The tokens of every account that logs in by them.
#[derive(Debug)]
pub(crate) struct AccountTokens {
    sources: BTreeMap<String, TokenSource>,
    file: GrantFile,
    failures: Mutex<BTreeMap<String, RememberedFailure>>,
    /// By server, the last token that was refused although it was new: another would be refused as well.
    refused_new: Mutex<BTreeMap<String, SecretString>>,
    /// By account, the name for `baton login` of the grant that last gave a token.
    in_use: Mutex<BTreeMap<String, String>>,
    /// By account, the grants that there were when it last got no token.
    failed_with: Mutex<BTreeMap<String, GrantIds>>,
}

/// Which grants an account could use at one moment; `None` for each that is not there.
type GrantIds = Vec<Option<String>>;

fn ids_of(source: &TokenSource, grants: &Grants) -> GrantIds {
    source.grants().iter().map(|name| grants.get(&name.key).map(|grant| grant.id.clone())).collect()
}

impl AccountTokens {
    pub(crate) fn new(sources: BTreeMap<String, TokenSource>, file: GrantFile) -> Arc<Self> {
        Arc::new(Self {
            sources,
            file,
            failures: Mutex::default(),
            refused_new: Mutex::default(),
            in_use: Mutex::default(),
            failed_with: Mutex::default(),
        })
    }

    /// A token that is good for a while; never `rejected`, which a server did not take.
    pub(crate) async fn token(
        self: &Arc<Self>,
        account: &str,
        rejected: Option<&SecretString>,
        now: DateTime<Utc>,
    ) -> Result<SecretString, CredentialError> {
        let Some(source) = self.sources.get(account) else {
            let reason = format!("there is no account {account} in the configuration");
            return Err(CredentialError::NeedsPerson { reason });
        };
        let grants = self.read().await?;
        let outcome = self.token_among(&grants, source, rejected, now).await;
        if outcome.is_err() {
            let mut failed = self.failed_with.lock().unwrap_or_else(PoisonError::into_inner);
            failed.insert(account.to_owned(), ids_of(source, &grants));
        }
        outcome
    }

    async fn token_among(
        self: &Arc<Self>,
        grants: &Grants,
        source: &TokenSource,
        rejected: Option<&SecretString>,
        now: DateTime<Utc>,
    ) -> Result<SecretString, CredentialError> {
        let account = source.account.as_str();
        let (name, stored) = chosen_among(grants, source)?;
        if let Some(token) = usable(&stored, rejected, now) {
            self.note_use(account, &name);
            return Ok(token);
        }
        self.remembered(&name, &stored)?;
        // Goes on also where the time is up: what the server gives is kept, for the next one who asks.
        let refresh =
            tokio::spawn(refresh(Arc::clone(self), source.clone(), name.clone(), rejected.cloned(), now));
        let too_slow =
            || CredentialError::NoTokenYet { reason: "the token endpoint has given no token yet".to_owned() };
        match timeout(WAIT, refresh).await {
            Ok(Ok(outcome)) => outcome.inspect(|_| self.note_use(account, &name)),
            Ok(Err(_)) | Err(_) => Err(too_slow()),
        }
    }

    /// Notes that a server refused a token that was fetched for it because it had refused the one before.
    pub(crate) fn note_refused_new(&self, server: String, token: &SecretString) {
        let mut refused = self.refused_new.lock().unwrap_or_else(PoisonError::into_inner);
        refused.insert(server, token.clone());
    }

    pub(crate) fn is_refused_new(&self, server: &str, token: &SecretString) -> bool {
        let refused = self.refused_new.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(server).is_some_and(|known| known.expose_secret() == token.expose_secret())
    }

    /// What `baton login` calls the grant that this account last had a token from.
    pub(crate) fn login_in_use(&self, account: &str) -> Option<String> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned()
    }

    fn note_use(&self, account: &str, name: &GrantName) {
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.insert(account.to_owned(), name.login.clone());
    }

    /// Completes when an account's grant is another one than when it last got no token, else than now, for example after
    /// `baton login`. Never for an account that has none.
    pub(crate) async fn new_grant(&self, account: &str) {
        let Some(source) = self.sources.get(account) else { return std::future::pending().await };
        let ids = async || ids_of(source, &self.read().await.unwrap_or_default());
        let failed = self.failed_with.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
        let before = match failed {
            Some(before) => before,
            None => ids().await,
        };
        while ids().await == before {
            tokio::time::sleep(LOOK_FOR_GRANT_EVERY).await;
        }
    }

    async fn read(&self) -> Result<Grants, CredentialError> {
        let file = self.file.clone();
        blocking(move || file.read()).await
    }

    /// The grant that counts for an account, as it is kept.
    async fn chosen(&self, source: &TokenSource) -> Result<(GrantName, StoredGrant), CredentialError> {
        chosen_among(&self.read().await?, source)
    }

    fn remembered(&self, name: &GrantName, stored: &StoredGrant) -> Result<(), CredentialError> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.get(&name.key) {
            Some(failure) if failure.id == stored.id && failure.until > monotonic() => {
                Err(failure.error.clone())
            }
            _ => Ok(()),
        }
    }

    fn remember(
        &self,
        name: &GrantName,
        id: &str,
        error: CredentialError,
        asks_to_wait: Option<Duration>,
    ) -> CredentialError {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let before = failures.get(&name.key).filter(|failure| failure.id == id).map(|failure| failure.pause);
        let pause = match &error {
            error if error.may_pass() => {
                let doubled = before.map_or(FIRST_PAUSE, |pause| pause * 2);
                asks_to_wait.unwrap_or(doubled).min(LONGEST_PAUSE)
            }
            _ => REFUSAL_PAUSE,
        };
        let failure =
            RememberedFailure { error: error.clone(), id: id.to_owned(), until: monotonic() + pause, pause };
        failures.insert(name.key.clone(), failure);
        error
    }

    async fn lock(&self, name: &GrantName) -> Result<RefreshLock, CredentialError> {
        loop {
            let (file, key) = (self.file.clone(), name.key.clone());
            if let Some(lock) = blocking(move || file.try_lock(&key)).await? {
                return Ok(lock);
            }
            tokio::time::sleep(TRY_LOCK_EVERY).await;
        }
    }
}

/// The grant that counts for an account among those that are kept.
fn chosen_among(grants: &Grants, source: &TokenSource) -> Result<(GrantName, StoredGrant), CredentialError> {
    let client = source.client();
    let names = source.grants();
    let found = names.iter().find_map(|name| Some((name, grants.get(&name.key)?)));
    if !matches!(source.oauth2.flow, TokenFlow::Consent(_)) {
        let name = names
            .into_iter()
            .next()
            .unwrap_or(GrantName { key: source.account.clone(), login: source.account.clone() });
        let stored = grants.get(&name.key).filter(|grant| grant.client == client).cloned();
        return Ok((name, stored.unwrap_or_else(|| StoredGrant::empty(client))));
    }
    let account = &source.account;
    match found {
        Some((name, grant)) if grant.client == client => Ok((name.clone(), grant.clone())),
        Some((name, _)) => Err(CredentialError::NoGrant {
            login: name.login.clone(),
            reason: format!(
                "the consent for the account {account} was given to another client than the configured one"
            ),
        }),
        None => {
            let none = format!("nobody has given consent for the account {account} yet");
            // One letter tells of all accounts that could share a grant; where each person gives their own, the
            // account's is wanted.
            let (login, reason) = match &source.shared {
                Some(provider) => {
                    let own = format!("{none} (`baton login {account}` gives it for this mailbox alone)");
                    (provider.clone(), own)
                }
                None => (account.clone(), none),
            };
            Err(CredentialError::NoGrant { login, reason })
        }
    }
}

/// The token, unless it is about to expire or was not taken.
fn usable(stored: &StoredGrant, rejected: Option<&SecretString>, now: DateTime<Utc>) -> Option<SecretString> {
    let token = stored.access_token.as_deref()?;
    let left = TimeDelta::try_seconds(stored.expires_at? - now.timestamp())?;
    let ahead = AHEAD.min(TimeDelta::try_seconds(stored.lifetime? / 4)?);
    let is_rejected = rejected.is_some_and(|rejected| rejected.expose_secret() == token);
    (left > ahead && !is_rejected).then(|| SecretString::from(token))
}

/// Refreshes a grant under its lock, unless another has done so in the meantime.
async fn refresh(
    tokens: Arc<AccountTokens>,
    source: TokenSource,
    name: GrantName,
    rejected: Option<SecretString>,
    now: DateTime<Utc>,
) -> Result<SecretString, CredentialError> {
    let too_long =
        || CredentialError::NoTokenYet { reason: "another baton is refreshing the token".to_owned() };
    let _lock = timeout(WAIT, tokens.lock(&name)).await.map_err(|_| too_long())??;
    let (name, stored) = tokens.chosen(&source).await?;
    if let Some(token) = usable(&stored, rejected.as_ref(), now) {
        return Ok(token);
    }
    // Whoever waited for the lock hears what came of it, and does not ask once more.
    tokens.remembered(&name, &stored)?;
    let given = match ask(&source, &stored, now).await {
        Ok(given) => given,
        Err(failure) => {
            let wait = failure.retry_after();
            return Err(tokens.remember(&name, &stored.id, failure.told(&source, &name), wait));
        }
    };
    let token = given.access_token.clone();
    let kept = kept(given, &source, Some(&stored), now);
    let (file, key, id) = (tokens.file.clone(), name.key.clone(), stored.id.clone());
    // Somebody may have given a new grant meanwhile, which is not to be lost.
    let keep = move |before: Option<&StoredGrant>| match before {
        Some(newer) if newer.id != id => Some(newer.clone()),
        _ => Some(kept),
    };
    blocking(move || file.change(&key, keep)).await?;
    tokens.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&name.key);
    Ok(token)
}

/// Why no token came.
enum RefreshFailure {
    Secret(CredentialError),
    Endpoint(TokenError),
}

impl RefreshFailure {
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Endpoint(TokenError::Later { retry_after, .. }) => *retry_after,
            _ => None,
        }
    }

    fn told(self, source: &TokenSource, name: &GrantName) -> CredentialError {
        let error = match self {
            Self::Secret(error) => return error,
            Self::Endpoint(error) => error,
        };
        match (&error, &source.oauth2.flow) {
            (TokenError::Later { reason, .. }, _) => CredentialError::NoTokenYet { reason: reason.clone() },
            (TokenError::Refused { .. }, TokenFlow::Consent(_)) if error.is_ended_grant() => {
                CredentialError::NoGrant { login: name.login.clone(), reason: error.to_string() }
            }
            (TokenError::Refused { code, text }, _) => {
                let advice = advice(source, code, text);
                CredentialError::NeedsPerson { reason: format!("{text}{advice}") }
            }
        }
    }
}

/// What to do about a refusal that no login mends.
fn advice(source: &TokenSource, code: &str, words: &str) -> String {
    let text = match (&source.oauth2.flow, code) {
        _ if words.contains("AADSTS7000112") => {
            "an administrator has to enable the application (Entra admin centre, enterprise applications, properties)"
        }
        (TokenFlow::ServiceAccount { .. }, "unauthorized_client" | "access_denied") => {
            "in the Google Admin console, allow the service account's client ID domain-wide delegation for the scope https://mail.google.com/"
        }
        (TokenFlow::ServiceAccount { .. }, "invalid_grant") => {
            "check that the mailbox exists in Google Workspace, that the key was not deleted, and this machine's clock"
        }
        (TokenFlow::ClientCredentials { .. }, "invalid_client" | "unauthorized_client") => {
            "check `client_id`, and whether the client's secret has expired"
        }
        (TokenFlow::Consent(_), "invalid_client" | "unauthorized_client") => {
            "check `client_id` and `client_secret`"
        }
        (_, "invalid_scope") => "an administrator has to grant the application its mail permissions",
        _ => return String::new(),
    };
    format!("; {text}")
}

async fn ask(
    source: &TokenSource,
    stored: &StoredGrant,
    now: DateTime<Utc>,
) -> Result<GivenTokens, RefreshFailure> {
    let endpoint = source.endpoint().await.map_err(RefreshFailure::Secret)?;
    let asked = match (&source.oauth2.flow, endpoint) {
        (TokenFlow::ServiceAccount { key_file, scopes }, _) => {
            let (key_file, login, scopes) = (key_file.clone(), source.login.clone(), scopes.clone());
            let signing =
                tokio::task::spawn_blocking(move || assertion::sign(&key_file, &login, &scopes, now));
            let signed = signing.await.unwrap_or_else(|_| Err(TokenError::later("baton is ending")));
            let signed = signed.map_err(RefreshFailure::Endpoint)?;
            let endpoint = TokenEndpoint {
                url: signed.token_uri,
                client_id: String::new(),
                client_secret: None,
                tries_header: false,
                http: source.http().await.map_err(RefreshFailure::Secret)?,
            };
            let form = [("grant_type", assertion::GRANT_TYPE), ("assertion", signed.text.expose_secret())];
            endpoint.ask(&form).await
        }
        (TokenFlow::ClientCredentials { scopes, .. }, Some(endpoint)) => {
            let scope = scopes.join(" ");
            let form = [("grant_type", "client_credentials"), ("scope", scope.as_str())];
            endpoint.ask(&form).await
        }
        (TokenFlow::Consent(_), Some(endpoint)) => {
            let Some(refresh_token) = &stored.refresh_token else {
                let code = "invalid_grant".to_owned();
                let text = "the consent has expired, and the server gave nothing to renew it with".to_owned();
                return Err(RefreshFailure::Endpoint(TokenError::Refused { code, text }));
            };
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
            endpoint.ask(&form).await
        }
        (_, None) => Err(TokenError::refused("there is no endpoint")),
    };
    asked.map_err(RefreshFailure::Endpoint)
}

/// What is kept of tokens that were given.
fn kept(
    given: GivenTokens,
    source: &TokenSource,
    before: Option<&StoredGrant>,
    now: DateTime<Utc>,
) -> StoredGrant {
    let lifetime = i64::try_from(given.lifetime.as_secs()).unwrap_or(i64::MAX / 2);
    let refresh_token = given.refresh_token.map(|token| token.expose_secret().to_owned());
    StoredGrant {
        client: source.client(),
        id: before.map(|before| before.id.clone()).unwrap_or_default(),
        refresh_token: refresh_token.or_else(|| before.and_then(|before| before.refresh_token.clone())),
        access_token: Some(given.access_token.expose_secret().to_owned()),
        expires_at: Some(now.timestamp().saturating_add(lifetime)),
        lifetime: Some(lifetime),
    }
}

/// Keeps a new grant of the account or provider that `source` stands for.
pub(crate) async fn keep_new_grant(
    file: &GrantFile,
    grant: GrantOwner<'_>,
    source: &TokenSource,
    given: GivenTokens,
    now: DateTime<Utc>,
) -> Result<(), CredentialError> {
    let key = match grant {
        GrantOwner::Account(name) => format!("account {name}"),
        GrantOwner::Provider(name) => format!("provider {name}"),
    };
    let mut new = kept(given, source, None, now);
    new.id = random_suffix().map_err(|error| CredentialError::NoTokenYet { reason: error_chain(&error) })?;
    let file = file.clone();
    blocking(move || file.change(&key, |_| Some(new))).await
}

/// Whose grant it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GrantOwner<'a> {
    Account(&'a str),
    Provider(&'a str),
}

/// Under which the operator's alert about a missing grant is; `login` is what `baton login` calls it.
pub(crate) fn missing_grant_subject(login: &str) -> String {
    format!("login {login}")
}

/// Runs what reads or writes the token file on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, GrantFileError> + Send + 'static,
) -> Result<T, CredentialError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome.map_err(|error| {
            let reason = error_chain(&error);
            match error {
                GrantFileError::Io { .. } => CredentialError::NoTokenYet { reason },
                GrantFileError::OpenToOthers { .. } | GrantFileError::Damaged { .. } => {
                    CredentialError::NeedsPerson { reason }
                }
            }
        }),
        Err(_) => Err(CredentialError::NoTokenYet { reason: "baton is ending".to_owned() }),
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
