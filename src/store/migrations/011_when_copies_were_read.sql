-- When baton read a copy first: a server's clock that is ahead gives way to it. And whether a copy's stamp is its Date;
-- of those noted before, both are taken as unknown, and the weaker is assumed.
ALTER TABLE copies ADD COLUMN read_at INTEGER;
ALTER TABLE copies ADD COLUMN is_dated INTEGER NOT NULL DEFAULT 1;
