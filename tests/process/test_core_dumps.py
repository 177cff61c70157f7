"""No process leaves what it has in its memory on the disk."""

from __future__ import annotations

from pathlib import Path

from tests.support.server import Server

UNITS = Path(__file__).parents[2] / "systemd"


def test_no_process_may_leave_a_core_dump(server: Server) -> None:
    assert server.process is not None
    for pid, line in {server.process.pid: "supervisor", **server.descendants()}.items():
        try:
            limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
        except OSError:  # it has ended
            continue
        (found,) = (limit.split()[4:6] for limit in limits if limit.startswith("Max core file"))
        assert found == ["0", "0"], line


def test_nor_may_any_unit() -> None:
    units = sorted(UNITS.glob("*.service"))
    assert len(units) > 10
    for path in units:
        assert "\nLimitCORE=0\n" in path.read_text(encoding="utf-8"), path.name
