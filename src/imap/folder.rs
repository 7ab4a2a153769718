//! Folders: their names, what they are for, and opening them for reading.
//!
//! What a folder is for is taken from its SPECIAL-USE attribute (RFC 6154); where the server marks no
//! folder with a use, from its name in the languages of the usual mail programs.

use std::fmt;

use async_imap::imap_proto::{
    MailboxDatum, MailboxListData, NameAttribute, Response, ResponseCode, StatusAttribute,
};

use super::{
    error::ImapError,
    exec::ImapSession,
    folder_names::{NAMED_USES, rank},
    utf7,
};

/// A folder's name, as on the wire: modified UTF-7.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderName(String);

impl FolderName {
    /// From the name that people see, such as `Entwürfe`. INBOX is INBOX in any case (RFC 3501 5.1).
    pub fn new(name: &str) -> Self {
        if name.eq_ignore_ascii_case("INBOX") { Self::inbox() } else { Self(utf7::encode(name)) }
    }

    pub fn inbox() -> Self {
        Self("INBOX".to_owned())
    }

    /// From a name that a server or `wire()` gave.
    pub(crate) fn from_wire(wire: impl Into<String>) -> Self {
        Self(wire.into())
    }

    /// The name as the server knows it; the form to store.
    pub fn wire(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_inbox(&self) -> bool {
        self.0.eq_ignore_ascii_case("INBOX")
    }

    /// A NO to a command on a folder means, nearly always, that there is no such folder.
    pub(super) fn missing_if_refused(&self, error: ImapError) -> ImapError {
        match error {
            ImapError::Refused { text, .. } if !is_no_permission(&text) => {
                ImapError::FolderMissing { folder: self.clone(), text }
            }
            error => error,
        }
    }
}

fn is_no_permission(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["[noperm]", "permission", "access denied", "overquota", "quota"].iter().any(|words| text.contains(words))
}

/// The name that people see.
impl fmt::Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&utf7::decode(&self.0))
    }
}

/// What a folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FolderUse {
    Inbox,
    /// Gmail's All Mail and its like: every message, filtered or not.
    All,
    Archive,
    Drafts,
    /// Flagged or important messages that are also elsewhere.
    Flagged,
    Junk,
    Sent,
    Trash,
}

/// One folder of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFolder {
    pub name: FolderName,
    /// `None` for an ordinary folder.
    pub usage: Option<FolderUse>,
    /// Whether the use is a guess by the folder's name.
    pub guessed: bool,
    /// False for a mere node of the tree (\Noselect, \NonExistent).
    pub selectable: bool,
    /// What separates levels in the name; `None` for a flat list.
    pub delimiter: Option<char>,
}

/// A folder that was opened for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExaminedFolder {
    pub uid_validity: u32,
    /// The UID that the next message will have; some servers do not say.
    pub uid_next: Option<u32>,
    /// The number of messages.
    pub exists: u32,
}

