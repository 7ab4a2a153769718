//! Logins by OAuth 2 on real servers: Dovecot asks the authorization server whose each token is.
//!
//! What providers themselves do is not tried here: their forms are, with `token_uri`, `authority` and `custom`.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
    thread,
    time::Duration,
};

use crate::support::{
    CALVIN, DANA, OPERATOR, TestBed,
    agent::{Ran, config_toml_with},
    authorization::{Authorization, TokenFault, browse},
    wait_until,
};

/// A bed whose servers take tokens of this one.
fn bed_with(authorization: &Authorization) -> TestBed {
    let mut bed = TestBed::start();
    let settings = authorization.dovecot(bed.path());
    for server in [&mut bed.imap, &mut bed.delivery] {
        server.configure(&settings);
        server.stop();
        server.start();
    }
    bed
}

/// Dana logs in with a password, Calvin by `oauth2`.
fn calvin_by(bed: &TestBed, oauth2: &str) {
    let calvin = bed.account_toml("calvin", CALVIN);
    let calvin = calvin.replace("password = { env = \"BED_PASSWORD\" }", oauth2);
    assert!(calvin.contains(oauth2));
    bed.write_config(&config_toml_with(&(bed.account_toml("dana", DANA) + &calvin), "", ""));
}

/// `baton login`, with somebody who follows the address that it prints.
fn log_in(bed: &TestBed, name: &str) -> Ran {
    let mut command = bed.command(&["login", name]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut address = String::new();
    stdout.read_line(&mut address).unwrap();
    assert!(browse(address.trim()).contains("baton has what it needs"));
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: address,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn token_file(bed: &TestBed) -> std::path::PathBuf {
    bed.work().join("baton.db.tokens")
}

/// Calvin's token has expired as far as baton knows.
fn expire(bed: &TestBed) {
    let file = token_file(bed);
    let mut document: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    document["grants"]["account calvin"]["expires_at"] = 1.into();
    fs::write(&file, document.to_string()).unwrap();
}

#[test]
fn consent_in_a_browser_is_kept_renewed_and_missed_when_it_ends() {
    let authorization = Authorization::start(CALVIN);
    let bed = bed_with(&authorization);
    calvin_by(&bed, &authorization.custom());
    let missing = bed.baton(&["run", "--once"]).expect_status(4);
    assert!(missing.stderr.contains("`baton login calvin`"), "{}", missing.stderr);
    assert_eq!(bed.baton(&["login", "calvn"]).expect_status(3).stdout, "");
    bed.baton(&["login", "dana"]).expect_status(3);

    log_in(&bed, "calvin").expect_status(0);
    assert_eq!(fs::metadata(token_file(&bed)).unwrap().permissions().mode() & 0o777, 0o600);
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(authorization.asked("refresh_token"), 0, "the first token is good for an hour");

    // A token that ended before its time is replaced once, and refresh tokens are not lost.
    for round in 1..=2 {
        authorization.revoke_tokens();
        bed.baton(&["run", "--once"]).expect_status(0);
        assert_eq!(authorization.asked("refresh_token"), round);
    }
    // One that is about to expire is replaced before it does.
    expire(&bed);
    let before = authorization.asked("refresh_token");
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(authorization.asked("refresh_token"), before + 1);

    // Another mailbox's token: refused, renewed once, refused for good.
    authorization.sign_in_as(DANA);
    log_in(&bed, "calvin").expect_status(0);
    let before = authorization.asked("refresh_token");
    let wrong = bed.baton(&["run", "--once"]).expect_status(4);
    assert!(wrong.stderr.contains("refuses the login"), "{}", wrong.stderr);
    assert_eq!(authorization.asked("refresh_token"), before + 1);

    authorization.sign_in_as(CALVIN);
    log_in(&bed, "calvin").expect_status(0);
    authorization.revoke_grants();
    let ended = bed.baton(&["run", "--once", "-vv"]).expect_status(4);
    assert!(
        ended.stderr.contains("invalid_grant") && ended.stderr.contains("`baton login calvin`"),
        "{ended:?}"
    );

    fs::set_permissions(token_file(&bed), fs::Permissions::from_mode(0o644)).unwrap();
    for arguments in [&["run", "--once"][..], &["doctor"], &["login", "calvin"]] {
        let open = bed.baton(arguments).expect_status(3);
        let said = format!("{}{}", open.stderr, open.stdout);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("chmod 600"), "{said}");
    }
}

#[test]
fn consent_on_another_device_needs_no_browser_here() {
    let authorization = Authorization::start(CALVIN);
    let bed = bed_with(&authorization);
    calvin_by(&bed, &authorization.custom());
    let said = bed.baton(&["login", "calvin", "--device", "--json"]).expect_status(0);
    assert!(said.stderr.contains("ABCD-EFGH") && said.stderr.contains("https://login.example/device"));
    assert_eq!(said.json()["renewable"], true);
    assert_eq!(authorization.asked("device_code"), 2);
    bed.baton(&["run", "--once"]).expect_status(0);
}

#[test]
fn a_busy_token_endpoint_is_an_outage_and_not_a_wrong_password() {
    let authorization = Authorization::start(CALVIN);
    let bed = bed_with(&authorization);
    calvin_by(&bed, &authorization.custom());
    log_in(&bed, "calvin").expect_status(0);
    for (status, text) in [
        (429, "{\"error\":\"slow_down\"}"),
        (500, "oops"),
        (503, ""),
        (200, "<html>"),
        (400, "{\"error\":\"temporarily_unavailable\"}"),
    ] {
        authorization.revoke_tokens();
        authorization.fault(TokenFault::Answer(status, text));
        let busy = bed.baton(&["run", "--once"]).expect_status(4);
        assert!(!busy.stderr.contains("baton login"), "{busy:?}");
        authorization.faultless();
        bed.baton(&["run", "--once"]).expect_status(0);
    }
    authorization.revoke_tokens();
    authorization.fault(TokenFault::Slow(Duration::from_secs(3)));
    bed.baton(&["run", "--once"]).expect_status(0);
    assert!(bed.client(OPERATOR).messages("INBOX").is_empty(), "nobody had to do anything");
}

#[test]
fn an_application_s_own_secret_opens_mailboxes_without_anybody_s_consent() {
    let authorization = Authorization::start(CALVIN);
    let bed = bed_with(&authorization);
    fs::write(bed.work().join("secret"), "app-secret\n").unwrap();
    let oauth2 = format!(
        "oauth2 = {{ microsoft = {{ tenant = \"t\", client_id = \"id\", client_secret = {{ file = \"secret\" }}, authority = \"{}\" }} }}",
        authorization.url("")
    );
    calvin_by(&bed, &oauth2);
    bed.baton(&["run", "--once"]).expect_status(0);
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(authorization.asked("client_credentials"), 1, "the token is kept between two runs");
    bed.baton(&["login", "calvin"]).expect_status(3);
    fs::write(bed.work().join("secret"), "another-secret\n").unwrap();
    authorization.revoke_tokens();
    let refused = bed.baton(&["run", "--once"]).expect_status(4);
    assert!(refused.stderr.contains("the client's secret has expired"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("another-secret"));
}

#[expect(clippy::disallowed_methods, reason = "a figure to print, not a decision")]
fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let start = std::time::Instant::now();
    let outcome = what();
    (start.elapsed(), outcome)
}

/// How many accounts the agent has read, as its log says.
fn mailboxes_read(bed: &TestBed) -> usize {
    let log = bed.agent_log();
    let lines = log.lines().filter(|line| line.contains("read to the present"));
    let accounts = lines.filter_map(|line| line.split("account=").nth(1)?.split(' ').next());
    accounts.collect::<std::collections::BTreeSet<_>>().len()
}

/// Twenty SDRs and ten AEs.
fn team() -> String {
    let mut people = "name,roles,address,provider\n".to_owned();
    for (role, count) in [("sdr", 20), ("ae", 10)] {
        for number in 1..=count {
            people += &format!("{role} number {number},{role},{role}{number}@vendor.example,vendor\n");
        }
    }
    people
}

#[test]
fn a_team_of_thirty_comes_from_one_file_and_one_key() {
    let authorization = Authorization::start(DANA);
    let bed = bed_with(&authorization);
    authorization.key_file(&bed.work());
    fs::write(bed.work().join("people.csv"), team()).unwrap();
    bed.write_config(&format!(
        "database = \"baton.db\"\npeople_file = \"people.csv\"\n[agent]\naccount = \"sdr1@vendor.example\"\noperator = \"{OPERATOR}\"\n\
         [defaults]\nzone = \"America/New_York\"\nmanager = \"Morgan Hale\"\n\
         [providers.vendor]\nimap = \"imaps://127.0.0.1:{}\"\nsmtp = \"smtps://127.0.0.1:{}\"\nca = \"{}\"\n\
         oauth2 = {{ google = {{ service_account = \"key.json\" }} }}\n\
         [[people]]\nname = \"Morgan Hale\"\nroles = [\"manager\"]\naddress = \"morgan@vendor.example\"\n",
        bed.ports.imaps,
        bed.ports.smtps,
        bed.ca_path().display()
    ));
    let (started, first) = timed(|| bed.baton(&["run", "--once"]));
    first.expect_status(0);
    assert_eq!(authorization.asked("jwt-bearer"), 30, "one assertion for each mailbox");
    let (examined, looked) = timed(|| bed.baton(&["doctor", "--json"]));
    let document = looked.json();
    let checks = document["checks"].as_array().unwrap();
    assert_eq!(document["ok"], true, "{document:#}");
    let count = |name: &str| checks.iter().filter(|check| check["check"] == name).count();
    assert_eq!((count("mailbox"), count("submission")), (30, 30));
    assert_eq!(authorization.asked("jwt-bearer"), 30, "tokens are shared by all processes");
    let (watching, agent) = timed(|| {
        let agent = bed.agent();
        wait_until("the agent to read all thirty mailboxes", || mailboxes_read(&bed) == 30);
        agent
    });
    let status = fs::read_to_string(format!("/proc/{}/status", agent.id())).unwrap();
    let memory = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    println!(
        "thirty mailboxes, this build: run --once {started:?}, doctor {examined:?}, watched after {watching:?}, {memory}"
    );
    assert_eq!(agent.stop(), 0);
    let said = bed.baton(&["status", "-vv"]);
    for secret in authorization.secrets() {
        let all = format!("{}{}{}{}", looked.stdout, looked.stderr, said.stdout, said.stderr);
        assert!(!all.contains(&secret));
    }
}

#[test]
fn many_connections_at_once_make_one_refresh() {
    let authorization = Authorization::start(CALVIN);
    let bed = bed_with(&authorization);
    calvin_by(&bed, &authorization.custom());
    log_in(&bed, "calvin").expect_status(0);
    authorization.revoke_tokens();
    // Every process wants a new one at once.
    expire(&bed);
    authorization.fault(TokenFault::Slow(Duration::from_millis(700)));
    thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| bed.baton(&["doctor", "--json"]))).collect();
        for run in runs {
            let said = run.join().unwrap().json();
            let is_calvins =
                |check: &&serde_json::Value| check["account"] == "calvin" && check["check"] == "mailbox";
            let mailbox = said["checks"].as_array().unwrap().iter().find(is_calvins).unwrap();
            assert_eq!(mailbox["ok"], true, "{mailbox}");
        }
    });
    assert_eq!((authorization.asked("refresh_token"), authorization.most_at_once()), (1, 1));
}

