//! Clauses of the behaviour that meet only in odd company: several failures, several AEs, clocks that
//! disagree, answers in unexpected places.

use super::*;

const JAMES: &str = "James Ortiz <james@acme.example>";
const RITA: &str = "rita@vendor.example";
const MORGAN: &str = "morgan@vendor.example";

fn two_recipients() -> World {
    let mut world = World::new();
    world.handoff.record.to.push(mailbox(JAMES));
    world
}

fn to_rita(world: &mut World, when: &str) {
    world.states(when, StatementKind::Reassigned { ae: "Rita Vale".into() });
}

fn bounce_of_touch(when: &str) -> Mail {
    Mail::bounce(id("touch@vendor.example"), &["sarah@acme.example"], when)
}

#[test]
fn a_clock_that_a_bounced_touch_started_is_missed_without_another_touch() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 16:00").id("touch@vendor.example"));
    world.mail(bounce_of_touch("2026-11-24 16:30"));
    // The new clock would end at 10:00 the next day: a touch before its start does not meet it.
    world.read("2026-11-25 10:02").looked("2026-11-25 10:02", "2026-11-25 10:00");
    let judgement = world.judge("2026-11-25 10:03");
    assert_eq!(judgement.touch.state, TouchState::Breached);
    let about = wanted(&judgement, MailKind::Escalation)[0].key.about.clone();
    world.left("2026-11-25 10:03", MailKind::Escalation, &about, "esc0000000000");
    assert!(wanted(&world.judge("2026-11-25 10:04"), MailKind::Withdrawal).is_empty());
    world.mail(reply("2026-11-25 11:00"));
    let judgement = world.judge("2026-11-25 11:01");
    assert!(judgement.touch.late);
    assert_eq!(wanted(&judgement, MailKind::LateTouch).len(), 1);
}

#[test]
fn the_last_of_several_recipients_to_fail_stops_the_clock_also_after_the_ae_failed_and_was_replaced() {
    let mut world = two_recipients();
    let bounce = |to: &str, when: &str| Mail::bounce(own_id(INTRO_TOKEN), &[to], when);
    world.mail(bounce("calvin@vendor.example", "2026-11-24 09:05"));
    assert_eq!(world.judge("2026-11-24 09:06").touch.state, TouchState::Undelivered);
    to_rita(&mut world, "2026-11-24 10:00");
    world.mail(bounce("sarah@acme.example", "2026-11-24 10:10"));
    let judgement = world.judge("2026-11-24 10:11");
    assert_eq!(
        (judgement.touch.state, judgement.deadline),
        (TouchState::Waiting, Some(at("2026-11-24 17:00")))
    );
    world.mail(bounce("james@acme.example", "2026-11-24 10:20"));
    let judgement = world.judge("2026-11-24 10:21");
    assert_eq!((judgement.touch.state, judgement.deadline), (TouchState::Undelivered, None));
    assert_eq!(wanted(&judgement, MailKind::IntroBounced).len(), 3);
}

#[test]
fn a_late_failure_of_the_former_ae_does_not_stop_the_new_ones_clock() {
    let mut world = World::new();
    to_rita(&mut world, "2026-11-24 10:00");
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["calvin@vendor.example"], "2026-11-24 10:30"));
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!(judgement.touch.state, TouchState::Waiting);
    let after = |judgement: &Judgement| match &wanted(judgement, MailKind::IntroBounced)[0].brief {
        MailBrief::IntroBounced { clock, .. } => *clock,
        other => panic!("{other:?}"),
    };
    assert_eq!(after(&judgement), ClockAfterFailure::FormerAe { touched: false });
    // To whoever has it back the failure matters as before.
    world.states("2026-11-24 11:30", StatementKind::Reassigned { ae: "Calvin Reyes".into() });
    assert_eq!(after(&world.judge("2026-11-24 11:31")), ClockAfterFailure::Stopped);
}

#[test]
fn an_intro_that_came_back_before_it_was_accepted_by_the_clocks_is_undelivered() {
    let mut world = World::new();
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 08:59:57"));
    assert_eq!(world.judge("2026-11-24 09:01").touch.state, TouchState::Undelivered);
}

#[test]
fn a_reply_whose_server_is_behind_counts_from_the_handoff_and_keeps_the_deadline() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 08:59:58"));
    let judgement = world.judge("2026-11-24 09:01");
    assert_eq!((judgement.touch.state, judgement.touch.at), (TouchState::Touched, Some(at(SENT))));
    assert_eq!(judgement.deadline, Some(at("2026-11-24 17:00")));
}

#[test]
fn a_report_without_any_id_in_the_sdrs_mailbox_is_about_the_intro() {
    let report = |when: &str| {
        Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], when)
            .with(|_, body| body.bounce.as_mut().unwrap().original = None)
    };
    let mut world = World::new();
    world.mail(report("2026-11-24 09:05"));
    assert_eq!(world.judge("2026-11-24 09:06").touch.state, TouchState::Undelivered);
    let mut world = World::new();
    world.mail(Mail::new(DANA, "2026-11-24 10:00").to(&[SARAH]).seen_in(&[("dana", "Sent")]));
    world.mail(report("2026-11-24 10:05"));
    assert_eq!(world.judge("2026-11-24 10:06").touch.state, TouchState::Waiting);
    let mut world = World::new();
    world.mail(report("2026-11-24 10:05").seen_in(&[("calvin", "INBOX")]));
    assert_eq!(world.judge("2026-11-24 10:06").touch.state, TouchState::Waiting);
}

#[test]
fn a_report_on_somebodys_answer_to_the_intro_is_not_about_the_intro() {
    let report = |cited: MessageId| {
        let bounce = Mail::bounce(id("answer@vendor.example"), &["sarah@acme.example"], "2026-11-24 10:05");
        bounce.with(|_, body| body.bounce.as_mut().unwrap().original_references = vec![cited])
    };
    // The SDR's answer, or that of an AE who has it no more.
    let mut world = World::new();
    world.mail(report(own_id(INTRO_TOKEN)));
    assert_eq!(world.judge("2026-11-24 10:06").touch.state, TouchState::Waiting);
    // The intro itself, under an id that a provider gave it.
    let mut world = World::new();
    world.mail(report(crate::domain::token::reference(INTRO_TOKEN, "vendor.example").unwrap()));
    assert_eq!(world.judge("2026-11-24 10:06").touch.state, TouchState::Undelivered);
}

