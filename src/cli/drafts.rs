//! `baton drafts`: records that were handed in by mail and have not been sent. docs/behaviour.md section 13.

use std::io::Write;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::agent::app::App;
use crate::domain::letter::{Draft, DraftState};

use super::failure::{Failure, REFUSED};
use super::open::CommandContext;
use crate::store::OpenPurpose;

/// Options of `baton drafts`.
#[derive(Args, Debug)]
pub struct DraftsArgs {
    #[command(subcommand)]
    pub action: Option<DraftsAction>,
}

#[derive(Subcommand, Debug)]
pub enum DraftsAction {
    /// Give up on a draft: letters no longer change it, and a yes to it does nothing
    Drop {
        /// Its id, as `baton drafts` shows it
        id: String,
    },
}

/// What is listed.
const LISTED: [DraftState; 3] = [DraftState::Ready, DraftState::Faulty, DraftState::Expired];

async fn kept(app: &Arc<App>) -> Result<Vec<Draft>, Failure> {
    let drafts = app.read(|_, tx| tx.drafts(&LISTED)).await?;
    let mut drafts: Vec<Draft> = drafts.into_iter().map(|draft| draft.standing_at(app.now())).collect();
    drafts.sort_by_key(|draft| std::cmp::Reverse(draft.letter_at));
    Ok(drafts)
}

/// `baton drafts --json`, the last letter first.
pub async fn listed(app: &Arc<App>) -> Result<Vec<Value>, Failure> {
    Ok(kept(app).await?.iter().map(as_json).collect())
}

/// `baton drafts [drop ID]`.
pub async fn drafts(context: &CommandContext, args: &DraftsArgs) -> Result<(), Failure> {
    let purpose = if args.action.is_some() { OpenPurpose::Change } else { OpenPurpose::Look };
    let app = context.app_for(&context.config()?, purpose)?;
    let drafts = kept(&app).await?;
    let mut out = context.stdout();
    let Some(DraftsAction::Drop { id }) = &args.action else {
        if context.json {
            let document: Value = drafts.iter().map(as_json).collect();
            writeln!(out, "{document:#}")?;
        } else if drafts.is_empty() {
            writeln!(out, "no drafts; SDRs hand in records by email to {}", app.policy.agent_address)?;
        }
        if !context.json {
            for draft in &drafts {
                let at = app.default_zone.local(draft.letter_at).format("%a %-d %b %Y %H:%M");
                let company = if draft.company.is_empty() { "(no company yet)" } else { &draft.company };
                writeln!(out, "{}  {company}, {}, {}, {at}", draft.id, draft.sdr, draft.state.name())?;
            }
        }
        return Ok(());
    };
    let Some(draft) = drafts.into_iter().find(|draft| draft.id == *id && draft.state.is_kept()) else {
        return Err(Failure::new(REFUSED, format!("there is no draft `{id}` to drop"))
            .hint("`baton drafts` lists them"));
    };
    let dropped = Draft { state: DraftState::Dropped, ..draft };
    let noted = dropped.clone();
    app.write_for_command(move |_, tx| tx.add_draft(&noted)).await?;
    if context.json {
        writeln!(out, "{:#}", as_json(&dropped))?;
    } else {
        writeln!(out, "{} dropped", dropped.id)?;
    }
    Ok(())
}

/// docs/interface.md, `baton drafts`.
fn as_json(draft: &Draft) -> Value {
    json!({
        "id": draft.id,
        "sdr": draft.sdr,
        "company": draft.company,
        "state": draft.state.name(),
        "at": draft.letter_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    })
}
