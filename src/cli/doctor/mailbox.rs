//! Whether an account's mailbox can be read.

use std::sync::Arc;

use crate::agent::AgentError;
use crate::agent::app::{App, MailAccount};
use crate::agent::connecting::Urgency;
use crate::agent::error_chain;
use crate::agent::folders::look_up;
use crate::agent::reading::WatchedFolder;
use crate::agent::sent_copy::{BY_BATON, BY_PROVIDER, sent_copy_key};
use crate::cli::failure::{FAILED, Failure, MAIL_SERVER, REFUSED};
use crate::imap::{FolderName, ImapError, ImapSession, ListedFolder, SentCopy};
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
    findings.push(DoctorFinding::of(account, "capabilities").good(capabilities(&session)));
    findings.extend(folders(app, account, &mut session).await);
    let idle = if session.can("IDLE") {
        "offered; `baton doctor --send` shows whether the server tells at once what arrives"
    } else {
        "not offered; every folder is looked at each minute"
    };
    findings.push(DoctorFinding::of(account, "IDLE").good(idle));
    findings.push(limits(app, account).await);
    findings.push(sent_copy(app, account, &session).await);
    session.logout().await;
    findings
}

/// Whether the server allows the two connections that an account has while it is watched; one is open.
async fn limits(app: &App, account: &MailAccount) -> DoctorFinding {
    let what = DoctorFinding::of(account, "limits");
    match app.connect_to_watch(&account.name, Urgency::Verdict).await {
        Ok(second) => {
            second.logout().await;
            what.good("two connections at once are allowed; baton needs no more")
        }
        Err(error) => what.warning(
            format!("no second connection: {}", error_chain(&error)),
            "nothing to do: one connection then reads the folders in turn, each a little later",
        ),
    }
}

/// What the server can, of what baton makes use of.
const USEFUL: [(&str, &str); 8] = [
    ("IDLE", "IDLE"),
    ("SPECIAL-USE", "SPECIAL-USE"),
    ("UIDPLUS", "UIDPLUS"),
    ("CONDSTORE", "CONDSTORE"),
    ("NOTIFY", "NOTIFY"),
    ("STATUS=SIZE", "sizes of folders"),
    ("X-GM-EXT-1", "Gmail's labels"),
    ("ID", "ID"),
];

fn capabilities(session: &ImapSession) -> String {
    let (can, cannot): (Vec<_>, Vec<_>) = USEFUL.iter().partition(|(name, _)| session.can(name));
    let named = |list: Vec<&(&str, &'static str)>| {
        list.iter().map(|(_, words)| *words).collect::<Vec<_>>().join(", ")
    };
    match (can.is_empty(), cannot.is_empty()) {
        (true, _) => "none of those that baton can use; it works without".to_owned(),
        (false, true) => named(can),
        (false, false) => format!("{}; without {}", named(can), named(cannot)),
    }
}

/// Who keeps the copy in Sent, as far as that is known before a mail has left.
async fn sent_copy(app: &Arc<App>, account: &MailAccount, session: &ImapSession) -> DoctorFinding {
    let what = DoctorFinding::of(account, "Sent copy");
    let key = sent_copy_key(&account.name);
    let learnt = match app.read(move |_, tx| tx.meta(&key)).await {
        Ok(learnt) => learnt,
        Err(error) => {
            return what.bad(FAILED, error_chain(&error), "restore the last copy that `baton backup` wrote");
        }
    };
    let is_known_provider = session.quirks().sent_copy == SentCopy::ByProvider;
    what.good(match (account.save_sent, learnt.as_deref()) {
        (Some(true), _) => "baton puts one there (`save_sent = true`)",
        (Some(false), _) => "left to the provider (`save_sent = false`)",
        (None, Some(BY_PROVIDER)) => "the provider keeps one",
        (None, Some(BY_BATON)) => "baton puts one there",
        (None, _) if is_known_provider => "the provider keeps one",
        (None, _) => "found out with the first mail, or by `baton doctor --send`",
    })
}

/// `3.4 MB`.
pub(crate) fn size_words(bytes: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..MIB => format!("{} KB", bytes / KIB),
        MIB..GIB => format!("{} MB", tenths(MIB).trim_end_matches(".0")),
        _ => format!("{} GB", tenths(GIB).trim_end_matches(".0")),
    }
}

async fn folders(app: &Arc<App>, account: &MailAccount, session: &mut ImapSession) -> Vec<DoctorFinding> {
    let what = DoctorFinding::of(account, "folders");
    let folders = match look_up(app, session, &account.name).await {
        Ok(folders) => folders,
        Err(error) => return vec![what.bad(MAIL_SERVER, error_chain(&error), "try again later")],
    };
    let mut findings = Vec::new();
    let mut opened = Vec::new();
    for folder in &folders {
        match session.examine(&folder.name).await {
            Ok(mailbox) => {
                let size = match session.size(&folder.name).await {
                    Ok(size) => size.map(|size| format!(", {}", size_words(size))).unwrap_or_default(),
                    Err(_) if session.is_alive() => String::new(),
                    Err(error) => {
                        findings.push(what.clone().bad(MAIL_SERVER, error.to_string(), "try again later"));
                        break;
                    }
                };
                opened.push(format!("{} ({} mails{size})", folder.name, mailbox.exists));
            }
            Err(error) => {
                let advice = advice_about(&error, &folder.name);
                findings.push(what.clone().bad(MAIL_SERVER, error.to_string(), advice));
                if !session.is_alive() {
                    // The others are asked over a new connection.
                    match app.connect(&account.name).await {
                        Ok(another) => *session = another,
                        Err(error) => {
                            findings.push(what.clone().bad(
                                MAIL_SERVER,
                                error_chain(&error),
                                "try again later",
                            ));
                            break;
                        }
                    }
                }
            }
        }
    }
    if !opened.is_empty() {
        findings.push(what.good(format!(
            "watched: {}{}",
            opened.join(", "),
            unwatched(&folders, session).await
        )));
    }
    findings
}

/// What to do about a folder that cannot be opened.
fn advice_about(error: &ImapError, folder: &FolderName) -> String {
    let text = error.to_string().to_lowercase();
    match error {
        ImapError::FolderMissing { .. } => "check `folders` of the account".to_owned(),
        _ if text.contains("uidvalidity") => {
            "whoever runs the server has to mend that: without UIDVALIDITY nobody can tell which mail was read".to_owned()
        }
        ImapError::Temporary { .. } => {
            format!("try again later; if it stays, ask who runs the server what is wrong with {folder}")
        }
        ImapError::Refused { .. } | ImapError::Misunderstood { .. } => {
            format!("ask who runs the server what is wrong with {folder}, or leave it out of `folders`")
        }
        _ => "try again later".to_owned(),
    }
}

/// The other folders of the mailbox, by name.
async fn unwatched(watched: &[WatchedFolder], session: &mut ImapSession) -> String {
    const MOST: usize = 8;
    // Those that are watched have been opened; more than that is no condition.
    let Ok(listed) = session.folders().await else { return String::new() };
    let is_watched = |folder: &ListedFolder| watched.iter().any(|one| one.name == folder.name);
    let others: Vec<String> = listed
        .iter()
        .filter(|folder| folder.selectable && !is_watched(folder))
        .map(|folder| folder.name.to_string())
        .collect();
    match others.len() {
        0 => String::new(),
        1..=MOST => format!("; not watched: {}", others.join(", ")),
        count => {
            let first: Vec<&str> = others.iter().take(MOST).map(String::as_str).collect();
            format!("; not watched: {} and {} more", first.join(", "), count - MOST)
        }
    }
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
