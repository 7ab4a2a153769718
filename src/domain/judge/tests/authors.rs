//! Whose a mail is, and where addresses are compared.

use super::*;

fn failed(mail: Mail) -> Mail {
    mail.with(|headers, _| headers.authenticity = Authenticity::Failed)
}

/// The same mail with more authors, before and behind its own.
fn beside(mail: Mail, before: &[&str], behind: &[&str]) -> Mail {
    mail.with(|headers, _| {
        let own = std::mem::take(&mut headers.from);
        let others = |list: &[&str]| list.iter().map(|one| mailbox(one)).collect::<Vec<_>>();
        headers.from = [others(before), own, others(behind)].concat();
    })
}

#[test]
fn a_mail_that_names_several_authors_is_a_persons_only_where_all_are_theirs() {
    for (before, behind, is_touch) in [
        (&["eve@mail.example"][..], &[][..], false),
        (&[][..], &["eve@mail.example"][..], false),
        (&[DANA][..], &[][..], false),
        (&[][..], &["rita@vendor.example"][..], false),
        (&[][..], &["ea-calvin@vendor.example"][..], true),
        (&["Calvin <calvin+mobile@vendor.example>"][..], &[][..], true),
    ] {
        let mut world = World::new();
        world.mail(beside(reply("2026-11-24 10:00"), before, behind));
        let judgement = world.judge("2026-11-24 11:00");
        assert_eq!(judgement.touch.state == TouchState::Touched, is_touch, "{before:?} {behind:?}");
        assert!(is_touch || rules(&judgement).is_empty(), "{before:?} {behind:?}");
    }
}

#[test]
fn several_authors_accept_nothing_and_give_no_feedback() {
    let mut world = World::new();
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    let accepts = Mail::ae("2026-11-26 15:00").to(&[DANA]).answers(RECORD_TOKEN).words("Got it");
    world.mail(beside(accepts, &["eve@mail.example"], &[]));
    let held = Mail::ae("2026-11-26 15:01").to(&[DANA]).answers(REQUEST_TOKEN).words("held 4");
    world.mail(beside(held, &[], &["eve@mail.example"]));
    let judgement = world.judge("2026-11-26 16:00");
    assert_eq!(judgement.acceptance.state, AcceptanceState::None);
    assert_eq!(judgement.feedback.outcome, None);
}

#[test]
fn a_prospects_mail_that_fails_the_test_proves_no_touch() {
    let mut world = World::new();
    world.policy.people[1].account = None;
    let answer = Mail::new(SARAH, "2026-11-24 12:00").to(&[DANA]).in_thread().with(|_, body| {
        body.quoted_authors = vec![QuotedAuthor {
            address: address("calvin@vendor.example"),
            at: Some(at("2026-11-24 10:00")),
            latest: None,
        }];
    });
    let mut forged = world.clone();
    world.mail(answer.clone());
    assert_eq!(world.judge("2026-11-24 13:00").touch.at, Some(at("2026-11-24 10:00")));
    forged.mail(failed(answer.clone()));
    assert_eq!(forged.judge("2026-11-24 13:00").touch.state, TouchState::Waiting);
    let mut shared = World::new();
    shared.policy.people[1].account = None;
    shared.mail(beside(answer, &[], &["james@acme.example"]));
    assert_eq!(shared.judge("2026-11-24 13:00").touch.state, TouchState::Waiting);
}

#[test]
fn a_delivery_failure_that_fails_the_test_is_none() {
    let report = || Mail::bounce(own_id(INTRO_TOKEN), &["sarah@acme.example"], "2026-11-24 09:05");
    let mut world = World::new();
    world.mail(report());
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Undelivered);
    let mut forged = World::new();
    forged.mail(failed(report()));
    let judgement = forged.judge("2026-11-24 11:00");
    assert_eq!((judgement.touch.state, rules(&judgement)), (TouchState::Waiting, Vec::new()));
}

#[test]
fn a_yes_that_fails_the_test_or_is_not_the_sdrs_alone_teaches_nothing() {
    const ASKED: &str = "wh00000000000";
    let mut world = World::new();
    world.mail(
        Mail::new("Calvin Reyes <calvin.reyes@gmail.com>", "2026-11-24 10:00").to(&[SARAH]).in_thread(),
    );
    world.left("2026-11-24 11:00", MailKind::WhoIsThis, "calvin.reyes@gmail.com", ASKED);
    let yes = || Mail::new(DANA, "2026-11-24 12:00").to(&[DANA]).answers(ASKED).words("Yes");
    for (answer, is_taught) in [
        (yes(), true),
        (failed(yes()), false),
        (failed(yes()).seen_in(&[("dana", "INBOX"), ("dana", "Sent")]), true),
        (beside(yes(), &[], &["eve@mail.example"]), false),
    ] {
        let mut world = world.clone();
        world.mail(answer);
        let judgement = world.judge("2026-11-24 12:01");
        assert_eq!(judgement.touch.state == TouchState::Touched, is_taught);
    }
}

