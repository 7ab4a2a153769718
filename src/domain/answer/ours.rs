//! What baton itself wrote in the record and the reminder, taken out of an answer to them.
//!
//! A program that quotes without any mark leaves the original among its author's words, and the original names
//! every answer there is: `not mine`, `done`. Known limits: templates that somebody has changed are not known;
//! of a sentence that was wrapped, what stands on its further lines stays.

use crate::language::{Role, matcher};

use super::rule::RulePattern;

/// The record as it stands below, down to its last line.
static RECORD: RulePattern = RulePattern::new(|| {
    r"(?s)\bHANDOFF RECORD: .*?(?:\bAE FIRST TOUCH: \[[ x]\] Completed within SLA|\z)".to_owned()
});

/// An answer's words without those of the mail that it answers.
pub(crate) fn without_ours(words: &str) -> String {
    if !words.contains("HANDOFF RECORD:") && !words.lines().any(is_ours) {
        return words.to_owned();
    }
    let words = RECORD.remove(words);
    let own: Vec<&str> = words.split('\n').map(|line| if is_ours(line) { " " } else { line }).collect();
    own.join("\n").trim().to_owned()
}

fn is_ours(line: &str) -> bool {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '>' | '*' | '·' | '•' | '-');
    matcher(Role::OwnPhrases).is_in(line)
        || matcher(Role::OwnRecord).is_in(line.trim_start_matches(is_mark).trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::stance;
    use super::super::tests::names;
    use super::*;

    const ORIGINAL: &str = "Calvin, Acme Corp is yours: please reply to this email to accept. \"Got it\" or a thumbs up is enough.\n\n\
        Your first email to Sarah is due by Tuesday, December 1, 5:00 pm (New York).\n\nYou can reply with:\n\
        - got it (or anything else): you've read the record and own the next step. I keep what you write as your prep notes.\n\
        - owner updated: the deal is in your name in the CRM.\n\
        - done: you've already called, met or emailed Sarah.\n\
        - not mine: someone else should have it. I'll let Dana and Morgan know.\n\n\
        Why then: Tue 10:00 America/New_York -> Tue 17:00\n\nSent by baton for Dana\n\n\
        HANDOFF RECORD: Acme Corp | 2026-12-01\n1. PAIN (prospect's exact words):\n\"This is not mine, it is done\"\n\
        AE FIRST TOUCH: [ ] Completed within SLA\n";

    /// As mail that left earlier says it, which is answered for days.
    const EARLIER: &str = "Calvin, Acme Corp is yours: please reply to this mail to accept. \"Got it\" or a thumbs up is enough.\n\n\
        Your first mail to Sarah is due by Tuesday 1 December, 5:00 pm (New York).\n\nWhat you can answer:\n\
        - got it, or anything else: you have read the record and own the next step. What you write is kept as your prep notes.\n\
        - owner updated: the deal is in your name in the CRM, too.\n\
        - done: you have already called, met or written to Sarah.\n\
        - not mine: somebody else should have it. Dana and Morgan will hear.\n\n\
        Why that deadline: Tue 10:00 America/New_York -> Tue 17:00\n\nbaton, for Dana\n\n\
        HANDOFF RECORD: Acme Corp | 2026-12-01\n1. PAIN (prospect's exact words):\n\"This is not mine, it is done\"\n\
        AE FIRST TOUCH: [ ] Completed within SLA\n";

    const REMINDER: &str = "Calvin, your first email to Sarah at Acme Corp is due in an hour (5:00 pm, New York). I haven't seen one yet.\n\n\
        Acme Corp has written to us since (Tuesday, 1:12 pm), so they're waiting for your answer.\n\n\
        The meeting is even sooner: Tuesday, December 1, 4:00 pm (New York).\n\n\
        Two sentences are plenty: reply all to \"Sarah, intro to Calvin + Tuesday's agenda\" and pick up point 1 below. Keep Dana cc'd this time.\n\n\
        Already called, met or emailed them from another address? Reply with: done\nNot yours? Reply with: not mine\n\n\
        Internal: please don't forward this outside the company.\n\nSent by baton for Dana\n";

    #[test]
    fn every_pattern_compiles() {
        assert!(!RECORD.regex().as_str().is_empty());
    }

    #[test]
    fn the_original_says_nothing_where_it_is_not_marked_as_quoted() {
        for (words, own) in [
            (format!("{ORIGINAL}\nThanks, I have it.\n"), "Thanks, I have it."),
            (format!("Thanks, I have it.\n\n{ORIGINAL}"), "Thanks, I have it."),
            ("Thanks, I have it.".to_owned(), "Thanks, I have it."),
            ("The meeting is done?".to_owned(), "The meeting is done?"),
        ] {
            assert_eq!(without_ours(&words), own);
        }
        for original in [ORIGINAL, EARLIER, REMINDER] {
            let said = stance(&format!("{original}\nThanks, I have it.\n"), None, &names());
            assert!(!said.refuses && !said.done && !said.owner_updated && !said.silent, "{said:?}");
            assert!(stance(&format!("{original}\nNot mine.\n"), None, &names()).refuses);
            assert!(stance(original, None, &names()).silent, "{original}");
        }
    }
}
