-- Browsers that somebody wants to be told in. Where a browser is reached, and the keys that only it can open
-- messages with, are sealed together; the hash is keyed, and tells one browser from another.

CREATE TABLE push_subscriptions (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_hash bytea NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    subscription bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, endpoint_hash)
);

ALTER TABLE push_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE push_subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON push_subscriptions
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON push_subscriptions TO pisovereign_app;
