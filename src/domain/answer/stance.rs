//! The AE's stance on a handoff: accepted, refused, done, only asking. behaviour.md sections 5 and 8.

use super::correction::is_name_alone;
use super::ours::without_ours;
use super::{Pattern, pattern, plain};

/// What the AE says of the handoff, in answer to the record, a reminder or a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stance {
    /// "done", "called her this morning", "met them already".
    pub done: bool,
    /// "not mine", "please give this to somebody else".
    pub refuses: bool,
    /// Nothing but questions.
    pub only_asks: bool,
    /// "owner updated".
    pub owner_updated: bool,
    /// Nothing was said at all, or a reaction that is no assent.
    pub silent: bool,
}

static REFUSES: Pattern = pattern!(
    r"\b(?:(?:this|it|that|these)(?:'s| is|s)?\s+(?:really\s+)?not\s+(?:mine|my\s+(?:account|lead|deal|patch|territory|region|prospect))|(?:isn't|is not|not)\s+(?:really\s+)?(?:mine\b|my\s+(?:account|lead|deal|patch|territory|region|prospect)\b)|not\s+for\s+me\b|wrong\s+(?:ae|person|rep|owner)\b|(?:can't|cannot|can not|won't|will not|unable to|not able to|don't want to)\s+(?:take|own|accept|handle|cover|pick)\s+(?:this|it|that|them|her|him|up)|i(?:'m| am)?\s+(?:have to |must |need to |going to |will )?(?:declin(?:e|ing)|refus(?:e|ing)|reject(?:ing)?|pass(?:ing)?\s+on)\b|(?:please|pls|can you|could you|should)\s+(?:re-?assign|reroute)\b|(?:give|pass|hand|send|reassign|move|route|assign)\s+(?:this|it|that|them)?\s*(?:one\s+)?(?:on\s+|over\s+)?to\s+(?:somebody|someone|another|a different)\b|belongs\s+(?:to\s+(?:another|a different|somebody|someone|(?-i:[A-ZÀ-Þ])\w+)|elsewhere)\b|(?-i:\b[A-ZÀ-Þ]\w+)\s+should\s+(?:take|have|own|handle|get|cover)\s+(?:this|it|that)\b|\bshould\s+(?:go|be\s+sent|be\s+passed|be\s+assigned)\s+to\b|(?:out(?:side)?(?:\s+of)?|not\s+in)\s+my\s+(?:territory|patch|region|segment|area)\b|wrong\s+(?:territory|region|segment|patch)\b|(?:i'll|i will|have to|need to|going to|gonna|must)\s+(?:have\s+to\s+)?pass\W*$|(?:don't|do not)\s+(?:cover|handle|want)\s+(?:this|it|that|them|(?-i:[A-ZÀ-Þ])\w*)\b|not\s+the\s+right\s+(?:person|ae|owner|one|rep|contact)\b|nicht\s+mein(?:er|e|s)?\b|pas\s+(?:à|a)\s+moi\b|pas\s+mon\s+(?:compte|dossier)|no\s+es\s+m[ií][oa]\b)"
);
/// Refuses without naming whose it is: who does not take it, has no room for it, or leaves it to somebody else.
static DECLINES: Pattern = pattern!(concat!(
    r"(?:^\W*|\bi\s+)(?:can't|cannot|can not|won't|will not|don't|do not)\s+accept\s*(?:$|[.,;!]|(?:this|the|your)\s+(?:handoff|hand-off|handover|record|lead|deal|account|prospect|one)\b)",
    r"|\bi(?:'m|\s+am|'ll|\s+will)?\s+(?:not|won't\s+be)\s+(?:going\s+to\s+be\s+|be\s+)?(?:taking|accepting|owning)\s+(?:this|it|that|them)(?:\s+(?:one|on|over))?\s*(?:$|[.,;!])",
    r"|\bi(?:'m|\s+am)\s+not\s+going\s+to\s+(?:take|accept|own)\s+(?:this|it|that)\b",
    r"|(?:^\W*|\bi\s+)(?:can't|cannot|won't)\s+do\s+this\s+one\b",
    r"|(?:^\W*|\bi(?:'ll|\s+will|'d|\s+would|'m|\s+am)?\s+(?:(?:rather|have\s+to|must|need\s+to|going\s+to)\s+)*)pass(?:ing)?\s+on\s+(?:this|it|that)(?:\s+one)?\W*$",
    r"|\b(?:someone|somebody)\s+else\s+(?:should|must|needs?\s+to|has\s+to|will\s+have\s+to|ought\s+to|can|could)\s+(?:\w+\s+)?(?:take|have|own|handle|cover|pick(?:\s+up)?)\s*(?:(?:this|it|that|them|her|him|over|the\s+(?:lead|account|deal|handoff))\b|[.,;!]*$)",
    r"|\btake\s+me\s+off\s+(?:this|it|that)\b|\bi\s+(?:have\s+no|(?:don't|do not)\s+have(?:\s+(?:the|any))?)\s+(?:capacity|bandwidth|room)\s+(?:for|to\s+take)\s+(?:this|it|that|another|more)\b",
    r"|^\W*(?:(?:so\s+)?sorry|unfortunately|i'm afraid)?[\s,-]*i\s+(?:can't|cannot|won't)\s*(?:[,.;!-]|$)",
    r"|\b(?:kann|möchte|will)\s+(?:ich\s+)?(?:(?:das|den|die|es)\s+)?(?:leider\s+)?nicht\s+(?:übernehmen|annehmen)\b|\blehne\s+(?:ich\s+)?(?:\w+\s+)?ab\b",
    r"|\bne\s+peux\s+pas\s+(?:(?:le|la)\s+|l'\s*)?(?:prendre|accepter)\b|\bno\s+puedo\s+(?:aceptar|tomar|llevar|encargarme)",
));
static REFUSES_WHOLE: Pattern = pattern!(
    r"^\W*(?:no|nope|no,?\s+thanks?|no,?\s+thank\s+you|decline|declined|refuse|refused|rejected|reject|pass|(?:nope,?\s+)?not me|not accepted|not interested|hard pass|no can do|(?:sorry,?\s+)?(?:i\s+)?can't(?:\s+do\s+(?:this|it))?|nein|non)\W*$"
);
/// Refuses by asking: `can you give this to somebody else?`
static ASKS_AWAY: Pattern = pattern!(
    r"\b(?:can|could|would|will)\s+(?:you|we|someone|somebody)\s+(?:please\s+|pls\s+)?(?:re-?assign|reroute|(?:give|pass|hand|move|route|assign)\s+(?:this|it)\s+(?:one\s+)?(?:on\s+|over\s+)?to)\b|\b(?:can|could|would|will|should)\s+(?:someone|somebody|anyone|anybody)\s+else\s+(?:please\s+)?(?:take|have|own|handle|cover|pick)\b"
);
static REFUSES_TO: Pattern = pattern!(
    r"\b(?:please\s+)?(?:give|pass|hand|send|reassign|move|route|assign)\s+(?:this|it)\s+(?:one\s+)?(?:over\s+|on\s+)?to\s+[A-Z]"
);
static NO_REFUSAL: Pattern = pattern!(
    r"\b(?:not mine to|no problem|not a problem|won't (?:miss|forget|let)|can't wait|cannot wait|nicht mein problem|if (?:it|this)(?:'s| is) not|taking (?:this|it) lightly)\b"
);

