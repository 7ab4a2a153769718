//! What docs/behaviour.md says of a plan that was played: which mail has to be there, which must not, and how each
//! handoff ends. Written from that page alone; nothing of `domain::judge` is used.
//!
//! Where what goes wrong leaves open whether baton knew something in time, both ways are right.

use std::collections::BTreeMap;

use baton::agent::turn::judged;
use baton::domain::judge::{Judgement, TouchState};
use baton::sandbox::SmtpFault;
use baton::store::OutboxState;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

use super::cast::{self, AGENT, ALIAS, CALVIN, DANA, MORGAN, OPERATOR, RITA};
use super::faults::Fault;
use super::plan::{Act, Habit, Invitation, Kind, Place, Plan, SdrPlace, Sla, Words, is_working_day};
use super::world::{Happened, Left, Sent, World};

const GRACE: TimeDelta = TimeDelta::minutes(2);
const REMIND_BEFORE: TimeDelta = TimeDelta::minutes(60);
const MEETING_LASTS: TimeDelta = TimeDelta::minutes(30);

fn clock_time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap()
}

/// docs/behaviour.md section 4.
pub(crate) fn deadline(plan: &Plan, sla: Sla, at: DateTime<Utc>) -> DateTime<Utc> {
    let offset = TimeDelta::minutes(plan.zone.minutes);
    let local = (at + offset).naive_utc();
    let works = |day| is_working_day(plan, day);
    let next_working_day = |day: chrono::NaiveDate| day.iter_days().skip(1).find(|day| works(*day)).unwrap();
    let to_utc = |local: chrono::NaiveDateTime| local.and_utc() - offset;
    match sla {
        Sla::Elapsed(minutes) => at + TimeDelta::minutes(minutes),
        Sla::Playbook if works(local.date()) && local.time() < clock_time(12) => {
            to_utc(local.date().and_time(clock_time(17)))
        }
        Sla::Playbook => to_utc(next_working_day(local.date()).and_time(clock_time(10))),
        Sla::BusinessHours(hours) => {
            let mut left = TimeDelta::hours(hours);
            let mut day = local.date();
            loop {
                let opens = day.and_time(clock_time(9)).max(local);
                let open = (day.and_time(clock_time(17)) - opens).max(TimeDelta::zero());
                if works(day) && left <= open {
                    return to_utc(opens + left);
                }
                if works(day) {
                    left -= open;
                }
                day = day + Days::new(1);
            }
        }
    }
}

/// Working hours in which mail that waits for them may leave: the instant itself, or their next beginning.
fn next_working_instant(plan: &Plan, at: DateTime<Utc>) -> DateTime<Utc> {
    let offset = TimeDelta::minutes(plan.zone.minutes);
    let local = (at + offset).naive_utc();
    let day = local.date();
    if is_working_day(plan, day) && local.time() < clock_time(17) {
        return day.and_time(clock_time(9)).max(local).and_utc() - offset;
    }
    let next = day.iter_days().skip(1).find(|day| is_working_day(plan, *day)).unwrap();
    next.and_time(clock_time(9)).and_utc() - offset
}

/// A letter that baton can see.
pub(super) struct Visible<'w> {
    pub(super) of: &'w Happened,
    /// When the servers first had it, as far as its visible copies say.
    pub(super) at: DateTime<Utc>,
    /// When its first visible copy showed.
    pub(super) shown: DateTime<Utc>,
    /// Only the last look finds it.
    pub(super) is_filed: bool,
}

/// A time from one start to its deadline.
#[derive(Clone, Copy, Debug)]
pub(super) struct SlaClock {
    pub(super) starts: DateTime<Utc>,
    pub(super) deadline: DateTime<Utc>,
    /// Another clock took over: when, and since when that shows.
    pub(super) stopped: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// It runs for Rita.
    pub(super) of_rita: bool,
}

impl SlaClock {
    fn new(trial: &Trial<'_, '_>, starts: DateTime<Utc>) -> Self {
        let deadline = deadline(trial.plan, trial.sla_at(starts), starts);
        Self { starts, deadline, stopped: None, of_rita: false }
    }
}

pub(super) struct Trial<'w, 'p> {
    pub(super) world: &'w World<'p>,
    pub(super) plan: &'p Plan,
    pub(super) left: Vec<Left>,
    pub(super) is_faultless: bool,
    pub(super) has_clock_fault: bool,
    pub(super) has_fate_fault: bool,
    /// Something may leave later than it is written.
    pub(super) has_smtp_fault: bool,
    /// How often a server takes a mail and answers an error all the same.
    pub(super) error_answers: usize,
    /// Ids of intros that left, of which baton cannot tell: nothing goes on from them.
    pub(super) unknown_intros: Vec<String>,
    /// When baton read the letter that gave a handoff to Rita, where that was long after it was written.
    pub(super) read_late: BTreeMap<usize, DateTime<Utc>>,
    pub(super) findings: Vec<String>,
}

async fn unknown_intros(world: &World<'_>) -> Vec<String> {
    let rows = world.unsettled().await.into_iter();
    let unknown = rows.filter(|row| row.state == OutboxState::Uncertain && row.key.kind.name() == "intro");
    unknown.map(|row| row.message_id.as_str().to_owned()).collect()
}

/// Every way in which what was played differs from what docs/behaviour.md says.
pub(crate) async fn findings(world: &World<'_>) -> Vec<String> {
    let plan = world.plan;
    let faults: Vec<&Fault> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.what {
            Act::Fault(fault) => Some(fault),
            _ => None,
        })
        .collect();
    let mut trial = Trial {
        world,
        plan,
        left: world.left(),
        is_faultless: faults.is_empty(),
        has_clock_fault: faults.iter().any(|fault| matches!(fault, Fault::Clock { .. })),
        has_fate_fault: faults.iter().any(|fault| fault.is_about_fate()),
        has_smtp_fault: faults.iter().any(|fault| {
            matches!(fault, Fault::Smtp(_) | Fault::Recipient { .. } | Fault::Outage { account: "smtp", .. })
        }),
        error_answers: faults
            .iter()
            .filter(|fault| matches!(fault, Fault::Smtp(SmtpFault::AcceptAndSay(_))))
            .count(),
        unknown_intros: unknown_intros(world).await,
        read_late: world.read_late().await,
        findings: Vec::new(),
    };
    trial.nothing_twice();
    trial.nobody_outside();
    trial.nothing_lost().await;
    trial.mailboxes_are_as_they_were();
    trial.letters_are_answered().await;
    for number in 0..plan.handoffs.len() {
        trial.handoff(number).await;
    }
    trial.findings
}

