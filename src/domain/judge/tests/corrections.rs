//! What people decide by hand: the story says who did what and why, and nothing is claimed that was not so.

use super::super::super::fact::{DROPPED_BY_HAND, LET_BE};
use super::super::super::mails::{ClockAfterFailure, DroppedIntro, MailBrief};
use super::*;

const CLOSING: &str = "2026-11-25 09:00";

fn told(judgement: &Judgement, what: &str) -> Vec<String> {
    let events = judgement.story.iter().filter(|event| event.what == what);
    events.map(|event| event.why.clone()).collect()
}

fn says(world: &mut World, when: &str, why: &str, says: StatementKind) {
    let statement =
        Statement { id: format!("{when} {why}"), why: why.into(), says, letter: None, read_at: None };
    world.fact(when, FactKind::Said(statement));
}

#[test]
fn behind_a_closed_handoff_no_feedback_is_owed_that_nobody_was_asked_for() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    says(&mut world, CLOSING, "they chose a competitor", StatementKind::Closed);
    for now in ["2026-11-25 09:01", "2026-11-26 14:31", "2026-12-20 09:00"] {
        let judgement = world.judge(now);
        assert_eq!(
            (judgement.feedback.state, judgement.feedback.due),
            (FeedbackState::NotOwed, None),
            "{now}"
        );
        assert!(wanted(&judgement, MailKind::FeedbackRequest).is_empty(), "{now}");
    }
    says(&mut world, "2026-11-25 10:00", "they are back", StatementKind::Reopened);
    assert_eq!(world.judge("2026-11-25 10:01").feedback.state, FeedbackState::NotDue);
    assert_eq!(world.judge("2026-11-26 14:31").feedback.state, FeedbackState::Requested);
}

#[test]
fn feedback_that_was_asked_for_before_the_close_stays_asked_for() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    says(&mut world, "2026-11-26 15:00", "lost", StatementKind::Closed);
    let feedback = world.judge("2026-11-26 15:01").feedback;
    assert_eq!((feedback.state, feedback.due), (FeedbackState::Requested, Some(at("2026-11-27 14:30"))));
}

#[test]
fn a_handoff_that_is_opened_again_long_after_its_meeting_asks_for_the_feedback() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    says(&mut world, CLOSING, "they chose a competitor", StatementKind::Closed);
    says(&mut world, "2026-12-20 10:00", "they are back", StatementKind::Reopened);
    let judgement = world.judge("2026-12-20 10:01");
    assert_eq!((judgement.open, judgement.feedback.state), (true, FeedbackState::Requested));
    assert_eq!(wanted(&judgement, MailKind::FeedbackRequest).len(), 1);
    assert!(world.judge("2027-01-03 10:01").open, "until the question has left");
    world.left("2026-12-20 10:01", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world.read("2027-01-03 10:01");
    let judgement = world.judge("2027-01-03 10:01");
    assert_eq!((judgement.open, judgement.feedback.state), (true, FeedbackState::Overdue));
    assert!(world.judge("2027-01-04 10:01").open, "the manager hears of it first");
    world.left(
        "2027-01-04 10:02",
        MailKind::FeedbackOverdue,
        "meeting 2026-11-26T14:00:00Z",
        "fbo0000000000",
    );
    assert!(!world.judge("2027-01-04 10:03").open, "14 days after it fell due");
}

/// An intro that has not left to anybody, given up for this reason.
fn given_up(reason: &str) -> World {
    let mut world = World::new();
    world.facts.clear();
    world.fact(SENT, FactKind::IntroAsked { sending: 1, record: None });
    refused(&mut world, "2026-11-24 09:10", "sending 1", reason);
    world
}

fn refused(world: &mut World, when: &str, about: &str, reason: &str) {
    let people = ["sarah@acme.example", "calvin@vendor.example"];
    let refused = people.map(|one| (address(one), reason.to_owned())).to_vec();
    world.fact(when, FactKind::MailRefused { key: key(MailKind::Intro, about), refused });
}

