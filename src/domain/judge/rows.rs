//! Which row of behaviour.md section 5 a message is, by its order of precedence:
//! 17, 12, 13, 15, 16, 6, 14, 5, 7, 8, 4, 11, 3, 9, 10, 1, 2.
//!
//! Decides on one message at a time, against what the meeting and the thread were at its time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::super::message::{
    Address, Authenticity, BounceAction, Calendar, CalendarMethod, MessageId, MessageKind, SchedulerEvent,
    SchedulerMail,
};
use super::directory::{Directory, Tenures, is_same_name};
use super::meeting::Calendars;
use super::seen_messages::{Correspondence, SeenMessage};
use super::touch::IntroSending;

/// Clients quote dates to the minute.
pub(super) const MINUTE: Duration = Duration::minutes(1);

/// Mail servers give up on a message after this (RFC 5321 section 4.5.4.1).
const QUEUES_LAST: Duration = Duration::days(5);

/// What a message was found to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum MessageRow {
    /// 1, 2, 10: the AE wrote to a prospect contact.
    Wrote(AeWriting),
    /// 3: the prospect was not among the recipients.
    MissedProspect,
    /// 4: the AE is away.
    Away,
    /// 5: an invitation by the AE, or a prospect's reply to one.
    Invite,
    /// 6: about the record's own meeting.
    OwnMeeting,
    /// 7: the AE's calendar reply, a receipt or a reaction.
    NoWords,
    /// 8: a scheduling tool's confirmation.
    Scheduled,
    /// 9: nothing but quotation and signature.
    Empty,
    /// 11: a prospect wrote; `Some`: and that proves an earlier touch.
    ProspectWrote(Option<TouchProof>),
    /// 12: the intro could not be delivered to these addresses.
    IntroFailed { sending: u32 },
    /// 13: the AE's message could not be delivered.
    TouchFailed { message: MessageId },
    /// 14: a colleague of the AE.
    Colleague,
    /// 15: From is the AE, but the server says otherwise.
    Suspicious,
    /// 16: an outside address under the AE's name.
    LookAlike,
    /// 17: before the handoff.
    Before,
    /// The SDR wrote.
    SdrWrote,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AeWriting {
    Reply,
    NewThread,
    Video,
}

/// Row 11: how a prospect's mail proves that the AE has written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TouchProof {
    pub at: Option<DateTime<Utc>>,
    pub how: TouchProofKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TouchProofKind {
    Quoted,
    UnseenId,
}

impl MessageRow {
    /// The row's number.
    pub(crate) fn number(&self) -> Option<u8> {
        Some(match self {
            MessageRow::Wrote(AeWriting::Reply) => 1,
            MessageRow::Wrote(AeWriting::NewThread) => 2,
            MessageRow::Wrote(AeWriting::Video) => 10,
            MessageRow::MissedProspect => 3,
            MessageRow::Away => 4,
            MessageRow::Invite => 5,
            MessageRow::OwnMeeting => 6,
            MessageRow::NoWords => 7,
            MessageRow::Scheduled => 8,
            MessageRow::Empty => 9,
            MessageRow::ProspectWrote(_) => 11,
            MessageRow::IntroFailed { .. } => 12,
            MessageRow::TouchFailed { .. } => 13,
            MessageRow::Colleague => 14,
            MessageRow::Suspicious => 15,
            MessageRow::LookAlike => 16,
            MessageRow::Before => 17,
            MessageRow::SdrWrote => return None,
        })
    }
}

/// What the rows are decided on.
pub(super) struct RowReader<'a> {
    pub mail: &'a Correspondence,
    pub directory: &'a Directory<'a>,
    pub tenures: &'a Tenures,
    pub calendars: &'a Calendars,
    /// Since when the handoff is one; `None` while no intro was accepted.
    pub handed_over: Option<DateTime<Utc>>,
    /// Accounts whose mailbox is the AE's, for each tenure.
    pub ae_account: &'a dyn Fn(&str) -> Option<String>,
    /// The account of the SDR.
    pub sdr_account: Option<&'a str>,
    pub sendings: &'a BTreeMap<u32, IntroSending>,
    /// Addresses that the SDR said are not the AE.
    pub denied: &'a BTreeSet<Address>,
}

