-- What is to be sent to other servers.

CREATE TABLE outbox (
    user_id uuid NOT NULL,
    -- Made from subject, number and channel: the same message is stored once.
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    channel text NOT NULL CHECK (channel IN ('whatsapp', 'mail')),
    about text NOT NULL CHECK (about IN ('reminder', 'answer')),
    -- What the message is about, and which of several about that it is.
    subject uuid NOT NULL,
    number integer NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    -- Address and text, sealed; deleted once the message is settled.
    payload bytea,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'sent', 'uncertain', 'failed')),
    tries integer NOT NULL DEFAULT 0,
    ready_at timestamptz NOT NULL DEFAULT now(),
    -- Until then somebody is sending it.
    lease_until timestamptz,
    expires_at timestamptz NOT NULL,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX outbox_to_send ON outbox (user_id, channel, seq) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_about ON outbox (user_id, subject);
CREATE INDEX outbox_settled ON outbox (user_id, settled_at);

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON outbox
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO pisovereign_app;
