-- Which process sends a row that is in `sending` (null: none does), and whether a row may have left before the database
-- was restored, so that only a person says what becomes of it.
ALTER TABLE outbox ADD COLUMN lease_owner TEXT;
ALTER TABLE outbox ADD COLUMN may_have_left INTEGER NOT NULL DEFAULT 0;

-- Mail of baton's own that was seen in a mailbox and of which the outbox has no row: a copy of this database has sent it.
CREATE TABLE own_mails (
    token TEXT NOT NULL PRIMARY KEY,
    -- When the process that sent it began to deliver, in milliseconds since 1970, and when the mail left.
    started INTEGER NOT NULL,
    left_at INTEGER NOT NULL,
    is_intro INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    copied TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- The id by which it is known as ours.
    reference TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX own_mails_intros ON own_mails (left_at) WHERE is_intro;
