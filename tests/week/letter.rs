//! Mail as people's programs and servers write it in the week.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

/// One mail in the making. Addresses may bear a name: `Sarah Lee <sarah@acme.example>`.
pub(crate) struct Letter {
    pub from: String,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub subject: String,
    /// Without angle brackets.
    pub id: String,
    /// Ids of the thread, the last one is answered.
    pub thread: Vec<String>,
    pub headers: Vec<String>,
    pub content_type: String,
    pub body: String,
    pub date: DateTime<FixedOffset>,
}

impl Letter {
    pub(crate) fn text(&self) -> String {
        let mut text = format!("From: {}\nTo: {}\n", self.from, self.to.join(", "));
        if !self.cc.is_empty() {
            text.push_str(&format!("Cc: {}\n", self.cc.join(", ")));
        }
        text.push_str(&format!(
            "Subject: {}\nDate: {}\nMessage-ID: <{}>\n",
            self.subject,
            self.date.to_rfc2822(),
            self.id
        ));
        if let Some(last) = self.thread.last() {
            let all: Vec<String> = self.thread.iter().map(|id| format!("<{id}>")).collect();
            text.push_str(&format!("In-Reply-To: <{last}>\nReferences: {}\n", all.join("\n ")));
        }
        for header in &self.headers {
            text.push_str(&format!("{header}\n"));
        }
        text.push_str(&format!("MIME-Version: 1.0\nContent-Type: {}\n\n{}", self.content_type, self.body));
        text
    }
}

pub(crate) const PLAIN: &str = "text/plain; charset=utf-8";

/// The words above the quotation of what is answered, whose date names its offset.
pub(crate) fn above(words: &str, date: DateTime<FixedOffset>, author: &str, quoted: &str) -> String {
    let quoted: String = quoted.lines().take(12).map(|line| format!("> {line}\n")).collect();
    format!("{words}\n\nOn {}, {author} wrote:\n{quoted}", date.format("%a, %-d %b %Y at %H:%M %z"))
}

/// The body of a calendar message with one event of half an hour.
pub(crate) struct Event<'a> {
    pub method: &'a str,
    pub uid: &'a str,
    pub sequence: usize,
    pub start: DateTime<Utc>,
    pub stamp: DateTime<Utc>,
    pub organizer: &'a str,
    /// Address and PARTSTAT.
    pub attendees: Vec<(String, &'a str)>,
}

pub(crate) const EVENT: &str = "multipart/alternative; boundary=\"cal\"";

impl Event<'_> {
    pub(crate) fn body(&self) -> String {
        let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
        let people: String = self
            .attendees
            .iter()
            .map(|(who, status)| format!("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT={status}:mailto:{who}\n"))
            .collect();
        format!(
            "--cal\nContent-Type: text/plain; charset=utf-8\n\nA call.\n--cal\n\
             Content-Type: text/calendar; charset=utf-8; method={method}\n\n\
             BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//client//EN\nMETHOD:{method}\nBEGIN:VEVENT\nUID:{uid}\n\
             SEQUENCE:{sequence}\nDTSTAMP:{}\nDTSTART:{}\nDTEND:{}\nSUMMARY:A call\nORGANIZER:mailto:{organizer}\n{people}\
             END:VEVENT\nEND:VCALENDAR\n--cal--\n",
            stamp(self.stamp),
            stamp(self.start),
            stamp(self.start + TimeDelta::minutes(30)),
            method = self.method,
            uid = self.uid,
            sequence = self.sequence,
            organizer = self.organizer,
        )
    }
}

/// A report that one recipient did not get a mail (RFC 3464), as Postfix writes it.
pub(crate) fn report(recipient: &str, original: &str) -> (&'static str, String) {
    let header = original.split("\r\n\r\n").next().unwrap_or(original);
    let body = format!(
        "--dsn\nContent-Type: text/plain; charset=utf-8\n\nThis is the mail system at host mx.vendor.example.\n\n\
         <{recipient}>: host mx.{domain} said: 550 5.1.1 no such user\n--dsn\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.vendor.example\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--dsn\nContent-Type: text/rfc822-headers\n\n{header}\n\n--dsn--\n",
        domain = recipient.split('@').next_back().unwrap_or_default(),
    );
    ("multipart/report; report-type=delivery-status; boundary=\"dsn\"", body)
}

/// Gmail's reaction with an emoji.
pub(crate) fn reaction(name: &str, emoji: &str) -> (&'static str, String) {
    let body = format!(
        "--b\nContent-Type: text/plain; charset=utf-8\n\n{emoji} {name} reacted via Gmail\n--b\n\
         Content-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{{\"emoji\":\"{emoji}\",\"version\":1}}\n--b--\n"
    );
    ("multipart/alternative; boundary=b", body)
}

/// What Calendly tells its user.
pub(crate) fn booking(user: &str, name: &str, address: &str, start: &str) -> String {
    format!(
        "Hi {user},\n\nA new event has been scheduled.\n\nEvent Type:\n30 Minute Meeting\n\nInvitee:\n{name}\n\n\
         Invitee Email:\n{address}\n\nEvent Date/Time:\n{start}\n\nView event in Calendly: \
         https://calendly.com/events/ABC\n"
    )
}

/// The record of a story.
pub(crate) struct Record<'a> {
    pub company: &'a str,
    pub sdr: &'a str,
    pub ae: &'a str,
    pub domain: &'a str,
    pub to: Vec<&'a str>,
    pub attendees: Vec<&'a str>,
    pub meeting: String,
}

impl Record<'_> {
    pub(crate) fn text(&self) -> String {
        let with_address = |names: &[&str]| {
            let all = names.iter().map(|name| {
                let first = name.split(' ').next().unwrap_or(name).to_lowercase();
                format!("{name} <{first}@{}>", self.domain)
            });
            all.collect::<Vec<_>>().join(", ")
        };
        format!(
            "HANDOFF RECORD: {company} | 2026-11-23\nSDR: {sdr} | AE: {ae}\n\n\
             TRIGGER CONDITIONS (check all before marking handed off):\n[x] Calendar invite accepted\n\
             [x] ICP criteria confirmed\n[x] Qualification threshold met\n[x] Meaningful contact established\n\n\
             1. PAIN (prospect's exact words):\n\"Our reps spend 20 minutes a day updating Salesforce.\"\n\n\
             2. NEXT MEETING:\nDate/Time: {meeting}, 30 min\nFormat: Zoom\nAttendees: {attendees}\n\
             Agenda: walk through the reporting pain\n\n\
             3. STAKEHOLDER MAP:\nName | Title | Role in deal\n--- | --- | ---\n{first} | unknown | decision-maker\n\n\
             4. OBJECTIONS SURFACED:\nnone raised\n\n5. COMPETITOR MENTIONED:\nnone mentioned\n\n\
             WARM INTRO EMAIL:\nTo: {to}\n\
             Discussed: we talked about the hours that your reps lose to CRM upkeep\n\
             Why this AE: nobody knows this better\nWhat to expect: half an hour on Zoom\n",
            company = self.company,
            sdr = self.sdr,
            ae = self.ae,
            meeting = self.meeting,
            attendees = with_address(&self.attendees),
            to = with_address(&self.to),
            first = self.to.first().copied().unwrap_or_default(),
        )
    }
}
