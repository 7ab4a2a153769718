//! The last look before a breach: the other folders of the watched accounts are searched for the AE's mail
//! to the prospect, since filters file mail away. behaviour.md section 7.
//!
//! Drafts and Trash are left out. A folder that refuses is named; an account that cannot be reached keeps
//! the look from being taken.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::judge::LastLook;
use crate::imap::{Search, Session, Use};
use crate::store::NewFact;

use super::AgentError;
use super::house::{House, at};
use super::reading::{Watched, read_found};
use super::turn::{judged, settle};

/// Looks that are due now: the handoff's id and where to look.
pub async fn due(house: &Arc<House>) -> Result<Vec<(String, LastLook)>, AgentError> {
    house
        .read(|house, view| {
            let now = house.now();
            let mut looks = Vec::new();
            for id in view.awaiting()? {
                let Some(judged) = judged(view, &house.policy, &id, now)? else { continue };
                looks.extend(judged.judgement.look.map(|look| (id, look)));
            }
            Ok(looks)
        })
        .await
}

/// Takes one last look and notes that it was taken.
pub async fn take(house: &Arc<House>, id: &str, look: &LastLook) -> Result<(), AgentError> {
    let mut refused = Vec::new();
    for account in &look.accounts {
        let mut session = house.connect(account).await?;
        refused.extend(through(house, &mut session, account, look).await?);
        session.logout().await;
    }
    let (id, deadline) = (id.to_owned(), look.deadline);
    house
        .write(move |house, change| {
            let now = house.now();
            change.add_fact(&id, now, &NewFact::LastLook { deadline, refused })?;
            settle(change, &house.policy, [id], now)
        })
        .await
}

/// Looks through one account. Returns the folders that refused, as `account/folder`.
async fn through(
    house: &Arc<House>,
    session: &mut Session,
    account: &str,
    look: &LastLook,
) -> Result<Vec<String>, AgentError> {
    let name = account.to_owned();
    let watched: BTreeSet<String> = house
        .read(move |_, view| {
            let folders = view.folders()?.into_iter().filter(|state| state.account == name);
            Ok(folders.map(|state| state.folder).collect())
        })
        .await?;
    let mut refused = Vec::new();
    for folder in at(account, session.folders().await)? {
        let left_out = matches!(folder.usage, Some(Use::Drafts | Use::Trash)) || !folder.selectable;
        if left_out || watched.contains(folder.name.wire()) {
            continue;
        }
        let place = Watched { account: account.to_owned(), name: folder.name.clone(), usage: folder.usage };
        match search(house, session, &place, look).await {
            Ok(()) => {}
            Err(AgentError::Imap { source, .. }) if source.leaves_the_session() => {
                tracing::warn!(account, folder = %folder.name, error = %source, "a folder refused the last look");
                refused.push(format!("{account}/{}", folder.name));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(refused)
}

async fn search(
    house: &Arc<House>,
    session: &mut Session,
    folder: &Watched,
    look: &LastLook,
) -> Result<(), AgentError> {
    let mailbox = at(&folder.account, session.examine(&folder.name).await)?;
    if mailbox.exists == 0 {
        return Ok(());
    }
    let from = look.from.iter().map(|address| Search::new().from(address.as_str())).collect();
    let to = look
        .to
        .iter()
        .flat_map(|address| [Search::new().to(address.as_str()), Search::new().cc(address.as_str())]);
    let day = (look.since - TimeDelta::days(1)).date_naive();
    let wanted = Search::new().since(day).any(from).any(to.collect());
    let uids = at(&folder.account, session.search(&wanted).await)?;
    read_found(house, session, folder, mailbox.uid_validity, &uids).await?;
    Ok(())
}
