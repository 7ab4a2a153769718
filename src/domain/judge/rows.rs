//! Which row of docs/behaviour.md section 5 a message is, by its order of precedence:
//! 17, 12, 13, 15, 16, 6, 14, 5, 7, 8, 4, 11, 3, 9, 10, 1, 2.
//!
//! Decides on one message at a time, against what the meeting and the thread were at its time.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::super::address_book::among;
use super::super::message::{
    Address, Calendar, CalendarMethod, Mailbox, MessageId, MessageKind, SchedulerEvent, SchedulerMail,
};
use super::super::token;
use super::calendars::Calendars;
use super::correspondence::Correspondence;
use super::directory::is_same_name;
use super::identities::Identities;
use super::participants::Participants;
use super::row::{AeWriting, MessageRow, TouchProof, TouchProofKind};
use super::seen_message::SeenMessage;
use super::sendings::Sendings;

/// Clients quote dates to the minute.
pub(super) const MINUTE: Duration = Duration::minutes(1);

/// Mail servers give up on a message after this (RFC 5321 section 4.5.4.1).
const QUEUES_LAST: Duration = Duration::days(5);

/// The rows of the mail, in the order of its time.
#[derive(Debug)]
pub(super) struct Rows {
    /// Each with the message's place in the correspondence.
    list: Vec<(usize, MessageRow)>,
}

impl Rows {
    /// Of all mail that is not just an answer to baton's own.
    pub(crate) fn read(reader: &RowReader) -> Self {
        let seen = reader.mail.seen.iter().enumerate();
        let list = seen
            .filter(|(_, seen)| !reader.mail.is_only_answer(seen) || reader.participants.is_forged(seen))
            .filter_map(|(index, seen)| reader.row(seen).map(|row| (index, row)))
            .collect();
        Self { list }
    }

    /// Each message that has a row, with it; `mail` is the correspondence that the rows were read from.
    pub(crate) fn of<'s>(
        &'s self,
        mail: &'s Correspondence,
    ) -> impl Iterator<Item = (&'s SeenMessage, &'s MessageRow)> {
        self.list.iter().filter_map(|(index, row)| mail.seen.get(*index).map(|seen| (seen, row)))
    }

    /// Return date of the latest absence of that tenure's AE that names one.
    pub(crate) fn away_until(&self, mail: &Correspondence, tenure: usize) -> Option<NaiveDate> {
        self.of(mail)
            .filter(|(seen, row)| **row == MessageRow::Away && seen.tenure == tenure)
            .filter_map(|(seen, _)| seen.body().and_then(|body| body.away_until))
            .last()
    }

    /// When a prospect last wrote; who took over since has to know it as well.
    pub(crate) fn prospect_wrote(&self, mail: &Correspondence) -> Option<DateTime<Utc>> {
        let by_prospect = self.of(mail).filter(|(_, row)| matches!(row, MessageRow::ProspectWrote(_)));
        by_prospect.map(|(seen, _)| seen.at).max()
    }
}

/// The author, where all of From is one address: a mail that names several is nobody's.
fn only_author(seen: &SeenMessage) -> Option<&Mailbox> {
    seen.from().filter(|from| seen.has_authors(|address| *address == from.address))
}

/// What a delivery report is about.
enum ReportSubject {
    /// The intro or the AE's mail.
    OfHandoff(MessageRow),
    OtherMail,
}

/// What the rows are decided on.
#[derive(Debug)]
pub(super) struct RowReader<'a> {
    pub mail: &'a Correspondence,
    pub participants: Participants<'a>,
    pub identities: &'a Identities,
    pub calendars: &'a Calendars,
    /// As they left, before any report on them.
    pub sendings: &'a Sendings,
}

