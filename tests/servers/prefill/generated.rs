//! A mailbox that is generated, so that it is known what a form has to hold: nothing more, nothing less.
//!
//! Each company differs by its number: who writes how, whether there is a meeting and what became of it, whether a rival
//! was named and by whom. Around that stands mail which must not count: newsletters, absences, other companies, mail of
//! long ago, our own words in quotations.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc, Weekday};

use super::mails::{Invitation, html, plain};
use super::stage::Answer;

const FIRST: [&str; 7] = ["Sarah", "James", "Maria", "Tom", "Aylin", "Petra", "Luca"];
const LAST: [&str; 5] = ["Lee", "Ortiz", "Weber", "van Dijk", "Rossi"];
const TITLES: [&str; 5] =
    ["VP Sales", "Head of Operations", "Procurement Manager", "Vertriebsleiterin", "Chief Revenue Officer"];
const COMPANIES: [&str; 6] = ["Acme", "Globex", "Initech", "Umbrella", "Stark", "Wayne"];
const DANA: &str = "Dana Fox <dana@vendor.example>";

/// A message to put into the SDR's mailbox.
pub(crate) struct GeneratedMail {
    pub folder: &'static str,
    pub at: DateTime<Utc>,
    pub raw: String,
}

/// What the form for one company has to hold.
#[derive(Debug)]
pub(crate) struct Expected {
    pub named: String,
    company: String,
    to: String,
    date_time: String,
    format: String,
    attendees: String,
    agenda: String,
    stakeholders: Vec<String>,
    competitor: Vec<String>,
    pain: Vec<String>,
    is_accepted: bool,
}

/// Everybody of one company.
struct Company {
    number: usize,
    name: String,
    domain: String,
}

impl Company {
    fn new(number: usize) -> Self {
        let base = COMPANIES[number % COMPANIES.len()];
        Self {
            number,
            name: format!("{base}{number} Corp"),
            domain: format!("{}{number}.example", base.to_lowercase()),
        }
    }

    fn people(&self) -> Vec<(String, String, &'static str)> {
        (0..=self.number % 3)
            .map(|place| {
                let first = FIRST[(self.number + place) % FIRST.len()];
                let last = LAST[(self.number * 3 + place) % LAST.len()];
                let address = format!("{}.{place}@{}", first.to_lowercase(), self.domain);
                (format!("{first} {last}"), address, TITLES[(self.number + place) % TITLES.len()])
            })
            .collect()
    }

    fn rival(&self) -> Option<&'static str> {
        [None, Some("HubSpot"), Some("Salesforce")][self.number % 3]
    }

    /// The meeting's start in Berlin: next week or later, on a weekday.
    fn start(&self, now: DateTime<Utc>) -> NaiveDateTime {
        let mut day = now.date_naive() + TimeDelta::days(7 + (self.number % 20) as i64);
        while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            day += TimeDelta::days(1);
        }
        day.and_hms_opt(14 + (self.number % 5) as u32, 30, 0).unwrap()
    }
}

fn pain(company: &Company, place: usize) -> String {
    format!(
        "Team {place} of {} loses {} hours a week on reports that nobody reads.",
        company.name,
        company.number + 3
    )
}

