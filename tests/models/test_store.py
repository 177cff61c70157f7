from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pisovereign.models.errors import ModelMissing, UnknownModel
from pisovereign.models.manifest import HttpsSource, Model, Preparation
from pisovereign.models.store import ModelStore, State
from tests.models.conftest import pinned, sha256, tiny_model

GOOD = b"good model"
NOWHERE = HttpsSource(url="https://example.org/x")
MODEL = tiny_model(pinned(GOOD, NOWHERE), pinned(b"words", NOWHERE, name="vocab.txt"))
PREPARED = Model(
    id="vectors",
    name="Vectors",
    kind="embedding",
    parameters="1M",
    context_length=64,
    dimensions=384,
    license="MIT",
    files=(
        pinned(b"weights", NOWHERE, name="weights"),
        pinned(b"words", NOWHERE, name="vocab.txt"),
    ),
    preparation=Preparation(recipe="r1", source="weights", files=("model.onnx",)),
)


@pytest.fixture
def store(make_store: Callable[..., ModelStore]) -> ModelStore:
    return make_store(MODEL, PREPARED)


def put(store: ModelStore, model: Model, name: str, content: bytes) -> Path:
    path = store.home(model) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def put_all(store: ModelStore) -> Path:
    put(store, MODEL, "vocab.txt", b"words")
    return put(store, MODEL, "model.gguf", GOOD)


def test_states_from_nothing_to_verified(store: ModelStore) -> None:
    assert store.state(MODEL) is State.ABSENT
    put(store, MODEL, "model.gguf.part", GOOD[:3])
    assert store.states(MODEL) == {"model.gguf": State.PARTIAL, "vocab.txt": State.ABSENT}
    assert store.state(MODEL) is State.PARTIAL
    put(store, MODEL, "model.gguf", GOOD)
    assert store.states(MODEL)["model.gguf"] is State.PRESENT
    assert store.state(MODEL) is State.PARTIAL
    put(store, MODEL, "vocab.txt", b"words")
    assert store.state(MODEL) is State.PRESENT
    assert store.check(MODEL) == {}
    assert store.state(MODEL) is State.VERIFIED
    assert store.missing(["tiny"]) == []


def test_a_verified_file_is_found(store: ModelStore) -> None:
    path = put_all(store)
    store.check(MODEL)
    assert store.path("tiny") == path
    assert store.path("tiny", "vocab.txt") == path.with_name("vocab.txt")
    assert store.folder("tiny") == path.parent


@pytest.mark.parametrize("ask", [ModelStore.path, ModelStore.folder])
def test_what_is_not_there_says_how_to_get_it(
    store: ModelStore, ask: Callable[[ModelStore, str], Path]
) -> None:
    with pytest.raises(ModelMissing, match=r"absent; get it with: .*models pull tiny"):
        ask(store, "tiny")
    with pytest.raises(UnknownModel):
        ask(store, "tinier")


def test_a_changed_file_is_noticed_without_reading_it(store: ModelStore) -> None:
    path = put_all(store)
    store.check(MODEL)
    path.write_bytes(b"evil model")  # as long as the good one
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert store.state(MODEL) is State.PRESENT
    with pytest.raises(ModelMissing, match="changed since"):
        store.path("tiny")


def test_check_reads_the_content(store: ModelStore) -> None:
    path = put_all(store)
    store.check(MODEL)
    times = path.stat()
    path.write_bytes(b"evil model")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert store.state(MODEL) is State.VERIFIED  # size and time do not show it
    assert store.check(MODEL) == {
        "model.gguf": f"sha256 is {sha256(b'evil model')}, not {sha256(GOOD)}"
    }
    assert store.states(MODEL) == {"model.gguf": State.PRESENT, "vocab.txt": State.VERIFIED}


def test_a_touched_but_equal_file_is_verified_again(store: ModelStore) -> None:
    path = put_all(store)
    store.check(MODEL)
    os.utime(path, ns=(1, 1))
    assert store.state(MODEL) is State.PRESENT
    assert store.check(MODEL) == {}
    assert store.state(MODEL) is State.VERIFIED


def test_a_manifest_with_another_checksum_distrusts_the_old_file(
    store: ModelStore, make_store: Callable[..., ModelStore]
) -> None:
    put_all(store)
    store.check(MODEL)
    newer = tiny_model(pinned(b"even newer", NOWHERE), *MODEL.files[1:])
    assert make_store(newer).states(newer)["model.gguf"] is State.PRESENT


@pytest.mark.parametrize("damage", [b"", b"{", b'{"model.gguf": 3}', b"\xff"])
def test_a_damaged_record_costs_another_look(store: ModelStore, damage: bytes) -> None:
    put_all(store)
    store.check(MODEL)
    put(store, MODEL, ".verified.json", damage)
    assert store.state(MODEL) is State.PRESENT
    assert store.check(MODEL) == {}
    assert store.state(MODEL) is State.VERIFIED


def test_checking_an_absent_model_changes_nothing(store: ModelStore) -> None:
    assert store.check(MODEL) == {"model.gguf": "absent", "vocab.txt": "absent"}
    assert not store.root.exists()


def test_a_prepared_file_is_known_by_what_it_was_made_from(
    store: ModelStore, make_store: Callable[..., ModelStore]
) -> None:
    put(store, PREPARED, "vocab.txt", b"words")
    put(store, PREPARED, "model.onnx", b"graph")
    assert store.check(PREPARED) == {"model.onnx": "not prepared by this version"}
    store.stamp(PREPARED, "model.onnx", sha256(b"graph"), PREPARED.origin)
    assert store.check(PREPARED) == {}
    assert store.state(PREPARED) is State.VERIFIED
    changed = Model(
        id="vectors",
        name="Vectors",
        kind="embedding",
        parameters="1M",
        context_length=64,
        dimensions=384,
        license="MIT",
        files=PREPARED.files,
        preparation=Preparation(recipe="r2", source="weights", files=("model.onnx",)),
    )
    assert make_store(changed).states(changed)["model.onnx"] is State.PRESENT


def test_a_bad_prepared_file_is_noticed(store: ModelStore) -> None:
    put(store, PREPARED, "vocab.txt", b"words")
    put(store, PREPARED, "model.onnx", b"graph")
    store.stamp(PREPARED, "model.onnx", sha256(b"graph"), PREPARED.origin)
    put(store, PREPARED, "model.onnx", b"gra-h")
    assert list(store.check(PREPARED)) == ["model.onnx"]
    assert store.state(PREPARED) is State.PRESENT
