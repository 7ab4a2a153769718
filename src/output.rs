//! The one place where text goes out: to a terminal, a pipe, a log.
//!
//! Mail, records, names of files, configurations and answers of servers hold what strangers wrote. Whatever of it a
//! terminal would obey, or would put in another order beside what stands next to it, is shown instead, or left out.
//! Only this program's own colours pass, to the end of their line; `anstream` takes them out where there may be none.
//! No other file of `src` writes to standard output or standard error (`tests/structure.rs`).
//!
//! Known limits: whoever knows how colours are written can colour the rest of their own line, but neither hide it nor
//! touch another. Right-to-left letters, and the marks that stand for one, order what is beside them as in any text.

use std::io::{self, IsTerminal, Write};

/// How what may not pass is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputForm {
    /// For people: a sign in its place.
    Text,
    /// JSON: escaped, which is the same value.
    Json,
    /// A line of a log for each write: further lines of a text are indented, so that none passes for another entry.
    Log,
}

/// Lets nothing pass to `inner` that steers a terminal. What is begun and may yet become one of this program's own
/// colours, or a letter, waits for the next write, or for the end.
#[derive(Debug)]
pub(crate) struct CleanWriter<W: Write> {
    inner: W,
    cleaner: Cleaner,
}

impl<W: Write> CleanWriter<W> {
    pub(crate) fn new(inner: W, form: OutputForm) -> Self {
        Self { inner, cleaner: Cleaner { form, waiting: Vec::new(), is_coloured: false } }
    }
}

impl<W: Write> Write for CleanWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = self.cleaner.clean(bytes);
        self.inner.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Drop for CleanWriter<W> {
    fn drop(&mut self) {
        let rest = self.cleaner.end();
        // Nobody is left to tell.
        let _ = self.inner.write_all(rest.as_bytes());
    }
}

/// Standard output, for results.
pub(crate) fn stdout(form: OutputForm) -> CleanWriter<anstream::Stdout> {
    CleanWriter::new(anstream::stdout(), form)
}

/// Standard error, for what is said to a person beside the result.
pub(crate) fn stderr() -> CleanWriter<anstream::Stderr> {
    CleanWriter::new(anstream::stderr(), OutputForm::Text)
}

/// Standard error, for a log.
pub(crate) fn log(form: OutputForm) -> CleanWriter<anstream::Stderr> {
    CleanWriter::new(anstream::stderr(), form)
}

/// A document that is not for people, such as CSV, to standard output: as it is for a program or a file that takes it,
/// and like any text where a terminal shows it.
pub(crate) fn write_data(document: &[u8]) -> io::Result<()> {
    if io::stdout().is_terminal() {
        let mut out = stdout(OutputForm::Text);
        out.write_all(document)?;
        return out.flush();
    }
    let mut out = io::stdout().lock();
    out.write_all(document)?;
    out.flush()
}

/// Puts `line` in place of the last line of the terminal; nothing where it is empty.
pub(crate) fn replace_line(line: &str) {
    // Nobody is left to tell where standard error is closed.
    let _ = write!(io::stderr(), "\r\x1b[K{}", plain(line));
}

/// A panic is told as a person reads everything else: its message may quote what somebody else wrote.
pub(crate) fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let trace = std::backtrace::Backtrace::capture();
        let mut err = stderr();
        let _ = writeln!(err, "{panic}");
        if trace.status() == std::backtrace::BacktraceStatus::Captured {
            let _ = writeln!(err, "{trace}");
        }
    }));
}

/// `text` without what steers a terminal, on one line and without colours: for what somebody else prints.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter_map(|c| if is_harmful(c) || c < ' ' { sign(c) } else { Some(c) }).collect()
}

#[derive(Debug)]
struct Cleaner {
    form: OutputForm,
    /// Bytes of which nobody can tell yet what they are.
    waiting: Vec<u8>,
    is_coloured: bool,
}

/// What stands at the beginning of a text.
enum Beginning {
    /// So many bytes that may pass.
    Own(usize),
    Foreign,
    /// The next write tells.
    Unknown,
}

