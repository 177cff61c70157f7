"""Templates of published models, and what is needed to use them without those models."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

from pisovereign.engine.errors import ModelError
from pisovereign.engine.templates import ChatTemplate, Segment, Special
from pisovereign.engine.templates.choosing import own_template
from pisovereign.engine.templates.own import OwnTemplate
from pisovereign.engine.templates.sources import TemplateSources
from pisovereign.engine.templates.special_texts import SpecialTexts

DATA = Path(__file__).with_name("data")
NAMES = tuple(sorted(path.stem for path in DATA.glob("*.jinja")))

_CONTROL = re.compile(r"<\|[a-z_]+\|?>|<[a-z_]+\|>|\[/?[A-Z_]+\]|</?s>")
_WORDS = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>")
# Not in one piece in the templates that write it.
_PARTS = ("<|system|>", "<|user|>", "<|assistant|>")
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def source(name: str) -> str:
    return (DATA / f"{name}.jinja").read_text("utf-8")


def vocabulary(text: str, *more: str) -> SpecialTexts:
    """The special tokens that a model with this template would have, and more."""
    control = {*_CONTROL.findall(text), "<s>", "</s>", *_PARTS, *more}
    numbered = {mark: number for number, mark in enumerate(sorted(control))}
    words = {mark: 1000 + number for number, mark in enumerate(_WORDS)}
    return SpecialTexts(control=numbered, words=words, bos="<s>", eos="</s>")


def template_of(text: str) -> OwnTemplate:
    made = own_template(vocabulary(text), TemplateSources(text))
    assert isinstance(made, OwnTemplate)
    return made


@functools.cache
def published(name: str) -> OwnTemplate:
    return template_of(source(name))


def flat(segments: Iterable[Segment]) -> str:
    return "".join(s.text if isinstance(s, Special) else s for s in segments)


class FakeVocabulary:
    """Special tokens without a model."""

    def __init__(self, special_texts: SpecialTexts) -> None:
        self.special_texts = special_texts
        self.fitted: list[str] = []

    def fit(self, template: ChatTemplate) -> None:
        for text in template.specials:
            if text not in self.special_texts.marks:
                raise ModelError(f"no {text}")
        self.fitted.append(template.name)