#[test]
fn after_a_touch_a_resend_starts_no_clock() {
    let mut world = World::new();
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:05"));
    world.mail(Mail::ae("2026-11-24 09:30").to(&[JAMES]).in_thread());
    world.fact("2026-11-25 09:00", FactKind::IntroAsked { sending: 2, record: None });
    world.left("2026-11-25 09:00", MailKind::Intro, "sending 2", "1nt0000000002");
    let judgement = world.judge("2026-11-25 09:01");
    assert_eq!((judgement.touch.state, judgement.touch.late), (TouchState::Touched, false));
    assert_eq!(judgement.deadline, Some(at("2026-11-24 17:00")));
}

#[test]
fn an_intro_that_left_while_the_clock_was_ahead_does_not_take_the_next_ones_place() {
    let mut world = World::new();
    world.facts.retain(|fact| !matches!(fact.what, FactKind::MailLeft { .. }));
    world.left("2026-11-26 09:00", MailKind::Intro, "sending 1", INTRO_TOKEN);
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-25 08:55"));
    world.fact("2026-11-25 09:00", FactKind::IntroAsked { sending: 2, record: None });
    world.left("2026-11-25 09:00", MailKind::Intro, "sending 2", "1nt0000000002");
    let judgement = world.judge("2026-11-25 09:01");
    assert_eq!(
        (judgement.touch.state, judgement.deadline),
        (TouchState::Waiting, Some(at("2026-11-25 17:00")))
    );
    world.read("2026-11-25 18:00").looked("2026-11-25 18:01", "2026-11-25 17:00");
    let judgement = world.judge("2026-11-25 18:02");
    assert_eq!(judgement.touch.state, TouchState::Breached);
    assert_eq!(wanted(&judgement, MailKind::Escalation).len(), 1);
}

#[test]
fn what_was_written_while_the_touch_was_awaited_is_told_also_where_a_resend_came_between() {
    let mut world = World::new();
    world.fact("2026-11-24 11:00", FactKind::IntroAsked { sending: 2, record: None });
    world.left("2026-11-24 11:00", MailKind::Intro, "sending 2", "1nt0000000002");
    world.mail(Mail::ae("2026-11-24 10:00").to(&[DANA]).kind(MessageKind::AutoReply));
    world.mail(Mail::ae("2026-11-24 10:30").to(&[DANA]).in_thread());
    let kinds = kinds(&world.judge("2026-11-24 12:00"));
    assert!(kinds.contains(&"away") && kinds.contains(&"not-received"), "{kinds:?}");
    to_rita(&mut world, "2026-11-24 12:30");
    let judgement = world.judge("2026-11-24 13:00");
    assert!(
        wanted(&judgement, MailKind::NotReceived).is_empty(),
        "what the AE before wrote is nobody's any more"
    );
}

#[test]
fn reassigned_while_the_intro_waits_the_clock_starts_for_the_new_ae_when_it_is_accepted() {
    let mut world = World::new();
    let accepted: Vec<Fact> =
        world.facts.iter().filter(|fact| matches!(fact.what, FactKind::MailLeft { .. })).cloned().collect();
    world.facts.retain(|fact| !matches!(fact.what, FactKind::MailLeft { .. }));
    to_rita(&mut world, "2026-11-24 08:30");
    let judgement = world.judge("2026-11-24 08:31");
    assert_eq!(people(&wanted(&judgement, MailKind::Intro)[0].cc), [RITA]);
    world.facts.push(accepted[0].clone());
    let judgement = world.judge("2026-11-24 09:01");
    assert_eq!(judgement.deadline, Some(at("2026-11-24 17:00")));
    assert_eq!(people(&wanted(&judgement, MailKind::Record)[0].to), [RITA]);
}

#[test]
fn what_the_new_ae_writes_to_any_id_of_the_thread_is_in_thread() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00").id("touch@vendor.example"));
    to_rita(&mut world, "2026-11-24 11:00");
    world.mail(Mail::new(RITA, "2026-11-24 12:00").to(&[SARAH]).cites("touch@vendor.example"));
    let judgement = world.judge("2026-11-24 12:01");
    assert_eq!((judgement.touch.kind, judgement.cc.state), (Some(TouchKind::Reply), CcState::MovedToBcc));
}

#[test]
fn back_to_the_first_ae_touch_and_acceptance_begin_anew() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.mail(Mail::ae("2026-11-24 10:05").to(&[DANA]).answers(RECORD_TOKEN).words("got it"));
    to_rita(&mut world, "2026-11-24 11:00");
    world.states("2026-11-24 11:30", StatementKind::Reassigned { ae: "Calvin Reyes".into() });
    let judgement = world.judge("2026-11-24 11:31");
    assert_eq!(
        (judgement.touch.state, judgement.acceptance.state),
        (TouchState::Waiting, AcceptanceState::None)
    );
    world.mail(reply("2026-11-24 12:00"));
    assert_eq!(world.judge("2026-11-24 12:01").touch.state, TouchState::Touched);
}

#[test]
fn the_escalation_of_a_former_ae_is_withdrawn_to_that_ones_manager() {
    let mut world = World::new();
    world.policy.people.push(person("Nora Lind", TeamRole::Manager, "nora@vendor.example", None, None));
    world.policy.people[2].manager = Some("Nora Lind".into());
    world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
    let about = wanted(&world.judge("2026-11-24 17:03"), MailKind::Escalation)[0].key.about.clone();
    world.left("2026-11-24 17:03", MailKind::Escalation, &about, "esc0000000000");
    to_rita(&mut world, "2026-11-24 18:00");
    world.mail(reply("2026-11-24 16:00"));
    let judgement = world.judge("2026-11-24 18:01");
    let withdrawal = &wanted(&judgement, MailKind::Withdrawal)[0];
    assert_eq!(people(&withdrawal.to), [MORGAN]);
    let MailBrief::Withdrawal { clock, .. } = &withdrawal.brief else { panic!("{withdrawal:?}") };
    assert_eq!(clock.ae, "Calvin Reyes", "the flag was about him");
}

#[test]
fn a_late_touch_of_a_former_ae_is_told_to_whoever_got_the_flag() {
    let mut world = World::new();
    world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
    let about = wanted(&world.judge("2026-11-24 17:03"), MailKind::Escalation)[0].key.about.clone();
    world.left("2026-11-24 17:03", MailKind::Escalation, &about, "esc0000000000");
    to_rita(&mut world, "2026-11-24 18:00");
    assert!(wanted(&world.judge("2026-11-24 18:01"), MailKind::LateTouch).is_empty());
    world.mail(reply("2026-11-24 17:30"));
    let judgement = world.judge("2026-11-24 18:01");
    let told = &wanted(&judgement, MailKind::LateTouch)[0];
    let MailBrief::LateTouch { clock, touch } = &told.brief else { panic!("{told:?}") };
    assert_eq!((clock.ae.as_str(), touch.at), ("Calvin Reyes", at("2026-11-24 17:30")));
    assert_eq!(judgement.touch.state, TouchState::Waiting, "Rita's own is still awaited");
}

