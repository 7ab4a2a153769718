//! A file of messages (RFC 4155), read from its begin to its end without ever lying in memory: `From ` lines quoted or
//! not, with or without a blank line before them, lines ending in LF or CRLF. A file without a `From ` line is one message,
//! and one that begins in neither way holds no mail.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::files;

use super::index::MailPlace;

/// The most of a header that is kept, in bytes.
const LONGEST_HEADER: usize = 256 << 10;
/// The most of a message that is read, in bytes.
const LONGEST: u64 = 2 << 20;
/// Lines longer than this are read in pieces.
const LONGEST_LINE: u64 = 1 << 20;
/// How much of a file tells what it is.
const PEEKED: usize = 1 << 18;

const FROM: &[u8] = b"From ";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How files begin that hold mail in another form.
const PACKED: [(&[u8], &str); 8] = [
    (b"\x1f\x8b", "packed by gzip; unpack it first"),
    (b"BZh", "packed by bzip2; unpack it first"),
    (b"\xfd7zXZ\0", "packed by xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"!BDN", "a data file of Outlook; export the folder as mbox, or name the account instead"),
    (
        b"\xd0\xcf\x11\xe0",
        "a message of Outlook's own form; export the folder as mbox, or name the account instead",
    ),
];

/// Fields of which every message has one.
const FIELDS: [&str; 9] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Received",
    "Return-Path",
    "MIME-Version",
    "Delivered-To",
];

/// One message of the file: where it lies, when it came, its header.
#[derive(Debug)]
pub(super) struct MboxMessage {
    pub place: MailPlace,
    pub delivered: Option<DateTime<Utc>>,
    pub header: Vec<u8>,
}

/// What parts the messages of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parting {
    /// A `From ` line behind a blank line, as RFC 4155 has it.
    BlankLine,
    /// Some exporters leave the blank line out: a whole `From ` line that a header follows.
    FromLine,
}

/// Hands every message of the file to `take`, until that says to stop. `at`: bytes that were read.
pub(super) fn each(path: &Path, mut take: impl FnMut(MboxMessage, u64) -> bool) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(PEEKED, files::open(path)?);
    if let Some(reason) = no_mail(reader.fill_buf()?) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    if each_parted_by(Parting::BlankLine, reader, &mut take)? {
        let reader = BufReader::with_capacity(PEEKED, files::open(path)?);
        each_parted_by(Parting::FromLine, reader, &mut take)?;
    }
    Ok(())
}

/// The same for one way of parting them. Returns whether the file has to be read the other way, and nothing was handed
/// over: no `From ` line of it but the first has a blank line before it.
fn each_parted_by(
    parting: Parting,
    mut reader: BufReader<File>,
    take: &mut impl FnMut(MboxMessage, u64) -> bool,
) -> io::Result<bool> {
    let mut offset = 0;
    let mut message: Option<MboxMessage> = None;
    let mut in_header = true;
    let mut after_blank = true;
    let mut line = Vec::new();
    let (mut begins_by_from, mut is_parted, mut unparted) = (false, false, false);
    loop {
        line.clear();
        let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        let mark = if offset == 0 && line.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        line.drain(..mark);
        let is_blank = matches!(line.as_slice(), b"\n" | b"\r\n");
        let is_first = message.is_none();
        if is_first && is_blank {
            offset += read;
            continue;
        }
        let is_whole = !is_first && line.starts_with(FROM) && delivered(&line).is_some();
        let opens = match parting {
            _ if is_first => line.starts_with(FROM),
            Parting::BlankLine => after_blank && is_from_line(&line),
            Parting::FromLine => is_whole && begins_with_field(reader.fill_buf()?),
        };
        if is_first {
            begins_by_from = opens;
        } else {
            is_parted |= opens;
            unparted |= is_whole && !opens;
        }
        if opens || is_first {
            if let Some(whole) = message.take()
                && !take(whole, offset)
            {
                return Ok(false);
            }
            let number = offset + if opens { read } else { mark as u64 };
            message = Some(MboxMessage {
                place: MailPlace { number, length: 0 },
                delivered: opens.then(|| delivered(&line)).flatten(),
                header: if opens { Vec::new() } else { line.clone() },
            });
            in_header = true;
            if !opens && let Some(first) = &mut message {
                first.place.length = line.len() as u64;
            }
        } else if let Some(message) = &mut message {
            message.place.length += read;
            if in_header && message.header.len() < LONGEST_HEADER {
                message.header.extend_from_slice(&line);
            }
            in_header &= !is_blank;
        }
        after_blank = is_blank;
        offset += read;
    }
    if parting == Parting::BlankLine && begins_by_from && unparted && !is_parted {
        return Ok(true);
    }
    if let Some(whole) = message {
        take(whole, offset);
    }
    Ok(false)
}

