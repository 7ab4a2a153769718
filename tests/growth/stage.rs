//! A company of twenty pairs, mail servers inside the process and an agent, with as many handoffs as are asked for.
//!
//! The mail servers have a thread of their own, so that what they cost can be told from what the agent costs.

#![allow(dead_code, reason = "the test uses less of it than the benchmark")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use baton::agent::app::App;
use baton::agent::folders::watched;
use baton::agent::once::run_once;
use baton::agent::reading::{
    FolderInView, FreshLook, Thoroughness, WatchedFolder, look_at_news, read_and_keep_open, read_folder,
    write_down,
};
use baton::agent::seed::{self, SeededHandoff};
use baton::agent::turn::{listed, shown};
use baton::agent::{send, setup};
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::imap::ImapSession;
use baton::sandbox::Sandbox;
use baton::store::LockOutcome;
use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

pub(crate) const PAIRS: usize = 20;
const PASSWORD: &str = "secret";

/// Monday noon.
fn begins() -> DateTime<Utc> {
    DateTime::from_timestamp(1_796_040_000, 0).unwrap()
}

pub(crate) struct Stage {
    pub app: Arc<App>,
    pub sandbox: Sandbox,
    pub clock: Clock,
    /// The thread of the mail servers, as the kernel knows it.
    pub servers: u32,
    dir: TempDir,
    letters: usize,
    /// When it goes, the thread of the mail servers ends.
    _servers_stay: tokio::sync::oneshot::Sender<()>,
}

/// A folder that one session reads.
pub(crate) struct Inbox {
    session: ImapSession,
    folder: WatchedFolder,
    open: Option<FolderInView>,
}

pub(crate) fn sdr(number: usize) -> String {
    format!("Dana Fox{}", number % PAIRS)
}

pub(crate) fn ae(number: usize) -> String {
    format!("Calvin Reyes{}", number % PAIRS)
}

pub(crate) fn ae_address(number: usize) -> String {
    format!("ae{}@vendor.example", number % PAIRS)
}

fn configuration(imap: u16, smtp: u16) -> String {
    let mut text = String::from(
        "database = \"baton.db\"\n\n[agent]\naccount = \"agent\"\noperator = \"ops@vendor.example\"\n\n",
    );
    let logins = (0..PAIRS).flat_map(|pair| [format!("sdr{pair}"), format!("ae{pair}")]);
    for login in logins.chain(["agent".to_owned()]) {
        text.push_str(&format!(
            "[accounts.{login}]\naddress = \"{login}@vendor.example\"\nimap = \"imap://127.0.0.1:{imap}\"\n\
             smtp = \"smtp://127.0.0.1:{smtp}\"\nlogin = \"{login}@vendor.example\"\n\
             password = {{ file = \"password\" }}\nsave_sent = true\n\n"
        ));
    }
    for pair in 0..PAIRS {
        for (name, role, login) in
            [(sdr(pair), "sdr", format!("sdr{pair}")), (ae(pair), "ae", format!("ae{pair}"))]
        {
            text.push_str(&format!(
                "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{login}@vendor.example\"\n\
                 account = \"{login}\"\nzone = \"UTC\"\n\n"
            ));
        }
    }
    text
}

/// Mail servers on a thread of their own: they, its number, and what keeps it going.
async fn serve(clock: Clock) -> (Sandbox, u32, tokio::sync::oneshot::Sender<()>) {
    let (started, starts) = tokio::sync::oneshot::channel();
    let (stay, ends) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let sandbox = Sandbox::start(Arc::new(move || clock.now())).await.unwrap();
            let thread = fs::read_link("/proc/thread-self").unwrap();
            let number = thread.file_name().unwrap().to_str().unwrap().parse().unwrap();
            started.send((sandbox, number)).unwrap();
            // Nothing is ever sent: the other end goes.
            let _: Result<(), _> = ends.await;
        });
    });
    let (sandbox, number) = starts.await.unwrap();
    (sandbox, number, stay)
}

impl Stage {
    /// A stage on which so many handoffs are open and so many closed, each with so many messages in its thread.
    pub(crate) async fn set(open: usize, closed: usize, messages: usize) -> Self {
        Self::set_at(begins(), open, closed, messages).await
    }

    /// The same at another time, at which its clock stands.
    pub(crate) async fn set_at(at: DateTime<Utc>, open: usize, closed: usize, messages: usize) -> Self {
        let clock = Clock::standing_at(at);
        let (sandbox, servers, stay) = serve(clock.clone()).await;
        for pair in 0..PAIRS {
            sandbox.add_user(&format!("sdr{pair}@vendor.example"), PASSWORD);
            sandbox.add_user(&format!("ae{pair}@vendor.example"), PASSWORD);
        }
        sandbox.add_user("agent@vendor.example", PASSWORD);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("baton.toml");
        fs::write(&path, configuration(sandbox.imap_port(), sandbox.smtp_port())).unwrap();
        fs::write(dir.path().join("password"), PASSWORD).unwrap();
        let zones = Zones::built_in();
        let config = config::load(&path, &Surroundings { zones: &zones, machine: utc() })
            .unwrap_or_else(|faults| panic!("the configuration: {faults:#?}"));
        let app = Arc::new(setup::build_app(&config, clock.clone(), zones).unwrap());
        let mut stage = Self { app, sandbox, clock, servers, dir, letters: 0, _servers_stay: stay };
        // So that nobody's folders are new when the handoffs are.
        stage.pass().await;
        let now = stage.clock.now();
        let made = (0..open + closed)
            .map(|number| SeededHandoff {
                number,
                sdr: sdr(number),
                ae: ae(number),
                at: now - TimeDelta::hours(2),
                messages,
                closed: number >= open,
            })
            .collect();
        seed::seed(&stage.app, made, now).await.unwrap();
        stage.pass().await;
        stage
    }

