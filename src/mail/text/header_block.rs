//! `From: .. Sent: .. To: .. Subject: ..` blocks and lines such as `-----Original Message-----`, in the
//! languages that mail programs write them in.
//!
//! A block is known by its labels, at least three different ones of which one is *From*; below a row of
//! underscores or dashes any `label: value` lines will do, so that an unknown language is recognised as
//! well. Known limits: a list such as `From: Paris / To: Rome / Date: ..` is no block as long as it names
//! neither an address nor a subject.

use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::memchr2;

use super::lines::{BodyLine, is_invisible};
use super::pattern::{Pattern, compile, holds};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyHeaderField {
    From,
    Date,
    To,
    Cc,
    Subject,
    Other,
}

/// A block of header lines inside a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyHeaderBlock {
    pub first: usize,
    pub last: usize,
    /// Values of the *From* and the *Date* line.
    pub from: String,
    pub date: String,
}

const FROM: &str = "From|Van|مِن|من|De|Ад|От|A-berzh|Richin|Od|Oddi wrth|Fra|Von|Wót|Wot|Από|Saatja|Nork|Lähettäjä|\
    Expéditeur|Fan|Ó|O|מאת|Feladó|Ումից|Frá|Da|ვინ|Si|Кімнен|보낸 사람|보낸사람|Kas|Nuo|No|Daripada|Dari|Frå|ਵੱਲੋਂ|de la|\
    De la|Nga|Шаље|Šalje|Pošiljatelj|Från|จาก|Kimden|Gönderen|Від|Jo‘natuvchi|Từ|发件人|寄件者|寄件人|從|差出人|送信者|\
    फ़्रॉम|از|Mittente|Remitente|Remetente|Отправитель|Відправник|Nadawca|Odesílatel|Odosielateľ|Absender|Afzender|\
    Avsändare|Avsender|Afsender|Expeditor|Siuntėjas|Pengirim|Podatel";
const DATE: &str = "Date|Sent|Datum|التاريخ|تاريخ الإرسال|Data|Дата|Deiziad|Q'ijul|Dyddiad|Dato|Ημερομηνία|Στάλθηκε|\
    Fecha|Fecha de envío|Enviado|Enviado el|Enviado em|Enviada|Enviada em|Enviada a|Enviat|Kuupäev|Saadetud|Päiväys|\
    Lähetetty|Envoyé|Envoyé le|Dáta|Ceann-là|תאריך|נשלח|Dátum|Elküldve|Küldés dátuma|Ամսաթիվ|Dagsetning|Sent|თარიღი|\
    Azemz|Күні|날짜|보낸 날짜|보낸날짜|Išsiųsta|Datums|Nosūtīts|Tarikh|Dihantar|ਮਿਤੀ|Dată|Trimis|Dátum|Odoslané|Poslano|\
    Poslané|Datë|Датум|Послато|Изпратено|Skickat|Sendt|Sendt den|Verzonden|Gesendet|Gesendet am|Inviato|Inviato il|\
    Wysłano|Wysłany|Data wysłania|Odesláno|Отправлено|Надіслано|วันที่|ส่ง|ส่งเมื่อ|Tarih|Gönderildi|Gönderme Tarihi|\
    Gönderilme Tarihi|Sana|Ngày|Đã gửi|Gửi|日期|发送时间|发送日期|寄件日期|傳送時間|傳送日期|日付|日時|送信日時|送信日|Tanggal|\
    Dikirim|Terkirim|Message du|Datum verzonden|تاریخ|ارسال شده";
const TO: &str = "To|Aan|إلى|Pa|Da|До|Per a|Chi re|Komu|At|Til|An|Προς|A|Para|Saaja|Adressaat|Nori|Vastaanottaja|\
    Destinataire|À|Oan|Chuig|Gu|אל|Címzett|Ում|ვის|I|Кімге|받는 사람|받는사람|Kam|Kepada|ਵੱਲ|Către|Кому|Do|Za|Prima|Për|\
    Прима|Till|ถึง|Kime|Alıcı|Qabul qiluvchi|Đến|Tới|收件人|收件者|到|宛先|به|Destinatario|Destinatário|Empfänger|\
    Adresat|До кого|Ontvanger|Mottagare|Mottaker|Modtager|Untuk|Ke|Příjemce|Primatelj";
