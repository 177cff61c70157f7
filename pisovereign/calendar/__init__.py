"""Changes of calendar events."""

__all__ = ["service", "types"]
