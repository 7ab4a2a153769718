//! The handoff end to end: the built `baton` against Dovecot and Postfix, people answering as their own mail
//! programs would.
//!
//! Policies are seconds long, so deadlines are real. Waits are bounded and look at what is. Every scene ends
//! with a look into every mailbox of its bed (`Scene::end`): nothing that docs/behaviour.md section 12 does
//! not name, nothing twice, nobody's flags changed, nothing but intros outside the company.

mod ledger;
pub(crate) mod letter;
pub(crate) mod letters;
mod letters_crash;
mod limits;
pub(crate) mod scene;

mod absence;
mod answers;
mod calendar;
mod cc;
mod corrections;
mod crash;
mod delivery;
mod feedback;
mod identity;
mod intro;
mod odd_servers;
mod people;
mod poison;
mod programs;
mod refusals;
mod restored;
mod sent_copies;
mod sightless;
mod silence;
mod soak;
mod touch;
