"""How far work got is noted as a whole, and read by every process."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pisovereign.process.work_note import WorkNote


class Counted(msgspec.Struct, frozen=True):
    done: int


def test_what_was_noted_last_is_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "work.json"
    mine, other = WorkNote(path, Counted), WorkNote(path, Counted)
    assert other.read() is None
    mine.write(Counted(1))
    mine.write(Counted(2))
    assert other.read() == Counted(2)
    assert [p.name for p in tmp_path.iterdir()] == ["work.json"]


def test_what_is_damaged_was_never_noted(tmp_path: Path) -> None:
    path = tmp_path / "work.json"
    path.write_bytes(b'{"done": "')
    assert WorkNote(path, Counted).read() is None


def test_the_next_note_is_due_only_after_a_while(tmp_path: Path) -> None:
    note = WorkNote(tmp_path / "work.json", Counted)
    assert note.is_due
    note.write(Counted(1))
    assert not note.is_due
