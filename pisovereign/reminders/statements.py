"""The SQL about reminders; the owner is in every statement."""

from __future__ import annotations

COLUMNS = """
id, key_id, title, state, remind_at, due_at, snoozes, created_at, updated_at, kind, sound, repeat,
repeats_from, series_id, continued, moves
"""
_INSERT = """
INSERT INTO reminders (
    user_id, id, key_id, title, remind_at, kind, sound, repeat, repeats_from, series_id
)
VALUES (
    %(user)s, %(id)s, %(key)s, %(title)s, %(remind_at)s, %(kind)s, %(sound)s, %(repeat)s,
    %(repeats_from)s, %(series)s
)
"""
_PUT_OFF = """
UPDATE reminders
SET state = 'scheduled', snoozes = snoozes + 1, updated_at = now(),
    remind_at = greatest(remind_at, now()) + make_interval(mins => %(minutes)s)
WHERE user_id = %(user)s AND id = %(id)s AND state <> 'done' AND snoozes < %(most)s
"""
# What another process is delivering is left to it.
_MAKE_DUE = """
UPDATE reminders SET state = 'due', due_at = now(), updated_at = now()
WHERE user_id = %(user)s AND id IN (
    SELECT id FROM reminders
    WHERE user_id = %(user)s AND state = 'scheduled' AND remind_at <= now()
    ORDER BY remind_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""
ADD = f"{_INSERT} ON CONFLICT (user_id, id) DO NOTHING RETURNING {COLUMNS}"
_SELECT = """
SELECT id, key_id, title, state, remind_at, due_at, snoozes, created_at, updated_at, kind, sound,
    repeat, repeats_from, series_id, continued, moves
FROM reminders
"""
GET = f"{_SELECT} WHERE user_id = %(user)s AND id = %(id)s"
_WHERE = """
WHERE user_id = %(user)s AND state = ANY(%(states)s)
    AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(start)s::timestamptz IS NULL OR remind_at >= %(start)s)
    AND (%(end)s::timestamptz IS NULL OR remind_at < %(end)s)
"""
PAGE = f"""
{_SELECT} {_WHERE}
ORDER BY remind_at, id LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT_ALL = "SELECT count(*) FROM reminders"
COUNT = f"{_COUNT_ALL} {_WHERE}"
SNOOZE = f"{_PUT_OFF} RETURNING {COLUMNS}"
FALL_DUE = f"{_MAKE_DUE} RETURNING {COLUMNS}"
FINISH = """
UPDATE reminders SET state = 'done', updated_at = now()
WHERE user_id = %(user)s AND id = %(id)s AND state <> 'done'
"""
# Of a series only one waits to be answered: the newest.
FINISH_EARLIER = """
UPDATE reminders SET state = 'done', updated_at = now()
WHERE user_id = %(user)s AND series_id = %(series)s AND id <> %(id)s AND state = 'due'
RETURNING id
"""
CONTINUED = "UPDATE reminders SET continued = true WHERE user_id = %(user)s AND id = %(id)s"
_REPLACE = """
UPDATE reminders
SET key_id = coalesce(%(key)s, key_id), title = coalesce(%(title)s, title),
    sound = coalesce(%(sound)s, sound), updated_at = now(),
    remind_at = coalesce(%(remind_at)s, remind_at),
    repeats_from = CASE WHEN repeat IS NOT NULL THEN coalesce(%(remind_at)s, repeats_from) END,
    state = CASE WHEN %(remind_at)s::timestamptz IS NULL THEN state ELSE 'scheduled' END,
    moves = moves + (%(remind_at)s::timestamptz IS NOT NULL)::int
WHERE user_id = %(user)s AND id = %(id)s AND state <> 'done' AND moves < 32000
"""
CHANGE = f"{_REPLACE} RETURNING {COLUMNS}"
DELETE = "DELETE FROM reminders WHERE user_id = %(user)s AND id = %(id)s"
END_SERIES = """
DELETE FROM reminders WHERE user_id = %(user)s AND series_id = %(series)s AND state <> 'done'
RETURNING id, state
"""
PRUNE = """
DELETE FROM reminders WHERE user_id = %(user)s AND id IN (
    SELECT id FROM reminders
    WHERE user_id = %(user)s AND state = 'done'
      AND updated_at < now() - make_interval(days => %(days)s)
    ORDER BY updated_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
NEXT = """
SELECT extract(epoch FROM min(remind_at) - clock_timestamp())::float8 FROM reminders
WHERE user_id = %(user)s AND state = 'scheduled'
"""
