//! One handoff as a page for people: where it stands, what happened day by day, its record.
//!
//! Every mail is told once: those that have left are in the timeline, the others below it. The evidence of
//! an event, the message and the folder that it was seen in, stands dimmed beneath it. `--json` has it all.

use chrono::{DateTime, Utc};

use crate::agent::app::App;
use crate::agent::intro_fate::IntroFate;
use crate::agent::render::record_text;
use crate::agent::turn::JudgedHandoff;
use crate::domain::fact::TouchKind;
use crate::domain::judge::{AcceptanceState, Event, FeedbackState, Judgement, TouchState};
use crate::domain::message::{Address, Mailbox};
use crate::domain::zone::Zone;
use crate::store::{OutboxRow, OutboxState};

use super::json;
use super::show::relative;
use super::terminal::{BAD, GOOD, HEADING, QUIET, WAITS, hanging, painted};

/// The page, for a terminal of so many columns.
pub(crate) fn story(
    app: &App,
    judged: &JudgedHandoff,
    mails: &[OutboxRow],
    now: DateTime<Utc>,
    columns: usize,
) -> String {
    let judgement = &judged.judgement;
    let person = app.policy.person(&judgement.ae);
    let zone = person.map_or_else(|| app.default_zone.clone(), |person| person.working.zone.clone());
    let page = HandoffPage { app, judgement, mails, zone: &*zone, now, columns };
    let mut text = page.head(&judged.stored.handoff.id);
    text.push_str(&page.timeline());
    text.push_str(&page.waiting_mails());
    text.push_str(&format!("\n{}\n", painted(HEADING, "Record")));
    for line in record_text(app, judged).lines() {
        text.push_str(&hanging("  ", "    ", line, anstyle::Style::new(), columns));
    }
    text
}

struct HandoffPage<'a> {
    app: &'a App,
    judgement: &'a Judgement,
    mails: &'a [OutboxRow],
    zone: &'a dyn Zone,
    now: DateTime<Utc>,
    columns: usize,
}

/// `Thu 26 Nov 2026 14:00 EST`.
pub(crate) fn exact(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    format!("{} {}", zone.local(at).format("%a %-d %b %Y %H:%M"), zone.abbreviation_at(at))
}

