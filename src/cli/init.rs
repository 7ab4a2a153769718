//! `baton init`: asks for the first account and the people, writes a commented `baton.toml`, and looks at the
//! mailbox; run again, it adds a person. docs/interface.md, Commands.
//!
//! Answers come from options or from standard input, a line each, so that a program can give them as well. Never changes
//! what is there, never asks for a password: only where it is to be found. Known limit: what is asked for is one SDR, one
//! AE, one manager; a team comes from a file (`--people`).

mod add;
mod dialog;
mod discover;
mod dns;
mod document;
mod settle;
mod team;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use crate::clock::Zones;
use crate::config::{self, Surroundings};
use crate::diagnostics;
use clap::Args;

use super::doctor;
use super::failure::{FAILED, Failure, MAIL_SERVER, REFUSED, WRONG_USAGE};
use super::open::CommandContext;
use super::terminal::print_note;

use add::add;
use dialog::{
    Dialog, Question, mail_address, new_address, new_name, role, server, some_text, variable_name, zone_name,
};
use discover::ProposedServers;
use dns::Resolver;
use document::{
    NewAccount, NewConfig, NewMailbox, NewPerson, NewProvider, ProviderKind, ProviderLogin, key_of,
};
use settle::settled;
use team::{beside_team, named_in, new_provider, team};

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
    /// A mailbox of baton's own, where its mail leaves from and answers come back to
    #[arg(long, value_name = "ADDRESS")]
    pub agent: Option<String>,
    /// Ask nothing: what is not given is left out, or as usual
    #[arg(long, short)]
    pub yes: bool,
}

