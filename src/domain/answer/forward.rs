//! Whether a subject is a forwarded mail's, in the languages of the usual mail programs.
//!
//! Known limit: programs that forward under the bare subject are not known by it.

use super::rule::RulePattern;

static FORWARD: RulePattern = RulePattern::new(|| {
    r"^\s*(?:\[[^\]]{0,40}\]\s*)*(?:fwd?|wg|tr|rv|enc|vb|vl|pd|trs|转发|轉寄|doorst|továbbítás|הועבר|إعادة توجيه|i)\s?[:：]".to_owned()
});

/// Tags such as `[External]` before the prefix are passed over.
pub(crate) fn is_forward(subject: &str) -> bool {
    FORWARD.is_in(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forward_is_known_by_its_prefix() {
        for subject in ["Fwd: x", "FW: x", "WG: x", "TR : x", "[EXT] Fwd: x", "转发：x"] {
            assert!(is_forward(subject), "{subject}");
        }
        for subject in ["Re: x", "AW: Fwd: x", "[internal] Acme: x", "I think so", "Forward: march"] {
            assert!(!is_forward(subject), "{subject}");
        }
    }
}