#[test]
fn the_agent_renews_in_silence_asks_once_for_a_person_and_notices_what_they_did() {
    let authorization = Authorization::start(CALVIN);
    let bed = bed_with(&authorization);
    calvin_by(&bed, &authorization.custom());
    let agent = bed.agent();
    let letters = || bed.client(OPERATOR).messages("INBOX");
    bed.wait_for(OPERATOR, "INBOX", 1, |letter| letter.text.contains("baton login calvin"));
    log_in(&bed, "calvin").expect_status(0);
    let reads = || {
        let log = bed.agent_log();
        log.lines()
            .filter(|line| line.contains("read to the present") && line.contains("account=calvin"))
            .count()
    };
    wait_until("the agent to notice the new grant", || reads() > 0);

    // The token ends while the agent waits in IDLE, and the server ends the session.
    let before = reads();
    authorization.revoke_tokens();
    bed.imap.kick(CALVIN);
    wait_until("the agent to be back with another token", || reads() > before + 1);
    assert!(authorization.asked("refresh_token") >= 1);
    assert_eq!(agent.stop(), 0);
    let told = letters().into_iter().filter(|letter| letter.text.contains("login calvin")).count();
    assert_eq!(told, 1, "one letter, about the missing grant");
    let log = bed.agent_log();
    for secret in authorization.secrets() {
        assert!(!log.contains(&secret), "a secret is in the log");
    }
}

