//! Handing off and asking by mail alone, on real servers: docs/behaviour.md sections 13 and 14.

use std::{thread, time::Duration};

use super::letter::Letter;
use super::programs::Program;
use super::scene::{AMPLE, DANA_BOX, NORA, Scene, in_two_days, mails, words};
use crate::support::{CALVIN, DANA, client::Stored};

pub(crate) const BATON: &str = "baton@vendor.example";

/// A scene in which the agent has a mailbox of its own, which letters go to.
pub(crate) fn by_mail(sla: &str) -> Scene {
    Scene::new(sla).with_own_mailbox(sla)
}

/// The newest mail for somebody of those that fit, once there are so many.
pub(crate) fn newest(scene: &Scene, who: &str, count: usize, fits: impl Fn(&Stored) -> bool) -> Stored {
    let mut all = Vec::new();
    for _ in 0..200 {
        all = scene.bed.client(who).messages("INBOX");
        let mut fitting: Vec<Stored> = all.iter().filter(|mail| fits(mail)).cloned().collect();
        if fitting.len() >= count {
            return fitting.pop().unwrap();
        }
        thread::sleep(Duration::from_millis(100));
    }
    let texts: Vec<String> = all.iter().map(words).collect();
    panic!(
        "waited in vain for {count} mails to {who}, who has:\n{}\n{}",
        texts.join("\n=====\n"),
        scene.log_end()
    );
}

/// The form's lines, filled in as a person does: the pain below its note, everything else on its line.
fn filled_in(form: &str, domain: &str, format: &str) -> String {
    let company = domain.split('.').next().unwrap();
    let start = in_two_days().format("%Y-%m-%d %H:%M UTC, 30 min").to_string();
    let value = |line: &str| -> Option<String> {
        Some(match line.trim_end() {
            line if line.starts_with("HANDOFF RECORD: |") => line.replacen(": |", &format!(": {company} |"), 1),
            line if line.starts_with("SDR:") => format!("{line} Calvin Reyes"),
            "[ ] ICP criteria confirmed" => return None,
            line if line.starts_with("[ ] ") && !line.contains("by SDR") => line.replacen("[ ]", "[x]", 1),
            "Date/Time:" => format!("Date/Time: {start}"),
            "Format:" => format!("Format: {format}"),
            "Attendees:" => format!("Attendees: Sarah Lee <sarah@{domain}>"),
            "Agenda:" => "Agenda: walk through the reporting pain and demo the pipeline dashboard with the whole team".into(),
            "--- | --- | ---" => "--- | --- | ---\nSarah Lee | VP Sales | decision-maker".into(),
            "Objection:" => "Objection: Asked about cost against the current tool.".into(),
            "How handled:" => "How handled: Said the demo covers ROI; did not push further.".into(),
            "#: none mentioned" => "#: none mentioned\n\nnone mentioned".into(),
            "#: Not your summary of it." => {
                "#: Not your summary of it.\n\n\"Our reps spend 20 minutes a day updating Salesforce & still miss half the fields.\"".into()
            }
            "To:" => format!("To: Sarah Lee <sarah@{domain}>"),
            "Discussed:" => "Discussed: we talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed".into(),
            "Why this AE:" => "Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs".into(),
            "What to expect:" => "What to expect: a 30-minute Zoom, a short look at your reporting, then the dashboard".into(),
            _ => return None,
        })
    };
    form.lines().map(|line| value(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

fn of_kind<'a>(subject: &'a str, company: &'a str) -> impl Fn(&Stored) -> bool + use<'a> {
    move |mail| {
        let found = mail.header("Subject").unwrap_or_default();
        found.contains(subject) && (company.is_empty() || words(mail).contains(company))
    }
}

/// Dana answers a mail in this program: what she types, and the original below with what she wrote into it.
fn answer(scene: &Scene, original: &Stored, program: Program, typed: &str, quoted: &str) {
    let subject = original.header("Subject").unwrap();
    let (kind, body) = program.body(typed, quoted, &subject);
    scene.mail(&Letter::answer(original, DANA_BOX, &[BATON], "").with_body(&kind, &body));
}

#[test]
fn a_handoff_by_letters_alone_from_every_program_of_microsoft() {
    hand_off_from(&Program::MICROSOFT);
}

#[test]
fn a_handoff_by_letters_alone_from_every_other_program() {
    hand_off_from(&Program::OTHERS);
}

/// In one scene, from one after the other: no more of them than the 20 answers that a person gets within an hour allow.
fn hand_off_from(programs: &[Program]) {
    let mut scene = by_mail(AMPLE);
    scene.run();
    for (count, program) in programs.iter().copied().enumerate() {
        let domain = program.domain();
        let company = domain.split('.').next().unwrap();
        scene.mail(&Letter::new(
            DANA_BOX,
            &[BATON],
            "Handoff",
            "Hi, please send me the form.\n\nThanks\nDana",
        ));
        let form = newest(&scene, DANA, count + 1, of_kind("fill in and reply", ""));
        answer(&scene, &form, program, "", &filled_in(&words(&form), domain, "TBD"));
        let faults = newest(&scene, DANA, 1, of_kind("to fix", company));
        let told = words(&faults);
        assert!(faults.header("Subject").unwrap().contains("2 things"), "{program:?}: {told}");
        assert!(told.contains("`ICP criteria confirmed` is not ticked"), "{program:?}: {told}");
        assert!(told.contains("`TBD` says nothing"), "{program:?}: {told}");
        let corrections = "Format: Zoom\n[x] ICP criteria confirmed\n\nThanks\nDana";
        answer(&scene, &faults, program, corrections, &told);
        let ready = newest(&scene, DANA, 1, of_kind("ready to send", company));
        let shown = words(&ready);
        assert!(shown.contains("\n- Format: Zoom\n- [x] ICP criteria confirmed\n"), "{program:?}: {shown}");
        assert!(!shown.contains("couldn't read"), "{program:?}: {shown}");
        assert!(
            scene.bed.client(&format!("sarah@{domain}")).messages("INBOX").is_empty(),
            "nothing has left"
        );
        answer(&scene, &ready, program, "send", &shown);
        let intro = newest(&scene, &format!("sarah@{domain}"), 1, |_| true);
        let words_of_intro = words(&intro);
        for line in words_of_intro.lines().filter(|line| !line.trim().is_empty()) {
            assert!(shown.contains(line), "{program:?}: `{line}` was not shown:\n{shown}");
        }
        let record = newest(&scene, CALVIN, 1, of_kind("handoff record", company));
        let record = words(&record);
        for line in [
            "\"Our reps spend 20 minutes a day updating Salesforce & still miss half the fields.\"",
            "Agenda: walk through the reporting pain and demo the pipeline dashboard with the whole team",
            "Sarah Lee | VP Sales | decision-maker",
            "none mentioned",
        ] {
            assert!(record.contains(&format!("\n{line}\n")), "{program:?}: no `{line}` in\n{record}");
        }
    }
    let drafts = scene.bed.baton(&["drafts", "--json"]).expect_status(0).json();
    assert_eq!(drafts.as_array().unwrap().len(), 0, "{drafts}");
    assert_eq!(scene.all().len(), programs.len());
    scene.end(&letters_for_dana(&[
        ("[internal] New handoff record", programs.len()),
        ("[internal]", 2 * programs.len()),
    ]));
}

/// Beginnings of subjects of Dana's mail, so many times each.
fn letters_for_dana<'a>(kinds: &[(&'a str, usize)]) -> Vec<(&'static str, &'a str)> {
    kinds.iter().flat_map(|(start, count)| std::iter::repeat_n((DANA, *start), *count)).collect()
}