impl RowReader<'_> {
    fn ae(&self, seen: &SeenMessage) -> &str {
        self.tenures.ae(seen.tenure)
    }

    pub(crate) fn by_ae(&self, seen: &SeenMessage) -> bool {
        seen.headers().from.iter().any(|from| self.directory.is_ae(self.ae(seen), &from.address))
    }

    fn by_ae_alone(&self, seen: &SeenMessage) -> bool {
        seen.headers().from.iter().any(|from| self.directory.is_self(self.ae(seen), &from.address))
    }

    pub(crate) fn by_sdr(&self, seen: &SeenMessage) -> bool {
        seen.headers().from.iter().any(|from| self.directory.is_sdr(&from.address))
    }

    /// The row of a message, `None` where no row speaks of it.
    pub(crate) fn row(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let handed_over = self.handed_over?;
        if seen.is_batons || seen.body().is_none() {
            return None;
        }
        // A report about mail of ours is never from before: it cites the intro or what came after it.
        if let Some(failure) = self.failure(seen) {
            return failure.filter(|_| !seen.failed_recipients().is_empty() || self.names_nobody(seen));
        }
        if seen.at < handed_over {
            return Some(MessageRow::Before);
        }
        let to_prospect = !self.mail.prospects_among(seen).is_empty();
        let concerns = seen.in_thread || to_prospect;
        let row = self
            .look_alike(seen)
            .or_else(|| self.own_meeting(seen))
            .or_else(|| self.colleague(seen, concerns))
            .or_else(|| self.machine(seen))
            .or_else(|| self.prospect(seen))
            .or_else(|| self.writing(seen, to_prospect))
            .or_else(|| (self.by_sdr(seen) && concerns && seen.is_human()).then_some(MessageRow::SdrWrote));
        // Row 15 goes before all of these, whichever of them would speak of the message.
        let matters = concerns || row.is_some() || !seen.answers.is_empty();
        if matters && self.is_forged(seen) { Some(MessageRow::Suspicious) } else { row }
    }

    /// Rows 12 and 13. `Some(None)`: a bounce that is about neither.
    fn failure(&self, seen: &SeenMessage) -> Option<Option<MessageRow>> {
        if seen.kind() != Some(MessageKind::Bounce) {
            return None;
        }
        let bounce = seen.bounce();
        let original = bounce.and_then(|bounce| bounce.original.as_ref());
        let inside = bounce.map_or(&[][..], |bounce| bounce.original_references.as_slice());
        if let Some(original) = original {
            if let Some(sending) = self.sending_of(original) {
                return Some(Some(MessageRow::IntroFailed { sending }));
            }
            if let Some(message) = self.ae_message(original) {
                return Some(Some(MessageRow::TouchFailed { message }));
            }
            // The id may be one that a provider gave the intro and that no copy has shown yet: the returned
            // headers then cite our own reference and nothing else.
            if let [only] = inside
                && let Some(sending) = self.sending_by_token(only)
            {
                return Some(Some(MessageRow::IntroFailed { sending }));
            }
            return Some(None);
        }
        let cited = seen.headers().in_reply_to.iter().chain(seen.headers().references.iter().rev());
        for id in cited {
            if let Some(sending) = self.sending_of(id) {
                return Some(Some(MessageRow::IntroFailed { sending }));
            }
            if let Some(message) = self.ae_message(id) {
                return Some(Some(MessageRow::TouchFailed { message }));
            }
        }
        let cites_nothing = inside.is_empty() && seen.cites.is_empty();
        Some(cites_nothing.then(|| self.failure_by_recipient(seen)).flatten())
    }

    /// Many reports name no message. One in the SDR's mailbox that names a recipient of the intro is about
    /// the intro, unless the SDR has written to that address since.
    fn failure_by_recipient(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let failed: Vec<Address> =
            seen.failed_recipients().into_iter().map(|(address, _)| address.mailbox()).collect();
        let (number, sending) =
            self.sendings.iter().rfind(|(_, one)| one.accepted.is_some_and(|at| at <= seen.at))?;
        let accepted = sending.accepted?;
        let is_recipient = |address: &Address| {
            self.mail.is_prospect(address) && sending.to.iter().any(|to| to.mailbox() == *address)
        };
        let is_written_since = self.mail.seen.iter().any(|other| {
            !other.is_batons
                && other.at >= accepted
                && other.at <= seen.at
                && self.by_sdr(other)
                && other.recipients().any(|to| failed.contains(&to.address.mailbox()))
        });
        let is_sdrs = self.sdr_account.is_some_and(|account| seen.in_account(account))
            && self.sdr_account != (self.ae_account)(self.ae(seen)).as_deref();
        let is_intros = is_sdrs
            && seen.at - accepted <= QUEUES_LAST
            && !is_written_since
            && failed.iter().any(is_recipient);
        is_intros.then_some(MessageRow::IntroFailed { sending: *number })
    }

    /// A report that names no recipient at all is about everybody.
    fn names_nobody(&self, seen: &SeenMessage) -> bool {
        seen.bounce().is_none_or(|bounce| bounce.recipients.is_empty())
    }

    fn sending_of(&self, id: &MessageId) -> Option<u32> {
        self.sendings.iter().find(|(_, one)| one.ids.contains(id)).map(|(sending, _)| *sending)
    }

    fn sending_by_token(&self, reference: &MessageId) -> Option<u32> {
        let token = super::super::token::in_id(reference)?;
        self.sendings
            .iter()
            .find(|(_, one)| one.ids.iter().any(|id| super::super::token::in_id(id) == Some(token)))
            .map(|(sending, _)| *sending)
    }

    fn ae_message(&self, id: &MessageId) -> Option<MessageId> {
        let seen = self.mail.find(id)?;
        let is_to_prospect = !self.mail.prospects_among(seen).is_empty();
        (self.by_ae(seen) && is_to_prospect).then(|| id.clone())
    }

    /// From is the AE, the receiving server says that it is not, and the AE's own Sent folder has no copy.
    pub(crate) fn is_forged(&self, seen: &SeenMessage) -> bool {
        if !self.by_ae(seen) || seen.headers().authenticity != Authenticity::Failed {
            return false;
        }
        let own_account = (self.ae_account)(self.ae(seen));
        !seen
            .message
            .copies
            .iter()
            .any(|copy| copy.is_sent && Some(&copy.place.account) == own_account.as_ref())
    }

    /// Row 16.
    fn look_alike(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let from = seen.from()?;
        let is_stranger =
            !self.directory.is_colleague(&from.address) && !self.mail.is_prospect(&from.address);
        let is_look_alike = is_stranger
            && seen.in_thread
            && seen.is_human()
            && self.directory.goes_by(from, self.ae(seen))
            && !self.denied.contains(&from.address.mailbox());
        is_look_alike.then_some(MessageRow::LookAlike)
    }

    /// Row 6.
    fn own_meeting(&self, seen: &SeenMessage) -> Option<MessageRow> {
        self.calendars.is_own_meeting(seen).then_some(MessageRow::OwnMeeting)
    }

    /// Row 14.
    fn colleague(&self, seen: &SeenMessage, concerns: bool) -> Option<MessageRow> {
        let from = seen.from()?;
        let is_colleague =
            self.directory.is_colleague(&from.address) && !self.by_ae(seen) && !self.by_sdr(seen);
        (is_colleague && concerns).then_some(MessageRow::Colleague)
    }

    /// Rows 5, 7, 8 and 4.
    fn machine(&self, seen: &SeenMessage) -> Option<MessageRow> {
        if let Some(calendar) = seen.calendar() {
            if self.is_invite(seen, calendar) {
                return Some(MessageRow::Invite);
            }
            let is_reply = calendar.method == Some(CalendarMethod::Reply) && self.by_ae(seen);
            return is_reply.then_some(MessageRow::NoWords).or_else(|| self.booking(seen));
        }
        match seen.kind()? {
            MessageKind::Receipt | MessageKind::Reaction if seen.in_thread => Some(MessageRow::NoWords),
            MessageKind::Receipt if self.by_ae(seen) => Some(MessageRow::NoWords),
            MessageKind::Scheduler => self.booking(seen),
            MessageKind::AutoReply if self.by_ae_alone(seen) => Some(MessageRow::Away),
            _ => None,
        }
    }

    /// Row 5: the AE's invitation to a prospect, or a prospect's reply to one that was never seen.
    fn is_invite(&self, seen: &SeenMessage, calendar: &Calendar) -> bool {
        if self.calendars.was_known_before(&calendar.uid) || self.calendars.is_own_start(calendar, seen.at) {
            return false;
        }
        match calendar.method {
            Some(CalendarMethod::Request) if self.by_ae(seen) => {
                calendar.attendees.iter().any(|attendee| self.mail.is_prospect(&attendee.address))
                    || !self.mail.prospects_among(seen).is_empty()
            }
            Some(CalendarMethod::Reply) if self.mail.by_prospect(seen) => calendar
                .organizer
                .as_ref()
                .is_some_and(|organizer| self.directory.is_ae(self.ae(seen), organizer)),
            _ => false,
        }
    }

    /// Row 8. Some tools confirm with an invitation of their own.
    fn booking(&self, seen: &SeenMessage) -> Option<MessageRow> {
        let said = seen.body().and_then(|body| body.scheduler.as_ref())?;
        self.is_confirmation(seen, said).then_some(MessageRow::Scheduled)
    }

    fn is_confirmation(&self, seen: &SeenMessage, said: &SchedulerMail) -> bool {
        let ae = self.ae(seen);
        let names_ae = said.addresses.iter().any(|address| self.directory.is_ae(ae, address))
            || said.names.iter().any(|name| is_same_name(name, ae));
        let names_prospect = said.addresses.iter().any(|address| self.mail.is_prospect(address));
        let is_booking = matches!(said.event, SchedulerEvent::Booked | SchedulerEvent::Rescheduled);
        let is_own = said.start.is_some_and(|start| self.calendars.is_start(start, seen.at));
        names_ae && names_prospect && is_booking && !is_own
    }

    /// Row 11.
    fn prospect(&self, seen: &SeenMessage) -> Option<MessageRow> {
        if !self.mail.by_prospect(seen) || !seen.is_human() {
            return None;
        }
        let is_ae_watched = (self.ae_account)(self.ae(seen)).is_some();
        Some(MessageRow::ProspectWrote(if is_ae_watched { None } else { self.proof(seen) }))
    }

    fn proof(&self, seen: &SeenMessage) -> Option<TouchProof> {
        let ae = self.ae(seen);
        let handed_over = self.handed_over?;
        let quoted = seen.body()?.quoted_authors.iter().find(|author| {
            self.directory.is_ae(ae, &author.address) && author.at.is_none_or(|at| at + MINUTE > handed_over)
        });
        if let Some(author) = quoted {
            let at = author.at.map(|at| at.clamp(handed_over, seen.at.max(handed_over)));
            return Some(TouchProof { at, how: TouchProofKind::Quoted });
        }
        let domain = self.directory.person(ae)?.address.domain();
        let headers = seen.headers();
        let names_ae = seen.recipients().any(|mailbox| self.directory.is_ae(ae, &mailbox.address));
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
                && super::super::token::in_id(id).is_none()
                && !self.mail.thread_ids.contains(id)
                && self.mail.find(id).is_none()
        });
        unseen.then_some(TouchProof { at: None, how: TouchProofKind::UnseenId })
    }

    /// Rows 3, 9, 10, 1 and 2.
    fn writing(&self, seen: &SeenMessage, to_prospect: bool) -> Option<MessageRow> {
        if !self.by_ae(seen) || !seen.is_human() {
            return None;
        }
        let in_bcc = seen.headers().bcc.iter().any(|hidden| self.mail.is_prospect(&hidden.address));
        if seen.in_thread && !to_prospect && !in_bcc {
            return Some(MessageRow::MissedProspect);
        }
        if !to_prospect || (seen.in_other_thread && !seen.in_thread) {
            return None;
        }
        let body = seen.body()?;
        let says_nothing = body.author_text.trim().is_empty() && body.attachments.is_empty();
        if seen.in_thread && says_nothing && body.video_link.is_none() {
            return Some(MessageRow::Empty);
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

/// Whether a report says that delivery failed, not that it is late or done.
pub(super) fn reports_failure(seen: &SeenMessage) -> bool {
    seen.bounce().is_some_and(|bounce| {
        bounce.recipients.is_empty()
            || bounce.recipients.iter().any(|recipient| recipient.action == BounceAction::Failed)
    })
}
