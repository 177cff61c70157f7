"""What happens without being asked for, told to a user's programs as a stream of events."""

__all__ = ["log", "types", "wakeups"]
