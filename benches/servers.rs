//! The program beside plain clients, on a real Dovecot and a real Postfix, as `tests/support` starts them (as root). It
//! measures and asserts nothing.
//!
//! - `cargo bench --bench servers -- read` reads a mailbox of 100,000 messages for the first time: plain, over TLS, and
//!   over TLS with a round trip of 50 ms; beside a raw drain of the same header fields by one FETCH in the same round; and
//!   a pass in which nothing is new, beside a raw login, EXAMINE and STATUS. `-- read 10000` takes another number.
//! - `-- deadlines` has 500 handoffs of twenty pairs come to their reminder and to their deadline at the same minute, and
//!   then sends as many mails over one connection by a plain client. `-- deadlines 100` takes another number.
//!
//! Known limits: wall time of everything on one machine; medians of three.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot be set up has nothing to say; it measures real time"
)]

#[path = "servers/deadlines.rs"]
mod deadlines;
mod measure;
#[path = "servers/raw.rs"]
mod raw;
#[path = "servers/reading.rs"]
mod reading;
#[path = "../tests/support/mod.rs"]
mod support;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number = words.iter().find_map(|word| word.parse::<usize>().ok());
    let has = |word: &str| words.iter().any(|one| one == word);
    let all = !has("read") && !has("deadlines");
    if all || has("read") {
        reading::print(number.unwrap_or(100_000));
    }
    if all || has("deadlines") {
        deadlines::print(number.unwrap_or(500), has("works"));
    }
}
