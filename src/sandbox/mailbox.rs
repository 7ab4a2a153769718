//! What the servers hold: users, their folders, and every mail that was accepted.
//!
//! One state behind one lock; the protocol files only read and change it through here. Nobody outside
//! exists: an address without a user is refused. Known limits: no quotas, no client creates or renames a
//! folder, flags that one session sets are not announced to another.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::{Notify, watch};

use super::SandboxError;
use super::faults::{ImapFault, InjectedFaults};
use super::headers::{self, DeliveryStamp};

/// Where the servers take their time from.
pub type TimeSource = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What a provider does by itself. mail-facts: Gmail and Microsoft 365.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProviderHabits {
    /// A submitted mail is put into the sender's Sent folder.
    pub keeps_sent: bool,
    /// A submitted mail gets another Message-ID, which the SMTP answer names.
    pub replaces_id: bool,
    /// Every mail is also in a folder with the `\All` attribute, and a folder has one copy of each
    /// Message-ID.
    pub all_mail: bool,
    /// Delivery writes `Authentication-Results` with `dmarc=pass`.
    pub authenticates: bool,
}

impl ProviderHabits {
    pub fn gmail() -> Self {
        Self { keeps_sent: true, replaces_id: false, all_mail: true, authenticates: true }
    }

    pub fn microsoft() -> Self {
        Self { keeps_sent: true, replaces_id: true, all_mail: false, authenticates: false }
    }

    /// Folder names with their special-use attribute (RFC 6154), without the backslash.
    fn folders(self) -> &'static [(&'static str, &'static str)] {
        if self.all_mail {
            &[
                ("INBOX", ""),
                ("[Gmail]/All Mail", "All"),
                ("[Gmail]/Drafts", "Drafts"),
                ("[Gmail]/Sent Mail", "Sent"),
                ("[Gmail]/Trash", "Trash"),
            ]
        } else if self.replaces_id {
            &[("INBOX", ""), ("Deleted Items", "Trash"), ("Drafts", "Drafts"), ("Sent Items", "Sent")]
        } else {
            &[("INBOX", ""), ("Drafts", "Drafts"), ("Sent", "Sent"), ("Trash", "Trash")]
        }
    }
}

/// One mail in one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    pub folder: String,
    pub uid: u32,
    /// Whole seconds.
    pub internal_date: DateTime<Utc>,
    /// As on the wire: `\Seen`, `$Forwarded`.
    pub flags: Vec<String>,
    pub raw: Arc<[u8]>,
}

/// One mail that the servers took responsibility for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedMail {
    pub at: DateTime<Utc>,
    /// Whose login submitted it; `None` where [`super::Sandbox::deliver`] brought it from elsewhere.
    pub login: Option<String>,
    /// Envelope sender, empty for the null return path.
    pub from: String,
    pub to: Vec<String>,
    /// As it came in, before anything was stamped on it.
    pub raw: Arc<[u8]>,
    /// The Message-ID that the server gave it instead of its own, with angle brackets.
    pub replaced_id: Option<String>,
}

#[derive(Debug)]
pub(super) struct SandboxFolder {
    pub name: String,
    /// Special-use attribute without the backslash, or nothing.
    pub role: &'static str,
    pub uid_validity: u32,
    pub uid_next: u32,
    pub messages: Vec<StoredMessage>,
}

impl SandboxFolder {
    fn is(&self, name: &str) -> bool {
        match name.strip_prefix('\\') {
            Some(role) => self.role.eq_ignore_ascii_case(role),
            None if self.name == "INBOX" => name.eq_ignore_ascii_case("INBOX"),
            None => self.name == name,
        }
    }

    fn store(&mut self, raw: Arc<[u8]>, flags: Vec<String>, internal_date: DateTime<Utc>) -> u32 {
        let uid = self.uid_next;
        self.uid_next = self.uid_next.saturating_add(1);
        self.messages.push(StoredMessage { folder: self.name.clone(), uid, internal_date, flags, raw });
        uid
    }
}

#[derive(Debug)]
pub(super) struct SandboxUser {
    pub password: String,
    pub habits: ProviderHabits,
    pub folders: Vec<SandboxFolder>,
}

impl SandboxUser {
    pub(crate) fn folder(&self, name: &str) -> Option<&SandboxFolder> {
        self.folders.iter().find(|folder| folder.is(name))
    }

    pub(crate) fn folder_mut(&mut self, name: &str) -> Option<&mut SandboxFolder> {
        self.folders.iter_mut().find(|folder| folder.is(name))
    }

