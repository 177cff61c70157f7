"""What was asked for, decided and executed, by whom and when: written once, never changed."""

__all__ = ["types"]
