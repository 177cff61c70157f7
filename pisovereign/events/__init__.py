"""What happens without being asked for, told to a user's programs as streams of events."""

__all__ = ["log", "notify_listener", "stream", "types", "wakeups"]
