//! Questions and their answers, each checked as it is given.

use std::io::BufRead;

use crate::clock::Zones;
use crate::config::without_summer_time;
use crate::diagnostics::nearest;
use crate::domain::message::Address;
use crate::domain::zone::ZoneSource;

use crate::cli::failure::{Failure, REFUSED};
use crate::cli::terminal::print_note;

/// Somebody who answers, or nobody: then defaults do.
pub(crate) struct Dialog<R> {
    pub input: R,
    /// Nothing is asked (`--yes`).
    pub takes_defaults: bool,
}

/// One question.
pub(crate) struct Question<'a> {
    pub text: &'a str,
    pub default: &'a str,
    /// What the command line says already.
    pub given: Option<&'a str>,
    /// The option that answers it.
    pub option: &'static str,
}

impl<'a> Question<'a> {
    pub(crate) fn new(text: &'a str, default: &'a str) -> Self {
        Self { text, default, given: None, option: "" }
    }

    pub(crate) fn or_option(self, option: &'static str, given: Option<&'a String>) -> Self {
        Self { option, given: given.map(String::as_str), ..self }
    }
}

impl<R: BufRead> Dialog<R> {
    /// Asks until the answer is one. An empty line takes the default, where there is one.
    pub(crate) fn ask(
        &mut self,
        question: Question<'_>,
        check: impl Fn(&str) -> Result<String, String>,
    ) -> Result<String, Failure> {
        let Question { text, default, given, option } = question;
        if let Some(given) = given {
            let failed = |why| Failure::new(REFUSED, format!("{option} {given}: {why}"));
            return check(given.trim()).map_err(failed);
        }
        if self.takes_defaults {
            let failed = |why| {
                let failure = Failure::new(REFUSED, format!("{text}: {why}"));
                if option.is_empty() { failure } else { failure.hint(format!("give it as {option}")) }
            };
            return check(default).map_err(failed);
        }
        loop {
            let suggestion = if default.is_empty() { String::new() } else { format!(" [{default}]") };
            print_note(format!("  {text}{suggestion}: "));
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                print_note("\n");
                return Err(Failure::new(REFUSED, format!("stopped at \"{text}\"; nothing was written"))
                    .hint("answer each question with a line"));
            }
            let answer = if line.trim().is_empty() { default } else { line.trim() };
            match check(answer) {
                Ok(answer) => return Ok(answer),
                Err(why) => print_note(format!("    {why}\n")),
            }
        }
    }
}

/// A person's name that is none of `taken`, which are names and what these people are.
pub(crate) fn new_name<'a>(taken: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Result<String, String> + 'a {
    move |answer| {
        let name = some_text(answer)?;
        if name.contains('@') {
            return Err("that is an address; give the name, such as Dana Fox".to_owned());
        }
        match taken.iter().find(|(other, _)| other.eq_ignore_ascii_case(&name)) {
            Some((other, what)) => Err(format!("{other} is {what} already; give somebody else's name")),
            None => Ok(name),
        }
    }
}

/// An address that is nobody's in `taken`.
pub(crate) fn new_address<'a>(
    taken: &'a [(&'a str, &'a str)],
) -> impl Fn(&str) -> Result<String, String> + 'a {
    move |answer| {
        let address = mail_address(answer)?;
        match taken.iter().find(|(_, other)| other.eq_ignore_ascii_case(&address)) {
            Some((name, _)) => Err(format!("{address} is the address of {name} already")),
            None => Ok(address),
        }
    }
}

pub(crate) fn some_text(answer: &str) -> Result<String, String> {
    if answer.is_empty() { Err("please give one".to_owned()) } else { Ok(answer.to_owned()) }
}

pub(crate) fn role(answer: &str) -> Result<String, String> {
    let roles = ["sdr", "ae", "manager"];
    let written = answer.to_lowercase();
    match roles.iter().find(|role| **role == written) {
        Some(role) => Ok((*role).to_owned()),
        None => Err("it is sdr, ae or manager".to_owned()),
    }
}

pub(crate) fn mail_address(answer: &str) -> Result<String, String> {
    match Address::new(answer) {
        Some(address) => Ok(address.as_str().to_owned()),
        None => Err("not an email address; write it like dana@vendor.example".to_owned()),
    }
}

pub(crate) fn variable_name(answer: &str) -> Result<String, String> {
    let fits = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let begins = answer.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if begins && answer.chars().all(fits) {
        Ok(answer.to_owned())
    } else {
        Err("not a variable name (and please don't type the password here): try DANA_PASSWORD".to_owned())
    }
}

pub(crate) fn zone_name(answer: &str, zones: &Zones) -> Result<String, String> {
    let names = zones.names();
    if let Some(city) = without_summer_time(answer) {
        return Err(format!("{answer} has no summer time; name the city, such as {city}"));
    }
    if zones.zone(answer).is_some() {
        return Ok(answer.to_owned());
    }
    Err(match nearest(answer, names.iter().map(String::as_str)) {
        Some(near) => format!("there is no such zone; did you mean {near}?"),
        None => "there is no such zone; it looks like America/New_York".to_owned(),
    })
}

/// A URL as it is in the configuration, or a host with or without its port; what answers there decides the rest.
pub(crate) fn server(answer: &str, protocol: &str) -> Result<String, String> {
    let schemes = [format!("{protocol}s"), format!("{protocol}+starttls"), protocol.to_owned()];
    let scheme = answer.split_once("://").map(|(scheme, _)| scheme.to_lowercase());
    let is_known = scheme.is_none_or(|scheme| schemes.contains(&scheme));
    if answer.is_empty() || !is_known || answer.contains(char::is_whitespace) {
        return Err(format!(
            "a host such as mail.vendor.example, or {protocol}s:// or {protocol}+starttls:// before it"
        ));
    }
    if answer.contains('@') {
        return Err("a host, not an address; such as mail.vendor.example".to_owned());
    }
    Ok(answer.to_owned())
}
