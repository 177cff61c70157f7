-- Agentic tasks: one request, its sub-tasks, and what happened in their course.

CREATE TABLE agent_tasks (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    status text NOT NULL DEFAULT 'planning' CHECK (status IN
        ('planning', 'awaiting_approval', 'running', 'completed', 'failed', 'cancelled')),
    key_id text NOT NULL REFERENCES sealing_keys,
    -- What was asked for, and how; sealed.
    request bytea NOT NULL,
    -- What came of it so far: the plan's summary, the result or the reason; sealed.
    outcome bytea,
    asked_by text NOT NULL,
    last_event bigint NOT NULL DEFAULT 0,
    -- Counts whoever worked at it: only the last one may still change it.
    attempt integer NOT NULL DEFAULT 0,
    -- How often whoever worked at it ended without a word.
    interruptions integer NOT NULL DEFAULT 0,
    -- Somebody works at it until then; nobody does while it is NULL.
    lease_until timestamptz,
    -- It waits for people's decisions only.
    parked boolean NOT NULL DEFAULT false,
    worked_s double precision NOT NULL DEFAULT 0,
    tokens integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX agent_tasks_in_order ON agent_tasks (user_id, seq);
CREATE INDEX agent_tasks_open ON agent_tasks (user_id, seq) WHERE finished_at IS NULL;

CREATE TABLE agent_parts (
    user_id uuid NOT NULL,
    task_id uuid NOT NULL,
    number smallint NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN
        ('pending', 'awaiting_approval', 'running', 'completed', 'failed', 'cancelled')),
    depends_on smallint[] NOT NULL,
    -- What is asked for when it is done with a side effect.
    approval_id uuid,
    key_id text NOT NULL REFERENCES sealing_keys,
    -- Description, tool and arguments; sealed.
    content bytea NOT NULL,
    -- The result or the reason; sealed.
    outcome bytea,
    PRIMARY KEY (user_id, task_id, number),
    FOREIGN KEY (user_id, task_id) REFERENCES agent_tasks ON DELETE CASCADE
);

CREATE TABLE agent_events (
    user_id uuid NOT NULL,
    task_id uuid NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    data bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, task_id, id),
    FOREIGN KEY (user_id, task_id) REFERENCES agent_tasks ON DELETE CASCADE
);

CREATE FUNCTION agents_end_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a task or sub-task that is % cannot change', OLD.status;
END
$$;

CREATE TRIGGER end_once BEFORE UPDATE ON agent_tasks FOR EACH ROW
    WHEN (OLD.status IN ('completed', 'failed', 'cancelled')) EXECUTE FUNCTION agents_end_once();
CREATE TRIGGER end_once BEFORE UPDATE ON agent_parts FOR EACH ROW
    WHEN (OLD.status IN ('completed', 'failed', 'cancelled')) EXECUTE FUNCTION agents_end_once();

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['agent_tasks', 'agent_parts', 'agent_events']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned);
        EXECUTE format(
            'CREATE POLICY owner_only ON %I'
            ' USING (user_id = nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)'
            ' WITH CHECK (user_id ='
            ' nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)', owned);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON agent_tasks TO pisovereign_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON agent_parts TO pisovereign_app;
-- What happened is never changed.
GRANT SELECT, INSERT, DELETE ON agent_events TO pisovereign_app;
