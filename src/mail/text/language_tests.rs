//! Attributions, markers and header blocks in the languages that mail programs write them in.

use super::split;

/// Language; `Ann wrote:`, `On .. Ann wrote:`, `Ann wrote on ..:`; labels of From, Date, To, Subject.
type Language = (&'static str, [&'static str; 3], [&'static str; 2], [&'static str; 4]);

const LANGUAGES: &[Language] = &[
    (
        "af",
        ["Ann Lee wrote:", "On 24.11.26 10:05, Ann Lee wrote:", "Ann Lee wrote on 24.11.26 10:05:"],
        ["-------- Oorspronklike boodskap --------", "-------- Forwarded Message --------"],
        ["Van", "Datum", "Aan", "Onderwerp"],
    ),
    (
        "ar",
        [
            "كتب Ann Lee:",
            "على 24.11.26 \u{202b}10:05، كتب Ann Lee:",
            "كتب Ann Lee على 24.11.26 \u{202b}10:05:",
        ],
        ["-------- الرسالة الأصليَّة --------", "-------- رسالة ممرّرة --------"],
        ["مِن", "التاريخ", "إلى", "الموضوع"],
    ),
    (
        "ast",
        [
            "Ann Lee escribió:",
            "El 24.11.26 a les 10:05, Ann Lee escribió:",
            "Ann Lee escribió'l 24.11.26 a les 10:05:",
        ],
        ["-------- Mensaxe orixinal --------", "-------- Mensaxe reunviáu --------"],
        ["De", "Data", "Pa", "Asuntu"],
    ),
    (
        "be",
        ["Ann Lee напісаў:", "24.11.26 у 10:05 Ann Lee напісаў:", "Ann Lee напісаў 24.11.26 у 10:05:"],
        ["-------- Зыходнае паведамленне --------", "-------- Перанакіраванае паведамленне --------"],
        ["Ад", "Дата", "Да", "Тэма"],
    ),
    (
        "bg",
        ["Ann Lee написа:", "На 24.11.26 в 10:05, Ann Lee написа:", "Ann Lee написа на 24.11.26 в 10:05:"],
        ["-------- Оригинално писмо --------", "-------- Препратено писмо --------"],
        ["От", "Дата", "До", "Тема"],
    ),
    (
        "br",
        [
            "Skrivet eo bet gant Ann Lee :",
            "D'an/ar 24.11.26 10:05 eo bet skrivet gant Ann Lee :",
            "D'an/ar 24.11.26 10:05 eo bet skrivet gant Ann Lee :",
        ],
        ["-------- Kemennadenn orinel --------", "-------- Kemennadenn orinel --------"],
        ["A-berzh", "Deiziad", "Da", "Danvez"],
    ),
    (
        "ca",
        [
            "Ann Lee ha escrit:",
            "El 24.11.26 a les 10:05, Ann Lee ha escrit:",
            "Ann Lee ha escrit el 24.11.26 a les 10:05:",
        ],
        ["-------- Missatge original --------", "-------- Missatge reenviat --------"],
        ["De", "Data", "Per a", "Assumpte"],
    ),
    (
        "cak",
        [
            "Ann Lee xutz'ib'aj:",
            "Ri 24.11.26 10:05, Ann Lee xutz'ib'aj:",
            "Ann Lee xutz'ib'aj pa 24.11.26 10:05:",
        ],
        ["-------- Qitzij Rutzijol --------", "-------- Taqon chik Rutzijol --------"],
        ["Richin", "Q'ijul", "Chi re", "Taqikil"],
    ),
    (
        "cs",
        [
            "Ann Lee napsal(a):",
            "Dne 24.11.26 v 10:05 Ann Lee napsal(a):",
            "Ann Lee napsal(a) dne 24.11.26 v 10:05:",
        ],
        ["-------- Původní zpráva --------", "-------- Přeposlaná zpráva --------"],
        ["Od", "Datum", "Komu", "Předmět"],
    ),
    (
        "cy",
        [
            "Ysgrifennodd Ann Lee:",
            "Ar 24.11.26 10:05, ysgrifennodd Ann Lee:",
            "Ysgrifennodd Ann Lee ar 24.11.26 10:05:",
        ],
        ["-------- Neges Wreiddiol --------", "-------- Neges Wreiddiol --------"],
        ["Oddi wrth", "Dyddiad", "At", "Pwnc"],
    ),
    (
        "da",
        ["Ann Lee skrev:", "Den 24.11.26 kl. 10:05 skrev Ann Lee:", "Ann Lee skrev den 24.11.26 kl. 10:05:"],
        ["-------- Oprindelig meddelelse --------", "-------- Videresendt meddelelse --------"],
        ["Fra", "Dato", "Til", "Emne"],
    ),
    (
        "de",
        [
            "Ann Lee schrieb:",
            "Am 24.11.26 um 10:05 schrieb Ann Lee:",
            "Ann Lee schrieb am 24.11.26 um 10:05:",
        ],
        ["-------- Original-Nachricht --------", "-------- Weitergeleitete Nachricht --------"],
        ["Von", "Datum", "An", "Betreff"],
    ),
    (
        "dsb",
        ["Ann Lee jo napisał:", "24.11.26 10:05 jo Ann Lee napisał:", "Ann Lee jo 24.11.26 10:05 napisał:"],
        ["-------- Originalna powěsć --------", "-------- Dalej pósrědnjona powěsć --------"],
        ["Wót", "Datum", "Komu", "Tema"],
    ),
    (
        "el",
        [
            "Ο/Η Ann Lee έγραψε:",
            "Στις 24.11.26 10:05, ο/η Ann Lee έγραψε:",
            "Ο/Η Ann Lee έγραψε στις 24.11.26 10:05:",
        ],
        ["-------- Αρχικό μήνυμα --------", "-------- Προωθημένο μήνυμα --------"],
        ["Από", "Ημερομηνία", "Προς", "Θέμα"],
    ),
    (
        "en-CA",
        ["Ann Lee wrote:", "On 24.11.26 10:05, Ann Lee wrote:", "Ann Lee wrote on 24.11.26 10:05:"],
        ["-------- Original Message --------", "-------- Forwarded Message --------"],
        ["From", "Date", "To", "Subject"],
    ),
    (
        "en-GB",
        ["Ann Lee wrote:", "On 24.11.26 10:05, Ann Lee wrote:", "Ann Lee wrote on 24.11.26 10:05:"],
        ["-------- Original Message --------", "-------- Forwarded Message --------"],
        ["From", "Date", "To", "Subject"],
    ),
    (
        "es-AR",
        [
            "Ann Lee escribió:",
            "El 24.11.26 a las 10:05, Ann Lee escribió:",
            "Ann Lee escribió el 24.11.26 a las 10:05:",
        ],
        ["-------- Mensaje original --------", "-------- Mensaje reenviado --------"],
        ["De", "Fecha", "A", "Asunto"],
    ),
    (
        "es-ES",
        [
            "Ann Lee escribió:",
            "El 24.11.26 a las 10:05, Ann Lee escribió:",
            "Ann Lee escribió el 24.11.26 a las 10:05:",
        ],
        ["-------- Mensaje original --------", "-------- Mensaje reenviado --------"],
        ["De", "Fecha", "Para", "Asunto"],
    ),
    (
        "es-MX",
        ["Ann Lee escribió:", "En 24.11.26 10:05, Ann Lee escribió:", "Ann Lee escribió el 24.11.26 10:05:"],
        ["-------- Mensaje original --------", "-------- Mensaje reenviado --------"],
        ["De", "Fecha", "Para", "Asunto"],
    ),
    (
        "et",
        ["Ann Lee kirjutas:", "24.11.26 10:05 Ann Lee kirjutas:", "Ann Lee kirjutas 24.11.26 10:05:"],
        ["-------- Algne kiri --------", "-------- Edastatud kiri --------"],
        ["Saatja", "Kuupäev", "Saaja", "Teema"],
    ),
    (
        "eu",
        [
            "Ann Leek idatzi zuen:",
            "24.11.26 10:05(e)an, Ann Lee igorleak idatzi zuen:",
            "Ann Lee igorleak 24.11.26 10:05(e)an idatzi zuen:",
        ],
        ["-------- Jatorrizko mezua --------", "-------- Birbidalitako mezua --------"],
        ["Nork", "Data", "Nori", "Gaia"],
    ),
    (
        "fi",
        ["Ann Lee kirjoitti:", "Ann Lee kirjoitti 24.11.26 klo 10:05:", "Ann Lee kirjoitti 24.11.26 10:05:"],
        ["-------- Alkuperäinen viesti / Orig.Msg. --------", "-------- Välitetty viesti / Fwd.Msg --------"],
        ["Lähettäjä", "Päiväys", "Vastaanottaja", "Aihe"],
    ),
    (
        "fr",
        [
            "Ann Lee a écrit\u{a0}:",
            "Le 24.11.26 à 10:05, Ann Lee a écrit\u{a0}:",
            "Ann Lee a écrit le 24.11.26 à 10:05\u{a0}:",
        ],
        ["-------- Message original --------", "-------- Message transféré --------"],
        ["Expéditeur", "Date", "Destinataire", "Sujet"],
    ),
    (
        "fy-NL",
        ["Ann Lee skreau:", "Op 24.11.26 om 10:05, skreau Ann Lee:", "Ann Lee skreau op 24.11.26 om 10:05:"],
        ["-------- Oarspronklik berjocht --------", "-------- Trochstjoerd berjocht --------"],
        ["Fan", "Datum", "Oan", "Underwerp"],
    ),
    (
        "ga-IE",
        ["Scríobh Ann Lee:", "Ar 24.11.26 10:05, scríobh Ann Lee:", "Scríobh Ann Lee ar 24.11.26 10:05:"],
        ["-------- Teachtaireacht Bhunaidh --------", "-------- Teachtaireacht Ar Aghaidh --------"],
        ["Ó", "Dáta", "Chuig", "Ábhar"],
    ),
    (
        "gd",
        [
            "Sgrìobh Ann Lee na leanas:",
            "Sgrìobh Ann Lee na leanas 24.11.26 aig 10:05:",
            "Sgrìobh Ann Lee na leanas 24.11.26 aig 10:05:",
        ],
        [
            "-------- An teachdaireachd thùsail --------",
            "-------- An teachdaireachd a tha ’ga shìneadh air adhart --------",
        ],
        ["O", "Ceann-là", "Gu", "Cuspair"],
    ),
    (
        "gl",
        [
            "Ann Lee escribiu:",
            "O 24.11.26 ás 10:05, Ann Lee escribiu:",
            "Ann Lee escribiu o 24.11.26 ás 10:05:",
        ],
        ["-------- Mensaxe orixinal --------", "-------- Mensaxe reenviada --------"],
        ["De", "Data", "Para", "Asunto"],
    ),
    (
        "he",
        [
            "נכתב על ידי Ann Lee:",
            "נכתב על ידי Ann Lee, ב־24.11.26 בשעה 10:05:",
            "Ann Lee wrote on 24.11.26 10:05:",
        ],
        ["-------- הודעה מקורית --------", "-------- הודעה שהועברה --------"],
        ["מאת", "תאריך", "אל", "נושא"],
    ),
    (
        "hr",
        ["Ann Lee piše:", "24.11.26 u 10:05, Ann Lee piše:", "Ann Lee napisao je 24.11.26 u 10:05:"],
        ["-------- Izvorna poruka --------", "-------- Proslijeđena poruka --------"],
        ["From", "Date", "To", "Subject"],
    ),
    (
        "hsb",
        ["Ann Lee napisa:", "24.11.26 10:05 Ann Lee napisa:", "Ann Lee 24.11.26 10:05 napisa:"],
        ["-------- Originalna powěsć --------", "-------- Dale sposrědkowana powěsć --------"],
        ["Wot", "Datum", "Komu", "Tema"],
    ),
    (
        "hu",
        [
            "Ann Lee írta:",
            "24.11.26 10:05 keltezéssel, Ann Lee írta:",
            "Ann Lee írta 24.11.26 10:05 dátummal:",
        ],
        ["-------- Eredeti üzenet --------", "-------- Továbbított üzenet --------"],
        ["Feladó", "Dátum", "Címzett", "Tárgy"],
    ),
    (
        "hy-AM",
        ["Ann Lee-ը գրել է.", "24.11.26 10:05-ին Ann Leeը գրել է.", "Ann Lee-ը գրել է 24.11.26 10:05-ին."],
        ["-------- Բնօրինակ նամակը --------", "-------- Փոխանցվող նամակը --------"],
        ["Ումից", "Ամսաթիվ", "Ում", "Վերնագիր"],
    ),
    (
        "id",
        ["Ann Lee menulis:", "Pada 24.11.26 10:05, Ann Lee menulis:", "Ann Lee menulis di 24.11.26 10:05:"],
        ["-------- Pesan Asli --------", "-------- Pesan Diteruskan --------"],
        ["From", "Date", "To", "Subject"],
    ),
    (
        "is",
        [
            "Ann Lee skrifaði:",
            "Þann 24.11.26 10:05, skrifaði Ann Lee:",
            "Ann Lee skrifaði þann 24.11.26 10:05:",
        ],
        ["-------- Upprunalegur póstur --------", "-------- Áframsendur póstur --------"],
        ["Frá", "Dagsetning", "Til", "Efni"],
    ),
    (
        "it",
        [
            "Ann Lee ha scritto:",
            "Il 24.11.26 10:05, Ann Lee ha scritto:",
            "Ann Lee ha scritto il 24.11.26 alle 10:05:",
        ],
        ["-------- Messaggio originale --------", "-------- Messaggio Inoltrato --------"],
        ["Da", "Data", "A", "Oggetto"],
    ),
    (
        "ja",
        ["Ann Lee wrote:", "On 24.11.26 10:05, Ann Lee wrote:", "Ann Lee wrote on 24.11.26 10:05:"],
        ["-------- Original Message --------", "-------- Forwarded Message --------"],
        ["From", "Date", "To", "Subject"],
    ),
    (
        "ka",
        ["Ann Lee წერს:", "თარიღი 24.11.26 10:05, Ann Lee წერს:", "თარიღი 24.11.26 10:05, Ann Lee წერს:"],
        ["-------- საწყისი წერილი --------", "-------- გადაგზავნილი წერილი --------"],
        ["ვინ", "თარიღი", "ვის", "თემა"],
    ),
    (
        "kab",
        ["Ann Lee yura:", "Di 24.11.26 10:05, Ann Lee yura:", "Ann Lee yura  di 24.11.26 10:05:"],
        ["-------- Izen anezli --------", "-------- Izen yettwawelhen --------"],
        ["Si", "Azemz", "I", "Asentel"],
    ),
    (
        "kk",
        [
            "Ann Lee жазған:",
            "24.11.26 10:05 уақытында, Ann Lee жазған:",
            "Ann Lee жазған, уақыты 24.11.26 10:05:",
        ],
        ["-------- Түпнұсқа хабарламасы --------", "-------- Әрі қарай жіберілген хабарлама --------"],
        ["Кімнен", "Күні", "Кімге", "Тақырыбы"],
    ),
    (
        "ko",
        [
            "Ann Lee 이(가) 쓴 글",
            "24.11.26 10:05에 Ann Lee 이(가) 쓴 글:",
            "Ann Lee 이(가) 24.11.26 10:05 에 쓴 글:",
        ],
        ["--------    원본 메시지    --------", "-------- 전달된 메시지 --------"],
        ["보낸 사람", "날짜", "받는 사람", "제목"],
    ),
    (
        "lt",
        ["Ann Lee rašė:", "24.11.26 10:05, Ann Lee rašė:", "Ann Lee rašė 24.11.26 10:05:"],
        ["-------- Originalus laiškas --------", "-------- Persiųstas laiškas --------"],
        ["Kas", "Data", "Kam", "Tema"],
    ),
    (
        "lv",
        ["Ann Lee rakstīja:", "24.11.26 10:05 Ann Lee rakstīja:", "Ann Lee 24.11.26 10:05 rakstīja:"],
        ["-------- Sākotnējā vēstule --------", "-------- Pārsūtītā vēstule --------"],
        ["No", "Datums", "Kam", "Tēma"],
    ),
    (
        "ms",
        [
            "Ann Lee membalas:",
            "Pada 24.11.26 10:05, Ann Lee membalas:",
            "Ann Lee membalas pada 24.11.26 10:05:",
        ],
        ["-------- Mesej Asal --------", "-------- Mesej Dikirim Semula --------"],
        ["Daripada", "Tarikh", "Kepada", "Subjek"],
    ),
    (
        "nb-NO",
        ["skrev Ann Lee:", "Den 24.11.26 10:05, skrev Ann Lee:", "Ann Lee skrev den 24.11.26 10:05:"],
        ["-------- Opprinnelig melding --------", "-------- Videresendt melding --------"],
        ["Fra", "Dato", "Til", "Emne"],
    ),
    (
        "nl",
        [
            "Ann Lee schreef:",
            "Op 24.11.26 om 10:05 schreef Ann Lee:",
            "Ann Lee schreef op 24.11.26 om 10:05:",
        ],
        ["-------- Oorspronkelijk bericht --------", "-------- Doorgestuurd bericht --------"],
        ["Van", "Datum", "Aan", "Onderwerp"],
    ),
    (
        "nn-NO",
        ["Ann Lee skreiv:", "Den 24.11.26 10:05, skreiv Ann Lee:", "Ann Lee skreiv den 24.11.26 10:05:"],
        ["-------- Opphavleg melding --------", "-------- Vidaresend melding --------"],
        ["Frå", "Dato", "Til", "Emne"],
    ),
    (
        "pa-IN",
        ["Ann Lee wrote:", "On 24.11.26 10:05, Ann Lee wrote:", "Ann Lee wrote on 24.11.26 10:05:"],
        ["-------- Original Message --------", "-------- Forwarded Message --------"],
        ["ਵੱਲੋਂ", "ਮਿਤੀ", "ਵੱਲ", "ਵਿਸ਼ਾ"],
    ),
    (
        "pl",
        [
            "Ann Lee pisze:",
            "W dniu 24.11.26 o\u{a0}10:05, Ann Lee pisze:",
            "W dniu 24.11.26 o\u{a0}10:05, Ann Lee pisze:",
        ],
        ["--- Treść oryginalnej wiadomości ---", "--- Treść przekazanej wiadomości ---"],
        ["Od", "Data", "Do", "Temat"],
    ),
    (
        "pt-BR",
        ["Ann Lee escreveu:", "Em 24.11.26 10:05, Ann Lee escreveu:", "Ann Lee escreveu em 24.11.26 10:05:"],
        ["-------- Mensagem original --------", "-------- Mensagem encaminhada --------"],
        ["De", "Data", "Para", "Assunto"],
    ),
    (
        "pt-PT",
        [
            "Ann Lee escreveu:",
            "Às 10:05 de 24.11.26, Ann Lee escreveu:",
            "Ann Lee escreveu às 10:05 de 24.11.26:",
        ],
        ["-------- Mensagem original --------", "-------- Mensagem reencaminhada --------"],
        ["De", "Data", "Para", "Assunto"],
    ),
    (
        "rm",
        [
            "Ann Lee ha scrit:",
            "Ils 24.11.26 a las 10:05 ha Ann Lee scrit:",
            "Ann Lee ha scrit ils 24.11.26 a las 10:05:",
        ],
        ["-------- Messadi original --------", "--------  Messadi  renvià  --------"],
        ["Da", "Data", "A", "Object"],
    ),
    (
        "ro",
        ["Ann Lee a scris:", "La 24.11.26 10:05, Ann Lee a scris:", "Ann Lee a scris la 24.11.26 10:05:"],
        ["-------- Mesajul original --------", "-------- Mesaj redirecționat --------"],
        ["de la", "Dată", "Către", "Subiect"],
    ),
    (
        "ru",
        ["Ann Lee пишет:", "24.11.26 10:05, Ann Lee пишет:", "Ann Lee пишет 24.11.26 10:05:"],
        ["-------- Исходное сообщение --------", "-------- Перенаправленное сообщение --------"],
        ["От", "Дата", "Кому", "Тема"],
    ),
    (
        "sk",
        [
            "Ann Lee napísal(a):",
            "Dňa 24.11.26 o 10:05 Ann Lee napísal(a):",
            "Ann Lee napísal(a) dňa 24.11.26 o 10:05:",
        ],
        [
            "-------- Pôvodná správa --- Original Message --------",
            "-------- Preposlaná správa --- Forwarded Message --------",
        ],
        ["Od", "Dátum", "Komu", "Predmet"],
    ),
    (
        "sl",
        [
            "Ann Lee je napisal(a):",
            "Ann Lee je 24.11.26 ob 10:05\u{a0}napisal:",
            "Ann Lee je 24.11.26 ob 10:05 napisal:",
        ],
        ["-------- Izvirno sporočilo --------", "-------- Posredovano sporočilo --------"],
        ["Od", "Datum", "Za", "Zadeva"],
    ),
    (
        "sq",
        ["Ann Lee shkroi:", "Më 24.11.26, 10:05, Ann Lee shkroi:", "Ann Lee shkroi më 24.11.26, 10:05:"],
        ["-------- Mesazhi Origjinal --------", "-------- Mesazhi i Përcjellë --------"],
        ["Nga", "Datë", "Për", "Subjekt"],
    ),
    (
        "sr",
        ["Ann Lee пише:", "Дана 24.11.26 у 10:05, Ann Lee пише:", "Дана 24.11.26 у 10:05, Ann Lee пише:"],
        ["-------- Изворна порука --------", "-------- Прослеђена порука --------"],
        ["Шаље", "Датум", "Прима", "Тема"],
    ),
    (
        "sv-SE",
        ["Ann Lee skrev:", "Den 24.11.26 kl. 10:05, skrev Ann Lee:", "Ann Lee skrev den 24.11.26 kl. 10:05:"],
        ["-------- Ursprungligt meddelande --------", "-------- Vidarebefordrat meddelande --------"],
        ["Från", "Datum", "Till", "Ämne"],
    ),
    (
        "th",
        [
            "Ann Lee เขียนว่า:",
            "เมื่อ 24.11.26 เวลา 10:05 Ann Lee เขียนว่า:",
            "Ann Lee เขียนเมื่อ 24.11.26 เวลา 10:05 ว่า:",
        ],
        ["-------- ข้อความต้นฉบับ --------", "-------- ข้อความที่ส่งต่อ --------"],
        ["จาก", "วันที่", "ถึง", "หัวเรื่อง"],
    ),
    (
        "tr",
        [
            "Ann Lee yazdı:",
            "24.11.26 10:05 tarihinde Ann Lee yazdı:",
            "Ann Lee, 24.11.26 10:05 tarihinde yazdı:",
        ],
        ["-------- Özgün İleti --------", "-------- İletilen İleti --------"],
        ["Kimden", "Tarih", "Kime", "Konu"],
    ),
    (
        "uk",
        ["Ann Lee написав:", "24.11.26 10:05, Ann Lee:", "Ann Lee пише 24.11.26 10:05:"],
        ["-------- Початкове повідомлення --------", "-------- Переслане повідомлення --------"],
        ["Від", "Дата", "Кому", "Тема"],
    ),
    (
        "uz",
        ["Ann Lee yozdi:", "24.11.26 10:05, Ann Lee da yozdi:", "Ann Lee 24.11.26 10:05da yozdi:"],
        ["-------- Asl xabar --------", "-------- Uzatilgan xabar --------"],
        ["Jo‘natuvchi", "Sana", "Qabul qiluvchi", "Mavzu"],
    ),
    (
        "vi",
        [
            "Ann Lee đã viết:",
            "Vào lúc 10:05 24.11.26, Ann Lee đã viết:",
            "Ann Lee đã viết vào lúc 10:05 24.11.26:",
        ],
        ["-------- Thư gốc --------", "-------- Tin nhắn đã được chuyển tiếp --------"],
        ["Từ", "Ngày", "Đến", "Tiêu đề"],
    ),
    (
        "zh-CN",
        ["Ann Lee 写道:", "在 24.11.26 10:05, Ann Lee 写道:", "Ann Lee 写于 24.11.26 10:05:"],
        ["-------- 原始消息 --------", "-------- 转发的消息 --------"],
        ["From", "日期", "收件人", "主题"],
    ),
    (
        "zh-TW",
        ["Ann Lee 寫道:", "Ann Lee 於 24.11.26 10:05 寫道:", "Ann Lee 於 24.11.26 10:05 寫道:"],
        ["------- 原始郵件 -------", "-------- 轉寄郵件 --------"],
        ["從", "日期", "到", "主旨"],
    ),
];

