//! What people and programs write, as data: one TOML file for each language and one for each program that
//! writes mail by itself. Code elsewhere holds rules and asks for words by [`Role`]; no word of a language stands
//! in Rust.
//!
//! `de.toml` holds German by role; `provider/calendly.toml` what Calendly writes. A role's lines are phrases, or
//! patterns in the notation of [`notation`]; how they are read is fixed once for the role, in `role.rs`. All
//! lines of a role, over all languages, compile on first use into one automaton ([`Matcher`]).
//!
//! To add Polish is to add `pl.toml` and fixtures. The tests at the end of this folder demand that every role of
//! every language has words or says why not, and that every pattern has an example that only it matches.
//!
//! Known limit: a file that is wrong is found by the tests, not by the compiler. A file that is added compiles the
//! crate again (`build.rs` beside this file).

mod ascii;
mod automatic_roles;
#[cfg_attr(
    not(test),
    allow(dead_code, reason = "names, examples and reasons are read by this folder's tests")
)]
mod file;
mod intro_roles;
mod matcher;
mod notation;
pub(crate) mod provider;
mod read_as;
mod request_roles;
mod required;
mod role;
mod tables;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

pub(crate) use file::Line;
pub(crate) use matcher::Matcher;
pub(crate) use role::Role;

/// Every line of `role` with the language that it is in, or the program that writes it.
pub(crate) fn lines(role: Role) -> impl Iterator<Item = (&'static str, &'static Line)> {
    file::languages()
        .iter()
        .chain(provider::sources())
        .flat_map(move |source| source.lines(role).iter().map(|line| (source.code.as_str(), line)))
}

/// The lines of `role` as they are in the files, made once.
pub(crate) fn words(role: Role) -> &'static [&'static str] {
    static ALL: [OnceLock<Vec<&str>>; Role::COUNT] = [const { OnceLock::new() }; Role::COUNT];
    ALL.get(role as usize)
        .map_or(&[], |slot| slot.get_or_init(|| lines(role).map(|(_, line)| line.text()).collect()))
}

/// Whether `text` is one of the words of `role`, case aside.
pub(crate) fn is_word(role: Role, text: &str) -> bool {
    meanings(role).contains_key(&text.to_lowercase())
}

/// The lines of `role` as one alternation, longest first, to be used inside a rule's own pattern: `(?:a|b|c)`.
/// Phrases are escaped, patterns written out. Matches nothing where no language has a line.
pub(crate) fn alternation(role: Role) -> String {
    alternation_of(lines(role).map(|(_, line)| line))
}

/// The same of some lines alone: of one language, or of one thing among several.
pub(crate) fn alternation_of(lines: impl Iterator<Item = &'static Line>) -> String {
    let mut all: Vec<Cow<'_, str>> = lines.map(Line::expression).collect();
    // `sent` before `sent from` would leave `from` behind.
    all.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    all.dedup();
    if all.is_empty() { r"[^\s\S]".to_owned() } else { format!("(?:{})", all.join("|")) }
}

/// The automata of roles, each made when it is first asked for. Those that one task alone needs go with it.
#[derive(Debug)]
pub(crate) struct Matchers {
    by_role: Vec<OnceLock<Box<Matcher>>>,
    none: Matcher,
}

impl Matchers {
    pub(crate) fn new() -> Self {
        Self { by_role: (0..Role::COUNT).map(|_| OnceLock::new()).collect(), none: Matcher::default() }
    }

    pub(crate) fn of(&self, role: Role) -> &Matcher {
        let made = || Box::new(Matcher::new(role, lines(role).map(|(_, line)| line).collect()));
        self.by_role.get(role as usize).map_or(&self.none, |slot| slot.get_or_init(made))
    }
}

/// The automaton of `role`, made once for the whole program.
pub(crate) fn matcher(role: Role) -> &'static Matcher {
    static ALL: LazyLock<Matchers> = LazyLock::new(Matchers::new);
    ALL.of(role)
}

/// For roles that name one of several things (months, weekdays, labels): the words in lower case, each with the
/// place of its thing in the file, counted from 0.
pub(crate) fn meanings(role: Role) -> &'static HashMap<String, usize> {
    static ALL: [OnceLock<HashMap<String, usize>>; Role::COUNT] = [const { OnceLock::new() }; Role::COUNT];
    static NONE: LazyLock<HashMap<String, usize>> = LazyLock::new(HashMap::new);
    ALL.get(role as usize).map_or(&*NONE, |slot| {
        slot.get_or_init(|| {
            lines(role)
                .map(|(_, line)| (line.text().to_lowercase(), line.group().unwrap_or_default()))
                .collect()
        })
    })
}

/// Which of several things `word`, in lower case, names among `lines`.
pub(crate) fn meaning_among(
    mut lines: impl Iterator<Item = (&'static str, &'static Line)>,
    word: &str,
) -> Option<usize> {
    lines.find(|(_, line)| line.text() == word)?.1.group()
}
