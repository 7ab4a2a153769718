//! The stories of the week, by what they are about.

mod touches;

use super::story::Story;

pub fn all() -> Vec<&'static Story> {
    [touches::STORIES].into_iter().flatten().collect()
}
