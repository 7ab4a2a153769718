//! Whether this machine's clock may be believed when somebody is to be accused by it. docs/behaviour.md section 7.
//!
//! Two signs confirm it: a mail server's own stamp, and the system's word that its clock is synchronised. A sign tells of
//! one moment; from there the boot clock carries it on, which nobody can set: as long as the machine stays up and its wall
//! clock runs with its boot clock, nothing has changed, whichever process asks. A wall clock that is ahead of that by more
//! than the grace has jumped. After a boot nothing is known, so that each start begins in doubt until a sign comes.
//!
//! A wall clock that is behind how it was set when it was last confirmed is wrong: as long as it is, baton's time is what the
//! boot clock makes of that setting, so that nothing is taken for earlier than it was and nobody is called late for it.
//!
//! Once a clock that had jumped is set back to how it was confirmed, what baton has dated by it meanwhile is dated anew:
//! when an intro left decides what is a touch and when it is due.
//!
//! A stamp confirms the moment at which a fresh mail is read, or the moment at which a mail of our own was handed over,
//! where the server stamped it right after that. Known limit: a server whose clock is wrong is believed.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Clock, ClockReading};
use crate::domain::mails::{MailBrief, MailKey, MailKind, Voice, WantedMail};
use crate::domain::message::{Headers, Mailbox};
use crate::domain::token;
use crate::store::{ReadTransaction, Result as Stored, WriteTransaction};

use super::AgentError;
use super::app::App;
use super::attempt_waits::LONGEST_REFUSAL_WAIT;
use super::clock_doubt::{IN_DOUBT, begin_doubt, end_doubt, in_doubt_since, without_sign_since};
use super::turn::judged;

/// How the clock is set, and since when it is known to be.
const SETTING: &str = "clock-setting";
/// How the clock was set when it was last confirmed.
const TRUSTED: &str = "clock-trusted";
/// The alert that no sign has come while an escalation waits for one.
pub(super) const UNCONFIRMED: &str = "clock-unconfirmed";

/// Stamps and readings are whole seconds.
const LEAST_TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// A server stamps what it takes within this.
const STAMPED_WITHIN: TimeDelta = TimeDelta::minutes(1);

/// How long an escalation waits for a sign before baton mails itself, and before the operator hears.
const CHECKED_AFTER: TimeDelta = TimeDelta::minutes(5);
const TOLD_AFTER: TimeDelta = TimeDelta::minutes(30);

/// How often the system is asked while the clock is in doubt.
const ASK_EVERY: std::time::Duration = std::time::Duration::from_secs(20);

/// How a wall clock is set: by how much it is ahead of the boot clock.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ClockSetting {
    boot: String,
    ahead: TimeDelta,
}

impl ClockSetting {
    fn of(clock: &Clock, reading: &ClockReading) -> Self {
        Self { boot: clock.boot().unwrap_or_default().to_owned(), ahead: reading.ahead() }
    }

    /// By how much this setting is ahead of an earlier one of the same boot; `None` where nothing tells.
    fn ahead_of(&self, earlier: &ClockSetting) -> Option<TimeDelta> {
        (!self.boot.is_empty() && self.boot == earlier.boot).then(|| self.ahead - earlier.ahead)
    }

    fn text(&self, at: DateTime<Utc>) -> String {
        format!("{} {} {}", at.timestamp(), self.ahead.num_milliseconds(), self.boot)
    }

    fn parse(text: &str) -> Option<(Self, DateTime<Utc>)> {
        let mut parts = text.splitn(3, ' ');
        let at = DateTime::from_timestamp(parts.next()?.parse().ok()?, 0)?;
        let ahead = TimeDelta::try_milliseconds(parts.next()?.parse().ok()?)?;
        Some((Self { boot: parts.next()?.to_owned(), ahead }, at))
    }
}

/// What this process has last seen of its clock.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch(Mutex<LastSeen>);

#[derive(Clone, Copy, Debug, Default)]
struct LastSeen {
    ahead: Option<TimeDelta>,
    is_in_doubt: bool,
    /// How the clock was set when it was last confirmed, in this boot.
    trusted: Option<TimeDelta>,
    /// How far it is behind that, as last looked at.
    behind: TimeDelta,
}

