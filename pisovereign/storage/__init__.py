"""State: one PostgreSQL database, with the text in it sealed by this program.

sealing.py      the cipher for stored text, and the file that holds its key
keys.py         the check that the key file fits the database
pool.py         connections and transactions, each bound to one user
patience.py     stores what cannot be found out again
migrate.py      the numbered SQL files in `migrations/`
embedded/       a PostgreSQL server of our own, when no `database.url` is configured
"""

__all__ = [
    "embedded",
    "embedded.account",
    "embedded.binaries",
    "embedded.cluster",
    "embedded.copies",
    "embedded.database",
    "embedded.layout",
    "embedded.leftovers",
    "embedded.running",
    "embedded.server",
    "keys",
    "migrate",
    "pool",
    "retry",
    "sealing",
]
