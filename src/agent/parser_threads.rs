//! The threads on which mail and the configuration are taken apart: a few, and always the same ones.
//!
//! A message may be megabytes, which would hold up every task of an async thread, and so would the files of a
//! configuration. The runtime's own threads for what blocks come and go, dozens of them after an outage; each thread that
//! looks for words has tables of its own for hundreds of automata, and an arena of the allocator's that keeps what it has
//! once got. On these threads memory stays at what so many need, however long the agent runs. Known limit: messages that
//! take long keep others waiting, once there are as many of them as threads.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

/// One for each processor, within this.
const FEWEST: usize = 2;
const MOST: usize = 8;

type ParserJob = Box<dyn FnOnce() + Send>;

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParserEnd {
    /// Its cause is logged by the panic itself.
    Panicked,
    /// The system gives no threads.
    NoThreads,
}

/// What the threads take their work from. They begin with the first of it, and end with the process.
static JOBS: LazyLock<Sender<ParserJob>> = LazyLock::new(|| {
    let (jobs, waiting) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    let count = thread::available_parallelism().map_or(FEWEST, NonZero::get).clamp(FEWEST, MOST);
    for _ in 0..count {
        let waiting = Arc::clone(&waiting);
        let thread = thread::Builder::new().name("baton-parse".to_owned()).spawn(move || work(&waiting));
        if let Err(error) = thread {
            tracing::warn!(%error, "the system gives no thread to take mail apart on");
        }
    }
    jobs
});

fn work(waiting: &Mutex<Receiver<ParserJob>>) {
    loop {
        // Whoever waits for work holds the lock; whoever has some does not.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

/// Has `parser` run on one of the threads, from now on. Where nobody waits for the result any more when its turn comes, it
/// does not run.
pub(super) fn on_parser_thread<T: Send + 'static>(
    parser: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = Result<T, ParserEnd>> {
    let (answer, result) = oneshot::channel();
    let job = move || {
        if !answer.is_closed() {
            let outcome = catch_unwind(AssertUnwindSafe(parser)).map_err(|_| ParserEnd::Panicked);
            // Nobody waits any more.
            let _ = answer.send(outcome);
        }
    };
    // Without threads the job comes back, and with its end the result is known.
    drop(JOBS.send(Box::new(job)));
    async move { result.await.unwrap_or(Err(ParserEnd::NoThreads)) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[tokio::test]
    async fn many_messages_are_taken_apart_on_the_same_few_threads() {
        let all = (0..200).map(|number| on_parser_thread(move || (number, thread::current().id())));
        let done = futures::future::join_all(all).await;
        let done: Vec<_> = done.into_iter().map(Result::unwrap).collect();
        assert!(done.iter().enumerate().all(|(place, (number, _))| place == *number));
        let threads: HashSet<_> = done.into_iter().map(|(_, thread)| thread).collect();
        assert!(threads.len() <= MOST);
    }

    #[tokio::test]
    async fn one_that_panics_takes_no_thread_with_it() {
        for _ in 0..2 * MOST {
            assert_eq!(on_parser_thread(|| panic!("on purpose")).await, Err::<(), _>(ParserEnd::Panicked));
        }
        assert_eq!(on_parser_thread(|| 1).await, Ok(1));
    }
}
