//! The AE's stance on a handoff: accepted, refused, done, only asking. docs/behaviour.md sections 5 and 8.

use super::correction::is_name_alone;
use super::done::{clause_around, clauses, says_done};
use super::names::{COLLEAGUE, KnownNames, PROSPECT};
use super::ours::without_ours;
use super::plain;
use super::request::{Request, is_assent_in_signs, request};
use super::rule::{RulePattern, bare, words};
use crate::language::{Role, matcher};

/// What the AE says of the handoff, in answer to the record, a reminder or a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stance {
    /// "done", "called her this morning", "met them already".
    pub done: bool,
    /// "not mine", "please give this to somebody else".
    pub refuses: bool,
    /// Nothing but questions.
    pub only_asks: bool,
    /// "accepted", "I'll take it", a thumbs-up: more than some answer.
    pub takes_on: bool,
    /// "owner updated".
    pub owner_updated: bool,
    /// Nothing was said at all, or a reaction that is no assent.
    pub silent: bool,
}

/// A short line that begins with a courtesy, `Hi Dana`, says nothing.
static COURTESY: RulePattern =
    RulePattern::new(|| format!(r"^\W*{}(?:\W+\w+){{0,3}}\W*$", words(Role::Courtesies)));
static ASSENT_FIRST: RulePattern = RulePattern::new(|| {
    let (assents, and, but) = (words(Role::FirstAssents), words(Role::AndWords), words(Role::ButWords));
    format!(r"^\W*{assents}\s*(?:,|-|:|{and}\b|{but}\b)")
});
static ASSENT: RulePattern = RulePattern::new(|| format!(r"^\W*{}\b", words(Role::Assents)));
static NO_ASSENT: RulePattern = RulePattern::new(|| format!(r"\b{}\b", words(Role::ReactionDissents)));
static YES: RulePattern = RulePattern::new(|| {
    let (openers, yes, more) = (words(Role::Openers), words(Role::Yes), words(Role::YesInWords));
    format!(r"^\W*(?:{openers}\b[\s,!]*)?(?:{yes}|{more})\b")
});
static NO: RulePattern =
    RulePattern::new(|| format!(r"^\W*(?:{}|{})\b", words(Role::No), words(Role::NoInWords)));
/// `Sorry, no`, `no thanks`: a word for no and at most one beside it.
static LONE_NO: RulePattern =
    RulePattern::new(|| format!(r"^\W*(?:[\w']+\W+)?{}(?:\W+[\w']+)?\W*$", words(Role::No)));
static NEITHER: RulePattern = RulePattern::new(|| format!(r"^\W*{}\b", words(Role::Neither)));

const ASSENTS: [char; 22] = [
    '👍', '👌', '✅', '✔', '☑', '🙌', '👏', '🎉', '💪', '🚀', '🔥', '🙏', '😀', '😃', '😄', '😊', '🙂', '🫡',
    '🤝', '❤', '💯', '🥳',
];

/// What is said in place of feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsteadOfFeedback {
    /// The meeting did not take place, and is to have been cancelled.
    CalledOff,
    /// The AE's stance on the handoff: a refusal, or `touched`.
    Stance,
    /// Another request.
    Request,
}

