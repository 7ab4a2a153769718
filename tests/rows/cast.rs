//! The people of the scenarios, the configuration that knows them, and the record that is handed over.

use super::format::{Changes, HandOver};
use super::times::NEW_YORK;

/// Short name, display name, address. Everybody has a mailbox on the server inside the process.
const CAST: [(&str, &str, &str); 15] = [
    ("dana", "Dana Fox", "dana@vendor.example"),
    ("calvin", "Calvin Reyes", "calvin@vendor.example"),
    ("eve", "Eve Park", "ea-calvin@vendor.example"),
    ("nora", "Nora Lind", "nora@vendor.example"),
    ("morgan", "Morgan Hale", "morgan@vendor.example"),
    // Another SDR, where a scenario configures one.
    ("sam", "Sam Reed", "sam@vendor.example"),
    ("ops", "", "ops@vendor.example"),
    ("baton", "", "baton@vendor.example"),
    // A colleague whom the configuration does not name.
    ("pat", "Pat Moss", "pat@vendor.example"),
    ("sarah", "Sarah Lee", "sarah@acme.example"),
    ("james", "James Ortiz", "james@acme.example"),
    ("priya", "Priya Nair", "priya@acme.example"),
    ("tom", "Tom Brandt", "tom@globex.example"),
    ("calvin-private", "Calvin Reyes", "calvin.reyes@gmail.com"),
    ("zoe", "Zoe Quinn", "zoe@elsewhere.example"),
];

pub(crate) const PASSWORD: &str = "rows";

pub(crate) fn addresses() -> impl Iterator<Item = &'static str> {
    CAST.iter().map(|(_, _, address)| *address)
}

/// `Dana Fox <dana@vendor.example>` of `dana`; what names nobody of the cast stays as it is.
pub(crate) fn mailbox(who: &str) -> String {
    match CAST.iter().find(|(name, _, _)| *name == who) {
        Some((_, "", address)) => (*address).to_owned(),
        Some((_, name, address)) => format!("{name} <{address}>"),
        None if who.contains('@') => who.to_owned(),
        None => panic!("nobody is called `{who}`"),
    }
}

/// `dana@vendor.example` of `dana` and of `Dana <dana@vendor.example>`.
pub(crate) fn address(who: &str) -> String {
    let mailbox = mailbox(who);
    let inner = mailbox.rsplit_once('<').map_or(mailbox.as_str(), |(_, rest)| rest.trim_end_matches('>'));
    inner.trim().to_lowercase()
}

/// `dana` of `dana@vendor.example`; an address that is nobody's stays as it is.
pub(crate) fn short(address: &str) -> String {
    let known = CAST.iter().find(|(_, _, one)| *one == address);
    known.map_or_else(|| address.to_owned(), |(name, _, _)| (*name).to_owned())
}

/// The configuration: Dana is the SDR, her account the agent's; Calvin and Nora are AEs, Eve is Calvin's
/// delegate, Morgan is everybody's manager.
pub(crate) fn configuration(changes: &Changes, imap: u16, smtp: u16) -> String {
    let is_watched = |who: &&str| !changes.unwatched.iter().any(|one| one == who);
    let agent = if changes.own_agent { "baton" } else { "dana" };
    let accounts: String = ["dana", "calvin", "nora", "baton"]
        .iter()
        .copied()
        .filter(|who| *who != "baton" || changes.own_agent)
        .filter(is_watched)
        .map(|who| {
            // Microsoft keeps the Sent copy by itself.
            let saves = !changes.microsoft.iter().any(|one| one == who);
            format!(
                "[accounts.{who}]\naddress = \"{who}@vendor.example\"\nimap = \"imap://127.0.0.1:{imap}\"\n\
                 smtp = \"smtp://127.0.0.1:{smtp}\"\nlogin = \"{who}@vendor.example\"\n\
                 password = {{ file = \"password\" }}\nsave_sent = {saves}\nauthserv = \"mx.vendor.example\"\n\n"
            )
        })
        .collect();
    let person = |who: &str, name: &str, role: &str, more: &str| {
        let account = if is_watched(&who) && role != "manager" {
            format!("account = \"{who}\"\n")
        } else {
            String::new()
        };
        format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{who}@vendor.example\"\n\
             zone = \"{NEW_YORK}\"\n{account}{more}\n"
        )
    };
    let managed = "manager = \"Morgan Hale\"\n";
    let people = [
        person("dana", "Dana Fox", "sdr", managed),
        person(
            "calvin",
            "Calvin Reyes",
            "ae",
            &format!("{managed}delegates = [\"ea-calvin@vendor.example\"]\n"),
        ),
        person("nora", "Nora Lind", "ae", managed),
        person("morgan", "Morgan Hale", "manager", ""),
    ]
    .concat();
    let section = |name: &str, lines: &str| format!("[{name}]\n{}\n\n", lines.trim());
    let mut text = format!(
        "database = \"baton.db\"\n\n[agent]\naccount = \"{agent}\"\noperator = \"ops@vendor.example\"\n\n{}{}{}{accounts}{people}{}",
        section("sla", &changes.sla),
        section("feedback", &changes.feedback),
        section("record", &changes.record),
        changes.more
    );
    for (old, new) in &changes.replace {
        assert!(text.contains(old.as_str()), "the configuration holds no `{old}`:\n{text}");
        text = text.replace(old.as_str(), new);
    }
    text
}

pub(crate) fn record(of: &HandOver) -> String {
    let list = |people: &[String]| people.iter().map(|who| mailbox(who)).collect::<Vec<_>>().join(", ");
    let name = |who: &str| mailbox(who).split(" <").next().unwrap_or(who).to_owned();
    format!(
        "HANDOFF RECORD: {company} | 2026-12-01
SDR: {sdr} | AE: {ae}

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
\"{pain}\"

2. NEXT MEETING:
Date/Time: {meeting} {NEW_YORK}, {length}
Format: Zoom
Attendees: {attendees}
Agenda: {agenda}

3. STAKEHOLDER MAP:
Name | Title | Role in deal
--- | --- | ---
{first} | VP Sales | decision-maker

4. OBJECTIONS SURFACED:
Objection: Asked about cost against the current tool.
How handled: Said the demo covers ROI; did not push further.

5. COMPETITOR MENTIONED:
none mentioned

WARM INTRO EMAIL:
To: {to}
Discussed: we talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed
Why this AE: {ae} works exclusively with VP-level sales leaders consolidating CRMs
What to expect: a 30-minute Zoom, a short look at your reporting, then the dashboard
",
        company = of.company,
        sdr = name(&of.sdr),
        ae = name(&of.ae),
        pain = of.pain,
        meeting = of.meeting,
        length = of.length,
        attendees = list(&of.attendees),
        agenda = of.agenda,
        first = name(of.to.first().expect("a prospect contact")),
        to = list(&of.to),
    )
}
