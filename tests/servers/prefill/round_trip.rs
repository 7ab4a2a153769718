//! A filled-in form comes back as mail programs leave it, and is read.

use super::sources::conversation;
use super::stage::{Answer, Stage};

/// What the SDR adds.
fn completed(record: &str) -> String {
    let mut out = String::new();
    let mut lines = record.lines().peekable();
    while let Some(line) = lines.next() {
        let line = match line {
            _ if line.starts_with("[ ]") && !line.contains("Sent by") && !line.contains("Completed") => {
                line.replace("[ ]", "[x]")
            }
            "Objection:" | "Objection: " => "none raised".to_owned(),
            "How handled:" | "How handled: " => continue,
            "Discussed:" | "Discussed: " => {
                "Discussed: we talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed".to_owned()
            }
            "Why this AE:" | "Why this AE: " => {
                "Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs".to_owned()
            }
            "What to expect:" | "What to expect: " => {
                "What to expect: a 30-minute Zoom, a short look at your reporting, then the dashboard".to_owned()
            }
            _ if line.starts_with("Sarah Lee |") => format!("{} decision-maker", line.trim_end()),
            _ if line.starts_with("James Ortiz |") => format!("{} evaluator", line.trim_end()),
            _ => line.to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
        // The pain goes to where its notes end.
        let ends_notes = line.starts_with("#:") && lines.peek().is_some_and(|next| next.trim().is_empty());
        if ends_notes
            && out.matches("1. PAIN").count() == 1
            && !out.contains("2. NEXT")
            && !out.contains("\n\u{201c}Our")
        {
            out.push_str("\n\u{201c}Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\u{201d}\n");
        }
    }
    out
}

/// As a mail program quotes it, at 72 columns.
fn quoted(record: &str) -> String {
    let mut out = String::new();
    for line in record.lines() {
        let mut width = 0;
        out.push('>');
        for word in line.split(' ') {
            if width > 0 && width + word.chars().count() > 70 {
                out.push_str("\n>");
                width = 0;
            }
            out.push(' ');
            out.push_str(word);
            width += word.chars().count() + 1;
        }
        out.push('\n');
    }
    out
}

async fn answered(stage: &Stage, form: &Answer, body: &str) -> Answer {
    stage
        .ask_with(&format!(
            "Subject: Re: {}\nIn-Reply-To: <{}>\nReferences: <{}>\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\n\n{body}",
            form.subject, form.id, form.id
        ))
        .await
}

#[tokio::test]
async fn a_completed_form_is_ready_however_a_program_brings_it_back() {
    let stage = Stage::set().await;
    conversation(&stage);
    let form = stage.ask("handoff sarah@acme.example", "").await;
    let record = completed(&form.record());
    for body in [
        record.clone(),
        format!(
            "Here it is.\n\nOn Tue, 24 Nov 2026 at 10:00, baton <baton@vendor.example> wrote:\n{}",
            quoted(&record)
        ),
        format!(
            "Done\n\n-----Original Message-----\nFrom: baton <baton@vendor.example>\nSent: Tuesday\nTo: Dana Fox\nSubject: x\n\n{record}"
        ),
    ] {
        let ready = answered(&stage, &form, &body).await;
        assert!(ready.subject.contains("ready") || ready.text.contains("send"), "{}", ready.text);
        assert!(
            ready.text.contains("Sarah, intro to Calvin + Thursday's agenda"),
            "{}\n\n{body}",
            ready.text
        );
        stage.later(5);
    }
}

#[tokio::test]
async fn a_form_that_comes_back_as_it_was_is_not_complete() {
    let stage = Stage::set().await;
    conversation(&stage);
    let form = stage.ask("handoff sarah@acme.example", "").await;
    let faults = answered(&stage, &form, &quoted(&form.record())).await;
    assert!(faults.text.contains("role is missing"), "{}", faults.text);
    assert!(!faults.text.contains("Sarah, intro to"), "{}", faults.text);
}
