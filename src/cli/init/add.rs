//! `baton init` where a configuration is there already: another person, a mailbox for somebody who is in it, or a
//! mailbox of baton's own. Comments and order stay as they are.

use std::io::BufRead;
use std::path::Path;

use toml_edit::DocumentMut;

use crate::clock::Zones;
use crate::config::{self, Config, ConfiguredEndpoint, Protection, Surroundings, TokenProvider};
use crate::domain::people::{Person, TeamRole};

use crate::cli::doctor;
use crate::cli::failure::{FAILED, Failure, REFUSED};
use crate::cli::open::CommandContext;
use crate::cli::terminal::print_note;

use super::dialog::{Dialog, Question, new_address, new_name, role, zone_name};
use super::dns::Resolver;
use super::document::{NewAccount, NewMailbox, NewPerson, give_account, key_of, make_agent};
use super::{InitArgs, announce, checked_roles, finish, mailbox, own_mailbox};

/// What is added.
enum Addition {
    Person(NewPerson),
    /// For somebody who is in the file and whose mailbox is not read yet.
    MailboxOf(String, NewAccount),
    /// Baton's own.
    OwnMailbox(NewAccount),
}

impl Addition {
    fn put_into(&self, document: &mut DocumentMut) -> Option<()> {
        match self {
            Self::Person(person) => person.add_to(document),
            Self::MailboxOf(person, account) => give_account(document, person, account),
            Self::OwnMailbox(account) => make_agent(document, account),
        }
    }

    fn variable(&self) -> Option<&str> {
        match self {
            Self::Person(person) => person.account.as_ref().and_then(|(_, mailbox)| mailbox.variable()),
            Self::MailboxOf(_, account) | Self::OwnMailbox(account) => account.mailbox.variable(),
        }
    }

    fn words(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Person(person) => format!("added {} to {path}", person.name),
            Self::MailboxOf(person, _) => format!("added the mailbox of {person} to {path}"),
            Self::OwnMailbox(account) => format!(
                "baton's own mail leaves from {} now ({path}); an agent that runs has to be started again",
                account.address
            ),
        }
    }
}

/// Adds to a configuration that is there.
pub(super) async fn add(
    context: &CommandContext,
    args: &InitArgs,
    path: &Path,
    resolver: &Resolver,
) -> Result<(), Failure> {
    if args.people.is_some() {
        return Err(Failure::new(REFUSED, format!("{} is there already", path.display()))
            .hint("name the file in it: people_file = \"people.csv\""));
    }
    let text = crate::files::read_text(path)
        .map_err(|error| Failure::new(REFUSED, format!("cannot read {}: {error}", path.display())))?;
    let surroundings = Surroundings { zones: &context.zones, machine: context.zones.machine() };
    let config = config::parse(&text, path, &surroundings).map_err(Failure::faults)?;
    let addition = match own(args, &config)? {
        Some(own) => Addition::OwnMailbox(own),
        None => {
            let mut dialog = Dialog { input: std::io::stdin().lock(), takes_defaults: args.yes };
            another(&mut dialog, args, &config, &context.zones, resolver).await?
        }
    };
    let no_place = || {
        Failure::new(REFUSED, format!("nothing can be added to {}", path.display()))
            .hint("`people` and `accounts` have to be tables, as [[people]] and [accounts.NAME]; who is in `people_file` is changed there")
    };
    let mut document: DocumentMut = text.parse().map_err(|_| no_place())?;
    addition.put_into(&mut document).ok_or_else(no_place)?;
    let added = document.to_string();
    config::parse(&added, path, &surroundings).map_err(Failure::faults)?;
    replace(path, &added)?;
    propose_own_mailbox(&addition, &config);
    let variables: Vec<&str> = addition.variable().into_iter().collect();
    finish(context, path, &variables, &addition.words(path)).await
}

/// Baton's own mailbox, reached as the one is that it uses now.
fn own(args: &InitArgs, config: &Config) -> Result<Option<NewAccount>, Failure> {
    let Some(now) = config.agent_account().filter(|_| args.agent.is_some()) else { return Ok(None) };
    let servers = || NewMailbox::Servers {
        imap: url("imap", &now.imap),
        smtp: url("smtp", &now.smtp),
        login: String::new(),
        variable: String::new(),
    };
    let like = now.provider.clone().map_or_else(servers, NewMailbox::Provider);
    let own = own_mailbox(args, &like)?;
    Ok(own.map(|own| NewAccount { name: free_key(&own.name, config), ..own }))
}

fn url(protocol: &str, server: &ConfiguredEndpoint) -> String {
    let ending = match server.protection {
        Protection::Tls => "s",
        Protection::StartTls => "+starttls",
        Protection::Plain => "",
    };
    let ConfiguredEndpoint { host, port, .. } = server;
    if host.contains(':') {
        format!("{protocol}{ending}://[{host}]:{port}")
    } else {
        format!("{protocol}{ending}://{host}:{port}")
    }
}

