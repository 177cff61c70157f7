-- Messages that came in over WhatsApp, until they are answered.

CREATE TABLE whatsapp_inbox (
    user_id uuid NOT NULL,
    -- A keyed hash of Meta's id, which holds the number: a message is stored once.
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    -- A keyed hash of the number.
    sender uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('text', 'other')),
    key_id text NOT NULL REFERENCES sealing_keys,
    -- Meta's id, number and text, sealed; deleted once the message is settled.
    payload bytea,
    -- When it was written, by Meta's clock.
    sent_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'answering', 'answered', 'ignored', 'failed')),
    attempt integer NOT NULL DEFAULT 0,
    ready_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX whatsapp_inbox_open ON whatsapp_inbox (user_id, sent_at, seq)
    WHERE state IN ('waiting', 'answering');
CREATE INDEX whatsapp_inbox_sender ON whatsapp_inbox (user_id, sender, sent_at);
CREATE INDEX whatsapp_inbox_settled ON whatsapp_inbox (user_id, settled_at);

ALTER TABLE whatsapp_inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE whatsapp_inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON whatsapp_inbox
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON whatsapp_inbox TO pisovereign_app;
