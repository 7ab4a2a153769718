//! What a server says it can do, in its answer to EHLO (RFC 5321 section 4.1.1.1), and the names that one introduces
//! oneself by.

use std::collections::BTreeSet;

use super::answer::SmtpAnswer;

/// The extensions that matter here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SmtpCapabilities {
    pub(super) starttls: bool,
    pub(super) eight_bit_mime: bool,
    pub(super) smtp_utf8: bool,
    /// Mechanisms in capitals; `None` where no login is offered. Empty: offered, and by what is not said.
    pub(super) auth: Option<BTreeSet<String>>,
}

impl SmtpCapabilities {
    /// Keywords count in any case. `AUTH=` is the form from before RFC 2554, which some servers give alone.
    pub(super) fn of(answer: &SmtpAnswer) -> Self {
        let mut capabilities = Self::default();
        for line in answer.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words =
                line.split(|c: char| c.is_ascii_whitespace() || c == '=').filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => capabilities.starttls = true,
                Some("8BITMIME") => capabilities.eight_bit_mime = true,
                Some("SMTPUTF8") => capabilities.smtp_utf8 = true,
                Some("AUTH") => {
                    capabilities.auth.get_or_insert_default().extend(words.map(str::to_owned));
                }
                _ => {}
            }
        }
        capabilities
    }

    /// Where logins are offered, and none by which a password can be said: that, in words.
    pub(super) fn no_way_for_passwords(&self) -> Option<String> {
        let offered = self.auth.as_ref().filter(|offered| !offered.is_empty())?;
        if self.offers("PLAIN") || self.offers("LOGIN") {
            return None;
        }
        let names: Vec<&str> = offered.iter().map(String::as_str).collect();
        Some(format!("it takes no password by PLAIN or LOGIN, but offers {}", names.join(", ")))
    }

    /// Whether the login can be tried by this mechanism.
    pub(super) fn offers(&self, mechanism: &str) -> bool {
        self.auth.as_ref().is_some_and(|offered| offered.contains(mechanism))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> SmtpCapabilities {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        SmtpCapabilities::of(&SmtpAnswer { code: 250, lines })
    }

    #[test]
    fn keywords_count_in_any_case_and_form() {
        for auth in [
            "AUTH PLAIN LOGIN",
            "auth plain login",
            "AUTH=PLAIN LOGIN",
            "Auth=Plain Login",
            "AUTH\tPLAIN  LOGIN ",
        ] {
            let found = of(&["mail.example greets you", "starttls", auth, "8BitMime", "SmtpUtf8"]);
            assert!(found.starttls && found.eight_bit_mime && found.smtp_utf8, "{auth}");
            assert!(found.offers("PLAIN") && found.offers("LOGIN") && !found.offers("XOAUTH2"), "{auth}");
        }
        let others = of(&["hi", "AUTH NTLM CRAM-MD5"]).no_way_for_passwords().unwrap();
        assert!(others.ends_with("CRAM-MD5, NTLM"), "{others}");
        assert_eq!(of(&["hi", "AUTH"]).no_way_for_passwords(), None);
        let both = of(&["hi", "AUTH=LOGIN", "AUTH PLAIN"]);
        assert!(both.offers("PLAIN") && both.offers("LOGIN"));
    }

    #[test]
    fn white_space_and_the_greeting_are_no_capabilities() {
        assert_eq!(of(&["AUTH PLAIN", "   ", "\t", "", "="]), SmtpCapabilities::default());
        assert_eq!(of(&["hi", "AUTH"]).auth, Some(BTreeSet::new()));
        assert_eq!(of(&[]), SmtpCapabilities::default());
    }
}
