//! What a mail says beside its author's words: the signature, and where and why an invitation's meeting is.
//!
//! Needed where a form is filled in from mail, and nowhere else; kept nowhere. `calendar` says what is scheduled.
//! Limits: 8,000 characters of a description.

use calcard::icalendar::{ICalendarComponent, ICalendarParameterName, ICalendarProperty, ICalendarValue};

use super::parsed_message::{self, ParsedMessage};
use super::{calendar, parts, text};
use crate::domain::message::Address;

const LONGEST_DESCRIPTION: usize = 8_000;
const LONGEST_LOCATION: usize = 300;

/// Properties in which calendar programs put the link to a video meeting.
const LINK_PROPERTIES: [&str; 4] = [
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "X-MICROSOFT-ONLINEMEETINGCONFLINK",
];

/// Where a meeting is, and what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InvitationDetails {
    /// One line.
    pub location: String,
    /// Plain text, its lines kept.
    pub description: String,
    /// Links that stand in properties of their own.
    pub links: Vec<String>,
    /// Attendees that are rooms and machines.
    pub resources: Vec<Address>,
    /// The name that the organizer goes by.
    pub organizer_name: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MailDetails {
    /// Signature, footers and banners.
    pub extras: String,
    /// Of the first event that has an id.
    pub invitation: Option<InvitationDetails>,
}

/// Reads them from a whole message.
pub(crate) fn details(raw: &[u8]) -> MailDetails {
    let sanitized = parsed_message::sanitize(raw);
    let parsed = ParsedMessage::parse(&sanitized);
    let (plain, html) = parts::texts(&parsed);
    let extras = text::split(plain.as_deref(), html.as_deref()).extras;
    let invitation = parts::calendars(&parsed).iter().find_map(|part| of_calendar(&part.text));
    MailDetails { extras, invitation }
}

fn of_calendar(text: &str) -> Option<InvitationDetails> {
    let calendar = calendar::parse(text)?;
    let event = calendar::main_event(&calendar)?;
    calendar::text_of(event, &ICalendarProperty::Uid)?;
    let location = calendar::text_of(event, &ICalendarProperty::Location).unwrap_or_default();
    let location = location.split_whitespace().collect::<Vec<_>>().join(" ");
    let organizer = event.property(&ICalendarProperty::Organizer);
    let name = organizer.and_then(|entry| entry.parameters(&ICalendarParameterName::Cn).next());
    Some(InvitationDetails {
        location: location.chars().take(LONGEST_LOCATION).collect(),
        description: description(event),
        links: links(event),
        resources: resources(event),
        organizer_name: name.and_then(|name| name.as_text()).unwrap_or_default().trim().to_owned(),
    })
}

/// Some programs write HTML there.
fn description(event: &ICalendarComponent) -> String {
    let text = calendar::text_of(event, &ICalendarProperty::Description).unwrap_or_default();
    let text: String = text.chars().take(LONGEST_DESCRIPTION).collect();
    let is_html = ["</", "<br", "<p>", "<BR", "<P>"].iter().any(|mark| text.contains(mark));
    // Line breaks of a description that holds both count as well.
    if is_html { text::html_to_text(&text.replace('\n', "<br>")) } else { text.replace('\r', "") }
}

fn links(event: &ICalendarComponent) -> Vec<String> {
    let stated = event.entries.iter().filter(|entry| match &entry.name {
        ICalendarProperty::Url | ICalendarProperty::Conference => true,
        ICalendarProperty::Other(name) => {
            LINK_PROPERTIES.iter().any(|known| known.eq_ignore_ascii_case(name.as_str()))
        }
        _ => false,
    });
    let values = stated.filter_map(|entry| entry.values.first().and_then(ICalendarValue::as_text));
    values.map(str::to_owned).collect()
}

fn resources(event: &ICalendarComponent) -> Vec<Address> {
    let is_resource = |kind: &str| matches!(kind.to_ascii_uppercase().as_str(), "RESOURCE" | "ROOM");
    event
        .properties(&ICalendarProperty::Attendee)
        .filter(|entry| {
            let mut kinds = entry.parameters(&ICalendarParameterName::Cutype);
            kinds.next().and_then(|kind| kind.as_text()).is_some_and(is_resource)
        })
        .filter_map(calendar::address)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> InvitationDetails {
        let raw = format!(
            "From: dana@vendor.example\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        details(raw.as_bytes()).invitation.unwrap()
    }

    #[test]
    fn place_and_purpose_are_read_whatever_form_they_have() {
        let found = read(
            "LOCATION:Main Street 5\\, Room\\n 2\r\nDESCRIPTION:Walk through<br>the reporting <b>pain</b>\r\nORGANIZER;CN=\"Fox, Dana\":mailto:dana@vendor.example\r\nATTENDEE;CUTYPE=ROOM;CN=Room 2:mailto:room2@vendor.example\r\nATTENDEE;CN=Sarah:mailto:sarah@acme.example\r\nX-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij\r\n",
        );
        assert_eq!(found.location, "Main Street 5, Room 2");
        assert_eq!(found.description, "Walk through\nthe reporting pain");
        assert_eq!(found.organizer_name, "Fox, Dana");
        assert_eq!(found.resources.len(), 1);
        assert_eq!(found.links, ["https://meet.google.com/abc-defg-hij"]);
        assert_eq!(read("SUMMARY:x\r\n"), InvitationDetails::default());
    }
}