impl ClockWatch {
    fn last(&self) -> LastSeen {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, seen: LastSeen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// The same for another configuration of this process.
    pub(super) fn carried_over(&self) -> Self {
        Self(Mutex::new(self.last()))
    }

    /// By how much the wall clock is behind how it was last confirmed. Whole seconds, and the same until somebody sets it.
    pub(super) fn behind(&self, clock: &Clock, tolerance: TimeDelta) -> TimeDelta {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(trusted) = seen.trusted else { return TimeDelta::zero() };
        let behind = trusted - clock.reading().ahead();
        let behind =
            if behind > tolerance { TimeDelta::seconds(behind.num_seconds()) } else { TimeDelta::zero() };
        if (behind - seen.behind).abs() > LEAST_TOLERANCE {
            seen.behind = behind;
        }
        seen.behind
    }

    fn trust(&self, setting: &ClockSetting) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.trusted = (!setting.boot.is_empty()).then_some(setting.ahead);
    }

    /// Whether signs are wanted.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.last().is_in_doubt
    }
}

/// Stamps that a mail server has put on mail.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerStamps {
    pub latest: Option<DateTime<Utc>>,
    /// Tokens of our own mails and when the server had them.
    pub own: Vec<(String, DateTime<Utc>)>,
}

impl ServerStamps {
    pub(super) fn note(&mut self, stamp: Option<DateTime<Utc>>, headers: &Headers) {
        self.latest = self.latest.max(stamp);
        let ids = headers.id.iter().chain(&headers.earlier_ids);
        if let (Some(stamp), Some(token)) = (stamp, ids.filter_map(token::in_id).next()) {
            self.own.push((token.to_owned(), stamp));
        }
    }

    pub(super) fn add(&mut self, other: ServerStamps) {
        self.latest = self.latest.max(other.latest);
        self.own.extend(other.own);
    }
}

pub(super) fn tolerance(app: &App) -> TimeDelta {
    TimeDelta::seconds(i64::from(app.policy.grace)).max(LEAST_TOLERANCE)
}

/// Reads how the clock was set when it was last confirmed, before anything is dated by it.
pub(super) async fn recall(app: &Arc<App>) -> Result<(), AgentError> {
    let setting = ClockSetting::of(&app.clock, &app.clock.reading());
    let trusted = app.read(|_, tx| stored(tx, TRUSTED)).await?.map(|(trusted, _)| trusted);
    if let Some(trusted) = trusted.filter(|trusted| setting.ahead_of(trusted).is_some()) {
        app.clock_watch.trust(&trusted);
    }
    Ok(())
}

/// Notices a wall clock that was set ahead, and one that was put right again.
pub(crate) async fn check(app: &Arc<App>) -> Result<(), AgentError> {
    let reading = app.clock.reading();
    let last = app.clock_watch.last();
    let is_as_before = last.ahead.is_some_and(|ahead| (reading.ahead() - ahead).abs() <= tolerance(app));
    if is_as_before {
        return Ok(());
    }
    app.write(move |app, tx| compare(app, tx, &reading, last.ahead)).await
}

/// The same at the start of whatever delivers: the start itself is no sign.
pub(crate) async fn begin(app: &Arc<App>) -> Result<(), AgentError> {
    let (reading, last) = (app.clock.reading(), app.clock_watch.last());
    app.write(move |app, tx| compare(app, tx, &reading, last.ahead)).await
}