impl Cleaner {
    fn clean(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.waiting);
        all.extend_from_slice(bytes);
        let mut out = String::with_capacity(all.len());
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            let is_last = chunks.peek().is_none();
            let is_cut_off = std::str::from_utf8(chunk.invalid()).is_err_and(|e| e.error_len().is_none());
            let is_open = is_last && chunk.invalid().is_empty();
            self.clean_text(chunk.valid(), is_open, &mut out);
            if is_last && is_cut_off {
                self.waiting.extend_from_slice(chunk.invalid());
            } else if !chunk.invalid().is_empty() {
                out.push(char::REPLACEMENT_CHARACTER);
            }
        }
        out
    }

    /// What has been waiting in vain.
    fn end(&mut self) -> String {
        let rest = std::mem::take(&mut self.waiting);
        let mut out = String::new();
        self.clean_text(&String::from_utf8_lossy(&rest), false, &mut out);
        if self.is_coloured {
            out.push_str(RESET);
        }
        out
    }

    /// `is_open`: more may follow right behind.
    fn clean_text(&mut self, text: &str, is_open: bool, out: &mut String) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let behind = rest.get(c.len_utf8()..).unwrap_or_default();
            let beginning = match c {
                '\u{1b}' => colour(behind),
                '\r' if behind.starts_with('\n') => Beginning::Own(0),
                '\r' if behind.is_empty() => Beginning::Unknown,
                _ => Beginning::Foreign,
            };
            match beginning {
                Beginning::Unknown if is_open => {
                    self.waiting.extend_from_slice(rest.as_bytes());
                    return;
                }
                Beginning::Own(length) => {
                    let own = rest.get(..c.len_utf8() + length).unwrap_or_default();
                    if c == '\u{1b}' {
                        self.is_coloured = own != RESET;
                    }
                    out.push_str(own);
                    rest = behind.get(length..).unwrap_or_default();
                }
                Beginning::Foreign | Beginning::Unknown => {
                    self.push(c, behind.is_empty(), out);
                    rest = behind;
                }
            }
        }
    }

    fn push(&mut self, c: char, is_last: bool, out: &mut String) {
        match c {
            '\n' => {
                if std::mem::take(&mut self.is_coloured) {
                    out.push_str(RESET);
                }
                out.push('\n');
                if self.form == OutputForm::Log && !is_last {
                    out.push_str("    ");
                }
            }
            '\t' => out.push(c),
            c if !is_harmful(c) => out.push(c),
            c if self.form == OutputForm::Json => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.extend(sign(c)),
        }
    }
}

const RESET: &str = "\u{1b}[0m";
/// The longest that this program or a library of its writes.
const LONGEST_COLOUR: usize = 16;

/// Whether a colour of this program's own follows the escape character: none that hides, blinks or paints the
/// background.
fn colour(behind: &str) -> Beginning {
    let Some(inside) = behind.strip_prefix('[') else {
        return if behind.is_empty() { Beginning::Unknown } else { Beginning::Foreign };
    };
    let length = inside.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    match (inside.as_bytes().get(length), inside.get(..length)) {
        _ if length > LONGEST_COLOUR => Beginning::Foreign,
        (None, _) => Beginning::Unknown,
        (Some(b'm'), Some(codes)) if is_own_colour(codes) => Beginning::Own(length + 2),
        _ => Beginning::Foreign,
    }
}

fn is_own_colour(codes: &str) -> bool {
    if let Some(of_the_palette) = codes.strip_prefix("38;5;") {
        return matches!(of_the_palette.parse(), Ok(1..=6u8 | 9..=14));
    }
    codes
        .split(';')
        .all(|code| code.is_empty() || matches!(code.parse(), Ok(0..=4u8 | 22..=24 | 31..=36 | 39 | 91..=96)))
}

