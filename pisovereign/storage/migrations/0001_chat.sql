-- Conversations and messages, sealed by the application, each row owned by one user.

CREATE EXTENSION IF NOT EXISTS vector;

-- The role the program works as. It owns nothing, so row-level security always applies to it.
-- Roles belong to the whole server: it may be there already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pisovereign_app') THEN
        CREATE ROLE pisovereign_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    -- The login of database.url switches to that role, which a superuser may do anyway.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT pisovereign_app TO %I', current_user);
    END IF;
END
$$;

CREATE TABLE sealing_keys (
    key_id text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE conversations (
    user_id uuid NOT NULL,
    id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- The first message (by seq) that is still sent to the model.
    window_start bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    -- The seq of the question that an answer belongs to: of several turns at once, each stays whole.
    answers bigint,
    role text NOT NULL CHECK (role IN ('user', 'assistant')),
    key_id text NOT NULL REFERENCES sealing_keys,
    content bytea NOT NULL,
    -- Changing text that was sent beside a user's message: the same again in every later prompt.
    context bytea,
    model text,
    prompt_tokens integer,
    completion_tokens integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);

CREATE INDEX messages_in_order
    ON messages (user_id, conversation_id, coalesce(answers, seq), seq);

-- Without a user, current_setting is NULL or '' and no row matches. FORCE binds the tables' owner too.
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON conversations
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON messages
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);

-- Messages are never changed.
GRANT SELECT, INSERT ON sealing_keys TO pisovereign_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON conversations TO pisovereign_app;
GRANT SELECT, INSERT, DELETE ON messages TO pisovereign_app;