static NOT_DONE: Pattern = pattern!(
    r"\b(?:not\s+(?:yet\s+)?(?:done|called|met|spoken|reached|written|emailed)|(?:haven't|have not|hasn't|didn't|did not|couldn't|could not|never)\s+(?:yet\s+)?(?:\w+\s+)?(?:done|call(?:ed)?|me?et|spoken?|speak|reach(?:ed)?|wr[io]te(?:n)?|e-?mail(?:ed)?)|(?:will|'ll|going to|gonna|plan to|want to|should|would|could|must|need to|to)\s+(?:\w+\s+){0,3}(?:be\s+|get\s+(?:it|this|that)\s+|have\s+(?:it|this|that)\s+)?(?:done|call|meet|speak|reach|write|e-?mail)|(?:will|'ll|would|should)\s+have\s+(?:\w+\s+)?(?:done|called|met|spoken|reached|written|e-?mailed)|get\s+(?:it|this|that)\s+done|(?:is|was|are)\s+(?:this|it|that)\s+done|done\s+(?:by|tomorrow|soon|later|tonight|next|within|before)\b|(?:called|met|spoken?|wrote|written|e-?mailed|talked|contacted|messaged|pinged|texted)\s+(?:to\s+|with\s+)?(?:you|my\s+(?:manager|boss|team))|(?:when|once|as soon as|until|after|before)\s+(?:\w+\s+){0,3}done|well done|nicely done|noch\s+nicht|nicht\s+(?:angerufen|geschrieben|getroffen|gesprochen|telefoniert))\b"
);
static DONE: Pattern = pattern!(
    r"(?:^\W*(?:all\s+|already\s+|it's\s+|that's\s+|this\s+is\s+)?done\b|^\W*(?:erledigt|fait|c'est fait|hecho|listo)\b|\b(?:already\s+(?:done|called|met|spoke|spoken|wrote|written|reached|emailed|talked)|(?:i|we|i've|we've|i have|we have|i just|just|have|i already)\s+(?:just\s+|already\s+)?(?:done\s+(?:it|this|that|so)|called|rang|phoned|met|spoke|spoken|wrote|written|reached\s+out|texted|emailed|e-mailed|talked|contacted|messaged|pinged|connected)\b)|(?:^\W*|\b(?:i|we|i've|we've|have|just|already)\s+)(?:just\s+|already\s+)?(?:(?:sent|dropped|left|shot|gave)\s+(?:her|him|them|(?-i:[A-ZÀ-Þ])\w+)\s+(?:an?|the|my)\s+(?:\w+\s+)?(?:e-?mail|mail|note|message|text|voicemail|vm|inmail|invite|line|call|ring|dm)|replied\s+(?:directly\s+)?to\s+(?:her|him|them)|answered\s+(?:her|him|them)|(?:sent|left)\s+an?\s+(?:\w+\s+)?(?:e-?mail|message|voicemail|note|inmail|text)\s+(?:to|for|with)\s+(?:her|him|them)|in touch with\s+(?:her|him|them))\b|^\W*(?:just\s+|already\s+)?(?:called|met|spoke|wrote|reached\s+out|emailed|e-mailed|texted|talked|contacted|phoned|messaged|rang)\b|\b(?:is|it's|that's|all|been)\s+done\b|(?:^\W*|\b(?:i'm|i am|we're|we are)\s+)already\s+in\s+touch\b|^\W*(?:i\s+)?(?:just\s+|already\s+)?(?:left|sent)\s+(?:an?\s+)?(?:voicemail|vm|(?:linkedin|whatsapp)(?:\s+(?:message|note|inmail|text))?|text(?:\s+message)?|sms)\b|^\W*(?:schon\s+|bereits\s+)?(?:angerufen|geschrieben|getroffen|gesprochen|telefoniert)\b|\b(?:habe?|haben)\s+(?:wir\s+|ich\s+)?(?:ihn|sie|ihr|ihm|mit\s+(?:ihr|ihm|ihnen))\s+(?:schon\s+|bereits\s+|eben\s+|gerade\s+)?(?:angerufen|geschrieben|getroffen|gesprochen|telefoniert)\b)"
);