#[test]
fn an_intro_that_came_back_twice_is_told_with_what_is_known_of_both() {
    let mut world = two_recipients();
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["james@acme.example"], "2026-11-24 09:05"));
    world.mail(Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:10"));
    let judgement = world.judge("2026-11-24 09:11");
    let told: Vec<_> = wanted(&judgement, MailKind::IntroBounced)
        .into_iter()
        .filter_map(|mail| match &mail.brief {
            MailBrief::IntroBounced { failed, also_failed, .. } => {
                Some((failed[0].0.clone(), also_failed.clone()))
            }
            _ => None,
        })
        .collect();
    let (sarah, james) = (address("sarah@acme.example"), address("james@acme.example"));
    assert_eq!(told, [(james.clone(), vec![sarah.clone()]), (sarah, vec![james])]);
}

#[test]
fn feedback_of_whoever_took_over_is_thanked_for_to_them() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.left("2026-11-26 14:31", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    to_rita(&mut world, "2026-11-26 15:00");
    let held =
        |from: &str| Mail::new(from, "2026-11-26 15:10").to(&[DANA]).answers(REQUEST_TOKEN).words("held 3");
    for from in ["Rita Vale <rita@vendor.example>", "Calvin Reyes <calvin@vendor.example>"] {
        let mut world = world.clone();
        world.mail(held(from));
        let judgement = world.judge("2026-11-26 15:11");
        let thanks = &wanted(&judgement, MailKind::FeedbackThanks)[0];
        assert!(from.contains(people(&thanks.to)[0]), "{from}: {thanks:?}");
        let name = from.split(" <").next().unwrap();
        let says = format!("{name} answered: held");
        assert!(judgement.story.iter().any(|event| event.why.starts_with(&says)), "{:?}", judgement.story);
    }
}

#[test]
fn a_word_about_the_time_of_a_former_ae_is_good_for_them_alone() {
    let mut world = World::new();
    world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
    let about = wanted(&world.judge("2026-11-24 17:03"), MailKind::Escalation)[0].key.about.clone();
    world.left("2026-11-24 17:03", MailKind::Escalation, &about, "esc0000000000");
    to_rita(&mut world, "2026-11-24 17:20");
    let touched =
        StatementKind::Touched { at: at("2026-11-24 16:00"), kind: TouchKind::Stated, message: None };
    world.states("2026-11-24 17:30", touched.clone());
    let judgement = world.judge("2026-11-24 17:31");
    assert_eq!(judgement.touch.state, TouchState::Waiting, "Rita's clock has only begun");
    assert_eq!(wanted(&judgement, MailKind::Withdrawal).len(), 1, "Calvin was in time");
    let of_rita =
        StatementKind::Touched { at: at("2026-11-24 17:40"), kind: TouchKind::Stated, message: None };
    world.states("2026-11-24 17:45", of_rita);
    world.states("2026-11-24 17:50", touched);
    let judgement = world.judge("2026-11-24 17:51");
    assert_eq!(
        judgement.touch.at,
        Some(at("2026-11-24 17:40")),
        "what is said of Calvin takes nothing from Rita"
    );
}

#[test]
fn a_no_show_before_the_breach_leaves_the_missed_touch_to_be_settled() {
    let mut world = World::new();
    world.handoff.record.meeting.start = at("2026-11-24 11:00");
    world.left("2026-11-24 11:31", MailKind::FeedbackRequest, "2026-11-24T11:30:00Z", "fbr0000000000");
    world.mail(Mail::ae("2026-11-24 11:40").to(&[DANA]).answers("fbr0000000000").words("no-show"));
    world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
    let judgement = world.judge("2026-11-24 17:03");
    assert_eq!(judgement.feedback.state, FeedbackState::Received);
    let about = wanted(&judgement, MailKind::Escalation)[0].key.about.clone();
    world.left("2026-11-24 17:03", MailKind::Escalation, &about, "esc0000000000");
    assert!(world.judge("2026-11-24 17:04").open, "somebody else may take over");
    world.mail(reply("2026-11-24 17:30"));
    let judgement = world.judge("2026-11-24 17:31");
    assert_eq!((judgement.touch.late, judgement.open), (true, false));
    world.facts.pop();
    assert!(!world.judge("2026-12-09 17:04").open, "not for ever");
}

#[test]
fn an_escalation_says_that_what_the_ae_wrote_came_back() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 16:00").id("touch@vendor.example"));
    world.mail(bounce_of_touch("2026-11-24 16:30"));
    world.read("2026-11-25 10:02").looked("2026-11-25 10:02", "2026-11-25 10:00");
    let judgement = world.judge("2026-11-25 10:03");
    let flag = &wanted(&judgement, MailKind::Escalation)[0];
    let MailBrief::Escalation { came_back, .. } = &flag.brief else { panic!("{flag:?}") };
    assert_eq!(*came_back, Some(at("2026-11-24 16:00")));
}

#[test]
fn a_forged_invitation_or_absence_is_suspicious_and_nothing_else() {
    let forged = |mail: Mail| mail.with(|headers, _| headers.authenticity = Authenticity::Failed);
    let mut world = World::new();
    world.mail(forged(Mail::ae("2026-11-24 10:00").to(&[DANA]).calendar(
        CalendarMethod::Request,
        "new",
        "2026-11-25 10:00",
    )));
    world.mail(forged(Mail::ae("2026-11-24 10:05").to(&[DANA]).kind(MessageKind::AutoReply)));
    let judgement = world.judge("2026-11-24 11:00");
    assert_eq!((judgement.touch.state, rules(&judgement)), (TouchState::Waiting, vec![15, 15]));
    assert_eq!(kinds(&judgement), ["suspicious", "suspicious"]);
}

#[test]
fn an_address_without_a_name_is_known_by_what_stands_before_the_at() {
    let mut world = World::new();
    world.mail(Mail::new(SARAH, "2026-11-24 09:30").to(&[DANA]).cc(&["calvin.reyes@gmail.com"]).in_thread());
    world.mail(Mail::new("calvin.reyes@gmail.com", "2026-11-24 10:00").to(&[SARAH]).in_thread());
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!(rules(&judgement), [11, 16]);
    assert_eq!(judgement.prospects.len(), 2, "the AE's own address is no prospect contact");
}