/// `baton init [DIR]`.
pub(crate) async fn init(context: &CommandContext, args: &InitArgs) -> Result<(), Failure> {
    let path = new_or_grown(context, args)?;
    let dir = path.parent().map(Path::to_owned).unwrap_or_default();
    let resolver = Resolver::of_machine();
    if path.exists() {
        return add(context, args, &path, &resolver).await;
    }
    let new = match &args.people {
        Some(file) if !named_in(file, args)? => {
            let mut dialog = Dialog { input: std::io::stdin().lock(), takes_defaults: args.yes };
            let person = interview(&mut dialog, args, &context.zones, &resolver).await?;
            beside_team(person, args, file, &dir, &resolver).await?
        }
        Some(file) => team(args, file, &dir, &resolver).await?,
        None => {
            let mut dialog = Dialog { input: std::io::stdin().lock(), takes_defaults: args.yes };
            interview(&mut dialog, args, &context.zones, &resolver).await?
        }
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
    let of_people = new.people.iter().filter_map(|person| Some(&person.account.as_ref()?.1));
    let all = of_people.chain(new.own.iter().map(|own| &own.mailbox));
    let variables = all.filter_map(NewMailbox::variable);
    finish(context, &path, &variables.collect::<Vec<_>>(), &format!("wrote {}", path.display())).await
}

/// The file to write or to add to: `--config` names it, else it is `baton.toml` in DIR, else what `$BATON_CONFIG` names,
/// else `baton.toml` where one is.
fn new_or_grown(context: &CommandContext, args: &InitArgs) -> Result<PathBuf, Failure> {
    let in_dir = args.dir.as_ref().map(|dir| dir.join("baton.toml"));
    match (&context.config_flag, in_dir) {
        (Some(named), Some(in_dir))
            if std::path::absolute(named).ok() != std::path::absolute(&in_dir).ok() =>
        {
            let (named, in_dir) = (named.display(), in_dir.display());
            Err(Failure::new(WRONG_USAGE, format!("--config names {named}, and DIR means {in_dir}"))
                .hint("give one of the two"))
        }
        (Some(named), _) => Ok(named.clone()),
        (None, Some(in_dir)) => Ok(in_dir),
        (None, None) => {
            let named = std::env::var_os("BATON_CONFIG").filter(|path| !path.is_empty());
            Ok(named.map_or_else(|| PathBuf::from("baton.toml"), PathBuf::from))
        }
    }
}

/// How the configuration that was written is named on the command line, where it has to be.
fn naming(context: &CommandContext) -> String {
    let named = context.config_flag.as_ref();
    named.map(|path| format!(" --config {}", path.display())).unwrap_or_default()
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
        writeln!(context.stdout(), "{document:#}")?;
    }
    let what = match (provider.kind, provider.login) {
        (ProviderKind::Passwords, _) => {
            "put each mailbox's password into a file of its own, passwords/ADDRESS beside it (chmod 600)"
        }
        (ProviderKind::Google, ProviderLogin::EveryMailbox) => {
            "save the service account's key as key.json beside it (chmod 600), allow its client ID domain-wide delegation for https://mail.google.com/"
        }
        (ProviderKind::Microsoft, ProviderLogin::EveryMailbox) => {
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
    print_note(format!("next: {what}; then `baton doctor{}`\n", naming(context)));
    // That the key is still to be saved has just been said.
    let is_open = |fault: &diagnostics::Fault| !fault.message.contains("key.json");
    match faults.iter().any(is_open) {
        true => Err(Failure::new(REFUSED, format!("{} cannot be used as it is", path.display()))
            .hint("fix what is named above, there or in the file of people")),
        false => Ok(()),
    }
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
        writeln!(context.stdout(), "{document:#}")?;
    }
    print_note(format!("\n{done}\n"));
    let Some(findings) = findings else {
        let exports: Vec<String> =
            missing.iter().map(|name| format!("`export {name}=..` (the password), then ")).collect();
        print_note(format!("next: {}`baton doctor{}`\n", exports.concat(), naming(context)));
        return Ok(());
    };
    if !context.json {
        doctor::print_for_people(&findings)?;
    }
    if doctor::status_of(&findings) != 0 {
        return Err(Failure::new(MAIL_SERVER, "the mailbox cannot be used yet").hint(format!(
            "fix {} and run `baton doctor{}`",
            path.display(),
            naming(context)
        )));
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
    let imap = settled(&dialog.ask(question, |answer| server(answer, "imap"))?, "imap").await;
    let question = Question::new("SMTP server", &proposed.smtp).or_option("--smtp", args.smtp.as_ref());
    let smtp = settled(&dialog.ask(question, |answer| server(answer, "smtp"))?, "smtp").await;
    let login = dialog.ask(Question::new("Login", address), some_text)?;
    let variable = format!("{}_PASSWORD", key_of(name).to_uppercase());
    let question = Question::new(
        "Name of the environment variable for the password (not the password itself)",
        &variable,
    );
    let variable = dialog.ask(question, variable_name)?;
    Ok(NewMailbox::Servers { imap, smtp, login, variable })
}

/// How many questions come, said beforehand.
fn announce(count: usize) {
    print_note(format!("At most {count} questions; nothing is written before the last (Ctrl-C ends it).\n"));
}

/// The account of `--agent`, reached as another mailbox is.
fn own_mailbox(args: &InitArgs, like: &NewMailbox) -> Result<Option<NewAccount>, Failure> {
    let Some(written) = &args.agent else { return Ok(None) };
    let failed = |why| Failure::new(REFUSED, format!("--agent {written}: {why}"));
    let address = mail_address(written.trim()).map_err(failed)?;
    let mailbox = match like.clone() {
        NewMailbox::Servers { imap, smtp, .. } => {
            NewMailbox::Servers { imap, smtp, login: address.clone(), variable: "BATON_PASSWORD".to_owned() }
        }
        provider @ NewMailbox::Provider(_) => provider,
    };
    Ok(Some(NewAccount { name: "baton".to_owned(), address, mailbox }))
}

async fn interview(
    dialog: &mut Dialog<impl BufRead>,
    args: &InitArgs,
    zones: &Zones,
    resolver: &Resolver,
) -> Result<NewConfig, Failure> {
    if !dialog.takes_defaults {
        let given = [&args.name, &args.address].into_iter().flatten().count();
        let servers = [&args.imap, &args.smtp].into_iter().flatten().count();
        // Servers, login and password are a provider's.
        let of_mailbox = if args.provider.is_some() { 0 } else { 4 - servers };
        announce(8 + of_mailbox - given);
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
    let own = own_mailbox(args, &mailbox)?;
    let mut new = NewConfig {
        agent: own.as_ref().map_or_else(|| key_of(&name), |own| own.name.clone()),
        operator,
        own,
        provider: provider
            .map(|name| new_provider(args, ProviderKind::named(name), name, ProviderLogin::Consent, domain)),
        people: vec![NewPerson {
            account: Some((key_of(&name), mailbox)),
            name,
            roles,
            address,
            zone: None,
            manager: None,
        }],
        ..NewConfig::default()
    };
    if !dialog.takes_defaults && args.people.is_none() {
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

#[cfg(test)]
#[path = "init/tests.rs"]
mod tests;
