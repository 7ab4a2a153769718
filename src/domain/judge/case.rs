//! One handoff, read from its facts: everything that the verdicts, the mails and the story are made from.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::super::fact::{Fact, FactKind, MeetingOutcome, StatementKind, TouchKind};
use super::super::handoff::{Handoff, Record};
use super::super::mails::{MailKey, MailKind, MeetingBrief};
use super::super::message::{Address, MessageId};
use super::super::people::Person;
use super::acceptance::{self, AddressIdentity, Stances};
use super::cc::{self, CcQuestion, CcVerdict};
use super::deadlines::DeadlineCounter;
use super::directory::{Directory, Tenures};
use super::feedback::{self, FeedbackAnswer, FeedbackInputs, FeedbackVerdict};
use super::meeting::Calendars;
use super::reading_progress::ReadingProgress;
use super::rows::{AeWriting, MessageRow, RowReader, reports_failure};
use super::seen_messages::{Correspondence, SeenMessage};
use super::touch::{IntroSending, TouchCandidate, Touches};
use super::wake::Wake;
use super::{
    Acceptance, Claim, Feedback, FeedbackState, LastLook, Meeting, MeetingState, Policy, Touch, TouchState,
};

/// A handoff stays open so long after its feedback fell due or its meeting was cancelled.
const LINGERS: Duration = Duration::days(14);

pub(super) struct HandoffCase<'a> {
    pub policy: &'a Policy,
    pub handoff: &'a Handoff,
    pub facts: &'a [Fact],
    pub wake: Wake,
    pub directory: Directory<'a>,
    pub tenures: Tenures,
    pub mail: Correspondence,
    /// Row of each message that has one: index into `mail.seen`, in the order of time.
    pub rows: Vec<(usize, MessageRow)>,
    pub sendings: BTreeMap<u32, IntroSending>,
    /// The record of each sending.
    pub records: BTreeMap<u32, &'a Record>,
    pub record: &'a Record,
    pub sent_at: Option<DateTime<Utc>>,
    pub touches: Touches,
    pub stances: Stances,
    pub identities: BTreeMap<Address, AddressIdentity>,
    pub calendars: Calendars,
    pub meeting: Meeting,
    pub cc: CcVerdict,
    pub acceptance: Acceptance,
    pub answers: Vec<FeedbackAnswer>,
    pub feedback: FeedbackVerdict,
    pub feedback_due: DateTime<Utc>,
    pub progress: ReadingProgress,
}

/// Key of the intro's mail of one sending.
pub(super) fn intro_key(sending: u32) -> MailKey {
    MailKey { kind: MailKind::Intro, about: format!("sending {sending}") }
}

/// The record of each sending: a corrected one holds until the next.
fn records<'a>(handoff: &'a Handoff, facts: &'a [Fact]) -> BTreeMap<u32, &'a Record> {
    let mut asked: BTreeMap<u32, Option<&Record>> = BTreeMap::new();
    for fact in facts {
        if let FactKind::IntroAsked { sending, record } = &fact.what {
            let slot = asked.entry(*sending).or_default();
            *slot = slot.or(record.as_deref());
        }
    }
    let mut current = &handoff.record;
    asked
        .into_iter()
        .map(|(sending, corrected)| {
            current = corrected.unwrap_or(current);
            (sending, current)
        })
        .collect()
}

/// The record that this sending's intro is made from.
pub(crate) fn record_of_sending<'a>(handoff: &'a Handoff, facts: &'a [Fact], sending: u32) -> &'a Record {
    records(handoff, facts).remove(&sending).unwrap_or(&handoff.record)
}

fn sendings(
    mail: &Correspondence,
    facts: &[Fact],
    records: &BTreeMap<u32, &Record>,
    ae_at: &dyn Fn(DateTime<Utc>) -> Option<Address>,
) -> BTreeMap<u32, IntroSending> {
    records
        .iter()
        .map(|(number, record)| {
            let key = intro_key(*number);
            let own = mail.own.get(&key);
            let accepted = own.and_then(|own| own.left_at);
            let mut sending = IntroSending {
                accepted,
                to: record.to.iter().map(|mailbox| mailbox.address.clone()).collect(),
                ae: ae_at(accepted.unwrap_or(DateTime::<Utc>::MAX_UTC)),
                ids: own.map(|own| own.ids.clone()).unwrap_or_default(),
                ..IntroSending::default()
            };
            for fact in facts {
                if let FactKind::MailRefused { key: refused_key, refused } = &fact.what
                    && *refused_key == key
                    && accepted.is_none()
                {
                    sending.refused = Some(sending.refused.map_or(fact.at, |at| at.min(fact.at)));
                    for (address, reason) in refused {
                        sending.failed.entry(address.mailbox()).or_insert((fact.at, reason.clone()));
                    }
                }
            }
            (*number, sending)
        })
        .collect()
}