/// Why a file that begins so holds no mail, and what to do; `None`: it may. An empty one holds none, and is right.
fn no_mail(begin: &[u8]) -> Option<String> {
    let begin = begin.strip_prefix(BYTE_ORDER_MARK).unwrap_or(begin).trim_ascii_start();
    let is_packed = PACKED.iter().find(|(magic, _)| begin.starts_with(magic));
    if let Some((_, what)) = is_packed {
        return Some(format!("it is {what}"));
    }
    let first_end = memchr::memchr(b'\n', begin).map_or(begin.len(), |end| end + 1);
    let (first, rest) = begin.split_at(first_end);
    let has_from = first.starts_with(FROM);
    if begin.is_empty() || has_from && delivered(first).is_some() {
        return None;
    }
    let mut header = if has_from { rest } else { begin }.split(|byte| *byte == b'\n');
    let is_mail = header.by_ref().take_while(|line| !line.trim_ascii().is_empty()).any(|line| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        name.len() < line.len() && FIELDS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    });
    (!is_mail).then(|| {
        "it is no mbox, since it begins neither with a `From ` line nor with the header of a message; export the folder \
         as mbox or Maildir and name that"
            .to_owned()
    })
}

/// Whether a field of a header stands there, such as `Subject:`.
fn begins_with_field(text: &[u8]) -> bool {
    let name = text.iter().take_while(|byte| byte.is_ascii_graphic() && **byte != b':').count();
    // What has been read so far may end in the middle of the name.
    name > 0 && text.get(name).is_none_or(|next| *next == b':')
}

/// The line that begins a message behind a blank line; one of a text that begins with the same word has no time in it.
fn is_from_line(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(FROM) else { return false };
    let is_time = |three: &[u8]| matches!(three, [a, b':', c] if a.is_ascii_digit() && c.is_ascii_digit());
    rest.windows(3).any(is_time)
}

/// `From dana@vendor.example Tue Nov 24 09:00:00 2026`, also with a zone as Google writes it.
fn delivered(line: &[u8]) -> Option<DateTime<Utc>> {
    let text = String::from_utf8_lossy(line);
    let (_, date) = text.trim().split_once(' ')?.1.trim_start().split_once(' ')?;
    let date = date.trim();
    DateTime::parse_from_str(date, "%a %b %e %H:%M:%S %z %Y")
        .map(|at| at.to_utc())
        .or_else(|_| NaiveDateTime::parse_from_str(date, "%a %b %e %H:%M:%S %Y").map(|at| at.and_utc()))
        .ok()
}

