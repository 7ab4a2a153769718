//! The answers for a handoff that baton did not make, from the mail that is left of it: the same judgement on the same
//! rows, and nobody accused by a mailbox that would not show the touch. docs/behaviour.md section 10.
//!
//! Known limit: what was said anywhere but in the mail that was read is not known, nor is what was deleted.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{Fact, FactKind, FixedDeadline};
use super::super::handoff::{Handoff, PlannedMeeting, Record};
use super::super::judge::{CcState, FeedbackState, Judgement, Policy, TouchState, judge, own_time};
use super::super::mails::{MailKey, MailKind};
use super::super::message::{Address, Headers, Message, MessageId};
use super::super::people::TeamRole;
use super::super::sla;
use super::super::token;
use super::intro::person_of;
use super::own::{audited, preparation};
use super::past_handoff::{FoundMeeting, PastHandoff};
use super::past_meeting;
use super::past_record::FoundRecord;
use super::{
    AuditedFeedback, AuditedHandoff, AuditedTouch, FeedbackAnswer, Preparation, RecordAnswer, TouchAnswer,
};

/// One mailbox that was read: an account, an mbox, a Maildir.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadMailbox {
    /// As copies of its messages name it.
    pub label: String,
    /// Whose it is.
    pub owner: Option<String>,
    /// It holds what its owner sends; what they receive.
    pub holds_sent: bool,
    pub holds_received: bool,
    /// It shows everything that its owner sent from then on, and that they received; both up to `until`.
    pub sent_from: DateTime<Utc>,
    pub received_from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// How much of a span of time the mailboxes show that would hold something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shown {
    /// No such mailbox was read.
    Nothing,
    BeginsLate,
    EndsEarly,
    /// One of them shows all of it.
    Whole,
}

/// Who holds what of the mail that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Coverage {
    pub mailboxes: Vec<ReadMailbox>,
}

/// A server's clock, and another one's, differ by less than this.
const CLOCKS: Duration = Duration::minutes(10);

impl Coverage {
    fn of<'c>(&'c self, person: &'c str) -> impl Iterator<Item = &'c ReadMailbox> {
        self.mailboxes.iter().filter(move |one| one.owner.as_deref() == Some(person))
    }

