//! baton passes a prospect from an SDR to an AE by email, and makes sure that the baton was caught.
//!
#![doc = include_str!("../docs/architecture.md")]

pub mod agent;
mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod diagnostics;
pub mod domain;
mod files;
pub mod imap;
mod language;
pub mod mail;
mod oauth;
mod output;
mod pattern;
pub mod record;
#[cfg(feature = "demo")]
pub mod sandbox;
pub mod smtp;
pub mod store;
pub mod templates;
pub mod tls;
