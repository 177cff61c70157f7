from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pisovereign.engine.llama import Context, Entry
from pisovereign.engine.saved_prompt_file import agrees, take

PROMPT = list(range(1000, 1040))


def compute(context: Context, tokens: list[int], step: int = 100) -> None:
    context.truncate(0, 0)
    for at in range(0, len(tokens), step):
        context.decode([Entry(0, at, tokens[at : at + step], sample=False)])


def test_it_is_the_prompts_however_it_was_computed(context: Context) -> None:
    compute(context, PROMPT)
    known = take(context, 0, PROMPT)
    for step in (100, 7, 2):
        compute(context, PROMPT, step)
        assert agrees(context, 0, PROMPT, known)


@pytest.mark.parametrize("changed", [2, 20, 39])
def test_another_prompt_of_equal_length_has_another(context: Context, changed: int) -> None:
    compute(context, PROMPT)
    known = take(context, 0, PROMPT)
    compute(context, [*PROMPT[:changed], 5, *PROMPT[changed + 1 :]])
    assert not agrees(context, 0, PROMPT, known)


@pytest.mark.parametrize(
    "broken",
    [
        {"tokens": ()},
        {"tokens": (1, 2)},
        {"tokens": (-1,), "logits": (0.0,)},
        {"tokens": (1 << 30,), "logits": (0.0,)},
        {"spread": float("nan")},
    ],
)
def test_one_that_makes_no_sense_agrees_with_nothing(
    context: Context, broken: dict[str, Any]
) -> None:
    compute(context, PROMPT)
    known = msgspec.structs.replace(take(context, 0, PROMPT), **broken)
    context.truncate(0, len(PROMPT))
    assert not agrees(context, 0, PROMPT, known)
