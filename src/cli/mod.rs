//! (being built)

pub mod sla;
