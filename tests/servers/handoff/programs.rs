//! Answers as people's mail programs write them: what is typed above the quotation, and the original quoted below it,
//! in HTML and plain text as each program does both.
//!
//! `quoted` is the original's text with whatever its reader typed into it.

/// A mail program by the marks that it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    GmailWeb,
    OutlookWindows,
    OutlookMobile,
    /// The older program, which writes as Word does.
    OutlookMacLegacy,
    OutlookMac,
    OutlookWeb,
    AppleMail,
    IPhone,
    Thunderbird,
    Plain,
}

impl Program {
    pub(crate) const MICROSOFT: [Program; 5] = [
        Program::OutlookWindows,
        Program::OutlookMobile,
        Program::OutlookMacLegacy,
        Program::OutlookMac,
        Program::OutlookWeb,
    ];

    pub(crate) const OTHERS: [Program; 5] =
        [Program::GmailWeb, Program::AppleMail, Program::IPhone, Program::Thunderbird, Program::Plain];

    /// A domain for each, so that every one has a prospect of its own.
    pub(crate) fn domain(self) -> &'static str {
        match self {
            Program::GmailWeb => "gmailweb.example",
            Program::OutlookWindows => "outlookwin.example",
            Program::OutlookMobile => "outlookmobile.example",
            Program::OutlookMacLegacy => "outlookoldmac.example",
            Program::OutlookMac => "outlookmac.example",
            Program::OutlookWeb => "outlookweb.example",
            Program::AppleMail => "applemail.example",
            Program::IPhone => "iphone.example",
            Program::Thunderbird => "thunderbird.example",
            Program::Plain => "plain.example",
        }
    }

    /// Content-Type with its further headers, and the body.
    pub(crate) fn body(self, typed: &str, quoted: &str, subject: &str) -> (String, String) {
        let html = match self {
            Program::GmailWeb => gmail(typed, quoted),
            Program::OutlookWindows => outlook_windows(typed, quoted, subject),
            Program::OutlookMobile => outlook_mobile(typed, quoted, subject),
            Program::OutlookMacLegacy => outlook_mac_legacy(typed, quoted, subject),
            Program::OutlookMac => outlook_mac(typed, quoted, subject),
            Program::OutlookWeb => outlook_web(typed, quoted, subject),
            Program::AppleMail => apple(typed, quoted),
            Program::IPhone => iphone(typed, quoted),
            Program::Thunderbird => thunderbird(typed, quoted),
            Program::Plain => {
                let body = format!("{typed}\n\n{}", marked(quoted, 72));
                return ("text/plain; charset=utf-8".to_owned(), body);
            }
        };
        if self == Program::Thunderbird {
            return (
                "text/html; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable".to_owned(),
                printable(&html),
            );
        }
        let plain = match self {
            Program::OutlookWindows | Program::OutlookMobile => {
                format!("{typed}\n\n{}{quoted}", outlook_header(subject))
            }
            Program::OutlookWeb => {
                format!("{typed}\n________________________________\n{}{quoted}", outlook_header(subject))
            }
            Program::OutlookMacLegacy => format!("{typed}\n\n\u{a0}\n\n{}{quoted}", mac_header(subject)),
            Program::OutlookMac => format!("{typed}\n\n\n{}{quoted}", mac_header(subject)),
            Program::IPhone => {
                let below = marked(quoted, 76).replacen("On ", "> On ", 1);
                format!(
                    "{typed}\n\nSent from my iPhone\n\n{}",
                    below.replacen("wrote:\n\n", "wrote:\n> \n> \u{feff}\n", 1)
                )
            }
            _ => format!("{typed}\n\n{}", marked(quoted, 76)),
        };
        let body = format!(
            "--=_alt\nContent-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: quoted-printable\n\n{}\n\
             --=_alt\nContent-Type: text/html; charset=\"UTF-8\"\nContent-Transfer-Encoding: quoted-printable\n\n{}\n\
             --=_alt--\n",
            printable(&plain),
            printable(&html)
        );
        (format!("multipart/alternative; boundary=\"=_alt\"{}", self.headers(subject)), body)
    }

    /// Header lines by which these programs can be told.
    fn headers(self, subject: &str) -> String {
        match self {
            Program::OutlookMacLegacy | Program::OutlookMac => format!(
                "\nUser-Agent: Microsoft-MacOutlook/16.103.25111410\nThread-Topic: {subject}\n\
                 Thread-Index: AQHcXQ9k0mW3yQm7YUe5dQ2Tt4rW6Q==\nAccept-Language: en-US\nContent-Language: en-US"
            ),
            Program::OutlookWeb => format!(
                "\nThread-Topic: {subject}\nThread-Index: AQHcXQ9k0mW3yQm7YUe5dQ2Tt4rW6g==\n\
                 X-MS-Has-Attach:\nmsip_labels:"
            ),
            Program::IPhone => "\nX-Mailer: iPhone Mail (23B85)\nMime-Version: 1.0 (1.0)".to_owned(),
            _ => String::new(),
        }
    }
}

