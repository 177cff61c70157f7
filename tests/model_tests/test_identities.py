"""Results of tests belong to a file, and to no other model of the same name."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pisovereign.config import InferenceConfig
from pisovereign.model_tests.identities import ModelIdentities
from pisovereign.models.manifest import load_manifest
from pisovereign.models.recorded import write_recorded
from pisovereign.models.store import ModelStore

SMALL = load_manifest().get("smollm2-135m-instruct")


def identity(model: str, folder: Path, base_url: str = "") -> str:
    return ModelIdentities(InferenceConfig(base_url=base_url), ModelStore(folder)).of(model)


def test_a_model_of_the_catalog_is_its_checksum(tmp_path: Path) -> None:
    assert identity(SMALL.id, tmp_path) == SMALL.file("model.gguf").sha256


def test_a_model_of_the_owners_is_the_checksum_that_was_recorded(tmp_path: Path) -> None:
    identities = ModelIdentities(InferenceConfig(), ModelStore(tmp_path))
    before = identities.of("mine")
    file = msgspec.structs.replace(SMALL.file("model.gguf"), sha256="ab" * 32, recorded=True)
    model = msgspec.structs.replace(SMALL, id="mine", files=(file,), default=False, added=True)
    (tmp_path / "mine").mkdir()
    write_recorded(tmp_path / "mine", model)
    assert identities.of("mine") == "ab" * 32 != before


def test_another_file_under_the_same_name_is_another_model(tmp_path: Path) -> None:
    identities = ModelIdentities(InferenceConfig(), ModelStore(tmp_path))
    (tmp_path / "mine").mkdir()
    seen = set()
    for checksum in ("ab" * 32, "cd" * 32):
        file = msgspec.structs.replace(SMALL.file("model.gguf"), sha256=checksum, recorded=True)
        model = msgspec.structs.replace(SMALL, id="mine", files=(file,), default=False, added=True)
        write_recorded(tmp_path / "mine", model)
        seen.add(identities.of("mine"))
    assert seen == {"ab" * 32, "cd" * 32}


def test_a_model_of_another_server_is_known_by_both(tmp_path: Path) -> None:
    here = identity(SMALL.id, tmp_path, "http://127.0.0.1:8080/v1")
    there = identity(SMALL.id, tmp_path, "http://user:secret@127.0.0.1:9090/v1")
    assert len({here, there, identity(SMALL.id, tmp_path)}) == 3
    assert "secret" not in there
