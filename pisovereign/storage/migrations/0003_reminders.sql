-- Reminders, and the events that a user's programs watch.

CREATE TABLE reminders (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    title bytea NOT NULL,
    state text NOT NULL DEFAULT 'scheduled' CHECK (state IN ('scheduled', 'due', 'done')),
    remind_at timestamptz NOT NULL,
    -- When it last became due; a reminder that was put off is scheduled again.
    due_at timestamptz,
    snoozes smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id)
);

CREATE INDEX reminders_to_come ON reminders (user_id, remind_at) WHERE state = 'scheduled';
CREATE INDEX reminders_in_order ON reminders (user_id, remind_at, id);

-- One row for each owner: its lock orders the owner's events, so that they appear in the order of
-- their numbers and no number is missing.
CREATE TABLE event_owners (
    user_id uuid PRIMARY KEY,
    last_id bigint NOT NULL,
    -- Events before this one were dropped because of their age.
    first_id bigint NOT NULL DEFAULT 1
);

CREATE TABLE events (
    user_id uuid NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    -- What the event is about; with it the event is deleted.
    subject uuid NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    data bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id)
);

CREATE INDEX events_about ON events (user_id, subject);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['reminders', 'event_owners', 'events']
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
