//! What a port speaks: TLS from its first byte, or words, with or without an offer of STARTTLS.
//!
//! Nothing secret is ever said. Known limit: a server that greets nobody within a few seconds counts as one that waits
//! for TLS, and where it speaks none either, as nobody.

use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::tls;

/// How long a server may take for each step.
const STEP: Duration = Duration::from_secs(3);
/// More lines than any server answers with.
const MOST_LINES: usize = 100;
/// Ports on which TLS comes first (RFC 8314), so that nobody waits for a greeting there.
const TLS_PORTS: [u16; 2] = [993, 465];

/// What a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpokenProtocol {
    Tls,
    /// Words, with an offer of TLS.
    StartTls,
    /// Words, and no offer.
    Plain,
}

/// Asks a port. `None`: nobody answers, or neither as a mail server nor in TLS.
pub(crate) async fn spoken(host: &str, port: u16) -> Option<SpokenProtocol> {
    if TLS_PORTS.contains(&port) {
        match in_tls(host, port).await {
            Some(spoken) => Some(spoken),
            None => in_words(host, port).await,
        }
    } else {
        match in_words(host, port).await {
            Some(spoken) => Some(spoken),
            None => in_tls(host, port).await,
        }
    }
}

/// A connection on which the server has greeted and whose next bytes may be TLS, or `None`. `asks`: STARTTLS is offered
/// and wanted.
pub(crate) async fn greeted(host: &str, port: u16, asks: bool) -> Option<TcpStream> {
    let stream = dial(host, port).await?;
    if !asks {
        return Some(stream);
    }
    let mut server = GreetedServer::over(stream);
    server.greet().await?;
    server.capabilities().await?;
    let (command, last) = if server.is_imap { ("b STARTTLS", "b OK") } else { ("STARTTLS", "220") };
    let answer = server.ask(command, if server.is_imap { "b " } else { "" }).await?;
    answer
        .last()
        .is_some_and(|line| line.to_ascii_uppercase().starts_with(&last.to_ascii_uppercase()))
        .then_some(())?;
    Some(server.stream.into_inner())
}

async fn dial(host: &str, port: u16) -> Option<TcpStream> {
    timeout(STEP, TcpStream::connect((host, port))).await.ok()?.ok()
}

async fn in_tls(host: &str, port: u16) -> Option<SpokenProtocol> {
    let stream = dial(host, port).await?;
    let config = tls::client_config(None).ok()?;
    let name = ServerName::try_from(host.to_owned()).ok()?;
    match timeout(STEP, TlsConnector::from(config).connect(name, stream)).await.ok()? {
        Ok(_) => Some(SpokenProtocol::Tls),
        // Whose certificate it is, is another question.
        Err(error) => tls::certificate_reason(&error).map(|_| SpokenProtocol::Tls),
    }
}

async fn in_words(host: &str, port: u16) -> Option<SpokenProtocol> {
    let mut server = GreetedServer::over(dial(host, port).await?);
    server.greet().await?;
    let offers = server.capabilities().await.unwrap_or_default();
    let starttls = offers.iter().any(|line| line.to_ascii_uppercase().contains("STARTTLS"));
    Some(if starttls { SpokenProtocol::StartTls } else { SpokenProtocol::Plain })
}

/// A server that speaks words.
#[derive(Debug)]
pub(crate) struct GreetedServer<S> {
    stream: BufReader<S>,
    is_imap: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> GreetedServer<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream: BufReader::new(stream), is_imap: false }
    }

    /// Reads the greeting, by which IMAP and SMTP are told apart.
    pub(crate) async fn greet(&mut self) -> Option<()> {
        loop {
            let line = self.line().await?;
            if line.starts_with("220-") {
                continue;
            }
            self.is_imap =
                line.starts_with("* OK") || line.starts_with("* PREAUTH") || line.starts_with("* BYE");
            return (self.is_imap || line.starts_with("220")).then_some(());
        }
    }

    async fn capabilities(&mut self) -> Option<Vec<String>> {
        if self.is_imap {
            self.ask("a CAPABILITY", "a ").await
        } else {
            self.ask("EHLO [127.0.0.1]", "").await
        }
    }

    /// Sends a command and reads to the end of its answer, which `tag` begins in IMAP.
    pub(crate) async fn ask(&mut self, command: &str, tag: &str) -> Option<Vec<String>> {
        let command = format!("{command}\r\n");
        timeout(STEP, self.stream.get_mut().write_all(command.as_bytes())).await.ok()?.ok()?;
        let mut lines = Vec::new();
        while lines.len() < MOST_LINES {
            let line = self.line().await?;
            let is_last =
                if tag.is_empty() { line.as_bytes().get(3) != Some(&b'-') } else { line.starts_with(tag) };
            lines.push(line);
            if is_last {
                return Some(lines);
            }
        }
        None
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let read = timeout(STEP, self.stream.read_until(b'\n', &mut line)).await.ok()?.ok()?;
        (read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that greets so and answers every line so.
    async fn server(greeting: &'static str, answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                stream.get_mut().write_all(greeting.as_bytes()).await.unwrap();
                let mut line = String::new();
                while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                    if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            }
        });
        port
    }

    #[tokio::test]
    async fn a_port_is_known_by_its_greeting_and_by_what_it_offers() {
        for (greeting, answer, spoken_there) in [
            ("* OK hello\r\n", "* CAPABILITY IMAP4rev1 STARTTLS\r\na OK\r\n", SpokenProtocol::StartTls),
            ("* OK hello\r\n", "* CAPABILITY IMAP4rev1\r\na OK\r\n", SpokenProtocol::Plain),
            (
                "220-wait\r\n220 hello\r\n",
                "250-hello\r\n250-SIZE 1\r\n250 starttls\r\n",
                SpokenProtocol::StartTls,
            ),
            ("220 hello\r\n", "250 hello\r\n", SpokenProtocol::Plain),
            ("220 hello\r\n", "502 what?\r\n", SpokenProtocol::Plain),
        ] {
            let port = server(greeting, answer).await;
            assert_eq!(spoken("127.0.0.1", port).await, Some(spoken_there), "{greeting:?} {answer:?}");
        }
        let port = server("HTTP/1.1 400 no\r\n", "x\r\n").await;
        assert_eq!(spoken("127.0.0.1", port).await, None);
        assert_eq!(spoken("127.0.0.1", 1).await, None);
    }
}
