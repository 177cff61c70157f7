"""`pisovereign serve`: all processes of one installation, started and watched.

Offered to the command line and to systemd's units, which start the same programs without it: the
installation, set-up, the banner, readiness, a link to sign in with, the engine with its keeper, how
fast it is, and tuning with its results.
"""

__all__ = [
    "active_model",
    "banner",
    "engine_command",
    "engine_keeper",
    "engine_launcher",
    "engine_process",
    "idle_tuning",
    "installation",
    "ports",
    "readiness",
    "setup",
    "sign_in_link",
    "speed",
    "speed_report",
    "switch_socket",
    "tuning",
    "tuning_results",
]
