//! Where a mail domain has its servers: what baton knows of providers, who receives the domain's mail (MX), Mozilla's
//! autoconfig document, SRV records (RFC 6186, 8314), and otherwise where most domains have theirs.
//!
//! All of it is a proposal that is shown and can be changed. Domains that nobody can own (RFC 2606) are not asked about.

use std::time::Duration;

use url::Url;

use crate::language::provider;
use crate::oauth::http::HttpClient;

use super::dns::{NamedHost, Resolver};
use super::settle::first_answering;

/// What a document from the web may take.
const DOCUMENT_WITHIN: Duration = Duration::from_secs(3);

/// Servers as the configuration names them, and how they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProposedServers {
    pub imap: String,
    pub smtp: String,
    pub found: Option<String>,
}

/// Hosts at the end of which mail exchangers' names tell who has a company's mailboxes, and a domain of theirs.
const EXCHANGERS: [(&str, &str); 6] = [
    ("google.com", "gmail.com"),
    ("googlemail.com", "gmail.com"),
    ("outlook.com", "outlook.com"),
    ("zoho.com", "zoho.com"),
    ("messagingengine.com", "fastmail.com"),
    ("yahoodns.net", "yahoo.com"),
];

/// The servers of a mail domain.
pub(crate) async fn servers(domain: &str, resolver: &Resolver) -> ProposedServers {
    if let Some(known) = known(domain) {
        return known;
    }
    let usual = ProposedServers {
        imap: format!("imaps://imap.{domain}:993"),
        smtp: format!("smtp+starttls://smtp.{domain}:587"),
        found: None,
    };
    if is_reserved(domain) || resolver.servers.is_empty() {
        return usual;
    }
    let (mx, srv, document) =
        tokio::join!(resolver.mx(domain), by_service(domain, resolver), by_document(domain));
    match by_exchanger(&mx).or(document).or(srv) {
        Some(found) => found,
        None => by_trying(domain, &usual).await.unwrap_or(usual),
    }
}

/// Where most domains have their servers, as far as somebody answers there.
async fn by_trying(domain: &str, usual: &ProposedServers) -> Option<ProposedServers> {
    let hosts = |first: &str| [format!("{first}.{domain}"), format!("mail.{domain}")];
    let (imap_hosts, smtp_hosts) = (hosts("imap"), hosts("smtp"));
    let (imap, smtp) =
        tokio::join!(first_answering(&imap_hosts, "imap"), first_answering(&smtp_hosts, "smtp"));
    if imap.is_none() && smtp.is_none() {
        return None;
    }
    let found = Some("somebody answers there".to_owned());
    let (usual_imap, usual_smtp) = (usual.imap.clone(), usual.smtp.clone());
    Some(ProposedServers { imap: imap.unwrap_or(usual_imap), smtp: smtp.unwrap_or(usual_smtp), found })
}

fn known(domain: &str) -> Option<ProposedServers> {
    let mut all = provider::all().iter().filter_map(|file| Some((&file.name, file.facts.mailbox.as_ref()?)));
    let (name, mailbox) = all.find(|(_, mailbox)| mailbox.domains.iter().any(|one| one == domain))?;
    Some(ProposedServers {
        imap: mailbox.imap.clone(),
        smtp: mailbox.smtp.clone(),
        found: Some(format!("{domain} is at {name}")),
    })
}

/// RFC 2606 and RFC 6762.
pub(crate) fn is_reserved(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or(domain);
    matches!(last, "example" | "test" | "invalid" | "localhost" | "local") || !domain.contains('.')
}

fn by_exchanger(mx: &[NamedHost]) -> Option<ProposedServers> {
    let first = mx.first()?;
    let is_under =
        |end: &str| first.host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let (_, domain) = EXCHANGERS.iter().find(|(end, _)| is_under(end))?;
    let found = Some(format!("{} receives the domain's mail", first.host));
    Some(ProposedServers { found, ..known(domain)? })
}

async fn by_service(domain: &str, resolver: &Resolver) -> Option<ProposedServers> {
    let service = |name: &'static str| async move { resolver.srv(&format!("{name}._tcp.{domain}")).await };
    let (imaps, imap, submissions, submission) =
        tokio::join!(service("_imaps"), service("_imap"), service("_submissions"), service("_submission"));
    let url = |scheme: &str, hosts: &[NamedHost]| {
        hosts.first().map(|one| format!("{scheme}://{}:{}", one.host, one.port))
    };
    Some(ProposedServers {
        imap: url("imaps", &imaps).or_else(|| url("imap+starttls", &imap))?,
        smtp: url("smtps", &submissions).or_else(|| url("smtp+starttls", &submission))?,
        found: Some("the domain's SRV records say so".to_owned()),
    })
}

async fn by_document(domain: &str) -> Option<ProposedServers> {
    let places = [
        format!("https://autoconfig.{domain}/mail/config-v1.1.xml"),
        format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
        format!("https://autoconfig.thunderbird.net/v1.1/{domain}"),
    ];
    let client = HttpClient::default();
    let ask = |place: String| {
        let client = &client;
        async move {
            let answer = client.get(&Url::parse(&place).ok()?, DOCUMENT_WITHIN).await.ok()?;
            let text = String::from_utf8(answer.body.to_vec()).ok().filter(|_| answer.status.is_success())?;
            read_document(&text)
        }
    };
    let answers = futures::future::join_all(places.into_iter().map(ask)).await;
    answers.into_iter().flatten().next()
}

