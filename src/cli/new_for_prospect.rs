//! `baton new --prospect`: the record filled in with what the SDR's mailbox proves. docs/behaviour.md section 13.
//!
//! Needs a configuration and the SDR's mailbox. Where nothing can be filled in, the empty record is written all the
//! same and says why.

use crate::agent::prefill::{FilledForm, FormRequest, filled_form};
use crate::config::Config;
use crate::diagnostics::nearest;
use crate::domain::letter::FormOrigin;
use crate::domain::people::{Person, TeamRole};
use crate::output;
use crate::store::OpenPurpose;

use super::failure::{Failure, REFUSED};
use super::new::{NewArgs, NewError, check_free, write_record};
use super::open::{self, CommandContext};
use super::terminal::print_note;
use super::wait;

/// `baton new [FILE] --prospect ADDRESS [--sdr NAME]`.
pub(super) fn run(context: &CommandContext, args: &NewArgs, prospect: &str) -> Result<(), Failure> {
    let refused = |error: NewError| Failure::of(error.status(), &error).hint(error.hint());
    check_free(args).map_err(refused)?;
    let config = context.config()?;
    let sdr = with_role(&config, args.sdr.as_deref(), TeamRole::Sdr, "SDR", "--sdr")?;
    let ae = match &args.ae {
        Some(name) => Some(with_role(&config, Some(name), TeamRole::Ae, "AE", "--ae")?.name.clone()),
        None => None,
    };
    if sdr.account.is_none() {
        let message = format!("{} has no account in the configuration, so no mailbox can be read", sdr.name);
        return Err(
            Failure::new(REFUSED, message).hint("give that person an `account`, or leave --prospect out")
        );
    }
    let request = FormRequest { sdr: sdr.name.clone(), ae, named: prospect.to_owned(), forwarded: None };
    let app = context.app_for(&config, OpenPurpose::Look)?;
    let FilledForm { record_text, origin } = wait(async { Ok(filled_form(&app, request).await?) })?;
    let not_filled_in = match origin {
        FormOrigin::NotFilledIn { why, .. } => Some(why),
        FormOrigin::Blank | FormOrigin::Prospect(_) => None,
    };
    if let Some(why) = not_filled_in.as_ref().filter(|_| !context.json) {
        print_note(format!("nothing is filled in: {why}\n"));
    }
    let json = context.json.then_some(&not_filled_in);
    write_record(args, &record_text, json, &mut context.stdout(), &mut output::stderr()).map_err(refused)
}

/// The person of that name, or first name, in that role; without a name, the only one.
fn with_role<'c>(
    config: &'c Config,
    name: Option<&str>,
    role: TeamRole,
    title: &str,
    flag: &str,
) -> Result<&'c Person, Failure> {
    let everybody: Vec<&Person> =
        config.people.iter().filter(|person| person.roles.contains(&role)).collect();
    let names: Vec<&str> = everybody.iter().map(|person| person.name.as_str()).collect();
    let Some(name) = name else {
        return match everybody.as_slice() {
            [only] => Ok(only),
            [] => Err(Failure::new(REFUSED, format!("there is no {title} in the configuration"))),
            _ => Err(Failure::new(REFUSED, format!("there is more than one {title}"))
                .hint(format!("say whose mailbox is meant with {flag}: {}", names.join(", ")))),
        };
    };
    open::person_called(&config.people, role, name).ok_or_else(|| {
        let failure = Failure::new(REFUSED, format!("there is no {title} `{name}` in the configuration"));
        match nearest(name, names.clone()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("known: {}", names.join(", "))),
        }
    })
}
