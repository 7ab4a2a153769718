//! Whether a message only says that another was displayed or deleted (RFC 8098).

use std::sync::LazyLock;

use regex::Regex;

use super::super::parts;
use super::super::pattern::pattern;
use super::view::MessageView;

/// `Read: demo`, as Exchange writes it in the reader's language.
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:read|not read|gelesen|ungelesen|nicht gelesen|lu|non lu|leído|leido|no leído|lida|lido|não lida|não lido|letto|non letto|gelezen|ongelezen|niet gelezen|läst|oläst|læst|ikke læst|lest|ikke lest|luettu|lukematta|przeczytano|przeczytane|nieprzeczytane|přečteno|nepřečteno|prečítané|olvasva|olvasott|elolvasva|okundu|citit|прочитано|прочитане|не прочитано|διαβάστηκε|αναγνώστηκε|已读|已讀|未读|未讀|開封済み|開封済|開封確認|未開封|읽음|읽지 않음|נקרא|تمت القراءة|قراءة|อ่านแล้ว|đã đọc|telah dibaca|lesebestätigung|accusé de lecture|confirmación de lectura|confirmação de leitura|conferma di lettura|leesbevestiging|läskvitto)\s?[:：]|(?:return|read) receipt(?: \(displayed\))?(?:\s?[-:：]|$)|message status - (?:opened|read|deleted))",
    )
});

/// Words of receipts where the report was lost on the way: whose message, and what became of it.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:your (?:message|mail|e-?mail|document)|ihre nachricht|votre message|(?:su|tu|el) mensaje|(?:a )?sua mensagem|il (?:suo |tuo )?messaggio|(?:uw|je) bericht|(?:ditt )?meddelande|din meddelelse|meddelelsen|meldingen|viestisi|(?:twoja|pańska) wiadomość|vaše (?:zpráva|správa)|az (?:ön )?üzenet|i\u{307}?letiniz|(?:ваше )?сообщение|(?:ваше )?повідомлення|[您你]的(?:邮件|郵件)|(?:次の)?メッセージ|메시지|this is a (?:return|read) receipt|dies ist eine (?:empfangs|lese)bestätigung|ceci est un accusé).{0,400}(?:(?:was|were) (?:read|deleted|displayed|opened|received by)|wurde .{0,80}(?:gelesen|gelöscht)|a été (?:lu|supprimé)|(?:se leyó|fue leído|ha sido leído|se eliminó|fue eliminado)|foi (?:lida|lido|excluíd|eliminad)|è stato (?:letto|eliminato)|is gelezen|is verwijderd|lästes|har lästs|blev læst|er blevet læst|ble lest|on luettu|została (?:przeczytana|usunięta)|byla přečtena|bola prečítaná|okundu|прочитано|было прочитано|阅读|已讀|開封され|읽었습니다|only acknowledges that the message was displayed)",
    )
});

pub(crate) fn reason(view: &MessageView<'_, '_>) -> Option<String> {
    if view.media_type == "multipart/report" && view.report_type == "disposition-notification" {
        return Some("a multipart/report of disposition (RFC 8098)".to_owned());
    }
    let has_part = || {
        view.message.root().is_some()
            && ["message/disposition-notification", "message/global-disposition-notification"]
                .iter()
                .any(|wanted| parts::first_of(view.message, wanted).is_some())
    };
    if has_part() && (view.media_type == "multipart/report" || !view.is_answer()) {
        return Some("it has a disposition-notification part (RFC 8098)".to_owned());
    }
    (SUBJECT.is_match(&view.subject) && view.start().len() < 2_000 && WORDS.is_match(view.beginning()))
        .then(|| "subject and words of a read receipt".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::MessageKind;

    #[test]
    fn a_report_of_disposition_is_a_receipt() {
        assert_eq!(
            kind(
                "From: a@b.example\nSubject: Read: demo\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nYour message was read\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
            ),
            MessageKind::Receipt
        );
    }

    #[test]
    fn a_receipt_in_words_is_known_in_many_languages() {
        for (subject, words) in [
            ("Leído: demo", "El mensaje\n\n   Para: Calvin\n\n fue leído el martes."),
            ("Läst: demo", "Meddelandet\n\n   Till: Calvin\n\n lästes den tisdag."),
            ("Przeczytano: demo", "Twoja wiadomość\n\n   Do: Calvin\n\n została przeczytana wtorek."),
            ("Прочитано: demo", "Сообщение\n\n   Кому: Calvin\n\n прочитано вторник."),
            ("開封済み: demo", "次のメッセージが開封されました。\n\n宛先: Calvin\n"),
            ("Return Receipt", "Your document: demo\nwas received by: Calvin Reyes/Vendor\n"),
            ("Message Status - Opened", "Your message was opened.\n"),
        ] {
            let raw = format!(
                "From: a@b.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{words}"
            );
            assert_eq!(kind(&raw), MessageKind::Receipt, "{subject}");
        }
    }

    #[test]
    fn words_and_subject_together_are_enough_and_each_alone_is_not() {
        assert_eq!(
            kind(
                "From: a@b.example\nSubject: Read: demo\n\nYour message\n\n  To: Sarah\n  Sent: x\n\nwas read on Tuesday.\n"
            ),
            MessageKind::Receipt
        );
        assert_eq!(
            kind("From: a@b.example\nSubject: Read: the new book\n\nYou must read this.\n"),
            MessageKind::Human
        );
    }
}
