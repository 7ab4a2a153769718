//! The templates that are compiled in. One line for each file of `templates/`.

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)))),*]
    };
}

/// Templates that others take in: the skeleton of the HTML and the parts that several mails have.
pub(crate) const SHARED: [&str; 3] = ["base.html", "parts.html", "parts.txt"];

/// Name and source of every built-in template.
pub(crate) const BUILT_IN: [(&str, &str); 57] = built_in![
    "base.html",
    "parts.html",
    "parts.txt",
    "intro.txt",
    "intro.html",
    "record.txt",
    "record.html",
    "reminder.txt",
    "reminder.html",
    "escalation.txt",
    "escalation.html",
    "late-touch.txt",
    "late-touch.html",
    "withdrawal.txt",
    "withdrawal.html",
    "not-received.txt",
    "not-received.html",
    "away.txt",
    "away.html",
    "intro-bounced.txt",
    "intro-bounced.html",
    "touch-bounced.txt",
    "touch-bounced.html",
    "suspicious.txt",
    "suspicious.html",
    "who-is-this.txt",
    "who-is-this.html",
    "stated.txt",
    "stated.html",
    "refused.txt",
    "refused.html",
    "lingering.txt",
    "lingering.html",
    "chatter.txt",
    "chatter.html",
    "record-leaked.txt",
    "record-leaked.html",
    "meeting-declined.txt",
    "meeting-declined.html",
    "cannot-see.txt",
    "cannot-see.html",
    "can-see.txt",
    "can-see.html",
    "feedback-request.txt",
    "feedback-request.html",
    "feedback-question.txt",
    "feedback-question.html",
    "feedback-thanks.txt",
    "feedback-thanks.html",
    "feedback-reminder.txt",
    "feedback-reminder.html",
    "feedback-overdue.txt",
    "feedback-overdue.html",
    "digest.txt",
    "digest.html",
    "trouble.txt",
    "trouble.html",
];
