-- Schedules that people make beside those of the configuration. What they ask for is sealed; `name` is
-- made by the program, and is what their tasks are marked with.

CREATE TABLE stored_schedules (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    cron text NOT NULL,
    -- Empty: that of the program.
    time_zone text NOT NULL,
    enabled boolean NOT NULL,
    deliver text[] NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    description bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, name)
);

ALTER TABLE stored_schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE stored_schedules FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON stored_schedules
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON stored_schedules TO pisovereign_app;
