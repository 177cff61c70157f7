"""The program that rehearses a restore beside the program that serves, and ends with it.

What it needs is written to its standard input, since a command line can be read by others; it
writes what the backup holds, or why it cannot be restored, to its standard output.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pisovereign.backup.fingerprint import Fingerprints
from pisovereign.backup.rehearse import rehearse
from pisovereign.errors import StartError
from pisovereign.process.instance_lock import only_holder
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.priority import lower_priority

_NICENESS = 10


class Order(msgspec.Struct, frozen=True):
    """A backup to rehearse the restore of: its passphrase, and what it was made of."""

    passphrase: str
    expected: Fingerprints | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome of a rehearsal: what the backup holds, or why it cannot be restored.

    `made_at` is in seconds since the epoch, `rows` counts by table.
    """

    error: str = ""
    made_at: float = 0.0
    program: str = ""
    rows: dict[str, int] = {}
    files: list[str] = []


def main(argv: Sequence[str] | None = None) -> int:
    """Rehearse, and report."""
    parser = argparse.ArgumentParser(description="Rehearse a restore.")
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parent-pid", type=int, required=True)
    args = parser.parse_args(argv)
    die_with_parent(args.parent_pid)
    lower_priority(_NICENESS)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(_report(args.file, args.folder, order)))
    return 0


def _report(path: Path, folder: Path, order: Order) -> Report:
    lock = folder.with_name(f"{folder.name}.lock")
    try:
        with only_holder(lock, "another restore is rehearsed"), path.open("rb") as file:
            found = rehearse(file, order.passphrase.encode(), folder, order.expected)
    except StartError as error:
        return Report(error=str(error))
    except OSError as error:
        return Report(error=error.strerror or "I/O error")
    manifest = found.manifest
    return Report(
        made_at=manifest.made_at,
        program=manifest.program,
        rows=found.rows,
        files=sorted(found.files),
    )


if __name__ == "__main__":
    sys.exit(main())
