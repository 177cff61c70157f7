"""A cache in memory, bounded in bytes, entries and time.

`store` holds it all and hands out regions; `refreshing` asks a service again when a value gets old
and falls back to the old one when that is away; `metrics` counts hits and misses.
"""

__all__ = ["metrics", "refreshing", "store"]
