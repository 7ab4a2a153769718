//! The session, and the one way in which a command is run on it.
//!
//! `exec` writes a command, reads to its own tag, checks the status and hands every untagged answer on
//! the way to the caller. The connection is taken out of the session while a command runs and put back
//! only when its tag was read: an error, a time-out or a dropped future leaves nothing behind that a
//! later command could mistake for its own answer.

use std::{collections::HashSet, fmt, time::Duration};

use async_imap::imap_proto::{
    MailboxDatum, Outcome, RequestId, Response, ResponseCode, Status, rfc4315::UidSetMember,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{
    command::Command,
    error::{ImapError, means_later},
    guard::Guard,
    quirk::Quirks,
};

/// A TCP connection, with or without TLS around it.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug> Socket for S {}

pub(super) type GuardedStream = Guard<Box<dyn Socket>>;

/// How long to wait for what. All are counted monotonically from when the waiting begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandTimeouts {
    /// TCP, TLS, greeting and login, together.
    pub connect: Duration,
    /// The longest silence in the middle of a command.
    pub silence: Duration,
    /// A command from its first byte to its tag; the long ones (FETCH, SEARCH, APPEND) get `transfer`.
    pub command: Duration,
    pub transfer: Duration,
    /// From IDLE to the server's `+`.
    pub idle_start: Duration,
    /// From DONE to the tag of the IDLE.
    pub idle_done: Duration,
}

impl Default for CommandTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(60),
            silence: Duration::from_secs(60),
            command: Duration::from_secs(60),
            transfer: Duration::from_secs(600),
            idle_start: Duration::from_secs(30),
            idle_done: Duration::from_secs(15),
        }
    }
}

/// A logged-in connection to one mailbox account. Not shared: one task owns it.
pub struct ImapSession {
    link: Option<LiveConnection>,
    pub(super) timeouts: CommandTimeouts,
    pub(super) capabilities: HashSet<String>,
    pub(super) quirks: Quirks,
}

impl fmt::Debug for ImapSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("alive", &self.is_alive()).finish_non_exhaustive()
    }
}