impl HandoffPage<'_> {
    fn when(&self, at: DateTime<Utc>) -> String {
        format!("{} ({})", exact(at, self.zone), relative(at, self.now))
    }

    fn head(&self, id: &str) -> String {
        let judgement = self.judgement;
        let closed = if judgement.open { "" } else { "  closed" };
        let company = painted(HEADING, &judgement.record.company);
        let mut text = format!("{company}  {}{closed}\n", painted(QUIET, id));
        text.push_str(&format!("{} to {}\n\n", judgement.record.sdr, judgement.ae));
        let mut facts = self.facts();
        if let Some((at, what)) = &judgement.next {
            facts.push(("next", format!("{what}, {}", self.when(*at))));
        }
        for (label, value) in facts {
            let (first, rest) = (format!("  {label:<13}"), " ".repeat(15));
            text.push_str(&hanging(&first, &rest, &value, anstyle::Style::new(), self.columns));
        }
        text
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let judgement = self.judgement;
        let mut facts = vec![("intro", self.intro())];
        if let Some(deadline) = judgement.deadline {
            facts.push(("deadline", self.when(deadline)));
        }
        if let Some(why) = &judgement.deadline_why {
            facts.push(("", why.clone()));
        }
        facts.push(("first touch", self.touch()));
        let mut cc = json::cc_state(judgement.cc.state).replace('-', " ");
        if let Some(first) = judgement.cc.first.filter(|first| *first != judgement.cc.state) {
            cc = format!("{cc} (first mail: {})", json::cc_state(first).replace('-', " "));
        }
        facts.push(("SDR in Cc", cc));
        facts.push(("record", self.acceptance()));
        let meeting = json::meeting_state(judgement.meeting.state);
        facts.push(("meeting", format!("{meeting}, {}", self.when(judgement.meeting.start))));
        facts.push(("feedback", self.feedback()));
        if let Some(until) = judgement.away_until {
            facts.push(("AE away", format!("until {}", until.format("%a %-d %b %Y"))));
        }
        facts
    }

    /// When the intro left. What is not known of the last one is said as `send` and `outbox` say it.
    fn intro(&self) -> String {
        let fate = IntroFate::of(self.mails);
        match (self.judgement.sent_at, fate) {
            (None, _) => fate.in_words().to_owned(),
            (Some(at), IntroFate::Unknown) => {
                format!("{}; sent again, and {}", self.when(at), fate.in_words())
            }
            (Some(at), _) => self.when(at),
        }
    }

    fn touch(&self) -> String {
        let touch = &self.judgement.touch;
        match touch.state {
            TouchState::Touched => {
                let kind = touch.kind.map_or("", TouchKind::name).replace('-', " ");
                let verdict = if touch.late { painted(BAD, "late") } else { painted(GOOD, "in time") };
                let marks = [
                    (touch.kind == Some(TouchKind::Stated), ", said, not seen"),
                    (touch.indirect, ", proved indirectly"),
                    (touch.personal == Some(true), ", personal"),
                    (touch.personal == Some(false), ", not personal"),
                ];
                let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, words)| *words).collect();
                format!("{verdict}, {kind}{marks}, {}", touch.at.map_or_else(String::new, |at| self.when(at)))
            }
            TouchState::Waiting => painted(WAITS, "waiting"),
            TouchState::Undelivered if IntroFate::of(self.mails) == IntroFate::LetBe => {
                painted(BAD, "nobody can tell whether the intro arrived; the clock is stopped")
            }
            TouchState::Breached => painted(BAD, "none; the deadline has passed"),
            TouchState::CannotSee => painted(BAD, "cannot be seen: a mailbox cannot be read"),
            TouchState::Undelivered => painted(BAD, "the intro was not delivered; the clock is stopped"),
        }
    }

    fn acceptance(&self) -> String {
        let acceptance = &self.judgement.acceptance;
        let owner = if acceptance.owner_updated { ", owner updated" } else { "" };
        let notes = acceptance.notes.as_ref().map(|notes| format!(": {notes}")).unwrap_or_default();
        match acceptance.state {
            AcceptanceState::None => "not acknowledged yet".to_owned(),
            AcceptanceState::Accepted => format!("{}{owner}{notes}", painted(GOOD, "acknowledged")),
            AcceptanceState::Refused => format!("{}{notes}", painted(BAD, "refused")),
        }
    }

    fn feedback(&self) -> String {
        let feedback = &self.judgement.feedback;
        let mut text = match feedback.state {
            FeedbackState::NotDue => "not due yet".to_owned(),
            FeedbackState::Requested => {
                format!("asked for, due {}", feedback.due.map_or_else(String::new, |at| self.when(at)))
            }
            FeedbackState::Received => painted(GOOD, "received"),
            FeedbackState::Overdue => painted(BAD, "overdue"),
            FeedbackState::NotOwed => "not owed".to_owned(),
        };
        if let Some(outcome) = feedback.outcome {
            text.push_str(&format!(", {}", outcome.name()));
        }
        if let Some(score) = feedback.score {
            text.push_str(&format!(", score {score}"));
        }
        if let Some(wrong) = &feedback.wrong {
            text.push_str(&format!(", wrong in the record: {wrong}"));
        }
        text
    }

    fn timeline(&self) -> String {
        let mut text = format!(
            "\n{}{}\n",
            painted(HEADING, "Timeline"),
            painted(QUIET, format!(", in the time of {}", self.zone.name()))
        );
        let mut day = String::new();
        let mut events: Vec<&Event> = self.judgement.story.iter().collect();
        // At the same moment: what happened, then what baton did about it.
        events.sort_by_key(|event| (event.at, self.rank(event)));
        for event in events {
            let local = self.zone.local(event.at);
            let date = local.format("%a %-d %b").to_string();
            let date_column = if date == day { String::new() } else { date.clone() };
            day = date;
            let first = format!("  {date_column:<10}  {}  ", local.format("%H:%M"));
            let rest = " ".repeat(first.len());
            let (words, style) = self.words(event);
            text.push_str(&hanging(&first, &rest, &words, style, self.columns));
            if let Some(evidence) = self.evidence(event) {
                text.push_str(&hanging(&rest, &rest, &evidence, QUIET, self.columns));
            }
        }
        text
    }

    /// The mail of baton's own that this event is about.
    fn own_mail(&self, event: &Event) -> Option<&OutboxRow> {
        let id = event.message_id.as_ref()?;
        self.mails.iter().find(|row| row.message_id == *id && row.key.kind.name() == event.what)
    }

    fn rank(&self, event: &Event) -> u8 {
        match event.what.as_ref() {
            "intro-accepted" | "intro-sent-again" => 0,
            "clock-started" => 1,
            _ if self.own_mail(event).is_some() => 3,
            _ => 2,
        }
    }

    /// An instant at the end of a sentence, as the AE reads it.
    fn local(&self, why: &str) -> String {
        match why.rsplit_once(": ").map(|(words, at)| (words, DateTime::parse_from_rfc3339(at))) {
            Some((words, Ok(at))) => format!("{words}: {}", exact(at.with_timezone(&Utc), self.zone)),
            _ => why.to_owned(),
        }
    }

    fn words(&self, event: &Event) -> (String, anstyle::Style) {
        let style = match event.what.as_ref() {
            "touch" | "accepted" | "feedback" => GOOD,
            "breached" | "intro-failed" | "intro-refused" | "touch-failed" | "meeting-cancelled" => BAD,
            _ => anstyle::Style::new(),
        };
        let words = match (self.own_mail(event), event.what.as_ref()) {
            (Some(row), _) => format!("mail to {}: {}", self.readers(row), row.key.kind.properties().title),
            (None, "clock-started") => format!("the clock starts: {}", event.why),
            _ => self.local(&event.why),
        };
        (words, style)
    }

    /// What an event was concluded from; the row that fits says the sentence above it. Of baton's own mails their id
    /// tells nothing.
    fn evidence(&self, event: &Event) -> Option<String> {
        if self.own_mail(event).is_some() {
            return None;
        }
        let id = event.message_id.as_ref().map(|id| format!("<{id}>"));
        let parts: Vec<String> = [event.folder.clone(), id].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("  "))
    }

    fn readers(&self, row: &OutboxRow) -> String {
        let list = |boxes: &[Mailbox]| {
            boxes.iter().map(|one| self.called(&one.address)).collect::<Vec<_>>().join(", ")
        };
        let (to, cc) = (list(&row.recipients.to), list(&row.recipients.cc));
        if cc.is_empty() { to } else { format!("{to}, cc {cc}") }
    }

    /// The name of a person of the configuration, else the address.
    fn called(&self, address: &Address) -> String {
        let found = self.app.policy.person_writing_from(address);
        found.map_or_else(|| address.to_string(), |person| person.name.clone())
    }

    /// Mails that have not left, or not for certain.
    fn waiting_mails(&self) -> String {
        let rows: Vec<&OutboxRow> = self.mails.iter().filter(|row| row.state != OutboxState::Sent).collect();
        if rows.is_empty() {
            return String::new();
        }
        let mut text = format!("\n{}\n", painted(HEADING, "Mails that have not left"));
        for row in rows {
            let local = self.zone.local(row.not_before.unwrap_or(row.made_at));
            let style = match row.state {
                OutboxState::Queued | OutboxState::Sending | OutboxState::Sent => WAITS,
                OutboxState::Uncertain | OutboxState::Failed => BAD,
                OutboxState::Cancelled => QUIET,
            };
            let state = painted(style, row.state.name());
            let error = row.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
            let words =
                format!("{state}, to {}: {}{error}", self.readers(row), row.key.kind.properties().title);
            let first =
                format!("  {:<10}  {}  ", local.format("%a %-d %b").to_string(), local.format("%H:%M"));
            let rest = " ".repeat(first.len());
            text.push_str(&hanging(&first, &rest, &words, anstyle::Style::new(), self.columns));
        }
        text
    }
}
