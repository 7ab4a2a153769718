//! Web addresses in a text that is HTML: each becomes a link that can be clicked; everything else is escaped.
//!
//! Only `https:` and `http:` become links, so no text of a record can make one that runs or opens anything else.

use super::write_escaped;

/// What may end a sentence or a bracket behind an address, and is no part of it.
const AFTER: [char; 10] = ['.', ',', ';', ':', '!', '?', ')', ']', '>', '"'];

/// `text` as HTML, its web addresses as links.
pub(super) fn linked(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_address(rest) {
        let (before, from_here) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let end =
            from_here.find(|c: char| c.is_whitespace() || c == '<' || c == '"').unwrap_or(from_here.len());
        let whole = from_here.get(..end).unwrap_or(from_here);
        let address = whole.trim_end_matches(AFTER);
        escape(&mut html, before);
        if address.split_once("://").is_some_and(|(_, host)| host.contains('.')) {
            html.push_str("<a href=\"");
            escape(&mut html, address);
            html.push_str("\">");
            escape(&mut html, address);
            html.push_str("</a>");
        } else {
            escape(&mut html, address);
        }
        rest = from_here.get(address.len()..).unwrap_or("");
        if address.is_empty() {
            break;
        }
    }
    escape(&mut html, rest);
    html
}

fn next_address(text: &str) -> Option<usize> {
    ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme)).min()
}

fn escape(html: &mut String, text: &str) {
    // A String takes everything.
    let _ = write_escaped(html, text);
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn a_web_address_becomes_a_link_and_nothing_else_does() {
        for (text, html) in [
            ("Zoom", "Zoom"),
            (
                "Zoom (https://zoom.example/j/1?pwd=a&b=c).",
                "Zoom (<a href=\"https://zoom.example/j/1?pwd=a&amp;b=c\">https://zoom.example/j/1?pwd=a&amp;b=c</a>).",
            ),
            ("javascript:alert(1) <b>", "javascript:alert(1) &lt;b&gt;"),
            ("https:// and http://", "https:// and http://"),
            (
                "https://a.example/\" onclick=\"x",
                "<a href=\"https://a.example/\">https://a.example/</a>&quot; onclick=&quot;x",
            ),
            (
                "a http://b.example, c https://d.example",
                "a <a href=\"http://b.example\">http://b.example</a>, c <a href=\"https://d.example\">https://d.example</a>",
            ),
        ] {
            assert_eq!(linked(text), html);
        }
    }
}
