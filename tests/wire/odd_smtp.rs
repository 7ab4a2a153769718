//! Submission servers that answer in forms that real ones have been seen to use: what is an acceptance, what is a refusal,
//! and what nobody can tell. Each server is a function from a command to the bytes of its answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use baton::smtp::{
    DataDecision, Delivery, LoginOutcome, RefusalPolicy, SmtpTimeouts, Submission, SubmissionServer, deliver,
    probe,
};
use baton::tls::{Auth, Security, ServerLogin};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{DANA, MAIL, SARAH, password};

type Answers = Arc<dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync>;

/// What the server heard, a line each; bodies aside.
type Heard = Arc<Mutex<Vec<String>>>;

struct OddServer {
    port: u16,
    heard: Heard,
}

impl OddServer {
    /// `answers` overrides what a plain server says to a command: `GREETING`, the command's first words, or `.`.
    async fn start(answers: impl Fn(&str) -> Option<&'static [u8]> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let log = Arc::clone(&heard);
        let answers: Answers = Arc::new(move |line| answers(line).map(<[u8]>::to_vec));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                log.lock().unwrap().push("CONNECT".to_owned());
                tokio::spawn(talk(stream, Arc::clone(&answers), Arc::clone(&log)));
            }
        });
        Self { port, heard }
    }

    fn heard(&self, words: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|line| line.starts_with(words)).count()
    }

    fn login(&self) -> ServerLogin {
        ServerLogin {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: Security::Plain,
            extra_ca: None,
            login: DANA.to_owned(),
            auth: password("secret"),
        }
    }

    async fn send_to(&self, recipients: &[&str]) -> Delivery {
        let recipients: Vec<String> = recipients.iter().map(|one| (*one).to_owned()).collect();
        let submission = Submission {
            from: DANA,
            recipients: &recipients,
            bytes: MAIL,
            on_refusal: RefusalPolicy::AllOrNobody,
        };
        deliver(&self.login(), submission, timeouts(), || async { DataDecision::Proceed }).await
    }

    async fn send(&self) -> Delivery {
        self.send_to(&[SARAH]).await
    }
}

fn timeouts() -> SmtpTimeouts {
    let long = Duration::from_secs(20);
    SmtpTimeouts { connect: long, command: long, final_dot: long, quit: Duration::from_secs(2) }
}

fn usual(line: &str) -> Vec<u8> {
    let answer: &[u8] = match line.split(' ').next().unwrap_or_default() {
        "GREETING" => b"220 mail.vendor.example ESMTP\r\n",
        "EHLO" => b"250-mail.vendor.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n",
        "AUTH" => b"235 welcome\r\n",
        "DATA" => b"354 go on\r\n",
        "." => b"250 2.0.0 queued\r\n",
        "QUIT" => b"221 bye\r\n",
        _ => b"250 ok\r\n",
    };
    answer.to_vec()
}

/// An empty answer ends the connection.
async fn talk(stream: TcpStream, answers: Answers, heard: Heard) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let answer = |line: &str| answers(line).unwrap_or_else(|| usual(line));
    stream.write_all(&answer("GREETING")).await.ok()?;
    let mut in_message = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if in_message && line != "." {
            continue;
        }
        heard.lock().unwrap().push(line.clone());
        let said = answer(&line);
        in_message = line == "DATA" && said.starts_with(b"3");
        if said.is_empty() {
            return None;
        }
        stream.write_all(&said).await.ok()?;
    }
}

fn name(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Accepted { .. } => "accepted",
        Delivery::Refused { .. } => "refused",
        Delivery::Deferred { message_was_sent: true, .. } => "deferred after the message",
        Delivery::Deferred { .. } => "deferred",
        Delivery::LoginRefused { .. } => "login refused",
        Delivery::CertificateRejected { .. } => "certificate",
        Delivery::Unreachable { .. } => "unreachable",
        Delivery::Uncertain { .. } => "uncertain",
        Delivery::Stopped => "stopped",
    }
}

/// A server that says `answer` to `command`, and what comes of it.
async fn outcome(command: &'static str, answer: &'static [u8]) -> Delivery {
    OddServer::start(move |line| line.starts_with(command).then_some(answer)).await.send().await
}

