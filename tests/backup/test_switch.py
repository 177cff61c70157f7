"""Either the old installation or the new one, whenever the end comes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pisovereign.backup.format import CONFIG, MASTER_KEY, OWNER_KEY
from pisovereign.backup.switch import (
    POSTGRES,
    check_writable,
    finish,
    is_begun,
    is_pending,
    occupied,
    places,
    staging_folder,
    switch,
)
from pisovereign.cli.serve import complete_restore
from pisovereign.errors import StartError
from tests.backup.sudden_end import ended_at_every_step

OLD = {MASTER_KEY: "old", OWNER_KEY: "old", CONFIG: "old", POSTGRES: "old"}
NEW = {MASTER_KEY: "new", CONFIG: "new", POSTGRES: "new"}  # its keys are in the configuration


def make(folder: Path, parts: dict[str, str], config: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, text in parts.items():
        if name == POSTGRES:
            (folder / name / "cluster").mkdir(parents=True)
            (folder / name / "cluster" / "PG_VERSION").write_text(text)
        else:
            (config if name == CONFIG else folder / name).write_text(text)


def found(folder: Path, config: Path) -> dict[str, str]:
    places = {MASTER_KEY: folder / MASTER_KEY, OWNER_KEY: folder / OWNER_KEY, CONFIG: config}
    places[POSTGRES] = folder / POSTGRES / "cluster" / "PG_VERSION"
    return {name: place.read_text() for name, place in places.items() if place.exists()}


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_sudden_end_leaves_the_old_or_the_new(tmp_path: Path, elsewhere: bool) -> None:
    data, etc = tmp_path / "data", tmp_path / "etc"
    config = (etc if elsewhere else data) / CONFIG

    def begin() -> None:
        for folder in (data, etc):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        make(data, OLD, config)
        fresh = staging_folder(data)
        make(fresh, NEW, fresh / CONFIG)

    begin()
    where = places(data, {"PISOVEREIGN_CONFIG": str(config)})
    seen = set()
    for _ in ended_at_every_step(lambda: switch(data, where, [])):
        committed = is_pending(data) or found(data, config) == NEW
        finish(data)
        now = found(data, config)
        assert now == (NEW if committed else OLD)
        if committed:
            (aside,) = data.glob("before-restore-*")
            assert found(aside, aside / CONFIG) == OLD
        seen.add(committed)
        begin()
    assert seen == {False, True}


def test_an_end_while_it_is_completed_is_completed_later(tmp_path: Path) -> None:
    data = tmp_path / "data"
    config = data / CONFIG

    def begin() -> None:
        shutil.rmtree(data, ignore_errors=True)
        make(data, OLD, config)
        fresh = staging_folder(data)
        make(fresh, NEW, fresh / CONFIG)
        for _ in ended_at_every_step(lambda: switch(data, places(data, {}), [])):
            if is_pending(data):
                return

    begin()
    for _ in ended_at_every_step(lambda: finish(data)):
        finish(data)
        assert found(data, config) == NEW
        assert not is_pending(data)
        begin()


def test_what_is_to_stay_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    config = data / CONFIG
    make(data, {CONFIG: "old"}, config)
    where = places(data, {})
    assert occupied(where, [CONFIG]) == []
    assert occupied(where, []) == [config]
    fresh = staging_folder(data)
    make(fresh, {MASTER_KEY: "new", POSTGRES: "new"}, fresh / CONFIG)
    assert switch(data, where, [CONFIG]) is None
    assert found(data, config) == {MASTER_KEY: "new", POSTGRES: "new", CONFIG: "old"}


def test_what_was_not_made_to_its_end_is_removed_by_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    make(data, OLD, data / CONFIG)
    fresh = staging_folder(data)
    make(fresh, {MASTER_KEY: "new"}, fresh / CONFIG)
    assert is_begun(data)
    complete_restore(data)
    assert not is_begun(data)
    assert found(data, data / CONFIG) == OLD


@pytest.mark.parametrize("variable", ["PISOVEREIGN_CONFIG", "PISOVEREIGN_MASTER_KEY_FILE"])
def test_a_place_that_cannot_be_used_is_refused_before_anything_is_made(
    tmp_path: Path, variable: str
) -> None:
    away = tmp_path / "away" / "a.file"
    where = places(tmp_path, {variable: str(away)})
    with pytest.raises(StartError, match=r"no folder .* nothing was changed"):
        check_writable(where, [], tmp_path)
    away.parent.mkdir()
    check_writable(where, [], tmp_path)
    away.mkdir()
    with pytest.raises(StartError, match="cannot be kept; nothing was changed"):
        check_writable(where, [], tmp_path)
    away.rmdir()
    away.parent.chmod(0o500)
    if os.geteuid():  # root may write all the same
        with pytest.raises(StartError, match="cannot be written to; nothing was changed"):
            check_writable(where, [], tmp_path)
    if variable == "PISOVEREIGN_CONFIG":
        check_writable(where, [CONFIG], tmp_path)
