//! `baton init`: asks for the first account and the people, writes a commented `baton.toml`, and looks at the
//! mailbox; run again, it adds a person. docs/interface.md, Commands.
//!
//! Answers come from options or from standard input, a line each, so that a program can give them as well. Never changes
//! what is there, never asks for a password: only where it is to be found. Known limit: what is asked for is one SDR, one
//! AE, one manager; a team comes from a file (`--people`).

mod dialog;
mod discover;
mod dns;
mod document;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use toml_edit::DocumentMut;

use crate::clock::Zones;
use crate::config::{self, Config, Surroundings};
use crate::diagnostics;

use super::doctor;
use super::failure::{FAILED, Failure, MAIL_SERVER, REFUSED};
use super::open::CommandContext;
use super::terminal::print_note;

use dialog::{
    Dialog, Question, mail_address, new_address, new_name, role, server, some_text, variable_name, zone_name,
};
use discover::ProposedServers;
use dns::Resolver;
use document::{NewConfig, NewMailbox, NewPerson, NewProvider, ProviderLogin, key_of};

/// Options of `baton init`.
#[derive(Args, Clone, Debug, Default)]
pub struct InitArgs {
    /// The folder for `baton.toml` [default: the one you are in]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The person's name: the first SDR, or whom to add
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What they are: sdr, ae or manager; may be given several times
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Their email address
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// Where their mailbox is, such as imaps://imap.vendor.example:993
    #[arg(long, value_name = "URL")]
    pub imap: Option<String>,
    /// Where their mail leaves, such as smtp+starttls://smtp.vendor.example:587
    #[arg(long, value_name = "URL")]
    pub smtp: Option<String>,
    /// A CSV file of people, a line each
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// Who has the mailboxes: OAuth 2 instead of passwords
    #[arg(long, value_name = "PROVIDER", value_parser = ["google", "microsoft"])]
    pub provider: Option<String>,
    /// Ask nothing: what is not given is left out, or as usual
    #[arg(long, short)]
    pub yes: bool,
}

/// `baton init [DIR]`.
pub(crate) async fn init(context: &CommandContext, args: &InitArgs) -> Result<(), Failure> {
    let dir = args.dir.clone().unwrap_or_default();
    let path = dir.join("baton.toml");
    let resolver = Resolver::of_machine();
    if path.exists() {
        return add(context, args, &path, &resolver).await;
    }
    let new = if let Some(file) = &args.people {
        team(args, file, &dir)?
    } else {
        let mut dialog = Dialog { input: std::io::stdin().lock(), takes_defaults: args.yes };
        interview(&mut dialog, args, &context.zones, &resolver).await?
    };
    let text = new.text();
    let surroundings = Surroundings { zones: &context.zones, machine: context.zones.machine() };
    let faults = config::parse(&text, &path, &surroundings).err().unwrap_or_default();
    if new.provider.is_none() && !faults.is_empty() {
        return Err(Failure::faults(faults));
    }
    write(&dir, &path, &text)?;
    if let Some(provider) = &new.provider {
        return provider_next(context, &path, provider, &faults);
    }
    let variables = new.people.iter().filter_map(|person| match &person.account {
        Some((_, NewMailbox::Servers { variable, .. })) => Some(variable.as_str()),
        _ => None,
    });
    finish(context, &path, &variables.collect::<Vec<_>>(), &format!("wrote {}", path.display())).await
}

/// What is left to do where tokens are needed first.
fn provider_next(
    context: &CommandContext,
    path: &Path,
    provider: &NewProvider,
    faults: &[diagnostics::Fault],
) -> Result<(), Failure> {
    if context.json {
        let document = serde_json::json!({ "file": path.display().to_string(), "checks": null });
        writeln!(std::io::stdout(), "{document:#}")?;
    }
    let what = match (provider.name.as_str(), provider.login) {
        ("google", ProviderLogin::EveryMailbox) => {
            "save the service account's key as key.json beside it (chmod 600), allow its client ID domain-wide delegation for https://mail.google.com/"
        }
        (_, ProviderLogin::EveryMailbox) => {
            "put the application's id in place of CLIENT-ID, `export MICROSOFT_CLIENT_SECRET=..`, and give the application its mailboxes in Exchange"
        }
        (_, ProviderLogin::Consent) => {
            "put the application's id in place of CLIENT-ID, then `baton login ACCOUNT` for each person"
        }
    };
    print_note(format!("\nwrote {}\n", path.display()));
    if !faults.is_empty() {
        print_note(diagnostics::render(faults, context.style));
    }
    print_note(format!("next: {what}; then `baton doctor`\n"));
    Ok(())
}

