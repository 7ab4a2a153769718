//! The command line, as clap knows it: every verb with its arguments and the words of `baton help`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::check::CheckArgs;
use super::completions;
use super::init::InitArgs;
use super::new::NewArgs;
use super::sla::SlaArgs;

/// What to try first, below `baton help`.
#[cfg(feature = "demo")]
const FIRST_STEPS: &str = "\
`baton demo` shows what it is all about; it needs no configuration. `baton help COMMAND` explains one command.";
#[cfg(not(feature = "demo"))]
const FIRST_STEPS: &str = "`baton help COMMAND` explains one command.";

/// The rest of what `baton help` ends with.
const AFTER_HELP: &str = "\
Environment:
  BATON_CONFIG  the configuration, where --config does not name one
  NO_COLOR      no colours; they are left out of pipes and dumb terminals anyway
  BATON_LOG     what is logged, such as baton=debug

Exit status:
  0  done
  1  failed
  2  wrong usage
  3  input or configuration refused
  4  a mail server refused or could not be reached";

/// Passes the baton from an SDR to an AE by email, and makes sure that it was caught
#[derive(Parser, Debug)]
#[command(name = "baton", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = format!("{FIRST_STEPS}\n\n{AFTER_HELP}"))]
pub struct Cli {
    /// The configuration [default: $BATON_CONFIG, ./baton.toml, then the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print one JSON document instead of text for people
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more about what happens (on standard error); twice for everything
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Ask for the first account and people, and write a commented baton.toml
    Init(InitArgs),
    /// Check configuration, templates, clock, database and every account, and say how to fix what is wrong
    Doctor(DoctorArgs),
    /// Sign in to a mailbox with OAuth 2, and keep the consent
    Login(LoginArgs),
    /// Write an empty handoff record
    New(NewArgs),
    /// Validate handoff records
    Check(CheckArgs),
    /// Show the intro and the record email exactly as they would leave
    Preview(PreviewArgs),
    /// Hand a prospect over: show, ask, send the intro, start the clock
    Send(SendArgs),
    /// Run the agent: watch, decide, send, until told to stop
    Run(RunArgs),
    /// List the open handoffs, the most urgent first
    Status(StatusArgs),
    /// Say whether all is well, for monitors: exit status 0, or 1 with the reasons
    Health,
    /// Write counts in the text format of Prometheus
    Metrics,
    /// Show one handoff: its record, its timeline with evidence, what happens next
    Show(IdArgs),
    /// Say when a first touch would be due, and why
    Sla(SlaArgs),
    /// Explain how baton reads a message
    Classify(ClassifyArgs),
    /// Correct the first touch of a handoff
    Touch(TouchArgs),
    /// Correct the acceptance of a handoff
    Accept(AcceptArgs),
    /// Correct the meeting of a handoff
    Meeting(MeetingArgs),
    /// Correct the feedback on a handoff
    Feedback(FeedbackArgs),
    /// Close a handoff, or open it again
    Close(CloseArgs),
    /// Send the intro again after a failure; the clock starts again
    Resend(ResendArgs),
    /// Give a handoff to another AE: a new record email, a new clock
    Reassign(ReassignArgs),
    /// Show email that has not left or is uncertain, and decide what to do with it
    Outbox(OutboxArgs),
    /// List records that were handed in by email and have not been sent
    Drafts(super::drafts::DraftsArgs),
    /// Write a consistent copy of the database, even while the agent runs
    Backup(BackupArgs),
    /// Put a backup in the place of the database; no agent may run
    Restore(RestoreArgs),
    /// Ask three questions of past handoffs: record complete, first touch in time, feedback given
    Audit(AuditArgs),
    /// Write the figures of a period: by week, by person, who waits, what to coach
    Report(ReportArgs),
    /// List, check, show and copy out the templates of all emails
    Templates(super::templates::TemplatesArgs),
    #[cfg(feature = "demo")]
    /// Play the whole story, sped up, on mail servers inside the process
    Demo(super::demo::DemoArgs),
    /// Write the completions of a shell to standard output
    Completions(CompletionsArgs),
    /// Write the manual page to standard output, or a page for every command into a folder
    Man(super::manual::ManArgs),
}

#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Send each account a test email and wait until it arrives
    #[arg(long)]
    pub send: bool,
}

