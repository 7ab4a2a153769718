//! Postfix, configured from nothing: submission with AUTH against the bed's Dovecot, delivery by LMTP to
//! it. Needs root: its parts run as the user `postfix` and check who owns what.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader},
    net::TcpStream,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use super::{
    Ports,
    process::{Server, wait_ready},
};

pub(crate) struct Postfix {
    server: Option<Server>,
    bed: PathBuf,
    name: String,
    ports: Ports,
    answers: Mutex<BTreeMap<String, String>>,
}

impl Postfix {
    pub(crate) fn new(bed: &Path, name: &str, ports: Ports) -> Self {
        let configuration = bed.join("postfix");
        fs::create_dir(&configuration).unwrap();
        own_folders(bed);
        let recipients = bed.join("recipients");
        fs::write(&recipients, "").unwrap();
        back_date(&recipients);
        let files = [
            ("main.cf", main_cf(bed, name)),
            ("master.cf", master_cf(ports)),
            ("transport", "/^gone[^@]*@/ error:5.1.1 there is no such mailbox\n".to_owned()),
        ];
        for (file, text) in files {
            let path = configuration.join(file);
            fs::write(&path, text).unwrap();
            back_date(&path);
        }
        let answers = Mutex::new(BTreeMap::new());
        Self { server: None, bed: bed.to_owned(), name: name.to_owned(), ports, answers }
    }

    pub(crate) fn spawn(&mut self) {
        let configuration = self.bed.join("postfix");
        let arguments = ["-c", configuration.to_str().unwrap(), "-d"];
        self.server = Some(Server::start("/usr/lib/postfix/sbin/master", &arguments, &self.log_path()));
    }

    pub(crate) fn wait(&self) -> Result<(), String> {
        let server = self.server.as_ref().unwrap();
        wait_ready(server, "postfix", &self.log_path(), || {
            let mut line = String::new();
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.ports.submission)) {
                let _ = BufReader::new(stream).read_line(&mut line);
            }
            line.contains(&self.name)
        })
    }

    pub(crate) fn start(&mut self) {
        self.spawn();
        self.wait().unwrap();
    }

    pub(crate) fn stop(&mut self) {
        self.server.take().expect("a running server").stop();
    }

    /// See `TestBed::answer_recipient`. Every connection reads the file anew.
    pub(crate) fn answer_recipient(&self, address: &str, answer: &str) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(address.to_owned(), answer.to_owned());
        let lines: String = answers
            .iter()
            .filter(|(_, answer)| !answer.is_empty())
            .map(|(address, answer)| format!("{address} {answer}\n"))
            .collect();
        let path = self.bed.join("recipients");
        let new = path.with_extension("new");
        fs::write(&new, lines).unwrap();
        back_date(&new);
        fs::rename(new, path).unwrap();
    }

    fn log_path(&self) -> PathBuf {
        self.bed.join("postfix.log")
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }
}

fn own_folders(bed: &Path) {
    let postfix = id("passwd", "postfix");
    let postdrop = id("group", "postdrop");
    let spool = bed.join("spool");
    fs::create_dir(&spool).unwrap();
    let make = |path: &Path, mode: u32, owner: u32, group: u32| {
        fs::create_dir(path).unwrap();
        chown(path, Some(owner), Some(group)).unwrap();
        // After chown, which takes the special bits away.
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for queue in [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
        "trace",
    ] {
        make(&spool.join(queue), 0o700, postfix, 0);
    }
    make(&spool.join("pid"), 0o755, 0, 0);
    make(&spool.join("maildrop"), 0o1730, postfix, postdrop);
    make(&spool.join("public"), 0o2710, postfix, postdrop);
    make(&bed.join("data"), 0o700, postfix, 0);
}

fn id(database: &str, name: &str) -> u32 {
    let output = Command::new("getent").args([database, name]).output().unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    line.split(':').nth(2).unwrap_or_else(|| panic!("no {name} in {database}")).parse().unwrap()
}

/// Postfix waits for up to two seconds when it finds a file of its configuration freshly changed.
fn back_date(path: &Path) {
    #[expect(clippy::disallowed_methods, reason = "a file's time, not a decision")]
    let before = SystemTime::now() - Duration::from_secs(60);
    File::options().write(true).open(path).unwrap().set_modified(before).unwrap();
}

fn main_cf(bed: &Path, name: &str) -> String {
    let path = bed.display();
    format!(
        "compatibility_level = 3.6
queue_directory = {path}/spool
data_directory = {path}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {path}/postfix.log
maillog_file_prefixes = {path}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {name}.mx.example
myorigin = mx.example
mynetworks = 127.0.0.2/32
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:{path}/delivery/lmtp
transport_maps = regexp:{path}/postfix/transport
default_transport = error:nothing leaves the test bed
relay_transport = error:nothing leaves the test bed
lmtp_connection_cache_on_demand = no
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {path}/delivery/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{path}/recipients, permit
smtpd_reject_unlisted_recipient = no
smtpd_tls_cert_file = {path}/leaf.pem
smtpd_tls_key_file = {path}/leaf.key
smtpd_tls_security_level = may
in_flow_delay = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
"
    )
}

// max_use=1: a process for each connection, so that the recipients' answers are read anew.
fn master_cf(ports: Ports) -> String {
    format!(
        "127.0.0.1:{} inet n - n - - smtpd -o max_use=1
127.0.0.1:{} inet n - n - - smtpd -o max_use=1 -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
",
        ports.submission, ports.smtps
    )
}
