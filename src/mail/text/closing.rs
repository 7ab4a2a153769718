//! `Best regards,` and the lines below it: where a letter ends and a visiting card begins.
//!
//! A closing with nothing but a name is how people end what they write and stays. With a title, a
//! telephone number, an address or a link below, closing and all is a signature; so is such a card
//! without a closing when it stands last. Known limits: a card without number, link, address or one of
//! the titles known is taken for text.

use std::sync::LazyLock;

use memchr::memchr_iter;

use crate::language::{Role, alternation, matcher, words};

use crate::pattern::{Pattern, pattern};

use super::addressed::names_a_day;
use super::ruler::{is_delimiter, is_ruler};

static CLOSING: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?i)^[\s*_]*{}[\s,.!:*_–،，。！-]*$", alternation(Role::Closing))));

static CONTACT: Pattern = LazyLock::new(|| {
    let forms = [
        r"[A-Za-z0-9_]@[A-Za-z0-9]".to_owned(),
        r"^\W*(?:\w+\W+){0,2}(?:https?://|www\.)[^\s/]+/?\W*$".to_owned(),
        r"linkedin\.com/|calendly\.com/".to_owned(),
        r"\+\d[\d\s().-]{6,}".to_owned(),
        r"(?-u:\b)[0-9]{3}[\s.-][0-9]{3}[\s.-][0-9]{4}(?-u:\b)".to_owned(),
        r"\(\d{2,5}\)\s?\d{2,}".to_owned(),
        // not `\b` of ASCII, which stands beside no letter of other scripts
        format!(r"(?:^|[^\pL\d]){}\.?\s*[:.：]?\s*[+(\d（]", alternation(Role::ContactLabel)),
        format!(r"^{}\s?[:.]\s?[+(\d]", alternation(Role::ContactLetter)),
        r"\w\s\|\s\w".to_owned(),
    ];
    pattern(&format!("(?i){}", forms.join("|")))
});

static TITLE_ABBREVIATION: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?-u:\b){}(?-u:\b)", alternation(Role::JobTitleAbbreviation))));

/// The line is a closing such as `Best regards,`, or one in two languages: `Mit freundlichen Grüßen / Best regards`.
pub(super) fn is_closing(text: &str) -> bool {
    const LONGEST: usize = 60;
    let is_one = |text: &str| text.chars().count() < LONGEST && CLOSING.is_match(text);
    text.len() < 4 * LONGEST
        && (is_one(text)
            || text.contains(['/', '|']) && text.split(['/', '|']).all(|piece| is_one(piece.trim())))
}

/// The line could be a person's name: one to four words, each with a capital letter.
pub(super) fn is_name(text: &str) -> bool {
    let text = text
        .trim_matches(|c: char| matches!(c, '*' | '_' | '-' | '–' | '—' | '~' | ',') || c.is_whitespace());
    let mut count = 0;
    let named = text.split_whitespace().all(|word| {
        count += 1;
        word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-' | '“' | '”' | '"'))
            && (word.chars().any(char::is_uppercase) || words(Role::NameParticle).contains(&word))
    });
    named && (1..=4).contains(&count) && !text.ends_with(|c: char| c == '.' && count > 2)
}

/// The line begins with a name of two words or more, before a comma, a bar, a wide gap or its end.
fn leads_with_name(text: &str) -> bool {
    let end = ["  ", "\t", ",", "|", " - ", " – "]
        .iter()
        .filter_map(|gap| text.find(gap))
        .min()
        .unwrap_or(text.len());
    let name = text.get(..end).unwrap_or(text);
    let first = name.split_whitespace().next().unwrap_or_default();
    name.split_whitespace().count() >= 2 && is_name(name) && !words(Role::Greeting).contains(&first)
}

/// The line is a name, or begins with one.
pub(super) fn leads_with_a_name(text: &str) -> bool {
    is_name(text) || leads_with_name(text)
}

/// The line belongs on a visiting card: a number, a link, an address, a title.
pub(super) fn is_card(text: &str) -> bool {
    text.chars().count() <= 120
        && (may_hold_contact(text) && (CONTACT.is_match(text) || is_number(text))
            || (text.chars().count() <= 70 && names_title(text)))
}

/// The line has a telephone number or a link in it, whatever stands before.
pub(super) fn holds_contact(text: &str) -> bool {
    const FEWEST: usize = 7;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_small = |word: &str| word.starts_with(char::is_lowercase) && word.chars().count() > 3;
    let is_number = digits >= FEWEST
        && text.split_whitespace().count() <= FEWEST
        && !text.split_whitespace().any(is_small);
    is_number || text.contains("://") || text.contains("www.")
}

