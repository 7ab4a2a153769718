//! One test for each row and rule.

use super::super::super::mails::MailBrief;
use super::*;

fn state(world: &World, now: &str) -> (TouchState, Option<TouchKind>, bool) {
    let touch = world.judge(now).touch;
    (touch.state, touch.kind, touch.late)
}

#[test]
fn the_clock_starts_when_the_intro_is_accepted() {
    let judgement = World::new().judge("2026-11-24 09:01");
    assert_eq!(judgement.sent_at, Some(at(SENT)));
    assert_eq!(judgement.deadline, Some(at("2026-11-24 17:00")));
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    let record = wanted(&judgement, MailKind::Record);
    assert_eq!(people(&record[0].to), ["calvin@vendor.example"]);
    assert_eq!(people(&record[0].cc), [DANA]);
}

#[test]
fn without_acceptance_there_is_no_clock_and_only_the_intro_is_wanted() {
    let mut world = World::new();
    world.facts.retain(|fact| !matches!(fact.what, FactKind::MailLeft { .. }));
    let judgement = world.judge("2026-11-25 09:01");
    assert_eq!((judgement.sent_at, judgement.deadline), (None, None));
    let names: Vec<_> = judgement.mails.iter().map(|mail| mail.key.kind).collect();
    assert_eq!(names, [MailKind::Intro]);
    assert_eq!(people(&judgement.mails[0].to), ["sarah@acme.example"]);
    assert_eq!(people(&judgement.mails[0].cc), ["calvin@vendor.example"]);
}

#[test]
fn row_1_a_reply_in_thread_to_the_prospect_is_the_touch() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!(judgement.touch.state, TouchState::Touched);
    assert_eq!(judgement.touch.kind, Some(TouchKind::Reply));
    assert_eq!(judgement.touch.at, Some(at("2026-11-24 10:00")));
    assert!(!judgement.touch.late);
    assert_eq!(judgement.cc.state, CcState::Kept);
    assert_eq!(rules(&judgement), [1]);
    assert!(kinds(&judgement).is_empty());
}

#[test]
fn a_touch_at_the_deadlines_own_second_is_in_time_and_one_later_is_late() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 17:00"));
    assert_eq!(state(&world, "2026-11-25 09:00"), (TouchState::Touched, Some(TouchKind::Reply), false));
    let mut world = World::new();
    world.mail(reply("2026-11-24 17:00:01"));
    assert_eq!(state(&world, "2026-11-25 09:00"), (TouchState::Touched, Some(TouchKind::Reply), true));
}

#[test]
fn row_2_a_mail_outside_the_thread_counts_but_not_in_anothers_thread() {
    let mail = Mail::ae("2026-11-24 10:00").to(&[SARAH]).id("other@x");
    let mut world = World::new();
    world.mail(mail);
    assert_eq!(state(&world, "2026-11-24 11:00").1, Some(TouchKind::NewThread));
    world.fact(SENT, FactKind::InOtherThread { message: id("other@x") });
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Waiting);
}

#[test]
fn row_3_a_reply_to_the_sdr_alone_is_no_touch_and_the_ae_is_told_once() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-24 10:00").to(&[DANA]).in_thread());
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    let told = wanted(&judgement, MailKind::NotReceived);
    assert_eq!(told.len(), 1);
    assert_eq!((people(&told[0].to), people(&told[0].cc)), (vec!["calvin@vendor.example"], vec![DANA]));
    world.mail(reply("2026-11-24 10:05"));
    assert!(wanted(&world.judge("2026-11-24 10:06"), MailKind::NotReceived).is_empty());
}

#[test]
fn row_4_an_absence_is_told_to_sdr_and_manager_once_for_each_return_date() {
    let mut world = World::new();
    let away = |when: &str, until: Option<NaiveDate>| {
        Mail::ae(when).to(&[DANA]).kind(MessageKind::AutoReply).with(|_, body| body.away_until = until)
    };
    let date = NaiveDate::from_ymd_opt(2026, 12, 1);
    world.mail(away("2026-11-24 09:00:05", date)).mail(away("2026-11-24 11:00", date));
    world.mail(away("2026-11-24 12:00", None)).mail(away("2026-11-24 13:00", None));
    let judgement = world.judge("2026-11-24 13:01");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(judgement.away_until, date);
    let told = wanted(&judgement, MailKind::Away);
    assert_eq!(told.len(), 2);
    assert_eq!((people(&told[0].to), people(&told[0].cc)), (vec![DANA], vec!["morgan@vendor.example"]));
}

#[test]
fn row_5_an_invitation_to_the_prospect_is_a_touch_unless_it_is_the_records_own_meeting() {
    let invite = |start: &str| {
        Mail::ae("2026-11-24 10:00").to(&[SARAH]).calendar(CalendarMethod::Request, "new", start)
    };
    let mut world = World::new();
    world.mail(invite("2026-11-25 10:00"));
    assert_eq!(state(&world, "2026-11-24 11:00").1, Some(TouchKind::Invite));
    let mut world = World::new();
    world.mail(invite("2026-11-26 14:00"));
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(rules(&judgement), [6]);
}

