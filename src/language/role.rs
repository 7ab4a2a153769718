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
}
