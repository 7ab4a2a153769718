//! What the tests of this folder share.

use crate::clock::{Zones, utc};
use crate::config::{self, Surroundings};
use crate::domain::judge::Policy;

const CONFIGURATION: &str = r#"
database = "baton.db"

[agent]
account = "baton"
operator = "ops@vendor.example"

[accounts.baton]
address = "baton@vendor.example"
imap = "imap://127.0.0.1:1"
smtp = "smtp://127.0.0.1:1"
login = "baton"
password = { env = "PASSWORD" }

[[people]]
name = "Dana Fox"
roles = ["sdr"]
address = "dana@vendor.example"

[[people]]
name = "Calvin Reyes"
roles = ["ae"]
address = "calvin@vendor.example"
"#;

/// One SDR and one AE at vendor.example.
pub(in crate::agent) fn policy() -> Policy {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("baton.toml");
    std::fs::write(&path, CONFIGURATION).unwrap();
    let config = config::load(&path, &Surroundings { zones: &Zones::built_in(), machine: utc() });
    config.unwrap_or_else(|faults| panic!("{faults:#?}")).policy(|_, _| false)
}
