"""The cross-compiler's own logic; the compiling and the emulation are run by hand."""

from pathlib import Path

import pytest

from tools import native_arm
from tools.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
LISTING = """
0000000000001000 <dots>:
    1000:	sdot	v0.4s, v1.16b, v2.16b
    1004:	smlal2	v3.8h, v4.16b, v5.16b
    1008:	smlal	v3.8h, v4.8b, v5.8b
    100c:	fmla	v0.4s, v1.4s, v2.4s
    1010:	fmadd	d0, d1, d2, d3
    1014:	b	1000 <sdot>
"""


def test_instructions_are_counted_with_their_forms_for_upper_halves() -> None:
    counts = native_arm.count_instructions(LISTING)
    assert counts == {"sdot": 1, "smlal": 2, "sadalp": 0, "fmla": 1, "fmadd": 1}


def test_switches_are_those_of_the_build() -> None:
    found = native_arm.settings(ROOT / "setup.py")
    assert "-O3" in found["COMPILE_ARGS"]
    assert found["CONTRACTION"]["aarch64"] == "-ffp-contract=fast"
    assert found["DIRECTIVES"]["wraparound"] is False


def test_missing_programs_are_one_line_with_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match=r"qemu-aarch64, mmdebstrap missing. Install: apt-get"):
        native_arm.run(tmp_path, Path("python"))
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_half_done_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs of the right names make what they are asked for."""
    programs, folder = tmp_path / "bin", tmp_path / "arm64"
    programs.mkdir()
    unpack = 'for last; do :; done; echo x >> "$0.runs"; mkdir "$last"'
    install = 'for option; do case $option in --target=*) mkdir "${option#--target=}";; esac; done'
    python = programs / "python"
    for program, work in ((programs / "mmdebstrap", unpack), (python, install)):
        program.write_text(f"#!/bin/sh\n{work}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    (folder / "debian.part/usr").mkdir(parents=True)
    (folder / "site.part").mkdir()
    for _ in range(2):
        native_arm.prepare_debian(folder)
        native_arm.prepare_site(folder, python)
        assert sorted(path.name for path in folder.iterdir()) == ["debian", "site"]
    assert (programs / "mmdebstrap.runs").read_text() == "x\n"
    assert (folder / "debian/lib").is_symlink()
