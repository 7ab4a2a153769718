//! `baton templates`: lists the templates of every mail, checks each against sample data, copies them out. What they
//! make of the sample data is shown by `sample_mails`.
//!
//! Needs no configuration; with one, its templates folder comes in as `folder`. Sends nothing. What it copies
//! out never takes the place of a file that is already there.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::domain::mails::MailKind;
use crate::templates::samples::samples;
use crate::templates::{BUILT_IN, Origin, TemplateError, Templates, check_all};

use super::failure::Failure;
use super::sample_mails::{self, ShowOptions};

/// Options of `baton templates`.
#[derive(Args, Clone, Debug, Default)]
pub struct TemplatesArgs {
    /// Copy the built-in templates into this folder, where they can be changed; files that are there stay
    #[arg(long, value_name = "DIR")]
    pub eject: Option<PathBuf>,
    /// Print the email of this kind with sample data, as it would leave; ALL prints every one
    #[arg(long, value_name = "NAME|ALL", conflicts_with = "eject")]
    pub show: Option<String>,
    /// Also write each shown email's HTML into this folder, to look at in a browser
    #[arg(long, value_name = "DIR", requires = "show")]
    pub html: Option<PathBuf>,
}

/// What became of one template that was to be copied out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CopyOutcome {
    Written,
    Kept,
}

/// Results go to `out`, faults to `err`. Returns the exit status: 0, 1 where a file could not be written, 3
/// where a template of `folder` is wrong.
pub(crate) fn run(
    args: &TemplatesArgs,
    folder: Option<&Path>,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    if let Some(target) = &args.eject {
        return Ok(eject(target, json, out, err)?);
    }
    match Templates::load(folder) {
        Ok(templates) if args.show.is_some() => {
            let name = args.show.as_deref().unwrap_or_default();
            let options = ShowOptions { html: args.html.as_deref(), json };
            sample_mails::run(name, options, &templates, out, err)?;
            Ok(0)
        }
        Ok(templates) => {
            let faults = check_all(&templates);
            if json {
                print_json(Some(&templates), &faults, out)?
            } else {
                print_list(&templates, out)?
            };
            Ok(report(&faults, json, err)?)
        }
        Err(faults) => {
            if json {
                print_json(None, &faults, out)?;
            }
            Ok(report(&faults, json, err)?)
        }
    }
}

fn report(faults: &[TemplateError], json: bool, err: &mut dyn Write) -> io::Result<u8> {
    if faults.is_empty() {
        return Ok(0);
    }
    if !json {
        for fault in faults {
            writeln!(err, "error: {fault}{}", cause(fault))?;
        }
        writeln!(err, "hint: `baton templates --eject DIR` copies out the built-in ones to compare with")?;
    }
    Ok(3)
}

fn cause(fault: &TemplateError) -> String {
    std::error::Error::source(fault).map(|source| format!(": {source}")).unwrap_or_default()
}

fn place(origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn => "built in".to_owned(),
        Origin::File(file) => file.display().to_string(),
    }
}

fn print_list(templates: &Templates, out: &mut dyn Write) -> io::Result<()> {
    let widest = BUILT_IN.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, origin) in templates.origins() {
        writeln!(out, "{name:widest$}  {}", place(origin))?;
    }
    let own = templates.origins().iter().filter(|(_, origin)| *origin != Origin::BuiltIn).count();
    let samples = samples().len();
    writeln!(out)?;
    writeln!(
        out,
        "{} templates, {own} of them your own; all render with {samples} samples.",
        BUILT_IN.len()
    )?;
    writeln!(out, "`baton templates --show NAME` prints an email with sample data, `--show ALL` every one.")
}

