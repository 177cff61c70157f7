"""A PostgreSQL server of our own: nobody has to install or administer one.

server.py      EmbeddedServer: what the rest of the program uses
running.py     the server of a data folder, as another process finds it
layout.py      where the cluster, its socket and its log are kept
account.py     the user it runs as when the program itself is root
binaries.py    which PostgreSQL programs to run
copies.py      a copy of those programs for a user who cannot reach them
cluster.py     making the cluster, and the settings it runs with
database.py    the role and the database in it
process.py     the server process, which never outlives this one
leftovers.py   what a start has to deal with after a crash
lock.py        one supervisor a data folder
"""

from pisovereign.storage.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
