"""What a conversation is about, so that "and tomorrow?" and "cancel that" can be understood.

`store` keeps the state of each conversation, and `types` is that state.
"""

__all__ = ["store", "types"]
