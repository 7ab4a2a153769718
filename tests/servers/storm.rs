//! kill -9 of the agent and of every command at random moments, over several handoffs, by command and by letter: what
//! was done has its effect, nothing is lost, nothing leaves twice, and nothing is in doubt but what was under way. 20
//! kills; with BATON_LONG set 500. The seed is printed, and taken from BATON_SEED.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::handoff::letter::Letter;
use crate::handoff::letters::BATON;
use crate::handoff::scene::{Scene, in_two_days, mails, record};
use crate::support::CALVIN;
use crate::support::client::Stored;
use crate::support::proxy::Proxy;
use serde_json::Value;

const SLA: &str = "policy = \"elapsed\"\nhours = \"20s\"\ngrace = \"1s\"";

/// A generator of the same numbers for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

fn seed() -> u64 {
    if let Some(seed) = std::env::var("BATON_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return seed;
    }
    #[expect(clippy::disallowed_methods, reason = "another storm each time")]
    let now = std::time::SystemTime::now();
    u64::from(now.duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos()) | 1
}

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "how long a process takes is real time")]
    Instant::now()
}

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    /// The agent, at whatever it does.
    Agent,
    /// The agent, at a letter that has just come.
    Letter,
    Send,
    /// `touch` or `feedback`.
    Word,
    Once,
    /// A command that reads, or `backup`.
    Look,
    Resend,
    Reassign,
    Close,
    Reopen,
    Meeting,
    Accept,
    Retry,
    Drop,
    DropDraft,
    Restore,
}

/// Everything that is killed within 20 kills. The first stays the first: nothing can be done without a handoff.
const ROUND: [Victim; 20] = [
    Victim::Send,
    Victim::Agent,
    Victim::Agent,
    Victim::Letter,
    Victim::Letter,
    Victim::Letter,
    Victim::Letter,
    Victim::Send,
    Victim::Word,
    Victim::Once,
    Victim::Look,
    Victim::Resend,
    Victim::Reassign,
    Victim::Close,
    Victim::Reopen,
    Victim::Meeting,
    Victim::Accept,
    Victim::Retry,
    Victim::Drop,
    Victim::Restore,
];

/// Who hands off by letter, since a person gets at most 20 answers within an hour: the more, the longer it lasts.
fn sdrs(kills: usize) -> Vec<(String, String)> {
    let names = ["Reed", "Moss", "Hill", "Lake", "Dale", "Wood", "Ford", "Bay", "Glen"];
    let others = names.iter().enumerate().take(1 + kills / 60);
    let others = others.map(|(number, name)| (format!("Sam {name}"), format!("sam{number}@vendor.example")));
    std::iter::once(("Dana Fox".to_owned(), "dana@vendor.example".to_owned())).chain(others).collect()
}

/// A command that said that it was done, and where that is to be seen.
enum Effect {
    /// A handoff of this id, whose intro has left.
    HandedOff(String),
    /// One more intro for this prospect.
    Resent(String),
    /// These words in the story of this handoff.
    Noted { handoff: String, words: String },
}

/// What a letter ought to bring.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// One answer.
    Answer,
    /// The intro, and the record for the AE.
    Intro,
}

struct Written {
    letter: Letter,
    /// The number of the company.
    number: usize,
    asked: Asked,
    /// It hands a record in.
    is_record: bool,
}

struct Storm {
    scene: Scene,
    proxy: Proxy,
    dice: Dice,
    seed: u64,
    sdrs: Vec<(String, String)>,
    /// The SDR of each company.
    companies: Vec<usize>,
    effects: Vec<Effect>,
    letters: Vec<Written>,
    /// Mails that somebody has answered.
    answered: BTreeSet<String>,
    /// How often each mail was sent once more because somebody wanted so, while its fate was unknown.
    repeats: BTreeMap<String, usize>,
    /// Companies whose draft somebody may have dropped.
    given_up: BTreeSet<usize>,
    /// Mail of unknown fate that somebody has let be.
    dropped: BTreeSet<String>,
    /// Resends that were tried, for each prospect.
    resends: BTreeMap<String, usize>,
    is_restored: bool,
    steps: usize,
    /// How many of the kills met something alive, for each victim.
    met: BTreeMap<Victim, (usize, usize)>,
    /// How long a command takes that only looks.
    quick: u64,
}