/// A telephone number as people write it at home, alone or behind a short label: `070-123 45 67`, `Port. 06 12 34 56 78`.
fn is_number(text: &str) -> bool {
    const LONGEST_LABEL: usize = 12;
    static DATE: Pattern = LazyLock::new(|| pattern(r"^\d{1,2}([./ -])\d{1,2}[./ -](?:19|20)?\d\d$"));
    let number = text.trim().trim_start_matches(char::is_alphabetic);
    let label = text.trim().strip_suffix(number).unwrap_or_default();
    let number = number.strip_prefix(['.', ':', '：']).unwrap_or(number).trim();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    label.chars().count() <= LONGEST_LABEL
        && number.starts_with(['0', '('])
        && (8..=15).contains(&digits)
        && number
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}' | '-' | '/' | '.' | '(' | ')'))
        && !DATE.is_match(number)
}

/// A sign or a figure without which no form of `CONTACT` is there. Most lines are sentences and have none.
fn may_hold_contact(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_sign = |byte: u8| {
        matches!(byte, b'@' | b'/' | b'+' | b'(' | b'|') | byte.is_ascii_digit() | !byte.is_ascii()
    };
    bytes.iter().fold(false, |found, byte| found | is_sign(*byte))
        || memchr_iter(b'.', bytes).any(|at| {
            at.checked_sub(1)
                .and_then(|last| bytes.get(last))
                .is_some_and(|last| last.eq_ignore_ascii_case(&b'w'))
        })
}

pub(super) fn names_title(text: &str) -> bool {
    TITLE_ABBREVIATION.is_match(text) || matcher(Role::JobTitle).is_in(text)
}

/// Longest visiting card, in lines with text.
const LONGEST: usize = 14;

/// A line with text near the end, judged once.
struct ClosingLine<'a> {
    text: &'a str,
    card: bool,
    /// Could be in a signature: short, and no sentence.
    fits: bool,
}

fn judged(text: &str) -> ClosingLine<'_> {
    let card = is_card(text) || (text.len() <= 70 && text.contains(" @ "));
    let sentence = text.split_whitespace().count() > 7 && text.ends_with(['.', '?', '!']);
    let asks = text.ends_with('?') && !text.contains('/');
    let fits = text.chars().count() <= 120 && !sentence && !asks && !is_postscript(text);
    ClosingLine { text, card, fits }
}

/// The line could be in a signature: short, and no sentence.
pub(super) fn fits(text: &str) -> bool {
    judged(text).fits
}

/// `P.S. One more thing` is written, wherever it stands.
pub(super) fn is_postscript(text: &str) -> bool {
    let begin: String = text.chars().take(5).filter(|c| c.is_alphanumeric()).collect();
    let goes_on = text.split_whitespace().count() > 2 || text.chars().any(is_unspaced);
    goes_on && words(Role::Postscript).iter().any(|mark| begin.starts_with(mark))
}

/// The line thanks and ends there: what stands below it is a name.
pub(super) fn is_thanks(text: &str) -> bool {
    let starts_so = |text: &str| words(Role::Thanks).iter().any(|word| text.starts_with(word));
    text.split_whitespace().nth(4).is_none() && starts_so(&text.to_lowercase())
}

/// Rows of a table of people, `Sarah Lee | VP Sales | champion`: two or more with as many bars, of whom none is the
/// author. A card says several things of one person.
fn are_rows_of_others(lines: &[&str], author: &str) -> bool {
    let names: Vec<String> = author.split_whitespace().map(str::to_lowercase).collect();
    let rows: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| line.trim().trim_matches('|').split('|').map(str::trim).collect())
        .filter(|row: &Vec<&str>| row != &[""])
        .collect();
    let bars = rows.first().map_or(0, Vec::len);
    // `dfox` is all that some mail says of Dana Fox.
    let is_authors = |word: &str| {
        let word = word.to_lowercase();
        names.iter().any(|name| *name == word || (word.chars().count() > 2 && name.contains(&word)))
    };
    let names_author = |name: &str| name.split_whitespace().any(is_authors);
    let is_row = |row: &Vec<&str>| {
        let name = row.first().copied().unwrap_or_default();
        row.len() == bars && leads_with_name(name) && !names_author(name)
    };
    !names.is_empty() && rows.len() > 1 && bars > 1 && rows.iter().all(is_row)
}

