//! The roles that words have, a row for each: what it is for, where it is in the language files, how it is read.

pub(crate) use super::read_as::ReadAs;
use super::read_as::roles;
use super::{automatic_roles::with_automatic, intro_roles::with_intros, request_roles::with_requests};

with_automatic! { with_intros with_requests roles {
    // Dates.
    /// Names of the months and their abbreviations, January first.
    Months = "dates"."months" as ReadAs::Group(12);
    /// Names of the days of the week and their abbreviations, Monday first.
    Weekdays = "dates"."weekdays" as ReadAs::Group(7);

    // What mail programs write around a person's words.

    /// Before the colon of an answer's subject: `Re`, `AW`.
    ReplyPrefix = "prefixes"."reply" as ReadAs::Word;
    /// Before the colon of a forwarded mail's subject: `Fwd`, `WG`. A word that is a reply's as well means a reply.
    ForwardPrefix = "prefixes"."forward" as ReadAs::Word;
    /// What a gateway calls mail from outside, as a tag in the subject or a line above the text: `External`.
    OutsideTag = "prefixes"."outside" as ReadAs::Word;

    /// Verbs of attributions (`wrote`), apart from what stands around them.
    AttributionVerb = "attribution"."wrote" as ReadAs::Word;
    /// The same where they are written together with their neighbours.
    AttributionInfix = "attribution"."wrote_inside" as ReadAs::Word;
    /// What an attribution may end with where it ends without a colon.
    AttributionEnd = "attribution"."ends" as ReadAs::Word;
    /// The verb of attributions that end in a full stop.
    AttributionStop = "attribution"."ends_with_stop" as ReadAs::Word;
    /// What attributions begin with, where they begin with neither date nor name. Case counts; a blank follows.
    AttributionOpening = "attribution"."opens" as ReadAs::Word;
    /// The same where no blank need follow.
    AttributionOpeningJoined = "attribution"."opens_joined" as ReadAs::Word;
    /// Signs behind the figures of a date: year, day.
    DateSign = "attribution"."date_signs" as ReadAs::Word;
    /// Words between day, month and year: `24 de noviembre`.
    DateJoiner = "attribution"."date_joiners" as ReadAs::Word;
    /// What is written right behind the day's figure: `24th`.
    DateOrdinal = "attribution"."ordinals" as ReadAs::Word;
    /// Abbreviations whose full stop ends no sentence, at the end of an attribution's line.
    AttributionAbbreviation = "attribution"."abbreviations" as ReadAs::Word;

    /// Labels of the lines of a header block: From, To, Subject, Date, Cc, others. A label that two languages give
    /// to two fields is the earlier one's.
    HeaderLabel = "header_block"."labels" as ReadAs::Group(6);
    /// Labels of Lotus Notes's heading, which stand alone without a colon: To, Subject, Cc.
    NotesLabel = "header_block"."notes_labels" as ReadAs::Group(3);
    /// Pieces of words by which a line between dashes says that the original or a forwarded mail follows.
    OriginalMarker = "header_block"."original" as ReadAs::Phrase;
    /// Whole lines that announce a forwarded mail without dashes, their colon included.
    ForwardMarker = "header_block"."begin_forward" as ReadAs::Pattern;
    /// What help desks write above a quotation: `reply above this line`.
    ReplyAbove = "header_block"."reply_above" as ReadAs::Pattern;

    /// `Sent from`, before the name of a device or program.
    SentFromBegin = "sent_from"."begins" as ReadAs::Word;
    /// The same where it stands behind the name.
    SentFromEnd = "sent_from"."ends" as ReadAs::Word;
    /// Whole sentences that programs write there.
    SentFromSentence = "sent_from"."sentences" as ReadAs::Pattern;

    /// A whole line that ends a letter: `Best regards`.
    Closing = "closing"."closings" as ReadAs::Pattern;
    /// What a line of thanks begins with.
    Thanks = "closing"."thanks" as ReadAs::Word;
    /// The first word of a greeting before a name. Case counts.
    Greeting = "closing"."greetings" as ReadAs::Word;
    /// Words in names that are written small.
    NameParticle = "closing"."name_particles" as ReadAs::Word;
    /// Answers of one word that could be taken for a name.
    OneWordAnswer = "closing"."answers" as ReadAs::Word;
    /// What a postscript begins with, in capitals.
    Postscript = "closing"."postscripts" as ReadAs::Word;
    /// Titles on visiting cards.
    JobTitle = "closing"."titles" as ReadAs::Pattern;
    /// Stand before a name, without their full stop: `Frau`, `Dr`.
    FormOfAddress = "closing"."forms_of_address" as ReadAs::Word;
    /// Abbreviated ones. Case counts.
    JobTitleAbbreviation = "closing"."title_abbreviations" as ReadAs::Word;
    /// Labels before a telephone number.
    ContactLabel = "closing"."contact_labels" as ReadAs::Word;
    /// The same by a single letter.
    ContactLetter = "closing"."contact_letters" as ReadAs::Word;

    /// What mail servers write above mail from outside.
    OutsideWarning = "banner"."warnings" as ReadAs::Pattern;
    /// What stands before a sensitivity label's value: `Classification: Internal`.
    LabelName = "banner"."label_names" as ReadAs::Word;
    /// Words of sensitivity labels that say it by themselves.
    LabelWord = "banner"."label_words" as ReadAs::Word;
    /// Words of labels that are people's answers as well: they count behind a name or in brackets.
    LabelAnswer = "banner"."label_answers" as ReadAs::Word;

    /// What confidentiality notes and scanners say and people do not.
    Notice = "boilerplate"."notices" as ReadAs::Phrase;
    /// The same in two parts that are in this order, ` .. ` between them.
    NoticeParts = "boilerplate"."notice_parts" as ReadAs::Phrase;
    /// What list footers say. People may say it as well: it counts with other text above.
    ListFooter = "boilerplate"."footers" as ReadAs::Phrase;
    /// What lists and free mail add: it counts right below a row of signs, as the last paragraph.
    Advert = "boilerplate"."adverts" as ReadAs::Phrase;
    /// What notes say and people say now and then: several of them make a note.
    NoticeHint = "boilerplate"."hints" as ReadAs::Phrase;
    /// Whole lines above such a note.
    NoticeHeading = "boilerplate"."headings" as ReadAs::Word;
    /// How a note names the mail that it is in.
    NamesItself = "boilerplate"."names_itself" as ReadAs::Phrase;

    /// Words of every first email, which say nothing about one prospect.
    EverydayWord = "personal"."everyday" as ReadAs::Word;

    /// Names of the folder for sent mail, the likelier first.
    SentFolder = "folders"."sent" as ReadAs::Word;
    /// Names of the folder for drafts, the likelier first.
    DraftsFolder = "folders"."drafts" as ReadAs::Word;
    /// Names of folders for mail that is still to leave, or never will: outbox, mail for later, templates.
    UnsentFolder = "folders"."unsent" as ReadAs::Word;
    /// Names of the folder for deleted mail, the likelier first.
    TrashFolder = "folders"."trash" as ReadAs::Word;
    /// Names of the folder for spam, the likelier first.
    JunkFolder = "folders"."junk" as ReadAs::Word;

    // Delivery reports. Subjects and the beginning of a text are looked at in lower case.

    /// In a report's subject.
    ReportSubjects = "delivery"."subjects" as ReadAs::Fragment;
    /// Subjects that are the whole of a report's form; people write them only behind `Re:` or `Fwd:`. With `^`.
    ReportForms = "delivery"."forms" as ReadAs::Fragment;
    /// The first words of reports, no matter who sends them. With `^`.
    ReportOpenings = "delivery"."openings" as ReadAs::Fragment;
    /// Names that mail systems write under, at the begin of From. With `^`.
    ReportSenders = "delivery"."senders" as ReadAs::Fragment;
    /// Local parts that mail systems write from.
    SystemAddresses = "delivery"."addresses" as ReadAs::Word;
    /// Local parts of those whom a report names for help.
    HelpAddresses = "delivery"."help_addresses" as ReadAs::Word;
    /// Parts of local parts that programs write from.
    MachineAddresses = "delivery"."machine_addresses" as ReadAs::Phrase;
    /// Non-delivery in a text.
    UndeliveredText = "delivery"."undelivered" as ReadAs::Fragment;
    /// A mailing list takes no mail from who is not on it.
    ListRefusals = "delivery"."list_refusals" as ReadAs::Fragment;
    /// At the begin of a line: below it stands the returned message.
    ReturnedCopy = "delivery"."copies" as ReadAs::Fragment;
    /// Delay in a report's text.
    DelayedText = "delivery"."delayed" as ReadAs::Fragment;
    /// Delay in its subject.
    DelayedSubjects = "delivery"."delayed_subjects" as ReadAs::Fragment;
    /// Delivery in its text or subject.
    DeliveredText = "delivery"."delivered" as ReadAs::Fragment;
    /// Failure, where the text speaks of delivery as well.
    FailedText = "delivery"."failed" as ReadAs::Phrase;
    /// Before the address of a recipient at the begin of a line.
    RecipientLabels = "delivery"."recipient_labels" as ReadAs::Word;

    // Read receipts, reactions, calendar programs.

    /// Before a colon and the subject of the message that was read (`Read: demo`).
    ReceiptSubjects = "receipts"."subjects" as ReadAs::Word;
    /// Other subjects of receipts. With `^`.
    ReceiptForms = "receipts"."forms" as ReadAs::Fragment;
    /// Whose message it is, at the begin of a receipt's text. With `^`.
    ReceiptAbout = "receipts"."about" as ReadAs::Fragment;
    /// What became of it, up to 400 characters below.
    ReceiptDone = "receipts"."done" as ReadAs::Fragment;
    /// The sentence of a reaction, behind the name of who reacted.
    ReactionSentences = "reactions"."sentences" as ReadAs::Fragment;
    /// Before a colon and an event's name, in the subjects of calendar programs.
    CalendarSubjects = "calendar"."subjects" as ReadAs::Word;

    // Until when somebody is away. Whole words, in lower case.

    /// Words after which the day of return stands.
    ReturnWords = "return"."back" as ReadAs::Word;
    /// The same in languages that put the day before the word as well.
    ReturnBehind = "return"."back_behind" as ReadAs::Word;
    /// Verbs before such a word that speak of something else (`get back to you`).
    ReturnVerbs = "return"."not_back" as ReadAs::Word;
    /// Words after which the last day, or the first day back, stands.
    UntilWords = "return"."until" as ReadAs::Word;
    /// Words before which the last day stands (`12月7日まで`).
    UntilBehind = "return"."until_behind" as ReadAs::Word;
    /// Before a number of days, weeks or months from now.
    ReturnAfter = "return"."after" as ReadAs::Word;
    /// The same where it stands behind them.
    ReturnAfterBehind = "return"."after_behind" as ReadAs::Word;
    /// One to six there, in words.
    ReturnCounts = "return"."counts" as ReadAs::Group(6);
    /// Days, weeks, months.
    ReturnUnits = "return"."units" as ReadAs::Group(3);
    /// The week that begins next Monday.
    NextWeekReturn = "return"."next_week" as ReadAs::Word;
    /// What stands behind the figures of year, month and day.
    ReturnDateSigns = "return"."signs" as ReadAs::Group(3);
    /// Words that part the ends of a span, where a date stands before them.
    SpanWords = "return"."to" as ReadAs::Word;
    /// Words that part two days of one month (`July 10 to 31`).
    DaySpanWords = "return"."between_days" as ReadAs::Word;
    /// Tomorrow.
    Tomorrow = "return"."tomorrow" as ReadAs::Word;
    /// The day after.
    DayAfterTomorrow = "return"."day_after_tomorrow" as ReadAs::Word;
    /// Says `I` before a return or an end: it is the author's own, not a stand-in's.
    AbsentAuthor = "return"."author" as ReadAs::Word;
    /// Says that somebody else is back, in a sentence that does not say `I`.
    ThirdPerson = "return"."third_person" as ReadAs::Word;
    /// Stands before the number of a week.
    WeekNumber = "return"."week_number" as ReadAs::Word;
    /// What follows the figure of a day at once.
    OrdinalEndings = "return"."ordinals" as ReadAs::Word;
    /// Between month and day, with its blank.
    BeforeDay = "return"."before_day" as ReadAs::Word;
    /// Between day, month and year, with its blank.
    OfMonth = "return"."of" as ReadAs::Word;
    /// What stands before the figures of a month and of a year (`7 tháng 12 năm 2026`).
    BeforeFigures = "return"."before_figures" as ReadAs::Group(2);
    /// Words of offers and events, whose dates are nobody's return.
    OfferWords = "return"."offers" as ReadAs::Word;

    // Bookings. Beginnings of words in subjects; labels and names in texts.

    /// Booking.
    BookingSubjects = "booking"."subjects" as ReadAs::Word;
    /// A booking comes near.
    ReminderSubjects = "booking"."reminders" as ReadAs::Word;
    /// It was moved.
    RescheduledSubjects = "booking"."rescheduled" as ReadAs::Word;
    /// It was called off.
    CancelledSubjects = "booking"."cancelled" as ReadAs::Word;
    /// Labels before a name.
    BookingLabels = "booking"."labels" as ReadAs::Word;
    /// Before a name in a sentence.
    MeetingWith = "booking"."with" as ReadAs::Fragment;
    /// Before the first of two names, and between them.
    BetweenNames = "booking"."between" as ReadAs::Group(2);
    /// What ends a name in such a sentence.
    NameEnds = "booking"."name_ends" as ReadAs::Word;
    /// What parts a sender's name from the program that wrote for it (`Sarah Lee via Calendly`).
    NameVia = "booking"."via" as ReadAs::Phrase;
    /// Names of time zones: New York, Chicago, Denver, Los Angeles, London, Berlin, Athens, Kolkata.
    ZoneNames = "booking"."zones" as ReadAs::Group(8);

    // What people answer: the AE's stance on a handoff.

    /// Does not take the handoff. `^` and `$` are the begin and the end of a sentence's words.
    Refuses = "answer"."refuses" as ReadAs::Pattern;
    /// Asks that somebody else take the handoff.
    AsksAway = "answer"."asks_away" as ReadAs::Pattern;
    /// Holds words of a refusal and is none.
    NoRefusal = "answer"."no_refusal" as ReadAs::Pattern;
    /// Does it all the same: what is said beside it is no refusal.
    TakesOn = "answer"."takes_on" as ReadAs::Pattern;
    /// Courtesy, and when and how something was done: taken out of a clause before `done` is looked for in it.
    Asides = "answer"."asides" as ReadAs::Pattern;
    /// Has called, met or written to the prospect. `^` and `$` are the begin and the end of a clause without its asides;
    /// `prospect_` stands for a name of the prospect's side, `colleague_` for one of one's own people.
    Done = "answer"."done" as ReadAs::Pattern;
    /// Has not, or not yet, or somebody else, in the same clause.
    NotDone = "answer"."not_done" as ReadAs::Pattern;
    /// What was tried in vain, or written and has not left, from its verb on.
    Attempts = "answer"."attempts" as ReadAs::Pattern;
    /// Names that are words as well: written small, or where a sentence begins, they are no names.
    NamesOrWords = "answer"."names_or_words" as ReadAs::Word;
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
    /// Beside a yes: somebody else than who was asked about.
    SomebodyElse = "answer"."somebody_else" as ReadAs::Pattern;
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
    /// Is in such a line.
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
    /// Beside a weekday: the one that is not today's.
    NextWeekdays = "answer"."next_weekdays" as ReadAs::Word;
    /// Before a weekday: one of several.
    AnyWeekdays = "answer"."any_weekdays" as ReadAs::Word;
    /// Between a weekday and the event that it is told by: `Thursday after Thanksgiving`.
    BeforeEvents = "answer"."before_events" as ReadAs::Word;
    /// Between a weekday and the month that it is one of.
    InMonths = "answer"."in_months" as ReadAs::Word;
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
    BetweenTimes = "answer"."until_words" as ReadAs::Word;
    /// Stands before the old time of a meeting that was moved.
    MovedFrom = "answer"."moved_from" as ReadAs::Word;
    /// Stands before the new one.
    MovedTo = "answer"."moved_to" as ReadAs::Word;
    /// Whose clock is meant.
    WhoseTime = "answer"."whose_time" as ReadAs::Word;
    /// Follows the name of a place whose clock is meant.
    TimeWords = "answer"."time_words" as ReadAs::Word;
    /// Beside a weekday, says that it is a later one.
    LaterDays = "answer"."later_days" as ReadAs::Word;
    /// Stands before the name of a place whose clock is meant.
    TimeOfPlace = "answer"."time_of_place" as ReadAs::Word;
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
    /// A length of one hour and a half.
    HoursAndAHalf = "answer"."hours_and_a_half" as ReadAs::Word;
    /// Says nothing by itself in a date line.
    DateFillers = "answer"."date_fillers" as ReadAs::Word;
    /// Stands between the begin and the end of a meeting in a record.
    RangeEnds = "answer"."range_ends" as ReadAs::Word;
    /// Stands before such a span, with an `and` in it: `between 2 and 3 pm`.
    RangeStarts = "answer"."range_starts" as ReadAs::Word;
    /// Means another day whenever it is read.
    MovingDays = "answer"."moving_days" as ReadAs::Word;
    /// Says that no competitor was named, no objection raised.
    NobodyNamed = "answer"."nobody_named" as ReadAs::Word;
    /// Begins what is no sentence by itself: `the hours your reps lose`.
    FragmentOpenings = "answer"."fragment_openings" as ReadAs::Word;
    /// Local parts of addresses that several people read, or nobody.
    SharedAddresses = "answer"."shared_addresses" as ReadAs::Word;
    /// The speaker, in what was said.
    FirstPerson = "answer"."first_person" as ReadAs::Word;
    /// Begins a sentence about the prospect, which is no quotation.
    SpeaksOfProspect = "answer"."speaks_of_prospect" as ReadAs::Pattern;
} }
