//! (being built)
pub mod classify;
