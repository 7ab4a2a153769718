//! Words for what became of a meeting: held, rescheduled, no-show, and the same denied.
//!
//! Known limits: a cancelled meeting is none of the three (the calendar says so); a denial is known within a
//! few words of what it denies.

use super::super::fact::MeetingOutcome;
use super::{Pattern, pattern};

/// Words for an outcome within a clause, in bytes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OutcomeMention {
    pub start: usize,
    pub end: usize,
    pub outcome: MeetingOutcome,
    /// False for `not held`, `will be held`.
    pub is_affirmed: bool,
    /// The bare word of the form, such as `held`, after which anything may follow: `held 4 James has left`.
    pub is_word: bool,
}

static NO_SHOW: Pattern = pattern!(concat!(
    r"\bno[- ]?show(?:s|ed)?\b",
    r"|\b(?:didn'?t|did not|never|failed to|haven'?t|hasn'?t|have not|has not)\s+(?:even\s+|ever\s+|actually\s+)?",
    r"(?:turn(?:ed)?\s*up|show(?:ed|n)?(?:\s*up)?|c[ao]me|join(?:ed)?|appear(?:ed)?|attend(?:ed)?|dial(?:led|ed)?\s+in|ma[dk]e\s+it|arrived?|log(?:ged)?\s+(?:in|on))\b",
    r"|\b(?:nobody|no[- ]one|none of them|not a soul)\s+(?:\w+\s+)?(?:came|showed|turned|joined|appeared|attended|dialled|dialed|arrived|was there|there|on the call)(?:\s+up)?\b",
    r"|\bstood\s+(?:me|us)\s+up\b|\b(?:was|were|been|got|getting)\s+(?:stood up|ghosted)\b|\bghosted(?:\s+(?:me|us))?\b|\bblew\s+(?:me|us|it)\s+off\b",
    r"|\b(?:alone|just me|empty|nobody)\s+(?:on|in|at)\s+the\s+(?:call|line|meeting|room|zoom)\b",
    r"|\b(?:nicht|nie)\s+(?:erschienen|gekommen|aufgetaucht|aufgekreuzt|da)\b|\b(?:niemand|keiner)\s+(?:ist\s+|war\s+)?(?:kam|da|erschienen|gekommen|aufgetaucht)\b|\bnicht\s+teilgenommen\b",
    r"|\bpersonne\s+(?:n'?\s*(?:est|était)\s+)?(?:venue?|là|présente?)\b|\bpas\s+(?:venue?s?|présentée?s?)\b|\bposé\s+un\s+lapin\b",
    r"|\bno\s+(?:se\s+)?(?:present[oó]|presentaron|vino|vinieron|apareci[oó]|aparecieron|asisti[oó]|asistieron)\b|\bnadie\s+(?:vino|apareci[oó]|asisti[oó])\b|\bplant[oó]n\b",
));

static RESCHEDULED: Pattern = pattern!(concat!(
    r"\bre-?sched(?:ul(?:ed?|ing))?\b|\bpostpon(?:ed?|ing)\b|\bre-?book(?:ed|ing)?\b|\brearranged?\b|\bdeferred\b|\badjourned\b|\bput\s+(?:it\s+)?off\b",
    r"|(?:^\W*|\b(?:it|we|they|meeting|call|this|that|was|been|got|is|be|has|have|had|just|now|re)\s*(?:'s|'ve|'re)?\s+)(?:moved|moving|pushed|shifted|delayed)\b(?:\s+(?:it|this|us|the\s+(?:meeting|call)))?(?:\s+(?:to|until|till|by|back|out))?",
    r"|\b(?:mov(?:e|ed|ing)|push(?:ed|ing)?|shift(?:ed|ing)?)\s+(?:it|this|the\s+(?:meeting|call))\b",
    r"|\b(?:asked|wants?|wanted|needs?|needed|had|have|has|trying|agreed|decided|requested|like)\s+(?:us\s+)?to\s+(?:move|push|shift|delay|defer)\b",
    r"|\b(?:new|another|different|later)\s+(?:date|time|slot|day|termin)\b",
    r"|\b(?:verschoben|verlegt|vertagt|verschieben)\b|\b(?:report|repouss|d[ée]plac|d[ée]cal)(?:ée?s?|er)\b|\breporte\b|\b(?:reprogramad[oa]|aplazad[oa]|pospuest[oa]|reagendad[oa]|reprogramamos|reprogramar|remarcad[oa])\b",
));

