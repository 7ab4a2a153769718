//! Whether a message is an emoji that somebody set under another: Gmail's and Outlook's reactions as mail, and a
//! phone's that are sent as text.
//!
//! Gmail adds a text/vnd.google.email-reaction+json part; where a gateway took that out, a link or the sentence is
//! left. Outlook, to people outside, sends a mail whose own words are one sentence, `Sarah reacted to your message`, with a
//! picture or its name in brackets in front. A mail of an emoji alone is a person's answer, not a reaction; so is one
//! with the field X-MS-Reactions, which only forbids reactions.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::super::parts;
use super::view::MessageView;
use crate::language::{Role, matcher, provider};

/// Characters of the name, and of the emoji, before a reaction's sentence.
const MOST_BEFORE: usize = 82;
/// Characters of the sentence, on whatever lines.
const LONGEST_SENTENCE: usize = 200;
/// Bytes from the begin of a text within which the sentence stands, behind a banner and a long link.
const OPENING: usize = 1_500;
/// Own lines of a reaction: emoji, sentence, link, each broken once or twice.
const MOST_LINES: usize = 8;

/// Pieces of links that nothing but reactions hold, of all programs.
static LINKS: LazyLock<Vec<String>> = LazyLock::new(|| {
    provider::all_of(|facts| facts.reacting.links.as_slice()).into_iter().map(str::to_owned).collect()
});

/// The emoji, or the words of it; `None` where the message is no reaction.
pub(crate) fn read(view: &MessageView<'_, '_>) -> Option<String> {
    gmail(view).or_else(|| in_words(view))
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

/// By its own words: one sentence, with an emoji and a link at most beside it.
fn in_words(view: &MessageView<'_, '_>) -> Option<String> {
    let beginning = view.beginning();
    let opening = beginning.get(..beginning.floor_char_boundary(OPENING)).unwrap_or_default();
    let by_program = names_program(opening);
    let may_be = by_program || has_sentence(opening) || has_sentence(&view.subject);
    if !may_be {
        return None;
    }
    let own = OwnLines::of(view);
    let subject = is_sentence(view, &view.subject) && own.words.is_empty();
    let by_link = || view.holds_link(&LINKS) && own.is_short;
    let opens = own.is_short && is_sentence(view, &own.words.to_lowercase());
    (subject
        || opens
        || own.leads_over(view)
        || by_program && own.names_program(view)
        || (has_sentence(&own.words.to_lowercase()) && by_link()))
    .then(|| {
        first_emoji(&own.emoji)
            .or_else(|| first_emoji(&own.words))
            .or_else(|| first_emoji(&view.headers.subject))
            .unwrap_or_else(|| own.in_brackets().unwrap_or(own.words))
    })
}

/// Programs whose reactions name them, in whatever language the sentence is.
static PROGRAMS: LazyLock<Vec<Finder<'_>>> = LazyLock::new(|| {
    provider::all_of(|facts| facts.reacting.names.as_slice()).into_iter().map(Finder::new).collect()
});

fn names_program(words: &str) -> bool {
    PROGRAMS.iter().any(|name| name.find(words.as_bytes()).is_some())
}

/// What the author's own part of a reaction is made of.
struct OwnLines {
    /// Signs without letters.
    emoji: String,
    /// Everything else but links, on one line.
    words: String,
    /// No more than a sentence.
    is_short: bool,
    /// Emoji stand above the words, which are one line or a line that was wrapped.
    is_captioned: bool,
}

impl OwnLines {
    fn of(view: &MessageView<'_, '_>) -> Self {
        let own = &view.split().author_text;
        let lines: Vec<&str> =
            own.lines().map(str::trim).filter(|line| !line.is_empty() && !is_link(line)).collect();
        let (words, emoji): (Vec<&str>, Vec<&str>) =
            lines.iter().partition(|line| line.chars().any(char::is_alphanumeric));
        let words = words.join(" ");
        let is_short = lines.len() <= MOST_LINES && words.chars().count() <= LONGEST_SENTENCE;
        let first = lines.first().copied().unwrap_or_default();
        let is_captioned = first_emoji(first).is_some()
            && !first.chars().any(char::is_alphanumeric)
            && lines.len() <= 4
            && without_links(&words).chars().count() <= MOST_BEFORE;
        Self { emoji: emoji.concat(), words, is_short, is_captioned }
    }

    /// An emoji, and below it a line that holds the author's name and the program's: a sentence of it in any language.
    fn names_program(&self, view: &MessageView<'_, '_>) -> bool {
        let words = self.words.to_lowercase();
        self.is_captioned
            && !words.ends_with(['?', '!', '？', '！'])
            && names_program(&words)
            && names_author(view, &words, "")
    }

    /// The sentence comes first and ends in a colon, and what it leads over to is another's, though no mark says so.
    fn leads_over(&self, view: &MessageView<'_, '_>) -> bool {
        let first = view.split().author_text.lines().map(str::trim).find(|line| !line.is_empty());
        first.is_some_and(|line| line.ends_with([':', '：']) && is_sentence(view, &line.to_lowercase()))
    }

