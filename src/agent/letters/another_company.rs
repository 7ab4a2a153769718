//! Whether a record that answers a mail about a draft is of another company. It is a draft of its own then, and the other
//! one is kept. docs/behaviour.md section 13.
//!
//! Drafts may be faulty, so that texts are compared and not what they say. Known limit: the same company under another
//! name and without any address is another company.

use crate::domain::letter::{Draft, DraftState};
use crate::domain::message::Address;
use crate::record::address_of;

use super::super::app::App;
use super::super::duplicates::is_one_prospect;
use super::offers::titled;

/// What tells one company's record from another's.
struct CompanyMarks {
    /// Words of its name, in small letters.
    name: Vec<String>,
    /// Addresses of people who are not ours.
    people: Vec<Address>,
}

impl CompanyMarks {
    fn of(app: &App, record_text: &str) -> Self {
        let name = titled(record_text).unwrap_or_default().to_lowercase();
        let name = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let parts = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '[' | ']');
        let words = record_text.split(parts).filter(|word| word.contains('@'));
        let people = words.filter_map(|word| address_of(word).ok());
        Self {
            name: name.map(str::to_owned).collect(),
            people: people.filter(|address| !app.policy.addresses().is_company(address)).collect(),
        }
    }

    fn is_another_than(&self, kept: &Self) -> bool {
        if self.name.is_empty() || kept.name.is_empty() || self.name.concat() == kept.name.concat() {
            return false;
        }
        if self.people.is_empty() || kept.people.is_empty() {
            return self.name.first() != kept.name.first();
        }
        let is_known = |new: &Address| kept.people.iter().any(|old| is_one_prospect(old, new));
        !self.people.iter().any(is_known)
    }
}

/// Whether a whole record in answer to a mail about `draft` is none of its company. The record of an intro that is to leave
/// once more stays one of its handoff as long as that may leave.
pub(super) fn begins_another_draft(app: &App, draft: &Draft, record_text: &str) -> bool {
    let may_change = !draft.resends || draft.state == DraftState::Sent;
    may_change && is_of_another_company(app, &draft.record_text, record_text)
}

fn is_of_another_company(app: &App, kept: &str, record_text: &str) -> bool {
    CompanyMarks::of(app, record_text).is_another_than(&CompanyMarks::of(app, kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(name: &str, people: &[&str]) -> CompanyMarks {
        CompanyMarks {
            name: name.to_lowercase().split_whitespace().map(str::to_owned).collect(),
            people: people.iter().map(|one| Address::new(one).unwrap()).collect(),
        }
    }

    #[test]
    fn another_company_has_another_name_and_nobody_in_common() {
        let acme = marks("Acme Corp", &["sarah@acme.example"]);
        for (name, people, is_another) in [
            ("Acme Corp", &["tom@globex.example"][..], false),
            ("Acme Europe", &["james@eu.acme.example"], false),
            ("Globex", &["sarah@acme.example"], false),
            ("Globex", &["tom@globex.example"], true),
            ("Acme Tools", &["tom@tools.example"], true),
            ("Globex", &[], true),
            ("Acme", &[], false),
            ("", &["tom@globex.example"], false),
        ] {
            let new = marks(name, people);
            assert_eq!(new.is_another_than(&acme), is_another, "{name} {people:?}");
            assert_eq!(acme.is_another_than(&new), is_another, "{name} {people:?}");
        }
    }
}
