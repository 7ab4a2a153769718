//! What single programs and providers write, and where they do it: `provider/calendly.toml` and so on.
//!
//! A file holds lines of the roles that languages have, in the same tables and notation, where a program's wording is
//! the same whatever its user speaks; and facts that no language has: a scheduling tool's senders, hosts of links, the
//! ways of a mail server. All are found by the tests of this folder if wrong: a key that is unknown, a pattern
//! without an example, a host that two files claim.
//!
//! To add a scheduling tool is to add its file and its fixtures.

use std::sync::LazyLock;

use serde::Deserialize;

use super::file::{self, Source};

/// What a file says beside wording. All texts in lower case.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProviderFacts {
    pub scheduling: Option<SchedulingFacts>,
    pub replies: ReplyFacts,
    pub reports: ReportFacts,
    pub notices: NoticeFacts,
    pub invitations: InvitationFacts,
    pub reacting: ReactionFacts,
    pub links: LinkFacts,
    pub imap: Option<ImapFacts>,
    pub mailbox: Option<MailboxFacts>,
}

/// A scheduling tool.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SchedulingFacts {
    /// Domains (and all below them), or whole addresses, that it sends from.
    pub senders: Vec<String>,
    /// Words of which a subject must hold one, where its senders write other mail too. Empty: the common words of
    /// bookings.
    pub subjects: Vec<String>,
    /// Pieces of links that only mail about a booking holds.
    pub links: Vec<String>,
    /// What is in a subject before the name of the person who booked, which ` - ` and a figure end.
    pub before_name: Vec<String>,
    /// Subjects of its mail about bookings, for the tests.
    pub examples: Vec<String>,
}

/// Marks of automatic answers.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReplyFacts {
    /// Beginnings of the Message-IDs that its vacation notices have.
    pub message_ids: Vec<String>,
    /// Domains (and all below them) that ask senders to prove to be one.
    pub challengers: Vec<String>,
}

/// Marks of delivery reports.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReportFacts {
    /// Beginnings of subjects that nothing but its reports have.
    pub subjects: Vec<String>,
    /// Local parts that a manager of mailing lists writes from, and their endings behind a list's name.
    pub list_addresses: Vec<String>,
    pub list_endings: Vec<String>,
}

/// Marks of what a service writes about what somebody does in it, often under their name.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NoticeFacts {
    /// Domains (and all below them) from which it sends nothing else.
    pub senders: Vec<String>,
}

/// Marks of invitations.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InvitationFacts {
    /// Addresses that are in Sender where it sends an invitation for somebody.
    pub senders: Vec<String>,
}

/// Marks of reactions that are sent as mail.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReactionFacts {
    /// Pieces of links that nothing but its reactions hold.
    pub links: Vec<String>,
    /// Its name as its reactions write it below the emoji.
    pub names: Vec<String>,
}

/// Hosts of links, and everything below them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LinkFacts {
    /// Their links carry the real target in a query parameter.
    pub redirects: Vec<RedirectHost>,
    /// Their links are in the notation of Proofpoint's URL Defense.
    pub url_defense: Vec<String>,
    /// They show messages that a person recorded for one other.
    pub videos: Vec<LinkHost>,
    /// A team's chat.
    pub chats: Vec<LinkHost>,
    /// What links to that chat begin with where they name no host.
    pub chat_schemes: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedirectHost {
    pub host: String,
    /// Names of the parameters that may hold the target.
    pub parameters: Vec<String>,
    /// The only path that redirects, where the host serves other things too.
    pub path: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkHost {
    pub host: String,
    /// What the path must hold (a video's) or begin with (a chat's), where the host serves other things too.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// What its IMAP servers do that no capability announces.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ImapFacts {
    /// Its servers' domains, and everything below them.
    pub hosts: Vec<String>,
    /// The longest IDLE before it has to be renewed.
    pub idle_seconds: Option<u64>,
    /// It opens folders only for clients that have named themselves (RFC 2971).
    pub wants_id: bool,
    /// Mail that leaves through its submission appears in the Sent folder by itself.
    pub keeps_sent: bool,
}

/// Where the mailboxes of a mail domain are.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailboxFacts {
    pub domains: Vec<String>,
    /// Servers as `baton.toml` names them.
    pub imap: String,
    pub smtp: String,
}

/// One file.
#[derive(Debug)]
pub(crate) struct ProviderFile {
    /// As people know it.
    pub name: String,
    pub facts: ProviderFacts,
}

/// Tables that [`ProviderFacts`] has; all others hold lines by role.
const FACTS: [&str; 9] =
    ["scheduling", "replies", "reports", "notices", "invitations", "reacting", "links", "imap", "mailbox"];

struct ProviderFiles {
    files: Vec<ProviderFile>,
    wording: Vec<Source>,
}

static ALL: LazyLock<ProviderFiles> = LazyLock::new(|| {
    let folder = file::FILES.get_dir("provider");
    let wording = file::sources(folder.into_iter().flat_map(|folder| folder.files()));
    let files = wording.iter().map(|source| provider_file(source, &mut Vec::new())).collect();
    ProviderFiles { files, wording }
});

