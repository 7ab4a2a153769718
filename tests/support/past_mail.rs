//! Mailboxes of a team that never used baton: old handoffs by form and by hand in four languages, with everything that may
//! have become of them, mail that looks alike and is none, and everyday mail. What is true of each is known. What they
//! wrote by hand stands in `past_words`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Datelike, Days, TimeDelta, TimeZone, Utc, Weekday};

use super::past_words::{self, DECOYS, Way};

pub(crate) const SDR: (&str, &str) = ("Dana Fox", "dana@vendor.example");
pub(crate) const AES: [(&str, &str); 2] =
    [("Calvin Reyes", "calvin@vendor.example"), ("Rita Blum", "rita@vendor.example")];

/// One message in the mailboxes that hold it.
pub(crate) struct GeneratedMail {
    pub at: DateTime<Utc>,
    pub raw: String,
    pub from: String,
    pub to: Vec<String>,
}

/// What is true of one handoff, for whoever reads all mailboxes of the team.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub company: String,
    pub ae: &'static str,
    pub prospect: String,
    pub sent_at: DateTime<Utc>,
    pub touch: &'static str,
    pub kind: Option<&'static str>,
    pub feedback: &'static str,
    pub record: &'static str,
    /// The touch reached the SDR.
    pub sdr_sees: bool,
}

#[derive(Default)]
pub(crate) struct World {
    pub mails: Vec<GeneratedMail>,
    pub truth: Vec<Truth>,
    serial: usize,
}

/// A message that is being written.
struct Draft<'a> {
    from: (&'a str, &'a str),
    to: Vec<(&'a str, &'a str)>,
    cc: Vec<(&'a str, &'a str)>,
    subject: &'a str,
    answers: Option<&'a str>,
    headers: &'a str,
    text: &'a str,
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self { from: SDR, to: vec![], cc: vec![], subject: "", answers: None, headers: "", text: "" }
    }
}

fn at(date: DateTime<Utc>, hour: i64, minute: i64) -> DateTime<Utc> {
    date + TimeDelta::minutes(hour * 60 + minute)
}

fn next_workday(date: DateTime<Utc>) -> DateTime<Utc> {
    let mut next = date + Days::new(1);
    while matches!(next.weekday(), Weekday::Sat | Weekday::Sun) {
        next = next + Days::new(1);
    }
    next
}

const NAMES: [&str; 10] = ["Sarah", "Bob", "Amélie", "Jorge", "Ines", "Tom", "Lena", "Marco", "Zoë", "Priya"];

