//! From a configuration to the [`App`] that every use case works with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::clock::{Clock, Zones};
use crate::config::{self, Config};
use crate::imap::{self, FolderName};
use crate::mail::personal;
use crate::mail::scheduler::{SchedulingTool, built_in};
use crate::oauth::grant_file::GrantFile;
use crate::smtp;
use crate::store::{OpenPurpose, Store, StoreError};
use crate::templates::{TemplateError, Templates};

use super::app::{App, MailAccount, RecordRules};
use super::clock_trust::ClockWatch;
use super::connecting::Connections;
use super::credentials::Credentials;
use super::error_chain;
use super::interest::Claims;
use super::kept_mailboxes::MailboxAccess;
use super::last_look::LookTimeouts;
use super::live_connections::LiveConnections;
use super::unwritten::UnwrittenAnswers;

/// Why the app cannot be set up although the configuration is right.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the templates cannot be used")]
    Templates(Vec<TemplateError>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{reason}")]
    Grants { reason: String },
}

/// Opens the database, loads the templates and puts everything together.
pub fn build_app(config: &Config, clock: Clock, zones: Zones) -> Result<App, SetupError> {
    build_app_for(config, clock, zones, OpenPurpose::Make)
}

/// The same with the database opened for what a command needs of it.
pub(crate) fn build_app_for(
    config: &Config,
    clock: Clock,
    zones: Zones,
    purpose: OpenPurpose,
) -> Result<App, SetupError> {
    let templates = load_templates(config)?;
    let store = Arc::new(Store::open_for(&config.database, purpose)?);
    assemble(config, clock, zones, templates, store)
}

/// The same by another configuration, on the database that is open already.
pub(crate) fn rebuild_app(old: &App, config: &Config) -> Result<App, SetupError> {
    let templates = load_templates(config)?;
    let store = Arc::clone(&old.store);
    let new = assemble(config, old.clock.clone(), old.zones.clone(), templates, store)?;
    let delivers_since = AtomicI64::new(old.delivers_since.load(Ordering::Relaxed));
    let unwritten = old.unwritten.clone();
    Ok(App {
        // Sessions go on, and what servers were found to allow does.
        connections: old.connections.clone(),
        live_connections: old.live_connections.clone(),
        clock_watch: old.clock_watch.carried_over(),
        delivers_since,
        unwritten,
        is_reloaded: true,
        ..new
    })
}

fn load_templates(config: &Config) -> Result<Templates, SetupError> {
    Templates::load(config.templates.as_deref()).map_err(SetupError::Templates)
}

fn assemble(
    config: &Config,
    clock: Clock,
    zones: Zones,
    templates: Templates,
    store: Arc<Store>,
) -> Result<App, SetupError> {
    let grants = GrantFile::beside(&config.database);
    grants.check().map_err(|error| SetupError::Grants { reason: error_chain(&error) })?;
    let mut tools = built_in();
    tools.extend(config.schedulers.iter().map(|tool| SchedulingTool {
        name: tool.name.clone(),
        senders: tool.senders.clone(),
        subjects: Vec::new(),
        links: tool.links.clone(),
    }));
    let policy = config.policy(personal::takes_up);
    Ok(App {
        claims: Claims::new(policy.account_addresses.iter().chain([&policy.agent_address])),
        policy,
        record_rules: RecordRules {
            conditions: config.conditions.clone(),
            competitors: config.competitors.clone(),
        },
        accounts: config.accounts.iter().map(|(name, one)| (name.clone(), account(one))).collect(),
        access: MailboxAccess::of_all(config),
        credentials: Credentials::new(&config.accounts, grants),
        store,
        clock_watch: ClockWatch::default(),
        clock,
        default_zone: zones.machine(),
        zones,
        templates,
        tools: tools.into(),
        imap_deadlines: imap::CommandTimeouts::default(),
        smtp_deadlines: smtp::SmtpTimeouts::default(),
        look_deadlines: LookTimeouts::default(),
        configuration: config.digest.clone(),
        live_connections: LiveConnections::default(),
        is_reloaded: false,
        alert_raised: tokio::sync::Notify::new(),
        delivers_since: AtomicI64::new(0),
        unwritten: UnwrittenAnswers::default(),
        stopping: AtomicBool::new(false),
        connections: Connections::default(),
        at_once: usize::MAX,
    })
}

fn account(configured: &config::Account) -> MailAccount {
    let folders = configured.folders.as_ref();
    MailAccount {
        name: configured.name.clone(),
        address: configured.address.clone(),
        imap: configured.imap.clone(),
        smtp: configured.smtp.clone(),
        login: configured.login.clone(),
        ca: configured.ca.clone(),
        folders: folders.map(|names| names.iter().map(|name| FolderName::new(name)).collect()),
        save_sent: configured.save_sent,
        authserv: configured.authserv.clone(),
        helo: configured.helo.clone(),
    }
}
