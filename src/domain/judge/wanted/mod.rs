//! Every mail that ought to exist by now. docs/behaviour.md section 12.
//!
//! A mail is wanted as long as it is true: the agent queues what is missing, cancels what has not left and is
//! no longer wanted, and never sends a key twice. Each file here has the mails of one subject; this one
//! collects them.

mod chatter;
mod clock_mails;
mod draft;
mod intro_mails;
mod meeting_mails;
mod message_mails;
mod readers;
mod warning_mails;

use super::super::mail_kinds::AfterClose;
use super::super::mails::WantedMail;
use super::history::History;
use super::leaks::{record_leaks, records_brought};
use super::policy::Policy;
use super::verdicts::Verdicts;
use super::wake::Wake;
use chatter::ChatterMails;
use clock_mails::ClockMails;
use intro_mails::IntroMails;
use meeting_mails::MeetingMails;
use message_mails::MessageMails;
use readers::Readers;
use warning_mails::WarningMails;

/// What all mails are made from.
#[derive(Debug)]
pub(super) struct MailInputs<'a> {
    pub policy: &'a Policy,
    pub history: &'a History<'a>,
    pub verdicts: &'a Verdicts<'a>,
    pub wake: &'a Wake,
}

impl MailInputs<'_> {
    pub(crate) fn wanted_mails(&self) -> Vec<WantedMail> {
        let is_open = self.verdicts.is_open;
        let mut mails: Vec<WantedMail> = self
            .true_mails()
            .into_iter()
            .flatten()
            .filter(|mail| is_open || mail.key.kind.properties().after_close == AfterClose::MayLeave)
            .collect();
        for mail in &mut mails {
            self.readers().once_each(mail);
        }
        mails.sort_by(|a, b| a.key.cmp(&b.key));
        mails.dedup_by(|a, b| a.key == b.key);
        mails
    }

    /// Before the intro has left only what brings it on its way.
    fn true_mails(&self) -> Vec<Option<WantedMail>> {
        let intro = self.intro_mails();
        let mut mails = vec![intro.intro()];
        intro.add_failures(&mut mails);
        if self.history.handed_over.is_none() {
            return mails;
        }
        mails.push(intro.record_mail());
        self.clock_mails().add_to(&mut mails);
        self.message_mails().add_to(&mut mails);
        self.add_warnings(&mut mails);
        self.meeting_mails().add_to(&mut mails);
        mails
    }

    fn readers(&self) -> Readers<'_> {
        Readers { participants: self.history.participants(), wake: self.wake }
    }

    fn intro_mails(&self) -> IntroMails<'_> {
        let History { records, mail, rows, deliveries, touches, .. } = self.history;
        IntroMails { readers: self.readers(), records, mail, rows, deliveries, touches }
    }

    fn clock_mails(&self) -> ClockMails<'_> {
        let History { mail, identities, rows, deliveries, touches, .. } = self.history;
        let Verdicts { progress, meeting, acceptance, first_touch, .. } = self.verdicts;
        let breach = first_touch.breach.as_ref();
        let (readers, policy) = (self.readers(), self.policy);
        ClockMails {
            readers,
            policy,
            mail,
            identities,
            rows,
            deliveries,
            touches,
            progress,
            meeting,
            acceptance,
            breach,
        }
    }

    fn message_mails(&self) -> MessageMails<'_> {
        let History { mail, stances, rows, touches, .. } = self.history;
        let acceptance = &self.verdicts.acceptance;
        MessageMails { readers: self.readers(), mail, stances, rows, touches, acceptance }
    }

    fn add_warnings(&self, mails: &mut Vec<Option<WantedMail>>) {
        let History { mail, rows, handed_over, .. } = self.history;
        let leaks = record_leaks(mail, *handed_over);
        let brought = records_brought(mail, *handed_over);
        let readers = self.readers();
        WarningMails { readers, mail, cc: &self.verdicts.cc, leaks: &leaks, brought: &brought }.add_to(mails);
        ChatterMails { readers, mail, rows, handed_over: *handed_over, brought: &brought }.add_to(mails);
    }

    fn meeting_mails(&self) -> MeetingMails<'_> {
        let History { mail, records, handed_over, calendars, .. } = self.history;
        let Verdicts { progress, meeting, answered, .. } = self.verdicts;
        MeetingMails {
            readers: self.readers(),
            policy: self.policy,
            mail,
            attendees: &records.current().meeting.attendees,
            handed_over: *handed_over,
            calendars,
            progress,
            meeting,
            brief: self.verdicts.meeting_brief(),
            feedback: answered,
        }
    }
}