/// Index in `lines` from which a signature stands at their end, where one does. `author` is the name of who wrote it, if
/// that is known.
pub(super) fn signature_start(lines: &[&str], author: &str) -> Option<usize> {
    let texts = lines.iter().enumerate().rev().filter(|(_, line)| !line.trim().is_empty()).take(LONGEST + 1);
    // from the last line upwards, as far as the lines could be a signature's
    let mut start = None;
    let (mut cards, mut others, mut gaps) = (0_usize, 0_usize, 0_usize);
    for (at, line) in texts {
        let line = judged(line.trim());
        let above = at.checked_sub(1).and_then(|above| lines.get(above)).map(|above| above.trim());
        let below_thanks = above.is_some_and(is_thanks);
        // A card that the body begins with has nothing to stand apart from: it is all there is.
        let apart = below_thanks || above.is_none_or(str::is_empty);
        if cards + others > 0 && is_closing(line.text) {
            let first_below = at + 1;
            let below = lines.get(first_below..start.unwrap_or(lines.len())).unwrap_or_default();
            let written = if opens_letter(lines, at) { Some(0) } else { words_below(below, start.is_some()) };
            let card = || named_card(lines, first_below + written.unwrap_or_default());
            // what stands below a greeting is no card's name
            return match written {
                _ if cards == 0 => start,
                None => Some(first_closing(lines, at)),
                Some(_) => start.or_else(card),
            };
        }
        // without a closing: a name with a card around it or below it, apart from the text above
        let named = || {
            cards + usize::from(line.card) >= 2
                && cards + 1 >= others
                && (leads_with_name(line.text) || (below_thanks && is_name(line.text)))
        };
        let are_rows = || are_rows_of_others(lines.get(at..).unwrap_or_default(), author);
        if apart && gaps == 0 && named() && !are_rows() {
            start = Some(at);
        }
        gaps += usize::from(apart);
        if !line.fits {
            break;
        }
        if line.card {
            cards += 1;
        } else {
            others += 1;
        }
    }
    start
}

/// The first of the closings that stand line below line, the last of them at `at`: people close in two languages.
fn first_closing(lines: &[&str], at: usize) -> usize {
    let above = lines.get(..at).unwrap_or_default();
    at - above.iter().rev().take_while(|line| is_closing(line.trim())).count()
}

/// Whether the closing at `at` greets, as `Selamlar,` and `Pozdrav,` do above a letter: nothing stands above it, and below it
/// what is neither a name nor a card's.
fn opens_letter(lines: &[&str], at: usize) -> bool {
    let is_first = lines.iter().take(at).all(|line| line.trim().is_empty());
    let below = || lines.iter().skip(at + 1).map(|line| line.trim()).find(|line| !line.is_empty());
    let is_text = |line: &str| {
        small_words(line) > 0
            && !(is_name(line) || leads_with_name(line) || is_card(line) || ends_in_abbreviation(line))
    };
    is_first && below().is_some_and(is_text)
}

/// Where, below a closing, what the author writes on ends: above the mark of a signature, or above the name or the card
/// that stands there. A Japanese letter may open with what another closes with, and a postscript may stand below a name.
/// `to_card`: the card itself begins below `lines`.
fn words_below(lines: &[&str], to_card: bool) -> Option<usize> {
    let is_marked = to_card || lines.iter().any(|line| parts_signature(line));
    let ends = |line: &&str| {
        let line = line.trim();
        parts_signature(line) || !is_marked && (is_name(line) || is_card(line) && !is_said(line))
    };
    let end = lines.iter().position(ends).unwrap_or(lines.len());
    // a title may run on right below the name
    let begins = |at: usize| at == 0 || lines.get(at - 1).is_some_and(|above| above.trim().is_empty());
    let is_written = |(at, line): (usize, &&str)| {
        is_stated(line.trim()) || begins(at) && (runs_on(line.trim()) || names_a_day(line))
    };
    let mut above = lines.iter().enumerate().take(end).filter(|(_, line)| !line.trim().is_empty());
    above.rfind(|(at, line)| is_written((*at, line))).map(|(last, _)| last + 1)
}

/// The first line with text from `from` on, where it is a name with a card below it.
fn named_card(lines: &[&str], from: usize) -> Option<usize> {
    let (at, _) = lines.iter().enumerate().skip(from).find(|(_, line)| !line.trim().is_empty())?;
    let below = || lines.iter().skip(at + 1).map(|line| line.trim());
    (is_name(lines.get(at)?) && below().any(|line| is_card(line) && !is_said(line)) && below().all(fits))
        .then_some(at)
}

fn parts_signature(line: &str) -> bool {
    is_delimiter(line) || is_ruler(line)
}

/// The line says something, as hardly a line of a signature does.
pub(super) fn is_said(text: &str) -> bool {
    is_stated(text) || runs_on(text)
}

/// Several words in small letters.
fn runs_on(text: &str) -> bool {
    small_words(text) >= SMALL_WORDS && !is_card(text)
}

