//! `Sent from my iPhone` and the like: the line that a program puts under what was written with it.
//!
//! Languages: those that iOS, Outlook, Gmail, Samsung, Yahoo and Yandex apps write it in. The line must be
//! that and nothing more, so that `Sent from my desk, much easier than the phone.` stays text. Known
//! limits: a device name of more than six words is not recognised.

use super::pattern::{PatternSet, any_holds, compile_set};
use std::sync::LazyLock;

static SENT_FROM: PatternSet = LazyLock::new(|| {
    // a device or a program: up to six words without a comma, then a link perhaps
    let thing = r"[^\s,.;:!?][^,;:!?\n]{0,60}?";
    let end = r"[.!\s*_)\]]*(?:\(?<?https?://\S+)?\s*$";
    let begin = r"^[\s*_(\[]*";
    let opened = |words: &str| format!("(?i){begin}(?:{words}) ?{thing}{end}");
    let closed = |words: &str| format!("(?i){begin}{thing} ?(?:{words}){end}");
    compile_set(&[
        opened(
            "sent from|sent via|sent with|sent using|sent by|get outlook for|download outlook for|\
            envoyé (?:de|depuis|avec|à partir de|via|par)|obtenez outlook pour|télécharger outlook pour|\
            enviado (?:desde|do|da|de|a partir do|a partir de|por|con|com|via|pelo)|obtener outlook para|\
            obtenha o outlook para|obter o outlook para|inviato (?:da|dal|dall'|con|tramite)|scarica outlook per|\
            ottieni outlook per|gesendet (?:von|mit|über|via|aus)|outlook für .{2,12} (?:abrufen|beziehen)|holen sie sich outlook für|\
            verzonden (?:vanaf|vanuit|met|via)|verstuurd (?:vanaf|vanuit|met|via)|download outlook voor|outlook voor|\
            skickat från|skickad från|hämta outlook för|sendt fra|sendt via|sendt med|hent outlook (?:til|for)|\
            lähetetty|hanki outlook|wysłane (?:z|za pomocą)|wysłano (?:z|za pomocą)|pobierz (?:program )?outlook|\
            отправлено (?:с|из|от|через)|скачайте outlook|надіслано (?:з|із)|odesláno (?:z|ze)|odoslané (?:z|zo)|\
            trimis (?:de pe|din|cu)|στάλθηκε από|εστάλη από|απεστάλη από|elküldve|poslano (?:s|sa|iz|z)|послато са|изпратено от|\
            נשלח מ|נשלח באמצעות|أرسلت من|مرسل من|أُرسلت من|مُرسل من|تم الإرسال من|ارسال شده از|\
            发自|來自|从我的|從我的|寄件自|được gửi từ|gửi từ|ส่งจาก|dikirim dari|dihantar dari|saadetud|išsiųsta iš|\
            nosūtīts no|enviat des de|bidalia|sent fra|sendt frå",
        ),
        closed(
            "gesendet|(?:'?d[ae]n|'?t[ae]n|u?m?d[ae]n|umd[ae]n)? ?gönderildi|から送信(?:されました)?|より送信|에서 보냄|에서 보낸 편지|傳送|发送的|\
            lähetetty|द्वारा भेजा गया",
        ),
        // whole sentences that programs write
        format!(
            r"(?i){begin}(?:diese (?:nachricht|e-?mail) wurde von .{{3,60}} gesendet|ce message a été envoyé (?:de|depuis) .{{3,60}}|\
            this (?:message|e-?mail) was sent from my .{{3,40}}|von .{{3,40}} gesendet|von unterwegs gesendet|sent on the go|\
            sent from mobile|sent via mobile device|please excuse (?:my )?(?:brevity|typos|any typos).{{0,60}}|\
            sorry for (?:any )?typos.{{0,40}}|envoyé de mon mobile|von mobil gesendet|yahoo mail: search, organi[sz]e, conquer){end}"
        ),
    ])
});

/// What such lines begin with, in lower case: the cheap first look.
const BEGINNINGS: &[&str] = &[
    "sent",
    "get",
    "download",
    "envoy",
    "obten",
    "télé",
    "enviad",
    "obter",
    "inviat",
    "scarica",
    "ottieni",
    "gesendet",
    "outlook",
    "holen",
    "verzonden",
    "verstuurd",
    "skick",
    "hämta",
    "sendt",
    "hent",
    "lähet",
    "hanki",
    "wys",
    "pobierz",
    "отправлено",
    "скачайте",
    "надіслано",
    "odesl",
    "odosl",
    "trimis",
    "στάλθηκε",
    "εστάλη",
    "απεστάλη",
    "elküld",
    "poslano",
    "послато",
    "изпратено",
    "נשלח",
    "أ",
    "مرسل",
    "مُ",
    "تم",
    "ارسال",
    "发自",
    "來自",
    "从我的",
    "從我的",
    "寄件自",
    "được",
    "gửi",
    "ส่ง",
    "dikirim",
    "dihantar",
    "saadetud",
    "išsiųsta",
    "nosūt",
    "enviat",
    "bidalia",
    "diese",
    "ce ",
    "this",
    "von",
    "please",
    "sorry",
    "yahoo",
];
/// What they end with, where their verb stands last.
const ENDINGS: &[&str] = &[
    "gesendet",
    "önderildi",
    "送信",
    "送信されました",
    "보냄",
    "편지",
    "傳送",
    "发送的",
    "lähetetty",
    "गया",
];

fn may_be(text: &str) -> bool {
    let outer = |c: char| !c.is_alphanumeric();
    let shown = text.trim_matches(outer);
    let first = shown.chars().next().and_then(|c| c.to_lowercase().next());
    // few lines share a first letter with one of the words, so that few are written out
    if BEGINNINGS.iter().any(|word| word.chars().next() == first) {
        let begin: String = shown.chars().take(10).flat_map(char::to_lowercase).collect();
        if BEGINNINGS.iter().any(|word| begin.starts_with(word)) {
            return true;
        }
    }
    ENDINGS.iter().any(|word| shown.ends_with(word))
}

/// The line is such a line and nothing else.
pub(super) fn is_sent_from(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 250 {
        return false;
    }
    // a device and a link: longer lines are sentences
    let shown = text.split_once("http").map_or(text, |(before, _)| before);
    let words = shown.split_whitespace().take(12).count();
    (1..=11).contains(&words) && may_be(text) && any_holds(&SENT_FROM, text)
}
