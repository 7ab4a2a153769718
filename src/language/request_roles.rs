//! The roles of what people ask of baton, and of the form that it fills in. docs/behaviour.md sections 13 and 14.

/// Makes a table of roles from the rows that are given and those of requests.
macro_rules! with_requests {
    ($table:ident { $($rows:tt)* }) => {
        $table! {
            $($rows)*

            /// Gives the handoff to the AE whose name follows.
            RequestOverTo = "request"."over_to" as ReadAs::Pattern;
            /// May follow that name.
            AfterNewAe = "request"."after_name" as ReadAs::Pattern;
            /// Stands in the place of that name and names nobody: `over to you`.
            NoNewAe = "request"."no_name" as ReadAs::Word;
            /// Has the intro sent once more; the whole sentence.
            RequestResend = "request"."resend" as ReadAs::Pattern;
            /// Closes the handoff; a reason follows.
            RequestClose = "request"."close" as ReadAs::Pattern;
            /// Says that there was a first touch; when, and a reason, may follow.
            RequestTouched = "request"."touched" as ReadAs::Pattern;
            /// The day before today.
            Yesterday = "request"."yesterday" as ReadAs::Word;
            /// The meeting has a new time, which follows.
            RequestMeetingMoved = "request"."meeting_moved" as ReadAs::Pattern;
            /// The meeting does not take place; the whole sentence.
            RequestMeetingCancelled = "request"."meeting_cancelled" as ReadAs::Pattern;
            /// A yes to what was shown.
            OfferYes = "request"."offer_yes" as ReadAs::Pattern;
            /// A no to it.
            OfferNo = "request"."offer_no" as ReadAs::Pattern;
            /// Takes it back, or what has not left yet.
            OfferCancel = "request"."offer_cancel" as ReadAs::Pattern;
            /// May stand beside a yes or a no and says nothing by itself: courtesy, thanks.
            OfferCourtesy = "request"."offer_courtesies" as ReadAs::Pattern;
            /// Begins a line that greets, a name may follow.
            OfferGreeting = "request"."offer_greetings" as ReadAs::Pattern;
            /// Subject of a letter that asks for an empty record; an address may follow.
            SubjectHandoff = "request"."subject_handoff" as ReadAs::Word;
            /// Subject of a letter that asks where things stand; a company may follow.
            SubjectStatus = "request"."subject_status" as ReadAs::Word;
            /// Subject of a letter that asks what can be written.
            SubjectHelp = "request"."subject_help" as ReadAs::Word;
            /// Words by which a line of a visiting card is a title, wherever they stand in it.
            TitleWord = "form"."title_words" as ReadAs::Word;
            /// Ends of long words that are titles.
            TitleEnding = "form"."title_endings" as ReadAs::Word;
            /// Words of every day that are the names of products as well: written small they mean nothing but themselves.
            EverydayName = "form"."everyday_names" as ReadAs::Word;
        }
    };
}
pub(super) use with_requests;