impl World {
    /// Returns the message's id.
    fn send(&mut self, at: DateTime<Utc>, draft: &Draft<'_>) -> String {
        self.serial += 1;
        let id = format!("m{}@mail.{}", self.serial, draft.from.1.split('@').nth(1).unwrap());
        let boxes = |list: &[(&str, &str)]| {
            list.iter()
                .map(|(name, address)| format!("{} <{address}>", encoded(name)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut raw = format!("From: {}\r\nTo: {}\r\n", boxes(&[draft.from]), boxes(&draft.to));
        if !draft.cc.is_empty() {
            write!(raw, "Cc: {}\r\n", boxes(&draft.cc)).unwrap();
        }
        write!(
            raw,
            "Subject: {}\r\nDate: {}\r\nMessage-ID: <{id}>\r\n",
            encoded(draft.subject),
            at.to_rfc2822()
        )
        .unwrap();
        if let Some(answered) = draft.answers {
            write!(raw, "In-Reply-To: <{answered}>\r\nReferences: <{answered}>\r\n").unwrap();
        }
        raw.push_str(draft.headers);
        if !draft.headers.contains("Content-Type") {
            raw.push_str("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n");
        }
        write!(raw, "\r\n{}\r\n", draft.text.replace("\r\n", "\n").replace('\n', "\r\n")).unwrap();
        let to = draft.to.iter().chain(&draft.cc).map(|(_, address)| (*address).to_owned()).collect();
        self.mails.push(GeneratedMail { at, raw, from: draft.from.1.to_owned(), to });
        id
    }

    fn calendar(
        &mut self,
        at: DateTime<Utc>,
        from: (&str, &str),
        to: (&str, &str),
        method: &str,
        uid: &str,
        start: DateTime<Utc>,
    ) {
        let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
        let text = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\nBEGIN:VEVENT\nUID:{uid}\nSEQUENCE:{}\nDTSTAMP:{}\nDTSTART:{}\nDTEND:{}\n\
             ORGANIZER:mailto:{}\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{}\nSUMMARY:Demo\nEND:VEVENT\nEND:VCALENDAR",
            u8::from(method == "CANCEL"),
            stamp(at),
            stamp(start),
            stamp(start + TimeDelta::minutes(30)),
            from.1,
            to.1,
        );
        let headers =
            format!("MIME-Version: 1.0\r\nContent-Type: text/calendar; method={method}; charset=utf-8\r\n");
        self.send(
            at,
            &Draft {
                from,
                to: vec![to],
                subject: "Demo",
                headers: &headers,
                text: &text,
                ..Draft::default()
            },
        );
    }

    /// `handoffs` handoffs, and so much everyday mail that it makes `messages` messages in all.
    pub(crate) fn new(handoffs: usize, messages: usize) -> Self {
        let mut world = Self::default();
        let mut date = Utc.with_ymd_and_hms(2026, 3, 2, 0, 0, 0).unwrap();
        for number in 0..handoffs {
            world.handoff(number, date);
            if number % 3 == 2 {
                date = next_workday(date);
            }
        }
        world.decoys(handoffs / 4 + 1);
        let end = date + Days::new(40);
        let begin = Utc.with_ymd_and_hms(2026, 2, 1, 8, 0, 0).unwrap();
        let left = messages.saturating_sub(world.mails.len()).max(20);
        let step = (end - begin) / i32::try_from(left).unwrap();
        for number in 0..left {
            world.everyday(begin + step * i32::try_from(number).unwrap(), number);
        }
        world.mails.sort_by_key(|mail| mail.at);
        world
    }

    fn handoff(&mut self, number: usize, date: DateTime<Utc>) {
        let ae = AES[number % 2];
        let ae_first = ae.0.split(' ').next().unwrap();
        let first = NAMES[number % NAMES.len()];
        let name = format!("{first} Maier{number}");
        let address = format!("person{number}@firm{number}.example");
        let prospect = (name.as_str(), address.as_str());
        let sent_at = if number.is_multiple_of(2) { at(date, 9, 30) } else { at(date, 14, 15) };
        let deadline = if number.is_multiple_of(2) { at(date, 17, 0) } else { at(next_workday(date), 10, 0) };
        let meeting = at(next_workday(next_workday(next_workday(date))), 15, 0);
        let uid = format!("meeting-{number}@vendor.example");
        let asked = self.send(
            sent_at - TimeDelta::days(3),
            &Draft {
                from: prospect,
                to: vec![SDR],
                subject: "Your note",
                text: "Our reps lose hours every day. Can we talk?",
                ..Draft::default()
            },
        );
        let has_meeting = number % 5 != 4;
        if has_meeting {
            self.calendar(sent_at - TimeDelta::days(1), SDR, prospect, "REQUEST", &uid, meeting);
        }
        let (subject, text, answers) = if number.is_multiple_of(3) {
            intro_words(number, first, ae_first)
        } else {
            past_words::by_hand(number - number / 3 - 1, first, (ae_first, ae.0))
        };
        let answers = answers.then_some(asked.as_str());
        let (headers, text) = past_words::dressed(number, &text);
        let second = format!("second{number}@firm{number}.example");
        let (to, cc) = match number % 11 {
            3 => (vec![prospect, ae], vec![]),
            5 => (vec![prospect, ("", second.as_str())], vec![ae]),
            7 => (vec![ae], vec![prospect]),
            _ => (vec![prospect], vec![ae]),
        };
        let draft = Draft { to, cc, subject: &subject, answers, headers, text: &text, ..Draft::default() };
        let intro = self.send(sent_at, &draft);
        let record = self.record(number, prospect, ae, sent_at, meeting, has_meeting);
        let (touch, kind, sdr_sees) =
            self.touch(number, (prospect, ae), (&intro, &subject), (sent_at, deadline));
        let feedback = match self.feedback(number, (prospect, ae), (&uid, meeting)) {
            // The AE's own invitation is the meeting then, and nobody wrote after it.
            "cannot tell" if kind == Some("invite") => "never",
            feedback => feedback,
        };
        // The SDR goes on in the thread, which is no intro of its own.
        self.send(
            sent_at + TimeDelta::days(2),
            &Draft {
                to: vec![prospect],
                cc: vec![ae],
                subject: &format!("Re: {subject}"),
                answers: Some(&intro),
                text: &format!("Hi {first}, did my intro to {ae_first} reach you? Looking forward to it."),
                ..Draft::default()
            },
        );
        self.truth.push(Truth {
            company: format!("Firm{number}"),
            ae: ae.0,
            prospect: address,
            sent_at,
            touch,
            kind,
            feedback,
            record,
            sdr_sees,
        });
    }

    fn touch(
        &mut self,
        number: usize,
        (prospect, ae): ((&str, &str), (&str, &str)),
        (intro, subject): (&str, &str),
        (sent_at, deadline): (DateTime<Utc>, DateTime<Utc>),
    ) -> (&'static str, Option<&'static str>, bool) {
        let subject = format!("Re: {subject}");
        let in_time = sent_at + TimeDelta::minutes(95);
        let late = deadline + TimeDelta::hours(5);
        let reply = Draft {
            from: ae,
            to: vec![prospect],
            cc: vec![SDR],
            subject: &subject,
            answers: Some(intro),
            text: "Glad to take this over. I will show how the missing fields fill themselves.",
            ..Draft::default()
        };
        match number % 8 {
            0 => {
                self.send(in_time, &reply);
                ("in time", Some("reply"), true)
            }
            1 => {
                self.send(late, &reply);
                ("late", Some("reply"), true)
            }
            2 => ("never", None, false),
            3 => {
                self.send(in_time, &Draft { answers: None, subject: "Our demo", cc: vec![], ..reply });
                ("in time", Some("new-thread"), false)
            }
            4 => {
                let uid = format!("own-{number}@vendor.example");
                self.calendar(in_time, ae, prospect, "REQUEST", &uid, deadline + TimeDelta::days(9));
                ("in time", Some("invite"), false)
            }
            5 => {
                let headers = "Auto-Submitted: auto-replied\r\n";
                self.send(
                    in_time,
                    &Draft {
                        subject: "Automatic reply: hello",
                        headers,
                        text: "I am out of the office.",
                        ..reply
                    },
                );
                ("never", None, false)
            }
            6 => {
                self.send(
                    in_time,
                    &Draft { to: vec![SDR], cc: vec![], text: "Thanks, I will write to them.", ..reply },
                );
                ("never", None, false)
            }
            _ => {
                let text = "I recorded a short video for you: https://www.loom.com/share/0123456789abcdef0123456789abcdef";
                self.send(in_time, &Draft { text, ..reply });
                ("in time", Some("video"), true)
            }
        }
    }

    fn feedback(
        &mut self,
        number: usize,
        (prospect, ae): ((&str, &str), (&str, &str)),
        (uid, meeting): (&str, DateTime<Utc>),
    ) -> &'static str {
        let company = format!("Firm{number}");
        let after = |hours: i64| meeting + TimeDelta::hours(hours);
        let mail = Draft {
            from: ae,
            to: vec![SDR],
            subject: &company,
            text: "Held, 4 out of 5.",
            ..Draft::default()
        };
        match number % 5 {
            0 => {
                self.send(after(3), &mail);
                "in time"
            }
            1 => {
                self.send(after(40), &mail);
                "late"
            }
            2 => "never",
            3 => {
                self.calendar(meeting - TimeDelta::hours(5), SDR, prospect, "CANCEL", uid, meeting);
                "not due"
            }
            _ => "cannot tell",
        }
    }

    fn record(
        &mut self,
        number: usize,
        prospect: (&str, &str),
        ae: (&str, &str),
        sent_at: DateTime<Utc>,
        meeting: DateTime<Utc>,
        has_meeting: bool,
    ) -> &'static str {
        if !has_meeting || number % 7 > 1 {
            return "no record found";
        }
        let is_complete = number.is_multiple_of(7);
        let pain =
            if is_complete { "\"Our reps lose hours every day and miss half the fields.\"" } else { "TBD" };
        let (name, address) = prospect;
        let text = format!(
            "HANDOFF RECORD: Firm{number} | {}\nSDR: {} | AE: {}\n\nTRIGGER CONDITIONS (check all before marking handed off):\n\
             [x] Calendar invite accepted\n[x] ICP criteria confirmed\n[x] Qualification threshold met\n[x] Meaningful contact established\n\n\
             1. PAIN (prospect's exact words):\n{pain}\n\n2. NEXT MEETING:\nDate/Time: {} UTC, 30 min\nFormat: Zoom\n\
             Attendees: {name} <{address}>\nAgenda: walk through the pipeline\n\n3. STAKEHOLDER MAP:\nName | Title | Role in deal\n--- | --- | ---\n\
             {name} | VP Sales | decision-maker\n\n4. OBJECTIONS SURFACED:\nnone raised\n\n5. COMPETITOR MENTIONED:\nnone mentioned\n\n\
             WARM INTRO EMAIL:\nTo: {name} <{address}>\nDiscussed: we talked about the hours your reps lose\n\
             Why this AE: {} works with teams like yours\nWhat to expect: a short look at your pipeline\n",
            sent_at.format("%Y-%m-%d"),
            SDR.0,
            ae.0,
            meeting.format("%Y-%m-%d %H:%M"),
            ae.0.split(' ').next().unwrap(),
        );
        self.send(
            sent_at + TimeDelta::minutes(2),
            &Draft { to: vec![ae], subject: "Internal: the record", text: &text, ..Draft::default() },
        );
        if is_complete { "complete" } else { "incomplete" }
    }

