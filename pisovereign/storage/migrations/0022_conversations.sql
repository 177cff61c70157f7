-- Conversations with names of their own, and answers that say what they used and how fast they came.

ALTER TABLE conversations
    ADD COLUMN title_key_id text REFERENCES sealing_keys,
    -- Sealed; without one a conversation is called after its first message.
    ADD COLUMN title bytea,
    ADD COLUMN pinned boolean NOT NULL DEFAULT false;

ALTER TABLE messages
    -- What an answer used, sealed like the answer itself.
    ADD COLUMN details bytea,
    -- The question, by its seq, whose place this one takes once it is answered.
    ADD COLUMN replaces bigint;

CREATE INDEX conversations_listed ON conversations (user_id, pinned DESC, updated_at DESC, id);
CREATE INDEX messages_by_age ON messages (user_id, seq);
