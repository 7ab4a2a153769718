//! What most verbs begin with: the configuration, the app, and the handoff that an argument means.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::agent::app::App;
use crate::agent::setup::{self, SetupError};
use crate::agent::turn::{JudgedHandoff, judged};
use crate::clock::{Clock, Zones};
use crate::config::{self, Config, Surroundings};
use crate::diagnostics::{self, FaultStyle};
use crate::domain::people::{Person, TeamRole};
use crate::domain::zone::Zone;
use crate::output::{self, OutputForm};
use crate::store::{OpenPurpose, ReadTransaction, Result as Stored, StoreError, StoredHandoff};

use super::failure::{Failure, REFUSED};
use super::terminal::print_note;

/// What every verb is given.
#[derive(Debug)]
pub struct CommandContext {
    pub config_flag: Option<PathBuf>,
    pub json: bool,
    pub clock: Clock,
    pub zones: Zones,
    /// Of messages for people on standard error.
    pub style: FaultStyle,
}

impl CommandContext {
    /// Standard output, for the result in the form that was asked for.
    pub(crate) fn stdout(&self) -> impl Write + Send + use<> {
        output::stdout(if self.json { OutputForm::Json } else { OutputForm::Text })
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The configuration; its warnings are shown.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        self.config_at(&self.config_path()?)
    }

    /// The configuration's file.
    pub(crate) fn config_path(&self) -> Result<PathBuf, Failure> {
        let env = |name: &str| std::env::var(name).ok();
        let here = std::env::current_dir().unwrap_or_default();
        config::find(self.config_flag.as_deref(), &env, &here).map_err(|fault| Failure::faults(vec![*fault]))
    }

    /// The configuration in this file.
    pub(crate) fn config_at(&self, path: &Path) -> Result<Config, Failure> {
        let surroundings = Surroundings { zones: &self.zones, machine: self.zones.machine() };
        let config = config::load(path, &surroundings).map_err(Failure::faults)?;
        if !config.warnings.is_empty() {
            print_note(diagnostics::render(&config.warnings, self.style));
        }
        Ok(config)
    }

    /// The configuration, where there is one that can be used; verbs that need none do without, and say so. One
    /// that the command line names has to be right all the same.
    pub(crate) fn config_if_any(&self) -> Result<Option<Config>, Failure> {
        let env = |name: &str| std::env::var(name).ok();
        let here = std::env::current_dir().unwrap_or_default();
        let Ok(path) = config::find(self.config_flag.as_deref(), &env, &here) else { return Ok(None) };
        match self.config_at(&path) {
            Ok(config) => Ok(Some(config)),
            Err(failure) if self.config_flag.is_some() => Err(failure),
            Err(_) => {
                let path = path.display();
                print_note(format!(
                    "{path} cannot be used, so this goes without; `baton doctor` says what is wrong\n"
                ));
                Ok(None)
            }
        }
    }

    /// The app of a command that hands over or delivers: where there is no database yet, it makes one.
    pub(crate) fn app(&self, config: &Config) -> Result<Arc<App>, Failure> {
        self.app_for(config, OpenPurpose::Make)
    }

