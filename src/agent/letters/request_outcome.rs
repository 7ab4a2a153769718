//! Who asks for something about a handoff, and what can come of it. docs/behaviour.md section 14.

use crate::domain::fact::StatementKind;
use crate::domain::letter::Letter;
use crate::templates::words;

use super::super::app::App;
use super::super::turn::JudgedHandoff;
use super::plan::{is_delegate_of, writer_roles};

/// What a writer is in one handoff.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) is_sdr: bool,
    pub(super) is_ae: bool,
    /// The AE's or the SDR's.
    pub(super) is_manager: bool,
    pub(super) is_operator: bool,
}

pub(super) fn standing(app: &App, judged: &JudgedHandoff, letter: &Letter) -> Standing {
    let judgement = &judged.judgement;
    let policy = &app.policy;
    let ae = policy.person(&judgement.ae);
    // A delegate is the AE here, whoever else's delegate they are, and nobody else.
    let speaks_for_ae = ae.is_some_and(|ae| is_delegate_of(ae, &letter.from));
    let is_own = !policy.person(&letter.writer).is_some_and(|person| is_delegate_of(person, &letter.from));
    let is_sdr = is_own && letter.writer == judgement.record.sdr;
    Standing {
        is_sdr,
        is_ae: !is_sdr && (speaks_for_ae || is_own && letter.writer == judgement.ae),
        is_manager: is_own && is_managed_by(app, judged, &letter.writer),
        is_operator: writer_roles(policy, letter).is_operator,
    }
}

/// Whether somebody is the manager of a handoff's AE or SDR.
pub(super) fn is_managed_by(app: &App, judged: &JudgedHandoff, name: &str) -> bool {
    let people = [&judged.judgement.ae, &judged.judgement.record.sdr];
    let mut people = people.into_iter().filter_map(|person| app.policy.person(person));
    people.any(|person| person.manager.as_deref() == Some(name))
}

/// What came of a request.
pub(super) enum RequestOutcome {
    Stated {
        says: StatementKind,
        why: String,
    },
    /// The intro is to be shown once more.
    ShowAgain,
    NotDone {
        outcome: String,
        instead: Vec<String>,
    },
    /// The judgement reads it, or it is nothing that this person asks of baton.
    LeftAlone,
}

pub(super) fn not_done(outcome: impl Into<String>, instead: &[&str]) -> RequestOutcome {
    RequestOutcome::NotDone {
        outcome: outcome.into(),
        instead: instead.iter().map(|&line| line.to_owned()).collect(),
    }
}

/// What this person may not do the SDR may.
pub(super) fn only(judged: &JudgedHandoff, outcome: &str, reply: &str) -> RequestOutcome {
    let sdr = words::first_name(&judged.judgement.record.sdr);
    not_done(outcome, &[&format!("ask {sdr} to write to me: {reply}")])
}
