//! What IMAP commands see of a user's folders: LIST, STATUS, APPEND, and one open folder with its sequence
//! numbers.
//!
//! Everything here is synchronous and writes its untagged answers into a buffer. Known limit: a FETCH is
//! answered from memory in one piece.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use imap_codec::ResponseCodec;
use imap_codec::encode::Encoder;
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::core::{Atom, QuotedChar};
use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItemName};
use imap_codec::imap_types::flag::FlagNameAttribute;
use imap_codec::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_codec::imap_types::response::{Data, Response};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::SequenceSet;
use imap_codec::imap_types::status::{StatusDataItem, StatusDataItemName};
use regex::RegexBuilder;

use super::faults::BrokenMessage;
use super::mailbox::{SandboxFolder, SandboxState, StoredMessage};
use super::search::{self, SearchCandidate};

/// A command that was not carried out.
#[derive(Debug)]
pub(super) enum CommandRefused {
    No(String),
    Bad(String),
    /// The connection ends without another word.
    Cut,
}

/// The text of a tagged OK, or why there is none.
pub(super) type CommandResult = Result<String, CommandRefused>;

const SEEN: &str = "\\Seen";

pub(super) fn name_of(mailbox: &Mailbox<'_>) -> String {
    match mailbox {
        Mailbox::Inbox => "INBOX".to_owned(),
        Mailbox::Other(other) => String::from_utf8_lossy(other.as_ref()).into_owned(),
    }
}

/// The folder, by its name alone: an attribute is no name on the wire.
fn folder<'a>(
    state: &'a SandboxState,
    user: &str,
    mailbox: &Mailbox<'_>,
) -> Result<&'a SandboxFolder, CommandRefused> {
    let name = name_of(mailbox);
    let found = state.user(user).filter(|_| !name.starts_with('\\')).and_then(|user| user.folder(&name));
    found.ok_or_else(|| CommandRefused::No("[NONEXISTENT] there is no such folder".to_owned()))
}

