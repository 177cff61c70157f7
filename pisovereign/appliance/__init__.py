"""The steps that systemd units run on an appliance, besides API, engine and runner.

main.py       the program `pisovereign-appliance`: one subcommand for each unit
master_key.py first boot: the sealing key
database.py   first boot: the cluster; each boot: role, database and migrations
settings.py   each start: what the engine may know of the configuration
engine.py     each start: tunes if need be, and becomes the engine
restore.py    by hand: replaces what the machine has with a backup
decay.py      each day: fades memories
"""

__all__ = ["settings"]
