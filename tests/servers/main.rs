//! The program, and what it is built of, against real mail servers: Dovecot and Postfix, started for each test (see
//! `tests/support`). One target, since a link of the whole program for each file would take longer than most of the
//! tests. `cargo test --test servers handoff::absence` runs a part.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../support/mod.rs"]
mod support;

mod agent;
mod audit;
mod audit_evidence;
mod doctor;
mod handoff;
mod hostile;
mod init;
mod mistakes;
mod oauth;
mod one_agent;
mod prefill;
mod reload;
mod service;
mod sight;
mod storm;
mod uncertain;
mod wire_imap;
mod wire_smtp;
