"""Side effects that wait until a person has seen them and said yes."""

__all__ = ["pruning", "reading", "service", "supervised", "types", "wording"]
