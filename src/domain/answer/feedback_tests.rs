//! What answers to a feedback request mean, phrasing by phrasing.

use chrono::{DateTime, FixedOffset, TimeZone, Utc};
use proptest::prelude::*;

use super::super::fact::MeetingOutcome::{self, Held, NoShow, Rescheduled};
use super::super::zone::FixedZone;
use super::{FeedbackAsked, FeedbackWords, feedback};

/// The request as it is in a quotation, its links and its form with it.
const REQUEST: &str = "Calvin, how did the meeting with Acme Corp go? One line or one click is enough, by Friday \
27 November, 2:30 pm (New York). Dana learns from it.

One click, then send:
- Held, 5: <mailto:dana@vendor.example?subject=Acme%20Corp%3A%20feedback%20%5Bbaton%207k2fq0123456w%5D&body=held%205>
- Held, 4: <mailto:dana@vendor.example?subject=Acme%20Corp%3A%20feedback%20%5Bbaton%207k2fq0123456w%5D&body=held%204>
- Held, 1: <mailto:dana@vendor.example?subject=Acme%20Corp%3A%20feedback%20%5Bbaton%207k2fq0123456w%5D&body=held%201>
- Rescheduled: <mailto:dana@vendor.example?subject=Acme%20Corp%3A%20feedback&body=rescheduled>
- No-show: <mailto:dana@vendor.example?subject=Acme%20Corp%3A%20feedback&body=no-show>

5 means that everything was as the record said, 1 that hardly anything was.

Or one line as a reply: held 4, James has left

baton, for Dana

Or fill in these three lines:

Outcome (held, rescheduled, no-show):
Score (1-5):
Anything wrong in the record:
";

/// Thursday 26 November 2026, 15:30 in New York.
fn at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 26, 20, 30, 0).unwrap()
}

fn read(words: &str, quoted: &str) -> FeedbackWords {
    read_as(FeedbackAsked::Meeting, words, quoted)
}

fn read_as(asked: FeedbackAsked, words: &str, quoted: &str) -> FeedbackWords {
    feedback(words, quoted, asked, at(), &FixedZone::new(FixedOffset::west_opt(5 * 3600).unwrap()))
}

type Expected<'a> = (Option<MeetingOutcome>, Option<u8>, Option<&'a str>);

