//! Texts of messages: several at a time, in pieces under a cap.
//!
//! A message has a header, so a text without a byte is one that the server has failed to hand out, and no empty one. A
//! server that knows no pieces (RFC 3501 section 6.4.5, `<offset.length>`) is asked for all of a message at once.

use super::{
    error::ImapError,
    exec::ImapSession,
    fetch::FetchData,
    grammar::{AnswerValue, ServerAnswer},
};

/// Bodies come in pieces of this size, in bytes.
const PIECE: u32 = 512 << 10;
/// So many bodies are asked for at once at most.
const BODIES: usize = 16;

/// A message's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchedBody {
    Whole(Vec<u8>),
    /// Longer than the cap: its beginning, exactly as long as the cap.
    Cut(Vec<u8>),
    /// There is no message with this UID any more.
    Gone,
}

impl FetchedBody {
    /// All of a message that is known in full.
    fn of(mut bytes: Vec<u8>, cap: u32) -> Self {
        if bytes.len() <= cap as usize {
            return Self::Whole(bytes);
        }
        bytes.truncate(cap as usize);
        Self::Cut(bytes)
    }
}

/// What an answer says of a message whose text was asked for.
enum PieceAnswer {
    Came(Vec<u8>),
    /// The message is there; of its text nothing came.
    WithoutText,
    Nothing,
}

impl ImapSession {
    /// One message of the open folder, at most `cap` bytes of it.
    pub async fn body(&mut self, uid: u32, cap: u32) -> Result<FetchedBody, ImapError> {
        self.rest_of_body(uid, Vec::new(), cap).await
    }

    /// Several messages of the open folder, at most `cap` bytes of each, in one round trip as long as they are small.
    /// What is not in the result is not there any more, or has to be asked for alone.
    ///
    /// Memory: take no more UIDs at once than whose bodies may lie side by side.
    pub(crate) async fn bodies(
        &mut self,
        uids: &[u32],
        cap: u32,
    ) -> Result<Vec<(u32, FetchedBody)>, ImapError> {
        let mut bodies = Vec::new();
        let want = PIECE.min(cap.saturating_add(1));
        for some in uids.chunks(BODIES) {
            let set: Vec<String> = some.iter().map(ToString::to_string).collect();
            let text = format!("UID FETCH {} (UID {})", set.join(","), self.body_item(0, want));
            let mut found: Vec<(u32, Vec<u8>)> = Vec::new();
            self.exec(self.transfer("FETCH", text), |answer| {
                if let ServerAnswer::Fetch(data) = answer {
                    let data = FetchData::read(data);
                    let wanted = data.uid.filter(|uid| some.contains(uid));
                    if let (Some(uid), Some(body)) = (wanted, data.body)
                        && !found.iter().any(|(known, _)| *known == uid)
                    {
                        found.push((uid, body.bytes()));
                    }
                }
            })
            .await?;
            for (uid, piece) in found.into_iter().filter(|(_, piece)| !piece.is_empty()) {
                let goes_on = self.gives_pieces && piece.len() == want as usize;
                let body = if goes_on {
                    self.rest_of_body(uid, piece, cap).await?
                } else {
                    FetchedBody::of(piece, cap)
                };
                bodies.push((uid, body));
            }
        }
        Ok(bodies)
    }

    /// Goes on where `body` ends.
    async fn rest_of_body(
        &mut self,
        uid: u32,
        mut body: Vec<u8>,
        cap: u32,
    ) -> Result<FetchedBody, ImapError> {
        loop {
            if body.len() > cap as usize {
                return Ok(FetchedBody::of(body, cap));
            }
            let offset = u32::try_from(body.len()).unwrap_or(u32::MAX);
            // One byte more than the cap tells a message of that very length from a longer one.
            let want = PIECE.min(cap.saturating_add(1).saturating_sub(offset));
            let piece = match self.piece(uid, offset, want).await? {
                PieceAnswer::Came(piece) => piece,
                PieceAnswer::WithoutText if offset > 0 => return Ok(FetchedBody::Whole(body)),
                PieceAnswer::WithoutText => return Err(not_handed_out()),
                PieceAnswer::Nothing if offset == 0 && self.uids_shown(uid, uid).await?.contains(&uid) => {
                    return Err(not_handed_out());
                }
                PieceAnswer::Nothing => return Ok(FetchedBody::Gone),
            };
            if piece.is_empty() && offset == 0 {
                return Err(not_handed_out());
            }
            if !self.gives_pieces || piece.len() > want as usize {
                // It gives all of it, whatever it is asked for.
                return Ok(FetchedBody::of(piece, cap));
            }
            let is_last = piece.len() < want as usize;
            body.extend_from_slice(&piece);
            if is_last {
                return Ok(FetchedBody::Whole(body));
            }
        }
    }

    fn body_item(&self, offset: u32, length: u32) -> String {
        if self.gives_pieces { format!("BODY.PEEK[]<{offset}.{length}>") } else { "BODY.PEEK[]".to_owned() }
    }

    async fn piece(&mut self, uid: u32, offset: u32, length: u32) -> Result<PieceAnswer, ImapError> {
        let text = format!("UID FETCH {uid} (UID {})", self.body_item(offset, length));
        let mut answered = PieceAnswer::Nothing;
        self.exec(self.transfer("FETCH", text), |answer| {
            if let ServerAnswer::Fetch(data) = answer {
                let data = FetchData::read(data);
                if data.uid != Some(uid) {
                    return;
                }
                match (data.body.map(AnswerValue::bytes), &answered) {
                    // Past the end some servers say NIL instead of an empty string.
                    (Some(bytes), _) => answered = PieceAnswer::Came(bytes),
                    (None, PieceAnswer::Nothing) => answered = PieceAnswer::WithoutText,
                    (None, _) => {}
                }
            }
        })
        .await?;
        Ok(answered)
    }
}

/// The message is there, and the server does not give it.
fn not_handed_out() -> ImapError {
    ImapError::Refused { command: "FETCH", text: "it hands out nothing of the message".to_owned() }
}
