//! The one place where signs of a program and signs of a person are weighed. docs/behaviour.md section 5, "A machine
//! or a person".
//!
//! Every rule of this folder hands in signs; none decides. A sign has a family, since two signs of one family say
//! the same thing twice, and a strength. The same signs are weighed twice: for an author of whom nothing is known, and
//! for one who is configured or is a prospect contact who answers. A program has to show more of the latter.

use crate::domain::message::MessageKind;

/// What a sign is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// MIME parts and types that a program alone makes.
    Structure,
    /// A header field that only programs write.
    ProgramField,
    /// The form or the words of the subject.
    Subject,
    /// What the author's own words say of themselves.
    OwnWords,
    /// The author's own words speak of being away.
    Absence,
    /// The author's own words promise an answer.
    Acknowledgement,
    /// The envelope sender.
    Envelope,
    /// List-* and Precedence.
    List,
    /// Of a notice to everybody: who answers instead, what is done later.
    Notice,
    /// Fields that services which send for others add.
    SendingService,
    /// Fields that senders of campaigns write.
    Campaign,
    /// An address that offices, campaigns or programs write from.
    Office,
    /// A text that is laid out as newsletters are.
    Layout,
    /// The form of the Message-ID.
    MessageId,
    /// How the author speaks to the reader.
    Address,
}

/// What a sign is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// People's mail bears it as well: never decides alone.
    Weak,
    /// Decides where nothing is known of the author.
    Strong,
    /// Nothing else does this: decides whoever the author is.
    Proof,
}

/// One thing that speaks for a kind; for `Human`, against all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    pub kind: MessageKind,
    pub family: Family,
    pub strength: Strength,
    /// A short sentence without full stop.
    pub reason: String,
}

/// What is known of an author beside the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthorStanding {
    Unknown,
    /// A configured person, or a prospect contact in answer to the thread.
    Known,
}

/// All signs of a message, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindEvidence {
    signs: Vec<Sign>,
}

/// Kinds by precedence (docs/servers.md section 5): a third of real bounces call themselves auto-replied; what a program
/// attaches (a calendar part, a reaction) counts before how it was sent.
const PRECEDENCE: [MessageKind; 8] = [
    MessageKind::Bounce,
    MessageKind::Receipt,
    MessageKind::Calendar,
    MessageKind::Reaction,
    MessageKind::AutoReply,
    MessageKind::Scheduler,
    MessageKind::Bulk,
    MessageKind::Automated,
];

impl KindEvidence {
    pub(crate) fn add(&mut self, kind: MessageKind, family: Family, strength: Strength, reason: String) {
        self.signs.push(Sign { kind, family, strength, reason });
    }

    /// A sign that people's mail bears as well.
    pub(crate) fn hint(&mut self, family: Family, reason: impl Into<String>) {
        self.add(MessageKind::Automated, family, Strength::Weak, reason.into());
    }

    /// A sign of a person.
    pub(crate) fn person(&mut self, family: Family, reason: impl Into<String>) {
        self.add(MessageKind::Human, family, Strength::Weak, reason.into());
    }

    /// Whether a sign settles the kind whoever the author is.
    pub(crate) fn is_proved(&self) -> bool {
        self.signs.iter().any(|sign| sign.strength == Strength::Proof)
    }

    /// Whether anything speaks for a program.
    pub(crate) fn speaks_for_program(&self) -> bool {
        self.signs.iter().any(|sign| sign.kind != MessageKind::Human)
    }

    fn has(&self, family: Family) -> bool {
        self.signs.iter().any(|sign| sign.family == family && sign.kind != MessageKind::Human)
    }

    /// How many different families of `among` the signs are of.
    fn count(&self, among: &[Family]) -> usize {
        among.iter().filter(|family| self.has(**family)).count()
    }

    /// The kind that the signs make of a message by such an author.
    pub(crate) fn kind(&self, author: AuthorStanding) -> MessageKind {
        let least = match author {
            AuthorStanding::Unknown => Strength::Strong,
            AuthorStanding::Known => Strength::Proof,
        };
        let by_one = PRECEDENCE
            .into_iter()
            .find(|kind| self.signs.iter().any(|sign| sign.kind == *kind && sign.strength >= least));
        by_one.or_else(|| self.by_several(author)).unwrap_or(MessageKind::Human)
    }

    /// Weak signs of different families together.
    fn by_several(&self, author: AuthorStanding) -> Option<MessageKind> {
        use Family::{
            Absence, Acknowledgement, Campaign, Envelope, Layout, List, MessageId, Notice, Office, OwnWords,
            SendingService, Subject,
        };
        let is_personal = self.signs.iter().any(|sign| sign.kind == MessageKind::Human);
        let of_machine = self.count(&[Envelope, List, SendingService, Campaign, MessageId, Subject]);
        // A list bears people's mail about being away.
        let is_notice = self.has(Notice) && self.count(&[Envelope, MessageId, Subject]) >= 1;
        let suffices = of_machine >= 2 || author == AuthorStanding::Unknown && is_notice;
        if self.has(Absence) && suffices && !is_personal {
            return Some(MessageKind::AutoReply);
        }
        if self.has(OwnWords) && self.count(&[Envelope, MessageId, Subject]) >= 1 {
            return PRECEDENCE
                .into_iter()
                .find(|kind| self.signs.iter().any(|sign| sign.kind == *kind && sign.family == OwnWords));
        }
        if author == AuthorStanding::Known {
            return None;
        }
        // Nothing but vacation programs give such ids and no return path.
        let is_vacation = self.has(MessageId) && self.count(&[Envelope, Subject]) >= 1;
        // People thank for a mail as well; a program does in the subject, too, or promises an answer to everybody.
        let is_formal = self.count(&[Notice, Subject]) >= 1;
        let acknowledges = self.has(Acknowledgement) && is_formal && of_machine >= 2;
        if (is_vacation || acknowledges && self.count(&[Envelope, MessageId, Subject]) >= 1) && !is_personal {
            return Some(MessageKind::AutoReply);
        }
        let of_campaign = self.count(&[Campaign, Office, Layout]);
        // A sales tool's letter to one person bears a campaign's fields as well, but has no newsletter's form.
        let is_letter = is_personal && self.count(&[Office, Layout]) == 0;
        let of_bulk = self.count(&[Campaign, Office, List, SendingService]);
        if of_campaign > 0 && of_bulk >= 2 && !is_letter {
            return Some(MessageKind::Bulk);
        }
        (self.has(Envelope) && of_campaign > 0).then_some(MessageKind::Automated)
    }

