//! Whether a mail is a warm intro: by whom it goes from and to, by the form of its subject, and by what it says of the
//! AE. docs/behaviour.md section 10.
//!
//! Signs are weighed, each with its reason, so that a person can see why a mail counts. What people write stands in the
//! language files. Known limit: an AE who is named by a nickname alone is not found in the text.

use std::collections::BTreeSet;

use super::super::judge::Policy;
use super::super::message::{Address, Headers, Mailbox};
use super::super::people::{Person, TeamRole};
use super::super::subject_prefix;
use crate::language::{Role, matcher};

/// Signs that weigh so much make an intro.
const ENOUGH: i32 = 3;
/// Stands for the AE in the patterns of the language files.
const PLAIN_NAME: &str = "Calvin";
/// What is put in between behind a name has at most so many words.
const MOST_WORDS_ASIDE: usize = 6;
/// How far the AE's name may be from the words that introduce, in characters.
const NEAR: usize = 70;

/// Whom a mail goes from and to, as far as its headers tell that it may be an intro.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IntroCandidate {
    pub sdr: String,
    /// AEs among the recipients, at least one.
    pub aes: Vec<String>,
    /// Outside addresses in To; where there are none, those in Cc.
    pub prospects: Vec<Mailbox>,
}

/// Why a mail counts as an intro.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IntroSigns {
    pub ae: String,
    /// Short, in plain words.
    pub reasons: Vec<String>,
}

/// What a mail says, and what is known beside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntroText<'a> {
    pub subject: &'a str,
    /// Its author's own words.
    pub words: &'a str,
    /// The AE had written to these prospects before, or they to the AE.
    pub knows_ae: bool,
}

/// Who is outside: neither in the configuration nor at a mail domain of the configured people.
#[derive(Clone, Debug)]
pub(crate) struct Outsiders {
    ours: BTreeSet<Address>,
    domains: BTreeSet<String>,
    freemail: BTreeSet<String>,
}

impl Outsiders {
    pub(crate) fn of(policy: &Policy) -> Self {
        let people = || policy.people.iter();
        let addresses = people()
            .flat_map(|person| person.aliases.iter().chain(&person.delegates).chain([&person.address]))
            .chain(&policy.account_addresses)
            .chain([&policy.agent_address, &policy.operator]);
        let own = people().flat_map(|person| person.aliases.iter().chain([&person.address]));
        let mut domains: BTreeSet<String> = own.map(|address| address.domain().to_owned()).collect();
        domains.retain(|domain| !policy.freemail.contains(domain));
        let ours = addresses.flat_map(|address| [address.clone(), address.canonical()]).collect();
        Self { ours, domains, freemail: policy.freemail.clone() }
    }

    pub(crate) fn is_outside(&self, address: &Address) -> bool {
        !self.domains.contains(address.domain())
            && !self.ours.contains(address)
            && !self.ours.contains(&address.canonical())
    }

    pub(crate) fn is_freemail(&self, address: &Address) -> bool {
        self.freemail.contains(address.domain())
    }
}

/// Whose address or alias this is, spelt in any way that leads to the same mailbox.
pub(crate) fn person_of<'p>(policy: &'p Policy, address: &Address) -> Option<&'p Person> {
    let own = |person: &&Person| person.aliases.iter().chain([&person.address]).any(|one| one == address);
    let same = |person: &&Person| {
        let mailbox = address.canonical();
        person.aliases.iter().chain([&person.address]).any(|one| one.canonical() == mailbox)
    };
    policy.people.iter().find(own).or_else(|| policy.people.iter().find(same))
}

/// Whether a mail may be an intro by its headers: an SDR wrote it alone, somebody outside and an AE get it.
pub(crate) fn candidate(policy: &Policy, outsiders: &Outsiders, headers: &Headers) -> Option<IntroCandidate> {
    let [author] = headers.from.as_slice() else { return None };
    let sdr = person_of(policy, &author.address).filter(|one| one.roles.contains(&TeamRole::Sdr))?;
    let outside = |list: &[Mailbox]| -> Vec<Mailbox> {
        let mut found: Vec<Mailbox> = Vec::new();
        for one in list.iter().filter(|one| outsiders.is_outside(&one.address)) {
            if !found.iter().any(|known| known.address == one.address) {
                found.push(one.clone());
            }
        }
        found
    };
    let mut prospects = outside(&headers.to);
    if prospects.is_empty() {
        prospects = outside(&headers.cc);
    }
    let mut aes: Vec<String> = Vec::new();
    for one in headers.cc.iter().chain(&headers.to) {
        let ae = person_of(policy, &one.address)
            .filter(|person| person.name != sdr.name && person.roles.contains(&TeamRole::Ae));
        if let Some(ae) = ae.filter(|ae| !aes.contains(&ae.name)) {
            aes.push(ae.name.clone());
        }
    }
    (!prospects.is_empty() && !aes.is_empty()).then(|| IntroCandidate {
        sdr: sdr.name.clone(),
        aes,
        prospects,
    })
}