/// The mails of a company, and what follows from them.
fn company_mails(company: &Company, now: DateTime<Utc>, mails: &mut Vec<GeneratedMail>) -> Expected {
    let people = company.people();
    let mut said = Vec::new();
    for (place, (name, address, title)) in people.iter().enumerate() {
        let at = now - TimeDelta::days(60 - 4 * place as i64 - (company.number % 30) as i64);
        let sentence = pain(company, place);
        let rival = company.rival().filter(|_| place == 0);
        let about_rival =
            rival.map(|rival| format!("Today all of that sits in {}.", written(rival, company.number)));
        let from = shown(name, address, company.number);
        let words =
            format!("{sentence}{}", about_rival.as_ref().map(|more| format!(" {more}")).unwrap_or_default());
        said.push(sentence);
        said.extend(about_rival);
        let id = format!("{}-{place}", company.domain);
        let raw = match company.number % 4 {
            0 => plain(
                &id,
                &from,
                DANA,
                "Reporting",
                &format!(
                    "Hi Dana,\n\n{words}\n\nBest regards,\n{name}\n{title}\n{}\n+1 212 555 0100",
                    company.name
                ),
            ),
            1 => html(
                &id,
                &from,
                DANA,
                "Reporting",
                &format!(
                    "<p>Hi Dana,</p><p>{words}</p><p>-- <br>{name} | {title} | {}</p><blockquote type=\"cite\"><p>On Monday Dana Fox &lt;dana@vendor.example&gt; wrote:</p><p>We beat Close and HubSpot every day of the week.</p></blockquote>",
                    company.name
                ),
            ),
            2 => plain(
                &id,
                &from,
                DANA,
                "Re: Reporting",
                &format!(
                    "{words}\n\n-- \n{name}\n{title}, {}\n\nOn Mon, 2 Nov 2026 at 09:00, Dana Fox <dana@vendor.example> wrote:\n> We beat Close and HubSpot every day of the week.",
                    company.name
                ),
            ),
            _ => html(
                &id,
                &from,
                DANA,
                "AW: Reporting",
                &format!(
                    "<div>{words}</div><br><div>Mit freundlichen Gr\u{fc}\u{df}en<br>{name}<br>{title}<br>{}<br>Tel. +49 30 1234567</div><div style=\"border-top:1px solid\"><b>Von:</b> Dana Fox &lt;dana@vendor.example&gt;<br><b>Gesendet:</b> Montag, 2. November 2026 09:00<br><b>An:</b> {name}<br><b>Betreff:</b> Reporting<br><br>We beat Close and HubSpot every day of the week.</div>",
                    company.name
                ),
            ),
        };
        mails.push(GeneratedMail { folder: "INBOX", at, raw });
    }
    noise(company, now, mails);
    let names_address = company.number.is_multiple_of(2);
    let named = if names_address { people[0].1.clone() } else { company.domain.clone() };
    let meeting = meeting(company, now, mails);
    let all: Vec<String> =
        people.iter().rev().map(|(name, address, _)| format!("{name} <{address}>")).collect();
    let to = if names_address || meeting.is_some() {
        format!("{} <{}>", people[0].0, people[0].1)
    } else {
        all.join(", ")
    };
    let (date_time, format, agenda) = meeting.clone().unwrap_or_default();
    let mut stakeholders: Vec<String> =
        people.iter().map(|(name, _, title)| format!("{name} | {title} |")).collect();
    stakeholders.sort();
    Expected {
        named,
        company: company.name.clone(),
        to,
        attendees: meeting.as_ref().map(|_| format!("{} <{}>", people[0].0, people[0].1)).unwrap_or_default(),
        date_time,
        format,
        agenda,
        stakeholders,
        competitor: company.rival().into_iter().map(str::to_owned).collect(),
        pain: said,
        is_accepted: meeting.is_some() && company.number % 5 == 1,
    }
}

fn written(rival: &str, number: usize) -> String {
    match number % 4 {
        0 => rival.to_lowercase(),
        1 => format!("{rival}'s cloud"),
        _ => rival.to_owned(),
    }
}

fn shown(name: &str, address: &str, number: usize) -> String {
    match (name.split_once(' '), number % 3) {
        (Some((first, last)), 1) => format!("\"{last}, {first}\" <{address}>"),
        _ => format!("{name} <{address}>"),
    }
}

