-- What a conversation is about: what was done last, and what the assistant has asked for.

-- What commands answered, as data: an answer of the program is no example of how the model speaks.
ALTER TABLE messages ADD COLUMN command bytea;

CREATE TABLE dialogue_states (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    state bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, conversation_id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);

ALTER TABLE dialogue_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE dialogue_states FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON dialogue_states
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON dialogue_states TO pisovereign_app;
