//! The configuration of a running agent: read again when one of its files has changed, or when it is told to.
//!
//! What cannot be used changes nothing: the operator hears once, with the faults, and the agent goes on with what it
//! has. Mailboxes that it does not concern stay open (`kept_mailboxes`).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ring::digest::{SHA256, digest};

use crate::clock::Zones;
use crate::config::{self, Config, ConfigReading, Surroundings, parts_of};
use crate::domain::judge::Policy;
use crate::domain::people::TeamRole;
use crate::store::{ReadTransaction, Result as Stored};

use super::app::App;
use super::parser_threads::on_parser_thread;
use super::presence::note_refused;
use super::setup::{SetupError, rebuild_app};
use super::{AgentError, error_chain};

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// So many looks without a change, and who writes the files has done: 2 s.
const QUIET_LOOKS: u32 = 4;

/// The operator's alerts about a configuration that is not taken: each has this and a digest of its faults.
const ALERT: &str = "configuration";

/// How a file looks from outside: it has changed when this has.
type FileSignature = (PathBuf, Option<(SystemTime, u64, u64)>);

/// The files of the configuration that an agent acts on.
#[derive(Debug)]
pub(crate) struct ConfigWatch {
    path: PathBuf,
    zones: Zones,
    /// What only a restart changes.
    database: PathBuf,
    agent_account: String,
    files: Vec<PathBuf>,
    /// As they were when they were last read.
    seen: Vec<FileSignature>,
    is_refused: bool,
}

impl ConfigWatch {
    /// Watches over what `config` was read from.
    pub(crate) async fn over(config: &Config, zones: Zones) -> Self {
        let mut watch = Self {
            path: config.path.clone(),
            zones,
            database: config.database.clone(),
            agent_account: config.agent.account.clone(),
            files: vec![config.path.clone()],
            seen: Vec::new(),
            is_refused: false,
        };
        // What has changed since the configuration was read is found by its digest.
        if let Some((reading, seen)) = watch.read().await {
            watch.files = reading.files;
            if reading.digest == config.digest {
                watch.seen = seen;
            }
        }
        watch
    }

    /// Completes with the next configuration to act on. `told` completes when the files are to be read at once.
    pub(crate) async fn next(
        &mut self,
        app: &Arc<App>,
        mut told: impl AsyncFnMut(),
    ) -> Result<App, AgentError> {
        // Faults of before this agent's start are mended in what it has.
        match self.accept(app).await {
            Err(AgentError::Store(error)) if error.may_pass() => {
                tracing::warn!(%error, "that the configuration can be used is noted later");
            }
            outcome => outcome?,
        }
        loop {
            let is_told = tokio::select! {
                () = told() => true,
                () = self.changed() => false,
            };
            let Some((reading, seen)) = self.read().await else { continue };
            self.files = reading.files;
            self.seen = seen;
            if reading.digest == app.configuration && !is_told {
                self.accept(app).await?;
                continue;
            }
            match self.usable(app, reading.config).await? {
                Ok(new) => {
                    self.accept(app).await?;
                    tracing::info!("the configuration is read again and holds from now on");
                    return Ok(new);
                }
                Err(refusal) => self.refuse(app, reading.digest, refusal).await?,
            }
        }
    }

