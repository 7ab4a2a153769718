//! baton.
pub mod agent;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod imap;
pub mod mail;
pub mod record;
pub mod sandbox;
pub mod smtp;
pub mod store;
pub mod templates;
pub mod tls;
