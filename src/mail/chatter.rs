//! Internal talk in a mail: what was pasted from a team chat, and mails quoted below with their own header
//! block. docs/behaviour.md section 6, last bullet.
//!
//! Whether a quoted mail was internal is the judgement's to say, which knows who is a colleague. Known limits: a
//! quotation without a header block names nobody to whom it went; chats other than Slack are known by the
//! form of a pasted conversation alone.

use std::sync::LazyLock;

use memchr::{memchr, memrchr};

use super::links;
use crate::domain::message::{Address, QuotedMail};
use crate::pattern::{Pattern, pattern};

/// `Dana Fox  10:32 AM` alone on its line, as Slack copies a message's head, `[10:32 AM] Fox, Dana` as Teams does,
/// `[10:32, 12/1/2026] Dana:` as WhatsApp does.
static HEAD: Pattern = LazyLock::new(|| {
    let time = r"\d{1,2}:\d{2}(?:\s?(?i:[ap]m))?";
    let name = r"\p{L}[\p{L} .'-]{1,40}";
    let forms = [
        format!(r"\[(?:[\d./-]+,? )?{time}(?::\d{{2}})?(?:, [\d./-]+)?\]\s+\S[^:\n]{{0,40}}:"),
        format!(r"\[{time}\]\s+\p{{L}}[\p{{L}} ,.'-]{{1,40}}$"),
        format!(r"{name}(?:\s{{2,}}|\s*\[){time}\]?"),
        format!(r"{name}\s+APP\s+{time}"),
    ];
    pattern(&format!(r"(?m)^\s*(?:{})\s*(?:$|\S)", forms.join("|")))
});
/// `:white_check_mark:`, `:+1:`: shortcodes stay behind when emoji are pasted as text.
static SHORTCODE: Pattern = LazyLock::new(|| pattern(r":(?:[a-z]+_[a-z_]+|\+1|eyes|tada|thumbsup|joy):"));
static MENTION: Pattern =
    LazyLock::new(|| pattern(r"(?:^|\s)(?:@(?:here|channel|everyone)\b|#[a-z][a-z0-9_-]{2,}\b)"));
static ADDRESS: Pattern = LazyLock::new(|| pattern(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"));
static LABELLED: Pattern =
    LazyLock::new(|| pattern(r"^\s*\*?\p{L}[\p{L} .-]{0,20}\*?\s?:\*?\s*(?P<value>\S.*)?$"));

/// A block with fewer labelled lines is no header block.
const LEAST_LINES: usize = 3;
const MOST_MAILS: usize = 20;

/// A link into a team chat, or the first line of a paste from one.
pub fn in_mail(author_links: &[String], author_text: &str, quoted_text: &str) -> Option<String> {
    if let Some(link) = author_links.iter().find(|link| links::is_chat(link)) {
        return Some(link.clone());
    }
    if let Some(link) = links::in_text(quoted_text)
        .into_iter()
        .map(|link| links::unwrap(&link))
        .find(|link| links::is_chat(link))
    {
        return Some(link);
    }
    [author_text, quoted_text].into_iter().find_map(paste)
}

/// Two heads, or one beside a shortcode or a mention of a channel, make a paste; one alone is a time of day.
fn paste(text: &str) -> Option<String> {
    let mut heads = lines_with_colon(text)
        .map(|(_, _, line)| line)
        .filter(|line| may_be_head(line))
        .filter_map(|line| HEAD.find(line));
    let first = heads.next()?;
    let is_paste = heads.next().is_some() || SHORTCODE.is_match(text) || MENTION.is_match(text);
    is_paste.then(|| first.as_str().trim().to_owned())
}

/// The lines that hold a colon, each with where it begins and where the next one does: few of a text, and no others
/// need be looked at.
fn lines_with_colon(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        let colon = from + memchr(b':', bytes.get(from..)?)?;
        let begin = from + memrchr(b'\n', bytes.get(from..colon)?).map_or(0, |end| end + 1);
        let end = memchr(b'\n', bytes.get(colon..)?).map_or(text.len(), |length| colon + length);
        from = end + 1;
        let line = text.get(begin..end)?;
        Some((begin, from, line.strip_suffix('\r').filter(|_| end < text.len()).unwrap_or(line)))
    })
}

