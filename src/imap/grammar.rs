//! The little of IMAP's grammar that baton needs, read forgivingly.
//!
//! Of what a server says unasked only the lines are looked at that something depends on; every other is `Other`,
//! whatever it holds. Inside a line, what cannot be understood is stepped over up to the next thing that can. Nothing
//! recurses. Known limit: what is nested deeper than one list is skipped, not read.

use super::wire::literal_length;

/// One answer, as far as it concerns anybody. Payloads are read by those who asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ServerAnswer<'l> {
    /// The end of a command.
    Tagged {
        tag: &'l [u8],
        status: ReplyStatus,
        text: &'l [u8],
    },
    /// `+`: go on. What stands behind it.
    Continue(&'l [u8]),
    /// A status without a tag: a greeting, a farewell, a code.
    Condition {
        status: ReplyStatus,
        text: &'l [u8],
    },
    Capability(&'l [u8]),
    Exists(u32),
    /// EXPUNGE or VANISHED: messages went.
    Removed,
    Search(&'l [u8]),
    ExtendedSearch(&'l [u8]),
    List(&'l [u8]),
    Namespace(&'l [u8]),
    FolderStatus(&'l [u8]),
    Fetch(&'l [u8]),
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplyStatus {
    Ok,
    No,
    Bad,
    Bye,
    PreAuth,
}

impl ReplyStatus {
    fn of(word: &[u8]) -> Option<Self> {
        let known = [
            ("OK", Self::Ok),
            ("NO", Self::No),
            ("BAD", Self::Bad),
            ("BYE", Self::Bye),
            ("PREAUTH", Self::PreAuth),
        ];
        known.into_iter().find(|(name, _)| is(word, name)).map(|(_, status)| status)
    }
}

fn is(word: &[u8], name: &str) -> bool {
    word.eq_ignore_ascii_case(name.as_bytes())
}

/// The first word of `text`, and what follows the blanks behind it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim_ascii_start())
}

fn number(word: &[u8]) -> Option<u32> {
    std::str::from_utf8(word).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

impl<'l> ServerAnswer<'l> {
    pub(super) fn read(answer: &'l [u8]) -> Self {
        if let Some(text) = answer.strip_prefix(b"+") {
            return Self::Continue(text);
        }
        let Some(rest) = answer.strip_prefix(b"*") else {
            let (tag, rest) = word(answer);
            let (status, text) = word(rest);
            return match ReplyStatus::of(status) {
                Some(status) => Self::Tagged { tag, status, text },
                None => Self::Other,
            };
        };
        let (first, rest) = word(rest);
        if let Some(count) = number(first) {
            let (what, rest) = word(rest);
            return match () {
                () if is(what, "FETCH") => Self::Fetch(rest),
                () if is(what, "EXISTS") => Self::Exists(count),
                () if is(what, "EXPUNGE") => Self::Removed,
                () => Self::Other,
            };
        }
        if let Some(status) = ReplyStatus::of(first) {
            return Self::Condition { status, text: rest };
        }
        match () {
            () if is(first, "SEARCH") => Self::Search(rest),
            () if is(first, "ESEARCH") => Self::ExtendedSearch(rest),
            () if is(first, "LIST") => Self::List(rest),
            () if is(first, "NAMESPACE") => Self::Namespace(rest),
            () if is(first, "STATUS") => Self::FolderStatus(rest),
            () if is(first, "CAPABILITY") => Self::Capability(rest),
            () if is(first, "VANISHED") && !rest.to_ascii_uppercase().starts_with(b"(EARLIER)") => {
                Self::Removed
            }
            () => Self::Other,
        }
    }
}

/// A response code, `[NAME arguments]`, at the beginning of a status text.
pub(super) fn code(text: &[u8]) -> Option<(String, &[u8])> {
    let inside = text.trim_ascii_start().strip_prefix(b"[")?;
    let inside = inside.get(..inside.iter().position(|byte| *byte == b']')?)?;
    let (name, arguments) = word(inside);
    Some((String::from_utf8_lossy(name).to_ascii_uppercase(), arguments))
}

/// The numbers of a list, up to the first thing that is none.
pub(super) fn numbers(text: &[u8]) -> impl Iterator<Item = u32> {
    text.split(u8::is_ascii_whitespace).filter(|one| !one.is_empty()).map_while(number)
}

/// A server's words, on one line and of bearable length, codes included.
pub(super) fn words(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().filter(|character| !character.is_control()).take(400).collect::<String>().trim().to_owned()
}

/// A value of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerValue<'l> {
    /// A quoted string, as it stands between its quotation marks.
    Quoted(&'l [u8]),
    Literal(&'l [u8]),
    /// What stands between the parentheses of a list.
    List(&'l [u8]),
    Atom(&'l [u8]),
}

impl<'l> AnswerValue<'l> {
    pub(super) fn is_nil(self) -> bool {
        matches!(self, Self::Atom(word) if is(word, "NIL"))
    }

    pub(super) fn number(self) -> Option<u32> {
        match self {
            Self::Atom(word) | Self::Quoted(word) => number(word),
            Self::Literal(_) | Self::List(_) => None,
        }
    }

    /// Its bytes; NIL is none.
    pub(super) fn bytes(self) -> Vec<u8> {
        match self {
            _ if self.is_nil() => Vec::new(),
            Self::Quoted(inner) => unquoted(inner),
            Self::Literal(inner) | Self::List(inner) | Self::Atom(inner) => inner.to_vec(),
        }
    }
}

fn unquoted(inner: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(inner.len());
    let mut escaped = false;
    for byte in inner {
        if *byte == b'\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        bytes.push(*byte);
    }
    bytes
}

/// Walks through an answer, from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanner<'l> {
    rest: &'l [u8],
}

impl<'l> Scanner<'l> {
    pub(super) fn new(rest: &'l [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn rest(&self) -> &'l [u8] {
        self.rest
    }

    fn skip(&mut self, length: usize) -> &'l [u8] {
        let (before, after) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = after;
        before
    }

    pub(super) fn blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        self.skip(usize::from(found));
        found
    }

    /// Bytes up to the first of `ends`, or all that is left.
    pub(super) fn until(&mut self, ends: &[u8]) -> &'l [u8] {
        let end = self.rest.iter().position(|byte| ends.contains(byte)).unwrap_or(self.rest.len());
        self.skip(end)
    }

    /// The next value. Lists are found by their parentheses outside of strings.
    pub(super) fn value(&mut self) -> Option<AnswerValue<'l>> {
        self.blanks();
        match self.rest.first()? {
            b'"' => Some(AnswerValue::Quoted(self.quoted())),
            b'(' => Some(AnswerValue::List(self.list())),
            b'{' | b'~' => match self.literal() {
                Some(literal) => Some(AnswerValue::Literal(literal)),
                None => Some(AnswerValue::Atom(self.atom())),
            },
            b')' => None,
            _ => Some(AnswerValue::Atom(self.atom())),
        }
    }

    /// Steps over a value where that is wanted.
    pub(super) fn skip_value_if(&mut self, is_wanted: bool) {
        if is_wanted {
            self.value();
        }
    }

    fn atom(&mut self) -> &'l [u8] {
        self.until(b" ()\r\n")
    }

    fn quoted(&mut self) -> &'l [u8] {
        self.skip(1);
        let mut escaped = false;
        let end = self.rest.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        });
        let inner = self.skip(end.unwrap_or(self.rest.len()));
        self.skip(1);
        inner
    }

    /// `{5}`, a line end, five bytes.
    fn literal(&mut self) -> Option<&'l [u8]> {
        // Longer than any length that is borne.
        const MARK: usize = 24;
        let head = self.rest.get(..MARK.min(self.rest.len()))?;
        let close = head.iter().position(|byte| *byte == b'}')?;
        let (mark, after) = head.split_at(close + 1);
        let mark = mark.strip_prefix(b"~").unwrap_or(mark);
        let length = literal_length(mark).filter(|_| mark.starts_with(b"{"))?;
        let line_end = match after {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => return None,
        };
        self.skip(close + 1 + line_end);
        Some(self.skip(length))
    }

    fn list(&mut self) -> &'l [u8] {
        let whole = self.rest;
        self.skip(1);
        let mut depth = 1_usize;
        while let Some(byte) = self.rest.first() {
            match byte {
                b'"' => {
                    self.quoted();
                    continue;
                }
                b'{' if self.literal().is_some() => continue,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            self.skip(1);
        }
        let inner = whole.get(1..whole.len() - self.rest.len()).unwrap_or_default();
        self.skip(1);
        inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_nobody_needs_are_other_whatever_they_hold() {
        for line in [
            "* FLAGS (\\Seen (old)",
            "* XYZZY \"open",
            "* LANGUAGE (EN)",
            "* 1 RECENT EXTRA",
            "* THREAD (1)(2)",
            "* VANISHED (EARLIER) 1:3",
            "*",
            "* 99999999999 EXISTS",
            "hello",
        ] {
            assert_eq!(ServerAnswer::read(line.as_bytes()), ServerAnswer::Other, "{line}");
        }
    }

    #[test]
    fn what_is_needed_is_read_in_any_spacing_and_case() {
        assert_eq!(ServerAnswer::read(b"*  2 exists "), ServerAnswer::Exists(2));
        assert_eq!(ServerAnswer::read(b"* 5 EXPUNGE"), ServerAnswer::Removed);
        assert_eq!(ServerAnswer::read(b"* search 1 2"), ServerAnswer::Search(b"1 2"));
        assert_eq!(
            ServerAnswer::read(b"A7 ok"),
            ServerAnswer::Tagged { tag: b"A7", status: ReplyStatus::Ok, text: b"" }
        );
        assert_eq!(numbers(b"3 4 (MODSEQ 9)").collect::<Vec<_>>(), [3, 4]);
        assert_eq!(code(b"[uidnext 4] x").unwrap(), ("UIDNEXT".to_owned(), &b"4"[..]));
        assert_eq!(words("[ALERT]\u{90ae}\u{7bb1}\u{7}".as_bytes()), "[ALERT]\u{90ae}\u{7bb1}");
    }

    #[test]
    fn values_are_found_in_every_form() {
        let mut scanner = Scanner::new(b"\"a \\\" b\" {3}\r\n)\"( (x \"(\" {2}\r\n)) y) NIL 7 \"open");
        assert_eq!(scanner.value().unwrap().bytes(), b"a \" b");
        assert_eq!(scanner.value(), Some(AnswerValue::Literal(b")\"(")));
        assert_eq!(scanner.value(), Some(AnswerValue::List(b"x \"(\" {2}\r\n)) y")));
        assert!(scanner.value().unwrap().is_nil());
        assert_eq!(scanner.value().unwrap().number(), Some(7));
        assert_eq!(scanner.value(), Some(AnswerValue::Quoted(b"open")));
        assert_eq!(scanner.value(), None);
    }

    #[test]
    fn endless_nesting_is_walked_without_recursion() {
        let deep = [b"(".repeat(1_000_000), b")".repeat(1_000_000), b" 5".to_vec()].concat();
        let mut scanner = Scanner::new(&deep);
        assert!(matches!(scanner.value(), Some(AnswerValue::List(_))));
        assert_eq!(scanner.value().and_then(AnswerValue::number), Some(5));
    }
}
