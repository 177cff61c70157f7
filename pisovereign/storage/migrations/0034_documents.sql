-- Documents: the file, sealed in pieces; its text, sealed passage by passage; and what finds those.

CREATE TABLE documents (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    key_id text NOT NULL REFERENCES sealing_keys,
    name bytea NOT NULL,
    -- What the file calls itself; none before it was read.
    title bytea,
    -- A keyed hash: the same file of the same user is stored once.
    digest bytea NOT NULL,
    format text NOT NULL,
    size bigint NOT NULL,
    pages integer NOT NULL DEFAULT 0,
    passages integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'indexing', 'ready', 'failed')),
    -- Why it cannot be read; of ours, and nothing of the file.
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, digest)
);

CREATE INDEX documents_in_order ON documents (user_id, number);

CREATE TABLE document_pieces (
    user_id uuid NOT NULL,
    document_id uuid NOT NULL,
    piece integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (user_id, document_id, piece),
    FOREIGN KEY (user_id, document_id) REFERENCES documents ON DELETE CASCADE
);
-- What is sealed does not become smaller.
ALTER TABLE document_pieces ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE passages (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    document_id uuid NOT NULL,
    -- Its place in the document, from 0; and the number of its page, 0 where there are none.
    place integer NOT NULL,
    page integer NOT NULL,
    key_id text NOT NULL REFERENCES sealing_keys,
    content bytea NOT NULL,
    heading bytea NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, document_id, place),
    FOREIGN KEY (user_id, document_id) REFERENCES documents ON DELETE CASCADE
);

CREATE INDEX passages_in_order ON passages (user_id, seq);

CREATE TABLE passage_embeddings (
    user_id uuid NOT NULL,
    passage_id uuid NOT NULL,
    model text NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (user_id, passage_id, model),
    FOREIGN KEY (user_id, passage_id) REFERENCES passages ON DELETE CASCADE
);
ALTER TABLE passage_embeddings ALTER COLUMN embedding SET STORAGE PLAIN;

CREATE TABLE passage_terms (
    user_id uuid NOT NULL,
    passage_id uuid NOT NULL,
    terms bigint[] NOT NULL,
    counts smallint[] NOT NULL,
    length integer NOT NULL,
    language text,
    PRIMARY KEY (user_id, passage_id),
    FOREIGN KEY (user_id, passage_id) REFERENCES passages ON DELETE CASCADE
);

CREATE INDEX passage_terms_by_term ON passage_terms USING gin (terms);

CREATE TABLE passage_owners (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL
);

CREATE TABLE passage_changes (
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    passage_id uuid NOT NULL,
    PRIMARY KEY (user_id, version, passage_id)
);

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['documents', 'document_pieces', 'passages', 'passage_embeddings',
                                 'passage_terms', 'passage_owners', 'passage_changes']
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
