//! What the people of a handoff answered to baton's own mails: acceptance, refusal, `done`, and whether an
//! unknown address is the AE. behaviour.md sections 5 and 8.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::answer;
use super::super::fact::{Fact, FactKind, StatementKind};
use super::super::mail_kinds::AnswerMeaning;
use super::super::message::{Address, MessageId, MessageKind};
use super::directory::Directory;
use super::seen_messages::{Correspondence, SeenMessage};
use super::{Acceptance, AcceptanceState};

/// What one answer said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AnswerStance {
    pub at: DateTime<Utc>,
    pub name: String,
    pub message_id: Option<MessageId>,
    pub words: String,
    pub tenure: usize,
}

/// All stances of the AEs, in the order of their time.
#[derive(Debug, Default)]
pub(super) struct Stances {
    pub done: Vec<AnswerStance>,
    pub refused: Vec<AnswerStance>,
    pub accepted: Vec<AnswerStance>,
    owner_updated: Vec<AnswerStance>,
}

/// Whether a message is read as an answer to baton's mails: a person's or a reaction, from nobody outside.
pub(super) fn is_answer(mail: &Correspondence, seen: &SeenMessage) -> bool {
    !seen.is_batons
        && !seen.answers.is_empty()
        && matches!(seen.kind(), Some(MessageKind::Human | MessageKind::Reaction))
        && !mail.by_prospect(seen)
}

/// Whether it is an answer and nothing else: one that reaches a prospect contact is judged by the rows too.
pub(super) fn is_only_answer(mail: &Correspondence, seen: &SeenMessage) -> bool {
    is_answer(mail, seen) && mail.prospects_among(seen).is_empty()
}

impl Stances {
    pub(crate) fn read(mail: &Correspondence, by_ae: &dyn Fn(&SeenMessage) -> bool) -> Self {
        let mut stances = Self::default();
        for seen in mail.seen.iter().filter(|seen| is_answer(mail, seen) && by_ae(seen)) {
            // What is answered to mail about the feedback is no stance.
            if seen.answers.iter().any(|key| key.kind.is_answered_by(AnswerMeaning::Feedback)) {
                continue;
            }
            let reaction = seen.body().and_then(|body| body.reaction.as_deref());
            let stance = answer::stance(seen.words(), reaction);
            let said = AnswerStance {
                at: seen.at,
                name: seen.name(),
                message_id: seen.headers().id.clone(),
                // The words of a reaction are the provider's.
                words: reaction
                    .map_or_else(|| answer::without_ours(seen.words()).trim().to_owned(), str::to_owned),
                tenure: seen.tenure,
            };
            if stance.owner_updated {
                stances.owner_updated.push(said.clone());
            }
            if stance.refuses {
                stances.refused.push(said);
                continue;
            }
            let is_to_record =
                seen.answers.iter().any(|key| key.kind.is_answered_by(AnswerMeaning::Acceptance));
            // Who passes the record on has answered nobody.
            let is_reply = !answer::is_forward(&seen.headers().subject);
            if is_to_record && is_reply && !stance.only_asks && !stance.silent {
                stances.accepted.push(said.clone());
            }
            if stance.done {
                stances.done.push(said);
            }
        }
        stances
    }

    /// The acceptance of the AE of `tenure`. The first assent counts, and a refusal also after it.
    pub(crate) fn acceptance(&self, facts: &[Fact], tenure: usize, since: DateTime<Utc>) -> Acceptance {
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        enum AcceptanceStep<'a> {
            Accepted(&'a str),
            Refused(&'a str),
            Taken { notes: Option<&'a str> },
            Withdrawn,
        }
        // Within one second mail comes before what a person says of it, and that in its order.
        let mut acts: Vec<(DateTime<Utc>, &str, AcceptanceStep)> = Vec::new();
        let of_tenure = |said: &&AnswerStance| said.tenure == tenure;
        for said in self.accepted.iter().filter(of_tenure) {
            acts.push((said.at, "", AcceptanceStep::Accepted(&said.words)));
        }
        for said in self.refused.iter().filter(of_tenure) {
            acts.push((said.at, "", AcceptanceStep::Refused(&said.words)));
        }
        let mut owner_updated = self.owner_updated.iter().any(|said| said.tenure == tenure);
        for fact in facts.iter().filter(|fact| fact.at >= since) {
            if let FactKind::Said(statement) = &fact.what {
                match &statement.says {
                    StatementKind::Accepted { notes, owner_updated: owner } => {
                        owner_updated |= *owner;
                        acts.push((
                            fact.at,
                            &statement.id,
                            AcceptanceStep::Taken { notes: notes.as_deref() },
                        ));
                    }
                    StatementKind::NotAccepted => {
                        acts.push((fact.at, &statement.id, AcceptanceStep::Withdrawn))
                    }
                    _ => {}
                }
            }
        }
        acts.sort();
        let mut result = Acceptance { state: AcceptanceState::None, at: None, owner_updated, notes: None };
        for (at, _, act) in acts {
            match act {
                AcceptanceStep::Accepted(words) if result.state != AcceptanceState::Accepted => {
                    result = Acceptance {
                        state: AcceptanceState::Accepted,
                        at: Some(at),
                        owner_updated,
                        notes: Some(words.to_owned()),
                    };
                }
                AcceptanceStep::Accepted(_) => {}
                AcceptanceStep::Refused(words) => {
                    result = Acceptance {
                        state: AcceptanceState::Refused,
                        at: Some(at),
                        owner_updated,
                        notes: Some(words.to_owned()),
                    };
                }
                // Of one that stands, a correction changes what it names.
                AcceptanceStep::Taken { notes } if result.state == AcceptanceState::Accepted => {
                    result.notes = notes.map(str::to_owned).or(result.notes);
                }
                AcceptanceStep::Taken { notes } => {
                    result = Acceptance {
                        state: AcceptanceState::Accepted,
                        at: Some(at),
                        owner_updated,
                        notes: notes.map(str::to_owned),
                    };
                }
                AcceptanceStep::Withdrawn => {
                    result =
                        Acceptance { state: AcceptanceState::None, at: None, owner_updated, notes: None };
                }
            }
        }
        result
    }
}

/// What the SDR said of an address that was asked about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AddressIdentity {
    pub is_ae: bool,
    /// As it was asked about.
    pub address: Address,
    pub at: DateTime<Utc>,
    pub message_id: Option<MessageId>,
    pub tenure: usize,
}

/// What the SDR answered to `who-is-this`, by the address asked about: the last word counts.
pub(super) fn identities(mail: &Correspondence, directory: &Directory) -> BTreeMap<Address, AddressIdentity> {
    let mut settled = BTreeMap::new();
    for seen in mail.seen.iter().filter(|seen| is_answer(mail, seen)) {
        let by_sdr = seen.headers().from.iter().any(|from| directory.is_sdr(&from.address));
        let Some(is_ae) = answer::yes_or_no(seen.words()).filter(|_| by_sdr) else { continue };
        for key in seen.answers.iter().filter(|key| key.kind.is_answered_by(AnswerMeaning::Identity)) {
            if let Some(address) = Address::new(&key.about) {
                let message_id = seen.headers().id.clone();
                let key = address.mailbox();
                settled.insert(
                    key,
                    AddressIdentity { is_ae, address, at: seen.at, message_id, tenure: seen.tenure },
                );
            }
        }
    }
    settled
}

/// Addresses that were denied.
pub(super) fn denied(settled: &BTreeMap<Address, AddressIdentity>) -> BTreeSet<Address> {
    settled.iter().filter(|(_, said)| !said.is_ae).map(|(address, _)| address.clone()).collect()
}
