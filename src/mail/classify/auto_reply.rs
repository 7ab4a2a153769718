//! Signs of an automatic answer: an absence, an acknowledgement, a challenge.
//!
//! By RFC 3834, the fields of vacation programs that do without it, Exchange's and Gmail's forms, and, where no
//! machine's mark is in the header (10 of 35 real ones), by subject and own words together. A person who mentions
//! being away is a person: words of absence never decide. X-Auto-Response-Suppress is a request, not a sign.

use std::sync::LazyLock;

use super::evidence::{Family, KindEvidence, Strength};
use super::subject::{self, SubjectSignal};
use super::view::{MessageView, ReturnPath};
use super::wording::{self, AutomaticMark};
use crate::domain::message::MessageKind;
use crate::language::provider;

/// Own words that are shorter may be the whole of a notice in a language whose words of absence are not known.
const SHORT_NOTICE: usize = 160;
/// Of own words, what is looked at for an acknowledgement.
const OPENING: usize = 600;

/// Domains that ask senders to prove to be one, of all programs.
static CHALLENGERS: LazyLock<Vec<&str>> =
    LazyLock::new(|| provider::all_of(|facts| facts.replies.challengers.as_slice()));
/// Beginnings of the Message-IDs of vacation notices, of all programs.
static VACATION_IDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| provider::all_of(|facts| facts.replies.message_ids.as_slice()));

/// What header and subject's form say for an automatic answer, and what the subject says.
pub(crate) fn gather_marks(view: &MessageView<'_, '_>, evidence: &mut KindEvidence) -> SubjectSignal {
    // Whoever answers an automatic reply keeps its subject.
    let says = if view.is_answer() {
        SubjectSignal::Nothing
    } else {
        subject::signal(&view.subject, view.headers.from.first())
    };
    program_fields(view, says, evidence);
    hints(view, evidence);
    if says == SubjectSignal::Form {
        let reason = "the subject has the form in which programs answer by themselves".to_owned();
        evidence.add(MessageKind::AutoReply, Family::Subject, Strength::Proof, reason);
    }
    says
}

/// What the words say for an automatic answer. Text is looked at only where something else speaks for a program, or where
/// its beginning may call itself automatic: nearly all mail is done with before it is taken apart.
pub(crate) fn gather_words(view: &MessageView<'_, '_>, says: SubjectSignal, evidence: &mut KindEvidence) {
    if subject_words(view, says, evidence) || evidence.speaks_for_program() || may_speak_of_itself(view) {
        own_words(view, evidence);
    }
}

