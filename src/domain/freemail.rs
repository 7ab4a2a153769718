//! Mail domains that belong to everybody: two people there are no colleagues. docs/behaviour.md section 1.
//!
//! Known limit: the list holds the providers that people meet; a rare one makes its users look like
//! colleagues, which only matters where somebody in the configuration writes from there too.

use std::collections::BTreeSet;

/// The list; its own comment says how it is written.
const LIST: &str = include_str!("freemail.txt");

/// The longest national ending: `co.jp`, `com.br`.
const LONGEST_ENDING: usize = 6;

fn entries() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#'))
}

/// Whether `domain` is a provider's of private mail, or one of its national ones (`yahoo.de`).
pub(crate) fn is_freemail(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    entries().any(|entry| match entry.strip_suffix('*') {
        None => domain == entry,
        Some(provider) => domain.strip_prefix(provider).is_some_and(|ending| ending.len() <= LONGEST_ENDING),
    })
}

/// Every domain of the list as a set, with those of `domains` that [`is_freemail`] knows besides.
pub(crate) fn among<'a>(domains: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let national = domains.into_iter().filter(|domain| is_freemail(domain)).map(str::to_ascii_lowercase);
    entries().filter(|entry| !entry.ends_with('*')).map(str::to_owned).chain(national).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_mail_is_told_from_a_company_s() {
        assert!(is_freemail("gmail.com") && is_freemail("Yahoo.de") && is_freemail("hotmail.co.jp"));
        assert!(
            !is_freemail("acme.example")
                && !is_freemail("live.acme.example")
                && !is_freemail("outlook.acme.example")
        );
    }

    #[test]
    fn the_list_is_sorted_and_has_nothing_twice() {
        let entries: Vec<&str> = entries().collect();
        assert!(entries.is_sorted_by(|one, next| one < next));
        for entry in entries {
            let name = entry.strip_suffix(".*").unwrap_or(entry);
            let is_plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
            assert!(name.bytes().all(is_plain), "{entry}");
        }
    }
}
