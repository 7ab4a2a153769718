//! What the last judgement of a closed handoff said, kept as it is shown: the mail behind it is not kept for ever.

use std::borrow::Cow;

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use crate::domain::handoff::Record;
use crate::domain::judge::{
    Acceptance, AcceptanceState, Cc, CcState, Claim, Event, Feedback, FeedbackState, Judgement, Meeting,
    MeetingState, Touch, TouchState,
};
use crate::domain::mails::{HandoffBrief, MeetingBrief};

use super::json::{Json, StoredValue, field, names, object};
use super::{ReadTransaction, Result, StoreError, WriteTransaction};

names!(TouchState {
    Waiting: "waiting",
    Touched: "touched",
    Breached: "breached",
    CannotSee: "cannot-see",
    Undelivered: "undelivered",
});
names!(CcState {
    Waiting: "waiting",
    Kept: "kept",
    MovedToBcc: "moved-to-bcc",
    DroppedEarly: "dropped-early",
    Dropped: "dropped",
    DroppedAssumed: "dropped-assumed",
    Lingering: "lingering",
});
names!(AcceptanceState { None: "none", Accepted: "accepted", Refused: "refused" });
names!(MeetingState { Planned: "planned", Moved: "moved", Cancelled: "cancelled", Over: "over" });
names!(FeedbackState {
    NotDue: "not-due",
    Requested: "requested",
    Received: "received",
    Overdue: "overdue",
    NotOwed: "not-owed",
});
object!(Touch {
    state: "state",
    kind: "kind",
    at: "at",
    late: "late",
    indirect: "indirect",
    personal: "personal",
    message_id: "message_id",
});
object!(Cc { state: "state", first: "first" });
object!(Acceptance { state: "state", at: "at", owner_updated: "owner_updated", notes: "notes" });
object!(Meeting { start: "start", end: "end", state: "state" });
object!(Feedback {
    state: "state",
    outcome: "outcome",
    score: "score",
    wrong: "wrong",
    at: "at",
    due: "due",
});
object!(Event {
    at: "at",
    what: "what",
    rule: "rule",
    message_id: "message_id",
    folder: "folder",
    why: "why",
});

impl Json for Cow<'static, str> {
    fn to_json(&self) -> Value {
        Value::from(self.as_ref())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_str().map(|text| Cow::Owned(text.to_owned()))
    }
}

/// What is shown of a judgement.
pub(super) fn verdict_form(judgement: &Judgement) -> Value {
    json!({
        "sent_at": judgement.sent_at.to_json(),
        "deadline": judgement.deadline.to_json(),
        "deadline_why": judgement.deadline_why.to_json(),
        "record": judgement.record.to_json(),
        "ae": judgement.ae.to_json(),
        "introduced": judgement.brief.introduced.to_json(),
        "intro_id": judgement.brief.intro_id.to_json(),
        "prospects": judgement.prospects.to_json(),
        "touch": judgement.touch.to_json(),
        "cc": judgement.cc.to_json(),
        "acceptance": judgement.acceptance.to_json(),
        "meeting": judgement.meeting.to_json(),
        "feedback": judgement.feedback.to_json(),
        "away_until": judgement.away_until.to_json(),
        "story": judgement.story.to_json(),
        "next": judgement.next.to_json(),
    })
}

/// The judgement as it is shown. What it wanted to be sent, looked for and claimed is not kept: of a closed handoff
/// that is done, and who acts judges anew.
pub(super) fn shown_judgement(id: &str, value: &StoredValue<'_>) -> Option<Judgement> {
    let record: Record = field(value, "record")?;
    let meeting: Meeting = field(value, "meeting")?;
    let (ae, sent_at): (String, _) = (field(value, "ae")?, field(value, "sent_at")?);
    let brief = HandoffBrief {
        id: id.to_owned(),
        record: record.clone(),
        ae: ae.clone(),
        introduced: field(value, "introduced")?,
        meeting: MeetingBrief { start: meeting.start, end: meeting.end },
        is_cancelled: meeting.state == MeetingState::Cancelled,
        sent_at,
        intro_id: field(value, "intro_id")?,
    };
    Some(Judgement {
        sent_at,
        intro_failed: false,
        deadline: field(value, "deadline")?,
        deadline_why: field(value, "deadline_why")?,
        fixed_deadlines: Vec::new(),
        record,
        ae,
        prospects: field(value, "prospects")?,
        touch: field(value, "touch")?,
        cc: field(value, "cc")?,
        acceptance: field(value, "acceptance")?,
        meeting,
        feedback: field(value, "feedback")?,
        away_until: field(value, "away_until")?,
        open: false,
        story: field(value, "story")?,
        mails: Vec::new(),
        wake: None,
        last_look: None,
        awaits_clock: None,
        awaits: None,
        claim: Claim::default(),
        learnt_aliases: Vec::new(),
        next: field(value, "next")?,
        evidence: std::collections::BTreeSet::new(),
        brief,
    })
}

impl ReadTransaction<'_> {
    /// The last judgement of a closed handoff, as it is shown; `None` where it is open, or was closed by a version
    /// that did not keep it.
    pub(crate) fn verdict(&self, id: &str) -> Result<Option<Judgement>> {
        let Some(text) = self.verdict_text(id)? else { return Ok(None) };
        let unreadable = || StoreError::Row { table: "handoffs", key: id.to_owned() };
        let value = StoredValue::read(&text).ok_or_else(unreadable)?;
        shown_judgement(id, &value).ok_or_else(unreadable).map(Some)
    }

    fn verdict_text(&self, id: &str) -> Result<Option<String>> {
        let sql = "SELECT verdict FROM handoffs WHERE id = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?.flatten())
    }
}

impl WriteTransaction<'_> {
    /// Keeps the judgement of a handoff that is closed; of one that is open nothing.
    pub(crate) fn set_verdict(&self, id: &str, judgement: &Judgement) -> Result<()> {
        let text = (!judgement.open).then(|| verdict_form(judgement).to_string());
        if text == self.verdict_text(id)? {
            return Ok(());
        }
        self.connection
            .prepare_cached("UPDATE handoffs SET verdict = ?2 WHERE id = ?1")?
            .execute(params![id, text])?;
        Ok(())
    }
}