#[tokio::test]
async fn only_250_to_the_end_of_a_message_is_an_acceptance() {
    for (answer, expected) in [
        (b"250 ok\r\n".as_slice(), "accepted"),
        (b"250\r\n", "accepted"),
        (b"250\n", "accepted"),
        (b"250 \xd0\xd2\xc9\xce\xd1\xd4\xcf\r\n", "accepted"),
        (b"250-queued\r\n250-as 4711\r\n250\r\n", "accepted"),
        (b"251 forwarded\r\n", "uncertain"),
        (b"220 ready\r\n", "uncertain"),
        (b"235 welcome\r\n", "uncertain"),
        (b"354 go on\r\n", "uncertain"),
        (b"334 \r\n", "uncertain"),
        (b"OK\r\n", "uncertain"),
        (b"250-never ends\r\n", "uncertain"),
        (b"451 4.3.0 queue file write error\r\n", "deferred after the message"),
        (b"421 4.4.2 time-out\r\n", "deferred after the message"),
        (b"554 5.5.0 overloaded\r\n", "deferred after the message"),
        (b"550 5.7.1 spam\n", "refused"),
        (b"554\r\n", "refused"),
    ] {
        let server = OddServer::start(move |line| match line {
            "." => Some(answer),
            _ => None,
        })
        .await;
        let hasty = SmtpTimeouts { final_dot: Duration::from_millis(700), ..timeouts() };
        let to = [SARAH.to_owned()];
        let submission =
            Submission { from: DANA, recipients: &to, bytes: MAIL, on_refusal: RefusalPolicy::AllOrNobody };
        let delivery = deliver(&server.login(), submission, hasty, || async { DataDecision::Proceed }).await;
        let text = String::from_utf8_lossy(answer);
        assert_eq!(name(&delivery), expected, "{text:?}: {delivery:?}");
    }
}

#[tokio::test]
async fn only_354_to_data_lets_the_message_go_on() {
    for (answer, expected) in [
        (b"250 ok\r\n".as_slice(), "unreachable"),
        (b"334 \r\n", "unreachable"),
        (b"350 hm\r\n", "unreachable"),
        (b"354\n", "accepted"),
        (b"451 later\r\n", "deferred"),
        (b"554 no valid recipients\r\n", "refused"),
        (b"503 5.5.1 confused\r\n", "deferred"),
    ] {
        let delivery = outcome("DATA", answer).await;
        let text = String::from_utf8_lossy(answer);
        assert_eq!(name(&delivery), expected, "{text:?}: {delivery:?}");
    }
}

#[tokio::test]
async fn a_long_refusal_is_one_and_its_reason_is_kept() {
    let long: &'static [u8] =
        Box::leak(format!("552 5.2.3 too much. {}\r\n", "Q".repeat(9000)).into_bytes().into_boxed_slice());
    let delivery = outcome(".", long).await;
    assert!(
        matches!(&delivery, Delivery::Refused { text, .. } if text.starts_with("552 5.2.3 too much.")),
        "{delivery:?}"
    );
}

#[tokio::test]
async fn a_server_that_serves_nobody_is_waited_for_and_refuses_nobody() {
    for (answer, expected) in [
        (b"554 5.7.1 blocked\r\n".as_slice(), "unreachable"),
        (b"521 does not accept mail\r\n", "unreachable"),
        (b"421 too many connections\r\n", "deferred"),
        (b"* OK IMAP4rev1\r\n", "unreachable"),
        (b"", "unreachable"),
    ] {
        let delivery = outcome("GREETING", answer).await;
        let text = String::from_utf8_lossy(answer);
        assert_eq!(name(&delivery), expected, "{text:?}: {delivery:?}");
    }
}

#[tokio::test]
async fn logins_are_made_however_they_are_offered() {
    let offers: [&'static [u8]; 5] = [
        b"250-hi\r\n250 auth login\r\n",
        b"250-hi\n250 AUTH=LOGIN\n",
        b"250-hi\r\n250-AUTH=LOGIN\r\n250 AUTH GSSAPI\r\n",
        b"250-hi\r\n250-   \r\n250 Auth   Login\r\n",
        b"250-hi\r\n250 AUTH\tLOGIN\r\n",
    ];
    for offer in offers {
        for prompt in [b"334 TG9naW46\r\n".as_slice(), b"334\r\n", b"334 Who are you?\r\n"] {
            let server = OddServer::start(move |line| match line {
                line if line.starts_with("EHLO") => Some(offer),
                "AUTH LOGIN" | "ZGFuYUB2ZW5kb3IuZXhhbXBsZQ==" => Some(prompt),
                "c2VjcmV0" => Some(b"235 welcome\r\n"),
                _ => None,
            })
            .await;
            assert_eq!(
                probe(&server.login(), timeouts()).await,
                Ok(LoginOutcome::LoggedIn),
                "{}",
                String::from_utf8_lossy(offer)
            );
            assert_eq!(server.heard("c2VjcmV0"), 1);
        }
    }
    let refused = outcome("AUTH", b"535 \xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\n").await;
    assert!(matches!(&refused, Delivery::LoginRefused { text } if text.starts_with("535")), "{refused:?}");
    let unknown = outcome("AUTH PLAIN", b"504 5.5.4 not this one\r\n").await;
    assert_eq!(name(&unknown), "accepted", "LOGIN was offered, too: {unknown:?}");
}

