//! Base64 that mail-parser gives up on, or does not read to its end.
//!
//! Mailing lists, scanners and gateways append their plain text to a body without a look at how that is encoded; mail
//! programs show what can be decoded, and nothing of the rest. Some senders leave the padding out (RFC 4648 section 3.2).
//! Known limit: a footer that looks like base64 of full lines is decoded along.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::{Encoding, Message, MimeHeaders, PartType};

use super::charset;

/// Gives the text parts that were not decoded for what stands behind their base64 what they hold.
pub(super) fn decode_beginnings(message: &mut Message<'_>, raw: &[u8], region: Option<&str>) {
    for place in 0..message.parts.len() {
        let Some(part) = message.parts.get_mut(place).filter(|part| part.is_encoding_problem) else {
            continue;
        };
        let is_base64 = part
            .content_transfer_encoding()
            .is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("base64"));
        let written = raw.get(part.offset_body as usize..part.offset_end as usize);
        let Some(bytes) = written.filter(|_| is_base64 && part.is_text()).and_then(beginning) else {
            continue;
        };
        let stated = part.content_type();
        let subtype = stated.map_or("plain", |stated| stated.c_subtype.as_deref().unwrap_or_default());
        let (is_html, is_plain) =
            (subtype.eq_ignore_ascii_case("html"), subtype.eq_ignore_ascii_case("plain"));
        let label = stated.and_then(|stated| stated.attribute("charset"));
        let text = charset::decode(&bytes, label, region).into_owned();
        let is_file = part.content_disposition().is_some_and(|disposition| disposition.is_attachment());
        part.body = if is_html { PartType::Html(text.into()) } else { PartType::Text(text.into()) };
        part.encoding = Encoding::Base64;
        // It was taken for an attached file.
        let Ok(id) = u32::try_from(place) else { continue };
        let body = if is_html { &mut message.html_body } else { &mut message.text_body };
        if !is_file && (is_html || is_plain) && !body.contains(&id) {
            body.push(id);
            body.sort_unstable();
            message.attachments.retain(|other| *other != id);
        }
    }
}

/// The bytes of the base64 that `written` begins with.
fn beginning(written: &[u8]) -> Option<Vec<u8>> {
    let mut letters = Vec::with_capacity(written.len());
    let mut longest = 0;
    for line in written.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        let padded = line.len();
        let line = line.strip_suffix(b"=").unwrap_or(line);
        let line = line.strip_suffix(b"=").unwrap_or(line);
        if line.is_empty() && letters.is_empty() {
            continue;
        }
        if line.is_empty() || !line.iter().all(|byte| is_letter(*byte)) {
            break;
        }
        letters.extend_from_slice(line);
        // all lines but the last are of one length
        if line.len() < padded || line.len() < longest {
            break;
        }
        longest = longest.max(line.len());
    }
    base64_decode(&letters).filter(|bytes| !bytes.is_empty())
}

/// Whether the last bytes of a base64 text have no padding behind them, so that mail-parser left them out.
pub(super) fn lacks_padding(written: &[u8]) -> bool {
    let is_padded = written.trim_ascii_end().ends_with(b"=");
    !is_padded && !written.iter().filter(|byte| is_letter(**byte)).count().is_multiple_of(4)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

    use crate::domain::message::MessageBody;
    use crate::mail::{ReadOptions, read};

    const FOOTERS: [&str; 5] = [
        "_______________________________________________\nsales mailing list\nsales@vendor.example\nhttps://lists.vendor.example/sales\n",
        "\n-- \nThis email was scanned.\n",
        "!\n",
        "\n[Scanned by the gateway of Vendor Inc.]\n",
        "Unsubscribe: https://lists.vendor.example/u\n",
    ];
    const WORDS: [&str; 4] = [
        "Donnerstag um zwei passt, bis dann!",
        "木曜日の14時で承知いたしました。",
        "No",
        "The first of our two ideas is about the hours, the second about the pipeline; both take minutes.\n\nThursday at two?",
    ];

    fn body(raw: &str) -> MessageBody {
        read(raw.as_bytes(), &ReadOptions::default()).1
    }

    fn wrapped(text: &str, pads: bool) -> String {
        let encoded = if pads { STANDARD.encode(text) } else { STANDARD_NO_PAD.encode(text) };
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("{}\n", lines.join("\n"))
    }

    fn field(subtype: &str) -> String {
        format!("Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: base64\n")
    }

    #[test]
    fn what_is_appended_to_base64_hides_nothing() {
        for footer in FOOTERS {
            for words in WORDS {
                let encoded = wrapped(words, true);
                let alone = body(&format!("From: a@b.example\n{}\n{encoded}{footer}", field("plain")));
                assert_eq!(alone.author_text, words, "{footer}");
                let mixed = body(&format!(
                    "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{}\n{encoded}{footer}\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=x.pdf\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n",
                    field("plain")
                ));
                assert_eq!(mixed.author_text, words, "{footer}");
                let html = wrapped(&format!("<p>{}</p>", words.replace("\n\n", "</p><p>")), true);
                let alternative = body(&format!(
                    "From: a@b.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\n{}\n{encoded}{footer}\n--b\n{}\n{html}{footer}\n--b--\n",
                    field("plain"),
                    field("html")
                ));
                assert_eq!(alternative.author_text, words, "{footer}");
            }
        }
    }

    #[test]
    fn base64_is_read_to_its_end_without_padding() {
        for words in ["no", "ok", "Yes", "done", "Thursday", "ja, gern", "承知しました。", WORDS[3]] {
            let raw = format!("From: a@b.example\n{}\n{}", field("plain"), wrapped(words, false));
            assert_eq!(body(&raw).author_text, words);
            let raw = format!(
                "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{}\n{}--b--\n",
                field("plain"),
                wrapped(words, false)
            );
            assert_eq!(body(&raw).author_text, words);
        }
    }

    #[test]
    fn what_is_no_base64_stays_as_it_is() {
        let raw = format!("From: a@b.example\n{}\nThursday at two works for us.\n", field("plain"));
        assert_eq!(body(&raw).author_text, "Thursday at two works for us.");
    }
}
