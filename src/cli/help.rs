//! What `baton help` shows beside clap's own lines: the commands in groups, and examples for each of them.
//!
//! The tables below are the only place; the tests demand that every command is in one group and has an example. A
//! name in them that is no command of this build (`demo` can be left out) is passed over.

use clap::{Command, CommandFactory};

use super::args::Cli;
use super::terminal::{HEADING, columns, hanging, painted};

/// Widest help, in columns: longer lines are hard to read.
const WIDEST: usize = 100;

/// Columns for a command's name and what stands around it.
const NAME_WIDTH: usize = 13;

/// The commands by what somebody wants to do, in the order in which they are needed.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Set up", &["init", "doctor", "login", "templates", "demo"]),
    ("Hand off", &["new", "check", "preview", "send"]),
    ("Watch", &["run", "health", "metrics"]),
    ("Look", &["status", "show", "drafts", "outbox", "sla", "classify", "audit", "report"]),
    ("Correct", &["touch", "accept", "meeting", "feedback", "reassign", "resend", "close"]),
    ("Maintain", &["backup", "restore", "completions", "man", "help"]),
];

/// Examples for each command, one a line: what to type, and behind `#` what for.
const EXAMPLES: [(&str, &str); 32] = [
    ("init", "baton init\nbaton init sales --provider google --people team.csv --yes"),
    ("doctor", "baton doctor\nbaton doctor --send   # each account sends itself a test email"),
    ("login", "baton login dana\nbaton login vendor --device   # sign in on another device"),
    (
        "templates",
        "baton templates\nbaton templates --show escalation\nbaton templates --show ALL --html mails   # to look at in a browser\nbaton templates --eject templates",
    ),
    (
        "demo",
        "baton demo\nbaton demo --keep /tmp/demo   # and then: baton --config /tmp/demo/baton.toml show acme",
    ),
    ("new", "baton new acme.txt\nbaton new > acme.txt"),
    ("check", "baton check acme.txt\nbaton check *.txt --json"),
    ("preview", "baton preview acme.txt\nbaton preview acme.txt --eml drafts"),
    ("send", "baton send acme.txt\nbaton send acme.txt --yes --json"),
    ("run", "baton run\nbaton run --once      # one full pass, for cron\nbaton run --log json"),
    ("health", "baton health || echo 'something is wrong'\nbaton health --json"),
    ("metrics", "baton metrics > /var/lib/prometheus/node-exporter/baton.prom"),
    ("status", "baton status\nbaton status --ae Calvin --late"),
    ("show", "baton show acme\nbaton show acme-7k2f --json"),
    ("drafts", "baton drafts\nbaton drafts drop draft-7k2f"),
    ("outbox", "baton outbox\nbaton outbox retry 12\nbaton outbox drop 12"),
    (
        "sla",
        "baton sla '2026-11-27 13:05' --zone Europe/Madrid\nbaton sla 2026-11-27T13:05 --ae 'Calvin Reyes'",
    ),
    ("classify", "baton classify reply.eml\nbaton classify - < inbox.mbox --json"),
    ("audit", "baton audit\nbaton audit --last 10 --csv handoffs.csv"),
    ("report", "baton report --html november.html --since 2026-11-01 --until 2026-11-30"),
    (
        "touch",
        "baton touch acme --why 'Calvin called her'\nbaton touch acme --at '2026-11-27 13:05' --why 'they met at the fair'\nbaton touch acme --not --why 'that was a newsletter'",
    ),
    ("accept", "baton accept acme --owner-updated --why 'told me on the phone'"),
    (
        "meeting",
        "baton meeting acme --start '2026-11-27 14:00' --why 'they moved it'\nbaton meeting acme --cancel --why 'budget freeze'",
    ),
    ("feedback", "baton feedback acme --outcome held --score 4 --why 'told me on the phone'"),
    ("reassign", "baton reassign acme --ae 'Rita Vale' --why 'Calvin is on leave'"),
    ("resend", "baton resend acme\nbaton resend acme acme.txt   # with the corrected record"),
    (
        "close",
        "baton close acme --why 'they chose a competitor'\nbaton close acme --reopen --why 'they came back'",
    ),
    ("backup", "baton backup baton-2026-11-24.db"),
    ("restore", "baton restore baton-2026-11-24.db   # while no agent runs"),
    ("completions", "baton completions bash > ~/.local/share/bash-completion/completions/baton"),
    ("man", "baton man | man -l -\nbaton man --dir ~/.local/share/man/man1   # a page for every command"),
    ("help", "baton help send"),
];

