"""An update from the file to the kept system, and back, on a simulated machine."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.updates import installing, slot_writer
from pisovereign.updates.board import Board
from tests.support.update_board import SimulatedBoard
from tests.support.updates import Signer, in_slot, make_update


def works() -> None:
    """The system does what it has to."""


def fails() -> None:
    """It does not."""
    raise StartError("a chat has no answer")


@pytest.fixture
def machine(tmp_path: Path) -> SimulatedBoard:
    return SimulatedBoard(tmp_path / "machine")


def test_an_update_is_written_tried_and_kept_and_the_next_one_goes_the_other_way(
    machine: SimulatedBoard, tmp_path: Path
) -> None:
    board = Board(machine.root)
    for version, slot in (("1.1.0", "b"), ("1.2.0", "a")):
        before = machine.running
        machine.update("install", make_update(tmp_path / "new", version))
        assert (machine.stage(), board.regular_slot()) == ("written", before)
        machine.update("try")
        assert machine.asked_to_restart() == "tryboot"
        machine.restart()
        assert (machine.version, machine.running, machine.stage()) == (version, slot, "trying")
        assert installing.confirm(board, works).stage == "kept"
        machine.power_on()
        assert (machine.version, machine.running, machine.stage()) == (version, slot, "kept")


def test_one_that_does_not_work_is_rolled_back_and_may_be_mended(
    machine: SimulatedBoard, tmp_path: Path
) -> None:
    machine.update("install", "--try", make_update(tmp_path / "new", "1.1.0"))
    machine.restart()
    with pytest.raises(StartError, match="no answer"):
        installing.confirm(Board(machine.root), fails)
    assert machine.asked_to_restart() == "regular"
    machine.restart()
    state = machine.state()
    assert state is not None
    assert (machine.version, state.stage, state.error) == (
        "1.0.0",
        "rolled_back",
        "a chat has no answer",
    )
    machine.update("install", "--try", make_update(tmp_path / "newer", "1.1.1"))
    machine.restart()
    assert installing.confirm(Board(machine.root), works).stage == "kept"


def test_a_power_cut_in_the_trial_leads_back(machine: SimulatedBoard, tmp_path: Path) -> None:
    machine.update("install", "--try", make_update(tmp_path / "new", "1.1.0"))
    machine.restart()
    assert (machine.root / "run/pisovereign-update/key").exists()
    machine.power_on()
    assert (machine.version, machine.stage()) == ("1.0.0", "rolled_back")
    assert not (machine.root / "run/pisovereign-update/key").exists()


def test_only_a_system_that_is_tried_is_confirmed(machine: SimulatedBoard, tmp_path: Path) -> None:
    for prepare in ((), ("install", make_update(tmp_path / "new", "1.1.0"))):
        if prepare:
            machine.update(*prepare)
        with pytest.raises(StartError, match="no update is being tried"):
            installing.confirm(Board(machine.root), works)
    assert Board(machine.root).regular_slot() == "a"


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("it is for pisovereign-rpi", {"product": "pisovereign-rpi"}),
        ("not for this board", {"boards": ["pi4"]}),
        ("not newer", {"version": "0.9.9"}),
        ("not newer", {"version": "1.0.0", "built": 1}),
        ("does not know", {"signer": Signer("somebody")}),
    ],
)
def test_what_is_not_for_here_is_refused_and_nothing_is_written(
    tmp_path: Path, said: str, wrong: dict[str, object]
) -> None:
    machine = SimulatedBoard(tmp_path / "machine", model="raspberrypi,5-model-b")
    settings = {"version": "1.1.0"} | wrong
    before = devices(machine)
    update = make_update(tmp_path / "new", **settings)  # type: ignore[arg-type]
    refused = machine.update("install", update, check=False)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert devices(machine) == before
    assert machine.stage() == "none"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_damaged_or_unfinished_file_is_refused_before_anything_is_written(
    machine: SimulatedBoard, tmp_path: Path, share: float
) -> None:
    update = make_update(tmp_path / "new", "1.1.0")
    data = update.read_bytes()
    place, before = int(share * len(data)), devices(machine)
    for broken in (data[:place], data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]):
        update.write_bytes(broken)
        assert machine.update("install", update, check=False).returncode == 1
    assert devices(machine) == before


def test_a_rebuilt_system_of_the_same_version_is_an_update(
    machine: SimulatedBoard, tmp_path: Path
) -> None:
    machine.update("install", make_update(tmp_path / "new", "1.0.0", built=2))
    assert machine.stage() == "written"


def test_links_and_devices_are_no_updates(machine: SimulatedBoard, tmp_path: Path) -> None:
    link = tmp_path / "link.update"
    link.symlink_to(make_update(tmp_path / "new", "1.1.0"))
    for path in (link, tmp_path, Path("/dev/zero"), tmp_path / "missing.update"):
        assert machine.update("install", path, check=False).returncode == 1


def test_a_file_that_changes_after_it_was_verified_is_noticed(
    machine: SimulatedBoard, tmp_path: Path
) -> None:
    data = bytearray(make_update(tmp_path / "new", "1.1.0").read_bytes())

    class Changing(io.BytesIO):
        """Changes when it is read for the second time."""

        def seek(self, place: int, whence: int = 0) -> int:
            with self.getbuffer() as buffer:
                buffer[-5] ^= 1
            return super().seek(place, whence)

    with pytest.raises(StartError, match="damaged"):
        installing.install(Board(machine.root), Changing(bytes(data)))
    assert machine.stage() == "failed"
    machine.power_on()
    assert machine.version == "1.0.0"


def test_a_card_that_does_not_keep_what_is_written_is_noticed(
    machine: SimulatedBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worn-out one says that it has written."""
    monkeypatch.setattr(slot_writer, "_write_all", lambda *_: None)
    update = make_update(tmp_path / "new", "1.1.0")
    with update.open("rb") as file, pytest.raises(StartError, match=r"worn out|another system"):
        installing.install(Board(machine.root), file)
    assert machine.stage() == "failed"


