//! One delivery, and what its outcome is called.

use std::time::Duration;

use baton::sandbox::SmtpFault;
use baton::smtp::{DataDecision, Delivery, RefusalPolicy, SmtpTimeouts, Submission, deliver, probe};

use super::*;

const DEADLINES: SmtpTimeouts = SmtpTimeouts {
    connect: Duration::from_secs(20),
    command: Duration::from_secs(20),
    final_dot: Duration::from_secs(20),
    quit: Duration::from_millis(200),
};

async fn send(sandbox: &Sandbox, to: &[&str], bytes: &[u8], on_refusal: RefusalPolicy) -> Delivery {
    let recipients: Vec<String> = to.iter().map(|address| (*address).to_owned()).collect();
    let submission = Submission { from: DANA, recipients: &recipients, bytes, on_refusal };
    deliver(&endpoint(sandbox.smtp_port(), password("secret")), submission, DEADLINES, || async {
        DataDecision::Proceed
    })
    .await
}

async fn send_intro(sandbox: &Sandbox) -> Delivery {
    send(sandbox, &[SARAH, JAMES], MAIL, RefusalPolicy::AllOrNobody).await
}

fn name(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Accepted { .. } => "accepted",
        Delivery::Refused { .. } => "refused",
        Delivery::Deferred { .. } => "deferred",
        Delivery::LoginRefused { .. } => "login refused",
        Delivery::CertificateRejected { .. } => "certificate",
        Delivery::Unreachable { .. } => "unreachable",
        Delivery::Uncertain { .. } => "uncertain",
        Delivery::Stopped => "stopped",
    }
}

