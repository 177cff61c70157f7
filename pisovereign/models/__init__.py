"""Model files: what exists, where it lies, how it is fetched, verified and prepared."""

__all__ = ["errors", "manifest", "store"]
