//! `baton backup` and `baton restore`: a copy of the database, and putting one in its place.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::store::{
    OpenPurpose, RestoreOutcome, RestoredDatabase, StoreError, is_gone, restore as put_in_place,
};

use super::args::{BackupArgs, RestoreArgs};
use super::failure::{FAILED, Failure, REFUSED};
use super::open::CommandContext;

fn place(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// `baton backup FILE`.
pub(crate) async fn backup(context: &CommandContext, args: &BackupArgs) -> Result<(), Failure> {
    let config = context.config()?;
    if args.file.as_os_str() == "-" {
        return Err(Failure::new(REFUSED, "a copy of the database does not go to standard output")
            .hint("name a file, such as baton-backup.db"));
    }
    if place(&args.file) == place(&config.database) {
        return Err(Failure::new(REFUSED, "that is the database itself"));
    }
    if is_gone(&config.database) {
        return Err(Failure::from(StoreError::Gone { path: config.database.clone() }));
    }
    if !config.database.exists() && args.file.exists() {
        // The copy of nothing would take the place of a whole one.
        let message = format!("there is no database {} to copy", config.database.display());
        return Err(
            Failure::new(REFUSED, message).hint("`send` and `run` make one; the file stays as it was")
        );
    }
    let app = context.app_for(&config, OpenPurpose::Look)?;
    let now = context.now();
    app.store.back_up(&args.file, now).await?;
    let size = std::fs::metadata(&args.file).map_or(0, |data| data.len());
    let mut out = context.stdout();
    if context.json {
        let document =
            json!({"file": args.file.display().to_string(), "bytes": size, "at": super::json::utc(now)});
        writeln!(out, "{document:#}")?;
    } else {
        writeln!(out, "wrote {} ({} KiB)", args.file.display(), size.div_ceil(1024))?;
    }
    Ok(())
}

/// `baton restore FILE`.
pub(crate) async fn restore(context: &CommandContext, args: &RestoreArgs) -> Result<(), Failure> {
    let config = context.config()?;
    if !args.file.is_file() {
        return Err(Failure::new(REFUSED, format!("there is no file {}", args.file.display()))
            .hint("name a file that `baton backup` wrote"));
    }
    if place(&args.file) == place(&config.database) {
        return Err(Failure::new(REFUSED, "that is the database itself"));
    }
    let (from, to, now) = (args.file.clone(), config.database.clone(), context.now());
    let restored = tokio::task::spawn_blocking(move || put_in_place(&from, &to, now))
        .await
        .map_err(|_| Failure::new(FAILED, "the backup could not be put in place"))?;
    let RestoredDatabase { as_of, kept } = match restored? {
        RestoreOutcome::Done(restored) => restored,
        RestoreOutcome::InUse => {
            let path = config.database.display();
            return Err(Failure::new(
                FAILED,
                format!("an agent is running on {path}, so nothing was changed"),
            )
            .hint("end `baton run` first, then restore, then start it again"));
        }
    };
    let mut out = context.stdout();
    if context.json {
        let document = json!({
            "file": args.file.display().to_string(),
            "database": config.database.display().to_string(),
            "as_of": as_of.map(super::json::utc),
            "kept": kept.as_ref().map(|path| path.display().to_string()),
        });
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    let of = as_of.map(|at| format!(" of {}", at.format("%Y-%m-%d %H:%M:%S UTC"))).unwrap_or_default();
    writeln!(out, "{} is the database{of} now", config.database.display())?;
    if let Some(kept) = kept {
        writeln!(out, "what was there before is kept as {}", kept.display())?;
    }
    writeln!(out, "the next `baton run` reads every mailbox before it sends anything")?;
    Ok(())
}
