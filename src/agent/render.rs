//! From a wanted mail to the bytes that leave, and the last check of whom they may reach.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::domain::handoff::Record;
use crate::domain::judge::{Policy, TouchState, record_of_sending};
use crate::domain::mails::{Audience, HandoffBrief, MailBrief, MailKind, Voice, WantedMail};
use crate::domain::message::{Address, Mailbox, MessageId};
use crate::domain::token;
use crate::domain::zone::ZoneSource;
use crate::mail::compose::{ComposeError, OutgoingMessage, compose};
use crate::record::{Ticks, print};
use crate::store::{OutboxRow, SealedId};
use crate::templates::{RenderContext, RenderError};

use super::app::App;
use super::turn::JudgedHandoff;

/// Why a mail cannot be written or may not leave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefusedToWrite {
    #[error("its text cannot be made")]
    Render(#[from] RenderError),
    #[error("it cannot be put together")]
    Compose(#[from] ComposeError),
    #[error("{address} may not get a mail of the kind {}", kind.name())]
    Audience { kind: MailKind, address: Address },
}

/// The mail of a row of the outbox, as it shall leave now; from the account `stand_in` where its own cannot send.
pub(crate) fn render(
    app: &App,
    row: &OutboxRow,
    stand_in: Option<&str>,
    wanted: &WantedMail,
    judged: Option<&JudgedHandoff>,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, RefusedToWrite> {
    let mut outgoing = outgoing(app, row, wanted, judged, now)?;
    check_audience(&app.policy, row.audience, wanted, judged)?;
    if let Some(account) = stand_in.and_then(|name| app.accounts.get(name)) {
        send_for(&mut outgoing, &account.address);
    }
    Ok(compose(&outgoing)?)
}

/// Puts the mail under the address of another account, and says in its text whose it is.
fn send_for(outgoing: &mut OutgoingMessage, address: &Address) {
    let owner = &outgoing.from;
    let words = if owner.name == "baton" {
        format!("baton sends this email from {address}, because it could not be sent from {}.", owner.address)
    } else {
        let (name, own) = (&owner.name, &owner.address);
        format!(
            "This email is {name}'s: baton sends it from {address}, because it could not be sent from {own}."
        )
    };
    outgoing.text = format!("{}\n\n{words}\n", outgoing.text.trim_end());
    let paragraph = format!("<p>{}</p>\n", escaped(&words));
    match outgoing.html.rfind("</div>\n</body>").or_else(|| outgoing.html.rfind("</body>")) {
        Some(end) => outgoing.html.insert_str(end, &paragraph),
        None => outgoing.html.push_str(&paragraph),
    }
    outgoing.from = Mailbox { name: "baton".to_owned(), address: address.clone() };
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The mail in its parts.
pub(crate) fn outgoing(
    app: &App,
    row: &OutboxRow,
    wanted: &WantedMail,
    judged: Option<&JudgedHandoff>,
    now: DateTime<Utc>,
) -> Result<OutgoingMessage, RefusedToWrite> {
    let zones = |name: &str| app.zones.zone(name);
    let record_text = judged.map(|judged| record_text(app, judged));
    let context = RenderContext {
        policy: &app.policy,
        zones: &zones,
        default_zone: app.default_zone.clone(),
        token: &row.token,
        now,
        record_text: record_text.as_deref(),
    };
    let rendered = match judged {
        Some(judged) => app.templates.render(wanted, &brief(&app.policy, judged, wanted), &context)?,
        None => app.templates.render_global(wanted, &context)?,
    };
    Ok(OutgoingMessage {
        from: from(&app.policy, row, wanted),
        to: wanted.to.clone(),
        cc: wanted.cc.clone(),
        reply_to: None,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        message_id: row.message_id.clone(),
        in_reply_to: None,
        references: reference(app, row).into_iter().collect(),
        date: now,
        automatic: row.key.kind.is_automatic(),
    })
}

/// The id by which the mail and its answers are known, with the seal of this process.
fn reference(app: &App, row: &OutboxRow) -> Option<MessageId> {
    let sealed = SealedId {
        token: row.token.clone(),
        started: app.delivers_since_exactly().map_or(0, |at| at.timestamp_millis()),
        left_at: app.exact_now(),
        is_intro: row.key.kind == MailKind::Intro,
    };
    let domain = row.sender.domain();
    app.store.key().sealed_reference(&sealed, domain).or_else(|| token::reference(&row.token, domain))
}

/// What the mail may mention. An intro is made from the record of its own sending, which counts for the rest
/// of the handoff only once a server has accepted it.
fn brief<'a>(policy: &Policy, judged: &'a JudgedHandoff, wanted: &WantedMail) -> Cow<'a, HandoffBrief> {
    let brief = &judged.judgement.brief;
    match wanted.brief {
        MailBrief::Intro { sending } => {
            let ae = policy.person(&brief.ae);
            let introduce = ae.and_then(|ae| ae.introduce.as_deref());
            let record = record_of_intro(judged, sending).given_to(&brief.ae, introduce);
            Cow::Owned(HandoffBrief { record, ..brief.clone() })
        }
        _ => Cow::Borrowed(brief),
    }
}

/// The record that the intro of this sending is made from: the first one's is the record as it was handed in, later ones
/// name the meeting as it is.
pub(crate) fn record_of_intro(judged: &JudgedHandoff, sending: u32) -> Record {
    let record = record_of_sending(&judged.stored.handoff, &judged.facts, sending).clone();
    if sending > 1 { judged.judgement.with_present_meeting(record) } else { record }
}

/// The record's own form, with the AE who has it now and the two lines that are baton's to tick.
pub(crate) fn record_text(app: &App, judged: &JudgedHandoff) -> String {
    let judgement = &judged.judgement;
    let first_touch = judgement.touch.state == TouchState::Touched && !judgement.touch.late;
    let ticks = Ticks { intro_sent: judgement.sent_at.is_some(), first_touch };
    print(&judgement.record, &ticks, &app.zones)
}

/// A person's own name stands before what is written as them; everything else comes from `baton`.
fn from(policy: &Policy, row: &OutboxRow, wanted: &WantedMail) -> Mailbox {
    let name = match wanted.from {
        Voice::Agent => None,
        Voice::Sdr => policy.person_writing_from(&row.sender),
    };
    let name = name.map_or_else(|| "baton".to_owned(), |person| person.name.clone());
    Mailbox { name, address: row.sender.clone() }
}

/// Whom a mail may reach, by its audience, checked where it leaves. docs/behaviour.md sections 3 and 12.
fn check_audience(
    policy: &Policy,
    audience: Audience,
    wanted: &WantedMail,
    judged: Option<&JudgedHandoff>,
) -> Result<(), RefusedToWrite> {
    let configured = |address: &Address| policy.person_at(address).is_some();
    let invited = |address: &Address| {
        judged.is_some_and(|judged| {
            brief(policy, judged, wanted).record.to.iter().any(|one| one.address == *address)
        })
    };
    for mailbox in wanted.to.iter().chain(&wanted.cc) {
        let address = &mailbox.address;
        let allowed = match audience {
            Audience::Public => configured(address) || invited(address),
            Audience::Internal => {
                configured(address) || [&policy.operator, &policy.agent_address].contains(&address)
            }
            Audience::Record => configured(address),
        };
        if !allowed {
            return Err(RefusedToWrite::Audience { kind: wanted.key.kind, address: address.clone() });
        }
    }
    Ok(())
}

/// The same for a mail that leaves as it was written once: nobody may have left the configuration meanwhile. A
/// prospect's address is none of ours; such a mail leaves again only because a person wants it to.
/// Whether mail of ours that is no intro may go to this address.
pub(super) fn is_ours(policy: &Policy, address: &Address) -> bool {
    policy.person_at(address).is_some() || [&policy.operator, &policy.agent_address].contains(&address)
}

pub(crate) fn check_audience_of_row(app: &App, row: &OutboxRow) -> Result<(), RefusedToWrite> {
    if row.audience == Audience::Public {
        return Ok(());
    }
    match row.recipients.addresses().into_iter().find(|address| !is_ours(&app.policy, address)) {
        Some(address) => Err(RefusedToWrite::Audience { kind: row.key.kind, address }),
        None => Ok(()),
    }
}
