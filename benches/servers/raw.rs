//! Plain clients: IMAP that drains answers without understanding them, SMTP that hands mail over; and a wire with a delay.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::support::PASSWORD;

trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// One session.
pub(crate) struct RawClient {
    stream: BufReader<Box<dyn Wire>>,
}

fn tls(port: u16, ca: &[u8]) -> Box<dyn Wire> {
    let mut roots = RootCertStore::empty();
    for one in CertificateDer::pem_slice_iter(ca) {
        roots.add(one.unwrap()).unwrap();
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    Box::new(StreamOwned::new(connection, connect(port)))
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

impl RawClient {
    /// Connects, by TLS where there is a certificate to trust, and reads the greeting.
    pub(crate) fn connect(port: u16, ca: Option<&[u8]>) -> Self {
        let wire = ca.map_or_else(|| Box::new(connect(port)) as Box<dyn Wire>, |ca| tls(port, ca));
        let mut client = Self { stream: BufReader::with_capacity(1 << 16, wire) };
        client.line();
        client
    }

    fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        assert!(!line.is_empty(), "the server has closed");
        line
    }

    fn write(&mut self, text: &[u8]) {
        self.stream.get_mut().write_all(text).unwrap();
        self.stream.get_mut().flush().unwrap();
    }

    /// IMAP: a command, and everything up to its tag.
    pub(crate) fn ask(&mut self, text: &str) {
        self.write(format!("a1 {text}\r\n").as_bytes());
        let mut line = Vec::new();
        loop {
            line.clear();
            self.stream.read_until(b'\n', &mut line).unwrap();
            if line.starts_with(b"a1 ") {
                assert!(line.starts_with(b"a1 OK"), "{text}: {}", String::from_utf8_lossy(&line));
                return;
            }
        }
    }

    pub(crate) fn log_in(&mut self, address: &str) {
        self.ask(&format!("LOGIN {address} {PASSWORD}"));
    }

    /// SMTP: a command, and the last line of its answer.
    pub(crate) fn say(&mut self, text: &[u8]) -> String {
        self.write(text);
        loop {
            let line = self.line();
            if line.get(3) != Some(&b'-') {
                return String::from_utf8_lossy(&line).into_owned();
            }
        }
    }
}

/// Sends these mails over one connection, one after the other. How many seconds it takes.
pub(crate) fn send_all(port: u16, ca: &[u8], from: &str, mails: &[(Vec<String>, Vec<u8>)]) -> f64 {
    use base64::Engine as _;
    let began = Instant::now();
    let mut client = RawClient::connect(port, Some(ca));
    client.say(b"EHLO plain.example\r\n");
    let login = base64::engine::general_purpose::STANDARD.encode(format!("\0{from}\0{PASSWORD}"));
    let answer = client.say(format!("AUTH PLAIN {login}\r\n").as_bytes());
    assert!(answer.starts_with("235"), "{answer}");
    for (to, bytes) in mails {
        client.say(format!("MAIL FROM:<{from}>\r\n").as_bytes());
        for one in to {
            client.say(format!("RCPT TO:<{one}>\r\n").as_bytes());
        }
        client.say(b"DATA\r\n");
        let mut message = bytes.clone();
        message.extend_from_slice(b"\r\n.\r\n");
        let answer = client.say(&message);
        assert!(answer.starts_with("250"), "{answer}");
    }
    client.say(b"QUIT\r\n");
    began.elapsed().as_secs_f64()
}

/// A port behind which everything arrives this much later, in both directions, however much is under way.
pub(crate) fn delayed(target: u16, delay: Duration) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = connect(target);
            client.set_nodelay(true).unwrap();
            carry(client.try_clone().unwrap(), server.try_clone().unwrap(), delay);
            carry(server, client, delay);
        }
    });
    port
}

fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (piece, pieces) = channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if piece.send((Instant::now() + delay, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, bytes) in pieces {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
