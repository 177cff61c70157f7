"""What the systemd units of a machine run that PiSovereign owns, beside API, engine and runner.

main.py       the program, `pisovereign-appliance`: one subcommand for each unit
master_key.py first boot: the key that stored text is sealed with
cluster.py    first boot: the database cluster
schema.py     each boot: role, database and migrations
settings.py   each start: what the engine may know of the configuration
engine.py     each start: tunes if need be, and becomes the engine
restore.py    by hand: replaces what the machine has by a backup
decay.py      each day: fades memories
"""

__all__ = ["settings"]
