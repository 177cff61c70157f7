"""What is told to people, sent exactly once or reported."""

__all__ = ["service", "types"]
