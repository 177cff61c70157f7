"""Makes a backup of an older schema: `python -m tests.support.old_backup LEVEL FILE`.

The real program stores what is in it; the rows of the tables that were there at that level go into
a database that stopped at it, and that one is written.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pisovereign.backup import make
from pisovereign.backup.dump import columns_of, copy_statement, snapshot, tables
from pisovereign.backup.encryption import EncryptedWriter
from pisovereign.backup.format import StoredFile
from pisovereign.storage.migrate import packaged_migrations, run_migrations
from pisovereign.storage.sealing import key_id
from tests.support.server import Server

PASSPHRASE = b"yesterday's passphrase"
MEMORY = "The spare key is behind the third flower pot"
MESSAGE = "Where did I leave the ladder?"
CONVERSATION = "yesterday"


def main(level: int, target: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="pisov-old-"))
    models = Path.home() / ".cache" / "pisovereign" / "models"
    server = Server(folder, models, PISOVEREIGN_MEMORY__LEARN="false").start()
    try:
        server.request("POST", "/v1/memories", json={"content": MEMORY, "summary": "spare key"})
        server.chat(MESSAGE, conversation_id=CONVERSATION)
        dsn = make_conninfo(server.owner_dsn(), dbname="older")
        with psycopg.connect(server.owner_dsn(), autocommit=True) as new:
            new.execute("CREATE DATABASE older")
            run_migrations(dsn, packaged_migrations()[:level])
            with psycopg.connect(dsn, autocommit=True) as old:
                for name in tables(old):
                    old.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                    columns = columns_of(old, name)
                    source = new.cursor().copy(copy_statement(name, columns, "TO STDOUT"))
                    sink = old.cursor().copy(copy_statement(name, columns, "FROM STDIN"))
                    with source as rows, sink as copy:
                        for row in rows:
                            copy.write(row)
        files = [
            StoredFile(name, (folder / name).read_bytes()) for name in ("config.toml", "master.key")
        ]
        with target.open("wb") as file, snapshot(dsn) as taken:
            writer = EncryptedWriter(file, PASSPHRASE)
            make.write_records(writer, taken, files, key_id(files[1].data))
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
