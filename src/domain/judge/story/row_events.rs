//! What each message was, by its row, as a sentence.

use super::super::super::address_book::is_one_mailbox;
use super::super::super::message::{CalendarMethod, MessageId, MessageKind, PartStat};
use super::super::super::outcomes::TouchKind;
use super::super::calendars::Calendars;
use super::super::cc::{self, CcVerdict};
use super::super::correspondence::Correspondence;
use super::super::judgement::Event;
use super::super::participants::Participants;
use super::super::row::{AeWriting, MessageRow, TouchProof, TouchProofKind};
use super::super::rows::Rows;
use super::super::seen_message::{SeenMessage, reports_failure};
use super::super::touch::Touches;
use super::event::{meeting_event, zoned};
use super::names::Names;

#[derive(Debug)]
pub(super) struct RowEvents<'a> {
    pub participants: Participants<'a>,
    pub mail: &'a Correspondence,
    pub rows: &'a Rows,
    pub touches: &'a Touches,
    pub cc: &'a CcVerdict,
    pub calendars: &'a Calendars,
}

impl RowEvents<'_> {
    pub(crate) fn add_to(&self, events: &mut Vec<Event>) {
        events.extend(self.rows.of(self.mail).filter_map(|(seen, row)| self.event(seen, row)));
    }

    fn event(&self, seen: &SeenMessage, row: &MessageRow) -> Option<Event> {
        let is_touch = self
            .touches
            .touch()
            .is_some_and(|touch| touch.name == seen.name() && touch.kind != TouchKind::Stated);
        let (what, mut why) = self.describe_row(seen, row)?;
        if let Some(state) = self.cc.steps.get(seen.name()) {
            why.push_str("; ");
            why.push_str(&cc::in_words(*state, self.participants.sdr()));
        }
        Some(Event {
            at: seen.at,
            what: if is_touch { "touch" } else { what }.into(),
            rule: row.number(),
            message_id: seen.headers().id.clone(),
            folder: seen.folder(),
            why,
        })
    }

    /// Name and sentence of a row. Of the mail from before the handoff only the AE's own is told, since its
    /// author may well take it for the touch.
    fn describe_row(&self, seen: &SeenMessage, row: &MessageRow) -> Option<(&'static str, String)> {
        let ae = self.participants.ae_of(seen);
        let names = Names { participants: self.participants, mail: self.mail };
        let (author, prospects) = (names.author(seen), names.listed(&self.mail.prospects_among(seen)));
        let address = seen.from().map_or("somebody", |from| from.address.as_str());
        Some(match row {
            MessageRow::BeforeHandoff if prospects.is_empty() || !self.is_first_from_ae(seen) => return None,
            MessageRow::BeforeHandoff => {
                ("before", format!("{ae} wrote to {prospects} before the handoff, which is no touch of it"))
            }
            MessageRow::Wrote(writing) => ("ae-wrote", written(*writing, ae, &prospects)),
            MessageRow::MissedProspect => {
                ("not-received", format!("{ae} replied, but no prospect contact was among the recipients"))
            }
            MessageRow::QuotationOnly => {
                ("not-received", format!("{ae} replied with nothing but quotation and signature"))
            }
            MessageRow::Away => match seen.body().and_then(|body| body.away_until) {
                Some(date) => ("away", format!("{ae} is away and says until {date}")),
                None => ("away", format!("{ae} is away and does not say until when")),
            },
            MessageRow::Invite if self.mail.by_prospect(seen) => {
                ("invite", format!("{author} answered an invitation of {ae}"))
            }
            MessageRow::Invite => ("invite", format!("{ae} invited a prospect contact")),
            MessageRow::OwnMeeting => self.about_meeting(seen, &author),
            MessageRow::ReceiptOrReaction => {
                ("no-touch", format!("{author} {}, which is no touch", without_words(seen)))
            }
            MessageRow::Scheduled => ("scheduled", format!("a scheduling tool confirmed a meeting of {ae}")),
            MessageRow::ProspectWrote(proof) => {
                ("prospect-wrote", prospect_wrote(proof.as_ref(), &author, ae))
            }
            MessageRow::IntroFailed { .. } if !reports_failure(seen) => {
                ("delivery-report", "a report on the intro that is no failure".to_owned())
            }
            MessageRow::IntroFailed { .. } => {
                ("intro-failed", format!("the intro could not be delivered to {}", failed(seen, &names)))
            }
            MessageRow::TouchFailed { message } if !reports_failure(seen) => {
                let ae = self.writer_of(message, ae);
                ("delivery-report", format!("a report on {ae}'s mail that is no failure"))
            }
            MessageRow::TouchFailed { message } => {
                let ae = self.writer_of(message, ae);
                ("touch-failed", format!("{ae}'s mail could not be delivered to {}", failed(seen, &names)))
            }
            MessageRow::Colleague => ("colleague-wrote", format!("{author} wrote, who is not the AE")),
            MessageRow::Suspicious => {
                ("suspicious", format!("From says {address}, but the receiving server says that it is not"))
            }
            MessageRow::LookAlike => ("who-is-this", format!("{address} writes under the name of {ae}")),
            MessageRow::SdrWrote => self.sdr_wrote(seen, ae),
        })
    }

    /// Name of the AE whose mail it is: by the time of a report on it another may have taken over.
    fn writer_of<'s>(&'s self, message: &MessageId, otherwise: &'s str) -> &'s str {
        self.mail.find(message).map_or(otherwise, |seen| self.participants.ae_of(seen))
    }

    /// The first author is the AE or a delegate of theirs.
    fn is_first_from_ae(&self, seen: &SeenMessage) -> bool {
        seen.from().is_some_and(|from| self.participants.is_ae(seen.tenure, &from.address))
    }

    /// Row 6: what somebody did about the meeting, and when it is now, in one sentence.
    fn about_meeting(&self, seen: &SeenMessage, author: &str) -> (&'static str, String) {
        let own = if self.is_first_from_ae(seen) { "; the record's own meeting is no touch" } else { "" };
        // An answer to an invitation changes no meeting, whatever came within the same second.
        let decides = !seen.calendar().is_some_and(|calendar| {
            matches!(calendar.method, Some(CalendarMethod::Reply | CalendarMethod::Counter))
        });
        let mut changes = self.calendars.changes().filter(|_| decides);
        let Some(revision) = changes.find(|revision| revision.since == seen.at) else {
            let why = match unplaced_time(seen) {
                Some(why) => format!("{}; {why}", said_of_meeting(seen, author)),
                None => said_of_meeting(seen, author),
            };
            return ("meeting-mail", format!("{why}{own}"));
        };
        let start = zoned(self.participants, revision.start);
        let why = if revision.cancelled {
            format!("{author} cancelled the meeting of {start}")
        } else if self.calendars.start_before(seen.at) == Some(revision.start) {
            format!("{author} sent a new invitation to the meeting, {start}")
        } else {
            format!("{author} moved the meeting to {start}")
        };
        (meeting_event(revision), format!("{why}{own}"))
    }

    fn sdr_wrote(&self, seen: &SeenMessage, ae: &str) -> (&'static str, String) {
        let sdr = self.participants.sdr();
        if self.cc.first_at.is_some_and(|first| seen.at > first) {
            ("sdr-wrote-after-drop-off", format!("{sdr} wrote after the first email of {ae}"))
        } else {
            ("sdr-wrote", format!("{sdr} wrote in the thread"))
        }
    }
}

