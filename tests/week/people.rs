//! What people do on the stage: they hand over, write, answer and click, as their programs would. What their
//! calendars send is in `calendars`.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use mail_parser::MessageParser;

use baton::agent::send::{SendOutcome, carry_out, commit, commit_again};
use baton::agent::statement::record_statement;
use baton::domain::fact::StatementKind;
use baton::domain::handoff::Record;
use baton::record::{ParseContext, parse};
use baton::store::{OutboxState, Scope};

use super::cast::{self, AGENT, PASSWORD, address, domain, find, key_of, listed};
use super::letter::{self, Letter};
use super::proxy::Fault;
use super::stage::Stage;
use super::story::{Do, Story};

/// How far a story has come.
pub(crate) struct Run {
    /// The handoff's.
    pub id: String,
    /// Ids of the prospects' thread.
    thread: Vec<String>,
    /// The last mail in it.
    last: Option<Written>,
    /// How often each UID was sent out.
    pub sequences: BTreeMap<&'static str, usize>,
    names: BTreeMap<String, String>,
}

/// A mail that can be answered.
#[derive(Clone)]
struct Written {
    author: String,
    date: DateTime<FixedOffset>,
    subject: String,
    words: String,
    raw: String,
}

impl Written {
    fn read(raw: &[u8], date: DateTime<FixedOffset>) -> Self {
        let parsed = MessageParser::default().parse(raw).unwrap();
        let from = parsed.from().and_then(|from| from.first()).unwrap();
        Self {
            author: format!("{} <{}>", from.name().unwrap_or_default(), from.address().unwrap_or_default()),
            date,
            subject: parsed.subject().unwrap_or_default().to_owned(),
            words: parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            raw: String::from_utf8_lossy(raw).into_owned(),
        }
    }
}

impl Run {
    pub(crate) fn of(story: &'static Story) -> Self {
        let mut names = BTreeMap::new();
        for name in listed(story.to).into_iter().chain(listed(story.attendees)) {
            names.insert(address(&key_of(name), story.company), name.to_owned());
        }
        Self { id: String::new(), thread: Vec::new(), last: None, sequences: BTreeMap::new(), names }
    }
}

impl Stage {
    pub(crate) async fn act(&mut self, story: &'static Story, what: &'static Do) {
        match *what {
            Do::Mail(..) => {}
            Do::Sends => self.send(story).await,
            Do::Resends(name) => self.resend(story, name).await,
            Do::Reassigns(ae) => {
                let says = StatementKind::Reassigned { ae: find(ae).unwrap().name.to_owned() };
                let id = self.run(story).id.clone();
                record_statement(&self.app, &id, "as agreed", says).await.unwrap();
            }
            Do::Reply(by, to, cc, words) => {
                let letter = self.reply(story, by, to, cc, words);
                self.post(story, &letter, "", Some("\\Sent"));
            }
            Do::ReplyBcc(by, to, bcc, words) => {
                let letter = self.reply(story, by, to, "", words);
                self.post(story, &letter, bcc, Some("\\Sent"));
            }
            Do::ReplyFiled(by, to, folder, words) => {
                let letter = self.reply(story, by, to, "", words);
                self.post(story, &letter, "", Some(folder));
            }
            Do::ReplyFrom(from, name, to, cc) => {
                let mut letter = self.reply(story, from, to, cc, "Hello, I am looking forward to our call.");
                letter.from = format!("{name} <{from}>");
                self.post(story, &letter, "", Some("\\Sent"));
            }
            Do::Writes(by, to, cc, words) => {
                let mut letter = self.letter(story, by, to, cc);
                letter.subject = "Your reporting".to_owned();
                letter.body = words.to_owned();
                self.post(story, &letter, "", Some("\\Sent"));
            }
            Do::Answers(by, kind, words) => self.answer(story, by, kind, words).await,
            Do::FillsIn(by, kind, answers) => self.fill_in(story, by, kind, answers).await,
            Do::Clicks(by, kind, answer) => self.click(story, by, kind, answer).await,
            Do::Reacts(by, kind, emoji) => {
                let original = self.batons(story, by, kind).await;
                let mut letter = self.answer_to(story, by, &original);
                (letter.content_type, letter.body) = typed(letter::reaction(find(by).unwrap().name, emoji));
                self.post(story, &letter, "", Some("\\Sent"));
            }
            Do::IsAway(by, words) => {
                let mut letter = self.letter(story, by, story.sdr, "");
                letter.subject = "Automatic reply: away".to_owned();
                letter.thread = self.run(story).thread.clone();
                letter.headers = vec!["Auto-Submitted: auto-replied".to_owned()];
                letter.body = words.to_owned();
                self.post(story, &letter, "", None);
            }
            Do::Calendar(by, to, method, uid, start) => {
                self.invite(story, by, to, method, uid, start);
            }
            Do::Rsvp(by, to, status, uid, start) => {
                self.respond(story, by, to, status, uid, start);
            }
            Do::Books(prospect, start) => self.book(story, prospect, start),
            Do::Bounces(recipient, author) => self.bounce(story, recipient, author),
            Do::Forged(to, cc, words) => {
                let letter = self.reply(story, story.ae, to, cc, words);
                self.bring(
                    story,
                    &letter,
                    Some("spf=fail; dkim=none; dmarc=fail header.from=vendor.example"),
                );
            }
            Do::Outage(account) => {
                assert_eq!(account, "rita", "hers alone is behind the proxy");
                self.down.insert(account);
                self.proxy.set(Fault::Cut);
            }
            Do::OutageEnds(account) => {
                self.down.remove(account);
                self.proxy.set(Fault::None);
            }
            Do::PasswordChanges(account) => {
                self.down.insert(account);
                self.sandbox.set_password(&address(account, ""), "another");
            }
            Do::PasswordIsMended(account) => {
                self.down.remove(account);
                self.sandbox.set_password(&address(account, ""), PASSWORD);
            }
        }
    }

