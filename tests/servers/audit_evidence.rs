//! What `baton audit` may say of mail that baton never sent, and what it may not, through the built binary: nobody is
//! accused by a mailbox or a row that would not show the touch. docs/behaviour.md section 10.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::audit::{audit, home, nowhere, run};

const DANA: &str = "Dana Fox <dana@vendor.example>";
/// As baton's own ids hold them.
const TOKENS: [&str; 3] = ["0123456789abc", "123456789abcd", "23456789abcde"];
/// The agent's address, which is nobody's.
const BATON: &str = "baton@vendor.example";
const CALVIN: &str = "Calvin Reyes <calvin@vendor.example>";

/// One mailbox that is being written, in UTC; the people work in UTC as well.
#[derive(Default)]
struct Mbox {
    text: String,
    serial: usize,
}

/// A message, and whether a server put it into this mailbox or its owner's program saved it there.
struct Mail<'a> {
    at: &'a str,
    from: &'a str,
    to: &'a str,
    cc: &'a str,
    subject: &'a str,
    answers: &'a str,
    text: &'a str,
    is_delivered: bool,
}

impl Default for Mail<'_> {
    fn default() -> Self {
        let (cc, subject, answers, text) = ("", "Hello", "", "Hi there,\n\nsee you.\n");
        Self { at: "", from: CALVIN, to: "", cc, subject, answers, text, is_delivered: true }
    }
}

impl Mbox {
    fn put(&mut self, id: &str, mail: &Mail<'_>) -> &mut Self {
        self.serial += 1;
        let at: DateTime<Utc> = format!("{}:00Z", mail.at.replace(' ', "T")).parse().unwrap();
        writeln!(self.text, "From x@y.example {}", at.format("%a %b %e %H:%M:%S %Y")).unwrap();
        if mail.is_delivered {
            writeln!(
                self.text,
                "Received: from mx by mail.vendor.example with ESMTPS id 1;\n\t{}",
                at.to_rfc2822()
            )
            .unwrap();
        }
        let Mail { from, to, cc, subject, answers, text, .. } = mail;
        write!(
            self.text,
            "From: {from}\nTo: {to}\nCc: {cc}\nSubject: {subject}\nDate: {}\nMessage-ID: <{id}@x.example>\n\
             In-Reply-To: {answers}\n\n{text}\n\n",
            at.to_rfc2822()
        )
        .unwrap();
        self
    }

    /// Mail of every day, by which a mailbox is its owner's: received, and sent to people outside.
    fn everyday(&mut self, owner: &str) -> &mut Self {
        for number in 0..6 {
            let day = format!("2026-02-{:02} 09:00", 2 + number * 4);
            let other = format!("Pat Poe <pat@customer{number}.example>");
            let id = format!("every{number}-{}", owner.len());
            self.put(&id, &Mail { at: &day, from: &other, to: owner, ..Mail::default() });
            let answer = Mail { at: &day, from: owner, to: &other, is_delivered: false, ..Mail::default() };
            self.put(&format!("{id}-answer"), &answer);
        }
        self.put(
            "last",
            &Mail { at: "2026-04-20 09:00", from: "news@list.example", to: owner, ..Mail::default() },
        )
    }

    fn write(&self, home: &Path, name: &str) {
        fs::write(home.join(name), &self.text).unwrap();
    }
}

/// Dana's intro to Calvin, on a day in March at nine, as it lies in a mailbox.
fn intro<'a>(at: &'a str, to: &'a str, text: &'a str, is_delivered: bool) -> Mail<'a> {
    let subject = "Sarah, intro to Calvin + Thursday's agenda";
    Mail { at, from: DANA, to, cc: CALVIN, subject, text, is_delivered, ..Mail::default() }
}

const MEET: &str = "Hi Sarah,\n\nmeet Calvin, cc'd.\n\nDana";

fn of<'a>(document: &'a Value, company: &str) -> &'a Value {
    let found: Vec<&Value> =
        document["handoffs"].as_array().unwrap().iter().filter(|one| one["company"] == company).collect();
    assert_eq!(found.len(), 1, "{company}: {document:#}");
    found[0]
}

fn answers(document: &Value, company: &str) -> (String, String) {
    let one = of(document, company);
    let answer = |what: &str| one[what]["answer"].as_str().unwrap().to_owned();
    (answer("touch"), answer("feedback"))
}