#[test]
fn row_5_an_invitation_known_before_the_handoff_is_no_touch() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-20 10:00").to(&[SARAH]).calendar(
        CalendarMethod::Request,
        "old",
        "2026-11-25 10:00",
    ));
    world.mail(Mail::ae("2026-11-24 10:00").to(&[SARAH]).calendar(
        CalendarMethod::Request,
        "old",
        "2026-11-25 11:00",
    ));
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Waiting);
}

#[test]
fn row_5_a_prospects_reply_to_an_unseen_invitation_proves_it() {
    let mut world = World::new();
    let proof = Mail::new("sarah@acme.example", "2026-11-24 10:00")
        .to(&["calvin@vendor.example"])
        .calendar(CalendarMethod::Reply, "unseen", "2026-11-25 10:00")
        .with(|_, body| {
            body.calendar.as_mut().unwrap().organizer = Some(address("calvin@vendor.example"));
        });
    world.mail(proof);
    let touch = world.judge("2026-11-24 11:00").touch;
    assert_eq!((touch.kind, touch.at), (Some(TouchKind::Invite), Some(at("2026-11-24 10:00"))));
}

#[test]
fn row_6_a_changed_time_moves_the_meeting_and_a_cancel_cancels_it() {
    let mut world = World::new();
    let organizer = |mail: Mail| mail.to(&[SARAH]);
    let from_dana = |when| organizer(Mail::new(DANA, when));
    world.mail(from_dana("2026-11-20 10:00").calendar(CalendarMethod::Request, "meet", "2026-11-26 14:00"));
    world.mail(
        from_dana("2026-11-24 10:00")
            .calendar(CalendarMethod::Request, "meet", "2026-11-27 15:00")
            .with(|_, body| body.calendar.as_mut().unwrap().sequence = 1),
    );
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!(
        (judgement.meeting.state, judgement.meeting.start),
        (MeetingState::Moved, at("2026-11-27 15:00"))
    );
    world.mail(
        from_dana("2026-11-24 12:00")
            .calendar(CalendarMethod::Cancel, "meet", "2026-11-27 15:00")
            .with(|_, body| body.calendar.as_mut().unwrap().sequence = 2),
    );
    let judgement = world.judge("2026-11-24 13:00");
    assert_eq!(judgement.meeting.state, MeetingState::Cancelled);
    assert_eq!(judgement.feedback.state, FeedbackState::NotOwed);
    world.mail(Mail::ae("2026-11-24 14:00").to(&[SARAH]).calendar(
        CalendarMethod::Request,
        "next",
        "2026-11-30 15:00",
    ));
    let judgement = world.judge("2026-11-24 15:00");
    assert_eq!(judgement.meeting.start, at("2026-11-30 15:00"));
    assert_eq!(judgement.touch.kind, Some(TouchKind::Invite));
}

#[test]
fn row_7_receipts_reactions_and_calendar_replies_are_no_touch() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00").kind(MessageKind::Receipt));
    world.mail(reply("2026-11-24 10:01").kind(MessageKind::Reaction));
    world.mail(Mail::ae("2026-11-24 10:02").to(&[DANA]).calendar(
        CalendarMethod::Reply,
        "other",
        "2026-12-24 10:02",
    ));
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(rules(&judgement), [7, 7, 7]);
}

fn booking(when: &str, event: SchedulerEvent, start: &str) -> Mail {
    let start = at(start);
    Mail::new("Calendly <no-reply@calendly.com>", when)
        .to(&["calvin@vendor.example"])
        .kind(MessageKind::Scheduler)
        .with(|_, body| {
            body.scheduler = Some(SchedulerMail {
                tool: "Calendly".into(),
                event,
                start: Some(start),
                end: None,
                addresses: vec![address("sarah@acme.example"), address("calvin@vendor.example")],
                names: Vec::new(),
            });
        })
}

#[test]
fn row_8_a_scheduling_tools_confirmation_is_a_touch_a_reminder_is_not() {
    let mut world = World::new();
    world.mail(booking("2026-11-24 10:00", SchedulerEvent::Reminder, "2026-11-25 10:00"));
    world.mail(booking("2026-11-24 10:01", SchedulerEvent::Booked, "2026-11-26 14:00"));
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Waiting);
    world.mail(booking("2026-11-24 10:02", SchedulerEvent::Booked, "2026-11-25 10:00"));
    assert_eq!(state(&world, "2026-11-24 11:00").1, Some(TouchKind::Scheduled));
}

#[test]
fn row_9_nothing_but_quotation_is_no_touch() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00").words(" \n"));
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(rules(&judgement), [9]);
    assert_eq!(kinds(&judgement), ["not-received"]);
}

#[test]
fn row_10_a_personal_video_counts_inside_and_outside_the_thread() {
    let video = |mail: Mail| mail.with(|_, body| body.video_link = Some("https://loom.com/share/1".into()));
    for mail in [reply("2026-11-24 10:00"), Mail::ae("2026-11-24 10:00").to(&[SARAH])] {
        let mut world = World::new();
        world.mail(video(mail));
        assert_eq!(state(&world, "2026-11-24 11:00").1, Some(TouchKind::Video));
    }
}

