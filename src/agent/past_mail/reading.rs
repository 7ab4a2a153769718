//! The thread that takes mail apart. One is enough, and the automata of the languages keep tables for each thread that
//! ever used them: a pool of threads would hold them many times over.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

use crate::agent::AgentError;

type ReadingJob = Box<dyn FnOnce() + Send>;

/// Ends when it is dropped and has done what it was given.
#[derive(Clone, Debug)]
pub(super) struct ReadingThread {
    jobs: Sender<ReadingJob>,
}

/// What comes of a job.
#[derive(Debug)]
pub(super) struct ReadingResult<T>(oneshot::Receiver<T>);

impl ReadingThread {
    pub(super) fn start() -> Result<Self, AgentError> {
        let (jobs, waiting) = channel::<ReadingJob>();
        thread::Builder::new()
            .name("mail reader".to_owned())
            .spawn(move || waiting.into_iter().for_each(|job| job()))
            .map_err(|error| AgentError::NotPossible {
                what: format!("no thread could be started: {error}"),
            })?;
        Ok(Self { jobs })
    }

    /// Gives it a job. Jobs are done one after the other.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> ReadingResult<T> {
        let (done, result) = oneshot::channel();
        // Whoever does not wait any more wants nothing; a thread that is gone shows in the result.
        let job = Box::new(move || drop(done.send(job())));
        drop(self.jobs.send(job));
        ReadingResult(result)
    }
}

impl<T> ReadingResult<T> {
    pub(super) async fn done(self) -> Result<T, AgentError> {
        self.0.await.map_err(|_| AgentError::Stopped)
    }
}
