//! Which characters bytes are: by their label, by the labels of the WHATWG Encoding Standard and those that mail
//! programs write beside them, and by their looks where the label is missing, unknown or wrong.
//!
//! UTF-8 is believed wherever it is well formed, since other text hardly ever is by accident. Detection is
//! chardetng's. Known limits: EBCDIC, DOS code pages other than 437, 850, 858 and 866, and text that was decoded wrongly
//! before it was sent stay as they are; a label of a Latin alphabet is doubted only where half of the letters are none
//! of it.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, ISO_2022_JP, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS,
    UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_MAC_CYRILLIC,
};
use mail_parser::decoders::charsets::map::charset_decoder;
use memchr::{memchr, memchr2, memmem};

/// What a label names.
#[derive(Clone, Copy)]
enum Charset {
    Ascii,
    Standard(&'static Encoding),
    /// Seven bits, with shifts to the two-byte characters of this encoding (RFC 1557, RFC 1922).
    Shifted(&'static Encoding),
    /// Seven bits, with `~{` and `~}` around two-byte characters (RFC 1843).
    Hz,
    /// UTF-7: seven bits, with base64 between `+` and `-` (RFC 2152). mail-parser knows it.
    Seven(fn(&[u8]) -> String),
    /// One that mail-parser alone knows.
    Other(fn(&[u8]) -> String),
}

/// Code pages by number, as `cp932`, `ms949`, `windows-936`, `ibm-943`, `65001` name them.
const CODE_PAGES: &[(u16, Charset)] = &[
    (367, Charset::Ascii),
    (20_127, Charset::Ascii),
    (819, Charset::Standard(WINDOWS_1252)),
    (866, Charset::Standard(IBM866)),
    (932, Charset::Standard(SHIFT_JIS)),
    (943, Charset::Standard(SHIFT_JIS)),
    (936, Charset::Standard(GBK)),
    (1386, Charset::Standard(GBK)),
    (949, Charset::Standard(EUC_KR)),
    (970, Charset::Standard(EUC_KR)),
    (1363, Charset::Standard(EUC_KR)),
    (950, Charset::Standard(BIG5)),
    (951, Charset::Standard(BIG5)),
    (1200, Charset::Standard(UTF_16LE)),
    (1201, Charset::Standard(UTF_16BE)),
    (10_000, Charset::Standard(MACINTOSH)),
    (10_007, Charset::Standard(X_MAC_CYRILLIC)),
    (20_866, Charset::Standard(KOI8_R)),
    (21_866, Charset::Standard(KOI8_U)),
    (20_932, Charset::Standard(EUC_JP)),
    (51_932, Charset::Standard(EUC_JP)),
    (50_220, Charset::Standard(ISO_2022_JP)),
    (50_221, Charset::Standard(ISO_2022_JP)),
    (50_222, Charset::Standard(ISO_2022_JP)),
    (50_225, Charset::Shifted(EUC_KR)),
    (50_227, Charset::Shifted(GBK)),
    (51_949, Charset::Standard(EUC_KR)),
    (51_936, Charset::Standard(GBK)),
    (51_950, Charset::Standard(BIG5)),
    (52_936, Charset::Hz),
    (54_936, Charset::Standard(GB18030)),
    (65_001, Charset::Standard(UTF_8)),
];

/// Other names that the Encoding Standard does not list, or reads as no text at all.
const NAMES: &[(&str, Charset)] = &[
    ("ascii", Charset::Ascii),
    ("us-ascii", Charset::Ascii),
    ("usascii", Charset::Ascii),
    ("us", Charset::Ascii),
    ("csascii", Charset::Ascii),
    ("ansi-x3.4-1968", Charset::Ascii),
    ("ansi-x3.4-1986", Charset::Ascii),
    ("iso646-us", Charset::Ascii),
    ("iso-ir-6", Charset::Ascii),
    ("utf", Charset::Standard(UTF_8)),
    ("utf8mb4", Charset::Standard(UTF_8)),
    ("utf-8-mac", Charset::Standard(UTF_8)),
    ("cesu-8", Charset::Standard(UTF_8)),
    ("latin-1", Charset::Standard(WINDOWS_1252)),
    ("ansi", Charset::Standard(WINDOWS_1252)),
    ("iso-8859", Charset::Standard(WINDOWS_1252)),
    ("sjis-win", Charset::Standard(SHIFT_JIS)),
    ("shift-jisx0213", Charset::Standard(SHIFT_JIS)),
    ("shift-jis-2004", Charset::Standard(SHIFT_JIS)),
    ("cswindows31j", Charset::Standard(SHIFT_JIS)),
    ("eucjp", Charset::Standard(EUC_JP)),
    ("eucjp-ms", Charset::Standard(EUC_JP)),
    ("eucjp-win", Charset::Standard(EUC_JP)),
    ("euc-jp-ms", Charset::Standard(EUC_JP)),
    ("euc-jisx0213", Charset::Standard(EUC_JP)),
    ("euc-jis-2004", Charset::Standard(EUC_JP)),
    ("jis", Charset::Standard(ISO_2022_JP)),
    ("iso-2022-jp-1", Charset::Standard(ISO_2022_JP)),
    ("iso-2022-jp-2", Charset::Standard(ISO_2022_JP)),
    ("iso-2022-jp-3", Charset::Standard(ISO_2022_JP)),
    ("iso-2022-jp-2004", Charset::Standard(ISO_2022_JP)),
    ("iso-2022-jp-ms", Charset::Standard(ISO_2022_JP)),
    ("csiso2022jp2", Charset::Standard(ISO_2022_JP)),
    ("iso-2022-kr", Charset::Shifted(EUC_KR)),
    ("csiso2022kr", Charset::Shifted(EUC_KR)),
    ("iso-2022-cn", Charset::Shifted(GBK)),
    ("iso-2022-cn-ext", Charset::Shifted(GBK)),
    ("hz", Charset::Hz),
    ("hz-gb-2312", Charset::Hz),
    ("uhc", Charset::Standard(EUC_KR)),
    ("euckr", Charset::Standard(EUC_KR)),
    ("ks-c-5601", Charset::Standard(EUC_KR)),
    ("euc-cn", Charset::Standard(GBK)),
    ("euccn", Charset::Standard(GBK)),
    ("gb18030-2022", Charset::Standard(GB18030)),
    ("gb-18030", Charset::Standard(GB18030)),
    ("big-5", Charset::Standard(BIG5)),
    ("big5-eten", Charset::Standard(BIG5)),
    ("big5hkscs", Charset::Standard(BIG5)),
    ("mac-cyrillic", Charset::Standard(X_MAC_CYRILLIC)),
    ("mac-roman", Charset::Standard(MACINTOSH)),
    ("macroman", Charset::Standard(MACINTOSH)),
];

/// What may stand before the number of a code page.
const BEFORE_NUMBER: &[&str] = &[
    "windows-",
    "codepage-",
    "codepage",
    "windows",
    "ansi-",
    "win-",
    "win",
    "ibm-",
    "ibm",
    "cp-",
    "cp",
    "ms-",
    "ms",
    "",
];

/// The charset that `label` names, however it is written.
fn named(label: &str) -> Option<Charset> {
    let label = label.split('*').next().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric());
    if label.is_empty() || label.len() > 60 {
        return None;
    }
    let label = label.to_ascii_lowercase().replace(['_', ' '], "-");
    let label = label.strip_prefix("charset=").unwrap_or(&label);
    let plain = label.strip_prefix("x-").unwrap_or(label);
    if ["utf-7", "utf7"].iter().any(|end| plain.ends_with(end)) || plain == "65000" || plain == "cp65000" {
        return charset_decoder(b"utf-7").map(Charset::Seven);
    }
    [label, plain]
        .into_iter()
        .find_map(by_name)
        .or_else(|| by_number(plain))
        .or_else(|| charset_decoder(label.as_bytes()).map(Charset::Other))
        .or_else(|| like_850(plain))
}

/// The letters of Western Europe stand in these code pages where they stand in 850.
fn like_850(label: &str) -> Option<Charset> {
    let number = BEFORE_NUMBER.iter().find_map(|before| label.strip_prefix(before))?;
    matches!(number, "437" | "858").then(|| charset_decoder(b"ibm850").map(Charset::Other))?
}

fn by_name(label: &str) -> Option<Charset> {
    let listed = NAMES.iter().find(|(name, _)| *name == label).map(|(_, charset)| *charset);
    let standard = || {
        // what the standard calls "replacement" is no text; `iso-8859-8-i` and `iso8859-1` are its own spellings
        let underlined = || Encoding::for_label_no_replacement(label.replace('-', "_").as_bytes());
        Encoding::for_label_no_replacement(label.as_bytes()).or_else(underlined).map(Charset::Standard)
    };
    listed.or_else(standard)
}

fn by_number(label: &str) -> Option<Charset> {
    let number = BEFORE_NUMBER.iter().find_map(|before| label.strip_prefix(before))?;
    let page: u16 = number.parse().ok()?;
    let listed = CODE_PAGES.iter().find(|(known, _)| *known == page).map(|(_, charset)| *charset);
    listed.or_else(|| {
        let name = match page {
            28_591..=28_606 => format!("iso-8859-{}", page - 28_590),
            _ => format!("windows-{page}"),
        };
        Encoding::for_label_no_replacement(name.as_bytes()).map(Charset::Standard)
    })
}

/// Whether a text that was decoded by `label` may be wrong, so that its bytes are worth a look.
pub(crate) fn is_doubtful(decoded: &str, label: Option<&str>) -> bool {
    if decoded.is_ascii() {
        let seven_bits = memchr2(0x1b, 0x0e, decoded.as_bytes()).is_some();
        return seven_bits
            || memchr(b'+', decoded.as_bytes()).is_some()
                && label.is_some_and(|label| matches!(named(label), Some(Charset::Seven(_))))
            || (memmem::find(decoded.as_bytes(), b"~{").is_some()
                && label.is_some_and(|label| matches!(named(label), Some(Charset::Hz))));
    }
    decoded.contains('\u{fffd}') || !label.is_some_and(|label| label.eq_ignore_ascii_case("utf-8"))
}

/// The text that `bytes` are. `label`: what they are said to be; `region`: the last label of the author's domain, in
/// lower case.
pub(crate) fn decode<'b>(bytes: &'b [u8], label: Option<&str>, region: Option<&str>) -> Cow<'b, str> {
    let charset = label.and_then(named);
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    match charset {
        Some(Charset::Hz) => return Cow::Owned(from_hz(bytes)),
        Some(Charset::Seven(decoder)) if bytes.is_ascii() => {
            // mail-parser leaves `+-`, which is a plus
            return Cow::Owned(decoder(&with_ended_shifts(bytes)).replace("+-", "+"));
        }
        Some(Charset::Shifted(encoding)) => return Cow::Owned(from_shifted(bytes, encoding)),
        _ if bytes.is_ascii() && !is_utf_16(charset) => return from_seven_bits(bytes),
        Some(Charset::Standard(encoding)) => by_standard(bytes, encoding, region),
        Some(Charset::Other(decoder) | Charset::Seven(decoder)) => {
            let text = decoder(bytes);
            (!text.contains('\u{fffd}')).then_some(Cow::Owned(text))
        }
        Some(Charset::Ascii) | None => None,
    }
    .unwrap_or_else(|| utf_8(bytes).unwrap_or_else(|| detected(bytes, region)))
}