#[test]
fn row_11_a_prospects_mail_proves_a_touch_only_where_the_ae_is_not_watched() {
    let proof = Mail::new(SARAH, "2026-11-24 10:30").to(&[DANA]).in_thread().with(|_, body| {
        body.quoted_authors = vec![QuotedAuthor {
            address: address("calvin@vendor.example"),
            at: Some(at("2026-11-24 10:00")),
            latest: None,
        }];
    });
    let mut world = World::new();
    world.mail(proof.clone());
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Waiting);
    let mut world = World::with(unwatched(policy()));
    world.mail(proof);
    let touch = world.judge("2026-11-24 11:00").touch;
    assert!(touch.indirect);
    assert_eq!((touch.kind, touch.at), (Some(TouchKind::Reply), Some(at("2026-11-24 10:00"))));
    let mut world = World::with(unwatched(policy()));
    world.mail(Mail::new(SARAH, "2026-11-24 10:30").to(&[DANA]).in_thread().cites("unseen@vendor.example"));
    let touch = world.judge("2026-11-24 11:00").touch;
    assert_eq!((touch.indirect, touch.at), (true, Some(at("2026-11-24 10:30"))));
}

#[test]
fn row_11_the_reminder_says_that_the_prospect_has_written() {
    use super::super::super::mails::MailBrief;
    let mut world = World::new();
    world.mail(Mail::new(SARAH, "2026-11-24 10:30").to(&[DANA]).in_thread());
    let judgement = world.judge("2026-11-24 16:00");
    let reminder = wanted(&judgement, MailKind::Reminder);
    assert!(
        matches!(reminder[0].brief, MailBrief::Reminder { prospect_wrote: Some(when), .. } if when == at("2026-11-24 10:30"))
    );
}

#[test]
fn row_12_a_failed_intro_stops_the_clock_and_resend_starts_it_afresh() {
    let mut world = World::new();
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:05"));
    let judgement = world.judge("2026-11-24 18:00");
    assert_eq!((judgement.touch.state, judgement.deadline), (TouchState::Undelivered, None));
    assert_eq!(kinds(&judgement), ["intro-bounced"]);
    world.fact("2026-11-25 09:00", FactKind::IntroAsked { sending: 2, record: None });
    world.left("2026-11-25 09:00", MailKind::Intro, "sending 2", "1nt0000000002");
    let judgement = world.judge("2026-11-25 09:01");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(judgement.deadline, Some(at("2026-11-25 17:00")));
    assert_eq!(judgement.sent_at, Some(at(SENT)));
}

#[test]
fn row_12_delays_and_successes_are_no_failures_and_some_of_several_let_the_clock_run() {
    let mut world = World::new();
    world.mail(
        Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:05")
            .with(|_, body| body.bounce.as_mut().unwrap().recipients[0].action = BounceAction::Delayed),
    );
    assert_eq!(state(&world, "2026-11-24 10:00").0, TouchState::Waiting);
    assert!(kinds(&world.judge("2026-11-24 10:00")).is_empty());
    let mut world = World::new();
    world.handoff.record.to.push(mailbox("James Ortiz <james@acme.example>"));
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:05"));
    let judgement = world.judge("2026-11-24 10:00");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(kinds(&judgement), ["intro-bounced"]);
}

#[test]
fn row_13_a_touch_that_reached_nobody_is_withdrawn_and_a_new_clock_runs() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00").id("touch@vendor.example"));
    world.mail(Mail::bounce(id("touch@vendor.example"), &["sarah@acme.example"], "2026-11-24 10:05"));
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(judgement.deadline, Some(at("2026-11-24 17:00")));
    assert_eq!(kinds(&judgement), ["touch-bounced"]);
    world.mail(reply("2026-11-24 12:00"));
    assert_eq!(state(&world, "2026-11-24 13:00"), (TouchState::Touched, Some(TouchKind::Reply), false));
}

#[test]
fn row_13_late_stays_late_also_under_the_next_clock() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 18:00").id("touch@vendor.example"));
    world.mail(Mail::bounce(id("touch@vendor.example"), &["sarah@acme.example"], "2026-11-24 18:05"));
    world.mail(reply("2026-11-25 09:00"));
    assert_eq!(state(&world, "2026-11-25 10:00"), (TouchState::Touched, Some(TouchKind::Reply), true));
}

#[test]
fn row_14_a_colleague_is_no_ae_but_a_delegate_is() {
    let write = |from: &str| Mail::new(from, "2026-11-24 10:00").to(&[SARAH]).cc(&[DANA]).in_thread();
    let mut world = World::new();
    world.mail(write("rita@vendor.example"));
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!((judgement.touch.state, rules(&judgement)), (TouchState::Waiting, vec![14]));
    let mut world = World::new();
    world.mail(write("ea-calvin@vendor.example"));
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Touched);
}

#[test]
fn row_15_a_forged_ae_is_told_to_sdr_and_operator_unless_the_ae_really_sent_it() {
    let forged = |mail: Mail| mail.with(|headers, _| headers.authenticity = Authenticity::Failed);
    let mut world = World::new();
    world.mail(forged(reply("2026-11-24 10:00")));
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(people(&wanted(&judgement, MailKind::Suspicious)[0].to), [DANA, "ops@vendor.example"]);
    let mut world = World::new();
    world.mail(forged(reply("2026-11-24 10:00")).seen_in(&[("dana", "INBOX"), ("calvin", "Sent")]));
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Touched);
}