def test_nothing_is_written_into_what_is_about_to_start(
    machine: SimulatedBoard, tmp_path: Path
) -> None:
    machine.update("install", "--try", make_update(tmp_path / "new", "1.1.0"))
    newer = make_update(tmp_path / "newer", "1.2.0")
    refused = machine.update("install", newer, check=False)
    assert "at this moment" in refused.stderr
    machine.restart()
    assert (machine.version, machine.stage()) == ("1.1.0", "trying")
    machine.power_on()
    machine.update("install", newer)
    assert machine.stage() == "written"


def test_an_edited_autoboot_is_left_alone(machine: SimulatedBoard, tmp_path: Path) -> None:
    place = machine.root / "boot/config/autoboot.txt"
    edited = place.read_text() + "[all]\nboot_partition=2\n"
    place.write_text(edited)
    refused = machine.update("install", make_update(tmp_path / "new", "1.1.0"), check=False)
    assert "by hand" in refused.stderr
    assert place.read_text() == edited


def test_the_letter_of_the_slot_is_written_and_the_rest_is_as_it_was_built(
    machine: SimulatedBoard, tmp_path: Path
) -> None:
    machine.update("install", make_update(tmp_path / "new", "1.1.0"))
    boot, system = in_slot("1.1.0", "b")
    found = devices(machine)
    assert b"system_b" in boot
    assert found["boot_b"].startswith(boot)
    assert found["system_b"].startswith(system)


def devices(machine: SimulatedBoard) -> dict[str, bytes]:
    folder = machine.root / "dev/disk/by-partlabel"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_with_two_cards_in_a_machine_nothing_is_written(
    machine: SimulatedBoard, tmp_path: Path
) -> None:
    update = make_update(tmp_path / "new", "1.1.0")
    for disk in ("mmcblk0", "sda"):
        for number, label in enumerate(("bootconfig", "system_b"), start=1):
            folder = machine.root / "sys/class/block" / f"{disk}p{number}"
            folder.mkdir(parents=True)
            (folder / "uevent").write_text(f"DEVTYPE=partition\nPARTNAME={label}\n")
    said = machine.update("install", update, check=False)
    assert "two cards" in said.stderr
    assert machine.stage() == "none"
    for folder in (machine.root / "sys/class/block").glob("sda*"):
        (folder / "uevent").unlink()
    machine.update("install", update)
