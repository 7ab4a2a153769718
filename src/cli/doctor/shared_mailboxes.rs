//! Mailboxes that too many people read: the agent's, through which the tokens of other SDRs pass, and one that two SDRs
//! share. docs/behaviour.md section 13.
//!
//! These are warnings: nothing fails by them, and who may read what is for the team to say.

use crate::config::{Account, Config};
use crate::domain::people::{Person, TeamRole};

use super::finding::DoctorFinding;

/// What there is to warn about; nothing where every mailbox is read by those whom it concerns.
pub(super) fn warnings(config: &Config) -> Vec<DoctorFinding> {
    let sdrs: Vec<&Person> = with_role(config, TeamRole::Sdr);
    let mut found: Vec<DoctorFinding> = agents(config, &sdrs).into_iter().collect();
    found.extend(shared(config, &sdrs));
    found
}

fn with_role(config: &Config, role: TeamRole) -> Vec<&Person> {
    config.people.iter().filter(|person| person.roles.contains(&role)).collect()
}

/// The agent's mailbox is a person's, and there are SDRs beside that person.
fn agents(config: &Config, sdrs: &[&Person]) -> Option<DoctorFinding> {
    let account = config.accounts.get(&config.agent.account)?;
    let is_owner = |person: &&Person| {
        person.address == account.address
            || person.aliases.contains(&account.address)
            || person.account.as_ref() == Some(&config.agent.account)
    };
    let owner = config.people.iter().find(is_owner)?;
    let others: Vec<&str> =
        sdrs.iter().filter(|sdr| sdr.name != owner.name).map(|sdr| sdr.name.as_str()).collect();
    if others.is_empty() {
        return None;
    }
    let found = format!(
        "{} is {}'s own mailbox, and what lets {} send an intro by mail passes through it",
        account.address,
        owner.name,
        others.join(", ")
    );
    let remedy = format!(
        "give baton a mailbox of its own: `baton init --agent {}`",
        proposed(account.address.domain(), config)
    );
    Some(DoctorFinding::about("agent's mailbox").warning(found, remedy))
}

/// An address for baton that nobody has.
pub(in crate::cli) fn proposed(domain: &str, config: &Config) -> String {
    let taken = |address: &str| {
        config.people.iter().any(|person| person.address.as_str() == address)
            || config.accounts.values().any(|account| account.address.as_str() == address)
    };
    let names = ["baton", "handoff", "handoffs"];
    let free = names.iter().map(|name| format!("{name}@{domain}")).find(|address| !taken(address));
    free.unwrap_or_else(|| format!("baton-agent@{domain}"))
}

/// SDRs whose accounts are one mailbox: the same account, or the same login at the same server.
fn shared(config: &Config, sdrs: &[&Person]) -> Vec<DoctorFinding> {
    let mut groups: Vec<(&Account, Vec<&str>)> = Vec::new();
    for sdr in sdrs {
        let Some(account) = sdr.account.as_ref().and_then(|name| config.accounts.get(name)) else { continue };
        match groups.iter_mut().find(|(other, _)| is_same_mailbox(other, account)) {
            Some((_, names)) => names.push(&sdr.name),
            None => groups.push((account, vec![&sdr.name])),
        }
    }
    groups
        .into_iter()
        .filter(|(_, names)| names.len() > 1)
        .map(|(account, names)| {
            let found = format!(
                "{} share the mailbox {}, so each of them can say yes to the others' intros",
                names.join(" and "),
                account.address
            );
            let remedy = "give each SDR an account of their own, named by `account` beside the person";
            DoctorFinding::about("shared mailbox").warning(found, remedy)
        })
        .collect()
}

fn is_same_mailbox(one: &Account, other: &Account) -> bool {
    one.address == other.address
        || (one.imap.host.eq_ignore_ascii_case(&other.imap.host)
            && one.imap.port == other.imap.port
            && one.login.eq_ignore_ascii_case(&other.login))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Zones, utc};
    use crate::config::{self, Surroundings};

    fn account(name: &str, login: &str) -> String {
        format!(
            "[accounts.{name}]\naddress = \"{name}@vendor.example\"\nimap = \"imap://127.0.0.1:143\"\nsmtp = \"smtp://127.0.0.1:25\"\nlogin = \"{login}\"\npassword = {{ env = \"X\" }}\n"
        )
    }

    fn person(name: &str, role: &str, address: &str, account: &str) -> String {
        let account = if account.is_empty() { String::new() } else { format!("account = \"{account}\"\n") };
        format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{address}@vendor.example\"\n{account}"
        )
    }

    fn said(agent: &str, rest: &[String]) -> Vec<String> {
        let text = format!(
            "database = \"b.db\"\n[agent]\naccount = \"{agent}\"\noperator = \"ops@vendor.example\"\n{}",
            rest.concat()
        );
        let surroundings = Surroundings { zones: &Zones::built_in(), machine: utc() };
        let config = config::parse(&text, std::path::Path::new("baton.toml"), &surroundings);
        let config = config.unwrap_or_else(|faults| panic!("{faults:#?}"));
        let findings = warnings(&config);
        assert!(findings.iter().all(|finding| finding.is_good() && finding.words().1.is_some()));
        findings.iter().map(|finding| format!("{}: {}", finding.label(), finding.words().0)).collect()
    }

    #[test]
    fn the_agents_mailbox_is_warned_about_where_other_sdrs_write_to_it() {
        let calvin = person("Calvin Reyes", "ae", "calvin", "");
        let one = [account("dana", "dana"), person("Dana Fox", "sdr", "dana", "dana"), calvin.clone()];
        assert_eq!(said("dana", &one), [""; 0]);
        let two = [one.concat(), person("Sam Poe", "sdr", "sam", "")];
        assert!(said("dana", &two)[0].contains("Dana Fox's own mailbox, and what lets Sam Poe send"));
        let own = [two.concat(), account("baton", "baton")];
        assert_eq!(said("baton", &own), [""; 0]);
        // A manager's mailbox is a person's as well.
        let managers =
            [one.concat(), account("morgan", "morgan"), person("Morgan Hale", "manager", "morgan", "")];
        assert!(said("morgan", &managers)[0].contains("Morgan Hale's own mailbox"));
    }

    #[test]
    fn two_sdrs_in_one_mailbox_are_warned_about() {
        let people = |second: &str| {
            [person("Dana Fox", "sdr", "dana", "team"), person("Sam Poe", "sdr", "sam", second)].concat()
        };
        let accounts = [account("baton", "baton"), account("team", "team"), account("sam", "sam")].concat();
        let same = said("baton", &[accounts.clone(), people("team")]);
        assert_eq!(same.len(), 1, "{same:?}");
        assert!(same[0].contains("Dana Fox and Sam Poe share the mailbox team@vendor.example"), "{same:?}");
        assert_eq!(said("baton", &[accounts, people("sam")]), [""; 0]);
        let login = [account("baton", "baton"), account("team", "team"), account("sam", "Team")].concat();
        assert_eq!(said("baton", &[login, people("sam")]).len(), 1);
    }
}