    /// `[like] Sarah reacted to your message`: what the picture showed.
    fn in_brackets(&self) -> Option<String> {
        let (inside, _) = self.words.strip_prefix('[')?.split_once(']')?;
        (inside.chars().count() < 30).then(|| inside.to_owned())
    }
}

fn without_links(words: &str) -> String {
    words.split(' ').filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ")
}

/// A link alone, or the picture that is the emoji.
fn is_link(line: &str) -> bool {
    let bare = line.trim_start_matches(['<', '(', '[']);
    ["http://", "https://", "cid:"].iter().any(|scheme| bare.starts_with(scheme)) && !bare.contains(' ')
}

fn has_sentence(words: &str) -> bool {
    matcher(Role::ReactionSentences).is_in(words)
}

/// Whether lower-case words are the sentence of a reaction and nothing else, by one whose name From gives.
fn is_sentence(view: &MessageView<'_, '_>, words: &str) -> bool {
    let words = words.trim_start_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '[')));
    let Some(found) = matcher(Role::ReactionSentences).find(words) else { return false };
    let before = words.get(..found.start).unwrap_or_default();
    let after = words.get(found.end..).unwrap_or_default();
    let is_phones = before.is_empty() && words.trim_end_matches('.').ends_with(['"', '”', '“', '»', '…']);
    let is_mails = before.chars().nth(MOST_BEFORE).is_none()
        && ends_sentence(after)
        && names_author(view, words.get(..found.start).unwrap_or_default(), after);
    is_phones || is_mails
}

/// What may follow: an ending of the word, signs, the subject behind a colon.
fn ends_sentence(after: &str) -> bool {
    let rest = after.trim_start_matches(|c: char| c.is_alphabetic() && !c.is_ascii());
    let words = after.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    rest.trim_start().starts_with([':', '：']) || words <= 1
}

/// A word of the author's name, or of their address.
fn names_author(view: &MessageView<'_, '_>, before: &str, after: &str) -> bool {
    view.headers.from.iter().any(|from| {
        let of_author = format!("{} {}", from.name.to_lowercase(), from.address.local());
        of_author
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 1 || !word.is_ascii() && !word.is_empty())
            .any(|word| before.contains(word) || after.contains(word))
    })
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
                "From: Calvin Reyes <c@v.example>\nSubject: Re: x\nContent-Type: text/plain; charset=utf-8\n\n{sentence}\n"
            );
            assert_eq!(kind(&raw), MessageKind::Reaction, "{sentence}");
        }
    }

    #[test]
    fn the_sentence_may_stand_below_an_emoji_or_a_banner_and_break() {
        for text in [
            "🎉\n\nCalvin reacted via Gmail\n<https://www.google.com/gmail/about/?utm_campaign=emojireactionemail#app>\n\nOn Tue, Nov 24, 2026 at 10:04 AM Dana Fox <dana@vendor.example> wrote:\n\n> Sarah, meet Calvin.\n",
            "[External Email]\n\n👍 Calvin Reyes reacted to your\nmessage:\n\n________________________________\nFrom: Dana Fox\n",
            "[like] Calvin Reyes reacted to your message:\n\n________________________________\nFrom: Dana Fox\nSent: Tuesday\nTo: Calvin\n",
            "❤️\nCalvin Reyes 已通过 Gmail 做出回应\n",
            "👍\nCalvin Reyes 님이 Gmail을 통해 반응함\n",
            "👍\n\nCalvin hat über Gmail reagiert\n",
            "Liked “Does Thursday at two work?”\n",
        ] {
            let raw = format!(
                "From: Calvin Reyes <calvin@vendor.example>\nSubject: Re: demo\nIn-Reply-To: <a@b>\nContent-Type: text/plain; charset=utf-8\n\n{text}"
            );
            assert_eq!(kind(&raw), MessageKind::Reaction, "{text}");
        }
        let html = "From: Calvin Reyes <calvin@vendor.example>\nSubject: Re: demo\nContent-Type: text/html; charset=utf-8\n\n<div><div>👍</div><p>Calvin Reyes reagiu pelo <a href=\"https://www.google.com/gmail/about/?utm_campaign=emojireactionemail\">Gmail</a></p></div>\n";
        assert_eq!(kind(html), MessageKind::Reaction);
    }

    #[test]
    fn who_tells_of_a_reaction_has_not_reacted() {
        for text in [
            "Sarah reacted to your message.\n",
            "Calvin here: Sarah reacted to your message and wants to know what the thumb means.\n",
            "👍 Thursday works. I saw that you reacted via Gmail, thanks.\n",
            "Liked the deck a lot, let us talk on Thursday.\n",
        ] {
            let raw = format!(
                "From: Calvin Reyes <calvin@vendor.example>\nTo: dana@vendor.example\nSubject: Re: demo\nContent-Type: text/plain; charset=utf-8\n\n{text}"
            );
            assert_eq!(kind(&raw), MessageKind::Human, "{text}");
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
