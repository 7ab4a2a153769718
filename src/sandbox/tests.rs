//! The servers against the very clients that production uses: async-imap and lettre.

use std::time::Duration;

use async_imap::extensions::idle::IdleResponse;
use futures::TryStreamExt;
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::*;

const DANA: &str = "dana@vendor.example";
const SARAH: &str = "sarah@acme.example";
const MAIL: &str = "From: Dana Fox <dana@vendor.example>\r\nTo: Sarah <sarah@acme.example>\r\n\
                    Subject: Sarah, intro to Calvin\r\nMessage-ID: <one@vendor.example>\r\n\
                    Date: Tue, 24 Nov 2026 10:00:00 -0500\r\n\r\nHello\r\n.a dot\r\n..two\r\n";

type Imap = async_imap::Session<TcpStream>;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn sandbox(habits: ProviderHabits) -> Sandbox {
    let sandbox = Sandbox::start(Arc::new(|| at("2026-11-24T15:00:00.7Z"))).await.unwrap();
    sandbox.add_user_with(DANA, "secret", habits);
    sandbox.add_user(SARAH, "s");
    sandbox
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), future).await.expect("within ten seconds")
}

async fn imap(sandbox: &Sandbox, user: &str, password: &str) -> Imap {
    let stream = TcpStream::connect(sandbox.imap_address()).await.unwrap();
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.unwrap().unwrap();
    client.login(user, password).await.unwrap()
}

async fn smtp(sandbox: &Sandbox) -> AsyncSmtpConnection {
    let hello = ClientId::Domain("laptop.vendor.example".to_owned());
    let address = sandbox.smtp_address();
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, None, &hello, None, None).await.unwrap();
    let credentials = Credentials::new(DANA.to_owned(), "secret".to_owned());
    connection.auth(&[Mechanism::Plain], &credentials).await.unwrap();
    connection
}

fn envelope(to: &[&str]) -> lettre::address::Envelope {
    let to = to.iter().map(|to| to.parse::<Address>().unwrap()).collect();
    lettre::address::Envelope::new(Some(DANA.parse().unwrap()), to).unwrap()
}

/// lettre ends every mail with a line end of its own.
fn unended(mail: &str) -> &[u8] {
    mail.strip_suffix("\r\n").unwrap().as_bytes()
}

fn text(message: &StoredMessage) -> String {
    String::from_utf8(message.raw.to_vec()).unwrap()
}

/// Sends lines and gives what is answered up to a line that starts with `until`, or to the end.
async fn talk(stream: &mut BufReader<TcpStream>, lines: &str, until: &str) -> Vec<String> {
    stream.get_mut().write_all(lines.as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    loop {
        let mut line = Vec::new();
        if soon(stream.read_until(b'\n', &mut line)).await.unwrap_or(0) == 0 {
            return answers;
        }
        answers.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        if answers.last().unwrap().starts_with(until) {
            return answers;
        }
    }
}

async fn raw_imap(sandbox: &Sandbox) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(sandbox.imap_address()).await.unwrap());
    talk(&mut stream, "", "* OK").await;
    talk(&mut stream, "a LOGIN dana@vendor.example secret\r\n", "a OK").await;
    talk(&mut stream, "b EXAMINE INBOX\r\n", "b OK").await;
    stream
}

#[tokio::test]
async fn what_lettre_sends_lies_in_the_inbox_under_the_virtual_time() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let mut connection = smtp(&sandbox).await;
    let answer = connection.send(&envelope(&[SARAH]), unended(MAIL)).await.unwrap();
    assert!(answer.is_positive());
    connection.quit().await.unwrap();

    let inbox = sandbox.mailbox(SARAH, "inbox");
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].internal_date, at("2026-11-24T15:00:00Z"));
    assert!(text(&inbox[0]).ends_with("\r\n\r\nHello\r\n.a dot\r\n..two\r\n"), "{}", text(&inbox[0]));
    assert!(
        text(&inbox[0])
            .starts_with("Return-Path: <dana@vendor.example>\r\nReceived: from laptop.vendor.example")
    );
    assert!(text(&inbox[0]).contains("by mx.acme.example"));
    let delivered = sandbox.all_delivered();
    assert_eq!(delivered.len(), 1);
    assert_eq!((delivered[0].login.as_deref(), delivered[0].from.as_str()), (Some(DANA), DANA));
    assert_eq!(&*delivered[0].raw, MAIL.as_bytes());
    assert!(sandbox.mailbox(DANA, "\\Sent").is_empty());
}

