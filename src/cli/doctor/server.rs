//! Each server once, however many accounts are on it: its name in the DNS, the port, the kind of TLS, the certificate,
//! what it offers to strangers. docs/interface.md, `baton doctor`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::cli::failure::{MAIL_SERVER, REFUSED};
use crate::cli::spoken::{GreetedServer, SpokenProtocol, greeted, spoken};
use crate::config::{Account, ConfiguredEndpoint, Protection};
use crate::files;

use super::advice;
use super::certificate::{CertificateLook, SeenCertificate};
use super::finding::{DoctorCheck, DoctorFinding};

/// How long the DNS, a connection or a handshake may take.
const STEP: Duration = Duration::from_secs(5);
/// A certificate that ends so soon is said to.
const SOON_DAYS: i64 = 14;

/// A server and the roots that an account trusts it with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LookedAtServer {
    is_imap: bool,
    host: String,
    port: u16,
    /// TLS from the start, after STARTTLS, or none.
    protection: u8,
    ca: Option<PathBuf>,
}

impl LookedAtServer {
    fn of(server: &ConfiguredEndpoint, is_imap: bool, ca: Option<&Path>) -> Self {
        let protection = match server.protection {
            Protection::Tls => 0,
            Protection::StartTls => 1,
            Protection::Plain => 2,
        };
        let (host, port, ca) = (server.host.clone(), server.port, ca.map(Path::to_owned));
        Self { is_imap, host, port, protection, ca }
    }

    /// Of the account, and of the scheme of its URL.
    fn key(&self) -> &'static str {
        if self.is_imap { "imap" } else { "smtp" }
    }

    fn name(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    fn check(&self) -> DoctorCheck {
        DoctorFinding::about(if self.is_imap { "IMAP server" } else { "SMTP server" })
    }

    fn bad(&self, found: impl std::fmt::Display, remedy: impl Into<String>) -> DoctorFinding {
        self.check().bad(MAIL_SERVER, format!("{}: {found}", self.name()), remedy)
    }
}

/// Looks at every server of the accounts.
pub(crate) async fn servers(accounts: &BTreeMap<String, Account>, now: DateTime<Utc>) -> Vec<DoctorFinding> {
    let mut all = BTreeSet::new();
    for account in accounts.values() {
        all.insert(LookedAtServer::of(&account.imap, true, account.ca.as_deref()));
        all.insert(LookedAtServer::of(&account.smtp, false, account.ca.as_deref()));
    }
    let looks = all.iter().map(|server| look(server, now));
    futures::future::join_all(looks).await
}

async fn look(server: &LookedAtServer, now: DateTime<Utc>) -> DoctorFinding {
    let mut words = Vec::new();
    match addresses(server).await {
        Ok(found) => words.extend(found),
        Err(reason) => {
            let remedy = format!(
                "the name {} is not known: check the spelling in `{}`, and this machine's name servers",
                server.host,
                server.key()
            );
            return server.bad(format!("the DNS has no address for it ({reason})"), remedy);
        }
    }
    match server.protection {
        // Whether it answers shows at the login: some of these serve one connection after the other.
        2 => words.push("no TLS, on this machine".to_owned()),
        _ => match in_tls(server, now, &mut words).await {
            Ok(()) => {}
            Err(finding) => return *finding,
        },
    }
    server.check().good(format!("{}: {}", server.name(), words.join("; ")))
}

/// The addresses of a name; nothing of what is one already.
async fn addresses(server: &LookedAtServer) -> Result<Option<String>, String> {
    if server.host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(None);
    }
    let asked = timeout(STEP, tokio::net::lookup_host((server.host.as_str(), server.port))).await;
    let found = asked.map_err(|_| "no answer in time".to_owned())?.map_err(|error| error.to_string())?;
    let all: BTreeSet<String> = found.map(|address| address.ip().to_string()).collect();
    if all.is_empty() {
        return Err("no record".to_owned());
    }
    Ok(Some(all.into_iter().take(3).collect::<Vec<_>>().join(", ")))
}

async fn dial(server: &LookedAtServer) -> io::Result<()> {
    let dialled = timeout(STEP, tokio::net::TcpStream::connect((server.host.as_str(), server.port))).await;
    dialled.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"))).map(drop)
}

