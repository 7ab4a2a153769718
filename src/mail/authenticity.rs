//! The receiving server's own word on who sent a message: its topmost Authentication-Results (RFC 8601).
//!
//! Verifies no signature itself. Whose word counts:
//! - the topmost field that bears the server's authserv-id, configured or learnt; without one, the first
//!   named host of the Received lines, from the top, or another name of its organisation. Where that says nothing of
//!   DMARC, the fields of that name right below it count with it: some servers write one for each method;
//! - Microsoft writes no authserv-id: the topmost nameless field counts where a Received line of the server's own
//!   organisation stands below it (docs/behaviour.md section 5);
//! - ARC-Authentication-Results of that name (RFC 8617), the newest of the chain, where the server's own organisation
//!   sealed it;
//! - never one below the first Received line of somebody else that follows the server's own: the sender
//!   brought it along.
//!
//! A DMARC verdict on another domain than the authors' (`header.from`) says nothing of them. Of two verdicts that
//! contradict each other the failing one counts.
//!
//! Limits: 64 KiB of trace fields; organisations are told by the Public Suffix List as the crate `psl` has it, private
//! suffixes (hosting providers' customers) included.

use mail_parser::{Header, HeaderName};

use super::parsed_message::{ParsedMessage, unfold};
use crate::domain::message::{Authenticity, Mailbox};
use crate::domain::registered_domain::registered_domain;

const MAX_TRACE: usize = 64 * 1024;

/// A trace field that matters here, in the order of the header.
#[derive(Debug)]
enum TraceField {
    /// The host after `by`, lower-case; `None` where it is an address literal or missing.
    Received(Option<String>),
    Results(AuthenticationResults),
    /// Instance and results of an ARC-Authentication-Results.
    ArcResults(u32, AuthenticationResults),
    /// Instance and domain of an ARC-Seal.
    ArcSeal(u32, String),
}

/// One Authentication-Results field, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
struct AuthenticationResults {
    /// Lower-case; `None` where the field names nobody.
    authserv: Option<String>,
    verdicts: Vec<MethodVerdict>,
}

/// What a method found, lower-case: `dkim=pass header.d=vendor.example`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct MethodVerdict {
    method: String,
    result: String,
    /// `ptype.property` and value.
    properties: Vec<(String, String)>,
}

impl MethodVerdict {
    fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// What the receiving server says of the authors, whose domains these are.
pub(crate) fn verdict(
    parsed: &ParsedMessage<'_>,
    authors: &[Mailbox],
    authserv: Option<&str>,
) -> Authenticity {
    if !parsed.has("Authentication-Results") && !parsed.has("ARC-Authentication-Results") {
        return Authenticity::Unknown;
    }
    let trace = trace(parsed);
    let own_host = trace.iter().find_map(|one| match one {
        TraceField::Received(Some(host)) => Some(host.as_str()),
        _ => None,
    });
    let configured = authserv.map(|name| name.trim().to_ascii_lowercase());
    let own: Vec<String> = configured
        .as_deref()
        .into_iter()
        .chain(own_host)
        .map(|host| registered_domain(host).to_owned())
        .collect();
    let server = ReceivingServer { configured, own_host, own };
    let trusted = trace.get(..first_untrusted(&trace, &server.own)).unwrap_or_default();
    let domains: Vec<&str> = authors.iter().map(|author| author.address.domain()).collect();
    let stated = weigh(&server.stated(trusted, &trace), &domains);
    stated.and(weigh(&server.sealed(trusted), &domains))
}

/// The server that put the message into the mailbox.
#[derive(Debug)]
struct ReceivingServer<'t> {
    /// Its authserv-id, where that is known.
    configured: Option<String>,
    own_host: Option<&'t str>,
    /// Its organisations.
    own: Vec<String>,
}

