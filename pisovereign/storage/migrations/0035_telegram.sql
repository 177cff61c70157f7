-- Telegram: whose account is whose, the codes that link one, and how far each bot's messages were taken in.

-- The account is sealed; its keyed hash finds whose it is when it writes.
CREATE TABLE telegram_links (
    user_id uuid PRIMARY KEY,
    secret bytea NOT NULL UNIQUE,
    key_id text NOT NULL REFERENCES sealing_keys,
    account bytea NOT NULL,
    -- What may be done from there at most, and the key of the configuration without which it ends.
    scopes text[] NOT NULL,
    configured_key bytea,
    linked_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE telegram_codes (
    user_id uuid PRIMARY KEY,
    secret bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    configured_key bytea,
    expires_at timestamptz NOT NULL
);

-- Of nobody: one process asks for a bot's messages at a time, and writes down which it has taken in.
CREATE TABLE telegram_bots (
    bot bytea PRIMARY KEY,
    next_update bigint,
    received_at timestamptz,
    holder uuid,
    lease_until timestamptz
);

-- A row is its owner's. Who writes has no user yet, and sees the row of the secret that they present.
DO $$
DECLARE
    owned text;
    own constant text :=
        '(user_id = nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)';
    shown constant text :=
        '(secret = decode(nullif(current_setting(''pisovereign.secret'', true), ''''), ''hex''))';
BEGIN
    FOREACH owned IN ARRAY ARRAY['telegram_links', 'telegram_codes']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY owner_only ON %I USING %s WITH CHECK %s', owned, own, own);
        EXECUTE format('CREATE POLICY shown_secret ON %I FOR SELECT USING %s', owned, shown);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO pisovereign_app', owned);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON telegram_bots TO pisovereign_app;
