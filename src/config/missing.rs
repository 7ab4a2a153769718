//! What can never come right by waiting: environment variables that secrets are to come from and that are not set. A
//! running process gets no new ones. docs/behaviour.md section 15.

use std::collections::BTreeMap;

use super::Config;
use super::accounts::{Account, ConfiguredAuth};
use super::oauth2::TokenFlow;
use super::secrets::{SecretError, SecretSource};

impl Config {
    /// Every missing variable, a sentence each, with the accounts that need it.
    pub(crate) fn missing_variables(&self) -> Vec<String> {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for account in self.accounts.values() {
            if let Some(SecretSource::Env(name)) = secret_of(account)
                && !is_set(name)
            {
                missing.entry(name).or_default().push(&account.name);
            }
        }
        let sentence = |(name, accounts): (&str, Vec<&str>)| {
            let error = SecretError::Env { name: name.to_owned() };
            match accounts.as_slice() {
                [one] => format!("account {one}: {error}"),
                [first, rest @ ..] => format!("account {first} and {} more: {error}", rest.len()),
                [] => error.to_string(),
            }
        };
        missing.into_iter().map(sentence).collect()
    }
}

/// What an account cannot log in without: its password, or its client's secret.
fn secret_of(account: &Account) -> Option<&SecretSource> {
    match &account.auth {
        ConfiguredAuth::Password(source) => Some(source),
        ConfiguredAuth::OAuth2(oauth2) => match &oauth2.flow {
            TokenFlow::ServiceAccount { .. } => None,
            TokenFlow::ClientCredentials { client_secret, .. } => Some(client_secret),
            TokenFlow::Consent(client) => client.client_secret.as_ref(),
        },
    }
}