impl<'a> HandoffCase<'a> {
    pub(crate) fn open(
        policy: &'a Policy,
        handoff: &'a Handoff,
        facts: &'a [Fact],
        now: DateTime<Utc>,
    ) -> Self {
        let wake = Wake::new(now);
        let tenures = Tenures::from_facts(&handoff.record.ae, facts);
        let records = records(handoff, facts);
        let (directory, mail, identities) = identify(policy, handoff, facts, &tenures, &records);
        let ae_address =
            |at| directory.person(tenures.ae(tenures.at(at))).map(|person| person.address.clone());
        let mut sendings = sendings(&mail, facts, &records, &ae_address);
        let sent_at = sendings.values().filter_map(|sending| sending.accepted).min();
        // A corrected record holds from the moment that a person gives it, whenever it leaves.
        let record = records.values().last().copied().unwrap_or(&handoff.record);
        let ae_account = |name: &str| directory.person(name).and_then(|person| person.account.clone());
        let sdr_account = directory.person(&handoff.record.sdr).and_then(|person| person.account.as_deref());
        let as_sent = sendings.clone();
        let denied = acceptance::denied(&identities);
        let planned = Calendars::planned(&record.meeting);
        // Who wrote needs no calendar, the calendar needs to know who wrote.
        let author = RowReader {
            mail: &mail,
            directory: &directory,
            tenures: &tenures,
            calendars: &planned,
            handed_over: sent_at,
            ae_account: &ae_account,
            sdr_account,
            sendings: &as_sent,
            denied: &denied,
        };
        let by_ae = |seen: &SeenMessage| author.by_ae(seen) && !author.is_forged(seen);
        let stances = Stances::read(&mail, &by_ae);
        let working =
            |tenure: usize| directory.person(tenures.ae(tenure)).map(|person| person.working.clone());
        let by_ae_of = |seen: &SeenMessage, tenure: usize| {
            let mut authors = seen.headers().from.iter();
            authors.any(|from| directory.is_ae(tenures.ae(tenure), &from.address)) && !author.is_forged(seen)
        };
        let answers = feedback::answers(&mail, &tenures, &by_ae_of, &working);
        let calendars = Calendars::read(
            &mail,
            &directory,
            &record.meeting,
            facts,
            &feedback::new_times(&answers),
            sent_at,
            &|seen| author.is_forged(seen),
        );
        let reader = RowReader { calendars: &calendars, ..author };
        let rows: Vec<(usize, MessageRow)> = mail
            .seen
            .iter()
            .enumerate()
            .filter(|(_, seen)| !acceptance::is_only_answer(&mail, seen) || reader.is_forged(seen))
            .filter_map(|(index, seen)| reader.row(seen).map(|row| (index, row)))
            .collect();
        take_failures(&mut sendings, &mail, &rows);
        let mut candidates = candidates(&mail, &rows, &tenures, &stances);
        correct(&mut candidates, facts, &tenures);
        let deadlines = DeadlineCounter::new(policy, facts);
        let mut touches = Touches::fold(&deadlines, &directory, &tenures, &sendings, candidates.clone());
        let held = held_in_time(&answers, &touches, &tenures);
        if !held.is_empty() {
            candidates.extend(held);
            correct(&mut candidates, facts, &tenures);
            touches = Touches::fold(&deadlines, &directory, &tenures, &sendings, candidates);
        }
        let meeting = calendars.meeting(now);
        for at in [meeting.start, meeting.end] {
            wake.has_come(at);
        }
        let ae = directory.person(tenures.current_ae());
        let cc = cc::verdict(&CcQuestion {
            mail: &mail,
            directory: &directory,
            rows: &rows,
            tenure: tenures.last(),
            sdr_account,
            ae_account: ae.and_then(|person| person.account.as_deref()),
            meeting_begun: meeting.state != MeetingState::Cancelled && meeting.start <= now,
            aside: &|seen| {
                touches.candidates.iter().any(|one| one.withdrawn.is_some() && one.name == seen.name())
            },
        });
        let epoch_since = tenures.changes().last().map_or(DateTime::<Utc>::MIN_UTC, |(at, _)| at);
        let acceptance = stances.acceptance(facts, tenures.last(), epoch_since);
        let question = FeedbackInputs {
            policy,
            facts,
            own: &mail.own,
            answers: &answers,
            calendars: &calendars,
            meeting: &meeting,
        };
        let (feedback, feedback_due) = (question.verdict(), question.due());
        let accounts: BTreeSet<String> = sdr_account
            .into_iter()
            .chain(ae.and_then(|person| person.account.as_deref()))
            .chain([policy.agent_account.as_str()])
            .map(str::to_owned)
            .collect();
        let sight = ReadingProgress::from_facts(facts, accounts);
        Self {
            policy,
            handoff,
            facts,
            wake,
            directory,
            tenures,
            mail,
            rows,
            sendings,
            records,
            record,
            sent_at,
            touches,
            stances,
            identities,
            calendars,
            meeting,
            cc,
            acceptance,
            answers,
            feedback,
            feedback_due,
            progress: sight,
        }
    }

