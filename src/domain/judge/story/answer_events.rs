//! What people answered to baton's own mails, and what came of it.

use super::super::super::address_book::among;
use super::super::super::message::{Address, MessageId};
use super::super::correspondence::Correspondence;
use super::super::feedback_answers::FeedbackAnswer;
use super::super::identities::Identities;
use super::super::judgement::Event;
use super::super::participants::Participants;
use super::super::seen_message::SeenMessage;
use super::super::stances::Stances;
use super::event::{event, first_line};
use super::names::Names;

#[derive(Debug)]
pub(super) struct AnswerEvents<'a> {
    pub participants: Participants<'a>,
    pub mail: &'a Correspondence,
    pub identities: &'a Identities,
    pub stances: &'a Stances,
    pub answers: &'a [FeedbackAnswer],
    /// Messages that brought a record to a prospect contact.
    pub leaks: &'a [&'a SeenMessage],
}

impl AnswerEvents<'_> {
    pub(crate) fn add_to(&self, events: &mut Vec<Event>) {
        self.add_stances(events);
        self.add_identities(events);
        self.add_feedback(events);
        for seen in self.mail.seen.iter().filter(|seen| self.is_ignored(seen)) {
            let author = Names { participants: self.participants, mail: self.mail }.author(seen);
            events.push(Event {
                message_id: seen.headers().id.clone(),
                folder: seen.folder(),
                ..event(seen.at, "ignored", format!("{author} answered a mail that asked somebody else"))
            });
        }
        for seen in self.leaks {
            events.push(Event {
                message_id: seen.headers().id.clone(),
                folder: seen.folder(),
                ..event(
                    seen.at,
                    "record-leaked",
                    "a prospect contact is among the people of the record".into(),
                )
            });
        }
    }

    fn add_stances(&self, events: &mut Vec<Event>) {
        let stances = [
            ("stated", "said that it is done", &self.stances.done),
            ("refused", "said that it is not theirs", &self.stances.refused),
            ("accepted", "acknowledged the record", &self.stances.accepted),
        ];
        for (what, says, list) in stances {
            for said in list {
                let ae = self.participants.tenures.ae(said.tenure);
                events.push(Event {
                    message_id: said.message_id.clone(),
                    folder: self.folder_of(said.message_id.as_ref()),
                    ..event(said.at, what, format!("{ae} {says}: {}", first_line(&said.words)))
                });
            }
        }
    }

    fn add_identities(&self, events: &mut Vec<Event>) {
        let sdr = self.participants.sdr();
        for said in self.identities.all() {
            let (address, ae) = (&said.address, self.participants.tenures.ae(said.tenure));
            let (what, is) = if said.is_ae { ("alias-learnt", "is") } else { ("alias-denied", "is not") };
            events.push(Event {
                message_id: said.message_id.clone(),
                folder: self.folder_of(said.message_id.as_ref()),
                ..event(said.at, what, format!("{sdr} said that {address} {is} {ae}"))
            });
        }
    }

    fn add_feedback(&self, events: &mut Vec<Event>) {
        for answer in self.answers {
            let what = if answer.read.is_empty() { "feedback-unread" } else { "feedback" };
            let ae = self.participants.tenures.ae(answer.tenure);
            events.push(Event {
                message_id: answer.message_id.clone(),
                folder: self.folder_of(answer.message_id.as_ref()),
                ..event(answer.at, what, format!("{ae} answered: {}", feedback_text(answer)))
            });
        }
    }

    /// Where the answer was seen; none where a person's correction stands for it.
    fn folder_of(&self, id: Option<&MessageId>) -> Option<String> {
        self.mail.find(id?)?.folder()
    }

    /// It answers baton's mails, by somebody who was not asked.
    fn is_ignored(&self, seen: &SeenMessage) -> bool {
        let Some(from) = seen.from().map(|from| &from.address) else { return false };
        let was_asked = |author: &Address| {
            let asked = seen.answers.iter().filter_map(|key| self.mail.own.get(key));
            among(author, asked.flat_map(|mail| &mail.to)).is_some()
        };
        self.mail.is_answer(seen)
            && !was_asked(from)
            && !self.answers.iter().any(|answer| answer.name == seen.name())
            && !self.participants.is_ae(seen.tenure, from)
            && !self.participants.directory.is_sdr(from)
    }
}

/// The answer's own words; where the form's lines say it all, what was filled in there.
fn feedback_text(answer: &FeedbackAnswer) -> String {
    if !answer.words.is_empty() {
        return first_line(&answer.words);
    }
    let outcome = answer.read.outcome.map(|outcome| outcome.name().to_owned());
    let score = answer.read.score.map(|score| score.to_string());
    [outcome, score, answer.read.wrong.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