#[test]
fn whoever_a_prospect_adds_is_a_prospect_contact() {
    let mut world = World::new();
    world.mail(
        Mail::new(SARAH, "2026-11-24 09:30")
            .to(&[DANA])
            .cc(&["Lee Wong <lee@partner.example>", RITA])
            .in_thread(),
    );
    world.mail(Mail::ae("2026-11-24 10:00").to(&["lee@partner.example"]).in_thread());
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!(judgement.touch.kind, Some(TouchKind::Reply));
    assert_eq!(judgement.prospects.len(), 3);
}

#[test]
fn a_scheduling_tools_own_invitation_is_a_touch() {
    let mut world = World::new();
    world.mail(
        Mail::new("Chili Piper <no-reply@chilipiper.com>", "2026-11-24 10:00")
            .to(&["calvin@vendor.example"])
            .calendar(CalendarMethod::Request, "cp", "2026-11-25 10:00")
            .with(|_, body| {
                body.scheduler = Some(SchedulerMail {
                    tool: "Chili Piper".into(),
                    event: SchedulerEvent::Booked,
                    start: Some(at("2026-11-25 10:00")),
                    end: None,
                    addresses: vec![address("sarah@acme.example"), address("calvin@vendor.example")],
                    names: Vec::new(),
                });
            }),
    );
    assert_eq!(world.judge("2026-11-24 11:00").touch.kind, Some(TouchKind::Scheduled));
}

#[test]
fn a_video_without_words_is_not_empty() {
    let mut world = World::new();
    world.mail(
        reply("2026-11-24 10:00")
            .words("")
            .with(|_, body| body.video_link = Some("https://www.loom.com/share/1".into())),
    );
    assert_eq!(world.judge("2026-11-24 11:00").touch.kind, Some(TouchKind::Video));
}

fn quoting(when: &str, quoted: &str) -> Mail {
    let quoted = at(quoted);
    Mail::new(SARAH, when).to(&[DANA]).in_thread().with(move |_, body| {
        body.quoted_authors =
            vec![QuotedAuthor { address: address("calvin@vendor.example"), at: Some(quoted), latest: None }];
    })
}

#[test]
fn a_quoted_minute_before_the_handoffs_second_counts_from_the_handoff() {
    let mut world = World::with(unwatched(policy()));
    world.facts.iter_mut().for_each(|fact| fact.at += Duration::seconds(30));
    world.mail(quoting("2026-11-24 09:10", "2026-11-24 09:00"));
    let touch = world.judge("2026-11-24 11:00").touch;
    assert_eq!((touch.indirect, touch.at), (true, Some(at("2026-11-24 09:00:30"))));
    let mut world = World::with(unwatched(policy()));
    world.mail(quoting("2026-11-24 09:10", "2026-11-24 08:58"));
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Waiting);
}

#[test]
fn a_quoted_date_of_no_zone_proves_nothing_once_it_is_over_everywhere() {
    for (latest, state) in [
        ("2026-11-24 08:59", TouchState::Waiting),
        // In the zone of its author it may be after the handoff.
        ("2026-11-24 09:01", TouchState::Touched),
    ] {
        let mut world = World::with(unwatched(policy()));
        let latest = at(latest);
        world.mail(Mail::new(SARAH, "2026-11-24 10:00").to(&[DANA]).in_thread().with(move |_, body| {
            let address = address("calvin@vendor.example");
            body.quoted_authors = vec![QuotedAuthor { address, at: None, latest: Some(latest) }];
        }));
        assert_eq!(world.judge("2026-11-24 11:00").touch.state, state, "{latest}");
    }
}

#[test]
fn a_mail_that_was_seen_itself_is_better_evidence_than_its_quotation() {
    let mut world = World::with(unwatched(policy()));
    world.mail(reply("2026-11-24 10:00:40").id("touch@vendor.example"));
    world.mail(quoting("2026-11-24 10:30", "2026-11-24 10:00"));
    let touch = world.judge("2026-11-24 11:00").touch;
    assert_eq!((touch.indirect, touch.at), (false, Some(at("2026-11-24 10:00:40"))));
    assert_eq!(touch.message_id, Some(id("touch@vendor.example")));
}

#[test]
fn a_quoted_time_after_the_quotation_itself_proves_no_later_than_that() {
    let mut world = World::with(unwatched(policy()));
    world.mail(quoting("2026-11-24 10:30", "2026-11-24 10:33"));
    let touch = world.judge("2026-11-24 11:00").touch;
    assert_eq!((touch.indirect, touch.at), (true, Some(at("2026-11-24 10:30"))));
}

#[test]
fn done_counts_in_answer_to_a_note_and_to_a_forwarded_escalation() {
    for cites_escalation in [true, false] {
        let mut world = World::new();
        world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
        let about = wanted(&world.judge("2026-11-24 17:03"), MailKind::Escalation)[0].key.about.clone();
        world.left("2026-11-24 17:03", MailKind::Escalation, &about, "esc0000000000");
        let calvin = &["calvin@vendor.example"];
        world.mail(
            Mail::new(MORGAN, "2026-11-24 17:30")
                .to(calvin)
                .answers("esc0000000000")
                .id("fwd@vendor.example")
                .seen_in(&[("calvin", "INBOX")]),
        );
        assert!(world.judge("2026-11-24 17:31").claim.ids.contains(&id("fwd@vendor.example")));
        let mut done = Mail::ae("2026-11-24 17:40").to(&[MORGAN]).cites("fwd@vendor.example").words("done");
        if cites_escalation {
            done = done.with(|headers, _| headers.references = vec![own_id("esc0000000000")]);
        }
        world.mail(done.seen_in(&[("calvin", "Sent")]));
        let judgement = world.judge("2026-11-24 17:41");
        assert_eq!((judgement.touch.kind, judgement.touch.late), (Some(TouchKind::Stated), true));
        assert_eq!(kinds(&judgement), ["late-touch", "stated"]);
    }
    let mut world = World::new();
    world.left("2026-11-24 10:01", MailKind::NotReceived, "x", "n0te000000000");
    world.mail(Mail::ae("2026-11-24 10:10").to(&[DANA]).answers("n0te000000000").words("Done, called her"));
    assert_eq!(world.judge("2026-11-24 10:11").touch.kind, Some(TouchKind::Stated));
}

