//! `baton init`: asks for the first account and the people, writes a commented `baton.toml`, and looks at the
//! mailbox. docs/interface.md, Commands.
//!
//! Answers come from standard input, a line each, so that a program can give them as well. Never overwrites a
//! file, never asks for a password: only where it is to be found. Known limit: one SDR, one AE, one manager; anyone who
//! has more adds them to the file.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::{self, Surroundings};
use crate::diagnostics::nearest;
use crate::domain::message::Address;
use crate::domain::zone::ZoneSource;
use crate::language::provider;

use super::doctor;
use super::failure::{FAILED, Failure, MAIL_SERVER, REFUSED};
use super::open::CommandContext;
use super::terminal::print_note;

/// Options of `baton init`.
#[derive(Args, Clone, Debug, Default)]
pub struct InitArgs {
    /// The folder for `baton.toml` [default: the one you are in]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Everything that was answered.
#[derive(Clone, Debug, PartialEq)]
struct InitAnswers {
    sdr: String,
    address: String,
    imap: String,
    smtp: String,
    login: String,
    variable: String,
    operator: String,
    ae: String,
    ae_address: String,
    zone: String,
    manager: String,
    manager_address: String,
}

/// `baton init [DIR]`.
pub(crate) async fn init(context: &CommandContext, args: &InitArgs) -> Result<(), Failure> {
    let dir = args.dir.clone().unwrap_or_default();
    let path = dir.join("baton.toml");
    if path.exists() {
        return Err(Failure::new(REFUSED, format!("{} is there already", path.display()))
            .hint("change it in an editor, or name another folder"));
    }
    let answers = {
        let mut dialog = Dialog { input: std::io::stdin().lock() };
        interview(&mut dialog, &context.zones)?
    };
    let text = text(&answers);
    let surroundings = Surroundings { zones: &context.zones, machine: context.zones.machine() };
    config::parse(&text, &path, &surroundings).map_err(Failure::faults)?;
    write(&dir, &path, &text)?;
    let looked = look(context, &path, &answers.variable).await?;
    if context.json {
        let document = serde_json::json!({ "file": path.display().to_string(), "checks": looked.json() });
        writeln!(std::io::stdout(), "{document:#}")?;
    }
    print_note(format!("\nwrote {}\n", path.display()));
    if let MailboxLook::At(findings) = &looked {
        if !context.json {
            doctor::print_for_people(findings)?;
        }
        if doctor::status_of(findings) != 0 {
            return Err(Failure::new(MAIL_SERVER, "the mailbox cannot be used yet")
                .hint(format!("mend {} and run `baton doctor`", path.display())));
        }
        print_note("next: `baton new acme.txt`, and `baton run` in a second terminal\n");
    } else {
        let variable = &answers.variable;
        print_note(format!("next: `export {variable}=..` (its password), then `baton doctor`\n"));
    }
    Ok(())
}

/// What became of the look at the mailbox.
enum MailboxLook {
    /// The password is not known yet.
    NotYet,
    At(Vec<doctor::DoctorFinding>),
}

impl MailboxLook {
    fn json(&self) -> serde_json::Value {
        match self {
            MailboxLook::NotYet => serde_json::Value::Null,
            MailboxLook::At(findings) => findings.iter().map(doctor::DoctorFinding::document).collect(),
        }
    }
}

async fn look(context: &CommandContext, path: &Path, variable: &str) -> Result<MailboxLook, Failure> {
    if std::env::var_os(variable).is_none() {
        return Ok(MailboxLook::NotYet);
    }
    let config = context.config_at(path)?;
    Ok(MailboxLook::At(doctor::accounts(context, &config).await?))
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

struct Dialog<R> {
    input: R,
}

impl<R: BufRead> Dialog<R> {
    /// Asks until the answer is one. An empty line takes the default, where there is one.
    fn ask(
        &mut self,
        question: &str,
        default: &str,
        check: impl Fn(&str) -> Result<String, String>,
    ) -> Result<String, Failure> {
        loop {
            let suggestion = if default.is_empty() { String::new() } else { format!(" [{default}]") };
            print_note(format!("  {question}{suggestion}: "));
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                print_note("\n");
                return Err(Failure::new(REFUSED, format!("no answer to \"{question}\""))
                    .hint("nothing was written; answer each question with a line"));
            }
            let answer = if line.trim().is_empty() { default } else { line.trim() };
            match check(answer) {
                Ok(answer) => return Ok(answer),
                Err(why) => print_note(format!("    {why}\n")),
            }
        }
    }
}

fn interview(dialog: &mut Dialog<impl BufRead>, zones: &crate::clock::Zones) -> Result<InitAnswers, Failure> {
    print_note("The SDR, whose mailbox baton reads and sends from.\n");
    let sdr = dialog.ask("Name", "", name)?;
    let address = dialog.ask("Mail address", "", mail_address)?;
    let domain = address.split_once('@').map_or("", |(_, domain)| domain);
    let (imap, smtp) = servers(domain);
    let imap = dialog.ask("IMAP server", &imap, |answer| server(answer, "imap"))?;
    let smtp = dialog.ask("SMTP server", &smtp, |answer| server(answer, "smtp"))?;
    let login = dialog.ask("Login", &address, name)?;
    let variable = format!("{}_PASSWORD", key_of(&sdr).to_uppercase());
    let variable = dialog.ask("Environment variable that holds the password", &variable, variable_name)?;
    let operator = dialog.ask("Who hears when baton cannot see or send", &address, mail_address)?;
    print_note("The AE, who takes over.\n");
    let ae = dialog.ask("Name", "", name)?;
    let ae_address = dialog.ask("Mail address", "", mail_address)?;
    let machine = zones.machine();
    let zone = dialog.ask("Time zone", machine.name(), |answer| zone_name(answer, zones))?;
    print_note("The manager, who gets a flag when a handoff is not touched in time.\n");
    let manager = dialog.ask("Name", "", name)?;
    let manager_address =
        if manager == sdr { address.clone() } else { dialog.ask("Mail address", "", mail_address)? };
    Ok(InitAnswers {
        sdr,
        address,
        imap,
        smtp,
        login,
        variable,
        operator,
        ae,
        ae_address,
        zone,
        manager,
        manager_address,
    })
}

fn name(answer: &str) -> Result<String, String> {
    if answer.is_empty() { Err("please give one".to_owned()) } else { Ok(answer.to_owned()) }
}

fn mail_address(answer: &str) -> Result<String, String> {
    match Address::new(answer) {
        Some(address) => Ok(address.as_str().to_owned()),
        None => Err("that is no mail address; it looks like dana@vendor.example".to_owned()),
    }
}

fn variable_name(answer: &str) -> Result<String, String> {
    let fits = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let begins = answer.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if begins && answer.chars().all(fits) {
        Ok(answer.to_owned())
    } else {
        Err("that is no name of a variable: give the name, not the password; it looks like DANA_PASSWORD"
            .to_owned())
    }
}

fn zone_name(answer: &str, zones: &crate::clock::Zones) -> Result<String, String> {
    if zones.zone(answer).is_some() {
        return Ok(answer.to_owned());
    }
    Err(match nearest(answer, zones.names().iter().map(String::as_str)) {
        Some(near) => format!("there is no such zone; did you mean {near}?"),
        None => "there is no such zone; it looks like America/New_York".to_owned(),
    })
}

/// A URL as it is in the configuration; a bare host gets the secure form.
fn server(answer: &str, protocol: &str) -> Result<String, String> {
    let secure = [format!("{protocol}s://"), format!("{protocol}+starttls://"), format!("{protocol}://")];
    if secure.iter().any(|scheme| answer.starts_with(scheme.as_str())) {
        return Ok(answer.to_owned());
    }
    if answer.is_empty() || answer.contains("://") || answer.contains(char::is_whitespace) {
        return Err(format!("it begins with {protocol}s:// or {protocol}+starttls://"));
    }
    Ok(format!("{protocol}s://{answer}"))
}

/// Where a mail domain's provider has its servers, else where most domains have theirs.
fn servers(domain: &str) -> (String, String) {
    let mut known = provider::all().iter().filter_map(|file| file.facts.mailbox.as_ref());
    match known.find(|mailbox| mailbox.domains.iter().any(|one| one == domain)) {
        Some(mailbox) => (mailbox.imap.clone(), mailbox.smtp.clone()),
        None => (format!("imaps://imap.{domain}:993"), format!("smtp+starttls://smtp.{domain}:587")),
    }
}

/// A short name for an account, from a person's first name.
fn key_of(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or_default();
    let key: String = first.chars().filter(char::is_ascii_alphanumeric).collect();
    if key.is_empty() { "sdr".to_owned() } else { key.to_lowercase() }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn text(answers: &InitAnswers) -> String {
    let key = key_of(&answers.sdr);
    let sdr_roles = if answers.manager == answers.sdr { "[\"sdr\", \"manager\"]" } else { "[\"sdr\"]" };
    let mut text = format!(
        "# Whose mail baton reads and sends, and who the people are. The README has every key; `baton doctor`
# checks all of it.

database = \"baton.db\"            # relative to this file

[agent]
account = {account}                 # where baton's own mail leaves from and answers come back to
operator = {operator}  # hears when baton cannot see or send

[sla]
policy = \"playbook\"              # before noon: the same day 17:00; later: the next working day 10:00

[accounts.{key}]
address = {address}
imap = {imap}
smtp = {smtp}
login = {login}
password = {{ env = {variable} }}  # or {{ file = \"..\" }}, {{ command = [\"..\"] }}, {{ keyring = true }}

[[people]]
name = {sdr}
roles = {sdr_roles}
address = {address}
account = {account}
manager = {manager}

[[people]]
name = {ae}
roles = [\"ae\"]
address = {ae_address}
zone = {zone}
manager = {manager}
# aliases = [\"..\"]               # other addresses to write from
# holidays = [\"2026-12-25\", \"holidays.ics\"]
# account = \"..\"                 # with an [accounts...] of their own, baton sees every mail that they send
",
        account = quoted(&key),
        operator = quoted(&answers.operator),
        address = quoted(&answers.address),
        imap = quoted(&answers.imap),
        smtp = quoted(&answers.smtp),
        login = quoted(&answers.login),
        variable = quoted(&answers.variable),
        sdr = quoted(&answers.sdr),
        manager = quoted(&answers.manager),
        ae = quoted(&answers.ae),
        ae_address = quoted(&answers.ae_address),
        zone = quoted(&answers.zone),
    );
    if answers.manager != answers.sdr {
        text.push_str(&format!(
            "\n[[people]]\nname = {}\nroles = [\"manager\"]\naddress = {}\nzone = {}\n",
            quoted(&answers.manager),
            quoted(&answers.manager_address),
            quoted(&answers.zone),
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Zones;

    fn answered(lines: &str) -> Result<InitAnswers, Failure> {
        interview(&mut Dialog { input: lines.as_bytes() }, &Zones::built_in())
    }

    const LINES: &str = "Dana \"D\" Fox\nDana@Vendor.example\n\nmail.vendor.example:465\n\n\n\nCalvin Reyes\n\
                         calvin@vendor.example\nAmerica/New_York\nMorgan Hale\nmorgan@vendor.example\n";

    #[test]
    fn what_was_answered_is_a_configuration_that_can_be_read() {
        let answers = answered(LINES).unwrap();
        assert_eq!(answers.imap, "imaps://imap.vendor.example:993");
        assert_eq!(answers.smtp, "smtps://mail.vendor.example:465");
        assert_eq!(
            (answers.login.as_str(), answers.variable.as_str()),
            ("dana@vendor.example", "DANA_PASSWORD")
        );
        let zones = Zones::built_in();
        let surroundings = Surroundings { zones: &zones, machine: zones.machine() };
        let config = config::parse(&text(&answers), Path::new("baton.toml"), &surroundings).unwrap();
        assert_eq!(config.people[0].name, "Dana \"D\" Fox");
        assert_eq!(config.people.len(), 3);
        assert_eq!(config.people[1].working.zone.name(), "America/New_York");
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    }

    #[test]
    fn an_sdr_who_is_the_manager_is_one_person() {
        let lines = LINES.replace("Morgan Hale\nmorgan@vendor.example\n", "Dana \"D\" Fox\n");
        let answers = answered(&lines).unwrap();
        let zones = Zones::built_in();
        let surroundings = Surroundings { zones: &zones, machine: zones.machine() };
        let config = config::parse(&text(&answers), Path::new("baton.toml"), &surroundings).unwrap();
        assert_eq!(config.people.len(), 2);
        assert_eq!(config.people[0].roles.len(), 2);
    }

    #[test]
    fn a_wrong_answer_is_asked_for_again_and_a_missing_one_writes_nothing() {
        let lines = LINES.replace("America/New_York", "America/NewYork\nAmerica/New_York");
        assert_eq!(answered(&lines).unwrap().zone, "America/New_York");
        assert_eq!(answered("Dana Fox\nnobody\n").unwrap_err().status, REFUSED);
        assert!(variable_name("s3cret!").is_err() && variable_name("2day").is_err());
        assert!(server("http://x", "imap").is_err());
        assert_eq!(servers("gmail.com").1, "smtps://smtp.gmail.com:465");
        assert_eq!(key_of("Łukasz Żak"), "ukasz");
        assert_eq!(key_of("李 明"), "sdr");
    }
}
