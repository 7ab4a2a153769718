//! `baton new`: an empty handoff record, each line explained. Needs no configuration; with one it knows
//! the team's own conditions and, where only one person can be meant, who hands over to whom.
//!
//! Never overwrites a file unless told to. With `--prospect` the record is filled in from mail: `new_for_prospect`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;

use crate::config::Config;
use crate::domain::people::{Person, TeamRole};
use crate::record::{PrefilledNames, blank};

use super::open;

/// Options of `baton new`.
#[derive(Args, Clone, Debug, Default)]
pub struct NewArgs {
    /// Where to write the record; without it, or as `-`, to standard output
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Name of the SDR who hands over
    #[arg(long, value_name = "NAME")]
    pub sdr: Option<String>,
    /// Name of the AE who takes over
    #[arg(long, value_name = "NAME")]
    pub ae: Option<String>,
    /// Fill in what the SDR's mailbox proves about this address, or this company's mail domain
    #[arg(long, value_name = "ADDRESS")]
    pub prospect: Option<String>,
    /// Overwrite FILE if it is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum NewError {
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    #[error("there is no {title} `{name}` in the configuration")]
    Unknown { title: &'static str, name: String, hint: String },
    #[error("cannot write {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot write the record")]
    Write(#[source] io::Error),
}

impl NewError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            NewError::Unknown { hint, .. } => hint.clone(),
            NewError::Exists(_) => "choose another name, or overwrite it with --force".to_owned(),
            NewError::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "its folder does not exist".to_owned()
            }
            NewError::File { .. } => "check that the folder may be written to".to_owned(),
            NewError::Write(_) => "check where it is redirected to".to_owned(),
        }
    }

    /// Exit status of docs/interface.md.
    pub(crate) fn status(&self) -> u8 {
        match self {
            NewError::Exists(_) | NewError::Unknown { .. } => 3,
            _ => 1,
        }
    }
}

/// Writes the record to the file or to `out`, and for people to `err` what to do next. With `json`, `out`
/// gets `{"file","record"}`, the file null where none was named.
pub(crate) fn run(
    args: &NewArgs,
    config: Option<&Config>,
    today: NaiveDate,
    json: bool,
    mut out: impl Write,
    mut err: impl Write,
) -> Result<(), NewError> {
    let people = config.map_or(&[][..], |config| config.people.as_slice());
    let names = PrefilledNames {
        sdr: named(people, TeamRole::Sdr, args.sdr.as_deref()),
        ae: named(people, TeamRole::Ae, args.ae.as_deref()),
        extra_conditions: config.map_or(&[][..], |config| config.conditions.as_slice()),
    };
    let text = blank(&names, today);
    if let Some(config) = config {
        check_known(&config.people, TeamRole::Sdr, "SDR", args.sdr.as_deref())?;
        check_known(&config.people, TeamRole::Ae, "AE", args.ae.as_deref())?;
    }
    write_record(args, &text, json.then_some(&None), &mut out, &mut err)
}

/// Refuses a file that is there, unless it may be overwritten.
pub(super) fn check_free(args: &NewArgs) -> Result<(), NewError> {
    match file(args) {
        Some(path) if !args.force && path.exists() => Err(NewError::Exists(path.clone())),
        _ => Ok(()),
    }
}

/// Writes the text to the file or to `out`. `json` is why nothing was filled in, where JSON is wanted.
pub(super) fn write_record(
    args: &NewArgs,
    text: &str,
    json: Option<&Option<String>>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<(), NewError> {
    if let Some(path) = file(args) {
        save(path, text, args.force)?;
    }
    if let Some(not_filled_in) = json {
        let file = file(args).map(|path| path.display().to_string());
        let mut document = serde_json::json!({ "file": file, "record": text });
        if args.prospect.is_some()
            && let Some(fields) = document.as_object_mut()
        {
            fields.insert("not_filled_in".to_owned(), serde_json::json!(not_filled_in));
        }
        return writeln!(out, "{document:#}").map_err(NewError::Write);
    }
    match file(args) {
        Some(path) => {
            let path = path.display();
            writeln!(err, "wrote {path}; fill it in, then run `baton check {path}`").map_err(NewError::Write)
        }
        None => out.write_all(text.as_bytes()).map_err(NewError::Write),
    }
}

/// A name that nobody in that role bears is refused when the record is checked, so it is refused at once.
fn check_known(
    people: &[Person],
    role: TeamRole,
    title: &'static str,
    written: Option<&str>,
) -> Result<(), NewError> {
    let Some(written) = written.filter(|written| open::person_called(people, role, written).is_none()) else {
        return Ok(());
    };
    let in_role = people.iter().filter(|person| person.roles.contains(&role));
    let hint = open::nearest_or_all(written, in_role);
    Err(NewError::Unknown { title, name: written.to_owned(), hint })
}

/// The file to write, where it is not standard output.
fn file(args: &NewArgs) -> Option<&PathBuf> {
    args.file.as_ref().filter(|path| path.as_os_str() != "-")
}

/// Who was named, by the whole name where the configuration knows them; else the one person with that role.
fn named<'a>(people: &'a [Person], role: TeamRole, written: Option<&'a str>) -> Option<&'a str> {
    let Some(written) = written else { return only(people, role) };
    Some(open::person_called(people, role, written).map_or(written, |person| &person.name))
}

/// The name of the one person with that role.
fn only(people: &[Person], role: TeamRole) -> Option<&str> {
    let mut with_role = people.iter().filter(|person| person.roles.contains(&role));
    match (with_role.next(), with_role.next()) {
        (Some(person), None) => Some(&person.name),
        _ => None,
    }
}

fn save(path: &Path, text: &str, force: bool) -> Result<(), NewError> {
    let failed = |source: io::Error| NewError::File { path: path.to_owned(), source };
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    match options.open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(failed),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(NewError::Exists(path.to_owned())),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
    }

    #[test]
    fn a_file_that_is_there_is_kept_unless_forced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acme.txt");
        let mut args = NewArgs { file: Some(path.clone()), ..NewArgs::default() };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        run(&args, None, today(), false, &mut out, &mut err).unwrap();
        assert!(out.is_empty() && String::from_utf8(err).unwrap().starts_with("wrote "));
        std::fs::write(&path, "mine").unwrap();
        let error = run(&args, None, today(), false, io::sink(), io::sink()).unwrap_err();
        assert_eq!(error.status(), 3);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        args.force = true;
        run(&args, None, today(), false, io::sink(), io::sink()).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().contains("HANDOFF RECORD:"));
    }

    #[test]
    fn without_a_file_the_record_is_all_that_is_printed() {
        let args = NewArgs { sdr: Some("Dana Fox".to_owned()), ..NewArgs::default() };
        let mut out = Vec::new();
        run(&args, None, today(), false, &mut out, io::sink()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("SDR: Dana Fox | AE: \n") && text.contains("| 2026-11-24\n"));
        let mut out = Vec::new();
        run(&args, None, today(), true, &mut out, io::sink()).unwrap();
        let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            (document["record"].as_str(), &document["file"]),
            (Some(text.as_str()), &serde_json::Value::Null)
        );
    }
}