/// UTF-7 with a `-` behind all base64: without one mail-parser loses the sign that ends it.
fn with_ended_shifts(bytes: &[u8]) -> Vec<u8> {
    let mut ended = Vec::with_capacity(bytes.len() + 16);
    let mut is_shifted = false;
    for byte in bytes {
        let is_letter = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        if is_shifted && !is_letter {
            is_shifted = false;
            if *byte != b'-' {
                ended.push(b'-');
            }
        }
        is_shifted |= *byte == b'+';
        ended.push(*byte);
    }
    ended
}

fn is_utf_16(charset: Option<Charset>) -> bool {
    matches!(charset, Some(Charset::Standard(encoding)) if encoding == UTF_16LE || encoding == UTF_16BE)
}

fn utf_8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
}

fn detected<'b>(bytes: &'b [u8], region: Option<&str>) -> Cow<'b, str> {
    let region = region.filter(|region| region.bytes().all(|byte| byte.is_ascii_lowercase()));
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let encoding = detector.guess(region.map(str::as_bytes), Utf8Detection::Allow);
    encoding.decode_without_bom_handling(bytes).0
}

/// Seven bits hold other characters behind the escapes of ISO-2022-JP and ISO-2022-KR, whatever the label says.
fn from_seven_bits(bytes: &[u8]) -> Cow<'_, str> {
    let holds = |mark: &[u8]| memmem::find(bytes, mark).is_some();
    if holds(b"\x1b$)C") {
        Cow::Owned(from_shifted(bytes, EUC_KR))
    } else if holds(b"\x1b$)A") {
        Cow::Owned(from_shifted(bytes, GBK))
    } else if holds(b"\x1b$") || holds(b"\x1b(J") || holds(b"\x1b(I") {
        ISO_2022_JP.decode_without_bom_handling(bytes).0
    } else {
        String::from_utf8_lossy(bytes)
    }
}

