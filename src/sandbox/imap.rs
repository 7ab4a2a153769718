//! The IMAP server: one session, RFC 3501 with IDLE, UIDPLUS, SPECIAL-USE, SASL-IR and LITERAL+, on imap-codec.
//!
//! Reads and appends, as far as a client that only watches needs it. Known limits: no STORE, COPY, EXPUNGE,
//! CREATE, no TLS; what another session changes in flags is not announced.

use std::io;
use std::sync::Arc;

use imap_codec::fragmentizer::{FragmentInfo, Fragmentizer};
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::auth::{AuthMechanism, AuthenticateData};
use imap_codec::imap_types::command::{Command, CommandBody};
use imap_codec::imap_types::core::LiteralMode;
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::search::SearchKey;
use imap_codec::{AuthenticateDataCodec, CommandCodec, IdleDoneCodec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::MAX_MAIL;
use super::faults::ImapFault;
use super::folders::{self, CommandRefused, CommandResult, OpenFolder};
use super::mailbox::{ProviderHabits, SharedState};
use super::sasl;

const CHUNK: usize = 16 * 1024;

/// Whether the session goes on.
enum ImapFlow {
    Go,
    Close,
}

struct FakeImapSession {
    stream: TcpStream,
    shared: Arc<SharedState>,
    changes: watch::Receiver<()>,
    fragments: Fragmentizer,
    out: Vec<u8>,
    user: Option<String>,
    view: Option<OpenFolder>,
    /// Nothing that is written from here on reaches the client ([`ImapFault::Silent`]).
    muted: bool,
    /// Bytes that may still be written before the connection ends ([`ImapFault::CutAfter`]).
    budget: Option<usize>,
}

/// Serves one connection until it ends. Errors are those of the socket.
pub(super) async fn serve(stream: TcpStream, shared: Arc<SharedState>) -> io::Result<()> {
    let bell = shared.changes();
    let limit = u32::try_from(MAX_MAIL + CHUNK).unwrap_or(u32::MAX);
    let fragments = Fragmentizer::new(limit);
    let mut session = FakeImapSession {
        stream,
        shared,
        changes: bell,
        fragments,
        out: Vec::new(),
        user: None,
        view: None,
        muted: false,
        budget: None,
    };
    session.line(&format!("* OK [CAPABILITY {}] ready", session.capabilities()));
    session.flush().await?;
    while session.message().await? {
        session.shared.step()?;
        let command =
            session.fragments.decode_message(&CommandCodec::new()).ok().map(IntoStatic::into_static);
        let next = match command {
            Some(command) => session.execute(command).await?,
            None => session.not_understood(),
        };
        session.shared.step()?;
        session.flush().await?;
        if matches!(next, ImapFlow::Close) {
            break;
        }
    }
    Ok(())
}

impl FakeImapSession {
    fn line(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.out);
        if self.muted {
            return Ok(());
        }
        if let Some(budget) = &mut self.budget {
            bytes.truncate(*budget);
            *budget -= bytes.len();
        }
        self.stream.write_all(&bytes).await
    }

    fn habits(&self) -> ProviderHabits {
        let state = self.shared.lock();
        self.user.as_deref().and_then(|user| state.user(user)).map(|user| user.habits).unwrap_or_default()
    }

    fn capabilities(&self) -> &'static str {
        let habits = self.habits();
        if self.user.is_none() {
            "IMAP4rev1 SASL-IR LITERAL+ IDLE AUTH=PLAIN AUTH=XOAUTH2"
        } else if habits.all_mail {
            "IMAP4rev1 LITERAL+ IDLE UIDPLUS SPECIAL-USE X-GM-EXT-1"
        } else if habits.replaces_id {
            "IMAP4rev1 LITERAL+ IDLE UIDPLUS"
        } else {
            "IMAP4rev1 LITERAL+ IDLE UIDPLUS SPECIAL-USE"
        }
    }

    fn not_understood(&mut self) -> ImapFlow {
        let tag = self.fragments.decode_tag().map_or_else(|| "*".to_owned(), |tag| tag.as_ref().to_owned());
        self.line(&format!("{tag} BAD that is not understood here"));
        ImapFlow::Go
    }

    /// Reads one whole message (a command, or a line inside one); `false` at the end of the stream.
    async fn message(&mut self) -> io::Result<bool> {
        loop {
            match self.fragments.progress() {
                Some(FragmentInfo::Line { announcement: Some(literal), .. }) => {
                    let sync = literal.mode == LiteralMode::Sync;
                    if literal.length as usize > MAX_MAIL {
                        let tag = self
                            .fragments
                            .decode_tag()
                            .map_or_else(String::new, |tag| tag.as_ref().to_owned());
                        self.line(&format!("{tag} NO [TOOBIG] too big"));
                        self.flush().await?;
                        if !sync {
                            return Ok(false);
                        }
                        self.fragments.skip_message();
                    } else if sync {
                        self.line_before_continuation();
                        self.line("+ go ahead");
                        self.flush().await?;
                    }
                }
                Some(_) if self.fragments.is_message_complete() => return Ok(true),
                Some(_) => (),
                None => {
                    let mut chunk = Vec::with_capacity(CHUNK);
                    if self.stream.read_buf(&mut chunk).await? == 0 {
                        return Ok(false);
                    }
                    self.fragments.enqueue_bytes(&chunk);
                }
            }
        }
    }

    /// [`ImapFault::LineBefore`] for a command whose literal is about to be asked for.
    fn line_before_continuation(&mut self) {
        let start = String::from_utf8_lossy(self.fragments.message_bytes()).into_owned();
        let Some(name) = start.split_whitespace().nth(1) else { return };
        let fault = self.shared.lock().faults.imap(name, |fault| matches!(fault, ImapFault::LineBefore(_)));
        if let Some(ImapFault::LineBefore(line)) = fault {
            self.line(&line);
        }
    }

    async fn execute(&mut self, command: Command<'static>) -> io::Result<ImapFlow> {
        let tag = command.tag.as_ref().to_owned();
        let name = command.body.name();
        let in_folder = match (&command.body, &self.view) {
            (CommandBody::Select { mailbox, .. } | CommandBody::Examine { mailbox, .. }, _) => {
                Some(folders::name_of(mailbox))
            }
            (_, view) => view.as_ref().map(OpenFolder::name),
        };
        let in_folder = in_folder.map(|folder| format!("{name} {folder}"));
        let names = in_folder.iter().map(String::as_str).chain([name]);
        let fault = self.shared.fault(names);
        match &fault {
            Some(ImapFault::No(text)) => {
                self.line(&format!("{tag} NO {text}"));
                return Ok(ImapFlow::Go);
            }
            Some(ImapFault::Bad(text)) => {
                self.line(&format!("{tag} BAD {text}"));
                return Ok(ImapFlow::Go);
            }
            Some(ImapFault::LineBefore(line)) => self.line(line),
            Some(ImapFault::CutAfter(bytes)) => self.budget = Some(*bytes),
            Some(ImapFault::Silent) => self.muted = true,
            _ => (),
        }
        let renumbers = !matches!(
            command.body,
            CommandBody::Fetch { uid: false, .. }
                | CommandBody::Search { uid: false, .. }
                | CommandBody::Logout
        );
        let leaves = matches!(command.body, CommandBody::Logout);
        let answer = self.perform(command.body, fault.as_ref()).await?;
        let gone = renumbers && !self.announce();
        let text = match answer {
            Ok(text) => format!("{tag} OK {text}"),
            Err(CommandRefused::No(text)) => format!("{tag} NO {text}"),
            Err(CommandRefused::Bad(text)) => format!("{tag} BAD {text}"),
            Err(CommandRefused::Cut) => return Ok(ImapFlow::Close),
        };
        if !gone {
            self.line(&text);
        }
        if self.muted {
            self.out.clear();
            let mut ignored = Vec::with_capacity(CHUNK);
            while self.stream.read_buf(&mut ignored).await? > 0 {
                ignored.clear();
            }
        }
        Ok(if leaves || gone || self.muted || self.budget.is_some() { ImapFlow::Close } else { ImapFlow::Go })
    }

    async fn perform(
        &mut self,
        body: CommandBody<'static>,
        fault: Option<&ImapFault>,
    ) -> io::Result<CommandResult> {
        Ok(match body {
            CommandBody::Capability => {
                self.line(&format!("* CAPABILITY {}", self.capabilities()));
                Ok("those".to_owned())
            }
            CommandBody::Noop | CommandBody::Check => Ok("nothing done".to_owned()),
            CommandBody::Logout => {
                self.line("* BYE bye");
                Ok("bye".to_owned())
            }
            CommandBody::Login { username, password } => {
                let password = String::from_utf8_lossy(password.declassify().as_ref()).into_owned();
                self.login(&String::from_utf8_lossy(username.as_ref()), &password)
            }
            CommandBody::Authenticate { mechanism, initial_response } => {
                let initial = initial_response.map(|secret| secret.declassify().to_vec());
                self.authenticate(&mechanism, initial).await?
            }
            body => match self.user.clone() {
                None => Err(CommandRefused::No("log in first".to_owned())),
                Some(user) => self.perform_for(&user, body, fault).await?,
            },
        })
    }

    async fn perform_for(
        &mut self,
        user: &str,
        body: CommandBody<'static>,
        fault: Option<&ImapFault>,
    ) -> io::Result<CommandResult> {
        let shared = self.shared.clone();
        Ok(match body {
            CommandBody::Select { mailbox, .. } => self.open(user, &mailbox, false, fault),
            CommandBody::Examine { mailbox, .. } => self.open(user, &mailbox, true, fault),
            CommandBody::Close | CommandBody::Unselect => match self.view.take() {
                Some(_) => Ok("closed".to_owned()),
                None => Err(CommandRefused::Bad("no folder is open".to_owned())),
            },
            CommandBody::List { reference, mailbox_wildcard } => {
                folders::list(&shared.lock(), user, &reference, &mailbox_wildcard, &mut self.out)
            }
            CommandBody::Status { mailbox, item_names } => {
                folders::status(&shared.lock(), user, &mailbox, &item_names, &mut self.out)
            }
            CommandBody::Append { mailbox, flags, date, message } => {
                let raw = match &message {
                    LiteralOrLiteral8::Literal(literal) => literal.data(),
                    LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
                };
                let at = date.map_or_else(|| shared.now(), |date| date.as_ref().to_utc());
                let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
                let answer = folders::append(&mut shared.lock(), user, &mailbox, raw, &flags, at);
                shared.notify();
                answer
            }
            CommandBody::Idle => self.idle(fault).await?,
            CommandBody::Search { criteria, uid, .. } => match &self.view {
                Some(view) if fault == Some(&ImapFault::FindsAll) => {
                    view.search(&shared.lock(), user, &[SearchKey::All], uid, &mut self.out)
                }
                Some(view) => view.search(&shared.lock(), user, criteria.as_ref(), uid, &mut self.out),
                None => Err(CommandRefused::Bad("no folder is open".to_owned())),
            },
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid, .. } => match &self.view {
                Some(view) => view.fetch(
                    &mut shared.lock(),
                    user,
                    &sequence_set,
                    macro_or_item_names,
                    uid,
                    &mut self.out,
                ),
                None => Err(CommandRefused::Bad("no folder is open".to_owned())),
            },
            other => Err(CommandRefused::Bad(format!("{} is not known here", other.name()))),
        })
    }

    fn login(&mut self, name: &str, password: &str) -> CommandResult {
        if self.user.is_some() {
            return Err(CommandRefused::Bad("logged in already".to_owned()));
        }
        self.user = self.shared.lock().login(name, password);
        match self.user {
            Some(_) => Ok(format!("[CAPABILITY {}] welcome", self.capabilities())),
            None => {
                Err(CommandRefused::No("[AUTHENTICATIONFAILED] user name or password is wrong".to_owned()))
            }
        }
    }

    async fn authenticate(
        &mut self,
        mechanism: &AuthMechanism<'_>,
        initial: Option<Vec<u8>>,
    ) -> io::Result<CommandResult> {
        let xoauth2 = *mechanism == AuthMechanism::XOAuth2;
        if !xoauth2 && *mechanism != AuthMechanism::Plain {
            return Ok(Err(CommandRefused::No("[CANNOT] PLAIN or XOAUTH2".to_owned())));
        }
        let words = match initial {
            Some(words) => Some(words),
            None => self.challenge("").await?,
        };
        let words = String::from_utf8_lossy(&words.unwrap_or_default()).into_owned();
        let proof = if xoauth2 { sasl::xoauth2(&words) } else { sasl::plain(&words) };
        let answer = match proof {
            Some(proof) => self.login(&proof.login, &proof.secret),
            None => Err(CommandRefused::Bad("that proves nothing".to_owned())),
        };
        if xoauth2 && answer.is_err() {
            self.challenge(sasl::XOAUTH2_FAILURE).await?;
        }
        Ok(answer)
    }

    /// The client's answer to a challenge; `None` where it is none.
    async fn challenge(&mut self, challenge: &str) -> io::Result<Option<Vec<u8>>> {
        self.line(&format!("+ {challenge}"));
        self.flush().await?;
        if !self.message().await? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(match self.fragments.decode_message(&AuthenticateDataCodec::new()) {
            Ok(AuthenticateData::Continue(secret)) => Some(secret.declassify().to_vec()),
            _ => None,
        })
    }

    fn open(
        &mut self,
        user: &str,
        mailbox: &Mailbox<'_>,
        read_only: bool,
        fault: Option<&ImapFault>,
    ) -> CommandResult {
        let numbered = fault != Some(&ImapFault::NoUidValidity);
        self.view = None;
        let view = OpenFolder::open(&self.shared.lock(), user, mailbox, read_only, numbered, &mut self.out)?;
        self.view = Some(view);
        Ok(if read_only { "[READ-ONLY] open" } else { "[READ-WRITE] open" }.to_owned())
    }

    /// Announces what has changed in the open folder; `false` where the session cannot go on.
    fn announce(&mut self) -> bool {
        match (&mut self.view, &self.user) {
            (Some(view), Some(user)) => view.announce(&self.shared.lock(), user, &mut self.out),
            _ => true,
        }
    }

    /// RFC 2177. Announces at every change of the folder until DONE.
    async fn idle(&mut self, fault: Option<&ImapFault>) -> io::Result<CommandResult> {
        self.line("+ idling");
        self.flush().await?;
        let quiet = fault == Some(&ImapFault::NothingNew);
        let mut chunk = Vec::with_capacity(CHUNK);
        loop {
            if self.fragments.progress().is_some() {
                let done = self.fragments.decode_message(&IdleDoneCodec::new()).is_ok();
                return Ok(if done {
                    Ok("idled".to_owned())
                } else {
                    Err(CommandRefused::Bad("DONE was expected".to_owned()))
                });
            }
            if !quiet {
                let before = self.out.len();
                let goes_on = self.announce();
                let ended = fault == Some(&ImapFault::EndIdle) && self.out.len() > before;
                self.flush().await?;
                if ended || !goes_on {
                    return Ok(Ok("idled".to_owned()));
                }
            }
            tokio::select! {
                changed = self.changes.changed() => changed.map_err(|_| io::Error::from(io::ErrorKind::ConnectionAborted))?,
                read = self.stream.read_buf(&mut chunk) => {
                    if read? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    self.fragments.enqueue_bytes(&chunk);
                    chunk.clear();
                }
            }
        }
    }
}