    /// The app of a command that needs this of the database.
    pub(crate) fn app_for(&self, config: &Config, purpose: OpenPurpose) -> Result<Arc<App>, Failure> {
        let app = setup::build_app_for(config, self.clock.clone(), self.zones.clone(), purpose);
        match app {
            Ok(app) => Ok(Arc::new(app)),
            Err(error @ SetupError::Store(StoreError::NotPermitted { .. })) => {
                Err(Failure::from(error).hint(letter_instead(config)))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What whoever may not read database or secrets does instead. docs/behaviour.md sections 13 and 15.
pub(crate) fn letter_instead(config: &Config) -> String {
    let address = config.accounts.get(&config.agent.account).map(|account| account.address.to_string());
    let address = address.unwrap_or_default();
    format!(
        "database and passwords belong to the user that baton runs as; write an email to {address} instead: subject \
         `handoff` hands a prospect over, subject `status` lists what is open, subject `help` says what else works"
    )
}

/// A handoff as it is judged now; `None` where there is none of this id.
pub(crate) async fn judged_handoff(app: &Arc<App>, id: &str) -> Result<Option<JudgedHandoff>, Failure> {
    let id = id.to_owned();
    Ok(app.read(move |app, tx| judged(tx, &app.policy, &id, app.now())).await?)
}

/// The handoff that a person means: its id, the one beginning of an id, or the company's name.
pub(crate) async fn handoff(app: &Arc<App>, wanted: &str) -> Result<StoredHandoff, Failure> {
    let folded = wanted.trim().to_lowercase();
    let found = app.read({
        let folded = folded.clone();
        move |_, tx| meant(tx, &folded)
    });
    match found.await?.as_slice() {
        [] => {}
        [one] => return Ok(one.clone()),
        several => {
            let mut failure = Failure::new(REFUSED, format!("`{wanted}` matches more than one handoff"));
            for one in several {
                failure = failure.hint(format!("{}  {}", one.handoff.id, one.handoff.record.company));
            }
            return Err(failure.hint("give the whole id"));
        }
    }
    let known = app.read(|_, tx| tx.handoff_names()).await?;
    let known = known.iter().flat_map(|(id, company)| [id.as_str(), company.as_str()]);
    let failure = Failure::new(REFUSED, format!("there is no handoff `{wanted}`"));
    Err(match diagnostics::nearest(wanted, known.collect::<Vec<_>>()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`baton status --all` lists them"),
    })
}

/// The handoffs that may be meant by an id, a company's name or the beginning of one, the likeliest sort alone.
fn meant(tx: &ReadTransaction<'_>, folded: &str) -> Stored<Vec<StoredHandoff>> {
    if let Some(exact) = tx.handoff(folded)? {
        return Ok(vec![exact]);
    }
    if folded.is_empty() {
        return Ok(Vec::new());
    }
    let by_name = tx.handoffs_of_company(folded)?;
    let open_by_name: Vec<StoredHandoff> = by_name.iter().filter(|one| one.open).cloned().collect();
    for found in [open_by_name, by_name, tx.handoffs_beginning(folded)?] {
        if !found.is_empty() {
            return Ok(found);
        }
    }
    tx.handoffs_of_company_beginning(folded)
}

/// What to say where a person's name is not known: the nearest, else everybody.
pub(crate) fn nearest_or_all<'a>(name: &str, people: impl Iterator<Item = &'a Person>) -> String {
    let names: Vec<&str> = people.map(|person| person.name.as_str()).collect();
    match (diagnostics::nearest(name, names.iter().copied()), names.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "no person of the configuration has that role".to_owned(),
        (None, names) => format!("there is {}", names.join(", ")),
    }
}

/// Somebody in that role, by their name, their address, or a first name that nobody else in it has.
pub(crate) fn person_called<'a>(people: &'a [Person], role: TeamRole, written: &str) -> Option<&'a Person> {
    let wanted = written.trim().to_lowercase();
    let in_role = || people.iter().filter(|person| person.roles.contains(&role));
    let whole = |person: &&Person| person.name.to_lowercase() == wanted || person.address.as_str() == wanted;
    let mut by_first_name = in_role().filter(|person| person.first_name().to_lowercase() == wanted);
    in_role().find(whole).or_else(|| match (by_first_name.next(), by_first_name.next()) {
        (Some(person), None) => Some(person),
        _ => None,
    })
}

/// An instant as people write it: RFC 3339, or a local time of `zone`.
pub(crate) fn instant(text: &str, zone: &dyn Zone) -> Result<DateTime<Utc>, Failure> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text.trim()) {
        return Ok(at.with_timezone(&Utc));
    }
    ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text.trim(), form).ok())
        .map(|local| zone.instant(local))
        .ok_or_else(|| {
            Failure::new(REFUSED, format!("can't read `{text}` as a date and time")).hint(format!(
                "write it like 2026-11-27T13:05:00+01:00, or like \"2026-11-27 13:05\" for {}",
                zone.name()
            ))
        })
}
