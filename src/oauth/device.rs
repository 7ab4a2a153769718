//! Consent on another device: a code to type in there, and patient asking here (RFC 8628).

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::request::{GivenTokens, TokenEndpoint, TokenError};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const USUAL_INTERVAL: u64 = 5;
const WITHIN: Duration = Duration::from_secs(30);

/// What the person is shown, and what is asked with.
#[derive(Deserialize)]
pub(crate) struct DeviceCode {
    device_code: SecretString,
    pub user_code: String,
    #[serde(alias = "verification_url")]
    pub verification_uri: String,
    /// Holds the code already.
    pub verification_uri_complete: Option<String>,
    expires_in: u64,
    interval: Option<u64>,
}

/// Asks for a code.
pub(crate) async fn begin(
    endpoint: &TokenEndpoint,
    device: &Url,
    scopes: &[String],
) -> Result<DeviceCode, TokenError> {
    let scopes = scopes.join(" ");
    let mut form = vec![("client_id", endpoint.client_id.as_str()), ("scope", scopes.as_str())];
    if let Some(secret) = &endpoint.client_secret {
        form.push(("client_secret", secret.expose_secret()));
    }
    let answer = endpoint.http.post_form(device, &form, None, WITHIN).await?;
    let host = device.host_str().unwrap_or_default();
    if !answer.status.is_success() {
        let mut asked = endpoint.clone();
        asked.url = device.clone();
        return Err(asked.failure(&answer, &form));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| TokenError::refused(format!("{host} gives no code for a device")))
}

impl DeviceCode {
    /// Asks again and again until the person has answered, or the code lapses.
    pub(crate) async fn finish(&self, endpoint: &TokenEndpoint) -> Result<GivenTokens, TokenError> {
        let form = [("grant_type", GRANT_TYPE), ("device_code", self.device_code.expose_secret())];
        let mut interval = Duration::from_secs(self.interval.unwrap_or(USUAL_INTERVAL).max(1));
        let asking = async {
            loop {
                tokio::time::sleep(interval).await;
                match endpoint.ask(&form).await {
                    Err(TokenError::Refused { code, .. }) if code == "authorization_pending" => {}
                    // Slower by five seconds (RFC 8628 section 3.5); a busy server is asked less often as well.
                    Err(TokenError::Later { .. }) => interval += Duration::from_secs(5),
                    outcome => return outcome,
                }
            }
        };
        let lapsed = || TokenError::Refused {
            code: "expired_token".to_owned(),
            text: "nobody has typed the code in before it lapsed".to_owned(),
        };
        let lasts = Duration::from_secs(self.expires_in);
        tokio::time::timeout(lasts, asking).await.unwrap_or_else(|_| Err(lapsed()))
    }
}
