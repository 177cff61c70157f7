"""How long, how often, and how many."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one server, and of all that are in use; times in seconds."""

    call_s: float = 30.0
    calls_a_minute: int = 60
    parallel: int = 4
    idle_s: float = 120.0
    listed_s: float = 60.0
    pause_s: float = 15.0
    news_pause_s: float = 2.0
    open: int = 8
    programs: int = 2
