//! The roles of warm intros that people write by hand. docs/behaviour.md section 10.

/// Adds the rows of intros to those that are given, and hands all of them to the next table.
macro_rules! with_intros {
    ($next:ident $table:ident { $($rows:tt)* }) => {
        $next! { $table {
            $($rows)*

            /// In the subject of an intro; the AE's name stands there as well.
            IntroSubject = "intro"."subjects" as ReadAs::Pattern;
            /// Introduces somebody, whose name stands in the same sentence.
            IntroVerb = "intro"."introduces" as ReadAs::Pattern;
            /// Brings somebody into the thread, which alone is no intro.
            IntroJoin = "intro"."brings_in" as ReadAs::Pattern;
            /// Gives the conversation to somebody, whose name stands in the same sentence.
            IntroHandover = "intro"."hands_over" as ReadAs::Pattern;
            /// Says of the AE, whose name stands there as `Calvin`, what only a new contact does.
            IntroNamed = "intro"."names_ae" as ReadAs::Pattern;
            /// Says of the AE, `Calvin`, what they do: a hint where they are new to the prospect.
            IntroDescribes = "intro"."describes" as ReadAs::Pattern;
            /// Says that somebody gets a copy.
            IntroCopied = "intro"."copied" as ReadAs::Pattern;
            /// Stands for a person who was named before, as what a sentence is about.
            IntroPronoun = "intro"."pronouns" as ReadAs::Word;
            /// The same as what something is done to: `copying him`.
            IntroObject = "intro"."objects" as ReadAs::Word;
            /// Begins what is said of a name before it: `Calvin, who`.
            IntroRelative = "intro"."relatives" as ReadAs::Word;
            /// Behind `Calvin's`, where that is `Calvin is`.
            IntroAfterIs = "intro"."after_is" as ReadAs::Word;
            /// What a language puts behind a name where it is not the sentence's subject: `Calvinin`, `Calvinem`.
            IntroNameEnding = "intro"."name_endings" as ReadAs::Word;
            /// Stands for the AE in such a sentence: `my colleague`.
            IntroColleague = "intro"."colleagues" as ReadAs::Pattern;
            /// Holds words of an intro and is none: `thanks for the intro`.
            IntroMention = "intro"."mentions" as ReadAs::Pattern;
            /// Speaks of the meeting that an intro leads to.
            IntroMeeting = "intro"."meetings" as ReadAs::Pattern;
            /// Offers or asks for a time, or speaks of what has to be done by then: none is agreed yet.
            IntroProposal = "intro"."proposes" as ReadAs::Pattern;
            /// Speaks of something that people also bring others in for: hiring, a ticket, an invoice.
            IntroOtherMatter = "intro"."other_matters" as ReadAs::Pattern;
        } }
    };
}
pub(super) use with_intros;
