//! Whether a message only says that another was displayed or deleted (RFC 8098).

use std::sync::LazyLock;

use regex::Regex;

use super::super::parts;
use super::super::pattern::pattern;
use super::view::View;

/// `Read: demo`, as Exchange writes it in the reader's language.
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:read|not read|return receipt(?: \(displayed\))?|read receipt|gelesen|ungelesen|lu|non lu|leído|leido|no leído|lida|lido|não lida|letto|non letto|gelezen|ongelezen|läst|oläst|læst|lest|luettu|przeczytano|nieprzeczytane|přečteno|olvasva|okundu|прочитано|прочитане|διαβάστηκε|已读|已讀|開封済み|開封確認|읽음|נקרא|قراءة|lesebestätigung|accusé de lecture|confirmación de lectura|confirmação de leitura|conferma di lettura|leesbevestiging|läskvitto)\s?[:：]",
    )
});

/// Words of Exchange's receipts where the report was lost on the way.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:your message|ihre nachricht|votre message|(?:su|tu) mensaje|(?:a )?sua mensagem|il (?:suo )?messaggio|uw bericht|ditt meddelande|this is a return receipt|dies ist eine (?:empfangs|lese)bestätigung).{0,400}(?:was (?:read|deleted|displayed)|were (?:read|deleted)|wurde .{0,80}(?:gelesen|gelöscht)|a été (?:lu|supprimé)|(?:se leyó|fue leído|ha sido leído|se eliminó)|foi (?:lida|lido|excluíd|eliminad)|è stato (?:letto|eliminato)|is gelezen|lästes|only acknowledges that the message was displayed)",
    )
});

pub fn reason(view: &View<'_, '_>) -> Option<String> {
    if view.media_type == "multipart/report" && view.report_type == "disposition-notification" {
        return Some("a multipart/report of disposition (RFC 8098)".to_owned());
    }
    let has_part = || {
        view.letter.root().is_some()
            && ["message/disposition-notification", "message/global-disposition-notification"]
                .iter()
                .any(|wanted| parts::first_of(view.letter, wanted).is_some())
    };
    if has_part() && (view.media_type == "multipart/report" || !view.is_answer()) {
        return Some("it has a disposition-notification part (RFC 8098)".to_owned());
    }
    (SUBJECT.is_match(&view.subject) && view.start().len() < 2_000 && WORDS.is_match(view.glance()))
        .then(|| "subject and words of a read receipt".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind;
    use crate::domain::message::Kind;

    #[test]
    fn a_report_of_disposition_is_a_receipt() {
        assert_eq!(
            kind(
                "From: a@b.example\nSubject: Read: demo\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nYour message was read\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
            ),
            Kind::Receipt
        );
    }

    #[test]
    fn words_and_subject_together_are_enough_and_each_alone_is_not() {
        assert_eq!(
            kind(
                "From: a@b.example\nSubject: Read: demo\n\nYour message\n\n  To: Sarah\n  Sent: x\n\nwas read on Tuesday.\n"
            ),
            Kind::Receipt
        );
        assert_eq!(
            kind("From: a@b.example\nSubject: Read: the new book\n\nYou must read this.\n"),
            Kind::Human
        );
    }
}
