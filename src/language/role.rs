//! The roles that words have, and how the lines of each are read.

/// How a role's lines are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadAs {
    /// Found anywhere in the text, letter for letter, case aside.
    Phrase,
    /// The rule decides what may stand around it (a label, a prefix, a folder's name): nothing but equality counts
    /// as a repetition.
    Word,
    /// A pattern of `notation`, with an example.
    Pattern,
    /// One list for each of several things, in a fixed order: months, weekdays.
    Group(usize),
}

macro_rules! roles {
    ($($(#[doc = $doc:literal])+ $name:ident = $section:literal . $key:literal as $read_as:expr;)+) => {
        /// What a line of a language file is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Role {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Role {
            pub(crate) const ALL: [Role; Role::COUNT] = [$(Role::$name,)+];
            pub(crate) const COUNT: usize = [$(Role::$name,)+].len();

            /// Table and key in the language files.
            pub(crate) fn place(self) -> (&'static str, &'static str) {
                match self {
                    $(Role::$name => ($section, $key),)+
                }
            }

            /// Whether only what one person writes in one answer is read: no table of states is worth its memory.
            pub(crate) fn is_for_short_texts(self) -> bool {
                self.place().0 == "answer"
            }

            pub(crate) fn read_as(self) -> ReadAs {
                match self {
                    $(Role::$name => $read_as,)+
                }
            }
        }
    };
}

roles! {
    // Dates.

    /// Names of the months and their abbreviations, January first.
    Months = "dates"."months" as ReadAs::Group(12);
    /// Names of the days of the week and their abbreviations, Monday first.
    Weekdays = "dates"."weekdays" as ReadAs::Group(7);

    // What mail programs write around a person's words.

    // What programs write by themselves.

    // What people answer.

    // The AE's stance on a handoff.

    /// Does not take the handoff. `^` and `$` are the begin and the end of a sentence's words.
    Refuses = "answer"."refuses" as ReadAs::Pattern;
    /// Asks that somebody else take the handoff.
    AsksAway = "answer"."asks_away" as ReadAs::Pattern;
    /// Holds words of a refusal and is none.
    NoRefusal = "answer"."no_refusal" as ReadAs::Pattern;
    /// Has called, met or written to the prospect.
    Done = "answer"."done" as ReadAs::Pattern;
    /// Has not, or not yet, or somebody else.
    NotDone = "answer"."not_done" as ReadAs::Pattern;
    /// Has changed the owner in the CRM.
    OwnerUpdated = "answer"."owner_updated" as ReadAs::Pattern;
    /// Has not, or not yet, or asks somebody to.
    OwnerNotUpdated = "answer"."owner_not_updated" as ReadAs::Pattern;
    /// Begins a line that says nothing, if it is short.
    Courtesies = "answer"."courtesies" as ReadAs::Word;
    /// Accepts, and goes on behind a comma or an `and`.
    FirstAssents = "answer"."first_assents" as ReadAs::Word;
    /// First word of a sentence that accepts.
    Assents = "answer"."assents" as ReadAs::Word;
    /// Names of reactions that accept.
    ReactionAssents = "answer"."reaction_assents" as ReadAs::Word;
    /// Names of reactions that don't.
    ReactionDissents = "answer"."reaction_dissents" as ReadAs::Word;
    /// A plain yes.
    Yes = "answer"."yes" as ReadAs::Word;
    /// Begins a sentence that says yes.
    YesInWords = "answer"."yes_in_words" as ReadAs::Word;
    /// A plain no.
    No = "answer"."no" as ReadAs::Word;
    /// Begins a sentence that says no.
    NoInWords = "answer"."no_in_words" as ReadAs::Word;
    /// Begins with a no and is none.
    Neither = "answer"."neither" as ReadAs::Word;
    /// May stand before a yes.
    Openers = "answer"."openers" as ReadAs::Word;

    // What became of the meeting.

    /// They did not come.
    NoShow = "answer"."no_show" as ReadAs::Pattern;
    /// It was put off.
    Rescheduled = "answer"."rescheduled" as ReadAs::Pattern;
    /// It took place.
    Held = "answer"."held" as ReadAs::Pattern;
    /// It took place, and how it was.
    HowItWent = "answer"."how_it_went" as ReadAs::Pattern;
    /// Names the outcome by itself, so that anything may follow it.
    OutcomeWords = "answer"."outcome_words" as ReadAs::Word;
    /// Denies what follows.
    Denials = "answer"."denials" as ReadAs::Word;
    /// May stand between a denial and what is denied.
    AfterDenials = "answer"."after_denials" as ReadAs::Word;
    /// Denies from within the words that it denies: `fand nicht statt`.
    DenialsInside = "answer"."denials_inside" as ReadAs::Word;
    /// Says that what follows has not happened yet.
    ToCome = "answer"."to_come" as ReadAs::Word;
    /// May stand between such a word and what is to happen.
    AfterToCome = "answer"."after_to_come" as ReadAs::Word;
    /// The meeting was called off; all that a clause says.
    CalledOff = "answer"."called_off" as ReadAs::Pattern;
    /// Follows `held` where no meeting is meant.
    HeldOtherwise = "answer"."held_otherwise" as ReadAs::Pattern;
    /// Moved, but no meeting.
    MovedOtherwise = "answer"."moved_otherwise" as ReadAs::Pattern;
    /// Promises an answer.
    AnswersLater = "answer"."answers_later" as ReadAs::Pattern;
    /// Two outcomes of which only one can be.
    EitherOutcome = "answer"."either_outcome" as ReadAs::Pattern;
    /// Nothing has happened yet.
    NotYet = "answer"."not_yet" as ReadAs::Pattern;
    /// The whole answer says how it went.
    WentWell = "answer"."went_well" as ReadAs::Pattern;

    // The score.

    /// One to five in words.
    Numbers = "answer"."numbers" as ReadAs::Group(5);
    /// Stands between a score and the most that it can be.
    OutOf = "answer"."out_of" as ReadAs::Word;
    /// Stands between two figures of which one is meant.
    RangeWords = "answer"."range_words" as ReadAs::Word;
    /// Follows a figure that measures something.
    UnitsOfFigures = "answer"."units_of_figures" as ReadAs::Word;
    /// Follows a figure that counts something.
    CountedThings = "answer"."counted_things" as ReadAs::Pattern;
    /// Stands before a score.
    ScoreLabels = "answer"."score_labels" as ReadAs::Word;
    /// May stand between such a word and the score.
    AfterScoreLabels = "answer"."after_score_labels" as ReadAs::Word;
    /// Leads up to a score.
    GivesScore = "answer"."gives_score" as ReadAs::Pattern;
    /// An outcome that a score follows right away.
    BeforeScores = "answer"."before_scores" as ReadAs::Word;
    /// May stand between the outcome and the score.
    Roughly = "answer"."roughly" as ReadAs::Word;
    /// All that stands before the score in a clause that says only that.
    BeforeScoreAlone = "answer"."before_score_alone" as ReadAs::Word;
    /// All that stands behind it.
    AfterScoreAlone = "answer"."after_score_alone" as ReadAs::Word;
    /// Words of one letter that may follow a score at the begin of a clause.
    AfterFirstScore = "answer"."after_first_score" as ReadAs::Word;
    /// Figures that are no score.
    NoScoreFigures = "answer"."no_score_figures" as ReadAs::Pattern;
    /// Says in the request's own words that everything was right.
    AllAsRecorded = "answer"."all_as_recorded" as ReadAs::Pattern;
    /// Says in the request's own words that hardly anything was.
    HardlyAsRecorded = "answer"."hardly_as_recorded" as ReadAs::Pattern;

    // Corrections of the record.

    /// Says by itself that the record is wrong.
    Corrects = "answer"."corrects" as ReadAs::Pattern;
    /// Says that there is nothing to say. With the words of the next two it is the whole clause.
    NothingWrong = "answer"."nothing_wrong" as ReadAs::Pattern;
    /// May stand before that.
    BeforeNothing = "answer"."before_nothing" as ReadAs::Word;
    /// May stand behind that.
    AfterNothing = "answer"."after_nothing" as ReadAs::Word;
    /// Begins a clause that is a courtesy, or about what comes next.
    Courteous = "answer"."courteous" as ReadAs::Pattern;
    /// May stand before that.
    BeforeCourtesies = "answer"."before_courtesies" as ReadAs::Word;
    /// A clause of nothing but these words is praise.
    Praise = "answer"."praise" as ReadAs::Word;
    /// Follows an outcome and belongs to it.
    Circumstances = "answer"."circumstances" as ReadAs::Pattern;
    /// Joins a correction to what was said before.
    LeadIns = "answer"."lead_ins" as ReadAs::Word;
    /// A label that nothing follows, or how long the meeting took.
    LabelsAlone = "answer"."labels_alone" as ReadAs::Pattern;
    /// Ends an answer; a name may follow.
    SignOffs = "answer"."sign_offs" as ReadAs::Word;
    /// Parts a sentence into clauses.
    ButWords = "answer"."but_words" as ReadAs::Word;
    /// Joins two clauses.
    AndWords = "answer"."and_words" as ReadAs::Word;

    // What baton itself has written.

    /// Label of the form's first line.
    FormOutcome = "answer"."form_outcome" as ReadAs::Word;
    /// Label of the form's second line.
    FormScore = "answer"."form_score" as ReadAs::Word;
    /// What people write for that label.
    FormScoreShort = "answer"."form_score_short" as ReadAs::Word;
    /// Label of the form's third line.
    FormWrong = "answer"."form_wrong" as ReadAs::Word;
    /// What people write for that label.
    FormWrongShort = "answer"."form_wrong_short" as ReadAs::Pattern;
    /// Begins what is no part of the form any more.
    BelowForm = "answer"."below_form" as ReadAs::Pattern;
    /// The sentences of a request for feedback.
    OwnRequest = "answer"."own_request" as ReadAs::Pattern;
    /// Begins or names a line of the record's mail or the reminder.
    OwnRecord = "answer"."own_record" as ReadAs::Pattern;
    /// Stands in such a line.
    OwnPhrases = "answer"."own_phrases" as ReadAs::Phrase;

    // Days and times, in answers and in records.

    /// Today, tomorrow, the day after. A language that has them has its dates read.
    DaysAhead = "answer"."days_ahead" as ReadAs::Group(3);
    /// A number of days from now.
    InDays = "answer"."in_days" as ReadAs::Pattern;
    /// Seven days from now.
    InAWeek = "answer"."in_a_week" as ReadAs::Word;
    /// Makes a weekday one of the next week.
    NextWeek = "answer"."next_week" as ReadAs::Word;
    /// May stand between that and the weekday.
    BeforeWeekdays = "answer"."before_weekdays" as ReadAs::Word;
    /// Further short names of weekdays; those of two letters count before a date.
    WeekdaysShort = "answer"."weekdays_short" as ReadAs::Group(7);
    /// Says that the day lies elsewhere.
    UnclearDays = "answer"."unclear_days" as ReadAs::Word;
    /// Follows the number of a day.
    Ordinals = "answer"."ordinals" as ReadAs::Word;
    /// May stand between a day and its month.
    BeforeMonths = "answer"."before_months" as ReadAs::Word;
    /// May stand before the number of a day.
    BeforeDays = "answer"."before_days" as ReadAs::Word;
    /// Before noon, after noon.
    HalvesOfDay = "answer"."halves_of_day" as ReadAs::Group(2);
    /// Twelve o'clock.
    Noon = "answer"."noon" as ReadAs::Word;
    /// Either end of a day.
    Midnight = "answer"."midnight" as ReadAs::Word;
    /// Follows the number of an hour.
    HourMarks = "answer"."hour_marks" as ReadAs::Word;
    /// Stands before the number of an hour.
    BeforeHours = "answer"."before_hours" as ReadAs::Word;
    /// Stands between the begin and the end of a span.
    UntilWords = "answer"."until_words" as ReadAs::Word;
    /// Stands before the old time of a meeting that was moved.
    MovedFrom = "answer"."moved_from" as ReadAs::Word;
    /// Stands before the new one.
    MovedTo = "answer"."moved_to" as ReadAs::Word;
    /// Whose clock is meant.
    WhoseTime = "answer"."whose_time" as ReadAs::Word;
    /// Follows the name of a place whose clock is meant.
    TimeWords = "answer"."time_words" as ReadAs::Word;
    /// Names no place there.
    OwnTime = "answer"."own_time" as ReadAs::Word;
    /// Central European Time, in winter and in summer.
    CentralEuropeanTime = "answer"."central_european_time" as ReadAs::Group(2);
    /// Seconds, minutes, hours.
    UnitsOfTime = "answer"."units_of_time" as ReadAs::Group(3);
    /// A length of half an hour.
    HalfHours = "answer"."half_hours" as ReadAs::Word;
    /// A length of one hour.
    WholeHours = "answer"."whole_hours" as ReadAs::Word;
    /// Says nothing by itself in a date line.
    DateFillers = "answer"."date_fillers" as ReadAs::Word;
    /// Stands between the begin and the end of a meeting in a record.
    RangeEnds = "answer"."range_ends" as ReadAs::Word;
    /// Means another day whenever it is read.
    MovingDays = "answer"."moving_days" as ReadAs::Word;
    /// The speaker, in what was said.
    FirstPerson = "answer"."first_person" as ReadAs::Word;
    /// Begins a sentence about the prospect, which is no quotation.
    SpeaksOfProspect = "answer"."speaks_of_prospect" as ReadAs::Pattern;
}
