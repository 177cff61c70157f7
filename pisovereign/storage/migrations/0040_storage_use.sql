-- How much each user keeps, in bytes: texts, titles, vectors, and a share of 150 for each row. Files of documents have
-- a limit of their own. It is counted by triggers, so whatever adds or deletes rows is counted with it.

CREATE TABLE storage_use (
    user_id uuid PRIMARY KEY,
    bytes bigint NOT NULL
);

-- What a transaction has changed so far; empty outside of one. Only its end changes the sum above, as the last thing
-- that it locks: otherwise two transactions of one user could wait for each other.
CREATE TABLE storage_changes (
    user_id uuid NOT NULL,
    bytes bigint NOT NULL
);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['storage_use', 'storage_changes']
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

-- At the end of a transaction. One that is held to a limit fails if it adds something beyond it; what only deletes,
-- or goes on with what was begun, never does.
CREATE FUNCTION settle_storage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint;
    total bigint;
    most bigint := nullif(current_setting('pisovereign.storage_limit', true), '')::bigint;
BEGIN
    -- A transaction may have gone on as another user; nothing comes after this.
    PERFORM set_config('pisovereign.user_id', NEW.user_id::text, true);
    WITH gone AS (DELETE FROM storage_changes WHERE user_id = NEW.user_id RETURNING bytes)
    SELECT sum(bytes) INTO change FROM gone;
    IF change IS NULL OR change = 0 THEN
        RETURN NULL;
    END IF;
    IF change < 0 THEN
        -- Of whoever is erased, nothing is left to be counted.
        UPDATE storage_use SET bytes = greatest(bytes + change, 0) WHERE user_id = NEW.user_id;
        RETURN NULL;
    END IF;
    INSERT INTO storage_use AS known (user_id, bytes) VALUES (NEW.user_id, change)
    ON CONFLICT (user_id) DO UPDATE SET bytes = known.bytes + change
    RETURNING bytes INTO total;
    IF total > most THEN
        RAISE EXCEPTION 'more than a user may keep' USING ERRCODE = 'PS507', DETAIL = most::text;
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER settle AFTER INSERT ON storage_changes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settle_storage();

DO $do$
DECLARE
    counted record;
    size text;
BEGIN
    FOR counted IN SELECT * FROM (VALUES
        ('conversations', 'octet_length(id) + coalesce(octet_length(title), 0)'),
        ('messages', 'octet_length(content) + coalesce(octet_length(context), 0)'
            ' + coalesce(octet_length(tools), 0) + coalesce(octet_length(command), 0)'
            ' + coalesce(octet_length(details), 0)'),
        ('memories', 'octet_length(content) + octet_length(summary) + octet_length(tags)'),
        ('memory_embeddings', '2 * vector_dims(embedding)'),
        ('memory_terms', '10 * cardinality(terms)'),
        ('memory_sources', 'coalesce(octet_length(sentence), 0)'),
        ('reminders', 'octet_length(title)'),
        ('lists', 'octet_length(name)'),
        ('list_items', 'octet_length(text)'),
        ('agent_tasks', 'octet_length(request) + coalesce(octet_length(outcome), 0)'),
        ('agent_parts', 'octet_length(content) + coalesce(octet_length(outcome), 0)'),
        ('stored_schedules', 'octet_length(description)')
    ) AS every (name, columns)
    LOOP
        size := format('(150 + %s)', counted.columns);
        EXECUTE format($sql$
            CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $f$
            BEGIN
                -- A backup that is restored brings the sums along.
                IF current_setting('pisovereign.storage_counted', true) = 'off' THEN
                    RETURN NULL;
                ELSIF TG_OP = 'INSERT' THEN
                    INSERT INTO storage_changes
                    SELECT user_id, sum(%2$s) FROM new_rows GROUP BY user_id;
                ELSIF TG_OP = 'DELETE' THEN
                    INSERT INTO storage_changes
                    SELECT user_id, -sum(%2$s) FROM old_rows GROUP BY user_id;
                ELSE
                    INSERT INTO storage_changes
                    SELECT user_id, sum(size) FROM (
                        SELECT user_id, %2$s AS size FROM new_rows
                        UNION ALL SELECT user_id, -%2$s FROM old_rows
                    ) AS both_rows GROUP BY user_id HAVING sum(size) <> 0;
                END IF;
                RETURN NULL;
            END
            $f$
        $sql$, 'count_' || counted.name, size);
        EXECUTE format(
            'CREATE TRIGGER count_added AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', counted.name, 'count_' || counted.name);
        EXECUTE format(
            'CREATE TRIGGER count_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', counted.name, 'count_' || counted.name);
        EXECUTE format(
            'CREATE TRIGGER count_changed AFTER UPDATE ON %I'
            ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', counted.name, 'count_' || counted.name);
        -- What is there already. Policies bind the owner too, and would hide it.
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', counted.name);
        ALTER TABLE storage_use NO FORCE ROW LEVEL SECURITY;
        EXECUTE format(
            'INSERT INTO storage_use AS known SELECT user_id, sum(%s) FROM %I GROUP BY user_id'
            ' ON CONFLICT (user_id) DO UPDATE SET bytes = known.bytes + excluded.bytes',
            size, counted.name);
        ALTER TABLE storage_use FORCE ROW LEVEL SECURITY;
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', counted.name);
    END LOOP;
END
$do$;