/// Looks at the mailboxes whose passwords are known, and says what comes next.
async fn finish(
    context: &CommandContext,
    path: &Path,
    variables: &[&str],
    done: &str,
) -> Result<(), Failure> {
    let missing: Vec<&str> =
        variables.iter().copied().filter(|variable| std::env::var_os(variable).is_none()).collect();
    let findings = if missing.is_empty() && !variables.is_empty() {
        let config = context.config_at(path)?;
        Some(doctor::accounts(context, &config).await?)
    } else {
        None
    };
    if context.json {
        let checks = findings
            .as_ref()
            .map(|all| all.iter().map(doctor::DoctorFinding::document).collect::<serde_json::Value>());
        let document = serde_json::json!({ "file": path.display().to_string(), "checks": checks });
        writeln!(std::io::stdout(), "{document:#}")?;
    }
    print_note(format!("\n{done}\n"));
    let Some(findings) = findings else {
        let exports: Vec<String> =
            missing.iter().map(|name| format!("`export {name}=..` (the password), then ")).collect();
        print_note(format!("next: {}`baton doctor`\n", exports.concat()));
        return Ok(());
    };
    if !context.json {
        doctor::print_for_people(&findings)?;
    }
    if doctor::status_of(&findings) != 0 {
        return Err(Failure::new(MAIL_SERVER, "the mailbox cannot be used yet")
            .hint(format!("fix {} and run `baton doctor`", path.display())));
    }
    print_note("next: `baton new acme.txt`, and `baton run` in a second terminal\n");
    Ok(())
}