#[test]
fn words_in_answer_to_a_mail_are_done_and_told() {
    let mut scene = by_mail(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let record = scene.got(CALVIN, &acme.id, "record");
    let morgan = "Morgan Hale <morgan@vendor.example>";
    scene.mail(&Letter::answer(&record, morgan, &[BATON], "Over to Nora: Calvin is on leave."));
    newest(&scene, "morgan@vendor.example", 1, of_kind("Acme Corp: done", ""));
    let shown = scene.until(&acme.id, "another AE", |shown| shown["ae"] == "Nora Lind");
    assert_eq!(mails(&shown, "record").len(), 2);
    scene.bed.wait_for(NORA, "INBOX", 1, of_kind("handoff record", ""));
    scene.mail(&Letter::answer(&record, DANA_BOX, &[BATON], "touched: Nora called her"));
    scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    scene.mail(&Letter::new(DANA_BOX, &[BATON], "status", ""));
    let overview = newest(&scene, DANA, 1, of_kind("Your open handoffs", ""));
    assert!(words(&overview).contains("Acme Corp (Dana to Nora)"), "{}", words(&overview));
    scene.mail(&Letter::answer(&record, DANA_BOX, &[BATON], "close: they signed"));
    scene.until(&acme.id, "the end", |shown| shown["open"] == false);
    scene.end(&[
        ("morgan@vendor.example", "Acme Corp: done"),
        (DANA, "Acme Corp: done"),
        (DANA, "Acme Corp: done"),
        (DANA, "Acme Corp: done"),
        (DANA, "Your open handoffs"),
    ]);
}
