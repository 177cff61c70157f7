"""What the program takes of the machine, when systemd has started its parts."""

from __future__ import annotations

import os
from pathlib import Path

from pisovereign.system.usage import MIB, Usage, service_groups


def test_the_memory_of_all_services_counts(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/system.slice/pisovereign.service\n")
    groups = service_groups(own, tmp_path / "fs")
    assert groups == tmp_path / "fs" / "system.slice"
    usage = Usage(os.getpid(), groups)
    alone = usage.memory_mb()  # the kernel does not count: this process at least is known
    assert alone > 5
    for name, anon, mapped in (
        ("pisovereign", 100, 10),
        ("pisovereign-engine", 1000, 90),
        ("ssh", 7000, 0),
    ):
        folder = groups / f"{name}.service"
        folder.mkdir(parents=True)
        (folder / "memory.stat").write_text(
            f"anon {anon * MIB}\nfile {5000 * MIB}\nfile_mapped {mapped * MIB}\n"
        )
    assert usage.memory_mb() == 1200


def test_elsewhere_there_are_no_services(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    assert service_groups(own) is None
    for group in ("/user.slice/user-1000.slice/session-2.scope", "/", "/system.slice/x.service"):
        own.write_text(f"1:cpu:/\n0::{group}\n")
        assert service_groups(own) is None
