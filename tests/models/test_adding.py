"""Adding models of the owner's choice."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pisovereign.files import sha256_of
from pisovereign.models.adding import Adder, Plan, Tell, _Mark, id_from_name
from pisovereign.models.device import Device
from pisovereign.models.errors import (
    DownloadFailed,
    ModelError,
    NotEnoughSpace,
    UnknownModel,
    UnusableModel,
    WrongContent,
)
from pisovereign.models.listing import list_models
from pisovereign.models.manifest import HttpsSource, Model
from pisovereign.models.progress import Step
from pisovereign.models.pull import ensure
from pisovereign.models.staging import Wish, remove_model
from pisovereign.models.store import ModelStore, State
from pisovereign.models.web import Web
from tests.engine.gguf_file import write_hollow
from tests.models.web_server import WebServer, serving
from tests.support.tiny_models import write_tiny

GB = 1_000_000_000
MEMORY = 4 * GB
ANOTHER = "0" * 64
NOTHING = Wish()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny") / "My Tiny (v2).gguf", "qwen35")


@pytest.fixture
def server(tiny: Path, tmp_path: Path) -> Iterator[WebServer]:
    with serving(tiny.read_bytes(), tmp_path) as state:
        yield state


def add_file(store: ModelStore, path: Path, wish: Wish = NOTHING, memory: int = MEMORY) -> Model:
    return asyncio.run(Adder(store, memory).add_file(path, wish))


def add_url(
    store: ModelStore,
    server: WebServer,
    wish: Wish = NOTHING,
    url: str = "",
    web: Web | None = None,
) -> Model:
    async def run() -> Model:
        async with web or server.web() as opened:
            return await Adder(store, MEMORY).add_url(url or server.url(), opened, wish)

    return asyncio.run(run())


def files(store: ModelStore) -> list[str]:
    """Every file below the models folder."""
    return sorted(str(p.relative_to(store.root)) for p in store.root.rglob("*") if p.is_file())


def test_a_file_becomes_a_model_with_its_checksum_on_record(store: ModelStore, tiny: Path) -> None:
    told: list[Plan] = []
    seen: list[Step] = []

    def tell(plan: Plan) -> None:
        assert files(store) == [], "before anything is copied"
        told.append(plan)

    adder = Adder(store, MEMORY, report=seen.append, tell=tell)
    model = asyncio.run(adder.add_file(tiny, Wish()))
    assert model.id == "my-tiny-v2"
    assert model.files[0].checksum == sha256_of(tiny)
    assert model.files[0].recorded
    assert model.added
    assert store.state(model) is State.VERIFIED
    assert store.path(model.id).read_bytes() == tiny.read_bytes()
    again = ModelStore(store.root)
    assert again.model(model.id) == model
    assert again.manifest.models[-1] == model
    (plan,) = told
    assert plan.description.architecture == "qwen35"
    assert [need.context for need in plan.description.needs] == [4096, 1024]
    assert model.memory == plan.description.needs[0].total > tiny.stat().st_size
    assert [step.action for step in seen][-1] == "verifying"
    assert files(store) == [
        f"{model.id}/{n}" for n in (".verified.json", "model.gguf", "recorded.json")
    ]


def test_the_checksum_is_held_from_then_on(store: ModelStore, tiny: Path) -> None:
    model = add_file(store, tiny)
    path = store.path(model.id)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    again = ModelStore(store.root)
    assert again.state(model) is State.PRESENT
    assert "sha256 is" in again.check(model)["model.gguf"]
    with pytest.raises(DownloadFailed, match="added from this machine and has no source"):
        asyncio.run(ensure(again, [model.id]))


def test_a_check_that_finds_nothing_new_writes_nothing(store: ModelStore, tiny: Path) -> None:
    model = add_file(store, tiny)
    record = store.home(model) / ".verified.json"
    before = record.stat()
    assert store.check(model) == {}
    assert record.stat().st_ino == before.st_ino  # on a card the system's files cannot be replaced


def refuse_writing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("pisovereign.models.store._write_stamps", refuse)


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"junk")


def link_to_system(store: ModelStore, model: Model, system: Path) -> None:
    """Have a model lie where a flashed card has its own."""
    system.mkdir()
    store.home(model).rename(system / model.id)
    store.home(model).symlink_to(system / model.id)


def is_preinstalled(store: ModelStore, model: Model) -> bool:
    listed = list_models(store, Device(8 << 30))
    (said,) = (each.preinstalled for each in listed if each.id == model.id)
    return said


def test_what_is_wrong_with_a_file_of_the_system_is_told(
    store: ModelStore, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = add_file(store, tiny)
    link_to_system(store, model, tmp_path / "system")
    damage(store.path(model.id))
    refuse_writing(monkeypatch, errno.EROFS)
    problem = store.check(model)["model.gguf"]
    assert "sha256 is" in problem
    assert "part of the system" in problem


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC])
def test_what_cannot_be_written_down_is_an_error(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    model = add_file(store, tiny)
    damage(store.path(model.id))
    refuse_writing(monkeypatch, number)
    with pytest.raises(OSError, match=os.strerror(number)):
        store.check(model)


def test_a_change_of_the_original_does_not_change_the_model(
    store: ModelStore, tiny: Path, tmp_path: Path
) -> None:
    original = tmp_path / "copy.gguf"
    original.write_bytes(tiny.read_bytes())
    model = add_file(store, original)
    with original.open("r+b") as file:
        file.write(b"junk")
    assert store.check(model) == {}


def test_the_owners_checksum_is_compared(store: ModelStore, tiny: Path) -> None:
    with pytest.raises(WrongContent, match=f"wrong checksum: sha256 is .*, not {ANOTHER}$"):
        add_file(store, tiny, Wish(ANOTHER))
    assert files(store) == []
    model = add_file(store, tiny, Wish(sha256_of(tiny), "mine"))
    assert (model.id, model.files[0].recorded) == ("mine", False)


def test_a_broken_file_is_refused(store: ModelStore, tiny: Path, tmp_path: Path) -> None:
    content = tiny.read_bytes()
    broken = tmp_path / "broken.gguf"
    for damaged, problem in (
        (b"", "cut off"),
        (b"not a model at all, but long enough", "not a GGUF file"),
        (content[:-1], "cut off: its tensors need"),
        (content[:500], "cut off in its header"),
        (content[:8] + b"\xff" * 8 + content[16:], "18446744073709551615 tensors"),
        (content.replace(b"qwen35", b"qwen99"), "unknown model architecture: 'qwen99'"),
        (content.replace(b"general.architecture", b"general.architectur_"), "which architecture"),
    ):
        broken.write_bytes(damaged)
        with pytest.raises(UnusableModel, match=f"^{broken}: .*{problem}") as caught:
            add_file(store, broken)
        assert "\n" not in str(caught.value)
        assert files(store) == []


@pytest.mark.parametrize("name", ["mine.gguf", "mine.gguf.part", "-mine.gguf"])
def test_a_file_that_changes_stays_as_it_is(
    store: ModelStore, tiny: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, beside = tmp_path / name, tmp_path / "hollow.gguf"
    content = tiny.read_bytes()
    path.write_bytes(content)
    beside.write_bytes(b"the owner's")
    # As if somebody had shortened it between the first look and the second.
    monkeypatch.setattr(
        "pisovereign.models.adding._mark", lambda path: _Mark(len(content) + 8, 1, 1)
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnusableModel, match=f"^{name}: it changes while it is read$"):
        add_file(store, Path(name))
    assert path.read_bytes() == content
    assert beside.read_bytes() == b"the owner's"


def test_a_file_that_is_changed_while_it_is_copied(
    store: ModelStore, tiny: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(tiny.read_bytes())

    def write(mode: str) -> Tell:
        def tell(_plan: Plan) -> None:
            with path.open(mode) as file:
                file.write(b"GGUF")

        return tell

    for mode, problem in (("ab", "more than the expected"), ("r+b", "it was changed while")):
        with pytest.raises(WrongContent, match=f"mine.gguf: {problem}"):
            asyncio.run(Adder(store, MEMORY, tell=write(mode)).add_file(path, Wish()))
        assert files(store) == []
        path.write_bytes(tiny.read_bytes())


def test_a_file_that_may_not_be_read(store: ModelStore, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(tiny.read_bytes())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this account may read everything")
    with pytest.raises(UnusableModel, match=r"mine\.gguf: it cannot be read: Permission denied"):
        add_file(store, path)


def test_the_owner_is_told_of_a_template_that_is_not_used(
    store: ModelStore, tmp_path: Path
) -> None:
    told: list[Plan] = []
    path = write_tiny(tmp_path / "tiny.gguf", "llama")
    asyncio.run(Adder(store, MEMORY, tell=told.append).add_file(path, Wish()))
    assert told[0].description.template_warning.startswith("the model's own chat template is not")


def test_one_without_a_vocabulary_is_refused(store: ModelStore, tmp_path: Path) -> None:
    path = tmp_path / "numbers.gguf"
    write_hollow(path, layers=2, width=256, context=64)
    with pytest.raises(UnusableModel, match="it has no vocabulary"):
        add_file(store, path)


def test_too_large_for_this_device(store: ModelStore, tiny: Path) -> None:
    with pytest.raises(
        UnusableModel,
        match=r"^big needs .* GB of memory, and this device has 0\.6 GB.*smaller one$",
    ):
        add_file(store, tiny, Wish(model_id="big"), memory=600_000_000)
    assert files(store) == []


def test_no_room_on_the_disk(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(NotEnoughSpace, match="of free space"):
        add_file(store, tiny)
    assert files(store) == []


def test_another_account_may_read_it(store: ModelStore, tiny: Path) -> None:
    before = os.umask(0o077)
    try:
        model = add_file(store, tiny)
    finally:
        os.umask(before)
    home = store.home(model)
    assert home.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in home.iterdir()} == {0o644}


def test_ids(store: ModelStore, tiny: Path) -> None:
    assert id_from_name("Qwen3.5-2B-Q4_K_M.gguf") == "qwen3.5-2b-q4_k_m"
    add_file(store, tiny, Wish(model_id="one"))
    (store.root / "own-folder").mkdir()
    for model_id, problem in (
        ("one", "a model one already"),
        ("own-folder", "there is a folder"),
        ("qwen3.5-2b", "in the catalog"),
        ("../x", "cannot be the id"),
        (".x", "cannot be the id"),
    ):
        with pytest.raises(ModelError, match=problem):
            add_file(store, tiny, Wish(model_id=model_id))


def test_one_that_was_removed_is_gone(store: ModelStore, tiny: Path) -> None:
    model = add_file(store, tiny)
    assert remove_model(store, model.id) > tiny.stat().st_size
    assert files(store) == []
    with pytest.raises(UnknownModel):
        store.model(model.id)
    with pytest.raises(ModelError, match="nothing of smollm2-135m-instruct"):
        remove_model(store, "smollm2-135m-instruct")


def test_one_of_a_read_only_system_is_not_removed(
    store: ModelStore, tiny: Path, tmp_path: Path
) -> None:
    model = add_file(store, tiny)
    assert not is_preinstalled(store, model)
    link_to_system(store, model, tmp_path / "system")
    assert is_preinstalled(store, model)
    with pytest.raises(ModelError, match="came with the system"):
        remove_model(store, model.id)
    assert store.state(model) is State.VERIFIED


def test_an_address_is_read_before_it_is_fetched(store: ModelStore, server: WebServer) -> None:
    model = add_url(store, server, url=server.url("away?token=secret"), wish=Wish(model_id="web"))
    assert store.check(model) == {}
    (source,) = model.files[0].sources
    assert isinstance(source, HttpsSource)
    assert "secret" not in str(source)
    assert server.sent == len(server.content) + 1, "no byte of it twice"


def test_one_that_does_not_fit_costs_its_beginning_only(
    store: ModelStore, server: WebServer
) -> None:
    server.content += bytes(8_000_000)

    async def run() -> None:
        async with server.web() as web:
            await Adder(store, 600_000_000).add_url(server.url(), web, Wish())

    with pytest.raises(UnusableModel, match="GB of memory"):
        asyncio.run(run())
    assert server.sent == 1024 * 1024 + 1
    assert files(store) == []


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nothing.gguf", "HTTP 404"),
        ("loop", "from one to the next without end"),
        ("plain", "with https only"),
    ],
)
def test_an_address_that_does_not_deliver(
    store: ModelStore, server: WebServer, path: str, problem: str
) -> None:
    with pytest.raises(DownloadFailed, match=problem):
        add_url(store, server, url=server.url(path))
    assert files(store) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/m.gguf",
        "ftp://example.org/m.gguf",
        "https://user:word@example.org/m.gguf",
        "https://[::1]/m.gguf",
        "https://10.0.0.1/m.gguf",
        "https://169.254.169.254/m.gguf",
    ],
)
def test_an_address_that_may_not_be_contacted(
    store: ModelStore, server: WebServer, url: str
) -> None:
    with pytest.raises(DownloadFailed):
        add_url(store, server, url=url)


def test_the_local_network_is_refused_unless_it_is_meant(
    store: ModelStore, server: WebServer
) -> None:
    with pytest.raises(DownloadFailed, match="not on the public internet"):
        add_url(store, server, web=server.web(allow=False))
    assert server.ranges == []


def test_a_server_that_nobody_vouches_for(store: ModelStore, server: WebServer) -> None:
    good = server.web()
    server.ca = Path()
    with pytest.raises(DownloadFailed):
        add_url(store, server)
    add_url(store, server, web=good)


def test_one_that_knows_no_parts(store: ModelStore, server: WebServer) -> None:
    server.whole_only = True
    with pytest.raises(DownloadFailed, match="does not deliver parts"):
        add_url(store, server)


def test_cut_connections_are_resumed(store: ModelStore, server: WebServer) -> None:
    server.cut_after = 200_000
    model = add_url(store, server)
    assert store.check(model) == {}
    assert server.sent == len(server.content) + 1


def test_a_wrong_checksum_of_an_address_leaves_nothing(
    store: ModelStore, server: WebServer
) -> None:
    with pytest.raises(WrongContent, match="wrong checksum"):
        add_url(store, server, Wish(ANOTHER))
    assert files(store) == []


KILLED = """
import asyncio, sys
from pathlib import Path
from pisovereign.models.adding import Adder
from pisovereign.models.staging import Wish
from pisovereign.models.store import ModelStore
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from pisovereign.models.web import Web
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls

