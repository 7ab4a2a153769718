-- Ids that providers gave mails of ours: who answers one may cite nothing else.
CREATE TABLE outbox_other_ids (
    id TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_other_ids_by_row ON outbox_other_ids (seq);

INSERT OR IGNORE INTO outbox_other_ids (id, seq)
SELECT other.value, outbox.seq FROM outbox, json_each(outbox.other_ids) AS other;
