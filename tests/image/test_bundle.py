"""An update that is made of a disk image of the real layout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from image import boot_files, bundle, disk, layers, release_files
from pisovereign import __version__
from pisovereign.updates import slot_writer
from pisovereign.updates.board import Board
from pisovereign.updates.bundle import read_notice
from pisovereign.updates.minisign import PublicKey
from pisovereign.updates.release import read_release
from tests.image.test_partitions import PROGRAMS, SMALL, tree
from tests.support.updates import RELEASE

ABOUT = bundle.About("small", ["pi5"], "1.0.0", 5, "usual", "")


@pytest.mark.skipif(not all(map(shutil.which, PROGRAMS)), reason="genimage and mkfs are needed")
def test_it_holds_both_partitions_and_the_second_system_names_itself(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    layout = disk.render(disk.LAYOUT.read_text(), SMALL, "small-1", 1_700_000_000)
    disk.build(tree(tmp_path / "tree"), layout, tmp_path / "output", 1_700_000_000, tmp_path)
    image = tmp_path / "output" / "small-1.img"
    places = bundle.find_partitions(image)
    assert tuple(places) == disk.PARTITIONS
    made, _ = bundle.make(image, places, ABOUT, tmp_path, sign=RELEASE.sign_file)
    assert made.stat().st_size < 2_000_000

    devices = tmp_path / "root/dev/disk/by-partlabel"
    devices.mkdir(parents=True)
    board = Board(tmp_path / "root")
    for part in ("boot", "system"):
        (devices / f"{part}_b").write_bytes(os.urandom(4096) * (places[f"{part}_b"].size // 4096))
    with made.open("rb") as file:
        found = read_notice(file, [PublicKey.parse(RELEASE.public)])
        slot_writer.require_room(board, found, "b")
        slot_writer.write(board, file, found, "b", lambda done: None)
    slot_writer.verify_written(board, found, "b")
    said = subprocess.run(
        ["mtype", "-i", str(devices / "boot_b"), "::cmdline.txt"], check=True, capture_output=True
    )
    assert said.stdout.decode() == boot_files.COMMAND_LINE.format(slot="b")
    with image.open("rb") as file:
        file.seek(places["system_a"].begin)
        assert (devices / "system_b").read_bytes() == file.read(places["system_a"].size)


def test_an_image_says_what_it_is_and_which_keys_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "2026.pub").write_text(RELEASE.public)
    (keys / "2026.key").write_text("secret")
    monkeypatch.setattr(release_files, "KEYS", keys)
    config = layers.load_config("rpios")
    release_files.write(tmp_path / "root", config, 1_700_000_000)
    board = Board(tmp_path / "root")
    release = read_release(board.release)
    assert (release.product, release.version) == ("pisovereign-rpi", __version__)
    assert (release.built, release.boards) == (1_700_000_000, ["pi4", "pi5"])
    assert [path.name for path in board.keys.iterdir()] == ["2026.pub"]
    assert json.loads(board.release.read_text())["version"] == __version__
