//! What every language file is held to.

use regex_automata::meta;
use regex_automata::util::syntax;

use super::file::{FILES, Source, languages, read};
use super::role::{ReadAs, Role};
use super::{Line, alternation, lines, matcher, meanings, provider};

/// Longer patterns are several ideas: one each.
const LONGEST_PATTERN: usize = 160;

fn compiled(expression: &str) -> meta::Regex {
    meta::Regex::builder().syntax(syntax::Config::new().case_insensitive(true)).build(expression).unwrap()
}

fn name(source: &Source, role: Role) -> String {
    let (section, key) = role.place();
    format!("{}.toml, {section}.{key}", source.code)
}

#[test]
fn every_file_is_read_whole() {
    let faults: Vec<String> = languages().iter().flat_map(|source| source.faults(|_| false)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(languages().len() > 5, "the language files were not found");
    assert!(languages().iter().all(|source| !source.name.is_empty()), "a language has no name");
}

#[test]
fn a_file_in_tables_says_what_it_says_as_a_whole() {
    let folders = [Some(&FILES), FILES.get_dir("provider")];
    for file in folders.into_iter().flatten().flat_map(include_dir::Dir::files) {
        let Some(text) = file.contents_utf8().filter(|_| file.path().extension() == Some("toml".as_ref()))
        else {
            continue;
        };
        let mut whole: toml::Table = text.parse().unwrap();
        whole.retain(|_, value| value.is_table());
        assert_eq!(read("x", text).tables(|_| true, &mut Vec::new()), whole, "{:?}", file.path());
    }
}

#[test]
fn every_role_of_every_language_has_words_or_says_why_not() {
    let mut silent = Vec::new();
    for source in languages() {
        let missing = source.missing();
        for role in Role::ALL {
            let (section, key) = role.place();
            let excused = [format!("{section}.{key}"), format!("{section}.*"), "*".to_owned()]
                .iter()
                .any(|place| missing.get(place).is_some_and(|why| !why.trim().is_empty()));
            if source.lines(role).is_empty() && !excused {
                silent.push(name(source, role));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

/// `"*"` speaks of all roles that have no words, whichever they are; any other reason is about roles without words.
#[test]
fn no_reason_is_given_for_a_role_that_has_words() {
    let mut wrong = Vec::new();
    for source in languages() {
        for place in source.missing().keys().filter(|place| *place != "*") {
            let covered = Role::ALL.into_iter().filter(|role| {
                let (section, key) = role.place();
                *place == format!("{section}.{key}") || *place == format!("{section}.*")
            });
            let (with_words, without): (Vec<Role>, Vec<Role>) =
                covered.partition(|role| !source.lines(*role).is_empty());
            if without.is_empty() && with_words.is_empty() {
                wrong.push(format!("{}.toml: no role is called {place}", source.code));
            }
            wrong.extend(with_words.into_iter().map(|role| {
                format!("{} has words, and a reason, `{place}`, why it has none", name(source, role))
            }));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong with the examples of a file: missed, or matched by another line as well.
fn wrong_examples(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| role.read_as().has_examples()) {
        let lines = source.lines(role);
        let expressions: Vec<meta::Regex> = lines.iter().map(|line| compiled(&line.expression())).collect();
        for (at, (line, own)) in lines.iter().zip(&expressions).enumerate() {
            let example = line.tested.example.as_deref().unwrap_or_default();
            if !own.is_match(example) {
                wrong.push(format!(
                    "{}: `{}` does not match `{example}`",
                    name(source, role),
                    line.written()
                ));
            }
            let others = lines.iter().zip(&expressions).enumerate().filter(|(other, _)| *other != at);
            for (_, (other, _)) in others.filter(|(_, (_, other))| other.is_match(example)) {
                wrong.push(format!(
                    "{}: `{example}` of `{}` is matched by `{}` as well",
                    name(source, role),
                    line.written(),
                    other.written()
                ));
            }
        }
    }
    wrong
}

#[test]
fn every_pattern_has_an_example_that_needs_it() {
    let wrong: Vec<String> = languages().iter().chain(provider::sources()).flat_map(wrong_examples).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A phrase is its own example: it is needed as long as no other phrase of its role is inside of it.
#[test]
fn no_phrase_says_what_another_says_already() {
    let mut wrong = Vec::new();
    for source in languages().iter().chain(provider::sources()) {
        for role in Role::ALL {
            let lines = source.lines(role);
            for (at, line) in lines.iter().enumerate() {
                for (other_at, other) in lines.iter().enumerate().filter(|(other_at, _)| *other_at != at) {
                    let repeated = match role.read_as() {
                        ReadAs::Phrase => {
                            line.written().to_lowercase().contains(&other.written().to_lowercase())
                        }
                        ReadAs::Word => line.written().to_lowercase() == other.written().to_lowercase(),
                        ReadAs::Group(_) => line.written() == other.written() && other_at < at,
                        ReadAs::Pattern | ReadAs::Fragment => line.written() == other.written(),
                    };
                    if repeated {
                        wrong.push(format!(
                            "{}: `{}` and `{}`",
                            name(source, role),
                            line.written(),
                            other.written()
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_pattern_is_one_idea() {
    let mut long = Vec::new();
    for source in languages().iter().chain(provider::sources()) {
        for role in Role::ALL {
            let lines =
                source.lines(role).iter().filter(|line| line.written().chars().count() > LONGEST_PATTERN);
            long.extend(lines.map(|line| format!("{}: {}", name(source, role), line.written())));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_role_compiles_for_all_languages_together() {
    for role in Role::ALL {
        let _ = (matcher(role).is_in("x"), matcher(role).find("x"), meanings(role));
        compiled(&alternation(role));
    }
}

/// Lines that begin alike are joined, texts in ASCII have an automaton of their own: all find what the lines do.
#[test]
fn every_role_finds_what_its_lines_find_one_beside_the_other() {
    for role in Role::ALL {
        let mut own: Vec<&Line> = lines(role).map(|(_, line)| line).collect();
        if !role.read_as().has_examples() {
            own.sort_by_key(|line| std::cmp::Reverse(line.written().len()));
        }
        let beside = compiled(&own.iter().map(|line| line.expression()).collect::<Vec<_>>().join("|"));
        let examples = own.iter().map(|line| line.tested.example.as_deref().unwrap_or(line.text()));
        for example in examples {
            for text in [format!("{example}; {example}x ué {example}"), format!("x{example} {example}")] {
                let found: Vec<_> = beside.find_iter(&text).map(|found| found.range()).collect();
                assert_eq!(matcher(role).spans(&text), found, "{role:?} in {text}");
                assert_eq!(matcher(role).is_in(&text), !found.is_empty(), "{role:?} in {text}");
            }
        }
    }
}

#[test]
fn a_wrong_file_is_named_with_what_is_wrong() {
    let text = "name = \"X\"\n[dates]\nmonth = []\nweekdays = [[\"mon\"]]\n";
    let faults = read("xx", text).faults(|_| false);
    assert_eq!(
        faults,
        ["xx.toml, dates.weekdays: 1 lists instead of 7", "xx.toml: no role is called dates.month"]
    );
}

#[test]
fn months_are_known_by_their_place() {
    assert_eq!(meanings(Role::Months).get("november"), Some(&10));
    assert_eq!(meanings(Role::Weekdays).get("friday"), Some(&4));
    assert_eq!(matcher(Role::Weekdays).find("see you friday"), Some(8..14));
}

#[test]
fn a_text_begins_with_every_word_that_it_begins_with() {
    let lines = |text| matcher(Role::AbsenceSubjects).all_at_start(text).collect::<Vec<_>>();
    assert_eq!(lines("ausência temporária: x"), ["ausência temporária".len(), "ausência".len()]);
    assert_eq!(lines("i’m away"), ["i’m away".len()]);
    assert!(
        matcher(Role::AbsenceSubjects).is_whole("ooo") && !matcher(Role::AbsenceSubjects).is_whole("oooo")
    );
}