const SMALL_WORDS: usize = 3;

fn small_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.starts_with(char::is_lowercase)).count()
}

/// The line is a sentence, an item of a list, a postscript, or speaks to somebody by an `@`.
fn is_stated(text: &str) -> bool {
    const SHORTEST: usize = 6;
    let is_stopped = text.ends_with(['.', '?', '!', ':', '。', '！', '？', '：', '؟', '।']);
    if text.chars().any(is_unspaced) {
        return is_stopped && text.chars().count() >= SHORTEST && !is_card(text) || is_postscript(text);
    }
    let is_cased = text.contains(char::is_uppercase);
    let is_sentence = || {
        is_stopped
            && text.split_whitespace().nth(1).is_some()
            && (!is_cased || small_words(text) >= 1)
            && !ends_in_abbreviation(text)
    };
    if is_card(text) {
        return is_sentence() && small_words(text) >= SMALL_WORDS;
    }
    let calls = || text.strip_prefix('@').is_some_and(|name| name.contains(' '));
    is_sentence() || is_list_item(text) || calls() || is_postscript(text)
}

/// `Acme Inc.`, `Acme Sp. z o.o.`
fn ends_in_abbreviation(text: &str) -> bool {
    const LONGEST: usize = 4;
    let last = text.split_whitespace().next_back().unwrap_or_default();
    let last = last.strip_suffix('.').unwrap_or_default();
    last.contains('.') || last.starts_with(char::is_uppercase) && last.chars().count() <= LONGEST
}

/// Letters of scripts that part no words by blanks, or few.
fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// `3) Prices`, `- Prices`.
pub(super) fn is_list_item(text: &str) -> bool {
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = number.len() < text.len() && number.len() + 3 > text.len();
    let rest = if numbered { number.strip_prefix(['.', ')']) } else { text.strip_prefix(['-', '•', '*']) };
    rest.is_some_and(|rest| rest.starts_with(' '))
}

