//! What the answers of a few handoffs add up to. docs/behaviour.md section 10.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::{DateTime, TimeDelta, Utc};

use super::super::judge::CcState;
use super::super::outcomes::{MeetingOutcome, TouchKind};
use super::super::people::TeamRole;
use super::super::zone::FixedZone;
use super::coaching::coaching;
use super::figures::{FailureKind, failures, median, people};
use super::weeks::by_week;
use super::*;

fn at(text: &str) -> DateTime<Utc> {
    format!("{}:00Z", text.replace(' ', "T")).parse().unwrap()
}

/// Touched in time after so many minutes, feedback given.
fn handoff(id: &str, sdr: &str, ae: &str, sent: &str, minutes: i64) -> AuditedHandoff {
    let sent_at = at(sent);
    AuditedHandoff {
        id: Some(id.to_owned()),
        company: format!("{id} Inc"),
        sdr: sdr.to_owned(),
        ae: ae.to_owned(),
        prospects: Vec::new(),
        sent_at: Some(sent_at),
        deadline: Some(sent_at + TimeDelta::hours(4)),
        record: RecordAnswer::Complete,
        touch: AuditedTouch {
            answer: if minutes <= 240 { TouchAnswer::InTime } else { TouchAnswer::Late },
            at: Some(sent_at + TimeDelta::minutes(minutes)),
            kind: Some(TouchKind::Reply),
            personal: Some(true),
        },
        feedback: AuditedFeedback {
            answer: FeedbackAnswer::InTime,
            at: Some(sent_at + TimeDelta::days(2)),
            due: None,
            outcome: Some(MeetingOutcome::Held),
            score: Some(4),
        },
        acknowledged: Some(true),
        cc_first: Some(CcState::Kept),
        cc: CcState::Dropped,
        preparation: Some(Preparation {
            first_contact: Some(sent_at - TimeDelta::days(5)),
            proved: 2,
            only_ticked: 0,
        }),
        waits: false,
        source: AuditSource::Baton,
        evidence: Vec::new(),
        line: None,
    }
}

fn never(mut handoff: AuditedHandoff) -> AuditedHandoff {
    handoff.touch = AuditedTouch { answer: TouchAnswer::Never, at: None, kind: None, personal: None };
    handoff
}

fn open_still(mut handoff: AuditedHandoff) -> AuditedHandoff {
    handoff.touch = AuditedTouch { answer: TouchAnswer::CannotTell, at: None, kind: None, personal: None };
    let feedback = FeedbackAnswer::NotDue;
    handoff.feedback = AuditedFeedback { answer: feedback, at: None, due: None, outcome: None, score: None };
    handoff.waits = true;
    handoff
}

#[test]
fn shares_are_of_what_is_settled_and_missing_where_nothing_is() {
    let all = [
        handoff("a", "Dana", "Calvin", "2026-11-24 09:00", 60),
        handoff("b", "Dana", "Calvin", "2026-11-24 10:00", 300),
        never(handoff("c", "Dana", "Calvin", "2026-11-25 09:00", 0)),
        open_still(handoff("d", "Dana", "Calvin", "2026-11-26 09:00", 0)),
        open_still(handoff("e", "Dana", "Rita", "2026-11-26 09:00", 0)),
    ];
    let figures = people(&all);
    let names: Vec<_> = figures.iter().map(|one| (one.name.as_str(), one.role, one.handoffs)).collect();
    assert_eq!(names, [("Calvin", TeamRole::Ae, 4), ("Rita", TeamRole::Ae, 1), ("Dana", TeamRole::Sdr, 5)]);
    let calvin = &figures[0];
    assert_eq!(calvin.in_time, Some(1.0 / 3.0));
    assert_eq!((calvin.median_s, calvin.worst_s), (Some(180 * 60), Some(300 * 60)));
    assert_eq!((calvin.feedback, calvin.mean_score), (Some(1.0), Some(4.0)));
    assert_eq!((figures[1].in_time, figures[1].median_s, figures[1].feedback), (None, None, None));
    assert_eq!((figures[2].proved, figures[2].only_ticked), (10, 0));
}