    /// How much is shown of what this person sent.
    pub(crate) fn sent(&self, person: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Shown {
        let own = self.of(person).filter(|one| one.holds_sent);
        shown(own.map(|one| (one.sent_from, one.until)), from, until)
    }

    /// How much is shown of what this person received.
    pub(crate) fn received(&self, person: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Shown {
        let own = self.of(person).filter(|one| one.holds_received);
        shown(own.map(|one| (one.received_from, one.until)), from, until)
    }

    /// Whether anything that this person received was read.
    pub(crate) fn holds_received(&self, person: &str) -> bool {
        self.of(person).any(|one| one.holds_received)
    }

    /// The rules with the mailboxes that were read in the place of those that are configured.
    pub(crate) fn policy(&self, policy: &Policy) -> Policy {
        let mut policy = policy.clone();
        for person in &mut policy.people {
            // An AE's mailbox in which nothing lies that they sent shows no touch: what prospects quote does (row 11).
            let is_sdr = person.roles.contains(&TeamRole::Sdr);
            let is_own = |one: &&ReadMailbox| one.owner.as_deref() == Some(&person.name);
            let own = self.mailboxes.iter().filter(is_own).filter(|one| is_sdr || one.holds_sent);
            // An SDR's shows what reached them.
            let own = own.max_by_key(|one| (is_sdr && one.holds_received, one.holds_sent));
            person.account = own.map(|one| one.label.clone());
        }
        policy
    }
}

/// Two mailboxes of which each shows a part may leave a gap between them: one has to show all of it.
fn shown(
    spans: impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Shown {
    let each = spans.map(|(begins, ends)| {
        if begins > from + CLOCKS {
            Shown::BeginsLate
        } else if ends < until {
            Shown::EndsEarly
        } else {
            Shown::Whole
        }
    });
    each.max().unwrap_or(Shown::Nothing)
}

/// The mail that concerns a past handoff.
#[derive(Clone, Debug, Default)]
pub(crate) struct PastMail {
    pub messages: Vec<Arc<Message>>,
    /// Of these the ones that belong to the threads of other handoffs.
    pub elsewhere: Vec<MessageId>,
    pub record: Option<FoundRecord>,
}

/// A past handoff with the answers that its own mail gives; the feedback is still to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct ExaminedHandoff {
    pub handoff: AuditedHandoff,
    pub meeting: Option<FoundMeeting>,
}

/// How long meetings take that nobody gives a length for.
const USUAL_LENGTH: Duration = Duration::minutes(30);
/// After an intro, to the start of a meeting that nobody knows.
const NEVER: Duration = Duration::days(20 * 365);

/// What mail says of the first touch and the record. `policy` is that of the coverage.
pub(crate) fn examined(
    policy: &Policy,
    past: &PastHandoff,
    mail: &PastMail,
    coverage: &Coverage,
    now: DateTime<Utc>,
) -> ExaminedHandoff {
    let told = mail.record.as_ref().and_then(|record| record.meeting);
    let planned = past_meeting::planned(policy, past, &mail.messages, told);
    let handoff = handoff_of(policy, past, mail, planned.as_ref());
    let mut facts = facts_of(past, mail, coverage);
    // The last look is taken by having read everything: of which deadlines the first judgement tells.
    let first = judge(policy, &handoff, &facts, now);
    let looked = first.fixed_deadlines.iter().map(|fixed: &FixedDeadline| Fact {
        at: now,
        what: FactKind::LastLook { deadline: fixed.deadline, refused: Vec::new() },
    });
    facts.extend(looked.collect::<Vec<_>>());
    let judgement = judge(policy, &handoff, &facts, now);
    let sdr: Vec<&Address> = policy
        .person(&past.sdr)
        .map(|sdr| sdr.aliases.iter().chain([&sdr.address]).collect())
        .unwrap_or_default();
    // Without a record nobody has ticked anything, and only the SDR's mailbox shows what came before.
    let has_ticks = mail.record.as_ref().is_some_and(|record| record.has_ticks);
    let known = preparation(&judgement, &sdr, &facts)
        .filter(|known| known.first_contact.is_some() && coverage.holds_received(&past.sdr))
        .map(|known| Preparation { only_ticked: if has_ticks { known.only_ticked } else { 0 }, ..known });
    // The requests for feedback that the judgement waits for have never been sent.
    let mut shown = judgement.clone();
    shown.feedback.state = FeedbackState::NotDue;
    let mut found = audited("", &shown, known, now);
    found.evidence.splice(0..0, past.evidence.iter().cloned());
    found.id = None;
    found.source = past.source;
    found.line = past.line;
    found.acknowledged = None;
    found.waits = false;
    found.touch =
        touch(policy, past, &judgement, (&mail.messages, coverage), found.touch, &mut found.evidence);
    if mail.record.is_none() {
        found.touch.personal = None;
    }
    if !coverage.holds_received(&past.sdr) {
        // Whether a blind copy reached the SDR nobody can tell.
        found.cc_first = found.cc_first.filter(|cc| *cc == CcState::Kept);
    }
    found.record = record(mail.record.as_ref(), &mut found.evidence);
    let meeting = match planned {
        Some(planned) => Some(planned.after(&judgement)),
        None => past_meeting::later(policy, past, &mail.messages)
            .or_else(|| past_meeting::named(past, &mail.messages)),
    };
    if past.latest.is_some() {
        found.deadline = found.deadline.filter(|deadline| Some(*deadline) == latest_deadline(policy, past));
    }
    ExaminedHandoff { handoff: found, meeting }
}

/// The answers for a handoff of which nothing but a row is known.
pub(crate) fn unseen(past: &PastHandoff, why: &str) -> ExaminedHandoff {
    let mut evidence = past.evidence.clone();
    evidence.push(why.to_owned());
    let handoff = AuditedHandoff {
        id: None,
        company: past.company.clone(),
        sdr: past.sdr.clone(),
        ae: past.ae.clone(),
        prospects: past.prospects.iter().map(|one| one.address.clone()).collect(),
        sent_at: Some(past.at),
        deadline: None,
        record: RecordAnswer::NotFound,
        touch: AuditedTouch { answer: TouchAnswer::CannotTell, at: None, kind: None, personal: None },
        feedback: AuditedFeedback {
            answer: FeedbackAnswer::CannotTell,
            at: None,
            due: None,
            outcome: None,
            score: None,
        },
        acknowledged: None,
        cc_first: None,
        cc: CcState::Waiting,
        preparation: None,
        waits: false,
        source: past.source,
        evidence,
        line: past.line,
    };
    let meeting = past.meeting.map(FoundMeeting::told).or_else(|| past.named_meeting.clone());
    ExaminedHandoff { handoff, meeting }
}

fn handoff_of(
    policy: &Policy,
    past: &PastHandoff,
    mail: &PastMail,
    planned: Option<&FoundMeeting>,
) -> Handoff {
    let zone = policy.person(&past.ae).map_or_else(String::new, |ae| ae.working.zone.name().to_owned());
    // Without a known meeting none may be taken for it.
    let start = planned.map_or(past.at + NEVER, |known| known.start);
    let length = planned.map_or(USUAL_LENGTH, |known| known.end - known.start);
    let words = mail.record.as_ref();
    let record = Record {
        company: past.company.clone(),
        date: past.at.date_naive(),
        sdr: past.sdr.clone(),
        ae: past.ae.clone(),
        conditions: Vec::new(),
        pain: words.map(|record| record.pain.clone()).unwrap_or_default(),
        meeting: PlannedMeeting {
            start,
            local_start: None,
            length_seconds: u32::try_from(length.num_seconds().max(1)).unwrap_or(1800),
            zone,
            format: String::new(),
            attendees: past.prospects.clone(),
            agenda: words.map(|record| record.agenda.clone()).unwrap_or_default(),
        },
        stakeholders: Vec::new(),
        objections: Vec::new(),
        competitor: String::new(),
        to: past.prospects.clone(),
        discussed: String::new(),
        why_this_ae: String::new(),
        what_to_expect: String::new(),
    };
    Handoff { id: String::new(), record, created_at: past.at }
}

fn facts_of(past: &PastHandoff, mail: &PastMail, coverage: &Coverage) -> Vec<Fact> {
    let key = MailKey { kind: MailKind::Intro, about: "sending 1".to_owned() };
    let message_id = past.intro.clone().or_else(|| MessageId::new("no-intro@invalid"));
    let token = past.intro.as_ref().and_then(token::in_id).unwrap_or("past-intro").to_owned();
    let to = past.prospects.iter().map(|one| one.address.clone()).collect();
    let mut facts = vec![Fact { at: past.at, what: FactKind::IntroAsked { sending: 1, record: None } }];
    facts.extend(message_id.map(|message_id| Fact {
        at: past.at,
        what: FactKind::MailLeft { key, message_id, ids: Vec::new(), token, to },
    }));
    let seen = mail.messages.iter();
    facts.extend(seen.map(|one| Fact { at: past.at, what: FactKind::MessageSeen(Arc::clone(one)) }));
    let elsewhere = mail.elsewhere.iter();
    facts.extend(
        elsewhere.map(|id| Fact { at: past.at, what: FactKind::InOtherThread { message: id.clone() } }),
    );
    for one in &coverage.mailboxes {
        let (account, folder) = (one.label.clone(), one.label.clone());
        let folders = vec![folder.clone()];
        facts
            .push(Fact { at: past.at, what: FactKind::FoldersWatched { account: account.clone(), folders } });
        facts.push(Fact { at: one.until, what: FactKind::FolderReadUntil { account, folder } });
    }
    facts
}

/// The deadline of the last instant at which the handoff may have been.
fn latest_deadline(policy: &Policy, past: &PastHandoff) -> Option<DateTime<Utc>> {
    let ae = policy.person(&past.ae)?;
    Some(sla::deadline(&policy.sla, &ae.working, past.latest?).at)
}

/// Whether the AE wrote to a prospect before the handoff.
fn wrote_before(policy: &Policy, past: &PastHandoff, messages: &[Arc<Message>]) -> bool {
    let is_ae = |address: &Address| person_of(policy, address).is_some_and(|person| person.name == past.ae);
    messages.iter().any(|message| {
        let Headers { from, to, cc, .. } = &message.headers;
        let mut recipients = to.iter().chain(cc);
        from.iter().any(|one| is_ae(&one.address))
            && recipients.any(|one| past.prospects.iter().any(|known| known.address == one.address))
            && own_time(message).is_some_and(|at| at < past.at)
    })
}

/// The judgement's answer, as far as these mailboxes can tell.
fn touch(
    policy: &Policy,
    past: &PastHandoff,
    judgement: &Judgement,
    (messages, coverage): (&[Arc<Message>], &Coverage),
    touch: AuditedTouch,
    evidence: &mut Vec<String>,
) -> AuditedTouch {
    let latest = latest_deadline(policy, past).or(judgement.deadline);
    let unknown = AuditedTouch { answer: TouchAnswer::CannotTell, ..touch.clone() };
    if touch.answer == TouchAnswer::Late && touch.at.zip(latest).is_some_and(|(at, latest)| at <= latest) {
        evidence.push("only the day of the handoff is known, and the touch came before the latest deadline that it can have".to_owned());
        return unknown;
    }
    let is_missing = matches!(judgement.touch.state, TouchState::Breached | TouchState::Waiting)
        && touch.at.is_none()
        && touch.answer != TouchAnswer::Late;
    if !is_missing {
        return touch;
    }
    let grace = Duration::seconds(i64::from(policy.grace));
    let Some(deadline) = latest else { return unknown };
    let ae = &past.ae;
    evidence.retain(|line| !line.starts_with("the deadline of the first touch has not been decided"));
    // The row may be dated otherwise than the handoff, of which the mail shows no intro.
    if past.intro.is_none() && wrote_before(policy, past, messages) {
        evidence.push(format!(
            "{ae} had written to the prospect before the time that the row gives, so nobody can tell when the handoff was"
        ));
        return unknown;
    }
    let (answer, why) = match coverage.sent(ae, past.at, deadline + grace) {
        Shown::Whole => (
            TouchAnswer::Never,
            format!(
                "{ae}'s mailbox was read past the deadline and holds nothing that {ae} sent to the prospect"
            ),
        ),
        Shown::EndsEarly => {
            (TouchAnswer::CannotTell, format!("what was read of {ae}'s mailbox ends before the deadline"))
        }
        Shown::BeginsLate => {
            (TouchAnswer::CannotTell, format!("what was read of {ae}'s mailbox begins after the handoff"))
        }
        Shown::Nothing => (
            TouchAnswer::CannotTell,
            format!(
                "no touch was found, but none of the mailboxes that were read is known to hold what {ae} sends, \
                 which would hold it"
            ),
        ),
    };
    evidence.push(why);
    AuditedTouch { answer, ..touch }
}

fn record(found: Option<&FoundRecord>, evidence: &mut Vec<String>) -> RecordAnswer {
    match found {
        None => RecordAnswer::NotFound,
        Some(found) => {
            evidence.push(found.sentence.clone());
            found.answer()
        }
    }
}