/// One message, its quoted `From ` lines as they were.
pub(super) fn message(file: &mut File, place: MailPlace) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(place.number))?;
    let mut bytes = Vec::new();
    file.take(place.length.min(LONGEST)).read_to_end(&mut bytes)?;
    if memchr::memmem::find(&bytes, b"\n>From ").is_none() {
        return Ok(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        let behind = line.get(marks..).unwrap_or_default();
        let is_quoted = marks > 0 && behind.starts_with(b"From ");
        plain.extend_from_slice(line.get(usize::from(is_quoted)..).unwrap_or_default());
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Vec<(String, String, Option<String>)> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut found = Vec::new();
        let mut open = File::open(file.path()).unwrap();
        let mut places = Vec::new();
        each(file.path(), |one, _| {
            places.push((one.place, String::from_utf8(one.header).unwrap(), one.delivered));
            true
        })
        .unwrap();
        for (place, header, delivered) in places {
            let whole = String::from_utf8(message(&mut open, place).unwrap()).unwrap();
            found.push((header, whole, delivered.map(|at| at.to_rfc3339())));
        }
        found
    }

    #[test]
    fn messages_are_parted_by_from_lines_and_by_nothing_else() {
        let text = "From dana@vendor.example Tue Nov 24 09:00:00 2026\nSubject: one\n\nHi\n>From here on\n\nFrom now on we wait.\n\n\
                    From x Tue Nov 24 10:00:00 +0000 2026\r\nSubject: two\r\n\r\nHo\r\n";
        let found = read(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0, "Subject: one\n\n");
        assert_eq!(found[0].1, "Subject: one\n\nHi\nFrom here on\n\nFrom now on we wait.\n\n");
        assert_eq!(found[0].2.as_deref(), Some("2026-11-24T09:00:00+00:00"));
        assert_eq!(found[1].1, "Subject: two\r\n\r\nHo\r\n");
        assert_eq!(found[1].2.as_deref(), Some("2026-11-24T10:00:00+00:00"));
    }

    #[test]
    fn a_file_without_from_lines_is_one_message() {
        let found = read("Subject: one\n\nFrom here\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "Subject: one\n\n");
        assert_eq!(found[0].1, "Subject: one\n\nFrom here\n");
    }

    #[test]
    fn messages_without_blank_lines_between_them_are_parted_where_none_has_one() {
        let one = "From a@x.example Tue Nov 24 09:00:00 2026\nSubject: one\n\nHi\n>From b@x.example Tue Nov 24 09:00:00 2026\n";
        let two = "From b@x.example Tue Nov 24 10:00:00 2026\nSubject: two\n\nSo\nFrom c@x.example Tue Nov 24 10:00:00 2026\nas I said\n";
        let subjects = |text: &str| read(text).into_iter().map(|(header, ..)| header).collect::<Vec<_>>();
        assert_eq!(subjects(&format!("{one}{two}{one}")).len(), 3);
        assert_eq!(
            read(&format!("{one}{two}"))[0].1,
            "Subject: one\n\nHi\nFrom b@x.example Tue Nov 24 09:00:00 2026\n"
        );
        // What a body quotes is cut in no file whose messages have their blank lines.
        let quoting = "From a@x.example Tue Nov 24 09:00:00 2026\nSubject: one\n\nHi,\nFrom b@x.example Tue Nov 24 09:00:00 2026\nSubject: x\n\n";
        assert_eq!(subjects(&format!("{quoting}{one}")), ["Subject: one\n\n", "Subject: one\n\n"]);
        let alone = quoting.split_once('\n').unwrap().1;
        assert_eq!(subjects(alone).len(), 1, "a message without a `From ` line is one");
    }

    #[test]
    fn a_mark_and_blank_lines_before_the_first_message_are_nothing() {
        let one = "From a@x.example Tue Nov 24 09:00:00 2026\nSubject: one\n\nHi\n\n";
        for text in [format!("\u{feff}{one}{one}"), format!("\n\r\n{one}{one}")] {
            let found = read(&text);
            assert_eq!(found.len(), 2, "{text}");
            assert!(found.iter().all(|(_, whole, at)| whole == "Subject: one\n\nHi\n\n" && at.is_some()));
        }
        assert_eq!(read("\u{feff}Subject: one\n\nHi\n")[0].1, "Subject: one\n\nHi\n");
        assert!(read("").is_empty());
    }

    #[test]
    fn a_file_that_holds_no_mail_is_refused_with_what_to_do() {
        for (content, says) in [
            (&b"\x1f\x8b\x08\0\0\0\0\0"[..], "packed by gzip; unpack it first"),
            (b"PK\x03\x04\x14\0", "unpack"),
            (b"!BDNxxxx", "Outlook"),
            (b"hello\n", "no mbox"),
            (b"https://vendor.example\nis ours\n", "no mbox"),
            (b"From here on we wait.\n\nSubject: no\n", "no mbox"),
            (b"\x7fELF\0\0\0\xff\xfe", "no mbox"),
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(content).unwrap();
            let error = each(file.path(), |_, _| panic!("there is none")).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let found = read("From here\nReceived: by x\nSubject: one\n\nHi\n");
        assert_eq!(found[0].1, "Received: by x\nSubject: one\n\nHi\n", "whatever stands in that line");
    }
}
