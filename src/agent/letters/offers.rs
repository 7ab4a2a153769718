//! Records that came by mail: checked and shown. What follows from the answer is in `decisions`.
//!
//! What is shown is what leaves: the digest of the intro is kept with the `record-ready`, compared when the yes comes,
//! and once more when the intro is written (`after_intro::is_as_shown`).

use std::fmt::Write as _;
use std::sync::Arc;

use ring::digest::{SHA256, digest};

use crate::diagnostics::Fault;
use crate::domain::handoff::Record;
use crate::domain::letter::{
    ConditionBrief, Draft, DraftState, IntroBrief, Letter, RecordFault, RecordFaultsBrief, RecordReadyBrief,
};
use crate::domain::mails::MailBrief;
use crate::domain::sla::deadline;
use crate::mail::compose::OutgoingMessage;
use crate::record::{self, ParseContext, Parsed};
use crate::store::{Result as Stored, WriteTransaction, random_suffix};
use crate::templates::words;

use super::super::AgentError;
use super::super::app::App;
use super::super::duplicates::{Duplicate, is_of_another_handoff, repeated, resend_doubt};
use super::super::proof::{self, ConditionProof, ProofReader, ProofVerdict};
use super::super::send;
use super::super::turn::{JudgedHandoff, judged};
use super::plan::RecordOffer;
use super::request_outcome::is_managed_by;
use super::{Reply, respond};

/// A record as it was checked.
struct CheckedRecord {
    parsed: Result<Parsed, Vec<Fault>>,
    proofs: Vec<ConditionProof>,
    /// Why mail could prove nothing.
    unproved: Option<String>,
}

/// Checks a record as `baton check` does, and shows what came of it.
pub(super) async fn show(
    app: &Arc<App>,
    seq: i64,
    letter: Letter,
    mut offer: RecordOffer,
) -> Result<(), AgentError> {
    let checked = match cut_to_size(&mut offer.record_text) {
        Some(fault) => CheckedRecord { parsed: Err(vec![fault]), proofs: Vec::new(), unproved: None },
        None => check(app, &offer.record_text).await,
    };
    app.write(move |app, tx| {
        let sdr = offer.draft.as_ref().map_or(letter.writer.clone(), |draft| draft.sdr.clone());
        let (brief, state, shown, handoff) = outcome(app, tx, &sdr, &checked, &offer)?;
        let draft = updated(app, tx, &letter, &sdr, &offer, &checked, state)?;
        let mut reply = Reply::to_writer(&letter, brief);
        reply.to.name.clone_from(&sdr);
        reply.draft = Some(draft.clone());
        reply.handoff = handoff;
        reply.shown = shown;
        respond(app, tx, seq, &letter, reply)?;
        tx.finish_letter(seq, Some(&draft))
    })
    .await
}

/// What is far too long for a record is shown back by its beginning alone.
fn cut_to_size(record_text: &mut String) -> Option<Fault> {
    const SHOWN: usize = 4 * 1024;
    if record_text.len() <= record::MOST_BYTES {
        return None;
    }
    record_text.truncate(record_text.floor_char_boundary(SHOWN));
    Some(record::too_long("your record"))
}

async fn check(app: &Arc<App>, text: &str) -> CheckedRecord {
    let parsed = parse(app, text);
    let (mut proofs, mut unproved) = (Vec::new(), None);
    if let Ok(parsed) = &parsed {
        match proof::proofs(app, &parsed.record, ProofReader::Sdr).await {
            Ok(found) => proofs = found,
            Err(error) => {
                tracing::warn!(%error, "mail could not be searched for proofs");
                unproved = Some(
                    "your mailbox couldn't be searched just now, so conditions are as you ticked them".into(),
                );
            }
        }
    }
    CheckedRecord { parsed, proofs, unproved }
}

/// Whether mail contradicts a condition of the record by now.
pub(super) async fn is_contradicted(app: &Arc<App>, text: &str) -> bool {
    contradicted(&check(app, text).await).next().is_some()
}

pub(super) fn parse(app: &App, text: &str) -> Result<Parsed, Vec<Fault>> {
    let context = ParseContext {
        people: &app.policy.people,
        zones: &app.zones,
        now: app.now(),
        extra_conditions: &app.record_rules.conditions,
        path: "your record",
    };
    record::parse(text, &context)
}