    pub(crate) fn run(&mut self, story: &Story) -> &mut Run {
        self.runs.get_mut(story.company).unwrap()
    }

    // Handing over.

    fn record(&self, story: &Story, to: &'static str) -> (Record, String) {
        let attendees = if story.attendees.is_empty() { to } else { story.attendees };
        let zone = cast::zone_of(story.ae);
        let meeting = zone.local(cast::instant(story.meeting, zone.as_ref()));
        let text = letter::Record {
            company: story.company,
            sdr: find(story.sdr).unwrap().name,
            ae: find(story.ae).unwrap().name,
            domain: &domain(story.company),
            to: listed(to),
            attendees: listed(attendees),
            meeting: format!("{} {}", meeting.format("%Y-%m-%d %H:%M"), zone.name()),
        }
        .text();
        let context = ParseContext {
            people: &self.app.policy.people,
            zones: &self.app.zones,
            now: self.clock.now(),
            extra_conditions: &[],
            path: story.company,
        };
        let parsed = parse(&text, &context).unwrap_or_else(|faults| {
            panic!("{}: {:?}", story.company, faults.first().map(|one| &one.message))
        });
        (parsed.record, text)
    }

    async fn send(&mut self, story: &'static Story) {
        let (record, text) = self.record(story, story.to);
        let asked = commit(&self.app, record, text, false).await.unwrap().unwrap();
        self.run(story).id.clone_from(&asked.handoff);
        let outcome = carry_out(&self.app, &asked).await.unwrap();
        assert!(matches!(outcome, SendOutcome::Sent(_)), "{}: {outcome:?}", story.company);
        self.take_up_intro(story, story.to);
    }

    async fn resend(&mut self, story: &'static Story, to: &'static str) {
        let (record, _) = self.record(story, to);
        let id = self.run(story).id.clone();
        let asked = commit_again(&self.app, &id, Some(record)).await.unwrap();
        let outcome = carry_out(&self.app, &asked).await.unwrap();
        assert!(matches!(outcome, SendOutcome::Sent(_)), "{}: {outcome:?}", story.company);
        self.take_up_intro(story, to);
    }

    /// The thread begins with the intro, as it came to the prospect.
    fn take_up_intro(&mut self, story: &'static Story, to: &str) {
        let first = address(&key_of(listed(to).first().unwrap()), story.company);
        let intro = self.sandbox.mailbox(&first, "INBOX").pop().unwrap();
        let date = cast::zone_of(story.sdr).local(self.clock.now());
        let run = self.run(story);
        run.thread = ids(&intro.raw);
        run.last = Some(Written::read(&intro.raw, date));
    }

    // Writing.

    fn named(&mut self, story: &Story, key: &str) -> String {
        let address = address(key, story.company);
        let name = match find(key) {
            Some(person) => person.name.to_owned(),
            None => self.run(story).names.get(&address).cloned().unwrap_or_default(),
        };
        // RFC 2047: a name beyond ASCII would have to be encoded.
        if name.is_ascii() && !name.is_empty() { format!("{name} <{address}>") } else { address }
    }

