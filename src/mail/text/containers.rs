//! The elements in which mail programs keep quotations and signatures: a table of class, id and name.
//!
//! Sources: the HTML that Gmail, Outlook (desktop, web, Mac, mobile), Yahoo, Apple Mail, Thunderbird,
//! Proton, Tuta, Zoho, GMX, Spark, Airmail, Fastmail, NetEase and QQ write. Outlook on the web puts `x_`
//! before names that it takes over. Known limits: a container that is not in the table is text.

/// What an element means for the text inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// A quotation.
    Cite,
    /// A quotation or mere indentation.
    Indented,
    /// Attribution and quotation together; what follows a quotation inside is the author's again.
    Wrapper,
    /// From here to the end of the document all is quotation.
    Onwards,
    Signature,
    /// Not shown to the reader.
    Hidden,
}

/// The attributes of an element that matter here; empty where it has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attributes<'a> {
    pub class: &'a str,
    pub id: &'a str,
    pub name: &'a str,
    pub kind: &'a str,
    pub cite: bool,
    pub style: &'a str,
}

const CITE: &[&str] = &[
    "gmail_attr",
    "yahoo_quoted",
    "moz-cite-prefix",
    "moz-email-headers-table",
    "moz-forward-container",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "OLK_SRC_BODY_SECTION",
    "isForwardContent",
    "isReplyContent",
    "messageReplySection",
    "mail-editor-reference-message-container",
    "original-content",
    "ntes-mailmaster-quote",
    "ntes-mailmaster-quote-content",
    "bloop_original_html",
    "mail_android_quote",
    "quote-pane",
    "iwcquote",
    "cm_quote",
    "reply-intro",
    "WM_QUOTE",
    "oriMsgHtmlSeperator",
    "yj6qo",
    "front-blockquote",
    "hs_reply",
    "skiff_quote",
    "zm_quote",
    "missive_quote",
    "hey-quote",
    "front-blockquote-div",
    "freshdesk_quote",
];
const WRAPPER: &[&str] = &["gmail_quote", "gmail_quote_container", "gmail_extra_quote"];
const ONWARDS: &[&str] = &["divRplyFwdMsg", "stopSpelling", "ms-outlook-mobile-reference-message"];
const SIGNATURE: &[&str] = &[
    "gmail_signature",
    "gmail_signature_prefix",
    "moz-signature",
    "Signature",
    "signature",
    "ms-outlook-mobile-signature",
    "AppleMailSignature",
    "protonmail_signature_block",
    "messageSignatureSection",
    "composer_signature",
    "mail-signature",
    "hs_signature",
    "bloop_sign",
    "ms-outlook-ios-signature",
    "tutanota_signature",
    "zmail_signature",
    "spark-signature",
    "Zm-_Id_-Sgn",
];

/// What the element `tag` with these attributes is, where it is anything of note.
pub(super) fn of(tag: &str, attributes: Attributes<'_>) -> Option<Container> {
    let Attributes { class, id, name, kind, cite, style } = attributes;
    // What is struck out is not said.
    let is_struck_out = matches!(tag, "s" | "strike" | "del") || style.contains("line-through");
    if is_struck_out || hides(style) {
        return Some(Container::Hidden);
    }
    let mut names = class.split_ascii_whitespace().chain([id, name]).filter(|name| !name.is_empty());
    let is_quote = tag == "blockquote";
    let found = names.find_map(|name| by_name(name, is_quote));
    if found.is_some() {
        return found;
    }
    if is_quote {
        let bordered = style.contains("border-left") && !style.contains("border-left:none");
        return Some(if kind.eq_ignore_ascii_case("cite") || cite || bordered {
            Container::Cite
        } else {
            Container::Indented
        });
    }
    // the bar that desktop Outlook draws beside what it indents
    if tag == "div" && style.contains("border-left:solid") && style.contains("padding:0") {
        return Some(Container::Indented);
    }
    // the line that desktop Outlook draws above `From:`
    let drawn = tag == "div" && style.contains("border-top:solid");
    let ruled =
        drawn && ["#e1e1e1", "#b5c4df", "#E1E1E1", "#B5C4DF"].iter().any(|colour| style.contains(colour));
    ruled.then_some(Container::Onwards)
}

fn by_name(name: &str, is_quote: bool) -> Option<Container> {
    let name = name.strip_prefix("x_").unwrap_or(name);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let listed = |list: &[&str]| list.contains(&name) || list.contains(&stem);
    if listed(WRAPPER) {
        Some(if is_quote { Container::Cite } else { Container::Wrapper })
    } else if listed(CITE) || (name == "quote" && !is_quote) || name.starts_with("yahoo_quoted") {
        Some(Container::Cite)
    } else if listed(ONWARDS) {
        Some(Container::Onwards)
    } else if listed(SIGNATURE) || name.starts_with("bloop_sign") || is_called_signature(name) {
        Some(Container::Signature)
    } else {
        None
    }
}

/// `front-signature`, `missive_signature`, `signature_old`: most programs call it by its name.
fn is_called_signature(name: &str) -> bool {
    name.len() <= 40 && name.split(['-', '_']).any(|word| word.eq_ignore_ascii_case("signature"))
}

/// The short rule that Foxmail draws above a signature.
pub(super) fn parts_signature(style: &str) -> bool {
    style.contains("width: 210px") || style.contains("width:210px")
}

fn hides(style: &str) -> bool {
    let is_hidden = |style: &str| style.contains("display:none") || style.contains("mso-hide:all");
    is_hidden(style)
        || style.contains(' ') && {
            let squeezed: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            is_hidden(&squeezed.to_ascii_lowercase())
        }
}
