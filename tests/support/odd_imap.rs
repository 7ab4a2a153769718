//! An IMAP server with two folders and the oddities of real ones, each switched on by name.
//!
//! It understands what baton asks and no more: SEARCH looks at UIDs and the day alone and finds whatever these admit.

#![expect(clippy::disallowed_methods, reason = "these tests run against real time")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

/// What a server does that it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oddity {
    /// EXISTS comes again at the beginning of each IDLE.
    EchoesExists,
    /// RECENT and EXPUNGE-free chatter comes in each IDLE, which then ends.
    EndsIdle,
    /// SEARCH finds nothing, whatever is there.
    SearchBlind,
    /// SEARCH is BAD with more than one condition.
    SearchPlain,
    /// SEARCH is no command at all.
    NoSearch,
    /// Single header fields are not given: an empty header comes.
    NoFields,
    /// ... or the command is BAD.
    FieldsBad,
    /// A message whose text has `UNREADABLE` in it makes FETCH end with NO.
    Unreadable,
    /// FETCH says OK and gives nothing, ...
    EmptyFetch,
    /// ... or is refused, whatever it asks for.
    FetchDown,
    /// The text of a message with `WITHHELD` in it comes as NIL.
    TextNil,
    /// ... its header comes as NIL.
    HeaderNil,
    /// UIDNEXT is never told.
    NoUidNext,
    /// UIDNEXT stays what it was when the server began.
    StaleUidNext,
    /// Answers are of IMAP4rev2.
    Rev2,
    /// One connection only.
    OneConnection,
    /// Two connections only.
    TwoConnections,
    /// Lines that nobody asked for come with everything.
    Chatter,
    /// A session shows a folder as it was when the session first opened it.
    Frozen,
    /// Folders are opened only for clients that have named themselves (RFC 2971).
    WantsId,
    /// Single letters of FETCH answers are in another case, and what was not asked for stands before the UID.
    OddCase,
}

#[derive(Clone, Debug)]
pub(crate) struct OddMessage {
    pub uid: u32,
    pub raw: String,
    /// INTERNALDATE: when the server had it.
    pub date: String,
    /// FETCH and SEARCH do not show it before.
    pub hidden_until: Option<Instant>,
}

#[derive(Clone, Debug)]
pub(crate) struct OddFolder {
    pub name: &'static str,
    pub attributes: &'static str,
    pub messages: Vec<OddMessage>,
    pub uid_next: u32,
}

#[derive(Debug, Default)]
pub(crate) struct OddState {
    pub folders: Vec<OddFolder>,
    pub oddities: BTreeSet<Oddity>,
    /// Names of the commands that came, in their order.
    pub commands: Vec<String>,
    pub connections: usize,
    pub logins_refused: usize,
    streams: Vec<TcpStream>,
}

impl OddState {
    pub(crate) fn folder(&mut self, name: &str) -> &mut OddFolder {
        self.folders.iter_mut().find(|folder| folder.name == name).unwrap()
    }

    fn is(&self, oddity: Oddity) -> bool {
        self.oddities.contains(&oddity)
    }
}

impl OddFolder {
    pub(crate) fn add(&mut self, raw: &str) -> u32 {
        self.add_hidden(raw, None)
    }

    pub(crate) fn add_hidden(&mut self, raw: &str, hidden: Option<Duration>) -> u32 {
        let uid = self.uid_next;
        self.uid_next += 1;
        let hidden_until = hidden.map(|hidden| Instant::now() + hidden);
        let date = chrono::Utc::now().format("%d-%b-%Y %H:%M:%S +0000").to_string();
        self.messages.push(OddMessage { uid, raw: super::crlf(raw), date, hidden_until });
        uid
    }

    fn shown(&self) -> Vec<OddMessage> {
        let is_shown = |one: &&OddMessage| one.hidden_until.is_none_or(|until| until <= Instant::now());
        self.messages.iter().filter(is_shown).cloned().collect()
    }
}

