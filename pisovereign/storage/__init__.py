"""The PostgreSQL database, with the text in it sealed by this program.

pool.py       connections and transactions, each bound to one user; retries while it is away
sealing.py    the cipher for stored text, and the file with its key
keys.py       the check that the key file fits the database
migrate.py    the numbered SQL files in `migrations/`
embedded/     a PostgreSQL server of our own, used when no `database.url` is configured
"""

__all__ = [
    "embedded",
    "embedded.account",
    "embedded.binaries",
    "embedded.cluster",
    "embedded.layout",
    "embedded.leftovers",
    "embedded.server",
    "keys",
    "migrate",
    "pool",
    "sealing",
]
