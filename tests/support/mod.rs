//! A test bed of real servers: Dovecot and Postfix from Debian, in one temporary folder, on free loopback
//! ports, started for one test and gone with it. Any number of beds run side by side.
//!
//! Every address at every domain is a mailbox here; all log in with `PASSWORD`. What is submitted is
//! delivered by LMTP to Dovecot; nothing leaves the machine. Addresses that begin with `gone` are taken
//! by the submission server and bounce afterwards, with a real report to the sender.
//!
//! Dovecot runs twice over the same mailboxes, once for delivery and once for IMAP, so that mail can
//! arrive while IMAP is down. Postfix needs root; without root or without the servers the bed fails and
//! says so. It never skips.

#![allow(dead_code, reason = "every test file uses a part of the bed")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_debug_implementations, reason = "only tests see these types")]

pub(crate) mod agent;
pub(crate) mod authority;
pub(crate) mod authorization;
pub(crate) mod client;
pub(crate) mod dovecot;
pub(crate) mod odd_imap;
pub(crate) mod past_mail;
pub(crate) mod past_words;
pub(crate) mod postfix;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod script;

use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use client::Client;
use dovecot::Dovecot;
use postfix::Postfix;
use tempfile::TempDir;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "secret";

pub(crate) const DANA: &str = "dana@vendor.example";
pub(crate) const CALVIN: &str = "calvin@vendor.example";
pub(crate) const MORGAN: &str = "morgan@vendor.example";
pub(crate) const OPERATOR: &str = "ops@vendor.example";
pub(crate) const SARAH: &str = "sarah@acme.example";
pub(crate) const JAMES: &str = "james@acme.example";

/// Where the servers listen, all on 127.0.0.1. `imap` and `submission` offer STARTTLS.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub imap: u16,
    pub imaps: u16,
    pub submission: u16,
    pub smtps: u16,
}

pub(crate) struct TestBed {
    // In this order they are dropped: the servers first, then what they live in.
    pub postfix: Postfix,
    pub delivery: Dovecot,
    pub imap: Dovecot,
    pub ports: Ports,
    home: TempDir,
}

impl TestBed {
    /// Starts all servers and waits until they answer.
    pub(crate) fn start() -> Self {
        require_servers();
        let mut last = String::new();
        for _ in 0..5 {
            match Self::try_start() {
                Ok(bed) => return bed,
                // Another bed may have taken a port between our look and our start.
                Err(error) => last = error,
            }
        }
        panic!("the test bed does not start: {last}");
    }

    fn try_start() -> Result<Self, String> {
        let home = tempfile::Builder::new().prefix("bed-").tempdir_in(room()).unwrap();
        // The servers run as users of their own and have to get through.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = home.path();
        let ports = free_ports();
        let name = path.file_name().unwrap().to_string_lossy().to_lowercase().replace('_', "x");
        authority::write_into(path);
        fs::create_dir(path.join("work")).unwrap();
        let mut delivery = Dovecot::for_delivery(path, &name);
        let mut imap = Dovecot::for_imap(path, &name, ports);
        let mut postfix = Postfix::new(path, &name, ports);
        delivery.spawn();
        imap.spawn();
        postfix.spawn();
        delivery.wait()?;
        imap.wait()?;
        postfix.wait()?;
        Ok(Self { postfix, delivery, imap, ports, home })
    }

    /// The folder that everything lives in.
    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// A folder for configuration, records and the database.
    pub(crate) fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    /// The certificate that signed the servers', as a file.
    pub(crate) fn ca_path(&self) -> PathBuf {
        self.path().join("ca.pem")
    }

    pub(crate) fn ca(&self) -> Vec<u8> {
        fs::read(self.ca_path()).unwrap()
    }

    /// A mail client of this person, which is not baton.
    pub(crate) fn client(&self, address: &str) -> Client {
        Client::log_in(self.ports.imap, address)
    }

    /// Submits a message as this person's mail client would. Returns once the server has accepted it;
    /// use `wait_for` to see it arrive.
    pub(crate) fn submit(&self, from: &str, to: &[&str], message: &str) {
        client::submit(self.ports.submission, from, to, message);
    }

    /// Puts a message into a folder, as the server's own filter would, also while IMAP is down.
    pub(crate) fn file_into(&self, address: &str, folder: &str, message: &str) {
        let path = self.path().join("to-be-filed.eml");
        fs::write(&path, crlf(message)).unwrap();
        self.delivery.doveadm(&["save", "-u", address, "-m", folder, path.to_str().unwrap()]);
    }

