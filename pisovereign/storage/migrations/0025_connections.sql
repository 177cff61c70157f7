-- Connections to services outside that people set up on the page: what a form holds is sealed as a whole.
-- Those of the household belong to nobody in particular: their user is the id of only zeros.

CREATE TABLE connections (
    user_id uuid NOT NULL,
    kind text NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    settings bytea NOT NULL,
    -- Whether whoever saved it may name servers of the local network.
    local boolean NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, kind)
);

-- Since when a connection fails, as it was noticed; no row: it works, or nobody has asked.
CREATE TABLE connection_failures (
    user_id uuid NOT NULL,
    kind text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    key_id text NOT NULL REFERENCES sealing_keys,
    error bytea NOT NULL,
    PRIMARY KEY (user_id, kind)
);

-- Whose connections have changed how often: by it every process sees what it has to read again.
CREATE TABLE connection_changes (
    owner uuid PRIMARY KEY,
    version bigint NOT NULL
);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['connections', 'connection_failures']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned);
        EXECUTE format(
            'CREATE POLICY owner_only ON %I'
            ' USING (user_id = nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)'
            ' WITH CHECK (user_id ='
            ' nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)', owned);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO pisovereign_app', owned);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON connection_changes TO pisovereign_app;
