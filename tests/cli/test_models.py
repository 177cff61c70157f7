from __future__ import annotations

import json
from pathlib import Path

import pytest

from pisovereign.cli.main import main
from pisovereign.models.manifest import load_manifest
from pisovereign.models.store import ModelStore
from pisovereign.process.own_program import typed_name


@pytest.fixture
def shared(models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder of our own with links to the good embedding model."""
    root = tmp_path / "models"
    home = root / "all-minilm-l6-v2"
    home.mkdir(parents=True)
    for path in (models_dir / home.name).iterdir():
        (home / path.name).symlink_to(path)
    monkeypatch.setenv("PISOVEREIGN_MODELS_DIR", str(root))
    return root


def test_list_shows_every_model_and_its_state(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "list"]) == 0
    *lines, best = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["id", "parameters", "size", "license"]
    assert lines[0].split()[4:] == ["languages", "memory", "fits", "checksum", "abilities", "state"]
    states = {line.split()[0]: line.split()[-1] for line in lines[1:]}
    assert list(states) == [model.id for model in load_manifest().models]
    assert states.pop("all-minilm-l6-v2") == "verified"
    assert set(states.values()) == {"absent"}
    assert "at first download  unknown    absent" in next(line for line in lines if "30b" in line)
    assert best.startswith("recommended here: ")


def test_list_speaks_json(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    models = {model["id"]: model for model in json.loads(capsys.readouterr().out)}
    found = models["llama3.2-1b-instruct"]
    assert found.pop("recommended") in (True, False)
    assert found.pop("fits") in (True, False)
    assert found == {
        "id": "llama3.2-1b-instruct",
        "name": "Llama 3.2 1B Instruct",
        "kind": "chat",
        "parameters": "1B",
        "context_length": 4096,
        "size": 807694464,
        "license": "Llama 3.2 Community License",
        "languages": ["en", "de", "fr", "it", "pt", "hi", "es", "th"],
        "audience": "Boards of 2 GB.",
        "memory": 1090000000,
        "default": False,
        "smoke_test": False,
        "added": False,
        "checksum": "pinned",
        "preinstalled": False,
        "abilities": None,
        "state": "absent",
    }


def test_pull_says_where_a_model_is(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "all-minilm-l6-v2"]) == 0
    said = capsys.readouterr()
    assert said.out == f"all-minilm-l6-v2: verified, in {shared / 'all-minilm-l6-v2'}\n"
    assert said.err == ""


def test_pull_fetches_what_a_start_would(
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PISOVEREIGN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PISOVEREIGN_INFERENCE__MODEL", "all-minilm-l6-v2")
    monkeypatch.setenv("PISOVEREIGN_MEMORY__EMBEDDING_MODELS", '["all-minilm-l6-v2"]')
    assert main(["models", "pull", "--configured"]) == 0
    assert "all-minilm-l6-v2: verified" in capsys.readouterr().out
    # Another server has the models then.
    monkeypatch.setenv("PISOVEREIGN_INFERENCE__BASE_URL", "http://127.0.0.1:1/v1")
    assert main(["models", "pull", "--configured"]) == 0
    assert capsys.readouterr().out == ""


def test_pull_refuses_an_unknown_model(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "gpt-9"]) == 1
    assert "unknown model 'gpt-9'" in capsys.readouterr().err


def test_verify_finds_the_bad_file(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify"]) == 0
    assert capsys.readouterr().out == "all-minilm-l6-v2: verified\n"
    vocabulary = shared / "all-minilm-l6-v2" / "vocab.txt"
    vocabulary.unlink()  # the link, not the shared file
    vocabulary.write_text("[PAD]\n")
    assert main(["models", "verify", "all-minilm-l6-v2"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("all-minilm-l6-v2/vocab.txt: sha256 is ")
    assert lines[1] == (
        f"all-minilm-l6-v2: repair with: {typed_name('pisovereign-cli')} models pull"
        " all-minilm-l6-v2"
    )
    assert ModelStore(shared).missing(["all-minilm-l6-v2"])


def test_verify_of_an_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PISOVEREIGN_MODELS_DIR", str(tmp_path))
    assert main(["models", "verify"]) == 0
    assert capsys.readouterr().out == f"no models in {tmp_path}\n"
    assert list(tmp_path.iterdir()) == []
