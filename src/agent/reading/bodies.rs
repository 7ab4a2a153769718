//! Texts of messages that matter: fetched several at a time, taken apart, committed.
//!
//! Where a body cannot be had the messages that were asked for with it are asked for one by one, which shows which it is.

use crate::domain::letter::Letter;
use crate::domain::message::{CopyPlace, MessageBody};
use crate::imap::{self, ImapError, ImapSession};
use crate::mail::LetterText;
use crate::store::{ReadTransaction, Result as Stored, TRIES, ThreadKeys, message_identity};

use super::super::AgentError;
use super::super::app::{read_letter_text, read_message};
use super::super::interest::{self, Claims, Interest};
use super::super::letters::recognise::{self, LetterPlace};
use super::super::returned_mail;
use super::{FolderReading, KeptMessage};

/// How much of a message is read, in bytes.
const LONGEST: u32 = 2 << 20;

/// Stands for a text that a server cannot hand out.
const NOT_READ: &str = "(its text could not be read)";

/// Messages that are committed together.
pub(super) const BATCH: usize = 100;
/// Bodies that lie side by side in memory, in bytes and in number.
const BODIES_BYTES: u64 = 2 << 20;
const BODIES: usize = 48;

/// Whether the database has to say if a closed handoff claims it: what an open one only looks at or remembers may answer a
/// closed one's mail, since people have several.
pub(super) fn may_be_of_closed(message: &KeptMessage) -> bool {
    match message.interest {
        Interest::Ask => true,
        Interest::Probe | Interest::Remember => interest::cites_anything(&message.headers),
        Interest::Claim | Interest::None => false,
    }
}

/// Leaves out what no open handoff claims and, as the database says, no closed one either.
pub(super) fn leave_out_unclaimed(
    found: Vec<KeptMessage>,
    tx: &ReadTransaction<'_>,
) -> Stored<Vec<KeptMessage>> {
    let mut claimed = Vec::new();
    for mut message in found {
        if may_be_of_closed(&message) {
            message.interest = match (message.interest, interest::of_closed(&message.headers, tx)?) {
                (_, Interest::Claim) => Interest::Claim,
                (Interest::Ask, _) => Interest::None,
                (known, _) => known,
            };
        }
        if message.interest != Interest::None || message.may_be_letter {
            claimed.push(message);
        }
    }
    Ok(claimed)
}

