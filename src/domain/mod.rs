//! Pure decisions: people, handoffs, facts and the one judgement. No I/O, no clock, no serde, no SQL.

pub(crate) mod address_book;
pub mod answer;
pub(crate) mod audit;
pub mod fact;
pub(crate) mod freemail;
pub mod handoff;
pub(crate) mod intro_sentences;
pub mod judge;
pub(crate) mod length;
pub(crate) mod letter;
pub(crate) mod letter_answer;
pub(crate) mod mail_kinds;
pub mod mails;
pub mod message;
pub(crate) mod name_spelling;
pub(crate) mod outcomes;
pub mod people;
pub(crate) mod record_title;
pub(crate) mod registered_domain;
pub mod sla;
pub(crate) mod subject_prefix;
pub mod token;
pub(crate) mod working;
pub mod zone;
pub(crate) mod zone_words;