async def run(root, url, port, ca):
    web = Web(Gate([AllowedHost("127.0.0.1", int(port))]), Tls(ca))
    report = lambda step: print(step.done, flush=True)
    adder = Adder(ModelStore(Path(root)), 4_000_000_000, report=report)
    async with web as opened:
        await adder.add_url(url, opened, Wish())

asyncio.run(run(*sys.argv[1:]))
"""


def test_after_a_kill_nothing_is_added_and_the_next_attempt_goes_on(
    store: ModelStore, server: WebServer
) -> None:
    server.content += bytes(3_000_000)
    server.hold_at = 2_000_000
    argv = [sys.executable, "-c", KILLED, str(store.root), server.url(), str(server.port)]
    with subprocess.Popen([*argv, str(server.ca)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and int(line) < 1_500_000:
            pass
        process.kill()
    assert not any(model.added for model in ModelStore(store.root).manifest.models)
    held = next(store.root.rglob("*.part")).stat().st_size
    assert held >= 1_500_000
    server.hold_at, server.ranges = 0, []
    server.holding.set()
    model = add_url(store, server)
    assert store.check(model) == {}
    assert server.sent == len(server.content) - held + 1, "what was there is not fetched again"


def test_what_was_there_of_another_version_is_fetched_again(
    store: ModelStore, server: WebServer
) -> None:
    server.cut_after = 100_000
    server.content += bytes(2_000_000)

    async def run() -> None:
        async with server.web() as web:
            adder = Adder(store, MEMORY, report=stop)
            await adder.add_url(server.url(), web, Wish())

    def stop(step: Step) -> None:
        if step.done > 1_500_000:
            raise asyncio.CancelledError

    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(run())
    assert list(store.root.rglob("*.part"))
    server.etag, server.cut_after, server.ranges = '"two"', 0, []
    assert store.check(add_url(store, server)) == {}
    assert server.sent == len(server.content) + 1


def test_what_inspects_gets_no_secret(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PISOVEREIGN_DATABASE__URL", "secret")
    spy = tmp_path / "python"
    spy.write_text(f'#!/bin/sh\nenv >"{tmp_path}/seen"\nexec "{sys.executable}" "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(spy))
    add_file(store, tiny)
    seen = (tmp_path / "seen").read_text()
    assert "PATH=" in seen
    assert "PISOVEREIGN" not in seen
    assert os.environ["PISOVEREIGN_DATABASE__URL"] == "secret"
