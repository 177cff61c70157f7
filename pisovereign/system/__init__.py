"""The system itself: its health, what it takes of the machine, and which models answer."""

__all__ = ["served_models", "types", "usage"]
