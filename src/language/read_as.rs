//! How the lines of a role are read, and the macro that makes the table of roles.

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
    /// The same without ends of words: it may begin and end inside of one (`cancelad`).
    Fragment,
    /// One list for each of several things, in a fixed order: months, weekdays.
    Group(usize),
}

impl ReadAs {
    /// Lines are written as `["pattern", "example"]`.
    pub(crate) fn has_examples(self) -> bool {
        matches!(self, ReadAs::Pattern | ReadAs::Fragment)
    }
}

/// Makes `Role` from its rows.
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

            /// Whether it is asked of one answer, or of the sentences of what may be an intro: no table of states is worth
            /// its memory.
            pub(crate) fn is_for_short_texts(self) -> bool {
                self.is_for_single_answers() || self.place().0 == "intro"
            }

            /// Whether it is asked of one answer alone.
            pub(crate) fn is_for_single_answers(self) -> bool {
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
pub(super) use roles;
