//! Bytes to facts and back, without sockets: reading, classifying, author's text, composing.

pub mod compose;
pub mod text;
