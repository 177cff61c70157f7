"""Updates of the whole system: signed, written beside what runs, tried once, and kept if it works.

minisign.py    signatures, as the program minisign makes them, and the keys that count here
bundle.py      the file that holds an update: a signed list of what is in it, then its pieces
release.py     what a system is, and whether an update is for it
state.py       how far an update has come, on the data partition
board.py       where a machine has its two systems, and what decides which one starts
autoboot.py    the file that decides it
slot_writer.py writing into the system that does not run, and reading it back
installing.py  the steps, each of which may be cut off at any moment
trial.py       what a system that is tried has to do before it is kept
database.py    a copy of the database before a trial, and the way back to it
program.py     `pisovereign-update`, root's program for all of this
order.py       what the API may ask of that program, and how
source.py      fetching updates: through the one way out, or from a memory stick
choice.py      which are installed automatically
service.py, routes.py, types.py, automatic.py   updates on the page and for programs

docs/updates.md says how it is used, docs/decisions/0059-updates.md why it is built like this.
"""

__all__ = ["board", "bundle", "database", "state", "trial"]