    /// Mail that has much of an intro.
    fn decoys(&mut self, rounds: usize) {
        let (calvin, rita) = (AES[0], AES[1]);
        for round in 0..rounds {
            let date = Utc.with_ymd_and_hms(2026, 3, 3, 11, 0, 0).unwrap() + Days::new(round as u64);
            let kim = format!("kim{round}@umbrella{round}.example");
            let tom = format!("tom{round}@partner{round}.example");
            let jane = format!("jane{round}@gmail.com");
            let (kim, tom, jane) =
                (("Kim Ho", kim.as_str()), ("Tom Ray", tom.as_str()), ("Jane Poe", jane.as_str()));
            let drafts = [
                Draft {
                    to: vec![calvin],
                    subject: "Meet Rita, our new AE",
                    text: "Calvin, meet Rita. I'd like to introduce her to all of you.",
                    ..Draft::default()
                },
                Draft {
                    to: vec![kim, tom],
                    cc: vec![calvin],
                    subject: "Intro",
                    text: "Kim, meet Tom. Tom, meet Kim. I leave it to the two of you.",
                    ..Draft::default()
                },
                Draft {
                    to: vec![kim],
                    cc: vec![rita],
                    subject: "Your ticket 4711",
                    text: "Hi Kim, adding Rita for visibility, the ticket is with our support team.",
                    ..Draft::default()
                },
                Draft {
                    to: vec![kim],
                    cc: vec![rita],
                    subject: "Rechnung",
                    text: "Hallo Kim, Rita ist zur Info in Kopie, die Rechnung kommt morgen.",
                    ..Draft::default()
                },
                Draft {
                    from: tom,
                    to: vec![SDR],
                    cc: vec![calvin],
                    subject: "Intro: Kim <> Dana",
                    text: "Dana, meet Kim. Over to you!",
                    ..Draft::default()
                },
                Draft {
                    to: vec![jane],
                    cc: vec![calvin],
                    subject: "Your interview",
                    text: "Jane, meet Calvin, who leads the interview for the open role. Your CV looks great.",
                    ..Draft::default()
                },
                Draft {
                    to: vec![kim],
                    cc: vec![calvin],
                    subject: "Thanks",
                    text: "Thanks again for the intro to your CFO, Kim. Calvin says hello.",
                    ..Draft::default()
                },
                Draft {
                    to: vec![kim],
                    cc: vec![rita],
                    subject: "Merci",
                    text: "Merci pour la mise en relation. Rita vous dit bonjour.",
                    ..Draft::default()
                },
                Draft {
                    from: ("News", "news@list.example"),
                    to: vec![SDR],
                    cc: vec![calvin],
                    subject: "Introducing Calvin 2.0",
                    headers: "List-Unsubscribe: <https://list.example/u>\r\nPrecedence: bulk\r\n",
                    text: "Meet Calvin, your new assistant.",
                    ..Draft::default()
                },
                Draft {
                    to: vec![kim],
                    cc: vec![calvin],
                    subject: "Lunch",
                    text: "Kim, Calvin and I are in town on Friday. Let's meet at noon.",
                    ..Draft::default()
                },
            ];
            for (place, draft) in drafts.iter().enumerate() {
                self.send(date + TimeDelta::minutes(place as i64), draft);
            }
            self.decoys_by_hand(round, date + TimeDelta::hours(1));
        }
    }