fn push_line(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn push(out: &mut Vec<u8>, data: Data<'_>) {
    out.append(&mut ResponseCodec::new().encode(&Response::Data(data)).dump());
}

fn non_zero(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// LIST with special-use attributes, as servers give them without being asked (RFC 6154 section 2).
pub(super) fn list(
    state: &SandboxState,
    user: &str,
    reference: &Mailbox<'_>,
    pattern: &ListMailbox<'_>,
    out: &mut Vec<u8>,
) -> CommandResult {
    let pattern: &[u8] = match pattern {
        ListMailbox::Token(token) => token.as_ref(),
        ListMailbox::String(string) => string.as_ref(),
    };
    let whole = format!("{}{}", name_of(reference), String::from_utf8_lossy(pattern));
    let pieces = regex::escape(&whole).replace(r"\*", ".*").replace('%', "[^/]*");
    let wanted =
        RegexBuilder::new(&format!("^(?:{pieces})$")).case_insensitive(true).size_limit(1 << 20).build();
    let wanted = wanted.map_err(|_| CommandRefused::Bad("that pattern is too long".to_owned()))?;
    let mut entry = |name: &str, attributes: &[&str]| {
        let attributes =
            attributes.iter().filter_map(|text| Atom::try_from(*text).ok()).map(FlagNameAttribute::from);
        if let Ok(mailbox) = Mailbox::try_from(name) {
            let items = attributes.map(IntoStatic::into_static).collect();
            push(out, Data::List { items, delimiter: QuotedChar::try_from('/').ok(), mailbox });
        }
    };
    if pattern.is_empty() {
        entry("", &["Noselect"]);
        return Ok("listed".to_owned());
    }
    let Some(user) = state.user(user) else { return Ok("listed".to_owned()) };
    if user.habits.all_mail && wanted.is_match("[Gmail]") {
        entry("[Gmail]", &["HasChildren", "Noselect"]);
    }
    for folder in user.folders.iter().filter(|folder| wanted.is_match(&folder.name)) {
        match folder.role {
            "" => entry(&folder.name, &["HasNoChildren"]),
            role => entry(&folder.name, &["HasNoChildren", role]),
        }
    }
    Ok("listed".to_owned())
}

pub(super) fn status(
    state: &SandboxState,
    user: &str,
    mailbox: &Mailbox<'_>,
    names: &[StatusDataItemName],
    out: &mut Vec<u8>,
) -> CommandResult {
    let folder = folder(state, user, mailbox)?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let unseen =
        folder.messages.iter().filter(|message| !message.flags.iter().any(|flag| flag == SEEN)).count();
    let items = names.iter().filter_map(|name| match name {
        StatusDataItemName::Messages => Some(StatusDataItem::Messages(count(folder.messages.len()))),
        StatusDataItemName::Recent => Some(StatusDataItem::Recent(0)),
        StatusDataItemName::UidNext => Some(StatusDataItem::UidNext(non_zero(folder.uid_next))),
        StatusDataItemName::UidValidity => Some(StatusDataItem::UidValidity(non_zero(folder.uid_validity))),
        StatusDataItemName::Unseen => Some(StatusDataItem::Unseen(count(unseen))),
        StatusDataItemName::Deleted | StatusDataItemName::DeletedStorage => None,
    });
    let items: Vec<StatusDataItem> = items.collect();
    push(out, Data::Status { mailbox: mailbox.clone(), items: items.into() });
    Ok("counted".to_owned())
}

pub(super) fn append(
    state: &mut SandboxState,
    user: &str,
    mailbox: &Mailbox<'_>,
    raw: &[u8],
    flags: &[String],
    at: DateTime<Utc>,
) -> CommandResult {
    folder(state, user, mailbox)
        .map_err(|_| CommandRefused::No("[TRYCREATE] there is no such folder".to_owned()))?;
    let raw: Arc<[u8]> = raw.into();
    let place = state.user_mut(user).and_then(|user| user.store(&name_of(mailbox), &raw, flags, at));
    let (uid_validity, uid) = place.ok_or_else(|| CommandRefused::No("the folder is gone".to_owned()))?;
    Ok(format!("[APPENDUID {uid_validity} {uid}] kept"))
}

/// One folder as a session has it open: which UIDs the client knows, in the order of their numbers.
#[derive(Debug)]
pub(super) struct OpenFolder {
    mailbox: Mailbox<'static>,
    read_only: bool,
    uid_validity: u32,
    uids: Vec<u32>,
}

impl OpenFolder {
    pub(super) fn name(&self) -> String {
        name_of(&self.mailbox)
    }

    /// SELECT and EXAMINE. `numbered`: UIDVALIDITY and UIDNEXT are told.
    pub(crate) fn open(
        state: &SandboxState,
        user: &str,
        mailbox: &Mailbox<'_>,
        read_only: bool,
        numbered: bool,
        out: &mut Vec<u8>,
    ) -> Result<Self, CommandRefused> {
        let folder = folder(state, user, mailbox)?;
        push_line(out, "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)");
        push_line(out, &format!("* {} EXISTS", folder.messages.len()));
        push_line(out, "* 0 RECENT");
        push_line(out, "* OK [PERMANENTFLAGS ()] none");
        if numbered {
            push_line(out, &format!("* OK [UIDVALIDITY {}] valid", folder.uid_validity));
            push_line(out, &format!("* OK [UIDNEXT {}] next", folder.uid_next));
        }
        let mailbox = IntoStatic::into_static(mailbox.clone());
        let uids = folder.messages.iter().map(|message| message.uid).collect();
        Ok(Self { mailbox, read_only, uid_validity: folder.uid_validity, uids })
    }

    /// The folder, as long as it is the one that was opened.
    fn folder<'a>(&self, state: &'a SandboxState, user: &str) -> Result<&'a SandboxFolder, CommandRefused> {
        let found = folder(state, user, &self.mailbox)?;
        if found.uid_validity != self.uid_validity {
            return Err(CommandRefused::No("the folder has been renumbered".to_owned()));
        }
        Ok(found)
    }

    /// EXPUNGE and EXISTS for what has changed; `false` where the folder is not the one that was opened.
    pub(crate) fn announce(&mut self, state: &SandboxState, user: &str, out: &mut Vec<u8>) -> bool {
        let folder =
            folder(state, user, &self.mailbox).ok().filter(|folder| folder.uid_validity == self.uid_validity);
        let Some(folder) = folder else {
            push_line(out, "* BYE the folder has been renumbered");
            return false;
        };
        let there: Vec<u32> = folder.messages.iter().map(|message| message.uid).collect();
        let known: HashSet<u32> = there.iter().copied().collect();
        for (at, uid) in self.uids.iter().enumerate().rev() {
            if !known.contains(uid) {
                push_line(out, &format!("* {} EXPUNGE", at + 1));
            }
        }
        self.uids.retain(|uid| known.contains(uid));
        if there.len() > self.uids.len() {
            push_line(out, &format!("* {} EXISTS", there.len()));
            self.uids = there;
        }
        true
    }

    /// What the client knows of and is still there, with its number.
    fn messages<'a>(&self, folder: &'a SandboxFolder) -> Vec<(u32, &'a StoredMessage)> {
        let numbered = (1..).zip(&self.uids);
        numbered
            .filter_map(|(number, uid)| {
                let at = folder.messages.binary_search_by_key(uid, |message| message.uid).ok()?;
                Some((number, folder.messages.get(at)?))
            })
            .collect()
    }

    fn candidate<'a>(&self, number: u32, message: &'a StoredMessage) -> SearchCandidate<'a> {
        let last_number = u32::try_from(self.uids.len()).unwrap_or(u32::MAX);
        SearchCandidate { message, number, last_number, last_uid: self.uids.last().copied().unwrap_or(0) }
    }

    pub(crate) fn search(
        &self,
        state: &SandboxState,
        user: &str,
        keys: &[SearchKey<'_>],
        uid: bool,
        out: &mut Vec<u8>,
    ) -> CommandResult {
        let mut found = String::from("* SEARCH");
        for (number, message) in self.messages(self.folder(state, user)?) {
            let is_indexed = state.faults.of_message(&message.raw) != Some(BrokenMessage::NotIndexed);
            if !is_indexed && keys.iter().any(search::goes_by_words) {
                continue;
            }
            let matched = search::all_match(keys, self.candidate(number, message));
            if matched.map_err(|key| CommandRefused::Bad(format!("{key} cannot be searched here")))? {
                found.push_str(&format!(" {}", if uid { message.uid } else { number }));
            }
        }
        push_line(out, &found);
        Ok("searched".to_owned())
    }

    /// Marks what it reads without PEEK as seen, unless the folder is open by EXAMINE.
    pub(crate) fn fetch(
        &self,
        state: &mut SandboxState,
        user: &str,
        set: &SequenceSet,
        names: MacroOrMessageDataItemNames<'_>,
        uid: bool,
        out: &mut Vec<u8>,
    ) -> CommandResult {
        let mut names = match names {
            MacroOrMessageDataItemNames::Macro(names) => {
                names.expand().into_iter().map(IntoStatic::into_static).collect()
            }
            MacroOrMessageDataItemNames::MessageDataItemNames(names) => names,
        };
        if uid && !names.contains(&MessageDataItemName::Uid) {
            names.insert(0, MessageDataItemName::Uid);
        }
        let marks = !self.read_only && names.iter().any(reads_without_peek);
        let mut marked = Vec::new();
        let mut is_refused = false;
        for (number, message) in self.messages(self.folder(state, user)?) {
            let candidate = self.candidate(number, message);
            let wanted = match uid {
                true => search::contains(set, message.uid, candidate.last_uid),
                false => search::contains(set, number, candidate.last_number),
            };
            if !wanted {
                continue;
            }
            match state.faults.of_message(&message.raw) {
                Some(BrokenMessage::PassedOver) => continue,
                Some(BrokenMessage::Cuts) => return Err(CommandRefused::Cut),
                Some(BrokenMessage::WithoutText) if names.iter().any(is_whole) => {
                    is_refused = true;
                    continue;
                }
                Some(BrokenMessage::WithoutText | BrokenMessage::NotIndexed) | None => {}
            }
            let items: Result<Vec<_>, String> =
                names.iter().map(|name| search::item(name, message)).collect();
            let items =
                items.map_err(|item| CommandRefused::Bad(format!("{item} cannot be fetched here")))?;
            let data = Data::fetch(number, items)
                .map_err(|_| CommandRefused::Bad("nothing was asked for".to_owned()))?;
            push(out, data);
            marked.push(message.uid);
        }
        let name = name_of(&self.mailbox);
        if marks && let Some(folder) = state.user_mut(user).and_then(|user| user.folder_mut(&name)) {
            let seen = folder.messages.iter_mut().filter(|message| marked.contains(&message.uid));
            for message in seen.filter(|message| !message.flags.iter().any(|flag| flag == SEEN)) {
                message.flags.push(SEEN.to_owned());
            }
        }
        match is_refused {
            true => Err(CommandRefused::No("[SERVERBUG] message could not be read".to_owned())),
            false => Ok("fetched".to_owned()),
        }
    }
}

/// All of a message, its text included.
fn is_whole(name: &MessageDataItemName<'_>) -> bool {
    matches!(
        name,
        MessageDataItemName::Rfc822
            | MessageDataItemName::Rfc822Text
            | MessageDataItemName::BodyExt { section: None, .. }
    )
}

fn reads_without_peek(name: &MessageDataItemName<'_>) -> bool {
    matches!(
        name,
        MessageDataItemName::Rfc822
            | MessageDataItemName::Rfc822Text
            | MessageDataItemName::BodyExt { peek: false, .. }
    )
}
