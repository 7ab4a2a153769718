//! How connections to mailboxes are opened: a few at a time for each host and a few dozen in all, first those that a
//! verdict waits for, so that a start of thousands of mailboxes or a network that is back is no stampede; and never more
//! for one account than its server was found to allow.
//!
//! Who waits for a turn has no deadline running. Known limits: what a server allows is learnt from its refusals, and
//! forgotten when the agent ends; connections of other programs count against it unseen.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::clock::monotonic;

/// Logins that are under way at the same time.
const AT_A_TIME: usize = 32;
const AT_A_TIME_FOR_HOST: usize = 8;

/// A server that says "too often" is left alone for so long, then for longer.
const SHORTEST_HOLD: Duration = Duration::from_secs(12);
const LONGEST_HOLD: Duration = Duration::from_secs(15 * 60);

/// Refusals in a row that make it sure.
const REFUSALS_BESIDE: u32 = 2;

/// How long an errand waits until the watchers of its account have made room.
const ROOM_WAIT: Duration = Duration::from_secs(5);

/// What a connection is for; the first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// A verdict waits for it, or a person.
    Verdict,
    Watching,
}

/// All connections of this process to mailboxes. Clones are the same connections.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    gate: Arc<Mutex<Gate>>,
    accounts: Arc<Mutex<HashMap<String, AccountConnections>>>,
}

/// Who may log in now, and who waits.
#[derive(Debug, Default)]
struct Gate {
    under_way: usize,
    hosts: HashMap<String, usize>,
    waiting: BTreeMap<(Urgency, u64), (String, oneshot::Sender<LoginTurn>)>,
    arrivals: u64,
}

/// The leave to log in; given back when dropped.
#[derive(Debug)]
pub(crate) struct LoginTurn {
    gate: Arc<Mutex<Gate>>,
    host: String,
}

/// What is known of one account's connections.
#[derive(Debug)]
struct AccountConnections {
    open: usize,
    /// The most that the server allows, once it has said so.
    allowed: Option<usize>,
    /// Errands that the server has refused for want of room: the watchers stand back meanwhile.
    errands: usize,
    changed: watch::Sender<u64>,
    /// Not before this, after so many refusals in a row.
    held_until: Option<Instant>,
    refusals: u32,
    /// Connections in a row that the server did not let in while others of the account were open.
    refused_beside: u32,
}

impl Default for AccountConnections {
    fn default() -> Self {
        Self {
            open: 0,
            allowed: None,
            errands: 0,
            changed: watch::Sender::new(0),
            held_until: None,
            refusals: 0,
            refused_beside: 0,
        }
    }
}

