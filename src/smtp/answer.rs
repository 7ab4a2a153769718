//! What a server answers: a code and words, in whatever form they come (RFC 5321 section 4.2).
//!
//! Forgiving about form alone: any bytes, any line end, lines of any length, a code without words, lines without a code
//! between the first and the last. Which codes mean success is for the callers. Known limit: of an answer that is longer
//! than [`LONGEST_ANSWER`] only the beginning is kept, and the connection is not used any more.

use std::{io, sync::Arc, time::Duration};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// How much of one answer is kept; RFC 5321 section 4.5.3.1.5 demands 512 bytes a line, Exchange writes thousands.
const LONGEST_ANSWER: usize = 64 << 10;

/// How long a line feed may take after its carriage return. Servers that never send one are answered after it.
const LINE_FEED_DELAY: Duration = Duration::from_millis(250);

/// A code and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SmtpAnswer {
    pub(super) code: u16,
    /// Each line without code and line end.
    pub(super) lines: Vec<String>,
}

impl SmtpAnswer {
    pub(super) fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// The words on one line.
    pub(super) fn words(&self) -> String {
        one_line(&self.lines.join(" "))
    }

    /// Code and words on one line.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.code, self.words()).trim_end().to_owned()
    }
}

/// Without control characters, and not too long to be shown.
pub(super) fn one_line(text: &str) -> String {
    let visible = text.chars().map(|character| if character == '\t' { ' ' } else { character });
    visible.filter(|character| !character.is_control()).take(500).collect::<String>().trim().to_owned()
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error("the server closed the connection")]
    Closed,
    #[error("{0}")]
    Io(io::Error),
    #[error("the server's answer cannot be read: {0:?}")]
    NoAnswer(String),
}

/// What bytes go over.
#[derive(Debug)]
enum ByteStream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection that commands are written to and answers are read from.
#[derive(Debug)]
pub(super) struct AnswerStream {
    bytes: ByteStream,
    /// Bytes read and not yet used.
    input: Vec<u8>,
    /// An answer was too long, or lines came that nobody asked for: what comes next belongs to nothing.
    out_of_step: bool,
}

impl AnswerStream {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { bytes: ByteStream::Plain(stream), input: Vec::new(), out_of_step: false }
    }

    pub(super) fn is_out_of_step(&self) -> bool {
        self.out_of_step || !self.input.iter().all(u8::is_ascii_whitespace)
    }

    /// Speaks TLS from here on. What the server had sent before in the open is thrown away, never taken for an answer
    /// (RFC 3207 section 4.2; CVE-2011-0411). Returns how much that was.
    pub(super) async fn into_tls(
        self,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> io::Result<(Self, usize)> {
        let ByteStream::Plain(stream) = self.bytes else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "TLS is spoken already"));
        };
        let thrown_away = self.input.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
        let stream = TlsConnector::from(config).connect(name, stream).await?;
        let bytes = ByteStream::Tls(Box::new(stream));
        Ok((Self { bytes, input: Vec::new(), out_of_step: false }, thrown_away))
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.bytes {
            ByteStream::Plain(stream) => stream.write_all(bytes).await,
            ByteStream::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    async fn read(&mut self) -> Result<(), AnswerError> {
        let read = match &mut self.bytes {
            ByteStream::Plain(stream) => stream.read_buf(&mut self.input).await,
            ByteStream::Tls(stream) => stream.read_buf(&mut self.input).await,
        };
        match read {
            Ok(0) => Err(AnswerError::Closed),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(AnswerError::Closed),
            Err(error) => Err(AnswerError::Io(error)),
        }
    }

    /// Whether the server has closed the connection, or said something that nobody asked for. Does not wait.
    pub(super) fn has_spoken(&mut self) -> bool {
        use futures::FutureExt;
        let read = self.read().now_or_never();
        read.is_some_and(|outcome| outcome.is_err()) || !self.input.iter().all(u8::is_ascii_whitespace)
    }

    /// The next answer, its last line included.
    pub(super) async fn answer(&mut self) -> Result<SmtpAnswer, AnswerError> {
        let mut code = None;
        let mut lines = Vec::new();
        let mut length = 0;
        loop {
            let line = self.line().await?;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            length += line.len();
            let last = match (AnswerLine::of(&line), code) {
                (Some(line), _) => {
                    code = Some(line.code);
                    lines.push(String::from_utf8_lossy(line.words).into_owned());
                    line.is_last
                }
                // Words that were broken into lines without a code before each.
                (None, Some(_)) => {
                    lines.push(String::from_utf8_lossy(&line).into_owned());
                    false
                }
                (None, None) => {
                    self.out_of_step = true;
                    return Err(AnswerError::NoAnswer(one_line(&String::from_utf8_lossy(&line))));
                }
            };
            self.out_of_step |= length > LONGEST_ANSWER;
            match code {
                Some(code) if last => return Ok(SmtpAnswer { code, lines }),
                _ if self.out_of_step => {
                    return Err(AnswerError::NoAnswer("it does not end".to_owned()));
                }
                _ => {}
            }
        }
    }

    /// One line without its end. One that is too long ends where it became so; one that the connection's end cut off
    /// counts where it says all that matters, a code and that no other line follows.
    async fn line(&mut self) -> Result<Vec<u8>, AnswerError> {
        let mut searched = 0;
        loop {
            let unsearched = self.input.get(searched..).unwrap_or_default();
            match unsearched.iter().position(|byte| matches!(byte, b'\r' | b'\n')).map(|at| searched + at) {
                Some(end) => {
                    let is_open = self.input.get(end) == Some(&b'\r') && self.input.len() == end + 1;
                    if is_open {
                        // Its line feed may be on the way. Whatever comes of it, the line is whole.
                        let _ = timeout(LINE_FEED_DELAY, self.read()).await;
                    }
                    let has_both =
                        self.input.get(end) == Some(&b'\r') && self.input.get(end + 1) == Some(&b'\n');
                    let mut line: Vec<u8> = self.input.drain(..=end + usize::from(has_both)).collect();
                    line.truncate(end);
                    return Ok(line);
                }
                None => searched = self.input.len(),
            }
            if searched > LONGEST_ANSWER {
                self.out_of_step = true;
                return Ok(std::mem::take(&mut self.input));
            }
            if let Err(error) = self.read().await {
                let line = std::mem::take(&mut self.input);
                let says_all = AnswerLine::of(&line).is_some_and(|line| line.is_last);
                self.out_of_step = true;
                return if says_all { Ok(line) } else { Err(error) };
            }
        }
    }
}

