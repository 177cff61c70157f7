-- What was approved, and certainly was not begun, waits for a decision again.

CREATE OR REPLACE FUNCTION approvals_go_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('pending', 'approved'), ('pending', 'denied'), ('pending', 'cancelled'),
        ('pending', 'expired'), ('approved', 'approved'), ('approved', 'pending'),
        ('approved', 'executed'), ('approved', 'failed'))
    THEN
        RAISE EXCEPTION 'an approval that is % cannot become %', OLD.status, NEW.status;
    END IF;
    RETURN NEW;
END
$$;