fn write(dir: &Path, path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(FAILED, format!("cannot write {}: {error}", path.display()))
            .hint("check that the folder may be written to")
    };
    if !dir.as_os_str().is_empty() {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// A new configuration for a file of people.
fn team(args: &InitArgs, file: &Path, dir: &Path) -> Result<NewConfig, Failure> {
    let people = config::people_of(file).map_err(|fault| Failure::faults(vec![*fault]))?;
    let first = args.address.clone().or_else(|| people.first_mailbox.clone());
    let Some(agent) = first.or_else(|| people.first_address.clone()) else {
        return Err(Failure::new(REFUSED, format!("there is nobody in {}", file.display())).hint(
            "its first line names the columns (name,roles,address,provider), every other line is a person",
        ));
    };
    let name = args.provider.clone().unwrap_or_else(|| "google".to_owned());
    let domain = agent.split_once('@').map_or("", |(_, domain)| domain).to_owned();
    let provider = new_provider(args, &name, ProviderLogin::EveryMailbox, &domain);
    let beside = |path: &Path| path.canonicalize().ok();
    let is_beside = file
        .parent()
        .and_then(|parent| beside(if parent.as_os_str().is_empty() { Path::new(".") } else { parent }))
        == beside(if dir.as_os_str().is_empty() { Path::new(".") } else { dir });
    let shown = match file.file_name().filter(|_| is_beside) {
        Some(name) => PathBuf::from(name),
        None => beside(file).unwrap_or_else(|| file.to_owned()),
    };
    print_note(format!("{} people; baton's own mail leaves from {agent}\n", people.count));
    let own_mailbox = (people.sdrs > 1 && args.address.is_none()).then(|| format!("baton@{domain}"));
    if let Some(own) = &own_mailbox {
        print_note(format!(
            "{} SDRs: better give baton a mailbox of its own, such as {own}; the file says how\n",
            people.sdrs
        ));
    }
    Ok(NewConfig {
        own_mailbox,
        operator: agent.clone(),
        agent,
        people_file: Some(shown.display().to_string()),
        provider: Some(provider),
        people: Vec::new(),
    })
}

fn new_provider(args: &InitArgs, name: &str, login: ProviderLogin, domain: &str) -> NewProvider {
    let (imap, smtp) = match name {
        "google" => ("imaps://imap.gmail.com:993", "smtp+starttls://smtp.gmail.com:587"),
        _ => ("imaps://outlook.office365.com:993", "smtp+starttls://smtp.office365.com:587"),
    };
    NewProvider {
        name: name.to_owned(),
        login,
        imap: args.imap.clone().unwrap_or_else(|| imap.to_owned()),
        smtp: args.smtp.clone().unwrap_or_else(|| smtp.to_owned()),
        tenant: domain.to_owned(),
    }
}

/// The servers that are proposed; said where they were found.
async fn proposal(address: &str, args: &InitArgs, resolver: &Resolver) -> ProposedServers {
    let domain = address.split_once('@').map_or("", |(_, domain)| domain);
    if let (Some(imap), Some(smtp)) = (&args.imap, &args.smtp) {
        return ProposedServers { imap: imap.clone(), smtp: smtp.clone(), found: None };
    }
    let proposed = discover::servers(domain, resolver).await;
    if let Some(found) = &proposed.found {
        print_note(format!("    found: {found}\n"));
    }
    proposed
}

/// Where the mailbox of an address is, and how it is opened.
async fn mailbox(
    dialog: &mut Dialog<impl BufRead>,
    args: &InitArgs,
    name: &str,
    address: &str,
    resolver: &Resolver,
) -> Result<NewMailbox, Failure> {
    if let Some(provider) = &args.provider {
        return Ok(NewMailbox::Provider(provider.clone()));
    }
    let proposed = proposal(address, args, resolver).await;
    let question = Question::new("IMAP server", &proposed.imap).or_option("--imap", args.imap.as_ref());
    let imap = dialog.ask(question, |answer| server(answer, "imap"))?;
    let question = Question::new("SMTP server", &proposed.smtp).or_option("--smtp", args.smtp.as_ref());
    let smtp = dialog.ask(question, |answer| server(answer, "smtp"))?;
    let login = dialog.ask(Question::new("Login", address), some_text)?;
    let variable = format!("{}_PASSWORD", key_of(name).to_uppercase());
    let question = Question::new(
        "Name of the environment variable for the password (not the password itself)",
        &variable,
    );
    let variable = dialog.ask(question, variable_name)?;
    Ok(NewMailbox::Servers { imap, smtp, login, variable })
}

async fn interview(
    dialog: &mut Dialog<impl BufRead>,
    args: &InitArgs,
    zones: &Zones,
    resolver: &Resolver,
) -> Result<NewConfig, Failure> {
    if !dialog.takes_defaults {
        print_note("At most twelve questions; nothing is written before the last (Ctrl-C ends it).\n");
    }
    print_note("The SDR, whose mailbox baton reads and sends from.\n");
    let roles = if args.role.is_empty() { vec!["sdr".to_owned()] } else { checked_roles(args)? };
    let name =
        dialog.ask(Question::new("Name", "").or_option("--name", args.name.as_ref()), new_name(&[]))?;
    let question = Question::new("Email address", "").or_option("--address", args.address.as_ref());
    let address = dialog.ask(question, mail_address)?;
    let mailbox = mailbox(dialog, args, &name, &address, resolver).await?;
    let operator = dialog.ask(
        Question::new("Email address of who should hear when baton cannot read or send", &address),
        mail_address,
    )?;
    let domain = address.split_once('@').map_or("", |(_, domain)| domain);
    let provider = args.provider.as_ref();
    let mut new = NewConfig {
        own_mailbox: None,
        agent: key_of(&name),
        operator,
        people_file: None,
        provider: provider.map(|name| new_provider(args, name, ProviderLogin::Consent, domain)),
        people: vec![NewPerson {
            account: Some((key_of(&name), mailbox)),
            name,
            roles,
            address,
            zone: None,
            manager: None,
        }],
    };
    if !dialog.takes_defaults {
        ask_for_the_others(dialog, zones, &mut new)?;
    }
    Ok(new)
}

/// The AE and the manager.
fn ask_for_the_others(
    dialog: &mut Dialog<impl BufRead>,
    zones: &Zones,
    new: &mut NewConfig,
) -> Result<(), Failure> {
    let Some(sdr) = new.people.first().cloned() else { return Ok(()) };
    print_note("The AE, who takes over.\n");
    let name = dialog.ask(Question::new("Name", ""), new_name(&[(&sdr.name, "the SDR")]))?;
    let address =
        dialog.ask(Question::new("Email address", ""), new_address(&[(&sdr.name, &sdr.address)]))?;
    let machine = zones.machine();
    let zone = dialog.ask(Question::new("Time zone", machine.name()), |answer| zone_name(answer, zones))?;
    let ae = NewPerson {
        name,
        roles: vec!["ae".to_owned()],
        address,
        account: None,
        zone: Some(zone.clone()),
        manager: None,
    };
    print_note("The manager, who gets a flag when a handoff is not touched in time.\n");
    let manager = dialog.ask(Question::new("Name", ""), new_name(&[(&ae.name, "the AE")]))?;
    let mut people = vec![NewPerson { manager: Some(manager.clone()), ..sdr.clone() }];
    people.push(NewPerson { manager: Some(manager.clone()), ..ae.clone() });
    if manager == sdr.name {
        if let Some(first) = people.first_mut() {
            first.roles.push("manager".to_owned());
        }
    } else {
        let taken = [(sdr.name.as_str(), sdr.address.as_str()), (&ae.name, &ae.address)];
        let address = dialog.ask(Question::new("Email address", ""), new_address(&taken))?;
        people.push(NewPerson {
            name: manager,
            roles: vec!["manager".to_owned()],
            address,
            account: None,
            zone: Some(zone),
            manager: None,
        });
    }
    new.people = people;
    Ok(())
}

fn checked_roles(args: &InitArgs) -> Result<Vec<String>, Failure> {
    let written = args.role.iter().flat_map(|text| text.split([',', ';']));
    written
        .map(|text| role(text.trim()).map_err(|why| Failure::new(REFUSED, format!("--role {text}: {why}"))))
        .collect()
}

/// Adds a person to a configuration that is there.
async fn add(
    context: &CommandContext,
    args: &InitArgs,
    path: &Path,
    resolver: &Resolver,
) -> Result<(), Failure> {
    if args.people.is_some() {
        return Err(Failure::new(REFUSED, format!("{} is there already", path.display()))
            .hint("name the file in it: people_file = \"people.csv\""));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(REFUSED, format!("cannot read {}: {error}", path.display())))?;
    let surroundings = Surroundings { zones: &context.zones, machine: context.zones.machine() };
    let config = config::parse(&text, path, &surroundings).map_err(Failure::faults)?;
    let person = {
        let mut dialog = Dialog { input: std::io::stdin().lock(), takes_defaults: args.yes };
        another(&mut dialog, args, &config, &context.zones, resolver).await?
    };
    let no_place = || {
        Failure::new(REFUSED, format!("nobody can be added to {}", path.display()))
            .hint("`people` and `accounts` have to be tables, as [[people]] and [accounts.NAME]")
    };
    let mut document: DocumentMut = text.parse().map_err(|_| no_place())?;
    person.add_to(&mut document).ok_or_else(no_place)?;
    let added = document.to_string();
    config::parse(&added, path, &surroundings).map_err(Failure::faults)?;
    replace(path, &added)?;
    propose_own_mailbox(&config, &person);
    let variable = match &person.account {
        Some((_, NewMailbox::Servers { variable, .. })) => vec![variable.as_str()],
        _ => Vec::new(),
    };
    finish(context, path, &variable, &format!("added {} to {}", person.name, path.display())).await
}

/// A second SDR writes to the agent's address: that had better be nobody's own mailbox.
fn propose_own_mailbox(config: &Config, new: &NewPerson) {
    let agent = config.accounts.get(&config.agent.account);
    let persons = agent.filter(|agent| config.people.iter().any(|person| person.address == agent.address));
    if let Some(agent) = persons.filter(|_| new.roles.iter().any(|role| role == "sdr")) {
        let own = doctor::proposed_mailbox(agent.address.domain(), config);
        print_note(format!(
            "\nTo hand off by mail, {} writes to {}, which is somebody's own mailbox. Better give baton one of its \
             own, such as {own}: add its [accounts.baton] and say `account = \"baton\"` in [agent].\n",
            new.name, agent.address
        ));
    }
}

/// Whoever reads the file meanwhile finds the old or the new one.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new(FAILED, format!("cannot write {}: {error}", path.display()));
    // What a link leads to is replaced, not the link.
    let path = path.canonicalize().map_err(failed)?;
    let new = path.with_extension("toml.new");
    std::fs::write(&new, text).map_err(failed)?;
    let mode = std::fs::metadata(&path).map(|metadata| metadata.permissions()).map_err(failed)?;
    std::fs::set_permissions(&new, mode).and_then(|()| std::fs::rename(&new, &path)).map_err(failed)
}

