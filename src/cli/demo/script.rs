//! The story that `baton demo` plays: two handoffs, one that goes as it should and one that does not.

/// Zone in which the story is printed.
pub(crate) const ZONE: &str = "America/New_York";

/// People who have a mailbox: address and name.
pub(crate) const PEOPLE: [(&str, &str); 7] = [
    ("dana@vendor.example", "Dana Fox"),
    ("calvin@vendor.example", "Calvin Reyes"),
    ("rita@vendor.example", "Rita Vale"),
    ("morgan@vendor.example", "Morgan Hale"),
    ("ops@vendor.example", "the operator"),
    ("sarah@acme.example", "Sarah Lee"),
    ("tom@globex.example", "Tom Brandt"),
];

pub(crate) const PASSWORD: &str = "demo";

/// Something that a person does.
pub(crate) enum DemoAction {
    /// The SDR hands a record to `baton send --yes`.
    HandOver(&'static str),
    /// Somebody answers the newest mail in their INBOX or Sent whose subject contains `subject`.
    Answer {
        by: &'static str,
        subject: &'static str,
        to: &'static [&'static str],
        cc: &'static [&'static str],
        words: &'static str,
    },
}

/// What happens, and when (UTC).
pub(crate) struct DemoScene {
    pub at: &'static str,
    pub narration: &'static str,
    pub act: DemoAction,
}

/// Parts of the subjects of the mails whose text even the short story shows, each once.
pub(crate) const SHOWN_WITH_TEXT: [&str; 2] = ["intro to Calvin", "not touched yet"];

/// The days of December 2026 that the script names, and in which form; `--keep` plays it in another week.
pub(crate) const DAYS: [(&str, &str, u32); 3] =
    [("2026-12-01", "%Y-%m-%d", 1), ("2026-12-02", "%Y-%m-%d", 2), ("8 Dec", "%-d %b", 8)];

/// The story is over by then.
pub(crate) const ENDS: &str = "2026-12-09T18:00:00Z";

pub(crate) const BEGINS: &str = "2026-12-01T14:00:00Z";

const DANA: &str = "dana@vendor.example";
const CALVIN: &str = "calvin@vendor.example";
const RITA: &str = "rita@vendor.example";
const SARAH: &str = "sarah@acme.example";
const TOM: &str = "tom@globex.example";

pub(crate) const SCENES: [DemoScene; 11] = [
    DemoScene {
        at: "2026-12-01T14:05:00Z",
        narration: "Dana hands Acme Corp over to Calvin: baton send acme.txt",
        act: DemoAction::HandOver(ACME),
    },
    DemoScene {
        at: "2026-12-01T14:20:00Z",
        narration: "Dana hands Globex over to Rita: baton send globex.txt",
        act: DemoAction::HandOver(GLOBEX),
    },
    DemoScene {
        at: "2026-12-01T14:41:00Z",
        narration: "Calvin reads the record and says so",
        act: DemoAction::Answer {
            by: CALVIN,
            subject: "Acme Corp",
            to: &[DANA],
            cc: &[],
            words: "Got it, owner updated. I will open with the 20 minutes in Salesforce.",
        },
    },
    DemoScene {
        at: "2026-12-01T15:32:00Z",
        narration: "Calvin replies all, in the thread, with Dana still cc'd",
        act: DemoAction::Answer {
            by: CALVIN,
            subject: "intro to Calvin",
            to: &[SARAH],
            cc: &[DANA],
            words: "Thank you, Dana. Hello Sarah, 20 minutes a day updating Salesforce for every rep is a lot \
                    of selling time. Tomorrow I will show you how two of your fields fill themselves, and leave \
                    half the time for your questions.\n\nCalvin",
        },
    },
    DemoScene {
        at: "2026-12-01T16:10:00Z",
        narration: "Sarah answers, and Calvin drops Dana from Cc",
        act: DemoAction::Answer {
            by: SARAH,
            subject: "intro to Calvin",
            to: &[CALVIN],
            cc: &[DANA],
            words: "Hello Calvin, sounds good. James cannot come tomorrow, I will be alone.",
        },
    },
    DemoScene {
        at: "2026-12-01T16:45:00Z",
        narration: "",
        act: DemoAction::Answer {
            by: CALVIN,
            subject: "intro to Calvin",
            to: &[SARAH],
            cc: &[],
            words: "No problem, Sarah. I will send James the recording.",
        },
    },
    DemoScene {
        at: "2026-12-01T22:40:00Z",
        narration: "Rita finds the time at last",
        act: DemoAction::Answer {
            by: RITA,
            subject: "intro to Rita",
            to: &[TOM],
            cc: &[DANA],
            words: "Hello Tom, sorry for the wait. Two weeks for a forecast is what I would like to look at with you.",
        },
    },
    DemoScene {
        at: "2026-12-02T15:10:00Z",
        narration: "Rita writes once more and keeps Dana cc'd",
        act: DemoAction::Answer {
            by: RITA,
            subject: "intro to Rita",
            to: &[TOM],
            cc: &[DANA],
            words: "Tom, one more thing: could you bring last quarter's numbers?",
        },
    },
    DemoScene {
        at: "2026-12-02T19:52:00Z",
        narration: "Calvin answers in one line",
        act: DemoAction::Answer {
            by: CALVIN,
            subject: "how did the meeting go",
            to: &[DANA],
            cc: &[],
            words: "held 4, James Ortiz has left sales ops",
        },
    },
    DemoScene {
        at: "2026-12-02T21:40:00Z",
        narration: "Tom could not make it; Rita has a new time",
        act: DemoAction::Answer {
            by: RITA,
            subject: "how did the meeting go",
            to: &[DANA],
            cc: &[],
            words: "rescheduled to Tue 8 Dec 11:00",
        },
    },
    DemoScene {
        at: "2026-12-08T17:05:00Z",
        narration: "A week later they have met",
        act: DemoAction::Answer {
            by: RITA,
            subject: "how did the meeting go",
            to: &[DANA],
            cc: &[],
            words: "held 5",
        },
    },
];