static HELD: Pattern = pattern!(concat!(
    r"\bheld\b|\b(?:took|taken|take|takes)\s+place\b|\bhappen(?:ed)?\b|\bwent\s+ahead\b",
    r"|\b(?:we|i)(?:'ve| have)?\s+(?:just\s+|finally\s+)?(?:met|spoke|spoken|talked)\b|\bmet\s+(?:with\s+)?(?:them|her|him)\b",
    r"|\b(?:had|having)\s+(?:a|an|our|the)\s+(?:\w+\s+){0,3}(?:meeting|call|chat|conversation|session|discussion|demo|talk)\b",
    r"|\b(?:meeting|call)\s+(?:is\s+|was\s+)?(?:done|complete|completed|over)\b|\b(?:everyone|everybody|they|all|he|she|both)\s+(?:did\s+)?(?:showed?|turned?)\s+up\b",
    r"|\b(?:stattgefunden|durchgeführt|abgehalten)\b|\bfand\s+(?:\w+\s+){0,2}statt\b",
    r"|\b(?:eu|avait|a)\s+(?:bien\s+)?(?:eu\s+)?lieu\b|\b(?:s'est\s+(?:\w+\s+)?)?(?:tenue?|passée?|déroulée?)\b",
    r"|\b(?:celebrad[oa]|realizad[oa])\b|\b(?:se\s+)?celebr[oó]\b|\bse\s+(?:realiz[oó]|hizo|tuvo)\b|\b(?:tuvo|tenido)\s+lugar\b",
));

/// How it went. Where that is denied it was held all the same: `not a good call`.
static JUDGED: Pattern = pattern!(concat!(
    r"\b(?:all\s+|it\s+|that\s+|meeting\s+|call\s+)?(?:went|(?:did\s*n'?t|did\s+not)\s+go)\s+(?:\w+\s+)?(?:well|great|fine|ok|okay|good|bad|badly|poorly|horribly|terribly|awfully|amazingly|superbly|wonderfully|decently|nowhere|smooth|smoothly|brilliantly|perfectly|nicely|south|so-so|alright|all right|to plan|as (?:planned|expected|hoped))\b",
    r"|\b(?:great|good|nice|productive|excellent|solid|decent|useful|fantastic|awesome|brilliant|lovely|bad|poor|terrible|awful|quick|short|interesting|amazing|perfect|wonderful|mediocre)\s+(?:first\s+)?(?:meeting|call|chat|conversation|session|discussion|demo|talk)\b",
    r"|\b(?:meeting|call|it|demo|session)\s+(?:was|is)\s+(?:not\s+)?(?:\w+\s+)?(?:great|good|fine|ok|okay|excellent|productive|useful|useless|bad|poor|terrible|alright|brilliant|perfect|amazing|fantastic|so-so|not bad|waste of time)\b",
    r"|\b(?:lief|ging|war)\s+(?:\w+\s+)?(?:gut|super|prima|ok|okay|schlecht|bestens)\b|\b(?:fue|sali[oó])\s+(?:muy\s+)?(?:bien|mal)\b",
));

/// Right before what is denied, or is yet to come.
static DENIED_BEFORE: Pattern = pattern!(
    r"(?:\b(?:not|never|no|nothing|without|nicht|nie|kein|keine|pas|wasn't|isn't|hasn't|haven't|didn't|don't|won't|can't|cannot|couldn't|weren't|wasnt|isnt|hasnt|didnt|dont|wont|ne|no\s+(?:se|fue|ha|ha\s+sido)|n't)|\bn'(?:a|est|était))\s+(?:(?:really|actually|yet|even|been|be|be\s+being|being|a|an|to|need\s+to|have|so\s+far|se|sido|été|eu|est|était|it|war|wurde|that|get|got)\s+){0,2}$"
);
/// Only what is `held` or `happens` in the future is still open; who will reschedule has no meeting behind them.
static TO_COME: Pattern = pattern!(
    r"\b(?:will|'ll|shall|would|should|could|may|might|can|must|to|if|when|until|before|once|gets?)\s+(?:(?:now|then|still|only|it|be|have|get|been|is|has|probably|likely)\s+){0,3}$"
);
/// A denial in the middle of the words: `fand leider nicht statt`.
static DENIED_INSIDE: Pattern = pattern!(r"\b(?:nicht|nie)\b");
/// It was called off, which is none of the three but says that it was not held.
static CALLED_OFF: Pattern = pattern!(concat!(
    r"^\W*(?:(?:it|they|we|he|she|that|this|sie|es|(?:the\s+)?(?:meeting|call|demo)|(?:das\s+)?(?:meeting|treffen)|der\s+termin)\s+)?",
    r"(?:(?:was|has\s+been|had\s+been|got|is|had\s+to|have|has|just|all|wurde|ist)\s+)*",
    r"(?:cancel(?:l?ed)?|called\s+(?:it\s+)?off|abgesagt|ausgefallen|fiel\s+aus|annulée?|cancelad[oa]|cancelaron)(?:\s+(?:it|on\s+us|the\s+(?:meeting|call)))?\W*$"
));
/// `held up`, `held back`: something else.
static NOT_MEANT_AFTER: Pattern = pattern!(
    r"^\s+(?:up\b|back\b|off\b|hostage|on\s+to|on\s+hold|by\s+(?:his|her|their)|responsible|to\s+be\b|the\s+(?:position|role|title))"
);
/// `James has moved on`, `they moved to a new CRM`: about people, not about a meeting.
static MOVED_ELSEWHERE: Pattern = pattern!(
    r"moved\s*(?:on\b|over\b|into\b|away\b|(?:to\s+)?(?:a|an|another|the|their|his|her|new|our)\s+(?:new\s+)?(?:role|job|company|team|crm|office|department|tool|system|position|vendor|competitor|house|city)\b)"
);

