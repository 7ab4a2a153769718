//! The whole text of a letter, quotations included, and the texts that are attached to it.
//!
//! An answer to one of baton's mails may be filled in within the quotation, so that here, other than in `text`,
//! nothing is taken out. Known limit: of forms in both plain text and HTML the HTML is read.

use super::parsed_message::{self, ParsedMessage};
use super::{forwarded, parts, table_rows, text};
use crate::domain::letter::ForwardedMail;

/// Everything that can be read in a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterText {
    /// Lines in their order; quotations keep the marks that they have in plain text.
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
        .map(|html| text::html_to_text(&table_rows::with_rows_as_lines(html)))
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
