//! IMAP: sessions that look and never touch. Folders are opened with EXAMINE, messages are read with
//! BODY.PEEK, and the only thing ever written is a copy of our own mail into a folder (APPEND).
//!
//! `wire` cuts what comes into answers, `grammar` reads the few that matter and forgives the rest; every command
//! goes through one `exec` (see `exec.rs`), or through `windows` where several are under way at a time.
//!
//! One task owns one `ImapSession`. Cancel between commands: a command that is dropped half way, that times
//! out or whose answer cannot be read takes the connection with it, and every later call on that session
//! says `Closed`. A NO leaves it usable.
//!
//! Known limits: no QRESYNC, CONDSTORE, NOTIFY or COMPRESS; a server that greets with PREAUTH is not
//! spoken to.

mod append;
mod bodies;
mod command;
mod connect;
mod error;
mod exec;
mod fetch;
mod folder;
mod folder_names;
mod grammar;
mod headers_of;
mod idle;
mod login;
mod quirk;
mod search;
mod utf7;
mod windows;
mod wire;

pub use append::Appended;
pub use bodies::FetchedBody;
pub use error::ImapError;
pub use exec::{CommandTimeouts, ImapSession};
pub use fetch::{Flags, HeaderItem};
pub use folder::{ExaminedFolder, FolderName, FolderUse, ListedFolder};
pub use idle::IdleEnd;
pub(crate) use quirk::SentCopy;
pub use search::Search;
pub(crate) use windows::UidWindow;
