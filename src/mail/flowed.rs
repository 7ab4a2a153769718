//! format=flowed undone: soft line breaks joined (RFC 3676 section 4).
//!
//! Space-stuffing is removed; quoted lines keep their marks, so that the quotation is still seen as one.

/// `text` with its soft breaks joined. `delsp`: the DelSp parameter is `yes`, so that the space before a soft
/// break goes too.
pub(crate) fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let content = line.get(depth..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        match open {
            Some(before) if before == depth && !signature => {}
            _ => {
                if open.is_some() {
                    out.push('\n');
                }
                out.extend(std::iter::repeat_n('>', depth));
                if depth > 0 && !content.is_empty() {
                    out.push(' ');
                }
            }
        }
        let soft = content.ends_with(' ') && !signature;
        match content.strip_suffix(' ') {
            Some(shorter) if soft && delsp => out.push_str(shorter),
            _ => out.push_str(content),
        }
        if soft {
            open = Some(depth);
        } else {
            out.push('\n');
            open = None;
        }
    }
    if open.is_some() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_breaks_join_and_hard_ones_stay() {
        assert_eq!(unflow("one \ntwo\nthree\n", false), "one two\nthree\n");
    }

    #[test]
    fn delsp_joins_without_the_space() {
        assert_eq!(unflow("日本 \n語\n", true), "日本語\n");
    }

    #[test]
    fn a_signature_mark_is_no_soft_break() {
        assert_eq!(unflow("bye\n-- \nDana\n", false), "bye\n-- \nDana\n");
    }

    #[test]
    fn quotation_keeps_its_depth() {
        assert_eq!(unflow("> a \n> b\n>> c\nd\n", false), "> a b\n>> c\nd\n");
    }

    #[test]
    fn a_soft_break_before_another_depth_ends_the_paragraph() {
        assert_eq!(unflow("> a \nb\n", false), "> a \nb\n");
    }
}
