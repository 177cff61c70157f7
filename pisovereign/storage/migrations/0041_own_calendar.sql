-- Events and tasks of people whose calendar is in the program. `text` is iCalendar, and holds all of it; what stands
-- beside it chooses what has to be opened for a question.

CREATE TABLE calendar_objects (
    user_id uuid NOT NULL,
    -- From the UID of the object, so that it is there once.
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('event', 'task')),
    -- When the first occurrence begins and the last one ends; null: open.
    begins timestamptz,
    ends timestamptz,
    done boolean NOT NULL DEFAULT false,
    key_id text NOT NULL REFERENCES sealing_keys,
    text bytea NOT NULL,
    -- Another one after each change.
    version uuid NOT NULL,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX calendar_objects_in_time ON calendar_objects (user_id, kind, ends);

ALTER TABLE calendar_objects ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_objects FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON calendar_objects
    USING (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid)
    WITH CHECK (user_id = nullif(current_setting('pisovereign.user_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_objects TO pisovereign_app;

-- As in 0040_storage_use.sql.
CREATE FUNCTION count_calendar_objects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('pisovereign.storage_counted', true) = 'off' THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO storage_changes
        SELECT user_id, sum(150 + octet_length(text)) FROM new_rows GROUP BY user_id;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO storage_changes
        SELECT user_id, -sum(150 + octet_length(text)) FROM old_rows GROUP BY user_id;
    ELSE
        INSERT INTO storage_changes
        SELECT user_id, sum(size) FROM (
            SELECT user_id, 150 + octet_length(text) AS size FROM new_rows
            UNION ALL SELECT user_id, -(150 + octet_length(text)) FROM old_rows
        ) AS both_rows GROUP BY user_id HAVING sum(size) <> 0;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_added AFTER INSERT ON calendar_objects REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_calendar_objects();
CREATE TRIGGER count_deleted AFTER DELETE ON calendar_objects REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_calendar_objects();
CREATE TRIGGER count_changed AFTER UPDATE ON calendar_objects
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_calendar_objects();