impl Trial<'_, '_> {
    fn is_clock_ahead(&self, at: DateTime<Utc>) -> bool {
        self.plan.steps.iter().any(|step| match step.what {
            Act::Fault(Fault::Clock { ahead, lasts }) => {
                ahead > TimeDelta::zero() && step.at <= at && at <= step.at + lasts
            }
            _ => false,
        })
    }

    /// When Rita got a handoff, and since when that shows.
    fn reassigned(&self, number: usize, visible: &[Visible<'_>]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let by_command = self.world.reassigned.get(&number).map(|at| (*at, *at));
        // What was done while somebody was a manager stands.
        let was_done = || self.mails(number, "record").iter().any(|mail| mail.to.iter().any(|to| to == RITA));
        let said = visible.iter().filter_map(|one| match one.of.letter.kind {
            Kind::Says { by, what: Words::OverToRita } if self.may_say(by) || was_done() => {
                Some((one.at, one.shown))
            }
            _ => None,
        });
        said.chain(by_command).min()
    }

    pub(super) fn find(&mut self, what: impl Into<String>) {
        self.findings.push(what.into());
    }

    /// docs/behaviour.md section 11: the same mail twice.
    fn nothing_twice(&mut self) {
        let mut counts: BTreeMap<(String, String, Option<usize>, String), Vec<Left>> = BTreeMap::new();
        for mail in self.left.clone() {
            let to = if mail.handoff.is_none() { mail.to.join(" ") } else { String::new() };
            counts.entry((mail.kind.clone(), mail.about.clone(), mail.handoff, to)).or_default().push(mail);
        }
        let mut errors = self.error_answers;
        for ((kind, about, handoff, _), mails) in counts {
            // What is told of the agent itself is counted in its database alone.
            if self.world.restored.is_some() && ["trouble", "cannot-see"].contains(&kind.as_str()) {
                continue;
            }
            // Taken and refused all the same, where no mailbox that is read shows it: it has to be sent again.
            let again = if self.shows_up(&mails[0]) { 0 } else { errors.min(mails.len() - 1) };
            errors -= again;
            if mails.len() - again > 1 {
                self.find(format!(
                    "DOUBLED: {kind} `{about}` of handoff {handoff:?} left {} times",
                    mails.len()
                ));
            }
        }
    }

    /// Whether a mailbox that is read gets a copy by itself.
    fn shows_up(&self, mail: &Left) -> bool {
        let keeps = match mail.login.as_str() {
            DANA => self.plan.sdr_habit != Habit::Plain,
            CALVIN => self.plan.ae_habit != Habit::Plain,
            _ => false,
        };
        keeps || mail.to.iter().any(|who| self.is_visible(who, Place::Inbox))
    }

    /// Prospects get the intro alone, and nobody who is not configured gets anything.
    fn nobody_outside(&mut self) {
        for mail in self.left.clone() {
            if mail.kind == "unknown" {
                self.find(format!("FALSE: {} left, and the outbox never knew it", mail.id));
            }
            for who in &mail.to {
                let is_inside =
                    [DANA, CALVIN, RITA, MORGAN, cast::MAX, OPERATOR, AGENT].contains(&who.as_str());
                let is_intro = mail.kind == "intro" && cast::prospects().any(|one| one == who);
                if !is_inside && !is_intro {
                    self.find(format!("FALSE: {} went to {who}", mail.kind));
                }
                if who == MORGAN && self.world.removed.is_some_and(|at| mail.at > at + TimeDelta::seconds(1))
                {
                    self.find(format!("FALSE: {} went to Morgan, who is not configured any more", mail.kind));
                }
            }
            if self.is_faultless
                && ["trouble", "cannot-see", "can-see", "send-failed", "time-check"]
                    .contains(&mail.kind.as_str())
                && !(mail.kind == "send-failed" && self.is_yes_to_something_else(mail.at))
            {
                self.find(format!("FALSE: {} `{}`, though nothing was wrong", mail.kind, mail.about));
            }
        }
    }

    /// Nothing waits that could have left, and what nobody can tell of was told.
    async fn nothing_lost(&mut self) {
        let is_told =
            self.left.iter().any(|mail| mail.kind == "trouble" && mail.to.iter().any(|to| to == OPERATOR));
        for row in self.world.unsettled().await {
            let name = format!("{} `{}` of {}", row.key.kind.name(), row.key.about, row.scope_name());
            match row.state {
                OutboxState::Cancelled | OutboxState::Sent => {}
                // Whom the intro names and the server refuses, the SDR hears of.
                OutboxState::Failed
                    if row.key.kind.name() == "intro"
                        && self.left.iter().any(|mail| mail.kind == "intro-bounced") => {}
                OutboxState::Uncertain if row.may_have_left && self.world.restored.is_some() && is_told => {}
                OutboxState::Queued if row.not_before.is_some_and(|at| at > self.world.running().now()) => {}
                OutboxState::Uncertain if self.has_fate_fault => {
                    let is_told = is_told || row.key.kind.name() == "trouble";
                    if !is_told {
                        self.find(format!("LOST: {name} is uncertain, and nobody was told"));
                    }
                }
                state => self.find(format!("LOST: {name} is {}: {:?}", state.name(), row.error)),
            }
        }
    }

    fn mailboxes_are_as_they_were(&mut self) {
        for who in [DANA, CALVIN, AGENT] {
            let read = self.world.sandbox.mailbox(who, "INBOX").iter().any(|mail| !mail.flags.is_empty());
            if read {
                self.find(format!("FALSE: a mail of {who} is not as it was"));
            }
        }
        if self.plan.sdr_habit == Habit::Plain {
            let sent = self.world.sandbox.mailbox(DANA, "\\Sent");
            let mut ids: Vec<String> =
                sent.iter().map(|mail| String::from_utf8_lossy(&mail.raw).into_owned()).collect();
            let all = ids.len();
            ids.sort();
            ids.dedup();
            if ids.len() != all {
                self.find("DOUBLED: a copy lies twice in the SDR's Sent");
            }
        }
    }

    pub(super) fn is_visible(&self, who: &str, place: Place) -> bool {
        let (is_watched, habit) = match who {
            DANA => (true, self.plan.sdr_habit),
            CALVIN => (self.plan.ae_watched, self.plan.ae_habit),
            AGENT => (self.plan.own_agent, Habit::Plain),
            _ => (false, Habit::Plain),
        };
        let is_read = match place {
            Place::Inbox | Place::Sent => true,
            Place::Filed => habit == Habit::Gmail,
            Place::Drafts => false,
        };
        is_watched && is_read
    }

    pub(super) fn visible(&self, of: usize) -> Vec<Visible<'_>> {
        let mut all = Vec::new();
        for one in self.world.happened.iter().filter(|one| one.letter.handoff == of) {
            let read: Vec<_> =
                one.copies.iter().filter(|copy| self.is_visible(copy.who, copy.place)).collect();
            // The last look finds what was filed, whatever else shows later.
            let filed = one.copies.iter().filter(|copy| copy.place == Place::Filed && copy.who == DANA);
            let filed: Vec<_> = filed.filter(|copy| !self.is_visible(copy.who, copy.place)).collect();
            let is_filed = !filed.is_empty();
            let copies: Vec<_> = read.into_iter().chain(filed).collect();
            let Some(at) = copies.iter().map(|copy| copy.internal).min() else { continue };
            let shown = copies.iter().map(|copy| copy.shown).min().unwrap_or(at);
            all.push(Visible { of: one, at, shown, is_filed });
        }
        all
    }

