//! Every mail that ought to exist by now. behaviour.md section 12.
//!
//! A mail is wanted as long as it is true: the agent queues what is missing, cancels what has not left and is
//! no longer wanted, and never sends a key twice.

use chrono::{DateTime, Duration, Utc};

use super::super::mail_kinds::AfterClose;
use super::super::mails::{
    ClockAfterFailure, ClockBrief, FeedbackQuestion, MailBrief, MailKey, MailKind, TouchBrief, Voice,
    WantedMail, WithdrawalReason,
};
use super::super::message::{Address, Mailbox};
use super::super::people::Person;
use super::case::{HandoffCase, intro_key};
use super::feedback::{FeedbackResponse, about, new_time_key};
use super::rows::{MessageRow, reports_failure};
use super::seen_messages::SeenMessage;
use super::touch::{IntroSending, SlaClock, reached_nobody};
use super::{CcState, MeetingState};

fn brief(clock: &SlaClock) -> ClockBrief {
    ClockBrief { started: clock.started, deadline: clock.deadline, why: clock.why.clone() }
}

fn mailbox(person: &Person) -> Mailbox {
    Mailbox { name: person.name.clone(), address: person.address.clone() }
}

/// A mail in the making: keeps one person from getting it twice.
struct MailDraft {
    mail: WantedMail,
}

impl MailDraft {
    fn new(kind: MailKind, about: String, from: Voice, brief: MailBrief) -> Self {
        let key = MailKey { kind, about };
        let mail = WantedMail { key, from, to: Vec::new(), cc: Vec::new(), not_before: None, brief };
        Self { mail }
    }

    fn has(&self, mailbox: &Mailbox) -> bool {
        let same = |other: &Mailbox| other.address.mailbox() == mailbox.address.mailbox();
        self.mail.to.iter().any(same) || self.mail.cc.iter().any(same)
    }

    fn to(mut self, mailbox: Option<Mailbox>) -> Self {
        if let Some(mailbox) = mailbox.filter(|mailbox| !self.has(mailbox)) {
            self.mail.to.push(mailbox);
        }
        self
    }

    fn cc(mut self, mailbox: Option<Mailbox>) -> Self {
        if let Some(mailbox) = mailbox.filter(|mailbox| !self.has(mailbox)) {
            self.mail.cc.push(mailbox);
        }
        self
    }

    fn not_before(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.mail.not_before = at;
        self
    }

    fn done(mut self) -> Option<WantedMail> {
        if self.mail.to.is_empty() {
            self.mail.to = std::mem::take(&mut self.mail.cc);
        }
        (!self.mail.to.is_empty()).then_some(self.mail)
    }
}

