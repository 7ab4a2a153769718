//! Asks a token endpoint for an access token and reads what it says (RFC 6749 sections 4.4, 5 and 6, RFC 7523).
//!
//! What needs a person and what passes by itself is decided here and nowhere else: a refusal that names its reason needs
//! a person, a busy or broken server does not. Nothing that was sent is ever part of an error, even where a server
//! repeats it.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::http::{HttpAnswer, HttpClient, HttpError};

/// How long a server may take. What it gives later is lost, with a refresh token that cannot be used twice.
const WITHIN: Duration = Duration::from_secs(60);

/// Where tokens come from, and who asks.
#[derive(Clone, Debug)]
pub(crate) struct TokenEndpoint {
    pub url: Url,
    pub client_id: String,
    pub client_secret: Option<SecretString>,
    /// It may want the client's secret in a header instead of in the form (RFC 6749 section 2.3.1).
    pub tries_header: bool,
    pub http: HttpClient,
}

/// What was given.
#[derive(Clone, Debug)]
pub(crate) struct GivenTokens {
    pub access_token: SecretString,
    /// From now.
    pub lifetime: Duration,
    /// A new one, where the old one does not count any more.
    pub refresh_token: Option<SecretString>,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// It stays so until somebody changes something. `code` is the error's name in the RFCs, such as `invalid_grant`.
    #[error("{text}")]
    Refused { code: String, text: String },
    #[error("{reason}")]
    Later { reason: String, retry_after: Option<Duration> },
}

impl TokenError {
    pub(crate) fn later(reason: impl Into<String>) -> Self {
        Self::Later { reason: reason.into(), retry_after: None }
    }

    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self::Refused { code: String::new(), text: text.into() }
    }

    /// Whether the grant itself has ended, or never was.
    pub(crate) fn is_ended_grant(&self) -> bool {
        const ENDED: [&str; 4] =
            ["invalid_grant", "interaction_required", "consent_required", "login_required"];
        matches!(self, Self::Refused { code, .. } if ENDED.contains(&code.as_str()))
    }
}

impl From<HttpError> for TokenError {
    fn from(error: HttpError) -> Self {
        match &error {
            HttpError::Address(_) | HttpError::Certificate { .. } => Self::refused(error.to_string()),
            HttpError::Unreachable { .. } | HttpError::Timeout { .. } | HttpError::Protocol { .. } => {
                Self::later(error.to_string())
            }
        }
    }
}

#[derive(Deserialize)]
struct TokenDocument {
    access_token: Option<SecretString>,
    token_type: Option<String>,
    /// A number, which some write as text.
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct ErrorDocument {
    error: String,
    error_description: Option<String>,
}

impl ErrorDocument {
    /// Microsoft says so by the number alone, whatever the code is: too many requests, or the same one too often.
    fn is_of_a_busy_server(&self) -> bool {
        const NUMBERS: [&str; 4] = ["AADSTS50196", "AADSTS90024", "AADSTS90033", "AADSTS90055"];
        let words = self.error_description.as_deref().unwrap_or_default();
        NUMBERS.iter().any(|number| {
            words.split_once(number).is_some_and(|(_, rest)| !rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    }
}

impl TokenEndpoint {
    /// Sends a form of a grant. The client is added to it.
    pub(crate) async fn ask(&self, form: &[(&str, &str)]) -> Result<GivenTokens, TokenError> {
        let answer = self.post(form).await?;
        self.understand(&answer, form)
    }

    async fn post(&self, form: &[(&str, &str)]) -> Result<HttpAnswer, TokenError> {
        let mut complete = form.to_vec();
        if !self.client_id.is_empty() {
            complete.push(("client_id", &self.client_id));
        }
        let Some(secret) = &self.client_secret else {
            return Ok(self.http.post_form(&self.url, &complete, None, WITHIN).await?);
        };
        let mut in_form = complete.clone();
        in_form.push(("client_secret", secret.expose_secret()));
        let answer = self.http.post_form(&self.url, &in_form, None, WITHIN).await?;
        let is_refused = refusal(&answer).is_some_and(|error| error.error == "invalid_client");
        if !self.tries_header || !is_refused {
            return Ok(answer);
        }
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(&self.client_id), encoded(secret.expose_secret()));
        let header = format!("Basic {}", STANDARD.encode(pair));
        Ok(self.http.post_form(&self.url, form, Some(&header), WITHIN).await?)
    }

    fn understand(&self, answer: &HttpAnswer, form: &[(&str, &str)]) -> Result<GivenTokens, TokenError> {
        let host = self.url.host_str().unwrap_or_default();
        if !answer.status.is_success() {
            return Err(self.failure(answer, form));
        }
        let strange =
            |what: &str| TokenError::later(format!("{host} answers with {what} instead of a token"));
        let document: TokenDocument =
            serde_json::from_slice(&answer.body).map_err(|_| strange("something else"))?;
        if document.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(strange("another kind of token"));
        }
        let access_token = document.access_token.filter(|token| !token.expose_secret().is_empty());
        let lifetime = document.expires_in.and_then(|value| match value {
            serde_json::Value::String(text) => text.trim().parse().ok(),
            number => number.as_f64(),
        });
        Ok(GivenTokens {
            access_token: access_token.ok_or_else(|| strange("nothing"))?,
            // Nobody gives them for less time without saying so.
            lifetime: lifetime
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .unwrap_or(Duration::from_secs(3600)),
            refresh_token: document.refresh_token.filter(|token| !token.expose_secret().is_empty()),
        })
    }

    pub(crate) fn failure(&self, answer: &HttpAnswer, form: &[(&str, &str)]) -> TokenError {
        const PASSING: [&str; 5] = [
            "temporarily_unavailable",
            "server_error",
            "slow_down",
            "rate_limit_exceeded",
            "internal_failure",
        ];
        let host = self.url.host_str().unwrap_or_default();
        let status = answer.status;
        let is_passing = status.is_server_error()
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY
            );
        match refusal(answer) {
            Some(error)
                if !is_passing
                    && !PASSING.contains(&error.error.as_str())
                    && !error.is_of_a_busy_server() =>
            {
                let text = self.words(&error, form);
                TokenError::Refused { code: error.error, text: format!("{host} gives no token: {text}") }
            }
            None if !is_passing => TokenError::refused(format!(
                "{host} gives no token: it answers {} (is the endpoint right?)",
                status.as_u16()
            )),
            _ => TokenError::Later {
                reason: format!("{host} gives no token now: it answers {}", status.as_u16()),
                retry_after: answer.retry_after,
            },
        }
    }