    fn sla_at(&self, at: DateTime<Utc>) -> Sla {
        // What is sent goes before what else happens in its second.
        let last = self.world.reloads.iter().rev().find(|(since, _)| *since < at);
        if last.is_some_and(|(_, now)| now.other_sla) { self.plan.sla.other() } else { self.plan.sla }
    }

    /// Whether the alias was Calvin's at some time since then.
    pub(super) fn alias_counts(&self, since: DateTime<Utc>) -> bool {
        // What is sent goes before what else happens in its second.
        let before = self.world.reloads.iter().rev().find(|(at, _)| *at < since);
        let had = before.is_none_or(|(_, now)| !now.without_alias);
        had || self.world.reloads.iter().any(|(at, now)| *at >= since && !now.without_alias)
    }

    /// Whether a pass in which nothing failed was made in this span.
    pub(super) fn has_clean_pass(&self, from: DateTime<Utc>, before: DateTime<Utc>) -> bool {
        self.world.passes.iter().any(|pass| {
            pass.at >= from && pass.at < before && pass.failed.as_ref().is_some_and(Vec::is_empty)
        })
    }

    fn absences_elsewhere(&self, of: usize) -> usize {
        let others = self.world.happened.iter().filter(|one| one.letter.handoff != of);
        others.filter(|one| matches!(one.letter.kind, Kind::Absence { .. })).count()
    }

    pub(super) fn mails(&self, of: usize, kind: &str) -> Vec<Left> {
        self.left.iter().filter(|mail| mail.handoff == Some(of) && mail.kind == kind).cloned().collect()
    }

    /// Whether such a mail left, or nobody can tell, which is told elsewhere.
    pub(super) async fn has(&self, of: usize, kind: &str) -> bool {
        if !self.mails(of, kind).is_empty() {
            return true;
        }
        let Some(id) = self.world.ids.get(&of) else { return false };
        let rows = self.world.unsettled().await;
        rows.iter().any(|row| {
            row.scope_name() == id
                && row.key.kind.name() == kind
                && (row.state == OutboxState::Uncertain || row.may_have_left || row.not_before.is_some())
        })
    }

    async fn handoff(&mut self, number: usize) {
        match self.world.sends.get(&number) {
            Some(Sent::Stands) => {}
            sent => {
                let mails = self
                    .left
                    .iter()
                    .filter(|mail| mail.handoff == Some(number) && mail.kind != "intro")
                    .count();
                if mails > 0 {
                    self.find(format!("FALSE: handoff {number} has {mails} mails, and was {sent:?}"));
                }
                return;
            }
        }
        let Some(id) = self.world.ids.get(&number).cloned() else { return };
        let app = self.world.running();
        let now = app.now();
        let verdict = app.read(move |app, tx| judged(tx, &app.policy, &id, now)).await.unwrap();
        let intro = self.mails(number, "intro").first().map(|mail| mail.at);
        let Some(verdict) = verdict else {
            let is_after_backup = self.world.restored.is_some()
                && self.world.backed_up.is_some_and(|at| intro.is_none_or(|intro| intro >= at));
            if !is_after_backup {
                self.find(format!("LOST: handoff {number} is gone"));
            }
            return;
        };
        let rows = self.world.rows().await;
        let id = self.world.ids[&number].clone();
        let is_known = rows.iter().any(|row| {
            row.scope_name() == id && row.key.kind.name() == "intro" && row.state == OutboxState::Sent
        });
        let Some(starts) = intro.filter(|_| is_known) else {
            let can_be_found =
                intro.is_some() && (self.plan.ae_watched || self.plan.sdr_habit != Habit::Plain);
            if can_be_found && self.world.restored.is_none() {
                self.find(format!("MISSED: the intro of handoff {number} left, and its copy was not found"));
            }
            let is_closed = self
                .visible(number)
                .iter()
                .any(|one| matches!(one.of.letter.kind, Kind::Says { what: Words::Close, .. }));
            // What confirms a meeting that has begun meanwhile is held back, and the SDR hears.
            let meeting = self.plan.handoffs[number].meeting;
            let is_overtaken = self.mails(number, "intro-bounced").iter().any(|mail| mail.at >= meeting);
            if !self.has_fate_fault && !is_closed && !is_overtaken && self.world.restored.is_none() {
                self.find(format!("LOST: the intro of handoff {number} did not leave"));
            }
            for kind in ["escalation", "reminder", "record"] {
                if self.world.restored.is_none() && !self.mails(number, kind).is_empty() {
                    self.find(format!("FALSE: {kind} of handoff {number}, whose intro may not have left"));
                }
            }
            return;
        };
        let case = Case::of(self, number, starts);
        let findings = case.findings(self, &verdict.judgement).await;
        let told = |text: String| format!("{text} (handoff {number}: {:?}, {:?})", case.clocks, case.touch);
        self.findings.extend(findings.into_iter().map(told));
    }
}