impl ReceivingServer<'_> {
    fn is_called(&self, name: &str) -> bool {
        match &self.configured {
            Some(configured) => name == configured,
            None => self
                .own_host
                .is_some_and(|host| host == name || registered_domain(host) == registered_domain(name)),
        }
    }

    /// The verdicts of its topmost field.
    fn stated(&self, trusted: &[TraceField], trace: &[TraceField]) -> Vec<MethodVerdict> {
        let topmost = trusted.iter().enumerate().find_map(|(place, one)| {
            let TraceField::Results(results) = one else { return None };
            let counts = match &results.authserv {
                Some(name) => self.is_called(name),
                None => trace.iter().skip(place + 1).any(|below| is_own(below, &self.own)),
            };
            counts.then_some((place, results))
        });
        let Some((place, topmost)) = topmost else { return Vec::new() };
        let mut verdicts = topmost.verdicts.clone();
        for below in trusted.iter().skip(place + 1) {
            let has_dmarc = verdicts.iter().any(|verdict| verdict.method == "dmarc");
            match below {
                TraceField::Results(more) if !has_dmarc && more.authserv == topmost.authserv => {
                    verdicts.extend(more.verdicts.iter().cloned());
                }
                TraceField::ArcResults(..) | TraceField::ArcSeal(..) => {}
                _ => break,
            }
        }
        verdicts
    }

    /// The verdicts that it sealed itself, as the newest link of the chain.
    fn sealed(&self, trusted: &[TraceField]) -> Vec<MethodVerdict> {
        let instances = trusted.iter().filter_map(|one| match one {
            TraceField::ArcSeal(instance, domain) => Some((*instance, domain)),
            _ => None,
        });
        let Some((newest, _)) =
            instances.max_by_key(|(instance, _)| *instance).filter(|(_, domain)| is_of(domain, &self.own))
        else {
            return Vec::new();
        };
        let results = trusted.iter().find_map(|one| match one {
            TraceField::ArcResults(instance, results) if *instance == newest => Some(results),
            _ => None,
        });
        let named =
            results.filter(|results| results.authserv.as_deref().is_some_and(|name| self.is_called(name)));
        named.map(|results| results.verdicts.clone()).unwrap_or_default()
    }
}

fn is_own(trace: &TraceField, own: &[String]) -> bool {
    matches!(trace, TraceField::Received(Some(host)) if is_of(host, own))
}

/// Whether `host` is of one of these registered domains.
fn is_of(host: &str, registered: &[String]) -> bool {
    registered.iter().any(|one| one == registered_domain(host))
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
        let Some(field) = trace_field(parsed, header) else { continue };
        found.push(field);
        size += (header.offset_end.saturating_sub(header.offset_start)) as usize;
        if size > MAX_TRACE {
            break;
        }
    }
    found
}

fn trace_field<'x>(parsed: &ParsedMessage<'x>, header: &Header<'x>) -> Option<TraceField> {
    let value = || {
        let raw = parsed.raw().get(header.offset_start as usize..header.offset_end as usize);
        unfold(raw.unwrap_or_default())
    };
    match &header.name {
        HeaderName::Received => {
            Some(TraceField::Received(parsed.received(header).as_ref().and_then(receiving_host)))
        }
        HeaderName::AuthenticationResults => Some(TraceField::Results(results(&value()))),
        name if name.as_str().eq_ignore_ascii_case("ARC-Authentication-Results") => {
            let value = value();
            let (instance, rest) = value.split_once(';')?;
            let instance = instance.trim().strip_prefix("i=")?.trim().parse().ok()?;
            Some(TraceField::ArcResults(instance, results(rest)))
        }
        name if name.as_str().eq_ignore_ascii_case("ARC-Seal") => {
            let value = value().to_ascii_lowercase();
            let tag = |name: &str| {
                let mut tags = value.split(';').filter_map(|tag| tag.split_once('='));
                tags.find(|(tag, _)| tag.trim() == name).map(|(_, value)| value.trim())
            };
            Some(TraceField::ArcSeal(tag("i")?.parse().ok()?, tag("d")?.to_owned()))
        }
        _ => None,
    }
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

/// A piece of the field between semicolons: its words, in which a quoted string is one word or a part of one.
type Words = Vec<String>;

fn results(value: &str) -> AuthenticationResults {
    let pieces = pieces(value);
    let mut found = AuthenticationResults::default();
    let (first, rest) =
        pieces.split_first().map_or((&[][..], &[][..]), |(first, rest)| (first.as_slice(), rest));
    match first.first() {
        Some(word) if word.contains('=') => found.verdicts.extend(method(first)),
        word => found.authserv = word.cloned(),
    }
    found.verdicts.extend(rest.iter().filter_map(|words| method(words)));
    found
}

/// `method/1=result reason="..." ptype.property=value` (RFC 8601 section 2.2).
fn method(words: &[String]) -> Option<MethodVerdict> {
    let (first, rest) = words.split_first()?;
    let (method, result) = first.split_once('=')?;
    let method = method.split('/').next().unwrap_or_default();
    let result = result.split(',').next().unwrap_or_default();
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let properties = rest.iter().filter_map(|word| word.split_once('='));
    (is_word(method) && is_word(result)).then(|| MethodVerdict {
        method: method.to_owned(),
        result: result.to_owned(),
        properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    })
}

