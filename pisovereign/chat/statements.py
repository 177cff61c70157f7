"""The SQL about looking at conversations."""

from __future__ import annotations

# A question that is to take the place of another one is not there until it is answered.
VISIBLE = """
(m.replaces IS NULL OR EXISTS (
    SELECT FROM messages a
    WHERE a.user_id = m.user_id AND a.conversation_id = m.conversation_id
      AND coalesce(a.answers, a.seq) = m.seq AND a.role = 'assistant'))
"""
LIST = """
SELECT c.id, c.title_key_id, c.title, c.pinned, c.created_at, c.updated_at,
       (SELECT count(*) FROM messages m
        WHERE m.user_id = c.user_id AND m.conversation_id = c.id AND {visible}),
       first.id, first.key_id, first.content
FROM (
    SELECT * FROM conversations
    WHERE user_id = %(user)s AND (%(ids)s::text[] IS NULL OR id = ANY(%(ids)s::text[]))
      AND (NOT %(after)s OR pinned < %(pinned)s::boolean
           OR pinned = %(pinned)s::boolean AND (updated_at < %(updated)s::timestamptz
               OR updated_at = %(updated)s::timestamptz AND id > %(last)s::text))
    ORDER BY pinned DESC, updated_at DESC, id LIMIT %(limit)s OFFSET %(offset)s
) c
LEFT JOIN LATERAL (
    SELECT m.id, m.key_id, m.content FROM messages m
    WHERE m.user_id = c.user_id AND m.conversation_id = c.id AND c.title IS NULL
      AND m.role = 'user' AND {visible}
    ORDER BY coalesce(m.answers, m.seq), m.seq LIMIT 1
) first ON true
ORDER BY c.pinned DESC, c.updated_at DESC, c.id
""".replace("{visible}", VISIBLE)
COUNT = "SELECT count(*) FROM conversations WHERE user_id = %(user)s"
NAMED = """
SELECT id FROM conversations WHERE user_id = %(user)s AND title IS NOT NULL
ORDER BY updated_at DESC, id LIMIT %(limit)s
"""
MESSAGES = """
SELECT coalesce(m.answers, m.seq), m.seq, m.id, m.role, m.key_id, m.content, m.created_at, m.model,
       m.tools, m.command, m.details
FROM messages m
WHERE m.user_id = %(user)s AND m.conversation_id = %(conversation)s AND {visible}
  AND (%(turn)s::bigint IS NULL
       OR (coalesce(m.answers, m.seq), m.seq) < (%(turn)s::bigint, %(seq)s::bigint))
ORDER BY coalesce(m.answers, m.seq) DESC, m.seq DESC LIMIT %(limit)s
""".replace("{visible}", VISIBLE)
CHANGE = """
UPDATE conversations
SET title = CASE WHEN %(named)s THEN %(title)s ELSE title END,
    title_key_id = CASE WHEN %(named)s THEN %(key)s ELSE title_key_id END,
    pinned = coalesce(%(pinned)s, pinned)
WHERE user_id = %(user)s AND id = %(conversation)s
"""
DELETE = "DELETE FROM conversations WHERE user_id = %(user)s AND id = %(conversation)s"
# One that is being answered is changed when its answer is stored.
IDLE = """
SELECT id FROM conversations c
WHERE user_id = %(user)s AND NOT pinned AND updated_at < now() - make_interval(days => %(days)s)
  AND NOT EXISTS (SELECT FROM answer_streams s
                  WHERE s.user_id = c.user_id AND s.conversation_id = c.id AND s.state = 'running')
ORDER BY updated_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
TEXTS = """
SELECT m.seq, m.conversation_id, m.id, m.role, m.created_at, m.key_id, m.content FROM messages m
WHERE m.user_id = %(user)s AND (%(before)s::bigint IS NULL OR m.seq < %(before)s) AND {visible}
ORDER BY m.seq DESC LIMIT %(limit)s
""".replace("{visible}", VISIBLE)
