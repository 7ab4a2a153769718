//! What is refused before anything is written or sent: docs/behaviour.md section 2, docs/interface.md's exit statuses.

use std::fs;

use super::scene::{AMPLE, Scene, in_two_days, record};
use crate::support::{CALVIN, DANA};

#[test]
fn a_record_with_eight_faults_is_refused_with_all_eight() {
    let scene = Scene::new(AMPLE);
    let faulty = record("acme.example", in_two_days(), 1800)
        .replace("[x] ICP", "[ ] ICP")
        .replace("AE: Calvin Reyes", "AE: Calvin Rayes")
        .replace(
            "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"",
            "TBD",
        )
        .replace("Format: Zoom", "Format: ...")
        .replace("decision-maker", "boss")
        .replace("How handled: Said the demo covers ROI; did not push further.\n", "")
        .replace("Zyxware", "n/a")
        .replace("To: Sarah Lee <sarah@acme.example>", "To: Sarah Lee <sarah at acme>");
    scene.bed.write_file("acme.txt", &faulty);
    for verb in [&["check", "acme.txt"][..], &["send", "acme.txt", "--yes"], &["preview", "acme.txt"]] {
        let ran = scene.bed.baton(verb).expect_status(3);
        let mut places: Vec<&str> = ran
            .stderr
            .split_whitespace()
            .filter(|word| {
                let place = word.strip_prefix("acme.txt:").unwrap_or_default();
                let mut numbers = place.trim_end_matches(':').split(':').map(str::parse::<u32>);
                matches!((numbers.next(), numbers.next(), numbers.next()), (Some(Ok(_)), Some(Ok(_)), None))
            })
            .collect();
        places.dedup();
        assert_eq!(places.len(), 8, "{verb:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("Calvin Reyes"), "the nearest right name: {}", ran.stderr);
    }
    assert!(scene.all().is_empty());
    for who in [DANA, CALVIN, "sarah@acme.example"] {
        for folder in ["INBOX", "Sent"] {
            assert!(scene.bed.client(who).messages(folder).is_empty());
        }
    }
    assert_eq!(fs::read_to_string(scene.bed.work().join("acme.txt")).unwrap(), faulty);
    scene.end(&[]);
}

#[test]
fn a_configuration_with_faults_is_refused_with_all_of_them() {
    let scene = Scene::new(AMPLE);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    let good = scene.toml(AMPLE, "");
    let bad = good
        .replacen("policy = ", "polcy = ", 1)
        .replacen("America/New_York", "America/New_Yorck", 1)
        .replacen("manager = \"Morgan Hale\"", "manager = \"Morgan Hail\"", 1);
    scene.bed.write_config(&bad);
    let ran = scene.bed.baton(&["send", "acme.txt", "--yes"]).expect_status(3);
    for hint in ["policy", "America/New_York", "Morgan Hale"] {
        assert!(ran.stderr.contains(hint), "{hint}: {}", ran.stderr);
    }
    assert!(ran.stderr.matches("baton.toml:").count() >= 3, "{}", ran.stderr);
    assert_eq!(scene.bed.baton(&["shw"]).status, 2);
    scene.bed.write_config(&good);
    assert!(scene.all().is_empty());
    scene.end(&[]);
}