#[test]
fn row_16_an_outside_address_under_the_aes_name_is_asked_about_and_yes_counts_at_its_own_time() {
    const ASKED: &str = "wh00000000000";
    let private = "Calvin Reyes <calvin.reyes@gmail.com>";
    let mut world = World::new();
    world.mail(Mail::new(private, "2026-11-24 10:00").to(&[SARAH]).in_thread());
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert_eq!(wanted(&judgement, MailKind::WhoIsThis)[0].key.about, "calvin.reyes@gmail.com");
    world.left("2026-11-24 11:00", MailKind::WhoIsThis, "calvin.reyes@gmail.com", ASKED);
    let mut denied = world.clone();
    world.mail(Mail::new(DANA, "2026-11-24 18:00").to(&[DANA]).answers(ASKED).words("Yes, that's him"));
    let judgement = world.judge("2026-11-24 18:01");
    assert_eq!(judgement.touch.at, Some(at("2026-11-24 10:00")));
    assert!(!judgement.touch.late);
    assert_eq!(judgement.learnt_aliases, [("Calvin Reyes".to_owned(), address("calvin.reyes@gmail.com"))]);
    denied.mail(Mail::new(DANA, "2026-11-24 12:00").to(&[DANA]).answers(ASKED).words("No"));
    let judgement = denied.judge("2026-11-24 12:01");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert!(wanted(&judgement, MailKind::WhoIsThis).is_empty());
}

#[test]
fn row_17_what_is_dated_before_the_handoff_or_a_draft_is_no_touch() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-24 08:59:59").to(&[SARAH]));
    world.mail(reply("2026-11-24 10:00").seen_in(&[("calvin", "Drafts")]));
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Waiting);
    world.mail(reply("2026-11-24 08:59:58"));
    assert_eq!(
        state(&world, "2026-11-24 11:00").0,
        TouchState::Touched,
        "what cites the intro is never before it"
    );
}

#[test]
fn an_imported_copy_counts_at_its_received_stamp() {
    let mut world = World::new();
    let mut message = reply("2026-11-26 09:00").message();
    message.copies[0].stamp = Some(at("2026-11-24 10:00"));
    world.fact("2026-11-26 09:00", FactKind::MessageSeen(Arc::new(message)));
    assert_eq!(state(&world, "2026-11-26 11:00"), (TouchState::Touched, Some(TouchKind::Reply), false));
}

#[test]
fn an_id_learnt_later_brings_in_what_was_seen_before() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00").cites("middle@x").with(|headers, _| {
        headers.in_reply_to.retain(|one| one.as_str() == "middle@x");
        headers.references.clear();
    }));
    assert_eq!(state(&world, "2026-11-24 11:00").1, Some(TouchKind::NewThread));
    world.mail(Mail::new(SARAH, "2026-11-24 09:30").to(&[DANA]).in_thread().id("middle@x"));
    assert_eq!(state(&world, "2026-11-24 11:00").1, Some(TouchKind::Reply));
}

#[test]
fn batons_own_mail_is_nobodys() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-24 10:00").to(&[SARAH]).id(own_id("0ther00000000").as_str()));
    assert_eq!(state(&world, "2026-11-24 11:00").0, TouchState::Waiting);
}

#[test]
fn cc_verdicts_follow_the_aes_mails() {
    let cc = |mails: Vec<Mail>| {
        let mut world = World::new();
        for mail in mails {
            world.mail(mail);
        }
        let cc = world.judge("2026-11-25 11:00").cc;
        (cc.state, cc.first)
    };
    let alone = |when: &str| Mail::ae(when).to(&[SARAH]).in_thread();
    let hidden = alone("2026-11-24 10:00").seen_in(&[("calvin", "Sent")]);
    assert_eq!(cc(vec![hidden.clone()]), (CcState::DroppedEarly, Some(CcState::DroppedEarly)));
    let bcc = alone("2026-11-24 10:00").seen_in(&[("calvin", "Sent"), ("dana", "INBOX")]);
    assert_eq!(cc(vec![bcc]), (CcState::MovedToBcc, Some(CcState::MovedToBcc)));
    let kept = reply("2026-11-24 10:00");
    let later = alone("2026-11-24 12:00").seen_in(&[("calvin", "Sent")]);
    assert_eq!(cc(vec![kept.clone(), later]), (CcState::Dropped, Some(CcState::Kept)));
    assert_eq!(cc(vec![kept, reply("2026-11-24 12:00")]), (CcState::Lingering, Some(CcState::Kept)));
}

#[test]
fn lingering_is_said_once_in_the_aes_working_hours() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00")).mail(reply("2026-11-24 20:00"));
    let judgement = world.judge("2026-11-24 20:01");
    let note = wanted(&judgement, MailKind::Lingering);
    assert_eq!(note[0].not_before, Some(at("2026-11-25 09:00")));
    let judgement = world.judge("2026-11-25 09:00");
    assert_eq!(wanted(&judgement, MailKind::Lingering)[0].not_before, None);
}

