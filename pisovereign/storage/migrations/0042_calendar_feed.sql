-- Secret addresses under which people's calendar programs read what is in `calendar_objects`. Of an address only its
-- keyed hash is stored.

CREATE TABLE calendar_feeds (
    user_id uuid PRIMARY KEY,
    secret bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL DEFAULT now()
);

-- A row is its owner's. A calendar program has no user, and sees the row of the secret that it presents.
ALTER TABLE calendar_feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_feeds FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON calendar_feeds
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
CREATE POLICY shown_secret ON calendar_feeds FOR SELECT
    USING (secret = decode(nullif(current_setting('pisovereign.secret', true), ''), 'hex'));
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_feeds TO pisovereign_app;
