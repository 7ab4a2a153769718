//! The threads that own the database's connections: one that writes, a few that read.
//!
//! SQL blocks, so none of it runs on a thread of the async runtime, and none waits behind DNS or programs. Work is
//! handed over as closures that wait in a queue. Of what waits, a person's commands go first. Commands are processes
//! of their own, so between two pieces of background work the writer lets those write that wait for it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;
use super::waiting_writers::WaitingWriters;

/// How long closing the database waits for what is under way. Whatever takes longer is rolled back by SQLite when
/// the process ends.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the writer stands back after a piece of background work where another process waits to write: longer than
/// that takes between two tries (`super::TRY_LOCK_EVERY`).
const ROOM_FOR_OTHERS: Duration = Duration::from_millis(5);

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Who waits for a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    /// A person at a command, or a mail on its way out: its fate has to be on record before the process ends, and is on
    /// the disk once it is.
    Command,
    /// A mail of which nothing has left yet. It goes with commands, and is on the disk with the next of those.
    BeforeLeaving,
    /// Nobody: the agent does it by itself. What a power cut takes back, mailboxes and time say again.
    Background,
}

/// What waits, and which threads there are to do it.
#[derive(Default)]
struct JobQueue {
    commands: VecDeque<Job>,
    background: VecDeque<Job>,
    is_closed: bool,
    running_threads: usize,
}

struct SharedQueue {
    queue: Mutex<JobQueue>,
    changed: Condvar,
    /// Of the connection that writes, which one process can do at a time: those that wait to do so.
    other_writers: Option<Arc<WaitingWriters>>,
}

impl SharedQueue {
    fn held(&self) -> MutexGuard<'_, JobQueue> {
        // Nothing panics while it is held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next job. `None`: the queue is closed and empty.
    fn next(&self) -> Option<(Job, Priority)> {
        let mut queue = self.held();
        loop {
            let command = queue.commands.pop_front().map(|job| (job, Priority::Command));
            let job = command.or_else(|| Some((queue.background.pop_front()?, Priority::Background)));
            if job.is_some() || queue.is_closed {
                return job;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets other processes that wait to write do so before the next piece of background work, unless a command
    /// waits or comes. Whether background work waits already is no matter: a task that writes, waits for the answer
    /// and writes again would leave no room.
    fn leave_room(&self) {
        if !self.other_writers.as_ref().is_some_and(|others| others.is_anybody()) {
            return;
        }
        let queue = self.held();
        let no_command = |queue: &mut JobQueue| queue.commands.is_empty() && !queue.is_closed;
        drop(self.changed.wait_timeout_while(queue, ROOM_FOR_OTHERS, no_command));
    }

    fn work_until_closed(&self, mut connection: Connection) {
        while let Some((job, priority)) = self.next() {
            // The caller hears of a panic from its answer, which never comes.
            if catch_unwind(AssertUnwindSafe(|| job(&mut connection))).is_err() && !connection.is_autocommit()
            {
                let _ = connection.execute_batch("ROLLBACK");
            }
            if priority == Priority::Background {
                self.leave_room();
            }
        }
        drop(connection);
        self.held().running_threads -= 1;
        self.changed.notify_all();
    }
}

/// Threads with a connection each, and the queue in front of them.
pub(super) struct ConnectionThreads {
    shared: Arc<SharedQueue>,
    threads: Vec<ThreadId>,
}

impl ConnectionThreads {
    /// The one connection that writes.
    pub(super) fn of_writer(connection: Connection, others: Arc<WaitingWriters>) -> Result<Self, StoreError> {
        Self::start("baton-write", vec![connection], Some(others))
    }

    pub(super) fn of_readers(connections: Vec<Connection>) -> Result<Self, StoreError> {
        Self::start("baton-read", connections, None)
    }

    fn start(
        name: &str,
        connections: Vec<Connection>,
        other_writers: Option<Arc<WaitingWriters>>,
    ) -> Result<Self, StoreError> {
        let shared = SharedQueue { queue: Mutex::default(), changed: Condvar::new(), other_writers };
        let mut threads = Self { shared: Arc::new(shared), threads: Vec::new() };
        for connection in connections {
            let shared = Arc::clone(&threads.shared);
            threads.shared.held().running_threads += 1;
            let thread = thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || shared.work_until_closed(connection))
                .map_err(|source| {
                    threads.shared.held().running_threads -= 1;
                    StoreError::Thread { source }
                })?;
            threads.threads.push(thread.thread().id());
        }
        Ok(threads)
    }

    /// Has `work` done by the next thread that is free, and waits for what comes of it. Work that was handed over
    /// is done, whether or not somebody still waits for it.
    pub(super) async fn run<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let outcome = work(connection);
            // The task that asked may have gone.
            let _ = answer.send(outcome);
        });
        {
            let mut queue = self.shared.held();
            match priority {
                Priority::Command | Priority::BeforeLeaving => queue.commands.push_back(job),
                Priority::Background => queue.background.push_back(job),
            }
        }
        self.shared.changed.notify_one();
        answered.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }
}

