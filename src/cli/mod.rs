//! The verbs of the command line, one file each.

pub mod classify;
pub mod check;
pub mod new;
pub mod sla;