/// What is true of one handoff.
pub(super) struct Case {
    pub(super) number: usize,
    pub(super) clocks: Vec<SlaClock>,
    /// Every first touch that could be one: when, since when it shows, whether only the last look finds it, and when it
    /// was withdrawn.
    pub(super) touches: Vec<Candidate>,
    /// The first that stands.
    pub(super) touch: Option<Candidate>,
    pub(super) undelivered: Option<DateTime<Utc>>,
    /// Since when feedback is in and the touch is settled: hardly anything may leave from then on.
    pub(super) closed: Option<DateTime<Utc>>,
    /// Since when the words of somebody who may close it show.
    pub(super) closed_by_hand: Option<DateTime<Utc>>,
    pub(super) is_unclear: bool,
    /// The machine's clock was ahead when the intro left, so that the handoff is later by it than it was: what the AE wrote
    /// before is moved behind it, and the deadline comes later. That accuses nobody.
    began_ahead: bool,
    /// Somebody who may not speak for it any more said that it was touched.
    is_by_a_former: bool,
    /// An answer to the feedback request said in time that they have met.
    is_held: bool,
    /// When Rita got it, and since when that shows.
    pub(super) reassigned: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// How often the intro left.
    pub(super) sendings: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Rita's, or said of hers.
    pub(super) of_rita: bool,
    pub(super) at: DateTime<Utc>,
    pub(super) shown: DateTime<Utc>,
    pub(super) is_filed: bool,
    pub(super) withdrawn: Option<DateTime<Utc>>,
    /// It is in the thread, or answers a mail of baton's.
    pub(super) cites: bool,
}

impl Case {
    fn of(trial: &Trial<'_, '_>, number: usize, starts: DateTime<Utc>) -> Self {
        let stays = Self::given_on(trial, number, starts, None);
        let reassigned = trial.reassigned(number, &trial.visible(number));
        // What is closed is nobody's any more.
        match reassigned.filter(|(_, shown)| stays.closed.is_none_or(|closed| closed > *shown)) {
            None => stays,
            reassigned => Self::given_on(trial, number, starts, reassigned),
        }
    }

    /// `held` is a touch where it is in time, and that is known by the clocks that run without it: the first one's, and
    /// those of row 13 and of another sending.
    fn given_on(
        trial: &Trial<'_, '_>,
        number: usize,
        starts: DateTime<Utc>,
        reassigned: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ) -> Self {
        let without = Self::with_held(trial, number, starts, reassigned, &[]);
        Self::with_held(trial, number, starts, reassigned, &without.clocks)
    }

