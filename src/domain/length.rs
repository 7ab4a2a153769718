//! Lengths of time as people write them: numbers with their units, the larger unit first.
//!
//! One reader for both: configuration and command line take it strictly, a handoff record as people write in
//! sentences, with unit words of its own.

/// What a place takes beside whole numbers with units.
#[derive(Clone, Copy, Debug)]
struct Leniency {
    /// `1.5h`.
    fractions: bool,
    /// `1h30`: minutes after hours without their unit.
    bare_minutes: bool,
    /// Seconds, exclusive.
    longest: f64,
}

const STRICT: Leniency =
    // Longer than eight years is a slip, and sums of instants stay far from their limits.
    Leniency { fractions: false, bare_minutes: false, longest: 366.0 * 86_400.0 * 8.0 };

const LENIENT: Leniency = Leniency { fractions: true, bare_minutes: true, longest: 365.0 * 86_400.0 };

const HOUR: f64 = 3600.0;
const MINUTE: f64 = 60.0;

/// Seconds of a length such as `4h`, `10s`, `60m`, `1h30m`, `2d` or `0`, in any case and spacing; `None`: it is none.
pub(crate) fn strict(text: &str) -> Option<u32> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    if text == "0" {
        return Some(0);
    }
    let unit = |word: &str| match word {
        "s" | "sec" | "second" | "seconds" => Some(1.0),
        "m" | "min" | "minute" | "minutes" => Some(MINUTE),
        "h" | "hour" | "hours" => Some(HOUR),
        "d" | "day" | "days" => Some(86_400.0),
        _ => None,
    };
    seconds(&text, unit, STRICT)
}

/// Seconds of a word such as `30min`, `1h30`, `1.5h`, `30-minute`; `unit` knows the seconds of a unit by its name.
pub(crate) fn lenient(word: &str, unit: impl Fn(&str) -> Option<f64>) -> Option<u32> {
    seconds(&word.replace('-', ""), unit, LENIENT)
}

fn seconds(text: &str, unit: impl Fn(&str) -> Option<f64>, leniency: Leniency) -> Option<u32> {
    let is_number = |c: char| c.is_ascii_digit() || (leniency.fractions && c == '.');
    let mut rest = text;
    let mut total = 0_f64;
    let mut last_unit: Option<f64> = None;
    while !rest.is_empty() {
        let (number, after) = split_while(rest, is_number)?;
        let (name, after) = split_while(after, |c| c.is_ascii_alphabetic())?;
        let is_bare = name.is_empty() && after.is_empty() && last_unit == Some(HOUR);
        let of_unit = match unit(name) {
            Some(of_unit) => of_unit,
            None if is_bare && leniency.bare_minutes => MINUTE,
            None => return None,
        };
        if last_unit.is_some_and(|last| of_unit >= last) {
            return None;
        }
        last_unit = Some(of_unit);
        total += number.parse::<f64>().ok()? * of_unit;
        rest = after;
    }
    last_unit?;
    // A fraction of a second is a slip; `as` saturates and is checked.
    let whole = total.round();
    let is_length = (0.0..leniency.longest).contains(&whole) && (whole - total).abs() < 1e-6;
    is_length.then_some(whole as u32)
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    text.split_at_checked(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_need_their_units() {
        for (text, seconds) in [
            ("4h", 14_400),
            ("10s", 10),
            ("60m", 3600),
            ("0", 0),
            ("1h30m", 5400),
            ("24H", 86_400),
            ("2d", 172_800),
            ("30 min", 1800),
            ("0m", 0),
        ] {
            assert_eq!(strict(text), Some(seconds), "{text}");
        }
        for text in ["", "4", "h", "4x", "1m1h", "-4h", "1.5h", "1h30", "99999999999h", "999999d"] {
            assert_eq!(strict(text), None, "{text}");
        }
    }

    #[test]
    fn people_write_fractions_and_leave_out_what_is_plain() {
        let unit = |word: &str| match word {
            "h" => Some(HOUR),
            "min" | "minute" => Some(MINUTE),
            _ => None,
        };
        for (text, seconds) in [("1.5h", 5400), ("1h30", 5400), ("30-minute", 1800), ("0min", 0)] {
            assert_eq!(lenient(text, unit), Some(seconds), "{text}");
        }
        for text in ["", ".", ".h", "30", "min", "30min1h", "1h30x", "0.00001h", "9999h"] {
            assert_eq!(lenient(text, unit), None, "{text}");
        }
    }
}