fn domain(number: usize) -> String {
    format!("c{number}.example")
}

fn company(number: usize) -> String {
    format!("C{number} Corp")
}

fn sarah(number: usize) -> String {
    format!("sarah@{}", domain(number))
}

fn id_of(mail: &Stored) -> String {
    mail.header("Message-ID").unwrap_or_default().trim_matches(['<', '>']).to_owned()
}

/// The number of the company that a subject names.
fn number_in(subject: &str) -> Option<usize> {
    let (before, _) = subject.split_once(" Corp")?;
    before.rsplit_once('C')?.1.parse().ok()
}

impl Storm {
    fn new(kills: usize, seed: u64) -> Self {
        let mut storm = Self {
            scene: Scene::new(SLA),
            proxy: Proxy::to(0),
            dice: Dice(seed),
            seed,
            sdrs: sdrs(kills),
            companies: Vec::new(),
            effects: Vec::new(),
            letters: Vec::new(),
            answered: BTreeSet::new(),
            repeats: BTreeMap::new(),
            given_up: BTreeSet::new(),
            dropped: BTreeSet::new(),
            resends: BTreeMap::new(),
            is_restored: false,
            steps: 0,
            met: BTreeMap::new(),
            quick: 0,
        };
        storm.configure();
        storm
    }

    /// The agent has a mailbox of its own, and all mail leaves through the proxy, which sees how far each has come.
    fn configure(&mut self) {
        let bed = &self.scene.bed;
        self.proxy = Proxy::to(bed.ports.submission);
        let mut accounts = bed.account_toml("baton", BATON);
        let mut people = String::new();
        for (name, address) in &self.sdrs[1..] {
            let short = address.split('@').next().unwrap();
            accounts.push_str(&bed.account_toml(short, address));
            people.push_str(&format!(
                "[[people]]\nname = \"{name}\"\nroles = [\"sdr\"]\naddress = \"{address}\"\naccount = \"{short}\"\n\
                 manager = \"Morgan Hale\"\nzone = \"America/New_York\"\n"
            ));
        }
        let toml = self.scene.toml(SLA, "").replacen("account = \"dana\"", "account = \"baton\"", 1);
        let toml = toml.replacen("[accounts.dana]", &format!("{accounts}[accounts.dana]"), 1) + &people;
        let direct = format!("smtps://127.0.0.1:{}", bed.ports.smtps);
        let proxied = format!("smtp://127.0.0.1:{}", self.proxy.port);
        bed.write_config(&toml.replace(&direct, &proxied));
    }

    /// Two handoffs that every command can be about, from which nothing is killed.
    fn begin(&mut self) {
        for _ in 0..2 {
            let (number, text) = self.new_company(0);
            let name = format!("{number}.txt");
            self.scene.bed.write_file(&name, &text);
            self.scene.bed.baton(&["send", &name, "--yes"]).expect_status(0);
        }
        let quickest = (0..3).map(|_| {
            let before = now();
            self.scene.bed.baton(&["status"]).expect_status(0);
            before.elapsed().as_millis()
        });
        self.quick = u64::try_from(quickest.min().unwrap()).unwrap() * 2;
    }

    fn pause(&mut self, most: u64) {
        // The moment of death is what is tried here; nothing is waited for.
        std::thread::sleep(Duration::from_millis(self.dice.below(most)));
    }

    fn words(&self) -> String {
        format!("because {:04}", self.steps)
    }

    fn new_company(&mut self, sdr: usize) -> (usize, String) {
        let number = self.companies.len();
        self.companies.push(sdr);
        let text = record(&domain(number), in_two_days(), 1800);
        (number, text.replace("SDR: Dana Fox", &format!("SDR: {}", self.sdrs[sdr].0)))
    }

    // The agent.

    fn start(&mut self) {
        if self.scene.agent.is_none() {
            self.scene.start();
        }
    }

    fn kill_agent(&mut self, victim: Victim, within: u64) {
        self.start();
        if victim == Victim::Letter {
            let written = self.next_letter();
            self.scene.mail(&written.letter);
            self.letters.push(written);
        }
        self.pause(within);
        self.scene.crash();
        self.note_kill(victim, true);
    }

