//! What the operator hears of an account that cannot send.

use crate::store::{Result as Stored, WriteTransaction};

use super::app::App;

/// Somebody has to change something before it can.
pub(super) fn alert_login_refused(
    app: &App,
    tx: &WriteTransaction<'_>,
    account: &str,
    reason: &str,
) -> Stored<()> {
    let what = format!("mail of the account {account} cannot leave");
    let remedy = "Fix the login or the certificate in the configuration, then run `baton doctor`.";
    tx.raise_alert(&format!("submission {account}"), &what, reason, remedy, app.now())?;
    Ok(())
}
