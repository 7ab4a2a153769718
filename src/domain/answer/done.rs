//! Whether an AE says that the prospect has been called, met or written to. docs/behaviour.md section 5.
//!
//! It is believed in place of mail that nobody sees, and stops the clock: so it has to name the prospect or nobody, and
//! what it tells has to be over. What may be meant otherwise counts as not done, since a reminder costs little.
//!
//! Known limits: what was tried or begun is known up to the end of the next sentence; pronouns are the prospect's unless
//! one's own people were the last to be spoken of; names that are declined (`Sarahille`) are strangers.

use super::clauses::unwrapped;
use super::names::{COLLEAGUE, KnownNames, PROSPECT};
use super::rule::{RulePattern, bare, words};
use super::stance::{is_question, sentences};
use crate::language::{Role, matcher};

static CLAUSE_END: RulePattern =
    RulePattern::new(|| format!(r"[,;()]|:(?:\D|$)|\s-|-\s|\s{}\s", words(Role::ButWords)));
static AND: RulePattern = RulePattern::new(|| format!(r"\s{}\s", words(Role::AndWords)));
/// Somebody of whom something is said, and who is not spoken to: `Rita is out`, not `Thanks Dana, ..`.
static SPOKEN_OF: RulePattern = RulePattern::new(|| format!(r"^{COLLEAGUE}\s+\w"));

/// `text`: plain, without our own words.
pub(super) fn says_done(text: &str, names: &KnownNames) -> bool {
    let text = matcher(Role::Attempts).blotted(&names.marked(&unwrapped(text)));
    // `Owner updated. Done.` speaks of the owner.
    let of_owner = matcher(Role::OwnerUpdated).is_in(&text);
    sentences(&text).filter(|sentence| !is_question(sentence)).any(|sentence| {
        clauses(sentence)
            .filter(|clause| !(of_owner && is_one_word(bare(clause))))
            .any(|clause| is_done(clause) && !is_of_colleague(until(sentence, clause), clause))
    })
}

fn is_one_word(clause: &str) -> bool {
    clause.split_whitespace().count() <= 1
}

/// The clauses of a sentence, without the marks between them.
pub(super) fn clauses(sentence: &str) -> impl Iterator<Item = &str> {
    let ends = CLAUSE_END.regex().find_iter(sentence).map(|end| (end.start(), end.end()));
    let mut from = 0;
    ends.chain([(sentence.len(), sentence.len())])
        .map(move |(end, next)| sentence.get(std::mem::replace(&mut from, next)..end).unwrap_or_default())
}

/// `sentence` up to the end of one of its clauses.
fn until<'s>(sentence: &'s str, clause: &str) -> &'s str {
    let end = sentence.find(clause).map_or(sentence.len(), |at| at + clause.len());
    sentence.get(..end).unwrap_or(sentence)
}

fn is_done(clause: &str) -> bool {
    let clause = bare(clause);
    let core = without_asides(clause);
    let begin = core.find(bare(&core)).unwrap_or_default();
    matcher(Role::Done).spans(bare(&core)).into_iter().any(|span| {
        // What is denied behind an `and` is another thing: `called her and won't write`.
        let end = begin + span.end;
        let rest = clause.get(end..).unwrap_or_default();
        let end = AND.regex().find(rest).map_or(clause.len(), |and| end + and.start());
        !matcher(Role::NotDone).is_in(clause.get(..end).unwrap_or(clause))
    })
}

/// A clause with blanks in the place of what says when or how: every other word keeps its place.
fn without_asides(clause: &str) -> String {
    let mut core = String::with_capacity(clause.len());
    for span in matcher(Role::Asides).spans(clause) {
        core.push_str(clause.get(core.len()..span.start).unwrap_or_default());
        core.push_str(&" ".repeat(span.len()));
    }
    core.push_str(clause.get(core.len()..).unwrap_or_default());
    core
}

/// Whether `her` at the end of `said` may be one of one's own people: `Rita is out today, I called her`.
fn is_of_colleague(said: &str, clause: &str) -> bool {
    let last = |mark: &str| said.rfind(mark);
    let Some(named) = last(COLLEAGUE).filter(|_| !clause.contains(PROSPECT)) else { return false };
    last(PROSPECT).is_none_or(|prospect| prospect < named)
        && SPOKEN_OF.is_in(said.get(named..).unwrap_or_default())
}

/// The clause of `sentence` that holds `start..end`, in bytes.
pub(super) fn clause_around(sentence: &str, start: usize, end: usize) -> &str {
    let (mut from, mut to) = (0, sentence.len());
    for mark in CLAUSE_END.regex().find_iter(sentence) {
        if mark.end() <= start {
            from = mark.end();
        } else if mark.start() >= end {
            to = to.min(mark.start());
        }
    }
    sentence.get(from..to).unwrap_or(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all = [&CLAUSE_END, &AND, &SPOKEN_OF];
        assert!(all.iter().all(|pattern| !pattern.regex().as_str().is_empty()));
    }
}
