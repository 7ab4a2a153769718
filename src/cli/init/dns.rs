//! Asks the machine's name servers for MX and SRV records (RFC 1035, 2782), which the standard library cannot.
//!
//! One question by UDP to the first name server that answers, within a short deadline: whoever waits for a proposal has
//! no patience. Known limits: no TCP for answers that do not fit, no search domains; without `/etc/resolv.conf` nothing
//! is asked.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, TYPE};
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// What a server may take.
const WITHIN: Duration = Duration::from_millis(1500);

/// Who is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolver {
    pub servers: Vec<SocketAddr>,
}

/// A host that a domain names, the most wanted first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedHost {
    pub host: String,
    /// 0 for MX.
    pub port: u16,
    rank: u16,
}

impl Resolver {
    /// Those of this machine.
    pub(crate) fn of_machine() -> Self {
        let file = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let address = |line: &str| {
            let text = line.trim().strip_prefix("nameserver")?.trim().to_owned();
            text.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 53))
        };
        Self { servers: file.lines().filter_map(address).take(2).collect() }
    }

    /// Who receives a domain's mail.
    pub(crate) async fn mx(&self, domain: &str) -> Vec<NamedHost> {
        self.ask(domain, TYPE::MX).await
    }

    /// Who offers a service, such as `_imaps._tcp.vendor.example`.
    pub(crate) async fn srv(&self, service: &str) -> Vec<NamedHost> {
        self.ask(service, TYPE::SRV).await
    }

    async fn ask(&self, name: &str, kind: TYPE) -> Vec<NamedHost> {
        for server in &self.servers {
            if let Ok(Some(found)) = timeout(WITHIN, ask(*server, name, kind)).await {
                return found;
            }
        }
        Vec::new()
    }
}

async fn ask(server: SocketAddr, name: &str, kind: TYPE) -> Option<Vec<NamedHost>> {
    let mut id = [0; 2];
    SystemRandom::new().fill(&mut id).ok()?;
    let mut query = Packet::new_query(u16::from_be_bytes(id));
    query.set_flags(PacketFlag::RECURSION_DESIRED);
    let question = Question::new(Name::new(name).ok()?, QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false);
    query.questions.push(question);
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await.ok()?;
    socket.connect(server).await.ok()?;
    socket.send(&query.build_bytes_vec().ok()?).await.ok()?;
    let mut buffer = vec![0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await.ok()?;
        let Ok(answer) = Packet::parse(buffer.get(..length)?) else { continue };
        if answer.id() != query.id() {
            continue;
        }
        let mut found: Vec<NamedHost> =
            answer.answers.iter().filter_map(|record| host(&record.rdata)).collect();
        found.sort_by_key(|one| one.rank);
        return Some(found);
    }
}

fn host(record: &RData<'_>) -> Option<NamedHost> {
    let (name, port, rank) = match record {
        RData::MX(mx) => (mx.exchange.to_string(), 0, mx.preference),
        RData::SRV(srv) => (srv.target.to_string(), srv.port, srv.priority),
        _ => return None,
    };
    let host = name.trim_end_matches('.').to_lowercase();
    // A lone dot says that there is none (RFC 2782, RFC 7505).
    (!host.is_empty()).then_some(NamedHost { host, port, rank })
}
