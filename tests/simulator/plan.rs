//! What is to happen, made from a seed: the team, the handoffs, who writes what in which form and where its copies lie,
//! and what goes wrong meanwhile. All that is true of a plan is known, since the plan made it.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use fastrand::Rng;

use super::faults::{self, Fault};
use super::more;

/// A zone whose offset does not change in the weeks that are played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedZone {
    pub name: &'static str,
    pub minutes: i64,
}

pub(crate) const ZONES: [FixedZone; 4] = [
    FixedZone { name: "America/New_York", minutes: -300 },
    FixedZone { name: "Europe/Madrid", minutes: 60 },
    FixedZone { name: "Asia/Kolkata", minutes: 330 },
    FixedZone { name: "UTC", minutes: 0 },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sla {
    Playbook,
    BusinessHours(i64),
    /// Minutes.
    Elapsed(i64),
}

impl Sla {
    /// What a reload puts in its place.
    pub(crate) fn other(self) -> Self {
        match self {
            Sla::Playbook => Sla::BusinessHours(4),
            Sla::BusinessHours(_) => Sla::Elapsed(300),
            Sla::Elapsed(_) => Sla::Playbook,
        }
    }
}

/// What a provider does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    Plain,
    Gmail,
    Microsoft,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub seed: u64,
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub sla: Sla,
    pub zone: FixedZone,
    pub holiday: Option<NaiveDate>,
    pub ae_watched: bool,
    pub own_agent: bool,
    pub sdr_habit: Habit,
    pub ae_habit: Habit,
    pub handoffs: Vec<PlannedHandoff>,
    pub steps: Vec<Step>,
}

/// Its number is its company's.
#[derive(Clone, Debug)]
pub(crate) struct PlannedHandoff {
    pub prospects: usize,
    pub meeting: DateTime<Utc>,
    /// The SDR mails the record and says yes to what is shown; otherwise it is `send`.
    pub by_mail: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub at: DateTime<Utc>,
    pub what: Act,
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    HandOver(usize),
    /// The intro leaves once more, by command.
    Resend(usize),
    /// Rita gets the handoff, by command.
    Reassign(usize),
    Write(Letter),
    Fault(Fault),
}

/// Where the SDR stands in a mail to the prospect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SdrPlace {
    Cc,
    Bcc,
    Nowhere,
}