    /// All signs in plain English: those for `kind` first, then the others, then what speaks against.
    pub(crate) fn reasons(self, kind: MessageKind) -> Vec<String> {
        let is_human = kind == MessageKind::Human;
        let (deciding, others): (Vec<Sign>, Vec<Sign>) =
            self.signs.into_iter().partition(|sign| sign.kind == kind && sign.strength > Strength::Weak);
        let (persons, programs): (Vec<Sign>, Vec<Sign>) =
            others.into_iter().partition(|sign| sign.kind == MessageKind::Human);
        let weak = |sign: Sign| match sign.strength {
            Strength::Weak => format!("{}; people's mail can bear that, too", sign.reason),
            _ => sign.reason,
        };
        let against = |sign: Sign| format!("against it: {}", sign.reason);
        let mut found: Vec<String> = deciding.into_iter().map(|sign| sign.reason).collect();
        if is_human {
            if programs.is_empty() {
                found.push("nothing shows that a program wrote it".to_owned());
            } else {
                found.push("what speaks for a program does not suffice".to_owned());
            }
            found.extend(persons.into_iter().map(|sign| sign.reason));
            found.extend(programs.into_iter().map(|sign| format!("against it: {}", weak(sign))));
        } else {
            if found.is_empty() {
                found.push("several signs together, of which none decides alone".to_owned());
            }
            found.extend(programs.into_iter().map(weak));
            found.extend(persons.into_iter().map(against));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(signs: &[(MessageKind, Family, Strength)]) -> KindEvidence {
        let mut found = KindEvidence::default();
        for (kind, family, strength) in signs {
            found.add(*kind, *family, *strength, format!("{family:?}"));
        }
        found
    }

    const ABSENCE: (MessageKind, Family, Strength) =
        (MessageKind::AutoReply, Family::Absence, Strength::Weak);

    fn hint(family: Family) -> (MessageKind, Family, Strength) {
        (MessageKind::Automated, family, Strength::Weak)
    }

    #[test]
    fn one_weak_sign_never_decides() {
        for family in
            [Family::Envelope, Family::List, Family::SendingService, Family::Subject, Family::Layout]
        {
            let found = evidence(&[hint(family)]);
            assert_eq!(found.kind(AuthorStanding::Unknown), MessageKind::Human, "{family:?}");
            assert_eq!(found.kind(AuthorStanding::Known), MessageKind::Human, "{family:?}");
        }
    }

    #[test]
    fn of_a_known_author_two_families_decide_beside_words_of_absence_alone() {
        let two = [hint(Family::Envelope), hint(Family::List)];
        assert_eq!(evidence(&two).kind(AuthorStanding::Known), MessageKind::Human);
        assert_eq!(evidence(&[two[0], ABSENCE]).kind(AuthorStanding::Known), MessageKind::Human);
        assert_eq!(evidence(&[two[0], two[1], ABSENCE]).kind(AuthorStanding::Known), MessageKind::AutoReply);
        let same_family = [hint(Family::List), hint(Family::List), ABSENCE];
        assert_eq!(evidence(&same_family).kind(AuthorStanding::Known), MessageKind::Human);
    }

    #[test]
    fn what_only_programs_write_decides_whoever_the_author_is() {
        let found = evidence(&[
            (MessageKind::Human, Family::Address, Strength::Weak),
            (MessageKind::AutoReply, Family::ProgramField, Strength::Proof),
        ]);
        assert_eq!(found.kind(AuthorStanding::Known), MessageKind::AutoReply);
    }

    #[test]
    fn a_strong_sign_decides_where_nothing_is_known_of_the_author() {
        let found = evidence(&[(MessageKind::Automated, Family::Office, Strength::Strong)]);
        assert_eq!(found.kind(AuthorStanding::Unknown), MessageKind::Automated);
        assert_eq!(found.kind(AuthorStanding::Known), MessageKind::Human);
    }

    #[test]
    fn reasons_name_every_sign_and_what_decided_first() {
        let found = evidence(&[
            hint(Family::Envelope),
            (MessageKind::Human, Family::Address, Strength::Weak),
            (MessageKind::AutoReply, Family::Subject, Strength::Proof),
        ]);
        assert_eq!(
            found.reasons(MessageKind::AutoReply),
            ["Subject", "Envelope; people's mail can bear that, too", "against it: Address"]
        );
    }
}
