//! Whether a mail is a warm intro: by whom it goes from and to, by the form of its subject, and by what it says of the
//! AE. docs/behaviour.md section 10.
//!
//! Signs are weighed, each with its reason, so that a person can see why a mail counts. What people write stands in the
//! language files. Known limit: an AE who is named by a nickname alone that is no beginning of the name (`Bob`) is found in
//! the text only where it says that this person is in copy.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::judge::Policy;
use super::super::message::{Address, Headers, Mailbox};
use super::super::people::{Person, TeamRole};
use super::super::subject_prefix;
use super::intro_names::{BothSides, PLAIN_NAME, names};
use super::intro_text::{self, IntroSentence};
use crate::language::{Matcher, Matchers, Role};

/// Signs that weigh so much make an intro.
const ENOUGH: i32 = 3;
/// Words that introduce weigh so much, and hints together no more.
const HEAVY: i32 = 3;
/// That both are spoken to, beside words that introduce.
const SECOND: i32 = 1;
/// A hint alone.
const LIGHT: i32 = 1;
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
    pub contact: EarlierContact,
}

/// How the AE and the prospects had been in touch before a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EarlierContact {
    None,
    /// One side had written, without the SDR, and the other had not answered: after a webinar, a fair.
    OneSided,
    /// They had written to each other, or one of them with the SDR.
    Mutual,
    /// So in the thread that the mail belongs to.
    InThread,
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
    // Of a large mailbox there are thousands.
    prospects.shrink_to_fit();
    aes.shrink_to_fit();
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
    matchers: &Matchers,
) -> Option<IntroSigns> {
    let is_alone = candidate.aes.len() == 1;
    let weighed = candidate.aes.iter().filter_map(|name| {
        let ae = policy.person(name)?;
        let (weight, reasons) = weigh(ae, is_alone, candidate, outsiders, text, matchers);
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
    matchers: &Matchers,
) -> (i32, Vec<String>) {
    let name = ae.first_name();
    let sentences = intro_text::read(text.words, ae, matchers);
    let (mut weight, mut reasons) = weight_of_words(ae, is_alone, candidate, &sentences, matchers);
    let sides = BothSides::of(ae, &candidate.prospects);
    let raw: Vec<&str> = sentences.iter().map(|sentence| sentence.raw.as_str()).collect();
    let address = sides.weight_of_address(&raw, matchers);
    if address == 0 && sides.presents_another(&raw, &candidate.sdr) {
        return (0, reasons);
    }
    if address > 0 {
        weight += if weight == HEAVY { SECOND } else { 0 };
        weight = weight.max(address);
        reasons.push(format!("the text speaks to {name}, too"));
    }
    let is_in_words = weight > 0 || address > 0;
    let has_form = subject_introduces(text.subject, ae, matchers);
    if has_form || is_first(text.subject) && sides.are_all_of(text.subject) {
        weight = weight.max(HEAVY);
        reasons.insert(0, format!("the subject introduces {name}"));
    }
    if weight < HEAVY {
        let hints = hints(&sentences, name, matchers);
        weight = HEAVY.min(weight + i32::try_from(hints.len()).unwrap_or(HEAVY));
        reasons.extend(hints);
    }
    if weight == 0 {
        return (0, reasons);
    }
    let meeting = matchers.of(Role::IntroMeeting);
    if weight > LIGHT && (meeting.is_in(text.words) || meeting.is_in(text.subject)) {
        weight += 1;
    }
    weight += match text.contact {
        EarlierContact::None => 1,
        // Whoever writes an intro in its form hands over, whatever came before elsewhere.
        EarlierContact::OneSided if has_form => 0,
        EarlierContact::Mutual if has_form && is_in_words => 0,
        EarlierContact::OneSided => -1,
        // `Calvin takes it from here`, of whom they know: the AE's own conversation goes on.
        EarlierContact::Mutual | EarlierContact::InThread => -2,
    };
    reasons.push(match text.contact {
        EarlierContact::None => format!("{name} had not been in touch with the prospect before"),
        EarlierContact::InThread => {
            format!("{name} had been in touch with the prospect before, in this thread")
        }
        _ => format!("{name} had been in touch with the prospect before, in another conversation"),
    });
    weight -= match other_matters(text.subject, &sentences, matchers) {
        0 => 0,
        1 => 2,
        _ => 4,
    };
    if candidate.prospects.iter().all(|one| outsiders.is_freemail(&one.address)) {
        weight -= 1;
    }
    (weight, reasons)
}

/// What the words that introduce weigh, of which one is enough.
fn weight_of_words(
    ae: &Person,
    is_alone: bool,
    candidate: &IntroCandidate,
    sentences: &[IntroSentence<'_>],
    matchers: &Matchers,
) -> (i32, Vec<String>) {
    let is_named = sentences.iter().any(|sentence| sentence.names_ae);
    // Whoever is in copy is the AE, however the text spells that name: `カルビンをご紹介いたします(CC)`.
    let is_copied = is_alone && sentences.iter().all(|one| names(&one.raw, ae).is_empty());
    // `my colleague` is the AE where the text goes on with the AE's name.
    let is_alone = is_alone && is_named;
    let others = other_names(candidate);
    let about = |role: Role| sentences.iter().any(|one| is_about(one, role, is_alone, &others, matchers));
    let finds = |role: Role| match role {
        // `Calvin will show you around` says what only a new contact does.
        Role::IntroNamed => {
            sentences.iter().any(|one| one.is_near_ae() && matchers.of(role).is_in(one.without_asides()))
        }
        // `Calvin is the person I mentioned. You are in good hands.`
        Role::IntroHandover => {
            about(role)
                || sentences.iter().any(|one| one.is_behind_ae && matchers.of(role).is_in(one.plain()))
        }
        _ => about(role),
    };
    let of_copied = |role: Role| {
        is_copied
            && sentences.iter().any(|one| {
                is_near(matchers.of(role), one.plain(), || matchers.of(Role::IntroCopied).spans(one.plain()))
            })
    };
    let mut found = (0, Vec::new());
    for (role, heavy, what) in [
        (Role::IntroVerb, HEAVY, "introduces"),
        (Role::IntroHandover, HEAVY, "hands over to"),
        (Role::IntroJoin, 2, "brings in"),
        (Role::IntroNamed, HEAVY, "names a new contact:"),
    ] {
        if finds(role) || heavy == HEAVY && of_copied(role) {
            found.0 = found.0.max(heavy);
            found.1.push(format!("the text {what} {}", ae.first_name()));
        }
    }
    found
}

/// What an intro tells of the AE, and other mail as well.
fn hints(sentences: &[IntroSentence<'_>], name: &str, matchers: &Matchers) -> Vec<String> {
    let has = |role: Role| {
        sentences.iter().filter(|one| one.is_near_ae()).any(|one| {
            let text = if role == Role::IntroDescribes { one.without_asides() } else { one.plain() };
            matchers.of(role).is_in(text)
        })
    };
    let all = [
        (Role::IntroCopied, "has in copy"),
        (Role::IntroColleague, "says who this is:"),
        (Role::IntroDescribes, "says what they do:"),
    ];
    all.iter().filter(|(role, _)| has(*role)).map(|(_, what)| format!("the text {what} {name}")).collect()
}

/// How often the mail speaks of what people also bring others in for: in the subject, where it names the AE and right behind.
fn other_matters(subject: &str, sentences: &[IntroSentence<'_>], matchers: &Matchers) -> usize {
    let elsewhere = matchers.of(Role::IntroOtherMatter);
    let mut count = elsewhere.spans(subject).len();
    let mut was_named = false;
    for sentence in sentences {
        if sentence.names_ae || was_named {
            count += elsewhere.spans(&sentence.raw).len();
        }
        was_named = sentence.names_ae;
    }
    count
}

/// A subject of an intro's form that names the AE; an answer's is that of what it answers.
fn subject_introduces(subject: &str, ae: &Person, matchers: &Matchers) -> bool {
    is_first(subject)
        && matchers.of(Role::IntroSubject).is_in(&matchers.of(Role::IntroMention).blotted(subject))
        && !names(subject, ae).is_empty()
}

/// Of no answer and nothing forwarded.
fn is_first(subject: &str) -> bool {
    subject_prefix::read(subject.trim_start()).is_none()
}

/// First names of prospects that may be introduced to each other; none where there is but one.
fn other_names(candidate: &IntroCandidate) -> Vec<&str> {
    if candidate.prospects.len() < 2 {
        return Vec::new();
    }
    candidate.prospects.iter().filter_map(|one| one.name.split_whitespace().next()).collect()
}

/// Whether words of `role` stand near the AE's name, or a word for the AE, in a sentence. One prospect may be introduced to
/// another of them, which is not about the AE.
fn is_about(
    sentence: &IntroSentence<'_>,
    role: Role,
    is_alone: bool,
    others: &[&str],
    matchers: &Matchers,
) -> bool {
    let colleagues = if is_alone { sentence.colleagues() } else { &[] };
    if colleagues.is_empty() && !sentence.may_name_ae() {
        return false;
    }
    let sentence = sentence.plain();
    let mut people: Vec<_> =
        sentence.match_indices(PLAIN_NAME).map(|(start, name)| start..start + name.len()).collect();
    let mut verbs = matchers.of(role).spans(sentence);
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
    people.extend_from_slice(colleagues);
    are_near(sentence, &verbs, &people)
}

/// Whether `words` stand near one of the places that `others` finds.
fn is_near(words: &Matcher, sentence: &str, others: impl Fn() -> Vec<Range<usize>>) -> bool {
    let verbs = words.spans(sentence);
    !verbs.is_empty() && are_near(sentence, &verbs, &others())
}

/// Whether any of `verbs` is near any of `people`, on either side.
fn are_near(sentence: &str, verbs: &[Range<usize>], people: &[Range<usize>]) -> bool {
    let is_near =
        |from: usize, to: usize| sentence.get(from..to).is_none_or(|between| between.chars().count() <= NEAR);
    verbs.iter().any(|verb| {
        people.iter().any(|person| {
            if person.start >= verb.start {
                is_near(verb.end, person.start)
            } else {
                is_near(person.end, verb.start)
            }
        })
    })
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

    static MATCHERS: std::sync::LazyLock<Matchers> = std::sync::LazyLock::new(Matchers::new);

    fn is_intro(subject: &str, words: &str) -> bool {
        is_intro_after(EarlierContact::None, subject, words)
    }

    fn is_intro_after(contact: EarlierContact, subject: &str, words: &str) -> bool {
        let outsiders =
            Outsiders { ours: BTreeSet::new(), domains: BTreeSet::new(), freemail: BTreeSet::new() };
        let address = Address::new("sarah@acme.example").unwrap();
        let candidate = IntroCandidate {
            sdr: "Dana Fox".to_owned(),
            aes: vec!["Calvin Reyes".to_owned()],
            prospects: vec![Mailbox { name: "Sarah Lee".to_owned(), address }],
        };
        let text = IntroText { subject, words, contact };
        weigh(&person("Calvin Reyes"), true, &candidate, &outsiders, text, &MATCHERS).0 >= ENOUGH
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
            ("Sarah / Calvin", "Sarah, Calvin. Calvin, Sarah.\n\nCalvin runs our enterprise deals.\n\nD."),
            ("Re: Next steps", "I've included Calvin Reyes. He's the AE who will work with you on pricing."),
            ("Thursday", "I only set the stage; the next conversation is with Calvin (copied)."),
            ("Re: plan", "Calvin - Sarah heads sales at Acme and wants to start small."),
            ("hi", "so calvin's cc'd here. he'll guide you from now on."),
            ("Introduktion", "jag vill gärna presentera min kollega Calvin, som tar över härifrån."),
            ("Introduksjon", "jeg setter deg i kontakt med Calvin, som tar det videre herfra."),
            ("Præsentation", "jeg vil gerne introducere dig til min kollega Calvin."),
            ("Esittely", "haluan esitellä sinulle kollegani Calvinin, joka jatkaa tästä eteenpäin."),
            ("Kontakt", "chciałabym przedstawić Ci mojego kolegę, Calvin Reyes, Twojego opiekuna."),
            ("Kontakt", "ráda bych vás propojila s Calvinem, který převezme další kroky."),
            ("Tanışma", "seni ekip arkadaşım Calvin ile tanıştırmak istiyorum."),
            ("Contact", "vă pun în legătură cu Calvin, care va prelua discuția."),
            ("Kapcsolat", "szeretném bemutatni kollégámat, Calvint, aki mostantól segít."),
            ("Демо", "хочу познакомить вас с моим коллегой Calvin, он проведёт демо."),
            ("Знайомство", "хочу познайомити вас із Calvin, він продовжить розмову."),
            ("Επόμενα βήματα", "θα ήθελα να σας συστήσω τον Calvin, που θα αναλάβει από εδώ και πέρα."),
            ("デモ", "弊社のCalvinをご紹介いたします。今後はCalvinが担当いたします。"),
            ("演示", "向您介绍我的同事Calvin，接下来由Calvin跟进。"),
            ("데모", "제 동료 Calvin을 소개해 드립니다. 앞으로는 Calvin이 담당합니다."),
            ("Demo", "de ahora en adelante lo lleva Calvin, a quien copio aquí."),
            ("hi", "bringing in my teammate Cal for the pricing part, so from now on write to him."),
            ("Next", "I'm handing this over to Bob (cc'd), our man for Texas."),
            ("担当", "弊社営業のカルビン・レイエスをご紹介いたします(CCに入れております)。"),
            ("Los", "Lieber Calvin, Frau Lee leitet den Vertrieb und möchte klein anfangen."),
            ("Go", "Calvin - Sarah's team has nine reps and no CRM."),
            (
                "Two names",
                "Sarah, meet Calvin. Calvin, Sarah needs this before her renewal. Over to you two!",
            ),
            ("Staffel", "Zeit für den Staffelstab: Calvin ist in Kopie."),
            ("Suite", "Je te passe Calvin, il t'appelle demain."),
        ] {
            assert!(is_intro(subject, words), "{subject}: {words}");
        }
    }

    #[test]
    fn earlier_contact_hides_no_intro_in_the_form_and_the_aes_own_conversation_is_none() {
        use EarlierContact::{InThread, Mutual, OneSided};
        let words = "I'd like to introduce my colleague Calvin, who will run our demo.";
        for subject in [
            "Sarah, intro to Calvin + Thursday's agenda",
            "Intro: Sarah <> Calvin",
            "Vorstellung: Calvin Reyes",
            "Sarah, meet your account executive, Calvin",
        ] {
            assert!(is_intro_after(OneSided, subject, "See you soon."), "{subject}");
            assert!(
                is_intro_after(Mutual, subject, "Sarah, meet Calvin. Over to the two of you."),
                "{subject}"
            );
            assert!(!is_intro_after(InThread, subject, "See you soon."), "{subject}");
        }
        // By its words alone a mail has to say more where they had heard of each other.
        assert!(is_intro_after(OneSided, "Next steps", words));
        for (contact, subject, words) in [
            (Mutual, "Next steps", words),
            (Mutual, "Sarah <> Calvin", "Shall we say Friday at ten?"),
            (Mutual, "Re: pricing", "Calvin will take it from here."),
            (InThread, "Re: pricing", "Looping Calvin back in, he'll be your contact for the demo."),
            (OneSided, "Re: our chat", "adding Calvin, he can answer that."),
            (Mutual, "Re: Sarah, intro to Calvin + Thursday's agenda", "Calvin will be on the call."),
        ] {
            assert!(!is_intro_after(contact, subject, words), "{contact:?} {subject}: {words}");
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
            ("Laptop", "Calvin will hand over the loaner laptop to your courier on Friday."),
            ("Folder", "I added you and Calvin to the shared folder."),
            ("New feature", "introducing Calvin-friendly reports: the new export is live."),
            ("Parking", "Calvin will meet you in the lobby at ten."),
            ("Re: demo", "how was your demo with Calvin? Let me know, he's in cc."),
            ("Angebot", "anbei das Angebot, das Calvin versprochen hat. Er ist in Kopie."),
            ("Grillen", "Calvin übernimmt die Würstchen, ich die Salate."),
            ("Faktura", "här är fakturan. Calvin är kopierad för kännedom."),
            ("Materiał", "w załączniku slajdy od Calvina."),
            ("資料", "Calvinの資料を添付いたします。"),
            (
                "Joyce",
                "I'd like you to meet Joyce Blum. Joyce, Sarah bakes. I'll leave you both to it. Calvin says hi.",
            ),
            ("Danke", "Calvin und ich danken für das Gespräch. Es war schön, mit Ihnen zu arbeiten."),
            (
                "Bonjour",
                "Calvin et moi vous souhaitons de bonnes fêtes. Je vous laisse entre de bonnes mains.",
            ),
            ("Hola", "Calvin y yo hablamos ayer. Lo incluyo en la convocatoria."),
            ("Offer", "I am copying our finance team. The numbers are attached."),
        ] {
            assert!(!is_intro(subject, words), "{subject}: {words}");
        }
    }
}
