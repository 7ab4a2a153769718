-- What a folder held at its end when it was last read: tells a mailbox that was restored from a backup, and mail that a
-- server shows late. tail: "uid hash" for each of the last messages, oldest first, one a line.
CREATE TABLE folder_tails (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    -- How many messages of the folder were accounted for.
    messages INTEGER NOT NULL,
    tail TEXT NOT NULL,
    PRIMARY KEY (account, folder)
) STRICT, WITHOUT ROWID;
