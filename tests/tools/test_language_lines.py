"""Counting the Python lines of rules for languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import language_lines


def test_lines_of_the_counted_packages_are_counted(tmp_path: Path) -> None:
    for name, lines in {
        "parsing/a.py": 2, "parsing/times/b.py": 3, "memory/statements.py": 4,
        "memory/other.py": 100, "chat/c.py": 100, "languages/en/words.toml": 100,
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n" * lines)
    counted = language_lines.count(tmp_path)
    assert counted["parsing/**/*.py"] == 5
    assert counted["memory/statement*.py"] == 4
    assert sum(counted.values()) == 9


@pytest.mark.parametrize(("lines", "code"), [(4500, 0), (4501, 1)])
def test_too_many_are_an_error(
    lines: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(language_lines, "count", lambda: {"parsing/**/*.py": lines})
    assert language_lines.main() == code
    assert f"{lines}  parsing" in capsys.readouterr().out
