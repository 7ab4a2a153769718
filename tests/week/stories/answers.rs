//! Who it is and what they say: a refusal and another AE, addresses under the AE's name, mail that missed the
//! prospect. docs/behaviour.md sections 5 (rows 3, 9 and 16) and 8.

use super::super::story::Do::*;
use super::super::story::{ENDS, Ends, PLAIN, Story};

pub(crate) const STORIES: &[Story] = &[
    Story {
        company: "Bluth",
        told: "`not mine`: another AE in another zone takes over and accepts with a thumb",
        sdr: "ben",
        ae: "calvin",
        to: "George Bluth",
        meeting: "Fri 27 12:00",
        steps: &[
            ("Wed 25 09:15", Sends),
            ("Wed 25 09:15", Mail("intro", "george", "calvin")),
            ("Wed 25 09:15", Mail("record", "calvin", "ben")),
            ("Wed 25 10:00", Answers("calvin", "record", "Not mine, Kay has this region.")),
            ("Wed 25 10:00", Mail("refused", "ben", "morgan")),
            // Nine in the morning for Kay, two hours behind: due at her 17:00.
            ("Wed 25 11:00", Reassigns("kay")),
            ("Wed 25 11:00", Mail("record", "kay", "ben")),
            ("Wed 25 11:30", Reacts("kay", "record", "👍")),
            ("Wed 25 13:00", Reply("kay", "george", "ben", "Hello George, I take over from Calvin.")),
            ("Fri 27 12:30", Mail("feedback-request", "kay", "")),
            ("Fri 27 13:00", Answers("kay", "feedback-request", "held 3")),
            ("Fri 27 13:00", Mail("feedback-thanks", "kay", "ben")),
        ],
        ends: Ends {
            deadline: "Wed 25 19:00",
            touch: "touched reply Wed 25 13:00",
            cc: "kept, first kept",
            acceptance: "accepted Wed 25 11:30",
            meeting: "over Fri 27 12:00",
            feedback: "received held 3 Fri 27 13:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Hanso",
        told: "the AE writes from an address of her own; the SDR says so after the escalation, which is withdrawn",
        sdr: "luis",
        ae: "rita",
        to: "Alvar Hanso",
        meeting: "Fri 27 15:00",
        steps: &[
            ("Thu 26 09:30", Sends),
            ("Thu 26 09:30", Mail("intro", "alvar", "rita")),
            ("Thu 26 09:30", Mail("record", "rita", "luis")),
            ("Thu 26 11:00", ReplyFrom("rita.vale@gmail.com", "Rita Vale", "alvar", "luis")),
            ("Thu 26 11:00", Mail("who-is-this", "luis", "")),
            // Not a touch yet.
            ("Thu 26 16:00", Mail("reminder", "rita", "")),
            ("Thu 26 17:02", Mail("escalation", "ines", "")),
            ("Fri 27 09:10", Answers("luis", "who-is-this", "yes")),
            ("Fri 27 09:10", Mail("withdrawal", "ines", "")),
            ("Fri 27 15:30", Mail("feedback-request", "rita", "")),
            ("Fri 27 15:50", Answers("rita", "feedback-request", "held 4")),
            ("Fri 27 15:50", Mail("feedback-thanks", "rita", "luis")),
        ],
        ends: Ends {
            deadline: "Thu 26 17:00",
            touch: "touched reply Thu 26 11:00",
            cc: "kept, first kept",
            meeting: "over Fri 27 15:00",
            feedback: "received held 4 Fri 27 15:50",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Bushwood",
        told: "to the SDR alone, then without a word, then as it should be; the meeting is before the deadline",
        sdr: "dana",
        ae: "calvin",
        to: "Carl Spackler",
        meeting: "Mon 23 15:00",
        steps: &[
            ("Mon 23 10:30", Sends),
            ("Mon 23 10:30", Mail("intro", "carl", "calvin")),
            ("Mon 23 10:30", Mail("record", "calvin", "dana")),
            ("Mon 23 11:00", Reply("calvin", "dana", "", "Hello Carl, I am looking forward to our call.")),
            ("Mon 23 11:00", Mail("not-received", "calvin", "dana")),
            ("Mon 23 11:30", Reply("calvin", "carl", "dana", "")),
            ("Mon 23 11:30", Mail("not-received", "calvin", "dana")),
            // An hour before the meeting, which comes before the deadline.
            ("Mon 23 14:00", Mail("reminder", "calvin", "")),
            ("Mon 23 14:20", Reply("calvin", "carl", "dana", "Hello Carl, at three, then.")),
            ("Mon 23 15:30", Mail("feedback-request", "calvin", "")),
            ("Mon 23 16:50", Answers("calvin", "feedback-request", "held 4")),
            ("Mon 23 16:50", Mail("feedback-thanks", "calvin", "dana")),
        ],
        ends: Ends {
            deadline: "Mon 23 17:00",
            touch: "touched reply Mon 23 14:20",
            cc: "kept, first kept",
            meeting: "over Mon 23 15:00",
            feedback: "received held 4 Mon 23 16:50",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Sabre",
        told: "on a Saturday; somebody else under the AE's name; feedback overdue within working hours",
        sdr: "dana",
        ae: "calvin",
        to: "Jo Bennett",
        meeting: "Mon 30 11:00",
        steps: &[
            ("Sat 28 11:00", Sends),
            ("Sat 28 11:00", Mail("intro", "jo", "calvin")),
            ("Sat 28 11:00", Mail("record", "calvin", "dana")),
            ("Sat 28 11:20", ReplyFrom("calvin.reyes@gmail.com", "Calvin Reyes", "jo", "dana")),
            ("Sat 28 11:20", Mail("who-is-this", "dana", "")),
            // A `no` settles it.
            ("Sat 28 11:40", Answers("dana", "who-is-this", "no")),
            ("Sat 28 12:00", Reply("calvin", "jo", "dana", "Hello Jo, that was not me, but this is.")),
            ("Mon 30 11:30", Mail("feedback-request", "calvin", "")),
            // Four hours before it is due is 07:30.
            ("Tue 1 09:00", Mail("feedback-reminder", "calvin", "")),
            ("Tue 1 11:30", Mail("feedback-overdue", "morgan", "")),
            ("Tue 1 14:00", Answers("calvin", "feedback-request", "held 2")),
            ("Tue 1 14:00", Mail("feedback-thanks", "calvin", "dana")),
        ],
        ends: Ends {
            deadline: "Mon 30 10:00",
            touch: "touched reply Sat 28 12:00",
            cc: "kept, first kept",
            meeting: "over Mon 30 11:00",
            feedback: "received held 2 Tue 1 14:00",
            ..ENDS
        },
        ..PLAIN
    },
];
