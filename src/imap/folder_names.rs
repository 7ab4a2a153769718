//! What a folder is for by its name, for servers that do not mark it (RFC 6154).
//!
//! The names are those of mail programs and providers, by language; one that is missing makes a folder an ordinary one.

use crate::language::{self, Role};

use super::folder::FolderUse;

/// The uses that a name can tell, and whose names those are.
pub(super) const NAMED_USES: [(FolderUse, Role); 4] = [
    (FolderUse::Sent, Role::SentFolder),
    (FolderUse::Drafts, Role::DraftsFolder),
    (FolderUse::Trash, Role::TrashFolder),
    (FolderUse::Junk, Role::JunkFolder),
];

/// How likely a folder of this name is the one of `role`: the lowest is the likeliest, English before the others,
/// then the order of the language's own names. `None` for a name that is none of them.
pub(super) fn rank(role: Role, name: &str) -> Option<(bool, usize)> {
    let name = name.to_lowercase();
    let mut place = ("", 0);
    language::lines(role)
        .filter_map(|(language, line)| {
            place = (language, if place.0 == language { place.1 + 1 } else { 0 });
            (line.text == name).then_some((language != "en", place.1))
        })
        .min()
}
