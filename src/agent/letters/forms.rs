//! The empty record, filled in with what the SDR's own mailbox proves. docs/behaviour.md section 13.

use std::sync::Arc;

use crate::domain::letter::{FormOrigin, Letter, RecordFormBrief};
use crate::domain::mails::MailBrief;
use crate::record::{PrefilledNames, blank};

use super::super::AgentError;
use super::super::app::App;
use super::{Reply, respond};

pub(super) async fn answer(
    app: &Arc<App>,
    seq: i64,
    letter: Letter,
    named: Option<String>,
) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let zone = app.policy.person(&letter.writer).map(|person| person.working.zone.clone());
        let zone = zone.unwrap_or_else(|| app.default_zone.clone());
        let names = PrefilledNames {
            sdr: Some(&letter.writer),
            ae: None,
            extra_conditions: &app.record_rules.conditions,
        };
        let record_text = blank(&names, zone.local(app.now()).date_naive());
        let origin = match named {
            None => FormOrigin::Blank,
            Some(named) => FormOrigin::NotFilledIn { named, why: String::new() },
        };
        let brief = MailBrief::RecordForm(Box::new(RecordFormBrief { origin, record_text }));
        respond(app, tx, seq, &letter, Reply::to_writer(&letter, brief))?;
        tx.finish_letter(seq, None)
    })
    .await
}
