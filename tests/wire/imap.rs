//! One session, and what becomes of it.

use std::future::pending;
use std::time::Duration;

use baton::imap::{
    Appended, CommandTimeouts, FetchedBody, FolderName, FolderUse, HeaderItem, IdleEnd, ImapError,
    ImapSession, ListedFolder, Search,
};
use baton::sandbox::ImapFault;
use chrono::NaiveDate;

use super::*;

const PATIENT: CommandTimeouts = CommandTimeouts {
    connect: Duration::from_secs(20),
    silence: Duration::from_secs(20),
    command: Duration::from_secs(20),
    transfer: Duration::from_secs(20),
    idle_start: Duration::from_secs(20),
    idle_done: Duration::from_secs(20),
};
const HASTY: CommandTimeouts = CommandTimeouts {
    silence: Duration::from_millis(200),
    idle_start: Duration::from_millis(200),
    idle_done: Duration::from_millis(200),
    ..PATIENT
};
const LONG: Duration = Duration::from_secs(20);

async fn connect_with(sandbox: &Sandbox, timeouts: CommandTimeouts) -> ImapSession {
    ImapSession::connect(&endpoint(sandbox.imap_port(), password("secret")), timeouts).await.unwrap()
}

/// A session with INBOX open.
async fn inbox(sandbox: &Sandbox) -> ImapSession {
    let mut session = connect_with(sandbox, PATIENT).await;
    session.examine(&FolderName::inbox()).await.unwrap();
    session
}

fn receive(sandbox: &Sandbox) {
    sandbox.deliver(SARAH, &[DANA], MAIL, None).unwrap();
}

async fn headers(session: &mut ImapSession, first: u32) -> Result<Vec<HeaderItem>, ImapError> {
    let mut items = Vec::new();
    session.headers(first, None, |item| items.push(item)).await?;
    Ok(items)
}

fn sent(folders: &[ListedFolder]) -> String {
    folders
        .iter()
        .find(|folder| folder.usage == Some(FolderUse::Sent))
        .map(|folder| folder.name.to_string())
        .unwrap()
}

#[tokio::test]
async fn the_sent_folder_is_found_at_every_provider() {
    for (habits, expected) in [
        (ProviderHabits::default(), "Sent"),
        (ProviderHabits::gmail(), "[Gmail]/Sent Mail"),
        (ProviderHabits::microsoft(), "Sent Items"),
    ] {
        let sandbox = sandbox_of(habits).await;
        let mut session = connect_with(&sandbox, PATIENT).await;
        let folders = session.folders().await.unwrap();
        assert_eq!(sent(&folders), expected);
        assert_eq!(folders.iter().any(|folder| folder.usage == Some(FolderUse::All)), habits.all_mail);
        session.logout().await;
    }
}

