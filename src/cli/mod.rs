//! (being built)

pub mod check;
pub mod new;
pub mod sla;
