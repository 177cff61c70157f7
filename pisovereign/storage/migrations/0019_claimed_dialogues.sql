-- One message at a time goes on from what a conversation is about: the others wait for what came of it.

ALTER TABLE dialogue_states
    ADD COLUMN version bigint NOT NULL DEFAULT 0,
    ADD COLUMN claimed_by uuid,
    ADD COLUMN claimed_at timestamptz;
