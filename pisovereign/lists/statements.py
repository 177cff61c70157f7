"""The SQL about lists; the owner is in every statement."""

from __future__ import annotations

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('lists ' || %(user)s::text, 0))"
LISTS = """
SELECT l.id, l.key, l.key_id, l.name, l.created_at, l.updated_at,
    count(i.id), count(i.id) FILTER (WHERE i.done_at IS NULL)
FROM lists l
LEFT JOIN list_items i ON i.user_id = l.user_id AND i.list_id = l.id
WHERE l.user_id = %(user)s
GROUP BY l.user_id, l.id ORDER BY l.created_at, l.id
"""
ITEMS = """
SELECT id, key_id, text, done_at, created_at FROM list_items
WHERE user_id = %(user)s AND list_id = %(list)s ORDER BY position
"""
ADD_LIST = """
INSERT INTO lists (user_id, id, key, key_id, name)
VALUES (%(user)s, %(list)s, %(key)s, %(key_id)s, %(name)s)
"""
RENAME = """
UPDATE lists SET key = %(key)s, key_id = %(key_id)s, name = %(name)s, updated_at = now()
WHERE user_id = %(user)s AND id = %(list)s
"""
TOUCH = "UPDATE lists SET updated_at = now() WHERE user_id = %(user)s AND id = %(list)s"
DELETE_LIST = "DELETE FROM lists WHERE user_id = %(user)s AND id = %(list)s"
ADD_ITEM = """
INSERT INTO list_items (user_id, id, list_id, position, key_id, text)
SELECT %(user)s, %(item)s, %(list)s, coalesce(max(position), 0) + 1, %(key_id)s, %(text)s
FROM list_items WHERE user_id = %(user)s AND list_id = %(list)s
"""
CHANGE_ITEM = """
UPDATE list_items
SET key_id = coalesce(%(key_id)s, key_id), text = coalesce(%(text)s, text),
    done_at = CASE WHEN %(done)s::boolean IS NULL THEN done_at
        WHEN %(done)s THEN coalesce(done_at, now()) END
WHERE user_id = %(user)s AND list_id = %(list)s AND id = %(item)s
"""
# What is named comes first, in its order; the rest follows as it was.
ORDER_ITEMS = """
UPDATE list_items i SET position = placed.place
FROM (
    SELECT id, row_number() OVER (
        ORDER BY array_position(%(items)s::uuid[], id) NULLS LAST, position
    ) AS place
    FROM list_items WHERE user_id = %(user)s AND list_id = %(list)s
) placed
WHERE i.user_id = %(user)s AND i.list_id = %(list)s AND i.id = placed.id
"""
DELETE_ITEMS = """
DELETE FROM list_items WHERE user_id = %(user)s AND list_id = %(list)s AND id = ANY(%(items)s)
"""