impl ImapSession {
    /// All folders of the account, with what they are for.
    pub async fn folders(&mut self) -> Result<Vec<ListedFolder>, ImapError> {
        let extended = self.can("SPECIAL-USE") && self.can("LIST-EXTENDED");
        let text = if extended { r#"LIST "" "*" RETURN (SPECIAL-USE)"# } else { r#"LIST "" "*""# };
        let mut folders: Vec<ListedFolder> = Vec::new();
        self.exec(self.transfer("LIST", text), |response| {
            if let Response::MailboxData(MailboxDatum::List(list)) = response {
                folders.push(folder(list));
            }
        })
        .await?;
        guess_uses(&mut folders);
        Ok(folders)
    }

    /// Opens a folder for reading only: EXAMINE, so that no flag can change.
    pub async fn examine(&mut self, folder: &FolderName) -> Result<ExaminedFolder, ImapError> {
        let mut uid_validity = None;
        let mut uid_next = None;
        let mut exists = None;
        let command = self.command("EXAMINE", "EXAMINE ").string(folder.wire())?;
        self.exec(command, |response| match response {
            Response::MailboxData(MailboxDatum::Exists(count)) => exists = Some(*count),
            Response::Data { outcome, .. } => match outcome.code {
                Some(ResponseCode::UidValidity(value)) => uid_validity = Some(value),
                Some(ResponseCode::UidNext(value)) => uid_next = Some(value),
                _ => {}
            },
            _ => {}
        })
        .await
        .map_err(|error| folder.missing_if_refused(error))?;
        self.forget_news();
        let exists = exists.ok_or(ImapError::Protocol { what: "EXAMINE" })?;
        if uid_validity.is_none() {
            // 163.com and its sisters leave it out here and may say it there.
            (uid_validity, uid_next) = self.status_of(folder).await?;
        }
        let uid_validity = uid_validity.ok_or_else(|| ImapError::NoUidValidity { folder: folder.clone() })?;
        Ok(ExaminedFolder { uid_validity, uid_next, exists })
    }

    async fn status_of(&mut self, folder: &FolderName) -> Result<(Option<u32>, Option<u32>), ImapError> {
        let mut found = (None, None);
        let command = self.command("STATUS", "STATUS ").string(folder.wire())?.text(" (UIDVALIDITY UIDNEXT)");
        self.exec(command, |response| {
            if let Response::MailboxData(MailboxDatum::Status { status, .. }) = response {
                for attribute in status {
                    match attribute {
                        StatusAttribute::UidValidity(value) => found.0 = Some(*value),
                        StatusAttribute::UidNext(value) => found.1 = Some(*value),
                        _ => {}
                    }
                }
            }
        })
        .await
        .map_err(|error| folder.missing_if_refused(error))?;
        Ok(found)
    }
}

fn folder(list: &MailboxListData<'_>) -> ListedFolder {
    let name = FolderName::from_wire(list.name.as_ref());
    let mut usage = name.is_inbox().then_some(FolderUse::Inbox);
    let mut selectable = true;
    for attribute in &list.name_attributes {
        let special = match attribute {
            NameAttribute::All => FolderUse::All,
            NameAttribute::Archive => FolderUse::Archive,
            NameAttribute::Drafts => FolderUse::Drafts,
            NameAttribute::Flagged => FolderUse::Flagged,
            NameAttribute::Junk => FolderUse::Junk,
            NameAttribute::Sent => FolderUse::Sent,
            NameAttribute::Trash => FolderUse::Trash,
            NameAttribute::NoSelect => {
                selectable = false;
                continue;
            }
            NameAttribute::Extension(name) => {
                match name.to_ascii_lowercase().as_str() {
                    "\\nonexistent" => selectable = false,
                    // Gmail, before and beside RFC 8457.
                    "\\important" => usage = usage.or(Some(FolderUse::Flagged)),
                    _ => {}
                }
                continue;
            }
            _ => continue,
        };
        usage = usage.or(Some(special));
    }
    let delimiter = list.delimiter.as_deref().and_then(|text| text.chars().next());
    ListedFolder { name, usage, guessed: false, selectable, delimiter }
}

/// Gives each use that no folder is marked with to the first folder whose name says so. A name at the top
/// level or directly below INBOX counts, `Projects/Sent` does not.
fn guess_uses(folders: &mut [ListedFolder]) {
    for (usage, role) in NAMED_USES {
        if folders.iter().any(|folder| folder.usage == Some(usage)) {
            continue;
        }
        let best = folders
            .iter_mut()
            .filter(|folder| folder.usage.is_none() && folder.selectable)
            .filter_map(|folder| Some((rank(role, &own_name(folder)?)?, folder)))
            .min_by_key(|(rank, _)| *rank);
        if let Some((_, folder)) = best {
            folder.usage = Some(usage);
            folder.guessed = true;
        }
    }
}

fn own_name(folder: &ListedFolder) -> Option<String> {
    let name = folder.name.to_string();
    let Some(delimiter) = folder.delimiter else {
        return Some(name);
    };
    match name.split_once(delimiter) {
        None => Some(name),
        Some((parent, own)) => {
            let below_inbox = parent.eq_ignore_ascii_case("INBOX") || parent.starts_with("[G");
            (below_inbox && !own.contains(delimiter)).then(|| own.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(name: &str) -> ListedFolder {
        ListedFolder {
            name: FolderName::new(name),
            usage: None,
            guessed: false,
            selectable: true,
            delimiter: Some('/'),
        }
    }

    fn uses(folders: &[ListedFolder], usage: FolderUse) -> Vec<String> {
        folders
            .iter()
            .filter(|folder| folder.usage == Some(usage))
            .map(|folder| folder.name.to_string())
            .collect()
    }

    #[test]
    fn folders_without_attributes_are_known_by_their_names() {
        let mut folders: Vec<_> =
            ["Projekte/Gesendet", "Gesendete Objekte", "Entwürfe", "INBOX/Papierkorb"].map(plain).into();
        guess_uses(&mut folders);
        assert_eq!(uses(&folders, FolderUse::Sent), ["Gesendete Objekte"]);
        assert_eq!(uses(&folders, FolderUse::Drafts), ["Entwürfe"]);
        assert_eq!(uses(&folders, FolderUse::Trash), ["INBOX/Papierkorb"]);
        assert!(folders[1].guessed);
    }

    #[test]
    fn an_attribute_outweighs_a_name() {
        let mut folders: Vec<_> = ["Sent", "Outgoing"].map(plain).into();
        folders[1].usage = Some(FolderUse::Sent);
        guess_uses(&mut folders);
        assert_eq!(uses(&folders, FolderUse::Sent), ["Outgoing"]);
    }

    #[test]
    fn the_likelier_of_two_names_is_taken() {
        let mut folders: Vec<_> = ["Sent Items", "Sent"].map(plain).into();
        guess_uses(&mut folders);
        assert_eq!(uses(&folders, FolderUse::Sent), ["Sent"]);
    }

    #[test]
    fn inbox_is_inbox_in_any_case_and_names_are_shown_decoded() {
        assert_eq!(FolderName::new("Inbox"), FolderName::inbox());
        assert_eq!(FolderName::from_wire("Entw&APw-rfe").to_string(), "Entwürfe");
        assert_eq!(FolderName::new("Entwürfe").wire(), "Entw&APw-rfe");
    }
}
