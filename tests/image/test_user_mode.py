"""A PC's image: what it is made of, and what a machine of it reads without being started."""

from __future__ import annotations

import lzma
import signal
import struct
import subprocess
from pathlib import Path

import pytest

from image import boot_files, target, user_mode
from image.boot import cow, firmware, stored
from image.boot import user_mode as machine
from image.boot.machine import Saved
from image.wheels import lock
from tests.support.patience import PATIENCE_S
from tools.problem import Problem

SECTOR, ALIGNMENT, CARD = 512, 4096, 64 * 1024


def cow_file(place: Path, sectors: dict[int, bytes]) -> Path:
    """A file as user-mode Linux writes it: a head, a map of what was changed, and that."""
    head = struct.pack(">IIIQIII", 0x4F4F4F4D, 3, 0, CARD, SECTOR, ALIGNMENT, 0) + bytes(4096)
    bitmap = bytearray(CARD // SECTOR // 8)
    for number in sectors:
        bitmap[number // 8] |= 1 << number % 8
    begin = 2 * ALIGNMENT
    with place.open("wb") as file:
        file.write(head)
        file.seek(begin)
        file.write(bitmap)
        for number, data in sectors.items():
            file.seek(begin + ALIGNMENT + number * SECTOR)
            file.write(data)
    return place


def test_a_card_is_what_lies_behind_and_what_was_changed(tmp_path: Path) -> None:
    behind, target_file = tmp_path / "behind", tmp_path / "card"
    behind.write_bytes(b"a" * CARD)
    changes = {0: b"b" * SECTOR, 7: b"c" * SECTOR, 8: b"d" * SECTOR, 127: b"e" * SECTOR}
    file = cow_file(tmp_path / "cow", changes)
    cow.merge(file, behind, target_file)
    expected = bytearray(b"a" * CARD)
    for number, data in changes.items():
        expected[number * SECTOR : (number + 1) * SECTOR] = data
    assert target_file.read_bytes() == bytes(expected)
    cow.merge(file, behind, target_file, CARD // 2)
    assert target_file.read_bytes() == bytes(expected[: CARD // 2])
    cow.merge(tmp_path / "none", behind, target_file)
    assert target_file.read_bytes() == behind.read_bytes()
    file.write_bytes(bytes(64))
    with pytest.raises(ValueError, match="no file of user-mode Linux"):
        cow.merge(file, behind, target_file)


@pytest.mark.parametrize("size", [1, 3, 64 * 1024, 64 * 1024 + 1, 1024 * 1024])
def test_what_is_not_packed_is_xz_too(size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    assert lzma.decompress(stored.pack(data), lzma.FORMAT_XZ) == data


def test_the_firmware_takes_what_autoboot_names() -> None:
    text = boot_files.AUTOBOOT
    assert firmware.chosen(text, tryboot=False) == "boot_a"
    assert firmware.chosen(text, tryboot=True) == "boot_b"


def test_the_kernel_is_put_where_others_are(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    user_mode.install(tmp_path)  # other images have none
    assert not list((tmp_path / "boot").iterdir())
    modules = tmp_path / user_mode.MODULES / "6.12.1"
    modules.mkdir(parents=True)
    (modules / "modules.dep").touch()
    (tmp_path / user_mode.PROGRAM).parent.mkdir()
    (tmp_path / user_mode.PROGRAM).write_text("kernel")
    user_mode.install(tmp_path)
    assert (tmp_path / "boot/vmlinuz-6.12.1").read_text() == "kernel"
    assert (tmp_path / "usr/lib/modules/6.12.1/modules.dep").exists()


def test_a_pc_gets_the_versions_of_a_board() -> None:
    wanted = lock.requirements(target.PC)
    found = {line.split()[0] for line in wanted.splitlines() if line[:1].isalpha()}
    assert found == {f"{name}=={version}" for name, (version, _) in lock.pins().items()}
    # A marker would be compared with the Python that fetches.
    assert ";" not in wanted
    assert all("--hash=sha256:" in line for line in wanted.splitlines() if line.startswith(" "))


def test_a_program_may_have_each_page_of_its_memory(tmp_path: Path) -> None:
    limit = tmp_path / "max_map_count"
    limit.write_text("65530\n")
    machine.allow_mappings(limit)
    assert int(limit.read_text()) == machine.MAPPINGS
    assert machine.MAPPINGS * 4096 > machine.MEMORY_MB << 20
    limit.write_text("1048576\n")
    machine.allow_mappings(limit)
    assert limit.read_text() == "1048576\n"


def test_who_may_not_raise_it_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "max_map_count"
    limit.write_text("65530\n")

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(Problem, match="max_map_count"):
        machine.allow_mappings(limit)


def test_a_machine_that_is_on_is_neither_started_nor_left_on_with_another_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "partitions", lambda _: {})
    monkeypatch.setattr(machine, "CARD_BYTES", 4096)
    image, card = tmp_path / "image", tmp_path / "kept"
    image.write_bytes(bytes(4096))
    tried = machine.Machine(image, tmp_path)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as on:
        monkeypatch.setattr(tried, "_process", on)
        with pytest.raises(RuntimeError, match="on already"):
            tried.start()
        tried.restore(Saved(card, asks_for_trial=True))
        assert on.wait(PATIENCE_S) == -signal.SIGKILL
    assert not tried.running()
