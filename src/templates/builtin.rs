//! The templates that are compiled in: two files of `templates/` for each kind of mail, and what they share.
//!
//! A kind without its files does not compile.

use crate::domain::mail_kinds::mail_kinds;

/// Templates that others take in: the skeleton of the HTML and the parts that several mails have.
pub(crate) const SHARED: [&str; 3] = ["base.html", "parts.html", "parts.txt"];

macro_rules! file {
    ($name:expr) => {
        ($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)))
    };
}

macro_rules! built_in_templates {
    ($({ $kind:ident $name:literal $title:literal $($column:tt)* })+) => {
        /// Name and source of every built-in template: the shared ones, then each kind's text and HTML.
        pub(crate) const BUILT_IN: &[(&str, &str)] = &[
            file!("base.html"),
            file!("parts.html"),
            file!("parts.txt"),
            $(file!(concat!($name, ".txt")), file!(concat!($name, ".html")),)+
        ];
    };
}

mail_kinds!(built_in_templates);