    /// Completes when a file has changed and nothing has changed since for a while.
    async fn changed(&self) {
        let mut last = None;
        let mut quiet = 0;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = signatures(self.files.clone()).await;
            if now == self.seen {
                (last, quiet) = (None, 0);
            } else if last.as_ref() == Some(&now) {
                quiet += 1;
            } else {
                (last, quiet) = (Some(now), 0);
            }
            if quiet >= QUIET_LOOKS {
                return;
            }
        }
    }

    /// What the files hold. `None`: they were changed meanwhile.
    async fn read(&self) -> Option<(ConfigReading, Vec<FileSignature>)> {
        let (path, zones) = (self.path.clone(), self.zones.clone());
        let before = signatures(self.files.clone()).await;
        let read = move || config::read_all(&path, &Surroundings { zones: &zones, machine: zones.machine() });
        let reading = on_parser_thread(read).await.ok()?;
        let is_the_same = signatures(self.files.clone()).await == before;
        let seen = signatures(reading.files.clone()).await;
        is_the_same.then_some((reading, seen))
    }

    async fn usable(
        &self,
        app: &Arc<App>,
        config: Result<Config, Vec<crate::diagnostics::Fault>>,
    ) -> Result<Result<App, RefusedConfiguration>, AgentError> {
        let config = match config {
            Ok(config) => config,
            Err(faults) => {
                return Ok(Err(RefusedConfiguration::faulty(faults.iter().map(with_remedy).collect())));
            }
        };
        if config.database != self.database || config.agent.account != self.agent_account {
            let what = if config.database == self.database { "`agent.account`" } else { "`database`" };
            return Ok(Err(RefusedConfiguration {
                what: "the new configuration needs a restart, so the agent goes on with the older one",
                detail: format!("it names another {what}"),
                remedy: "Restart the agent (`systemctl restart baton`, or end `baton run` and start it again).",
            }));
        }
        let mut faults = config.missing_variables();
        let new = Arc::new(match rebuild_app(app, &config) {
            Ok(new) => new,
            Err(SetupError::Templates(errors)) => {
                faults.extend(errors.iter().map(|error| error_chain(error)));
                return Ok(Err(RefusedConfiguration::faulty(faults)));
            }
            Err(error) => {
                faults.push(error_chain(&error));
                return Ok(Err(RefusedConfiguration::faulty(faults)));
            }
        });
        let by = Arc::clone(&new);
        faults.extend(app.read(move |old, tx| missing_people(tx, &by.policy, Some(&old.policy))).await?);
        if !faults.is_empty() {
            return Ok(Err(RefusedConfiguration::faulty(faults)));
        }
        Ok(Arc::try_unwrap(new).map_err(|_| RefusedConfiguration::faulty(vec!["it is in use".to_owned()])))
    }

    async fn accept(&mut self, app: &Arc<App>) -> Result<(), AgentError> {
        if std::mem::take(&mut self.is_refused) {
            note_refused(app, None).await?;
        }
        let is_ours = |subject: &str| {
            subject.strip_prefix(ALERT).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let mut open = app.read(|_, tx| tx.alerts()).await?;
        open.retain(|alert| is_ours(&alert.subject));
        if open.is_empty() {
            return Ok(());
        }
        app.write(move |app, tx| {
            for alert in &open {
                tx.resolve_alert(&alert.subject, app.now())?;
            }
            Ok(())
        })
        .await?;
        app.alert_raised.notify_one();
        Ok(())
    }

    /// Once for each text of faults until the configuration can be used.
    async fn refuse(
        &mut self,
        app: &Arc<App>,
        digest: String,
        refusal: RefusedConfiguration,
    ) -> Result<(), AgentError> {
        let RefusedConfiguration { what, detail, remedy } = refusal;
        tracing::error!(faults = detail, "{what}");
        self.is_refused = true;
        note_refused(app, Some(digest)).await?;
        app.write(move |app, tx| {
            // The one that was told before goes on, so that its faults are no news where they come back.
            let subject = format!("{ALERT} {}", text_digest(&detail));
            tx.raise_alert(&subject, what, &detail, remedy, app.now())
        })
        .await?;
        app.alert_raised.notify_one();
        Ok(())
    }
}

/// A short name for a text.
fn text_digest(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Why a configuration is not taken, for the operator.
struct RefusedConfiguration {
    what: &'static str,
    detail: String,
    remedy: &'static str,
}

/// A fault in one line, with what to do about it.
fn with_remedy(fault: &crate::diagnostics::Fault) -> String {
    if fault.help.is_empty() { fault.to_string() } else { format!("{fault} ({})", fault.help.join("; ")) }
}

impl RefusedConfiguration {
    fn faulty(faults: Vec<String>) -> Self {
        Self {
            what: "the configuration has faults, so the agent goes on with the older one",
            detail: faults.join("; "),
            remedy: "Correct it; the agent notices by itself. `baton doctor` shows where the faults are.",
        }
    }
}

async fn signatures(files: Vec<PathBuf>) -> Vec<FileSignature> {
    let all = move || files.iter().flat_map(|path| parts_of(path)).map(signature).collect();
    on_parser_thread(all).await.unwrap_or_default()
}

fn signature(path: PathBuf) -> FileSignature {
    let data = std::fs::metadata(&path).ok();
    let signature = data.and_then(|data| Some((data.modified().ok()?, data.len(), inode(&data))));
    (path, signature)
}

#[cfg(unix)]
fn inode(data: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(data)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

/// What open handoffs need and a configuration has not, a sentence each. `old`: the one that has held so far.
pub(crate) fn missing_people(
    tx: &ReadTransaction<'_>,
    new: &Policy,
    old: Option<&Policy>,
) -> Stored<Vec<String>> {
    let mut faults = Vec::new();
    for id in tx.open_handoffs()? {
        let Some(stored) = tx.handoff(&id)? else { continue };
        let record = stored.handoff.record;
        let ae = tx.reassigned_to(&id)?.unwrap_or(record.ae);
        for (name, role, called) in [(record.sdr, TeamRole::Sdr, "SDR"), (ae, TeamRole::Ae, "AE")] {
            let remedy = "reassign or close the handoff first";
            match new.person(&name) {
                None => {
                    faults.push(format!("{name} is missing, the {called} of the open handoff {id}: {remedy}"))
                }
                Some(person) if !person.roles.contains(&role) => faults.push(format!(
                    "{name} is no {called} any more, but that of the open handoff {id}: {remedy}"
                )),
                Some(person) => {
                    let had_account = old.is_some_and(|old| old.account_of(&name).is_some());
                    if person.account.is_none() && had_account {
                        faults.push(format!(
                            "{name} has no account any more, but is the {called} of the open handoff {id}: {remedy}"
                        ));
                    }
                }
            }
        }
    }
    Ok(faults)
}
