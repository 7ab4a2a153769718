-- Instants are whole seconds since 1970, UTC. Structured values are JSON objects, written by rows.rs.

-- Values of baton itself: what was learnt about a provider, counters, the clock's state.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE handoffs (
    seq INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    record_text TEXT NOT NULL,
    record TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Of the last judgement: whether it was open, and when time alone can change it (null: never).
    open INTEGER NOT NULL DEFAULT 1,
    wake INTEGER,
    -- It waits for every folder to be read past this instant (null: for time alone).
    awaiting INTEGER
) STRICT;

CREATE INDEX handoffs_by_wake ON handoffs (wake) WHERE wake IS NOT NULL;

-- What cannot be read off another table: intros asked for, last looks, people's statements.
CREATE TABLE facts (
    seq INTEGER NOT NULL PRIMARY KEY,
    handoff TEXT NOT NULL REFERENCES handoffs (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (handoff, source)
) STRICT;

-- By what a handoff claims mail, as last judged. Kinds: id, token, conversation, outside, inside, name.
CREATE TABLE claims (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    handoff TEXT NOT NULL REFERENCES handoffs (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, key, handoff)
) STRICT, WITHOUT ROWID;

CREATE INDEX claims_by_handoff ON claims (handoff, kind);

-- One mail, however many copies of it lie around. A null body: only its headers are remembered.
CREATE TABLE messages (
    seq INTEGER NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    headers TEXT NOT NULL,
    body TEXT
) STRICT;

CREATE TABLE copies (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    internal_date INTEGER NOT NULL,
    stamp INTEGER,
    is_sent INTEGER NOT NULL,
    is_draft INTEGER NOT NULL,
    PRIMARY KEY (account, folder, uid_validity, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX copies_by_message ON copies (message);

-- By what a message can be claimed. Kinds: bears, cites, token, conversation, party, name.
CREATE TABLE message_keys (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    PRIMARY KEY (kind, key, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_keys_by_message ON message_keys (message);

-- Folders that are or were watched. Null uid_validity and next_uid: never read yet.
CREATE TABLE folders (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    watched INTEGER NOT NULL DEFAULT 1,
    uid_validity INTEGER,
    next_uid INTEGER,
    read_until INTEGER,
    failing_since INTEGER,
    PRIMARY KEY (account, folder)
) STRICT, WITHOUT ROWID;

CREATE TABLE outages (
    seq INTEGER NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    since INTEGER NOT NULL,
    ended INTEGER,
    error TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX outage_now ON outages (account) WHERE ended IS NULL;

-- Addresses whose older mail is still to be looked up in a watched folder.
CREATE TABLE lookbacks (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    address TEXT NOT NULL,
    handoff TEXT NOT NULL REFERENCES handoffs (id) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    PRIMARY KEY (account, folder, address, handoff)
) STRICT, WITHOUT ROWID;

-- Messages that could not be read. After three tries the folder goes on without them.
CREATE TABLE poison (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (account, folder, uid_validity, uid)
) STRICT, WITHOUT ROWID;

-- Addresses that an SDR confirmed to be somebody's.
CREATE TABLE aliases (
    person TEXT NOT NULL,
    address TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (person, address)
) STRICT, WITHOUT ROWID;

-- What the operator has to mend. Null mended: it lasts.
CREATE TABLE troubles (
    seq INTEGER NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    remedy TEXT NOT NULL,
    since INTEGER NOT NULL,
    mended INTEGER
) STRICT;

CREATE UNIQUE INDEX trouble_now ON troubles (subject) WHERE mended IS NULL;

-- Every mail that baton made. scope: the handoff's id, or the empty string where a mail has none.
CREATE TABLE outbox (
    seq INTEGER NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    handoff TEXT REFERENCES handoffs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'uncertain', 'failed', 'cancelled')),
    -- Of a row in `sending`: 'claimed' until DATA is about to be sent, 'data' from then on.
    phase TEXT NOT NULL DEFAULT 'claimed' CHECK (phase IN ('claimed', 'data')),
    account TEXT NOT NULL,
    sender TEXT NOT NULL,
    audience TEXT NOT NULL,
    recipients TEXT NOT NULL,
    -- The whole mail; frozen once phase is 'data'.
    bytes BLOB,
    made_at INTEGER NOT NULL,
    not_before INTEGER,
    first_tried INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt INTEGER NOT NULL,
    -- Until then a `send` waits for the answer, so that any failure to deliver is final and is its to tell.
    asked_until INTEGER,
    other_ids TEXT NOT NULL DEFAULT '[]',
    sent_at INTEGER,
    error TEXT,
    refused TEXT NOT NULL DEFAULT '[]',
    -- Of an uncertain row: when its search began, and how many searches were made.
    uncertain_since INTEGER,
    searches INTEGER NOT NULL DEFAULT 0,
    -- The copy in Sent: 'none' is owed, 'due', 'done'.
    sent_copy TEXT NOT NULL DEFAULT 'none' CHECK (sent_copy IN ('none', 'due', 'done')),
    UNIQUE (scope, kind, about)
) STRICT;

CREATE INDEX outbox_by_state ON outbox (state, next_attempt);
CREATE INDEX outbox_by_handoff ON outbox (handoff);