    fn decoys_by_hand(&mut self, round: usize, date: DateTime<Utc>) {
        let (ae, other_ae) = (AES[round % 2], AES[(round + 1) % 2]);
        let first_of = |name: &'static str| name.split(' ').next().unwrap();
        for (place, (way, subject, text)) in DECOYS.iter().enumerate() {
            let (first, other) =
                (NAMES[(round + place) % NAMES.len()], NAMES[(round + place + 3) % NAMES.len()]);
            let (whole, other_whole) = (format!("{first} Ode"), format!("{other} Nill"));
            let address = format!("lead{round}-{place}@bystander{round}.example");
            let private = format!("lead{round}-{place}@gmail.com");
            let second = format!("else{round}-{place}@neighbour{round}.example");
            let lead = (whole.as_str(), address.as_str());
            let named = if matches!(way, Way::BetweenAes) { first_of(other_ae.0) } else { other };
            let write = |text: &str| past_words::decoy(text, first, named, (first_of(ae.0), ae.0));
            let (subject, text) = (write(subject), write(text));
            let usual =
                Draft { to: vec![lead], cc: vec![ae], subject: &subject, text: &text, ..Draft::default() };
            let draft = match way {
                Way::Usual => usual,
                Way::Two => Draft { to: vec![lead, (&other_whole, &second)], ..usual },
                Way::Private => Draft { to: vec![(&whole, &private)], ..usual },
                Way::Inward => Draft { from: lead, to: vec![SDR], ..usual },
                Way::BetweenAes => Draft { from: ae, cc: vec![other_ae, SDR], ..usual },
                Way::Inside => Draft { to: vec![ae], cc: vec![], ..usual },
                Way::Mailing => Draft {
                    headers: "List-Unsubscribe: <https://mailing.example/u>\r\nPrecedence: bulk\r\n",
                    ..usual
                },
            };
            self.send(date + TimeDelta::minutes(place as i64), &draft);
        }
        // An invitation to three people, in the words of an intro.
        let kim = format!("kim{round}@threesome{round}.example");
        let start = date + Days::new(2);
        let stamp = start.format("%Y%m%dT%H%M%SZ").to_string();
        let text = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:three-{round}@vendor.example\nDTSTAMP:{stamp}\n\
             DTSTART:{stamp}\nDURATION:PT30M\nORGANIZER:mailto:{}\nATTENDEE:mailto:{kim}\nATTENDEE:mailto:{}\n\
             SUMMARY:Intro call\nDESCRIPTION:Kim\\, meet {}\nEND:VEVENT\nEND:VCALENDAR",
            SDR.1, ae.1, ae.0
        );
        let headers = "MIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n";
        let subject = format!("Invitation: Kim, meet {}", ae.0);
        let draft = Draft {
            to: vec![("Kim Ho", &kim), ae],
            subject: &subject,
            headers,
            text: &text,
            ..Draft::default()
        };
        self.send(date + TimeDelta::hours(2), &draft);
    }

    fn everyday(&mut self, at: DateTime<Utc>, number: usize) {
        let ours = [SDR, AES[0], AES[1]][number % 3];
        let other = format!("contact{}@customer{}.example", number % 50, number % 17);
        let other = ("Some Body", other.as_str());
        let draft = match number % 4 {
            0 => Draft {
                from: other,
                to: vec![ours],
                subject: "The offer",
                text: "Could you send the numbers again?",
                ..Draft::default()
            },
            1 => Draft {
                from: ours,
                to: vec![other],
                subject: "Re: The offer",
                text: "Here they are. Call me if anything is unclear.",
                ..Draft::default()
            },
            2 => Draft {
                from: ("News", "news@list.example"),
                to: vec![ours],
                subject: "This week",
                headers: "List-Unsubscribe: <https://list.example/u>\r\n",
                text: "All the news.",
                ..Draft::default()
            },
            _ => Draft {
                from: ("Morgan Hale", "morgan@vendor.example"),
                to: vec![ours],
                subject: "Numbers",
                text: "Please update the forecast.",
                ..Draft::default()
            },
        };
        self.send(at, &draft);
    }

    /// What lies in somebody's mailbox: whether it was sent, and the message.
    pub(crate) fn mailbox(&self, address: &str) -> impl Iterator<Item = (bool, &GeneratedMail)> {
        self.mails.iter().flat_map(move |mail| {
            let sent = (mail.from == address).then_some((true, mail));
            let received = mail.to.iter().any(|to| to == address).then_some((false, mail));
            sent.into_iter().chain(received)
        })
    }

    pub(crate) fn write_mbox(&self, address: &str, path: &Path) {
        let mut text = String::new();
        for (_, mail) in self.mailbox(address) {
            let date = mail.at.format("%a %b %e %H:%M:%S %Y");
            write!(text, "From {} {date}\n{}\n", mail.from, mail.raw.replace("\r\n", "\n")).unwrap();
        }
        fs::write(path, text).unwrap();
    }

    /// `sent`: the folder for sent mail. `owner`: whose files they are to be.
    pub(crate) fn write_maildir(&self, address: &str, root: &Path, sent: &str, owner: Option<(u32, u32)>) {
        for folder in ["", sent] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(root.join(folder).join(part)).unwrap();
            }
        }
        for (number, (is_sent, mail)) in self.mailbox(address).enumerate() {
            let folder = if is_sent { root.join(sent) } else { root.to_owned() };
            let path = folder.join("cur").join(format!("{}.M{number}.host:2,S", mail.at.timestamp()));
            fs::write(&path, &mail.raw).unwrap();
            let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(mail.at.timestamp()).unwrap());
            File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            if let Some((user, group)) = owner {
                chown(&path, Some(user), Some(group)).unwrap();
            }
        }
    }
}

