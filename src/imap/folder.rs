//! Folders: their names, what they are for, and opening them for reading.
//!
//! What a folder is for is taken from its SPECIAL-USE attribute (RFC 6154); where the server marks no
//! folder with a use, from its name in the languages of the usual mail programs.

use std::fmt;

use super::{
    error::ImapError,
    exec::ImapSession,
    folder_names::{NAMED_USES, rank},
    grammar::{Scanner, ServerAnswer, Value, code, numbers},
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
        self.exec(self.transfer("LIST", text), |answer| {
            if let ServerAnswer::List(line) = answer {
                folders.extend(listed(line));
            }
        })
        .await?;
        guess_uses(&mut folders);
        Ok(folders)
    }

    /// Opens a folder for reading only: EXAMINE, so that no flag can change.
    pub async fn examine(&mut self, folder: &FolderName) -> Result<ExaminedFolder, ImapError> {
        match self.open(folder).await {
            // NetEase and its customers' servers open nothing for a client without a name.
            Err(ImapError::FolderMissing { .. } | ImapError::Refused { .. })
                if !self.has_named_itself && self.can("ID") =>
            {
                self.name_itself().await?;
                self.open(folder).await
            }
            outcome => outcome,
        }
    }

    async fn open(&mut self, folder: &FolderName) -> Result<ExaminedFolder, ImapError> {
        let mut uid_validity = None;
        let mut uid_next = None;
        let mut exists = None;
        let command = self.command("EXAMINE", "EXAMINE ").string(folder.wire())?;
        self.exec(command, |answer| match answer {
            ServerAnswer::Exists(count) => exists = Some(*count),
            ServerAnswer::Condition { text, .. } => match code(text) {
                Some((name, value)) if name == "UIDVALIDITY" => {
                    uid_validity = numbers(value).next().or(uid_validity);
                }
                Some((name, value)) if name == "UIDNEXT" => uid_next = numbers(value).next().or(uid_next),
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

    /// How many bytes a folder's messages have together. `None`: the server does not say (RFC 8438).
    pub(crate) async fn size(&mut self, folder: &FolderName) -> Result<Option<u64>, ImapError> {
        if !self.can("STATUS=SIZE") {
            return Ok(None);
        }
        let mut size = None;
        let command = self.command("STATUS", "STATUS ").string(folder.wire())?.text(" (SIZE)");
        self.exec(command, |answer| {
            if let ServerAnswer::FolderStatus(line) = answer {
                size = status_items(line).size.or(size);
            }
        })
        .await
        .map_err(|error| folder.missing_if_refused(error))?;
        Ok(size)
    }

    async fn status_of(&mut self, folder: &FolderName) -> Result<(Option<u32>, Option<u32>), ImapError> {
        let mut found = (None, None);
        let command = self.command("STATUS", "STATUS ").string(folder.wire())?.text(" (UIDVALIDITY UIDNEXT)");
        self.exec(command, |answer| {
            if let ServerAnswer::FolderStatus(line) = answer {
                let items = status_items(line);
                found = (items.uid_validity.or(found.0), items.uid_next.or(found.1));
            }
        })
        .await
        .map_err(|error| folder.missing_if_refused(error))?;
        Ok(found)
    }
}

/// What a STATUS answer tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct StatusItems {
    uid_validity: Option<u32>,
    uid_next: Option<u32>,
    size: Option<u64>,
}

fn status_items(line: &[u8]) -> StatusItems {
    let mut scanner = Scanner::new(line);
    let mut items = StatusItems::default();
    while let Some(value) = scanner.value() {
        let Value::List(inner) = value else { continue };
        let mut pairs = Scanner::new(inner);
        while let (Some(name), Some(value)) = (pairs.value(), pairs.value()) {
            match name.bytes().to_ascii_uppercase().as_slice() {
                b"UIDVALIDITY" => items.uid_validity = value.number(),
                b"UIDNEXT" => items.uid_next = value.number(),
                b"SIZE" => {
                    items.size = std::str::from_utf8(&value.bytes()).ok().and_then(|text| text.parse().ok())
                }
                _ => {}
            }
        }
    }
    items
}

/// One line of LIST: attributes, delimiter, name. Servers leave names with blanks unquoted, and add what nobody asked
/// for behind the name.
fn listed(line: &[u8]) -> Option<ListedFolder> {
    let mut scanner = Scanner::new(line);
    scanner.blanks();
    let attributes = if scanner.eat(b'(') {
        let list = scanner.until(b")");
        scanner.eat(b')');
        String::from_utf8_lossy(list).to_ascii_lowercase()
    } else {
        String::new()
    };
    let delimiter = scanner.value()?;
    let delimiter = if delimiter.is_nil() { Vec::new() } else { delimiter.bytes() };
    scanner.blanks();
    let name = match scanner.rest().first()? {
        b'"' | b'{' | b'~' => scanner.value()?.bytes(),
        _ => {
            let rest = scanner.rest();
            // RFC 5258: ("CHILDINFO" ("SUBSCRIBED"))
            let end =
                memchr::memmem::find(rest, b" (\"").filter(|_| rest.ends_with(b")")).unwrap_or(rest.len());
            rest.get(..end).unwrap_or(rest).trim_ascii_end().to_vec()
        }
    };
    let name = FolderName::from_wire(String::from_utf8_lossy(&name).into_owned());
    let is_inbox = name.is_inbox();
    let mut folder = ListedFolder {
        selectable: !name.wire().is_empty(),
        usage: is_inbox.then_some(FolderUse::Inbox),
        name: if is_inbox { FolderName::inbox() } else { name },
        guessed: false,
        delimiter: String::from_utf8_lossy(&delimiter).chars().next(),
    };
    for attribute in attributes.split_ascii_whitespace() {
        let special = match attribute {
            // `\AllMail` as Gmail wrote it before RFC 6154.
            "\\all" | "\\allmail" => FolderUse::All,
            "\\archive" => FolderUse::Archive,
            "\\drafts" => FolderUse::Drafts,
            // Gmail, before and beside RFC 8457.
            "\\flagged" | "\\important" => FolderUse::Flagged,
            "\\junk" => FolderUse::Junk,
            "\\sent" => FolderUse::Sent,
            "\\trash" => FolderUse::Trash,
            "\\noselect" | "\\nonexistent" => {
                folder.selectable = false;
                continue;
            }
            _ => continue,
        };
        folder.usage = folder.usage.or(Some(special));
    }
    Some(folder)
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
    fn lines_of_list_are_read_in_every_form_that_servers_give_them() {
        let read = |line: &str| {
            let folder = listed(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            (folder.name.wire().to_owned(), folder.usage, folder.selectable, folder.delimiter)
        };
        let plain = |name: &str, delimiter: char| (name.to_owned(), None, true, Some(delimiter));
        assert_eq!(read(r#"(HasNoChildren) "/" "Odd""#), plain("Odd", '/'));
        assert_eq!(read("(\\HasNoChildren) \"/\" INBOX/Da\tOggetto"), plain("INBOX/Da\tOggetto", '/'));
        assert_eq!(read(r#"(\HasNoChildren) "\\" Folder\Sub 1"#), plain("Folder\\Sub 1", '\\'));
        assert_eq!(read(r#"() "." a.b ("CHILDINFO" ("SUBSCRIBED"))"#), plain("a.b", '.'));
        assert_eq!(read(r#"(\A  \Marked) "/" "a" ("OLDNAME" ("b"))"#), plain("a", '/'));
        assert_eq!(read("() NIL {4}\r\nab(d"), ("ab(d".to_owned(), None, true, None));
        assert_eq!(read(r#"() "." Trash.[Airmail]"#), plain("Trash.[Airmail]", '.'));
        assert_eq!(read(r#"() "/" "Entwürfe""#), plain("Entwürfe", '/'));
        assert_eq!(read(r#"(\SENT) "/" 200"#), ("200".to_owned(), Some(FolderUse::Sent), true, Some('/')));
        assert!(!read(r#"(\Noselect) "/" """#).2);
        assert_eq!(read(r#"() "/" inbox"#).0, "INBOX");
        assert_eq!(listed(b"nonsense"), None);
        let items = StatusItems { uid_validity: Some(3), uid_next: None, size: Some(9) };
        assert_eq!(status_items(br#""a (b" (SIZE 9 UIDVALIDITY 3 X (1 2))"#), items);
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
