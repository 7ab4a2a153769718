//! The header fields that `read_headers` looks at: what has to be fetched of a message to know whether it matters.
//!
//! A message that matters is fetched whole; its kind is found from all of its fields. A test reads every fixture by
//! these alone and demands the same summary.

/// In the order in which they are asked for.
pub(crate) const SUMMARY_FIELDS: [&str; 25] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Thread-Index",
    "X-Microsoft-Original-Message-ID",
    "X-Google-Original-Message-ID",
    "X-MS-Exchange-Original-Message-ID",
    "Received",
    "Authentication-Results",
    "Return-Path",
    "Envelope-From",
    "Content-Type",
    "Content-Class",
    "X-Failed-Recipients",
    "X-MS-Exchange-Message-Is-Ndr",
    "MIME-Version",
    "Content-Transfer-Encoding",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{ReadOptions, read_headers};

    /// The header as a server gives it that was asked for these fields.
    fn reduced(raw: &[u8], fields: &[&str]) -> Vec<u8> {
        let end = raw.windows(2).position(|two| two == b"\n\n").unwrap_or(raw.len());
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n").map_or(end, |crlf| end.min(crlf + 1));
        let mut kept = Vec::new();
        let mut keeps = false;
        for line in raw[..end].split_inclusive(|byte| *byte == b'\n') {
            if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                let name = String::from_utf8_lossy(line);
                let name = name.split(':').next().unwrap_or_default().trim();
                keeps = fields.iter().any(|field| field.eq_ignore_ascii_case(name));
            }
            if keeps {
                kept.extend_from_slice(line);
            }
        }
        kept.extend_from_slice(b"\r\n\r\n");
        kept
    }

    fn fixtures() -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir("fixtures").unwrap().map(|entry| entry.unwrap().path());
        let mails = entries.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        mails.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
    }

    #[test]
    fn no_rule_of_the_summary_reads_a_field_that_is_not_fetched() {
        let options = ReadOptions::default();
        let fixtures = fixtures();
        assert!(fixtures.len() > 20);
        for (name, raw) in fixtures {
            let fetched = reduced(&raw, &SUMMARY_FIELDS);
            assert_eq!(read_headers(&fetched, &options), read_headers(&raw, &options), "{name}");
        }
    }

    #[test]
    fn a_field_that_is_left_out_is_missed() {
        let options = ReadOptions::default();
        let fixtures = fixtures();
        for left_out in ["References", "Return-Path", "Authentication-Results", "Content-Type", "Received"] {
            let fields: Vec<&str> = SUMMARY_FIELDS.into_iter().filter(|field| *field != left_out).collect();
            let differs =
                |raw: &[u8]| read_headers(&reduced(raw, &fields), &options) != read_headers(raw, &options);
            assert!(fixtures.iter().any(|(_, raw)| differs(raw)), "{left_out}");
        }
    }
}
