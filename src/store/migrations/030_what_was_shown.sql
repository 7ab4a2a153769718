-- Of an intro that a command has shown before it was asked for: the digest of what was shown.
CREATE TABLE outbox_shown (
    seq INTEGER NOT NULL PRIMARY KEY REFERENCES outbox (seq) ON DELETE CASCADE,
    digest TEXT NOT NULL
) STRICT;
