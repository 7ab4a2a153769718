//! What has happened to a handoff, read from its facts in stages, whatever the time is now.
//!
//! Each stage is made from the facts and from stages before it, and its file imports no later one; here stands
//! their order. Where one is needed before it can be complete, it has two types: `Sendings` as they left and
//! `Deliveries` with what was reported on them, `TouchesBeforeFeedback` and `Touches`.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::fact::Fact;
use super::super::handoff::{Handoff, Record};
use super::super::message::MessageId;
use super::calendars::{Calendars, PlannedMeetings};
use super::candidates::TouchCandidates;
use super::correspondence::Correspondence;
use super::deadlines::DeadlineCounter;
use super::deliveries::Deliveries;
use super::directory::Directory;
use super::feedback_answers::{FeedbackAnswer, feedback_answers, new_times};
use super::identities::{Identities, WhoIsWho};
use super::participants::Participants;
use super::policy::Policy;
use super::records::IntroRecords;
use super::rows::{RowReader, Rows};
use super::sendings::Sendings;
use super::stances::Stances;
use super::tenures::Tenures;
use super::touch::{TouchInputs, Touches, TouchesBeforeFeedback};

#[derive(Debug)]
pub(super) struct History<'a> {
    pub tenures: Tenures,
    pub records: IntroRecords<'a>,
    pub directory: Directory<'a>,
    pub mail: Correspondence,
    pub identities: Identities,
    /// Acceptance of the first intro.
    pub handed_over: Option<DateTime<Utc>>,
    pub stances: Stances,
    pub answers: Vec<FeedbackAnswer>,
    pub calendars: Calendars,
    pub rows: Rows,
    pub deliveries: Deliveries,
    pub touches: Touches,
}

impl<'a> History<'a> {
    pub(crate) fn read(policy: &'a Policy, handoff: &'a Handoff, facts: &'a [Fact]) -> Self {
        let Record { ae, sdr, .. } = &handoff.record;
        let tenures = Tenures::from_facts(ae, facts);
        let records = IntroRecords::from_facts(handoff, facts);
        let WhoIsWho { directory, mail, identities } =
            WhoIsWho::settle(policy, sdr, facts, &tenures, &records);
        let participants = Participants { directory: &directory, tenures: &tenures };
        let sendings = Sendings::read(&mail.own, facts, &records, &participants);
        let handed_over = sendings.handed_over();
        let stances = Stances::read(&mail, &participants, &records);
        let planned = &records.current().meeting;
        let meetings = PlannedMeetings { first: &handoff.record.meeting, current: planned };
        let length = TimeDelta::seconds(planned.length_seconds.into());
        let answers = feedback_answers(&mail, &participants, length);
        let calendars =
            Calendars::read(&mail, &participants, meetings, facts, &new_times(&answers), handed_over);
        let rows = Rows::read(&RowReader {
            mail: &mail,
            participants,
            identities: &identities,
            calendars: &calendars,
            sendings: &sendings,
        });
        let deliveries = Deliveries::read(&sendings, &mail, &rows);
        let candidates = TouchCandidates::read(&mail, &rows, &tenures, &stances, facts);
        let deadlines = DeadlineCounter::new(policy, facts);
        let inputs = TouchInputs { facts, deadlines, participants, deliveries: &deliveries };
        let touches = TouchesBeforeFeedback::fold(&inputs, candidates).with_held(&inputs, &answers);
        Self {
            tenures,
            records,
            directory,
            mail,
            identities,
            handed_over,
            stances,
            answers,
            calendars,
            rows,
            deliveries,
            touches,
        }
    }

    pub(crate) fn participants(&self) -> Participants<'_> {
        Participants { directory: &self.directory, tenures: &self.tenures }
    }

    /// The record as last corrected, under the name of the AE who has it now.
    pub(crate) fn record_as_it_stands(&self) -> Record {
        let participants = self.participants();
        let introduce = participants.ae_person().and_then(|ae| ae.introduce.as_deref());
        self.records.current().given_to(participants.ae(), introduce)
    }

    /// The AE whom the last intro that left has introduced.
    pub(crate) fn introduced(&self) -> &str {
        let left = self.deliveries.last_accepted();
        left.map_or_else(|| self.tenures.current_ae(), |at| self.tenures.ae(self.tenures.at(at)))
    }

    /// Of the last intro that left; where none has, of the last one.
    pub(crate) fn intro_id(&self) -> Option<MessageId> {
        self.mail.own.get(&self.deliveries.last_key()?).map(|own| own.message_id.clone())
    }
}