/// One line of an answer.
struct AnswerLine<'a> {
    code: u16,
    words: &'a [u8],
    is_last: bool,
}

impl<'a> AnswerLine<'a> {
    /// `None` where no code opens the line.
    fn of(line: &'a [u8]) -> Option<Self> {
        let (digits, rest) = line.trim_ascii_start().split_at_checked(3)?;
        let code: u16 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let is_code = digits.iter().all(u8::is_ascii_digit) && (200..600).contains(&code);
        let (is_last, words) = match rest {
            [b'-', words @ ..] => (false, words),
            [b'0'..=b'9', ..] => return None,
            words => (true, words.trim_ascii_start()),
        };
        is_code.then_some(Self { code, words, is_last })
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Everything that is read of a server that writes these pieces and closes.
    async fn read(pieces: &[&[u8]]) -> (Vec<SmtpAnswer>, AnswerError) {
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for piece in pieces {
                stream.write_all(&piece).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut stream = AnswerStream::new(TcpStream::connect(there).await.unwrap());
        let mut answers = Vec::new();
        let error = loop {
            match stream.answer().await {
                Ok(answer) => answers.push(answer),
                Err(error) => break error,
            }
        };
        server.await.unwrap();
        (answers, error)
    }

    fn of(code: u16, lines: &[&str]) -> SmtpAnswer {
        SmtpAnswer { code, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    #[tokio::test]
    async fn answers_are_read_in_every_form_that_servers_write_them() {
        let cases: [(&[&[u8]], Vec<SmtpAnswer>); 12] = [
            (&[b"250 ok\r\n"], vec![of(250, &["ok"])]),
            (&[b"250 ok\n354 go\n"], vec![of(250, &["ok"]), of(354, &["go"])]),
            (&[b"250 ok\r354 go\r"], vec![of(250, &["ok"]), of(354, &["go"])]),
            (&[b"250\r\n", b"250 \r\n"], vec![of(250, &[""]), of(250, &[""])]),
            (&[b"250-one\r\n250-two\r\n250 three\r\n"], vec![of(250, &["one", "two", "three"])]),
            (&[b"250-one\n250\n"], vec![of(250, &["one", ""])]),
            (
                &[b"550-no,\r\nbecause of this\r\n550 really\r\n"],
                vec![of(550, &["no,", "because of this", "really"])],
            ),
            (&[b"250 ok\r\n\r\n\r\n221 bye\r\n"], vec![of(250, &["ok"]), of(221, &["bye"])]),
            (&[b"250 ok\r\r\n221 bye\r\r\n"], vec![of(250, &["ok"]), of(221, &["bye"])]),
            (&[b"2", b"50 o", b"k\r", b"\n"], vec![of(250, &["ok"])]),
            (&[b"250 cut off"], vec![of(250, &["cut off"])]),
            (&[b"250\xc4\xe3\xba\xc3\r\n"], vec![of(250, &["\u{fffd}\u{fffd}\u{fffd}\u{fffd}"])]),
        ];
        for (pieces, expected) in cases {
            let (answers, error) = read(pieces).await;
            assert_eq!(answers.len(), expected.len(), "{pieces:?}: {answers:?}, {error:?}");
            for (answer, expected) in answers.iter().zip(&expected) {
                assert_eq!(answer.code, expected.code, "{pieces:?}");
                if answer.lines.iter().all(|line| !line.contains('\u{fffd}')) {
                    assert_eq!(answer, expected, "{pieces:?}");
                }
            }
            assert!(matches!(error, AnswerError::Closed), "{pieces:?}: {error:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_none() {
        for pieces in [
            &[b"* OK IMAP4rev1 ready\r\n".as_slice()][..],
            &[b"2500 ok\r\n"],
            &[b"099 ok\r\n"],
            &[b"+OK\r\n"],
            &[b"25\r\n"],
        ] {
            let (answers, error) = read(pieces).await;
            assert!(answers.is_empty() && matches!(error, AnswerError::NoAnswer(_)), "{pieces:?}: {error:?}");
        }
        for pieces in [&[b"250-half".as_slice()][..], &[b"250-one\r\n250-cut"], &[b"25"]] {
            let (answers, error) = read(pieces).await;
            assert!(answers.is_empty() && matches!(error, AnswerError::Closed), "{pieces:?}: {error:?}");
        }
    }

    #[tokio::test]
    async fn a_line_without_end_is_an_answer_once_its_code_is_known() {
        let long = vec![b'x'; LONGEST_ANSWER + (64 << 10)];
        let (answers, _) = read(&[b"554 ", &long]).await;
        assert_eq!(answers.first().map(|answer| answer.code), Some(554));
        let (answers, error) = read(&[&b"250-more\r\n".repeat(LONGEST_ANSWER / 4)]).await;
        assert!(answers.is_empty() && matches!(error, AnswerError::NoAnswer(_)), "{error:?}");
    }
}
