//! `baton login`: asks a person for consent to read and send their mail (OAuth 2), and keeps it beside the database.
//!
//! Starts no browser: it prints the address to open, on standard output as well where a program reads that. The agent
//! notices a new grant by itself.

use std::io::{IsTerminal, Write};

use tokio::sync::mpsc;

use crate::agent::credentials::CredentialError;
use crate::agent::error_chain;
use crate::agent::tokens::{GrantOwner, TokenSource, keep_new_grant};
use crate::config::{Config, TokenFlow, TokenProvider};
use crate::diagnostics::nearest;
use crate::oauth::browser::{self, ConsentRequest};
use crate::oauth::device;
use crate::oauth::grant_file::GrantFile;
use crate::oauth::request::{GivenTokens, TokenEndpoint, TokenError};
use crate::output::{self, OutputForm};

use super::args::LoginArgs;
use super::failure::{FAILED, Failure, MAIL_SERVER, REFUSED};
use super::open::CommandContext;
use super::terminal::print_note;

/// `baton login NAME [--device]`.
pub(crate) async fn login(context: &CommandContext, args: &LoginArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let file = GrantFile::beside(&config.database);
    file.check().map_err(|error| Failure::new(REFUSED, error_chain(&error)))?;
    let (owner, source) = owner(&config, &args.name)?;
    let endpoint = source.endpoint().await.map_err(no_client)?;
    let (TokenFlow::Consent(_), Some(endpoint)) = (&source.oauth2.flow, endpoint) else {
        let failure = Failure::new(REFUSED, format!("{} needs no `baton login`", args.name));
        return Err(failure.hint("it logs in with a key or secret of its own; `baton doctor` tries it"));
    };
    let given = if args.device {
        on_another_device(&source, &endpoint, context.json).await?
    } else {
        in_a_browser(&source, &endpoint, owner, context.json).await?
    };
    let lasts = given.refresh_token.is_some();
    keep_new_grant(&file, owner, &source, given, context.now()).await.map_err(no_client)?;
    if !lasts {
        print_note(
            "warning: the server gave nothing to renew this consent with, so it ends soon; ask it for offline access\n",
        );
    }
    let kind = match owner {
        GrantOwner::Account(_) => "account",
        GrantOwner::Provider(_) => "provider",
    };
    if context.json {
        let document = serde_json::json!({ "name": args.name, "kind": kind, "renewable": lasts });
        writeln!(context.stdout(), "{document:#}")?;
    }
    print_note(format!("baton may use the mailbox now ({kind} {}); next: `baton doctor`\n", args.name));
    Ok(())
}

fn no_client(error: CredentialError) -> Failure {
    let status = if error.may_pass() { MAIL_SERVER } else { REFUSED };
    Failure::new(status, error.to_string())
}

/// The account of this name, else the provider.
fn owner<'a>(config: &'a Config, name: &'a str) -> Result<(GrantOwner<'a>, TokenSource), Failure> {
    if let Some(account) = config.accounts.get(name) {
        let source = TokenSource::of(account).ok_or_else(|| {
            Failure::new(REFUSED, format!("the account {name} logs in with a password"))
                .hint("`oauth2` in the account makes it log in by token")
        })?;
        return Ok((GrantOwner::Account(name), source));
    }
    if let Some(oauth2) = config.token_providers.get(name) {
        let theirs = config.accounts.values().find(|account| account.shared_grant.as_deref() == Some(name));
        let source = TokenSource {
            account: name.to_owned(),
            login: String::new(),
            shared: None,
            oauth2: oauth2.clone(),
            ca: theirs.and_then(|account| account.ca.clone()),
        };
        return Ok((GrantOwner::Provider(name), source));
    }
    let by_token = config.accounts.values().filter(|account| TokenSource::of(account).is_some());
    let names: Vec<&str> = by_token
        .map(|account| account.name.as_str())
        .chain(config.token_providers.keys().map(String::as_str))
        .collect();
    let failure = Failure::new(REFUSED, format!("there is no account and no provider `{name}`"));
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => failure.hint("no account of the configuration logs in by token"),
        None => failure.hint(format!("there is {}", names.join(", "))),
    })
}

