//! Whether mail can leave from an account.

use crate::agent::app::{App, MailAccount};
use crate::agent::credentials::CredentialError;
use crate::cli::failure::{MAIL_SERVER, NO_PASSWORD_YET, NO_TOKEN_YET, REFUSED};
use crate::smtp::{self, Delivery, LoginOutcome};
use crate::tls::ServerLogin;

use super::advice::{self, Refusal};
use super::finding::{DoctorCheck, DoctorFinding};

/// Logs in at the account's submission server.
pub(crate) async fn submission(app: &App, account: &MailAccount) -> DoctorFinding {
    let what = DoctorFinding::of(account, "submission");
    let mut endpoint = match app.server_login(account, &account.smtp).await {
        Ok(endpoint) => endpoint,
        Err(error) => return no_login(what, REFUSED, &error),
    };
    let mut outcome = smtp::probe(&endpoint, app.smtp_deadlines).await;
    if matches!(outcome, Err(Delivery::LoginRefused { .. })) {
        match app.renew(account, &mut endpoint).await {
            Ok(true) => outcome = smtp::probe(&endpoint, app.smtp_deadlines).await,
            Ok(false) => {}
            Err(error) => return no_login(what, REFUSED, &error),
        }
    }
    match outcome {
        Ok(LoginOutcome::LoggedIn) => what.good("login works"),
        Ok(LoginOutcome::NotOffered) => {
            what.good("the server wants no login; `baton doctor --send` shows whether it delivers")
        }
        Err(delivery) => of_delivery(what, delivery, &endpoint).await,
    }
}

/// What came of an attempt to send.
pub(crate) async fn of_delivery(
    what: DoctorCheck,
    delivery: Delivery,
    endpoint: &ServerLogin,
) -> DoctorFinding {
    let (wrong, remedy) = match delivery.at(endpoint) {
        Delivery::Accepted { answer, .. } => return what.good(answer),
        Delivery::LoginRefused { text } => {
            let remedy = advice::for_refusal(&text, Refusal { endpoint, key: "smtp" });
            (text, remedy)
        }
        Delivery::CertificateRejected { reason } => {
            let remedy = advice::for_certificate(&reason);
            (reason, remedy)
        }
        Delivery::Unreachable { reason } => {
            let remedy = advice::for_silence(&reason, Refusal { endpoint, key: "smtp" }).await;
            (reason, remedy)
        }
        Delivery::Refused { text, .. } | Delivery::Deferred { text, .. } => {
            (text, "ask who runs the server".to_owned())
        }
        Delivery::Uncertain { reason } => (reason, "try again".to_owned()),
        Delivery::Stopped => ("it was stopped".to_owned(), "try again".to_owned()),
    };
    what.bad(MAIL_SERVER, wrong, remedy)
}

/// `status` is for what only a person can change.
pub(crate) fn no_login(what: DoctorCheck, status: u8, error: &CredentialError) -> DoctorFinding {
    let (status, remedy) = match error {
        CredentialError::NoGrant { login, reason } => {
            let login = format!("run `baton login {login}`");
            (
                status,
                advice::for_token_refusal(reason)
                    .map_or(login.clone(), |first| format!("{first}; then {login}")),
            )
        }
        CredentialError::NeedsPerson { reason } => (status, advice::for_credentials(reason)),
        CredentialError::NoTokenYet { .. } => (MAIL_SERVER, NO_TOKEN_YET.to_owned()),
        CredentialError::Later { .. } => (MAIL_SERVER, NO_PASSWORD_YET.to_owned()),
    };
    what.bad(status, error.to_string(), remedy)
}