/// Reads the AE's stance from the author's own words, or from a reaction's emoji.
pub fn stance(words: &str, reaction: Option<&str>, names: &KnownNames) -> Stance {
    let text = without_ours(&plain(words));
    let text = text.trim();
    // The words of a reaction are the provider's: `Calvin reacted via Gmail`.
    if let Some(reaction) = reaction {
        let takes_on = is_assenting_reaction(reaction);
        return Stance { silent: !takes_on, takes_on, ..Stance::default() };
    }
    if !text.chars().any(char::is_alphanumeric) {
        let takes_on = is_assent(text) || text.contains("+1");
        return Stance { silent: !takes_on, takes_on, ..Stance::default() };
    }
    let said: Vec<&str> = sentences(text).filter(|sentence| !is_question(sentence)).collect();
    let asked = request(words);
    let names_another =
        matches!(&asked, Some(Request::OverTo { name }) if !names.marked(name).contains(PROSPECT));
    let says_touched = matches!(asked, Some(Request::Touched { .. }));
    // Why somebody wants it closed says nothing of whose it is.
    let is_command = asked.as_ref().is_some_and(|asked| !matches!(asked, Request::OverTo { .. }));
    // What is given to one's own people is read by their capitals, which in haste are left out.
    let marked = names.marked(text).replace(COLLEAGUE, "Colleague_");
    let refuses =
        names_another || (!is_command && (asks_away(&marked) || refuses(&marked) && !says_done(text, names)));
    let owner_updated = said.iter().map(|sentence| bare(sentence)).any(|sentence| {
        matcher(Role::OwnerUpdated).is_in(sentence) && !matcher(Role::OwnerNotUpdated).is_in(sentence)
    });
    let takes_on = |clause: &str| ASSENT.is_in(clause) || matcher(Role::TakesOn).is_in(bare(clause));
    Stance {
        refuses,
        takes_on: !refuses && said.iter().any(|sentence| clauses(sentence).any(takes_on)),
        done: !refuses && (says_touched || says_done(text, names)),
        only_asks: !refuses && text.contains('?') && !accepts_first(text) && is_all_courtesy(&said),
        owner_updated,
        silent: false,
    }
}

/// Whoever says as well that they do it has kept it: `the wrong person for that, but I'll take the deal`.
fn refuses(text: &str) -> bool {
    let said = || sentences(text).filter(|sentence| !is_question(sentence)).map(bare);
    said().any(|sentence| is_refused_in(sentence, Role::Refuses))
        && !said().any(|sentence| matcher(Role::TakesOn).is_in(sentence))
}

fn asks_away(text: &str) -> bool {
    sentences(text).any(|sentence| is_refused_in(sentence, Role::AsksAway))
}

/// What is denied, put off or conditional in one clause says nothing against another: `not before March, please reassign`.
fn is_refused_in(sentence: &str, role: Role) -> bool {
    let mut found = matcher(role).spans(sentence).into_iter();
    found.any(|span| !matcher(Role::NoRefusal).is_in(bare(clause_around(sentence, span.start, span.end))))
}

fn is_assent(reaction: &str) -> bool {
    reaction.chars().any(|character| ASSENTS.contains(&character))
        || matcher(Role::ReactionAssents).is_all_of(reaction.trim())
}

/// A reaction whose mail shows no emoji, only a sentence, is taken for the thumb that most of them are.
fn is_assenting_reaction(reaction: &str) -> bool {
    let is_worded = reaction.chars().all(|c| c.is_ascii() || c.is_alphanumeric() || c.is_whitespace())
        && reaction.chars().any(char::is_alphanumeric);
    is_assent(reaction) || (is_worded && !NO_ASSENT.is_in(reaction))
}

/// Sentences with their closing mark; a line ends one.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(sentences_of_line)
        .map(str::trim)
        .filter(|sentence| sentence.chars().any(char::is_alphanumeric))
}

/// A full stop within an address or a number ends none: what stands behind `acme.` in `acme.no` is no answer.
fn sentences_of_line(line: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut from = 0;
    for (at, mark) in line.match_indices(['.', '!', '?', ';']) {
        let end = at + mark.len();
        let rest = line.get(end..).unwrap_or_default();
        if mark == "." && rest.starts_with(char::is_alphanumeric) {
            continue;
        }
        all.extend(line.get(from..end));
        from = end;
    }
    all.extend(line.get(from..));
    all
}

pub(super) fn is_question(sentence: &str) -> bool {
    sentence.trim_end_matches(['"', ')', ' ']).ends_with('?')
}

fn is_courtesy(sentence: &str) -> bool {
    COURTESY.is_in(sentence)
}

