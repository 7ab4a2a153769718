//! A new configuration for a file of people: one provider for all their mailboxes.

use std::path::{Path, PathBuf};

use crate::cli::failure::{Failure, REFUSED};
use crate::cli::terminal::print_note;
use crate::config;

use super::discover::{self, ProposedServers};
use super::dns::Resolver;
use super::document::{NewConfig, NewMailbox, NewProvider, ProviderKind, ProviderLogin};
use super::settle::settled;
use super::{InitArgs, own_mailbox};

/// The configuration for `--people FILE`.
pub(super) async fn team(
    args: &InitArgs,
    file: &Path,
    dir: &Path,
    resolver: &Resolver,
) -> Result<NewConfig, Failure> {
    let people = config::people_of(file).map_err(|fault| Failure::faults(vec![*fault]))?;
    let first = args.address.clone().or_else(|| people.first_mailbox.clone());
    let Some(first) = first.or_else(|| people.first_address.clone()) else {
        return Err(Failure::new(REFUSED, format!("there is nobody in {}", file.display())).hint(
            "its first line names the columns (name,roles,address,provider), every other line is a person",
        ));
    };
    let domain = first.split_once('@').map_or("", |(_, domain)| domain).to_owned();
    let (kind, args) = kind(args, &domain, resolver).await;
    // The lines name it, or nobody does: then it is everybody's.
    let name = people.provider.clone().unwrap_or_else(|| kind.table_name().to_owned());
    let provider = new_provider(&args, kind, &name, ProviderLogin::EveryMailbox, &domain);
    let own = own_mailbox(&args, &NewMailbox::Provider(name.clone()))?;
    let agent = own.as_ref().map_or_else(|| first.clone(), |own| own.name.clone());
    let leaves = own.as_ref().map_or(first.as_str(), |own| own.address.as_str());
    let team = if people.count == 1 { "1 person".to_owned() } else { format!("{} people", people.count) };
    print_note(format!("{team}; baton's own mail leaves from {leaves}\n"));
    if own.is_none() && people.sdrs > 1 {
        print_note(format!(
            "    with {} SDRs baton wants a mailbox of its own: `--agent baton@{domain}` writes it down\n",
            people.sdrs
        ));
    }
    Ok(NewConfig {
        operator: first,
        agent,
        own,
        people_file: Some(shown_beside(file, dir)),
        provider_of_all: people.provider.is_none().then(|| name.clone()),
        provider: Some(provider),
        people: Vec::new(),
    })
}

/// Whether a file has everybody: nobody is named by options, or the person who is stands in it.
pub(super) fn named_in(file: &Path, args: &InitArgs) -> Result<bool, Failure> {
    let (Some(_), Some(address)) = (&args.name, &args.address) else { return Ok(true) };
    let people = config::people_of(file).map_err(|fault| Failure::faults(vec![*fault]))?;
    let address = address.trim().to_lowercase();
    Ok(people.addresses.iter().any(|one| one.trim().to_lowercase() == address))
}

/// The configuration of one person who is named by options, and of a file of all the others.
pub(super) async fn beside_team(
    person: NewConfig,
    args: &InitArgs,
    file: &Path,
    dir: &Path,
    resolver: &Resolver,
) -> Result<NewConfig, Failure> {
    let people = config::people_of(file).map_err(|fault| Failure::faults(vec![*fault]))?;
    let mut new = NewConfig { people_file: Some(shown_beside(file, dir)), ..person };
    match (&people.provider, new.provider.as_mut()) {
        // Its lines call the provider something else.
        (Some(name), Some(provider)) => {
            name.clone_into(&mut provider.name);
            let mailboxes = new.people.iter_mut().filter_map(|person| person.account.as_mut());
            let own = new.own.as_mut().map(|own| &mut own.mailbox);
            for mailbox in mailboxes.map(|(_, mailbox)| mailbox).chain(own) {
                *mailbox = NewMailbox::Provider(name.clone());
            }
        }
        (Some(name), None) => {
            let domain = people.first_address.as_deref().and_then(|address| address.split_once('@'));
            let domain = domain.map_or("", |(_, domain)| domain);
            let (kind, args) = kind(args, domain, resolver).await;
            new.provider = Some(new_provider(&args, kind, name, ProviderLogin::EveryMailbox, domain));
        }
        (None, Some(provider)) => new.provider_of_all = Some(provider.name.clone()),
        (None, None) => {}
    }
    print_note(format!("{} people beside that\n", people.count));
    Ok(new)
}

/// Who has the mailboxes: as the options say, else as the domain does.
async fn kind(args: &InitArgs, domain: &str, resolver: &Resolver) -> (ProviderKind, InitArgs) {
    let mut args = args.clone();
    if let Some(name) = &args.provider {
        return (ProviderKind::named(name), args);
    }
    if args.imap.is_none() || args.smtp.is_none() {
        let ProposedServers { imap, smtp, found } = discover::servers(domain, resolver).await;
        if let Some(found) = found {
            print_note(format!("    found: {found}\n"));
        }
        args.imap.get_or_insert(imap);
        args.smtp.get_or_insert(smtp);
    }
    let imap = args.imap.clone().unwrap_or_default();
    let kind = if imap.contains("imap.gmail.com") {
        ProviderKind::Google
    } else if imap.contains("outlook.office365.com") {
        ProviderKind::Microsoft
    } else {
        ProviderKind::Passwords
    };
    args.imap = Some(settled(&imap, "imap").await);
    args.smtp = Some(settled(&args.smtp.clone().unwrap_or_default(), "smtp").await);
    (kind, args)
}

/// The file as the configuration names it: relative where it lies beside it.
fn shown_beside(file: &Path, dir: &Path) -> String {
    let whole = |path: &Path| path.canonicalize().ok();
    let here = |path: &Path| whole(if path.as_os_str().is_empty() { Path::new(".") } else { path });
    let is_beside = file.parent().and_then(here) == here(dir);
    let shown = match file.file_name().filter(|_| is_beside) {
        Some(name) => PathBuf::from(name),
        None => whole(file).unwrap_or_else(|| file.to_owned()),
    };
    shown.display().to_string()
}

/// The provider to write down under this name.
pub(super) fn new_provider(
    args: &InitArgs,
    kind: ProviderKind,
    name: &str,
    login: ProviderLogin,
    domain: &str,
) -> NewProvider {
    let (imap, smtp) = match kind {
        ProviderKind::Google => ("imaps://imap.gmail.com:993", "smtp+starttls://smtp.gmail.com:587"),
        ProviderKind::Microsoft | ProviderKind::Passwords => {
            ("imaps://outlook.office365.com:993", "smtp+starttls://smtp.office365.com:587")
        }
    };
    NewProvider {
        name: name.to_owned(),
        kind,
        login,
        imap: args.imap.clone().unwrap_or_else(|| imap.to_owned()),
        smtp: args.smtp.clone().unwrap_or_else(|| smtp.to_owned()),
        tenant: domain.to_owned(),
    }
}
