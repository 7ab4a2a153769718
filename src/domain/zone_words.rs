//! What people write for a time zone besides its IANA name: `ET`, `CEST`, `Pacific`, `UTC+2`, `-05:00`.
//!
//! An abbreviation that several countries use is not guessed; its readings are listed. Known limit: the
//! table holds the abbreviations that people write in mail, not every one that the tz database has.

use chrono::FixedOffset;

use crate::language::{Role, meanings};

/// What a word for a zone can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ZoneWord {
    /// One zone, whatever the season.
    Named(&'static str),
    /// One zone, at the season that has this offset (seconds east).
    Season(&'static str, i32),
    /// Several zones, none of which is meant more than the others.
    Ambiguous(&'static [&'static str]),
    /// A fixed offset.
    Offset(FixedOffset),
}

const HOUR: i32 = 3600;

/// Abbreviation or common name, in lower case.
pub(crate) fn zone_word(word: &str) -> Option<ZoneWord> {
    use ZoneWord::{Ambiguous, Named, Season};
    let found = match word {
        "utc" | "z" | "zulu" => Named("UTC"),
        "gmt" => Named("GMT"),
        "et" | "eastern" => Named("America/New_York"),
        "ct" | "central" => Named("America/Chicago"),
        "mt" | "mountain" => Named("America/Denver"),
        "pt" | "pacific" => Named("America/Los_Angeles"),
        "akt" => Named("America/Anchorage"),
        "est" => Season("America/New_York", -5 * HOUR),
        "edt" => Season("America/New_York", -4 * HOUR),
        "cdt" => Season("America/Chicago", -5 * HOUR),
        "mst" => Season("America/Denver", -7 * HOUR),
        "mdt" => Season("America/Denver", -6 * HOUR),
        "pst" => Season("America/Los_Angeles", -8 * HOUR),
        "pdt" => Season("America/Los_Angeles", -7 * HOUR),
        "akst" => Season("America/Anchorage", -9 * HOUR),
        "akdt" => Season("America/Anchorage", -8 * HOUR),
        "hst" => Named("Pacific/Honolulu"),
        "adt" => Season("America/Halifax", -3 * HOUR),
        "brt" => Named("America/Sao_Paulo"),
        "art" => Named("America/Argentina/Buenos_Aires"),
        "uk" => Named("Europe/London"),
        "wet" => Season("Europe/Lisbon", 0),
        "west" => Season("Europe/Lisbon", HOUR),
        "cet" => Season("Europe/Paris", HOUR),
        "cest" => Season("Europe/Paris", 2 * HOUR),
        "eet" => Season("Europe/Athens", 2 * HOUR),
        "eest" => Season("Europe/Athens", 3 * HOUR),
        "msk" => Named("Europe/Moscow"),
        "trt" => Named("Europe/Istanbul"),
        "sast" => Named("Africa/Johannesburg"),
        "jst" => Named("Asia/Tokyo"),
        "wib" => Named("Asia/Jakarta"),
        "wita" => Named("Asia/Makassar"),
        "ict" => Named("Asia/Bangkok"),
        "pht" => Named("Asia/Manila"),
        "myt" => Named("Asia/Kuala_Lumpur"),
        "eat" => Named("Africa/Nairobi"),
        "wat" => Named("Africa/Lagos"),
        "cot" => Named("America/Bogota"),
        "kst" => Named("Asia/Seoul"),
        "hkt" => Named("Asia/Hong_Kong"),
        "sgt" => Named("Asia/Singapore"),
        "pkt" => Named("Asia/Karachi"),
        "aest" => Season("Australia/Sydney", 10 * HOUR),
        "aedt" => Season("Australia/Sydney", 11 * HOUR),
        "awst" => Named("Australia/Perth"),
        "nzst" => Season("Pacific/Auckland", 12 * HOUR),
        "nzdt" => Season("Pacific/Auckland", 13 * HOUR),
        "ist" => Ambiguous(&["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
        "cst" => Ambiguous(&["America/Chicago", "Asia/Shanghai", "America/Havana"]),
        "bst" => Ambiguous(&["Europe/London", "Asia/Dhaka"]),
        "ast" => Ambiguous(&["America/Halifax", "Asia/Riyadh"]),
        "at" => return None,
        "gst" => Ambiguous(&["Asia/Dubai", "Atlantic/South_Georgia"]),
        "sst" => Ambiguous(&["Asia/Singapore", "Pacific/Pago_Pago"]),
        "amt" => Ambiguous(&["America/Manaus", "Asia/Yerevan"]),
        _ => match meanings(Role::CentralEuropeanTime).get(word) {
            Some(0) => Season("Europe/Paris", HOUR),
            Some(_) => Season("Europe/Paris", 2 * HOUR),
            None => return offset(word).map(ZoneWord::Offset),
        },
    };
    Some(found)
}

/// `+01:00`, `-0500`, `+2`, `utc+2`, `gmt-05:30`. Only with its sign.
fn offset(word: &str) -> Option<FixedOffset> {
    let digits = word.strip_prefix("utc").or_else(|| word.strip_prefix("gmt")).unwrap_or(word);
    let (east, digits) = match digits.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, digits.strip_prefix('-')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "00"),
    };
    if hours.len() > 2 {
        return None;
    }
    let (hours, minutes) = (hours.parse::<u32>().ok()?, minutes.parse::<u32>().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(east * i32::try_from(hours * 3600 + minutes * 60).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_need_their_sign() {
        let seconds = |text: &str| match zone_word(text) {
            Some(ZoneWord::Offset(offset)) => Some(offset.local_minus_utc()),
            _ => None,
        };
        assert_eq!(seconds("+01:00"), Some(3600));
        assert_eq!(seconds("-0530"), Some(-19800));
        assert_eq!(seconds("utc+2"), Some(7200));
        assert_eq!(seconds("gmt-5"), Some(-18000));
        assert_eq!(seconds("01:00"), None);
        assert_eq!(seconds("+15:00"), None);
        assert_eq!(seconds("-26"), None);
    }
}
