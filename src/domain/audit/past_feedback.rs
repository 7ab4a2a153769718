//! Feedback that an AE mailed to the SDR after the meeting of a past handoff. docs/behaviour.md section 10.
//!
//! Mail in the thread of a handoff is about that one. Mail that names another handoff is not this one's; mail that names
//! none is that of the pair's last meeting before it.

use chrono::{DateTime, Duration, Utc};

use super::super::judge::Policy;
use super::super::message::MessageId;
use super::super::outcomes::MeetingOutcome;
use super::super::token;
use super::past::{Coverage, ExaminedHandoff, Shown};
use super::past_handoff::{FoundMeeting, MeetingFate, PastHandoff};
use super::{AuditedFeedback, AuditedHandoff, FeedbackAnswer, TouchAnswer};

/// Whom an AE has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FeedbackReader {
    Sdr(String),
    /// baton, which had asked and passes it on to the SDR.
    Agent,
}

/// A mail from an AE to an SDR, or to baton, that no outsider got.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InternalMail {
    pub at: DateTime<Utc>,
    pub ae: String,
    pub reader: FeedbackReader,
    /// Told baton that the prospect had been reached.
    pub says_done: bool,
    pub message_id: Option<MessageId>,
    /// Subject, own words and quotation, in lower case.
    pub text: String,
    /// Places in the list of handoffs whose threads it cites.
    pub cites: Vec<usize>,
    pub outcome: Option<MeetingOutcome>,
    pub score: Option<u8>,
}

impl InternalMail {
    fn may_concern(&self, past: &PastHandoff) -> bool {
        match &self.reader {
            FeedbackReader::Sdr(sdr) => *sdr == past.sdr,
            FeedbackReader::Agent => true,
        }
    }

    fn cited(&self) -> String {
        self.message_id.as_ref().map_or_else(String::new, |id| format!(" (<{id}>)"))
    }

    /// baton is told other things as well.
    fn is_feedback(&self) -> bool {
        self.reader != FeedbackReader::Agent || self.outcome.is_some() || self.score.is_some()
    }
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
        let first = own.map(|(mail, _)| *mail).find(|mail| mail.is_feedback());
        let mut evidence = Vec::new();
        one.handoff.feedback =
            answer(policy, handoff, one.meeting.as_ref(), first, coverage, now, &mut evidence);
        one.handoff.evidence.append(&mut evidence);
        doubt_missing_touch(&mut one.handoff, handoff, &mails, place, past);
    }
}

/// No touch is missing for certain of which its AE told baton, wherever that was.
fn doubt_missing_touch(
    audited: &mut AuditedHandoff,
    handoff: &PastHandoff,
    mails: &[&InternalMail],
    place: usize,
    past: &[PastHandoff],
) {
    let is_told = |mail: &&&InternalMail| {
        let is_about = || mail.cites.contains(&place) || named_in(&mail.text, past).contains(&place);
        mail.says_done && mail.ae == handoff.ae && mail.at >= handoff.at && is_about()
    };
    if let Some(mail) = mails.iter().find(is_told).filter(|_| audited.touch.answer == TouchAnswer::Never) {
        audited.touch.answer = TouchAnswer::CannotTell;
        let ae = &handoff.ae;
        audited.evidence.push(format!("{ae} told baton of a contact with the prospect{}", mail.cited()));
    }
}

