-- One durable queue for what is to be sent, what came in and what is learned from; it takes over
-- what waits in the outbox and in WhatsApp's inbox.

CREATE TABLE jobs (
    user_id uuid NOT NULL,
    queue text NOT NULL,
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL DEFAULT '',
    -- What it is about: jobs are looked for and deleted by it.
    subject uuid,
    -- Its place in the order, before seq.
    position timestamptz NOT NULL DEFAULT now(),
    key_id text REFERENCES sealing_keys,
    -- Sealed; deleted once the job is settled.
    payload bytea,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'failed', 'uncertain', 'dropped')),
    -- Counts whoever claimed it: only the last one may still change it.
    attempt integer NOT NULL DEFAULT 0,
    -- How often whoever claimed it vanished.
    interruptions integer NOT NULL DEFAULT 0,
    -- Not before then; 'infinity' is until somebody wakes it.
    ready_at timestamptz NOT NULL DEFAULT now(),
    -- Somebody works at it until then.
    lease_until timestamptz,
    expires_at timestamptz,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (user_id, queue, id)
);

CREATE INDEX jobs_open ON jobs (user_id, queue, position, seq) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_about ON jobs (user_id, subject) WHERE subject IS NOT NULL;
CREATE INDEX jobs_settled ON jobs (user_id, queue, settled_at) WHERE settled_at IS NOT NULL;

-- The policies bind the owner of the tables too, who has to see every row once.
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
ALTER TABLE whatsapp_inbox NO FORCE ROW LEVEL SECURITY;

INSERT INTO jobs (user_id, queue, id, kind, subject, position, key_id, payload, state, attempt,
                  ready_at, lease_until, expires_at, error, created_at, settled_at)
SELECT user_id, 'outbox.' || channel, id, about, subject, created_at, key_id, payload,
       CASE state WHEN 'sending' THEN 'running' WHEN 'sent' THEN 'done' ELSE state END,
       tries, ready_at, CASE state WHEN 'sending' THEN lease_until END, expires_at, error,
       created_at, settled_at
FROM outbox ORDER BY seq;

-- The subject of a message that came in is the keyed hash of its sender.
INSERT INTO jobs (user_id, queue, id, kind, subject, position, key_id, payload, state, attempt,
                  ready_at, lease_until, created_at, settled_at)
SELECT user_id, 'whatsapp_inbox', id, kind, sender, sent_at, key_id, payload,
       CASE state WHEN 'answering' THEN 'running' WHEN 'answered' THEN 'done'
           WHEN 'ignored' THEN 'dropped' ELSE state END,
       attempt, ready_at, CASE state WHEN 'answering' THEN lease_until END, created_at, settled_at
FROM whatsapp_inbox ORDER BY seq;

DROP TABLE outbox;
DROP TABLE whatsapp_inbox;

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON jobs
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO pisovereign_app;