#[tokio::test]
async fn every_fault_has_its_outcome_and_only_uncertain_ones_may_have_been_delivered() {
    let answer = str::to_owned;
    let cases = [
        (SmtpFault::DropAtGreeting, "unreachable", 0),
        (SmtpFault::RefuseLogin(answer("535 5.7.8 no")), "login refused", 0),
        (SmtpFault::RefuseLogin(answer("454 4.7.0 later")), "deferred", 0),
        (SmtpFault::RefuseSender(answer("550 5.7.1 not you")), "refused", 0),
        (SmtpFault::RefuseSender(answer("530 5.7.0 log in")), "login refused", 0),
        (SmtpFault::RefuseSender(answer("503 5.5.1 confused")), "deferred", 0),
        (SmtpFault::RefuseData(answer("451 4.3.0 later")), "deferred", 0),
        (SmtpFault::RefuseMail(answer("554 5.7.1 looks like spam")), "refused", 0),
        (SmtpFault::RefuseMail(answer("554 5.5.0 overloaded")), "deferred", 0),
        (SmtpFault::RefuseMail(answer("452 4.2.2 full")), "deferred", 0),
        (SmtpFault::DropAtDot, "uncertain", 0),
        (SmtpFault::SwallowAck, "uncertain", 1),
        (SmtpFault::StallQuit, "accepted", 1),
    ];
    for (fault, expected, delivered) in cases {
        let sandbox = sandbox().await;
        sandbox.smtp_fault(fault.clone());
        let delivery = send_intro(&sandbox).await;
        assert_eq!(name(&delivery), expected, "{fault:?}: {delivery:?}");
        assert_eq!(sandbox.all_delivered().len(), delivered, "{fault:?}");
        assert_eq!(sandbox.faults_waiting(), 0, "{fault:?} has not happened");
        assert_eq!(name(&send_intro(&sandbox).await), "accepted", "after {fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_uncertain_when_the_time_is_up() {
    let sandbox = sandbox().await;
    sandbox.smtp_fault(SmtpFault::StallAck);
    let to = [SARAH.to_owned()];
    let submission =
        Submission { from: DANA, recipients: &to, bytes: MAIL, on_refusal: RefusalPolicy::AllOrNobody };
    let timeouts = SmtpTimeouts { final_dot: Duration::from_millis(300), ..DEADLINES };
    let there = endpoint(sandbox.smtp_port(), password("secret"));
    let delivery = deliver(&there, submission, timeouts, || async { DataDecision::Proceed }).await;
    assert_eq!(name(&delivery), "uncertain", "{delivery:?}");
    assert_eq!(sandbox.all_delivered().len(), 1);
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_of_a_long_mail_has_delivered_nothing() {
    let sandbox = sandbox().await;
    sandbox.smtp_fault(SmtpFault::DropInData);
    let mut long = MAIL.to_vec();
    long.extend(b"a line of text\r\n".repeat(1 << 20));
    let delivery = send(&sandbox, &[SARAH], &long, RefusalPolicy::AllOrNobody).await;
    assert_eq!(name(&delivery), "unreachable", "{delivery:?}");
    assert!(sandbox.all_delivered().is_empty());
}

#[tokio::test]
async fn an_intro_with_one_bad_recipient_leaves_to_nobody_and_names_the_address() {
    let sandbox = sandbox().await;
    sandbox.refuse_recipient(JAMES, "550 5.1.1 no such user", 1);
    let delivery = send_intro(&sandbox).await;
    let Delivery::Refused { recipients, .. } = &delivery else { panic!("{delivery:?}") };
    assert_eq!(recipients.len(), 1);
    assert_eq!((recipients[0].address.as_str(), recipients[0].permanent), (JAMES, true));
    assert!(recipients[0].text.contains("no such user"), "{:?}", recipients[0]);
    sandbox.refuse_recipient(SARAH, "451 4.7.1 greylisted", 1);
    let delivery = send_intro(&sandbox).await;
    assert!(
        matches!(&delivery, Delivery::Deferred { recipients, .. } if recipients.len() == 1),
        "{delivery:?}"
    );
    sandbox.refuse_recipient(SARAH, "421 4.3.2 closing", 1);
    assert_eq!(name(&send_intro(&sandbox).await), "deferred");
    assert!(sandbox.all_delivered().is_empty());
}

#[tokio::test]
async fn a_mail_for_whoever_is_taken_reaches_the_others() {
    let sandbox = sandbox().await;
    sandbox.refuse_recipient(JAMES, "550 5.1.1 no such user", 1);
    let delivery = send(&sandbox, &[SARAH, JAMES], MAIL, RefusalPolicy::OneAddressee { of: 2 }).await;
    assert!(matches!(&delivery, Delivery::Accepted { refused, .. } if refused.len() == 1), "{delivery:?}");
    assert_eq!(sandbox.all_delivered()[0].to, [SARAH]);
}

#[tokio::test]
async fn the_bytes_arrive_as_they_were_dots_and_umlauts_included() {
    let sandbox = sandbox().await;
    for mail in [MAIL, b".dot: first\r\n\r\n.\r\n", "Subject: x\r\n\r\nGrüße\r\n\r\n".as_bytes()] {
        assert_eq!(name(&send(&sandbox, &[SARAH], mail, RefusalPolicy::AllOrNobody).await), "accepted");
        assert_eq!(&*sandbox.all_delivered().last().unwrap().raw, mail);
    }
}

#[tokio::test]
async fn the_id_that_microsoft_gives_is_read_from_its_answer() {
    let sandbox = sandbox_of(ProviderHabits::microsoft()).await;
    let delivery = send_intro(&sandbox).await;
    let Delivery::Accepted { provider_id: Some(id), .. } = &delivery else { panic!("{delivery:?}") };
    assert_eq!(sandbox.all_delivered()[0].replaced_id, Some(format!("<{id}>")));
    assert!(String::from_utf8_lossy(&sandbox.mailbox(SARAH, "INBOX")[0].raw).contains(id.as_str()));
}

#[tokio::test]
async fn a_caller_who_says_stop_before_data_has_sent_nothing() {
    let sandbox = sandbox().await;
    let to = [SARAH.to_owned()];
    let submission =
        Submission { from: DANA, recipients: &to, bytes: MAIL, on_refusal: RefusalPolicy::AllOrNobody };
    let there = endpoint(sandbox.smtp_port(), password("secret"));
    assert_eq!(
        deliver(&there, submission, DEADLINES, || async { DataDecision::Stop }).await,
        Delivery::Stopped
    );
    assert!(sandbox.all_delivered().is_empty());
}

#[tokio::test]
async fn logins_are_told_apart_from_servers_that_are_not_there() {
    let mut sandbox = sandbox().await;
    let port = sandbox.smtp_port();
    let token = |text: &str| Auth::XOAuth2(SecretString::from(text));
    for (auth, expected) in [
        (password("secret"), None),
        (token("secret"), None),
        (password("wrong"), Some("login refused")),
        (token("expired"), Some("login refused")),
    ] {
        let outcome = probe(&endpoint(port, auth.clone()), DEADLINES).await;
        assert_eq!(outcome.as_ref().err().map(name), expected, "{auth:?}: {outcome:?}");
    }
    sandbox.stop_smtp().await;
    assert_eq!(
        probe(&endpoint(port, password("secret")), DEADLINES).await.as_ref().err().map(name),
        Some("unreachable")
    );
}
