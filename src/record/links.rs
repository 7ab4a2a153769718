//! What programs put around addresses and whole texts, byte for byte: links that repeat an address, a quotation's marks in
//! front of every line, fences of code. Every byte that goes becomes one that no value keeps, as in [`super::marks`].

use std::ops::Range;

use super::text::BLANKED;

const SCHEME: &str = "mailto:";

/// A line whose addresses stand once and without their links: `sarah@acme.example<mailto:sarah@acme.example>` as
/// Outlook writes it, `[Sarah Lee](mailto:sarah@acme.example)` as markdown has it.
pub(crate) fn without_links(line: &str) -> String {
    let mut line = line.to_owned();
    while let Some(link) = markdown_link(&line) {
        let inner = line.get(link.words.clone()).unwrap_or("");
        if inner.contains('@') {
            blank(&mut line, link.words.end..link.end);
        } else {
            // The name stays, and what it leads to becomes its address.
            blank(&mut line, link.end - 1..link.end);
            line.replace_range(link.end - 1..link.end, ">");
            blank(&mut line, link.words.end..link.address);
            line.replace_range(link.address - 1..link.address, "<");
        }
        blank(&mut line, link.words.start - 1..link.words.start);
    }
    while let Some(repeated) = repeated_link(&line) {
        blank(&mut line, repeated);
    }
    line
}

/// `[Zoom](https://..)` and `<https://..>` without what markdown and mail programs put around them.
pub(crate) fn without_web_links(line: &str) -> String {
    let mut line = line.to_owned();
    while let Some(link) = web_link(&line) {
        match link {
            WebLink::Named { open, middle, end } => {
                let (words, address) = (line.get(open + 1..middle), line.get(middle + 2..end - 1));
                if words == address {
                    blank(&mut line, middle..end);
                } else {
                    line.replace_range(middle..middle + 1, " ");
                }
                blank(&mut line, open..open + 1);
            }
            WebLink::Bare { open, close } => {
                blank(&mut line, open..open + 1);
                blank(&mut line, close..close + 1);
            }
        }
    }
    line
}

/// A link to a page with what stands around it.
enum WebLink {
    /// `[words](https://..)`: where it opens, its `](`, and behind its end.
    Named { open: usize, middle: usize, end: usize },
    /// `<https://..>`
    Bare { open: usize, close: usize },
}

fn web_link(line: &str) -> Option<WebLink> {
    let named = ["](http://", "](https://"].into_iter().find_map(|mark| {
        line.match_indices(mark).find_map(|(middle, _)| {
            let open = line.get(..middle)?.rfind('[')?;
            let end = middle + line.get(middle..)?.find(')')? + 1;
            // One sign alone is a tick.
            (middle > open + 2).then_some(WebLink::Named { open, middle, end })
        })
    });
    let bare = || {
        ["<http://", "<https://"].into_iter().find_map(|mark| {
            let open = line.find(mark)?;
            let close = open + line.get(open..)?.find('>')?;
            Some(WebLink::Bare { open, close })
        })
    };
    named.or_else(bare)
}

fn blank(line: &mut String, span: Range<usize>) {
    let blanked = BLANKED.to_string().repeat(span.len());
    line.replace_range(span, &blanked);
}

/// `[words](mailto:address)`.
struct MarkdownLink {
    words: Range<usize>,
    /// Where the address begins.
    address: usize,
    /// Behind the closing bracket.
    end: usize,
}

fn markdown_link(line: &str) -> Option<MarkdownLink> {
    let middle = line.find("](mailto:")?;
    let open = line.get(..middle)?.rfind('[')?;
    let address = middle + "](".len() + SCHEME.len();
    let end = address + line.get(address..)?.find(')')? + 1;
    Some(MarkdownLink { words: open + 1..middle, address, end })
}