impl HandoffCase<'_> {
    fn sdr_box(&self) -> Option<Mailbox> {
        self.sdr_person().map(mailbox)
    }

    fn ae_box(&self) -> Option<Mailbox> {
        self.ae_person().map(mailbox)
    }

    fn operator_box(&self) -> Mailbox {
        Mailbox { name: String::new(), address: self.policy.operator.clone() }
    }

    /// The AE's manager; where that is the AE, the operator hears instead.
    fn manager_box(&self) -> Option<Mailbox> {
        Some(self.manager_of(self.ae()))
    }

    fn manager_of(&self, ae: &str) -> Mailbox {
        let manager = self.directory.person(ae).and_then(|ae| ae.manager.as_deref());
        let person = manager.and_then(|name| self.directory.person(name));
        match person {
            Some(person) if person.name != ae => mailbox(person),
            _ => self.operator_box(),
        }
    }

    /// Mail about a clock, to the manager of the AE whom it ran for; written as the SDR, unless the SDR is who
    /// gets it.
    fn to_manager(&self, kind: MailKind, clock: &SlaClock, brief: MailBrief) -> Option<WantedMail> {
        let manager = self.manager_of(self.tenures.ae(clock.tenure));
        let voice = if self.directory.is_sdr(&manager.address) { Voice::Agent } else { Voice::Sdr };
        MailDraft::new(kind, clock.key(), voice, brief).to(Some(manager)).done()
    }

    /// One person gets a mail once, whatever their addresses.
    fn once_each(&self, mail: &mut WantedMail) {
        let mut known: Vec<String> = Vec::new();
        let mut is_new = |mailbox: &Mailbox| {
            let owner = self.directory.owner(&mailbox.address).map(str::to_owned);
            let who = owner.unwrap_or_else(|| mailbox.address.mailbox().to_string());
            let is_new = !known.contains(&who);
            known.push(who);
            is_new
        };
        mail.to.retain(&mut is_new);
        mail.cc.retain(&mut is_new);
    }

    /// When a mail that waits may leave: at once in the reader's working hours, else when they next begin.
    fn working_hours(&self, reader: Option<&Person>) -> Option<DateTime<Utc>> {
        let opens = reader?.working.next_open(self.wake.now);
        (!self.wake.has_come(opens)).then_some(opens)
    }

    pub(crate) fn wanted_mails(&self) -> Vec<WantedMail> {
        let mut mails: Vec<Option<WantedMail>> = Vec::new();
        mails.push(self.intro());
        if self.sent_at.is_some() {
            mails.push(self.record_mail());
            mails.push(self.reminder());
            mails.push(self.escalation());
            mails.extend(self.follow_ups());
            self.row_mails(&mut mails);
            self.failure_mails(&mut mails);
            self.stance_mails(&mut mails);
            mails.push(self.lingering());
            mails.extend(self.chatter());
            mails.push(self.record_leaked());
            mails.push(self.meeting_declined());
            self.feedback_mails(&mut mails);
        } else {
            self.failure_mails(&mut mails);
        }
        let is_open = self.is_open();
        let may_leave =
            |mail: &WantedMail| is_open || mail.key.kind.properties().after_close == AfterClose::MayLeave;
        let mut mails: Vec<WantedMail> = mails.into_iter().flatten().filter(may_leave).collect();
        for mail in &mut mails {
            self.once_each(mail);
        }
        mails.sort_by(|a, b| a.key.cmp(&b.key));
        mails.dedup_by(|a, b| a.key == b.key);
        mails
    }

    /// The last sending that was asked for; an earlier one that has not left gives way to it.
    fn intro(&self) -> Option<WantedMail> {
        let (number, record) = self.records.iter().next_back()?;
        let key = intro_key(*number);
        let mut draft =
            MailDraft::new(key.kind, key.about, Voice::Sdr, MailBrief::Intro { sending: *number });
        for prospect in &record.to {
            draft = draft.to(Some(prospect.clone()));
        }
        draft.cc(self.ae_box()).done()
    }

    /// The record goes to each AE once for each text.
    fn record_mail(&self) -> Option<WantedMail> {
        let accepted = self.sendings.iter().filter(|(_, sending)| sending.accepted.is_some());
        let mut text_of = None;
        let mut previous = None;
        for (number, _) in accepted {
            let record = self.records.get(number).copied();
            if record != previous {
                text_of = Some(*number);
                previous = record;
            }
        }
        let number = text_of?;
        let first = self.sendings.iter().find(|(_, sending)| sending.accepted.is_some()).map(|(n, _)| *n);
        let clock = self.touches.current_clock().filter(|_| self.touches.undelivered.is_none()).map(brief);
        let brief = MailBrief::Record { clock, corrected: Some(number) != first };
        MailDraft::new(MailKind::Record, format!("{} text {number}", self.ae()), Voice::Agent, brief)
            .to(self.ae_box())
            .cc(self.sdr_box())
            .done()
    }

    /// When a prospect last wrote; who took over since has to know it as well.
    fn prospect_wrote(&self) -> Option<DateTime<Utc>> {
        self.seen_rows()
            .filter(|(_, row)| matches!(row, MessageRow::ProspectWrote(_)))
            .map(|(seen, _)| seen.at)
            .max()
    }

    /// behaviour.md section 7: before the deadline, or before the meeting where that is earlier.
    fn reminder(&self) -> Option<WantedMail> {
        let clock = self.touches.running()?;
        let before = Duration::seconds(i64::from(self.policy.remind_before));
        let meeting = Some(self.meeting.start)
            .filter(|start| *start > clock.started && *start < clock.deadline)
            .filter(|_| self.meeting.state != MeetingState::Cancelled);
        let target = meeting.unwrap_or(clock.deadline);
        let is_pointless = before.is_zero()
            || target - clock.started < before * 2
            || self.acceptance.state == super::AcceptanceState::Refused;
        if is_pointless || !self.wake.has_come(target - before) || self.is_past(clock.deadline) {
            return None;
        }
        let brief = MailBrief::Reminder {
            clock: brief(clock),
            prospect_wrote: self.prospect_wrote(),
            meeting_first: meeting.is_some(),
        };
        MailDraft::new(MailKind::Reminder, clock.key(), Voice::Agent, brief).to(self.ae_box()).done()
    }

    fn is_past(&self, at: DateTime<Utc>) -> bool {
        self.wake.has_come(at + Duration::seconds(1))
    }

    fn escalation(&self) -> Option<WantedMail> {
        let clock = self.breach()?;
        let mut asked_about: Vec<Address> = self
            .seen_rows()
            .filter(|(seen, row)| {
                seen.tenure == clock.tenure && matches!(row, MessageRow::LookAlike | MessageRow::Suspicious)
            })
            .filter_map(|(seen, _)| seen.from().map(|from| from.address.clone()))
            .filter(|address| !self.is_settled(address))
            .collect();
        asked_about.sort();
        asked_about.dedup();
        let brief = MailBrief::Escalation {
            clock: brief(clock),
            read: self.progress.mailboxes(),
            refused: self.refused_folders(clock),
            ae_watched: self.is_ae_watched(),
            asked_about,
            away_until: self.away_until(),
            prospect_wrote: self.prospect_wrote(),
        };
        self.to_manager(MailKind::Escalation, clock, brief)
    }

    fn refused_folders(&self, clock: &SlaClock) -> Vec<String> {
        self.progress
            .last_look(clock.deadline)
            .map(|refused| refused.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Late touches and withdrawals, for each escalation that has left.
    fn follow_ups(&self) -> Vec<Option<WantedMail>> {
        let escalations = self.mail.own.of_kind(MailKind::Escalation).filter(|own| own.left_at.is_some());
        escalations
            .map(|own| {
                let index = self.touches.clocks.iter().position(|clock| clock.key() == own.key.about);
                let clock = index.and_then(|index| self.touches.clocks.get(index).map(|it| (index, it)));
                match clock {
                    Some((index, clock)) if self.touches.is_missed(index) => self.late_touch(clock),
                    Some((_, clock)) => self.withdrawal(clock),
                    // By what is known now, that clock never started.
                    None => self.touches.current_clock().and_then(|clock| {
                        let mail = self.withdrawal(clock)?;
                        let key = MailKey { kind: mail.key.kind, about: own.key.about.clone() };
                        Some(WantedMail { key, ..mail })
                    }),
                }
            })
            .collect()
    }

    fn late_touch(&self, clock: &SlaClock) -> Option<WantedMail> {
        let touch = self.touches.touch().filter(|touch| touch.tenure == clock.tenure)?;
        let touch = TouchBrief { at: touch.at, kind: touch.kind };
        let brief = MailBrief::LateTouch { clock: brief(clock), touch };
        self.to_manager(MailKind::LateTouch, clock, brief)
    }

    fn withdrawal(&self, clock: &SlaClock) -> Option<WantedMail> {
        let touched = self
            .touches
            .candidates
            .iter()
            .find(|one| one.meets(clock))
            .map(|one| TouchBrief { at: one.at, kind: one.kind });
        let reason = match touched {
            Some(touch) => WithdrawalReason::Touched(touch),
            None if reached_nobody(&self.directory, &self.tenures, &self.sendings, clock) => {
                WithdrawalReason::NotDelivered
            }
            None => WithdrawalReason::Stopped,
        };
        let brief = MailBrief::Withdrawal { clock: brief(clock), reason };
        self.to_manager(MailKind::Withdrawal, clock, brief)
    }

    /// Mails that a single message calls for: rows 3, 4, 9, 15 and 16.
    fn row_mails(&self, mails: &mut Vec<Option<WantedMail>>) {
        for (seen, row) in self.seen_rows().filter(|(seen, _)| seen.tenure == self.tenures.last()) {
            let awaited = self.awaits_touch_since(seen.at);
            mails.push(match row {
                MessageRow::MissedProspect | MessageRow::Empty if awaited => {
                    self.not_received(seen, *row == MessageRow::Empty)
                }
                MessageRow::Away if awaited => self.away(seen),
                MessageRow::Suspicious => self.suspicious(seen),
                // The answer may still make it the touch, whichever clock runs now.
                MessageRow::LookAlike if self.touches.touch().is_none() => self.who_is_this(seen),
                _ => None,
            });
        }
    }

    fn not_received(&self, seen: &SeenMessage, empty: bool) -> Option<WantedMail> {
        let to = seen.recipients().map(|mailbox| mailbox.address.clone()).collect();
        MailDraft::new(
            MailKind::NotReceived,
            seen.name(),
            Voice::Agent,
            MailBrief::NotReceived { at: seen.at, to, empty },
        )
        .to(self.ae_box())
        .cc(self.sdr_box())
        .done()
    }

    fn away(&self, seen: &SeenMessage) -> Option<WantedMail> {
        let until = seen.body().and_then(|body| body.away_until);
        let clock = self.touches.current_clock()?;
        let about = match until {
            Some(date) => format!("{} until {date}", self.ae()),
            None => self.ae().to_owned(),
        };
        MailDraft::new(MailKind::Away, about, Voice::Agent, MailBrief::Away { until, clock: brief(clock) })
            .to(self.sdr_box())
            .cc(self.manager_box())
            .done()
    }

    fn suspicious(&self, seen: &SeenMessage) -> Option<WantedMail> {
        let from = seen.from()?.address.clone();
        let subject = seen.headers().subject.clone();
        let brief = MailBrief::Suspicious { from, at: seen.at, subject };
        MailDraft::new(MailKind::Suspicious, seen.name(), Voice::Agent, brief)
            .to(self.sdr_box())
            .to(Some(self.operator_box()))
            .done()
    }

    fn who_is_this(&self, seen: &SeenMessage) -> Option<WantedMail> {
        let from = seen.from()?;
        let brief = MailBrief::WhoIsThis {
            name: from.name.clone(),
            address: from.address.clone(),
            at: seen.at,
            words: seen.words().to_owned(),
        };
        MailDraft::new(MailKind::WhoIsThis, from.address.to_string(), Voice::Agent, brief)
            .to(self.sdr_box())
            .done()
    }

    /// Rows 12 and 13, and an intro that the server refused after it had been deferred.
    fn failure_mails(&self, mails: &mut Vec<Option<WantedMail>>) {
        for (seen, row) in self.seen_rows().filter(|(seen, _)| reports_failure(seen)) {
            let MessageRow::IntroFailed { sending: number } = row else { continue };
            let Some(sending) = self.sendings.get(number) else { continue };
            let mut failed = seen.failed_recipients();
            if failed.is_empty() {
                failed = sending.to.iter().map(|address| (address.clone(), String::new())).collect();
            }
            mails.push(self.intro_bounced(seen.name(), failed, self.clock_after_failure(*number, sending)));
        }
        for (number, sending) in self.sendings.iter().filter(|(_, sending)| sending.refused.is_some()) {
            let failed =
                sending.failed.iter().map(|(address, (_, why))| (address.clone(), why.clone())).collect();
            let clock = self.clock_after_failure(*number, sending);
            mails.push(self.intro_bounced(intro_key(*number).about, failed, clock));
        }
        for index in &self.touches.withdrawn {
            let Some(touch) = self.touches.candidates.get(*index) else { continue };
            let failed = self
                .seen_rows()
                .filter(|(_, row)| {
                    matches!(row, MessageRow::TouchFailed { message } if touch.message_id.as_ref() == Some(message))
                })
                .flat_map(|(seen, _)| seen.failed_recipients())
                .collect();
            let clock = self.touches.running().map(brief);
            let brief = MailBrief::TouchBounced { at: touch.at, failed, clock };
            let draft = MailDraft::new(MailKind::TouchBounced, touch.name.clone(), Voice::Agent, brief);
            mails.push(draft.to(self.ae_box()).cc(self.sdr_box()).done());
        }
    }

    fn clock_after_failure(&self, number: u32, sending: &IntroSending) -> ClockAfterFailure {
        let is_repeated =
            self.sendings.iter().any(|(other, sending)| *other > number && sending.accepted.is_some());
        let is_undelivered = sending.undelivered_since().is_some() || sending.refused.is_some();
        if is_repeated {
            ClockAfterFailure::SentAgain
        } else if self.touches.touch().is_some() {
            ClockAfterFailure::Touched { reached_others: !is_undelivered }
        } else if is_undelivered {
            ClockAfterFailure::Stopped
        } else {
            ClockAfterFailure::RunsOn
        }
    }

    fn intro_bounced(
        &self,
        about: String,
        failed: Vec<(Address, String)>,
        clock: ClockAfterFailure,
    ) -> Option<WantedMail> {
        MailDraft::new(MailKind::IntroBounced, about, Voice::Agent, MailBrief::IntroBounced { failed, clock })
            .to(self.sdr_box())
            .cc(self.ae_box())
            .done()
    }

    fn stance_mails(&self, mails: &mut Vec<Option<WantedMail>>) {
        if let Some((touch, seen)) = self.stated_in_mail() {
            let brief = MailBrief::Stated { at: touch.at, words: seen.words().trim().to_owned() };
            mails.push(
                MailDraft::new(MailKind::Stated, self.ae().to_owned(), Voice::Agent, brief)
                    .to(self.sdr_box())
                    .done(),
            );
        }
        if let Some(said) = self.stances.refused.iter().find(|said| said.tenure == self.tenures.last()) {
            let brief = MailBrief::Refused { at: said.at, words: said.words.clone() };
            mails.push(
                MailDraft::new(MailKind::Refused, self.ae().to_owned(), Voice::Agent, brief)
                    .to(self.sdr_box())
                    .cc(self.manager_box())
                    .done(),
            );
        }
    }

    /// Mail that carried a record to a prospect contact gets `record-leaked` and nothing beside it.
    fn lingering(&self) -> Option<WantedMail> {
        let (name, at) = self.cc.lingering.as_ref()?;
        let leaked = self.leaks().any(|seen| seen.name() == *name);
        if self.cc.cc.state != CcState::Lingering || leaked {
            return None;
        }
        MailDraft::new(
            MailKind::Lingering,
            self.ae().to_owned(),
            Voice::Agent,
            MailBrief::Lingering { at: *at },
        )
        .to(self.ae_box())
        .cc(self.sdr_box())
        .not_before(self.working_hours(self.ae_person()))
        .done()
    }

    /// Messages that carry a record, or answer one, with a prospect contact among their people.
    pub(crate) fn leaks(&self) -> impl Iterator<Item = &SeenMessage> {
        let since = self.sent_at;
        self.mail.seen.iter().filter(move |seen| {
            let carries = seen.body().is_some_and(|body| body.holds_record)
                || seen.answers.iter().any(|key| key.kind.carries_record());
            let is_person = !seen.is_batons && since.is_some_and(|since| seen.at >= since);
            let in_bcc = seen.headers().bcc.iter().any(|hidden| self.mail.is_prospect(&hidden.address));
            let has_prospect = in_bcc || !self.mail.prospects_among(seen).is_empty();
            is_person && carries && (has_prospect || self.mail.by_prospect(seen))
        })
    }

    fn record_leaked(&self) -> Option<WantedMail> {
        let seen = self.leaks().next()?;
        let mut to: Vec<Address> = self.mail.prospects_among(seen).into_iter().cloned().collect();
        let hidden = seen.headers().bcc.iter().map(|mailbox| &mailbox.address);
        to.extend(hidden.filter(|address| self.mail.is_prospect(address)).cloned());
        if to.is_empty() {
            to.extend(seen.from().map(|from| from.address.clone()));
        }
        let brief = MailBrief::RecordLeaked { at: seen.at, to };
        MailDraft::new(MailKind::RecordLeaked, "handoff".to_owned(), Voice::Agent, brief)
            .to(self.ae_box())
            .to(self.sdr_box())
            .done()
    }

    /// One private warning for each message to the prospect that holds internal talk.
    fn chatter(&self) -> Vec<Option<WantedMail>> {
        let leaked: Vec<String> = self.leaks().map(SeenMessage::name).collect();
        self.mail
            .seen
            .iter()
            .filter(|seen| {
                !seen.is_batons
                    && seen.is_human()
                    && self.sent_at.is_some_and(|since| seen.at >= since)
                    && !self.mail.prospects_among(seen).is_empty()
                    && !leaked.contains(&seen.name())
            })
            .filter_map(|seen| {
                let author = seen.from()?;
                let forged = self
                    .seen_rows()
                    .any(|(one, row)| *row == MessageRow::Suspicious && one.name() == seen.name());
                if forged || !self.directory.is_person(&author.address) {
                    return None;
                }
                let found = self.internal_talk(seen)?;
                let brief = MailBrief::Chatter { at: seen.at, found };
                let reader = self
                    .directory
                    .owner(&author.address)
                    .and_then(|name| self.directory.person(name))
                    .or_else(|| self.ae_person());
                // An alias that the SDR taught is not in the configuration: its owner hears at their own address.
                let to = reader
                    .filter(|person| self.directory.owner(&author.address) == Some(&person.name))
                    .filter(|person| {
                        person.address != author.address && !person.aliases.contains(&author.address)
                    })
                    .map_or_else(|| author.clone(), mailbox);
                Some(
                    MailDraft::new(MailKind::Chatter, seen.name(), Voice::Agent, brief)
                        .to(Some(to))
                        .not_before(self.working_hours(reader))
                        .done(),
                )
            })
            .collect()
    }

    /// A link into or a paste from a team chat, or a thread below that nobody outside had part in.
    fn internal_talk(&self, seen: &SeenMessage) -> Option<String> {
        let body = seen.body()?;
        if let Some(paste) = &body.chat_paste {
            return Some(paste.clone());
        }
        let inside =
            |address: &Address| self.directory.is_colleague(address) && !self.mail.is_prospect(address);
        let quoted = body.quoted_mails.iter().find(|quoted| {
            !quoted.from.is_empty()
                && !quoted.to.is_empty()
                && quoted.from.iter().chain(&quoted.to).all(inside)
        });
        if let Some(quoted) = quoted {
            let from: Vec<&str> = quoted.from.iter().map(Address::as_str).collect();
            return Some(format!("the mail below from {}", from.join(", ")));
        }
        let squash = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let below = squash(&body.quoted_text);
        let cited = self.mail.seen.iter().find(|other| {
            let words: String = squash(other.words()).chars().take(60).collect();
            !other.is_batons
                && seen.cites.iter().any(|id| other.ids.contains(id))
                && other.is_human()
                && other.headers().from.iter().all(|from| inside(&from.address))
                && other.recipients().all(|mailbox| inside(&mailbox.address))
                && words.chars().count() >= 10
                && below.contains(&words)
        })?;
        let from = cited.from()?;
        Some(format!("the mail below from {}", from.address))
    }

    fn meeting_declined(&self) -> Option<WantedMail> {
        if matches!(self.meeting.state, MeetingState::Cancelled | MeetingState::Over) {
            return None;
        }
        let (_, declined) =
            self.calendars.declined(&self.mail, &self.record.meeting.attendees, self.sent_at?)?;
        let brief = MailBrief::MeetingDeclined { meeting: self.meeting_brief(), declined };
        MailDraft::new(MailKind::MeetingDeclined, about(self.meeting.start), Voice::Agent, brief)
            .to(self.sdr_box())
            .cc(self.ae_box())
            .done()
    }

    fn feedback_mails(&self, mails: &mut Vec<Option<WantedMail>>) {
        mails.extend(self.feedback.echoes.iter().map(|echo| self.echo(echo)));
        let is_owed = self.meeting.state == MeetingState::Over
            && self.feedback.settled_at.is_none()
            && !self.feedback.waits_for_time;
        if !is_owed {
            return;
        }
        let (meeting, key, due) = (self.meeting_brief(), about(self.meeting.start), self.feedback_due);
        mails.push(
            MailDraft::new(
                MailKind::FeedbackRequest,
                key.clone(),
                Voice::Agent,
                MailBrief::FeedbackRequest { meeting: meeting.clone(), due },
            )
            .to(self.feedback_ae().map(mailbox))
            .done(),
        );
        // What was not asked for is not overdue: a request that waits in the outbox owes nothing yet.
        let (Some(ae), Some(_)) = (self.feedback_ae(), self.feedback_asked_at()) else { return };
        let overdue_at =
            if ae.working.is_open(due) { due } else { ae.working.next_open(due) + Duration::hours(1) };
        let before = self.policy.feedback_remind_before;
        let remind_at = ae.working.next_open(due - Duration::seconds(i64::from(before)));
        let is_reminded = before > 0
            && before < self.policy.feedback_due
            && self.wake.has_come(remind_at)
            && !self.wake.has_come(overdue_at);
        if is_reminded {
            let brief = MailBrief::FeedbackReminder { meeting: meeting.clone(), due };
            mails.push(
                MailDraft::new(MailKind::FeedbackReminder, key.clone(), Voice::Agent, brief)
                    .to(Some(mailbox(ae)))
                    .not_before(self.working_hours(Some(ae)))
                    .done(),
            );
        }
        if self.wake.has_come(overdue_at) && self.progress.has_read(overdue_at) {
            let brief = MailBrief::FeedbackOverdue { meeting, due, read: self.progress.mailboxes() };
            mails.push(
                MailDraft::new(MailKind::FeedbackOverdue, key, Voice::Agent, brief)
                    .to(Some(self.manager_of(&ae.name)))
                    .not_before(self.working_hours(Some(ae)))
                    .done(),
            );
        }
    }

    fn echo(&self, echo: &FeedbackResponse) -> Option<WantedMail> {
        let meeting = self.meeting_brief();
        let is_settled = self.feedback.settled_at.is_some();
        let ae = self.feedback_ae().map(mailbox);
        match echo {
            FeedbackResponse::Thanks { meeting: asked, name, feedback, words, .. } => {
                let brief =
                    MailBrief::FeedbackThanks { feedback: feedback.clone(), meeting, words: words.clone() };
                let key = format!("{} {name}", about(*asked));
                MailDraft::new(MailKind::FeedbackThanks, key, Voice::Agent, brief)
                    .to(ae.clone())
                    .cc(self.sdr_box())
                    .done()
            }
            FeedbackResponse::AskAgain { meeting: asked, words, .. } if !is_settled => {
                let question = FeedbackQuestion::Unreadable;
                let brief = MailBrief::FeedbackQuestion { question, meeting, words: words.clone() };
                let key = format!("{} unreadable", about(*asked));
                MailDraft::new(MailKind::FeedbackQuestion, key, Voice::Agent, brief).to(ae.clone()).done()
            }
            FeedbackResponse::AskNewTime { meeting: asked, words, .. } if self.feedback.waits_for_time => {
                let question = FeedbackQuestion::NewTime;
                let brief = MailBrief::FeedbackQuestion { question, meeting, words: words.clone() };
                let key = new_time_key(*asked);
                MailDraft::new(MailKind::FeedbackQuestion, key, Voice::Agent, brief)
                    .to(ae.clone())
                    .cc(self.sdr_box())
                    .done()
            }
            FeedbackResponse::AskAgain { .. } | FeedbackResponse::AskNewTime { .. } => None,
        }
    }
}
