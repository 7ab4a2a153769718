//! The roles of automatic replies. Subjects and texts are looked at in lower case, texts on one line. docs/behaviour.md
//! section 5.

/// Adds the rows of automatic replies to those that are given, and hands all of them to the next table.
macro_rules! with_automatic {
    ($next:ident $then:ident $table:ident { $($rows:tt)* }) => {
        $next! { $then $table {
            $($rows)*

                /// Before the subject that an automatic reply answers, at the begin of its own (`Automatic reply: demo`).
                AutomaticSubjects = "automatic"."subjects" as ReadAs::Word;
                /// Words of absence at the begin of a subject that nobody but a program ends with, or puts before an answer.
                AbsenceSubjects = "automatic"."absence_subjects" as ReadAs::Word;
                /// The same, but common words: alone they are a subject of people's too (`Vacation`).
                AbsenceWords = "automatic"."absence_words" as ReadAs::Word;
                /// Words that people put before a colon as well (`Holiday: the plan for May`); a program's only before an answer.
                HolidaySubjects = "automatic"."holidays" as ReadAs::Word;
                /// What makes a subject a program's wherever it stands.
                AutomaticAnywhere = "automatic"."anywhere" as ReadAs::Fragment;
                /// Behind a name in a subject: that one is away. People say so of others; a program of its own user.
                AbsenceStatements = "automatic"."statements" as ReadAs::Fragment;
                /// What may follow the words of the roles above, other than signs (`Out of office notification`).
                FormEnds = "automatic"."form_ends" as ReadAs::Word;
                /// Between those words and the name of the person who is away (`Autoreply from Calvin`).
                SenderNamed = "automatic"."from" as ReadAs::Word;
                /// Absence in a text.
                AbsenceText = "automatic"."absence" as ReadAs::Fragment;
                /// A sentence that calls its own mail automatic, from its first word on; not a mention of another's.
                AutomaticText = "automatic"."replies" as ReadAs::Fragment;
                /// May stand before such a sentence in its own: `please note that`.
                AutomaticLeadIn = "automatic"."lead_ins" as ReadAs::Word;
                /// What a mail is called at the end of such a sentence, in a language that puts nouns before nouns.
                AutomaticNoun = "automatic"."nouns" as ReadAs::Word;
                /// May follow such a noun, and is none itself.
                AfterAutomaticNoun = "automatic"."after_nouns" as ReadAs::Word;
                /// Behind such words in their sentence: denies them, or makes them the name of a function.
                AutomaticDenied = "automatic"."denied" as ReadAs::Fragment;
                /// "Thank you, we will answer".
                ReceivedText = "automatic"."received" as ReadAs::Fragment;
                /// A notice speaks to everybody: it promises an answer later, or names a deputy.
                NoticeText = "automatic"."notices" as ReadAs::Phrase;
                /// A sender is asked to prove to be one, in words that people do not use.
                ChallengeText = "automatic"."challenges" as ReadAs::Fragment;
                /// What the sender is asked to do; in a mail system's words up to 120 characters before what it is for.
                ChallengeAsks = "automatic"."challenge_asks" as ReadAs::Word;
                /// What for.
                ChallengePurposes = "automatic"."challenge_purposes" as ReadAs::Fragment;
                /// Somebody recalls a message, in the words of the program that tells of it; its subject is in them.
                RecallText = "automatic"."recalls" as ReadAs::Fragment;
                /// What opens a quotation in a text on one line.
                QuotationMarks = "automatic"."quotations" as ReadAs::Phrase;
                /// Local parts of addresses that nobody reads.
                UnreadAddresses = "automatic"."unread_addresses" as ReadAs::Word;
                /// Local parts that programs, and campaigns, write from.
                CampaignAddresses = "automatic"."campaign_addresses" as ReadAs::Word;
                /// What gateways warn of in brackets before the subject of mail from outside, beside `OutsideTag`.
                WarningTags = "automatic"."warnings" as ReadAs::Word;
        } }
    };
}
pub(super) use with_automatic;
