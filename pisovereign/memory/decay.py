"""How importance fades: by a closed formula, so that applying it again changes nothing.

    importance = base * 2 ** (-idle_days / (half_life_days * (1 + log2(1 + access_count))))

`base` is the importance that was given, `idle_days` the whole days since the memory was last used
or changed. The more often a memory was used, the slower it fades, and a use restores its full
importance. Nothing is deleted unless `memory.delete_below` is set.
"""

from __future__ import annotations

import math
from uuid import UUID

from pisovereign.memory.types import DecayReport
from pisovereign.memory.writer import open_writer
from pisovereign.storage.pool import Database

# Rounded: a change below the third digit is not worth writing to a card. PostgreSQL's power() fails
# where a result is too small for a number, and so never gets further than -100.
_DIGITS = 3
_FADE = """
UPDATE memory_state s SET importance = f.importance
FROM (
    SELECT memory_id, round((base_importance * power(2.0, greatest(-100, -floor(
        greatest(extract(epoch FROM now() - used_at), 0) / 86400.0
    ) / (%(half_life)s::float8 * (1 + log(2, 1 + access_count))))))::numeric, 3)::real
        AS importance
    FROM memory_state WHERE user_id = %(user)s
) f, memory_state old
WHERE s.user_id = %(user)s AND s.memory_id = f.memory_id
  AND old.user_id = s.user_id AND old.memory_id = s.memory_id
  AND s.importance <> f.importance
RETURNING s.importance < old.importance
"""
_FADED = """
SELECT memory_id FROM memory_state WHERE user_id = %(user)s AND importance < %(below)s
"""
_TOTAL = "SELECT count(*) FROM memory_state WHERE user_id = %(user)s"


def faded_importance(
    base: float, idle_days: int, access_count: int, half_life_days: float
) -> float:
    """Return the importance after `idle_days` without use, rounded as it is stored."""
    slower = 1 + math.log2(1 + access_count)
    faded: float = base * 2.0 ** (-max(idle_days, 0) / (half_life_days * slower))
    return round(faded, _DIGITS)


class Decay:
    """Applies the formula to users' memories.

    Args:
        database: Where memories are.
        half_life_days: Days without use after which a memory that was never used has half of its
            importance.
        delete_below: Memories that fade below this importance are deleted; 0: none is.
    """

    def __init__(self, database: Database, half_life_days: float, delete_below: float) -> None:
        self._database = database
        self._half_life = half_life_days
        self._delete_below = delete_below

    async def run(self, user: UUID) -> DecayReport:
        """Bring every importance up to date; delete what faded, if that is configured.

        Raises:
            ServiceUnavailable: the database is away.
        """
        values = {"user": user, "half_life": self._half_life, "below": self._delete_below}
        async with open_writer(self._database, user) as writer:
            connection = writer.connection
            changes = await (await connection.execute(_FADE, values)).fetchall()
            faded: list[tuple[UUID]] = []
            if self._delete_below > 0:
                faded = await (await connection.execute(_FADED, values)).fetchall()
            for (memory,) in faded:
                await writer.delete(memory)
            total = await (await connection.execute(_TOTAL, values)).fetchone()
        assert total is not None
        return DecayReport(
            decayed=sum(lowered for (lowered,) in changes), deleted=len(faded), total=total[0]
        )