/// Compares the clock with how it was set when it was last confirmed.
fn compare(
    app: &App,
    tx: &WriteTransaction<'_>,
    reading: &ClockReading,
    before: Option<TimeDelta>,
) -> Stored<()> {
    let now = reading.wall;
    let setting = ClockSetting::of(&app.clock, reading);
    let tolerance = tolerance(app);
    let before_this = stored(tx, SETTING)?.map(|(known, _)| known);
    let trusted = stored(tx, TRUSTED)?.map(|(trusted, _)| trusted);
    let known = before_this.as_ref().and_then(|known| setting.ahead_of(known));
    let was_set = known.is_none_or(|ahead| ahead.abs() > tolerance);
    if was_set {
        tx.set_meta(SETTING, &setting.text(now))?;
    }
    let since_trusted = trusted.as_ref().and_then(|trusted| setting.ahead_of(trusted));
    let is_trusted = since_trusted.is_some_and(|ahead| ahead <= tolerance);
    let set_back = known.map(|ahead| -ahead).filter(|back| *back > tolerance);
    if let Some((since, back)) = in_doubt_since(tx)?.zip(set_back) {
        forget_what_was_seen(app, tx, since)?;
        tx.clock_set_back(since, back, LONGEST_REFUSAL_WAIT, app.now())?;
        if is_trusted {
            // What it said meanwhile was wrong by this much, also where it is behind by now.
            let wrong_by = before_this.zip(trusted).and_then(|(before, trusted)| before.ahead_of(&trusted));
            tx.redate(since, wrong_by.unwrap_or(back))?;
        }
        begin_doubt(tx, now)?;
    }
    app.clock_watch.set(LastSeen {
        ahead: Some(reading.ahead()),
        is_in_doubt: !is_trusted,
        trusted: since_trusted.map(|ahead| reading.ahead() - ahead),
        behind: app.clock_watch.last().behind,
    });
    if is_trusted {
        return believe(app, tx);
    }
    let jumped = since_trusted.or(before.map(|before| reading.ahead() - before));
    let jumped = jumped.filter(|ahead| *ahead > tolerance);
    // A doubt lasts from one process to the next: passes of a few seconds each would wait for a sign anew for ever.
    if was_set || tx.meta(IN_DOUBT)?.is_none() {
        begin_doubt(tx, now)?;
        judge_awaiting(tx, now)?;
    }
    let Some(ahead) = jumped else { return Ok(()) };
    tracing::warn!(seconds = ahead.num_seconds(), "the clock was set ahead");
    let detail = format!("it is {} s ahead of where it should be", ahead.num_seconds());
    let remedy = "Check this machine's time. Escalations wait until a mail server's own stamp, or the system's word that \
                  its clock is synchronised, confirms it.";
    tx.raise_alert(IN_DOUBT, "this machine's clock has jumped ahead", &detail, remedy, now)?;
    Ok(())
}

/// A clock that was in doubt is set back: what was dated by it since then says of no deadline that it has passed.
fn forget_what_was_seen(app: &App, tx: &WriteTransaction<'_>, since: DateTime<Utc>) -> Stored<()> {
    for account in app.accounts.keys() {
        tx.forget_readings_since(account, since)?;
    }
    for id in tx.open_handoffs()? {
        tx.forget_looks_since(&id, since)?;
    }
    tx.judge_all_soon(app.now())
}

fn stored(tx: &ReadTransaction<'_>, key: &str) -> Stored<Option<(ClockSetting, DateTime<Utc>)>> {
    Ok(tx.meta(key)?.and_then(|text| ClockSetting::parse(&text)))
}

/// Nothing is in doubt any more.
fn believe(app: &App, tx: &WriteTransaction<'_>) -> Stored<()> {
    let last = app.clock_watch.last();
    app.clock_watch.set(LastSeen { is_in_doubt: false, ..last });
    if tx.meta(IN_DOUBT)?.is_none() {
        return Ok(());
    }
    let now = app.now();
    end_doubt(tx)?;
    tx.resolve_alert(IN_DOUBT, now)?;
    tx.resolve_alert(UNCONFIRMED, now)?;
    judge_awaiting(tx, now)?;
    app.alert_raised.notify_one();
    Ok(())
}

/// Handoffs that wait for more than reading are judged anew.
fn judge_awaiting(tx: &WriteTransaction<'_>, now: DateTime<Utc>) -> Stored<()> {
    tx.awaiting_more_than_reading()?.iter().try_for_each(|id| tx.judge_soon(id, now))
}