fn dropped(judgement: &Judgement) -> Option<(Option<DroppedIntro>, ClockAfterFailure)> {
    match &wanted(judgement, MailKind::IntroBounced).first()?.brief {
        MailBrief::IntroBounced { dropped, clock, .. } => Some((*dropped, *clock)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_intro_that_a_person_gave_up_has_come_back_from_nowhere() {
    for (reason, what, event) in [
        (DROPPED_BY_HAND, Some(DroppedIntro::HasNotLeft), "took the intro out of the outbox"),
        (LET_BE, Some(DroppedIntro::MayHaveLeft), "nobody can tell whether it had left"),
        ("550 5.1.1 no such user", None, "the mail server refused the intro"),
        (
            "not sent: the meeting has been moved since",
            None,
            "did not leave: the meeting has been moved since",
        ),
    ] {
        let mut world = given_up(reason);
        let judgement = world.judge("2026-11-24 09:11");
        assert_eq!(judgement.touch.state, TouchState::Undelivered, "{reason}");
        assert_eq!(dropped(&judgement), Some((what, ClockAfterFailure::Stopped)), "{reason}");
        assert!(told(&judgement, "intro-refused")[0].contains(event), "{:?}", judgement.story);
        // Once another has left, nobody has to hear of one that was given up.
        world.fact("2026-11-24 09:20", FactKind::IntroAsked { sending: 2, record: None });
        world.left("2026-11-24 09:20", MailKind::Intro, "sending 2", INTRO_TOKEN);
        let judgement = world.judge("2026-11-24 09:21");
        assert_eq!(judgement.touch.state, TouchState::Waiting, "{reason}");
        let still = (what.is_none()).then_some((what, ClockAfterFailure::SentAgain));
        assert_eq!(dropped(&judgement), still, "{reason}");
    }
}

#[test]
fn an_intro_that_left_stands_beside_one_that_a_person_gave_up() {
    for reason in [DROPPED_BY_HAND, LET_BE] {
        let mut world = World::new();
        world.fact("2026-11-24 11:00", FactKind::IntroAsked { sending: 2, record: None });
        refused(&mut world, "2026-11-24 11:05", "sending 2", reason);
        let judgement = world.judge("2026-11-24 11:06");
        assert_eq!(
            (judgement.touch.state, judgement.deadline),
            (TouchState::Waiting, Some(at("2026-11-24 17:00"))),
            "{reason}"
        );
        assert_eq!(dropped(&judgement).map(|(_, clock)| clock), Some(ClockAfterFailure::RunsOn), "{reason}");
    }
}

#[test]
fn a_correction_says_who_corrected_what_to_what_and_why() {
    let moved = StatementKind::MeetingMoved { start: at("2026-11-27 15:00"), length_seconds: None };
    let feedback =
        StatementKind::Feedback { outcome: Some(MeetingOutcome::Held), score: Some(4), wrong: None };
    let touched =
        StatementKind::Touched { at: at("2026-11-24 11:00"), kind: TouchKind::Stated, message: None };
    let to_rita = || StatementKind::Reassigned { ae: "Rita Vale".into() };
    let accepted = StatementKind::Accepted { notes: Some("will do".into()), owner_updated: true };
    for (why, kind, what, sentence) in [
        (
            "x",
            moved.clone(),
            "meeting-corrected",
            "the operator moved the meeting to Fri 27 Nov 2026 15:00 UTC: x",
        ),
        (
            "meeting moved to Friday, 3pm (Dana Fox, by email)",
            moved,
            "meeting-corrected",
            "Dana Fox moved the meeting to Fri 27 Nov 2026 15:00 UTC",
        ),
        ("x", StatementKind::MeetingCancelled, "meeting-corrected", "the operator cancelled the meeting: x"),
        ("Budget.", StatementKind::Closed, "closed", "the operator closed the handoff: Budget."),
        ("why not", StatementKind::Reopened, "reopened", "the operator opened the handoff again: why not"),
        (
            "told me",
            feedback,
            "feedback-corrected",
            "the operator noted Calvin Reyes's feedback (held, score 4): told me",
        ),
        (
            "Calvin called her (Dana Fox, by email)",
            touched,
            "touch-corrected",
            "Dana Fox noted a first touch by Calvin Reyes on Tue 24 Nov 2026 11:00 UTC (stated): Calvin called her",
        ),
        ("Rita Vale takes over", to_rita(), "reassigned", "the operator gave the handoff to Rita Vale"),
        (
            "over to Rita Vale (Morgan Hale, by email)",
            to_rita(),
            "reassigned",
            "Morgan Hale gave the handoff to Rita Vale",
        ),
        ("ill", to_rita(), "reassigned", "the operator gave the handoff to Rita Vale: ill"),
        (
            "told me",
            accepted,
            "acceptance-corrected",
            "the operator noted that Calvin Reyes has acknowledged the record, with the owner updated \
             (\u{201c}will do\u{201d}): told me",
        ),
        (
            "x",
            StatementKind::NotTouched { message: None },
            "touch-denied",
            "the operator noted that Calvin Reyes has not been in touch yet: x",
        ),
    ] {
        let mut world = World::new();
        says(&mut world, "2026-11-24 12:00", why, kind);
        let judgement = world.judge("2026-11-24 12:01");
        assert_eq!(told(&judgement, what), [sentence]);
        for twice in ["meeting-moved", "meeting-cancelled"] {
            assert!(told(&judgement, twice).is_empty(), "{why}: {:?}", judgement.story);
        }
    }
}

fn answered(partstat: PartStat, when: &str) -> Mail {
    Mail::new(SARAH, when)
        .to(&["calvin@vendor.example"])
        .calendar(CalendarMethod::Reply, "own", "2026-11-26 14:00")
        .with(|_, body| {
            for attendee in body.calendar.iter_mut().flat_map(|calendar| &mut calendar.attendees) {
                attendee.partstat = partstat;
            }
        })
}

#[test]
fn what_somebody_did_about_the_meeting_is_told_once_and_by_their_name() {
    let invitation = |method, when: &str, start: &str| {
        Mail::ae(when).to(&[SARAH]).calendar(method, "own", start).seen_in(&[("calvin", "Sent")])
    };
    let mut world = World::new();
    world.mail(invitation(CalendarMethod::Request, "2026-11-23 10:00", "2026-11-26 14:00"));
    world.mail(answered(PartStat::Declined, "2026-11-24 10:00"));
    world.mail(answered(PartStat::Accepted, "2026-11-24 11:00"));
    let judgement = world.judge("2026-11-24 12:00");
    assert_eq!(
        told(&judgement, "meeting-mail"),
        [
            "Sarah Lee declined the invitation to the meeting",
            "Sarah Lee accepted the invitation to the meeting",
        ]
    );
    world.mail(invitation(CalendarMethod::Request, "2026-11-24 12:10", "2026-11-27 15:00"));
    world.mail(invitation(CalendarMethod::Cancel, "2026-11-24 12:20", "2026-11-27 15:00"));
    let judgement = world.judge("2026-11-24 12:30");
    assert_eq!(
        told(&judgement, "meeting-moved"),
        ["Calvin Reyes moved the meeting to Fri 27 Nov 2026 15:00 UTC; the record's own meeting is no touch"]
    );
    assert_eq!(
        told(&judgement, "meeting-cancelled"),
        [
            "Calvin Reyes cancelled the meeting of Fri 27 Nov 2026 15:00 UTC; the record's own meeting is no touch"
        ]
    );
    let of_the_meeting = judgement.story.iter().filter(|event| event.rule == Some(6));
    assert_eq!(of_the_meeting.count(), 4, "{:?}", judgement.story);
}
