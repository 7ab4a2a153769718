//! How each type of the domain is written into a column. The names here are the database's format: they
//! may be added to, never changed.

use serde_json::{Value, json};

use crate::domain::fact::{FixedDeadline, MeetingOutcome, Statement, StatementKind, TouchKind};
use crate::domain::handoff::{DealRole, Objection, PlannedMeeting, Record, Stakeholder};
use crate::domain::message::{
    Attendee, Authenticity, Bounce, BounceAction, BouncedRecipient, Calendar, CalendarMethod, Headers,
    Mailbox, MessageBody, MessageKind, PartStat, QuotedAuthor, QuotedMail, SchedulerEvent, SchedulerMail,
};

use super::json::{Json, names, object};

object!(Mailbox { name, address });
object!(Stakeholder { name, title, role });
object!(Objection { objection, handled });
object!(PlannedMeeting { start, length_seconds, zone, format, attendees, agenda });
object!(Record {
    company,
    date,
    sdr,
    ae,
    conditions,
    pain,
    meeting,
    stakeholders,
    objections,
    competitor,
    to,
    discussed,
    why_this_ae,
    what_to_expect,
});

object!(Headers {
    id,
    earlier_ids,
    in_reply_to,
    references,
    conversation,
    date,
    received,
    from,
    sender,
    reply_to,
    to,
    cc,
    bcc,
    subject,
    base_subject,
    authenticity,
});
object!(MessageBody {
    kind,
    reasons,
    author_text,
    quoted_text,
    quoted,
    quoted_authors,
    links,
    calendar,
    bounce,
    away_until,
    reaction,
    holds_record,
    attachments,
    scheduler,
    quoted_mails,
    chat_paste,
    video_link,
});
object!(QuotedAuthor { address, at });
object!(QuotedMail { from, to });
object!(Calendar { method, uid, sequence, start, end, organizer, attendees, summary });
object!(Attendee { address, name, partstat });
object!(Bounce { original, original_references, recipients });
object!(BouncedRecipient { address, action, status, diagnostic });
object!(SchedulerMail { tool, event, start, end, addresses, names });

names!(DealRole {
    DecisionMaker = "decision-maker",
    Evaluator = "evaluator",
    Gatekeeper = "gatekeeper",
    EndUser = "end user",
    Champion = "champion",
});
names!(MessageKind {
    Human = "human",
    AutoReply = "auto-reply",
    Bounce = "bounce",
    Receipt = "receipt",
    Calendar = "calendar",
    Scheduler = "scheduler",
    Reaction = "reaction",
    Bulk = "bulk",
    Automated = "automated",
});
names!(CalendarMethod {
    Request = "request",
    Reply = "reply",
    Cancel = "cancel",
    Counter = "counter",
    DeclineCounter = "declinecounter",
    Publish = "publish",
    Add = "add",
    Refresh = "refresh",
});
names!(PartStat {
    NeedsAction = "needs-action",
    Accepted = "accepted",
    Declined = "declined",
    Tentative = "tentative",
    Delegated = "delegated",
});
names!(BounceAction {
    Failed = "failed",
    Delayed = "delayed",
    Delivered = "delivered",
    Relayed = "relayed",
    Expanded = "expanded",
});
names!(Authenticity { Passed = "passed", Failed = "failed", Unknown = "unknown" });
names!(SchedulerEvent {
    Booked = "booked",
    Rescheduled = "rescheduled",
    Cancelled = "cancelled",
    Reminder = "reminder",
    Other = "other",
});
names!(TouchKind {
    Reply = "reply",
    NewThread = "new-thread",
    Invite = "invite",
    Scheduled = "scheduled",
    Video = "video",
    Stated = "stated",
});
names!(MeetingOutcome { Held = "held", Rescheduled = "rescheduled", NoShow = "no-show" });

object!(FixedDeadline { started, ae, deadline, why });
object!(Statement { id, why, says });

impl Json for StatementKind {
    fn to_json(&self) -> Value {
        match self {
            StatementKind::Touched { at, kind, message } => {
                json!({"says": "touched", "at": at.to_json(), "kind": kind.to_json(), "message": message.to_json()})
            }
            StatementKind::NotTouched { message } => {
                json!({"says": "not-touched", "message": message.to_json()})
            }
            StatementKind::Accepted { notes, owner_updated } => {
                json!({"says": "accepted", "notes": notes.to_json(), "owner_updated": owner_updated})
            }
            StatementKind::NotAccepted => json!({"says": "not-accepted"}),
            StatementKind::MeetingMoved { start, length_seconds } => json!({
                "says": "meeting-moved", "start": start.to_json(), "length_seconds": length_seconds.to_json()
            }),
            StatementKind::MeetingCancelled => json!({"says": "meeting-cancelled"}),
            StatementKind::Feedback { outcome, score, wrong } => json!({
                "says": "feedback", "outcome": outcome.to_json(), "score": score.to_json(), "wrong": wrong.to_json()
            }),
            StatementKind::Closed => json!({"says": "closed"}),
            StatementKind::Reopened => json!({"says": "reopened"}),
            StatementKind::Reassigned { ae } => json!({"says": "reassigned", "ae": ae}),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        fn field<T: Json>(value: &Value, name: &str) -> Option<T> {
            T::from_json(value.get(name).unwrap_or(&Value::Null))
        }
        Some(match value.get("says")?.as_str()? {
            "touched" => StatementKind::Touched {
                at: field(value, "at")?,
                kind: field(value, "kind")?,
                message: field(value, "message")?,
            },
            "not-touched" => StatementKind::NotTouched { message: field(value, "message")? },
            "accepted" => StatementKind::Accepted {
                notes: field(value, "notes")?,
                owner_updated: field(value, "owner_updated")?,
            },
            "not-accepted" => StatementKind::NotAccepted,
            "meeting-moved" => StatementKind::MeetingMoved {
                start: field(value, "start")?,
                length_seconds: field(value, "length_seconds")?,
            },
            "meeting-cancelled" => StatementKind::MeetingCancelled,
            "feedback" => StatementKind::Feedback {
                outcome: field(value, "outcome")?,
                score: field(value, "score")?,
                wrong: field(value, "wrong")?,
            },
            "closed" => StatementKind::Closed,
            "reopened" => StatementKind::Reopened,
            "reassigned" => StatementKind::Reassigned { ae: field(value, "ae")? },
            _ => return None,
        })
    }
}