/// Subject, text, and whether it answers an older mail.
fn intro_words(number: usize, first: &str, ae: &str) -> (String, String, bool) {
    match number % 7 {
        0 => (
            format!("{first}, intro to {ae} + Thursday's agenda"),
            format!(
                "Hi {first},\n\nwe talked about CRM upkeep, and you wanted to see it fixed.\n\nBest,\nDana"
            ),
            false,
        ),
        1 => (
            "Next steps".to_owned(),
            format!("Hi {first},\n\nlooping in {ae}, who will walk you through the demo.\n\nDana"),
            false,
        ),
        2 => (
            "Re: Your note".to_owned(),
            format!("{first}, meet {ae}. {ae} works with sales teams like yours every day.\n\nThanks\nDana"),
            true,
        ),
        3 => (
            "Unser Gespräch".to_owned(),
            format!(
                "Hallo {first},\n\nich stelle dir {ae} vor, der Termin am Donnerstag steht.\n\nViele Grüße\nDana"
            ),
            false,
        ),
        4 => (
            "Notre échange".to_owned(),
            format!(
                "Bonjour {first},\n\nje te présente {ae}, qui animera la démo de jeudi.\n\nCordialement\nDana"
            ),
            false,
        ),
        5 => (
            "Próximos pasos".to_owned(),
            format!(
                "Hola {first}:\n\nte presento a {ae}, que llevará la reunión del jueves.\n\nSaludos\nDana"
            ),
            false,
        ),
        _ => (
            "Handing you on".to_owned(),
            format!("Hi {first},\n\nit was great to talk. Over to you, {ae}!\n\nDana"),
            false,
        ),
    }
}

fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let bytes: String =
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("={byte:02X}")
                }
            })
            .collect();
    format!("=?utf-8?Q?{bytes}?=")
}