type Outcome = (MailBrief, DraftState, Option<String>, Option<String>);

/// The mail that says what came of it, the draft's state, the digest of what it shows, the handoff that it repeats.
fn outcome(
    app: &App,
    tx: &WriteTransaction<'_>,
    sdr: &str,
    checked: &CheckedRecord,
    offer: &RecordOffer,
) -> Stored<Outcome> {
    let mut faults = offer.faults.clone();
    let (mut repeats, mut offers) = (None, Vec::new());
    match &checked.parsed {
        Err(found) => faults.extend(found.iter().map(fault)),
        Ok(parsed) => {
            faults.extend(contradicted(checked));
            if parsed.record.sdr != sdr {
                faults.push(other_sdrs_record(sdr, &parsed.record, &offer.record_text));
            }
            if let Some(handoff) = &offer.resends {
                faults.extend(other_handoffs_record(app, tx, handoff, &parsed.record)?);
            } else if let Some(duplicate) = repeated(app, tx, &parsed.record)? {
                repeats = duplicate.handoff().map(str::to_owned);
                let first =
                    repeats.as_deref().map(|id| judged(tx, &app.policy, id, app.now())).transpose()?;
                let first = first.flatten();
                offers = first.as_ref().map(|first| offers_about(app, first, sdr)).unwrap_or_default();
                faults.push(duplicate_fault(duplicate, first.as_ref(), sdr));
            }
        }
    }
    let company = checked.parsed.as_ref().ok().map(|parsed| parsed.record.company.clone());
    let company = company
        .or_else(|| offer.draft.as_ref().map(|draft| draft.company.clone()))
        .filter(|company| !company.is_empty())
        .or_else(|| titled(&offer.record_text));
    if let (Ok(parsed), true) = (&checked.parsed, faults.is_empty()) {
        return ready(app, tx, checked, parsed, offer);
    }
    let brief = RecordFaultsBrief {
        company: company.filter(|company| !company.is_empty()),
        note: offer.note.clone(),
        faults,
        warnings: Vec::new(),
        understood: offer.understood.clone(),
        not_understood: offer.not_understood.clone(),
        offers,
        record_text: offer.record_text.clone(),
    };
    Ok((MailBrief::RecordFaults(Box::new(brief)), DraftState::Faulty, None, repeats))
}

fn fault(found: &Fault) -> RecordFault {
    let line = found.span.as_ref().and_then(|span| {
        let text = found.source.text();
        let at = text.floor_char_boundary(span.start);
        let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
        let line = text.get(start..)?.lines().next()?.trim();
        (!line.is_empty()).then(|| line.to_owned())
    });
    let reason = if found.label.is_empty() {
        found.message.clone()
    } else {
        format!("{} ({})", found.message, found.label)
    };
    RecordFault { line, reason, help: found.help.clone(), example: found.example.clone() }
}

fn contradicted(checked: &CheckedRecord) -> impl Iterator<Item = RecordFault> + '_ {
    let proofs = checked.proofs.iter().filter(|proof| proof.verdict == ProofVerdict::Contradicted);
    proofs.map(|proof| RecordFault {
        line: Some(format!("[x] {}", proof.condition.name())),
        reason: format!("mail says otherwise: {}", proof.why),
        help: vec!["untick it and wait, or agree on another time with them".to_owned()],
        example: None,
    })
}

/// A record whose SDR is somebody else than who hands it in.
fn other_sdrs_record(sdr: &str, record: &Record, record_text: &str) -> RecordFault {
    let line = record_text.lines().map(str::trim).find(|line| line.contains(&record.sdr));
    let help =
        format!("if it's yours now, write your own name as its SDR; otherwise {} sends it to me", record.sdr);
    RecordFault {
        line: line.map(str::to_owned),
        reason: format!("this is a record of {}, and only they can hand it off", record.sdr),
        help: vec![help],
        example: Some(format!("SDR: {sdr} | AE: {}", record.ae)),
    }
}

/// What the SDR who repeats a handoff may write about it.
fn offers_about(app: &App, first: &JudgedHandoff, sdr: &str) -> Vec<String> {
    let id = &first.stored.handoff.id;
    let (is_open, is_own) = (first.judgement.open, first.judgement.record.sdr == sdr);
    let mut offers = Vec::new();
    if is_open && (is_own || is_managed_by(app, first, sdr)) {
        offers.push(format!("\u{201c}close: why\u{201d}, to close {id}"));
    }
    if is_open && is_own {
        offers.push(format!("\u{201c}resend\u{201d}, to send the intro of {id} once more"));
    }
    offers
}

