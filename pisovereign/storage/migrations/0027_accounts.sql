-- People beside those of the configuration, and what signs somebody in: sessions of browsers, codes that are
-- used once, passkeys, and keys of programs. Of what is a secret only keyed hashes are stored.

-- Not owned: those who may invite others see everybody.
CREATE TABLE people (
    id uuid PRIMARY KEY,
    key_id text NOT NULL REFERENCES sealing_keys,
    name bytea NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'member', 'restricted')),
    state text NOT NULL DEFAULT 'invited' CHECK (state IN ('invited', 'active', 'disabled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    joined_at timestamptz
);

-- What each person chose; empty is what the program would choose by itself.
CREATE TABLE profiles (
    user_id uuid PRIMARY KEY,
    language text NOT NULL DEFAULT '',
    time_zone text NOT NULL DEFAULT '',
    theme text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark'))
);

CREATE TABLE api_keys (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    secret bytea NOT NULL UNIQUE,
    name text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    used_at timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE passkeys (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    -- What the authenticator calls it.
    secret bytea NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    host text NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE sessions (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    secret bytea NOT NULL UNIQUE,
    made_with text NOT NULL CHECK (made_with IN ('key', 'code', 'passkey')),
    scopes text[] NOT NULL,
    -- The key without which it ends: one of the configuration by its fingerprint, or a stored one.
    configured_key bytea,
    api_key uuid,
    device text NOT NULL,
    network text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    renewed_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, api_key) REFERENCES api_keys ON DELETE CASCADE
);

CREATE TABLE sign_in_codes (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    secret bytea NOT NULL UNIQUE,
    purpose text NOT NULL CHECK (purpose IN ('device', 'invitation')),
    scopes text[] NOT NULL,
    configured_key bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);

-- Of nobody yet: who signs in with a passkey is known afterwards.
CREATE TABLE passkey_challenges (
    id uuid PRIMARY KEY,
    challenge bytea NOT NULL,
    host text NOT NULL,
    -- Whose new passkey it is for; NULL: somebody signs in.
    person uuid,
    expires_at timestamptz NOT NULL
);

-- A row is its owner's. Who signs in has no user yet, and sees the row of the secret that they present.
DO $$
DECLARE
    owned text;
    own constant text :=
        '(user_id = nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)';
    shown constant text :=
        '(secret = decode(nullif(current_setting(''pisovereign.secret'', true), ''''), ''hex''))';
BEGIN
    FOREACH owned IN ARRAY ARRAY['profiles', 'api_keys', 'passkeys', 'sessions', 'sign_in_codes']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY owner_only ON %I USING %s WITH CHECK %s', owned, own, own);
        IF owned <> 'profiles' THEN
            EXECUTE format('CREATE POLICY shown_secret ON %I FOR SELECT USING %s', owned, shown);
        END IF;
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO pisovereign_app', owned);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON people, passkey_challenges TO pisovereign_app;

-- Deletes all that a person stored, whatever tables there are. The audit log, which nobody may change, stays.
CREATE FUNCTION erase_person(person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    waiting text[];
    refused text[];
    owned text;
BEGIN
    IF NOT EXISTS (SELECT FROM people WHERE id = person AND state <> 'active') THEN
        RAISE EXCEPTION 'only somebody who was disabled before can be erased';
    END IF;
    PERFORM set_config('pisovereign.user_id', person::text, true);
    SELECT array_agg(c.relname ORDER BY c.relname) INTO waiting
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND a.attname = 'user_id' AND NOT a.attisdropped
      AND c.relname NOT IN ('audit_entries', 'audit_heads');
    -- A table that others refer to has to wait for them.
    LOOP
        refused := ARRAY[]::text[];
        FOREACH owned IN ARRAY waiting
        LOOP
            BEGIN
                EXECUTE format('DELETE FROM %I WHERE user_id = $1', owned) USING person;
            EXCEPTION WHEN foreign_key_violation THEN
                refused := refused || owned;
            END;
        END LOOP;
        EXIT WHEN refused = ARRAY[]::text[];
        IF refused = waiting THEN
            RAISE EXCEPTION 'rows of % cannot be deleted', refused;
        END IF;
        waiting := refused;
    END LOOP;
    DELETE FROM people WHERE id = person;
END
$$;
REVOKE ALL ON FUNCTION erase_person(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_person(uuid) TO pisovereign_app;
