//! What people write when they hand a prospect on without a form, and what looks like it and is none, in four languages.
//!
//! `{p}` is the prospect's first name, `{a}` the AE's, `{A}` the AE's whole name. The rules of the audit were not made from
//! these; a form that they miss is one that some team uses.

/// Subject, text, whether it answers the prospect's mail.
type Form = (&'static str, &'static str, bool);

const BY_HAND: &[Form] = &[
    // ---- English
    (
        "Thursday",
        "Hi {p},\n\nI wanted to bring {a} into the conversation. {a} heads our mid-market team and runs Thursday's session.\n\nDana",
        false,
    ),
    (
        "Re: Your note",
        "{p} - {A} (cc'd) is going to be your guide from here on out. I'm stepping back so that you're not stuck with two of us in your inbox.\n\nDana",
        true,
    ),
    (
        "Your rollout",
        "Hey {p},\n\nas promised, here's {a}, who'll be on the call tomorrow and knows the whole story.\n\nDana",
        false,
    ),
    ("Re: Your note", "Great, thanks {p}! {a} will be taking the reins from here.", true),
    (
        "Next",
        "{p}, I've asked {a} to join us, since {a} has worked with three teams like yours. From here on {a} is your point person.\n\nD.",
        false,
    ),
    ("{p} <> {a}", "You two should talk. I'll get out of the way.", false),
    (
        "Re: Your note",
        "I'd love for you to meet {a}, who looks after logistics companies here. {a} has your notes already.",
        true,
    ),
    (
        "Introductions",
        "Happy to make the introduction: {p}, {A}. {A}, {p}.\n\nYou have a lot to talk about.",
        false,
    ),
    (
        "Demo",
        "Hi {p},\n\ncopying my colleague {a} who owns this area. I'll let {a} grab time with you.\n\nBest\nDana",
        false,
    ),
    ("Re: Your note", "Passing the baton to {a}, who has built this for two of your competitors.", true),
    (
        "What happens now",
        "{p},\n\nlet me hand the mic to {a}. {a} is the one who will show you around on Thursday.",
        false,
    ),
    ("Re: Your note", "Perfect. {a} (copied) will pick things up with you before the demo.", true),
    (
        "Moving on",
        "Hello {p},\n\nI'm moving this over to {a}, our AE for the region. {a}, {p}'s team is the one I told you about.",
        false,
    ),
    ("hello", "{p}, this is {a}. {a}, this is {p}. Enjoy!", false),
    (
        "Re: Your note",
        "Adding {a} who leads our work with manufacturers and will take you through pricing.",
        true,
    ),
    ("Your AE", "{p}, your account executive is {A}, in copy. {a} will reach out with two slots.", false),
    (
        "Meet the person behind the demo",
        "Hi {p},\n\nplease meet {a}, copied here. {a} will look after you during the evaluation.",
        false,
    ),
    (
        "Re: Your note",
        "{p}, I'm going to step aside and let {a} drive from here. {a}'s calendar is open on Thursday.",
        true,
    ),
    // ---- German
    (
        "Termin am Donnerstag",
        "Hallo {p},\n\n{A} liest hier mit und zeigt Ihnen am Donnerstag alles. Ab dann ist {a} für Sie da.\n\nViele Grüße\nDana",
        false,
    ),
    ("Re: Your note", "wie besprochen setze ich {a} in CC. {a} macht mit euch den Termin klar.", true),
    (
        "Kurze Vorstellung",
        "Liebe {p},\n\ndarf ich dir {a} vorstellen? {a} kennt euer Thema seit Jahren.",
        false,
    ),
    (
        "Wie es weitergeht",
        "Guten Tag,\n\nich übergebe nun an meinen Kollegen {a}, der alles Weitere mit Ihnen bespricht.",
        false,
    ),
    ("Re: Your note", "Super! {a} wird sich ab jetzt um Sie kümmern.", true),
    (
        "Zuständigkeit",
        "Hi {p},\n\nab sofort ist {a} für euch zuständig und meldet sich wegen der Demo.",
        false,
    ),
    (
        "Re: Your note",
        "ich möchte, dass Sie {a} kennenlernen: {a} leitet bei uns den Bereich Industrie.",
        true,
    ),
    ("Weiter mit {a}", "Hallo {p}, ich reiche dich an {a} weiter, bei {a} bist du richtig.", false),
    (
        "Re: Your note",
        "Hiermit mache ich euch miteinander bekannt: {p}, {a}. Viel Spaß beim Austausch!",
        true,
    ),
    // ---- French
    (
        "La suite",
        "Bonjour {p},\n\n{a}, en copie de ce mail, sera désormais votre point de contact.\n\nBien à vous\nDana",
        false,
    ),
    ("Re: Your note", "je te mets en lien avec {a}, qui connaît bien votre secteur.", true),
    ("Jeudi", "Bonjour {p},\n\nc'est {a} qui s'occupera de vous dorénavant.", false),
    ("Re: Your note", "je laisse {a} te recontacter pour caler la démo de jeudi.", true),
    (
        "Faire connaissance",
        "{p}, je t'invite à faire la connaissance de {a}, responsable des comptes industriels.",
        false,
    ),
    ("Re: Your note", "Je te confie à {a}, tu verras, c'est du solide !", true),
    ("Mise en contact", "{p}, {a} ; {a}, {p}. Je vous laisse échanger directement.", false),
    // ---- Spanish
    (
        "Siguiente paso",
        "Hola {p}:\n\ncopio a {a}, que será quien te acompañe a partir de ahora.\n\nUn saludo\nDana",
        false,
    ),
    ("Re: Your note", "pongo en copia a mi compañero {a}, él te enseñará la plataforma el jueves.", true),
    ("Quiero que conozcas a {a}", "Hola {p}, {a} lleva años con empresas como la tuya.", false),
    ("Re: Your note", "os conecto con {a}, que se ocupará de todo a partir de ahora.", true),
    ("El jueves", "Hola {p},\n\n{a} toma el relevo desde aquí.", false),
    ("Re: Your note", "te dejo en manos de {a}, que conoce bien vuestro caso.", true),
    ("Un nombre", "{p}, a partir de hoy tu persona de referencia es {A}.", false),
];

