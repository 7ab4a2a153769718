//! Links as people meant them: unwrapped from mail filters, and told what they lead to.
//!
//! Wrappers known: Proofpoint's URL Defense v1 to v3, and query parameters that hold a URL at the hosts that
//! language/provider/*.toml names (Microsoft's Safe Links, Google, Mimecast and others). Where the target is hidden
//! behind the server, as in Mimecast's short form, it is out of reach: nothing is ever fetched. Limits: links up to 8,192 characters, 5 wrappers deep.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use memchr::memmem;
use url::Url;

use crate::language::provider::{self, LinkFacts};

const MAX_LINK: usize = 8_192;
const MAX_LAYERS: usize = 5;

/// What is known of the hosts of single providers.
fn facts() -> impl Iterator<Item = &'static LinkFacts> {
    provider::all().iter().map(|file| &file.facts.links)
}

/// The target of a link, through every known wrapper; the link itself where none is known.
pub(crate) fn unwrap(link: &str) -> String {
    let mut current = link.trim().to_owned();
    for _ in 0..MAX_LAYERS {
        match inner(&current) {
            Some(target) if target != current => current = target,
            _ => break,
        }
    }
    current
}

fn inner(link: &str) -> Option<String> {
    if link.len() > MAX_LINK {
        return None;
    }
    let url = Url::parse(link).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    if facts().flat_map(|facts| &facts.url_defense).any(|known| is_under(&host, known)) {
        return urldefense(&url, link);
    }
    let redirect = facts().flat_map(|facts| &facts.redirects).find(|known| is_under(&host, &known.host))?;
    if redirect.path.as_ref().is_some_and(|path| path != url.path()) {
        return None;
    }
    redirect.parameters.iter().find_map(|name| parameter(&url, name)).filter(|target| is_web(target))
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}

fn is_web(target: &str) -> bool {
    target.starts_with("https://") || target.starts_with("http://")
}

fn is_under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Proofpoint URL Defense: v1 percent-encodes, v2 writes `-` for `%` and `_` for `/`, v3 keeps the link in the
/// path with `*` for characters listed, in base64, behind the semicolon.
fn urldefense(url: &Url, link: &str) -> Option<String> {
    if let Some((_, rest)) = link.split_once("/v3/__") {
        return urldefense_v3(rest);
    }
    if url.path().starts_with("/v1/") {
        return parameter(url, "u").filter(|target| is_web(target));
    }
    let coded = parameter(url, "u")?.replace('-', "%").replace('_', "/");
    let target = percent_decode(&coded);
    is_web(&target).then_some(target)
}

fn urldefense_v3(rest: &str) -> Option<String> {
    let (body, tail) = rest.rsplit_once("__;")?;
    let coded = tail.split('!').next().unwrap_or_default();
    let bytes = URL_SAFE
        .decode(coded)
        .or_else(|_| URL_SAFE_NO_PAD.decode(coded.trim_end_matches('=')))
        .unwrap_or_default();
    let replaced = String::from_utf8_lossy(&bytes).into_owned();
    let mut left = replaced.chars();
    let mut target = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '*' {
            target.push(c);
        } else if chars.peek() == Some(&'*') {
            chars.next();
            let run = chars.next().map_or(2, run_length);
            target.extend(left.by_ref().take(run));
        } else {
            target.push(left.next().unwrap_or('*'));
        }
    }
    // The path had its double slash merged by some clients: `https:/host`.
    if let Some(host) = target.strip_prefix("https:/").filter(|host| !host.starts_with('/')) {
        target = format!("https://{host}");
    }
    is_web(&target).then_some(target)
}

