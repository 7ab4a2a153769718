//! A grant that comes while its absence is still being told.

use std::path::Path;

use super::*;
use crate::config::{ConsentClient, OAuth2, TokenProvider};

fn source(shared: Option<&str>) -> TokenSource {
    let client = ConsentClient {
        authorize: None,
        token: "http://127.0.0.1:1/token".parse().unwrap(),
        device: None,
        client_id: "baton".to_owned(),
        client_secret: None,
        scopes: Vec::new(),
    };
    TokenSource {
        account: "dana".to_owned(),
        login: "dana@vendor.example".to_owned(),
        shared: shared.map(str::to_owned),
        oauth2: OAuth2 { provider: TokenProvider::Custom, flow: TokenFlow::Consent(client) },
        ca: None,
    }
}

async fn is_noticed(tokens: &AccountTokens) -> bool {
    timeout(Duration::from_millis(500), tokens.new_grant("dana")).await.is_ok()
}

#[tokio::test]
async fn a_grant_that_came_before_anybody_looked_for_one_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let file = GrantFile::beside(&dir.path().join("baton.db"));
    for (shared, key) in [(None, "account dana"), (Some("vendor"), "provider vendor")] {
        let source = source(shared);
        let tokens = AccountTokens::new([("dana".to_owned(), source.clone())].into(), file.clone());
        let error = tokens.token("dana", None, DateTime::UNIX_EPOCH).await.unwrap_err();
        let CredentialError::NoGrant { login, reason } = &error else { panic!("{error:?}") };
        assert_eq!(login, shared.unwrap_or("dana"));
        assert_eq!(reason.contains("`baton login dana`"), shared.is_some(), "{reason}");
        let mut grant = StoredGrant::empty(source.client());
        grant.id = "one".to_owned();
        file.change(key, |_| Some(grant)).unwrap();
        assert!(is_noticed(&tokens).await);
        assert!(!is_noticed(&tokens).await, "what has been noticed is no news");
        file.change(key, |_| None).unwrap();
    }
    let nobody = GrantFile::beside(Path::new("/nowhere/baton.db"));
    assert!(!is_noticed(&AccountTokens::new(BTreeMap::new(), nobody)).await);
}
