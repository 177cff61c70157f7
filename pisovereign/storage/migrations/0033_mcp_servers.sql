-- Servers of the Model Context Protocol that people added, and the tools that they allowed of them.
-- Tools of servers that the configuration names are here, too.

CREATE TABLE mcp_servers (
    user_id uuid NOT NULL,
    name text NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    settings bytea NOT NULL,
    -- Whether whoever saved it may name servers of the local network.
    local boolean NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, name)
);

-- How a server was getting on the last time; no row: nobody has asked it.
CREATE TABLE mcp_server_states (
    user_id uuid NOT NULL,
    server text NOT NULL,
    failed_since timestamptz,
    key_id text REFERENCES sealing_keys,
    error bytea,
    PRIMARY KEY (user_id, server)
);

CREATE TABLE mcp_tools (
    user_id uuid NOT NULL,
    server text NOT NULL,
    name text NOT NULL,
    -- The hash of all that the server says of it now; none: it has no such tool any more.
    fingerprint bytea,
    key_id text NOT NULL REFERENCES sealing_keys,
    definition bytea NOT NULL,
    -- The hash of what was allowed, and what that was. The tool is offered only while both are one.
    allowed bytea,
    allowed_key_id text REFERENCES sealing_keys,
    allowed_definition bytea,
    -- Whether it runs without an approval.
    direct boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, server, name)
);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['mcp_servers', 'mcp_server_states', 'mcp_tools']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned);
        EXECUTE format(
            'CREATE POLICY owner_only ON %I'
            ' USING (user_id = nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)'
            ' WITH CHECK (user_id ='
            ' nullif(current_setting(''pisovereign.user_id'', true), '''')::uuid)', owned);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO pisovereign_app', owned);
    END LOOP;
END
$$;
