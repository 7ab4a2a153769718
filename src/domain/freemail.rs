//! Mail domains that belong to everybody: two people there are no colleagues. behaviour.md section 1.
//!
//! Known limit: the list holds the providers that people meet; a rare one makes its users look like
//! colleagues, which only matters where somebody in the configuration writes from there too.

use std::collections::BTreeSet;

/// Domains of providers of private mail, lower-case.
pub(crate) const DOMAINS: [&str; 98] = [
    "126.com",
    "163.com",
    "aim.com",
    "aol.com",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bk.ru",
    "blueyonder.co.uk",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "charter.net",
    "comcast.net",
    "cox.net",
    "daum.net",
    "duck.com",
    "earthlink.net",
    "email.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "hushmail.com",
    "icloud.com",
    "inbox.com",
    "inbox.ru",
    "interia.pl",
    "juno.com",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.ca",
    "live.co.uk",
    "live.com",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "netzero.net",
    "ntlworld.com",
    "o2.pl",
    "online.no",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "sina.com",
    "sky.com",
    "sympatico.ca",
    "t-online.de",
    "telenet.be",
    "tiscali.it",
    "tutanota.com",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

/// Whether `domain` is a provider's of private mail, or one of its national ones (`yahoo.de`).
pub(crate) fn is_freemail(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let national = domain.split_once('.').is_some_and(|(name, ending)| {
        matches!(name, "yahoo" | "hotmail" | "live" | "outlook" | "gmx" | "yandex") && ending.len() <= 6
    });
    national || DOMAINS.contains(&domain.as_str())
}

/// [`DOMAINS`] as a set, with those of `domains` that [`is_freemail`] knows besides.
pub(crate) fn among<'a>(domains: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let national = domains.into_iter().filter(|domain| is_freemail(domain)).map(str::to_ascii_lowercase);
    DOMAINS.iter().map(|domain| (*domain).to_owned()).chain(national).collect()
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
}
