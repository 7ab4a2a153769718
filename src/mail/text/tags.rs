//! An HTML document made cheap to read: without comments and raw text, and with few attributes in each tag.
//!
//! html5ever compares each attribute of a tag with all before it, so that one tag with 400,000 of them costs minutes.
//! What is left has no construct in which a tag could begin for one reader and not for the other. Documents that are
//! short enough to do no harm are passed through. Known limit: script that holds `</script` in a string ends there.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memmem};

/// Documents shorter than this are read as they stand.
const SHORT: usize = 8 * 1024;
/// Attributes of a tag that are read; those that matter here come early.
const MOST_ATTRIBUTES: usize = 64;

/// Elements whose content is not shown and no markup.
const RAW: [&str; 8] = ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"];

/// The document without what costs time and is not shown.
pub(super) fn lightened(html: &str) -> Cow<'_, str> {
    if html.len() < SHORT {
        return Cow::Borrowed(html);
    }
    let removed = to_remove(html);
    if removed.is_empty() {
        return Cow::Borrowed(html);
    }
    let mut kept = String::with_capacity(html.len());
    let mut from = 0;
    for range in removed {
        kept.push_str(html.get(from..range.start).unwrap_or_default());
        from = range.end;
    }
    kept.push_str(html.get(from..).unwrap_or_default());
    Cow::Owned(kept)
}

/// What is to go, in order and without overlap.
fn to_remove(html: &str) -> Vec<Range<usize>> {
    let bytes = html.as_bytes();
    let mut removed = Vec::new();
    let mut at = 0;
    while let Some(open) = find(bytes, at, b'<') {
        let rest = bytes.get(open + 1..).unwrap_or_default();
        at = match rest {
            [b'!', b'-', b'-', ..] => {
                let end = end_of_comment(bytes, open + 4);
                removed.push(open..end);
                end
            }
            [b'!' | b'?', ..] => find(bytes, open, b'>').map_or(bytes.len(), |end| end + 1),
            [b'/', letter, ..] if letter.is_ascii_alphabetic() => tag(bytes, open + 2, &mut removed),
            [b'/', ..] => find(bytes, open, b'>').map_or(bytes.len(), |end| end + 1),
            [letter, ..] if letter.is_ascii_alphabetic() => {
                let before = removed.len();
                let end = tag(bytes, open + 1, &mut removed);
                match raw_end(bytes, open + 1, end) {
                    Some(raw_end) => {
                        removed.truncate(before);
                        removed.push(open..raw_end);
                        raw_end
                    }
                    None => end,
                }
            }
            _ => open + 1,
        };
    }
    removed
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    memchr(wanted, bytes.get(from..)?).map(|at| at + from)
}

/// Where the comment ends whose text begins at `from`.
fn end_of_comment(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    // `<!-->` and `<!--->` are whole comments
    for short in [b">".as_slice(), b"->"] {
        if rest.starts_with(short) {
            return from + short.len();
        }
    }
    let plain = memmem::find(rest, b"-->").map(|at| at + 3);
    let within = rest.get(..plain.unwrap_or(rest.len())).unwrap_or(rest);
    let marked = memmem::find(within, b"--!>").map(|at| at + 4);
    marked.or(plain).map_or(bytes.len(), |length| from + length)
}

/// Where the tag ends whose name begins at `from`; attributes beyond the first ones are to go.
fn tag(bytes: &[u8], from: usize, removed: &mut Vec<Range<usize>>) -> usize {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
    let skip = |at: usize, test: &dyn Fn(&u8) -> bool| {
        at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| test(byte)).count()
    };
    let mut at = skip(from, &|byte| !blank(byte) && *byte != b'>');
    let (mut count, mut cut) = (0_usize, None);
    let end = loop {
        at = skip(at, &blank);
        match bytes.get(at) {
            None | Some(b'>') => break at,
            Some(_) => {}
        }
        count += 1;
        if count > MOST_ATTRIBUTES {
            cut.get_or_insert(at);
        }
        // a name may begin with `=`
        at = skip(at + 1, &|byte| !blank(byte) && !matches!(byte, b'>' | b'='));
        let sign = skip(at, &u8::is_ascii_whitespace);
        if bytes.get(sign) != Some(&b'=') {
            continue;
        }
        at = skip(sign + 1, &u8::is_ascii_whitespace);
        at = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => find(bytes, at + 1, *quote).map_or(bytes.len(), |end| end + 1),
            _ => skip(at, &|byte| !byte.is_ascii_whitespace() && *byte != b'>'),
        };
    };
    removed.extend(cut.map(|cut| cut..end));
    (end + 1).min(bytes.len())
}

