//! Files with passwords and keys that every user of the machine may read.
//!
//! A warning: the file works, and who else has an account there is for the operator to say. Known limit: whether a
//! folder above keeps others away is not looked at, nor who is in the file's group.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{Account, Config, ConfiguredAuth, SecretSource, TokenFlow};
use crate::files;

use super::finding::DoctorFinding;

/// One for each file that others may read.
pub(super) fn warnings(config: &Config) -> Vec<DoctorFinding> {
    let named: BTreeSet<&Path> = config.accounts.values().filter_map(secret_file).collect();
    let open = named.into_iter().filter(|path| files::is_readable_by_others(path));
    open.map(|path| {
        let shown = path.display();
        let found = format!("{shown} holds a password or key, and its mode lets every user read it");
        let remedy =
            format!("`chmod o-r {shown}`, once the user that baton runs as can read it without that");
        DoctorFinding::about("secrets").warning(found, remedy)
    })
    .collect()
}

fn secret_file(account: &Account) -> Option<&Path> {
    let secret = match &account.auth {
        ConfiguredAuth::Password(source) => Some(source),
        ConfiguredAuth::OAuth2(oauth2) => match &oauth2.flow {
            TokenFlow::ServiceAccount { key_file, .. } => return Some(key_file),
            TokenFlow::ClientCredentials { client_secret, .. } => Some(client_secret),
            TokenFlow::Consent(client) => client.client_secret.as_ref(),
        },
    };
    match secret {
        Some(SecretSource::File(path)) => Some(path),
        Some(SecretSource::Env(_) | SecretSource::Command(_) | SecretSource::Keyring) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::{Zones, utc};
    use crate::config::{self, Surroundings};

    #[test]
    fn a_password_file_that_everybody_may_read_is_warned_about_and_fails_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("dana.secret");
        fs::write(&secret, "hidden\n").unwrap();
        // A link to it is as open as the file.
        std::os::unix::fs::symlink(&secret, folder.path().join("link")).unwrap();
        let account = |name: &str, file: &str| {
            format!(
                "[accounts.{name}]\naddress = \"{name}@vendor.example\"\nimap = \"imap://127.0.0.1:143\"\n\
                 smtp = \"smtp://127.0.0.1:25\"\npassword = {{ file = \"{file}\" }}\n"
            )
        };
        let accounts =
            account("dana", "dana.secret") + &account("sam", "dana.secret") + &account("lee", "link");
        let text = format!(
            "database = \"b.db\"\n[agent]\naccount = \"dana\"\noperator = \"ops@vendor.example\"\n{accounts}"
        );
        let surroundings = Surroundings { zones: &Zones::built_in(), machine: utc() };
        let config = config::parse(&text, &folder.path().join("baton.toml"), &surroundings).unwrap();
        for (mode, expected) in [(0o600, 0), (0o640, 0), (0o644, 2), (0o604, 2)] {
            fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
            let found = warnings(&config);
            assert_eq!(found.len(), expected, "{mode:o}");
            for finding in &found {
                let (words, remedy) = finding.words();
                assert!(
                    finding.is_good() && words.contains("lets every user read") && !words.contains("hidden"),
                    "{words}"
                );
                assert!(remedy.is_some_and(|remedy| remedy.starts_with("`chmod o-r ")), "{remedy:?}");
            }
        }
    }
}