#[derive(Args, Debug)]
pub struct LoginArgs {
    /// An account; or a provider, for all its accounts that have no consent of their own
    #[arg(value_name = "NAME", add = completions::accounts())]
    pub name: String,
    /// Sign in on another device, with a code
    #[arg(long)]
    pub device: bool,
}

#[derive(Args, Debug)]
pub struct PreviewArgs {
    /// The handoff record; `-` reads it from standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write the emails as .eml files into this folder
    #[arg(long, value_name = "DIR")]
    pub eml: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct SendArgs {
    /// The handoff record; `-` reads it from standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Send it although the same record, or one to the same people, was sent before
    #[arg(long)]
    pub again: bool,
}

#[derive(Args, Debug)]
pub struct RunArgs {
    /// Make one full pass over everything due, then end
    #[arg(long)]
    pub once: bool,
    /// Deliver again after another agent was found on a copy of the database
    #[arg(long)]
    pub take_over: bool,
    /// How to log on standard error [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log: Option<LogFormat>,
}

/// How the agent logs.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    /// One JSON object on each line
    Json,
}

#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Include closed handoffs
    #[arg(long)]
    pub all: bool,
    /// Only this SDR's: a name, part of one, or an address
    #[arg(long, value_name = "NAME", add = completions::sdrs())]
    pub sdr: Option<String>,
    /// Only this AE's: a name, part of one, or an address
    #[arg(long, value_name = "NAME", add = completions::aes())]
    pub ae: Option<String>,
    /// Only this company's: its name or part of it
    #[arg(long, value_name = "NAME")]
    pub company: Option<String>,
    /// Only those whose first touch is late or missing past the deadline
    #[arg(long)]
    pub late: bool,
}

#[derive(Args, Debug)]
pub struct IdArgs {
    /// The handoff: its id, the beginning of it, or the company's name
    #[arg(value_name = "ID", add = completions::handoffs())]
    pub id: String,
}