#[tokio::test]
async fn a_mail_may_begin_with_a_dot_and_be_sent_in_small_pieces() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let mut stream = BufReader::new(TcpStream::connect(sandbox.smtp_address()).await.unwrap());
    talk(&mut stream, "EHLO x\r\n", "250 ").await;
    talk(&mut stream, "AUTH LOGIN\r\n", "334 ").await;
    talk(&mut stream, "ZGFuYUB2ZW5kb3IuZXhhbXBsZQ==\r\n", "334 ").await;
    talk(&mut stream, "c2VjcmV0\r\n", "235 ").await;
    let setup = "MAIL FROM:<dana@vendor.example>\r\nRCPT TO:<sarah@acme.example>\r\nDATA\r\n";
    talk(&mut stream, setup, "354").await;
    for piece in ["..x: y", "\r", "\n\r\nbody\r\n.", "\r"] {
        stream.get_mut().write_all(piece.as_bytes()).await.unwrap();
        stream.get_mut().flush().await.unwrap();
    }
    assert_eq!(talk(&mut stream, "\n", "2").await.len(), 1);
    assert_eq!(&*sandbox.all_delivered()[0].raw, b".x: y\r\n\r\nbody\r\n");
}

#[tokio::test]
async fn smtp_refuses_strangers_wrong_order_and_wrong_passwords() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let hello = ClientId::Domain("x".to_owned());
    let address = sandbox.smtp_address();
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, None, &hello, None, None).await.unwrap();
    let error = connection.command(Mail::new(Some(DANA.parse().unwrap()), vec![])).await.unwrap_err();
    assert!(error.is_permanent(), "{error}");
    let wrong = Credentials::new(DANA.to_owned(), "wrong".to_owned());
    assert!(connection.auth(&[Mechanism::Xoauth2], &wrong).await.is_err());
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, None, &hello, None, None).await.unwrap();
    let right = Credentials::new(DANA.to_owned(), "secret".to_owned());
    connection.auth(&[Mechanism::Xoauth2], &right).await.unwrap();
    assert!(connection.auth(&[Mechanism::Login], &wrong).await.unwrap_err().is_permanent());

    let mut connection = smtp(&sandbox).await;
    assert!(connection.command(Data).await.is_err());
    connection.command(Mail::new(Some(DANA.parse().unwrap()), vec![])).await.unwrap();
    let stranger = Rcpt::new("nobody@acme.example".parse().unwrap(), vec![]);
    assert!(connection.command(stranger).await.unwrap_err().to_string().contains("no such user"));
    connection.command(Rset).await.unwrap();
    connection.command(Noop).await.unwrap();
    assert!(sandbox.all_delivered().is_empty());
}

#[tokio::test]
async fn a_refused_recipient_is_refused_as_often_as_asked() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    sandbox.refuse_recipient(SARAH, "451 4.3.0 come back later", 1);
    let error = smtp(&sandbox).await.send(&envelope(&[SARAH]), unended(MAIL)).await.unwrap_err();
    assert!(error.is_transient());
    assert_eq!(sandbox.faults_waiting(), 0);
    smtp(&sandbox).await.send(&envelope(&[SARAH]), unended(MAIL)).await.unwrap();
    assert_eq!(sandbox.mailbox(SARAH, "INBOX").len(), 1);
}

#[tokio::test]
async fn a_connection_lost_at_the_dot_may_or_may_not_have_delivered() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    for (fault, delivered) in
        [(SmtpFault::DropAtDot, 0), (SmtpFault::DropInData, 0), (SmtpFault::SwallowAck, 1)]
    {
        sandbox.smtp_fault(fault.clone());
        let result = soon(smtp(&sandbox).await.send(&envelope(&[SARAH]), unended(MAIL))).await;
        assert!(result.is_err(), "{fault:?}");
        assert_eq!(sandbox.all_delivered().len(), delivered, "{fault:?}");
    }
    sandbox.smtp_fault(SmtpFault::RefuseMail("554 5.7.1 looks like spam".to_owned()));
    let error = smtp(&sandbox).await.send(&envelope(&[SARAH]), unended(MAIL)).await.unwrap_err();
    assert!(error.is_permanent());
    sandbox.smtp_fault(SmtpFault::StallAck);
    let mut connection = smtp(&sandbox).await;
    let stalled =
        timeout(Duration::from_millis(300), connection.send(&envelope(&[SARAH]), unended(MAIL))).await;
    assert!(stalled.is_err());
    assert_eq!(sandbox.all_delivered().len(), 2);
}