    /// Stores a mail and says where it lies: UIDVALIDITY and UID. `None`: no such folder.
    pub(crate) fn store(
        &mut self,
        name: &str,
        raw: &Arc<[u8]>,
        flags: &[String],
        at: DateTime<Utc>,
    ) -> Option<(u32, u32)> {
        let at = at.trunc_subsecs(0);
        let one_copy = self.habits.all_mail;
        if one_copy && let Some(all) = self.folder_mut("\\All") {
            store_once(all, raw, flags, at);
        }
        let folder = self.folder_mut(name)?;
        let uid = if one_copy {
            store_once(folder, raw, flags, at)
        } else {
            folder.store(raw.clone(), flags.to_vec(), at)
        };
        Some((folder.uid_validity, uid))
    }
}

/// As Gmail does: a Message-ID that the folder already has makes no second copy.
fn store_once(folder: &mut SandboxFolder, raw: &Arc<[u8]>, flags: &[String], at: DateTime<Utc>) -> u32 {
    let id = headers::message_id(raw);
    let known = folder.messages.iter().find(|stored| id.is_some() && headers::message_id(&stored.raw) == id);
    match known.map(|stored| stored.uid) {
        Some(uid) => uid,
        None => folder.store(raw.clone(), flags.to_vec(), at),
    }
}

#[derive(Debug, Default)]
pub(super) struct SandboxState {
    users: BTreeMap<String, SandboxUser>,
    aliases: BTreeMap<String, String>,
    accepted: Vec<AcceptedMail>,
    pub faults: InjectedFaults,
    /// Counts folders and mails, so that no two share a UIDVALIDITY or a queue number.
    serial: u32,
}

/// A mail on its way in.
#[derive(Clone, Copy, Debug)]
pub(super) struct IncomingMail<'a> {
    pub login: Option<&'a str>,
    pub helo: &'a str,
    pub from: &'a str,
    pub to: &'a [String],
    pub raw: &'a [u8],
    /// Instead of the recipient's habit: results after the authserv-id.
    pub authentication: Option<&'a str>,
}

impl SandboxState {
    pub(crate) fn add_user(&mut self, address: &str, password: &str, habits: ProviderHabits) {
        let mut folders = Vec::new();
        for (name, role) in habits.folders() {
            self.serial += 1;
            let uid_validity = 1_700_000_000 + self.serial;
            folders.push(SandboxFolder {
                name: (*name).to_owned(),
                role,
                uid_validity,
                uid_next: 1,
                messages: Vec::new(),
            });
        }
        let user = SandboxUser { password: password.to_owned(), habits, folders };
        self.users.insert(address.to_ascii_lowercase(), user);
    }

    /// A folder of the user's own, without a special use, as filters fill them. Nothing where it is there.
    pub(crate) fn add_folder(&mut self, address: &str, name: &str) {
        self.serial += 1;
        let uid_validity = 1_700_000_000 + self.serial;
        let Some(user) = self.user_mut(address).filter(|user| user.folder(name).is_none()) else { return };
        user.folders.push(SandboxFolder {
            name: name.to_owned(),
            role: "",
            uid_validity,
            uid_next: 1,
            messages: Vec::new(),
        });
    }

    #[cfg(test)]
    pub(crate) fn add_alias(&mut self, alias: &str, address: &str) {
        self.aliases.insert(alias.to_ascii_lowercase(), address.to_ascii_lowercase());
    }

    fn address(&self, address: &str) -> String {
        let address = address.to_ascii_lowercase();
        self.aliases.get(&address).cloned().unwrap_or(address)
    }

    pub(crate) fn user(&self, address: &str) -> Option<&SandboxUser> {
        self.users.get(&self.address(address))
    }

    pub(crate) fn user_mut(&mut self, address: &str) -> Option<&mut SandboxUser> {
        let address = self.address(address);
        self.users.get_mut(&address)
    }

    /// The user's address, where login and password are right.
    pub(crate) fn login(&self, login: &str, password: &str) -> Option<String> {
        self.user(login).filter(|user| user.password == password)?;
        Some(self.address(login))
    }

    pub(crate) fn accepted(&self) -> &[AcceptedMail] {
        &self.accepted
    }

    pub(crate) fn renumber(&mut self, address: &str, name: &str) -> Result<(), SandboxError> {
        self.serial += 1;
        let uid_validity = 1_700_000_000 + self.serial;
        let user = self.user_mut(address).ok_or_else(|| SandboxError::NoSuchUser(address.to_owned()))?;
        let folder = user.folder_mut(name).ok_or_else(|| SandboxError::NoSuchFolder(name.to_owned()))?;
        folder.uid_validity = uid_validity;
        folder.uid_next = 1;
        for message in std::mem::take(&mut folder.messages) {
            folder.store(message.raw, message.flags, message.internal_date);
        }
        Ok(())
    }

    pub(crate) fn take_back(&mut self, address: &str, name: &str, count: usize) -> Result<(), SandboxError> {
        let user = self.user_mut(address).ok_or_else(|| SandboxError::NoSuchUser(address.to_owned()))?;
        let folder = user.folder_mut(name).ok_or_else(|| SandboxError::NoSuchFolder(name.to_owned()))?;
        for message in folder.messages.split_off(folder.messages.len().saturating_sub(count)) {
            folder.uid_next = folder.uid_next.min(message.uid);
        }
        Ok(())
    }