    /// Puts `count` messages into a folder at once, numbered from 1 in their subjects.
    pub(crate) fn fill(&self, address: &str, folder: &str, count: usize) {
        self.client(address).command(&format!("EXAMINE \"{folder}\"")); // makes the Maildir
        let maildir = self.path().join("mail").join(address);
        let new = if folder == "INBOX" { maildir.join("new") } else { maildir.join(folder).join("new") };
        for number in 1..=count {
            let message = format!(
                "From: {SARAH}\nTo: {address}\nSubject: number {number}\nMessage-ID: <{number}@fill.example>\n\n{}\n",
                "words ".repeat(number % 50)
            );
            fs::write(new.join(format!("{}.{number}.bed", 1_700_000_000 + number)), message).unwrap();
        }
    }

    /// Waits until a folder of this person holds at least `count` messages that `fits`, and returns them.
    pub(crate) fn wait_for(
        &self,
        address: &str,
        folder: &str,
        count: usize,
        fits: impl Fn(&client::Stored) -> bool,
    ) -> Vec<client::Stored> {
        let mut client = self.client(address);
        let mut found = Vec::new();
        wait_until(&format!("{count} messages in {folder} of {address}"), || {
            found = client.messages(folder).into_iter().filter(|message| fits(message)).collect();
            found.len() >= count
        });
        found
    }

    /// From the next start of IMAP on, what clients say is kept; the returned function reads it, one line for
    /// each of theirs, a time before it.
    pub(crate) fn log_imap(&self) -> impl Fn() -> String + use<> {
        let folder = self.path().join("home/said");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        self.imap.configure(&format!("protocol imap {{\n  rawlog_dir = {}\n}}", folder.display()));
        move || {
            let logs = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            let said = logs.filter(|path| path.extension().is_some_and(|ending| ending == "in"));
            said.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
        }
    }

    /// From now on the submission server answers RCPT for this address with `answer`, such as
    /// `550 5.1.1 no such user` or `451 4.7.1 come back later`; an empty answer takes it again.
    pub(crate) fn answer_recipient(&self, address: &str, answer: &str) {
        self.postfix.answer_recipient(address, answer);
    }
}

fn require_servers() {
    let needed = [
        "/usr/sbin/dovecot",
        "/usr/lib/dovecot/imap",
        "/usr/lib/dovecot/lmtp",
        "/usr/lib/postfix/sbin/master",
    ];
    let missing: Vec<_> = needed.iter().filter(|path| !Path::new(path).exists()).collect();
    assert!(
        missing.is_empty(),
        "these tests talk to real mail servers, and {missing:?} is not installed. Run tests/run, which installs \
         what is needed, or: apt-get install dovecot-imapd dovecot-lmtpd postfix openssl"
    );
    let id = Command::new("id").arg("-u").output().unwrap();
    assert_eq!(
        id.stdout, b"0\n",
        "these tests start Postfix, which needs root: run them as root, or with sudo"
    );
}

/// Memory where there is plenty of it: mail servers sync every file, and a busy disk makes that slow.
fn room() -> &'static str {
    let output = Command::new("df").args(["--output=avail", "-k", "/dev/shm"]).output();
    let free = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok()?.lines().last()?.trim().parse::<u64>().ok());
    if free.is_some_and(|kilobytes| kilobytes > 500_000) { "/dev/shm" } else { "/tmp" }
}

/// Ports outside the range from which the system takes those of outgoing connections.
fn free_ports() -> Ports {
    let mut taken: Vec<TcpListener> = Vec::new();
    let random = RandomState::new();
    let mut tries = 0_u64;
    while taken.len() < 4 {
        tries += 1;
        let mut hasher = random.build_hasher();
        hasher.write_u64(tries);
        let port = 20_000 + u16::try_from(hasher.finish() % 12_000).unwrap();
        taken.extend(TcpListener::bind(("127.0.0.1", port)));
    }
    let port = |index: usize| taken[index].local_addr().unwrap().port();
    Ports { imap: port(0), imaps: port(1), submission: port(2), smtps: port(3) }
}

/// Looks until `done`, for at most 30 s.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..1500 {
        if done() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("waited 30 s in vain for {what}");
}

/// Line ends as mail has them.
pub(crate) fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}
