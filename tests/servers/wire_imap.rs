//! IMAP sessions against a real Dovecot, and against scripted servers that do what Dovecot never does.

use std::time::Duration;

use crate::support::{
    CALVIN, DANA, PASSWORD, SARAH, TestBed, authority,
    proxy::{Fault, Proxy},
    script::Script,
};
use baton::{
    imap::{
        Appended, CommandTimeouts, FetchedBody, FolderName, FolderUse, HeaderItem, IdleEnd, ImapError,
        ImapSession, ListedFolder, Search,
    },
    tls::{Auth, Security, ServerLogin},
};
use chrono::{DateTime, NaiveDate};
use secrecy::SecretString;
use tokio::{task::spawn_blocking, time::timeout};

const MAIL: &str = "From: Sarah Lee <sarah@acme.example>\nTo: dana@vendor.example\nSubject: hi\nMessage-ID: <1@acme.example>\n\nHello.\n";

fn endpoint(port: u16, security: Security) -> ServerLogin {
    ServerLogin {
        host: "127.0.0.1".to_owned(),
        port,
        security,
        extra_ca: None,
        login: DANA.to_owned(),
        auth: Auth::Password(SecretString::from(PASSWORD)),
    }
}

fn secure(bed: &TestBed) -> ServerLogin {
    ServerLogin { extra_ca: Some(bed.ca()), ..endpoint(bed.ports.imaps, Security::Tls) }
}

fn patient() -> CommandTimeouts {
    CommandTimeouts::default()
}

fn hasty() -> CommandTimeouts {
    let short = Duration::from_millis(600);
    CommandTimeouts {
        silence: short,
        command: short,
        transfer: short,
        idle_start: short,
        idle_done: short,
        ..patient()
    }
}

async fn connect(bed: &TestBed) -> ImapSession {
    ImapSession::connect(&secure(bed), patient()).await.unwrap()
}

async fn connect_plain(port: u16, timeouts: CommandTimeouts) -> ImapSession {
    ImapSession::connect(&endpoint(port, Security::Plain), timeouts).await.unwrap()
}

async fn open(bed: &TestBed) -> ImapSession {
    let mut session = connect(bed).await;
    session.examine(&FolderName::inbox()).await.unwrap();
    session
}

async fn headers(session: &mut ImapSession, first: u32, last: Option<u32>) -> Vec<HeaderItem> {
    let mut items = Vec::new();
    session.headers(first, last, |item| items.push(item)).await.unwrap();
    items
}

const FOREVER: Duration = Duration::from_secs(100);