/// Places of the handoffs that a mail is about.
fn concerned(mail: &InternalMail, past: &[PastHandoff], found: &[ExaminedHandoff]) -> Vec<usize> {
    let met: Vec<(usize, &PastHandoff, DateTime<Utc>)> = past
        .iter()
        .zip(found)
        .enumerate()
        .filter(|(_, (one, _))| one.ae == mail.ae && mail.may_concern(one))
        .filter_map(|(place, (one, examined))| Some((place, one, examined.meeting.as_ref()?.start)))
        .collect();
    let is_past = |start: DateTime<Utc>| start <= mail.at;
    // In a thread people are called by their first names, which others have as well.
    let named = if mail.cites.is_empty() { named_in(&mail.text, past) } else { mail.cites.clone() };
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

/// Places of the handoffs that a text in lower case names: by company or address, or by the name of a prospect. A name
/// that a handoff has whose company stands there as well is that one's, and nobody else's of that name.
fn named_in(text: &str, past: &[PastHandoff]) -> Vec<usize> {
    let by_company: Vec<bool> = past.iter().map(|one| names_company(text, one)).collect();
    let known = past.iter().zip(&by_company).filter(|(_, is_named)| **is_named);
    let taken: Vec<String> = known.flat_map(|(one, _)| people_in(text, one)).collect();
    let is_named = |(place, one): &(usize, &PastHandoff)| {
        by_company.get(*place).copied().unwrap_or_default()
            || people_in(text, one).iter().any(|name| !taken.contains(name))
    };
    past.iter().enumerate().filter(is_named).map(|(place, _)| place).collect()
}

fn names_company(text: &str, past: &PastHandoff) -> bool {
    let company = past.company.to_lowercase();
    // `Acme Corp` is called Acme.
    let short = company.split_whitespace().next().unwrap_or_default().to_owned();
    let addresses = past.prospects.iter().map(|one| one.address.as_str().to_owned());
    let mut wanted = [company, short].into_iter().chain(addresses);
    wanted.any(|word| is_named_by(text, &word))
}

/// First and last names of prospects that stand in a text.
fn people_in(text: &str, past: &PastHandoff) -> Vec<String> {
    let names = past.prospects.iter().flat_map(|one| {
        let name = one.name.to_lowercase();
        let parts: Vec<String> = name.split_whitespace().map(str::to_owned).collect();
        [parts.first().cloned(), parts.last().cloned()].into_iter().flatten()
    });
    names.filter(|name| is_named_by(text, name)).collect()
}

/// Shorter words are those of every text.
fn is_named_by(text: &str, word: &str) -> bool {
    word.chars().count() > 2 && is_word_of(text, word)
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
    match meeting.fate {
        MeetingFate::Planned => {}
        MeetingFate::Cancelled => {
            evidence.push("the meeting was cancelled, so no feedback is owed".to_owned());
            return AuditedFeedback { answer: FeedbackAnswer::NotDue, ..found };
        }
        MeetingFate::Unsettled => {
            evidence.push(
                "the prospect asked for another time, so nobody can tell when feedback was due".to_owned(),
            );
            return found;
        }
    }
    found.due = Some(due);
    let (ae, sdr) = (&past.ae, &past.sdr);
    if let Some(mail) = mail {
        evidence.push(match &mail.reader {
            FeedbackReader::Sdr(_) => format!("{ae} wrote to {sdr} after the meeting{}", mail.cited()),
            FeedbackReader::Agent => format!("{ae} told baton how the meeting went{}", mail.cited()),
        });
        found.answer = if mail.at <= due { FeedbackAnswer::InTime } else { FeedbackAnswer::Late };
        found.at = Some(mail.at);
        (found.outcome, found.score) = (mail.outcome, mail.score);
        return found;
    }
    if now <= due {
        return AuditedFeedback { answer: FeedbackAnswer::NotDue, ..found };
    }
    // What baton asked for is answered to baton: the SDR's mailbox alone does not show it.
    let is_batons = past.intro.as_ref().is_some_and(|id| token::in_id(id).is_some());
    let sent = coverage.sent(ae, meeting.end, due);
    let seen = if is_batons { sent } else { sent.max(coverage.received(sdr, meeting.end, due)) };
    match seen {
        Shown::Whole => {
            let readers = if is_batons { format!("{sdr} or baton") } else { sdr.clone() };
            evidence.push(format!("nothing from {ae} to {readers} was found after the meeting"));
            found.answer = FeedbackAnswer::Never;
        }
        Shown::EndsEarly => {
            evidence.push("the mailbox that would hold feedback ends before it was due".to_owned());
        }
        Shown::BeginsLate => {
            evidence.push("the mailbox that would hold feedback begins after the meeting".to_owned());
        }
        Shown::Nothing if is_batons => evidence.push(format!(
            "baton asked for feedback, and no mailbox that was read is known to hold what {ae} sends, which would hold it"
        )),
        Shown::Nothing => evidence.push(format!(
            "none of the mailboxes that were read is known to hold what {sdr} receives or what {ae} sends, which \
             would hold feedback"
        )),
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::message::{Address, Mailbox};
    use super::super::AuditSource;
    use super::*;

    fn handoff(company: &str, prospect: &str) -> PastHandoff {
        let domain = company.to_lowercase().replace(' ', "-");
        let address = format!("{}@{domain}.example", prospect.to_lowercase().replace(' ', "."));
        PastHandoff {
            company: company.to_owned(),
            sdr: "Dana Fox".to_owned(),
            ae: "Calvin Reyes".to_owned(),
            prospects: vec![Mailbox { name: prospect.to_owned(), address: Address::new(&address).unwrap() }],
            at: "2026-03-10T09:00:00Z".parse().unwrap(),
            latest: None,
            intro: None,
            source: AuditSource::Mail,
            evidence: Vec::new(),
            meeting: None,
            named_meeting: None,
            line: None,
        }
    }

    #[test]
    fn a_mail_is_about_the_handoffs_that_it_names_and_not_about_others_of_a_name() {
        let past = [
            handoff("Acme", "Sarah Lee"),
            handoff("Globex", "Sarah Poe"),
            handoff("Initech", "Bob Lee"),
            handoff("Umbrella Corp", "Ann Ray"),
        ];
        for (text, expected) in [
            ("the call with sarah at globex was held, 4", vec![1]),
            ("globex held, and bob did not show up", vec![1, 2]),
            ("sarah was there, 4 of 5", vec![0, 1]),
            ("met ms. lee of acme", vec![0]),
            ("umbrella: held", vec![3]),
            ("sarah.poe@globex.example came", vec![1]),
            ("all went well", vec![]),
        ] {
            assert_eq!(named_in(text, &past), expected, "{text}");
        }
    }
}
