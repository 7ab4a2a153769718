//! IMAP: sessions that look and never touch. Folders are opened with EXAMINE, messages are read with
//! BODY.PEEK, and the only thing ever written is a copy of our own mail into a folder (APPEND).
//!
//! async-imap does the framing, the parsing and the login; everything after the login goes through
//! one `exec` (see `exec.rs`), since the library's own commands take a NO for an empty result and do not
//! notice a lost connection. Its types stay in this room.
//!
//! One task owns one `ImapSession`. Cancel between commands: a command that is dropped half way, that times
//! out or whose answer cannot be read takes the connection with it, and every later call on that session
//! says `Closed`. A NO leaves it usable.
//!
//! Known limits: no QRESYNC, CONDSTORE, NOTIFY or COMPRESS; a server that greets with PREAUTH is not
//! spoken to.

mod append;
mod command;
mod connect;
mod error;
mod exec;
mod fetch;
mod folder;
mod folder_names;
mod guard;
mod idle;
mod quirk;
mod search;
mod utf7;

pub use append::Appended;
pub use error::ImapError;
pub use exec::{CommandTimeouts, ImapSession};
pub use fetch::{FetchedBody, Flags, HeaderItem};
pub use folder::{ExaminedFolder, FolderName, FolderUse, ListedFolder};
pub use idle::IdleEnd;
pub(crate) use quirk::SentCopy;
pub use search::Search;