/// `**X` stands for a run of replaced characters: A is 2, B is 3, and so on through the base64 alphabet.
fn run_length(c: char) -> usize {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    ALPHABET.chars().position(|known| known == c).map_or(2, |place| place + 2)
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match hex {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether an (unwrapped) link leads to a video that somebody recorded for the reader.
pub(crate) fn is_personal_video(link: &str) -> bool {
    let Some((host, path)) = host_and_path(link) else { return false };
    facts().flat_map(|facts| &facts.videos).any(|known| {
        is_under(&host, &known.host)
            && path.len() > 1
            && (known.paths.is_empty() || known.paths.iter().any(|piece| path.contains(piece.as_str())))
    })
}

/// Whether an (unwrapped) link leads into a team's chat: what is written there is for colleagues.
pub(crate) fn is_chat(link: &str) -> bool {
    let of_scheme =
        || facts().flat_map(|facts| &facts.chat_schemes).any(|scheme| link.starts_with(scheme.as_str()));
    let of_host = |(host, path): (String, String)| {
        facts().flat_map(|facts| &facts.chats).any(|known| {
            is_under(&host, &known.host)
                && path.len() > 1
                && (known.paths.is_empty()
                    || known.paths.iter().any(|start| path.starts_with(start.as_str())))
        })
    };
    host_and_path(link).is_some_and(of_host) || of_scheme()
}

fn host_and_path(link: &str) -> Option<(String, String)> {
    let url = Url::parse(link.get(..MAX_LINK).unwrap_or(link)).ok()?;
    Some((url.host_str()?.trim_end_matches('.').to_ascii_lowercase(), url.path().to_owned()))
}

/// Every link that is in plain text, in order, unwrapped, each once; at most 500.
pub fn in_text(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = memmem::find(rest.as_bytes(), b"http") {
        let Some(candidate) = rest.get(at..) else { break };
        let end = candidate
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|'))
            .unwrap_or(candidate.len());
        let link = candidate.get(..end).unwrap_or_default();
        if is_web(link) && found.len() < 500 {
            let target =
                unwrap(link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '_']));
            if !found.contains(&target) {
                found.push(target);
            }
        }
        rest = candidate.get(end.max(4)..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOM: &str = "https://www.loom.com/share/0123456789abcdef";

    #[test]
    fn safe_links_are_unwrapped() {
        let wrapped = "https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.loom.com%2Fshare%2F0123456789abcdef&data=05%7C02&reserved=0";
        assert_eq!(unwrap(wrapped), LOOM);
    }

    #[test]
    fn urldefense_is_unwrapped_in_its_three_versions() {
        assert_eq!(
            unwrap(
                "https://urldefense.proofpoint.com/v1/url?u=https%3A//www.loom.com/share/0123456789abcdef&k=x"
            ),
            LOOM
        );
        assert_eq!(
            unwrap(
                "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.loom.com_share_0123456789abcdef&d=DwMFaQ&c=x"
            ),
            LOOM
        );
        assert_eq!(
            unwrap("https://urldefense.com/v3/__https://www.loom.com/share/0123456789abcdef__;!!abc!def$"),
            LOOM
        );
        assert_eq!(
            unwrap("https://urldefense.com/v3/__https://x.example/a*b**Ac__;JSMj!!k!z$"),
            "https://x.example/a%b##c"
        );
    }

    #[test]
    fn wrappers_in_wrappers_are_unwrapped() {
        let inner = "https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fwww.loom.com%252Fshare%252F0123456789abcdef";
        assert_eq!(
            unwrap(&format!("https://eur01.safelinks.protection.outlook.com/?url={inner}&data=x")),
            LOOM
        );
    }

    #[test]
    fn a_wrapper_that_hides_its_target_stays() {
        let hidden = "https://protect-eu.mimecast.com/s/AbCdEf?domain=loom.com";
        assert_eq!(unwrap(hidden), hidden);
    }

    #[test]
    fn a_video_page_is_no_video() {
        assert!(is_personal_video(LOOM));
        assert!(is_personal_video("https://share.vidyard.com/watch/abc"));
        assert!(!is_personal_video("https://www.loom.com/pricing"));
        assert!(!is_personal_video("https://notloom.com/share/abc"));
    }

    #[test]
    fn links_into_a_chat_are_known() {
        assert!(is_chat("https://vendor.slack.com/archives/C012/p1700000000000"));
        assert!(!is_chat("https://slack.com/"));
    }

    #[test]
    fn links_end_where_the_sentence_does() {
        assert_eq!(
            in_text(&format!("See {LOOM}. And <{LOOM}> (http://a.example/b).")),
            [LOOM, "http://a.example/b"]
        );
    }
}