async fn another(
    dialog: &mut Dialog<impl BufRead>,
    args: &InitArgs,
    config: &Config,
    zones: &Zones,
    resolver: &Resolver,
) -> Result<NewPerson, Failure> {
    print_note("Another person for this configuration.\n");
    let taken: Vec<(&str, &str)> =
        config.people.iter().map(|one| (one.name.as_str(), one.address.as_str())).collect();
    let here: Vec<(&str, &str)> = taken.iter().map(|(name, _)| (*name, "here")).collect();
    let question = Question::new("Name", "").or_option("--name", args.name.as_ref());
    let name = dialog.ask(question, new_name(&here))?;
    let roles = if args.role.is_empty() {
        vec![
            dialog
                .ask(Question { option: "--role", ..Question::new("Role (sdr, ae or manager)", "") }, role)?,
        ]
    } else {
        checked_roles(args)?
    };
    let question = Question::new("Email address", "").or_option("--address", args.address.as_ref());
    let address = dialog.ask(question, new_address(&taken))?;
    let zone = if dialog.takes_defaults {
        None
    } else {
        let machine = zones.machine();
        Some(dialog.ask(Question::new("Time zone", machine.name()), |answer| zone_name(answer, zones))?)
    };
    let is_manager = roles.iter().any(|role| role == "manager");
    let mut managers = config
        .people
        .iter()
        .filter(|one| one.roles.contains(&crate::domain::people::TeamRole::Manager))
        .map(|one| one.name.clone());
    // With one manager there is nothing to choose.
    let manager = managers.next().filter(|_| !is_manager && managers.next().is_none());
    let has_servers = args.imap.is_some() || args.smtp.is_some() || args.provider.is_some();
    let wants_mailbox = has_servers || roles.iter().any(|role| role == "sdr");
    let account = if wants_mailbox {
        if let Some(provider) = &args.provider
            && !config.token_providers.contains_key(provider)
        {
            return Err(Failure::new(
                REFUSED,
                format!("there is no provider `{provider}` in the configuration"),
            )
            .hint(format!("add the table [providers.{provider}]")));
        }
        let key = free_key(&key_of(&name), config);
        Some((key, mailbox(dialog, args, &name, &address, resolver).await?))
    } else {
        None
    };
    Ok(NewPerson { name, roles, address, account, zone, manager })
}

/// The first of `dana`, `dana2`, .. that is no account yet.
fn free_key(key: &str, config: &Config) -> String {
    let numbered = (2..).map(|number| format!("{key}{number}"));
    let mut all = std::iter::once(key.to_owned()).chain(numbered);
    all.find(|key| !config.accounts.contains_key(key)).unwrap_or_else(|| key.to_owned())
}

#[cfg(test)]
#[path = "init/tests.rs"]
mod tests;