/// The AE whom the mail introduces to the prospects, and why that is so; `None`: it is no intro.
pub(crate) fn signs(
    policy: &Policy,
    outsiders: &Outsiders,
    candidate: &IntroCandidate,
    text: IntroText<'_>,
) -> Option<IntroSigns> {
    let is_alone = candidate.aes.len() == 1;
    let weighed = candidate.aes.iter().filter_map(|name| {
        let ae = policy.person(name)?;
        let (weight, reasons) = weigh(ae, is_alone, candidate, outsiders, text);
        (weight >= ENOUGH).then(|| (weight, IntroSigns { ae: name.clone(), reasons }))
    });
    // Of two that are alike the first in Cc.
    weighed.reduce(|best, other| if other.0 > best.0 { other } else { best }).map(|(_, signs)| signs)
}

fn weigh(
    ae: &Person,
    is_alone: bool,
    candidate: &IntroCandidate,
    outsiders: &Outsiders,
    text: IntroText<'_>,
) -> (i32, Vec<String>) {
    let name = ae.first_name();
    let mut reasons = Vec::new();
    let mut weight = 0;
    let sentences = sentences(text.words);
    let is_named = sentences.iter().any(|sentence| !names(sentence, ae).is_empty());
    // `my colleague` is the AE where the text goes on with the AE's name.
    let is_alone = is_alone && is_named;
    let others = other_names(candidate);
    let finds = |role: Role| match role {
        Role::IntroNamed => sentences.iter().any(|sentence| names_contact(sentence, ae)),
        _ => sentences.iter().any(|sentence| is_about(sentence, role, (ae, is_alone), &others)),
    };
    for (role, heavy, what) in [
        (Role::IntroVerb, 3, "introduces"),
        (Role::IntroHandover, 3, "hands over to"),
        (Role::IntroJoin, 2, "brings in"),
        (Role::IntroNamed, 3, "names a new contact:"),
    ] {
        if finds(role) || role == Role::IntroHandover && hands_over_next(&sentences, ae) {
            weight = weight.max(heavy);
            reasons.push(format!("the text {what} {name}"));
        }
    }
    if subject_introduces(text.subject, ae) {
        weight = 3;
        reasons.insert(0, format!("the subject introduces {name}"));
    }
    if weight == 0 {
        return (0, reasons);
    }
    if text.knows_ae {
        weight -= 2;
    } else {
        weight += 1;
        reasons.push(format!("{name} had not been in touch with the prospect before"));
    }
    if matcher(Role::IntroMeeting).is_in(text.words) || matcher(Role::IntroMeeting).is_in(text.subject) {
        weight += 1;
    }
    let elsewhere = matcher(Role::IntroOtherMatter);
    let others = elsewhere.spans(text.words).len() + elsewhere.spans(text.subject).len();
    weight -= match others {
        0 => 0,
        1 => 2,
        _ => 4,
    };
    if candidate.prospects.iter().all(|one| outsiders.is_freemail(&one.address)) {
        weight -= 1;
    }
    (weight, reasons)
}

/// A subject of an intro's form that names the AE; an answer's is that of what it answers.
fn subject_introduces(subject: &str, ae: &Person) -> bool {
    subject_prefix::read(subject.trim_start()).is_none()
        && matcher(Role::IntroSubject).is_in(&matcher(Role::IntroMention).blotted(subject))
        && !names(subject, ae).is_empty()
}

/// `Calvin is the person I mentioned. He will be your contact.`
fn hands_over_next(sentences: &[String], ae: &Person) -> bool {
    let pairs = sentences.iter().zip(sentences.iter().skip(1));
    pairs.into_iter().any(|(before, behind)| {
        let behind = matcher(Role::IntroMention).blotted(behind);
        !names(before, ae).is_empty() && matcher(Role::IntroHandover).is_in(&behind)
    })
}

/// First names of prospects that may be introduced to each other; none where there is but one.
fn other_names(candidate: &IntroCandidate) -> Vec<&str> {
    if candidate.prospects.len() < 2 {
        return Vec::new();
    }
    candidate.prospects.iter().filter_map(|one| one.name.split_whitespace().next()).collect()
}