/// The command line with its groups and examples; the verbs themselves are in `args`.
pub(crate) fn command() -> Command {
    let mut command = Cli::command();
    for (name, examples) in EXAMPLES {
        if command.find_subcommand(name).is_some() {
            command = command.mut_subcommand(name, |verb| {
                let indented: Vec<String> = examples.lines().map(|line| format!("  {line}")).collect();
                let heading = painted(HEADING, "Examples:");
                verb.after_help(format!("{heading}\n{}", indented.join("\n")))
            });
        }
    }
    let usage = painted(HEADING, "Usage:");
    let options = painted(HEADING, "Options:");
    let template = format!(
        "{{about-with-newline}}\n{usage} {{usage}}\n\n{}{options}\n{{options}}{{after-help}}",
        groups(&command)
    );
    command.help_template(template)
}

/// The examples of one command, each on a line of its own.
pub(crate) fn examples(name: &str) -> Option<&'static str> {
    EXAMPLES.iter().find(|(known, _)| *known == name).map(|(_, examples)| *examples)
}

fn groups(command: &Command) -> String {
    let width = columns().min(WIDEST);
    let mut text = String::new();
    for (title, names) in GROUPS {
        text.push_str(&format!("{}\n", painted(HEADING, format!("{title}:"))));
        for name in names {
            let about = match command.find_subcommand(name) {
                Some(verb) => verb.get_about().map(ToString::to_string).unwrap_or_default(),
                None if *name == "help" => "Explain one command: baton help COMMAND".to_owned(),
                None => continue,
            };
            let first = format!("  {name:<NAME_WIDTH$}");
            let rest = " ".repeat(NAME_WIDTH + 2);
            text.push_str(&hanging(&first, &rest, &about, anstyle::Style::new(), width));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group_and_has_an_example() {
        let command = Cli::command();
        for verb in command.get_subcommands() {
            let name = verb.get_name();
            let groups = GROUPS.iter().filter(|(_, names)| names.contains(&name)).count();
            assert_eq!(groups, 1, "{name}");
            let examples = examples(name).unwrap_or_else(|| panic!("{name} has no example"));
            for line in examples.lines() {
                assert!(line.starts_with(&format!("baton {name}")), "{name}: {line}");
            }
        }
    }

    #[test]
    fn what_examples_name_is_understood() {
        let command = command();
        for (name, examples) in EXAMPLES {
            if command.find_subcommand(name).is_none() {
                continue;
            }
            for line in examples.lines() {
                let typed = line.split(['#', '|', '<', '>']).next().unwrap_or_default();
                let mut words: Vec<String> = vec![String::new()];
                let mut quoted = false;
                for c in typed.trim().chars() {
                    match c {
                        '\'' => quoted = !quoted,
                        ' ' if !quoted => words.push(String::new()),
                        c => words.last_mut().unwrap().push(c),
                    }
                }
                words.retain(|word| !word.is_empty());
                if let Err(error) = command.clone().try_get_matches_from(&words) {
                    use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
                    assert!(matches!(error.kind(), DisplayHelp | DisplayVersion), "{line}: {error}");
                }
            }
        }
    }

    #[test]
    fn help_shows_the_commands_in_groups() {
        let text = command().render_help().to_string();
        let order: Vec<usize> =
            GROUPS.iter().map(|(title, _)| text.find(&format!("{title}:\n")).unwrap()).collect();
        assert!(order.is_sorted(), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDEST), "{text}");
        assert!(!text.contains("Commands:"), "{text}");
    }
}