/// Every outcome that a clause names, in the order of the words.
pub(super) fn outcomes(clause: &str) -> Vec<OutcomeMention> {
    let mut all: Vec<OutcomeMention> = Vec::new();
    for (pattern, outcome, is_deniable) in [
        (&NO_SHOW, MeetingOutcome::NoShow, true),
        (&RESCHEDULED, MeetingOutcome::Rescheduled, true),
        (&HELD, MeetingOutcome::Held, true),
        (&JUDGED, MeetingOutcome::Held, false),
    ] {
        let Some(regex) = pattern.regex() else { continue };
        for hit in regex.find_iter(clause) {
            // `never came` holds no `came` of its own.
            let is_inside = all.iter().any(|found| found.start < hit.end() && hit.start() < found.end);
            if is_inside || is_other_meaning(clause, hit.start(), hit.end(), outcome) {
                continue;
            }
            let before = clause.get(..hit.start()).unwrap_or_default();
            let is_denied = (is_deniable && DENIED_BEFORE.is_in(before))
                || (outcome == MeetingOutcome::Held && DENIED_INSIDE.is_in(hit.as_str()));
            let is_to_come = outcome == MeetingOutcome::Held && TO_COME.is_in(before);
            all.push(OutcomeMention {
                start: hit.start(),
                end: hit.end(),
                outcome,
                is_affirmed: !is_denied && !is_to_come,
                is_word: is_form_word(hit.as_str()),
            });
        }
    }
    if all.is_empty() && CALLED_OFF.is_in(clause) {
        let (start, end) = (0, clause.len());
        all.push(OutcomeMention {
            start,
            end,
            outcome: MeetingOutcome::Held,
            is_affirmed: false,
            is_word: false,
        });
    }
    all.sort_by_key(|found| found.start);
    all
}

fn is_form_word(words: &str) -> bool {
    matches!(words.trim().to_lowercase().as_str(), "held" | "stattgefunden" | "took place" | "happened")
}

fn is_other_meaning(clause: &str, start: usize, end: usize, outcome: MeetingOutcome) -> bool {
    let after = clause.get(end..).unwrap_or_default();
    match outcome {
        MeetingOutcome::Held => NOT_MEANT_AFTER.is_in(after),
        MeetingOutcome::Rescheduled => MOVED_ELSEWHERE.is_in(clause.get(start..).unwrap_or_default()),
        MeetingOutcome::NoShow => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all = [
            &NO_SHOW,
            &RESCHEDULED,
            &HELD,
            &JUDGED,
            &DENIED_BEFORE,
            &TO_COME,
            &DENIED_INSIDE,
            &CALLED_OFF,
            &NOT_MEANT_AFTER,
            &MOVED_ELSEWHERE,
        ];
        for (at, pattern) in all.iter().enumerate() {
            assert!(pattern.regex().is_some(), "{at}");
        }
    }

    #[test]
    fn what_is_denied_or_to_come_is_not_affirmed() {
        for words in [
            "not held",
            "it wasn't held",
            "was not rescheduled",
            "it didn't happen",
            "did not take place",
            "never happened",
            "will be held tomorrow",
            "to be held later",
            "hasn't happened yet",
            "hat nicht stattgefunden",
            "fand leider nicht statt",
            "it was cancelled",
            "they called it off",
            "n'a pas eu lieu",
            "not a no-show",
            "no need to reschedule",
            "don't reschedule",
        ] {
            let found = outcomes(words);
            assert!(!found.is_empty() && found.iter().all(|found| !found.is_affirmed), "{words}: {found:?}");
        }
    }

    #[test]
    fn words_that_mean_something_else_are_no_outcome() {
        for words in
            ["I was held up in traffic", "James has moved on", "they moved to a new CRM", "budget is on hold"]
        {
            assert_eq!(outcomes(words), [], "{words}");
        }
    }
}