    /// The handoff if Rita got it then, and if these clocks say whether `held` is in time.
    fn with_held(
        trial: &Trial<'_, '_>,
        number: usize,
        starts: DateTime<Utc>,
        reassigned: Option<(DateTime<Utc>, DateTime<Utc>)>,
        running: &[SlaClock],
    ) -> Self {
        let visible = trial.visible(number);
        let is_ritas = |at: DateTime<Utc>| reassigned.is_some_and(|(since, _)| at >= since);
        let mut clocks = vec![SlaClock::new(trial, starts)];
        let first = clocks[0].deadline;
        let mut touches: Vec<Candidate> = Vec::new();
        let mut is_unclear = false;
        // What a manager said who is none any more: whether it was taken down before is open.
        let is_by_a_former = visible.iter().any(|one| {
            matches!(&one.of.letter.kind, Kind::Says { by, what: Words::Touched } if !trial.may_say(by))
        });
        let mut held: Vec<DateTime<Utc>> = Vec::new();
        for one in &visible {
            let of_rita = is_ritas(one.at);
            let counts = match &one.of.letter.kind {
                Kind::Touch { by, .. } if *by == RITA => of_rita,
                Kind::Touch { .. } | Kind::Invite | Kind::SaysDone | Kind::Feedback if of_rita => false,
                Kind::Says { by: CALVIN, .. } if of_rita => false,
                Kind::Touch { by, .. } => *by != ALIAS || trial.alias_counts(starts),
                Kind::Invite | Kind::SaysDone => true,
                Kind::Says { by, what: Words::Touched } => trial.may_say(by),
                Kind::Feedback => {
                    let ran = running.iter().filter(|clock| clock.starts <= one.at && !clock.of_rita);
                    let last = ran.max_by_key(|clock| clock.starts);
                    let is_in_time = last.is_some_and(|clock| one.at <= clock.deadline);
                    held.extend(is_in_time.then_some(one.at));
                    is_in_time
                }
                _ => false,
            };
            if !counts {
                continue;
            }
            // An answer whose copies show at different times has the one that is seen first.
            let bounce = visible.iter().find(|bounce| {
                bounce.of.letter.kind == Kind::TouchBounces
                    && bounce.of.about.is_some_and(|about| trial.world.happened[about].id == one.of.id)
            });
            let withdrawn = bounce.map(|bounce| bounce.at);
            let (at, shown, is_filed) = (one.at, one.shown, one.is_filed);
            let cites = match one.of.letter.kind {
                Kind::Touch { in_thread, .. } => in_thread,
                Kind::Invite => false,
                _ => true,
            };
            touches.push(Candidate { of_rita, at, shown, is_filed, withdrawn, cites });
        }
        touches.sort_by_key(|touch| touch.at);
        // What only the last look finds counts where there was one.
        is_unclear |= is_by_a_former || touches.iter().any(|touch| touch.is_filed);
        let standing = |touches: &[Candidate]| {
            let stands =
                |touch: &&Candidate| touch.withdrawn.is_none() && touch.of_rita == reassigned.is_some();
            touches.iter().find(stands).copied()
        };
        let touch = standing(&touches);
        let intros = trial.mails(number, "intro");
        // Another sending of which nobody can tell is none yet: a person says what became of it.
        let is_known = |mail: &&Left| mail.at == starts || !trial.unknown_intros.contains(&mail.id);
        let sent: Vec<DateTime<Utc>> = intros.iter().filter(is_known).map(|mail| mail.at).collect();
        // No clock runs for an intro that has reached nobody: row 12 goes before row 13.
        let had_reached_nobody = |by: DateTime<Utc>| {
            visible.iter().any(|one| {
                one.of.letter.kind == Kind::IntroBounces { all: true }
                    && one.at <= by
                    && !sent.iter().any(|sent| *sent > one.at && *sent <= by)
            })
        };
        if let Some(at) = touches.iter().filter_map(|touch| touch.withdrawn).min()
            && touch.is_none_or(|touch| touch.at > at)
            && !had_reached_nobody(at)
        {
            let next = deadline(trial.plan, trial.sla_at(at), at).max(first);
            clocks.push(SlaClock { deadline: next, of_rita: is_ritas(at), ..SlaClock::new(trial, at) });
            is_unclear |= trial.world.reloads.iter().any(|(_, now)| now.other_sla);
        }
        let last_sent = sent.iter().copied().max().unwrap_or(starts);
        let touch = standing(&touches);
        let is_held = !held.is_empty();
        let undelivered = visible
            .iter()
            .filter(|one| one.of.letter.kind == Kind::IntroBounces { all: true })
            .map(|one| one.at)
            .find(|at| *at >= last_sent);
        let later = sent.iter().copied().filter(|at| *at != starts).map(|at| ((at, at), false));
        let mut later: Vec<_> = later.chain(reassigned.map(|since| (since, true))).collect();
        later.sort();
        for ((at, shown), is_reassigned) in later {
            let stood = touches.iter().any(|touch| {
                touch.at < at
                    && touch.withdrawn.is_none_or(|until| until > at)
                    && touch.of_rita == is_ritas(at)
            });
            if stood && !is_reassigned {
                continue;
            }
            for clock in clocks.iter_mut().filter(|clock| clock.starts < at) {
                clock.stopped.get_or_insert((at, shown));
            }
            // She owes nothing before baton could tell her, which the model does not foretell to the second.
            let read = trial.read_late.get(&number).filter(|read| is_reassigned && **read >= shown);
            let from = SlaClock::new(trial, read.map_or(at, |read| at.max(*read)));
            clocks.push(SlaClock { starts: at, of_rita: is_ritas(at), ..from });
        }
        // The last one runs: an intro may have left again before a touch was withdrawn.
        clocks.sort_by_key(|clock| clock.starts);
        let feedback = visible.iter().filter(|one| one.of.letter.kind == Kind::Feedback);
        // The touch is settled by its being seen, or by the manager's being told that none was.
        let told = trial.mails(number, "escalation").iter().map(|mail| mail.at).min();
        let given = feedback.map(|one| one.shown).min();
        // What was answered before that says nothing of the touch that is missed since.
        let missed =
            told.and_then(|told| clocks.iter().map(|clock| clock.deadline).filter(|at| *at <= told).max());
        let told = told.filter(|_| given.is_none_or(|given| missed.is_none_or(|missed| given >= missed)));
        let settled = touch.map(|touch| touch.shown).into_iter().chain(told).min();
        let closed = given.zip(settled).map(|(given, at)| given.max(at));
        let closes = visible.iter().filter(|one| match &one.of.letter.kind {
            Kind::Says { by, what: Words::Close } => *by != CALVIN && trial.could_say(by, one.shown),
            _ => false,
        });
        let closed_by_hand = closes.map(|one| one.shown).min();
        let closed = [closed, closed_by_hand].into_iter().flatten().min();
        let sendings = sent.len();
        Self {
            number,
            clocks,
            touches,
            touch,
            undelivered,
            closed,
            closed_by_hand,
            is_unclear,
            began_ahead: trial.is_clock_ahead(starts),
            is_by_a_former,
            is_held,
            reassigned,
            sendings,
        }
    }

    /// More happened to it than one intro to one AE.
    fn went_on(&self) -> bool {
        self.sendings > 1 || self.reassigned.is_some()
    }

    async fn findings(&self, trial: &Trial<'_, '_>, judgement: &Judgement) -> Vec<String> {
        let mut found = Vec::new();
        let is = &judgement.touch;
        self.ends(trial.world.now(), is, &mut found);
        self.closing(trial, judgement, &mut found);
        self.escalations(trial, is, &mut found).await;
        if !trial.has(self.number, "record").await {
            found.push("MISSED: the AE did not get the record".to_owned());
        }
        if self.reassigned.is_some() {
            let records = trial.mails(self.number, "record");
            let has_it = records.iter().any(|mail| mail.to.iter().any(|to| to == RITA));
            let may_lack_it = trial.world.restored.is_some()
                || trial.has_fate_fault
                || trial.has_smtp_fault
                || self.undelivered.is_some()
                || self.closed.is_some();
            if !has_it && !may_lack_it {
                found.push("MISSED: Rita did not get the record".to_owned());
            }
            return found;
        }
        self.verdicts(trial, judgement, &mut found);
        self.reminders(trial, &mut found).await;
        self.notes(trial, &mut found).await;
        self.feedback(trial, &mut found).await;
        found
    }