/// All files, by the files' names.
pub(crate) fn all() -> &'static [ProviderFile] {
    &ALL.files
}

/// The texts of one list of all files.
pub(crate) fn all_of(list: impl Fn(&'static ProviderFacts) -> &'static [String]) -> Vec<&'static str> {
    all().iter().flat_map(|file| list(&file.facts)).map(String::as_str).collect()
}

/// The lines that they hold, by role.
pub(super) fn sources() -> &'static [Source] {
    &ALL.wording
}

fn is_facts(table: &str) -> bool {
    FACTS.contains(&table)
}

fn provider_file(source: &Source, faults: &mut Vec<String>) -> ProviderFile {
    let facts = source.tables(is_facts, faults).try_into::<ProviderFacts>().unwrap_or_else(|error| {
        faults.push(format!("{}.toml: {}", source.code, error.message()));
        ProviderFacts::default()
    });
    ProviderFile { name: source.name.clone(), facts }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::language::Role;

    fn faults_of(source: &Source) -> Vec<String> {
        let mut faults = Vec::new();
        provider_file(source, &mut faults);
        faults.extend(source.faults(is_facts));
        faults
    }

    #[test]
    fn every_file_is_read_whole_and_says_something() {
        let faults: Vec<String> = sources().iter().flat_map(faults_of).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        assert!(all().len() > 20, "the provider files were not found");
        for (file, words) in all().iter().zip(sources()) {
            assert!(!file.name.is_empty(), "{} has no name", words.code);
            let silent = Role::ALL.iter().all(|role| words.lines(*role).is_empty());
            assert!(!silent || file.facts != ProviderFacts::default(), "{} is empty", words.code);
        }
    }

    #[test]
    fn a_wrong_file_is_named_with_what_is_wrong() {
        let text = "name = \"X\"\n[scheduling]\nsender = []\n[calendar]\nsubject = []\n";
        let faults = faults_of(&file::read("x", text));
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("x.toml: unknown field `sender`"), "{faults:?}");
        assert_eq!(faults[1], "x.toml: no role is called calendar.subject");
    }

    /// What a file claims of senders, hosts and domains, by what for.
    fn claims(facts: &ProviderFacts) -> Vec<(&'static str, &str)> {
        let mut found: Vec<(&'static str, &str)> = Vec::new();
        if let Some(one) = &facts.scheduling {
            found.extend(one.senders.iter().map(|text| ("sender", text.as_str())));
            found.extend(one.links.iter().map(|text| ("booking link", text.as_str())));
            found.extend(one.subjects.iter().map(|text| ("", text.as_str())));
            found.extend(one.before_name.iter().map(|text| ("", text.as_str())));
        }
        found.extend(facts.replies.message_ids.iter().map(|text| ("message id", text.as_str())));
        found.extend(facts.replies.challengers.iter().map(|text| ("challenger", text.as_str())));
        found.extend(facts.reports.subjects.iter().map(|text| ("report", text.as_str())));
        found.extend(facts.reports.list_addresses.iter().map(|text| ("list", text.as_str())));
        found.extend(facts.reports.list_endings.iter().map(|text| ("", text.as_str())));
        found.extend(facts.notices.senders.iter().map(|text| ("notice", text.as_str())));
        found.extend(facts.invitations.senders.iter().map(|text| ("invitation", text.as_str())));
        found.extend(facts.reacting.links.iter().map(|text| ("reaction link", text.as_str())));
        found.extend(facts.reacting.names.iter().map(|text| ("reaction name", text.as_str())));
        found.extend(facts.links.redirects.iter().map(|one| ("redirect", one.host.as_str())));
        found.extend(facts.links.url_defense.iter().map(|text| ("redirect", text.as_str())));
        found.extend(facts.links.videos.iter().map(|one| ("video", one.host.as_str())));
        found.extend(facts.links.chats.iter().map(|one| ("chat", one.host.as_str())));
        found.extend(facts.imap.iter().flat_map(|one| &one.hosts).map(|text| ("imap", text.as_str())));
        found
            .extend(facts.mailbox.iter().flat_map(|one| &one.domains).map(|text| ("mailbox", text.as_str())));
        found
    }

    #[test]
    fn nothing_is_claimed_twice_and_all_is_in_lower_case() {
        let mut claimed: HashMap<(&str, &str), &str> = HashMap::new();
        for file in all() {
            for (what, text) in claims(&file.facts) {
                assert_eq!(text, text.to_lowercase(), "{}", file.name);
                let other = claimed.insert((what, text), &file.name);
                assert!(
                    what.is_empty() || other.is_none(),
                    "{text} is claimed by {} and {other:?}",
                    file.name
                );
            }
        }
    }

    #[test]
    fn what_a_text_is_looked_through_for_repeats_nothing() {
        for file in all() {
            let scheduling = file.facts.scheduling.iter();
            for texts in scheduling.flat_map(|one| [&one.subjects, &one.links, &one.senders]) {
                for (at, text) in texts.iter().enumerate() {
                    let other = texts
                        .iter()
                        .enumerate()
                        .find(|(place, other)| *place != at && text.contains(other.as_str()));
                    assert!(other.is_none(), "{}: `{text}` and {other:?}", file.name);
                }
            }
        }
    }
}
