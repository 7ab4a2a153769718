//! The receiving server's own word on who sent a message: its topmost Authentication-Results (RFC 8601).
//!
//! Verifies no signature itself. Whose word counts:
//! - the topmost field that bears the server's authserv-id, configured or learnt; without one, the first
//!   named host of the Received lines, from the top, or another name of its organisation;
//! - Microsoft writes no authserv-id: the topmost nameless field counts where a Received line of the server's own
//!   organisation stands below it (docs/behaviour.md section 5);
//! - never one below the first Received line of somebody else that follows the server's own: the sender
//!   brought it along.
//!
//! Limits: 64 KiB of trace fields; organisations are told by the Public Suffix List as the crate `psl` has it, private
//! suffixes (hosting providers' customers) included.

use mail_parser::HeaderName;

use super::parsed_message::{ParsedMessage, unfold};
use crate::domain::message::Authenticity;

const MAX_TRACE: usize = 64 * 1024;

/// A trace field that matters here, in the order of the header.
#[derive(Debug)]
enum TraceField {
    /// The host after `by`, lower-case; `None` where it is an address literal or missing.
    Received(Option<String>),
    Results(AuthenticationResults),
}

/// One Authentication-Results field, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
struct AuthenticationResults {
    /// Lower-case; `None` where the field names nobody.
    authserv: Option<String>,
    /// Method and result, lower-case, in order.
    verdicts: Vec<(String, String)>,
}

/// What the receiving server says of the author's domain.
pub(crate) fn verdict(parsed: &ParsedMessage<'_>, authserv: Option<&str>) -> Authenticity {
    if !parsed.has("Authentication-Results") {
        return Authenticity::Unknown;
    }
    let trace = trace(parsed);
    let own_host = trace.iter().find_map(|one| match one {
        TraceField::Received(Some(host)) => Some(host.as_str()),
        _ => None,
    });
    let configured = authserv.map(|name| name.trim().to_ascii_lowercase());
    let own: Vec<String> = configured.as_deref().into_iter().chain(own_host).map(organisation).collect();
    let end = first_untrusted(&trace, &own);
    for (place, one) in trace.iter().enumerate().take(end) {
        let TraceField::Results(results) = one else { continue };
        let counts = match (&results.authserv, &configured) {
            (Some(name), Some(configured)) => name == configured,
            (Some(name), None) => {
                own_host.is_some_and(|host| host == name || organisation(host) == organisation(name))
            }
            (None, _) => trace.iter().skip(place + 1).any(|below| is_own(below, &own)),
        };
        if counts {
            return weigh(&results.verdicts);
        }
    }
    Authenticity::Unknown
}

fn is_own(trace: &TraceField, own: &[String]) -> bool {
    matches!(trace, TraceField::Received(Some(host)) if own.contains(&organisation(host)))
}

/// Where the sender's part of the header begins: at the first Received line of another organisation that
/// follows one of the server's own. Hosts without an organisation (`localhost`, `store1.internal`) are neither.
fn first_untrusted(trace: &[TraceField], own: &[String]) -> usize {
    let mut inside = false;
    for (place, one) in trace.iter().enumerate() {
        if is_own(one, own) {
            inside = true;
        } else if inside && matches!(one, TraceField::Received(Some(_))) {
            return place;
        }
    }
    trace.len()
}

fn trace(parsed: &ParsedMessage<'_>) -> Vec<TraceField> {
    let mut found = Vec::new();
    let mut size = 0_usize;
    for header in parsed.root().into_iter().flat_map(|root| &root.headers) {
        let length = (header.offset_end.saturating_sub(header.offset_start)) as usize;
        match header.name {
            HeaderName::Received => {
                found.push(TraceField::Received(parsed.received(header).as_ref().and_then(receiving_host)))
            }
            HeaderName::AuthenticationResults => {
                let raw = parsed.raw().get(header.offset_start as usize..header.offset_end as usize);
                found.push(TraceField::Results(results(&unfold(raw.unwrap_or_default()))));
            }
            _ => continue,
        }
        size += length;
        if size > MAX_TRACE {
            break;
        }
    }
    found
}

