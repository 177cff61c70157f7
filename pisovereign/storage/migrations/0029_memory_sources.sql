-- Why something is remembered: each occasion on which it was said, asked for, added or imported.

CREATE TABLE memory_sources (
    user_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    origin text NOT NULL CHECK (origin IN ('said', 'asked', 'added', 'imported')),
    at timestamptz NOT NULL DEFAULT now(),
    -- The answer to the message that said it; the message may be gone since.
    message_id uuid,
    -- The sentence, sealed; none once the memory's text was changed by hand.
    key_id text NOT NULL REFERENCES sealing_keys,
    sentence bytea,
    PRIMARY KEY (user_id, memory_id, seq),
    FOREIGN KEY (user_id, memory_id) REFERENCES memories ON DELETE CASCADE
);

ALTER TABLE memory_sources ENABLE ROW LEVEL SECURITY;
ALTER TABLE memory_sources FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON memory_sources
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON memory_sources TO pisovereign_app;