/// With a second SDR, letters to baton have to say whose they are.
fn propose_own_mailbox(addition: &Addition, config: &Config) {
    let Addition::Person(person) = addition else { return };
    let is_sdr = |one: &&Person| one.roles.contains(&TeamRole::Sdr);
    let is_shared =
        config.people.iter().any(|one| one.account.as_deref() == Some(config.agent.account.as_str()));
    if person.roles.iter().any(|role| role == "sdr")
        && config.people.iter().any(|one| is_sdr(&one))
        && is_shared
    {
        let domain = person.address.split_once('@').map_or("", |(_, domain)| domain);
        print_note(format!(
            "with a second SDR baton wants a mailbox of its own: `baton init --agent {}`\n",
            doctor::proposed_mailbox(domain, config)
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
) -> Result<Addition, Failure> {
    if !dialog.takes_defaults {
        let given = [&args.name, &args.address, &args.imap, &args.smtp].into_iter().flatten().count();
        announce(8_usize.saturating_sub(given + usize::from(!args.role.is_empty())));
    }
    print_note("Another person for this configuration, or the mailbox of somebody who is in it.\n");
    let here: Vec<(&str, &str)> = config
        .people
        .iter()
        .filter(|one| one.account.is_some())
        .map(|one| (one.name.as_str(), "here"))
        .collect();
    let question = Question::new("Name", "").or_option("--name", args.name.as_ref());
    let name = dialog.ask(question, new_name(&here))?;
    if let Some(person) = config.people.iter().find(|one| one.name.eq_ignore_ascii_case(&name)) {
        return mailbox_of(dialog, args, config, person, resolver).await;
    }
    let roles = if args.role.is_empty() {
        let question = Question { option: "--role", ..Question::new("Role (sdr, ae or manager)", "") };
        vec![dialog.ask(question, role)?]
    } else {
        checked_roles(args)?
    };
    let taken: Vec<(&str, &str)> =
        config.people.iter().map(|one| (one.name.as_str(), one.address.as_str())).collect();
    let question = Question::new("Email address", "").or_option("--address", args.address.as_ref());
    let address = dialog.ask(question, new_address(&taken))?;
    let zone = if dialog.takes_defaults {
        None
    } else {
        let machine = zones.machine();
        Some(dialog.ask(Question::new("Time zone", machine.name()), |answer| zone_name(answer, zones))?)
    };
    let has_servers = args.imap.is_some() || args.smtp.is_some() || args.provider.is_some();
    let account = if has_servers || roles.iter().any(|role| role == "sdr") {
        let args = &with_table(args, config)?;
        let key = free_key(&key_of(&name), config);
        Some((key, mailbox(dialog, args, &name, &address, resolver).await?))
    } else {
        None
    };
    let manager = only_manager(config).filter(|_| !roles.iter().any(|role| role == "manager"));
    Ok(Addition::Person(NewPerson { name, roles, address, account, zone, manager }))
}

/// The account of somebody who has none.
async fn mailbox_of(
    dialog: &mut Dialog<impl BufRead>,
    args: &InitArgs,
    config: &Config,
    person: &Person,
    resolver: &Resolver,
) -> Result<Addition, Failure> {
    let args = &with_table(args, config)?;
    let address = person.address.to_string();
    if let Some(other) = args.address.as_ref().filter(|other| !other.trim().eq_ignore_ascii_case(&address)) {
        return Err(Failure::new(
            REFUSED,
            format!("--address {other}: {} is here with {address}", person.name),
        )
        .hint("leave it out to give them an account"));
    }
    print_note(format!("{} is here; this is where their mailbox is.\n", person.name));
    let mailbox = mailbox(dialog, args, &person.name, &address, resolver).await?;
    let account = NewAccount { name: free_key(&key_of(&person.name), config), address, mailbox };
    Ok(Addition::MailboxOf(person.name.clone(), account))
}

/// The options with the provider's table in place of who it is; `google` may be called otherwise here.
fn with_table(args: &InitArgs, config: &Config) -> Result<InitArgs, Failure> {
    let Some(provider) = &args.provider else { return Ok(args.clone()) };
    let kind = if provider == "google" { TokenProvider::Google } else { TokenProvider::Microsoft };
    let named = config.providers.get(provider).into_iter();
    let of_kind = config.token_providers.iter().filter(|(_, oauth2)| oauth2.provider == kind);
    let mut tables =
        named.chain(of_kind.map(|(name, _)| name).filter(|name| config.providers.contains(*name)));
    match tables.next() {
        Some(table) => Ok(InitArgs { provider: Some(table.clone()), ..args.clone() }),
        None => {
            let failure =
                Failure::new(REFUSED, format!("there is no provider `{provider}` in the configuration"));
            Err(failure.hint(format!("add the table [providers.{provider}]")))
        }
    }
}

/// With one manager there is nothing to choose.
fn only_manager(config: &Config) -> Option<String> {
    let mut managers = config.people.iter().filter(|one| one.roles.contains(&TeamRole::Manager));
    let first = managers.next()?;
    managers.next().is_none().then(|| first.name.clone())
}

/// The first of `dana`, `dana2`, .. that is no account yet.
fn free_key(key: &str, config: &Config) -> String {
    let numbered = (2..).map(|number| format!("{key}{number}"));
    let mut all = std::iter::once(key.to_owned()).chain(numbered);
    all.find(|key| !config.accounts.contains_key(key)).unwrap_or_else(|| key.to_owned())
}
