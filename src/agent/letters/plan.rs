//! What a letter asks for, decided from the letter and the store: the first row of docs/behaviour.md section 13's
//! table that fits, or the words of section 14.

use chrono::TimeDelta;

use crate::domain::answer::{self, InsteadOfFeedback, KnownNames, OfferAnswer, Request};
use crate::domain::judge::Policy;
use crate::domain::letter::{Draft, DraftState, Letter, LetterWriter};
use crate::domain::mail_kinds::AnswerMeaning;
use crate::domain::mails::{MailKind, RecordFault};
use crate::domain::message::Address;
use crate::domain::people::{Person, TeamRole};
use crate::domain::token;
use crate::language::{Role, matcher};
use crate::record::record_in;
use crate::store::{OutboxRow, OutboxState, ReadTransaction, Result as Stored, Scope, ThreadKeys};

use super::super::app::App;
use super::forms;
use super::handed_in::{corrected, handed_in, shown_again};

/// How long a yes counts after the intro was shown. docs/behaviour.md section 13.
pub(super) const OFFER_STANDS: TimeDelta = TimeDelta::days(5);

const TOO_LATE: &str = "Your yes came too late: I keep a record for 14 days";

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

/// An offer that nothing follows from any more.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SettledOffer {
    /// `None`: a command had sent it, not a letter.
    pub draft: Option<String>,
    pub company: String,
    pub sdr: String,
    pub handoff: Option<String>,
    /// Nobody said yes in time, and the record is not kept any more.
    pub expired: bool,
}

impl From<&Draft> for SettledOffer {
    fn from(draft: &Draft) -> Self {
        Self {
            draft: Some(draft.id.clone()),
            company: draft.company.clone(),
            sdr: draft.sdr.clone(),
            handoff: draft.handoff.clone(),
            expired: draft.is_gone(),
        }
    }
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
    /// A handoff stands already, or the draft was dropped or has expired. `asked_by`: the row of ours that was answered with words
    /// that are neither a yes nor a correction.
    UsedUp {
        offer: SettledOffer,
        asked_by: Option<i64>,
    },
    Request(Box<AskedRequest>),
    /// Words about a handoff in answer to a mail that is about none, or about several.
    WhichHandoff,
    /// Words were asked for by this row, and these cannot be read.
    NotRead {
        handoff: String,
        about: MailKind,
        asked_by: i64,
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
            Plan::WhichHandoff => "which handoff",
            Plan::NotRead { .. } => "not read",
            Plan::Overview { .. } => "overview",
            Plan::Help => "help",
        }
    }
}

/// What a writer is in the team. A delegate has none of these roles: they speak for the AE in answers alone.
pub(super) fn writer_roles(policy: &Policy, letter: &Letter) -> LetterWriter {
    let person = policy.person(&letter.writer);
    if person.is_some_and(|person| is_delegate_of(person, &letter.from)) {
        return LetterWriter::default();
    }
    let has = |role| person.is_some_and(|person| person.roles.contains(&role));
    LetterWriter {
        is_sdr: has(TeamRole::Sdr),
        is_ae: has(TeamRole::Ae),
        is_manager: has(TeamRole::Manager),
        is_operator: person
            .map_or(letter.writer == policy.operator.as_str(), |person| person.has_address(&policy.operator)),
    }
}

/// Whether an address is somebody's who speaks for this person, and not the person's own.
pub(super) fn is_delegate_of(person: &Person, address: &Address) -> bool {
    let has = |list: &[Address]| list.iter().any(|one| one.canonical() == address.canonical());
    person.address.canonical() != address.canonical() && !has(&person.aliases) && has(&person.delegates)
}

