//! What docs/behaviour.md sections 13 and 14 say of letters to baton: what they bring about, what they are answered with,
//! and what they never do.

use std::collections::BTreeSet;

use baton::store::OutboxState;
use chrono::{DateTime, TimeDelta, Utc};

use super::cast::{self, CALVIN, DANA, MORGAN};
use super::letters::CORRECTED;
use super::model::{Case, Trial, Visible};
use super::plan::{Invitation, Kind, Question, Words};
use super::world::Left;
use baton::domain::judge::Judgement;

/// What may leave about a handoff that is closed (docs/behaviour.md section 12).
const AFTER_CLOSING: [&str; 2] = ["feedback-thanks", "withdrawal"];

/// What `resend` is answered with.
const ON_RESEND: &[&str] = &["record-ready", "record-faults", "done"];

impl Trial<'_, '_> {
    pub(super) async fn letters_are_answered(&mut self) {
        for number in 0..self.plan.handoffs.len() {
            if self.plan.handoffs[number].by_mail {
                self.handed_in(number).await;
            }
            self.words(number).await;
        }
        self.questions().await;
    }

    /// Whether somebody is configured all the time who may say what they say.
    pub(super) fn may_say(&self, by: &str) -> bool {
        by != MORGAN || self.world.reloads.iter().all(|(_, now)| !now.other_manager)
    }

    /// Whether whoever wrote what was shown at `at` was configured when it was read.
    pub(super) fn could_say(&self, by: &str, at: DateTime<Utc>) -> bool {
        let read = self.world.passes.iter().map(|pass| pass.at).find(|pass| *pass >= at).unwrap_or(at);
        let last = self.world.reloads.iter().rev().find(|(since, _)| *since <= read);
        by != MORGAN || last.is_none_or(|(_, now)| !now.other_manager)
    }

    fn answers(&self, kinds: &[&str], number: usize, since: DateTime<Utc>) -> Vec<Left> {
        let fits = |mail: &&Left| {
            kinds.contains(&mail.kind.as_str()) && mail.company == Some(number) && mail.at >= since
        };
        self.left.iter().filter(fits).cloned().collect()
    }

    /// Whether nobody can tell if an answer of these kinds has left, or it waits.
    async fn is_in_doubt(&self, kinds: &[&str]) -> bool {
        let rows = self.world.unsettled().await;
        rows.iter().any(|row| {
            kinds.contains(&row.key.kind.name())
                && (row.state == OutboxState::Uncertain || row.may_have_left || row.not_before.is_some())
        })
    }

    /// A record that was mailed, and the yes to what was shown.
    async fn handed_in(&mut self, number: usize) {
        let visible = self.visible(number);
        let shown = |wanted: &dyn Fn(&Kind) -> bool| -> Option<DateTime<Utc>> {
            visible.iter().filter(|one| wanted(&one.of.letter.kind)).map(|one| one.shown).min()
        };
        let record = shown(&|kind| *kind == Kind::HandsIn);
        let is_yes = |kind: &Kind| *kind == Kind::SaysSend { by: DANA, is_forged: false };
        let yes = shown(&is_yes);
        // A yes may be to what was shown before the correction.
        let corrected = shown(&|kind| *kind == Kind::Corrects);
        let meeting = self.plan.handoffs[number].meeting;
        let first = self.mails(number, "intro").into_iter().next();
        if let Some(intro) = first
            && yes.is_none_or(|yes| yes > intro.at)
        {
            self.find(format!("FALSE: the intro of handoff {number} left at {}, without a yes", intro.at));
        }
        if self.world.restored.is_some() || self.has_clock_fault {
            return;
        }
        let Some(record) = record else { return };
        if let Some(corrected) = corrected {
            let kinds = ["record-ready", "record-faults", "done"];
            if self.answers(&kinds, number, corrected).is_empty() && !self.is_in_doubt(&kinds).await {
                self.find(format!("MISSED: the correction of handoff {number} was not answered"));
            }
            let is_first = yes.is_some_and(|yes| corrected + TimeDelta::minutes(5) < yes);
            let left = self.mails(number, "intro").into_iter().next();
            if self.is_faultless && is_first && left.is_some_and(|intro| !self.world.holds(&intro, CORRECTED))
            {
                self.find(format!("FALSE: the intro of handoff {number} left uncorrected"));
            }
        }
        let of_record = ["record-ready", "record-faults"];
        if self.answers(&of_record, number, record).is_empty() && !self.is_in_doubt(&of_record).await {
            self.find(format!("MISSED: the record of handoff {number} was not answered"));
        }
        if self.answers(&["record-faults"], number, record).iter().any(|mail| mail.at < meeting) {
            self.find(format!("FALSE: the record of handoff {number} was called faulty"));
        }
        let Some(yes) = yes else { return };
        let any = ["record-ready", "record-faults", "send-failed", "done"];
        let has_intro = !self.mails(number, "intro").is_empty() || self.has(number, "intro").await;
        let is_answered = has_intro || !self.answers(&any, number, yes).is_empty();
        if !is_answered && !self.is_in_doubt(&any).await {
            self.find(format!("MISSED: the yes to handoff {number} brought nothing"));
        }
        if self.is_faultless && corrected.is_none() && yes < meeting && !has_intro {
            self.find(format!("MISSED: the yes to handoff {number} did not send it"));
        }
    }

