//! What each rule does, on small bodies of our own.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{MailPeople, SplitBody, base_subject, html_to_text, split, split_by};

fn of_plain(body: &str) -> SplitBody {
    split(Some(body), None)
}

fn of_html(body: &str) -> SplitBody {
    split(None, Some(body))
}

/// Each body's author wrote what stands behind it.
fn author_wrote(cases: &[(&str, &str)]) {
    for (body, wanted) in cases {
        assert_eq!(of_plain(body).author_text, *wanted, "{body:?}");
    }
}

#[test]
fn a_body_without_quotation_is_all_the_author_s() {
    let parted = of_plain("Hi Sarah,\r\n\r\nThursday works.\r\n");
    assert_eq!(parted.author_text, "Hi Sarah,\n\nThursday works.");
    assert!(!parted.quoted);
    assert_eq!(of_plain(""), SplitBody::default());
    assert_eq!(split(None, None), SplitBody::default());
}

#[test]
fn answers_above_below_and_between_quoted_lines_are_the_author_s() {
    let parted = of_plain(
        "Top.\n\nOn Tue, Nov 24, 2026 at 10:05 AM Dana Fox <dana@vendor.example> wrote:\n> Can you do Thursday?\n\nYes.\n\n> And James?\nHe left.\n",
    );
    assert_eq!(parted.author_text.split_whitespace().collect::<Vec<_>>(), ["Top.", "Yes.", "He", "left."]);
    assert_eq!(
        parted.quoted_text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(),
        [
            "On Tue, Nov 24, 2026 at 10:05 AM Dana Fox <dana@vendor.example> wrote:",
            "Can you do Thursday?",
            "And James?"
        ]
    );
    assert!(parted.quoted);
}

#[test]
fn an_attribution_is_found_however_it_was_wrapped() {
    author_wrote(&[
        (
            "Yes.\n\nOn Tue, Nov 24, 2026 at 10:05 AM Dana Fox <\ndana@vendor.example> wrote:\n\n> Hi\n",
            "Yes.",
        ),
        ("Yes.\n\nOn Tue, Nov 24, 2026 at 10:05 AM Dana Fox <dana@vendor.example>\nwrote:\n\n> Hi\n", "Yes."),
        ("Yes.\n\nOn Nov 24, 2026,\nat 10:05,\nDana Fox <dana@vendor.example> wrote:\n\n> Hi\n", "Yes."),
        (
            "Yes.\n\nDana Fox <dana@vendor.example> schrieb am Di., 24. Nov. 2026\num 10:05 Uhr:\n\n> Hi\n",
            "Yes.",
        ),
        ("Yes.\n\ntir. 24. nov. 2026 kl. 10:05 skrev Dana Fox <dana@vendor.example\n>:\n\n> Hi\n", "Yes."),
        (
            "Yes. No blank line.\nOn 24 Nov 2026, at 10:05, Dana Fox <dana@vendor.example> wrote:\n> Hi\n",
            "Yes. No blank line.",
        ),
    ]);
}

#[test]
fn a_banner_of_the_mail_server_goes_in_the_languages_of_companies() {
    author_wrote(&[
        (
            "[EXTERNAL EMAIL] Do not click links unless you recognize the sender.\n\nSounds good.\n",
            "Sounds good.",
        ),
        ("ACHTUNG: Diese E-Mail kommt von außerhalb der Organisation.\n\nPasst.\n", "Passt."),
        ("Ce message provient de l'extérieur de l'entreprise.\n\nOui.\n", "Oui."),
        ("Este correo se originó fuera de la organización.\n\nSí.\n", "Sí."),
        ("Questo messaggio proviene dall'esterno.\n\nSì.\n", "Sì."),
        ("Deze e-mail komt van buiten de organisatie.\n\nJa.\n", "Ja."),
        ("Wir treffen uns außerhalb der Organisation.\n", "Wir treffen uns außerhalb der Organisation."),
    ]);
}

#[test]
fn words_below_an_attribution_at_the_very_top_are_the_author_s_where_nothing_is_marked() {
    let attribution = "On Tue, 24 Nov 2026 at 10:05, Dana Fox <dana@vendor.example> wrote:";
    author_wrote(&[
        (&format!("{attribution}\n\nThursday works.\n"), "Thursday works."),
        (&format!("{attribution}\n\n> Thursday?\n"), ""),
        (&format!("{attribution}\n\nHi\n\n> marked\n"), ""),
        ("From: Dana <dana@vendor.example>\nSent: Tuesday\nTo: Calvin\nSubject: x\n\nHi", ""),
    ]);
    assert_eq!(of_html(&format!("<p>{}</p><p>Hi</p>", attribution.replace('<', "&lt;"))).author_text, "");
}

#[test]
fn an_attribution_without_marks_below_it_brings_the_rest() {
    author_wrote(&[
        ("Yes.\n\nOn Tue, 24 Nov 2026 10:05:43 -0500 Dana Fox <dana@vendor.example> wrote\n\nHi\n", "Yes."),
        (
            "Yes.\n\n  On Tue, Nov 24, 2026 at 10:05 AM, Dana Fox<dana@vendor.example> wrote:   Hi, meet Calvin.\n\nMore\n",
            "Yes.",
        ),
        ("Yes.\n\n---- On Tue, 24 Nov 2026 10:05:43 -0500 dana@vendor.example wrote ----\n\nHi\n", "Yes."),
        ("Yes.\n\n24.11.2026, 10:05, \"Dana Fox\" <dana@vendor.example>:\n\nHi\n", "Yes."),
        ("Yes.\n\n2026-11-24 10:05 GMT+01:00 Dana Fox <dana@vendor.example>:\n\nHi\n", "Yes."),
        ("Yes.\n\n2026/11/24 Dana Fox <dana@vendor.example>\n\n| Hi\n| there\n| you\n", "Yes."),
        (
            "Yes.\n\nTuesday, 24 November 2026, 10:05 AM +0300 from dana@vendor.example <dana@vendor.example>:\n\nHi\n",
            "Yes.",
        ),
    ]);
}

