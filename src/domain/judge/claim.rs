//! What mail an open handoff may claim, and what else the agent is to look for.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::message::Address;
use super::super::record_title;
use super::calendars::Calendars;
use super::correspondence::Correspondence;
use super::judgement::{Claim, LastLook};
use super::participants::Participants;
use super::reading_progress::ReadingProgress;
use super::records::IntroRecords;
use super::touch::SlaClock;

pub(super) fn claim(
    records: &IntroRecords,
    mail: &Correspondence,
    participants: &Participants,
    calendars: &Calendars,
) -> Claim {
    let Participants { directory, tenures } = participants;
    let mut ids = mail.thread_ids.clone();
    let mut tokens = BTreeSet::new();
    for own in mail.own.all() {
        ids.extend(own.ids.iter().cloned());
        tokens.insert(own.token.clone());
    }
    // An answer's own id too: who answers a forward may cite nothing else.
    let answers = mail.seen.iter().filter(|seen| mail.is_only_answer(seen));
    ids.extend(answers.flat_map(|seen| seen.ids.iter().cloned()));
    let prospects: BTreeSet<Address> =
        mail.prospects.list().iter().map(|prospect| prospect.address.clone()).collect();
    let mut addresses = prospects.clone();
    let mut look_alikes = BTreeSet::new();
    for name in (0..=tenures.last()).map(|tenure| tenures.ae(tenure)) {
        look_alikes.insert(name.to_owned());
        addresses.extend(directory.addresses_of(name));
        addresses.extend(directory.delegates_of(name));
    }
    addresses.extend(directory.addresses_of(directory.sdr()));
    let events = calendars.own_uids().cloned().collect();
    let records = records.all().flat_map(record_title::keys_of).collect();
    Claim {
        ids,
        tokens,
        events,
        conversations: mail.conversations.clone(),
        addresses,
        prospects,
        look_alikes,
        records,
    }
}

/// The look through all other folders, before the clock's AE is accused.
pub(super) fn last_look(
    clock: &SlaClock,
    progress: &ReadingProgress,
    mail: &Correspondence,
    participants: &Participants,
    handed_over: Option<DateTime<Utc>>,
) -> LastLook {
    let mut from = participants.directory.addresses_of(participants.ae());
    from.extend(participants.directory.delegates_of(participants.ae()));
    LastLook {
        deadline: clock.deadline,
        accounts: progress.accounts().iter().cloned().collect(),
        from,
        to: mail.prospects.list().iter().map(|prospect| prospect.address.clone()).collect(),
        since: handed_over.unwrap_or(clock.started),
    }
}