/// From one of the services that challenge.
pub(crate) fn challenger(view: &MessageView<'_, '_>) -> bool {
    let domain = view.sender_domain();
    CHALLENGERS
        .iter()
        .any(|known| domain.strip_suffix(*known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Looks at the text as it stands, quotation included.
fn may_speak_of_itself(view: &MessageView<'_, '_>) -> bool {
    wording::may_be_automatic(view.start()) || wording::may_challenge(view.beginning())
}

fn program_fields(view: &MessageView<'_, '_>, says: SubjectSignal, evidence: &mut KindEvidence) {
    let marks = &view.marks;
    let mut proof =
        |reason: String| evidence.add(MessageKind::AutoReply, Family::ProgramField, Strength::Proof, reason);
    if let Some(value) = marks.auto_submitted.as_deref().map(str::trim) {
        if ["auto-replied", "auto-reply", "vacation"].iter().any(|begin| value.starts_with(begin)) {
            proof(format!("Auto-Submitted: {} (RFC 3834)", clip(value)));
        } else if marks.is_generated() && is_absence(view, says) {
            // Lotus Notes and others call their absences generated.
            proof(format!("Auto-Submitted: {}, and words of absence", clip(value)));
        }
    }
    if let Some(value) = marks.precedence.as_deref().filter(|value| {
        ["auto_reply", "auto-reply", "auto reply"].iter().any(|begin| value.starts_with(begin))
    }) {
        proof(format!("Precedence: {}", clip(value)));
    }
    if let Some((name, value)) = &marks.auto_reply {
        proof(format!("{name}: {} marks automatic answers", clip(value)));
    }
    let forwards = || subject::is_forward(&view.subject);
    if let Some(mailbox) = marks.inbox_rules_loop.as_ref().filter(|_| !forwards()) {
        let own = view.headers.from.iter().any(|from| mailbox.contains(from.address.as_str()));
        if own || marks.return_path == ReturnPath::Null {
            proof("X-MS-Exchange-Inbox-Rules-Loop names the sender: an Exchange rule answered".to_owned());
        }
    }
    if marks.mailer.as_deref().is_some_and(|mailer| {
        ["autorespon", "auto-respon", "autoreply", "vacation"].iter().any(|word| mailer.contains(word))
    }) {
        proof("X-Mailer is an autoresponder".to_owned());
    }
    if challenger(view)
        && (marks.return_path == ReturnPath::Null
            || view.media_type == "multipart/report"
            || wording::challenges(view.own_line()))
    {
        proof("it comes from a service that challenges senders".to_owned());
    }
}

/// A program that calls its mail generated tells of an absence.
fn is_absence(view: &MessageView<'_, '_>, says: SubjectSignal) -> bool {
    says >= SubjectSignal::Plainly
        || answers(view) && wording::speaks_of_absence(view.own_line()) && !super::automated::notifies(view)
}

/// What people's mail bears as well.
fn hints(view: &MessageView<'_, '_>, evidence: &mut KindEvidence) {
    let marks = &view.marks;
    match marks.return_path {
        ReturnPath::Null => evidence.hint(Family::Envelope, "an empty return path (RFC 5321 section 4.5.5)"),
        ReturnPath::Daemon => evidence.hint(Family::Envelope, "a mailer-daemon's return path"),
        ReturnPath::Missing | ReturnPath::Address => {}
    }
    let id = view.headers.id.as_ref().map_or("", |id| id.as_str());
    let is_vacations =
        |start: &&str| id.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    if VACATION_IDS.iter().any(is_vacations) {
        evidence.hint(Family::MessageId, "its Message-ID has a vacation program's form");
    }
}

/// Whether the subject says anything.
fn subject_words(view: &MessageView<'_, '_>, says: SubjectSignal, evidence: &mut KindEvidence) -> bool {
    let mut sign = |strength, reason: &str| {
        evidence.add(MessageKind::AutoReply, Family::Subject, strength, reason.to_owned());
    };
    match says {
        SubjectSignal::Form => {}
        // A person may be as short, to somebody whom they call by name.
        SubjectSignal::Plainly if wording::greets_reader(view) => {
            sign(Strength::Weak, "the subject speaks of absence and of nothing else");
        }
        SubjectSignal::Plainly if notices_absence(view) => {
            sign(Strength::Proof, "the subject is one that absence programs write, and the text is a notice");
        }
        SubjectSignal::Plainly | SubjectSignal::Perhaps => {
            sign(Strength::Weak, "the subject speaks of absence");
        }
        SubjectSignal::Nothing if !view.is_answer() && wording::acknowledges(&view.subject) => {
            sign(Strength::Weak, "the subject acknowledges a message");
        }
        SubjectSignal::Nothing => return false,
    }
    if matches!(says, SubjectSignal::Plainly | SubjectSignal::Perhaps) && asks_reader(view) {
        evidence.person(Family::Address, "it asks its reader something");
    }
    true
}

/// Own words speak of absence, or are too few to say anything else. Who asks something under a subject of their own, not
/// before one that is answered, is a person: a program waits for no answer.
fn notices_absence(view: &MessageView<'_, '_>) -> bool {
    let line = view.own_line();
    if asks_reader(view) {
        return false;
    }
    line.chars().count() <= SHORT_NOTICE
        || wording::speaks_of_absence(line)
        || wording::is_notice(line)
        || wording::call_themselves_automatic(view.own_words())
}

/// A question under a subject of its own.
fn asks_reader(view: &MessageView<'_, '_>) -> bool {
    let line = view.own_line();
    !view.subject.contains([':', '：']) && wording::asks_something(line) && !wording::is_notice(line)
}

fn own_words(view: &MessageView<'_, '_>, evidence: &mut KindEvidence) {
    let words = view.own_line();
    let is_away = wording::speaks_of_absence(words);
    let acknowledges = wording::acknowledges(head(words, OPENING));
    let is_notice = wording::is_notice(words);
    let greets = wording::greets_reader(view);
    // A notice may ask who needs help; what ends with a question waits for its answer.
    let is_question = words.trim_end().ends_with(['?', '？', '؟']);
    let asks = wording::asks_something(words) && (!is_notice || is_question);
    let tells = is_away || acknowledges || is_notice;
    let mark = wording::automatic_mark(view.own_words());
    if wording::call_themselves_automatic(view.own_words())
        || mark >= AutomaticMark::Label
        || tells && mark == AutomaticMark::Words
    {
        let about_answer =
            is_away || acknowledges || answers(view) || wording::call_themselves_replies(words);
        let kind = if about_answer { MessageKind::AutoReply } else { MessageKind::Automated };
        let reason = "its own words say that it is automatic";
        // People who sell automation speak of it, and quote it, to somebody.
        let is_personal = greets && asks || (greets || asks) && !tells;
        let strength = if is_personal { Strength::Weak } else { Strength::Proof };
        evidence.add(kind, Family::OwnWords, strength, reason.to_owned());
    }
    if !greets && wording::challenge_in_form(words) {
        let reason = "its own words ask the sender to prove to be one, as programs do";
        evidence.add(MessageKind::AutoReply, Family::OwnWords, Strength::Proof, reason.to_owned());
    }
    if is_away {
        let reason = "its own words speak of absence".to_owned();
        evidence.add(MessageKind::AutoReply, Family::Absence, Strength::Weak, reason);
        if asks {
            evidence.person(Family::Address, "it asks its reader something");
        }
    }
    if is_notice && !is_question && (is_away || acknowledges) {
        let reason = "its own words are a notice to everybody".to_owned();
        evidence.add(MessageKind::AutoReply, Family::Notice, Strength::Weak, reason);
    }
    if acknowledges {
        let reason = "its own words acknowledge a message".to_owned();
        evidence.add(MessageKind::AutoReply, Family::Acknowledgement, Strength::Weak, reason);
    }
    if greets {
        evidence.person(Family::Address, "it speaks to its reader by name");
    }
}

fn clip(value: &str) -> String {
    value.chars().take(60).collect()
}

/// It cites another message, or is about one by its subject.
fn answers(view: &MessageView<'_, '_>) -> bool {
    !view.headers.in_reply_to.is_empty() || !view.headers.references.is_empty() || view.is_answer()
}

fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::MessageKind;

    const FROM: &str = "From: Calvin Reyes <calvin@vendor.example>\nTo: sarah@acme.example\nMessage-ID: <a@vendor.example>\n";

    fn of(rest: &str) -> MessageKind {
        kind(&format!("{FROM}{rest}"))
    }

    #[test]
    fn each_field_of_a_vacation_program_is_enough() {
        for field in [
            "Auto-Submitted: auto-replied (vacation)",
            "Precedence: auto_reply",
            "X-Autoreply: yes",
            "X-Autorespond: x",
            "X-Autoresponse: x",
            "X-Auto-Reply-From: a@b",
            "X-Mail-Autoreply: x",
            "X-Apple-Action: VACATION/",
            "X-POST-MessageClass: 9; Autoresponder",
            "X-FC-MachineGenerated: true",
            "Preference: auto_reply",
            "Delivered-To: Autoresponder",
            "X-MS-Exchange-Inbox-Rules-Loop: calvin@vendor.example",
        ] {
            assert_eq!(of(&format!("Subject: x\n{field}\n\nhi\n")), MessageKind::AutoReply, "{field}");
        }
    }

    #[test]
    fn what_machines_ask_for_or_deny_is_no_sign() {
        for field in [
            "Auto-Submitted: no",
            "X-Auto-Response-Suppress: All",
            "X-Autoreply: no",
            "X-MS-Exchange-Inbox-Rules-Loop: other@vendor.example",
        ] {
            assert_eq!(of(&format!("Subject: x\n{field}\n\nhi\n")), MessageKind::Human, "{field}");
        }
    }

    #[test]
    fn a_subject_of_exchange_is_enough_behind_any_number_of_tags() {
        assert_eq!(
            of("Subject: [EXTERNAL] [Suspicious] Automatic reply: demo\n\nBack soon.\n"),
            MessageKind::AutoReply
        );
    }

    #[test]
    fn a_person_who_mentions_being_away_is_a_person() {
        assert_eq!(
            of("Subject: FYI, gone this weekend\n\nI am out of the office until Monday, talk then.\n"),
            MessageKind::Human
        );
        assert_eq!(
            of(
                "Subject: Re: demo\nIn-Reply-To: <b@x>\n\nI'm out of office on Friday, but Thursday works. See you then!\n"
            ),
            MessageKind::Human
        );
        assert_eq!(
            of("Subject: Out of office on Friday?\n\nAre you out of the office on Friday?\n"),
            MessageKind::Human
        );
        assert_eq!(
            of(
                "Subject: Re: Automatic reply: demo\nIn-Reply-To: <b@x>\n\nEnjoy your time off, we talk on Monday.\n"
            ),
            MessageKind::Human
        );
    }

    #[test]
    fn an_empty_return_path_on_an_answer_is_a_machines() {
        assert_eq!(
            of(
                "Return-Path: <>\nSubject: Thank you for your e-mail\n\nThank you for your e-mail. I will reply as soon as possible.\n"
            ),
            MessageKind::AutoReply
        );
    }

    #[test]
    fn a_text_that_calls_itself_automatic_is_believed() {
        assert_eq!(
            of("Subject: Re: demo\n\nThis is an automatic reply. I am on leave until Monday.\n"),
            MessageKind::AutoReply
        );
    }
}
