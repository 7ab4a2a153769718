//! Headers of a large range, in windows of UIDs of which several are under way at a time, so that round trips do not
//! add up and no more lies in memory than one window.
//!
//! A window that the server refuses says so and lets the others come. Dropping the stream before its end takes the
//! connection with it. Servers may answer several windows at the same time (RFC 3501 section 5.5; Dovecot does while its
//! client is slow to read): what comes is put where it belongs, and the windows are handed out in their order.

use std::collections::VecDeque;

use tokio::time::timeout;

use super::{
    error::ImapError,
    exec::{CommandStatus, CommandTimeouts, ImapSession, LiveConnection, ResponseStep, TaggedReply},
    fetch::{HeaderItem, header_items, uid_range},
    grammar::ServerAnswer,
};
use crate::tls::later::means_later;

/// Windows that have been asked for and not come yet: a server that hands one out in 5 ms always has work, also one that
/// is 150 ms away.
const UNDER_WAY: usize = 32;

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
    under_way: VecDeque<WindowUnderWay>,
    items: String,
    timeouts: CommandTimeouts,
    last_seen: Option<u32>,
}

/// A window that has been asked for, and what of it has come.
#[derive(Debug)]
struct WindowUnderWay {
    tag: String,
    window: UidWindow,
    items: Vec<HeaderItem>,
    reply: Option<TaggedReply>,
}

impl WindowUnderWay {
    fn holds(&self, uid: u32) -> bool {
        uid >= self.window.first && self.window.last.is_none_or(|last| uid <= last)
    }
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
        let (items, timeouts) = (header_items(fields, self.gives_pieces), self.timeouts);
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
            self.under_way.push_back(WindowUnderWay { tag, window, items: Vec::new(), reply: None });
        }
        if self.under_way.is_empty() {
            self.session.give_back(link);
            return Ok(None);
        }
        let come =
            timeout(self.timeouts.transfer, read_first(&mut link, &mut self.under_way, &self.timeouts));
        let come = come.await.unwrap_or(Err(ImapError::Timeout { what: WHAT }));
        // Of a window behind one that broke off nothing counts as seen.
        let first = self.under_way.front().into_iter().flat_map(|first| &first.items);
        self.last_seen = first.map(|item| item.uid).max().max(self.last_seen);
        come?;
        let Some(first) = self.under_way.pop_front() else { return Ok(None) };
        self.link = Some(link);
        let refused = match first.reply {
            Some(reply) if reply.status == CommandStatus::No => {
                Some(ImapError::Refused { command: WHAT, text: reply.text })
            }
            Some(reply) if reply.status == CommandStatus::Bad => {
                Some(ImapError::Misunderstood { command: WHAT, text: reply.text })
            }
            _ => None,
        };
        Ok(Some(HeaderWindow { window: first.window, items: first.items, refused }))
    }

    /// Asks for no more windows. Those that are under way still come.
    pub(crate) fn ask_no_more(&mut self) {
        self.waiting.clear();
    }

    /// The highest UID that has come, also of a window that broke off.
    pub(crate) fn last_seen(&self) -> Option<u32> {
        self.last_seen
    }
}

/// Reads until the first of the windows is complete, and what comes of the others meanwhile.
async fn read_first(
    link: &mut LiveConnection,
    under_way: &mut VecDeque<WindowUnderWay>,
    timeouts: &CommandTimeouts,
) -> Result<(), ImapError> {
    while under_way.front().is_some_and(|first| first.reply.is_none()) {
        let tags: Vec<String> = under_way.iter().map(|one| one.tag.clone()).collect();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let mut on = |answer: &ServerAnswer<'_>| {
            if let ServerAnswer::Fetch(data) = answer
                && let Some(item) = HeaderItem::read(data)
                && let Some(own) = under_way.iter_mut().find(|one| one.holds(item.uid))
            {
                own.items.push(item);
            }
        };
        let (place, reply) = loop {
            let step = timeout(timeouts.silence, link.step_among(WHAT, &tags, &mut on));
            match step.await.unwrap_or(Err(ImapError::Timeout { what: WHAT }))? {
                (_, ResponseStep::Untagged) => {}
                (_, ResponseStep::Continue(_)) => return Err(ImapError::Protocol { what: WHAT }),
                (place, ResponseStep::Done(reply)) => break (place, reply),
            }
        };
        if reply.status != CommandStatus::Ok && means_later(&reply.text) {
            return Err(ImapError::Temporary { text: reply.text });
        }
        if let Some(done) = under_way.get_mut(place) {
            done.reply = Some(reply);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, duplex};

    use super::super::wire::{Socket, Wire};
    use super::*;

    fn item(uid: u32) -> String {
        format!("* {uid} FETCH (UID {uid} FLAGS () RFC822.SIZE 9 BODY[HEADER]<0> {{6}}\r\nA: b\r\n)\r\n")
    }

    fn under_way(tag: &str, first: u32, last: Option<u32>) -> WindowUnderWay {
        let window = UidWindow { first, last };
        WindowUnderWay { tag: tag.to_owned(), window, items: Vec::new(), reply: None }
    }

    #[tokio::test]
    async fn windows_that_a_server_answers_at_the_same_time_lose_nothing() {
        let (near, mut far) = duplex(1 << 16);
        let socket: Box<dyn Socket> = Box::new(near);
        let mut link = LiveConnection::new(Wire::new(socket));
        let mut windows = VecDeque::from([under_way("A1", 1, Some(3)), under_way("A2", 4, None)]);
        let (done, refused) = ("A1 OK done\r\n".to_owned(), "A2 NO one is missing\r\n".to_owned());
        let sent = [item(1), item(4), item(2), item(50), refused, item(3), done].concat();
        far.write_all(sent.as_bytes()).await.unwrap();
        let mut uids = Vec::new();
        for _ in 0..2 {
            read_first(&mut link, &mut windows, &CommandTimeouts::default()).await.unwrap();
            let first = windows.pop_front().unwrap();
            let own: Vec<u32> = first.items.iter().map(|item| item.uid).collect();
            uids.push((own, first.reply.unwrap().status == CommandStatus::Ok));
        }
        assert_eq!(uids, [(vec![1, 2, 3], true), (vec![4, 50], false)]);
    }

    #[tokio::test]
    async fn an_answer_to_what_nobody_asked_ends_the_talk() {
        let (near, mut far) = duplex(1 << 10);
        let socket: Box<dyn Socket> = Box::new(near);
        let mut link = LiveConnection::new(Wire::new(socket));
        let mut windows = VecDeque::from([under_way("A1", 1, Some(3))]);
        far.write_all(b"A7 OK done\r\n").await.unwrap();
        let outcome = read_first(&mut link, &mut windows, &CommandTimeouts::default()).await;
        assert!(matches!(outcome, Err(ImapError::Protocol { .. })), "{outcome:?}");
    }
}
