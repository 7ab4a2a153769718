//! Which bytes of a configuration may be a secret, and are therefore never quoted.
//!
//! A password has no place in the file, but people put it there, or mistype the line that names its
//! source. Works on text that may be no TOML at all. Rather too much is hidden than too little.

use std::ops::Range;

use crate::diagnostics::nearest;
use crate::pattern::{Pattern, pattern};

static SECRET_LINE: Pattern = Pattern::new(|| {
    pattern(
        r#"(?im)^[^#\n]*?(?:pass(?:word|wd|phrase)?|secret|token|credential)[\w"' .-]*=(?P<value>[^\n]*)$"#,
    )
});

static URL_PASSWORD: Pattern = Pattern::new(|| pattern(r#"://[^\s"'/@]*:(?P<value>[^\s"'/]+)@"#));

static SOURCE: Pattern = Pattern::new(|| {
    pattern(
        r#"^\s*\{\s*(?:env|file|command|keyring)\s*=\s*(?:true|false|"[^"]*"|'[^']*'|\[[^\]]*\])\s*\}\s*(?:#.*)?$"#,
    )
});

static SECRET_TABLE: Pattern = Pattern::new(|| {
    pattern(r#"(?im)^\s*\[[^\]\n]*(?:password|secret)[^\]\n]*\][^\n]*\n(?P<body>(?:[^\[\n][^\n]*\n?|\n)*)"#)
});

static OTHER_KEY: Pattern = Pattern::new(|| pattern(r#"(?m)^\s*(?P<key>[\w"'-]+)\s*=(?P<value>[^\n]*)$"#));

/// Byte spans of what may be a secret.
pub(crate) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let value = |found: &regex::Captures<'_>| found.name("value").map(|value| value.range());
    let misspelt = OTHER_KEY.captures_iter(text).filter(|found| {
        let key = found.name("key").map_or("", |key| key.as_str());
        nearest(key, ["password", "passphrase", "secret"]).is_some()
    });
    for found in SECRET_LINE.captures_iter(text).chain(misspelt) {
        let Some(span) = value(&found) else { continue };
        if !SOURCE.is_match(text.get(span.clone()).unwrap_or("")) {
            spans.push(span);
        }
    }
    for found in SECRET_TABLE.captures_iter(text) {
        let Some(body) = found.name("body") else { continue };
        for line in OTHER_KEY.captures_iter(body.as_str()) {
            let key = line.name("key").map_or("", |key| key.as_str());
            let known = matches!(key, "env" | "file" | "command" | "keyring");
            if let Some(span) = value(&line).filter(|_| !known) {
                spans.push(body.start() + span.start..body.start() + span.end);
            }
        }
    }
    spans.extend(URL_PASSWORD.captures_iter(text).filter_map(|found| value(&found)));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::SourceText;

    fn redacted(text: &str) -> String {
        SourceText::with_hidden("x", text, &secrets(text)).text().to_owned()
    }

    #[test]
    fn passwords_are_hidden_wherever_people_put_them() {
        for text in [
            "password = \"hunter2\"",
            "password = hunter2",
            "  Password=\"hunter2\" # mine",
            "pasword_x = 1\npasswd = 'hunter2'",
            "password = { plain = \"hunter2\" }",
            "password = { env = \"A\", plain = \"hunter2\" }",
            "imap = \"imaps://dana:hunter2@imap.vendor.example\"",
            "[accounts.dana.password]\nplain = \"hunter2\"\n",
            "client_secret = \"hunter2\"",
            "password = \"hunter2",
            "pasword = \"hunter2\"",
            "passwort = \"hunter2\"",
        ] {
            assert!(!redacted(text).contains("hunter2"), "{}", redacted(text));
        }
    }

    #[test]
    fn the_place_of_a_password_is_shown() {
        for text in [
            "password = { env = \"DANA_PASSWORD\" }",
            "password = { command = [\"pass\", \"dana\"] } # the store",
            "password = { keyring = true }",
            "[accounts.dana.password]\nenv = \"DANA\"\n",
            "imap = \"imaps://imap.vendor.example:993\"",
            "# password = secret",
            "address = \"dana@vendor.example\"",
            "policy = \"playbook\"",
        ] {
            assert_eq!(redacted(text), text);
        }
    }
}