#[test]
fn dropping_is_assumed_once_the_meeting_began_where_the_ae_is_not_watched() {
    let mut world = World::with(unwatched(policy()));
    world.mail(reply("2026-11-24 10:00"));
    assert_eq!(world.judge("2026-11-26 13:59").cc.state, CcState::Kept);
    assert_eq!(world.judge("2026-11-26 14:00").cc.state, CcState::DroppedAssumed);
}

#[test]
fn one_reminder_before_the_deadline_and_none_where_the_span_is_short() {
    let world = World::new();
    assert!(wanted(&world.judge("2026-11-24 15:59"), MailKind::Reminder).is_empty());
    assert_eq!(wanted(&world.judge("2026-11-24 16:00"), MailKind::Reminder).len(), 1);
    assert_eq!(wanted(&world.judge("2026-11-24 16:59:59"), MailKind::Reminder).len(), 1);
    assert!(wanted(&world.judge("2026-11-24 17:00"), MailKind::Reminder).is_empty());
    let mut short = World::new();
    short.policy.sla = SlaPolicy::Elapsed { seconds: 7199 };
    assert!(wanted(&short.judge("2026-11-24 10:30"), MailKind::Reminder).is_empty());
}

#[test]
fn a_breach_is_escalated_only_when_everything_was_read_past_it_and_the_last_look_taken() {
    let mut world = World::new();
    world.read("2026-11-24 17:01:59");
    let judgement = world.judge("2026-11-24 17:02");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    assert!(judgement.last_look.is_none());
    world.read("2026-11-24 17:02");
    let judgement = world.judge("2026-11-24 17:02");
    assert_eq!(judgement.last_look.unwrap().deadline, at("2026-11-24 17:00"));
    assert!(wanted(&world.judge("2026-11-24 17:02"), MailKind::Escalation).is_empty());
    world.looked("2026-11-24 17:02", "2026-11-24 17:00");
    let judgement = world.judge("2026-11-24 17:02");
    assert_eq!(judgement.touch.state, TouchState::Breached);
    let escalation = wanted(&judgement, MailKind::Escalation);
    assert_eq!(people(&escalation[0].to), ["morgan@vendor.example"]);
    assert_eq!((escalation[0].from, escalation[0].cc.len()), (Voice::Sdr, 0));
}

fn escalated() -> World {
    let mut world = World::new();
    world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
    let about = world
        .judge("2026-11-24 17:03")
        .mails
        .iter()
        .find(|m| m.key.kind == MailKind::Escalation)
        .unwrap()
        .key
        .about
        .clone();
    world.left("2026-11-24 17:03", MailKind::Escalation, &about, "esc0000000000");
    world
}

#[test]
fn a_late_touch_after_the_escalation_gets_one_follow_up() {
    let mut world = escalated();
    world.mail(reply("2026-11-24 18:00"));
    let judgement = world.judge("2026-11-24 18:01");
    assert!(judgement.touch.late);
    assert_eq!(kinds(&judgement), ["late-touch"]);
}

#[test]
fn a_touch_in_time_that_was_found_late_withdraws_the_escalation() {
    let mut world = escalated();
    world.mail(reply("2026-11-24 16:00"));
    let judgement = world.judge("2026-11-24 18:01");
    assert!(!judgement.touch.late);
    assert_eq!(kinds(&judgement), ["withdrawal"]);
}

#[test]
fn an_escalation_is_withdrawn_where_the_intro_had_reached_nobody() {
    let mut world = escalated();
    world.mail(Mail::bounce(
        own_id(INTRO_TOKEN),
        &["sarah@acme.example", "calvin@vendor.example"],
        "2026-11-24 19:00",
    ));
    let judgement = world.judge("2026-11-24 19:01");
    assert_eq!(judgement.touch.state, TouchState::Undelivered);
    assert!(wanted(&judgement, MailKind::Withdrawal).len() == 1);
}

#[test]
fn an_outage_past_the_deadline_is_cannot_see_and_never_breached() {
    let mut world = World::new();
    world.read("2026-11-24 16:00");
    world.fact("2026-11-24 16:45", FactKind::Outage { account: "calvin".into(), ended: None });
    assert_eq!(state(&world, "2026-11-24 16:50").0, TouchState::Waiting);
    assert_eq!(state(&world, "2026-11-24 17:00:01").0, TouchState::CannotSee);
    let judgement = world.judge("2026-11-26 09:00");
    assert_eq!(judgement.touch.state, TouchState::CannotSee);
    assert!(wanted(&judgement, MailKind::Escalation).is_empty());
    let mut early = World::new();
    early.fact("2026-11-24 10:00", FactKind::Outage { account: "dana".into(), ended: None });
    assert_eq!(state(&early, "2026-11-24 10:29").0, TouchState::Waiting);
    assert_eq!(state(&early, "2026-11-24 10:30").0, TouchState::CannotSee);
}

#[test]
fn a_clock_in_doubt_holds_the_escalation_back() {
    let mut world = World::new();
    world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
    world.fact("2026-11-24 17:02", FactKind::ClockInDoubt);
    assert!(wanted(&world.judge("2026-11-24 17:03"), MailKind::Escalation).is_empty());
}

