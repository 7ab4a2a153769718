//! Headers of messages that a search has found, wherever they lie in the folder.

use super::{
    error::ImapError,
    exec::ImapSession,
    fetch::{HeaderItem, header_items},
    grammar::ServerAnswer,
};

impl ImapSession {
    /// Of each of these messages of the open folder the `fields` of its header, in one command and in the server's
    /// order. A message that is gone is left out.
    ///
    /// Memory: take no more UIDs at once than whose headers may lie side by side.
    pub(crate) async fn headers_of(
        &mut self,
        uids: &[u32],
        fields: &[&str],
    ) -> Result<Vec<HeaderItem>, ImapError> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let fields = if self.gives_whole_headers() { &[] } else { fields };
        let set: Vec<String> = uids.iter().map(ToString::to_string).collect();
        let text = format!("UID FETCH {} {}", set.join(","), header_items(fields, self.gives_pieces));
        let mut found: Vec<HeaderItem> = Vec::new();
        self.exec(self.transfer("FETCH", text), |answer| {
            if let ServerAnswer::Fetch(data) = answer
                && let Some(item) = HeaderItem::read(data)
                && uids.contains(&item.uid)
            {
                found.push(item);
            }
        })
        .await?;
        Ok(found)
    }
}
