//! Rows of signs, and the visiting cards that stand below or between them: the usual form of a signature in Japan.
//!
//! Rulers part sections of what people write as well. A card is the last thing of a mail, has a number, a link or an address
//! in it, and says nothing: no sentence, no time, no name of a reader. Known limits: a card with hours of business is
//! taken for text; so is one in Latin letters in which nothing is of its author's name.

use std::sync::LazyLock;

use super::addressed::MailPeople;
use super::closing;
use super::lines::is_invisible;
use crate::pattern::{Pattern, pattern};

/// A delimiter without the signs of bold type and escapes that programs put around it: `*-- *`, `\\--`.
pub(super) fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '\\') || is_invisible(c))
}

/// `-- ` of RFC 3676 section 4.3, and rows of dashes and low lines.
pub(super) fn is_delimiter(line: &str) -> bool {
    let line = bare(line);
    !line.is_empty()
        && line != "-"
        && line.len() <= 200
        && line.chars().all(|c| matches!(c, '-' | '—' | '–' | '_' | ' '))
}

/// A line of nothing but signs, few of them different: `=====`, `━━━━━`, `+-+-+-`.
pub(super) fn is_ruler(line: &str) -> bool {
    const SHORTEST: usize = 5;
    // `★★★★☆` is said
    const SHORTEST_OF_SHAPES: usize = 11;
    const LONGEST: usize = 200;
    const MOST_SIGNS: usize = 4;
    let line = line.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if !line.chars().next().is_some_and(is_sign) {
        return false;
    }
    let mut signs: Vec<char> = Vec::new();
    let mut count = 0;
    for c in line.chars().filter(|c| !c.is_whitespace()) {
        count += 1;
        if !is_sign(c) || count > LONGEST {
            return false;
        }
        if !signs.contains(&c) {
            signs.push(c);
        }
    }
    let is_of_shapes = signs.iter().all(|c| matches!(c, '\u{25a0}'..='\u{25ff}' | '★' | '☆'));
    count >= if is_of_shapes { SHORTEST_OF_SHAPES } else { SHORTEST } && signs.len() <= MOST_SIGNS
}

fn is_sign(c: char) -> bool {
    matches!(
        c,
        '-' | '_'
            | '='
            | '*'
            | '#'
            | '~'
            | '+'
            | ':'
            | '^'
            | '·'
            | '‐'..='―'
            | '‥'
            | '…'
            | '※'
            | '\u{2190}'..='\u{21ff}'
            | '\u{2500}'..='\u{25ff}'
            | '★'
            | '☆'
            | '〜'
            | '・'
            | 'ー'
            | '＃'
            | '＊'
            | '＋'
            | '－'
            | '：'
            | '＝'
            | '＿'
            | '～'
            | '･'
    )
}

/// A time or a day: what stands between the rulers is about a meeting.
static TIME: Pattern =
    LazyLock::new(|| pattern(r"[0-9]{1,2}[:：][0-9]{2}|[0-9]{1,2} ?[月월] ?[0-9]{1,2} ?[日일]"));

/// The ruler below which nothing but a visiting card stands at the end of `lines`, where one does.
pub(super) fn card_start(lines: &[&str], people: &MailPeople) -> Option<usize> {
    let last = lines.iter().rposition(|line| !line.trim().is_empty())?;
    let closing_ruler = lines.get(last).map(|line| line.trim()).filter(|line| is_ruler(line));
    let end = if closing_ruler.is_some() { last } else { last + 1 };
    let rulers = || lines.iter().enumerate().take(end).rev().filter(|(_, line)| is_ruler(line));
    // a card may have rulers of another kind within
    let alike = rulers().find(|(_, line)| closing_ruler == Some(line.trim()));
    let (open, ruler) = alike.or_else(|| rulers().next())?;
    let above = lines.get(..open).unwrap_or_default();
    let is_section = closing_ruler.is_none() && above.iter().any(|line| line.trim() == ruler.trim());
    (!is_section && !introduces(above) && is_card(lines.get(open + 1..end).unwrap_or_default(), people))
        .then_some(open)
}

/// Whether what stands above a ruler is about what stands below: a heading right above it, or words that announce it.
fn introduces(above: &[&str]) -> bool {
    let said = above.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
    let is_heading = above.last().is_some_and(|line| !line.trim().is_empty())
        && !closing::is_closing(said)
        && !closing::is_name(said)
        && !said.ends_with(['.', '!', '?', ',', '。', '！', '？', '、']);
    is_heading || said.ends_with([':', '：'])
}

