-- Who is erased has no connections any more: every process has to see that.

CREATE FUNCTION connections_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO connection_changes (owner, version) VALUES (OLD.user_id, 1)
    ON CONFLICT (owner) DO UPDATE SET version = connection_changes.version + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER removed AFTER DELETE ON connections
    FOR EACH ROW EXECUTE FUNCTION connections_removed();
