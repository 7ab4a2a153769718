//! A folder of files, one for each message: `cur` and `new`, with subfolders as Maildir++ (`.Sent`) and other programs
//! (`Sent`) make them. Drafts, deleted and suspicious mail are left out, by the names of folders here and by the marks of
//! files in `maildir_files`.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::language::{Role, is_word};

/// The most of a header that is read, in bytes.
const LONGEST_HEADER: u64 = 256 << 10;
/// Most headers are not longer, in bytes.
const FIRST_READ: usize = 4 << 10;
/// The most of a message that is read, in bytes.
const LONGEST: u64 = 2 << 20;
/// How deep folders may lie in each other.
const DEEPEST: usize = 6;

/// One folder of a Maildir.
#[derive(Debug)]
pub(super) struct MaildirFolder {
    /// As people call it; INBOX for the outermost.
    pub name: String,
    pub path: PathBuf,
    pub is_sent: bool,
}

/// Whether a directory is a Maildir.
pub(super) fn is_maildir(path: &Path) -> bool {
    path.join("cur").is_dir()
}

/// The folders that may hold mail of handoffs.
pub(super) fn folders(path: &Path) -> io::Result<Vec<MaildirFolder>> {
    let mut found = Vec::new();
    if is_maildir(path) {
        let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_sent = is_word(Role::SentFolder, &stem);
        found.push(MaildirFolder { name: "INBOX".to_owned(), path: path.to_owned(), is_sent });
    }
    below(path, "", DEEPEST, &mut found)?;
    Ok(found)
}

fn below(path: &Path, parent: &str, deepest: usize, found: &mut Vec<MaildirFolder>) -> io::Result<()> {
    if deepest == 0 {
        return Ok(());
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(path)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for folder in paths.into_iter().filter(|path| path.is_dir()) {
        let file_name =
            folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if ["cur", "new", "tmp"].contains(&file_name.as_str()) {
            continue;
        }
        let own = file_name.trim_start_matches('.').to_owned();
        let name = if parent.is_empty() { own } else { format!("{parent}.{own}") };
        let parts = || name.split(['.', '/']);
        let is_any = |role: Role| parts().any(|part| is_word(role, part));
        if is_any(Role::DraftsFolder) || is_any(Role::TrashFolder) || is_any(Role::JunkFolder) {
            continue;
        }
        if is_maildir(&folder) {
            let is_sent = parts().next_back().is_some_and(|part| is_word(Role::SentFolder, part));
            found.push(MaildirFolder { name: name.clone(), path: folder.clone(), is_sent });
        }
        below(&folder, &name, deepest - 1, found)?;
    }
    Ok(())
}

/// When a file was delivered, by the seconds that its name begins with.
pub(super) fn delivered(path: &Path) -> Option<DateTime<Utc>> {
    let name = path.file_name()?.to_str()?;
    let seconds: i64 = name.split('.').next()?.parse().ok()?;
    // Other programs begin names with other numbers.
    (100_000_000..100_000_000_000).contains(&seconds).then(|| DateTime::from_timestamp(seconds, 0)).flatten()
}

/// The header of a message, and the length of all of it.
pub(super) fn header(path: &Path) -> io::Result<(Vec<u8>, u64)> {
    let file = crate::files::open(path)?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(FIRST_READ, file.take(LONGEST_HEADER));
    let mut header = Vec::new();
    loop {
        let from = header.len();
        let read = reader.read_until(b'\n', &mut header)?;
        let line = header.get(from..).unwrap_or_default();
        if read == 0 || matches!(line, b"\n" | b"\r\n") {
            return Ok((header, length));
        }
    }
}

/// A whole message.
pub(super) fn message(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    crate::files::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_either_form_are_found_and_those_of_drafts_and_deleted_mail_left_out() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["", ".Sent", ".Trash", ".Entwürfe", "Deals", ".Deals.2026"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(root.path().join(folder).join(part)).unwrap();
            }
        }
        let file = root.path().join("cur/1795500000.a.host:2,S");
        fs::write(&file, "Subject: x\n\nHi\n").unwrap();
        let folders = folders(root.path()).unwrap();
        let names: Vec<(&str, bool)> = folders.iter().map(|one| (one.name.as_str(), one.is_sent)).collect();
        assert_eq!(names, [("INBOX", false), ("Deals.2026", false), ("Sent", true), ("Deals", false)]);
        assert_eq!(delivered(&file), DateTime::from_timestamp(1_795_500_000, 0));
        assert_eq!(header(&file).unwrap(), (b"Subject: x\n\n".to_vec(), 15));
    }
}