impl ImapSession {
    pub(super) async fn over(
        session: async_imap::Session<GuardedStream>,
        timeouts: CommandTimeouts,
        quirks: Quirks,
    ) -> Result<Self, ImapError> {
        let link = LiveConnection { session, bye_text: None, news: false };
        let mut session = Self { link: Some(link), timeouts, capabilities: HashSet::new(), quirks };
        session.capabilities = session.ask_capabilities().await?;
        if quirks.wants_id && session.can("ID") {
            session.exec(session.command("ID", r#"ID ("name" "baton")"#), |_| {}).await?;
        }
        Ok(session)
    }

    // Asked after the login, since what was said before it is the server's offer to strangers.
    async fn ask_capabilities(&mut self) -> Result<HashSet<String>, ImapError> {
        let mut found = HashSet::new();
        self.exec(self.command("CAPABILITY", "CAPABILITY"), |response| {
            if let Response::Capabilities(list) = response {
                found.extend(list.iter().map(capability_name));
            }
        })
        .await?;
        Ok(found)
    }

    /// Whether the server announced this capability after the login. Upper-case, such as `IDLE`.
    pub(crate) fn can(&self, capability: &str) -> bool {
        self.capabilities.contains(capability)
    }

    /// Whether commands can still be run. False after the first error that is not just a NO.
    pub fn is_alive(&self) -> bool {
        self.link.is_some()
    }

    /// What is known of this provider beyond its capabilities.
    pub(crate) fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// Something was announced for the open folder since the last look: messages came or went.
    pub(super) fn has_news(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.news)
    }

    pub(super) fn forget_news(&mut self) {
        if let Some(link) = &mut self.link {
            link.news = false;
        }
    }

    /// A short command.
    pub(super) fn command(&self, what: &'static str, text: impl Into<String>) -> Command {
        Command::new(what, text.into(), self.timeouts.command)
    }

    /// A command whose answer or argument may be large.
    pub(super) fn transfer(&self, what: &'static str, text: impl Into<String>) -> Command {
        Command::new(what, text.into(), self.timeouts.transfer)
    }

    /// The connection, for as long as something runs on it. Put it back with `give_back` when, and only
    /// when, the command's tag has been read.
    pub(super) fn borrow_link(&mut self, what: &'static str) -> Result<LiveConnection, ImapError> {
        self.link.take().ok_or(ImapError::Closed { what, text: None })
    }

    pub(super) fn give_back(&mut self, link: LiveConnection) {
        self.link = Some(link);
    }

    /// Runs a command to its tag. `on` sees every untagged answer on the way, those that have nothing to
    /// do with the command among them.
    ///
    /// NO is `Refused` and leaves the session alive, unless it means "later"; everything else ends it.
    pub(super) async fn exec(
        &mut self,
        command: Command,
        on: impl FnMut(&Response<'_>) + Send,
    ) -> Result<TaggedReply, ImapError> {
        let what = command.what;
        let mut link = self.borrow_link(what)?;
        let reply = timeout(command.total, link.run(command, self.timeouts.silence, on))
            .await
            .unwrap_or(Err(ImapError::Timeout { what }))?;
        match reply.status {
            CommandStatus::Ok => {
                self.give_back(link);
                Ok(reply)
            }
            _ if means_later(&reply.text) => Err(ImapError::Temporary { text: reply.text }),
            CommandStatus::No => {
                self.give_back(link);
                Err(ImapError::Refused { command: what, text: reply.text })
            }
            CommandStatus::Bad => Err(ImapError::Misunderstood { command: what, text: reply.text }),
        }
    }

    /// Says goodbye. Never fails: there is nothing to be done about it.
    pub async fn logout(mut self) {
        let logout = Command::new("LOGOUT", "LOGOUT".to_owned(), self.timeouts.idle_done);
        let _ = self.exec(logout, |_| {}).await;
    }
}

fn capability_name(capability: &async_imap::imap_proto::Capability<'_>) -> String {
    use async_imap::imap_proto::Capability;
    match capability {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_uppercase()),
        Capability::Atom(name) => name.to_uppercase(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandStatus {
    Ok,
    No,
    Bad,
}

/// The tagged answer to a command.
#[derive(Debug)]
pub(super) struct TaggedReply {
    pub(super) status: CommandStatus,
    pub(super) text: String,
    /// APPENDUID (RFC 4315): UIDVALIDITY and UID.
    pub(super) append_uid: Option<(u32, u32)>,
}

/// A live connection between two commands, or inside one.
#[derive(Debug)]
pub(super) struct LiveConnection {
    session: async_imap::Session<GuardedStream>,
    bye_text: Option<String>,
    pub(super) news: bool,
}

impl LiveConnection {
    async fn run(
        &mut self,
        command: Command,
        silence: Duration,
        mut on: impl FnMut(&Response<'_>) + Send,
    ) -> Result<TaggedReply, ImapError> {
        let what = command.what;
        let mut lines = command.lines().into_iter();
        let tag = self.begin(what, lines.next().unwrap_or_default()).await?;
        loop {
            let step = timeout(silence, self.step(what, &tag, &mut on));
            match step.await.unwrap_or(Err(ImapError::Timeout { what }))? {
                ResponseStep::Untagged => {}
                ResponseStep::Done(reply) => return Ok(reply),
                ResponseStep::Continue => {
                    let Some(line) = lines.next() else {
                        return Err(ImapError::Protocol { what });
                    };
                    timeout(silence, self.write(what, &line))
                        .await
                        .unwrap_or(Err(ImapError::Timeout { what }))?;
                }
            }
        }
    }

    /// Sends the first line of a command under a new tag.
    pub(super) async fn begin(&mut self, what: &'static str, line: Vec<u8>) -> Result<RequestId, ImapError> {
        let line = String::from_utf8(line).map_err(|_| ImapError::BadArgument { what })?;
        self.session.run_command(line).await.map_err(|_| self.closed(what))
    }

    /// Sends a further line, without a tag.
    pub(super) async fn write(&mut self, what: &'static str, line: &[u8]) -> Result<(), ImapError> {
        let wire = self.session.as_mut();
        let sent = async {
            wire.write_all(line).await?;
            wire.write_all(b"\r\n").await?;
            wire.flush().await
        };
        sent.await.map_err(|_| self.closed(what))
    }

    /// Reads one answer; an untagged one goes to `on`. The future may be dropped while it waits without
    /// losing anything.
    pub(super) async fn step(
        &mut self,
        what: &'static str,
        tag: &RequestId,
        on: &mut (impl FnMut(&Response<'_>) + Send),
    ) -> Result<ResponseStep, ImapError> {
        let data = match self.session.read_response().await {
            Ok(Some(data)) => data,
            Ok(None) => return Err(self.closed(what)),
            // The parser's own errors are `Other`; their text quotes mail and stays here.
            Err(error) if error.kind() == std::io::ErrorKind::Other => {
                return Err(ImapError::Protocol { what });
            }
            Err(_) => return Err(self.closed(what)),
        };
        match data.parsed() {
            Response::Continue(_) => Ok(ResponseStep::Continue),
            done @ Response::Done { .. } => reply(what, tag, done).map(ResponseStep::Done),
            untagged => {
                self.note(untagged);
                on(untagged);
                Ok(ResponseStep::Untagged)
            }
        }
    }

    /// What counts whatever command it comes with.
    fn note(&mut self, untagged: &Response<'_>) {
        match untagged {
            Response::Data { status: Status::Bye, outcome } => self.bye_text = Some(text_of(outcome)),
            Response::Data { outcome: Outcome { code: Some(ResponseCode::Alert), information }, .. } => {
                tracing::warn!(
                    text = information.as_deref().unwrap_or_default(),
                    "the mail server has a message"
                );
            }
            Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(_))
            | Response::Expunge(_)
            | Response::Vanished { .. } => self.news = true,
            _ => {}
        }
    }

    fn closed(&mut self, what: &'static str) -> ImapError {
        match self.bye_text.take() {
            Some(text) if means_later(&text) => ImapError::Temporary { text },
            text => ImapError::Closed { what, text },
        }
    }
}

/// One answer, as far as the protocol's flow goes.
#[derive(Debug)]
pub(super) enum ResponseStep {
    Untagged,
    Continue,
    Done(TaggedReply),
}

/// The tagged answer as a reply. Another command's tag means that we and the server no longer talk about
/// the same thing.
fn reply(
    what: &'static str,
    expected: &RequestId,
    response: &Response<'_>,
) -> Result<TaggedReply, ImapError> {
    let Response::Done { tag, status, outcome } = response else {
        return Err(ImapError::Protocol { what });
    };
    if tag != expected {
        return Err(ImapError::Protocol { what });
    }
    let status = match status {
        Status::Ok => CommandStatus::Ok,
        Status::No => CommandStatus::No,
        Status::Bad => CommandStatus::Bad,
        Status::Bye | Status::PreAuth => return Err(ImapError::Protocol { what }),
    };
    let append_uid = match &outcome.code {
        Some(ResponseCode::AppendUid(validity, uids)) => uids.first().map(|uid| match uid {
            UidSetMember::Uid(uid) => (*validity, *uid),
            UidSetMember::UidRange(range) => (*validity, *range.start()),
        }),
        _ => None,
    };
    Ok(TaggedReply { status, text: text_of(outcome), append_uid })
}

/// A server's words, on one line and of bearable length. The codes that the parser has split off are put
/// back where they say something that the words may not.
pub(super) fn text_of(outcome: &Outcome<'_>) -> String {
    let code = match outcome.code {
        Some(ResponseCode::TryCreate) => "[TRYCREATE] ",
        Some(ResponseCode::Alert) => "[ALERT] ",
        _ => "",
    };
    let words = outcome.information.as_deref().unwrap_or_default();
    let words = words.chars().filter(|character| !character.is_control()).take(400);
    code.chars().chain(words).collect::<String>().trim().to_owned()
}
