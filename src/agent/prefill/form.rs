//! The lines of a form from what the conversation shows, each with a note that says where it comes from.
//! docs/behaviour.md section 13.

use chrono::{DateTime, Utc};

use crate::domain::message::{Address, Mailbox};
use crate::domain::zone::{Zone, ZoneSource};
use crate::record::{
    CONTACT_ESTABLISHED, INVITE_ACCEPTED, PrefilledFields, PrefilledLine, PrefilledStakeholder, address_list,
    one_line,
};

use super::agenda::agenda_of;
use super::conversation::{SeenAuthor, SeenMail};
use super::meeting::NextMeeting;
use super::named::NamedProspect;
use super::people::{ProspectPerson, company};
use super::place::format_of;
use super::sentences::{competitors, to_choose_from};

/// So many people are put into the stakeholder map; more is a mailing list.
const MOST_STAKEHOLDERS: usize = 12;
/// So much of a subject or a sentence is quoted in a note, in characters.
const LONGEST_QUOTED: usize = 160;

/// What a form is made of.
pub(super) struct FormSources<'m> {
    pub prospect: &'m NamedProspect,
    pub mails: &'m [SeenMail],
    pub meeting: Option<NextMeeting<'m>>,
    pub people: Vec<ProspectPerson<'m>>,
    /// Rivals to look for.
    pub competitors: &'m [String],
    /// The AE is not known otherwise.
    pub names_ae: bool,
    pub zones: &'m dyn ZoneSource,
    /// The SDR's.
    pub zone: &'m dyn Zone,
}

