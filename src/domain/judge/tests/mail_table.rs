//! Every mail that any case here wants comes from, goes to and waits as its kind's row of `mail_kinds` says.

use super::*;
use crate::domain::mail_kinds::mail_kinds;
use crate::domain::mails::Voice;

/// A reader as the table names one.
#[derive(Clone, Copy, Debug)]
enum Party {
    Prospects,
    Sdr,
    Ae,
    Manager,
    Operator,
    /// Baton itself.
    Agent,
    /// Which of us wrote the mail that it is about.
    Author,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaves {
    AtOnce,
    InWorkingHours,
}

struct Addressing {
    from: Voice,
    to: &'static [Party],
    cc: &'static [Party],
    leaves: Leaves,
}

macro_rules! addressing_of_kinds {
    ($({
        $kind:ident $name:literal $title:literal
        from: $from:ident, to: [$($to:ident),*], cc: [$($cc:ident),*], scope: $scope:ident, audience: $audience:ident,
        leaves: $leaves:ident, $($column:tt)*
    })+) => {
        fn addressing(kind: MailKind) -> Addressing {
            match kind {
                $(MailKind::$kind => Addressing {
                    from: Voice::$from,
                    to: &[$(Party::$to),*],
                    cc: &[$(Party::$cc),*],
                    leaves: Leaves::$leaves,
                },)+
            }
        }
    };
}

mail_kinds!(addressing_of_kinds);

fn is_party(world: &World, party: Party, mailbox: &Mailbox) -> bool {
    let person = world.policy.people.iter().find(|person| person.address == mailbox.address);
    let has = |role| person.is_some_and(|person| person.roles.contains(&role));
    match party {
        Party::Prospects => person.is_none() && mailbox.address != world.policy.operator,
        Party::Sdr => has(TeamRole::Sdr),
        Party::Ae => has(TeamRole::Ae),
        // Where the manager is the AE, the operator hears instead.
        Party::Manager => {
            let manages = |name: &String| {
                world.policy.people.iter().any(|person| person.manager.as_ref() == Some(name))
            };
            person.is_some_and(|person| manages(&person.name)) || mailbox.address == world.policy.operator
        }
        Party::Operator => mailbox.address == world.policy.operator,
        Party::Agent => mailbox.address == world.policy.agent_address,
        Party::Author => true,
    }
}

/// Compares each mail with its row. Where nobody is left in To, those in Cc stand there.
pub(super) fn check(world: &World, judgement: &Judgement) {
    for mail in &judgement.mails {
        let row = addressing(mail.key.kind);
        let name = mail.key.kind.name();
        let to_manager = row.to.iter().any(|party| matches!(party, Party::Manager));
        assert!(
            mail.from == row.from || (mail.from == Voice::Agent && to_manager),
            "{name}: {:?}",
            mail.from
        );
        let waits = mail.not_before.is_some();
        assert!(!waits || row.leaves == Leaves::InWorkingHours, "{name} leaves at once");
        for reader in &mail.to {
            let named = row.to.iter().chain(row.cc).any(|party| is_party(world, *party, reader));
            assert!(named, "{name} to {}", reader.address);
        }
        for reader in &mail.cc {
            let named = row.cc.iter().any(|party| is_party(world, *party, reader));
            assert!(named, "{name} cc {}", reader.address);
        }
        assert_eq!(mail.brief.kind(), mail.key.kind);
    }
}
