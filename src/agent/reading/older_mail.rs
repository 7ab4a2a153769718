//! Single messages that a search has found: older mail of people who have come to matter, texts that are missing,
//! and what a last look turns up in folders that are not watched.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::message::CopyPlace;
use crate::imap::{ImapError, ImapSession, Search, UidWindow};
use crate::store::{Lookback, TRIES};

use super::super::AgentError;
use super::super::app::App;
use super::super::spelling::spellings;
use super::listing::{ListingProgress, WINDOW};
use super::{FolderReading, KeptMessage, WatchedFolder};

/// Runs of UIDs that are asked for together.
const TOGETHER: usize = 64;
/// How often a last look tries a message that was set aside.
const FURTHER_TRIES: u32 = 3;
/// Of more messages than this only the fields that matter are fetched.
const FEW_RUNS: u32 = 48;

impl FolderReading<'_> {
    /// What is still to be fetched of older mail, which mostly is nothing.
    pub(super) async fn older_mail(&mut self, session: &mut ImapSession) -> Result<(), AgentError> {
        let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
        let (due, misses_bodies) = self
            .app
            .read(move |_, tx| {
                let due = tx.lookbacks(&account, &wire)?;
                Ok((due, !tx.bodies_due(&account, &wire, validity)?.is_empty()))
            })
            .await?;
        let looks_back = !due.is_empty();
        self.look_back(session, due).await?;
        if looks_back || misses_bodies { self.missing_bodies(session).await } else { Ok(()) }
    }

    /// Older mail of people who have come to matter. Whose mail was looked for since a reading began afresh is looked up
    /// before its begin alone: to search through what was listed costs servers as much as listing it.
    async fn look_back(&mut self, session: &mut ImapSession, due: Vec<Lookback>) -> Result<(), AgentError> {
        let (first, known) =
            self.began_afresh.take().map_or((0, Vec::new()), |one| (one.first, one.lookbacks));
        let (listed, others): (Vec<_>, Vec<_>) = due.into_iter().partition(|one| known.contains(one));
        let listed = listed.chunks(10).map(|some| (some, first.saturating_sub(1)));
        for (some, last) in listed.chain(others.chunks(10).map(|some| (some, u32::MAX))) {
            let Some(since) = some.iter().map(|one| one.since).min() else { continue };
            if last > 0 {
                let search = with_anybody(some, since);
                let search = if last < u32::MAX { search.uids(1, Some(last)) } else { search };
                let uids = self.named(session.search(&search).await)?;
                self.fetch_uids(session, &uids).await?;
            }
            let (account, wire, done) = (self.folder.account.clone(), self.wire(), some.to_vec());
            self.app.write(move |_, tx| tx.looked_back(&account, &wire, &done)).await?;
        }
        Ok(())
    }

    /// Reads single messages that a search has found.
    async fn fetch_uids(&mut self, session: &mut ImapSession, uids: &[u32]) -> Result<(), AgentError> {
        let readable = self.not_set_aside(uids).await?;
        if readable.uids.is_empty() {
            return Ok(());
        }
        for uid in &readable.stumbled_over {
            let tries = self.tries(*uid).await?;
            self.is_it_the_message(session, *uid, tries).await?;
        }
        let windows = runs(&readable.uids);
        let mut left = windows.as_slice();
        while !left.is_empty() {
            let some = left.get(..TOGETHER).unwrap_or(left);
            let claims = self.claims().await?;
            let mut list = ListingProgress::default();
            let many =
                some.iter().filter_map(|window| Some(window.last? - window.first)).sum::<u32>() > FEW_RUNS;
            let listed = match self.list(session, &claims, some, many, &mut list).await {
                Ok(listed) => listed.max(1),
                Err(error) => {
                    let first = some.first().map_or(1, |window| window.first);
                    let culprit = list.last.map_or(first, |last| last.saturating_add(1));
                    // The next one that was asked for.
                    let asked = readable.uids.iter().copied().find(|uid| *uid >= culprit).unwrap_or(first);
                    self.poison(self.place(asked), error.to_string()).await?;
                    return Err(error);
                }
            };
            let some = some.get(..listed).unwrap_or(some);
            left = left.get(some.len()..).unwrap_or_default();
            let asked = readable.uids.iter().filter(|uid| some.iter().any(|window| holds(*window, **uid)));
            let asked: Vec<u32> = asked.copied().collect();
            let came: Vec<u32> =
                list.uids.iter().chain(list.refused.iter().map(|(uid, _)| uid)).copied().collect();
            let withheld = self.withheld_of(session, &asked, &came).await?;
            list.refused.extend(withheld);
            self.try_again(list.refused).await?;
            let wanted: Vec<KeptMessage> = list
                .found
                .into_iter()
                .filter(|one| uids.binary_search(&one.copy.place.uid).is_ok())
                .collect();
            self.fetch_and_commit(session, wanted, &claims).await?;
        }
        Ok(())
    }

    /// Texts of messages of which only the headers were remembered until a handoff claimed them.
    async fn missing_bodies(&mut self, session: &mut ImapSession) -> Result<(), AgentError> {
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

/// Reads messages that a search in a folder has found. Whether some of them cannot be read, and nothing is known of them.
pub(crate) async fn read_found(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    validity: u32,
    uids: &[u32],
) -> Result<bool, AgentError> {
    let account = app.account(&folder.account)?;
    let options = app.read_options(account);
    let mut reading = FolderReading::new(app, folder, options, validity);
    // What was set aside while the server was out of order may be readable by now.
    reading.tries_allowed = TRIES + FURTHER_TRIES;
    reading.fetch_uids(session, uids).await?;
    if let Some(text) = reading.refusal.take() {
        return reading.named(Err(ImapError::Refused { command: "FETCH", text }));
    }
    let places: Vec<CopyPlace> = uids.iter().map(|uid| reading.place(*uid)).collect();
    app.read(move |_, tx| {
        for place in places {
            if tx.poisoned(&place)? >= TRIES + FURTHER_TRIES && !tx.has_copy(&place)? {
                return Ok(true);
            }
        }
        Ok(false)
    })
    .await
}

fn with_anybody(lookbacks: &[Lookback], since: DateTime<Utc>) -> Search {
    let ways = lookbacks.iter().flat_map(|one| {
        let fields = [Search::from, Search::to, Search::cc];
        fields.into_iter().flat_map(|field| spellings(&one.address, field))
    });
    Search::new().since((since - TimeDelta::days(1)).date_naive()).any(ways.collect())
}

fn holds(window: UidWindow, uid: u32) -> bool {
    uid >= window.first && window.last.is_none_or(|last| uid <= last)
}

/// Ascending UIDs as runs without gaps, so that a FETCH names each run once; no run is longer than a window.
fn runs(uids: &[u32]) -> Vec<UidWindow> {
    let mut runs: Vec<UidWindow> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some(UidWindow { first, last: Some(last) })
                if last.checked_add(1) == Some(*uid) && (*uid - *first) < WINDOW =>
            {
                *last = *uid;
            }
            _ => runs.push(UidWindow { first: *uid, last: Some(*uid) }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(uids: &[u32]) -> Vec<(u32, Option<u32>)> {
        runs(uids).into_iter().map(|window| (window.first, window.last)).collect()
    }

    #[test]
    fn uids_without_gaps_are_one_run() {
        assert_eq!(pairs(&[1, 2, 3, 7, 9, 10]), [(1, Some(3)), (7, Some(7)), (9, Some(10))]);
        assert_eq!(pairs(&[]), []);
        let long: Vec<u32> = (1..=1200).collect();
        assert_eq!(pairs(&long), [(1, Some(500)), (501, Some(1000)), (1001, Some(1200))]);
    }
}
