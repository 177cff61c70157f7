"""Lists of things to buy, to do or to take along."""

__all__ = ["names", "service", "types"]
