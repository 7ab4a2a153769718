//! The subject that a thread began with: without `Re:`, `AW:`, `Fwd:` and their kin in any language.
//!
//! Words: Thunderbird, Evolution, Outlook, Gmail, Lotus Notes and Exchange in their translations; counts
//! (`Re[2]:`, `Re^3:`), stacks, full-width colons. Tags of mail servers (`[External]`) go wherever they
//! stand, a list's tag only where a prefix follows it. RFC 5256 section 2.1 gives `(fwd)` and `[Fwd: ..]`.
//! Known limits: a subject that really begins with `I:` or `R:` loses that.

/// Prefixes in lower case, without their colon.
const PREFIXES: &str = "re|aw|antw|antwort|ant|sv|svar|vs|vast|vl|r|rif|risp|risposta|odp|odp.|odg|одг|odpověď|ynt|yan|ilt|i̇lt|res|resp|\
    rs|rsp|rép|réf|réponse|απ|σχετ|πρθ|ответ|отв|ha|на|нa|пересл|fwd|fw|fwd.|wg|weitergeleitet|tr|transf|transfert|rv|reenv|renv|\
    enc|encaminhada|encaminhado|i|inoltra|inoltro|vb|vidarebefordrat|vidaresendt|videresendt|vs|fs|doorst|doorgestuurd|pd|prz|\
    toványbítás|továbbítás|vá|fyw|trs|bls|balas|jawab|ats|ats.|atb|pers|për|er|ar|რე|ਜਵਾਬ|پاسخ|رد|إعادة توجيه|توجيه|השב|תשובה|הועבר|\
    回复|回覆|答复|答覆|回信|返信|转发|轉寄|轉發|転送|답장|회신|전달|ตอบ|ตอบกลับ|ส่งต่อ|trả lời|chuyển tiếp|nv|yml|přep|fwd:re|tl|sv:|rm";

/// What a server calls mail from outside, in lower case.
const OUTSIDE: &str = "external|ext|external email|external e-mail|external mail|external sender|external message|extern|externe|\
    externo|esterno|externa|esterna|outside|outside sender|outside email|caution external|caution: external|warning: external|\
    외부|外部|外部邮件|社外|外部メール";

/// The subject without prefixes, in its own spelling; empty where nothing else was there.
pub fn base_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let shorter =
            without_prefix(rest).or_else(|| without_outside(rest)).or_else(|| without_list_tag(rest));
        match shorter.or_else(|| without_fwd_wrapper(rest)) {
            Some(shorter) => rest = shorter.trim(),
            None => break,
        }
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_bracket(c: char) -> bool {
    matches!(c, '[' | ']' | '(' | ')' | '{' | '}' | '【' | '】')
}

fn without_prefix(subject: &str) -> Option<&str> {
    let at =
        subject.char_indices().take(24).find(|(_, c)| matches!(c, ':' | '：' | '︰')).map(|(at, _)| at)?;
    let (prefix, rest) = subject.split_at_checked(at)?;
    let counted = |c: char| {
        c.is_ascii_digit() || is_bracket(c) || matches!(c, '^' | '*' | '#' | '-' | '.') || c.is_whitespace()
    };
    let word: String = prefix.trim_start().trim_end_matches(counted).to_lowercase();
    let listed = PREFIXES.split('|').any(|prefix| prefix.trim_end_matches('.') == word);
    (listed && !word.is_empty()).then(|| rest.trim_start_matches([':', '：', '︰', ' ']))
}

/// Takes off `[External]`, `(EXT)`, `EXTERNAL:`, `*External*`.
fn without_outside(subject: &str) -> Option<&str> {
    let opened = subject.strip_prefix(|c| is_bracket(c) || c == '*').unwrap_or(subject);
    let end = opened
        .char_indices()
        .take(32)
        .find(|(_, c)| is_bracket(*c) || matches!(c, '*' | ':'))
        .map(|(at, _)| at)?;
    let (tag, rest) = opened.split_at_checked(end)?;
    let tag = tag.trim().to_lowercase();
    let listed = OUTSIDE.split('|').any(|word| word == tag);
    listed.then(|| {
        rest.trim_start_matches(|c: char| {
            is_bracket(c) && !matches!(c, '[' | '(' | '{') || matches!(c, '*' | ':' | '：' | '-' | ' ')
        })
    })
}

/// Takes off `[list]` where a prefix stands behind it.
fn without_list_tag(subject: &str) -> Option<&str> {
    let (tag, rest) = subject.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    (tag.chars().count() <= 60 && (without_prefix(rest).is_some() || without_outside(rest).is_some()))
        .then_some(rest)
}

/// `[Fwd: subject]` and `subject (fwd)`.
fn without_fwd_wrapper(subject: &str) -> Option<&str> {
    if let Some(inner) = subject.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        return without_prefix(inner).filter(|_| !inner.contains(']'));
    }
    let end = subject.len().checked_sub("(fwd)".len())?;
    let (before, last) = subject.split_at_checked(end)?;
    last.eq_ignore_ascii_case("(fwd)").then_some(before)
}
