-- Backups by a schedule: what became of them at each place, and what the schedule has seen. Both are the
-- household's: their user is the id of only zeros.

CREATE TABLE backup_places (
    user_id uuid NOT NULL,
    place text NOT NULL,
    -- The last backup that arrived whole, and of which a restore had been rehearsed.
    good_at timestamptz,
    good_name text,
    good_bytes bigint,
    -- Since when none arrives, and why; no time: the last one did.
    failed_at timestamptz,
    key_id text REFERENCES sealing_keys,
    error bytea,
    -- When owners were told that something is wrong; they are told again only after some days.
    told_at timestamptz,
    PRIMARY KEY (user_id, place)
);

CREATE TABLE backup_schedule (
    user_id uuid PRIMARY KEY,
    -- What the schedule was; another one begins anew.
    times text NOT NULL,
    since timestamptz NOT NULL,
    seen_to timestamptz NOT NULL
);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['backup_places', 'backup_schedule']
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