#[test]
fn a_refusal_counts_after_an_acceptance_and_an_answer_that_reaches_the_prospect_is_still_one() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-24 10:00").to(&[DANA]).answers(RECORD_TOKEN).words("got it"));
    world.mail(Mail::ae("2026-11-24 11:00").to(&[DANA]).cc(&[SARAH]).answers(RECORD_TOKEN).words("not mine"));
    let judgement = world.judge("2026-11-24 11:01");
    assert_eq!(judgement.acceptance.state, AcceptanceState::Refused);
    assert_eq!(judgement.acceptance.at, Some(at("2026-11-24 11:00")));
    assert_eq!(judgement.touch.kind, Some(TouchKind::NewThread));
    assert_eq!(kinds(&judgement), ["refused", "record-leaked"]);
}

#[test]
fn automatic_mail_that_cites_the_record_is_no_answer() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-24 10:00").to(&[DANA]).answers(RECORD_TOKEN).kind(MessageKind::AutoReply));
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!((judgement.acceptance.state, rules(&judgement)), (AcceptanceState::None, vec![4]));
}

#[test]
fn a_manager_who_is_the_sdr_or_the_ae_or_the_operator_gets_each_mail_once() {
    let breach = |change: &dyn Fn(&mut Policy)| {
        let mut policy = policy();
        change(&mut policy);
        let mut world = World::with(policy);
        world.read("2026-11-24 17:02").looked("2026-11-24 17:02", "2026-11-24 17:00");
        world.judge("2026-11-24 17:03")
    };
    let judgement = breach(&|policy| policy.people[1].manager = Some("Dana Fox".into()));
    let escalation = wanted(&judgement, MailKind::Escalation)[0];
    assert_eq!((people(&escalation.to), escalation.from), (vec![DANA], Voice::Agent));
    let judgement = breach(&|policy| policy.people[1].manager = Some("Calvin Reyes".into()));
    assert_eq!(people(&wanted(&judgement, MailKind::Escalation)[0].to), ["ops@vendor.example"]);
    let mut world = World::new();
    world.policy.people[0].aliases = vec![address("d.fox@vendor.example")];
    world.policy.operator = address("d.fox@vendor.example");
    world.mail(reply("2026-11-24 10:00").with(|headers, _| headers.authenticity = Authenticity::Failed));
    assert_eq!(people(&wanted(&world.judge("2026-11-24 10:01"), MailKind::Suspicious)[0].to), [DANA]);
}

#[test]
fn who_declined_another_time_has_not_declined_the_new_one() {
    let mut world = World::new();
    let invite = |when: &str, start: &str, sequence: u32| {
        Mail::new(DANA, when)
            .to(&[SARAH])
            .calendar(CalendarMethod::Request, "meet", start)
            .with(move |_, body| body.calendar.as_mut().unwrap().sequence = sequence)
    };
    world.mail(invite("2026-11-20 10:00", "2026-11-26 14:00", 0));
    let declines = [("sarah@acme.example", "2026-11-24 10:00"), ("james@acme.example", "2026-11-24 10:01")];
    for (who, when) in declines {
        world.mail(
            Mail::new(who, when)
                .to(&[DANA])
                .calendar(CalendarMethod::Reply, "meet", "2026-11-26 14:00")
                .with(|_, body| {
                    let attendee = &mut body.calendar.as_mut().unwrap().attendees[0];
                    (attendee.address, attendee.partstat) = (address(who), PartStat::Declined);
                }),
        );
    }
    assert_eq!(wanted(&world.judge("2026-11-24 10:02"), MailKind::MeetingDeclined).len(), 1);
    world.mail(invite("2026-11-24 11:00", "2026-11-27 14:00", 1));
    assert!(wanted(&world.judge("2026-11-24 11:01"), MailKind::MeetingDeclined).is_empty());
}

#[test]
fn after_a_cancel_a_colleagues_invitation_is_not_the_meeting_but_the_sdrs_is() {
    let mut world = World::new();
    world.states("2026-11-24 10:00", StatementKind::MeetingCancelled);
    world.mail(Mail::new(RITA, "2026-11-24 11:00").to(&[SARAH]).calendar(
        CalendarMethod::Request,
        "ritas",
        "2026-11-30 10:00",
    ));
    assert_eq!(world.judge("2026-11-24 12:00").meeting.state, MeetingState::Cancelled);
    world.mail(Mail::new(DANA, "2026-11-24 13:00").to(&[SARAH]).calendar(
        CalendarMethod::Request,
        "danas",
        "2026-12-01 10:00",
    ));
    let judgement = world.judge("2026-11-24 14:00");
    assert_eq!(
        (judgement.meeting.start, judgement.touch.state),
        (at("2026-12-01 10:00"), TouchState::Waiting)
    );
}

fn over() -> World {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world
}

#[test]
fn what_was_not_asked_for_is_neither_reminded_of_nor_overdue() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    world.read("2026-11-30 09:00");
    let judgement = world.judge("2026-11-30 09:00");
    assert_eq!(kinds(&judgement), ["feedback-request"]);
    assert_eq!(judgement.feedback.state, FeedbackState::Requested);
    world.left("2026-11-30 09:00", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    let judgement = world.judge("2026-11-30 09:01");
    assert_eq!(judgement.feedback.due, Some(at("2026-12-01 09:00")), "its times count from its leaving");
}

/// Nobody was there to look, to flag or to ask, for weeks.
#[test]
fn whoever_was_never_asked_is_asked_however_late_and_the_missed_deadline_is_flagged() {
    let mut world = World::new();
    world.read("2027-01-20 10:00");
    let judgement = world.judge("2027-01-20 10:00");
    assert_eq!((judgement.open, judgement.feedback.state), (true, FeedbackState::Requested));
    assert_eq!(kinds(&judgement), ["feedback-request"]);
    assert!(judgement.last_look.is_some(), "a last look decides on the flag");
    let key = key(MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z");
    let refused = vec![(address("calvin@vendor.example"), "550 5.1.1 no such user".to_owned())];
    world.fact("2027-01-20 10:01", FactKind::MailRefused { key, refused });
    world.looked("2027-01-20 10:01", "2026-11-24 17:00");
    let judgement = world.judge("2027-01-20 10:02");
    assert!(judgement.open, "the missed deadline is flagged first");
    let flag = wanted(&judgement, MailKind::Escalation)[0].key.about.clone();
    world.left("2027-01-20 10:02", MailKind::Escalation, &flag, "esc0000000000");
    assert!(!world.judge("2027-01-20 10:03").open, "not for ever: the question cannot leave");
}

/// A new time that nobody knows yet: there is nothing to ask, and nobody whose delay would have to be told.
#[test]
fn a_handoff_that_waits_for_a_new_time_and_was_never_asked_about_closes() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    let rescheduled =
        StatementKind::Feedback { outcome: Some(MeetingOutcome::Rescheduled), score: None, wrong: None };
    world.states("2026-11-26 13:00", rescheduled);
    world.read("2026-12-20 10:00");
    assert!(kinds(&world.judge("2026-11-27 10:00")).is_empty());
    assert!(!world.judge("2026-12-20 10:00").open);
}

