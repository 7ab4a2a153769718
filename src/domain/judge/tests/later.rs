//! Acceptance and feedback, said in ways that programs and people add to.

use super::*;

#[test]
fn a_reactions_own_words_are_its_emoji_and_a_thumb_down_accepts_nothing() {
    let reaction = |emoji: &'static str| {
        Mail::ae("2026-11-24 09:30").to(&[DANA]).answers(RECORD_TOKEN).kind(MessageKind::Reaction).with(
            |_, body| {
                body.author_text = format!("{emoji}\n\nCalvin Reyes reacted via Gmail");
                body.reaction = Some(emoji.to_owned());
            },
        )
    };
    let mut world = World::new();
    world.mail(reaction("👎"));
    assert_eq!(world.judge("2026-11-24 10:00").acceptance.state, AcceptanceState::None);
    let mut world = World::new();
    world.mail(reaction("👍"));
    let acceptance = world.judge("2026-11-24 10:00").acceptance;
    assert_eq!(acceptance.state, AcceptanceState::Accepted);
    assert_eq!(acceptance.notes.as_deref(), Some("👍"));
}

#[test]
fn a_corrected_outcome_does_not_keep_the_score_of_the_other() {
    let mut world = World::new();
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    let answer = |when: &str, words: &str| Mail::ae(when).to(&[DANA]).answers(REQUEST_TOKEN).words(words);
    world.mail(answer("2026-11-26 15:00", "held 4, James has left"));
    world.mail(answer("2026-11-26 15:10", "actually no-show"));
    let feedback = world.judge("2026-11-26 15:20").feedback;
    assert_eq!((feedback.outcome, feedback.score), (Some(MeetingOutcome::NoShow), None));
    assert_eq!(feedback.wrong.as_deref(), Some("James has left"));
}