fn touch(document: &Value, company: &str) -> String {
    answers(document, company).0
}

fn evidence(document: &Value, company: &str) -> String {
    of(document, company)["evidence"].to_string()
}

#[test]
fn the_sdrs_mailbox_with_copies_of_the_aes_mail_accuses_nobody_and_the_aes_own_does() {
    let home = home(&nowhere());
    let (mut dana, mut calvin) = (Mbox::default(), Mbox::default());
    dana.everyday(DANA);
    calvin.everyday(CALVIN);
    let companies = ["acme", "globex", "initech"];
    for (number, company) in companies.iter().enumerate() {
        let (at, to) =
            (format!("2026-03-{:02} 09:00", 10 + number), format!("Sarah Lee <sarah@{company}.example>"));
        dana.put(company, &intro(&at, &to, MEET, false));
        calvin.put(company, &intro(&at, &to, MEET, true));
    }
    // A blind copy of the touch at Acme; Globex is touched in a new thread that Dana does not get; Initech never is.
    let cited = "<acme@x.example>";
    let blind = Mail { at: "2026-03-10 11:00", to: "sarah@acme.example", answers: cited, ..Mail::default() };
    dana.put("blind", &blind);
    calvin.put("blind", &Mail { is_delivered: false, ..blind });
    let apart =
        Mail { at: "2026-03-11 11:00", to: "sarah@globex.example", is_delivered: false, ..Mail::default() };
    calvin.put("apart", &apart);
    // To everybody through a list, without any server's mark.
    let lunch =
        Mail { at: "2026-03-17 11:00", to: "team@vendor.example", is_delivered: false, ..Mail::default() };
    dana.put("lunch", &lunch);
    dana.write(home.path(), "dana.mbox");
    calvin.write(home.path(), "calvin.mbox");
    let alone = audit(home.path(), &["--mailbox", "dana.mbox"]);
    let told = ["Acme", "Globex", "Initech"].map(|company| touch(&alone, company));
    assert_eq!(told, ["in time", "cannot tell", "cannot tell"], "{alone:#}");
    assert!(evidence(&alone, "Initech").contains("is known to hold what Calvin Reyes sends"));
    let plain = run(home.path(), &["audit", "--mailbox", "dana.mbox"]).output().unwrap();
    assert!(!String::from_utf8(plain.stdout).unwrap().contains("late or is missing"));
    let both = audit(home.path(), &["--mailbox", "dana.mbox", "--mailbox", "calvin.mbox"]);
    let told = ["Acme", "Globex", "Initech"].map(|company| touch(&both, company));
    assert_eq!(told, ["in time", "in time", "never"], "{both:#}");
    // All of it in one file is an archive, and nobody's.
    fs::write(home.path().join("archive.mbox"), dana.text.clone() + &calvin.text).unwrap();
    let archive = audit(home.path(), &["--mailbox", "archive.mbox"]);
    assert_eq!(
        ["Acme", "Globex", "Initech"].map(|company| touch(&archive, company)),
        ["in time", "in time", "cannot tell"]
    );
}

#[test]
fn an_inbox_alone_shows_what_prospects_quote_and_accuses_nobody() {
    let home = home(&nowhere());
    let mut inbox = Mbox::default();
    for (number, company) in ["acme", "globex", "initech"].iter().enumerate() {
        let (at, to) =
            (format!("2026-03-{:02} 09:00", 10 + number), format!("Sarah Lee <sarah@{company}.example>"));
        inbox.put(company, &intro(&at, &to, MEET, true));
    }
    let text = "Thursday works.\n\nOn Tue, Mar 10, 2026 at 11:00 AM Calvin Reyes <calvin@vendor.example> wrote:\n> Does Thursday work?";
    let (from, answers) = ("Sarah Lee <sarah@acme.example>", "<acme@x.example>");
    let quotes = Mail { at: "2026-03-10 15:00", from, to: CALVIN, answers, text, ..Mail::default() };
    inbox.put("quotes", &quotes);
    inbox.put(
        "late",
        &Mail { at: "2026-04-20 09:00", from: "news@list.example", to: CALVIN, ..Mail::default() },
    );
    inbox.write(home.path(), "inbox.mbox");
    let document = audit(home.path(), &["--mailbox", "inbox.mbox"]);
    let told = ["Acme", "Globex", "Initech"].map(|company| touch(&document, company));
    assert_eq!(told, ["in time", "cannot tell", "cannot tell"], "{document:#}");
}