    /// The server's words, without anything that was sent.
    fn words(&self, error: &ErrorDocument, form: &[(&str, &str)]) -> String {
        let mut text = error.error.clone();
        if let Some(description) = &error.error_description {
            // Microsoft's goes on with the numbers of the request.
            let first = description.lines().next().unwrap_or_default();
            text.push_str(&format!(": {first}"));
        }
        let public = ["grant_type", "scope", "client_id", "redirect_uri"];
        let sent = form.iter().filter(|(name, value)| !public.contains(name) && value.len() > 5);
        let secret = self.client_secret.as_ref().map(|secret| secret.expose_secret());
        for value in sent.map(|(_, value)| *value).chain(secret.filter(|secret| !secret.is_empty())) {
            text = text.replace(value, "(hidden)");
        }
        text.chars().filter(|c| !c.is_control()).take(300).collect()
    }
}

fn refusal(answer: &HttpAnswer) -> Option<ErrorDocument> {
    serde_json::from_slice(&answer.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> TokenEndpoint {
        TokenEndpoint {
            url: Url::parse("https://login.example/token").unwrap(),
            client_id: "baton".to_owned(),
            client_secret: Some(SecretString::from("hunter2")),
            tries_header: true,
            http: HttpClient::default(),
        }
    }

    fn understood(status: u16, body: &str) -> Result<GivenTokens, TokenError> {
        let answer = HttpAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: Some(Duration::from_secs(7)),
            body: body.as_bytes().to_vec().into(),
        };
        endpoint().understand(&answer, &[("grant_type", "refresh_token"), ("refresh_token", "precious")])
    }

    #[test]
    fn a_refusal_needs_a_person_and_a_busy_server_does_not() {
        for (status, body) in [
            (400, r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#),
            (401, r#"{"error":"invalid_client"}"#),
            (400, r#"{"error":"invalid_grant","error_description":"AADSTS501960: no such number."}"#),
            (403, r#"{"error":"access_denied"}"#),
            (404, "<html>not here</html>"),
            (302, ""),
        ] {
            let error = understood(status, body).unwrap_err();
            assert!(matches!(error, TokenError::Refused { .. }), "{status} {body}: {error:?}");
        }
        for (status, body) in [
            (429, r#"{"error":"invalid_request"}"#),
            (500, ""),
            (503, r#"{"error":"invalid_grant"}"#),
            (400, r#"{"error":"temporarily_unavailable"}"#),
            (400, r#"{"error":"invalid_grant","error_description":"AADSTS50196: a client request loop."}"#),
            (200, "<html>sign in to the hotel's network</html>"),
            (200, r#"{"access_token":""}"#),
        ] {
            let error = understood(status, body).unwrap_err();
            assert!(matches!(error, TokenError::Later { .. }), "{status} {body}: {error:?}");
        }
        let busy = understood(429, "").unwrap_err();
        assert!(matches!(busy, TokenError::Later { retry_after: Some(wait), .. } if wait.as_secs() == 7));
    }

    #[test]
    fn what_was_sent_is_in_no_error() {
        let body = r#"{"error":"invalid_grant","error_description":"precious is no token of hunter2\r\nTrace ID: 1"}"#;
        let error = understood(400, body).unwrap_err();
        assert_eq!(
            error.to_string(),
            "login.example gives no token: invalid_grant: (hidden) is no token of (hidden)"
        );
        assert!(error.is_ended_grant());
        assert!(!format!("{:?}", understood(200, r#"{"access_token":"precious"}"#)).contains("precious"));
    }

    #[test]
    fn lifetimes_are_numbers_or_texts() {
        for (text, seconds) in
            [("60", 60), ("\"90\"", 90), ("59.7", 59), ("null", 3600), ("\"soon\"", 3600), ("-1", 3600)]
        {
            let given = understood(
                200,
                &format!(r#"{{"access_token":"a","token_type":"bearer","expires_in":{text}}}"#),
            );
            assert_eq!(given.unwrap().lifetime.as_secs(), seconds, "{text}");
        }
    }
}
