//! AEs who are away: the same absence in two handoffs, two absences in one. docs/behaviour.md section 5, row 4.

use super::super::story::Do::*;
use super::super::story::{ENDS, Ends, PLAIN, Story};

/// Omar's automatic answer this week.
const UNTIL_SUNDAY: &str =
    "Thank you for your mail. I am out of the office and will be back on 29 November 2026.";

pub(crate) const STORIES: &[Story] = &[
    Story {
        company: "Gekko",
        told: "the AE is away, the deadline passes, and another AE takes over",
        sdr: "dana",
        ae: "omar",
        to: "Gordon Gekko",
        meeting: "Fri 27 11:00",
        steps: &[
            ("Wed 25 14:00", Sends),
            ("Wed 25 14:00", Mail("intro", "gordon", "omar")),
            ("Wed 25 14:00", Mail("record", "omar", "dana")),
            ("Wed 25 14:01", IsAway("omar", UNTIL_SUNDAY)),
            ("Wed 25 14:01", Mail("away", "dana", "ines")),
            ("Thu 26 09:00", Mail("reminder", "omar", "")),
            ("Thu 26 10:02", Mail("escalation", "ines", "")),
            // A clock of her own: before noon, so due at 17:00.
            ("Thu 26 10:30", Reassigns("rita")),
            ("Thu 26 10:30", Mail("record", "rita", "dana")),
            ("Thu 26 12:00", Reply("rita", "gordon", "dana", "Hello Gordon, I take over from Omar.")),
            ("Fri 27 11:30", Mail("feedback-request", "rita", "")),
            ("Fri 27 12:00", Answers("rita", "feedback-request", "held 5")),
            ("Fri 27 12:00", Mail("feedback-thanks", "rita", "dana")),
        ],
        ends: Ends {
            deadline: "Thu 26 17:00",
            touch: "touched reply Thu 26 12:00",
            cc: "kept, first kept",
            meeting: "over Fri 27 11:00",
            feedback: "received held 5 Fri 27 12:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Duff",
        told: "the same absence in another handoff, told once; a late touch; a meeting without a new time",
        sdr: "ben",
        ae: "omar",
        to: "Homer Simpson",
        meeting: "Mon 30 16:00",
        steps: &[
            ("Wed 25 15:00", Sends),
            ("Wed 25 15:00", Mail("intro", "homer", "omar")),
            ("Wed 25 15:00", Mail("record", "omar", "ben")),
            ("Wed 25 15:01", IsAway("omar", UNTIL_SUNDAY)),
            ("Wed 25 15:01", Mail("away", "ben", "ines")),
            ("Thu 26 09:00", Mail("reminder", "omar", "")),
            // The same return date: the same absence.
            ("Thu 26 09:30", IsAway("omar", UNTIL_SUNDAY)),
            ("Thu 26 10:02", Mail("escalation", "ines", "")),
            ("Sun 29 10:00", Reply("omar", "homer", "ben", "Hello Homer, I am back.")),
            ("Sun 29 10:00", Mail("late-touch", "ines", "")),
            ("Mon 30 16:30", Mail("feedback-request", "omar", "")),
            ("Mon 30 17:00", Answers("omar", "feedback-request", "rescheduled")),
            // In place of the thanks; no reminder and no overdue follow.
            ("Mon 30 17:00", Mail("feedback-question", "omar", "ben")),
        ],
        ends: Ends {
            deadline: "Thu 26 10:00",
            touch: "touched reply Sun 29 10:00 late",
            cc: "dropped-assumed, first kept",
            meeting: "over Mon 30 16:00",
            feedback: "received rescheduled Mon 30 17:00",
            open: true,
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Krusty",
        told: "two absences, one after the other; the AE's delegate writes in time",
        sdr: "kim",
        ae: "calvin",
        to: "Bart Krustofsky",
        meeting: "Fri 27 14:00",
        steps: &[
            ("Tue 24 13:00", Sends),
            ("Tue 24 13:00", Mail("intro", "bart", "calvin")),
            ("Tue 24 13:00", Mail("record", "calvin", "kim")),
            (
                "Tue 24 13:01",
                IsAway("calvin", "I am travelling and will be back on Wednesday, November 25, 2026."),
            ),
            ("Tue 24 13:01", Mail("away", "kim", "morgan")),
            (
                "Wed 25 08:00",
                IsAway("calvin", "Happy Thanksgiving! I am out of office until Friday, November 27, 2026."),
            ),
            ("Wed 25 08:00", Mail("away", "kim", "morgan")),
            ("Wed 25 09:00", Mail("reminder", "calvin", "")),
            (
                "Wed 25 09:45",
                Reply("eve", "bart", "kim", "Hello Bart, I write for Calvin, who is on the road."),
            ),
            ("Fri 27 14:30", Mail("feedback-request", "calvin", "")),
            ("Fri 27 15:00", Answers("calvin", "feedback-request", "held 4")),
            ("Fri 27 15:00", Mail("feedback-thanks", "calvin", "kim")),
        ],
        ends: Ends {
            deadline: "Wed 25 10:00",
            touch: "touched reply Wed 25 09:45",
            cc: "kept, first kept",
            meeting: "over Fri 27 14:00",
            feedback: "received held 4 Fri 27 15:00",
            ..ENDS
        },
        ..PLAIN
    },
];
