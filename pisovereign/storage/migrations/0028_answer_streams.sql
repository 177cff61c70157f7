-- Answers that go on while their client is away: who writes them, and until when they are waited for.

CREATE TABLE answer_streams (
    user_id uuid NOT NULL,
    -- The message that is answered; its events are in the stream of the same name.
    id uuid NOT NULL,
    conversation_id text NOT NULL,
    -- The job of whoever writes it, which has the lease.
    job uuid NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'stopped', 'failed')),
    -- Somebody wants it to end.
    stop boolean NOT NULL DEFAULT false,
    -- How long it goes on without anybody who watches it.
    grace_s double precision NOT NULL,
    watched_until timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX messages_replacing ON messages (user_id, conversation_id) WHERE replaces IS NOT NULL;
CREATE INDEX answer_streams_of ON answer_streams (user_id, conversation_id);

ALTER TABLE answer_streams ENABLE ROW LEVEL SECURITY;
ALTER TABLE answer_streams FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON answer_streams
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON answer_streams TO pisovereign_app;
