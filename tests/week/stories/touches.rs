//! How a first touch is made in time: a reply, a new thread, an invitation, one that Google keeps to itself, a
//! scheduling tool, a video, a reply by an AE whose mailbox is not watched. docs/behaviour.md section 5.

use super::super::story::Do::*;
use super::super::story::{ENDS, Ends, PLAIN, Story};

pub(crate) const STORIES: &[Story] = &[
    Story {
        company: "Acme Corp",
        told: "as it should be: accepted, touched with the SDR in Cc, the SDR dropped, feedback in one line",
        sdr: "dana",
        ae: "calvin",
        to: "Sarah Lee",
        meeting: "Tue 24 14:00",
        steps: &[
            ("Mon 23 09:10", Sends),
            ("Mon 23 09:10", Mail("intro", "sarah", "calvin")),
            ("Mon 23 09:10", Mail("record", "calvin", "dana")),
            // Monday before noon: due the same day at 17:00.
            (
                "Mon 23 09:40",
                Answers("calvin", "record", "Got it, owner updated. I open with the 20 minutes."),
            ),
            (
                "Mon 23 10:32",
                Reply("calvin", "sarah", "dana", "Hello Sarah, 20 minutes a day is a lot. Until Tuesday!"),
            ),
            ("Mon 23 11:15", Reply("sarah", "calvin", "dana", "Until tomorrow, then.")),
            ("Mon 23 11:45", Reply("calvin", "sarah", "", "Very well. The link is in the invitation.")),
            // The meeting ends at 14:30.
            ("Tue 24 14:30", Mail("feedback-request", "calvin", "")),
            ("Tue 24 14:52", Answers("calvin", "feedback-request", "held 4, James has left")),
            ("Tue 24 14:52", Mail("feedback-thanks", "calvin", "dana")),
        ],
        ends: Ends {
            deadline: "Mon 23 17:00",
            touch: "touched reply Mon 23 10:32",
            cc: "dropped, first kept",
            acceptance: "accepted Mon 23 09:40 owner updated",
            meeting: "over Tue 24 14:00",
            feedback: "received held 4 Tue 24 14:52 (James has left)",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Globex",
        told: "a thread of the AE's own, without the SDR; feedback by one click",
        sdr: "ben",
        ae: "kay",
        to: "Tom Brandt",
        meeting: "Thu 26 11:00",
        steps: &[
            ("Tue 24 13:20", Sends),
            ("Tue 24 13:20", Mail("intro", "tom", "kay")),
            ("Tue 24 13:20", Mail("record", "kay", "ben")),
            // After noon: due on the next working day at 10:00.
            ("Tue 24 16:40", Writes("kay", "tom", "", "Hello Tom, Ben told me about your forecasts.")),
            ("Wed 25 09:30", Writes("kay", "tom", "", "Could you bring last quarter's numbers, Tom?")),
            // Thanksgiving is no holiday in Vancouver.
            ("Thu 26 11:30", Mail("feedback-request", "kay", "")),
            ("Thu 26 12:10", Clicks("kay", "feedback-request", "held 5")),
            ("Thu 26 12:10", Mail("feedback-thanks", "kay", "ben")),
        ],
        ends: Ends {
            deadline: "Wed 25 10:00",
            touch: "touched new-thread Tue 24 16:40",
            cc: "dropped, first dropped-early",
            meeting: "over Thu 26 11:00",
            feedback: "received held 5 Thu 26 12:10",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Initech",
        told: "an invitation to a call of the AE's own",
        sdr: "priya",
        ae: "rita",
        to: "Peter Gibbons",
        meeting: "Fri 27 10:00",
        steps: &[
            ("Wed 25 09:30", Sends),
            ("Wed 25 09:30", Mail("intro", "peter", "rita")),
            ("Wed 25 09:30", Mail("record", "rita", "priya")),
            ("Wed 25 11:00", Calendar("rita", "peter", "REQUEST", "call-1@vendor.example", "Thu 26 16:00")),
            ("Fri 27 10:30", Mail("feedback-request", "rita", "")),
            ("Fri 27 12:00", Answers("rita", "feedback-request", "Held. Score: 5")),
            ("Fri 27 12:00", Mail("feedback-thanks", "rita", "priya")),
        ],
        // An invitation has no Cc verdict.
        ends: Ends {
            deadline: "Wed 25 17:00",
            touch: "touched invite Wed 25 11:00",
            meeting: "over Fri 27 10:00",
            feedback: "received held 5 Fri 27 12:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Umbrella",
        told: "an invitation that only the prospect's answer shows; feedback overdue over weekend and holiday",
        sdr: "luis",
        ae: "rita",
        to: "Alice Abernathy",
        meeting: "Fri 27 16:00",
        steps: &[
            ("Thu 26 10:15", Sends),
            ("Thu 26 10:15", Mail("intro", "alice", "rita")),
            ("Thu 26 10:15", Mail("record", "rita", "luis")),
            ("Thu 26 12:20", Rsvp("alice", "rita", "ACCEPTED", "call-2@google.com", "Tue 1 12:00")),
            ("Fri 27 16:30", Mail("feedback-request", "rita", "")),
            // Due on Saturday 16:30. Four hours before is Saturday, too; Monday is a holiday: Tuesday at 9.
            ("Tue 1 09:00", Mail("feedback-reminder", "rita", "")),
            // Not due in working hours: one hour after they next begin.
            ("Tue 1 10:00", Mail("feedback-overdue", "ines", "")),
        ],
        ends: Ends {
            deadline: "Thu 26 17:00",
            touch: "touched invite Thu 26 12:20",
            meeting: "over Fri 27 16:00",
            feedback: "overdue",
            open: true,
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Hooli",
        told: "the prospect books a call with the AE; nobody comes to the meeting",
        sdr: "kim",
        ae: "kay",
        to: "Gavin Belson",
        meeting: "Fri 27 13:00",
        steps: &[
            ("Wed 25 14:05", Sends),
            ("Wed 25 14:05", Mail("intro", "gavin", "kay")),
            ("Wed 25 14:05", Mail("record", "kay", "kim")),
            ("Wed 25 15:30", Books("Gavin Belson", "Thu 26 15:00")),
            ("Fri 27 13:30", Mail("feedback-request", "kay", "")),
            ("Fri 27 14:10", Clicks("kay", "feedback-request", "no-show")),
            ("Fri 27 14:10", Mail("feedback-thanks", "kay", "kim")),
        ],
        ends: Ends {
            deadline: "Thu 26 10:00",
            touch: "touched scheduled Wed 25 15:30",
            meeting: "over Fri 27 13:00",
            feedback: "received no-show Fri 27 14:10",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Vandelay",
        told: "a personal video; feedback that is late, though nobody was at work when it was due",
        sdr: "dana",
        ae: "calvin",
        to: "Art Vandelay",
        meeting: "Wed 25 11:00",
        steps: &[
            ("Tue 24 10:00", Sends),
            ("Tue 24 10:00", Mail("intro", "art", "calvin")),
            ("Tue 24 10:00", Mail("record", "calvin", "dana")),
            // Calvin's automatic answer to Kim, see Krusty: his absence concerns anyone who waits for him.
            ("Tue 24 13:01", Mail("away", "dana", "morgan")),
            (
                "Tue 24 15:20",
                Reply(
                    "calvin",
                    "art",
                    "dana",
                    "Art, a minute for you: https://www.loom.com/share/4f5c1a2b3d4e5f60",
                ),
            ),
            ("Wed 25 11:30", Mail("feedback-request", "calvin", "")),
            // Due on Thanksgiving at 11:30: the reminder waits for Friday, and overdue would be Friday at 10.
            ("Fri 27 09:00", Mail("feedback-reminder", "calvin", "")),
            ("Fri 27 09:40", Answers("calvin", "feedback-reminder", "held 3")),
            ("Fri 27 09:40", Mail("feedback-thanks", "calvin", "dana")),
        ],
        ends: Ends {
            deadline: "Tue 24 17:00",
            touch: "touched video Tue 24 15:20",
            cc: "kept, first kept",
            meeting: "over Wed 25 11:00",
            feedback: "received held 3 Fri 27 09:40",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Soylent",
        told: "Sunday is a working day for Omar, whose mailbox is not watched; the answer moves the meeting",
        sdr: "ben",
        ae: "omar",
        to: "Simon Thorn",
        meeting: "Mon 30 10:00",
        steps: &[
            ("Sun 29 09:20", Sends),
            ("Sun 29 09:20", Mail("intro", "simon", "omar")),
            ("Sun 29 09:20", Mail("record", "omar", "ben")),
            ("Sun 29 10:45", Reply("omar", "simon", "ben", "Hello Simon, thank you, Ben. Until Monday.")),
            ("Mon 30 10:30", Mail("feedback-request", "omar", "")),
            ("Mon 30 10:50", Answers("omar", "feedback-request", "rescheduled to Wed 2 Dec 11:00")),
            ("Mon 30 10:50", Mail("feedback-thanks", "omar", "ben")),
            // The new time starts over.
            ("Wed 2 11:30", Mail("feedback-request", "omar", "")),
            ("Wed 2 11:50", Answers("omar", "feedback-request", "held 4")),
            ("Wed 2 11:50", Mail("feedback-thanks", "omar", "ben")),
        ],
        ends: Ends {
            deadline: "Sun 29 17:00",
            touch: "touched reply Sun 29 10:45",
            // Nothing was seen of Omar's since, and the meeting has begun.
            cc: "dropped-assumed, first kept",
            meeting: "over Wed 2 11:00",
            feedback: "received held 4 Wed 2 11:50",
            ..ENDS
        },
        ..PLAIN
    },
];
