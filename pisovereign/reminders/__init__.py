"""Reminders: kept until their time comes, then told once."""

__all__ = ["repeat", "service", "types"]
