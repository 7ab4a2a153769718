//! Every mail, word for word, and what no mail may do.

use std::collections::BTreeSet;
use std::path::Path;

use super::samples::{Sample, TOKEN, samples, world_zones};
use super::*;
use crate::domain::mails::{Audience, MailBrief};

fn built_in() -> Templates {
    Templates::load(None).unwrap()
}

fn render(sample: &Sample) -> Rendered {
    sample
        .render(&built_in())
        .unwrap_or_else(|error| panic!("{}: {error}: {:?}", sample.name, std::error::Error::source(&error)))
}

fn slug(name: &str) -> String {
    name.replace(", ", "_").replace(' ', "-")
}

fn first_of(kind: MailKind) -> Sample {
    samples().into_iter().find(|sample| sample.mail.key.kind == kind).unwrap()
}

#[test]
fn every_kind_of_mail_reads_as_it_should() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    let _bound = settings.bind_to_scope();
    for sample in samples() {
        let mail = render(&sample);
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        insta::assert_snapshot!(format!("{}.txt", slug(&sample.name)), text);
        insta::assert_snapshot!(format!("{}.html", slug(&sample.name)), mail.html);
    }
}

#[test]
fn every_kind_has_a_sample_and_both_templates() {
    let kinds: BTreeSet<MailKind> = samples().iter().map(|sample| sample.mail.key.kind).collect();
    assert_eq!(kinds, BTreeSet::from(MailKind::ALL));
    for kind in MailKind::ALL {
        for ending in ["txt", "html"] {
            let name = format!("{}.{ending}", kind.name());
            assert!(BUILT_IN.iter().any(|(built_in, _)| *built_in == name), "{name}");
        }
    }
}

#[test]
fn a_time_that_readers_in_two_zones_read_has_both() {
    let mut sample = first_of(MailKind::RecordLeaked);
    assert!(render(&sample).text.contains("(Tuesday, 1:20 pm)"));
    let (_, madrid) = world_zones();
    sample.policy.people[0].working.zone = Arc::new(madrid);
    let text = render(&sample).text;
    assert!(text.contains("(Tuesday, 1:20 pm, New York; 7:20 pm in Madrid)"), "{text}");
}

#[test]
fn a_mailbox_that_several_share_is_named_after_whom_the_mail_is_about() {
    let mut sample = first_of(MailKind::Escalation);
    let calvin = sample.policy.people.iter().find(|person| person.name == sample.handoff.record.ae);
    let other =
        crate::domain::people::Person { name: "Jean-Luc Moreau".to_owned(), ..calvin.unwrap().clone() };
    sample.policy.people.insert(0, other);
    let text = render(&sample).text;
    assert!(text.contains("in my mailbox or Calvin's mailbox"), "{text}");
}

#[test]
fn the_built_in_templates_pass_their_own_check() {
    let faults = check_all(&built_in());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_intro_knows_public_things_and_no_others() {
    let mut sample = first_of(MailKind::Intro);
    let record = &mut sample.handoff.record;
    record.pain = "INTERNAL-PAIN".into();
    record.competitor = "INTERNAL-COMPETITOR".into();
    record.conditions = vec!["INTERNAL-CONDITION score 9".into()];
    for stakeholder in &mut record.stakeholders {
        stakeholder.title = "INTERNAL-TITLE".into();
    }
    for objection in &mut record.objections {
        objection.objection = "INTERNAL-OBJECTION".into();
        objection.handled = "INTERNAL-HANDLED".into();
    }
    let variables = sample.variables().unwrap();
    let names: Vec<&str> = variables.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["ae", "discussed", "expect", "meeting", "prospects", "sdr", "why"]);
    let mail = render(&sample);
    for part in [&mail.subject, &mail.text, &mail.html, &format!("{:?}", variables.as_value())] {
        assert!(!part.contains("INTERNAL") && !part.contains("decision-maker"), "{part}");
        assert!(!part.to_lowercase().contains("baton") && !part.contains("acme-7k2f"), "{part}");
    }
    assert_eq!(mail.subject, "Sarah, intro to Calvin + Thursday's agenda");
}

