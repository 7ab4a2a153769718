//! How an account comes to its tokens: which grants it may use, where they are asked for, and by which client.
//!
//! What the configuration says, in the form that a request needs; nothing is asked for here.

use std::path::PathBuf;

use crate::config::{self, ConfiguredAuth, OAuth2, TokenFlow, TokenProvider, fetch_secret};
use crate::files;
use crate::oauth::grant_file::fingerprint;
use crate::oauth::http::HttpClient;
use crate::oauth::request::TokenEndpoint;

use super::credential_error::CredentialError;

/// How an account comes to its tokens.
#[derive(Clone, Debug)]
pub(crate) struct TokenSource {
    pub account: String,
    /// Whose mailbox it is, as the server knows it.
    pub login: String,
    /// The provider whose grant counts where the account has none.
    pub shared: Option<String>,
    pub oauth2: OAuth2,
    /// Further root certificates, PEM.
    pub ca: Option<PathBuf>,
}

/// A grant that an account may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GrantName {
    /// In the token file.
    pub key: String,
    /// For `baton login`.
    pub login: String,
}

impl TokenSource {
    /// Of a configured account that logs in by token.
    pub(crate) fn of(account: &config::Account) -> Option<Self> {
        let ConfiguredAuth::OAuth2(oauth2) = &account.auth else { return None };
        Some(Self {
            account: account.name.clone(),
            login: account.login.clone(),
            shared: account.shared_grant.clone(),
            oauth2: OAuth2::clone(oauth2),
            ca: account.ca.clone(),
        })
    }

    /// Grants in the order in which they count.
    pub(crate) fn grants(&self) -> Vec<GrantName> {
        let own = GrantName { key: format!("account {}", self.account), login: self.account.clone() };
        let shared = self.shared.as_ref();
        let shared = shared.map(|name| GrantName { key: format!("provider {name}"), login: name.clone() });
        match &self.oauth2.flow {
            TokenFlow::Consent(_) => std::iter::once(own).chain(shared).collect(),
            // Nobody gives these: the names are of what is kept between two requests.
            TokenFlow::ServiceAccount { .. } => {
                vec![GrantName { key: format!("mailbox {}", self.login), ..own }]
            }
            TokenFlow::ClientCredentials { .. } => {
                vec![shared.map_or(own.clone(), |shared| GrantName {
                    key: format!("app {}", shared.login),
                    ..shared
                })]
            }
        }
    }

    /// What has to be the same for a grant to count.
    pub(crate) fn client(&self) -> String {
        let scoped = |first: &[&str], scopes: &[String]| {
            fingerprint(&[first, &scopes.iter().map(String::as_str).collect::<Vec<_>>()].concat())
        };
        match &self.oauth2.flow {
            TokenFlow::ServiceAccount { key_file, scopes } => {
                scoped(&[&key_file.to_string_lossy(), &self.login], scopes)
            }
            TokenFlow::ClientCredentials { token, client_id, scopes, .. } => {
                scoped(&[token.as_str(), client_id], scopes)
            }
            TokenFlow::Consent(client) => scoped(&[client.token.as_str(), &client.client_id], &client.scopes),
        }
    }

    /// The endpoint that gives the tokens, with the client's secret. None for a service account: its key names it.
    pub(crate) async fn endpoint(&self) -> Result<Option<TokenEndpoint>, CredentialError> {
        let (url, client_id, secret) = match &self.oauth2.flow {
            TokenFlow::ServiceAccount { .. } => return Ok(None),
            TokenFlow::ClientCredentials { token, client_id, client_secret, .. } => {
                (token, client_id, Some(client_secret))
            }
            TokenFlow::Consent(client) => (&client.token, &client.client_id, client.client_secret.as_ref()),
        };
        let env = |name: &str| std::env::var(name).ok();
        let client_secret = match secret {
            Some(source) => Some(fetch_secret(source, &self.account, &env).await?),
            None => None,
        };
        Ok(Some(TokenEndpoint {
            url: url.clone(),
            client_id: client_id.clone(),
            client_secret,
            tries_header: self.oauth2.provider == TokenProvider::Custom,
            http: self.http().await?,
        }))
    }

    pub(crate) async fn http(&self) -> Result<HttpClient, CredentialError> {
        let Some(path) = &self.ca else { return Ok(HttpClient::default()) };
        match files::read_aside(path).await {
            Ok(pem) => Ok(HttpClient { extra_ca: Some(pem) }),
            Err(error) => Err(CredentialError::NeedsPerson {
                reason: format!("{} cannot be read: {error}", path.display()),
            }),
        }
    }
}
