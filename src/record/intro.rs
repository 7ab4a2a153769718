//! The part of the record that the warm intro is made from: whom it goes to and its sentences.

use crate::diagnostics::Fault;
use crate::domain::message::Mailbox;
use crate::domain::people::Person;

use super::addresses::AddressEntry;
use super::fields::RecordReader;
use super::headings::{RecordLabel, Section};
use super::people::{AddressStanding, address_list, standing};
use super::{prospect_view, warnings};

/// What the intro needs.
#[derive(Clone, Debug)]
pub(crate) struct IntroFields {
    pub to: Vec<Mailbox>,
    pub discussed: String,
    pub why_this_ae: String,
    pub what_to_expect: String,
}

pub(crate) fn read(reader: &mut RecordReader<'_>, ae: Option<&Person>) -> Option<IntroFields> {
    reader.section(Section::Intro)?;
    let to = prospects(reader);
    let first_name = ae.map_or("The AE", Person::first_name);
    let discussed = sentence(reader, RecordLabel::Discussed, first_name);
    let why_this_ae = why(reader, ae);
    let what_to_expect = sentence(reader, RecordLabel::WhatToExpect, first_name);
    Some(IntroFields {
        to: to?,
        discussed: discussed?,
        why_this_ae: why_this_ae?,
        what_to_expect: what_to_expect?,
    })
}

fn sentence(reader: &mut RecordReader<'_>, label: RecordLabel, ae: &str) -> Option<String> {
    let (text, span) = reader.sentence(label)?;
    prospect_view::no_sentence(reader, label, &text, span.clone(), ae);
    warnings::long_sentences(reader, &text, span);
    Some(text)
}

/// The record's own line, else the AE's standing one.
fn why(reader: &mut RecordReader<'_>, ae: Option<&Person>) -> Option<String> {
    if let Some((text, span)) = reader.optional_sentence(RecordLabel::WhyThisAe).ok()? {
        if let Some(first_name) = ae.map(Person::first_name) {
            prospect_view::no_sentence(reader, RecordLabel::WhyThisAe, &text, span.clone(), first_name);
        }
        warnings::long_sentences(reader, &text, span);
        return Some(text);
    }
    match ae.map(|ae| (ae, ae.introduce.as_deref())) {
        Some((_, Some(line))) => Some(line.to_owned()),
        // Reports the line as missing or empty.
        Some((ae, None)) => required_with_hint(reader, ae.first_name()),
        // The intended AE may have a standing line.
        None => None,
    }
}

fn required_with_hint(reader: &mut RecordReader<'_>, first_name: &str) -> Option<String> {
    let place = reader.place(RecordLabel::WhyThisAe)?;
    let message = format!("`Why this AE` is empty, and {first_name} has no standing line (`introduce`)");
    let fault = Fault::error(&reader.source, place, message)
        .unfilled()
        .help("say in one line why this AE is the right person for them")
        .example(reader.example(RecordLabel::WhyThisAe));
    reader.fault(fault);
    None
}

fn prospects(reader: &mut RecordReader<'_>) -> Option<Vec<Mailbox>> {
    let value = reader.required(RecordLabel::To)?;
    let entries = address_list(reader, &value)?;
    let mut to: Vec<Mailbox> = Vec::new();
    let mut complete = true;
    for entry in entries {
        match fault_of(reader, &entry) {
            Some(fault) => {
                reader.fault(fault);
                complete = false;
            }
            None if to.iter().any(|known| known.address == entry.mailbox.address) => {}
            None => {
                prospect_view::odd_prospect(reader, &entry);
                to.push(entry.mailbox);
            }
        }
    }
    if complete && to.is_empty() {
        let fault = Fault::error(&reader.source, value.span, "there is no prospect to write to")
            .example(reader.example(RecordLabel::To));
        reader.fault(fault);
        return None;
    }
    complete.then_some(to)
}

fn fault_of(reader: &RecordReader<'_>, entry: &AddressEntry) -> Option<Fault> {
    let Mailbox { name, address } = &entry.mailbox;
    let error = |message: String| {
        Fault::error(&reader.source, entry.span.clone(), message).example(reader.example(RecordLabel::To))
    };
    match standing(address, reader.ctx.people) {
        AddressStanding::Configured(person) => Some(
            error(format!("{address} belongs to {}, who is not a prospect", person.name))
                .help("the AE is put in Cc without being named here"),
        ),
        AddressStanding::Colleague => Some(
            error(format!("{address} is at your own company's mail domain, so not a prospect's"))
                .help("the intro goes to prospects only; colleagues may be among the attendees"),
        ),
        AddressStanding::Outside if !name.chars().any(char::is_alphabetic) => Some(
            error(format!("the name that belongs to {address} is missing"))
                .help("the intro greets the prospect by name, and its subject begins with it"),
        ),
        AddressStanding::Outside => None,
    }
}