/// By the label's encoding, unless the bytes show that they are something else.
fn by_standard<'b>(
    bytes: &'b [u8],
    encoding: &'static Encoding,
    region: Option<&str>,
) -> Option<Cow<'b, str>> {
    let well_formed = utf_8(bytes);
    if encoding == UTF_8 {
        return well_formed.or_else(|| mostly_utf_8(bytes));
    }
    if is_utf_16(Some(Charset::Standard(encoding))) {
        let eight_bits = well_formed.filter(|_| memchr(0, bytes).is_none());
        return eight_bits.or_else(|| Some(encoding.decode_without_bom_handling(bytes).0));
    }
    if encoding.is_single_byte() {
        if well_formed.is_some() {
            return well_formed;
        }
        let doubted = encoding_of_latin_letters(encoding) && is_foreign_to_latin(bytes);
        return Some(if doubted {
            detected(bytes, region)
        } else {
            encoding.decode_without_bom_handling(bytes).0
        });
    }
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    match well_formed {
        Some(other) if wrong || is_plainly_utf_8(&other) => Some(other),
        Some(_) => Some(text),
        None if !wrong => Some(text),
        None => {
            let wrong_at = |text: &str| text.matches('\u{fffd}').count();
            let other = detected(bytes, region);
            Some(if wrong_at(&other) < wrong_at(&text) { other } else { text })
        }
    }
}

