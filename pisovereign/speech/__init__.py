"""Speech: what somebody says becomes text, and text is read aloud, by services outside."""

__all__ = ["service", "types"]