/// The host after `by` in a Received line (RFC 5321 section 4.4), unless it is an address or of no organisation.
fn receiving_host(line: &mail_parser::Received<'_>) -> Option<String> {
    let mail_parser::Host::Name(name) = line.by.as_ref()? else { return None };
    let host = name.trim_matches(|c| matches!(c, ';' | '.' | '[' | ']')).to_ascii_lowercase();
    let top = host.rsplit('.').next().unwrap_or_default();
    let named = host.contains('.')
        && !host.contains(':')
        && !top.is_empty()
        && !top.bytes().all(|byte| byte.is_ascii_digit());
    let private =
        matches!(top, "local" | "internal" | "lan" | "localdomain" | "intern" | "corp" | "home" | "arpa");
    (named && !private).then_some(host)
}

/// The domain that somebody registered, by the Public Suffix List; a host that is a suffix itself stands for itself.
fn organisation(host: &str) -> String {
    psl::domain_str(host).unwrap_or(host).to_owned()
}

fn results(value: &str) -> AuthenticationResults {
    let value = without_comments(value).to_ascii_lowercase();
    let mut parts = value.split(';').map(str::trim);
    let first = parts.next().unwrap_or_default();
    let mut found = AuthenticationResults::default();
    if first.contains('=') {
        found.verdicts.extend(method(first));
    } else {
        found.authserv = first.split_whitespace().next().map(|name| name.trim_matches('"').to_owned());
    }
    found.verdicts.extend(parts.filter_map(method));
    found
}

/// `method/1=result properties` (RFC 8601 section 2.2).
fn method(part: &str) -> Option<(String, String)> {
    let (method, rest) = part.split_once('=')?;
    let method = method.trim().split('/').next().unwrap_or_default().trim();
    let result = rest.trim_start().split(|c: char| c.is_whitespace() || c == ',').next().unwrap_or_default();
    let word = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (word && !result.is_empty()).then(|| (method.to_owned(), result.to_owned()))
}

