//! A filter between the socket and async-imap's parser, for answers that would bring the parser down.
//!
//! Without it a literal of 500 MB is allocated before a byte of it has come, deeply nested parentheses
//! overflow the stack, `INTERNALDATE NIL` panics, and an empty line or a bare LF ends the connection.
//! It works on whole lines and passes literals through. It does not parse; known limit: a quoted string
//! that holds `INTERNALDATE NIL` is changed too, which can only be a folder's name.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line outside of literals, in bytes. A SEARCH answer of a million UIDs is below it.
const LONGEST_LINE: usize = 16 << 20;
/// The largest literal. We ask for pieces of at most a quarter of it.
const LARGEST_LITERAL: u64 = 4 << 20;
/// The deepest nesting of parentheses. FETCH and LIST, as we use them, need three.
const DEEPEST: usize = 64;
const CHUNK: usize = 16 << 10;

/// A stream whose incoming IMAP lines are safe to parse.
#[derive(Debug)]
pub(super) struct Guard<S> {
    inner: S,
    filter: LineFilter,
}

impl<S> Guard<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, filter: LineFilter::default() }
    }

    /// The socket below, to start TLS on. What had been read ahead is lost, and has to be: bytes sent
    /// before the handshake must not count after it (CVE-2011-0411 and its relatives).
    pub(super) fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.filter.give(out) || out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let mut chunk = [0; CHUNK];
            let mut buf = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut buf))?;
            if buf.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.filter.take(buf.filled())?;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[derive(Debug, Default)]
struct LineFilter {
    line: Vec<u8>,
    literal_left: u64,
    depth: usize,
    /// Whether the line being read goes on after a literal.
    continued: bool,
    ready: Vec<u8>,
    given: usize,
}

impl LineFilter {
    /// Hands out what is ready; whether there was anything.
    fn give(&mut self, out: &mut ReadBuf<'_>) -> bool {
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let (now, _) = rest.split_at(rest.len().min(out.remaining()));
        out.put_slice(now);
        self.given += now.len();
        let any = !now.is_empty();
        if self.given == self.ready.len() {
            self.ready = Vec::new();
            self.given = 0;
        }
        any
    }

    fn take(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let rest = if self.literal_left > 0 {
                let length = usize::try_from(self.literal_left).unwrap_or(usize::MAX).min(bytes.len());
                let (literal, rest) = bytes.split_at(length);
                self.ready.extend_from_slice(literal);
                self.literal_left -= length as u64;
                rest
            } else {
                let length = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
                let (piece, rest) = bytes.split_at(length);
                self.line.extend_from_slice(piece);
                if self.line.len() > LONGEST_LINE {
                    return Err(io::Error::other("a line without end"));
                }
                if self.line.ends_with(b"\n") {
                    self.end_line()?;
                }
                rest
            };
            bytes = rest;
        }
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            line.pop();
        }
        if line.is_empty() && !self.continued {
            return Ok(());
        }
        self.check_depth(&line)?;
        replace_missing_date(&mut line);
        self.ready.extend_from_slice(&line);
        self.ready.extend_from_slice(b"\r\n");
        match literal_length(&line) {
            Some(length) if length > LARGEST_LITERAL => {
                return Err(io::Error::other("a literal larger than what was asked for"));
            }
            Some(length) => {
                self.literal_left = length;
                self.continued = true;
            }
            None => {
                self.depth = 0;
                self.continued = false;
            }
        }
        Ok(())
    }

    fn check_depth(&mut self, line: &[u8]) -> io::Result<()> {
        let mut quoted = false;
        let mut escaped = false;
        for byte in line {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'(' if !quoted => self.depth += 1,
                b')' if !quoted => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > DEEPEST {
                return Err(io::Error::other("parentheses without end"));
            }
        }
        Ok(())
    }
}

/// The length in a trailing `{123}` of a line, as far as it fits.
fn literal_length(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(line.get(open + 1..)?).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

/// Microsoft leaves INTERNALDATE out, or says NIL, for items without one. The parser unwraps that NIL,
/// so it gets a string of the same length that is no date.
fn replace_missing_date(line: &mut [u8]) {
    const MISSING: &[u8] = b"INTERNALDATE NIL";
    let found = line.windows(MISSING.len()).position(|window| window.eq_ignore_ascii_case(MISSING));
    let Some(nil) = found.and_then(|at| line.get_mut(at + MISSING.len() - 3..at + MISSING.len())) else {
        return;
    };
    nil.copy_from_slice(b"\"-\"");
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn through(sent: &[u8]) -> io::Result<Vec<u8>> {
        let mut seen = Vec::new();
        Guard::new(sent).read_to_end(&mut seen).await.map(|_| seen)
    }

    // A reader that gives one byte at a time, as a slow network may.
    async fn bytewise(sent: &[u8]) -> io::Result<Vec<u8>> {
        let (mut near, far) = tokio::io::duplex(1);
        let sent = sent.to_vec();
        let writer = tokio::spawn(async move {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut near, &sent).await;
        });
        let mut seen = Vec::new();
        let result = Guard::new(far).read_to_end(&mut seen).await.map(|_| seen);
        writer.abort();
        result
    }

    #[tokio::test]
    async fn ordinary_answers_pass_unchanged_whatever_their_pieces() {
        let sent = b"* 1 FETCH (UID 3 BODY[] {9}\r\na\n\n(((\r\n) FLAGS ())\r\n* 2 EXISTS\r\nA1 OK done\r\n";
        assert_eq!(through(sent).await.unwrap(), sent);
        assert_eq!(bytewise(sent).await.unwrap(), sent);
    }

    #[tokio::test]
    async fn blank_lines_vanish_and_bare_line_feeds_are_mended() {
        assert_eq!(through(b"\r\n* 1 EXISTS\n\n* OK\r\n").await.unwrap(), b"* 1 EXISTS\r\n* OK\r\n");
    }

    #[tokio::test]
    async fn an_empty_literal_at_the_end_of_a_line_keeps_its_line_end() {
        let sent = b"* SEARCHED {0}\r\n\r\nA1 OK\r\n";
        assert_eq!(through(sent).await.unwrap(), sent);
    }

    #[tokio::test]
    async fn a_missing_internal_date_becomes_a_string_that_is_no_date() {
        let seen = through(b"* 1 FETCH (INTERNALDATE NIL UID 2)\r\n").await.unwrap();
        assert_eq!(seen, b"* 1 FETCH (INTERNALDATE \"-\" UID 2)\r\n");
    }

    #[tokio::test]
    async fn a_monstrous_literal_is_an_error_before_it_is_read() {
        assert!(through(b"* 1 FETCH (BODY[] {500000000}\r\n").await.is_err());
        assert!(through(b"* 1 FETCH (BODY[] {99999999999999999999999}\r\n").await.is_err());
    }

    #[tokio::test]
    async fn endless_nesting_is_an_error() {
        let mut line = b"* 1 FETCH (BODYSTRUCTURE ".to_vec();
        line.extend(std::iter::repeat_n(b'(', 10_000));
        line.extend_from_slice(b"\r\n");
        assert!(through(&line).await.is_err());
    }
}