#[test]
fn a_sentence_that_looks_like_an_attribution_stays() {
    for body in [
        "On this day\n\nI wrote something\n\nwhich was interesting.",
        "As I wrote to you on Monday:\n\nthe price holds until 2027.",
        "These dates are free:\n\n2026-11-24 14:30\n24.11.2026 15:00\nNov 24, 2026 at 16:00\n\nWhich one suits you?",
        "On Thursday:\n\nwe meet at two.",
        "We could fly:\nFrom: Berlin\nTo: Madrid\nDate: 26 November",
        "Please write to ann@lee.example with the following:\n\nname and address",
    ] {
        assert_eq!(of_plain(body).author_text, body);
        assert!(!of_plain(body).quoted, "{body}");
    }
}

#[test]
fn header_blocks_and_announced_originals_bring_the_rest() {
    let block = "From: Dana Fox <dana@vendor.example>\nSent: Tuesday, November 24, 2026 10:05 AM\nTo: Calvin\nSubject: Intro\n\nHi\n";
    for above in
        ["", "________________________________\n", "-----Original Message-----\n", "====\n\n", "---\n"]
    {
        assert_eq!(of_plain(&format!("Yes.\n\n{above}{block}")).author_text, "Yes.", "{above:?}");
    }
    author_wrote(&[
        (
            "Yes.\n\n-----Ursprüngliche Nachricht-----\nVon: Dana\nGesendet: Dienstag\nAn: Calvin\nBetreff: x\n\nHi",
            "Yes.",
        ),
        (
            "Yes.\n\n*From:* Dana [mailto:dana@vendor.example]\n*Sent:* Tuesday\n*To:* Calvin\n*Subject:* x\n\nHi",
            "Yes.",
        ),
        (
            "Yes.\n\nFrom: Dana Fox\n<dana@vendor.example>\nSent: Tuesday\nTo: Calvin\nSubject: x\n\nHi",
            "Yes.",
        ),
        (
            "Yes.\n\nMessage du : 24/11/2026 10:05\nDe : \"Dana\" <dana@vendor.example>\nA : c@vendor.example\nCopie à :\nSujet : x\n\nHi",
            "Yes.",
        ),
        (
            "FYI\n\nBegin forwarded message:\n\n> From: Dana <dana@vendor.example>\n> Subject: x\n> Date: 24 November 2026\n> To: c@vendor.example\n>\n> Hi",
            "FYI",
        ),
        (
            "FYI\n\n---------- Forwarded message ----------\nFrom: Dana <dana@vendor.example>\nDate: Tue\nSubject: x\nTo: y\n\nHi",
            "FYI",
        ),
        ("Yes.\n\n*-------- Original Message --------*\n\nHi", "Yes."),
    ]);
}

#[test]
fn answers_between_marked_lines_stay_below_an_announced_original_too() {
    author_wrote(&[(
        "----- Original Message -----\nFrom: \"Dana\" <dana@vendor.example>\n\n> Thursday?\nYes.\n\n> James?\nHe left.",
        "Yes.\n\nHe left.",
    )]);
}

#[test]
fn a_heading_of_lotus_notes_brings_the_rest() {
    let heading = "Dana Fox <dana@vendor.example>\n24/11/26 10:05\n\nTo\nCalvin <calvin@vendor.example>\ncc\n\nSubject\nIntro\n\nHi";
    author_wrote(&[(&format!("Dear Dana\n\nYes.\n\n{heading}"), "Dear Dana\n\nYes.")]);
}

#[test]
fn what_stands_below_a_help_desk_s_line_is_quotation() {
    author_wrote(&[
        ("Yes.\n\n##- Please type your reply above this line -##\n\nYour ticket", "Yes."),
        ("Yes.\n\n--- Bitte antworten Sie oberhalb dieser Zeile ---\n\nIhr Vorgang", "Yes."),
        ("Please reply above this line of mine.", "Please reply above this line of mine."),
    ]);
}

#[test]
fn a_header_block_in_an_unknown_language_is_known_by_its_form() {
    let body = "Ja.\n________________________________\nXyz: Dana <dana@vendor.example>\nXya: 24.11.2026\nXyb: Calvin\nXyc: x\n\nHi";
    author_wrote(&[(body, "Ja.")]);
}

#[test]
fn a_forward_without_own_words_has_none() {
    author_wrote(&[(
        "---------- Forwarded message ----------\nFrom: Dana <dana@vendor.example>\nDate: x\nSubject: y\nTo: z\n\nHi",
        "",
    )]);
}

#[test]
fn older_marks_of_quotation_are_known() {
    author_wrote(&[
        ("On Tue, 24 Nov 2026, Dana wrote:\n\n=>Can you\n=>do it?\n\nYes.", "Yes."),
        ("On Tue, 24 Nov 2026, Dana wrote:\n\n--]Can you?\n\nYes.", "Yes."),
        (
            "It was 2026-11-24 when dana at vendor.example did gyre:\n\n DF> Can you\n DF> do it?\n\nYes.",
            "Yes.",
        ),
        ("Sure.\n\n| Can you\n|\n| do it?\n", "Sure."),
        (
            "> long quoted line that was wrapped by a program at column seventy or\nso.\n> Next.\n\nYes.",
            "Yes.",
        ),
    ]);
    let table = "| a | b |\n|---|---|\n| 1 | 2 |";
    author_wrote(&[(table, table), (">From here on it is easy.", "From here on it is easy.")]);
}

#[test]
fn signatures_behind_a_delimiter_go() {
    author_wrote(&[
        ("Yes.\n\n-- \nCalvin Reyes\nAccount Executive\n", "Yes."),
        ("Yes.\n--\nCalvin", "Yes."),
        ("Yes.\n\n—\nCalvin Reyes\nVendor Inc.", "Yes."),
        ("Yes.\n\n______________________\nCalvin Reyes\nVendor Inc.\n______________________\n", "Yes."),
        ("-- \nCalvin Reyes\nAccount Executive\n", ""),
        ("On Tue, 24 Nov 2026, Dana <d@v.example> wrote:\n> Hi\n\n-- \nCalvin Reyes", ""),
        ("Here is a fix -- this is no signature.\n\nBye", "Here is a fix -- this is no signature.\n\nBye"),
    ]);
}

