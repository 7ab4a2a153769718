//! The session, and the one way in which a command is run on it.
//!
//! `exec` writes a command, reads to its own tag, checks the status and hands every untagged answer on
//! the way to the caller. The connection is taken out of the session while a command runs and put back
//! only when its tag was read: an error, a time-out or a dropped future leaves nothing behind that a
//! later command could mistake for its own answer.

use std::{collections::HashSet, fmt, time::Duration};

use secrecy::zeroize::Zeroizing;
use tokio::time::timeout;

use super::{
    command::Command,
    error::ImapError,
    folder::FolderName,
    grammar::{ReplyStatus, ServerAnswer, code, numbers, words},
    quirk::Quirks,
    wire::Wire,
};
use crate::tls::later::means_later;

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
    /// The server knows who we are (RFC 2971).
    pub(super) has_named_itself: bool,
    /// The server announces ID, before the login or after it.
    pub(super) offers_id: bool,
    /// What this server's SEARCH was found to be worth.
    pub(super) search_trust: super::search::SearchTrust,
    /// The server does not give single header fields.
    pub(super) wants_whole_headers: bool,
    /// It gives messages in pieces (RFC 3501 section 6.4.5), as far as is known.
    pub(super) gives_pieces: bool,
    looked_at: HashSet<FolderName>,
    /// What is given back when the session ends.
    kept: Vec<Box<dyn Kept>>,
}

/// Something that lives as long as a session.
trait Kept: fmt::Debug + Send + Sync {}
impl<T: fmt::Debug + Send + Sync> Kept for T {}

impl fmt::Debug for ImapSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("alive", &self.is_alive()).finish_non_exhaustive()
    }
}

impl ImapSession {
    pub(super) async fn over(
        link: LiveConnection,
        announced: AnnouncedCapabilities,
        timeouts: CommandTimeouts,
        quirks: Quirks,
    ) -> Result<Self, ImapError> {
        let offers_id = announced.before.contains("ID");
        let mut session = Self {
            link: Some(link),
            timeouts,
            capabilities: announced.with_login,
            quirks,
            has_named_itself: false,
            offers_id,
            search_trust: super::search::SearchTrust::default(),
            wants_whole_headers: false,
            gives_pieces: true,
            looked_at: HashSet::new(),
            kept: Vec::new(),
        };
        if session.capabilities.is_empty() {
            session.capabilities = match session.ask_capabilities().await {
                // What it does not say is what it said before, if anything.
                Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => announced.before,
                asked => asked?,
            };
        }
        session.offers_id |= session.can("ID");
        if quirks.wants_id && session.offers_id {
            session.name_itself().await?;
        }
        Ok(session)
    }

    /// Whether a refusal may end once the server knows by what name we go (RFC 2971): NetEase and its customers' servers
    /// serve nobody without one, whether they announce ID or not.
    pub(super) fn wants_a_name(&self, refusal: &ImapError) -> bool {
        let says_so = || refusal.to_string().to_ascii_lowercase().contains("unsafe login");
        let is_refusal = matches!(
            refusal,
            ImapError::FolderMissing { .. } | ImapError::Refused { .. } | ImapError::Misunderstood { .. }
        );
        is_refusal && !self.has_named_itself && (self.offers_id || says_so())
    }

