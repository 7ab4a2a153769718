//! Whether letters are as private as docs/behaviour.md section 13 wants them: the agent's mailbox holds the tokens by
//! which every SDR's intro is sent.
//!
//! A warning is no fault: it bears a remedy, and the command's status stays 0.

use crate::config::Config;
use crate::domain::people::{Person, TeamRole};

use super::finding::DoctorFinding;

pub(super) fn letters(config: &Config) -> DoctorFinding {
    let what = DoctorFinding::about("letters");
    let sdrs: Vec<&Person> =
        config.people.iter().filter(|person| person.roles.contains(&TeamRole::Sdr)).collect();
    if let Some((one, other)) = sharing(&sdrs) {
        let found = format!(
            "{} and {} share a mailbox, so each can say yes to the other's intros",
            one.name, other.name
        );
        return what.warned(found, "give each SDR an account of their own");
    }
    let agent = config.accounts.get(&config.agent.account).map(|account| &account.address);
    let owner = config.people.iter().find(|person| Some(&person.address) == agent);
    let Some(owner) = owner else {
        return what.good("the agent has a mailbox of its own");
    };
    let others: Vec<&str> =
        sdrs.iter().filter(|sdr| sdr.name != owner.name).map(|sdr| sdr.name.as_str()).collect();
    if others.is_empty() {
        return what.good(format!("they come to {}'s own mailbox, from them alone", owner.name));
    }
    let found = format!(
        "the agent's mailbox is {}'s own, who could say yes to the intros of {}, and letters from anybody else are left alone",
        owner.name,
        others.join(", ")
    );
    what.warned(found, "give the agent an account of its own, `agent.account`")
}

/// Two SDRs whose mail comes to one mailbox.
fn sharing<'a>(sdrs: &[&'a Person]) -> Option<(&'a Person, &'a Person)> {
    sdrs.iter().enumerate().find_map(|(at, one)| {
        let shares = |other: &&&Person| one.account.is_some() && one.account == other.account;
        sdrs.get(at + 1..)?.iter().find(shares).map(|other| (*one, *other))
    })
}