#[test]
fn a_row_of_signs_inside_a_text_parts_nothing() {
    let body = "First part, which is about the plan.\n\n---\n\nThe second part says that we will come on Thursday, all of us.";
    author_wrote(&[(body, body), ("Yes.\n***\n####\n=====\n", "Yes.")]);
}

#[test]
fn sections_between_rows_of_signs_are_the_author_s() {
    for sign in ["---", "--", "----------", "____", "—", "***", "========"] {
        for (one, other) in
            [("Price: by team.", "Start: in May."), ("Pricing", "Reporting"), ("Le prix.", "La date ?")]
        {
            let body = format!("Hi Sarah, two things.\n\n{sign}\n\n{one}\n\n{sign}\n\n{other}");
            author_wrote(&[(&body, &body)]);
        }
    }
    let postscript = "See you on Thursday.\n\n---\n\nPS: please bring the numbers.";
    author_wrote(&[(postscript, postscript)]);
    author_wrote(&[
        ("Yes.\n---\nNo, wait for me.\n---\nCalvin Reyes\n+1 555 010 2000", "Yes.\n---\nNo, wait for me."),
        ("Yes.\n\n-- \nCalvin Reyes\nAE\n-- \nYou received this message because you are a member.", "Yes."),
    ]);
}

#[test]
fn delimiters_in_bold_type_and_behind_escapes_begin_a_signature() {
    for mark in ["*-- *", "*--*", "**-- **", "\\--", "*— *", "- -"] {
        author_wrote(&[(
            &format!("Thursday works.\n\n{mark}\n*Calvin Reyes*\nAccount Executive"),
            "Thursday works.",
        )]);
    }
}

#[test]
fn sensitivity_labels_go_above_and_below() {
    for label in [
        "[Vendor - Internal and Partners]",
        "Classification: Internal",
        "CONFIDENTIAL",
        "Vendor Confidential",
        "Sensitivity: General",
        "C1 - Public",
        "TLP:AMBER",
        "Klassifizierung: Intern",
        "Nur für den internen Gebrauch",
        "Diffusion restreinte",
        "Uso interno",
        "Clasificación: Pública",
        "Vertrouwelijk",
        "Informationsklass: Intern",
        "Luokitus: Sisäinen",
        "Klasyfikacja: Poufne",
        "Для служебного пользования",
        "社外秘",
        "대외비",
        "密级：内部",
    ] {
        let quotation = "From: Dana <dana@vendor.example>\nSent: Tuesday\nSubject: demo\n\nHello";
        author_wrote(&[
            (&format!("{label}\n\n\n{quotation}"), ""),
            (&format!("{label}\n\nThursday works.\n\n{quotation}"), "Thursday works."),
            (&format!("Thursday works.\n\n{label}\n\n{quotation}"), "Thursday works."),
        ]);
    }
}

#[test]
fn words_of_labels_in_what_people_write_stay() {
    for body in [
        "Public",
        "This is confidential, Sarah.",
        "Internal or external?",
        "Confidential: our price goes up in May, for all teams alike and for you as well.",
        "Internal\nand external users.",
        "[see the plan]",
        "The classification is internal.",
    ] {
        author_wrote(&[(body, body)]);
    }
}

#[test]
fn lines_behind_a_name_are_quoted_where_two_bear_it() {
    let above = "On Tue, 24 Nov 2026, Dana Fox wrote:";
    for mark in ["C> ", "Dana> ", "dana>", "df> ", "| ", "} ", ": "] {
        let body = format!("{above}\n{mark}Is Thursday fine?\nYes.\n{mark}At two?\n{mark}Or three?\nAt two.");
        let parted = of_plain(&body);
        assert_eq!((parted.author_text.as_str(), parted.quoted), ("Yes.\n\nAt two.", true), "{mark}");
    }
    let prompt = "Type this:\nC> dir\nand send me what it says.";
    author_wrote(&[(prompt, prompt)]);
}

#[test]
fn header_blocks_between_bars_and_in_rows_without_colons_bring_the_rest() {
    author_wrote(&[(
        "Yes.\n\n---- Replied Message ----\n| From | Dana<d@v.example> |\n| Date | 11/24/2026 10:04 |\n| Cc | |\n| Subject | demo |\n\nHi",
        "Yes.",
    )]);
    let rows = |labels: [&str; 4]| {
        let values = ["Dana &lt;d@v.example&gt;", "24.11.2026 10:04", "Sarah", "demo"];
        let row = |(label, value): (&str, &str)| format!("<tr><th>{label}</th><td>{value}</td></tr>");
        labels.into_iter().zip(values).map(row).collect::<String>()
    };
    for labels in [
        ["From", "Sent", "To", "Subject"],
        ["Von", "Gesendet", "An", "Betreff"],
        ["De", "Envoyé", "À", "Objet"],
    ] {
        let parted = of_html(&format!("<p>Yes.</p><table>{}</table><p>Hi</p>", rows(labels)));
        assert_eq!((parted.author_text.as_str(), parted.quoted), ("Yes.", true), "{labels:?}");
    }
    let text = of_html("<p>From Dana I know that you need it.</p><p>To me it is clear.</p>");
    assert!(!text.quoted);
}

