//! What does not arrive: one of two prospects, all of them and a resend, the touch itself. docs/behaviour.md section
//! 5, rows 12 and 13.

use super::super::story::Do::*;
use super::super::story::{ENDS, Ends, PLAIN, Story};

pub(crate) const STORIES: &[Story] = &[
    Story {
        company: "Pied Piper",
        told: "the intro reaches one of two; the clock runs. Feedback after the reminder",
        sdr: "luis",
        ae: "rita",
        to: "Richard Hendricks, Jared Dunn",
        meeting: "Thu 26 17:00",
        steps: &[
            ("Tue 24 09:00", Sends),
            ("Tue 24 09:00", Mail("intro", "richard, jared", "rita")),
            ("Tue 24 09:00", Mail("record", "rita", "luis")),
            ("Tue 24 09:03", Bounces("jared", "luis")),
            ("Tue 24 09:03", Mail("intro-bounced", "luis", "rita")),
            ("Tue 24 10:00", Reply("rita", "richard", "luis", "Hello Richard, is Jared with you?")),
            // A request does not wait for working hours.
            ("Thu 26 17:30", Mail("feedback-request", "rita", "")),
            // Four hours before it is due.
            ("Fri 27 13:30", Mail("feedback-reminder", "rita", "")),
            ("Fri 27 14:00", Answers("rita", "feedback-reminder", "held 4")),
            ("Fri 27 14:00", Mail("feedback-thanks", "rita", "luis")),
        ],
        ends: Ends {
            deadline: "Tue 24 17:00",
            touch: "touched reply Tue 24 10:00",
            cc: "kept, first kept",
            meeting: "over Thu 26 17:00",
            feedback: "received held 4 Fri 27 14:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Dunder Mifflin",
        told: "the intro reaches nobody and is sent again, with a record that names another address",
        sdr: "kim",
        ae: "kay",
        to: "Mick Scott",
        meeting: "Wed 25 15:00",
        steps: &[
            ("Tue 24 09:40", Sends),
            ("Tue 24 09:40", Mail("intro", "mick", "kay")),
            ("Tue 24 09:40", Mail("record", "kay", "kim")),
            // The clock is stopped: no reminder at 16:00, no escalation at 17:02.
            ("Tue 24 09:42", Bounces("mick", "kim")),
            ("Tue 24 09:42", Mail("intro-bounced", "kim", "kay")),
            // It starts again, and so does the record, which is another text.
            ("Tue 24 14:00", Resends("Michael Scott")),
            ("Tue 24 14:00", Mail("intro", "michael", "kay")),
            ("Tue 24 14:00", Mail("record", "kay", "kim")),
            ("Wed 25 08:30", Reply("kay", "michael", "kim", "Hello Michael, there you are.")),
            ("Wed 25 15:30", Mail("feedback-request", "kay", "")),
            ("Wed 25 16:00", Answers("kay", "feedback-request", "held 4")),
            ("Wed 25 16:00", Mail("feedback-thanks", "kay", "kim")),
        ],
        ends: Ends {
            deadline: "Wed 25 10:00",
            touch: "touched reply Wed 25 08:30",
            cc: "kept, first kept",
            meeting: "over Wed 25 15:00",
            feedback: "received held 4 Wed 25 16:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Prestige",
        told: "the touch bounces, a new clock runs, the AE writes to another of the prospect's people",
        sdr: "ben",
        ae: "calvin",
        to: "Alfred Borden",
        attendees: "Alfred Borden, Robert Angier",
        meeting: "Tue 24 15:00",
        steps: &[
            ("Mon 23 09:00", Sends),
            ("Mon 23 09:00", Mail("intro", "alfred", "calvin")),
            ("Mon 23 09:00", Mail("record", "calvin", "ben")),
            ("Mon 23 12:30", Reply("calvin", "alfred", "ben", "Hello Alfred, thank you, Ben.")),
            // The new clock starts after noon: the next working day at 10:00.
            ("Mon 23 13:10", Bounces("alfred", "calvin")),
            ("Mon 23 13:10", Mail("touch-bounced", "calvin", "ben")),
            ("Tue 24 09:00", Mail("reminder", "calvin", "")),
            ("Tue 24 09:20", Reply("calvin", "robert", "ben", "Hello Robert, my mail to Alfred came back.")),
            ("Tue 24 15:30", Mail("feedback-request", "calvin", "")),
            ("Tue 24 16:00", Answers("calvin", "feedback-request", "held 4")),
            ("Tue 24 16:00", Mail("feedback-thanks", "calvin", "ben")),
        ],
        // What reached nobody is not the first email to the prospect.
        ends: Ends {
            deadline: "Tue 24 10:00",
            touch: "touched reply Tue 24 09:20",
            cc: "kept, first kept",
            meeting: "over Tue 24 15:00",
            feedback: "received held 4 Tue 24 16:00",
            ..ENDS
        },
    },
];
