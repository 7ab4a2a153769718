//! Folders: their names, what they are for, and opening them for reading.
//!
//! What a folder is for is taken from its SPECIAL-USE attribute (RFC 6154); where the server marks no
//! folder with a use, from its name in the languages of the usual mail programs.

use std::fmt;

use super::{
    error::ImapError,
    exec::ImapSession,
    folder_names::guess_uses,
    grammar::{AnswerValue, Scanner, ServerAnswer, code, numbers},
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
    /// It is the account's own; false where it is somebody else's, or everybody's (RFC 2342).
    pub is_own: bool,
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
        const EXTENDED: &str = r#"LIST "" "*" RETURN (SPECIAL-USE)"#;
        const PLAIN: &str = r#"LIST "" "*""#;
        let marks_uses = self.can("SPECIAL-USE");
        let asks_first = marks_uses && self.can("LIST-EXTENDED");
        let first = if asks_first { EXTENDED } else { PLAIN };
        let listed = match self.list(first).await {
            Err(refusal) if self.wants_a_name(&refusal) => {
                self.name_itself().await?;
                self.list(first).await
            }
            listed => listed,
        };
        let mut folders = match listed {
            // What it announces it does not know after all.
            Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) if asks_first => {
                self.list(PLAIN).await
            }
            listed => listed,
        }
        .inspect_err(|error| self.give_up_if_misunderstood(error))?;
        let is_marked = |folder: &ListedFolder| !matches!(folder.usage, None | Some(FolderUse::Inbox));
        if marks_uses && !asks_first && !folders.iter().any(is_marked) {
            // Some say it only when asked, without saying that they can be.
            match self.list(EXTENDED).await {
                Ok(marked) if marked.len() >= folders.len() => folders = marked,
                Ok(_) | Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if self.can("NAMESPACE") {
            let others = self.namespaces_of_others().await?;
            for folder in &mut folders {
                folder.is_own = !others.iter().any(|prefix| folder.name.wire().starts_with(prefix.as_str()));
            }
        }
        guess_uses(&mut folders);
        Ok(folders)
    }

    /// What the names of folders begin with that are other people's, or everybody's.
    async fn namespaces_of_others(&mut self) -> Result<Vec<String>, ImapError> {
        let mut found = Vec::new();
        let asked = self.exec_through_bad(self.command("NAMESPACE", "NAMESPACE"), |answer| {
            if let ServerAnswer::Namespace(line) = answer {
                found = prefixes_of_others(line);
            }
        });
        match asked.await {
            Ok(_) | Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => Ok(found),
            Err(error) => Err(error),
        }
    }

    fn give_up_if_misunderstood(&mut self, error: &ImapError) {
        if matches!(error, ImapError::Misunderstood { .. }) {
            self.give_up();
        }
    }

    async fn list(&mut self, text: &str) -> Result<Vec<ListedFolder>, ImapError> {
        let mut folders: Vec<ListedFolder> = Vec::new();
        self.exec_through_bad(self.transfer("LIST", text), |answer| {
            if let ServerAnswer::List(line) = answer {
                folders.extend(listed(line));
            }
        })
        .await?;
        Ok(folders)
    }

    /// Opens a folder for reading only: EXAMINE, so that no flag can change.
    pub async fn examine(&mut self, folder: &FolderName) -> Result<ExaminedFolder, ImapError> {
        match self.open(folder).await {
            Err(refusal) if self.wants_a_name(&refusal) => {
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
        if uid_validity.is_none() || exists.is_none() {
            // 163.com and its sisters leave it out here and may say it there.
            match self.status_of(folder).await {
                Ok(items) => {
                    uid_validity = uid_validity.or(items.uid_validity);
                    uid_next = uid_next.or(items.uid_next);
                    exists = exists.or(items.messages);
                }
                Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let exists = exists.ok_or(ImapError::Protocol { what: "EXAMINE" })?;
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

    async fn status_of(&mut self, folder: &FolderName) -> Result<StatusItems, ImapError> {
        let mut found = StatusItems::default();
        let items = " (MESSAGES UIDVALIDITY UIDNEXT)";
        let command = self.command("STATUS", "STATUS ").string(folder.wire())?.text(items);
        self.exec_through_bad(command, |answer| {
            if let ServerAnswer::FolderStatus(line) = answer {
                found = status_items(line);
            }
        })
        .await?;
        Ok(found)
    }
}

/// Of `(("" "/")) (("~" "/")) (("#shared/" "/"))` the prefixes of the second and the third list. One that is empty, or
/// with which INBOX begins, tells nothing.
fn prefixes_of_others(line: &[u8]) -> Vec<String> {
    let mut lists = Scanner::new(line);
    lists.value();
    let mut prefixes = Vec::new();
    for _ in 0..2 {
        let Some(AnswerValue::List(inner)) = lists.value() else { continue };
        let mut one = Scanner::new(inner);
        while let Some(value) = one.value() {
            let AnswerValue::List(pair) = value else { continue };
            let prefix = Scanner::new(pair).value().map(AnswerValue::bytes).unwrap_or_default();
            prefixes.push(String::from_utf8_lossy(&prefix).into_owned());
        }
    }
    prefixes.retain(|prefix| !prefix.is_empty() && !"INBOX".starts_with(prefix.as_str()));
    prefixes
}

/// What a STATUS answer tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct StatusItems {
    messages: Option<u32>,
    uid_validity: Option<u32>,
    uid_next: Option<u32>,
    size: Option<u64>,
}

fn status_items(line: &[u8]) -> StatusItems {
    let mut scanner = Scanner::new(line);
    let mut items = StatusItems::default();
    while let Some(value) = scanner.value() {
        let AnswerValue::List(inner) = value else { continue };
        let mut pairs = Scanner::new(inner);
        while let (Some(name), Some(value)) = (pairs.value(), pairs.value()) {
            match name.bytes().to_ascii_uppercase().as_slice() {
                b"MESSAGES" => items.messages = value.number(),
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
        // NIL, where the server means none.
        let is_nil = scanner.rest().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"NIL "));
        scanner.skip_value_if(is_nil);
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
        is_own: true,
    };
    for attribute in attributes.split_ascii_whitespace() {
        let special = match attribute {
            // `\AllMail` as Gmail wrote it before RFC 6154.
            "\\all" | "\\allmail" => FolderUse::All,
            "\\archive" => FolderUse::Archive,
            "\\drafts" => FolderUse::Drafts,
            // Gmail, before and beside RFC 8457.
            "\\flagged" | "\\important" | "\\starred" => FolderUse::Flagged,
            "\\junk" | "\\spam" => FolderUse::Junk,
            "\\sent" => FolderUse::Sent,
            "\\trash" => FolderUse::Trash,
            "\\noselect" | "\\nonexistent" => {
                folder.selectable = false;
                continue;
            }
            _ => continue,
        };
        // Marks of importance stand beside others.
        if matches!(folder.usage, None | Some(FolderUse::Flagged)) {
            folder.usage = Some(special);
        }
    }
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(read(r#"NIL "/" Sent"#), plain("Sent", '/'));
        assert_eq!(
            read(r#"(\Important \Sent) "/" a"#),
            ("a".to_owned(), Some(FolderUse::Sent), true, Some('/'))
        );
        assert!(!read(r#"(\Noselect) "/" """#).2);
        assert_eq!(read(r#"() "/" inbox"#).0, "INBOX");
        assert_eq!(listed(b"nonsense"), None);
        let others = prefixes_of_others(br##"(("" "/")("#mh/" "/" "X" ("a"))) (("Other Users/" "/")) NIL"##);
        assert_eq!(others, ["Other Users/"]);
        assert_eq!(prefixes_of_others(br##"NIL NIL (("#news." ".")("" "/"))"##), ["#news."]);
        let items = StatusItems { uid_validity: Some(3), size: Some(9), ..StatusItems::default() };
        assert_eq!(status_items(br#""a (b" (SIZE 9 UIDVALIDITY 3 X (1 2))"#), items);
    }

    #[test]
    fn inbox_is_inbox_in_any_case_and_names_are_shown_decoded() {
        assert_eq!(FolderName::new("Inbox"), FolderName::inbox());
        assert_eq!(FolderName::from_wire("Entw&APw-rfe").to_string(), "Entwürfe");
        assert_eq!(FolderName::new("Entwürfe").wire(), "Entw&APw-rfe");
    }
}