#[test]
fn what_devices_add_goes_in_many_languages() {
    for line in [
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy S25 Ultra",
        "Sent from Outlook Mobile<https://aka.ms/x>",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Sent from Mail for Windows 10",
        "Sent from Mail<https://go.example/?LinkId=5> for Windows",
        "Sent via Superhuman ( https://sprh.example/?vip=calvin@vendor.example )",
        "Sent with Shortwave (https://shortwave.example?utm)",
        "Sent with [Shortwave](https://shortwave.example)",
        "Sent using https://www.zoho.example/mail/",
        "Sent from my Verizon, Samsung Galaxy smartphone",
        "Get BlueMail for Android",
        "Securely sent with Tuta Mail",
        "Gesendet von Mail<https://go.example> für Windows",
        "Obtenir Outlook pour Android",
        "Verkrijg Outlook voor Android",
        "Skaff deg Outlook for iOS",
        "Hae Outlook iOS:lle",
        "Uzyskaj aplikację Outlook dla systemu iOS",
        "Získat Outlook pro iOS<https://aka.ms/x>",
        "Az iOS-hez készült Outlook letöltése<https://aka.ms/x>",
        "Получить Outlook для iOS",
        "iOS için Outlook'u edinin",
        "Outlook for iOS を入手<https://aka.ms/x>",
        "iOS용 Outlook 다운로드",
        "获取适用于 iOS 的 Outlook",
        "Sent with Proton Mail secure email.",
        "Von meinem iPhone gesendet",
        "Gesendet von Mail für Windows",
        "Gesendet mit der GMX Mail App",
        "Envoyé de mon iPhone",
        "Envoyé à partir de Outlook pour iOS<https://aka.ms/o0ukef>",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Verzonden vanuit Outlook voor iOS",
        "Skickat från min iPhone",
        "Sendt fra min iPad",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Отправлено с iPhone",
        "Надіслано з iPhone",
        "Odesláno z iPhonu",
        "Odoslané z iPhonu",
        "iPhone'umdan gönderildi",
        "iPhoneから送信",
        "发自我的iPhone",
        "從我的 iPhone 傳送",
        "나의 iPhone에서 보냄",
        "Trimis de pe iPhone",
        "Στάλθηκε από το iPhone μου",
        "Diese Nachricht wurde von meinem Android-Mobiltelefon mit K-9 Mail gesendet.",
        "Enviat des de l'iPhone",
        "Dikirim dari iPhone saya",
    ] {
        assert_eq!(of_plain(&format!("Yes, at two.\n\n{line}\n")).author_text, "Yes, at two.", "{line}");
        assert_eq!(
            of_plain(&format!("{line}\n\nOn 24 Nov 2026, at 10:05, Dana <d@v.example> wrote:\n\n> Hi\n"))
                .author_text,
            "",
            "{line}"
        );
    }
}

#[test]
fn a_sentence_about_sending_stays() {
    for body in [
        "Here it is.\n\nSent from my desk, which is much easier than the phone.",
        "The notification was sent from my iPhone app to all users.",
        "All messages are sent from the main server.",
    ] {
        assert_eq!(of_plain(body).author_text, body);
    }
    author_wrote(&[("Sent from my iPhone\n\nThe words stand below.", "The words stand below.")]);
}

#[test]
fn a_closing_with_a_name_stays_and_one_with_a_visiting_card_goes() {
    author_wrote(&[
        ("Yes, at two.\n\nBest,\nCalvin", "Yes, at two.\n\nBest,\nCalvin"),
        (
            "Yes, at two.\n\nBest regards,\n\nCalvin Reyes\nAccount Executive\nVendor Inc.\n+1 212 555 0100",
            "Yes, at two.",
        ),
        ("Ja, um zwei.\n\nMit freundlichen Grüßen\nCalvin Reyes\nTel. +49 30 1234567", "Ja, um zwei."),
        ("Yes, at two.\n\nCalvin Reyes\nAccount Executive | Vendor\nm: +1 212 555 0100", "Yes, at two."),
        ("Yes, at two.\n\n-Calvin", "Yes, at two."),
        (
            "Yes, at two.\n\nThanks,\nCalvin\nAccount Executive | Vendor\n+1 212 555 0100",
            "Yes, at two.\n\nThanks,",
        ),
        ("Best regards,\nCalvin\n\nOn 24 Nov 2026, at 10:05, Dana <d@v.example> wrote:\n\n> Hi\n", ""),
    ]);
    let list = "We need:\n- Ann\n- Bob";
    author_wrote(&[(list, list)]);
}

#[test]
fn what_is_written_below_a_name_stays() {
    for body in [
        "Yes, at two.\n\nBest,\nCalvin\n\nP.S. Here is the video: https://loom.example/share/abc",
        "Yes, at two.\n\nBest,\nCalvin\n\nhttps://loom.example/share/abc",
        "Which of them?\n\n- Done",
        "Please add:\n\n- Ann",
    ] {
        author_wrote(&[(body, body)]);
    }
}

#[test]
fn contact_details_that_are_the_message_stay() {
    let body = "Call James instead:\n\nJames Ortiz, +1 212 555 0100, is in charge of the pilot now.";
    author_wrote(&[(body, body)]);
}

#[test]
fn disclaimers_scanners_and_list_footers_go() {
    let notes = [
        "This e-mail and any files transmitted with it are confidential and intended solely for the use of the addressee.",
        "CONFIDENTIALITY NOTICE:\nIf you are not the intended recipient, please delete it.",
        "If you have received this email in error please notify the sender.",
        "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen.",
        "Ce message et toutes les pièces jointes sont confidentiels.",
        "Le informazioni contenute in questo messaggio sono riservate e per uso esclusivo del destinatario.",
        "The information in this e-mail is for the attention of the addressee. Any unauthorised disclosure is prohibited.",
        "We accept no liability for viruses in this message.",
        "Virus-free. www.avast.com",
        "Please consider the environment before printing this email.",
        "_______________________________________________\nusers mailing list\nusers@lists.example\nhttp://lists.example/mailman/listinfo/users",
        "*********************\nThis message has been scanned for viruses.\n\nVisit us at www.vendor.example\n*********************",
    ];
    for note in notes {
        assert_eq!(of_plain(&format!("Yes, at two.\n\n{note}\n")).author_text, "Yes, at two.", "{note}");
    }
    let all = format!("Yes, at two.\n\n{}\n", notes.join("\n\n"));
    author_wrote(&[(&all, "Yes, at two.")]);
}

#[test]
fn a_note_without_a_blank_line_above_leaves_the_words_above_it() {
    let note = "This e-mail is confidential and intended solely for the use of the addressee.";
    author_wrote(&[(&format!("Yes, at two.\nBest,\nCalvin\n{note}"), "Yes, at two.\nBest,\nCalvin")]);
    assert_eq!(of_html(&format!("<div>Yes, at two.</div><div>{note}</div>")).author_text, "Yes, at two.");
}