    /// Where the configuration and the database are.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Logs in to an AE's mailbox, so that one folder can be read by itself.
    pub(crate) async fn inbox(&self, number: usize) -> Inbox {
        let account = ae_address(number).split('@').next().unwrap().to_owned();
        let mut session = self.app.connect(&account).await.unwrap();
        let folders = watched(&self.app, &mut session, &account).await.unwrap();
        Inbox { session, folder: folders.into_iter().next().unwrap(), open: None }
    }

    /// Reads what is new in it, as the agent does when the server says that there is something.
    pub(crate) async fn read(&self, inbox: &mut Inbox) {
        read_folder(&self.app, &mut inbox.session, &inbox.folder).await.unwrap();
    }

    /// The same, and it stays open.
    pub(crate) async fn read_on(&self, inbox: &mut Inbox) {
        let read =
            read_and_keep_open(&self.app, &mut inbox.session, &inbox.folder, Thoroughness::Usual).await;
        inbox.open = read.unwrap().1;
    }

    /// Waits for mail in it a moment, and looks at what has come without reading the folder.
    pub(crate) async fn look_at_news(&self, inbox: &mut Inbox) -> FreshLook {
        let a_moment = std::time::Duration::from_millis(20);
        inbox.session.idle(a_moment, std::future::pending()).await.unwrap();
        let open = inbox.open.as_mut().unwrap();
        look_at_news(&self.app, &mut inbox.session, &inbox.folder, open).await.unwrap()
    }

    pub(crate) async fn write_down(&self, inbox: &mut Inbox) {
        write_down(&self.app, &inbox.folder, inbox.open.as_mut().unwrap()).await.unwrap();
    }

    /// The same as `read`; how much mail had come, whoever it concerns, and how much of it was kept.
    pub(crate) async fn read_and_count(&self, inbox: &mut Inbox) -> (u32, usize) {
        let summary = read_folder(&self.app, &mut inbox.session, &inbox.folder).await.unwrap();
        (summary.listed, summary.news)
    }

    /// Hands off anew.
    pub(crate) async fn hand_off(&self, number: usize) {
        let seeded = SeededHandoff {
            number,
            sdr: sdr(number),
            ae: ae(number),
            at: self.clock.now(),
            messages: 0,
            closed: false,
        };
        let record = seed::record_of(&seeded);
        send::commit(&self.app, record, "HANDOFF RECORD".to_owned(), false).await.unwrap().unwrap();
    }

    /// Companies that `status` lists.
    pub(crate) async fn status(&self) -> usize {
        let now = self.clock.now();
        self.app.read(move |app, tx| Ok(listed(tx, &app.policy, false, now)?.len())).await.unwrap()
    }

    /// Events that `show` tells.
    pub(crate) async fn show(&self, number: usize) -> usize {
        let (id, now) = (seed::id_of(number), self.clock.now());
        let shown = self.app.read(move |app, tx| shown(tx, &app.policy, &id, now)).await.unwrap();
        shown.unwrap().judgement.story.len()
    }

    /// Whether a handoff is to be judged.
    pub(crate) async fn is_anything_due(&self) -> bool {
        let now = self.clock.now();
        self.app.read(move |_, tx| Ok(!tx.due(now)?.is_empty())).await.unwrap()
    }

    pub(crate) async fn pass(&mut self) {
        let LockOutcome::Ours(lock) = self.app.store.lock().unwrap() else { panic!("the lock is taken") };
        let failures = run_once(&self.app).await.unwrap();
        assert!(failures.is_empty(), "{failures:?}");
        drop(lock);
    }

    /// Which pair the next mail from a stranger would go to; each time asked the next one.
    pub(crate) fn next_foreign(&mut self) -> usize {
        self.letters += 1;
        self.letters + 1
    }

    /// A mail in an AE's INBOX: in the thread of a handoff, or (`None`) of somebody whom nobody knows. Its Message-ID.
    pub(crate) fn deliver(&mut self, thread: Option<usize>) -> String {
        self.deliver_at(thread, self.clock.now())
    }

    /// The same, at a time that may lie back.
    pub(crate) fn deliver_at(&mut self, thread: Option<usize>, at: DateTime<Utc>) -> String {
        self.letters += 1;
        let (number, from) = match thread {
            Some(number) => (number, seed::prospect_of(number)),
            None => (self.letters, "news@shop.example".to_owned()),
        };
        let cites = thread.map_or_else(
            || format!("In-Reply-To: <other-{}@shop.example>\r\n", self.letters),
            |number| format!("In-Reply-To: <{}>\r\n", seed::intro_of(number)),
        );
        let raw = format!(
            "From: <{from}>\r\nTo: <{}>\r\nSubject: Re: hello\r\nDate: {}\r\nMessage-ID: <new-{}@x.example>\r\n\
             {cites}\r\nHello there.\r\n",
            ae_address(number),
            at.to_rfc2822(),
            self.letters
        );
        self.sandbox.append(&ae_address(number), "INBOX", raw.as_bytes(), &[], at).unwrap();
        format!("new-{}@x.example", self.letters)
    }

    /// Delivers so many mails that concern nobody to the mailbox of one AE.
    pub(crate) fn deliver_foreign(&mut self, number: usize, count: usize) {
        for _ in 0..count {
            self.letters += 1;
            let raw = format!(
                "From: <news@shop.example>\r\nSubject: Offers\r\nMessage-ID: <new-{}@x.example>\r\n\r\nHello.\r\n",
                self.letters
            );
            self.sandbox.append(&ae_address(number), "INBOX", raw.as_bytes(), &[], self.clock.now()).unwrap();
        }
    }
}
