//! What a connection to a mail server needs, for IMAP and for submission alike: where it is, how it is
//! secured, who logs in; and one way to set up TLS and to name what went wrong with it.
//!
//! It does not speak either protocol. Known limits: no client certificates, no DANE; one additional
//! root (or a bundle of them) beside the platform's, never instead of it.

pub(crate) mod later;

use std::{
    error::Error as StdError,
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::stream::{FuturesUnordered, StreamExt};
use rustls::{
    ClientConfig,
    client::danger::ServerCertVerifier,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use tokio::{net::TcpStream, time::timeout};

/// How the connection is secured. `Plain` is for loopback only; the code that builds a `ServerLogin` checks that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314): imaps, smtps.
    Tls,
    /// TLS after STARTTLS, and nothing without it.
    StartTls,
    Plain,
}

/// What the login is proved with. It is wiped when dropped, and Debug does not show it.
#[derive(Clone, Debug)]
pub enum Auth {
    Password(SecretString),
    /// An OAuth 2 access token, for SASL XOAUTH2 or OAUTHBEARER.
    XOAuth2(SecretString),
}

impl Auth {
    /// The client's answer in SASL XOAUTH2, before it is encoded in base64.
    pub(crate) fn xoauth2_response(login: &str, token: &SecretString) -> Zeroizing<String> {
        Zeroizing::new(format!("user={login}\x01auth=Bearer {}\x01\x01", token.expose_secret()))
    }
}

/// How a server wants a token: in Google's way, or in that of RFC 7628.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenMechanism {
    XOAuth2,
    OAuthBearer,
}

impl TokenMechanism {
    /// The one to use with a server that offers these. Google's way is the one that both Google and Microsoft know.
    pub(crate) fn among(offers: impl Fn(&str) -> bool) -> Self {
        if !offers("XOAUTH2") && offers("OAUTHBEARER") { Self::OAuthBearer } else { Self::XOAuth2 }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
        }
    }

    /// What is said to an error, so that the server ends the exchange (RFC 7628 section 3.2.3).
    pub(crate) fn answer_to_error(self) -> &'static str {
        match self {
            Self::XOAuth2 => "",
            Self::OAuthBearer => "\x01",
        }
    }
}

impl ServerLogin {
    /// The client's words in a mechanism for tokens, before they are encoded in base64.
    pub(crate) fn token_response(
        &self,
        mechanism: TokenMechanism,
        token: &SecretString,
    ) -> Zeroizing<String> {
        match mechanism {
            TokenMechanism::XOAuth2 => Auth::xoauth2_response(&self.login, token),
            TokenMechanism::OAuthBearer => {
                let login = self.login.replace('=', "=3D").replace(',', "=2C");
                Zeroizing::new(format!(
                    "n,a={login},\x01host={}\x01port={}\x01auth=Bearer {}\x01\x01",
                    self.host,
                    self.port,
                    token.expose_secret()
                ))
            }
        }
    }
}

