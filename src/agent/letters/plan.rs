//! What a letter asks for, decided from the letter and the store: the first row of docs/behaviour.md section 13's
//! table that fits, or the words of section 14.

use chrono::TimeDelta;

use crate::domain::answer::{self, OfferAnswer, Request};
use crate::domain::judge::Policy;
use crate::domain::letter::{Draft, DraftState, Letter, LetterWriter};
use crate::domain::mails::{MailKind, RecordFault};
use crate::domain::message::Address;
use crate::domain::people::TeamRole;
use crate::domain::token;
use crate::language::{Role, matcher};
use crate::record::{amend, comparable, holds_record, record_in};
use crate::store::{OutboxRow, OutboxState, ReadTransaction, Result as Stored, Scope, ThreadKeys};

use super::super::app::App;

/// How long a yes counts after the intro was shown. docs/behaviour.md section 13.
pub(super) const OFFER_STANDS: TimeDelta = TimeDelta::days(5);

/// A record to check, and what is to be said beside the outcome.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RecordOffer {
    /// The draft that it changes; `None`: a new one.
    pub draft: Option<Draft>,
    pub record_text: String,
    pub understood: Vec<String>,
    pub not_understood: Vec<String>,
    pub note: Option<String>,
    /// Faults of the letter rather than of the record.
    pub faults: Vec<RecordFault>,
    /// The intro of this open handoff is to leave once more.
    pub resends: Option<String>,
}

/// A yes to what a row has shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OfferYes {
    pub draft: Draft,
    /// The digest of the intro that was shown.
    pub shown: String,
}

/// Words about a handoff.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AskedRequest {
    pub handoff: String,
    pub about: MailKind,
    pub request: Request,
}

/// What to do about a letter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    Nothing,
    /// `named`: an address or a domain to fill in for.
    Form {
        named: Option<String>,
    },
    Record(Box<RecordOffer>),
    Yes(Box<OfferYes>),
    No {
        draft: String,
    },
    Cancel {
        draft: Draft,
    },
    /// A handoff stands already.
    UsedUp {
        draft: Draft,
    },
    Request(Box<AskedRequest>),
    /// Words were asked for, and these cannot be read.
    NotRead {
        handoff: String,
        about: MailKind,
    },
    Overview {
        asked: Option<String>,
    },
    Help,
}

impl Plan {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Plan::Nothing => "nothing",
            Plan::Form { .. } => "form",
            Plan::Record(_) => "record",
            Plan::Yes(_) => "yes",
            Plan::No { .. } => "no",
            Plan::Cancel { .. } => "cancel",
            Plan::UsedUp { .. } => "used up",
            Plan::Request(_) => "request",
            Plan::NotRead { .. } => "not read",
            Plan::Overview { .. } => "overview",
            Plan::Help => "help",
        }
    }
}

/// What a writer is in the team.
pub(super) fn writer_roles(policy: &Policy, letter: &Letter) -> LetterWriter {
    let person = policy.person(&letter.writer);
    let has = |role| person.is_some_and(|person| person.roles.contains(&role));
    LetterWriter {
        is_sdr: has(TeamRole::Sdr),
        is_ae: has(TeamRole::Ae),
        is_manager: has(TeamRole::Manager),
        is_operator: person
            .map_or(letter.writer == policy.operator.as_str(), |person| person.has_address(&policy.operator)),
    }
}

