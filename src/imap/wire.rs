//! What comes from the server, cut into whole answers: a line with the literals that belong to it.
//!
//! Forgives what needs no understanding (blank lines, a bare LF, a `{5}` at the end of the server's prose) and
//! bounds the rest: of a literal that is larger than what was asked for only the beginning is kept, an answer is never
//! longer than `LONGEST`, and no room is made before the bytes have come. Known limit: a literal that the server announces and does not send ends
//! with the silence that the caller allows.

use std::{io, ops::Range};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest answer, in bytes. A SEARCH answer of a million UIDs is far below it.
const LONGEST: usize = 32 << 20;
/// The largest literal that is kept. We ask for pieces of at most an eighth of it.
const LARGEST_LITERAL: usize = 4 << 20;
/// A server that knows no pieces hands out whole messages: of one up to this size the rest is read and thrown away.
const LARGEST_CUT: usize = 256 << 20;
/// Room for one read: small while little comes, since thousands of connections only wait.
const SMALL_ROOM: usize = 1 << 10;
const LARGE_ROOM: usize = 64 << 10;
/// No more than this is kept for the next answers.
const MOST_KEPT: usize = 4 * LARGE_ROOM;

/// A TCP connection, with or without TLS around it.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + Sync + std::fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync + std::fmt::Debug> Socket for S {}

/// One end of a connection to an IMAP server.
#[derive(Debug)]
pub(super) struct Wire<S = Box<dyn Socket>> {
    socket: S,
    buffer: Vec<u8>,
    /// Where the answer that is being read begins.
    start: usize,
    /// Where its current line begins, behind its last literal; past the buffer while a literal is coming.
    line: usize,
    /// Up to here there is no line end.
    scanned: usize,
    room: usize,
    /// So much of a literal that was cut is still to come, at `line`.
    thrown_away: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(socket: S) -> Self {
        Self { socket, buffer: Vec::new(), start: 0, line: 0, scanned: 0, room: SMALL_ROOM, thrown_away: 0 }
    }

    /// The socket below, to start TLS on. What had been read ahead is lost, and has to be: bytes sent
    /// before the handshake must not count after it (CVE-2011-0411 and its relatives).
    pub(super) fn into_inner(self) -> S {
        self.socket
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await?;
        self.socket.flush().await
    }

    /// Waits for the next answer; where it lies, without its last line end. `None` at the end of the stream. The
    /// future may be dropped while it waits without losing anything. The answer stays until `consume`.
    pub(super) async fn answer(&mut self) -> io::Result<Option<Range<usize>>> {
        loop {
            if let Some(found) = self.complete()? {
                return Ok(Some(found));
            }
            if self.start > 0 {
                self.move_to_front();
            }
            self.buffer.reserve(self.room);
            let before = self.buffer.capacity() - self.buffer.len();
            let read = self.socket.read_buf(&mut self.buffer).await?;
            if read == 0 {
                let torn = !self.buffer.is_empty();
                return if torn { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
            }
            self.room = if read >= before { (self.room * 2).min(LARGE_ROOM) } else { self.room };
        }
    }

    pub(super) fn bytes(&self, answer: &Range<usize>) -> &[u8] {
        self.buffer.get(answer.clone()).unwrap_or_default()
    }

    /// The answer has been dealt with.
    pub(super) fn consume(&mut self) {
        self.start = self.line;
        if self.start >= self.buffer.len() {
            self.buffer.clear();
            (self.start, self.line, self.scanned) = (0, 0, 0);
            // An answer of megabytes was one alone.
            self.buffer.shrink_to(MOST_KEPT);
        }
    }

    /// Nothing much will come for a while: gives back what is not needed for waiting.
    pub(super) fn rest(&mut self) {
        self.room = SMALL_ROOM;
        self.buffer.shrink_to(SMALL_ROOM);
    }

    fn move_to_front(&mut self) {
        self.buffer.drain(..self.start);
        self.line -= self.start;
        self.scanned -= self.start;
        self.start = 0;
    }

    /// The line that announces a literal says how much of it is kept, in as many figures as it said before.
    fn say_cut(&mut self, line: Range<usize>) {
        let Some(text) = self.buffer.get_mut(line) else { return };
        let end = text.iter().rposition(u8::is_ascii_digit).map_or(0, |at| at + 1);
        let mut kept = LARGEST_LITERAL;
        for figure in text.iter_mut().take(end).rev().take_while(|byte| byte.is_ascii_digit()) {
            *figure = b"0123456789".get(kept % 10).copied().unwrap_or(b'0');
            kept /= 10;
        }
    }

    /// The next answer, if it is there in full; `line` is then behind it.
    fn complete(&mut self) -> io::Result<Option<Range<usize>>> {
        loop {
            if self.thrown_away > 0 {
                let come = self.buffer.len().saturating_sub(self.line).min(self.thrown_away);
                if come > 0 {
                    self.buffer.drain(self.line..self.line + come);
                    self.thrown_away -= come;
                }
                if self.thrown_away > 0 {
                    return Ok(None);
                }
            }
            if self.buffer.len() - self.start.min(self.buffer.len()) > LONGEST {
                return Err(io::Error::other("an answer without end"));
            }
            let Some(unseen) = self.buffer.get(self.scanned..) else { return Ok(None) };
            let Some(end) = memchr::memchr(b'\n', unseen).map(|at| self.scanned + at) else {
                self.scanned = self.buffer.len();
                return Ok(None);
            };
            let first = self.line == self.start;
            let mut text_end = end;
            if text_end > self.line && self.buffer.get(text_end - 1) == Some(&b'\r') {
                text_end -= 1;
            }
            let line = self.buffer.get(self.line..text_end).unwrap_or_default();
            let answer = self.buffer.get(self.start..text_end).unwrap_or_default();
            let mut literal = if has_literals(answer) { literal_length(line) } else { None };
            let is_blank = first && line.is_empty();
            if let Some(length) = literal.filter(|length| *length > LARGEST_LITERAL) {
                if length > LARGEST_CUT {
                    return Err(io::Error::other("a literal larger than what was asked for"));
                }
                self.say_cut(self.line..text_end);
                self.thrown_away = length - LARGEST_LITERAL;
                literal = Some(LARGEST_LITERAL);
            }
            self.line = end + 1 + literal.unwrap_or(0);
            self.scanned = self.line;
            match literal {
                Some(_) => {}
                None if is_blank => self.start = self.line,
                None => return Ok(Some(self.start..text_end)),
            }
        }
    }
}

/// Only data carries literals; the prose of a status line may end in anything.
fn has_literals(answer: &[u8]) -> bool {
    let Some(rest) = answer.strip_prefix(b"*") else { return false };
    let word = rest.trim_ascii_start();
    let end = word.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(word.len());
    let word = word.get(..end).unwrap_or_default();
    !["OK", "NO", "BAD", "BYE", "PREAUTH"].iter().any(|prose| word.eq_ignore_ascii_case(prose.as_bytes()))
}

/// The length in a trailing `{123}`, or `{123+}`, of a line.
pub(super) fn literal_length(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"}")?;
    let line = line.strip_suffix(b"+").unwrap_or(line);
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(line.get(open + 1..)?).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;

