//! Whether a message is calendar traffic: an invitation, an answer, a cancellation (RFC 5546, RFC 6047).
//!
//! Told from files that carry an event: a METHOD in the part's Content-Type makes a scheduling message; one in the
//! body alone does where the part is one of the message's forms and no attachment. What a person forwards is none.

use super::super::calendar;
use super::super::parts::CalendarPart;
use super::subject;
use super::view::MessageView;
use crate::domain::message::{Calendar, CalendarMethod};

/// What a message carries of a calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CalendarContent {
    /// The event; its method is `None` where it is only a file. `None` where none could be read.
    pub event: Option<Calendar>,
    /// The method of a scheduling message, also of one whose event is broken.
    pub method: Option<CalendarMethod>,
    /// The event came as an attached file.
    pub is_file: bool,
}

/// The calendar part of a message that counts: one with a method in its header first, then its main form.
pub(crate) fn read(
    view: &MessageView<'_, '_>,
    parts: &[CalendarPart<'_>],
    zones: Option<&crate::domain::zone::ZoneLookup>,
) -> CalendarContent {
    let mut ordered: Vec<&CalendarPart<'_>> = parts.iter().collect();
    ordered.sort_by_key(|part| (part.method.is_none(), !part.is_main, part.is_file));
    let mut found = CalendarContent::default();
    for part in ordered {
        let event = calendar::event(&part.text, part.method.as_deref(), zones);
        let stated = part
            .method
            .as_deref()
            .and_then(calendar::method_named)
            .or_else(|| calendar::body_method(&part.text));
        let method = event
            .as_ref()
            .map_or(stated, |event| event.method)
            .filter(|method| schedules(view, part, *method));
        found.method = found.method.or(method);
        if let Some(mut event) = event {
            event.method = method;
            found.event = Some(event);
            found.is_file = part.is_file;
            break;
        }
    }
    found
}

fn schedules(view: &MessageView<'_, '_>, part: &CalendarPart<'_>, method: CalendarMethod) -> bool {
    let stated = part.method.as_deref().and_then(calendar::method_named).is_some();
    let class = view.marks.content_class.as_deref().is_some_and(|class| class.contains("calendarmessage"));
    let main = part.is_main && !part.is_file;
    if !(stated || class || main) || forwarded(view, part) {
        return false;
    }
    // A newsletter that brings an event along.
    !(method == CalendarMethod::Publish
        && part.is_file
        && (view.marks.list_unsubscribe || view.marks.campaign.is_some()))
}

/// A person passed it on: the client says so, or the subject does and the event came as a file.
fn forwarded(view: &MessageView<'_, '_>, part: &CalendarPart<'_>) -> bool {
    view.marks.forwarded || subject::is_forward(&view.subject) && part.is_file
}

pub(crate) fn reason(method: Option<CalendarMethod>) -> Option<String> {
    let method = method?;
    Some(
        match method {
            CalendarMethod::Request => "a calendar invitation (METHOD:REQUEST)",
            CalendarMethod::Reply => "an answer to a calendar invitation (METHOD:REPLY)",
            CalendarMethod::Cancel => "a calendar cancellation (METHOD:CANCEL)",
            CalendarMethod::Counter => "another time proposed for an event (METHOD:COUNTER)",
            CalendarMethod::DeclineCounter => "a proposed time refused (METHOD:DECLINECOUNTER)",
            CalendarMethod::Publish => "a published event (METHOD:PUBLISH)",
            CalendarMethod::Add => "instances added to an event (METHOD:ADD)",
            CalendarMethod::Refresh => "an event asked for again (METHOD:REFRESH)",
        }
        .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::MessageKind;

    const EVENT: &str = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:u@x\nDTSTART:20261126T190000Z\nEND:VEVENT\nEND:VCALENDAR\n";

    fn mixed(subject: &str, content_type: &str) -> MessageKind {
        kind(&format!(
            "From: Dana <dana@vendor.example>\nSubject: {subject}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n{content_type}\n\n{EVENT}--b--\n"
        ))
    }

    #[test]
    fn a_method_in_the_header_makes_an_invitation() {
        assert_eq!(
            mixed(
                "Demo",
                "Content-Type: text/calendar; method=REQUEST\nContent-Disposition: attachment; filename=invite.ics"
            ),
            MessageKind::Calendar
        );
    }

    #[test]
    fn a_file_with_an_event_is_only_a_file() {
        assert_eq!(
            mixed(
                "Demo",
                "Content-Type: text/calendar; name=demo.ics\nContent-Disposition: attachment; filename=demo.ics"
            ),
            MessageKind::Human
        );
        assert_eq!(mixed("Demo", "Content-Type: application/ics; name=invite.ics"), MessageKind::Human);
    }

    #[test]
    fn a_forwarded_invitation_is_a_persons_mail() {
        assert_eq!(
            mixed(
                "Fwd: Invitation: Demo",
                "Content-Type: text/calendar; method=REQUEST\nContent-Disposition: attachment; filename=invite.ics"
            ),
            MessageKind::Human
        );
    }

    #[test]
    fn the_method_may_stand_only_in_the_body() {
        assert_eq!(
            kind(&format!(
                "From: a@b.example\nSubject: Demo\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: text/calendar\n\n{EVENT}--b--\n"
            )),
            MessageKind::Calendar
        );
        assert_eq!(
            kind(&format!("From: a@b.example\nSubject: Demo\nContent-Type: text/calendar\n\n{EVENT}")),
            MessageKind::Calendar
        );
    }
}
