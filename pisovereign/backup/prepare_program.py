"""The program that makes the installation in a backup beside the one that runs.

The supervisor starts it, and writes the passphrase to its standard input. How far it came stands in
the data folder. Exit status 0: the next start switches to the new installation.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from pisovereign.backup.restore import Verified, prepare
from pisovereign.backup.restore_state import note, try_to_note
from pisovereign.config.loading import data_dir
from pisovereign.errors import StartError
from pisovereign.process.instance_lock import only_holder
from pisovereign.process.parent_death import die_with_parent


def main(argv: Sequence[str] | None = None) -> int:
    """Prepare, and note how it went."""
    parser = argparse.ArgumentParser(description="Prepare a restore.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--without-config", action="store_true")
    parser.add_argument("--parent-pid", type=int, required=True)
    args = parser.parse_args(argv)
    die_with_parent(args.parent_pid)
    passphrase, folder = sys.stdin.buffer.read(), data_dir()

    def report(verified: Verified) -> None:
        made = dt.datetime.fromtimestamp(verified.manifest.made_at, dt.UTC)
        note(folder, "loading", made_at=made, rows=sum(verified.rows.values()))

    try:
        held = only_holder(folder / "restore.lock", "another restore is under way")
        with held, args.file.open("rb") as file:
            prepare(file, passphrase, folder, with_config=not args.without_config, report=report)
    except (StartError, OSError) as error:
        text = str(error) if isinstance(error, StartError) else error.strerror
        print(f"a restore failed: {text}", file=sys.stderr)
        try_to_note(folder, "failed", error=text)
        return 1
    with contextlib.suppress(StartError):  # it is decided; the next start sees that by itself
        note(folder, "starting")
    return 0


if __name__ == "__main__":
    sys.exit(main())