    pub(crate) fn ae(&self) -> &str {
        self.tenures.current_ae()
    }

    /// The record as last corrected, under the name of the AE who has it now.
    pub(crate) fn record_as_it_stands(&self) -> Record {
        self.record.given_to(self.ae(), self.ae_person().and_then(|ae| ae.introduce.as_deref()))
    }

    pub(crate) fn ae_person(&self) -> Option<&'a Person> {
        self.directory.person(self.ae())
    }

    pub(crate) fn sdr_person(&self) -> Option<&'a Person> {
        self.directory.person(&self.handoff.record.sdr)
    }

    pub(crate) fn is_ae_watched(&self) -> bool {
        self.ae_person().is_some_and(|person| person.account.is_some())
    }

    pub(crate) fn seen_rows(&self) -> impl Iterator<Item = (&SeenMessage, &MessageRow)> {
        self.rows.iter().filter_map(|(index, row)| self.mail.seen.get(*index).map(|seen| (seen, row)))
    }

    /// The AE whom the last intro that left has introduced.
    pub(crate) fn introduced(&self) -> &str {
        let last = self.sendings.values().rev().find_map(|sending| sending.accepted);
        last.map_or_else(|| self.ae(), |at| self.tenures.ae(self.tenures.at(at)))
    }

    pub(crate) fn intro_id(&self) -> Option<MessageId> {
        let last = self.sendings.iter().rev().find(|(_, sending)| sending.accepted.is_some());
        let number = last.or_else(|| self.sendings.iter().next_back()).map(|(number, _)| *number)?;
        self.mail.own.get(&intro_key(number)).map(|own| own.message_id.clone())
    }

    pub(crate) fn meeting_brief(&self) -> MeetingBrief {
        MeetingBrief { start: self.meeting.start, end: self.meeting.end }
    }

    /// Who owes the feedback: the AE at the meeting's end, whoever took over since.
    pub(crate) fn feedback_ae(&self) -> Option<&'a Person> {
        if self.meeting.state != MeetingState::Over {
            return self.ae_person();
        }
        self.directory.person(self.tenures.ae(self.tenures.at(self.meeting.end)))
    }

    /// When the AE was asked for feedback; before, nothing is due.
    pub(crate) fn feedback_asked_at(&self) -> Option<DateTime<Utc>> {
        self.mail.own.left(MailKind::FeedbackRequest, &feedback::about(self.meeting.start))
    }

    fn grace(&self) -> Duration {
        Duration::seconds(i64::from(self.policy.grace))
    }

    /// The running clock, once its deadline and the grace after it have passed.
    fn expired(&self) -> Option<&super::touch::SlaClock> {
        let clock = self.touches.running()?;
        self.wake.has_come(clock.deadline + self.grace()).then_some(clock)
    }

    /// The breach, once it may be called one: everything was read past it and the last look taken.
    pub(crate) fn breach(&self) -> Option<&super::touch::SlaClock> {
        let clock = self.expired()?;
        let has_left = self.mail.own.left(MailKind::Escalation, &clock.key()).is_some();
        let is_proved = self.progress.has_read(clock.deadline + self.grace())
            && self.progress.last_look(clock.deadline).is_some()
            && !self.progress.clock_in_doubt;
        (is_proved || has_left).then_some(clock)
    }

    /// The AE's word that stands as the touch, and the mail that gave it.
    pub(crate) fn stated_in_mail(&self) -> Option<(&TouchCandidate, &SeenMessage)> {
        let touch = self.touches.touch().filter(|touch| touch.kind == TouchKind::Stated)?;
        self.mail.seen.iter().find(|seen| seen.name() == touch.name).map(|seen| (touch, seen))
    }

    /// The mail has left, or never will.
    fn is_sent_or_refused(&self, kind: MailKind, about: &str) -> bool {
        let key = MailKey { kind, about: about.to_owned() };
        let is_refused =
            |fact: &Fact| matches!(&fact.what, FactKind::MailRefused { key: of, .. } if *of == key);
        self.mail.own.left(key.kind, &key.about).is_some() || self.facts.iter().any(is_refused)
    }

    pub(crate) fn last_look_due(&self) -> Option<LastLook> {
        let clock = self.expired()?;
        let is_due = self.is_open()
            && self.progress.has_read(clock.deadline + self.grace())
            && self.progress.last_look(clock.deadline).is_none();
        let mut from = self.directory.addresses_of(self.ae());
        from.extend(self.directory.delegates_of(self.ae()));
        is_due.then(|| LastLook {
            deadline: clock.deadline,
            accounts: self.progress.accounts().iter().cloned().collect(),
            from,
            to: self.mail.prospects.iter().map(|prospect| prospect.address.clone()).collect(),
            since: self.sent_at.unwrap_or(clock.started),
        })
    }

    fn touch_state(&self) -> TouchState {
        if self.touches.touch().is_some() {
            return TouchState::Touched;
        }
        if self.touches.undelivered.is_some() {
            return TouchState::Undelivered;
        }
        let Some(clock) = self.touches.running() else { return TouchState::Waiting };
        if self.breach().is_some() {
            return TouchState::Breached;
        }
        match self.progress.blind_from(clock.deadline, self.policy.blind_after) {
            Some(from) if self.wake.has_come(from) => TouchState::CannotSee,
            _ => TouchState::Waiting,
        }
    }

    pub(crate) fn touch(&self) -> Touch {
        let state = self.touch_state();
        let touch = self.touches.touch();
        let personal = touch.filter(|touch| !touch.indirect).and_then(|touch| self.is_personal(touch));
        Touch {
            state,
            kind: touch.map(|touch| touch.kind),
            at: touch.map(|touch| touch.at),
            late: self.touches.is_late(),
            indirect: touch.is_some_and(|touch| touch.indirect),
            personal,
            message_id: touch.and_then(|touch| touch.message_id.clone()),
        }
    }

    fn is_personal(&self, touch: &TouchCandidate) -> Option<bool> {
        if !matches!(touch.kind, TouchKind::Reply | TouchKind::NewThread | TouchKind::Video) {
            return None;
        }
        let seen = self.mail.seen.iter().find(|seen| seen.name() == touch.name)?;
        Some((self.policy.takes_up)(seen.words(), &[&self.record.pain, &self.record.meeting.agenda]))
    }

    /// Deadline of the running clock, or of the one that ran when the touch came.
    fn clock_to_show(&self) -> Option<&super::touch::SlaClock> {
        if self.touches.touch().is_none() && self.touches.undelivered.is_some() {
            return None;
        }
        self.touches.current_clock()
    }

    pub(crate) fn deadline(&self) -> Option<DateTime<Utc>> {
        self.clock_to_show().map(|clock| clock.deadline)
    }

    pub(crate) fn deadline_why(&self) -> Option<String> {
        self.clock_to_show().map(|clock| clock.why.clone())
    }

    pub(crate) fn feedback_now(&self) -> Feedback {
        let mut feedback = self.feedback.feedback.clone();
        let is_late = feedback.state == FeedbackState::Requested
            && self.feedback_asked_at().is_some()
            && self.wake.has_come(self.feedback_due + Duration::seconds(1))
            && self.progress.has_read(self.feedback_due);
        if is_late {
            feedback.state = FeedbackState::Overdue;
        }
        if feedback.state == FeedbackState::Requested && self.sent_at.is_none() {
            feedback.state = FeedbackState::NotDue;
        }
        feedback
    }

    /// Return date of the latest absence that names one.
    pub(crate) fn away_until(&self) -> Option<NaiveDate> {
        self.seen_rows()
            .filter(|(seen, row)| **row == MessageRow::Away && seen.tenure == self.tenures.last())
            .filter_map(|(seen, _)| seen.body().and_then(|body| body.away_until))
            .last()
    }

    /// Said by a person: closed and not opened again.
    fn is_closed_by_hand(&self) -> bool {
        let mut last: Option<(DateTime<Utc>, &str, bool)> = None;
        for fact in self.facts {
            if let FactKind::Said(statement) = &fact.what {
                let closed = match statement.says {
                    StatementKind::Closed => true,
                    StatementKind::Reopened => false,
                    _ => continue,
                };
                let this = (fact.at, statement.id.as_str(), closed);
                last = Some(last.map_or(this, |last| last.max(this)));
            }
        }
        last.is_some_and(|(_, _, closed)| closed)
    }

    /// behaviour.md section 12, last paragraph.
    pub(crate) fn is_open(&self) -> bool {
        if self.is_closed_by_hand() {
            return false;
        }
        let is_settled = match self.touch_state() {
            // The SDR hears first of what was only said.
            TouchState::Touched => {
                self.stated_in_mail().is_none() || self.is_sent_or_refused(MailKind::Stated, self.ae())
            }
            // The manager hears of it first.
            TouchState::Breached => {
                self.breach().is_some_and(|clock| self.is_sent_or_refused(MailKind::Escalation, &clock.key()))
            }
            _ => false,
        };
        if is_settled && self.feedback.settled_at.is_some() {
            return false;
        }
        if let Some(since) = self.calendars.cancelled_since() {
            return !self.wake.has_come(since + LINGERS);
        }
        let is_owed = self.sent_at.is_some()
            && self.meeting.state == MeetingState::Over
            && self.feedback.settled_at.is_none();
        !(is_owed && self.wake.has_come(self.feedback_due + LINGERS))
    }

    /// Answers to baton's mails by people who were not asked.
    pub(crate) fn ignored_answers(&self) -> impl Iterator<Item = &SeenMessage> {
        self.mail.seen.iter().filter(|seen| {
            let from = seen.from().map(|from| &from.address);
            let was_asked = |author: &Address| {
                let asked = seen.answers.iter().filter_map(|key| self.mail.own.get(key));
                asked.flat_map(|mail| &mail.to).any(|to| to.mailbox() == author.mailbox())
            };
            acceptance::is_answer(&self.mail, seen)
                && !from.is_some_and(was_asked)
                && !self.answers.iter().any(|answer| answer.name == seen.name())
                && from.is_some_and(|from| {
                    !self.directory.is_ae(self.tenures.ae(seen.tenure), from) && !self.directory.is_sdr(from)
                })
        })
    }

    /// Whether the first touch is still awaited after something that happened at `at`.
    pub(crate) fn awaits_touch_since(&self, at: DateTime<Utc>) -> bool {
        self.touches.touch().is_none() && self.touches.current_clock().is_none_or(|clock| clock.started <= at)
    }

    pub(crate) fn learnt(&self) -> Vec<(String, Address)> {
        let mut learnt: Vec<(String, Address)> =
            self.identities
                .iter()
                .filter(|(_, said)| said.is_ae)
                .filter_map(|(address, _)| {
                    let asked =
                        self.mail.seen.iter().find(|seen| {
                            seen.from().is_some_and(|from| from.address.mailbox() == *address)
                        })?;
                    Some((self.tenures.ae(asked.tenure).to_owned(), address.clone()))
                })
                .collect();
        learnt.sort();
        learnt
    }

    /// Whether the SDR has said who this address is.
    pub(crate) fn is_settled(&self, address: &Address) -> bool {
        self.identities.contains_key(&address.mailbox())
    }

    pub(crate) fn claim(&self) -> Claim {
        let mut ids = self.mail.thread_ids.clone();
        let mut tokens = BTreeSet::new();
        for own in self.mail.own.all() {
            ids.extend(own.ids.iter().cloned());
            tokens.insert(own.token.clone());
        }
        // An answer's own id too: who answers a forward may cite nothing else.
        let answers = self.mail.seen.iter().filter(|seen| acceptance::is_only_answer(&self.mail, seen));
        ids.extend(answers.flat_map(|seen| seen.ids.iter().cloned()));
        let mut addresses: BTreeSet<Address> =
            self.mail.prospects.iter().map(|prospect| prospect.address.clone()).collect();
        let names = (0..=self.tenures.last()).map(|tenure| self.tenures.ae(tenure));
        let mut look_alikes = BTreeSet::new();
        for name in names {
            look_alikes.insert(name.to_owned());
            addresses.extend(self.directory.addresses_of(name));
            addresses.extend(self.directory.delegates_of(name));
        }
        addresses.extend(self.directory.addresses_of(&self.handoff.record.sdr));
        Claim { ids, tokens, conversations: self.mail.conversations.clone(), addresses, look_alikes }
    }
}

