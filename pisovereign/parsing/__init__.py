"""What people say, read as commands: by rules, in English and German."""

__all__ = ["service", "types"]
