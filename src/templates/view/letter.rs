//! The variables of the mails that answer letters. docs/behaviour.md sections 13 and 14.

use chrono::{DateTime, Utc};
use minijinja::value::Value;

use super::{MailContext, Variables, maybe, parts};
use crate::domain::mails::{
    ConditionBrief, DoneBrief, FormOrigin, LetterWriter, OverviewBrief, OverviewLine, RecordFault,
    RecordFaultsBrief, RecordFormBrief, RecordReadyBrief, SendFailedBrief, SendFailure,
};
use crate::domain::message::{Address, Mailbox};
use crate::domain::token;
use crate::templates::{mailto, words};

/// The longest link that all common mail programs open with everything filled in.
const LONGEST_LINK: usize = 1_900;

fn for_reader(scene: &MailContext<'_>) -> Variables {
    Variables::default().with("hello", scene.hello()).with("signature", "baton")
}

fn answer_link(scene: &MailContext<'_>, about: &str, answer: &str) -> String {
    let mark = token::subject_mark(scene.context.token);
    let subject = format!("{}: {answer} {mark}", words::one_line(about));
    mailto::link(&scene.context.policy.agent_address, &subject, answer)
}

fn one_line_each(lines: &[String]) -> Value {
    Value::from(lines.iter().map(|line| words::one_line(line)).collect::<Vec<_>>())
}

fn faults(faults: &[RecordFault]) -> Value {
    let fault = |fault: &RecordFault| {
        parts([
            ("reason", words::sentence(&fault.reason).into()),
            ("line", maybe(fault.line.as_deref().map(words::one_line))),
            ("help", Value::from(fault.help.iter().map(|help| words::sentence(help)).collect::<Vec<_>>())),
            ("example", maybe(fault.example.as_deref().map(words::one_line))),
        ])
    };
    Value::from(faults.iter().map(fault).collect::<Vec<_>>())
}

pub(crate) fn form(scene: &MailContext<'_>, brief: &RecordFormBrief) -> Variables {
    let (prospect, named, not_filled_in) = match &brief.origin {
        FormOrigin::Blank => (None, String::new(), None),
        FormOrigin::Prospect(named) => (Some(words::one_line(named)), String::new(), None),
        FormOrigin::NotFilledIn { named, why } => (None, words::one_line(named), Some(words::sentence(why))),
    };
    for_reader(scene)
        .with("prospect", maybe(prospect))
        .with("named", named)
        .with("not_filled_in", maybe(not_filled_in))
        .with("record", words::lines(&brief.record_text))
}

pub(crate) fn record_faults(scene: &MailContext<'_>, brief: &RecordFaultsBrief) -> Variables {
    for_reader(scene)
        .with("company", maybe(brief.company.as_deref().map(words::one_line)))
        .with("note", maybe(brief.note.as_deref().map(words::sentence)))
        .with("faults", faults(&brief.faults))
        .with("fault_count", words::count(brief.faults.len(), "thing"))
        .with("warnings", faults(&brief.warnings))
        .with("understood", one_line_each(&brief.understood))
        .with("not_understood", one_line_each(&brief.not_understood))
        .with("offers", one_line_each(&brief.offers))
        .with("record", words::lines(&brief.record_text))
}

pub(crate) fn record_ready(scene: &MailContext<'_>, brief: &RecordReadyBrief) -> Variables {
    let zone_of_ae = scene.person_named(&brief.ae).map(|ae| ae.working.zone.clone());
    let deadline = brief.deadline.map(|deadline| match &zone_of_ae {
        Some(zone) => words::when_beside(deadline, &*scene.reader_zone(), &**zone, scene.context.now),
        None => scene.when(deadline),
    });
    let first_names: Vec<&str> = brief.intro.to.iter().map(|to| words::first_name(&to.name)).collect();
    let condition = |condition: &ConditionBrief| {
        parts([
            ("text", words::one_line(&condition.text).into()),
            ("proved_by", maybe(condition.proved_by.as_deref().map(words::fragment))),
        ])
    };
    for_reader(scene)
        .with("company", words::one_line(&brief.company))
        .with("ae", scene.person(&brief.ae))
        .with("prospects", words::one_line(&words::join_and(&first_names)))
        .with("again", brief.again)
        .with("note", maybe(brief.note.as_deref().map(words::sentence)))
        .with("send_link", answer_link(scene, &brief.company, "send"))
        .with("warnings", faults(&brief.warnings))
        .with("understood", one_line_each(&brief.understood))
        .with("not_understood", one_line_each(&brief.not_understood))
        .with("deadline", maybe(deadline))
        .with("deadline_why", words::deadline_why(&brief.deadline_why))
        .with(
            "intro",
            parts([
                ("from", mailbox(&brief.intro.from).into()),
                ("to", mailboxes(&brief.intro.to).into()),
                ("cc", maybe((!brief.intro.cc.is_empty()).then(|| mailboxes(&brief.intro.cc)))),
                ("subject", words::one_line(&brief.intro.subject).into()),
                ("text", words::lines(&brief.intro.text).into()),
            ]),
        )
        .with("conditions", Value::from(brief.conditions.iter().map(condition).collect::<Vec<_>>()))
        .with("record", words::lines(&brief.record_text))
}