#[test]
fn the_two_most_frequent_failures_come_first_and_the_record_before_the_touch() {
    let mut no_feedback = handoff("a", "Dana", "Calvin", "2026-11-24 09:00", 300);
    no_feedback.feedback.answer = FeedbackAnswer::Never;
    let mut incomplete = never(handoff("b", "Dana", "Calvin", "2026-11-24 09:00", 0));
    incomplete.record = RecordAnswer::Incomplete;
    incomplete.feedback.answer = FeedbackAnswer::Never;
    let found = failures(&[no_feedback, incomplete]);
    let kinds: Vec<_> = found.iter().map(|one| (one.kind, one.count, one.share)).collect();
    assert_eq!(
        kinds,
        [
            (FailureKind::NoFeedback, 2, 1.0),
            (FailureKind::IncompleteRecord, 1, 0.5),
            (FailureKind::LateTouch, 1, 0.5),
            (FailureKind::NoTouch, 1, 0.5)
        ]
    );
    assert_eq!(failures(&[handoff("c", "Dana", "Calvin", "2026-11-24 09:00", 5)]), []);
    assert_eq!(failures(&[]), []);
}

#[test]
fn coaching_names_people_and_shows_the_handoffs() {
    let mut too_early = handoff("a", "Dana", "Calvin", "2026-11-24 09:00", 60);
    too_early.feedback.outcome = Some(MeetingOutcome::NoShow);
    let mut slow = handoff("b", "Sam", "Rita", "2026-11-24 09:00", 300);
    slow.preparation.as_mut().unwrap().first_contact = Some(at("2026-11-01 09:00"));
    let mut ignored = [too_early, slow, handoff("c", "Dana", "Calvin", "2026-11-24 09:00", 60)];
    let points = |all: &[AuditedHandoff]| -> Vec<String> {
        coaching(all).iter().map(|one| format!("{} [{}]", one.what, one.handoffs.join(" "))).collect()
    };
    assert_eq!(
        points(&ignored),
        [
            "Rita: the first touch was late or is missing [b]",
            "Dana: handed off too early (a no-show, a score under 3, or conditions that no mail proves) [a]",
            "Sam: over-qualified, 23 days from first contact to handoff; the team takes 5 [b]",
        ]
    );
    for one in &mut ignored {
        one.acknowledged = Some(false);
    }
    assert!(
        points(&ignored).contains(
            &"Calvin and Rita acknowledged under half of their records: the record may be too long [a b c]"
                .to_owned()
        )
    );
    assert_eq!(points(&[]), Vec::<String>::new());
}

#[test]
fn weeks_begin_on_monday_in_the_readers_zone_and_none_is_left_out() {
    let tokyo = FixedZone::new(chrono::FixedOffset::east_opt(9 * 3600).unwrap());
    let all = [
        // Monday morning in Tokyo.
        handoff("a", "Dana", "Calvin", "2026-11-22 16:00", 60),
        handoff("b", "Dana", "Calvin", "2026-11-20 16:00", 300),
        handoff("c", "Dana", "Calvin", "2026-12-31 16:00", 60),
    ];
    let weeks = by_week(&all, &tokyo);
    let told: Vec<_> = weeks.iter().map(|week| (week.name(), week.handoffs.len(), week.in_time)).collect();
    assert_eq!(told[0], ("2026-W47".to_owned(), 1, Some(0.0)));
    assert_eq!(told[1], ("2026-W48".to_owned(), 1, Some(1.0)));
    assert_eq!(told[2], ("2026-W49".to_owned(), 0, None));
    assert_eq!(told.last().unwrap(), &("2026-W53".to_owned(), 1, Some(1.0)));
    assert_eq!(told.len(), 7);
}

#[test]
fn the_median_of_an_even_number_lies_between() {
    assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&[4.0, 1.0]), Some(2.5));
    assert_eq!(median(&[]), None);
}