#[test]
fn a_record_goes_into_mail_for_the_record_audience_alone() {
    for sample in samples() {
        let mail = render(&sample);
        let holds = mail.text.contains("HANDOFF RECORD:") || mail.html.contains("HANDOFF RECORD:");
        let is_for_team = sample.mail.key.kind.audience() == Audience::Record;
        assert!(is_for_team || !holds, "{}", sample.name);
        // What is left to do with a record decides whether an answer to a letter repeats it.
        let must_hold = is_for_team && sample.mail.key.kind != MailKind::SendFailed;
        assert!(holds || !must_hold, "{}", sample.name);
        if holds {
            let record = match &sample.mail.brief {
                MailBrief::RecordForm(brief) => brief.record_text.as_str(),
                MailBrief::RecordFaults(brief) => brief.record_text.as_str(),
                MailBrief::RecordReady(brief) => brief.record_text.as_str(),
                MailBrief::SendFailed(brief) => brief.record_text.as_str(),
                _ => samples::RECORD_TEXT,
            };
            assert!(mail.text.contains(record), "the record is there word for word");
            assert!(mail.subject.starts_with("[internal]"), "{}", mail.subject);
        }
    }
}

#[test]
fn hostile_words_stay_words() {
    let hostile = "{{ company }} <script>alert(1)</script> \"A\" 'B' & שלום \u{202e}moc 🚀\r\nBcc: evil@x.example\r\n\r\n{% include 'x' %}";
    for mut sample in samples() {
        let record = &mut sample.handoff.record;
        record.company = hostile.into();
        record.meeting.agenda = hostile.into();
        record.discussed = hostile.into();
        if let MailBrief::Trouble { what, detail, .. } = &mut sample.mail.brief {
            *what = hostile.into();
            *detail = hostile.into();
        }
        if let MailBrief::FeedbackThanks { words, .. } = &mut sample.mail.brief {
            *words = hostile.into();
        }
        let mail = render(&sample);
        assert!(!mail.subject.contains(['\n', '\r', '\u{202e}']), "{}: {:?}", sample.name, mail.subject);
        assert!(!mail.html.contains("<script"), "{}", sample.name);
        assert!(!mail.text.contains('\r') && !mail.html.contains('\r'), "{}", sample.name);
        let is_quoted = |line: &str| line.starts_with("Bcc:");
        assert!(!mail.text.lines().any(is_quoted), "{}", sample.name);
    }
}

#[test]
fn links_answer_the_agent_with_the_mails_token() {
    for kind in [
        MailKind::FeedbackRequest,
        MailKind::FeedbackReminder,
        MailKind::FeedbackQuestion,
        MailKind::WhoIsThis,
    ] {
        let mail = render(&first_of(kind));
        let links: Vec<&str> =
            mail.text.split(['<', '>']).filter(|part| part.starts_with("mailto:")).collect();
        assert_eq!(links.len(), if kind == MailKind::WhoIsThis { 2 } else { 7 });
        for link in links {
            assert!(mail.html.contains(&link.replace('&', "&amp;")), "{link}");
            let parsed = url::Url::parse(link).unwrap();
            assert_eq!(parsed.path(), "baton@vendor.example");
            let (_, subject) = parsed.query_pairs().find(|(name, _)| name == "subject").unwrap();
            assert_eq!(crate::domain::token::in_subject(&subject).as_deref(), Some(TOKEN));
            assert!(parsed.query_pairs().any(|(name, body)| name == "body" && !body.is_empty()));
        }
    }
}

