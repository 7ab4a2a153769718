//! One private warning for each message to the prospect that holds internal talk: a link into or a paste from a
//! team chat, or a thread below that nobody outside had part in. docs/behaviour.md section 12.

use chrono::{DateTime, Utc};

use super::super::super::mails::{MailBrief, MailKind, Voice, WantedMail};
use super::super::super::message::{Address, Mailbox};
use super::super::super::people::Person;
use super::super::correspondence::Correspondence;
use super::super::participants::mailbox;
use super::super::row::MessageRow;
use super::super::rows::Rows;
use super::super::seen_message::SeenMessage;
use super::draft::MailDraft;
use super::readers::Readers;

#[derive(Debug)]
pub(super) struct ChatterMails<'a> {
    pub readers: Readers<'a>,
    pub mail: &'a Correspondence,
    pub rows: &'a Rows,
    pub handed_over: Option<DateTime<Utc>>,
    /// Messages that brought a record to a prospect contact; of those that is said and nothing else.
    pub brought: &'a [&'a SeenMessage],
}

impl ChatterMails<'_> {
    pub(crate) fn add_to(&self, mails: &mut Vec<Option<WantedMail>>) {
        let reach_prospect = self.mail.seen.iter().filter(|seen| {
            !seen.is_batons
                && seen.is_human()
                && self.handed_over.is_some_and(|since| seen.at >= since)
                && !self.mail.prospects_among(seen).is_empty()
                && !self.brought.iter().any(|leak| leak.name() == seen.name())
        });
        mails.extend(reach_prospect.map(|seen| self.chatter(seen)));
    }

    fn chatter(&self, seen: &SeenMessage) -> Option<WantedMail> {
        let directory = self.readers.participants.directory;
        let author = seen.from()?;
        let mut rows = self.rows.of(self.mail);
        let forged = rows.any(|(one, row)| *row == MessageRow::Suspicious && one.name() == seen.name());
        if forged || !directory.is_person(&author.address) {
            return None;
        }
        let found = self.internal_talk(seen)?;
        let brief = MailBrief::Chatter { at: seen.at, found };
        let owner = directory.owner(&author.address).and_then(|name| directory.person(name));
        let reader = owner.or_else(|| self.readers.participants.ae_person());
        MailDraft::new(MailKind::Chatter, seen.name().to_owned(), Voice::Agent, brief)
            .to(Some(own_address(author, owner)))
            .not_before(self.readers.working_hours(reader))
            .done()
    }

    /// A link into or a paste from a team chat, or a thread below that nobody outside had part in.
    fn internal_talk(&self, seen: &SeenMessage) -> Option<String> {
        let body = seen.body()?;
        if let Some(paste) = &body.chat_paste {
            return Some(paste.clone());
        }
        let inside = |address: &Address| {
            self.readers.participants.directory.is_colleague(address) && !self.mail.is_prospect(address)
        };
        let quoted = body.quoted_mails.iter().find(|quoted| {
            !quoted.from.is_empty()
                && !quoted.to.is_empty()
                && quoted.from.iter().chain(&quoted.to).all(inside)
        });
        if let Some(quoted) = quoted {
            let from: Vec<&str> = quoted.from.iter().map(Address::as_str).collect();
            return Some(format!("the mail below from {}", from.join(", ")));
        }
        if body.quoted_text.is_empty() {
            return None;
        }
        let squash = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let below = squash(&body.quoted_text);
        let is_quoted = |other: &&SeenMessage| {
            let is_internal = !other.is_batons
                && other.is_human()
                && other.headers().from.iter().all(|from| inside(&from.address))
                && other.recipients().all(|mailbox| inside(&mailbox.address));
            let words = || -> String { squash(other.words()).chars().take(60).collect() };
            is_internal && Some(words()).is_some_and(|it| it.chars().count() >= 10 && below.contains(&it))
        };
        let cited = self.mail.cited_by(seen).find(is_quoted)?;
        let from = cited.from()?;
        Some(format!("the mail below from {}", from.address))
    }
}

/// Where the author reads: an alias that the SDR taught is not in the configuration, its owner hears at their
/// own address.
fn own_address(author: &Mailbox, owner: Option<&Person>) -> Mailbox {
    owner
        .filter(|person| person.address != author.address && !person.aliases.contains(&author.address))
        .map_or_else(|| author.clone(), mailbox)
}