    /// Whether a yes by then was to a `resend` that was shown before its meeting moved or was called off: what was shown is
    /// not what would leave, so it is refused with the reason.
    pub(super) fn is_yes_to_something_else(&self, by: DateTime<Utc>) -> bool {
        (0..self.plan.handoffs.len()).any(|number| {
            let visible = self.visible(number);
            let shown = |wanted: &dyn Fn(&Kind) -> bool| -> Vec<DateTime<Utc>> {
                visible.iter().filter(|one| wanted(&one.of.letter.kind)).map(|one| one.shown).collect()
            };
            let asked = shown(&|kind| matches!(kind, Kind::Says { what: Words::Resend, .. }));
            let changed = shown(&|kind| {
                matches!(
                    kind,
                    Kind::Says { what: Words::MeetingMoved { .. }, .. }
                        | Kind::Invitation(Invitation::Moved { .. } | Invitation::Cancelled)
                )
            });
            let yes = shown(&|kind| matches!(kind, Kind::SaysSend { is_forged: false, .. }));
            changed.iter().any(|changed| {
                asked.iter().any(|asked| asked <= changed)
                    && yes.iter().any(|yes| changed <= yes && *yes <= by)
            })
        })
    }

    /// Words about a handoff that cannot or can be done.
    async fn words(&mut self, number: usize) {
        let visible = self.visible(number);
        let said = visible.iter().filter_map(|one| match &one.of.letter.kind {
            // The AE's own word is a `done`, which is no request.
            Kind::Says { by: CALVIN, what: Words::Touched } => None,
            Kind::Says { by, what } if self.may_say(by) => {
                let is_resend = *what == Words::Resend;
                Some((*by, one.shown, if is_resend { ON_RESEND } else { &["done"] }))
            }
            _ => None,
        });
        let said: Vec<(&str, DateTime<Utc>, &[&str])> = said.collect();
        let most = visible.iter().filter(|one| one.of.letter.kind.is_letter()).count();
        for (by, shown, kinds) in said {
            let answers = self.answers(kinds, number, shown);
            let told = answers.iter().any(|mail| mail.to.iter().any(|to| to == by));
            let may_be_silent = self.world.restored.is_some() || self.has_clock_fault;
            if !told && !may_be_silent && !self.is_in_doubt(kinds).await {
                self.find(format!("MISSED: {by} was not told what became of their words"));
            }
        }
        let told = self.answers(&["done"], number, DateTime::UNIX_EPOCH).len();
        if told > most {
            self.find(format!("FALSE: {told} `done` about handoff {number} for {most} letters"));
        }
    }

    /// Each letter that asks is answered once.
    async fn questions(&mut self) {
        let mut asked: Vec<(&str, Question)> = Vec::new();
        for number in 0..self.plan.handoffs.len() {
            asked.extend(self.visible(number).iter().filter_map(|one| match one.of.letter.kind {
                Kind::Asks { by, what } => Some((by, what)),
                _ => None,
            }));
        }
        for (kind, what) in [("overview", Question::Status), ("help", Question::Help)] {
            let in_doubt = self.is_in_doubt(&[kind]).await;
            for by in [DANA, CALVIN, MORGAN, cast::OPERATOR] {
                let letters = asked.iter().filter(|one| **one == (by, what)).count();
                // One that left twice is the same answer, and `nothing_twice` says whether it might.
                let answers = self.left.iter().filter(|mail| mail.kind == kind && mail.to == [by]);
                let told = answers.map(|mail| &mail.about).collect::<BTreeSet<_>>().len();
                // Who answers a mail about a handoff that a restored database does not know is told what words there are.
                let is_about_lost = self.world.restored.is_some() && what == Question::Help;
                if told > letters && !is_about_lost {
                    self.find(format!("FALSE: {told} `{kind}` for {letters} letters of {by}"));
                }
                let may_be_silent = in_doubt || self.world.restored.is_some() || !self.may_say(by);
                if told < letters && !may_be_silent {
                    self.find(format!("MISSED: {told} `{kind}` for {letters} letters of {by}"));
                }
            }
        }
    }
}

impl Case {
    /// After somebody who may has closed it, hardly anything leaves.
    pub(super) fn closing(&self, trial: &Trial<'_, '_>, judgement: &Judgement, found: &mut Vec<String>) {
        let Some(closed) = self.closed_by_hand.filter(|_| trial.world.restored.is_none()) else { return };
        if judgement.open {
            found.push(format!("MISSED: it is open, though it was closed at {closed}"));
        }
        let late = trial.left.iter().filter(|mail| {
            mail.handoff == Some(self.number)
                && !AFTER_CLOSING.contains(&mail.kind.as_str())
                && trial.has_clean_pass(closed, mail.at)
        });
        found.extend(
            late.map(|mail| format!("FALSE: {} left at {}, after it was closed", mail.kind, mail.at)),
        );
    }
}

/// Letters of one kind that can be seen.
pub(super) fn of_kind<'v, 'w>(
    visible: &'v [Visible<'w>],
    wanted: impl Fn(&Kind) -> bool + 'v,
) -> impl Iterator<Item = &'v Visible<'w>> {
    visible.iter().filter(move |one| wanted(&one.of.letter.kind))
}