/// What a letter is, in the terms of docs/behaviour.md section 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Rows 1, 2 and 10: to a prospect contact.
    Touch { by: &'static str, in_thread: bool, sdr: SdrPlace, video: bool },
    /// Row 3: in the thread, to the SDR alone.
    Aside,
    /// Row 9: nothing but quotation and signature.
    Empty,
    /// Row 4. The days from now until the AE is back.
    Absence { days: Option<u64> },
    /// Row 5.
    Invite,
    /// Row 7.
    Receipt,
    /// Row 11.
    ProspectWrites,
    /// A prospect's automatic answer.
    ProspectAway,
    /// Row 12: for every address of the intro's `To`, or for the first of two.
    IntroBounces { all: bool },
    /// Row 13: the last touch reached nobody.
    TouchBounces,
    /// Row 14.
    ColleagueWrites,
    /// Row 15.
    Forged,
    /// Row 16.
    UnknownAddress,
    /// Row 17: what would be a touch lies in Drafts.
    Draft,
    /// Row 17: what would be a touch is dated before the handoff, and turns up after it.
    BeforeTheHandoff,
    /// The AE takes the record.
    Accepts,
    /// The AE says that it is done.
    SaysDone,
    /// The AE answers the feedback request.
    Feedback,
    /// The SDR mails the record to the agent.
    HandsIn,
    /// Somebody answers the `record-ready` with a yes; one that is forged only says that it is the SDR's.
    SaysSend { by: &'static str, is_forged: bool },
    /// The SDR corrects the record that was shown.
    Corrects,
    /// Row 6: the SDR's invitation to the record's meeting.
    Invitation(Invitation),
    /// Words about the handoff, in answer to a mail about it.
    Says { by: &'static str, what: Words },
    /// A letter with one of the subjects that ask for something.
    Asks { by: &'static str, what: Question },
    /// Mail of no handoff.
    News,
}

/// Words of docs/behaviour.md section 14.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    Close,
    Touched,
    MeetingMoved {
        to: DateTime<Utc>,
    },
    /// The SDR wants the intro sent again; the yes to what is shown then is a letter of its own.
    Resend,
    OverToRita,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invitation {
    First,
    Moved { to: DateTime<Utc> },
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Status,
    Help,
}

impl Kind {
    /// Whether the receiving server says that the author is another.
    pub(crate) fn is_forged(&self) -> bool {
        matches!(self, Kind::Forged | Kind::SaysSend { is_forged: true, .. })
    }

    /// Whether it is written although there is no handoff.
    pub(crate) fn needs_no_handoff(&self) -> bool {
        matches!(self, Kind::HandsIn | Kind::Corrects | Kind::SaysSend { .. } | Kind::Asks { .. })
    }

    /// Whether it answers nothing.
    pub(crate) fn answers_nothing(&self) -> bool {
        matches!(
            self,
            Kind::News | Kind::BeforeTheHandoff | Kind::HandsIn | Kind::Asks { .. } | Kind::Invitation(_)
        )
    }

    /// Whether nothing follows from it, read or not.
    pub(crate) fn means_nothing(&self) -> bool {
        matches!(self, Kind::News | Kind::BeforeTheHandoff | Kind::Draft | Kind::ProspectAway)
    }

    /// A letter to baton of docs/behaviour.md sections 13 and 14.
    pub(crate) fn is_letter(&self) -> bool {
        matches!(
            self,
            Kind::HandsIn | Kind::Corrects | Kind::SaysSend { .. } | Kind::Says { .. } | Kind::Asks { .. }
        )
    }
}

/// Whether a copy is shown where baton reads, or was filed by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Inbox,
    Sent,
    Filed,
    Drafts,
}

/// One copy of a letter.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub who: &'static str,
    pub place: Place,
    /// How long after it was written it shows.
    pub shown_after: TimeDelta,
    /// Its INTERNALDATE is the time at which it shows, not the one at which it was written.
    pub stamped_late: bool,
}

/// How a program writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub encoding: u8,
    pub citation: u8,
    pub quotation: u8,
    pub sender: u8,
    pub date: u8,
    pub words: u8,
    pub recipient: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub handoff: usize,
    pub number: usize,
    pub kind: Kind,
    pub form: Form,
    pub copies: Vec<Copy>,
}

/// Between begin and end of office hours, more or less, so that something happens.
fn office_time(rng: &mut Rng, day: NaiveDate, zone: FixedZone) -> DateTime<Utc> {
    let minute = rng.i64(8 * 60 + 30..17 * 60 + 30);
    day.and_time(Default::default()).and_utc()
        + TimeDelta::minutes(minute - zone.minutes)
        + TimeDelta::seconds(rng.i64(0..60))
}

