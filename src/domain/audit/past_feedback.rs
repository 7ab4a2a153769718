//! Feedback that an AE mailed to the SDR after the meeting of a past handoff. docs/behaviour.md section 10.
//!
//! Mail in the thread of a handoff is about that one. Mail that names another handoff is not this one's; mail that names
//! none is that of the pair's last meeting before it.

use chrono::{DateTime, Duration, Utc};

use super::super::judge::Policy;
use super::super::message::MessageId;
use super::super::outcomes::MeetingOutcome;
use super::past::{Coverage, ExaminedHandoff};
use super::past_handoff::PastHandoff;
use super::past_meeting::FoundMeeting;
use super::{AuditedFeedback, FeedbackAnswer};

/// A mail from an AE to an SDR that no outsider got.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InternalMail {
    pub at: DateTime<Utc>,
    pub ae: String,
    pub sdr: String,
    pub message_id: Option<MessageId>,
    /// Subject, own words and quotation, in lower case.
    pub text: String,
    /// Places in the list of handoffs whose threads it cites.
    pub cites: Vec<usize>,
    pub outcome: Option<MeetingOutcome>,
    pub score: Option<u8>,
}

/// Mail that names no handoff is about a meeting of at most so many days before.
const UNNAMED_WITHIN_DAYS: i64 = 7;

/// Gives every handoff its feedback. `past` and `found` are in the same order.
pub(crate) fn give_feedback(
    policy: &Policy,
    past: &[PastHandoff],
    found: &mut [ExaminedHandoff],
    mails: &[InternalMail],
    coverage: &Coverage,
    now: DateTime<Utc>,
) {
    let mut mails: Vec<&InternalMail> = mails.iter().collect();
    mails.sort_by_key(|mail| mail.at);
    let about: Vec<Vec<usize>> = mails.iter().map(|mail| concerned(mail, past, found)).collect();
    for (place, one) in found.iter_mut().enumerate() {
        let Some(handoff) = past.get(place) else { continue };
        let own = mails.iter().zip(&about).filter(|(_, places)| places.contains(&place));
        let first = own.map(|(mail, _)| *mail).next();
        let mut evidence = Vec::new();
        one.handoff.feedback =
            answer(policy, handoff, one.meeting.as_ref(), first, coverage, now, &mut evidence);
        one.handoff.evidence.append(&mut evidence);
    }
}

/// Places of the handoffs that a mail is about.
fn concerned(mail: &InternalMail, past: &[PastHandoff], found: &[ExaminedHandoff]) -> Vec<usize> {
    let met: Vec<(usize, &PastHandoff, DateTime<Utc>)> = past
        .iter()
        .zip(found)
        .enumerate()
        .filter(|(_, (one, _))| one.ae == mail.ae && one.sdr == mail.sdr)
        .filter_map(|(place, (one, examined))| Some((place, one, examined.meeting.as_ref()?.start)))
        .collect();
    let is_past = |start: DateTime<Utc>| start <= mail.at;
    let named: Vec<usize> = past
        .iter()
        .enumerate()
        // In a thread people are called by their first names, which others have as well.
        .filter(|(place, one)| mail.cites.contains(place) || mail.cites.is_empty() && names(&mail.text, one))
        .map(|(place, _)| place)
        .collect();
    if !named.is_empty() {
        return met
            .iter()
            .filter(|(place, _, start)| named.contains(place) && is_past(*start))
            .map(|(place, ..)| *place)
            .collect();
    }
    let last = met.iter().filter(|(.., start)| is_past(*start)).max_by_key(|(.., start)| *start);
    last.filter(|(.., start)| mail.at - *start <= Duration::days(UNNAMED_WITHIN_DAYS))
        .map(|(place, ..)| *place)
        .into_iter()
        .collect()
}

/// Whether a text in lower case names the company or one of its prospects.
fn names(text: &str, past: &PastHandoff) -> bool {
    let company = past.company.to_lowercase();
    // `Acme Corp` is called Acme.
    let short = company.split_whitespace().next().unwrap_or_default();
    let people = past.prospects.iter().flat_map(|one| {
        let name = one.name.to_lowercase();
        let parts: Vec<String> = name.split_whitespace().map(str::to_owned).collect();
        [parts.first().cloned(), parts.last().cloned(), Some(one.address.as_str().to_owned())]
    });
    let wanted = [Some(company.clone()), Some(short.to_owned())].into_iter().chain(people).flatten();
    wanted.filter(|word| word.chars().count() > 2).any(|word| is_word_of(text, &word))
}

fn is_word_of(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(start, _)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let behind = text.get(start + word.len()..).and_then(|behind| behind.chars().next());
        !is_part(before) && !is_part(behind)
    })
}

fn answer(
    policy: &Policy,
    past: &PastHandoff,
    meeting: Option<&FoundMeeting>,
    mail: Option<&InternalMail>,
    coverage: &Coverage,
    now: DateTime<Utc>,
    evidence: &mut Vec<String>,
) -> AuditedFeedback {
    let mut found = AuditedFeedback {
        answer: FeedbackAnswer::CannotTell,
        at: None,
        due: None,
        outcome: None,
        score: None,
    };
    let Some(meeting) = meeting else {
        evidence.push("no meeting was found, so nobody can tell when feedback was due".to_owned());
        return found;
    };
    evidence.push(meeting.why.clone());
    let due = meeting.end + Duration::seconds(i64::from(policy.feedback_due));
    if meeting.is_cancelled {
        evidence.push("the meeting was cancelled, so no feedback is owed".to_owned());
        return AuditedFeedback { answer: FeedbackAnswer::NotDue, ..found };
    }
    found.due = Some(due);
    let (ae, sdr) = (&past.ae, &past.sdr);
    if let Some(mail) = mail {
        let id = mail.message_id.as_ref().map_or_else(String::new, |id| format!(" (<{id}>)"));
        evidence.push(format!("{ae} wrote to {sdr} after the meeting{id}"));
        found.answer = if mail.at <= due { FeedbackAnswer::InTime } else { FeedbackAnswer::Late };
        found.at = Some(mail.at);
        (found.outcome, found.score) = (mail.outcome, mail.score);
        return found;
    }
    if now <= due {
        return AuditedFeedback { answer: FeedbackAnswer::NotDue, ..found };
    }
    let seen_until = coverage.received_until(sdr).max(coverage.sent_until(ae));
    if seen_until.is_some_and(|until| until >= due) {
        evidence.push(format!("nothing from {ae} to {sdr} was found after the meeting"));
        found.answer = FeedbackAnswer::Never;
    } else if seen_until.is_some() {
        evidence.push("the mailbox that would hold feedback ends before it was due".to_owned());
    } else {
        evidence
            .push(format!("neither {sdr}'s mailbox nor what {ae} sent was read, which would hold feedback"));
    }
    found
}
