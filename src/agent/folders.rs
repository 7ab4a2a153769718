//! Which folders of an account are watched: those of the configuration, else INBOX and Sent, or Gmail's All Mail.

use std::sync::Arc;

use crate::imap::{FolderName, FolderUse, ImapSession, ListedFolder};

use super::AgentError;
use super::app::{App, MailAccount, with_account};
use super::reading::WatchedFolder;

/// The folders of an account that are watched, as the server has them and the configuration wants it; noted.
pub async fn watched(
    app: &Arc<App>,
    session: &mut ImapSession,
    account: &str,
) -> Result<Vec<WatchedFolder>, AgentError> {
    let listed = with_account(account, session.folders().await)?;
    let usage =
        |name: &FolderName| listed.iter().find(|folder| folder.name == *name).and_then(|one| one.usage);
    let folders: Vec<WatchedFolder> = folders_to_watch(app.account(account)?, &listed, session)
        .into_iter()
        .map(|name| WatchedFolder { account: account.to_owned(), usage: usage(&name), name })
        .collect();
    let (owner, wires) =
        (account.to_owned(), folders.iter().map(|one| one.name.wire().to_owned()).collect::<Vec<_>>());
    app.write(move |_, tx| tx.watch(&owner, &wires)).await?;
    Ok(folders)
}

/// The names of those folders, among the ones that the server lists. Nothing is noted.
pub(crate) fn folders_to_watch(
    account: &MailAccount,
    listed: &[ListedFolder],
    session: &ImapSession,
) -> Vec<FolderName> {
    if let Some(names) = &account.folders {
        return names.clone();
    }
    let of_use = |wanted: FolderUse| {
        listed
            .iter()
            .find(|folder| folder.selectable && folder.usage == Some(wanted))
            .map(|one| one.name.clone())
    };
    match of_use(FolderUse::All).filter(|_| session.can("X-GM-EXT-1")) {
        Some(all) => vec![all],
        None => [Some(FolderName::inbox()), of_use(FolderUse::Sent)].into_iter().flatten().collect(),
    }
}
