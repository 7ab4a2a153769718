//! Submission against a real Postfix: every outcome, and what has arrived after it.

use std::time::Duration;

use crate::support::{
    CALVIN, DANA, JAMES, PASSWORD, SARAH, TestBed, authority,
    proxy::{Fault, Proxy},
    script::Script,
};
use baton::{
    smtp::{DataDecision, Delivery, LoginOutcome, RefusalPolicy, SmtpTimeouts, Submission, deliver, probe},
    tls::{Auth, Security, ServerLogin},
};
use secrecy::SecretString;

const MAIL: &str = "From: Dana Fox <dana@vendor.example>\r\nSubject: hi\r\nMessage-ID: <1@vendor.example>\r\n\r\nHello.\r\n.dot\r\n..\r\n";

fn plain(port: u16) -> ServerLogin {
    ServerLogin {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plain,
        extra_ca: None,
        login: DANA.to_owned(),
        auth: Auth::Password(SecretString::from(PASSWORD)),
    }
}

fn secure(bed: &TestBed) -> ServerLogin {
    ServerLogin { security: Security::Tls, extra_ca: Some(bed.ca()), ..plain(bed.ports.smtps) }
}

fn patient() -> SmtpTimeouts {
    SmtpTimeouts::default()
}

fn addresses(list: &[&str]) -> Vec<String> {
    list.iter().map(|address| (*address).to_owned()).collect()
}

async fn send_to(endpoint: &ServerLogin, recipients: &[&str], on_refusal: RefusalPolicy) -> Delivery {
    let recipients = addresses(recipients);
    let submission = Submission { from: DANA, recipients: &recipients, bytes: MAIL.as_bytes(), on_refusal };
    deliver(endpoint, submission, patient(), || async { DataDecision::Proceed }).await
}

async fn send(endpoint: &ServerLogin) -> Delivery {
    send_to(endpoint, &[SARAH], RefusalPolicy::AllOrNobody).await
}

fn inbox(bed: &TestBed, address: &str) -> Vec<String> {
    bed.client(address).messages("INBOX").into_iter().map(|message| message.text).collect()
}

/// Nothing has arrived: what is submitted after it, has, and that alone.
fn nothing_arrived(bed: &TestBed, address: &str) {
    bed.submit(CALVIN, &[address], "Subject: afterwards\n\n.\n");
    let found = bed.wait_for(address, "INBOX", 1, |_| true);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].header("Subject").unwrap(), "afterwards");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_with_the_very_bytes_that_were_handed_over() {
    let bed = TestBed::start();
    let starttls = ServerLogin { security: Security::StartTls, port: bed.ports.submission, ..secure(&bed) };
    let endpoints = [secure(&bed), starttls, plain(bed.ports.submission)];
    for endpoint in &endpoints {
        let delivery = send(endpoint).await;
        let Delivery::Accepted { answer, provider_id, refused } = delivery else { panic!("{delivery:?}") };
        assert!(answer.contains("queued"), "{answer}");
        assert_eq!((provider_id, refused.len()), (None, 0));
    }
    for message in bed.wait_for(SARAH, "INBOX", 3, |_| true) {
        let (_, body) = message.text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "Hello.\r\n.dot\r\n..\r\n");
    }
}