fn print_json(
    templates: Option<&Templates>,
    faults: &[TemplateError],
    out: &mut dyn Write,
) -> io::Result<()> {
    let samples = samples();
    let variables = |kind: Option<MailKind>| -> Vec<String> {
        let sample = samples.iter().find(|sample| Some(sample.mail.key.kind) == kind);
        let known = sample.and_then(|sample| sample.variables().ok()).unwrap_or_default();
        known.iter().map(|(name, _)| name.to_owned()).collect()
    };
    let origins = templates.map(Templates::origins).unwrap_or_default();
    let listed = BUILT_IN.iter().map(|(name, _)| {
        let kind = name.rsplit_once('.').and_then(|(stem, _)| MailKind::from_name(stem));
        let origin = origins.iter().find(|(known, _)| known == name).map(|(_, origin)| origin);
        let file = match origin {
            Some(Origin::File(file)) => Some(file.display().to_string()),
            _ => None,
        };
        json!({"name": name, "kind": kind.map(MailKind::name), "file": file, "variables": variables(kind)})
    });
    let problems = faults.iter().map(|fault| {
        let (file, line) = match fault {
            TemplateError::Folder { folder, .. } => (folder, None),
            TemplateError::File { file, .. } | TemplateError::Unknown { file, .. } => (file, None),
            TemplateError::Wrong { file, line, .. } => (file, Some(*line)),
        };
        let reason = format!("{fault}{}", cause(fault));
        json!({"file": file.display().to_string(), "line": line, "message": reason})
    });
    let document = json!({
        "templates": listed.collect::<Vec<Value>>(),
        "faults": problems.collect::<Vec<Value>>(),
    });
    writeln!(out, "{document:#}")
}

fn eject(target: &Path, json: bool, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    if let Err(error) = std::fs::create_dir_all(target) {
        writeln!(err, "error: the folder {} cannot be made: {error}", target.display())?;
        return Ok(1);
    }
    let mut written = Vec::new();
    let mut kept = Vec::new();
    for &(name, text) in BUILT_IN {
        match copy_out(&target.join(name), text) {
            Ok(CopyOutcome::Written) => written.push(name),
            Ok(CopyOutcome::Kept) => kept.push(name),
            Err(error) => {
                writeln!(err, "error: {} cannot be written: {error}", target.join(name).display())?;
                return Ok(1);
            }
        }
    }
    if json {
        writeln!(
            out,
            "{:#}",
            json!({"folder": target.display().to_string(), "written": written, "kept": kept})
        )?;
        return Ok(0);
    }
    writeln!(out, "{} templates written to {}", written.len(), target.display())?;
    if !kept.is_empty() {
        writeln!(out, "{} were already there and stay as they are: {}", kept.len(), kept.join(", "))?;
    }
    writeln!(out, "Keep the ones that you change and delete the rest, then put this into baton.toml:")?;
    writeln!(out, "templates = {:?}", target.display().to_string())?;
    Ok(0)
}

fn copy_out(file: &Path, text: &str) -> io::Result<CopyOutcome> {
    match OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| CopyOutcome::Written),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(CopyOutcome::Kept),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(args: &TemplatesArgs, folder: Option<&Path>, json: bool) -> (u8, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = run(args, folder, json, &mut out, &mut err).unwrap();
        (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn what_is_copied_out_loads_again_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("templates");
        let args = TemplatesArgs { eject: Some(target.clone()), ..TemplatesArgs::default() };
        let (status, out, _) = call(&args, None, false);
        assert_eq!(status, 0);
        assert!(out.starts_with("73 templates written to"), "{out}");
        std::fs::write(target.join("stated.txt"), "Subject: {{ company }}\n\nmine\n").unwrap();
        let (status, out, _) = call(&args, None, true);
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((status, document["kept"].as_array().unwrap().len()), (0, 73));
        let (status, out, err) = call(&TemplatesArgs::default(), Some(&target), false);
        assert_eq!((status, err.as_str()), (0, ""));
        assert!(out.ends_with("73 templates, 73 of them your own; all render with 82 samples.\n`baton templates --show NAME` prints an email with sample data, `--show ALL` every one.\n"), "{out}");
    }

    #[test]
    fn a_wrong_template_is_told_to_people_and_to_programs() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stated.html"), "<p>{{ compnay }}</p>\n").unwrap();
        let (status, out, err) = call(&TemplatesArgs::default(), Some(folder.path()), false);
        assert_eq!((status, out.as_str()), (3, ""));
        assert!(err.contains("stated.html:1: unknown variable `compnay`; did you mean `company`?"), "{err}");
        let (status, out, err) = call(&TemplatesArgs::default(), Some(folder.path()), true);
        assert_eq!((status, err.as_str()), (3, ""));
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["faults"][0]["line"], 1);
    }

    #[test]
    fn the_list_for_programs_names_the_variables_of_each_kind() {
        let (status, out, _) = call(&TemplatesArgs::default(), None, true);
        let document: Value = serde_json::from_str(&out).unwrap();
        let intro = document["templates"].as_array().unwrap().iter().find(|one| one["name"] == "intro.txt");
        let expected = json!(["ae", "discussed", "expect", "meeting", "prospects", "sdr", "why"]);
        assert_eq!((status, &intro.unwrap()["variables"]), (0, &expected));
    }
}
