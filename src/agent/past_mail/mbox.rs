//! A file of messages (RFC 4155), read from its begin to its end without ever lying in memory: `From ` lines quoted or
//! not, lines ending in LF or CRLF. A file without a `From ` line is one message.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::index::MailPlace;

/// The most of a header that is kept, in bytes.
const LONGEST_HEADER: usize = 256 << 10;
/// The most of a message that is read, in bytes.
const LONGEST: u64 = 2 << 20;
/// Lines longer than this are read in pieces.
const LONGEST_LINE: u64 = 1 << 20;

/// One message of the file: where it lies, when it came, its header.
#[derive(Debug)]
pub(super) struct MboxMessage {
    pub place: MailPlace,
    pub delivered: Option<DateTime<Utc>>,
    pub header: Vec<u8>,
}

/// Hands every message of the file to `take`, until that says to stop. `at`: bytes that were read.
pub(super) fn each(path: &Path, mut take: impl FnMut(MboxMessage, u64) -> bool) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 18, File::open(path)?);
    let mut offset = 0;
    let mut message: Option<MboxMessage> = None;
    let mut in_header = true;
    let mut after_blank = true;
    let mut line = Vec::new();
    let mut is_first = true;
    loop {
        line.clear();
        let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        let is_blank = matches!(line.as_slice(), b"\n" | b"\r\n");
        let opens = after_blank && is_from_line(&line, is_first);
        if opens || is_first {
            if let Some(whole) = message.take()
                && !take(whole, offset)
            {
                return Ok(());
            }
            let number = if opens { offset + read } else { offset };
            message = Some(MboxMessage {
                place: MailPlace { number, length: 0 },
                delivered: opens.then(|| delivered(&line)).flatten(),
                header: if opens { Vec::new() } else { line.clone() },
            });
            in_header = true;
            if !opens && let Some(first) = &mut message {
                first.place.length = read;
            }
        } else if let Some(message) = &mut message {
            message.place.length += read;
            if in_header && message.header.len() < LONGEST_HEADER {
                message.header.extend_from_slice(&line);
            }
            in_header &= !is_blank;
        }
        is_first = false;
        after_blank = is_blank;
        offset += read;
    }
    if let Some(whole) = message {
        take(whole, offset);
    }
    Ok(())
}

/// The line that begins a message; one of a text that begins with the same word has no time in it.
fn is_from_line(line: &[u8], is_first: bool) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    is_first || {
        let is_time =
            |three: &[u8]| matches!(three, [a, b':', c] if a.is_ascii_digit() && c.is_ascii_digit());
        rest.windows(3).any(is_time)
    }
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
}