    pub(crate) fn letter(&mut self, story: &Story, by: &str, to: &str, cc: &str) -> Letter {
        self.letters += 1;
        let from = self.named(story, by);
        let host = address(by, story.company).split('@').next_back().unwrap().to_owned();
        Letter {
            from,
            to: listed(to).into_iter().map(|one| self.named(story, one)).collect(),
            cc: listed(cc).into_iter().map(|one| self.named(story, one)).collect(),
            subject: String::new(),
            id: format!("letter-{}@mail.{host}", self.letters),
            thread: Vec::new(),
            headers: Vec::new(),
            content_type: letter::PLAIN.to_owned(),
            body: String::new(),
            date: cast::zone_of(story.ae).local(self.clock.now()),
        }
    }

    fn reply(&mut self, story: &Story, by: &str, to: &str, cc: &str, words: &str) -> Letter {
        let mut letter = self.letter(story, by, to, cc);
        let run = self.run(story);
        let last = run.last.clone().unwrap_or_else(|| panic!("{}: nothing to answer", story.company));
        letter.subject = re(&last.subject);
        letter.thread.clone_from(&run.thread);
        letter.body = letter::above(words, last.date, &last.author, &last.words);
        letter
    }

    fn answer_to(&mut self, story: &Story, by: &str, original: &[u8]) -> Letter {
        let mut letter = self.letter(story, by, AGENT, "");
        letter.subject = re(&Written::read(original, letter.date).subject);
        letter.thread = ids(original);
        letter
    }

    async fn answer(&mut self, story: &'static Story, by: &str, kind: &str, words: &str) {
        let original = self.batons(story, by, kind).await;
        let mut letter = self.answer_to(story, by, &original);
        let read = Written::read(&original, letter.date);
        letter.body = letter::above(words, read.date, &read.author, &read.words);
        self.post(story, &letter, "", Some("\\Sent"));
    }

    async fn fill_in(&mut self, story: &'static Story, by: &str, kind: &str, answers: [&str; 3]) {
        let original = self.batons(story, by, kind).await;
        let mut letter = self.answer_to(story, by, &original);
        let read = Written::read(&original, letter.date);
        let mut answers = answers.into_iter();
        let is_form =
            |line: &str| ["Outcome", "Score", "Anything wrong"].iter().any(|one| line.starts_with(one));
        let mut quoted = String::new();
        for line in read.words.lines() {
            let answer = if is_form(line) { answers.next().unwrap_or_default() } else { "" };
            quoted.push_str(&format!("> {line}{}{answer}\n", if answer.is_empty() { "" } else { " " }));
        }
        assert!(answers.next().is_none(), "{}: the {kind} has no three lines", story.company);
        letter.body = format!("{}{quoted}", letter::above("", read.date, &read.author, ""));
        self.post(story, &letter, "", Some("\\Sent"));
    }

    async fn click(&mut self, story: &'static Story, by: &str, kind: &str, answer: &str) {
        let original = self.batons(story, by, kind).await;
        let words = Written::read(&original, self.clock.now().fixed_offset()).words;
        let links = words.split('<').filter_map(|part| part.strip_prefix("mailto:"));
        let opened = links
            .filter_map(|rest| url::Url::parse(&format!("mailto:{}", rest.split('>').next()?)).ok())
            .map(|link| link.query_pairs().into_owned().collect::<BTreeMap<String, String>>())
            .find(|fields| fields.get("body").is_some_and(|body| body.trim() == answer));
        let fields = opened.unwrap_or_else(|| panic!("{}: no link answers {answer}: {words}", story.company));
        let mut letter = self.letter(story, by, AGENT, "");
        letter.subject.clone_from(&fields["subject"]);
        letter.body.clone_from(&fields["body"]);
        self.post(story, &letter, "", Some("\\Sent"));
    }

    /// baton's last mail of a kind, as it lies in somebody's INBOX.
    async fn batons(&mut self, story: &'static Story, reader: &str, kind: &str) -> Vec<u8> {
        let scope = Scope::Handoff(self.run(story).id.clone());
        let rows = self.app.read(move |_, tx| tx.outbox(&scope)).await.unwrap();
        let sent =
            rows.into_iter().rfind(|row| row.key.kind.name() == kind && row.state == OutboxState::Sent);
        let id = sent.unwrap_or_else(|| panic!("{}: no {kind} to answer", story.company)).message_id;
        let inbox = self.sandbox.mailbox(&address(reader, story.company), "INBOX");
        let found = inbox.iter().find(|mail| ids(&mail.raw).last().is_some_and(|one| one == id.as_str()));
        found.unwrap_or_else(|| panic!("{}: {reader} has no {kind}", story.company)).raw.to_vec()
    }

