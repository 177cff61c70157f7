-- One log of events, in streams: each user has one, and each of their tasks. The stream of a user is
-- named by the user's id, that of a task by the task's.

-- The policies bind the owner of the tables too, who has to see every row once.
ALTER TABLE event_owners NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE agent_events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE agent_tasks NO FORCE ROW LEVEL SECURITY;

ALTER TABLE event_owners RENAME TO event_streams;
ALTER TABLE event_streams ADD COLUMN stream uuid;
UPDATE event_streams SET stream = user_id;
ALTER TABLE event_streams ALTER COLUMN stream SET NOT NULL;
ALTER TABLE event_streams DROP CONSTRAINT event_owners_pkey;
ALTER TABLE event_streams ADD PRIMARY KEY (user_id, stream);

ALTER TABLE events ADD COLUMN stream uuid;
UPDATE events SET stream = user_id;
ALTER TABLE events ALTER COLUMN stream SET NOT NULL;
ALTER TABLE events DROP CONSTRAINT events_pkey;
ALTER TABLE events ADD PRIMARY KEY (user_id, stream, id);

INSERT INTO event_streams (user_id, stream, last_id)
SELECT user_id, id, last_event FROM agent_tasks;
INSERT INTO events (user_id, stream, id, kind, subject, key_id, data, created_at)
SELECT user_id, task_id, id, kind, task_id, key_id, data, created_at FROM agent_events;

DROP TABLE agent_events;
ALTER TABLE agent_tasks DROP COLUMN last_event;

ALTER TABLE event_streams FORCE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
ALTER TABLE agent_tasks FORCE ROW LEVEL SECURITY;
