//! The SDR in Cc: hidden, lingering, put back by the prospect, and a record that went too far. docs/behaviour.md
//! sections 6 and 8.

use super::super::story::Do::*;
use super::super::story::{ENDS, Ends, PLAIN, Story};

pub(crate) const STORIES: &[Story] = &[
    Story {
        company: "Wonka",
        told: "the SDR moved to Bcc; feedback filled in inside the quotation",
        sdr: "priya",
        ae: "rita",
        to: "Willy Wonka",
        meeting: "Wed 25 15:00",
        steps: &[
            ("Mon 23 10:00", Sends),
            ("Mon 23 10:00", Mail("intro", "willy", "rita")),
            ("Mon 23 10:00", Mail("record", "rita", "priya")),
            (
                "Mon 23 11:30",
                ReplyBcc("rita", "willy", "priya", "Hello Willy, Priya is in copy for the last time."),
            ),
            ("Wed 25 15:30", Mail("feedback-request", "rita", "")),
            ("Wed 25 16:00", FillsIn("rita", "feedback-request", ["held", "2", "the budget is Laura's"])),
            ("Wed 25 16:00", Mail("feedback-thanks", "rita", "priya")),
        ],
        ends: Ends {
            deadline: "Mon 23 17:00",
            touch: "touched reply Mon 23 11:30",
            cc: "moved-to-bcc, first moved-to-bcc",
            meeting: "over Wed 25 15:00",
            feedback: "received held 2 Wed 25 16:00 (the budget is Laura's)",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Stark",
        told: "the AE keeps the SDR in the evening, hears of it in the morning, and lets go",
        sdr: "dana",
        ae: "calvin",
        to: "Pepper Potts",
        meeting: "Wed 25 16:00",
        steps: &[
            // At noon itself: after it.
            ("Tue 24 12:00", Sends),
            ("Tue 24 12:00", Mail("intro", "pepper", "calvin")),
            ("Tue 24 12:00", Mail("record", "calvin", "dana")),
            // The same absence as in Vandelay's handoff, which Dana hears of there, too: once for each handoff.
            ("Tue 24 13:01", Mail("away", "dana", "morgan")),
            ("Tue 24 15:00", Reply("calvin", "pepper", "dana", "Hello Pepper, thank you, Dana.")),
            (
                "Tue 24 18:30",
                Reply("calvin", "pepper", "dana", "One more thing, Pepper: who else comes along?"),
            ),
            // It waits for Calvin's working hours.
            ("Wed 25 09:00", Mail("lingering", "calvin", "dana")),
            ("Wed 25 10:10", Reply("calvin", "pepper", "", "The room is booked.")),
            ("Wed 25 16:30", Mail("feedback-request", "calvin", "")),
            ("Wed 25 16:45", Answers("calvin", "feedback-request", "held, 5")),
            ("Wed 25 16:45", Mail("feedback-thanks", "calvin", "dana")),
        ],
        ends: Ends {
            deadline: "Wed 25 10:00",
            touch: "touched reply Tue 24 15:00",
            cc: "dropped, first kept",
            meeting: "over Wed 25 16:00",
            feedback: "received held 5 Wed 25 16:45",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Wayne",
        told: "the prospect puts the SDR back, and then the AE keeps him; feedback that nobody can read",
        sdr: "luis",
        ae: "rita",
        to: "Bruce Wayne",
        meeting: "Thu 26 12:00",
        steps: &[
            // The last minute before noon.
            ("Tue 24 11:59", Sends),
            ("Tue 24 11:59", Mail("intro", "bruce", "rita")),
            ("Tue 24 11:59", Mail("record", "rita", "luis")),
            ("Tue 24 12:30", Reply("rita", "bruce", "luis", "Hello Bruce, thank you, Luis.")),
            ("Tue 24 13:00", Reply("rita", "bruce", "", "Here is the agenda.")),
            // Nobody's fault.
            ("Tue 24 14:00", Reply("bruce", "rita", "luis", "Thank you both.")),
            ("Tue 24 15:00", Reply("rita", "bruce", "luis", "With pleasure.")),
            ("Tue 24 15:00", Mail("lingering", "rita", "luis")),
            // Once for each AE.
            ("Tue 24 15:30", Reply("rita", "bruce", "luis", "And here is the plan of the building.")),
            ("Thu 26 12:30", Mail("feedback-request", "rita", "")),
            ("Thu 26 13:00", Answers("rita", "feedback-request", "Let me get back to you on this tomorrow.")),
            ("Thu 26 13:00", Mail("feedback-question", "rita", "")),
            ("Thu 26 13:20", Answers("rita", "feedback-question", "It was held, 4")),
            ("Thu 26 13:20", Mail("feedback-thanks", "rita", "luis")),
        ],
        ends: Ends {
            deadline: "Tue 24 17:00",
            touch: "touched reply Tue 24 12:30",
            cc: "lingering, first kept",
            meeting: "over Thu 26 12:00",
            feedback: "received held 4 Thu 26 13:20",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Tyrell",
        told: "the AE pastes the record into his first mail; the SDR writes once more",
        sdr: "ben",
        ae: "calvin",
        to: "Eldon Tyrell",
        meeting: "Wed 25 15:00",
        steps: &[
            ("Wed 25 09:00", Sends),
            ("Wed 25 09:00", Mail("intro", "eldon", "calvin")),
            ("Wed 25 09:00", Mail("record", "calvin", "ben")),
            ("Wed 25 09:30", Reply("calvin", "eldon", "ben", LEAK)),
            // Both are warned at once, and of nothing beside.
            ("Wed 25 09:30", Mail("record-leaked", "calvin, ben", "")),
            // Noted, no mail.
            ("Wed 25 10:30", Reply("ben", "eldon", "calvin", "Eldon, I am out of this now. Enjoy the call!")),
            ("Wed 25 15:30", Mail("feedback-request", "calvin", "")),
            ("Wed 25 15:45", Answers("calvin", "feedback-request", "held 4")),
            ("Wed 25 15:45", Mail("feedback-thanks", "calvin", "ben")),
        ],
        ends: Ends {
            deadline: "Wed 25 17:00",
            touch: "touched reply Wed 25 09:30",
            cc: "kept, first kept",
            meeting: "over Wed 25 15:00",
            feedback: "received held 4 Wed 25 15:45",
            ..ENDS
        },
        ..PLAIN
    },
];

const LEAK: &str = "Hello Eldon, here is what I was told about you.

HANDOFF RECORD: Tyrell | 2026-11-23
SDR: Ben Osei | AE: Calvin Reyes

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
\"Our reps spend 20 minutes a day updating Salesforce.\"";
