"""Side effects that wait until a person has seen them and said yes."""

__all__ = ["reading", "service", "supervised", "types", "wording"]
