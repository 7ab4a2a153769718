//! Whether a message is calendar traffic: an invitation, an answer, a cancellation (RFC 5546, RFC 6047).
//!
//! Told from files that carry an event: a METHOD in the part's Content-Type makes a scheduling message; one in the
//! body alone does where the part is one of the message's forms, or stands in it and is no attachment. Of attached files,
//! which some programs send without the parameter, answers, cancellations and counters are scheduling messages, since
//! people attach none; invitations are where the message is nothing else (its organizer sends it, and its subject is the
//! event's); a published event beside words never is. A form without any METHOD is what its people say: the organizer's is an invitation, the only attendee's an
//! answer. What a person forwards is none.

use super::super::calendar;
use super::super::parts::{self, CalendarPart};
use super::automated;
use super::subject;
use super::view::MessageView;
use crate::domain::message::{Address, Calendar, CalendarMethod, PartStat};
use crate::language::{Role, matcher};

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
            .map_or(stated, |event| event.method.or_else(|| unstated(view, part, event)))
            .map(|method| event.as_ref().map_or(method, |event| as_its_people_say(view, event, method)))
            .filter(|method| schedules(view, part, event.as_ref(), *method));
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

fn schedules(
    view: &MessageView<'_, '_>,
    part: &CalendarPart<'_>,
    event: Option<&Calendar>,
    method: CalendarMethod,
) -> bool {
    let stated = part.method.as_deref().and_then(calendar::method_named).is_some();
    let class = view.marks.content_class.as_deref().is_some_and(|class| class.contains("calendarmessage"));
    let main = part.is_main && !part.is_file;
    if forwarded(view, part) {
        return false;
    }
    if !(stated || class || main) {
        return !subject::is_forward(&view.subject)
            && event.is_some_and(|event| schedules_as_file(view, part, event, method));
    }
    // Nobody is invited by a published event. Beside words it is what they bring along: somebody's file, a newsletter's date.
    !(method == CalendarMethod::Publish && !main && brings_along(view, event))
}

/// Where nothing is answered and other people meet, or the address is a program's, a booking tool tells of it.
fn brings_along(view: &MessageView<'_, '_>, event: Option<&Calendar>) -> bool {
    let is_of_others = |event: &Calendar| {
        !event.attendees.is_empty()
            && !names_author(view, event)
            && !event.organizer.as_ref().is_some_and(|organizer| is_by(view, organizer))
    };
    let is_told =
        view.headers.in_reply_to.is_empty() && (event.is_some_and(is_of_others) || automated::notifies(view));
    let is_sent_to_many = view.marks.list_unsubscribe || view.marks.campaign.is_some();
    is_sent_to_many || !is_told && !view.split().author_text.is_empty()
}

/// Whether a message is Exchange's own form of a meeting message and nothing else: `winmail.dat`, which is not opened here
/// ([MS-OXOCAL]), below a subject that a calendar program writes.
pub(crate) fn is_encapsulated(view: &MessageView<'_, '_>) -> bool {
    let class = view.marks.content_class.as_deref().is_some_and(|class| class.contains("calendarmessage"));
    let says_so = || {
        let end = matcher(Role::CalendarSubjects).all_at_start(&view.subject).max().unwrap_or_default();
        let behind = view.subject.get(end..).unwrap_or_default().trim_start();
        end > 0 && behind.starts_with([':', '：'])
    };
    class
        && parts::has_any(view.message, &["application/ms-tnef", "application/vnd.ms-tnef"])
        && says_so()
        && view.split().author_text.is_empty()
}

/// A part whose METHOD stands in its body alone and that is none of the message's forms.
fn schedules_as_file(
    view: &MessageView<'_, '_>,
    part: &CalendarPart<'_>,
    event: &Calendar,
    method: CalendarMethod,
) -> bool {
    let by_organizer = event.organizer.as_ref().is_some_and(|organizer| is_by(view, organizer));
    let is_answer = !view.headers.in_reply_to.is_empty();
    match method {
        // An organizer who sends somebody's answer passes it on.
        CalendarMethod::Reply => !by_organizer || names_author(view, event),
        CalendarMethod::Counter | CalendarMethod::DeclineCounter | CalendarMethod::Refresh => true,
        CalendarMethod::Cancel => by_organizer || !is_answer,
        CalendarMethod::Request | CalendarMethod::Add => {
            // one of the message's forms, whatever its type is called
            let is_form = part.is_main && by_organizer;
            !part.is_file || is_form || by_organizer && !is_answer && is_events_subject(view, event)
        }
        CalendarMethod::Publish => false,
    }
}

