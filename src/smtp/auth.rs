//! The login (RFC 4954): by password with PLAIN or LOGIN, by token with XOAUTH2 or OAUTHBEARER (RFC 7628).

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use secrecy::{ExposeSecret, zeroize::Zeroizing};

use super::LoginOutcome;
use super::capabilities::SmtpCapabilities;
use super::connection::SmtpConnection;
use super::failure::CommandFailure;
use super::outcome::Delivery;
use crate::tls::{self, Auth, ServerLogin, TokenMechanism, later::login_may_pass_later};

/// How a login is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SaslMechanism {
    Plain,
    Login,
    XOAuth2,
    OAuthBearer,
}

impl SaslMechanism {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
        }
    }
}

/// What is tried, one after the other.
fn mechanisms(auth: &Auth, offered: &SmtpCapabilities) -> Vec<SaslMechanism> {
    let fit = match auth {
        Auth::Password(_) => [SaslMechanism::Plain, SaslMechanism::Login],
        Auth::XOAuth2(_) => [SaslMechanism::XOAuth2, SaslMechanism::OAuthBearer],
    };
    // A server that offers a login and not by what is asked for the usual.
    let says_nothing = offered.auth.as_ref().is_some_and(std::collections::BTreeSet::is_empty);
    fit.into_iter().filter(|mechanism| says_nothing || offered.offers(mechanism.name())).collect()
}

/// Logs in where the server offers a login that fits. One that offers none may know its neighbours; one that does not
/// says 530 to MAIL.
pub(super) async fn log_in(
    connection: &mut SmtpConnection,
    endpoint: &ServerLogin,
) -> Result<LoginOutcome, Delivery> {
    let mut last = None;
    let fit = mechanisms(&endpoint.auth, connection.capabilities());
    let is_offered = connection.capabilities().auth.is_some();
    if let (true, true, Auth::XOAuth2(_)) = (fit.is_empty(), is_offered, &endpoint.auth) {
        let text = "the server takes no tokens: it offers neither XOAUTH2 nor OAUTHBEARER";
        return Err(Delivery::LoginRefused { text: text.to_owned() });
    }
    for mechanism in fit {
        match log_in_by(connection, endpoint, mechanism).await {
            Ok(()) => return Ok(LoginOutcome::LoggedIn),
            // The mechanism is not known after all.
            Err(failure) if is_about_the_mechanism(&failure) => last = Some(failure),
            Err(failure) => return Err(refused(failure)),
        }
    }
    last.map_or(Ok(LoginOutcome::NotOffered), |failure| Err(refused(failure)))
}

/// Whether an answer is about the mechanism, not about who logs in.
fn is_about_the_mechanism(failure: &CommandFailure) -> bool {
    let CommandFailure::Answer { code, text, .. } = failure else { return false };
    let text = text.to_ascii_lowercase();
    let words = ["mechanism", "not supported", "unsupported", "authentication type"];
    matches!(code, 500..=502 | 504) || *code >= 500 && words.iter().any(|word| text.contains(word))
}

/// A 5xx of a server that is out of order is no wrong password, whatever its code.
fn refused(failure: CommandFailure) -> Delivery {
    match failure {
        CommandFailure::Answer { permanent: true, text, .. } if login_may_pass_later(&text) => {
            Delivery::deferred(text)
        }
        CommandFailure::Answer { permanent: true, text, .. } => Delivery::LoginRefused { text },
        other => other.into_delivery(),
    }
}

async fn log_in_by(
    connection: &mut SmtpConnection,
    endpoint: &ServerLogin,
    mechanism: SaslMechanism,
) -> Result<(), CommandFailure> {
    let name = mechanism.name();
    let responses = responses(endpoint, mechanism);
    let mut responses = responses.iter().map(|response| Zeroizing::new(BASE64.encode(response.as_bytes())));
    let mut answer = match mechanism {
        // LOGIN knows no initial response; what its prompts are called differs, their order does not.
        SaslMechanism::Login => connection.exchange(&format!("AUTH {name}")).await?,
        _ => {
            let initial = responses.next().unwrap_or_default();
            let line = Zeroizing::new(format!("AUTH {name} {}", initial.as_str()));
            let mut answer = connection.exchange(&line).await?;
            if answer.code == 501 && mechanism == SaslMechanism::Plain {
                // A server from before RFC 4954 knows no initial response.
                answer = connection.exchange(&format!("AUTH {name}")).await?;
            }
            if answer.code == 334 && mechanism == SaslMechanism::Plain {
                // The initial response was not heard.
                connection.exchange(&initial).await?
            } else {
                answer
            }
        }
    };
    let is_token = matches!(endpoint.auth, Auth::XOAuth2(_));
    let mut refusal = None;
    while answer.code == 334 {
        let Some(response) = responses.next() else { break };
        if is_token {
            // What a server says of a token, it says in a challenge.
            let document = BASE64.decode(answer.words().trim()).unwrap_or_default();
            refusal = tls::token_refusal(&document).or(refusal);
        }
        answer = connection.exchange(&response).await?;
    }
    if answer.is_positive() {
        return Ok(());
    }
    Err(match (CommandFailure::of_answer(&answer), refusal) {
        (CommandFailure::Answer { code, permanent, text }, Some(refusal)) => {
            CommandFailure::Answer { code, permanent, text: format!("{refusal} ({text})") }
        }
        (failure, _) => failure,
    })
}

/// What is said, in its order. The last of a login by token answers the challenge that reports a failure.
fn responses(endpoint: &ServerLogin, mechanism: SaslMechanism) -> Vec<Zeroizing<String>> {
    let login = &endpoint.login;
    let secret = match &endpoint.auth {
        Auth::Password(secret) | Auth::XOAuth2(secret) => secret,
    };
    match mechanism {
        SaslMechanism::Plain => vec![Zeroizing::new(format!("\0{login}\0{}", secret.expose_secret()))],
        SaslMechanism::Login => {
            vec![Zeroizing::new(login.clone()), Zeroizing::new(secret.expose_secret().to_owned())]
        }
        SaslMechanism::XOAuth2 => vec![Auth::xoauth2_response(login, secret), Zeroizing::default()],
        SaslMechanism::OAuthBearer => {
            let mechanism = TokenMechanism::OAuthBearer;
            vec![
                endpoint.token_response(mechanism, secret),
                Zeroizing::new(mechanism.answer_to_error().to_owned()),
            ]
        }
    }
}
