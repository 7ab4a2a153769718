//! The files of a Maildir by their numbers. A hundred thousand paths of their own would take many times the memory of
//! their names in one text.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file's directory, and its name within the text of all names.
#[derive(Clone, Copy, Debug)]
struct FileName {
    directory: u32,
    from: u32,
    length: u16,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct MaildirFiles {
    directories: Vec<PathBuf>,
    names: Vec<u8>,
    files: Vec<FileName>,
}

impl MaildirFiles {
    /// Adds those of one folder, in a fixed order, without drafts and what is marked as deleted; their numbers.
    pub(super) fn add(&mut self, folder: &Path) -> io::Result<Range<usize>> {
        let first = self.files.len();
        for part in ["cur", "new"] {
            let directory = folder.join(part);
            let entries = match fs::read_dir(&directory) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            let begin = self.files.len();
            for entry in entries {
                let entry = entry?;
                let name = entry.file_name();
                if is_mail(&name.to_string_lossy()) && entry.file_type()?.is_file() {
                    self.push(name.as_bytes());
                }
            }
            self.directories.push(directory);
            let names = &self.names;
            if let Some(added) = self.files.get_mut(begin..) {
                added.sort_unstable_by(|one, other| name_in(names, *one).cmp(name_in(names, *other)));
            }
        }
        Ok(first..self.files.len())
    }

    fn push(&mut self, name: &[u8]) {
        // More than four billion bytes of names do not fit into the memory that there is.
        let numbers = (
            u32::try_from(self.directories.len()),
            u32::try_from(self.names.len()),
            u16::try_from(name.len()),
        );
        if let (Ok(directory), Ok(from), Ok(length)) = numbers {
            self.files.push(FileName { directory, from, length });
            self.names.extend_from_slice(name);
        }
    }

    pub(super) fn path(&self, number: usize) -> Option<PathBuf> {
        let file = self.files.get(number)?;
        let directory = self.directories.get(file.directory as usize)?;
        Some(directory.join(OsStr::from_bytes(name_in(&self.names, *file))))
    }
}

fn name_in(names: &[u8], file: FileName) -> &[u8] {
    let from = file.from as usize;
    names.get(from..from + usize::from(file.length)).unwrap_or_default()
}

/// Whether a file of this name is a message that is neither a draft nor deleted.
fn is_mail(name: &str) -> bool {
    let marks = name.rsplit_once(":2,").or_else(|| name.rsplit_once("!2,")).map_or("", |(_, marks)| marks);
    !name.starts_with('.') && !marks.contains(['D', 'T'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_numbers_in_the_order_of_their_names_and_drafts_and_deleted_mail_none() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["one", "two"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(root.path().join(folder).join(part)).unwrap();
            }
        }
        for file in [
            "one/cur/1795500003.c.host:2,S",
            "one/cur/1795500001.a.host:2,",
            "one/cur/1795500002.b.host:2,ST",
            "one/cur/1795500004.d.host!2,D",
            "one/cur/.hidden",
            "one/new/1795500000.e.host",
            "one/tmp/1795500009.f.host",
            "two/new/1795500005.g.host",
        ] {
            fs::write(root.path().join(file), "Subject: x\n\nHi\n").unwrap();
        }
        let mut files = MaildirFiles::default();
        assert_eq!(files.add(&root.path().join("one")).unwrap(), 0..3);
        assert_eq!(files.add(&root.path().join("two")).unwrap(), 3..4);
        assert_eq!(files.add(&root.path().join("three")).unwrap(), 4..4);
        let found: Vec<PathBuf> = (0..5).filter_map(|number| files.path(number)).collect();
        let expected = [
            "one/cur/1795500001.a.host:2,",
            "one/cur/1795500003.c.host:2,S",
            "one/new/1795500000.e.host",
            "two/new/1795500005.g.host",
        ];
        assert_eq!(found, expected.map(|file| root.path().join(file)));
    }
}
