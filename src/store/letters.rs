//! Letters that people wrote to baton, the drafts that came of them, and what its answers say. docs/behaviour.md
//! sections 13 and 14.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Value, json};

use crate::domain::letter::{
    ConditionBrief, DoneBrief, Draft, DraftState, FormOrigin, ForwardedMail, IntroBrief, Letter,
    LetterWriter, OverviewBrief, OverviewLine, RecordFault, RecordFaultsBrief, RecordFormBrief,
    RecordReadyBrief, SendFailedBrief, SendFailure,
};
use crate::domain::letter_answer::LetterAnswer;
use crate::domain::mails::{MailBrief, MailKind};

use super::json::{Json, StoredValue, field, names, object};
use super::{ReadTransaction, Result, StoreError, WriteTransaction, instant, seconds};

object!(Letter {
    identity: "identity",
    message_id: "message_id",
    at: "at",
    writer: "writer",
    from: "from",
    to: "to",
    cc: "cc",
    subject: "subject",
    base_subject: "base_subject",
    own_words: "own_words",
    reaction: "reaction",
    text: "text",
    attachments: "attachments",
    forwarded_from: "forwarded_from",
    forwarded: "forwarded",
    cited: "cited",
});
object!(ForwardedMail { from: "from", text: "text", extras: "extras" });
object!(RecordFault { line: "line", reason: "reason", help: "help", example: "example" });
object!(RecordFormBrief { origin: "origin", record_text: "record_text" });
object!(RecordFaultsBrief {
    company: "company",
    note: "note",
    faults: "faults",
    warnings: "warnings",
    understood: "understood",
    not_understood: "not_understood",
    offers: "offers",
    record_text: "record_text",
});
object!(IntroBrief { from: "from", to: "to", cc: "cc", subject: "subject", text: "text" });
object!(ConditionBrief { text: "text", proved_by: "proved_by" });
object!(RecordReadyBrief {
    company: "company",
    ae: "ae",
    note: "note",
    intro: "intro",
    deadline: "deadline",
    deadline_why: "deadline_why",
    conditions: "conditions",
    warnings: "warnings",
    understood: "understood",
    not_understood: "not_understood",
    again: "again",
    record_text: "record_text",
});
object!(SendFailedBrief {
    company: "company",
    failure: "failure",
    reason: "reason",
    addresses: "addresses",
    record_text: "record_text",
    stands: "stands",
});
object!(DoneBrief {
    company: "company",
    words: "words",
    done: "done",
    outcome: "outcome",
    instead: "instead",
    sdr: "sdr",
});
object!(OverviewLine { company: "company", id: "id", sdr: "sdr", ae: "ae", state: "state", part: "part" });
object!(OverviewBrief { asked: "asked", lines: "lines", story: "story" });
object!(LetterWriter { is_sdr: "sdr", is_ae: "ae", is_manager: "manager", is_operator: "operator" });
names!(SendFailure { Refused: "refused", Deferred: "deferred", Uncertain: "uncertain" });

impl Json for FormOrigin {
    fn to_json(&self) -> Value {
        match self {
            FormOrigin::Blank => json!({ "kind": "blank" }),
            FormOrigin::Prospect(named) => json!({ "kind": "prospect", "named": named }),
            FormOrigin::NotFilledIn { named, why } => {
                json!({ "kind": "not-filled-in", "named": named, "why": why })
            }
        }
    }

    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        Some(match field::<String>(value, "kind")?.as_str() {
            "blank" => FormOrigin::Blank,
            "prospect" => FormOrigin::Prospect(field(value, "named")?),
            "not-filled-in" => {
                FormOrigin::NotFilledIn { named: field(value, "named")?, why: field(value, "why")? }
            }
            _ => return None,
        })
    }
}

/// What an answer to a letter says, as a column; `None`: the brief is no such answer's.
fn brief_column(brief: &MailBrief) -> Option<String> {
    Some(match brief {
        MailBrief::RecordForm(brief) => brief.to_column(),
        MailBrief::RecordFaults(brief) => brief.to_column(),
        MailBrief::RecordReady(brief) => brief.to_column(),
        MailBrief::SendFailed(brief) => brief.to_column(),
        MailBrief::Done(brief) => brief.to_column(),
        MailBrief::Overview(brief) => brief.to_column(),
        MailBrief::Help { reader } => reader.to_column(),
        _ => return None,
    })
}

fn brief_from(kind: MailKind, column: &str) -> Option<MailBrief> {
    Some(match kind {
        MailKind::RecordForm => MailBrief::RecordForm(Box::new(RecordFormBrief::from_column(column)?)),
        MailKind::RecordFaults => MailBrief::RecordFaults(Box::new(RecordFaultsBrief::from_column(column)?)),
        MailKind::RecordReady => MailBrief::RecordReady(Box::new(RecordReadyBrief::from_column(column)?)),
        MailKind::SendFailed => MailBrief::SendFailed(Box::new(SendFailedBrief::from_column(column)?)),
        MailKind::Done => MailBrief::Done(DoneBrief::from_column(column)?),
        MailKind::Overview => MailBrief::Overview(Box::new(OverviewBrief::from_column(column)?)),
        MailKind::Help => MailBrief::Help { reader: LetterWriter::from_column(column)? },
        _ => return None,
    })
}

