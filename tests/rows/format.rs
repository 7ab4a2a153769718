//! The scenario file: what may be in it. README.md shows it by examples.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Number and sentence of docs/behaviour.md that it shows.
    pub shows: String,
    #[serde(default)]
    pub config: Changes,
    pub step: Vec<Step>,
    /// Until when time passes after the last step.
    pub ends: Option<String>,
    /// Every mail that leaves: `Tue 16:00 reminder to calvin`, `... to sarah cc calvin`.
    pub mails: Vec<String>,
    /// A part of what `baton show --json` tells in the end.
    #[serde(default)]
    pub expect: toml::Table,
}

/// How the configuration differs from the usual one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Changes {
    /// People whose mailbox is not watched.
    pub unwatched: Vec<String>,
    /// The agent has a mailbox of its own, `baton`, which letters go to.
    pub own_agent: bool,
    /// People whose provider is Microsoft's: it keeps Sent copies and gives every mail another Message-ID.
    pub microsoft: Vec<String>,
    /// Lines of `[sla]`, `[feedback]`, `[record]`.
    pub sla: String,
    pub feedback: String,
    pub record: String,
    /// Texts that replace others, one after the other, in the configuration as `cast.rs` writes it.
    pub replace: Vec<(String, String)>,
    /// Lines at the end: more people, for example.
    pub more: String,
}

/// Something that happens at an instant; then the agent takes a pass.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub at: String,
    pub hand_over: Option<HandOver>,
    pub mail: Option<Letter>,
    /// One more copy of a letter turns up.
    pub copy: Option<OneMore>,
    pub bounce: Option<Bounce>,
    /// Words of the command line after `baton`: touch, accept, meeting, feedback, close, reassign, resend.
    /// `{touch-letter}` stands for a letter's Message-ID.
    pub run: Option<Vec<String>>,
    /// Accounts whose mailbox cannot be reached from now on; `smtp`: nothing can leave.
    #[serde(default)]
    pub outage: Vec<String>,
    /// Accounts that can be reached again.
    #[serde(default)]
    pub back: Vec<String>,
    pub refuse: Option<Refuse>,
    /// What the SMTP server does with the next mail: `swallow-answer` (it has it, and the answer is lost),
    /// `lose-mail` (at the last piece), `refuse-mail`, `refuse-login`.
    pub smtp_fault: Option<String>,
    /// Texts that replace others in the configuration from now on.
    #[serde(default)]
    pub reconfigure: Vec<(String, String)>,
    /// Templates that differ from the built-in ones from now on.
    #[serde(default)]
    pub templates: Vec<OwnTemplate>,
    /// What `baton drafts` lists after the pass, the last letter first: `ready Acme Corp`.
    pub drafts: Option<Vec<String>>,
    /// `baton drafts drop`, of the draft for this company.
    pub drop_draft: Option<String>,
    /// The agent takes no pass, neither now nor while time passes, until the next step without it.
    #[serde(default)]
    pub asleep: bool,
    /// What holds after the pass.
    pub expect: Option<toml::Table>,
}

/// A template of the operator's own: a built-in one in which texts are replaced by others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnTemplate {
    /// `intro.txt`.
    pub name: String,
    pub replace: Vec<(String, String)>,
}

/// A record that is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HandOver {
    pub company: String,
    pub sdr: String,
    pub ae: String,
    pub to: Vec<String>,
    pub attendees: Vec<String>,
    /// Local time in New York.
    pub meeting: String,
    pub length: String,
    pub pain: String,
    pub agenda: String,
    /// `baton send --again`.
    pub again: bool,
    /// The intro does not leave at once: `deferred` or `refused` is expected.
    pub outcome: Option<String>,
}

impl Default for HandOver {
    fn default() -> Self {
        Self {
            company: "Acme Corp".to_owned(),
            sdr: "dana".to_owned(),
            ae: "calvin".to_owned(),
            to: vec!["sarah".to_owned()],
            attendees: vec!["sarah".to_owned(), "james".to_owned()],
            meeting: "2026-12-03 14:00".to_owned(),
            length: "30 min".to_owned(),
            pain: "Our reps spend 20 minutes a day updating Salesforce and still miss half the fields."
                .to_owned(),
            agenda: "walk through the reporting pain and demo the pipeline dashboard".to_owned(),
            again: false,
            outcome: None,
        }
    }
}

