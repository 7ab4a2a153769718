//! What an invitation says is to be talked about, without what meeting tools put into it: links, numbers, how to join.
//!
//! By form, not by words, so that it holds in every language: the text ends at a row of signs, and a paragraph with a
//! link to a meeting tool, a telephone number or a number to enter goes, with the line above it that names the tool.
//! Known limit: what people write below such a paragraph is left out.

use std::sync::LazyLock;

use super::place::{tool_linked, tool_named};
use crate::mail::InvitationDetails;
use crate::pattern::{Pattern, pattern};
use crate::record::one_line;

/// A longer agenda is nothing that one agreed to in a sentence; its first sentences are taken.
const LONGEST: usize = 220;

static LINK: Pattern = LazyLock::new(|| pattern(r"(?i)(?:https?://|www\.|tel:|mailto:)\S+"));
/// Rows of signs that part a tool's text off: `____`, `-::~:~::-`, `*~*~*`, `\u{2500}\u{2500}`.
static ROW: Pattern = LazyLock::new(|| pattern(r"^[-_=~:*#.\u{2500}\u{2501}\u{b7}\s]{5,}"));
/// `Meeting ID: 123 456 789`, `Kenncode: aB3x9`, `+1 646 558 8656,,123#`: a label and what is to be entered.
static ENTERED: Pattern =
    LazyLock::new(|| pattern(r"(?x) \+?\d[\d\s().\-/]{6,}\d | ^[^:.!?]{1,40}:\s*\S*\d\S*\s*$ | \d\#"));
const BULLETS: [char; 6] = ['-', '*', '\u{2022}', '\u{2013}', '\u{2014}', '\u{b7}'];

/// The agenda, one line: from the description, else the summary. `None`: neither says anything.
pub(super) fn agenda_of(details: &InvitationDetails, summary: &str) -> Option<String> {
    let description = own_words(&details.description);
    let agenda = if description.is_empty() { one_line(summary) } else { description };
    let agenda = agenda.trim_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ','));
    (agenda.chars().filter(|c| c.is_alphabetic()).count() >= 3).then(|| agenda.to_owned())
}

/// What a person wrote into a description, on one line.
fn own_words(description: &str) -> String {
    let mut paragraphs: Vec<Vec<&str>> = vec![Vec::new()];
    for line in description.lines().map(str::trim) {
        if ROW.is_match(line) {
            break;
        }
        match paragraphs.last_mut() {
            Some(_) if line.is_empty() => paragraphs.push(Vec::new()),
            Some(paragraph) => paragraph.push(line),
            None => {}
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    let mut kept: Vec<String> = Vec::new();
    for paragraph in paragraphs {
        let (words, tells_how_to_join) = in_own_words(&paragraph);
        if words.is_empty() {
            // `Dana is inviting you to a scheduled Zoom meeting.`
            kept.pop_if(|above| tool_named(above).is_some() && above.split_whitespace().count() <= 14);
        } else {
            kept.push(words);
        }
        if tells_how_to_join {
            break;
        }
    }
    shortened(&kept.join("; "))
}

/// A paragraph on one line, and whether it tells how to join: nobody's words stand below that.
fn in_own_words(paragraph: &[&str]) -> (String, bool) {
    let is_joining = |line: &str| tool_linked(line).is_some() || ENTERED.is_match(line);
    let end = paragraph.iter().position(|line| is_joining(line));
    let lines = match end {
        None => paragraph,
        // The line above a link says what the link is.
        Some(end) => paragraph.get(..end.saturating_sub(1)).unwrap_or_default(),
    };
    let lines = lines.iter().filter(|line| !LINK.is_match(line) && tool_named_alone(line).is_none());
    let items: Vec<String> = lines.map(|line| one_line(line.trim_start_matches(BULLETS))).collect();
    let is_list = paragraph.iter().filter(|line| line.starts_with(BULLETS)).count() > 1;
    (joined(&items, is_list), end.is_some())
}

/// `Microsoft Teams`, `Zoom Meeting`: a heading of the tool's.
fn tool_named_alone(line: &str) -> Option<&'static str> {
    tool_named(line).filter(|_| line.split_whitespace().count() <= 3)
}

fn joined(items: &[String], is_list: bool) -> String {
    let mut text = String::new();
    for item in items.iter().filter(|item| !item.is_empty()) {
        if !text.is_empty() {
            let goes_on = !is_list || text.ends_with([':', ';', ',']);
            text.push_str(if goes_on { " " } else { "; " });
        }
        text.push_str(item);
    }
    text
}

/// Whole sentences or items of a long text.
fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONGEST).collect();
    let end = head.rfind(['.', ';', '!', '?', '\u{3002}']).or_else(|| head.rfind(' ')).unwrap_or(head.len());
    head.get(..end).unwrap_or(&head).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(description: &str, summary: &str) -> Option<String> {
        let details =
            InvitationDetails { description: description.to_owned(), ..InvitationDetails::default() };
        agenda_of(&details, summary)
    }

    #[test]
    fn what_a_tool_adds_is_no_agenda() {
        for (description, agenda) in [
            (
                "Walk through the reporting pain.\n\nDana Fox is inviting you to a scheduled Zoom meeting.\n\nJoin Zoom Meeting\nhttps://zoom.us/j/123\n\nMeeting ID: 123 456 7890\nPasscode: 4711",
                "Walk through the reporting pain.",
            ),
            (
                "Walk through the reporting pain\n________________________________________________________________________________\nMicrosoft Teams meeting\nJoin on your computer\nClick here to join the meeting<https://teams.microsoft.com/l/x>",
                "Walk through the reporting pain",
            ),
            (
                "Den Berichtsschmerz durchgehen\n\nDana Fox l\u{e4}dt Sie zu einem geplanten Zoom-Meeting ein.\n\nZoom Meeting beitreten\nhttps://us02web.zoom.us/j/1\n\nMeeting-ID: 823 1111 2222\nKenncode: aB3x9",
                "Den Berichtsschmerz durchgehen",
            ),
            (
                "-::~:~::~:~:~:~:~:~:~:~:~:~::-\nJoin with Google Meet: https://meet.google.com/abc-defg-hij\nOr dial: (US) +1 904-330-1234 PIN: 12345#",
                "Demo for Acme",
            ),
            (
                "Agenda:\n- reporting pain\n- pipeline dashboard\n\nhttps://zoom.us/j/1",
                "Agenda: reporting pain; pipeline dashboard",
            ),
            (
                "Microsoft Teams Need help?\nJoin the meeting now<https://teams.microsoft.com/l/x>\nMeeting ID: 1 2\n",
                "Demo for Acme",
            ),
            ("", "Demo for Acme"),
        ] {
            assert_eq!(read(description, "Demo for Acme").as_deref(), Some(agenda), "{description}");
        }
        assert_eq!(read("https://zoom.us/j/1", " "), None);
    }

    #[test]
    fn a_long_text_is_cut_at_a_sentence() {
        let long = format!("{} End here. {}", "word ".repeat(30), "more ".repeat(60));
        let found = read(&long, "").unwrap();
        assert!(found.ends_with("End here") && found.len() < LONGEST, "{found}");
    }
}