pub(crate) const FORMS: usize = BY_HAND.len();

/// A form that was written by hand, in somebody's name.
pub(crate) fn by_hand(number: usize, first: &str, ae: (&str, &str)) -> (String, String, bool) {
    let (subject, text, answers) = BY_HAND[number % FORMS];
    (filled(subject, first, ae), filled(text, first, ae), answers)
}

fn filled(text: &str, first: &str, (ae, whole): (&str, &str)) -> String {
    text.replace("{p}", first).replace("{a}", ae).replace("{A}", whole)
}

/// The text as some mail program sends it: the headers of its content, and the content.
pub(crate) fn dressed(number: usize, text: &str) -> (&'static str, String) {
    let signature =
        "\n\n-- \nDana Fox\nSales Development\nVendor Inc. | Let us introduce you to our new platform";
    let history = "\n\nOn Mon, Mar 2, 2026 at 9:12 AM Somebody <somebody@firm.example> wrote:\n> Our reps lose hours every day.\n> Can we talk?";
    match number % 5 {
        0 => ("", text.to_owned()),
        1 => ("", format!("{text}{signature}")),
        2 => ("", format!("{text}{history}")),
        3 => (
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"b1\"\r\n",
            format!(
                "--b1\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{}\n\
                 --b1\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<div>{}</div>\n--b1--",
                quoted_printable(text),
                text.replace('<', "&lt;").replace('\n', "<br>\n")
            ),
        ),
        _ => (
            "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
            format!(
                "<html><head><style>p {{ margin: 0 }}</style></head><body><p>{}</p></body></html>",
                text.replace('<', "&lt;").replace("\n\n", "</p>\n<p>").replace('\n', "<br>\n")
            ),
        ),
    }
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for byte in text.bytes() {
        let piece = match byte {
            b'\n' => {
                column = 0;
                out.push('\n');
                continue;
            }
            b'=' | 128.. => format!("={byte:02X}"),
            other => char::from(other).to_string(),
        };
        if column + piece.len() > 70 {
            out.push_str("=\n");
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out
}

/// Who wrote a decoy and who got it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// SDR to somebody outside, Cc an AE.
    Usual,
    /// SDR to two outside, Cc an AE.
    Two,
    /// SDR to a private address, Cc an AE.
    Private,
    /// Somebody outside to the SDR, Cc an AE.
    Inward,
    /// One AE to somebody outside, Cc the other AE and the SDR.
    BetweenAes,
    /// SDR to an AE alone.
    Inside,
    /// Through a tool for mailings, in the SDR's name.
    Mailing,
}

/// `{o}` is another first name of an outsider.
pub(crate) const DECOYS: &[(Way, &str, &str)] = &[
    // ---- colleagues, partners and friends are introduced to each other
    (
        Way::Two,
        "Intro",
        "{p}, meet {o}, who ran the same project with {a}. {o}, {p} is the one I told you about.",
    ),
    (Way::Two, "You two", "{p}, ich stelle dir {o} vor, mit dem {a} und ich oft arbeiten."),
    (Way::Two, "Contact", "{p}, je te présente {o}, un partenaire de {a}."),
    (Way::Two, "Contacto", "{p}, te presento a {o}, socio de {a} en el proyecto anterior."),
    (
        Way::Private,
        "Welcome",
        "Hi {p}, welcome to the team! Meet {a}, you'll sit next to each other on your first day.",
    ),
    (Way::Private, "Next round", "{p}, let me introduce you to {a}, who will run the second interview."),
    (
        Way::Private,
        "Zweites Gespräch",
        "Hallo {p}, im Vorstellungsgespräch lernen Sie {a} kennen, den ich Ihnen hiermit vorstelle.",
    ),
    (Way::Private, "Deuxième entretien", "{p}, je te présente {a}, qui mènera l'entretien d'embauche."),
    (Way::Private, "Segunda entrevista", "{p}, te presento a {a}, que llevará la entrevista."),
    (Way::Inside, "Meet {o}, our new AE", "{a}, meet {o}. I'd like to introduce her to all of you."),
    // ---- the other direction
    (
        Way::Inward,
        "Intro: {o} <> Dana",
        "Dana, meet {o}, my colleague. {o}, Dana and {a} know the product. Over to you!",
    ),
    (
        Way::Inward,
        "Candidate",
        "Dana, {a}, meet {o}, a senior AE who is looking for a new role. Let me connect you.",
    ),
    (
        Way::Inward,
        "Our tool",
        "Hi Dana, looping in my AE {o} who will walk you through our platform. {a}, over to you as well.",
    ),
    (
        Way::Usual,
        "Re: your offer to us",
        "Hi {p}, thanks for the pitch. {a} evaluates your tool for us, so over to {a} for the trial of your product.",
    ),
    (
        Way::Usual,
        "Re: our procurement",
        "Could you introduce {a} to your procurement team? {a} has the paperwork.",
    ),
    // ---- handovers that are no handoff to an AE
    (
        Way::BetweenAes,
        "Handing over",
        "Hi {p}, I'm moving on, and {o} takes over from me as your account executive. Meet {o}.",
    ),
    (Way::BetweenAes, "Übergabe", "Hallo {p}, ich übergebe an {o}, ab jetzt Ihr Ansprechpartner."),
    (
        Way::Mailing,
        "Meet our new AE",
        "Meet {a}, our new account executive. {a} will be your point of contact.",
    ),
    // ---- documents and other things are added, presented, passed on
    (
        Way::Usual,
        "The deck",
        "Hi {p}, I'm adding the deck that {a} made for you. Including the numbers you asked for.",
    ),
    (Way::Usual, "API", "{p}, here is a short intro to our API which {a} wrote last year."),
    (Way::Usual, "The notes", "I passed your notes on to {a} and to the product people, thanks {p}."),
    (Way::Usual, "Unterlagen", "Hallo {p}, ich stelle dir die Unterlagen zusammen, {a} prüft sie noch."),
    (Way::Usual, "Angebot", "ich füge das Angebot bei, {a} hat es geprüft."),
    (Way::Usual, "Kurz", "ich gebe {a} Bescheid, danke {p}."),
    (Way::Usual, "Résultats", "Bonjour {p}, je présente jeudi les résultats avec {a}."),
    (Way::Usual, "Document", "j'ajoute le document que {a} a préparé."),
    (Way::Usual, "Enlace", "Hola {p}, te dejo aquí el enlace a la grabación que hizo {a}."),
    (Way::Usual, "Datos", "te presento los resultados que preparó {a}, {p}."),
    (Way::Usual, "Propuesta", "añado la propuesta que {a} revisó ayer."),
    // ---- the AE is only spoken of
    (Way::Usual, "The fair", "{p}, come and meet {a} and me at our booth on the second day."),
    (Way::Usual, "Messe", "{p}, lernen Sie uns kennen: {a} und ich sind am Stand 12."),
    (Way::Usual, "Salon", "{p}, venez nous rencontrer, {a} et moi, au stand 12."),
    (Way::Usual, "Feria", "{p}, ven a conocer a todo el equipo en nuestro stand, {a} y yo estaremos allí."),
    (Way::Usual, "Congratulations", "Congrats on the round, {p}! {a} and the whole team say hi."),
    (Way::Usual, "Re: question", "{p}, {a} confirmed that the export works with your CRM. Anything else?"),
    (Way::Usual, "Re: Frage", "{p}, {a} hat mir bestätigt, dass der Export funktioniert."),
    (Way::Usual, "Contract", "the contract is with {a} for signature, {p}. You will have it by Friday."),
    (
        Way::Usual,
        "Out next week",
        "{p}, I'm away next week. If it is urgent, {a} is there, else I'll pick it up when I'm back.",
    ),
    // ---- the SDR stays, or the meeting with the AE is over
    (
        Way::Usual,
        "Thursday",
        "Hi {p}, {a} can't make Thursday after all, so I'll run the session myself and bring you up to date.",
    ),
    (
        Way::Usual,
        "Still me",
        "I'm still your point of contact, {p}. {a} is only on copy because of the security questions.",
    ),
    (Way::Usual, "How was it?", "{p}, you met {a} last week: how did it go? Two questions, one minute."),
    (
        Way::Usual,
        "Recap",
        "Thanks for meeting {a} and me today, {p}. {a} will send the recap tonight, I'll be in touch about dates.",
    ),
    (
        Way::Usual,
        "Ich bleibe",
        "Hallo {p}, ich bleibe Ihre Ansprechpartnerin, {a} ist nur wegen der technischen Frage in Kopie.",
    ),
    (
        Way::Usual,
        "Urlaub",
        "Hallo {p}, ich bin bis Montag im Urlaub, in dringenden Fällen hilft Ihnen {a} weiter. Danach bin ich wieder für Sie da.",
    ),
    (
        Way::Usual,
        "Je reste",
        "Bonjour {p}, je reste votre contact, {a} n'est en copie que pour la partie juridique.",
    ),
    (Way::Usual, "Sigo aquí", "Hola {p}, sigo siendo tu contacto; {a} solo está en copia por el tema legal."),
    // ---- words of a handover that are about something else
    (
        Way::Usual,
        "Reisekosten",
        "{p}, {a} übernimmt die Reisekosten für euch beide, die Belege bitte an mich.",
    ),
    (Way::Usual, "Votre question", "Bonjour {p}, je transmets votre question à {a}, réponse demain."),
    (Way::Usual, "Factura", "Hola {p}, {a} se encarga de la factura y la recibes el viernes."),
    (
        Way::Two,
        "Référence",
        "{p}, comme promis, je te mets en relation avec {o}, client de {a} depuis deux ans.",
    ),
    (
        Way::Usual,
        "Right person?",
        "{p}, who on your side would be the right person to meet {a}? Happy to write to them myself.",
    ),
    (
        Way::Usual,
        "Webinar",
        "Hi {p}, {a} and two customers present the new dashboard in our webinar on May 5. Register with the link.",
    ),
];

/// A decoy's subject and text in somebody's name.
pub(crate) fn decoy(text: &str, first: &str, other: &str, ae: (&str, &str)) -> String {
    filled(text, first, ae).replace("{o}", other)
}