#[test]
fn any_reply_to_the_record_that_neither_refuses_nor_only_asks_is_the_acceptance() {
    let answer = |words: &str| {
        let mut world = World::new();
        world.mail(Mail::ae("2026-11-24 10:00").to(&[DANA]).answers(RECORD_TOKEN).words(words));
        let judgement = world.judge("2026-11-24 10:01");
        assert_eq!(judgement.touch.kind.is_some(), words.starts_with("done"));
        assert!(wanted(&judgement, MailKind::NotReceived).is_empty());
        (judgement.acceptance.state, kinds(&judgement))
    };
    assert_eq!(answer("got it, will ask about the CRM"), (AcceptanceState::Accepted, vec![]));
    assert_eq!(answer("Who is James?"), (AcceptanceState::None, vec![]));
    assert_eq!(answer("not mine"), (AcceptanceState::Refused, vec!["refused"]));
    assert_eq!(answer("done, called her"), (AcceptanceState::Accepted, vec!["stated"]));
}

#[test]
fn an_answer_that_reaches_the_prospect_is_a_leak_and_judged_by_the_rows() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-24 10:00").to(&[SARAH]).cc(&[DANA]).answers(RECORD_TOKEN));
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!(judgement.acceptance.state, AcceptanceState::Accepted);
    assert_eq!(judgement.touch.kind, Some(TouchKind::NewThread));
    assert_eq!(kinds(&judgement), ["record-leaked"]);
    assert_eq!(people(&wanted(&judgement, MailKind::RecordLeaked)[0].to), ["calvin@vendor.example", DANA]);
}

#[test]
fn reassign_begins_touch_cc_and_acceptance_anew() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.states("2026-11-24 11:00", StatementKind::Reassigned { ae: "Rita Vale".into() });
    let judgement = world.judge("2026-11-24 11:01");
    assert_eq!((judgement.ae.as_str(), judgement.touch.state), ("Rita Vale", TouchState::Waiting));
    assert_eq!((judgement.cc.state, judgement.deadline), (CcState::Waiting, Some(at("2026-11-24 17:00"))));
    assert_eq!(people(&wanted(&judgement, MailKind::Record)[0].to), ["rita@vendor.example"]);
    world.mail(reply("2026-11-24 12:00"));
    assert_eq!(state(&world, "2026-11-24 12:01").0, TouchState::Waiting, "the former AE is a colleague");
    world.mail(Mail::new("rita@vendor.example", "2026-11-24 12:30").to(&[SARAH]).in_thread());
    assert_eq!(state(&world, "2026-11-24 12:31").1, Some(TouchKind::Reply));
}

/// `over to Rita`, written while nobody read the mailbox: she owes nothing before she can know of it, and what she has done
/// meanwhile counts.
#[test]
fn a_new_ae_has_the_time_of_the_sla_from_when_the_letter_was_read() {
    let mut world = World::new();
    let to_rita = StatementKind::Reassigned { ae: "Rita Vale".into() };
    world.states_unread("2026-11-24 11:00", "2026-11-26 10:00", to_rita);
    let judgement = world.judge("2026-11-26 10:00");
    assert_eq!((judgement.ae.as_str(), judgement.touch.state), ("Rita Vale", TouchState::Waiting));
    assert_eq!(judgement.deadline, Some(at("2026-11-26 17:00")));
    assert!(!kinds(&judgement).contains(&"escalation"), "{:?}", kinds(&judgement));
    world.mail(Mail::new("rita@vendor.example", "2026-11-24 12:30").to(&[SARAH]).in_thread());
    let (touch, kind, _) = state(&world, "2026-11-26 10:01");
    assert_eq!((touch, kind), (TouchState::Touched, Some(TouchKind::Reply)));
}

/// A database that was restored reads the letter again; the record that had left by then says when it was read.
#[test]
fn a_letter_that_was_read_before_gives_no_time_anew() {
    let mut world = World::new();
    let to_rita = || StatementKind::Reassigned { ae: "Rita Vale".into() };
    world.states_unread("2026-11-24 11:00", "2026-11-26 10:00", to_rita());
    world.states_unread("2026-11-24 11:00", "2026-11-24 15:00", to_rita());
    assert_eq!(world.judge("2026-11-26 10:00").deadline, Some(at("2026-11-25 10:00")));
    world.states("2026-11-24 11:00", to_rita());
    let judgement = world.judge("2026-11-26 10:00");
    assert_eq!(judgement.deadline, Some(at("2026-11-24 17:00")));
    let told = judgement.story.iter().filter(|event| event.what == "reassigned").count();
    assert_eq!(told, 1, "{:?}", judgement.story);
}

#[test]
fn whoever_gets_a_handoff_back_gets_the_record_again() {
    let mut world = World::new();
    let records = |judgement: &Judgement| {
        wanted(judgement, MailKind::Record).iter().map(|mail| mail.key.about.clone()).collect::<Vec<_>>()
    };
    let first = records(&world.judge("2026-11-24 09:30"));
    world.states("2026-11-24 10:00", StatementKind::Reassigned { ae: "Rita Vale".into() });
    world.states("2026-11-24 10:30", StatementKind::Reassigned { ae: "Calvin Reyes".into() });
    let judgement = world.judge("2026-11-24 10:31");
    let again = records(&judgement);
    assert_eq!(people(&wanted(&judgement, MailKind::Record)[0].to), ["calvin@vendor.example"]);
    assert!(again.len() == 1 && !first.contains(&again[0]), "{first:?} {again:?}");
}

