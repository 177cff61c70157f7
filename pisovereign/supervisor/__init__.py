"""`pisovereign serve`: all processes of one installation, started and watched."""

__all__ = ["banner", "engine_argv", "installation", "setup", "tuned", "tuning"]