pub(super) fn plan(app: &App, tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Plan> {
    let sdr = writer_roles(&app.policy, letter).is_sdr;
    match answered(tx, letter)? {
        Some(row) if row.scope == Scope::Letter => answer_to_letter_mail(app, tx, letter, &row),
        Some(row) if row.key.kind == MailKind::Intro => Ok(Plan::Nothing),
        Some(row) => answer_to_handoff_mail(app, letter, &row),
        None if is_to_agent(app, letter) => new_letter(app, tx, letter, sdr),
        None => Ok(Plan::Nothing),
    }
}

/// The mail of ours that a letter answers: by what it answers first, then by what it cites, the last first.
fn answered(tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Option<OutboxRow>> {
    for id in &letter.cited {
        let row = match token::in_id(id) {
            Some(token) => tx.row_with_token(token)?,
            None => tx.row_with_id(id)?,
        };
        if row.is_some() {
            return Ok(row);
        }
    }
    Ok(None)
}

fn is_to_agent(app: &App, letter: &Letter) -> bool {
    let agent = app.policy.agent_address.canonical();
    letter.to.iter().any(|to| to.canonical() == agent)
}

/// Whether it went to the agent and to nobody else.
fn is_to_agent_alone(app: &App, letter: &Letter) -> bool {
    let agent = app.policy.agent_address.canonical();
    is_to_agent(app, letter) && letter.to.iter().chain(&letter.cc).all(|to| to.canonical() == agent)
}

fn new_letter(app: &App, tx: &ReadTransaction<'_>, letter: &Letter, is_sdr: bool) -> Stored<Plan> {
    if is_sdr {
        if let Some(offer) = new_record(tx, letter)? {
            return Ok(Plan::Record(Box::new(offer)));
        }
        let is_forward = letter.forwarded_from.is_some() || answer::is_forward(&letter.subject);
        let forwards = is_forward
            && matcher(Role::SubjectHandoff)
                .all_at_start(&first_word_line(&letter.own_words))
                .next()
                .is_some();
        if forwards {
            return Ok(Plan::Form { named: letter.forwarded_from.as_ref().map(Address::to_string) });
        }
        if let Some(rest) = behind(&letter.base_subject, Role::SubjectHandoff) {
            return Ok(Plan::Form { named: (!rest.is_empty()).then_some(rest) });
        }
        if answer::offer_answer(&letter.own_words, letter.reaction.as_deref()) == Some(OfferAnswer::Yes)
            && let [draft] = tx.ready_drafts_of(&letter.writer)?.as_slice()
        {
            let note = "Your yes didn't come as an answer to the intro I showed you, so here it is again";
            return Ok(Plan::Record(Box::new(shown_again(draft, note.to_owned()))));
        }
    }
    if let Some(rest) = behind(&letter.base_subject, Role::SubjectStatus) {
        return Ok(Plan::Overview { asked: (!rest.is_empty()).then_some(rest) });
    }
    if behind(&letter.base_subject, Role::SubjectHelp).is_some_and(|rest| rest.is_empty()) {
        return Ok(Plan::Help);
    }
    help_once_a_day(app, tx, letter)
}

fn first_word_line(words: &str) -> String {
    words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_lowercase()
}

/// What follows a role's words at the begin of a subject, where nothing but a blank or a sign follows them.
fn behind(subject: &str, role: Role) -> Option<String> {
    let folded = subject.trim().to_lowercase();
    let ends = matcher(role).all_at_start(&folded);
    let end = ends
        .filter(|end| !folded.get(*end..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric)))
        .max()?;
    let rest = folded.get(end..)?.trim_start_matches(|c: char| !c.is_alphanumeric());
    Some(rest.trim_end_matches(|c: char| !c.is_alphanumeric()).to_owned())
}

/// Any other letter gets `help`, once for each person and day, unless the mailbox is a person's or it cites a handoff.
fn help_once_a_day(app: &App, tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Plan> {
    let is_persons = app.policy.person_writing_from(&app.policy.agent_address).is_some();
    if is_persons {
        return Ok(Plan::Nothing);
    }
    let cited = ThreadKeys::of_ids(&letter.cited);
    if !cited.is_empty() && tx.is_claimed(&cited)? {
        return Ok(Plan::Nothing);
    }
    let zone = app.policy.person(&letter.writer).map(|person| person.working.zone.clone());
    let zone = zone.unwrap_or_else(|| app.default_zone.clone());
    let midnight = zone.local(app.now()).date_naive().and_time(chrono::NaiveTime::MIN);
    let was_helped = tx.was_answered_since(&letter.writer, MailKind::Help, zone.instant(midnight))?;
    Ok(if was_helped { Plan::Nothing } else { Plan::Help })
}

/// A record that a letter hands in by itself: in its own words, or in an attached text.
fn new_record(tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Option<RecordOffer>> {
    let Some((text, faults)) = own_record(letter) else { return Ok(None) };
    let same = |draft: &Draft| comparable(&draft.record_text) == comparable(&text);
    let kept = tx.drafts(&[DraftState::Ready, DraftState::Faulty])?;
    let draft = kept.into_iter().find(|draft| draft.sdr == letter.writer && same(draft));
    Ok(Some(RecordOffer { draft, record_text: text, faults, ..RecordOffer::default() }))
}

fn own_record(letter: &Letter) -> Option<(String, Vec<RecordFault>)> {
    let whole = || holds_record(&letter.own_words).then(|| record_in(&letter.text)).flatten();
    let in_words = record_in(&letter.own_words).and_then(|own| whole().or(Some(own)));
    let attached: Vec<String> = letter.attachments.iter().filter_map(|text| record_in(text)).collect();
    let mut all: Vec<String> = in_words.into_iter().chain(attached).collect();
    all.dedup_by(|one, other| comparable(one) == comparable(other));
    let mut all = all.into_iter();
    let first = all.next()?;
    let faults = if all.next().is_some() {
        vec![RecordFault {
            line: None,
            reason: "there are two records in this email".to_owned(),
            help: vec!["send them in two emails".to_owned()],
            example: None,
        }]
    } else {
        Vec::new()
    };
    Some((first, faults))
}

pub(super) fn shown_again(draft: &Draft, note: String) -> RecordOffer {
    RecordOffer {
        draft: Some(draft.clone()),
        record_text: draft.record_text.clone(),
        note: Some(note),
        resends: draft.resends.then(|| draft.handoff.clone()).flatten(),
        ..RecordOffer::default()
    }
}

/// An answer to a mail of section 13 or 14.
fn answer_to_letter_mail(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    row: &OutboxRow,
) -> Stored<Plan> {
    let Some(answer) = tx.letter_answer(row.seq, row.key.kind)? else { return Ok(Plan::Nothing) };
    let draft = answer.draft.as_deref().map(|id| tx.draft(id)).transpose()?.flatten();
    let says = answer::offer_answer(&letter.own_words, letter.reaction.as_deref());
    let is_offer = matches!(row.key.kind, MailKind::RecordReady | MailKind::SendFailed);
    if let (true, Some(draft), Some(says)) = (is_offer, &draft, says) {
        return Ok(match says {
            OfferAnswer::Cancel if draft.sdr == letter.writer => Plan::Cancel { draft: draft.clone() },
            OfferAnswer::No | OfferAnswer::Cancel => Plan::No { draft: draft.id.clone() },
            OfferAnswer::Yes => yes(app, tx, letter, row, draft, answer.shown)?,
        });
    }
    if let (Some(handoff), Some(request)) = (&answer.handoff, answer::request(&letter.own_words)) {
        let about = row.key.kind;
        return Ok(Plan::Request(Box::new(AskedRequest { handoff: handoff.clone(), about, request })));
    }
    let is_record_mail = matches!(
        row.key.kind,
        MailKind::RecordForm | MailKind::RecordFaults | MailKind::RecordReady | MailKind::SendFailed
    );
    if !is_record_mail || !writer_roles(&app.policy, letter).is_sdr {
        return Ok(Plan::Nothing);
    }
    Ok(corrected(letter, row, draft, &sent_record(&answer.brief)))
}

fn yes(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    row: &OutboxRow,
    draft: &Draft,
    shown: Option<String>,
) -> Stored<Plan> {
    if draft.state == DraftState::Sent || draft.state == DraftState::Dropped {
        return Ok(Plan::UsedUp { draft: draft.clone() });
    }
    let again = |note: String| Ok(Plan::Record(Box::new(shown_again(draft, note))));
    if letter.writer != draft.sdr {
        return again(format!(
            "A yes came from {} ({}), but only you can send it",
            letter.writer, letter.from
        ));
    }
    if !is_to_agent_alone(app, letter) {
        return again("Your yes went to other people as well, so I didn't take it".to_owned());
    }
    if draft.state == DraftState::Expired {
        return again("Your yes came too late: I keep a record for 14 days".to_owned());
    }
    let is_newest = tx.newest_answer(&draft.id)? == Some(row.seq);
    let Some(shown) = shown.filter(|_| is_newest) else {
        return again("There is a newer version than the one you said yes to".to_owned());
    };
    if letter.at - row.sent_at.unwrap_or(row.made_at) > OFFER_STANDS {
        return again("Your yes came more than 5 days after I showed you the intro".to_owned());
    }
    Ok(Plan::Yes(Box::new(OfferYes { draft: draft.clone(), shown })))
}

fn sent_record(brief: &crate::domain::mails::MailBrief) -> String {
    use crate::domain::mails::MailBrief;
    match brief {
        MailBrief::RecordForm(brief) => brief.record_text.clone(),
        MailBrief::RecordFaults(brief) => brief.record_text.clone(),
        MailBrief::RecordReady(brief) => brief.record_text.clone(),
        MailBrief::SendFailed(brief) => brief.record_text.clone(),
        _ => String::new(),
    }
}

/// A record that was filled in or corrected in an answer; `sent` is what was quoted from.
fn corrected(letter: &Letter, row: &OutboxRow, draft: Option<Draft>, sent: &str) -> Plan {
    if let Some(draft) = draft.as_ref().filter(|draft| draft.state == DraftState::Sent) {
        return Plan::UsedUp { draft: draft.clone() };
    }
    let own = own_record(letter);
    let quoted = record_in(&letter.text).filter(|quoted| comparable(quoted) != comparable(sent));
    let is_form = row.key.kind == MailKind::RecordForm;
    let base = own.as_ref().map(|(text, _)| text.clone()).or(quoted);
    let faults = own.as_ref().map(|(_, faults)| faults.clone()).unwrap_or_default();
    let words = if own.is_some() { "" } else { letter.own_words.as_str() };
    let kept = draft.as_ref().map_or(sent, |draft| draft.record_text.as_str());
    let is_filled_in = base.is_some();
    let text = base.unwrap_or_else(|| kept.to_owned());
    let amended = amend(&text, words, &[]);
    let nothing_new = !is_filled_in && amended.understood.is_empty();
    // Talk around a record that was handed in is a greeting; where nothing else came, it has to be answered.
    let not_understood =
        if nothing_new || !amended.understood.is_empty() { amended.not_understood } else { Vec::new() };
    let note = (nothing_new && is_form).then(|| "The record in your answer is still empty".to_owned());
    let resends = draft.as_ref().filter(|draft| draft.resends).and_then(|draft| draft.handoff.clone());
    Plan::Record(Box::new(RecordOffer {
        draft,
        record_text: record_in(&amended.text).unwrap_or(amended.text),
        understood: amended.understood,
        not_understood,
        note,
        faults,
        resends,
    }))
}

/// An answer to a mail about a handoff: a request, or words that are the judgement's to read.
fn answer_to_handoff_mail(app: &App, letter: &Letter, row: &OutboxRow) -> Stored<Plan> {
    let Scope::Handoff(handoff) = row.scope.clone() else { return Ok(Plan::Nothing) };
    if row.state == OutboxState::Queued || !is_among_ourselves(app, letter, row) {
        return Ok(Plan::Nothing);
    }
    let about = row.key.kind;
    if let Some(request) = answer::request(&letter.own_words) {
        return Ok(Plan::Request(Box::new(AskedRequest { handoff, about, request })));
    }
    let asks = matches!(about, MailKind::Away | MailKind::Refused)
        || (about == MailKind::WhoIsThis && answer::yes_or_no(&letter.own_words).is_none());
    let stance = answer::stance(&letter.own_words, letter.reaction.as_deref());
    let is_talk = stance.done || stance.refuses || stance.silent || letter.reaction.is_some();
    Ok(if asks && !is_talk { Plan::NotRead { handoff, about } } else { Plan::Nothing })
}

/// It was sent to the address that our mail came from, and to nobody outside of the configuration.
fn is_among_ourselves(app: &App, letter: &Letter, row: &OutboxRow) -> bool {
    let sender = row.sender.canonical();
    let agent = app.policy.agent_address.canonical();
    let everybody = || letter.to.iter().chain(&letter.cc);
    let configured = |address: &Address| {
        app.policy.person_at(address).is_some()
            || *address == app.policy.operator
            || address.canonical() == agent
            || app.policy.account_addresses.contains(address)
    };
    everybody().all(configured)
        && everybody()
            .any(|to| to.canonical() == sender || (to.canonical() == agent && is_to_agent(app, letter)))
}
