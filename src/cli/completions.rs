//! `baton completions`, and what the scripts that it prints ask this program for while somebody types: commands and
//! options, ids of handoffs, names of people, accounts, templates.
//!
//! The shell runs the program with [`VARIABLE`] set and the words so far. Where configuration or database cannot be
//! read there is nothing to offer, and nothing is said: the person is in the middle of a line.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap_complete::env::{CompleteEnv, Shells};
use clap_complete::{ArgValueCompleter, CompletionCandidate};

use crate::clock::{Clock, Zones};
use crate::config::{self, Config, Surroundings};
use crate::diagnostics::FaultStyle;
use crate::domain::people::{Person, TeamRole};
use crate::output;
use crate::store::{OpenPurpose, ReadTransaction, Result as Stored, StoredHandoff};

use super::args::CompletionsArgs;
use super::failure::{FAILED, Failure};
use super::help;
use super::open::CommandContext;
use super::wait;

/// The environment variable by which a shell asks.
const VARIABLE: &str = "BATON_COMPLETE";

/// Most that a shell is given to choose from.
const MOST: usize = 500;

/// Answers the shell and ends the process, where it is a shell that asks.
pub(crate) fn answer_the_shell() {
    CompleteEnv::with_factory(help::command).var(VARIABLE).complete();
}

pub(crate) fn print(args: &CompletionsArgs) -> Result<(), Failure> {
    let shells = Shells::builtins();
    let shell = args.shell.to_string();
    let completer = shells
        .completer(&shell)
        .ok_or_else(|| Failure::new(FAILED, format!("there are no completions for {shell}")))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "baton", "baton", "baton", &mut script)?;
    Ok(output::write_data(&script)?)
}

/// Ids: the open handoffs, and the closed ones where none is open or the beginning of one is given.
pub(crate) fn handoffs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let beginning = current.to_string_lossy().to_lowercase();
        let found = look(move |tx| {
            if !beginning.is_empty() {
                return tx.handoffs_beginning(&beginning);
            }
            let mut ids = tx.open_handoffs()?;
            if ids.is_empty() {
                ids = tx.handoff_ids()?;
            }
            let found = ids.iter().take(MOST).map(|id| tx.handoff(id));
            Ok(found.collect::<Stored<Vec<_>>>()?.into_iter().flatten().collect())
        });
        found.unwrap_or_default().iter().take(MOST).map(of_handoff).collect()
    })
}

fn of_handoff(stored: &StoredHandoff) -> CompletionCandidate {
    let record = &stored.handoff.record;
    let closed = if stored.open { "" } else { ", closed" };
    let help = format!("{}, from {} to {}{closed}", record.company, record.sdr, record.ae);
    CompletionCandidate::new(stored.handoff.id.clone()).help(Some(output::plain(&help).into()))
}

/// Names of AEs.
pub(crate) fn aes() -> ArgValueCompleter {
    names(|config| people(config, |person| person.roles.contains(&TeamRole::Ae)))
}

/// Names of SDRs.
pub(crate) fn sdrs() -> ArgValueCompleter {
    names(|config| people(config, |person| person.roles.contains(&TeamRole::Sdr)))
}

/// Accounts, and the providers that stand for several.
pub(crate) fn accounts() -> ArgValueCompleter {
    names(|config| config.accounts.keys().chain(&config.providers).cloned().collect())
}

fn people(config: &Config, wanted: impl Fn(&Person) -> bool) -> Vec<String> {
    config.people.iter().filter(|person| wanted(person)).map(|person| person.name.clone()).collect()
}

/// Of the configuration, those that begin as it was typed.
fn names(of: impl Fn(&Config) -> Vec<String> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let beginning = current.to_string_lossy().to_lowercase();
        let known = configuration().map(|(_, config)| of(&config)).unwrap_or_default();
        let fitting = known.into_iter().filter(|name| name.to_lowercase().starts_with(&beginning));
        fitting.map(|name| CompletionCandidate::new(output::plain(&name))).collect()
    })
}

/// What the database has, if it can be opened; none is made.
fn look<T: Send + 'static>(of: impl FnOnce(&ReadTransaction<'_>) -> Stored<T> + Send + 'static) -> Option<T> {
    let (context, config) = configuration()?;
    let read = async move {
        let app = context.app_for(&config, OpenPurpose::Look)?;
        Ok(app.read(move |_, tx| of(tx)).await?)
    };
    wait(read).ok()
}

/// The configuration that the typed line means. Its warnings are nobody's concern here.
fn configuration() -> Option<(CommandContext, Config)> {
    let context = CommandContext {
        config_flag: typed_config(
            std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()),
        ),
        json: false,
        clock: Clock::machine(),
        zones: Zones::load(),
        style: FaultStyle::PLAIN,
    };
    let env = |name: &str| std::env::var(name).ok();
    let here = std::env::current_dir().unwrap_or_default();
    let path = config::find(context.config_flag.as_deref(), &env, &here).ok()?;
    let surroundings = Surroundings { zones: &context.zones, machine: context.zones.machine() };
    let config = config::load(&path, &surroundings).ok()?;
    Some((context, config))
}

/// The file behind `--config` among the words of the line.
fn typed_config(words: impl Iterator<Item = String>) -> Option<PathBuf> {
    let words: Vec<String> = words.collect();
    let place = words.iter().position(|word| word == "--config" || word.starts_with("--config="))?;
    let word = words.get(place)?;
    word.strip_prefix("--config=").or(words.get(place + 1).map(String::as_str)).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_that_the_line_names_is_found() {
        let of = |line: &str| typed_config(line.split(' ').map(str::to_owned));
        assert_eq!(of("-- baton --config a.toml show"), Some(PathBuf::from("a.toml")));
        assert_eq!(of("-- baton show --config=b.toml"), Some(PathBuf::from("b.toml")));
        assert_eq!(of("-- baton show acme"), None);
        assert_eq!(of("-- baton show --config"), None);
    }
}