/// Nobody can read the mailboxes any more.
#[test]
fn a_handoff_that_nobody_can_see_anything_of_closes_in_the_end() {
    let world = World::new();
    assert!(world.judge("2027-01-20 10:00").open);
    assert!(!world.judge("2027-01-27 10:00").open);
}

/// A mailbox that cannot be read for weeks hides what may be in it.
#[test]
fn a_handoff_stays_open_until_what_is_late_was_seen_and_told() {
    let mut world = World::new();
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    let judgement = world.judge("2026-12-20 10:00");
    assert_eq!((judgement.open, judgement.touch.state), (true, TouchState::Waiting));
    world.read("2026-12-21 10:00");
    let judgement = world.judge("2026-12-21 10:00");
    assert!(judgement.open && judgement.last_look.is_some());
    assert_eq!(kinds(&judgement), ["feedback-request", "feedback-overdue"]);
    world.looked("2026-12-21 10:01", "2026-11-24 17:00");
    let judgement = world.judge("2026-12-21 10:01");
    let flag = wanted(&judgement, MailKind::Escalation)[0].key.about.clone();
    world.left(
        "2026-12-21 10:01",
        MailKind::FeedbackOverdue,
        "meeting 2026-11-26T14:00:00Z",
        "fbo0000000000",
    );
    assert!(world.judge("2026-12-21 10:02").open, "the missed deadline is flagged first");
    world.left("2026-12-21 10:02", MailKind::Escalation, &flag, "esc0000000000");
    assert!(!world.judge("2026-12-21 10:03").open);
}

#[test]
fn the_ae_at_the_meetings_end_owes_the_feedback_also_after_another_took_over() {
    let mut world = over();
    to_rita(&mut world, "2026-11-26 15:00");
    world.mail(Mail::new(RITA, "2026-11-26 15:30").to(&[SARAH]).in_thread());
    let judgement = world.judge("2026-11-27 10:30");
    assert_eq!(people(&wanted(&judgement, MailKind::FeedbackReminder)[0].to), ["calvin@vendor.example"]);
    world.mail(Mail::ae("2026-11-27 11:00").to(&[DANA]).answers(REQUEST_TOKEN).words("held 4"));
    let judgement = world.judge("2026-11-27 11:01");
    assert_eq!(judgement.feedback.outcome, Some(MeetingOutcome::Held));
    assert_eq!(people(&wanted(&judgement, MailKind::FeedbackThanks)[0].to), ["calvin@vendor.example"]);
}

/// Also where the answer moves the meeting, which is the next AE's then.
#[test]
fn thanks_go_to_whoever_answered_and_bear_their_name() {
    let mut world = over();
    to_rita(&mut world, "2026-11-26 15:00");
    world.mail(
        Mail::ae("2026-11-26 16:00").to(&[DANA]).answers(REQUEST_TOKEN).words("rescheduled to Dec 1 10am"),
    );
    let judgement = world.judge("2026-11-26 16:01");
    assert_eq!(people(&wanted(&judgement, MailKind::FeedbackThanks)[0].to), ["calvin@vendor.example"]);
    let answer = judgement.story.iter().find(|event| event.what == "feedback").unwrap();
    assert!(answer.why.starts_with("Calvin Reyes answered"), "{}", answer.why);
}

/// What the next AE wrote as a colleague is no touch, and nobody is told that they wrote nothing.
#[test]
fn a_flag_says_that_the_ae_wrote_before_the_handoff_was_theirs() {
    let mut world = World::new();
    world.mail(Mail::new(RITA, "2026-11-24 10:30").to(&[SARAH]).cc(&[DANA]).in_thread());
    to_rita(&mut world, "2026-11-24 11:00");
    world.read("2026-11-25 17:03").looked("2026-11-25 17:03", "2026-11-24 17:00");
    let judgement = world.judge("2026-11-25 17:03");
    let MailBrief::Escalation { wrote_before, .. } = &wanted(&judgement, MailKind::Escalation)[0].brief
    else {
        panic!("{judgement:?}");
    };
    assert_eq!(*wrote_before, Some(at("2026-11-24 10:30")));
}

/// No pass ran between the meeting's end and the change of AE: the request went to whoever was at the meeting.
#[test]
fn who_was_at_the_meeting_answers_also_where_another_took_over_before_the_request_left() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00"));
    to_rita(&mut world, "2026-11-26 14:45");
    let judgement = world.judge("2026-11-26 14:46");
    assert_eq!(people(&wanted(&judgement, MailKind::FeedbackRequest)[0].to), ["calvin@vendor.example"]);
    world.left("2026-11-26 14:50", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world.read("2026-11-30 12:00");
    let judgement = world.judge("2026-11-30 12:00");
    let overdue = &wanted(&judgement, MailKind::FeedbackOverdue)[0];
    use crate::domain::mails::MailBrief;
    assert!(matches!(&overdue.brief, MailBrief::FeedbackOverdue { ae, .. } if ae == "Calvin Reyes"));
    world.mail(Mail::ae("2026-11-30 13:00").to(&[DANA]).answers(REQUEST_TOKEN).words("held 4"));
    let judgement = world.judge("2026-11-30 13:01");
    assert_eq!((judgement.feedback.state, judgement.feedback.score), (FeedbackState::Received, Some(4)));
    assert_eq!(people(&wanted(&judgement, MailKind::FeedbackThanks)[0].to), ["calvin@vendor.example"]);
}

#[test]
fn a_former_aes_held_is_no_touch_of_the_new_one() {
    let mut world = World::new();
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    to_rita(&mut world, "2026-11-26 15:00");
    world.mail(Mail::ae("2026-11-26 15:10").to(&[DANA]).answers(REQUEST_TOKEN).words("held 4"));
    let judgement = world.judge("2026-11-26 15:11");
    assert_eq!(
        (judgement.touch.state, judgement.feedback.state),
        (TouchState::Waiting, FeedbackState::Received)
    );
}

