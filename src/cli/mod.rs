//! The verbs of the command line, one file each: arguments in, text or JSON out, an exit status.
//!
//! Nothing here decides anything about a handoff. Standard output carries results, standard error everything
//! that is said to a person beside them.

pub mod args;
pub mod check;
pub mod classify;
pub mod demo;
pub mod new;
pub mod preview;
pub mod sla;
pub mod templates;