/// `meeting moved`, then a corrected record with another time: the record is the later word, also after a cancellation.
#[test]
fn a_corrected_record_has_the_last_word_on_the_meeting_until_somebody_says_otherwise() {
    let (moved, corrected) = ("2026-12-01 15:00", "2026-12-02 16:00");
    for cancels in [false, true] {
        let mut world = World::new();
        if cancels {
            world.states("2026-11-24 10:00", StatementKind::MeetingCancelled);
        } else {
            let says = StatementKind::MeetingMoved { start: at(moved), length_seconds: None };
            world.states("2026-11-24 10:00", says);
        }
        let mut record = world.judge("2026-11-24 10:01").current_record();
        assert_eq!(record.meeting.start == at(moved), !cancels);
        record.meeting.start = at(corrected);
        world.fact("2026-11-24 11:00", FactKind::IntroAsked { sending: 2, record: Some(Box::new(record)) });
        let judgement = world.judge("2026-11-24 11:01");
        assert_eq!(
            (judgement.meeting.start, judgement.meeting.state),
            (at(corrected), MeetingState::Planned)
        );
        assert_eq!(judgement.current_record().meeting.start, at(corrected));
        let says = StatementKind::MeetingMoved { start: at(moved), length_seconds: None };
        world.states("2026-11-24 12:00", says);
        assert_eq!(world.judge("2026-11-24 12:01").meeting.start, at(moved));
    }
}

#[test]
fn a_request_for_feedback_that_leaves_late_names_the_time_that_counts_from_its_leaving() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    let due = |judgement: &Judgement| match wanted(judgement, MailKind::FeedbackRequest)[0].brief {
        MailBrief::FeedbackRequest { due, .. } => due,
        _ => panic!("another brief"),
    };
    assert_eq!(due(&world.judge("2026-11-26 14:30")), at("2026-11-27 14:30"));
    assert_eq!(due(&world.judge("2026-11-26 15:30")), at("2026-11-27 14:30"));
    assert_eq!(due(&world.judge("2026-11-30 09:00")), at("2026-12-01 09:00"));
    world.left("2026-11-30 09:00", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    assert_eq!(world.judge("2026-11-30 09:01").feedback.due, Some(at("2026-12-01 09:00")));
}

#[test]
fn a_story_names_people_by_their_names() {
    let mut world = World::new();
    world.mail(Mail::new("rita@vendor.example", "2026-11-24 10:00").to(&[SARAH]).in_thread());
    world.mail(Mail::new(SARAH, "2026-11-24 10:05").to(&[DANA]).in_thread());
    world.mail(reply("2026-11-24 10:10"));
    let story: Vec<String> =
        world.judge("2026-11-24 10:11").story.into_iter().map(|event| event.why).collect();
    let story = story.join("\n");
    for words in
        ["Rita Vale wrote, who is not the AE", "Sarah Lee wrote", "replied in the thread, to Sarah Lee"]
    {
        assert!(story.contains(words), "{words}: {story}");
    }
    assert!(!story.contains('@'), "{story}");
}

fn over() -> World {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world
}

fn answer(when: &str, words: &str) -> Mail {
    Mail::ae(when).to(&[DANA]).answers(REQUEST_TOKEN).words(words)
}

#[test]
fn the_feedback_is_asked_for_at_the_meetings_end_and_settled_by_one_line() {
    let mut world = over();
    assert!(kinds(&world.judge("2026-11-26 14:29")).is_empty());
    let judgement = world.judge("2026-11-26 14:30");
    assert_eq!(kinds(&judgement), ["feedback-request"]);
    assert_eq!(judgement.feedback.state, FeedbackState::Requested);
    assert_eq!(judgement.feedback.due, Some(at("2026-11-27 14:30")));
    world.mail(answer("2026-11-26 15:00", "held 4"));
    let judgement = world.judge("2026-11-26 15:01");
    assert_eq!(judgement.feedback.state, FeedbackState::Received);
    assert_eq!((judgement.feedback.outcome, judgement.feedback.score), (Some(MeetingOutcome::Held), Some(4)));
    assert_eq!(kinds(&judgement), ["feedback-thanks"]);
    assert!(!judgement.open);
}

#[test]
fn what_cannot_be_read_is_asked_about_once() {
    let mut world = over();
    world.mail(answer("2026-11-26 15:00", "hm")).mail(answer("2026-11-26 15:30", "hmm"));
    let judgement = world.judge("2026-11-26 16:00");
    assert_eq!(wanted(&judgement, MailKind::FeedbackQuestion).len(), 1);
    assert_eq!(judgement.feedback.state, FeedbackState::Requested);
}

