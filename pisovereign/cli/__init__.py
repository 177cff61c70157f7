"""The command line programs."""

__all__ = []
