//! The agent on mail servers inside the process, whose stamps are the true time, with a clock that is set as people and
//! broken time servers set them, and with servers that fail on demand for as long as it takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod broken_messages;
mod clock;
mod digests;
mod everybody;
mod fate;
mod forgetting;
mod last_look;
mod letters;
mod reconfigured;
mod restored;
mod waiting_intro;
mod world;