#[test]
fn a_mailbox_that_begins_after_the_handoff_accuses_nobody() {
    let home = home(&nowhere());
    let (mut dana, mut calvin) = (Mbox::default(), Mbox::default());
    dana.everyday(DANA).put("old", &intro("2026-01-13 09:00", "sarah@acme.example", MEET, false));
    calvin.everyday(CALVIN);
    dana.write(home.path(), "dana.mbox");
    calvin.write(home.path(), "calvin.mbox");
    let document = audit(home.path(), &["--mailbox", "dana.mbox", "--mailbox", "calvin.mbox"]);
    assert_eq!(touch(&document, "Acme"), "cannot tell");
    assert!(evidence(&document, "Acme").contains("begins after the handoff"), "{document:#}");
}

#[test]
fn earlier_contact_hides_no_intro_and_a_running_conversation_is_none() {
    let home = home(&nowhere());
    let mut calvin = Mbox::default();
    calvin.everyday(CALVIN);
    let sarah = |company: &str| format!("Sarah Lee <sarah@{company}.example>");
    // After a webinar; at a fair, with an answer; nothing.
    let (acme, globex, initech, hooli) = (sarah("acme"), sarah("globex"), sarah("initech"), sarah("hooli"));
    let webinar = Mail { at: "2026-02-18 09:00", to: &acme, is_delivered: false, ..Mail::default() };
    calvin.put("webinar", &webinar).put("a", &intro("2026-03-10 09:00", &acme, MEET, true));
    let fair = Mail { at: "2026-02-19 09:00", from: &globex, to: CALVIN, ..Mail::default() };
    let nice = Mail { at: "2026-02-19 11:00", to: &globex, is_delivered: false, ..Mail::default() };
    calvin.put("fair", &fair).put("nice", &nice).put("g", &intro("2026-03-11 09:00", &globex, MEET, true));
    // Calvin talks to Initech already, and Dana writes into that thread.
    let talk = Mail { at: "2026-02-20 09:00", from: &initech, to: CALVIN, cc: DANA, ..Mail::default() };
    let text = "Hi Sarah, Calvin (cc'd) will take you through the numbers in our call on Thursday.";
    let goes_on = Mail {
        subject: "Re: Hello",
        answers: "<talk@x.example>",
        ..intro("2026-03-12 09:00", &initech, text, true)
    };
    calvin.put("talk", &talk).put("i", &goes_on);
    calvin.put("h", &intro("2026-03-13 09:00", &hooli, MEET, true));
    calvin.write(home.path(), "calvin.mbox");
    let document = audit(home.path(), &["--mailbox", "calvin.mbox"]);
    let companies: Vec<&str> =
        document["handoffs"].as_array().unwrap().iter().map(|one| one["company"].as_str().unwrap()).collect();
    assert_eq!(companies, ["Hooli", "Globex", "Acme"], "{document:#}");
    assert!(
        evidence(&document, "Globex").contains("in touch with the prospect before, in another conversation")
    );
    // What came before is no touch.
    assert_eq!(
        ["Acme", "Globex", "Hooli"].map(|company| touch(&document, company)),
        ["never", "never", "never"]
    );
}

