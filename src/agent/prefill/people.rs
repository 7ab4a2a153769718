//! The prospect's people as mail shows them: their names, and the titles in their signatures.
//!
//! A name is what the newest mail of theirs has before the address, else the signature's, else what an invitation calls
//! them. Known limit: a
//! mailbox that several people write from is one person.

use crate::domain::message::{Address, Mailbox};
use crate::language::{Role, is_word};
use crate::mail::text::VisitingCard;
use crate::record::one_line;

use super::conversation::SeenMail;
use super::named::NamedProspect;

/// Somebody at the prospect's.
#[derive(Clone, Debug)]
pub(super) struct ProspectPerson<'m> {
    pub mailbox: Mailbox,
    /// The newest mail that they wrote themselves.
    pub last: Option<&'m SeenMail>,
    /// Their title, and the mail whose signature says it.
    pub title: Option<(String, &'m SeenMail)>,
}

/// Everybody at the prospect's who wrote, the last first, then who is a guest of the meeting.
pub(super) fn people<'m>(
    prospect: &NamedProspect,
    mails: &'m [SeenMail],
    guests: &[Mailbox],
) -> Vec<ProspectPerson<'m>> {
    let mut people: Vec<ProspectPerson<'m>> = Vec::new();
    for mail in mails.iter().rev().filter(|mail| mail.is_human) {
        let Some(author) = mail.prospect() else { continue };
        let place = people.iter().position(|one| one.mailbox.address == author.address);
        let place = place.unwrap_or_else(|| {
            let mailbox = Mailbox { name: String::new(), address: author.address.clone() };
            people.push(ProspectPerson { mailbox, last: Some(mail), title: None });
            people.len() - 1
        });
        let Some(person) = people.get_mut(place) else { continue };
        if person.mailbox.name.is_empty() {
            person.mailbox.name = person_name(&author.name, &author.address);
        }
        let card = VisitingCard::new(&mail.text, &mail.extras, &prospect.domain);
        if person.mailbox.name.is_empty() {
            person.mailbox.name =
                card.name(author.address.local()).map(|name| one_line(&name)).unwrap_or_default();
        }
        if person.title.is_none() {
            let name = if person.mailbox.name.is_empty() { &author.name } else { &person.mailbox.name };
            person.title = card.title(name).map(|title| (one_line(&title), mail));
        }
    }
    for guest in guests.iter().filter(|guest| prospect.has(&guest.address)) {
        match people.iter_mut().find(|one| one.mailbox.address == guest.address) {
            Some(known) if known.mailbox.name.is_empty() => known.mailbox.name.clone_from(&guest.name),
            Some(_) => {}
            None => people.push(ProspectPerson { mailbox: guest.clone(), last: None, title: None }),
        }
    }
    people.retain(|person| !is_word(Role::UnreadAddresses, person.mailbox.address.local()));
    people
}

/// How the company writes its name, and the mail that says so: the newest signature that has it.
pub(super) fn company<'m>(prospect: &NamedProspect, mails: &'m [SeenMail]) -> Option<(String, &'m SeenMail)> {
    mails.iter().rev().filter(|mail| mail.is_human && mail.prospect().is_some()).find_map(|mail| {
        let card = VisitingCard::new(&mail.text, &mail.extras, &prospect.domain);
        Some((one_line(&card.company()?), mail))
    })
}

/// A display name as a person is called: `Sarah Lee` of `"Lee, Sarah (Acme)"`; empty where it is an address.
pub(super) fn person_name(written: &str, address: &Address) -> String {
    let name = one_line(written).replace(['"', '<', '>', '|'], "");
    let name = name.split(['(', '[']).next().unwrap_or_default();
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '*' | ',' | ';'));
    if name.contains('@') || name.eq_ignore_ascii_case(address.local()) && name.contains(['.', '_']) {
        return String::new();
    }
    match name.split_once(',') {
        Some((family, given))
            if !given.contains(',')
                && (1..=3).contains(&family.split_whitespace().count())
                && (1..=3).contains(&given.split_whitespace().count())
                && !is_suffix(given.trim()) =>
        {
            format!("{} {}", given.trim(), family.trim())
        }
        _ => name.to_owned(),
    }
}

/// `Jr.`, `PhD`, `MBA`: no given name.
fn is_suffix(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    letters.chars().count() <= 4 && (text.ends_with('.') || letters.chars().skip(1).any(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_as_people_call_them() {
        let address = Address::new("sarah.lee@acme.example").unwrap();
        for (written, name) in [
            ("Sarah Lee", "Sarah Lee"),
            ("Lee, Sarah", "Sarah Lee"),
            ("\"Lee, Sarah (Acme)\"", "Sarah Lee"),
            ("Sarah Lee [Acme]", "Sarah Lee"),
            ("'Sarah Lee'", "Sarah Lee"),
            ("van der Berg, Sarah", "Sarah van der Berg"),
            ("Sarah Lee, PhD", "Sarah Lee, PhD"),
            ("James Ortiz, Jr.", "James Ortiz, Jr."),
            ("sarah.lee@acme.example", ""),
            ("sarah.lee", ""),
            ("Sarah\u{202e} | Lee\n", "Sarah Lee"),
            ("", ""),
        ] {
            assert_eq!(person_name(written, &address).replace("  ", " "), name, "{written}");
        }
    }
}
