"""Model files over HTTP: added, uploaded, verified and removed, in a folder of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pisovereign.files import sha256_of
from pisovereign.models.adding import Adder
from pisovereign.models.staging import Wish
from pisovereign.models.store import ModelStore
from tests.models.web_server import serving
from tests.support.api_process import ApiProcess
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server, wait_until
from tests.support.tiny_models import write_tiny

PIECE = 400_000
MODELS = "/v1/system/models"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny") / "My Tiny.gguf", "qwen35")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    """A models folder with links to the good ones."""
    root = tmp_path_factory.mktemp("models")
    for home in models_dir.iterdir():
        if home.is_dir() and not home.name.startswith("."):
            (root / home.name).mkdir()
            for path in home.iterdir():
                (root / home.name / path.name).symlink_to(path)
    return root


@pytest.fixture(scope="module")
def api(server: Server, folder: Path) -> Iterator[ApiProcess]:
    with ApiProcess(server, PISOVEREIGN_MODELS_DIR=str(folder)) as running:
        yield running


def ask(api: ApiProcess, method: str, path: str, **options: Any) -> requests.Response:
    """Ask as an owner."""
    return api.request(method, path, key=ADMIN_KEY, **options)


def listed(api: ApiProcess) -> dict[str, Any]:
    answer = ask(api, "GET", "/v1/system/model-catalog")
    assert answer.status_code == 200, answer.text
    return {model["id"]: model for model in answer.json()["models"]}


def ended(api: ApiProcess) -> dict[str, Any]:
    """What became of the work."""

    def over() -> bool:
        work = ask(api, "GET", "/v1/system/model-work").json()["work"]
        return bool(work["status"] != "running")

    wait_until(over, 60, "the end of the work")
    work: dict[str, Any] = ask(api, "GET", "/v1/system/model-work").json()["work"]
    return work


def upload(api: ApiProcess, content: bytes, **query: Any) -> Any:
    parameters = {"name": "My Tiny.gguf", "size": len(content), **query}
    answer = None
    for offset in range(0, len(content), PIECE):
        answer = ask(
            api,
            "POST",
            "/v1/system/model-upload",
            params={**parameters, "offset": offset},
            data=content[offset : offset + PIECE],
        )
        if answer.status_code != 200:
            break
    assert answer is not None
    return answer


def test_the_catalog_says_what_there_is(api: ApiProcess) -> None:
    models = listed(api)
    assert models["smollm2-135m-instruct"]["state"] == "verified"
    assert models["smollm2-135m-instruct"]["smoke_test"]
    assert models["qwen3.5-2b"]["state"] == "absent"
    assert models["qwen3.5-2b"]["memory"] == 1_410_000_000
    assert not models["qwen3.5-2b"]["abilities"]["tested"]
    assert sum(model["recommended"] for model in models.values()) <= 1


def test_only_an_admin_may(api: ApiProcess) -> None:
    for method, path in (
        ("GET", "/v1/system/model-catalog"),
        ("GET", "/v1/system/model-work"),
        ("DELETE", "/v1/system/model-work"),
        ("POST", MODELS),
        ("POST", "/v1/system/model-upload"),
        ("POST", f"{MODELS}/qwen3.5-2b/pull"),
        ("POST", f"{MODELS}/qwen3.5-2b/verify"),
        ("DELETE", f"{MODELS}/qwen3.5-2b"),
    ):
        for key in (ALICE_KEY, BOB_KEY):
            assert api.request(method, path, key=key).status_code == 403, path


def test_a_model_is_uploaded_verified_and_removed(api: ApiProcess, tiny: Path) -> None:
    answer = upload(api, tiny.read_bytes(), sha256=sha256_of(tiny))
    told = answer.json()
    assert (told["held"], told["model"]) == (tiny.stat().st_size, "my-tiny")
    assert told["found"]["architecture"] == "qwen35"
    model = listed(api)["my-tiny"]
    assert (model["added"], model["state"], model["checksum"]) == (True, "verified", "pinned")
    assert ask(api, "POST", f"{MODELS}/my-tiny/verify").status_code == 202
    assert ended(api)["status"] == "done"
    assert ask(api, "DELETE", f"{MODELS}/my-tiny").status_code == 204
    assert "my-tiny" not in listed(api)
    assert ask(api, "DELETE", f"{MODELS}/my-tiny").status_code == 404


def test_one_that_the_command_added_is_known_at_once(
    api: ApiProcess, tiny: Path, folder: Path
) -> None:
    asyncio.run(Adder(ModelStore(folder), 4 << 30).add_file(tiny, Wish(model_id="by-command")))
    assert ask(api, "POST", f"{MODELS}/by-command/verify").status_code == 202
    assert ended(api)["status"] == "done"
    assert ask(api, "DELETE", f"{MODELS}/by-command").status_code == 204


def test_an_upload_of_no_use_is_refused(api: ApiProcess, tiny: Path, folder: Path) -> None:
    answer = upload(api, b"<html>" * 200_000)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"] == [
        {"field": "file", "error": "it is not a GGUF file"}
    ]
    answer = upload(api, tiny.read_bytes(), sha256="0" * 64)
    assert "wrong checksum" in answer.text
    assert upload(api, b"x", size=0).status_code == 422
    assert [path for path in (folder / ".adding").rglob("*") if path.is_file()] == []


def test_an_address_is_fetched_in_the_background(
    server: Server, api: ApiProcess, tiny: Path, folder: Path, tmp_path: Path
) -> None:
    with serving(tiny.read_bytes(), tmp_path) as web:
        answer = ask(api, "POST", MODELS, json={"url": web.url(), "id": "from-afar"})
        assert answer.status_code == 202
        assert answer.json()["status"] == "running"
        work = ended(api)
        assert work["status"] == "failed"
        assert "not on the public internet" in work["error"]
        settings = {
            "PISOVEREIGN_MODELS_DIR": str(folder),
            "PISOVEREIGN_OUTBOUND__ALLOW_HOSTS": f'["127.0.0.1:{web.port}"]',
            "PISOVEREIGN_OUTBOUND__CA_FILE": str(web.ca),
        }
        with ApiProcess(server, **settings) as open_api:
            body = {"url": web.url(), "id": "from-afar"}
            assert ask(open_api, "POST", MODELS, json=body).status_code == 202
            work = ended(open_api)
            assert (work["status"], work["model"]) == ("done", "from-afar")
            assert work["found"]["architecture"] == "qwen35"
            assert work["found"]["needs"][0]["context"] == 4096
    assert ended(api) == work, "another process tells the same"
    model = listed(api)["from-afar"]
    assert (model["state"], model["checksum"]) == ("verified", "recorded")
    assert ModelStore(folder).model("from-afar").files[0].sha256 == sha256_of(tiny)
    assert ask(api, "DELETE", f"{MODELS}/from-afar").status_code == 204


def test_one_thing_at_a_time_and_it_can_be_stopped(
    server: Server, api: ApiProcess, tiny: Path, folder: Path, tmp_path: Path
) -> None:
    with serving(tiny.read_bytes() + bytes(5_000_000), tmp_path) as web:
        web.hold_at = 2_000_000
        settings = {
            "PISOVEREIGN_MODELS_DIR": str(folder),
            "PISOVEREIGN_OUTBOUND__ALLOW_HOSTS": f'["127.0.0.1:{web.port}"]',
            "PISOVEREIGN_OUTBOUND__CA_FILE": str(web.ca),
        }
        with ApiProcess(server, **settings) as other:
            body = {"url": web.url(), "id": "held"}
            assert ask(other, "POST", MODELS, json=body).status_code == 202
            for method, path in (
                ("POST", f"{MODELS}/qwen3.5-2b/pull"),
                ("POST", f"{MODELS}/smollm2-135m-instruct/verify"),
                ("DELETE", f"{MODELS}/qwen3.5-2b"),
            ):
                assert ask(api, method, path).status_code == 409, path
        work = ended(api)
        assert work["status"] == "stopped", "it ended with its process"
        web.hold_at = 0
        web.holding.set()
    assert "held" not in listed(api)


def test_what_is_in_use_stays(api: ApiProcess) -> None:
    for model in ("smollm2-135m-instruct", "all-minilm-l6-v2"):
        answer = ask(api, "DELETE", f"{MODELS}/{model}")
        assert (answer.status_code, answer.json()["error"]["message"]) == (
            409,
            "The model is in use",
        )
    assert ask(api, "POST", f"{MODELS}/gpt-9/pull").status_code == 404
    assert ask(api, "DELETE", f"{MODELS}/qwen3.5-2b").status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "http://example.org/m.gguf"},
        {"url": "https://example.org/m.gguf", "sha256": "12"},
        {"url": "https://example.org/m.gguf", "id": "../m"},
    ],
)
def test_a_wrong_request_names_its_field(api: ApiProcess, body: dict[str, str]) -> None:
    answer = ask(api, "POST", MODELS, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"]