fn author_text(body: &str) -> String {
    split(Some(body), None).author_text
}

#[test]
fn an_attribution_above_marked_lines_is_quotation_in_every_language() {
    for (language, attributions, ..) in LANGUAGES {
        for attribution in attributions {
            let text = author_text(&format!("My answer.\n\n{attribution}\n> quoted\n> text\n\nBelow too.\n"));
            assert_eq!(text.replace('\n', ""), "My answer.Below too.", "{language}: {attribution}");
        }
    }
}

#[test]
fn an_attribution_with_an_address_brings_all_below_it_in_every_language() {
    for (language, attributions, ..) in LANGUAGES {
        for attribution in attributions.iter().skip(1) {
            let attribution = attribution.replace("Ann Lee", "Ann Lee <ann@lee.example>");
            let parted = split(Some(&format!("My answer.\n\n{attribution}\n\nquoted\ntext\n")), None);
            assert_eq!(parted.author_text, "My answer.", "{language}: {attribution}");
            let names: Vec<&str> =
                parted.quoted_authors.iter().map(|author| author.address.as_str()).collect();
            assert_eq!(names, ["ann@lee.example"], "{language}: {attribution}");
        }
    }
}

#[test]
fn a_line_that_announces_the_original_brings_all_below_it_in_every_language() {
    for (language, _, markers, _) in LANGUAGES {
        for marker in markers {
            let text = author_text(&format!("My answer.\n\n{marker}\n\nquoted\ntext\n"));
            assert_eq!(text, "My answer.", "{language}: {marker}");
        }
    }
}