#[test]
fn an_address_that_the_ae_had_while_the_handoff_was_open_stays_theirs_in_it() {
    let mut world = World::new();
    world.policy.people[1].address = address("c.reyes@vendor.example");
    world.mail(reply("2026-11-24 10:00"));
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Waiting);
    let held = |person: &str| FactKind::AddressHeld {
        person: person.into(),
        address: address("calvin@vendor.example"),
    };
    world.fact(SENT, held("Calvin Reyes"));
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Touched);
    // Somebody else has it now, by another configuration.
    world.policy = world.policy.clone();
    world.policy.people[2].aliases = vec![address("calvin@vendor.example")];
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Touched);
}

#[test]
fn a_delegate_whom_the_ae_had_while_the_handoff_was_open_stays_one_in_it() {
    let mut world = World::new();
    world.policy.people[1].delegates = vec![address("pia@vendor.example")];
    let by_pia = Mail::new("Pia Ruiz <pia@vendor.example>", "2026-11-24 10:00");
    world.mail(by_pia.to(&["Sarah Lee <sarah@acme.example>"]).cc(&["dana@vendor.example"]).in_thread());
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Touched);
    world.policy = world.policy.clone();
    world.policy.people[1].delegates.clear();
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Waiting);
    let held = |ae: &str| FactKind::DelegateHeld { ae: ae.into(), address: address("pia@vendor.example") };
    world.fact(SENT, held("Calvin Reyes"));
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Touched);
    // Who wrote for somebody else did not write for Calvin.
    world.facts.pop();
    world.fact(SENT, held("Rita Vale"));
    assert_eq!(world.judge("2026-11-24 11:00").touch.state, TouchState::Waiting);
}

#[test]
fn a_recorded_address_counts_exactly_beside_a_configured_one_of_the_same_mailbox() {
    let mut world = World::new();
    world.policy.people[0].address = address("demo@gmail.com");
    world.policy.people[1].address = address("demo+calvin@gmail.com");
    world.handoff.record.to = vec![mailbox("Sarah Lee <demo+sarah@gmail.com>")];
    world.handoff.record.meeting.attendees = world.handoff.record.to.clone();
    let write = |from: &str, to: &str| Mail::new(from, "2026-11-24 10:00").to(&[to]).in_thread();
    for (from, to, state) in [
        ("demo+calvin@gmail.com", "demo+sarah@gmail.com", TouchState::Touched),
        ("demo@gmail.com", "demo+sarah@gmail.com", TouchState::Waiting),
        ("demo+sarah@gmail.com", "demo+calvin@gmail.com", TouchState::Waiting),
        ("demo+calvin@gmail.com", "demo+somebody@gmail.com", TouchState::Waiting),
    ] {
        let mut world = world.clone();
        world.mail(write(from, to));
        assert_eq!(world.judge("2026-11-24 11:00").touch.state, state, "{from} {to}");
    }
}

#[test]
fn a_message_has_the_earliest_time_at_which_a_server_can_have_had_it() {
    let of = |internal: &str, stamp: Option<&str>, is_dated: bool, read: Option<&str>| {
        let mut world = World::new();
        let mut message = reply(internal).message();
        for copy in &mut message.copies {
            copy.stamp = stamp.map(at);
            copy.is_dated = is_dated;
            copy.read_at = read.map(at);
        }
        world.facts.push(Fact { at: at(internal), what: FactKind::MessageSeen(Arc::new(message)) });
        world.judge("2026-11-26 11:00").touch.at.unwrap().format("%d %H:%M").to_string()
    };
    let day = |time: &str| format!("2026-11-{time}");
    for (internal, stamp, is_dated, read, right) in [
        ("24 12:00", None, false, None, "24 12:00"),
        ("24 12:00", Some("24 11:00"), false, None, "24 12:00"),
        // Imported.
        ("25 12:01", Some("24 12:00"), false, None, "24 12:00"),
        ("25 12:01", Some("24 12:00"), true, None, "24 12:00"),
        // A server lost it.
        ("24 10:00", Some("24 12:00"), false, None, "24 12:00"),
        ("24 10:00", Some("24 12:00"), true, None, "24 10:00"),
        ("24 10:00", Some("25 12:00"), true, None, "25 12:00"),
        // A server's clock is ahead.
        ("24 12:03", None, false, Some("24 12:00"), "24 12:00"),
        ("24 12:00", None, false, Some("24 12:30"), "24 12:00"),
        ("24 12:03", Some("24 12:03"), false, Some("24 12:00"), "24 12:00"),
    ] {
        let (stamp, read) = (stamp.map(day), read.map(day));
        assert_eq!(
            of(&day(internal), stamp.as_deref(), is_dated, read.as_deref()),
            right,
            "{internal} {stamp:?}"
        );
    }
}
