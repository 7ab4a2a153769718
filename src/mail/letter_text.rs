//! The whole text of a letter, quotations included, and the texts that are attached to it.
//!
//! An answer to one of baton's mails may be filled in within the quotation, so that here, other than in `text`,
//! nothing is taken out, and what HTML keeps in an element for quotations has marks as in plain text. Known limit: of forms
//! in both plain text and HTML the HTML is read.

use super::parsed_message::{self, ParsedMessage};
use super::{forwarded, parts, table_rows, text};
use crate::domain::letter::ForwardedMail;

/// Everything that can be read in a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterText {
    /// Lines in their order; quotations have the marks that they have in plain text.
    pub whole: String,
    /// At most 10 texts.
    pub attachments: Vec<String>,
    /// The mail that it forwards, or answers.
    pub forwarded: Option<ForwardedMail>,
}

const MOST_ATTACHMENTS: usize = 10;

/// Reads them from a whole message.
pub(crate) fn letter_text(raw: &[u8]) -> LetterText {
    let sanitized = parsed_message::sanitize(raw);
    let parsed = ParsedMessage::parse(&sanitized);
    let (plain, html) = parts::texts(&parsed);
    let from_html = html
        .as_deref()
        .map(|html| text::html_to_marked_text(&table_rows::with_rows_as_lines(html)))
        .filter(|text| !text.trim().is_empty());
    let whole = match (from_html, plain) {
        // An HTML part that holds less than half of the text is a shell or a footer.
        (Some(html), Some(plain)) if html.len() * 2 < plain.trim().len() => plain.into_owned(),
        (Some(html), _) => html,
        (None, plain) => plain.unwrap_or_default().into_owned(),
    };
    LetterText {
        whole,
        attachments: parts::attached_texts(&parsed, MOST_ATTACHMENTS),
        forwarded: forwarded::forwarded(&parsed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(content_type: &str, body: &str) -> String {
        let raw =
            format!("From: dana@vendor.example\nMIME-Version: 1.0\nContent-Type: {content_type}\n\n{body}\n");
        letter_text(raw.as_bytes()).whole
    }

    /// The lines that are no quotation.
    fn own(html: &str) -> Vec<String> {
        let text = whole("text/html; charset=utf-8", html);
        let own = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('>'));
        own.map(str::to_owned).collect()
    }

    #[test]
    fn what_html_keeps_for_a_quotation_is_marked_wherever_the_own_words_stand() {
        let original = "<div>HANDOFF RECORD: Acme</div><div>Format: Zoom</div>";
        let gmail = |attribution: &str| {
            format!(
                "<div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">{attribution}<br></div>\
                 <blockquote class=\"gmail_quote\" style=\"margin:0px\">{original}</blockquote></div>"
            )
        };
        let (german, french) = (
            gmail("Am Di., 10. Nov. 2026 um 10:00 Uhr schrieb baton &lt;baton@vendor.example&gt;:"),
            gmail(
                "Le mar. 10 nov. 2026 \u{e0} 10:00, baton &lt;baton@vendor.example&gt; a \u{e9}crit\u{a0}:",
            ),
        );
        let apple = format!(
            "<blockquote type=\"cite\"><div>On Nov 10, 2026, at 10:00, baton &lt;baton@vendor.example&gt; wrote:</div>\
             <div>{original}</div></blockquote>"
        );
        let thunderbird = format!(
            "<div class=\"moz-cite-prefix\">Am 10.11.26 um 10:00 schrieb baton:<br></div>\
             <blockquote type=\"cite\" cite=\"mid:1@vendor.example\">{original}</blockquote>"
        );
        for quotation in [&german, &french, &apple, &thunderbird] {
            for html in [
                format!("<div dir=\"ltr\">{quotation}<div><br></div><div>Format: Teams</div></div>"),
                format!("<div dir=\"ltr\">{quotation}</div><div>Format: Teams</div>"),
                format!("<div>Format: Teams</div><br>{quotation}"),
                format!("{quotation}<p><span>Format: Teams</span></p>"),
            ] {
                assert_eq!(own(&html), ["Format: Teams"], "{html}");
                let text = whole("text/html; charset=utf-8", &html);
                assert!(text.contains("> HANDOFF RECORD: Acme\n> Format: Zoom"), "{text}");
            }
        }
        let between = "<blockquote type=\"cite\"><div>HANDOFF RECORD: Acme</div><div>Format: Zoom</div></blockquote><div>Teams</div>\
             <blockquote type=\"cite\"><div>Agenda: demo</div></blockquote>";
        assert_eq!(own(between), ["Teams"]);
        let outlook = format!(
            "<div>Format: Teams</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\" dir=\"ltr\">\
             <b>Von:</b> baton &lt;baton@vendor.example&gt;<br><b>Gesendet:</b> Dienstag, 10. November 2026 10:00<br>\
             <b>An:</b> Dana Fox<br><b>Betreff:</b> Acme</div><div>{original}</div>"
        );
        assert_eq!(own(&outlook), ["Format: Teams"]);
    }

    #[test]
    fn lines_that_outlook_made_one_pre_each_of_are_not_parted() {
        let html = "<p>Hi</p><pre>To:</pre>\r\n<pre><span>Sarah<o:p></o:p></span></pre>\r\n<pre>&nbsp;</pre><pre>Discussed:</pre><p>Best</p>";
        let text = whole("text/html; charset=utf-8", html).replace('\u{a0}', "");
        assert_eq!(text.trim(), "Hi\n\nTo:\nSarah\n\nDiscussed:\n\nBest");
    }

    #[test]
    fn boxes_that_are_boxes_are_ticked_or_not_as_they_are_shown() {
        for (html, line) in [
            ("<div><input type=\"checkbox\" checked=\"\"> Invite accepted</div>", "[x] Invite accepted"),
            (
                "<p><label><INPUT TYPE=CHECKBOX checked disabled>Invite accepted</label></p>",
                "[x] Invite accepted",
            ),
            ("<li><label><input type=checkbox> Invite accepted</label></li>", "- [ ] Invite accepted"),
            (
                "<li role=\"checkbox\" aria-checked=\"true\"><img src=\"data:,\" alt=\"checked\"><p><span>Invite accepted</span></p></li>",
                "- [x] Invite accepted",
            ),
            (
                "<li role=checkbox aria-checked=false><img alt=unchecked><p>Invite accepted</p></li>",
                "- [ ] Invite accepted",
            ),
            (
                "<ul><li><img src=\"cid:1\" alt=\"checked\"><p>Invite accepted</p></li></ul>",
                "- [x] Invite accepted",
            ),
            (
                "<table><tr><td><input type=checkbox checked></td><td>Invite accepted</td></tr></table>",
                "[x] Invite accepted",
            ),
            ("<div><input type=text value=x>Invite accepted</div>", "Invite accepted"),
            ("<p>Invite accepted <img alt=checked></p>", "Invite accepted"),
        ] {
            assert_eq!(own(html), [line], "{html}");
        }
    }

    #[test]
    fn a_mail_without_a_quotation_has_no_marks() {
        let html = "<p>Hi,</p><div>HANDOFF RECORD: Acme</div><ul><li>Format: Zoom</li></ul><div class=\"gmail_signature\">Dana</div>";
        assert!(!whole("text/html", html).contains('>'));
    }
}
