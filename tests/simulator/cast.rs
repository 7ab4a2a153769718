//! Who there is, the configuration that knows them, and the record that is handed over.

use chrono::{DateTime, Utc};

use super::plan::{Habit, Plan, Sla};

pub(crate) const DANA: &str = "dana@vendor.example";
pub(crate) const CALVIN: &str = "calvin@vendor.example";
/// Calvin's other address, which the configuration knows until a reload takes it away.
pub(crate) const ALIAS: &str = "c.reyes@vendor.example";
/// Writes for Calvin.
pub(crate) const EVE: &str = "eve@vendor.example";
pub(crate) const MORGAN: &str = "morgan@vendor.example";
/// Another AE, whose mailbox nobody reads.
pub(crate) const RITA: &str = "rita@vendor.example";
/// Manager in Morgan's place after a reload.
pub(crate) const MAX: &str = "max@vendor.example";
pub(crate) const OPERATOR: &str = "ops@vendor.example";
pub(crate) const AGENT: &str = "baton@vendor.example";
/// A colleague whom the configuration does not name.
pub(crate) const PAT: &str = "pat@vendor.example";
/// An address under the AE's name that nobody knows.
pub(crate) const PRIVATE: &str = "calvin.reyes@elsewhere.example";

pub(crate) const COLLEAGUES: [&str; 9] = [DANA, CALVIN, RITA, EVE, MORGAN, MAX, OPERATOR, AGENT, PAT];

pub(crate) const PASSWORD: &str = "secret";

/// Name and address.
type Prospect = (&'static str, &'static str);

/// Company, first prospect, second prospect.
pub(crate) const COMPANIES: [(&str, Prospect, Prospect); 3] = [
    ("Acme Corp", ("Sarah Lee", "sarah@acme.example"), ("James Ortiz", "james@acme.example")),
    ("Globex", ("Tom Brandt", "tom@globex.example"), ("Ida Holm", "ida@globex.example")),
    ("Initech", ("Uma Rao", "uma@initech.example"), ("Paul Weiss", "paul@initech.example")),
];

pub(crate) fn prospects() -> impl Iterator<Item = &'static str> {
    COMPANIES.iter().flat_map(|(_, first, second)| [first.1, second.1])
}

pub(crate) fn name_of(address: &str) -> &'static str {
    match address {
        DANA => "Dana Fox",
        CALVIN | ALIAS | PRIVATE => "Calvin Reyes",
        RITA => "Rita Voss",
        EVE => "Eve Park",
        MORGAN => "Morgan Hale",
        MAX => "Max Roe",
        PAT => "Pat Moss",
        _ => COMPANIES
            .iter()
            .flat_map(|(_, first, second)| [first, second])
            .find(|(_, one)| *one == address)
            .map_or("", |(name, _)| name),
    }
}

/// What a reload may have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reloaded {
    pub without_alias: bool,
    /// Max is the manager, and Morgan is not configured any more.
    pub other_manager: bool,
    pub other_sla: bool,
}

pub(crate) fn configuration(plan: &Plan, now: Reloaded, imap: u16, smtp: u16) -> String {
    let account = |name: &str, habit: Habit| {
        let saves = if habit == Habit::Plain { "save_sent = true\n" } else { "save_sent = false\n" };
        format!(
            "[accounts.{name}]\naddress = \"{name}@vendor.example\"\nimap = \"imap://127.0.0.1:{imap}\"\n\
             smtp = \"smtp://127.0.0.1:{smtp}\"\nlogin = \"{name}@vendor.example\"\n\
             password = {{ file = \"password\" }}\nauthserv = \"mx.vendor.example\"\n{saves}\n"
        )
    };
    let mut accounts = account("dana", plan.sdr_habit);
    if plan.ae_watched {
        accounts.push_str(&account("calvin", plan.ae_habit));
    }
    if plan.own_agent {
        accounts.push_str(&account("baton", Habit::Plain));
    }
    let zone = plan.zone.name;
    let person = |name: &str, role: &str, address: &str, more: &str| {
        format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{address}\"\nzone = \"{zone}\"\n{more}\n"
        )
    };
    let (manager, address) = if now.other_manager { ("Max Roe", MAX) } else { ("Morgan Hale", MORGAN) };
    let alias = if now.without_alias { String::new() } else { format!("aliases = [\"{ALIAS}\"]\n") };
    let watched = if plan.ae_watched { "account = \"calvin\"\n" } else { "" };
    let holiday = plan.holiday.map_or(String::new(), |day| format!("holidays = [\"{day}\"]\n"));
    let sla = if now.other_sla { plan.sla.other() } else { plan.sla };
    let policy = match sla {
        Sla::Playbook => "policy = \"playbook\"\n".to_owned(),
        Sla::BusinessHours(hours) => format!("policy = \"business-hours\"\nhours = \"{hours}h\"\n"),
        Sla::Elapsed(minutes) => format!("policy = \"elapsed\"\nhours = \"{minutes}m\"\n"),
    };
    [
        format!(
            "database = \"baton.db\"\n[agent]\naccount = \"{}\"\noperator = \"{OPERATOR}\"\n\n[sla]\n{policy}\n",
            if plan.own_agent { "baton" } else { "dana" }
        ),
        accounts,
        person("Dana Fox", "sdr", DANA, &format!("account = \"dana\"\nmanager = \"{manager}\"\n")),
        person(
            "Calvin Reyes",
            "ae",
            CALVIN,
            &format!("{watched}manager = \"{manager}\"\ndelegates = [\"{EVE}\"]\n{alias}{holiday}"),
        ),
        person("Rita Voss", "ae", RITA, &format!("manager = \"{manager}\"\n{holiday}")),
        person(manager, "manager", address, ""),
    ]
    .concat()
}

/// The record of a planned handoff.
pub(crate) fn record(company: usize, prospects: usize, meeting: DateTime<Utc>) -> String {
    let (name, first, second) = COMPANIES[company];
    let all = if prospects > 1 { vec![first, second] } else { vec![first] };
    let list = all.iter().map(|(name, address)| format!("{name} <{address}>")).collect::<Vec<_>>().join(", ");
    format!(
        "HANDOFF RECORD: {name} | 2026-11-23\nSDR: Dana Fox | AE: Calvin Reyes\n\n\
         TRIGGER CONDITIONS (check all before marking handed off):\n[x] Calendar invite accepted\n\
         [x] ICP criteria confirmed\n[x] Qualification threshold met\n[x] Meaningful contact established\n\n\
         1. PAIN (prospect's exact words):\n\"Our reps spend 20 minutes a day updating Salesforce.\"\n\n\
         2. NEXT MEETING:\nDate/Time: {} UTC, 30 min\nFormat: Zoom\nAttendees: {list}\n\
         Agenda: walk through the reporting pain\n\n\
         3. STAKEHOLDER MAP:\nName | Title | Role in deal\n--- | --- | ---\n{} | VP Sales | decision-maker\n\n\
         4. OBJECTIONS SURFACED:\nnone raised\n\n5. COMPETITOR MENTIONED:\nnone mentioned\n\n\
         WARM INTRO EMAIL:\nTo: {list}\nDiscussed: we talked about the hours that your reps lose to CRM upkeep\n\
         Why this AE: nobody knows this better\nWhat to expect: half an hour on Zoom\n",
        meeting.format("%Y-%m-%d %H:%M"),
        first.0,
    )
}
