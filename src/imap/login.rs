//! The login: which of the ways that a server offers is taken, and the next where it does not know the first.
//!
//! A password goes by LOGIN, AUTHENTICATE PLAIN or AUTHENTICATE LOGIN, a token by XOAUTH2 or OAUTHBEARER. A way that the
//! server refuses as such is no refusal of the password. Known limit: no challenges that hide the password (CRAM-MD5,
//! SCRAM), since TLS does.

use std::collections::HashSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use super::{
    command::Command,
    error::ImapError,
    exec::{CommandStatus, CommandTimeouts, LiveConnection, ResponseStep, TaggedReply, capabilities},
    grammar::{ReplyStatus, ServerAnswer, code},
};
use crate::tls::{self, Auth, ServerLogin, TokenMechanism, later::login_may_pass_later};

const LOGIN: &str = "the login";

/// How a password is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PasswordWay {
    Command,
    Plain,
    Login,
}

/// The ways that a server may know, the likeliest first.
fn password_ways(offered: &HashSet<String>, is_quotable: bool) -> Vec<PasswordWay> {
    let knows_plain = offered.contains("AUTH=PLAIN");
    let has_command = !offered.contains("LOGINDISABLED");
    let mut ways = Vec::new();
    if has_command && (is_quotable || !knows_plain) {
        ways.push(PasswordWay::Command);
    }
    if knows_plain {
        ways.push(PasswordWay::Plain);
    }
    if offered.contains("AUTH=LOGIN") {
        ways.push(PasswordWay::Login);
    }
    if has_command && !ways.contains(&PasswordWay::Command) {
        ways.push(PasswordWay::Command);
    }
    ways
}

/// Whether a server's answer is about the way of the login, not about who logs in.
fn is_about_the_way(reply: &TaggedReply) -> bool {
    let text = reply.text.to_ascii_lowercase();
    let words = ["[privacyrequired]", "[cannot]", "disabled, use", "login is disabled", "login disabled"];
    let unknown = [
        "not supported",
        "unsupported",
        "not allowed here",
        "use authenticate",
        "mechanism",
        "unknown command",
    ];
    reply.status == CommandStatus::Bad
        || words.iter().chain(&unknown).any(|word| text.contains(word)) && !login_may_pass_later(&text)
}

/// Logs in with what is `offered`. What the server announces with its welcome is added to `announced`.
pub(super) async fn log_in(
    link: &mut LiveConnection,
    endpoint: &ServerLogin,
    offered: &HashSet<String>,
    timeouts: CommandTimeouts,
    announced: &mut HashSet<String>,
) -> Result<(), ImapError> {
    let reply = match &endpoint.auth {
        Auth::XOAuth2(token) => with_token(link, endpoint, token, offered, announced).await?,
        Auth::Password(password) => {
            with_password(link, endpoint, password, offered, timeouts, announced).await?
        }
    };
    if reply.status != CommandStatus::Ok {
        return Err(login_error(endpoint, reply.text));
    }
    announced.extend(named_capabilities(reply.text.as_bytes()));
    Ok(())
}

/// `[CAPABILITY ..]` in front of a status text.
pub(super) fn named_capabilities(text: &[u8]) -> HashSet<String> {
    match code(text) {
        Some((name, list)) if name == "CAPABILITY" => capabilities(list),
        _ => HashSet::new(),
    }
}

fn noted(announced: &mut HashSet<String>) -> impl FnMut(&ServerAnswer<'_>) + Send {
    |answer: &ServerAnswer<'_>| match answer {
        ServerAnswer::Capability(list) => announced.extend(capabilities(list)),
        ServerAnswer::Condition { status: ReplyStatus::Ok, text } => {
            announced.extend(named_capabilities(text));
        }
        _ => {}
    }
}

async fn with_password(
    link: &mut LiveConnection,
    endpoint: &ServerLogin,
    password: &SecretString,
    offered: &HashSet<String>,
    timeouts: CommandTimeouts,
    announced: &mut HashSet<String>,
) -> Result<TaggedReply, ImapError> {
    let (login, secret) = (&endpoint.login, password.expose_secret());
    // A quoted string is ASCII without line ends; PLAIN takes everything but NUL.
    let quotable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let mut ways = password_ways(offered, quotable(login) && quotable(secret)).into_iter().peekable();
    while let Some(way) = ways.next() {
        let reply = match way {
            PasswordWay::Command => by_command(link, login, password, timeouts, announced).await?,
            PasswordWay::Plain => {
                let words = vec![Zeroizing::new(format!("\0{login}\0{secret}"))];
                authenticate(link, "AUTHENTICATE PLAIN", words, "", announced).await?.0
            }
            PasswordWay::Login => {
                let words = vec![Zeroizing::new(login.clone()), Zeroizing::new(secret.to_owned())];
                authenticate(link, "AUTHENTICATE LOGIN", words, "", announced).await?.0
            }
        };
        if ways.peek().is_none() || reply.status == CommandStatus::Ok || !is_about_the_way(&reply) {
            return Ok(reply);
        }
    }
    let mut others: Vec<&str> = offered.iter().filter_map(|name| name.strip_prefix("AUTH=")).collect();
    others.sort_unstable();
    let others = if others.is_empty() { "no other".to_owned() } else { others.join(", ") };
    let text = format!("it takes no password by PLAIN or LOGIN (LOGINDISABLED); it offers {others}");
    Err(ImapError::LoginRefused { login: login.clone(), text, by_token: false })
}

