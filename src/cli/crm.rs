//! The file of `baton audit --crm`: read, decoded, and refused with what would help.

use std::path::Path;
use std::sync::Arc;

use crate::agent::app::App;
use crate::audit::crm::{self, CrmFault, CrmSetup};
use crate::files;
use crate::record;

pub(super) use crate::audit::crm::CrmFile;

use super::failure::{Failure, REFUSED};

/// The most that is read of an export, which is held in memory as a whole.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Reads the file.
pub(super) fn crm_file(
    app: &App,
    path: &Path,
    columns: &[String],
    zone: Option<&str>,
) -> Result<CrmFile, Failure> {
    let zone = match zone {
        None => Arc::clone(&app.default_zone),
        Some(name) => app.zones.get(name).ok_or_else(|| {
            let failure = Failure::new(REFUSED, format!("there is no zone `{name}`"));
            match app.zones.nearest(name) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("name it like America/New_York"),
            }
        })?,
    };
    let bytes = files::read_argument(path, LARGEST).map_err(|error| {
        Failure::new(REFUSED, format!("{} cannot be read: {error}", path.display()))
            .hint("name a file that the CRM has exported as CSV")
    })?;
    let name = path.display().to_string();
    let text = record::decode(&name, &bytes).map_err(|_| {
        Failure::new(REFUSED, format!("{name} is no text file")).hint("export it again as CSV")
    })?;
    let setup = CrmSetup { policy: &app.policy, columns, zone, now: app.now() };
    crm::read(&text, &setup).map_err(|fault| refused(&name, &fault))
}

fn refused(name: &str, fault: &CrmFault) -> Failure {
    let failure = Failure::new(REFUSED, format!("{name}: {fault}"));
    match fault {
        CrmFault::Empty => failure.hint("export it again, with a first row of headings"),
        CrmFault::Headings { seen, .. } => failure
            .hint(format!("its headings are {}", seen.join(", ")))
            .hint("name one with --column, such as --column handoff=\"Created Date\""),
        CrmFault::Order { .. } => {
            failure.hint("export it with dates such as 2026-11-24, or with rows whose day is above 12")
        }
    }
}
