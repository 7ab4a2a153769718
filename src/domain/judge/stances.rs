//! What the AEs answered to baton's own mails, feedback aside: acknowledged, refused, `done`. An answer to a request
//! for feedback is read here where it is none.
//! docs/behaviour.md sections 5 and 8.

use chrono::{DateTime, Utc};

use super::super::answer::{self, KnownNames};
use super::super::mail_kinds::AnswerMeaning;
use super::super::message::MessageId;
use super::correspondence::Correspondence;
use super::feedback_answers::states_instead;
use super::participants::Participants;
use super::records::IntroRecords;
use super::seen_message::SeenMessage;

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
    /// Those that say in words that it is theirs.
    pub taken_on: Vec<AnswerStance>,
    pub owner_updated: Vec<AnswerStance>,
}

impl Stances {
    pub(crate) fn read(mail: &Correspondence, participants: &Participants, records: &IntroRecords) -> Self {
        let mut stances = Self::default();
        let answers = mail.seen.iter().filter(|seen| mail.is_answer(seen));
        let by_ae = answers.filter(|seen| participants.is_written_by_ae_of(seen, seen.tenure));
        let mut names = None;
        for seen in by_ae {
            let is_feedback = seen.answers.iter().any(|key| key.kind.is_answered_by(AnswerMeaning::Feedback));
            if !is_feedback || states_instead(seen, participants) {
                stances.add(seen, names.get_or_insert_with(|| known_names(mail, participants, records)));
            }
        }
        stances
    }

    fn add(&mut self, seen: &SeenMessage, names: &KnownNames) {
        let reaction = seen.body().and_then(|body| body.reaction.as_deref());
        let stance = answer::stance(seen.words(), reaction, names);
        let said = AnswerStance {
            at: seen.at,
            name: seen.name().to_owned(),
            message_id: seen.headers().id.clone(),
            // The words of a reaction are the provider's.
            words: reaction
                .map_or_else(|| answer::without_ours(seen.words()).trim().to_owned(), str::to_owned),
            tenure: seen.tenure,
        };
        if stance.owner_updated {
            self.owner_updated.push(said.clone());
        }
        if stance.refuses {
            self.refused.push(said);
            return;
        }
        let is_to_record = seen.answers.iter().any(|key| key.kind.is_answered_by(AnswerMeaning::Acceptance));
        // Who passes the record on has answered nobody.
        let is_reply = !answer::is_forward(&seen.headers().subject);
        if is_to_record && is_reply && !stance.only_asks && !stance.silent {
            self.accepted.push(said.clone());
        }
        if stance.takes_on {
            self.taken_on.push(said.clone());
        }
        if stance.done {
            self.done.push(said);
        }
    }
}

/// Everybody whom an answer may speak of. People of the configuration are one's own, whatever else names them.
fn known_names(mail: &Correspondence, participants: &Participants, records: &IntroRecords) -> KnownNames {
    let of_records = records.all().flat_map(|record| record.stakeholders.iter().map(|one| one.name.as_str()));
    // An address without a name tells it where it has several parts: `sarah.lee`, but not `info`.
    let contacts = mail.prospects.list().iter().map(|contact| match contact.name.as_str() {
        "" if contact.address.local().contains(['.', '_', '-']) => contact.address.local(),
        name => name,
    });
    let prospects = contacts.chain(of_records).filter(|name| participants.directory.person(name).is_none());
    let companies = records.all().map(|record| record.company.as_str());
    KnownNames::new(prospects, companies, participants.directory.people().map(|person| person.name.as_str()))
}