async fn in_a_browser(
    source: &TokenSource,
    endpoint: &TokenEndpoint,
    owner: GrantOwner<'_>,
    json: bool,
) -> Result<GivenTokens, Failure> {
    let TokenFlow::Consent(client) = &source.oauth2.flow else {
        return Err(Failure::new(REFUSED, "nobody is asked for consent here"));
    };
    let Some(authorize) = &client.authorize else {
        return Err(Failure::new(REFUSED, "the configuration names no `authorize` endpoint")
            .hint("`baton login --device` needs none"));
    };
    // Without these Google gives nothing that outlives the hour.
    let extra: &[(&str, &str)] = match source.oauth2.provider {
        TokenProvider::Google => &[("access_type", "offline"), ("prompt", "consent")],
        TokenProvider::Microsoft | TokenProvider::Custom => &[],
    };
    let request = ConsentRequest {
        authorize,
        scopes: &client.scopes,
        loopback: if source.oauth2.provider == TokenProvider::Microsoft { "localhost" } else { "127.0.0.1" },
        login_hint: matches!(owner, GrantOwner::Account(_)).then_some(source.login.as_str()),
        extra,
    };
    let consent = browser::begin(&client.client_id, &request).await.map_err(refused)?;
    show_address(consent.address.as_str(), json)?;
    let mut handed_in = addresses_typed_in();
    consent.finish(endpoint, &mut handed_in).await.map_err(refused)
}

async fn on_another_device(
    source: &TokenSource,
    endpoint: &TokenEndpoint,
    json: bool,
) -> Result<GivenTokens, Failure> {
    let TokenFlow::Consent(client) = &source.oauth2.flow else {
        return Err(Failure::new(REFUSED, "nobody is asked for consent here"));
    };
    let Some(url) = &client.device else {
        let why = match source.oauth2.provider {
            TokenProvider::Google => "Google gives no access to mail by `--device`",
            _ => "the configuration names no `device` endpoint",
        };
        return Err(Failure::new(REFUSED, why).hint(
            "without it, open the address that `baton login` prints; from another machine, forward the port with ssh -L",
        ));
    };
    let code = device::begin(endpoint, url, &client.scopes).await.map_err(refused)?;
    print_note(format!("Open this address on any device, and type in the code {}:\n", code.user_code));
    let address = code.verification_uri_complete.as_deref().unwrap_or(&code.verification_uri);
    show_line(address)?;
    tell_reader(&[address, &code.user_code], json)?;
    if code.verification_uri_complete.is_some() {
        print_note(format!("(or {})\n", code.verification_uri));
    }
    code.finish(endpoint).await.map_err(refused)
}

fn show_address(address: &str, json: bool) -> Result<(), Failure> {
    print_note("Open this address in a browser on this machine, and sign in as the mailbox's owner:\n");
    show_line(address)?;
    if std::io::stdin().is_terminal() {
        print_note("If the browser is elsewhere, paste here the address that it ends at.\n");
    }
    tell_reader(&[address], json)
}

/// What reads standard output is told as well, a line each; --json keeps it for its document.
fn tell_reader(lines: &[&str], json: bool) -> Result<(), Failure> {
    if json || std::io::stdout().is_terminal() {
        return Ok(());
    }
    let mut out = output::stdout(OutputForm::Text);
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// Not broken between words: it is there to be copied.
fn show_line(line: &str) -> Result<(), Failure> {
    let mut err = output::stderr();
    writeln!(err, "  {line}")?;
    Ok(err.flush()?)
}

/// Lines that somebody types at the terminal.
fn addresses_typed_in() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    if std::io::stdin().is_terminal() {
        // A thread of its own: nothing can end a read from a terminal, and the process ends without waiting for it.
        std::thread::spawn(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        });
    }
    receiver
}

fn refused(error: TokenError) -> Failure {
    let failure = Failure::new(FAILED, error.to_string());
    match &error {
        TokenError::Later { .. } => Failure { status: MAIL_SERVER, ..failure }.hint("try again later"),
        TokenError::Refused { code, .. } => match code.as_str() {
            "invalid_client" | "unauthorized_client" => Failure { status: REFUSED, ..failure }
                .hint("check `client_id` and `client_secret` in the configuration"),
            "invalid_scope" => Failure { status: REFUSED, ..failure }
                .hint("check `scopes`, and what the application may ask for"),
            "access_denied" => failure.hint("nothing was changed; run it again and agree"),
            _ => failure.hint("nothing was changed; run it again"),
        },
    }
}