/// The first IMAP and SMTP server with TLS of an autoconfig document.
fn read_document(text: &str) -> Option<ProposedServers> {
    let server = |element: &str, kind: &str, scheme: &str| {
        let start = format!("<{element}");
        text.split(&start).skip(1).find_map(|rest| {
            let (head, body) = rest.split_once('>')?;
            let body = body.split(&format!("</{element}>")).next()?;
            if !head.contains(kind) {
                return None;
            }
            let value = |name: &str| {
                let (_, rest) = body.split_once(&format!("<{name}>"))?;
                Some(rest.split('<').next()?.trim().to_owned())
            };
            let protection = match value("socketType")?.as_str() {
                "SSL" => "s",
                "STARTTLS" => "+starttls",
                _ => return None,
            };
            let (host, port) = (value("hostname")?, value("port")?.parse::<u16>().ok()?);
            // It may name the domain by a placeholder, which says less than the names that are tried anyway.
            let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
            (is_host && !host.is_empty())
                .then(|| format!("{scheme}{protection}://{}:{port}", host.to_lowercase()))
        })
    };
    Some(ProposedServers {
        imap: server("incomingServer", "\"imap\"", "imap")?,
        smtp: server("outgoingServer", "\"smtp\"", "smtp")?,
        found: Some("the domain's autoconfig document says so".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use simple_dns::rdata::{MX, RData, SRV};
    use simple_dns::{CLASS, Name, Packet, QTYPE, ResourceRecord, TYPE};
    use tokio::net::UdpSocket;

    use super::*;

    /// A name server on loopback that knows these records.
    async fn name_server(records: Vec<(&'static str, RData<'static>)>) -> Resolver {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let query = Packet::parse(&buffer[..length]).unwrap();
                let question = &query.questions[0];
                let mut answer = Packet::new_reply(query.id());
                for (name, record) in &records {
                    let is_kind = match record {
                        RData::MX(_) => question.qtype == QTYPE::TYPE(TYPE::MX),
                        _ => question.qtype == QTYPE::TYPE(TYPE::SRV),
                    };
                    if is_kind && question.qname.to_string() == *name {
                        let name = Name::new_unchecked(name);
                        answer.answers.push(ResourceRecord::new(name, CLASS::IN, 60, record.clone()));
                    }
                }
                socket.send_to(&answer.build_bytes_vec().unwrap(), from).await.unwrap();
            }
        });
        Resolver { servers: vec![address] }
    }

    fn mx(preference: u16, host: &'static str) -> RData<'static> {
        RData::MX(MX { preference, exchange: Name::new_unchecked(host) })
    }

    fn srv(port: u16, host: &'static str) -> RData<'static> {
        RData::SRV(SRV { priority: 0, weight: 1, port, target: Name::new_unchecked(host) })
    }

    #[tokio::test]
    async fn the_mail_exchanger_tells_who_has_a_company_s_mailboxes() {
        let domain = "vendor.baton-is-not-there.org";
        for (host, imap) in [
            ("aspmx.l.google.com", "imaps://imap.gmail.com:993"),
            ("vendor-example.mail.protection.outlook.com", "imaps://outlook.office365.com:993"),
        ] {
            let resolver = name_server(vec![(domain, mx(20, "backup.example")), (domain, mx(1, host))]).await;
            let found = servers(domain, &resolver).await;
            assert_eq!(found.imap, imap);
            assert!(found.found.unwrap().contains(host));
        }
    }

    #[tokio::test]
    async fn srv_records_name_servers_and_their_protection() {
        let resolver = name_server(vec![
            ("_imap._tcp.vendor.baton-is-not-there.org", srv(143, "mail.vendor.example")),
            ("_submissions._tcp.vendor.baton-is-not-there.org", srv(465, "out.vendor.example")),
        ])
        .await;
        let found = by_service("vendor.baton-is-not-there.org", &resolver).await.unwrap();
        assert_eq!(found.imap, "imap+starttls://mail.vendor.example:143");
        assert_eq!(found.smtp, "smtps://out.vendor.example:465");
        assert_eq!(by_service("other.example", &resolver).await, None);
    }

    #[tokio::test]
    async fn nobody_is_asked_about_domains_that_nobody_has() {
        let nobody = Resolver { servers: vec!["127.0.0.1:1".parse().unwrap()] };
        let found = servers("vendor.example", &nobody).await;
        assert_eq!((found.imap.as_str(), found.found), ("imaps://imap.vendor.example:993", None));
        assert_eq!(servers("gmail.com", &nobody).await.smtp, "smtps://smtp.gmail.com:465");
    }

    #[test]
    fn an_autoconfig_document_is_read() {
        let document = r#"<clientConfig version="1.1"><emailProvider id="vendor.example">
            <incomingServer type="pop3"><hostname>pop.vendor.example</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
            <incomingServer type="imap"><hostname>plain.vendor.example</hostname><port>143</port><socketType>plain</socketType></incomingServer>
            <incomingServer type="imap"><hostname>Mail.vendor.example</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
            <outgoingServer type="smtp"><hostname>mail.vendor.example</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer>
            </emailProvider></clientConfig>"#;
        let found = read_document(document).unwrap();
        assert_eq!(found.imap, "imaps://mail.vendor.example:993");
        assert_eq!(found.smtp, "smtp+starttls://mail.vendor.example:587");
        for other in ["", "<html>not found</html>", "<incomingServer type=\"imap\">", "<incomingServer"] {
            assert_eq!(read_document(other), None);
        }
    }
}
