//! Everything that may be the first touch, by mail and by what people said of it. docs/behaviour.md section 5.

use chrono::{DateTime, Utc};

use super::super::fact::{Fact, FactKind, Statement, StatementKind};
use super::super::mails::TouchEvidence;
use super::super::message::MessageId;
use super::super::outcomes::{MeetingOutcome, TouchKind};
use super::correspondence::Correspondence;
use super::deliveries::{touch_failures, undelivered_at};
use super::feedback_answers::FeedbackAnswer;
use super::row::{AeWriting, MessageRow, TouchProof};
use super::rows::{MINUTE, Rows};
use super::seen_message::SeenMessage;
use super::stances::{AnswerStance, Stances};
use super::tenures::Tenures;

/// Something that may be the first touch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TouchCandidate {
    pub at: DateTime<Utc>,
    pub kind: TouchKind,
    pub message_id: Option<MessageId>,
    /// Name of the message, as `SeenMessage::name`.
    pub name: String,
    pub tenure: usize,
    pub indirect: bool,
    pub evidence: TouchEvidence,
    /// Since when it is known that no prospect contact got it (row 13).
    pub withdrawn: Option<DateTime<Utc>>,
}

impl TouchCandidate {
    fn of_row(seen: &SeenMessage, row: &MessageRow, tenures: &Tenures) -> Option<Self> {
        let (kind, at, indirect) = match row {
            MessageRow::Wrote(AeWriting::Reply) => (TouchKind::Reply, seen.at, false),
            MessageRow::Wrote(AeWriting::NewThread) => (TouchKind::NewThread, seen.at, false),
            MessageRow::Wrote(AeWriting::Video) => (TouchKind::Video, seen.at, false),
            MessageRow::Invite => (TouchKind::Invite, seen.at, false),
            MessageRow::Scheduled => (TouchKind::Scheduled, seen.at, false),
            MessageRow::ProspectWrote(Some(proof)) => (TouchKind::Reply, proof.at.unwrap_or(seen.at), true),
            MessageRow::ProspectWrote(None)
            | MessageRow::MissedProspect
            | MessageRow::Away
            | MessageRow::OwnMeeting
            | MessageRow::ReceiptOrReaction
            | MessageRow::QuotationOnly
            | MessageRow::IntroFailed { .. }
            | MessageRow::TouchFailed { .. }
            | MessageRow::Colleague
            | MessageRow::Suspicious
            | MessageRow::LookAlike
            | MessageRow::BeforeHandoff
            | MessageRow::SdrWrote => return None,
        };
        let is_undated = matches!(row, MessageRow::ProspectWrote(Some(TouchProof { at: None, .. })));
        Some(Self {
            at,
            kind,
            message_id: seen.headers().id.clone(),
            name: seen.name().to_owned(),
            tenure: if indirect { tenures.at(at) } else { seen.tenure },
            indirect,
            evidence: if is_undated { TouchEvidence::ProspectsAnswer } else { TouchEvidence::Mail },
            withdrawn: None,
        })
    }

    fn stated(said: &AnswerStance) -> Self {
        Self {
            at: said.at,
            kind: TouchKind::Stated,
            message_id: said.message_id.clone(),
            name: said.name.clone(),
            tenure: said.tenure,
            indirect: false,
            evidence: TouchEvidence::AesWord,
            withdrawn: None,
        }
    }

    /// An answer to the feedback request that says that they have met.
    fn held(answer: &FeedbackAnswer, tenures: &Tenures) -> Self {
        Self {
            at: answer.at,
            kind: TouchKind::Stated,
            message_id: answer.message_id.clone(),
            name: answer.name.clone(),
            tenure: tenures.at(answer.at),
            indirect: false,
            evidence: TouchEvidence::AesWord,
            withdrawn: None,
        }
    }
}

/// All candidates, after the corrections from the command line.
#[derive(Clone, Debug)]
pub(super) struct TouchCandidates {
    list: Vec<TouchCandidate>,
}

impl TouchCandidates {
    /// From the rows of the mail and the AE's word.
    pub(crate) fn read(
        mail: &Correspondence,
        rows: &Rows,
        tenures: &Tenures,
        stances: &Stances,
        facts: &[Fact],
    ) -> Self {
        let failures = touch_failures(mail, rows);
        let mut list: Vec<TouchCandidate> = rows
            .of(mail)
            .filter_map(|(seen, row)| {
                let candidate = TouchCandidate::of_row(seen, row, tenures)?;
                Some(TouchCandidate { withdrawn: undelivered_at(mail, &failures, seen), ..candidate })
            })
            .collect();
        drop_proofs_of_what_was_seen(&mut list);
        list.extend(stances.done.iter().map(TouchCandidate::stated));
        correct(&mut list, facts, tenures);
        Self { list }
    }

    /// With answers to the feedback request that say that they have met.
    pub(crate) fn with_held<'f>(
        mut self,
        answers: impl Iterator<Item = &'f FeedbackAnswer>,
        tenures: &Tenures,
        facts: &[Fact],
    ) -> Self {
        self.list.extend(answers.map(|answer| TouchCandidate::held(answer, tenures)));
        correct(&mut self.list, facts, tenures);
        self
    }

    /// In the order of their time; within one second mail stays in the order in which it was read.
    pub(crate) fn sorted(mut self) -> Vec<TouchCandidate> {
        self.list.sort_by_key(|one| one.at);
        self.list
    }
}

/// Whether the AE at its time answers that the meeting was held.
pub(super) fn says_held(answer: &FeedbackAnswer) -> bool {
    answer.by_current && answer.read.outcome == Some(MeetingOutcome::Held)
}

/// A prospect's quotation gives the minute of a mail; where that mail was seen itself, it is the evidence.
fn drop_proofs_of_what_was_seen(candidates: &mut Vec<TouchCandidate>) {
    let seen: Vec<DateTime<Utc>> = candidates.iter().filter(|one| !one.indirect).map(|one| one.at).collect();
    candidates.retain(|one| !one.indirect || !seen.iter().any(|at| *at >= one.at && *at - one.at < MINUTE));
}

/// Applies what people said of it, in the order of its time: on the command line they correct what was found; by mail
/// they say that there was a touch, beside what was seen. docs/behaviour.md section 14.
fn correct(candidates: &mut Vec<TouchCandidate>, facts: &[Fact], tenures: &Tenures) {
    let mut said: Vec<(DateTime<Utc>, &Statement)> = facts
        .iter()
        .filter_map(|fact| match &fact.what {
            FactKind::Said(statement) => Some((fact.at, statement)),
            _ => None,
        })
        .collect();
    said.sort_by(|(a_at, a), (b_at, b)| (a_at, &a.id).cmp(&(b_at, &b.id)));
    said.dedup_by(|(_, b), (_, a)| a.id == b.id);
    for (at, Statement { id, says, letter, .. }) in said {
        let tenure = tenures.at(at);
        match says {
            StatementKind::Touched { at: touched, kind, message } => {
                let name = format!("said {id}");
                let corrects = letter.is_none();
                // It is the touch of whoever had the handoff then: with another AE it begins anew.
                let tenure = tenures.at(*touched).min(tenure);
                let stays = |one: &TouchCandidate| !corrects || one.tenure != tenure || one.at > at;
                candidates.retain(|one| one.name != name && stays(one));
                candidates.push(TouchCandidate {
                    at: *touched,
                    kind: *kind,
                    message_id: message.clone(),
                    name,
                    tenure,
                    indirect: false,
                    evidence: match kind {
                        TouchKind::Stated => TouchEvidence::AnothersWord,
                        _ => TouchEvidence::Mail,
                    },
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
