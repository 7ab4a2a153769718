//! What strangers wrote, and what somebody left where a file is meant, through the built binary: nothing of it steers the
//! terminal, and nothing is waited for or read without end. Needs no mail server.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use super::mistakes::{config, record};
use crate::support::PASSWORD;

/// Longer than any of these commands takes, on a machine that is busy.
const LONGEST: &str = "60";

/// Runs a line of the shell, in which `baton` is the program. Its status, and all that it says.
fn shell(folder: &Path, on_terminal: bool, line: &str) -> (i32, String) {
    let mut command = Command::new("timeout");
    command.args([LONGEST, if on_terminal { "script" } else { "bash" }]);
    if on_terminal {
        command.arg("-qec");
    } else {
        command.arg("-c");
    }
    command.arg(if on_terminal { line.to_owned() } else { format!("{{ {line} ; }} 2>&1") });
    if on_terminal {
        command.arg("/dev/null");
    }
    let bin = Path::new(env!("CARGO_BIN_EXE_baton")).parent().unwrap();
    let output = command
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", bin.display()))
        .env("HOME", folder.join("home"))
        .env("SHELL", "/bin/bash")
        .env("LANG", "C.UTF-8")
        .env("TERM", "xterm-256color")
        .env("TZ", "UTC")
        .env("BED_PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
}

/// What a terminal would obey, beside colours, the ends of lines and a progress that is taken away.
fn steering(said: &str) -> Vec<char> {
    // The terminal itself adds one to each end of a line.
    let text = said.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r\u{1b}[K", "");
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let plain = parts.fold(first, |all, part| match part.split_once('m') {
        Some((codes, rest)) if codes.chars().all(|c| c.is_ascii_digit() || c == ';') => all + rest,
        _ => all + "\u{1b}" + part,
    });
    let is_steering = |c: &char| {
        c.is_control() && !"\n\t".contains(*c)
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    plain.chars().filter(is_steering).collect()
}

#[test]
fn nothing_of_a_mail_a_record_or_a_name_steers_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let hostile =
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[8m\u{9b}2J\u{9d}0;x\u{9c}\u{202e}gnp.exe\u{2066}\u{8}\u{7f}";
    let mail = format!(
        "From: \"{hostile}\" <eve@acme.example>\nTo: dana@vendor.example\nSubject: Re: {hostile}\nMessage-ID: \
         <1@acme.example>\nDate: Tue, 24 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; \
         charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nHello {hostile}\n{hostile}\n"
    );
    fs::write(folder.join("evil.eml"), &mail).unwrap();
    fs::write(
        folder.join("b\u{1b}]0;x\u{7}\u{202e}.mbox"),
        format!("From eve Tue Nov 24 10:00:00 2026\n{mail}"),
    )
    .unwrap();
    let wrong = record().replace("AE: Calvin Reyes", &format!("AE: {hostile}"));
    fs::write(folder.join("a\u{1b}]0;x\u{7}\u{9b}2J\u{202e}b.txt"), wrong).unwrap();
    fs::write(folder.join("baton.toml"), config()).unwrap();
    let escaped = r"a\u001B]0;x\u0007\u009B2J\u202E";
    let zone = config().replace("America/New_York", escaped);
    assert_ne!(zone, config());
    fs::write(folder.join("zone.toml"), zone).unwrap();
    let name = config().replace("Dana Fox", &format!("Dana {escaped}"));
    fs::write(folder.join("name.toml"), name).unwrap();
    let login = config().replace("login = \"", &format!("login = \"{escaped}"));
    fs::write(folder.join("login.toml"), login).unwrap();
    for (line, says) in [
        ("baton classify evil.eml", "Hello"),
        ("baton --json classify evil.eml", "author_text"),
        ("baton check a*b.txt", "is not in the configuration"),
        ("baton --json check a*b.txt", "is not in the configuration"),
        ("baton --config zone.toml status", "zone"),
        ("baton --config name.toml status", ""),
        ("baton --config login.toml doctor", "dana"),
        ("baton --config login.toml -vv run --once", "error"),
        ("baton --config login.toml run --once --log json", "dana"),
        ("baton audit --mailbox b*.mbox", "no handoffs were found"),
        ("baton audit --mailbox b*.mbox --csv -", ""),
        ("baton check --no\u{1b}[2J\u{9b}x", "unexpected argument"),
        ("baton show \u{1b}[2J\u{9b}x", ""),
    ] {
        for on_terminal in [true, false] {
            let (status, said) = shell(folder, on_terminal, line);
            assert!(status != 124 && status != 101, "{line:?}: status {status}: {said}");
            assert!(said.contains(says), "{line:?}: {said}");
            assert_eq!(steering(&said), [' '; 0], "{line:?} on a terminal: {on_terminal}: {said:?}");
            assert!(on_terminal || !said.contains('\u{1b}'), "{line:?}: {said:?}");
        }
    }
    let (_, json) = shell(folder, false, "baton --json classify evil.eml");
    let seen: serde_json::Value = serde_json::from_str(&json).unwrap();
    let text = seen[0]["author_text"].as_str().unwrap();
    assert!(text.contains('\u{202e}') && text.contains('\u{9b}'), "the same value: {text:?}");
}

#[test]
fn a_pipe_a_device_or_an_endless_file_is_refused_at_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
    symlink("pipe", folder.join("link")).unwrap();
    symlink("/dev/zero", folder.join("zero")).unwrap();
    fs::File::create(folder.join("huge")).unwrap().set_len(1 << 40).unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    for what in ["link", "zero"] {
        fs::create_dir(folder.join(format!("with-{what}"))).unwrap();
        symlink(format!("../{what}"), folder.join(format!("with-{what}/intro.txt"))).unwrap();
    }
    let right = config();
    let written = |name: &str, text: String| {
        assert_ne!(text, right, "{name}");
        fs::write(folder.join(name), text).unwrap();
    };
    fs::write(folder.join("baton.toml"), &right).unwrap();
    fs::write(folder.join("acme.txt"), record().replace("Calvin Reyes", "Calvin Reyez")).unwrap();
    fs::write(folder.join("evil.eml"), "From: a@b.example\nSubject: hi\n\nhello\n").unwrap();
    for (what, said) in [
        ("link", "it is a pipe, not a file"),
        ("zero", "it is a device, not a file"),
        ("huge", "it is larger than 16 MiB"),
        ("folder", "folder"),
    ] {
        let in_password = "{ env = \"BED_PASSWORD\" }";
        written(&format!("people-{what}.toml"), format!("people_file = \"{what}\"\n{right}"));
        written(&format!("ca-{what}.toml"), right.replace("login =", &format!("ca = \"{what}\"\nlogin =")));
        written(
            &format!("password-{what}.toml"),
            right.replace(in_password, &format!("{{ file = \"{what}\" }}")),
        );
        fs::rename(folder.join(what), folder.join(format!("{what}.ics"))).unwrap();
        symlink(format!("{what}.ics"), folder.join(what)).unwrap();
        written(
            &format!("days-{what}.toml"),
            right.replace("introduce =", &format!("holidays = [\"{what}.ics\"]\nintroduce =")),
        );
        let mut lines = vec![
            (format!("baton --config {what} status"), 3),
            (format!("baton --config people-{what}.toml status"), 3),
            (format!("baton --config days-{what}.toml status"), 3),
            (format!("baton --config ca-{what}.toml status"), 3),
            (format!("baton --config password-{what}.toml doctor"), 4),
        ];
        if what != "huge" {
            lines.extend([
                (format!("baton check {what}"), 3),
                (format!("baton classify {what}"), 3),
                (format!("baton audit --crm {what}"), 3),
            ]);
        }
        if ["link", "zero"].contains(&what) {
            let toml = format!("templates-{what}.toml");
            written(&toml, format!("templates = \"with-{what}\"\n{right}"));
            lines.push((format!("baton --config {toml} templates"), 3));
            lines.push((format!("baton --config {toml} status"), 3));
            let (status, answer) = {
                written("database.toml", right.replace("baton.db", what));
                shell(folder, false, "baton --config database.toml status")
            };
            assert!(status == 3 && answer.contains("is no database"), "{answer}");
        }
        for (line, expected) in lines {
            let (status, answer) = shell(folder, false, &line);
            assert_eq!(status, expected, "{line}: {answer}");
            let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(answer.contains(said), "{line}: {answer}");
        }
    }
    let (status, answer) = shell(folder, false, "baton audit --mailbox link; baton audit --mailbox zero");
    assert!(status == 3 && !answer.contains("panicked"), "{answer}");
}

#[test]
fn what_the_shell_opens_is_read_as_before() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("baton.toml"), config()).unwrap();
    fs::write(folder.join("acme.txt"), record().replace("Calvin Reyes", "Calvin Reyez")).unwrap();
    fs::write(folder.join("hi.eml"), "From: a@b.example\nSubject: lunch\n\nhello\n").unwrap();
    for (line, says) in [
        ("baton check /dev/stdin < acme.txt", "did you mean"),
        ("baton check <(cat acme.txt)", "did you mean"),
        ("cat acme.txt | baton check -", "did you mean"),
        ("cat acme.txt | baton check /dev/stdin", "did you mean"),
        ("baton check - < /dev/zero", "error"),
        ("baton check /dev/stdin < /dev/zero", "error"),
        ("baton classify <(cat hi.eml)", "lunch"),
        ("cat hi.eml | baton classify -", "lunch"),
    ] {
        let (status, said) = shell(folder, false, line);
        assert!(status != 124 && said.contains(says), "{line}: {status}: {said}");
    }
}