static OWNER: Pattern = pattern!(
    r"\b(?:owner(?:ship)?(?:\s+field)?\s*(?:is\s+|has\s+been\s+|was\s+|:\s*|=\s*|now\s+)*(?:updated|changed|set|switched|done|transferred|mine|me)\b|(?:updated|changed|set|switched|transferred|moved)\s+(?:the\s+)?(?:deal\s+|crm\s+|account\s+|opportunity\s+|record\s+)*owner(?:ship)?\b|(?:i'm|i am|am)\s+(?:now\s+)?(?:the\s+)?(?:deal\s+|crm\s+)?owner\b)"
);
static NOT_OWNER: Pattern = pattern!(
    r"\b(?:owner(?:ship)?\s+(?:is\s+|was\s+|has\s+)?(?:not|n't)\s|(?:not|haven't|hasn't|will|'ll|to|didn't|going to|should|please|can you|could you)\s+(?:yet\s+|been\s+|be\s+)?(?:updated?|changed?|set|switch(?:ed)?|transfer(?:red)?)\s+(?:the\s+)?(?:\w+\s+){0,2}owner|owner(?:ship)?\s+(?:will|to be|isn't|is not|hasn't|not))"
);

const ASSENTS: [char; 22] = [
    '👍', '👌', '✅', '✔', '☑', '🙌', '👏', '🎉', '💪', '🚀', '🔥', '🙏', '😀', '😃', '😄', '😊', '🙂', '🫡',
    '🤝', '❤', '💯', '🥳',
];

