//! Who keeps the copy in the SDR's Sent folder: docs/behaviour.md section 3. Providers that keep one by themselves are
//! played by putting it there, as late as they do.

use std::{thread, time::Duration};

use super::scene::{AMPLE, Handoff, Scene};
use crate::support::{DANA, client::Stored};

fn sent(scene: &Scene) -> Vec<Stored> {
    scene.bed.client(DANA).messages("Sent")
}

fn provider_keeps(scene: &Scene, handoff: &Handoff) {
    scene.bed.client(DANA).append("Sent", "\\Seen", None, &handoff.intro.text);
}

/// How many copies of each intro are there.
fn copies(scene: &Scene, handoffs: &[&Handoff]) -> Vec<usize> {
    let sent = sent(scene);
    let count = |one: &&Handoff| {
        let id = one.intro.header("Message-ID");
        sent.iter().filter(|copy| copy.header("Message-ID") == id).count()
    };
    handoffs.iter().map(count).collect()
}

#[test]
fn a_provider_that_keeps_its_copy_seconds_later_is_known_from_then_on() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    assert_eq!(copies(&scene, &[&acme]), [0], "nothing is known of the provider yet");
    // What the provider takes.
    thread::sleep(Duration::from_secs(5));
    provider_keeps(&scene, &acme);
    scene.once().expect_status(0);
    let globex = scene.hand_over("globex.example");
    assert_eq!(copies(&scene, &[&acme, &globex]), [1, 0], "the second one is the provider's to keep");
    provider_keeps(&scene, &globex);
    scene.once().expect_status(0);
    assert_eq!(copies(&scene, &[&acme, &globex]), [1, 1]);
    scene.end(&[]);
}

#[test]
fn a_pass_waits_for_a_provider_of_which_nothing_is_known_and_then_puts_the_copy_there() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.once().expect_status(0);
    assert_eq!(copies(&scene, &[&acme]), [1]);
    let globex = scene.hand_over("globex.example");
    assert_eq!(copies(&scene, &[&acme, &globex]), [1, 1], "what was learnt makes `send` do it at once");
    scene.end(&[]);
}

#[test]
fn a_second_copy_that_turns_up_late_teaches_that_the_provider_keeps_them() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.once().expect_status(0);
    provider_keeps(&scene, &acme);
    let globex = scene.hand_over("globex.example");
    assert_eq!(copies(&scene, &[&acme, &globex]), [2, 0], "nothing is deleted, and nothing doubled again");
    provider_keeps(&scene, &globex);
    let initech = scene.hand_over("initech.example");
    assert_eq!(copies(&scene, &[&globex, &initech]), [1, 0]);
}

#[test]
fn an_agent_that_runs_puts_the_copy_there_by_itself() {
    let mut scene = Scene::new(AMPLE);
    scene.run();
    let acme = scene.hand_over("acme.example");
    scene.bed.wait_for(DANA, "Sent", 1, |_| true);
    assert_eq!(copies(&scene, &[&acme]), [1]);
    scene.end(&[]);
}

#[test]
fn what_the_configuration_says_needs_no_finding_out() {
    let keeps = |value: &str| {
        let line = format!("[accounts.dana]\nsave_sent = {value}\n");
        Scene::with(AMPLE, "", move |toml| toml.replace("[accounts.dana]\n", &line))
    };
    let scene = keeps("true");
    let acme = scene.hand_over("acme.example");
    assert_eq!(copies(&scene, &[&acme]), [1], "there when send ends");
    scene.end(&[]);
    let scene = keeps("false");
    let acme = scene.hand_over("acme.example");
    scene.once().expect_status(0);
    assert_eq!(copies(&scene, &[&acme]), [0], "the provider's to keep");
}
