-- Alarms and timers beside reminders, and those that come again. `repeats_from` is the first time of a
-- series, from which every other is counted. `continued` is true once the next one of the series is
-- stored, so that a snoozed one does not add another.

ALTER TABLE reminders
    ADD COLUMN kind text NOT NULL DEFAULT 'reminder' CHECK (kind IN ('reminder', 'alarm', 'timer')),
    ADD COLUMN sound boolean NOT NULL DEFAULT false,
    ADD COLUMN repeat text
        CHECK (repeat IN ('daily', 'weekdays', 'weekends', 'weekly', 'monthly', 'yearly')),
    ADD COLUMN repeats_from timestamptz,
    ADD COLUMN series_id uuid,
    ADD COLUMN continued boolean NOT NULL DEFAULT false,
    -- How often it was given another time; with the snoozes it numbers what is told of it.
    ADD COLUMN moves smallint NOT NULL DEFAULT 0,
    ADD CONSTRAINT reminders_series
        CHECK ((repeat IS NULL) = (repeats_from IS NULL) AND (repeat IS NULL) = (series_id IS NULL));

CREATE INDEX reminders_of_series ON reminders (user_id, series_id) WHERE series_id IS NOT NULL;
