-- What left lately from an account: most mails are sent ones, so that their state leads nowhere.
CREATE INDEX outbox_sent_by_time ON outbox (account, sent_at) WHERE sent_at IS NOT NULL;
