//! What goes wrong on demand: each fault is asked for once, waits in a queue, and happens once.
//!
//! Known limit: faults belong to the servers, not to a session; with several clients, the first one that
//! does what the fault waits for meets it.

use std::collections::{BTreeMap, VecDeque};

/// What happens to the next mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmtpFault {
    /// The connection ends where the greeting would come.
    DropAtGreeting,
    /// AUTH is answered with this, such as `535 5.7.8 bad credentials`.
    RefuseLogin(String),
    /// MAIL is answered with this.
    RefuseSender(String),
    /// DATA itself is answered with this.
    RefuseData(String),
    /// The final dot is answered with this; the mail is not accepted.
    RefuseMail(String),
    /// The mail is accepted, and the final dot is answered with this all the same.
    AcceptAndSay(String),
    /// The connection ends while the mail is being sent; it is not accepted.
    DropInData,
    /// The connection ends at the final dot; the mail is not accepted.
    DropAtDot,
    /// The mail is accepted, the connection ends without an answer.
    SwallowAck,
    /// The mail is accepted, the answer never comes, the connection stays open.
    StallAck,
    /// QUIT is never answered; the connection stays open.
    StallQuit,
}

/// What happens to the next IMAP command of a given name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImapFault {
    /// Answered `NO` with this text, which may begin with a code such as `[UNAVAILABLE]`.
    No(String),
    /// Answered `BAD` with this text.
    Bad(String),
    /// This line comes first (before the `+`, where the command has one), then the usual answer.
    LineBefore(String),
    /// This many bytes of the answer come, then the connection ends.
    CutAfter(usize),
    /// The command is carried out, nothing is answered, the connection stays open.
    Silent,
    /// Only IDLE: accepted, and then nothing is ever announced.
    NothingNew,
    /// Only IDLE: the server ends it with a tagged OK at the next change.
    EndIdle,
    /// Only SEARCH: every message is found, whatever was asked for.
    FindsAll,
    /// Only SELECT and EXAMINE: neither UIDVALIDITY nor UIDNEXT is told.
    NoUidValidity,
}

/// What is wrong with one message of a mailbox, for as long as faults are not cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenMessage {
    /// FETCH says OK and passes over it.
    PassedOver,
    /// Its header is given, its text refused.
    WithoutText,
    /// The connection ends where anything of it is asked for.
    Cuts,
    /// No search by words finds it.
    NotIndexed,
}

/// The answer to a RCPT: how often, and what.
#[derive(Debug)]
struct RecipientRefusal {
    left: u32,
    answer: String,
}

#[derive(Debug, Default)]
pub(super) struct InjectedFaults {
    recipients: BTreeMap<String, RecipientRefusal>,
    smtp: VecDeque<SmtpFault>,
    imap: VecDeque<(String, ImapFault)>,
    broken: Vec<(String, BrokenMessage)>,
}

impl InjectedFaults {
    pub(crate) fn refuse_recipient(&mut self, address: &str, answer: &str, times: u32) {
        let refusal = RecipientRefusal { left: times, answer: answer.to_owned() };
        self.recipients.insert(address.to_ascii_lowercase(), refusal);
    }

    pub(crate) fn add_smtp(&mut self, fault: SmtpFault) {
        self.smtp.push_back(fault);
    }

    pub(crate) fn add_imap(&mut self, command: &str, fault: ImapFault) {
        self.imap.push_back((command.to_ascii_uppercase(), fault));
    }

    pub(crate) fn break_messages(&mut self, holding: &str, how: BrokenMessage) {
        self.broken.push((holding.to_owned(), how));
    }

    /// What is wrong with this message.
    pub(crate) fn of_message(&self, raw: &[u8]) -> Option<BrokenMessage> {
        if self.broken.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(raw);
        self.broken.iter().find(|(words, _)| text.contains(words)).map(|(_, how)| *how)
    }

    /// How many faults have not happened yet.
    pub(crate) fn waiting(&self) -> usize {
        self.smtp.len()
            + self.imap.len()
            + self.recipients.values().filter(|refusal| refusal.left > 0).count()
    }

    /// The answer to this RCPT, where it is to be refused.
    pub(crate) fn recipient(&mut self, address: &str) -> Option<String> {
        let refusal =
            self.recipients.get_mut(&address.to_ascii_lowercase()).filter(|refusal| refusal.left > 0)?;
        refusal.left -= 1;
        Some(refusal.answer.clone())
    }

    /// The first waiting fault for which `wanted` gives an answer.
    pub(crate) fn smtp<T>(&mut self, wanted: impl Fn(&SmtpFault) -> Option<T>) -> Option<T> {
        let (at, answer) = self.smtp.iter().enumerate().find_map(|(at, fault)| Some((at, wanted(fault)?)))?;
        self.smtp.remove(at);
        Some(answer)
    }

    /// The first waiting fault for a command that is `wanted`; the name as it stands on the wire, in any case.
    pub(crate) fn imap(&mut self, command: &str, wanted: impl Fn(&ImapFault) -> bool) -> Option<ImapFault> {
        let mut waiting = self.imap.iter();
        let at = waiting.position(|(name, fault)| name.eq_ignore_ascii_case(command) && wanted(fault))?;
        self.imap.remove(at).map(|(_, fault)| fault)
    }
}
