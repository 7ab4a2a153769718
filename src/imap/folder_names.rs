//! What a folder is for by its name, for servers that do not mark it (RFC 6154).
//!
//! The names are those of mail programs and providers, by language; one that is missing makes a folder an ordinary one.

use crate::language::{self, Role};

use super::folder::{FolderUse, ListedFolder};

/// The uses that a name can tell, and whose names those are.
const NAMED_USES: [(FolderUse, Role); 4] = [
    (FolderUse::Sent, Role::SentFolder),
    (FolderUse::Drafts, Role::DraftsFolder),
    (FolderUse::Trash, Role::TrashFolder),
    (FolderUse::Junk, Role::JunkFolder),
];

/// How likely a folder of this name is the one of `role`: the lowest is the likeliest, English before the others,
/// then the order of the language's own names. `None` for a name that is none of them.
fn rank(role: Role, name: &str) -> Option<(bool, usize)> {
    let name = name.to_lowercase().replace(['-', '_'], " ");
    let mut place = ("", 0);
    language::lines(role)
        .filter_map(|(language, line)| {
            place = (language, if place.0 == language { place.1 + 1 } else { 0 });
            (line.text().replace('-', " ") == name).then_some((language != "en", place.1))
        })
        .min()
}

/// Gives each use that no folder is marked with to the likeliest folder whose name says so, and marks every folder for
/// drafts, and for other mail that has not left (outbox, mail for later, templates), as one for drafts, every one for what
/// was thrown away as Trash, whatever the server marks: programs make one of their own beside it. A name at the top
/// level or directly below INBOX counts, `Projects/Sent` does not.
pub(super) fn guess_uses(folders: &mut [ListedFolder]) {
    let root = common_root(folders);
    for (usage, role) in NAMED_USES {
        if matches!(usage, FolderUse::Drafts | FolderUse::Trash) {
            // Nothing in any of them was sent, or is to be read.
            let unmarked = folders
                .iter_mut()
                .filter(|folder| folder.usage.is_none() && folder.selectable && folder.is_own);
            for folder in unmarked {
                let own = own_name(folder, root.as_deref());
                if own.is_some_and(|own| rank(role, &own).is_some()) {
                    (folder.usage, folder.guessed) = (Some(usage), true);
                }
            }
            continue;
        }
        // A mere node of the tree that bears the mark holds no mail.
        if folders.iter().any(|folder| folder.usage == Some(usage) && folder.selectable && folder.is_own) {
            continue;
        }
        let best = folders
            .iter_mut()
            .filter(|folder| folder.usage.is_none() && folder.selectable && folder.is_own)
            .filter_map(|folder| Some((rank(role, &own_name(folder, root.as_deref())?)?, folder)))
            .min_by_key(|(rank, _)| *rank);
        if let Some((_, folder)) = best {
            folder.usage = Some(usage);
            folder.guessed = true;
        }
    }
    // Last: `Postausgang` holds the sent mail where no other folder does.
    mark_unsent(folders, root.as_deref());
}

/// Nothing in them was sent, like drafts.
fn mark_unsent(folders: &mut [ListedFolder], root: Option<&str>) {
    let unmarked = folders.iter_mut().filter(|folder| folder.usage.is_none() && folder.is_own);
    for folder in unmarked {
        if own_name(folder, root).is_some_and(|own| rank(Role::UnsentFolder, &own).is_some()) {
            (folder.usage, folder.guessed) = (Some(FolderUse::Drafts), true);
        }
    }
}

/// What all names but INBOX begin with, where a server has everything in a folder of the user's (`mail/`, `~/Mail/`).
fn common_root(folders: &[ListedFolder]) -> Option<String> {
    let others =
        folders.iter().filter(|folder| !folder.name.is_inbox() && folder.selectable && folder.is_own);
    let mut common: Option<Vec<String>> = None;
    let mut delimiter = None;
    for folder in others {
        let mark = folder.delimiter?;
        delimiter = Some(mark);
        let name = folder.name.to_string();
        let mut levels: Vec<String> = name.split(mark).map(str::to_owned).collect();
        levels.pop();
        let shared = common.as_ref().map_or(levels.len(), |common| {
            common.iter().zip(&levels).take_while(|(one, other)| one == other).count()
        });
        levels.truncate(shared);
        common = Some(levels);
    }
    let (common, mark) = common.filter(|levels| !levels.is_empty()).zip(delimiter)?;
    Some(format!("{}{mark}", common.join(&mark.to_string())))
}