impl HandOver {
    /// Another prospect of the same SDR and AE.
    pub(crate) fn of_globex() -> Self {
        let tom = vec!["tom".to_owned()];
        Self { company: "Globex".to_owned(), to: tom.clone(), attendees: tom, ..Self::default() }
    }
}

/// A mail that somebody writes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Letter {
    /// By which later steps and expectations call it; `calvin-1`, `calvin-2`, .. where it is left out.
    pub name: Option<String>,
    /// A name of the cast, or `Name <address>`.
    pub from: String,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    /// What it answers: a letter's name, or a kind of baton's mail (the newest of it), such as `intro`,
    /// `record`, `reminder`, with `intro:Globex` for one of several handoffs.
    pub reply_to: Option<String>,
    /// Instead of what `reply_to` gives: names, kinds or ids.
    pub references: Option<Vec<String>>,
    pub in_reply_to: Option<String>,
    pub subject: Option<String>,
    pub text: String,
    /// Beside the text.
    pub html: Option<String>,
    /// Instead of the original, which is quoted below; empty for no quotation.
    pub quotation: Option<String>,
    /// Texts that replace others in the quotation: a form that is filled in where it stands.
    pub fill: Vec<(String, String)>,
    /// The program that quotes the original: `gmail`, `gmail-html` (without plain text), `apple` (HTML alone), `thunderbird`
    /// (HTML alone).
    pub program: Option<String>,
    /// The words stand below the quotation.
    pub below: bool,
    /// Files that lie beside the text.
    pub attach: Vec<Attached>,
    /// More header lines.
    pub headers: Vec<String>,
    /// Results of authentication as the receiving server writes them: `dmarc=fail`.
    pub auth: Option<String>,
    /// Instead of a fresh id, without angle brackets; empty for none.
    pub id: Option<String>,
    /// When the servers had it, where it turns up only at the step's time.
    pub sent: Option<String>,
    /// Its Date, where that is another.
    pub dated: Option<String>,
    /// Where its copies lie: `calvin/Sent`, `dana/INBOX`, `dana/INBOX at Tue 12:00` for another
    /// INTERNALDATE, `calvin/Drafts`. Left out: the author's Sent, and INBOX of everybody in To, Cc, Bcc.
    pub copies: Option<Vec<String>>,
    pub calendar: Option<Calendar>,
    /// An emoji, as Gmail sends reactions.
    pub reaction: Option<String>,
    /// A read receipt.
    pub receipt: bool,
    /// Marked as an automatic reply (RFC 3834).
    pub auto_reply: bool,
    /// Instead of the MIME body that `text` makes: Content-Type (and more headers), an empty line, the body.
    /// `{intro}` and the like stand for ids.
    pub body: Option<String>,
}

/// A file in a letter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attached {
    pub name: String,
    /// Content-Type without its parameters.
    #[serde(rename = "type")]
    pub media: String,
    /// `utf-8`, `utf-16le` or `utf-16be` with a mark of order, `windows-1252`.
    #[serde(default = "utf_8")]
    pub charset: String,
    pub text: String,
}

fn utf_8() -> String {
    "utf-8".to_owned()
}

/// A further copy of a letter that was written before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneMore {
    pub of: String,
    /// `calvin/Sent`, or with its own INTERNALDATE `calvin/Sent at 11:00`.
    pub to: String,
    /// Header lines above the letter's own, such as a Received line.
    #[serde(default)]
    pub headers: Vec<String>,
}

/// A calendar message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    pub method: String,
    pub uid: String,
    pub start: String,
    #[serde(default = "half_an_hour")]
    pub minutes: i64,
    #[serde(default)]
    pub sequence: u32,
    pub organizer: String,
    /// `sarah`, or with its answer `sarah ACCEPTED`.
    pub attendees: Vec<String>,
}

fn half_an_hour() -> i64 {
    30
}

/// A report that mail could not be delivered (RFC 3464).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bounce {
    pub name: Option<String>,
    /// What could not be delivered: a letter's name, `intro`.
    pub of: String,
    pub failed: Vec<String>,
    /// Whose mailbox it comes to; the author's where it is left out.
    pub to: Option<String>,
    #[serde(default = "failed")]
    pub action: String,
    #[serde(default = "no_such_user")]
    pub status: String,
}

fn failed() -> String {
    "failed".to_owned()
}

fn no_such_user() -> String {
    "5.1.1".to_owned()
}

/// A server that does not take mail for an address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refuse {
    pub who: String,
    /// Such as `451 4.3.0 come back later`.
    pub answer: String,
    pub times: u32,
}
