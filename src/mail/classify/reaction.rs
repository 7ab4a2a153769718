//! Whether a message is an emoji that somebody set under another: Gmail's and Outlook's reactions as mail.
//!
//! Gmail adds a text/vnd.google.email-reaction+json part. Outlook, to people outside, sends a mail whose first line
//! is `Sarah reacted to your message`. A mail of an emoji alone is a person's answer, not a reaction; so is one
//! with the field X-MS-Reactions, which only forbids reactions.

use super::super::parts;
use super::view::MessageView;
use crate::language::{Role, matcher};

/// Characters of the name, and of the emoji, before a reaction's sentence.
const MOST_BEFORE: usize = 82;

/// Whether lower-case words are the sentence of a reaction, behind a name.
fn is_sentence(words: &str) -> bool {
    let words = words.trim_start_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
    matcher(Role::ReactionSentences).find(words).is_some_and(|found| {
        words.get(..found.start).is_some_and(|name| name.chars().nth(MOST_BEFORE).is_none())
    })
}

/// The emoji, or the words of it; `None` where the message is no reaction.
pub(crate) fn read(view: &MessageView<'_, '_>) -> Option<String> {
    gmail(view).or_else(|| outlook(view))
}

fn gmail(view: &MessageView<'_, '_>) -> Option<String> {
    let part = parts::first_of(view.message, "text/vnd.google.email-reaction+json")?;
    let text = parts::text_of(part);
    let json: serde_json::Value =
        serde_json::from_str(text.get(..2_000).unwrap_or(&text).trim()).unwrap_or_default();
    Some(json.get("emoji").and_then(|emoji| emoji.as_str()).map_or_else(
        || first_emoji(view.start()).unwrap_or_else(|| "\u{1f44d}".to_owned()),
        |emoji| emoji.chars().take(16).collect(),
    ))
}

fn outlook(view: &MessageView<'_, '_>) -> Option<String> {
    let subject = is_sentence(&view.subject);
    if !subject && !view.headers.in_reply_to.is_empty() && view.media_type.starts_with("multipart/mixed") {
        return None;
    }
    let first: String = view
        .start()
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect();
    let opens =
        first.len() < 160 && is_sentence(&first.to_lowercase()) && (first.ends_with(':') || ends_there(view));
    (subject || opens).then(|| {
        first_emoji(&first)
            .or_else(|| first_emoji(&view.headers.subject))
            .unwrap_or_else(|| if first.is_empty() { view.headers.subject.clone() } else { first.clone() })
    })
}

/// Nothing of the author's own follows the sentence.
fn ends_there(view: &MessageView<'_, '_>) -> bool {
    let mut lines = view.start().lines().map(str::trim).filter(|line| !line.is_empty()).skip(1);
    lines.next().is_none_or(|line| line.starts_with(['_', '-', '>', '*']) || line.contains(':'))
}

fn first_emoji(text: &str) -> Option<String> {
    let mut chars = text.chars().skip_while(|c| !is_emoji(*c));
    let first = chars.next()?;
    Some(
        std::iter::once(first)
            .chain(chars.take_while(|c| is_emoji(*c) || matches!(*c, '\u{fe0f}' | '\u{200d}')))
            .take(8)
            .collect(),
    )
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b50..=0x2b55 | 0x2190..=0x21ff | 0x3030 | 0x303d)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{body, kind};
    use crate::domain::message::MessageKind;

    #[test]
    fn gmails_reaction_carries_its_emoji() {
        let found = body(
            "From: Calvin <calvin@vendor.example>\nSubject: Re: demo\nIn-Reply-To: <a@b>\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n👍 Calvin reacted via Gmail\n--b\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{\"emoji\":\"👍\",\"version\":1}\n--b--\n",
        );
        assert_eq!((found.kind, found.reaction.as_deref()), (MessageKind::Reaction, Some("👍")));
    }

    #[test]
    fn outlooks_reaction_is_a_sentence() {
        let found = body(
            "From: Calvin <calvin@vendor.example>\nSubject: Re: demo\nContent-Type: text/plain; charset=utf-8\n\n❤️ Calvin Reyes reacted to your message:\n\n________________________________\nFrom: Dana Fox\nSent: Tuesday\n",
        );
        assert_eq!((found.kind, found.reaction.as_deref()), (MessageKind::Reaction, Some("❤️")));
    }

    #[test]
    fn the_sentence_of_a_reaction_is_known_in_many_languages() {
        for sentence in [
            "Calvin Reyes ha reagito al messaggio: 👍",
            "Calvin Reyes reagerede på din meddelelse: 👍",
            "Calvin Reyes zareagował na Twoją wiadomość: 👍",
            "Calvin Reyes отреагировал на ваше сообщение: 👍",
            "Calvin Reyes さんがメッセージにリアクションしました: 👍",
            "Calvin Reyes 对你的消息做出了回应: 👍",
        ] {
            let raw = format!(
                "From: c@v.example\nSubject: Re: x\nContent-Type: text/plain; charset=utf-8\n\n{sentence}\n"
            );
            assert_eq!(kind(&raw), MessageKind::Reaction, "{sentence}");
        }
    }

    #[test]
    fn a_thumb_of_a_persons_own_is_an_answer() {
        assert_eq!(
            kind(
                "From: Calvin <calvin@vendor.example>\nSubject: Re: demo\nIn-Reply-To: <a@b>\nX-MS-Reactions: disallow\nContent-Type: text/plain; charset=utf-8\n\n👍\n"
            ),
            MessageKind::Human
        );
        assert_eq!(
            kind(
                "From: Calvin <calvin@vendor.example>\nSubject: Re: demo\n\nSarah reacted to your message very well, she wants a demo.\nLet us talk.\n"
            ),
            MessageKind::Human
        );
    }
}