#[test]
fn words_about_lists_and_secrets_stay() {
    for body in [
        "The link on the list page is broken: http://lists.example/mailman/listinfo/users",
        "Hi,\n\nthe message to the board is confidential, so please tell nobody.",
        "Yes.\n\nEvery email is scanned for viruses and monitored day and night, as you asked.",
        "Please keep the numbers confidential.\n\nDo you want to sign up for the pilot?",
    ] {
        assert_eq!(of_plain(body).author_text, body);
    }
}

#[test]
fn banners_of_mail_servers_go() {
    for banner in [
        "CAUTION: This email originated from outside of the organization. Do not click links.",
        "[EXTERNAL EMAIL]",
        "You don't often get email from calvin@vendor.example. Learn why this is important",
        "ACHTUNG: Diese E-Mail kommt von einem externen Absender.",
    ] {
        let ruled = format!("{banner}\n________________________________\n\nWe are in.\n\nSarah Lee\nAcme");
        assert_eq!(of_plain(&ruled).author_text, "We are in.\n\nSarah Lee\nAcme", "{banner}");
        assert_eq!(of_plain(&format!("{banner}\n\nWe are in.")).author_text, "We are in.", "{banner}");
    }
}

#[test]
fn quoted_authors_have_an_instant_only_where_nothing_must_be_guessed() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().ok();
    for (line, instant) in [
        ("On Tue, 24 Nov 2026 10:05:43 -0500 Dana <dana@v.example> wrote:", at("2026-11-24T15:05:43Z")),
        ("2026-11-24 10:05 GMT+01:00 Dana <dana@v.example>:", at("2026-11-24T09:05:00Z")),
        ("On Nov 24, 2026 at 10:05 PM -0800, Dana <dana@v.example> wrote:", at("2026-11-25T06:05:00Z")),
        ("Am 24. November 2026 10:05:00 UTC schrieb Dana <dana@v.example>:", at("2026-11-24T10:05:00Z")),
        ("On Tue, Nov 24, 2026 at 10:05 AM Dana <dana@v.example> wrote:", None),
        ("Am 24.11.26 um 10:05 schrieb Dana <dana@v.example>:", None),
    ] {
        let authors = of_plain(&format!("Yes.\n\n{line}\n> Hi\n")).quoted_authors;
        assert_eq!(
            authors.iter().map(|author| (author.address.as_str(), author.at)).collect::<Vec<_>>(),
            [("dana@v.example", instant)],
            "{line}"
        );
    }
}

#[test]
fn authors_are_named_at_every_depth_once() {
    let parted = of_plain(
        "Yes.\n\nOn 24 Nov 2026, Ann <ann@x.example> wrote:\n> b\n> On 23 Nov 2026, Bob <bob@y.example> wrote:\n>> c\n>> From: Cy <cy@z.example>\n>> Sent: x\n>> To: y\n>> Subject: z\n",
    );
    let names: Vec<&str> = parted.quoted_authors.iter().map(|author| author.address.as_str()).collect();
    assert_eq!(names, ["ann@x.example", "bob@y.example", "cy@z.example"]);
}

#[test]
fn links_are_those_of_the_author_s_own_part() {
    let parted = of_plain(
        "See https://loom.example/share/1, or (www.acme.example).\n\n-- \nhttps://vendor.example\n\n> https://old.example",
    );
    assert_eq!(parted.author_links, ["https://loom.example/share/1", "http://www.acme.example"]);
    let html = "<p>See <a href='https://loom.example/share/2'><img src='cid:1'></a></p><div class='gmail_signature'><a href='https://v.example'>v</a></div>\
        <blockquote type='cite'><a href='https://old.example'>old</a></blockquote><a href='mailto:x@y.example'>x</a>";
    assert_eq!(of_html(html).author_links, ["https://loom.example/share/2"]);
}

#[test]
fn gmail_s_quotation_and_signature_are_told_by_their_elements() {
    let parted = of_html(
        "<div dir=\"ltr\">Thursday works.<br clear=\"all\"><div class=\"gmail_signature\">Calvin<br>AE</div></div><br>\
         <div class=\"gmail_quote\"><div class=\"gmail_attr\">Foo bar &lt;<a href=\"mailto:d@v.example\">d@v.example</a>&gt; baz<br></div>\
         <blockquote class=\"gmail_quote\"><div>Can you?</div></blockquote><div>An answer inside.</div><blockquote class=\"gmail_quote\">And?</blockquote></div>",
    );
    assert_eq!(
        parted.author_text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(),
        ["Thursday works.", "An answer inside."]
    );
    assert!(parted.quoted_text.contains("Can you?") && parted.quoted_text.contains("And?"));
}

#[test]
fn outlook_s_quotation_is_told_by_its_elements_in_any_language() {
    for html in [
        "<p class=\"MsoNormal\">Got it.</p><div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\"><b>Xyz:</b> Dana</p></div></div><p>old</p>",
        "<div>Got it.</div><div id=\"Signature\"><p>Calvin</p></div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>Xyz:</b> Dana</div><div>old</div>",
        "<div>Got it.</div><span id=\"OLK_SRC_BODY_SECTION\"><div>old</div></span>",
        "<div>Got it.</div><div id=\"mail-editor-reference-message-container\"><div>old</div></div>",
    ] {
        let parted = of_html(html);
        assert_eq!((parted.author_text.as_str(), parted.quoted), ("Got it.", true), "{html}");
        assert!(parted.quoted_text.contains("old"), "{html}");
    }
}

#[test]
fn other_programs_quotations_are_told_by_their_elements() {
    for html in [
        "<p>Got it.</p><div class=\"moz-cite-prefix\">Xyz<br></div><blockquote type=\"cite\" cite=\"mid:1@x\">old</blockquote>",
        "<div>Got it.</div><div id=\"yahoo_quoted_1\" class=\"yahoo_quoted\"><div>old</div></div>",
        "<div>Got it.</div><blockquote class=\"protonmail_quote\">old</blockquote>",
        "<div>Got it.</div><div name=\"quote\" style=\"margin:10px\">old</div>",
        "<div>Got it.</div><div name=\"messageReplySection\">old</div>",
        "<div>Got it.</div><div>On 24 Nov 2026, Dana wrote:</div><blockquote style=\"margin:0 0 0 40px\">old</blockquote>",
    ] {
        let parted = of_html(html);
        assert_eq!((parted.author_text.as_str(), parted.quoted), ("Got it.", true), "{html}");
    }
}

