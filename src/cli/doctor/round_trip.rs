//! `baton doctor --send`: a mail from an account to itself: whether it arrives, whether IDLE tells so, whether its id is
//! still the one that was given, and who keeps the copy in Sent.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::agent::app::{App, MailAccount, with_account};
use crate::agent::{AgentError, error_chain};
use crate::cli::failure::{FAILED, Failure, MAIL_SERVER};
use crate::clock::monotonic;
use crate::domain::message::{Mailbox, MessageId};
use crate::imap::{FolderName, FolderUse, IdleEnd, ImapSession, Search};
use crate::mail::compose::{OutgoingMessage, compose};
use crate::mail::{ReadOptions, read_headers};
use crate::smtp::{self, DataDecision, Delivery, Submission};
use crate::store::random_suffix;

use super::finding::DoctorFinding;
use super::submission::{no_login, of_delivery};

/// How long a test mail may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(60);
/// So many of the messages that a search has found are looked at.
const MOST_HITS: usize = 20;
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How much later than the mail itself word of it may come.
const WORD_WITHIN: Duration = Duration::from_secs(10);
/// How long a provider may take to keep its own copy.
const COPY_WITHIN: Duration = Duration::from_secs(3);

/// The test mail.
struct TestMail {
    id: MessageId,
    /// In its subject, by which it is known where a server gives it another id.
    unique: String,
}

/// What has become of it in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ArrivedAs {
    Given,
    /// The server has put an id of its own in place of ours.
    Replaced,
}

/// Sends the account a mail, waits until it lies in INBOX, and says what is learnt on the way.
pub(crate) async fn round_trip(app: &Arc<App>, account: &MailAccount) -> Vec<DoctorFinding> {
    match sent_and_seen(app, account).await {
        Ok(findings) => findings,
        Err(finding) => vec![*finding],
    }
}

async fn sent_and_seen(
    app: &Arc<App>,
    account: &MailAccount,
) -> Result<Vec<DoctorFinding>, Box<DoctorFinding>> {
    let what = DoctorFinding::of(account, "test mail");
    let of_error = |error: AgentError| {
        let failure = Failure::from(error);
        Box::new(what.clone().bad(failure.status, failure.message, failure.hints.join("; ")))
    };
    let mut watching = app.connect(&account.name).await.map_err(of_error)?;
    with_account(&account.name, watching.examine(&FolderName::inbox()).await).map_err(of_error)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let (told, is_told) = oneshot::channel::<()>();
    // Nobody is left to ask where the sender is gone.
    let asked = async {
        let _ = stopped.await;
    };
    let start = monotonic();
    let word = async {
        let end = watching.idle(ARRIVAL, asked).await;
        // Nobody waits for it where the mail did not leave.
        let _ = told.send(());
        (end, start.elapsed())
    };
    let delivered = async {
        let outcome = deliver(app, account).await;
        let seen = match &outcome {
            Ok(mail) => Some(arrives(app, account, mail).await),
            Err(_) => None,
        };
        if matches!(seen, Some(Ok(Some(_)))) {
            let _ = timeout(WORD_WITHIN, is_told).await;
        }
        drop(stop);
        outcome.map(|mail| (mail, seen))
    };
    let ((end, told_after), outcome) = tokio::join!(word, delivered);
    watching.logout().await;
    let (mail, seen) = outcome?;
    let arrived = match seen {
        Some(Ok(Some(arrived))) => arrived,
        Some(Err(error)) => return Err(of_error(error)),
        Some(Ok(None)) | None => {
            let remedy = "look for it in other folders, such as spam";
            return Err(Box::new(what.clone().bad(
                MAIL_SERVER,
                "sent, but not in INBOX within a minute",
                remedy,
            )));
        }
    };
    let mut findings = vec![what.clone().good(format!("arrived after {} s", arrived.waited.as_secs()))];
    findings.push(notification(account, end.ok(), told_after));
    findings.push(message_id(account, arrived.how));
    findings.push(sent_copy(app, account, &mail).await.unwrap_or_else(|error| *of_error(error)));
    Ok(findings)
}

fn notification(account: &MailAccount, end: Option<IdleEnd>, after: Duration) -> DoctorFinding {
    let what = DoctorFinding::of(account, "notification");
    match end {
        Some(IdleEnd::Changed) => what.good(format!("IDLE told of it after {}.{} s", after.as_secs(), after.subsec_millis() / 100)),
        Some(IdleEnd::Refused) => what.good("no IDLE; every folder is looked at each minute"),
        Some(IdleEnd::Asked | IdleEnd::Deadline | IdleEnd::Ended) | None => what.bad(
            MAIL_SERVER,
            "the mail was there, and IDLE said nothing of it",
            "ask who runs the server why IDLE is silent; until then baton sees mail when it looks by itself, some minutes later",
        ),
    }
}

fn message_id(account: &MailAccount, how: ArrivedAs) -> DoctorFinding {
    DoctorFinding::of(account, "Message-ID").good(match how {
        ArrivedAs::Given => "kept as baton gives it",
        ArrivedAs::Replaced => "replaced by the server; baton finds its mail by both",
    })
}

