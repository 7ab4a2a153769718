//! What became of a delivery, named so that the outbox can act on it without reading error texts.

use crate::domain::message::MessageId;
use crate::tls::ServerLogin;

/// The end of one attempt to hand a message to a submission server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// 250 to the final dot, and nothing else. `refused` are those of the recipients that were not taken;
    /// empty under `RefusalPolicy::AllOrNobody`.
    Accepted {
        answer: String,
        provider_id: Option<MessageId>,
        refused: Vec<RefusedRecipient>,
    },
    /// A real 5xx; the message has left to nobody and will not by trying again. `recipients` are those
    /// that were named, empty where the message itself or its sender was refused.
    Refused {
        text: String,
        recipients: Vec<RefusedRecipient>,
    },
    /// 4xx, 503 or 5.5.0: the message has left to nobody, as the server says; try again.
    Deferred {
        text: String,
        recipients: Vec<RefusedRecipient>,
        /// The server had had all of the message: some deliver it and say so all the same.
        message_was_sent: bool,
    },
    /// The server does not take this login; the message has left to nobody.
    LoginRefused {
        text: String,
    },
    CertificateRejected {
        reason: String,
    },
    /// No connection, no TLS, silence, a server that serves nobody, or a connection lost before the last piece of the
    /// message was handed over: it has left to nobody.
    Unreachable {
        reason: String,
    },
    /// The last piece was handed to the network, and no answer came that says what became of the message. Only
    /// looking tells.
    Uncertain {
        reason: String,
    },
    /// The caller's `before_last_piece` said so; the message has left to nobody.
    Stopped,
}

/// For people who read a log.
impl std::fmt::Display for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = |f: &mut std::fmt::Formatter<'_>, recipients: &[RefusedRecipient]| {
            recipients.iter().try_for_each(|one| write!(f, "; not {}: {}", one.address, one.text))
        };
        match self {
            Self::Accepted { answer, provider_id, refused } => {
                write!(f, "accepted ({answer})")?;
                if let Some(id) = provider_id {
                    write!(f, ", as <{id}>")?;
                }
                named(f, refused)
            }
            Self::Refused { text, recipients } => {
                write!(f, "refused ({text})")?;
                named(f, recipients)
            }
            Self::Deferred { text, recipients, .. } => {
                write!(f, "put off ({text})")?;
                named(f, recipients)
            }
            Self::LoginRefused { text } => write!(f, "login refused ({text})"),
            Self::CertificateRejected { reason } => write!(f, "certificate rejected ({reason})"),
            Self::Unreachable { reason } => write!(f, "not reached ({reason})"),
            Self::Uncertain { reason } => write!(f, "nobody can tell whether it left ({reason})"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

impl Delivery {
    /// Put off before the message was handed over.
    pub(super) fn deferred(text: String) -> Self {
        Self::Deferred { text, recipients: Vec::new(), message_was_sent: false }
    }

    /// The same with the server named in reasons that are about it: the reader does not see the
    /// endpoint.
    #[must_use]
    pub(crate) fn at(self, endpoint: &ServerLogin) -> Self {
        self.at_server(&endpoint.host, endpoint.port, &endpoint.login)
    }

    #[must_use]
    pub(crate) fn at_server(self, host: &str, port: u16, login: &str) -> Self {
        let server = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        match self {
            Self::Unreachable { reason } if !reason.contains(host) => {
                Self::Unreachable { reason: format!("{server} cannot be reached: {reason}") }
            }
            Self::LoginRefused { text } => {
                Self::LoginRefused { text: format!("{server} refuses the login of {login}: {text}") }
            }
            Self::CertificateRejected { reason } => Self::CertificateRejected {
                reason: format!("{server} has a certificate that is not trusted: {reason}"),
            },
            other => other,
        }
    }
}

/// A recipient that the server did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRecipient {
    pub address: String,
    /// Whether it is for good, or for now.
    pub permanent: bool,
    /// The server's code and words.
    pub text: String,
}

/// Whether a message may leave to some of its recipients only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalPolicy {
    /// One recipient refused, and nothing leaves.
    AllOrNobody,
    /// It goes to whoever is taken, where one of the first `of` recipients is: those to whom it is addressed. Copies
    /// alone do not leave.
    OneAddressee { of: usize },
}

/// What the caller says when asked, right before the last piece of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataDecision {
    Proceed,
    Stop,
}

