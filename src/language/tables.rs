//! A language file cut into its tables, so that only those are parsed that somebody asks for.
//!
//! Known limit: a table begins at a line such as `[answer.classes]` and nothing else, so that none may stand inside of a
//! string of several lines; the tests compare what is cut with what is whole.

/// What stands before the first table, and each table with those below it (`answer`, `answer.classes`) in the pieces
/// that the file has of it, headings included.
pub(super) fn cut(text: &'static str) -> (&'static str, Vec<(&'static str, Vec<&'static str>)>) {
    let mut starts: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        starts.extend(heading(line).map(|name| (at, name)));
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    let mut tables: Vec<(&str, Vec<&str>)> = Vec::new();
    for ((start, name), end) in starts.iter().zip(ends) {
        let piece = text.get(*start..end).unwrap_or_default();
        match tables.iter_mut().find(|(known, _)| known == name) {
            Some((_, pieces)) => pieces.push(piece),
            None => tables.push((name, vec![piece])),
        }
    }
    let head = text.get(..starts.first().map_or(text.len(), |(at, _)| *at)).unwrap_or_default();
    (head, tables)
}

/// The first name of the table that `line` begins.
fn heading(line: &str) -> Option<&str> {
    let inside = line.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    let inside = inside.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')).unwrap_or(inside);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    inside.split('.').next().filter(|name| !name.is_empty() && inside.bytes().all(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_those_below_it_and_no_line_of_a_list_is_one() {
        let (head, tables) =
            cut("name = \"X\"\n\n[a]\nb = [\n[\"c\"]\n]\n[d]\n[a.e]\nf = 1\n[[g.h]]\ni = 2\n");
        assert_eq!(head, "name = \"X\"\n\n");
        assert_eq!(
            tables,
            [
                ("a", vec!["[a]\nb = [\n[\"c\"]\n]\n", "[a.e]\nf = 1\n"]),
                ("d", vec!["[d]\n"]),
                ("g", vec!["[[g.h]]\ni = 2\n"])
            ]
        );
    }
}
