//! `baton demo`: the whole story, sped up, on mail servers inside the process. No configuration, no network, no
//! root; the agent, its mail and its judgements are the real ones, only the clock is not.

mod calendar;
mod output;
mod script;
mod world;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

pub(crate) use output::DeliveredMail;

use crate::agent::AgentError;
use crate::agent::setup::SetupError;
use crate::clock::{Zones, monotonic};
use crate::sandbox::{AcceptedMail, SandboxError};
use crate::store::StoreError;
use calendar::DemoCalendar;
use output::{StoryEntry, StoryPrinter};
use script::{SCENES, ZONE};
use world::DemoWorld;

/// Arguments of `baton demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Show every event, and what each email says
    #[arg(long)]
    pub full: bool,
    /// Play it last week, and keep the database, the emails and a configuration in this folder, which must be empty or not exist
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Why the demo could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the mail servers inside the process: {0}")]
    Sandbox(#[from] SandboxError),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path} is not empty")]
    NotEmpty { path: PathBuf },
    #[error("the demo's configuration: {0}")]
    Setup(String),
    #[error("the demo's record: {0}")]
    Record(String),
    #[error("{by} has no mail about `{subject}` to answer")]
    NothingToAnswer { by: String, subject: String },
    #[error("another process holds the demo's database")]
    Locked,
    #[error("the account {account} could not be served: {source}")]
    Pass { account: String, source: AgentError },
    #[error("the time zone {ZONE} is not known")]
    NoZone,
    #[error(transparent)]
    BuildApp(#[from] SetupError),
    #[error(transparent)]
    Agent(#[from] AgentError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write: {0}")]
    Out(#[from] io::Error),
}

/// What was printed, and what the servers hold.
#[derive(Debug)]
pub struct DemoResult {
    /// Every mail that was printed.
    pub printed: Vec<DeliveredMail>,
    /// Every mail that the servers accepted.
    pub delivered: Vec<AcceptedMail>,
}

/// Plays the story and prints it to `out`.
pub async fn run(args: &DemoArgs, out: &mut dyn Write) -> Result<DemoResult, DemoError> {
    let kept = args.keep.as_deref();
    let temporary;
    let dir = match kept {
        Some(dir) => {
            prepare(dir)?;
            dir
        }
        None => {
            temporary = TemporaryFolder::new()?;
            temporary.path.as_path()
        }
    };
    let result = play(dir, kept, args.full, out).await?;
    if let Some(dir) = kept {
        keep_mails(dir, &result.delivered)?;
    }
    Ok(result)
}

async fn play(
    dir: &Path,
    kept: Option<&Path>,
    full: bool,
    out: &mut dyn Write,
) -> Result<DemoResult, DemoError> {
    let since = monotonic();
    let zone = Zones::built_in().get(ZONE).ok_or(DemoError::NoZone)?;
    // What is kept is looked at afterwards, when nothing of it may still be ahead.
    let calendar = match kept {
        Some(_) => DemoCalendar::before(crate::clock::now(), zone.clone()),
        None => DemoCalendar::as_written(zone.clone()),
    };
    let mut printer = StoryPrinter::new(out, zone.as_ref(), full);
    let mut mails = Vec::new();
    let mut world = DemoWorld::set(dir, calendar.clone()).await?;
    printer.opening()?;
    for scene in &SCENES {
        let at = calendar.instant(scene.at);
        let meanwhile = world.wait_until(at).await?;
        print_entries(&mut printer, &mut mails, meanwhile)?;
        printer.scene(at, scene.narration)?;
        world.act(scene).await?;
        let entries = world.pass().await?;
        print_entries(&mut printer, &mut mails, entries)?;
    }
    let rest = world.wait_until(world.now() + TimeDelta::days(1)).await?;
    print_entries(&mut printer, &mut mails, rest)?;
    printer.ending(mails.len(), since.elapsed().as_secs_f64(), kept)?;
    Ok(DemoResult { printed: mails, delivered: world.sandbox.all_delivered() })
}

fn print_entries(
    printer: &mut StoryPrinter<'_>,
    mails: &mut Vec<DeliveredMail>,
    entries: Vec<StoryEntry>,
) -> io::Result<()> {
    for entry in entries {
        printer.entry(&entry)?;
        if let StoryEntry::Mail(mail) = entry {
            mails.push(mail);
        }
    }
    Ok(())
}

fn prepare(dir: &Path) -> Result<(), DemoError> {
    let file = |source| DemoError::File { path: dir.to_owned(), source };
    std::fs::create_dir_all(dir).map_err(file)?;
    if std::fs::read_dir(dir).map_err(file)?.next().is_some() {
        return Err(DemoError::NotEmpty { path: dir.to_owned() });
    }
    Ok(())
}

fn keep_mails(dir: &Path, delivered: &[AcceptedMail]) -> Result<(), DemoError> {
    let mails = dir.join("mails");
    std::fs::create_dir_all(&mails).map_err(|source| DemoError::File { path: mails.clone(), source })?;
    for (number, accepted) in delivered.iter().enumerate() {
        let path = mails.join(format!("{:02}.eml", number + 1));
        std::fs::write(&path, &accepted.raw).map_err(|source| DemoError::File { path, source })?;
    }
    Ok(())
}

/// A folder that is gone when the demo ends.
struct TemporaryFolder {
    path: PathBuf,
}

impl TemporaryFolder {
    fn new() -> Result<Self, DemoError> {
        let name = format!("baton-demo-{}-{}", std::process::id(), crate::clock::now().timestamp_micros());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|source| DemoError::File { path: path.clone(), source })?;
        Ok(Self { path })
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the demo's folder stays behind");
        }
    }
}
