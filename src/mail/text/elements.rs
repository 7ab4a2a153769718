//! What HTML's elements do to the flow of text.
//!
//! A table by name, of what mail uses; an element that is not named here is inline.

use html5ever::tokenizer::Tag;

/// Value of an attribute, empty where it is missing.
pub(super) fn attribute<'a>(tag: &'a Tag, name: &str) -> &'a str {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
    found.map_or("", |attribute| attribute.value.as_ref())
}

/// Whether an attribute is there, with a value or without: `checked`.
pub(super) fn has_attribute(tag: &Tag, name: &str) -> bool {
    tag.attrs.iter().any(|attribute| &*attribute.name.local == name)
}

/// Elements that can be containers: all others are not counted.
const CONTAINERS: [&str; 15] = [
    "div",
    "blockquote",
    "span",
    "pre",
    "table",
    "p",
    "section",
    "font",
    "td",
    "tr",
    "body",
    "signature",
    "s",
    "strike",
    "del",
];

/// How many of each element that can be a container are open.
#[derive(Debug, Default)]
pub(super) struct OpenElements([u32; CONTAINERS.len()]);

impl OpenElements {
    /// The count of this element; `None` where it can be no container.
    pub(super) fn of(&mut self, name: &str) -> Option<&mut u32> {
        let place = CONTAINERS.iter().position(|container| *container == name)?;
        self.0.get_mut(place)
    }
}

pub(super) fn is_block(name: &str) -> bool {
    parts(name)
        || matches!(
            name,
            "div"
                | "tr"
                | "li"
                | "dt"
                | "dd"
                | "section"
                | "article"
                | "header"
                | "footer"
                | "center"
                | "form"
                | "address"
                | "fieldset"
                | "main"
                | "nav"
                | "aside"
                | "figure"
                | "caption"
                | "body"
                | "html"
                | "head"
        )
}

/// Blocks with space above and below.
pub(super) fn parts(name: &str) -> bool {
    matches!(
        name,
        "p" | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "table"
            | "blockquote"
            | "pre"
            | "hr"
            | "dl"
    )
}
