-- What is old is deleted. Of an audit log the beginning is, once a checkpoint stands for it.

-- The checkpoint stands beside the head: the number of the last entry that was deleted, its hash, the time that the
-- deleted ones are of, how many approvals they told of, how many approvals were deleted, and a keyed hash of all that.
ALTER TABLE audit_heads
    ADD COLUMN pruned bigint NOT NULL DEFAULT 0,
    ADD COLUMN pruned_mac bytea,
    ADD COLUMN pruned_from timestamptz,
    ADD COLUMN pruned_to timestamptz,
    ADD COLUMN pruned_requests bigint NOT NULL DEFAULT 0,
    ADD COLUMN pruned_approvals bigint NOT NULL DEFAULT 0,
    -- None: nothing was deleted yet.
    ADD COLUMN checkpoint_mac bytea;

CREATE OR REPLACE FUNCTION audit_heads_advance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.user_id <> OLD.user_id OR NEW.count NOT IN (OLD.count, OLD.count + 1)
        OR NEW.pruned < OLD.pruned OR NEW.pruned > NEW.count
        OR NEW.pruned_requests < OLD.pruned_requests OR NEW.pruned_approvals < OLD.pruned_approvals
    THEN
        RAISE EXCEPTION 'the audit log is only ever added to';
    END IF;
    RETURN NEW;
END
$$;

-- An entry may go only when the checkpoint stands for it.
CREATE FUNCTION audit_only_pruned() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_heads h WHERE h.user_id = OLD.user_id AND h.pruned >= OLD.seq)
    THEN
        RAISE EXCEPTION 'the audit log is only ever added to';
    END IF;
    RETURN OLD;
END
$$;
DROP TRIGGER append_only ON audit_entries;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER only_pruned BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_only_pruned();

GRANT UPDATE (pruned, pruned_mac, pruned_from, pruned_to, pruned_requests, pruned_approvals, checkpoint_mac)
    ON audit_heads TO pisovereign_app;

-- The program has no right to delete from the log or from approvals, but may call these.
CREATE FUNCTION prune_audit_entries() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    person constant uuid := nullif(current_setting('pisovereign.user_id', true), '')::uuid;
    deleted bigint;
BEGIN
    DELETE FROM audit_entries e
    WHERE e.user_id = person
      AND e.seq <= (SELECT h.pruned FROM audit_heads h WHERE h.user_id = person);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END
$$;

-- Only what is decided and over: by age, if `days` is not 0, and all but the newest `keep`.
CREATE FUNCTION prune_approvals(days integer, keep bigint, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    person constant uuid := nullif(current_setting('pisovereign.user_id', true), '')::uuid;
    deleted bigint;
BEGIN
    DELETE FROM approvals a WHERE a.user_id = person AND a.id IN (
        SELECT o.id FROM approvals o
        WHERE o.user_id = person AND o.status NOT IN ('pending', 'approved')
          AND (days > 0 AND o.finished_at < now() - make_interval(days => days)
               OR o.seq <= (SELECT n.seq FROM approvals n WHERE n.user_id = person
                            ORDER BY n.seq DESC OFFSET keep LIMIT 1))
        ORDER BY o.seq LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END
$$;

-- Whose logs there are: also those of people who were erased, whose logs outlive them for a time.
CREATE FUNCTION audit_owners() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT user_id FROM audit_heads
$$;

REVOKE ALL ON FUNCTION prune_audit_entries() FROM PUBLIC;
REVOKE ALL ON FUNCTION prune_approvals(integer, bigint, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit_owners() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_audit_entries() TO pisovereign_app;
GRANT EXECUTE ON FUNCTION prune_approvals(integer, bigint, integer) TO pisovereign_app;
GRANT EXECUTE ON FUNCTION audit_owners() TO pisovereign_app;

-- What is deleted batch by batch is cleaned up before it is a fifth of the table; and rows that change again and
-- again have room for their versions on their page.
DO $$
DECLARE
    busy text;
BEGIN
    FOREACH busy IN ARRAY ARRAY['audit_entries', 'approvals', 'events', 'jobs', 'messages', 'reminders']
    LOOP
        EXECUTE format('ALTER TABLE %I SET (autovacuum_vacuum_scale_factor = 0.05)', busy);
    END LOOP;
    FOREACH busy IN ARRAY ARRAY['event_streams', 'audit_heads', 'memory_owners', 'passage_owners']
    LOOP
        EXECUTE format('ALTER TABLE %I SET (fillfactor = 50)', busy);
    END LOOP;
END
$$;

CREATE INDEX reminders_done ON reminders (user_id, updated_at) WHERE state = 'done';
CREATE INDEX conversations_by_age ON conversations (user_id, updated_at);
