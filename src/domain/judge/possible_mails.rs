//! The mails that a handoff may have had by what is known of it, whether one is wanted now or not.
//!
//! A database that was restored has no rows of what has left since, and much of that is wanted no more: by these keys it
//! knows such mail again. docs/behaviour.md section 15. Known limit: what follows from facts that the database has lost
//! (corrections from the command line) is not among them.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::super::fact::Fact;
use super::super::handoff::Handoff;
use super::super::mails::{MailKey, MailKind};
use super::history::History;
use super::keys::{about_meeting, intro_key, new_time_key, record_about};
use super::policy::Policy;
use super::touch::clock_key;

/// How far apart two databases may take the start of a clock: one has the server's word for when the intro left, the other
/// its copy's stamp.
const STARTS_DIFFER_BY: i64 = 120;

/// A mail that may have been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PossibleMail {
    /// What it would be kept under now.
    pub key: MailKey,
    /// What it was about where it was made.
    pub made_about: String,
}

/// Every mail, intros aside, that this handoff may have had.
pub(crate) fn possible_mails(policy: &Policy, handoff: &Handoff, facts: &[Fact]) -> Vec<PossibleMail> {
    let history = &History::read(policy, handoff, facts);
    let mut mails = PossibleMails::default();
    mails.about_clocks(history);
    mails.about_messages(history);
    mails.about_people(history);
    mails.about_meetings(history);
    mails.list
}

#[derive(Default)]
struct PossibleMails {
    list: Vec<PossibleMail>,
}

impl PossibleMails {
    fn add(&mut self, kinds: &[MailKind], about: &str) {
        self.list.extend(kinds.iter().map(|kind| PossibleMail {
            key: MailKey { kind: *kind, about: about.to_owned() },
            made_about: about.to_owned(),
        }));
    }

    fn about_clocks(&mut self, history: &History) {
        const KINDS: [MailKind; 4] =
            [MailKind::Reminder, MailKind::Escalation, MailKind::LateTouch, MailKind::Withdrawal];
        for clock in &history.touches.clocks {
            for seconds in -STARTS_DIFFER_BY..=STARTS_DIFFER_BY {
                let made_about = clock_key(clock.started + Duration::seconds(seconds));
                self.list.extend(KINDS.map(|kind| PossibleMail {
                    key: MailKey { kind, about: clock.key() },
                    made_about: made_about.clone(),
                }));
            }
        }
    }

    fn about_messages(&mut self, history: &History) {
        const KINDS: [MailKind; 5] = [
            MailKind::NotReceived,
            MailKind::Suspicious,
            MailKind::Chatter,
            MailKind::IntroBounced,
            MailKind::TouchBounced,
        ];
        for seen in history.mail.seen.iter().filter(|seen| !seen.is_batons) {
            self.add(&KINDS, seen.name());
            if let Some(from) = seen.from() {
                self.add(&[MailKind::WhoIsThis], from.address.as_str());
            }
        }
        for (sending, _) in history.records.sendings() {
            self.add(&[MailKind::IntroBounced], &intro_key(sending).about);
        }
        self.add(&[MailKind::RecordLeaked], "handoff");
    }

    fn about_people(&mut self, history: &History) {
        let tenures = &history.tenures;
        let absences: BTreeSet<_> = history
            .mail
            .seen
            .iter()
            .filter_map(|seen| seen.body().and_then(|body| body.away_until))
            .collect();
        for tenure in 0..=tenures.last() {
            let ae = tenures.ae(tenure);
            self.add(&[MailKind::Stated, MailKind::Refused, MailKind::Lingering, MailKind::Away], ae);
            for date in &absences {
                self.add(&[MailKind::Away], &format!("{ae} until {date}"));
            }
            for (sending, _) in history.records.sendings() {
                self.add(&[MailKind::Record], &record_about(tenures, tenure, sending));
            }
        }
    }

    fn about_meetings(&mut self, history: &History) {
        const KINDS: [MailKind; 4] = [
            MailKind::FeedbackRequest,
            MailKind::FeedbackReminder,
            MailKind::FeedbackOverdue,
            MailKind::MeetingDeclined,
        ];
        let planned = history.records.all().map(|record| record.meeting.start);
        let starts: BTreeSet<DateTime<Utc>> = planned.chain(history.calendars.starts()).collect();
        for start in starts {
            let about = about_meeting(start);
            self.add(&KINDS, &about);
            self.add(&[MailKind::FeedbackQuestion], &format!("{about} unreadable"));
            self.add(&[MailKind::FeedbackQuestion], &new_time_key(start));
            for seen in history.mail.seen.iter().filter(|seen| !seen.is_batons) {
                self.add(&[MailKind::FeedbackThanks], &format!("{about} {}", seen.name()));
            }
        }
    }
}
