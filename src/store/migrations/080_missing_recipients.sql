-- Recipients of a mail that left for whom a server did not take it, and when it is tried again for them alone.
CREATE TABLE missing_recipients (
    mail INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE,
    address TEXT NOT NULL,
    answer TEXT NOT NULL,
    first_tried INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    refusals INTEGER NOT NULL,
    next_attempt INTEGER,
    under_way INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (mail, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX missing_recipients_by_time ON missing_recipients (next_attempt) WHERE next_attempt IS NOT NULL;