#[test]
fn an_answer_of_somebody_else_is_ignored_and_noted() {
    let mut world = over();
    world.mail(
        Mail::new("rita@vendor.example", "2026-11-26 15:00")
            .to(&[DANA])
            .answers(REQUEST_TOKEN)
            .words("held 1"),
    );
    let judgement = world.judge("2026-11-26 15:01");
    assert_eq!(judgement.feedback.state, FeedbackState::Requested);
    assert!(judgement.story.iter().any(|event| event.what == "ignored"));
}

#[test]
fn overdue_goes_to_the_manager_in_working_hours_once_everything_was_read() {
    // Due Friday 14:30, in working hours.
    let mut world = over();
    assert_eq!(
        kinds(&world.judge("2026-11-27 10:30")),
        ["feedback-reminder", "feedback-request"].map(|k| k).into_iter().rev().collect::<Vec<_>>()
    );
    assert!(wanted(&world.judge("2026-11-27 14:30"), MailKind::FeedbackOverdue).is_empty());
    world.read("2026-11-27 14:30");
    let judgement = world.judge("2026-11-27 14:31");
    assert_eq!(people(&wanted(&judgement, MailKind::FeedbackOverdue)[0].to), ["morgan@vendor.example"]);
    assert_eq!(judgement.feedback.state, FeedbackState::Overdue);
}

#[test]
fn after_close_only_thanks_and_withdrawal_may_leave() {
    let mut world = over();
    world.states("2026-11-26 14:40", StatementKind::Closed);
    world.mail(answer("2026-11-26 15:00", "held 4"));
    let judgement = world.judge("2026-11-28 15:01");
    assert!(!judgement.open);
    assert_eq!(kinds(&judgement), ["feedback-thanks"]);
}

#[test]
fn a_cancelled_meeting_owes_no_feedback_and_closes_after_14_days() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.states("2026-11-25 10:00", StatementKind::MeetingCancelled);
    let judgement = world.judge("2026-11-27 10:00");
    assert_eq!((judgement.feedback.state, judgement.open), (FeedbackState::NotOwed, true));
    assert!(kinds(&judgement).is_empty());
    assert!(!world.judge("2026-12-09 10:00").open);
}

#[test]
fn every_prospect_who_declined_is_told_once() {
    let mut world = World::new();
    world.mail(Mail::new(DANA, "2026-11-20 10:00").to(&[SARAH]).calendar(
        CalendarMethod::Request,
        "meet",
        "2026-11-26 14:00",
    ));
    for (who, when) in
        [("sarah@acme.example", "2026-11-24 10:00"), ("james@acme.example", "2026-11-24 11:00")]
    {
        assert!(wanted(&world.judge(when), MailKind::MeetingDeclined).is_empty());
        world.mail(
            Mail::new(who, when)
                .to(&[DANA])
                .calendar(CalendarMethod::Reply, "meet", "2026-11-26 14:00")
                .with(|_, body| {
                    let attendee = &mut body.calendar.as_mut().unwrap().attendees[0];
                    attendee.address = address(who);
                    attendee.partstat = PartStat::Declined;
                }),
        );
    }
    let judgement = world.judge("2026-11-24 12:00");
    assert_eq!(people(&wanted(&judgement, MailKind::MeetingDeclined)[0].to), [DANA]);
}

#[test]
fn internal_chatter_gets_its_author_one_private_warning() {
    let mut world = World::new();
    world.mail(
        reply("2026-11-24 10:00").with(|_, body| body.chat_paste = Some("https://vendor.slack.com/x".into())),
    );
    let judgement = world.judge("2026-11-24 10:01");
    let warning = wanted(&judgement, MailKind::Chatter);
    assert_eq!((people(&warning[0].to), warning[0].cc.len()), (vec!["calvin@vendor.example"], 0));
}

#[test]
fn a_persons_correction_wins() {
    let mut world = World::new();
    world.states(
        "2026-11-24 12:00",
        StatementKind::Touched { at: at("2026-11-24 11:00"), kind: TouchKind::Stated, message: None },
    );
    assert_eq!(state(&world, "2026-11-24 12:01"), (TouchState::Touched, Some(TouchKind::Stated), false));
    assert!(kinds(&world.judge("2026-11-24 12:01")).is_empty());
    world.states("2026-11-24 13:00", StatementKind::NotTouched { message: None });
    assert_eq!(state(&world, "2026-11-24 13:01").0, TouchState::Waiting);
}

#[test]
fn a_corrected_record_is_what_the_next_intro_is_made_from() {
    let mut world = World::new();
    let mut corrected = record();
    corrected.to = vec![mailbox("Sarah Lee <sarah.lee@acme.example>")];
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:05"));
    let what = FactKind::IntroAsked { sending: 2, record: Some(Box::new(corrected.clone())) };
    world.fact("2026-11-24 10:00", what);
    let judgement = world.judge("2026-11-24 10:00");
    assert_eq!(judgement.brief.record.to, corrected.to);
    assert_eq!(people(&wanted(&judgement, MailKind::Intro)[0].to), ["sarah.lee@acme.example"]);
}

#[test]
fn the_record_bears_the_name_of_whoever_has_it_now() {
    let mut world = World::new();
    world.states("2026-11-24 11:00", StatementKind::Reassigned { ae: "Rita Vale".into() });
    assert_eq!(world.judge("2026-11-24 11:01").brief.record.ae, "Rita Vale");
}
