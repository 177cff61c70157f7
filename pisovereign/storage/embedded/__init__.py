"""A PostgreSQL server of our own: nobody has to install or administer one.

server.py      EmbeddedServer: what the rest of the program uses; finds a running server
layout.py      the places of the cluster, its socket and its log
account.py     the user that it runs as when the program itself is root
binaries.py    which PostgreSQL programs to run, copied where their user can reach them
cluster.py     the cluster with its role and database, and the settings of its server
process.py     the server process, which never outlives this one
leftovers.py   the lock of a data folder, and what a start does after a crash
"""

from pisovereign.storage.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