const CC: &str = "CC|Kopie|Kopie (CC)|СА|Kopija|Kopi til (CC)|Kopi|Κοινοποίηση|Κοιν.|Copie à|Copie|Copia|Copia a|Cc|\
    Kopio|עותק|ასლი|Anɣ.I|Көшірме|참조|Копия|Kópia|Kp|Коп|Kopia|DW|สำเนาถึง|สำเนา|Копія|抄送|副本|CC|Bilgi|Másolatot kap|\
    Cópia|نسخة|Xin gửi|Тема копия|Bcc|Cci|Svar till|Kopyası";
const SUBJECT: &str = "Subject|Onderwerp|الموضوع|Asuntu|Тэма|Тема|Относно|Danvez|Assumpte|Taqikil|Předmět|Pwnc|Emne|\
    Betreff|Betr|Θέμα|Asunto|Teema|Gaia|Aihe|Sujet|Objet|Underwerp|Ábhar|Cuspair|Asunto|נושא|Tárgy|Վերնագիր|Efni|\
    Oggetto|თემა|Asentel|Тақырыбы|제목|Tēma|Tema|Subjek|ਵਿਸ਼ਾ|Temat|Assunto|Object|Subiect|Subiectul|Predmet|Zadeva|\
    Subjekt|Naslov|Ämne|หัวเรื่อง|เรื่อง|Konu|Mavzu|Chủ đề|主题|主旨|件名|Perihal|موضوع|Лақырып";
const OTHER: &str = "Reply-To|Antwort an|Risposta|Répondre à|Responder a|Importance|Priority|Wichtigkeit|Prioridade|\
    Priorité|Priorità|Attachments|Anlagen|Anhänge|Bijlagen|Allegati|Pièces jointes|Adjuntos|Anexos|Organization|\
    Newsgroups|Resent-From|Delivered-To|X-Mailer|Vastaus|Svar til|重要性|附件|Mailing-List|List|Sender|Message-ID";

static LABELS: LazyLock<HashMap<String, BodyHeaderField>> = LazyLock::new(|| {
    let lists = [
        (OTHER, BodyHeaderField::Other),
        (CC, BodyHeaderField::Cc),
        (DATE, BodyHeaderField::Date),
        (SUBJECT, BodyHeaderField::Subject),
        (TO, BodyHeaderField::To),
        (FROM, BodyHeaderField::From),
    ];
    let words =
        lists.iter().flat_map(|(list, field)| list.split('|').map(move |word| (word.to_lowercase(), *field)));
    words.collect()
});