/// A sign has come: the clock is right as it is set now.
fn confirm(app: &App, tx: &WriteTransaction<'_>) -> Stored<()> {
    let reading = app.clock.reading();
    let mut setting = ClockSetting::of(&app.clock, &reading);
    // One that was set back and is put right again has not jumped.
    let trusted = stored(tx, TRUSTED)?.map(|(trusted, _)| trusted);
    if let Some(trusted) =
        trusted.filter(|trusted| setting.ahead_of(trusted).is_some_and(|ahead| ahead < TimeDelta::zero()))
    {
        setting.ahead = trusted.ahead;
    }
    tx.set_meta(TRUSTED, &setting.text(reading.wall))?;
    app.clock_watch.trust(&setting);
    believe(app, tx)
}

/// The system says that a clock is right that was set back: it is what it was before that is wrong.
fn confirm_as_set_back(app: &App, tx: &WriteTransaction<'_>) -> Stored<()> {
    let reading = app.clock.reading();
    let setting = ClockSetting::of(&app.clock, &reading);
    tx.set_meta(TRUSTED, &setting.text(reading.wall))?;
    app.clock_watch.trust(&setting);
    Ok(())
}

/// Confirms the clock by what servers have stamped, where that does.
pub(super) async fn confirm_by_stamps(app: &Arc<App>, stamps: ServerStamps) -> Result<(), AgentError> {
    if !app.clock_watch.is_in_doubt() {
        return Ok(());
    }
    let has_said = app
        .read(move |app, tx| Ok(is_fresh(app, &stamps) || is_proved_by_own_mail(app, tx, &stamps)?))
        .await?;
    if has_said { app.write(confirm).await } else { Ok(()) }
}

/// A server that stamps mail with our present has our time.
fn is_fresh(app: &App, stamps: &ServerStamps) -> bool {
    stamps.latest.is_some_and(|latest| latest + tolerance(app) >= app.now())
}