/// Reads the AE's stance from the author's own words, or from a reaction's emoji.
pub fn stance(words: &str, reaction: Option<&str>) -> Stance {
    let text = without_ours(&plain(words));
    let text = text.trim();
    // The words of a reaction are the provider's: `Calvin reacted via Gmail`.
    if let Some(reaction) = reaction {
        return Stance { silent: !is_assenting_reaction(reaction), ..Stance::default() };
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Stance { silent: !is_assent(text) && !text.contains("+1"), ..Stance::default() };
    }
    let said: Vec<&str> = sentences(text).filter(|sentence| !is_question(sentence)).collect();
    let asks_away = sentences(text).any(|sentence| ASKS_AWAY.is_in(sentence));
    let any = |test: &dyn Fn(&str) -> bool| said.iter().any(|sentence| test(sentence));
    let refuses = asks_away
        || any(&|sentence| {
            !NO_REFUSAL.is_in(sentence)
                && (REFUSES.is_in(sentence)
                    || DECLINES.is_in(sentence)
                    || REFUSES_WHOLE.is_in(sentence)
                    || hands_on(sentence))
        });
    Stance {
        refuses,
        done: !refuses && any(&|sentence| DONE.is_in(sentence) && !NOT_DONE.is_in(sentence)),
        only_asks: !refuses && text.contains('?') && !accepts_first(text) && is_all_courtesy(&said),
        owner_updated: any(&|sentence| OWNER.is_in(sentence) && !NOT_OWNER.is_in(sentence)),
        silent: false,
    }
}

/// "Give this to Rita": a name, so its capital counts.
fn hands_on(sentence: &str) -> bool {
    REFUSES_TO.is_in(sentence)
        && REFUSES_TO
            .regex()
            .and_then(|regex| regex.find(sentence))
            .is_some_and(|found| found.as_str().chars().next_back().is_some_and(char::is_uppercase))
}

fn is_assent(reaction: &str) -> bool {
    reaction.chars().any(|character| ASSENTS.contains(&character))
        || matches!(
            reaction.trim().to_lowercase().as_str(),
            "like" | "heart" | "celebrate" | "+1" | "thumbsup"
        )
}

static NO_ASSENT: Pattern = pattern!(r"\b(?:dislike[sd]?|sad|angry|confused|thumbs[- ]?down)\b");

/// A reaction whose mail shows no emoji, only a sentence, is taken for the thumb that most of them are.
fn is_assenting_reaction(reaction: &str) -> bool {
    let is_worded = reaction.chars().all(|c| c.is_ascii() || c.is_alphanumeric() || c.is_whitespace())
        && reaction.chars().any(char::is_alphanumeric);
    is_assent(reaction) || (is_worded && !NO_ASSENT.is_in(reaction))
}

/// Sentences with their closing mark; a line ends one.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split_inclusive(['.', '!', '?', ';']))
        .map(str::trim)
        .filter(|sentence| sentence.chars().any(char::is_alphanumeric))
}

fn is_question(sentence: &str) -> bool {
    sentence.trim_end_matches(['"', ')', ' ']).ends_with('?')
}

static COURTESY: Pattern = pattern!(
    r"^\W*(?:hi|hello|hey|hallo|dear|thanks|thank you|thx|cheers|best|regards|please|one question|quick question|just a question|two questions|questions?)(?:\W+\w+){0,3}\W*$"
);

fn is_courtesy(sentence: &str) -> bool {
    COURTESY.is_in(sentence)
}

static ASSENT_FIRST: Pattern = pattern!(
    r"^\W*(?:got it|ok|okay|great|perfect|accepted|sure|will do|on it|noted|cool|awesome|thanks,? got it|sounds good)\s*(?:,|-|:|and\b|but\b)"
);

/// `Got it, who is James?` accepts and asks.
fn accepts_first(text: &str) -> bool {
    sentences(text).any(|sentence| ASSENT_FIRST.is_in(sentence))
}

static ASSENT_ALONE: Pattern = pattern!(
    r"^\W*(?:accept(?:ed)?|got|ok(?:ay)?|sure|understood|noted?|great|perfect|done|confirmed|agreed|roger|yes|yep|yeah|will|cool|awesome|excellent|super|fine|good|taken|mine|deal|received|read|ack(?:nowledged)?|absolutely|gladly|happy|on|copy|check|checked|wonderful|brilliant|fantastic|lovely|nice|right|alright|all|owner|updated|ja|oui|s[ií]|verstanden|erhalten|übernommen|angenommen|gerne|klar|passt|accepté|compris|vu|aceptado|entendido|recibido|vale|claro)\b"
);

