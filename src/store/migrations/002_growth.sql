-- What a mail, a command or a start costs depends on what is open: columns and indexes for the questions that are
-- asked, so that none of them walks through what is closed or was sent.

-- When the handoff was last judged to be closed (null: it is open). Mail of its people counts until then.
ALTER TABLE handoffs ADD COLUMN closed_at INTEGER;
-- The company in lower case, and a hash of the record. Null: not filled in yet; opening the database does so.
ALTER TABLE handoffs ADD COLUMN company_key TEXT;
ALTER TABLE handoffs ADD COLUMN record_hash TEXT;
-- Of a closed one what the last judgement said, as it is shown.
ALTER TABLE handoffs ADD COLUMN verdict TEXT;
-- The number of the last change of its claims, counted over all handoffs (`claims-version` in meta).
ALTER TABLE handoffs ADD COLUMN claims_version INTEGER NOT NULL DEFAULT 0;
-- What it waits for to be read: past which instant, and which accounts. Null: it waits for more than that.
ALTER TABLE handoffs ADD COLUMN awaiting_reading TEXT;
-- Whether the texts of its mail are still kept.
ALTER TABLE handoffs ADD COLUMN keeps_texts INTEGER NOT NULL DEFAULT 1;

UPDATE handoffs SET closed_at = coalesce((SELECT max(internal_date) FROM copies), created_at) WHERE NOT open;
UPDATE handoffs SET claims_version = seq WHERE open;
INSERT INTO meta (key, value) SELECT 'claims-version', CAST(coalesce(max(seq), 0) AS TEXT) FROM handoffs;

CREATE INDEX handoffs_open ON handoffs (created_at) WHERE open;
CREATE INDEX handoffs_awaiting ON handoffs (awaiting) WHERE awaiting IS NOT NULL;
CREATE INDEX handoffs_by_company ON handoffs (company_key);
CREATE INDEX handoffs_by_record ON handoffs (record_hash);
CREATE INDEX handoffs_without_keys ON handoffs (seq) WHERE record_hash IS NULL;
CREATE INDEX handoffs_by_claims_version ON handoffs (claims_version);
CREATE INDEX handoffs_with_texts ON handoffs (closed_at) WHERE closed_at IS NOT NULL AND keeps_texts;

-- Whom a mail names (role `party`), and who is away by it (role `away`), with the time of its earliest copy. The
-- kinds `address` and `author` of message_keys stand here from now on.
CREATE TABLE message_people (
    role TEXT NOT NULL CHECK (role IN ('party', 'away')),
    address TEXT NOT NULL,
    at INTEGER NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    PRIMARY KEY (role, address, at, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_people_by_message ON message_people (message);

INSERT INTO message_people (role, address, at, message)
SELECT 'party', k.key, (SELECT min(CASE WHEN internal_date < stamp OR internal_date - stamp > 86400 THEN stamp ELSE internal_date END)
    FROM copies c WHERE c.message = k.message), k.message
FROM message_keys k
WHERE k.kind = 'address' AND EXISTS (SELECT 1 FROM copies c WHERE c.message = k.message);

INSERT INTO message_people (role, address, at, message)
SELECT 'away', k.key, (SELECT min(CASE WHEN internal_date < stamp OR internal_date - stamp > 86400 THEN stamp ELSE internal_date END)
    FROM copies c WHERE c.message = k.message), k.message
FROM message_keys k JOIN messages m ON m.seq = k.message
WHERE k.kind = 'author' AND json_extract(m.body, '$.kind') = 'auto-reply'
    AND EXISTS (SELECT 1 FROM copies c WHERE c.message = k.message);

DELETE FROM message_keys WHERE kind IN ('address', 'author');

-- Of a closed handoff, what was claimed by its people is kept under kinds of its own: no mail is looked up by them.
UPDATE claims SET kind = 'past-' || kind
WHERE kind IN ('address', 'own', 'name') AND handoff IN (SELECT id FROM handoffs WHERE NOT open);

-- A handoff claims the mail, and of its text nothing is known yet.
ALTER TABLE messages ADD COLUMN body_due INTEGER NOT NULL DEFAULT 0;

UPDATE messages SET body_due = 1 WHERE body IS NULL AND (
    seq IN (SELECT k.message FROM message_keys k JOIN claims c ON c.kind = k.kind AND c.key = k.key
        WHERE c.kind IN ('id', 'token', 'conversation'))
    OR seq IN (SELECT p.message FROM message_people p JOIN claims c ON c.kind = 'address' AND c.key = p.address
        WHERE p.role = 'party'));

CREATE INDEX messages_without_body ON messages (seq) WHERE body_due;

-- Whom baton wrote to, and when: once for each mail and reader.
CREATE TABLE deliveries (
    address TEXT NOT NULL,
    at INTEGER NOT NULL,
    mail INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE,
    PRIMARY KEY (address, at, mail)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_by_mail ON deliveries (mail);

INSERT INTO deliveries (address, at, mail)
SELECT json_extract(r.value, '$.address'), coalesce(o.sent_at, o.first_tried, o.made_at), o.seq
FROM outbox o, json_each(json_extract(o.recipients, '$.to')) r
WHERE o.state IN ('sent', 'sending', 'uncertain')
UNION
SELECT json_extract(r.value, '$.address'), coalesce(o.sent_at, o.first_tried, o.made_at), o.seq
FROM outbox o, json_each(json_extract(o.recipients, '$.cc')) r
WHERE o.state IN ('sent', 'sending', 'uncertain');

CREATE INDEX outbox_by_account ON outbox (account, state, next_attempt);
CREATE INDEX outbox_by_scope_state ON outbox (scope, state);
CREATE INDEX outbox_copies_due ON outbox (account) WHERE sent_copy = 'due';
CREATE INDEX outbox_asked ON outbox (asked_until) WHERE asked_until IS NOT NULL;

CREATE INDEX outages_ended ON outages (ended);
CREATE INDEX lookbacks_by_handoff ON lookbacks (handoff);
CREATE INDEX folders_watched ON folders (account, folder) WHERE watched;