/// Whether lines are the visiting card of a mail's author and nothing else.
fn is_card(lines: &[&str], people: &MailPeople) -> bool {
    const MOST_LINES: usize = 14;
    let texts = || lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && !is_ruler(line));
    let has_contact = texts().any(|line| closing::is_card(line) || closing::holds_contact(line));
    let says = |line: &str| closing::is_said(line) || !closing::fits(line) || TIME.is_match(line);
    has_contact
        && texts().count() <= MOST_LINES
        && !texts().any(says)
        && people.may_own_card(&texts().collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::split_by;
    use super::*;
    use crate::domain::message::{Address, Mailbox};

    fn own(text: &str) -> String {
        let mailbox = |name: &str, address: &str| Mailbox {
            name: name.to_owned(),
            address: Address::new(address).unwrap(),
        };
        let author = mailbox("Calvin Reyes", "calvin@vendor.example");
        let sarah = mailbox("Sarah Lee", "sarah@acme.example");
        split_by(&MailPeople::new(Some(&author), [&sarah].into_iter()), Some(text), None).author_text
    }

    const RULERS: [&str; 14] = [
        "==========",
        "**********",
        "━━━━━━━━",
        "────────",
        "═══════",
        "～～～～～～～",
        "+-+-+-+-+-+",
        "＝＝＝＝＝＝",
        "◆◇◆◇◆◇◆◇◆◇◆◇",
        "-=-=-=-=-=",
        "－－－－－－－",
        "ーーーーーーーー",
        "__________",
        "----------",
    ];

    #[test]
    fn a_card_between_rulers_is_a_signature() {
        for ruler in RULERS {
            let card = format!(
                "{ruler}\n株式会社ベンダー 営業部\nレイエス カルビン\n〒530-0001 大阪市北区2-3\nTEL 06-5555-0100\n{ruler}"
            );
            assert_eq!(
                own(&format!("木曜日で承知しました。\n\n{card}")),
                "木曜日で承知しました。",
                "{ruler}"
            );
            assert_eq!(own(&card), "", "{ruler}");
            let latin = format!("{ruler}\nC. Reyes\nVendor Inc.\nPhone 212 555 0100\n{ruler}");
            assert_eq!(own(&format!("Both days are fine.\n\n{latin}")), "Both days are fine.", "{ruler}");
            assert_eq!(own(&latin), "", "{ruler}");
        }
        let inner = "================\n株式会社ベンダー\n----------------\n担当 レイエス\nE-mail: calvin@vendor.example\n================";
        assert_eq!(own(&format!("承知しました。\n{inner}")), "承知しました。");
        let open = "木曜日で承知しました。\n\n━━━━━━━━━━\n株式会社ベンダー\nTEL 06-5555-0100";
        assert_eq!(own(open), "木曜日で承知しました。");
    }

    #[test]
    fn rulers_between_sections_part_what_is_said() {
        // Dashes and low lines have rules of their own beside this one.
        for ruler in RULERS.into_iter().take(12) {
            for text in [
                format!(
                    "下記の通りです。\n\n{ruler}\n日時: 11月26日(木) 14:00\nTEL: 03-5555-0100\n{ruler}\n\n当日はよろしくお伝えください。"
                ),
                format!("ご連絡先:\n{ruler}\n田中太郎\nTEL 03-5555-0111\n{ruler}"),
                format!(
                    "Two plans\n{ruler}\nTeam: 5,000 a year\nCall us about Pro at +1 212 555 0199, it depends on seats."
                ),
                format!("Dial in\n{ruler}\n+1 646 555 0123"),
                format!("Please ask her.\n\n{ruler}\nSarah Lee\n+1 212 555 0111\n{ruler}"),
                format!("Our partner.\n\n{ruler}\nJames Ortiz\njames@partner.example\n{ruler}"),
                format!("One\n\n{ruler}\n\nTwo things to decide on.\n\n{ruler}\n\nThree"),
            ] {
                let found = own(&text);
                for line in text.lines().filter(|line| !is_ruler(line)) {
                    assert!(found.contains(line), "{line} of {text} is lost: {found}");
                }
            }
        }
    }

    #[test]
    fn words_and_short_rows_are_no_rulers() {
        for line in [
            "",
            "-",
            "--",
            "...",
            "????",
            "😀😀😀😀😀",
            "= = =",
            ">>>>>",
            "a-----",
            "2026-11-26",
            "()()()",
            "★★★★☆",
            "●●●●○○○○○○",
        ] {
            assert!(!is_ruler(line), "{line}");
        }
    }
}
