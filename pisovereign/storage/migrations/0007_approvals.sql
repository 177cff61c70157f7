-- Approvals, and the audit log of what was asked for, decided and executed.

CREATE TABLE approvals (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN
        ('pending', 'approved', 'executed', 'denied', 'cancelled', 'expired', 'failed')),
    key_id text NOT NULL REFERENCES sealing_keys,
    -- What is shown and done; sealed together with owner, kind and expiry.
    content bytea NOT NULL,
    asked_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    -- Whoever carries it out moves this on; when it is over, nobody does any more.
    lease_until timestamptz,
    finished_at timestamptz,
    -- The result, or the reason; sealed.
    outcome bytea,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX approvals_in_order ON approvals (user_id, seq);
CREATE INDEX approvals_open ON approvals (user_id) WHERE status IN ('pending', 'approved');

CREATE FUNCTION approvals_go_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('pending', 'approved'), ('pending', 'denied'), ('pending', 'cancelled'),
        ('pending', 'expired'), ('approved', 'approved'), ('approved', 'executed'),
        ('approved', 'failed'))
    THEN
        RAISE EXCEPTION 'an approval that is % cannot become %', OLD.status, NEW.status;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER one_way BEFORE UPDATE ON approvals
    FOR EACH ROW EXECUTE FUNCTION approvals_go_one_way();

CREATE TABLE audit_entries (
    user_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    event text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    actor text NOT NULL,
    scopes text[] NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    what bytea NOT NULL,
    -- A keyed hash of this row and of the hash before it.
    mac bytea NOT NULL,
    PRIMARY KEY (user_id, seq)
);

-- How many entries there are, and the hash of the newest, under a keyed hash of both.
CREATE TABLE audit_heads (
    user_id uuid PRIMARY KEY,
    count bigint NOT NULL,
    newest bytea NOT NULL,
    mac bytea NOT NULL
);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to';
END
$$;

CREATE FUNCTION audit_heads_advance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.user_id <> OLD.user_id OR NEW.count NOT IN (OLD.count, OLD.count + 1) THEN
        RAISE EXCEPTION 'the audit log is only ever added to';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER advance BEFORE UPDATE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION audit_heads_advance();

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['approvals', 'audit_entries', 'audit_heads']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned);
        EXECUTE format(
            'CREATE POLICY owner_only ON %I'
            ' USING (user_id = nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)'
            ' WITH CHECK (user_id ='
            ' nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)', owned);
    END LOOP;
END
$$;

-- What was asked for is never changed, only how far it is.
GRANT SELECT, INSERT ON approvals TO pisovereign_app;
GRANT UPDATE (status, decided_by, decided_at, lease_until, finished_at, outcome)
    ON approvals TO pisovereign_app;
GRANT SELECT, INSERT ON audit_entries TO pisovereign_app;
GRANT SELECT, INSERT ON audit_heads TO pisovereign_app;
GRANT UPDATE (count, newest, mac) ON audit_heads TO pisovereign_app;
