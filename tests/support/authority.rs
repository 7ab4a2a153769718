//! A certificate authority for tests and a server certificate signed by it, made once for each process
//! by the openssl command, which Dovecot's package brings along.

use std::{fs, path::Path, process::Command, sync::OnceLock};

/// File names and contents.
type Files = Vec<(&'static str, Vec<u8>)>;

/// Writes `ca.pem`, `leaf.pem` and `leaf.key` into the folder.
pub(crate) fn write_into(folder: &Path) {
    static FILES: OnceLock<Files> = OnceLock::new();
    for (name, bytes) in FILES.get_or_init(make) {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Certificates for `localhost` that nobody ought to trust, with the authority that has signed the first two (`ca.pem`)
/// and the key of them all (`leaf.key`): `expired.pem`, `other-host.pem`, `self-signed.pem`, `own-authority.pem` (the
/// same, as `openssl req -x509` makes it), and `unknown.pem` by an authority that nobody has.
pub(crate) fn write_faulty_into(folder: &Path) {
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    for (name, subject) in [("ca", "/CN=the company"), ("stranger", "/CN=a stranger")] {
        let (keyout, out) = (format!("{name}.key"), format!("{name}.pem"));
        let rest = ["-keyout", &keyout, "-out", &out, "-days", "30", "-subj", subject];
        openssl(folder, &["req", "-x509"], &key, &rest);
    }
    let leaf = ["-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost"];
    openssl(folder, &["req"], &key, &leaf);
    let own =
        ["-x509", "-key", "leaf.key", "-out", "own-authority.pem", "-days", "30", "-subj", "/CN=localhost"];
    openssl(folder, &["req"], &own, &["-addext", "subjectAltName=DNS:localhost"]);
    for name in ["localhost", "other.example"] {
        let text = format!("subjectAltName=DNS:{name}\nbasicConstraints=CA:FALSE\n");
        fs::write(folder.join(name), text).unwrap();
    }
    let by = |authority: &str| {
        vec![
            "-CA".to_owned(),
            format!("{authority}.pem"),
            "-CAkey".to_owned(),
            format!("{authority}.key"),
            "-CAcreateserial".to_owned(),
        ]
    };
    for (name, days, host, signer) in [
        ("expired", "-1", "localhost", by("ca")),
        ("other-host", "30", "other.example", by("ca")),
        ("self-signed", "30", "localhost", vec!["-signkey".to_owned(), "leaf.key".to_owned()]),
        ("unknown", "30", "localhost", by("stranger")),
    ] {
        let signer: Vec<&str> = signer.iter().map(String::as_str).collect();
        let out = format!("{name}.pem");
        let rest = ["-in", "leaf.csr", "-days", days, "-extfile", host, "-out", &out];
        openssl(folder, &["x509", "-req"], &signer, &rest);
    }
}

/// Another authority, which has signed nothing here.
pub(crate) fn stranger() -> Vec<u8> {
    static OTHER: OnceLock<Files> = OnceLock::new();
    OTHER.get_or_init(make).iter().find(|(name, _)| *name == "ca.pem").unwrap().1.clone()
}

fn make() -> Files {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    openssl(
        path,
        &["req", "-x509"],
        &key,
        &[
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "3650",
            "-subj",
            "/CN=test bed",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
        ],
    );
    openssl(path, &["req"], &key, &["-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost"]);
    fs::write(path.join("ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        .unwrap();
    openssl(
        path,
        &["x509", "-req"],
        &[],
        &[
            "-in",
            "leaf.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "3650",
            "-extfile",
            "ext",
            "-out",
            "leaf.pem",
        ],
    );
    ["ca.pem", "leaf.pem", "leaf.key"].map(|name| (name, fs::read(path.join(name)).unwrap())).into()
}

fn openssl(folder: &Path, verb: &[&str], key: &[&str], rest: &[&str]) {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(verb)
        .args(key)
        .args(rest)
        .output()
        .expect("openssl");
    assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
}
