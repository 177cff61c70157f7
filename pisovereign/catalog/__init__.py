"""The catalog of system commands: what may be executed on this machine, and with what."""

__all__ = ["service", "types"]
