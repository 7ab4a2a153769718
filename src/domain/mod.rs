//! Pure decisions: people, handoffs, facts and the one judgement. No I/O, no clock, no serde, no SQL.

pub mod freemail;
pub mod handoff;
pub mod message;
pub mod people;
pub mod sla;
pub mod zone;