    /// How it ends.
    fn ends(&self, at_last: DateTime<Utc>, is: &baton::domain::judge::Touch, found: &mut Vec<String>) {
        if self.closed_by_hand.is_some() {
            return;
        }
        if self.is_by_a_former || self.is_unclear && self.touches.iter().any(|touch| touch.is_filed) {
            return;
        }
        // What is closed is concerned by its thread alone.
        let is_nobodys = |touch: &Candidate| !touch.cites && self.closed.is_some_and(|at| touch.shown >= at);
        if self.touch.as_ref().is_some_and(is_nobodys) {
            return;
        }
        let wanted = match (self.touch, self.undelivered) {
            (Some(_), _) => TouchState::Touched,
            (None, Some(_)) => TouchState::Undelivered,
            // A failed touch begins a clock, which a holiday may carry past the end.
            (None, None) if self.clocks.last().is_some_and(|clock| clock.deadline >= at_last) => {
                TouchState::Waiting
            }
            (None, None) => TouchState::Breached,
        };
        let side = if is.state == TouchState::Breached { "FALSE" } else { "MISSED" };
        if is.state != wanted {
            found.push(format!("{side}: the first touch is {:?}, not {wanted:?}", is.state));
        }
        let at = self.touch.map(|touch| touch.at);
        if is.state == wanted && is.at != at && !self.began_ahead {
            found.push(format!("FALSE: the touch was at {:?}, not at {at:?}", is.at));
        }
        let is_plain = self.undelivered.is_none() && !self.is_unclear && !self.went_on() && !self.began_ahead;
        let Some(touch) = self.touch.filter(|_| is_plain) else {
            return;
        };
        let clock = self.clocks.iter().rev().find(|clock| clock.starts < touch.at).unwrap_or(&self.clocks[0]);
        let first = self.touches.first().map_or(touch.at, |touch| touch.at);
        // Row 13: until its failure arrived, a touch in time stood.
        let stood = |other: &Candidate| {
            other.at <= clock.deadline && other.withdrawn.is_some_and(|until| touch.at <= until)
        };
        let is_late =
            (touch.at > clock.deadline && !self.touches.iter().any(stood)) || first > self.clocks[0].deadline;
        if is.state == TouchState::Touched && is.late != is_late {
            found.push(format!("{}: late is {}", if is.late { "FALSE" } else { "MISSED" }, is.late));
        }
    }

    /// docs/behaviour.md section 7.
    async fn escalations(
        &self,
        trial: &Trial<'_, '_>,
        is: &baton::domain::judge::Touch,
        found: &mut Vec<String>,
    ) {
        let escalations = trial.mails(self.number, "escalation");
        for escalation in &escalations {
            let excuse = self.clocks.iter().any(|clock| self.may_escalate(trial, clock, escalation.at));
            if !excuse {
                found.push(format!("FALSE: the escalation of {}", escalation.at));
            }
        }
        let ever = self.touches.iter().map(|touch| touch.shown).min();
        let first = self.clocks[0];
        let due = first.deadline + GRACE;
        let is_blameless = self.undelivered.is_some() || self.closed_by_hand.is_some();
        if self.went_on() {
            let last = self.clocks.iter().map(|clock| clock.deadline).max().unwrap_or(first.deadline);
            let is_over = trial.world.now() > last + GRACE + TimeDelta::hours(3);
            if ever.is_none() && !is_blameless && is_over && !trial.has(self.number, "escalation").await {
                found.push("MISSED: nobody was told of the breach".to_owned());
            }
            return;
        }
        // Other terms, made while it plays, can carry a deadline past the end.
        let is_over = trial.world.now() > due;
        let must = !is_blameless
            && !self.is_by_a_former
            && is_over
            && match ever {
                None => true,
                // The agent had seen everything and had not seen it.
                Some(shown) => {
                    let late = shown > due && self.touches.iter().all(|touch| !touch.is_filed);
                    late && !trial.has_clock_fault
                        && !trial.has_smtp_fault
                        && trial.has_clean_pass(due, shown)
                }
            };
        if must && !trial.has(self.number, "escalation").await {
            found.push("MISSED: nobody was told of the breach".to_owned());
        }
        if trial.is_faultless && must && !escalations.iter().any(|one| one.at <= due + TimeDelta::seconds(2))
        {
            found.push(format!("MISSED: the escalation was due at {due}"));
        }
        if self.clocks.len() > 1 || self.is_unclear || trial.world.restored.is_some() {
            return;
        }
        let told_late = !trial.mails(self.number, "late-touch").is_empty();
        let withdrawn = !trial.mails(self.number, "withdrawal").is_empty();
        let was_in_time = self.touch.is_some_and(|touch| touch.at <= first.deadline);
        let left = escalations.first().map(|one| one.at);
        // A late one that showed before the one in time was the first for as long.
        let is_certain = self.stamps_agree(trial)
            && self.touch.is_some_and(|touch| {
                !self.touches.iter().any(|one| one.at > first.deadline && one.shown < touch.shown)
            });
        // What nobody can tell of has left, for all that follows from it.
        let may_have_left = left.is_some() || trial.has(self.number, "escalation").await;
        // One that bounced was a touch until then.
        let never = self.touch.is_none() && self.touches.iter().all(|touch| touch.withdrawn.is_none());
        if told_late && (!may_have_left || was_in_time && is_certain || never) {
            found.push("FALSE: a late touch was told".to_owned());
        }
        if withdrawn && (!may_have_left || !was_in_time) {
            found.push("FALSE: the escalation was withdrawn".to_owned());
        }
        if left.is_some()
            && was_in_time
            && !trial.has(self.number, "withdrawal").await
            && is.state == TouchState::Touched
        {
            found.push("MISSED: the escalation was wrong and was not withdrawn".to_owned());
        }
        let is_open = self.closed.is_none();
        if is_open
            && left.is_some()
            && self.touch.is_some()
            && !was_in_time
            && !trial.has(self.number, "late-touch").await
        {
            found.push("MISSED: the manager did not hear of the late touch".to_owned());
        }
    }

    /// Whether all copies of the touch say the same time; otherwise it may have been late at first.
    fn stamps_agree(&self, trial: &Trial<'_, '_>) -> bool {
        trial.world.happened.iter().filter(|one| one.letter.handoff == self.number).all(|one| {
            let mut times = one.copies.iter().map(|copy| copy.internal);
            let first = times.next();
            times.all(|at| Some(at) == first)
        })
    }