#[test]
fn mail_that_asks_for_feedback_ends_with_three_lines_to_fill_in() {
    for sample in samples() {
        let asks = match &sample.mail.brief {
            MailBrief::FeedbackRequest { .. } | MailBrief::FeedbackReminder { .. } => true,
            MailBrief::FeedbackQuestion { question, .. } => {
                *question == crate::domain::mails::FeedbackQuestion::Unreadable
            }
            _ => false,
        };
        let end = "\nOutcome (held, rescheduled, no-show):\nScore (1-5):\nAnything wrong in the record:\n";
        assert_eq!(render(&sample).text.ends_with(end), asks, "{}", sample.name);
    }
}

#[test]
fn an_html_mail_loads_nothing_and_sets_no_colours_of_its_own() {
    for sample in samples() {
        let html = render(&sample).html;
        for foreign in
            ["http:", "https:", "<img", "<table", "<script", "url(", "background", ";color:", "\"color:"]
        {
            let slack = sample.mail.key.kind == MailKind::Chatter && foreign == "https:";
            assert!(slack || !html.contains(foreign), "{}: {foreign}", sample.name);
        }
        assert!(html.contains("color-scheme\" content=\"light dark\""), "{}", sample.name);
    }
}

fn faults(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    match Templates::load(Some(folder.path())) {
        Ok(_) => Vec::new(),
        Err(faults) => faults
            .iter()
            .map(|fault| fault.to_string().replace(&format!("{}/", folder.path().display()), ""))
            .collect(),
    }
}

#[test]
fn a_file_in_the_folder_takes_the_place_of_the_built_in_template() {
    let folder = tempfile::tempdir().unwrap();
    let own = "Subject: {{ company }}: ping\n\nHola {{ hello }},\n\n{{ company }} espera.\n";
    std::fs::write(folder.path().join("lingering.txt"), own).unwrap();
    std::fs::write(folder.path().join("notes.md"), "not a template").unwrap();
    let templates = Templates::load(Some(folder.path())).unwrap();
    let mail = first_of(MailKind::Lingering).render(&templates).unwrap();
    assert_eq!(mail.subject, "Acme Corp: ping");
    assert_eq!(mail.text, "Hola Calvin,\n\nAcme Corp espera.\n");
    assert!(mail.html.contains("you can drop Dana from Cc"));
    let own = templates.origins().iter().filter(|(_, origin)| *origin != Origin::BuiltIn).count();
    assert_eq!(own, 1);
}

#[test]
fn every_fault_of_an_override_is_named_with_file_line_and_reason() {
    let reported = faults(&[
        ("away.txt", "Subject: {{ company }}\n\nHello,\n{{ compnay }} waits for {{ ae.frist }}\n"),
        (
            "escalation.html",
            "{% extends \"base.html\" %}\n{% block content %}\n<p>{{ company }</p>\n{% endblock %}\n",
        ),
        ("lingerin.txt", "Subject: x\n"),
        ("stated.txt", "No subject here\n"),
        ("intro.txt", "Subject: my own\n\nHi\n"),
    ]);
    insta::assert_snapshot!(reported.join("\n"));
}

#[test]
fn an_unknown_variable_is_named_even_where_no_sample_leads() {
    let reported = faults(&[
        ("away.txt", "Subject: {{ company }}\n\nHello,\n{{ compnay }} waits for {{ ae.frist }}\n"),
        ("trouble.txt", "Subject: {{ topic }}\n\n{% if topic == \"x\" %}\n{{ remdy }}\n{% endif %}\n"),
        ("intro.html", "<p>{{ discussed }}</p>\n<p>{{ pain }} {{ competitor }}</p>\n"),
    ]);
    insta::assert_snapshot!(reported.join("\n"));
}

#[test]
fn a_fault_in_a_shared_template_is_told_once_and_where_it_is() {
    let reported =
        faults(&[("base.html", "<html>\n{% block content %}{% endblock %}\n{{ footer }}\n</html>\n")]);
    assert_eq!(reported, ["base.html:3: unknown variable or part of one"]);
}