fn own_name(folder: &ListedFolder, root: Option<&str>) -> Option<String> {
    let name = folder.name.to_string();
    let Some(delimiter) = folder.delimiter else {
        return Some(name);
    };
    if let Some(own) = root.and_then(|root| name.strip_prefix(root)) {
        return (!own.contains(delimiter)).then(|| own.to_owned());
    }
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
    use super::super::folder::FolderName;
    use super::*;

    fn plain(name: &str) -> ListedFolder {
        ListedFolder {
            name: FolderName::new(name),
            usage: None,
            guessed: false,
            selectable: true,
            delimiter: Some('/'),
            is_own: true,
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
    fn a_folder_that_holds_all_others_is_no_part_of_their_names() {
        for (names, sent) in [
            (["mail/sent-mail", "mail/drafts", "INBOX"], "mail/sent-mail"),
            (["~/Mail/Sent", "~/Mail/Deals/Sent", "INBOX"], "~/Mail/Sent"),
            (["Sent_Items", "Deals/Sent", "INBOX"], "Sent_Items"),
        ] {
            let mut folders: Vec<_> = names.map(plain).into();
            guess_uses(&mut folders);
            assert_eq!(uses(&folders, FolderUse::Sent), [sent]);
        }
    }

    #[test]
    fn a_mark_on_a_folder_that_holds_no_mail_is_none() {
        let mut folders: Vec<_> = ["Outgoing", "Gesendet"].map(plain).into();
        (folders[0].usage, folders[0].selectable) = (Some(FolderUse::Sent), false);
        guess_uses(&mut folders);
        assert_eq!(folders[1].usage, Some(FolderUse::Sent));
    }

    #[test]
    fn every_folder_for_drafts_is_one() {
        let mut folders: Vec<_> = ["Drafts", "Entwürfe", "Deals"].map(plain).into();
        folders[0].usage = Some(FolderUse::Drafts);
        guess_uses(&mut folders);
        assert_eq!(uses(&folders, FolderUse::Drafts), ["Drafts", "Entwürfe"]);
    }

    #[test]
    fn every_folder_for_what_was_thrown_away_is_one() {
        let mut folders: Vec<_> =
            ["Trash", "Papierkorb", "INBOX/Deleted Items", "Deals/Trash"].map(plain).into();
        folders[0].usage = Some(FolderUse::Trash);
        guess_uses(&mut folders);
        assert_eq!(uses(&folders, FolderUse::Trash), ["Trash", "Papierkorb", "INBOX/Deleted Items"]);
    }

    #[test]
    fn what_waits_to_be_sent_is_a_draft() {
        let names = [
            "Sent",
            "Outbox",
            "Postausgang",
            "Scheduled",
            "[Gmail]/Scheduled",
            "Templates",
            "Vorlagen",
            "INBOX/Send-Later",
            "Bo\u{ee}te d'envoi",
            "Bandeja de salida",
            "Posta in uscita",
            "Postvak UIT",
            "Caixa de sa\u{ed}da",
            "Unsent Messages",
        ];
        let mut folders: Vec<_> = names.map(plain).into();
        guess_uses(&mut folders);
        assert_eq!(uses(&folders, FolderUse::Sent), ["Sent"]);
        assert_eq!(uses(&folders, FolderUse::Drafts), names[1..]);
        let mut folders: Vec<_> = ["Postausgang", "Deals/Scheduled", "Scheduled calls"].map(plain).into();
        guess_uses(&mut folders);
        assert_eq!(uses(&folders, FolderUse::Sent), ["Postausgang"], "the only one for sent mail");
        assert!(uses(&folders, FolderUse::Drafts).is_empty());
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
}