#[derive(Args, Debug)]
pub struct ClassifyArgs {
    /// Messages: .eml or mbox files; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// Whose handoff it is, and the reason of a correction.
#[derive(Args, Debug)]
pub struct Correction {
    /// The handoff: its id, the beginning of it, or the company's name
    #[arg(value_name = "ID", add = completions::handoffs())]
    pub id: String,
    /// The reason, shown in the timeline
    #[arg(long, value_name = "TEXT")]
    pub why: String,
}

#[derive(Args, Debug)]
pub struct TouchArgs {
    #[command(flatten)]
    pub of: Correction,
    /// When it happened, such as 2026-11-27T13:05:00+01:00, or "2026-11-27 13:05" in the AE's zone [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
    /// How: reply, new-thread, invite, scheduled, video or stated
    #[arg(long, value_name = "KIND", default_value = "stated", value_parser = ["reply", "new-thread", "invite", "scheduled", "video", "stated"])]
    pub kind: String,
    /// The message that it was, or (with --not) was not
    #[arg(long, value_name = "MESSAGE-ID")]
    pub message: Option<String>,
    /// The recorded touch was not one
    #[arg(long, conflicts_with_all = ["at", "kind"])]
    pub not: bool,
}

#[derive(Args, Debug)]
pub struct AcceptArgs {
    #[command(flatten)]
    pub of: Correction,
    /// The AE's prep notes
    #[arg(long, value_name = "TEXT")]
    pub notes: Option<String>,
    /// The owner in the CRM has been updated
    #[arg(long)]
    pub owner_updated: bool,
    /// The recorded acceptance was not one
    #[arg(long, conflicts_with_all = ["notes", "owner_updated"])]
    pub not: bool,
}

#[derive(Args, Debug)]
pub struct MeetingArgs {
    #[command(flatten)]
    pub of: Correction,
    /// The new start, such as 2026-11-27T13:05:00+01:00, or "2026-11-27 13:05" in the meeting's zone
    #[arg(long, value_name = "INSTANT", required_unless_present = "cancel")]
    pub start: Option<String>,
    /// The new length, such as 30m [default: as it was]
    #[arg(long, value_name = "LENGTH")]
    pub length: Option<String>,
    /// The meeting does not take place
    #[arg(long, conflicts_with_all = ["start", "length"])]
    pub cancel: bool,
}

#[derive(Args, Debug)]
pub struct FeedbackArgs {
    #[command(flatten)]
    pub of: Correction,
    /// held, rescheduled or no-show
    #[arg(long, value_name = "OUTCOME", value_parser = ["held", "rescheduled", "no-show"])]
    pub outcome: Option<String>,
    /// 1 to 5
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub score: Option<u8>,
    /// What was wrong in the record
    #[arg(long, value_name = "TEXT")]
    pub wrong: Option<String>,
}

#[derive(Args, Debug)]
pub struct CloseArgs {
    #[command(flatten)]
    pub of: Correction,
    /// Open it again
    #[arg(long)]
    pub reopen: bool,
}

#[derive(Args, Debug)]
pub struct ResendArgs {
    /// The handoff: its id, the beginning of it, or the company's name
    #[arg(value_name = "ID", add = completions::handoffs())]
    pub id: String,
    /// The corrected record
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct ReassignArgs {
    /// The handoff: its id, the beginning of it, or the company's name
    #[arg(value_name = "ID", add = completions::handoffs())]
    pub id: String,
    /// Who takes over
    #[arg(long, value_name = "NAME", add = completions::aes())]
    pub ae: String,
    /// The reason, shown in the timeline
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub why: String,
}

#[derive(Args, Debug)]
pub struct OutboxArgs {
    #[command(subcommand)]
    pub action: Option<OutboxAction>,
}

#[derive(Subcommand, Debug)]
pub enum OutboxAction {
    /// Send it once more
    Retry(WaitingMail),
    /// Give up on it
    Drop(WaitingMail),
}

/// Which mails are meant.
#[derive(Args, Debug)]
pub struct WaitingMail {
    /// Its number in `baton outbox`, or its Message-ID
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub id: Option<String>,
    /// Every mail that is uncertain, or was refused to our own people
    #[arg(long, conflicts_with = "id")]
    pub all: bool,
}

impl WaitingMail {
    /// `--all`, or the word in the place of an ID.
    pub(crate) fn is_all(&self) -> bool {
        self.all || self.id.as_deref() == Some("all")
    }
}

#[derive(Args, Debug)]
pub struct BackupArgs {
    /// Where to write the copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Args, Debug)]
pub struct RestoreArgs {
    /// What `baton backup` wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Args, Debug)]
pub struct AuditArgs {
    /// How many of the last handoffs [default: 30; with --since all since then]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub last: Option<u32>,
    /// Handoffs since the beginning of this day, such as 2026-11-01
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub since: Option<chrono::NaiveDate>,
    /// Find past warm intros in this mailbox: an account's name or address, an mbox file, a Maildir; may be repeated
    #[arg(long, value_name = "ACCOUNT|MBOX|MAILDIR")]
    pub mailbox: Vec<String>,
    /// Compare with the rows of a CRM's export; without --mailbox the configured mailboxes are read for it
    #[arg(long, value_name = "FILE.csv")]
    pub crm: Option<PathBuf>,
    /// What a column of that file is called, such as sdr="Owner": company, sdr, ae, prospect, handoff, meeting, pain,
    /// agenda, attendees, stakeholders, objections, competitor
    #[arg(long, value_name = "NAME=HEADING", requires = "crm")]
    pub column: Vec<String>,
    /// The zone of dates in that file that have none, such as America/New_York [default: the machine's]
    #[arg(long, value_name = "ZONE", requires = "crm")]
    pub zone: Option<String>,
    /// Write the handoffs as CSV into this file, too; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
}

impl AuditArgs {
    /// Whether mailboxes are read for it, and not baton's own handoffs looked at.
    pub(crate) fn reads_mail(&self) -> bool {
        !self.mailbox.is_empty() || self.crm.is_some()
    }
}

#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Write one HTML page, without outside resources, into this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the same numbers as CSV into this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// The first day, such as 2026-11-01 [default: that of the first handoff]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub since: Option<chrono::NaiveDate>,
    /// The last day [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub until: Option<chrono::NaiveDate>,
    /// Handoffs of this AE alone
    #[arg(long, value_name = "NAME", add = completions::aes())]
    pub ae: Option<String>,
    /// Handoffs of this SDR alone
    #[arg(long, value_name = "NAME", add = completions::sdrs())]
    pub sdr: Option<String>,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    pub shell: clap_complete::Shell,
}

/// A day as people are to write it.
fn day(text: &str) -> Result<chrono::NaiveDate, String> {
    chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
        .map_err(|_| "write the day as year-month-day, such as 2026-11-01".to_owned())
}
