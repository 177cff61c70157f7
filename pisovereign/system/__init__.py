"""What the system says about itself."""

__all__ = ["types"]