/// The method of a form that states none.
fn unstated(view: &MessageView<'_, '_>, part: &CalendarPart<'_>, event: &Calendar) -> Option<CalendarMethod> {
    if !part.is_main || part.is_file || subject::is_forward(&view.subject) {
        return None;
    }
    let by_organizer = event.organizer.as_ref().is_some_and(|organizer| is_by(view, organizer));
    if by_organizer && !event.attendees.is_empty() {
        let called_off = calendar::is_called_off(&part.text);
        return Some(if called_off { CalendarMethod::Cancel } else { CalendarMethod::Request });
    }
    is_own_answer(view, event).then_some(CalendarMethod::Reply)
}

/// Some programs call an answer a request: an event of one attendee who writes that they come, or do not.
fn as_its_people_say(view: &MessageView<'_, '_>, event: &Calendar, method: CalendarMethod) -> CalendarMethod {
    let by_organizer = event.organizer.as_ref().is_some_and(|organizer| is_by(view, organizer));
    let is_answer = method == CalendarMethod::Request && !by_organizer && is_own_answer(view, event);
    if is_answer { CalendarMethod::Reply } else { method }
}

/// The author is the only attendee, and says whether they come.
fn is_own_answer(view: &MessageView<'_, '_>, event: &Calendar) -> bool {
    let [only] = event.attendees.as_slice() else { return false };
    event.organizer.as_ref().is_some_and(|organizer| *organizer != only.address)
        && only.partstat != PartStat::NeedsAction
        && is_by(view, &only.address)
}

fn is_by(view: &MessageView<'_, '_>, address: &Address) -> bool {
    view.headers.from.iter().any(|from| from.address == *address)
}

fn names_author(view: &MessageView<'_, '_>, event: &Calendar) -> bool {
    event.attendees.iter().any(|attendee| is_by(view, &attendee.address))
}

