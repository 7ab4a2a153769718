//! Mails in the forms of a few programs.

/// An invitation to a meeting.
pub(crate) struct Invitation<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub method: &'a str,
    pub uid: &'a str,
    pub sequence: u32,
    /// `DTSTART` and `DTEND` lines and the like.
    pub times: &'a str,
    pub organizer: &'a str,
    pub attendees: &'a [&'a str],
    /// Further lines of the event.
    pub lines: &'a str,
}

impl Invitation<'_> {
    pub(crate) fn mail(&self) -> String {
        let Self { from, to, method, uid, sequence, times, organizer, attendees, lines } = self;
        let attendees: String = attendees.iter().map(|one| format!("ATTENDEE;{one}\n")).collect();
        format!(
            "Message-ID: <{uid}-{method}-{sequence}-{}@mail.example>\nDate: {{date}}\nFrom: {from}\nTo: {to}\n\
             Subject: Demo of the dashboard\nMIME-Version: 1.0\n\
             Content-Type: multipart/alternative; boundary=\"b1\"\n\n--b1\n\
             Content-Type: text/plain; charset=utf-8\n\nYou are invited.\n--b1\n\
             Content-Type: text/calendar; charset=utf-8; method={method}\n\n\
             BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\nMETHOD:{method}\nBEGIN:VEVENT\nUID:{uid}\n\
             SEQUENCE:{sequence}\n{times}\nORGANIZER;{organizer}\n{attendees}SUMMARY:Demo of the dashboard\n{lines}\n\
             END:VEVENT\nEND:VCALENDAR\n--b1--\n",
            from.len() + to.len()
        )
    }
}

/// A mail that a person wrote, as plain text.
pub(crate) fn plain(id: &str, from: &str, to: &str, subject: &str, text: &str) -> String {
    format!(
        "Message-ID: <{id}@mail.example>\nDate: {{date}}\nFrom: {from}\nTo: {to}\nSubject: {subject}\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

/// The same as HTML alone.
pub(crate) fn html(id: &str, from: &str, to: &str, subject: &str, body: &str) -> String {
    format!(
        "Message-ID: <{id}@mail.example>\nDate: {{date}}\nFrom: {from}\nTo: {to}\nSubject: {subject}\n\
         MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body>{body}</body></html>\n"
    )
}