    fn bounce(&mut self, story: &'static Story, recipient: &str, author: &str) {
        let recipient = address(recipient, story.company);
        let last = self.run(story).last.clone().unwrap();
        assert!(last.author.contains(&address(author, "")), "{}: {} wrote last", story.company, last.author);
        let mut letter = self.letter(story, "mailer-daemon@mx.vendor.example", author, "");
        letter.from = "MAILER-DAEMON@mx.vendor.example (Mail Delivery System)".to_owned();
        letter.subject = "Undelivered Mail Returned to Sender".to_owned();
        letter.headers = vec!["Auto-Submitted: auto-replied".to_owned()];
        (letter.content_type, letter.body) = typed(letter::report(&recipient, &last.raw));
        self.bring(story, &letter, None);
    }

    // Posting.

    /// A local user sends a letter; it becomes the last of the thread where it belongs to it.
    pub(crate) fn post(
        &mut self,
        story: &'static Story,
        letter: &Letter,
        bcc: &str,
        keeps: Option<&'static str>,
    ) {
        let by = bare(&letter.from);
        let mut to: Vec<String> = letter.to.iter().chain(&letter.cc).map(|one| bare(one)).collect();
        to.extend(listed(bcc).into_iter().map(|one| address(one, story.company)));
        let everybody: Vec<&str> = to.iter().map(String::as_str).collect();
        let text = letter.text();
        self.sandbox.submit(&by, &everybody, text.as_bytes()).unwrap();
        let provider_keeps = ["ben@vendor.example", "priya@vendor.example"].contains(&by.as_str());
        if let Some(folder) = keeps {
            if !provider_keeps {
                self.sandbox.append(&by, folder, text.as_bytes(), &["\\Seen"], self.clock.now()).unwrap();
            }
            self.ledger.push((by, folder, letter.id.clone()));
        }
        for one in to {
            self.ledger.push((one, "INBOX", letter.id.clone()));
        }
        // What reached no prospect is nothing that the thread goes on from.
        let everybody = letter.to.iter().chain(&letter.cc).chain([&letter.from]);
        let is_prospects = everybody.map(|one| bare(one)).any(|one| one.ends_with(&domain(story.company)));
        let run = self.run(story);
        let in_thread = !run.thread.is_empty() && letter.thread == run.thread && keeps.is_some();
        if in_thread && is_prospects && letter.content_type == letter::PLAIN {
            run.thread.push(letter.id.clone());
            run.last = Some(Written::read(text.replace('\n', "\r\n").as_bytes(), letter.date));
        }
    }

    /// A letter from somewhere else arrives.
    pub(crate) fn bring(&mut self, story: &'static Story, letter: &Letter, authentication: Option<&str>) {
        let to: Vec<String> = letter.to.iter().chain(&letter.cc).map(|one| bare(one)).collect();
        let everybody: Vec<&str> = to.iter().map(String::as_str).collect();
        let is_report = letter.content_type.starts_with("multipart/report");
        let envelope = if is_report { String::new() } else { bare(&letter.from) };
        let text = letter.text();
        self.sandbox
            .deliver(&envelope, &everybody, text.as_bytes(), authentication)
            .unwrap_or_else(|error| panic!("{}: {error}", story.company));
        for one in to {
            self.ledger.push((one, "INBOX", letter.id.clone()));
        }
    }
}

fn typed((content_type, body): (&str, String)) -> (String, String) {
    (content_type.to_owned(), body)
}

fn re(subject: &str) -> String {
    if subject.starts_with("Re: ") { subject.to_owned() } else { format!("Re: {subject}") }
}

/// `sarah@acme.example` of `Sarah Lee <sarah@acme.example>`.
pub(crate) fn bare(mailbox: &str) -> String {
    let inner = mailbox.rsplit_once('<').map_or(mailbox, |(_, rest)| rest.trim_end_matches('>'));
    inner.split(' ').next().unwrap_or(inner).to_lowercase()
}

/// References and, last, the Message-ID.
pub(crate) fn ids(raw: &[u8]) -> Vec<String> {
    let parsed = MessageParser::default().parse(raw).unwrap();
    let references = parsed.references().as_text_list().unwrap_or_default();
    let mut all: Vec<String> = references.iter().map(ToString::to_string).collect();
    all.extend(parsed.message_id().map(ToOwned::to_owned));
    all
}