#[test]
fn a_header_block_brings_all_below_it_in_every_language() {
    for (language, .., [from, date, to, subject]) in LANGUAGES {
        let block =
            format!("{from}: Ann <ann@lee.example>\n{date}: 24.11.26 10:05\n{to}: Bob\n{subject}: x\n");
        let parted = split(Some(&format!("My answer.\n\n{block}\nquoted\ntext\n")), None);
        assert_eq!(parted.author_text, "My answer.", "{language}");
        assert_eq!(
            parted.quoted_authors.first().map(|author| author.address.as_str()),
            Some("ann@lee.example"),
            "{language}"
        );
    }
}

#[test]
fn what_gmail_writes_above_a_quotation_is_known_in_many_languages() {
    let lines = [
        "On Tue, Nov 24, 2026 at 10:05 AM Ann Lee <ann@lee.example> wrote:",
        "Am Di., 24. Nov. 2026 um 10:05 Uhr schrieb Ann Lee <ann@lee.example>:",
        "Le mar. 24 nov. 2026 à 10:05, Ann Lee <ann@lee.example> a écrit :",
        "El mar, 24 nov 2026 a las 10:05, Ann Lee (<ann@lee.example>) escribió:",
        "Il giorno mar 24 nov 2026 alle ore 10:05 Ann Lee <ann@lee.example> ha scritto:",
        "Em ter., 24 de nov. de 2026 às 10:05, Ann Lee <ann@lee.example> escreveu:",
        "Op di 24 nov 2026 om 10:05 schreef Ann Lee <ann@lee.example>:",
        "Den tis 24 nov. 2026 kl 10:05 skrev Ann Lee <ann@lee.example>:",
        "tir. 24. nov. 2026 kl. 10.05 skrev Ann Lee <ann@lee.example>:",
        "ti 24. marrask. 2026 klo 10.05 Ann Lee (ann@lee.example) kirjoitti:",
        "wt., 24 lis 2026 o 10:05 Ann Lee <ann@lee.example> napisał(a):",
        "вт, 24 нояб. 2026 г. в 10:05, Ann Lee <ann@lee.example>:",
        "вт, 24 лист. 2026 р. о 10:05 Ann Lee <ann@lee.example> пише:",
        "út 24. 11. 2026 v 10:05 odesílatel Ann Lee <ann@lee.example> napsal:",
        "Ann Lee <ann@lee.example> ezt írta (időpont: 2026. nov. 24., K, 10:05):",
        "Ann Lee <ann@lee.example>, 24 Kas 2026 Sal, 10:05 tarihinde şunu yazdı:",
        "Στις Τρί 24 Νοε 2026 στις 10:05 π.μ., ο χρήστης Ann Lee <ann@lee.example> έγραψε:",
        "2026年11月24日(火) 10:05 Ann Lee <ann@lee.example>:",
        "Ann Lee <ann@lee.example> 于2026年11月24日周二 10:05写道：",
        "Ann Lee <ann@lee.example> 於 2026年11月24日 週二 上午10:05寫道：",
        "2026년 11월 24일 (화) 오전 10:05, Ann Lee <ann@lee.example>님이 작성:",
        "Vào Th 3, 24 thg 11, 2026 vào lúc 10:05 Ann Lee <ann@lee.example> đã viết:",
        "\u{202b}בתאריך יום ג׳, 24 בנוב׳ 2026 ב-10:05 מאת \u{202a}Ann Lee\u{202c}\u{200f} <\u{202a}ann@lee.example\u{202c}\u{200f}>:\u{202c}",
        "في الثلاثاء، 24 نوفمبر 2026 في 10:05 ص تمت كتابة ما يلي بواسطة Ann Lee <ann@lee.example>:",
        "mar. 24 nov. 2026 la 10:05, Ann Lee <ann@lee.example> a scris:",
        "Pada tanggal Sel, 24 Nov 2026 pukul 10.05 Ann Lee <ann@lee.example> menulis:",
    ];
    for line in lines {
        let parted = split(Some(&format!("My answer.\n\n{line}\n\nquoted\ntext\n")), None);
        assert_eq!(parted.author_text, "My answer.", "{line}");
        assert_eq!(
            parted.quoted_authors.first().map(|author| author.address.as_str()),
            Some("ann@lee.example"),
            "{line}"
        );
    }
}
