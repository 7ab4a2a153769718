//! A small HTTP client: one request, one connection, an answer of at most a megabyte, all of it within a deadline.
//!
//! TLS is that of the mail servers, with the same roots. Plain http goes to this machine only; that is checked here,
//! too, since some addresses come out of documents. Redirects are not followed: a secret goes where it was meant to go
//! or nowhere. Known limits: HTTP/1.1, no proxies, no compression.

use std::net::IpAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use secrecy::zeroize::Zeroizing;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::tls;

/// The longest body that is read.
const LONGEST_BODY: usize = 1 << 20;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub status: StatusCode,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    pub body: Zeroizing<Vec<u8>>,
}

/// Why there is no answer. Names the host, never the rest of an address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("{0} is no address that can be asked: it has to be https, or http on this machine")]
    Address(String),
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("{host} has a certificate that is not trusted: {reason}")]
    Certificate { host: String, reason: String },
    #[error("{host} gave no answer within {} s", .after.as_secs())]
    Timeout { host: String, after: Duration },
    #[error("{host} does not answer as a web server does: {reason}")]
    Protocol { host: String, reason: String },
}

/// How servers are asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct HttpClient {
    /// Root certificates beside the platform's, PEM.
    pub extra_ca: Option<Vec<u8>>,
}

impl HttpClient {
    /// Sends a form, as token endpoints want it. `authorization` is the header's value.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        authorization: Option<&str>,
        within: Duration,
    ) -> Result<HttpAnswer, HttpError> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::builder()
            .method(Method::POST)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.exchange(url, request, body.into(), within).await
    }

    /// Asks for a document.
    pub(crate) async fn get(&self, url: &Url, within: Duration) -> Result<HttpAnswer, HttpError> {
        self.exchange(url, Request::builder().method(Method::GET), Bytes::new(), within).await
    }

    async fn exchange(
        &self,
        url: &Url,
        request: hyper::http::request::Builder,
        body: Bytes,
        within: Duration,
    ) -> Result<HttpAnswer, HttpError> {
        let host = host_of(url);
        let exchange = async {
            let stream = self.connect(url, &host).await?;
            let authority = match url.port() {
                Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
                None => url.host_str().unwrap_or_default().to_owned(),
            };
            let target = match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            };
            let request = request
                .uri(target)
                .header(header::HOST, authority)
                .header(header::USER_AGENT, concat!("baton/", env!("CARGO_PKG_VERSION")))
                .header(header::CONNECTION, "close")
                .body(Full::new(body))
                .map_err(|error| HttpError::Protocol { host: host.clone(), reason: error.to_string() })?;
            ask(stream, request, &host).await
        };
        let timeout = HttpError::Timeout { host: host.clone(), after: within };
        tokio::time::timeout(within, exchange).await.unwrap_or(Err(timeout))
    }

    async fn connect(&self, url: &Url, host: &str) -> Result<Box<dyn HttpStream>, HttpError> {
        let refused = || HttpError::Address(host.to_owned());
        let unreachable = |reason: String| HttpError::Unreachable { host: host.to_owned(), reason };
        let port = url.port_or_known_default().ok_or_else(refused)?;
        let is_plain = url.scheme() == "http" && is_loopback(url);
        if url.scheme() != "https" && !is_plain {
            return Err(refused());
        }
        let name = url.host_str().ok_or_else(refused)?.trim_matches(['[', ']']).to_owned();
        let tcp = TcpStream::connect((name.as_str(), port))
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        if is_plain {
            return Ok(Box::new(tcp));
        }
        let config =
            tls::client_config(self.extra_ca.as_deref()).map_err(|error| unreachable(error.to_string()))?;
        let server = ServerName::try_from(name).map_err(|_| refused())?;
        match TlsConnector::from(config).connect(server, tcp).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(match tls::certificate_reason(&error) {
                Some(reason) => HttpError::Certificate { host: host.to_owned(), reason },
                None => unreachable(format!("no TLS: {error}")),
            }),
        }
    }
}

/// What a request goes over.
trait HttpStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> HttpStream for S {}

async fn ask(
    stream: Box<dyn HttpStream>,
    request: Request<Full<Bytes>>,
    host: &str,
) -> Result<HttpAnswer, HttpError> {
    let broken =
        |error: hyper::Error| HttpError::Protocol { host: host.to_owned(), reason: error.to_string() };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        let retry_after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let body = Limited::new(answer.into_body(), LONGEST_BODY).collect().await;
        let body =
            body.map_err(|error| HttpError::Protocol { host: host.to_owned(), reason: error.to_string() })?;
        Ok(HttpAnswer { status, retry_after, body: Zeroizing::new(body.to_bytes().to_vec()) })
    };
    let mut answer = std::pin::pin!(answer);
    // The connection has to be driven for as long as the answer is awaited, and no longer.
    tokio::select! {
        answer = &mut answer => answer,
        // Its own failure is the answer's, which tells it.
        _ = connection => answer.await,
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("an address without a host");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn secrets_leave_this_machine_encrypted_or_not_at_all() {
        for address in ["http://login.example/token", "ftp://127.0.0.1/", "http://127.0.0.1.example/"] {
            let url = Url::parse(address).unwrap();
            let asked = HttpClient::default().get(&url, Duration::from_secs(5)).await;
            assert!(matches!(asked, Err(HttpError::Address(_))), "{address}");
        }
    }
}