#[tokio::test]
async fn tokens_are_given_by_the_mechanism_that_is_offered() {
    let token = Auth::XOAuth2(secrecy::SecretString::from("token"));
    for (offer, command) in [
        (b"250-hi\r\n250 AUTH PLAIN XOAUTH2\r\n".as_slice(), "AUTH XOAUTH2 "),
        (b"250-hi\r\n250 auth oauthbearer\r\n", "AUTH OAUTHBEARER "),
    ] {
        for (answer, then, expected) in [
            (b"235 ok\r\n".as_slice(), b"".as_slice(), None),
            (b"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n", b"535 5.7.8 expired\r\n", Some("login refused")),
        ] {
            let server = OddServer::start(move |line| match line {
                line if line.starts_with("EHLO") => Some(offer),
                line if line.starts_with(command) => Some(answer),
                "" | "AQ==" => Some(then),
                _ => None,
            })
            .await;
            let login = ServerLogin { auth: token.clone(), ..server.login() };
            let outcome = probe(&login, timeouts()).await;
            assert_eq!(outcome.as_ref().err().map(name), expected, "{command}: {outcome:?}");
            assert_eq!(server.heard(command), 1);
        }
    }
}

#[tokio::test]
async fn another_name_is_tried_where_the_first_is_refused_unless_one_is_configured() {
    let wants_a_domain =
        |line: &str| line.starts_with("EHLO [").then_some(b"550 invalid HELO\r\n".as_slice());
    let server = OddServer::start(wants_a_domain).await;
    assert_eq!(probe(&server.login(), timeouts()).await, Ok(LoginOutcome::LoggedIn));
    assert_eq!((server.heard("EHLO [127.0.0.1]"), server.heard("EHLO vendor.example")), (1, 1));

    let wants_nobody = OddServer::start(|line| line.starts_with("EHLO").then_some(b"504 who?\r\n")).await;
    let outcome = probe(&wants_nobody.login(), timeouts()).await;
    assert!(
        matches!(&outcome, Err(Delivery::Unreachable { reason }) if reason.contains("`helo`")),
        "{outcome:?}"
    );

    let server = OddServer::start(|_| None).await;
    let login = server.login();
    let configured = SubmissionServer { login: &login, helo: Some("laptop.vendor.example") };
    assert_eq!(probe(configured, timeouts()).await, Ok(LoginOutcome::LoggedIn));
    assert_eq!((server.heard("EHLO laptop.vendor.example"), server.heard("EHLO")), (1, 1));

    let old = OddServer::start(|line| line.starts_with("EHLO").then_some(b"502 unknown\r\n")).await;
    assert_eq!(name(&old.send().await), "accepted");
    assert_eq!(old.heard("HELO"), 1);
    for refusal in [b"501 syntax error\r\n".as_slice(), b"550 5.5.1 command rejected\r\n", b"503 what?\r\n"] {
        let old = OddServer::start(move |line| line.starts_with("EHLO").then_some(refusal)).await;
        assert_eq!(name(&old.send().await), "accepted", "{}", String::from_utf8_lossy(refusal));
    }
}

#[tokio::test]
async fn a_login_that_a_server_out_of_order_refuses_is_tried_again() {
    for (answer, expected) in [
        (b"535 5.7.0 Temporary authentication failure, try again later\r\n".as_slice(), "deferred"),
        (b"535 backend unavailable\r\n", "deferred"),
        (b"535 5.7.8 wrong password, try again\r\n", "login refused"),
        (b"534 5.7.9 Application-specific password required\r\n", "login refused"),
    ] {
        let outcome = outcome("AUTH", answer).await;
        assert_eq!(name(&outcome), expected, "{}: {outcome:?}", String::from_utf8_lossy(answer));
    }
    let other = outcome("AUTH PLAIN", b"535 5.7.8 mechanism not allowed\r\n").await;
    assert_eq!(name(&other), "accepted", "LOGIN was offered, too: {other:?}");
    let no_way = OddServer::start(|line| match line.split(' ').next() {
        Some("EHLO") => Some(b"250-hi\r\n250 AUTH CRAM-MD5 NTLM\r\n"),
        Some("MAIL") => Some(b"530 5.7.1 log in first\r\n"),
        _ => None,
    })
    .await;
    let told = no_way.send().await;
    assert!(matches!(&told, Delivery::LoginRefused { text } if text.contains("CRAM-MD5")), "{told:?}");
}

