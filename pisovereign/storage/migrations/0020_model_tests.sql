-- What a test has shown of the models that were in use. It belongs to nobody: no text of a user.

CREATE TABLE model_tests (
    -- The file, by its checksum; where there is none, the server and the name it was asked by.
    model text NOT NULL,
    -- What it was tested with.
    test text NOT NULL,
    -- Whoever tests it says again and again that it does; it is somebody else's turn after a while.
    seen_at timestamptz NOT NULL DEFAULT now(),
    result jsonb,
    PRIMARY KEY (model, test)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON model_tests TO pisovereign_app;
