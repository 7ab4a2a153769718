//! `baton man`: the manual page, on standard output or, with `--dir`, one page for every command.
//!
//! Names, options and their words are clap's (`args`); what stands below them (examples, files, exit statuses) is put
//! together here. Known limit: troff's own hyphenation is left as it is.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use crate::output;

use super::failure::{FAILED, Failure};
use super::help;
use super::terminal::print_note;

/// Options of `baton man`.
#[derive(Args, Clone, Debug, Default)]
pub struct ManArgs {
    /// Write a page for every command into this folder: baton.1, baton-init.1 and so on
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

const EXIT_STATUS: [(&str, &str); 5] = [
    ("0", "done"),
    ("1", "failed"),
    ("2", "wrong usage"),
    ("3", "input or configuration refused"),
    ("4", "a mail server refused or could not be reached"),
];

const FILES: [(&str, &str); 3] = [
    ("./baton.toml", "the configuration, where neither --config nor BATON_CONFIG names another"),
    ("~/.config/baton/baton.toml", "the same, for one user"),
    ("/etc/baton/baton.toml", "the same, as the Debian package's service uses it"),
];

const ENVIRONMENT: [(&str, &str); 3] = [
    ("BATON_CONFIG", "the configuration, where --config does not name one"),
    ("NO_COLOR", "no colours"),
    ("BATON_LOG", "what is logged, such as baton=debug"),
];

/// `baton man`.
pub(crate) fn run(args: &ManArgs) -> Result<(), Failure> {
    // Built, so that every command knows its whole name and the options that all of them take.
    let mut command = help::command().disable_help_subcommand(true);
    command.build();
    let Some(dir) = &args.dir else {
        let mut text = Vec::new();
        page(&command, "baton", &mut text)?;
        return Ok(output::write_data(&text)?);
    };
    std::fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    let mut pages = vec![("baton".to_owned(), command.clone())];
    let verbs = command.get_subcommands();
    pages.extend(verbs.map(|verb| (format!("baton-{}", verb.get_name()), verb.clone())));
    for (name, command) in &pages {
        let path = dir.join(format!("{name}.1"));
        let mut text = Vec::new();
        page(command, name, &mut text)?;
        std::fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
    }
    print_note(format!("wrote {} pages to {}\n", pages.len(), dir.display()));
    Ok(())
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(FAILED, format!("{} cannot be written: {error}", path.display()))
        .hint("name a folder that is yours to write to")
}

fn page(command: &Command, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let is_whole = name == "baton";
    // The examples get a section of their own.
    let man =
        Man::new(command.clone().display_name(name.to_owned()).after_help("").help_template("{options}"))
            .section("1")
            .manual("baton");
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if is_whole {
        man.render_subcommands_section(out)?;
        list("ENVIRONMENT", &ENVIRONMENT, out)?;
        list("FILES", &FILES, out)?;
        list("EXIT STATUS", &EXIT_STATUS, out)?;
        section("EXAMPLES", out)?;
        for name in ["demo", "init", "new", "send", "run", "status"] {
            verbatim(help::examples(name).unwrap_or_default(), out)?;
        }
        return Ok(());
    }
    let verb = name.trim_start_matches("baton-");
    if let Some(examples) = help::examples(verb) {
        section("EXAMPLES", out)?;
        verbatim(examples, out)?;
    }
    section("SEE ALSO", out)?;
    writeln!(out, "\\fBbaton\\fR(1)")
}

fn section(title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, ".SH \"{title}\"")
}

fn list(title: &str, items: &[(&str, &str)], out: &mut dyn Write) -> io::Result<()> {
    section(title, out)?;
    for (term, words) in items {
        writeln!(out, ".TP\n\\fB{}\\fR\n{}", escaped(term), escaped(words))?;
    }
    Ok(())
}

/// Lines as they are typed.
fn verbatim(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, ".nf")?;
    for line in text.lines() {
        writeln!(out, "{}", escaped(line))?;
    }
    writeln!(out, ".fi")
}

/// Text that roff prints as it is: no escape, no request at the begin of a line, hyphens that can be copied.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_options_and_examples() {
        let folder = tempfile::tempdir().unwrap();
        let args = ManArgs { dir: Some(folder.path().to_owned()) };
        run(&args).unwrap();
        for verb in help::command().get_subcommands() {
            let page = folder.path().join(format!("baton-{}.1", verb.get_name()));
            let text = std::fs::read_to_string(&page).unwrap();
            assert!(text.contains(".SH EXAMPLES") || text.contains(".SH \"EXAMPLES\""), "{}", page.display());
            assert!(text.contains("SYNOPSIS") && text.contains("config"), "{}", page.display());
        }
        let whole = std::fs::read_to_string(folder.path().join("baton.1")).unwrap();
        for part in ["FILES", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "baton\\-send(1)"] {
            assert!(whole.contains(part), "{part}: {whole}");
        }
    }

    #[test]
    fn nothing_that_is_typed_becomes_a_request_of_roff() {
        assert_eq!(escaped(".nf 'a' --b \\c"), "\\&.nf \\(aqa\\(aq \\-\\-b \\\\c");
    }
}
