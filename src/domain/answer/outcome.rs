//! Words for what became of a meeting: held, rescheduled, no-show, and the same denied.
//!
//! Known limits: a cancelled meeting is none of the three (the calendar says so); a denial is known within a
//! few words of what it denies.

use super::super::fact::MeetingOutcome;
use super::rule::{RulePattern, bare, words};
use crate::language::{Role, matcher};

/// Words for an outcome within a clause, in bytes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OutcomeMention {
    pub start: usize,
    pub end: usize,
    pub outcome: MeetingOutcome,
    /// False for `not held`, `will be held`.
    pub is_affirmed: bool,
    /// The bare word of the form, such as `held`, after which anything may follow: `held 4 James has left`.
    pub is_word: bool,
}

/// Right before what is denied.
static DENIED_BEFORE: RulePattern = RulePattern::new(|| {
    let (denials, between) = (words(Role::Denials), words(Role::AfterDenials));
    format!(r"\b{denials}\s+(?:{between}\s+){{0,2}}$")
});
/// Only what is `held` or `happens` in the future is still open; who will reschedule has no meeting behind them.
static TO_COME: RulePattern = RulePattern::new(|| {
    let (to_come, between) = (words(Role::ToCome), words(Role::AfterToCome));
    format!(r"\b{to_come}\s+(?:{between}\s+){{0,3}}$")
});
/// A denial in the middle of the words: `fand leider nicht statt`.
static DENIED_INSIDE: RulePattern = RulePattern::new(|| format!(r"\b{}\b", words(Role::DenialsInside)));

/// Every outcome that a clause names, in the order of the words.
pub(super) fn outcomes(clause: &str) -> Vec<OutcomeMention> {
    let mut all: Vec<OutcomeMention> = Vec::new();
    let begin = clause.find(bare(clause)).unwrap_or_default();
    let from_first_word = clause.get(begin..).unwrap_or_default();
    for (role, outcome, is_deniable) in [
        (Role::NoShow, MeetingOutcome::NoShow, true),
        (Role::Rescheduled, MeetingOutcome::Rescheduled, true),
        (Role::Held, MeetingOutcome::Held, true),
        // How it went. Where that is denied it was held all the same: `not a good call`.
        (Role::HowItWent, MeetingOutcome::Held, false),
    ] {
        for hit in matcher(role).spans(from_first_word) {
            let (start, end) = (begin + hit.start, begin + hit.end);
            // `never came` holds no `came` of its own.
            let is_inside = all.iter().any(|found| found.start < end && start < found.end);
            if is_inside || is_other_meaning(clause, start, end, outcome) {
                continue;
            }
            let before = clause.get(..start).unwrap_or_default();
            let said = clause.get(start..end).unwrap_or_default();
            let is_denied = (is_deniable && DENIED_BEFORE.is_in(before))
                || (outcome == MeetingOutcome::Held && DENIED_INSIDE.is_in(said));
            let is_to_come = outcome == MeetingOutcome::Held && TO_COME.is_in(before);
            all.push(OutcomeMention {
                start,
                end,
                outcome,
                is_affirmed: !is_denied && !is_to_come,
                is_word: matcher(Role::OutcomeWords).is_all_of(said.trim()),
            });
        }
    }
    // Called off is none of the three, but says that it was not held.
    if all.is_empty() && matcher(Role::CalledOff).is_in(bare(clause)) {
        let (start, end) = (0, clause.len());
        all.push(OutcomeMention {
            start,
            end,
            outcome: MeetingOutcome::Held,
            is_affirmed: false,
            is_word: false,
        });
    }
    all.sort_by_key(|found| found.start);
    all
}

fn is_other_meaning(clause: &str, start: usize, end: usize, outcome: MeetingOutcome) -> bool {
    let after = clause.get(end..).unwrap_or_default();
    match outcome {
        // `held up`, `held back`
        MeetingOutcome::Held => {
            after.starts_with(char::is_whitespace) && matcher(Role::HeldOtherwise).is_in(after.trim_start())
        }
        // `James has moved on`, `they moved to a new CRM`
        MeetingOutcome::Rescheduled => {
            matcher(Role::MovedOtherwise).is_in(clause.get(start..).unwrap_or_default())
        }
        MeetingOutcome::NoShow => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all = [&DENIED_BEFORE, &TO_COME, &DENIED_INSIDE];
        for (at, pattern) in all.iter().enumerate() {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
        }
    }

    #[test]
    fn what_is_denied_or_to_come_is_not_affirmed() {
        for words in [
            "not held",
            "it wasn't held",
            "was not rescheduled",
            "it didn't happen",
            "did not take place",
            "never happened",
            "will be held tomorrow",
            "to be held later",
            "hasn't happened yet",
            "hat nicht stattgefunden",
            "fand leider nicht statt",
            "it was cancelled",
            "they called it off",
            "n'a pas eu lieu",
            "not a no-show",
            "no need to reschedule",
            "don't reschedule",
        ] {
            let found = outcomes(words);
            assert!(!found.is_empty() && found.iter().all(|found| !found.is_affirmed), "{words}: {found:?}");
        }
    }

    #[test]
    fn words_that_mean_something_else_are_no_outcome() {
        for words in
            ["I was held up in traffic", "James has moved on", "they moved to a new CRM", "budget is on hold"]
        {
            assert_eq!(outcomes(words), [], "{words}");
        }
    }
}
