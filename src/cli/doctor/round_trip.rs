//! `baton doctor --send`: a mail from an account to itself, and whether it arrives.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::agent::app::{App, MailAccount};
use crate::agent::error_chain;
use crate::cli::failure::{FAILED, Failure, MAIL_SERVER};
use crate::domain::message::{Mailbox, MessageId};
use crate::imap::{FolderName, Search};
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

/// Sends the account a mail and waits until it lies in INBOX.
pub(crate) async fn round_trip(app: &Arc<App>, account: &MailAccount) -> DoctorFinding {
    let what = DoctorFinding::of(account, "test mail");
    let unique = format!("{}{}", random_suffix().unwrap_or_default(), random_suffix().unwrap_or_default());
    let own = Mailbox { name: "baton".to_owned(), address: account.address.clone() };
    let Some(message_id) = MessageId::new(&format!("baton-test-{unique}@{}", account.address.domain()))
    else {
        return what.bad(FAILED, "no Message-ID can be made", "check `address` of the account");
    };
    let mail = OutgoingMessage {
        from: own.clone(),
        to: vec![own],
        cc: Vec::new(),
        reply_to: None,
        subject: "baton test: nothing to do".to_owned(),
        text: "This mail was sent by `baton doctor --send`. It may be deleted.\n".to_owned(),
        html: "<p>This mail was sent by <code>baton doctor --send</code>. It may be deleted.</p>\n"
            .to_owned(),
        message_id: message_id.clone(),
        in_reply_to: None,
        references: Vec::new(),
        date: app.now(),
        automatic: true,
    };
    let (bytes, endpoint) = match (compose(&mail), app.server_login(account, &account.smtp).await) {
        (Ok(bytes), Ok(endpoint)) => (bytes, endpoint),
        (Err(error), _) => {
            return what.bad(FAILED, error_chain(&error), "check `address` of the account");
        }
        (_, Err(error)) => return no_login(what, FAILED, &error),
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
    if !matches!(delivery, Delivery::Accepted { .. }) {
        return of_delivery(what, delivery, &endpoint).await;
    }
    match arrives(app, account, &message_id).await {
        Ok(Some(waited)) => what.good(format!("arrived after {} s", waited.as_secs())),
        Ok(None) => what.bad(
            MAIL_SERVER,
            "sent, but not in INBOX within a minute",
            "look for it in other folders, such as spam",
        ),
        Err(failure) => what.bad(failure.status, failure.message, failure.hints.join("; ")),
    }
}

async fn arrives(app: &App, account: &MailAccount, id: &MessageId) -> Result<Option<Duration>, Failure> {
    let named = |source| crate::agent::AgentError::Imap { account: account.name.clone(), source };
    let mut session = app.connect(&account.name).await?;
    let since = app.now().date_naive() - TimeDelta::days(1);
    let wanted = Search::new().since(since).message_id(id.as_str());
    let mut waited = Duration::ZERO;
    while waited < ARRIVAL {
        session.examine(&FolderName::inbox()).await.map_err(named)?;
        // Some servers find more than was asked for.
        let found = session.search(&wanted).await.map_err(named)?;
        for uid in found.into_iter().rev().take(MOST_HITS) {
            let mut is_there = false;
            let read = session.headers(uid, Some(uid), |item| {
                is_there |=
                    read_headers(&item.header, &ReadOptions::default()).headers.id.as_ref() == Some(id);
            });
            read.await.map_err(named)?;
            if is_there {
                return Ok(Some(waited));
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
    }
    Ok(None)
}
