//! Bytes to facts and back, without sockets: reading, classifying, author's text, composing.
//!
//! `read::read` is the one way in for received mail; everything beside it is a small part of that.

pub mod authenticity;
pub mod away;
mod booking_time;
pub mod bounce;
mod bounce_text;
pub mod calendar;
pub mod chatter;
pub mod classify;
pub mod compose;
pub mod envelope;
pub mod flowed;
pub mod identity;
pub mod links;
pub mod observance;
pub mod parsed_message;
pub mod parts;
mod pattern;
pub mod personal;
pub mod read;
pub mod scheduler;
pub mod text;
pub mod thread;

pub use read::{HeaderSummary, ReadOptions, read, read_headers};
