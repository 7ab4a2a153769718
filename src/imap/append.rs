//! APPEND: a copy of our own mail into a folder, and that folder where there is none: all that baton ever
//! writes into a mailbox.

use chrono::{DateTime, FixedOffset};

use super::{error::ImapError, exec::ImapSession, folder::FolderName};

/// Where an appended copy ended up, as far as the server says (RFC 4315).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    At { uid_validity: u32, uid: u32 },
    Somewhere,
}

impl ImapSession {
    /// Makes `folder`. It is there afterwards, also where somebody else was faster.
    pub(crate) async fn create(&mut self, folder: &FolderName) -> Result<(), ImapError> {
        let command = self.command("CREATE", "CREATE ").string(folder.wire())?;
        match self.exec(command, |_| {}).await {
            Ok(_) => {}
            Err(ImapError::Refused { text, .. }) if is_there_already(&text) => {}
            // RFC 5530's code for it reads like `later` elsewhere.
            Err(ImapError::Temporary { text }) if is_there_already(&text) => {}
            Err(error) => return Err(error),
        }
        // Mail programs list the folders that are subscribed to; who does not, loses nothing by it.
        let command = self.command("SUBSCRIBE", "SUBSCRIBE ").string(folder.wire())?;
        match self.exec_through_bad(command, |_| {}).await {
            Ok(_) | Err(ImapError::Misunderstood { .. }) => Ok(()),
            Err(error) if error.leaves_the_session() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Adds `message` (CRLF line ends) to `folder`, marked \Seen if `seen`; its INTERNALDATE is `date`, or
    /// now. The folder need not be open.
    ///
    /// After any error but `FolderMissing`, `Refused` and `BadArgument` the copy may be there all the same:
    /// search for its Message-ID before another attempt.
    pub async fn append(
        &mut self,
        folder: &FolderName,
        message: &[u8],
        seen: bool,
        date: Option<DateTime<FixedOffset>>,
    ) -> Result<Appended, ImapError> {
        let mut command = self.transfer("APPEND", "APPEND ").string(folder.wire())?;
        if seen {
            command = command.text(" (\\Seen)");
        }
        if let Some(date) = date {
            command = command.text(&date.format(" \"%d-%b-%Y %H:%M:%S %z\"").to_string());
        }
        let command = command.text(" ").literal(message.to_vec());
        let reply = self.exec(command, |_| {}).await.map_err(|error| folder.missing_if_refused(error))?;
        Ok(match reply.append_uid {
            Some((uid_validity, uid)) => Appended::At { uid_validity, uid },
            None => Appended::Somewhere,
        })
    }
}

fn is_there_already(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("[alreadyexists]") || text.contains("already exists")
}