#[tokio::test]
async fn addresses_outside_of_ascii_are_written_as_the_server_takes_them() {
    let server = OddServer::start(|_| None).await;
    assert_eq!(name(&server.send_to(&["sarah@bücher.example"]).await), "accepted");
    assert_eq!(server.heard("RCPT TO:<sarah@xn--bcher-kva.example>"), 1);
    assert_eq!(server.heard("MAIL FROM:<dana@vendor.example>"), 1);
    let delivery = server.send_to(&["søren@acme.example"]).await;
    assert!(
        matches!(&delivery, Delivery::Refused { recipients, .. } if recipients.len() == 1),
        "{delivery:?}"
    );

    let utf8 = OddServer::start(|line| {
        line.starts_with("EHLO").then_some(b"250-hi\r\n250-8bitmime\r\n250-smtputf8\r\n250 AUTH PLAIN\r\n")
    })
    .await;
    assert_eq!(name(&utf8.send_to(&["søren@bücher.example"]).await), "accepted");
    assert_eq!(utf8.heard("MAIL FROM:<dana@vendor.example> SMTPUTF8"), 1);
    assert_eq!(utf8.heard("RCPT TO:<søren@xn--bcher-kva.example>"), 1);
}

#[tokio::test]
async fn what_comes_in_the_open_after_starttls_is_never_believed() {
    for injected in [
        b"220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n"
            .as_slice(),
        b"220 go\n250 AUTH PLAIN\n",
        b"220 go\r\n",
    ] {
        let server = OddServer::start(move |line| match line {
            "STARTTLS" => Some(injected),
            line if line.starts_with("EHLO") => Some(b"250-hi\r\n250 StartTLS\r\n"),
            _ => None,
        })
        .await;
        let login = ServerLogin { security: Security::StartTls, ..server.login() };
        let hasty = SmtpTimeouts { connect: Duration::from_secs(2), ..timeouts() };
        let outcome = probe(&login, hasty).await;
        assert!(matches!(outcome, Err(Delivery::Unreachable { .. })), "{outcome:?}");
        assert_eq!(server.heard("AUTH"), 0);
    }
    let refuses = OddServer::start(|line| match line {
        "STARTTLS" => Some(b"454 4.7.0 TLS not available\r\n"),
        line if line.starts_with("EHLO") => Some(b"250-hi\r\n250 STARTTLS\r\n"),
        _ => None,
    })
    .await;
    let login = ServerLogin { security: Security::StartTls, ..refuses.login() };
    assert!(probe(&login, timeouts()).await.is_err());
    assert_eq!(refuses.heard("AUTH"), 0);
}

#[tokio::test]
async fn before_the_last_piece_nothing_has_left_and_a_server_that_has_gone_is_noticed() {
    let closing = OddServer::start(|_| None).await;
    let to = [SARAH.to_owned()];
    let submission =
        Submission { from: DANA, recipients: &to, bytes: MAIL, on_refusal: RefusalPolicy::AllOrNobody };
    let heard = Arc::clone(&closing.heard);
    let stopped = deliver(&closing.login(), submission, timeouts(), || async move {
        let lines = heard.lock().unwrap().clone();
        assert!(lines.iter().any(|line| line == "DATA") && !lines.iter().any(|line| line == "."));
        DataDecision::Stop
    })
    .await;
    assert_eq!(stopped, Delivery::Stopped);
    assert_eq!(closing.heard("."), 0);

    // It speaks up while the phase is being written.
    for (said, expected) in [
        (b"354 go\r\n421 4.3.2 closing\r\n".as_slice(), "deferred"),
        (b"354 go\r\n250 ok\r\n", "unreachable"),
    ] {
        let early = OddServer::start(move |line| (line == "DATA").then_some(said)).await;
        let delivery = deliver(&early.login(), submission, timeouts(), || async {
            tokio::task::yield_now().await;
            DataDecision::Proceed
        })
        .await;
        assert_eq!(name(&delivery), expected, "{delivery:?}");
        assert_eq!(early.heard("."), 0);
    }
}
