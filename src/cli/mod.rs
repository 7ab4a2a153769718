//! The verbs of the command line, one file each.

pub mod check;
pub mod classify;
pub mod demo;
pub mod new;
pub mod preview;
pub mod sla;
pub mod templates;
