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
    place = passed.place(root, "debian")
    assert not place.exists()
    assert passed.place(root, "rpios") != place
    (root / "pisovereign/app.py").write_text("two")
    assert passed.place(root, "debian") == place
    for name in ("image/layer/base.yaml", "systemd/pisovereign.service"):
        (root / name).write_text("two")
        assert passed.place(root, "debian") != place
        (root / name).write_text("one")
