//! Mail servers inside the process, for `baton demo` and for tests that need faults.
//!
//! One IMAP and one SMTP server on random ports of 127.0.0.1, real TCP without TLS, in front of one set of
//! mailboxes. Their time is the caller's: it stamps INTERNALDATE and the Received line. Everybody is a local
//! user, prospects too, and nothing leaves the process. People who are played rather than connected write
//! through [`Sandbox::submit`] and read through [`Sandbox::mailbox`].
//!
//! Known limits: those of the files below; one password for each user, which is also its OAuth2
//! token; no TLS; all state is in
//! memory.

mod faults;
mod folders;
mod headers;
mod imap;
mod mailbox;
mod sasl;
mod search;
mod smtp;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
#[cfg(test)]
use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use self::faults::InjectedFaults;
pub use self::faults::{BrokenMessage, ImapFault, SmtpFault};
pub use self::mailbox::{AcceptedMail, ProviderHabits, StoredMessage, TimeSource};
use self::mailbox::{IncomingMail, SharedState};

/// Bytes of the largest mail that is taken.
const MAX_MAIL: usize = 32 << 20;
/// Connections that a server serves at once; further ones are closed at once. Two for each of thousands of mailboxes are
/// what the benchmark of many mailboxes needs.
const MAX_SESSIONS: usize = 20_000;

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("no port of 127.0.0.1 can be listened on")]
    Listen(#[source] io::Error),
    #[error("the sandbox has no user {0}")]
    NoSuchUser(String),
    #[error("the sandbox has no folder {0}")]
    NoSuchFolder(String),
}

#[derive(Clone, Copy, Debug)]
enum Protocol {
    Imap,
    Smtp,
}

/// A listener and its sessions; they end together.
#[derive(Debug)]
struct Server {
    protocol: Protocol,
    port: u16,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Port 0 takes a random one.
    async fn start(protocol: Protocol, port: u16, shared: &Arc<SharedState>) -> Result<Self, SandboxError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(SandboxError::Listen)?;
        let port = listener.local_addr().map_err(SandboxError::Listen)?.port();
        let shared = shared.clone();
        let task = tokio::spawn(async move {
            match protocol {
                Protocol::Imap => listen(listener, shared, imap::serve).await,
                Protocol::Smtp => listen(listener, shared, smtp::serve).await,
            }
        });
        Ok(Self { protocol, port, task: Some(task) })
    }

    /// Ends the listener and every session; connections are refused once this has returned.
    async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // An error here is the abort that was asked for.
            let _aborted = task.await;
        }
    }

    async fn restart(&mut self, shared: &Arc<SharedState>) -> Result<(), SandboxError> {
        self.stop().await;
        *self = Self::start(self.protocol, self.port, shared).await?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn listen<F>(
    listener: TcpListener,
    shared: Arc<SharedState>,
    serve: fn(TcpStream, Arc<SharedState>) -> F,
) where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted && sessions.len() < MAX_SESSIONS {
                // Without delay: answers are small, and a client waits for each of them.
                let _best_effort = stream.set_nodelay(true);
                sessions.spawn(serve(stream, shared.clone()));
            },
            // How a session ended is the client's affair; here it only frees its place.
            Some(_) = sessions.join_next() => (),
        }
    }
}

/// The servers, the mailboxes behind them, and the hands of everybody who is not connected.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<SharedState>,
    imap: Server,
    smtp: Server,
}

impl Sandbox {
    /// Starts both servers; they end when the sandbox is dropped. Must be called inside a tokio runtime.
    pub async fn start(now: TimeSource) -> Result<Self, SandboxError> {
        let shared = Arc::new(SharedState::new(now));
        let imap = Server::start(Protocol::Imap, 0, &shared).await?;
        let smtp = Server::start(Protocol::Smtp, 0, &shared).await?;
        Ok(Self { shared, imap, smtp })
    }

    /// A user at a plain provider: the client keeps its own Sent copies, as with Dovecot.
    pub fn add_user(&self, address: &str, password: &str) {
        self.add_user_with(address, password, ProviderHabits::default());
    }

    pub fn add_user_with(&self, address: &str, password: &str, habits: ProviderHabits) {
        self.shared.lock().add_user(address, password, habits);
    }

    /// Mail to `alias` is delivered to `address`, which may also log in under it.
    #[cfg(test)]
    pub(crate) fn add_alias(&self, alias: &str, address: &str) {
        self.shared.lock().add_alias(alias, address);
    }