    fn note_kill(&mut self, victim: Victim, is_met: bool) {
        let (met, all) = self.met.entry(victim).or_default();
        *met += usize::from(is_met);
        *all += 1;
    }

    /// Somebody's next letter: a yes to a record that is ready, words about a handoff, or another record.
    fn next_letter(&mut self) -> Written {
        let boxes: Vec<String> = self.sdrs.iter().map(|(_, address)| address.clone()).collect();
        if let Some((number, mail)) = self.unanswered(&boxes, "ready to send") {
            let letter = Letter::answer(&mail, &self.sdr_box(number), &[BATON], "send");
            return Written { letter, number, asked: Asked::Intro, is_record: false };
        }
        let is_about_an_old_one = self.dice.below(2) == 0;
        if is_about_an_old_one
            && let Some((number, mail)) = self.unanswered(&[CALVIN.to_owned()], "handoff record")
        {
            let words = *self.dice.one_of(&["over to Nora", "over to Nora", "resend", "close: they signed"]);
            let letter = Letter::answer(&mail, &self.sdr_box(number), &[BATON], words);
            return Written { letter, number, asked: Asked::Answer, is_record: false };
        }
        let sdr = self.dice.below(self.sdrs.len() as u64) as usize;
        let (number, text) = self.new_company(sdr);
        let letter = Letter::new(&self.sdr_box(number), &[BATON], &company(number), &text);
        Written { letter, number, asked: Asked::Answer, is_record: true }
    }

    fn sdr_box(&self, number: usize) -> String {
        let (name, address) = &self.sdrs[self.companies[number]];
        format!("{name} <{address}>")
    }

    /// A mail of this kind that nobody has answered yet, which somebody answers now.
    fn unanswered(&mut self, readers: &[String], kind: &str) -> Option<(usize, Stored)> {
        for reader in readers {
            for mail in self.scene.bed.client(reader).messages("INBOX") {
                let subject = mail.header("Subject").unwrap_or_default();
                let Some(number) = number_in(&subject).filter(|_| subject.contains(kind)) else { continue };
                if self.answered.insert(id_of(&mail)) {
                    return Some((number, mail));
                }
            }
        }
        None
    }

    // Commands.

