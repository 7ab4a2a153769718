//! Who is who, and with that the mail: the SDR may have said that an unknown address is the AE (row 16), and
//! mail from it is read again knowing that. docs/behaviour.md section 5.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::address_book::among;
use super::super::answer;
use super::super::fact::{Fact, FactKind};
use super::super::mail_kinds::AnswerMeaning;
use super::super::message::{Address, MessageId};
use super::correspondence::Correspondence;
use super::directory::{Directory, KnownAddresses};
use super::policy::Policy;
use super::records::IntroRecords;
use super::seen_message::SeenMessage;
use super::tenures::Tenures;

/// What the SDR said of an address that was asked about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AddressIdentity {
    pub is_ae: bool,
    /// As it was asked about.
    pub address: Address,
    pub at: DateTime<Utc>,
    pub message_id: Option<MessageId>,
    /// Whose turn it was as AE when the mail came that was asked about.
    pub tenure: usize,
}

/// What the SDR answered to `who-is-this`, by the mailbox asked about: the last word counts.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// By the address that was asked about, as it is spelt.
    settled: BTreeMap<Address, AddressIdentity>,
}

impl Identities {
    fn read(mail: &Correspondence, directory: &Directory) -> Self {
        let mut settled = BTreeMap::new();
        for seen in mail.seen.iter().filter(|seen| mail.is_answer(seen)) {
            // Whoever can read the question knows its token: the answer has to be the SDR's own.
            let sdr = directory.person(directory.sdr());
            let account = sdr.and_then(|person| person.account.as_deref());
            let is_sdrs =
                seen.has_authors(|address| directory.is_sdr(address)) && !seen.fails_authenticity(account);
            let Some(is_ae) = answer::yes_or_no(seen.words()).filter(|_| is_sdrs) else { continue };
            for key in seen.answers.iter().filter(|key| key.kind.is_answered_by(AnswerMeaning::Identity)) {
                if let Some(address) = Address::new(&key.about) {
                    let asked_about = of_mailbox(mail, &address).unwrap_or(seen);
                    let identity = AddressIdentity {
                        is_ae,
                        address: address.clone(),
                        at: seen.at,
                        message_id: seen.headers().id.clone(),
                        tenure: asked_about.tenure,
                    };
                    settled.insert(address, identity);
                }
            }
        }
        Self { settled }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &AddressIdentity> {
        self.settled.values()
    }

    /// Whether the SDR has said who this address is.
    pub(crate) fn is_settled(&self, address: &Address) -> bool {
        self.of(address).is_some()
    }

    /// The SDR said that it is not the AE's.
    pub(crate) fn is_denied(&self, address: &Address) -> bool {
        self.of(address).is_some_and(|said| !said.is_ae)
    }

    fn of(&self, address: &Address) -> Option<&AddressIdentity> {
        self.settled.get(among(address, self.settled.keys())?)
    }

    /// Addresses that the SDR said are the AE's: name of the AE at the time of the mail that was asked about,
    /// and address.
    pub(crate) fn confirmed(&self, mail: &Correspondence, tenures: &Tenures) -> Vec<(String, Address)> {
        let mut confirmed: Vec<(String, Address)> = self
            .settled
            .iter()
            .filter(|(_, said)| said.is_ae)
            .filter(|(address, _)| of_mailbox(mail, address).is_some())
            .map(|(address, said)| (tenures.ae(said.tenure).to_owned(), address.clone()))
            .collect();
        confirmed.sort();
        confirmed
    }
}

/// The first mail from that mailbox.
fn of_mailbox<'m>(mail: &'m Correspondence, address: &Address) -> Option<&'m SeenMessage> {
    let is_from =
        |seen: &&SeenMessage| seen.from().is_some_and(|from| from.address.canonical() == address.canonical());
    mail.seen.iter().find(is_from)
}

/// Aliases that the store keeps from earlier answers: person and address.
fn taught(facts: &[Fact]) -> Vec<(String, Address)> {
    owned(facts, |what| match what {
        FactKind::AliasTaught { person, address } => Some((person, address)),
        _ => None,
    })
}

/// What people of the handoff had while it was open.
fn held(facts: &[Fact]) -> Vec<(String, Address)> {
    owned(facts, |what| match what {
        FactKind::AddressHeld { person, address } => Some((person, address)),
        _ => None,
    })
}

/// Who wrote for an AE of the handoff while it was open.
fn delegates(facts: &[Fact]) -> Vec<(String, Address)> {
    owned(facts, |what| match what {
        FactKind::DelegateHeld { ae, address } => Some((ae, address)),
        _ => None,
    })
}

fn owned(facts: &[Fact], of: impl Fn(&FactKind) -> Option<(&String, &Address)>) -> Vec<(String, Address)> {
    let named = facts.iter().filter_map(|fact| of(&fact.what));
    let mut owned: Vec<_> = named.map(|(person, address)| (person.clone(), address.clone())).collect();
    owned.sort();
    owned.dedup();
    owned
}

/// Who is who in a handoff, and the mail as read with that.
#[derive(Debug)]
pub(super) struct WhoIsWho<'a> {
    pub directory: Directory<'a>,
    pub mail: Correspondence,
    pub identities: Identities,
}

impl<'a> WhoIsWho<'a> {
    /// Reads the mail by the configuration and what was taught; where an answer of the SDR in it makes an
    /// address the AE's, reads it once more with that.
    pub(crate) fn settle(
        policy: &'a Policy,
        sdr: &'a str,
        facts: &[Fact],
        tenures: &Tenures,
        records: &IntroRecords,
    ) -> Self {
        let mut taught = taught(facts);
        let held = held(facts);
        let delegates = delegates(facts);
        let record = records.addresses();
        let read = |taught: &[(String, Address)]| {
            let known = KnownAddresses { held: &held, delegates: &delegates, taught, record: &record };
            let directory = Directory::new(policy, sdr, tenures, &known);
            let mail = Correspondence::read(facts, records, &directory, tenures);
            (directory, mail)
        };
        let (directory, mail) = read(&taught);
        let identities = Identities::read(&mail, &directory);
        let confirmed = identities.confirmed(&mail, tenures);
        if confirmed.is_empty() {
            return Self { directory, mail, identities };
        }
        taught.extend(confirmed);
        let (directory, mail) = read(&taught);
        Self { directory, mail, identities }
    }
}
