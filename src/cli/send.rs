//! `baton send`, `preview` and `reassign`: what leaves, shown before it leaves.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::agent::app::App;
use crate::agent::catch_up;
use crate::agent::duplicates::{Duplicate, duplicate, unsettled};
use crate::agent::intro_fate::IntroFate;
use crate::agent::letters::digest_of;
use crate::agent::presence;
use crate::agent::proof;
use crate::agent::render::RefusedToWrite;
use crate::agent::send::{self, SendOutcome, SentIntro};
use crate::agent::statement;
use crate::config::Config;
use crate::diagnostics;
use crate::domain::fact::StatementKind;
use crate::domain::handoff::Record;
use crate::domain::judge::{TouchState, takes_over};
use crate::domain::message::Address;
use crate::domain::people::TeamRole;
use crate::mail::compose::{OutgoingMessage, compose};
use crate::record::{Ticks, print};
use crate::store::{OpenPurpose, OutboxState, Scope};

use super::args::{PreviewArgs, ReassignArgs, SendArgs};
use super::check;
use super::failure::{FAILED, Failure, MAIL_SERVER, REFUSED};
use super::json::{deadline, utc};
use super::open::{self, CommandContext};
use super::show::relative;
use super::story::exact;
use super::terminal::{WAITS, columns_of_stderr, known_columns, painted, paragraphs, print_note};
use super::watching;
use crate::agent::error_chain;

/// Reads a record that is to be sent; its faults refuse it, its warnings are shown.
pub(super) fn record(context: &CommandContext, config: &Config, path: &Path) -> Result<Record, Failure> {
    let checked =
        check::read(path, &check::CheckContext { config, zones: &context.zones, now: context.now() });
    if !checked.warnings.is_empty() {
        print_note(diagnostics::render(&checked.warnings, context.style));
    }
    checked.found.map(|parsed| parsed.record).map_err(Failure::faults)
}

/// Where the causes of a refusal are told apart.
const LOOK: &str = "`baton doctor` looks at the account: login, certificate, connection";

fn unwritable(error: &RefusedToWrite) -> Failure {
    Failure::new(FAILED, format!("the mail cannot be written: {}", error_chain(error)))
        .hint("`baton templates` checks the templates")
}

