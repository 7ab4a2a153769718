//! Headers of a large range, in windows of UIDs of which several are under way at a time, so that round trips do not
//! add up and no more lies in memory than one window.
//!
//! A window that the server refuses says so and lets the others come. Dropping the stream before its end takes the
//! connection with it.

use std::collections::VecDeque;

use tokio::time::timeout;

use super::{
    error::{ImapError, means_later},
    exec::{CommandStatus, CommandTimeouts, ImapSession, LiveConnection, ResponseStep},
    fetch::{HeaderItem, header_items, uid_range},
    grammar::ServerAnswer,
};

/// Windows that have been asked for and not come yet.
const UNDER_WAY: usize = 4;

/// A range of UIDs; of no `last`, to the end of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UidWindow {
    pub first: u32,
    pub last: Option<u32>,
}

/// What came of one window.
#[derive(Debug)]
pub(crate) struct HeaderWindow {
    pub window: UidWindow,
    pub items: Vec<HeaderItem>,
    /// The server's NO or BAD; `items` is then not complete. The others are not touched by it.
    pub refused: Option<ImapError>,
}

/// Windows as they come.
#[derive(Debug)]
pub(crate) struct HeaderWindows<'s> {
    session: &'s mut ImapSession,
    link: Option<LiveConnection>,
    waiting: VecDeque<UidWindow>,
    under_way: VecDeque<(String, UidWindow)>,
    items: String,
    timeouts: CommandTimeouts,
    last_seen: Option<u32>,
}

const WHAT: &str = "FETCH";

impl ImapSession {
    /// Asks for these windows of the open folder: of each header the `fields`, or all of it where there are none.
    pub(crate) fn header_windows(
        &mut self,
        windows: impl IntoIterator<Item = UidWindow>,
        fields: &[&str],
    ) -> Result<HeaderWindows<'_>, ImapError> {
        self.forget_news();
        let fields = if self.wants_whole_headers { &[] } else { fields };
        let (items, timeouts) = (header_items(fields), self.timeouts);
        Ok(HeaderWindows {
            link: Some(self.borrow_link(WHAT)?),
            session: self,
            waiting: windows.into_iter().collect(),
            under_way: VecDeque::new(),
            items,
            timeouts,
            last_seen: None,
        })
    }
}

impl HeaderWindows<'_> {
    /// The next window; `None` at the end, and the session can be used again.
    pub(crate) async fn next(&mut self) -> Result<Option<HeaderWindow>, ImapError> {
        let Some(mut link) = self.link.take() else { return Ok(None) };
        while self.under_way.len() < UNDER_WAY
            && let Some(window) = self.waiting.pop_front()
        {
            let line = format!("UID FETCH {} {}", uid_range(window.first, window.last), self.items);
            let begun = timeout(self.timeouts.silence, link.begin(WHAT, line.as_bytes()));
            let tag = begun.await.unwrap_or(Err(ImapError::Timeout { what: WHAT }))?;
            self.under_way.push_back((tag, window));
        }
        let Some((tag, window)) = self.under_way.pop_front() else {
            self.session.give_back(link);
            return Ok(None);
        };
        let come = timeout(
            self.timeouts.transfer,
            read(&mut link, &tag, window, &self.timeouts, &mut self.last_seen),
        );
        let found = come.await.unwrap_or(Err(ImapError::Timeout { what: WHAT }))?;
        self.link = Some(link);
        Ok(Some(found))
    }

    /// The highest UID that has come, also of a window that broke off.
    pub(crate) fn last_seen(&self) -> Option<u32> {
        self.last_seen
    }
}

async fn read(
    link: &mut LiveConnection,
    tag: &str,
    window: UidWindow,
    timeouts: &CommandTimeouts,
    last_seen: &mut Option<u32>,
) -> Result<HeaderWindow, ImapError> {
    let mut items = Vec::new();
    let mut on = |answer: &ServerAnswer<'_>| {
        if let ServerAnswer::Fetch(data) = answer
            && let Some(item) = HeaderItem::read(data)
            && item.uid >= window.first
            && window.last.is_none_or(|last| item.uid <= last)
        {
            *last_seen = (*last_seen).max(Some(item.uid));
            items.push(item);
        }
    };
    let reply = loop {
        let step = timeout(timeouts.silence, link.step(WHAT, tag, &mut on));
        match step.await.unwrap_or(Err(ImapError::Timeout { what: WHAT }))? {
            ResponseStep::Untagged => {}
            ResponseStep::Continue(_) => return Err(ImapError::Protocol { what: WHAT }),
            ResponseStep::Done(reply) => break reply,
        }
    };
    let refused = match reply.status {
        CommandStatus::Ok => None,
        _ if means_later(&reply.text) => return Err(ImapError::Temporary { text: reply.text }),
        CommandStatus::No => Some(ImapError::Refused { command: WHAT, text: reply.text }),
        CommandStatus::Bad => Some(ImapError::Misunderstood { command: WHAT, text: reply.text }),
    };
    Ok(HeaderWindow { window, items, refused })
}
