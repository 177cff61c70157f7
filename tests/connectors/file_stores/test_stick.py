"""Memory sticks as udev and the kernel describe them; folders that are not where they should be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pisovereign.connectors.file_stores import folder as folders
from pisovereign.connectors.file_stores.folder import FolderStore, checked_folder
from pisovereign.connectors.file_stores.stick import locate_stick
from pisovereign.errors import UpstreamError
from tests.connectors.file_stores.conftest import digest


class Machine:
    """The files that a stick is found by."""

    def __init__(self, root: Path) -> None:
        self.devices, self.mounts = root / "disk", root / "mountinfo"
        self.device, self.place = root / "sda1", root / "media" / "My stick"
        self.device.touch()
        self.place.mkdir(parents=True)
        for kind, name in (("by-label", "MY\\x20STICK"), ("by-uuid", "1A2B-3C4D")):
            (self.devices / kind).mkdir(parents=True)
            (self.devices / kind / name).symlink_to(self.device)
        self.mounts.write_text("")

    def mount(self, options: str = "rw,nosuid", root: str = "/") -> None:
        place = str(self.place).replace(" ", "\\040")
        self.mounts.write_text(
            "22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/mmcblk0p2 rw\n"
            f"99 22 8:1 {root} {place} {options} shared:9 - vfat {self.device} rw\n"
        )

    def locate(self, name: str, folder: str = "pisovereign") -> Path:
        return locate_stick(name, folder, self.devices, self.mounts)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("name", ["MY STICK", "1A2B-3C4D"])
def test_a_stick_is_used_where_it_is_mounted(machine: Machine, name: str) -> None:
    machine.mount()
    found = machine.locate(name)
    assert found == machine.place / "pisovereign"
    assert found.stat().st_mode & 0o777 == 0o700


def test_one_that_is_not_there_or_not_mounted_is_told(machine: Machine) -> None:
    with pytest.raises(UpstreamError, match="plugged in, and not mounted"):
        machine.locate("MY STICK")
    with pytest.raises(UpstreamError, match="is it plugged in"):
        machine.locate("ANOTHER")
    assert not (machine.place / "pisovereign").exists()


@pytest.mark.parametrize(("options", "root"), [("ro,nosuid", "/"), ("rw", "/a/folder")])
def test_what_is_read_only_or_a_part_of_it_does_not_count(
    machine: Machine, options: str, root: str
) -> None:
    machine.mount(options, root)
    with pytest.raises(UpstreamError, match="not mounted"):
        machine.locate("MY STICK")


@pytest.mark.parametrize("name", ["../../etc", "..", "a/b"])
def test_no_name_leads_out_of_the_folder_of_links(machine: Machine, name: str) -> None:
    machine.mount()
    with pytest.raises(UpstreamError, match="is it plugged in"):
        machine.locate(name)


def test_a_folder_whose_disk_is_not_mounted_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "mnt").mkdir()
    with pytest.raises(UpstreamError, match="same disk as the data"):
        checked_folder(tmp_path / "mnt", tmp_path / "data", other_disk=True)
    assert checked_folder(tmp_path / "mnt", tmp_path / "data", other_disk=False)
    with pytest.raises(UpstreamError, match="is not there"):
        checked_folder(tmp_path / "gone", tmp_path / "data", other_disk=False)
    (tmp_path / "data" / "backups").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data" / "backups")
    with pytest.raises(UpstreamError, match="in the data folder"):
        checked_folder(tmp_path / "link", tmp_path / "data", other_disk=False)


def test_a_full_folder_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"data")
    target.mkdir()
    monkeypatch.setattr(folders, "_RESERVE_BYTES", 1 << 60)
    store = FolderStore(lambda: target)
    with pytest.raises(UpstreamError, match="has no room"):
        asyncio.run(store.put("a.backup", source, digest(b"data")))
    assert list(target.iterdir()) == []