/// `text` without the closing and the name at its end: `held 4` of `held 4\n\nBest,\nCalvin`.
pub(super) fn without(text: &str) -> &str {
    let mut rest = text.trim_end();
    for _ in 0..6 {
        let (above, line) = rest.rsplit_once('\n').unwrap_or(("", rest));
        if is_closing(line) {
            return above.trim_end();
        }
        if !(line.trim().is_empty() || is_name(line)) {
            break;
        }
        rest = above;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{MailPeople, split_by};
    use super::*;

    fn own(text: &str) -> String {
        split_by(&MailPeople::author("Calvin Reyes"), Some(text), None).author_text
    }

    const MARKS: [&str; 4] = [
        "-- \nCalvin Reyes\n+1 212 555 0100",
        "--\nCalvin Reyes\nVendor Inc.\ncalvin@vendor.example",
        "____________\nCalvin Reyes\nTel. +1 212 555 0100",
        "Calvin Reyes\nAccount Executive\n+1 212 555 0100",
    ];

    #[test]
    fn what_stands_between_a_closing_and_a_signature_is_written() {
        for mark in MARKS {
            for words in [
                "Best,\nI will send the two files on Monday.",
                "Cheers!\nThe room is booked.",
                "Viele Grüße\nDie Zahlen schicke ich noch.",
                "Bonne journée !\nJe vous envoie le devis demain.",
                "Best regards,\nCalvin\n\nHere is the page: https://vendor.example/pricing?seats=40",
                "Best,\nCalvin\n\n@James: could you bring the list?",
                "Thanks,\n1. the contract\n2. the price list",
                "よろしくお願いいたします。\n\n資料は金曜日までにお送りします。",
                "今後ともよろしくお願いいたします。\n\n見積もりは来週でよろしいでしょうか。\n\n年間200万円です。",
                "감사합니다.\n\n자료는 당일 가져가겠습니다.",
                "祝好！\n附件是报价单，请查收。",
                "敬具\n\n追伸 資料は当日お持ちいたします",
                "Best,\nCalvin\n\nThursday 2pm works",
                "Best,\nYou reach me at +1 212 555 0199 until six, and by mail.",
            ] {
                let text = format!("Thursday works.\n\n{words}");
                let found = own(&format!("{text}\n\n{mark}"));
                assert_eq!(found, text, "{mark}");
            }
        }
    }

    #[test]
    fn a_name_below_a_closing_and_what_hangs_on_it_is_not() {
        for card in [
            "Best regards,\nCalvin Reyes\nAccount Executive\n-- \nVendor Inc.\n+1 212 555 0100",
            "Best regards,\nCalvin Reyes\nThe way you sell more\n+1 212 555 0100",
            "Best regards,\n\nCalvin Reyes\nAcme Sp. z o.o.\nTel. +48 22 555 01 00",
            "Mit freundlichem Gruß\n\ni. A. Calvin Reyes\nVertrieb\nTel. +49 30 555 0100",
            "Mit freundlichen Grüßen / Best regards\nCalvin Reyes\nTel. +49 30 555 0100",
            "Mit freundlichen Grüßen\nBest regards\n\nCalvin Reyes\nTel. +49 30 555 0100",
            "Med vennlig hilsen | Best regards\nCalvin Reyes\nTlf. 22 55 50 10",
        ] {
            assert_eq!(own(&format!("Thursday works.\n\n{card}")), "Thursday works.", "{card}");
            assert_eq!(own(card), "", "{card}");
        }
    }

    #[test]
    fn what_closes_elsewhere_may_greet() {
        for text in [
            "Selamlar,\n\nperşembe uygun\n\nÖnerileri getiririm",
            "Pozdrav,\n\nčetvrtak odgovara",
            "Zdraví\nČtvrtek sedí",
            "Have a nice day,\nthe list comes tomorrow",
        ] {
            let card = "Calvin Reyes\nAccount Executive\n+1 212 555 0100";
            assert_eq!(own(&format!("{text}\n\n{card}")), text);
            assert_eq!(own(&format!("{text}\n\n-- \n{card}")), text);
        }
        assert_eq!(own("Selamlar,\nCalvin Reyes\nAccount Executive\n+1 212 555 0100"), "");
        assert_eq!(own("Saygılarımızla\nAcme Sp. z o.o.\nCalvin Reyes\n+1 212 555 0100"), "");
    }

    #[test]
    fn closings_of_many_languages_are_known() {
        for closing in [
            "Mit bestem Gruß",
            "Herzlicher Gruß",
            "Melhores cumprimentos,",
            "Abs",
            "Grtz",
            "Zdraví",
            "Se srdečným pozdravem",
            "Toate cele bune!",
            "Με φιλικούς χαιρετισμούς,",
            "С ув.",
            "Хорошего дня!",
            "Гарного дня,",
            "Saygılarımızla",
            "Selamlar,",
            "以上、よろしくお願いいたします。",
            "何卒よろしくお願い申し上げます。",
            "祝商祺",
            "顺祝 商祺",
            "此致敬礼",
            "敬上",
            "올림",
            "김민수 드림",
            "مع التحية،",
            "مع فائق الاحترام والتقدير",
            "בתודה,",
            "Lijep pozdrav,",
            "Pozdrav",
            "Tervitades",
            "Salutacions",
            "सादर",
            "با احترام",
            "Trân trọng cảm ơn,",
            "Beste hilsen",
        ] {
            assert!(is_closing(closing), "{closing}");
        }
        for text in [
            "Thanks / see you",
            "Best price / per seat",
            "Gruß an James und Sarah von uns allen hier im Büro in Berlin",
            "감사합니다.",
            "谢谢！",
            "/",
        ] {
            assert!(!is_closing(text), "{text}");
        }
    }

    #[test]
    fn thanks_above_a_card_are_said_and_the_card_is_not() {
        for thanks in
            ["Many thanks,", "감사합니다.", "谢谢！", "תודה,", "Terima kasih,", "Ευχαριστώ,", "धन्यवाद"]
        {
            let card = "Calvin Reyes\nAccount Executive\nVendor Inc.\nM: +1 212 555 0100";
            let found = own(&format!("Thursday works.\n\n{thanks}\n{card}"));
            assert_eq!(found, format!("Thursday works.\n\n{thanks}"));
        }
    }

    #[test]
    fn notes_of_confidentiality_and_the_wide_quotation_mark_are_no_words() {
        for note in [
            "Tato zpráva je důvěrná a je určena pouze adresátovi. Pokud nejste zamýšleným příjemcem, zprávu smažte.",
            "هذه الرسالة سرية ومخصصة للمرسل إليه فقط.",
            "אם קיבלת הודעה זו בטעות, אנא מחק אותה והודע לשולח.",
            "Jika Anda menerima email ini karena kesalahan, harap hapus email ini.",
            "Nếu bạn nhận được email này do nhầm lẫn, vui lòng xóa.",
        ] {
            assert_eq!(own(&format!("Thursday works.\n\n{note}")), "Thursday works.", "{note}");
        }
        assert_eq!(
            own("＞木曜日でよろしいでしょうか。\nはい、大丈夫です。\n\n＞＞資料は？\n"),
            "はい、大丈夫です。"
        );
    }
}
