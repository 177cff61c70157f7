"""What a passed boot test counts for."""

from pathlib import Path

import pytest

from image.boot import test_record


def test_it_counts_until_something_of_the_image_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "clone"
    for name in ("image/layer/base.yaml", "systemd/pisovereign.service", "pisovereign/app.py"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("one")
    place = test_record.place(root, "debian")
    assert not place.exists()
    assert test_record.place(root, "rpios") != place
    (root / "pisovereign/app.py").write_text("two")
    assert test_record.place(root, "debian") == place
    for name in ("image/layer/base.yaml", "systemd/pisovereign.service"):
        (root / name).write_text("two")
        assert test_record.place(root, "debian") != place
        (root / name).write_text("one")
