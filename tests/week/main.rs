//! A week in the life: thirty handoffs, five SDRs, four AEs in three zones, two managers, in the sandbox with the
//! clock set forward from one thing that happens to the next.
//!
//! The stories are data, written by hand from docs/behaviour.md: what people do, which mail leaves when and to whom,
//! and how each handoff ends. At the end every mailbox is held against all of them together: no mail is
//! missing, and there is none besides.
//!
//! Reading, judgements, the outbox, its mail and its servers' protocols are the real ones; see `agent` for what
//! takes the place of the daemon's tasks.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

mod agent;
mod audit;
mod calendars;
mod cast;
mod check;
mod letter;
mod people;
#[expect(dead_code, reason = "other tests use the faults that this one does not")]
#[path = "../support/proxy.rs"]
mod proxy;
mod stage;
mod stories;
mod story;

use stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn thirty_handoffs_send_the_mails_that_were_written_down_and_no_other() {
    let stories = stories::all();
    let handoffs = stories.iter().filter(|story| !story.ends.deadline.is_empty()).count();
    assert_eq!(handoffs, 30);
    // Thousands of transactions: in memory, where that can be had.
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let begins = "2026-11-23T07:00:00Z".parse().unwrap();
    let ends = "2026-12-03T06:00:00Z".parse().unwrap();
    let mut stage = Stage::set(dir.path(), begins, &stories).await;
    stage.play(&stories, ends).await;
    let differences = check::differences(&stage, &stories).await;
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    let differences = audit::differences(dir.path(), handoffs);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_that_could_not_leave_leaves_in_the_same_week_and_no_later_one_does() {
    let mut stories = stories::all();
    stories.retain(|story| story.company == "Massive Dynamic");
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let instant = |text: &str| text.parse().unwrap();
    let mut stage = Stage::set(dir.path(), instant("2026-11-27T07:00:00Z"), &stories).await;
    stage.play(&stories, instant("2026-12-03T06:00:00Z")).await;
    assert_eq!(check::digests(&stage, "Inés").await, ["2026-W49"]);
    // A week without power, which ends in the manager's night: the digest waits for the morning.
    stage.wake_up_at(instant("2026-12-09T22:00:00Z")).await;
    assert_eq!(check::digests(&stage, "Inés").await, ["2026-W49"]);
    stage.wake_up_at(instant("2026-12-10T10:00:00Z")).await;
    assert_eq!(check::digests(&stage, "Inés").await, ["2026-W49", "2026-W50"]);
    stage.wake_up_at(instant("2026-12-10T11:00:00Z")).await;
    // A whole week is missed: what it would have said is not sent later.
    stage.wake_up_at(instant("2026-12-22T10:00:00Z")).await;
    assert_eq!(check::digests(&stage, "Inés").await, ["2026-W49", "2026-W50", "2026-W52"]);
}
