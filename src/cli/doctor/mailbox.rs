//! Whether an account's mailbox can be read.

use std::sync::Arc;

use crate::agent::AgentError;
use crate::agent::app::{App, MailAccount};
use crate::agent::error_chain;
use crate::agent::folders::watched;
use crate::cli::failure::{Failure, MAIL_SERVER, REFUSED};
use crate::imap::{ImapError, ImapSession};
use crate::tls::ServerLogin;

use super::advice::{self, Refusal};
use super::finding::{DoctorCheck, DoctorFinding};
use super::submission::no_login;

/// Logs in, opens every watched folder, and looks at what the server can.
pub(crate) async fn mailbox(app: &Arc<App>, account: &MailAccount) -> Vec<DoctorFinding> {
    let what = DoctorFinding::of(account, "mailbox");
    let mut session = match app.connect(&account.name).await {
        Ok(session) => session,
        Err(error) => return vec![no_session(app, account, what, error).await],
    };
    let mut findings = vec![what.good("login works")];
    findings.extend(folders(app, account, &mut session).await);
    let idle = if session.can("IDLE") {
        "the server tells at once what arrives"
    } else {
        "not offered; every folder is looked at each minute"
    };
    findings.push(DoctorFinding::of(account, "IDLE").good(idle));
    session.logout().await;
    findings
}

async fn folders(app: &Arc<App>, account: &MailAccount, session: &mut ImapSession) -> Vec<DoctorFinding> {
    let what = DoctorFinding::of(account, "folders");
    let folders = match watched(app, session, &account.name).await {
        Ok(folders) => folders,
        Err(error) => return vec![what.bad(MAIL_SERVER, error_chain(&error), "try again later")],
    };
    let mut findings = Vec::new();
    let mut opened = Vec::new();
    for folder in &folders {
        match session.examine(&folder.name).await {
            Ok(mailbox) => opened.push(format!("{} ({} mails)", folder.name, mailbox.exists)),
            Err(error) => findings.push(what.clone().bad(
                MAIL_SERVER,
                error.to_string(),
                "check `folders` of the account",
            )),
        }
    }
    if !opened.is_empty() {
        findings.push(what.good(opened.join(", ")));
    }
    findings
}

async fn no_session(
    app: &Arc<App>,
    account: &MailAccount,
    what: DoctorCheck,
    error: AgentError,
) -> DoctorFinding {
    let source = match error {
        AgentError::Credentials { source, .. } => return no_login(what, REFUSED, &source),
        AgentError::Imap { source, .. } => source,
        other => {
            let failure = Failure::from(other);
            return what.bad(failure.status, failure.message, failure.hints.join("; "));
        }
    };
    let found = source.to_string();
    let remedy = match app.server_login(account, &account.imap).await {
        Ok(endpoint) => remedy(&source, &endpoint).await,
        Err(_) => "try again".to_owned(),
    };
    what.bad(MAIL_SERVER, found, remedy)
}

async fn remedy(error: &ImapError, endpoint: &ServerLogin) -> String {
    let refusal = Refusal { endpoint, key: "imap" };
    match error {
        ImapError::LoginRefused { text, .. } => advice::for_refusal(text, refusal),
        ImapError::CertificateRejected { reason, .. } => advice::for_certificate(reason),
        ImapError::Temporary { .. } => "nothing is wrong here; try again later".to_owned(),
        ImapError::NoStartTls { .. } => {
            "write imaps:// if the server has a port for it (993), or ask who runs it to offer STARTTLS"
                .to_owned()
        }
        ImapError::Tls(_) => "check `ca` of the account".to_owned(),
        other => advice::for_silence(&other.to_string(), refusal).await,
    }
}