/// Reads the mail; where the SDR has said that an unknown address is the AE, reads it again knowing that.
fn identify<'a>(
    policy: &'a Policy,
    handoff: &'a Handoff,
    facts: &'a [Fact],
    tenures: &Tenures,
    records: &BTreeMap<u32, &'a Record>,
) -> (Directory<'a>, Correspondence, BTreeMap<Address, AddressIdentity>) {
    let mut all: Vec<&Record> = vec![&handoff.record];
    all.extend(records.values());
    let mut taught: Vec<(String, Address)> = facts
        .iter()
        .filter_map(|fact| match &fact.what {
            FactKind::AliasTaught { person, address } => Some((person.clone(), address.clone())),
            _ => None,
        })
        .collect();
    taught.sort();
    let directory = Directory::new(policy, &handoff.record.sdr, tenures, &taught);
    let mail = Correspondence::read(facts, &all, &directory, tenures);
    let identities = acceptance::identities(&mail, &directory);
    let confirmed: Vec<(String, Address)> = identities
        .iter()
        .filter(|(_, said)| said.is_ae)
        .filter_map(|(address, _)| {
            let asked = mail
                .seen
                .iter()
                .find(|seen| seen.from().is_some_and(|from| from.address.mailbox() == *address))?;
            Some((tenures.ae(asked.tenure).to_owned(), address.clone()))
        })
        .collect();
    if confirmed.is_empty() {
        return (directory, mail, identities);
    }
    taught.extend(confirmed);
    let directory = Directory::new(policy, &handoff.record.sdr, tenures, &taught);
    let mail = Correspondence::read(facts, &all, &directory, tenures);
    (directory, mail, identities)
}

