//! The verbs of the command line, one file each: arguments in, text or JSON out, an exit status.
//!
//! Nothing here decides anything about a handoff. Standard output carries results, standard error everything
//! that is said to a person beside them.

pub mod args;
pub(crate) mod audit;
mod audit_text;
pub(crate) mod backup;
pub(crate) mod check;
pub mod classify;
pub(crate) mod completions;
pub mod correct;
mod crm;
#[cfg(feature = "demo")]
pub mod demo;
pub(crate) mod doctor;
pub mod drafts;
pub mod failure;
mod fitted_table;
pub(crate) mod health;
pub(crate) mod help;
pub(crate) mod init;
pub mod json;
pub(crate) mod login;
pub(crate) mod manual;
pub(crate) mod new;
mod new_for_prospect;
pub mod open;
pub(crate) mod outbox;
pub(crate) mod report;
pub(crate) mod resend;
pub(crate) mod run;
pub(crate) mod sample_mails;
pub mod send;
pub(crate) mod service;
pub(crate) mod show;
pub mod sla;
pub(crate) mod spoken;
pub(crate) mod story;
pub(crate) mod templates;
pub(crate) mod terminal;
pub(crate) mod watching;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use clap::FromArgMatches;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::agent::{free_memory, proof};
use crate::clock::{Clock, Zones};
use crate::config::Config;
use crate::diagnostics::FaultStyle;
use crate::domain::handoff::Record;
use crate::domain::people::{TeamRole, WorkingTime};
use crate::domain::zone::Zone;
use crate::mail::ReadOptions;
use crate::output::{self, OutputForm};
use crate::store::OpenPurpose;
use args::{ClassifyArgs, Cli, LogFormat, Verb};
use failure::{FAILED, Failure, REFUSED};
use open::CommandContext;
use sla::{SlaArgs, SlaSetup};

/// Runs the command line of this process. The exit status is as docs/interface.md says; clap ends the process
/// itself with 2 on wrong usage.
pub fn main() -> ExitCode {
    completions::answer_the_shell();
    output::tell_panics();
    let matches = match help::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return wrong_usage(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return wrong_usage(&error),
    };
    let run = match &cli.verb {
        Verb::Run(args) => Some(args.log),
        _ => None,
    };
    log(cli.verbose, run);
    let colour =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = terminal::columns_of_stderr();
    let plain = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let context = CommandContext {
        config_flag: cli.config.clone(),
        json: cli.json,
        clock: Clock::machine(),
        zones: Zones::load(),
        style: FaultStyle { colour: colour && !plain, width: width.unwrap_or(FaultStyle::PLAIN.width) },
    };
    match dispatch(&context, &cli.verb) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => ExitCode::from(failure.show(context.style, output::stderr())),
    }
}

/// What clap says of wrong usage quotes the words that were typed, among them names of files. Help is its own.
fn wrong_usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    terminal::print_note(error.render().ansi());
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(failure::WRONG_USAGE))
}

/// What the agent tells about itself goes to standard error; libraries that would show secrets stay silent.
/// `run`: how the agent logs, which says what it does without being asked to.
fn log(verbose: u8, run: Option<Option<LogFormat>>) {
    use tracing_subscriber::filter::EnvFilter;
    let level = match verbose {
        0 if run.is_none() => "warn",
        0 => "info",
        1 => "info",
        _ => "debug",
    };
    let mut directives = format!("warn,baton={level}");
    if let Ok(wanted) = std::env::var("BATON_LOG") {
        directives = wanted;
    }
    let mut filter = EnvFilter::try_new(&directives).unwrap_or_else(|_| EnvFilter::new("warn"));
    for library in crate::tls::SECRET_LOGGERS {
        if let Ok(directive) = format!("{library}=off").parse() {
            filter = filter.add_directive(directive);
        }
    }
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let form = match run.flatten() {
        Some(LogFormat::Json) => OutputForm::Json,
        _ => OutputForm::Log,
    };
    let layer = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || output::log(form));
    // A second call in one process (tests) keeps the first.
    let _ = match run.flatten() {
        Some(LogFormat::Json) => layer.json().flatten_event(true).try_init(),
        // A person reads along: what happens, and nothing about where in the program.
        None if run.is_some() && std::io::stderr().is_terminal() && verbose == 0 => {
            let time = LocalTime(Zones::load().machine());
            layer.with_ansi(ansi).with_target(false).with_timer(time).compact().try_init()
        }
        _ => layer.with_ansi(ansi).try_init(),
    };
}