const WHEN: &str = "Tue, Nov 24, 2026 at 10:00 AM";

fn escaped(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Addresses become links.
fn linked(line: &str) -> String {
    let mut out = String::new();
    for (at, word) in line.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let bare = word.trim_matches(['<', '>', ',', '(', ')']);
        if bare.contains('@') && bare.contains('.') && !bare.contains(':') {
            let link = format!("<a href=\"mailto:{bare}\">{bare}</a>");
            out.push_str(&escaped(word).replace(&escaped(bare), &link));
        } else {
            out.push_str(&escaped(word));
        }
    }
    out
}

fn lines(text: &str, each: impl Fn(&str) -> String, blank: &str) -> String {
    text.lines().map(|line| if line.trim().is_empty() { blank.to_owned() } else { each(line) }).collect()
}

/// Lines with marks of quotation, wrapped as plain text is.
fn marked(quoted: &str, width: usize) -> String {
    let mut out = format!("On {WHEN}, <baton@vendor.example> wrote:\n\n");
    for line in quoted.lines() {
        let mut rest = line.trim_end();
        loop {
            let cut = rest.get(..width).and_then(|head| head.rfind(' ')).filter(|at| *at > 20);
            let (now, later) = cut.map_or((rest, ""), |at| rest.split_at(at));
            let later = later.trim_start();
            out.push_str(format!("> {now}").trim_end());
            out.push('\n');
            if later.is_empty() {
                break;
            }
            rest = later;
        }
    }
    out
}

fn gmail(typed: &str, quoted: &str) -> String {
    let own = lines(typed, |line| format!("<div>{}</div>", linked(line)), "<div><br></div>");
    // The original is a table of one cell; the record in it keeps its lines.
    let inside = lines(quoted, |line| format!("{}<br>", linked(line)), "<br>");
    format!(
        "<div dir=\"ltr\">{own}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">\
         On {WHEN} &lt;<a href=\"mailto:baton@vendor.example\">baton@vendor.example</a>&gt; wrote:<br></div>\
         <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">\
         <u></u><div><table role=\"presentation\"><tbody><tr><td>{inside}</td></tr></tbody></table></div></blockquote></div>\n"
    )
}

fn outlook_header(subject: &str) -> String {
    format!(
        "From: baton@vendor.example <baton@vendor.example>\nSent: Tuesday, November 24, 2026 10:00 AM\n\
         To: Dana Fox <dana@vendor.example>\nSubject: {subject}\n\n"
    )
}

fn outlook_windows(typed: &str, quoted: &str, subject: &str) -> String {
    let paragraph = |line: &str| format!("<p class=MsoNormal>{}<o:p></o:p></p>\n", linked(line));
    let empty = "<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n";
    // A record in a monospaced block comes back as one block for each line.
    let block = |line: &str| format!("<pre>{}<o:p></o:p></pre>\n", linked(line));
    let own = lines(typed, paragraph, empty);
    let inside = lines(quoted, block, "<pre><o:p>&nbsp;</o:p></pre>\n");
    format!(
        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:w=\"urn:schemas-microsoft-com:office:word\">\n\
         <head><meta name=Generator content=\"Microsoft Word 15 (filtered medium)\"><style><!-- p.MsoNormal {{margin:0in;}} --></style></head>\n\
         <body lang=EN-US link=\"#0563C1\"><div class=WordSection1>\n{own}{empty}\
         <div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'>\n\
         <p class=MsoNormal><b>From:</b> baton@vendor.example &lt;baton@vendor.example&gt; <br><b>Sent:</b> Tuesday, November 24, 2026 10:00 AM<br>\
         <b>To:</b> Dana Fox &lt;dana@vendor.example&gt;<br><b>Subject:</b> {}<o:p></o:p></p></div></div>\n{empty}{inside}</div></body></html>\n",
        escaped(subject)
    )
}