impl AccountConnections {
    fn notify(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connections {
    /// Waits for a turn to log in at `host`.
    pub(crate) async fn turn(&self, host: &str, urgency: Urgency) -> LoginTurn {
        let receiver = {
            let mut gate = locked(&self.gate);
            gate.arrivals += 1;
            let place = (urgency, gate.arrivals);
            let (sender, receiver) = oneshot::channel();
            gate.waiting.insert(place, (host.to_owned(), sender));
            receiver
        };
        admit(&self.gate);
        match receiver.await {
            Ok(turn) => turn,
            // The gate outlives whoever waits at it.
            Err(_) => std::future::pending().await,
        }
    }

    /// How long the account's server still wants to be left alone.
    pub(crate) fn held_for(&self, account: &str) -> Option<Duration> {
        let until = self.with(account, |one| one.held_until)?;
        Some(until.saturating_duration_since(monotonic())).filter(|left| !left.is_zero())
    }

    /// The server asked to be left alone: nobody knocks before its wait is over, which doubles each time.
    pub(crate) fn hold_off(&self, account: &str) -> Duration {
        self.with(account, |one| {
            let wait =
                SHORTEST_HOLD.saturating_mul(2_u32.saturating_pow(one.refusals.min(10))).min(LONGEST_HOLD);
            one.refusals = one.refusals.saturating_add(1);
            one.held_until = Some(monotonic() + wait);
            wait
        })
    }

    /// A connection was opened; counted until the answer is dropped.
    pub(crate) fn opened(&self, account: &str) -> OpenConnection {
        self.with(account, |one| {
            one.open += 1;
            (one.refusals, one.held_until, one.refused_beside) = (0, None, 0);
        });
        OpenConnection { accounts: Arc::clone(&self.accounts), account: account.to_owned() }
    }

    /// Forgets what the account's server allows: it has another one, or logs in otherwise.
    pub(crate) fn forget_limits(&self, account: &str) {
        self.with(account, |one| {
            (one.allowed, one.held_until, one.refusals) = (None, None, 0);
            one.notify();
        });
    }

    /// The server allows no more connections than there are.
    pub(crate) fn learn_limit(&self, account: &str) {
        self.with(account, |one| {
            let most = one.open.max(1);
            one.allowed = Some(one.allowed.map_or(most, |known| known.min(most)));
            one.notify();
        });
    }

    /// The server did not let a connection in, in words that say nothing of how many there are. Where others of the account
    /// are open the login is a good one, so that is what it is about, once it has happened twice in a row. Returns whether
    /// others are open.
    pub(crate) fn refused(&self, account: &str) -> bool {
        let (are_open, is_limit) = self.with(account, |one| {
            let are_open = one.open > 0;
            one.refused_beside = if are_open { one.refused_beside.saturating_add(1) } else { 0 };
            (are_open, one.refused_beside >= REFUSALS_BESIDE)
        });
        if is_limit {
            self.learn_limit(account);
        }
        are_open
    }

    /// Whether the server lets in no more than are open, as far as was found.
    pub(crate) fn is_full(&self, account: &str) -> bool {
        self.with(account, |one| one.open > 0 && one.allowed.is_some_and(|most| one.open >= most))
    }

    /// How many connections may stay open for watching: one less than allowed, which is for errands, and one at least.
    pub(crate) fn for_watching(&self, account: &str) -> usize {
        self.with(account, |one| one.allowed.map_or(usize::MAX, |most| most.saturating_sub(1).max(1)))
    }

    /// Whether the watchers of the account have to stand back for an errand.
    pub(crate) fn is_room_wanted(&self, account: &str) -> bool {
        self.with(account, |one| one.errands > 0)
    }

    /// Tells of changes to what `for_watching` and `is_room_wanted` say.
    pub(crate) fn changes(&self, account: &str) -> watch::Receiver<u64> {
        self.with(account, |one| one.changed.subscribe())
    }

    /// Has the watchers of the account give up their connections for an errand, until the answer is dropped.
    pub(crate) async fn make_room(&self, account: &str) -> RoomForErrand {
        let (mut changes, before) = self.with(account, |one| {
            one.errands += 1;
            one.notify();
            (one.changed.subscribe(), one.open)
        });
        let room = RoomForErrand { accounts: Arc::clone(&self.accounts), account: account.to_owned() };
        let given_up = async {
            while self.with(account, |one| one.open) >= before.max(1) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(ROOM_WAIT, given_up).await;
        room
    }

    fn with<T>(&self, account: &str, act: impl FnOnce(&mut AccountConnections) -> T) -> T {
        let mut accounts = locked(&self.accounts);
        match accounts.get_mut(account) {
            Some(one) => act(one),
            None => act(accounts.entry(account.to_owned()).or_default()),
        }
    }
}

/// Lets in whoever may: in the order of urgency, then of arrival.
fn admit(shared: &Arc<Mutex<Gate>>) {
    let mut refused = Vec::new();
    {
        let mut gate = locked(shared);
        while gate.under_way < AT_A_TIME {
            let hosts = &gate.hosts;
            let may = |host: &String| hosts.get(host).copied().unwrap_or(0) < AT_A_TIME_FOR_HOST;
            let next = gate.waiting.iter().find(|(_, (host, _))| may(host)).map(|(place, _)| *place);
            let Some((host, sender)) = next.and_then(|place| gate.waiting.remove(&place)) else { break };
            if sender.is_closed() {
                continue;
            }
            gate.under_way += 1;
            *gate.hosts.entry(host.clone()).or_default() += 1;
            let turn = LoginTurn { gate: Arc::clone(shared), host };
            // Who left in this very moment gives the turn back outside of the lock.
            refused.extend(sender.send(turn).err());
        }
    }
    drop(refused);
}

impl Drop for LoginTurn {
    fn drop(&mut self) {
        {
            let mut gate = locked(&self.gate);
            gate.under_way = gate.under_way.saturating_sub(1);
            if let Some(count) = gate.hosts.get_mut(&self.host) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    gate.hosts.remove(&self.host);
                }
            }
        }
        admit(&self.gate);
    }
}

/// An open connection of an account, for as long as it lives.
#[derive(Debug)]
pub(crate) struct OpenConnection {
    accounts: Arc<Mutex<HashMap<String, AccountConnections>>>,
    account: String,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        if let Some(one) = locked(&self.accounts).get_mut(&self.account) {
            one.open = one.open.saturating_sub(1);
            one.notify();
        }
    }
}

/// An errand for which the account's watchers stand back.
#[derive(Debug)]
pub(crate) struct RoomForErrand {
    accounts: Arc<Mutex<HashMap<String, AccountConnections>>>,
    account: String,
}

impl Drop for RoomForErrand {
    fn drop(&mut self) {
        if let Some(one) = locked(&self.accounts).get_mut(&self.account) {
            one.errands = one.errands.saturating_sub(1);
            one.notify();
        }
    }
}

/// Whether a server's words say that the account has too many connections, rather than too many attempts.
pub(crate) fn is_about_connections(text: &str) -> bool {
    let text = text.to_lowercase();
    let counts = ["connection", "session", "[limit]", "simultaneous", "concurrent"];
    let many = ["too many", "maximum", "limit", "exceed", "simultaneous", "concurrent"];
    counts.iter().any(|word| text.contains(word)) && many.iter().any(|word| text.contains(word))
}