    pub(super) async fn name_itself(&mut self) -> Result<(), ImapError> {
        self.has_named_itself = true;
        match self.exec_through_bad(self.command("ID", r#"ID ("name" "baton")"#), |_| {}).await {
            // Who does not want to know, need not.
            Ok(_) | Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    // Asked after the login, since what was said before it is the server's offer to strangers.
    async fn ask_capabilities(&mut self) -> Result<HashSet<String>, ImapError> {
        let mut found = HashSet::new();
        self.exec_through_bad(self.command("CAPABILITY", "CAPABILITY"), |answer| {
            if let ServerAnswer::Capability(list) = answer {
                found.extend(capabilities(list));
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

    /// Ends the connection: there is no more to be had from this server.
    pub(super) fn give_up(&mut self) {
        self.link = None;
    }

    /// Whether messages came or went, as far as the server says so when it is asked for nothing else.
    pub(crate) async fn has_come(&mut self) -> Result<bool, ImapError> {
        self.exec(self.command("NOOP", "NOOP"), |_| {}).await?;
        Ok(self.has_news())
    }

    /// The longest IDLE that this provider bears.
    pub(crate) fn longest_idle(&self) -> Duration {
        self.quirks.idle_at_most
    }

    /// Keeps something for as long as the session lives.
    pub(crate) fn keep(&mut self, what: impl fmt::Debug + Send + Sync + 'static) {
        self.kept.push(Box::new(what));
    }

    /// Runs a command to its tag. `on` sees every untagged answer on the way, those that have nothing to
    /// do with the command among them.
    ///
    /// NO is `Refused` and leaves the session alive, unless it means "later"; everything else ends it.
    pub(super) async fn exec(
        &mut self,
        command: Command,
        on: impl FnMut(&ServerAnswer<'_>) + Send,
    ) -> Result<TaggedReply, ImapError> {
        let outcome = self.exec_through_bad(command, on).await;
        if let Err(ImapError::Misunderstood { .. }) = &outcome {
            self.give_up();
        }
        outcome
    }

    /// The same, where BAD may be no more than the server's ignorance of what is optional: the connection is still in
    /// step, and the session goes on.
    pub(super) async fn exec_through_bad(
        &mut self,
        command: Command,
        on: impl FnMut(&ServerAnswer<'_>) + Send,
    ) -> Result<TaggedReply, ImapError> {
        let outcome = self.exec_through_no(command, on).await;
        match outcome {
            Err(ImapError::Refused { text, .. } | ImapError::Misunderstood { text, .. })
                if means_later(&text) =>
            {
                self.give_up();
                Err(ImapError::Temporary { text })
            }
            outcome => outcome,
        }
    }

    /// The same, where a NO that means "later" may be meant for this command alone.
    pub(super) async fn exec_through_no(
        &mut self,
        command: Command,
        on: impl FnMut(&ServerAnswer<'_>) + Send,
    ) -> Result<TaggedReply, ImapError> {
        let what = command.what;
        let mut link = self.borrow_link(what)?;
        let reply = timeout(command.total, link.run(command, self.timeouts.silence, on))
            .await
            .unwrap_or(Err(ImapError::Timeout { what }))?;
        self.give_back(link);
        match reply.status {
            CommandStatus::Ok => Ok(reply),
            CommandStatus::No => Err(ImapError::Refused { command: what, text: reply.text }),
            CommandStatus::Bad => Err(ImapError::Misunderstood { command: what, text: reply.text }),
        }
    }

    /// Whether this session asks for this folder for the first time.
    pub(crate) fn is_first_look(&mut self, folder: &FolderName) -> bool {
        self.looked_at.insert(folder.clone())
    }

    /// Whether whole headers are asked for in any case.
    pub(crate) fn gives_whole_headers(&self) -> bool {
        self.wants_whole_headers
    }

    /// From now on whole headers are asked for, also where single fields would do.
    pub(crate) fn want_whole_headers(&mut self) {
        self.wants_whole_headers = true;
    }

    /// From now on messages are asked for as a whole.
    pub(crate) fn want_no_pieces(&mut self) {
        self.gives_pieces = false;
    }

    /// How many messages the server last said are in the open folder.
    pub(crate) fn known_exists(&self) -> Option<u32> {
        self.link.as_ref().and_then(|link| link.exists)
    }

    /// Says goodbye. Never fails: there is nothing to be done about it.
    pub async fn logout(mut self) {
        let logout = Command::new("LOGOUT", "LOGOUT".to_owned(), self.timeouts.idle_done);
        let _ = self.exec(logout, |_| {}).await;
    }
}

/// What a server said that it can.
#[derive(Debug)]
pub(super) struct AnnouncedCapabilities {
    /// To strangers.
    pub(super) before: HashSet<String>,
    /// With its answer to the login; mostly nothing.
    pub(super) with_login: HashSet<String>,
}

/// Upper-case names out of a list of capabilities.
pub(super) fn capabilities(list: &[u8]) -> HashSet<String> {
    String::from_utf8_lossy(list).split_whitespace().map(str::to_uppercase).collect()
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
    pub(super) wire: Wire,
    pub(super) bye_text: Option<String>,
    /// Messages came or went since the last look.
    pub(super) news: bool,
    /// The number of messages in the open folder, as last announced.
    pub(super) exists: Option<u32>,
    tags: u32,
}

impl LiveConnection {
    pub(super) fn new(wire: Wire) -> Self {
        Self { wire, bye_text: None, news: false, exists: None, tags: 0 }
    }

    pub(super) async fn run(
        &mut self,
        command: Command,
        silence: Duration,
        mut on: impl FnMut(&ServerAnswer<'_>) + Send,
    ) -> Result<TaggedReply, ImapError> {
        let what = command.what;
        let mut lines = command.lines().into_iter();
        let tag = self.begin(what, &lines.next().unwrap_or_default()).await?;
        loop {
            let step = timeout(silence, self.step(what, &tag, &mut on));
            match step.await.unwrap_or(Err(ImapError::Timeout { what }))? {
                ResponseStep::Untagged => {}
                ResponseStep::Done(reply) => return Ok(reply),
                ResponseStep::Continue(_) => {
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
    pub(super) async fn begin(&mut self, what: &'static str, line: &[u8]) -> Result<String, ImapError> {
        self.tags += 1;
        let tag = format!("A{:04}", self.tags);
        let bytes = Zeroizing::new([tag.as_bytes(), b" ", line, b"\r\n"].concat());
        self.wire.write(&bytes).await.map_err(|_| self.closed(what))?;
        Ok(tag)
    }

    /// Sends a further line, without a tag.
    pub(super) async fn write(&mut self, what: &'static str, line: &[u8]) -> Result<(), ImapError> {
        let bytes = Zeroizing::new([line, b"\r\n"].concat());
        self.wire.write(&bytes).await.map_err(|_| self.closed(what))
    }

    /// Reads one answer; an untagged one goes to `on`. The future may be dropped while it waits without
    /// losing anything.
    pub(super) async fn step(
        &mut self,
        what: &'static str,
        tag: &str,
        on: &mut (impl FnMut(&ServerAnswer<'_>) + Send),
    ) -> Result<ResponseStep, ImapError> {
        self.step_among(what, &[tag], on).await.map(|(_, step)| step)
    }

    /// The same while several commands are under way; with a tagged answer comes the place of its tag.
    pub(super) async fn step_among(
        &mut self,
        what: &'static str,
        tags: &[&str],
        on: &mut (impl FnMut(&ServerAnswer<'_>) + Send),
    ) -> Result<(usize, ResponseStep), ImapError> {
        let place = match self.wire.answer().await {
            Ok(Some(place)) => place,
            // Our own bounds are `Other`.
            Err(error) if error.kind() == std::io::ErrorKind::Other => {
                return Err(ImapError::Protocol { what });
            }
            Ok(None) | Err(_) => return Err(self.closed(what)),
        };
        let answer = ServerAnswer::read(self.wire.bytes(&place));
        let step = match &answer {
            ServerAnswer::Continue(text) => Ok((0, ResponseStep::Continue(text.to_vec()))),
            ServerAnswer::Tagged { tag: found, status, text } => {
                match tags.iter().position(|tag| *found == tag.as_bytes()) {
                    Some(place) => reply(what, *status, text).map(|reply| (place, ResponseStep::Done(reply))),
                    // Another command's tag: we and the server no longer talk about the same thing.
                    None => Err(ImapError::Protocol { what }),
                }
            }
            untagged => {
                note(untagged, &mut self.exists, &mut self.news, &mut self.bye_text);
                on(untagged);
                Ok((0, ResponseStep::Untagged))
            }
        };
        self.wire.consume();
        step
    }

    pub(super) fn closed(&mut self, what: &'static str) -> ImapError {
        match self.bye_text.take() {
            Some(text) if means_later(&text) => ImapError::Temporary { text },
            text => ImapError::Closed { what, text },
        }
    }
}

/// What counts whatever command it comes with. A number of messages that is repeated is no news: some servers say it at
/// the beginning of each IDLE.
fn note(
    untagged: &ServerAnswer<'_>,
    exists: &mut Option<u32>,
    news: &mut bool,
    bye_text: &mut Option<String>,
) {
    match untagged {
        ServerAnswer::Condition { status: ReplyStatus::Bye, text } => *bye_text = Some(words(text)),
        ServerAnswer::Condition { text, .. } if text.to_ascii_uppercase().starts_with(b"[ALERT]") => {
            tracing::warn!(text = words(text), "the mail server has a message");
        }
        ServerAnswer::Exists(count) => {
            *news |= *exists != Some(*count);
            *exists = Some(*count);
        }
        ServerAnswer::Removed => {
            *news = true;
            *exists = exists.map(|count| count.saturating_sub(1));
        }
        _ => {}
    }
}

/// One answer, as far as the protocol's flow goes.
#[derive(Debug)]
pub(super) enum ResponseStep {
    Untagged,
    /// What stands behind the `+`.
    Continue(Vec<u8>),
    Done(TaggedReply),
}

fn reply(what: &'static str, status: ReplyStatus, text: &[u8]) -> Result<TaggedReply, ImapError> {
    let status = match status {
        ReplyStatus::Ok => CommandStatus::Ok,
        ReplyStatus::No => CommandStatus::No,
        ReplyStatus::Bad => CommandStatus::Bad,
        ReplyStatus::Bye | ReplyStatus::PreAuth => return Err(ImapError::Protocol { what }),
    };
    let append_uid = code(text).filter(|(name, _)| name == "APPENDUID").and_then(|(_, arguments)| {
        let mut found = numbers(arguments);
        found.next().zip(found.next())
    });
    Ok(TaggedReply { status, text: words(text), append_uid })
}