fn mailbox(mailbox: &Mailbox) -> String {
    let name = words::one_line(&mailbox.name);
    if name.is_empty() { mailbox.address.to_string() } else { format!("{name} <{}>", mailbox.address) }
}

fn mailboxes(list: &[Mailbox]) -> String {
    list.iter().map(mailbox).collect::<Vec<_>>().join(", ")
}

pub(crate) fn send_failed(scene: &MailContext<'_>, brief: &SendFailedBrief) -> Variables {
    let address = |(address, reason): &(Address, String)| {
        let reason = words::one_line(reason);
        parts([
            ("address", address.to_string().into()),
            ("reason", maybe((!reason.is_empty()).then_some(reason))),
        ])
    };
    for_reader(scene)
        .with("company", words::one_line(&brief.company))
        .with("refused", brief.failure == SendFailure::Refused)
        .with("deferred", brief.failure == SendFailure::Deferred)
        .with("stands", brief.stands == Some(true))
        .with("reason", words::lines(&brief.reason))
        .with("addresses", Value::from(brief.addresses.iter().map(address).collect::<Vec<_>>()))
        .with("operator", scene.context.policy.operator.as_str())
        .with("send_link", answer_link(scene, &brief.company, "send"))
        .with("record", words::lines(&brief.record_text))
}

pub(crate) fn done(scene: &MailContext<'_>, brief: &DoneBrief) -> Variables {
    for_reader(scene)
        .with("company", words::one_line(&brief.company))
        .with("done", brief.done)
        .with("outcome", words::sentence(&brief.outcome))
        .with("words", words::lines(&brief.words))
        .with("instead", one_line_each(&brief.instead))
}

pub(crate) fn overview(scene: &MailContext<'_>, brief: &OverviewBrief) -> Variables {
    let line = |line: &OverviewLine| {
        parts([
            ("company", words::one_line(&line.company).into()),
            ("id", maybe(line.id.clone())),
            ("sdr", scene.called(&line.sdr).into()),
            ("ae", scene.called(&line.ae).into()),
            ("state", words::fragment(&line.state).into()),
            ("part", maybe(line.part.as_deref().map(words::fragment))),
        ])
    };
    let event = |(at, what): &(DateTime<Utc>, String)| {
        parts([("at", scene.when(*at).into()), ("what", words::sentence(what).into())])
    };
    let first = brief.lines.first().map(|line| words::one_line(&line.company)).unwrap_or_default();
    // Words that mean this one and no other.
    let example = brief.lines.first().and_then(|line| line.id.clone());
    for_reader(scene)
        .with("asked", maybe(brief.asked.as_deref().map(words::one_line)))
        .with("company", first.clone())
        .with("example", example.unwrap_or_else(|| first.to_lowercase()))
        .with("count", brief.lines.len())
        .with("waiting", brief.lines.iter().filter(|line| line.part.is_some()).count())
        .with("lines", Value::from(brief.lines.iter().map(line).collect::<Vec<_>>()))
        .with("story", Value::from(brief.story.iter().map(event).collect::<Vec<_>>()))
}

/// Whether these words are of use to this writer.
type MayUse = fn(LetterWriter) -> bool;

/// What a reader may answer to a mail about a handoff, and what that does. docs/behaviour.md section 14.
const WORDS: [(&str, &str, MayUse); 6] = [
    ("over to Rita", "Rita takes the handoff over", |who| who.is_sdr || who.is_manager || who.is_operator),
    ("resend", "I show you the intro again, and send it once you say so", |who| who.is_sdr),
    ("close: they went silent", "the handoff is closed, with your reason", |who| {
        who.is_sdr || who.is_manager
    }),
    ("touched at 3pm: Calvin called her", "that counts as the first touch, as said and not seen", |who| {
        who.is_sdr || who.is_manager
    }),
    ("meeting moved to Tuesday 2pm ET, meeting cancelled", "I change the meeting", |who| {
        who.is_sdr || who.is_ae
    }),
    ("done, not mine", "you have been in touch, or somebody else should take it", |who| who.is_ae),
];

pub(crate) fn help(scene: &MailContext<'_>, reader: LetterWriter) -> Variables {
    let words = WORDS.iter().filter(|(_, _, may)| may(reader));
    let words = words.map(|(words, does, _)| parts([("words", (*words).into()), ("does", (*does).into())]));
    let agent = &scene.context.policy.agent_address;
    let record = scene.context.record_text.unwrap_or_default();
    let link = mailto::link(agent, "handoff", record);
    for_reader(scene)
        .with("agent", agent.as_str())
        .with("is_sdr", reader.is_sdr)
        .with("words", Value::from(words.collect::<Vec<_>>()))
        .with(
            "record_link",
            maybe((reader.is_sdr && !record.is_empty() && link.len() <= LONGEST_LINK).then_some(link)),
        )
}