/// Row 12: which recipients of which sending did not get the intro.
fn take_failures(
    sendings: &mut BTreeMap<u32, IntroSending>,
    mail: &Correspondence,
    rows: &[(usize, MessageRow)],
) {
    for (index, row) in rows {
        let (MessageRow::IntroFailed { sending }, Some(seen)) = (row, mail.seen.get(*index)) else {
            continue;
        };
        let Some(sending) = sendings.get_mut(sending).filter(|_| reports_failure(seen)) else { continue };
        let mut failed = seen.failed_recipients();
        if failed.is_empty() {
            failed = sending.to.iter().map(|address| (address.clone(), String::new())).collect();
        }
        let at = sending.accepted.map_or(seen.at, |accepted| accepted.max(seen.at));
        for (address, reason) in failed {
            let slot = sending.failed.entry(address.mailbox()).or_insert((at, reason.clone()));
            if at < slot.0 {
                *slot = (at, reason);
            }
        }
    }
}

fn candidates(
    mail: &Correspondence,
    rows: &[(usize, MessageRow)],
    tenures: &Tenures,
    stances: &Stances,
) -> Vec<TouchCandidate> {
    let mut candidates = Vec::new();
    for (index, row) in rows {
        let Some(seen) = mail.seen.get(*index) else { continue };
        let (kind, at, indirect) = match row {
            MessageRow::Wrote(AeWriting::Reply) => (TouchKind::Reply, seen.at, false),
            MessageRow::Wrote(AeWriting::NewThread) => (TouchKind::NewThread, seen.at, false),
            MessageRow::Wrote(AeWriting::Video) => (TouchKind::Video, seen.at, false),
            MessageRow::Invite => (TouchKind::Invite, seen.at, false),
            MessageRow::Scheduled => (TouchKind::Scheduled, seen.at, false),
            MessageRow::ProspectWrote(Some(proof)) => (TouchKind::Reply, proof.at.unwrap_or(seen.at), true),
            _ => continue,
        };
        candidates.push(TouchCandidate {
            at,
            kind,
            message_id: seen.headers().id.clone(),
            name: seen.name(),
            tenure: if indirect { tenures.at(at) } else { seen.tenure },
            indirect,
            withdrawn: undelivered_at(mail, rows, seen),
        });
    }
    drop_proofs_of_what_was_seen(&mut candidates);
    candidates.extend(stances.done.iter().map(|said| TouchCandidate {
        at: said.at,
        kind: TouchKind::Stated,
        message_id: said.message_id.clone(),
        name: said.name.clone(),
        tenure: said.tenure,
        indirect: false,
        withdrawn: None,
    }));
    candidates
}

