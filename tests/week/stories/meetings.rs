//! What becomes of meetings: moved, cancelled, declined. docs/behaviour.md sections 5 (row 6) and 9.

use super::super::story::Do::*;
use super::super::story::{ENDS, Ends, PLAIN, Story};

pub(crate) const STORIES: &[Story] = &[
    Story {
        company: "Sterling",
        told: "the calendar moves the meeting by two days",
        sdr: "dana",
        ae: "calvin",
        to: "Mallory Archer",
        meeting: "Wed 25 10:00",
        steps: &[
            (
                "Mon 23 08:00",
                Calendar("dana", "mallory, calvin", "REQUEST", "meeting-1@vendor.example", "Wed 25 10:00"),
            ),
            ("Mon 23 13:30", Sends),
            ("Mon 23 13:30", Mail("intro", "mallory", "calvin")),
            ("Mon 23 13:30", Mail("record", "calvin", "dana")),
            ("Mon 23 14:00", Reply("calvin", "mallory", "dana", "Hello Mallory, until Wednesday.")),
            (
                "Tue 24 15:00",
                Calendar("dana", "mallory, calvin", "REQUEST", "meeting-1@vendor.example", "Fri 27 11:00"),
            ),
            // Nothing on Wednesday.
            ("Fri 27 11:30", Mail("feedback-request", "calvin", "")),
            ("Fri 27 11:40", Answers("calvin", "feedback-request", "held 5")),
            ("Fri 27 11:40", Mail("feedback-thanks", "calvin", "dana")),
        ],
        ends: Ends {
            deadline: "Tue 24 10:00",
            touch: "touched reply Mon 23 14:00",
            cc: "kept, first kept",
            meeting: "over Fri 27 11:00",
            feedback: "received held 5 Fri 27 11:40",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Genco",
        told: "the meeting is cancelled, and no feedback is owed",
        sdr: "priya",
        ae: "rita",
        to: "Vito Corleone",
        meeting: "Thu 26 11:00",
        steps: &[
            (
                "Mon 23 17:00",
                Calendar("priya", "vito, rita", "REQUEST", "meeting-2@vendor.example", "Thu 26 11:00"),
            ),
            ("Tue 24 10:30", Sends),
            ("Tue 24 10:30", Mail("intro", "vito", "rita")),
            ("Tue 24 10:30", Mail("record", "rita", "priya")),
            ("Tue 24 11:10", Reply("rita", "vito", "priya", "Hello Vito, until Thursday.")),
            (
                "Wed 25 09:00",
                Calendar("priya", "vito, rita", "CANCEL", "meeting-2@vendor.example", "Thu 26 11:00"),
            ),
        ],
        // It stays open for 14 days: another meeting may take its place.
        ends: Ends {
            deadline: "Tue 24 17:00",
            touch: "touched reply Tue 24 11:10",
            cc: "kept, first kept",
            meeting: "cancelled Thu 26 11:00",
            feedback: "not-owed",
            open: true,
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Spacely",
        told: "the prospect declines; the AE says that there is a new time, and then which",
        sdr: "kim",
        ae: "kay",
        to: "Cosmo Spacely",
        meeting: "Fri 27 14:00",
        steps: &[
            (
                "Tue 24 09:00",
                Calendar("kim", "cosmo, kay", "REQUEST", "meeting-3@vendor.example", "Fri 27 14:00"),
            ),
            ("Wed 25 10:00", Sends),
            ("Wed 25 10:00", Mail("intro", "cosmo", "kay")),
            ("Wed 25 10:00", Mail("record", "kay", "kim")),
            ("Wed 25 11:00", Reply("kay", "cosmo", "kim", "Hello Cosmo, until Friday.")),
            // Every prospect who was invited.
            ("Wed 25 12:30", Rsvp("cosmo", "kim", "DECLINED", "meeting-3@vendor.example", "Fri 27 14:00")),
            ("Wed 25 12:30", Mail("meeting-declined", "kim", "kay")),
            // Nobody has cancelled it.
            ("Fri 27 14:30", Mail("feedback-request", "kay", "")),
            ("Fri 27 15:00", Answers("kay", "feedback-request", "rescheduled")),
            ("Fri 27 15:00", Mail("feedback-question", "kay", "kim")),
            ("Fri 27 15:20", Answers("kay", "feedback-question", "Wed 2 Dec 13:00")),
            ("Fri 27 15:20", Mail("feedback-thanks", "kay", "kim")),
            ("Wed 2 13:30", Mail("feedback-request", "kay", "")),
            ("Wed 2 13:45", Answers("kay", "feedback-request", "held 4")),
            ("Wed 2 13:45", Mail("feedback-thanks", "kay", "kim")),
        ],
        ends: Ends {
            deadline: "Wed 25 17:00",
            touch: "touched reply Wed 25 11:00",
            cc: "kept, first kept",
            meeting: "over Wed 2 13:00",
            feedback: "received held 4 Wed 2 13:45",
            ..ENDS
        },
        ..PLAIN
    },
];
