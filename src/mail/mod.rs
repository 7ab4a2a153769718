//! Bytes to facts and back, without sockets: reading, classifying, author's text, composing.
//!
//! `read::read` is the one way in for received mail; everything beside it is a small part of that.

pub(crate) mod authenticity;
pub mod away;
mod away_dates;
mod away_words;
mod base64_text;
mod booking_time;
pub(crate) mod bounce;
mod bounce_text;
pub mod calendar;
mod calendar_zone;
mod charset;
pub mod chatter;
pub(crate) mod classify;
pub mod compose;
mod decoding;
mod delivery_trace;
mod encoded_words;
pub(crate) mod envelope;
mod figure_order;
pub(crate) mod flowed;
mod forwarded;
pub(crate) mod header_fields;
mod invitation_details;
mod letter_text;
pub mod links;
pub(crate) mod observance;
pub(crate) mod options;
pub(crate) mod parsed_message;
pub(crate) mod parts;
pub mod personal;
pub mod read;
pub(crate) mod scheduler;
mod table_rows;
pub mod text;
pub mod thread;

pub(crate) use calendar_zone::tz_name;
pub(crate) use delivery_trace::{DeliveryTrace, delivery_trace};
pub(crate) use invitation_details::{InvitationDetails, MailDetails, details};
pub use letter_text::LetterText;
pub(crate) use letter_text::letter_text;
pub use options::ReadOptions;
pub use read::{HeaderSummary, read, read_headers};