/// A prospect's quotation gives the minute of a mail; where that mail was seen itself, it is the evidence.
fn drop_proofs_of_what_was_seen(candidates: &mut Vec<TouchCandidate>) {
    let seen: Vec<DateTime<Utc>> = candidates.iter().filter(|one| !one.indirect).map(|one| one.at).collect();
    candidates.retain(|one| {
        !one.indirect || !seen.iter().any(|at| *at >= one.at && *at - one.at < super::rows::MINUTE)
    });
}

/// Row 13: when it was known that none of the message's prospect contacts got it.
fn undelivered_at(
    mail: &Correspondence,
    rows: &[(usize, MessageRow)],
    seen: &SeenMessage,
) -> Option<DateTime<Utc>> {
    let wanted: BTreeSet<Address> = mail.prospects_among(seen).into_iter().map(Address::mailbox).collect();
    let mut failed: BTreeMap<Address, DateTime<Utc>> = BTreeMap::new();
    for (index, row) in rows {
        let (MessageRow::TouchFailed { message }, Some(report)) = (row, mail.seen.get(*index)) else {
            continue;
        };
        if !seen.ids.contains(message) || !reports_failure(report) {
            continue;
        }
        let named: Vec<Address> =
            report.failed_recipients().into_iter().map(|(address, _)| address.mailbox()).collect();
        let named = if named.is_empty() { wanted.iter().cloned().collect() } else { named };
        for address in named {
            let slot = failed.entry(address).or_insert(report.at);
            *slot = (*slot).min(report.at);
        }
    }
    let times: Option<Vec<_>> = wanted.iter().map(|address| failed.get(address).copied()).collect();
    times?.into_iter().max()
}

