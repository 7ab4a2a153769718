//! How people meet: the format that an invitation's location and links say.
//!
//! A link to a tool for video meetings goes before words, a telephone number before a place. Known limits: a tool that
//! is not in the table is not named; of several tools the first in the invitation is.

use std::sync::LazyLock;

use crate::mail::InvitationDetails;
use crate::pattern::{Pattern, pattern};

/// A tool for video meetings: how people call it, its hosts, and the words by which it is named in a location.
struct MeetingTool {
    name: &'static str,
    hosts: &'static [&'static str],
    words: &'static [&'static str],
}

const fn tool(
    name: &'static str,
    hosts: &'static [&'static str],
    words: &'static [&'static str],
) -> MeetingTool {
    MeetingTool { name, hosts, words }
}

const TOOLS: [MeetingTool; 13] = [
    tool("Zoom", &["zoom.us", "zoom.com", "zoomgov.com"], &["zoom"]),
    tool("Teams", &["teams.microsoft.com", "teams.live.com", "teams.microsoft.us"], &["teams"]),
    tool("Google Meet", &["meet.google.com"], &["google meet", "hangouts meet"]),
    tool("Webex", &["webex.com"], &["webex"]),
    tool(
        "GoTo Meeting",
        &["gotomeeting.com", "gotomeet.me", "meet.goto.com"],
        &["gotomeeting", "goto meeting"],
    ),
    tool("Whereby", &["whereby.com"], &["whereby"]),
    tool("Jitsi", &["meet.jit.si"], &["jitsi"]),
    tool("Amazon Chime", &["chime.aws"], &["amazon chime"]),
    tool("BlueJeans", &["bluejeans.com"], &["bluejeans"]),
    tool("RingCentral", &["meetings.ringcentral.com", "v.ringcentral.com"], &["ringcentral"]),
    tool("Skype", &["join.skype.com", "meet.lync.com"], &["skype"]),
    tool("Demodesk", &["demodesk.com"], &["demodesk"]),
    tool("Livestorm", &["livestorm.co"], &["livestorm"]),
];

static LINK: Pattern = LazyLock::new(|| pattern(r#"(?i)\b(?:https?://|www\.)[^\s<>"')\]]+"#));
/// What is called, with the signs that people part its digits by.
static TELEPHONE: Pattern = LazyLock::new(|| pattern(r"(?i)(?:tel:)?\+?\(?\d[\d\s().\-/]{5,}\d"));

/// The format; `None`: the invitation does not say.
pub(super) fn format_of(details: &InvitationDetails) -> Option<String> {
    let stated = details.links.iter().map(String::as_str).chain([details.location.as_str()]);
    let from_link = stated.chain([details.description.as_str()]).find_map(tool_linked);
    let place = LINK.replace_all(&details.location, " ");
    let place = place.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '+' | '('));
    let in_words = tool_named(place);
    if let Some(tool) = from_link.or(in_words) {
        // A room beside the link: both are ways to come.
        let is_room = in_words.is_none() && is_place(place);
        return Some(if is_room { format!("{place}, or {tool}") } else { tool.to_owned() });
    }
    if let Some(number) = TELEPHONE.find(place)
        && number.as_str().chars().filter(char::is_ascii_digit).count() >= 7
        && place.len() - number.len() <= 24
    {
        return Some("phone".to_owned());
    }
    is_place(place).then(|| place.to_owned())
}

fn is_place(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() >= 2
}

/// The tool that a link in `text` leads to.
pub(super) fn tool_linked(text: &str) -> Option<&'static str> {
    LINK.find_iter(text).find_map(|link| {
        let host = link.as_str().split_once("://").map_or(link.as_str(), |(_, rest)| rest);
        let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
        let leads =
            |known: &str| host == known || host.strip_suffix(known).is_some_and(|sub| sub.ends_with('.'));
        TOOLS.iter().find(|tool| tool.hosts.iter().any(|known| leads(known))).map(|tool| tool.name)
    })
}

/// The tool that words name.
pub(super) fn tool_named(text: &str) -> Option<&'static str> {
    let folded =
        format!(" {} ", text.to_lowercase().replace(|c: char| !c.is_alphanumeric() && c != '.', " "));
    let names = |word: &str| folded.contains(&format!(" {word} "));
    TOOLS.iter().find(|tool| tool.words.iter().any(|word| names(word))).map(|tool| tool.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(location: &str, description: &str, link: &str) -> Option<String> {
        format_of(&InvitationDetails {
            location: location.to_owned(),
            description: description.to_owned(),
            links: Some(link.to_owned()).filter(|link| !link.is_empty()).into_iter().collect(),
            ..InvitationDetails::default()
        })
    }

    #[test]
    fn the_format_is_what_location_and_links_say() {
        for (location, description, link, format) in [
            ("https://acme.zoom.us/j/123?pwd=x", "", "", Some("Zoom")),
            ("Zoom", "", "", Some("Zoom")),
            ("Microsoft Teams-Besprechung", "", "", Some("Teams")),
            ("", "Jetzt teilnehmen<https://teams.microsoft.com/l/meetup-join/19>", "", Some("Teams")),
            ("", "", "https://meet.google.com/abc-defg-hij", Some("Google Meet")),
            ("", "Join: https://vendor.webex.com/meet/dana", "", Some("Webex")),
            ("+1 212 555 0100", "", "", Some("phone")),
            ("Call: +49 (30) 1234-567", "", "", Some("phone")),
            ("tel:+12125550100", "", "", Some("phone")),
            ("Acme HQ, 5 Main Street", "", "", Some("Acme HQ, 5 Main Street")),
            ("Room 4", "https://acme.zoom.us/j/123", "", Some("Room 4, or Zoom")),
            ("https://calls.acme.example/x", "", "", None),
            ("", "see https://notzoom.us/j/1", "", None),
            ("", "", "", None),
        ] {
            assert_eq!(
                read(location, description, link).as_deref(),
                format,
                "{location} {description} {link}"
            );
        }
    }
}
