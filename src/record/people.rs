//! Who the names and addresses of a record are: SDR and AE by name, inside or outside by address.

use std::ops::Range;

use crate::diagnostics::{Fault, nearest};
use crate::domain::freemail::is_freemail;
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::{Person, TeamRole, given_name};

use super::addresses::{self, AddressEntry, NoAddress};
use super::fields::RecordReader;
use super::headings::RecordLabel;
use super::layout::LabelledValue;
use super::text::clean;

type SdrAndAe<'a> = (Option<&'a Person>, Option<&'a Person>);

/// SDR and AE; `Err` where both are known but cannot be together.
pub(crate) fn read<'a>(reader: &mut RecordReader<'a>) -> Result<SdrAndAe<'a>, ()> {
    let people = reader.ctx.people;
    let sdr = named(reader, RecordLabel::Sdr, TeamRole::Sdr, people);
    let ae = named(reader, RecordLabel::Ae, TeamRole::Ae, people);
    if let (Some((sdr, _)), Some((ae, span))) = (&sdr, &ae)
        && sdr.name == ae.name
    {
        let fault = Fault::error(
            &reader.source,
            span.clone(),
            format!("{} cannot hand over to themselves", sdr.name),
        )
        .help("SDR and AE are two people");
        reader.fault(fault);
        return Err(());
    }
    Ok((sdr.map(|(person, _)| person), ae.map(|(person, _)| person)))
}

fn role_name(role: TeamRole) -> &'static str {
    match role {
        TeamRole::Sdr => "SDR",
        TeamRole::Ae => "AE",
        TeamRole::Manager => "manager",
    }
}

fn named<'a>(
    reader: &mut RecordReader<'a>,
    label: RecordLabel,
    role: TeamRole,
    people: &'a [Person],
) -> Option<(&'a Person, Range<usize>)> {
    let (written, span) = reader.sentence(label)?;
    let title = role_name(role);
    let known = person(&written, people).or_else(|| {
        let with_role = people.iter().filter(|person| person.roles.contains(&role));
        by_first_name(&written, with_role).or_else(|| by_first_name(&written, people.iter()))
    });
    if let Some(person) = known.filter(|person| person.roles.contains(&role)) {
        return Some((person, span));
    }
    let with_role: Vec<&str> = people
        .iter()
        .filter(|person| person.roles.contains(&role))
        .map(|person| person.name.as_str())
        .collect();
    let fault = match known {
        Some(person) => {
            let role = role_name(role).to_lowercase();
            Fault::error(&reader.source, span, format!("{} is no {title} in the configuration", person.name))
                .help(format!("add `{role}` to the roles of {} there if that is so", person.name))
        }
        None => {
            Fault::error(&reader.source, span, format!("the {title} `{written}` is not in the configuration"))
        }
    };
    let fault = match nearest(&written, with_role.iter().copied()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if with_role.is_empty() => fault.help(format!("the configuration has no {title}")),
        None => fault.help(format!("the configuration has {}", with_role.join(", "))),
    };
    let fault = fault.example(reader.example(label));
    reader.fault(fault);
    None
}

/// Somebody by name, or by an address of theirs, in any case.
fn person<'a>(written: &str, people: &'a [Person]) -> Option<&'a Person> {
    let lower = written.to_lowercase();
    people.iter().find(|person| clean(&person.name).to_lowercase() == lower).or_else(|| {
        let mailbox = addresses::read(written, 0..written.len()).into_iter().next()?.ok()?.mailbox;
        people.iter().find(|person| has_address(person, &mailbox.address))
    })
}

/// The one of `people` whom a single word names: a first name or a last name.
fn by_first_name<'a>(written: &str, people: impl Iterator<Item = &'a Person> + Clone) -> Option<&'a Person> {
    let written = written.to_lowercase();
    let one = |is_named: &dyn Fn(&str) -> bool| {
        let mut named = people.clone().filter(|person| is_named(&person.name.to_lowercase()));
        named.next().filter(|_| named.next().is_none())
    };
    one(&|name| given_name(name) == written)
        .or_else(|| one(&|name| name.split_whitespace().next_back() == Some(written.as_str())))
}

fn has_address(person: &Person, address: &Address) -> bool {
    let mut own = std::iter::once(&person.address).chain(&person.aliases).chain(&person.delegates);
    own.any(|own| own == address)
}

/// What an address is to the company.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AddressStanding<'a> {
    /// A configured person's, or a delegate's of theirs.
    Configured(&'a Person),
    /// At a mail domain of the configured people.
    Colleague,
    Outside,
}

pub(crate) fn standing<'a>(address: &Address, people: &'a [Person]) -> AddressStanding<'a> {
    if let Some(person) = people.iter().find(|person| has_address(person, address)) {
        return AddressStanding::Configured(person);
    }
    let domain = address.domain();
    let theirs = people.iter().any(|person| {
        std::iter::once(&person.address).chain(&person.aliases).any(|own| own.domain() == domain)
    });
    if theirs && !is_freemail(domain) { AddressStanding::Colleague } else { AddressStanding::Outside }
}

/// The entries of an address list; `None` where one of them is none. A bare name is taken for the person
/// of that name in the configuration.
pub(crate) fn address_list(
    reader: &mut RecordReader<'_>,
    value: &LabelledValue,
) -> Option<Vec<AddressEntry>> {
    let example = reader.example(value.label);
    let mut entries = Vec::new();
    let mut complete = true;
    for entry in addresses::read(reader.text, value.span.clone()) {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(none) => match person(&none.written, reader.ctx.people)
                .or_else(|| by_first_name(&none.written, reader.ctx.people.iter()))
            {
                Some(person) => {
                    let mailbox = Mailbox { name: person.name.clone(), address: person.address.clone() };
                    entries.push(AddressEntry { mailbox, span: none.span });
                }
                None => {
                    complete = false;
                    let fault = no_address(reader, none, &example);
                    reader.fault(fault);
                }
            },
        }
    }
    complete.then_some(entries)
}

fn no_address(reader: &RecordReader<'_>, none: NoAddress, example: &str) -> Fault {
    let NoAddress { span, written, reason } = none;
    let behind = reader.text.get(span.end..).unwrap_or("");
    // `Lee, Sarah <sarah@acme.example>`: the comma parts the name in two.
    let rest = behind.strip_prefix(',').and_then(|rest| rest.split(['\n', '\r', ',', ';']).next());
    if let Some((first, address)) = rest.and_then(|rest| rest.trim().split_once('<'))
        && !first.trim().is_empty()
        && !first.trim().contains(' ')
        && !written.contains([' ', '@'])
    {
        let (first, address) = (first.trim(), address.trim_end_matches('>'));
        return Fault::error(&reader.source, span, "a name with a comma needs quotes")
            .help(format!("write `\"{written}, {first}\" <{address}>` or `{first} {written} <{address}>`"));
    }
    let fault = Fault::error(&reader.source, span, format!("`{written}` is not an email address: {reason}"));
    if written.contains('@') || written.contains('<') {
        return fault.example(example);
    }
    fault.help(format!("write name and address: `{written} <name@company.example>`")).example(example)
}