/// One mail as its reader gets it.
fn preview_text(mail: &OutgoingMessage) -> String {
    let list = |boxes: &[crate::domain::message::Mailbox]| {
        boxes.iter().map(crate::record::show_mailbox).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("From: {}\nTo: {}\n", list(std::slice::from_ref(&mail.from)), list(&mail.to));
    if !mail.cc.is_empty() {
        text.push_str(&format!("Cc: {}\n", list(&mail.cc)));
    }
    text.push_str(&format!("Subject: {}\n\n{}", mail.subject, mail.text));
    text
}

/// `baton preview FILE`.
pub(crate) fn preview(context: &CommandContext, args: &PreviewArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let record = record(context, &config, &args.file)?;
    let app = context.app_for(&config, OpenPurpose::Look)?;
    let mails = send::preview(&app, &record).map_err(|error| unwritable(&error))?;
    if let Some(folder) = &args.eml {
        write_eml(folder, &mails)?;
    }
    let mut out = context.stdout();
    if context.json {
        let document: Value = mails
            .iter()
            .map(|mail| {
                let addresses = |boxes: &[crate::domain::message::Mailbox]| {
                    boxes.iter().map(|one| one.address.to_string()).collect::<Vec<_>>()
                };
                json!({
                    "from": mail.from.address.as_str(), "to": addresses(&mail.to), "cc": addresses(&mail.cc),
                    "subject": mail.subject, "text": mail.text, "html": mail.html,
                })
            })
            .collect();
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    for (index, mail) in mails.iter().enumerate() {
        if index > 0 {
            writeln!(out, "\n{}\n", "-".repeat(72))?;
        }
        write!(out, "{}", paragraphs(&format!("{}\n", preview_text(mail).trim_end()), known_columns()))?;
    }
    Ok(())
}

fn write_eml(folder: &Path, mails: &[OutgoingMessage]) -> Result<(), Failure> {
    let failed = |path: &Path, error: &std::io::Error| {
        Failure::new(FAILED, format!("{} cannot be written: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (mail, name) in mails.iter().zip(["intro.eml", "record.eml"]) {
        let bytes = compose(mail).map_err(|error| unwritable(&RefusedToWrite::Compose(error)))?;
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| failed(&path, &error))?;
        print_note(format!("wrote {}\n", path.display()));
    }
    Ok(())
}

pub(super) async fn repeats(app: &Arc<App>, duplicate: &Duplicate) -> Result<Failure, Failure> {
    let hint = match unsettled(app, duplicate).await? {
        None => "`--again` sends it all the same",
        Some(OutboxState::Uncertain) => {
            "nobody can tell yet whether its intro has left, and sent again it may arrive twice: ask one of the \
             prospects or wait; `baton outbox` lists it"
        }
        Some(_) => "its intro has not left yet and leaves by itself; `baton outbox` lists it",
    };
    let failure = match duplicate {
        Duplicate::SameRecord(id) => Failure::new(REFUSED, format!("this record was sent before, as {id}")),
        Duplicate::SameProspect(id, address) => Failure::new(
            REFUSED,
            format!("{address} is being handed to the same AE already, by the open handoff {id}"),
        ),
        Duplicate::InMailbox(id, address) => Failure::new(
            REFUSED,
            format!(
                "{address} was handed to the same AE already, by an intro that only the mailboxes know: <{id}>"
            ),
        ),
    };
    Ok(failure.hint(hint))
}

/// What leaves when somebody agrees.
pub(super) struct LeavingMails {
    intro: OutgoingMessage,
    /// Whom the record goes to; nobody where they have this text already.
    pub record_readers: Vec<Address>,
}

impl LeavingMails {
    /// The mails of a new handoff.
    pub(super) fn of(app: &App, record: &Record) -> Result<Self, Failure> {
        let mut mails = send::preview(app, record).map_err(|error| unwritable(&error))?.into_iter();
        let intro = mails.next().ok_or_else(|| Failure::new(FAILED, "the intro cannot be made"))?;
        let readers = mails.next().map(|mail| mail.to.into_iter().chain(mail.cc));
        Ok(Self { intro, record_readers: readers.into_iter().flatten().map(|one| one.address).collect() })
    }
}

/// Shows the intro and asks, unless told not to. On standard error, so that standard output is the result's.
pub(super) fn agreed(leaving: &LeavingMails, warning: Option<&str>, yes: bool) -> Result<String, Failure> {
    let LeavingMails { intro, record_readers } = leaving;
    let text = format!("{}\n\n", preview_text(intro).trim_end());
    print_note(paragraphs(&text, columns_of_stderr()));
    let shown = digest_of(intro);
    let readers: Vec<String> = record_readers.iter().map(ToString::to_string).collect();
    if !readers.is_empty() {
        print_note(format!("Then the record goes to {}.\n", readers.join(" and ")));
    }
    if let Some(warning) = warning {
        print_note(format!("{} {warning}\n", painted(WAITS, "warning:")));
    }
    if yes {
        return Ok(shown);
    }
    if !std::io::stdin().is_terminal() {
        return Err(
            Failure::new(REFUSED, "not sent: no terminal to ask on").hint("`--yes` sends without asking")
        );
    }
    print_note("Send it? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(shown),
        _ => Err(Failure::new(FAILED, "not sent, as you answered")),
    }
}

/// `baton send FILE`.
pub(crate) async fn send(context: &CommandContext, args: &SendArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let record = record(context, &config, &args.file)?;
    let app = context.app(&config)?;
    may_use_secrets(&config, &record.sdr)?;
    catch_up::before_command(&app).await?;
    if !args.again
        && let Some(duplicate) = duplicate(&app, &record).await?
    {
        return Err(repeats(&app, &duplicate).await?);
    }
    can_be_sent_from(&config, &record)?;
    refuse_contradicted(&app, &record).await?;
    presence::agree(&app).await?;
    let shown = agreed(&LeavingMails::of(&app, &record)?, None, args.yes)?;
    let text = print(&record, &Ticks { intro_sent: false, first_touch: false }, &context.zones);
    let ae = record.ae.clone();
    let asked = match send::commit_as_shown(&app, record, text, args.again, Some(shown)).await? {
        Ok(asked) => asked,
        Err(duplicate) => return Err(repeats(&app, &duplicate).await?),
    };
    let outcome = send::carry_out(&app, &asked).await?;
    print_outcome(context, &app, &ae, outcome, "nothing was recorded; fix it and send again").await
}

/// A password in a file that this user may not read is somebody else's to use.
fn may_use_secrets(config: &Config, sdr: &str) -> Result<(), Failure> {
    let account = config.person(sdr).and_then(|sdr| config.accounts.get(sdr.account.as_ref()?));
    match account.and_then(|account| Some((account, account.unreadable_secret()?))) {
        Some((account, path)) => Err(Failure::new(
            REFUSED,
            format!(
                "the password of the account {} may not be read by this user: {}",
                account.name,
                path.display()
            ),
        )
        .hint(open::letter_instead(config))),
        None => Ok(()),
    }
}

/// The intro is the SDR's own mail, so it takes the SDR's own account.
fn can_be_sent_from(config: &Config, record: &Record) -> Result<(), Failure> {
    match config.person(&record.sdr) {
        Some(sdr) if sdr.account.is_none() => Err(Failure::new(
            REFUSED,
            format!("{} has no account, so the intro cannot leave in {}'s name", sdr.name, sdr.first_name()),
        )
        .hint(format!("add `account` to the entry of {} in {}", sdr.name, config.path.display()))),
        _ => Ok(()),
    }
}

/// How long mailboxes may take to say what they prove, before a record is sent without.
const PROOF_PATIENCE: Duration = Duration::from_secs(20);

/// A condition that mail contradicts refuses the record. A mailbox that cannot be read proves nothing.
async fn refuse_contradicted(app: &Arc<App>, record: &Record) -> Result<(), Failure> {
    let proofs =
        match tokio::time::timeout(PROOF_PATIENCE, proof::proofs(app, record, proof::ProofReader::Operator))
            .await
        {
            Ok(Ok(proofs)) => proofs,
            Ok(Err(error)) => {
                tracing::info!(%error, "the conditions could not be held against mail");
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
    match proofs.into_iter().find(|proof| proof.verdict == proof::ProofVerdict::Contradicted) {
        Some(proof) => Err(Failure::new(
            REFUSED,
            format!("mail contradicts the condition \"Calendar invite accepted\": {}", proof.why),
        )
        .hint("agree on a time with the prospect first")),
        None => Ok(()),
    }
}

/// Prints what became of an intro.
pub(super) async fn print_outcome(
    context: &CommandContext,
    app: &Arc<App>,
    ae: &str,
    outcome: SendOutcome,
    after_refusal: &str,
) -> Result<(), Failure> {
    let mut fate = IntroFate::Waiting;
    let (intro, failure) = match outcome {
        SendOutcome::Sent(intro) => (intro, None),
        SendOutcome::Deferred { intro, reason } => {
            let message = format!("the intro could not leave yet: {reason}");
            let hint = "the handoff is saved; the agent (`baton run`) keeps trying, and the clock starts once the server accepts the intro";
            (intro, Some(Failure::new(MAIL_SERVER, message).hint(hint)))
        }
        SendOutcome::Uncertain { intro, reason } => {
            fate = IntroFate::Unknown;
            let message = format!("nobody can tell yet whether the intro has left: {reason}");
            let hint = "the agent (`baton run`) looks for it; do not send it again";
            (intro, Some(Failure::new(MAIL_SERVER, message).hint(hint)))
        }
        SendOutcome::Waiting { intro } => {
            let message = "the agent that is delivering has not answered within a minute";
            let hint = "the handoff is saved and the intro is waiting; see `baton outbox`";
            (intro, Some(Failure::new(MAIL_SERVER, message).hint(hint)))
        }
        SendOutcome::Refused { reason, .. } if reason == send::NOT_AS_SHOWN => {
            return Err(Failure::new(REFUSED, format!("nothing has left: {reason}"))
                .hint("look at it again and send it once more"));
        }
        SendOutcome::Refused { reason, addresses } => {
            let mut message = format!("the intro cannot leave: {reason}");
            for (address, said) in &addresses {
                if !reason.contains(address.as_str()) && *said != reason {
                    message.push_str(&format!("\n  {address}: {said}"));
                }
            }
            let is_of_an_address = addresses.iter().any(|(address, _)| reason.contains(address.as_str()));
            let look = if is_of_an_address { "check that address in the record" } else { LOOK };
            return Err(Failure::new(MAIL_SERVER, message).hint(look).hint(after_refusal));
        }
    };
    print_intro(context, app, ae, &intro, fate).await?;
    failure.map_or(Ok(()), Err)
}

async fn print_intro(
    context: &CommandContext,
    app: &Arc<App>,
    ae: &str,
    intro: &SentIntro,
    fate: IntroFate,
) -> Result<(), Failure> {
    let watching = watching::state(app, context.now()).await?;
    let mut out = context.stdout();
    let due = intro.deadline.filter(|_| intro.sent_at.is_some());
    if context.json {
        let document = json!({
            "id": intro.id,
            "message_id": intro.message_id.as_str(),
            "sent_at": intro.sent_at.map(utc),
            "deadline": due.map(|at| deadline(app, ae, at)),
            "why": intro.why.as_ref().filter(|_| due.is_some()),
            "agent": watching::document(&watching),
        });
        writeln!(out, "{document:#}")?;
        return Ok(());
    }
    writeln!(out, "{}  {}", intro.id, if intro.sent_at.is_some() { "sent" } else { fate.in_words() })?;
    writeln!(out, "  message id      {}", intro.message_id)?;
    if let Some(at) = due {
        let person = app.policy.person(ae);
        let zone = person.map_or(&app.default_zone, |person| &person.working.zone);
        let (when, left) = (exact(at, &**zone), relative(at, context.now()));
        writeln!(out, "  first touch due {when} ({left})")?;
        writeln!(out, "  why             {}", intro.why.as_deref().unwrap_or_default())?;
    }
    writeln!(out, "{}", watching::line(&watching, context.now(), &*app.default_zone))?;
    if let Some(advice) = watching::advice(&watching) {
        print_note(format!("{advice}\n"));
    }
    Ok(())
}

pub(super) fn closed(id: &str) -> Failure {
    Failure::new(REFUSED, format!("the handoff {id} is closed"))
        .hint(format!("`baton close {id} --reopen --why ..` opens it again"))
}

/// `baton reassign ID --ae NAME`.
pub async fn reassign(context: &CommandContext, args: &ReassignArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let Some(ae) = open::person_called(&config.people, TeamRole::Ae, &args.ae) else {
        let aes = config.people.iter().filter(|person| person.roles.contains(&TeamRole::Ae));
        let failure = Failure::new(REFUSED, format!("there is no AE `{}` in the configuration", args.ae));
        return Err(failure.hint(open::nearest_or_all(&args.ae, aes)));
    };
    let app = context.app_for(&config, OpenPurpose::Change)?;
    let id = open::handoff(&app, &args.id).await?.handoff.id;
    let before = open::judged_handoff(&app, &id).await?;
    if before.as_ref().is_some_and(|judged| !judged.judgement.open) {
        return Err(closed(&id));
    }
    if before.as_ref().is_some_and(|judged| judged.judgement.ae == ae.name) {
        return Err(Failure::new(REFUSED, format!("{} has the handoff {id} already", ae.name)));
    }
    if before.as_ref().is_some_and(|judged| judged.judgement.record.sdr == ae.name) {
        return Err(Failure::new(REFUSED, format!("{} is the SDR of the handoff {id}", ae.name)));
    }
    let why = if args.why.is_empty() { takes_over(&ae.name) } else { args.why.clone() };
    statement::record_statement(&app, &id, &why, StatementKind::Reassigned { ae: ae.name.clone() }).await?;
    reassigned(context, &app, &id).await
}

async fn reassigned(context: &CommandContext, app: &Arc<App>, id: &str) -> Result<(), Failure> {
    let judged = open::judged_handoff(app, id).await?;
    let Some(judgement) = judged.map(|judged| judged.judgement) else { return Ok(()) };
    let Some(message_id) = judgement.brief.intro_id.clone() else { return Ok(()) };
    if judgement.touch.state == TouchState::Undelivered {
        print_note(format!("the intro has not reached anybody; `baton resend {id}` sends it again\n"));
    }
    let intro = SentIntro {
        id: id.to_owned(),
        message_id,
        sent_at: judgement.sent_at,
        deadline: judgement.deadline,
        why: judgement.deadline_why,
    };
    let of = Scope::Handoff(id.to_owned());
    let fate = app.read(move |_, tx| Ok(IntroFate::of(&tx.outbox(&of)?))).await?;
    print_intro(context, app, &judgement.ae, &intro, fate).await
}