/// `<mailto:x@y.example>` or `(mailto:x@y.example)` behind that very address.
fn repeated_link(line: &str) -> Option<Range<usize>> {
    [("<mailto:", '>'), ("(mailto:", ')')].into_iter().find_map(|(opening, closing)| {
        line.match_indices(opening).find_map(|(at, _)| {
            let start = at + opening.len();
            let end = start + line.get(start..)?.find(closing)?;
            let address = line.get(start..end)?.to_lowercase();
            let before = line.get(..at)?.trim_end();
            let is_repeated = before.trim_end_matches(['>', BLANKED]).to_lowercase().ends_with(&address);
            (address.contains('@') && is_repeated).then_some(before.len()..end + closing.len_utf8())
        })
    })
}

/// Whether a text is a quotation as a whole: every line of it begins with `>`.
pub(crate) fn is_quotation(text: &str) -> bool {
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(|line| line.trim_start().starts_with('>'))
}

/// Bytes of a quotation's marks in front of a line, the blank behind the last one included.
pub(crate) fn quotation_mark(line: &str) -> usize {
    let body = line.trim_start_matches(['>', ' ', '\t']);
    let marks = line.get(..line.len() - body.len()).unwrap_or("");
    let last = marks.rfind('>').map_or(0, |at| at + 1);
    last + usize::from(marks.get(last..).is_some_and(|rest| rest.starts_with(' ')))
}

/// A line that only opens or closes a block of code in markdown.
pub(crate) fn is_fence(line: &str) -> bool {
    let fence = |mark: &str| {
        line.trim().strip_prefix(mark).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    fence("```") || fence("~~~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::text::clean;

    #[test]
    fn an_address_and_its_link_are_one() {
        for line in [
            "Sarah Lee <sarah@acme.example<mailto:sarah@acme.example>>",
            "Sarah Lee <sarah@acme.example <mailto:Sarah@acme.example>>",
            "Sarah Lee <[sarah@acme.example](mailto:sarah@acme.example)>",
            "[Sarah Lee <sarah@acme.example>](mailto:sarah@acme.example)",
            "Sarah Lee <sarah@acme.example> <mailto:sarah@acme.example>",
            "[Sarah Lee](mailto:sarah@acme.example)",
            "Sarah Lee <sarah@acme.example>",
        ] {
            let out = without_links(line);
            assert_eq!(out.len(), line.len(), "{line}");
            assert_eq!(clean(&out).replace("e<", "e <"), "Sarah Lee <sarah@acme.example>", "{line}");
        }
        assert_eq!(without_links("Sarah <mailto:sarah@acme.example>"), "Sarah <mailto:sarah@acme.example>");
        assert_eq!(without_links("[x] done (mailto:"), "[x] done (mailto:");
    }

    #[test]
    fn links_to_pages_lose_what_stands_around_them() {
        for (line, expected) in [
            ("Format: [Zoom](https://zoom.us/j/1)", "Format: Zoom (https://zoom.us/j/1)"),
            (
                "Format: [https://zoom.us/j/1](https://zoom.us/j/1), dial in",
                "Format: https://zoom.us/j/1, dial in",
            ),
            ("Format: <https://zoom.us/j/1>", "Format: https://zoom.us/j/1"),
            (
                "see [the plan](http://a.example/) and <http://b.example/c>",
                "see the plan (http://a.example/) and http://b.example/c",
            ),
            ("[x](https://crm.example/1) Calendar invite", "[x](https://crm.example/1) Calendar invite"),
            ("[Zoom](https://zoom.us", "[Zoom](https://zoom.us"),
        ] {
            let out = without_web_links(line);
            assert_eq!((out.len(), clean(&out).as_str()), (line.len(), expected), "{line}");
        }
    }

    #[test]
    fn quotations_are_told_as_a_whole() {
        assert!(is_quotation("> a\r\n>\r\n\r\n> > b\n"));
        assert!(!is_quotation("> a\nb\n"));
        assert!(!is_quotation("\n"));
        assert_eq!(["> a", ">> a", "> > - a", ">a", ">"].map(quotation_mark), [2, 3, 4, 1, 1]);
        assert!(is_fence("```\n") && is_fence("~~~text") && !is_fence("```a b"));
    }
}
