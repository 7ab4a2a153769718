//! Whether the day or the month stands first in a date of figures: as the text itself shows, and as a language has it.
//!
//! Known limit: a text that has dates of both orders is read in that of the first.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use crate::language::{Role, lines};
use crate::pattern::{Pattern, pattern};

/// Whether the day or the month stands first in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FigureOrder {
    DayFirst,
    MonthFirst,
}

/// Languages that write the month first, whichever sign parts it from the day.
const MONTH_FIRST: [&str; 4] = ["hu", "ja", "ko", "zh"];

/// The order in which the language of `word`, a line of one of `roles`, writes figures; English has both.
pub(super) fn order_of(word: &str, roles: &[Role]) -> Option<FigureOrder> {
    let codes = || roles.iter().filter_map(|role| codes_of(*role).get(word)).flatten();
    if codes().any(|code| *code == "en") {
        return None;
    }
    let first = codes().next()?;
    Some(if MONTH_FIRST.contains(first) { FigureOrder::MonthFirst } else { FigureOrder::DayFirst })
}

/// The languages of each line of `role`, in order, made once: there are too many to ask each for a word.
fn codes_of(role: Role) -> &'static HashMap<&'static str, Vec<&'static str>> {
    static ALL: [OnceLock<HashMap<&str, Vec<&str>>>; Role::COUNT] = [const { OnceLock::new() }; Role::COUNT];
    static NONE: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(HashMap::new);
    ALL.get(role as usize).map_or(&*NONE, |slot| {
        slot.get_or_init(|| {
            let mut codes: HashMap<&str, Vec<&str>> = HashMap::new();
            for (code, line) in lines(role) {
                codes.entry(line.text()).or_default().push(code);
            }
            codes
        })
    })
}

/// Two figures with a slash between them.
static SLASHED: Pattern = LazyLock::new(|| pattern(r"\b(\d{1,2})/(\d{1,2})\b"));

/// The order that the figures of a text show: one of two numbers is no month.
pub(super) fn order_in(text: &str) -> Option<FigureOrder> {
    if !text.contains('/') {
        return None;
    }
    SLASHED.captures_iter(text).take(40).find_map(|found| {
        let number = |group: usize| found.get(group)?.as_str().parse::<u32>().ok();
        match (number(1)?, number(2)?) {
            (13..=31, 1..=12) => Some(FigureOrder::DayFirst),
            (1..=12, 13..=31) => Some(FigureOrder::MonthFirst),
            _ => None,
        }
    })
}