const COLUMNS: &str = "id, sdr, company, state, record_text, handoff, resends, made_at, letter_at";

fn draft(row: &Row<'_>) -> rusqlite::Result<(Draft, String)> {
    let at = |index: usize| -> rusqlite::Result<DateTime<Utc>> {
        DateTime::from_timestamp(row.get(index)?, 0)
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(index, row.get(index)?))
    };
    let state: String = row.get(3)?;
    let draft = Draft {
        id: row.get(0)?,
        sdr: row.get(1)?,
        company: row.get(2)?,
        state: DraftState::Faulty,
        record_text: row.get(4)?,
        handoff: row.get(5)?,
        resends: row.get(6)?,
        made_at: at(7)?,
        letter_at: at(8)?,
    };
    Ok((draft, state))
}

fn with_state((draft, state): (Draft, String)) -> Result<Draft> {
    let named = DraftState::ALL.into_iter().find(|known| known.name() == state);
    let unknown = || StoreError::Row { table: "drafts", key: draft.id.clone() };
    let state = named.ok_or_else(unknown)?;
    Ok(Draft { state, ..draft })
}

impl ReadTransaction<'_> {
    /// Letters that nobody has looked at yet, in the order in which they were written.
    pub(crate) fn letters_to_answer(&self) -> Result<Vec<(i64, Letter)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, data FROM letters WHERE state = 'new' AND data IS NOT NULL ORDER BY at, seq",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        read_letters(rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?)
    }

    /// The letters that a draft was made of, as far as their texts are kept.
    pub(crate) fn letters_of_draft(&self, draft: &str) -> Result<Vec<Letter>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, data FROM letters WHERE draft = ?1 AND data IS NOT NULL ORDER BY at, seq",
        )?;
        let rows = statement.query_map([draft], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let letters = read_letters(rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?)?;
        Ok(letters.into_iter().map(|(_, letter)| letter).collect())
    }

    pub(crate) fn draft(&self, id: &str) -> Result<Option<Draft>> {
        let sql = format!("SELECT {COLUMNS} FROM drafts WHERE id = ?1");
        let found = self.connection.prepare_cached(&sql)?.query_row([id], draft).optional()?;
        found.map(with_state).transpose()
    }

    /// The draft that a handoff was made from first.
    pub(crate) fn draft_of_handoff(&self, handoff: &str) -> Result<Option<Draft>> {
        let sql = format!("SELECT {COLUMNS} FROM drafts WHERE handoff = ?1 ORDER BY seq DESC LIMIT 1");
        let found = self.connection.prepare_cached(&sql)?.query_row([handoff], draft).optional()?;
        found.map(with_state).transpose()
    }

    /// Every draft in one of these states, the last letter first.
    pub(crate) fn drafts(&self, states: &[DraftState]) -> Result<Vec<Draft>> {
        let sql = format!("SELECT {COLUMNS} FROM drafts WHERE state = ?1 ORDER BY letter_at DESC, seq DESC");
        let mut all = Vec::new();
        for state in states {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map([state.name()], draft)?;
            for found in rows {
                all.push(with_state(found?)?);
            }
        }
        Ok(all)
    }

    /// The ready drafts of one SDR.
    pub(crate) fn ready_drafts_of(&self, sdr: &str) -> Result<Vec<Draft>> {
        let sql = format!("SELECT {COLUMNS} FROM drafts WHERE sdr = ?1 AND state = 'ready' ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([sdr], draft)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(with_state).collect()
    }

    /// What a row of the outbox answers.
    pub(crate) fn letter_answer(&self, row: i64, kind: MailKind) -> Result<Option<LetterAnswer>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT letter, reader, at, draft, handoff, brief, shown FROM letter_answers WHERE row = ?1",
        )?;
        type Columns = (i64, String, i64, Option<String>, Option<String>, String, Option<String>);
        let found: Option<Columns> = statement
            .query_row([row], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                    row.get(6)?,
                ))
            })
            .optional()?;
        let Some((letter, reader, at, draft, handoff, brief, shown)) = found else { return Ok(None) };
        let unknown = || StoreError::Row { table: "letter_answers", key: row.to_string() };
        let brief = brief_from(kind, &brief).ok_or_else(unknown)?;
        let at = instant("letter_answers", at)?;
        Ok(Some(LetterAnswer { letter, reader, at, draft, handoff, brief, shown }))
    }

    /// The newest row of the outbox that shows how a draft's record stands: a `record-ready`, or its faults. What became of
    /// an attempt to send it is no newer version.
    pub(crate) fn newest_version(&self, draft: &str) -> Result<Option<i64>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT a.row FROM letter_answers a CROSS JOIN outbox o ON o.seq = a.row
             WHERE a.draft = ?1 AND o.kind IN ('record-ready', 'record-faults') ORDER BY a.row DESC LIMIT 1",
        )?;
        Ok(statement.query_row([draft], |row| row.get(0)).optional()?)
    }

    /// How many letters of this person were answered since then.
    pub(crate) fn answers_since(&self, reader: &str, since: DateTime<Utc>) -> Result<u32> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT count(*) FROM letter_answers WHERE reader = ?1 AND at > ?2")?;
        Ok(statement.query_row(params![reader, seconds(since)], |row| row.get(0))?)
    }

    /// Whether an answer of this kind went to this person since then.
    pub(crate) fn was_answered_since(
        &self,
        reader: &str,
        kind: MailKind,
        since: DateTime<Utc>,
    ) -> Result<bool> {
        let mut statement = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM letter_answers a CROSS JOIN outbox o ON o.seq = a.row
                WHERE a.reader = ?1 AND a.at >= ?2 AND o.kind = ?3)",
        )?;
        Ok(statement.query_row(params![reader, seconds(since), kind.name()], |row| row.get(0))?)
    }
}