/// Whether a server has stamped a mail of ours with the time at which it was handed over, by the clock as it is set now.
fn is_proved_by_own_mail(app: &App, tx: &ReadTransaction<'_>, stamps: &ServerStamps) -> Stored<bool> {
    let setting = ClockSetting::of(&app.clock, &app.clock.reading());
    let Some((known, since)) = stored(tx, SETTING)? else { return Ok(false) };
    let tolerance = tolerance(app);
    if setting.ahead_of(&known).is_none_or(|ahead| ahead > tolerance) {
        return Ok(false);
    }
    for (token, stamp) in &stamps.own {
        let Some(row) = tx.row_with_token(token)? else { continue };
        let handed_over = if row.attempts > 1 { row.sent_at } else { row.first_tried };
        let (Some(begun), Some(ended)) = (handed_over, row.sent_at) else { continue };
        if begun >= since && *stamp + tolerance >= begun && *stamp <= ended + STAMPED_WITHIN {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Asks the system now and then, for as long as the clock is in doubt.
pub(super) async fn keep_asking(app: Arc<App>) -> Result<(), AgentError> {
    loop {
        ask_system(&app).await?;
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Confirms the clock where the system says that it is synchronised.
pub(crate) async fn ask_system(app: &Arc<App>) -> Result<(), AgentError> {
    let is_behind = app.clock_watch.behind(&app.clock, tolerance(app)) > TimeDelta::zero();
    if !app.clock_watch.is_in_doubt() && !is_behind {
        return Ok(());
    }
    let since = app.read(|_, tx| match in_doubt_since(tx)? {
        Some(since) => Ok(Some(since)),
        None => Ok(stored(tx, SETTING)?.map(|(_, since)| since)),
    });
    let Some(since) = since.await? else { return Ok(()) };
    let before = app.clock.reading();
    if !app.clock.is_synchronised(since).await {
        return Ok(());
    }
    app.write(move |app, tx| {
        // What was set meanwhile is not what the system spoke of.
        if app.clock.reading().ahead_since(&before).abs() > LEAST_TOLERANCE {
            return Ok(());
        }
        if is_behind { confirm_as_set_back(app, tx) } else { confirm(app, tx) }
    })
    .await
}

/// An escalation that is due and waits for a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HeldEscalation {
    due: DateTime<Utc>,
    /// Since when the clock is in doubt as it is set now.
    in_doubt_since: DateTime<Utc>,
    without_sign_since: DateTime<Utc>,
}

impl HeldEscalation {
    fn told_from(&self) -> DateTime<Utc> {
        self.due.max(self.without_sign_since) + TOLD_AFTER
    }

    /// The doubts in which baton mails itself, and from when on. A clock that was set once more has not been asked about as
    /// it is set now.
    fn checks(&self) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let later = Some(self.in_doubt_since).filter(|since| *since != self.without_sign_since);
        let due = self.due;
        [self.without_sign_since]
            .into_iter()
            .chain(later)
            .map(move |since| (since, due.max(since + CHECKED_AFTER)))
    }
}

/// `None`: the clock is not in doubt, or nothing waits for it.
fn held_escalation(
    app: &App,
    tx: &ReadTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<Option<HeldEscalation>> {
    let Some((in_doubt_since, without_sign_since)) = in_doubt_since(tx)?.zip(without_sign_since(tx)?) else {
        return Ok(None);
    };
    for id in tx.awaiting_after_a_look()? {
        let due = judged(tx, &app.policy, &id, now)?.and_then(|judged| judged.judgement.awaits_clock);
        if let Some(due) = due {
            return Ok(Some(HeldEscalation { due, in_doubt_since, without_sign_since }));
        }
    }
    Ok(None)
}

/// The mails that baton sends itself to read their stamps, once they are due, and when that could change by time alone.
pub(super) fn wanted(
    app: &App,
    tx: &ReadTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<(Vec<WantedMail>, Option<DateTime<Utc>>)> {
    let Some(held) = held_escalation(app, tx, now)? else { return Ok((Vec::new(), None)) };
    let times = held.checks().map(|(_, from)| from).chain([held.told_from()]);
    let wake = times.filter(|at| *at > now).min();
    let due = held.checks().filter(|(_, from)| *from <= now);
    Ok((due.map(|(since, _)| time_check(app, since)).collect(), wake))
}

fn time_check(app: &App, since: DateTime<Utc>) -> WantedMail {
    let address = app.policy.agent_address.clone();
    WantedMail {
        key: MailKey {
            kind: MailKind::TimeCheck,
            about: format!("clock in doubt since {}", since.timestamp()),
        },
        from: Voice::Agent,
        to: vec![Mailbox { name: String::new(), address }],
        cc: Vec::new(),
        not_before: None,
        brief: MailBrief::TimeCheck { since },
    }
}

/// The operator hears where an escalation has waited for a sign for too long.
pub(super) fn alert_where_held(app: &App, tx: &WriteTransaction<'_>, now: DateTime<Utc>) -> Stored<()> {
    if held_escalation(app, tx, now)?.is_none_or(|held| held.told_from() > now) {
        return Ok(());
    }
    let what = "an escalation waits, since nothing confirms this machine's clock";
    let detail = "No mail server's own stamp and no word of the system's has come for 30 min, and the mail that baton sent \
                  itself did not show the time either.";
    let remedy =
        "Check this machine's time and let a time service keep it. Mail that arrives confirms it as well.";
    tx.raise_alert(UNCONFIRMED, what, detail, remedy, now).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_it_was_written_and_compared_within_one_boot_alone() {
        let at = "2026-11-24T15:00:00Z".parse().unwrap();
        let setting = ClockSetting { boot: "a b".to_owned(), ahead: TimeDelta::milliseconds(1500) };
        assert_eq!(ClockSetting::parse(&setting.text(at)), Some((setting.clone(), at)));
        assert_eq!(ClockSetting::parse("1 2"), None);
        let later = ClockSetting { ahead: TimeDelta::seconds(9), ..setting.clone() };
        assert_eq!(later.ahead_of(&setting), Some(TimeDelta::milliseconds(7500)));
        let other = ClockSetting { boot: "c".to_owned(), ..setting.clone() };
        assert_eq!(other.ahead_of(&setting), None);
        let nameless = ClockSetting { boot: String::new(), ..setting };
        assert_eq!(nameless.ahead_of(&nameless.clone()), None, "nothing tells one boot from another");
    }
}