/// Control characters but line break and tab, and marks that put what follows in another order until they are taken
/// back (Unicode Standard Annex 9, section 2): embeddings, overrides, isolates. Marks that stand for a single
/// right-to-left letter do no more than such a letter would.
fn is_harmful(c: char) -> bool {
    let is_control = c.is_control() && c != '\n' && c != '\t';
    is_control || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is shown in place of a character: its picture, or that something is there. Marks of order are not seen anyway.
fn sign(c: char) -> Option<char> {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code),
        0x7f => Some('\u{2421}'),
        0x80..=0x9f => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: OutputForm, parts: &[&[u8]]) -> String {
        let mut out = Vec::new();
        let mut writer = CleanWriter::new(&mut out, form);
        for part in parts {
            writer.write_all(part).unwrap();
        }
        drop(writer);
        String::from_utf8(out).unwrap()
    }

    fn text(of: &str) -> String {
        written(OutputForm::Text, &[of.as_bytes()])
    }

    #[test]
    fn nothing_but_own_colours_steers_a_terminal() {
        for (hostile, shown) in [
            ("\u{1b}]0;title\u{7}", "␛]0;title␇"),
            (
                "\u{1b}]8;;https://evil.example\u{1b}\\here\u{1b}]8;;\u{1b}\\",
                "␛]8;;https://evil.example␛\\here␛]8;;␛\\",
            ),
            ("\u{1b}]52;c;cm0gLXJm\u{7}", "␛]52;c;cm0gLXJm␇"),
            ("\u{1b}[2J\u{1b}[H", "␛[2J␛[H"),
            ("\u{1b}P$q\u{1b}\\ \u{1b}_x\u{1b}\\ \u{1b}^x \u{1b}X", "␛P$q␛\\ ␛_x␛\\ ␛^x ␛X"),
            ("\u{1b}c\u{1b}7\u{1b}(0\u{1b}#8\u{1b}%G", "␛c␛7␛(0␛#8␛%G"),
            ("\u{9b}2J \u{9d}0;x\u{9c} \u{90}x \u{85}", "\u{fffd}2J \u{fffd}0;x\u{fffd} \u{fffd}x \u{fffd}"),
            (
                "over\rwritten, \u{8}back, \u{b}\u{c}down, \u{e}\u{f}shifted, \u{0}, \u{7f}",
                "over␍written, ␈back, ␋␌down, ␎␏shifted, ␀, ␡",
            ),
            // Hidden, blinking, inverse, on a background, in any colour at all, in colons, private, cut off.
            ("\u{1b}[8mhidden", "␛[8mhidden"),
            ("\u{1b}[5m\u{1b}[7m\u{1b}[41m\u{1b}[30m", "␛[5m␛[7m␛[41m␛[30m"),
            (
                "\u{1b}[0;8m\u{1b}[1;48;5;1m\u{1b}[38;2;0;0;0m\u{1b}[38;5;0m\u{1b}[38;5;16m",
                "␛[0;8m␛[1;48;5;1m␛[38;2;0;0;0m␛[38;5;0m␛[38;5;16m",
            ),
            (
                "\u{1b}[38:5:0m\u{1b}[?25l\u{1b}[>4;1m\u{1b}[1 m\u{1b}[1\u{1b}[1",
                "␛[38:5:0m␛[?25l␛[>4;1m␛[1 m␛[1␛[1",
            ),
            ("\u{1b}[00000000000000000000000001m\u{1b}[256m", "␛[00000000000000000000000001m␛[256m"),
            // What is left of one, put together, is none.
            ("\u{1b}\u{1b}[2J[2J", "␛␛[2J[2J"),
            ("\u{1b}\u{202e}[2J", "␛[2J"),
            ("\u{1b}", "␛"),
            (
                "invoice\u{202e}fdp.exe \u{2066}a\u{2069} \u{202a}b\u{202c} \u{2067}\u{2068}\u{202b}\u{202d}",
                "invoicefdp.exe a b ",
            ),
        ] {
            assert_eq!(text(hostile), shown);
        }
        let harmless = "Ünïcödé 日本 👩\u{200d}💻 שלום\u{200f} a\u{ad}b\n\tnext\r\nline\n";
        assert_eq!(text(harmless), harmless);
    }

    #[test]
    fn own_colours_pass_and_end_with_their_line() {
        let own =
            "\u{1b}[1m\u{1b}[31mbad\u{1b}[0m \u{1b}[38;5;2mgood\u{1b}[39m\u{1b}[0m \u{1b}[2mdim\u{1b}[0m\n";
        assert_eq!(text(own), own);
        assert_eq!(text("\u{1b}[31mred\nnext"), "\u{1b}[31mred\u{1b}[0m\nnext");
        assert_eq!(text("\u{1b}[31mred"), "\u{1b}[31mred\u{1b}[0m");
    }

    #[test]
    fn it_does_not_matter_where_a_text_is_cut() {
        let hostile = "a\u{1b}[1mb\u{1b}[0mc\u{1b}[2J\u{1b}]0;x\u{7}é\u{9b}\u{202e}日\r\nd\re\u{1b}";
        let whole = text(hostile);
        for at in 0..=hostile.len() {
            let (first, second) = hostile.as_bytes().split_at(at);
            assert_eq!(written(OutputForm::Text, &[first, second]), whole, "{at}");
        }
        let bytes: Vec<&[u8]> = hostile.as_bytes().chunks(1).collect();
        assert_eq!(written(OutputForm::Text, &bytes), whole);
    }

    #[test]
    fn bytes_that_are_no_text_are_no_commands_of_a_terminal_of_eight_bits() {
        let raw = written(OutputForm::Text, &[b"a\x9b2Jb\xc2", b"x\xe2\x80", b"\xae\xff\xc3"]);
        assert_eq!(raw, "a\u{fffd}2Jb\u{fffd}x\u{fffd}\u{fffd}");
    }

    #[test]
    fn json_is_the_same_value_and_a_log_has_no_line_of_a_strangers() {
        let value = serde_json::json!({ "a": "\u{1b}[2J\u{9b}\u{202e}\u{7f}\u{85}é日\n\t\r" });
        let json = written(OutputForm::Json, &[format!("{value:#}\n").as_bytes()]);
        assert!(!json.chars().any(is_harmful), "{json:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
        let log =
            written(OutputForm::Log, &[b"12:00 INFO Re: x\n12:01 INFO all is well\n", b"12:02 INFO y\n"]);
        assert_eq!(log, "12:00 INFO Re: x\n    12:01 INFO all is well\n12:02 INFO y\n");
    }

    #[test]
    fn what_others_print_is_one_plain_line() {
        assert_eq!(plain("a\u{1b}[31mb\nc\t\u{202e}d"), "a␛[31mb␊c␉d");
    }
}