/// The subject is the event's name, also behind a calendar program's word (`Invitation: Demo`).
fn is_events_subject(view: &MessageView<'_, '_>, event: &Calendar) -> bool {
    let name = event.summary.trim().to_lowercase();
    // Google's programs write the time behind: `Invitation: Demo @ Thu Nov 26, 2026`
    let subject = view.subject.trim();
    let subject = subject.rsplit_once(" @ ").map_or(subject, |(subject, _)| subject);
    let rest = subject.strip_suffix(name.as_str()).filter(|_| !name.is_empty());
    rest.is_some_and(|rest| {
        let word = rest.trim_end().trim_end_matches([':', '：']).trim();
        rest.is_empty() || matcher(Role::CalendarSubjects).is_whole(word)
    })
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
    use base64::Engine;

    use super::super::tests::{body, kind};
    use crate::domain::message::{CalendarMethod, MessageKind};

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
    fn a_published_event_beside_words_is_a_file_and_alone_a_calendars() {
        let publish = |body: &str, content_type: &str| {
            let event = EVENT.replace("REQUEST", "PUBLISH");
            kind(&format!(
                "From: Dana <dana@vendor.example>\nSubject: Re: Demo\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n{body}\n--b\n{content_type}\n\n{event}--b--\n"
            ))
        };
        for content_type in [
            "Content-Type: text/calendar; method=PUBLISH; name=fair.ics\nContent-Disposition: attachment; filename=fair.ics",
            "Content-Type: text/calendar; method=publish",
            "Content-Type: text/calendar; name=fair.ics\nContent-Disposition: attachment; filename=fair.ics",
        ] {
            let words = "The dates of our fair are in the file. Does Thursday suit you?";
            assert_eq!(publish(words, content_type), MessageKind::Human, "{content_type}");
        }
        let alone = "Content-Type: text/calendar; method=PUBLISH; name=fair.ics\nContent-Disposition: attachment; filename=fair.ics";
        assert_eq!(publish("", alone), MessageKind::Calendar);
        assert_eq!(publish("-- \nDana\nVendor", alone), MessageKind::Calendar);
        let booked = |answers: &str, organizer: &str| {
            kind(&format!(
                "From: Demos <demos@vendor.example>\nSubject: New booking: Demo\n{answers}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSarah Lee has booked a demo with Dana Fox\n--b\n{alone}\n\nBEGIN:VCALENDAR\nMETHOD:PUBLISH\nBEGIN:VEVENT\nUID:u@x\nDTSTART:20261126T190000Z\nORGANIZER:mailto:{organizer}\nATTENDEE:mailto:sarah@acme.example\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"
            ))
        };
        assert_eq!(booked("", "dana@vendor.example"), MessageKind::Calendar);
        assert_eq!(
            booked("In-Reply-To: <intro@vendor.example>\n", "dana@vendor.example"),
            MessageKind::Human
        );
        assert_eq!(booked("", "demos@vendor.example"), MessageKind::Human);
        let from_nobody = kind(&format!(
            "From: Salon <noreply@salon.example>\nSubject: Your booking\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nYou have a booking.\n--b\n{alone}\n\n{}--b--\n",
            EVENT.replace("REQUEST", "PUBLISH")
        ));
        assert_eq!(from_nobody, MessageKind::Calendar);
    }

    #[test]
    fn a_meeting_message_in_exchanges_own_form_is_a_calendars() {
        let of = |subject: &str, words: &str| {
            kind(&format!(
                "From: Dana <dana@vendor.example>\nSubject: {subject}\nContent-Class: urn:content-classes:calendarmessage\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n{words}\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgEA\n--b--\n"
            ))
        };
        assert_eq!(of("Accepted: Demo", ""), MessageKind::Calendar);
        assert_eq!(of("Abgelehnt: Vorführung", ""), MessageKind::Calendar);
        assert_eq!(of("Accepted: Demo", "Could James come, too?"), MessageKind::Human);
        assert_eq!(of("The demo", ""), MessageKind::Human);
    }

    #[test]
    fn a_form_of_the_message_invites_whatever_its_type_is_called() {
        let event =
            EVENT.replace("END:VEVENT", "ORGANIZER:mailto:dana@vendor.example\nSUMMARY:Demo\nEND:VEVENT");
        let of = |kind_of_body: &str, subject: &str, content_type: &str| {
            kind(&format!(
                "From: Dana <dana@vendor.example>\nSubject: {subject}\nContent-Type: multipart/{kind_of_body}; boundary=b\n\n--b\n\nhello\n--b\n{content_type}\n\n{event}--b--\n"
            ))
        };
        for content_type in [
            "Content-Type: application/ics; name=invite.ics",
            "Content-Type: application/octet-stream; name=x.ics",
        ] {
            assert_eq!(of("alternative", "When we meet", content_type), MessageKind::Calendar);
            let timed = "Invitation: Demo @ Thu Nov 26, 2026 2pm - 3pm (EST) (sarah@acme.example)";
            assert_eq!(of("mixed", timed, content_type), MessageKind::Calendar);
            assert_eq!(of("mixed", "The slides, and the date as a file", content_type), MessageKind::Human);
        }
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

    /// A mail of Sarah's or Dana's whose text is beside one part, with the event that Dana invites Sarah to.
    fn with_part(from: &str, subject: &str, part: &str, method: &str, partstat: &str) -> MessageKind {
        kind(&format!(
            "From: {from}\nTo: x@y.example\nSubject: {subject}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n{part}\n\nBEGIN:VCALENDAR\n{method}\nBEGIN:VEVENT\nUID:u@x\nSUMMARY:Pipeline demo\nDTSTART:20261126T190000Z\nORGANIZER:mailto:dana@vendor.example\nATTENDEE;PARTSTAT={partstat}:mailto:sarah@acme.example\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"
        ))
    }

    #[test]
    fn an_answer_or_a_cancellation_may_come_as_a_file_without_a_method_parameter() {
        for part in [
            "Content-Type: text/calendar; name=answer.ics\nContent-Disposition: attachment; filename=answer.ics",
            "Content-Type: application/ics; name=answer.ics\nContent-Disposition: attachment; filename=answer.ics",
            "Content-Type: application/octet-stream; name=answer.ics\nContent-Disposition: attachment; filename=answer.ics",
            "Content-Type: text/calendar",
            "Content-Type: text/x-vcalendar; name=a.vcs",
            "Content-Type: text/plain",
        ] {
            let reply =
                with_part("sarah@acme.example", "Accepted: Pipeline demo", part, "METHOD:REPLY", "ACCEPTED");
            assert_eq!(reply, MessageKind::Calendar, "{part}");
            let cancel =
                with_part("dana@vendor.example", "Pipeline demo", part, "METHOD:CANCEL", "NEEDS-ACTION");
            assert_eq!(cancel, MessageKind::Calendar, "{part}");
            let invite =
                with_part("dana@vendor.example", "Pipeline demo", part, "METHOD:REQUEST", "NEEDS-ACTION");
            assert_eq!(invite, MessageKind::Calendar, "{part}");
            let passed_on = with_part(
                "dana@vendor.example",
                "Fwd: Accepted: Pipeline demo",
                part,
                "METHOD:REPLY",
                "ACCEPTED",
            );
            assert_eq!(passed_on, MessageKind::Human, "{part}");
        }
        let file = "Content-Type: text/calendar; name=answer.ics\nContent-Disposition: attachment; filename=answer.ics";
        let shown = with_part("dana@vendor.example", "Sarah has accepted", file, "METHOD:REPLY", "ACCEPTED");
        assert_eq!(shown, MessageKind::Human, "an organizer who sends an answer on");
        let words = with_part(
            "dana@vendor.example",
            "See the file for Thursday",
            file,
            "METHOD:REQUEST",
            "NEEDS-ACTION",
        );
        assert_eq!(words, MessageKind::Human);
    }

    fn form(from: &str, parameters: &str, method: &str, partstat: &str) -> Option<CalendarMethod> {
        let read = body(&format!(
            "From: {from}\nSubject: Demo\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: text/calendar{parameters}\n\nBEGIN:VCALENDAR\n{method}BEGIN:VEVENT\nUID:u@x\nDTSTART:20261126T190000Z\nORGANIZER:mailto:dana@vendor.example\nATTENDEE;PARTSTAT={partstat}:mailto:sarah@acme.example\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"
        ));
        read.calendar.filter(|_| read.kind == MessageKind::Calendar)?.method
    }

    #[test]
    fn without_a_method_the_people_say_what_it_is() {
        let (dana, sarah) = ("dana@vendor.example", "sarah@acme.example");
        assert_eq!(form(dana, "", "", "NEEDS-ACTION"), Some(CalendarMethod::Request));
        assert_eq!(form(sarah, "", "", "DECLINED"), Some(CalendarMethod::Reply));
        assert_eq!(form(sarah, "", "", "NEEDS-ACTION"), None);
        assert_eq!(form("pat@vendor.example", "", "", "ACCEPTED"), None);
        assert_eq!(
            form(dana, "; method=INVITE", "METHOD:REQUEST\n", "NEEDS-ACTION"),
            Some(CalendarMethod::Request)
        );
        assert_eq!(
            form(sarah, "; method=REQUEST", "METHOD:REPLY\n", "ACCEPTED"),
            Some(CalendarMethod::Reply)
        );
    }

    #[test]
    fn base64_and_utf_16_are_read_whatever_the_header_says() {
        let event = EVENT.replace("REQUEST", "REPLY");
        let encoded = base64::engine::general_purpose::STANDARD.encode(&event);
        assert_eq!(
            kind(&format!("From: a@b.example\nSubject: Demo\nContent-Type: text/calendar\n\n{encoded}\n")),
            MessageKind::Calendar
        );
        let units: Vec<u8> =
            std::iter::once(0xfeff).chain(event.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let encoded = base64::engine::general_purpose::STANDARD.encode(units);
        assert_eq!(
            kind(&format!(
                "From: a@b.example\nSubject: Demo\nContent-Type: application/ics\nContent-Transfer-Encoding: base64\n\n{encoded}\n"
            )),
            MessageKind::Calendar
        );
    }
}
