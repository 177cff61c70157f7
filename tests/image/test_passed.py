"""What a passed boot test counts for."""

from pathlib import Path

import pytest

from image.boot import passed


def test_it_counts_until_something_of_the_image_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "clone"
    for name in ("image/layer/base.yaml", "systemd/pisovereign.service", "pisovereign/app.py"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("one")
    assert not passed.is_noted(root, "debian")
    passed.note(root, "debian")
    assert passed.is_noted(root, "debian")
    assert not passed.is_noted(root, "rpios")
    (root / "pisovereign/app.py").write_text("two")
    assert passed.is_noted(root, "debian")
    for name in ("image/layer/base.yaml", "systemd/pisovereign.service"):
        (root / name).write_text("two")
        assert not passed.is_noted(root, "debian")
        (root / name).write_text("one")
