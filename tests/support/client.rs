//! A small mail client that shares no code with baton: what people do with their mailboxes in the tests,
//! and how the tests look into them. It looks with EXAMINE and BODY.PEEK, so looking changes nothing.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::{PASSWORD, crlf};

/// One IMAP session, in plain text.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    tag: u32,
}

/// A message as it lies in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub uid: u32,
    /// As the server writes them, `\Recent` aside.
    pub flags: Vec<String>,
    /// As the server writes it: `22-Nov-2026 19:40:20 +0000`.
    pub internal_date: String,
    pub text: String,
}

impl Stored {
    /// A header's value, unfolded; the first of that name.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        header(&self.text, name)
    }
}

/// A header's value in a message, unfolded; the first of that name.
pub(crate) fn header(message: &str, name: &str) -> Option<String> {
    let head = message.split("\r\n\r\n").next().unwrap_or_default();
    let head = head.replace("\r\n\t", " ").replace("\r\n ", " ");
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

impl Client {
    pub(crate) fn log_in(port: u16, address: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut client = Self { stream: BufReader::new(stream), tag: 0 };
        client.line();
        client.command(&format!("LOGIN {address} {PASSWORD}"));
        client
    }

    /// Runs a command that has to succeed; the untagged answers, with their literals, as one text.
    pub(crate) fn command(&mut self, command: &str) -> String {
        let tag = self.send(command);
        self.until(&tag, command)
    }

    pub(crate) fn create(&mut self, folder: &str) {
        self.command(&format!("CREATE \"{folder}\""));
    }

    /// Adds a message; `flags` such as `\Seen`, `date` as in `Stored`.
    pub(crate) fn append(&mut self, folder: &str, flags: &str, date: Option<&str>, message: &str) {
        let message = crlf(message);
        let date = date.map(|date| format!(" \"{date}\"")).unwrap_or_default();
        let tag = self.send(&format!("APPEND \"{folder}\" ({flags}){date} {{{}}}", message.len()));
        loop {
            let line = self.line();
            assert!(!line.starts_with(&tag), "APPEND: {line}");
            if line.starts_with('+') {
                break;
            }
        }
        self.write(&format!("{message}\r\n"));
        self.until(&tag, "APPEND");
    }

    /// All messages of a folder, by UID.
    pub(crate) fn messages(&mut self, folder: &str) -> Vec<Stored> {
        self.command(&format!("EXAMINE \"{folder}\""));
        let tag = self.send("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])");
        let mut found = Vec::new();
        loop {
            let line = self.line();
            if line.starts_with(&tag) {
                assert!(line.contains(" OK "), "FETCH: {line}");
                return found;
            }
            let Some(length) = literal(&line) else { continue };
            let text = self.bytes(length);
            // What follows the literal is the closing parenthesis.
            self.line();
            let between = |open: &str, close: char| {
                let (_, rest) = line.split_once(open).unwrap();
                rest.split(close).next().unwrap().to_owned()
            };
            found.push(Stored {
                uid: between("UID ", ' ').parse().unwrap(),
                flags: between("FLAGS (", ')')
                    .split_whitespace()
                    .filter(|flag| *flag != "\\Recent")
                    .map(ToOwned::to_owned)
                    .collect(),
                internal_date: between("INTERNALDATE \"", '"'),
                text: String::from_utf8_lossy(&text).into_owned(),
            });
        }
    }

    /// Sets flags of a message, as a person does who reads it.
    pub(crate) fn flag(&mut self, folder: &str, uid: u32, flags: &str) {
        self.command(&format!("SELECT \"{folder}\""));
        self.command(&format!("UID STORE {uid} +FLAGS ({flags})"));
    }

    pub(crate) fn delete(&mut self, folder: &str, uid: u32) {
        self.flag(folder, uid, "\\Deleted");
        self.command("EXPUNGE");
    }

    /// Moves a message, as a person or a filter does.
    pub(crate) fn transfer(&mut self, folder: &str, uid: u32, to: &str) {
        self.command(&format!("SELECT \"{folder}\""));
        self.command(&format!("UID MOVE {uid} \"{to}\""));
    }

    fn send(&mut self, command: &str) -> String {
        self.tag += 1;
        let tag = format!("t{} ", self.tag);
        self.write(&format!("{tag}{command}\r\n"));
        tag
    }

    fn write(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn until(&mut self, tag: &str, command: &str) -> String {
        let mut text = String::new();
        loop {
            let line = self.line();
            if let Some(rest) = line.strip_prefix(tag) {
                assert!(rest.starts_with("OK"), "{command}: {rest}");
                return text;
            }
            text.push_str(&line);
            if let Some(length) = literal(&line) {
                text.push_str(&String::from_utf8_lossy(&self.bytes(length)));
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        assert!(!line.is_empty(), "the server has closed the connection");
        String::from_utf8_lossy(&line).into_owned()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }
}

fn literal(line: &str) -> Option<usize> {
    let (_, length) = line.trim_end().strip_suffix('}')?.rsplit_once('{')?;
    length.parse().ok()
}

/// Submits a message over SMTP, in plain text, as a logged-in person.
pub(crate) fn submit(port: u16, from: &str, to: &[&str], message: &str) {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
    stream.get_mut().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    smtp(&mut stream, "", "220");
    smtp(&mut stream, "EHLO client.example\r\n", "250");
    smtp(
        &mut stream,
        &format!("AUTH PLAIN {}\r\n", base64(format!("\0{from}\0{PASSWORD}").as_bytes())),
        "235",
    );
    smtp(&mut stream, &format!("MAIL FROM:<{from}>\r\n"), "250");
    for address in to {
        smtp(&mut stream, &format!("RCPT TO:<{address}>\r\n"), "250");
    }
    smtp(&mut stream, "DATA\r\n", "354");
    let message = crlf(message).replace("\r\n.", "\r\n..");
    let message = message.strip_suffix("\r\n").unwrap_or(&message);
    smtp(&mut stream, &format!("{message}\r\n.\r\n"), "250");
    smtp(&mut stream, "QUIT\r\n", "221");
}

fn smtp(stream: &mut BufReader<TcpStream>, command: &str, expected: &str) {
    stream.get_mut().write_all(command.as_bytes()).unwrap();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.starts_with(expected), "{command:?}: {line:?}");
        if line.as_bytes().get(3) == Some(&b' ') {
            return;
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
