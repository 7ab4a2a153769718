//! When two addresses are one mailbox, and when a name looks like a person's.
//!
//! Knows no configuration: who a person is stands in `domain::people`. Known limit: plus-addressing is assumed only of
//! providers that are known for it and where one side has no tag; a name of one word resembles none.

use crate::domain::message::Address;

/// Providers whose local parts ignore dots.
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// Providers whose local parts may carry `+tag`, for their own domains.
const PLUS: [&str; 12] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "fastmail.com",
    "proton.me",
    "protonmail.com",
    "zoho.com",
];

/// Domains where anybody gets a mailbox: sharing one makes nobody a colleague (behaviour.md section 1).
const FREEMAIL: [&str; 48] = [
    "126.com",
    "139.com",
    "163.com",
    "aol.com",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "btinternet.com",
    "comcast.net",
    "cox.net",
    "daum.net",
    "fastmail.com",
    "fastmail.fm",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "verizon.net",
    "wanadoo.fr",
    "web.de",
    "yandex.ru",
    "zoho.com",
];

/// Whether a domain gives mailboxes to everybody.
pub fn is_freemail(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let yahoo =
        domain.starts_with("yahoo.") || domain.starts_with("ymail.") || domain.starts_with("rocketmail.");
    yahoo || FREEMAIL.contains(&domain.as_str())
}

/// The form under which all spellings of one mailbox are equal, as far as its provider is known for it:
/// Gmail ignores dots and serves two domains, several providers ignore `+tag`.
pub fn canonical(address: &Address) -> Address {
    let domain = address.domain();
    let mut local = address.local().to_owned();
    if PLUS.contains(&domain)
        && let Some((before, _)) = address.local().split_once('+')
    {
        local = before.to_owned();
    }
    let mut home = domain;
    if DOTLESS.contains(&domain) {
        local = local.replace('.', "");
        home = "gmail.com";
    }
    Address::new(&format!("{local}@{home}")).unwrap_or_else(|| address.clone())
}

/// Whether mail to `one` and to `other` lands in one mailbox. Beside [`canonical`]: at any domain, `name+tag` is
/// taken for `name` where exactly one of the two has a tag, since companies run on the same providers.
pub fn same_mailbox(one: &Address, other: &Address) -> bool {
    if canonical(one) == canonical(other) {
        return true;
    }
    let untagged = |address: &Address| address.local().split_once('+').map(|(name, _)| name.to_owned());
    one.domain() == other.domain()
        && match (untagged(one), untagged(other)) {
            (Some(name), None) => name == other.local(),
            (None, Some(name)) => name == one.local(),
            _ => false,
        }
}

/// Whether a display name is a person's name as people and clients write it: either order, with or without
/// middle names, initials, accents, titles and a company in brackets or behind `via` and `|`.
pub fn same_name(shown: &str, name: &str) -> bool {
    let (shown, name) = (words(shown), words(name));
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return false };
    if name.len() < 2 || shown.len() < 2 {
        return false;
    }
    let close = |word: &String| shown.iter().any(|seen| seen == word || is_near(seen, word));
    close(first) && close(last)
}

/// One letter of difference in words of five letters and more: `Reyes`, `Reyess`.
fn is_near(one: &str, other: &str) -> bool {
    one.chars().count() >= 5 && other.chars().count() >= 5 && strsim::damerau_levenshtein(one, other) == 1
}

fn words(name: &str) -> Vec<String> {
    let cut = name.split(['(', '[', '|', '<']).next().unwrap_or_default();
    let lower = cut.chars().take(200).collect::<String>().to_lowercase();
    let lower = lower.split(" via ").next().unwrap_or_default().to_owned();
    let plain: String = lower.chars().map(plain_letter).collect();
    plain
        .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '\'')
        .filter(|word| {
            !word.is_empty()
                && !matches!(
                    *word,
                    "mr" | "mrs" | "ms" | "dr" | "prof" | "herr" | "frau" | "mme" | "jr" | "sr"
                )
        })
        .map(str::to_owned)
        .collect()
}

/// A letter without its accent, for the Latin letters that names are commonly written without, and the Cyrillic and
/// Greek ones that pass for Latin.
fn plain_letter(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ā' | 'ą' | 'а' | 'α' => 'a',
        'ç' | 'ć' | 'č' | 'с' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' | 'ē' | 'е' | 'ё' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ı' | 'ī' | 'і' | 'ι' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' | 'ő' | 'о' | 'ο' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'ů' | 'ű' | 'ū' => 'u',
        'ý' | 'ÿ' | 'у' => 'y',
        'š' | 'ś' | 'ş' | 'ș' => 's',
        'ž' | 'ź' | 'ż' => 'z',
        'ł' | 'l' => 'l',
        'ř' => 'r',
        'ť' | 'ţ' | 'ț' => 't',
        'ď' => 'd',
        'ğ' => 'g',
        'р' | 'ρ' => 'p',
        'х' => 'x',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Address {
        Address::new(text).unwrap()
    }

    #[test]
    fn gmail_ignores_dots_and_tags_and_serves_two_domains() {
        assert!(same_mailbox(&at("sarah.lee+work@gmail.com"), &at("sarahlee@googlemail.com")));
        assert!(!same_mailbox(&at("sarah.lee@acme.example"), &at("sarahlee@acme.example")));
    }

    #[test]
    fn a_tag_at_a_company_is_the_same_mailbox_as_without() {
        assert!(same_mailbox(&at("calvin+acme@vendor.example"), &at("calvin@vendor.example")));
        assert!(!same_mailbox(&at("calvin+a@vendor.example"), &at("calvin+b@vendor.example")));
        assert!(!same_mailbox(&at("calvin+a@vendor.example"), &at("calvin@other.example")));
    }

    #[test]
    fn names_are_known_in_either_order_and_without_accents() {
        assert!(same_name("Reyes, Calvin", "Calvin Reyes"));
        assert!(same_name("Calvin M. Reyes (Vendor)", "Calvin Reyes"));
        assert!(same_name("calvin réyes via Google Groups", "Calvin Reyes"));
        assert!(same_name("Calvin Reyess", "Calvin Reyes"));
    }

    #[test]
    fn another_name_is_another_person() {
        assert!(!same_name("Calvin", "Calvin Reyes"));
        assert!(!same_name("Calvin Ortiz", "Calvin Reyes"));
        assert!(!same_name("", "Calvin Reyes"));
        assert!(!same_name("Calvin Reyes", ""));
    }

    #[test]
    fn freemail_is_known_in_its_national_forms() {
        assert!(is_freemail("yahoo.co.uk"));
        assert!(is_freemail("GMAIL.com"));
        assert!(!is_freemail("vendor.example"));
    }
}
