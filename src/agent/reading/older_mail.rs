//! Single messages that a search has found: older mail of people who have come to matter, texts that are missing,
//! and what a last look turns up in folders that are not watched.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::imap::{ImapSession, Search};
use crate::store::Lookback;

use super::super::AgentError;
use super::super::app::App;
use super::{FolderReading, KeptMessage, ListingProgress, WatchedFolder};

impl FolderReading<'_> {
    /// Older mail of people who have come to matter.
    pub(super) async fn look_back(&mut self, session: &mut ImapSession) -> Result<(), AgentError> {
        let (account, wire) = (self.folder.account.clone(), self.wire());
        let due = self.app.read(move |_, tx| tx.lookbacks(&account, &wire)).await?;
        for some in due.chunks(10) {
            let Some(since) = some.iter().map(|one| one.since).min() else { continue };
            let uids = self.named(session.search(&with_anybody(some, since)).await)?;
            self.fetch_uids(session, &uids).await?;
            let (account, wire, done) = (self.folder.account.clone(), self.wire(), some.to_vec());
            self.app.write(move |_, tx| tx.looked_back(&account, &wire, &done)).await?;
        }
        Ok(())
    }

    /// Reads single messages that a search has found.
    async fn fetch_uids(&mut self, session: &mut ImapSession, uids: &[u32]) -> Result<(), AgentError> {
        if uids.is_empty() {
            return Ok(());
        }
        let claims = self.claims().await?;
        let mut list = ListingProgress::default();
        let readable = self.not_set_aside(uids).await?;
        for uid in &readable.stumbled_over {
            self.is_it_the_message(session, *uid).await?;
        }
        for run in runs(&readable.uids) {
            let heard = list.last;
            if let Err(error) = self.list(session, &claims, run.0, Some(run.1), &mut list).await {
                let came_to = list.last.filter(|last| Some(*last) != heard);
                let culprit = came_to.map_or(run.0, |last| last.saturating_add(1));
                self.poison(self.place(culprit.min(run.1)), error.to_string()).await?;
                return Err(error);
            }
        }
        let wanted: Vec<KeptMessage> =
            list.found.into_iter().filter(|one| uids.binary_search(&one.copy.place.uid).is_ok()).collect();
        self.fetch_and_commit(session, wanted, &claims).await
    }

    /// Texts of messages of which only the headers were remembered until a handoff claimed them.
    pub(super) async fn missing_bodies(&mut self, session: &mut ImapSession) -> Result<(), AgentError> {
        loop {
            let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
            let due = self.app.read(move |_, tx| tx.bodies_due(&account, &wire, validity)).await?;
            let before = self.news;
            let uids: Vec<u32> = due.iter().map(|one| one.place.uid).collect();
            self.fetch_uids(session, &uids).await?;
            if uids.is_empty() || self.news == before {
                return Ok(());
            }
        }
    }
}

/// Reads messages that a search in a folder that is not watched has found.
pub(crate) async fn read_found(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    validity: u32,
    uids: &[u32],
) -> Result<usize, AgentError> {
    let account = app.account(&folder.account)?;
    let options = app.read_options(account);
    let mut reading = FolderReading { app, folder, options, validity, news: 0, concerned: BTreeSet::new() };
    reading.fetch_uids(session, uids).await?;
    Ok(reading.news)
}

fn with_anybody(lookbacks: &[Lookback], since: DateTime<Utc>) -> Search {
    let ways = lookbacks.iter().flat_map(|one| {
        let address = one.address.as_str();
        [Search::new().from(address), Search::new().to(address), Search::new().cc(address)]
    });
    Search::new().since((since - TimeDelta::days(1)).date_naive()).any(ways.collect())
}

/// Ascending UIDs as runs without gaps, so that a FETCH names each run once.
fn runs(uids: &[u32]) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some(run) if run.1.checked_add(1) == Some(*uid) => run.1 = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_without_gaps_are_one_run() {
        assert_eq!(runs(&[1, 2, 3, 7, 9, 10]), [(1, 3), (7, 7), (9, 10)]);
        assert_eq!(runs(&[]), []);
    }
}