    fn may_escalate(&self, trial: &Trial<'_, '_>, clock: &SlaClock, at: DateTime<Utc>) -> bool {
        let due = clock.deadline + GRACE;
        if clock.stopped.is_some_and(|(stopped, shown)| stopped <= clock.deadline && shown <= due) {
            return false;
        }
        let was_seen = self.touches.iter().filter(|touch| touch.of_rita == clock.of_rita).any(|touch| {
            touch.at <= clock.deadline.max(self.clocks[0].deadline)
                && touch.shown <= due
                && touch.withdrawn.is_none_or(|withdrawn| withdrawn > at)
        });
        let was_bounced = self.undelivered.is_some_and(|bounced| bounced <= due);
        let mut watched = vec!["dana"];
        // Whoever was AE before has no part in it any more.
        if trial.plan.ae_watched && !clock.of_rita {
            watched.push("calvin");
        }
        let is_blind = trial
            .world
            .outages
            .iter()
            .any(|(account, from, to)| watched.contains(account) && *from < due && *to > at);
        // By how much a clock is wrong is told by stamps in whole seconds.
        let known_to = if trial.has_clock_fault { TimeDelta::seconds(1) } else { TimeDelta::zero() };
        at + known_to >= due && !was_seen && !was_bounced && !is_blind
    }

    /// docs/behaviour.md section 7, the first point.
    async fn reminders(&self, trial: &Trial<'_, '_>, found: &mut Vec<String>) {
        let (meeting, moved) = self.meeting(trial);
        if moved.is_some() || self.cancelled(trial).is_some() || self.went_on() {
            return;
        }
        let reminders = trial.mails(self.number, "reminder");
        let mut spans = Vec::new();
        for clock in &self.clocks {
            let until = if meeting > clock.starts { clock.deadline.min(meeting) } else { clock.deadline };
            if until - clock.starts >= REMIND_BEFORE * 2 {
                spans.push((until - REMIND_BEFORE, clock.deadline));
            }
        }
        if trial.has_clock_fault || self.is_unclear {
            return;
        }
        for reminder in &reminders {
            let fits = spans.iter().any(|(from, until)| reminder.at >= *from && reminder.at < *until);
            let was_seen = self.touches.iter().any(|touch| {
                touch.withdrawn.is_none_or(|at| at > reminder.at)
                    && trial.has_clean_pass(touch.shown, reminder.at)
            });
            if !fits
                || was_seen && trial.world.restored.is_none()
                || self.undelivered.is_some_and(|at| at < reminder.at && trial.is_faultless)
            {
                found.push(format!("FALSE: the reminder of {}", reminder.at));
            }
        }
        let Some((from, until)) = spans.first() else { return };
        let is_touched = self.touches.iter().any(|touch| touch.shown < *until);
        let must = !is_touched
            && self.closed_by_hand.is_none_or(|at| at > *until)
            && self.undelivered.is_none()
            && trial.has_clean_pass(*from, *until - TimeDelta::minutes(5));
        if must && trial.is_faultless && reminders.is_empty() {
            found.push("MISSED: there was no reminder".to_owned());
        }
    }