#[tokio::test]
async fn gmail_keeps_one_sent_copy_even_if_the_client_appends_another() {
    let sandbox = sandbox(ProviderHabits::gmail()).await;
    smtp(&sandbox).await.send(&envelope(&[SARAH]), unended(MAIL)).await.unwrap();
    let mut session = imap(&sandbox, DANA, "secret").await;
    session.append("[Gmail]/Sent Mail", Some("(\\Seen)"), None, MAIL).await.unwrap();
    let sent = sandbox.mailbox(DANA, "\\Sent");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].flags, ["\\Seen"]);
    assert_eq!(sandbox.mailbox(DANA, "[Gmail]/All Mail").len(), 1);
    sandbox.deliver(SARAH, &[DANA], b"Subject: answer\n\nhi\n", None).unwrap();
    let inbox = sandbox.mailbox(DANA, "INBOX");
    assert!(
        text(&inbox[0])
            .contains("Authentication-Results: mx.vendor.example;\r\n\tdmarc=pass header.from=acme.example")
    );
    assert_eq!(sandbox.mailbox(DANA, "\\All").len(), 2);
}

#[tokio::test]
async fn microsoft_names_the_new_id_and_keeps_the_old_one_in_the_copies() {
    let sandbox = sandbox(ProviderHabits::microsoft()).await;
    let answer = smtp(&sandbox).await.send(&envelope(&[SARAH]), unended(MAIL)).await.unwrap();
    let accepted = sandbox.all_delivered().remove(0);
    let id = accepted.replaced_id.unwrap();
    assert!(answer.message().any(|line| line.contains(&id)), "{answer:?}");
    for copy in [&sandbox.mailbox(SARAH, "INBOX")[0], &sandbox.mailbox(DANA, "Sent Items")[0]] {
        assert_eq!(headers::message_id(&copy.raw).as_ref(), Some(&id));
        assert_eq!(headers::values(&copy.raw, "X-Microsoft-Original-Message-ID"), ["<one@vendor.example>"]);
    }
    assert_eq!(&*accepted.raw, MAIL.as_bytes());
}

#[tokio::test]
async fn folders_are_listed_with_their_special_use() {
    let sandbox = sandbox(ProviderHabits::gmail()).await;
    let mut session = imap(&sandbox, DANA, "secret").await;
    assert!(session.capabilities().await.unwrap().has_str("IDLE"));
    let names: Vec<_> = session.list(Some(""), Some("*")).await.unwrap().try_collect().await.unwrap();
    let listed: Vec<String> =
        names.iter().map(|name| format!("{} {:?}", name.name(), name.attributes())).collect();
    insta::assert_snapshot!(listed.join("\n"), @r#"
    [Gmail] [Extension("\\HasChildren"), NoSelect]
    INBOX [Extension("\\HasNoChildren")]
    [Gmail]/All Mail [Extension("\\HasNoChildren"), All]
    [Gmail]/Drafts [Extension("\\HasNoChildren"), Drafts]
    [Gmail]/Sent Mail [Extension("\\HasNoChildren"), Sent]
    [Gmail]/Trash [Extension("\\HasNoChildren"), Trash]
    "#);
    let top: Vec<_> = session.list(Some(""), Some("%")).await.unwrap().try_collect().await.unwrap();
    assert_eq!(top.iter().map(|name| name.name()).collect::<Vec<_>>(), ["[Gmail]", "INBOX"]);
    let counted = session.status("INBOX", "(MESSAGES UIDNEXT UIDVALIDITY)").await.unwrap();
    assert_eq!((counted.exists, counted.uid_next), (0, Some(1)));
    session.logout().await.unwrap();
}

#[tokio::test]
async fn a_watcher_fetches_and_marks_nothing() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
    let mut session = imap(&sandbox, DANA, "secret").await;
    let mailbox = session.examine("INBOX").await.unwrap();
    assert_eq!((mailbox.exists, mailbox.uid_next), (1, Some(2)));
    assert!(mailbox.uid_validity.is_some());
    let query = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])";
    let fetched: Vec<_> = session.uid_fetch("1:*", query).await.unwrap().try_collect().await.unwrap();
    assert_eq!(fetched.len(), 1);
    assert_eq!(fetched[0].uid, Some(1));
    assert_eq!(fetched[0].internal_date().unwrap(), at("2026-11-24T15:00:00Z"));
    assert!(
        String::from_utf8_lossy(fetched[0].header().unwrap()).contains("Message-ID: <one@vendor.example>")
    );
    let raw = sandbox.mailbox(DANA, "INBOX").remove(0).raw;
    assert_eq!(fetched[0].size.unwrap() as usize, raw.len());
    let fetched: Vec<_> =
        session.uid_fetch("1", "(UID BODY.PEEK[]<6.10>)").await.unwrap().try_collect().await.unwrap();
    assert_eq!(fetched.len(), 1);
    session.select("INBOX").await.unwrap();
    let _: Vec<_> = session.uid_fetch("1", "(UID BODY.PEEK[])").await.unwrap().try_collect().await.unwrap();
    assert!(sandbox.mailbox(DANA, "INBOX")[0].flags.is_empty());
    let _: Vec<_> = session.uid_fetch("1", "(UID BODY[])").await.unwrap().try_collect().await.unwrap();
    assert_eq!(sandbox.mailbox(DANA, "INBOX")[0].flags, ["\\Seen"]);
}

