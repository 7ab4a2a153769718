//! One thing that `baton doctor` looked at: what was found, and what to do where it is wrong.

use serde_json::{Value, json};

use crate::agent::app::MailAccount;

/// What is looked at.
#[derive(Clone, Debug)]
pub(crate) struct DoctorCheck {
    account: Option<String>,
    name: &'static str,
}

/// What was looked at and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct DoctorFinding {
    check: DoctorCheck,
    found: Result<String, WrongState>,
    /// What would be better where nothing is wrong.
    advice: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug)]
struct WrongState {
    found: String,
    remedy: String,
    /// The command's exit status.
    status: u8,
}

impl DoctorFinding {
    /// A check of the whole.
    pub(crate) fn about(name: &'static str) -> DoctorCheck {
        DoctorCheck { account: None, name }
    }

    /// A check of one account.
    pub(crate) fn of(account: &MailAccount, name: &'static str) -> DoctorCheck {
        DoctorCheck { account: Some(account.name.clone()), name }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.found.is_ok()
    }

    pub(crate) fn status(&self) -> u8 {
        self.found.as_ref().err().map_or(0, |wrong| wrong.status)
    }

    /// As people read it: `dana: mailbox`.
    pub(crate) fn label(&self) -> String {
        match &self.check.account {
            Some(account) => format!("{account}: {}", self.check.name),
            None => self.check.name.to_owned(),
        }
    }

    /// What was found, and what to do.
    pub(crate) fn words(&self) -> (&str, Option<&str>) {
        match &self.found {
            Ok(found) => (found, self.advice.as_deref()),
            Err(wrong) => (&wrong.found, Some(&wrong.remedy)),
        }
    }

    /// `{"account","check","ok","found","remedy"}`. docs/interface.md.
    pub(crate) fn document(&self) -> Value {
        let (found, remedy) = self.words();
        json!({
            "account": self.check.account,
            "check": self.check.name,
            "ok": self.is_good(),
            "found": found,
            "remedy": remedy,
        })
    }
}

impl DoctorCheck {
    pub(crate) fn good(self, found: impl Into<String>) -> DoctorFinding {
        DoctorFinding { check: self, found: Ok(found.into()), advice: None }
    }

    /// It works, and there is a reason to change it.
    pub(crate) fn warned(self, found: impl Into<String>, advice: impl Into<String>) -> DoctorFinding {
        DoctorFinding { advice: Some(advice.into()), ..self.good(found) }
    }

    pub(crate) fn bad(
        self,
        status: u8,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> DoctorFinding {
        let wrong = WrongState { found: found.into(), remedy: remedy.into(), status };
        DoctorFinding { check: self, found: Err(wrong), advice: None }
    }
}

/// The worst exit status among them, 0 where all is well.
pub(crate) fn status_of(findings: &[DoctorFinding]) -> u8 {
    findings.iter().map(DoctorFinding::status).max().unwrap_or(0)
}

/// `{"ok","checks":[..]}`.
pub(crate) fn as_json(findings: &[DoctorFinding]) -> Value {
    let checks: Vec<Value> = findings.iter().map(DoctorFinding::document).collect();
    json!({ "ok": findings.iter().all(DoctorFinding::is_good), "checks": checks })
}