/// Who keeps the copy: one that lies there was not put there by this.
async fn sent_copy(
    app: &Arc<App>,
    account: &MailAccount,
    mail: &TestMail,
) -> Result<DoctorFinding, AgentError> {
    let what = DoctorFinding::of(account, "Sent copy");
    let mut session = app.connect(&account.name).await?;
    let folders = with_account(&account.name, session.folders().await)?;
    let Some(sent) = folders.iter().find(|folder| folder.usage == Some(FolderUse::Sent)) else {
        session.logout().await;
        return Ok(what.good("there is no folder for sent mail yet; baton makes one"));
    };
    let mut waited = Duration::ZERO;
    let mut is_kept = false;
    while !is_kept && waited < COPY_WITHIN {
        is_kept = look_into(app, account, &mut session, &sent.name, mail).await?.is_some();
        if !is_kept {
            tokio::time::sleep(LOOK_EVERY).await;
            waited += LOOK_EVERY;
        }
    }
    session.logout().await;
    Ok(match (account.save_sent, is_kept) {
        (Some(true), true) => what.bad(
            MAIL_SERVER,
            format!(
                "the provider keeps a copy in {} by itself, and `save_sent = true` adds another",
                sent.name
            ),
            "write `save_sent = false`, or leave the line out",
        ),
        (None | Some(false), true) => what.good(format!("the provider keeps one in {}", sent.name)),
        (Some(false), false) => what.good("nobody keeps one (`save_sent = false`)"),
        (None | Some(true), false) => what.good(format!("baton puts one into {}", sent.name)),
    })
}

/// Hands the test mail over.
async fn deliver(app: &Arc<App>, account: &MailAccount) -> Result<TestMail, Box<DoctorFinding>> {
    let what = DoctorFinding::of(account, "test mail");
    let unique = format!("{}{}", random_suffix().unwrap_or_default(), random_suffix().unwrap_or_default());
    let own = Mailbox { name: "baton".to_owned(), address: account.address.clone() };
    let Some(id) = MessageId::new(&format!("baton-test-{unique}@{}", account.address.domain())) else {
        return Err(Box::new(what.bad(
            FAILED,
            "no Message-ID can be made",
            "check `address` of the account",
        )));
    };
    let mail = OutgoingMessage {
        from: own.clone(),
        to: vec![own],
        cc: Vec::new(),
        reply_to: None,
        subject: format!("baton test {unique}: nothing to do"),
        text: "This mail was sent by `baton doctor --send`. It may be deleted.\n".to_owned(),
        html: "<p>This mail was sent by <code>baton doctor --send</code>. It may be deleted.</p>\n"
            .to_owned(),
        message_id: id.clone(),
        in_reply_to: None,
        references: Vec::new(),
        date: app.now(),
        automatic: true,
    };
    let bytes = compose(&mail).map_err(|error| {
        Box::new(what.clone().bad(FAILED, error_chain(&error), "check `address` of the account"))
    })?;
    let endpoint = match app.server_login(account, &account.smtp).await {
        Ok(endpoint) => endpoint,
        Err(error) => return Err(Box::new(no_login(what, FAILED, &error))),
    };
    let recipients = [account.address.to_string()];
    let submission = Submission {
        from: account.address.as_str(),
        recipients: &recipients,
        bytes: &bytes,
        on_refusal: smtp::RefusalPolicy::AllOrNobody,
    };
    let delivery =
        smtp::deliver(&endpoint, submission, app.smtp_deadlines, || async { DataDecision::Proceed }).await;
    if matches!(delivery, Delivery::Accepted { .. }) {
        return Ok(TestMail { id, unique });
    }
    Err(Box::new(of_delivery(what, delivery, &endpoint).await))
}

/// When and how it arrived.
struct Arrival {
    waited: Duration,
    how: ArrivedAs,
}

async fn arrives(app: &App, account: &MailAccount, mail: &TestMail) -> Result<Option<Arrival>, AgentError> {
    let mut session = app.connect(&account.name).await?;
    let mut waited = Duration::ZERO;
    while waited < ARRIVAL {
        if let Some(how) = look_into(app, account, &mut session, &FolderName::inbox(), mail).await? {
            session.logout().await;
            return Ok(Some(Arrival { waited, how }));
        }
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
    }
    Ok(None)
}

/// Whether it lies in a folder, by its id or by its subject.
async fn look_into(
    app: &App,
    account: &MailAccount,
    session: &mut ImapSession,
    folder: &FolderName,
    mail: &TestMail,
) -> Result<Option<ArrivedAs>, AgentError> {
    let named = |source| AgentError::Imap { account: account.name.clone(), source };
    let since = app.now().date_naive() - TimeDelta::days(1);
    session.examine(folder).await.map_err(named)?;
    for wanted in [Search::new().message_id(mail.id.as_str()), Search::new().subject(&mail.unique)] {
        // Some servers find more than was asked for.
        let found = session.search(&wanted.since(since)).await.map_err(named)?;
        for uid in found.into_iter().rev().take(MOST_HITS) {
            let mut seen = None;
            let read = session.headers(uid, Some(uid), |item| {
                let headers = read_headers(&item.header, &ReadOptions::default()).headers;
                if headers.id.as_ref() == Some(&mail.id) {
                    seen = Some(ArrivedAs::Given);
                } else if headers.subject.contains(&mail.unique) {
                    seen = Some(ArrivedAs::Replaced);
                }
            });
            read.await.map_err(named)?;
            if seen.is_some() {
                return Ok(seen);
            }
        }
    }
    Ok(None)
}
