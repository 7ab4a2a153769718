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
    /// Abbreviated ones. Case counts.
    JobTitleAbbreviation = "closing"."title_abbreviations" as ReadAs::Word;
    /// Labels before a telephone number.
    ContactLabel = "closing"."contact_labels" as ReadAs::Word;
    /// The same by a single letter.
    ContactLetter = "closing"."contact_letters" as ReadAs::Word;

    /// What mail servers write above mail from outside.
    OutsideWarning = "banner"."warnings" as ReadAs::Pattern;

    /// What confidentiality notes and scanners say and people do not.
    Notice = "boilerplate"."notices" as ReadAs::Phrase;
    /// The same in two parts that stand in this order, ` .. ` between them.
    NoticeParts = "boilerplate"."notice_parts" as ReadAs::Phrase;
    /// What list footers say. People may say it as well: it counts with other text above.
    ListFooter = "boilerplate"."footers" as ReadAs::Phrase;
    /// What lists and free mail add: it counts right below a row of signs, as the last paragraph.
    Advert = "boilerplate"."adverts" as ReadAs::Phrase;
    /// What notes say and people say now and then: several of them make a note.
    NoticeHint = "boilerplate"."hints" as ReadAs::Phrase;
    /// Whole lines above such a note.
    NoticeHeading = "boilerplate"."headings" as ReadAs::Word;
    /// How a note names the mail that it stands in.
    NamesItself = "boilerplate"."names_itself" as ReadAs::Phrase;

    /// Words of every first email, which say nothing about one prospect.
    EverydayWord = "personal"."everyday" as ReadAs::Word;

    /// Names of the folder for sent mail, the likelier first.
    SentFolder = "folders"."sent" as ReadAs::Word;
    /// Names of the folder for drafts, the likelier first.
    DraftsFolder = "folders"."drafts" as ReadAs::Word;
    /// Names of the folder for deleted mail, the likelier first.
    TrashFolder = "folders"."trash" as ReadAs::Word;
    /// Names of the folder for spam, the likelier first.
    JunkFolder = "folders"."junk" as ReadAs::Word;

    // What programs write by themselves.

    // What people answer.
}