fn read_letters(rows: Vec<(i64, String)>) -> Result<Vec<(i64, Letter)>> {
    rows.into_iter()
        .map(|(seq, data)| {
            let unknown = || StoreError::Row { table: "letters", key: seq.to_string() };
            Ok((seq, Letter::from_column(&data).ok_or_else(unknown)?))
        })
        .collect()
}

impl WriteTransaction<'_> {
    /// Keeps a letter until it is answered. Returns whether it is new: a copy of a known one changes nothing.
    pub(crate) fn add_letter(&self, letter: &Letter) -> Result<bool> {
        let added = self.connection.prepare_cached(
            "INSERT INTO letters (identity, at, writer, data) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?;
        let mut added = added;
        let count =
            added.execute(params![letter.identity, seconds(letter.at), letter.writer, letter.to_column()])?;
        Ok(count > 0)
    }

    /// The letter was answered, or needs no answer. Its text stays where it belongs to a draft.
    pub(crate) fn finish_letter(&self, letter: i64, draft: Option<&str>) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE letters SET state = 'done', draft = ?2,
                    data = CASE WHEN ?2 IS NULL THEN NULL ELSE data END
                 WHERE seq = ?1",
            )?
            .execute(params![letter, draft])?;
        Ok(())
    }

    pub(crate) fn add_draft(&self, draft: &Draft) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO drafts (id, sdr, company, state, record_text, handoff, resends, made_at, letter_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (id) DO UPDATE SET company = ?3, state = ?4, record_text = ?5, handoff = ?6,
                    resends = ?7, letter_at = ?9",
            )?
            .execute(params![
                draft.id,
                draft.sdr,
                draft.company,
                draft.state.name(),
                draft.record_text,
                draft.handoff,
                draft.resends,
                seconds(draft.made_at),
                seconds(draft.letter_at),
            ])?;
        Ok(())
    }

    /// Notes what a row of the outbox has to say.
    pub(crate) fn add_letter_answer(&self, row: i64, answer: &LetterAnswer) -> Result<()> {
        let brief = brief_column(&answer.brief)
            .ok_or_else(|| StoreError::Row { table: "letter_answers", key: row.to_string() })?;
        self.connection
            .prepare_cached(
                "INSERT INTO letter_answers (row, letter, reader, at, draft, handoff, brief, shown)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                row,
                answer.letter,
                answer.reader,
                seconds(answer.at),
                answer.draft,
                answer.handoff,
                brief,
                answer.shown,
            ])?;
        Ok(())
    }

    /// Drafts whose last letter is older than `before` end, some of them: their records go, and the texts of letters and
    /// of the mails that answered them.
    pub(crate) fn expire_drafts(&self, before: DateTime<Utc>) -> Result<usize> {
        let sql = "SELECT id FROM drafts WHERE state = ?1 AND letter_at <= ?2 ORDER BY letter_at LIMIT 50";
        let mut expired = Vec::new();
        for state in [DraftState::Faulty, DraftState::Ready] {
            expired.extend(self.strings(sql, params![state.name(), seconds(before)])?);
        }
        for draft in &expired {
            self.connection
                .prepare_cached("UPDATE drafts SET state = 'expired', record_text = '' WHERE id = ?1")?
                .execute([draft])?;
            self.drop_shown(draft)?;
        }
        self.connection
            .prepare_cached(
                "UPDATE letters SET data = NULL WHERE seq IN (
                    SELECT seq FROM letters WHERE data IS NOT NULL AND state = 'done' AND at <= ?1 LIMIT 200)",
            )?
            .execute([seconds(before)])?;
        Ok(expired.len())
    }

    /// What was shown of a draft is not kept, as far as it has left.
    fn drop_shown(&self, draft: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE letter_answers SET brief = json_replace(brief, '$.record_text', '', '$.intro.text', '')
                 WHERE draft = ?1 AND EXISTS (
                    SELECT 1 FROM outbox o WHERE o.seq = letter_answers.row AND o.state = 'sent')",
            )?
            .execute([draft])?;
        self.connection
            .prepare_cached(
                "UPDATE outbox SET bytes = NULL WHERE seq IN (SELECT row FROM letter_answers WHERE draft = ?1)
                    AND +state = 'sent' AND +sent_copy <> 'due'",
            )?
            .execute([draft])?;
        Ok(())
    }
}
