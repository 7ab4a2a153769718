//! IDLE (RFC 2177), by hand: the library's takes a lost connection for an interruption, hangs where a
//! server refuses, and lets every keepalive start its time-out again.
//!
//! IDLE is a hint. Whatever `idle` returns, the caller looks; where it is refused, the caller polls.

use std::{pin::pin, time::Duration};

use tokio::time::{sleep, timeout};

use super::{
    error::ImapError,
    exec::{CommandStatus, ImapSession, LiveConnection, ResponseStep},
};

const WHAT: &str = "IDLE";

/// Why `idle` came back. Each means: look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleEnd {
    /// Messages came or went, or did so before the IDLE had begun.
    Changed,
    /// The time was up.
    Deadline,
    /// The caller's signal.
    Asked,
    /// The server ended the IDLE by itself.
    Ended,
    /// The server does not do IDLE, or not now. The session goes on; poll.
    Refused,
}

impl ImapSession {
    /// Waits until something happens in the open folder, `asked` completes, or `at_most` is over, whatever
    /// the server sends meanwhile; never longer than this provider allows (`quirks().idle_at_most`).
    ///
    /// `Refused` comes back at once: wait before the next look.
    pub async fn idle(
        &mut self,
        at_most: Duration,
        asked: impl Future<Output = ()>,
    ) -> Result<IdleEnd, ImapError> {
        if !self.can("IDLE") {
            return Ok(IdleEnd::Refused);
        }
        if self.has_news() {
            return Ok(IdleEnd::Changed);
        }
        let mut link = self.borrow_link(WHAT)?;
        link.wire.rest();
        let time_up = sleep(at_most.min(self.quirks.idle_at_most));
        let begun = timeout(self.timeouts.idle_start, begin(&mut link));
        let woke = match begun.await.unwrap_or(Err(ImapError::Timeout { what: WHAT }))? {
            IdleStart::Refused => IdleEnd::Refused,
            IdleStart::Ended => IdleEnd::Ended,
            IdleStart::Waiting(tag) => {
                let wait = async {
                    tokio::select! {
                        biased;
                        seen = listen(&mut link, &tag) => seen,
                        () = asked => Ok(IdleEnd::Asked),
                        () = time_up => Ok(IdleEnd::Deadline),
                    }
                };
                let woke = pin!(wait).await?;
                if woke != IdleEnd::Ended {
                    let done = timeout(self.timeouts.idle_done, end(&mut link, &tag));
                    done.await.unwrap_or(Err(ImapError::Timeout { what: "DONE" }))?;
                }
                woke
            }
        };
        self.give_back(link);
        Ok(if self.has_news() { IdleEnd::Changed } else { woke })
    }
}

enum IdleStart {
    Waiting(String),
    Refused,
    Ended,
}

async fn begin(link: &mut LiveConnection) -> Result<IdleStart, ImapError> {
    let tag = link.begin(WHAT, b"IDLE").await?;
    loop {
        match link.step(WHAT, &tag, &mut |_| {}).await? {
            ResponseStep::Continue(_) => return Ok(IdleStart::Waiting(tag)),
            ResponseStep::Done(reply) if reply.status == CommandStatus::Ok => return Ok(IdleStart::Ended),
            ResponseStep::Done(_) => return Ok(IdleStart::Refused),
            // What comes before the `+` is noted by the link, and counts.
            ResponseStep::Untagged => {}
        }
    }
}

/// Reads until something changes or the server ends the IDLE. May be dropped while it waits.
async fn listen(link: &mut LiveConnection, tag: &str) -> Result<IdleEnd, ImapError> {
    while !link.news {
        match link.step(WHAT, tag, &mut |_| {}).await? {
            ResponseStep::Done(_) => return Ok(IdleEnd::Ended),
            // Keepalives (some servers repeat their `+`) and changes of flags: nothing to look at.
            ResponseStep::Continue(_) | ResponseStep::Untagged => {}
        }
    }
    Ok(IdleEnd::Changed)
}

async fn end(link: &mut LiveConnection, tag: &str) -> Result<(), ImapError> {
    link.write(WHAT, b"DONE").await?;
    loop {
        if let ResponseStep::Done(_) = link.step(WHAT, tag, &mut |_| {}).await? {
            return Ok(());
        }
    }
}