fn outlook_mobile(typed: &str, quoted: &str, subject: &str) -> String {
    let own = lines(
        typed,
        |line| format!("<div dir=\"auto\">{}</div>\n", linked(line)),
        "<div dir=\"auto\"><br></div>\n",
    );
    let inside = lines(quoted, |line| format!("<div>{}</div>\n", linked(line)), "<div><br></div>\n");
    format!(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>\n{own}\
         <div id=\"ms-outlook-mobile-signature\" dir=\"auto\">Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div>\n\
         <hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\">\
         <font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\"><b>From:</b> baton@vendor.example &lt;baton@vendor.example&gt;<br>\
         <b>Sent:</b> Tuesday, November 24, 2026 10:00:00 AM<br><b>To:</b> Dana Fox &lt;dana@vendor.example&gt;<br><b>Subject:</b> {}</font>\
         <div>&nbsp;</div></div>\n<div>{inside}</div></body></html>\n",
        escaped(subject)
    )
}

fn mac_header(subject: &str) -> String {
    format!(
        "From: baton@vendor.example <baton@vendor.example>\nDate: Tuesday, November 24, 2026 at 10:00\u{202f}AM\n\
         To: Dana Fox <dana@vendor.example>\nSubject: {subject}\n\n"
    )
}

/// The block of headers, as both programs for the Mac write it.
fn mac_header_lines(subject: &str) -> String {
    format!(
        "<b>From: </b>baton@vendor.example &lt;<a href=\"mailto:baton@vendor.example\">baton@vendor.example</a>&gt;<br>\
         <b>Date: </b>Tuesday, November 24, 2026 at 10:00\u{202f}AM<br><b>To: </b>Dana Fox &lt;<a href=\"mailto:dana@vendor.example\">dana@vendor.example</a>&gt;<br>\
         <b>Subject: </b>{}",
        escaped(subject)
    )
}

/// Word's paragraphs; the original stands unmarked below a line.
fn outlook_mac_legacy(typed: &str, quoted: &str, subject: &str) -> String {
    let paragraph = |line: &str| {
        format!("<p class=MsoNormal><span style='font-size:11.0pt'>{}<o:p></o:p></span></p>\n", linked(line))
    };
    let empty = "<p class=MsoNormal><span style='font-size:11.0pt'><o:p>&nbsp;</o:p></span></p>\n";
    let inside = lines(
        quoted,
        |line| format!("<p class=MsoNormal style='margin-left:0in'>{}<o:p></o:p></p>\n", linked(line)),
        "<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n",
    );
    format!(
        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:w=\"urn:schemas-microsoft-com:office:word\">\n\
         <head><meta http-equiv=Content-Type content=\"text/html; charset=utf-8\"><meta name=Title content=\"\"><meta name=Keywords content=\"\">\
         <meta name=Generator content=\"Microsoft Word 15 (filtered medium)\"><style><!-- p.MsoNormal {{margin:0in; font-family:\"Calibri\",sans-serif;}} --></style></head>\n\
         <body lang=EN-US link=\"#0563C1\" vlink=\"#954F72\" style='word-wrap:break-word;-webkit-nbsp-mode:space;-webkit-line-break:after-white-space'>\
         <div class=WordSection1>\n{}{empty}\
         <div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal><span style='font-size:12.0pt;color:black'>{}\
         <o:p></o:p></span></p></div>\n<div>{empty}</div>\n{inside}</div></body></html>\n",
        lines(typed, paragraph, empty),
        mac_header_lines(subject)
    )
}

/// The new program shares its editor with the phones'.
fn outlook_mac(typed: &str, quoted: &str, subject: &str) -> String {
    const FONT: &str =
        "font-family: Aptos, Arial, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);";
    let own = lines(
        typed,
        |line| format!("<div style=\"{FONT}\">{}</div>\n", linked(line)),
        &format!("<div style=\"{FONT}\"><br></div>\n"),
    );
    let inside = lines(
        quoted,
        |line| format!("<div style=\"direction: ltr;\">{}</div>\n", linked(line)),
        "<div><br></div>\n",
    );
    format!(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body dir=\"ltr\">\n{own}\
         <div style=\"{FONT}\"><br></div>\n<div id=\"mail-editor-reference-message-container\">\n\
         <div class=\"ms-outlook-mobile-reference-message skipProofing\" style=\"padding: 3pt 0in 0in; border-width: 1pt medium medium; \
         border-style: solid none none; border-color: rgb(181, 196, 223) currentcolor currentcolor;\">\
         <span style=\"font-family: Aptos; font-size: 12pt; color: black;\">{}<br><br></span></div>\n{inside}</div>\n</body></html>\n",
        mac_header_lines(subject)
    )
}