/// How a person reads when something happened: the time of day where they are.
struct LocalTime(Arc<dyn Zone>);

impl FormatTime for LocalTime {
    fn format_time(&self, out: &mut Writer<'_>) -> std::fmt::Result {
        write!(out, "{}", self.0.local(crate::clock::now()).format("%H:%M:%S"))
    }
}

fn dispatch(context: &CommandContext, verb: &Verb) -> Result<u8, Failure> {
    match verb {
        Verb::New(args) => new_record(context, args)?,
        Verb::Check(args) => return check_records(context, args),
        Verb::Preview(args) => send::preview(context, args)?,
        Verb::Health => return wait(health::health(context)),
        Verb::Metrics => wait(health::metrics(context))?,
        Verb::Status(args) => wait(show::status(context, args))?,
        Verb::Show(args) => wait(show::show(context, &args.id))?,
        Verb::Sla(args) => count_sla(context, args)?,
        Verb::Classify(args) => classify_messages(context, args)?,
        Verb::Audit(args) => {
            // Before there are threads.
            if args.reads_mail() {
                free_memory::stay_small();
            }
            wait(audit::audit(context, args))?
        }
        Verb::Report(args) => {
            report::check(context, args)?;
            wait(report::run(context, args))?
        }
        Verb::Outbox(args) => wait(outbox::outbox(context, args))?,
        Verb::Drafts(args) => wait(drafts::drafts(context, args))?,
        Verb::Backup(args) => wait(backup::backup(context, args))?,
        Verb::Restore(args) => wait(backup::restore(context, args))?,
        Verb::Completions(args) => completions::print(args)?,
        Verb::Man(args) => manual::run(args)?,
        Verb::Templates(args) => return list_templates(context, args),
        #[cfg(feature = "demo")]
        Verb::Demo(args) => wait(play_demo(context, args))?,
        Verb::Init(args) => wait(init::init(context, args))?,
        Verb::Doctor(args) => wait(doctor::doctor(context, args))?,
        Verb::Login(args) => wait(login::login(context, args))?,
        Verb::Send(args) => wait(send::send(context, args))?,
        Verb::Resend(args) => wait(resend::resend(context, args))?,
        Verb::Reassign(args) => wait(send::reassign(context, args))?,
        Verb::Run(args) => wait(run::run(context, args))?,
        Verb::Touch(args) => wait(correct::touch(context, args))?,
        Verb::Accept(args) => wait(correct::accept(context, args))?,
        Verb::Meeting(args) => wait(correct::meeting(context, args))?,
        Verb::Feedback(args) => wait(correct::feedback(context, args))?,
        Verb::Close(args) => wait(correct::close(context, args))?,
    }
    Ok(0)
}

/// Threads for what blocks and has no thread of its own: names that are looked up, files. As many as accounts that
/// connect at the same time to servers whose names nobody resolves.
const BLOCKING_THREADS: usize = 64;

/// Runs what needs the database, sockets or time.
fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FAILED, format!("the system gives no threads: {error}")))?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    outcome
}

fn list_templates(context: &CommandContext, args: &templates::TemplatesArgs) -> Result<u8, Failure> {
    let config = context.config_if_any()?;
    let folder = config.as_ref().and_then(|config| config.templates.as_deref());
    let (mut out, mut err) = (context.stdout(), output::stderr());
    templates::run(args, folder, context.json, &mut out, &mut err)
}

#[cfg(feature = "demo")]
async fn play_demo(context: &CommandContext, args: &demo::DemoArgs) -> Result<(), Failure> {
    use std::io::Write;
    let mut out: Box<dyn Write + Send> =
        if context.json { Box::new(std::io::sink()) } else { Box::new(context.stdout()) };
    let telling = demo::run(args, &mut *out).await.map_err(|error| match &error {
        demo::DemoError::NotEmpty { .. } => {
            Failure::of(REFUSED, &error).hint("name a folder that is empty or does not exist yet")
        }
        _ => Failure::of(FAILED, &error),
    })?;
    if context.json {
        let mails: serde_json::Value = telling.printed.iter().map(demo::DeliveredMail::document).collect();
        writeln!(context.stdout(), "{mails:#}")?;
    }
    Ok(())
}

