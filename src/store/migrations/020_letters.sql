-- What people write to baton (docs/behaviour.md sections 13 and 14), the records that came of it, and its answers.

-- A record that was handed in by mail and has not been sent, or what became of it.
CREATE TABLE drafts (
    seq INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- Name of the SDR whose it is.
    sdr TEXT NOT NULL,
    company TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('faulty', 'ready', 'expired', 'sent', 'dropped')),
    -- The record as it was read last.
    record_text TEXT NOT NULL,
    -- The handoff that was made from it, and whether it is that one's intro which leaves once more.
    handoff TEXT REFERENCES handoffs (id) ON DELETE SET NULL,
    resends INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL,
    letter_at INTEGER NOT NULL
) STRICT;

CREATE INDEX drafts_by_state ON drafts (state, letter_at);
CREATE INDEX drafts_by_sdr ON drafts (sdr, state);
CREATE INDEX drafts_by_handoff ON drafts (handoff) WHERE handoff IS NOT NULL;

-- A letter is answered once, however many copies of it are seen. Its text goes with its draft.
CREATE TABLE letters (
    seq INTEGER NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    writer TEXT NOT NULL,
    draft TEXT REFERENCES drafts (id) ON DELETE SET NULL,
    -- 'new' until it was answered, or found to need no answer.
    state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done')),
    data TEXT
) STRICT;

CREATE INDEX letters_to_answer ON letters (at) WHERE state = 'new';
CREATE INDEX letters_by_draft ON letters (draft, at) WHERE draft IS NOT NULL;
CREATE INDEX letters_with_text ON letters (at) WHERE data IS NOT NULL AND state = 'done';

-- What a mail of the outbox that answers a letter has to say.
CREATE TABLE letter_answers (
    row INTEGER NOT NULL PRIMARY KEY REFERENCES outbox (seq) ON DELETE CASCADE,
    letter INTEGER NOT NULL REFERENCES letters (seq) ON DELETE CASCADE,
    reader TEXT NOT NULL,
    at INTEGER NOT NULL,
    draft TEXT REFERENCES drafts (id) ON DELETE SET NULL,
    handoff TEXT REFERENCES handoffs (id) ON DELETE SET NULL,
    brief TEXT NOT NULL,
    -- Of a record-ready: the digest of the intro that it shows.
    shown TEXT
) STRICT;

CREATE INDEX letter_answers_by_letter ON letter_answers (letter);
CREATE INDEX letter_answers_by_draft ON letter_answers (draft, row) WHERE draft IS NOT NULL;
CREATE INDEX letter_answers_by_handoff ON letter_answers (handoff) WHERE handoff IS NOT NULL;
CREATE INDEX letter_answers_by_reader ON letter_answers (reader, at);