pub(crate) const ACME: &str = r#"HANDOFF RECORD: Acme Corp | 2026-12-01
SDR: Dana Fox | AE: Calvin Reyes

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields."

2. NEXT MEETING:
Date/Time: 2026-12-02 14:00 America/New_York, 30 min
Format: Zoom
Attendees: Sarah Lee <sarah@acme.example>
Agenda: walk through the reporting pain and look at the pipeline dashboard

3. STAKEHOLDER MAP:
Name | Title | Role in deal
--- | --- | ---
Sarah Lee | VP Sales | decision-maker
James Ortiz | Sales Ops | evaluator

4. OBJECTIONS SURFACED:
Objection: Asked about cost against the current tool.
How handled: Said that the first meeting covers the return; did not push further.

5. COMPETITOR MENTIONED:
none mentioned

WARM INTRO EMAIL:
To: Sarah Lee <sarah@acme.example>
Discussed: we talked about the hours that your reps lose to CRM upkeep, and you wanted to see it fixed
Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs
What to expect: a 30-minute Zoom, a short look at your reporting, then the dashboard
"#;

pub(crate) const GLOBEX: &str = r#"HANDOFF RECORD: Globex | 2026-12-01
SDR: Dana Fox | AE: Rita Vale

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
"It takes us two weeks to put a forecast together, and then it is wrong."

2. NEXT MEETING:
Date/Time: 2026-12-02 16:00 America/New_York, 30 min
Format: Google Meet
Attendees: Tom Brandt <tom@globex.example>
Agenda: how the forecast comes about today, and what could be left out

3. STAKEHOLDER MAP:
Name | Title | Role in deal
--- | --- | ---
Tom Brandt | Head of Revenue Operations | champion

4. OBJECTIONS SURFACED:
none raised

5. COMPETITOR MENTIONED:
a spreadsheet of their own

WARM INTRO EMAIL:
To: Tom Brandt <tom@globex.example>
Discussed: we talked about how every forecast takes you two weeks
Why this AE: Rita has rebuilt the forecast of a dozen companies of your size
What to expect: half an hour on Google Meet, with your last forecast on the table
"#;

/// The configuration, with the ports of the servers in it.
pub(crate) fn configuration(imap: u16, smtp: u16) -> String {
    let account = |name: &str| {
        format!(
            "[accounts.{name}]\naddress = \"{name}@vendor.example\"\nimap = \"imap://127.0.0.1:{imap}\"\n\
             smtp = \"smtp://127.0.0.1:{smtp}\"\nlogin = \"{name}@vendor.example\"\n\
             password = {{ file = \"password\" }}\nsave_sent = true\n\n"
        )
    };
    let person = |name: &str, role: &str, more: &str| {
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{first}@vendor.example\"\n\
             zone = \"{ZONE}\"\n{more}\n"
        )
    };
    let mut text = String::from(
        "# What `baton demo` ran with. Its mail servers are gone: read, but do not run the agent.\n\
         database = \"baton.db\"\n\n[agent]\naccount = \"dana\"\noperator = \"ops@vendor.example\"\n\n",
    );
    for name in ["dana", "calvin", "rita"] {
        text.push_str(&account(name));
    }
    let manager = "manager = \"Morgan Hale\"\n";
    text.push_str(&person("Dana Fox", "sdr", &format!("account = \"dana\"\n{manager}")));
    text.push_str(&person("Calvin Reyes", "ae", &format!("account = \"calvin\"\n{manager}")));
    text.push_str(&person("Rita Vale", "ae", &format!("account = \"rita\"\n{manager}")));
    text.push_str(&person("Morgan Hale", "manager", ""));
    text
}