fn duplicate_fault(duplicate: Duplicate, first: Option<&JudgedHandoff>, sdr: &str) -> RecordFault {
    let mut help = Vec::new();
    if let Some(judgement) = first.map(|first| &first.judgement).filter(|it| it.record.sdr != sdr) {
        let owner = &judgement.record.sdr;
        help.push(format!(
            "it is {owner}'s handoff to {}: agree with {} who goes on with it",
            judgement.ae,
            words::first_name(owner)
        ));
    }
    let reason = match duplicate {
        Duplicate::SameRecord(id) => format!("this record was handed off already, as {id}"),
        Duplicate::SameProspect(id, address) => {
            format!("there is an open handoff to the same AE that writes to {address}: {id}")
        }
        Duplicate::InMailbox(_, address) => {
            // No word to baton concerns a handoff that it does not know.
            help.push(
                "they have that intro; if they are to get another one, whoever runs baton can send it with \
                 `baton send --again`"
                    .to_owned(),
            );
            format!("{address} was handed to the same AE already, by an intro that only the mailboxes know")
        }
    };
    RecordFault { line: None, reason, help, example: None }
}

fn ready(
    app: &App,
    tx: &WriteTransaction<'_>,
    checked: &CheckedRecord,
    parsed: &Parsed,
    offer: &RecordOffer,
) -> Stored<Outcome> {
    let record = &parsed.record;
    let intro = match intro_of(app, record) {
        Ok(intro) => intro,
        Err(reason) => {
            let found = RecordFault { line: None, reason, help: Vec::new(), example: None };
            let brief = RecordFaultsBrief {
                company: Some(record.company.clone()),
                note: offer.note.clone(),
                faults: vec![found],
                warnings: Vec::new(),
                understood: offer.understood.clone(),
                not_understood: offer.not_understood.clone(),
                offers: Vec::new(),
                record_text: offer.record_text.clone(),
            };
            return Ok((MailBrief::RecordFaults(Box::new(brief)), DraftState::Faulty, None, None));
        }
    };
    let ae = app.policy.person(&record.ae);
    let due = ae.map(|ae| deadline(&app.policy.sla, &ae.working, app.now()));
    let mut warnings: Vec<RecordFault> = parsed.warnings.iter().map(fault).collect();
    if let (Some(due), Some(ae)) = (&due, ae) {
        warnings.extend(parsed.before_deadline(due.at, ae.working.zone.as_ref()).iter().map(fault));
    }
    warnings.extend(checked.unproved.iter().map(|why| RecordFault {
        line: None,
        reason: why.clone(),
        help: Vec::new(),
        example: None,
    }));
    if let Some(handoff) = &offer.resends {
        warnings.extend(resend_warning(app, tx, handoff)?);
    }
    let shown = digest_of(&intro);
    let brief = RecordReadyBrief {
        company: record.company.clone(),
        ae: record.ae.clone(),
        note: offer.note.clone(),
        intro: IntroBrief {
            from: intro.from,
            to: intro.to,
            cc: intro.cc,
            subject: intro.subject,
            text: intro.text,
        },
        deadline: due.as_ref().map(|due| due.at),
        deadline_why: due.map(|due| due.why).unwrap_or_default(),
        conditions: conditions(app, record, &checked.proofs),
        warnings,
        understood: offer.understood.clone(),
        not_understood: offer.not_understood.clone(),
        again: offer.resends.is_some(),
        record_text: offer.record_text.clone(),
    };
    Ok((MailBrief::RecordReady(Box::new(brief)), DraftState::Ready, Some(shown), offer.resends.clone()))
}

/// A record that has nothing of the handoff whose intro is to leave once more.
fn other_handoffs_record(
    app: &App,
    tx: &WriteTransaction<'_>,
    handoff: &str,
    record: &Record,
) -> Stored<Option<RecordFault>> {
    let judged = judged(tx, &app.policy, handoff, app.now())?;
    let Some(judged) = judged.filter(|judged| is_of_another_handoff(app, &judged.judgement.record, record))
    else {
        return Ok(None);
    };
    let had = &judged.judgement.record.company;
    Ok(Some(RecordFault {
        line: None,
        reason: format!("this record is of {}, but {handoff} is the handoff of {had}", record.company),
        help: vec![
            format!("to hand {} off as well, send me its record in a new email", record.company),
            format!("to correct the one of {had}, keep its name, or an address or the domain of its people"),
        ],
        example: None,
    }))
}