/// Whether a server's words say that it is asked too often.
pub(crate) fn is_about_attempts(text: &str) -> bool {
    let text = text.to_lowercase();
    let often = ["too many", "limit", "throttl", "too often", "too fast", "slow down", "banned", "blocked"];
    often.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;

    /// Whether a future is done without anybody else's doing.
    async fn is_done<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        tokio::time::timeout(Duration::ZERO, future).await.ok()
    }

    #[tokio::test]
    async fn so_many_log_in_at_a_time_and_a_verdict_goes_first() {
        let all = Connections::default();
        let mut turns = Vec::new();
        for _ in 0..AT_A_TIME_FOR_HOST {
            turns.push(all.turn("one.example", Urgency::Watching).await);
        }
        let mut watcher = Box::pin(all.turn("one.example", Urgency::Watching));
        assert!(is_done(&mut watcher).await.is_none());
        let mut verdict = Box::pin(all.turn("one.example", Urgency::Verdict));
        assert!(is_done(&mut verdict).await.is_none());
        let _other = all.turn("two.example", Urgency::Watching).await;
        turns.pop();
        let _first = is_done(&mut verdict).await.expect("the verdict's turn");
        assert!(is_done(&mut watcher).await.is_none());
        // Who no longer waits takes no turn with him.
        let mut left = Box::pin(all.turn("one.example", Urgency::Verdict));
        assert!(is_done(&mut left).await.is_none());
        drop(left);
        turns.clear();
        assert!(is_done(&mut watcher).await.is_some());
    }

    #[tokio::test]
    async fn many_hosts_together_are_bounded() {
        let all = Connections::default();
        let mut turns = Vec::new();
        for number in 0..AT_A_TIME {
            turns.push(all.turn(&format!("{number}.example"), Urgency::Watching).await);
        }
        let mut next = Box::pin(all.turn("next.example", Urgency::Verdict));
        assert!(is_done(&mut next).await.is_none());
        turns.pop();
        assert!(is_done(&mut next).await.is_some());
    }

    #[test]
    fn a_server_that_wants_to_be_left_alone_is_left_alone_for_longer_and_longer() {
        let all = Connections::default();
        let waits: Vec<u64> = (0..8).map(|_| all.hold_off("dana").as_secs()).collect();
        assert_eq!(waits, [12, 24, 48, 96, 192, 384, 768, 900]);
        assert!(all.held_for("dana") > Some(Duration::from_secs(890)));
        drop(all.opened("dana"));
        assert_eq!(all.held_for("dana"), None);
        assert_eq!(all.hold_off("dana").as_secs(), 12);
    }

    #[tokio::test]
    async fn what_a_server_allows_is_learnt_and_one_connection_kept_for_errands() {
        let all = Connections::default();
        assert_eq!(all.for_watching("dana"), usize::MAX);
        let (inbox, sent) = (all.opened("dana"), all.opened("dana"));
        all.learn_limit("dana");
        assert_eq!(all.for_watching("dana"), 1);
        let mut room = Box::pin(all.make_room("dana"));
        assert!(is_done(&mut room).await.is_none());
        assert!(all.is_room_wanted("dana"));
        drop(sent);
        let room = is_done(&mut room).await.expect("room, once a watcher has left");
        drop((room, inbox));
        assert!(!all.is_room_wanted("dana"));
        all.learn_limit("dana");
        assert_eq!(all.for_watching("dana"), 1, "never less than one");
    }

    #[test]
    fn a_login_that_works_beside_one_that_is_refused_is_a_good_one() {
        let all = Connections::default();
        assert!(!all.refused("dana") && !all.refused("dana"));
        assert_eq!(all.for_watching("dana"), usize::MAX);
        let inbox = all.opened("dana");
        assert!(all.refused("dana"));
        assert!(!all.is_full("dana"));
        assert!(all.refused("dana"));
        assert!(all.is_full("dana"));
        assert_eq!(all.for_watching("dana"), 1);
        drop(inbox);
        assert!(
            !all.is_full("dana") && !all.refused("dana"),
            "whatever is refused now, others are no reason"
        );
    }

    #[test]
    fn words_about_connections_are_not_those_about_attempts() {
        for text in [
            "[UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=2)",
            "[ALERT] Too many simultaneous connections. (Failure)",
            "[LIMIT] sessions: limit reached",
        ] {
            assert!(is_about_connections(text), "{text}");
        }
        for text in ["[UNAVAILABLE] Too many login attempts, try again later", "rate limit", "throttled"] {
            assert!(!is_about_connections(text) && is_about_attempts(text), "{text}");
        }
        assert!(!is_about_attempts("[UNAVAILABLE] Temporary authentication failure."));
    }
}