/// Everything that anybody could read: output, logs at every level, processes, the database.
struct Read {
    texts: Vec<(String, Vec<u8>)>,
}

impl Read {
    fn command(&mut self, bed: &TestBed, arguments: &[&str]) {
        let mut command = bed.command(arguments);
        let output = command.env("BATON_LOG", "trace").env("RUST_LOG", "trace").output().unwrap();
        self.texts.push((format!("{arguments:?}"), [output.stdout, output.stderr].concat()));
    }

    /// A running agent: its command line, and the environment of the program that it asks for a password.
    fn agent(&mut self, bed: &TestBed) {
        let log = fs::File::create(bed.work().join("trace.log")).unwrap();
        let mut command = bed.command(&["run", "-vv", "--log", "json"]);
        command.env("BATON_LOG", "trace").env("RUST_LOG", "trace");
        let mut child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let seen = || fs::read_to_string(bed.work().join("trace.log")).unwrap_or_default();
        wait_until("the agent to read or to fail", || {
            seen().matches("read to the present").count() > 2 || seen().contains("cannot read")
        });
        for file in ["cmdline", "environ"] {
            self.file(Path::new(&format!("/proc/{}/{file}", child.id())));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        self.file(&bed.work().join("trace.log"));
        self.file(&bed.work().join("child"));
    }

    fn file(&mut self, path: &Path) {
        if let Ok(content) = fs::read(path) {
            self.texts.push((path.display().to_string(), content));
        }
    }

    fn holds(&self, secret: &str) -> Vec<&str> {
        let found = |text: &&(String, Vec<u8>)| memchr::memmem::find(&text.1, secret.as_bytes()).is_some();
        self.texts.iter().filter(found).map(|(name, _)| name.as_str()).collect()
    }
}

#[test]
fn no_secret_is_anywhere_but_where_it_is_kept() {
    let authorization = Authorization::start(CALVIN);
    let bed = bed_with(&authorization);
    authorization.key_file(&bed.work());
    fs::write(bed.work().join("app"), "app-secret\n").unwrap();
    // Who is asked for a password notes what it was started with.
    let ask = format!(
        "tr '\\0' '\\n' < /proc/self/environ > {0}/child; tr '\\0' '\\n' < /proc/$$/cmdline >> {0}/child; cat {0}/pw",
        bed.work().display()
    );
    fs::write(bed.work().join("pw"), "secret\n").unwrap();
    let microsoft = |secret: &str| {
        format!(
            "oauth2 = {{ microsoft = {{ tenant = \"t\", client_id = \"id\", client_secret = {{ file = \"{secret}\" }}, authority = \"{}\" }} }}",
            authorization.url("")
        )
    };
    fs::write(bed.work().join("other"), "another-app-secret\n").unwrap();
    let mut read = Read { texts: Vec::new() };
    for (oauth2, login) in [
        (authorization.custom(), Some(false)),
        (authorization.custom(), Some(true)),
        (microsoft("app"), None),
        (microsoft("other"), None),
        ("oauth2 = { google = { service_account = \"key.json\" } }".to_owned(), None),
    ] {
        let config = {
            calvin_by(&bed, &oauth2);
            fs::read_to_string(bed.work().join("baton.toml")).unwrap()
        };
        let asked =
            format!("password = {{ command = [\"sh\", \"-c\", {}] }}", toml::Value::String(ask.clone()));
        bed.write_config(&config.replacen("password = { env = \"BED_PASSWORD\" }", &asked, 1));
        match login {
            Some(true) => read.command(&bed, &["login", "calvin", "--device", "-vv"]),
            Some(false) => {
                let said = log_in(&bed, "calvin").expect_status(0);
                read.texts.push(("login".to_owned(), said.stderr.into_bytes()));
            }
            None => {}
        }
        for arguments in [
            &["run", "--once", "-vv"][..],
            &["doctor", "--send", "--json", "-vv"],
            &["status", "--json", "-vv"],
            &["health", "--json"],
            &["metrics"],
            &["templates", "--show", "ALL"],
        ] {
            read.command(&bed, arguments);
        }
        read.agent(&bed);
        authorization.revoke_tokens();
        read.command(&bed, &["run", "--once", "-vv"]);
        if login.is_some() {
            authorization.revoke_grants();
            read.command(&bed, &["doctor", "--json", "-vv"]);
        }
    }
    for name in ["baton.db", "baton.db-wal", "baton.toml"] {
        read.file(&bed.work().join(name));
    }
    let key = fs::read_to_string(bed.work().join("key.pem")).unwrap();
    let mut secrets = authorization.secrets();
    secrets.extend([
        "app-secret".to_owned(),
        "device-secret".to_owned(),
        key.lines().nth(1).unwrap().to_owned(),
    ]);
    // As they are sent.
    let encoded = |text: String| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
    secrets.push(encoded(format!("\0{DANA}\0secret")));
    let whole = secrets.clone();
    secrets
        .extend(whole.iter().map(|token| encoded(format!("user={CALVIN}\x01auth=Bearer {token}\x01\x01"))));
    assert!(secrets.len() > 20 && read.texts.len() > 30);
    assert!(read.texts.iter().any(|(name, text)| name.ends_with("child") && !text.is_empty()));
    for secret in secrets {
        assert_eq!(read.holds(&secret), Vec::<&str>::new(), "{secret} can be read");
    }
}
