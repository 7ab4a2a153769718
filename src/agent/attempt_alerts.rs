//! What the operator hears of an account that cannot send.

use crate::store::{ReadTransaction, Result as Stored, WriteTransaction};

use super::app::App;

/// Somebody has to change something before it can.
pub(super) fn alert_login_refused(
    app: &App,
    tx: &WriteTransaction<'_>,
    account: &str,
    reason: &str,
) -> Stored<()> {
    let what = format!("mail of the account {account} cannot leave");
    let remedy = if app.credentials.are_by_token(account) {
        "Renew the consent (`baton login`), the application's permission or the certificate, then run `baton doctor`."
    } else {
        "Fix the login or the certificate in the configuration, then run `baton doctor`."
    };
    tx.raise_alert(&subject(account), &what, reason, remedy, app.now())?;
    Ok(())
}

/// Its server has not been reached for as long as makes a mailbox blind.
pub(super) fn alert_unreachable(
    app: &App,
    tx: &WriteTransaction<'_>,
    account: &str,
    reason: &str,
) -> Stored<()> {
    let what = format!("mail of the account {account} cannot leave");
    let remedy = "Its mail server cannot be reached; baton goes on trying. Run `baton doctor` to see why.";
    tx.raise_alert(&subject(account), &what, reason, remedy, app.now())?;
    Ok(())
}

/// What such an alert is kept under.
pub(crate) fn subject(account: &str) -> String {
    format!("submission {account}")
}

/// Accounts of which an alert says that their mail cannot leave.
pub(crate) fn that_cannot_send(tx: &ReadTransaction<'_>) -> Stored<Vec<String>> {
    let open = tx.alerts()?.into_iter().filter(|alert| alert.resolved.is_none());
    Ok(open.filter_map(|alert| alert.subject.strip_prefix("submission ").map(str::to_owned)).collect())
}