#[test]
fn a_template_that_shows_nothing_or_never_ends_is_a_fault_and_a_byte_order_mark_is_none() {
    let loops =
        "Subject: x\n\n{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}\n";
    let reported = faults(&[
        ("base.html", "<html><body><p>Vendor</p></body></html>\n"),
        ("lingering.txt", "Subject: x\n\n \n"),
        ("reminder.html", " \n"),
        ("away.txt", loops),
    ]);
    let page = "base.html:1: it leaves out `{% block content %}`, so that every HTML email is empty";
    assert!(reported.contains(&page.to_owned()), "{reported:?}");
    for (file, what) in [
        ("lingering.txt:1", "comes out empty"),
        ("reminder.html:1", "comes out empty"),
        ("away.txt:3", "too long"),
    ] {
        assert!(
            reported.iter().any(|one| one.starts_with(file) && one.contains(what)),
            "{file}: {reported:?}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lingering.txt"), "\u{feff}Subject: x\r\n\r\nHola\r\n").unwrap();
    let templates = Templates::load(Some(folder.path())).unwrap();
    assert_eq!(first_of(MailKind::Lingering).render(&templates).unwrap().text, "Hola\n");
}

#[test]
fn a_folder_that_is_not_there_is_a_fault() {
    let reported = Templates::load(Some(Path::new("/nowhere/at/all"))).unwrap_err();
    assert_eq!(reported.first().unwrap().to_string(), "the templates folder /nowhere/at/all cannot be read");
}

#[test]
fn two_people_of_one_first_name_are_called_by_their_whole_names() {
    let mut sample = first_of(MailKind::Escalation);
    let mut other = sample.policy.people[1].clone();
    other.name = "Calvin Ross".into();
    sample.policy.people.push(other);
    let mail = render(&sample);
    assert!(mail.text.contains("Calvin Reyes's first email to Sarah and James"), "{}", mail.text);
    assert!(mail.text.contains("and Calvin Reyes's mailbox up to"), "{}", mail.text);
}

#[test]
fn the_example_is_the_colleague_whom_the_ae_named() {
    let mut sample = first_of(MailKind::Refused);
    for name in ["Pieter de Vries", "Rita Vale"] {
        let mut other = sample.policy.people[1].clone();
        other.name = name.into();
        sample.policy.people.push(other);
    }
    for (said, example) in [
        ("over to pieter", "over to Pieter"),
        ("Over to Rita Vale, Pieter is full", "over to Rita"),
        ("not mine, that's Pieter's account", "over to Pieter"),
        ("I can't take this one", "over to Robin"),
    ] {
        let MailBrief::Refused { words, .. } = &mut sample.mail.brief else { panic!() };
        *words = said.into();
        let mail = render(&sample);
        assert!(mail.text.contains(&format!("(for example: {example})")), "{said}: {}", mail.text);
        assert!(mail.html.contains(&format!("<b>{example}</b>")), "{said}");
    }
}

#[test]
fn a_mail_without_what_it_needs_is_refused() {
    let sample = first_of(MailKind::Record);
    let zones = |_: &str| -> Option<Arc<dyn Zone>> { None };
    let context = RenderContext {
        policy: &sample.policy,
        zones: &zones,
        default_zone: sample.policy.people[0].working.zone.clone(),
        token: TOKEN,
        now: sample.now,
        record_text: None,
    };
    let templates = built_in();
    assert!(matches!(templates.render(&sample.mail, &sample.handoff, &context), Err(RenderError::Zone(_))));
    assert!(matches!(templates.render_global(&sample.mail, &context), Err(RenderError::NoHandoff(_))));
    let mut other = sample.mail.clone();
    other.key.kind = MailKind::Away;
    assert!(matches!(
        templates.render(&other, &sample.handoff, &context),
        Err(RenderError::WrongBrief(MailKind::Away))
    ));
}
