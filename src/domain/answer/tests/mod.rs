//! What people answer in one language, sentence by sentence: a table for each language whose answers are read in full.
//! All words are looked for together, so each sentence proves the words of the other languages as well.

use chrono::{DateTime, FixedOffset, TimeZone, Utc};

use super::super::fact::MeetingOutcome::{self, Held, NoShow, Rescheduled};
use super::super::zone::{FixedZone, Zone};
use super::{
    FeedbackAsked, FeedbackWords, KnownNames, OfferAnswer, Request, feedback, offer_answer, past_time,
    request, stance, yes_or_no,
};
use crate::language::{Role, matcher};

mod czech;
mod danish;
mod finnish;
mod handoff_words;
mod norwegian;
mod polish;
mod swedish;

type Expected = (Option<MeetingOutcome>, Option<u8>, Option<&'static str>);

const fn held(score: u8) -> Expected {
    (Some(Held), Some(score), None)
}

const fn fixed(score: u8, wrong: &'static str) -> Expected {
    (Some(Held), Some(score), Some(wrong))
}

/// A [`Request`] as the tables write it.
enum Asked {
    Over(&'static str),
    Resend,
    Close(&'static str),
    Touched(&'static str, &'static str),
    Moved(&'static str),
    Cancelled,
}

impl Asked {
    fn request(&self) -> Request {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        match self {
            Asked::Over(name) => Request::OverTo { name: (*name).to_owned() },
            Asked::Resend => Request::Resend,
            Asked::Close(reason) => Request::Close { reason: said(reason) },
            Asked::Touched(when, reason) => Request::Touched { when: said(when), reason: said(reason) },
            Asked::Moved(to) => Request::MeetingMoved { to: (*to).to_owned() },
            Asked::Cancelled => Request::MeetingCancelled,
        }
    }
}

/// What people say in one language, by what it means.
struct Spoken {
    /// Words that may deny, ask or thank, and accept all the same.
    accepts: &'static [&'static str],
    refuses: &'static [&'static str],
    /// Nothing but questions.
    asks: &'static [&'static str],
    done: &'static [&'static str],
    /// Speaks of what is to be done, or somebody else did: an assent.
    not_done: &'static [&'static str],
    owner_updated: &'static [&'static str],
    owner_not_updated: &'static [&'static str],
    yes: &'static [&'static str],
    no: &'static [&'static str],
    neither: &'static [&'static str],
    feedback: &'static [(&'static str, Expected)],
    no_show: &'static [&'static str],
    rescheduled: &'static [&'static str],
    /// With the new time, month and day first.
    moved: &'static [(&'static str, &'static str)],
    held_unscored: &'static [&'static str],
    says_nothing: &'static [&'static str],
    requests: &'static [(&'static str, Asked)],
    no_requests: &'static [&'static str],
    sends: &'static [&'static str],
    waits: &'static [&'static str],
    cancels: &'static [&'static str],
    no_offer: &'static [&'static str],
    /// With the day of the month and the time.
    touched_at: &'static [(&'static str, &'static str)],
    handoff: &'static [&'static str],
    help: &'static [&'static str],
}

/// Thursday 26 November 2026, 15:30 in Stockholm and Warsaw.
fn at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 26, 14, 30, 0).unwrap()
}

fn zone() -> FixedZone {
    FixedZone::new(FixedOffset::east_opt(3600).unwrap())
}

/// Whom the sentences name.
pub(super) fn names() -> KnownNames {
    KnownNames::new(
        ["Sarah Lee", "James Ortiz"],
        ["Acme Corp"],
        ["Calvin Reyes", "Dana Fox", "Rita Vale", "Morgan Hale"],
    )
}

fn read(words: &str) -> FeedbackWords {
    feedback(words, "", FeedbackAsked::Meeting, at(), &zone())
}

/// What is read otherwise than it is meant.
#[derive(Default)]
struct Misread(Vec<String>);

impl Misread {
    fn unless(&mut self, is_right: bool, kind: &str, words: &str, read: &dyn std::fmt::Debug) {
        if !is_right {
            self.0.push(format!("{kind}: {words:?}: {read:?}"));
        }
    }