/// The field in lower case, cut at semicolons and blanks. Where a quotation mark or a bracket is never closed it is
/// taken for itself, so that it hides nothing.
fn pieces(value: &str) -> Vec<Words> {
    let value = value.to_ascii_lowercase();
    let mut reader = TokenReader { takes_quotes: true, takes_comments: true, ..TokenReader::default() };
    while !reader.read(&value) {
        let (takes_quotes, takes_comments) =
            (reader.takes_quotes && !reader.in_quotes, reader.takes_comments && reader.depth == 0);
        reader = TokenReader { takes_quotes, takes_comments, ..TokenReader::default() };
    }
    reader.pieces
}

/// Takes a structured field apart (RFC 5322 section 3.2).
#[derive(Debug, Default)]
struct TokenReader {
    takes_quotes: bool,
    takes_comments: bool,
    in_quotes: bool,
    depth: u32,
    escaped: bool,
    pieces: Vec<Words>,
    words: Words,
    word: String,
    /// A blank stands behind the word: the next letter begins another, unless an `=` joins them.
    ended: bool,
}

impl TokenReader {
    /// Whether every quotation and comment was closed.
    fn read(&mut self, value: &str) -> bool {
        for letter in value.chars() {
            self.take(letter);
        }
        if self.in_quotes || self.depth > 0 {
            return false;
        }
        self.end_piece();
        true
    }

    fn take(&mut self, letter: char) {
        if std::mem::take(&mut self.escaped) {
            if self.depth == 0 {
                self.push(letter);
            }
            return;
        }
        match letter {
            '\\' if self.in_quotes || self.depth > 0 => self.escaped = true,
            '"' if self.takes_quotes && self.depth == 0 => self.in_quotes = !self.in_quotes,
            _ if self.in_quotes => self.push(letter),
            '(' if self.takes_comments => self.depth = self.depth.saturating_add(1),
            ')' if self.depth > 0 => {
                self.depth -= 1;
                self.ended = true;
            }
            _ if self.depth > 0 => {}
            ';' => self.end_piece(),
            _ if letter.is_whitespace() => self.ended = true,
            _ => self.push(letter),
        }
    }

    fn push(&mut self, letter: char) {
        let joins = letter == '=' && !self.in_quotes || self.word.ends_with('=');
        if std::mem::take(&mut self.ended) && !joins {
            self.end_word();
        }
        self.word.push(letter);
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    fn end_piece(&mut self) {
        self.end_word();
        self.ended = false;
        self.pieces.push(std::mem::take(&mut self.words));
    }
}

/// DMARC decides where it says pass or fail; else SPF and DKIM together. docs/behaviour.md section 5, row 15.
fn weigh(verdicts: &[MethodVerdict], authors: &[&str]) -> Authenticity {
    let of = |method: &'static str| verdicts.iter().filter(move |verdict| verdict.method == method);
    let is_any = |method: &'static str, results: &[&str]| {
        of(method).any(|verdict| results.contains(&verdict.result.as_str()))
    };
    // A verdict on another domain's From says nothing of the authors'.
    let dmarc = of("dmarc").filter(|verdict| {
        let domain = verdict.property("header.from").map(|from| from.rsplit('@').next().unwrap_or(from));
        let is_authors = |domain: &str| {
            let mut of_authors =
                authors.iter().map(|author| registered_domain(author) == registered_domain(domain));
            if verdict.result == "pass" { of_authors.all(|is| is) } else { of_authors.any(|is| is) }
        };
        authors.is_empty() || domain.is_none_or(|domain| is_authors(domain.trim_end_matches('.')))
    });
    let results: Vec<&str> = dmarc.map(|verdict| verdict.result.as_str()).collect();
    if results.contains(&"fail") {
        return Authenticity::Failed;
    }
    if results.contains(&"pass") {
        return Authenticity::Passed;
    }
    let spf_failed = is_any("spf", &["fail", "softfail", "hardfail"]);
    // Each signature has a verdict of its own, and one that holds is enough; two of one domain contradict each other.
    let signer = |verdict: &MethodVerdict| {
        let named = verdict.property("header.d").or_else(|| verdict.property("header.i"));
        named.map(|named| named.rsplit('@').next().unwrap_or(named).to_owned())
    };
    let failed: Vec<Option<String>> =
        of("dkim").filter(|verdict| verdict.result == "fail").map(signer).collect();
    let dkim_passed =
        of("dkim").any(|verdict| verdict.result == "pass" && !failed.contains(&signer(verdict)));
    match (spf_failed, !failed.is_empty() && !dkim_passed) {
        (true, true) => Authenticity::Failed,
        _ if dkim_passed || is_any("spf", &["pass"]) && !spf_failed => Authenticity::Passed,
        _ => Authenticity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, authserv: Option<&str>) -> Authenticity {
        of_authors("a@vendor.example", header, authserv)
    }

