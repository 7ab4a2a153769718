//! What holds whatever happens: order, duplication, and the promises of docs/behaviour.md section 11.

use super::*;

/// Events that a handoff may meet, in no particular order.
fn pool() -> Vec<Mail> {
    let record_leak = |mail: Mail| mail.with(|_, body| body.holds_record = true);
    vec![
        reply("2026-11-24 10:00").id("touch@vendor.example"),
        reply("2026-11-24 18:00"),
        Mail::ae("2026-11-24 10:30").to(&[SARAH]).seen_in(&[("calvin", "Sent")]),
        Mail::ae("2026-11-24 11:00").to(&[DANA]).in_thread(),
        Mail::ae("2026-11-24 09:00:05").to(&[DANA]).kind(MessageKind::AutoReply),
        Mail::ae("2026-11-24 11:30").to(&[SARAH]).calendar(
            CalendarMethod::Request,
            "new",
            "2026-11-25 10:00",
        ),
        Mail::new(DANA, "2026-11-24 11:40").to(&[SARAH]).calendar(
            CalendarMethod::Request,
            "meet",
            "2026-11-26 14:00",
        ),
        Mail::new(DANA, "2026-11-24 11:50").to(&[SARAH]).calendar(
            CalendarMethod::Cancel,
            "meet",
            "2026-11-26 14:00",
        ),
        reply("2026-11-24 12:00").words(""),
        Mail::new(SARAH, "2026-11-24 12:30").to(&[DANA]).in_thread().id("sarah@x"),
        reply("2026-11-24 13:00").cites("sarah@x"),
        Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:05"),
        Mail::bounce(id("touch@vendor.example"), &["sarah@acme.example"], "2026-11-24 10:05"),
        Mail::new("rita@vendor.example", "2026-11-24 13:30").to(&[SARAH]).in_thread(),
        Mail::new("Calvin Reyes <c@gmail.com>", "2026-11-24 14:00").to(&[SARAH]).in_thread(),
        reply("2026-11-24 14:30").with(|headers, _| headers.authenticity = Authenticity::Failed),
        Mail::ae("2026-11-24 15:00").to(&[DANA]).answers(RECORD_TOKEN).words("got it"),
        Mail::ae("2026-11-24 15:30").to(&[DANA]).answers(RECORD_TOKEN).words("not mine"),
        record_leak(Mail::ae("2026-11-24 15:40").to(&[SARAH])),
        Mail::ae("2026-11-26 15:00").to(&[DANA]).answers(REQUEST_TOKEN).words("held 4"),
    ]
}

fn world_of(chosen: &[usize], closed: bool) -> World {
    let mut world = over_untouched();
    let pool = pool();
    for index in chosen {
        world.mail(pool[index % pool.len()].clone());
    }
    if closed {
        world.states("2026-11-24 16:00", StatementKind::Closed);
    }
    world
}

fn over_untouched() -> World {
    let mut world = World::new();
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    world
}

/// The instants at which a judgement is looked at, minutes after the intro.
fn later(minutes: i64) -> DateTime<Utc> {
    at(SENT) + Duration::minutes(minutes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_order_and_duplication_of_facts_gives_the_same_judgement(
        chosen in prop::collection::vec(0usize..20, 0..8),
        seed in any::<u64>(),
        minutes in 0i64..6000,
    ) {
        let world = world_of(&chosen, false);
        let straight = judge(&world.policy, &world.handoff, &world.facts, later(minutes));
        let mut facts = world.facts.clone();
        facts.extend(world.facts.iter().step_by(2).cloned());
        let mut state = seed | 1;
        for index in (1..facts.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            facts.swap(index, usize::try_from(state >> 33).unwrap() % (index + 1));
        }
        prop_assert_eq!(straight, judge(&world.policy, &world.handoff, &facts, later(minutes)));
    }

    #[test]
    fn nobody_is_accused_before_every_folder_was_read_past_deadline_and_grace(
        chosen in prop::collection::vec(0usize..20, 0..8),
        read in 0i64..3000,
        minutes in 0i64..6000,
    ) {
        let mut world = world_of(&chosen, false);
        let until = later(read);
        for account in ["dana", "calvin", "rita"] {
            world.facts.push(Fact {
                at: until,
                what: FactKind::FoldersWatched { account: account.into(), folders: vec!["INBOX".into()] },
            });
            world.facts.push(Fact {
                at: until,
                what: FactKind::FolderReadUntil { account: account.into(), folder: "INBOX".into() },
            });
        }
        let first = judge(&world.policy, &world.handoff, &world.facts, later(minutes));
        if let Some(look) = &first.last_look {
            let deadline = look.deadline;
            world.facts.push(Fact { at: later(minutes), what: FactKind::LastLook { deadline, refused: Vec::new() } });
        }
        let judgement = judge(&world.policy, &world.handoff, &world.facts, later(minutes));
        for _ in wanted(&judgement, MailKind::Escalation) {
            prop_assert!(until >= judgement.deadline.unwrap() + Duration::seconds(120));
            prop_assert_eq!(judgement.touch.state, TouchState::Breached);
        }
    }

    #[test]
    fn each_key_once_and_nothing_but_the_intro_leaves_the_company(
        chosen in prop::collection::vec(0usize..20, 0..8),
        minutes in 0i64..6000,
        closed in any::<bool>(),
    ) {
        let world = world_of(&chosen, closed);
        let judgement = judge(&world.policy, &world.handoff, &world.facts, later(minutes));
        let keys: BTreeSet<_> = judgement.mails.iter().map(|mail| &mail.key).collect();
        prop_assert_eq!(keys.len(), judgement.mails.len());
        for mail in &judgement.mails {
            let outside = mail.to.iter().chain(&mail.cc).any(|to| to.address.domain() != "vendor.example");
            prop_assert!(!outside || mail.key.kind == MailKind::Intro, "{:?}", mail.key);
            if !judgement.open {
                prop_assert!(matches!(mail.key.kind, MailKind::FeedbackThanks | MailKind::Withdrawal));
            }
        }
    }

    #[test]
    fn between_two_wakes_nothing_changes(
        chosen in prop::collection::vec(0usize..20, 0..8),
        minutes in 0i64..6000,
    ) {
        let world = world_of(&chosen, false);
        let now = later(minutes);
        let judgement = judge(&world.policy, &world.handoff, &world.facts, now);
        let before_wake = judgement.wake.map_or(now + Duration::days(30), |wake| wake - Duration::seconds(1));
        if before_wake > now {
            let mut then = judge(&world.policy, &world.handoff, &world.facts, before_wake);
            then.wake = judgement.wake;
            prop_assert_eq!(judgement, then);
        }
    }
}
