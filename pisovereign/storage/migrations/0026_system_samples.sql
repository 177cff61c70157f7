-- How busy the device was, a row for each minute of about a day; nobody's, and lost with a crash.
-- Unlogged: nothing waits for the disk, and the write-ahead log does not grow with each minute.
CREATE UNLOGGED TABLE system_samples (
    at timestamptz PRIMARY KEY,
    requests integer NOT NULL,
    p50_ms real,
    p99_ms real,
    answers integer NOT NULL,
    tokens integer NOT NULL,
    tokens_per_second real,
    first_token_s real,
    memory_mb integer NOT NULL,
    cpu_percent real NOT NULL,
    temperature_c real
);

GRANT SELECT, INSERT, DELETE ON system_samples TO pisovereign_app;