/// A digit, a colon, a digit, and before the first digit nothing but a name: few lines are like that, and only those
/// are worth the whole pattern.
fn may_be_head(line: &str) -> bool {
    let clock = |found: &[u8]| matches!(found, [a, b':', c] if a.is_ascii_digit() && c.is_ascii_digit());
    memchr(b':', line.as_bytes()).is_some()
        && line.as_bytes().windows(3).any(clock)
        && line
            .chars()
            .take_while(|c| !c.is_ascii_digit())
            .all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '.' | '\'' | '-' | '['))
}

/// What stands before the first colon is words, as in a label, and no sentence.
fn may_be_labelled(line: &str) -> bool {
    line.split_once(':').is_some_and(|(label, _)| {
        label.trim().len() <= 100
            && label.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '.' | '-' | '*'))
    })
}

/// The mails that are quoted with a header block. Labels come in every language, so the block is known by its
/// form: the first line with an address is who wrote it, the others whom it went to.
pub(crate) fn quoted_mails(quoted_text: &str) -> Vec<QuotedMail> {
    let mut mails = Vec::new();
    let mut block: Vec<Vec<Address>> = Vec::new();
    let mut below = 0;
    for (begin, next, line) in lines_with_colon(quoted_text) {
        if begin > below {
            take(&mut mails, std::mem::take(&mut block));
        }
        below = next;
        if let Some(found) = may_be_labelled(line).then(|| LABELLED.captures(line)).flatten() {
            let value = found.name("value").map_or("", |value| value.as_str());
            block.push(ADDRESS.find_iter(value).filter_map(|one| Address::new(one.as_str())).collect());
        } else {
            take(&mut mails, std::mem::take(&mut block));
        }
        if mails.len() >= MOST_MAILS {
            return mails;
        }
    }
    take(&mut mails, block);
    mails
}

fn take(mails: &mut Vec<QuotedMail>, block: Vec<Vec<Address>>) {
    if block.len() < LEAST_LINES {
        return;
    }
    let mut lines = block.into_iter().filter(|addresses| !addresses.is_empty());
    if let Some(from) = lines.next() {
        let to: Vec<Address> = lines.flatten().collect();
        if !to.is_empty() {
            mails.push(QuotedMail { from, to });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_teams_and_whatsapp_copy_is_a_paste() {
        for text in [
            "[10:42 AM] Reyes, Calvin\nshould we?\n[10:43 AM] Fox, Dana\nsure",
            "[10:42, 12/1/2026] Calvin: should we?\n[10:43, 12/1/2026] Dana: sure",
            "[01.12.26, 10:42:13] Calvin: should we?\n[01.12.26, 10:43:02] Dana: sure",
        ] {
            assert!(paste(text).is_some(), "{text}");
        }
        for text in [
            "[10:42] Agenda item one is pricing, item two is 3 things",
            "From 10:30 to 11:00, then 14:00: demo",
        ] {
            assert!(paste(text).is_none(), "{text}");
        }
        assert!(links::is_chat("https://teams.microsoft.com/l/message/19:abc@thread.v2/1700000000"));
        assert!(!links::is_chat("https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc"));
    }

    #[test]
    fn a_link_into_slack_is_found_in_words_and_in_quotation() {
        let link = "https://vendor.slack.com/archives/C01/p123".to_owned();
        assert_eq!(in_mail(std::slice::from_ref(&link), "", ""), Some(link.clone()));
        assert_eq!(in_mail(&[], "", &format!("see {link} there")), Some(link));
        assert_eq!(in_mail(&[], "We use Slack at 10:30 AM too", ""), None);
    }

    #[test]
    fn a_pasted_conversation_is_known_by_its_heads() {
        let text = "fyi\nDana Fox  10:32 AM\nshe has no budget\nCalvin Reyes  10:35 AM\nok, will push";
        assert_eq!(in_mail(&[], text, ""), Some("Dana Fox  10:32 AM".to_owned()));
        assert_eq!(in_mail(&[], "Agenda\nWelcome  10:00\nthen the demo", ""), None);
    }

    #[test]
    fn a_header_block_tells_who_wrote_to_whom_in_any_language() {
        let text = "Von: Dana Fox <dana@vendor.example>\nGesendet: Dienstag\nAn: Calvin <calvin@vendor.example>\nBetreff: Acme\n\nhi";
        let mails = quoted_mails(text);
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].from[0].as_str(), "dana@vendor.example");
        assert_eq!(mails[0].to[0].as_str(), "calvin@vendor.example");
        assert!(quoted_mails("Note: call a@b.example\nbye").is_empty());
    }
}
