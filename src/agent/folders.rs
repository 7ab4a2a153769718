//! Which folders of an account are watched: those of the configuration, else INBOX and Sent, or Gmail's All Mail.

use std::sync::Arc;

use icu_normalizer::ComposingNormalizerBorrowed;

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
    let folders = look_up(app, session, account).await?;
    let (owner, wires) =
        (account.to_owned(), folders.iter().map(|one| one.name.wire().to_owned()).collect::<Vec<_>>());
    app.write(move |_, tx| tx.watch(&owner, &wires)).await?;
    Ok(folders)
}

/// The same, and nothing is noted.
pub(crate) async fn look_up(
    app: &App,
    session: &mut ImapSession,
    account: &str,
) -> Result<Vec<WatchedFolder>, AgentError> {
    let listed = with_account(account, session.folders().await)?;
    let usage =
        |name: &FolderName| listed.iter().find(|folder| folder.name == *name).and_then(|one| one.usage);
    Ok(folders_to_watch(app.account(account)?, &listed, session)
        .into_iter()
        .map(|name| WatchedFolder { account: account.to_owned(), usage: usage(&name), name })
        .collect())
}

/// The names of those folders, among the ones that the server lists. Nothing is noted.
pub(crate) fn folders_to_watch(
    account: &MailAccount,
    listed: &[ListedFolder],
    session: &ImapSession,
) -> Vec<FolderName> {
    if let Some(names) = &account.folders {
        return names.iter().map(|name| as_listed(name, listed)).collect();
    }
    let of_use = |wanted: FolderUse| {
        let marked = listed
            .iter()
            .filter(move |folder| folder.selectable && folder.is_own && folder.usage == Some(wanted));
        marked.map(|folder| folder.name.clone())
    };
    match of_use(FolderUse::All).next().filter(|_| session.can("X-GM-EXT-1")) {
        Some(all) => vec![all],
        // Dovecot's example configuration marks two folders as the one for sent mail.
        None => std::iter::once(FolderName::inbox()).chain(of_use(FolderUse::Sent)).collect(),
    }
}

/// A configured name as the server has it: some encode it in their own way, some put everything below INBOX.
fn as_listed(name: &FolderName, listed: &[ListedFolder]) -> FolderName {
    if listed.iter().any(|folder| folder.name == *name) {
        return name.clone();
    }
    let shown = name.to_string();
    let is_below_inbox = |folder: &ListedFolder, found: &str| {
        folder.delimiter.is_some_and(|delimiter| {
            let prefix = format!("INBOX{delimiter}");
            found.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(&prefix))
                && found.get(prefix.len()..) == Some(shown.as_str())
        })
    };
    let same = listed.iter().find(|folder| folder.name.to_string() == shown);
    let below = || listed.iter().find(|folder| is_below_inbox(folder, &folder.name.to_string()));
    let composed = path_of(&shown, '/');
    let alike = || {
        let is_alike = |folder: &&ListedFolder| {
            let delimiter = folder.delimiter.unwrap_or('/');
            path_of(&folder.name.to_string(), delimiter) == composed
        };
        let mut alike = listed.iter().filter(is_alike);
        alike.next().filter(|_| alike.next().is_none())
    };
    same.or_else(below).or_else(alike).map_or_else(|| name.clone(), |folder| folder.name.clone())
}

/// A folder's name with each letter composed, as macOS does not write them, and its steps parted by slashes, whatever the
/// server parts them by.
fn path_of(name: &str, delimiter: char) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(&name.replace(delimiter, "/")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(wire: &str, delimiter: char) -> ListedFolder {
        ListedFolder {
            name: FolderName::from_wire(wire),
            usage: None,
            guessed: false,
            selectable: true,
            delimiter: Some(delimiter),
            is_own: true,
        }
    }

    #[test]
    fn a_configured_name_is_found_in_the_servers_own_spelling() {
        let folders =
            [listed("&BBAEMQQyACYEMwQ0BDU-", '/'), listed("INBOX.Deals", '.'), listed("Entwürfe", '/')];
        let found = |name: &str| as_listed(&FolderName::new(name), &folders).wire().to_owned();
        assert_eq!(found("\u{410}\u{431}\u{432}&\u{433}\u{434}\u{435}"), "&BBAEMQQyACYEMwQ0BDU-");
        assert_eq!(found("Deals"), "INBOX.Deals");
        assert_eq!(found("Entwürfe"), "Entwürfe");
        assert_eq!(found("Nowhere"), "Nowhere");
        let folders = [
            listed("Prospe&AwE-rite&AwE-", '/'),
            listed("Clients.Acme", '.'),
            listed("A/B", '/'),
            listed("A.B", '.'),
        ];
        let found = |name: &str| as_listed(&FolderName::new(name), &folders).wire().to_owned();
        assert_eq!(found("Prosp\u{e9}rit\u{e9}"), "Prospe&AwE-rite&AwE-", "letters in pieces");
        assert_eq!(found("Clients/Acme"), "Clients.Acme", "another sign between the steps");
        assert_eq!(found("A/B"), "A/B");
    }
}