/// Removes comments in parentheses (RFC 5322 section 3.2.2), also nested ones, outside quotation marks.
fn without_comments(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in value.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' if depth > 0 || quoted => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth = depth.saturating_add(1),
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                out.push(' ');
            }
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// DMARC decides where it says pass or fail; else SPF and DKIM together. docs/behaviour.md section 5, row 15.
fn weigh(verdicts: &[(String, String)]) -> Authenticity {
    let has_result = |method: &str, results: &[&str]| {
        verdicts.iter().any(|(name, result)| name == method && results.contains(&result.as_str()))
    };
    if has_result("dmarc", &["pass"]) {
        return Authenticity::Passed;
    }
    if has_result("dmarc", &["fail"]) {
        return Authenticity::Failed;
    }
    if has_result("spf", &["pass"]) || has_result("dkim", &["pass"]) {
        return Authenticity::Passed;
    }
    if has_result("spf", &["fail", "softfail", "hardfail"]) && has_result("dkim", &["fail"]) {
        return Authenticity::Failed;
    }
    Authenticity::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, authserv: Option<&str>) -> Authenticity {
        let raw = format!("{header}From: a@b.example\n\nhi\n");
        verdict(&ParsedMessage::parse(raw.as_bytes()), authserv)
    }

    const OWN: &str = "Received: from out.vendor.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0000\n";

    #[test]
    fn the_servers_own_failure_counts() {
        assert_eq!(
            of(
                &format!(
                    "{OWN}Authentication-Results: mx.vendor.example; spf=pass; dkim=pass; dmarc=fail (p=reject)\n"
                ),
                None
            ),
            Authenticity::Failed
        );
        assert_eq!(
            of(
                &format!("Authentication-Results: mx.vendor.example;\n\tdmarc=fail\n{OWN}"),
                Some("MX.vendor.example")
            ),
            Authenticity::Failed
        );
    }

    #[test]
    fn what_the_sender_brought_along_does_not_count() {
        let brought = "Received: from x by out.sender.example; Tue, 24 Nov 2026 09:00:00 +0000\nAuthentication-Results: mx.vendor.example; dmarc=fail\n";
        assert_eq!(of(&format!("{OWN}{brought}"), Some("mx.vendor.example")), Authenticity::Unknown);
        assert_eq!(
            of(&format!("{OWN}Authentication-Results: mx.sender.example; dmarc=fail\n"), None),
            Authenticity::Unknown
        );
    }

    #[test]
    fn the_topmost_of_two_counts() {
        let two = "Authentication-Results: mx.vendor.example; dmarc=fail\nAuthentication-Results: mx.vendor.example; dmarc=pass\n";
        assert_eq!(of(&format!("{two}{OWN}"), None), Authenticity::Failed);
    }

    #[test]
    fn without_dmarc_both_spf_and_dkim_must_fail() {
        let says =
            |results: &str| of(&format!("{OWN}Authentication-Results: mx.vendor.example; {results}\n"), None);
        assert_eq!(says("spf=fail smtp.mailfrom=x; dkim=fail"), Authenticity::Failed);
        assert_eq!(says("spf=fail; dkim=pass"), Authenticity::Passed);
        assert_eq!(says("spf=fail; dkim=none"), Authenticity::Unknown);
        assert_eq!(says("dmarc=none; spf=fail; dkim=fail"), Authenticity::Failed);
        assert_eq!(says("none"), Authenticity::Unknown);
    }

    #[test]
    fn microsofts_nameless_verdict_counts_above_its_own_received_line() {
        let top = "Received: from DM6.namprd.prod.outlook.com by BL0.namprd.prod.outlook.com; Tue, 24 Nov 2026 10:00:01 +0000\n";
        let below = "Received: from out.sender.example by BN8.mail.protection.outlook.com; Tue, 24 Nov 2026 10:00:00 +0000\n";
        let word = "Authentication-Results: spf=fail (sender IP is 1.2.3.4) smtp.mailfrom=vendor.example; dkim=none; dmarc=fail action=oreject header.from=vendor.example;compauth=fail reason=000\n";
        assert_eq!(of(&format!("{top}{word}{below}"), None), Authenticity::Failed);
        assert_eq!(of(&format!("{top}{below}{word}"), None), Authenticity::Unknown);
    }

    #[test]
    fn gmail_writes_its_verdict_below_its_received_line() {
        let header = "Received: by 2002:a05:6a10:8aa0 with SMTP id x; Tue, 24 Nov 2026 02:00:01 -0800 (PST)\nReceived: from s.example (s.example [192.0.2.1]) by mx.google.com with ESMTPS id y; Tue, 24 Nov 2026 02:00:00 -0800\nAuthentication-Results: mx.google.com; dkim=pass header.i=@vendor.example; spf=pass; dmarc=pass (p=NONE) header.from=vendor.example\n";
        assert_eq!(of(header, None), Authenticity::Passed);
    }

    #[test]
    fn an_organisation_ends_below_a_public_suffix() {
        for (host, organised) in [
            ("mx.vendor.example", "vendor.example"),
            ("bn8.mail.protection.outlook.com", "outlook.com"),
            ("mail.vendor.co.uk", "vendor.co.uk"),
            ("mail.vendor.gov.pl", "vendor.gov.pl"),
            ("co.uk", "co.uk"),
            ("mail", "mail"),
        ] {
            assert_eq!(organisation(host), organised);
        }
    }

    #[test]
    fn inner_hosts_without_an_organisation_do_not_end_the_servers_part() {
        let header = "Received: from mx5 by sloti1d1t01 with LMTP; x\nReceived: from mx5 by mailmx.nyi.internal; x\nAuthentication-Results: mx5.provider.example; dmarc=fail\nReceived: from out.sender.example by mx5.provider.example; x\n";
        assert_eq!(of(header, Some("mx5.provider.example")), Authenticity::Failed);
    }

    #[test]
    fn a_comment_may_hold_anything() {
        let header =
            format!("{OWN}Authentication-Results: mx.vendor.example (a; dmarc=fail (b)) 1; dmarc=pass\n");
        assert_eq!(of(&header, None), Authenticity::Passed);
    }
}
