//! Reading files that people name, without waiting and without end: a pipe, a device or a folder where a file is meant
//! is refused at once, also behind a symbolic link, and so is a file larger than what is ever meant.
//!
//! What kind it is is asked before it is opened, since opening alone may wait for somebody (a pipe) or set something
//! going (a device), and again of what was opened, which may be another by then.

use std::fs::{File, FileType, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// No configuration, table of people, calendar, certificate, template or password is as large as this.
pub(crate) const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// A file that was opened, and nothing else.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    check(&std::fs::metadata(path)?)?;
    let file = without_waiting(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// The bytes of a file of at most `most` bytes.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = usize::try_from(file.metadata()?.len().min(most)).unwrap_or_default();
    read_into(Vec::with_capacity(length + 1), file, most)
}

/// The same, off the threads that do the waiting.
pub(crate) async fn read_aside(path: &Path) -> io::Result<Vec<u8>> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || read(&path, MOST_BYTES)).await.map_err(io::Error::other)?
}

/// A file of at most [`MOST_BYTES`] as text.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    text_of(read(path, MOST_BYTES)?)
}

pub(crate) fn text_of(bytes: Vec<u8>) -> io::Result<String> {
    // The error must not hold the bytes, which may be a secret.
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// What was named on the command line: a file, or what the shell has opened already, such as `/dev/stdin` or `<(..)`.
pub(crate) fn open_argument(path: &Path) -> io::Result<File> {
    if !is_descriptor(path) {
        return open(path);
    }
    let file = File::open(path)?;
    let kind = file.metadata()?.file_type();
    // A terminal is somebody who types.
    if kind.is_dir() || is_block_device(kind) { Err(refused(kind)) } else { Ok(file) }
}

/// The bytes of what was named on the command line, at most `most`.
pub(crate) fn read_argument(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_at_most(open_argument(path)?, most)
}

pub(crate) fn read_at_most(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    read_into(Vec::new(), from, most)
}

/// `bytes`: with the room that it takes, so that nothing of a secret is left in one that was too small.
fn read_into(mut bytes: Vec<u8>, from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        let reason = format!("it is larger than {} MiB", most / (1024 * 1024));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

/// Whether others than owner and group may read the file.
#[cfg(unix)]
pub(crate) fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_readable_by_others(_: &Path) -> bool {
    false
}

/// What to do about an error of this module; nothing where the error says it all.
pub(crate) fn remedy(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => Some("name a file"),
        io::ErrorKind::FileTooLarge => Some("check that this is the file that you meant"),
        _ => None,
    }
}

fn is_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin")
        || path
            .parent()
            .is_some_and(|folder| [Path::new("/dev/fd"), Path::new("/proc/self/fd")].contains(&folder))
}

fn check(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(refused(metadata.file_type())) }
}

fn refused(kind: FileType) -> io::Error {
    if kind.is_dir() {
        return io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, not a file");
    }
    io::Error::new(io::ErrorKind::InvalidInput, format!("it is {}, not a file", name(kind)))
}

#[cfg(unix)]
fn name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn name(_: FileType) -> &'static str {
    "something else"
}

#[cfg(unix)]
fn is_block_device(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_block_device(&kind)
}

#[cfg(not(unix))]
fn is_block_device(_: FileType) -> bool {
    false
}

#[cfg(unix)]
fn without_waiting(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        // A file server lends it to somebody just now, and gets it back from them.
        Err(rustix::io::Errno::AGAIN) if std::fs::metadata(path)?.is_file() => File::open(path),
        opened => Ok(File::from(opened?)),
    }
}

#[cfg(not(unix))]
fn without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::*;

    /// What is no file, each directly and behind a link; and what is said of it.
    fn no_files(folder: &Path) -> Vec<(std::path::PathBuf, &'static str)> {
        let place = |name: &str| folder.join(name);
        let made = std::process::Command::new("mkfifo").arg(place("pipe")).status().unwrap();
        assert!(made.success());
        std::os::unix::net::UnixListener::bind(place("socket")).unwrap();
        std::fs::create_dir(place("folder")).unwrap();
        let all = [
            (place("pipe"), "it is a pipe, not a file"),
            (place("socket"), "it is a socket, not a file"),
            (place("folder"), "it is a folder, not a file"),
            ("/dev/zero".into(), "it is a device, not a file"),
        ];
        let linked = all.iter().enumerate().map(|(number, (path, said))| {
            let (first, second) = (place(&format!("link{number}")), place(&format!("further{number}")));
            symlink(path, &first).unwrap();
            symlink(&first, &second).unwrap();
            (second, *said)
        });
        all.iter().cloned().chain(linked.collect::<Vec<_>>()).collect()
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        for (path, said) in no_files(folder.path()) {
            let (sender, receiver) = std::sync::mpsc::channel();
            let asked = path.clone();
            std::thread::spawn(move || {
                let reads = [read(&asked, MOST_BYTES), read_argument(&asked, MOST_BYTES)];
                sender.send(reads.map(|read| read.map_err(|error| (error.to_string(), remedy(&error)))))
            });
            let reads = receiver.recv_timeout(Duration::from_secs(5));
            for read in reads.unwrap_or_else(|_| panic!("{} is waited for", path.display())) {
                assert_eq!(read, Err((said.to_owned(), Some("name a file"))), "{}", path.display());
            }
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_bound_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "12345").unwrap();
        let link = folder.path().join("link");
        symlink("a.txt", &link).unwrap();
        assert_eq!(read(&link, 5).unwrap(), b"12345");
        let error = read(&path, 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        // Takes no room on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let error = read_text(&path).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 16 MiB");
        assert!(read(&folder.path().join("missing"), 1).is_err_and(|e| e.kind() == io::ErrorKind::NotFound));
    }

    #[test]
    fn what_the_shell_has_opened_is_read_and_bounded() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"12345").unwrap();
        drop(writer);
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        assert_eq!(read_argument(Path::new(&path), 5).unwrap(), b"12345");
        let endless = File::open("/dev/zero").unwrap();
        let path = format!("/proc/self/fd/{}", endless.as_raw_fd());
        let error = read_argument(Path::new(&path), 5).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
