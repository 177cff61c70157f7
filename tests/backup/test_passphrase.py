"""Where a passphrase may come from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pisovereign.backup.passphrase import VARIABLE, read_passphrase
from pisovereign.errors import StartError

GOOD = "correct horse battery"


def test_the_nearest_source_wins(tmp_path: Path) -> None:
    named, configured = tmp_path / "named", tmp_path / "configured"
    named.write_text("of the named file\nsecond line\n")
    configured.write_text("of the configuration\r\n")
    (tmp_path / "backup_passphrase").write_text("of systemd, here\n")
    everything = {VARIABLE: "of the environment", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    reading, writing = os.pipe()
    os.write(writing, b"of the descriptor\n")
    os.close(writing)

    def read(**options: object) -> bytes:
        given: dict[str, object] = {"file": None, "descriptor": None, "new": True, **options}
        return read_passphrase(**given)  # type: ignore[arg-type]

    assert read(descriptor=reading, environ=everything) == b"of the descriptor"
    assert read(file=named, environ=everything) == b"of the named file"
    assert read(fallback=configured, environ=everything) == b"of the environment"
    del everything[VARIABLE]
    assert read(fallback=configured, environ=everything) == b"of the configuration"
    assert read(environ=everything) == b"of systemd, here"


def test_two_ways_to_type_it_are_one(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("Käse und Äpfel")
    other.write_text("Ka\u0308se und A\u0308pfel")
    read = [read_passphrase(file=file, descriptor=None, new=True) for file in (one, other)]
    assert read[0] == read[1]


@pytest.mark.parametrize("text", ["", "\n", "too short"])
def test_what_can_be_guessed_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    with pytest.raises(StartError):
        read_passphrase(file=file, descriptor=None, new=True)


def test_an_old_short_one_still_opens(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("short")
    assert read_passphrase(file=file, descriptor=None, new=False) == b"short"


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file"):
        read_passphrase(file=tmp_path / "gone", descriptor=None, new=True)
    with pytest.raises(StartError, match="descriptor 999"):
        read_passphrase(file=None, descriptor=999, new=True)
