//! The domain that somebody registered, by the Public Suffix List (publicsuffix.org, as the crate psl has it).
//!
//! The one place that asks the list: its code is inlined where it is called, and is half a megabyte each time.

/// `acme.co.uk` of `mail.acme.co.uk`, in the case in which it stands there. A host that is a suffix itself, or no domain
/// name, stands for itself.
#[inline(never)]
pub(crate) fn registered_domain(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}

/// What somebody calls the company by: `acme` of `mail.acme.co.uk`.
pub(crate) fn company_label(host: &str) -> &str {
    registered_domain(host).split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_what_stands_before_the_public_suffix() {
        assert_eq!(registered_domain("mail.acme.co.uk"), "acme.co.uk");
        assert_eq!(company_label("mail.acme.co.uk"), "acme");
        assert_eq!(company_label("Acme.example"), "Acme");
    }

    #[test]
    fn a_suffix_stands_for_itself() {
        assert_eq!(registered_domain("co.uk"), "co.uk");
        assert_eq!(registered_domain("localhost"), "localhost");
    }
}