/// Text that is UTF-8 but for a few bytes.
fn mostly_utf_8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let (mut right, mut wrong) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    (right >= wrong * 3).then(|| String::from_utf8_lossy(bytes))
}

/// Four characters or more of three bytes, and none of two: in text of two-byte characters that is no accident.
fn is_plainly_utf_8(text: &str) -> bool {
    let mut others = text.chars().filter(|c| !c.is_ascii()).map(char::len_utf8).take(1_000).peekable();
    others.peek().is_some() && others.clone().count() >= 4 && others.all(|length| length > 2)
}

fn encoding_of_latin_letters(encoding: &'static Encoding) -> bool {
    matches!(
        encoding.name(),
        "windows-1252"
            | "windows-1250"
            | "windows-1254"
            | "windows-1257"
            | "ISO-8859-2"
            | "ISO-8859-15"
            | "macintosh"
    )
}

/// Of the letters, more than half are outside ASCII: no language of the Latin alphabet is written so.
fn is_foreign_to_latin(bytes: &[u8]) -> bool {
    let others = bytes.iter().filter(|byte| **byte >= 0x80).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    others >= 6 && others > letters
}

/// ISO-2022-KR and its like: shift out, two-byte characters without their high bit, shift in.
fn from_shifted(bytes: &[u8], encoding: &'static Encoding) -> String {
    let mut eight_bits = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            0x1b => rest = rest.strip_prefix(b"$").and_then(|rest| rest.get(2..)).unwrap_or(rest),
            0x0e => shifted = true,
            0x0f => shifted = false,
            b'\n' => {
                shifted = false;
                eight_bits.push(b'\n');
            }
            0x21..=0x7e if shifted => eight_bits.push(byte | 0x80),
            _ => eight_bits.push(*byte),
        }
    }
    encoding.decode_without_bom_handling(&eight_bits).0.into_owned()
}

fn from_hz(bytes: &[u8]) -> String {
    let mut eight_bits = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'~' {
            match rest.first() {
                Some(b'{') => shifted = true,
                Some(b'}') => shifted = false,
                Some(b'~') => eight_bits.push(b'~'),
                // at the end of a line it joins two lines
                Some(b'\n') => {}
                _ => {
                    eight_bits.push(b'~');
                    continue;
                }
            }
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        shifted &= *byte != b'\n';
        eight_bits.push(if shifted && byte.is_ascii_graphic() { byte | 0x80 } else { *byte });
    }
    GBK.decode_without_bom_handling(&eight_bits).0.into_owned()
}

