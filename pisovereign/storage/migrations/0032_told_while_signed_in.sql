-- A browser is told as long as the session or the key that it was subscribed with; neither is named for keys of the
-- configuration. No foreign keys: a backup holds no sessions.

ALTER TABLE push_subscriptions ADD session uuid, ADD api_key uuid;