#[tokio::test]
async fn a_partial_fetch_gives_the_asked_bytes_and_their_origin() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    sandbox.append(DANA, "INBOX", b"Subject: x\n\n0123456789\n", &[], at("2026-11-01T00:00:00Z")).unwrap();
    let mut stream = raw_imap(&sandbox).await;
    let answers = talk(&mut stream, "c UID FETCH 1 (BODY.PEEK[]<16.4>)\r\n", "c ").await;
    assert_eq!(answers, ["* 1 FETCH (UID 1 BODY[]<16> {4}", "2345)", "c OK fetched"]);
    let answers = talk(&mut stream, "d UID FETCH 1 (BODY.PEEK[]<900.4>)\r\n", "d ").await;
    assert_eq!(answers[0], "* 1 FETCH (UID 1 BODY[]<900> {0}");
    let answers = talk(&mut stream, "e UID FETCH 1 (BODYSTRUCTURE)\r\n", "e ").await;
    assert!(answers[0].starts_with("e BAD"), "{answers:?}");
}

#[tokio::test]
async fn searching_finds_by_day_header_person_and_uid() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let append = |raw: &str, day: &str| sandbox.append(DANA, "INBOX", raw.as_bytes(), &[], at(day)).unwrap();
    append("From: a@x.example\nTo: b@y.example\nMessage-ID: <1@x>\n\n", "2026-11-20T23:59:59Z");
    append("From: c@x.example\nTo: a@x.example\nMessage-ID: <2@x>\n\n", "2026-11-21T00:00:00Z");
    append("From: c@x.example\nReferences: <0@x>\n <1@x>\n\n", "2026-11-22T00:00:00Z");
    let mut session = imap(&sandbox, DANA, "secret").await;
    session.examine("INBOX").await.unwrap();
    for (query, expected) in [
        ("ALL", vec![1, 2, 3]),
        ("SINCE 21-Nov-2026", vec![2, 3]),
        ("HEADER Message-ID \"<1@x>\"", vec![1]),
        ("HEADER References \"<1@X>\"", vec![3]),
        ("HEADER Message-ID \"\"", vec![1, 2]),
        ("OR FROM \"a@x.example\" TO \"a@x.example\"", vec![1, 2]),
        ("UID 2:* NOT FROM \"C@X\"", vec![]),
        ("UID 9:*", vec![3]),
        ("(UID 1:2 SINCE 1-Nov-2026) NOT HEADER Message-ID \"<2@x>\"", vec![1]),
    ] {
        let mut found: Vec<u32> = session.uid_search(query).await.unwrap().into_iter().collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn an_appended_copy_keeps_its_flags_and_date() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let mut session = imap(&sandbox, DANA, "secret").await;
    let date = "\"24-Nov-2026 09:30:00 -0500\"";
    session.append("Sent", Some("(\\Seen)"), Some(date), MAIL).await.unwrap();
    let sent = sandbox.mailbox(DANA, "Sent");
    assert_eq!(
        (sent[0].internal_date, sent[0].flags.clone()),
        (at("2026-11-24T14:30:00Z"), vec!["\\Seen".to_owned()])
    );
    assert_eq!(&*sent[0].raw, MAIL.as_bytes());
    assert!(session.append("Nowhere", None, None, MAIL).await.is_err());
}