/// Whether a sentence says of the AE what only a new contact does: `Calvin will show you around`.
fn names_contact(sentence: &str, ae: &Person) -> bool {
    let plain = matcher(Role::IntroMention).blotted(&with_plain_name(sentence, ae));
    matcher(Role::IntroNamed).is_in(&plain)
}

/// The sentence with `Calvin` for every name of the AE, without what is put in between behind it: `Rita Blum (in Cc) is`.
/// `Rita's` is not Rita.
fn with_plain_name(sentence: &str, ae: &Person) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut from = 0;
    let mut spans = names(sentence, ae);
    spans.sort_by_key(|span| span.start);
    for span in spans {
        let behind = sentence.get(span.end..).unwrap_or_default();
        if behind.starts_with("'s") || behind.starts_with("’s") || span.start < from {
            continue;
        }
        let before = sentence.get(from..span.start).unwrap_or_default();
        if !(before.trim().is_empty() && out.ends_with(PLAIN_NAME)) {
            out.push_str(before);
            out.push_str(PLAIN_NAME);
        }
        from = span.end + aside(behind);
    }
    out.push_str(sentence.get(from..).unwrap_or_default());
    out
}

/// The bytes of what is put in between at the begin of a text, in brackets or between commas.
fn aside(text: &str) -> usize {
    let blank = text.len() - text.trim_start().len();
    let rest = text.trim_start();
    let bracketed = rest.strip_prefix('(').and_then(|inner| Some((inner.find(')')? + 2, inner.find(')')?)));
    let enclosed = || rest.strip_prefix(',').and_then(|inner| Some((inner.find(',')? + 2, inner.find(',')?)));
    let Some((length, inside)) = bracketed.or_else(enclosed) else { return 0 };
    let words = rest.get(1..inside + 1).unwrap_or_default().split_whitespace().count();
    if words <= MOST_WORDS_ASIDE { blank + length } else { 0 }
}

/// Whether words of `role` stand near the AE's name, or a word for the AE, in a sentence. One prospect may be introduced to
/// another of them, which is not about the AE.
fn is_about(sentence: &str, role: Role, (ae, is_alone): (&Person, bool), others: &[&str]) -> bool {
    let sentence = matcher(Role::IntroMention).blotted(sentence);
    let mut verbs = matcher(role).spans(&sentence);
    let mut people = names(&sentence, ae);
    verbs.retain(|verb| {
        let behind = sentence.get(verb.end..).unwrap_or_default();
        let next =
            behind.split_whitespace().take(2).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let is_ae_addressed = people.iter().any(|person| person.start < verb.start);
        is_ae_addressed || !next.into_iter().any(|word| others.contains(&word))
    });
    if verbs.is_empty() {
        return false;
    }
    if is_alone {
        people.extend(matcher(Role::IntroColleague).spans(&sentence));
    }
    verbs.iter().any(|verb| {
        people.iter().any(|person| {
            let gap = if person.start >= verb.start {
                person.start.saturating_sub(verb.end)
            } else {
                verb.start.saturating_sub(person.end)
            };
            gap <= NEAR
        })
    })
}

/// Where a text names a person, in bytes: first name or last name, spelt as in the configuration. Names are words of the
/// language as well (`Will`, `Mark`): their capitals count.
fn names(text: &str, person: &Person) -> Vec<std::ops::Range<usize>> {
    let words: Vec<&str> = person.name.split_whitespace().collect();
    let mut wanted: Vec<&str> = words.first().into_iter().chain(words.last()).copied().collect();
    wanted.dedup();
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut found = Vec::new();
    for name in wanted.into_iter().filter(|name| name.chars().count() > 1) {
        for (start, _) in text.match_indices(name) {
            let end = start + name.len();
            let before = text.get(..start).and_then(|before| before.chars().next_back());
            let behind = text.get(end..).and_then(|behind| behind.chars().next());
            if !is_part(before) && !is_part(behind) {
                found.push(start..end);
            }
        }
    }
    found
}