    fn stances(&mut self, spoken: &Spoken) {
        for words in spoken.accepts {
            let is = stance(words, None, &names());
            let is_right = !is.refuses && !is.only_asks && !is.silent && !is.done;
            self.unless(is_right, "accepts", words, &is);
        }
        for words in spoken.refuses {
            let is = stance(words, None, &names());
            self.unless(is.refuses, "refuses", words, &is);
            // The prospect's words, in a record that is quoted without a mark.
            let quoted = format!(
                "Ok\n\nHANDOFF RECORD: Acme | 2026-12-01\n1. PAIN (prospect's exact words):\n\"{words}\"\n\
                AE FIRST TOUCH: [ ] Completed within SLA\n"
            );
            let is = stance(&quoted, None, &names());
            self.unless(!is.refuses && !is.silent, "quotes", words, &is);
        }
        for words in spoken.asks {
            let is = stance(words, None, &names());
            self.unless(is.only_asks && !is.refuses, "asks", words, &is);
        }
        for words in spoken.done {
            let is = stance(words, None, &names());
            self.unless(is.done, "done", words, &is);
        }
        for words in spoken.not_done {
            let is = stance(words, None, &names());
            self.unless(!is.done && !is.refuses && !is.silent, "not done", words, &is);
        }
        for (table, is_updated) in [(spoken.owner_updated, true), (spoken.owner_not_updated, false)] {
            for words in table {
                let is = stance(words, None, &names());
                self.unless(is.owner_updated == is_updated && !is.refuses, "owner", words, &is);
            }
        }
        for (table, expected) in [(spoken.yes, Some(true)), (spoken.no, Some(false)), (spoken.neither, None)]
        {
            for words in table {
                let is = yes_or_no(words);
                self.unless(is == expected, "yes or no", words, &is);
            }
        }
    }

    fn feedbacks(&mut self, spoken: &Spoken) {
        for (words, expected) in spoken.feedback {
            let is = read(words);
            let is_right = (is.outcome, is.score, is.wrong.as_deref()) == *expected;
            self.unless(is_right, "feedback", words, &is);
            let quoted = feedback("", words, FeedbackAsked::Meeting, at(), &zone());
            self.unless(quoted.is_empty(), "quoted feedback", words, &quoted);
        }
        for (table, expected) in [(spoken.no_show, NoShow), (spoken.rescheduled, Rescheduled)] {
            for words in table {
                let is = read(words);
                let is_right = FeedbackWords { outcome: Some(expected), ..FeedbackWords::default() } == is;
                self.unless(is_right, "outcome", words, &is);
            }
        }
        for (words, start) in spoken.moved {
            let is = read(words);
            let read = is.new_start.map(|start| zone().local(start).format("%m-%d %H:%M").to_string());
            let is_right = is.outcome == Some(Rescheduled) && read.as_deref() == Some(*start);
            self.unless(is_right, "moved", words, &is);
        }
        for words in spoken.held_unscored {
            let is = read(words);
            self.unless(is.outcome == Some(Held) && is.score.is_none(), "no score", words, &is);
        }
        for words in spoken.says_nothing {
            let is = read(words);
            self.unless(is.is_empty(), "says nothing", words, &is);
        }
    }

    fn requests(&mut self, spoken: &Spoken) {
        for (words, asked) in spoken.requests {
            let is = request(words);
            self.unless(is == Some(asked.request()), "request", words, &is);
        }
        for words in spoken.no_requests {
            let is = request(words);
            self.unless(is.is_none(), "no request", words, &is);
        }
        for (table, expected) in [
            (spoken.sends, Some(OfferAnswer::Yes)),
            (spoken.waits, Some(OfferAnswer::No)),
            (spoken.cancels, Some(OfferAnswer::Cancel)),
            (spoken.no_offer, None),
        ] {
            for words in table {
                let is = offer_answer(words, None, "Dana Fox");
                self.unless(is == expected, "offer", words, &is);
            }
        }
        for (words, expected) in spoken.touched_at {
            let is =
                past_time(words, at(), &zone()).map(|at| zone().local(at).format("%d %H:%M").to_string());
            self.unless(is.as_deref() == Some(*expected), "touched", words, &is);
        }
        for (table, role) in [(spoken.handoff, Role::SubjectHandoff), (spoken.help, Role::SubjectHelp)] {
            for words in table {
                self.unless(matcher(role).is_whole(words), "subject", words, &role);
            }
        }
    }
}

fn check(spoken: &Spoken) {
    let mut misread = Misread::default();
    misread.stances(spoken);
    misread.feedbacks(spoken);
    misread.requests(spoken);
    assert!(misread.0.is_empty(), "{}", misread.0.join("\n"));
}

#[test]
fn swedish_answers_are_read() {
    check(&swedish::SPOKEN);
}

#[test]
fn polish_answers_are_read() {
    check(&polish::SPOKEN);
}

#[test]
fn danish_answers_are_read() {
    check(&danish::SPOKEN);
}

#[test]
fn norwegian_answers_are_read() {
    check(&norwegian::SPOKEN);
}

#[test]
fn finnish_answers_are_read() {
    check(&finnish::SPOKEN);
}

#[test]
fn czech_answers_are_read() {
    check(&czech::SPOKEN);
}