#[tokio::test]
async fn idle_hears_of_new_mail_and_ends_with_done() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let mut session = imap(&sandbox, DANA, "secret").await;
    session.examine("INBOX").await.unwrap();
    let mut idle = session.idle();
    idle.init().await.unwrap();
    let (wait, _interrupt) = idle.wait();
    sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
    assert!(matches!(soon(wait).await.unwrap(), IdleResponse::NewData(_)));
    let mut session = soon(idle.done()).await.unwrap();
    sandbox.remove(DANA, "INBOX", 1);
    soon(session.noop()).await.unwrap();
    assert_eq!(session.examine("INBOX").await.unwrap().exists, 0);
}

#[tokio::test]
async fn mail_that_came_before_idle_is_announced_in_it() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let mut stream = raw_imap(&sandbox).await;
    sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
    assert_eq!(talk(&mut stream, "c IDLE\r\n", "* 1").await, ["+ idling", "* 1 EXISTS"]);
    assert_eq!(talk(&mut stream, "DONE\r\n", "c ").await, ["c OK idled"]);
}

#[tokio::test]
async fn each_imap_fault_happens_once() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
    let mut stream = raw_imap(&sandbox).await;
    sandbox.imap_fault("fetch", ImapFault::No("[UNAVAILABLE] not now".to_owned()));
    sandbox.imap_fault("FETCH", ImapFault::Bad("User is authenticated but not connected".to_owned()));
    sandbox.imap_fault("FETCH", ImapFault::LineBefore("* garbage \"".to_owned()));
    assert_eq!(talk(&mut stream, "c UID FETCH 1 UID\r\n", "c ").await, ["c NO [UNAVAILABLE] not now"]);
    assert!(talk(&mut stream, "d UID FETCH 1 UID\r\n", "d ").await[0].starts_with("d BAD User"));
    let answers = talk(&mut stream, "e UID FETCH 1 UID\r\n", "e ").await;
    assert_eq!(answers, ["* garbage \"", "* 1 FETCH (UID 1)", "e OK fetched"]);
    assert_eq!(sandbox.faults_waiting(), 0);

    sandbox.imap_fault("APPEND", ImapFault::LineBefore("* 7 EXISTS".to_owned()));
    let answers = talk(&mut stream, "f APPEND Sent {1}\r\n", "+").await;
    assert_eq!(answers, ["* 7 EXISTS", "+ go ahead"]);
    assert!(talk(&mut stream, "x\r\n", "f ").await[0].starts_with("f OK [APPENDUID "));
    sandbox.imap_fault("EXAMINE", ImapFault::NoUidValidity);
    let answers = talk(&mut stream, "g EXAMINE INBOX\r\n", "g ").await.join("\n");
    assert!(!answers.contains("UID") && answers.contains("1 EXISTS"));

    sandbox.imap_fault("FETCH", ImapFault::CutAfter(20));
    assert_eq!(talk(&mut stream, "h FETCH 1 BODY.PEEK[]\r\n", "h ").await, ["* 1 FETCH (BODY[] {3"]);
}

#[tokio::test]
async fn idle_can_be_deaf_or_end_by_itself() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let mut stream = raw_imap(&sandbox).await;
    sandbox.imap_fault("IDLE", ImapFault::NothingNew);
    talk(&mut stream, "c IDLE\r\n", "+").await;
    sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
    assert_eq!(talk(&mut stream, "DONE\r\n", "c ").await, ["* 1 EXISTS", "c OK idled"]);
    sandbox.imap_fault("IDLE", ImapFault::EndIdle);
    talk(&mut stream, "d IDLE\r\n", "+").await;
    sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
    assert_eq!(talk(&mut stream, "", "d ").await, ["* 2 EXISTS", "d OK idled"]);
    sandbox.imap_fault("NOOP", ImapFault::Silent);
    stream.get_mut().write_all(b"e NOOP\r\n").await.unwrap();
    let mut line = String::new();
    assert!(timeout(Duration::from_millis(200), stream.read_line(&mut line)).await.is_err(), "{line}");
}

#[tokio::test]
async fn a_stopped_server_refuses_and_comes_back_on_its_port() {
    let mut sandbox = sandbox(ProviderHabits::default()).await;
    let mut stream = raw_imap(&sandbox).await;
    sandbox.stop_imap().await;
    assert!(talk(&mut stream, "c NOOP\r\n", "c").await.is_empty());
    assert!(TcpStream::connect(sandbox.imap_address()).await.is_err());
    sandbox.start_imap().await.unwrap();
    imap(&sandbox, DANA, "secret").await.noop().await.unwrap();
    sandbox.stop_smtp().await;
    assert!(TcpStream::connect(sandbox.smtp_address()).await.is_err());
    sandbox.start_smtp().await.unwrap();
    smtp(&sandbox).await.quit().await.unwrap();
}