    fn spawn(&self, arguments: &[&str]) -> Child {
        let said = File::create(self.scene.bed.work().join("said")).unwrap();
        let mut command = self.scene.bed.command(arguments);
        command.stdout(said).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Kills a command within so many milliseconds, unless it has ended or is let be; whether it has ended well.
    fn kill(&mut self, victim: Victim, arguments: &[&str], within: u64) -> bool {
        let mut child = self.spawn(arguments);
        // Some may end, so that there is something of which they say that it is done.
        if self.dice.below(4) == 0 {
            child.wait().unwrap();
        } else {
            self.pause(within);
        }
        let ended = child.try_wait().unwrap();
        self.note_kill(victim, ended.is_none());
        let _ = child.kill();
        child.wait().unwrap().success()
    }

    fn kill_something(&mut self, victim: Victim) {
        self.steps += 1;
        match victim {
            Victim::Agent => return self.kill_agent(victim, 2500),
            Victim::Letter => return self.kill_agent(victim, 1500),
            Victim::Restore => return self.kill_restore(),
            _ => {}
        }
        if self.dice.below(2) == 0 {
            self.start();
        }
        match victim {
            Victim::Send => self.kill_send(),
            Victim::Resend => self.kill_resend(),
            Victim::Retry | Victim::Drop => self.kill_decision(victim),
            Victim::Once => {
                if let Some(agent) = self.scene.agent.take() {
                    agent.crash();
                }
                self.kill(victim, &["run", "--once"], 1500);
            }
            Victim::Look => {
                let look = *self
                    .dice
                    .one_of(&["status", "outbox", "health", "metrics", "report", "drafts", "backup"]);
                let arguments: &[&str] = if look == "backup" { &["backup", "backup.db"] } else { &[look] };
                self.kill(victim, arguments, self.quick);
            }
            _ => self.kill_correction(victim),
        }
        if victim == Victim::Word {
            self.kill_drop_of_draft();
        }
    }

    fn kill_send(&mut self) {
        let (number, text) = self.new_company(0);
        let name = format!("{number}.txt");
        self.scene.bed.write_file(&name, &text);
        if self.kill(Victim::Send, &["send", &name, "--yes", "--json"], 1500) {
            let said = fs::read_to_string(self.scene.bed.work().join("said")).unwrap();
            let said: Value = serde_json::from_str(&said).unwrap();
            self.effects.push(Effect::HandedOff(said["id"].as_str().unwrap().to_owned()));
        }
    }

    fn kill_resend(&mut self) {
        let number = self.dice.below(self.companies.len() as u64) as usize;
        *self.resends.entry(sarah(number)).or_default() += 1;
        if self.kill(Victim::Resend, &["resend", &company(number), "--yes"], 1500) {
            self.effects.push(Effect::Resent(sarah(number)));
        }
    }

    /// A correction, with its reason: the words by which it is known.
    fn kill_correction(&mut self, victim: Victim) {
        let handoff = company(self.dice.below(self.companies.len() as u64) as usize);
        let words = self.words();
        let ae = *self.dice.one_of(&["Nora Lind", "Calvin Reyes"]);
        let about: &[&str] = match victim {
            Victim::Reassign => &["reassign", "--ae", ae],
            Victim::Close => &["close"],
            Victim::Reopen => &["close", "--reopen"],
            Victim::Meeting => &["meeting", "--length", "45m"],
            Victim::Accept => &["accept", "--owner-updated"],
            _ if self.dice.below(2) == 0 => &["touch"],
            _ => &["feedback", "--wrong", "James has left"],
        };
        let arguments = [about, &[&handoff, "--why", &words]].concat();
        if self.kill(victim, &arguments, self.quick) {
            self.effects.push(Effect::Noted { handoff, words });
        }
    }

    fn kill_drop_of_draft(&mut self) {
        let drafts = || {
            self.scene.bed.baton(&["drafts", "--json"]).expect_status(0).json().as_array().unwrap().clone()
        };
        let Some(draft) = drafts().into_iter().find(|draft| draft["state"] != "dropped") else { return };
        let id = draft["id"].as_str().unwrap().to_owned();
        // A yes to it may come to nothing.
        self.given_up.extend(number_in(draft["company"].as_str().unwrap()));
        if self.kill(Victim::DropDraft, &["drafts", "drop", &id], self.quick) {
            let drafts = self.scene.bed.baton(&["drafts", "--json"]).expect_status(0).json();
            assert!(!drafts.to_string().contains(&id), "{id} is listed still; BATON_SEED={}", self.seed);
        }
    }

    fn outbox(&self) -> Vec<Value> {
        self.scene.bed.baton(&["outbox", "--json"]).expect_status(0).json().as_array().unwrap().clone()
    }

    /// The mails in this state.
    fn in_state(&self, states: &[&str]) -> BTreeSet<String> {
        let rows = self.outbox().into_iter().filter(|row| states.contains(&row["state"].as_str().unwrap()));
        rows.map(|row| row["message_id"].as_str().unwrap().to_owned()).collect()
    }

    /// A decision about all mail of unknown fate. What is being sent may be of unknown fate a moment later.
    fn kill_decision(&mut self, victim: Victim) {
        let uncertain = self.in_state(&["uncertain"]);
        for id in self.in_state(&["uncertain", "sending"]) {
            match victim {
                Victim::Retry => *self.repeats.entry(id).or_default() += 1,
                _ => drop(self.dropped.insert(id)),
            }
        }
        let verb = if victim == Victim::Retry { "retry" } else { "drop" };
        if self.kill(victim, &["outbox", verb, "--all"], self.quick) && victim == Victim::Drop {
            let left: Vec<String> = self.in_state(&["uncertain"]).intersection(&uncertain).cloned().collect();
            assert!(left.is_empty(), "{left:?} was dropped; BATON_SEED={}", self.seed);
        }
    }

    /// What is restored is the present: nothing that was done is undone by it.
    fn kill_restore(&mut self) {
        if let Some(agent) = self.scene.agent.take() {
            agent.crash();
        }
        let bed = &self.scene.bed;
        bed.baton(&["backup", "present.db"]).expect_status(0);
        self.is_restored = true;
        let is_done = self.kill(Victim::Restore, &["restore", "present.db"], self.quick);
        let bed = &self.scene.bed;
        assert!(bed.work().join("present.db").exists());
        if !is_done && !bed.work().join("baton.db").exists() {
            bed.baton(&["restore", "present.db"]).expect_status(0);
        }
    }

    // The end.

    /// A quiet moment, in which the agent catches up: without one a database that was restored would stay behind its
    /// mailboxes to the end, and nothing would leave.
    fn recover(&mut self) {
        self.start();
        for _ in 0..120 {
            if self.scene.bed.baton(&["health"]).status == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Until all has left that leaves by itself, and every letter is answered.
    fn come_to_rest(&mut self) {
        self.start();
        // Whoever has had many mails within an hour gets no more for a while.
        let is_put_off =
            |mail: &Value| mail["error"].as_str().is_some_and(|error| error.contains(" has had "));
        let is_at_rest = || {
            let rows = self.outbox();
            let moving = |mail: &&Value| mail["state"] == "queued" || mail["state"] == "sending";
            let in_doubt = rows.iter().filter(|mail| !moving(mail)).count();
            !rows.iter().any(|mail| moving(&mail) && !is_put_off(mail))
                && self.unanswered_letters().len() <= in_doubt
        };
        for _ in 0..45 + self.steps / 4 {
            // Longer than one wait, since mail that was put off comes again after a while.
            if is_at_rest() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        let outbox = self.outbox();
        let letters: Vec<String> = self.unanswered_letters().iter().map(|one| one.letter.text()).collect();
        let log = self.scene.log_end();
        assert!(is_at_rest(), "not at rest: {outbox:#?}\n{letters:#?}; BATON_SEED={}\n{log}", self.seed);
    }

    /// The letters that ought to have brought something and have not.
    fn unanswered_letters(&self) -> Vec<&Written> {
        let has_come = |written: &&Written| match written.asked {
            Asked::Answer => self.answers_to(written) > 0,
            Asked::Intro if self.given_up.contains(&written.number) => true,
            Asked::Intro => !self.scene.bed.client(&sarah(written.number)).messages("INBOX").is_empty(),
        };
        self.letters.iter().filter(|written| !has_come(written)).collect()
    }

    /// How many answers to a letter the agent has made, for whoever got the most of them.
    fn answers_to(&self, written: &Written) -> usize {
        let query = "SELECT coalesce(max(answers), 0) FROM (SELECT count(*) AS answers FROM letter_answers \
                     JOIN letters ON letters.seq = letter JOIN outbox ON outbox.seq = row \
                     WHERE instr(identity, ?1) AND kind <> 'send-failed' GROUP BY reader)";
        let count = self.database().query_row(query, [&written.letter.id], |row| row.get::<_, u32>(0));
        count.unwrap() as usize
    }

    fn database(&self) -> rusqlite::Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        rusqlite::Connection::open_with_flags(self.scene.bed.work().join("baton.db"), flags).unwrap()
    }
}

/// A row of the outbox.
struct Row {
    id: String,
    kind: String,
    state: String,
    /// It waits because a backup was restored.
    is_held: bool,
    readers: Vec<String>,
    bytes: Vec<u8>,
}

fn rows(database: &rusqlite::Connection) -> Vec<Row> {
    let query = "SELECT message_id, kind, state, may_have_left, recipients, coalesce(bytes, x'') FROM outbox";
    let mut query = database.prepare(query).unwrap();
    let rows = query.query_map([], |row| {
        let recipients: Value = serde_json::from_str(&row.get::<_, String>(4)?).unwrap();
        let readers = ["to", "cc"].iter().flat_map(|field| recipients[field].as_array().unwrap().clone());
        let readers = readers.map(|one| one["address"].as_str().unwrap().to_owned()).collect();
        Ok(Row {
            id: row.get(0)?,
            kind: row.get(1)?,
            state: row.get(2)?,
            is_held: row.get(3)?,
            readers,
            bytes: row.get(5)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// How far a mail has come, as the server saw it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Passed {
    Less,
    /// All but what ends it: its last piece may have been under way.
    AllButTheEnd,
    All,
}

fn passed(messages: &[String], row: &Row) -> Passed {
    let of_it = messages.iter().filter(|message| message.contains(&format!("<{}>", row.id)));
    let whole = String::from_utf8_lossy(&row.bytes).replace("\r\n.", "\r\n..");
    let far = of_it.map(|message| match message.strip_suffix("\r\n.\r\n") {
        Some(_) => Passed::All,
        None if whole.trim_end() == message.trim_end() => Passed::AllButTheEnd,
        None => Passed::Less,
    });
    far.max().unwrap_or(Passed::Less)
}

/// What every mailbox holds that somebody got from baton: how often each mail came, for each reader.
type Arrived = BTreeMap<String, BTreeMap<String, usize>>;

impl Storm {
    fn arrived(&self, rows: &[Row]) -> Arrived {
        let readers: BTreeSet<&String> = rows.iter().flat_map(|row| &row.readers).collect();
        let mut arrived = Arrived::new();
        for reader in readers {
            let counts = arrived.entry(reader.clone()).or_default();
            for message in self.scene.bed.client(reader).messages("INBOX") {
                *counts.entry(id_of(&message)).or_default() += 1;
            }
        }
        arrived
    }

    /// Everything that left came once to everybody it was for, and nothing else came.
    fn check_mail(&self, rows: &[Row]) {
        let seed = self.seed;
        let lost = |arrived: &Arrived| -> Vec<String> {
            let sent = rows.iter().filter(|row| row.state == "sent");
            let each = sent.flat_map(|row| row.readers.iter().map(move |reader| (row, reader)));
            let lost = each.filter(|(row, reader)| !arrived[*reader].contains_key(&row.id));
            lost.map(|(row, reader)| format!("{} {} for {reader}", row.kind, row.id)).collect()
        };
        let mut arrived = self.arrived(rows);
        for _ in 0..20 {
            if lost(&arrived).is_empty() {
                break;
            }
            // The server has it, and delivers it a moment later.
            std::thread::sleep(Duration::from_millis(200));
            arrived = self.arrived(rows);
        }
        assert_eq!(lost(&arrived), Vec::<String>::new(), "never came; BATON_SEED={seed}");
        let by_people: BTreeSet<&str> =
            self.letters.iter().map(|written| written.letter.id.as_str()).collect();
        for (reader, counts) in &arrived {
            for (id, count) in counts.iter().filter(|(id, _)| !by_people.contains(id.as_str())) {
                let most = 1 + self.repeats.get(id).copied().unwrap_or_default();
                assert!(*count <= most, "{id} came {count} times to {reader}; BATON_SEED={seed}");
                let row = rows.iter().find(|row| row.id == *id);
                let row = row.unwrap_or_else(|| panic!("nobody knows {id} for {reader}; BATON_SEED={seed}"));
                let is_known = row.state == "sent" || row.state == "uncertain" || self.dropped.contains(id);
                assert!(is_known, "{} {id} came and is {}; BATON_SEED={seed}", row.kind, row.state);
            }
        }
        for number in 0..self.companies.len() {
            let intros = arrived.get(&sarah(number)).map_or(0, BTreeMap::len);
            let by_command = self.resends.get(&sarah(number)).copied().unwrap_or_default();
            let is_yes = |written: &&Written| written.number == number && written.asked == Asked::Intro;
            // Of a record that came by letter, the first yes is the handoff itself; each further one resends.
            let is_record = |written: &Written| written.number == number && written.is_record;
            let sent_by_command = usize::from(!self.letters.iter().any(is_record));
            let most = sent_by_command + by_command + self.letters.iter().filter(is_yes).count();
            assert!(
                intros <= most,
                "{intros} intros of {number}: {}; BATON_SEED={seed}",
                self.told_of(number, rows)
            );
        }
    }

    /// What there is of one company, for whoever reads of a failure.
    fn told_of(&self, number: usize, rows: &[Row]) -> String {
        let sdr = &self.sdrs[self.companies[number]].1;
        let is_theirs = |row: &&Row| row.readers.contains(&sarah(number)) || row.readers.contains(sdr);
        let rows = rows.iter().filter(is_theirs).map(|row| format!("{} {} {}", row.kind, row.id, row.state));
        let letters = self.letters.iter().filter(|written| written.number == number);
        rows.chain(letters.map(|written| written.letter.text())).collect::<Vec<_>>().join("\n")
    }

    /// Only what was under way is in doubt, or what a restored backup cannot know of. How many, of each.
    fn check_doubt(&self, rows: &[Row]) -> (usize, usize, usize) {
        let messages = self.proxy.messages();
        let (mut taken, mut at_the_end, mut held) = (0, 0, 0);
        for row in rows.iter().filter(|row| row.state == "uncertain") {
            match passed(&messages, row) {
                _ if row.is_held && self.is_restored => held += 1,
                Passed::All => taken += 1,
                Passed::AllButTheEnd => at_the_end += 1,
                Passed::Less => {
                    panic!("{} {} is uncertain, and had not left; BATON_SEED={}", row.kind, row.id, self.seed)
                }
            }
        }
        (taken, at_the_end, held)
    }

    /// Whatever said that it was done is done.
    fn check_effects(&self, rows: &[Row]) {
        let seed = self.seed;
        let shown = self.scene.all();
        for effect in &self.effects {
            match effect {
                Effect::HandedOff(id) => {
                    let handoff = shown.iter().find(|one| one["id"] == id.as_str());
                    let handoff = handoff.unwrap_or_else(|| panic!("no handoff {id}; BATON_SEED={seed}"));
                    let has_left = mails(handoff, "intro").iter().any(|mail| mail["state"] == "sent");
                    assert!(has_left, "{handoff:#}; BATON_SEED={seed}");
                }
                Effect::Resent(prospect) => {
                    let is_theirs = |row: &&Row| row.kind == "intro" && row.readers.contains(prospect);
                    let sent = rows.iter().filter(is_theirs).filter(|row| row.state == "sent").count();
                    let is_same = |one: &&Effect| matches!(one, Effect::Resent(other) if other == prospect);
                    let resent = self.effects.iter().filter(is_same).count();
                    assert!(sent >= resent, "{sent} intros of {resent} for {prospect}; BATON_SEED={seed}");
                }
                Effect::Noted { handoff, words } => {
                    let story = shown.iter().find(|one| one["company"] == handoff.as_str());
                    let is_told = story.is_some_and(|one| one.to_string().contains(words));
                    assert!(is_told, "{words} of {handoff} is not in {story:#?}; BATON_SEED={seed}");
                }
            }
        }
        for written in &self.letters {
            let count = self.answers_to(written);
            assert!(count <= 1, "{count} answers to {}; BATON_SEED={seed}", written.letter.text());
        }
        // What is in doubt may be what is missing.
        let in_doubt = rows.iter().filter(|row| row.state == "uncertain" || row.state == "failed").count();
        let missing = self.unanswered_letters();
        let texts =
            || missing.iter().map(|one| self.told_of(one.number, rows)).collect::<Vec<_>>().join("\n");
        assert!(missing.len() <= in_doubt, "in vain: {}; BATON_SEED={seed}", texts());
    }
}

#[test]
fn whatever_is_killed_nothing_is_lost_and_nothing_leaves_twice() {
    let is_long = std::env::var("BATON_LONG").is_ok_and(|value| !value.is_empty() && value != "0");
    let kills = if is_long { 500 } else { ROUND.len() };
    let seed = seed();
    println!("BATON_SEED={seed}, {kills} kills");
    let mut storm = Storm::new(kills, seed);
    storm.begin();
    for _ in 0..kills / ROUND.len() {
        let mut round = ROUND;
        for place in (2..round.len()).rev() {
            round.swap(place, 1 + storm.dice.below(place as u64) as usize);
        }
        for victim in round {
            storm.kill_something(victim);
        }
        storm.recover();
    }
    storm.come_to_rest();
    storm.scene.stop();
    let database = storm.database();
    let said: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
    let rows = rows(&database);
    storm.check_mail(&rows);
    storm.check_effects(&rows);
    let (taken, at_the_end, held) = storm.check_doubt(&rows);
    println!(
        "{} handoffs, {} letters, {} mails left, {} effects; uncertain: {taken} at the server, {at_the_end} with all but \
         the end, {held} held by a restore; killed alive of all: {:?}",
        storm.companies.len(),
        storm.letters.len(),
        rows.iter().filter(|row| row.state == "sent").count(),
        storm.effects.len(),
        storm.met
    );
}