fn new_record(context: &CommandContext, args: &new::NewArgs) -> Result<(), Failure> {
    if let Some(prospect) = &args.prospect {
        return new_for_prospect::run(context, args, prospect);
    }
    let config = context.config_if_any()?;
    let today = context.zones.machine().local(context.now()).date_naive();
    new::run(args, config.as_ref(), today, context.json, context.stdout(), output::stderr())
        .map_err(|error| Failure::of(error.status(), &error).hint(error.hint()))
}

fn check_records(context: &CommandContext, args: &check::CheckArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    let show = check::CheckOutput { json: context.json, style: context.style };
    let mut proofs = |record: &Record| prove(context, &config, record);
    let (out, err) = (context.stdout(), output::stderr());
    let surroundings = check::CheckContext { config: &config, zones: &context.zones, now: context.now() };
    Ok(check::run(args, &surroundings, &mut proofs, show, out, err)?)
}

/// What mail proves of a record. Where no mailbox can be read, nothing is proved, and that is said.
fn prove(context: &CommandContext, config: &Config, record: &Record) -> Vec<proof::ConditionProof> {
    let read = || {
        let app = context.app_for(config, OpenPurpose::Look)?;
        wait(async { Ok(proof::proofs(&app, record, proof::ProofReader::Operator).await?) })
    };
    match read() {
        Ok(proofs) => proofs,
        Err(failure) => {
            terminal::print_note(format!(
                "couldn't check the conditions against the mailbox: {}\n",
                failure.message
            ));
            Vec::new()
        }
    }
}

fn count_sla(context: &CommandContext, args: &SlaArgs) -> Result<(), Failure> {
    // Somebody's working time stands nowhere but in the configuration.
    let config = if args.ae.is_some() { context.config().map(Some)? } else { context.config_if_any()? };
    let setup = match config {
        Some(config) => sla_setup(context, &config, args)?,
        None => SlaSetup::unconfigured(context.zones.clone(), context.now()),
    };
    sla::run(args, setup, std::io::stdin().lock(), context.json, context.stdout())
        .map_err(|error| Failure::of(error.status(), &error).hint(error.hint()))
}

fn sla_setup(context: &CommandContext, config: &Config, args: &SlaArgs) -> Result<SlaSetup, Failure> {
    let working = match &args.ae {
        Some(name) => {
            let Some(ae) = open::person_called(&config.people, TeamRole::Ae, name) else {
                let aes = config.people.iter().filter(|person| person.roles.contains(&TeamRole::Ae));
                let failure = Failure::new(REFUSED, format!("there is no AE `{name}` in the configuration"));
                return Err(failure.hint(open::nearest_or_all(name, aes)));
            };
            ae.working.clone()
        }
        None => nobody_in_particular(context, config),
    };
    Ok(SlaSetup {
        policy: config.sla.policy,
        playbook: config.sla.playbook,
        seconds: config.sla.seconds,
        working,
        zones: context.zones.clone(),
        now: context.now(),
    })
}

/// The one AE of the configuration; where there are several, nobody in particular.
fn nobody_in_particular(context: &CommandContext, config: &Config) -> WorkingTime {
    let mut aes = config.people.iter().filter(|person| person.roles.contains(&TeamRole::Ae));
    match (aes.next(), aes.next()) {
        (Some(ae), None) => ae.working.clone(),
        _ => SlaSetup::unconfigured(context.zones.clone(), context.now()).working,
    }
}

fn classify_messages(context: &CommandContext, args: &ClassifyArgs) -> Result<(), Failure> {
    let zones = context.zones.clone();
    let lookup = Arc::new(move |name: &str| -> Option<Arc<dyn Zone>> { zones.get(name) });
    let options = ReadOptions { zones: Some(lookup), ..ReadOptions::default() };
    classify::classify_with(&args.files, context.json, &options, &mut context.stdout()).map_err(|error| {
        let hint = match &error {
            classify::ClassifyError::Read { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => "there is no such file; check the name and the folder",
                std::io::ErrorKind::IsADirectory => "name the messages in it, for example with `*.eml`",
                std::io::ErrorKind::InvalidInput => "name a file",
                std::io::ErrorKind::FileTooLarge => "split it, or have `baton audit --mailbox FILE` read it",
                _ => "check that you may read it",
            },
            _ => return Failure::of(FAILED, &error),
        };
        Failure::of(REFUSED, &error).hint(hint)
    })
}
