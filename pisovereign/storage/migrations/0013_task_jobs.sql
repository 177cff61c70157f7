-- Each task that is not over, and each approval that is being carried out, has a job: who works at
-- it, and until when, is written there.

-- The policies bind the owner of the tables too, who has to see every row once.
ALTER TABLE agent_tasks NO FORCE ROW LEVEL SECURITY;
ALTER TABLE approvals NO FORCE ROW LEVEL SECURITY;
ALTER TABLE jobs NO FORCE ROW LEVEL SECURITY;

INSERT INTO jobs (user_id, queue, id, subject, position, state, attempt, interruptions, ready_at,
                  lease_until)
SELECT user_id, 'agent_tasks', id, id, created_at,
       CASE WHEN lease_until IS NULL THEN 'waiting' ELSE 'running' END, attempt, interruptions,
       CASE WHEN parked AND lease_until IS NULL THEN 'infinity' ELSE now() END, lease_until
FROM agent_tasks WHERE finished_at IS NULL ORDER BY seq;

INSERT INTO jobs (user_id, queue, id, position, state, attempt, lease_until)
SELECT user_id, 'approvals', id, decided_at, 'running', 1, lease_until
FROM approvals WHERE status = 'approved' ORDER BY seq;

ALTER TABLE agent_tasks DROP COLUMN attempt, DROP COLUMN interruptions, DROP COLUMN lease_until,
    DROP COLUMN parked;
ALTER TABLE approvals DROP COLUMN lease_until;

ALTER TABLE agent_tasks FORCE ROW LEVEL SECURITY;
ALTER TABLE approvals FORCE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