pub(crate) struct OddImap {
    pub port: u16,
    state: Arc<Mutex<OddState>>,
}

impl OddImap {
    pub(crate) fn start(oddities: &[Oddity]) -> Self {
        let folder = |name, attributes| OddFolder { name, attributes, messages: Vec::new(), uid_next: 1 };
        let folders = vec![folder("INBOX", "\\HasNoChildren"), folder("Sent", "\\HasNoChildren \\Sent")];
        let oddities = oddities.iter().copied().collect();
        let state = Arc::new(Mutex::new(OddState { folders, oddities, ..OddState::default() }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                state.lock().unwrap().streams.extend(stream.try_clone());
                thread::spawn(move || {
                    let mut session = OddSession {
                        state,
                        folder: None,
                        is_in: false,
                        is_named: false,
                        frozen: BTreeMap::new(),
                    };
                    let _ = session.serve(stream);
                    session.leave();
                });
            }
        });
        Self { port, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, OddState> {
        self.state.lock().unwrap()
    }

    /// Ends every connection.
    pub(crate) fn drop_all(&self) {
        for stream in self.state().streams.drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    pub(crate) fn count(&self, command: &str) -> usize {
        self.state().commands.iter().filter(|one| *one == command).count()
    }
}

struct OddSession {
    state: Arc<Mutex<OddState>>,
    folder: Option<&'static str>,
    is_in: bool,
    /// The client has said who it is.
    is_named: bool,
    /// Folders as they were when they were first opened.
    frozen: BTreeMap<&'static str, OddFolder>,
}

type Said = std::io::Result<String>;

impl OddSession {
    fn leave(&mut self) {
        if std::mem::take(&mut self.is_in) {
            self.state.lock().unwrap().connections -= 1;
        }
    }

    fn serve(&mut self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut writer = stream;
        writer.write_all(b"* OK odd\r\n")?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            let (tag, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let (verb, arguments) = rest.split_once(' ').unwrap_or((rest, ""));
            let (verb, arguments) = match verb {
                "UID" => arguments.split_once(' ').unwrap_or((arguments, "")),
                verb => (verb, arguments),
            };
            self.state.lock().unwrap().commands.push(verb.to_owned());
            if verb == "IDLE" {
                self.idle(tag, &mut reader, &mut writer)?;
                continue;
            }
            let answer = self.answer(tag, verb, arguments)?;
            writer.write_all(answer.as_bytes())?;
            if verb == "LOGOUT" {
                return Ok(());
            }
        }
    }

    fn open(&self) -> Option<OddFolder> {
        let mut state = self.state.lock().unwrap();
        let frozen = |name| self.frozen.get(name).cloned();
        self.folder.map(|name| frozen(name).unwrap_or_else(|| state.folder(name).clone()))
    }

    fn answer(&mut self, tag: &str, verb: &str, arguments: &str) -> Said {
        let state = Arc::clone(&self.state);
        let is = |oddity| state.lock().unwrap().is(oddity);
        let chatter = if is(Oddity::Chatter) {
            "* XLIST (\"open\r\n* OK [ALERT]\u{90ae}\u{7bb1} {7}\r\n* 3 FETCH (MODSEQ (((\r\n* NO later {2}\r\n"
        } else {
            ""
        };
        Ok(match verb {
            "CAPABILITY" => {
                let version = if is(Oddity::Rev2) { "IMAP4rev2" } else { "IMAP4rev1" };
                format!("* CAPABILITY {version} IDLE ID\r\n{tag} OK .\r\n")
            }
            "ID" => {
                self.is_named = true;
                format!("* ID NIL\r\n{tag} OK .\r\n")
            }
            "EXAMINE" if is(Oddity::WantsId) && !self.is_named => {
                format!("{tag} NO EXAMINE Unsafe Login. Please contact us\r\n")
            }
            "LOGIN" => self.log_in(tag),
            "LIST" => {
                let lines = state.lock().unwrap().folders.clone();
                let line = |one: &OddFolder| format!("* LIST ({}) \"/\" {}\r\n", one.attributes, one.name);
                format!("{chatter}{}{tag} OK .\r\n", lines.iter().map(line).collect::<String>())
            }
            "EXAMINE" => {
                self.folder = state
                    .lock()
                    .unwrap()
                    .folders
                    .iter()
                    .map(|one| one.name)
                    .find(|name| arguments.trim_matches('"') == *name);
                let Some(folder) = self.open() else { return Ok(format!("{tag} NO no such folder\r\n")) };
                if is(Oddity::Frozen) {
                    self.frozen.entry(folder.name).or_insert_with(|| folder.clone());
                }
                let next = match (is(Oddity::NoUidNext), is(Oddity::StaleUidNext)) {
                    (true, _) => String::new(),
                    (_, true) => "* OK [UIDNEXT 1] .\r\n".to_owned(),
                    _ => format!("* OK [UIDNEXT {}] .\r\n", folder.uid_next),
                };
                format!(
                    "{chatter}* FLAGS (\\Seen (old)\r\n* {} EXISTS\r\n* OK [UIDVALIDITY 9] .\r\n{next}{tag} OK [READ-ONLY] .\r\n",
                    folder.messages.len()
                )
            }
            "FETCH" => format!("{chatter}{}", self.fetch(tag, arguments)),
            "SEARCH" => format!("{chatter}{}", self.search(tag, arguments)),
            "LOGOUT" => format!("* BYE .\r\n{tag} OK .\r\n"),
            "NOOP" => format!("{chatter}{tag} OK .\r\n"),
            _ => format!("{tag} BAD unknown\r\n"),
        })
    }

    fn log_in(&mut self, tag: &str) -> String {
        let mut state = self.state.lock().unwrap();
        let most = match (state.is(Oddity::OneConnection), state.is(Oddity::TwoConnections)) {
            (true, _) => 1,
            (_, true) => 2,
            _ => usize::MAX,
        };
        if state.connections >= most {
            state.logins_refused += 1;
            return format!("{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n");
        }
        state.connections += 1;
        self.is_in = true;
        format!("{tag} OK in\r\n")
    }

    fn fetch(&self, tag: &str, arguments: &str) -> String {
        let is = |oddity| self.state.lock().unwrap().is(oddity);
        let Some(folder) = self.open() else { return format!("{tag} BAD nothing is open\r\n") };
        let (set, items) = arguments.split_once(' ').unwrap_or((arguments, ""));
        if items.contains("HEADER.FIELDS") && is(Oddity::FieldsBad) {
            return format!("{tag} BAD what fields\r\n");
        }
        let shown = folder.shown();
        let last = shown.last().map_or(0, |one| one.uid);
        if is(Oddity::EmptyFetch) {
            return format!("{tag} OK nothing\r\n");
        }
        if is(Oddity::FetchDown) {
            return format!("{tag} NO the storage is not available\r\n");
        }
        let mut out = String::new();
        let mut refused = false;
        for (number, message) in (1..).zip(&shown).filter(|(_, one)| is_in_set(set, one.uid, last)) {
            if is(Oddity::Unreadable) && message.raw.contains("UNREADABLE") && items.contains("BODY") {
                refused = true;
                continue;
            }
            let body = if items.contains("BODY.PEEK[HEADER") {
                let end = message.raw.find("\r\n\r\n").map_or(message.raw.len(), |at| at + 4);
                let empty = items.contains("HEADER.FIELDS") && is(Oddity::NoFields);
                let header = if empty { "\r\n" } else { message.raw.split_at(end).0 };
                let section = items.split_once("BODY.PEEK[").unwrap().1.split_once(']').unwrap().0;
                if is(Oddity::HeaderNil) && message.raw.contains("WITHHELD") {
                    format!(" BODY[{section}]<0> NIL")
                } else {
                    format!(" BODY[{section}]<0> {{{}}}\r\n{header}", header.len())
                }
            } else if items.contains("BODY.PEEK[]") && is(Oddity::TextNil) && message.raw.contains("WITHHELD")
            {
                " BODY[]<0> NIL".to_owned()
            } else if items.contains("BODY.PEEK[]") {
                format!(" BODY[]<0> {{{}}}\r\n{}", message.raw.len(), message.raw)
            } else {
                String::new()
            };
            let label = if is(Oddity::OddCase) { "fetch (MODSEQ (7) flags" } else { "FETCH (FLAGS" };
            out.push_str(&format!(
                "* {number} {label} (\\Seen odd)) UID {} INTERNALDATE \"{}\" RFC822.SIZE {}{body})\r\n",
                message.uid,
                message.date,
                message.raw.len()
            ));
        }
        if refused { out + tag + " NO some could not be fetched\r\n" } else { out + tag + " OK .\r\n" }
    }

    fn search(&self, tag: &str, arguments: &str) -> String {
        let is = |oddity| self.state.lock().unwrap().is(oddity);
        let Some(folder) = self.open() else { return format!("{tag} BAD nothing is open\r\n") };
        let words: Vec<&str> = arguments.split_whitespace().collect();
        if is(Oddity::NoSearch) || is(Oddity::SearchPlain) && words.len() > 2 {
            return format!("{tag} BAD command or parameters\r\n");
        }
        let set = words.iter().position(|word| *word == "UID").and_then(|at| words.get(at + 1));
        let shown = folder.shown();
        let found =
            shown.iter().map(|one| one.uid).filter(|uid| set.is_none_or(|set| is_in_set(set, *uid, 0)));
        let found: Vec<String> =
            if is(Oddity::SearchBlind) { Vec::new() } else { found.map(|uid| uid.to_string()).collect() };
        if is(Oddity::Rev2) {
            let all = if found.is_empty() { String::new() } else { format!(" ALL {}", found.join(",")) };
            return format!("* ESEARCH (TAG \"{tag}\") UID{all}\r\n{tag} OK .\r\n");
        }
        format!("* SEARCH {}\r\n{tag} OK .\r\n", found.join(" "))
    }

    fn idle(
        &self,
        tag: &str,
        reader: &mut BufReader<TcpStream>,
        writer: &mut TcpStream,
    ) -> std::io::Result<()> {
        let is = |oddity| self.state.lock().unwrap().is(oddity);
        let count = || self.open().map_or(0, |folder| folder.messages.len());
        let mut known = count();
        writer.write_all(b"+ idling\r\n")?;
        if is(Oddity::EchoesExists) {
            writer.write_all(format!("* {known} EXISTS\r\n* 0 RECENT\r\n").as_bytes())?;
        }
        if is(Oddity::EndsIdle) {
            writer.write_all(format!("* OK [X] .\r\n{tag} OK IDLE has ended\r\n").as_bytes())?;
            return Ok(());
        }
        reader.get_ref().set_read_timeout(Some(Duration::from_millis(50)))?;
        let mut line = String::new();
        let ended = loop {
            match reader.read_line(&mut line) {
                Ok(0) => break Err(std::io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => break Ok(()),
                Err(error)
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) => {}
                Err(error) => break Err(error),
            }
            if count() != known {
                known = count();
                writer.write_all(format!("* {known} EXISTS\r\n").as_bytes())?;
            }
        };
        reader.get_ref().set_read_timeout(None)?;
        ended?;
        writer.write_all(format!("{tag} OK .\r\n").as_bytes())
    }
}

/// Whether a UID is in `1:3`, `5:*` or `4,6`.
fn is_in_set(set: &str, uid: u32, last: u32) -> bool {
    set.split(',').any(|part| {
        let (first, end) = part.split_once(':').unwrap_or((part, part));
        let bound = |text: &str| if text == "*" { last } else { text.parse().unwrap_or(0) };
        let (first, end) = (bound(first), bound(end));
        (first.min(end)..=first.max(end)).contains(&uid)
    })
}