static MARKER: Pattern = LazyLock::new(|| {
    // the words between the dashes, as mail programs write them
    let words = "original|ursprüng|oorspronk|oarspronk|oprindelig|opprinnelig|opphavleg|ursprunglig|alkuperäinen|\
        origin|algne|jatorrizko|исходн|пересл|перенаправ|початкове|зыходнае|оригинал|изворн|izvorn|izvirn|původní|\
        pôvodn|qitzij|kemennadenn|neges wreiddiol|αρχικό|προωθ|teachtaireacht|teachdaireachd|eredeti|továbbít|\
        բնօրինակ|փոխանցվող|pesan|upprunaleg|áframsend|messaggio|საწყისი|გადაგზავნილი|izen|түпнұсқа|әрі қарай|원본|\
        전달된|sākotnēj|pārsūt|persiųst|mesej|treść|forward|weitergeleit|doorgestuurd|trochstjoerd|videresend|\
        vidaresend|vidarebefordra|välitetty|edastatud|birbidal|transféré|reenvia|reenviáu|reencaminha|encaminhada|\
        inoltrat|przekazan|přeposlan|preposlan|posredovan|proslijeđ|прослеђ|препратено|перанакіраванае|përcjell|\
        redirecționat|renvià|özgün|orijinal|iletilen|asl xabar|uzatilgan|thư gốc|chuyển tiếp|ต้นฉบับ|ส่งต่อ|原始|原件|\
        转发|轉寄|元のメッセージ|転送|הודעה|الأصلي|ممر|پیام|taqon|message d'origine|message d’origine|réponse|antwort|\
        reply message|origjinal|İletilen|dalej|dale s|mail original|messadi|mensagem|mensaje|mensaxe|missatge";
    compile(&format!(r"(?i)^[\s*]*(?:[-—–_=]\s?){{2,}}[^—–_=]*(?:{words})[^—–_=]*[-—–_=*\s]{{2,}}$"))
});
static BEGIN_FORWARD: Pattern = LazyLock::new(|| {
    compile(
        r"(?ix)^[\s*-]*(?: begin\ forwarded\ message | anfang\ der\ weitergeleiteten\ (?:nachricht|e-?mail)
        | début\ du\ message\ (?:réexpédié|transféré) | inicio\ del\ mensaje\ reenviado | inizio\ messaggio\ inoltrato
        | início\ da\ mensagem\ (?:reencaminhada|encaminhada) | begin\ doorgestuurd\ bericht | vidarebefordrat\ brev
        | videresendt\ (?:besked|melding|e-post) | start\ på\ videresendt\ (?:besked|melding)
        | początek\ przekazywanej\ wiadomości | начало\ переадресованного\ (?:сообщения|письма) | 開始轉寄郵件
        | 下面是被转发的邮件 | 転送されたメッセージ | 전달된\ 메시지 | välitetty\ viesti | přeposílaná\ zpráva
        | iletilen\ ileti | תחילת\ ההודעה\ שהועברה )\s*:?[\s*]*$",
    )
});

/// `-- Please type your reply above this line --`, as help desks ask for.
static REPLY_ABOVE: Pattern = LazyLock::new(|| {
    compile(
        r"(?i)^\W*(?:please )?.{0,30}(?:reply|respond|type|write|antwort\w*|répon\w+|respon\w+|rispo\w+|antwoord\w*)\b.{0,40}\b(?:above|oberhalb|über|au-dessus|encima|sopra|boven|acima)\b.{0,20}\b(?:line|zeile|linie|ligne|línea|linea|lijn|linha)\b.{0,40}$",
    )
});

/// The line says that the original or a forwarded message follows.
pub(super) fn is_marker(text: &str) -> bool {
    let text = text.trim();
    if text.len() > 200 {
        return false;
    }
    let dashed =
        text.starts_with(['-', '*', '_', '—', '–', '=']) && text.ends_with(['-', '*', '_', '—', '–', '=']);
    let asked = dashed || text.starts_with('#') || text.ends_with('#');
    (asked && holds(&REPLY_ABOVE, text))
        || (dashed && holds(&MARKER, text))
        || (text.ends_with([':', '-', '件', 'ジ', '지']) && holds(&BEGIN_FORWARD, text))
}

/// The line is nothing but a row of one sign, eight or more.
pub(super) fn is_rule(text: &str) -> bool {
    let text = text.trim();
    let mut chars = text.chars();
    chars.next().is_some_and(|sign| matches!(sign, '_' | '-' | '=' | '*' | '—' | '–' | '─'))
        && text.chars().count() >= 8
        && chars.all(|c| matches!(c, '_' | '-' | '=' | '*' | '—' | '–' | '─' | ' '))
}

/// The label and the value of a header line.
pub(super) fn field(text: &str) -> Option<(BodyHeaderField, &str)> {
    let (label, value) = label_and_value(text)?;
    let label: String =
        label.chars().filter(|c| !is_invisible(*c)).map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
    LABELS.get(&label.trim().to_lowercase()).map(|field| (*field, value))
}

