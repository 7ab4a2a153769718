//! When nothing is heard in time: breach and late touch, silence for good, a touch that lay in a filter's folder,
//! an outage across the deadline, a touch that only the prospect's answer shows, one that was only said.
//! docs/behaviour.md section 7.

use super::super::story::Do::*;
use super::super::story::{ENDS, Ends, PLAIN, Story};

pub(crate) const STORIES: &[Story] = &[
    Story {
        company: "Cyberdyne",
        told: "breach, escalation, a late touch with a link into Slack",
        sdr: "dana",
        ae: "kay",
        to: "Miles Dyson",
        meeting: "Wed 25 14:00",
        steps: &[
            ("Mon 23 13:00", Sends),
            ("Mon 23 13:00", Mail("intro", "miles", "kay")),
            ("Mon 23 13:00", Mail("record", "kay", "dana")),
            // An hour before the deadline.
            ("Tue 24 09:00", Mail("reminder", "kay", "")),
            // Two minutes after it: the grace.
            ("Tue 24 10:02", Mail("escalation", "morgan", "")),
            (
                "Tue 24 11:30",
                Reply(
                    "kay",
                    "miles",
                    "dana",
                    "Hello Miles, sorry for the wait.\nhttps://vendor.slack.com/archives/C0123ABCD/p1700000000000100",
                ),
            ),
            ("Tue 24 11:30", Mail("late-touch", "morgan", "")),
            // Private: to its author alone. Kay is at work.
            ("Tue 24 11:30", Mail("chatter", "kay", "")),
            ("Wed 25 14:30", Mail("feedback-request", "kay", "")),
            ("Wed 25 15:00", Answers("kay", "feedback-request", "held 4")),
            ("Wed 25 15:00", Mail("feedback-thanks", "kay", "dana")),
        ],
        ends: Ends {
            deadline: "Tue 24 10:00",
            touch: "touched reply Tue 24 11:30 late",
            cc: "kept, first kept",
            meeting: "over Wed 25 14:00",
            feedback: "received held 4 Wed 25 15:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Massive Dynamic",
        told: "over a weekend and a holiday to a breach; mail in the AE's name is forged",
        sdr: "priya",
        ae: "rita",
        to: "William Bell",
        meeting: "Fri 4 12:00",
        steps: &[
            // Friday afternoon: Monday at 10:00. That is a holiday: Tuesday at 10:00.
            ("Fri 27 13:05", Sends),
            ("Fri 27 13:05", Mail("intro", "william", "rita")),
            ("Fri 27 13:05", Mail("record", "rita", "priya")),
            ("Mon 30 11:00", Reply("william", "rita", "priya", "Hello Rita, are you there?")),
            ("Mon 30 15:00", Forged("william", "priya", "Hello William, please pay the deposit here.")),
            ("Mon 30 15:00", Mail("suspicious", "priya, ops@vendor.example", "")),
            ("Tue 1 09:00", Mail("reminder", "rita", "")),
            ("Tue 1 10:02", Mail("escalation", "ines", "")),
        ],
        ends: Ends {
            deadline: "Tue 1 10:00",
            touch: "breached",
            meeting: "planned Fri 4 12:00",
            feedback: "not-due",
            open: true,
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Aperture",
        told: "in time, but filed away: the last look finds it, and nobody is accused",
        sdr: "kim",
        ae: "kay",
        to: "Cave Johnson",
        meeting: "Fri 27 09:30",
        steps: &[
            ("Thu 26 09:05", Sends),
            ("Thu 26 09:05", Mail("intro", "cave", "kay")),
            ("Thu 26 09:05", Mail("record", "kay", "kim")),
            (
                "Thu 26 14:40",
                ReplyFiled("kay", "cave", "Customers", "Hello Cave, until tomorrow at half past nine."),
            ),
            // Nobody can know of it yet.
            ("Thu 26 16:00", Mail("reminder", "kay", "")),
            ("Fri 27 10:00", Mail("feedback-request", "kay", "")),
            ("Fri 27 10:30", Answers("kay", "feedback-request", "held 4")),
            ("Fri 27 10:30", Mail("feedback-thanks", "kay", "kim")),
        ],
        ends: Ends {
            deadline: "Thu 26 17:00",
            touch: "touched reply Thu 26 14:40",
            cc: "dropped-early, first dropped-early",
            meeting: "over Fri 27 09:30",
            feedback: "received held 4 Fri 27 10:30",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Sirius",
        told: "the AE's mailbox cannot be read when the deadline passes; her touch was in time",
        sdr: "luis",
        ae: "rita",
        to: "Arthur Dent",
        meeting: "Fri 27 12:00",
        steps: &[
            ("Wed 25 10:00", Sends),
            ("Wed 25 10:00", Mail("intro", "arthur", "rita")),
            ("Wed 25 10:00", Mail("record", "rita", "luis")),
            ("Wed 25 16:00", Mail("reminder", "rita", "")),
            // Her mailbox is out of reach from 16:30 to 17:20, see HOUSE: blind is not breached.
            ("Wed 25 16:45", Reply("rita", "arthur", "", "Hello Arthur, Luis told me about your reports.")),
            ("Fri 27 12:30", Mail("feedback-request", "rita", "")),
            ("Fri 27 13:00", Answers("rita", "feedback-request", "held 5")),
            ("Fri 27 13:00", Mail("feedback-thanks", "rita", "luis")),
        ],
        ends: Ends {
            deadline: "Wed 25 17:00",
            touch: "touched reply Wed 25 16:45",
            cc: "dropped-early, first dropped-early",
            meeting: "over Fri 27 12:00",
            feedback: "received held 5 Fri 27 13:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Weyland",
        told: "the AE's mailbox is not watched, and only the prospect's answer shows that he wrote",
        sdr: "ben",
        ae: "omar",
        to: "Ellen Ripley",
        meeting: "Tue 24 17:00",
        steps: &[
            ("Mon 23 10:00", Sends),
            ("Mon 23 10:00", Mail("intro", "ellen", "omar")),
            ("Mon 23 10:00", Mail("record", "omar", "ben")),
            ("Mon 23 12:10", Reply("omar", "ellen", "", "Hello Ellen, until tomorrow.")),
            ("Mon 23 16:00", Mail("reminder", "omar", "")),
            // It quotes Omar, with the time at which he wrote.
            ("Mon 23 16:20", Reply("ellen", "omar", "ben", "Hello Omar, I am looking forward to it.")),
            ("Tue 24 17:30", Mail("feedback-request", "omar", "")),
            ("Tue 24 18:00", Answers("omar", "feedback-request", "held 4")),
            ("Tue 24 18:00", Mail("feedback-thanks", "omar", "ben")),
        ],
        // His first mail itself was never seen, so there is no verdict on its Cc.
        ends: Ends {
            deadline: "Mon 23 17:00",
            touch: "touched reply Mon 23 12:10 indirect",
            meeting: "over Tue 24 17:00",
            feedback: "received held 4 Tue 24 18:00",
            ..ENDS
        },
        ..PLAIN
    },
    Story {
        company: "Nakatomi",
        told: "handed over on Thanksgiving; the AE says in answer to the reminder that he has called",
        sdr: "dana",
        ae: "calvin",
        to: "Holly Gennero",
        meeting: "Mon 30 13:00",
        steps: &[
            // A holiday: the next working day at 10:00.
            ("Thu 26 10:00", Sends),
            ("Thu 26 10:00", Mail("intro", "holly", "calvin")),
            ("Thu 26 10:00", Mail("record", "calvin", "dana")),
            ("Fri 27 09:00", Mail("reminder", "calvin", "")),
            ("Fri 27 09:30", Answers("calvin", "reminder", "done, called her this morning")),
            ("Fri 27 09:30", Mail("stated", "dana", "")),
            ("Mon 30 13:30", Mail("feedback-request", "calvin", "")),
            ("Mon 30 14:00", Answers("calvin", "feedback-request", "no-show")),
            ("Mon 30 14:00", Mail("feedback-thanks", "calvin", "dana")),
        ],
        // The reminder brings the record: an answer to it acknowledges that.
        ends: Ends {
            deadline: "Fri 27 10:00",
            touch: "touched stated Fri 27 09:30",
            acceptance: "accepted Fri 27 09:30",
            meeting: "over Mon 30 13:00",
            feedback: "received no-show Mon 30 14:00",
            ..ENDS
        },
        ..PLAIN
    },
];

/// What concerns no single handoff, in Madrid's time.
pub(crate) const HOUSE: Story = Story {
    company: "House",
    told: "an outage of Rita's mailbox, a password that was changed, and the managers' digests",
    ae: "rita",
    steps: &[
        ("Wed 25 16:30", Outage("rita")),
        // After half an hour: the SDRs with an open handoff to Rita, and the operator.
        ("Wed 25 17:00", Mail("cannot-see", "luis", "")),
        ("Wed 25 17:00", Mail("cannot-see", "priya", "")),
        ("Wed 25 17:00", Mail("cannot-see", "ops@vendor.example", "")),
        ("Wed 25 17:20", OutageEnds("rita")),
        ("Wed 25 17:20", Mail("can-see", "ops@vendor.example", "")),
        // A refused login is told at once; after ten minutes it is resolved, and nobody hears more of it.
        ("Sat 28 12:00", PasswordChanges("kim")),
        ("Sat 28 12:00", Mail("trouble", "ops@vendor.example", "")),
        ("Sat 28 12:10", PasswordIsMended("kim")),
        // The managers' weeks, when each begins to work: Inés in Madrid, Morgan in New York.
        ("Mon 30 09:00", Mail("digest", "ines", "")),
        ("Mon 30 15:00", Mail("digest", "morgan", "")),
    ],
    ..PLAIN
};