#[test]
fn indented_paragraphs_are_the_author_s() {
    let parted = of_html(
        "<div>Plan:</div><blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">two steps</blockquote>",
    );
    assert_eq!((parted.author_text.as_str(), parted.quoted), ("Plan:\n\ntwo steps", false));
}

#[test]
fn html_becomes_text_as_it_is_seen() {
    for (html, text) in [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br>b &amp; c&nbsp;d", "a\nb & c d"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        (
            "<ul><li><div role=presentation>one</div></li><li><p>two</p></li><li></li><li>3</li></ul>",
            "- one\n- two\n\n-\n- 3",
        ),
        ("<style>p{}</style><script>x()</script><title>t</title><p>a</p><!-- c -->", "a"),
        ("<span style=\"display:none\">preview</span><p>a</p>", "a"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>x\n  y</pre>", "x\n  y"),
        ("fine <img alt=\"\u{1f44d}\" src=x> <img alt=\"logo\">", "fine \u{1f44d}"),
        ("<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb"),
    ] {
        assert_eq!(html_to_text(html), text, "{html}");
    }
}

#[test]
fn the_part_that_holds_the_words_is_read() {
    let author = |plain, html| split(plain, html).author_text;
    assert_eq!(author(Some("  \n"), Some("<p>a</p>")), "a");
    assert_eq!(
        author(
            Some("Please view this in HTML."),
            Some("<p>A long enough text that says what is to be said here.</p>")
        ),
        "A long enough text that says what is to be said here."
    );
    assert_eq!(
        author(Some("A long enough text that says what is to be said here."), Some("<p>list footer</p>")),
        "A long enough text that says what is to be said here."
    );
    assert_eq!(author(Some("a"), Some("<p> </p>")), "a");
}

#[test]
fn a_form_filled_in_inside_the_quotation_can_be_read_there() {
    let plain = of_plain(
        "On 24 Nov 2026, Dana <d@v.example> wrote:\n> Outcome (held, rescheduled, no-show): held\n> Score (1 to 5): 4\n",
    );
    let html = of_html(
        "<blockquote type=cite><div>Outcome (held, rescheduled, no-show): held</div><div>Score (1 to 5): 4</div></blockquote>",
    );
    for parted in [plain, html] {
        assert!(
            parted.quoted_text.contains("Outcome (held, rescheduled, no-show): held\nScore (1 to 5): 4"),
            "{parted:?}"
        );
        assert_eq!(parted.author_text, "");
    }
}

#[test]
fn prefixes_of_subjects_go_in_any_language() {
    for prefix in [
        "Re",
        "RE",
        "re",
        "Re[2]",
        "Re (3)",
        "Re^4",
        "Re ",
        "AW",
        "Antw",
        "SV",
        "VS",
        "R",
        "RIF",
        "Rif",
        "Risposta",
        "Odp",
        "Odp.",
        "Ynt",
        "YNT",
        "RES",
        "Απ",
        "ΑΠ",
        "Ответ",
        "НА",
        "На",
        "回复",
        "答复",
        "返信",
        "답장",
        "השב",
        "Fwd",
        "FWD",
        "Fw",
        "FW",
        "WG",
        "TR",
        "RV",
        "ENC",
        "I",
        "VB",
        "转发",
        "轉寄",
        "Bls",
        "Ats",
        "Atb",
        "Odg",
        "Одг",
        "Jawab",
        "Rs",
        "Risp",
        "Vá",
        "Yan",
        "Për",
        "پاسخ",
        "رد",
        "VL",
        "PD",
        "Doorst",
        "Re: AW",
        "Re: Re: Fwd",
        "[External] Re",
        "Re: [EXT]",
        "EXTERNAL: Re",
        "[team] Re",
        "(External) AW",
    ] {
        for colon in [":", ": ", "："] {
            assert_eq!(
                base_subject(&format!("{prefix}{colon}Sarah, intro to Calvin + Thursday's agenda")),
                "Sarah, intro to Calvin + Thursday's agenda",
                "{prefix}{colon}"
            );
        }
    }
}

#[test]
fn what_is_no_prefix_stays_in_the_subject() {
    for subject in [
        "Sarah, intro to Calvin + Thursday's agenda",
        "Reminder: tomorrow",
        "Note: a",
        "[team] plan",
        "Acme: next steps",
        "Ref 12: a",
        "",
    ] {
        assert_eq!(base_subject(subject), subject);
    }
    for (subject, base) in [
        ("Re:", ""),
        ("plan (fwd)", "plan"),
        ("[Fwd: plan]", "plan"),
        ("Re: [team] plan", "[team] plan"),
        ("  Re:  two   words ", "two words"),
    ] {
        assert_eq!(base_subject(subject), base, "{subject}");
    }
}

#[test]
fn hostile_bodies_are_read_in_time_and_without_recursion() {
    let size = 1 << 18;
    for unit in [
        "<div>",
        "<blockquote type=cite>",
        "</div>",
        "<div class=gmail_quote>",
        "<a href=http://x.example>",
        "<p>a",
        "&lt;",
        "<!--",
        "<b <b ",
        "\u{202b}",
        "<table><tr><td>",
        "<div id=divRplyFwdMsg></blockquote>",
        "<style>",
        "<br>",
        "<li>",
    ] {
        let _ = of_html(&unit.repeat(size / unit.len()));
    }
    for unit in [
        ">",
        "> > ",
        "a:\n",
        "On 2026-11-24 a@b.example wrote:\n",
        "From: a@b.example\nTo: b\nDate: c\nSubject: d\n",
        "-- \n",
        "\n",
        "________________\n",
        "a <\n",
        "*",
        "http://",
        "Best,\n",
        "intended recipient\n\n",
        "| a\n",
        "Sent from my iPhone\n",
        "\u{feff}",
        "a.b@c.example:\n",
        "(((((",
        "----- a",
        "=>\n",
        "A Name\n\n+1 212 555 0100\n",
    ] {
        let _ = of_plain(&unit.repeat(size / unit.len()));
    }
    let _ = base_subject(&"Re: ".repeat(size / 4));
    let _ = base_subject(&"[a] ".repeat(size / 4));
}

