-- Memories: sealed text in one table, and beside it what ranking needs, each in a table of its own.

-- Keys begin with the owner everywhere: no row can belong to two, and the planner has no other way
-- to join them (with an index on the owner beside it, it took that one for new, small tables).
CREATE TABLE memories (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    memory_type text NOT NULL
        CHECK (memory_type IN ('fact', 'preference', 'tool_result', 'correction', 'context')),
    key_id text NOT NULL REFERENCES sealing_keys,
    content bytea NOT NULL,
    summary bytea NOT NULL,
    -- A JSON list, sealed too: tags name what a person cares about.
    tags bytea NOT NULL,
    -- The correction that took this memory's place in searches.
    superseded_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, superseded_by) REFERENCES memories ON DELETE SET NULL (superseded_by)
);

CREATE INDEX memories_in_order ON memories (user_id, seq);
CREATE INDEX memories_superseded ON memories (user_id, superseded_by)
    WHERE superseded_by IS NOT NULL;

-- What changes often is narrow: an update writes a few bytes, not the sealed text again.
CREATE TABLE memory_state (
    user_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    -- As it was given, and as the last decay left it.
    base_importance real NOT NULL CHECK (base_importance BETWEEN 0 AND 1),
    importance real NOT NULL CHECK (importance BETWEEN 0 AND 1),
    access_count integer NOT NULL DEFAULT 0,
    used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, memory_id),
    FOREIGN KEY (user_id, memory_id) REFERENCES memories ON DELETE CASCADE
) WITH (fillfactor = 70);

-- Apart from the sealed text: beside it the vectors would spill out of the row (5 times slower).
CREATE TABLE memory_embeddings (
    user_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    model text NOT NULL,
    embedding halfvec(384) NOT NULL,
    PRIMARY KEY (user_id, memory_id),
    FOREIGN KEY (user_id, memory_id) REFERENCES memories ON DELETE CASCADE
);

-- 784 bytes must stay in the row.
ALTER TABLE memory_embeddings ALTER COLUMN embedding SET STORAGE PLAIN;

-- Keyed hashes of the word stems of a memory, how often each occurs, and the sum of that.
CREATE TABLE memory_terms (
    user_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    terms bigint[] NOT NULL,
    counts smallint[] NOT NULL,
    length integer NOT NULL,
    PRIMARY KEY (user_id, memory_id),
    FOREIGN KEY (user_id, memory_id) REFERENCES memories ON DELETE CASCADE
);

CREATE INDEX memory_terms_by_term ON memory_terms USING gin (terms);

-- One row for each owner: its lock orders the owner's writes, its version numbers them.
CREATE TABLE memory_owners (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL
);

-- Which memory each version changed or deleted, for the indexes in memory; old ones are dropped.
CREATE TABLE memory_changes (
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    memory_id uuid NOT NULL,
    PRIMARY KEY (user_id, version, memory_id)
);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['memories', 'memory_state', 'memory_embeddings', 'memory_terms',
                                 'memory_owners', 'memory_changes']
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