/// `Got it, who is James?` accepts and asks.
fn accepts_first(text: &str) -> bool {
    sentences(text).any(|sentence| ASSENT_FIRST.is_in(sentence))
}

/// Courtesies alone, and the author's name at the end.
fn is_all_courtesy(said: &[&str]) -> bool {
    said.iter().enumerate().all(|(at, sentence)| {
        let is_last = at + 1 == said.len();
        is_courtesy(sentence) || (is_last && is_name_alone(sentence) && !ASSENT.is_in(sentence))
    })
}

/// A courtesy that is no yes in another language: Danish thanks with the word that begins a Polish `yes, it's him`.
fn says_nothing(line: &str) -> bool {
    is_courtesy(line) && !YES.is_in(line)
}

/// `yes` or `no` to a question, `None` where it is neither.
pub fn yes_or_no(words: &str) -> Option<bool> {
    let text = plain(words);
    if is_assent_in_signs(&text) {
        return Some(true);
    }
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| line.chars().any(char::is_alphanumeric) && !says_nothing(line) && !is_question(line))?;
    // The longest words count: `no doubt` is no `no`, `no problem` neither.
    let said = [(&NEITHER, None), (&NO, Some(false)), (&YES, Some(true))]
        .into_iter()
        .filter_map(|(pattern, answer)| Some((pattern.regex().find(first)?.end(), answer)))
        .reduce(|longest, other| if other.0 > longest.0 { other } else { longest })?;
    // `Yes, that's Calvin's assistant` is a yes to another question.
    said.1.filter(|is_yes| !is_yes || !matcher(Role::SomebodyElse).is_in(first))
}

/// Whether an answer about a meeting says, first of all, that it was called off.
pub(super) fn says_called_off(words: &str) -> bool {
    let text = without_ours(&plain(words));
    let first = sentences(&text).find(|sentence| !is_courtesy(sentence) && !is_question(sentence));
    first.is_some_and(|first| clauses(first).any(|clause| matcher(Role::CalledOff).is_in(bare(clause))))
}