fn label_and_value(text: &str) -> Option<(&str, &str)> {
    // 0xef begins the full-width colon
    let bytes = text.as_bytes();
    let at = memchr2(b':', 0xef, bytes.get(..64).unwrap_or(bytes))?;
    let (label, value) = text.split_at_checked(at)?;
    if !value.starts_with([':', '：']) {
        return None;
    }
    let label = label.trim_matches(|c: char| matches!(c, '*' | '_') || c.is_whitespace() || is_invisible(c));
    let value = value.trim_start_matches([':', '：', '*', '_', ' ', '\t', '\u{a0}']).trim();
    (!label.is_empty()).then_some((label, value))
}

/// The block that begins at line `first`, if one does.
pub(super) fn at(lines: &[BodyLine<'_>], first: usize) -> Option<BodyHeaderBlock> {
    let start = lines.get(first)?;
    field(start.text)?;
    let mut block = BodyHeaderBlock { first, last: first, from: String::new(), date: String::new() };
    let (mut seen, mut address, mut loose) = ([false; 5], false, 0);
    for (at, line) in lines.iter().enumerate().skip(first).take(24) {
        if line.depth != start.depth {
            break;
        }
        if line.is_blank() {
            let next = lines.get(at + 1);
            if next.is_some_and(|next| next.depth == start.depth && field(next.text).is_some()) {
                continue;
            }
            break;
        }
        address |= line.text.contains('@');
        match field(line.text) {
            Some((field, value)) => {
                loose = 0;
                note(&mut block, &mut seen, field, value);
            }
            // a long value that was wrapped
            None if loose < 3 && block.last + 1 == at => {
                loose += 1;
                if loose == 1 && block.from.is_empty() && seen == [true, false, false, false, false] {
                    block.from = line.text.trim().to_owned();
                }
            }
            None => break,
        }
        block.last = at;
    }
    accept(block, seen, address, loose)
}

fn note(block: &mut BodyHeaderBlock, seen: &mut [bool; 5], field: BodyHeaderField, value: &str) {
    // `A : b Objet : c` carries two fields in one line
    if holds(&SUBJECT_INSIDE, value) {
        seen[4] = true;
    }
    match field {
        // Breton and Italian share a word: the second `Da:` of a block is the recipient's line
        BodyHeaderField::From if seen[0] => seen[2] = true,
        BodyHeaderField::From => {
            seen[0] = true;
            block.from = value.to_owned();
        }
        BodyHeaderField::Date => {
            seen[1] = true;
            block.date = value.to_owned();
        }
        BodyHeaderField::To => seen[2] = true,
        BodyHeaderField::Cc => seen[3] = true,
        BodyHeaderField::Subject => seen[4] = true,
        BodyHeaderField::Other => {}
    }
}

static SUBJECT_INSIDE: Pattern =
    LazyLock::new(|| compile(r"(?i)\s(?:objet|subject|betreff|asunto|oggetto|assunto)\s?:"));

fn accept(
    mut block: BodyHeaderBlock,
    seen: [bool; 5],
    address: bool,
    loose: usize,
) -> Option<BodyHeaderBlock> {
    let [from, date, to, cc, subject] = seen;
    let others = [date, to, cc, subject].iter().filter(|seen| **seen).count();
    if loose > 1 {
        // lines of the text below were taken for wrapped values
        block.last = block.last.saturating_sub(loose - 1);
    }
    (from && others >= 2 && (address || subject)).then_some(block)
}

/// Lines of an unknown language below a row of signs: three `label: value` lines, the first with an address.
pub(super) fn is_foreign_block(lines: &[BodyLine<'_>], first: usize) -> bool {
    let depth = lines.get(first).map_or(0, |line| line.depth);
    let mut labelled =
        lines.iter().skip(first).take(8).filter(|line| !line.is_blank() && line.depth == depth);
    let Some(top) = labelled.next() else {
        return false;
    };
    let has_label =
        |line: &BodyLine<'_>| label_and_value(line.text).is_some_and(|(_, value)| !value.is_empty());
    has_label(top) && top.text.contains('@') && labelled.take(2).filter(|line| has_label(line)).count() == 2
}
