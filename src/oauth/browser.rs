//! Consent in a browser: an authorization code that comes back to a port of this machine (RFC 8252), bound to this
//! process by PKCE (RFC 7636) and a state.
//!
//! No browser is started: the address is shown, so that it can be opened anywhere that can reach this port, or the
//! address at which the browser ends can be handed in. Known limit: nothing but what is asked for is checked; whose
//! mailbox the person opened shows at the first login.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use super::random_text;
use super::request::{GivenTokens, TokenEndpoint, TokenError};

/// How long somebody may take to sign in.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How long a browser may take to say what it wants.
const REQUEST_WITHIN: Duration = Duration::from_secs(10);
const LONGEST_REQUEST: usize = 16 << 10;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct ConsentRequest<'a> {
    pub authorize: &'a Url,
    pub scopes: &'a [String],
    /// `127.0.0.1`, or `localhost` where the provider knows only that (Microsoft).
    pub loopback: &'a str,
    /// Whose consent it should be.
    pub login_hint: Option<&'a str>,
    /// Further parameters of the provider's.
    pub extra: &'a [(&'a str, &'a str)],
}

/// A port that waits for the browser.
#[derive(Debug)]
pub(crate) struct AwaitedConsent {
    /// To be opened in a browser.
    pub address: Url,
    listeners: Vec<TcpListener>,
    redirect: String,
    state: String,
    verifier: SecretString,
}

/// Opens a port and makes the address that leads back to it.
pub(crate) async fn begin(
    client_id: &str,
    request: &ConsentRequest<'_>,
) -> Result<AwaitedConsent, TokenError> {
    let no_port =
        |error: std::io::Error| TokenError::refused(format!("no port of this machine is free: {error}"));
    let first = TcpListener::bind("127.0.0.1:0").await.map_err(no_port)?;
    let port = first.local_addr().map_err(no_port)?.port();
    let mut listeners = vec![first];
    if request.loopback == "localhost" {
        // Browsers may take the name for either; a machine without IPv6 has no second.
        listeners.extend(TcpListener::bind(("::1", port)).await);
    }
    let redirect = format!("http://{}:{port}", request.loopback);
    let (state, verifier) = (random_text()?, random_text()?);
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    let mut address = request.authorize.clone();
    address
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", &redirect)
        .append_pair("scope", &request.scopes.join(" "))
        .append_pair("state", &state)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(request.login_hint.map(|login| ("login_hint", login)))
        .extend_pairs(request.extra);
    Ok(AwaitedConsent { address, listeners, redirect, state, verifier: verifier.into() })
}

impl AwaitedConsent {
    /// Waits for the browser, or for `handed_in`, the address at which one ended; then fetches the tokens.
    pub(crate) async fn finish(
        self,
        endpoint: &TokenEndpoint,
        handed_in: &mut mpsc::Receiver<String>,
    ) -> Result<GivenTokens, TokenError> {
        let waiting = self.code(handed_in);
        let too_long = || TokenError::refused("nobody has signed in within 15 minutes");
        let code = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| too_long())??;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", &self.redirect),
            ("code_verifier", self.verifier.expose_secret()),
        ];
        endpoint.ask(&form).await
    }

    async fn code(&self, handed_in: &mut mpsc::Receiver<String>) -> Result<SecretString, TokenError> {
        let (sender, mut requests) = mpsc::channel(8);
        // Ends with this: a browser that connects and says nothing must not keep the next one from being heard.
        let mut connections = JoinSet::new();
        let accept = async |index: usize| match self.listeners.get(index) {
            Some(listener) => listener.accept().await,
            None => std::future::pending().await,
        };
        let mut is_handing_in = true;
        loop {
            let target = tokio::select! {
                Ok((stream, _)) = accept(0) => { connections.spawn(serve(stream, sender.clone())); continue }
                Ok((stream, _)) = accept(1) => { connections.spawn(serve(stream, sender.clone())); continue }
                Some(browser) = requests.recv() => browser,
                line = handed_in.recv(), if is_handing_in => {
                    is_handing_in = line.is_some();
                    let Some(line) = line else { continue };
                    BrowserRequest { target: line, stream: None }
                }
            };
            match self.read(&target.target) {
                None => target.answer("404 Not Found", "This is not what baton waits for.").await,
                Some(Ok(code)) => {
                    target.answer("200 OK", "baton has what it needs. You may close this window.").await;
                    return Ok(code);
                }
                Some(Err(error)) => {
                    target.answer("200 OK", "baton was given no access. You may close this window.").await;
                    return Err(error);
                }
            }
        }
    }

    /// The code in the address that a browser asks for; `None`: it is no answer to this request.
    fn read(&self, target: &str) -> Option<Result<SecretString, TokenError>> {
        let url = Url::parse(&self.redirect).ok()?.join(target.trim()).ok()?;
        let get =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if get("state")? != self.state {
            return None;
        }
        if let Some(code) = get("code") {
            return Some(Ok(code.into()));
        }
        let error = get("error")?;
        let description = get("error_description").map(|text| format!(": {text}")).unwrap_or_default();
        let text = format!("consent was not given: {error}{description}");
        let text = text.chars().filter(|c| !c.is_control()).take(300).collect();
        Some(Err(TokenError::Refused { code: error, text }))
    }
}

/// What a browser asks for, and where the answer goes.
struct BrowserRequest {
    target: String,
    stream: Option<TcpStream>,
}

impl BrowserRequest {
    async fn answer(self, status: &str, words: &str) {
        let Some(mut stream) = self.stream else { return };
        let body = format!("<!doctype html><meta charset=\"utf-8\"><title>baton</title><p>{words}</p>\n");
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        // A browser that has gone needs no answer.
        let _ = tokio::time::timeout(REQUEST_WITHIN, async {
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        })
        .await;
    }
}

async fn serve(mut stream: TcpStream, requests: mpsc::Sender<BrowserRequest>) {
    let reading = async {
        let mut head = Vec::new();
        let mut piece = [0; 1024];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_REQUEST {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => head.extend_from_slice(piece.get(..read)?),
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut words = head.lines().next()?.split(' ');
        (words.next()? == "GET").then(|| words.next().map(str::to_owned)).flatten()
    };
    if let Ok(Some(target)) = tokio::time::timeout(REQUEST_WITHIN, reading).await {
        // Nobody listens any more once the code has come.
        let _ = requests.send(BrowserRequest { target, stream: Some(stream) }).await;
    }
}