impl FolderReading<'_> {
    /// Fetches the bodies that matter and commits, batch by batch.
    pub(super) async fn fetch_and_commit(
        &mut self,
        session: &mut ImapSession,
        found: Vec<KeptMessage>,
        claims: &Claims,
    ) -> Result<(), AgentError> {
        let found = self.without_unclaimed(found).await?;
        let found = self.with_answers_by_id(found).await?;
        let mut known = self.known_with_body(&found).await?.into_iter();
        let mut batch = Vec::new();
        let mut wanted = Vec::new();
        let mut bytes = 0;
        for message in found {
            let is_known = known.next().unwrap_or(false);
            let is_needed = message.interest != Interest::Remember || message.may_be_letter;
            if is_known || !is_needed {
                batch.push(message);
            } else {
                bytes += u64::from(message.size.min(LONGEST));
                wanted.push(message);
            }
            if wanted.len() >= BODIES || bytes >= BODIES_BYTES {
                batch.extend(self.fetch_all(session, std::mem::take(&mut wanted), claims).await?);
                bytes = 0;
            }
            if batch.len() >= BATCH {
                self.commit(std::mem::take(&mut batch), None).await?;
            }
        }
        batch.extend(self.fetch_all(session, wanted, claims).await?);
        self.commit(batch, None).await
    }

    /// The same, where it was not done as they were sorted out.
    async fn without_unclaimed(&self, found: Vec<KeptMessage>) -> Result<Vec<KeptMessage>, AgentError> {
        if !found.iter().any(may_be_of_closed) {
            return Ok(found);
        }
        self.app.read(move |_, tx| leave_out_unclaimed(found, tx)).await
    }

    /// Finds the answers to mail of ours under an id that a provider gave it, which the store alone knows.
    async fn with_answers_by_id(&self, mut found: Vec<KeptMessage>) -> Result<Vec<KeptMessage>, AgentError> {
        let policy = &self.app.policy;
        for message in &mut found {
            message.answers_by_id =
                message.interest == Interest::Claim && recognise::may_answer_by_id(policy, &message.headers);
        }
        if !found.iter().any(|message| message.answers_by_id) {
            return Ok(found);
        }
        self.app
            .read(move |_, tx| {
                for message in found.iter_mut().filter(|message| message.answers_by_id) {
                    message.answers_by_id = recognise::answers_by_id(tx, &message.headers)?;
                    message.may_be_letter |= message.answers_by_id;
                }
                Ok(found)
            })
            .await
    }

    /// Whether a delivery report is about mail in the thread of a handoff that is closed.
    async fn is_report_to_closed(&self, body: &MessageBody) -> Result<bool, AgentError> {
        let keys = ThreadKeys::of_report(body);
        if keys.is_empty() { Ok(false) } else { self.app.read(move |_, tx| tx.is_claimed(&keys)).await }
    }

    /// Which of these have their text already.
    async fn known_with_body(&self, found: &[KeptMessage]) -> Result<Vec<bool>, AgentError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<CopyPlace> = found.iter().map(|one| one.copy.place.clone()).collect();
        self.app
            .read(move |_, tx| {
                let mut known = Vec::with_capacity(places.len());
                for place in &places {
                    known.push(tx.message_at(place)?.map_or(Ok(false), |seq| tx.has_body(seq))?);
                }
                Ok(known)
            })
            .await
    }

    /// Fetches the bodies of these, several in one round trip. What is gone, set aside or nobody's is left out.
    async fn fetch_all(
        &mut self,
        session: &mut ImapSession,
        messages: Vec<KeptMessage>,
        claims: &Claims,
    ) -> Result<Vec<KeptMessage>, AgentError> {
        let uids: Vec<u32> = messages.iter().map(|one| one.copy.place.uid).collect();
        let readable = self.not_set_aside(&uids).await?;
        let together: Vec<u32> =
            readable.uids.iter().copied().filter(|uid| !readable.stumbled_over.contains(uid)).collect();
        let mut bodies = match session.bodies(&together, LONGEST).await {
            Ok(bodies) => bodies,
            // One by one it shows which it is.
            Err(error) if error.leaves_the_session() => Vec::new(),
            Err(error) => {
                if together.len() > 1 {
                    self.note_tried_together(&together, &error).await?;
                } else if let Some(uid) = together.first() {
                    self.poison(self.place(*uid), error.to_string()).await?;
                }
                return self.named(Err(error));
            }
        };
        let mut kept = Vec::new();
        for mut message in messages {
            let uid = message.copy.place.uid;
            let came = bodies.iter().position(|(one, _)| *one == uid).map(|at| bodies.swap_remove(at).1);
            let is_there = match came {
                Some(body) => self.understand(&mut message, body, claims).await?,
                None => self.fetch(session, &mut message, claims).await?,
            };
            let is_kept =
                message.interest != Interest::None || message.letter.is_some() || message.report.is_some();
            if is_there && is_kept {
                kept.push(message);
            }
        }
        Ok(kept)
    }

    /// Fetches one body. False: the message is gone or set aside.
    async fn fetch(
        &self,
        session: &mut ImapSession,
        message: &mut KeptMessage,
        claims: &Claims,
    ) -> Result<bool, AgentError> {
        let place = message.copy.place.clone();
        let tries = self.app.read(move |_, tx| tx.poisoned(&place)).await?;
        if tries >= self.tries_allowed {
            return self.by_header_alone(session, message).await;
        }
        self.is_it_the_message(session, message.copy.place.uid, tries).await?;
        match session.body(message.copy.place.uid, LONGEST).await {
            Ok(body) => {
                if tries >= TRIES {
                    self.no_longer_set_aside(message.copy.place.clone()).await?;
                }
                self.understand(message, body, claims).await
            }
            Err(error) => {
                let reason = error.to_string();
                let lost = self.named::<bool>(Err(error));
                self.poison(message.copy.place.clone(), reason).await?;
                lost
            }
        }
    }

    /// Of a message that was set aside the header says who wrote to whom, and whether a program did. Nobody is accused
    /// because a server cannot hand out the text of what they have sent. False: it is nobody's.
    async fn by_header_alone(
        &self,
        session: &mut ImapSession,
        message: &mut KeptMessage,
    ) -> Result<bool, AgentError> {
        if message.interest != Interest::Claim {
            return Ok(false);
        }
        let uid = message.copy.place.uid;
        let mut header = Vec::new();
        let asked = session
            .headers(uid, Some(uid), |item| {
                if item.uid == uid {
                    header = item.header;
                }
            })
            .await;
        match asked {
            Ok(()) => {}
            Err(ImapError::Refused { .. }) => return Ok(true),
            Err(error) => return self.named(Err(error)),
        }
        if header.is_empty() {
            return Ok(true);
        }
        let (_, body) = read_message(&self.folder.account, header, self.options.clone()).await?;
        let has_text = !body.author_text.trim().is_empty();
        let author_text = if has_text { body.author_text.clone() } else { NOT_READ.to_owned() };
        message.body = Some(MessageBody { author_text, ..body });
        Ok(true)
    }

    fn letter(&self, message: &KeptMessage, body: &MessageBody, text: LetterText) -> Option<Letter> {
        let copy = &message.copy;
        let at = copy.internal_date.min(self.app.now());
        let identity = message_identity(&message.headers);
        let answers_by_id = message.answers_by_id;
        let place = LetterPlace { identity, at, is_sent: copy.is_sent, answers_by_id };
        recognise::letter(&self.app.policy, &message.headers, body, text, place)
    }

    /// Takes a body apart. False: there is none any more.
    async fn understand(
        &self,
        message: &mut KeptMessage,
        body: imap::FetchedBody,
        claims: &Claims,
    ) -> Result<bool, AgentError> {
        let bytes = match body {
            imap::FetchedBody::Whole(bytes) | imap::FetchedBody::Cut(bytes) => bytes,
            imap::FetchedBody::Gone => return Ok(false),
        };
        let letter = match message.may_be_letter {
            true => Some(read_letter_text(&self.folder.account, bytes.clone()).await?),
            false => None,
        };
        let (headers, body) = match read_message(&self.folder.account, bytes, self.options.clone()).await {
            Err(error @ AgentError::ParserPanicked { .. }) => {
                self.poison(message.copy.place.clone(), error.to_string()).await?;
                return Err(error);
            }
            outcome => outcome?,
        };
        message.headers = headers;
        if message.interest == Interest::Probe {
            message.interest = interest::of_body(&message.headers, &body, claims);
            if message.interest != Interest::Claim && self.is_report_to_closed(&body).await? {
                message.interest = Interest::Claim;
            }
        }
        if let Some(text) = letter {
            message.letter = self.letter(message, &body, text);
        }
        message.report = returned_mail::reported(&message.headers, &body, message.copy.internal_date);
        message.body = (message.interest == Interest::Claim).then_some(body);
        Ok(true)
    }
}