/// The intro goes to somebody who has it already, as far as is known.
fn resend_warning(app: &App, tx: &WriteTransaction<'_>, handoff: &str) -> Stored<Option<RecordFault>> {
    let doubt = resend_doubt(app, tx, handoff)?;
    Ok(doubt.map(|reason| RecordFault {
        line: None,
        reason: reason.to_owned(),
        help: Vec::new(),
        example: None,
    }))
}

fn conditions(app: &App, record: &Record, proofs: &[ConditionProof]) -> Vec<ConditionBrief> {
    let name_of = |text: &str| {
        record::CONDITIONS.get(record::condition_of(text, &app.record_rules.conditions)?).copied()
    };
    let proved_by = |text: &str| {
        let name = name_of(text)?;
        let proof = proofs.iter().find(|proof| proof.condition.name() == name)?;
        (proof.verdict == ProofVerdict::Proved).then(|| proof.why.clone())
    };
    record
        .conditions
        .iter()
        .map(|text| ConditionBrief { text: text.clone(), proved_by: proved_by(text) })
        .collect()
}

/// The intro of a record as it would leave now, or why it cannot be written.
pub(super) fn intro_of(app: &App, record: &Record) -> Result<OutgoingMessage, String> {
    let mails = send::preview(app, record).map_err(|error| super::super::error_chain(&error))?;
    mails
        .into_iter()
        .next()
        .ok_or_else(|| "the intro cannot be written: its AE or SDR is not configured".to_owned())
}

/// What was shown, in one word: everything that its reader will see, but date and ids.
pub(crate) fn digest_of(intro: &OutgoingMessage) -> String {
    let mut all = String::new();
    let people = [std::slice::from_ref(&intro.from), &intro.to, &intro.cc];
    for mailbox in people.into_iter().flatten() {
        // Writing to a String cannot fail.
        let _ = writeln!(all, "{} <{}>", mailbox.name, mailbox.address);
    }
    let _ = write!(all, "\n{}\n\n{}\n\n{}", intro.subject, intro.text, intro.html);
    let hash = digest(&SHA256, all.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn updated(
    app: &App,
    tx: &WriteTransaction<'_>,
    letter: &Letter,
    sdr: &str,
    offer: &RecordOffer,
    checked: &CheckedRecord,
    state: DraftState,
) -> Stored<String> {
    let company = checked.parsed.as_ref().ok().map(|parsed| parsed.record.company.clone());
    let known = offer.draft.clone();
    let draft = Draft {
        id: match &known {
            Some(draft) => draft.id.clone(),
            None => new_draft_id(tx)?,
        },
        sdr: sdr.to_owned(),
        company: company
            .or_else(|| known.as_ref().map(|draft| draft.company.clone()))
            .filter(|company| !company.is_empty())
            .or_else(|| titled(&offer.record_text))
            .unwrap_or_default(),
        state,
        record_text: offer.record_text.clone(),
        handoff: offer.resends.clone(),
        resends: offer.resends.is_some(),
        made_at: known.as_ref().map_or(app.now(), |draft| draft.made_at),
        letter_at: known.as_ref().map_or(letter.at, |draft| draft.letter_at.max(letter.at)),
    };
    tx.add_draft(&draft)?;
    Ok(draft.id)
}

pub(super) fn new_draft_id(tx: &WriteTransaction<'_>) -> Stored<String> {
    loop {
        let id = format!("draft-{}", random_suffix()?);
        if tx.draft(&id)?.is_none() {
            return Ok(id);
        }
    }
}

/// The company in a record's first line.
pub(super) fn titled(record_text: &str) -> Option<String> {
    let (_, rest) = record_text.lines().next()?.split_once(':')?;
    let name = rest.split('|').next()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The begin of what somebody wrote, for quoting.
pub(super) fn first_lines(words: &str) -> String {
    let lines: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).take(5).collect();
    lines.join("\n")
}
