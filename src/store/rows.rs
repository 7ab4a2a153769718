//! How each type of the domain is written into a column: the names on the right are the database's format. They may
//! be added to, never changed; the snapshots of `stored_format_tests` hold every one of them.

use serde_json::{Value, json};

use crate::domain::fact::{FixedDeadline, MeetingOutcome, Statement, StatementKind, TouchKind};
use crate::domain::handoff::{DealRole, Objection, PlannedMeeting, Record, Stakeholder};
use crate::domain::message::{
    Attendee, Authenticity, Bounce, BounceAction, BouncedRecipient, Calendar, CalendarMethod, CalendarTime,
    Headers, Mailbox, MessageBody, MessageKind, PartStat, QuotedAuthor, QuotedMail, SchedulerEvent,
    SchedulerMail,
};

use super::json::{Json, StoredValue, field, names, object};

object!(Mailbox { name: "name", address: "address" });
object!(Stakeholder { name: "name", title: "title", role: "role" });
object!(Objection { objection: "objection", handled: "handled" });
object!(PlannedMeeting {
    start: "start",
    local_start: "local_start",
    length_seconds: "length_seconds",
    zone: "zone",
    format: "format",
    attendees: "attendees",
    agenda: "agenda"
});
object!(Record {
    company: "company",
    date: "date",
    sdr: "sdr",
    ae: "ae",
    conditions: "conditions",
    pain: "pain",
    meeting: "meeting",
    stakeholders: "stakeholders",
    objections: "objections",
    competitor: "competitor",
    to: "to",
    discussed: "discussed",
    why_this_ae: "why_this_ae",
    what_to_expect: "what_to_expect",
});

object!(Headers {
    id: "id",
    earlier_ids: "earlier_ids",
    in_reply_to: "in_reply_to",
    references: "references",
    conversation: "conversation",
    date: "date",
    received: "received",
    from: "from",
    sender: "sender",
    reply_to: "reply_to",
    to: "to",
    cc: "cc",
    bcc: "bcc",
    subject: "subject",
    base_subject: "base_subject",
    authenticity: "authenticity",
});
object!(MessageBody {
    kind: "kind",
    kind_of_known: "kind_of_known",
    reasons: "reasons",
    author_text: "author_text",
    quoted_text: "quoted_text",
    quoted: "quoted",
    quoted_authors: "quoted_authors",
    links: "links",
    calendar: "calendar",
    bounce: "bounce",
    away_until: "away_until",
    reaction: "reaction",
    holds_record: "holds_record",
    attachments: "attachments",
    scheduler: "scheduler",
    quoted_mails: "quoted_mails",
    chat_paste: "chat_paste",
    video_link: "video_link",
});
object!(QuotedAuthor { address: "address", at: "at", latest: "latest" });
object!(QuotedMail { from: "from", to: "to" });
object!(Calendar {
    method: "method",
    uid: "uid",
    sequence: "sequence",
    start: "start",
    end: "end",
    written_start: "written_start",
    instance: "instance",
    organizer: "organizer",
    attendees: "attendees",
    summary: "summary"
});
object!(CalendarTime { local: "local", at: "at", zone: "zone" });
object!(Attendee { address: "address", name: "name", partstat: "partstat" });
object!(Bounce {
    original: "original",
    original_references: "original_references",
    recipients: "recipients"
});
object!(BouncedRecipient {
    address: "address",
    action: "action",
    status: "status",
    diagnostic: "diagnostic"
});
object!(SchedulerMail {
    tool: "tool",
    event: "event",
    start: "start",
    end: "end",
    addresses: "addresses",
    names: "names"
});

names!(DealRole {
    DecisionMaker: "decision-maker",
    Evaluator: "evaluator",
    Gatekeeper: "gatekeeper",
    EndUser: "end user",
    Champion: "champion",
});
names!(MessageKind {
    Human: "human",
    AutoReply: "auto-reply",
    Bounce: "bounce",
    Receipt: "receipt",
    Calendar: "calendar",
    Scheduler: "scheduler",
    Reaction: "reaction",
    Bulk: "bulk",
    Automated: "automated",
});
names!(CalendarMethod {
    Request: "request",
    Reply: "reply",
    Cancel: "cancel",
    Counter: "counter",
    DeclineCounter: "declinecounter",
    Publish: "publish",
    Add: "add",
    Refresh: "refresh",
});
names!(PartStat {
    NeedsAction: "needs-action",
    Accepted: "accepted",
    Declined: "declined",
    Tentative: "tentative",
    Delegated: "delegated",
});
names!(BounceAction {
    Failed: "failed",
    Delayed: "delayed",
    Delivered: "delivered",
    Relayed: "relayed",
    Expanded: "expanded",
});
names!(Authenticity { Passed: "passed", Failed: "failed", Unknown: "unknown" });
names!(SchedulerEvent {
    Booked: "booked",
    Rescheduled: "rescheduled",
    Cancelled: "cancelled",
    Reminder: "reminder",
    Other: "other",
});
names!(TouchKind {
    Reply: "reply",
    NewThread: "new-thread",
    Invite: "invite",
    Scheduled: "scheduled",
    Video: "video",
    Stated: "stated",
});
names!(MeetingOutcome { Held: "held", Rescheduled: "rescheduled", NoShow: "no-show" });

object!(FixedDeadline { started: "started", ae: "ae", deadline: "deadline", why: "why" });
object!(Statement { id: "id", why: "why", says: "says", letter: "letter", read_at: "read_at" });

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
                json!({"says": "accepted", "notes": notes.to_json(), "owner_updated": owner_updated.to_json()})
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
            StatementKind::Reassigned { ae } => json!({"says": "reassigned", "ae": ae.to_json()}),
        }
    }

    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        Some(match field::<String>(value, "says")?.as_str() {
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