/// The invitation and what became of it: date, format and agenda, where there is a meeting in the end.
fn meeting(
    company: &Company,
    now: DateTime<Utc>,
    mails: &mut Vec<GeneratedMail>,
) -> Option<(String, String, String)> {
    let (name, address, _) = company.people().swap_remove(0);
    let prospect = format!("{name} <{address}>");
    let start = company.start(now);
    let uid = format!("meeting-{}", company.domain);
    let times = |start: NaiveDateTime| {
        let end = start + TimeDelta::minutes(45);
        format!(
            "DTSTART;TZID=Europe/Berlin:{}\nDTEND;TZID=W. Europe Standard Time:{}",
            start.format("%Y%m%dT%H%M%S"),
            end.format("%Y%m%dT%H%M%S")
        )
    };
    let guest = format!("CN={name}:mailto:{address}");
    let us = "CN=Dana Fox:mailto:dana@vendor.example".to_owned();
    let accepted = format!("CN={name};PARTSTAT=ACCEPTED:mailto:{address}");
    let (first_times, last_times) = (times(start - TimeDelta::days(1)), times(start));
    let lines = "LOCATION:https://vendor.zoom.us/j/1\nDESCRIPTION:Look at the weekly reports\\n\\nJoin Zoom Meeting\\nhttps://vendor.zoom.us/j/1\\nPasscode: 1234";
    let theirs = "LOCATION:Microsoft Teams Meeting";
    let ours = Invitation {
        from: DANA,
        to: &prospect,
        method: "REQUEST",
        uid: &uid,
        sequence: 0,
        times: &last_times,
        organizer: &us,
        attendees: &[guest.as_str()],
        lines,
    };
    let mut put =
        |folder, days: i64, raw| mails.push(GeneratedMail { folder, at: now - TimeDelta::days(days), raw });
    let zoned = |start: NaiveDateTime| format!("{} Europe/Berlin, 45 min", start.format("%Y-%m-%d %H:%M"));
    match company.number % 5 {
        1 => {
            put("Sent", 9, ours.mail());
            let yes = [accepted.as_str()];
            put(
                "INBOX",
                8,
                Invitation { method: "REPLY", from: &prospect, to: DANA, attendees: &yes, ..ours }.mail(),
            );
            Some((zoned(start), "Zoom".to_owned(), "Look at the weekly reports".to_owned()))
        }
        2 => {
            let both = [us.as_str()];
            let invitation = Invitation {
                from: &prospect,
                to: DANA,
                organizer: &guest,
                attendees: &both,
                lines: theirs,
                ..ours
            };
            put("INBOX", 9, invitation.mail());
            Some((zoned(start), "Teams".to_owned(), "Demo of the dashboard".to_owned()))
        }
        3 => {
            put("Sent", 9, Invitation { times: &first_times, ..ours }.mail());
            put("Sent", 7, Invitation { sequence: 1, times: &last_times, ..ours }.mail());
            Some((zoned(start), "Zoom".to_owned(), "Look at the weekly reports".to_owned()))
        }
        4 => {
            put("Sent", 9, ours.mail());
            put("Sent", 7, Invitation { method: "CANCEL", sequence: 1, ..ours }.mail());
            None
        }
        _ => None,
    }
}

/// Mail of the company that fills in nothing.
fn noise(company: &Company, now: DateTime<Utc>, mails: &mut Vec<GeneratedMail>) {
    let (name, address, _) = company.people().swap_remove(0);
    let prospect = format!("{name} <{address}>");
    let domain = &company.domain;
    let newsletter = plain(
        &format!("news-{domain}"),
        &format!("News <news@{domain}>"),
        DANA,
        "Our news",
        "Why teams leave Close and HubSpot for us, told in seven stories.",
    )
    .replacen(
        "MIME-Version",
        "List-Unsubscribe: <https://news.example/u>\nPrecedence: bulk\nMIME-Version",
        1,
    );
    let absence = plain(
        &format!("away-{domain}"),
        &prospect,
        DANA,
        "Automatic reply: Reporting",
        "I am out of the office and will answer after the Close summit next week.",
    )
    .replacen("MIME-Version", "Auto-Submitted: auto-replied\nMIME-Version", 1);
    let old = plain(
        &format!("old-{domain}"),
        &prospect,
        DANA,
        "Long ago",
        &format!("We hated Close and left it years ago.\n\nBest regards,\n{name}\nIntern\n{}", company.name),
    );
    let sent = plain(
        &format!("sent-{domain}"),
        DANA,
        &prospect,
        "Re: Reporting",
        "Is Close what you use for that today?",
    );
    for (folder, days, raw) in
        [("INBOX", 5, newsletter), ("INBOX", 6, absence), ("INBOX", 120, old), ("Sent", 20, sent)]
    {
        mails.push(GeneratedMail { folder, at: now - TimeDelta::days(days), raw });
    }
}