#[test]
fn feedback_is_due_after_the_meeting_that_the_intro_names() {
    let home = home(&nowhere());
    let mut dana = Mbox::default();
    dana.everyday(DANA);
    let at = "2026-03-10 09:00";
    let meeting = "Hi Sarah,\n\nI'd like to introduce Calvin (cc'd).\n\nYour meeting is confirmed:\n\n\
                   When: Thursday, March 12, 2:00 pm to 2:30 pm GMT (London)\nFormat: Zoom\n\nDana";
    let written =
        "Hi Sarah,\n\nmeet Calvin, cc'd. Our call is on Thursday, 12 March 2026, at 14:00 UTC.\n\nDana";
    let offered = "Hi Sarah,\n\nmeet Calvin, cc'd. Would a call on Thursday, 12 March 2026, 14:00 UTC work for you?\n\nDana";
    for (company, text, told) in [
        ("acme", meeting, Some("2026-03-12 16:00")),
        ("globex", written, Some("2026-03-14 09:00")),
        ("initech", meeting, None),
        ("hooli", offered, Some("2026-03-12 16:10")),
        ("umbrella", meeting, None),
    ] {
        let to = format!("Sarah Lee <sarah@{company}.example>");
        dana.put(company, &intro(at, &to, text, false));
        if let Some(told) = told {
            let subject = format!("{company}: how it went");
            dana.put(
                &format!("told-{company}"),
                &Mail { at: told, to: DANA, subject: &subject, text: "Held, 4.", ..Mail::default() },
            );
        }
    }
    let moved = "Sorry, could we move the meeting to next week?";
    let (from, answers) = ("Sarah Lee <sarah@umbrella.example>", "<umbrella@x.example>");
    dana.put(
        "moved",
        &Mail { at: "2026-03-11 09:00", from, to: CALVIN, cc: DANA, answers, text: moved, ..Mail::default() },
    );
    dana.write(home.path(), "dana.mbox");
    let document = audit(home.path(), &["--mailbox", "dana.mbox"]);
    let told = ["Acme", "Globex", "Initech", "Hooli", "Umbrella"]
        .map(|company| answers_of_feedback(&document, company));
    assert_eq!(told, ["in time", "late", "never", "cannot tell", "cannot tell"], "{document:#}");
    assert!(evidence(&document, "Acme").contains("the intro itself names the meeting"));
    assert!(evidence(&document, "Acme").contains("March 12, 2:00 pm to 2:30 pm GMT"));
    assert!(evidence(&document, "Umbrella").contains("asked for another time"));
}

/// baton's database is gone, and what it sent lies in the mailboxes: what AEs answered to baton was said all the same.
#[test]
fn what_aes_told_baton_was_told() {
    let agent = nowhere().replace("[accounts.dana]", "[accounts.baton]").replace("dana@", "baton@");
    let home = home(&(nowhere() + agent.split("[accounts.calvin]").next().unwrap()));
    let path = home.path().join("baton.toml");
    let configuration = fs::read_to_string(&path).unwrap();
    fs::write(&path, configuration.replace("[agent]\naccount = \"dana\"", "[agent]\naccount = \"baton\""))
        .unwrap();
    let (mut dana, mut calvin) = (Mbox::default(), Mbox::default());
    dana.everyday(DANA);
    calvin.everyday(CALVIN);
    let text = "Hi Sarah,\n\nI'd like to introduce Calvin (cc'd).\n\nYour meeting is confirmed:\n\n\
                When: Thursday, March 12, 2:00 pm to 2:30 pm GMT (London)\n\nDana";
    for (number, company) in ["acme", "globex", "initech"].iter().enumerate() {
        let (to, id) = (format!("Sarah Lee <sarah@{company}.example>"), format!("baton-{}", TOKENS[number]));
        dana.put(&id, &intro("2026-03-10 09:00", &to, text, false));
        calvin.put(&id, &intro("2026-03-10 09:00", &to, text, true));
    }
    let to_baton =
        |at, subject, text| Mail { at, to: BATON, subject, text, is_delivered: false, ..Mail::default() };
    calvin.put("held", &to_baton("2026-03-12 16:00", "Re: Acme: how did the meeting go?", "held 4"));
    calvin.put(
        "done",
        &to_baton("2026-03-10 16:00", "Re: Globex: still to do", "Done, I called Sarah at noon."),
    );
    calvin.put("ok", &to_baton("2026-03-10 16:10", "Re: Initech: your handoff", "Got it, thanks."));
    dana.write(home.path(), "dana.mbox");
    calvin.write(home.path(), "calvin.mbox");
    let companies = ["Acme", "Globex", "Initech"];
    let both = audit(home.path(), &["--mailbox", "dana.mbox", "--mailbox", "calvin.mbox"]);
    assert_eq!(
        companies.map(|company| answers_of_feedback(&both, company)),
        ["in time", "never", "never"],
        "{both:#}"
    );
    assert_eq!(companies.map(|company| touch(&both, company)), ["never", "cannot tell", "never"], "{both:#}");
    assert!(evidence(&both, "Acme").contains("Calvin Reyes told baton how the meeting went"));
    assert!(evidence(&both, "Globex").contains("told baton of a contact with the prospect"));
    let sdrs = audit(home.path(), &["--mailbox", "dana.mbox"]);
    assert_eq!(companies.map(|company| answers_of_feedback(&sdrs, company)), ["cannot tell"; 3], "{sdrs:#}");
}