impl Drop for ConnectionThreads {
    /// What waits is still done; the connections are closed once it is.
    fn drop(&mut self) {
        let mut queue = self.shared.held();
        queue.is_closed = true;
        self.shared.changed.notify_all();
        if self.threads.contains(&thread::current().id()) {
            // The last work was the last to hold the store: it cannot wait for its own end.
            return;
        }
        let is_busy = |queue: &mut JobQueue| queue.running_threads > 0;
        drop(self.shared.changed.wait_timeout_while(queue, CLOSE_TIMEOUT, is_busy));
    }
}

impl std::fmt::Debug for ConnectionThreads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionThreads").field("threads", &self.threads.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::super::{Result, Store, StoreError, WriteTransaction};
    use super::*;

    /// How long anything here may take before it counts as stuck.
    const STUCK: Duration = Duration::from_secs(20);

    fn store() -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Store::open(&folder.path().join("baton.db")).unwrap(), folder)
    }

    impl Store {
        /// Writes while `other` wants to, until that has said that it waits; then lets it. Whether it has.
        async fn writer_holds_the_file(&self, other: &Store) -> bool {
            let seen = WaitingWriters::beside(self.path());
            let (begins, has_begun) = mpsc::channel::<()>();
            let write = self.write(Priority::Background, move |tx| -> Result<bool> {
                tx.set_meta("by", "one")?;
                begins.send(()).unwrap();
                let tries = STUCK.as_millis() / 2;
                Ok((0..tries).any(|_| {
                    thread::sleep(Duration::from_millis(2));
                    seen.is_anybody()
                }))
            });
            let write = begun(Box::pin(write)).await;
            has_begun.recv_timeout(STUCK).unwrap();
            let other = other.write(Priority::Command, |tx| tx.set_meta("by", "other"));
            let (held, written) = tokio::join!(write, other);
            written.unwrap();
            held.unwrap()
        }
    }

    /// Polls a future once, which hands its work over, and gives it back.
    async fn begun<F: Future + Unpin>(mut future: F) -> F {
        std::future::poll_fn(|context| {
            assert!(std::pin::Pin::new(&mut future).poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        future
    }

    /// Hands the work of a future over and waits no longer.
    async fn handed_over(future: impl Future) {
        let mut future = Box::pin(future);
        std::future::poll_fn(|context| {
            let _ = future.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_command_goes_before_what_the_agent_has_waiting() {
        let (store, _folder) = store();
        let (begins, has_begun) = mpsc::channel::<()>();
        let (let_go, held) = mpsc::channel::<()>();
        let (done, order) = mpsc::channel::<&str>();
        let running = begun(Box::pin(store.write(Priority::Background, move |_| -> Result<()> {
            begins.send(()).unwrap();
            held.recv_timeout(STUCK).unwrap();
            Ok(())
        })))
        .await;
        has_begun.recv_timeout(STUCK).unwrap();
        let named = |name: &'static str, priority| {
            let done = done.clone();
            Box::pin(store.write(priority, move |_| -> Result<()> {
                done.send(name).unwrap();
                Ok(())
            }))
        };
        let first = begun(named("first", Priority::Background)).await;
        let second = begun(named("second", Priority::Background)).await;
        let command = begun(named("command", Priority::Command)).await;
        let_go.send(()).unwrap();
        running.await.unwrap();
        for write in [first, second, command] {
            write.await.unwrap();
        }
        assert_eq!(order.try_iter().collect::<Vec<_>>(), ["command", "first", "second"]);
    }

    #[tokio::test]
    async fn a_command_of_another_process_gets_its_turn_among_background_work() {
        let (store, folder) = store();
        let others = Store::open(&folder.path().join("baton.db")).unwrap();
        let (done, order) = mpsc::channel::<&str>();
        let work = |name: &'static str| {
            let done = done.clone();
            move |tx: &WriteTransaction<'_>| -> Result<()> {
                tx.set_meta("by", name)?;
                thread::sleep(Duration::from_millis(20));
                done.send(name).unwrap();
                Ok(())
            }
        };
        let mut background = Vec::new();
        for _ in 0..100 {
            background.push(begun(Box::pin(store.write(Priority::Background, work("background")))).await);
        }
        others.write(Priority::Command, work("command")).await.unwrap();
        for one in background {
            one.await.unwrap();
        }
        let before = order.try_iter().take_while(|name| *name == "background").count();
        assert!(before < 10, "{before} pieces of background work went first");
    }

    #[tokio::test]
    async fn a_command_of_another_process_gets_its_turn_although_one_task_writes_on_and_on() {
        let (store, folder) = store();
        let others = Store::open(&folder.path().join("baton.db")).unwrap();
        let mut command =
            begun(Box::pin(others.write(Priority::Command, |tx| tx.set_meta("by", "command")))).await;
        let mut written = 0;
        let write_on = async {
            for _ in 0..100 {
                let slow = |tx: &WriteTransaction<'_>| -> Result<()> {
                    tx.set_meta("by", "background")?;
                    thread::sleep(Duration::from_millis(20));
                    Ok(())
                };
                store.write(Priority::Background, slow).await.unwrap();
                written += 1;
            }
        };
        tokio::select! {
            done = &mut command => done.unwrap(),
            () = write_on => {}
        }
        assert!(written < 10, "{written} pieces of background work went first");
    }

    #[tokio::test]
    async fn where_nobody_waits_the_writer_does_not_stand_back() {
        let (store, folder) = store();
        let waiting = WaitingWriters::beside(&folder.path().join("baton.db"));
        assert!(!waiting.is_anybody());
        let others = Store::open(&folder.path().join("baton.db")).unwrap();
        let held = store.writer_holds_the_file(&others).await;
        assert!(held, "who waits says so");
        assert!(!waiting.is_anybody(), "and no longer once it has written");
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_own_call_and_keeps_nothing() {
        let (store, _folder) = store();
        let panics = |tx: &WriteTransaction<'_>| -> Result<()> {
            tx.set_meta("half", "done")?;
            panic!("on purpose")
        };
        let outcome = store.write(Priority::Background, panics).await;
        assert!(matches!(outcome, Err(StoreError::Panicked)), "{outcome:?}");
        for _ in 0..super::super::READERS + 1 {
            let outcome = store.read(|_| -> Result<()> { panic!("on purpose") }).await;
            assert!(matches!(outcome, Err(StoreError::Panicked)), "{outcome:?}");
        }
        store.write(Priority::Background, |tx| tx.set_meta("whole", "done")).await.unwrap();
        assert_eq!(store.read(|tx| tx.meta("half")).await.unwrap(), None);
        assert_eq!(store.read(|tx| tx.meta("whole")).await.unwrap().as_deref(), Some("done"));
    }

    #[tokio::test]
    async fn many_read_what_was_committed_while_a_long_write_goes_on() {
        let (store, _folder) = store();
        store.write(Priority::Background, |tx| tx.set_meta("state", "before")).await.unwrap();
        let (let_go, held) = mpsc::channel::<()>();
        let write = store.write(Priority::Background, move |tx| -> Result<()> {
            tx.set_meta("state", "after")?;
            held.recv_timeout(STUCK).unwrap();
            Ok(())
        });
        let write = begun(Box::pin(write)).await;
        let reads = (0..50).map(|_| store.read(|tx| tx.meta("state")));
        for found in futures::future::join_all(reads).await {
            assert_eq!(found.unwrap().as_deref(), Some("before"));
        }
        let_go.send(()).unwrap();
        write.await.unwrap();
        assert_eq!(store.read(|tx| tx.meta("state")).await.unwrap().as_deref(), Some("after"));
    }

    #[tokio::test]
    async fn work_that_was_handed_over_is_done_although_nobody_waits_and_the_store_is_closed() {
        let (store, folder) = store();
        handed_over(store.write(Priority::Background, |tx| tx.set_meta("a", "b"))).await;
        drop(store);
        let store = Store::open(&folder.path().join("baton.db")).unwrap();
        assert_eq!(store.read(|tx| tx.meta("a")).await.unwrap().as_deref(), Some("b"));
    }

    #[tokio::test]
    async fn closing_does_not_wait_for_work_without_end() {
        let (store, folder) = store();
        let (let_go, held) = mpsc::channel::<()>();
        let endless = store.write(Priority::Background, move |tx| -> Result<()> {
            tx.set_meta("endless", "work")?;
            // Ends with an error once the test drops its end.
            let _ = held.recv_timeout(STUCK);
            Err(StoreError::Random)
        });
        handed_over(endless).await;
        let began = crate::clock::monotonic();
        drop(store);
        assert!(began.elapsed() < STUCK / 4);
        drop(let_go);
        let store = Store::open(&folder.path().join("baton.db")).unwrap();
        assert_eq!(store.read(|tx| tx.meta("endless")).await.unwrap(), None);
    }
}