/// A server's error document about a token (RFC 7628 section 3.2.2), in words. `None`: it is something else.
pub(crate) fn token_refusal(document: &[u8]) -> Option<String> {
    let document: serde_json::Value = serde_json::from_slice(document).ok()?;
    let get = |name: &str| {
        document.get(name).and_then(|value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    let status = get("status")?;
    let meaning = match status.as_str() {
        "400" | "401" | "invalid_token" => "the token has expired, or is for something else".to_owned(),
        "403" | "insufficient_scope" => "the token does not open this mailbox".to_owned(),
        "invalid_request" => "the server could not read the login".to_owned(),
        other => format!("status {other}"),
    };
    let scope = get("scope").filter(|scope| !scope.is_empty());
    let scope = scope.map(|scope| format!("; the scope that it wants is {scope}")).unwrap_or_default();
    Some(format!("{meaning}{scope}").chars().filter(|c| !c.is_control()).take(300).collect())
}

/// A mail server and the login at it.
#[derive(Clone, Debug)]
pub struct ServerLogin {
    /// A DNS name or an IP address without brackets; the certificate has to be for it.
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// One or more further root certificates as PEM, trusted beside the platform's.
    pub extra_ca: Option<Vec<u8>>,
    pub login: String,
    pub auth: Auth,
}

impl fmt::Display for ServerLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Names of tracing targets that must stay off at every level: these libraries log credentials and mail
/// at DEBUG or TRACE.
pub(crate) const SECRET_LOGGERS: [&str; 5] = ["async_imap", "imap_proto", "lettre", "rustls", "tokio_rustls"];

/// Why TLS could not be set up on our side, before a byte was sent.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the additional root certificate is not a PEM certificate")]
    BadRoot,
    #[error("no root certificates to trust: {0}")]
    NoRoots(String),
}

/// Configurations made so far, by their extra roots.
type CachedClientConfigs = Vec<(Option<Vec<u8>>, Arc<ClientConfig>)>;

/// A hundred root certificates for each connection would be most of what an idle agent holds, so every
/// connection shares one configuration. Roots that the platform learns later count from the next start on.
static MADE: Mutex<CachedClientConfigs> = Mutex::new(Vec::new());

/// A client configuration that trusts the platform's roots and those in `extra_ca` (PEM).
pub(crate) fn client_config(extra_ca: Option<&[u8]>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, config)) = made.iter().find(|(roots, _)| roots.as_deref() == extra_ca) {
        return Ok(Arc::clone(config));
    }
    let config = new_client_config(extra_ca)?;
    made.push((extra_ca.map(<[u8]>::to_vec), Arc::clone(&config)));
    Ok(config)
}

fn new_client_config(extra_ca: Option<&[u8]>) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(extra_ca, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::NoRoots(error.to_string()))?
        .dangerous() // the name of the method; the verifier given is the platform's own
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// What decides whether a certificate is trusted.
pub(crate) fn verifier(
    extra_ca: Option<&[u8]>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let roots = roots(extra_ca)?;
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(provider))
        .map_err(|error| TlsError::NoRoots(error.to_string()))?;
    Ok(Arc::new(verifier))
}

fn roots(extra_ca: Option<&[u8]>) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let Some(pem) = extra_ca else {
        return Ok(Vec::new());
    };
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| TlsError::BadRoot)?;
    if found.is_empty() { Err(TlsError::BadRoot) } else { Ok(found) }
}

/// Why no TCP connection came about.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("no address is known for {0}")]
    UnknownHost(String),
    #[error("{0}")]
    Refused(String),
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
}

/// How long one address of a host may keep silent before the next is tried beside it (RFC 8305 section 5).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// Connects to the address of the host that answers first. `timeout_after` is for all of them together.
pub(crate) async fn dial(endpoint: &ServerLogin, timeout_after: Duration) -> Result<TcpStream, DialError> {
    let connected = async {
        let found = tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|error| DialError::Refused(error.to_string()))?.collect();
        let stream = first_to_answer(in_turns(found)).await.map_err(|error| match error {
            Some(error) => DialError::Refused(error.to_string()),
            None => DialError::UnknownHost(endpoint.host.clone()),
        })?;
        // Commands are small and wait for their answers; Nagle would only add latency.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    };
    timeout(timeout_after, connected).await.unwrap_or(Err(DialError::Timeout(timeout_after)))
}

/// The addresses of both families in turns, each family in the order that the resolver gave, its first choice first
/// (RFC 8305 section 4).
fn in_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut preferred, mut others) = (preferred.into_iter(), others.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = [preferred.next(), others.next()];
        if pair.iter().all(Option::is_none) {
            return all;
        }
        all.extend(pair.into_iter().flatten());
    }
}