    /// A folder of the user's own, such as a filter files mail into. Does nothing for an unknown user.
    pub fn add_folder(&self, user: &str, name: &str) {
        self.shared.lock().add_folder(user, name);
    }

    /// Later logins need this password; sessions that are there go on. Does nothing for an unknown user.
    pub fn set_password(&self, user: &str, password: &str) {
        if let Some(user) = self.shared.lock().user_mut(user) {
            user.password = password.to_owned();
        }
    }

    pub fn imap_port(&self) -> u16 {
        self.imap.port
    }

    pub fn smtp_port(&self) -> u16 {
        self.smtp.port
    }

    #[cfg(test)]
    pub(crate) fn imap_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.imap.port).into()
    }

    #[cfg(test)]
    pub(crate) fn smtp_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.smtp.port).into()
    }

    /// Mail from somewhere else, into the recipients' INBOX. `from` is empty for the null return path;
    /// `authentication` the results that the receiving server writes, such as `dmarc=fail`.
    pub fn deliver(
        &self,
        from: &str,
        to: &[&str],
        raw: &[u8],
        authentication: Option<&str>,
    ) -> Result<(), SandboxError> {
        self.accept_mail(None, from, to, raw, authentication).map(drop)
    }

    /// Mail that a local user sends, as if through SMTP, with what the user's provider does to it. Gives the
    /// text of the server's answer. A client that keeps its own Sent copy appends it: [`Self::append`].
    pub fn submit(&self, login: &str, to: &[&str], raw: &[u8]) -> Result<String, SandboxError> {
        self.accept_mail(Some(login), login, to, raw, None)
    }

    fn accept_mail(
        &self,
        login: Option<&str>,
        from: &str,
        to: &[&str],
        raw: &[u8],
        authentication: Option<&str>,
    ) -> Result<String, SandboxError> {
        for address in to.iter().copied().chain(login) {
            if self.shared.lock().user(address).is_none() {
                return Err(SandboxError::NoSuchUser(address.to_owned()));
            }
        }
        let to: Vec<String> = to.iter().map(|address| (*address).to_owned()).collect();
        let raw = headers::with_crlf(raw);
        Ok(self.shared.accept(&IncomingMail {
            login,
            helo: "client.sandbox.test",
            from,
            to: &to,
            raw: &raw,
            authentication,
        }))
    }

    /// Puts a mail into a folder as it is; gives its UID. `folder` is a name or an attribute such as `\Sent`.
    pub fn append(
        &self,
        user: &str,
        folder: &str,
        raw: &[u8],
        flags: &[&str],
        internal_date: DateTime<Utc>,
    ) -> Result<u32, SandboxError> {
        let raw: Arc<[u8]> = headers::with_crlf(raw).into();
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let mut state = self.shared.lock();
        let owner = state.user_mut(user).ok_or_else(|| SandboxError::NoSuchUser(user.to_owned()))?;
        let stored = owner.store(folder, &raw, &flags, internal_date);
        drop(state);
        self.shared.notify();
        stored.map(|(_, uid)| uid).ok_or_else(|| SandboxError::NoSuchFolder(folder.to_owned()))
    }

    /// Removes a mail for good, as its owner might; connected clients hear of it.
    #[cfg(test)]
    pub(crate) fn remove(&self, user: &str, folder: &str, uid: u32) {
        let mut state = self.shared.lock();
        if let Some(folder) = state.user_mut(user).and_then(|user| user.folder_mut(folder)) {
            folder.messages.retain(|message| message.uid != uid);
        }
        drop(state);
        self.shared.notify();
    }

    /// Gives a folder another UIDVALIDITY and its mails new UIDs; sessions that have it open end with BYE.
    pub fn renumber(&self, user: &str, folder: &str) -> Result<(), SandboxError> {
        self.shared.lock().renumber(user, folder)?;
        self.shared.notify();
        Ok(())
    }

    /// Makes a folder anew, without its oldest mails: another UIDVALIDITY, and UIDs that begin with 1.
    pub fn recreate(&self, user: &str, folder: &str, without: usize) -> Result<(), SandboxError> {
        let mut state = self.shared.lock();
        if let Some(folder) = state.user_mut(user).and_then(|user| user.folder_mut(folder)) {
            let mut oldest: Vec<_> =
                folder.messages.iter().map(|mail| (mail.internal_date, mail.uid)).collect();
            oldest.sort_unstable();
            oldest.truncate(without);
            folder.messages.retain(|mail| !oldest.contains(&(mail.internal_date, mail.uid)));
        }
        state.renumber(user, folder)?;
        drop(state);
        self.shared.notify();
        Ok(())
    }

    /// Makes a folder anew with its newest mails first, as a migration does that begins with them: another UIDVALIDITY,
    /// and UIDs that begin with 1.
    pub fn recreate_newest_first(&self, user: &str, folder: &str) -> Result<(), SandboxError> {
        let mut state = self.shared.lock();
        if let Some(folder) = state.user_mut(user).and_then(|user| user.folder_mut(folder)) {
            folder.messages.reverse();
        }
        state.renumber(user, folder)?;
        drop(state);
        self.shared.notify();
        Ok(())
    }

    /// Puts a folder back to how it was before its last `count` mails came, UIDNEXT included, as a restored backup does.
    pub fn take_back(&self, user: &str, folder: &str, count: usize) -> Result<(), SandboxError> {
        self.shared.lock().take_back(user, folder, count)?;
        self.shared.notify();
        Ok(())
    }

    /// Ends when sessions have taken `steps` steps more: a command that came in, one that was carried out and is to be
    /// answered, a mail that was accepted. The session that took the last one ends without another word.
    pub async fn interrupted_after(&self, steps: u32) {
        self.shared.interrupt_after(steps).await;
    }

    /// What lies in a folder, by UID. `folder` is a name or an attribute such as `\Sent`; nothing where user
    /// or folder do not exist.
    pub fn mailbox(&self, user: &str, folder: &str) -> Vec<StoredMessage> {
        let state = self.shared.lock();
        let folder = state.user(user).and_then(|user| user.folder(folder));
        folder.map(|folder| folder.messages.clone()).unwrap_or_default()
    }

    /// Every mail that was accepted, by SMTP, [`Self::submit`] or [`Self::deliver`], in that order.
    pub fn all_delivered(&self) -> Vec<AcceptedMail> {
        self.shared.lock().accepted().to_vec()
    }

    /// Waits until `wanted` holds, and looks again at every change of a mailbox. Has no time limit of its own.
    #[cfg(test)]
    pub(crate) async fn until(&self, wanted: impl Fn(&Self) -> bool) {
        let mut bell = self.shared.changes();
        while !wanted(self) && bell.changed().await.is_ok() {}
    }

    /// Answers the next `times` RCPT for this address with `answer`, such as `451 4.3.0 come back later`.
    pub fn refuse_recipient(&self, address: &str, answer: &str, times: u32) {
        self.shared.lock().faults.refuse_recipient(address, answer, times);
    }

    pub fn smtp_fault(&self, fault: SmtpFault) {
        self.shared.lock().faults.add_smtp(fault);
    }

    /// The next `command` (`FETCH`, also for UID FETCH) that has no earlier fault meets this one; with a folder behind it
    /// (`SEARCH Filed`), the next in that folder.
    pub fn imap_fault(&self, command: &str, fault: ImapFault) {
        self.shared.lock().faults.add_imap(command, fault);
    }

    /// From now on this is wrong with every message that holds these words.
    pub fn break_messages(&self, holding: &str, how: BrokenMessage) {
        self.shared.lock().faults.break_messages(holding, how);
    }

    /// What was asked for and has not happened will not.
    pub fn clear_faults(&self) {
        self.shared.lock().faults = InjectedFaults::default();
    }

    /// How many faults that were asked for have not happened yet.
    pub fn faults_waiting(&self) -> usize {
        self.shared.lock().faults.waiting()
    }

    /// Ends every IMAP session and refuses connections until [`Self::start_imap`].
    pub async fn stop_imap(&mut self) {
        self.imap.stop().await;
    }

    /// Listens again on the same port; sessions that are still there end.
    pub async fn start_imap(&mut self) -> Result<(), SandboxError> {
        self.imap.restart(&self.shared).await
    }

    pub async fn stop_smtp(&mut self) {
        self.smtp.stop().await;
    }

    /// Listens again on the same port; sessions that are still there end.
    pub async fn start_smtp(&mut self) -> Result<(), SandboxError> {
        self.smtp.restart(&self.shared).await
    }
}
