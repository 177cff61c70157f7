"""Events that happen without being asked for, told to a user's programs as streams."""

__all__ = ["log", "notify_listener", "stream", "types", "wakeups"]
