//! Every mail that baton writes, read back the way it reads other people's mail: what programs and people
//! make of it, and whether an answer above, inside or below its quotation is still only the answer.

#![expect(clippy::unwrap_used, reason = "outside a test function, but of tests alone")]

use std::collections::BTreeSet;

use baton::domain::mails::{Audience, MailKind};
use baton::domain::message::{Address, Headers, Mailbox, MessageBody, MessageId, MessageKind};
use baton::mail::compose::{OutgoingMessage, compose};
use baton::mail::text::html_to_text;
use baton::mail::{ReadOptions, read};
use baton::templates::samples::{Sample, TOKEN, samples};
use baton::templates::{Rendered, Templates};

fn rendered() -> Vec<(Sample, Rendered)> {
    let templates = Templates::load(None).unwrap();
    samples()
        .into_iter()
        .map(|sample| {
            let mail = sample.render(&templates).unwrap();
            (sample, mail)
        })
        .collect()
}

fn written(sample: &Sample, mail: &Rendered) -> (Headers, MessageBody) {
    let bytes = compose(&OutgoingMessage {
        from: Mailbox { name: "Dana Fox".into(), address: Address::new("dana@vendor.example").unwrap() },
        to: sample.mail.to.clone(),
        cc: sample.mail.cc.clone(),
        reply_to: None,
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        html: mail.html.clone(),
        message_id: baton::domain::token::message_id(TOKEN, "vendor.example").unwrap(),
        in_reply_to: None,
        references: baton::domain::token::reference(TOKEN, "vendor.example").into_iter().collect(),
        date: sample.now,
        automatic: sample.mail.key.kind != MailKind::Intro,
    })
    .unwrap();
    read(&bytes, &ReadOptions::default())
}

#[test]
fn the_intro_reads_as_a_persons_mail_and_every_other_as_automatic() {
    for (sample, mail) in rendered() {
        let (headers, body) = written(&sample, &mail);
        let is_intro = sample.mail.key.kind == MailKind::Intro;
        assert_eq!(body.kind == MessageKind::Human, is_intro, "{}: {:?}", sample.name, body.reasons);
        assert_eq!(headers.subject, mail.subject);
        assert_eq!(headers.id, MessageId::new(&format!("baton-{TOKEN}@vendor.example")));
    }
}

#[test]
fn a_record_is_known_wherever_it_is_carried() {
    for (sample, mail) in rendered() {
        let (_, body) = written(&sample, &mail);
        let carries = sample.mail.key.kind.audience() == Audience::Record;
        assert!(carries || !body.holds_record, "{}", sample.name);
        // A mail of a failed sending quotes the record only where a handoff stands behind it.
        let may_lack_it = sample.mail.key.kind == MailKind::SendFailed;
        assert!(body.holds_record || !carries || may_lack_it, "{}", sample.name);
    }
}

#[test]
fn text_and_html_say_the_same() {
    for (sample, mail) in rendered() {
        let in_html = words_of(&html_to_text(&mail.html));
        let in_text = words_of(&mail.text);
        let only_html: Vec<_> = in_html.difference(&in_text).collect();
        let only_text: Vec<_> = in_text.difference(&in_html).collect();
        assert!(only_html.is_empty(), "{}: only in the HTML: {only_html:?}", sample.name);
        assert!(only_text.is_empty(), "{}: only in the text: {only_text:?}", sample.name);
    }
}

/// Words without punctuation, links aside: the HTML has them behind its labels.
fn words_of(text: &str) -> BTreeSet<String> {
    text.split_whitespace()
        .filter(|word| !word.contains("mailto:"))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn answer(content_type: &str, body: &str) -> MessageBody {
    let raw = format!(
        "From: Calvin Reyes <calvin@vendor.example>\r\nTo: baton <dana@vendor.example>\r\n\
         Subject: Re: Acme Corp\r\nDate: Thu, 26 Nov 2026 15:00:00 -0500\r\n\
         Message-ID: <answer@vendor.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: {content_type}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    );
    read(raw.as_bytes(), &ReadOptions::default()).1
}

#[test]
fn an_answer_above_the_quotation_is_all_that_its_author_wrote() {
    for (sample, mail) in rendered() {
        let quoted: String =
            mail.text.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
        let text =
            format!("held 4\n\nOn Thu, 26 Nov 2026 at 14:31, baton <dana@vendor.example> wrote:\n{quoted}");
        assert_eq!(answer("text/plain", &text).author_text.trim(), "held 4", "{}", sample.name);
        let inner = mail.html.split("<body").nth(1).and_then(|rest| rest.split_once('>')).unwrap().1;
        let inner = inner.split("</body>").next().unwrap();
        let html = format!(
            "<div dir=\"ltr\">held 4</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" \
             class=\"gmail_attr\">On Thu, Nov 26, 2026 at 2:31 PM baton &lt;dana@vendor.example&gt; wrote:<br></div>\
             <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex\">{inner}</blockquote></div>"
        );
        assert_eq!(answer("text/html", &html).author_text.trim(), "held 4", "{}", sample.name);
        let outlook = format!(
            "<div>held 4</div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\">\
             <div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>From:</b> baton &lt;dana@vendor.example&gt;<br><b>Sent:</b> \
             Thursday, November 26, 2026 2:31 PM<br><b>To:</b> Calvin Reyes<br><b>Subject:</b> Acme Corp</div>{inner}"
        );
        assert_eq!(answer("text/html", &outlook).author_text.trim(), "held 4", "{}", sample.name);
    }
}

#[test]
fn lines_filled_in_inside_the_quotation_are_still_there_to_be_read() {
    let (_, mail) =
        rendered().into_iter().find(|(sample, _)| sample.mail.key.kind == MailKind::FeedbackRequest).unwrap();
    let filled = mail
        .text
        .replace("no-show):\n", "no-show): held\n")
        .replace("(1-5):\n", "(1-5): 4\n")
        .replace("in the record:\n", "in the record: James has left\n");
    let quoted: String = filled.lines().map(|line| format!("> {line}\n")).collect();
    let body = answer(
        "text/plain",
        &format!("On Thu, 26 Nov 2026 at 14:31, baton <dana@vendor.example> wrote:\n{quoted}"),
    );
    let everything = format!("{}\n{}", body.author_text, body.quoted_text);
    for line in [
        "Outcome (held, rescheduled, no-show): held",
        "Score (1-5): 4",
        "Anything wrong in the record: James has left",
    ] {
        assert!(everything.contains(line), "{everything}");
    }
}
