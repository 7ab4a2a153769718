//! From a configuration to the [`App`] that every use case works with.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use crate::clock::{Clock, Zones};
use crate::config::{self, Config, ConfiguredAuth, Protection};
use crate::imap::{self, FolderName};
use crate::mail::personal;
use crate::mail::scheduler::{SchedulingTool, built_in};
use crate::smtp;
use crate::store::{Store, StoreError};
use crate::templates::{TemplateError, Templates};
use crate::tls::{self, LoginSecret, Security, ServerLogin};

use super::app::{App, EndpointProvider, MailAccount};

/// Why the app cannot be set up although the configuration is right.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the templates cannot be used")]
    Templates(Vec<TemplateError>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the database, loads the templates and puts everything together.
pub fn build_app(config: &Config, clock: Clock, zones: Zones) -> Result<App, SetupError> {
    let templates = Templates::load(config.templates.as_deref()).map_err(SetupError::Templates)?;
    let store = Store::open(&config.database)?;
    let mut tools = built_in();
    tools.extend(config.schedulers.iter().map(|tool| SchedulingTool {
        name: tool.name.clone(),
        senders: tool.senders.clone(),
        subjects: Vec::new(),
        links: tool.links.clone(),
    }));
    Ok(App {
        policy: config.policy(personal::takes_up),
        accounts: config.accounts.iter().map(|(name, one)| (name.clone(), account(one))).collect(),
        store,
        last_reading: Mutex::new(clock.reading()),
        clock,
        default_zone: zones.machine(),
        zones,
        templates,
        tools: tools.into(),
        imap_deadlines: imap::CommandTimeouts::default(),
        smtp_deadlines: smtp::SmtpTimeouts::default(),
        stopping: AtomicBool::new(false),
    })
}

fn account(configured: &config::Account) -> MailAccount {
    let folders = configured.folders.as_ref();
    MailAccount {
        name: configured.name.clone(),
        address: configured.address.clone(),
        imap: dial(configured, configured.imap.clone()),
        smtp: dial(configured, configured.smtp.clone()),
        folders: folders.map(|names| names.iter().map(|name| FolderName::new(name)).collect()),
        save_sent: configured.save_sent,
        authserv: configured.authserv.clone(),
    }
}

fn dial(configured: &config::Account, server: config::ConfiguredEndpoint) -> EndpointProvider {
    let configured = configured.clone();
    Arc::new(move || endpoint(&configured, &server))
}

/// The server with a secret that was fetched this very moment.
fn endpoint(account: &config::Account, server: &config::ConfiguredEndpoint) -> Result<ServerLogin, String> {
    let auth = match &account.auth {
        ConfiguredAuth::Password(_) => {
            let env = |name: &str| std::env::var(name).ok();
            let secret = config::secret(account, &env).map_err(|error| error_chain(&error))?;
            tls::LoginAuth::Password(LoginSecret::new(secret.reveal()))
        }
        ConfiguredAuth::OAuth2(_) => {
            return Err(
                "this version cannot log in with oauth2 yet; use a password of its own for baton".to_owned()
            );
        }
    };
    let extra_ca = match &account.ca {
        Some(path) => {
            let read = std::fs::read(path);
            Some(read.map_err(|error| format!("{} cannot be read: {error}", path.display()))?)
        }
        None => None,
    };
    Ok(ServerLogin {
        host: server.host.clone(),
        port: server.port,
        security: match server.protection {
            Protection::Tls => Security::Tls,
            Protection::StartTls => Security::StartTls,
            Protection::Plain => Security::Plain,
        },
        extra_ca,
        login: account.login.clone(),
        auth,
    })
}

/// An error with what is behind it, on one line.
fn error_chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
