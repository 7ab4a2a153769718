//! Samples of what baton answers to letters.

use super::SampleMaker;
use super::world::{RECORD_TEXT, at, calvin, dana, james, morgan, operator, sarah};
use crate::domain::mails::{
    ConditionBrief, DoneBrief, FormOrigin, IntroBrief, LetterWriter, MailBrief, MailKind, OverviewBrief,
    OverviewLine, RecordFault, RecordFaultsBrief, RecordFormBrief, RecordReadyBrief, SendFailedBrief,
    SendFailure,
};

/// A form as it goes out, with few of its notes.
const FORM_TEXT: &str = include_str!("form.txt");

/// The record of the samples before its intro has left.
fn draft_text() -> String {
    RECORD_TEXT.replace("[x] Sent by SDR", "[ ] Sent by SDR")
}

pub(super) fn add(maker: &mut SampleMaker) {
    forms(maker);
    faults(maker);
    ready(maker);
    failures(maker);
    words(maker);
    overviews(maker);
}

fn forms(maker: &mut SampleMaker) {
    for (note, origin) in [
        ("", FormOrigin::Blank),
        ("filled in", FormOrigin::Prospect("sarah@acme.example".into())),
        (
            "nothing to fill in",
            FormOrigin::NotFilledIn {
                named: "gmail.com".into(),
                why: "anybody can have an address there, so it names no company".into(),
            },
        ),
    ] {
        let record_text = match origin {
            FormOrigin::Prospect(_) => draft_text(),
            FormOrigin::Blank | FormOrigin::NotFilledIn { .. } => FORM_TEXT.to_owned(),
        };
        let brief = RecordFormBrief { origin, record_text };
        let brief = MailBrief::RecordForm(Box::new(brief));
        maker.add(note, MailKind::RecordForm, at(24, 9, 0), &[dana()], &[], brief);
    }
}

fn fault(line: Option<&str>, reason: &str, example: Option<&str>) -> RecordFault {
    RecordFault {
        line: line.map(str::to_owned),
        reason: reason.into(),
        help: Vec::new(),
        example: example.map(str::to_owned),
    }
}

fn faults(maker: &mut SampleMaker) {
    let mut stakeholder = fault(Some("Sarah Lee | VP Sales"), "a stakeholder needs a role in the deal", None);
    stakeholder.help.push("roles: decision-maker, evaluator, gatekeeper, end user, champion".into());
    let brief = RecordFaultsBrief {
        company: Some("Acme Corp".into()),
        note: None,
        faults: vec![
            fault(
                Some("Date/Time: Thursday"),
                "the meeting has no time",
                Some("Date/Time: Thu 26 Nov 2pm ET, 30 min"),
            ),
            stakeholder,
        ],
        warnings: vec![fault(
            Some("To: SARAH LEE"),
            "this name is in capitals and goes into the greeting",
            None,
        )],
        understood: vec!["To: Sarah Lee <sarah@acme.example>".into()],
        not_understood: vec!["can Calvin bring the deck?".into()],
        offers: Vec::new(),
        record_text: draft_text(),
    };
    let add = |maker: &mut SampleMaker, note: &str, brief: RecordFaultsBrief| {
        let brief = MailBrief::RecordFaults(Box::new(brief));
        maker.add(note, MailKind::RecordFaults, at(24, 9, 5), &[dana()], &[], brief);
    };
    add(maker, "", brief.clone());
    let duplicate = RecordFaultsBrief {
        company: None,
        note: Some("Your \u{201c}send\u{201d} came more than 5 days after I showed you the intro".into()),
        faults: vec![fault(None, "this record was handed off already, as acme-7k2f", None)],
        warnings: Vec::new(),
        understood: Vec::new(),
        not_understood: Vec::new(),
        offers: vec![
            "close: and why, to close acme-7k2f".into(),
            "resend, to send the intro of acme-7k2f once more".into(),
        ],
        ..brief.clone()
    };
    add(maker, "duplicate", duplicate.clone());
    let nothing = RecordFaultsBrief { faults: Vec::new(), offers: Vec::new(), ..duplicate };
    add(maker, "nothing wrong", nothing);
}

fn ready(maker: &mut SampleMaker) {
    let brief = RecordReadyBrief {
        company: "Acme Corp".into(),
        ae: "Calvin Reyes".into(),
        note: None,
        intro: IntroBrief {
            from: dana(),
            to: vec![sarah(), james()],
            cc: vec![calvin()],
            subject: "Sarah, intro to Calvin + Thursday's agenda".into(),
            text: "Hi Sarah and James,\n\nI'd like to introduce Calvin Reyes (cc'd).\n\nDana".into(),
        },
        deadline: Some(at(24, 17, 0)),
        deadline_why: "Tue 09:12 America/New_York, before 12:00 -> the same day 17:00".into(),
        conditions: vec![
            ConditionBrief {
                text: "Calendar invite accepted".into(),
                proved_by: Some("Sarah Lee accepted on Monday, November 23, 10:02 am (New York)".into()),
            },
            ConditionBrief { text: "ICP criteria confirmed".into(), proved_by: None },
        ],
        warnings: Vec::new(),
        understood: Vec::new(),
        not_understood: Vec::new(),
        again: false,
        record_text: draft_text(),
    };
    let add = |maker: &mut SampleMaker, note: &str, brief: RecordReadyBrief| {
        let brief = MailBrief::RecordReady(Box::new(brief));
        maker.add(note, MailKind::RecordReady, at(24, 9, 12), &[dana()], &[], brief);
    };
    add(maker, "", brief.clone());
    let corrected = RecordReadyBrief {
        note: Some("The configuration has changed since I showed you the last one".into()),
        deadline: None,
        conditions: Vec::new(),
        intro: IntroBrief { cc: Vec::new(), ..brief.intro.clone() },
        warnings: vec![fault(
            Some("To: SARAH LEE"),
            "this name is in capitals and goes into the greeting",
            None,
        )],
        understood: vec!["To: Sarah Lee <sarah@acme.example>".into()],
        not_understood: vec!["can Calvin bring the deck?".into()],
        again: true,
        ..brief
    };
    add(maker, "corrected, once more", corrected);
}

