"""The partitions, and whatever names them: a small image of the real layout, made by genimage."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from image import boot_files, build, disk, layers
from image.boot.machine import partitions

SMALL = layers.Image("small", "40M", "48M", "24M")
PROGRAMS = ("genimage", "mkfs.vfat", "mcopy", "mkfs.ext4", "sfdisk")
FILES = layers.HERE / "files"


def tree(folder: Path) -> Path:
    for name in ("etc", "boot/config", "boot/firmware", "data/pisovereign"):
        (folder / name).mkdir(parents=True)
    (folder / "etc/hostname").write_text("pisovereign\n")
    (folder / "boot/firmware/cmdline.txt").write_text(boot_files.COMMAND_LINE.format(slot="a"))
    (folder / "boot/config/autoboot.txt").write_text(boot_files.AUTOBOOT)
    return folder


@pytest.mark.skipif(not all(map(shutil.which, PROGRAMS)), reason="genimage and mkfs are needed")
def test_an_image_of_a_small_tree_is_the_same_twice(tmp_path: Path) -> None:
    images = []
    for number in ("1", "2"):
        folder = tmp_path / number
        root = tree(folder / "tree")
        (folder / "output").mkdir()
        layout = disk.render(disk.LAYOUT.read_text(), SMALL, "small-1", 1_700_000_000)
        disk.build(root, layout, folder / "output", 1_700_000_000, folder)
        images.append(folder / "output" / "small-1.img")
    starts = partitions(images[0])
    assert tuple(starts) == disk.PARTITIONS
    for label, name, text in (
        ("bootconfig", "autoboot.txt", boot_files.AUTOBOOT),
        ("boot_a", "cmdline.txt", boot_files.COMMAND_LINE.format(slot="a")),
    ):
        where = f"{images[0]}@@{starts[label]}"
        said = subprocess.run(["mtype", "-i", where, f"::{name}"], check=True, capture_output=True)
        assert said.stdout.decode() == text
    first, second = (hashlib.sha256(image.read_bytes()).hexdigest() for image in images)
    assert first == second


def test_every_partition_that_is_named_is_there() -> None:
    script = (FILES / "etc/initramfs-tools/scripts/init-bottom/pisovereign").read_text()
    repart = (FILES / "usr/lib/repart.d/50-persistent.conf").read_text()
    named = [
        *re.findall(r"^PARTLABEL=(\S+)", (FILES / "etc/fstab").read_text(), re.MULTILINE),
        *re.findall(r"by-partlabel/(\S+)", script),
        *re.findall(r"^Label=(\S+)", repart, re.MULTILINE),
        *re.findall(r"root=PARTLABEL=(\S+)", boot_files.COMMAND_LINE.format(slot="a")),
    ]
    assert set(named) == {"system_a", "persistent", "bootconfig"}
    assert set(named) <= set(disk.PARTITIONS)


def test_the_firmware_starts_a_and_tries_b() -> None:
    regular, tried = boot_files.AUTOBOOT.split("[tryboot]")
    numbers = [re.search(r"boot_partition=(\d)", part) for part in (regular, tried)]
    chosen = [disk.PARTITIONS[int(number[1]) - 1] for number in numbers if number]
    assert chosen == ["boot_a", "boot_b"]
    assert "tryboot_a_b=1" in regular


def test_only_the_last_partition_can_grow() -> None:
    """systemd-repart goes by the type: a second partition of that type would grow in its place."""
    assert disk.PARTITIONS[-1] == "persistent"
    general = re.findall(r"(\w+) \{[^}]*partition-type-uuid = \"L\"", disk.LAYOUT.read_text())
    assert general == ["persistent"]
    found = re.findall(r"^  partition (\w+)", disk.LAYOUT.read_text(), re.MULTILINE)
    assert tuple(found) == disk.PARTITIONS


def test_cloud_init_looks_where_imager_writes() -> None:
    """Imager writes to the first partition, if it is FAT."""
    label = re.search(
        r"fs_label: (\w+)", (FILES / "etc/cloud/cloud.cfg.d/50-pisovereign.cfg").read_text()
    )
    assert label
    assert f'label = "{label[1]}"' in disk.LAYOUT.read_text().partition("image bootconfig.vfat")[2]
    assert disk.PARTITIONS[0] == "bootconfig"


def test_ids_follow_from_the_name_and_placeholders_are_known() -> None:
    text = disk.LAYOUT.read_text()
    one, two = (disk.render(text, SMALL, name, 0) for name in ("a-1", "a-2"))
    assert one != two
    assert one == disk.render(text, SMALL, "a-1", 0)
    with pytest.raises(ValueError, match="unknown NONSENSE"):
        disk.render("<NONSENSE>", SMALL, "a", 0)


def test_the_root_and_what_lies_on_it_are_read_only_or_meant_to_be_written() -> None:
    lines = [line.split() for line in (FILES / "etc/fstab").read_text().splitlines()]
    mounts = {line[1]: line for line in lines if len(line) == 6}
    # Both systems have the same file: which of them is the root says the kernel's command line.
    assert "/" not in mounts
    assert "ro" in boot_files.COMMAND_LINE.split()
    assert mounts["/data"][3].startswith("noatime,commit=30,errors=remount-ro")
    for place in ("/var/log", "/var/tmp", "/var/cache", "/tmp"):
        assert mounts[place][2] == "tmpfs"
    for place, line in mounts.items():
        if line[2] == "none":
            assert line[0].startswith("/data/"), place


def test_a_system_holds_its_own_bill_of_materials(tmp_path: Path) -> None:
    build.put_bill("{}", tmp_path, 1_700_000_000)
    place = tmp_path / build.BILL
    assert place.read_text() == "{}"
    assert {int(path.stat().st_mtime) for path in (place, place.parent)} == {1_700_000_000}