/// Tries the addresses one after the other without waiting for one that keeps silent. `Err(None)`: there are none.
async fn first_to_answer(addresses: Vec<SocketAddr>) -> Result<TcpStream, Option<io::Error>> {
    let mut waiting = addresses.into_iter().peekable();
    let mut attempts = FuturesUnordered::new();
    let mut last = None;
    loop {
        attempts.extend(waiting.next().map(TcpStream::connect));
        if attempts.is_empty() {
            return Err(last);
        }
        let ended = if waiting.peek().is_some() {
            timeout(NEXT_ADDRESS_AFTER, attempts.next()).await
        } else {
            Ok(attempts.next().await)
        };
        match ended {
            Ok(Some(Ok(stream))) => return Ok(stream),
            Ok(Some(Err(error))) => last = Some(error),
            Ok(None) | Err(_) => {}
        }
    }
}

/// The reason why the server's certificate was not accepted, if that is what `error` is about.
/// Looks through the whole chain of sources, since every library wraps it differently.
pub(crate) fn certificate_reason(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let tls = error
            .downcast_ref::<rustls::Error>()
            .or_else(|| error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref());
        match tls {
            Some(rustls::Error::InvalidCertificate(reason)) => return Some(reason.to_string()),
            Some(rustls::Error::NoCertificatesPresented) => {
                return Some("the server showed no certificate".to_owned());
            }
            _ => {}
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let auth = Auth::Password(SecretString::from("hunter2"));
        assert!(!format!("{auth:?}").contains("hunter2"));
    }

    #[test]
    fn a_servers_error_about_a_token_is_told_in_words() {
        let google = br#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#;
        let told = token_refusal(google).unwrap();
        assert!(told.contains("expired") && told.contains("https://mail.google.com/"), "{told}");
        for other in [&b""[..], b"hello", b"[]", b"{}", b"{\"status\":[]}"] {
            assert_eq!(token_refusal(other), None);
        }
        assert!(token_refusal(br#"{"status":"invalid_token"}"#).is_some());
    }

    #[test]
    fn addresses_of_both_families_take_turns_and_the_resolvers_first_choice_stays_first() {
        let of =
            |list: &[&str]| -> Vec<SocketAddr> { list.iter().map(|text| text.parse().unwrap()).collect() };
        let found = of(&["[::1]:25", "[::2]:25", "[::3]:25", "192.0.2.1:25"]);
        assert_eq!(in_turns(found), of(&["[::1]:25", "192.0.2.1:25", "[::2]:25", "[::3]:25"]));
        let found = of(&["192.0.2.1:25", "192.0.2.2:25", "[::1]:25"]);
        assert_eq!(in_turns(found), of(&["192.0.2.1:25", "[::1]:25", "192.0.2.2:25"]));
        assert!(in_turns(Vec::new()).is_empty());
    }

    #[tokio::test]
    async fn an_address_that_refuses_or_keeps_silent_does_not_keep_the_next_from_being_tried() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        // A listener whose queue is full neither accepts nor refuses.
        let deaf = socket_with_full_queue().await;
        let refuses: SocketAddr = "127.0.0.1:1".parse().unwrap();
        for addresses in [
            vec![refuses, there],
            vec![deaf.address, there],
            vec![deaf.address, refuses, deaf.address, there],
        ] {
            let tried = timeout(Duration::from_secs(20), first_to_answer(addresses)).await.unwrap();
            assert_eq!(tried.unwrap().peer_addr().unwrap(), there);
        }
        assert!(matches!(first_to_answer(vec![refuses]).await, Err(Some(_))));
        assert!(matches!(first_to_answer(Vec::new()).await, Err(None)));
    }

    struct DeafListener {
        address: SocketAddr,
        _held: (tokio::net::TcpListener, Vec<tokio::task::JoinHandle<()>>),
    }

    async fn socket_with_full_queue() -> DeafListener {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut held = Vec::new();
        loop {
            let Ok(stream) = timeout(Duration::from_millis(300), TcpStream::connect(address)).await else {
                break;
            };
            held.push(tokio::spawn(async move {
                let _kept = stream;
                std::future::pending::<()>().await;
            }));
        }
        DeafListener { address, _held: (listener, held) }
    }

    #[test]
    fn text_that_is_no_certificate_is_refused_as_root() {
        assert!(matches!(client_config(Some(b"not a certificate")), Err(TlsError::BadRoot)));
    }
}