/// Answers to what is said first inside TLS. So short that they are read in one go with the answer before them.
const INJECTED: &[u8] = b"250 AUTH PLAIN\r\n235 x\r\n";
/// A whole dialogue, in which everything is taken. Too long for that: the rest comes where the handshake is due.
const LONG_INJECTED: &[u8] = b"250-mx\r\n250-AUTH PLAIN LOGIN XOAUTH2\r\n250-SIZE 100000000\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n235 2.7.0 authentication successful\r\n250 2.1.0 sender ok\r\n250 2.1.5 recipient ok\r\n354 end data with a dot\r\n250 2.0.0 ok: queued as INJECTED\r\n250 2.0.0 ok: queued as INJECTED\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_injected_behind_starttls_is_thrown_away() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.submission);
    proxy.set(Fault::InjectAfterStarttls(INJECTED));
    let endpoint = ServerLogin { security: Security::StartTls, port: proxy.port, ..secure(&bed) };
    let delivery = send(&endpoint).await;
    let Delivery::Accepted { answer, .. } = delivery else { panic!("{delivery:?}") };
    assert!(answer.contains("queued"), "{answer}");
    assert_eq!(bed.wait_for(SARAH, "INBOX", 1, |_| true).len(), 1);
    let wrong = ServerLogin { auth: Auth::Password(SecretString::from("wrong")), ..endpoint.clone() };
    assert!(matches!(send(&wrong).await, Delivery::LoginRefused { .. }));
    bed.answer_recipient(JAMES, "550 5.1.1 no such user here");
    let delivery = send_to(&endpoint, &[JAMES], RefusalPolicy::AllOrNobody).await;
    let Delivery::Refused { text, .. } = &delivery else { panic!("{delivery:?}") };
    assert!(text.contains("no such user here"), "{text}");
    proxy.set(Fault::InjectAfterStarttls(LONG_INJECTED));
    let delivery = send_to(&endpoint, &[JAMES], RefusalPolicy::AllOrNobody).await;
    assert!(matches!(delivery, Delivery::Unreachable { .. } | Delivery::Refused { .. }), "{delivery:?}");
    assert_eq!(proxy.connections(), 4, "each by way of the injection");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_submission_from_beginning_is_named() {
    let bed = TestBed::start();
    let wrong = ServerLogin { auth: Auth::Password(SecretString::from("wrong")), ..secure(&bed) };
    assert!(matches!(send(&wrong).await, Delivery::LoginRefused { .. }));
    assert!(matches!(probe(&wrong, patient()).await, Err(Delivery::LoginRefused { .. })));
    assert_eq!(probe(&secure(&bed), patient()).await, Ok(LoginOutcome::LoggedIn));
    for ca in [None, Some(authority::stranger())] {
        let delivery = send(&ServerLogin { extra_ca: ca.clone(), ..secure(&bed) }).await;
        assert!(matches!(delivery, Delivery::CertificateRejected { .. }), "{delivery:?}");
        let port = bed.ports.submission;
        let delivery =
            send(&ServerLogin { extra_ca: ca, port, security: Security::StartTls, ..secure(&bed) }).await;
        assert!(matches!(delivery, Delivery::CertificateRejected { .. }), "{delivery:?}");
    }
    assert!(matches!(send(&plain(1)).await, Delivery::Unreachable { .. }));
    let imap_port = send(&plain(bed.ports.imap)).await;
    assert!(matches!(imap_port, Delivery::Unreachable { .. }), "{imap_port:?}");
    nothing_arrived(&bed, SARAH);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_recipient_refused_for_good_keeps_the_intro_from_everybody() {
    let bed = TestBed::start();
    bed.answer_recipient(JAMES, "550 5.1.1 no such user");
    let delivery = send_to(&secure(&bed), &[SARAH, JAMES, CALVIN], RefusalPolicy::AllOrNobody).await;
    let Delivery::Refused { recipients, text } = delivery else { panic!("{delivery:?}") };
    assert_eq!(recipients.len(), 1);
    assert_eq!(recipients[0].address, JAMES);
    assert!(recipients[0].permanent && text.contains("no such user") && text.contains("550"), "{text}");
    nothing_arrived(&bed, SARAH);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_put_off_defers_and_misused_5xx_codes_do_too() {
    let bed = TestBed::start();
    for answer in ["451 4.7.1 come back later", "503 5.5.1 bad sequence", "550 5.5.0 busy"] {
        bed.answer_recipient(SARAH, answer);
        let delivery = send(&secure(&bed)).await;
        assert!(matches!(delivery, Delivery::Deferred { .. }), "{answer}: {delivery:?}");
    }
    bed.answer_recipient(SARAH, "");
    nothing_arrived(&bed, SARAH);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_mail_goes_to_whoever_is_taken() {
    let bed = TestBed::start();
    bed.answer_recipient(JAMES, "550 5.1.1 no such user");
    let delivery = send_to(&secure(&bed), &[JAMES, SARAH], RefusalPolicy::OneAddressee { of: 2 }).await;
    let Delivery::Accepted { refused, .. } = delivery else { panic!("{delivery:?}") };
    assert_eq!(refused.iter().map(|one| one.address.as_str()).collect::<Vec<_>>(), [JAMES]);
    bed.wait_for(SARAH, "INBOX", 1, |_| true);
    let nobody =
        send_to(&secure(&bed), &[JAMES, "not an address"], RefusalPolicy::OneAddressee { of: 2 }).await;
    assert!(matches!(nobody, Delivery::Refused { recipients, .. } if recipients.len() == 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swallowed_final_answer_is_uncertain_and_the_message_has_arrived() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.submission);
    proxy.set(Fault::SwallowFinalAnswer);
    let delivery = send(&plain(proxy.port)).await;
    assert!(matches!(delivery, Delivery::Uncertain { .. }), "{delivery:?}");
    bed.wait_for(SARAH, "INBOX", 1, |_| true);

    proxy.set(Fault::WithholdFinalAnswer);
    let recipients = addresses(&[SARAH]);
    let submission = Submission {
        from: DANA,
        recipients: &recipients,
        bytes: MAIL.as_bytes(),
        on_refusal: RefusalPolicy::AllOrNobody,
    };
    let hasty = SmtpTimeouts { final_dot: Duration::from_millis(500), ..patient() };
    let delivery = deliver(&plain(proxy.port), submission, hasty, || async { DataDecision::Proceed }).await;
    assert!(matches!(delivery, Delivery::Uncertain { .. }), "{delivery:?}");
    bed.wait_for(SARAH, "INBOX", 2, |_| true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_before_the_final_dot_has_sent_nothing() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.submission);
    proxy.set(Fault::CutInMessage);
    // More than the buffers on the way hold, so that the loss is noticed before the end.
    let long = format!("{MAIL}{}", "and so on\r\n".repeat(2_000_000));
    let recipients = addresses(&[SARAH]);
    let submission = Submission {
        from: DANA,
        recipients: &recipients,
        bytes: long.as_bytes(),
        on_refusal: RefusalPolicy::AllOrNobody,
    };
    let delivery =
        deliver(&plain(proxy.port), submission, patient(), || async { DataDecision::Proceed }).await;
    assert!(matches!(delivery, Delivery::Unreachable { .. }), "{delivery:?}");
    nothing_arrived(&bed, SARAH);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_before_data_is_unreachable() {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.submission);
    proxy.set(Fault::Silence);
    let recipients = addresses(&[SARAH]);
    let submission = Submission {
        from: DANA,
        recipients: &recipients,
        bytes: MAIL.as_bytes(),
        on_refusal: RefusalPolicy::AllOrNobody,
    };
    let hasty = SmtpTimeouts { connect: Duration::from_millis(300), ..patient() };
    let delivery = deliver(&plain(proxy.port), submission, hasty, || async { DataDecision::Proceed }).await;
    assert!(matches!(delivery, Delivery::Unreachable { .. }), "{delivery:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_has_the_last_word_before_data() {
    let bed = TestBed::start();
    let recipients = addresses(&[SARAH]);
    let submission = Submission {
        from: DANA,
        recipients: &recipients,
        bytes: MAIL.as_bytes(),
        on_refusal: RefusalPolicy::AllOrNobody,
    };
    let delivery = deliver(&secure(&bed), submission, patient(), || async { DataDecision::Stop }).await;
    assert_eq!(delivery, Delivery::Stopped);
    nothing_arrived(&bed, SARAH);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_may_bounce_and_the_sender_hears_of_it() {
    let bed = TestBed::start();
    let delivery = send_to(&secure(&bed), &["gone@acme.example"], RefusalPolicy::AllOrNobody).await;
    assert!(matches!(delivery, Delivery::Accepted { .. }), "{delivery:?}");
    let report = bed.wait_for(DANA, "INBOX", 1, |_| true).remove(0);
    assert!(report.header("Content-Type").unwrap().contains("delivery-status"));
    assert_eq!(inbox(&bed, SARAH).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_providers_own_id_and_a_refused_token_are_read_from_its_answers() {
    let ehlo = ("EHLO", "250-hi\r\n250 AUTH XOAUTH2\r\n");
    let refused =
        [ehlo, ("AUTH XOAUTH2", "334 eyJzdGF0dXMiOiI0MDEifQ==\r\n"), ("", "535 5.7.3 unsuccessful\r\n")];
    let script = Script::serve("220 hi\r\n", &refused);
    let token = ServerLogin { auth: Auth::XOAuth2(SecretString::from("token")), ..plain(script.port) };
    let delivery = send(&token).await;
    assert!(matches!(&delivery, Delivery::LoginRefused { text } if text.contains("5.7.3")), "{delivery:?}");

    let accepted = [
        ehlo,
        ("AUTH XOAUTH2", "235 ok\r\n"),
        ("MAIL FROM", "250 ok\r\n"),
        ("RCPT TO", "250 ok\r\n"),
        ("DATA", "354 go\r\n"),
        ("From", ""),
        ("Subject", ""),
        ("Message-ID", ""),
        ("", ""),
        ("Hello", ""),
        ("..dot", ""),
        ("...", ""),
        (".", "250 2.0.0 OK <AM0@AM0.eurprd02.prod.outlook.com> [Hostname=AM0]\r\n"),
    ];
    let script = Script::serve("220 hi\r\n", &accepted);
    let token = ServerLogin { port: script.port, ..token };
    let delivery = send(&token).await;
    let Delivery::Accepted { provider_id, .. } = delivery else { panic!("{delivery:?}") };
    assert_eq!(provider_id.unwrap().as_str(), "AM0@AM0.eurprd02.prod.outlook.com");
}
