//! docs/behaviour.md sections 5 to 9 as a table: one scenario file for each row, played through the real path.
//!
//! Every file in `scenarios/` is one test: bytes in mailboxes of servers inside the process, the agent's own
//! reading, turn, store, judgement, outbox and templates, on a virtual clock. What leaves is listed by hand in
//! the file and kept in full as a snapshot. README.md tells the format. The test names are the files' names.
//!
//! Known limits: no TLS, one server for everybody; the daemon's waiting is replaced by a pass at every instant
//! that it would wake at. The same behaviour on real servers is `tests/servers/handoff`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a scenario that is wrong fails with its own words"
)]

mod calendar;
mod cast;
mod expect;
mod format;
mod ledger;
mod letter;
mod play;
mod stage;
mod times;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    // Where it went wrong, without the whole stack: the scenario's own words follow.
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    // insta asks cargo for the folder once, in a process of its own. A child has the files that are open here until
    // it runs its program, the lock of a scenario's database among them: so it asks before the first is taken.
    insta::assert_snapshot!("asked", @"asked");
    let mut arguments = Arguments::from_args();
    // A scenario mostly waits for the disk.
    arguments.test_threads.get_or_insert(4);
    libtest_mimic::run(&arguments, trials()).exit_code()
}

fn trials() -> Vec<Trial> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/rows/scenarios");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut trials: Vec<Trial> = files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            Trial::test(name.clone(), move || {
                let text = fs::read_to_string(&path)?;
                play::scenario(&name, &text).map_err(|faults| faults.join("\n").into())
            })
        })
        .collect();
    trials.push(Trial::test("every_snapshot_has_its_scenario", || ledger::orphans().map_err(Into::into)));
    trials
}
