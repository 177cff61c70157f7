-- Somebody whose key was taken out of the configuration is in no table of people, and what they
-- stored could not be erased. Nor was what owners were told of the approvals of somebody who is
-- restricted, which quotes what they asked for.

DROP FUNCTION erase_person(uuid);

-- Deletes all that somebody stored but the audit log, and returns how many rows that were.
-- `tellers`: who may have been told of their approvals.
CREATE FUNCTION erase_person(person uuid, tellers uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    waiting text[];
    refused text[];
    owned text;
    asked uuid[];
    told uuid;
    found bigint;
    total bigint := 0;
BEGIN
    IF EXISTS (SELECT FROM people WHERE id = person AND state = 'active') THEN
        RAISE EXCEPTION 'only somebody who was disabled before can be erased';
    END IF;
    PERFORM set_config('pisovereign.user_id', person::text, true);
    SELECT array_agg(id) INTO asked FROM approvals WHERE user_id = person;
    FOREACH told IN ARRAY tellers
    LOOP
        PERFORM set_config('pisovereign.user_id', told::text, true);
        DELETE FROM events WHERE user_id = told AND subject = ANY(asked);
        DELETE FROM jobs WHERE user_id = told AND subject = ANY(asked);
    END LOOP;
    PERFORM set_config('pisovereign.user_id', person::text, true);
    SELECT array_agg(c.relname ORDER BY c.relname) INTO waiting
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND a.attname = 'user_id' AND NOT a.attisdropped
      AND c.relname NOT IN ('audit_entries', 'audit_heads');
    -- A table that others refer to has to wait for them.
    LOOP
        refused := ARRAY[]::text[];
        FOREACH owned IN ARRAY waiting
        LOOP
            BEGIN
                EXECUTE format('DELETE FROM %I WHERE user_id = $1', owned) USING person;
                GET DIAGNOSTICS found = ROW_COUNT;
                total := total + found;
            EXCEPTION WHEN foreign_key_violation THEN
                refused := refused || owned;
            END;
        END LOOP;
        EXIT WHEN refused = ARRAY[]::text[];
        IF refused = waiting THEN
            RAISE EXCEPTION 'rows of % cannot be deleted', refused;
        END IF;
        waiting := refused;
    END LOOP;
    DELETE FROM passkey_challenges c WHERE c.person = $1;
    DELETE FROM people p WHERE p.id = $1;
    GET DIAGNOSTICS found = ROW_COUNT;
    RETURN total + found;
END
$$;
REVOKE ALL ON FUNCTION erase_person(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_person(uuid, uuid[]) TO pisovereign_app;
