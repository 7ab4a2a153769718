//! The stories of the week, by what they are about.

mod absence;
mod answers;
mod bounces;
mod copies;
mod meetings;
mod silence;
mod touches;

use super::story::Story;

/// All handoffs, and what concerns none of them.
pub(crate) fn all() -> Vec<&'static Story> {
    let handoffs = [
        touches::STORIES,
        copies::STORIES,
        silence::STORIES,
        absence::STORIES,
        bounces::STORIES,
        meetings::STORIES,
        answers::STORIES,
    ];
    handoffs.into_iter().flatten().chain([&silence::HOUSE]).collect()
}
