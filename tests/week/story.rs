//! The words in which a story is written down: who hands what to whom, what people do, which mails baton
//! writes in between, and how it ends.
//!
//! Everything here is data. `stage` plays what people do, `check` holds what baton did against the rest.
//!
//! Times are `Mon 23 09:10`: the AE's own, in November 2026 or the first days of December. People are named by
//! the part of their address before the `@`: colleagues at vendor.example, prospects at the company's own
//! domain. Several are separated by commas.

/// A time in the AE's zone.
pub(crate) type When = &'static str;
/// One person, or several separated by commas.
pub(crate) type Who = &'static str;

/// One handoff, from the record to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Story {
    /// Its domain is the first word in lower case, at `example`.
    pub company: &'static str,
    /// What the story is about, in one sentence.
    pub told: &'static str,
    pub sdr: Who,
    pub ae: Who,
    /// Names of the prospects whom the intro is written to.
    pub to: &'static str,
    /// Names of those who come to the meeting; nobody: the same.
    pub attendees: &'static str,
    /// When the meeting begins; it takes half an hour.
    pub meeting: When,
    /// What happens, in order; baton's mails among it.
    pub steps: &'static [(When, Do)],
    pub ends: Ends,
}

/// What a story leaves out.
pub(crate) const PLAIN: Story = Story {
    company: "",
    told: "",
    sdr: "",
    ae: "",
    to: "",
    attendees: "",
    meeting: "",
    steps: &[],
    ends: ENDS,
};

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Do {
    /// The SDR hands the record to `baton send`.
    Sends,
    /// baton writes: kind, to, cc. Every mail that leaves is in a story, and nothing else leaves.
    Mail(&'static str, Who, Who),
    /// In the prospects' thread, quoting the last mail in it: by, to, cc, words. No words: nothing but the
    /// quotation.
    Reply(Who, Who, Who, &'static str),
    /// The same with a hidden recipient: by, to, bcc, words.
    ReplyBcc(Who, Who, Who, &'static str),
    /// The same, the writer's own copy filed away: by, to, folder, words.
    ReplyFiled(Who, Who, &'static str, &'static str),
    /// The same, by somebody outside under another's name: address, name, to, cc.
    ReplyFrom(&'static str, &'static str, Who, Who),
    /// A mail of its own: by, to, cc, words.
    Writes(Who, Who, Who, &'static str),
    /// An answer to baton's last mail of this kind: by, kind, words.
    Answers(Who, &'static str, &'static str),
    /// The same, with the mail's three lines filled in inside the quotation.
    FillsIn(Who, &'static str, [&'static str; 3]),
    /// Follows the link in that mail which fills in this answer, and sends what opens: by, kind, answer.
    Clicks(Who, &'static str, &'static str),
    /// Gmail's reaction to that mail: by, kind, emoji.
    Reacts(Who, &'static str, &'static str),
    /// The automatic answer to the SDR's intro: by, words.
    IsAway(Who, &'static str),
    /// A calendar message: by, to, method, UID, begin. Its sequence counts up with each REQUEST and CANCEL.
    Calendar(Who, Who, &'static str, &'static str, When),
    /// An answer to an invitation: by, to its organizer, PARTSTAT, UID, begin.
    Rsvp(Who, Who, &'static str, &'static str, When),
    /// A scheduling tool tells the AE that this prospect has booked a call: name of the prospect, begin.
    Books(&'static str, &'static str),
    /// The report that the last mail in the thread did not reach an address: the address, author of that mail.
    Bounces(Who, Who),
    /// Mail in the thread that says it is the AE's, and that the SDR's server finds forged: to, cc, words.
    Forged(Who, Who, &'static str),
    /// `baton resend` with a record that names this prospect.
    Resends(&'static str),
    /// `baton reassign --ae`
    Reassigns(Who),
    /// The mailbox of an account cannot be reached any more.
    Outage(Who),
    /// It can be again.
    OutageEnds(Who),
    /// The password of an account is changed, and nobody has told baton.
    PasswordChanges(Who),
    /// baton's own is the right one again.
    PasswordIsMended(Who),
}

/// How a handoff stands when the week is over; the words of `baton show --json`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub deadline: &'static str,
    /// State, kind and time of the touch; `late`, `indirect` where it is.
    pub touch: &'static str,
    /// The last verdict and the first mail's.
    pub cc: &'static str,
    pub acceptance: &'static str,
    pub meeting: &'static str,
    /// State, outcome, score, when it came, and what was wrong in the record.
    pub feedback: &'static str,
    pub open: bool,
}

pub(crate) const ENDS: Ends = Ends {
    deadline: "",
    touch: "",
    cc: "waiting",
    acceptance: "none",
    meeting: "",
    feedback: "",
    open: false,
};
