"""`pisovereign serve`: all processes of one installation, started and watched.

Offered to the command line and to systemd's units, which start the same programs without it: the
installation, set-up, the banner, the engine's command line, and tuning with its results.
"""

__all__ = ["banner", "engine_command", "installation", "setup", "tuning", "tuning_results"]