/// What an answer to a request for feedback says of the handoff instead: a request, or a refusal in more than a few words,
/// since `declined` may be the prospect, and `sorry, no` what became of the meeting.
pub fn instead_of_feedback(words: &str) -> Option<InsteadOfFeedback> {
    if says_called_off(words) {
        return Some(InsteadOfFeedback::CalledOff);
    }
    let stance = stance(words, None, &KnownNames::default());
    // `I can't, will do tomorrow` is about the feedback.
    let is_late = matcher(Role::AnswersLater).is_in(words);
    let count = bare(words).split_whitespace().count();
    let is_no = LONE_NO.is_in(words);
    let is_refusal = stance.refuses && !is_late && count > 1 && !is_no;
    let asked = request(words);
    if is_refusal || matches!(asked, Some(Request::OverTo { .. } | Request::Touched { .. })) {
        return Some(InsteadOfFeedback::Stance);
    }
    asked.map(|_| InsteadOfFeedback::Request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Stance {
        stance(words, None, &super::super::tests::names())
    }

    fn reaction(words: &str, reaction: Option<&str>) -> Stance {
        stance(words, reaction, &KnownNames::default())
    }

    #[test]
    fn every_pattern_compiles() {
        let all = [&COURTESY, &ASSENT_FIRST, &ASSENT, &NO_ASSENT, &YES, &NO, &NEITHER];
        assert!(all.iter().all(|pattern| !pattern.regex().as_str().is_empty()));
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
            "Ce n'est pas mon secteur, voir avec Rita.",
            "No es mi territorio, mejor Rita.",
            "No está en mi zona",
            "Non è la mia zona, meglio Rita.",
            "Non è un mio cliente",
            "Niet in mijn regio",
            "Não é o meu cliente",
            "Ist nicht in meinem Gebiet",
            "Ich bin dafür nicht zuständig",
            "Da bin ich raus",
            "Not my lead - Rita covers EMEA",
        ] {
            assert!(of(words).refuses, "{words}");
        }
    }

    #[test]
    fn the_reason_of_a_request_is_no_refusal() {
        for words in [
            "close: they do not want it",
            "Close, not for me to say but they don't want this one",
            "resend: wrong person, it is Tom",
            "meeting cancelled: they do not want this",
            "touched at 3pm: called her, please give it to Rita next time",
        ] {
            assert!(!of(words).refuses, "{words}");
        }
        assert!(of("over to Rita: not mine").refuses);
        assert!(of("They do not want it. Please give this to Rita").refuses);
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
            "Je l'ai eue au téléphone hier.",
        ] {
            assert!(of(words).done, "{words}");
        }
        for words in [
            "Je ne l'ai pas encore eue au téléphone",
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
        assert!(!reaction("", Some("👍")).silent);
        assert!(!reaction("", Some("❤️")).silent);
        assert!(reaction("", Some("👎")).silent);
        assert!(!reaction("👍\n\nCalvin Reyes reacted via Gmail", Some("👍")).silent);
        assert!(reaction("👎\n\nCalvin Reyes reacted via Gmail", Some("👎")).silent);
        assert!(!reaction("", Some("Calvin Reyes reacted to your message:")).silent);
        assert!(reaction("", None).silent);
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
            "sì",
            "sim",
            "\u{1f44d}",
            "\u{1f44d}\u{1f3fd}\n",
        ] {
            assert_eq!(yes_or_no(words), Some(true), "{words}");
        }
        for words in [
            "No doubt that's him",
            "no question, it's her",
            "Without a doubt",
            "sin duda",
            "Kein Zweifel, das ist er",
        ] {
            assert_eq!(yes_or_no(words), Some(true), "{words}");
        }
        for words in
            ["no", "no, somebody else", "It is not him", "nope", "that's not Calvin", "nein", "not him"]
        {
            assert_eq!(yes_or_no(words), Some(false), "{words}");
        }
        for words in [
            "not sure",
            "No problem",
            "",
            "let me ask him",
            "who?",
            "maybe",
            "No idea who that is",
            "No clue",
            "don't know",
            "Keine Ahnung",
            "no lo sé",
            "não sei",
            "It is Calvin Klein, not our Calvin",
            "Yes that is Calvin's assistant",
            "Yes, his assistant's",
            "That's my colleague in Berlin",
            "Ja, das ist seine Assistentin",
            "Oui, c'est son assistante",
        ] {
            assert_eq!(yes_or_no(words), None, "{words}");
        }
    }

    #[test]
    fn what_is_said_instead_of_feedback() {
        for words in [
            "meeting cancelled",
            "Meeting canceled. They are moving offices.",
            "Cancelled by Sarah",
            "It was cancelled by Sarah this morning.",
            "Wurde abgesagt",
            "no, it was cancelled",
            "Hi Dana,\nthey cancelled last minute.",
            "Wurde von Sarah abgesagt",
            "La réunion a été annulée",
            "Fue cancelada por Sarah",
            "De afspraak is afgezegd",
        ] {
            assert_eq!(instead_of_feedback(words), Some(InsteadOfFeedback::CalledOff), "{words}");
        }
        for words in ["over to Rita", "not mine", "Not mine, Rita has them", "touched at 10am: I called her"]
        {
            assert_eq!(instead_of_feedback(words), Some(InsteadOfFeedback::Stance), "{words}");
        }
        for words in ["close: dead", "resend"] {
            assert_eq!(instead_of_feedback(words), Some(InsteadOfFeedback::Request), "{words}");
        }
        for words in [
            "held 4",
            "declined",
            "no",
            "hm",
            "will do later",
            "no-show",
            "I called her after it",
            "done",
            "I can't, will do tomorrow",
        ] {
            assert_eq!(instead_of_feedback(words), None, "{words}");
        }
    }
}