/// The label that an HTML document gives itself in its first 2,048 bytes.
pub(crate) fn label_in_html(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..2_048).unwrap_or(bytes);
    let head = std::str::from_utf8(head).unwrap_or_else(|wrong| {
        std::str::from_utf8(head.get(..wrong.valid_up_to()).unwrap_or_default()).unwrap_or_default()
    });
    let (_, found) = head.split_once("charset=").or_else(|| head.split_once("CHARSET="))?;
    let found = found.trim_start_matches(['"', '\'']);
    let end = found.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.:".contains(c)))?;
    found.get(..end).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], label: &str) -> String {
        decode(bytes, Some(label), None).into_owned()
    }

    #[test]
    fn labels_outside_the_standard_are_known() {
        let bytes = SHIFT_JIS.encode("木曜日の十四時").0.into_owned();
        for label in [
            "cp932",
            "CP-932",
            "ms932",
            "x-ms-cp932",
            "Windows-932",
            "windows-31j",
            "x-sjis",
            "ibm943",
            "\"cp932\"",
            "sjis-win",
        ] {
            assert_eq!(read(&bytes, label), "木曜日の十四時", "{label}");
        }
        let bytes = EUC_KR.encode("목요일 두 시").0.into_owned();
        for label in ["ms949", "cp949", "x-windows-949", "uhc", "ks_c_5601-1987", "51949"] {
            assert_eq!(read(&bytes, label), "목요일 두 시", "{label}");
        }
        let bytes = BIG5.encode("星期四兩點").0.into_owned();
        for label in ["cp950", "x-x-big5", "big5-hkscs", "Big5_HKSCS", "cn-big5", "ms950"] {
            assert_eq!(read(&bytes, label), "星期四兩點", "{label}");
        }
        for label in ["utf-7", "UTF-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "csUnicode11UTF7", "utf7"]
        {
            assert_eq!(
                read(b"j'ai regard+AOk vos rapports +AOA James", label),
                "j'ai regardé vos rapports à James"
            );
            assert_eq!(read(b"Gr+APw-n um 2 +-1 oder f+APw-nf", label), "Grün um 2 +1 oder fünf", "{label}");
        }
        let bytes = ISO_2022_JP.encode("木曜日").0.into_owned();
        for label in ["iso-2022-jp-ms", "cp50220", "iso-2022-jp-2004", "us-ascii", "utf-8", "x-nothing"] {
            assert_eq!(read(&bytes, label), "木曜日", "{label}");
        }
        assert_eq!(read(b"caf\xe9", "cp28591"), "café");
        assert_eq!(read(b"\xb1", "28605"), "±");
    }

    #[test]
    fn seven_bits_with_shifts_are_read() {
        assert_eq!(read(b"\x1b$)C\x0eGQ1[\x0f!", "iso-2022-kr"), "한글!");
        assert_eq!(read(b"~{VPND~} ~~ ok", "hz-gb-2312"), "中文 ~ ok");
    }

    #[test]
    fn utf_8_is_believed_whatever_it_is_called() {
        for label in
            ["us-ascii", "iso-8859-1", "windows-1252", "x-unknown", "unknown-8bit", "koi8-r", "utf-16", ""]
        {
            assert_eq!(read("Grüße aus München".as_bytes(), label), "Grüße aus München", "{label}");
        }
        assert_eq!(read("请看周四的安排。".as_bytes(), "gb2312"), "请看周四的安排。");
        assert_eq!(read("木曜日の十四時に".as_bytes(), "shift_jis"), "木曜日の十四時に");
    }

    #[test]
    fn a_wrong_or_missing_label_is_found_out() {
        let russian = "Добрый день, Сара. В четверг в два часа.";
        for encoding in [encoding_rs::WINDOWS_1251, KOI8_R] {
            let bytes = encoding.encode(russian).0.into_owned();
            for label in ["iso-8859-1", "us-ascii", "utf-8", "default", ""] {
                assert_eq!(read(&bytes, label), russian, "{} called {label}", encoding.name());
            }
        }
        let japanese = "木曜日の十四時にお願いします。";
        for encoding in [SHIFT_JIS, EUC_JP] {
            let bytes = encoding.encode(japanese).0.into_owned();
            for label in ["iso-8859-1", "us-ascii", "utf-8", ""] {
                assert_eq!(read(&bytes, label), japanese, "{} called {label}", encoding.name());
            }
        }
        assert_eq!(
            decode(b"Gr\xfc\xdfe aus M\xfcnchen, Donnerstag passt.", None, Some("de")),
            "Grüße aus München, Donnerstag passt."
        );
        assert_eq!(read(b"Gr\xfc\xdfe", "iso-8859-1"), "Grüße");
        assert_eq!(read(b"d\xe9j\xe0 vu \xe0 No\xebl", "utf-8"), "déjà vu à Noël");
    }

    #[test]
    fn a_few_wrong_bytes_leave_utf_8_what_it_is() {
        let mut bytes = "Grüße aus München, für Sie".as_bytes().to_vec();
        bytes.push(0xff);
        assert_eq!(read(&bytes, "utf-8"), "Grüße aus München, für Sie\u{fffd}");
    }
}