fn failures(maker: &mut SampleMaker) {
    for (note, failure, reason) in [
        ("", SendFailure::Refused, "550 5.1.1 no such user here"),
        ("sent again", SendFailure::Refused, "550 5.1.1 no such user here"),
        ("deferred", SendFailure::Deferred, "451 4.7.1 try again later"),
        ("uncertain", SendFailure::Uncertain, "the server closed the connection"),
    ] {
        let brief = SendFailedBrief {
            company: "Acme Corp".into(),
            failure,
            reason: reason.into(),
            addresses: match failure {
                SendFailure::Refused => {
                    vec![
                        (sarah().address, "550 5.1.1 no such user here".into()),
                        (james().address, String::new()),
                    ]
                }
                SendFailure::Deferred | SendFailure::Uncertain => Vec::new(),
            },
            record_text: draft_text(),
            stands: (note == "sent again").then_some(true),
        };
        let brief = MailBrief::SendFailed(Box::new(brief));
        maker.add(note, MailKind::SendFailed, at(24, 9, 13), &[dana()], &[], brief);
    }
}

fn words(maker: &mut SampleMaker) {
    let brief = |done: bool, words: &str, outcome: &str, instead: &[&str]| {
        MailBrief::Done(DoneBrief {
            company: "Acme Corp".into(),
            words: words.into(),
            done,
            outcome: outcome.into(),
            instead: instead.iter().map(|&line| line.to_owned()).collect(),
            sdr: "Dana Fox".into(),
        })
    };
    let moved =
        brief(true, "over to Rita", "Rita Vale has Acme Corp now, her first email is due at 5:00 pm", &[]);
    maker.add("", MailKind::Done, at(24, 10, 0), &[morgan()], &[dana()], moved);
    let closed =
        brief(true, "close: they went silent", "Acme Corp is closed", &["handoff, to start a new one"]);
    maker.add("with what comes next", MailKind::Done, at(24, 10, 0), &[dana()], &[], closed);
    let unknown = brief(
        false,
        "over to Bob",
        "there is no AE called Bob",
        &["over to Calvin Reyes", "over to Rita Vale"],
    );
    maker.add("not done", MailKind::Done, at(24, 10, 0), &[dana()], &[], unknown);
    let reason = brief(false, "close: they went silent", "Acme Corp is closed already", &[]);
    maker.add("not done, nothing else to write", MailKind::Done, at(24, 10, 0), &[dana()], &[], reason);
    let sdr = LetterWriter { is_sdr: true, ..LetterWriter::default() };
    maker.add("", MailKind::Help, at(24, 10, 0), &[dana()], &[], MailBrief::Help { reader: sdr });
    let everything = LetterWriter { is_sdr: true, is_ae: true, is_manager: true, is_operator: true };
    maker.add(
        "every role",
        MailKind::Help,
        at(24, 10, 0),
        &[dana()],
        &[],
        MailBrief::Help { reader: everything },
    );
    let nobody = LetterWriter::default();
    maker.add(
        "no role",
        MailKind::Help,
        at(24, 10, 0),
        &[operator()],
        &[],
        MailBrief::Help { reader: nobody },
    );
}

fn overviews(maker: &mut SampleMaker) {
    let line = |company: &str, state: &str| OverviewLine {
        company: company.into(),
        id: None,
        sdr: "Dana Fox".into(),
        ae: "Calvin Reyes".into(),
        state: state.into(),
        part: None,
    };
    let acme = line("Acme Corp", "no first email from Calvin yet, due today, 5:00 pm");
    let globex = line("Globex", "touched in time; feedback is due on Friday");
    let refused = OverviewLine {
        part: Some(
            "Calvin has passed it back, so answer my email about that with \"over to\" and a name".to_owned(),
        ),
        ..line("Initech", "waiting for Calvin's first email, due today, 4:00 pm")
    };
    let two_of_acme = vec![
        OverviewLine { id: Some("acme-7k2f".to_owned()), ..acme.clone() },
        OverviewLine { id: Some("acme-p3wd".to_owned()), ..acme.clone() },
    ];
    let story = vec![
        (at(24, 9, 12), "the intro was sent to Sarah and James".to_owned()),
        (at(24, 13, 20), "Calvin replied to Sarah".to_owned()),
    ];
    for (note, asked, lines, story) in [
        ("", None, vec![acme.clone(), globex.clone()], Vec::new()),
        ("something waits for the reader", None, vec![refused, acme.clone(), globex], Vec::new()),
        ("one handoff", None, vec![acme.clone()], Vec::new()),
        ("two of one company", None, two_of_acme, Vec::new()),
        ("a story", Some("acme".to_owned()), vec![acme], story),
        ("nothing matches", Some("initech".to_owned()), Vec::new(), Vec::new()),
        ("nothing open", None, Vec::new(), Vec::new()),
    ] {
        let brief = MailBrief::Overview(Box::new(OverviewBrief { asked, lines, story }));
        maker.add(note, MailKind::Overview, at(24, 10, 0), &[dana()], &[], brief);
    }
}