/// Courtesies alone, and the author's name at the end.
fn is_all_courtesy(said: &[&str]) -> bool {
    said.iter().enumerate().all(|(at, sentence)| {
        let is_last = at + 1 == said.len();
        is_courtesy(sentence) || (is_last && is_name_alone(sentence) && !ASSENT_ALONE.is_in(sentence))
    })
}

static YES: Pattern = pattern!(
    r"^\W*(?:(?:ok|okay|oh|ah|hi|hey|hello)\b[\s,!]*)?(?:yes|yep|yeah|yup|y|ja|oui|s[ií]|sim|correct|right|exactly|that's (?:him|her|them|right|me|my|mine|his)|it is|it's (?:him|her|me|my|mine|his)|that is (?:him|her|them|right|me|my|mine|his)|absolutely|definitely|indeed|sure)\b"
);
static NO: Pattern = pattern!(
    r"^\W*(?:no|nope|nah|n|nein|non|não|not|never|that's not|that isn't|it's not|it isn't|wrong|don't know|i don't know|no idea)\b"
);

static NEITHER: Pattern =
    pattern!(r"^\W*(?:not\s+(?:sure|certain|yet)|no\s+(?:problem|worries|time|rush))\b");

/// `yes` or `no` to a question, `None` where it is neither.
pub fn yes_or_no(words: &str) -> Option<bool> {
    let text = plain(words);
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| line.chars().any(char::is_alphanumeric) && !is_courtesy(line) && !is_question(line))?;
    if NEITHER.is_in(first) {
        return None;
    }
    if NO.is_in(first) {
        return Some(false);
    }
    YES.is_in(first).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Stance {
        stance(words, None)
    }

    #[test]
    fn every_pattern_compiles() {
        let all = [
            &REFUSES,
            &REFUSES_WHOLE,
            &DECLINES,
            &REFUSES_TO,
            &NO_REFUSAL,
            &NOT_DONE,
            &DONE,
            &OWNER,
            &NOT_OWNER,
            &COURTESY,
            &YES,
            &ASSENT_FIRST,
            &ASSENT_ALONE,
            &NO_ASSENT,
            &NEITHER,
            &ASKS_AWAY,
            &NO,
        ];
        assert!(all.iter().all(|pattern| pattern.regex().is_some()));
    }

    #[test]
    fn any_words_that_neither_refuse_nor_only_ask_are_assent() {
        for words in [
            "Who is James?\n\nAccepted.",
            "Which deck?\nUnderstood",
            "She sent me a note",
            "Thanks, I'll take it",
            "Rita told me about this",
            "Got it, passing on the good news",
            "Great, can you send me the deck too?",
            "accepted",
            "Got it",
            "got it, thanks Dana!",
            "👍",
            "👍🏽",
            "ok",
            "On it.",
            "will do",
            "Thanks, taking it from here.",
            "Got it. Who is James?",
            "Can't wait!",
            "No problem, on it",
            "I won't miss it",
            "not mine to judge, but ok",
            "Great work. I'll call her tomorrow.",
            "Reading now",
            "I cannot accept the invite for Thursday, please resend. Got it otherwise.",
            "I can't make the Thursday slot, but I own it",
            "Not taking this lightly, thanks",
            "Sarah has no bandwidth for a long demo, will keep it short",
            "They are not taking it well, noted",
            "They don't accept POs over 10k. Got it",
            "Someone else should take the notes, I run the call",
            "Please pass on this to Sarah: looking forward",
        ] {
            let stance = of(words);
            assert!(!stance.refuses && !stance.only_asks && !stance.silent, "{words}: {stance:?}");
        }
    }

    #[test]
    fn a_refusal_is_known_in_its_forms() {
        for words in [
            "I'm swamped, someone else should take this one.",
            "I'm at capacity, can someone else take it?",
            "I'll pass on this one",
            "Conflict of interest, I can't accept",
            "I do not accept this handoff",
            "I won't be taking this",
            "Please take me off this",
            "I don't have capacity for this",
            "I can't, on parental leave until March",
            "hard pass",
            "I'm not taking this one.",
            "Passing on this one",
            "Somebody else has to pick this up",
            "Kann ich leider nicht übernehmen",
            "this belongs to Rita",
            "Rita should take this",
            "out of my territory",
            "I don't cover EMEA",
            "I'm not the right person",
            "I'll pass",
            "No thanks",
            "Can you give this to Rita?",
            "could you please reassign?",
            "not mine",
            "Not mine.",
            "This isn't mine",
            "this is not my account",
            "Sorry, this one is not my territory.",
            "Please give it to Rita",
            "please reassign",
            "I can't take this",
            "wrong AE",
            "No.",
            "decline",
            "I have to decline",
            "I'm passing on this",
            "Give this to somebody else please",
            "nicht meiner",
            "pas à moi",
            "no es mío",
            "Not my lead - Rita covers EMEA",
        ] {
            assert!(of(words).refuses, "{words}");
        }
    }

    #[test]
    fn nothing_but_questions_only_asks() {
        for words in [
            "Is this really mine?\n\nCalvin",
            "Which pipeline do they use?\nCalvin Reyes",
            "Who decides?\n\nBest,\nCalvin",
            "Hi Dana,\nwho is James?\nBest\nCalvin",
            "Who is James?",
            "Can you send me the deck? And who is James?",
            "Hi Dana,\nwhich Acme is this?\nThanks",
        ] {
            assert!(of(words).only_asks, "{words}");
        }
    }

    #[test]
    fn done_is_said_in_many_ways() {
        for words in [
            "left a voicemail",
            "already in touch",
            "Sent a LinkedIn message",
            "Habe sie angerufen",
            "sent her an email yesterday",
            "I sent her a note on LinkedIn",
            "left her a voicemail",
            "I replied to her directly",
            "already in touch with her",
            "done",
            "Done.",
            "Done - called her this morning",
            "all done",
            "Called her",
            "already spoke to her",
            "I met them yesterday",
            "wrote to her from my phone",
            "I've reached out",
            "Emailed Sarah just now",
            "We already talked",
            "it's done",
            "erledigt",
        ] {
            assert!(of(words).done, "{words}");
        }
        for words in [
            "Sent a note to Dana",
            "James is already in touch with a competitor",
            "Habe mit Dana gesprochen",
            "Noch nicht angerufen",
            "Done by tomorrow",
            "I spoke to you about it",
            "I wrote to my manager",
            "not done yet",
            "will call tomorrow",
            "Is this done?",
            "I'll get it done",
            "I'll be done by 5",
            "well done Dana",
            "haven't called her yet",
            "I will have called her by noon",
            "got it",
            "going to call her",
            "once done I'll tell you",
        ] {
            assert!(!of(words).done, "{words}");
        }
    }

    #[test]
    fn owner_updated_ticks_the_owner() {
        for words in [
            "owner updated",
            "Got it, owner updated.",
            "I updated the owner",
            "changed the deal owner",
            "Owner: done",
        ] {
            assert!(of(words).owner_updated, "{words}");
        }
        for words in [
            "will update the owner",
            "owner not updated yet",
            "haven't updated the owner",
            "can you update the owner?",
        ] {
            assert!(!of(words).owner_updated, "{words}");
        }
    }

    #[test]
    fn reactions_assent_or_are_silent() {
        assert!(!stance("", Some("👍")).silent);
        assert!(!stance("", Some("❤️")).silent);
        assert!(stance("", Some("👎")).silent);
        assert!(!stance("👍\n\nCalvin Reyes reacted via Gmail", Some("👍")).silent);
        assert!(stance("👎\n\nCalvin Reyes reacted via Gmail", Some("👎")).silent);
        assert!(!stance("", Some("Calvin Reyes reacted to your message:")).silent);
        assert!(stance("", None).silent);
    }

    #[test]
    fn yes_and_no_are_told_apart() {
        for words in [
            "yes",
            "That is me",
            "ok, yes",
            "it's my personal account",
            "Yes, that's him",
            "yep",
            "y",
            "Correct, his private address",
            "Hi,\nyes",
            "ja",
            "oui",
        ] {
            assert_eq!(yes_or_no(words), Some(true), "{words}");
        }
        for words in ["no", "No idea who that is", "nope", "that's not Calvin", "nein", "not him"] {
            assert_eq!(yes_or_no(words), Some(false), "{words}");
        }
        for words in ["not sure", "No problem", "", "let me ask him", "who?", "maybe"] {
            assert_eq!(yes_or_no(words), None, "{words}");
        }
    }
}