#[tokio::test]
async fn a_renumbered_folder_ends_the_sessions_that_have_it_open() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
    let mut session = imap(&sandbox, DANA, "secret").await;
    let before = session.examine("INBOX").await.unwrap().uid_validity;
    sandbox.renumber(DANA, "INBOX").unwrap();
    let mut stream = raw_imap(&sandbox).await;
    sandbox.renumber(DANA, "INBOX").unwrap();
    assert!(talk(&mut stream, "c NOOP\r\n", "c ").await[0].starts_with("* BYE"));
    let mut session = imap(&sandbox, DANA, "secret").await;
    assert_ne!(session.examine("INBOX").await.unwrap().uid_validity, before);
}

#[tokio::test]
async fn wrong_passwords_nonsense_and_oversize_are_answered() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let mut stream = BufReader::new(TcpStream::connect(sandbox.imap_address()).await.unwrap());
    talk(&mut stream, "", "* OK").await;
    let answers = talk(&mut stream, "a LOGIN dana@vendor.example wrong\r\n", "a ").await;
    assert!(answers[0].starts_with("a NO [AUTHENTICATIONFAILED]"));
    assert!(talk(&mut stream, "b EXAMINE INBOX\r\n", "b ").await[0].starts_with("b NO"));
    assert!(talk(&mut stream, "c FROBNICATE\r\n", "c ").await[0].starts_with("c BAD"));
    let wrong = "x AUTHENTICATE XOAUTH2 dXNlcj1kYW5hQHZlbmRvci5leGFtcGxlAWF1dGg9QmVhcmVyIHdyb25nAQE=\r\n";
    assert_eq!(talk(&mut stream, wrong, "+").await.len(), 1);
    assert!(talk(&mut stream, "\r\n", "x ").await[0].starts_with("x NO [AUTHENTICATIONFAILED]"));
    talk(&mut stream, "d AUTHENTICATE PLAIN\r\n", "+").await;
    let plain = "AGRhbmFAdmVuZG9yLmV4YW1wbGUAc2VjcmV0\r\n";
    assert!(talk(&mut stream, plain, "d ").await[0].starts_with("d OK"));
    assert!(talk(&mut stream, "e APPEND Sent {4000000000}\r\n", "e ").await[0].starts_with("e NO [TOOBIG]"));
    let answers = talk(&mut stream, "f APPEND Sent {2+}\r\nab\r\n", "f ").await;
    assert!(answers[0].starts_with("f OK [APPENDUID"), "{answers:?}");
    assert!(talk(&mut stream, "g SEARCH ALL\r\n", "g ").await[0].starts_with("g BAD"));
}

#[tokio::test]
async fn a_spoofed_mail_bears_the_verdict_it_was_given() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    sandbox.add_alias("d.fox@vendor.example", DANA);
    sandbox.deliver("", &["D.Fox@vendor.example"], MAIL.as_bytes(), Some("dmarc=fail")).unwrap();
    let inbox = sandbox.mailbox(DANA, "INBOX");
    assert_eq!(headers::values(&inbox[0].raw, "Authentication-Results"), ["mx.vendor.example;\tdmarc=fail"]);
    assert_eq!(headers::values(&inbox[0].raw, "Return-Path"), ["<>"]);
    let unknown = sandbox.deliver("", &["x@y.example"], b"", None);
    assert!(matches!(unknown, Err(SandboxError::NoSuchUser(_))));
}

#[tokio::test]
async fn waiting_ends_with_the_change_that_was_waited_for() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    let (_, ()) =
        tokio::join!(soon(sandbox.until(|sandbox| sandbox.mailbox(DANA, "INBOX").len() == 2)), async {
            for _ in 0..2 {
                tokio::task::yield_now().await;
                sandbox.deliver(SARAH, &[DANA], MAIL.as_bytes(), None).unwrap();
            }
        });
}

#[tokio::test]
async fn a_changed_password_shuts_the_door() {
    let sandbox = sandbox(ProviderHabits::default()).await;
    sandbox.set_password(DANA, "other");
    let mut stream = BufReader::new(TcpStream::connect(sandbox.imap_address()).await.unwrap());
    talk(&mut stream, "", "* OK").await;
    let answers = talk(&mut stream, "a LOGIN dana@vendor.example secret\r\n", "a ").await;
    assert!(answers[0].starts_with("a NO [AUTHENTICATIONFAILED]"));
}