/// `held`, answered before the deadline while no touch is known, says that they have met.
fn held_in_time(answers: &[FeedbackAnswer], touches: &Touches, tenures: &Tenures) -> Vec<TouchCandidate> {
    answers
        .iter()
        .filter(|answer| answer.by_current && answer.read.outcome == Some(MeetingOutcome::Held))
        .filter(|answer| {
            let tenure = tenures.at(answer.at);
            touches
                .clocks
                .iter()
                .rfind(|clock| clock.started <= answer.at && clock.tenure == tenure)
                .is_some_and(|clock| answer.at <= clock.deadline)
        })
        .map(|answer| TouchCandidate {
            at: answer.at,
            kind: TouchKind::Stated,
            message_id: answer.message_id.clone(),
            name: answer.name.clone(),
            tenure: tenures.at(answer.at),
            indirect: false,
            withdrawn: None,
        })
        .collect()
}

/// Applies what people said on the command line, in the order of its time.
fn correct(candidates: &mut Vec<TouchCandidate>, facts: &[Fact], tenures: &Tenures) {
    let mut said: Vec<(DateTime<Utc>, &str, &StatementKind)> = facts
        .iter()
        .filter_map(|fact| match &fact.what {
            FactKind::Said(statement) => Some((fact.at, statement.id.as_str(), &statement.says)),
            _ => None,
        })
        .collect();
    said.sort_by_key(|(at, id, _)| (*at, *id));
    said.dedup_by_key(|(_, id, _)| *id);
    for (at, id, says) in said {
        let tenure = tenures.at(at);
        match says {
            StatementKind::Touched { at: touched, kind, message } => {
                candidates.retain(|one| one.tenure != tenure || one.at > at);
                candidates.push(TouchCandidate {
                    at: *touched,
                    kind: *kind,
                    message_id: message.clone(),
                    name: format!("said {id}"),
                    tenure,
                    indirect: false,
                    withdrawn: None,
                });
            }
            StatementKind::NotTouched { message: Some(message) } => {
                candidates.retain(|one| one.message_id.as_ref() != Some(message));
            }
            StatementKind::NotTouched { message: None } => {
                candidates.retain(|one| one.tenure != tenure || one.at > at);
            }
            _ => {}
        }
    }
}