#[test]
fn a_score_alone_is_an_answer() {
    let mut world = over();
    world.mail(Mail::ae("2026-11-26 15:00").to(&[DANA]).answers(REQUEST_TOKEN).words("4"));
    let judgement = world.judge("2026-11-26 15:01");
    assert_eq!((judgement.feedback.state, judgement.feedback.score), (FeedbackState::Received, Some(4)));
    assert_eq!(kinds(&judgement), ["feedback-thanks"]);
}

#[test]
fn rescheduled_and_then_cancelled_owes_nothing() {
    let mut world = over();
    world.states(
        "2026-11-26 15:00",
        StatementKind::Feedback { outcome: Some(MeetingOutcome::Rescheduled), score: None, wrong: None },
    );
    assert_eq!(world.judge("2026-11-26 15:01").feedback.state, FeedbackState::Received);
    let mut cancelled = world.clone();
    cancelled.states("2026-11-26 16:00", StatementKind::MeetingCancelled);
    let feedback = cancelled.judge("2026-11-26 16:01").feedback;
    assert_eq!((feedback.state, feedback.outcome), (FeedbackState::NotOwed, None));
    world.states(
        "2026-11-26 16:00",
        StatementKind::MeetingMoved { start: at("2026-12-01 10:00"), length_seconds: None },
    );
    let feedback = world.judge("2026-11-26 16:01").feedback;
    assert_eq!((feedback.state, feedback.outcome, feedback.due), (FeedbackState::NotDue, None, None));
}

#[test]
fn a_correction_takes_back_that_the_meeting_has_been() {
    let mut world = over();
    let says = |outcome, score| StatementKind::Feedback { outcome: Some(outcome), score, wrong: None };
    world.states("2026-11-26 15:00", says(MeetingOutcome::Held, Some(4)));
    world.states("2026-11-26 16:00", says(MeetingOutcome::Rescheduled, None));
    let feedback = world.judge("2026-11-26 16:01").feedback;
    assert_eq!((feedback.outcome, feedback.score), (Some(MeetingOutcome::Rescheduled), None));
    let start = at("2026-12-01 10:00");
    world.states("2026-11-26 17:00", StatementKind::MeetingMoved { start, length_seconds: None });
    let feedback = world.judge("2026-11-26 17:01").feedback;
    assert_eq!((feedback.state, feedback.outcome), (FeedbackState::NotDue, None));
}

#[test]
fn a_breach_that_is_found_after_the_feedback_is_still_told() {
    let mut world = World::new();
    world.left("2026-11-24 09:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world.states(
        "2026-11-24 18:00",
        StatementKind::Feedback { outcome: Some(MeetingOutcome::NoShow), score: None, wrong: None },
    );
    world.read("2026-11-24 19:00").looked("2026-11-24 19:00", "2026-11-24 17:00");
    let judgement = world.judge("2026-11-24 19:01");
    let about = wanted(&judgement, MailKind::Escalation)[0].key.about.clone();
    world.left("2026-11-24 19:01", MailKind::Escalation, &about, "esc0000000000");
    assert!(!world.judge("2026-11-24 19:02").open);
}

#[test]
fn in_a_shared_mailbox_the_aes_own_sent_copy_is_no_hidden_copy_for_the_sdr() {
    let cc = |places: &[(&'static str, &'static str)]| {
        let mut world = World::new();
        world.policy.people[1].account = Some("dana".into());
        world.mail(Mail::ae("2026-11-24 10:00").to(&[SARAH]).in_thread().seen_in(places));
        world.judge("2026-11-24 11:00").cc.state
    };
    assert_eq!(cc(&[("dana", "Sent")]), CcState::DroppedEarly);
    assert_eq!(cc(&[("dana", "Sent"), ("dana", "INBOX")]), CcState::MovedToBcc);
}

#[test]
fn a_record_that_a_hidden_copy_showed_to_the_prospect_has_leaked() {
    let mut world = World::new();
    world.mail(Mail::ae("2026-11-24 10:00").to(&[DANA]).with(|headers, body| {
        headers.bcc = vec![mailbox(SARAH)];
        body.holds_record = true;
    }));
    assert_eq!(kinds(&world.judge("2026-11-24 10:01")), ["record-leaked"]);
}

#[test]
fn chatter_under_a_taught_alias_is_said_to_the_owners_own_address() {
    let mut world = World::new();
    let private = "calvin.reyes@gmail.com";
    world.fact(SENT, FactKind::AliasTaught { person: "Calvin Reyes".into(), address: address(private) });
    world.mail(
        Mail::new(private, "2026-11-24 10:00")
            .to(&[SARAH])
            .cc(&[DANA])
            .in_thread()
            .with(|_, body| body.chat_paste = Some("https://vendor.slack.com/x".into())),
    );
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!(people(&wanted(&judgement, MailKind::Chatter)[0].to), ["calvin@vendor.example"]);
}

#[test]
fn held_before_the_deadline_is_stated_and_the_sdr_is_told_before_the_handoff_closes() {
    let mut world = World::new();
    world.policy.sla = SlaPolicy::Elapsed { seconds: 4 * 24 * 3600 };
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world.mail(Mail::ae("2026-11-26 15:00").to(&[DANA]).answers(REQUEST_TOKEN).words("held 4"));
    let judgement = world.judge("2026-11-26 15:01");
    assert_eq!((judgement.touch.kind, judgement.touch.late), (Some(TouchKind::Stated), false));
    assert_eq!(judgement.touch.at, Some(at("2026-11-26 15:00")));
    assert_eq!(kinds(&judgement), ["stated", "feedback-thanks"]);
    world.left("2026-11-26 15:01", MailKind::Stated, "Calvin Reyes", "sta0000000000");
    assert!(!world.judge("2026-11-26 15:02").open);
}

#[test]
fn the_next_aes_reminder_says_too_that_the_prospect_has_written() {
    use super::super::super::mails::MailBrief;
    let mut world = World::new();
    world.mail(Mail::new(SARAH, "2026-11-24 10:30").to(&[DANA]).in_thread());
    to_rita(&mut world, "2026-11-24 11:00");
    let judgement = world.judge("2026-11-24 16:00");
    let reminder = wanted(&judgement, MailKind::Reminder);
    assert!(matches!(reminder[0].brief, MailBrief::Reminder { prospect_wrote: Some(_), .. }));
}