async fn by_command(
    link: &mut LiveConnection,
    login: &str,
    password: &SecretString,
    timeouts: CommandTimeouts,
    announced: &mut HashSet<String>,
) -> Result<TaggedReply, ImapError> {
    let command = Command::new(LOGIN, "LOGIN ".to_owned(), timeouts.connect).string(login)?.text(" ");
    link.run(command.string(password.expose_secret())?, timeouts.connect, noted(announced)).await
}

/// Logs in by token, in one line where the server takes it so (RFC 4959).
async fn with_token(
    link: &mut LiveConnection,
    endpoint: &ServerLogin,
    token: &SecretString,
    offered: &HashSet<String>,
    announced: &mut HashSet<String>,
) -> Result<TaggedReply, ImapError> {
    let mechanism = TokenMechanism::among(|name| offered.contains(&format!("AUTH={name}")));
    let words = endpoint.token_response(mechanism, token);
    let command = format!("AUTHENTICATE {}", mechanism.name());
    let to_error = mechanism.answer_to_error();
    let (mut reply, challenge) = if offered.contains("SASL-IR") {
        let command = Zeroizing::new(format!("{command} {}", BASE64_STANDARD.encode(words.as_bytes())));
        authenticate(link, &command, Vec::new(), to_error, announced).await?
    } else {
        authenticate(link, &command, vec![words], to_error, announced).await?
    };
    let refusal = challenge.and_then(|challenge| tls::token_refusal(&challenge));
    if let (true, Some(refusal)) = (reply.status != CommandStatus::Ok, refusal) {
        reply.text = format!("{refusal} ({})", reply.text);
    }
    Ok(reply)
}

/// Answers the challenges with the credentials, as long as there are some left to say, and any other, by which a server
/// reports an error, with `to_error`, so that it can say NO. Gives back what the server reported so.
async fn authenticate(
    link: &mut LiveConnection,
    command: &str,
    words: Vec<Zeroizing<String>>,
    to_error: &str,
    announced: &mut HashSet<String>,
) -> Result<(TaggedReply, Option<Vec<u8>>), ImapError> {
    let tag = link.begin(LOGIN, command.as_bytes()).await?;
    let mut words = words.into_iter();
    let mut reported = None;
    loop {
        match link.step(LOGIN, &tag, &mut noted(announced)).await? {
            ResponseStep::Untagged => {}
            ResponseStep::Done(reply) => return Ok((reply, reported)),
            ResponseStep::Continue(challenge) => {
                let answer = match words.next() {
                    Some(words) => Zeroizing::new(BASE64_STANDARD.encode(words.as_bytes())),
                    None => {
                        reported = BASE64_STANDARD.decode(challenge.trim_ascii()).ok();
                        Zeroizing::new(BASE64_STANDARD.encode(to_error))
                    }
                };
                link.write(LOGIN, answer.as_bytes()).await?;
            }
        }
    }
}

/// A NO to the login, in the server's words.
fn login_error(endpoint: &ServerLogin, text: String) -> ImapError {
    let text = if text.is_empty() { "without a reason".to_owned() } else { text };
    if login_may_pass_later(&text) {
        ImapError::Temporary { text }
    } else {
        let by_token = matches!(endpoint.auth, Auth::XOAuth2(_));
        ImapError::LoginRefused { login: endpoint.login.clone(), text, by_token }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(offered: &[&str], is_quotable: bool) -> Vec<PasswordWay> {
        password_ways(&offered.iter().map(|name| (*name).to_owned()).collect(), is_quotable)
    }

    #[test]
    fn a_password_is_said_in_every_way_that_is_offered() {
        use PasswordWay::{Command, Login, Plain};
        assert_eq!(ways(&[], true), [Command]);
        assert_eq!(ways(&[], false), [Command]);
        assert_eq!(ways(&["AUTH=PLAIN"], true), [Command, Plain]);
        assert_eq!(ways(&["AUTH=PLAIN", "AUTH=LOGIN"], false), [Plain, Login, Command]);
        assert_eq!(ways(&["LOGINDISABLED", "AUTH=LOGIN"], true), [Login]);
        assert_eq!(ways(&["LOGINDISABLED", "AUTH=CRAM-MD5"], true), []);
    }

    #[test]
    fn a_way_that_a_server_does_not_know_is_no_wrong_password() {
        let reply = |status, text: &str| TaggedReply { status, text: text.to_owned(), append_uid: None };
        for text in
            ["Login disabled, use AUTHENTICATE", "[CANNOT] LOGIN not supported", "[PRIVACYREQUIRED] no"]
        {
            assert!(is_about_the_way(&reply(CommandStatus::No, text)), "{text}");
        }
        assert!(is_about_the_way(&reply(CommandStatus::Bad, "")));
        for text in ["[AUTHENTICATIONFAILED] Authentication failed.", "LOGIN failed", "account disabled"] {
            assert!(!is_about_the_way(&reply(CommandStatus::No, text)), "{text}");
        }
    }
}
