//! Dovecot, configured from nothing: Maildir below the bed's folder, every user known, one password.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    CALVIN, DANA, JAMES, MORGAN, OPERATOR, PASSWORD, Ports, SARAH,
    process::{Server, wait_ready},
};

pub(crate) struct Dovecot {
    server: Option<Server>,
    configuration: PathBuf,
    log: PathBuf,
    /// What has to be there, or be said, before it counts as started.
    sign: Sign,
}

enum Sign {
    Socket(PathBuf),
    Greeting(u16, String),
}

impl Dovecot {
    /// LMTP and the authentication that Postfix asks for, over sockets in the folder.
    pub(crate) fn for_delivery(bed: &Path, name: &str) -> Self {
        let path = bed.display();
        let protocols = format!(
            "protocols = lmtp
service lmtp {{
  chroot =
  unix_listener {path}/delivery/lmtp {{
    mode = 0666
  }}
}}
service auth {{
  chroot =
  unix_listener {path}/delivery/sasl {{
    mode = 0666
  }}
}}
"
        );
        let sign = Sign::Socket(bed.join("delivery/lmtp"));
        Self::new(bed, name, "delivery", &protocols, sign)
    }

    pub(crate) fn for_imap(bed: &Path, name: &str, ports: Ports) -> Self {
        let protocols = format!(
            "protocols = imap
service imap-login {{
  chroot =
  process_min_avail = 1
  process_limit = 1000
  inet_listener imap {{
    port = {}
  }}
  inet_listener imaps {{
    port = {}
    ssl = yes
  }}
}}
",
            ports.imap, ports.imaps
        );
        let sign = Sign::Greeting(ports.imap, name.to_owned());
        Self::new(bed, name, "imap", &protocols, sign)
    }

    fn new(bed: &Path, name: &str, part: &str, protocols: &str, sign: Sign) -> Self {
        let log = bed.join(format!("{part}.log"));
        let configuration = bed.join(format!("{part}.conf"));
        fs::create_dir(bed.join(part)).unwrap();
        own_mail_folders(bed);
        fs::write(&configuration, settings(bed, name, part) + protocols).unwrap();
        Self { server: None, configuration, log, sign }
    }

    pub(crate) fn spawn(&mut self) {
        let configuration = self.configuration.to_str().unwrap();
        self.server = Some(Server::start("/usr/sbin/dovecot", &["-F", "-c", configuration], &self.log));
    }

    pub(crate) fn wait(&self) -> Result<(), String> {
        let server = self.server.as_ref().unwrap();
        wait_ready(server, "dovecot", &self.log, || match &self.sign {
            Sign::Socket(path) => path.exists(),
            Sign::Greeting(port, name) => greeting(*port).contains(name.as_str()),
        })
    }

    /// Starts it again, on the same ports.
    pub(crate) fn start(&mut self) {
        self.spawn();
        self.wait().unwrap();
    }

    /// Ends it and all its sessions in an orderly manner.
    pub(crate) fn stop(&mut self) {
        self.server.take().expect("a running server").stop();
    }

    /// Kills it and all its sessions.
    pub(crate) fn crash(&mut self) {
        self.server.take().expect("a running server").crash();
        // It would refuse to start if another process had got its number.
        let pid_file = self.configuration.with_extension("").join("run/master.pid");
        let _ = fs::remove_file(pid_file);
    }

    pub(crate) fn doveadm(&self, arguments: &[&str]) -> String {
        let output = Command::new("doveadm")
            .arg("-c")
            .arg(&self.configuration)
            .args(arguments)
            .output()
            .expect("doveadm");
        assert!(
            output.status.success(),
            "doveadm {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Disconnects all of this person's sessions.
    pub(crate) fn kick(&self, address: &str) {
        self.doveadm(&["kick", address]);
    }

    /// As if the folder had been made anew under the same name.
    pub(crate) fn change_uid_validity(&self, address: &str, folder: &str, value: u32) {
        self.doveadm(&["mailbox", "update", "--uid-validity", &value.to_string(), "-u", address, folder]);
    }

    /// Adds settings, which count from the next start on.
    pub(crate) fn configure(&self, settings: &str) {
        let before = fs::read_to_string(&self.configuration).unwrap();
        fs::write(&self.configuration, format!("{before}\n{settings}\n")).unwrap();
    }

    /// From the next start on, mailboxes are not made with this folder.
    pub(crate) fn without_folder(&self, folder: &str) {
        let before = fs::read_to_string(&self.configuration).unwrap();
        let (head, rest) = before.split_once(&format!("  mailbox {folder} {{\n")).unwrap();
        let (_, tail) = rest.split_once("  }\n").unwrap();
        fs::write(&self.configuration, format!("{head}{tail}")).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

fn greeting(port: u16) -> String {
    let mut line = String::new();
    if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
        let _ = BufReader::new(stream).read_line(&mut line);
    }
    line
}

fn own_mail_folders(bed: &Path) {
    let id = |flag: &str| -> u32 {
        let output = Command::new("id").args([flag, "dovecot"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().expect("the user dovecot")
    };
    let (user, group) = (id("-u"), id("-g"));
    let make = |folder: &Path| {
        fs::create_dir(folder).unwrap();
        chown(folder, Some(user), Some(group)).unwrap();
    };
    for folder in ["mail", "home"].map(|name| bed.join(name)) {
        if !folder.exists() {
            make(&folder);
        }
    }
    // Two of Dovecot's processes that make a mailbox at the same time get in each other's way, so those of
    // the usual people are there from the start.
    for person in [DANA, CALVIN, MORGAN, OPERATOR, SARAH, JAMES] {
        let maildir = bed.join("mail").join(person);
        if maildir.exists() {
            continue;
        }
        make(&maildir);
        for folder in ["", "Drafts", "Sent", "Trash", "Junk"].map(|name| maildir.join(name)) {
            if !folder.exists() {
                make(&folder);
            }
            for part in ["cur", "new", "tmp"] {
                make(&folder.join(part));
            }
        }
    }
}

fn settings(bed: &Path, name: &str, part: &str) -> String {
    let path = bed.display();
    format!(
        "base_dir = {path}/{part}/run
state_dir = {path}/{part}/state
log_path = {path}/{part}.log
instance_name = {name}-{part}
listen = 127.0.0.1
login_greeting = {name} ready
mail_location = maildir:{path}/mail/%u:LAYOUT=fs
mail_uid = dovecot
mail_gid = dovecot
mail_fsync = never
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 1000
# For those whom the system denies its notifications.
mailbox_idle_check_interval = 5 secs
ssl = yes
ssl_cert = <{path}/leaf.pem
ssl_key = <{path}/leaf.key
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=dovecot gid=dovecot home={path}/home/%u allow_all_users=yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
"
    )
}