#[test]
fn the_reminder_comes_before_an_earlier_meeting_and_not_where_that_leaves_no_time() {
    let reminded = |start: &str, now: &str| {
        let mut world = World::new();
        world.handoff.record.meeting.start = at(start);
        wanted(&world.judge(now), MailKind::Reminder).len()
    };
    assert_eq!(reminded("2026-11-24 12:00", "2026-11-24 10:59"), 0);
    assert_eq!(reminded("2026-11-24 12:00", "2026-11-24 11:00"), 1);
    assert_eq!(reminded("2026-11-24 10:59", "2026-11-24 16:30"), 0);
    assert_eq!(reminded("2026-11-24 18:00", "2026-11-24 15:59"), 0);
    assert_eq!(reminded("2026-11-24 18:00", "2026-11-24 16:00"), 1);
}

#[test]
fn feedback_due_outside_the_aes_hours_is_reminded_of_when_they_begin_and_overdue_an_hour_later() {
    let mut world = World::new();
    world.handoff.record.meeting.start = at("2026-11-26 19:30");
    world.mail(reply("2026-11-24 10:00"));
    world.left("2026-11-26 20:00", MailKind::FeedbackRequest, "meeting 2026-11-26T19:30:00Z", REQUEST_TOKEN);
    // Due on Friday at 20:00; the reminder's time is 16:00, in working hours.
    assert_eq!(wanted(&world.judge("2026-11-27 15:59"), MailKind::FeedbackReminder).len(), 0);
    assert_eq!(wanted(&world.judge("2026-11-27 16:00"), MailKind::FeedbackReminder).len(), 1);
    world.read("2026-11-30 09:59:59");
    let judgement = world.judge("2026-11-30 09:59:59");
    assert_eq!(judgement.feedback.state, FeedbackState::Overdue);
    assert!(wanted(&judgement, MailKind::FeedbackOverdue).is_empty());
    assert_eq!(judgement.wake, Some(at("2026-11-30 10:00")));
    world.read("2026-11-30 10:00");
    assert_eq!(wanted(&world.judge("2026-11-30 10:00"), MailKind::FeedbackOverdue).len(), 1);
}

#[test]
fn initials_of_the_ae_at_a_freemail_provider_are_asked_about_and_elsewhere_are_somebody_else() {
    let asked = |from: &str| {
        let mut world = World::new();
        world.mail(Mail::new(from, "2026-11-24 10:00").to(&[SARAH]).in_thread());
        wanted(&world.judge("2026-11-24 10:01"), MailKind::WhoIsThis).len()
    };
    for name in ["C. Reyes", "Calvin R.", "Reyes, Calvin", "Calvin J. Reyes", "REYES Calvin"] {
        assert_eq!(asked(&format!("{name} <cr@gmail.com>")), 1, "{name}");
    }
    for other in ["Carla Reyes <cr@gmail.com>", "C. R. <cr@gmail.com>", "C. Reyes <cr@acme.example>"] {
        assert_eq!(asked(other), 0, "{other}");
    }
}

#[test]
fn a_prospect_in_a_hidden_copy_is_not_said_to_have_been_left_out() {
    let mut world = World::new();
    world.mail(
        Mail::ae("2026-11-24 10:00")
            .to(&[DANA])
            .in_thread()
            .with(|headers, _| headers.bcc = vec![mailbox(SARAH)]),
    );
    let judgement = world.judge("2026-11-24 10:01");
    assert_eq!((judgement.touch.state, kinds(&judgement).len()), (TouchState::Waiting, 0));
}

#[test]
fn a_deadline_stays_as_it_was_fixed_whatever_the_configuration_says_later() {
    let mut world = World::new();
    let first = world.judge("2026-11-24 09:01");
    for fixed in &first.fixed_deadlines {
        world.fact("2026-11-24 09:00", FactKind::DeadlineFixed(fixed.clone()));
    }
    world.policy.sla = SlaPolicy::Elapsed { seconds: 60 };
    let later = world.judge("2026-11-24 09:02");
    assert_eq!((later.deadline, later.deadline_why), (first.deadline, first.deadline_why));
    world.policy = world.policy.clone();
    world.policy.people.retain(|person| person.name != "Calvin Reyes");
    assert_eq!(world.judge("2026-11-24 09:02").deadline, first.deadline);
}

#[test]
fn another_clock_is_counted_by_the_configuration_of_its_own_start() {
    let mut world = World::new();
    for fixed in world.judge("2026-11-24 09:01").fixed_deadlines {
        world.fact("2026-11-24 09:00", FactKind::DeadlineFixed(fixed));
    }
    world.policy.sla = SlaPolicy::Elapsed { seconds: 60 };
    to_rita(&mut world, "2026-11-24 10:00");
    assert_eq!(world.judge("2026-11-24 10:00").deadline, Some(at("2026-11-24 10:01")));
}

#[test]
fn a_conversation_places_a_message_only_together_with_its_subject() {
    for (subject, kind) in [("Sarah, Intro to Calvin", TouchKind::Reply), ("Pricing", TouchKind::NewThread)] {
        let in_conversation = |mail: Mail, subject: &str| {
            mail.with(|headers, _| {
                headers.conversation = Some("00ff".to_owned());
                headers.base_subject = subject.to_owned();
            })
        };
        let mut world = World::new();
        let first = Mail::new(SARAH, "2026-11-24 09:40").to(&[DANA]).in_thread();
        world.mail(in_conversation(first, "Sarah, intro to Calvin"));
        world.mail(in_conversation(Mail::ae("2026-11-24 10:00").to(&[SARAH]).cc(&[DANA]), subject));
        assert_eq!(world.judge("2026-11-24 10:01").touch.kind, Some(kind), "{subject}");
    }
}

/// The order in which mail arrives decides nothing: they had met when the reply of the days before came back.
#[test]
fn held_stands_where_a_touch_turns_out_to_have_reached_nobody() {
    let mut world = World::new();
    world.mail(reply("2026-11-24 10:00").id("touch@vendor.example"));
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world.mail(Mail::ae("2026-11-26 15:00").to(&[DANA]).answers(REQUEST_TOKEN).words("held 4"));
    assert!(!world.judge("2026-11-26 15:01").open);
    world.mail(bounce_of_touch("2026-11-27 09:00"));
    world.left("2026-11-27 09:01", MailKind::Stated, "Calvin Reyes", "sta0000000000");
    let judgement = world.judge("2026-11-30 18:00");
    assert_eq!((judgement.touch.state, judgement.touch.kind), (TouchState::Touched, Some(TouchKind::Stated)));
    assert!(!judgement.touch.late && !judgement.open, "{:?}", judgement.touch);
    assert!(
        kinds(&judgement).iter().all(|kind| !["escalation", "reminder"].contains(kind)),
        "{:?}",
        kinds(&judgement)
    );
}
