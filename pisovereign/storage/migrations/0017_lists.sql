-- Lists of things to buy, to do or to take along. `key` marks those that every user has a name for, such
-- as `shopping`, so that they are found by their names in each language.

CREATE TABLE lists (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    key text,
    key_id text NOT NULL REFERENCES sealing_keys,
    name bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, key)
);

CREATE TABLE list_items (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    list_id uuid NOT NULL,
    -- In the order of which they are shown.
    position bigint NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    text bytea NOT NULL,
    done_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, list_id) REFERENCES lists ON DELETE CASCADE
);

CREATE INDEX list_items_in_order ON list_items (user_id, list_id, position);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['lists', 'list_items']
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