    async fn answers(sent: &[u8], pieces: usize) -> io::Result<Vec<String>> {
        let (mut near, far) = duplex(pieces);
        let sent = sent.to_vec();
        let writer = tokio::spawn(async move {
            let _ = near.write_all(&sent).await;
        });
        let mut wire = Wire::new(far);
        let mut seen = Vec::new();
        while let Some(answer) = wire.answer().await? {
            seen.push(String::from_utf8_lossy(wire.bytes(&answer)).into_owned());
            wire.consume();
        }
        writer.abort();
        Ok(seen)
    }

    #[tokio::test]
    async fn answers_are_whole_whatever_the_pieces_that_they_come_in() {
        let sent = b"\r\n* 1 FETCH (UID 3 BODY[] {9}\r\na\n\n(((\r\n) FLAGS ())\r\n\n* 2 EXISTS\n* L {0}\r\n\r\nA1 OK done\r\n";
        let whole = [
            "* 1 FETCH (UID 3 BODY[] {9}\r\na\n\n(((\r\n) FLAGS ())",
            "* 2 EXISTS",
            "* L {0}\r\n",
            "A1 OK done",
        ];
        for pieces in [1, 2, 7, 4096] {
            assert_eq!(answers(sent, pieces).await.unwrap(), whole, "{pieces}");
        }
    }

    #[tokio::test]
    async fn prose_that_ends_like_a_literal_is_prose() {
        let sent = b"* OK [ALERT] see {5}\r\n* no {12}\r\nA1 NO quota {3}\r\n+ go {9}\r\n* 1 EXISTS\r\n";
        assert_eq!(answers(sent, 100).await.unwrap().len(), 5);
    }

    #[tokio::test]
    async fn a_monstrous_literal_is_an_error_before_it_is_read() {
        for length in ["500000000", "99999999999999999999999"] {
            assert!(answers(format!("* 1 FETCH (BODY[] {{{length}}}\r\n").as_bytes(), 100).await.is_err());
        }
    }

    #[tokio::test]
    async fn of_a_message_that_comes_whole_the_beginning_is_kept_and_what_follows_is_read() {
        for length in [LARGEST_LITERAL + 1, 20_000_000] {
            for mark in ["", "+"] {
                let mut sent = format!("* 1 FETCH (UID 7 BODY[] {{{length}{mark}}}\r\n").into_bytes();
                sent.extend(b"a(\r\n".iter().cycle().take(length));
                sent.extend(b" FLAGS ())\r\n* 2 EXISTS\r\nA1 OK done\r\n");
                let answers = answers(&sent, 1 << 16).await.unwrap();
                let kept = LARGEST_LITERAL.to_string();
                let figures = length.to_string().len();
                let head = format!("* 1 FETCH (UID 7 BODY[] {{{kept:0>figures$}{mark}}}\r\n");
                assert!(answers[0].starts_with(&head), "{mark}, {length}");
                assert_eq!(answers[0].len(), head.len() + LARGEST_LITERAL + " FLAGS ())".len());
                assert!(answers[0].ends_with(" FLAGS ())"));
                assert_eq!(answers[1..], ["* 2 EXISTS", "A1 OK done"]);
            }
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_off_is_an_error() {
        for sent in [&b"* 1 FETCH (BODY[] {5}\r\nab"[..], b"* 1 EXI", b"* 1 FETCH (BODY[] {2}\r\nab"] {
            assert!(answers(sent, 100).await.is_err());
        }
    }
}