fn written(writing: AeWriting, ae: &str, prospects: &str) -> String {
    match writing {
        AeWriting::Reply => format!("{ae} replied in the thread, to {prospects}"),
        AeWriting::NewThread => {
            format!("{ae} wrote to {prospects} outside the thread (the same thread would be better)")
        }
        AeWriting::Video => format!("{ae} sent {prospects} a link to a personal video"),
    }
}

fn without_words(seen: &SeenMessage) -> &'static str {
    match seen.kind() {
        Some(MessageKind::Receipt) => "opened the mail",
        Some(MessageKind::Reaction) => "reacted with an emoji",
        _ => "answered an invitation",
    }
}

/// A time that cannot be placed, and why not.
fn unplaced_time(seen: &SeenMessage) -> Option<String> {
    let written = seen.calendar().filter(|calendar| calendar.start.is_none())?.written_start.as_ref()?;
    let time = written.local.format("%Y-%m-%d %H:%M");
    Some(match &written.zone {
        Some(zone) => {
            format!("nobody knows its time zone {zone}, so {time} there moves nothing")
        }
        None => format!("{time} without a time zone moves nothing"),
    })
}

/// What a calendar message or a scheduling tool says of the meeting.
fn said_of_meeting(seen: &SeenMessage, author: &str) -> String {
    let Some(calendar) = seen.calendar() else { return format!("{author} wrote about the meeting") };
    match calendar.method {
        Some(CalendarMethod::Reply) => {
            let is_author = |address| seen.from().is_some_and(|from| is_one_mailbox(&from.address, address));
            let own = calendar.attendees.iter().find(|attendee| is_author(&attendee.address));
            let answer = own.or(calendar.attendees.first()).map(|attendee| attendee.partstat);
            match answer {
                Some(PartStat::Accepted) => format!("{author} accepted the invitation to the meeting"),
                Some(PartStat::Declined) => format!("{author} declined the invitation to the meeting"),
                Some(PartStat::Tentative) => {
                    format!("{author} accepted the invitation to the meeting tentatively")
                }
                Some(PartStat::Delegated | PartStat::NeedsAction) | None => {
                    format!("{author} answered the invitation to the meeting")
                }
            }
        }
        Some(CalendarMethod::Cancel) => format!("{author} cancelled an invitation to the meeting"),
        Some(CalendarMethod::Counter) => format!("{author} proposed another time for the meeting"),
        _ => format!("{author} sent the invitation to the meeting"),
    }
}

fn prospect_wrote(proof: Option<&TouchProof>, author: &str, ae: &str) -> String {
    match proof.map(|proof| proof.how) {
        None => format!("{author} wrote"),
        Some(TouchProofKind::Quoted) => format!("{author} quotes {ae}, who must have written before"),
        Some(TouchProofKind::UnseenId) => {
            format!("{author} answers a mail that no watched mailbox holds, from {ae}'s company")
        }
    }
}

fn failed(seen: &SeenMessage, names: &Names) -> String {
    let failed = seen.failed_recipients();
    let named = failed.iter().map(|(address, why)| {
        let name = names.of(address);
        let who = if name == address.as_str() { name } else { format!("{name} <{address}>") };
        if why.is_empty() { who } else { format!("{who} ({why})") }
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() { "its recipients".to_owned() } else { named.join(", ") }
}
