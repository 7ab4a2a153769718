-- What further attempts at a mail have to know, for the mails that need any.
CREATE TABLE outbox_attempts (
    seq INTEGER NOT NULL PRIMARY KEY REFERENCES outbox (seq) ON DELETE CASCADE,
    -- 1: a server had all of it and took it, as it said, not. A copy is looked for before the next attempt.
    look_first INTEGER NOT NULL DEFAULT 0,
    -- How often it was refused for good, and when it is tried all the same.
    refusals INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER,
    -- The account that it leaves from instead of its own.
    stand_in TEXT,
    -- 1: it was written as the SDR; 0: as the agent; NULL: it has not been written yet.
    as_sdr INTEGER,
    -- 1: a command has told a person that its fate is unknown.
    doubt_told INTEGER NOT NULL DEFAULT 0,
    -- How often its copy could not be put into Sent, and when that is tried again.
    copy_failures INTEGER NOT NULL DEFAULT 0,
    copy_retry_at INTEGER
) STRICT;

CREATE INDEX outbox_attempts_by_retry ON outbox_attempts (retry_at) WHERE retry_at IS NOT NULL;
