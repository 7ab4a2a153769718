//! One mail handed to its account's server: what has to hold right before its last piece leaves, for whoever sends it.

use std::sync::Arc;

use crate::domain::message::Address;
use crate::smtp::{DataDecision, Delivery, Submission};
use crate::store::{LeaseState, Result as Stored, WriteTransaction};

use super::app::App;
use super::delivery_right::check_file;
use super::submission_pool::SubmissionPool;
use crate::store::Priority;

/// Recipients who are refused, and what the server said.
pub(super) type Refused = Vec<(Address, String)>;

/// Hands it over. `begins` commits that the last piece leaves, given who is refused; nothing leaves unless it is held.
/// `is_awaited`: a person waits for the answer.
pub(super) async fn hand_over(
    app: &Arc<App>,
    pool: &SubmissionPool,
    submission: Submission<'_>,
    is_awaited: bool,
    begins: impl FnOnce(&App, &WriteTransaction<'_>, Refused) -> Stored<LeaseState> + Send + 'static,
) -> Delivery {
    let mut lease = match pool.connection(app, is_awaited).await {
        Ok(lease) => lease,
        Err(delivery) => return delivery,
    };
    let Some(connection) = lease.connection() else { return Delivery::Stopped };
    let delivery = connection
        .submit(submission, |refused| {
            let refused =
                refused.iter().filter_map(|one| Some((Address::new(&one.address)?, one.text.clone())));
            let refused: Refused = refused.collect();
            async move {
                if app.is_stopping() {
                    return DataDecision::Stop;
                }
                if let Err(error) = check_file(app) {
                    tracing::error!(%error, "nothing leaves");
                    return DataDecision::Stop;
                }
                let begun = app.write_with(Priority::Command, move |app, tx| begins(app, tx, refused)).await;
                match begun {
                    Ok(LeaseState::Held) => DataDecision::Proceed,
                    Ok(LeaseState::Lost) => {
                        tracing::warn!("another process has taken the mail back, so nothing leaves");
                        DataDecision::Stop
                    }
                    Err(error) => {
                        tracing::error!(%error, "the phase could not be written, so nothing leaves");
                        DataDecision::Stop
                    }
                }
            }
        })
        .await;
    lease.give_back();
    app.account(pool.account()).map_or(delivery.clone(), |account| {
        delivery.at_server(&account.smtp.host, account.smtp.port, &account.login)
    })
}
