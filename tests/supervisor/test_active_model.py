"""Which model is in use after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.supervisor.active_model import ActiveModel


def test_the_choice_holds_until_the_configuration_is_changed(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ActiveModel(data_dir, "one").choose("two")
    assert ActiveModel(data_dir, "one").model == "two"
    assert ActiveModel.peek(data_dir, "three") == "three"
    assert ActiveModel(data_dir, "one").model == "two", "who only looks removes nothing"
    assert not caplog.records
    assert ActiveModel(data_dir, "three").model == "three"
    assert "inference.model was changed" in caplog.text
    assert ActiveModel(data_dir, "one").model == "one", "it is no choice any more"


def test_a_file_that_cannot_be_read_is_no_choice(data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    for content in (b"", b"two", b'{"model": 2}', b"\xff"):
        (data_dir / "active-model").write_bytes(content)
        assert ActiveModel(data_dir, "one").model == "one"
        assert ActiveModel.peek(data_dir, "one") == "one"