const WORDS: &str = "Thursday at two works. I will bring the export.";
const QUOTED: &str = "<p>Sarah, meet Calvin.</p>";
const ATTRIBUTION: &str = "On Tue, Nov 24, 2026 at 10:05 AM Dana Fox &lt;dana@vendor.example&gt; wrote:";
const BLOCK: &str = "<p><b>From:</b> Dana Fox &lt;dana@vendor.example&gt;<br><b>Sent:</b> Tuesday, November 24, 2026 10:05 AM<br>\
                     <b>To:</b> Sarah Lee &lt;sarah@acme.example&gt;<br><b>Subject:</b> intro</p>";

/// Elements that programs keep for quotations, with the sign of each.
const KEPT_FOR_QUOTATIONS: [&str; 9] = [
    "class=\"gmail_quote\"",
    "class=\"gmail_quote gmail_quote_container\"",
    "class=\"x_gmail_quote\"",
    "id=\"mail-editor-reference-message-container\"",
    "class=\"protonmail_quote\"",
    "class=\"yahoo_quoted\" id=\"yahoo_quoted_1234\"",
    "class=\"zmail_extra\"",
    "name=\"messageReplySection\"",
    "class=\"missive_quote\"",
];

#[test]
fn words_in_an_element_for_quotations_are_the_author_s_where_nothing_else_was_written() {
    for kept in KEPT_FOR_QUOTATIONS {
        let quotation = format!("<div>{ATTRIBUTION}</div><blockquote type=\"cite\">{QUOTED}</blockquote>");
        for body in [
            format!("<div {kept}><div>{WORDS}</div></div>"),
            format!("<div><br></div><div {kept}><div>{WORDS}</div>{quotation}</div>"),
            format!("<div {kept}>{quotation}<div>{WORDS}</div></div>"),
            format!("<div {kept}><p>{WORDS}</p><hr><div>{BLOCK}</div>{QUOTED}</div>"),
        ] {
            assert_eq!(of_html(&body).author_text, WORDS, "{body}");
        }
        let greeted = of_html(&format!("<div>Sarah,</div><div {kept}><div>{WORDS}</div></div>"));
        assert_eq!(
            greeted.author_text.split_whitespace().collect::<Vec<_>>().join(" "),
            format!("Sarah, {WORDS}")
        );
    }
}

#[test]
fn an_element_for_quotations_stays_one_beside_other_words_and_where_it_quotes() {
    for kept in KEPT_FOR_QUOTATIONS {
        let quotation = format!("<div>{ATTRIBUTION}</div><blockquote type=\"cite\">{QUOTED}</blockquote>");
        for inside in [quotation, format!("<div>{ATTRIBUTION}</div>{QUOTED}"), format!("{BLOCK}{QUOTED}")] {
            assert_eq!(of_html(&format!("<div {kept}>{inside}</div>")).author_text, "", "{kept} {inside}");
            let answered = format!("<p>{WORDS}</p><div {kept}>{inside}</div>");
            assert_eq!(of_html(&answered).author_text, WORDS, "{kept} {inside}");
        }
        let older = format!("<p>{WORDS}</p><div {kept}><p>What did you find?</p></div>");
        assert_eq!(of_html(&older).author_text, WORDS, "{kept}");
    }
}

/// Yahoo puts no block quotation around the original, which may hold one of its own.
#[test]
fn what_follows_a_quotation_inside_of_an_unmarked_original_is_the_originals() {
    let body = format!(
        "<div class=\"yahoo_quoted\"><div>{ATTRIBUTION}</div><p>See below.</p><blockquote>older</blockquote><p>Talk soon, Dana</p></div>"
    );
    assert_eq!(of_html(&body).author_text, "");
    // nor is a greeting alone in there anybody's answer
    let greeted =
        format!("<div class=\"gmail_quote\"><div>Sarah,</div><div>{ATTRIBUTION}</div>{QUOTED}</div>");
    assert_eq!(of_html(&greeted).author_text, "");
}

#[test]
fn ends_of_ordinary_sentences_are_no_device_s_line() {
    author_wrote(&[
        ("요청하신 자료를 회사 계정에서 보냈습니다.", "요청하신 자료를 회사 계정에서 보냈습니다."),
        ("来自上海的同事会参加演示。", "来自上海的同事会参加演示。"),
        ("資料は先ほど会社のアドレスから送信しました", "資料は先ほど会社のアドレスから送信しました"),
        ("可以。\n\n来自我的iPhone", "可以。"),
        ("네.\n\n삼성 갤럭시 스마트폰에서 보냈습니다.", "네."),
    ]);
}

#[test]
fn what_follows_an_indented_original_is_the_author_s() {
    let bar = "border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt";
    let line = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm";
    let body = format!(
        "<p>Yes.</p><div style=\"{bar}\"><div style=\"{line}\">{BLOCK}</div><p>Forty seats?</p></div><p>It runs in Frankfurt.</p>"
    );
    assert_eq!(
        of_html(&body).author_text.split_whitespace().collect::<Vec<_>>().join(" "),
        "Yes. It runs in Frankfurt."
    );
    let to_the_end =
        format!("<p>Yes.</p><div style=\"{line}\">{BLOCK}</div><p>Forty seats?</p><p>It runs.</p>");
    assert_eq!(of_html(&to_the_end).author_text, "Yes.");
}