    /// Delivers to every recipient, keeps a Sent copy where the sender's provider does, and gives the text
    /// of the SMTP answer. Recipients have been checked; one that is unknown all the same gets nothing.
    fn accept(&mut self, mail: &IncomingMail<'_>, at: DateTime<Utc>) -> String {
        self.serial += 1;
        let serial = self.serial;
        let habits =
            mail.login.and_then(|login| self.user(login)).map(|user| user.habits).unwrap_or_default();
        let replaced_id = habits.replaces_id.then(|| {
            format!("<SB0PR01MB{serial:04}5E0A7F9C2D4B@SB0PR01MB{serial:04}.eurprd01.prod.outlook.com>")
        });
        let sent: Arc<[u8]> = match &replaced_id {
            Some(id) => headers::with_message_id(mail.raw, id).into(),
            None => mail.raw.into(),
        };
        if habits.keeps_sent
            && let Some(user) = mail.login.and_then(|login| self.user_mut(login))
        {
            user.store("\\Sent", &sent, &["\\Seen".to_owned()], at);
        }
        let mut reached = Vec::new();
        for recipient in mail.to {
            let owner = self.address(recipient);
            if !reached.contains(&owner) {
                self.deliver_to(recipient, &sent, mail, serial, at);
                reached.push(owner);
            }
        }
        let answer = match &replaced_id {
            Some(id) => format!("OK {id} [Hostname=SB0PR01MB{serial:04}.eurprd01.prod.outlook.com]"),
            None => format!("OK queued as {serial:08X}"),
        };
        self.accepted.push(AcceptedMail {
            at: at.trunc_subsecs(0),
            login: mail.login.map(str::to_owned),
            from: mail.from.to_owned(),
            to: mail.to.to_vec(),
            raw: mail.raw.into(),
            replaced_id,
        });
        answer
    }

    fn deliver_to(
        &mut self,
        recipient: &str,
        raw: &[u8],
        mail: &IncomingMail<'_>,
        serial: u32,
        at: DateTime<Utc>,
    ) {
        let Some(user) = self.user_mut(recipient) else { return };
        let domain =
            |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default();
        let passed = format!("dmarc=pass header.from={}", domain(mail.from));
        let stamp = DeliveryStamp {
            from: mail.from,
            to: recipient,
            helo: mail.helo,
            host: &format!("mx.{}", domain(recipient)),
            serial: serial.into(),
            at,
            authentication: mail.authentication.or(user.habits.authenticates.then_some(passed.as_str())),
        };
        let stamped: Arc<[u8]> = headers::stamped(raw, &stamp).into();
        user.store("INBOX", &stamped, &[], at);
    }
}

/// The state, its clock, and a channel that notifies of every change.
pub(super) struct SharedState {
    now: TimeSource,
    state: Mutex<SandboxState>,
    changed: watch::Sender<()>,
    /// Steps that are left before whoever waits for it is told; 0: nobody waits.
    steps_left: AtomicU32,
    interrupted: Notify,
}

impl fmt::Debug for SharedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("state", &self.state).finish_non_exhaustive()
    }
}

impl SharedState {
    pub(crate) fn new(now: TimeSource) -> Self {
        Self {
            now,
            state: Mutex::default(),
            changed: watch::Sender::new(()),
            steps_left: AtomicU32::new(0),
            interrupted: Notify::new(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// A thread that died while it held the lock cannot have left a folder half written.
    pub(crate) fn lock(&self) -> MutexGuard<'_, SandboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that waits for a command under the first of these names.
    pub(super) fn fault<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> Option<ImapFault> {
        let mut state = self.lock();
        names.find_map(|name| state.faults.imap(name, |_| true))
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(crate) fn notify(&self) {
        self.changed.send_replace(());
    }

    /// A session has taken a step; an error where it is the one that an interruption waits for.
    pub(crate) fn step(&self) -> io::Result<()> {
        let before =
            self.steps_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if before == Ok(1) {
            self.interrupted.notify_one();
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    /// See [`super::Sandbox::interrupted_after`].
    pub(crate) async fn interrupt_after(&self, steps: u32) {
        self.steps_left.store(steps, Ordering::Relaxed);
        // Whoever gave up waiting takes the steps back.
        let _armed = Disarm(&self.steps_left);
        self.interrupted.notified().await;
    }

    /// See [`SandboxState::accept`].
    pub(crate) fn accept(&self, mail: &IncomingMail<'_>) -> String {
        let answer = self.lock().accept(mail, self.now());
        self.notify();
        answer
    }
}

struct Disarm<'a>(&'a AtomicU32);

impl Drop for Disarm<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}