fn check(table: &[(&str, Expected<'_>)]) {
    let mut wrong = Vec::new();
    for (words, expected) in table {
        for quoted in ["", REQUEST] {
            let read = read(words, quoted);
            let is = (read.outcome, read.score, read.wrong.as_deref());
            if is != *expected {
                wrong.push(format!("{words:?}: {is:?} instead of {expected:?}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const fn held<'a>(score: u8) -> Expected<'a> {
    (Some(Held), Some(score), None)
}

const fn fixed(score: u8, wrong: &str) -> Expected<'_> {
    (Some(Held), Some(score), Some(wrong))
}

#[test]
fn one_line_says_outcome_score_and_correction() {
    check(&[
        ("4 (James has left)", fixed(4, "James has left")),
        ("4⭐", held(4)),
        ("celebrada 5", held(5)),
        ("held, 30 minutes, 4", held(4)),
        ("held, score 4.5", (Some(Held), None, None)),
        ("Correction: held 2", held(2)),
        ("Held and it was a 5", held(5)),
        ("Held, more like a 3", held(3)),
        (
            "Held. That was a two-way conversation",
            (Some(Held), None, Some("That was a two-way conversation")),
        ),
        ("Hat stattgefunden, war eine 5", held(5)),
        ("celebrada, le doy un 4", held(4)),
        ("gehouden, het was een 4", held(4)),
        ("Correction: no-show, not held", (Some(NoShow), None, None)),
        ("\"held 4, James has left\"", fixed(4, "James has left")),
        ("*held 4, James has left*", fixed(4, "James has left")),
        ("held | 4 | James has left", fixed(4, "James has left")),
        ("held 4, thanks, they use HubSpot", fixed(4, "they use HubSpot")),
        ("held 4, fyi James is now CFO", fixed(4, "James is now CFO")),
        ("My answer: held 4, James has left", fixed(4, "James has left")),
        ("Held 4.\nJames has left.\nCalvin", fixed(4, "James has left")),
        ("no. pain was completely different", fixed(1, "pain was completely different")),
        ("yes but James has left", fixed(5, "James has left")),
        ("It was held but James did not join. 3", fixed(3, "James did not join")),
        ("La réunion a eu lieu, 4/5, James est parti", fixed(4, "James est parti")),
        ("reunión celebrada, 4, James ya no está", fixed(4, "James ya no está")),
        ("Sorry for the late reply - held 4, James has left", fixed(4, "James has left")),
        (
            "Hey Dana, the meeting went really well. Solid 4 out of 5 from my side. One note: James has left the company.",
            fixed(4, "James has left the company"),
        ),
        ("held 4, James has left", fixed(4, "James has left")),
        ("Held. 4/5. James has left the company", fixed(4, "James has left the company")),
        ("Held. 4/5. James has left the company.", fixed(4, "James has left the company")),
        ("held 4 James has left", fixed(4, "James has left")),
        ("held 4 but James has left", fixed(4, "James has left")),
        ("held 4 - James has left", fixed(4, "James has left")),
        ("held 4 – James has left", fixed(4, "James has left")),
        ("held (4), James has left", fixed(4, "James has left")),
        ("HELD 4; James has left!", fixed(4, "James has left!")),
        ("held,4,James has left", fixed(4, "James has left")),
        ("4, James has left", fixed(4, "James has left")),
        ("4. James has left", fixed(4, "James has left")),
        ("4 James has left", fixed(4, "James has left")),
        ("held 4, however James has left", fixed(4, "James has left")),
        ("held 4. PS: James has left", fixed(4, "James has left")),
        ("Hi Dana,\n\nheld 4, James has left.\n\nThanks,\nCalvin", fixed(4, "James has left")),
        ("Hi Dana, held 4, James has left. Thanks!", fixed(4, "James has left")),
        ("Dana, held 4, James has left", fixed(4, "James has left")),
        ("held 4, thanks Dana, James has left", fixed(4, "James has left")),
        ("held 3. Great call. The title is wrong though", fixed(3, "The title is wrong though")),
        (
            "held 2, James has left, and the budget was made up",
            fixed(2, "James has left, and the budget was made up"),
        ),
        ("held 2, wrong title", fixed(2, "wrong title")),
        ("held 3, wrong: the title", fixed(3, "the title")),
        ("held 3. Corrections: James is now the CTO", fixed(3, "James is now the CTO")),
        ("held 4, they use HubSpot, not Salesforce", fixed(4, "they use HubSpot, not Salesforce")),
        ("held 4, Sarah's number is 555-0100", fixed(4, "Sarah's number is 555-0100")),
        ("Held yesterday, 4, James has left", fixed(4, "James has left")),
        ("held\n4\nJames has left", fixed(4, "James has left")),
        ("held 4\nJames has left\nSarah is the CTO", fixed(4, "James has left; Sarah is the CTO")),
        ("James has left. Held, 4", fixed(4, "James has left")),
        ("held 4, James didn't show up", fixed(4, "James didn't show up")),
        ("held 4, James has moved to another company", fixed(4, "James has moved to another company")),
        ("held 5, no budget", fixed(5, "no budget")),
        (
            "it went well, 4, but the record said 200 seats and it's 20",
            fixed(4, "the record said 200 seats and it's 20"),
        ),
        ("held 3 because the pain was a different one", fixed(3, "the pain was a different one")),
    ]);
}

#[test]
fn a_score_alone_means_that_it_was_held() {
    check(&[
        ("4\n\nCalvin Ray\nAccount Executive", held(4)),
        ("Everything was as the record said", held(5)),
        ("Hardly anything was as the record said", held(1)),
        ("perfect, 5", held(5)),
        ("ok 4", held(4)),
        ("I think 4", held(4)),
        ("meh, 2", held(2)),
        ("I'd rate the handoff a 4", held(4)),
        ("not a good call, 2", held(2)),
        ("it didn't go well, 2", held(2)),
        ("4", held(4)),
        ("4.", held(4)),
        (" 5 ", held(5)),
        ("4!", held(4)),
        ("4/5", held(4)),
        ("4 / 5", held(4)),
        ("4 out of 5", held(4)),
        ("4 of 5", held(4)),
        ("four", held(4)),
        ("three", held(3)),
        ("Three.", held(3)),
        ("five out of five", held(5)),
        ("★★★★", held(4)),
        ("★★★☆☆", held(3)),
        ("⭐⭐⭐⭐⭐", held(5)),
        ("4 stars", held(4)),
        ("4\u{fe0f}\u{20e3}", held(4)),
        ("Score: 4", held(4)),
        ("score 4", held(4)),
        ("Score is 4", held(4)),
        ("Score = 4", held(4)),
        ("my score: 3", held(3)),
        ("rating 2", held(2)),
        ("I'd give it a 4", held(4)),
        ("I'd say 4", held(4)),
        ("a solid 4", held(4)),
        ("4 from me", held(4)),
        ("4, thanks!", held(4)),
        ("4 thanks", held(4)),
        ("4 - great call", held(4)),
        ("4 great call", held(4)),
        ("4: great call", held(4)),
        ("Hi Dana, 4", held(4)),
        ("Hi Dana,\n4\nCalvin", held(4)),
        ("yes", held(5)),
        ("Yes!", held(5)),
        ("yep", held(5)),
        ("Yes, thanks", held(5)),
        ("ja", held(5)),
        ("no", held(1)),
        ("No.", held(1)),
        ("nope", held(1)),
        ("nein", held(1)),
        ("vier", held(4)),
        ("quatre sur cinq", held(4)),
        ("Note: 4", held(4)),
    ]);
}

#[test]
fn held_is_said_in_many_ways() {
    check(&[
        ("yes, it was held", (Some(Held), None, None)),
        ("it went horribly", (Some(Held), None, None)),
        ("held, 3 or 4", (Some(Held), None, None)),
        ("Held; 3 stakeholders joined. Score: 5", held(5)),
        ("held 4. Next step: demo on Tuesday.", held(4)),
        ("Half of them didn't turn up, held 3", held(3)),
        ("held 4", held(4)),
        ("Held 5", held(5)),
        ("held, 4", held(4)),
        ("held: 4", held(4)),
        ("held - 4", held(4)),
        ("held=4", held(4)),
        ("held 4/5", held(4)),
        ("Held, 4", held(4)),
        ("held four", held(4)),
        ("held, yes", held(5)),
        ("held yes", held(5)),
        ("held, no", held(1)),
        ("yes, held", held(5)),
        ("4, held", held(4)),
        ("4 held", held(4)),
        ("held", (Some(Held), None, None)),
        ("Held.", (Some(Held), None, None)),
        ("it was held", (Some(Held), None, None)),
        ("it went well", (Some(Held), None, None)),
        ("Went great, thanks!", (Some(Held), None, None)),
        ("it went well, score 5", held(5)),
        ("it went really well, 5", held(5)),
        ("meeting happened, 3 out of 5", held(3)),
        ("The meeting happened. Score 3.", held(3)),
        ("the meeting took place as planned, 4", held(4)),
        ("It took place, 4 out of 5, thank you!", held(4)),
        ("We met yesterday, 4", held(4)),
        ("we had a good call, 4", held(4)),
        ("Great meeting! 5", held(5)),
        ("good call, 4/5", held(4)),
        ("Great meeting, thanks Dana", (Some(Held), None, None)),
        ("Good.", (Some(Held), None, None)),
        ("outcome - held", (Some(Held), None, None)),
        ("outcome: held, score: 4", held(4)),
        ("Outcome held, score 4", held(4)),
        ("Outcome: held\nScore: 4", held(4)),
        ("held at 4pm, score 3", held(3)),
        ("held with a 4", held(4)),
        ("was not rescheduled, held 4", held(4)),
        ("not a no-show, held 3", held(3)),
        ("held 4 👍", held(4)),
        ("Held on Thursday. I'd give it a 4.", held(4)),
        ("held 4, all good", held(4)),
        ("held 5, nothing wrong", held(5)),
        ("Das Treffen fand statt, 4 Punkte, alles korrekt", held(4)),
        ("Realizada, 4. Nada errado.", held(4)),
        ("Tenue, 4. Rien à corriger", held(4)),
        ("held 4. PS: please thank Dana for the notes", held(4)),
        ("held 4. P.S. see you on Monday", held(4)),
        ("held 3. PS: the title is wrong", fixed(3, "the title is wrong")),
        ("held 5. Nothing wrong in the record.", held(5)),
        ("held 5, no corrections", held(5)),
        ("held 5, everything was correct", held(5)),
        ("held 4, wrong: nothing", held(4)),
        ("held 4, wrong: none", held(4)),
        ("held 4. Wrong: n/a", held(4)),
        ("held 4, anything wrong: no", held(4)),
        ("held 4, great call, thanks a lot", held(4)),
        ("held 4, thank you for the great intro", held(4)),
        ("held 5 - really strong lead, keep it up!", held(5)),
        ("held 4, next meeting is on Tuesday", held(4)),
        ("held 4, we'll send the proposal", held(4)),
        ("held 4. Can you send me the deck?", held(4)),
        ("held 4\n\nBest regards,\nCalvin", held(4)),
        ("held 4\n- Calvin", held(4)),
        ("hat stattgefunden, 4", held(4)),
        ("stattgefunden 4, James ist nicht mehr da", fixed(4, "James ist nicht mehr da")),
        ("Das Gespräch fand statt, 4", held(4)),
        ("a eu lieu, 4", held(4)),
        ("tuvo lugar, 4", held(4)),
        ("held, no, nothing wrong", (Some(Held), None, None)),
    ]);
}

#[test]
fn a_no_show_is_said_in_many_ways() {
    let no_show: Expected<'_> = (Some(NoShow), None, None);
    for words in [
        "no show",
        "no-show",
        "noshow",
        "No-show.",
        "NO SHOW",
        "No-Show!",
        "it was a no-show",
        "they no-showed",
        "they didn't turn up",
        "They didn’t turn up",
        "didn't show",
        "they did not show up",
        "nobody came",
        "Nobody came.",
        "no one joined",
        "nobody was there",
        "he never showed up",
        "never joined",
        "they stood me up",
        "I was ghosted",
        "No, they didn't come",
        "Outcome: no-show",
        "outcome - no show",
        "no-show, waited 20 minutes",
        "no-show, I waited for 5 minutes",
        "Sorry, no show",
        "not held, they didn't turn up",
        "no-show, will reschedule",
        "nicht erschienen",
        "niemand da",
        "personne n'est venu",
        "no se presentaron",
        "no vino",
        "4 people invited, nobody came",
        "no-show, thanks Dana",
        "Sarah didn't attend",
    ] {
        check(&[(words, no_show)]);
    }
    check(&[("no-show, her number is wrong", (Some(NoShow), None, Some("her number is wrong")))]);
}

#[test]
fn rescheduled_is_said_with_and_without_a_new_time() {
    let new_time =
        |words: &str| read(words, REQUEST).new_start.map(|start| start.format("%m-%d %H:%M").to_string());
    for words in [
        "rescheduled",
        "Rescheduled.",
        "resched",
        "re-scheduled",
        "postponed",
        "It was postponed",
        "they asked to reschedule",
        "needs to be rescheduled",
        "moved",
        "it was moved to next week",
        "pushed to January",
        "had to move it",
        "not held, rescheduled",
        "verschoben",
        "reportée",
        "reprogramada",
        "moved to Tue 1 Dec",
        "rescheduled to 11/12",
        "Outcome: rescheduled",
        "rescheduled, new date to follow",
        "no, rescheduled",
        "the meeting got pushed back",
        "rescheduled, 4 people could not make it",
    ] {
        check(&[(words, (Some(Rescheduled), None, None))]);
        assert_eq!(new_time(words), None, "{words}");
    }
    for (words, start) in [
        ("rescheduled to Tue 1 Dec 14:00", "12-01 19:00"),
        ("moved to next Thursday 3pm", "12-03 20:00"),
        ("Moved to Thursday at 3pm", "12-03 20:00"),
        ("we moved it to tomorrow 10:00", "11-27 15:00"),
        ("postponed until 1 Dec, 2pm", "12-01 19:00"),
        ("Rescheduled. New time: Tue 1 Dec 14:00", "12-01 19:00"),
        ("no-show, rescheduled to Tue 1 Dec 14:00", "12-01 19:00"),
        ("They didn't turn up, we rescheduled for Tue 1 Dec 14:00", "12-01 19:00"),
        ("not held, new date is Tue 1 Dec 14:00", "12-01 19:00"),
        ("Outcome: rescheduled to Tue 1 Dec 14:00", "12-01 19:00"),
        ("Tue 1 Dec 14:00", "12-01 19:00"),
        ("It's Tue 1 Dec at 2pm now", "12-01 19:00"),
        ("it will be held on Tue 1 Dec 14:00", "12-01 19:00"),
        ("verschoben auf 1.12. 14 Uhr", "12-01 19:00"),
        ("reporté au mardi 1 décembre à 14h", "12-01 19:00"),
        ("rescheduled to 12/1/2026 2pm UTC, James has left", "?"),
    ] {
        let is = read(words, REQUEST);
        assert_eq!(is.outcome, Some(Rescheduled), "{words}");
        let expected = (start != "?").then_some(start);
        assert_eq!(new_time(words).as_deref(), expected, "{words}");
    }
    assert_eq!(read("rescheduled, James has left", "").wrong.as_deref(), Some("James has left"));
    assert_eq!(read("held 4, next one is Tue 1 Dec 14:00", "").new_start, None);
}

#[test]
fn numbers_that_count_or_date_something_are_no_score() {
    let unscored: Expected<'_> = (Some(Held), None, None);
    for words in [
        "held at 4pm",
        "held at 4",
        "held 4pm",
        "Held on 4 December",
        "held 4 Dec",
        "held 26 Nov",
        "held, 0",
        "held 6",
        "held 10",
        "held 4.5",
        "held 4,5",
        "held 10/10",
        "held 4/10",
        "held: 4-5",
        "held 4 or 5",
        "held +1",
        "Score: 6, held",
        "held, score 0",
        "held, 4.5 out of 5",
    ] {
        let is = read(words, REQUEST);
        assert_eq!((is.outcome, is.score), (unscored.0, None), "{words}");
    }
    for words in [
        "held, 4 people came",
        "held with 5 stakeholders",
        "held, 20 minutes",
        "held 4 people",
        "held for 5 minutes",
        "held, 2nd call on Tuesday",
        "held, 3 of 5 people came",
        "held, they have 4 new sites",
    ] {
        let is = read(words, REQUEST);
        assert_eq!((is.outcome, is.score), (Some(Held), None), "{words}");
    }
    for words in [
        "0",
        "6",
        "10",
        "4.5",
        "44",
        "4pm",
        "4 people",
        "20 minutes",
        "5 stakeholders",
        "2nd call",
        "Score: 7",
        "1-5",
    ] {
        assert_eq!(read(words, REQUEST), FeedbackWords::default(), "{words}");
    }
}

#[test]
fn words_that_answer_nothing_say_nothing() {
    for words in [
        "",
        "hm",
        "no, it was cancelled",
        "fand leider nicht statt",
        "held or no-show, not sure",
        "will do later",
        "who is this?",
        "Thanks",
        "Thanks Dana!",
        "Hi Dana",
        "ok",
        "👍",
        "Will answer tomorrow",
        "I'll get back to you",
        "yes, will do",
        "yes I'll do it later",
        "not held",
        "didn't happen",
        "it did not take place",
        "was not rescheduled",
        "it was never held",
        "Was it held?",
        "Is this about Acme?",
        "no idea",
        "not sure yet",
        "no time now",
        "cancelled",
        "they cancelled",
        "Which meeting?",
        "it was a meeting all right",
        "Can we talk tomorrow at 10:00?",
        "Good morning",
        "it's on hold",
        "I was held up",
        "no, nothing wrong",
        "nothing wrong",
        "n/a",
        "no, it didn't happen",
        "held, rescheduled, no-show",
        "will be held on Friday",
        "I'll tell you tomorrow 10:00",
        "didn't happen, score 1",
        "Did they reschedule?",
        "Back on Tue 1 Dec 14:00",
        "4 and a half",
        "no problem",
        "yes please",
        "hasn't happened yet",
        "let me check",
        "see below",
        "unsubscribe",
        "...",
    ] {
        assert!(read(words, "").is_empty(), "{words}");
        assert!(read(words, REQUEST).is_empty(), "{words}, with the request quoted");
    }
}

#[test]
fn a_plain_correction_counts_without_an_outcome() {
    check(&[
        ("James has left", (None, None, Some("James has left"))),
        ("wrong: the title", (None, None, Some("the title"))),
    ]);
}

fn filled(outcome: &str, score: &str, wrong: &str) -> String {
    REQUEST
        .replace("no-show):\n", &format!("no-show):{outcome}\n"))
        .replace("(1-5):\n", &format!("(1-5):{score}\n"))
        .replace("in the record:\n", &format!("in the record:{wrong}\n"))
}

#[test]
fn lines_filled_in_inside_the_quotation_are_read() {
    let left = "James has left";
    for (outcome, score, wrong, expected) in [
        (" held", " 4", " James has left", fixed(4, left)),
        ("held", "4", "James has left", fixed(4, left)),
        (" Held", " 4/5", " James has left.", fixed(4, left)),
        ("\nheld", "\n4", "\nJames has left", fixed(4, left)),
        ("\n\nheld", "\n\n4", "\n\nJames has left", fixed(4, left)),
        (" HELD", " four", " James\nhas left", fixed(4, "James; has left")),
        (" held", " 4", "", held(4)),
        (" held", " 4", " nothing", held(4)),
        (" held", " 4", " none", held(4)),
        (" held", " 4", " n/a", held(4)),
        (" held", " 4", " no", held(4)),
        (" held", " 4", " all good", held(4)),
        (" held", " 4", " -", held(4)),
        (" held", " 4 - great call", "", held(4)),
        (" held", " ★★★★", "", held(4)),
        (" held", " yes", "", held(5)),
        (" held", " no", "", held(1)),
        (" held", "", "", (Some(Held), None, None)),
        ("", " 4", "", held(4)),
        ("", "", " James has left", (None, None, Some(left))),
        (" yes", " 4", "", held(4)),
        (" held 4, James has left", "", "", fixed(4, left)),
        (" held, 4", "", "", held(4)),
        (" no-show", "", "", (Some(NoShow), None, None)),
        (" no show", "", "", (Some(NoShow), None, None)),
        (" rescheduled", "", "", (Some(Rescheduled), None, None)),
        (" held", " 6", "", (Some(Held), None, None)),
        (" held", " 5 stakeholders", "", (Some(Held), None, None)),
        (" not held", "", "", (None, None, None)),
        (" held / rescheduled / no-show", "", "", (None, None, None)),
    ] {
        let quoted = filled(outcome, score, wrong);
        for words in ["", "Hi Dana, see below", "Filled in below, thanks!", "> "] {
            let is = read(words, &quoted);
            assert_eq!((is.outcome, is.score, is.wrong.as_deref()), expected, "{words:?} {quoted}");
        }
    }
    let moved = read("", &filled(" rescheduled to Tue 1 Dec 14:00", "", ""));
    assert_eq!((moved.outcome, moved.new_start.is_some()), (Some(Rescheduled), true));
}

#[test]
fn a_form_in_the_author_s_words_or_in_one_line_is_read() {
    let form = "Outcome (held, rescheduled, no-show): held\nScore (1-5): 4\nAnything wrong in the record: James has left";
    for words in [
        form.to_owned(),
        form.replace('\n', " "),
        form.replace('\n', "\n\n"),
        format!("Hi Dana,\n\n{form}\n\nThanks,\nCalvin"),
        format!("{form}\nThanks,\nCalvin"),
        form.replace(": ", ":"),
        form.replace(": ", ":\n"),
        "Outcome: held\nScore: 4\nWrong: James has left".to_owned(),
        "outcome = held, score = 4, wrong = James has left".to_owned(),
        "Outcome - held\nScore - 4\nAnything wrong - James has left".to_owned(),
        "held\n4/5\nJames has left".to_owned(),
        "* Outcome: held\n* Score: 4\n* Wrong in the record: James has left".to_owned(),
    ] {
        check(&[(words.as_str(), fixed(4, "James has left"))]);
        let quoted = REQUEST.replace('\n', " ");
        assert_eq!(read(&words, &quoted), read(&words, ""), "{words}");
    }
    let flat = filled(" held", " 4", " James has left").replace('\n', " ");
    assert_eq!(read("", &flat).score, Some(4));
    assert_eq!(read("", &flat).wrong.as_deref(), Some("James has left"));
}

#[test]
fn the_author_s_words_come_before_the_quotation() {
    let quoted = filled(" held", " 4", " James has left");
    let moved = read("rescheduled to Tue 1 Dec 14:00", &quoted);
    assert_eq!((moved.outcome, moved.score, moved.wrong), (Some(Rescheduled), None, None));
    let better = read("Actually 3", &quoted);
    assert_eq!((better.outcome, better.score), (Some(Held), Some(3)));
    let soft = read("Yes, see below", &quoted);
    assert_eq!(soft.score, Some(4), "a figure outdoes a yes");
}

#[test]
fn the_request_s_own_text_answers_nothing_even_where_it_is_not_marked_as_quoted() {
    for request in [REQUEST.to_owned(), REQUEST.replace('\n', " "), REQUEST.replace('\n', "\r\n")] {
        assert_eq!(read(&request, ""), FeedbackWords::default(), "{request}");
        assert_eq!(read("", &request), FeedbackWords::default(), "{request}");
        assert_eq!(read(&format!("will do\n\n{request}"), ""), FeedbackWords::default());
    }
    let thanks = "Calvin, thank you! Dana (in Cc) has your feedback. This is what was understood:\n\nOutcome: held\nScore: 4 of 5\nWrong in the record: James has left\n\nFrom your words:\n\n> held 4, James has left";
    assert_eq!(read("Thanks!", thanks), FeedbackWords::default());
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(words in ".{0,120}", quoted in "(?s).{0,120}") {
        let is = read(&words, &quoted);
        prop_assert!(is.score.is_none_or(|score| (1..=5).contains(&score)));
    }

    #[test]
    fn any_mixture_of_telling_words_is_read_without_a_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "held", "4", " ", ", ", ". ", "no", "-", "show", "rescheduled", "Tue", "1", "Dec", "14:00", "ü", "★", "\n", ">", "Outcome (", "):",
        "Score (1-5):", "Anything wrong in the record:", "/", "5", "3pm", "11/12", "99", "Feb", "30", "utc+99", "’", "\u{a0}", "not", "İ",
    ]), 0..20)) {
        let text = parts.concat();
        let is = read(&text, &text);
        prop_assert!(is.score.is_none_or(|score| (1..=5).contains(&score)));
        prop_assert!(is.wrong.is_none_or(|wrong| wrong.chars().any(char::is_alphanumeric)));
        prop_assert!(is.new_start.is_none_or(|start| start > at() && is.outcome == Some(Rescheduled)));
    }

    #[test]
    fn an_unfilled_form_in_a_quotation_answers_nothing(gap in "[ \t>\r\n]{0,6}", mark in "(> |>> |\\| |)", above in "[a-z ]{0,30}") {
        let quoted: String = REQUEST.lines().map(|line| format!("{mark}{line}{gap}\n")).collect();
        let says_nothing = read("", &[above, quoted].join("\n")).is_empty();
        prop_assert!(says_nothing);
    }
}

/// The meeting was held with whoever came.
#[test]
fn one_of_them_came_and_it_was_held() {
    for words in [
        "Sarah didn't show, James did. 3",
        "3, Sarah didn't turn up but James did",
        "Sarah did not join. James did. 3",
    ] {
        let read = read(words, "");
        assert_eq!((read.outcome, read.score), (Some(Held), Some(3)), "{words}: {read:?}");
    }
    assert_eq!(read("Nobody showed. 1", "").outcome, Some(NoShow));
}

/// `yes` and `no` say whether there is a new time.
#[test]
fn the_question_for_a_new_time_is_not_how_the_meeting_went() {
    let asked = |words: &str| read_as(FeedbackAsked::NewTime, words, REQUEST);
    for words in [
        "no",
        "No.",
        "no new date yet, they will call",
        "No date yet",
        "not yet",
        "Yes, working on it",
        "Nein, noch nicht",
        "noch kein neuer Termin",
        "non, pas de date",
        "no, aún sin fecha",
        "todavía no",
        "nee, nog niet",
        "não, ainda não",
        "maybe in 3 weeks",
    ] {
        assert!(asked(words).is_empty(), "{words}: {:?}", asked(words));
    }
    let moved = asked(
        "Sarah agreed to Tue 1 Dec 14:00, James joins as well, she is glad about it and has the numbers with her",
    );
    assert_eq!((moved.outcome, moved.new_start.is_some(), moved.wrong), (Some(Rescheduled), true, None));
    assert_eq!(asked("yes, Tue 1 Dec 14:00").score, None);
    assert_eq!((asked("held 4").outcome, asked("held 4").score), (Some(Held), Some(4)));
    assert_eq!(asked("it was a no-show after all").outcome, Some(NoShow));
    assert_eq!(asked("Not yet. James has left the company").outcome, None);
}

#[test]
fn what_was_understood_is_denied_without_a_score() {
    let told = |words: &str| read_as(FeedbackAsked::Understood, words, REQUEST);
    for words in ["no", "No, that is not right", "yes", "Ja, stimmt"] {
        assert_eq!((told(words).outcome, told(words).score), (None, None), "{words}: {:?}", told(words));
    }
    assert_eq!(told("no, 3").score, Some(3));
    assert_eq!(told("No, it was a no-show").outcome, Some(NoShow));
    assert_eq!(told("No, James has left the company").wrong.as_deref(), Some("James has left the company"));
}

#[test]
fn that_nothing_was_wrong_is_said_too() {
    for words in [
        "held 4, everything matched",
        "held 4. Nothing wrong in the record",
        "Outcome: held\nScore: 4\nAnything wrong in the record: nothing",
        "Correction: nothing wrong in the record",
        "Stattgefunden, 4. Nichts, alles bestens",
        "Anything wrong in the record: nothing, all good",
    ] {
        let is = read(words, "");
        assert!(is.nothing_wrong && is.wrong.is_none(), "{words}: {is:?}");
    }
    for words in ["held 4", "held 4, James has left", "no", "Nothing about the budget was true, 2", ""] {
        assert!(!read(words, "").nothing_wrong, "{words}");
    }
    check(&[("Held, 3. Cheers, Calvin", held(3)), ("Stattgefunden, 4 von 5 Sternen", held(4))]);
}

/// To the request for feedback they say something of the meeting, which is asked about.
#[test]
fn a_short_no_is_no_refusal_in_answer_to_the_request() {
    use super::instead_of_feedback;
    for words in
        ["Leider nein", "Sorry, no", "Sorry, no.", "No thanks", "Nein danke", "Non merci", "No", "declined"]
    {
        assert!(read(words, REQUEST).is_empty() || read(words, REQUEST).score == Some(1), "{words}");
        assert_eq!(instead_of_feedback(words), None, "{words}");
    }
    for words in
        ["That's Rita's", "Not mine, please give it to Rita", "No, this is not my account, it's Rita's"]
    {
        assert!(instead_of_feedback(words).is_some(), "{words}");
    }
}