#[test]
fn a_digest_has_the_score_of_the_week_before_and_who_waits_now() {
    let zone = FixedZone::new(chrono::FixedOffset::east_opt(0).unwrap());
    let monday = "2026-11-30".parse().unwrap();
    let all = [
        handoff("a", "Dana", "Calvin", "2026-11-24 09:00", 60),
        never(handoff("b", "Dana", "Calvin", "2026-11-27 09:00", 0)),
        // Open since the week before; its feedback came in this one.
        handoff("c", "Dana", "Calvin", "2026-11-21 12:00", 300),
        open_still(handoff("d", "Dana", "Rita", "2026-11-29 23:59", 0)),
        // Today's is next week's.
        open_still(handoff("e", "Dana", "Rita", "2026-11-30 08:00", 0)),
    ];
    let brief = digest::digest(&all, monday, &zone).unwrap();
    assert_eq!(
        (brief.from, brief.until),
        (Some("2026-11-23".parse().unwrap()), Some("2026-11-29".parse().unwrap()))
    );
    assert_eq!((brief.handoffs, brief.in_time, brief.feedback), (3, (1, 2), (3, 3)));
    let waiting: Vec<&str> = brief.waiting.iter().map(|one| one.company.as_str()).collect();
    assert_eq!(waiting, ["d Inc"]);
    assert_eq!(brief.coaching, ["Calvin: the first touch was late or is missing"]);
    assert_eq!(digest::digest(&all[4..], monday, &zone), None);
}

#[test]
fn each_handoff_is_scored_in_the_week_in_which_its_first_touch_was_decided() {
    let zone = FixedZone::new(chrono::FixedOffset::east_opt(0).unwrap());
    // Friday afternoon's, due on Monday at 10:00.
    let due_on_monday = |id: &str, touched: &str| {
        let mut handoff = handoff(id, "Dana", "Calvin", "2026-11-20 16:00", 0);
        handoff.deadline = Some(at("2026-11-23 10:00"));
        handoff.touch.at = Some(at(touched));
        if at(touched) > at("2026-11-23 10:00") {
            handoff.touch.answer = TouchAnswer::Late;
        }
        handoff
    };
    let all = [
        due_on_monday("touched on Friday", "2026-11-20 17:00"),
        due_on_monday("touched in time", "2026-11-23 09:00"),
        due_on_monday("touched late", "2026-11-23 11:00"),
        never(due_on_monday("never touched", "2026-11-23 10:00")),
    ];
    let score = |monday: &str| digest::digest(&all, monday.parse().unwrap(), &zone).unwrap().in_time;
    assert_eq!((score("2026-11-23"), score("2026-11-30"), score("2026-12-07")), ((1, 1), (1, 3), (0, 0)));
}

#[test]
fn feedback_counts_in_the_week_in_which_it_was_due_and_in_no_other() {
    let zone = FixedZone::new(chrono::FixedOffset::east_opt(0).unwrap());
    let given = |id: &str, due: &str, came: Option<&str>, answer: FeedbackAnswer| {
        let mut one = handoff(id, "Dana", "Calvin", "2026-11-03 09:00", 300);
        one.feedback =
            AuditedFeedback { answer, at: came.map(at), due: Some(at(due)), outcome: None, score: None };
        one
    };
    let all = [
        given("early", "2026-11-09 17:00", Some("2026-11-06 12:00"), FeedbackAnswer::InTime),
        given("in time", "2026-11-05 17:00", Some("2026-11-05 12:00"), FeedbackAnswer::InTime),
        given("on the next Monday", "2026-11-07 17:00", Some("2026-11-09 08:00"), FeedbackAnswer::Late),
        given("missing", "2026-11-06 17:00", None, FeedbackAnswer::Never),
        given("not due yet", "2026-11-20 17:00", None, FeedbackAnswer::NotDue),
    ];
    let of_week = |monday: &str| digest::digest(&all, monday.parse().unwrap(), &zone).unwrap().feedback;
    assert_eq!(of_week("2026-11-09"), (3, 4));
    assert_eq!(of_week("2026-11-16"), (0, 0), "what came late is no part of the week in which it came");
}