async fn idle(session: &mut ImapSession) -> Result<IdleEnd, ImapError> {
    timeout(Duration::from_secs(15), session.idle(FOREVER, std::future::pending()))
        .await
        .expect("an end of the IDLE")
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_wakes_when_mail_arrives_and_the_mail_is_there() {
    let bed = TestBed::start();
    let mut session = open(&bed).await;
    let waiting = tokio::spawn(async move {
        let woke = idle(&mut session).await.unwrap();
        (woke, headers(&mut session, 1, None).await)
    });
    bed.submit(SARAH, &[DANA], MAIL);
    let (woke, items) = waiting.await.unwrap();
    assert_eq!(woke, IdleEnd::Changed);
    assert_eq!(items.len(), 1);
    assert!(String::from_utf8_lossy(&items[0].header).contains("Message-ID: <1@acme.example>"));
    assert!(items[0].internal_date.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_came_before_the_idle_ends_it_at_once() {
    let bed = TestBed::start();
    let mut session = open(&bed).await;
    bed.submit(SARAH, &[DANA], MAIL);
    bed.wait_for(DANA, "INBOX", 1, |_| true);
    assert_eq!(idle(&mut session).await.unwrap(), IdleEnd::Changed);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_ends_at_its_deadline_and_when_asked_and_the_session_goes_on() {
    let bed = TestBed::start();
    let mut session = open(&bed).await;
    let woke = session.idle(Duration::from_millis(50), std::future::pending()).await.unwrap();
    assert_eq!(woke, IdleEnd::Deadline);
    assert_eq!(session.idle(FOREVER, std::future::ready(())).await.unwrap(), IdleEnd::Asked);
    assert_eq!(session.examine(&FolderName::inbox()).await.unwrap().exists, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_headers_come_in_one_stream() {
    let bed = TestBed::start();
    bed.fill(DANA, "INBOX", 2000);
    let mut session = connect(&bed).await;
    let mailbox = session.examine(&FolderName::inbox()).await.unwrap();
    assert_eq!((mailbox.exists, mailbox.uid_next), (2000, Some(2001)));
    let items = headers(&mut session, 1, None).await;
    assert_eq!(items.len(), 2000);
    assert!(items.iter().map(|item| item.uid).eq(1..=2000));
    for (number, item) in (1..).zip(&items) {
        assert!(
            String::from_utf8_lossy(&item.header).contains(&format!("<{number}@fill.example>")),
            "{number}"
        );
        assert!(item.size as usize > item.header.len());
    }
    assert_eq!(headers(&mut session, 1999, None).await.len(), 2);
    assert_eq!(headers(&mut session, 10, Some(12)).await.len(), 3);
    assert_eq!(
        headers(&mut session, 2001, None).await,
        [],
        "n:* past the end is the last message, which is not meant"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_changes_nothing_on_the_server() {
    let bed = TestBed::start();
    bed.fill(DANA, "INBOX", 3);
    let mut session = open(&bed).await;
    headers(&mut session, 1, None).await;
    assert!(matches!(session.body(2, 1000).await.unwrap(), FetchedBody::Whole(_)));
    session.search(&Search::new().from(SARAH)).await.unwrap();
    session.logout().await;
    let mut client = bed.client(DANA);
    assert!(client.messages("INBOX").iter().all(|message| message.flags.is_empty()));
    // Only a folder that was never opened for writing still has all its messages marked as recent.
    assert!(client.command("SELECT INBOX").contains("* 3 RECENT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_and_dates_are_read() {
    let bed = TestBed::start();
    bed.client(DANA).append("Drafts", "\\Draft \\Seen", Some("01-Nov-2026 09:30:00 +0100"), MAIL);
    let mut session = connect(&bed).await;
    session.examine(&FolderName::new("Drafts")).await.unwrap();
    let items = headers(&mut session, 1, None).await;
    assert!(items[0].flags.draft && items[0].flags.seen && !items[0].flags.deleted);
    assert_eq!(items[0].internal_date, DateTime::parse_from_rfc3339("2026-11-01T08:30:00Z").ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_come_in_pieces_under_a_cap() {
    let bed = TestBed::start();
    let long = format!("{MAIL}{}", "0123456789 and so on\n".repeat(60_000));
    bed.client(DANA).append("INBOX", "", None, &long);
    let expected = crate::support::crlf(&long).into_bytes();
    let mut session = open(&bed).await;
    assert_eq!(session.body(1, 2_000_000).await.unwrap(), FetchedBody::Whole(expected.clone()));
    let exactly = u32::try_from(expected.len()).unwrap();
    assert_eq!(session.body(1, exactly).await.unwrap(), FetchedBody::Whole(expected.clone()));
    assert_eq!(session.body(1, 700_000).await.unwrap(), FetchedBody::Cut(expected[..700_000].to_vec()));
    assert_eq!(session.body(7, 1000).await.unwrap(), FetchedBody::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_uidvalidity_is_seen() {
    let bed = TestBed::start();
    bed.fill(DANA, "INBOX", 1);
    let inbox = FolderName::inbox();
    let before = connect(&bed).await.examine(&inbox).await.unwrap();
    bed.delivery.change_uid_validity(DANA, "INBOX", before.uid_validity + 7);
    let after = connect(&bed).await.examine(&inbox).await.unwrap();
    assert_eq!(after.uid_validity, before.uid_validity + 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_known_by_what_they_are_for() {
    let bed = TestBed::start();
    bed.client(DANA).create("Entw&APw-rfe 2026");
    let mut session = connect(&bed).await;
    let folders = session.folders().await.unwrap();
    let named = |usage: FolderUse| -> Vec<String> {
        folders
            .iter()
            .filter(|folder| folder.usage == Some(usage))
            .map(|folder| folder.name.to_string())
            .collect()
    };
    assert_eq!(named(FolderUse::Sent), ["Sent"]);
    assert_eq!(named(FolderUse::Drafts), ["Drafts"]);
    assert_eq!(named(FolderUse::Inbox), ["INBOX"]);
    let is_ours = |folder: &&ListedFolder| folder.name == FolderName::new("Entwürfe 2026");
    let own = folders.iter().find(is_ours).expect("the folder with the umlaut");
    assert!(own.selectable && own.usage.is_none() && own.delimiter == Some('/'));
    assert_eq!(session.examine(&own.name).await.unwrap().exists, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_folder_is_named_and_does_not_end_the_session() {
    let bed = TestBed::start();
    let mut session = connect(&bed).await;
    let error = session.examine(&FolderName::new("Gesendet")).await.unwrap_err();
    assert!(
        matches!(&error, ImapError::FolderMissing { folder, .. } if folder.to_string() == "Gesendet"),
        "{error}"
    );
    assert!(error.leaves_the_session() && session.is_alive());
    session.examine(&FolderName::inbox()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_appended_to_sent_and_found_again_by_its_id() {
    let bed = TestBed::start();
    let mut session = connect(&bed).await;
    let sent = FolderName::new("Sent");
    let message = crate::support::crlf(MAIL);
    let date = DateTime::parse_from_rfc3339("2026-11-20T10:00:00+01:00").unwrap();
    let appended = session.append(&sent, message.as_bytes(), true, Some(date)).await.unwrap();
    let mailbox = session.examine(&sent).await.unwrap();
    assert_eq!(appended, Appended::At { uid_validity: mailbox.uid_validity, uid: 1 });
    assert_eq!(session.search(&Search::new().message_id("1@acme.example")).await.unwrap(), [1]);
    assert_eq!(session.search(&Search::new().message_id("2@acme.example")).await.unwrap(), [0; 0]);
    let stored = bed.client(DANA).messages("Sent");
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].flags, ["\\Seen"]);
    assert_eq!(stored[0].text, message);
    assert_eq!(stored[0].internal_date, "20-Nov-2026 09:00:00 +0000");
    let missing = session.append(&FolderName::new("Envoyés"), message.as_bytes(), true, None).await;
    assert!(matches!(missing, Err(ImapError::FolderMissing { .. })), "{missing:?}");
    assert!(session.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_combine_people_and_days() {
    let bed = TestBed::start();
    let mut client = bed.client(DANA);
    let from = |address: &str, to: &str| format!("From: {address}\nTo: {to}\nSubject: Grüße\n\n.\n");
    client.append("INBOX", "", Some("01-Nov-2026 09:30:00 +0000"), &from(SARAH, DANA));
    client.append("INBOX", "", Some("20-Nov-2026 09:30:00 +0000"), &from(CALVIN, SARAH));
    client.append("INBOX", "", Some("21-Nov-2026 09:30:00 +0000"), &from("x@y.example", "z@y.example"));
    let mut session = open(&bed).await;
    let day = NaiveDate::from_ymd_opt(2026, 11, 10).unwrap();
    let people = vec![Search::new().from(SARAH), Search::new().to(SARAH), Search::new().cc(SARAH)];
    let either = Search::new().any(people);
    assert_eq!(session.search(&either).await.unwrap(), [1, 2]);
    assert_eq!(session.search(&either.since(day)).await.unwrap(), [2]);
    assert_eq!(session.search(&Search::new()).await.unwrap(), [1, 2, 3]);
    assert_eq!(session.search(&Search::new().uids(4, None)).await.unwrap(), [0; 0]);
    assert_eq!(session.search(&Search::new().any(Vec::new())).await.unwrap(), [0; 0]);
    // A literal, since it is not ASCII.
    assert_eq!(session.search(&Search::new().subject("Grüße").from(CALVIN)).await.unwrap(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn starttls_and_plain_connections_work_too() {
    let bed = TestBed::start();
    let starttls = ServerLogin { port: bed.ports.imap, security: Security::StartTls, ..secure(&bed) };
    let mut session = ImapSession::connect(&starttls, patient()).await.unwrap();
    session.examine(&FolderName::inbox()).await.unwrap();
    session.logout().await;
    connect_plain(bed.ports.imap, patient()).await.examine(&FolderName::inbox()).await.unwrap();
}

/// What could be taken for a greeting, or for the answers to the first commands.
const INJECTED: &[u8] = b"* PREAUTH welcome\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nB1 OK\r\nB2 OK logged in\r\nA1 OK logged in\r\nA2 OK\r\nA0001 OK\r\n* 7 EXISTS\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_injected_behind_starttls_is_thrown_away() {
    let bed = TestBed::start();
    bed.submit(SARAH, &[DANA], MAIL);
    bed.wait_for(DANA, "INBOX", 1, |_| true);
    let proxy = Proxy::to(bed.ports.imap);
    proxy.set(Fault::InjectAfterStarttls(INJECTED));
    let starttls = ServerLogin { port: proxy.port, security: Security::StartTls, ..secure(&bed) };
    let wrong = ServerLogin { auth: Auth::Password(SecretString::from("wrong")), ..starttls.clone() };
    let error = ImapSession::connect(&wrong, patient()).await.unwrap_err();
    assert!(matches!(error, ImapError::LoginRefused { .. }), "{error:?}");
    let mut session = ImapSession::connect(&starttls, patient()).await.unwrap();
    session.examine(&FolderName::inbox()).await.unwrap();
    assert_eq!(headers(&mut session, 1, None).await.len(), 1);
    session.logout().await;
    assert_eq!(proxy.connections(), 2, "each by way of the injection");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_session_from_beginning_is_named() {
    let bed = TestBed::start();
    let refused =
        |endpoint: ServerLogin| async move { ImapSession::connect(&endpoint, patient()).await.unwrap_err() };

    let wrong = ServerLogin { auth: Auth::Password(SecretString::from("wrong")), ..secure(&bed) };
    let error = refused(wrong).await;
    assert!(matches!(&error, ImapError::LoginRefused { login, .. } if login == DANA), "{error:?}");
    assert!(!error.passes_by_itself());
    let umlaut = ServerLogin { auth: Auth::Password(SecretString::from("müßig")), ..secure(&bed) };
    assert!(matches!(refused(umlaut).await, ImapError::LoginRefused { .. }));

    for ca in [None, Some(authority::stranger())] {
        let error = refused(ServerLogin { extra_ca: ca, ..secure(&bed) }).await;
        assert!(matches!(error, ImapError::CertificateRejected { .. }), "{error:?}");
    }
    let plain_port = ServerLogin { port: bed.ports.imap, ..secure(&bed) };
    assert!(matches!(refused(plain_port).await, ImapError::Unreachable { .. }));
    let smtp_port = ServerLogin { port: bed.ports.submission, security: Security::Plain, ..secure(&bed) };
    assert!(matches!(refused(smtp_port).await, ImapError::Unreachable { .. }));
    let nobody = ServerLogin { port: 1, ..secure(&bed) };
    assert!(matches!(refused(nobody).await, ImapError::Unreachable { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_in_an_idle_ends_the_session_and_is_found_again_on_its_ports() {
    let mut bed = TestBed::start();
    let mut session = open(&bed).await;
    let waiting = tokio::spawn(async move {
        let outcome = idle(&mut session).await;
        (outcome, session)
    });
    // The IDLE has begun once the server says so to the process list.
    crate::support::wait_until("the IDLE", || bed.imap.doveadm(&["who"]).contains(DANA));
    bed.imap.crash();
    let (outcome, mut session) = waiting.await.unwrap();
    assert!(matches!(outcome, Err(ImapError::Closed { .. })), "{outcome:?}");
    assert!(!session.is_alive());
    assert!(matches!(session.folders().await, Err(ImapError::Closed { .. })));
    let secure = secure(&bed);
    assert!(matches!(ImapSession::connect(&secure, patient()).await, Err(ImapError::Unreachable { .. })));
    bed.imap.start();
    open(&bed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_kick_ends_an_idle_at_once() {
    let bed = TestBed::start();
    let mut session = open(&bed).await;
    let waiting = tokio::spawn(async move { idle(&mut session).await });
    crate::support::wait_until("the session", || bed.imap.doveadm(&["who"]).contains(DANA));
    bed.imap.kick(DANA);
    let outcome = waiting.await.unwrap();
    assert!(matches!(outcome, Err(ImapError::Closed { .. } | ImapError::Temporary { .. })), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_in_the_middle_of_a_fetch_is_an_error_and_not_a_short_answer() {
    let bed = TestBed::start();
    bed.fill(DANA, "INBOX", 300);
    let proxy = Proxy::to(bed.ports.imap);
    let mut session = connect_plain(proxy.port, patient()).await;
    session.examine(&FolderName::inbox()).await.unwrap();
    proxy.set(Fault::CutAfter(20_000));
    let mut seen = 0;
    let outcome = session.headers(1, None, |_| seen += 1).await;
    assert!(matches!(outcome, Err(ImapError::Closed { .. })), "{outcome:?}");
    assert!((1..300).contains(&seen), "{seen}");
    assert!(!session.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_a_timeout_in_a_command_and_in_ending_an_idle() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.imap);
    let inbox = FolderName::inbox();
    let mut session = connect_plain(proxy.port, hasty()).await;
    let mut other = connect_plain(proxy.port, hasty()).await;
    other.examine(&inbox).await.unwrap();
    proxy.set(Fault::Silence);
    assert!(matches!(session.examine(&inbox).await, Err(ImapError::Timeout { .. })));
    assert!(!session.is_alive());
    let outcome = other.idle(Duration::from_millis(10), std::future::pending()).await;
    assert!(matches!(outcome, Err(ImapError::Timeout { .. })), "{outcome:?}");
    assert!(!other.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_line_is_no_failure() {
    let bed = TestBed::start();
    bed.fill(DANA, "INBOX", 20);
    let proxy = Proxy::to(bed.ports.imap);
    proxy.set(Fault::Latency(Duration::from_millis(30)));
    let mut session = connect_plain(proxy.port, patient()).await;
    session.examine(&FolderName::inbox()).await.unwrap();
    assert_eq!(headers(&mut session, 1, None).await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_dropped_half_way_takes_the_session_with_it() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.imap);
    let mut session = connect_plain(proxy.port, patient()).await;
    proxy.set(Fault::Silence);
    let inbox = FolderName::inbox();
    assert!(timeout(Duration::from_millis(50), session.examine(&inbox)).await.is_err());
    proxy.set(Fault::None);
    assert!(matches!(session.examine(&inbox).await, Err(ImapError::Closed { .. })));
}

const EXAMINED: (&str, &str) =
    ("EXAMINE", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 2] .\r\nTAG OK\r\n");

async fn scripted(script: &Script) -> ImapSession {
    let mut session = connect_plain(script.port, hasty()).await;
    session.examine(&FolderName::inbox()).await.unwrap();
    session
}

async fn finish(script: Script, session: ImapSession) -> Vec<String> {
    drop(session);
    spawn_blocking(|| script.lines()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_that_is_refused_says_so_and_leaves_the_session() {
    let script = Script::imap("IDLE", &[EXAMINED, ("IDLE", "TAG NO not now\r\n"), EXAMINED]);
    let mut session = scripted(&script).await;
    assert_eq!(idle(&mut session).await.unwrap(), IdleEnd::Refused);
    session.examine(&FolderName::inbox()).await.unwrap();
    finish(script, session).await;

    let without = Script::imap("", &[EXAMINED]);
    let mut session = scripted(&without).await;
    assert_eq!(idle(&mut session).await.unwrap(), IdleEnd::Refused);
    finish(without, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_that_the_server_ends_by_itself_needs_no_done() {
    let script = Script::imap("IDLE", &[EXAMINED, ("IDLE", "+ idling\r\nTAG OK enough\r\n"), EXAMINED]);
    let mut session = scripted(&script).await;
    assert_eq!(idle(&mut session).await.unwrap(), IdleEnd::Ended);
    session.examine(&FolderName::inbox()).await.unwrap();
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_before_the_plus_counts() {
    let idling = ("IDLE", "* 2 EXISTS\r\n+ idling\r\n");
    let script = Script::imap("IDLE", &[EXAMINED, idling, ("DONE", "A0004 OK done\r\n")]);
    let mut session = scripted(&script).await;
    assert_eq!(idle(&mut session).await.unwrap(), IdleEnd::Changed);
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_another_command_ends_the_session() {
    let script = Script::imap("", &[("EXAMINE", "* 1 EXISTS\r\nA0001 OK\r\n")]);
    let mut session = connect_plain(script.port, hasty()).await;
    let outcome = session.examine(&FolderName::inbox()).await;
    assert!(matches!(outcome, Err(ImapError::Protocol { .. })), "{outcome:?}");
    assert!(!session.is_alive());
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keepalives_do_not_prolong_an_idle() {
    let chatter = format!("+ idling\r\n{}", "* OK still here\r\n".repeat(50));
    let script = Script::imap("IDLE", &[EXAMINED, ("IDLE", &chatter), ("DONE", "A0004 OK done\r\n")]);
    let mut session = scripted(&script).await;
    let woke = session.idle(Duration::from_millis(100), std::future::pending()).await.unwrap();
    assert_eq!(woke, IdleEnd::Deadline);
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_to_fetch_or_search_is_an_error_and_never_an_empty_result() {
    let script = Script::imap(
        "",
        &[
            EXAMINED,
            ("FETCH", "TAG NO no\r\n"),
            ("SEARCH", "* SEARCH 1\r\nTAG NO no\r\n"),
            ("SEARCH", "TAG BAD what\r\n"),
        ],
    );
    let mut session = scripted(&script).await;
    assert!(matches!(session.headers(1, None, |_| {}).await, Err(ImapError::Refused { .. })));
    assert!(matches!(session.search(&Search::new()).await, Err(ImapError::Refused { .. })));
    assert!(matches!(session.search(&Search::new()).await, Err(ImapError::Misunderstood { .. })));
    assert!(!session.is_alive());
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exists_before_the_plus_of_an_append_does_no_harm() {
    let append = ("APPEND", "* 9 EXISTS\r\n+ go\r\n");
    let script =
        Script::imap("", &[EXAMINED, append, ("Subject: x", ""), ("", ""), ("", "A0004 OK done\r\n")]);
    let mut session = scripted(&script).await;
    let appended = session.append(&FolderName::inbox(), b"Subject: x\r\n\r\n", true, None).await.unwrap();
    assert_eq!(appended, Appended::Somewhere);
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_internaldate_is_read_and_unasked_answers_are_not_taken_for_messages() {
    let answer = "* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n\
                  * 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL RFC822.SIZE 9 BODY[HEADER]<0> {4}\r\nA:b\n)\r\n\
                  * 2 EXISTS\r\nTAG OK\r\n";
    let script = Script::imap("IDLE", &[EXAMINED, ("FETCH", answer)]);
    let mut session = scripted(&script).await;
    let items = headers(&mut session, 1, None).await;
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].internal_date, None);
    // What was announced during the FETCH is not lost: there is no need to wait for it.
    assert_eq!(idle(&mut session).await.unwrap(), IdleEnd::Changed);
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_uidvalidity_is_an_error_unless_status_knows_it() {
    let silent = ("EXAMINE", "* 1 EXISTS\r\nTAG OK\r\n");
    let status = ("STATUS", "* STATUS INBOX (UIDVALIDITY 3 UIDNEXT 2)\r\nTAG OK\r\n");
    let nothing = ("STATUS", "* STATUS INBOX ()\r\nTAG OK\r\n");
    let script = Script::imap("", &[silent, status, silent, nothing]);
    let mut session = connect_plain(script.port, hasty()).await;
    assert_eq!(session.examine(&FolderName::inbox()).await.unwrap().uid_validity, 3);
    let error = session.examine(&FolderName::inbox()).await.unwrap_err();
    assert!(matches!(error, ImapError::NoUidValidity { .. }), "{error:?}");
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_connected_but_not_connected_is_temporary() {
    let script = Script::imap("", &[("EXAMINE", "TAG BAD User is authenticated but not connected.\r\n")]);
    let mut session = connect_plain(script.port, hasty()).await;
    let error = session.examine(&FolderName::inbox()).await.unwrap_err();
    assert!(matches!(error, ImapError::Temporary { .. }), "{error:?}");
    assert!(error.passes_by_itself() && !session.is_alive());
    finish(script, session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_farewell_and_a_throttled_login_are_temporary_a_refused_token_is_not() {
    let full = Script::serve("* BYE Too many connections\r\n", &[]);
    let error = ImapSession::connect(&endpoint(full.port, Security::Plain), hasty()).await.unwrap_err();
    assert!(matches!(error, ImapError::Temporary { .. }), "{error:?}");

    let steps = [
        ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n"),
        ("LOGIN", "TAG NO [ALERT] Too many simultaneous connections. (Failure)\r\n"),
    ];
    let busy = Script::serve("* OK\r\n", &steps);
    let error = ImapSession::connect(&endpoint(busy.port, Security::Plain), hasty()).await.unwrap_err();
    assert!(matches!(error, ImapError::Temporary { .. }), "{error:?}");

    let steps = [
        ("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\nTAG OK\r\n"),
        ("AUTHENTICATE XOAUTH2", "+ \r\n"),
        ("dXNlcj1", "+ eyJzdGF0dXMiOiI0MDAifQ==\r\n"),
        ("", "A0001 NO no\r\n"),
    ];
    let script = Script::serve("* OK\r\n", &steps);
    let token = ServerLogin {
        auth: Auth::XOAuth2(SecretString::from("token")),
        ..endpoint(script.port, Security::Plain)
    };
    let error = ImapSession::connect(&token, hasty()).await.unwrap_err();
    let ImapError::LoginRefused { text, .. } = error else { panic!("{error:?}") };
    assert_eq!(text, "the token has expired, or is for something else (no)");
    assert_eq!(spawn_blocking(|| script.lines()).await.unwrap().last().unwrap(), "");
}

#[tokio::test]
async fn a_token_goes_along_with_the_command_where_the_server_takes_it_so() {
    let capability = "* CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER SASL-IR\r\nTAG OK\r\n";
    let steps = [
        ("CAPABILITY", capability),
        // n,a=dana@vendor.example,^Ahost=127.0.0.1
        ("AUTHENTICATE OAUTHBEARER bixhPWRhbmFAdmVuZG9yLmV4YW1wbGUsAWhvc3Q9MTI3LjAuMC4x", "TAG OK\r\n"),
        ("CAPABILITY", capability),
    ];
    let script = Script::serve("* OK\r\n", &steps);
    let token = ServerLogin {
        auth: Auth::XOAuth2(SecretString::from("token")),
        ..endpoint(script.port, Security::Plain)
    };
    drop(ImapSession::connect(&token, hasty()).await.unwrap());
    spawn_blocking(|| script.lines()).await.unwrap();
    let refused = [
        ("CAPABILITY", capability),
        ("AUTHENTICATE OAUTHBEARER", "+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n"),
        ("AQ==", "A0001 NO no\r\n"),
    ];
    let script = Script::serve("* OK\r\n", &refused);
    let error = ImapSession::connect(&ServerLogin { port: script.port, ..token }, hasty()).await.unwrap_err();
    assert!(matches!(error, ImapError::LoginRefused { .. }), "{error:?}");
    spawn_blocking(|| script.lines()).await.unwrap();
}