    fn of_authors(from: &str, header: &str, authserv: Option<&str>) -> Authenticity {
        let raw = format!("{header}From: {from}\n\nhi\n");
        let options =
            crate::mail::ReadOptions { authserv: authserv.map(str::to_owned), ..Default::default() };
        crate::mail::read(raw.as_bytes(), &options).0.authenticity
    }

    fn says(results: &str) -> Authenticity {
        of(&format!("{OWN}Authentication-Results: mx.vendor.example; {results}\n"), None)
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
            assert_eq!(registered_domain(host), organised);
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

    #[test]
    fn quoted_strings_and_comments_hide_no_verdict_and_make_none() {
        for failed in [
            r#"spf=pass smtp.mailfrom="x; dmarc=pass "@evil.example; dmarc=fail"#,
            r#"spf=pass smtp.mailfrom="x\"; dmarc=pass; y"@evil.example; dmarc=fail header.from=vendor.example"#,
            r#"spf=pass smtp.mailfrom="x@evil.example; dmarc=fail"#,
            "spf=pass (it said (so; dmarc=pass) twice; dmarc = fail",
            "spf=pass (never closed; dmarc=fail",
            "dmarc=pass; dmarc=fail",
            "dmarc=fail; dmarc=pass",
            "dmarc=none; spf=pass; spf=fail; dkim=fail",
            "spf=fail; dkim=fail header.d=vendor.example; dkim=pass header.d=vendor.example",
            "dmarc/1 = fail (p=reject) policy.dmarc=reject",
        ] {
            assert_eq!(says(failed), Authenticity::Failed, "{failed}");
        }
        for passed in [
            r#"spf=fail smtp.mailfrom="x; dmarc=fail"@evil.example; dmarc=pass"#,
            "dmarc=pass (was; dmarc=fail) header.from=vendor.example",
            r#"dmarc=pass reason="; dmarc=fail ;" header.from=vendor.example"#,
            "spf=fail; dkim=fail header.d=list.example; dkim=pass header.d=vendor.example",
        ] {
            assert_eq!(says(passed), Authenticity::Passed, "{passed}");
        }
    }

    #[test]
    fn a_verdict_counts_for_the_domain_that_it_names() {
        let field = |results: &str| format!("{OWN}Authentication-Results: mx.vendor.example; {results}\n");
        let two = "eve@mail.example, calvin@vendor.example";
        let other = field("dmarc=pass header.from=mail.example");
        assert_eq!(of_authors(two, &other, None), Authenticity::Unknown);
        assert_eq!(of_authors("calvin@vendor.example", &other, None), Authenticity::Unknown);
        let fails = field("dmarc=fail header.from=vendor.example");
        assert_eq!(of_authors(two, &fails, None), Authenticity::Failed);
        let within = field("dmarc=pass header.from=news.vendor.example");
        assert_eq!(of_authors("calvin@vendor.example", &within, None), Authenticity::Passed);
    }

    #[test]
    fn servers_that_write_a_field_for_each_method_are_read_whole() {
        let field = |results: &str| format!("Authentication-Results: mx.vendor.example; {results}\n");
        let parts = [field("dkim=fail header.d=vendor.example"), field("spf=pass"), field("dmarc=fail")];
        assert_eq!(of(&format!("{}{OWN}", parts.concat()), None), Authenticity::Failed);
        let whole = [field("dmarc=pass"), field("dmarc=fail")];
        assert_eq!(of(&format!("{}{OWN}", whole.concat()), None), Authenticity::Passed);
    }

    #[test]
    fn an_arc_chain_counts_where_the_receiving_server_sealed_its_end() {
        let link = |instance: u32, domain: &str, says: &str| {
            format!(
                "ARC-Seal: i={instance}; a=rsa-sha256; t=1; cv=pass; d={domain}; s=arc; b=x\nARC-Authentication-Results: i={instance}; mx.{domain}; {says}\n"
            )
        };
        let own = |says: &str| link(2, "vendor.example", says);
        let listed = link(1, "list.example", "dmarc=pass header.from=vendor.example");
        let fail = "dmarc=fail header.from=vendor.example";
        assert_eq!(of(&format!("{OWN}{}{listed}", own(fail)), None), Authenticity::Failed);
        assert_eq!(of(&format!("{OWN}{}{listed}", own("dmarc=pass")), None), Authenticity::Passed);
        let stated = "Authentication-Results: mx.vendor.example; dmarc=pass\n";
        assert_eq!(of(&format!("{OWN}{stated}{}", own(fail)), None), Authenticity::Failed);
        assert_eq!(of(&format!("{OWN}{}", link(1, "list.example", fail)), None), Authenticity::Unknown);
        let newer = link(3, "list.example", "dmarc=pass");
        assert_eq!(of(&format!("{OWN}{newer}{}", own(fail)), None), Authenticity::Unknown);
    }
}
