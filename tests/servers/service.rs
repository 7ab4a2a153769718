//! What a service manager and a collector of logs hear from `baton run`. Its mail servers are not there, and need not be.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::mistakes::config;

/// The next notice that begins so; those that come every half second beside it are passed over.
fn wait_for(manager: &UnixDatagram, wanted: &str) -> String {
    let mut buffer = [0; 512];
    for _ in 0..200 {
        let length = manager.recv(&mut buffer).unwrap_or_else(|error| panic!("no {wanted}: {error}"));
        let notice = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if notice.starts_with(wanted) {
            return notice;
        }
        assert_eq!(notice, "WATCHDOG=1", "instead of {wanted}");
    }
    panic!("no {wanted}");
}

fn signal(agent: &Child, name: &str) {
    let status = Command::new("kill").args([name, &agent.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_service_manager_hears_of_every_turn_and_each_line_of_a_json_log_is_an_object() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    // The name of a login that is told in the log.
    let toml = config().replace("login = \"dana", r#"login = "\u009b2J\u202edana"#);
    assert_ne!(toml, config());
    fs::write(folder.join("baton.toml"), toml).unwrap();
    let manager = UnixDatagram::bind(folder.join("manager")).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut agent = Command::new(env!("CARGO_BIN_EXE_baton"))
        .args(["run", "--log", "json"])
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("BED_PASSWORD", "secret")
        .env("NOTIFY_SOCKET", folder.join("manager"))
        .env("WATCHDOG_USEC", "1000000")
        .stdout(Stdio::piped())
        .stderr(fs::File::create(folder.join("log")).unwrap())
        .spawn()
        .unwrap();
    wait_for(&manager, "READY=1");
    wait_for(&manager, "WATCHDOG=1");
    wait_for(&manager, "WATCHDOG=1");
    signal(&agent, "-HUP");
    let reloading = wait_for(&manager, "RELOADING=1");
    let since_boot = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
    assert!(since_boot.is_some_and(|number| number.parse::<u64>().is_ok()), "{reloading}");
    wait_for(&manager, "READY=1");
    wait_for(&manager, "WATCHDOG=1");
    signal(&agent, "-TERM");
    wait_for(&manager, "STOPPING=1");
    assert!(agent.wait().unwrap().success());
    let log = fs::read_to_string(folder.join("log")).unwrap();
    assert!(log.lines().count() > 2, "{log}");
    for line in log.lines() {
        let entry: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{entry}");
    }
    assert!(!log.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{log:?}");
}
