//! baton passes a prospect from an SDR to an AE by email, and makes sure that the baton was caught.
//!
//! # What happens
//!
//! ```text
//!            record.txt                        mail servers (IMAP, SMTP)
//!                |                              ^                  |
//!            [record]                           |                  v
//!                |          +------------- [smtp] <- delivery  [imap] folders, IDLE
//!                v          |                           ^          |
//!   cli --> agent::send     |        agent::turn -------+      [mail] bytes -> facts
//!                |          |             ^  |                     |
//!                v          v             |  v                     v
//!            [store]  facts, outbox, cursors  <--------------------+
//!                                 |  ^
//!                          facts  v  |  judgement
//!                           [domain::judge]   pure, total, no clock
//! ```
//!
//! Facts are kept, everything else is computed. Mail arrives late, twice and out of order, so no state machine is
//! advanced message by message: [`domain::judge::judge`] takes a handoff's facts and `now`, and says what is
//! true and which mails ought to exist. The outbox holds which mails do exist. The difference is what there is to
//! do. That is how a notice leaves once, ever, and how one that has become pointless does not leave at all.
//!
//! # The rooms
//!
//! | room | what it is for | what it never does |
//! | --- | --- | --- |
//! | [`domain`] | pure decisions: people, handoffs, facts, the judgement, the SLA | I/O, clocks, SQL, serde |
//! | [`mail`] | bytes to facts and back: reading, classifying, author's text, composing | sockets |
//! | [`record`] | the handoff record: text to fields and back, with diagnostics | files, configuration |
//! | [`templates`] | the wording of every mail: load, override, check, render | deciding whether a mail leaves |
//! | [`config`] | TOML to types that cannot be wrong | defaults that hide a fault |
//! | [`store`] | SQLite: handoffs, facts, outbox, cursors; the room that they have | deciding anything |
//! | [`imap`] | sessions, IDLE, scanning; async-imap stays in here | SELECT, STORE, EXPUNGE |
//! | [`smtp`] | delivers bytes and names the outcome; lettre's transport stays in here | retrying |
//! | [`clock`] | the only `now`, and the time-zone rules | |
//! | [`agent`] | one turn, the daemon, the outbox, one file for each use case | wording, verdicts |
//! | `sandbox` | mail servers inside the process, for the demo and for faults; feature `demo` | the network |
//! | [`cli`] | one file for each verb; tables, colours, error reports | anything a verb does not show |
//!
//! Imports run one way: `cli -> agent -> {store, imap, smtp, templates, mail} -> domain`. The adapters do not know
//! each other; only `cli` and `agent` see `config` and `clock`. `tests/structure.rs` checks this.
//!
//! # Invariants
//!
//! 1. Everything is committed before anything leaves. Bytes and Message-ID are frozen before DATA.
//! 2. A mail is known by its key, kind and what it is about; a key leaves once.
//! 3. Any order, duplication or delay of facts gives the same judgement.
//! 4. Nobody is accused before every watched folder was read past the deadline and its grace.
//! 5. What carries a record goes to configured people alone; delivery checks it, no matter who queued it.
//! 6. Folders are opened with EXAMINE; no message is marked, moved or deleted.
//!
//! # Deliberately absent
//!
//! A web server, a tracking pixel, a CRM connector, a message store: what concerns no handoff is not kept, and
//! people answer with nothing but mail.

pub mod agent;
pub mod cli;
pub mod clock;
pub mod config;
pub mod diagnostics;
pub mod domain;
pub mod imap;
mod language;
pub mod mail;
mod pattern;
pub mod record;
#[cfg(feature = "demo")]
pub mod sandbox;
pub mod smtp;
pub mod store;
pub mod templates;
pub mod tls;