fn answers_of_feedback(document: &Value, company: &str) -> String {
    answers(document, company).1
}

#[test]
fn without_a_record_nobody_ticked_a_condition() {
    let home = home(&nowhere());
    let mut dana = Mbox::default();
    dana.everyday(DANA);
    // A first mail that the prospect did not answer, and then the intro.
    let first = Mail {
        at: "2026-03-02 09:00",
        from: DANA,
        to: "sarah@acme.example",
        is_delivered: false,
        ..Mail::default()
    };
    dana.put("first", &first).put("a", &intro("2026-03-10 09:00", "sarah@acme.example", MEET, false));
    dana.write(home.path(), "dana.mbox");
    let plain = run(home.path(), &["audit", "--mailbox", "dana.mbox"]).output().unwrap();
    let text = String::from_utf8(plain.stdout).unwrap();
    assert!(text.contains("Acme") && !text.contains("too early"), "{text}");
}

#[test]
fn rows_for_each_contact_and_each_deal_are_one_handoff() {
    let home = home(&nowhere());
    let mut calvin = Mbox::default();
    calvin.everyday(CALVIN);
    let two = "Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>";
    calvin.put("a", &intro("2026-03-10 09:00", two, MEET, true));
    let reply = Mail {
        at: "2026-03-10 11:00",
        to: two,
        answers: "<a@x.example>",
        is_delivered: false,
        ..Mail::default()
    };
    calvin.put("reply", &reply);
    // No intro lies in the mail; Calvin wrote to one of the two.
    calvin.put(
        "hello",
        &Mail { at: "2026-03-11 11:00", to: "sarah@globex.example", is_delivered: false, ..Mail::default() },
    );
    // Written to before the day that the row gives.
    calvin.put(
        "early",
        &Mail { at: "2026-03-02 11:00", to: "sarah@hooli.example", is_delivered: false, ..Mail::default() },
    );
    calvin.write(home.path(), "calvin.mbox");
    let rows = "Company,Deal,SDR,AE,Prospect,Handoff\n\
                Acme,Seats,Dana Fox,Calvin Reyes,sarah@acme.example,2026-03-10 08:58\n\
                Acme,Seats,Dana Fox,Calvin Reyes,james@acme.example,2026-03-10 08:58\n\
                Acme,Add-on,Dana Fox,Calvin Reyes,sarah@acme.example,2026-03-12 10:00\n\
                \"Globex, Inc.\",Seats,Dana Fox,Calvin Reyes,james@globex.example,2026-03-11 09:00\n\
                \"Globex, Inc.\",Seats,Dana Fox,Calvin Reyes,sarah@globex.example,2026-03-11 09:00\n\
                Hooli,Seats,Dana Fox,Calvin Reyes,sarah@hooli.example,2026-03-27 09:00\n\
                Initech,Seats,Dana Fox,Calvin Reyes,sarah@initech.example,2026-03-11 09:00\n\
                Initech,Seats,Dana Fox,Rita Blum,sarah@initech.example,2026-03-11 09:00\n";
    fs::write(home.path().join("export.csv"), rows).unwrap();
    let document = audit(home.path(), &["--crm", "export.csv", "--zone", "UTC", "--mailbox", "calvin.mbox"]);
    assert_eq!(document["handoffs"].as_array().unwrap().len(), 5, "{document:#}");
    assert_eq!(touch(&document, "Acme"), "in time");
    for line in ["line 2 ", "line 3 ", "line 4 "] {
        assert!(evidence(&document, "Acme").contains(line), "{line}: {document:#}");
    }
    assert_eq!(touch(&document, "Globex, Inc."), "in time");
    assert_eq!(touch(&document, "Hooli"), "cannot tell");
    let initech = document["handoffs"].as_array().unwrap().iter().filter(|one| one["company"] == "Initech");
    let mut told: Vec<(&str, &str)> =
        initech.map(|one| (one["ae"].as_str().unwrap(), one["touch"]["answer"].as_str().unwrap())).collect();
    told.sort_unstable();
    assert_eq!(told, [("Calvin Reyes", "never"), ("Rita Blum", "cannot tell")]);
}