impl RowReader<'_> {
    /// The row of a message, `None` where no row speaks of it.
    fn row(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let handed_over = self.sendings.handed_over()?;
        if seen.is_batons || seen.body().is_none() {
            return None;
        }
        // A report about mail of ours is never from before: it cites the intro or what came after it.
        if let Some(failure) = self.failure(seen) {
            return match failure {
                ReportSubject::OfHandoff(row) => {
                    let counts = !seen.failed_recipients().is_empty() || self.names_nobody(seen);
                    counts.then_some(row)
                }
                ReportSubject::OtherMail => None,
            };
        }
        let to_prospect = !self.mail.prospects_among(seen).is_empty();
        let concerns = seen.in_thread || to_prospect;
        if seen.at < handed_over {
            let is_ours = concerns || self.mail.by_prospect(seen);
            return is_ours.then_some(MessageRow::BeforeHandoff);
        }
        let row = self
            .look_alike(seen)
            .or_else(|| self.own_meeting(seen))
            .or_else(|| self.colleague(seen, concerns))
            .or_else(|| self.machine(seen))
            .or_else(|| self.prospect(seen))
            .or_else(|| self.writing(seen, to_prospect))
            .or_else(|| {
                (self.participants.by_sdr(seen) && concerns && seen.is_human())
                    .then_some(MessageRow::SdrWrote)
            });
        // Row 15 goes before all of these, whichever of them would speak of the message.
        let matters = concerns || row.is_some() || !seen.answers.is_empty();
        if matters && self.participants.is_forged(seen) { Some(MessageRow::Suspicious) } else { row }
    }

    /// Rows 12 and 13, `None` where the message is no delivery report.
    fn failure(&self, seen: &SeenMessage) -> Option<ReportSubject> {
        if seen.kind() != Some(MessageKind::Bounce) {
            return None;
        }
        // Anybody can write one.
        if seen.fails_authenticity(None) {
            return Some(ReportSubject::OtherMail);
        }
        let bounce = seen.bounce();
        let original = bounce.and_then(|bounce| bounce.original.as_ref());
        let inside = bounce.map_or(&[][..], |bounce| bounce.original_references.as_slice());
        let row = match original {
            // The id may be one that a provider gave the intro and that no copy has shown yet: the returned
            // headers then cite our own reference and nothing else. Who answers the intro cites the intro.
            Some(original) => self.failure_of(original).or_else(|| match inside {
                [only] if token::is_reference(only) => {
                    self.sendings.with_token_of(only).map(|sending| MessageRow::IntroFailed { sending })
                }
                _ => None,
            }),
            None => {
                let headers = seen.headers();
                let mut cited = headers.in_reply_to.iter().chain(headers.references.iter().rev());
                let cites_nothing = inside.is_empty() && seen.cites.is_empty();
                cited
                    .find_map(|id| self.failure_of(id))
                    .or_else(|| cites_nothing.then(|| self.failure_by_recipient(seen)).flatten())
            }
        };
        Some(row.map_or(ReportSubject::OtherMail, ReportSubject::OfHandoff))
    }

    /// The row of a report on the message with this id.
    fn failure_of(&self, id: &MessageId) -> Option<MessageRow> {
        let intro = self.sendings.with_id(id).map(|sending| MessageRow::IntroFailed { sending });
        intro.or_else(|| self.ae_message(id).map(|message| MessageRow::TouchFailed { message }))
    }

    /// Many reports name no message. One in the SDR's mailbox that names a recipient of the intro is about
    /// the intro, unless the SDR has written to that address since.
    fn failure_by_recipient(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let failed: Vec<Address> = seen.failed_recipients().into_iter().map(|(address, _)| address).collect();
        let (number, sending) =
            self.sendings.all().rev().find(|(_, one)| one.accepted.is_some_and(|at| at <= seen.at))?;
        let accepted = sending.accepted?;
        let is_recipient =
            |address: &Address| self.mail.is_prospect(address) && among(address, sending.to.iter()).is_some();
        let is_written_since = self.mail.seen.iter().any(|other| {
            !other.is_batons
                && other.at >= accepted
                && other.at <= seen.at
                && self.participants.by_sdr(other)
                && other.recipients().any(|to| among(&to.address, failed.iter()).is_some())
        });
        let sdr_account = self.participants.sdr_account();
        let is_sdrs = sdr_account.is_some_and(|account| seen.in_account(account))
            && sdr_account != self.participants.account_of_ae(seen);
        let is_intros = is_sdrs
            && seen.at - accepted <= QUEUES_LAST
            && !is_written_since
            && failed.iter().any(is_recipient);
        is_intros.then_some(MessageRow::IntroFailed { sending: number })
    }

    /// A report that names no recipient at all is about everybody.
    fn names_nobody(&self, seen: &SeenMessage) -> bool {
        seen.bounce().is_none_or(|bounce| bounce.recipients.is_empty())
    }

    fn ae_message(&self, id: &MessageId) -> Option<MessageId> {
        let seen = self.mail.find(id)?;
        let is_to_prospect = !self.mail.prospects_among(seen).is_empty();
        (self.participants.by_ae(seen) && is_to_prospect).then(|| id.clone())
    }

    /// Row 16.
    fn look_alike(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let from = only_author(seen)?;
        let directory = &self.participants.directory;
        let is_stranger = !directory.is_colleague(&from.address) && !self.mail.is_prospect(&from.address);
        let is_look_alike = is_stranger
            && seen.in_thread
            && seen.is_human()
            && directory.goes_by(from, self.participants.ae_of(seen))
            && !self.identities.is_denied(&from.address);
        is_look_alike.then_some(MessageRow::LookAlike)
    }

    /// Row 6.
    fn own_meeting(&self, seen: &SeenMessage) -> Option<MessageRow> {
        self.calendars.is_own_meeting(seen).then_some(MessageRow::OwnMeeting)
    }

    /// Row 14.
    fn colleague(&self, seen: &SeenMessage, concerns: bool) -> Option<MessageRow> {
        let from = only_author(seen)?;
        let is_colleague = self.participants.directory.is_colleague(&from.address)
            && !self.participants.by_ae(seen)
            && !self.participants.by_sdr(seen);
        (is_colleague && concerns).then_some(MessageRow::Colleague)
    }

    /// Rows 5, 7, 8 and 4.
    fn machine(&self, seen: &SeenMessage) -> Option<MessageRow> {
        if let Some(calendar) = seen.calendar() {
            if self.is_invite(seen, calendar) {
                return Some(MessageRow::Invite);
            }
            let is_reply = calendar.method == Some(CalendarMethod::Reply)
                && self.participants.by_ae(seen)
                && self.concerns_prospect(seen, calendar);
            return is_reply.then_some(MessageRow::ReceiptOrReaction).or_else(|| self.booking(seen));
        }
        match seen.kind()? {
            MessageKind::Receipt | MessageKind::Reaction if seen.in_thread => {
                Some(MessageRow::ReceiptOrReaction)
            }
            MessageKind::Receipt if self.participants.by_ae(seen) && self.is_receipt_of_ours(seen) => {
                Some(MessageRow::ReceiptOrReaction)
            }
            MessageKind::Scheduler => self.booking(seen),
            MessageKind::AutoReply if self.participants.by_ae_alone(seen) => Some(MessageRow::Away),
            _ => None,
        }
    }

    /// Whether a calendar message of the AE's belongs to this handoff, and not to another one of theirs.
    fn concerns_prospect(&self, seen: &SeenMessage, calendar: &Calendar) -> bool {
        let named = calendar.organizer.iter().chain(calendar.attendees.iter().map(|one| &one.address));
        seen.in_thread
            || !self.mail.prospects_among(seen).is_empty()
            || named.into_iter().any(|address| self.mail.is_prospect(address))
            || self.calendars.is_with_prospect(&calendar.uid)
    }

    /// It cites a mail of ours. Exchange's receipts cite nothing: they bear the subject of what was read behind a word of their own.
    fn is_receipt_of_ours(&self, seen: &SeenMessage) -> bool {
        let subject = seen.headers().subject.to_lowercase();
        let mut thread = self.mail.seen.iter().filter(|other| other.in_thread);
        !seen.answers.is_empty()
            || thread.any(|other| {
                let read = other.headers().base_subject.to_lowercase();
                !read.is_empty() && subject.ends_with(&read)
            })
    }

    /// Row 5: the AE's invitation to a prospect, or a prospect's reply to one that was never seen.
    fn is_invite(&self, seen: &SeenMessage, calendar: &Calendar) -> bool {
        if self.calendars.was_known_before(&calendar.uid) || self.calendars.is_own_start(calendar, seen.at) {
            return false;
        }
        match calendar.method {
            Some(CalendarMethod::Request) if self.participants.by_ae(seen) => {
                calendar.attendees.iter().any(|attendee| self.mail.is_prospect(&attendee.address))
                    || !self.mail.prospects_among(seen).is_empty()
            }
            Some(CalendarMethod::Reply) if self.mail.is_written_by_prospect(seen) => {
                calendar.organizer.as_ref().is_some_and(|organizer| {
                    self.participants.directory.is_ae(self.participants.ae_of(seen), organizer)
                })
            }
            _ => false,
        }
    }

    /// Row 8. Some tools confirm with an invitation of their own.
    fn booking(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let said = seen.body().and_then(|body| body.scheduler.as_ref())?;
        let is_believed = !self.participants.is_disbelieved(seen);
        (is_believed && self.is_confirmation(seen, said)).then_some(MessageRow::Scheduled)
    }

    fn is_confirmation(&self, seen: &SeenMessage, said: &SchedulerMail) -> bool {
        let ae = self.participants.ae_of(seen);
        let names_ae = said.addresses.iter().any(|address| self.participants.directory.is_ae(ae, address))
            || said.names.iter().any(|name| is_same_name(name, ae));
        let names_prospect = said.addresses.iter().any(|address| self.mail.is_prospect(address))
            || said.names.iter().any(|name| self.mail.is_name_of_prospect(name));
        let is_booking = matches!(said.event, SchedulerEvent::Booked | SchedulerEvent::Rescheduled);
        let is_own = said.start.is_some_and(|start| self.calendars.is_start(start, seen.at));
        names_ae && names_prospect && is_booking && !is_own
    }

    /// Row 11.
    fn prospect(&self, seen: &SeenMessage) -> Option<MessageRow> {
        if !self.mail.by_prospect(seen) || !seen.is_human() {
            return None;
        }
        let is_ae_watched = self.participants.account_of_ae(seen).is_some();
        let proves = !is_ae_watched && self.mail.is_written_by_prospect(seen);
        Some(MessageRow::ProspectWrote(if proves { self.proof(seen) } else { None }))
    }

    fn proof(&self, seen: &SeenMessage) -> Option<TouchProof> {
        let ae = self.participants.ae_of(seen);
        let handed_over = self.sendings.handed_over()?;
        let quoted = seen.body()?.quoted_authors.iter().find(|author| {
            self.participants.directory.is_ae(ae, &author.address)
                && author.at.or(author.latest).is_none_or(|at| at + MINUTE > handed_over)
        });
        if let Some(author) = quoted {
            let at = author.at.map(|at| at.clamp(handed_over, seen.at.max(handed_over)));
            return Some(TouchProof { at, how: TouchProofKind::Quoted });
        }
        let domain = self.participants.directory.person(ae)?.address.domain();
        let headers = seen.headers();
        let names_ae =
            seen.recipients().any(|mailbox| self.participants.directory.is_ae(ae, &mailbox.address));
        if !seen.in_thread && !names_ae {
            return None;
        }
        // References run from the oldest to the newest: what stands before the intro is older than it.
        let after_intro = headers
            .references
            .iter()
            .rposition(|id| self.mail.intro_ids.contains(id))
            .map_or(0, |position| position + 1);
        let unseen = headers.references.iter().skip(after_intro).chain(&headers.in_reply_to).any(|id| {
            let is_at_domain = id.domain().is_some_and(|at| {
                at == domain || at.strip_suffix(domain).is_some_and(|host| host.ends_with('.'))
            });
            is_at_domain
                && token::in_id(id).is_none()
                && !self.mail.thread_ids.contains(id)
                && self.mail.find(id).is_none()
        });
        unseen.then_some(TouchProof { at: None, how: TouchProofKind::UnseenId })
    }

    /// Rows 3, 9, 10, 1 and 2.
    fn writing(&self, seen: &SeenMessage, to_prospect: bool) -> Option<MessageRow> {
        if !self.participants.by_ae(seen) || !seen.is_human() {
            return None;
        }
        if seen.in_thread && !to_prospect && !self.mail.is_blind_copied(seen) {
            return Some(MessageRow::MissedProspect);
        }
        if !to_prospect || (seen.in_other_thread && !seen.in_thread) {
            return None;
        }
        let body = seen.body()?;
        let says_nothing = body.author_text.trim().is_empty() && body.attachments.is_empty();
        if seen.in_thread && says_nothing && body.video_link.is_none() {
            return Some(MessageRow::QuotationOnly);
        }
        Some(MessageRow::Wrote(if body.video_link.is_some() {
            AeWriting::Video
        } else if seen.in_thread {
            AeWriting::Reply
        } else {
            AeWriting::NewThread
        }))
    }
}