/// Sentences of a text whose lines may be wrapped.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in text.replace("\r\n", "\n").split("\n\n") {
        let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut sentence = String::new();
        for word in line.split(' ') {
            if !sentence.is_empty() {
                sentence.push(' ');
            }
            sentence.push_str(word);
            if word.ends_with(['.', '!', '?', ';']) && word.chars().count() > 2 {
                found.push(std::mem::take(&mut sentence));
            }
        }
        found.push(sentence);
    }
    found.retain(|sentence| !sentence.trim().is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        use std::sync::Arc;

        use chrono::FixedOffset;

        use super::super::super::people::WorkingTime;
        use super::super::super::zone::FixedZone;
        Person {
            name: name.to_owned(),
            roles: BTreeSet::from([TeamRole::Ae]),
            address: Address::new("calvin@vendor.example").unwrap(),
            aliases: Vec::new(),
            delegates: Vec::new(),
            account: None,
            working: WorkingTime {
                zone: Arc::new(FixedZone::new(FixedOffset::east_opt(0).unwrap())),
                workdays: Vec::new(),
                opens: 540,
                closes: 1020,
                holidays: BTreeSet::new(),
            },
            manager: None,
            introduce: None,
            signature: None,
        }
    }

    fn is_intro(subject: &str, words: &str) -> bool {
        let outsiders =
            Outsiders { ours: BTreeSet::new(), domains: BTreeSet::new(), freemail: BTreeSet::new() };
        let address = Address::new("sarah@acme.example").unwrap();
        let candidate = IntroCandidate {
            sdr: "Dana Fox".to_owned(),
            aes: vec!["Calvin Reyes".to_owned()],
            prospects: vec![Mailbox { name: "Sarah Lee".to_owned(), address }],
        };
        let text = IntroText { subject, words, knows_ae: false };
        weigh(&person("Calvin Reyes"), true, &candidate, &outsiders, text).0 >= ENOUGH
    }

    #[test]
    fn intros_by_form_and_by_hand_are_found() {
        for (subject, words) in [
            ("Sarah, intro to Calvin + Thursday's agenda", "Hi Sarah"),
            ("Meet your account executive, Calvin", "See you then."),
            ("Introduction", "I'd like to introduce you to my colleague Calvin Reyes, who heads our team."),
            ("Acme <> Vendor", "I've copied Calvin, our account executive. He'll be your point of contact."),
            ("our chat", "Hey Sarah - adding Calvin, he'll join the demo on Thursday."),
            (
                "quick intro",
                "Sarah - Calvin is the person I mentioned.\n\nI'll let you two take it from here.",
            ),
            ("Connecting you two", "Sarah, Calvin — connecting you both as discussed."),
            ("Next steps", "looping in Calvin"),
            ("Re: our call", "Copying Calvin, who'll own this from our side. Calvin, over to you."),
            ("Demo", "Calvin (in Kopie) übernimmt ab hier und führt dich durch die Demo."),
            ("Termin", "gerne möchte ich Sie mit meinem Kollegen Calvin Reyes bekannt machen."),
            ("Suite", "je vous présente mon collègue Calvin qui prend le relais."),
            ("Suite", "je laisse la main à Calvin, en copie, pour la démo de jeudi."),
            ("Demo", "te dejo con Calvin, en copia, para la reunión del jueves."),
            ("Demo", "ti presento Calvin, il tuo referente da oggi."),
            ("Demo", "ik stel je graag voor aan mijn collega Calvin, hij neemt het vanaf hier over."),
            ("Demo", "quero te apresentar o Calvin, que vai conduzir a demonstração."),
        ] {
            assert!(is_intro(subject, words), "{subject}: {words}");
        }
    }

    #[test]
    fn mail_that_speaks_of_the_ae_or_of_introductions_is_none() {
        for (subject, words) in [
            ("Re: pricing", "Calvin and I will send the numbers tomorrow."),
            ("Meeting", "are you available to meet Calvin and me on Friday?"),
            ("Thanks", "thanks for introducing us to your CFO. Calvin is delighted."),
            ("Invoice", "looping in Calvin on the overdue invoice."),
            ("Support", "I've added Calvin to the ticket so that he sees the outage report."),
            ("Update", "we are introducing a new pricing model in May. Calvin wrote the note."),
            ("Contract", "the contract is attached. Calvin is in cc for his records."),
            ("Question", "could you introduce Calvin to your procurement team?"),
            ("Re: Sarah, intro to Calvin", "did you see my note?"),
            ("Partner", "meet Tom from Partner Inc. Calvin says hi."),
            ("Interview", "Sarah, meet Calvin, he leads the interview for the open role."),
            ("Rechnung", "die Rechnung übernimmt unsere Buchhaltung, Calvin ist zur Info in Kopie."),
            ("Merci", "merci de m'avoir présenté Calvin la semaine dernière."),
            ("Gracias", "gracias por presentarme a tu jefe. Calvin te manda saludos."),
        ] {
            assert!(!is_intro(subject, words), "{subject}: {words}");
        }
    }
}