/// So many messages, of which so many companies' are part, the oldest first.
pub(crate) fn mailbox(
    messages: usize,
    companies: usize,
    now: DateTime<Utc>,
) -> (Vec<GeneratedMail>, Vec<Expected>) {
    let mut mails = Vec::new();
    let expected: Vec<Expected> =
        (0..companies).map(|number| company_mails(&Company::new(number), now, &mut mails)).collect();
    let others = messages.saturating_sub(mails.len());
    for number in 0..others {
        let from = format!("Person {number} <p{number}@other{}.example>", number % 900);
        let text = format!(
            "We use Close and Gong, and this is number {number}. acme0.example is a partner.\n\n{}",
            "words ".repeat(number % 80)
        );
        let folder = if number % 5 == 0 { "Sent" } else { "INBOX" };
        let (from, to) = if folder == "Sent" { (DANA.to_owned(), from) } else { (from, DANA.to_owned()) };
        let at = now - TimeDelta::minutes(10 + (number as i64 * 120_000 / others.max(1) as i64));
        mails.push(GeneratedMail {
            folder,
            at,
            raw: plain(&format!("other-{number}"), &from, &to, "Hello", &text),
        });
    }
    mails.sort_by_key(|mail| mail.at);
    for mail in &mut mails {
        mail.raw = mail.raw.replace("{date}", &mail.at.to_rfc2822());
    }
    (mails, expected)
}

impl Expected {
    /// What of a form is not as it was meant.
    pub(crate) fn differs(&self, form: &Answer) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut same = |what: &str, found: String, meant: &str| {
            if found != meant {
                wrong.push(format!("{}: {what} is `{found}`, meant was `{meant}`", self.named));
            }
        };
        same("To", form.value("To:"), &self.to);
        same("date", form.value("Date/Time:"), &self.date_time);
        same("format", form.value("Format:"), &self.format);
        same("attendees", form.value("Attendees:"), &self.attendees);
        same("agenda", form.value("Agenda:"), &self.agenda);
        same(
            "company",
            form.value("HANDOFF RECORD:").split(" | ").next().unwrap_or_default().to_owned(),
            &self.company,
        );
        let mut stakeholders = form.section("3. STAKEHOLDER MAP:").split_off(2);
        stakeholders.sort();
        same("stakeholders", stakeholders.join("; "), &self.stakeholders.join("; "));
        same("competitor", form.section("5. COMPETITOR MENTIONED:").join("; "), &self.competitor.join("; "));
        same("pain", form.section("1. PAIN (prospect's exact words):").join("; "), "");
        same("objections", form.section("4. OBJECTIONS SURFACED:").join("; "), "Objection:; How handled:");
        let ticked: Vec<&str> = form.text.lines().filter(|line| line.starts_with("[x] ")).collect();
        let mut meant = vec!["[x] Meaningful contact established"];
        if self.is_accepted {
            meant.insert(0, "[x] Calendar invite accepted");
        }
        same("ticks", ticked.join("; "), &meant.join("; "));
        let notes = form.notes();
        wrong.extend(
            self.pain
                .iter()
                .filter(|pain| !notes.contains(pain.as_str()))
                .map(|pain| format!("{}: `{pain}` is not among the notes", self.named)),
        );
        for strange in ["Close", "Gong", "Intern", "seven stories", "out of the office", "We beat"] {
            if form.record().contains(strange) {
                wrong.push(format!("{}: `{strange}` is in the form", self.named));
            }
        }
        wrong
    }
}
