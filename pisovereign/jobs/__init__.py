"""Work that goes on beside the requests."""

__all__ = ["periodic"]
