//! The heading that Lotus Notes puts above a quotation: name, time, then `To`, `cc` and `Subject` in
//! cells of their own, without a colon.
//!
//! Known limit: the name must stand within six lines above.

use std::sync::LazyLock;

use crate::language::{Role, lines as lines_of};

use super::lines::BodyLine;

/// The labels *To*, *Subject* and *Cc*, by language.
static LABELS: LazyLock<[Vec<&str>; 3]> = LazyLock::new(|| {
    [0, 1, 2].map(|group| {
        let labels = lines_of(Role::NotesLabel).filter(|(_, line)| line.group() == Some(group));
        labels.map(|(_, line)| line.text()).collect()
    })
});

/// Lines that such a heading may have below `To`.
const LONGEST: usize = 14;

/// First line of the heading whose `To` stands at `at`, where one does.
pub(super) fn heading(lines: &[BodyLine<'_>], at: usize) -> Option<usize> {
    let [to_labels, subject_labels, copies_labels] = &*LABELS;
    let to = lines.get(at).filter(|line| line.depth == 0 && to_labels.contains(&line.text.trim()))?;
    let below = || lines.iter().skip(at + 1).take(LONGEST).filter(|line| line.depth == to.depth);
    let copies =
        below().any(|line| copies_labels.iter().any(|label| label.eq_ignore_ascii_case(line.text.trim())));
    let subject = below().any(|line| subject_labels.contains(&line.text.trim()));
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
