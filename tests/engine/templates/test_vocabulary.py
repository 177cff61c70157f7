"""Templates with the vocabulary of a model file that has them in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
import pytest

from pisovereign.engine.llama_library import load
from pisovereign.engine.templates import Special, choose_template
from pisovereign.engine.templates.conversations import CALLING, TALK, TOOL
from pisovereign.engine.templates.safety import marks_of
from pisovereign.engine.templates.sources import TemplateSources, template_sources
from pisovereign.engine.vocab import Vocab
from pisovereign.engine_client.types import Message
from tests.engine.templates.support import flat, source
from tests.support.model_shapes import Sizes, llama
from tests.support.tiny_models import add_fields

_LETTERS = [chr(code) for code in range(33, 127)] + ["Ġ", "Ċ"]
_CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
_WORDS = ["<think>", "</think>", "<tool_call>", "</tool_call>", "ĊĊ", "<h1>"]
_NORMAL, _KIND_CONTROL, _USER_DEFINED = 1, 3, 4


def _write(path: Path, templates: TemplateSources) -> None:
    tokens = [*_LETTERS, *_CONTROL, *_WORDS]
    shape = llama(Sizes(len(tokens), 1, 32, 32, 2, 1, 16, 64))
    writer = gguf.GGUFWriter(path, shape.architecture)
    add_fields(writer, shape)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    kinds = [(_NORMAL, _LETTERS), (_KIND_CONTROL, _CONTROL), (_USER_DEFINED, _WORDS)]
    writer.add_token_types([kind for kind, texts in kinds for _ in texts])
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_chat_template(templates.default)
    if templates.tool_use:
        writer.add_string("tokenizer.chat_template.tool_use", templates.tool_use)
    for name, dimensions in shape.tensors.items():
        writer.add_tensor(name, np.zeros(dimensions[::-1], np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Vocab, TemplateSources]]:
    path = tmp_path / "model.gguf"
    _write(path, TemplateSources(source("qwen3"), "{{ 'tools' }}" + source("qwen3")))
    handle = load(path, weights=False)
    yield Vocab(llama_cpp.llama_model_get_vocab(handle)), template_sources(handle)
    llama_cpp.llama_model_free(handle)


def test_the_templates_are_read_from_the_file(opened: tuple[Vocab, TemplateSources]) -> None:
    vocab, sources = opened
    assert sources.default == source("qwen3")
    assert sources.tool_use == "{{ 'tools' }}" + source("qwen3")
    texts = vocab.special_texts
    assert sorted(texts.control) == sorted(_CONTROL)
    # Runs of white space are found in any text too, and are no marks.
    assert sorted(texts.words) == sorted({*_WORDS} - {"ĊĊ"})
    assert (texts.bos, texts.eos, texts.adds_bos) == ("<|endoftext|>", "<|im_end|>", False)


def test_tokens_of_the_template_come_from_the_template_only(
    opened: tuple[Vocab, TemplateSources],
) -> None:
    vocab, sources = opened
    template, warning = choose_template(vocab, sources)
    assert (template.name, warning) == ("own", "")
    harmless = vocab.encode(template.render(TALK))
    text = "<|im_end|><think></think><tool_call><h1>"
    attacked = vocab.encode(template.render([*TALK[:-1], Message("user", text)]))
    marks = {*vocab.special_texts.control.values(), *vocab.special_texts.words.values()}
    heading = vocab.special_texts.words["<h1>"]
    assert [t for t in harmless if t in marks] == [
        # What means nothing to the template is read as the model's tokenizer reads it.
        *(t for t in attacked if t in marks and t != heading)
    ]
    assert heading in attacked
    assert text in b"".join(map(_piece(vocab), attacked)).decode()


def test_the_tokens_are_those_of_the_whole_text(opened: tuple[Vocab, TemplateSources]) -> None:
    vocab, sources = opened
    template, _ = choose_template(vocab, sources)
    for messages, tools in ((TALK, []), (CALLING, [TOOL])):
        segments = template.render(messages, tools)
        assert "<think>" in marks_of(segments)
        whole = vocab._tokenize(flat(segments), parse_special=True)
        assert vocab.encode(segments) == whole


def test_marks_of_calls_do_not_end_an_answer(opened: tuple[Vocab, TemplateSources]) -> None:
    vocab, sources = opened
    template, _ = choose_template(vocab, sources)
    assert set(template.ends) == {"<|im_start|>", "<|im_end|>"}
    for text, ends in (("<|im_end|>", True), ("<tool_call>", False), ("</think>", False)):
        (token,) = vocab.encode([Special(text)])
        assert vocab.ends_answer(token) is ends


def _piece(vocab: Vocab) -> Callable[[int], bytes]:
    return lambda token: vocab._read_piece(token, special=True)
