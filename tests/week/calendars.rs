//! What calendars and scheduling tools send on the stage.

use super::cast::{self, address, find, key_of, listed};
use super::letter::{self, Event};
use super::stage::Stage;
use super::story::Story;

impl Stage {
    /// A REQUEST or CANCEL; the first one of a UID is sequence 0.
    pub(crate) fn invite(
        &mut self,
        story: &'static Story,
        by: &str,
        to: &str,
        method: &str,
        uid: &'static str,
        start: &str,
    ) {
        let sequences = self.run(story).sequences.entry(uid).or_default();
        let sequence = *sequences;
        *sequences += 1;
        let invited = listed(to).into_iter().map(|one| (address(one, story.company), "NEEDS-ACTION"));
        let event = Event {
            method,
            uid,
            sequence,
            start: cast::instant(start, cast::zone_of(story.ae).as_ref()),
            stamp: self.clock.now(),
            organizer: &address(by, story.company),
            attendees: invited.collect(),
        };
        self.mail_event(story, by, to, method, &event);
    }

    /// The answer of one who was invited, to the newest sequence.
    pub(crate) fn respond(
        &mut self,
        story: &'static Story,
        by: &str,
        organizer: &str,
        status: &str,
        uid: &'static str,
        start: &str,
    ) {
        let sequences = self.run(story).sequences.get(uid).copied().unwrap_or_default();
        let event = Event {
            method: "REPLY",
            uid,
            sequence: sequences.saturating_sub(1),
            start: cast::instant(start, cast::zone_of(story.ae).as_ref()),
            stamp: self.clock.now(),
            organizer: &address(organizer, story.company),
            attendees: vec![(address(by, story.company), status)],
        };
        self.mail_event(story, by, organizer, status, &event);
    }

    fn mail_event(&mut self, story: &'static Story, by: &str, to: &str, what: &str, event: &Event<'_>) {
        let mut letter = self.letter(story, by, to, "");
        letter.subject = format!("{what}: a call");
        letter.content_type = letter::EVENT.to_owned();
        letter.body = event.body();
        self.post(story, &letter, "", Some("\\Sent"));
    }

    /// Calendly tells the AE that a prospect has booked a call.
    pub(crate) fn book(&mut self, story: &'static Story, prospect: &str, start: &str) {
        let zone = cast::zone_of(story.ae);
        let at = zone.local(cast::instant(start, zone.as_ref()));
        let start = format!("{} ({})", at.format("%-I:%M%P - %A, %B %-d, %Y"), zone.name());
        let who = address(&key_of(prospect), story.company);
        let mut letter = self.letter(story, "notifications@calendly.com", story.ae, "");
        letter.from = "Calendly <notifications@calendly.com>".to_owned();
        letter.subject = format!("New Event: {prospect} - 30 Minute Meeting");
        letter.body = letter::booking(find(story.ae).unwrap().name, prospect, &who, &start);
        self.bring(story, &letter, None);
    }
}
