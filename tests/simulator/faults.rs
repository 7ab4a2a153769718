//! What goes wrong, and when.

use baton::sandbox::{ImapFault, SmtpFault};
use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::cast::{AGENT, CALVIN, DANA, MORGAN, OPERATOR, Reloaded};
use super::plan::{Act, Copy, Habit, Place, Plan, Step};

/// How a folder is filled that is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As it was, without the mails that lay in it before anything happened.
    WithoutOldest,
    /// As a migration does that begins with what people read.
    NewestFirst,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The next mail that is submitted meets it.
    Smtp(SmtpFault),
    /// This recipient is refused so often.
    Recipient {
        who: &'static str,
        answer: &'static str,
        times: u32,
    },
    /// The next command of this name meets it.
    Imap(&'static str, ImapFault),
    /// An account's mailbox cannot be reached, or with `smtp` nobody's submission server.
    Outage {
        account: &'static str,
        lasts: TimeDelta,
    },
    /// The mailbox's password is another for a while.
    Password {
        who: &'static str,
        lasts: TimeDelta,
    },
    /// The machine is off.
    Off {
        lasts: TimeDelta,
    },
    /// The process is killed in its next pass, when the servers have taken so many steps more.
    KillAtStep(u32),
    /// The same, when a server has taken a mail and its answer is on the way.
    KillAtAcceptance,
    /// The same, when it has run so many SQL statements more.
    KillAtStatement(u64),
    /// The next `send` is killed when the servers have taken so many steps more.
    KillSend(u32),
    /// A folder is made anew: it has another UIDVALIDITY and low UIDs.
    Renumber {
        who: &'static str,
        folder: &'static str,
        order: Order,
    },
    /// A mailbox is restored from a backup: its last mails are gone, and UIDNEXT with them.
    TakeBack {
        who: &'static str,
        folder: &'static str,
        count: usize,
    },
    /// The database is put aside ..
    BackUp,
    /// .. and is put in the place of the one that has gone on since.
    Restore,
    /// The machine's clock is set ahead (or back), and put right later.
    Clock {
        ahead: TimeDelta,
        lasts: TimeDelta,
    },
    Reload(Reloaded),
}

impl Fault {
    /// Whether the fate of a mail may stay unknown by it.
    pub(crate) fn is_about_fate(&self) -> bool {
        matches!(
            self,
            Fault::Smtp(SmtpFault::DropAtDot | SmtpFault::SwallowAck | SmtpFault::AcceptAndSay(_))
                | Fault::KillAtStep(_)
                | Fault::KillAtAcceptance
                | Fault::KillAtStatement(_)
                | Fault::KillSend(_)
        )
    }
}

/// Adds what goes wrong to a plan: nothing in one of five, so that punctuality is seen as well.
pub(crate) fn plan(rng: &mut Rng, plan: &mut Plan) {
    if rng.u8(0..5) == 0 {
        return;
    }
    let span = plan.ends - plan.begins;
    let acts: Vec<DateTime<Utc>> = plan.steps.iter().map(|step| step.at).collect();
    let is_restored = rng.u8(0..8) == 0;
    for _ in 0..rng.usize(1..6) {
        // Half of it right before something happens.
        let at = match rng.bool() {
            true => acts[rng.usize(0..acts.len())] - TimeDelta::seconds(rng.i64(0..60)),
            false => plan.begins + span * rng.i32(0..100) / 100,
        };
        let what = any(rng, plan, is_restored);
        plan.steps.push(Step { at: at.max(plan.begins), what: Act::Fault(what) });
    }
    if rng.u8(0..3) == 0 {
        let step = renumbered_around_a_letter(rng, plan);
        plan.steps.extend(step);
    }
    if is_restored {
        let first = plan.begins + span * rng.i32(10..60) / 100;
        let mut later = first + (plan.ends - first) * rng.i32(5..90) / 100;
        if rng.u8(0..3) == 0 {
            // After days of mail.
            plan.ends += TimeDelta::hours(rng.i64(24..150));
            later = plan.ends - TimeDelta::minutes(rng.i64(10..600));
        }
        plan.steps.push(Step { at: first, what: Act::Fault(Fault::BackUp) });
        plan.steps.push(Step { at: later, what: Act::Fault(Fault::Restore) });
    }
}