/// The handshake, and what is to be said of it.
async fn in_tls(
    server: &LookedAtServer,
    now: DateTime<Utc>,
    words: &mut Vec<String>,
) -> Result<(), Box<DoctorFinding>> {
    let extra_ca = match &server.ca {
        Some(path) => Some(files::read_aside(path).await.map_err(|error| {
            let what = format!("{} cannot be read: {error}", path.display());
            Box::new(server.check().bad(REFUSED, what, "check `ca` of the account"))
        })?),
        None => None,
    };
    let prepared = CertificateLook::with(extra_ca.as_deref());
    let (look, config) = prepared.map_err(|error| {
        Box::new(server.check().bad(REFUSED, error.to_string(), "check `ca` of the account"))
    })?;
    let Ok(name) = ServerName::try_from(server.host.clone()) else {
        return Err(Box::new(
            server.bad("the name cannot stand in a certificate", "use the server's own name"),
        ));
    };
    let Some(stream) = greeted(&server.host, server.port, server.protection == 1).await else {
        return Err(Box::new(no_greeting(server).await));
    };
    let secured = match timeout(STEP, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(secured)) => Some(secured),
        Ok(Err(_)) | Err(_) => None,
    };
    let Some(seen) = look.seen() else { return Err(Box::new(other_kind(server).await)) };
    words.push(certificate_words(&seen, now));
    if let Some(reason) = &seen.refused {
        let remedy = advice::for_certificate_by(reason, seen.issuer.as_deref());
        return Err(Box::new(server.bad(format!("{}; not trusted: {reason}", words.join("; ")), remedy)));
    }
    if let Some(secured) = secured
        && !server.is_imap
    {
        words.extend(offers(secured, server.protection == 0).await);
    }
    Ok(())
}

/// What a server offers to whoever greets it: the longest mail, and whether one can log in.
async fn offers<S: AsyncRead + AsyncWrite + Unpin>(stream: S, greets: bool) -> Vec<String> {
    let mut server = GreetedServer::over(stream);
    if greets && server.greet().await.is_none() {
        return Vec::new();
    }
    let lines = server.ask("EHLO [127.0.0.1]", "").await.unwrap_or_default();
    let offered: Vec<String> =
        lines.iter().filter_map(|line| Some(line.get(4..)?.trim().to_ascii_uppercase())).collect();
    let size = offered.iter().find_map(|line| line.strip_prefix("SIZE")?.trim().parse::<u64>().ok());
    let mut words = Vec::new();
    if let Some(size) = size.filter(|size| *size > 0) {
        words.push(format!("mail up to {}", super::mailbox::size_words(size)));
    }
    if !offered.iter().any(|line| line.starts_with("AUTH")) {
        words.push("no login offered (AUTH)".to_owned());
    }
    words
}

fn certificate_words(seen: &SeenCertificate, now: DateTime<Utc>) -> String {
    let issuer = seen.issuer.as_deref().unwrap_or("an issuer without a name");
    let until = match seen.until {
        Some(until) => {
            let date = until.format("%-d %b %Y");
            match (until - now).num_days() {
                _ if until <= now => format!(" until {date}, which has passed"),
                0 => format!(" until {date}, in less than a day"),
                days @ 1..SOON_DAYS => format!(" until {date}, in {days} days"),
                _ => format!(" until {date}"),
            }
        }
        None => String::new(),
    };
    format!("certificate by {issuer}{until}")
}

/// It does not answer, or not as the scheme says.
async fn no_greeting(server: &LookedAtServer) -> DoctorFinding {
    match dial(server).await {
        Ok(()) => other_kind(server).await,
        Err(error) => {
            let remedy = format!(
                "check host and port of `{}`, and whether a firewall lets this machine out",
                server.key()
            );
            server.bad(format!("nobody answers: {error}"), remedy)
        }
    }
}

/// It does not speak as the scheme says.
async fn other_kind(server: &LookedAtServer) -> DoctorFinding {
    let (name, key) = (server.name(), server.key());
    match (server.protection, spoken(&server.host, server.port).await) {
        (0, Some(SpokenProtocol::StartTls | SpokenProtocol::Plain)) => server.bad(
            "it does not speak TLS from the start",
            format!("{name} does not speak TLS from the start: write {key}+starttls:// instead of {key}s://"),
        ),
        (_, Some(SpokenProtocol::Tls)) => server.bad(
            "it speaks TLS from the start",
            format!("{name} speaks TLS from the start: write {key}s:// in `{key}`"),
        ),
        (_, Some(SpokenProtocol::Plain)) => server.bad(
            "it offers no STARTTLS",
            format!("write {key}s:// if the server has a port for it, or ask who runs it to offer STARTTLS"),
        ),
        _ => server.bad(
            "it does not answer as a mail server does",
            format!("check host and port of `{key}`, and the network"),
        ),
    }
}