    /// Notes about single letters.
    async fn notes(&self, trial: &Trial<'_, '_>, found: &mut Vec<String>) {
        let visible = trial.visible(self.number);
        let of = |wanted: &dyn Fn(&Kind) -> bool| -> Vec<&Visible<'_>> {
            visible.iter().filter(|one| wanted(&one.of.letter.kind)).collect()
        };
        let awaited = |one: &Visible<'_>| {
            let is_before = self.touches.iter().all(|touch| touch.at > one.at);
            // A note that a server puts off, or that finds none, may come to be pointless.
            let unreachable = trial.world.outages.iter().filter(|(account, ..)| *account == "smtp");
            let reachable = unreachable.map(|(.., to)| *to).max().map_or(one.shown, |to| to.max(one.shown));
            let from = if trial.has_smtp_fault { reachable + TimeDelta::hours(3) } else { one.shown };
            let is_known = self.touches.iter().all(|touch| trial.has_clean_pass(from, touch.shown));
            is_before && is_known && self.undelivered.is_none() && !self.is_unclear
        };
        let cases: [(&str, Vec<&Visible<'_>>, bool); 6] = [
            ("not-received", of(&|kind| matches!(kind, Kind::Aside | Kind::Empty)), true),
            ("away", of(&|kind| matches!(kind, Kind::Absence { .. })), true),
            ("who-is-this", of(&|kind| *kind == Kind::UnknownAddress), true),
            ("intro-bounced", of(&|kind| matches!(kind, Kind::IntroBounces { .. })), false),
            ("suspicious", of(&|kind| *kind == Kind::Forged), false),
            (
                "stated",
                of(&|kind| matches!(kind, Kind::SaysDone | Kind::Says { what: Words::Touched, .. })),
                false,
            ),
        ];
        for (name, letters, only_awaited) in cases {
            let told = trial.mails(self.number, name).len();
            // An absence is told to whoever waits for that AE, whichever mail it answers.
            let elsewhere = if name == "away" { trial.absences_elsewhere(self.number) } else { 0 };
            // What lay in a mailbox that could not be reached until the end is told to nobody.
            let is_open = |one: &Visible<'_>| {
                self.closed.is_none_or(|at| one.shown < at && trial.has_clean_pass(one.shown, at))
            };
            let must = letters.iter().filter(|one| is_open(one) && (!only_awaited || awaited(one))).count();
            let most = match name {
                "suspicious" => letters.len() * 2,
                "stated" | "who-is-this" => letters.len().min(1),
                _ => letters.len() + elsewhere,
            };
            let is_stated_by_feedback = name == "stated" && self.is_held;
            // One of which nobody knows whether it left does not leave after the end.
            let is_answered = !of(&|kind| *kind == Kind::Feedback).is_empty();
            let may_end_unsent = trial.has_fate_fault && (self.closed.is_some() || is_answered);
            if told > most && !is_stated_by_feedback {
                found.push(format!("FALSE: {told} `{name}` for {} letters", letters.len()));
            }
            if must > 0
                && name != "stated"
                && !trial.has(self.number, name).await
                && trial.world.restored.is_none()
                && !may_end_unsent
            {
                found.push(format!("MISSED: `{name}`"));
            }
        }
        let lingers = !of(&|kind| matches!(kind, Kind::Touch { sdr: SdrPlace::Cc, .. })).is_empty()
            && of(&|kind| matches!(kind, Kind::Touch { .. })).len() > 1;
        if !lingers && !trial.mails(self.number, "lingering").is_empty() {
            found.push("FALSE: `lingering`".to_owned());
        }
        for kind in ["refused", "record-leaked", "meeting-declined", "chatter", "done", "feedback-question"] {
            if !trial.mails(self.number, kind).is_empty() {
                found.push(format!("FALSE: `{kind}`"));
            }
        }
        let bounces = of(&|kind| *kind == Kind::TouchBounces).len();
        if trial.mails(self.number, "touch-bounced").len() > bounces {
            found.push("FALSE: `touch-bounced`".to_owned());
        }
        let is_open_at = |at: DateTime<Utc>| {
            self.closed.is_none_or(|closed| at < closed && trial.has_clean_pass(at, closed))
        };
        // What the AE writes after a touch that stands is none, and its failure nothing to tell.
        let may_be_first = |one: &Candidate| self.touch.is_none_or(|touch| one.at < touch.at);
        let mut failed = self.touches.iter().filter(|one| may_be_first(one));
        let seen_bounce = failed.any(|touch| touch.withdrawn.is_some_and(is_open_at));
        if seen_bounce
            && !self.is_unclear
            && trial.world.restored.is_none()
            && !trial.has(self.number, "touch-bounced").await
        {
            found.push("MISSED: `touch-bounced`".to_owned());
        }
    }

    /// Its start, and since when words that move it show.
    fn meeting(&self, trial: &Trial<'_, '_>) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
        let visible = trial.visible(self.number);
        let moved = visible.iter().find_map(|one| match &one.of.letter.kind {
            Kind::Says { what: Words::MeetingMoved { to }, .. } => Some((*to, Some(one.shown))),
            Kind::Invitation(Invitation::Moved { to }) => Some((*to, Some(one.shown))),
            _ => None,
        });
        moved.unwrap_or((trial.plan.handoffs[self.number].meeting, None))
    }

    /// Since when an invitation that was taken back shows.
    pub(super) fn cancelled(&self, trial: &Trial<'_, '_>) -> Option<DateTime<Utc>> {
        let visible = trial.visible(self.number);
        let is_it = |one: &&Visible<'_>| one.of.letter.kind == Kind::Invitation(Invitation::Cancelled);
        visible.iter().find(is_it).map(|one| one.shown)
    }

    /// docs/behaviour.md section 9.
    async fn feedback(&self, trial: &Trial<'_, '_>, found: &mut Vec<String>) {
        let (meeting, moved) = self.meeting(trial);
        let over = meeting + MEETING_LASTS;
        let requests = trial.mails(self.number, "feedback-request");
        let answers: Vec<Visible<'_>> = trial
            .visible(self.number)
            .into_iter()
            .filter(|one| one.of.letter.kind == Kind::Feedback)
            .collect();
        if let Some(cancelled) = self.cancelled(trial) {
            let is_late = |one: &&Left| trial.has_clean_pass(cancelled, one.at);
            // The AE's invitation takes the place of the meeting that was called off.
            let is_replaced = trial
                .world
                .happened
                .iter()
                .any(|one| one.letter.handoff == self.number && one.letter.kind == Kind::Invite);
            let may_be_told = trial.has_clock_fault || trial.world.restored.is_some() || is_replaced;
            if cancelled < over && !may_be_told {
                let late = requests.iter().filter(is_late);
                found.extend(late.map(|one| format!("FALSE: feedback was asked for at {}", one.at)));
            }
            return;
        }
        let first_over = moved.map_or(over, |_| trial.plan.handoffs[self.number].meeting + MEETING_LASTS);
        if requests.iter().any(|one| one.at < first_over) && !trial.has_clock_fault {
            found.push("FALSE: feedback was asked for before the meeting was over".to_owned());
        }
        let now = trial.world.running().now();
        let is_moved = trial
            .world
            .happened
            .iter()
            .any(|one| one.letter.handoff == self.number && one.letter.kind == Kind::Invite);
        if now > over + TimeDelta::hours(1)
            && self.undelivered.is_none()
            && self.closed_by_hand.is_none()
            && !is_moved
            && !requests.iter().any(|one| one.at >= over)
            && (moved.is_some_and(|at| at > over) || !trial.has(self.number, "feedback-request").await)
        {
            found.push("MISSED: feedback was not asked for".to_owned());
        }
        let Some(asked) = requests.first().map(|one| one.at) else { return };
        let is_moved = is_moved || moved.is_some() || self.closed_by_hand.is_some();
        if trial.has_clock_fault || is_moved || trial.world.restored.is_some() {
            return;
        }
        let from = if asked > over + TimeDelta::hours(1) { asked } else { over };
        let due = from + TimeDelta::hours(24);
        let in_hours = next_working_instant(trial.plan, due) == due;
        let overdue_at =
            if in_hours { due } else { next_working_instant(trial.plan, due) + TimeDelta::hours(1) };
        let overdue = trial.mails(self.number, "feedback-overdue");
        let answered = answers.iter().map(|one| one.shown).min();
        if overdue.iter().any(|one| one.at < overdue_at)
            || (!overdue.is_empty() && answered.is_some_and(|at| at < overdue_at))
        {
            found.push(format!("FALSE: feedback was called overdue, which it was at {overdue_at}"));
        }
        let ends = now - TimeDelta::hours(2);
        if answered.is_none() && ends > overdue_at && !trial.has(self.number, "feedback-overdue").await {
            found.push(format!("MISSED: feedback is overdue since {overdue_at}"));
        }
        if answered.is_some() && !trial.has(self.number, "feedback-thanks").await {
            found.push("MISSED: the answer was not thanked for".to_owned());
        }
        if answered.is_none() && !trial.mails(self.number, "feedback-thanks").is_empty() {
            found.push("FALSE: thanks for no answer".to_owned());
        }
    }
}