/// Where the raw text ends that the tag with the name at `name` opens, its end tag included.
fn raw_end(bytes: &[u8], name: usize, end: usize) -> Option<usize> {
    let written = bytes.get(name..end)?;
    let element = RAW.iter().find(|raw| {
        written.get(..raw.len()).is_some_and(|found| found.eq_ignore_ascii_case(raw.as_bytes()))
            && written
                .get(raw.len())
                .is_none_or(|next| next.is_ascii_whitespace() || matches!(next, b'>' | b'/'))
    })?;
    let mut at = end;
    while let Some(open) = find(bytes, at, b'<') {
        let closes = bytes.get(open + 1) == Some(&b'/')
            && bytes
                .get(open + 2..open + 2 + element.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(element.as_bytes()));
        if closes {
            return Some(find(bytes, open, b'>').map_or(bytes.len(), |end| end + 1));
        }
        at = open + 1;
    }
    Some(bytes.len())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use html5ever::tendril::StrTendril;
    use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

    use super::*;

    fn long(inside: &str) -> String {
        format!("{}{inside}", "<p>words</p>".repeat(SHORT / 10))
    }

    fn end_of(html: &str) -> String {
        let light = lightened(html);
        light.rsplit("words</p>").next().unwrap().to_owned()
    }

    #[test]
    fn attributes_beyond_the_first_go_and_the_rest_stays() {
        let many = format!("<a{} class=late>x</a><b title='a > b' c>y</b>", " n=1".repeat(70));
        let kept = format!("<a{} >x</a><b title='a > b' c>y</b>", " n=1".repeat(64));
        assert_eq!(end_of(&long(&many)), kept);
    }

    #[test]
    fn comments_and_raw_text_go_with_the_tags_in_them() {
        assert_eq!(
            end_of(&long("a<!-- <i b=\" -->b<style>p { <i b=\" }</STYLE >c<!-->d<title/>x</title>e")),
            "abcde"
        );
        assert_eq!(end_of(&long("a<script>never closed")), "a");
        assert_eq!(
            end_of(&long("1 < 2 <3 </ x> <!doctype html><styles>y")),
            "1 < 2 <3 </ x> <!doctype html><styles>y"
        );
    }

    /// The most attributes of one tag that html5ever takes, and compares with each other.
    struct MostAttributes(Cell<usize>);

    impl TokenSink for MostAttributes {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            if let Token::TagToken(tag) = token {
                self.0.set(self.0.get().max(tag.attrs.len()));
            }
            TokenSinkResult::Continue
        }
    }

    fn most_attributes(html: &str) -> usize {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(html));
        let tokenizer = Tokenizer::new(MostAttributes(Cell::new(0)), TokenizerOpts::default());
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.get()
    }

    #[test]
    fn whatever_stands_before_a_tag_few_of_its_attributes_are_compared() {
        const MANY: usize = 200;
        // Names that are the same are thrown away at once, so each is another.
        let names = |form: &str| (0..MANY).map(|number| form.replace('#', &format!("n{number}"))).collect();
        for form in [
            "# ",
            "#=\">\" ",
            "#='<' ",
            "=# ",
            "#=a/ ",
            "#/",
            "\"# ",
            "#=\"a\"",
            "#\n=\n'>'\u{c}",
            "<# ",
            "#=`> ` ",
        ] {
            let attributes: String = names(form);
            for before in [
                "",
                "<!-- <a b=\" -->",
                "<!--><a b=\" -->",
                "<!-- <a b=\" --!>",
                "<![CDATA[ <a b=\" ]]>",
                "<? <a b=\" ?>",
                "<!x \"<a b='>",
                "<script> <a b=\" </script>",
                "<style> <a b=\" </style >",
                "<textarea><a b='</textarea>",
                "<p a='\"'>",
                "<p a=\"'\">",
                "</p a=\"",
                "\">",
                "'",
                "< ",
                "</ ",
            ] {
                for tag in ["x", "/x"] {
                    let html = long(&format!("{before}<{tag} {attributes}>end"));
                    let most = most_attributes(&lightened(&html));
                    assert!(most <= MOST_ATTRIBUTES, "{most} behind {before:?}, as {form:?} of {tag}");
                }
            }
        }
        let all = long(&format!("<x {}>", names("# ")));
        assert_eq!(most_attributes(&all), MANY, "so many where nothing is taken away");
    }
}
