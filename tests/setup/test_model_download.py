"""Models that came with the device, and models from a memory stick: nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pisovereign.models.store import ModelStore, State
from tests.support.server import wait_until
from tests.support.setup import Device

CHAT = "smollm2-135m-instruct"
EMBEDDINGS = ("all-minilm-l6-v2", "use-multilingual")
EMBEDDING = EMBEDDINGS[0]
LIMIT_S = 60.0


@pytest.fixture
def device(data_dir: Path, models_dir: Path) -> Iterator[Device]:
    """Its image holds the embedding models; there is a slot for a stick, and no way out."""
    seeds, media = data_dir / "seeds", data_dir / "media"
    media.mkdir(parents=True)
    for name in EMBEDDINGS:
        shutil.copytree(models_dir / name, seeds / name)
    # As in an image that keeps times to the second.
    for path in seeds.glob("*/*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    running = Device(
        data_dir,
        data_dir / "models",
        PISOVEREIGN_SETUP__SEED_FOLDER=str(seeds),
        PISOVEREIGN_SETUP__MEDIA_FOLDER=str(media),
        https_proxy="http://127.0.0.1:9",
        PIP_INDEX_URL="http://127.0.0.1:9/",
        PIP_RETRIES="0",
    )
    yield running
    running.end()


def pull_ends(device: Device) -> dict[str, Any]:
    seen: list[dict[str, Any]] = []

    def ended() -> bool:
        seen.append(device.request("GET", "/setup/state").json()["pull"])
        return bool(seen[-1]["status"] != "running")

    wait_until(ended, LIMIT_S, "the model")
    return seen[-1]


def ask_for(device: Device, source: str) -> dict[str, Any]:
    body = {"model": CHAT, "source": source}
    assert device.request("POST", "/setup/model", json=body).status_code == 202
    return pull_ends(device)


def test_a_device_without_internet_is_set_up_from_its_image_and_a_stick(
    device: Device, models_dir: Path
) -> None:
    store = ModelStore(device.data_dir / "models")
    device.start()
    device.claim()
    wait_until(lambda: state(device)["pull"] is None, LIMIT_S, "the seed")
    assert store.state(store.model(EMBEDDING)) is State.VERIFIED

    assert "no file of" in ask_for(device, "media")["error"]
    offline = ask_for(device, "download")
    assert (offline["status"], "cannot fetch" in offline["error"]) == ("failed", True)

    original = models_dir / CHAT / "model.gguf"
    stick = device.data_dir / "media" / "stick" / "Some Model.bin"
    stick.parent.mkdir()
    with stick.open("wb") as file:
        file.truncate(original.stat().st_size)
    assert "another checksum" in ask_for(device, "media")["error"]
    assert store.state(store.model(CHAT)) is not State.VERIFIED

    shutil.copyfile(original, stick)
    wait_until(
        lambda: CHAT in [m["id"] for m in state(device)["models"] if m["on_media"]],
        LIMIT_S,
        "the stick",
    )
    # Killed in the middle, it is begun again and ends whole.
    device.request("POST", "/setup/model", json={"model": CHAT, "source": "media"})
    device.kill()
    device.start()
    device.claim()
    wait_until(lambda: state(device)["pull"] is None, LIMIT_S, "the seed")
    assert ask_for(device, "media")["status"] == "done"
    assert (store.path(CHAT).stat().st_size, store.missing([CHAT, EMBEDDING])) == (
        original.stat().st_size,
        [],
    )
    assert device.finish(device.make_key()).status_code == 200


def state(device: Device) -> dict[str, Any]:
    answer: dict[str, Any] = device.request("GET", "/setup/state").json()
    return answer


def test_what_is_under_way_can_be_stopped(device: Device, models_dir: Path) -> None:
    shutil.copyfile(models_dir / CHAT / "model.gguf", device.data_dir / "media" / "model.gguf")
    device.start()
    device.claim()
    wait_until(lambda: state(device)["pull"] is None, LIMIT_S, "the seed")
    body = {"model": CHAT, "source": "media"}
    for pause_s in (0, 0.05, 0.1, 0.2, 0.4):  # while it copies, and while it reads what it copied
        assert device.request("POST", "/setup/model", json=body).status_code == 202
        time.sleep(pause_s)
        assert device.request("DELETE", "/setup/model").status_code == 204
        assert (state(device)["pull"] or {"status": "done"})["status"] == "done"
    again = ask_for(device, "media")
    assert (again["status"], again["error"]) == ("done", None)
