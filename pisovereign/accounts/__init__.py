"""People and what signs them in: sessions, one-time codes, passkeys, and keys of programs."""

__all__ = [
    "callers",
    "cookies",
    "devices",
    "grants",
    "profiles",
    "requests",
    "secrets",
    "streams",
    "types",
]
