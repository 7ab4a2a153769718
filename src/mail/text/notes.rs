//! The heading that Lotus Notes puts above a quotation: name, time, then `To`, `cc` and `Subject` in
//! cells of their own, without a colon.
//!
//! Known limits: English, German, French and Spanish labels; the name must stand within six lines above.

use super::lines::BodyLine;

const TO: &[&str] = &["To", "An", "Pour", "A", "Para"];
const SUBJECT: &[&str] = &["Subject", "Thema", "Objet", "Asunto"];

/// Lines that such a heading may have below `To`.
const LONGEST: usize = 14;

/// First line of the heading whose `To` stands at `at`, where one does.
pub(super) fn heading(lines: &[BodyLine<'_>], at: usize) -> Option<usize> {
    let to = lines.get(at).filter(|line| line.depth == 0 && TO.contains(&line.text.trim()))?;
    let below = || lines.iter().skip(at + 1).take(LONGEST).filter(|line| line.depth == to.depth);
    let copies =
        below().any(|line| line.text.trim().eq_ignore_ascii_case("cc") || line.text.trim() == "Kopie");
    let subject = below().any(|line| SUBJECT.contains(&line.text.trim()));
    if !(copies && subject) {
        return None;
    }
    let above = || {
        lines
            .iter()
            .enumerate()
            .take(at)
            .skip(at.saturating_sub(6))
            .rev()
            .filter(|(_, line)| !line.is_blank())
    };
    let (time, _) = above().find(|(_, line)| is_time(line.text))?;
    let name = above().find(|(place, line)| *place < time && line.text.len() <= 120);
    Some(name.map_or(time, |(place, _)| place))
}

/// `17/04/08 15:57`, `24.11.2026 10:05`: digits, and the signs between them.
fn is_time(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 6 && text.len() <= 40 && text.contains(['/', '.', '-']) && text.contains(':')
}
