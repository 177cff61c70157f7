-- Tasks that begin by themselves, and finished tasks that are deleted after some time.

ALTER TABLE agent_tasks ADD COLUMN schedule text;
CREATE INDEX agent_tasks_finished ON agent_tasks (user_id, finished_at)
    WHERE finished_at IS NOT NULL;

CREATE TABLE agent_schedules (
    user_id uuid NOT NULL,
    -- Made from owner, name and expression.
    id uuid NOT NULL,
    -- Whatever was due up to then has been begun, or was left out.
    seen_to timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);

ALTER TABLE agent_schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE agent_schedules FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON agent_schedules
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON agent_schedules TO pisovereign_app;

ALTER TABLE outbox DROP CONSTRAINT outbox_about_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_about_check
    CHECK (about IN ('reminder', 'answer', 'task'));