/// The id under which recipients will know the message, where the provider replaces ours and says so.
///
/// Microsoft 365: `250 2.0.0 OK <..prod.outlook.com> [Hostname=..]`. Amazon SES: `250 Ok ID`, and the
/// message leaves as `<ID@REGION.amazonses.com>`, in us-east-1 as `<ID@email.amazonses.com>`.
pub(super) fn provider_id(host: &str, answer: &str) -> Option<MessageId> {
    let host = host.to_ascii_lowercase();
    if let Some(region) =
        host.strip_prefix("email-smtp.").and_then(|rest| rest.strip_suffix(".amazonaws.com"))
    {
        let id = answer.split_whitespace().next_back()?;
        let region = region.trim_start_matches("fips.");
        let region = if region == "us-east-1" { "email" } else { region };
        let looks_like_one =
            id.len() > 20 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        return looks_like_one.then(|| MessageId::new(&format!("{id}@{region}.amazonses.com"))).flatten();
    }
    let (_, rest) = answer.split_once('<')?;
    let (id, _) = rest.split_once('>')?;
    let (local, domain) = id.rsplit_once('@')?;
    let microsoft = domain.to_ascii_lowercase().ends_with(".outlook.com");
    (microsoft && !local.is_empty()).then(|| MessageId::new(id)).flatten()
}

/// Whether a negative answer is for good. 503 (bad sequence) and 5.5.0 are what overloaded or confused
/// servers say; the same message passes later. So is 552 for too many recipients (RFC 5321 section 4.5.3.1.10).
pub(super) fn is_permanent(code: u16, text: &str) -> bool {
    let is_about_number = code == 552 && text.to_ascii_lowercase().contains("too many");
    let is_confused = code == 503 || text.split_whitespace().next() == Some("5.5.0");
    (500..600).contains(&code) && !is_confused && !is_about_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_that_providers_give_are_read_from_their_answers() {
        let microsoft = "2.0.0 OK <AM0PR0@AM0PR02.eurprd02.prod.outlook.com> [Hostname=AM0PR02]";
        let id = provider_id("smtp.office365.com", microsoft).unwrap();
        assert_eq!(id.as_str(), "AM0PR0@AM0PR02.eurprd02.prod.outlook.com");
        let ses = "Ok 0102018f5c1d2e3f-aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee-000000";
        let id = provider_id("email-smtp.eu-west-1.amazonaws.com", ses).unwrap();
        assert_eq!(id.domain().unwrap(), "eu-west-1.amazonses.com");
        let id = provider_id("email-smtp.us-east-1.amazonaws.com", ses).unwrap();
        assert_eq!(id.domain().unwrap(), "email.amazonses.com");
    }

    #[test]
    fn queue_ids_and_echoed_addresses_are_no_message_ids() {
        for answer in ["2.0.0 Ok: queued as 4XyZ", "OK <dana@vendor.example> accepted", "2.0.0 OK 17 - gsmtp"]
        {
            assert_eq!(provider_id("smtp.vendor.example", answer), None, "{answer}");
        }
    }

    #[test]
    fn what_became_of_a_delivery_is_told_in_words() {
        let refused =
            RefusedRecipient { address: "james@acme.example".into(), permanent: true, text: "550 no".into() };
        for (delivery, words) in [
            (
                Delivery::Accepted {
                    answer: "2.0.0 Ok: queued as 4XyZ".into(),
                    provider_id: None,
                    refused: vec![refused.clone()],
                },
                "accepted (2.0.0 Ok: queued as 4XyZ); not james@acme.example: 550 no",
            ),
            (
                Delivery::Deferred { text: "451 later".into(), recipients: vec![], message_was_sent: false },
                "put off (451 later)",
            ),
            (Delivery::Uncertain { reason: "silence".into() }, "nobody can tell whether it left (silence)"),
        ] {
            assert_eq!(delivery.to_string(), words);
        }
    }

    #[test]
    fn only_a_real_5xx_is_permanent() {
        assert!(is_permanent(550, "5.1.1 no such user"));
        assert!(is_permanent(554, ""));
        assert!(is_permanent(552, "5.2.2 mailbox full") && !is_permanent(552, "5.5.3 Too many recipients"));
        assert!(!is_permanent(503, "5.5.1 bad sequence"));
        assert!(!is_permanent(554, "5.5.0 try again"));
        assert!(!is_permanent(451, "4.7.1 greylisted"));
    }
}