#[tokio::test]
async fn a_wrong_login_is_refused_and_a_busy_server_is_not_a_wrong_login() {
    let mut sandbox = sandbox().await;
    let port = sandbox.imap_port();
    for auth in [password("wrong"), password("wröng"), Auth::XOAuth2(SecretString::from("expired"))] {
        let error = ImapSession::connect(&endpoint(port, auth), PATIENT).await.unwrap_err();
        assert!(matches!(error, ImapError::LoginRefused { .. }), "{error:?}");
    }
    sandbox.imap_fault("LOGIN", ImapFault::No("[UNAVAILABLE] the directory is away".to_owned()));
    // Whoever knows no LOGIN may know another way; here none works.
    for command in ["LOGIN", "AUTHENTICATE"] {
        sandbox.imap_fault(command, ImapFault::Bad("User is authenticated but not connected.".to_owned()));
    }
    for _ in 0..2 {
        let error = ImapSession::connect(&endpoint(port, password("secret")), PATIENT).await.unwrap_err();
        assert!(matches!(error, ImapError::Temporary { .. }), "{error:?}");
    }
    sandbox.set_password(DANA, "sécret");
    for auth in [password("sécret"), Auth::XOAuth2(SecretString::from("sécret"))] {
        ImapSession::connect(&endpoint(port, auth), PATIENT).await.unwrap();
    }
    sandbox.stop_imap().await;
    let error = ImapSession::connect(&endpoint(port, password("x")), PATIENT).await.unwrap_err();
    assert!(matches!(error, ImapError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn headers_and_bodies_are_read_whole_and_nothing_is_marked() {
    let sandbox = sandbox().await;
    let long = [MAIL, &b"0123456789abcde\r\n".repeat(70_000)].concat();
    receive(&sandbox);
    sandbox.deliver(SARAH, &[DANA], &long, None).unwrap();
    let mut session = connect_with(&sandbox, PATIENT).await;
    let mailbox = session.examine(&FolderName::new("inbox")).await.unwrap();
    assert_eq!((mailbox.exists, mailbox.uid_next), (2, Some(3)));
    let items = headers(&mut session, 1).await.unwrap();
    let stored = sandbox.mailbox(DANA, "INBOX");
    assert_eq!(items.len(), 2);
    for (item, message) in items.iter().zip(&stored) {
        assert_eq!(item.uid, message.uid);
        assert_eq!(item.size as usize, message.raw.len());
        assert_eq!(item.internal_date.unwrap().to_utc(), message.internal_date);
        assert!(message.raw.starts_with(&item.header) && item.header.ends_with(b"\r\n\r\n"));
        let whole = session.body(item.uid, 4 << 20).await.unwrap();
        assert_eq!(whole, FetchedBody::Whole(message.raw.to_vec()));
    }
    let exact = u32::try_from(stored[1].raw.len()).unwrap();
    assert!(matches!(session.body(2, exact).await.unwrap(), FetchedBody::Whole(_)));
    let cut = session.body(2, exact - 1).await.unwrap();
    assert!(matches!(&cut, FetchedBody::Cut(bytes) if bytes.len() == exact as usize - 1));
    assert_eq!(session.body(9, 100).await.unwrap(), FetchedBody::Gone);
    assert!(headers(&mut session, 3).await.unwrap().is_empty());
    assert!(sandbox.mailbox(DANA, "INBOX").iter().all(|message| message.flags.is_empty()));
}

#[tokio::test]
async fn wherever_an_answer_is_cut_off_it_is_an_error() {
    let sandbox = sandbox().await;
    receive(&sandbox);
    let mut session = inbox(&sandbox).await;
    headers(&mut session, 1).await.unwrap();
    for bytes in (0..400).step_by(23) {
        sandbox.imap_fault("FETCH", ImapFault::CutAfter(bytes));
        let mut session = inbox(&sandbox).await;
        let error = headers(&mut session, 1).await.expect_err(&format!("cut after {bytes} bytes"));
        assert!(matches!(error, ImapError::Closed { .. } | ImapError::Protocol { .. }), "{bytes}: {error:?}");
        assert!(!session.is_alive() && error.passes_by_itself());
    }
    for bytes in (0..160).step_by(17) {
        sandbox.imap_fault("EXAMINE", ImapFault::CutAfter(bytes));
        let mut session = connect_with(&sandbox, PATIENT).await;
        assert!(session.examine(&FolderName::inbox()).await.is_err(), "EXAMINE cut after {bytes}");
        sandbox.imap_fault("LIST", ImapFault::CutAfter(bytes));
        assert!(connect_with(&sandbox, PATIENT).await.folders().await.is_err(), "LIST cut after {bytes}");
    }
    for bytes in 0..20 {
        sandbox.imap_fault("SEARCH", ImapFault::CutAfter(bytes));
        assert!(inbox(&sandbox).await.search(&Search::new()).await.is_err(), "SEARCH cut after {bytes}");
    }
    assert_eq!(sandbox.faults_waiting(), 0);
}

#[tokio::test]
async fn a_no_leaves_the_session_and_everything_worse_ends_it() {
    let sandbox = sandbox().await;
    receive(&sandbox);
    let mut session = inbox(&sandbox).await;
    sandbox.imap_fault("FETCH", ImapFault::No("Some messages could not be fetched".to_owned()));
    let error = headers(&mut session, 1).await.unwrap_err();
    assert!(matches!(error, ImapError::Refused { .. }), "{error:?}");
    assert!(error.leaves_the_session() && session.is_alive());
    assert_eq!(headers(&mut session, 1).await.unwrap().len(), 1);

    for fault in [
        ImapFault::Bad("command unknown".to_owned()),
        ImapFault::No("[UNAVAILABLE] later".to_owned()),
        ImapFault::LineBefore("a99 OK that was another command".to_owned()),
        ImapFault::LineBefore("+ unasked".to_owned()),
    ] {
        let mut session = inbox(&sandbox).await;
        if matches!(fault, ImapFault::Bad(_)) {
            // Pieces of a message that are not understood are asked for as the whole.
            sandbox.imap_fault("FETCH", fault.clone());
        }
        sandbox.imap_fault("FETCH", fault.clone());
        let error = headers(&mut session, 1).await.expect_err(&format!("{fault:?}"));
        assert!(!session.is_alive(), "{fault:?}: {error:?}");
        let error = headers(&mut session, 1).await.unwrap_err();
        assert!(matches!(error, ImapError::Closed { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn what_a_server_says_unasked_or_oddly_is_borne() {
    let sandbox = sandbox().await;
    receive(&sandbox);
    let mut session = inbox(&sandbox).await;
    for line in [
        "",
        "* OK [ALERT] maintenance at noon",
        "* 1 FETCH (FLAGS (\\Seen))",
        "* 1 RECENT",
        "* OK still here",
        "* OK [ALERT]\u{90ae}\u{7bb1}\u{5373}\u{5c06}\u{6ee1} {5}",
        "* 1 FETCH (BODYSTRUCTURE (\"unbalanced)",
        "* FLAGS (\\Seen (old)",
        "* NAMESPACE ((\"\" \"/\")) NIL NIL",
        "* ESEARCH (TAG \"x\") UID ALL 1",
        "* XYZZY \"open (",
        "nothing that IMAP knows",
    ] {
        sandbox.imap_fault("FETCH", ImapFault::LineBefore(line.to_owned()));
        let items = headers(&mut session, 1).await;
        assert_eq!(items.unwrap_or_else(|error| panic!("{line:?}: {error}")).len(), 1);
    }
}

#[tokio::test]
async fn silence_ends_in_time() {
    let sandbox = sandbox().await;
    receive(&sandbox);
    sandbox.imap_fault("FETCH", ImapFault::Silent);
    sandbox.imap_fault("IDLE", ImapFault::Silent);
    let mut session = connect_with(&sandbox, HASTY).await;
    session.examine(&FolderName::inbox()).await.unwrap();
    let error = headers(&mut session, 1).await.unwrap_err();
    assert!(matches!(error, ImapError::Timeout { .. }), "{error:?}");
    let mut session = connect_with(&sandbox, HASTY).await;
    session.examine(&FolderName::inbox()).await.unwrap();
    let error = session.idle(LONG, pending()).await.unwrap_err();
    assert!(matches!(error, ImapError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn a_folder_without_uidvalidity_is_asked_again_by_status() {
    let sandbox = sandbox().await;
    receive(&sandbox);
    let mut session = connect_with(&sandbox, PATIENT).await;
    let usual = session.examine(&FolderName::inbox()).await.unwrap();
    sandbox.imap_fault("EXAMINE", ImapFault::NoUidValidity);
    assert_eq!(session.examine(&FolderName::inbox()).await.unwrap(), usual);
    sandbox.imap_fault("EXAMINE", ImapFault::NoUidValidity);
    sandbox.imap_fault("STATUS", ImapFault::No("not now".to_owned()));
    assert!(session.examine(&FolderName::inbox()).await.is_err());
    let error = session.examine(&FolderName::new("Nowhere")).await.unwrap_err();
    assert!(matches!(error, ImapError::FolderMissing { .. }), "{error:?}");
    assert!(session.is_alive());
}

#[tokio::test]
async fn a_copy_is_appended_once_whatever_is_announced_meanwhile() {
    let sandbox = sandbox().await;
    let folder = FolderName::new("Sent");
    let mut session = inbox(&sandbox).await;
    let date = "2026-11-24T09:30:00-05:00".parse().unwrap();
    sandbox.imap_fault("APPEND", ImapFault::LineBefore("* 7 EXISTS".to_owned()));
    let appended = session.append(&folder, MAIL, true, Some(date)).await.unwrap();
    assert!(matches!(appended, Appended::At { uid: 1, .. }), "{appended:?}");
    let copies = sandbox.mailbox(DANA, "Sent");
    assert_eq!((copies.len(), &*copies[0].raw, copies[0].internal_date), (1, MAIL, date.to_utc()));
    assert_eq!(copies[0].flags, ["\\Seen"]);

    sandbox.imap_fault("APPEND", ImapFault::No("[OVERQUOTA] full".to_owned()));
    let error = session.append(&folder, MAIL, true, None).await.unwrap_err();
    assert!(matches!(error, ImapError::Refused { .. }), "{error:?}");
    let error = session.append(&FolderName::new("Nowhere"), MAIL, true, None).await.unwrap_err();
    assert!(matches!(error, ImapError::FolderMissing { .. }), "{error:?}");
    sandbox.imap_fault("APPEND", ImapFault::CutAfter(0));
    let error = session.append(&folder, MAIL, true, None).await.unwrap_err();
    assert!(matches!(error, ImapError::Closed { .. }), "{error:?}");
    assert_eq!(sandbox.mailbox(DANA, "Sent").len(), 2, "kept, though the answer was lost");
}

#[tokio::test]
async fn idle_comes_back_for_every_reason_under_its_own_name() {
    let sandbox = sandbox().await;
    let mut session = inbox(&sandbox).await;
    let (woke, ()) = tokio::join!(session.idle(LONG, pending()), async { receive(&sandbox) });
    assert_eq!(woke.unwrap(), IdleEnd::Changed);
    assert_eq!(headers(&mut session, 1).await.unwrap().len(), 1);
    assert_eq!(session.idle(Duration::from_millis(50), pending()).await.unwrap(), IdleEnd::Deadline);
    assert_eq!(session.idle(LONG, async {}).await.unwrap(), IdleEnd::Asked);
    sandbox.imap_fault("IDLE", ImapFault::No("not here".to_owned()));
    assert_eq!(session.idle(LONG, pending()).await.unwrap(), IdleEnd::Refused);
    sandbox.imap_fault("IDLE", ImapFault::LineBefore("* 9 EXISTS".to_owned()));
    assert_eq!(session.idle(LONG, pending()).await.unwrap(), IdleEnd::Changed);
    headers(&mut session, 1).await.unwrap();
    sandbox.imap_fault("IDLE", ImapFault::EndIdle);
    let (woke, ()) = tokio::join!(session.idle(LONG, pending()), async { receive(&sandbox) });
    assert!(matches!(woke.unwrap(), IdleEnd::Changed | IdleEnd::Ended));
    assert_eq!(headers(&mut session, 2).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_idle_that_announces_nothing_ends_at_its_deadline_and_mail_is_found_by_looking() {
    let sandbox = sandbox().await;
    let mut session = inbox(&sandbox).await;
    sandbox.imap_fault("IDLE", ImapFault::NothingNew);
    let (woke, ()) =
        tokio::join!(session.idle(Duration::from_millis(300), pending()), async { receive(&sandbox) });
    assert!(matches!(woke.unwrap(), IdleEnd::Deadline | IdleEnd::Changed));
    assert_eq!(headers(&mut session, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_that_stops_ends_the_idle_with_an_error() {
    let mut sandbox = sandbox().await;
    let mut session = inbox(&sandbox).await;
    let (woke, ()) = tokio::join!(session.idle(LONG, pending()), sandbox.stop_imap());
    assert!(woke.unwrap_err().passes_by_itself() && !session.is_alive());
    sandbox.start_imap().await.unwrap();
    inbox(&sandbox).await.logout().await;
}

#[tokio::test]
async fn a_renumbered_folder_is_seen_by_its_new_uidvalidity() {
    let sandbox = sandbox().await;
    receive(&sandbox);
    let mut session = connect_with(&sandbox, PATIENT).await;
    let before = session.examine(&FolderName::inbox()).await.unwrap();
    sandbox.renumber(DANA, "INBOX").unwrap();
    let error = session.search(&Search::new()).await.unwrap_err();
    assert!(error.passes_by_itself() && !session.is_alive(), "{error:?}");
    let after = connect_with(&sandbox, PATIENT).await.examine(&FolderName::inbox()).await.unwrap();
    assert_ne!(before.uid_validity, after.uid_validity);
}

#[tokio::test]
async fn mail_is_found_by_id_person_and_day() {
    let sandbox = sandbox().await;
    receive(&sandbox);
    let raw = "From: Zoë <zoe@acme.example>\nTo: dana@vendor.example\nSubject: Grüße\nMessage-ID: <2@acme.example>\n\n";
    sandbox.append(DANA, "INBOX", raw.as_bytes(), &[], "2026-11-01T12:00:00Z".parse().unwrap()).unwrap();
    let mut session = inbox(&sandbox).await;
    let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let either = vec![Search::new().from("dana@vendor.example"), Search::new().to("dana@vendor.example")];
    for (search, expected) in [
        (Search::new(), vec![1, 2]),
        (Search::new().message_id("one@vendor.example"), vec![1]),
        (Search::new().since(day), vec![1]),
        (Search::new().any(either), vec![1, 2]),
        (Search::new().any(vec![]), vec![]),
        (Search::new().uids(2, None).from("zoe@acme.example"), vec![2]),
        (Search::new().uids(3, None), vec![]),
        (Search::new().subject("Grüße"), vec![2]),
        (Search::new().header("Message-ID", ""), vec![1, 2]),
        (Search::new().message_id("a \"quoted\" \\ id"), vec![]),
    ] {
        assert_eq!(session.search(&search).await.unwrap(), expected, "{search:?}");
    }
}