impl FormSources<'_> {
    pub(super) fn fields(&self) -> PrefilledFields {
        let to = self.recipients();
        PrefilledFields {
            opening: vec![format!(
                "Filled in from your mail with {} of the last 90 days.",
                self.prospect.shown
            )],
            company: Some(self.company()),
            ae_notes: self.ae_notes(),
            proved: self.proved(&to),
            pain: to_choose_from(self.mails, |mail| format!("From {}, to choose from:", self.whose(mail))),
            date_time: self.meeting.as_ref().map(|meeting| self.date_time(meeting)),
            format: self.meeting.as_ref().and_then(|meeting| self.format(meeting)),
            attendees: self.meeting.as_ref().map(|meeting| self.attendees(meeting)),
            agenda: self.meeting.as_ref().and_then(|meeting| self.agenda(meeting)),
            stakeholders: self.stakeholders(&to),
            competitor: self.competitor(),
            to: self.to(&to),
        }
    }

    fn day(&self, at: DateTime<Utc>) -> String {
        self.zone.local(at).format("%-d %b %Y").to_string()
    }

    /// `Sarah Lee's mail of 24 Nov 2026, "Reporting"`.
    fn whose(&self, mail: &SeenMail) -> String {
        if mail.is_forwarded {
            return "the mail that you forwarded".to_owned();
        }
        let who = match &mail.author {
            SeenAuthor::Prospect(author) => format!("{}'s mail", self.name(&author.address)),
            SeenAuthor::Ours => "our mail".to_owned(),
            SeenAuthor::Scheduler => "the booking's mail".to_owned(),
        };
        format!("{who} of {}{}", self.day(mail.at), quoted(&mail.subject))
    }

    /// The invitation that a mail is.
    fn invitation(&self, mail: &SeenMail) -> String {
        let what = match &mail.author {
            SeenAuthor::Prospect(author) => format!("{}'s invitation", self.name(&author.address)),
            SeenAuthor::Ours => "our invitation".to_owned(),
            SeenAuthor::Scheduler => "the booking".to_owned(),
        };
        format!("From {what} of {}{}", self.day(mail.at), quoted(&mail.subject))
    }

    fn name(&self, address: &Address) -> String {
        let known = self.people.iter().find(|one| one.mailbox.address == *address);
        let name = known.map(|one| one.mailbox.name.clone()).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| address.to_string())
    }

    fn company(&self) -> PrefilledLine {
        match company(self.prospect, self.mails) {
            Some((name, mail)) => {
                PrefilledLine::new(name, format!("From the signature in {}: the company.", self.whose(mail)))
            }
            None => PrefilledLine::new(
                "",
                format!("Mail doesn't show the company's name, only its domain: {}", self.prospect.domain),
            ),
        }
    }

    /// Who the intro goes to: those who were named, else who wrote and comes, else who wrote, else who comes.
    fn recipients(&self) -> Vec<Mailbox> {
        let mailbox = |address: &Address| Mailbox {
            name: self
                .people
                .iter()
                .find(|one| one.mailbox.address == *address)
                .map(|one| one.mailbox.name.clone())
                .unwrap_or_default(),
            address: address.clone(),
        };
        if !self.prospect.addresses.is_empty() {
            return self.prospect.addresses.iter().map(mailbox).collect();
        }
        let is_guest = |address: &Address| {
            self.meeting
                .as_ref()
                .is_some_and(|meeting| meeting.guests.iter().any(|guest| guest.address == *address))
        };
        let of = |test: &dyn Fn(&ProspectPerson<'_>) -> bool| -> Vec<Mailbox> {
            self.people.iter().filter(|one| test(one)).map(|one| one.mailbox.clone()).collect()
        };
        let wrote_and_comes = of(&|one| one.last.is_some() && is_guest(&one.mailbox.address));
        let wrote = || of(&|one| one.last.is_some());
        let comes = || of(&|one| is_guest(&one.mailbox.address));
        [wrote_and_comes]
            .into_iter()
            .chain([wrote(), comes()])
            .find(|list| !list.is_empty())
            .unwrap_or_default()
    }

    fn to(&self, to: &[Mailbox]) -> Option<PrefilledLine> {
        if to.is_empty() {
            return None;
        }
        let mut notes: Vec<String> = Vec::new();
        for one in to {
            let person = self.people.iter().find(|person| person.mailbox.address == one.address);
            let source = match person.map(|person| person.last) {
                Some(Some(mail)) => format!("From {}.", self.whose(mail)),
                Some(None) => format!("From the invitation: {}.", self.name(&one.address)),
                None => format!("You named {}; your mailbox has no mail of theirs.", one.address),
            };
            notes.push(source);
            if one.name.is_empty() {
                notes.push(format!(
                    "Mail doesn't show the name that belongs to {}: please add it.",
                    one.address
                ));
            }
        }
        Some(PrefilledLine { value: address_list(to), notes })
    }

    fn date_time(&self, meeting: &NextMeeting<'_>) -> PrefilledLine {
        PrefilledLine::new(
            meeting.date_time(self.zones, self.zone),
            format!("{}.", self.invitation(meeting.source)),
        )
    }

    fn format(&self, meeting: &NextMeeting<'_>) -> Option<PrefilledLine> {
        let format = format_of(&meeting.source.details)?;
        Some(PrefilledLine::new(format, "From the invitation's place and links."))
    }

    fn attendees(&self, meeting: &NextMeeting<'_>) -> PrefilledLine {
        let guests: Vec<Mailbox> = meeting.guests.iter().map(|guest| self.best_named(guest)).collect();
        let mut line = PrefilledLine::new(
            address_list(&guests),
            "From the invitation; nobody listed here has declined.",
        );
        for (address, mail) in &meeting.accepted {
            line.notes.push(format!("{} accepted on {}.", self.name(address), self.day(mail.at)));
        }
        line
    }

    fn best_named(&self, guest: &Mailbox) -> Mailbox {
        let known = self.people.iter().map(|one| &one.mailbox).find(|one| one.address == guest.address);
        known.filter(|known| !known.name.is_empty()).unwrap_or(guest).clone()
    }

    fn agenda(&self, meeting: &NextMeeting<'_>) -> Option<PrefilledLine> {
        let agenda = agenda_of(&meeting.source.details, &meeting.calendar.summary)?;
        Some(PrefilledLine::new(agenda, "From the invitation. The prospect reads this line."))
    }

    fn ae_notes(&self) -> Vec<String> {
        let ae = self.meeting.as_ref().and_then(NextMeeting::only_ae).filter(|_| self.names_ae);
        ae.map(|ae| format!("From the invitation: the AE, {ae}.")).into_iter().collect()
    }

    /// Conditions that mail proves, as `baton check` will find them.
    fn proved(&self, to: &[Mailbox]) -> Vec<(&'static str, String)> {
        let mut proved = Vec::new();
        let accepted = self.meeting.as_ref().and_then(|meeting| {
            let is_guest = |address: &Address| meeting.guests.iter().any(|guest| guest.address == *address);
            meeting.accepted.iter().find(|(address, _)| is_guest(address))
        });
        if let Some((address, mail)) = accepted {
            let name = self.name(address);
            let how =
                format!("Ticked since {name} accepted on {}{}.", self.day(mail.at), quoted(&mail.subject));
            proved.push((INVITE_ACCEPTED, how));
        }
        let guests = self.meeting.iter().flat_map(|meeting| &meeting.guests);
        let contacts: Vec<&Address> = to.iter().chain(guests).map(|one| &one.address).collect();
        let contact = self.mails.iter().find(|mail| {
            mail.is_human
                && !mail.is_forwarded
                && mail.prospect().is_some_and(|author| contacts.contains(&&author.address))
        });
        proved.extend(contact.map(|mail| (CONTACT_ESTABLISHED, format!("Ticked for {}.", self.whose(mail)))));
        proved
    }

    fn stakeholders(&self, to: &[Mailbox]) -> Vec<PrefilledStakeholder> {
        let is_recipient =
            |one: &ProspectPerson<'_>| to.iter().any(|other| other.address == one.mailbox.address);
        let (first, rest): (Vec<_>, Vec<_>) = self.people.iter().partition(|one| is_recipient(one));
        let named = first.into_iter().chain(rest).filter(|one| !one.mailbox.name.is_empty());
        named.take(MOST_STAKEHOLDERS).map(|one| self.stakeholder(one)).collect()
    }

    fn stakeholder(&self, one: &ProspectPerson<'_>) -> PrefilledStakeholder {
        let name = one.mailbox.name.clone();
        let (title, source) = match (&one.title, one.last) {
            (Some((title, mail)), _) if mail.is_forwarded => {
                (title.clone(), "title from the signature in the mail that you forwarded".to_owned())
            }
            (Some((title, mail)), _) => {
                (title.clone(), format!("title from the signature of {}", self.day(mail.at)))
            }
            (None, Some(_)) => (String::new(), "from mail; no signature has a title".to_owned()),
            (None, None) => (String::new(), "from the invitation".to_owned()),
        };
        let note = format!("{name}: {source}.");
        PrefilledStakeholder { name, title, note }
    }

    fn competitor(&self) -> Option<PrefilledLine> {
        let named = competitors(self.competitors, self.mails);
        let value = named.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        let note =
            |mail: &SeenMail, sentence: &str| format!("From {}: {}", self.whose(mail), in_quotes(sentence));
        let notes: Vec<String> = named.iter().map(|one| note(one.mail, &one.sentence)).collect();
        (!value.is_empty()).then_some(PrefilledLine { value, notes })
    }
}

fn in_quotes(text: &str) -> String {
    let text = one_line(text);
    let cut: String = text.chars().take(LONGEST_QUOTED).collect();
    let dots = if cut.len() < text.len() { "\u{2026}" } else { "" };
    format!("\u{201c}{cut}{dots}\u{201d}")
}

/// `, "Reporting"`; nothing where there is no subject.
fn quoted(subject: &str) -> String {
    if one_line(subject).is_empty() { String::new() } else { format!(", {}", in_quotes(subject)) }
}