/// In the browser; a plain original comes back as lines of one block.
fn outlook_web(typed: &str, quoted: &str, subject: &str) -> String {
    let own = lines(
        typed,
        |line| {
            format!(
                "<div class=\"elementToProof\" style=\"font-family: Aptos, Calibri, sans-serif; font-size: 12pt;\">{}</div>\n",
                linked(line)
            )
        },
        "<div class=\"elementToProof\"><br></div>\n",
    );
    let inside = lines(quoted, |line| format!("{}<br>\n", linked(line)), "<br>\n");
    format!(
        "<html><head><style type=\"text/css\" style=\"display:none;\"> P {{margin-top:0;margin-bottom:0;}} </style></head><body dir=\"ltr\">\n{own}\
         <div id=\"appendonsend\"></div>\n<hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\n\
         <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\">\
         <b>From:</b> baton@vendor.example &lt;baton@vendor.example&gt;<br><b>Sent:</b> Tuesday, November 24, 2026 10:00 AM<br>\
         <b>To:</b> Dana Fox &lt;dana@vendor.example&gt;<br><b>Subject:</b> {}</font><div>&nbsp;</div></div>\n\
         <div class=\"BodyFragment\"><font size=\"2\"><span style=\"font-size:11pt;\"><div class=\"PlainText\">{inside}</div></span></font></div>\n</body></html>\n",
        escaped(subject)
    )
}

/// Below the signature that every iPhone has, a citation in a quotation of its own.
fn iphone(typed: &str, quoted: &str) -> String {
    let own = lines(
        typed,
        |line| format!("<div dir=\"ltr\">{}</div>", linked(line)),
        "<div dir=\"ltr\"><br></div>",
    );
    let inside = lines(quoted, |line| format!("<div>{}</div>", linked(line)), "<div><br></div>");
    format!(
        "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body dir=\"auto\">{own}\
         <br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">Sent from my iPhone</div>\
         <div dir=\"ltr\"><br><blockquote type=\"cite\">On Nov 24, 2026, at 10:00\u{202f}AM, baton@vendor.example wrote:<br><br></blockquote></div>\
         <blockquote type=\"cite\"><div dir=\"ltr\">\u{feff}{inside}</div></blockquote></body></html>\n"
    )
}

fn apple(typed: &str, quoted: &str) -> String {
    let own = lines(typed, |line| format!("<div>{}</div>", linked(line)), "<div><br></div>");
    let inside = lines(quoted, |line| format!("<div>{}</div>", linked(line)), "<div><br></div>");
    format!(
        "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head>\
         <body style=\"overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;\">{own}<br id=\"lineBreakAtBeginningOfMessage\">\
         <div><br><blockquote type=\"cite\"><div>On Nov 24, 2026, at 10:00\u{202f}AM, baton@vendor.example wrote:</div>\
         <br class=\"Apple-interchange-newline\"><div><div>{inside}</div></div></blockquote></div><br></body></html>\n"
    )
}

/// What is typed into a quotation tears it in two: where nothing is typed above it, the line of the pain stands between.
fn thunderbird(typed: &str, quoted: &str) -> String {
    let own = lines(typed, |line| format!("<p>{}</p>\n", linked(line)), "<p><br></p>\n");
    let torn = |line: &str| {
        if typed.is_empty() && line.starts_with('"') {
            format!(
                "</pre></blockquote>\n<p>{}</p>\n<blockquote type=\"cite\" cite=\"mid:original\"><pre class=\"moz-quote-pre\" wrap=\"\">",
                linked(line)
            )
        } else {
            format!("{}\n", linked(line))
        }
    };
    let inside = lines(quoted, torn, "\n");
    format!(
        "<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"></head><body>\n{own}\
         <div class=\"moz-cite-prefix\">Am 24.11.2026 um 10:00 schrieb <a class=\"moz-txt-link-abbreviated\" href=\"mailto:baton@vendor.example\">baton@vendor.example</a>:<br></div>\n\
         <blockquote type=\"cite\" cite=\"mid:original\"><pre class=\"moz-quote-pre\" wrap=\"\">{inside}</pre></blockquote>\n\
         <pre class=\"moz-signature\" cols=\"72\">-- \nDana Fox</pre></body></html>\n"
    )
}

/// Quoted-printable (RFC 2045), lines of at most 76.
fn printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut length = 0;
        for (at, byte) in line.bytes().enumerate() {
            let is_last = at + 1 == line.len();
            let plain = (32..127).contains(&byte) && byte != b'=' && !(byte == b' ' && is_last);
            let piece = if plain { char::from(byte).to_string() } else { format!("={byte:02X}") };
            if length + piece.len() > 75 {
                out.push_str("=\n");
                length = 0;
            }
            length += piece.len();
            out.push_str(&piece);
        }
        out.push('\n');
    }
    out
}