pub(super) fn plan(app: &App, tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Plan> {
    let is_sdr = writer_roles(&app.policy, letter).is_sdr;
    match answered(tx, letter)? {
        Some(row) if row.key.kind == MailKind::Intro => Ok(Plan::Nothing),
        Some(row) if row.scope == Scope::Letter => answer_to_letter_mail(app, tx, letter, &row),
        Some(row) => answer_to_handoff_mail(app, tx, letter, &row),
        None if is_to_agent(app, letter) => new_letter(app, tx, letter, is_sdr),
        None => Ok(Plan::Nothing),
    }
}

/// The mail of ours that a letter answers: by what it answers first, then by what it cites, the last first.
pub(super) fn answered(tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Option<OutboxRow>> {
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

/// Whether the agent is among those that it went to. Without that an answer is no letter: people talk to each other.
fn is_with_agent(app: &App, letter: &Letter) -> bool {
    let agent = app.policy.agent_address.canonical();
    letter.to.iter().chain(&letter.cc).any(|to| to.canonical() == agent)
}

/// Whether it went to the agent and to nobody else.
fn is_to_agent_alone(app: &App, letter: &Letter) -> bool {
    let agent = app.policy.agent_address.canonical();
    is_to_agent(app, letter) && letter.to.iter().chain(&letter.cc).all(|to| to.canonical() == agent)
}

fn new_letter(app: &App, tx: &ReadTransaction<'_>, letter: &Letter, is_sdr: bool) -> Stored<Plan> {
    if is_sdr {
        if let Some(offer) = handed_in(tx, letter)? {
            return Ok(Plan::Record(Box::new(offer)));
        }
        if let Some(form) = forms::asked(&app.policy, letter) {
            return Ok(form);
        }
        if answer::offer_answer(&letter.own_words, letter.reaction.as_deref(), &letter.writer)
            == Some(OfferAnswer::Yes)
            && let [draft] = ready_drafts(tx, letter)?.as_slice()
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

fn ready_drafts(tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Vec<Draft>> {
    let drafts = tx.ready_drafts_of(&letter.writer)?.into_iter().map(|draft| draft.standing_at(letter.at));
    Ok(drafts.filter(|draft| draft.state == DraftState::Ready).collect())
}

/// What follows a role's words at the begin of a subject, where nothing but a blank or a sign follows them.
pub(super) fn behind(subject: &str, role: Role) -> Option<String> {
    let folded = subject.trim().to_lowercase();
    let ends = matcher(role).all_at_start(&folded);
    let end = ends
        .filter(|end| !folded.get(*end..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric)))
        .max()?;
    let rest = folded.get(end..)?.trim_start_matches(|c: char| !c.is_alphanumeric());
    Some(rest.trim_end_matches(|c: char| !c.is_alphanumeric()).to_owned())
}

/// Any other letter gets `help`, once for each person and day, unless the mailbox is a person's, or it cites a handoff or a
/// mail of ours that the database does not know: who answers what was sent before it was restored has asked for nothing.
fn help_once_a_day(app: &App, tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Plan> {
    let is_persons = app.policy.person_writing_from(&app.policy.agent_address).is_some();
    if is_persons || letter.reaction.is_some() {
        return Ok(Plan::Nothing);
    }
    if letter.cited.iter().any(|id| token::in_id(id).is_some()) {
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

/// An answer to a mail of section 13 or 14.
fn answer_to_letter_mail(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    row: &OutboxRow,
) -> Stored<Plan> {
    if !is_with_agent(app, letter) {
        return Ok(Plan::Nothing);
    }
    let Some(answer) = tx.letter_answer(row.seq, row.key.kind)? else {
        return super::in_doubt::plan(app, tx, letter, row);
    };
    let draft = answer.draft.as_deref().map(|id| tx.draft(id)).transpose()?.flatten();
    let draft = draft.map(|draft| draft.standing_at(letter.at));
    let is_sdr = writer_roles(&app.policy, letter).is_sdr;
    let says = answer::offer_answer(&letter.own_words, letter.reaction.as_deref(), &letter.writer);
    let is_offer = matches!(row.key.kind, MailKind::RecordReady | MailKind::SendFailed);
    if let (true, Some(draft), Some(says)) = (is_offer, &draft, says) {
        return Ok(match says {
            OfferAnswer::Cancel if is_sdr && draft.sdr == letter.writer => {
                Plan::Cancel { draft: draft.clone() }
            }
            // Only `cancel` takes back what the yes before it sent.
            OfferAnswer::No if is_sdr && draft.sdr == letter.writer && draft.state == DraftState::Sent => {
                Plan::UsedUp { offer: SettledOffer::from(draft), asked_by: Some(row.seq) }
            }
            OfferAnswer::No | OfferAnswer::Cancel => Plan::No { draft: draft.id.clone() },
            OfferAnswer::Yes => yes(app, tx, letter, row, draft, answer.shown)?,
        });
    }
    if let Some(request) = request_in(letter)
        && is_among_ourselves(app, tx, letter, row)?
    {
        let made = draft.as_ref().filter(|draft| draft.state == DraftState::Sent);
        let handoff = answer.handoff.clone().or_else(|| made.and_then(|draft| draft.handoff.clone()));
        match handoff {
            Some(handoff) => {
                let about = row.key.kind;
                return Ok(Plan::Request(Box::new(AskedRequest { handoff, about, request })));
            }
            None if matches!(row.key.kind, MailKind::Overview | MailKind::Done | MailKind::Help) => {
                return Ok(Plan::WhichHandoff);
            }
            None => {}
        }
    }
    if !is_sdr {
        return Ok(Plan::Nothing);
    }
    let is_record_mail = matches!(
        row.key.kind,
        MailKind::RecordForm | MailKind::RecordFaults | MailKind::RecordReady | MailKind::SendFailed
    );
    // Nobody changes another's draft; a record of their own is a draft of their own.
    let is_own =
        answer.reader == letter.writer || draft.as_ref().is_some_and(|draft| draft.sdr == letter.writer);
    if !is_record_mail || !is_own || draft.as_ref().is_some_and(|draft| draft.sdr != letter.writer) {
        let offer = handed_in(tx, letter)?;
        return Ok(offer.map_or(Plan::Nothing, |offer| Plan::Record(Box::new(offer))));
    }
    corrected(app, tx, letter, row, draft, &answer.brief)
}

fn yes(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    row: &OutboxRow,
    draft: &Draft,
    shown: Option<String>,
) -> Stored<Plan> {
    let is_sdrs = letter.writer == draft.sdr && writer_roles(&app.policy, letter).is_sdr;
    if draft.state == DraftState::Sent || draft.state == DraftState::Dropped {
        return Ok(if is_sdrs {
            Plan::UsedUp { offer: SettledOffer::from(draft), asked_by: None }
        } else {
            Plan::Nothing
        });
    }
    if draft.is_gone() {
        return Ok(if is_sdrs { expired(letter, draft) } else { Plan::Nothing });
    }
    let again = |note: String| Ok(Plan::Record(Box::new(shown_again(draft, note))));
    if !is_sdrs {
        return again(format!(
            "A yes came from {} ({}), but only you can send it",
            letter.writer, letter.from
        ));
    }
    if !is_to_agent_alone(app, letter) {
        return again("Your yes went to other people as well, so I didn't take it".to_owned());
    }
    if draft.state == DraftState::Expired {
        return again(TOO_LATE.to_owned());
    }
    // A `send-failed` offers what was shown before it, and leaves that as new as it was.
    let is_outdated = tx.newest_version(&draft.id)?.is_some_and(|newest| newest > row.seq);
    if is_outdated {
        return again("There is a newer version than the one you said yes to".to_owned());
    }
    let Some(shown) = shown else {
        return again("The intro was taken back and has not left, so please look at it once more".to_owned());
    };
    if letter.at - row.sent_at.unwrap_or(row.made_at) > OFFER_STANDS {
        return again("Your yes came more than 5 days after I showed you the intro".to_owned());
    }
    Ok(Plan::Yes(Box::new(OfferYes { draft: draft.clone(), shown })))
}

/// A yes to a draft whose record is not kept any more: what the answer quotes of it is shown again.
fn expired(letter: &Letter, draft: &Draft) -> Plan {
    match record_in(&letter.text) {
        Some(record_text) if !draft.resends => {
            let quoted = Draft { record_text, ..draft.clone() };
            Plan::Record(Box::new(shown_again(&quoted, TOO_LATE.to_owned())))
        }
        _ => Plan::UsedUp { offer: SettledOffer::from(draft), asked_by: None },
    }
}

/// An answer to a mail about a handoff: a record, a request, or words that are the judgement's to read.
fn answer_to_handoff_mail(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    row: &OutboxRow,
) -> Stored<Plan> {
    let request = request_in(letter).or_else(|| called_off(letter, row.key.kind));
    if row.state == OutboxState::Queued || !is_among_ourselves(app, tx, letter, row)? {
        return Ok(Plan::Nothing);
    }
    let Scope::Handoff(handoff) = row.scope.clone() else {
        return Ok(if request.is_some() { Plan::WhichHandoff } else { Plan::Nothing });
    };
    let about = row.key.kind;
    if let Some(request) = request {
        return Ok(Plan::Request(Box::new(AskedRequest { handoff, about, request })));
    }
    if writer_roles(&app.policy, letter).is_sdr
        && is_with_agent(app, letter)
        && let Some(offer) = handed_in(tx, letter)?
        && !is_record_of(tx, &handoff, &offer.record_text)?
    {
        return Ok(Plan::Record(Box::new(offer)));
    }
    if about == MailKind::Record
        && is_to_agent_alone(app, letter)
        && let Some(plan) = super::in_doubt::corrected_too_late(app, tx, letter, &handoff)?
    {
        return Ok(plan);
    }
    let asks = matches!(about, MailKind::Away | MailKind::Refused)
        || (about == MailKind::WhoIsThis && answer::yes_or_no(&letter.own_words).is_none());
    if !asks {
        return Ok(Plan::Nothing);
    }
    let names = known_names(app, tx, &handoff)?;
    let stance = answer::stance(&letter.own_words, letter.reaction.as_deref(), &names);
    let is_talk = stance.done || stance.refuses || stance.silent || letter.reaction.is_some();
    Ok(if is_talk { Plan::Nothing } else { Plan::NotRead { handoff, about, asked_by: row.seq } })
}

/// Whom an answer about this handoff may name.
fn known_names(app: &App, tx: &ReadTransaction<'_>, handoff: &str) -> Stored<KnownNames> {
    let Some(stored) = tx.handoff(handoff)? else { return Ok(KnownNames::default()) };
    let record = &stored.handoff.record;
    let prospects = record.to.iter().map(|contact| contact.name.as_str());
    let colleagues = app.policy.people.iter().map(|person| person.name.as_str());
    Ok(KnownNames::new(prospects, [record.company.as_str()], colleagues))
}

/// The request that a letter begins with.
pub(super) fn request_in(letter: &Letter) -> Option<Request> {
    let words = answer::without_courtesies(&letter.own_words, &letter.writer);
    answer::request(&answer::without_signed_names(&words, &letter.writer))
}

/// `Cancelled by Sarah`, in answer to how the meeting went, cancels it.
fn called_off(letter: &Letter, about: MailKind) -> Option<Request> {
    let is_asked = about.is_answered_by(AnswerMeaning::Feedback);
    (is_asked && answer::instead_of_feedback(&letter.own_words) == Some(InsteadOfFeedback::CalledOff))
        .then_some(Request::MeetingCancelled)
}

/// Whether a record in an answer is the one that our mail about this handoff had shown.
fn is_record_of(tx: &ReadTransaction<'_>, handoff: &str, text: &str) -> Stored<bool> {
    let Some(stored) = tx.handoff(handoff)? else { return Ok(false) };
    let kept = super::handed_in::without_status(&stored.record_text);
    Ok(super::handed_in::without_status(text) == kept)
}

/// It was sent to the address that our mail came from, and to nobody outside of the configuration.
pub(super) fn is_among_ourselves(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    row: &OutboxRow,
) -> Stored<bool> {
    // The last attempt may have been made from another account.
    let stand_in = tx.attempt_notes(row.seq)?.stand_in;
    let account = stand_in.as_deref().and_then(|name| app.accounts.get(name));
    let sender = account.map_or(&row.sender, |account| &account.address).canonical();
    let agent = app.policy.agent_address.canonical();
    let everybody = || letter.to.iter().chain(&letter.cc);
    let configured = |address: &Address| {
        let is_here = |one: &Address| one.canonical() == address.canonical();
        let is_persons = |person: &Person| {
            let own = std::iter::once(&person.address).chain(&person.aliases).chain(&person.delegates);
            own.into_iter().any(is_here)
        };
        is_here(&agent)
            || is_here(&app.policy.operator)
            || app.policy.people.iter().any(is_persons)
            || app.policy.account_addresses.iter().any(is_here)
    };
    Ok(everybody().all(configured) && everybody().any(|to| to.canonical() == sender))
}