#[test]
fn an_attribution_that_is_wrapped_behind_the_sender_is_whole() {
    for attribution in [
        "Dana Fox <dana@vendor-international.example> ezt\nírta (időpont: 2026. nov. 24., K, 10:04):",
        "Dana Fox <dana@vendor-international.example>, 24\nKas 2026 Sal, 10:04 tarihinde şunu yazdı:",
        "Dana Fox <dana@vendor-international.example> 於\n2026年11月24日 週二 上午10:04寫道：",
        "Dana Fox <dana@vendor-international.example>\n于2026年11月24日周二 10:04写道：",
    ] {
        assert_eq!(
            of_plain(&format!("Yes.\n\n{attribution}\n\n> Hi\n")).author_text,
            "Yes.",
            "{attribution}"
        );
        assert_eq!(of_plain(&format!("{attribution}\n\n> Hi\n")).author_text, "", "{attribution}");
    }
    let told = "Ask Dana Fox <dana@vendor.example>.\n\nOn Tue, Nov 24, 2026 at 10:05 AM Ann wrote:\n> Hi\n";
    assert_eq!(of_plain(told).author_text, "Ask Dana Fox <dana@vendor.example>.");
}

#[test]
fn an_unmarked_original_that_its_author_signed_was_not_written_below_its_attribution() {
    let top = "On Tuesday, November 24, 2026 at 10:04:00 AM EST, Dana Fox <dana@vendor.example> wrote:";
    assert_eq!(of_plain(&format!("{top}\n\nSarah, meet Calvin.\n\nDana\n")).author_text, "");
    for answer in ["Dana -\n\nYes, two works.", "Tuesday.", "Dana:\nYes, Tuesday."] {
        assert_eq!(of_plain(&format!("{top}\n\n{answer}\n")).author_text, answer);
    }
    assert_eq!(
        of_plain(&format!("{top}\n\nYes, Thursday.\n\nCalvin\n")).author_text,
        "Yes, Thursday.\n\nCalvin"
    );
}

#[test]
fn a_help_desks_line_on_top_is_no_quotations() {
    let line = "##- Please type your reply above this line -##";
    assert_eq!(of_plain(&format!("{line}\n\n{WORDS}\n")).author_text, WORDS);
    assert_eq!(of_plain(&format!("{WORDS}\n\n{line}\n\nForty seats?\n")).author_text, WORDS);
}

fn bodies() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~\n]{0,40}",
        "\\PC{0,20}",
        Just("\n> ".to_owned()),
        Just("\nOn 24 Nov 2026, Ann <ann@x.example> wrote:\n".to_owned()),
        Just("\nFrom: a@b.example\nSent: x\nSubject: y\n".to_owned()),
        Just("\n-- \n".to_owned()),
        Just("\nBest regards,\nAnn Lee\n+1 212 555 0100\n".to_owned()),
        Just("<blockquote type=\"cite\">".to_owned()),
        Just("</blockquote>".to_owned()),
        Just("<div class=\"gmail_quote\">".to_owned()),
        Just("<p>".to_owned()),
        Just("<a href=\"http://x.example\">".to_owned()),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_body_is_taken_apart_without_panic_or_growth(body in bodies()) {
        for parted in [of_plain(&body), of_html(&body)] {
            // a list item's dash is all that is ever added
            prop_assert!(parted.author_text.len() + parted.quoted_text.len() <= 3 * body.len() + 16);
            prop_assert_eq!(parted.author_text.trim(), parted.author_text.as_str());
        }
    }

    #[test]
    fn plain_words_come_back_as_they_were(words in "[a-z]{1,12}( [a-z]{1,12}){2,8}\\.") {
        prop_assert_eq!(of_plain(&words).author_text, words);
    }

    #[test]
    fn a_subject_without_prefix_is_its_own_base(subject in "[A-Z][a-z]{3,9}( [a-z]{2,9}){0,6}") {
        prop_assert_eq!(base_subject(&format!("Re: {subject}")), subject.clone());
        prop_assert_eq!(base_subject(&subject), subject);
    }
}

#[test]
fn a_closing_and_the_authors_name_in_one_line_say_nothing() {
    let own = |text: &str| split_by(&MailPeople::author("Calvin Reyes"), Some(text), None).author_text;
    for text in [
        "Mit freundlichen Grüßen Calvin Reyes",
        "Regards Calvin Reyes",
        "MfG Calvin Reyes",
        "Sincerely, Calvin Reyes",
        "Met vriendelijke groet, Calvin Reyes",
        "Pozdrawiam, Calvin Reyes",
        "BR/Calvin",
        "Best, Calvin.",
    ] {
        assert_eq!(own(text), "", "{text}");
    }
    for text in
        ["Regards Sarah Lee", "Thursday works. Best, Calvin", "Calvin will call", "Thanks, Calvin will call"]
    {
        assert_eq!(own(text), text, "{text}");
    }
}

#[test]
fn what_is_struck_out_is_not_said() {
    let read = |html: &str| html_to_text(html);
    for struck in [
        "<s>Zoom</s>",
        "<del>Zoom</del>",
        "<strike>Zoom</strike>",
        "<span style='text-decoration: line-through'>Zoom</span>",
    ] {
        assert_eq!(
            read(&format!("<p>Format: {struck} Teams</p>")).split_whitespace().collect::<Vec<_>>().join(" "),
            "Format: Teams",
            "{struck}"
        );
    }
}

#[test]
fn a_picture_before_any_word_of_the_author_is_known() {
    let quoted = "<blockquote type=cite><img src='cid:logo'>Old words</blockquote>";
    for (html, is_own) in [
        ("<div><img src='cid:ii_1' alt='image.png' width=500 height=300></div>", true),
        ("<p><img src='https://gifs.example/yes.gif'></p><p>Calvin Reyes</p>", true),
        ("<div><br></div><div id='Signature'>Calvin Reyes<br><img src='cid:logo'></div>", false),
        ("<div><img src='https://t.example/o.gif' width=1 height=1></div>", false),
        ("<p>Calvin Reyes</p><img src='cid:logo'>", false),
        ("<div></div>", false),
    ] {
        let split = split_by(&MailPeople::author("Calvin Reyes"), None, Some(&format!("{html}{quoted}")));
        assert_eq!(split.opens_with_picture, is_own, "{html}");
    }
}