impl Plan {
    pub(crate) fn of_seed(seed: u64) -> Self {
        // Neighbouring seeds are to have nothing in common.
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xBA70);
        let zone = ZONES[rng.usize(0..ZONES.len())];
        let day = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap() + Days::new(rng.u64(0..7));
        let begins = office_time(&mut rng, day, zone) - TimeDelta::minutes(rng.i64(1..60));
        let sla = match rng.u8(0..4) {
            0 | 1 => Sla::Playbook,
            2 => Sla::BusinessHours(rng.i64(1..6)),
            _ => Sla::Elapsed(rng.i64(30..400)),
        };
        let habit = |rng: &mut Rng| match rng.u8(0..5) {
            0 => Habit::Gmail,
            1 => Habit::Microsoft,
            _ => Habit::Plain,
        };
        let mut plan = Self {
            seed,
            begins,
            ends: begins,
            sla,
            zone,
            holiday: (rng.u8(0..5) == 0).then(|| day + Days::new(rng.u64(0..3))),
            ae_watched: rng.u8(0..4) > 0,
            own_agent: rng.bool(),
            sdr_habit: habit(&mut rng),
            ae_habit: habit(&mut rng),
            handoffs: Vec::new(),
            steps: Vec::new(),
        };
        let count = [1, 1, 1, 2, 2, 3][rng.usize(0..6)];
        for number in 0..count {
            plan.plan_handoff(&mut rng, number);
        }
        more::plan(&mut Rng::with_seed(seed ^ 0x5EED), &mut plan);
        faults::plan(&mut rng, &mut plan);
        plan.steps.sort_by_key(|step| step.at);
        plan
    }

    fn plan_handoff(&mut self, rng: &mut Rng, number: usize) {
        let at = self.begins + TimeDelta::minutes(rng.i64(2..90));
        let meeting = at + TimeDelta::hours(rng.i64(3..60));
        let meeting =
            meeting.date_naive().and_hms_opt(meeting.time().format("%H").to_string().parse().unwrap(), 0, 0);
        let meeting = meeting.unwrap().and_utc();
        let prospects = rng.usize(1..3);
        let by_mail = rng.u8(0..4) == 0;
        self.handoffs.push(PlannedHandoff { prospects, meeting, by_mail });
        let at = if by_mail {
            self.hand_in(rng, number, at)
        } else {
            self.steps.push(Step { at, what: Act::HandOver(number) });
            at
        };
        // Around the deadline is where it matters.
        let deadline = super::model::deadline(self, self.sla, at);
        let mut touches: Vec<(DateTime<Utc>, usize)> = Vec::new();
        for _ in 0..rng.usize(0..5) {
            let when = match rng.u8(0..10) {
                0..=4 => at + (deadline - at) * rng.i32(1..100) / 100,
                5 => deadline + TimeDelta::seconds(rng.i64(-3..4)),
                6 => deadline + TimeDelta::seconds(rng.i64(-300..300)),
                7 | 8 => deadline + TimeDelta::minutes(rng.i64(3..600)),
                _ => at + TimeDelta::seconds(rng.i64(1..120)),
            };
            let kind = self.any_kind(rng);
            let kind =
                if kind == Kind::TouchBounces && touches.is_empty() { Kind::ProspectWrites } else { kind };
            if matches!(kind, Kind::Touch { .. }) {
                touches.push((when, self.steps.len()));
            }
            self.write(rng, number, when.max(at + TimeDelta::seconds(1)), kind);
        }
        if let ([(when, _)], true) = (&touches[..], rng.u8(0..6) == 0) {
            let at = *when + TimeDelta::minutes(rng.i64(1..200));
            self.write(rng, number, at, Kind::TouchBounces);
        }
        if rng.u8(0..12) == 0 {
            let all = prospects == 1 || rng.bool();
            let at = at + TimeDelta::seconds(rng.i64(20..600));
            self.write(rng, number, at, Kind::IntroBounces { all });
        }
        if rng.u8(0..3) == 0 {
            let at = at + TimeDelta::minutes(rng.i64(2..300));
            self.write(rng, number, at, Kind::Accepts);
        }
        let over = self.plan_words(rng, number, at, deadline).unwrap_or(meeting) + TimeDelta::minutes(30);
        if rng.bool() {
            if rng.bool() {
                let at = over + TimeDelta::minutes(rng.i64(2..40 * 60));
                self.write(rng, number, at, Kind::Feedback);
            }
            self.ends = self.ends.max(over + TimeDelta::hours(rng.i64(1..50)));
        }
        self.ends = self.ends.max(deadline + TimeDelta::minutes(rng.i64(5..900)));
        let last = self.steps.iter().map(|step| step.at).max().unwrap_or(at);
        self.ends = self.ends.max(last + TimeDelta::minutes(10));
    }

    /// The record and the SDR's yes as letters, and what others say to it. Returns when the yes is written.
    fn hand_in(&mut self, rng: &mut Rng, number: usize, at: DateTime<Utc>) -> DateTime<Utc> {
        use super::cast::{CALVIN, DANA, MORGAN};
        self.write(rng, number, at, Kind::HandsIn);
        let yes = at + TimeDelta::seconds(rng.i64(30..3600));
        let between = at + (yes - at) * rng.i32(1..100) / 100;
        match rng.u8(0..6) {
            0 => {
                let by = if rng.bool() { CALVIN } else { MORGAN };
                self.write(rng, number, between, Kind::SaysSend { by, is_forged: false });
            }
            1 => self.write(rng, number, between, Kind::SaysSend { by: DANA, is_forged: true }),
            _ => {}
        }
        for _ in 0..if rng.u8(0..8) == 0 { 2 } else { 1 } {
            let at = yes + TimeDelta::minutes(rng.i64(0..3));
            self.write(rng, number, at, Kind::SaysSend { by: DANA, is_forged: false });
        }
        yes
    }

    /// Words about the handoff, in some plans. Returns the meeting's new start, where they move it.
    fn plan_words(
        &mut self,
        rng: &mut Rng,
        number: usize,
        at: DateTime<Utc>,
        deadline: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        use super::cast::{CALVIN, DANA, MORGAN, OPERATOR};
        let meeting = self.handoffs[number].meeting;
        if rng.u8(0..8) == 0 {
            let by = [DANA, CALVIN, MORGAN, OPERATOR][rng.usize(0..4)];
            let what = if rng.bool() { Question::Status } else { Question::Help };
            let when = at + (deadline - at) * rng.i32(1..150) / 100;
            let by = if self.own_agent { by } else { DANA };
            self.write(rng, number, when, Kind::Asks { by, what });
        }
        let by = [DANA, DANA, DANA, CALVIN, MORGAN][rng.usize(0..5)];
        let when = at + (deadline - at) * rng.i32(1..150) / 100;
        let (what, to) = match rng.u8(0..24) {
            0 => (Words::Close, None),
            1 => (Words::Touched, None),
            2 | 3 if by != MORGAN && when < meeting => {
                let to = meeting + TimeDelta::hours(rng.i64(1..60));
                (Words::MeetingMoved { to }, Some(to))
            }
            _ => return None,
        };
        self.write(rng, number, when, Kind::Says { by, what });
        to
    }

    fn any_kind(&self, rng: &mut Rng) -> Kind {
        let sdr = [SdrPlace::Cc, SdrPlace::Cc, SdrPlace::Bcc, SdrPlace::Nowhere][rng.usize(0..4)];
        match rng.u8(0..26) {
            0..=5 => Kind::Touch { by: super::cast::CALVIN, in_thread: true, sdr, video: false },
            6 => Kind::Touch { by: super::cast::CALVIN, in_thread: false, sdr, video: rng.bool() },
            7 => Kind::Touch { by: super::cast::ALIAS, in_thread: rng.bool(), sdr, video: false },
            8 => Kind::Touch { by: super::cast::EVE, in_thread: true, sdr: SdrPlace::Cc, video: false },
            9 | 10 => Kind::Aside,
            11 => Kind::Empty,
            12 | 13 => Kind::Absence { days: rng.bool().then(|| rng.u64(1..9)) },
            14 => Kind::Invite,
            15 => Kind::Receipt,
            16 | 17 => Kind::ProspectWrites,
            18 => Kind::ProspectAway,
            19 => Kind::ColleagueWrites,
            20 => Kind::Forged,
            21 => Kind::UnknownAddress,
            22 => Kind::Draft,
            23 => Kind::BeforeTheHandoff,
            24 => Kind::SaysDone,
            _ => Kind::News,
        }
    }

    pub(super) fn write(&mut self, rng: &mut Rng, handoff: usize, at: DateTime<Utc>, kind: Kind) {
        let number = self.steps.len();
        let form = Form {
            encoding: rng.u8(0..6),
            citation: rng.u8(0..4),
            quotation: rng.u8(0..4),
            sender: rng.u8(0..4),
            date: rng.u8(0..4),
            words: rng.u8(0..8),
            recipient: rng.u8(0..6),
        };
        let copies = self.copies(rng, &kind);
        self.steps.push(Step { at, what: Act::Write(Letter { handoff, number, kind, form, copies }) });
    }

    /// Where the copies of such a letter lie: in the mailboxes of who wrote it and of who got it.
    fn copies(&self, rng: &mut Rng, kind: &Kind) -> Vec<Copy> {
        use super::cast::{AGENT, CALVIN, DANA, MORGAN};
        let agent = if self.own_agent { AGENT } else { DANA };
        let inbox = |who| (who, Place::Inbox);
        let places: Vec<(&'static str, Place)> = match kind {
            Kind::Touch { by, sdr, .. } => {
                let own = [CALVIN, super::cast::ALIAS].contains(by).then_some((CALVIN, Place::Sent));
                own.into_iter().chain((*sdr != SdrPlace::Nowhere).then_some(inbox(DANA))).collect()
            }
            Kind::Aside => vec![(CALVIN, Place::Sent), inbox(DANA)],
            Kind::Empty => vec![(CALVIN, Place::Sent), inbox(DANA)],
            Kind::Absence { .. } => vec![inbox(DANA)],
            Kind::Invite => vec![(CALVIN, Place::Sent)],
            Kind::Receipt | Kind::UnknownAddress | Kind::ColleagueWrites | Kind::Forged => vec![inbox(DANA)],
            Kind::ProspectWrites | Kind::ProspectAway => vec![inbox(CALVIN), inbox(DANA)],
            Kind::IntroBounces { .. } => vec![inbox(DANA)],
            Kind::TouchBounces => vec![inbox(CALVIN)],
            Kind::Draft => vec![(CALVIN, Place::Drafts)],
            Kind::BeforeTheHandoff => vec![(CALVIN, Place::Sent)],
            Kind::Accepts | Kind::SaysDone | Kind::Feedback => vec![(CALVIN, Place::Sent), inbox(agent)],
            Kind::News => vec![inbox(CALVIN), inbox(DANA)],
            Kind::SaysSend { is_forged: true, .. } => vec![inbox(agent)],
            // A manager answers the flag that came from the SDR.
            Kind::Says { by: MORGAN, .. } => vec![inbox(DANA)],
            Kind::HandsIn | Kind::Corrects => vec![(DANA, Place::Sent), inbox(agent)],
            Kind::Invitation(_) => vec![(DANA, Place::Sent)],
            Kind::SaysSend { by, .. } | Kind::Says { by, .. } | Kind::Asks { by, .. } => {
                let own = [DANA, CALVIN].contains(by).then_some((*by, Place::Sent));
                own.into_iter().chain([inbox(agent)]).collect()
            }
        };
        let is_filed = matches!(kind, Kind::Touch { .. }) && rng.u8(0..8) == 0;
        let mut copies: Vec<Copy> = places
            .into_iter()
            .map(|(who, place)| {
                let late =
                    rng.u8(0..6) == 0 && !matches!(kind, Kind::IntroBounces { .. } | Kind::TouchBounces);
                // A letter is as old as the first copy of it that is seen.
                let late = late && !(kind.is_letter() && place == Place::Sent);
                // The time of a meeting is what the last invitation says, in the order in which they were sent.
                let late = late && !matches!(kind, Kind::Invitation(_));
                let shown_after = if late { rng.i64(1..400) } else { 0 };
                let place = if is_filed && place == Place::Inbox { Place::Filed } else { place };
                let shown_after = if place == Place::Filed { 0 } else { shown_after };
                Copy {
                    who,
                    place,
                    shown_after: TimeDelta::minutes(shown_after),
                    stamped_late: rng.u8(0..3) == 0
                        && !kind.is_letter()
                        && !matches!(kind, Kind::Invitation(_)),
                }
            })
            .collect();
        rng.shuffle(&mut copies);
        copies
    }
}

/// Whether the AE works on that day.
pub(crate) fn is_working_day(plan: &Plan, day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && plan.holiday != Some(day)
}
