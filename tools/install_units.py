"""Copies the units, and what belongs to them, into the root of a system that is being built.

    python3 tools/install_units.py /path/to/root

Nothing is enabled: `systemctl --root=/path/to/root preset-all` does that, by the preset that is
among the files. Needs the standard library alone.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

UNITS = Path(__file__).resolve().parents[1] / "systemd"
_UNIT_KINDS = (".service", ".socket", ".timer", ".mount")
_PLACES = {
    "pisovereign.sysusers.conf": "usr/lib/sysusers.d/pisovereign.conf",
    "pisovereign.tmpfiles.conf": "usr/lib/tmpfiles.d/pisovereign.conf",
    "pisovereign.preset": "usr/lib/systemd/system-preset/50-pisovereign.preset",
    "ssh-firewall.conf": "usr/lib/systemd/system/ssh.service.d/50-pisovereign.conf",
    "nftables.conf": "etc/nftables.conf",
    "pisovereign-stick.rules": "usr/lib/udev/rules.d/80-pisovereign-stick.rules",
    "environment": "usr/lib/pisovereign/environment",
    "postgres/postgresql.conf": "usr/lib/pisovereign/postgres/postgresql.conf",
    "postgres/pg_hba.conf": "usr/lib/pisovereign/postgres/pg_hba.conf",
    "postgres/pg_ident.conf": "usr/lib/pisovereign/postgres/pg_ident.conf",
}


def units() -> list[Path]:
    """All units."""
    return sorted(file for file in UNITS.iterdir() if file.suffix in _UNIT_KINDS)


def places() -> Iterator[tuple[Path, str]]:
    """Each file, and its path below the root."""
    for unit in units():
        yield unit, f"usr/lib/systemd/system/{unit.name}"
    for name, place in _PLACES.items():
        yield UNITS / name, place


def install(root: Path) -> None:
    """Copy everything; what is there already is replaced."""
    for file, place in places():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o644)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    install(Path(sys.argv[1]))