fn any(rng: &mut Rng, plan: &Plan, is_restored: bool) -> Fault {
    let account = ["dana", "calvin", "smtp", "dana", "calvin"][rng.usize(0..5)];
    let watched = if plan.ae_watched && rng.bool() { CALVIN } else { DANA };
    let habit = if watched == CALVIN { plan.ae_habit } else { plan.sdr_habit };
    let folder = match (habit, rng.bool()) {
        (Habit::Gmail, _) => "\\All",
        (_, true) => "INBOX",
        (_, false) => "\\Sent",
    };
    let minutes = |rng: &mut Rng| {
        TimeDelta::minutes([rng.i64(1..30), rng.i64(30..240), rng.i64(1..900)][rng.usize(0..3)])
    };
    match rng.u8(0..24) {
        0..=3 => Fault::Smtp(smtp(rng)),
        4 => Fault::Recipient {
            who: [CALVIN, MORGAN, DANA, OPERATOR][rng.usize(0..4)],
            answer: ["451 4.7.1 come back later", "452 4.2.2 mailbox full", "550 5.7.1 not now"]
                [rng.usize(0..3)],
            times: rng.u32(1..4),
        },
        5..=8 => {
            let command =
                ["LOGIN", "AUTHENTICATE", "SELECT", "EXAMINE", "FETCH", "SEARCH", "LIST", "STATUS", "APPEND"];
            Fault::Imap(command[rng.usize(0..command.len())], imap(rng))
        }
        9..=11 => Fault::Outage { account, lasts: minutes(rng) },
        12 => Fault::Password { who: watched, lasts: minutes(rng) },
        13 => Fault::Off { lasts: minutes(rng) },
        14 | 15 => Fault::KillAtStep(rng.u32(1..120)),
        16 => Fault::KillAtAcceptance,
        17 => Fault::KillAtStatement(rng.u64(1..400)),
        18 => Fault::KillSend(rng.u32(1..16)),
        19 => Fault::Renumber { who: watched, folder, order: order(rng) },
        20 if !is_restored => Fault::TakeBack { who: watched, folder, count: rng.usize(1..4) },
        21 if !is_restored => Fault::Clock {
            ahead: TimeDelta::minutes(if rng.bool() { rng.i64(5..3000) } else { rng.i64(-600..-5) }),
            lasts: TimeDelta::minutes(rng.i64(1..600)),
        },
        22 => Fault::Reload(Reloaded {
            without_alias: rng.bool(),
            other_manager: rng.bool(),
            other_sla: rng.bool(),
        }),
        _ => Fault::Outage { account: if plan.own_agent { "baton" } else { account }, lasts: minutes(rng) },
    }
}

fn order(rng: &mut Rng) -> Order {
    if rng.bool() { Order::WithoutOldest } else { Order::NewestFirst }
}

/// A folder is made anew, with the newest mail first, while a letter lies in it that nobody has read yet, and that no
/// other folder shows. The last look would find but the AE's mail to the prospect.
fn renumbered_around_a_letter(rng: &mut Rng, plan: &Plan) -> Option<Step> {
    let is_read = |copy: &&Copy| match copy.who {
        CALVIN => plan.ae_watched,
        _ => true,
    };
    let mut places = Vec::new();
    for step in &plan.steps {
        let Act::Write(letter) = &step.what else { continue };
        if letter.kind.means_nothing() {
            continue;
        }
        let read: Vec<&Copy> = letter.copies.iter().filter(is_read).collect();
        if let [copy] = read[..]
            && copy.shown_after.is_zero()
            && [CALVIN, DANA].contains(&copy.who)
            && matches!(copy.place, Place::Inbox | Place::Sent)
        {
            places.push((step.at, copy));
        }
    }
    if places.is_empty() {
        return None;
    }
    let (at, copy) = places[rng.usize(0..places.len())];
    let habit = if copy.who == CALVIN { plan.ae_habit } else { plan.sdr_habit };
    let folder = match (habit, copy.place) {
        (Habit::Gmail, _) => "\\All",
        (_, Place::Sent) => "\\Sent",
        _ => "INBOX",
    };
    Some(Step { at, what: Act::Fault(Fault::Renumber { who: copy.who, folder, order: Order::NewestFirst }) })
}

fn smtp(rng: &mut Rng) -> SmtpFault {
    match rng.u8(0..10) {
        0 => SmtpFault::DropAtGreeting,
        1 => SmtpFault::RefuseLogin("454 4.7.0 temporary authentication failure".to_owned()),
        2 => SmtpFault::RefuseSender("451 4.3.0 not now".to_owned()),
        3 => SmtpFault::RefuseData("451 4.3.0 not now".to_owned()),
        4 => SmtpFault::RefuseMail("452 4.3.1 no room".to_owned()),
        5 => SmtpFault::AcceptAndSay("451 4.3.0 queue file write error".to_owned()),
        // A connection cut in the middle of a mail ends as the kernel's timing has it; tests/wire plays it.
        6 => SmtpFault::RefuseData("421 4.3.2 closing".to_owned()),
        7 => SmtpFault::DropAtDot,
        _ => SmtpFault::SwallowAck,
    }
}

fn imap(rng: &mut Rng) -> ImapFault {
    match rng.u8(0..7) {
        0 => ImapFault::No("[UNAVAILABLE] backend down".to_owned()),
        1 => ImapFault::No("[SERVERBUG] internal error".to_owned()),
        2 => ImapFault::Bad("what was that".to_owned()),
        3 => ImapFault::LineBefore("* OK still here".to_owned()),
        4 => ImapFault::NoUidValidity,
        _ => ImapFault::CutAfter(rng.usize(0..3000)),
    }
}

/// The accounts whose mailboxes the agent reads.
pub(crate) fn accounts(plan: &Plan) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![("dana", DANA)];
    if plan.ae_watched {
        all.push(("calvin", CALVIN));
    }
    if plan.own_agent {
        all.push(("baton", AGENT));
    }
    all
}
